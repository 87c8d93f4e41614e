/* A number is written together with its sequence, whose row is locked until the commit: there are
 * no gaps, whichever node gives it. Policies without a number are of programs that gave it in a
 * write of its own, and ended before it came to that: they are numbered many at a time, in order
 * of their making. */
#include "domain/policy_number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS_MAX = 256, ROUNDS_MAX = 1000 };

/* ---- with its policy ------------------------------------------------------------------------- */
int policy_number_advance(struct db_tx *tx, const char *prefix, bool test, struct error *error,
                          struct db_late *ret_late) {
    struct db_late late = {.shared = true};
    snprintf(late.order, sizeof late.order, "%s %d", prefix, test);
    int status = db_run_late(tx, &late, error,
                             "insert into policy_number (prefix, test, last_number)"
                             " values ($1, $2, $3) on conflict (prefix, test) do update"
                             " set last_number = policy_number.last_number + excluded.last_number",
                             db_text(prefix), db_integer(test));
    late.shared = false;
    *ret_late = late;
    return status;
}

void policy_number_start(const char *prefix, bool test, char ret_start[POLICY_NUMBER_START_MAX]) {
    snprintf(ret_start, POLICY_NUMBER_START_MAX, "%s-%s", prefix, test ? "T" : "");
}

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
    char start[POLICY_NUMBER_START_MAX];
    size_t length = 0;
    policy_number_start(numbering->prefix, numbering->test, start);
    numbering->count = 0;
    while (!status && numbering->count < NUMBERS_MAX && (status = db_next(rows, error)) > 0) {
        struct numbered *item = &numbering->items[numbering->count++];
        snprintf(item->id, ID_MAX, "%s", db_column_text(rows, 0, NULL));
        length += (size_t)snprintf(numbering->ids + length, sizeof numbering->ids - length, "%s ",
                                   item->id);
        numbering->last_number = db_column_integer(rows, 1);
        snprintf(item->number, POLICY_NUMBER_MAX, "%s%07lld", start,
                 (long long)(db_column_integer(rows, 1) + numbering->count));
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

/* All in one statement: each would be a journey to the server. It counts as waiting_read did. */
static int waiting_number(struct db_tx *tx, const struct numbering *numbering,
                          struct error *error) {
    int64_t changed = 0;
    char start[POLICY_NUMBER_START_MAX];
    policy_number_start(numbering->prefix, numbering->test, start);
    int status = db_run(
        tx, error, &changed,
        "update policy as p set number = w.number from"
        " (select c.id, $1 || " POLICY_NUMBER_DIGITS("c.number") " as number from"
        " (select q.id, $2 + row_number() over (order by q.id) as number"
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

/* ---- one ------------------------------------------------------------------------------------- */
static int look_body(struct db_tx *tx, void *context, struct error *error) {
    int status = policy_look(tx, context, error);
    return status < 0 ? status : 0;
}

static const char *number_of(const struct numbering *numbering) {
    for (int i = 0; i < numbering->count; i++)
        if (strcmp(numbering->items[i].id, numbering->policy_id) == 0)
            return numbering->items[i].number;
    return NULL;
}

int policy_number_assign(struct db *db, const char *policy_id, struct error *error,
                         char ret_number[POLICY_NUMBER_MAX]) {
    struct numbering *numbering = calloc(1, sizeof *numbering);
    if (!numbering) return error_set(error, ERROR_NO_MEMORY, "no memory for policy numbers");
    numbering->policy_id = policy_id;
    int status = db_read(db, &db_scope_all, look_body, numbering, error);
    for (int round = 0; !status && !number_of(numbering) && round < ROUNDS_MAX; round++) {
        status = db_write(db, &db_scope_all, number_body, numbering, error);
        if (status != ERROR_CONFLICT) continue;
        error_clear(error); /* another node was first with the sequence */
        status = 0;
    }
    const char *number = status ? NULL : number_of(numbering);
    if (number) memcpy(ret_number, number, POLICY_NUMBER_MAX);
    else if (!status)
        status = error_set(error, ERROR_BUSY, "the numbers of policies stay in use");
    free(numbering);
    return status;
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
