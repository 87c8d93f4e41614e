/* The premium statement: exact net premiums of covers in, whole amounts out that sum by
 * construction. Pure arithmetic; which covers are taken and what they cost is the tariff's. Not
 * public.
 *
 * The order is fixed: adjustments one after the other on exact amounts; the net total is the
 * rounded sum; each cover is rounded and what that leaves over goes to one cover; tax on each
 * cover's rounded net; all totals are sums; terms divide the total. */
#ifndef KOPPEL_STATEMENT_H
#define KOPPEL_STATEMENT_H

#include "quote.h"

enum {
    STATEMENT_ERROR_MAX = 160,
    STATEMENT_DIGITS_BEHIND_POINT = 2 /* cents */
};
/* Largest amount, in cents: a sum of all covers' stays far inside 64 bits. */
#define STATEMENT_AMOUNT_MAX_CENTS 1000000000000000LL

struct statement_cover_rule {
    struct decimal tax_percent;         /* 0: exempt */
    struct decimal taxed_share_percent; /* the part of the net premium that is taxed */
    enum decimal_rounding rounding;
};

struct statement_adjustment_rule {
    const char *code;
    bool percent;    /* else an amount for its covers together */
    uint64_t covers; /* bit i: applies to cover i */
};
_Static_assert(PRODUCT_COVERS_MAX <= 64, "covers are kept as bits");

struct statement_rules {
    const struct product_cover *covers;
    const struct statement_cover_rule *cover_rules;
    int cover_count;
    const struct statement_adjustment_rule *adjustments;
    int adjustment_count;
    const struct product_term *terms;
    int term_count;
    enum decimal_rounding total_rounding, tax_rounding, term_rounding;
    int unit_cents;    /* net amounts are multiples of this */
    int residue_cover; /* index; -1: the largest */
};

/* What the tariff said. */
struct statement_lines {
    bool taken[PRODUCT_COVERS_MAX];
    struct decimal net[PRODUCT_COVERS_MAX]; /* a year, exact; of covers taken */
    struct decimal adjustment[PRODUCT_ADJUSTMENTS_MAX]; /* 0: nothing to adjust */
};

/* Fills covers, terms, amounts and (with `keep_steps`, in scratch) steps of the result, and leaves
 * the rest of it alone. On failure the result is untouched and `ret_error` says why, in a sentence:
 * QUOTE_INVALID for amounts that make no statement, QUOTE_TOO_LARGE for scratch. */
int statement_make(const struct statement_rules *rules, const struct statement_lines *lines,
                   bool keep_steps, struct scratch *scratch,
                   char ret_error[STATEMENT_ERROR_MAX], struct quote_result *ret_result);

/* Do all sums of the statement hold: net, tax and total over covers, net + tax in each, and every
 * term's total? */
bool statement_sums(const struct quote_result *result);

#endif
