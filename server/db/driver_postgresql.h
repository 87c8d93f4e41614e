/* Inside the PostgreSQL driver: connections and what is sent over them, statements, transactions
 * with their pools, copies.
 *
 * Commands are sent in libpq's pipeline mode: what needs no answer by itself (begin, prepare,
 * savepoint) travels with the statement behind it, and the end of a read is not waited for. A read
 * of one statement costs one round trip, a write one for each statement that is asked about and one
 * for its commit; writes that only add share one. */
#ifndef KOPPEL_DB_DRIVER_POSTGRESQL_H
#define KOPPEL_DB_DRIVER_POSTGRESQL_H

#include <libpq-fe.h>
#include <pthread.h>

#include "db/db_private.h"
#include "db/queue.h"

enum {
    /* Each waits for its own flush, which they share: more of them write more, up to a point.
     * With the readers a node opens 28 connections at most. */
    POSTGRESQL_WRITERS = 16,
    /* Prepared statements kept per connection, in sets that are searched one by one. */
    POSTGRESQL_STATEMENT_SETS = 128,
    POSTGRESQL_STATEMENT_WAYS = 4,
    POSTGRESQL_STATEMENTS_MAX = POSTGRESQL_STATEMENT_SETS * POSTGRESQL_STATEMENT_WAYS,
    POSTGRESQL_NAME_MAX = 40,
    POSTGRESQL_TABLE_MAX = 4 * 64 + 8, /* two quoted names */
    /* A group of writes, which is one transaction, and what it may hold. */
    POSTGRESQL_GROUP_MAX = 32,                  /* writes */
    POSTGRESQL_RECORD_STATEMENTS_MAX = 12,      /* of a write, and DB_LATE_MAX late ones */
    POSTGRESQL_RECORD_BYTES_MAX = 64 * 1024,    /* values of a statement */
    /* Rows of equal statements that are added by one, and their values. */
    POSTGRESQL_MERGED_ROWS_MAX = 16,
    POSTGRESQL_VALUES_MAX = 512,
    /* Answers under way on a connection: each statement of a group may bring one that is forgotten
     * and one that is prepared. */
    POSTGRESQL_EXPECTED_MAX =
        16 + 3 * POSTGRESQL_GROUP_MAX * (POSTGRESQL_RECORD_STATEMENTS_MAX + DB_LATE_MAX),
    POSTGRESQL_RUNS_MAX = 12,     /* of one body, for serialization failures and deadlocks */
    POSTGRESQL_FRESH_MAX = 2,     /* runs on a new connection after one was lost */
    POSTGRESQL_PAUSE_MAX_MS = 64, /* between two runs, at most */
    POSTGRESQL_CONNECT_WAIT_S = 5,
    POSTGRESQL_LOCK_WAIT_MS = 5000,
    POSTGRESQL_STATEMENT_WAIT_MS = 30000,
    /* The server ends a statement earlier; past this the server itself is gone. */
    POSTGRESQL_ANSWER_WAIT_MS = 40000
};

/* Advisory locks of the database that holds the store. */
#define POSTGRESQL_LOCK_IN_USE "7453010373645655040"  /* shared by every connection */
#define POSTGRESQL_LOCK_MIGRATE "7453010373645655041"

/* Why a body must run again, though nothing is wrong with it. */
enum postgresql_again {
    POSTGRESQL_AGAIN_NO,
    POSTGRESQL_AGAIN_LATER,     /* serialization failure, deadlock */
    POSTGRESQL_AGAIN_ALONE,     /* something of what was recorded was refused */
    POSTGRESQL_AGAIN_CAREFULLY, /* a unique key is taken: see driver_postgresql_transaction.c */
    POSTGRESQL_AGAIN_FRESH      /* the connection, or what it had prepared, is gone */
};

struct postgresql_statement {
    const char *sql; /* the caller's literal: a place, compared before its text; NULL: empty */
    char *sql_copy;
    enum db_scope_kind kind;
    int rows; /* that it adds: the form's values, so many times over */
    struct db_statement form;
    /* enum db_kind; NULL as long as only NULL came */
    unsigned char kinds[DB_PARAMETERS_MAX + DB_HIDDEN_MAX];
    char name[POSTGRESQL_NAME_MAX];
    bool prepared;
    uint64_t last_use;
};

enum postgresql_expected_kind {
    POSTGRESQL_EXPECT_IGNORED,   /* ended a transaction that nobody waits for */
    POSTGRESQL_EXPECT_DONE,
    POSTGRESQL_EXPECT_PREPARED,
    POSTGRESQL_EXPECT_CHANGE,    /* of a statement whose count nobody asks for */
    POSTGRESQL_EXPECT_LATE,      /* of a late statement */
    POSTGRESQL_EXPECT_RESULT,
    POSTGRESQL_EXPECT_COMMIT,
    POSTGRESQL_EXPECT_SYNC
};

struct postgresql_recorded;

struct postgresql_connection {
    PGconn *handle;
    uint64_t generation;
    uint64_t uses;
    bool lost;
    bool changed;       /* some statement for whose count nobody asked changed rows */
    bool commit_failed; /* and nothing before it did, in the batch that was collected last */
    bool own_prepared; /* begin, commit and rollback */
    bool unprepared;   /* nothing may be prepared: a pooler stands between */
    struct {
        enum postgresql_expected_kind kind;
        struct postgresql_statement *statement;
        const struct postgresql_recorded *late; /* outlives the wait for the commit */
    } expected[POSTGRESQL_EXPECTED_MAX];
    int expected_count;
    struct postgresql_statement sets[POSTGRESQL_STATEMENT_SETS][POSTGRESQL_STATEMENT_WAYS];
};

struct postgresql_rows {
    struct db_rows base; /* first */
    PGresult *result;
    int row, row_count;
    unsigned char **blobs; /* decoded columns of the row; NULL as long as none is */
    struct postgresql_rows *next;
};

struct postgresql_tx {
    struct db_tx base; /* first */
    struct postgresql_connection *connection;
    struct postgresql_record *record; /* what the body only added; there is no connection then */
    struct postgresql_record *late;   /* of a write: keeps its late statements */
    bool flowing; /* the body has only added so far, more than a record holds */
    bool unheard; /* a failure may be that of a statement whose answer was not waited for */
    bool begun, careful, savepoint, changed;
    bool refused; /* the server said no to the commit or to what stood before it: nothing is kept */
    enum postgresql_again again;
    char table[POSTGRESQL_TABLE_MAX]; /* what a careful run locks; where a conflict was */
    struct postgresql_rows *open;
};

struct postgresql_pool {
    pthread_mutex_t lock;
    pthread_cond_t returned;
    struct postgresql_connection *idle[DB_READERS_MAX];
    int idle_count, open_count, limit, waiting;
};

/* What writes that only add share a commit by. */
struct postgresql_groups {
    struct db_queue queue;
    pthread_mutex_t lock; /* guards `started` */
    pthread_t writer;
    bool started;
};

struct postgresql_db {
    struct db base; /* first */
    char *url;
    struct postgresql_pool readers, writers;
    struct postgresql_groups groups;
    _Atomic uint64_t generation; /* connections of an older one are not used again */
    atomic_bool unprepared;
    pthread_mutex_t changed_lock;
    char *snapshot; /* as db_changed last saw it */
};

/* ---- addresses and errors: driver_postgresql_error.c ---- */

bool postgresql_accepts(const char *url);
/* Connects without anything of this driver's set up; `database` (may be NULL) takes the place of
 * the one in the address. */
int postgresql_connect(const char *url, const char *database, struct error *error,
                       PGconn **ret_handle);
/* Makes the database that the address names, by way of the one that every server has. */
int postgresql_make_database(const char *url, struct error *error);
/* The code that a SQLSTATE stands for. */
enum error_code postgresql_translate(const char *state, bool writes);
/* Sets "cannot <deed>: <reason>: <advice>" from a failed result; NULL: from the connection. */
int postgresql_error(PGconn *handle, const PGresult *result, const char *deed, bool writes,
                     struct error *error);
/* "" when there is none. */
const char *postgresql_state(const PGresult *result);

/* ---- connections: driver_postgresql_connection.c ---- */

int postgresql_connection_open(struct postgresql_db *store, struct error *error,
                               struct postgresql_connection **ret_connection);
void postgresql_connection_close(struct postgresql_connection *connection);
/* Has the server, unasked, said something on an idle connection? Then it is its farewell. */
bool postgresql_connection_ended(struct postgresql_connection *connection);
/* Queue a command. Once the connection is lost they do nothing. */
void postgresql_send_own(struct postgresql_connection *connection, const char *sql,
                         enum postgresql_expected_kind kind);
void postgresql_send_prepare(struct postgresql_connection *connection,
                             struct postgresql_statement *statement);
/* What is under way is still read, but its failures are nobody's any more. */
void postgresql_ignore_answers(struct postgresql_connection *connection);
struct postgresql_values {
    int count;
    Oid types[POSTGRESQL_VALUES_MAX];
    const char *bytes[POSTGRESQL_VALUES_MAX];
    int lengths[POSTGRESQL_VALUES_MAX], formats[POSTGRESQL_VALUES_MAX];
    char integers[POSTGRESQL_VALUES_MAX][24];
};
/* By its name when it has one, else by its text. `late` is NULL but for POSTGRESQL_EXPECT_LATE. */
void postgresql_send_statement(struct postgresql_connection *connection, const char *name,
                               const char *text, const struct postgresql_values *values,
                               enum postgresql_expected_kind kind,
                               const struct postgresql_recorded *late);
/* Closes the batch and waits for all answers: the result that was asked for, or the first that
 * failed; free by PQclear. NULL: the connection is lost, and the server did not say at which. */
PGresult *postgresql_collect(struct postgresql_connection *connection);
/* Closes the batch and sends it; its answers are read before the next ones. */
void postgresql_send_off(struct postgresql_connection *connection);
/* Runs several statements within the transaction; the failed result, else NULL. */
PGresult *postgresql_run_script(struct postgresql_connection *connection, const char *sql);
bool postgresql_failed(const PGresult *result);

/* ---- statements: driver_postgresql_statement.c ---- */

void postgresql_statements_drop(struct postgresql_connection *connection);
/* How many statements the cache holds now. */
int postgresql_statements_cached(const struct postgresql_connection *connection);
/* Queues a statement with its values, which are copied; prepares it when it is not. */
int postgresql_queue_statement(struct postgresql_tx *tx, const char *sql,
                               const struct db_value *values, size_t count,
                               enum postgresql_expected_kind kind, struct error *error);
/* Can several of this statement, each with its own values, be made one? */
bool postgresql_merges(const char *sql);
/* Queues them as one: POSTGRESQL_MERGED_ROWS_MAX at most, with POSTGRESQL_VALUES_MAX values. */
int postgresql_queue_merged(struct postgresql_tx *tx, struct postgresql_recorded *const *recorded,
                            int count, enum postgresql_expected_kind kind, struct error *error);
/* What a failed statement (NULL: a lost connection) means for its transaction. */
int postgresql_fail(struct postgresql_tx *tx, const PGresult *result, struct error *error);
int postgresql_run(struct db_tx *tx, const char *sql, const struct db_value *values, size_t count,
                   struct error *error, int64_t *ret_changed);
int postgresql_query(struct db_tx *tx, const char *sql, const struct db_value *values,
                     size_t count, struct error *error, struct db_rows **ret_rows);
int postgresql_script(struct db_tx *tx, const char *sql, struct error *error);

/* ---- transactions: driver_postgresql_transaction.c ---- */

void postgresql_pool_init(struct postgresql_pool *pool, int limit);
void postgresql_pool_done(struct postgresql_pool *pool);
int postgresql_pool_take(struct postgresql_db *store, struct postgresql_pool *pool,
                         struct error *error, struct postgresql_connection **ret_connection);
void postgresql_pool_return(struct postgresql_db *store, struct postgresql_pool *pool,
                            struct postgresql_connection *connection);
/* Queues the begin of a transaction when it has not begun yet. */
void postgresql_begin(struct postgresql_tx *tx);
/* Sends what is queued with a commit behind it and waits. ERROR_IO: the outcome is unknown. With
 * tx->refused nothing was kept, and each write of it may run again. */
int postgresql_commit(struct postgresql_tx *tx, struct error *error);
/* Ends a transaction whose end nobody waits for. */
void postgresql_end_unheard(struct postgresql_tx *tx, const char *command);
int postgresql_read(struct db *db, const struct db_scope *scope, db_body body, void *context,
                    struct error *error);
int postgresql_write(struct db *db, const struct db_scope *scope, db_body body, void *context,
                     struct error *error);

/* ---- groups: driver_postgresql_group.c ---- */

void postgresql_groups_init(struct postgresql_groups *groups);
/* Finishes what waits. */
void postgresql_groups_done(struct postgresql_groups *groups);
struct postgresql_recorded {
    const char *sql;
    size_t count;
    struct db_value *values; /* one piece of memory with their bytes behind them */
    const struct db_scope *scope;
    struct db_late late; /* of late statements */
    int place;           /* as they were handed in */
    struct postgresql_recorded *with; /* the next of those that were made one */
};
struct postgresql_record {
    struct db_task task; /* first */
    struct db_scope scope;
    struct postgresql_recorded statements[POSTGRESQL_RECORD_STATEMENTS_MAX];
    struct postgresql_recorded late[DB_LATE_MAX];
    int count, late_count;
    bool refused; /* nothing was kept: it may run again in a transaction of its own */
    int status;
    struct error error;
};
bool postgresql_only_adds(const char *sql);
/* Records a statement whose count nobody asks for. False: it must be sent by itself. */
bool postgresql_record_add(struct postgresql_tx *tx, const char *sql,
                           const struct db_value *values, size_t count);
int postgresql_run_late(struct db_tx *tx, const char *sql, const struct db_value *values,
                        size_t count, const struct db_late *late, struct error *error);
/* Queues the late statements of a write that has a transaction of its own. */
int postgresql_queue_late(struct postgresql_tx *tx, struct error *error);
/* From here on the body has a connection of its own: takes it, and queues what was recorded. */
int postgresql_record_leave(struct postgresql_tx *tx, struct error *error);
/* Writes what was recorded in a group and waits for its commit. */
int postgresql_record_write(struct postgresql_db *store, struct postgresql_record *record,
                            struct error *error);
void postgresql_record_done(struct postgresql_record *record);

/* ---- copies: driver_postgresql_copy.c ---- */

int postgresql_backup(struct db *db, const char *path, struct error *error);
int postgresql_restore(const struct db_options *options, const char *path, struct error *error);

#endif
