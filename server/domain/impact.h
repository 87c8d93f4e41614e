/* Impact: what a draft of a product would have done. Every quote of the book (or every row of
 * answers) is rated under the draft, with its own dates, and set beside what it is under the active
 * version: premiums by band, partner, region and product, changes of acceptance, the largest moves,
 * what the draft's questions refuse and where its tariff fails.
 *
 * What a quote is under the active version: its own result, when that is the version it was made
 * under, since a rating is the same whenever it is repeated; else it is rated once more. Where the
 * active version cannot rate its answers, its own result stands. */
#ifndef KOPPEL_DOMAIN_IMPACT_H
#define KOPPEL_DOMAIN_IMPACT_H

#include "base/buffer.h"
#include "domain/book.h"
#include "domain/impact_sums.h"
#include "domain/money.h"
#include "domain/product_folder.h"
#include "domain/service.h"

enum {
    IMPACT_DRAFTS_MAX = 16,               /* of different products, in one run */
    IMPACT_REGION_CHARACTERS = 2,         /* of a text that stands for a region: NL postcodes */
    IMPACT_JSON_GROUPS_MAX = 200,         /* of one kind in the JSON; the CSV has all */
    IMPACT_REPORT_MAX_BYTES = 16 * 1024 * 1024
};

/* A draft, compiled. `number` of its version is 0: it has none yet. */
struct impact_draft {
    struct product_version version;
};
/* Compiles files that need not be published or proved; the problems say what is wrong
 * (ERROR_INVALID). */
int impact_draft_make(const struct product_files *files, struct problems *problems,
                      struct error *error, struct impact_draft *ret_draft);
void impact_draft_done(struct impact_draft *draft);

struct impact_options {
    struct service *service;
    const struct impact_draft *drafts; /* of different products; must outlive the impact */
    int draft_count;
    /* What each is set beside: the version of this number, 0: the one in force today. May be
     * NULL. A draft of a product that has no version is ERROR_NOT_FOUND. */
    const int *against;
    /* What groups quotes by region: the name of a decision of the active version, or of a question
     * (a choice by its code, another text by its first IMPACT_REGION_CHARACTERS characters). NULL:
     * a decision "Region", a question "region" or "postcode", else there are no regions. */
    const char *region;
    int64_t now_us;
};

struct impact;
int impact_new(const struct impact_options *options, struct error *error,
               struct impact **ret_impact);
void impact_free(struct impact *impact); /* NULL is fine */

struct impact_walk {
    struct book_filter filter; /* product: NULL for those of all drafts */
    bool background;
    int worker_count; /* 0: one per core */
    bool (*tell)(void *context, const struct book_progress *progress);
    void *tell_context;
};
/* Once per impact. What was added up so far stands when it was stopped. */
int impact_walk_book(struct impact *impact, const struct impact_walk *walk, struct error *error,
                     struct book_progress *ret_progress);

/* One set of answers beside the book, as a spreadsheet has them. One thread at a time. */
struct impact_case {
    const char *id;              /* how it is told: a reference, a line */
    const char *product;
    const struct value *answers; /* a context, unchecked */
    bool lexical;                /* see field.h */
    const struct value_date *effective_date; /* NULL: today */
};
int impact_add_case(struct impact *impact, const struct impact_case *one, struct scratch *scratch,
                    struct error *error);
/* One whose answers cannot even be read. */
void impact_add_unreadable(struct impact *impact);

/* The sums in their final order, with names of partners. After the last walk or case. */
int impact_finish(struct impact *impact, struct error *error, const struct impact_sums **ret_sums);

/* ---- reports: impact_report.c ---- */
struct impact_side { /* of one product */
    const char *product;
    int interface;
    char hash[SHA256_HEX_MAX], against_hash[SHA256_HEX_MAX];
    int against_number;
    const char *region; /* NULL: none */
};
int impact_sides(const struct impact *impact, struct impact_side ret_sides[IMPACT_DRAFTS_MAX]);

/* Appends the report. Amounts and percentages are decimal strings; null where there is none. */
void impact_write_json(const struct impact *impact, struct buffer *buffer);
/* The same as rows (RFC 4180, CRLF): the first column is the section that a row belongs to. */
void impact_write_csv(const struct impact *impact, struct buffer *buffer);
/* Change in percent of `before_cents`, rounded half away from zero to two decimals: "-3.42", or ""
 * when there is nothing to measure it by. */
void impact_percent(int64_t before_cents, int64_t after_cents,
                    char ret_text[MONEY_TEXT_MAX]);

#endif
