/* Writing leads, their events and offers. */
#include "domain/lead_store.h"

#include <string.h>

#include "domain/webhook.h"
#include "domain/working_hours.h"

static int conflict(const char *id, struct error *error) {
    return error_set(error, ERROR_CONFLICT, "%s was changed just now", id);
}

static struct db_value instant(int64_t instant_us) {
    return instant_us ? db_integer(instant_us) : db_null();
}

/* ---- events --------------------------------------------------------------------------------- */
/* Of the office that the lead is or was with: who lets it go sees the step that took it. */
static int event_insert(struct db_tx *tx, const struct lead *before, const struct lead *after,
                        enum lead_step step, const struct lead_by *by, struct error *error) {
    const char *partner_id = after->partner_id ? after->partner_id : before->partner_id;
    int status =
        db_run(tx, error, NULL,
               "insert into lead_event (lead_id, revision, partner_id, step, from_status,"
               " to_status, actor, user_id, key_id, request_id, reason, note, detail, at_us)"
               " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
               db_text(after->id), db_integer(after->revision), db_text(partner_id),
               db_text(lead_step_text(step)), db_text(lead_state_text(before->state)),
               db_text(lead_state_text(after->state)), db_text(lead_actor_text(by->actor)),
               db_text(by->user_id), db_text(by->key_id), db_text(by->request_id),
               db_text(by->reason), db_text(by->note), db_text(by->detail),
               db_integer(by->at_us));
    if (status || !partner_id) return status;
    return webhook_lead_insert(tx, after->id, partner_id, after->test, after->revision, step,
                               by->at_us, error);
}

/* ---- leads ---------------------------------------------------------------------------------- */
int lead_insert(struct db_tx *tx, const struct lead *lead, const struct lead_by *by,
                struct error *error) {
    struct lead before = *lead, made = *lead;
    before.state = LEAD_NEW;
    made.revision = 1;
    int status = db_run(
        tx, error, NULL,
        "insert into lead (id, partner_id, user_id, test, kind, status, revision, product,"
        " postcode_area, language, source, source_detail, sealed, sealed_key_id, email_index,"
        " telephone_index, quote_id, application_id, consent_text, consent_version,"
        " consent_source, consent_us, next_step, next_on, attempts, due_us, offered_us,"
        " offer_until_us, accepted_us, contacted_us, closed_us, reason, assignment,"
        " merged_into_id, created_us, changed_us)"
        " values ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
        " $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34,"
        " $35)",
        db_text(lead->id), db_text(lead->partner_id), db_text(lead->user_id),
        db_integer(lead->test), db_text(lead->kind), db_text(lead_state_text(lead->state)),
        db_text(lead->product), instant(lead->postcode_area), db_text(lead->language),
        db_text(lead->source), db_text(lead->source_detail), db_text(lead->sealed),
        db_text(lead->sealed_key_id), db_text(lead->email_index), db_text(lead->telephone_index),
        db_text(lead->quote_id), db_text(lead->application_id), db_text(lead->consent_text),
        db_text(lead->consent_version), db_text(lead->consent_source), instant(lead->consent_us),
        db_text(lead->next_step), db_text(lead->next_on), db_integer(lead->attempts),
        instant(lead->due_us), instant(lead->offered_us), instant(lead->offer_until_us),
        instant(lead->accepted_us), instant(lead->contacted_us), instant(lead->closed_us),
        db_text(lead->reason), db_text(lead->assignment), db_text(lead->merged_into_id),
        db_integer(lead->created_us), db_integer(lead->created_us));
    return status ? status : event_insert(tx, &before, &made, LEAD_CREATE, by, error);
}

static int update(struct db_tx *tx, const struct lead *before, const struct lead *after,
                  struct error *error, int64_t *ret_changed) {
    return db_run(
        tx, error, ret_changed,
        "update lead as l set partner_id = $1, user_id = $2, status = $3, revision = $4,"
        " product = $5, postcode_area = $6, language = $7, quote_id = $8, application_id = $9,"
        " next_step = $10, next_on = $11, attempts = $12, due_us = $13, offered_us = $14,"
        " offer_until_us = $15, accepted_us = $16, contacted_us = $17, closed_us = $18,"
        " reason = $19, assignment = $20, merged_into_id = $21, changed_us = $22"
        " where l.id = $23 and l.revision = $24 and l.status = $25 and $scope(l/user_id)",
        db_text(after->partner_id), db_text(after->user_id),
        db_text(lead_state_text(after->state)), db_integer(after->revision),
        db_text(after->product), instant(after->postcode_area), db_text(after->language),
        db_text(after->quote_id), db_text(after->application_id), db_text(after->next_step),
        db_text(after->next_on), db_integer(after->attempts), instant(after->due_us),
        instant(after->offered_us), instant(after->offer_until_us), instant(after->accepted_us),
        instant(after->contacted_us), instant(after->closed_us), db_text(after->reason),
        db_text(after->assignment), db_text(after->merged_into_id),
        db_integer(after->changed_us), db_text(before->id), db_integer(before->revision),
        db_text(lead_state_text(before->state)));
}

/* Who they are changes seldom, and is large. */
static int person_update(struct db_tx *tx, const struct lead *after, struct error *error) {
    return db_run(tx, error, NULL,
                  "update lead as l set sealed = $1, sealed_key_id = $2, email_index = $3,"
                  " telephone_index = $4 where l.id = $5 and $scope(l/user_id)",
                  db_text(after->sealed), db_text(after->sealed_key_id),
                  db_text(after->email_index), db_text(after->telephone_index),
                  db_text(after->id));
}

int lead_take(struct db_tx *tx, const struct lead *before, const struct lead *after,
              enum lead_step step, const struct lead_by *by, struct error *error) {
    struct lead taken = *after;
    int64_t changed = 0;
    taken.revision = before->revision + 1;
    taken.changed_us = by->at_us;
    /* First, while the lead is in scope still. */
    int status = after->sealed != before->sealed ? person_update(tx, after, error) : 0;
    if (!status) status = update(tx, before, &taken, error, &changed);
    if (!status && !changed) status = conflict(before->id, error);
    return status ? status : event_insert(tx, before, &taken, step, by, error);
}

void lead_settle(struct lead *lead, enum lead_state state, int64_t now_us) {
    lead->state = state;
    if (state != LEAD_OFFERED) lead->offer_until_us = lead->due_us = 0;
    lead->closed_us = lead_state_open(state) ? 0 : now_us;
    if (state != LEAD_NEW && state != LEAD_DECLINED && state != LEAD_EXPIRED) return;
    lead->partner_id = lead->user_id = NULL;
    lead->next_step = lead->next_on = NULL;
    lead->offered_us = lead->accepted_us = lead->contacted_us = 0;
}

/* ---- offers --------------------------------------------------------------------------------- */
int lead_offer_insert(struct db_tx *tx, const struct lead *lead, struct error *error) {
    return db_run(tx, error, NULL,
                  "insert into lead_offer (lead_id, number, partner_id, product, test, offered_us,"
                  " until_us, outcome, assignment) values ($1, (select coalesce(max(o.number), 0)"
                  " + 1 from lead_offer o where o.lead_id = $1 and $scope(o)), $2, $3, $4, $5, $6,"
                  " 'open', $7)",
                  db_text(lead->id), db_text(lead->partner_id), db_text(lead->product),
                  db_integer(lead->test), db_integer(lead->offered_us),
                  db_integer(lead->offer_until_us), db_text(lead->assignment));
}

static const char *const outcomes[] = {[LEAD_OFFER_ACCEPTED] = "accepted",
                                       [LEAD_OFFER_DECLINED] = "declined",
                                       [LEAD_OFFER_LAPSED] = "lapsed",
                                       [LEAD_OFFER_WITHDRAWN] = "withdrawn"};

int lead_offer_close(struct db_tx *tx, const struct lead *lead, enum lead_outcome outcome,
                     int contacted, const struct lead_by *by, struct error *error) {
    int64_t changed = 0;
    bool open = lead->state == LEAD_OFFERED;
    int64_t answer_us = working_hours_between(lead->offered_us, by->at_us);
    struct db_value said = contacted < 0 ? db_null() : db_integer(contacted);
    if (open)
        return db_run(tx, error, &changed,
                      "update lead_offer as o set outcome = $1, answered_us = $2, answer_us = $3,"
                      " reason = $4, contacted = $5"
                      " where o.lead_id = $6 and o.outcome = 'open' and $scope(o)",
                      db_text(outcomes[outcome]), db_integer(by->at_us), db_integer(answer_us),
                      db_text(by->reason), said, db_text(lead->id));
    /* The first answer was given then: when, stays. */
    return db_run(tx, error, &changed,
                  "update lead_offer as o set outcome = $1, reason = $2, contacted = $3"
                  " where o.lead_id = $4 and o.outcome = 'accepted' and o.partner_id = $5"
                  " and $scope(o)",
                  db_text(outcomes[outcome]), db_text(by->reason), said, db_text(lead->id),
                  db_text(lead->partner_id));
}

void lead_offer_prepare(struct lead *lead, const char *partner_id, const char *assignment,
                        int offer_hours, int64_t now_us) {
    lead_settle(lead, LEAD_OFFERED, now_us);
    lead->partner_id = partner_id;
    lead->user_id = lead->reason = NULL;
    lead->next_step = lead->next_on = NULL;
    lead->accepted_us = lead->contacted_us = 0;
    lead->offered_us = now_us;
    lead->offer_until_us = lead->due_us = working_hours_deadline(now_us, offer_hours);
    lead->assignment = assignment;
}

/* ---- deeds ---------------------------------------------------------------------------------- */
/* What spoils a deed that has begun spoils the whole. */
static int spoilt(int status, const struct error *own, struct error *error) {
    return error_set(error, status == ERROR_CONFLICT ? ERROR_BUSY : status, "%s", own->text);
}

int64_t lead_deed_revision(const struct lead_deed *deed) {
    return deed->before.revision + 1 + deed->takes_back;
}

int lead_deed_do(struct db_tx *tx, const struct lead_deed *deed, struct error *error) {
    struct lead before = deed->before, after = deed->after;
    struct error own = {0};
    int status = 0;
    if (deed->takes_back) {
        struct lead taken = before;
        lead_settle(&taken, LEAD_NEW, deed->by.at_us);
        status = lead_take(tx, &before, &taken, LEAD_TAKE_BACK, &deed->by, error);
        if (status) return status;
        before = taken;
        before.revision = deed->before.revision + 1;
    }
    status = lead_take(tx, &before, &after, deed->step, &deed->by,
                       deed->takes_back ? &own : error);
    if (status) return deed->takes_back ? spoilt(status, &own, error) : status;
    if (deed->closes)
        status = lead_offer_close(tx, &deed->before, deed->outcome, deed->contacted, &deed->by,
                                  &own);
    if (!status && deed->step == LEAD_OFFER) status = lead_offer_insert(tx, &after, &own);
    return status ? spoilt(status, &own, error) : 0;
}
