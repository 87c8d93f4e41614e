/* The store, for its drivers and its tests: what a driver provides, and what it may use.
 *
 * db.c checks what is the same for every engine (scope, spoiled transactions, values) and calls the
 * driver. A new engine is one more driver and one more line in db.c's list. */
#ifndef KOPPEL_DB_DB_PRIVATE_H
#define KOPPEL_DB_DB_PRIVATE_H

#include <stdatomic.h>

#include "db/db.h"

enum { DB_READER_WAIT_MS = 5000, DB_READERS_MAX = 64 };

/* ---- faults, for tests ---- */
enum db_fault_point { DB_FAULT_NONE, DB_FAULT_STATEMENT, DB_FAULT_COMMIT };
/* The nth statement or commit from now on (1 is the next) answers `code`. A commit fails before
 * anything is written, or, with `after`, when it is written already. */
struct db_fault {
    enum db_fault_point point;
    int nth;
    enum error_code code;
    bool after;
};
/* Replaces the fault that was set; NULL takes it away. Not while writes are in progress. */
void db_fault_set(struct db *db, const struct db_fault *fault);
/* Counts down at a point; true when the fault is due. */
bool db_fault_due(struct db *db, enum db_fault_point point);

/* ---- what drivers extend ---- */
struct db {
    const struct db_driver *driver;
    struct db_fault fault;
    atomic_int fault_countdown;
    _Atomic(enum error_code) trouble; /* ERROR_FULL or ERROR_IO when the last write met it */
};

struct db_tx {
    struct db *db;
    struct db_scope scope;
    bool writes;
    bool once, asked; /* by one statement alone; and it was */
    int open_rows;
    struct error spoiled; /* the error that spoiled it */
};

struct db_rows {
    struct db_tx *tx;
};

struct db_driver {
    bool (*accepts)(const char *url);
    int (*open)(const struct db_options *options, struct error *error, struct db **ret_db);
    void (*close)(struct db *db);
    /* Both run the body by db_body_run. */
    int (*read)(struct db *db, const struct db_scope *scope, db_body body, void *context,
                struct error *error);
    int (*write)(struct db *db, const struct db_scope *scope, db_body body, void *context,
                 struct error *error);
    /* A write that changes nothing and yet reaches the disk: a body. */
    int (*probe)(struct db_tx *tx, void *context, struct error *error);
    int (*changed)(struct db *db, struct error *error, bool *ret_changed);
    int (*backup)(struct db *db, const char *path, struct error *error);
    int (*restore)(const struct db_options *options, const char *path, struct error *error);

    /* Within a transaction. The values are as many as the statement takes when db_values_check
     * says so. */
    /* ret_changed is NULL when nobody asks: the statement may then be answered before it has run,
     * as long as the transaction hears of its failure. */
    int (*run)(struct db_tx *tx, const char *sql, const struct db_value *values, size_t count,
               struct error *error, int64_t *ret_changed);
    /* db_run_late, for writes, with a last value as it is for one that runs alone. NULL: late
     * statements run at once. */
    int (*run_late)(struct db_tx *tx, const char *sql, const struct db_value *values, size_t count,
                    const struct db_late *late, struct error *error);
    int (*query)(struct db_tx *tx, const char *sql, const struct db_value *values, size_t count,
                 struct error *error, struct db_rows **ret_rows);
    int (*next)(struct db_rows *rows, struct error *error);
    void (*rows_close)(struct db_rows *rows);
    void (*rows_close_all)(struct db_tx *tx);
    const char *(*column_text)(struct db_rows *rows, int column, size_t *ret_length);
    const void *(*column_blob)(struct db_rows *rows, int column, size_t *ret_length);
    int64_t (*column_integer)(struct db_rows *rows, int column);
    bool (*column_null)(struct db_rows *rows, int column);
    /* Several statements without values, divided by ";". */
    int (*script)(struct db_tx *tx, const char *sql, struct error *error);
    int (*table_exists)(struct db_tx *tx, const char *name, struct error *error,
                        bool *ret_exists);
    /* Keeps other processes from migrating until the transaction ends; NULL: writes exclude each
     * other in any case. */
    int (*migration_lock)(struct db_tx *tx, struct error *error);
    const char *skip_locked; /* what the token $skip_locked becomes */
};

extern const struct db_driver db_driver_sqlite, db_driver_postgresql;

/* Runs a body in a transaction: forbids transactions within it, closes what it left open, and
 * turns success into an error when a statement had spoiled the transaction. */
int db_body_run(struct db_tx *tx, db_body body, void *context, struct error *error);
/* Remembers how a write ended, for db_ready; logs when it changes. */
void db_write_ended(struct db *db, enum error_code code, const struct error *error);
/* Marks the transaction as spoiled by an error, unless it is ERROR_CONFLICT. Returns the code. */
int db_spoil(struct db_tx *tx, int code, const struct error *error);

/* ---- statements ---- */
/* A statement with its tokens expanded for one kind of scope. */
struct db_statement {
    char *text;
    int value_count;     /* $1 to $value_count */
    int scope_parameter; /* number of the hidden parameter that takes the partner; 0: none */
    int owner_parameter; /* and of the one behind it, that takes the user; 0: none */
};
/* Does a scope of that kind name a partner? */
static inline bool db_scope_of_partner(enum db_scope_kind kind) {
    return kind == DB_SCOPE_PERSON || kind == DB_SCOPE_OWN || kind == DB_SCOPE_SUBTREE;
}
/* The hidden parameters of a statement, and what they take, in their order. */
enum { DB_HIDDEN_MAX = 2 };
static inline int db_hidden_count(const struct db_statement *statement) {
    return (statement->scope_parameter != 0) + (statement->owner_parameter != 0);
}
static inline struct db_value db_hidden_value(const struct db_scope *scope, int index) {
    return db_text(index ? scope->user_id : scope->partner_id);
}
/* Leaves literals, quoted names and comments alone. An unknown token, a gap in the numbers, or more
 * than DB_PARAMETERS_MAX is ERROR_INTERNAL: the statement is wrong. free() ret_statement->text. */
int db_statement_expand(const char *sql, enum db_scope_kind kind, const char *skip_locked,
                        struct error *error, struct db_statement *ret_statement);
/* Are the values as many as the statement takes, and can every engine store them? */
int db_values_check(const struct db_statement *statement, const char *sql,
                    const struct db_value *values, size_t count, struct error *error);

#endif
