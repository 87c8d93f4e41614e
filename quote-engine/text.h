/* Texts for people, by language. Public: one type for products, messages and pages. */
#ifndef KOPPEL_TEXT_H
#define KOPPEL_TEXT_H

#include <stddef.h>

enum language { LANGUAGE_NL, LANGUAGE_EN, LANGUAGE_COUNT };

struct text { /* NUL-terminated UTF-8; NULL: none in that language */
    const char *nl, *en;
};

/* In the language, else in the other one, else "". Never NULL. */
static inline const char *text_in(const struct text *text, enum language language) {
    const char *wanted = language == LANGUAGE_EN ? text->en : text->nl;
    if (!wanted || !*wanted) wanted = text->nl && *text->nl ? text->nl : text->en;
    return wanted ? wanted : "";
}

#endif
