/* What the built-in functions share among themselves: checking of arguments, reading lists, and
 * the tables of rows that builtin.c puts together. Not for use outside builtin_*.c. */
#ifndef KOPPEL_BUILTIN_H
#define KOPPEL_BUILTIN_H

#include "feel.h"

enum { BUILTIN_ARGUMENTS_MAX = 8 }; /* of a function with a fixed number of parameters */

/* Checks arguments against `kinds`, a letter for each parameter, and puts them into `ret_checked`
 * (BUILTIN_ARGUMENTS_MAX places), converted where FEEL converts (DMN 1.5, 10.3.2.9.4): a list of
 * one item to its item, an item to a list of itself. False, with a null and its reason in
 * `ret_value`, when they do not fit.
 *
 *   n number   b boolean   t text   l list   c context   f function   r range
 *   d date     p date or date-time, or time (point)      u duration of days and time
 *   a anything, null included
 *
 * A capital letter lets null through as well. Parameters behind a '|' may be left out: they are
 * null then. */
bool builtin_check(struct evaluation *evaluation, const char *name, const char *kinds,
                   const struct value *arguments, int count, struct value *ret_checked,
                   struct value *ret_value);

/* The items of a function that takes a list or many arguments: sum([1, 2]) and sum(1, 2). False,
 * with a null and its reason, when there is no list at all. */
bool builtin_items(struct evaluation *evaluation, const char *name, const struct value *arguments,
                   int count, const struct value **ret_items, uint32_t *ret_count,
                   struct value *ret_value);

/* A list's items taken in scratch memory; NULL with evaluation->status set when it is used up. */
struct value *builtin_take_items(struct evaluation *evaluation, size_t count);

/* A whole number cut out of `number`, its fraction dropped; far numbers give the nearest limit. */
int64_t builtin_whole(struct decimal number);

/* Sorts in place and keeps equal items in order; `spare` has room for as many. `precedes` says
 * whether b must come before a. */
typedef bool (*builtin_precedes)(void *context, const struct value *b, const struct value *a);
void builtin_sort(struct value *items, struct value *spare, size_t count,
                  builtin_precedes precedes, void *context);

/* A word for a kind in a message: "a number". */
const char *builtin_kind_name(int kind);

/* Tables of rows, each closed by a row without name. */
extern const struct builtin builtin_aggregate_rows[];
extern const struct builtin builtin_calendar_rows[];
extern const struct builtin builtin_context_rows[];
extern const struct builtin builtin_convert_rows[];
extern const struct builtin builtin_list_rows[];
extern const struct builtin builtin_number_rows[];
extern const struct builtin builtin_range_rows[];
extern const struct builtin builtin_regex_rows[];
extern const struct builtin builtin_text_rows[];

#endif
