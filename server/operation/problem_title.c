/* The titles of refusals, for every entrance and for the description of the API. */
#include "problem_title.h"

#include <stddef.h>

static const struct {
    int status;
    struct text title;
} titles[] = {{400, {"Het verzoek is niet goed gevormd", "The request is malformed"}},
              {401, {"Niet aangemeld", "Not authenticated"}},
              {403, {"Niet toegestaan", "Not allowed"}},
              {404, {"Niet gevonden", "Not found"}},
              {405, {"Deze methode kan hier niet", "Method not allowed"}},
              {408, {"Het verzoek duurde te lang", "The request took too long"}},
              {409, {"Conflict", "Conflict"}},
              {412, {"De voorwaarde klopt niet", "The precondition failed"}},
              {413, {"Het verzoek is te groot", "The request is too large"}},
              {414, {"Het adres is te lang", "The address is too long"}},
              {415, {"Dit soort inhoud kan hier niet", "Unsupported kind of content"}},
              {417, {"Deze verwachting kan niet", "The expectation cannot be met"}},
              {422, {"Er zijn onjuiste velden", "There are wrong fields"}},
              {428, {"Er ontbreekt een voorwaarde", "A precondition is required"}},
              {429, {"Te veel verzoeken", "Too many requests"}},
              {431, {"De headers zijn te groot", "The headers are too large"}},
              {500, {"Er ging iets mis", "Something went wrong"}},
              {501, {"Dit kan de dienst niet", "Not implemented"}},
              {503, {"De dienst kan nu niet antwoorden", "The service cannot answer now"}},
              {505, {"Deze versie van HTTP kan niet", "HTTP version not supported"}}};

const char *problem_title(int status, enum language language) {
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        if (titles[i].status == status) return text_in(&titles[i].title, language);
    return NULL;
}
