/* What the resources about webhooks and the job that sends their messages share: how an endpoint is
 * told of, and reading one. */
#ifndef KOPPEL_API_WEBHOOK_COMMON_H
#define KOPPEL_API_WEBHOOK_COMMON_H

#include "domain/service.h"
#include "domain/webhook.h"
#include "message/record.h"
#include "operation/operation.h"

extern const struct field webhook_type_item[1];
enum { WEBHOOK_DISABLED_REASONS = 3 };
extern const struct field_choice webhook_disabled_reasons[WEBHOOK_DISABLED_REASONS];

/* Of inputs. Not "id": by that the services of a product know what is of their product. */
#define WEBHOOK_ID_FIELD                                                                          \
    {.name = "webhook", .type = FIELD_TEXT, .required = true,                                     \
     .label = {"id van de webhook", "id of the webhook"}}
#define WEBHOOK_FIELD_ROWS                                                                        \
    {.name = "id", .type = FIELD_TEXT, .required = true,                                          \
     .label = {"id van de webhook", "id of the webhook"}},                                        \
    {.name = "revision", .type = FIELD_INTEGER, .required = true,                                 \
     .label = {"volgnummer van de wijziging", "revision"},                                        \
     .help = {"Gaat bij elke wijziging omhoog; de ETag volgt eruit.",                             \
              "Rises with each change; the ETag follows from it."}},                              \
    {.name = "test", .type = FIELD_BOOLEAN, .required = true,                                     \
     .label = {"hoort van wat testsleutels maken", "is told of what test keys make"}},            \
    {.name = "url", .type = FIELD_TEXT, .required = true, .length_maximum = WEBHOOK_URL_MAX,      \
     .label = {"adres", "address"}},                                                              \
    {.name = "description", .type = FIELD_TEXT, .required = true, .nullable = true,               \
     .length_maximum = WEBHOOK_DESCRIPTION_MAX, .label = {"omschrijving", "description"}},        \
    {.name = "events", .type = FIELD_LIST, .required = true, .nullable = true,                    \
     .fields = webhook_type_item, .field_count = 1, .length_maximum = WEBHOOK_TYPES,              \
     .label = {"gebeurtenissen", "events"}, .help = {"Null: alle.", "Null: all."}},               \
    {.name = "enabled", .type = FIELD_BOOLEAN, .required = true,                                  \
     .label = {"staat aan", "is enabled"}},                                                       \
    {.name = "disabled_reason", .type = FIELD_CHOICE, .required = true, .nullable = true,         \
     .choices = webhook_disabled_reasons, .choice_count = 3,                                      \
     .label = {"waarom het uit staat", "why it is disabled"}},                                    \
    {.name = "disabled_at", .type = FIELD_TEXT, .required = true, .nullable = true,               \
     .format = "date-time", .label = {"uit sinds", "disabled since"}},                            \
    {.name = "failing_since", .type = FIELD_TEXT, .required = true, .nullable = true,             \
     .format = "date-time", .label = {"faalt sinds", "fails since"},                              \
     .help = {"De eerste van de pogingen die achter elkaar mislukten. Na een dag en na drie "     \
              "dagen volgt een waarschuwing, na vijf gaat het adres uit.",                        \
              "The first of the tries that failed in a row. A warning follows after a day and "   \
              "after three; after five the endpoint is disabled."}},                              \
    {.name = "warnings", .type = FIELD_INTEGER, .required = true,                                 \
     .label = {"waarschuwingen sindsdien", "warnings since then"}},                               \
    {.name = "previous_secret_until", .type = FIELD_TEXT, .required = true, .nullable = true,     \
     .format = "date-time",                                                                       \
     .label = {"vorig geheim tekent mee tot", "the secret before signs as well until"}},          \
    {.name = "created_at", .type = FIELD_TEXT, .required = true, .format = "date-time",           \
     .label = {"gemaakt op", "made at"}},                                                         \
    {.name = "changed_at", .type = FIELD_TEXT, .required = true, .format = "date-time",           \
     .label = {"laatst gewijzigd op", "last changed at"}}

enum { WEBHOOK_FIELDS = 14 };
extern const struct field webhook_fields[WEBHOOK_FIELDS];

int webhook_no_scratch(struct call *call);
/* Sets WEBHOOK_FIELD_ROWS; the webhook need not outlive it. `now_us` tells whether an older secret
 * signs still. */
void webhook_set(struct record *record, const struct webhook *webhook, int64_t now_us);

/* The webhook with that id, in the call's scratch; of the key's own mode. Negative: return it. */
int webhook_find(struct call *call, const struct value *id, struct webhook **ret_webhook);
/* That of the input's `webhook`. */
int webhook_of_input(struct call *call, struct webhook **ret_webhook);
/* Refuses what a disabled one cannot do. */
int webhook_refuse_disabled(struct call *call);

#endif
