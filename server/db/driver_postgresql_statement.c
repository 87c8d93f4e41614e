/* PostgreSQL: statements within a transaction. A connection keeps the statements that it prepared,
 * found by the place and text of their SQL and the kind of scope; the number is limited, and the
 * one not used for longest gives way.
 *
 * Parameters have the type of their value: BIGINT, TEXT or BYTEA. One that was only ever NULL is
 * left to the server, and the statement is prepared again when a value comes. A result is read as a
 * whole when it is opened: any number may be open on one connection. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "base/log.h"
#include "db/driver_postgresql.h"

/* ---- the cache ---- */

static void statement_drop(struct postgresql_statement *statement) {
    free(statement->form.text);
    free(statement->sql_copy);
    *statement = (struct postgresql_statement){.sql = NULL};
}

void postgresql_statements_drop(struct postgresql_connection *connection) {
    for (int set = 0; set < POSTGRESQL_STATEMENT_SETS; set++)
        for (int way = 0; way < POSTGRESQL_STATEMENT_WAYS; way++)
            statement_drop(&connection->sets[set][way]);
}

int postgresql_statements_cached(const struct postgresql_connection *connection) {
    int count = 0;
    for (int set = 0; set < POSTGRESQL_STATEMENT_SETS; set++)
        for (int way = 0; way < POSTGRESQL_STATEMENT_WAYS; way++)
            count += connection->sets[set][way].sql != NULL;
    return count;
}

/* A body may neither end its transaction nor begin another within it. */
static bool is_transaction_command(const char *sql) {
    static const char *const words[] = {"begin",    "start", "commit",    "end",    "rollback",
                                        "abort", "savepoint", "release", "prepare"};
    sql += strspn(sql, " \t\r\n");
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t length = strlen(words[i]);
        if (strncasecmp(sql, words[i], length) == 0 && strchr(" \t\r\n;", sql[length]))
            return true;
    }
    return false;
}

static const char values_word[] = "values (";

/* Behind the last row of the list; NULL: it has no end. */
static const char *list_end(const char *values) {
    int depth = 0;
    for (const char *at = strchr(values, '('); at && *at; at++) {
        depth += (*at == '(') - (*at == ')');
        if (depth == 0 && strncmp(at, "), (", 4) != 0 && *at == ')')
            return at + 1;
    }
    return NULL;
}

/* "insert into … values (…)", or "insert into … with … as (values (…)) select …", and nothing
 * behind but what it returns. */
bool postgresql_merges(const char *sql) {
    const char *values = strstr(sql, values_word);
    const char *end = values ? list_end(values) : NULL;
    if (!end || strncasecmp(sql, "insert ", 7) != 0 || strstr(values + 1, values_word) ||
        strstr(end, " on conflict ") || strstr(values, "$scope") || strchr(values, '\'') ||
        strchr(end, '$'))
        return false;
    return strncmp(end, ") select ", 9) == 0 || !*end || strncmp(end, " returning ", 11) == 0;
}

/* Writes the values' places again for each row, numbered on. */
static int form_multiply(struct db_statement *form, int rows, struct error *error) {
    const char *tail = strstr(form->text, values_word) + sizeof values_word - 2;
    const char *end = list_end(tail);
    struct buffer text;
    buffer_init(&text, (size_t)rows * (strlen(form->text) + 4 * DB_PARAMETERS_MAX));
    buffer_append(&text, form->text, (size_t)(end - form->text));
    for (int row = 1; row < rows; row++) {
        buffer_text(&text, ", ");
        for (const char *at = tail; at < end;) {
            size_t plain = strcspn(at, "$");
            if (plain > (size_t)(end - at)) plain = (size_t)(end - at);
            buffer_append(&text, at, plain);
            at += plain;
            if (at == end) continue;
            char *behind;
            long number = strtol(at + 1, &behind, 10);
            buffer_format(&text, "$%ld", number + (long)row * form->value_count);
            at = behind;
        }
    }
    buffer_text(&text, end);
    if (text.failed) {
        buffer_done(&text);
        return error_set(error, ERROR_NO_MEMORY, "no memory for a statement");
    }
    free(form->text);
    form->text = text.data;
    return 0;
}

static int statement_make(const struct postgresql_tx *tx, const char *sql, int rows,
                          struct error *error, struct postgresql_statement *ret_statement) {
    struct postgresql_statement statement = {
        .sql = sql, .kind = tx->base.scope.kind, .rows = rows};
    if (is_transaction_command(sql))
        return error_set(error, ERROR_INTERNAL, "a body may not end its transaction: %.200s", sql);
    int status = db_statement_expand(sql, tx->base.scope.kind, tx->base.db->driver->skip_locked,
                                     error, &statement.form);
    if (status)
        return status;
    if (rows > 1 && (status = form_multiply(&statement.form, rows, error)) != 0) {
        statement_drop(&statement);
        return status;
    }
    statement.sql_copy = strdup(sql);
    if (!statement.sql_copy) {
        statement_drop(&statement);
        return error_set(error, ERROR_NO_MEMORY, "no memory for a statement");
    }
    for (int i = 0; i < db_hidden_count(&statement.form); i++)
        statement.kinds[statement.form.value_count + i] = DB_KIND_TEXT;
    *ret_statement = statement;
    return 0;
}

/* The name tells the statement: should a pooler between hand out a session in which another node
 * has prepared this name, it is this statement. */
static void statement_name(struct postgresql_connection *connection,
                           struct postgresql_statement *statement) {
    char hex[SHA256_HEX_MAX], types[DB_PARAMETERS_MAX + DB_HIDDEN_MAX + 1];
    int count = statement->form.value_count + db_hidden_count(&statement->form);
    for (int i = 0; i < count; i++)
        types[i] = (char)('0' + statement->kinds[i]);
    types[count] = '\0';
    hash_sha256_hex(statement->form.text, strlen(statement->form.text), hex);
    uint64_t hash = strtoull((hex[16] = '\0', hex), NULL, 16);
    for (const char *type = types; *type; type++)
        hash = (hash ^ (unsigned char)*type) * UINT64_C(0x100000001b3);
    snprintf(statement->name, sizeof statement->name, "koppel_%016" PRIx64 "_%" PRIx64, hash,
             connection->uses & 0xffffff);
}

static void statement_forget(struct postgresql_connection *connection,
                             struct postgresql_statement *statement) {
    char sql[POSTGRESQL_NAME_MAX + 16];
    if (!statement->prepared)
        return;
    snprintf(sql, sizeof sql, "deallocate %s", statement->name);
    postgresql_send_own(connection, sql, POSTGRESQL_EXPECT_DONE);
    statement->prepared = false;
}

/* Finds a statement, or makes it in the place of the one that was not used for longest. */
static int statement_find(struct postgresql_tx *tx, const char *sql, int rows, struct error *error,
                          struct postgresql_statement **ret_statement) {
    struct postgresql_connection *connection = tx->connection;
    enum db_scope_kind kind = tx->base.scope.kind;
    uint64_t place = (uint64_t)(uintptr_t)sql + (uint64_t)kind + ((uint64_t)rows << 48);
    uint64_t hash = place * UINT64_C(0x9e3779b97f4a7c15);
    struct postgresql_statement *set =
        connection->sets[(hash >> 32) % POSTGRESQL_STATEMENT_SETS];
    struct postgresql_statement *oldest = &set[0];
    for (int way = 0; way < POSTGRESQL_STATEMENT_WAYS; way++) {
        struct postgresql_statement *statement = &set[way];
        if (statement->sql == sql && statement->kind == kind && statement->rows == rows &&
            strcmp(statement->sql_copy, sql) == 0) {
            statement->last_use = ++connection->uses;
            *ret_statement = statement;
            return 0;
        }
        if (statement->last_use < oldest->last_use)
            oldest = statement;
    }
    struct postgresql_statement made;
    int status = statement_make(tx, sql, rows, error, &made);
    if (status)
        return status;
    postgresql_begin(tx);
    statement_forget(connection, oldest);
    statement_drop(oldest);
    *oldest = made;
    oldest->last_use = ++connection->uses;
    *ret_statement = oldest;
    return 0;
}

/* ---- values ---- */

static void value_bind(struct postgresql_values *bound, int place, const struct db_value *value) {
    bound->types[place] = 0;
    bound->lengths[place] = 0;
    bound->formats[place] = 0;
    bound->bytes[place] = NULL;
    switch (value->kind) {
    case DB_KIND_INTEGER:
        snprintf(bound->integers[place], sizeof bound->integers[place], "%" PRId64,
                 value->integer);
        bound->types[place] = 20;
        bound->bytes[place] = bound->integers[place];
        break;
    case DB_KIND_TEXT:
    case DB_KIND_BLOB:
        bound->types[place] = value->kind == DB_KIND_TEXT ? 25 : 17;
        bound->bytes[place] = value->length ? value->bytes : "";
        bound->lengths[place] = (int)value->length;
        bound->formats[place] = 1;
        break;
    case DB_KIND_NULL:
    default:
        break;
    }
}

/* Does the statement, as it is prepared, take these values? Learns the kinds that were unknown. */
static bool kinds_fit(struct postgresql_connection *connection,
                      struct postgresql_statement *statement, const struct db_value *values,
                      size_t count) {
    bool learnt = false;
    for (size_t i = 0; i < count; i++)
        if (values[i].kind != DB_KIND_NULL && statement->kinds[i] != DB_KIND_NULL &&
            statement->kinds[i] != values[i].kind)
            return false;
    for (size_t i = 0; i < count; i++)
        if (values[i].kind != DB_KIND_NULL && statement->kinds[i] == DB_KIND_NULL) {
            statement->kinds[i] = (unsigned char)values[i].kind;
            learnt = true;
        }
    if (learnt)
        statement_forget(connection, statement);
    return true;
}

/* ---- running ---- */

/* Notes the table that a conflict was in, for the careful run. */
static void note_table(struct postgresql_tx *tx, const PGresult *result) {
    const char *schema = PQresultErrorField(result, PG_DIAG_SCHEMA_NAME);
    const char *table = PQresultErrorField(result, PG_DIAG_TABLE_NAME);
    if (!schema || !table)
        return;
    char *first = PQescapeIdentifier(tx->connection->handle, schema, strlen(schema));
    char *second = PQescapeIdentifier(tx->connection->handle, table, strlen(table));
    int needed = first && second
                     ? snprintf(tx->table, sizeof tx->table, "%s.%s", first, second)
                     : -1;
    if (needed < 0 || needed >= (int)sizeof tx->table)
        tx->table[0] = '\0';
    PQfreemem(first);
    PQfreemem(second);
}

/* What a failed statement means for its transaction. After a conflict in a careful run the
 * savepoint brings the transaction back; every other failure ends it. */
int postgresql_fail(struct postgresql_tx *tx, const PGresult *result, struct error *error) {
    struct postgresql_connection *connection = tx->connection;
    struct postgresql_db *store = (struct postgresql_db *)tx->base.db;
    const char *state = postgresql_state(result);
    const char *source = result ? PQresultErrorField(result, PG_DIAG_SOURCE_FUNCTION) : NULL;
    bool conflict = postgresql_translate(state, true) == ERROR_CONFLICT;
    if (!result || connection->lost) {
        tx->again = POSTGRESQL_AGAIN_FRESH;
        return error_set(error, ERROR_BUSY, "the connection to the database server was lost: try "
                         "again");
    }
    if (strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0) {
        tx->again = POSTGRESQL_AGAIN_LATER;
    } else if (strcmp(state, "26000") == 0 || strcmp(state, "42P05") == 0) {
        /* Each transaction may be in another session: nothing that is prepared can be relied on. */
        if (!atomic_exchange(&store->unprepared, true))
            log_event(LOG_WARNING, "store_unprepared", "reason",
                      "a pooler between forgets prepared statements", NULL);
        tx->again = POSTGRESQL_AGAIN_FRESH;
        connection->lost = true;
    } else if (source && strcmp(source, "RevalidateCachedQuery") == 0) {
        /* A migration changed a table since this was prepared. */
        tx->again = POSTGRESQL_AGAIN_FRESH;
        connection->lost = true;
    } else if (tx->unheard) {
        tx->again = POSTGRESQL_AGAIN_ALONE;
    } else if (conflict && tx->base.writes && !tx->careful) {
        tx->again = POSTGRESQL_AGAIN_CAREFULLY;
        note_table(tx, result);
        return error_set(error, ERROR_BUSY, "a unique key is taken: the body runs again");
    } else if (conflict && tx->base.writes) {
        postgresql_send_own(connection, "rollback to savepoint statement", POSTGRESQL_EXPECT_DONE);
        PGresult *back = postgresql_collect(connection);
        if (!back)
            tx->again = POSTGRESQL_AGAIN_FRESH;
        PQclear(back);
    }
    return postgresql_error(connection->handle, result,
                            tx->base.writes ? "write to the store" : "read the store",
                            tx->base.writes, error);
}

static void send_savepoint(struct postgresql_tx *tx) {
    if (!tx->careful)
        return;
    if (tx->savepoint)
        postgresql_send_own(tx->connection, "release savepoint statement", POSTGRESQL_EXPECT_DONE);
    postgresql_send_own(tx->connection, "savepoint statement", POSTGRESQL_EXPECT_DONE);
    tx->savepoint = true;
}

/* `fits`: as it is prepared, or can be. */
static void send_bound(struct postgresql_tx *tx, struct postgresql_statement *statement, bool fits,
                       const struct postgresql_values *bound, enum postgresql_expected_kind kind,
                       const struct postgresql_recorded *late) {
    struct postgresql_connection *connection = tx->connection;
    send_savepoint(tx);
    bool named = fits && !connection->unprepared;
    if (named && !statement->prepared) {
        statement_name(connection, statement);
        postgresql_send_prepare(connection, statement);
    }
    postgresql_send_statement(connection, named ? statement->name : NULL, statement->form.text,
                              bound, kind, late);
}

int postgresql_queue_statement(struct postgresql_tx *tx, const char *sql,
                               const struct db_value *values, size_t count,
                               enum postgresql_expected_kind kind, struct error *error) {
    struct postgresql_connection *connection = tx->connection;
    struct postgresql_statement *statement;
    struct postgresql_values bound;
    int status = statement_find(tx, sql, 1, error, &statement);
    if (!status)
        status = db_values_check(&statement->form, sql, values, count, error);
    if (status)
        return status;
    for (size_t i = 0; i < count; i++)
        value_bind(&bound, (int)i, &values[i]);
    bound.count = (int)count;
    for (int i = 0; i < db_hidden_count(&statement->form); i++) {
        struct db_value value = db_hidden_value(&tx->base.scope, i);
        value_bind(&bound, bound.count++, &value);
    }
    postgresql_begin(tx);
    send_bound(tx, statement, kinds_fit(connection, statement, values, count), &bound, kind, NULL);
    return 0;
}

int postgresql_queue_merged(struct postgresql_tx *tx, struct postgresql_recorded *const *recorded,
                            int count, enum postgresql_expected_kind kind, struct error *error) {
    struct postgresql_statement *statement;
    struct postgresql_values bound;
    const char *sql = recorded[0]->sql;
    bool fits = true;
    bound.count = 0;
    int status = statement_find(tx, sql, count, error, &statement);
    if (status)
        return status;
    postgresql_begin(tx);
    for (int row = 0; row < count && !status; row++) {
        const struct db_value *values = recorded[row]->values;
        recorded[row]->with = row + 1 < count ? recorded[row + 1] : NULL;
        status = db_values_check(&statement->form, sql, values, recorded[row]->count, error);
        for (size_t i = 0; i < recorded[row]->count && !status; i++)
            value_bind(&bound, bound.count++, &values[i]);
        if (!status)
            fits &= kinds_fit(tx->connection, statement, values, recorded[row]->count);
    }
    if (status)
        return status;
    send_bound(tx, statement, fits, &bound, kind,
               kind == POSTGRESQL_EXPECT_LATE ? recorded[0] : NULL);
    return 0;
}

/* Sends a statement with its values and waits for its result. */
static int execute(struct postgresql_tx *tx, const char *sql, const struct db_value *values,
                   size_t count, struct error *error, PGresult **ret_result) {
    int status = tx->record ? postgresql_record_leave(tx, error) : 0;
    if (!status)
        status = postgresql_queue_statement(tx, sql, values, count, POSTGRESQL_EXPECT_RESULT,
                                            error);
    if (status)
        return status;
    PGresult *result = postgresql_collect(tx->connection);
    if (!result || postgresql_failed(result)) {
        if (PQresultStatus(result) == PGRES_EMPTY_QUERY)
            status = error_set(error, ERROR_INTERNAL, "the statement is empty");
        else
            status = postgresql_fail(tx, result, error);
        PQclear(result);
        return status;
    }
    tx->unheard = false;
    *ret_result = result;
    return 0;
}

/* Rows changed: a result of "select" counts rows that were read. */
static int64_t rows_changed(PGresult *result) {
    return strncmp(PQcmdStatus(result), "SELECT", 6) == 0
               ? 0
               : strtoll(PQcmdTuples(result), NULL, 10);
}

static void note_change(struct postgresql_tx *tx, PGresult *result) {
    bool counted = *PQcmdTuples(result) != '\0';
    tx->changed = tx->changed || (counted ? rows_changed(result) > 0 : tx->base.writes);
}

/* A body that adds much adds it in one journey: only now and then is an answer waited for, before
 * more would be expected than can be. A failure is heard then or at the commit; the body runs again
 * and hears it in its place. */
static bool may_flow(const struct postgresql_tx *tx, const char *sql) {
    return tx->flowing && postgresql_only_adds(sql) &&
           tx->connection->expected_count < POSTGRESQL_EXPECTED_MAX / 2;
}

static int flow(struct postgresql_tx *tx, const char *sql, const struct db_value *values,
                size_t count, struct error *error) {
    int status =
        postgresql_queue_statement(tx, sql, values, count, POSTGRESQL_EXPECT_CHANGE, error);
    if (status)
        tx->again = POSTGRESQL_AGAIN_ALONE;
    tx->unheard = true;
    return status;
}

int postgresql_run(struct db_tx *base, const char *sql, const struct db_value *values,
                   size_t count, struct error *error, int64_t *ret_changed) {
    struct postgresql_tx *tx = (struct postgresql_tx *)base;
    PGresult *result;
    if (tx->record && !ret_changed && postgresql_record_add(tx, sql, values, count))
        return 0;
    if (tx->record && !ret_changed && postgresql_only_adds(sql)) {
        int left = postgresql_record_leave(tx, error);
        if (left)
            return left;
        tx->flowing = true;
    }
    if (!ret_changed && may_flow(tx, sql))
        return flow(tx, sql, values, count, error);
    tx->flowing = tx->flowing && !ret_changed && postgresql_only_adds(sql);
    int status = execute(tx, sql, values, count, error, &result);
    if (status)
        return status;
    note_change(tx, result);
    if (ret_changed)
        *ret_changed = rows_changed(result);
    PQclear(result);
    return 0;
}

int postgresql_query(struct db_tx *base, const char *sql, const struct db_value *values,
                     size_t count, struct error *error, struct db_rows **ret_rows) {
    struct postgresql_tx *tx = (struct postgresql_tx *)base;
    struct postgresql_rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a result");
    tx->flowing = false;
    int status = execute(tx, sql, values, count, error, &rows->result);
    if (status) {
        free(rows);
        return status;
    }
    note_change(tx, rows->result);
    rows->base.tx = base;
    rows->row = -1;
    rows->row_count = PQntuples(rows->result);
    rows->next = tx->open;
    tx->open = rows;
    *ret_rows = &rows->base;
    return 0;
}

/* ---- scripts ---- */

/* Texts compare by their bytes whatever the database's own order is, so that ids serve as cursors;
 * a column says so itself, and a dump of it as well. */
static const char collate_columns[] =
    "do $koppel$ declare item record; begin "
    "for item in select c.oid::regclass as name, string_agg(format("
    "'alter column %I type text collate \"C\"', a.attname), ', ') as changes "
    "from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid "
    "where c.relkind = 'r' and c.relpersistence = 'p' and a.attnum > 0 and not a.attisdropped "
    "and a.atttypid = 'text'::regtype and a.attcollation = 'pg_catalog.default'::regcollation "
    "and c.relnamespace = current_schema()::regnamespace group by c.oid "
    "loop execute format('alter table %s %s', item.name, item.changes); end loop; end $koppel$";

int postgresql_script(struct db_tx *base, const char *sql, struct error *error) {
    struct postgresql_tx *tx = (struct postgresql_tx *)base;
    int status = tx->record ? postgresql_record_leave(tx, error) : 0;
    if (status)
        return status;
    struct postgresql_connection *connection = tx->connection;
    postgresql_begin(tx);
    send_savepoint(tx);
    postgresql_send_own(connection, "set local statement_timeout = 0", POSTGRESQL_EXPECT_DONE);
    PGresult *result = postgresql_collect(connection);
    bool failed = !result || postgresql_failed(result);
    if (!failed) {
        PQclear(result);
        result = postgresql_run_script(connection, sql);
        if (!result && !connection->lost)
            result = postgresql_run_script(connection, collate_columns);
        failed = result || connection->lost;
    }
    tx->changed = true;
    status = failed ? postgresql_fail(tx, result, error) : 0;
    PQclear(result);
    if (!status && PQtransactionStatus(connection->handle) != PQTRANS_INTRANS)
        status = error_set(error, ERROR_INTERNAL, "a script may not end its transaction");
    return status;
}
