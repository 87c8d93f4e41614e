/* Working time day by day: what of a day's hours lies in a stretch. */
#include "domain/working_hours.h"

#include <stddef.h>

#include "base/clock.h"

/* ---- holidays ------------------------------------------------------------------------------- */
/* The Gregorian computus: the Sunday after the first full moon of the church's own reckoning from
 * 21 March on. The golden number gives the moon's age at the year's beginning, the century's two
 * corrections (leap days left out, and the moon's own drift) put it right. */
struct value_date working_hours_easter(int year) {
    int golden = year % 19, century = year / 100, of_century = year % 100;
    int drift = (8 * century + 13) / 25;
    int moon = (19 * golden + century - century / 4 - drift + 15) % 30;
    int weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4) % 7;
    /* In two years of each cycle the moon would be full a day after the last that may be. */
    int late = (golden + 11 * moon + 22 * weekday) / 451;
    int day = moon + weekday - 7 * late + 22; /* of March, and on into April */
    return (struct value_date){.year = year,
                               .month = (uint8_t)(day > 31 ? 4 : 3),
                               .day = (uint8_t)(day > 31 ? day - 31 : day)};
}

static int64_t number_of(const struct value_date *date) {
    return clock_days(date->year, date->month, date->day);
}

/* 0 is Monday: 1970-01-01 was a Thursday. */
static int weekday_of(int64_t number) {
    return (int)(((number + 3) % 7 + 7) % 7);
}

static bool is_kings_day(const struct value_date *date, int64_t number) {
    int day = date->year < 2014 ? 30 : 27;
    if (date->month != 4) return false;
    return date->day == day ? weekday_of(number) != 6
                            : date->day == day - 1 && weekday_of(number) == 5;
}

const struct text *working_hours_holiday(const struct value_date *date) {
    static const struct {
        int month, day;
        struct text name;
    } fixed[] = {{1, 1, {"Nieuwjaarsdag", "New Year's Day"}},
                 {5, 5, {"Bevrijdingsdag", "Liberation Day"}},
                 {12, 25, {"Eerste Kerstdag", "Christmas Day"}},
                 {12, 26, {"Tweede Kerstdag", "Boxing Day"}}};
    static const struct {
        int days; /* after Easter Sunday */
        struct text name;
    } moving[] = {{-2, {"Goede Vrijdag", "Good Friday"}},
                  {0, {"Eerste Paasdag", "Easter Sunday"}},
                  {1, {"Tweede Paasdag", "Easter Monday"}},
                  {39, {"Hemelvaartsdag", "Ascension Day"}},
                  {49, {"Eerste Pinksterdag", "Whit Sunday"}},
                  {50, {"Tweede Pinksterdag", "Whit Monday"}}};
    static const struct text kings_day = {"Koningsdag", "King's Day"};
    struct value_date easter = working_hours_easter(date->year);
    int64_t number = number_of(date), after = number - number_of(&easter);
    for (size_t i = 0; i < sizeof moving / sizeof *moving; i++)
        if (moving[i].days == after) return &moving[i].name;
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (fixed[i].month == date->month && fixed[i].day == date->day) return &fixed[i].name;
    return is_kings_day(date, number) ? &kings_day : NULL;
}

bool working_hours_day(const struct value_date *date) {
    return weekday_of(number_of(date)) < 5 && !working_hours_holiday(date);
}

/* ---- hours ---------------------------------------------------------------------------------- */
static struct value_date date_of(int64_t number) {
    int64_t year;
    int month, day;
    clock_date(number, &year, &month, &day);
    return (struct value_date){
        .year = (int)year, .month = (uint8_t)month, .day = (uint8_t)day};
}

/* The instant of an hour on the clock of that day. */
static int64_t hour_us(int64_t number, int hour) {
    int64_t local_seconds = number * 86400 + hour * 3600;
    int32_t offset_seconds = 0;
    clock_zone_offset(NULL, "Europe/Amsterdam", 16, local_seconds, &offset_seconds);
    return (local_seconds - offset_seconds) * 1000000;
}

static int64_t number_at(int64_t instant_us) {
    struct value_date date = day_at(instant_us);
    return number_of(&date);
}

/* What of a day's working hours lies behind `from_us`; `ret_begin_us` is where that begins. */
static int64_t left_of_day(int64_t number, int64_t from_us, int64_t *ret_begin_us) {
    struct value_date date = date_of(number);
    if (!working_hours_day(&date)) return 0;
    int64_t begin_us = hour_us(number, WORKING_HOURS_BEGIN);
    int64_t end_us = hour_us(number, WORKING_HOURS_END);
    if (from_us > begin_us) begin_us = from_us;
    *ret_begin_us = begin_us;
    return end_us > begin_us ? end_us - begin_us : 0;
}

int64_t working_hours_deadline(int64_t from_us, int hours) {
    if (hours <= 0) return from_us;
    int64_t left_us = (hours < WORKING_HOURS_MAX ? hours : WORKING_HOURS_MAX) * WORKING_HOUR_US;
    int64_t number = number_at(from_us), begin_us = from_us;
    for (;; number++) {
        int64_t day_us = left_of_day(number, from_us, &begin_us);
        if (day_us >= left_us) return begin_us + left_us;
        left_us -= day_us;
    }
}

int64_t working_hours_between(int64_t from_us, int64_t until_us) {
    int64_t sum_us = 0, begin_us = 0;
    if (until_us <= from_us) return 0;
    int64_t first = number_at(from_us), last = number_at(until_us);
    if (last - first > WORKING_HOURS_DAYS_MAX) last = first + WORKING_HOURS_DAYS_MAX;
    for (int64_t number = first; number <= last; number++) {
        int64_t day_us = left_of_day(number, from_us, &begin_us);
        int64_t past_us = begin_us + day_us - until_us; /* of the last day */
        if (day_us && past_us > 0) day_us = past_us < day_us ? day_us - past_us : 0;
        sum_us += day_us;
    }
    return sum_us;
}
