/* Renewals: reading those that were announced, an underwriter's decision on those that wait for
 * one, and stopping one, which either leaves a policy as it is or ends it on its main due date.
 * Their preparing is a job's. */
#include <string.h>

#include "domain/calendar_day.h"
#include "policy_change_common.h"

/* ---- fields ---------------------------------------------------------------------------------- */
static const struct field read_input[] = {POLICY_ID_FIELD, RENEWAL_ID_FIELD};
static const struct field_choice decisions[] = {
    {"approve", {"verlengen", "renew"}},
    {"reject", {"niet verlengen: de polis eindigt", "do not renew: the policy ends"}}};
static const struct field decide_input[] = {
    POLICY_ID_FIELD, RENEWAL_ID_FIELD,
    {.name = "decision", .type = FIELD_CHOICE, .required = true, .choices = decisions,
     .choice_count = 2, .label = {"besluit", "decision"}, .example = "\"approve\""},
    TRANSACTION_REASON_FIELD, TRANSACTION_REASONED_NOTE_FIELD};
static const struct field_choice fates[] = {
    {"continue", {"gaat door zoals hij is", "goes on as it is"}},
    {"end", {"eindigt op de hoofdvervaldatum", "ends on its main due date"}}};
static const struct field stop_input[] = {
    POLICY_ID_FIELD, RENEWAL_ID_FIELD,
    {.name = "policy", .type = FIELD_CHOICE, .required = true, .choices = fates,
     .choice_count = 2, .label = {"wat de polis doet", "what the policy does"},
     .example = "\"continue\""},
    TRANSACTION_REASON_FIELD, TRANSACTION_REASONED_NOTE_FIELD};
#define STATUS_FIELD                                                                              \
    {.name = "status", .type = FIELD_CHOICE, .choices = policy_renewal_statuses,                  \
     .choice_count = RENEWAL_STATES, .label = {"alleen deze status", "only this status"}}
static const struct field list_input[] = {POLICY_ID_FIELD, PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR,
                                          STATUS_FIELD};
static const struct field all_input[] = {PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR, STATUS_FIELD};

/* ---- steps ----------------------------------------------------------------------------------- */
struct taking {
    struct policy_change_reading reading;
    struct policy_terms_list *terms;
    enum transaction_step step;
    enum transaction_state to, policy_to;
    bool ends_policy;
    int64_t refund_cents;
    struct transaction_by by, end_by;
};

/* The renewal first: what is still open when the policy ends is overtaken by that. */
static int take_body(struct db_tx *tx, void *context, struct error *error) {
    const struct taking *taking = context;
    const struct policy_change *renewal = &taking->reading.change;
    int status = policy_change_take(tx, renewal, taking->step, taking->to, &taking->by,
                                    taking->by.at_us, error);
    if (status || !taking->ends_policy) return status;
    return policy_end(tx, &taking->reading.policy, TRANSACTION_CANCEL, taking->policy_to,
                      renewal->due_date, taking->refund_cents, &taking->end_by, error);
}

/* As when the organisation cancels for that day. */
static int end_begin(struct call *call, struct taking *taking) {
    struct value_date end, today = day_at(call->now_us);
    int status = transaction_allow(call, TRANSACTION_CANCEL, taking->reading.policy.state,
                                   &taking->policy_to);
    if (status) return status;
    if (!day_read(taking->reading.change.due_date, &end))
        return error_set(&call->error, ERROR_INTERNAL, "%s has no date",
                         taking->reading.change.id);
    taking->end_by = taking->by;
    taking->end_by.reason = "insurer";
    return instalments_refund(&taking->terms->instalments, &end, &today, &call->error,
                              &taking->refund_cents);
}

static int take(struct call *call, enum transaction_step step, bool ends_policy) {
    struct taking *taking = scratch_take(call->scratch, sizeof *taking);
    if (!taking) return transaction_no_scratch(call);
    *taking = (struct taking){.step = step, .ends_policy = ends_policy};
    struct policy_change_reading *reading = &taking->reading;
    int status = policy_change_of_input(call, "renewal", "rnw", reading);
    if (!status) status = call_check_revision(call, reading->change.revision);
    if (!status) status = transaction_allow(call, step, reading->change.state, &taking->to);
    taking->by = transaction_by_of(call, record_get_text(&call->input, "reason", call->scratch),
                                   record_get_text(&call->input, "note", call->scratch));
    if (!status && ends_policy)
        status = policy_with_terms(call, &reading->policy, NULL, NULL, NULL, NULL,
                                   &taking->terms);
    if (!status && ends_policy) status = end_begin(call, taking);
    if (status) return status;
    return policy_change_write(call, &reading->change, taking->to, take_body, taking);
}

static int decide_renewal(struct call *call) {
    const char *decision = record_get_text(&call->input, "decision", call->scratch);
    if (!decision) return transaction_no_scratch(call);
    bool approve = strcmp(decision, "approve") == 0;
    return take(call, approve ? TRANSACTION_APPROVE : TRANSACTION_REJECT, !approve);
}

static int stop_renewal(struct call *call) {
    const char *fate = record_get_text(&call->input, "policy", call->scratch);
    if (!fate) return transaction_no_scratch(call);
    return take(call, TRANSACTION_STOP, strcmp(fate, "end") == 0);
}

/* ---- reading --------------------------------------------------------------------------------- */
static int get_renewal(struct call *call) {
    return policy_change_get(call, "renewal", "rnw");
}

static int list_renewals(struct call *call) {
    return policy_change_list_tell(call, "renewal", "rnw", "rnx");
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const step_refusals[] = {"wrong_state", "step_not_allowed",
                                            "precondition_required", "precondition_failed", NULL};

#define STEP(name_, path_, nl_, en_, input_, run_)                                                \
    {.name = name_, .method = "POST", .path = path_, .summary = {nl_, en_},                       \
     .callers = CALLER_ORGANISATION | CALLER_USER, .roles = TRANSACTION_ROLES_DECIDING,           \
     .input = input_,                                                                             \
     .input_count = sizeof input_ / sizeof *input_, .output = policy_change_fields,               \
     .output_count = POLICY_CHANGE_FIELDS, .status = 200, .idempotent_key = true,                 \
     .audited = true, .revised = true, .if_match = true, .rate = RATE_QUOTE,                      \
     .refusals = step_refusals, .run = run_}
#define LIST(name_, path_, nl_, en_, input_)                                                      \
    {.name = name_, .method = "GET", .path = path_, .summary = {nl_, en_},                        \
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,                            \
     .roles = ROLES_ALL, .input = input_,                                                         \
     .input_count = sizeof input_ / sizeof *input_, .output = policy_change_list_output,          \
     .output_count = 2, .status = 200, .rate = RATE_READ, .run = list_renewals}

static const struct operation operations[] = {
    LIST("ListPolicyRenewals", "/policies/{id}/renewals", "Verlengingen van een polis",
         "Renewals of a policy", list_input),
    LIST("ListRenewals", "/policy-renewals", "Verlengingen van alle polissen",
         "Renewals of all policies", all_input),
    {.name = "GetRenewal",
     .method = "GET",
     .path = "/policies/{id}/renewals/{renewal}",
     .summary = {"Eén verlenging, met wat ermee gebeurde",
                 "One renewal, with what happened to it"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ALL,
     .input = read_input,
     .input_count = sizeof read_input / sizeof *read_input,
     .output = policy_change_detail_fields,
     .output_count = POLICY_CHANGE_DETAIL_FIELDS,
     .status = 200,
     .revised = true,
     .rate = RATE_READ,
     .run = get_renewal},
    STEP("DecideRenewal", "/policies/{id}/renewals/{renewal}/decide",
         "Beslis over een verlenging die wacht, met redenen",
         "Decide on a renewal that waits, with reasons", decide_input, decide_renewal),
    STEP("StopRenewal", "/policies/{id}/renewals/{renewal}/stop",
         "Houd een verlenging tegen: de polis gaat door zoals hij is, of eindigt",
         "Stop a renewal: the policy goes on as it is, or ends", stop_input, stop_renewal)};

extern const struct operation_group api_policy_renewals;
const struct operation_group api_policy_renewals = {
    .name = "transactions",
    .operations = operations,
    .count = sizeof operations / sizeof *operations};
