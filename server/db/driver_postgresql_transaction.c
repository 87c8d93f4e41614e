/* PostgreSQL: pools of connections and the transactions on them.
 *
 * A read is repeatable read, which here is one snapshot. A write is read committed: bodies run side
 * by side, each statement sees what was committed before it, and a row that another transaction
 * changes is waited for and looked at again. That suits what bodies rely on, which is unique keys
 * and conditions in the statement that changes a row (db.h says so); serializable would cost every
 * write and send most of them round again, since neighbours on a page of an index count as a
 * conflict.
 *
 * A unique key that is taken ends a transaction of PostgreSQL, and callers may go on after it.
 * Savepoints around every statement would be paid by all for what hardly ever happens, so the first
 * run does without, and after a conflict the body runs once more, carefully: with savepoints, and
 * with the table of the conflict locked against other writers. Nobody can be quicker than a careful
 * run: of two bodies that number something by max + 1 both get their number, and a conflict that
 * remains is a true one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "db/driver_postgresql.h"

/* ---- pools ---- */

void postgresql_pool_init(struct postgresql_pool *pool, int limit) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->returned, &attributes);
    pthread_condattr_destroy(&attributes);
    pool->limit = limit;
}

void postgresql_pool_done(struct postgresql_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    while (pool->idle_count < pool->open_count)
        pthread_cond_wait(&pool->returned, &pool->lock);
    for (int i = 0; i < pool->idle_count; i++)
        postgresql_connection_close(pool->idle[i]);
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_destroy(&pool->returned);
    pthread_mutex_destroy(&pool->lock);
}

static void forget_connection(struct postgresql_pool *pool,
                              struct postgresql_connection *connection) {
    if (connection)
        postgresql_connection_close(connection);
    pthread_mutex_lock(&pool->lock);
    pool->open_count--;
    /* Who waits may open one now. */
    pthread_cond_broadcast(&pool->returned);
    pthread_mutex_unlock(&pool->lock);
}

/* Waits for a place: an idle connection, or leave to open one (NULL). */
static int pool_wait(struct postgresql_pool *pool, struct error *error,
                     struct postgresql_connection **ret_connection) {
    struct postgresql_connection *connection = NULL;
    struct timespec limit;
    bool late = false;
    clock_gettime(CLOCK_MONOTONIC, &limit);
    limit.tv_sec += DB_READER_WAIT_MS / 1000;
    pthread_mutex_lock(&pool->lock);
    bool full = pool->waiting >= DB_WRITE_QUEUE_MAX;
    pool->waiting++;
    while (pool->idle_count == 0 && pool->open_count >= pool->limit && !late && !full)
        late = pthread_cond_timedwait(&pool->returned, &pool->lock, &limit) == ETIMEDOUT;
    pool->waiting--;
    bool free_place = pool->idle_count > 0 || pool->open_count < pool->limit;
    if (pool->idle_count > 0)
        connection = pool->idle[--pool->idle_count];
    else if (free_place)
        pool->open_count++;
    pthread_mutex_unlock(&pool->lock);
    if (!free_place)
        return error_set(error, ERROR_BUSY, "all %d connections to the store are in use: try again",
                         pool->limit);
    *ret_connection = connection;
    return 0;
}

int postgresql_pool_take(struct postgresql_db *store, struct postgresql_pool *pool,
                         struct error *error, struct postgresql_connection **ret_connection) {
    struct postgresql_connection *connection = NULL;
    int status = pool_wait(pool, error, &connection);
    if (status)
        return status;
    if (connection && connection->generation != atomic_load(&store->generation)) {
        postgresql_connection_close(connection);
        connection = NULL;
    }
    if (!connection)
        status = postgresql_connection_open(store, error, &connection);
    if (status)
        forget_connection(pool, NULL);
    else
        *ret_connection = connection;
    return status;
}

void postgresql_pool_return(struct postgresql_db *store, struct postgresql_pool *pool,
                            struct postgresql_connection *connection) {
    if (connection->lost) {
        /* What befell this one befell the others: a stopped server, a migration, a pooler. */
        uint64_t generation = connection->generation;
        atomic_compare_exchange_strong(&store->generation, &generation, generation + 1);
        forget_connection(pool, connection);
        return;
    }
    pthread_mutex_lock(&pool->lock);
    pool->idle[pool->idle_count++] = connection;
    pthread_cond_signal(&pool->returned);
    pthread_mutex_unlock(&pool->lock);
}

/* ---- transactions ---- */

/* One statement that reads is a transaction of its own. */
void postgresql_begin(struct postgresql_tx *tx) {
    if (tx->begun || tx->base.once)
        return;
    tx->begun = true;
    postgresql_send_own(tx->connection,
                        tx->base.writes ? "begin isolation level read committed read write"
                                        : "begin isolation level repeatable read read only",
                        POSTGRESQL_EXPECT_DONE);
    if (tx->careful && *tx->table) {
        char sql[POSTGRESQL_TABLE_MAX + 64];
        snprintf(sql, sizeof sql, "lock table %s in share row exclusive mode", tx->table);
        postgresql_send_own(tx->connection, sql, POSTGRESQL_EXPECT_DONE);
    }
}

/* Queued statements are closed off first: one that fails takes all with it up to there, and what
 * ends the transaction must not be among them. */
void postgresql_end_unheard(struct postgresql_tx *tx, const char *command) {
    if (!tx->begun || tx->connection->lost)
        return;
    if (tx->connection->expected_count)
        postgresql_send_off(tx->connection);
    postgresql_ignore_answers(tx->connection);
    postgresql_send_own(tx->connection, command, POSTGRESQL_EXPECT_IGNORED);
    postgresql_send_off(tx->connection);
}

/* What the server said to a commit, or to what was sent with it. */
static int commit_refused(struct postgresql_tx *tx, const PGresult *result, struct error *error) {
    const char *state = postgresql_state(result);
    /* A failure without a state is libpq's own: the server may have done all that it was sent. */
    if (!*state) {
        tx->connection->lost = true;
        return error_set(error, ERROR_IO, "what the database server said to a commit could not be "
                         "taken in: whether it did is unknown");
    }
    if (!tx->connection->commit_failed) {
        tx->refused = true;
        return postgresql_fail(tx, result, error);
    }
    /* A server that stops while it commits may have committed. */
    if (strncmp(state, "57P", 3) == 0 || strncmp(state, "08", 2) == 0)
        return error_set(error, ERROR_IO, "the database server stopped while it committed: whether "
                         "it did is unknown");
    if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0)
        tx->again = POSTGRESQL_AGAIN_LATER;
    int status = postgresql_error(tx->connection->handle, result, "commit a write", true, error);
    tx->refused = status != ERROR_IO;
    return status;
}

/* An answer that does not come leaves the outcome unknown. */
static int commit(struct postgresql_tx *tx, struct error *error) {
    struct postgresql_connection *connection = tx->connection;
    if (PQtransactionStatus(connection->handle) == PQTRANS_IDLE)
        return error_set(error, ERROR_INTERNAL, "a body ended its transaction");
    postgresql_send_own(connection, "commit", POSTGRESQL_EXPECT_COMMIT);
    PGresult *result = postgresql_collect(connection);
    int status = 0;
    if (!result)
        status = error_set(error, ERROR_IO, "the connection to the database server was lost while "
                           "it committed: whether it did is unknown");
    else if (postgresql_failed(result))
        status = commit_refused(tx, result, error);
    else if (strcmp(PQcmdStatus(result), "COMMIT") != 0)
        status = error_set(error, ERROR_INTERNAL, "the database server rolled a write back");
    PQclear(result);
    return status;
}

int postgresql_commit(struct postgresql_tx *tx, struct error *error) {
    bool fault = db_fault_due(tx->base.db, DB_FAULT_COMMIT);
    if (fault && !tx->base.db->fault.after) {
        postgresql_end_unheard(tx, "rollback");
        return error_set(error, tx->base.db->fault.code, "a fault was injected");
    }
    int status = commit(tx, error);
    if (fault && !status)
        status = error_set(error, tx->base.db->fault.code, "a fault was injected");
    return status;
}

struct attempt {
    const struct db_scope *scope;
    db_body body;
    void *context;
    bool writes, careful;
    bool recording; /* what it only adds; in the first run */
    enum postgresql_again again; /* how the last run ended */
    char table[POSTGRESQL_TABLE_MAX];
};

/* Commits or rolls back on the transaction's own connection. */
static int end_run(struct postgresql_db *store, struct postgresql_tx *tx, int status,
                   struct error *error) {
    bool writes = tx->base.writes;
    if (!tx->connection)
        return status;
    bool given_up = status || tx->again || tx->base.spoiled.code;
    if (!given_up && writes) {
        status = postgresql_queue_late(tx, error);
        given_up = status != 0;
    }
    if (given_up)
        postgresql_end_unheard(tx, "rollback");
    else if (!writes)
        postgresql_end_unheard(tx, "commit");
    else if (tx->begun)
        status = postgresql_commit(tx, error);
    /* What failed before the commit kept that from being done: the transaction is still there. */
    if (status && tx->refused)
        postgresql_end_unheard(tx, "rollback");
    if (!status && (tx->changed || tx->connection->changed) && writes)
        db_write_ended(&store->base, ERROR_NONE, error);
    postgresql_pool_return(store, writes ? &store->writers : &store->readers, tx->connection);
    return status;
}

/* One run of the body in one transaction. */
static int run_once(struct postgresql_db *store, struct attempt *attempt, struct error *error) {
    struct postgresql_pool *pool = attempt->writes ? &store->writers : &store->readers;
    struct postgresql_record record = {.scope = *attempt->scope};
    struct postgresql_tx tx = {
        .base = {.db = &store->base, .scope = *attempt->scope, .writes = attempt->writes},
        .record = attempt->recording ? &record : NULL,
        .late = attempt->writes ? &record : NULL,
        .careful = attempt->careful};
    attempt->again = POSTGRESQL_AGAIN_NO;
    int status = tx.record ? 0 : postgresql_pool_take(store, pool, error, &tx.connection);
    if (status)
        return status;
    if (tx.connection)
        tx.connection->changed = false;
    memcpy(tx.table, attempt->table, sizeof tx.table);
    status = db_body_run(&tx.base, attempt->body, attempt->context, error);
    if (tx.record && (record.count || record.late_count)) {
        if (!status)
            status = postgresql_record_write(store, &record, error);
        else
            record.refused = true; /* what was added might have failed before the body did */
        if (record.refused)
            tx.again = POSTGRESQL_AGAIN_ALONE;
    }
    if (status && tx.unheard && !tx.again)
        tx.again = POSTGRESQL_AGAIN_ALONE;
    status = end_run(store, &tx, status, error);
    postgresql_record_done(&record);
    attempt->again = tx.again;
    memcpy(attempt->table, tx.table, sizeof attempt->table);
    return status;
}

/* Longer from run to run, and by chance, so that those who met do not meet again. */
static void pause_before(int run) {
    uint32_t chance;
    random_bytes(&chance, sizeof chance);
    int limit_ms = run < 6 ? 1 << run : POSTGRESQL_PAUSE_MAX_MS;
    int64_t pause_us = 200 + (int64_t)(chance % ((uint32_t)limit_ms * 1000));
    nanosleep(&(struct timespec){.tv_nsec = pause_us * 1000}, NULL);
}

static int run_until_done(struct postgresql_db *store, struct attempt *attempt,
                          struct error *error) {
    int fresh = 0, status = 0;
    for (int run = 1; run <= POSTGRESQL_RUNS_MAX; run++) {
        error_clear(error);
        status = run_once(store, attempt, error);
        attempt->recording = false;
        switch (attempt->again) {
        case POSTGRESQL_AGAIN_NO:
            return status;
        case POSTGRESQL_AGAIN_LATER:
            pause_before(run);
            break;
        case POSTGRESQL_AGAIN_ALONE:
            break;
        case POSTGRESQL_AGAIN_CAREFULLY:
            attempt->careful = true;
            break;
        case POSTGRESQL_AGAIN_FRESH:
        default:
            if (++fresh > POSTGRESQL_FRESH_MAX)
                run = POSTGRESQL_RUNS_MAX;
            break;
        }
    }
    error_clear(error);
    return error_set(error, ERROR_BUSY, "%s", fresh > POSTGRESQL_FRESH_MAX
                     ? "the database server ends its connections: try again"
                     : "other writes were in the way too often: try again");
}

static int run_and_tell(struct db *db, struct attempt *attempt, struct error *error) {
    struct error own = {.code = ERROR_NONE};
    int status = run_until_done((struct postgresql_db *)db, attempt, &own);
    if (own.code) {
        if (attempt->writes)
            db_write_ended(db, own.code, &own);
        error_set(error, own.code, "%s", own.text);
    }
    return status;
}

int postgresql_read(struct db *db, const struct db_scope *scope, db_body body, void *context,
                    struct error *error) {
    struct attempt attempt = {.scope = scope, .body = body, .context = context};
    return run_and_tell(db, &attempt, error);
}

int postgresql_write(struct db *db, const struct db_scope *scope, db_body body, void *context,
                     struct error *error) {
    struct attempt attempt = {.scope = scope, .body = body, .context = context, .writes = true,
                              .recording = true};
    return run_and_tell(db, &attempt, error);
}
