/* The table of states and steps. */
#include "domain/transaction.h"

#include <string.h>

static const struct {
    const char *text;
    struct text label;
} states[TRANSACTION_STATES] = {
    [QUOTE_OFFERED] = {"offered", {"aangeboden", "offered"}},
    [QUOTE_REFERRED] = {"referred", {"voorgelegd aan een acceptant", "referred"}},
    [QUOTE_DECLINED] = {"declined", {"niet mogelijk", "declined"}},
    [APPLICATION_RECEIVED] = {"received", {"ontvangen", "received"}},
    [APPLICATION_IN_REVIEW] = {"in_review", {"in beoordeling", "in review"}},
    [APPLICATION_APPROVED] = {"approved", {"goedgekeurd", "approved"}},
    [APPLICATION_ISSUED] = {"issued", {"polis afgegeven", "policy issued"}},
    [APPLICATION_REJECTED] = {"rejected", {"afgewezen", "rejected"}},
    [APPLICATION_WITHDRAWN] = {"withdrawn", {"ingetrokken", "withdrawn"}},
    [APPLICATION_EXPIRED] = {"expired", {"verlopen", "expired"}},
    [POLICY_ACTIVE] = {"active", {"van kracht", "active"}},
    [POLICY_WITHDRAWN] = {"withdrawn", {"herroepen", "withdrawn"}},
    [POLICY_CANCELLED] = {"cancelled", {"opgezegd", "cancelled"}},
    [CHANGE_OFFERED] = {"offered", {"aangeboden", "offered"}},
    [CHANGE_REFERRED] = {"referred", {"gaat naar een acceptant", "goes to an underwriter"}},
    [CHANGE_DECLINED] = {"declined", {"niet mogelijk", "declined"}},
    [CHANGE_IN_REVIEW] = {"in_review", {"in beoordeling", "in review"}},
    [CHANGE_CONFIRMED] = {"confirmed", {"bevestigd", "confirmed"}},
    [CHANGE_REJECTED] = {"rejected", {"afgewezen", "rejected"}},
    [CHANGE_WITHDRAWN] = {"withdrawn", {"ingetrokken", "withdrawn"}},
    [CHANGE_EXPIRED] = {"expired", {"verlopen", "expired"}},
    [CHANGE_OVERTAKEN] = {"overtaken", {"achterhaald", "overtaken"}},
    [RENEWAL_OFFERED] = {"offered", {"aangekondigd", "announced"}},
    [RENEWAL_IN_REVIEW] = {"in_review", {"in beoordeling", "in review"}},
    [RENEWAL_APPROVED] = {"approved", {"goedgekeurd", "approved"}},
    [RENEWAL_STOPPED] = {"stopped", {"tegengehouden", "stopped"}},
    [RENEWAL_IN_EFFECT] = {"in_effect", {"ingegaan", "in effect"}},
    [RENEWAL_REJECTED] = {"rejected", {"niet verlengd", "not renewed"}},
    [RENEWAL_EXPIRED] = {"expired", {"niet op tijd beslist", "not decided in time"}},
    [RENEWAL_OVERTAKEN] = {"overtaken", {"achterhaald", "overtaken"}}};

static const char *const step_texts[TRANSACTION_STEPS] = {
    [TRANSACTION_ACCEPT] = "accept",   [TRANSACTION_REVIEW] = "review",
    [TRANSACTION_APPROVE] = "approve", [TRANSACTION_REJECT] = "reject",
    [TRANSACTION_ISSUE] = "issue",     [TRANSACTION_WITHDRAW] = "withdraw",
    [TRANSACTION_CANCEL] = "cancel",   [TRANSACTION_EXPIRE] = "expire",
    [TRANSACTION_CHANGE] = "change",   [TRANSACTION_CONFIRM] = "confirm",
    [TRANSACTION_PREPARE] = "prepare", [TRANSACTION_RENEW] = "renew",
    [TRANSACTION_STOP] = "stop",       [TRANSACTION_OVERTAKE] = "overtake"};

enum {
    PARTNER = CALLER_SECRET_KEY,
    WEBSITE = CALLER_PUBLISHABLE_KEY,
    ORGANISATION = CALLER_ORGANISATION
};

/* Who may do what. A website acts for a visitor and only starts; what follows is told to people by
 * their adviser or by the organisation. */
static const struct rule {
    enum transaction_step step;
    enum transaction_state from, to;
    unsigned actors;
} rules[] = {
    {TRANSACTION_ACCEPT, QUOTE_OFFERED, APPLICATION_RECEIVED, PARTNER | WEBSITE},
    {TRANSACTION_ACCEPT, QUOTE_REFERRED, APPLICATION_RECEIVED, PARTNER | WEBSITE},
    {TRANSACTION_REVIEW, APPLICATION_RECEIVED, APPLICATION_IN_REVIEW, ACTOR_SYSTEM},
    {TRANSACTION_APPROVE, APPLICATION_IN_REVIEW, APPLICATION_APPROVED, ORGANISATION},
    {TRANSACTION_REJECT, APPLICATION_IN_REVIEW, APPLICATION_REJECTED, ORGANISATION},
    {TRANSACTION_REJECT, APPLICATION_RECEIVED, APPLICATION_REJECTED, ORGANISATION},
    {TRANSACTION_ISSUE, APPLICATION_RECEIVED, APPLICATION_ISSUED, ORGANISATION | ACTOR_SYSTEM},
    {TRANSACTION_ISSUE, APPLICATION_APPROVED, APPLICATION_ISSUED, ORGANISATION},
    {TRANSACTION_WITHDRAW, APPLICATION_RECEIVED, APPLICATION_WITHDRAWN, PARTNER | ORGANISATION},
    {TRANSACTION_WITHDRAW, APPLICATION_IN_REVIEW, APPLICATION_WITHDRAWN, PARTNER | ORGANISATION},
    {TRANSACTION_WITHDRAW, APPLICATION_APPROVED, APPLICATION_WITHDRAWN, PARTNER | ORGANISATION},
    {TRANSACTION_WITHDRAW, POLICY_ACTIVE, POLICY_WITHDRAWN, PARTNER | ORGANISATION},
    {TRANSACTION_CANCEL, POLICY_ACTIVE, POLICY_CANCELLED, PARTNER | ORGANISATION},
    {TRANSACTION_EXPIRE, APPLICATION_RECEIVED, APPLICATION_EXPIRED, ACTOR_SYSTEM},
    {TRANSACTION_EXPIRE, APPLICATION_IN_REVIEW, APPLICATION_EXPIRED, ACTOR_SYSTEM},
    {TRANSACTION_EXPIRE, APPLICATION_APPROVED, APPLICATION_EXPIRED, ACTOR_SYSTEM},
    {TRANSACTION_CHANGE, POLICY_ACTIVE, POLICY_ACTIVE, PARTNER | ORGANISATION},
    {TRANSACTION_CONFIRM, CHANGE_OFFERED, CHANGE_CONFIRMED, PARTNER | ORGANISATION},
    {TRANSACTION_CONFIRM, CHANGE_REFERRED, CHANGE_IN_REVIEW, PARTNER | ORGANISATION},
    {TRANSACTION_APPROVE, CHANGE_IN_REVIEW, CHANGE_CONFIRMED, ORGANISATION},
    {TRANSACTION_REJECT, CHANGE_IN_REVIEW, CHANGE_REJECTED, ORGANISATION},
    {TRANSACTION_WITHDRAW, CHANGE_OFFERED, CHANGE_WITHDRAWN, PARTNER | ORGANISATION},
    {TRANSACTION_WITHDRAW, CHANGE_REFERRED, CHANGE_WITHDRAWN, PARTNER | ORGANISATION},
    {TRANSACTION_WITHDRAW, CHANGE_IN_REVIEW, CHANGE_WITHDRAWN, PARTNER | ORGANISATION},
    {TRANSACTION_EXPIRE, CHANGE_OFFERED, CHANGE_EXPIRED, ACTOR_SYSTEM},
    {TRANSACTION_EXPIRE, CHANGE_REFERRED, CHANGE_EXPIRED, ACTOR_SYSTEM},
    {TRANSACTION_EXPIRE, CHANGE_IN_REVIEW, CHANGE_EXPIRED, ACTOR_SYSTEM},
    {TRANSACTION_OVERTAKE, CHANGE_OFFERED, CHANGE_OVERTAKEN, ACTOR_SYSTEM},
    {TRANSACTION_OVERTAKE, CHANGE_REFERRED, CHANGE_OVERTAKEN, ACTOR_SYSTEM},
    {TRANSACTION_OVERTAKE, CHANGE_IN_REVIEW, CHANGE_OVERTAKEN, ACTOR_SYSTEM},
    {TRANSACTION_PREPARE, POLICY_ACTIVE, POLICY_ACTIVE, ACTOR_SYSTEM},
    {TRANSACTION_RENEW, POLICY_ACTIVE, POLICY_ACTIVE, ACTOR_SYSTEM},
    {TRANSACTION_RENEW, RENEWAL_OFFERED, RENEWAL_IN_EFFECT, ACTOR_SYSTEM},
    {TRANSACTION_RENEW, RENEWAL_APPROVED, RENEWAL_IN_EFFECT, ACTOR_SYSTEM},
    {TRANSACTION_APPROVE, RENEWAL_IN_REVIEW, RENEWAL_APPROVED, ORGANISATION},
    {TRANSACTION_REJECT, RENEWAL_IN_REVIEW, RENEWAL_REJECTED, ORGANISATION},
    {TRANSACTION_STOP, RENEWAL_OFFERED, RENEWAL_STOPPED, ORGANISATION},
    {TRANSACTION_STOP, RENEWAL_IN_REVIEW, RENEWAL_STOPPED, ORGANISATION},
    {TRANSACTION_STOP, RENEWAL_APPROVED, RENEWAL_STOPPED, ORGANISATION},
    {TRANSACTION_EXPIRE, RENEWAL_IN_REVIEW, RENEWAL_EXPIRED, ACTOR_SYSTEM},
    {TRANSACTION_OVERTAKE, RENEWAL_OFFERED, RENEWAL_OVERTAKEN, ACTOR_SYSTEM},
    {TRANSACTION_OVERTAKE, RENEWAL_IN_REVIEW, RENEWAL_OVERTAKEN, ACTOR_SYSTEM},
    {TRANSACTION_OVERTAKE, RENEWAL_APPROVED, RENEWAL_OVERTAKEN, ACTOR_SYSTEM}};

const char *transaction_state_text(enum transaction_state state) {
    return states[state].text;
}

const struct text *transaction_state_label(enum transaction_state state) {
    return &states[state].label;
}

const char *transaction_step_text(enum transaction_step step) {
    return step_texts[step];
}

static enum transaction_state read_between(const char *text, int first, int last) {
    for (int state = first; text && state <= last; state++)
        if (strcmp(text, states[state].text) == 0) return (enum transaction_state)state;
    return TRANSACTION_STATES;
}

enum transaction_state application_state_read(const char *text) {
    return read_between(text, APPLICATION_RECEIVED, APPLICATION_EXPIRED);
}

enum transaction_state policy_state_read(const char *text) {
    return read_between(text, POLICY_ACTIVE, POLICY_CANCELLED);
}

enum transaction_state change_state_read(const char *text) {
    return read_between(text, CHANGE_OFFERED, CHANGE_OVERTAKEN);
}

enum transaction_state renewal_state_read(const char *text) {
    return read_between(text, RENEWAL_OFFERED, RENEWAL_OVERTAKEN);
}

enum transaction_answer transaction_ask(enum transaction_step step, enum transaction_state from,
                                        unsigned actor, enum transaction_state *ret_to) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *rule = &rules[i];
        if (rule->step != step || rule->from != from) continue;
        if (!(rule->actors & actor)) return TRANSACTION_WRONG_ACTOR;
        if (ret_to) *ret_to = rule->to;
        return TRANSACTION_ALLOWED;
    }
    return TRANSACTION_WRONG_STATE;
}
