/* The values that FEEL computes with, the scratch memory they lie in, and what an evaluation is
 * handed from outside. Part of the public face of the engine: include quote.h. */
#ifndef KOPPEL_VALUE_H
#define KOPPEL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "decimal.h"

/* ---- scratch memory ------------------------------------------------------------------------
 * What one evaluation may use: a block that the caller hands in, from which it takes and never
 * gives back, and a number of steps. Rewind it with scratch.at = scratch.start (or to a saved
 * `at`) once the results are no longer needed. When either is used up the evaluation fails with
 * QUOTE_TOO_LARGE.
 *
 * Steps are turns of loops, calls, rows of tables that are scanned, and the weight of what large
 * lists and texts cost to walk over: some ten to a hundred nanoseconds each, so that the default
 * is well under a second or two. A tariff's premium takes some dozens. */
enum { EVALUATION_STEPS_DEFAULT = 10 * 1000 * 1000 };
struct scratch {
    char *start, *end, *at;
    int64_t steps_max; /* of each evaluation; EVALUATION_STEPS_DEFAULT unless set otherwise */
};

void scratch_init(struct scratch *scratch, void *memory, size_t size);
/* 16-byte aligned, not cleared; NULL when the block is used up. */
void *scratch_take(struct scratch *scratch, size_t size);

/* ---- values --------------------------------------------------------------------------------
 * 24 bytes; small things inline, large things point into scratch memory, the program, or the
 * caller's own. A value owns nothing. All texts are UTF-8 and not NUL-terminated. */
enum value_kind {
    VALUE_NULL,
    VALUE_BOOLEAN,
    VALUE_NUMBER,
    VALUE_TEXT,
    VALUE_DATE,
    VALUE_TIME,
    VALUE_DATE_TIME,
    VALUE_MONTHS,   /* years and months duration, in months */
    VALUE_DURATION, /* days and time duration */
    VALUE_RANGE,
    VALUE_LIST,
    VALUE_CONTEXT,
    VALUE_FUNCTION
};

enum zone_kind { ZONE_NONE, ZONE_OFFSET, ZONE_NAMED };

struct zone {
    enum zone_kind kind;
    int32_t offset_seconds; /* ZONE_OFFSET: east of UTC */
    uint32_t name_length;   /* ZONE_NAMED: "Europe/Amsterdam" */
    const char *name;
};

struct value_date { /* proleptic Gregorian; year within +-999,999,999 */
    int32_t year;
    uint8_t month, day;
};

struct value_time {
    int64_t nanosecond_of_day;
    struct zone zone;
};

struct value_date_time {
    struct value_date date;
    struct value_time time;
};

struct value_range;
struct value_context;
struct value_function;
struct value;

/* A days and time duration: seconds + nanosecond / 10^9, 0 <= nanosecond < 10^9. */
struct value_duration {
    int64_t seconds;
    int32_t nanosecond;
};

struct value {
    uint8_t kind;    /* enum value_kind */
    uint32_t length; /* bytes of a text, items of a list, entries of a context */
    union {
        bool boolean;
        struct decimal number;
        const char *text;
        struct value_date date;
        const struct value_time *time;
        const struct value_date_time *date_time;
        int64_t months;
        struct value_duration duration;
        const struct value_range *range;
        const struct value *items;
        const struct value_entry *entries;
        const struct value_function *function; /* see feel.h */
    };
};

struct value_entry { /* contexts keep the order of their entries; keys are unique */
    const char *name;
    uint32_t name_length;
    struct value value;
};

/* RANGE_EQUAL and RANGE_UNEQUAL stand for both ends: (=10) and (!=10), with low and high 10. */
enum range_bound { RANGE_OPEN, RANGE_CLOSED, RANGE_UNBOUNDED, RANGE_EQUAL, RANGE_UNEQUAL };

struct value_range {
    enum range_bound low_bound, high_bound;
    struct value low, high;
};

_Static_assert(sizeof(struct value) == 24, "values are copied often: keep them small");

/* Made inline, for every step of an evaluation makes one. */
static inline struct value value_null(void) {
    return (struct value){.kind = VALUE_NULL};
}
static inline struct value value_boolean(bool boolean) {
    return (struct value){.kind = VALUE_BOOLEAN, .boolean = boolean};
}
static inline struct value value_number(struct decimal number) {
    return (struct value){.kind = VALUE_NUMBER, .number = number};
}
static inline struct value value_int64(int64_t number) {
    return value_number(decimal_from_int64(number));
}
static inline struct value value_text(const char *text, size_t length) { /* borrows the text */
    return (struct value){.kind = VALUE_TEXT, .length = (uint32_t)length, .text = text};
}
static inline struct value value_date(int32_t year, int month, int day) { /* unchecked */
    return (struct value){.kind = VALUE_DATE, .date = {year, (uint8_t)month, (uint8_t)day}};
}
static inline struct value value_list(const struct value *items, size_t count) {
    return (struct value){.kind = VALUE_LIST, .length = (uint32_t)count, .items = items};
}
static inline struct value value_context(const struct value_entry *entries, size_t count) {
    return (struct value){.kind = VALUE_CONTEXT, .length = (uint32_t)count, .entries = entries};
}

/* The entry's value, or NULL when there is no such entry. */
const struct value *value_entry_find(const struct value *context, const char *name,
                                     size_t name_length);
/* The same for who asks for most entries in their order: looks at place `*next` first, which begins
 * as 0, and moves it on when that was the entry. */
static inline const struct value *value_entry_next(const struct value *context, const char *name,
                                                   size_t name_length, uint32_t *next) {
    if (*next < context->length) {
        const struct value_entry *entry = &context->entries[*next];
        if (entry->name_length == name_length && memcmp(entry->name, name, name_length) == 0) {
            ++*next;
            return &entry->value;
        }
    }
    return value_entry_find(context, name, name_length);
}
/* FEEL's string(): a text is itself, all else is written as its literal. */
bool value_to_text(const struct value *value, struct scratch *scratch, struct value *ret_text);

/* ---- what an evaluation is handed ---------------------------------------------------------- */

/* Rules of a time zone: the offset in seconds east of UTC that holds in `zone` at a local time
 * (seconds since 1970-01-01T00:00:00 on the zone's own clock). In a gap or an overlap it answers
 * the earlier offset. False: no such zone. */
typedef bool (*zone_offset_function)(void *context, const char *name, size_t name_length,
                                     int64_t local_seconds, int32_t *ret_offset_seconds);

/* Now, handed in: the engine has no clock. */
struct moment {
    struct value_date_time now; /* with its zone: FEEL's now(); today() is its date */
    zone_offset_function zone_offset; /* NULL: only UTC and offsets are known */
    void *zone_context;
};

/* FEEL equality (DMN 1.5, 10.3.2.13): 1, 0, or -1 where it is null (kinds differ). */
int value_equal(const struct value *a, const struct value *b, const struct moment *moment);
/* The same; what it took beyond its first step is taken off `*steps_left` as well. */
int value_equal_counted(const struct value *a, const struct value *b, const struct moment *moment,
                        int64_t *steps_left);
/* FEEL's order of two values of one kind: false where they cannot be compared. */
bool value_compare(const struct value *a, const struct value *b, const struct moment *moment,
                   int *ret_order);

#endif
