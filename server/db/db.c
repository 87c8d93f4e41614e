/* The store: chooses a driver by the address, and does what is the same for every engine. Tokens
 * are expanded in statement.c, migrations run in migration.c. */
#include "db/db.h"

#include <string.h>

#include "base/log.h"
#include "db/db_private.h"

static const struct db_driver *const drivers[] = {&db_driver_sqlite, &db_driver_postgresql};

const struct db_scope db_scope_none = {.kind = DB_SCOPE_NONE};
const struct db_scope db_scope_all = {.kind = DB_SCOPE_ALL};

/* The store whose body this thread runs. */
static _Thread_local struct db *inside;

static const struct db_driver *driver_for(const char *url, struct error *error) {
    for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++)
        if (url && drivers[i]->accepts(url))
            return drivers[i];
    /* An address may hold a password: only its scheme is told. */
    const char *scheme_end = url ? strstr(url, "://") : NULL;
    error_set(error, ERROR_INVALID,
              "this program cannot use the store '%.*s': give the path of a file or "
              "postgresql://…",
              scheme_end ? (int)(scheme_end + 3 - url) : 0, url ? url : "");
    return NULL;
}

int db_url_check(const char *url, struct error *error) {
    return driver_for(url, error) ? 0 : ERROR_INVALID;
}

int db_open(const struct db_options *options, struct error *error, struct db **ret_db) {
    const struct db_driver *driver = driver_for(options->url, error);
    struct db *db = NULL;
    if (!driver)
        return ERROR_INVALID;
    if (options->reader_count < 0 || options->reader_count > DB_READERS_MAX)
        return error_set(error, ERROR_INVALID, "a store takes 1 to %d readers, not %d",
                         DB_READERS_MAX, options->reader_count);
    int status = driver->open(options, error, &db);
    if (status)
        return status;
    db->driver = driver;
    *ret_db = db;
    return 0;
}

void db_close(struct db *db) {
    if (db)
        db->driver->close(db);
}

static int read_one(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    struct db_rows *rows;
    int status = db_query(tx, error, &rows, "select 1");
    if (!status)
        db_rows_close(rows);
    return status;
}

int db_ready(struct db *db, struct error *error) {
    if (atomic_load(&db->trouble) != ERROR_NONE)
        return db_write(db, &db_scope_none, db->driver->probe, NULL, error);
    return db_read(db, &db_scope_none, read_one, NULL, error);
}

static int check_entry(struct db *db, const struct db_scope *scope, struct error *error) {
    if (inside == db)
        return error_set(error, ERROR_INTERNAL, "a body may not begin another transaction");
    if (db_scope_of_partner(scope->kind) && !scope->partner_id)
        return error_set(error, ERROR_INTERNAL, "a scope of a partner needs the partner's id");
    if (scope->kind == DB_SCOPE_PERSON && !scope->user_id)
        return error_set(error, ERROR_INTERNAL, "a scope of a person needs the user's id");
    return 0;
}

int db_read(struct db *db, const struct db_scope *scope, db_body body, void *context,
            struct error *error) {
    const struct db_scope *walls = scope ? scope : &db_scope_none;
    int status = check_entry(db, walls, error);
    return status ? status : db->driver->read(db, walls, body, context, error);
}

struct reading_once {
    db_body body;
    void *context;
};

static int read_once(struct db_tx *tx, void *context, struct error *error) {
    const struct reading_once *reading = context;
    tx->once = true;
    return reading->body(tx, reading->context, error);
}

int db_read_once(struct db *db, const struct db_scope *scope, db_body body, void *context,
                 struct error *error) {
    struct reading_once reading = {.body = body, .context = context};
    return db_read(db, scope, read_once, &reading, error);
}

int db_write(struct db *db, const struct db_scope *scope, db_body body, void *context,
             struct error *error) {
    const struct db_scope *walls = scope ? scope : &db_scope_none;
    int status = check_entry(db, walls, error);
    return status ? status : db->driver->write(db, walls, body, context, error);
}

int db_body_run(struct db_tx *tx, db_body body, void *context, struct error *error) {
    struct db *outer = inside;
    inside = tx->db;
    int status = body(tx, context, error);
    inside = outer;
    if (tx->open_rows > 0) {
        log_event(LOG_WARNING, "rows_left_open", "advice", "close every result in its body", NULL);
        tx->db->driver->rows_close_all(tx);
    }
    if (!status && tx->spoiled.code)
        status = error_set(error, tx->spoiled.code, "%s", tx->spoiled.text);
    return status;
}

void db_write_ended(struct db *db, enum error_code code, const struct error *error) {
    enum error_code trouble = code == ERROR_FULL || code == ERROR_IO ? code : ERROR_NONE;
    /* Only a write that reached the disk shows that the trouble is over. */
    if (trouble == ERROR_NONE && code != ERROR_NONE)
        return;
    if (atomic_exchange(&db->trouble, trouble) == trouble)
        return;
    if (trouble == ERROR_NONE)
        log_event(LOG_INFO, "store_recovered", NULL);
    else
        log_event(LOG_ERROR, "store_refuses_writes", "reason", error->text, NULL);
}

int db_spoil(struct db_tx *tx, int code, const struct error *error) {
    if (code >= 0 || code == ERROR_CONFLICT || tx->spoiled.code)
        return code;
    error_set(&tx->spoiled, code, "%s", error && error->code ? error->text : "a statement failed");
    return code;
}

/* ---- faults ---- */

void db_fault_set(struct db *db, const struct db_fault *fault) {
    db->fault = fault ? *fault : (struct db_fault){.point = DB_FAULT_NONE};
    atomic_store(&db->fault_countdown, db->fault.nth);
}

bool db_fault_due(struct db *db, enum db_fault_point point) {
    return db->fault.point == point && atomic_fetch_sub(&db->fault_countdown, 1) == 1;
}

/* ---- values ---- */

struct db_value db_text(const char *text) {
    return text ? db_text_length(text, strlen(text)) : db_null();
}

struct db_value db_text_length(const char *text, size_t length) {
    return (struct db_value){.kind = DB_KIND_TEXT, .bytes = text, .length = length};
}

struct db_value db_blob(const void *bytes, size_t length) {
    return (struct db_value){.kind = DB_KIND_BLOB, .bytes = bytes, .length = length};
}

struct db_value db_null(void) {
    return (struct db_value){.kind = DB_KIND_NULL};
}

/* ---- statements ---- */

/* May a statement run? Its errors go to a local error first, so that what spoils the transaction is
 * known even when the caller's error is NULL or holds an older one. */
static int check_statement(struct db_tx *tx, bool query, struct error *ret_error) {
    if (tx->spoiled.code)
        return error_set(ret_error, tx->spoiled.code, "%s", tx->spoiled.text);
    if (tx->once && (tx->asked || !query))
        return error_set(ret_error, ERROR_INTERNAL, "db_read_once is for one db_query alone");
    tx->asked = true;
    if (db_fault_due(tx->db, DB_FAULT_STATEMENT))
        return db_spoil(tx, error_set(ret_error, tx->db->fault.code, "a fault was injected"),
                        ret_error);
    return 0;
}

static int hand_over(struct db_tx *tx, int status, const struct error *own, struct error *error) {
    if (status >= 0)
        return status;
    db_spoil(tx, status, own);
    error_set(error, own->code, "%s", own->text);
    return status;
}

int db_run_values(struct db_tx *tx, const char *sql, const struct db_value *values, size_t count,
                  struct error *error, int64_t *ret_changed) {
    struct error own = {.code = ERROR_NONE};
    int status = check_statement(tx, false, &own);
    if (!status)
        status = tx->db->driver->run(tx, sql, values, count, &own, ret_changed);
    return hand_over(tx, status, &own, error);
}

int db_query_values(struct db_tx *tx, const char *sql, const struct db_value *values,
                    size_t count, struct error *error, struct db_rows **ret_rows) {
    struct error own = {.code = ERROR_NONE};
    int status = check_statement(tx, true, &own);
    if (!status)
        status = tx->db->driver->query(tx, sql, values, count, &own, ret_rows);
    if (!status)
        tx->open_rows++;
    return hand_over(tx, status, &own, error);
}

/* Late statements where nothing is gained by waiting. */
static int run_at_once(struct db_tx *tx, const char *sql, const struct db_value *values,
                       size_t count, const struct db_late *late, struct error *error) {
    struct db_rows *rows = NULL;
    if (!late->ret_text) return db_run_values(tx, sql, values, count, error, NULL);
    int status = db_query_values(tx, sql, values, count, error, &rows);
    if (status) return status;
    status = db_next(rows, error);
    late->ret_text[0] = '\0';
    if (status > 0) db_column_copy(rows, 1, late->ret_text, late->size);
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int db_run_late_values(struct db_tx *tx, const char *sql, const struct db_value *values,
                       size_t count, const struct db_late *late, struct error *error) {
    struct db_value all[DB_PARAMETERS_MAX];
    struct error own = {.code = ERROR_NONE};
    bool possible = tx->writes && count < DB_PARAMETERS_MAX;
    int status = possible ? 0
                          : error_set(&own, ERROR_INTERNAL,
                                      "no late statement can be run here: %.200s", sql);
    if (possible) {
        memcpy(all, values, count * sizeof *values);
        all[count++] = db_integer(late->shared ? 1 : 0);
    }
    if (possible && !tx->db->driver->run_late)
        return run_at_once(tx, sql, all, count, late, error);
    if (!status)
        status = check_statement(tx, false, &own);
    if (!status)
        status = tx->db->driver->run_late(tx, sql, all, count, late, &own);
    return hand_over(tx, status, &own, error);
}

int db_next(struct db_rows *rows, struct error *error) {
    struct db_tx *tx = rows->tx;
    struct error own = {.code = ERROR_NONE};
    int status = tx->spoiled.code
                     ? error_set(&own, tx->spoiled.code, "%s", tx->spoiled.text)
                     : tx->db->driver->next(rows, &own);
    return hand_over(tx, status, &own, error);
}

void db_rows_close(struct db_rows *rows) {
    if (!rows)
        return;
    rows->tx->open_rows--;
    rows->tx->db->driver->rows_close(rows);
}

const char *db_column_text(struct db_rows *rows, int column, size_t *ret_length) {
    return rows->tx->db->driver->column_text(rows, column, ret_length);
}

void db_column_copy(struct db_rows *rows, int column, char *ret_text, size_t size) {
    size_t length = 0;
    const char *text = db_column_text(rows, column, &length);
    if (!text) length = 0;
    if (length >= size)
        length = size - 1;
    if (length)
        memcpy(ret_text, text, length);
    ret_text[length] = '\0';
}

const void *db_column_blob(struct db_rows *rows, int column, size_t *ret_length) {
    return rows->tx->db->driver->column_blob(rows, column, ret_length);
}

int64_t db_column_integer(struct db_rows *rows, int column) {
    return rows->tx->db->driver->column_integer(rows, column);
}

bool db_column_null(struct db_rows *rows, int column) {
    return rows->tx->db->driver->column_null(rows, column);
}

/* ---- the whole store ---- */

int db_backup(struct db *db, const char *path, struct error *error) {
    return db->driver->backup(db, path, error);
}

int db_restore(const struct db_options *options, const char *path, struct error *error) {
    const struct db_driver *driver = driver_for(options->url, error);
    return driver ? driver->restore(options, path, error) : ERROR_INVALID;
}

int db_changed(struct db *db, struct error *error, bool *ret_changed) {
    return db->driver->changed(db, error, ret_changed);
}
