/* Clocks, and the rules of time zones from the system's zone files. */
#ifndef KOPPEL_BASE_CLOCK_H
#define KOPPEL_BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Microseconds since 1970-01-01 UTC: how the store keeps instants. Never goes back within one
 * process, even when the system's clock does: then it goes on slowly until that one catches up. */
int64_t clock_now_us(void);
/* For deadlines and durations only. */
int64_t clock_monotonic_ms(void);
int64_t clock_monotonic_us(void);

/* Days since 1970-01-01 of a date in the Gregorian calendar, and back; any year that fits. The
 * date is not checked: 30 February is 2 March. */
int64_t clock_days(int64_t year, int month, int day);
void clock_date(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day);

enum { CLOCK_INSTANT_MAX = 32, CLOCK_DATE_MAX = 16 };
/* "YYYY-MM-DD", for the years 0 to 9999. */
void clock_write_date(int year, int month, int day, char ret_text[CLOCK_DATE_MAX]);
/* RFC 3339 in UTC with microseconds left out when zero: "2026-11-23T11:59:36.123456Z". */
void clock_write_instant(int64_t instant_us, char ret_text[CLOCK_INSTANT_MAX]);
/* RFC 3339 with any offset; false when it is none. */
bool clock_read_instant(const char *text, size_t length, int64_t *ret_instant_us);

/* Offset in seconds east of UTC that holds in a zone ("Europe/Amsterdam") at a local time, in
 * seconds since 1970-01-01T00:00:00 on that zone's clock; the earlier offset in gaps and overlaps.
 * Reads TZif files below /usr/share/zoneinfo once and keeps them (up to CLOCK_ZONES_MAX); names
 * with "..", or not of [A-Za-z0-9_+-/], are unknown. Fits the engine's zone_offset_function. */
enum { CLOCK_ZONES_MAX = 700 };
bool clock_zone_offset(void *context, const char *name, size_t name_length, int64_t local_seconds,
                       int32_t *ret_offset_seconds);
/* The same at an instant in UTC seconds. */
bool clock_zone_offset_utc(const char *name, size_t name_length, int64_t utc_seconds,
                           int32_t *ret_offset_seconds);
/* The calendar date in Europe/Amsterdam at an instant: products change at its midnight. */
void clock_amsterdam_date(int64_t instant_us, int *ret_year, int *ret_month, int *ret_day);
/* The same as "YYYY-MM-DD". */
void clock_amsterdam_date_text(int64_t instant_us, char ret_text[CLOCK_DATE_MAX]);
/* The first instant of a date in Europe/Amsterdam, in the years 0 to 9999. */
int64_t clock_amsterdam_midnight_us(int year, int month, int day);

#endif
