/* PostgreSQL: backup of a store that serves, by pg_dump, and restore of one that nobody serves.
 *
 * A restore happens in one transaction: what is there is dropped and what pg_restore writes is run
 * in its place, so that at every moment there is one whole store. While it lasts this program holds
 * alone the lock that every connection of a serving program shares. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "db/copy.h"
#include "db/driver_postgresql.h"
#include "db/driver_postgresql_tool.h"

enum {
    SCRIPT_MAX_BYTES = 16 * 1024 * 1024, /* of statements between two tables' rows */
    PIECE_MAX_BYTES = 64 * 1024,
    SCHEMA_NAME_MAX = 64
};

/* Runs a statement; copies the text of its first value, "" when there is none. */
static int ask(PGconn *handle, const char *sql, size_t size, struct error *error,
               char *ret_answer) {
    PGresult *result = PQexec(handle, sql);
    int status = 0;
    if (postgresql_failed(result))
        status = postgresql_error(handle, result, "examine the store", true, error);
    else
        snprintf(ret_answer, size, "%s", PQntuples(result) ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return status;
}

/* The schema that the store lies in. */
static int find_schema(PGconn *handle, struct error *error, char ret_schema[SCHEMA_NAME_MAX]) {
    int status = ask(handle, "select current_schema()", SCHEMA_NAME_MAX, error, ret_schema);
    if (!status && !*ret_schema)
        status = error_set(error, ERROR_INVALID, "the database has no schema for the store: "
                           "create schema public");
    return status;
}

/* ---- backup ---- */

static int dump(PGconn *handle, int output, struct error *error) {
    char schema[SCHEMA_NAME_MAX], option[2 * SCHEMA_NAME_MAX + 16];
    struct postgresql_tool tool;
    int status = find_schema(handle, error, schema);
    if (status)
        return status;
    /* A pattern: quoted, it means itself. */
    char *quoted = PQescapeIdentifier(handle, schema, strlen(schema));
    if (!quoted)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a backup");
    snprintf(option, sizeof option, "--schema=%s", quoted);
    PQfreemem(quoted);
    const char *argv[] = {"pg_dump", "--format=custom", "--no-owner", "--no-privileges", option,
                          NULL};
    status = postgresql_tool_start(handle, argv, output, error, &tool);
    return status ? status : postgresql_tool_end(&tool, ERROR_IO, error);
}

int postgresql_backup(struct db *db, const char *path, struct error *error) {
    struct postgresql_db *store = (struct postgresql_db *)db;
    char beside[PATH_MAX];
    PGconn *handle = NULL;
    int status = copy_vacant(path, error);
    if (!status)
        status = copy_make_beside(path, error, beside);
    if (status)
        return status;
    int output = open(beside, O_WRONLY | O_CLOEXEC);
    if (output < 0)
        status = file_error(error, errno, "open", beside);
    if (!status)
        status = postgresql_connect(store->url, NULL, error, &handle);
    if (!status)
        status = dump(handle, output, error);
    PQfinish(handle);
    if (output >= 0)
        close(output);
    if (!status)
        status = copy_seal(beside, error);
    if (!status)
        status = copy_flush(beside, error);
    if (!status)
        return copy_name(beside, path, error);
    unlink(beside);
    return status;
}

/* ---- restore: the script ---- */

/* Hands rows on as they are until the line that ends them. */
static int copy_rows(PGconn *handle, FILE *script, struct error *error) {
    char piece[PIECE_MAX_BYTES];
    bool line_begins = true, ended = false;
    while (!ended && fgets(piece, sizeof piece, script)) {
        size_t length = strlen(piece);
        ended = line_begins && strcmp(piece, "\\.\n") == 0;
        line_begins = length > 0 && piece[length - 1] == '\n';
        if (!ended && PQputCopyData(handle, piece, (int)length) != 1)
            break;
    }
    int sent = PQputCopyEnd(handle, ended ? NULL : "the rows are cut off");
    PGresult *result = sent == 1 ? PQgetResult(handle) : NULL;
    int status = 0;
    if (!ended || !result || postgresql_failed(result))
        status = postgresql_error(handle, result, "restore a table", true, error);
    while (result) {
        PQclear(result);
        result = PQgetResult(handle);
    }
    return status;
}

static int run_statements(PGconn *handle, struct buffer *statements, bool rows_follow,
                          struct error *error) {
    if (statements->failed)
        return error_set(error, ERROR_TOO_LARGE, "the backup has statements of over %d bytes",
                         SCRIPT_MAX_BYTES);
    if (!statements->length)
        return 0;
    PGresult *result = PQexec(handle, statements->data);
    ExecStatusType ended = PQresultStatus(result);
    bool good = rows_follow ? ended == PGRES_COPY_IN
                            : !postgresql_failed(result) || ended == PGRES_EMPTY_QUERY;
    int status = good ? 0 : postgresql_error(handle, result, "restore the store", true, error);
    PQclear(result);
    buffer_clear(statements);
    return status;
}

static bool begins(const char *line, const char *with) {
    return strncmp(line, with, strlen(with)) == 0;
}

/* Runs what pg_restore writes: statements, and rows behind each "COPY … FROM stdin;". */
static int run_script(PGconn *handle, FILE *script, struct error *error) {
    static const char rows_follow[] = " FROM stdin;\n";
    char piece[PIECE_MAX_BYTES];
    struct buffer statements;
    bool line_begins = true;
    int status = 0;
    buffer_init(&statements, SCRIPT_MAX_BYTES);
    while (!status && fgets(piece, sizeof piece, script)) {
        size_t length = strlen(piece), end = sizeof rows_follow - 1;
        bool copy = line_begins && begins(piece, "COPY ") && length > end &&
                    strcmp(piece + length - end, rows_follow) == 0;
        /* Orders to psql, and a setting that older servers do not know. */
        bool skipped = line_begins &&
                       (piece[0] == '\\' || begins(piece, "SET transaction_timeout"));
        if (!skipped)
            buffer_append(&statements, piece, length);
        line_begins = length > 0 && piece[length - 1] == '\n';
        if (copy)
            status = run_statements(handle, &statements, true, error);
        if (copy && !status)
            status = copy_rows(handle, script, error);
    }
    if (!status)
        status = run_statements(handle, &statements, false, error);
    buffer_done(&statements);
    return status;
}

static int restore_script(PGconn *handle, const char *schema, const char *path,
                          struct error *error) {
    char option[SCHEMA_NAME_MAX + 16];
    struct postgresql_tool tool;
    struct error own = {.code = ERROR_NONE};
    int ends[2];
    snprintf(option, sizeof option, "--schema=%s", schema);
    const char *argv[] = {"pg_restore", "--no-owner", "--no-privileges", option, "--file=-", "--",
                          path, NULL};
    if (pipe2(ends, O_CLOEXEC) != 0)
        return file_error(error, errno, "read", path);
    int status = postgresql_tool_start(handle, argv, ends[1], error, &tool);
    close(ends[1]);
    FILE *script = status ? NULL : fdopen(ends[0], "r");
    if (!script) {
        close(ends[0]);
        if (status)
            return status;
        own.code = ERROR_NO_MEMORY;
    } else {
        run_script(handle, script, &own);
        /* Closed before its end, it makes the tool end too. */
        fclose(script);
    }
    struct error end = {.code = ERROR_NONE};
    status = postgresql_tool_end(&tool, ERROR_INVALID, &end);
    if (own.code)
        return error_set(error, own.code, "%s", *own.text ? own.text : "no memory to restore");
    return status ? error_set(error, ERROR_INVALID, "%s is no whole backup of a PostgreSQL store: "
                              "%.200s", path, end.text)
                  : 0;
}

/* ---- restore: the store ---- */

static int take_store(PGconn *handle, struct error *error) {
    char answer[8];
    int status = ask(handle, "select pg_try_advisory_lock(" POSTGRESQL_LOCK_IN_USE ")",
                     sizeof answer, error, answer);
    if (!status && strcmp(answer, "t") != 0)
        status = error_set(error, ERROR_BUSY, "the store is in use: stop the programs that serve "
                           "it, and a pooler that keeps their connections");
    return status;
}

/* Drops the store's tables, but none of somebody else. */
static int clear_store(PGconn *handle, struct error *error) {
    static const char tables[] =
        " from pg_catalog.pg_class where relkind in ('r', 'p')"
        " and relnamespace = to_regnamespace(current_schema())";
    static const char drop[] =
        "do $koppel$ declare item regclass; begin for item in select oid from pg_catalog.pg_class "
        "where relkind in ('r', 'p') and relnamespace = to_regnamespace(current_schema()) "
        "loop execute format('drop table %s cascade', item); end loop; end $koppel$";
    char sql[512], answer[8];
    snprintf(sql, sizeof sql,
             "select count(*) > 0 and not coalesce(bool_or(relname = 'schema_migration'), false)%s",
             tables);
    int status = ask(handle, sql, sizeof answer, error, answer);
    if (!status && strcmp(answer, "t") == 0)
        return error_set(error, ERROR_INVALID, "the database holds tables that are no store: name "
                         "another database");
    return status ? status : ask(handle, drop, sizeof answer, error, answer);
}

/* Does what was restored hold a store? The script has emptied the search path. */
static int check_restored(PGconn *handle, const char *schema, const char *path,
                          struct error *error) {
    char sql[256], answer[32] = "";
    struct error own = {.code = ERROR_NONE};
    char *quoted = PQescapeIdentifier(handle, schema, strlen(schema));
    if (!quoted)
        return error_set(error, ERROR_NO_MEMORY, "no memory to restore");
    snprintf(sql, sizeof sql, "select max(number) from %s.schema_migration", quoted);
    PQfreemem(quoted);
    if (ask(handle, sql, sizeof answer, &own, answer) || !*answer)
        return error_set(error, ERROR_INVALID, "%s is no backup of a store", path);
    return 0;
}

static int replace_store(PGconn *handle, const char *path, struct error *error) {
    char schema[SCHEMA_NAME_MAX], answer[8];
    int status = find_schema(handle, error, schema);
    if (!status)
        status = take_store(handle, error);
    if (!status)
        status = ask(handle, "begin; set local lock_timeout = 5000", sizeof answer, error, answer);
    if (!status)
        status = clear_store(handle, error);
    if (!status)
        status = restore_script(handle, schema, path, error);
    if (!status)
        status = check_restored(handle, schema, path, error);
    if (!status)
        status = ask(handle, "commit", sizeof answer, error, answer);
    /* Without statistics the first requests would be slow; nobody need wait for them. */
    if (!status)
        (void)ask(handle, "analyze", sizeof answer, NULL, answer);
    return status;
}

static void ignore_notice(void *context, const PGresult *result) {
    (void)context;
    (void)result;
}

int postgresql_restore(const struct db_options *options, const char *path, struct error *error) {
    struct stat backup;
    PGconn *handle = NULL;
    if (stat(path, &backup) != 0)
        return file_error(error, errno, "open the backup", path);
    if (!S_ISREG(backup.st_mode))
        return error_set(error, ERROR_INVALID, "%s is not a regular file", path);
    struct error own = {.code = ERROR_NONE};
    int status = copy_check_seal(path, error);
    if (status)
        return status;
    status = postgresql_connect(options->url, NULL, &own, &handle);
    if (status == ERROR_NOT_FOUND && options->create) {
        error_clear(&own);
        status = postgresql_make_database(options->url, &own);
        if (!status)
            status = postgresql_connect(options->url, NULL, &own, &handle);
    }
    if (!status) {
        PQsetNoticeReceiver(handle, ignore_notice, NULL);
        status = replace_store(handle, path, &own);
    }
    PQfinish(handle);
    return status ? error_set(error, own.code, "%s", own.text) : 0;
}
