/* From quote to policy and to its end: the states, and the table of who may take which step. All
 * that takes a step asks here first; the store's constraints and conditional updates have the last
 * word on two who come at once. Pure.
 *
 * A quote is accepted, which makes an application; what was offered and is issued straight through
 * is a policy at once. A referred one waits for an underwriter. A policy ends by withdrawal within
 * the days that a consumer has, or by cancellation.
 *
 * The terms of a policy change when a change is confirmed (one that was referred waits for an
 * underwriter first), or when a renewal takes effect, which the system prepares for each contract
 * period. Either is made on the terms that the policy had: when these change, the others that were
 * open are overtaken. */
#ifndef KOPPEL_DOMAIN_TRANSACTION_H
#define KOPPEL_DOMAIN_TRANSACTION_H

#include "auth/caller.h"
#include "base/error.h"
#include "quote-engine/quote.h"
#include "quote-engine/text.h"

enum {
    APPLICATION_EXPIRY_DAYS = 90, /* an application that nobody decided on ends after these */
    INSTALMENTS_YEAR_MAX = 52,
    POLICY_YEARS_MAX = 100
};

/* Who takes steps: kinds of callers, and the system itself. */
enum { ACTOR_SYSTEM = 1 << 8 };

enum transaction_state {
    QUOTE_OFFERED,
    QUOTE_REFERRED,
    QUOTE_DECLINED,
    APPLICATION_RECEIVED,  /* waits for nothing but its policy */
    APPLICATION_IN_REVIEW, /* waits for an underwriter */
    APPLICATION_APPROVED,  /* by an underwriter; waits for its policy */
    APPLICATION_ISSUED,    /* has its policy: what happens on happens to that */
    APPLICATION_REJECTED,
    APPLICATION_WITHDRAWN, /* by the applicant, before there was a policy */
    APPLICATION_EXPIRED,
    POLICY_ACTIVE,    /* issued; cover runs from its first day */
    POLICY_WITHDRAWN, /* within the days for that: as if it had never been */
    POLICY_CANCELLED, /* has a last day */
    CHANGE_OFFERED,   /* rated; waits until it is confirmed */
    CHANGE_REFERRED,  /* likewise; then an underwriter decides */
    CHANGE_DECLINED,
    CHANGE_IN_REVIEW, /* was confirmed, waits for an underwriter */
    CHANGE_CONFIRMED, /* gave the policy its terms */
    CHANGE_REJECTED,
    CHANGE_WITHDRAWN,
    CHANGE_EXPIRED,
    CHANGE_OVERTAKEN,  /* the policy got other terms, or ended */
    RENEWAL_OFFERED,   /* takes effect on its date */
    RENEWAL_IN_REVIEW, /* referred, declined or not rated: waits for an underwriter */
    RENEWAL_APPROVED,  /* by an underwriter; takes effect on its date */
    RENEWAL_STOPPED,   /* the policy goes on as it is */
    RENEWAL_IN_EFFECT, /* gave the policy its terms, if it had a premium */
    RENEWAL_REJECTED,  /* the policy ends on that date */
    RENEWAL_EXPIRED,   /* nobody decided in time: the policy goes on as it is */
    RENEWAL_OVERTAKEN,
    TRANSACTION_STATES
};

enum transaction_step {
    TRANSACTION_ACCEPT,
    TRANSACTION_REVIEW, /* what was referred goes to an underwriter */
    TRANSACTION_APPROVE,
    TRANSACTION_REJECT,
    TRANSACTION_ISSUE,
    TRANSACTION_WITHDRAW,
    TRANSACTION_CANCEL,
    TRANSACTION_EXPIRE,
    TRANSACTION_CHANGE,   /* a change is asked for; of the policy: its terms are changed */
    TRANSACTION_CONFIRM,  /* a change by the policyholder */
    TRANSACTION_PREPARE,  /* a renewal */
    TRANSACTION_RENEW,    /* the policy enters a contract period; its renewal takes effect */
    TRANSACTION_STOP,     /* a renewal */
    TRANSACTION_OVERTAKE, /* by other terms, or the policy's end */
    TRANSACTION_STEPS
};

/* As rows and answers name them: "in_review"; "approve". Unique within quotes, applications,
 * policies, changes and renewals each. */
const char *transaction_state_text(enum transaction_state state);
const struct text *transaction_state_label(enum transaction_state state);
const char *transaction_step_text(enum transaction_step step);
/* The application's or policy's state of that name; TRANSACTION_STATES: none. */
enum transaction_state application_state_read(const char *text);
enum transaction_state policy_state_read(const char *text);
enum transaction_state change_state_read(const char *text);
enum transaction_state renewal_state_read(const char *text);

enum transaction_answer {
    TRANSACTION_ALLOWED,
    TRANSACTION_WRONG_STATE, /* nobody can, from here */
    TRANSACTION_WRONG_ACTOR  /* others can */
};
/* May these actors (bits) take the step from there? `ret_to` (may be NULL) is where it leads. */
enum transaction_answer transaction_ask(enum transaction_step step, enum transaction_state from,
                                        unsigned actor, enum transaction_state *ret_to);

/* ---- money and days ----
 * Instalments are due on the first day of their period: months of equal number for 1, 2, 3, 4, 6
 * and 12 a year, days (28, 14, 7) for 13, 26 and 52. The 29th to 31st become a month's last day. */
struct instalments {
    struct value_date first_day; /* of cover */
    int a_year;
    int64_t instalment_cents;
    const struct instalments_later *later; /* by date; a day costs what the last of them says */
    int later_count;
};
struct instalments_later {
    struct value_date from;
    int64_t instalment_cents;
};

/* The first day of the period with that index, from 0. */
struct value_date instalments_day(const struct instalments *instalments, int index);

/* What is to be paid back when cover ends and `end` is the first day without it: of every
 * instalment that is due by `today` or whose period begins before `end`, the share of its days
 * from `end` on, each rounded half up to a cent. An `end` at the first day gives back all that is
 * due. 0 when nothing is. Where an instalment's days cost differently, each part is rounded by
 * itself. ERROR_TOO_LARGE past POLICY_YEARS_MAX. */
int instalments_refund(const struct instalments *instalments, const struct value_date *end,
                       const struct value_date *today, struct error *error,
                       int64_t *ret_refund_cents);

/* What other instalments cost more (negative: less) than the last of these, from `from` until
 * `until`, the first day that is left out: of every instalment the share of its days, rounded half
 * away from zero to a cent. `ret_settlement_cents` is what of that falls into instalments that are
 * due by `today` or whose period begins before `from`; the rest comes with the instalments to be.
 * ERROR_TOO_LARGE past POLICY_YEARS_MAX. */
int instalments_difference(const struct instalments *instalments, const struct value_date *from,
                           const struct value_date *until, const struct value_date *today,
                           int64_t instalment_cents, struct error *error,
                           int64_t *ret_difference_cents, int64_t *ret_settlement_cents);

/* The first main due date after `day`, of a policy whose cover began on `first_day`. */
struct value_date policy_due_date(const struct value_date *first_day, int contract_months,
                                  const struct value_date *day);

/* The earliest first day without cover for a policyholder who gives notice today: the notice in
 * months counts from today, and cover lasts its first term. */
struct value_date policy_earliest_end(const struct value_date *first_day,
                                      const struct value_date *today, int first_term_months,
                                      int notice_months);

#endif
