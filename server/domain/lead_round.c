/* Read, choose, write: the choosing, which looks at every office, holds up no writer. */
#include "domain/lead_round.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum { SCRATCH_BYTES = 1024 * 1024 };

struct decision {
    struct lead lead;
    const char *partner_id; /* NULL: nobody is left */
    char assignment[LEAD_REASON_BYTES_MAX];
};

struct work {
    struct catalogue *catalogue;
    int64_t now_us;
    char today[CLOCK_DATE_MAX];
    struct lead_rule_list rules;
    struct lead_market *market;
    struct lead_round done;
    struct lead leads[LEAD_ROUND_MAX];
    struct lead_let_go let_go[LEAD_ROUND_MAX];
    struct decision decisions[LEAD_ROUND_MAX];
    struct scratch scratch;
    char memory[SCRATCH_BYTES];
};

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct work *work = context;
    scratch_init(&work->scratch, work->memory, sizeof work->memory);
    work->done.due = 0;
    int status = lead_due_list(tx, work->now_us, LEAD_ROUND_MAX, &work->scratch, error,
                               work->leads, &work->done.due);
    if (status || !work->done.due) return status;
    status = lead_rules_read(tx, error, &work->rules);
    for (int i = 0; !status && i < work->done.due; i++)
        status = lead_let_go_read(tx, &work->leads[i], error, &work->let_go[i]);
    lead_market_free(work->market);
    work->market = NULL;
    return status ? status : lead_market_read(tx, work->today, error, &work->market);
}

/* A product that is sold no more asks nothing: nobody sells it. The version is held by the caller
 * while the codes are used. */
static const struct product_version *version_of(const struct work *work, const char *product,
                                                struct lead_requirement *ret_requirement) {
    const struct product_version *version = NULL;
    *ret_requirement = (struct lead_requirement){NULL, NULL};
    if (!product || catalogue_find(work->catalogue, product, work->today, work->now_us, NULL,
                                   &version))
        return NULL;
    const struct product_sell *sell = &product_info(version->product)->sell;
    *ret_requirement = (struct lead_requirement){sell->licence, sell->diploma};
    return version;
}

static int decide(struct work *work, uint64_t seed, struct error *error) {
    struct buffer json;
    int status = 0;
    buffer_init(&json, LEAD_REASON_BYTES_MAX - 1);
    for (int i = 0; !status && i < work->done.due; i++) {
        struct decision *decision = &work->decisions[i];
        struct lead_reason reason = {0};
        struct lead_requirement requirement;
        decision->lead = work->leads[i];
        const struct product_version *version =
            version_of(work, decision->lead.product, &requirement);
        decision->partner_id =
            lead_market_assign(work->market, &work->rules, &work->leads[i], &requirement,
                               &work->let_go[i], seed + (uint64_t)i, &reason);
        catalogue_release(work->catalogue, version);
        buffer_clear(&json);
        lead_reason_write(&reason, &json);
        if (json.failed) status = error_set(error, buffer_failure(&json), "no memory for a reason");
        else memcpy(decision->assignment, json.data, json.length + 1);
    }
    buffer_done(&json);
    return status;
}

/* ---- writing -------------------------------------------------------------------------------- */
static int lapse(struct db_tx *tx, struct lead *lead, const struct lead_by *by,
                 struct error *error) {
    struct lead_deed deed = {.before = *lead,
                             .after = *lead,
                             .step = LEAD_LAPSE,
                             .by = *by,
                             .closes = true,
                             .outcome = LEAD_OFFER_LAPSED,
                             .contacted = -1};
    lead_settle(&deed.after, LEAD_EXPIRED, by->at_us);
    int status = lead_deed_do(tx, &deed, error);
    deed.after.revision = lead->revision + 1;
    if (!status) *lead = deed.after;
    return status;
}

/* To the office that was chosen, or to the organisation with the reason. */
static int give(struct db_tx *tx, const struct lead *lead, const struct decision *decision,
                int offer_hours, const struct lead_by *by, struct error *error) {
    struct lead_deed deed = {.before = *lead, .after = *lead, .step = LEAD_POOL, .by = *by};
    deed.by.detail = deed.after.assignment = decision->assignment;
    deed.after.due_us = 0;
    if (decision->partner_id) {
        deed.step = LEAD_OFFER;
        lead_offer_prepare(&deed.after, decision->partner_id, decision->assignment, offer_hours,
                           by->at_us);
    }
    return lead_deed_do(tx, &deed, error);
}

static int decision_write(struct db_tx *tx, const struct work *work,
                          const struct decision *decision, struct lead_round *done,
                          struct error *error) {
    struct lead lead = decision->lead;
    struct lead_by by = {.actor = LEAD_BY_SYSTEM, .at_us = work->now_us};
    int status = 0;
    if (lead.state == LEAD_OFFERED) {
        status = lapse(tx, &lead, &by, error);
        done->lapsed += !status;
    }
    if (status) return status;
    status = give(tx, &lead, decision, work->rules.offer_hours, &by, error);
    done->offered += !status && decision->partner_id;
    done->pooled += !status && !decision->partner_id;
    return status;
}

/* A lead that somebody changed since it was read is left as it is: when it is due still, the next
 * round finds it. */
static int write_body(struct db_tx *tx, void *context, struct error *error) {
    struct work *work = context;
    struct lead_round done = {.due = work->done.due};
    int status = 0;
    for (int i = 0; !status && i < done.due; i++) {
        struct error own = {0};
        status = decision_write(tx, work, &work->decisions[i], &done, &own);
        if (status && status != ERROR_CONFLICT) return error_set(error, status, "%s", own.text);
        status = 0;
    }
    work->done = done;
    return status;
}

int lead_round_do(struct service *service, int64_t now_us, uint64_t seed, struct error *error,
                  struct lead_round *ret_round) {
    struct work *work = calloc(1, sizeof *work);
    if (!work) return error_set(error, ERROR_NO_MEMORY, "no memory to divide leads");
    struct db *db = service->db;
    work->catalogue = service->catalogue;
    work->now_us = now_us;
    clock_amsterdam_date_text(now_us, work->today);
    int status = db_read(db, &db_scope_all, read_body, work, error);
    if (!status && work->done.due) status = decide(work, seed, error);
    if (!status && work->done.due) status = db_write(db, &db_scope_all, write_body, work, error);
    if (!status) *ret_round = work->done;
    lead_market_free(work->market);
    free(work);
    return status;
}
