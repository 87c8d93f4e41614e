/* Inside base: what the reader of zone files and the reader of their closing rule share. Others use
 * clock.h. */
#ifndef KOPPEL_BASE_ZONE_H
#define KOPPEL_BASE_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One day a year on which the clocks change, as POSIX writes it in the variable TZ. */
struct zone_day {
    char kind; /* 'M' month, week, weekday; 'J' day 1 to 365 without leap day; 'N' day 0 to 365 */
    int month, week, day;
    int seconds; /* on the clock in force before the change, from midnight; may leave the day */
};

/* "CET-1CEST,M3.5.0,M10.5.0/3": what holds after the last change that a zone file lists. */
struct zone_rule {
    int32_t standard_seconds, summer_seconds; /* east of UTC */
    bool has_summer;
    struct zone_day start, end;
};

/* A moment on which the offset changes. */
struct zone_change {
    int64_t at_seconds; /* UTC */
    int32_t before_seconds, after_seconds;
};

bool zone_rule_read(const char *text, size_t length, struct zone_rule *ret_rule);
/* The two changes in a year, in order of time; 0 when the rule has no summer time. */
int zone_rule_changes(const struct zone_rule *rule, int64_t year,
                      struct zone_change ret_changes[2]);
/* The offset at an instant. */
int32_t zone_rule_offset(const struct zone_rule *rule, int64_t utc_seconds);

#endif
