/* Policies: reading and listing them, withdrawal within the days that a consumer has, cancellation
 * with what is paid back. */
#include <stdio.h>
#include <string.h>

#include "domain/calendar_day.h"
#include "domain/catalogue.h"
#include "transaction_common.h"

/* ---- fields ---------------------------------------------------------------------------------- */
#define ID_FIELD                                                                                  \
    {.name = "id", .type = FIELD_TEXT, .required = true,                                          \
     .label = {"id van de polis", "id of the policy"}}

static const struct field read_input[] = {ID_FIELD};
static const struct field withdraw_input[] = {ID_FIELD, TRANSACTION_NOTE_FIELD};

static const struct field list_input[] = {
    TRANSACTION_LIST_FIELDS,
    {.name = "status", .type = FIELD_CHOICE, .choices = policy_statuses,
     .choice_count = POLICY_STATES, .label = {"alleen deze status", "only this status"}}};
static const struct field list_item[] = {{.name = "policy", .type = FIELD_RECORD,
                                          .required = true, .fields = policy_fields,
                                          .field_count = POLICY_FIELDS, .schema = "Policy"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"polissen", "policies"}, .help = {"De nieuwste eerst.", "The newest first."}},
    PAGE_FIELD_NEXT};

static const struct field detail_fields[] = {
    POLICY_FIELD_ROWS,
    {.name = "earliest_end_date", .type = FIELD_TEXT, .required = true, .nullable = true,
     .format = "date", .label = {"eerste mogelijke einddatum bij opzegging vandaag",
                                 "earliest end when notice is given today"}},
    {.name = "renewal_id", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"de aangekondigde verlenging", "the renewal that was announced"}},
    {.name = "terms", .type = FIELD_LIST, .required = true, .length_maximum = POLICY_TERMS_MAX,
     .fields = policy_terms_item, .field_count = 1,
     .label = {"voorwaarden naar datum", "terms by date"},
     .help = {"Ook wat nog ingaat.", "What is yet to begin as well."}},
    TRANSACTION_EVENTS_FIELD};

static const struct field_choice cancel_reasons[] = {
    {"policyholder", {"de verzekeringnemer zegt op", "the policyholder gives notice"}},
    {"risk_gone", {"het verzekerde is er niet meer", "what was insured is gone"}},
    {"unpaid", {"niet betaald", "not paid"}},
    {"untrue_information", {"onware opgave", "untrue information"}},
    {"insurer", {"de verzekeraar zegt op", "the insurer gives notice"}}};
enum { PARTNER_REASONS = 2, CANCEL_REASONS = 5 };
static const struct field cancel_input[] = {
    ID_FIELD,
    {.name = "reason", .type = FIELD_CHOICE, .required = true, .choices = cancel_reasons,
     .choice_count = CANCEL_REASONS, .label = {"reden", "reason"}, .example = "\"policyholder\"",
     .help = {"De laatste drie zijn aan de organisatie.",
              "The last three are the organisation's."}},
    {.name = "end_date", .type = FIELD_DATE,
     .label = {"eerste dag zonder dekking", "first day without cover"},
     .help = {"Anders de eerste die volgens de opzegregels kan.",
              "Else the earliest that the notice rules allow."}},
    TRANSACTION_NOTE_FIELD};

/* ---- reading one ----------------------------------------------------------------------------- */
/* What ends a policy follows from its product's rules. */
struct ending {
    struct policy policy;
    struct policy_terms_list *terms;
    struct policy_change renewal; /* of the next period, or none */
    struct scratch *scratch;
    enum transaction_step step;
    enum transaction_state to;
    struct value_date today, earliest, end;
    int64_t refund_cents;
    char end_date[CLOCK_DATE_MAX];
    struct transaction_by by;
};

static int rules_read(struct call *call, struct ending *ending) {
    const struct instalments *instalments = &ending->terms->instalments;
    const struct product_version *version = NULL;
    int status = catalogue_version(call->service->catalogue, ending->policy.terms.version_id,
                                   &call->error, &version);
    if (status) return status;
    const struct product_policy *rules = product_info(version->product)->policy;
    ending->today = day_at(call->now_us);
    ending->earliest = policy_earliest_end(&instalments->first_day, &ending->today,
                                           rules ? rules->first_term_months : 0,
                                           rules ? rules->notice_months : 0);
    catalogue_release(call->service->catalogue, version);
    return 0;
}

static struct value terms_value(struct call *call, const struct policy_terms_list *terms,
                                bool *failed) {
    struct list list;
    list_init(&list, call->scratch);
    for (int i = 0; i < terms->count; i++) {
        struct record record;
        record_init(&record, call->scratch);
        policy_terms_set(&record, &terms->terms[i],
                         i + 1 < terms->count ? terms->terms[i + 1].from_date : NULL);
        *failed |= record.failed;
        list_add(&list, record_value(&record));
    }
    *failed |= list.failed;
    return list_value(&list);
}

static int also_body(struct db_tx *tx, const struct policy *policy, void *context,
                     struct error *error) {
    struct ending *ending = context;
    return policy_renewal_read(tx, policy, ending->scratch, error, &ending->renewal);
}

static int get_policy(struct call *call) {
    struct ending ending = {.step = TRANSACTION_CANCEL, .scratch = call->scratch};
    struct transaction_event *events =
        scratch_take(call->scratch, TRANSACTION_EVENTS_MAX * sizeof *events);
    struct record record;
    int count = 0;
    bool failed = false;
    if (!events) return transaction_no_scratch(call);
    int status = policy_with_terms(call, &ending.policy, events, &count, also_body, &ending,
                                   &ending.terms);
    if (!status) status = rules_read(call, &ending);
    if (status) return status;
    day_write(&ending.earliest, ending.end_date);
    record_init(&record, call->scratch);
    policy_set(call, &record, &ending.policy);
    if (ending.policy.state == POLICY_ACTIVE)
        record_copy_text(&record, "earliest_end_date", ending.end_date, strlen(ending.end_date));
    record_set(&record, "terms", terms_value(call, ending.terms, &failed));
    record_set_text(&record, "renewal_id", ending.renewal.id);
    record_set(&record, "events", transaction_events_value(call, events, count, &failed));
    if (failed || record.failed) return transaction_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

/* ---- listing --------------------------------------------------------------------------------- */
struct listing {
    struct transaction_filter filter;
    struct scratch *scratch;
    struct policy *policies;
    int count;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return policy_list(tx, &listing->filter, listing->scratch, error, listing->policies,
                       &listing->count);
}

static int list_policies(struct call *call) {
    struct listing listing = {.scratch = call->scratch};
    int status = transaction_filter_of(call, "pol", "pom", &listing.filter);
    if (status) return status;
    listing.policies =
        scratch_take(call->scratch, (PAGE_LIMIT_MAX + 1) * sizeof *listing.policies);
    if (!listing.policies) return transaction_no_scratch(call);
    status = call_read(call, list_body, &listing);
    if (status) return status;
    int shown = listing.count < listing.filter.limit ? listing.count : listing.count - 1;
    struct list items;
    struct record output;
    list_init(&items, call->scratch);
    for (int i = 0; i < shown; i++) {
        struct record record;
        record_init(&record, call->scratch);
        policy_set(call, &record, &listing.policies[i]);
        items.failed |= record.failed;
        list_add(&items, record_value(&record));
    }
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    record_set_text(&output, "next",
                    shown < listing.count ? listing.policies[shown - 1].id : NULL);
    if (items.failed || output.failed) return transaction_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

/* ---- ending one ------------------------------------------------------------------------------ */
static int end_begin(struct call *call, enum transaction_step step, struct ending *ending) {
    *ending = (struct ending){.step = step};
    int status =
        policy_with_terms(call, &ending->policy, NULL, NULL, NULL, NULL, &ending->terms);
    if (!status) status = call_check_revision(call, ending->policy.revision);
    if (!status) status = transaction_allow(call, step, ending->policy.state, &ending->to);
    if (!status) status = rules_read(call, ending);
    ending->by = transaction_by_of(call, record_get_text(&call->input, "reason", call->scratch),
                                   record_get_text(&call->input, "note", call->scratch));
    return status;
}

static int end_body(struct db_tx *tx, void *context, struct error *error) {
    const struct ending *ending = context;
    return policy_end(tx, &ending->policy, ending->step, ending->to, ending->end_date,
                      ending->refund_cents, &ending->by, error);
}

static int end_write(struct call *call, struct ending *ending) {
    struct policy after = ending->policy;
    struct record record;
    int status = instalments_refund(&ending->terms->instalments, &ending->end, &ending->today,
                                    &call->error, &ending->refund_cents);
    if (status) return status;
    day_write(&ending->end, ending->end_date);
    char *end_date = scratch_take(call->scratch, CLOCK_DATE_MAX);
    if (!end_date) return transaction_no_scratch(call);
    memcpy(end_date, ending->end_date, CLOCK_DATE_MAX);
    after.state = ending->to;
    after.revision++;
    after.end_date = end_date;
    after.has_refund = true;
    after.refund_cents = ending->refund_cents;
    after.changed_us = call->now_us;
    record_init(&record, call->scratch);
    policy_set(call, &record, &after);
    if (record.failed) return transaction_no_scratch(call);
    call->output = record_value(&record);
    status = call_write(call, after.id, end_body, ending);
    if (status != ERROR_CONFLICT) return status;
    error_clear(&call->error);
    return call_refuse_revision(call);
}

static int withdraw_policy(struct call *call) {
    struct ending ending;
    char today[CLOCK_DATE_MAX];
    int status = end_begin(call, TRANSACTION_WITHDRAW, &ending);
    if (status) return status;
    clock_amsterdam_date_text(call->now_us, today);
    if (!ending.policy.withdraw_until)
        return call_refuse(call, 409, "no_withdrawal",
                           "Deze polis kent geen bedenktijd: die geldt voor consumenten, en niet "
                           "voor elk product. Zeg de polis op.",
                           "This policy has no period for withdrawal: consumers have one, and not "
                           "for every product. Cancel the policy.");
    if (strcmp(today, ending.policy.withdraw_until) > 0)
        return call_refuse(call, 409, "withdrawal_ended",
                           "De bedenktijd is voorbij: zeg de polis op.",
                           "The period for withdrawal is over: cancel the policy.");
    ending.end = ending.terms->instalments.first_day;
    return end_write(call, &ending);
}

/* The organisation may end a policy at any day of its cover; a policyholder keeps to the notice. */
static int end_date_check(struct call *call, struct ending *ending) {
    const struct value *given = record_get(&call->input, "end_date");
    bool organisation = caller_is_organisation(&call->caller);
    struct value_date earliest =
        organisation ? ending->terms->instalments.first_day : ending->earliest;
    struct value_date latest = day_add(&ending->earliest, 366);
    char first[CLOCK_DATE_MAX], last[CLOCK_DATE_MAX];
    ending->end = given ? given->date : ending->earliest;
    if (!given) return 0;
    day_write(&earliest, first);
    day_write(&latest, last);
    if (day_compare(&given->date, &earliest) < 0)
        field_fault_add(&call->faults, "/end_date", "too_small",
                        call->language == LANGUAGE_EN
                            ? "By the notice rules %s is the earliest day."
                            : "Volgens de opzegregels is %s de eerste mogelijke dag.",
                        first);
    if (day_compare(&given->date, &latest) > 0)
        field_fault_add(&call->faults, "/end_date", "too_large",
                        call->language == LANGUAGE_EN ? "Cancel for a day until %s."
                                                      : "Zeg op tegen een dag tot en met %s.",
                        last);
    return call->faults.count ? ERROR_INVALID : 0;
}

static int cancel_policy(struct call *call) {
    struct ending ending;
    int status = end_begin(call, TRANSACTION_CANCEL, &ending);
    if (status) return status;
    bool own = false;
    for (int i = 0; i < PARTNER_REASONS; i++)
        own |= record_text_is(&call->input, "reason", cancel_reasons[i].code);
    if (!own && !caller_is_organisation(&call->caller))
        field_fault_add(&call->faults, "/reason", "not_a_choice", "%s",
                        call->language == LANGUAGE_EN
                            ? "This reason is the organisation's: take policyholder or risk_gone."
                            : "Deze reden is aan de organisatie: neem policyholder of risk_gone.");
    status = end_date_check(call, &ending);
    if (status || call->faults.count) return ERROR_INVALID;
    return end_write(call, &ending);
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const withdraw_refusals[] = {"wrong_state",   "step_not_allowed",
                                                "no_withdrawal", "withdrawal_ended",
                                                "precondition_required", "precondition_failed",
                                                NULL};
static const char *const cancel_refusals[] = {"wrong_state", "step_not_allowed",
                                              "precondition_required", "precondition_failed", NULL};

#define STEP(name_, path_, nl_, en_, input_, refusals_, run_)                                     \
    {.name = name_, .method = "POST", .path = path_, .summary = {nl_, en_},                       \
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,                            \
     .roles = TRANSACTION_ROLES_BINDING, .input = input_,                                         \
     .input_count = sizeof input_ / sizeof *input_, .output = policy_fields,                      \
     .output_count = POLICY_FIELDS, .status = 200, .idempotent_key = true, .audited = true,       \
     .revised = true, .if_match = true, .rate = RATE_QUOTE, .refusals = refusals_, .run = run_}

static const struct operation operations[] = {
    {.name = "ListPolicies",
     .method = "GET",
     .path = "/policies",
     .summary = {"Lijst van polissen", "List of policies"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ALL,
     .input = list_input,
     .input_count = sizeof list_input / sizeof *list_input,
     .output = list_output,
     .output_count = 2,
     .status = 200,
     .rate = RATE_READ,
     .run = list_policies},
    {.name = "GetPolicy",
     .method = "GET",
     .path = "/policies/{id}",
     .summary = {"Eén polis, met wat ermee gebeurde", "One policy, with what happened to it"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ALL,
     .input = read_input,
     .input_count = sizeof read_input / sizeof *read_input,
     .output = detail_fields,
     .output_count = sizeof detail_fields / sizeof *detail_fields,
     .status = 200,
     .revised = true,
     .dated = true,
     .rate = RATE_READ,
     .run = get_policy},
    STEP("WithdrawPolicy", "/policies/{id}/withdraw", "Herroep een polis binnen de bedenktijd",
         "Withdraw from a policy within the days for that", withdraw_input, withdraw_refusals,
         withdraw_policy),
    STEP("CancelPolicy", "/policies/{id}/cancel", "Zeg een polis op", "Cancel a policy",
         cancel_input, cancel_refusals, cancel_policy)};

extern const struct operation_group api_policies;
const struct operation_group api_policies = {.name = "transactions",
                                             .operations = operations,
                                             .count = sizeof operations / sizeof *operations};
