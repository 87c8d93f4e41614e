/* What a draft does to a book, added up: bands, groups, changes of acceptance, the largest moves,
 * what the draft refuses and where it fails. One thread adds to one of these; those of several
 * threads are merged, and come out the same whoever added what. Amounts are cents; sums that would
 * pass 64 bits stay at their end. */
#ifndef KOPPEL_DOMAIN_IMPACT_SUMS_H
#define KOPPEL_DOMAIN_IMPACT_SUMS_H

#include "base/id.h"
#include "quote-engine/quote.h"

enum {
    IMPACT_GROUPS_MAX = 20000, /* of one kind; what comes later is added to a group "other" */
    IMPACT_KEY_MAX = 64,
    IMPACT_LABEL_MAX = 120,
    IMPACT_MOVES_MAX = 10, /* each way */
    IMPACT_REFUSALS_MAX = 400,
    IMPACT_FAILURES_MAX = 50,
    IMPACT_TEXT_MAX = 200,
    IMPACT_OUTCOMES = 3
};

/* Change of the premium in percent of what it was; whole percents are in the band further out. */
enum impact_band {
    IMPACT_DOWN_20_OR_MORE,
    IMPACT_DOWN_10_TO_20,
    IMPACT_DOWN_5_TO_10,
    IMPACT_DOWN_TO_5,
    IMPACT_UNCHANGED,
    IMPACT_UP_TO_5,
    IMPACT_UP_5_TO_10,
    IMPACT_UP_10_TO_20,
    IMPACT_UP_20_OR_MORE,
    IMPACT_BANDS
};
/* "down_10_to_20", and for people "-20% < … ≤ -10%". */
const char *impact_band_code(enum impact_band band);
const char *impact_band_text(enum impact_band band);
enum impact_band impact_band_of(int64_t before_cents, int64_t after_cents);

struct impact_amounts { /* of quotes that have a premium before and after */
    int64_t quotes, winners, losers; /* winners pay less, losers more */
    int64_t before_cents, after_cents;
};
void impact_amounts_add(struct impact_amounts *amounts, int64_t before_cents, int64_t after_cents);
void impact_amounts_merge(struct impact_amounts *into, const struct impact_amounts *from);

struct impact_group {
    char key[IMPACT_KEY_MAX];
    char label[IMPACT_LABEL_MAX]; /* for people; "": none */
    struct impact_amounts amounts;
};
struct impact_groups { /* open addressing over `places`: indexes of items, from 1 */
    struct impact_group *items;
    int count, capacity;
    int *places;
    int place_count;
    struct impact_amounts other;
    bool starved; /* some are in `other` for want of memory: the sums are not to be told */
};

struct impact_move {
    char id[ID_MAX], partner_id[ID_MAX], product[PRODUCT_CODE_MAX];
    int64_t before_cents, after_cents;
};
struct impact_moves { /* the largest first */
    struct impact_move items[IMPACT_MOVES_MAX];
    int count;
};

struct impact_refusal { /* by a question of the draft */
    char product[PRODUCT_CODE_MAX], question[IMPACT_KEY_MAX], code[IMPACT_KEY_MAX];
    char example_id[ID_MAX]; /* the first by its id */
    int64_t quotes;
};
struct impact_failure { /* of a rating */
    char text[IMPACT_TEXT_MAX], example_id[ID_MAX];
    int64_t quotes;
};

struct impact_sums {
    int64_t quotes;           /* looked at: each is in one of the four below */
    int64_t rated;            /* under the draft, with an outcome before */
    int64_t refused;          /* their answers do not fit the draft's questions */
    int64_t failed;           /* the draft's tariff fails on them */
    int64_t unreadable;       /* the row itself cannot be read */
    int64_t before_kept;      /* of the rated: their own result is what was before */
    int64_t before_unratable; /* of these: since the active version cannot rate them (any more) */
    struct impact_amounts amounts;
    struct impact_amounts bands[IMPACT_BANDS];
    int64_t acceptance[IMPACT_OUTCOMES][IMPACT_OUTCOMES]; /* [before][after] */
    struct impact_groups partners, regions, products;
    struct impact_moves rises, falls;
    struct impact_refusal refusals[IMPACT_REFUSALS_MAX];
    int refusal_count;
    int64_t refusals_left_out;
    struct impact_failure failures[IMPACT_FAILURES_MAX];
    int failure_count;
    int64_t failures_left_out;
};

/* NULL: no memory. */
struct impact_sums *impact_sums_new(void);
void impact_sums_free(struct impact_sums *sums); /* NULL is fine */

struct impact_pair { /* one quote, rated before and after */
    const char *id, *product;
    const char *partner_id; /* "": none */
    const char *region; /* NULL: none */
    enum quote_outcome before, after;
    bool has_before, has_after; /* a premium */
    int64_t before_cents, after_cents;
};
void impact_sums_add(struct impact_sums *sums, const struct impact_pair *pair);
void impact_sums_refuse(struct impact_sums *sums, const char *id, const char *product,
                        const char *question, const char *code);
void impact_sums_fail(struct impact_sums *sums, const char *id, const char *text);
/* Adds `from` to `into`. */
void impact_sums_merge(struct impact_sums *into, const struct impact_sums *from);
/* Puts groups into their order: partners by how much they change, regions and products by name. */
void impact_sums_sort(struct impact_sums *sums);

#endif
