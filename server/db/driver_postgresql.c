/* PostgreSQL: opening and closing the store, columns, and the small questions. Addresses and errors
 * are in driver_postgresql_error.c, connections in driver_postgresql_connection.c, statements in
 * driver_postgresql_statement.c, transactions in driver_postgresql_transaction.c, writes that share
 * one in driver_postgresql_group.c, backup and restore in driver_postgresql_copy.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/driver_postgresql.h"

enum { TYPE_BOOLEAN = 16, TYPE_BYTES = 17 };

/* ---- opening ---- */

/* The first connection shows whether the address is good. */
static int open_first(struct postgresql_db *store, bool create, struct error *error) {
    struct postgresql_connection *connection;
    struct error own = {.code = ERROR_NONE};
    int status = postgresql_pool_take(store, &store->readers, &own, &connection);
    if (status == ERROR_NOT_FOUND && create) {
        error_clear(&own);
        status = postgresql_make_database(store->url, &own);
        if (!status)
            status = postgresql_pool_take(store, &store->readers, &own, &connection);
    }
    if (status)
        return error_set(error, own.code, "%s", own.text);
    postgresql_pool_return(store, &store->readers, connection);
    return 0;
}

static void store_free(struct postgresql_db *store) {
    postgresql_groups_done(&store->groups);
    postgresql_pool_done(&store->readers);
    postgresql_pool_done(&store->writers);
    pthread_mutex_destroy(&store->changed_lock);
    free(store->snapshot);
    explicit_bzero(store->url, strlen(store->url));
    free(store->url);
    free(store);
}

static int ask_snapshot(struct db_tx *tx, void *context, struct error *error);

static int open_store(const struct db_options *options, struct error *error, struct db **ret_db) {
    struct postgresql_db *store = calloc(1, sizeof *store);
    char *url = strdup(options->url);
    if (!store || !url) {
        free(store);
        free(url);
        return error_set(error, ERROR_NO_MEMORY, "no memory to open the store");
    }
    store->url = url;
    store->base.driver = &db_driver_postgresql;
    pthread_mutex_init(&store->changed_lock, NULL);
    postgresql_pool_init(&store->readers,
                         options->reader_count ? options->reader_count : DB_READERS_DEFAULT);
    postgresql_pool_init(&store->writers, POSTGRESQL_WRITERS);
    postgresql_groups_init(&store->groups);
    int status = open_first(store, options->create, error);
    if (!status)
        status = postgresql_read(&store->base, &db_scope_none, ask_snapshot, &store->snapshot,
                                 error);
    if (status) {
        store_free(store);
        return status;
    }
    *ret_db = &store->base;
    return 0;
}

static void close_store(struct db *db) {
    store_free((struct postgresql_db *)db);
}

/* ---- the version of the data ---- */

/* Which transactions have ended: another text whenever one more that wrote did. */
static int ask_snapshot(struct db_tx *tx, void *context, struct error *error) {
    char **ret_snapshot = context;
    struct db_rows *rows;
    int status = db_query(tx, error, &rows, "select cast(pg_current_snapshot() as text)");
    if (status)
        return status;
    status = db_next(rows, error);
    char *snapshot = status == 1 ? strdup(db_column_text(rows, 0, NULL)) : NULL;
    db_rows_close(rows);
    if (status == 1 && !snapshot)
        status = error_set(error, ERROR_NO_MEMORY, "no memory to watch the store");
    if (status < 0)
        return status;
    free(*ret_snapshot);
    *ret_snapshot = snapshot;
    return 0;
}

static int changed(struct db *db, struct error *error, bool *ret_changed) {
    struct postgresql_db *store = (struct postgresql_db *)db;
    char *snapshot = NULL;
    int status = postgresql_read(db, &db_scope_none, ask_snapshot, &snapshot, error);
    if (status)
        return status;
    pthread_mutex_lock(&store->changed_lock);
    *ret_changed = !store->snapshot || strcmp(store->snapshot, snapshot) != 0;
    free(store->snapshot);
    store->snapshot = snapshot;
    pthread_mutex_unlock(&store->changed_lock);
    return 0;
}

/* Takes room on the server's disk and gives it back. */
static int probe(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    int status = db_run(tx, error, NULL,
                        "create temporary table koppel_probe (filler text) on commit drop");
    return status ? status
                  : db_run(tx, error, NULL, "insert into koppel_probe (filler) select "
                           "repeat('x', 1000) from generate_series(1, 256)");
}

/* ---- results ---- */

static struct postgresql_rows *rows_of(struct db_rows *rows) {
    return (struct postgresql_rows *)rows;
}

static void blobs_free(struct postgresql_rows *rows) {
    for (int i = 0; rows->blobs && i < PQnfields(rows->result); i++)
        PQfreemem(rows->blobs[i]);
    free(rows->blobs);
    rows->blobs = NULL;
}

static int next(struct db_rows *base, struct error *error) {
    struct postgresql_rows *rows = rows_of(base);
    (void)error;
    blobs_free(rows);
    if (rows->row < rows->row_count)
        rows->row++;
    return rows->row < rows->row_count;
}

static void rows_close(struct db_rows *base) {
    struct postgresql_rows *rows = rows_of(base);
    struct postgresql_rows **link = &((struct postgresql_tx *)base->tx)->open;
    while (*link != rows)
        link = &(*link)->next;
    *link = rows->next;
    blobs_free(rows);
    PQclear(rows->result);
    free(rows);
}

static void rows_close_all(struct db_tx *tx) {
    struct postgresql_tx *own = (struct postgresql_tx *)tx;
    while (own->open)
        rows_close(&own->open->base);
    tx->open_rows = 0;
}

static bool has_value(const struct postgresql_rows *rows, int column) {
    return rows->row >= 0 && rows->row < rows->row_count && column >= 0 &&
           column < PQnfields(rows->result) && !PQgetisnull(rows->result, rows->row, column);
}

static const char *column_text(struct db_rows *base, int column, size_t *ret_length) {
    struct postgresql_rows *rows = rows_of(base);
    bool there = has_value(rows, column);
    if (ret_length)
        *ret_length = there ? (size_t)PQgetlength(rows->result, rows->row, column) : 0;
    return there ? PQgetvalue(rows->result, rows->row, column) : NULL;
}

/* Bytes come as hexadecimal digits; they are kept decoded until the next row. No memory for them
 * spoils the transaction: an answer with a hole must not be taken for one without. */
static const void *column_blob(struct db_rows *base, int column, size_t *ret_length) {
    struct postgresql_rows *rows = rows_of(base);
    size_t length = 0;
    const char *text = column_text(base, column, &length);
    if (text && PQftype(rows->result, column) == TYPE_BYTES) {
        if (!rows->blobs)
            rows->blobs = calloc((size_t)PQnfields(rows->result), sizeof *rows->blobs);
        if (rows->blobs && !rows->blobs[column])
            rows->blobs[column] = PQunescapeBytea((const unsigned char *)text, &length);
        else
            length = length > 2 ? (length - 2) / 2 : 0;
        text = rows->blobs ? (const char *)rows->blobs[column] : NULL;
        if (!text) {
            db_spoil(base->tx, ERROR_NO_MEMORY, NULL);
            length = 0;
            text = "";
        }
    }
    if (ret_length)
        *ret_length = length;
    return text;
}

static int64_t column_integer(struct db_rows *base, int column) {
    const char *text = column_text(base, column, NULL);
    if (text && PQftype(rows_of(base)->result, column) == TYPE_BOOLEAN)
        return *text == 't';
    return text ? strtoll(text, NULL, 10) : 0;
}

static bool column_null(struct db_rows *base, int column) {
    return !has_value(rows_of(base), column);
}

/* ---- for migrations ---- */

static int table_exists(struct db_tx *tx, const char *name, struct error *error,
                        bool *ret_exists) {
    struct db_rows *rows;
    int status = db_query(tx, error, &rows,
                          "select 1 from pg_catalog.pg_class where relkind = 'r' and relname = $1"
                          " and relnamespace = to_regnamespace(current_schema())",
                          db_text(name));
    if (status)
        return status;
    status = db_next(rows, error);
    db_rows_close(rows);
    if (status < 0)
        return status;
    *ret_exists = status == 1;
    return 0;
}

/* Held until the transaction ends. */
static int migration_lock(struct db_tx *tx, struct error *error) {
    return db_run(tx, error, NULL, "select pg_advisory_xact_lock(" POSTGRESQL_LOCK_MIGRATE ")");
}

const struct db_driver db_driver_postgresql = {
    .accepts = postgresql_accepts,
    .open = open_store,
    .close = close_store,
    .read = postgresql_read,
    .write = postgresql_write,
    .probe = probe,
    .changed = changed,
    .backup = postgresql_backup,
    .restore = postgresql_restore,
    .run = postgresql_run,
    .run_late = postgresql_run_late,
    .query = postgresql_query,
    .next = next,
    .rows_close = rows_close,
    .rows_close_all = rows_close_all,
    .column_text = column_text,
    .column_blob = column_blob,
    .column_integer = column_integer,
    .column_null = column_null,
    .script = postgresql_script,
    .table_exists = table_exists,
    .migration_lock = migration_lock,
    .skip_locked = "for update skip locked",
};
