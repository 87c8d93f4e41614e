/* Backup and restore on PostgreSQL: of a store that is written to, refused while somebody serves
 * it, refused for what is no backup, and never leaving less than one whole store. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "store.h"

static struct db *db;
static atomic_bool stop;

static const struct migration plan[] = {
    {1, "0001_item", "create table item (number integer primary key, twin integer, t text, "
                     "b bytea); create index item_t on item (t);"},
    {2, "0002_part", "create table part (item integer references item (number));"},
};

static int set_up(void **state) {
    (void)state;
    int applied;
    store_make_folder();
    db = store_open("store.db");
    assert_int_equal(db_migrate(db, plan, 2, NULL, &applied), 0);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    db_close(db);
    store_remove_folder();
    return 0;
}

static int restore(const char *store, const char *file, struct error *error) {
    struct db_options options = {.url = store_url(store), .create = true};
    return db_restore(&options, store_path(file), error);
}

/* A text with all that a dump has to escape. */
static const char odd[] = "tab\t line\n back\\slash \\. 'quote' \xe2\x82\xac";

static int add_twins(struct db_tx *tx, void *context, struct error *error) {
    int64_t number = *(int64_t *)context;
    int status = 0;
    for (int i = 0; i < 2 && !status; i++) {
        int64_t own = i ? -number : number;
        status = db_run(tx, error, NULL, "insert into item values ($1, $2, $3, $4)",
                        db_integer(own), db_integer(-own), db_text(odd), db_blob("\0\n\\", 3));
    }
    return status;
}

static void add(int64_t number) {
    struct error error = {.code = ERROR_NONE};
    if (db_write(db, &db_scope_none, add_twins, &number, &error))
        fail_msg("%s", error.text);
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
    atomic_store(&stop, false);
    add(1000000);
    pthread_create(&thread, NULL, keep_writing, &stop);
    for (int i = 0; i < 3; i++) {
        char name[32];
        struct error error = {.code = ERROR_NONE};
        struct stat status;
        int64_t before = store_ask(db, "select count(*) from item");
        snprintf(name, sizeof name, "backup%d", i);
        if (db_backup(db, store_path(name), &error) || restore(name, name, &error))
            fail_msg("%s", error.text);
        assert_int_equal(stat(store_path(name), &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
        struct db *copy = store_open(name);
        assert_true(store_ask(copy, "select count(*) from item") >= before);
        assert_int_equal(store_ask(copy, "select count(*) from item i where not exists "
                                         "(select 1 from item where number = i.twin)"), 0);
        assert_int_equal(store_ask(copy, "select count(distinct t) + count(distinct b) from item"),
                         2);
        /* Texts still compare by their bytes. */
        assert_int_equal(store_ask(copy, "select count(*) from information_schema.columns where "
                                         "table_name = 'item' and collation_name = 'C'"), 1);
        assert_int_equal(db_migrated(copy, plan, 2, NULL), 0);
        db_close(copy);
        usleep(20000);
    }
    atomic_store(&stop, true);
    pthread_join(thread, &failed);
    assert_null(failed);
}

static void a_backup_overwrites_nothing(void **state) {
    (void)state;
    assert_int_equal(db_backup(db, store_path("b"), NULL), 0);
    assert_int_equal(db_backup(db, store_path("b"), NULL), ERROR_CONFLICT);
    assert_int_equal(db_backup(db, store_path("no/folder"), NULL), ERROR_NOT_FOUND);
    char command[256];
    snprintf(command, sizeof command, "test $(ls '%s' | wc -l) = 1", store_folder);
    assert_int_equal(system(command), 0);
}

static void a_restore_brings_it_back(void **state) {
    (void)state;
    int applied;
    const struct migration list[] = {
        plan[0], plan[1],
        {3, "0003_more", "create table more (item integer references item (number));"}};
    add(1);
    assert_int_equal(db_backup(db, store_path("b"), NULL), 0);
    add(2);
    /* Tables that came after the backup go away again. */
    assert_int_equal(db_migrate(db, list, 3, NULL, &applied), 0);
    db_close(db);
    for (int i = 0; i < 2; i++)
        assert_int_equal(restore("store.db", "b", NULL), 0);
    db = store_open("store.db");
    assert_int_equal(store_ask(db, "select count(*) from item"), 2);
    assert_int_equal(db_migrated(db, plan, 2, NULL), 0);
    add(2);
    assert_int_equal(store_ask(db, "select count(*) from information_schema.tables"
                                   " where table_name = 'more'"), 0);
}

static void a_store_in_use_is_not_replaced(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    add(1);
    assert_int_equal(db_backup(db, store_path("b"), NULL), 0);
    add(2);
    assert_int_equal(restore("store.db", "b", &error), ERROR_BUSY);
    assert_non_null(strstr(error.text, "stop the programs"));
    assert_int_equal(store_ask(db, "select count(*) from item"), 4);
    add(3);
}

static void cut(const char *from, const char *to, const char *percent) {
    char command[512];
    snprintf(command, sizeof command,
             "head -c $(($(stat -c %%s '%s/%s') * %s / 100)) '%s/%s' > '%s/%s'", store_folder, from,
             percent, store_folder, from, store_folder, to);
    assert_int_equal(system(command), 0);
}

static void wrong_backups_leave_the_store_alone(void **state) {
    (void)state;
    static const char *const wrong[] = {"text", "empty", "half", "most", "plain"};
    for (int64_t number = 1; number < 500; number++)
        add(number);
    assert_int_equal(db_backup(db, store_path("b"), NULL), 0);
    FILE *file = fopen(store_path("text"), "w");
    fputs("select 1;\n\\! touch /tmp/never\n", file);
    fclose(file);
    fclose(fopen(store_path("empty"), "w"));
    cut("b", "half", "50");
    cut("b", "most", "97");
    struct db *plain = store_open("plain.db");
    store_script(plain, "create table x (y integer)");
    assert_int_equal(db_backup(plain, store_path("plain"), NULL), 0);
    db_close(plain);
    db_close(db);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct error error = {.code = ERROR_NONE};
        if (restore("store.db", wrong[i], &error) >= 0)
            fail_msg("%s was restored", wrong[i]);
        assert_true(error.text[0]);
    }
    assert_int_equal(restore("store.db", "none", NULL), ERROR_NOT_FOUND);
    /* And a database of somebody else is not emptied. */
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(restore("plain.db", "b", &error), ERROR_INVALID);
    assert_non_null(strstr(error.text, "no store"));
    db = store_open("store.db");
    assert_int_equal(store_ask(db, "select count(*) from item"), 998);
}

#define with_store(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_store(a_backup_while_writing_is_whole),
        with_store(a_backup_overwrites_nothing),
        with_store(a_restore_brings_it_back),
        with_store(a_store_in_use_is_not_replaced),
        with_store(wrong_backups_leave_the_store_alone),
    };
    return store_run_on_postgresql(tests);
}
