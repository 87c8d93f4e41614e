/* What the store's tests share: a folder of their own, a store in it, and bodies of one statement;
 * and the scratch server that the same tests run on once more. Everything is static: a test is one
 * program from one source. */
#ifndef KOPPEL_TESTS_UNIT_SERVER_DB_STORE_H
#define KOPPEL_TESTS_UNIT_SERVER_DB_STORE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "db/db.h"
#include "db/db_private.h"

enum { STORE_PATH_MAX = 256 };
static char store_folder[64];
/* The scratch server's folder; "" while tests run on SQLite. */
static char store_server[64];
static int store_folders_made;

/* Runs tests/postgresql with an action and the server's folder; its exit status is 0 when done. */
static inline int store_server_run(const char *action, const char *folder) {
    char command[256];
    snprintf(command, sizeof command, "tests/postgresql %s %s", action, folder);
    return system(command);
}

static inline int store_server_start(void **state) {
    char parent[] = "/tmp/koppel-server-XXXXXX";
    (void)state;
    if (!mkdtemp(parent))
        return -1;
    char start[96];
    snprintf(start, sizeof start, "%s %d >/dev/null", parent, (int)getpid());
    if (store_server_run("start", start) != 0)
        return -1;
    snprintf(store_server, sizeof store_server, "%s", parent);
    return 0;
}

static inline int store_server_stop(void **state) {
    (void)state;
    int status = store_server_run("remove", store_server);
    store_server[0] = '\0';
    return status;
}

static inline void store_skip(void **state) {
    (void)state;
    print_message("PostgreSQL is not installed here\n");
    skip();
}

static inline int store_skip_postgresql(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(store_skip)};
    return cmocka_run_group_tests_name("PostgreSQL", tests, NULL, NULL);
}

/* Runs the group on a scratch server; when there can be none, one test says so. */
#define store_run_on_postgresql(tests)                                                            \
    (store_server_run("present", "") == 0                                                         \
         ? cmocka_run_group_tests_name("PostgreSQL", tests, store_server_start,                   \
                                       store_server_stop)                                         \
         : store_skip_postgresql())
#define store_run_on_both(tests)                                                                  \
    (cmocka_run_group_tests_name("SQLite", tests, NULL, NULL) + store_run_on_postgresql(tests))

/* A path in the test's folder; two may be in use at once. */
static inline const char *store_path(const char *name) {
    static char paths[2][STORE_PATH_MAX];
    static int turn;
    turn = !turn;
    snprintf(paths[turn], STORE_PATH_MAX, "%s/%s", store_folder, name);
    return paths[turn];
}

/* The address of a store: a file, or a database of the scratch server. */
static inline const char *store_url(const char *name) {
    static _Thread_local char urls[2][2 * STORE_PATH_MAX];
    static _Thread_local int turn;
    if (!store_server[0])
        return store_path(name);
    turn = !turn;
    snprintf(urls[turn], sizeof urls[turn], "postgresql://koppel@/t%d_%.*s?host=%s",
             store_folders_made, (int)strcspn(name, "."), name, store_server);
    return urls[turn];
}

static inline void store_make_folder(void) {
    store_folders_made++;
    snprintf(store_folder, sizeof store_folder, "/tmp/koppel-test-XXXXXX");
    assert_non_null(mkdtemp(store_folder));
}

static inline void store_remove_folder(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", store_folder);
    assert_int_equal(system(command), 0);
}

static inline struct db *store_open(const char *name) {
    struct db_options options = {.url = store_url(name), .create = true};
    struct error error = {.code = ERROR_NONE};
    struct db *db = NULL;
    if (db_open(&options, &error, &db))
        fail_msg("%s", error.text);
    return db;
}

static inline int store_script_body(struct db_tx *tx, void *context, struct error *error) {
    return tx->db->driver->script(tx, context, error);
}

/* Runs several statements in one write. */
static inline void store_script(struct db *db, const char *sql) {
    struct error error = {.code = ERROR_NONE};
    if (db_write(db, &db_scope_none, store_script_body, (void *)(uintptr_t)sql, &error))
        fail_msg("%s", error.text);
}

struct store_question {
    const char *sql;
    int64_t answer;
};

static inline int store_ask_body(struct db_tx *tx, void *context, struct error *error) {
    struct store_question *question = context;
    struct db_rows *rows;
    int status = db_query_values(tx, question->sql, NULL, 0, error, &rows);
    if (status)
        return status;
    status = db_next(rows, error);
    question->answer = status == 1 ? db_column_integer(rows, 0) : -1;
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* The integer that a query without values answers; -1 for no row. */
static inline int64_t store_ask_scoped(struct db *db, const struct db_scope *scope,
                                       const char *sql) {
    struct store_question question = {.sql = sql};
    struct error error = {.code = ERROR_NONE};
    if (db_read(db, scope, store_ask_body, &question, &error))
        fail_msg("%s", error.text);
    return question.answer;
}

static inline int64_t store_ask(struct db *db, const char *sql) {
    return store_ask_scoped(db, &db_scope_none, sql);
}

/* A body that adds the number it is given to table `item (number integer primary key)`. */
static inline int store_add_body(struct db_tx *tx, void *context, struct error *error) {
    return db_run(tx, error, NULL, "insert into item (number) values ($1)",
                  db_integer(*(const int64_t *)context));
}

static inline int store_add(struct db *db, int64_t number, struct error *error) {
    return db_write(db, &db_scope_none, store_add_body, &number, error);
}

#endif
