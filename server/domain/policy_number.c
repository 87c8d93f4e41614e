/* Policy numbers, taken for all policies at once that wait for theirs: whoever comes first numbers
 * those of the others too, so that many who accept at once wait for a commit or two and not for one
 * each. A number is written together with the sequence: there are no gaps. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "domain/transaction_store.h"

enum { NUMBERS_MAX = 256, ROUNDS_MAX = 1000, PAUSE_MS = 3 };

struct numbering {
    const char *policy_id;
    char prefix[8];
    bool test, numbered;
    int64_t last_number;
    int count;
    char ids[NUMBERS_MAX][ID_MAX];
};

static int policy_look(struct db_tx *tx, struct numbering *numbering, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select p.number_prefix, p.test, p.number from policy p"
                          " where p.id = $1 and $scope(p)",
                          db_text(numbering->policy_id));
    if (!status) status = db_next(rows, error);
    numbering->numbered = true;
    if (status > 0) {
        snprintf(numbering->prefix, sizeof numbering->prefix, "%s",
                 db_column_text(rows, 0, NULL));
        numbering->test = db_column_integer(rows, 1) != 0;
        numbering->numbered = !db_column_null(rows, 2);
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* 1: it is there, with its last number; 0: it is not, or (`free_only`) another has it in use. */
static int sequence_read(struct db_tx *tx, struct numbering *numbering, bool free_only,
                         struct error *error) {
    struct db_rows *rows = NULL;
    int status = free_only
                     ? db_query(tx, error, &rows,
                                "select last_number from policy_number"
                                " where prefix = $1 and test = $2 $skip_locked",
                                db_text(numbering->prefix), db_integer(numbering->test))
                     : db_query(tx, error, &rows,
                                "select last_number from policy_number"
                                " where prefix = $1 and test = $2",
                                db_text(numbering->prefix), db_integer(numbering->test));
    if (!status) status = db_next(rows, error);
    if (status > 0) numbering->last_number = db_column_integer(rows, 0);
    db_rows_close(rows);
    return status;
}

/* From here on to the end of the transaction nobody else takes numbers. ERROR_CONFLICT: another
 * does. */
static int sequence_lock(struct db_tx *tx, struct numbering *numbering, struct error *error) {
    int64_t changed = 0;
    int status = sequence_read(tx, numbering, true, error);
    if (status) return status < 0 ? status : 0;
    status = sequence_read(tx, numbering, false, error);
    if (status > 0) return error_set(error, ERROR_CONFLICT, "the sequence is in use");
    if (status < 0) return status;
    numbering->last_number = 0;
    return db_run(tx, error, &changed,
                  "insert into policy_number (prefix, test, last_number) values ($1, $2, 0)",
                  db_text(numbering->prefix), db_integer(numbering->test));
}

static int waiting_read(struct db_tx *tx, struct numbering *numbering, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select p.id from policy p where p.number is null"
                          " and p.number_prefix = $1 and p.test = $2 and $scope(p)"
                          " order by p.id limit $3",
                          db_text(numbering->prefix), db_integer(numbering->test),
                          db_integer(NUMBERS_MAX));
    numbering->count = 0;
    while (!status && numbering->count < NUMBERS_MAX && (status = db_next(rows, error)) > 0) {
        snprintf(numbering->ids[numbering->count++], ID_MAX, "%s", db_column_text(rows, 0, NULL));
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

static int number_body(struct db_tx *tx, void *context, struct error *error) {
    struct numbering *numbering = context;
    int status = policy_look(tx, numbering, error);
    if (status || numbering->numbered) return status;
    status = sequence_lock(tx, numbering, error);
    if (!status) status = waiting_read(tx, numbering, error);
    /* Another did it meanwhile: undone, this costs no commit. */
    if (!status && !numbering->count)
        return error_set(error, ERROR_CONFLICT, "nothing waits for a number");
    for (int i = 0; !status && i < numbering->count; i++) {
        char number[POLICY_NUMBER_MAX];
        snprintf(number, sizeof number, "%s-%s%07lld", numbering->prefix,
                 numbering->test ? "T" : "", (long long)(numbering->last_number + i + 1));
        status = db_run(tx, error, NULL,
                        "update policy as p set number = $1 where p.id = $2 and $scope(p)",
                        db_text(number), db_text(numbering->ids[i]));
    }
    int64_t changed = 0;
    if (status) return status;
    return db_run(tx, error, &changed,
                  "update policy_number set last_number = last_number + $1"
                  " where prefix = $2 and test = $3",
                  db_integer(numbering->count), db_text(numbering->prefix),
                  db_integer(numbering->test));
}

static int look_body(struct db_tx *tx, void *context, struct error *error) {
    return policy_look(tx, context, error);
}

int policy_number_assign(struct db *db, const char *policy_id, struct error *error) {
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    struct numbering *numbering = calloc(1, sizeof *numbering);
    if (!numbering) return error_set(error, ERROR_NO_MEMORY, "no memory for policy numbers");
    numbering->policy_id = policy_id;
    int status = 0;
    for (int round = 0; !status && !numbering->numbered && round < ROUNDS_MAX; round++) {
        struct error own = {0};
        if (round) status = db_read(db, &db_scope_all, look_body, numbering, &own);
        if (!status && !numbering->numbered)
            status = db_write(db, &db_scope_all, number_body, numbering, &own);
        if (status == ERROR_CONFLICT) {
            status = 0;
            numbering->numbered = false;
            nanosleep(&pause, NULL);
        } else if (status) {
            error_set(error, status, "%s", own.text);
        }
    }
    if (!status && !numbering->numbered)
        status = error_set(error, ERROR_BUSY, "the numbers of policies stay in use");
    free(numbering);
    return status;
}

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
    int status = 0;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        status = db_read(db, &db_scope_all, left_body, id, error);
        if (status || !*id) return status;
        status = policy_number_assign(db, id, error);
        if (status) return status;
    }
    return status;
}
