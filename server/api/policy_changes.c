/* Changes of a policy's terms: a quote for the change, which tells the new premium and what it
 * costs over the rest of the contract period; its confirmation by the policyholder, an
 * underwriter's decision where one is due, its withdrawal. All answers of a policy are sealed; the
 * names of those that change are told. */
#include <string.h>

#include "domain/calendar_day.h"
#include "domain/catalogue.h"
#include "domain/money.h"
#include "message/json.h"
#include "policy_change_common.h"
#include "quote_common.h"

/* ---- fields ---------------------------------------------------------------------------------- */
static const struct field name_item[] = {
    {.name = "name", .type = FIELD_TEXT, .required = true, .length_minimum = 1,
     .length_maximum = PRODUCT_CODE_MAX, .label = {"naam", "name"}}};
static const struct field request_input[] = {
    POLICY_ID_FIELD,
    {.name = "answers", .type = FIELD_OPEN, .required = true, .sensitive = true,
     .label = {"antwoorden die veranderen", "answers that change"},
     .help = {"Een object met een antwoord per vraag; de andere blijven zoals ze waren.",
              "An object with an answer per question; the others stay as they were."},
     .example = "{\"kilometres_per_year\":\"up_to_20000\"}"},
    {.name = "dropped", .type = FIELD_LIST, .fields = name_item, .field_count = 1,
     .length_maximum = PRODUCT_QUESTIONS_MAX,
     .label = {"vragen die niet meer beantwoord worden", "questions that are answered no more"},
     .help = {"Wat door een andere keuze vervalt, vervalt vanzelf.",
              "What another choice makes void goes by itself."}},
    {.name = "effective_date", .type = FIELD_DATE,
     .label = {"eerste dag van de nieuwe voorwaarden", "first day of the new terms"},
     .help = {"Anders vandaag, of de eerste dag die kan.",
              "Else today, or the first day that is possible."}}};
static const struct field read_input[] = {POLICY_ID_FIELD, CHANGE_ID_FIELD};
static const struct field withdraw_input[] = {POLICY_ID_FIELD, CHANGE_ID_FIELD,
                                              TRANSACTION_NOTE_FIELD};
static const struct field confirm_input[] = {
    POLICY_ID_FIELD, CHANGE_ID_FIELD,
    {.name = "agreed", .type = FIELD_BOOLEAN, .required = true,
     .label = {"gaat de verzekeringnemer akkoord", "does the policyholder agree"},
     .example = "true"},
    {.name = "commission", .type = FIELD_MONEY, .required = true,
     .label = {"de provisie per jaar die is verteld", "the commission for a year that was told"},
     .example = "\"61.20\""}};
static const struct field_choice decisions[] = {{"approve", {"goedkeuren", "approve"}},
                                                {"reject", {"afwijzen", "reject"}}};
static const struct field decide_input[] = {
    POLICY_ID_FIELD, CHANGE_ID_FIELD,
    {.name = "decision", .type = FIELD_CHOICE, .required = true, .choices = decisions,
     .choice_count = 2, .label = {"besluit", "decision"}, .example = "\"approve\""},
    TRANSACTION_REASON_FIELD, TRANSACTION_REASONED_NOTE_FIELD};
#define STATUS_FIELD                                                                              \
    {.name = "status", .type = FIELD_CHOICE, .choices = policy_change_statuses,                   \
     .choice_count = CHANGE_STATES, .label = {"alleen deze status", "only this status"}}
static const struct field list_input[] = {POLICY_ID_FIELD, PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR,
                                          STATUS_FIELD};
static const struct field all_input[] = {PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR, STATUS_FIELD};

/* ---- asking for one -------------------------------------------------------------------------- */
struct changing {
    struct policy policy;
    struct policy_terms_list *terms;
    struct policy_terms_detail last; /* of the last terms: what the change is made on */
    struct value answers;            /* theirs */
    struct quoting_running running;
    struct value_date today;
    struct quoting quoting; /* held when `rated` */
    bool rated;
    struct policy_change change;
    struct buffer sealed, result;
    struct scratch *scratch;
    int open_count;
    char id[ID_MAX], effective_date[CLOCK_DATE_MAX], valid_until[CLOCK_DATE_MAX];
    struct transaction_by by;
};

static int last_body(struct db_tx *tx, const struct policy *policy, void *context,
                     struct error *error) {
    struct changing *changing = context;
    int status = policy_changes_open(tx, policy->id, error, &changing->open_count);
    if (status) return status;
    return policy_terms_detail_read(tx, policy, policy->term_number, changing->scratch, error,
                                    &changing->last);
}

static int policy_open(struct call *call, struct changing *changing) {
    int status = policy_with_terms(call, &changing->policy, NULL, NULL, last_body, changing,
                                   &changing->terms);
    if (!status)
        status = transaction_allow(call, TRANSACTION_CHANGE, changing->policy.state, NULL);
    if (status) return status;
    if (changing->open_count >= CHANGES_OPEN_MAX ||
        changing->policy.term_number >= POLICY_TERMS_CHANGED_MAX)
        return call_refuse(call, 409, "too_many_changes",
                           "Deze polis heeft al te veel wijzigingen: trek er eerst een in, of "
                           "sluit een nieuwe polis.",
                           "This policy has too many changes already: withdraw one first, or "
                           "take out a new policy.");
    return policy_terms_answers(call->service->encryption, &changing->last, call->scratch,
                                &call->error, &changing->answers);
}

/* From the last terms' first day, for a partner not before today; until the policy's next main due
 * date, when it is rated anew anyway. */
static int dates_set(struct call *call, struct changing *changing) {
    const struct product_version *version = NULL;
    struct quoting_running *running = &changing->running;
    struct value_date due;
    int status = catalogue_version(call->service->catalogue, changing->policy.terms.version_id,
                                   &call->error, &version);
    if (status) return status;
    running->latest =
        day_add(&changing->today, product_info(version->product)->effective_days_ahead);
    catalogue_release(call->service->catalogue, version);
    if (!day_read(changing->last.terms.from_date, &running->earliest))
        return error_set(&call->error, ERROR_INTERNAL, "%s has no date", changing->policy.id);
    if (!caller_is_organisation(&call->caller) &&
        day_compare(&running->earliest, &changing->today) < 0)
        running->earliest = changing->today;
    if (changing->policy.due_date && day_read(changing->policy.due_date, &due)) {
        due = day_add(&due, -1);
        if (day_compare(&due, &running->latest) < 0) running->latest = due;
    }
    if (day_compare(&running->latest, &running->earliest) < 0)
        running->latest = running->earliest;
    running->answers = &changing->answers;
    running->dropped = record_get(&call->input, "dropped");
    return 0;
}

static int rate(struct call *call, struct changing *changing) {
    const struct value *date = record_get(&call->input, "effective_date");
    const struct quoting_running *running = &changing->running;
    struct value_date effective = day_compare(&changing->today, &running->earliest) < 0
                                      ? running->earliest
                                      : changing->today;
    if (date) effective = date->date;
    const struct quoting_request request = {.product = changing->policy.application.product,
                                            .answers = record_get(&call->input, "answers"),
                                            .effective_date = &effective,
                                            .caller = &call->caller,
                                            .language = call->language,
                                            .lexical = call->lexical,
                                            .now_us = call->now_us,
                                            .scratch = call->scratch,
                                            .faults = &call->faults,
                                            .running = running};
    enum quoting_outcome outcome =
        quoting_make(call->service, &request, &call->error, &changing->quoting);
    changing->rated = outcome == QUOTING_RATED;
    if (changing->rated) return 0;
    quoting_done(call->service, &changing->quoting);
    if (outcome == QUOTING_NO_PRODUCT)
        return call_refuse(call, 409, "product_ended",
                           "Dit product is er op die datum niet meer: neem contact op met de "
                           "verzekeraar.",
                           "This product is no more on that date: contact the insurer.");
    return outcome == QUOTING_FAULTY ? ERROR_INVALID : call->error.code;
}

/* The end of the contract period that a day is in; without periods that of a year of cover. */
static struct value_date period_end(const struct policy *policy,
                                    const struct instalments *instalments,
                                    const struct value_date *day) {
    struct value_date due;
    if (policy->due_date && day_read(policy->due_date, &due) && day_compare(day, &due) < 0)
        return due;
    return policy_due_date(&instalments->first_day, 12, day);
}

static void change_begin(struct call *call, struct changing *changing) {
    const struct policy *policy = &changing->policy;
    const struct quoting *quoting = &changing->quoting;
    id_make("chg", changing->id);
    day_write(&quoting->effective_date, changing->effective_date);
    memcpy(changing->valid_until, quoting->valid_until, sizeof changing->valid_until);
    /* Confirmed later it would be cover for a time that has passed. */
    if (day_compare(&quoting->effective_date, &changing->today) >= 0 &&
        strcmp(changing->effective_date, changing->valid_until) < 0)
        memcpy(changing->valid_until, changing->effective_date, sizeof changing->valid_until);
    changing->change = (struct policy_change){
        .id = changing->id,
        .policy_id = policy->id,
        .policy_number = policy->number,
        .partner_id = policy->application.partner_id,
        .product = policy->application.product,
        .test = policy->application.test,
        .state = quoting->result->outcome == OUTCOME_OFFERED    ? CHANGE_OFFERED
                 : quoting->result->outcome == OUTCOME_REFERRED ? CHANGE_REFERRED
                                                                : CHANGE_DECLINED,
        .revision = 1,
        .base_term = policy->term_number,
        .effective_date = changing->effective_date,
        .valid_until = changing->valid_until,
        .term = policy->application.term,
        .instalments = policy->application.instalments,
        .old_total_cents = changing->last.terms.total_cents,
        .created_us = call->now_us,
        .changed_us = call->now_us};
    changing->by = transaction_by_of(call, NULL, NULL);
}

static int change_fill(struct call *call, struct changing *changing) {
    const struct instalments *instalments = &changing->terms->instalments;
    const struct policy_change_rating rating = {
        .quoting = &changing->quoting,
        .instalments = instalments,
        .old_answers = &changing->answers,
        .until = period_end(&changing->policy, instalments, &changing->quoting.effective_date),
        .today = changing->today,
        .encryption = call->service->encryption,
        .scratch = call->scratch};
    struct error error = {0};
    if (!call->service->encryption)
        return error_set(&call->error, ERROR_INTERNAL,
                         "koppel.conf names no encryption_keys: changes cannot be kept");
    change_begin(call, changing);
    int status = policy_change_fill(&rating, &error, &changing->change, &changing->sealed,
                                    &changing->result);
    if (status == ERROR_INVALID)
        return call_refuse(call, 409, "term_ended",
                           "Dit product kent de betaaltermijn van deze polis niet meer: neem "
                           "contact op met de verzekeraar.",
                           "This product has the policy's payment term no more: contact the "
                           "insurer.");
    if (status) {
        call->error = error;
        return status;
    }
    if (strcmp(changing->change.changed, "[]") != 0) return 0;
    field_fault_add(&call->faults, "/answers", "nothing_changes", "%s",
                    call->language == LANGUAGE_EN
                        ? "These are the policy's answers already: give those that change."
                        : "Zo staan de antwoorden al op de polis: geef wat er verandert.");
    return ERROR_INVALID;
}

static int insert_body(struct db_tx *tx, void *context, struct error *error) {
    const struct changing *changing = context;
    return policy_change_insert(tx, &changing->change, &changing->by, changing->by.at_us, error);
}

static int request_write(struct call *call, struct changing *changing) {
    struct record record;
    record_init(&record, call->scratch);
    int status = policy_change_set(call, &record, &changing->change);
    if (!status) status = policy_change_set_receipt(call, &record, &changing->change);
    if (status) return status;
    call->output = record_value(&record);
    return call_write(call, changing->id, insert_body, changing);
}

static int request_change(struct call *call) {
    struct changing *changing = scratch_take(call->scratch, sizeof *changing);
    if (!changing) return transaction_no_scratch(call);
    *changing = (struct changing){.scratch = call->scratch, .today = day_at(call->now_us)};
    buffer_init(&changing->sealed, 2 * ENCRYPTION_TEXT_MAX_BYTES);
    buffer_init(&changing->result, RECEIPT_MAX_BYTES);
    int status = policy_open(call, changing);
    if (!status) status = dates_set(call, changing);
    if (!status) status = rate(call, changing);
    if (!status) status = change_fill(call, changing);
    if (!status) status = request_write(call, changing);
    if (changing->rated) quoting_done(call->service, &changing->quoting);
    buffer_done(&changing->sealed);
    buffer_done(&changing->result);
    return status;
}

/* ---- steps ----------------------------------------------------------------------------------- */
struct taking {
    struct policy_change_reading reading;
    enum transaction_step step;
    enum transaction_state to;
    char today[CLOCK_DATE_MAX];
    struct transaction_by by;
};

static int take_body(struct db_tx *tx, void *context, struct error *error) {
    const struct taking *taking = context;
    const struct policy_change *change = &taking->reading.change;
    if (taking->to != CHANGE_CONFIRMED)
        return policy_change_take(tx, change, taking->step, taking->to, &taking->by,
                                  taking->by.at_us, error);
    /* With other terms the renewal is another: it is looked at again at once. */
    return policy_change_apply(tx, change, taking->step, taking->to,
                               taking->reading.policy.due_date ? taking->today : NULL,
                               &taking->by, error);
}

static int take_begin(struct call *call, enum transaction_step step, struct taking *taking) {
    struct policy_change_reading *reading = &taking->reading;
    *taking = (struct taking){.step = step};
    clock_amsterdam_date_text(call->now_us, taking->today);
    int status = policy_change_of_input(call, "change", "chg", reading);
    if (!status) status = call_check_revision(call, reading->change.revision);
    if (!status) status = transaction_allow(call, step, reading->change.state, &taking->to);
    if (!status && step != TRANSACTION_WITHDRAW && step != TRANSACTION_REJECT)
        status = transaction_allow(call, TRANSACTION_CHANGE, reading->policy.state, NULL);
    taking->by = transaction_by_of(call, record_get_text(&call->input, "reason", call->scratch),
                                   record_get_text(&call->input, "note", call->scratch));
    return status;
}

/* Is it still what the policyholder can agree to? */
static int open_check(struct call *call, const struct taking *taking) {
    const struct policy_change *change = &taking->reading.change;
    if (change->base_term != taking->reading.policy.term_number)
        return call_refuse(call, 409, "terms_changed",
                           "De polis heeft intussen andere voorwaarden: vraag de wijziging "
                           "opnieuw aan.",
                           "The policy has other terms meanwhile: request the change again.");
    if (change->state != CHANGE_IN_REVIEW && strcmp(taking->today, change->valid_until) > 0)
        return call_refuse(call, 409, "change_expired",
                           "Deze wijziging is verlopen: vraag haar opnieuw aan.",
                           "This change has expired: request it again.");
    return 0;
}

static int agreement_check(struct call *call, const struct policy_change *change) {
    const struct value *told = record_get(&call->input, "commission");
    int64_t told_cents = -1;
    char amount[MONEY_TEXT_MAX];
    (void)decimal_to_scaled(told->number, 2, &told_cents);
    if (!record_get_boolean(&call->input, "agreed", false))
        field_fault_add(&call->faults, "/agreed", "not_given", "%s",
                        call->language == LANGUAGE_EN
                            ? "This cannot be done without the policyholder's consent."
                            : "Zonder akkoord van de verzekeringnemer kan dit niet.");
    money_text(change->commission_cents, amount);
    if (told_cents != change->commission_cents)
        field_fault_add(&call->faults, "/commission", "not_current",
                        call->language == LANGUAGE_EN
                            ? "The commission is %s euros a year: tell the policyholder."
                            : "De provisie is %s euro per jaar: vertel de verzekeringnemer dit.",
                        amount);
    return call->faults.count ? ERROR_INVALID : 0;
}

static int take(struct call *call, enum transaction_step step) {
    struct taking *taking = scratch_take(call->scratch, sizeof *taking);
    if (!taking) return transaction_no_scratch(call);
    int status = take_begin(call, step, taking);
    bool gives_terms = step == TRANSACTION_CONFIRM || step == TRANSACTION_APPROVE;
    if (!status && gives_terms) status = open_check(call, taking);
    if (!status && step == TRANSACTION_CONFIRM)
        status = agreement_check(call, &taking->reading.change);
    if (status) return status;
    return policy_change_write(call, &taking->reading.change, taking->to, take_body, taking);
}

static int confirm_change(struct call *call) {
    return take(call, TRANSACTION_CONFIRM);
}

static int withdraw_change(struct call *call) {
    return take(call, TRANSACTION_WITHDRAW);
}

static int decide_change(struct call *call) {
    const char *decision = record_get_text(&call->input, "decision", call->scratch);
    if (!decision) return transaction_no_scratch(call);
    return take(call,
                strcmp(decision, "approve") == 0 ? TRANSACTION_APPROVE : TRANSACTION_REJECT);
}

/* ---- reading --------------------------------------------------------------------------------- */
static int get_change(struct call *call) {
    return policy_change_get(call, "change", "chg");
}

static int list_changes(struct call *call) {
    return policy_change_list_tell(call, "change", "chg", "chh");
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const request_refusals[] = {"wrong_state",   "step_not_allowed",
                                               "product_ended", "term_ended",
                                               "too_many_changes", NULL};
static const char *const step_refusals[] = {"wrong_state",   "step_not_allowed",
                                            "terms_changed", "change_expired",
                                            "precondition_required", "precondition_failed", NULL};

#define STEP(name_, path_, nl_, en_, callers_, roles_, input_, run_)                              \
    {.name = name_, .method = "POST", .path = path_, .summary = {nl_, en_}, .callers = callers_,  \
     .roles = roles_,                                                                             \
     .input = input_, .input_count = sizeof input_ / sizeof *input_,                              \
     .output = policy_change_fields, .output_count = POLICY_CHANGE_FIELDS, .status = 200,         \
     .idempotent_key = true, .audited = true, .revised = true, .if_match = true,                  \
     .rate = RATE_QUOTE, .refusals = step_refusals, .run = run_}
#define LIST(name_, path_, nl_, en_, input_)                                                      \
    {.name = name_, .method = "GET", .path = path_, .summary = {nl_, en_},                        \
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,                            \
     .roles = ROLES_ALL, .input = input_,                                                         \
     .input_count = sizeof input_ / sizeof *input_, .output = policy_change_list_output,          \
     .output_count = 2, .status = 200, .rate = RATE_READ, .run = list_changes}

static const struct operation operations[] = {
    {.name = "RequestChange",
     .method = "POST",
     .path = "/policies/{id}/changes",
     .summary = {"Vraag wat een wijziging van een polis kost",
                 "Ask what a change of a policy costs"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = TRANSACTION_ROLES_PREPARING,
     .input = request_input,
     .input_count = sizeof request_input / sizeof *request_input,
     .output = policy_change_made_fields,
     .output_count = POLICY_CHANGE_MADE_FIELDS,
     .status = 201,
     .idempotent_key = true,
     .audited = true,
     .revised = true,
     .changing = true,
     .rate = RATE_QUOTE,
     .refusals = request_refusals,
     .run = request_change},
    LIST("ListPolicyChanges", "/policies/{id}/changes", "Wijzigingen van een polis",
         "Changes of a policy", list_input),
    LIST("ListChanges", "/policy-changes", "Wijzigingen van alle polissen",
         "Changes of all policies", all_input),
    {.name = "GetChange",
     .method = "GET",
     .path = "/policies/{id}/changes/{change}",
     .summary = {"Eén wijziging, met wat ermee gebeurde",
                 "One change, with what happened to it"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ALL,
     .input = read_input,
     .input_count = sizeof read_input / sizeof *read_input,
     .output = policy_change_detail_fields,
     .output_count = POLICY_CHANGE_DETAIL_FIELDS,
     .status = 200,
     .revised = true,
     .rate = RATE_READ,
     .run = get_change},
    STEP("ConfirmChange", "/policies/{id}/changes/{change}/confirm",
         "Bevestig een wijziging: de polis krijgt die voorwaarden",
         "Confirm a change: the policy gets those terms",
         CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER, TRANSACTION_ROLES_BINDING,
         confirm_input, confirm_change),
    STEP("WithdrawChange", "/policies/{id}/changes/{change}/withdraw", "Trek een wijziging in",
         "Withdraw a change", CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
         TRANSACTION_ROLES_BINDING, withdraw_input,
         withdraw_change),
    STEP("DecideChange", "/policies/{id}/changes/{change}/decide",
         "Beslis over een wijziging die wacht, met redenen",
         "Decide on a change that waits, with reasons", CALLER_ORGANISATION | CALLER_USER,
         TRANSACTION_ROLES_DECIDING, decide_input,
         decide_change)};

extern const struct operation_group api_policy_changes;
const struct operation_group api_policy_changes = {
    .name = "transactions",
    .operations = operations,
    .count = sizeof operations / sizeof *operations};
