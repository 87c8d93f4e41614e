/* Inside the SQLite driver: connections with their prepared statements, the writer, the copier. */
#ifndef KOPPEL_DB_DRIVER_SQLITE_H
#define KOPPEL_DB_DRIVER_SQLITE_H

#include <pthread.h>
#include <sqlite3.h>

#include "db/db_private.h"
#include "db/queue.h"

enum {
    SQLITE_BUSY_WAIT_MS = 5000,
    /* Prepared statements kept per connection, in sets that are searched one by one. */
    SQLITE_STATEMENT_SETS = 64,
    SQLITE_STATEMENT_WAYS = 4,
    SQLITE_STATEMENTS_MAX = SQLITE_STATEMENT_SETS * SQLITE_STATEMENT_WAYS,
    /* Pages in the write-ahead log from which it is copied into the file, and from which the writer
     * waits a moment for readers to leave it, so that it can begin anew. */
    SQLITE_LOG_PAGES = 1000,
    SQLITE_LOG_PAGES_LARGE = 16384,
    SQLITE_LOG_WAIT_MS = 50,
    /* Room that a store in trouble must find before it counts as ready again. */
    SQLITE_PROBE_BYTES = 256 * 1024
};

/* ---- connections: driver_sqlite_statement.c ---- */

struct sqlite_statement {
    struct db_rows rows; /* first: a result is its statement */
    sqlite3_stmt *handle;
    const char *sql; /* the caller's literal: a place, compared before its text */
    char *sql_copy;
    enum db_scope_kind kind;
    struct db_statement form;
    int *value_indexes; /* where $1 to $value_count and the hidden parameter are bound */
    uint64_t last_use;
    bool in_use;
    bool first_row; /* a row was read when the result was opened, and not handed out yet */
    bool ended;
    bool temporary; /* not in the cache: freed when closed */
    struct sqlite_statement *next_temporary;
};

struct sqlite_connection {
    sqlite3 *handle;
    bool writer;
    uint64_t uses;
    int log_pages;        /* of the write-ahead log after the last commit */
    bool reached_log;     /* by the last commit: it changed something */
    int log_pages_copied; /* when it was last copied into the file */
    struct sqlite_statement sets[SQLITE_STATEMENT_SETS][SQLITE_STATEMENT_WAYS];
    struct sqlite_statement *temporary;
    sqlite3_stmt *begin, *commit, *rollback, *savepoint, *release, *rollback_to;
};

struct sqlite_tx {
    struct db_tx base;
    struct sqlite_connection *connection;
};

int sqlite_connection_open(const char *path, bool writer, struct error *error,
                           struct sqlite_connection **ret_connection);
void sqlite_connection_close(struct sqlite_connection *connection);
/* Runs one of the connection's own statements: SQLITE_OK or SQLITE's code. */
int sqlite_step_once(sqlite3_stmt *handle);
/* How many statements the cache holds now. */
int sqlite_statements_cached(const struct sqlite_connection *connection);

/* Translates SQLITE's code; `deed` begins the text: "cannot <deed>: <SQLITE's reason>". */
int sqlite_error(sqlite3 *handle, int code, const char *deed, struct error *error);

int sqlite_run(struct db_tx *tx, const char *sql, const struct db_value *values, size_t count,
               struct error *error, int64_t *ret_changed);
int sqlite_query(struct db_tx *tx, const char *sql, const struct db_value *values, size_t count,
                 struct error *error, struct db_rows **ret_rows);
int sqlite_next(struct db_rows *rows, struct error *error);
void sqlite_rows_close(struct db_rows *rows);
void sqlite_rows_close_all(struct db_tx *tx);

/* ---- the store ---- */

struct sqlite_pool {
    pthread_mutex_t lock;
    pthread_cond_t returned;
    struct sqlite_connection *idle[DB_READERS_MAX];
    int idle_count, open_count, reader_count;
};

enum sqlite_task_kind { SQLITE_TASK_WRITE, SQLITE_TASK_CHANGED };

/* What a caller asks of the writer; it lies on the caller's stack while the caller waits. */
struct sqlite_task {
    struct db_task base; /* first */
    enum sqlite_task_kind kind;
    const struct db_scope *scope;
    db_body body;
    void *context;
    struct error error;
    int status;
    bool changed; /* SQLITE_TASK_CHANGED */
    struct sqlite_task *next; /* of its kind in the group */
};

struct sqlite_writer {
    pthread_t thread;
    struct db_queue queue;
    struct sqlite_connection *connection;
    int64_t data_version;
};

struct sqlite_db {
    struct db base; /* first */
    char *path;
    struct sqlite_pool pool;
    struct sqlite_writer writer;
};

/* ---- the writer: driver_sqlite_write.c ---- */

int sqlite_writer_start(struct sqlite_db *store, struct error *error);
/* Finishes what waits, then ends the thread and closes its connection. */
void sqlite_writer_stop(struct sqlite_db *store);
int sqlite_write(struct db *db, const struct db_scope *scope, db_body body, void *context,
                 struct error *error);
int sqlite_probe(struct db_tx *tx, void *context, struct error *error);
int sqlite_changed(struct db *db, struct error *error, bool *ret_changed);

/* ---- copies: driver_sqlite_copy.c ---- */

int sqlite_backup(struct db *db, const char *path, struct error *error);
int sqlite_restore(const struct db_options *options, const char *path, struct error *error);

#endif
