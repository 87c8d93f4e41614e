/* FEEL's operators and order on dates, times and durations. Every sum and product is checked: what
 * leaves the range of the calendar or of 64 bits has no result. */
#include "calendar.h"

#define NANOSECONDS_PER_DAY (SECONDS_PER_DAY * NANOSECONDS_PER_SECOND)

/* ---- results ------------------------------------------------------------------------------- */

static struct value make_duration(int64_t seconds, int32_t nanosecond) {
    return (struct value){.kind = VALUE_DURATION, .duration = {seconds, nanosecond}};
}

static struct value make_months(int64_t months) {
    return (struct value){.kind = VALUE_MONTHS, .months = months};
}

static bool make_time(const struct value_time *time, struct scratch *scratch,
                      struct value *ret_value) {
    struct value_time *kept = scratch_take(scratch, sizeof *kept);
    if (!kept)
        return false;
    *kept = *time;
    *ret_value = (struct value){.kind = VALUE_TIME, .time = kept};
    return true;
}

static bool make_date_time(const struct value_date_time *date_time, struct scratch *scratch,
                           struct value *ret_value) {
    struct value_date_time *kept = scratch_take(scratch, sizeof *kept);
    if (!kept)
        return false;
    *kept = *date_time;
    *ret_value = (struct value){.kind = VALUE_DATE_TIME, .date_time = kept};
    return true;
}

/* ---- durations ----------------------------------------------------------------------------- */

static bool negate_duration(struct value_duration duration, struct value_duration *ret_duration) {
    int64_t seconds;
    if (__builtin_sub_overflow(0, duration.seconds, &seconds))
        return false;
    int32_t nanosecond = 0;
    if (duration.nanosecond > 0) {
        if (__builtin_sub_overflow(seconds, 1, &seconds))
            return false;
        nanosecond = (int32_t)NANOSECONDS_PER_SECOND - duration.nanosecond;
    }
    *ret_duration = (struct value_duration){seconds, nanosecond};
    return true;
}

static bool add_durations(struct value_duration a, struct value_duration b,
                          struct value_duration *ret_duration) {
    int64_t seconds;
    int32_t nanosecond = a.nanosecond + b.nanosecond;
    if (__builtin_add_overflow(a.seconds, b.seconds, &seconds))
        return false;
    if (nanosecond >= NANOSECONDS_PER_SECOND) {
        nanosecond -= (int32_t)NANOSECONDS_PER_SECOND;
        if (__builtin_add_overflow(seconds, 1, &seconds))
            return false;
    }
    *ret_duration = (struct value_duration){seconds, nanosecond};
    return true;
}

/* In seconds, exactly: 19 digits before the point and 9 behind it always fit. */
static struct decimal duration_to_number(struct value_duration duration) {
    struct decimal number = decimal_from_int64(duration.seconds);
    (void)decimal_add(number, decimal_from_scaled(duration.nanosecond, 9), &number);
    return number;
}

/* Fractions of a nanosecond are cut off. */
static bool duration_from_number(struct decimal number, struct value_duration *ret_duration) {
    struct decimal whole, fraction;
    int64_t seconds, nanosecond;
    if (!decimal_round(number, 9, DECIMAL_DOWN, &number) ||
        !decimal_round(number, 0, DECIMAL_FLOOR, &whole) || !decimal_to_int64(whole, &seconds) ||
        !decimal_subtract(number, whole, &fraction) ||
        !decimal_to_scaled(fraction, 9, &nanosecond))
        return false;
    *ret_duration = (struct value_duration){seconds, (int32_t)nanosecond};
    return true;
}

/* A duration times or divided by a number. */
static bool scale_duration(char operation, const struct value *duration, struct decimal factor,
                           struct value *ret_value) {
    bool months = duration->kind == VALUE_MONTHS;
    struct value_duration result;
    int64_t result_months;
    struct decimal number = months ? decimal_from_int64(duration->months)
                                   : duration_to_number(duration->duration);
    if (operation == '*' ? !decimal_multiply(number, factor, &number)
                         : !decimal_divide(number, factor, &number))
        return false;
    if (months) {
        if (!decimal_round(number, 0, DECIMAL_DOWN, &number) ||
            !decimal_to_int64(number, &result_months))
            return false;
        *ret_value = make_months(result_months);
        return true;
    }
    if (!duration_from_number(number, &result))
        return false;
    *ret_value = make_duration(result.seconds, result.nanosecond);
    return true;
}

static bool divide_durations(const struct value *a, const struct value *b,
                             struct value *ret_value) {
    bool months = a->kind == VALUE_MONTHS;
    struct decimal left = months ? decimal_from_int64(a->months) : duration_to_number(a->duration);
    struct decimal right = months ? decimal_from_int64(b->months) : duration_to_number(b->duration);
    if (!decimal_divide(left, right, &left))
        return false;
    *ret_value = value_number(left);
    return true;
}

/* ---- dates --------------------------------------------------------------------------------- */

/* The last day of the month where the day does not exist in it. */
static bool add_months(struct value_date date, int64_t months, struct value_date *ret_date) {
    int64_t total;
    if (__builtin_add_overflow((int64_t)date.year * 12 + date.month - 1, months, &total))
        return false;
    int64_t year = total / 12, month = total % 12;
    if (month < 0) {
        month += 12;
        year--;
    }
    if (year < -CALENDAR_YEAR_MAX || year > CALENDAR_YEAR_MAX)
        return false;
    int last = calendar_days_in_month(year, (int)month + 1);
    int day = date.day < last ? date.day : last;
    *ret_date = (struct value_date){(int32_t)year, (uint8_t)(month + 1), (uint8_t)day};
    return true;
}

/* A point on a local clock from seconds since 1970 on it. */
static bool split_seconds(int64_t seconds, int32_t nanosecond, struct value_date_time *date_time) {
    int64_t days = seconds / SECONDS_PER_DAY, rest = seconds % SECONDS_PER_DAY;
    if (rest < 0) {
        rest += SECONDS_PER_DAY;
        days--;
    }
    date_time->time.nanosecond_of_day = rest * NANOSECONDS_PER_SECOND + nanosecond;
    return calendar_date_from_days(days, &date_time->date);
}

/* The date-time that is so much later in time: with a named zone its clock may shift between. */
static bool add_to_date_time(const struct value_date_time *date_time,
                             struct value_duration duration, const struct moment *moment,
                             struct value_date_time *ret_date_time) {
    struct value_duration instant, later;
    struct value_date_time result = *date_time;
    int32_t before, after;
    if (!calendar_instant(date_time, moment, &instant.seconds, &instant.nanosecond) ||
        !calendar_offset(&date_time->time.zone, &date_time->date,
                         date_time->time.nanosecond_of_day, moment, &before) ||
        !add_durations(instant, duration, &later))
        return false;
    int64_t local;
    if (__builtin_add_overflow(later.seconds, before, &local) ||
        !split_seconds(local, later.nanosecond, &result))
        return false;
    if (!calendar_offset(&result.time.zone, &result.date, result.time.nanosecond_of_day, moment,
                         &after))
        return false;
    if (after != before && !split_seconds(later.seconds + after, later.nanosecond, &result))
        return false;
    *ret_date_time = result;
    return true;
}

static bool add_to_date(struct value_date date, struct value_duration duration,
                        struct value *ret_value) {
    struct value_duration midnight = {calendar_days(date) * SECONDS_PER_DAY, 0};
    struct value_date_time result;
    if (!add_durations(midnight, duration, &midnight) ||
        !split_seconds(midnight.seconds, midnight.nanosecond, &result))
        return false;
    *ret_value = value_date(result.date.year, result.date.month, result.date.day);
    return true;
}

/* Time goes round the clock. */
static void add_to_time(struct value_time *time, struct value_duration duration) {
    int64_t nanoseconds = duration.seconds % SECONDS_PER_DAY * NANOSECONDS_PER_SECOND +
                          duration.nanosecond + time->nanosecond_of_day;
    nanoseconds %= NANOSECONDS_PER_DAY;
    time->nanosecond_of_day = nanoseconds < 0 ? nanoseconds + NANOSECONDS_PER_DAY : nanoseconds;
}

/* A date, time or date-time, later by a duration. */
static bool shift(const struct value *point, const struct value *by, const struct moment *moment,
                  struct scratch *scratch, struct value *ret_value) {
    struct value_date date;
    struct value_time time;
    struct value_date_time date_time;
    if (point->kind == VALUE_DATE && by->kind == VALUE_MONTHS) {
        if (!add_months(point->date, by->months, &date))
            return false;
        *ret_value = value_date(date.year, date.month, date.day);
        return true;
    }
    if (point->kind == VALUE_DATE && by->kind == VALUE_DURATION)
        return add_to_date(point->date, by->duration, ret_value);
    if (point->kind == VALUE_DATE_TIME && by->kind == VALUE_MONTHS) {
        date_time = *point->date_time;
        return add_months(date_time.date, by->months, &date_time.date) &&
               make_date_time(&date_time, scratch, ret_value);
    }
    if (point->kind == VALUE_DATE_TIME && by->kind == VALUE_DURATION)
        return add_to_date_time(point->date_time, by->duration, moment, &date_time) &&
               make_date_time(&date_time, scratch, ret_value);
    if (point->kind == VALUE_TIME && by->kind == VALUE_DURATION) {
        time = *point->time;
        add_to_time(&time, by->duration);
        return make_time(&time, scratch, ret_value);
    }
    return false;
}

/* ---- points -------------------------------------------------------------------------------- */

/* A date-time's point in time; a date's is its midnight UTC. */
static bool point_of(const struct value *value, const struct moment *moment,
                     struct value_duration *ret_point, bool *ret_zoned) {
    if (value->kind == VALUE_DATE) {
        *ret_point = (struct value_duration){calendar_days(value->date) * SECONDS_PER_DAY, 0};
        *ret_zoned = true;
        return true;
    }
    *ret_zoned = value->date_time->time.zone.kind != ZONE_NONE;
    return calendar_instant(value->date_time, moment, &ret_point->seconds,
                            &ret_point->nanosecond);
}

/* A time's distance from midnight UTC; a named zone counts as it stands today. */
static bool point_of_time(const struct value_time *time, const struct moment *moment,
                          struct value_duration *ret_point) {
    struct value_date_time today = {.date = {1970, 1, 1}, .time = *time};
    int32_t offset_seconds;
    if (moment)
        today.date = moment->now.date;
    if (!calendar_offset(&time->zone, &today.date, time->nanosecond_of_day, moment,
                         &offset_seconds))
        return false;
    *ret_point = (struct value_duration){
        time->nanosecond_of_day / NANOSECONDS_PER_SECOND - offset_seconds,
        (int32_t)(time->nanosecond_of_day % NANOSECONDS_PER_SECOND)};
    return true;
}

/* a - b of two points in time; both must have a zone or neither. */
static bool subtract_points(const struct value *a, const struct value *b,
                            const struct moment *moment, struct value *ret_value) {
    struct value_duration left, right;
    if (a->kind == VALUE_TIME || b->kind == VALUE_TIME) {
        if (a->kind != b->kind ||
            (a->time->zone.kind == ZONE_NONE) != (b->time->zone.kind == ZONE_NONE) ||
            !point_of_time(a->time, moment, &left) || !point_of_time(b->time, moment, &right))
            return false;
    } else {
        bool zoned_a, zoned_b;
        bool dates = a->kind == VALUE_DATE && b->kind == VALUE_DATE;
        if (!point_of(a, moment, &left, &zoned_a) || !point_of(b, moment, &right, &zoned_b) ||
            (!dates && zoned_a != zoned_b))
            return false;
    }
    if (!negate_duration(right, &right) || !add_durations(left, right, &left))
        return false;
    *ret_value = make_duration(left.seconds, left.nanosecond);
    return true;
}

/* ---- operators ----------------------------------------------------------------------------- */

static bool is_duration(const struct value *value) {
    return value->kind == VALUE_MONTHS || value->kind == VALUE_DURATION;
}

static bool is_point(const struct value *value) {
    return value->kind == VALUE_DATE || value->kind == VALUE_TIME || value->kind == VALUE_DATE_TIME;
}

static bool negate(const struct value *duration, struct value *ret_value) {
    struct value result = *duration;
    if (duration->kind == VALUE_MONTHS) {
        if (__builtin_sub_overflow(0, duration->months, &result.months))
            return false;
    } else if (!negate_duration(duration->duration, &result.duration)) {
        return false;
    }
    *ret_value = result;
    return true;
}

static bool add(const struct value *a, const struct value *b, const struct moment *moment,
                struct scratch *scratch, struct value *ret_value) {
    if (is_point(a) && is_duration(b))
        return shift(a, b, moment, scratch, ret_value);
    if (is_duration(a) && is_point(b))
        return shift(b, a, moment, scratch, ret_value);
    if (a->kind == VALUE_MONTHS && b->kind == VALUE_MONTHS) {
        int64_t months;
        if (__builtin_add_overflow(a->months, b->months, &months))
            return false;
        *ret_value = make_months(months);
        return true;
    }
    if (a->kind == VALUE_DURATION && b->kind == VALUE_DURATION) {
        struct value_duration sum;
        if (!add_durations(a->duration, b->duration, &sum))
            return false;
        *ret_value = make_duration(sum.seconds, sum.nanosecond);
        return true;
    }
    return false;
}

static bool subtract(const struct value *a, const struct value *b, const struct moment *moment,
                     struct scratch *scratch, struct value *ret_value) {
    struct value negated;
    if (is_point(a) && is_point(b))
        return subtract_points(a, b, moment, ret_value);
    if (!is_duration(b) || (is_duration(a) && a->kind != b->kind))
        return false;
    return negate(b, &negated) && add(a, &negated, moment, scratch, ret_value);
}

bool calendar_operate(char operation, const struct value *a, const struct value *b,
                      const struct moment *moment, struct scratch *scratch,
                      struct value *ret_value) {
    switch (operation) {
    case '+': return add(a, b, moment, scratch, ret_value);
    case '-': return subtract(a, b, moment, scratch, ret_value);
    case '*':
        if (is_duration(a) && b->kind == VALUE_NUMBER)
            return scale_duration('*', a, b->number, ret_value);
        return a->kind == VALUE_NUMBER && is_duration(b) &&
               scale_duration('*', b, a->number, ret_value);
    case '/':
        if (is_duration(a) && b->kind == VALUE_NUMBER)
            return scale_duration('/', a, b->number, ret_value);
        return is_duration(a) && a->kind == b->kind && divide_durations(a, b, ret_value);
    default: return false;
    }
}

/* ---- order --------------------------------------------------------------------------------- */

static int order_of(int64_t a, int64_t b) {
    return a < b ? -1 : a > b;
}

bool calendar_compare(const struct value *a, const struct value *b, const struct moment *moment,
                      int *ret_order) {
    struct value_duration left, right;
    if (a->kind != b->kind)
        return false;
    switch ((enum value_kind)a->kind) {
    case VALUE_DATE:
        *ret_order = order_of((int64_t)a->date.year * 512 + a->date.month * 32 + a->date.day,
                              (int64_t)b->date.year * 512 + b->date.month * 32 + b->date.day);
        return true;
    case VALUE_MONTHS: *ret_order = order_of(a->months, b->months); return true;
    case VALUE_DURATION:
        *ret_order = order_of(a->duration.seconds, b->duration.seconds);
        if (*ret_order == 0)
            *ret_order = order_of(a->duration.nanosecond, b->duration.nanosecond);
        return true;
    case VALUE_TIME:
        if ((a->time->zone.kind == ZONE_NONE) != (b->time->zone.kind == ZONE_NONE) ||
            !point_of_time(a->time, moment, &left) || !point_of_time(b->time, moment, &right))
            return false;
        break;
    case VALUE_DATE_TIME:
        if ((a->date_time->time.zone.kind == ZONE_NONE) !=
                (b->date_time->time.zone.kind == ZONE_NONE) ||
            !calendar_instant(a->date_time, moment, &left.seconds, &left.nanosecond) ||
            !calendar_instant(b->date_time, moment, &right.seconds, &right.nanosecond))
            return false;
        break;
    default: return false;
    }
    *ret_order = order_of(left.seconds, right.seconds);
    return true;
}
