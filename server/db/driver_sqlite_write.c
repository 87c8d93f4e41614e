/* SQLite: the writer. One thread owns the one connection that writes. It takes what waits, runs
 * the bodies in one transaction, commits, and only then wakes the callers: many writes share one
 * flush, and none waits for a clock. While it flushes, the next group gathers.
 *
 * When a body of a group fails, what the group did is taken back, and each body runs again, in a
 * savepoint of its own, so that the others' deeds stand.
 * A commit that fails for want of space, or for what one body did, is taken apart: each body runs
 * again in a transaction of its own and hears its own result. After an I/O error nobody knows what
 * reached the disk: everybody in the group hears that, and nothing is run again. */
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "db/driver_sqlite.h"

/* ---- transactions ---- */

static int begin(struct sqlite_connection *connection, struct error *error) {
    int code = sqlite_step_once(connection->begin);
    return code == SQLITE_OK
               ? 0
               : sqlite_error(connection->handle, code, "begin a write", error);
}

static void roll_back(struct sqlite_connection *connection) {
    /* SQLite has rolled back by itself after some errors. */
    if (!sqlite3_get_autocommit(connection->handle))
        sqlite_step_once(connection->rollback);
}

static int commit(struct sqlite_db *store, struct error *error) {
    struct sqlite_connection *connection = store->writer.connection;
    bool fault = db_fault_due(&store->base, DB_FAULT_COMMIT);
    int status = 0;
    connection->reached_log = false;
    if (!fault || store->base.fault.after) {
        int code = sqlite_step_once(connection->commit);
        if (code != SQLITE_OK)
            status = sqlite_error(connection->handle, code, "commit a write", error);
    }
    if (fault && !status)
        status = error_set(error, store->base.fault.code, "a fault was injected");
    roll_back(connection);
    /* A transaction that changed nothing has not touched the disk and proves nothing about it. */
    if (!status && connection->reached_log)
        db_write_ended(&store->base, ERROR_NONE, error);
    return status;
}

static void forget_result(struct sqlite_task *task) {
    task->status = 0;
    error_clear(&task->error);
}

/* Runs one body within the transaction under way. False when that is lost with it. */
static bool run_body(struct sqlite_db *store, struct sqlite_task *task) {
    struct sqlite_connection *connection = store->writer.connection;
    struct sqlite_tx tx = {
        .base = {.db = &store->base, .scope = *task->scope, .writes = true},
        .connection = connection};
    forget_result(task);
    task->status = db_body_run(&tx.base, task->body, task->context, &task->error);
    if (!sqlite3_get_autocommit(connection->handle))
        return true;
    if (!task->status)
        task->status = error_set(&task->error, ERROR_INTERNAL, "a body ended its transaction");
    return false;
}

/* Runs one body so that nothing of it is left when it fails, and the transaction goes on. False
 * when that is lost with it. */
static bool run_in_savepoint(struct sqlite_db *store, struct sqlite_task *task) {
    struct sqlite_connection *connection = store->writer.connection;
    int code = sqlite_step_once(connection->savepoint);
    if (code != SQLITE_OK) {
        task->status = sqlite_error(connection->handle, code, "begin a write", &task->error);
        return false;
    }
    if (!run_body(store, task))
        return false;
    if (task->status && sqlite_step_once(connection->rollback_to) != SQLITE_OK)
        return false;
    return sqlite_step_once(connection->release) == SQLITE_OK;
}

/* One body, one transaction: its result is its own. */
static void run_alone(struct sqlite_db *store, struct sqlite_task *task) {
    forget_result(task);
    task->status = begin(store->writer.connection, &task->error);
    if (task->status) {
        db_write_ended(&store->base, (enum error_code)task->status, &task->error);
        return;
    }
    (void)run_body(store, task);
    if (task->status)
        roll_back(store->writer.connection);
    else
        task->status = commit(store, &task->error);
    if (task->error.code)
        db_write_ended(&store->base, (enum error_code)task->status, &task->error);
}

/* ---- groups ---- */

static void fail_all(struct sqlite_db *store, struct sqlite_task *group,
                     const struct error *error) {
    db_write_ended(&store->base, error->code, error);
    for (struct sqlite_task *task = group; task; task = task->next)
        /* A body that had failed by itself is answered by its own result: it has written nothing
         * in any case. */
        if (!task->status) {
            task->status = error->code;
            error_clear(&task->error);
            error_set(&task->error, error->code, "%s", error->text);
        }
}

static void run_each_alone(struct sqlite_db *store, struct sqlite_task *group) {
    roll_back(store->writer.connection);
    for (struct sqlite_task *task = group; task; task = task->next)
        run_alone(store, task);
}

/* Most groups have no body that fails: those are spared the savepoints. */
static bool run_without_savepoints(struct sqlite_db *store, struct sqlite_task *group) {
    for (struct sqlite_task *task = group; task; task = task->next)
        if (!run_body(store, task) || task->status)
            return false;
    return true;
}

/* False when the transaction is lost. *ret_any: there is something to commit. */
static bool run_in_savepoints(struct sqlite_db *store, struct sqlite_task *group, bool *ret_any) {
    *ret_any = false;
    for (struct sqlite_task *task = group; task; task = task->next) {
        if (!run_in_savepoint(store, task))
            return false;
        *ret_any = *ret_any || !task->status;
    }
    return true;
}

static void run_group(struct sqlite_db *store, struct sqlite_task *group) {
    struct error error = {.code = ERROR_NONE};
    bool any = true;
    if (!group->next) {
        run_alone(store, group);
        return;
    }
    int status = begin(store->writer.connection, &error);
    if (!status && !run_without_savepoints(store, group)) {
        roll_back(store->writer.connection);
        status = begin(store->writer.connection, &error);
        if (!status && !run_in_savepoints(store, group, &any)) {
            run_each_alone(store, group);
            return;
        }
    }
    if (status) {
        for (struct sqlite_task *task = group; task; task = task->next)
            forget_result(task);
        fail_all(store, group, &error);
        return;
    }
    if (!any) {
        roll_back(store->writer.connection);
        if (group->error.code)
            db_write_ended(&store->base, group->error.code, &group->error);
        return;
    }
    status = commit(store, &error);
    if (status == ERROR_IO || status == ERROR_BUSY)
        fail_all(store, group, &error);
    else if (status)
        run_each_alone(store, group);
}

/* ---- the version of the data ---- */

/* SQLite's counter of commits by other connections. */
static int read_data_version(struct sqlite_connection *connection, struct error *error,
                             int64_t *ret_version) {
    sqlite3_stmt *handle = NULL;
    int code = sqlite3_prepare_v2(connection->handle, "pragma data_version", -1, &handle, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(handle);
    if (code == SQLITE_ROW)
        *ret_version = sqlite3_column_int64(handle, 0);
    sqlite3_finalize(handle);
    return code == SQLITE_ROW
               ? 0
               : sqlite_error(connection->handle, code, "watch the store", error);
}

static void look_for_change(struct sqlite_db *store, struct sqlite_task *task) {
    int64_t version;
    task->status = read_data_version(store->writer.connection, &task->error, &version);
    if (task->status)
        return;
    task->changed = version != store->writer.data_version;
    store->writer.data_version = version;
}

/* ---- the thread ---- */

/* Copies a grown log into the file. Nobody waits for it; when it fails, the log still has all. */
static void tend_log(struct sqlite_connection *connection) {
    int mode = SQLITE_CHECKPOINT_PASSIVE;
    if (connection->log_pages < connection->log_pages_copied)
        connection->log_pages_copied = 0; /* the log began anew */
    if (connection->log_pages - connection->log_pages_copied < SQLITE_LOG_PAGES)
        return;
    if (connection->log_pages >= SQLITE_LOG_PAGES_LARGE) {
        mode = SQLITE_CHECKPOINT_RESTART;
        sqlite3_busy_timeout(connection->handle, SQLITE_LOG_WAIT_MS);
    }
    int code = sqlite3_wal_checkpoint_v2(connection->handle, NULL, mode, NULL, NULL);
    sqlite3_busy_timeout(connection->handle, SQLITE_BUSY_WAIT_MS);
    connection->log_pages_copied = connection->log_pages;
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY)
        log_event(LOG_WARNING, "store_checkpoint_failed", "reason",
                  sqlite3_errmsg(connection->handle), NULL);
}

/* Splits a group by kind, in its order. */
static void split_group(struct db_task *group, struct sqlite_task **ret_writes,
                        struct sqlite_task **ret_others) {
    struct sqlite_task **writes = ret_writes, **others = ret_others;
    for (; group; group = group->next) {
        struct sqlite_task *task = (struct sqlite_task *)group;
        struct sqlite_task ***list = task->kind == SQLITE_TASK_WRITE ? &writes : &others;
        **list = task;
        *list = &task->next;
    }
    *writes = *others = NULL;
}

static void *write_groups(void *context) {
    struct sqlite_db *store = context;
    struct db_task *group;
    struct sqlite_task *writes, *others;
    while (db_queue_take(&store->writer.queue, &group)) {
        split_group(group, &writes, &others);
        for (struct sqlite_task *task = others; task; task = task->next)
            look_for_change(store, task);
        if (writes)
            run_group(store, writes);
        db_queue_end(&store->writer.queue, group->round);
        tend_log(store->writer.connection);
    }
    return NULL;
}

/* Hands a task to the writer and waits for it. */
static int submit(struct sqlite_db *store, struct sqlite_task *task, struct error *error) {
    int status = db_queue_run(&store->writer.queue, &task->base, error);
    if (status)
        return status;
    if (task->error.code)
        error_set(error, task->error.code, "%s", task->error.text);
    return task->status;
}

int sqlite_write(struct db *db, const struct db_scope *scope, db_body body, void *context,
                 struct error *error) {
    struct sqlite_task task = {
        .kind = SQLITE_TASK_WRITE, .scope = scope, .body = body, .context = context};
    return submit((struct sqlite_db *)db, &task, error);
}

int sqlite_changed(struct db *db, struct error *error, bool *ret_changed) {
    struct sqlite_task task = {.kind = SQLITE_TASK_CHANGED};
    int status = submit((struct sqlite_db *)db, &task, error);
    if (!status)
        *ret_changed = task.changed;
    return status;
}

/* A file of this size must fit beside the store. The log alone would not tell: bytes that a failed
 * write got hold of take a small write, and yet no quote. */
static int probe_room(const char *store, struct error *error) {
    static const char nothing[SQLITE_PROBE_BYTES];
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s-probe", store);
    if (length < 0 || (size_t)length >= sizeof path)
        return error_set(error, ERROR_TOO_LARGE, "the path %.100s… is too long", store);
    int status = file_write(path, nothing, sizeof nothing, 0600, error);
    unlink(path);
    return status;
}

int sqlite_probe(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    int status = probe_room(((struct sqlite_db *)tx->db)->path, error);
    /* Writes the first page of the file even when the number stays the same. */
    return status ? status : db_run(tx, error, NULL, "pragma user_version = 0");
}

int sqlite_writer_start(struct sqlite_db *store, struct error *error) {
    struct sqlite_writer *writer = &store->writer;
    int status = sqlite_connection_open(store->path, true, error, &writer->connection);
    if (!status)
        status = read_data_version(writer->connection, error, &writer->data_version);
    if (status) {
        sqlite_connection_close(writer->connection);
        return status;
    }
    db_queue_init(&writer->queue, DB_WRITE_GROUP_MAX);
    /* Signals are for the threads that expect them. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int number = pthread_create(&writer->thread, NULL, write_groups, store);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (number == 0)
        return 0;
    db_queue_done(&writer->queue);
    sqlite_connection_close(writer->connection);
    return error_set(error, ERROR_NO_MEMORY, "cannot start the writer: %s", strerror(number));
}

void sqlite_writer_stop(struct sqlite_db *store) {
    struct sqlite_writer *writer = &store->writer;
    db_queue_close(&writer->queue);
    pthread_join(writer->thread, NULL);
    db_queue_done(&writer->queue);
    sqlite_connection_close(writer->connection);
}
