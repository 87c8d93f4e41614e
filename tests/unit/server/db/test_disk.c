/* What is promised when the disk fills up, fails, or loses power: an acknowledged write is kept; a
 * full disk has written nothing; the store recovers by itself. */
#include <signal.h>
#include <sys/wait.h>

#include "base/log.h"
#include "disk.h"
#include "store.h"

enum { THREADS = 16, EACH = 60 };

static struct db *db;

static int set_up(void **state) {
    (void)state;
    store_make_folder();
    atomic_store(&disk.keep_flushed, true);
    db = store_open("store.db");
    store_script(db, "create table item (number integer primary key, filler text)");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    disk_refuse_writes(0, 0);
    atomic_store(&disk.flush_code, 0);
    atomic_store(&disk.flush_pause_us, 0);
    atomic_store(&disk.keep_flushed, false);
    db_close(db);
    disk_forget();
    store_remove_folder();
    return 0;
}

/* ---- order ---- */

static int note_flushes(struct db_tx *tx, void *context, struct error *error) {
    int *begun = context;
    *begun = atomic_load(&disk.flushes_begun);
    return db_run(tx, error, NULL, "insert into item (filler) values ('x')");
}

static void *write_and_check_order(void *context) {
    for (int i = 0; i < EACH; i++) {
        int begun = 0;
        if (db_write(db, &db_scope_none, note_flushes, &begun, NULL))
            return context;
        /* A flush that began after the body ran has ended before the caller went on. */
        if (atomic_load(&disk.flushes_ended) <= begun)
            return context;
    }
    return NULL;
}

static void a_write_returns_after_its_flush(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    void *failed;
    atomic_store(&disk.flush_pause_us, 1000);
    int before = atomic_load(&disk.flushes_ended);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, write_and_check_order, &before);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    int flushes = atomic_load(&disk.flushes_ended) - before;
    assert_int_equal(store_ask(db, "select count(*) from item"), THREADS * EACH);
    /* Many writes shared a flush. */
    assert_true(flushes < THREADS * EACH / 3);
}

/* ---- full ---- */

static void a_full_disk_refuses_and_recovers(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(store_add(db, 1, NULL), 0);
    disk_refuse_writes(SQLITE_FULL, 0);
    assert_int_equal(store_add(db, 2, &error), ERROR_FULL);
    assert_non_null(strstr(error.text, "free space"));
    assert_int_equal(db_ready(db, NULL), ERROR_FULL);
    assert_int_equal(store_ask(db, "select sum(number) from item"), 1);
    disk_refuse_writes(0, 0);
    assert_int_equal(db_ready(db, NULL), 0);
    assert_int_equal(store_add(db, 4, NULL), 0);
    assert_int_equal(store_ask(db, "select sum(number) from item"), 5);
}

static int add_large(struct db_tx *tx, void *context, struct error *error) {
    static char filler[20000];
    memset(filler, 'f', sizeof filler);
    for (int i = 0; i < 3; i++) {
        int status = db_run(tx, error, NULL, "insert into item (filler) values ($1)",
                            db_text_length(filler, sizeof filler));
        if (status)
            return status;
    }
    return context ? ERROR_INVALID : 0;
}

/* Every write of a commit is refused in turn, until one commit needs no more than were spared. */
static void every_write_may_be_refused(void **state) {
    (void)state;
    log_set_level(LOG_ERROR + 1);
    static const int codes[] = {SQLITE_FULL, SQLITE_IOERR_WRITE};
    for (int kind = 0; kind < 2; kind++) {
        int status = -1;
        for (int spared = 0; status; spared++) {
            int64_t before = store_ask(db, "select count(*) from item");
            disk_refuse_writes(codes[kind], spared);
            status = db_write(db, &db_scope_none, add_large, NULL, NULL);
            disk_refuse_writes(0, 0);
            assert_true(status == 0 || status == (kind ? ERROR_IO : ERROR_FULL));
            assert_int_equal(db_ready(db, NULL), 0);
            assert_int_equal(store_ask(db, "select count(*) from item"),
                             before + (status ? 0 : 3));
            assert_true(spared < 200);
        }
    }
    log_set_level(LOG_INFO);
}

static atomic_bool stop;
static atomic_int acknowledged, refused;

static void *add_numbers(void *context) {
    int64_t base = *(int *)context * 1000000;
    for (int64_t i = 0; !atomic_load(&stop); i++) {
        int status = store_add(db, base + i, NULL);
        if (status == 0)
            atomic_fetch_add(&acknowledged, 1);
        else if (status == ERROR_FULL)
            atomic_fetch_add(&refused, 1);
        else
            return context;
    }
    return NULL;
}

static void full_groups_keep_exactly_what_was_acknowledged(void **state) {
    (void)state;
    pthread_t threads[THREADS];
    int numbers[THREADS];
    void *failed;
    log_set_level(LOG_ERROR + 1);
    atomic_store(&acknowledged, 0);
    atomic_store(&refused, 0);
    atomic_store(&stop, false);
    for (int i = 0; i < THREADS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, add_numbers, &numbers[i]);
    }
    for (int i = 0; i < 40; i++) {
        usleep(4000);
        disk_refuse_writes(i % 2 ? 0 : SQLITE_FULL, i % 7);
    }
    disk_refuse_writes(0, 0);
    usleep(20000);
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    log_set_level(LOG_INFO);
    assert_true(atomic_load(&acknowledged) > 0);
    assert_true(atomic_load(&refused) > 0);
    assert_int_equal(store_ask(db, "select count(*) from item"), atomic_load(&acknowledged));
    assert_int_equal(db_ready(db, NULL), 0);
}

static void a_failed_flush_is_unknown(void **state) {
    (void)state;
    atomic_store(&disk.flush_code, SQLITE_IOERR_FSYNC);
    assert_int_equal(store_add(db, 1, NULL), ERROR_IO);
    assert_int_equal(db_ready(db, NULL), ERROR_IO);
    atomic_store(&disk.flush_code, 0);
    assert_int_equal(db_ready(db, NULL), 0);
    assert_int_equal(store_add(db, 2, NULL), 0);
    assert_int_equal(store_ask(db, "select count(*) from item where number = 2"), 1);
}

static int fail_quietly(struct db_tx *tx, void *context, struct error *error) {
    (void)tx;
    (void)error;
    return *(int *)context;
}

static void a_write_of_nothing_proves_nothing(void **state) {
    (void)state;
    int zero = 0;
    disk_refuse_writes(SQLITE_FULL, 0);
    assert_int_equal(store_add(db, 1, NULL), ERROR_FULL);
    assert_int_equal(db_write(db, &db_scope_none, fail_quietly, &zero, NULL), 0);
    assert_int_equal(db_ready(db, NULL), ERROR_FULL);
    disk_refuse_writes(0, 0);
    assert_int_equal(db_ready(db, NULL), 0);
}

/* ---- power ---- */

static struct {
    pthread_mutex_t lock;
    int64_t numbers[200000];
    int count;
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void *add_and_note(void *context) {
    int64_t base = *(int *)context * 1000000;
    for (int64_t i = 0; !atomic_load(&stop); i++) {
        if (store_add(db, base + i, NULL))
            return context;
        pthread_mutex_lock(&kept.lock);
        if (kept.count < 200000)
            kept.numbers[kept.count++] = base + i;
        pthread_mutex_unlock(&kept.lock);
    }
    return NULL;
}

static int find_all(struct db_tx *tx, void *context, struct error *error) {
    int count = *(int *)context;
    for (int i = 0; i < count; i++) {
        struct db_rows *rows;
        int status = db_query(tx, error, &rows, "select 1 from item where number = $1",
                              db_integer(kept.numbers[i]));
        if (status)
            return status;
        status = db_next(rows, error);
        db_rows_close(rows);
        if (status != 1)
            return ERROR_NOT_FOUND;
    }
    return 0;
}

static void a_power_cut_keeps_what_was_acknowledged(void **state) {
    (void)state;
    pthread_t threads[4];
    int numbers[4];
    int counts[8];
    void *failed;
    atomic_store(&stop, false);
    for (int i = 0; i < 4; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, add_and_note, &numbers[i]);
    }
    for (int cut = 0; cut < 8; cut++) {
        char name[32];
        usleep(60000);
        pthread_mutex_lock(&kept.lock);
        counts[cut] = kept.count;
        pthread_mutex_unlock(&kept.lock);
        snprintf(name, sizeof name, "cut%d.db", cut);
        disk_cut_power(store_path("store.db"), store_path(name));
    }
    atomic_store(&stop, true);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
    atomic_store(&disk.keep_flushed, false);
    assert_true(counts[7] > 0);
    for (int cut = 0; cut < 8; cut++) {
        char name[32];
        snprintf(name, sizeof name, "cut%d.db", cut);
        struct db *after = store_open(name);
        assert_int_equal(db_read(after, &db_scope_none, find_all, &counts[cut], NULL), 0);
        db_close(after);
    }
}

/* Another program, this one with an argument, writes and tells each acknowledged number on its
 * standard output until it is killed. */
static int write_until_killed(const char *path) {
    struct db_options options = {.url = path};
    struct db *own = NULL;
    if (db_open(&options, NULL, &own))
        return 1;
    for (int64_t number = 1;; number++)
        if (store_add(own, number, NULL) ||
            write(STDOUT_FILENO, &number, sizeof number) != sizeof number)
            return 1;
}

static void a_killed_program_keeps_what_was_acknowledged(void **state) {
    (void)state;
    struct db *made = store_open("killed.db");
    store_script(made, "create table item (number integer primary key)");
    db_close(made);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        execl("/proc/self/exe", "test_disk", store_path("killed.db"), (char *)NULL);
        _exit(1);
    }
    close(ends[1]);
    int64_t number = 0, last = 0;
    while (last < 200 && read(ends[0], &number, sizeof number) == sizeof number)
        last = number;
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    while (read(ends[0], &number, sizeof number) == sizeof number)
        last = number;
    close(ends[0]);
    assert_true(last >= 200);
    struct db *after = store_open("killed.db");
    assert_true(store_ask(after, "select count(*) from item") >= last);
    db_close(after);
}

#define with_disk(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv) {
    if (argc == 2)
        return write_until_killed(argv[1]);
    disk_install();
    const struct CMUnitTest tests[] = {
        with_disk(a_write_returns_after_its_flush),
        with_disk(a_full_disk_refuses_and_recovers),
        with_disk(every_write_may_be_refused),
        with_disk(full_groups_keep_exactly_what_was_acknowledged),
        with_disk(a_failed_flush_is_unknown),
        with_disk(a_write_of_nothing_proves_nothing),
        with_disk(a_power_cut_keeps_what_was_acknowledged),
        with_disk(a_killed_program_keeps_what_was_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
