/* PostgreSQL: addresses, and what its errors mean to callers. Passwords never reach an error or the
 * log: neither libpq nor the server repeats one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/driver_postgresql.h"

enum { CONNECT_OPTIONS_MAX = 16 };

/* ---- addresses ---- */

bool postgresql_accepts(const char *url) {
    return strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0;
}

/* What the address or the environment says of an option; NULL: nothing. */
static const char *option_value(const PQconninfoOption *options, const char *keyword) {
    for (; options->keyword; options++) {
        if (strcmp(options->keyword, keyword) != 0)
            continue;
        if (options->val && *options->val)
            return options->val;
        const char *value = options->envvar ? getenv(options->envvar) : NULL;
        return value && *value ? value : NULL;
    }
    return NULL;
}

/* Does every host of the list (NULL: none) lie within this machine? */
static bool all_local(const char *hosts) {
    static const char *const local[] = {"localhost", "127.0.0.1", "::1"};
    while (hosts && *hosts) {
        size_t length = strcspn(hosts, ",");
        bool found = length == 0 || hosts[0] == '/' || hosts[0] == '@';
        for (size_t i = 0; i < sizeof local / sizeof local[0] && !found; i++)
            found = strlen(local[i]) == length && memcmp(hosts, local[i], length) == 0;
        if (!found)
            return false;
        hosts += length;
        hosts += *hosts == ',';
    }
    return true;
}

struct connect_options {
    const char *keywords[CONNECT_OPTIONS_MAX], *values[CONNECT_OPTIONS_MAX];
    int count;
};

static void add(struct connect_options *options, const char *keyword, const char *value) {
    options->keywords[options->count] = keyword;
    options->values[options->count++] = value;
}

/* A server on another machine must prove who it is unless the operator says otherwise. libpq before
 * version 16 does not know the system's authorities by itself. */
static void add_security(struct connect_options *options, const PQconninfoOption *given) {
    static const char authorities[] = "/etc/ssl/certs/ca-certificates.crt";
    bool local = all_local(option_value(given, "host")) &&
                 all_local(option_value(given, "hostaddr"));
    if (local || option_value(given, "sslmode"))
        return;
    add(options, "sslmode", "verify-full");
    if (!option_value(given, "sslrootcert") && access(authorities, R_OK) == 0)
        add(options, "sslrootcert", authorities);
}

int postgresql_connect(const char *url, const char *database, struct error *error,
                       PGconn **ret_handle) {
    static const struct {
        const char *keyword, *value;
    } defaults[] = {
        {"connect_timeout", "5"},     {"keepalives_idle", "10"}, {"keepalives_interval", "5"},
        {"keepalives_count", "3"},    {"tcp_user_timeout", "20000"},
    };
    struct connect_options options = {.count = 0};
    char *reason = NULL;
    PQconninfoOption *given = PQconninfoParse(url, &reason);
    if (!given) {
        bool scarce = !reason || strstr(reason, "out of memory");
        /* The reason may quote what stands in the address. */
        PQfreemem(reason);
        if (scarce)
            return error_set(error, ERROR_NO_MEMORY, "no memory for a connection to the store");
        return error_set(error, ERROR_INVALID, "the address of the PostgreSQL store is wrong: "
                         "write it as postgresql://USER@HOST:PORT/DATABASE");
    }
    add(&options, "dbname", url);
    add(&options, "client_encoding", "UTF8");
    add(&options, "fallback_application_name", "koppel");
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++)
        if (!option_value(given, defaults[i].keyword))
            add(&options, defaults[i].keyword, defaults[i].value);
    add_security(&options, given);
    if (database)
        add(&options, "dbname", database);
    add(&options, NULL, NULL);
    /* Only the first dbname is taken as an address. */
    PGconn *handle = PQconnectdbParams(options.keywords, options.values, 1);
    PQconninfoFree(given);
    if (!handle)
        return error_set(error, ERROR_NO_MEMORY, "no memory for a connection to the store");
    if (PQstatus(handle) != CONNECTION_OK) {
        int status = postgresql_error(handle, NULL, "connect to the store", true, error);
        PQfinish(handle);
        return status;
    }
    *ret_handle = handle;
    return 0;
}

/* By way of the database that every server has. Texts order by bytes in the new one, and every
 * column says so besides. */
int postgresql_make_database(const char *url, struct error *error) {
    char *reason = NULL, *name = NULL, *sql = NULL;
    const char *given = NULL;
    PGconn *handle = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &reason);
    PQfreemem(reason);
    for (PQconninfoOption *option = options; option && option->keyword; option++)
        if (strcmp(option->keyword, "dbname") == 0 && option->val && *option->val)
            given = option->val;
    int status = given ? postgresql_connect(url, "postgres", error, &handle)
                       : error_set(error, ERROR_INVALID, "the address of the store names no "
                                   "database: write it as postgresql://USER@HOST:PORT/DATABASE");
    if (!status) {
        static const char form[] = "create database %s template template0 encoding 'UTF8' "
                                   "lc_collate 'C' lc_ctype 'C'";
        name = PQescapeIdentifier(handle, given, strlen(given));
        sql = name ? malloc(sizeof form + strlen(name)) : NULL;
        if (sql)
            snprintf(sql, sizeof form + strlen(name), form, name);
        PGresult *result = sql ? PQexec(handle, sql) : NULL;
        /* Another node may have been quicker. */
        if (PQresultStatus(result) != PGRES_COMMAND_OK &&
            strcmp(postgresql_state(result), "42P04") != 0 &&
            strcmp(postgresql_state(result), "23505") != 0)
            status = postgresql_error(handle, result, "make the database", true, error);
        PQclear(result);
    }
    PQfreemem(name);
    free(sql);
    PQfinish(handle);
    PQconninfoFree(options);
    return status;
}

/* ---- errors ---- */

const char *postgresql_state(const PGresult *result) {
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    return state ? state : "";
}

struct meaning {
    const char *state; /* or its beginning; the first that fits counts */
    enum error_code code;
    const char *advice;
};

static const struct meaning meanings[] = {
    {"23505", ERROR_CONFLICT, ""},
    {"23P01", ERROR_CONFLICT, ""},
    {"22", ERROR_INVALID, ""},
    {"23", ERROR_INVALID, ""},
    {"25006", ERROR_FULL, ": the server is read-only, use its primary"},
    {"25P", ERROR_BUSY, ": try again"},
    {"28", ERROR_DENIED, ": check the user and the password (~/.pgpass or PGPASSFILE)"},
    {"3D000", ERROR_NOT_FOUND, ": run koppel init first, or restore a backup"},
    {"40", ERROR_BUSY, ": try again"},
    {"42501", ERROR_DENIED, ": make the user the owner of the database"},
    {"53100", ERROR_FULL, ": free space on the disk of the database server"},
    {"53200", ERROR_NO_MEMORY, ": the database server is out of memory"},
    {"53300", ERROR_BUSY, ": raise max_connections of the database server"},
    {"53", ERROR_BUSY, ": try again"},
    {"54", ERROR_TOO_LARGE, ""},
    {"55P03", ERROR_BUSY, ": another transaction holds the row, try again"},
    {"57014", ERROR_BUSY, ": the statement took too long, try again"},
    {"57P", ERROR_BUSY, ": the database server is stopping or starting, try again"},
    {"08", ERROR_BUSY, ": the database server is not reached, try again"},
    {"58", ERROR_IO, ": check the disk of the database server"},
    {"TLS", ERROR_DENIED, ": give the database server a certificate that this machine trusts, or "
                          "say sslmode in the address"},
    {"XX001", ERROR_IO, ": the database is damaged, restore a backup"},
    {"XX002", ERROR_IO, ": the database is damaged, restore a backup"},
};

static const struct meaning *meaning_of(const char *state) {
    static const struct meaning other = {"", ERROR_INTERNAL, ""};
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (strncmp(meanings[i].state, state, strlen(meanings[i].state)) == 0)
            return &meanings[i];
    return &other;
}

enum error_code postgresql_translate(const char *state, bool writes) {
    if (!writes && strcmp(state, "25006") == 0)
        return ERROR_INTERNAL; /* a body of db_read wants to write */
    return meaning_of(state)->code;
}

/* An attempt to connect that failed has no SQLSTATE, only libpq's text with the server's in it. */
static const struct meaning *meaning_of_connecting(PGconn *handle) {
    static const struct {
        const char *words, *state;
    } known[] = {
        {"does not exist\n", "3D000"},       {"password authentication failed", "28P01"},
        {"no password supplied", "28P01"},   {"no pg_hba.conf entry", "28000"},
        {"SSL", "TLS"},                      {"certificate", "TLS"},
        {"permission denied for database", "42501"},
    };
    const char *text = PQerrorMessage(handle);
    /* Of a role, a socket or a file that does not exist as well: only a database can be made. */
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strstr(text, known[i].words) && (i > 0 || strstr(text, "database \"")))
            return meaning_of(known[i].state);
    return meaning_of("08006");
}

int postgresql_error(PGconn *handle, const PGresult *result, const char *deed, bool writes,
                     struct error *error) {
    const char *state = postgresql_state(result);
    const char *reason = result ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const struct meaning *meaning = *state ? meaning_of(state) : meaning_of_connecting(handle);
    enum error_code code = *state ? postgresql_translate(state, writes) : meaning->code;
    if (!reason)
        reason = PQerrorMessage(handle);
    if (!*reason)
        reason = "the connection was lost";
    return error_set(error, code, "cannot %s: %.*s%s", deed, (int)strcspn(reason, "\n"), reason,
                     meaning->advice);
}
