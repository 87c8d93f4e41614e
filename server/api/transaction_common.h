/* What the resources about applications and policies share: their fields, who acts, reading one,
 * what a step that cannot be taken is answered. */
#ifndef KOPPEL_API_TRANSACTION_COMMON_H
#define KOPPEL_API_TRANSACTION_COMMON_H

#include "domain/policy_change.h"
#include "domain/service.h"
#include "domain/transaction_store.h"
#include "message/record.h"
#include "operation/operation.h"
#include "operation/page.h"

enum { TRANSACTION_NOTE_MAX = 2000 }; /* characters */

enum { APPLICATION_STATES = 7, POLICY_STATES = 3 };
extern const struct field_choice application_statuses[APPLICATION_STATES];
extern const struct field_choice policy_statuses[POLICY_STATES];
extern const struct field transaction_step_item[1];

/* The rows of the tables below, for outputs that tell more beside them. */
#define AMOUNT_FIELD(name_, nl_, en_)                                                             \
    {.name = name_, .type = FIELD_MONEY, .required = true, .label = {nl_, en_}}
#define TRANSACTION_SALE_FIELDS                                                                   \
    {.name = "product", .type = FIELD_TEXT, .required = true, .label = {"product", "product"}},   \
    {.name = "effective_date", .type = FIELD_TEXT, .required = true, .format = "date",            \
     .label = {"eerste dag van dekking", "first day of cover"}},                                  \
    {.name = "term", .type = FIELD_TEXT, .required = true,                                        \
     .label = {"betaaltermijn", "payment term"}},                                                 \
    {.name = "instalments", .type = FIELD_INTEGER, .required = true,                              \
     .label = {"termijnen per jaar", "instalments a year"}},                                      \
    AMOUNT_FIELD("instalment", "bedrag per termijn", "amount of one instalment"),                 \
    AMOUNT_FIELD("total", "premie per jaar met belasting", "premium for a year with tax"),        \
    {.name = "reference", .type = FIELD_TEXT, .required = true, .nullable = true,                 \
     .label = {"uw eigen kenmerk", "your own reference"}}
#define TRANSACTION_HEAD_FIELDS(nl_, en_)                                                         \
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {nl_, en_}},                    \
    {.name = "revision", .type = FIELD_INTEGER, .required = true,                                 \
     .label = {"volgnummer van de wijziging", "revision"},                                        \
     .help = {"Gaat bij elke gebeurtenis omhoog; de ETag volgt eruit.",                           \
              "Rises with each event; the ETag follows from it."}},                               \
    {.name = "test", .type = FIELD_BOOLEAN, .required = true,                                     \
     .label = {"met een testsleutel gemaakt", "made with a test key"}}
#define TRANSACTION_STEPS_FIELD                                                                   \
    {.name = "steps", .type = FIELD_LIST, .required = true, .fields = transaction_step_item,      \
     .field_count = 1, .label = {"wat u ermee kunt doen", "what you can do with it"}}

#define APPLICATION_FIELD_ROWS                                                                    \
    TRANSACTION_HEAD_FIELDS("id van de aanvraag", "id of the application"),                       \
    {.name = "status", .type = FIELD_CHOICE, .required = true, .choices = application_statuses,   \
     .choice_count = 7, .label = {"status", "status"}},                                           \
    {.name = "quote_id", .type = FIELD_TEXT, .required = true,                                    \
     .label = {"de offerte", "the quote"}},                                                       \
    TRANSACTION_SALE_FIELDS,                                                                      \
    AMOUNT_FIELD("commission", "provisie per jaar, zoals verteld",                                \
                "commission for a year, as told"),                                                \
    {.name = "consent_version", .type = FIELD_TEXT, .required = true,                             \
     .label = {"versie van de akkoordtekst", "version of the consent"}},                          \
    {.name = "consumer", .type = FIELD_BOOLEAN, .required = true,                                 \
     .label = {"is de aanvrager consument", "is the applicant a consumer"}},                      \
    {.name = "created_at", .type = FIELD_TEXT, .required = true, .format = "date-time",           \
     .label = {"ontvangen op", "received at"}},                                                   \
    {.name = "changed_at", .type = FIELD_TEXT, .required = true, .format = "date-time",           \
     .label = {"laatst gewijzigd op", "last changed at"}},                                        \
    TRANSACTION_STEPS_FIELD,                                                                      \
    {.name = "policy_id", .type = FIELD_TEXT, .required = true, .nullable = true,                 \
     .label = {"id van de polis", "id of the policy"}},                                           \
    {.name = "policy_number", .type = FIELD_TEXT, .required = true, .nullable = true,             \
     .label = {"polisnummer", "policy number"}}
#define POLICY_FIELD_ROWS                                                                         \
    TRANSACTION_HEAD_FIELDS("id van de polis", "id of the policy"),                               \
    {.name = "number", .type = FIELD_TEXT, .required = true, .nullable = true,                    \
     .label = {"polisnummer", "policy number"}, .example = "\"AUT-0000001\""},                    \
    {.name = "status", .type = FIELD_CHOICE, .required = true, .choices = policy_statuses,        \
     .choice_count = 3, .label = {"status", "status"}},                                           \
    {.name = "application_id", .type = FIELD_TEXT, .required = true,                              \
     .label = {"de aanvraag", "the application"}},                                                \
    {.name = "quote_id", .type = FIELD_TEXT, .required = true,                                    \
     .label = {"de offerte", "the quote"}},                                                       \
    TRANSACTION_SALE_FIELDS,                                                                      \
    {.name = "terms_number", .type = FIELD_INTEGER, .required = true,                             \
     .label = {"nummer van de voorwaarden van vandaag", "number of today's terms"}},              \
    {.name = "due_date", .type = FIELD_TEXT, .required = true, .nullable = true, .format = "date",\
     .label = {"hoofdvervaldatum", "main due date"},                                              \
     .help = {"Eerste dag van de volgende contractperiode.",                                      \
              "First day of the next contract period."}},                                         \
    {.name = "withdraw_until", .type = FIELD_TEXT, .required = true, .nullable = true,            \
     .format = "date", .label = {"herroepbaar tot en met", "may be withdrawn until"}},            \
    {.name = "end_date", .type = FIELD_TEXT, .required = true, .nullable = true, .format = "date",\
     .label = {"eerste dag zonder dekking", "first day without cover"}},                          \
    {.name = "refund", .type = FIELD_MONEY, .required = true, .nullable = true,                   \
     .label = {"terug te betalen", "to be paid back"}},                                           \
    {.name = "issued_at", .type = FIELD_TEXT, .required = true, .format = "date-time",            \
     .label = {"afgegeven op", "issued at"}},                                                     \
    {.name = "changed_at", .type = FIELD_TEXT, .required = true, .format = "date-time",           \
     .label = {"laatst gewijzigd op", "last changed at"}},                                        \
    TRANSACTION_STEPS_FIELD

/* An application without what its applicant told of themselves: lists and the answers to steps have
 * this, and idempotency keeps it. */
enum { APPLICATION_FIELDS = 20 };
extern const struct field application_fields[APPLICATION_FIELDS];
enum { POLICY_FIELDS = 22 };
extern const struct field policy_fields[POLICY_FIELDS];
enum { APPLICANT_FIELDS = 15 };
extern const struct field applicant_fields[APPLICANT_FIELDS];
/* Terms of a policy, by date; and the item of their list. */
enum { POLICY_TERMS_FIELDS = 9 };
extern const struct field policy_terms_item[1];
#define POLICY_TERMS_FIELD_ROWS                                                                   \
    {.name = "number", .type = FIELD_INTEGER, .required = true,                                   \
     .label = {"nummer", "number"}},                                                              \
    {.name = "from_date", .type = FIELD_TEXT, .required = true, .format = "date",                 \
     .label = {"eerste dag", "first day"}},                                                       \
    {.name = "until_date", .type = FIELD_TEXT, .required = true, .nullable = true,                \
     .format = "date", .label = {"eerste dag van de volgende", "first day of the next"}},         \
    {.name = "cause", .type = FIELD_CHOICE, .required = true, .choices = policy_terms_causes,     \
     .choice_count = 3, .label = {"waardoor", "what gave them"}},                                 \
    {.name = "change_id", .type = FIELD_TEXT, .required = true, .nullable = true,                 \
     .label = {"de wijziging of verlenging", "the change or renewal"}},                           \
    {.name = "version_id", .type = FIELD_TEXT, .required = true,                                  \
     .label = {"versie van het product", "version of the product"}},                              \
    AMOUNT_FIELD("instalment", "bedrag per termijn", "amount of one instalment"),                 \
    AMOUNT_FIELD("total", "premie per jaar met belasting", "premium for a year with tax"),        \
    AMOUNT_FIELD("commission", "provisie per jaar", "commission for a year")
extern const struct field_choice policy_terms_causes[3];
void policy_terms_set(struct record *record, const struct policy_terms *terms,
                      const char *until_date);
/* A list of events, for the output of one application or policy. */
#define TRANSACTION_EVENTS_FIELD                                                                  \
    {.name = "events", .type = FIELD_LIST, .required = true,                                      \
     .length_maximum = TRANSACTION_EVENTS_MAX, .fields = transaction_event_item,                  \
     .field_count = 1, .label = {"wat ermee gebeurde", "what happened to it"},                    \
     .help = {"In volgorde van tijd.", "In order of time."}}
extern const struct field transaction_event_item[1];

extern const struct field transaction_name_item[1];
#define TRANSACTION_WITHHELD_FIELD                                                                \
    {.name = "answers_withheld", .type = FIELD_LIST, .required = true,                            \
     .fields = transaction_name_item, .field_count = 1,                                           \
     .length_maximum = PRODUCT_QUESTIONS_MAX,                                                     \
     .label = {"gevoelige antwoorden die u niet ziet", "sensitive answers that you do not see"}}
#define TRANSACTION_NOTE_FIELD                                                                    \
    {.name = "note", .type = FIELD_TEXT, .length_minimum = 1,                                     \
     .length_maximum = TRANSACTION_NOTE_MAX, .label = {"toelichting", "note"},                    \
     .help = {"Waarom, in woorden; zet er geen persoonsgegevens in.",                             \
              "Why, in words; put no personal data in it."}}
/* Why an underwriter decides so. */
enum { DECISION_REASONS = 6 };
extern const struct field_choice decision_reasons[DECISION_REASONS];
#define TRANSACTION_REASON_FIELD                                                                  \
    {.name = "reason", .type = FIELD_CHOICE, .required = true, .choices = decision_reasons,       \
     .choice_count = DECISION_REASONS, .label = {"reden", "reason"},                              \
     .example = "\"risk_acceptable\""}
#define TRANSACTION_REASONED_NOTE_FIELD                                                           \
    {.name = "note", .type = FIELD_TEXT, .required = true, .length_minimum = 1,                   \
     .length_maximum = TRANSACTION_NOTE_MAX, .label = {"toelichting", "note"},                    \
     .help = {"Waarom, in woorden, voor de organisatie zelf; zet er geen persoonsgegevens in.",   \
              "Why, in words, for the organisation itself; put no personal data in it."},         \
     .example = "\"Within the guideline for young drivers.\""}
#define TRANSACTION_LIST_FIELDS                                                                   \
    PAGE_FIELD_LIMIT,                                                                             \
    PAGE_FIELD_CURSOR,                                                                            \
    {.name = "product", .type = FIELD_TEXT, .length_maximum = PRODUCT_CODE_MAX - 1,               \
     .label = {"alleen dit product", "only this product"}}

/* Whose the steps are, among users: what binds a policyholder, what decides on risks, and what only
 * prepares, which assistants do as well. */
#define TRANSACTION_ROLES_BINDING (ROLES_PARTNER_WRITING | (unsigned)ROLE_UNDERWRITER)
#define TRANSACTION_ROLES_DECIDING ((unsigned)ROLE_UNDERWRITER)
#define TRANSACTION_ROLES_PREPARING (ROLES_PARTNER_ALL | (unsigned)ROLE_UNDERWRITER)

int transaction_no_scratch(struct call *call);
/* Reads JSON that this service wrote, of what `id` names; `ret_value` in the call's scratch. */
int transaction_json_read(struct call *call, const char *id, const char *text, size_t length,
                          struct value *ret_value);

/* Sets the fields of application_fields but for policy_id and policy_number, which
 * transaction_finish adds; a step that issues a policy sets its id, which spares reading it. */
void application_set(struct call *call, struct record *record,
                     const struct application *application);
/* With those two. */
void application_set_whole(struct call *call, struct record *record,
                           const struct application *application);
/* The `finish` of operations that answer one application. */
int transaction_finish(struct call *call);
/* Behind the write of a step that issued a policy, with the record that it answers: adds the
 * number, which spares transaction_finish reading it. */
void transaction_issued(struct call *call, struct record *record,
                        const struct policy_issue *issue);
void policy_set(struct call *call, struct record *record, const struct policy *policy);
/* What the caller may do with it, where withdrawal is possible at all. */
struct value transaction_steps_value(struct call *call, enum transaction_state state,
                                     bool withdrawable, bool *failed);
/* What the organisation says of itself is told to itself alone. */
struct value transaction_events_value(struct call *call, const struct transaction_event *events,
                                      int count, bool *failed);

/* Parts answers into those that are shown and the names of those that are not: the sensitive ones,
 * and what is no question of these. */
int transaction_answers_part(struct call *call, const struct product_question *questions,
                             int question_count, const struct value *answers,
                             struct value *ret_shown, struct list *withheld);

/* Who calls, for an event. */
struct transaction_by transaction_by_of(struct call *call, const char *reason, const char *note);

/* Refuses what is not TRANSACTION_ALLOWED from there: 409 or 403. */
int transaction_refuse(struct call *call, enum transaction_answer answer,
                       enum transaction_state state);
/* May the caller take the step? Sets where it leads, or refuses. */
int transaction_allow(struct call *call, enum transaction_step step, enum transaction_state from,
                      enum transaction_state *ret_to);

/* The application of the input's `id`; a website gives its quote's token with it. Else it is not
 * found. `ret_events` (room for TRANSACTION_EVENTS_MAX) may be NULL. */
int application_of_input(struct call *call, struct application *ret_application,
                         struct transaction_event *ret_events, int *ret_event_count);

/* What the applicant told of themselves, decrypted, in the call's scratch: `applicant`, `iban`,
 * `account_holder`, `answers`. */
int application_open(struct call *call, const struct application *application,
                     struct value *ret_personal);
/* The policy of the input's `id`, its terms those of today; else it is not found. `ret_events`
 * (room for TRANSACTION_EVENTS_MAX) may be NULL. */
int policy_of_input(struct call *call, struct policy *ret_policy,
                    struct transaction_event *ret_events, int *ret_event_count);
/* Its terms by date, read in the body of a call_read. */
struct policy_terms_list {
    struct policy_terms terms[POLICY_TERMS_MAX];
    struct instalments_later later[POLICY_TERMS_MAX];
    int count;
    struct instalments instalments; /* with them */
};
/* The same, and its terms by date, and what `also` (may be NULL) reads of it in the same snapshot.
 * `ret_terms` in the call's scratch. */
int policy_with_terms(struct call *call, struct policy *ret_policy,
                      struct transaction_event *ret_events, int *ret_event_count,
                      int (*also)(struct db_tx *tx, const struct policy *policy, void *context,
                                  struct error *error),
                      void *context, struct policy_terms_list **ret_terms);

/* The filter of a list from its input; `prefix` of its ids, `behind` sorts behind all of them.
 * Negative: return it. */
int transaction_filter_of(struct call *call, const char *prefix, const char *behind,
                          struct transaction_filter *ret_filter);

/* How the policy is to be: its id, prefix, the last day for withdrawal, and its first period. */
void policy_issue_make(const struct product_policy *policy, bool consumer,
                       const char *effective_date, int64_t now_us,
                       struct policy_issue *ret_issue);

#endif
