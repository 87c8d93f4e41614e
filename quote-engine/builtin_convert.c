/* Built-in functions that make values of other values (DMN 1.5, tables 72 and 73): dates, times,
 * durations, numbers, texts; and `not`. */
#include "builtin.h"

#include "calendar.h"

#include <string.h>

/* ---- results ------------------------------------------------------------------------------- */

static void give_date(struct value_date date, struct value *ret_value) {
    *ret_value = (struct value){.kind = VALUE_DATE, .date = date};
}

static void give_time(struct evaluation *evaluation, const struct value_time *time,
                      struct value *ret_value) {
    *ret_value = value_null();
    struct value_time *kept = evaluation_take(evaluation, sizeof *kept);
    if (!kept)
        return;
    *kept = *time;
    *ret_value = (struct value){.kind = VALUE_TIME, .time = kept};
}

static void give_date_time(struct evaluation *evaluation, const struct value_date_time *date_time,
                           struct value *ret_value) {
    *ret_value = value_null();
    struct value_date_time *kept = evaluation_take(evaluation, sizeof *kept);
    if (!kept)
        return;
    *kept = *date_time;
    *ret_value = (struct value){.kind = VALUE_DATE_TIME, .date_time = kept};
}

/* The single argument of a conversion, out of its list when it is the only item there. */
static bool take_one(struct evaluation *evaluation, const char *name,
                     const struct value *arguments, int count, struct value *ret_argument,
                     struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, name, "a", arguments, count, checked, ret_value))
        return false;
    *ret_argument = checked[0];
    if (checked[0].kind == VALUE_LIST && checked[0].length == 1)
        *ret_argument = checked[0].items[0];
    return true;
}

static void refuse(struct evaluation *evaluation, const char *name, const char *wanted,
                   const struct value *argument, struct value *ret_value) {
    if (argument->kind == VALUE_TEXT)
        value_fail(evaluation, ret_value, "%s: \"%.*s\" is not %s", name,
                   (int)(argument->length < 60 ? argument->length : 60), argument->text, wanted);
    else
        value_fail(evaluation, ret_value, "%s: cannot be made of %s", name,
                   builtin_kind_name(argument->kind));
}

/* A number within bounds whose fraction counts for nothing here, as it must have none. */
static bool whole_within(const struct value *number, int64_t low, int64_t high,
                         int64_t *ret_whole) {
    int64_t whole;
    if (!decimal_to_int64(number->number, &whole) || whole < low || whole > high)
        return false;
    *ret_whole = whole;
    return true;
}

/* ---- dates and times ----------------------------------------------------------------------- */

static void run_date_from(struct evaluation *evaluation, const struct value *arguments, int count,
                          struct value *ret_value) {
    struct value from;
    struct value_date date;
    if (!take_one(evaluation, "date", arguments, count, &from, ret_value))
        return;
    if (from.kind == VALUE_DATE)
        *ret_value = from;
    else if (from.kind == VALUE_DATE_TIME)
        give_date(from.date_time->date, ret_value);
    else if (from.kind == VALUE_TEXT && calendar_read_date(from.text, from.length, &date))
        give_date(date, ret_value);
    else
        refuse(evaluation, "date", "a date such as 2026-01-31", &from, ret_value);
}

static void run_date_parts(struct evaluation *evaluation, const struct value *arguments, int count,
                           struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    int64_t year, month, day;
    if (!builtin_check(evaluation, "date", "nnn", arguments, count, checked, ret_value))
        return;
    if (!whole_within(&checked[0], -CALENDAR_YEAR_MAX, CALENDAR_YEAR_MAX, &year) ||
        !whole_within(&checked[1], 1, 12, &month) || !whole_within(&checked[2], 1, 31, &day) ||
        !calendar_date_valid(year, (int)month, (int)day)) {
        value_fail(evaluation, ret_value, "date: there is no such day");
        return;
    }
    *ret_value = value_date((int32_t)year, (int)month, (int)day);
}

static void run_time_from(struct evaluation *evaluation, const struct value *arguments, int count,
                          struct value *ret_value) {
    struct value from;
    struct value_time time;
    if (!take_one(evaluation, "time", arguments, count, &from, ret_value))
        return;
    if (from.kind == VALUE_TIME) {
        *ret_value = from;
    } else if (from.kind == VALUE_DATE_TIME) {
        give_time(evaluation, &from.date_time->time, ret_value);
    } else if (from.kind == VALUE_DATE) { /* a date begins at midnight UTC */
        time = (struct value_time){0, {ZONE_OFFSET, 0, 0, NULL}};
        give_time(evaluation, &time, ret_value);
    } else if (from.kind == VALUE_TEXT &&
               calendar_read_time(from.text, from.length, evaluation->moment, &time)) {
        give_time(evaluation, &time, ret_value);
    } else {
        refuse(evaluation, "time", "a time such as 09:30:00", &from, ret_value);
    }
}

static void run_time_parts(struct evaluation *evaluation, const struct value *arguments, int count,
                           struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    struct value_time time = {.zone = {ZONE_NONE, 0, 0, NULL}};
    struct decimal second;
    int64_t hour, minute, nanoseconds;
    if (!builtin_check(evaluation, "time", "nnn|U", arguments, count, checked, ret_value))
        return;
    if (!whole_within(&checked[0], 0, 23, &hour) || !whole_within(&checked[1], 0, 59, &minute) ||
        !decimal_round(checked[2].number, 9, DECIMAL_DOWN, &second) ||
        !decimal_to_scaled(second, 9, &nanoseconds) || nanoseconds < 0 ||
        nanoseconds >= 60 * NANOSECONDS_PER_SECOND) {
        value_fail(evaluation, ret_value, "time: there is no such time");
        return;
    }
    if (checked[3].kind == VALUE_DURATION) {
        struct value_duration offset = checked[3].duration;
        if (offset.nanosecond != 0 || offset.seconds > CALENDAR_OFFSET_MAX_SECONDS ||
            offset.seconds < -CALENDAR_OFFSET_MAX_SECONDS) {
            value_fail(evaluation, ret_value, "time: the offset must lie within 18 hours");
            return;
        }
        time.zone = (struct zone){ZONE_OFFSET, (int32_t)offset.seconds, 0, NULL};
    }
    time.nanosecond_of_day = (hour * 3600 + minute * 60) * NANOSECONDS_PER_SECOND + nanoseconds;
    give_time(evaluation, &time, ret_value);
}

static void run_date_time_from(struct evaluation *evaluation, const struct value *arguments,
                               int count, struct value *ret_value) {
    struct value from;
    struct value_date_time date_time;
    if (!take_one(evaluation, "date and time", arguments, count, &from, ret_value))
        return;
    if (from.kind == VALUE_DATE_TIME) {
        *ret_value = from;
    } else if (from.kind == VALUE_DATE) {
        date_time = (struct value_date_time){from.date, {0, {ZONE_OFFSET, 0, 0, NULL}}};
        give_date_time(evaluation, &date_time, ret_value);
    } else if (from.kind == VALUE_TEXT &&
               calendar_read_date_time(from.text, from.length, evaluation->moment, &date_time)) {
        give_date_time(evaluation, &date_time, ret_value);
    } else {
        refuse(evaluation, "date and time", "a date and time such as 2026-01-31T09:30:00", &from,
               ret_value);
    }
}

static void run_date_time_parts(struct evaluation *evaluation, const struct value *arguments,
                                int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    struct value_date_time date_time;
    if (!builtin_check(evaluation, "date and time", "dp", arguments, count, checked, ret_value))
        return;
    if (checked[1].kind != VALUE_TIME) {
        value_fail(evaluation, ret_value, "date and time: argument 2 must be a time, not %s",
                   builtin_kind_name(checked[1].kind));
        return;
    }
    date_time.date = checked[0].kind == VALUE_DATE ? checked[0].date : checked[0].date_time->date;
    date_time.time = *checked[1].time;
    give_date_time(evaluation, &date_time, ret_value);
}

/* ---- durations ----------------------------------------------------------------------------- */

static void run_duration(struct evaluation *evaluation, const struct value *arguments, int count,
                         struct value *ret_value) {
    struct value from;
    int64_t months;
    struct value_duration duration;
    if (!take_one(evaluation, "duration", arguments, count, &from, ret_value))
        return;
    if (from.kind == VALUE_MONTHS || from.kind == VALUE_DURATION)
        *ret_value = from;
    else if (from.kind == VALUE_TEXT && calendar_read_months(from.text, from.length, &months))
        *ret_value = (struct value){.kind = VALUE_MONTHS, .months = months};
    else if (from.kind == VALUE_TEXT && calendar_read_duration(from.text, from.length, &duration))
        *ret_value = (struct value){.kind = VALUE_DURATION, .duration = duration};
    else
        refuse(evaluation, "duration", "a duration such as P1Y6M or P2DT12H", &from, ret_value);
}

static void run_months_between(struct evaluation *evaluation, const struct value *arguments,
                               int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "years and months duration", "dd", arguments, count, checked,
                       ret_value))
        return;
    struct value_date from =
        checked[0].kind == VALUE_DATE ? checked[0].date : checked[0].date_time->date;
    struct value_date to =
        checked[1].kind == VALUE_DATE ? checked[1].date : checked[1].date_time->date;
    *ret_value =
        (struct value){.kind = VALUE_MONTHS, .months = calendar_months_between(from, to)};
}

/* ---- numbers and texts --------------------------------------------------------------------- */

enum { NUMBER_TEXT_MAX = 8192 }; /* longest text that is read as a number */

/* A separator: one of `allowed`, or none when null. */
static bool take_separator(const struct value *separator, const char *allowed, char *ret_byte) {
    if (separator->kind == VALUE_NULL) {
        *ret_byte = '\0';
        return true;
    }
    if (separator->length != 1 || !strchr(allowed, separator->text[0]))
        return false;
    *ret_byte = separator->text[0];
    return *ret_byte != '\0';
}

static void run_number(struct evaluation *evaluation, const struct value *arguments, int count,
                       struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    char grouping, point, text[NUMBER_TEXT_MAX];
    size_t length = 0;
    struct decimal number;
    if (!builtin_check(evaluation, "number", "t|TT", arguments, count, checked, ret_value))
        return;
    if (!take_separator(&checked[1], " ,.", &grouping) ||
        !take_separator(&checked[2], ".,", &point) || (grouping != '\0' && grouping == point)) {
        value_fail(evaluation, ret_value, "number: the grouping separator must be a blank, a comma "
                                          "or a point, and another than the decimal separator");
        return;
    }
    for (uint32_t index = 0; index < checked[0].length && length < sizeof text; index++) {
        char byte = checked[0].text[index];
        if (byte == grouping && grouping != '\0')
            continue;
        if (point == ',' && byte == '.') { /* a point is no part of such a number */
            length = 0;
            break;
        }
        text[length++] = point == ',' && byte == ',' ? '.' : byte;
    }
    if (length < sizeof text && decimal_parse(text, length, &number))
        *ret_value = value_number(number);
    else
        refuse(evaluation, "number", "a number", &checked[0], ret_value);
}

static void run_string(struct evaluation *evaluation, const struct value *arguments, int count,
                       struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "string", "a", arguments, count, checked, ret_value))
        return;
    if (checked[0].kind == VALUE_NULL) {
        *ret_value = value_null();
    } else if (!value_to_text(&checked[0], evaluation->scratch, ret_value)) {
        evaluation->status = QUOTE_TOO_LARGE;
        *ret_value = value_null();
    }
}

static void run_not(struct evaluation *evaluation, const struct value *arguments, int count,
                    struct value *ret_value) {
    struct value argument;
    if (!take_one(evaluation, "not", arguments, count, &argument, ret_value))
        return;
    if (argument.kind == VALUE_BOOLEAN)
        *ret_value = value_boolean(!argument.boolean);
    else if (argument.kind == VALUE_NULL)
        *ret_value = value_null();
    else
        refuse(evaluation, "not", "true or false", &argument, ret_value);
}

const struct builtin builtin_convert_rows[] = {
    {"date", {"from"}, 1, 1, run_date_from, TYPE_DATE, false},
    {"date", {"year", "month", "day"}, 3, 3, run_date_parts, TYPE_DATE, false},
    {"time", {"from"}, 1, 1, run_time_from, TYPE_TIME, false},
    {"time", {"hour", "minute", "second", "offset"}, 3, 4, run_time_parts, TYPE_TIME, false},
    {"date and time", {"from"}, 1, 1, run_date_time_from, TYPE_DATE_TIME, false},
    {"date and time", {"date", "time"}, 2, 2, run_date_time_parts, TYPE_DATE_TIME, false},
    {"duration", {"from"}, 1, 1, run_duration, TYPE_ANY, false},
    {"years and months duration", {"from", "to"}, 2, 2, run_months_between, TYPE_MONTHS, false},
    {"number", {"from", "grouping separator", "decimal separator"}, 1, 3, run_number, TYPE_NUMBER,
     false},
    {"string", {"from"}, 1, 1, run_string, TYPE_TEXT, false},
    {"not", {"negand"}, 1, 1, run_not, TYPE_BOOLEAN, false},
    {NULL, {NULL}, 0, 0, NULL, TYPE_ANY, false}};
