/* The calendar: days and dates, weeks, zones, and points in time. Proleptic Gregorian with a year
 * 0, in plain 64-bit integers. Texts are in calendar_text.c, operators in calendar_operate.c. */
#include "calendar.h"

#include <string.h>

enum { DAYS_PER_ERA = 146097, YEARS_PER_ERA = 400, DAYS_0000_03_01_TO_1970 = 719468 };

static bool leap_year(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

int calendar_days_in_month(int64_t year, int month) {
    static const uint8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap_year(year) ? 29 : days[month - 1];
}

bool calendar_date_valid(int64_t year, int month, int day) {
    return year >= -CALENDAR_YEAR_MAX && year <= CALENDAR_YEAR_MAX && month >= 1 && month <= 12 &&
           day >= 1 && day <= calendar_days_in_month(year, month);
}

/* Years are counted from March, so that the leap day is the last of its year. */
int64_t calendar_days(struct value_date date) {
    int64_t year = (int64_t)date.year - (date.month <= 2);
    int64_t era = (year >= 0 ? year : year - (YEARS_PER_ERA - 1)) / YEARS_PER_ERA;
    int64_t year_of_era = year - era * YEARS_PER_ERA;
    int64_t month_from_march = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t day_of_year = (153 * month_from_march + 2) / 5 + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_0000_03_01_TO_1970;
}

bool calendar_date_from_days(int64_t days, struct value_date *ret_date) {
    const int64_t days_max = (CALENDAR_YEAR_MAX + 1LL) * 366;
    if (days < -days_max || days > days_max)
        return false;
    days += DAYS_0000_03_01_TO_1970;
    int64_t era = (days >= 0 ? days : days - (DAYS_PER_ERA - 1)) / DAYS_PER_ERA;
    int64_t day_of_era = days - era * DAYS_PER_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    int day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    int month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    int64_t year = year_of_era + era * YEARS_PER_ERA + (month <= 2);
    if (year < -CALENDAR_YEAR_MAX || year > CALENDAR_YEAR_MAX)
        return false;
    *ret_date = (struct value_date){(int32_t)year, (uint8_t)month, (uint8_t)day};
    return true;
}

int calendar_weekday(struct value_date date) {
    int64_t weekday = (calendar_days(date) + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(weekday < 0 ? weekday + 7 : weekday) + 1;
}

int calendar_day_of_year(struct value_date date) {
    struct value_date first = {date.year, 1, 1};
    return (int)(calendar_days(date) - calendar_days(first)) + 1;
}

/* Weeks begin on Monday, and week 1 is the one with the year's first Thursday. */
int calendar_week_of_year(struct value_date date) {
    int week = (calendar_day_of_year(date) - calendar_weekday(date) + 10) / 7;
    if (week < 1) {
        struct value_date last = {date.year - 1, 12, 31};
        return calendar_week_of_year(last);
    }
    if (week == 53) {
        struct value_date last = {date.year, 12, 31};
        if (calendar_weekday(last) < 4)
            return 1;
    }
    return week;
}

int64_t calendar_months_between(struct value_date from, struct value_date to) {
    int64_t months = ((int64_t)to.year - from.year) * 12 + to.month - from.month;
    if (months > 0 && to.day < from.day)
        months--;
    else if (months < 0 && to.day > from.day)
        months++;
    return months;
}

/* ---- zones --------------------------------------------------------------------------------- */

static bool utc_name(const char *name, size_t length) {
    static const char *const names[] = {"UTC", "Etc/UTC", "GMT", "Etc/GMT", "Z"};
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++)
        if (strlen(names[index]) == length && memcmp(names[index], name, length) == 0)
            return true;
    return false;
}

bool calendar_zone_known(const char *name, size_t length, const struct moment *moment) {
    int32_t offset_seconds;
    if (utc_name(name, length))
        return true;
    return moment && moment->zone_offset &&
           moment->zone_offset(moment->zone_context, name, length, 0, &offset_seconds);
}

bool calendar_offset(const struct zone *zone, const struct value_date *date,
                     int64_t nanosecond_of_day, const struct moment *moment,
                     int32_t *ret_offset_seconds) {
    if (zone->kind != ZONE_NAMED || utc_name(zone->name, zone->name_length)) {
        *ret_offset_seconds = zone->kind == ZONE_OFFSET ? zone->offset_seconds : 0;
        return true;
    }
    int64_t local_seconds =
        calendar_days(*date) * SECONDS_PER_DAY + nanosecond_of_day / NANOSECONDS_PER_SECOND;
    return moment && moment->zone_offset &&
           moment->zone_offset(moment->zone_context, zone->name, zone->name_length, local_seconds,
                               ret_offset_seconds);
}

bool calendar_instant(const struct value_date_time *date_time, const struct moment *moment,
                      int64_t *ret_seconds, int32_t *ret_nanosecond) {
    int32_t offset_seconds;
    int64_t nanosecond_of_day = date_time->time.nanosecond_of_day;
    if (!calendar_offset(&date_time->time.zone, &date_time->date, nanosecond_of_day, moment,
                         &offset_seconds))
        return false;
    *ret_seconds = calendar_days(date_time->date) * SECONDS_PER_DAY +
                   nanosecond_of_day / NANOSECONDS_PER_SECOND - offset_seconds;
    *ret_nanosecond = (int32_t)(nanosecond_of_day % NANOSECONDS_PER_SECOND);
    return true;
}
