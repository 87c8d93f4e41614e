/* Arithmetic with calendar dates (proleptic Gregorian, years 1 to 9999) as products and quotes need
 * it: texts, days and months added, bounds relative to a date. Pure. */
#ifndef KOPPEL_DOMAIN_CALENDAR_DAY_H
#define KOPPEL_DOMAIN_CALENDAR_DAY_H

#include "base/clock.h"
#include "quote-engine/value.h"

/* "YYYY-MM-DD"; false when it is no date that exists. */
bool day_read(const char *text, struct value_date *ret_date);
void day_write(const struct value_date *date, char ret_text[CLOCK_DATE_MAX]);
/* -1, 0, 1 */
int day_compare(const struct value_date *a, const struct value_date *b);
/* Adds days; stays within the years 1 to 9999 at its ends. */
struct value_date day_add(const struct value_date *date, int64_t days);
/* A bound as products write it: "2026-01-01" itself, or "P18Y", "-P3M", "P10D" from `from`. The
 * 29th to 31st become the month's last day where it is shorter. False when it is neither. */
bool day_bound(const char *bound, const struct value_date *from, struct value_date *ret_date);
/* The calendar date in Europe/Amsterdam at an instant. */
struct value_date day_at(int64_t instant_us);

/* The moment as an evaluation is handed it: now on the clock of Europe/Amsterdam, with the
 * system's rules of time zones. */
void moment_at(int64_t instant_us, struct moment *ret_moment);

#endif
