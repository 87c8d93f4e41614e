/* Deadlines and durations in working hours: Monday to Friday from 9:00 to 17:00 on the clock of
 * Europe/Amsterdam, but not on Dutch public holidays. Pure but for the system's zone files.
 *
 * The holidays are those of article 3 of the Algemene termijnenwet: New Year's Day, Good Friday
 * (its second paragraph), Easter Monday, the King's birthday, 5 May, Ascension Day, Whit Monday and
 * both days of Christmas. The King's birthday is celebrated on 27 April since 2014, on the 26th
 * when that is a Sunday; before, on 30 April or the 29th. Easter is the Sunday by the Gregorian
 * computus. */
#ifndef KOPPEL_DOMAIN_WORKING_HOURS_H
#define KOPPEL_DOMAIN_WORKING_HOURS_H

#include "domain/calendar_day.h"
#include "quote-engine/text.h"

enum {
    WORKING_HOURS_BEGIN = 9,
    WORKING_HOURS_END = 17,
    WORKING_HOURS_MAX = 2000,     /* the longest deadline */
    WORKING_HOURS_DAYS_MAX = 3660 /* the longest stretch that is measured */
};
#define WORKING_HOUR_US INT64_C(3600000000)

/* Easter Sunday of a year from 1583 on. */
struct value_date working_hours_easter(int year);
/* Its name when the date is a public holiday, on whatever weekday; NULL: it is none. */
const struct text *working_hours_holiday(const struct value_date *date);
/* Is it a day on which people work at all? */
bool working_hours_day(const struct value_date *date);

/* The first moment by which so many working hours have passed since `from_us`; that itself when
 * `hours` is 0 or less. More than WORKING_HOURS_MAX count as that many. */
int64_t working_hours_deadline(int64_t from_us, int hours);
/* The working time between two moments, in microseconds; 0 when the second is not later. Of a
 * stretch over WORKING_HOURS_DAYS_MAX only that beginning counts. */
int64_t working_hours_between(int64_t from_us, int64_t until_us);

#endif
