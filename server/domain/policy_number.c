/* A number is written together with its sequence, whose row is locked from before those that wait
 * are read until the commit: there are no gaps, whichever node gives it. Where writes are done one
 * by one anyway, a policy gets its number in the write that issues it. Elsewhere one thread of a
 * process at a time gives them, to all that wait when it begins; the others wait for that, and one
 * of those who came meanwhile is the next. */
#include "domain/policy_number.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS_MAX = 256, ROUNDS_MAX = 1000 };

/* ---- one round ------------------------------------------------------------------------------- */
struct numbered {
    char id[ID_MAX], number[POLICY_NUMBER_MAX];
};

struct numbering {
    const char *policy_id; /* whose sequence */
    char prefix[8];
    bool test;
    int64_t last_number; /* before them */
    int count;
    struct numbered items[NUMBERS_MAX]; /* by id */
    char ids[NUMBERS_MAX * ID_MAX + 1]; /* theirs, in one text */
};

static void number_write(const char *prefix, bool test, int64_t number,
                         char ret_number[POLICY_NUMBER_MAX]) {
    snprintf(ret_number, POLICY_NUMBER_MAX, "%s-%s%07lld", prefix, test ? "T" : "",
             (long long)number);
}

/* 1: it waits for its number; 0: it has one, which is the only item. */
static int policy_look(struct db_tx *tx, struct numbering *numbering, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select p.number_prefix, p.test, p.number from policy p"
                          " where p.id = $1 and $scope(p)",
                          db_text(numbering->policy_id));
    if (!status) status = db_next(rows, error);
    bool found = status > 0, waits = found && db_column_null(rows, 2);
    if (found) {
        snprintf(numbering->prefix, sizeof numbering->prefix, "%s",
                 db_column_text(rows, 0, NULL));
        numbering->test = db_column_integer(rows, 1) != 0;
    }
    numbering->count = found && !waits;
    if (numbering->count) {
        snprintf(numbering->items[0].id, ID_MAX, "%s", numbering->policy_id);
        snprintf(numbering->items[0].number, POLICY_NUMBER_MAX, "%s",
                 db_column_text(rows, 2, NULL));
    }
    db_rows_close(rows);
    if (status < 0) return status;
    return found ? waits
                 : error_set(error, ERROR_NOT_FOUND, "there is no policy %s",
                             numbering->policy_id);
}

/* From here on to the end of the transaction nobody else gives numbers of it. */
static int sequence_lock(struct db_tx *tx, const struct numbering *numbering,
                         struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update policy_number set last_number = last_number"
                        " where prefix = $1 and test = $2",
                        db_text(numbering->prefix), db_integer(numbering->test));
    if (status || changed) return status;
    return db_run(tx, error, &changed,
                  "insert into policy_number (prefix, test, last_number) values ($1, $2, 0)",
                  db_text(numbering->prefix), db_integer(numbering->test));
}

static int waiting_read(struct db_tx *tx, struct numbering *numbering, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select p.id, s.last_number from policy p"
                          " join policy_number s on s.prefix = p.number_prefix and s.test = p.test"
                          " where p.number is null and p.number_prefix = $1 and p.test = $2"
                          " and $scope(p) order by p.id limit $3",
                          db_text(numbering->prefix), db_integer(numbering->test),
                          db_integer(NUMBERS_MAX));
    size_t length = 0;
    numbering->count = 0;
    while (!status && numbering->count < NUMBERS_MAX && (status = db_next(rows, error)) > 0) {
        struct numbered *item = &numbering->items[numbering->count++];
        snprintf(item->id, ID_MAX, "%s", db_column_text(rows, 0, NULL));
        length += (size_t)snprintf(numbering->ids + length, sizeof numbering->ids - length, "%s ",
                                   item->id);
        numbering->last_number = db_column_integer(rows, 1);
        number_write(numbering->prefix, numbering->test,
                     db_column_integer(rows, 1) + numbering->count, item->number);
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

/* All in one statement: each would be a journey to the server. It counts as waiting_read did. */
static int waiting_number(struct db_tx *tx, const struct numbering *numbering,
                          struct error *error) {
    int64_t changed = 0;
    char start[16];
    snprintf(start, sizeof start, "%s-%s", numbering->prefix, numbering->test ? "T" : "");
    int status = db_run(
        tx, error, &changed,
        "update policy as p set number = w.number from"
        " (select c.id, $1 || case when length(c.digits) < 7"
        " then substr('0000000', 1, 7 - length(c.digits)) else '' end || c.digits as number from"
        " (select q.id, cast($2 + row_number() over (order by q.id) as text) as digits"
        " from policy q where q.number is null and q.number_prefix = $3 and q.test = $4"
        " and cast($5 as text) like '%' || q.id || '%' and $scope(q)) c) w"
        " where p.id = w.id and p.number is null and $scope(p)",
        db_text(start), db_integer(numbering->last_number),
        db_text(numbering->prefix), db_integer(numbering->test), db_text(numbering->ids));
    if (status || changed == numbering->count) return status;
    return error_set(error, ERROR_INTERNAL, "%d policies wait for a number, %lld got one",
                     numbering->count, (long long)changed);
}

static int number_body(struct db_tx *tx, void *context, struct error *error) {
    struct numbering *numbering = context;
    int status = policy_look(tx, numbering, error);
    if (status <= 0) return status;
    status = sequence_lock(tx, numbering, error);
    if (!status) status = waiting_read(tx, numbering, error);
    if (!status) status = waiting_number(tx, numbering, error);
    if (status) return status;
    return db_run(tx, error, NULL,
                  "update policy_number set last_number = last_number + $1"
                  " where prefix = $2 and test = $3",
                  db_integer(numbering->count), db_text(numbering->prefix),
                  db_integer(numbering->test));
}

int policy_number_take(struct db_tx *tx, const char *prefix, bool test, struct error *error,
                       char ret_number[POLICY_NUMBER_MAX]) {
    struct db_rows *rows = NULL;
    int64_t changed = 0;
    *ret_number = '\0';
    if (!db_alone(tx)) return 0;
    int status = db_run(tx, error, &changed,
                        "update policy_number set last_number = last_number + 1"
                        " where prefix = $1 and test = $2",
                        db_text(prefix), db_integer(test));
    if (!status && !changed)
        status = db_run(tx, error, NULL,
                        "insert into policy_number (prefix, test, last_number) values ($1, $2, 1)",
                        db_text(prefix), db_integer(test));
    if (!status)
        status = db_query(tx, error, &rows,
                          "select last_number from policy_number where prefix = $1 and test = $2",
                          db_text(prefix), db_integer(test));
    if (!status) status = db_next(rows, error);
    if (status > 0) number_write(prefix, test, db_column_integer(rows, 0), ret_number);
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* ---- those who wait -------------------------------------------------------------------------- */
struct waiter {
    const char *policy_id;
    char number[POLICY_NUMBER_MAX]; /* "": it has none yet */
    int rounds;
    struct error error;
    bool done, leads; /* leads: it is to run the next round */
    pthread_cond_t woken;
    struct waiter *next;
};

struct policy_numbers {
    struct db *db;
    bool alone; /* policies got theirs when they were issued */
    pthread_mutex_t lock; /* guards all below */
    bool busy;            /* a round runs, or who runs the next was told so */
    struct waiter *waiting;      /* not in a round */
    struct numbering *numbering; /* of who is busy */
};

static int alone_body(struct db_tx *tx, void *context, struct error *error) {
    (void)error;
    *(bool *)context = db_alone(tx);
    return 0;
}

struct policy_numbers *policy_numbers_new(struct db *db) {
    struct policy_numbers *numbers = calloc(1, sizeof *numbers);
    struct numbering *numbering = calloc(1, sizeof *numbering);
    struct error unused = {0};
    if (!numbers || !numbering) {
        free(numbers);
        free(numbering);
        return NULL;
    }
    numbers->db = db;
    /* A store that cannot be asked now has numbers given in writes of their own. */
    (void)db_read(db, &db_scope_all, alone_body, &numbers->alone, &unused);
    numbers->numbering = numbering;
    pthread_mutex_init(&numbers->lock, NULL);
    return numbers;
}

void policy_numbers_free(struct policy_numbers *numbers) {
    if (!numbers) return;
    pthread_mutex_destroy(&numbers->lock);
    free(numbers->numbering);
    free(numbers);
}

static int compare_ids(const void *key, const void *item) {
    return strcmp(key, ((const struct numbered *)item)->id);
}

/* Takes what the round came to; false: it waits for another. */
static bool waiter_settle(struct waiter *waiter, const struct numbering *numbering, int status,
                          const struct error *error) {
    const struct numbered *found =
        status ? NULL
               : bsearch(waiter->policy_id, numbering->items, (size_t)numbering->count,
                         sizeof *numbering->items, compare_ids);
    waiter->rounds++;
    if (found) memcpy(waiter->number, found->number, POLICY_NUMBER_MAX);
    else if (status && status != ERROR_CONFLICT && status != ERROR_NOT_FOUND)
        waiter->error = *error;
    else if (status == ERROR_NOT_FOUND && waiter->policy_id == numbering->policy_id)
        waiter->error = *error;
    else if (waiter->rounds == ROUNDS_MAX)
        error_set(&waiter->error, ERROR_BUSY, "the numbers of policies stay in use");
    waiter->done = *waiter->number || waiter->error.code;
    return waiter->done;
}

/* Gives numbers to those who wait; `first` is one of them, whose sequence it is. Locked before and
 * after. */
static void round_run(struct policy_numbers *numbers, const struct waiter *first) {
    struct numbering *numbering = numbers->numbering;
    struct waiter *taken = numbers->waiting;
    struct error error = {0};
    numbers->waiting = NULL;
    numbering->policy_id = first->policy_id;
    numbering->count = 0;
    pthread_mutex_unlock(&numbers->lock);
    int status = db_write(numbers->db, &db_scope_all, number_body, numbering, &error);
    pthread_mutex_lock(&numbers->lock);
    while (taken) {
        struct waiter *waiter = taken;
        taken = waiter->next;
        if (waiter_settle(waiter, numbering, status, &error)) {
            pthread_cond_signal(&waiter->woken);
        } else {
            waiter->next = numbers->waiting;
            numbers->waiting = waiter;
        }
    }
    numbers->busy = numbers->waiting != NULL;
    if (numbers->waiting) {
        numbers->waiting->leads = true;
        pthread_cond_signal(&numbers->waiting->woken);
    }
}

static int look_body(struct db_tx *tx, void *context, struct error *error) {
    int status = policy_look(tx, context, error);
    return status < 0 ? status : 0;
}

/* Where it was given with its policy, or long ago; "" when not. */
static int number_find(struct policy_numbers *numbers, const char *policy_id,
                       struct error *error, char ret_number[POLICY_NUMBER_MAX]) {
    struct numbering *numbering = calloc(1, sizeof *numbering);
    if (!numbering) return error_set(error, ERROR_NO_MEMORY, "no memory for policy numbers");
    numbering->policy_id = policy_id;
    int status = db_read(numbers->db, &db_scope_all, look_body, numbering, error);
    *ret_number = '\0';
    if (!status && numbering->count)
        memcpy(ret_number, numbering->items[0].number, POLICY_NUMBER_MAX);
    free(numbering);
    return status;
}

int policy_number_assign(struct policy_numbers *numbers, const char *policy_id,
                         struct error *error, char ret_number[POLICY_NUMBER_MAX]) {
    struct waiter own = {.policy_id = policy_id};
    char number[POLICY_NUMBER_MAX];
    int status = numbers->alone ? number_find(numbers, policy_id, error, number) : 0;
    if (status) return status;
    if (numbers->alone && *number) {
        memcpy(ret_number, number, POLICY_NUMBER_MAX);
        return 0;
    }
    pthread_cond_init(&own.woken, NULL);
    pthread_mutex_lock(&numbers->lock);
    own.leads = !numbers->busy;
    numbers->busy = true;
    own.next = numbers->waiting;
    numbers->waiting = &own;
    while (!own.done) {
        if (own.leads) {
            own.leads = false;
            round_run(numbers, &own);
        } else {
            pthread_cond_wait(&own.woken, &numbers->lock);
        }
    }
    pthread_mutex_unlock(&numbers->lock);
    pthread_cond_destroy(&own.woken);
    if (own.error.code) return error_set(error, own.error.code, "%s", own.error.text);
    memcpy(ret_number, own.number, POLICY_NUMBER_MAX);
    return 0;
}

/* ---- those that were left -------------------------------------------------------------------- */
static int left_body(struct db_tx *tx, void *context, struct error *error) {
    struct db_rows *rows = NULL;
    char *id = context;
    *id = '\0';
    int status = db_query(tx, error, &rows,
                          "select p.id from policy p where p.number is null and $scope(p)"
                          " order by p.id limit 1");
    if (!status) status = db_next(rows, error);
    if (status > 0) snprintf(id, ID_MAX, "%s", db_column_text(rows, 0, NULL));
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int policy_numbers_complete(struct db *db, struct error *error) {
    char id[ID_MAX] = "";
    struct numbering *numbering = calloc(1, sizeof *numbering);
    int status = 0;
    if (!numbering) return error_set(error, ERROR_NO_MEMORY, "no memory for policy numbers");
    numbering->policy_id = id;
    for (int round = 0; !status && round < ROUNDS_MAX; round++) {
        status = db_read(db, &db_scope_all, left_body, id, error);
        if (status || !*id) break;
        status = db_write(db, &db_scope_all, number_body, numbering, error);
        if (status != ERROR_CONFLICT) continue;
        error_clear(error); /* another node was first with the sequence */
        status = 0;
    }
    free(numbering);
    return status;
}
