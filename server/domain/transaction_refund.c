/* What is paid back when a policy ends, and when it may end. */
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

int instalments_refund(const struct instalments *instalments, const struct value_date *end,
                       const struct value_date *today, struct error *error,
                       int64_t *ret_refund_cents) {
    int64_t end_days = days_of(end), today_days = days_of(today), refund_cents = 0;
    for (int i = 0;; i++) {
        if (i == INSTALMENTS_YEAR_MAX * POLICY_YEARS_MAX)
            return error_set(error, ERROR_TOO_LARGE, "a policy of more than %d years",
                             POLICY_YEARS_MAX);
        struct value_date first = instalments_day(instalments, i);
        struct value_date next = instalments_day(instalments, i + 1);
        int64_t from = days_of(&first), to = days_of(&next);
        if (from > today_days && from >= end_days) break;
        if (to <= end_days) continue;
        int64_t unused = to - (from > end_days ? from : end_days), whole = to - from;
        __int128 share = (__int128)instalments->instalment_cents * unused;
        refund_cents += (int64_t)((2 * share + whole) / (2 * whole));
    }
    *ret_refund_cents = refund_cents;
    return 0;
}

struct value_date policy_earliest_end(const struct value_date *first_day,
                                      const struct value_date *today, int first_term_months,
                                      int notice_months) {
    struct value_date noticed = add_months(today, notice_months);
    struct value_date served = add_months(first_day, first_term_months);
    return day_compare(&noticed, &served) < 0 ? served : noticed;
}
