/* Dates by counting days since 1 March of the year 0, where a leap day is the last of its year. */
#include "domain/calendar_day.h"

#include <stdlib.h>
#include <string.h>

enum { YEAR_MIN = 1, YEAR_MAX = 9999, DAYS_IN_400_YEARS = 146097, BOUND_DIGITS_MAX = 5 };

static bool leap(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int month_days(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && leap(year) ? 29 : days[month - 1];
}

static bool digits_read(const char *text, int count, int *ret_number) {
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        number = number * 10 + (text[i] - '0');
    }
    *ret_number = number;
    return true;
}

bool day_read(const char *text, struct value_date *ret_date) {
    int year, month, day;
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-') return false;
    if (!digits_read(text, 4, &year) || !digits_read(text + 5, 2, &month) ||
        !digits_read(text + 8, 2, &day))
        return false;
    if (year < YEAR_MIN || month < 1 || month > 12 || day < 1 || day > month_days(year, month))
        return false;
    *ret_date = (struct value_date){.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
    return true;
}

void day_write(const struct value_date *date, char ret_text[CLOCK_DATE_MAX]) {
    clock_write_date(date->year, date->month, date->day, ret_text);
}

int day_compare(const struct value_date *a, const struct value_date *b) {
    if (a->year != b->year) return a->year < b->year ? -1 : 1;
    if (a->month != b->month) return a->month < b->month ? -1 : 1;
    return a->day == b->day ? 0 : a->day < b->day ? -1 : 1;
}

static int64_t day_number(const struct value_date *date) {
    int64_t year = date->year - (date->month <= 2);
    int64_t era = year / 400, of_era = year - era * 400;
    int64_t month = (date->month + 9) % 12; /* March is 0 */
    int64_t of_year = (153 * month + 2) / 5 + date->day - 1;
    return era * DAYS_IN_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
}

static struct value_date day_of_number(int64_t number) {
    int64_t era = number / DAYS_IN_400_YEARS, of_era = number - era * DAYS_IN_400_YEARS;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    int64_t day = of_year - (153 * month + 2) / 5 + 1;
    month = month < 10 ? month + 3 : month - 9;
    return (struct value_date){.year = (int32_t)(year + era * 400 + (month <= 2)),
                               .month = (uint8_t)month,
                               .day = (uint8_t)day};
}

struct value_date day_add(const struct value_date *date, int64_t days) {
    static const struct value_date first = {YEAR_MIN, 1, 1}, last = {YEAR_MAX, 12, 31};
    int64_t low = day_number(&first), high = day_number(&last), number = day_number(date);
    if (days < low - number) return first;
    if (days > high - number) return last;
    return day_of_number(number + days);
}

static struct value_date month_add(const struct value_date *date, int64_t months) {
    int64_t count = (int64_t)date->year * 12 + date->month - 1 + months;
    if (count < YEAR_MIN * 12) count = YEAR_MIN * 12;
    if (count > YEAR_MAX * 12 + 11) count = YEAR_MAX * 12 + 11;
    int year = (int)(count / 12), month = (int)(count % 12) + 1;
    int day = date->day <= month_days(year, month) ? date->day : month_days(year, month);
    return (struct value_date){.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
}

bool day_bound(const char *bound, const struct value_date *from, struct value_date *ret_date) {
    if (day_read(bound, ret_date)) return true;
    bool minus = *bound == '-';
    const char *text = bound + minus;
    if (*text++ != 'P') return false;
    size_t digits = strspn(text, "0123456789");
    int number;
    if (!digits || digits > BOUND_DIGITS_MAX || !digits_read(text, (int)digits, &number) ||
        !text[digits] || text[digits + 1])
        return false;
    int64_t distance = minus ? -(int64_t)number : number;
    switch (text[digits]) {
    case 'Y': *ret_date = month_add(from, distance * 12); return true;
    case 'M': *ret_date = month_add(from, distance); return true;
    case 'D': *ret_date = day_add(from, distance); return true;
    default: return false;
    }
}

struct value_date day_at(int64_t instant_us) {
    int year, month, day;
    clock_amsterdam_date(instant_us, &year, &month, &day);
    return (struct value_date){.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
}

void moment_at(int64_t instant_us, struct moment *ret_moment) {
    static const char zone[] = "Europe/Amsterdam";
    enum { US_PER_SECOND = 1000000, SECONDS_PER_DAY = 86400 };
    int32_t offset_seconds = 0;
    int64_t seconds = instant_us / US_PER_SECOND, rest_us = instant_us % US_PER_SECOND;
    clock_zone_offset_utc(zone, sizeof zone - 1, seconds, &offset_seconds);
    int64_t of_day = (seconds + offset_seconds) % SECONDS_PER_DAY;
    *ret_moment = (struct moment){
        .now = {.date = day_at(instant_us),
                .time = {.nanosecond_of_day = of_day * 1000000000 + rest_us * 1000,
                         .zone = {.kind = ZONE_NAMED,
                                  .name_length = sizeof zone - 1,
                                  .name = zone}}},
        .zone_offset = clock_zone_offset};
}
