/* SQLite: connections, and statements within a transaction. A connection keeps the statements that
 * it prepared, found by the place and text of their SQL and the kind of scope; the number is
 * limited, and the one not used for longest gives way. One that is in use while it is asked for
 * again (a query within a loop over the same query) is prepared a second time for that use only.
 *
 * A query takes its first step when it is opened, so that it runs also when nobody reads it, as on
 * an engine that runs queries at once. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/driver_sqlite.h"

/* ---- errors ---- */

static enum error_code translate(int code) {
    if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
        code == SQLITE_CONSTRAINT_ROWID)
        return ERROR_CONFLICT;
    switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_READONLY:
        return ERROR_FULL;
    case SQLITE_IOERR:
        return code == SQLITE_IOERR_NOMEM ? ERROR_NO_MEMORY : ERROR_IO;
    case SQLITE_CANTOPEN:
        return ERROR_IO;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
        return ERROR_BUSY;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return ERROR_INVALID;
    case SQLITE_NOMEM:
        return ERROR_NO_MEMORY;
    case SQLITE_TOOBIG:
        return ERROR_TOO_LARGE;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return ERROR_DENIED;
    default:
        return ERROR_INTERNAL;
    }
}

int sqlite_error(sqlite3 *handle, int code, const char *deed, struct error *error) {
    const char *reason = handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code);
    const char *advice = "";
    int number = handle ? sqlite3_system_errno(handle) : 0;
    switch (code & 0xff) {
    case SQLITE_FULL:
        advice = ": free space on the disk of the store";
        break;
    case SQLITE_READONLY:
        advice = code == SQLITE_READONLY_DBMOVED
                     ? ": the file was replaced while it was in use, restart the program"
                     : ": make the store's folder writable";
        break;
    case SQLITE_BUSY:
        advice = ": another program holds the store, try again";
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        advice = ": the file is damaged or no store, restore a backup";
        break;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        return error_set(error, translate(code), "cannot %s: %s (%s): check the disk of the store",
                         deed, reason, number ? strerror(number) : sqlite3_errstr(code));
    default:
        break;
    }
    return error_set(error, translate(code), "cannot %s: %s%s", deed, reason, advice);
}

/* ---- connections ---- */

static int on_log_grown(void *context, sqlite3 *handle, const char *name, int pages) {
    struct sqlite_connection *connection = context;
    (void)handle;
    (void)name;
    connection->log_pages = pages;
    connection->reached_log = true;
    return SQLITE_OK;
}

static int exec(sqlite3 *handle, const char *sql, const char *deed, struct error *error) {
    int code = sqlite3_exec(handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : sqlite_error(handle, code, deed, error);
}

static int prepare_own(struct sqlite_connection *connection, struct error *error) {
    const struct {
        const char *sql;
        sqlite3_stmt **ret_handle;
    } own[] = {
        {connection->writer ? "begin immediate" : "begin", &connection->begin},
        {"commit", &connection->commit},
        {"rollback", &connection->rollback},
        {"savepoint body", &connection->savepoint},
        {"release body", &connection->release},
        {"rollback to body", &connection->rollback_to},
    };
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        int code = sqlite3_prepare_v3(connection->handle, own[i].sql, -1,
                                      SQLITE_PREPARE_PERSISTENT, own[i].ret_handle, NULL);
        if (code != SQLITE_OK)
            return sqlite_error(connection->handle, code, "use the store", error);
    }
    return 0;
}

/* Turns on the write-ahead log. While another program is opening the same store, SQLite refuses at
 * once instead of waiting. */
static int begin_log(sqlite3 *handle, struct error *error) {
    enum { TRIES = 50, PAUSE_NS = 20 * 1000 * 1000 };
    int code = SQLITE_OK;
    for (int i = 0; i < TRIES; i++) {
        sqlite3_stmt *statement = NULL;
        bool on = false;
        code = sqlite3_prepare_v2(handle, "pragma journal_mode = wal", -1, &statement, NULL);
        if (code == SQLITE_OK)
            code = sqlite3_step(statement);
        if (code == SQLITE_ROW)
            on = strcmp((const char *)sqlite3_column_text(statement, 0), "wal") == 0;
        sqlite3_finalize(statement);
        if (code == SQLITE_ROW)
            return on ? 0 : error_set(error, ERROR_INVALID, "the disk of the store cannot share "
                                      "memory between programs: use a local file system");
        if ((code & 0xff) != SQLITE_BUSY)
            break;
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    return sqlite_error(handle, code, "open the store", error);
}

static int set_up(struct sqlite_connection *connection, struct error *error) {
    sqlite3 *handle = connection->handle;
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, SQLITE_BUSY_WAIT_MS);
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, DB_TEXT_MAX_BYTES + 64 * 1024);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    /* Else a statement with `like $1` is prepared again for each value that is bound. */
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_QPSG, 1, NULL);
    int status = exec(handle, "pragma foreign_keys = on; pragma temp_store = memory;"
                              "pragma trusted_schema = off;", "open the store", error);
    if (!status && connection->writer) {
        /* The writer copies the log into the file itself, after it woke its callers. */
        sqlite3_wal_hook(handle, on_log_grown, connection);
        status = begin_log(handle, error);
        if (!status)
            status = exec(handle, "pragma synchronous = full; pragma cache_size = -8192;"
                                  "pragma journal_size_limit = 67108864;", "open the store",
                          error);
    } else if (!status) {
        status = exec(handle, "pragma cache_size = -1024; pragma query_only = on;",
                      "open the store", error);
    }
    return status ? status : prepare_own(connection, error);
}

int sqlite_connection_open(const char *path, bool writer, struct error *error,
                           struct sqlite_connection **ret_connection) {
    struct sqlite_connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a connection to the store");
    connection->writer = writer;
    int code = sqlite3_open_v2(path, &connection->handle,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    int status = code == SQLITE_OK
                     ? set_up(connection, error)
                     : sqlite_error(connection->handle, code, "open the store", error);
    if (status) {
        sqlite_connection_close(connection);
        return status;
    }
    *ret_connection = connection;
    return 0;
}

static void statement_drop(struct sqlite_statement *statement) {
    sqlite3_finalize(statement->handle);
    free(statement->form.text);
    free(statement->sql_copy);
    free(statement->value_indexes);
    *statement = (struct sqlite_statement){.handle = NULL};
}

void sqlite_connection_close(struct sqlite_connection *connection) {
    if (!connection)
        return;
    for (int set = 0; set < SQLITE_STATEMENT_SETS; set++)
        for (int way = 0; way < SQLITE_STATEMENT_WAYS; way++)
            statement_drop(&connection->sets[set][way]);
    sqlite3_finalize(connection->begin);
    sqlite3_finalize(connection->commit);
    sqlite3_finalize(connection->rollback);
    sqlite3_finalize(connection->savepoint);
    sqlite3_finalize(connection->release);
    sqlite3_finalize(connection->rollback_to);
    sqlite3_close_v2(connection->handle);
    free(connection);
}

int sqlite_step_once(sqlite3_stmt *handle) {
    int code = sqlite3_step(handle);
    int reset = sqlite3_reset(handle);
    return code == SQLITE_ROW || code == SQLITE_DONE ? reset : code;
}

int sqlite_statements_cached(const struct sqlite_connection *connection) {
    int count = 0;
    for (int set = 0; set < SQLITE_STATEMENT_SETS; set++)
        for (int way = 0; way < SQLITE_STATEMENT_WAYS; way++)
            count += connection->sets[set][way].handle != NULL;
    return count;
}

/* ---- the cache ---- */

/* Where $n stands among SQLite's parameters: it takes them as names, numbered as they occur. */
static int find_indexes(struct sqlite_statement *statement, struct error *error) {
    int count = statement->form.value_count + db_hidden_count(&statement->form);
    statement->value_indexes = calloc((size_t)count + 1, sizeof *statement->value_indexes);
    if (!statement->value_indexes)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a statement");
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "$%d", i + 1);
        statement->value_indexes[i] = sqlite3_bind_parameter_index(statement->handle, name);
    }
    return 0;
}

static int statement_prepare(struct db_tx *tx, const char *sql, struct error *error,
                             struct sqlite_statement *ret_statement) {
    struct sqlite_connection *connection = ((struct sqlite_tx *)tx)->connection;
    struct sqlite_statement statement = {.sql = sql, .kind = tx->scope.kind};
    const char *tail = "";
    int status = db_statement_expand(sql, tx->scope.kind, tx->db->driver->skip_locked, error,
                                     &statement.form);
    if (status)
        return status;
    statement.sql_copy = strdup(sql);
    if (!statement.sql_copy)
        status = error_set(error, ERROR_NO_MEMORY, "no memory for a statement");
    int code = status ? SQLITE_OK
                      : sqlite3_prepare_v3(connection->handle, statement.form.text, -1,
                                           SQLITE_PREPARE_PERSISTENT, &statement.handle, &tail);
    if (code != SQLITE_OK)
        status = sqlite_error(connection->handle, code, "prepare a statement", error);
    else if (!status && (!statement.handle || tail[strspn(tail, " \t\r\n;")]))
        status = error_set(error, ERROR_INTERNAL, "write one statement: %.200s", sql);
    else if (!status && !tx->writes && !sqlite3_stmt_readonly(statement.handle))
        status = error_set(error, ERROR_INTERNAL, "a read may not write: %.200s", sql);
    if (!status)
        status = find_indexes(&statement, error);
    if (status)
        statement_drop(&statement);
    else
        *ret_statement = statement;
    return status;
}

static struct sqlite_statement *set_of(struct sqlite_connection *connection, const char *sql,
                                       enum db_scope_kind kind) {
    uint64_t hash = ((uint64_t)(uintptr_t)sql + (uint64_t)kind) * UINT64_C(0x9e3779b97f4a7c15);
    return connection->sets[hash >> 58];
}

static bool is_statement(const struct sqlite_statement *statement, const char *sql,
                         enum db_scope_kind kind) {
    return statement->handle && statement->sql == sql && statement->kind == kind &&
           strcmp(statement->sql_copy, sql) == 0;
}

static int statement_temporary(struct db_tx *tx, const char *sql, struct error *error,
                               struct sqlite_statement **ret_statement) {
    struct sqlite_connection *connection = ((struct sqlite_tx *)tx)->connection;
    struct sqlite_statement *statement = calloc(1, sizeof *statement);
    if (!statement)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a statement");
    int status = statement_prepare(tx, sql, error, statement);
    if (status) {
        free(statement);
        return status;
    }
    statement->temporary = true;
    statement->next_temporary = connection->temporary;
    connection->temporary = statement;
    *ret_statement = statement;
    return 0;
}

/* Finds or prepares a statement and takes it into use. */
static int statement_take(struct db_tx *tx, const char *sql, struct error *error,
                          struct sqlite_statement **ret_statement) {
    struct sqlite_connection *connection = ((struct sqlite_tx *)tx)->connection;
    struct sqlite_statement *set = set_of(connection, sql, tx->scope.kind);
    struct sqlite_statement *found = NULL, *oldest = NULL;
    int status = 0;
    for (int way = 0; way < SQLITE_STATEMENT_WAYS && !found; way++) {
        if (is_statement(&set[way], sql, tx->scope.kind))
            found = &set[way];
        else if (!set[way].in_use && (!oldest || set[way].last_use < oldest->last_use))
            oldest = &set[way];
    }
    if (found ? found->in_use : !oldest) {
        status = statement_temporary(tx, sql, error, &found);
    } else if (!found) {
        struct sqlite_statement prepared;
        status = statement_prepare(tx, sql, error, &prepared);
        if (!status) {
            statement_drop(oldest);
            *oldest = prepared;
            found = oldest;
        }
    }
    if (status)
        return status;
    found->in_use = true;
    found->last_use = ++connection->uses;
    found->rows.tx = tx;
    found->first_row = found->ended = false;
    *ret_statement = found;
    return 0;
}

static void statement_return(struct sqlite_statement *statement) {
    sqlite3_reset(statement->handle);
    sqlite3_clear_bindings(statement->handle);
    statement->in_use = false;
    if (!statement->temporary)
        return;
    struct sqlite_connection *connection = ((struct sqlite_tx *)statement->rows.tx)->connection;
    struct sqlite_statement **link = &connection->temporary;
    while (*link != statement)
        link = &(*link)->next_temporary;
    *link = statement->next_temporary;
    statement_drop(statement);
    free(statement);
}

/* ---- running ---- */

static int bind_value(sqlite3_stmt *handle, int index, const struct db_value *value,
                      sqlite3_destructor_type lifetime) {
    const void *bytes = value->length ? value->bytes : "";
    switch (value->kind) {
    case DB_KIND_INTEGER:
        return sqlite3_bind_int64(handle, index, value->integer);
    case DB_KIND_TEXT:
        return sqlite3_bind_text64(handle, index, bytes, value->length, lifetime, SQLITE_UTF8);
    case DB_KIND_BLOB:
        return sqlite3_bind_blob64(handle, index, bytes, value->length, lifetime);
    case DB_KIND_NULL:
    default:
        return sqlite3_bind_null(handle, index);
    }
}

/* Takes the statement and binds its values, which live until the call returns (SQLITE_STATIC) or
 * are copied (SQLITE_TRANSIENT). */
static int statement_bind(struct db_tx *tx, const char *sql, const struct db_value *values,
                          size_t count, sqlite3_destructor_type lifetime, struct error *error,
                          struct sqlite_statement **ret_statement) {
    struct sqlite_statement *statement;
    int status = statement_take(tx, sql, error, &statement);
    if (status)
        return status;
    status = db_values_check(&statement->form, sql, values, count, error);
    int code = SQLITE_OK;
    for (size_t i = 0; i < count && !status && code == SQLITE_OK; i++)
        code = bind_value(statement->handle, statement->value_indexes[i], &values[i], lifetime);
    int hidden = status ? 0 : db_hidden_count(&statement->form);
    for (int i = 0; i < hidden && code == SQLITE_OK; i++) {
        struct db_value value = db_hidden_value(&tx->scope, i);
        code = bind_value(statement->handle, statement->value_indexes[count + (size_t)i], &value,
                          lifetime);
    }
    if (code != SQLITE_OK)
        status = sqlite_error(sqlite3_db_handle(statement->handle), code, "bind a value", error);
    if (status)
        statement_return(statement);
    else
        *ret_statement = statement;
    return status;
}

static int step_error(struct sqlite_statement *statement, int code, struct error *error) {
    return sqlite_error(sqlite3_db_handle(statement->handle), code,
                        statement->rows.tx->writes ? "write to the store" : "read the store",
                        error);
}

int sqlite_run(struct db_tx *tx, const char *sql, const struct db_value *values, size_t count,
               struct error *error, int64_t *ret_changed) {
    struct sqlite_statement *statement;
    int status = statement_bind(tx, sql, values, count, SQLITE_STATIC, error, &statement);
    if (status)
        return status;
    sqlite3 *handle = sqlite3_db_handle(statement->handle);
    sqlite3_int64 before = sqlite3_total_changes64(handle);
    int code;
    do
        code = sqlite3_step(statement->handle);
    while (code == SQLITE_ROW);
    if (code == SQLITE_DONE && ret_changed)
        *ret_changed = sqlite3_total_changes64(handle) == before ? 0 : sqlite3_changes64(handle);
    if (code != SQLITE_DONE)
        status = step_error(statement, code, error);
    statement_return(statement);
    return status;
}

int sqlite_query(struct db_tx *tx, const char *sql, const struct db_value *values, size_t count,
                 struct error *error, struct db_rows **ret_rows) {
    struct sqlite_statement *statement;
    int status = statement_bind(tx, sql, values, count, SQLITE_TRANSIENT, error, &statement);
    if (status)
        return status;
    int code = sqlite3_step(statement->handle);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        status = step_error(statement, code, error);
        statement_return(statement);
        return status;
    }
    statement->first_row = code == SQLITE_ROW;
    statement->ended = code == SQLITE_DONE;
    *ret_rows = &statement->rows;
    return 0;
}

int sqlite_next(struct db_rows *rows, struct error *error) {
    struct sqlite_statement *statement = (struct sqlite_statement *)rows;
    if (statement->ended)
        return 0;
    if (statement->first_row) {
        statement->first_row = false;
        return 1;
    }
    int code = sqlite3_step(statement->handle);
    if (code == SQLITE_ROW)
        return 1;
    statement->ended = true;
    return code == SQLITE_DONE ? 0 : step_error(statement, code, error);
}

void sqlite_rows_close(struct db_rows *rows) {
    statement_return((struct sqlite_statement *)rows);
}

void sqlite_rows_close_all(struct db_tx *tx) {
    struct sqlite_connection *connection = ((struct sqlite_tx *)tx)->connection;
    while (connection->temporary)
        statement_return(connection->temporary);
    for (int set = 0; set < SQLITE_STATEMENT_SETS; set++)
        for (int way = 0; way < SQLITE_STATEMENT_WAYS; way++)
            if (connection->sets[set][way].in_use)
                statement_return(&connection->sets[set][way]);
    tx->open_rows = 0;
}
