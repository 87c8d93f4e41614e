/* What the resources about changes of policies and renewals share: their fields, reading one, and
 * what a step that another was quicker than is answered. */
#ifndef KOPPEL_API_POLICY_CHANGE_COMMON_H
#define KOPPEL_API_POLICY_CHANGE_COMMON_H

#include "domain/receipt.h"
#include "transaction_common.h"

enum {
    POLICY_CHANGE_FIELDS = 27,
    POLICY_CHANGE_MADE_FIELDS = POLICY_CHANGE_FIELDS + 3,
    POLICY_CHANGE_DETAIL_FIELDS = POLICY_CHANGE_MADE_FIELDS + 2
};
/* A change or renewal in lists and in answers to steps. */
extern const struct field policy_change_fields[POLICY_CHANGE_FIELDS];
/* With its premium, reasons and documents. */
extern const struct field policy_change_made_fields[POLICY_CHANGE_MADE_FIELDS];
/* And `answers` for who decides; events. */
extern const struct field policy_change_detail_fields[POLICY_CHANGE_DETAIL_FIELDS];
extern const struct field policy_change_list_output[2];

enum { CHANGE_STATES = 9, RENEWAL_STATES = 8 };
extern const struct field_choice policy_change_statuses[CHANGE_STATES];
extern const struct field_choice policy_renewal_statuses[RENEWAL_STATES];

#define POLICY_ID_FIELD                                                                           \
    {.name = "id", .type = FIELD_TEXT, .required = true,                                          \
     .label = {"id van de polis", "id of the policy"}}
#define CHANGE_ID_FIELD                                                                           \
    {.name = "change", .type = FIELD_TEXT, .required = true,                                      \
     .label = {"id van de wijziging", "id of the change"}}
#define RENEWAL_ID_FIELD                                                                          \
    {.name = "renewal", .type = FIELD_TEXT, .required = true,                                     \
     .label = {"id van de verlenging", "id of the renewal"}}

/* The fields of policy_change_fields. */
int policy_change_set(struct call *call, struct record *record,
                      const struct policy_change *change);
/* What policy_change_made_fields adds. */
int policy_change_set_receipt(struct call *call, struct record *record,
                              const struct policy_change *change);

/* The change or renewal that the input names, with its policy; else it is not found. `name` is the
 * field ("change"), `prefix` its ids' ("chg"). `events` (room for TRANSACTION_EVENTS_MAX) may be
 * NULL. */
struct policy_change_reading {
    struct policy policy;
    struct policy_change change;
    struct transaction_event *events;
    int event_count;
};
int policy_change_of_input(struct call *call, const char *name, const char *prefix,
                           struct policy_change_reading *reading);
/* The answer of an operation that reads one. */
int policy_change_get(struct call *call, const char *name, const char *prefix);
/* The answer of one that lists them, of one policy when the input has an `id`. */
int policy_change_list_tell(struct call *call, const char *kind, const char *prefix,
                            const char *behind);

/* After a step: `change` as it is then becomes the output, and `body` is run. 409 when the policy
 * got other terms meanwhile, 412 when the change was. */
int policy_change_write(struct call *call, struct policy_change *change,
                        enum transaction_state to, db_body body, void *context);

#endif
