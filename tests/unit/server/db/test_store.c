/* Transactions as callers see them: values, results, errors within a transaction, the wall between
 * tenants, the readers, and the bounds of what a connection keeps. */
#include <pthread.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "db/driver_postgresql.h"
#include "db/driver_sqlite.h"
#include "store.h"

static struct db *db;

static int set_up(void **state) {
    (void)state;
    store_make_folder();
    db = store_open("store.db");
    store_script(db, "create table item (number integer primary key);"
                     "create table thing (id text primary key, n bigint, t text, b bytea,"
                     "  check (n <> 13));"
                     "create table part (thing_id text not null references thing (id));"
                     "create table partner_closure (ancestor_id text, descendant_id text,"
                     "  depth integer);"
                     "create table lead (id text, partner_id text);"
                     "insert into partner_closure values ('p1','p1',0), ('p1','p2',1),"
                     "  ('p2','p2',0), ('p3','p3',0);"
                     "insert into lead values ('a','p1'), ('b','p2'), ('c','p3'), ('d','p3');");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    db_close(db);
    store_remove_folder();
    return 0;
}

/* ---- values ---- */

static int values_body(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    struct db_rows *rows;
    int64_t changed = -1;
    size_t length = 99;
    /* Out of order and repeated: parameters are names, not places. */
    assert_int_equal(db_run(tx, error, &changed,
                            "insert into thing (b, t, n, id) values ($4, $3, $2, $1)",
                            db_text("one"), db_integer(INT64_MIN),
                            db_text_length("caf\xc3\xa9!", 5), db_blob("x\0y", 3)), 0);
    assert_int_equal(changed, 1);
    assert_int_equal(db_run(tx, error, NULL, "insert into thing (id, t, b) values ($1, $2, $3)",
                            db_text("two"), db_text(""), db_blob(NULL, 0)), 0);
    assert_int_equal(db_query(tx, error, &rows, "select id, n, t, b from thing where id in "
                              "($1, $2) and $2 = $2 order by id", db_text("one"),
                              db_text("two")), 0);
    assert_int_equal(db_next(rows, error), 1);
    assert_string_equal(db_column_text(rows, 0, NULL), "one");
    assert_true(db_column_integer(rows, 1) == INT64_MIN);
    assert_string_equal(db_column_text(rows, 2, &length), "caf\xc3\xa9");
    assert_int_equal(length, 5);
    assert_memory_equal(db_column_blob(rows, 3, &length), "x\0y", 3);
    assert_int_equal(length, 3);
    assert_int_equal(db_next(rows, error), 1);
    assert_true(db_column_null(rows, 1));
    assert_int_equal(db_column_integer(rows, 1), 0);
    assert_null(db_column_text(rows, 1, &length));
    assert_int_equal(length, 0);
    assert_string_equal(db_column_text(rows, 2, &length), "");
    assert_false(db_column_null(rows, 3));
    assert_non_null(db_column_blob(rows, 3, &length));
    assert_int_equal(length, 0);
    assert_int_equal(db_next(rows, error), 0);
    assert_int_equal(db_next(rows, error), 0);
    db_rows_close(rows);
    db_rows_close(NULL);
    assert_int_equal(db_run(tx, error, &changed, "update thing set n = 1 where id = $1",
                            db_text("none")), 0);
    assert_int_equal(changed, 0);
    return 0;
}

static void values_go_round(void **state) {
    (void)state;
    assert_int_equal(db_write(db, &db_scope_none, values_body, NULL, NULL), 0);
    assert_int_equal(store_ask(db, "select count(*) from thing"), 2);
}

/* ---- commit, rollback, errors ---- */

static int add_then_return(struct db_tx *tx, void *context, struct error *error) {
    int status = db_run(tx, error, NULL, "insert into item values (1)");
    return status ? status : *(int *)context;
}

static void other_results_roll_back(void **state) {
    (void)state;
    int results[] = {ERROR_NOT_FOUND, 1, ERROR_INVALID};
    for (size_t i = 0; i < 3; i++) {
        struct error error = {.code = ERROR_NONE};
        assert_int_equal(db_write(db, &db_scope_none, add_then_return, &results[i], &error),
                         results[i]);
        assert_int_equal(error.code, ERROR_NONE);
        assert_int_equal(store_ask(db, "select count(*) from item"), 0);
    }
}

/* What is told apart here is a conflict from any other failure: a body may run again. */
static int expect_conflict(int status, const struct error *own, struct error *error) {
    if (status == ERROR_CONFLICT && own->code == ERROR_CONFLICT)
        return 0;
    return error_set(error, own->code ? own->code : ERROR_INTERNAL, "no conflict but %s",
                     own->text);
}

static int conflict_body(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    struct error own = {.code = ERROR_NONE}, other = {.code = ERROR_NONE};
    struct db_rows *rows = NULL;
    int status = db_run(tx, error, NULL, "insert into item values (1), (2)");
    if (!status)
        status = expect_conflict(db_run(tx, &own, NULL, "insert into item values (3), (2)"), &own,
                                 error);
    if (!status)
        status = expect_conflict(db_query(tx, &other, &rows, "insert into item values (1) "
                                          "returning number"), &other, error);
    assert_null(rows);
    /* Runs although nobody reads its result. */
    if (!status)
        status = db_query(tx, error, &rows, "insert into item values (4) returning number");
    if (!status)
        db_rows_close(rows);
    return status;
}

static void conflicts_leave_the_transaction_usable(void **state) {
    (void)state;
    assert_int_equal(db_write(db, &db_scope_none, conflict_body, NULL, NULL), 0);
    assert_int_equal(store_ask(db, "select sum(number) from item"), 7);
}

struct spoiling {
    const char *sql;
    int code;
};

static int spoil_body(struct db_tx *tx, void *context, struct error *error) {
    const struct spoiling *spoiling = context;
    struct error own = {.code = ERROR_NONE};
    struct db_rows *rows = NULL;
    assert_int_equal(db_run(tx, error, NULL, "insert into item values (100)"), 0);
    int64_t changed; /* asked for, so that the statement is not put off */
    assert_int_equal(db_run_values(tx, spoiling->sql, NULL, 0, &own, &changed), spoiling->code);
    assert_int_equal(db_run(tx, NULL, NULL, "insert into item values (101)"), spoiling->code);
    assert_int_equal(db_query(tx, NULL, &rows, "select 1"), spoiling->code);
    return 0; /* as a careless body would */
}

static void other_errors_spoil_the_transaction(void **state) {
    (void)state;
    struct spoiling spoilings[] = {
        {"insert into thing (id, n) values ('x', 13)", ERROR_INVALID},
        {"insert into part values ('nowhere')", ERROR_INVALID},
        {"insert into part values (null)", ERROR_INVALID},
        {"select nonsense", ERROR_INTERNAL},
        {"select 1; select 2", ERROR_INTERNAL},
        {"insert into item values ($1)", ERROR_INTERNAL},
        {"-- nothing", ERROR_INTERNAL},
    };
    for (size_t i = 0; i < sizeof spoilings / sizeof spoilings[0]; i++) {
        struct error error = {.code = ERROR_NONE};
        assert_int_equal(db_write(db, &db_scope_none, spoil_body, &spoilings[i], &error),
                         spoilings[i].code);
        assert_int_equal(error.code, spoilings[i].code);
        assert_int_equal(store_ask(db, "select count(*) from item"), 0);
    }
}

static int write_in_read(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    return db_run(tx, error, NULL, "insert into item values (1)");
}

static int begin_within(struct db_tx *tx, void *context, struct error *error) {
    (void)tx;
    int status = db_read(db, &db_scope_none, store_ask_body, context, NULL);
    assert_int_equal(status, ERROR_INTERNAL);
    return db_write(db, &db_scope_none, store_ask_body, context, error);
}

static void misuse_is_refused(void **state) {
    (void)state;
    struct db_scope nobody = {.kind = DB_SCOPE_OWN};
    assert_int_equal(db_read(db, &db_scope_none, write_in_read, NULL, NULL), ERROR_INTERNAL);
    assert_int_equal(db_read(db, &db_scope_none, begin_within, NULL, NULL), ERROR_INTERNAL);
    assert_int_equal(db_write(db, &db_scope_none, begin_within, NULL, NULL), ERROR_INTERNAL);
    assert_int_equal(db_read(db, &nobody, store_ask_body, NULL, NULL), ERROR_INTERNAL);
    assert_int_equal(store_ask(db, "select count(*) from item"), 0);
}

static int leave_open(struct db_tx *tx, void *context, struct error *error) {
    struct db_rows *rows, *same, *again;
    (void)context;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(db_query(tx, error, &rows, "select * from lead"), 0);
        assert_int_equal(db_next(rows, error), 1);
    }
    assert_int_equal(db_query(tx, error, &same, "select id from lead order by id"), 0);
    assert_int_equal(db_next(same, error), 1);
    assert_int_equal(db_query(tx, error, &again, "select id from lead order by id"), 0);
    assert_int_equal(db_next(again, error), 1);
    return 0;
}

static void results_left_open_are_closed(void **state) {
    (void)state;
    log_set_level(LOG_ERROR);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(db_read(db, &db_scope_all, leave_open, NULL, NULL), 0);
        assert_int_equal(db_write(db, &db_scope_all, leave_open, NULL, NULL), 0);
    }
    log_set_level(LOG_INFO);
}

static int query_in_query(struct db_tx *tx, void *context, struct error *error) {
    int *count = context;
    struct db_rows *outer = NULL, *inner = NULL;
    for (int pass = 0; pass < 2; pass++) {
        const char *sql = "select id from lead order by id";
        *count = 0;
        assert_int_equal(db_query_values(tx, sql, NULL, 0, error, &outer), 0);
        while (db_next(outer, error) == 1) {
            assert_int_equal(db_query_values(tx, sql, NULL, 0, error, &inner), 0);
            while (db_next(inner, error) == 1)
                ++*count;
            db_rows_close(inner);
        }
        db_rows_close(outer);
    }
    return 0;
}

static void a_query_may_run_within_itself(void **state) {
    (void)state;
    int count = 0;
    assert_int_equal(db_read(db, &db_scope_none, query_in_query, &count, NULL), 0);
    assert_int_equal(count, 16);
}

/* ---- the wall ---- */

static int first_id(struct db_tx *tx, void *context, struct error *error) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows, "select l.id from lead l where $scope(l)");
    if (!status && db_next(rows, error) == 1) db_column_copy(rows, 0, context, 64);
    db_rows_close(rows);
    return status;
}

static void scopes_hold(void **state) {
    (void)state;
    const char *sql = "select count(*) from lead l where $scope(l)";
    struct db_scope own = {.kind = DB_SCOPE_OWN, .partner_id = "p1"};
    struct db_scope subtree = {.kind = DB_SCOPE_SUBTREE, .partner_id = "p1"};
    struct db_scope other = {.kind = DB_SCOPE_SUBTREE, .partner_id = "p3"};
    struct db_scope unknown = {.kind = DB_SCOPE_SUBTREE, .partner_id = "' or 1=1 --"};
    for (int pass = 0; pass < 3; pass++) {
        assert_int_equal(store_ask_scoped(db, &db_scope_none, sql), 0);
        assert_int_equal(store_ask_scoped(db, &own, sql), 1);
        assert_int_equal(store_ask_scoped(db, &subtree, sql), 2);
        assert_int_equal(store_ask_scoped(db, &other, sql), 2);
        assert_int_equal(store_ask_scoped(db, &unknown, sql), 0);
        assert_int_equal(store_ask_scoped(db, &db_scope_all, sql), 4);
        assert_int_equal(store_ask_scoped(db, NULL, sql), 0);
    }
}

/* What is a person's own: by the office and by who has it in hand, in either order of columns. */
static void persons_reach_their_own(void **state) {
    (void)state;
    static const char owned[] = "select count(*) from lead l where l.id >= '' and $scope(l/id)";
    static const char office[] = "select count(*) from lead l where $scope(l)";
    static const char either[] = "select count(*) from lead l where $scope(l) or $scope(l/id)";
    struct db_scope own = {.kind = DB_SCOPE_OWN, .partner_id = "p1"};
    char id[64];
    assert_int_equal(db_read(db, &own, first_id, id, NULL), 0);
    struct db_scope person = {.kind = DB_SCOPE_PERSON, .partner_id = "p1", .user_id = id};
    struct db_scope colleague = person, elsewhere = person, nobody = person;
    colleague.user_id = "' or 1=1 --";
    elsewhere.partner_id = "p3";
    nobody.user_id = NULL;
    for (int pass = 0; pass < 2; pass++) {
        assert_int_equal(store_ask_scoped(db, &person, owned), 1);
        assert_int_equal(store_ask_scoped(db, &colleague, owned), 0);
        assert_int_equal(store_ask_scoped(db, &elsewhere, owned), 0);
        assert_int_equal(store_ask_scoped(db, &own, owned), 1);
        assert_int_equal(store_ask_scoped(db, &db_scope_none, owned), 0);
        assert_int_equal(store_ask_scoped(db, &db_scope_all, owned), 4);
        assert_int_equal(store_ask_scoped(db, &colleague, office), 1);
        assert_int_equal(store_ask_scoped(db, &colleague, either), 1);
    }
    assert_int_equal(db_read(db, &nobody, first_id, id, NULL), ERROR_INTERNAL);
}

static int scoped_update(struct db_tx *tx, void *context, struct error *error) {
    return db_run(tx, error, context, "update lead set id = $2 where $scope(lead) and id <> $1",
                  db_text("zzz"), db_text("new"));
}

static void scoped_writes_hold(void **state) {
    (void)state;
    struct db_scope subtree = {.kind = DB_SCOPE_SUBTREE, .partner_id = "p1"};
    int64_t changed = -1;
    assert_int_equal(db_write(db, &subtree, scoped_update, &changed, NULL), 0);
    assert_int_equal(changed, 2);
    assert_int_equal(store_ask(db, "select count(*) from lead where id = 'new'"), 2);
    assert_int_equal(db_write(db, &db_scope_none, scoped_update, &changed, NULL), 0);
    assert_int_equal(changed, 0);
}

/* ---- bounds ---- */

static int many_statements(struct db_tx *tx, void *context, struct error *error) {
    static char texts[2000][32];
    (void)context;
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < 2000; i++) {
            struct store_question question = {.sql = texts[i]};
            snprintf(texts[i], sizeof texts[i], "select %d", i + pass);
            assert_int_equal(store_ask_body(tx, &question, error), 0);
            /* In the second pass another text stands in the same place. */
            assert_int_equal(question.answer, i + pass);
        }
    int kept = store_server[0]
                   ? postgresql_statements_cached(((struct postgresql_tx *)tx)->connection)
                   : sqlite_statements_cached(((struct sqlite_tx *)tx)->connection);
    int limit = store_server[0] ? (int)POSTGRESQL_STATEMENTS_MAX : (int)SQLITE_STATEMENTS_MAX;
    assert_true(kept <= limit);
    assert_true(kept > limit / 2);
    return 0;
}

static void statements_kept_are_limited(void **state) {
    (void)state;
    assert_int_equal(db_read(db, &db_scope_none, many_statements, NULL, NULL), 0);
    assert_int_equal(db_write(db, &db_scope_none, many_statements, NULL, NULL), 0);
}

static int many_open(struct db_tx *tx, void *context, struct error *error) {
    static char texts[1000][32];
    static struct db_rows *rows[1000];
    (void)context;
    for (int i = 0; i < 1000; i++) {
        snprintf(texts[i], sizeof texts[i], "select %d", i);
        assert_int_equal(db_query_values(tx, texts[i], NULL, 0, error, &rows[i]), 0);
    }
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(db_next(rows[i], error), 1);
        assert_int_equal(db_column_integer(rows[i], 0), i);
        db_rows_close(rows[i]);
    }
    return 0;
}

static void many_results_may_be_open(void **state) {
    (void)state;
    assert_int_equal(db_read(db, &db_scope_none, many_open, NULL, NULL), 0);
}

struct meeting {
    struct db *store;
    pthread_barrier_t inside, leave;
};

static int meet(struct db_tx *tx, void *context, struct error *error) {
    struct meeting *meeting = context;
    struct store_question question = {.sql = "select 1"};
    int status = store_ask_body(tx, &question, error);
    pthread_barrier_wait(&meeting->inside);
    pthread_barrier_wait(&meeting->leave);
    return status;
}

static void *hold_reader(void *context) {
    struct meeting *meeting = context;
    return db_read(meeting->store, &db_scope_none, meet, meeting, NULL) ? meeting : NULL;
}

static void readers_are_limited(void **state) {
    (void)state;
    struct db_options options = {.url = store_url("store.db"), .reader_count = 2};
    struct meeting meeting;
    pthread_t threads[2];
    void *failed;
    assert_int_equal(db_open(&options, NULL, &meeting.store), 0);
    pthread_barrier_init(&meeting.inside, NULL, 3);
    pthread_barrier_init(&meeting.leave, NULL, 3);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, hold_reader, &meeting);
    pthread_barrier_wait(&meeting.inside);
    struct store_question question = {.sql = "select 1"};
    int64_t began_ms = clock_monotonic_ms();
    assert_int_equal(db_read(meeting.store, &db_scope_none, store_ask_body, &question, NULL),
                     ERROR_BUSY);
    int64_t waited_ms = clock_monotonic_ms() - began_ms;
    assert_true(waited_ms >= DB_READER_WAIT_MS - 100 && waited_ms < DB_READER_WAIT_MS + 2000);
    pthread_barrier_wait(&meeting.leave);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(store_ask(meeting.store, "select 1"), 1);
    pthread_barrier_destroy(&meeting.inside);
    pthread_barrier_destroy(&meeting.leave);
    db_close(meeting.store);
}

static int read_twice(struct db_tx *tx, void *context, struct error *error) {
    struct store_question question = {.sql = "select count(*) from item"};
    struct db *other = context;
    assert_int_equal(store_ask_body(tx, &question, error), 0);
    int64_t before = question.answer;
    store_script(other, "insert into item values (77)");
    assert_int_equal(store_ask_body(tx, &question, error), 0);
    assert_int_equal(question.answer, before);
    return 0;
}

static void a_read_is_one_snapshot(void **state) {
    (void)state;
    struct db *other = store_open("store.db");
    assert_int_equal(db_read(db, &db_scope_none, read_twice, other, NULL), 0);
    assert_int_equal(store_ask(db, "select count(*) from item"), 1);
    db_close(other);
}

static int ask_twice(struct db_tx *tx, void *context, struct error *error) {
    struct store_question first = {.sql = "select 7"}, second = {.sql = "select 8"};
    int status = store_ask_body(tx, &first, error);
    assert_int_equal(first.answer, 7);
    return status || !context ? status : store_ask_body(tx, &second, error);
}

static void one_statement_is_read_by_itself(void **state) {
    (void)state;
    struct db_scope own = {.kind = DB_SCOPE_OWN, .partner_id = "p1"};
    struct store_question leads = {.sql = "select count(*) from lead l where $scope(l)"};
    struct error error = {.code = ERROR_NONE};
    int64_t number = 900;
    assert_int_equal(db_read_once(db, &own, store_ask_body, &leads, NULL), 0);
    assert_int_equal(leads.answer, 1);
    assert_int_equal(db_read_once(db, NULL, ask_twice, NULL, NULL), 0);
    assert_int_equal(db_read_once(db, NULL, ask_twice, &number, &error), ERROR_INTERNAL);
    assert_non_null(strstr(error.text, "db_read_once"));
    assert_int_equal(db_read_once(db, NULL, store_add_body, &number, NULL), ERROR_INTERNAL);
    assert_int_equal(store_ask(db, "select count(*) from item where number = 900"), 0);
    struct store_question wrong = {.sql = "select none from nowhere"};
    assert_int_not_equal(db_read_once(db, NULL, store_ask_body, &wrong, NULL), 0);
    for (int i = 0; i < DB_READERS_MAX; i++) /* each time with a reader that is free again */
        assert_int_equal(db_read_once(db, &own, store_ask_body, &leads, NULL), 0);
}

/* ---- opening ---- */

static void wrong_addresses_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"", ":memory:", "mysql://user:secret@host/x"};
    struct db *none = NULL;
    struct error error = {.code = ERROR_NONE};
    for (size_t i = 0; i < 3; i++) {
        struct db_options options = {.url = wrong[i], .create = true};
        error_clear(&error);
        assert_int_equal(db_open(&options, &error, &none), ERROR_INVALID);
        assert_null(strstr(error.text, "secret"));
    }
    struct db_options missing = {.url = store_path("none.db")};
    error_clear(&error);
    assert_int_equal(db_open(&missing, &error, &none), ERROR_NOT_FOUND);
    assert_non_null(strstr(error.text, "koppel init"));
    assert_int_not_equal(access(store_path("none.db"), F_OK), 0);
    struct db_options folder = {.url = store_folder, .create = true};
    assert_int_equal(db_open(&folder, NULL, &none), ERROR_INVALID);
    FILE *file = fopen(store_path("text.db"), "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is no store\n", file);
    fclose(file);
    struct db_options text = {.url = store_path("text.db"), .create = true};
    error_clear(&error);
    assert_int_equal(db_open(&text, &error, &none), ERROR_INTERNAL);
    assert_non_null(strstr(error.text, "restore a backup"));
    assert_null(none);
}

static void the_file_is_private_and_safe(void **state) {
    (void)state;
    struct stat status;
    assert_int_equal(stat(store_path("store.db"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(stat(store_path("store.db-wal"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    struct sqlite_db *store = (struct sqlite_db *)db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(store->writer.connection->handle, "pragma synchronous", -1,
                                        &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), 2);
    sqlite3_finalize(statement);
    assert_int_equal(db_ready(db, NULL), 0);
}

#define with_store(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_store(values_go_round),
        with_store(other_results_roll_back),
        with_store(conflicts_leave_the_transaction_usable),
        with_store(other_errors_spoil_the_transaction),
        with_store(misuse_is_refused),
        with_store(results_left_open_are_closed),
        with_store(a_query_may_run_within_itself),
        with_store(scopes_hold),
        with_store(persons_reach_their_own),
        with_store(scoped_writes_hold),
        with_store(statements_kept_are_limited),
        with_store(many_results_may_be_open),
        with_store(readers_are_limited),
        with_store(a_read_is_one_snapshot),
        with_store(one_statement_is_read_by_itself),
    };
    const struct CMUnitTest of_files[] = {
        with_store(wrong_addresses_are_refused),
        with_store(the_file_is_private_and_safe),
    };
    return store_run_on_both(tests) + cmocka_run_group_tests(of_files, NULL, NULL);
}
