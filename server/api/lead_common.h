/* What the resources about leads share: their fields and answers, reading one, who calls, and
 * taking a step. Whom a lead is of is shown to the organisation, and to an office once it has
 * accepted the lead: until then it sees what is asked, and roughly where. */
#ifndef KOPPEL_API_LEAD_COMMON_H
#define KOPPEL_API_LEAD_COMMON_H

#include "domain/lead_store.h"
#include "operation/operation.h"
#include "operation/page.h"
#include "quote-engine/product.h"

/* Who may do what, beside partners' systems and the organisation's. */
#define LEAD_CALLERS (CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER)
#define LEAD_ROLES_READING ROLES_ALL
#define LEAD_ROLES_STEERING                                                                       \
    ((unsigned)(ROLE_ADMINISTRATOR | ROLE_ACCOUNT_MANAGER)) /* on the organisation's side */
#define LEAD_ROLES_BINDING (ROLES_PARTNER_WRITING | LEAD_ROLES_STEERING)
#define LEAD_ROLES_WORKING (ROLES_PARTNER_ALL | LEAD_ROLES_STEERING)
#define LEAD_ROLES_CREATING (LEAD_ROLES_WORKING | (unsigned)ROLE_MARKETER)

#define LEAD_ID_FIELD                                                                             \
    {.name = "id", .type = FIELD_TEXT, .required = true,                                          \
     .label = {"id van de lead", "id of the lead"}}
#define LEAD_NOTE_FIELD                                                                           \
    {.name = "note", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,                  \
     .length_maximum = LEAD_NOTE_MAX, .label = {"toelichting", "note"},                           \
     .help = {"In woorden; wie de lead mag zien, leest dit.",                                     \
              "In words; whoever may see the lead reads it."}}
#define LEAD_USER_FIELD                                                                           \
    {.name = "user_id", .type = FIELD_TEXT, .length_maximum = ID_MAX,                             \
     .label = {"behandelaar", "person in charge"},                                                \
     .help = {"Een gebruiker van het kantoor.", "A user of the office."}}
#define LEAD_PLAN_FIELDS                                                                          \
    {.name = "next_step", .type = FIELD_TEXT, .length_maximum = LEAD_STEP_MAX,                    \
     .label = {"volgende stap", "next step"}, .example = "\"Terugbellen over de inboedel\""},     \
    {.name = "next_on", .type = FIELD_DATE, .label = {"op welke datum", "on which date"}}

/* ---- whom a lead is of ---- */
enum { LEAD_CONTACT_FIELDS = 8 };
extern const struct field lead_contact_fields[LEAD_CONTACT_FIELDS];

/* ---- a lead ---- */
enum { LEAD_KINDS = 2, LEAD_LANGUAGES = 2, LEAD_FIELDS = 36 };
extern const struct field_choice lead_kinds[LEAD_KINDS], lead_languages[LEAD_LANGUAGES];
extern const struct field lead_fields[LEAD_FIELDS];
extern const struct field lead_step_item[1];
#define TEXT_NULLABLE(name_, nl_, en_)                                                            \
    {.name = name_, .type = FIELD_TEXT, .required = true, .nullable = true, .label = {nl_, en_}}
#define PERSONAL_NULLABLE(name_, nl_, en_)                                                        \
    {.name = name_, .type = FIELD_TEXT, .required = true, .nullable = true, .sensitive = true,    \
     .label = {nl_, en_}}
#define INSTANT_NULLABLE(name_, nl_, en_)                                                         \
    {.name = name_, .type = FIELD_TEXT, .required = true, .nullable = true,                       \
     .format = "date-time", .label = {nl_, en_}}
#define LEAD_FIELD_ROWS                                                                           \
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {"id", "id"}},                  \
    {.name = "revision", .type = FIELD_INTEGER, .required = true,                                 \
     .label = {"volgnummer van de wijziging", "revision"}},                                       \
    {.name = "test", .type = FIELD_BOOLEAN, .required = true,                                     \
     .label = {"gemaakt met een testsleutel", "made with a test key"}},                           \
    {.name = "status", .type = FIELD_CHOICE, .required = true, .choices = lead_states,            \
     .choice_count = LEAD_STATES, .label = {"status", "status"}},                                 \
    {.name = "kind", .type = FIELD_CHOICE, .required = true, .choices = lead_kinds,               \
     .choice_count = LEAD_KINDS, .label = {"wie het is", "who it is"}},                           \
    PERSONAL_NULLABLE("name", "naam", "name"),                                                    \
    PERSONAL_NULLABLE("company_name", "bedrijf", "company"),                                      \
    PERSONAL_NULLABLE("city", "plaats", "city"),                                                  \
    TEXT_NULLABLE("postcode_area", "vier cijfers van de postcode", "four digits of the postcode"),\
    TEXT_NULLABLE("partner_id", "bij welk kantoor", "with which office"),                         \
    TEXT_NULLABLE("partner_name", "naam van het kantoor", "name of the office"),                  \
    TEXT_NULLABLE("user_id", "behandelaar", "person in charge"),                                  \
    TEXT_NULLABLE("user_name", "naam van de behandelaar", "name of the person in charge"),        \
    TEXT_NULLABLE("product", "product", "product"),                                               \
    {.name = "language", .type = FIELD_CHOICE, .required = true, .choices = lead_languages,       \
     .choice_count = LEAD_LANGUAGES, .label = {"taal", "language"}},                              \
    {.name = "source", .type = FIELD_CHOICE, .required = true, .choices = lead_sources,           \
     .choice_count = LEAD_SOURCES, .label = {"herkomst", "source"}},                              \
    TEXT_NULLABLE("source_detail", "nadere herkomst", "source in detail"),                        \
    TEXT_NULLABLE("quote_id", "offerte", "quote"),                                                \
    TEXT_NULLABLE("application_id", "aanvraag", "application"),                                   \
    TEXT_NULLABLE("next_step", "volgende stap", "next step"),                                     \
    {.name = "next_on", .type = FIELD_DATE, .required = true, .nullable = true,                   \
     .label = {"op welke datum", "on which date"}},                                               \
    {.name = "overdue", .type = FIELD_BOOLEAN, .required = true,                                  \
     .label = {"die datum is voorbij", "that date has passed"}},                                  \
    {.name = "attempts", .type = FIELD_INTEGER, .required = true,                                 \
     .label = {"contactpogingen", "attempts at contact"}},                                        \
    INSTANT_NULLABLE("offered_at", "aangeboden op", "offered at"),                                \
    INSTANT_NULLABLE("offer_until", "te beantwoorden tot", "to be answered until"),               \
    INSTANT_NULLABLE("accepted_at", "aangenomen op", "accepted at"),                              \
    INSTANT_NULLABLE("contacted_at", "eerst gesproken op", "first contacted at"),                 \
    INSTANT_NULLABLE("closed_at", "afgesloten op", "closed at"),                                  \
    TEXT_NULLABLE("reason", "reden", "reason"),                                                   \
    TEXT_NULLABLE("merged_into_id", "gaat verder als", "goes on as"),                             \
    INSTANT_NULLABLE("erased_at", "persoonsgegevens gewist op", "personal data erased at"),       \
    {.name = "open", .type = FIELD_BOOLEAN, .required = true,                                     \
     .label = {"nog te doen", "still to be worked on"}},                                          \
    {.name = "waiting", .type = FIELD_BOOLEAN, .required = true,                                  \
     .label = {"wordt vanzelf aangeboden", "is about to be offered by rule"}},                    \
    {.name = "created_at", .type = FIELD_TEXT, .required = true, .format = "date-time",           \
     .label = {"binnengekomen op", "came in at"}},                                                \
    {.name = "changed_at", .type = FIELD_TEXT, .required = true, .format = "date-time",           \
     .label = {"laatst gewijzigd op", "changed last at"}},                                        \
    {.name = "steps", .type = FIELD_LIST, .required = true, .fields = lead_step_item,             \
     .field_count = 1, .label = {"wat u kunt doen", "what you can do"}}

int lead_no_scratch(struct call *call);

/* May the caller see whom it is of? */
bool lead_person_shown(const struct caller *caller, const struct lead *lead);
/* Sets lead_fields. Whom it is of is read with `encryption` of the service; `person` (may be NULL)
 * is that, where it was read already; of a lead whose `sealed` is "" nothing is
 * said of whom. */
int lead_set(struct call *call, struct record *record, const struct lead *lead,
             const struct value *person);
/* The lead as the whole output of a call. */
int lead_answer(struct call *call, const struct lead *lead);

/* ---- who, and may they ---- */
enum lead_actor lead_actor_of(const struct caller *caller);
struct lead_by lead_by_of(struct call *call, const char *reason, const char *note);
/* May the caller take the step? Sets where it leads, or refuses: 409 or 403. */
int lead_allow(struct call *call, enum lead_step step, const struct lead *lead,
               enum lead_state *ret_to);

/* The date of that name in the input, in scratch; what is there stays when it was not given. */
int lead_date_of(struct call *call, const char *name, const char **ret_date);

/* ---- one lead ---- */
/* The lead of that id value, and what `also` (may be NULL) reads of it in the same snapshot; else
 * it is not found. */
int lead_find(struct call *call, const struct value *id, struct lead *ret_lead,
              int (*also)(struct db_tx *tx, const struct lead *lead, void *context,
                          struct error *error),
              void *context);
/* The same of the input's `id`, at the revision that was seen. */
int lead_of_input(struct call *call, struct lead *ret_lead);

/* Writes a deed on a lead, which was prepared but for its revision, and answers the lead as it is
 * then. */
int lead_deed_write(struct call *call, struct lead_deed *deed);

/* Is it a user of that office who can log in? 0 and `ret_name` (in scratch) when it is; a fault at
 * `/user_id` when not. */
int lead_user_check(struct call *call, const char *user_id, const char *partner_id,
                    const char **ret_name);

#endif
