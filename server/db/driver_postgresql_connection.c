/* PostgreSQL: a connection and its pipeline. Commands are queued with the kind of answer that is
 * expected; a batch ends in a sync, after which the server takes commands again whatever failed.
 * Nothing waits for the server longer than a bound: a connection that says nothing is lost. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/driver_postgresql.h"

enum { MIGRATION_WAIT_MS = 24 * 3600 * 1000 };

static const char begin_read[] = "begin isolation level repeatable read read only";

static const struct {
    const char *name, *sql;
} own_statements[] = {
    {"koppel_begin_read", begin_read},
    {"koppel_begin_write", "begin isolation level read committed read write"},
    {"koppel_commit", "commit"},
    {"koppel_rollback", "rollback"},
};

/* ---- waiting ---- */

/* Waits until there is something to read, sending what waits to be sent. */
static bool wait_readable(struct postgresql_connection *connection, int64_t until_ms) {
    struct pollfd socket = {.fd = PQsocket(connection->handle)};
    for (;;) {
        int unsent = PQflush(connection->handle);
        int64_t left_ms = until_ms - clock_monotonic_ms();
        if (unsent < 0 || left_ms <= 0 || socket.fd < 0)
            return false;
        socket.events = (short)(POLLIN | (unsent ? POLLOUT : 0));
        int ready = poll(&socket, 1, (int)left_ms);
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready > 0 && (socket.revents & ~POLLOUT))
            return PQconsumeInput(connection->handle) == 1;
    }
}

/* A message that libpq has no memory to take in it drops and notes, and then goes on waiting. */
static bool message_dropped(const struct postgresql_connection *connection) {
    return strstr(PQerrorMessage(connection->handle), "out of memory") != NULL;
}

/* The next result, NULL behind the last of a command; sets `lost`. */
static PGresult *next_result(struct postgresql_connection *connection, int64_t until_ms) {
    while (!connection->lost && (PQflush(connection->handle) || PQisBusy(connection->handle)))
        connection->lost = message_dropped(connection) || !wait_readable(connection, until_ms);
    if (connection->lost)
        return NULL;
    PGresult *result = PQgetResult(connection->handle);
    if (PQstatus(connection->handle) != CONNECTION_OK)
        connection->lost = true;
    return result;
}

bool postgresql_failed(const PGresult *result) {
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_PIPELINE_SYNC:
        return false;
    default:
        return true;
    }
}

bool postgresql_connection_ended(struct postgresql_connection *connection) {
    struct pollfd socket = {.fd = PQsocket(connection->handle), .events = POLLIN};
    return connection->expected_count == 0 && poll(&socket, 1, 0) != 0;
}

/* ---- sending ---- */

static void expect(struct postgresql_connection *connection, int sent,
                   enum postgresql_expected_kind kind, struct postgresql_statement *statement) {
    if (!sent || connection->expected_count == POSTGRESQL_EXPECTED_MAX) {
        connection->lost = true;
        return;
    }
    connection->expected[connection->expected_count].kind = kind;
    connection->expected[connection->expected_count].late = NULL;
    connection->expected[connection->expected_count++].statement = statement;
}

void postgresql_send_own(struct postgresql_connection *connection, const char *sql,
                         enum postgresql_expected_kind kind) {
    if (connection->lost)
        return;
    for (size_t i = 0; i < sizeof own_statements / sizeof own_statements[0]; i++)
        if (connection->own_prepared && strcmp(own_statements[i].sql, sql) == 0) {
            expect(connection, PQsendQueryPrepared(connection->handle, own_statements[i].name, 0,
                                                   NULL, NULL, NULL, 0), kind, NULL);
            return;
        }
    expect(connection, PQsendQueryParams(connection->handle, sql, 0, NULL, NULL, NULL, NULL, 0),
           kind, NULL);
}

void postgresql_send_prepare(struct postgresql_connection *connection,
                             struct postgresql_statement *statement) {
    Oid types[POSTGRESQL_VALUES_MAX];
    static const Oid type_of[] = {
        [DB_KIND_NULL] = 0, [DB_KIND_INTEGER] = 20, [DB_KIND_TEXT] = 25, [DB_KIND_BLOB] = 17};
    int each = statement->form.value_count + db_hidden_count(&statement->form);
    int count = each * statement->rows;
    for (int i = 0; i < count; i++)
        types[i] = type_of[statement->kinds[i % each]];
    if (!connection->lost)
        expect(connection, PQsendPrepare(connection->handle, statement->name,
                                         statement->form.text, count, types),
               POSTGRESQL_EXPECT_PREPARED, statement);
    /* For what follows in the batch; its answer says when that was wrong. */
    statement->prepared = true;
}

void postgresql_send_statement(struct postgresql_connection *connection, const char *name,
                               const char *text, const struct postgresql_values *values,
                               enum postgresql_expected_kind kind,
                               const struct postgresql_recorded *late) {
    if (connection->lost)
        return;
    int sent = name ? PQsendQueryPrepared(connection->handle, name, values->count, values->bytes,
                                          values->lengths, values->formats, 0)
                    : PQsendQueryParams(connection->handle, text, values->count, values->types,
                                        values->bytes, values->lengths, values->formats, 0);
    expect(connection, sent, kind, NULL);
    if (!connection->lost)
        connection->expected[connection->expected_count - 1].late = late;
}

static void close_batch(struct postgresql_connection *connection) {
    if (!connection->lost)
        expect(connection, PQpipelineSync(connection->handle), POSTGRESQL_EXPECT_SYNC, NULL);
}

void postgresql_send_off(struct postgresql_connection *connection) {
    close_batch(connection);
    if (!connection->lost && PQflush(connection->handle) < 0)
        connection->lost = true;
}

/* ---- answers ---- */

static void take_late(const struct postgresql_recorded *recorded, const PGresult *result) {
    const struct db_value *key = &recorded->values[0];
    const struct db_late *late = &recorded->late;
    if (!late->ret_text)
        return;
    late->ret_text[0] = '\0';
    for (int row = 0; row < PQntuples(result) && PQnfields(result) > 1; row++) {
        size_t length = (size_t)PQgetlength(result, row, 1);
        if ((size_t)PQgetlength(result, row, 0) != key->length ||
            memcmp(PQgetvalue(result, row, 0), key->bytes, key->length) != 0)
            continue;
        if (length >= late->size)
            length = late->size - 1;
        memcpy(late->ret_text, PQgetvalue(result, row, 1), length);
        late->ret_text[length] = '\0';
        return;
    }
}

/* Reads all answers that are under way. */
static PGresult *collect_until(struct postgresql_connection *connection, int64_t until_ms) {
    PGresult *kept = NULL;
    connection->commit_failed = false;
    for (int i = 0; i < connection->expected_count && !connection->lost; i++) {
        enum postgresql_expected_kind kind = connection->expected[i].kind;
        PGresult *result = next_result(connection, until_ms);
        bool failed = !result || postgresql_failed(result);
        if (kind == POSTGRESQL_EXPECT_PREPARED && failed)
            connection->expected[i].statement->prepared = false;
        if ((kind == POSTGRESQL_EXPECT_CHANGE || kind == POSTGRESQL_EXPECT_LATE) && !failed &&
            strtoll(PQcmdTuples(result), NULL, 10))
            connection->changed = true;
        const struct postgresql_recorded *late = connection->expected[i].late;
        for (; kind == POSTGRESQL_EXPECT_LATE && !failed && late; late = late->with)
            take_late(late, result);
        if (kind == POSTGRESQL_EXPECT_COMMIT && failed)
            connection->commit_failed = !(kept && postgresql_failed(kept));
        bool wanted = kind == POSTGRESQL_EXPECT_RESULT || kind == POSTGRESQL_EXPECT_DONE ||
                      kind == POSTGRESQL_EXPECT_COMMIT || failed;
        /* The first failure stands before all that it brought with it. */
        if (result && wanted && kind != POSTGRESQL_EXPECT_IGNORED &&
            !(kept && postgresql_failed(kept))) {
            PQclear(kept);
            kept = result;
        } else {
            PQclear(result);
        }
        if (kind == POSTGRESQL_EXPECT_SYNC)
            continue;
        PGresult *more = next_result(connection, until_ms);
        if (more) {
            PQclear(more);
            connection->lost = true;
        }
    }
    connection->expected_count = 0;
    /* What the server itself said before it was gone still tells where it stopped. */
    if (!connection->lost || (kept && postgresql_failed(kept) && *postgresql_state(kept)))
        return kept;
    PQclear(kept);
    return NULL;
}

void postgresql_ignore_answers(struct postgresql_connection *connection) {
    for (int i = 0; i < connection->expected_count; i++) {
        /* Perhaps it is prepared: then one of another name will be beside it. */
        if (connection->expected[i].kind == POSTGRESQL_EXPECT_PREPARED)
            connection->expected[i].statement->prepared = false;
        if (connection->expected[i].kind != POSTGRESQL_EXPECT_SYNC)
            connection->expected[i].kind = POSTGRESQL_EXPECT_IGNORED;
    }
}

PGresult *postgresql_collect(struct postgresql_connection *connection) {
    close_batch(connection);
    return collect_until(connection, clock_monotonic_ms() + POSTGRESQL_ANSWER_WAIT_MS);
}

/* Several statements at once are possible only outside of the pipeline. */
PGresult *postgresql_run_script(struct postgresql_connection *connection, const char *sql) {
    int64_t until_ms = clock_monotonic_ms() + MIGRATION_WAIT_MS;
    PGresult *result, *failed = NULL;
    if (!connection->lost && (!PQexitPipelineMode(connection->handle) ||
                              !PQsendQuery(connection->handle, sql)))
        connection->lost = true;
    while ((result = next_result(connection, until_ms)) != NULL) {
        if (!failed && postgresql_failed(result) && PQresultStatus(result) != PGRES_EMPTY_QUERY)
            failed = result;
        else
            PQclear(result);
    }
    if (!connection->lost && !PQenterPipelineMode(connection->handle))
        connection->lost = true;
    return failed;
}

/* ---- opening and closing ---- */

static void ignore_notice(void *context, const PGresult *result) {
    (void)context;
    (void)result;
}

/* Settings of the session, and the lock that tells that the store is in use. Durable is the least
 * that a commit must be; a server that promises more keeps its own setting. */
static int set_up_session(PGconn *handle, struct error *error) {
    static const char sql[] =
        "set lock_timeout = 5000; set statement_timeout = 30000;"
        "set idle_in_transaction_session_timeout = 60000; set bytea_output = 'hex';"
        "set standard_conforming_strings = on; set session characteristics as transaction "
        "isolation level read committed;"
        "select set_config('synchronous_commit', 'on', false)"
        " where current_setting('synchronous_commit') in ('off');"
        "select pg_try_advisory_lock_shared(" POSTGRESQL_LOCK_IN_USE ")";
    const char *encoding = PQparameterStatus(handle, "server_encoding");
    if (encoding && strcmp(encoding, "UTF8") != 0)
        return error_set(error, ERROR_INVALID, "the database has encoding %.40s: make one with "
                         "encoding UTF8 for the store", encoding);
    PGresult *result = PQexec(handle, sql);
    int status = 0;
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        status = postgresql_error(handle, result, "connect to the store", true, error);
    else if (strcmp(PQgetvalue(result, 0, 0), "t") != 0)
        status = error_set(error, ERROR_BUSY, "the store is being restored: try again when that "
                           "is done");
    PQclear(result);
    return status;
}

/* What every transaction needs, prepared once. */
static void prepare_own(struct postgresql_connection *connection) {
    for (size_t i = 0; i < sizeof own_statements / sizeof own_statements[0]; i++)
        if (!connection->lost)
            expect(connection, PQsendPrepare(connection->handle, own_statements[i].name,
                                             own_statements[i].sql, 0, NULL),
                   POSTGRESQL_EXPECT_DONE, NULL);
    PGresult *result = postgresql_collect(connection);
    /* A pooler hands out sessions in which another has prepared them. */
    connection->own_prepared = result && !postgresql_failed(result);
    PQclear(result);
}

int postgresql_connection_open(struct postgresql_db *store, struct error *error,
                               struct postgresql_connection **ret_connection) {
    struct postgresql_connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a connection to the store");
    connection->generation = atomic_load(&store->generation);
    connection->unprepared = atomic_load(&store->unprepared);
    int status = postgresql_connect(store->url, NULL, error, &connection->handle);
    if (!status) {
        PQsetNoticeReceiver(connection->handle, ignore_notice, NULL);
        status = set_up_session(connection->handle, error);
    }
    if (!status && (PQsetnonblocking(connection->handle, 1) ||
                    !PQenterPipelineMode(connection->handle)))
        status = error_set(error, ERROR_NO_MEMORY, "no memory for a connection to the store");
    if (!status && !connection->unprepared)
        prepare_own(connection);
    if (!status && connection->lost)
        status = error_set(error, ERROR_BUSY, "the database server ended the connection at once: "
                           "try again");
    if (status) {
        postgresql_connection_close(connection);
        return status;
    }
    *ret_connection = connection;
    return 0;
}

void postgresql_connection_close(struct postgresql_connection *connection) {
    postgresql_statements_drop(connection);
    PQfinish(connection->handle);
    free(connection);
}
