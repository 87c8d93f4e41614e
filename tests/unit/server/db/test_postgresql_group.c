/* Writes that share a transaction of PostgreSQL: they are kept together, each hears its own result,
 * and a server that fails in between leaves no doubt where there need be none. */
#include <pthread.h>
#include <stdatomic.h>

#include "base/log.h"
#include "db/driver_postgresql.h"
#include "store.h"

enum { THREADS = 24, EACH = 40 };

static struct db *db;

static int set_up(void **state) {
    (void)state;
    log_set_level(LOG_ERROR + 1);
    store_make_folder();
    db = store_open("store.db");
    store_script(db, "create table item (number integer primary key);"
                     "create table note (number integer not null references item (number));");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    db_close(db);
    store_remove_folder();
    log_set_level(LOG_INFO);
    return 0;
}

static void run_threads(void *(*function)(void *), int count) {
    pthread_t threads[THREADS];
    int numbers[THREADS];
    void *failed;
    for (int i = 0; i < count; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, function, &numbers[i]), 0);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

/* ---- sharing ---- */

static atomic_int started;

static void *add_one(void *context) {
    atomic_fetch_add(&started, 1);
    return store_add(db, *(int *)context, NULL) ? context : NULL;
}

static void *add_behind_lock(void *context) {
    run_threads(add_one, *(int *)context);
    return NULL;
}

static int lock_body(struct db_tx *tx, void *context, struct error *error) {
    pthread_t *adders = context;
    static int count = THREADS;
    int status = db_run(tx, error, NULL, "lock table item in exclusive mode");
    if (status)
        return status;
    assert_int_equal(pthread_create(adders, NULL, add_behind_lock, &count), 0);
    /* Those that are under way wait for the lock; all others gather. */
    while (atomic_load(&started) < THREADS) usleep(1000);
    usleep(100 * 1000);
    return 0;
}

static void what_gathers_shares_a_transaction(void **state) {
    (void)state;
    struct db *other = store_open("store.db");
    pthread_t adders;
    atomic_store(&started, 0);
    assert_int_equal(store_add(db, 1000, NULL), 0); /* opens what a group needs */
    assert_int_equal(db_write(other, &db_scope_none, lock_body, &adders, NULL), 0);
    pthread_join(adders, NULL);
    assert_int_equal(store_ask(db, "select count(*) from item"), THREADS + 1);
    assert_in_range(store_ask(db, "select count(distinct cast(xmin as text)) from item"), 2,
                    THREADS / 2);
    db_close(other);
}

/* ---- each its own result ---- */

static int add_note(struct db_tx *tx, void *context, struct error *error) {
    int64_t number = *(int64_t *)context;
    return db_run(tx, error, NULL, "insert into note (number) values ($1)", db_integer(number));
}

static int add_and_ask(struct db_tx *tx, void *context, struct error *error) {
    struct store_question question = {.sql = "select count(*) from item where number = 0"};
    int status = store_add_body(tx, context, error);
    if (!status)
        status = store_ask_body(tx, &question, error);
    return status ? status : question.answer ? ERROR_DENIED : 0;
}

static void *add_some(void *context) {
    int thread = *(int *)context;
    for (int i = 0; i < EACH; i++) {
        int64_t number = 1 + thread * EACH + i, none = -1, refused = number + 100000;
        if (store_add(db, number, NULL) || db_write(db, &db_scope_none, add_note, &number, NULL))
            return context;
        /* No such item; a number that is taken; a body that asks and then refuses. */
        if (i % 4 == 1 && db_write(db, &db_scope_none, add_note, &none, NULL) != ERROR_INVALID)
            return context;
        if (i % 4 == 2 && store_add(db, number, NULL) != ERROR_CONFLICT)
            return context;
        if (i % 4 == 3 &&
            db_write(db, &db_scope_none, add_and_ask, &refused, NULL) != ERROR_DENIED)
            return context;
    }
    return NULL;
}

static void each_hears_its_own_result(void **state) {
    (void)state;
    assert_int_equal(store_add(db, 0, NULL), 0);
    run_threads(add_some, 8);
    assert_int_equal(store_ask(db, "select count(*) from item"), 8 * EACH + 1);
    assert_int_equal(store_ask(db, "select count(*) from note"), 8 * EACH);
}

/* ---- servers that end a connection ---- */

static void break_connections(void) {
    struct db *other = store_open("store.db");
    store_ask(other, "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                     " where datname = current_database() and pid <> pg_backend_pid()");
    store_ask(other, "select case when pg_sleep(0.1) is null then 0 else 1 end");
    db_close(other);
}

static void a_connection_that_ended_leaves_no_doubt(void **state) {
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(store_add(db, i, NULL), 0);
        break_connections();
    }
    assert_int_equal(store_ask(db, "select count(*) from item"), 5);
}

/* As behind a pooler: what was prepared is gone with the session. */
static void a_group_that_was_forgotten_is_written_all_the_same(void **state) {
    (void)state;
    assert_int_equal(store_add(db, 1, NULL), 0);
    /* On the connection that was used last. */
    store_script(db, "do $do$ declare item record; begin for item in select name from"
                     " pg_prepared_statements where name ~ '^koppel_[0-9a-f]{16}' loop"
                     " execute format('deallocate %I', item.name); end loop; end $do$");
    assert_false(atomic_load(&((struct postgresql_db *)db)->unprepared));
    assert_int_equal(store_add(db, 2, NULL), 0);
    assert_true(atomic_load(&((struct postgresql_db *)db)->unprepared));
    run_threads(add_one, 1);
    assert_int_equal(store_ask(db, "select count(*) from item"), 3);
}

/* ---- limits ---- */

static int add_many(struct db_tx *tx, void *context, struct error *error) {
    int status = 0;
    for (int64_t i = 0; !status && i < *(int *)context; i++)
        status = store_add_body(tx, &i, error);
    return status;
}

static int add_large(struct db_tx *tx, void *context, struct error *error) {
    static char large[4 * POSTGRESQL_RECORD_BYTES_MAX];
    (void)context;
    memset(large, 'x', sizeof large);
    return db_run(tx, error, NULL, "insert into item (number) values (length($1))",
                  db_text_length(large, sizeof large));
}

static void what_is_too_much_for_a_group_is_written_alone(void **state) {
    (void)state;
    int count = 3 * POSTGRESQL_RECORD_STATEMENTS_MAX;
    assert_int_equal(db_write(db, &db_scope_none, add_many, &count, NULL), 0);
    assert_int_equal(store_ask(db, "select count(*) from item"), count);
    assert_int_equal(db_write(db, &db_scope_none, add_large, NULL, NULL), 0);
    assert_int_equal(store_ask(db, "select max(number) from item"),
                     4 * POSTGRESQL_RECORD_BYTES_MAX);
}

/* Many, of which one number is there already: the body hears of that in its place and goes on. */
static int add_many_and_hear(struct db_tx *tx, void *context, struct error *error) {
    int *heard = context, status = 0;
    *heard = 0;
    for (int64_t i = 0; !status && i < 2 * POSTGRESQL_EXPECTED_MAX; i++) {
        int64_t number = i == POSTGRESQL_EXPECTED_MAX / 4 ? 3 : i;
        struct error own = {.code = ERROR_NONE};
        status = store_add_body(tx, &number, &own);
        if (status == ERROR_CONFLICT) {
            ++*heard;
            status = 0;
        }
        if (status)
            error_set(error, own.code, "%s", own.text);
    }
    return status;
}

static int add_many_and_fail(struct db_tx *tx, void *context, struct error *error) {
    int status = add_many_and_hear(tx, context, error);
    return status ? status : error_set(error, ERROR_DENIED, "on second thoughts");
}

static void much_is_added_in_one_journey(void **state) {
    (void)state;
    int count = 2 * POSTGRESQL_EXPECTED_MAX, heard = 0;
    assert_int_equal(db_write(db, &db_scope_none, add_many_and_fail, &heard, NULL), ERROR_DENIED);
    assert_int_equal(store_ask(db, "select count(*) from item"), 0);
    assert_int_equal(db_write(db, &db_scope_none, add_many_and_hear, &heard, NULL), 0);
    assert_int_equal(heard, 1);
    assert_int_equal(store_ask(db, "select count(*) from item"), count - 1);
    store_script(db, "delete from item");
    assert_int_equal(db_write(db, &db_scope_none, add_many, &count, NULL), 0);
    assert_int_equal(store_ask(db, "select count(*) from item"), count);
    assert_int_equal(db_write(db, &db_scope_none, add_many, &count, NULL), ERROR_CONFLICT);
    /* Few enough for the commit to be what is waited for first. */
    int few = POSTGRESQL_RECORD_STATEMENTS_MAX + 2;
    assert_int_equal(db_write(db, &db_scope_none, add_many, &few, NULL), ERROR_CONFLICT);
    assert_int_equal(store_ask(db, "select count(*) from item"), count);
}

static void inserts_that_can_be_made_one_are_known(void **state) {
    (void)state;
    static const char *const can[] = {
        "insert into t (a) values ($1)",
        "insert into t (a) values ($1), ((select $2))",
        "insert into t (a) values ($1) returning a",
        "insert into t (a) with v (a) as (values ($1)) select v.a from v returning a"};
    static const char *const cannot[] = {
        "insert into t (a) values ($1) on conflict (a) do nothing",
        "insert into t (a) select $1",
        "insert into t (a) with v (a) as (values ($1)) select v.a + $2 from v",
        "insert into t (a) with v (a) as (values ($1)), w (a) as (values (2)) select w.a from w",
        "insert into t (a) values ($1",
        "insert into t (a) values ('$1')",
        "delete from t where a in (values ($1))"};
    for (size_t i = 0; i < sizeof can / sizeof *can; i++)
        assert_true(postgresql_merges(can[i]));
    for (size_t i = 0; i < sizeof cannot / sizeof *cannot; i++)
        assert_false(postgresql_merges(cannot[i]));
}

#define with_store(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_store(what_gathers_shares_a_transaction),
        with_store(each_hears_its_own_result),
        with_store(a_connection_that_ended_leaves_no_doubt),
        with_store(a_group_that_was_forgotten_is_written_all_the_same),
        with_store(what_is_too_much_for_a_group_is_written_alone),
        with_store(much_is_added_in_one_journey),
        with_store(inserts_that_can_be_made_one_are_known)};
    return store_run_on_postgresql(tests);
}
