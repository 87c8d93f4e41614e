/* One policy's renewal at a time. Everything is computed outside the write, which takes effect only
 * on the terms and the period that were seen. */
#include "domain/renewal.h"

#include <string.h>

#include "base/log.h"
#include "domain/calendar_day.h"
#include "domain/catalogue.h"
#include "domain/receipt.h"
#include "message/json.h"

/* What rules hold when it cannot be told which product it is. */
static const struct product_policy no_rules = {.contract_months = 12, .renewal_as_is = true};

static struct value_date day_before(const struct product_policy *rules,
                                    const struct value_date *due) {
    return rules->renewal_as_is ? *due : day_add(due, -rules->renewal_days);
}

void renewal_first(const struct product_policy *rules, const struct value_date *first_day,
                   char ret_due_date[CLOCK_DATE_MAX], char ret_renewal_on[CLOCK_DATE_MAX]) {
    *ret_due_date = *ret_renewal_on = '\0';
    if (!rules->contract_months) return;
    struct value_date due = policy_due_date(first_day, rules->contract_months, first_day);
    struct value_date on = day_before(rules, &due);
    day_write(&due, ret_due_date);
    day_write(&on, ret_renewal_on);
}

/* ---- reading --------------------------------------------------------------------------------- */
struct looking {
    struct service *service;
    struct scratch *scratch;
    const char *policy_id;
    bool test;
    int64_t now_us;
    char today_text[CLOCK_DATE_MAX];
    struct value_date today, due;
    struct policy policy;
    struct policy_terms terms[POLICY_TERMS_MAX];
    struct instalments_later later[POLICY_TERMS_MAX];
    int terms_count;
    struct instalments instalments;
    struct policy_terms_detail last;
    struct policy_change renewal; /* under way for the next period; id NULL: none */
    const struct product_version *version; /* held: in force on the due date; else of the terms */
    const struct product_policy *rules;
    bool in_force;
    /* what is written */
    struct policy_change prepared;
    struct buffer sealed, result;
    struct policy_period period;
    char id[ID_MAX], planned_on[CLOCK_DATE_MAX], next_due[CLOCK_DATE_MAX];
    char next_on[CLOCK_DATE_MAX];
};

static int look_body(struct db_tx *tx, void *context, struct error *error) {
    struct looking *looking = context;
    struct policy *policy = &looking->policy;
    int status = policy_read(tx, looking->policy_id, looking->test, looking->today_text,
                             looking->scratch, error, policy);
    if (status || !policy->id || !policy->due_date) return status;
    status = policy_terms_read(tx, policy, looking->scratch, error, looking->terms,
                               &looking->terms_count);
    if (!status)
        status = policy_terms_detail_read(tx, policy, policy->term_number, looking->scratch,
                                          error, &looking->last);
    if (!status)
        status = policy_renewal_read(tx, policy, looking->scratch, error, &looking->renewal);
    return status;
}

/* The version whose rules count. */
static int version_find(struct looking *looking, struct error *error) {
    struct catalogue *catalogue = looking->service->catalogue;
    const struct policy *policy = &looking->policy;
    struct error cause = {0};
    int status = catalogue_find(catalogue, policy->application.product, policy->due_date,
                                looking->now_us, &cause, &looking->version);
    looking->in_force = !status;
    if (status && status != ERROR_NOT_FOUND)
        return error_set(error, status, "%s", cause.text);
    if (status) {
        error_clear(&cause);
        status = catalogue_version(catalogue, looking->last.terms.version_id, &cause,
                                   &looking->version);
        if (status && status != ERROR_NOT_FOUND)
            return error_set(error, status, "%s", cause.text);
    }
    looking->rules =
        looking->version ? product_info(looking->version->product)->policy : NULL;
    if (!looking->rules) looking->rules = &no_rules;
    return 0;
}

/* ---- another day ----------------------------------------------------------------------------- */
static int plan_body(struct db_tx *tx, void *context, struct error *error) {
    struct looking *looking = context;
    return policy_renewal_plan(tx, &looking->policy,
                               *looking->planned_on ? looking->planned_on : NULL, error);
}

static int plan(struct looking *looking, const struct value_date *on, struct error *error) {
    *looking->planned_on = '\0';
    if (on) day_write(on, looking->planned_on);
    return db_write(looking->service->db, &db_scope_all, plan_body, looking, error);
}

/* ---- the due date ---------------------------------------------------------------------------- */
static int renew_body(struct db_tx *tx, void *context, struct error *error) {
    const struct looking *looking = context;
    return policy_renew(tx, &looking->policy, looking->renewal.id ? &looking->renewal : NULL,
                        &looking->period, looking->now_us, error);
}

static const char *reason_as_is(const struct looking *looking) {
    const struct policy_change *renewal = &looking->renewal;
    if (!renewal->id) return looking->rules->renewal_as_is ? "as_is" : "not_announced";
    if (renewal->state == RENEWAL_STOPPED) return "stopped";
    if (renewal->state == RENEWAL_IN_REVIEW) return "not_decided";
    return renewal->has_premium ? NULL : "no_new_premium";
}

static int renew(struct looking *looking, struct error *error) {
    looking->period = (struct policy_period){.reason = reason_as_is(looking)};
    if (looking->rules->contract_months) {
        struct value_date next = policy_due_date(
            &looking->instalments.first_day, looking->rules->contract_months, &looking->due);
        struct value_date on = day_before(looking->rules, &next);
        day_write(&next, looking->next_due);
        day_write(&on, looking->next_on);
        looking->period.due_date = looking->next_due;
        looking->period.renewal_on = looking->next_on;
    }
    return db_write(looking->service->db, &db_scope_all, renew_body, looking, error);
}

/* ---- before it ------------------------------------------------------------------------------- */
static void prepared_begin(struct looking *looking) {
    const struct policy *policy = &looking->policy;
    id_make("rnw", looking->id);
    looking->prepared =
        (struct policy_change){.id = looking->id,
                               .policy_id = policy->id,
                               .partner_id = policy->application.partner_id,
                               .product = policy->application.product,
                               .test = policy->application.test,
                               .renewal = true,
                               .state = RENEWAL_IN_REVIEW,
                               .base_term = policy->term_number,
                               .due_date = policy->due_date,
                               .effective_date = policy->due_date,
                               .valid_until = policy->due_date,
                               .known_at_us = looking->now_us,
                               .changed = "[]",
                               .term = policy->application.term,
                               .instalments = policy->application.instalments,
                               .old_total_cents = looking->last.terms.total_cents};
}

/* An underwriter sees it with the answers of before, and without a premium. */
static int unrated_fill(struct looking *looking, const struct value *answers, const char *why,
                        struct error *error) {
    struct buffer text;
    char *key_id = scratch_take(looking->scratch, ENCRYPTION_KEY_ID_MAX);
    if (!key_id) return error_set(error, ERROR_TOO_LARGE, "a renewal needs more scratch memory");
    log_event(LOG_WARNING, "renewal_not_rated", "policy", looking->policy.id, "why", why, NULL);
    prepared_begin(looking);
    buffer_clear(&looking->sealed);
    buffer_init(&text, ENCRYPTION_TEXT_MAX_BYTES);
    json_write(answers, 0, &text);
    int status = text.failed
                     ? error_set(error, buffer_failure(&text), "no memory for a renewal")
                     : encryption_seal(looking->service->encryption, looking->id, text.data,
                                       text.length, error, &looking->sealed);
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    if (status) return status;
    (void)encryption_key_of(looking->sealed.data, key_id);
    looking->prepared.sealed = looking->sealed.data;
    looking->prepared.sealed_key_id = key_id;
    return 0;
}

static int rated_fill(struct looking *looking, const struct quoting *quoting,
                      const struct value *answers, struct error *error) {
    struct value_date until = looking->rules->contract_months
                                  ? policy_due_date(&looking->instalments.first_day,
                                                    looking->rules->contract_months,
                                                    &looking->due)
                                  : looking->due;
    const struct policy_change_rating rating = {.quoting = quoting,
                                                .instalments = &looking->instalments,
                                                .old_answers = answers,
                                                .until = until,
                                                .today = looking->today,
                                                .encryption = looking->service->encryption,
                                                .scratch = looking->scratch};
    prepared_begin(looking);
    int status = policy_change_fill(&rating, error, &looking->prepared, &looking->sealed,
                                    &looking->result);
    if (!status && quoting->result->outcome == OUTCOME_OFFERED)
        looking->prepared.state = RENEWAL_OFFERED;
    return status;
}

static bool is_passing(int status) {
    return status == ERROR_BUSY || status == ERROR_FULL || status == ERROR_IO ||
           status == ERROR_NO_MEMORY;
}

static int rate(struct looking *looking, const struct value *answers, struct quoting *quoting,
                struct error *error) {
    static const struct value none = {.kind = VALUE_CONTEXT};
    struct field_faults *faults = scratch_take(looking->scratch, sizeof *faults);
    const struct quoting_running running = {
        .answers = answers, .earliest = looking->due, .latest = looking->due};
    const struct quoting_request request = {.product = looking->policy.application.product,
                                            .answers = &none,
                                            .effective_date = &looking->due,
                                            .now_us = looking->now_us,
                                            .scratch = looking->scratch,
                                            .faults = faults,
                                            .running = &running};
    struct error cause = {0};
    if (!faults) return error_set(error, ERROR_TOO_LARGE, "a renewal needs more scratch memory");
    field_faults_clear(faults);
    enum quoting_outcome outcome =
        quoting_make(looking->service, &request, &cause, quoting);
    if (faults->starved)
        return error_set(error, ERROR_NO_MEMORY, "no memory to rate a renewal");
    if (outcome == QUOTING_FAILED && (is_passing(cause.code) || cause.code == ERROR_TOO_LARGE))
        return error_set(error, cause.code, "%s", cause.text);
    if (outcome == QUOTING_RATED) {
        int status = rated_fill(looking, quoting, answers, &cause);
        if (!status) return 0;
        if (status != ERROR_INVALID) return error_set(error, status, "%s", cause.text);
    }
    return unrated_fill(looking, answers,
                        outcome == QUOTING_FAULTY && faults->count ? faults->items[0].pointer
                        : cause.code                               ? cause.text
                                                                   : "no version in force",
                        error);
}

static int prepare_body(struct db_tx *tx, void *context, struct error *error) {
    const struct looking *looking = context;
    return policy_renewal_prepare(tx, &looking->policy, &looking->prepared, looking->now_us,
                                  error);
}

static int prepare(struct looking *looking, struct error *error) {
    struct quoting quoting = {.version = NULL};
    struct value answers;
    int status = looking->service->encryption
                     ? policy_terms_answers(looking->service->encryption, &looking->last,
                                            looking->scratch, error, &answers)
                     : error_set(error, ERROR_INTERNAL,
                                 "koppel.conf names no encryption_keys: nothing is renewed");
    if (!status) status = rate(looking, &answers, &quoting, error);
    if (!status)
        status = db_write(looking->service->db, &db_scope_all, prepare_body, looking, error);
    quoting_done(looking->service, &quoting);
    return status;
}

/* ---- what is due ----------------------------------------------------------------------------- */
static int look(struct looking *looking, struct error *error, enum renewal_done *ret_done) {
    const struct policy *policy = &looking->policy;
    *ret_done = RENEWAL_NOTHING;
    int status = db_read(looking->service->db, &db_scope_all, look_body, looking, error);
    if (status || !policy->id || policy->state != POLICY_ACTIVE || !policy->due_date ||
        !policy->renewal_on || strcmp(policy->renewal_on, looking->today_text) > 0)
        return status;
    status = policy_instalments(policy, looking->terms, looking->terms_count, looking->later,
                                error, &looking->instalments);
    if (!status && !day_read(policy->due_date, &looking->due))
        status = error_set(error, ERROR_INTERNAL, "%s has no date", policy->id);
    if (!status) status = version_find(looking, error);
    if (status) return status;
    if (day_compare(&looking->today, &looking->due) >= 0) {
        *ret_done = RENEWAL_RENEWED;
        return renew(looking, error);
    }
    struct value_date on = day_before(looking->rules, &looking->due);
    bool early = day_compare(&looking->today, &on) < 0;
    if (looking->renewal.id || looking->rules->renewal_as_is || early) {
        *ret_done = RENEWAL_PLANNED;
        return plan(looking, early && !looking->renewal.id ? &on : &looking->due, error);
    }
    *ret_done = RENEWAL_PREPARED;
    return prepare(looking, error);
}

int renewal_look(struct service *service, const char *policy_id, bool test, int64_t now_us,
                 struct scratch *scratch, struct error *error, enum renewal_done *ret_done) {
    struct looking *looking = scratch_take(scratch, sizeof *looking);
    struct error own = {0};
    if (!looking) return error_set(error, ERROR_TOO_LARGE, "a renewal needs more scratch memory");
    *looking = (struct looking){.service = service,
                                .scratch = scratch,
                                .policy_id = policy_id,
                                .test = test,
                                .now_us = now_us,
                                .today = day_at(now_us)};
    day_write(&looking->today, looking->today_text);
    buffer_init(&looking->sealed, 2 * ENCRYPTION_TEXT_MAX_BYTES);
    buffer_init(&looking->result, RECEIPT_MAX_BYTES);
    int status = look(looking, &own, ret_done);
    if (status == ERROR_CONFLICT) { /* another did it */
        status = 0;
        *ret_done = RENEWAL_NOTHING;
    } else if (status && !is_passing(status) && looking->policy.id) {
        /* It must not stand in the way of others: tomorrow again. */
        struct value_date tomorrow = day_add(&looking->today, 1);
        (void)plan(looking, &tomorrow, &(struct error){0});
    }
    catalogue_release(service->catalogue, looking->version);
    buffer_done(&looking->sealed);
    buffer_done(&looking->result);
    return status ? error_set(error, status, "%s", own.text) : 0;
}
