/* What is paid back when a policy ends and what other terms cost, day by day; and when it may end
 * and is renewed. */
#include <stdio.h>

#include "base/error.h"
#include "domain/calendar_day.h"
#include "domain/transaction.h"

static struct value_date add_months(const struct value_date *from, int64_t months) {
    char bound[CLOCK_DATE_MAX];
    struct value_date day = *from;
    snprintf(bound, sizeof bound, "P%dM", (int)months);
    (void)day_bound(bound, from, &day);
    return day;
}

static int64_t days_of(const struct value_date *date) {
    return clock_days(date->year, date->month, date->day);
}

struct value_date instalments_day(const struct instalments *instalments, int index) {
    if (instalments->a_year > 12)
        return day_add(&instalments->first_day,
                       (int64_t)index * (instalments->a_year == 52   ? 7
                                         : instalments->a_year == 26 ? 14
                                                                     : 28));
    return add_months(&instalments->first_day, (int64_t)index * (12 / instalments->a_year));
}

static int too_long(struct error *error) {
    return error_set(error, ERROR_TOO_LARGE, "a policy of more than %d years", POLICY_YEARS_MAX);
}

/* The share of an amount, rounded half away from zero. */
static int64_t share_of(int64_t cents, int64_t days, int64_t whole) {
    __int128 share = (__int128)(cents < 0 ? -cents : cents) * days;
    int64_t rounded = (int64_t)((2 * share + whole) / (2 * whole));
    return cents < 0 ? -rounded : rounded;
}

/* What the days from `from` until `until` cost, within an instalment's period of `whole` days. */
static int64_t days_cost(const struct instalments *instalments, int64_t from, int64_t until,
                         int64_t whole) {
    int64_t cents = instalments->instalment_cents, cost_cents = 0;
    for (int i = 0; i <= instalments->later_count && from < until; i++) {
        bool last = i == instalments->later_count;
        int64_t end = last ? until : days_of(&instalments->later[i].from);
        if (end > until) end = until;
        if (end > from) cost_cents += share_of(cents, end - from, whole);
        if (end > from) from = end;
        if (!last) cents = instalments->later[i].instalment_cents;
    }
    return cost_cents;
}

int instalments_refund(const struct instalments *instalments, const struct value_date *end,
                       const struct value_date *today, struct error *error,
                       int64_t *ret_refund_cents) {
    int64_t end_days = days_of(end), today_days = days_of(today), refund_cents = 0;
    for (int i = 0;; i++) {
        if (i == INSTALMENTS_YEAR_MAX * POLICY_YEARS_MAX) return too_long(error);
        struct value_date first = instalments_day(instalments, i);
        struct value_date next = instalments_day(instalments, i + 1);
        int64_t from = days_of(&first), to = days_of(&next);
        if (from > today_days && from >= end_days) break;
        if (to <= end_days) continue;
        refund_cents += days_cost(instalments, from > end_days ? from : end_days, to, to - from);
    }
    *ret_refund_cents = refund_cents;
    return 0;
}

int instalments_difference(const struct instalments *instalments, const struct value_date *from,
                           const struct value_date *until, const struct value_date *today,
                           int64_t instalment_cents, struct error *error,
                           int64_t *ret_difference_cents, int64_t *ret_settlement_cents) {
    int64_t from_days = days_of(from), until_days = days_of(until), today_days = days_of(today);
    int64_t old_cents = instalments->later_count
                            ? instalments->later[instalments->later_count - 1].instalment_cents
                            : instalments->instalment_cents;
    int64_t difference_cents = 0, settlement_cents = 0;
    for (int i = 0;; i++) {
        if (i == INSTALMENTS_YEAR_MAX * POLICY_YEARS_MAX) return too_long(error);
        struct value_date first = instalments_day(instalments, i);
        struct value_date next = instalments_day(instalments, i + 1);
        int64_t begin = days_of(&first), end = days_of(&next), whole = end - begin;
        if (begin >= until_days) break;
        bool due = begin <= today_days || begin < from_days;
        int64_t start = begin > from_days ? begin : from_days;
        int64_t stop = end < until_days ? end : until_days;
        if (stop <= start) continue;
        difference_cents += share_of(instalment_cents - old_cents, stop - start, whole);
        /* An instalment is due as a whole, also where it reaches past the period. */
        if (due) settlement_cents += share_of(instalment_cents - old_cents, end - start, whole);
    }
    *ret_difference_cents = difference_cents;
    *ret_settlement_cents = settlement_cents;
    return 0;
}

struct value_date policy_due_date(const struct value_date *first_day, int contract_months,
                                  const struct value_date *day) {
    int64_t months = (int64_t)(day->year - first_day->year) * 12 + day->month - first_day->month;
    int64_t periods = months > 0 ? months / contract_months : 0;
    struct value_date due = add_months(first_day, (periods + 1) * contract_months);
    if (day_compare(&due, day) <= 0) due = add_months(first_day, (periods + 2) * contract_months);
    return due;
}

struct value_date policy_earliest_end(const struct value_date *first_day,
                                      const struct value_date *today, int first_term_months,
                                      int notice_months) {
    struct value_date noticed = add_months(today, notice_months);
    struct value_date served = add_months(first_day, first_term_months);
    return day_compare(&noticed, &served) < 0 ? served : noticed;
}
