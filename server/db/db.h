/* The store, for its callers. One SQL text for two engines; nothing above this folder may know
 * which engine it is.
 *
 * SQL is a literal with $1, $2 … Values are bound, never formatted. Types as DESIGN says: money
 * BIGINT minor units, decimals TEXT, instants BIGINT microseconds UTC, dates TEXT YYYY-MM-DD,
 * booleans 0/1. Where engines differ a closed list of tokens stands in the text:
 *   $skip_locked     row lock that skips locked rows
 *   $scope(alias)    the tenant wall on alias.partner_id: expands by the transaction's scope to
 *                    one prepared statement per kind of scope (none, person, own, subtree, all);
 *                    $scope(alias.column) where the partner stands in another column;
 *                    $scope(alias/owner) and $scope(alias.column/owner) where a row is somebody's:
 *                    a scope of a person reaches only rows with their id in that column. Without
 *                    an owner it is as the office's
 * A schema file marks a tenant table by a comment line `-- tenant table` right above its create
 * table; every statement that reads, changes or deletes rows of such a table names $scope for it.
 * The subtree of a partner is read from partner_closure (ancestor_id, descendant_id, depth), where
 * every partner is its own descendant at depth 0.
 *
 * Texts compare by their bytes, so that ids serve as cursors; a column of a migration need not say
 * so. Bytes are BYTEA. NULLs come first on one engine and last on the other: say which.
 * A parameter is BIGINT, TEXT or BYTEA as its value is; one that may be NULL and stands where its
 * type does not show is written cast($1 as text).
 *
 * Bodies of db_write may run side by side, in this process and in others. What a body has read may
 * have changed before it writes: rely on unique keys, and put what must hold into the statement
 * that changes the row (`update … where …`, then look at ret_changed).
 *
 * A statement that fails spoils its transaction: further statements answer its error again, and
 * nothing is committed. Only ERROR_CONFLICT leaves the transaction usable.
 * A db_run for whose count nobody asks may be answered before the store has seen it: when it fails
 * then, nothing was committed, and the body runs again and hears of it in its place.
 * A body may run more than once, sees its own writes, does no rating, hashing or network, and
 * calls neither db_read nor db_write. */
#ifndef KOPPEL_DB_DB_H
#define KOPPEL_DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct db;
struct db_tx;   /* a transaction in progress: handed to bodies, never kept */
struct db_rows; /* a result being read */

enum {
    DB_READERS_DEFAULT = 12,
    DB_PARAMETERS_MAX = 64,
    DB_WRITE_QUEUE_MAX = 4096,  /* writes waiting; more are ERROR_BUSY */
    DB_WRITE_GROUP_MAX = 256,   /* writes that share one commit */
    DB_LATE_MAX = 4,            /* late statements of a write */
    DB_LATE_ORDER_MAX = 16,     /* with its NUL */
    DB_TEXT_MAX_BYTES = 64 * 1024 * 1024
};

struct db_options {
    const char *url;    /* a path of an SQLite file, or postgresql://…; a server that is not on this
                         * machine must prove itself (sslmode verify-full) unless the address says
                         * otherwise */
    int reader_count;   /* 0: the default */
    bool create;        /* make the store when it is missing */
};

/* 0 when there is a store for this address; ERROR_INVALID tells what there is. Opens nothing. */
int db_url_check(const char *url, struct error *error);

int db_open(const struct db_options *options, struct error *error, struct db **ret_db);
void db_close(struct db *db); /* waits for writes in progress */
/* Can it read and was the last write not refused by a full disk or I/O error? Tries a write when
 * it was, so that it recovers by itself. */
int db_ready(struct db *db, struct error *error);

/* ---- the tenant wall ---- */
enum db_scope_kind {
    DB_SCOPE_NONE,
    DB_SCOPE_PERSON,  /* what is the user's own, at their office */
    DB_SCOPE_OWN,     /* what is the office's */
    DB_SCOPE_SUBTREE, /* and what its child offices have */
    DB_SCOPE_ALL
};
struct db_scope {
    enum db_scope_kind kind;
    const char *partner_id; /* PERSON, OWN and SUBTREE */
    const char *user_id;    /* PERSON */
};
extern const struct db_scope db_scope_none, db_scope_all;

/* ---- transactions ---- */
/* 0 commits; anything else rolls back and is returned. Bodies leave their results in `context`. */
typedef int (*db_body)(struct db_tx *tx, void *context, struct error *error);

/* Reads from one consistent snapshot. Waits up to 5 s for a reader, then ERROR_BUSY. */
int db_read(struct db *db, const struct db_scope *scope, db_body body, void *context,
            struct error *error);
/* db_read for a body of one statement, a db_query, which is a snapshot by itself: it begins and
 * ends no transaction where that costs a journey. More than that statement is ERROR_INTERNAL. */
int db_read_once(struct db *db, const struct db_scope *scope, db_body body, void *context,
                 struct error *error);
/* Returns when the write is durable. ERROR_FULL: nothing was written; ERROR_IO: unknown. */
int db_write(struct db *db, const struct db_scope *scope, db_body body, void *context,
             struct error *error);

/* ---- values ---- */
enum db_kind { DB_KIND_NULL, DB_KIND_INTEGER, DB_KIND_TEXT, DB_KIND_BLOB };
struct db_value {
    enum db_kind kind;
    int64_t integer;
    const void *bytes; /* borrowed until the call returns */
    size_t length;
};
static inline struct db_value db_integer(int64_t integer) {
    return (struct db_value){.kind = DB_KIND_INTEGER, .integer = integer};
}
struct db_value db_text(const char *text); /* NULL becomes NULL */
struct db_value db_text_length(const char *text, size_t length);
struct db_value db_blob(const void *bytes, size_t length);
struct db_value db_null(void);

/* ---- statements ---- */
/* Runs a statement without a result. A unique key that is taken is ERROR_CONFLICT and leaves the
 * transaction usable. ret_changed: rows changed; NULL when nobody asks, which is cheaper: a body
 * that only inserts and asks for nothing is written together with others. `sql` lives as long as
 * the write.
 * db_run(tx, error, NULL, "update quote set … where id = $1", db_text(id)) */
#define db_run(tx, error, ret_changed, sql, ...)                                                  \
    db_run_values(tx, "" sql, (const struct db_value[]){db_null(), ##__VA_ARGS__} + 1,            \
                  sizeof((const struct db_value[]){db_null(), ##__VA_ARGS__}) /                   \
                          sizeof(struct db_value) - 1,                                            \
                  error, ret_changed)
int db_run_values(struct db_tx *tx, const char *sql, const struct db_value *values, size_t count,
                  struct error *error, int64_t *ret_changed);

/* Late statements run behind all else that shares a commit with the write: they are for a row that
 * many writes change, which is locked no longer than a commit takes then, and `order` names it.
 * Orders are run through one after the other, in every write the same, so that none waits for
 * another that waits for it. In each, a statement that is `shared` runs once for all writes that
 * handed it in, and then the others do, as they were handed in. Each takes one parameter more than
 * it is given values: the last. Of a shared one that is how many handed it in, of another how many
 * of that order follow it. The body does not rely on what they did, and may not hear of a failure,
 * which is the write's. At most DB_LATE_MAX in a write; equal orders share equal values.
 * ret_text (NULL: nothing is asked) is what an "insert … values (…) returning" or an "insert …
 * with … as (values (…)) select … returning", whose first column is its first value again, returns
 * as its second; cut off where it does not fit. It is known when db_write has returned 0, and lies
 * in memory that lasts until then.
 * Inserts of these forms that ask for nothing else may be made one, of as many rows: what such a
 * select gives for a row hangs on nothing in other rows. */
struct db_late {
    char order[DB_LATE_ORDER_MAX];
    bool shared;
    char *ret_text;
    size_t size;
};
#define db_run_late(tx, late, error, sql, ...)                                                    \
    db_run_late_values(tx, "" sql, (const struct db_value[]){db_null(), ##__VA_ARGS__} + 1,       \
                       sizeof((const struct db_value[]){db_null(), ##__VA_ARGS__}) /              \
                               sizeof(struct db_value) - 1,                                       \
                       late, error)
int db_run_late_values(struct db_tx *tx, const char *sql, const struct db_value *values,
                       size_t count, const struct db_late *late, struct error *error);

/* Opens a result; read with db_next until it returns 0 or negative; close with db_rows_close,
 * always. db_query(tx, error, &rows, "select … where id = $1", db_text(id)) */
#define db_query(tx, error, ret_rows, sql, ...)                                                   \
    db_query_values(tx, "" sql, (const struct db_value[]){db_null(), ##__VA_ARGS__} + 1,          \
                    sizeof((const struct db_value[]){db_null(), ##__VA_ARGS__}) /                 \
                            sizeof(struct db_value) - 1,                                          \
                    error, ret_rows)
int db_query_values(struct db_tx *tx, const char *sql, const struct db_value *values,
                    size_t count, struct error *error, struct db_rows **ret_rows);
/* 1: a row is there; 0: no more; negative: an error. */
int db_next(struct db_rows *rows, struct error *error);
void db_rows_close(struct db_rows *rows); /* NULL is fine */
/* Columns from 0. Texts are NUL-terminated, live until the next db_next, NULL for NULL. */
const char *db_column_text(struct db_rows *rows, int column, size_t *ret_length);
/* Copies a text with its NUL, cut off where it does not fit; "" for NULL. */
void db_column_copy(struct db_rows *rows, int column, char *ret_text, size_t size);
const void *db_column_blob(struct db_rows *rows, int column, size_t *ret_length);
int64_t db_column_integer(struct db_rows *rows, int column); /* 0 for NULL */
bool db_column_null(struct db_rows *rows, int column);

/* ---- migrations ---- */
struct migration {
    int number;       /* from 1, without gaps */
    const char *name; /* "0001_partners" */
    const char *sql;
};
/* Applies those not yet applied, each in a transaction, and records name and SHA-256. Refuses to
 * run when a recorded one was changed, is missing, or is newer than this program knows. */
int db_migrate(struct db *db, const struct migration *migrations, int count, struct error *error,
               int *ret_applied);
/* ERROR_INVALID with what to do when the store is not at the last migration. */
int db_migrated(struct db *db, const struct migration *migrations, int count,
                struct error *error);
/* Is there nothing of a store in it yet? */
int db_vacant(struct db *db, struct error *error, bool *ret_vacant);
/* Generated by the build from schema/NNNN_*.sql. */
extern const struct migration migrations[];
extern const int migration_count;

/* Copies the store into a file while it serves; restore replaces a store that nobody serves, as a
 * whole or not at all. A copy is restored by the engine that made it. */
int db_backup(struct db *db, const char *path, struct error *error);
int db_restore(const struct db_options *options, const char *path, struct error *error);

/* Is another process's write visible since the last call? Cheap: a counter of the engine, which may
 * also tell of writes of this process. */
int db_changed(struct db *db, struct error *error, bool *ret_changed);

#endif
