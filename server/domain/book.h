/* The book: all quotes that the store holds, walked by several threads at once. Ranges of ids are
 * handed out to them one after the other; each reads its range in a transaction of its own, copies
 * the rows, and visits them when the transaction is over, so that nothing waits for a rating.
 *
 * Quotes are never changed, and those made after the walk began are left out: a walk of many short
 * reads sees what one long one would. */
#ifndef KOPPEL_DOMAIN_BOOK_H
#define KOPPEL_DOMAIN_BOOK_H

#include "db/db.h"
#include "domain/quote_answers.h"
#include "quote-engine/value.h"

enum {
    BOOK_WORKERS_MAX = 32,
    BOOK_BACKGROUND_WORKERS_MAX = DB_READERS_DEFAULT / 2, /* the rest is for requests */
    BOOK_BLOCK_ROWS = 1024,               /* ids in a range that is handed out */
    BOOK_BLOCK_BYTES = 4 * 1024 * 1024,   /* of the rows that a worker holds at once */
    BOOK_SCRATCH_BYTES = 4 * 1024 * 1024, /* for the visit of one row */
    BOOK_PROGRESS_MS = 200
};

enum book_mode { BOOK_LIVE, BOOK_TEST, BOOK_LIVE_AND_TEST };

struct book_filter {
    const char *product, *partner_id; /* NULL: all */
    int64_t since_us;                 /* known at this instant or later; 0: from the first on */
    int64_t until_us;                 /* known before this instant; 0: to the last */
    enum book_mode mode;
};
/* For what a person asked for: ERROR_NOT_FOUND when there is no such partner or product. */
int book_filter_check(struct db *db, const struct book_filter *filter, struct error *error);

/* Texts live until the visit returns. */
struct book_row {
    const char *id, *partner_id, *product, *version_id, *effective_date, *status;
    const char *answers; /* JSON; NULL: the row holds more than BOOK_BLOCK_BYTES */
    const char *sealed;  /* beside them: domain/quote_answers.h; NULL: nothing is */
    size_t answers_length;
    int64_t known_at_us, total_cents;
    bool test, has_total;
    /* With `results` only; else NULL and 0. */
    const char *valid_until, *product_hash, *result;
    size_t result_length;
    int product_version;
};

/* As domain/quote_answers.h reads them; not of a row without answers. */
struct quote_answers book_row_answers(const struct book_row *row);

struct book_progress {
    int64_t total;   /* quotes of the book that are looked at, before the filter */
    int64_t walked;  /* of these, done with */
    int64_t visited; /* of these, within the filter */
    bool stopped;    /* before its end, since `tell` said so */
};

struct book_walk {
    struct db *db;
    struct db_scope scope;
    struct book_filter filter;
    bool results;     /* rows carry what came of them: reading them takes twice as long */
    bool background;  /* requests that are served meanwhile go first, for cores and readers */
    int worker_count; /* 0: one per core */
    /* Called by several workers at once, each with its own place in `contexts`, or the same NULL.
     * The scratch is empty each time. Negative ends the walk with that error. */
    int (*visit)(void *context, const struct book_row *row, struct scratch *scratch,
                 struct error *error);
    void *const *contexts; /* BOOK_WORKERS_MAX of them; NULL: none */
    /* Called by the thread of book_walk about every BOOK_PROGRESS_MS and at the end; false stops
     * the walk. May be NULL. */
    bool (*tell)(void *context, const struct book_progress *progress);
    void *tell_context;
};

/* Threads that a walk takes when worker_count is 0. */
int book_workers(void);
/* Walks the book. The first error of a worker or of the store ends it; 0 also when it was stopped.
 * The progress is set either way. */
int book_walk(const struct book_walk *walk, struct error *error,
              struct book_progress *ret_progress);

#endif
