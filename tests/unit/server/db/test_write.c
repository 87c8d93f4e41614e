/* The writer: groups of many threads, bodies that fail among others, injected faults, the queue's
 * bound, and other processes at the same file. */
#include <pthread.h>
#include <sys/wait.h>

#include "base/log.h"
#include "db/driver_sqlite.h"
#include "store.h"

enum { THREADS = 16, EACH = 200 };

static struct db *db;

static int set_up(void **state) {
    (void)state;
    store_make_folder();
    db = store_open("store.db");
    store_script(db, "create table item (number integer primary key);"
                     "create table owner (id integer primary key);"
                     "create table owned (id integer references owner (id)"
                     "  deferrable initially deferred);");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    db_close(db);
    store_remove_folder();
    return 0;
}

/* ---- many threads ---- */

static void *add_own_numbers(void *context) {
    int64_t base = *(int *)context * 10000;
    struct error error = {.code = ERROR_NONE};
    for (int64_t i = 0; i < EACH; i++)
        if (store_add(db, base + i, &error))
            return context;
    return NULL;
}

static void run_threads(void *(*function)(void *)) {
    pthread_t threads[THREADS];
    int numbers[THREADS];
    void *failed;
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, function, &numbers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

static void many_threads_write(void **state) {
    (void)state;
    run_threads(add_own_numbers);
    assert_int_equal(store_ask(db, "select count(*) from item"), THREADS * EACH);
}

/* Every other body fails, in every way that bodies fail; the others are not touched by it. */
static int fail_or_add(struct db_tx *tx, void *context, struct error *error) {
    int64_t number = *(int64_t *)context;
    int status = store_add_body(tx, context, error);
    if (status)
        return status;
    switch (number % 6) {
    case 1:
        return error_set(error, ERROR_INVALID, "refused %d", (int)number);
    case 3:
        return db_run(tx, error, NULL, "insert into no_such_table values (1)");
    case 5:
        /* Fails only when the whole group commits. */
        return db_run(tx, error, NULL, "insert into owned values (12345)");
    default:
        return 0;
    }
}

static void *add_or_fail(void *context) {
    static const int expected[] = {0, ERROR_INVALID, 0, ERROR_INTERNAL, 0, ERROR_INVALID};
    int64_t base = *(int *)context * 10000;
    for (int64_t i = 0; i < EACH; i++) {
        int64_t number = base + i;
        struct error error = {.code = ERROR_NONE};
        int status = db_write(db, &db_scope_none, fail_or_add, &number, &error);
        if (status != expected[number % 6] || (int)error.code != status)
            return context;
    }
    return NULL;
}

static void failing_bodies_touch_no_others(void **state) {
    (void)state;
    run_threads(add_or_fail);
    assert_int_equal(store_ask(db, "select count(*) from item"), THREADS * EACH / 2);
    assert_int_equal(store_ask(db, "select count(*) from item where number % 2 = 1"), 0);
    assert_int_equal(store_ask(db, "select count(*) from owned"), 0);
    assert_int_equal(db_ready(db, NULL), 0);
}

static int end_transaction(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    return db_run(tx, error, NULL, "rollback");
}

static void *add_or_end(void *context) {
    int64_t base = *(int *)context * 10000;
    for (int64_t i = 0; i < EACH; i++) {
        int64_t number = base + i;
        bool ends = i % 10 == 9;
        int status = ends ? db_write(db, &db_scope_none, end_transaction, NULL, NULL)
                          : store_add(db, number, NULL);
        if ((status == 0) == ends)
            return context;
    }
    return NULL;
}

/* A body that takes the whole group's transaction with it costs only itself. */
static void a_lost_group_is_run_again(void **state) {
    (void)state;
    run_threads(add_or_end);
    assert_int_equal(store_ask(db, "select count(*) from item"), THREADS * EACH * 9 / 10);
}

/* ---- faults ---- */

static void faults_are_injected(void **state) {
    (void)state;
    log_set_level(LOG_ERROR + 1);
    struct db_fault fault = {.point = DB_FAULT_STATEMENT, .nth = 2, .code = ERROR_NO_MEMORY};
    db_fault_set(db, &fault);
    assert_int_equal(store_add(db, 1, NULL), 0);
    assert_int_equal(store_add(db, 2, NULL), ERROR_NO_MEMORY);
    assert_int_equal(store_add(db, 3, NULL), 0);
    fault = (struct db_fault){.point = DB_FAULT_COMMIT, .nth = 1, .code = ERROR_FULL};
    db_fault_set(db, &fault);
    assert_int_equal(store_add(db, 4, NULL), ERROR_FULL);
    db_fault_set(db, NULL);
    assert_int_equal(db_ready(db, NULL), 0);
    fault = (struct db_fault){DB_FAULT_COMMIT, 1, ERROR_IO, true};
    db_fault_set(db, &fault);
    assert_int_equal(store_add(db, 5, NULL), ERROR_IO);
    db_fault_set(db, NULL);
    assert_int_equal(db_ready(db, NULL), 0);
    log_set_level(LOG_INFO);
    assert_int_equal(store_ask(db, "select sum(number) from item"), 1 + 3 + 5);
}

/* ---- the queue ---- */

struct gate {
    pthread_barrier_t inside, leave;
};

static int wait_at_gate(struct db_tx *tx, void *context, struct error *error) {
    struct gate *gate = context;
    (void)tx;
    (void)error;
    pthread_barrier_wait(&gate->inside);
    pthread_barrier_wait(&gate->leave);
    return 0;
}

static void *hold_writer(void *context) {
    return db_write(db, &db_scope_none, wait_at_gate, context, NULL) ? context : NULL;
}

static void *add_one(void *context) {
    return store_add(db, *(int *)context, NULL) ? context : NULL;
}

static void the_queue_is_limited(void **state) {
    (void)state;
    enum { WAITING = 8 };
    struct db_queue *queue = &((struct sqlite_db *)db)->writer.queue;
    struct gate gate;
    pthread_t holder, threads[WAITING];
    int numbers[WAITING];
    void *failed;
    pthread_barrier_init(&gate.inside, NULL, 2);
    pthread_barrier_init(&gate.leave, NULL, 2);
    pthread_create(&holder, NULL, hold_writer, &gate);
    pthread_barrier_wait(&gate.inside);
    for (int i = 0; i < WAITING; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, add_one, &numbers[i]);
    }
    int waiting = 0;
    while (waiting < WAITING) {
        pthread_mutex_lock(&queue->lock);
        waiting = queue->waiting;
        pthread_mutex_unlock(&queue->lock);
    }
    /* As if as many waited as may. */
    pthread_mutex_lock(&queue->lock);
    queue->waiting += DB_WRITE_QUEUE_MAX - WAITING;
    pthread_mutex_unlock(&queue->lock);
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(store_add(db, 99, &error), ERROR_BUSY);
    assert_non_null(strstr(error.text, "try again"));
    pthread_mutex_lock(&queue->lock);
    queue->waiting -= DB_WRITE_QUEUE_MAX - WAITING;
    pthread_mutex_unlock(&queue->lock);
    pthread_barrier_wait(&gate.leave);
    pthread_join(holder, &failed);
    assert_null(failed);
    for (int i = 0; i < WAITING; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    assert_int_equal(store_ask(db, "select count(*) from item"), WAITING);
    pthread_barrier_destroy(&gate.inside);
    pthread_barrier_destroy(&gate.leave);
}

/* ---- the log ---- */

static int add_filler(struct db_tx *tx, void *context, struct error *error) {
    static char filler[256 * 1024];
    memset(filler, 'f', sizeof filler);
    (void)context;
    return db_run(tx, error, NULL, "insert into filler (bytes) values ($1)",
                  db_blob(filler, sizeof filler));
}

static void the_log_does_not_grow_without_end(void **state) {
    (void)state;
    store_script(db, "create table filler (bytes blob)");
    for (int i = 0; i < 400; i++)
        assert_int_equal(db_write(db, &db_scope_none, add_filler, NULL, NULL), 0);
    FILE *file = fopen(store_path("store.db-wal"), "r");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    /* 100 MB were written; a log that is copied away every 4 MB begins anew. */
    assert_true(ftell(file) < 16 * 1024 * 1024);
    fclose(file);
}

/* ---- other processes ---- */

/* Another program, this one with arguments: adds numbers to the same file. */
static int add_from(const char *path, const char *first) {
    struct db_options options = {.url = path};
    struct db *own = NULL;
    int64_t base = strtoll(first, NULL, 10);
    if (db_open(&options, NULL, &own))
        return 1;
    for (int64_t i = 0; i < EACH; i++)
        if (store_add(own, base + i, NULL))
            return 1;
    db_close(own);
    return 0;
}

static pid_t start_other(const char *first) {
    pid_t child = fork();
    if (child == 0) {
        execl("/proc/self/exe", "test_write", store_url("store.db"), first, (char *)NULL);
        _exit(1);
    }
    return child;
}

static void other_processes_write_too(void **state) {
    (void)state;
    pid_t children[] = {start_other("1000000"), start_other("2000000"), start_other("3000000")};
    run_threads(add_own_numbers);
    for (int i = 0; i < 3; i++) {
        int status = -1;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    assert_int_equal(store_ask(db, "select count(*) from item"), (THREADS + 3) * EACH);
}

static void changes_of_others_are_seen(void **state) {
    (void)state;
    struct db *other = store_open("store.db");
    bool changed = true;
    assert_int_equal(db_changed(db, NULL, &changed), 0);
    assert_true(changed == (store_server[0] != '\0'));
    assert_int_equal(db_changed(other, NULL, &changed), 0);
    store_add(db, 1, NULL);
    assert_int_equal(db_changed(db, NULL, &changed), 0);
    /* PostgreSQL does not tell its own writes from others'. */
    assert_true(changed == (store_server[0] != '\0'));
    store_add(other, 2, NULL);
    store_add(db, 3, NULL);
    assert_int_equal(db_changed(db, NULL, &changed), 0);
    assert_true(changed);
    assert_int_equal(db_changed(db, NULL, &changed), 0);
    assert_false(changed);
    assert_int_equal(db_changed(other, NULL, &changed), 0);
    assert_true(changed);
    db_close(other);
}

#define with_store(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv) {
    if (argc == 3)
        return add_from(argv[1], argv[2]);
    const struct CMUnitTest tests[] = {
        with_store(many_threads_write),
        with_store(failing_bodies_touch_no_others),
        with_store(a_lost_group_is_run_again),
        with_store(faults_are_injected),
        with_store(other_processes_write_too),
        with_store(changes_of_others_are_seen),
    };
    const struct CMUnitTest of_files[] = {
        with_store(the_queue_is_limited),
        with_store(the_log_does_not_grow_without_end),
    };
    return store_run_on_both(tests) + cmocka_run_group_tests(of_files, NULL, NULL);
}
