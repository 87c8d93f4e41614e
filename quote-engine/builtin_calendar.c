/* Built-in functions that look at dates (DMN 1.5, table 80): the clock that was handed in, days,
 * weeks and months. */
#include "builtin.h"

#include "calendar.h"

#include <string.h>

static void run_now(struct evaluation *evaluation, const struct value *arguments, int count,
                    struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "now", "", arguments, count, checked, ret_value))
        return;
    *ret_value = value_null();
    struct value_date_time *now = evaluation_take(evaluation, sizeof *now);
    if (!now)
        return;
    *now = evaluation->moment->now;
    *ret_value = (struct value){.kind = VALUE_DATE_TIME, .date_time = now};
}

static void run_today(struct evaluation *evaluation, const struct value *arguments, int count,
                      struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (builtin_check(evaluation, "today", "", arguments, count, checked, ret_value))
        *ret_value =
            (struct value){.kind = VALUE_DATE, .date = evaluation->moment->now.date};
}

/* The date of the one argument, which may be a date and time. */
static bool take_date(struct evaluation *evaluation, const char *name,
                      const struct value *arguments, int count, struct value_date *ret_date,
                      struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, name, "d", arguments, count, checked, ret_value))
        return false;
    *ret_date = checked[0].kind == VALUE_DATE ? checked[0].date : checked[0].date_time->date;
    return true;
}

static void run_day_of_year(struct evaluation *evaluation, const struct value *arguments, int count,
                            struct value *ret_value) {
    struct value_date date;
    if (take_date(evaluation, "day of year", arguments, count, &date, ret_value))
        *ret_value = value_int64(calendar_day_of_year(date));
}

static void run_week_of_year(struct evaluation *evaluation, const struct value *arguments,
                             int count, struct value *ret_value) {
    struct value_date date;
    if (take_date(evaluation, "week of year", arguments, count, &date, ret_value))
        *ret_value = value_int64(calendar_week_of_year(date));
}

static void run_day_of_week(struct evaluation *evaluation, const struct value *arguments, int count,
                            struct value *ret_value) {
    static const char *const names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
    struct value_date date;
    if (!take_date(evaluation, "day of week", arguments, count, &date, ret_value))
        return;
    const char *name = names[calendar_weekday(date) - 1];
    *ret_value = value_text(name, strlen(name));
}

static void run_month_of_year(struct evaluation *evaluation, const struct value *arguments,
                              int count, struct value *ret_value) {
    static const char *const names[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    struct value_date date;
    if (!take_date(evaluation, "month of year", arguments, count, &date, ret_value))
        return;
    const char *name = names[date.month - 1];
    *ret_value = value_text(name, strlen(name));
}

const struct builtin builtin_calendar_rows[] = {
    {"now", {NULL}, 0, 0, run_now, TYPE_DATE_TIME, false},
    {"today", {NULL}, 0, 0, run_today, TYPE_DATE, false},
    {"day of year", {"date"}, 1, 1, run_day_of_year, TYPE_NUMBER, false},
    {"week of year", {"date"}, 1, 1, run_week_of_year, TYPE_NUMBER, false},
    {"day of week", {"date"}, 1, 1, run_day_of_week, TYPE_TEXT, false},
    {"month of year", {"date"}, 1, 1, run_month_of_year, TYPE_TEXT, false},
    {NULL, {NULL}, 0, 0, NULL, TYPE_ANY, false}};
