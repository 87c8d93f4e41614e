/* Backup while the store is written to, and restore: of a whole store, over a damaged one, refused
 * while somebody serves it, refused for files that are no backup. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "store.h"

static struct db *db;
static atomic_bool stop;

static const struct migration plan[] = {
    {1, "0001_item", "create table item (number integer primary key, twin integer);"},
};

static int set_up(void **state) {
    (void)state;
    int applied;
    store_make_folder();
    db = store_open("store.db");
    assert_int_equal(db_migrate(db, plan, 1, NULL, &applied), 0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    db_close(db);
    store_remove_folder();
    return 0;
}

static int restore(const char *name, struct error *error) {
    struct db_options options = {.url = store_path("store.db")};
    return db_restore(&options, store_path(name), error);
}

static void close_store(void) {
    db_close(db);
    db = NULL;
}

static int add_twins(struct db_tx *tx, void *context, struct error *error) {
    int64_t number = *(int64_t *)context;
    int status = db_run(tx, error, NULL, "insert into item values ($1, $2)", db_integer(number),
                        db_integer(-number));
    return status ? status
                  : db_run(tx, error, NULL, "insert into item values ($1, $2)", db_integer(-number),
                           db_integer(number));
}

static void *keep_writing(void *context) {
    for (int64_t number = 1; !atomic_load(&stop); number++)
        if (db_write(db, &db_scope_none, add_twins, &number, NULL))
            return context;
    return NULL;
}

static void a_backup_while_writing_is_whole(void **state) {
    (void)state;
    pthread_t thread;
    void *failed;
    int64_t before = 0;
    atomic_store(&stop, false);
    pthread_create(&thread, NULL, keep_writing, &stop);
    for (int i = 0; i < 10; i++) {
        char name[32];
        struct error error = {.code = ERROR_NONE};
        before = store_ask(db, "select count(*) from item");
        snprintf(name, sizeof name, "backup%d.db", i);
        if (db_backup(db, store_path(name), &error))
            fail_msg("%s", error.text);
        struct stat status;
        assert_int_equal(stat(store_path(name), &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
        struct db *copy = store_open(name);
        assert_true(store_ask(copy, "select count(*) from item") >= before);
        assert_int_equal(store_ask(copy, "select count(*) from item i where not exists "
                                         "(select 1 from item where number = i.twin)"), 0);
        assert_int_equal(db_migrated(copy, plan, 1, NULL), 0);
        db_close(copy);
    }
    atomic_store(&stop, true);
    pthread_join(thread, &failed);
    assert_null(failed);
    assert_true(before > 0);
}

static void a_backup_overwrites_nothing(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(db_backup(db, store_path("b.db"), NULL), 0);
    assert_int_equal(db_backup(db, store_path("b.db"), &error), ERROR_CONFLICT);
    assert_int_equal(db_backup(db, store_path("store.db"), NULL), ERROR_CONFLICT);
    error_clear(&error);
    assert_int_equal(db_backup(db, store_path("no/folder.db"), &error), ERROR_NOT_FOUND);
    /* Nothing is left lying about. */
    char command[256];
    snprintf(command, sizeof command, "test $(ls '%s' | grep -c '^b.db') = 1", store_folder);
    assert_int_equal(system(command), 0);
}

static void a_restore_brings_it_back(void **state) {
    (void)state;
    int64_t number = 1;
    assert_int_equal(db_write(db, &db_scope_none, add_twins, &number, NULL), 0);
    assert_int_equal(db_backup(db, store_path("b.db"), NULL), 0);
    number = 2;
    assert_int_equal(db_write(db, &db_scope_none, add_twins, &number, NULL), 0);
    close_store();
    assert_int_equal(restore("b.db", NULL), 0);
    struct stat status;
    assert_int_equal(stat(store_path("store.db"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    db = store_open("store.db");
    assert_int_equal(store_ask(db, "select count(*) from item"), 2);
    assert_int_equal(db_write(db, &db_scope_none, add_twins, &number, NULL), 0);
    assert_int_equal(store_ask(db, "select count(*) from item"), 4);
    /* The backup itself is untouched and serves again. */
    close_store();
    assert_int_equal(restore("b.db", NULL), 0);
    unlink(store_path("store.db"));
    assert_int_equal(restore("b.db", NULL), 0);
    db = store_open("store.db");
    assert_int_equal(store_ask(db, "select count(*) from item"), 2);
}

/* Another program, this one with an argument: holds the store open until its input ends. */
static int hold(const char *path) {
    struct db_options options = {.url = path};
    struct db *own = NULL;
    char byte = '!';
    if (db_open(&options, NULL, &own) || write(STDOUT_FILENO, &byte, 1) != 1)
        return 1;
    while (read(STDIN_FILENO, &byte, 1) > 0)
        continue;
    db_close(own);
    return 0;
}

static void a_store_in_use_is_not_replaced(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    int to[2], from[2], ended = -1;
    char byte;
    assert_int_equal(db_backup(db, store_path("b.db"), NULL), 0);
    int64_t number = 7;
    assert_int_equal(db_write(db, &db_scope_none, add_twins, &number, NULL), 0);
    assert_int_equal(restore("b.db", &error), ERROR_BUSY);
    assert_non_null(strstr(error.text, "stop the program"));
    assert_int_equal(db_write(db, &db_scope_none, store_ask_body,
                              &(struct store_question){.sql = "select 1"}, NULL), 0);
    close_store();
    assert_int_equal(pipe(to) + pipe(from), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        close(to[1]);
        execl("/proc/self/exe", "test_copy", store_path("store.db"), (char *)NULL);
        _exit(1);
    }
    close(to[0]);
    close(from[1]);
    assert_int_equal(read(from[0], &byte, 1), 1);
    error_clear(&error);
    assert_int_equal(restore("b.db", &error), ERROR_BUSY);
    close(to[1]);
    waitpid(child, &ended, 0);
    close(from[0]);
    assert_int_equal(ended, 0);
    db = store_open("store.db");
    assert_int_equal(store_ask(db, "select count(*) from item"), 2);
    close_store();
    assert_int_equal(restore("b.db", NULL), 0);
    db = store_open("store.db");
    assert_int_equal(store_ask(db, "select count(*) from item"), 0);
}

static void write_garbage(const char *name, long from, size_t length) {
    FILE *file = fopen(store_path(name), from ? "r+" : "w");
    assert_non_null(file);
    fseek(file, from, SEEK_SET);
    for (size_t i = 0; i < length; i++)
        fputc((int)(i * 37 % 251), file);
    fclose(file);
}

static void a_damaged_store_is_replaced(void **state) {
    (void)state;
    int64_t number = 1;
    assert_int_equal(db_write(db, &db_scope_none, add_twins, &number, NULL), 0);
    assert_int_equal(db_backup(db, store_path("b.db"), NULL), 0);
    close_store();
    write_garbage("store.db", 0, 20000);
    write_garbage("store.db-wal", 0, 5000);
    assert_int_equal(restore("b.db", NULL), 0);
    assert_int_not_equal(access(store_path("store.db-wal"), F_OK), 0);
    db = store_open("store.db");
    assert_int_equal(store_ask(db, "select count(*) from item"), 2);
}

static void wrong_backups_are_refused(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    for (int64_t number = 1; number < 300; number++)
        assert_int_equal(db_write(db, &db_scope_none, add_twins, &number, NULL), 0);
    assert_int_equal(db_backup(db, store_path("b.db"), NULL), 0);
    struct db *plain = store_open("plain.db");
    store_script(plain, "create table x (y integer)");
    db_close(plain);
    struct db *hollow = store_open("hollow.db");
    store_script(hollow, "create table schema_migration (number integer)");
    db_close(hollow);
    write_garbage("text.db", 0, 5000);
    write_garbage("empty.db", 0, 0);
    write_garbage("b.db", 2 * 4096, 4096);
    close_store();
    static const char *const names[] = {"plain.db", "hollow.db", "text.db", "empty.db", "b.db"};
    for (size_t i = 0; i < 5; i++) {
        error_clear(&error);
        assert_true(restore(names[i], &error) < 0);
        assert_true(error.text[0]);
    }
    assert_int_equal(restore("none.db", NULL), ERROR_NOT_FOUND);
    assert_int_equal(restore("store.db", NULL), ERROR_INVALID);
    struct db_options options = {.url = store_path("store.db")};
    assert_int_equal(db_restore(&options, store_folder, NULL), ERROR_INVALID);
    db = store_open("store.db");
    assert_int_equal(store_ask(db, "select count(*) from item"), 598);
}

#define with_store(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv) {
    if (argc == 2)
        return hold(argv[1]);
    const struct CMUnitTest tests[] = {
        with_store(a_backup_while_writing_is_whole),
        with_store(a_backup_overwrites_nothing),
        with_store(a_restore_brings_it_back),
        with_store(a_store_in_use_is_not_replaced),
        with_store(a_damaged_store_is_replaced),
        with_store(wrong_backups_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
