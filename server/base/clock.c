/* Clocks, the calendar, instants as text, and the dates of Amsterdam. The rules of time zones are
 * read in zone.c. */
#include "base/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { DAY_SECONDS = 86400, MICROSECONDS = 1000000, CYCLE_DAYS = 146097, CYCLE_YEARS = 400 };

static int64_t read_clock_us(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * MICROSECONDS + now.tv_nsec / 1000;
}

/* When the system's clock was set back, time goes on at half its speed from where it was: windows
 * and validities still end, and the system's clock catches up. */
static int64_t go_on_slowly(_Atomic int64_t *latest_us) {
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static int64_t slow_us, seen_us;
    pthread_mutex_lock(&lock);
    int64_t latest = atomic_load(latest_us), monotonic_us = clock_monotonic_us();
    if (latest != slow_us) seen_us = monotonic_us;
    int64_t step_us = (monotonic_us - seen_us) / 2;
    seen_us += 2 * step_us;
    slow_us = latest + step_us;
    /* Unless the system's clock has just caught up. */
    if (atomic_compare_exchange_strong(latest_us, &latest, slow_us)) latest = slow_us;
    pthread_mutex_unlock(&lock);
    return latest;
}

int64_t clock_now_us(void) {
    static _Atomic int64_t latest_us;
    int64_t now_us = read_clock_us(CLOCK_REALTIME);
    int64_t latest = atomic_load(&latest_us);
    while (now_us >= latest)
        if (atomic_compare_exchange_weak(&latest_us, &latest, now_us)) return now_us;
    /* A little behind: another thread looked a moment later, and time stands still as long. */
    return latest - now_us < MICROSECONDS ? latest : go_on_slowly(&latest_us);
}

int64_t clock_monotonic_us(void) {
    return read_clock_us(CLOCK_MONOTONIC);
}

int64_t clock_monotonic_ms(void) {
    return clock_monotonic_us() / 1000;
}

static int64_t floor_divide(int64_t number, int64_t divisor) {
    return number / divisor - (number % divisor < 0);
}

/* Both count years from March, so that a leap day is the last day of its year. */
int64_t clock_days(int64_t year, int month, int day) {
    int64_t shifted = month > 2 ? year : year - 1;
    int64_t cycle = floor_divide(shifted, CYCLE_YEARS);
    int64_t in_cycle = shifted - cycle * CYCLE_YEARS;
    int64_t from_march = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t days = in_cycle * 365 + in_cycle / 4 - in_cycle / 100 + from_march;
    return cycle * CYCLE_DAYS + days - 719468; /* from 0000-03-01 to 1970-01-01 */
}

void clock_date(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day) {
    int64_t cycle = floor_divide(days + 719468, CYCLE_DAYS);
    int64_t left = days + 719468 - cycle * CYCLE_DAYS;
    int64_t year = (left - left / 1460 + left / 36524 - left / (CYCLE_DAYS - 1)) / 365;
    int64_t in_year = left - (365 * year + year / 4 - year / 100);
    int month = (int)((5 * in_year + 2) / 153);
    *ret_day = (int)(in_year - (153 * month + 2) / 5 + 1);
    *ret_month = month < 10 ? month + 3 : month - 9;
    *ret_year = year + cycle * CYCLE_YEARS + (*ret_month <= 2);
}

/* Dates and times are written digit by digit: every answer has a dozen of them. */
static char *write_digits(char *at, int digits, unsigned number) {
    for (int i = digits - 1; i >= 0; i--, number /= 10) at[i] = (char)('0' + number % 10);
    return at + digits;
}

static char *write_three(char *at, int first_digits, const unsigned numbers[3], char mark) {
    at = write_digits(at, first_digits, numbers[0]);
    *at++ = mark;
    at = write_digits(at, 2, numbers[1]);
    *at++ = mark;
    return write_digits(at, 2, numbers[2]);
}

void clock_write_date(int year, int month, int day, char ret_text[CLOCK_DATE_MAX]) {
    const unsigned date[3] = {(unsigned)year, (unsigned)month, (unsigned)day};
    *write_three(ret_text, 4, date, '-') = '\0';
}

void clock_write_instant(int64_t instant_us, char ret_text[CLOCK_INSTANT_MAX]) {
    int64_t seconds = floor_divide(instant_us, MICROSECONDS);
    int64_t days = floor_divide(seconds, DAY_SECONDS);
    int in_day = (int)(seconds - days * DAY_SECONDS);
    int fraction = (int)((instant_us % MICROSECONDS + MICROSECONDS) % MICROSECONDS);
    int64_t year;
    int month, day;
    clock_date(days, &year, &month, &day);
    const unsigned date[3] = {(unsigned)year, (unsigned)month, (unsigned)day};
    const unsigned time[3] = {(unsigned)in_day / 3600, (unsigned)in_day / 60 % 60,
                              (unsigned)in_day % 60};
    char *at = write_three(ret_text, 4, date, '-');
    *at++ = 'T';
    at = write_three(at, 2, time, ':');
    if (fraction) {
        *at++ = '.';
        at = write_digits(at, 6, (unsigned)fraction);
    }
    memcpy(at, "Z", 2);
}

/* Reads exactly `digits` digits and moves on; false when they are not there. */
static bool read_digits(const char **at, const char *end, int digits, int *ret_number) {
    int number = 0;
    if (end - *at < digits)
        return false;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        number = number * 10 + (**at - '0');
    }
    *ret_number = number;
    return true;
}

static bool read_mark(const char **at, const char *end, const char *marks) {
    if (*at == end || !**at || !strchr(marks, **at))
        return false;
    (*at)++;
    return true;
}

static int month_days(int year, int month) {
    if (month == 2)
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static bool read_date_time(const char **at, const char *end, int64_t *ret_seconds) {
    int year, month, day, hour, minute, second;
    if (!read_digits(at, end, 4, &year) || !read_mark(at, end, "-") ||
        !read_digits(at, end, 2, &month) || !read_mark(at, end, "-") ||
        !read_digits(at, end, 2, &day) || !read_mark(at, end, "Tt") ||
        !read_digits(at, end, 2, &hour) || !read_mark(at, end, ":") ||
        !read_digits(at, end, 2, &minute) || !read_mark(at, end, ":") ||
        !read_digits(at, end, 2, &second))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > month_days(year, month) || hour > 23 ||
        minute > 59 || second > 59)
        return false;
    *ret_seconds = clock_days(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
    return true;
}

/* "Z" or "+hh:mm". */
static bool read_offset(const char **at, const char *end, int *ret_seconds) {
    int hours, minutes;
    *ret_seconds = 0;
    if (read_mark(at, end, "Zz"))
        return true;
    bool west = *at < end && **at == '-';
    if (!read_mark(at, end, "+-") || !read_digits(at, end, 2, &hours) ||
        !read_mark(at, end, ":") || !read_digits(at, end, 2, &minutes) || hours > 23 ||
        minutes > 59)
        return false;
    int offset = hours * 3600 + minutes * 60;
    *ret_seconds = west ? -offset : offset;
    return true;
}

bool clock_read_instant(const char *text, size_t length, int64_t *ret_instant_us) {
    const char *at = text, *end = text + length;
    int64_t seconds;
    int offset, fraction = 0;
    if (length > 64 || !read_date_time(&at, end, &seconds))
        return false;
    if (read_mark(&at, end, ".")) {
        int unit = MICROSECONDS / 10;
        if (at == end || *at < '0' || *at > '9')
            return false;
        for (; at < end && *at >= '0' && *at <= '9'; at++, unit /= 10)
            fraction += unit * (*at - '0'); /* beyond microseconds the unit is 0: cut off */
    }
    if (!read_offset(&at, end, &offset) || at != end)
        return false;
    *ret_instant_us = (seconds - offset) * MICROSECONDS + fraction;
    return true;
}

static const char amsterdam[] = "Europe/Amsterdam";

void clock_amsterdam_date(int64_t instant_us, int *ret_year, int *ret_month, int *ret_day) {
    int64_t seconds = floor_divide(instant_us, MICROSECONDS);
    int32_t offset = 0;
    int64_t year;
    clock_zone_offset_utc(amsterdam, sizeof amsterdam - 1, seconds, &offset);
    clock_date(floor_divide(seconds + offset, DAY_SECONDS), &year, ret_month, ret_day);
    *ret_year = (int)year;
}

void clock_amsterdam_date_text(int64_t instant_us, char ret_text[CLOCK_DATE_MAX]) {
    int year, month, day;
    clock_amsterdam_date(instant_us, &year, &month, &day);
    clock_write_date(year, month, day, ret_text);
}

int64_t clock_amsterdam_midnight_us(int year, int month, int day) {
    int64_t local = clock_days(year, month, day) * DAY_SECONDS;
    int32_t offset = 0;
    clock_zone_offset(NULL, amsterdam, sizeof amsterdam - 1, local, &offset);
    return (local - offset) * MICROSECONDS;
}
