/* What the resources about drafts share: their fields, reading one, who calls. */
#ifndef KOPPEL_API_DRAFT_COMMON_H
#define KOPPEL_API_DRAFT_COMMON_H

#include "domain/draft_activate.h"
#include "domain/service.h"
#include "message/record.h"
#include "operation/operation.h"

enum { DRAFT_STATES = 4 };
extern const struct field_choice draft_states[DRAFT_STATES];

#define DRAFT_FIELDS                                                                              \
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {"id", "id"}},                  \
    {.name = "test", .type = FIELD_BOOLEAN, .required = true,                                     \
     .label = {"met een testsleutel gemaakt", "made with a test key"}},                           \
    {.name = "product", .type = FIELD_TEXT, .required = true, .label = {"product", "product"}},   \
    {.name = "interface", .type = FIELD_INTEGER, .required = true,                                \
     .label = {"nummer van de vragenlijst", "number of the interface"}},                          \
    {.name = "hash", .type = FIELD_TEXT, .required = true,                                        \
     .label = {"SHA-256 over de bestanden", "SHA-256 over the files"}},                           \
    {.name = "effective_from", .type = FIELD_TEXT, .required = true, .nullable = true,            \
     .label = {"geldt vanaf", "in force from"},                                                   \
     .help = {"Null: vanaf de dag van activering.", "Null: from the day of its activation."}},    \
    {.name = "state", .type = FIELD_CHOICE, .required = true, .choices = draft_states,            \
     .choice_count = 4, .label = {"stand", "state"}},                                             \
    {.name = "drafted_by", .type = FIELD_TEXT, .required = true,                                  \
     .label = {"gemaakt door", "drafted by"}},                                                    \
    {.name = "created_at", .type = FIELD_TEXT, .required = true, .format = "date-time",           \
     .label = {"gemaakt op", "drafted at"}},                                                      \
    {.name = "product_version", .type = FIELD_INTEGER, .required = true, .nullable = true,        \
     .label = {"de versie die het werd", "the version that it became"}}

#define DRAFT_NOTE_FIELD                                                                          \
    {.name = "note", .type = FIELD_TEXT, .length_minimum = 1,                                     \
     .length_maximum = DRAFT_NOTE_CHARACTERS_MAX, .pattern = "[^\\n\\r\\t]*",                      \
     .label = {"toelichting", "note"},                                                            \
     .help = {"Wat en waarom, in één regel.", "What and why, in one line."}}
#define DRAFT_ID_FIELD                                                                            \
    {.name = "id", .type = FIELD_TEXT, .required = true,                                          \
     .label = {"id van het concept", "id of the draft"}}

enum { DRAFT_FIELD_COUNT = 10 };
extern const struct field draft_fields[DRAFT_FIELD_COUNT];

/* ERROR_TOO_LARGE, set on the call. */
int draft_no_scratch(struct call *call);
/* Sets DRAFT_FIELDS. */
void draft_set(struct record *record, const struct draft *draft);

/* Who calls, as drafts keep it: "organisation:oky_…". */
int draft_caller(struct call *call, char ret_by[DRAFT_BY_MAX]);

struct draft_reading {
    const char *id;
    bool test;
    struct draft draft;
    struct draft_events events;
};
/* The draft of the input's `id`, in the call's scratch. Test drafts are for test keys, live ones
 * for live keys: all else is not found. Negative: return it. */
int draft_of_input(struct call *call, struct draft_reading **ret_reading);

#endif
