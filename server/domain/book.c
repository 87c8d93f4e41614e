/* Walks the book with one thread per core. What is shared between them is little: where the next
 * range begins, how far all have come, and the first error. What becomes of a quote is the
 * visitor's. */
#include "domain/book.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"

enum {
    NICE_BACKGROUND = 10,
    BUSY_TRIES = 4, /* waits of the store's own for a free reader */
    STOP_ROWS = 16, /* between looks whether to stop */
    STOPPED = 1     /* a status of this file's own: amid a range */
};

struct range { /* of ids: behind `after`, up to and including `last` */
    char after[ID_MAX], last[ID_MAX];
    int64_t count;
};

struct walking {
    const struct book_walk *walk;
    pthread_mutex_t next_lock; /* guards what follows: held while the store is asked */
    char after[ID_MAX], last[ID_MAX];
    int64_t left; /* ids not handed out yet */
    bool ended;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t changed;
    struct book_progress progress;
    struct error error;
    bool stop;
    int working;
};

struct worker {
    struct walking *walking;
    void *context;
    pthread_t thread;
    struct scratch rows, scratch;
    struct book_row *items; /* BOOK_BLOCK_ROWS */
    int count;
    bool more;         /* of the range: the rows did not all fit */
    int64_t until_us;  /* of the filter, so that no end is a number */
    struct range range;
};

struct quote_answers book_row_answers(const struct book_row *row) {
    return (struct quote_answers){.quote_id = row->id,
                                  .plain = row->answers,
                                  .plain_length = row->answers_length,
                                  .sealed = row->sealed};
}

/* ---- the ranges ----------------------------------------------------------------------------- */
struct look {
    const char *after, *last;
    bool found;
    char id[ID_MAX];
    int64_t count;
};

static void id_copy(char ret_id[ID_MAX], const char *id) {
    size_t length = id ? strnlen(id, ID_MAX - 1) : 0;
    if (length) memcpy(ret_id, id, length);
    ret_id[length] = '\0';
}

static int extent_body(struct db_tx *tx, void *context, struct error *error) {
    struct look *look = context;
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select count(*), max(q.id) from quote q where $scope(q)");
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) {
        look->count = db_column_integer(rows, 0);
        id_copy(look->id, db_column_text(rows, 1, NULL));
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int step_body(struct db_tx *tx, void *context, struct error *error) {
    struct look *look = context;
    struct db_rows *rows = NULL;
    look->found = false;
    int status = db_query(tx, error, &rows,
                          "select q.id from quote q where q.id > $1 and q.id <= $2 and $scope(q)"
                          " order by q.id limit 1 offset $3",
                          db_text(look->after), db_text(look->last),
                          db_integer(BOOK_BLOCK_ROWS - 1));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) {
        look->found = true;
        id_copy(look->id, db_column_text(rows, 0, NULL));
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* A reader may be wanted by everybody at once: the walk can wait. */
static int read_patiently(const struct book_walk *walk, db_body body, void *context,
                          struct error *error) {
    struct error cause = {0};
    int status = ERROR_BUSY;
    for (int tried = 0; status == ERROR_BUSY && tried < BUSY_TRIES; tried++) {
        error_clear(&cause);
        status = db_read(walk->db, &walk->scope, body, context, &cause);
    }
    return status ? error_set(error, cause.code, "%s", cause.text) : 0;
}

static bool is_stopped(struct walking *walking) {
    pthread_mutex_lock(&walking->lock);
    bool stopped = walking->stop;
    pthread_mutex_unlock(&walking->lock);
    return stopped;
}

/* 1: a range; 0: there is no more; negative: the store's error. */
static int range_next(struct walking *walking, struct error *error, struct range *ret_range) {
    int status = 0;
    if (is_stopped(walking)) return 0;
    pthread_mutex_lock(&walking->next_lock);
    if (!walking->ended) {
        struct look look = {.after = walking->after, .last = walking->last};
        status = read_patiently(walking->walk, step_body, &look, error);
        if (!status) {
            id_copy(ret_range->after, walking->after);
            id_copy(ret_range->last, look.found ? look.id : walking->last);
            id_copy(walking->after, ret_range->last);
            ret_range->count = look.found ? BOOK_BLOCK_ROWS : walking->left;
            walking->left -= ret_range->count;
            status = 1;
        }
        walking->ended = !look.found || status < 0;
    }
    pthread_mutex_unlock(&walking->next_lock);
    return status;
}

/* ---- the rows of a range -------------------------------------------------------------------- */
static const char *keep(struct worker *worker, struct db_rows *rows, int column, bool *failed,
                        size_t *ret_length) {
    size_t length = 0;
    const char *text = db_column_text(rows, column, &length);
    char *copied = scratch_take(&worker->rows, length + 1);
    if (!copied) {
        *failed = true;
        return NULL;
    }
    if (length) memcpy(copied, text, length);
    copied[length] = '\0';
    if (ret_length) *ret_length = length;
    return copied;
}

static bool row_keep(struct worker *worker, struct db_rows *rows, struct book_row *row) {
    bool failed = false;
    *row = (struct book_row){.id = keep(worker, rows, 0, &failed, NULL),
                             .partner_id = keep(worker, rows, 1, &failed, NULL),
                             .product = keep(worker, rows, 2, &failed, NULL),
                             .version_id = keep(worker, rows, 3, &failed, NULL),
                             .effective_date = keep(worker, rows, 4, &failed, NULL),
                             .status = keep(worker, rows, 5, &failed, NULL),
                             .known_at_us = db_column_integer(rows, 6),
                             .test = db_column_integer(rows, 7) != 0,
                             .has_total = !db_column_null(rows, 8),
                             .total_cents = db_column_integer(rows, 8)};
    row->answers = keep(worker, rows, 9, &failed, &row->answers_length);
    if (!db_column_null(rows, 10)) row->sealed = keep(worker, rows, 10, &failed, NULL);
    if (!worker->walking->walk->results || failed) return !failed;
    row->product_version = (int)db_column_integer(rows, 11);
    row->product_hash = keep(worker, rows, 12, &failed, NULL);
    row->valid_until = keep(worker, rows, 13, &failed, NULL);
    row->result = keep(worker, rows, 14, &failed, &row->result_length);
    return !failed;
}

/* A row that not even the empty block holds is handed on without its texts: it is told, and the
 * walk goes on. */
static void row_oversized(struct worker *worker, struct db_rows *rows, struct book_row *row) {
    bool failed = false;
    worker->rows.at = worker->rows.start;
    *row = (struct book_row){.id = keep(worker, rows, 0, &failed, NULL),
                             .partner_id = keep(worker, rows, 1, &failed, NULL),
                             .product = keep(worker, rows, 2, &failed, NULL),
                             .version_id = keep(worker, rows, 3, &failed, NULL),
                             .effective_date = "",
                             .status = "",
                             .known_at_us = db_column_integer(rows, 6),
                             .test = db_column_integer(rows, 7) != 0};
}

#define ROWS_FROM                                                                                 \
    " from quote q where q.id > $1 and q.id <= $2"                                                \
    " and (cast($3 as text) is null or q.product = $3)"                                           \
    " and (cast($4 as text) is null or q.partner_id = $4)"                                        \
    " and q.known_at_us >= $5 and q.known_at_us < $6 and q.test >= $7 and q.test <= $8"           \
    " and $scope(q) order by q.id"
#define ROWS_COLUMNS                                                                              \
    "select q.id, q.partner_id, q.product, q.version_id, q.effective_date, q.status,"             \
    " q.known_at_us, q.test, q.total_cents, q.answers, q.sealed"

static int rows_query(struct db_tx *tx, const struct worker *worker, struct error *error,
                      struct db_rows **ret_rows) {
    const struct book_walk *walk = worker->walking->walk;
    const struct book_filter *filter = &walk->filter;
    const struct db_value values[] = {
        db_text(worker->range.after), db_text(worker->range.last), db_text(filter->product),
        db_text(filter->partner_id), db_integer(filter->since_us), db_integer(worker->until_us),
        db_integer(filter->mode == BOOK_TEST), db_integer(filter->mode != BOOK_LIVE)};
    const size_t count = sizeof values / sizeof *values;
    if (!walk->results)
        return db_query_values(tx, ROWS_COLUMNS ROWS_FROM, values, count, error, ret_rows);
    return db_query_values(tx,
                           ROWS_COLUMNS ", q.product_version, q.product_hash, q.valid_until,"
                           " q.result" ROWS_FROM, values, count, error, ret_rows);
}

static int rows_body(struct db_tx *tx, void *context, struct error *error) {
    struct worker *worker = context;
    struct db_rows *rows = NULL;
    worker->rows.at = worker->rows.start;
    worker->count = 0;
    worker->more = false;
    int status = rows_query(tx, worker, error, &rows);
    if (status) return status;
    while ((status = db_next(rows, error)) > 0) {
        struct book_row *row = &worker->items[worker->count];
        worker->more = worker->count == BOOK_BLOCK_ROWS;
        if (worker->more) break;
        if (!row_keep(worker, rows, row)) {
            worker->more = true;
            if (worker->count) break;
            row_oversized(worker, rows, row);
            worker->count++;
            break;
        }
        worker->count++;
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* ---- the workers ---------------------------------------------------------------------------- */
static int rows_visit(struct worker *worker, struct error *error) {
    const struct book_walk *walk = worker->walking->walk;
    int status = 0;
    for (int i = 0; !status && i < worker->count; i++) {
        /* A visit may take long: nobody waits for a whole range to stop. */
        if (i % STOP_ROWS == 0 && is_stopped(worker->walking)) return STOPPED;
        worker->scratch.at = worker->scratch.start;
        status = walk->visit(worker->context, &worker->items[i], &worker->scratch, error);
    }
    return status;
}

static int range_walk(struct worker *worker, struct error *error) {
    struct walking *walking = worker->walking;
    int64_t visited = 0;
    int status;
    do {
        status = read_patiently(walking->walk, rows_body, worker, error);
        if (!status) status = rows_visit(worker, error);
        visited += worker->count;
        if (worker->more && worker->count)
            id_copy(worker->range.after, worker->items[worker->count - 1].id);
    } while (!status && worker->more);
    if (status) return status < 0 ? status : 0;
    pthread_mutex_lock(&walking->lock);
    walking->progress.walked += worker->range.count;
    walking->progress.visited += visited;
    pthread_mutex_unlock(&walking->lock);
    return 0;
}

static void *work(void *context) {
    struct worker *worker = context;
    struct walking *walking = worker->walking;
    struct error error = {0};
    int status;
    if (walking->walk->background) setpriority(PRIO_PROCESS, (id_t)gettid(), NICE_BACKGROUND);
    while ((status = range_next(walking, &error, &worker->range)) > 0) {
        status = range_walk(worker, &error);
        if (status) break;
    }
    pthread_mutex_lock(&walking->lock);
    if (status < 0) {
        walking->stop = true;
        error_set(&walking->error, error.code ? error.code : ERROR_INTERNAL, "%s", error.text);
    }
    walking->working--;
    pthread_cond_signal(&walking->changed);
    pthread_mutex_unlock(&walking->lock);
    return NULL;
}

static bool worker_init(struct worker *worker) {
    void *rows = malloc(BOOK_BLOCK_BYTES), *scratch = malloc(BOOK_SCRATCH_BYTES);
    worker->items = calloc(BOOK_BLOCK_ROWS, sizeof *worker->items);
    worker->rows.start = rows;
    worker->scratch.start = scratch;
    if (!rows || !scratch || !worker->items) return false;
    scratch_init(&worker->rows, rows, BOOK_BLOCK_BYTES);
    scratch_init(&worker->scratch, scratch, BOOK_SCRATCH_BYTES);
    return true;
}

static void worker_done(struct worker *worker) {
    free(worker->rows.start);
    free(worker->scratch.start);
    free(worker->items);
}

/* Starts as many as it can: fewer walk as well, only slower. */
static int workers_start(struct walking *walking, struct worker *workers, int wanted) {
    int started = 0;
    for (; started < wanted; started++) {
        struct worker *worker = &workers[started];
        const struct book_walk *walk = walking->walk;
        *worker = (struct worker){.walking = walking,
                                  .context = walk->contexts ? walk->contexts[started] : NULL,
                                  .until_us = walk->filter.until_us ? walk->filter.until_us
                                                                    : INT64_MAX};
        pthread_mutex_lock(&walking->lock);
        walking->working++;
        pthread_mutex_unlock(&walking->lock);
        if (worker_init(worker) && !pthread_create(&worker->thread, NULL, work, worker)) continue;
        worker_done(worker);
        pthread_mutex_lock(&walking->lock);
        walking->working--;
        pthread_mutex_unlock(&walking->lock);
        break;
    }
    return started;
}

static struct timespec soon(void) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += BOOK_PROGRESS_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    return until;
}

/* Tells of the progress until the last worker is done. */
static void watch(struct walking *walking) {
    const struct book_walk *walk = walking->walk;
    bool working = true;
    while (working) {
        struct timespec until = soon();
        int late = 0;
        pthread_mutex_lock(&walking->lock);
        while (walking->working && late != ETIMEDOUT)
            late = pthread_cond_timedwait(&walking->changed, &walking->lock, &until);
        working = walking->working > 0;
        struct book_progress progress = walking->progress;
        pthread_mutex_unlock(&walking->lock);
        if (!walk->tell || walk->tell(walk->tell_context, &progress) || !working) continue;
        pthread_mutex_lock(&walking->lock);
        walking->stop = walking->progress.stopped = true;
        pthread_mutex_unlock(&walking->lock);
    }
}

/* ---- the walk ------------------------------------------------------------------------------- */
int book_workers(void) {
    cpu_set_t cores;
    int count = sched_getaffinity(0, sizeof cores, &cores) ? 1 : CPU_COUNT(&cores);
    return count < BOOK_WORKERS_MAX ? count : BOOK_WORKERS_MAX;
}

static int extent_read(struct walking *walking, struct error *error) {
    struct look look = {0};
    int status = read_patiently(walking->walk, extent_body, &look, error);
    if (status) return status;
    id_copy(walking->last, look.id);
    walking->progress.total = walking->left = look.count;
    walking->ended = !look.count;
    return 0;
}

static void locks_init(struct walking *walking) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&walking->next_lock, NULL);
    pthread_mutex_init(&walking->lock, NULL);
    pthread_cond_init(&walking->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

int book_walk(const struct book_walk *walk, struct error *error,
              struct book_progress *ret_progress) {
    struct walking walking = {.walk = walk};
    struct worker *workers = calloc(BOOK_WORKERS_MAX, sizeof *workers);
    *ret_progress = (struct book_progress){0};
    if (!workers) return error_set(error, ERROR_NO_MEMORY, "no memory to walk the book");
    locks_init(&walking);
    int wanted = walk->worker_count ? walk->worker_count : book_workers();
    if (walk->background && wanted > BOOK_BACKGROUND_WORKERS_MAX)
        wanted = BOOK_BACKGROUND_WORKERS_MAX;
    int status = extent_read(&walking, error), started = 0;
    if (!status) {
        started = workers_start(&walking, workers, wanted);
        if (!started)
            status = error_set(error, ERROR_NO_MEMORY, "no thread to walk the book");
    }
    if (started) watch(&walking);
    for (int i = 0; i < started; i++) {
        pthread_join(workers[i].thread, NULL);
        worker_done(&workers[i]);
    }
    if (!status && walking.error.code)
        status = error_set(error, walking.error.code, "%s", walking.error.text);
    *ret_progress = walking.progress;
    pthread_cond_destroy(&walking.changed);
    pthread_mutex_destroy(&walking.lock);
    pthread_mutex_destroy(&walking.next_lock);
    free(workers);
    return status;
}
