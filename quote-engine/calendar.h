/* Dates, times, date-times and durations: reading, writing, arithmetic (DMN 1.5, 10.3.2.3.4 to
 * 10.3.2.3.10). Proleptic Gregorian, years within +-999,999,999. Not public. */
#ifndef KOPPEL_CALENDAR_H
#define KOPPEL_CALENDAR_H

#include "value.h"

enum {
    CALENDAR_YEAR_MAX = 999999999,
    CALENDAR_TEXT_MAX = 96,       /* longest text, without the zone's name */
    CALENDAR_ZONE_NAME_MAX = 64,  /* longest name of a zone that is read */
    CALENDAR_SCRATCH_BYTES = 128, /* most scratch memory that one call here takes */
    CALENDAR_OFFSET_MAX_SECONDS = 18 * 3600
};
#define NANOSECONDS_PER_SECOND 1000000000LL
#define SECONDS_PER_DAY 86400LL

bool calendar_date_valid(int64_t year, int month, int day);
/* Days since 1970-01-01. */
int64_t calendar_days(struct value_date date);
bool calendar_date_from_days(int64_t days, struct value_date *ret_date);
int calendar_days_in_month(int64_t year, int month);
int calendar_weekday(struct value_date date);      /* 1 Monday .. 7 Sunday */
int calendar_day_of_year(struct value_date date);  /* 1 .. 366 */
int calendar_week_of_year(struct value_date date); /* ISO 8601: 1 .. 53 */
/* Whole months from one date to the other, negative when `to` is the earlier. */
int64_t calendar_months_between(struct value_date from, struct value_date to);
/* True when the moment's rules know the zone (always true for UTC and its other names). */
bool calendar_zone_known(const char *name, size_t length, const struct moment *moment);

/* FEEL literals' texts, the whole text and nothing but: "2017-01-01", "-999-12-31",
 * "10:20:00.5+01:00", "10:20:00@Europe/Paris", date and time, "P1Y2M", "-P1DT2H". The zone's name
 * points into the text. Named zones are accepted only when the moment knows them (NULL: knows UTC
 * only). A date alone is read as a date-time at midnight, and 24:00:00 as the next midnight. */
bool calendar_read_date(const char *text, size_t length, struct value_date *ret_date);
bool calendar_read_time(const char *text, size_t length, const struct moment *moment,
                        struct value_time *ret_time);
bool calendar_read_date_time(const char *text, size_t length, const struct moment *moment,
                             struct value_date_time *ret_date_time);
bool calendar_read_months(const char *text, size_t length, int64_t *ret_months);
bool calendar_read_duration(const char *text, size_t length, struct value_duration *ret_duration);
/* Any of them, as `@"…"` does: a value, with what does not fit inline in scratch memory. */
bool calendar_read_any(const char *text, size_t length, const struct moment *moment,
                       struct scratch *scratch, struct value *ret_value);
/* Writes a VALUE_DATE, TIME, DATE_TIME, MONTHS or DURATION, without NUL; CALENDAR_TEXT_MAX +
 * CALENDAR_ZONE_NAME_MAX bytes must fit. Returns the length. */
size_t calendar_write(const struct value *value, char *ret_text);

/* Seconds and nanoseconds since 1970 UTC; without a zone it is taken as UTC. False: zone unknown */
bool calendar_instant(const struct value_date_time *date_time, const struct moment *moment,
                      int64_t *ret_seconds, int32_t *ret_nanosecond);
/* The zone's offset at that local date-time. */
bool calendar_offset(const struct zone *zone, const struct value_date *date,
                     int64_t nanosecond_of_day, const struct moment *moment,
                     int32_t *ret_offset_seconds);

/* FEEL's operators where a side is temporal: `operation` is '+', '-', '*' or '/'; false where FEEL
 * gives null. What does not fit inline goes to scratch memory: where less than
 * CALENDAR_SCRATCH_BYTES are left, false may mean just that. */
bool calendar_operate(char operation, const struct value *a, const struct value *b,
                      const struct moment *moment, struct scratch *scratch,
                      struct value *ret_value);
/* Order of two values of one temporal kind; false where FEEL gives null, as for a time with a zone
 * and one without. Times and date-times are compared by whole seconds, as their properties are
 * (DMN 1.5, table 65: `second` is a whole number). */
bool calendar_compare(const struct value *a, const struct value *b, const struct moment *moment,
                      int *ret_order);

#endif
