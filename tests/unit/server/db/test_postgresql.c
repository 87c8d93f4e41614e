/* What only a store on a server can meet: connections that break, a server that is stopped and
 * killed, an unknown outcome of a commit, transactions in each other's way, plans that a migration
 * made stale, a pooler that forgets what was prepared. */
#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/log.h"
#include "db/driver_postgresql.h"
#include "store.h"

enum { THREADS = 8, EACH_MAX = 100000 };

static struct db *db;

static int set_up(void **state) {
    (void)state;
    log_set_level(LOG_ERROR + 1);
    store_make_folder();
    db = store_open("store.db");
    store_script(db, "create table item (number integer primary key);"
                     "create table pair (id integer primary key, n bigint not null);"
                     "create table word (t text not null);"
                     "insert into pair values (1, 0), (2, 0);");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    db_close(db);
    store_remove_folder();
    log_set_level(LOG_INFO);
    return 0;
}

/* ---- connections and servers that go away ---- */

static void break_connections(void) {
    struct db *other = store_open("store.db");
    store_ask(other, "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                     " where datname = current_database() and pid <> pg_backend_pid()");
    db_close(other);
}

static void a_broken_connection_is_replaced(void **state) {
    (void)state;
    assert_int_equal(store_add(db, 1, NULL), 0);
    break_connections();
    assert_int_equal(store_ask(db, "select count(*) from item"), 1);
    break_connections();
    assert_int_equal(store_add(db, 2, NULL), 0);
    assert_int_equal(store_ask(db, "select count(*) from item"), 2);
}

static void a_stopped_server_comes_back(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    struct store_question question = {.sql = "select 1"};
    assert_int_equal(store_server_run("stop", store_server), 0);
    assert_int_equal(db_read(db, &db_scope_none, store_ask_body, &question, &error), ERROR_BUSY);
    assert_non_null(strstr(error.text, "try again"));
    error_clear(&error);
    assert_int_equal(store_add(db, 1, &error), ERROR_BUSY);
    assert_int_equal(db_ready(db, NULL), ERROR_BUSY);
    struct db_options options = {.url = store_url("store.db")};
    struct db *none = NULL;
    assert_int_equal(db_open(&options, NULL, &none), ERROR_BUSY);
    assert_int_equal(store_server_run("again", store_server), 0);
    assert_int_equal(db_ready(db, NULL), 0);
    assert_int_equal(store_add(db, 1, NULL), 0);
    assert_int_equal(store_ask(db, "select count(*) from item"), 1);
}

static atomic_bool stop;
static atomic_int surprises;
static int64_t kept[THREADS]; /* how many of its numbers a thread has been told are kept */

static void *keep_ledger(void *context) {
    int thread = *(int *)context;
    for (int64_t number = 1; !atomic_load(&stop) && number < EACH_MAX; number++) {
        int status = store_add(db, thread * EACH_MAX + number, NULL);
        /* Unknown means that it may be there: the next try of a number tells by its conflict. */
        while (status != 0 && status != ERROR_CONFLICT && !atomic_load(&stop)) {
            if (status != ERROR_BUSY && status != ERROR_IO)
                atomic_fetch_add(&surprises, 1);
            usleep(10000);
            status = store_add(db, thread * EACH_MAX + number, NULL);
        }
        if (status == 0 || status == ERROR_CONFLICT)
            kept[thread] = number;
    }
    return NULL;
}

static void nothing_acknowledged_is_lost_when_it_is_killed(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    int numbers[THREADS];
    atomic_store(&stop, false);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        kept[i] = 0;
        pthread_create(&threads[i], NULL, keep_ledger, &numbers[i]);
    }
    for (int kill = 0; kill < 3; kill++) {
        usleep(200000);
        assert_int_equal(store_server_run("stop", store_server), 0);
        assert_int_equal(store_server_run("again", store_server), 0);
        usleep(200000);
        char command[96];
        snprintf(command, sizeof command, "%s immediate", store_server);
        assert_int_equal(store_server_run("stop", command), 0);
        assert_int_equal(store_server_run("again", store_server), 0);
    }
    usleep(300000);
    atomic_store(&stop, true);
    int64_t told = 0;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        told += kept[i];
        char sql[128];
        snprintf(sql, sizeof sql, "select count(*) from item where number > %d and number <= %d",
                 i * EACH_MAX, i * EACH_MAX + (int)kept[i]);
        assert_int_equal(store_ask(db, sql), kept[i]);
    }
    assert_true(told > THREADS);
    assert_int_equal(atomic_load(&surprises), 0);
    /* At most the last number of each thread is there without its thread knowing. */
    int64_t there = store_ask(db, "select count(*) from item");
    assert_true(there >= told && there <= told + THREADS);
}

static int runs;

static int add_counted(struct db_tx *tx, void *context, struct error *error) {
    runs++;
    return store_add_body(tx, context, error);
}

static void an_unknown_outcome_is_told(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    int64_t number = 5;
    runs = 0;
    store_script(db,
                 "create function die() returns trigger language plpgsql as $f$ begin"
                 " if new.number = 5 then perform pg_terminate_backend(pg_backend_pid());"
                 " perform pg_sleep(1); end if; return null; end $f$;"
                 "create constraint trigger die after insert on item deferrable initially deferred"
                 " for each row execute function die();");
    assert_int_equal(db_write(db, &db_scope_none, add_counted, &number, &error), ERROR_IO);
    assert_non_null(strstr(error.text, "unknown"));
    assert_int_equal(runs, 1);
    assert_int_equal(atomic_load(&db->trouble), ERROR_IO);
    assert_int_equal(db_ready(db, NULL), 0);
    assert_int_equal(atomic_load(&db->trouble), ERROR_NONE);
}

static void a_full_disk_is_told_and_recovers(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    store_script(db, "create function refuse() returns trigger language plpgsql as $f$ begin"
                     " raise exception 'could not extend file' using errcode = '53100'; end $f$;"
                     "create trigger refuse before insert on item execute function refuse();");
    assert_int_equal(store_add(db, 1, &error), ERROR_FULL);
    assert_non_null(strstr(error.text, "free space"));
    assert_int_equal(atomic_load(&db->trouble), ERROR_FULL);
    store_script(db, "drop trigger refuse on item");
    assert_int_equal(db_ready(db, NULL), 0);
    assert_int_equal(atomic_load(&db->trouble), ERROR_NONE);
    assert_int_equal(store_add(db, 1, NULL), 0);
}

/* ---- transactions in each other's way ---- */

static pthread_barrier_t both;
static atomic_int crossings;

static int change(struct db_tx *tx, int64_t id, struct error *error) {
    return db_run(tx, error, NULL, "update pair set n = n + 1 where id = $1", db_integer(id));
}

/* Takes its first row, waits until the other has its own, then wants the other's. */
static int cross(struct db_tx *tx, void *context, struct error *error) {
    int64_t first = *(int *)context;
    int status = change(tx, first, error);
    if (!status && atomic_fetch_add(&crossings, 1) < 2)
        pthread_barrier_wait(&both);
    return status ? status : change(tx, 3 - first, error);
}

static void *cross_once(void *context) {
    return db_write(db, &db_scope_none, cross, context, NULL) ? context : NULL;
}

static void a_deadlock_is_run_again(void **state) {
    (void)state;
    pthread_t threads[2];
    int ids[] = {1, 2};
    void *failed;
    atomic_store(&crossings, 0);
    pthread_barrier_init(&both, NULL, 2);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, cross_once, &ids[i]);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    pthread_barrier_destroy(&both);
    assert_true(atomic_load(&crossings) > 2);
    assert_int_equal(store_ask(db, "select sum(n) from pair"), 4);
}

static int serialize(struct db_tx *tx, void *context, struct error *error) {
    struct store_question question = {.sql = "select n from pair where id = 1"};
    int status = db_run(tx, error, NULL, "set transaction isolation level repeatable read");
    if (!status)
        status = store_ask_body(tx, &question, error);
    if (!status && runs++ == 0)
        store_script(context, "update pair set n = 40 where id = 1");
    int64_t wanted = question.answer + 2;
    return status ? status
                  : db_run(tx, error, NULL, "update pair set n = $1 where id = 1",
                           db_integer(wanted));
}

static int always_in_the_way(struct db_tx *tx, void *context, struct error *error) {
    runs = 0;
    return serialize(tx, context, error);
}

static void a_serialization_failure_is_run_again(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    struct db *other = store_open("store.db");
    runs = 0;
    assert_int_equal(db_write(db, &db_scope_none, serialize, other, NULL), 0);
    assert_int_equal(runs, 2);
    assert_int_equal(store_ask(db, "select n from pair where id = 1"), 42);
    /* But not for ever. */
    assert_int_equal(db_write(db, &db_scope_none, always_in_the_way, other, &error), ERROR_BUSY);
    assert_non_null(strstr(error.text, "try again"));
    db_close(other);
}

static int number_next(struct db_tx *tx, void *context, struct error *error) {
    struct store_question question = {.sql = "select coalesce(max(number), 0) + 1 from item"};
    (void)context;
    int status = store_ask_body(tx, &question, error);
    return status ? status : store_add_body(tx, &question.answer, error);
}

static void *number_some(void *context) {
    atomic_int *losers = context;
    for (int i = 0; i < 10; i++)
        if (db_write(db, &db_scope_none, number_next, NULL, NULL))
            atomic_fetch_add(losers, 1);
    return NULL;
}

static void a_number_that_is_taken_is_run_again(void **state) {
    (void)state;
    enum { NUMBERERS = 8 };
    pthread_t threads[NUMBERERS];
    atomic_int losers = 0;
    for (int i = 0; i < NUMBERERS; i++)
        pthread_create(&threads[i], NULL, number_some, &losers);
    for (int i = 0; i < NUMBERERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&losers), 0);
    assert_int_equal(store_ask(db, "select max(number) from item"), NUMBERERS * 10);
}

/* ---- what was prepared ---- */

static int read_all(struct db_tx *tx, void *context, struct error *error) {
    struct db_rows *rows;
    int status = db_query(tx, error, &rows, "select * from pair order by id");
    if (status)
        return status;
    int *ret_count = context;
    for (*ret_count = 0; (status = db_next(rows, error)) == 1;)
        ++*ret_count;
    db_rows_close(rows);
    return status;
}

static void a_migration_makes_plans_anew(void **state) {
    (void)state;
    struct db *other = store_open("store.db");
    int count = 0;
    for (int i = 0; i < 8; i++)
        assert_int_equal(db_read(db, &db_scope_none, read_all, &count, NULL), 0);
    store_script(other, "alter table pair add column more text");
    assert_int_equal(db_read(db, &db_scope_none, read_all, &count, NULL), 0);
    assert_int_equal(db_write(db, &db_scope_none, read_all, &count, NULL), 0);
    assert_int_equal(count, 2);
    db_close(other);
}

static int forget_prepared(struct db_tx *tx, void *context, struct error *error) {
    struct store_question question = {.sql = "select count(*) from item"};
    int status = runs++ == 0 ? db_run(tx, error, NULL, "deallocate all") : 0;
    if (!status)
        status = store_ask_body(tx, &question, error);
    return status ? status : store_add_body(tx, context, error);
}

static void a_pooler_between_is_noticed(void **state) {
    (void)state;
    int64_t number = 1;
    assert_int_equal(store_add(db, 0, NULL), 0);
    struct store_question question = {.sql = "select count(*) from item"};
    assert_int_equal(db_write(db, &db_scope_none, store_ask_body, &question, NULL), 0);
    runs = 0;
    assert_int_equal(db_write(db, &db_scope_none, forget_prepared, &number, NULL), 0);
    assert_true(atomic_load(&((struct postgresql_db *)db)->unprepared));
    for (number = 2; number < 20; number++)
        assert_int_equal(store_add(db, number, NULL), 0);
    assert_int_equal(store_ask(db, "select count(*) from item"), 20);
    assert_int_equal(store_ask(db, "select count(*) from pg_prepared_statements"), 0);
}

/* ---- migrations ---- */

static const struct migration race_plan[] = {
    {1, "0001_first", "create table first (x text)"},
    {2, "0002_second", "create table second (x text); select pg_sleep(0.05);"},
    {3, "0003_third", "create table third (x text)"},
};

static void *migrate(void *context) {
    struct db *own = store_open("race.db");
    struct error error = {.code = ERROR_NONE};
    int applied = 0;
    if (db_migrate(own, race_plan, 3, &error, &applied)) {
        print_error("%s\n", error.text);
        applied = -1000;
    }
    db_close(own);
    atomic_fetch_add((atomic_int *)context, applied);
    return NULL;
}

/* Even the database itself may be made by several nodes at once. */
static void nodes_that_migrate_at_once_agree(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    atomic_int applied = 0;
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, migrate, &applied);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&applied), 3);
    struct db *own = store_open("race.db");
    bool vacant = true;
    assert_int_equal(db_migrated(own, race_plan, 3, NULL), 0);
    assert_int_equal(db_vacant(own, NULL, &vacant), 0);
    assert_false(vacant);
    db_close(own);
    assert_int_equal(db_vacant(db, NULL, &vacant), 0);
    assert_true(vacant);
}

static int kinds_of_value(struct db_tx *tx, void *context, struct error *error) {
    const struct db_value *value = context;
    return db_run(tx, error, NULL, "insert into kind (n, t, b) values ($1, $2, $3)", value[0],
                  value[1], value[2]);
}

static void a_parameter_may_be_null_first(void **state) {
    (void)state;
    store_script(db, "create table kind (n integer, t text, b bytea)");
    struct db_value values[] = {db_null(), db_null(), db_null()};
    struct db_value filled[] = {db_integer(7), db_text("x"), db_blob("\0z", 2)};
    for (int i = 0; i <= 3; i++) {
        assert_int_equal(db_write(db, &db_scope_none, kinds_of_value, values, NULL), 0);
        if (i < 3)
            values[i] = filled[i];
    }
    /* Of another kind than the statement was prepared for. */
    struct error error = {.code = ERROR_NONE};
    values[0] = db_text("no number");
    assert_true(db_write(db, &db_scope_none, kinds_of_value, values, &error) < 0);
    assert_int_equal(store_ask(db, "select count(*) + sum(n) from kind"), 4 + 3 * 7);
}

/* ---- texts, addresses ---- */

static void texts_compare_by_bytes(void **state) {
    (void)state;
    /* The server's own order is that of a language, in which these stand otherwise. */
    store_script(db, "insert into word values ('b'), ('A'), ('a'), ('B'), ('_'), ('\xc3\xa9')");
    assert_int_equal(store_ask(db, "select count(*) from word where t < 'a'"), 3);
    assert_int_equal(store_ask(db, "select case when string_agg(t, '' order by t) = "
                                   "'AB_ab\xc3\xa9' then 1 else 0 end from word"), 1);
}

static int add_word(struct db_tx *tx, void *context, struct error *error) {
    return db_run(tx, error, NULL, "insert into word values ($1)",
                  *(const struct db_value *)context);
}

static void wrong_texts_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"\xff", "\xc3", "\xed\xa0\x80", "\xc0\xaf",
                                        "\xf4\x90\x80\x80", "a\x80", "\xe0\x80\x80"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct db_value value = db_text(wrong[i]);
        assert_int_equal(db_write(db, &db_scope_none, add_word, &value, NULL), ERROR_INVALID);
    }
    struct db_value nul = db_text_length("a\0b", 3), good = db_text("\xf0\x9f\x9a\xb2\xe2\x82\xac");
    assert_int_equal(db_write(db, &db_scope_none, add_word, &nul, NULL), ERROR_INVALID);
    assert_int_equal(db_write(db, &db_scope_none, add_word, &good, NULL), 0);
}

static void wrong_addresses_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *before, *after, *part; /* before and after the server's folder */
        int code;
    } wrong[] = {
        {"postgresql://koppel:secret@/none?host=", "", "koppel init", ERROR_NOT_FOUND},
        {"postgresql://koppel:secret@/none?host=", "/none", "connect", ERROR_BUSY},
        {"postgresql://koppel:secret@/none?nonsense=", "", "write it as", ERROR_INVALID},
        {"postgresql://koppel:secret@[::/none?host=", "", "write it as", ERROR_INVALID},
    };
    struct db *none = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char url[256];
        struct error error = {.code = ERROR_NONE};
        struct db_options options = {.url = url};
        snprintf(url, sizeof url, "%s%s%s", wrong[i].before, store_server, wrong[i].after);
        assert_int_equal(db_open(&options, &error, &none), wrong[i].code);
        assert_non_null(strstr(error.text, wrong[i].part));
        assert_null(strstr(error.text, "secret"));
    }
}

/* A server on another machine, as far as its name tells, that offers no TLS: answers the first
 * message by a no and tells how many bytes came after it. */
static void *refuse_tls(void *context) {
    int listener = *(int *)context, more = -1;
    unsigned char message[8] = {0};
    int caller = accept(listener, NULL, NULL);
    bool asked = read(caller, message, sizeof message) == 8 &&
                 memcmp(message + 4, "\x04\xd2\x16\x2f", 4) == 0;
    if (asked && write(caller, "N", 1) == 1)
        more = (int)read(caller, message, sizeof message);
    close(caller);
    *(int *)context = more;
    return NULL;
}

static void a_server_elsewhere_must_prove_itself(void **state) {
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), answer = listener;
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    char url[160];
    struct db_options options = {.url = url};
    struct error error = {.code = ERROR_NONE};
    struct db *none = NULL;
    pthread_t thread;
    snprintf(url, sizeof url, "postgresql://koppel:secret@db.example:%d/store?hostaddr=127.0.0.1",
             ntohs(address.sin_port));
    pthread_create(&thread, NULL, refuse_tls, &answer);
    assert_int_equal(db_open(&options, &error, &none), ERROR_DENIED);
    assert_non_null(strstr(error.text, "sslmode"));
    assert_null(strstr(error.text, "secret"));
    pthread_join(thread, NULL);
    close(listener);
    assert_int_equal(answer, 0);
}

#define with_store(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_store(a_broken_connection_is_replaced),
        with_store(a_stopped_server_comes_back),
        with_store(nothing_acknowledged_is_lost_when_it_is_killed),
        with_store(an_unknown_outcome_is_told),
        with_store(a_full_disk_is_told_and_recovers),
        with_store(a_deadlock_is_run_again),
        with_store(a_serialization_failure_is_run_again),
        with_store(a_number_that_is_taken_is_run_again),
        with_store(a_migration_makes_plans_anew),
        with_store(a_pooler_between_is_noticed),
        with_store(nodes_that_migrate_at_once_agree),
        with_store(a_parameter_may_be_null_first),
        with_store(texts_compare_by_bytes),
        with_store(wrong_texts_are_refused),
        with_store(wrong_addresses_are_refused),
        with_store(a_server_elsewhere_must_prove_itself),
    };
    return store_run_on_postgresql(tests);
}
