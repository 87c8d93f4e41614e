/* What the what_if*.c files share. Not public: product.h has the promise.
 *
 * what_if.c chooses what is tried and keeps the best, what_if_points.c finds the places where the
 * tariff turns for numbers and dates, what_if_answers.c makes complete answers of a change. */
#ifndef KOPPEL_WHAT_IF_H
#define KOPPEL_WHAT_IF_H

#include "product_inside.h"

enum {
    WHAT_IF_SPOTS_MAX = 400,     /* answers that can be changed, those of records included */
    WHAT_IF_POINTS_MAX = 400,    /* answers tried to one question about a number or date */
    WHAT_IF_SEEDS_MAX = 96,      /* of those, from the tariff's own constants: the nearest */
    WHAT_IF_TRACE_EVENTS = 4096  /* what lies behind does not count for where a tariff turns */
};

/* An answer that can be changed. */
struct what_if_spot {
    const struct product_question *question;
    const struct product_question *records; /* or NULL */
    int item;
    struct value from;
};

/* What came of one answer. `at` says which: an option's place for a choice (of several: the one
 * that is added or taken away), 0 or 1 for a boolean, the number times 10^digits, or the day. */
struct what_if_try {
    int64_t at;
    bool rated, has_premium;
    enum quote_outcome outcome;
    int64_t total_cents;
    uint64_t covers;
    uint64_t shape; /* equal where the tariff decides alike: the same rows, outcome and covers */
};

struct what_if_search {
    const struct product *product;
    const struct quote_result *result;
    const struct moment *moment;
    const struct what_if_limits *limits;
    struct scratch *scratch;
    struct trace trace;
    struct what_if_try *points; /* WHAT_IF_POINTS_MAX */
    struct what_if *found;
    bool spent; /* ratings or time: nothing more is tried */
};

/* The value that `at` means; false when scratch is used up. */
bool what_if_value(const struct what_if_search *search, const struct what_if_spot *spot,
                   int64_t at, struct value *ret_value);
/* Complete answers with the spot's changed, in scratch. QUOTE_NOT_FOUND where a question would have
 * to be answered of which nobody knows the answer; QUOTE_TOO_LARGE. */
int what_if_answers(const struct what_if_search *search, const struct what_if_spot *spot,
                    const struct value *to, struct value *ret_answers);
/* Rates the answer `at`; takes no scratch for good. False, with found->cut set, when a limit is
 * reached. */
bool what_if_rate(struct what_if_search *search, const struct what_if_spot *spot, int64_t at,
                  struct what_if_try *ret_try);

/* Tries numbers or dates with up to `allowance` ratings. Answers how many stand in search->points,
 * ascending, and the place of the present answer among them; 0 where it cannot be. */
int what_if_points(struct what_if_search *search, const struct what_if_spot *spot, int allowance,
                   int *ret_present);
/* Digits behind the point that answers to the question have. */
int what_if_digits(const struct product_question *question);

#endif
