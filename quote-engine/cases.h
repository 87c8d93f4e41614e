/* Worked examples in the DMN suite's test format (testCases), read from memory: inputs and the
 * values expected of them. Not public; used by products' cases and by the suite's runner.
 *
 * Running a case is left to the caller: program_find by `invocable` or by each result's name. */
#ifndef KOPPEL_CASES_H
#define KOPPEL_CASES_H

#include "quote.h"

enum {
    CASES_MAX = 100 * 1000,
    CASES_VALUES_MAX = 1000 * 1000,
    CASES_ENTRIES_MAX = 1000 /* names in one context or inputs of one case */
};

struct cases_result {
    const char *name; /* of the decision, or of a line that the caller knows */
    struct value expected;
    bool error; /* the suite expects an error: null counts as one */
    int line;
};

struct cases_case {
    const char *id, *description; /* "" where there is none */
    const char *invocable;        /* NULL: each result names a decision */
    enum element_kind kind;       /* of the invocable */
    struct value inputs;          /* a context */
    const struct cases_result *results;
    int result_count;
    int line;
};

struct cases {
    const char *model; /* the file name that modelName says, or "" */
    const struct cases_case *items;
    int count;
    struct arena *arena; /* holds all of it */
};

/* Problems name file and line. Free with cases_free. `moment` knows the named time zones. */
int cases_read(const struct source *source, const struct moment *moment, struct problems *problems,
               struct cases **ret_cases);
void cases_free(struct cases *cases); /* NULL is fine */

/* Exactly equal: numbers by value (1.0 is 1.00), lists in order, contexts by name with the same
 * names on both sides, null only to null. */
bool cases_equal(const struct value *expected, const struct value *actual,
                 const struct moment *moment);
/* The same, but numbers may be 10^-8 apart: many of the suite's expected values were computed in
 * binary floating point, and its own runner compares so. */
bool cases_near(const struct value *expected, const struct value *actual,
                const struct moment *moment);

#endif
