/* Migrations: applied once and in order, refused when the record differs, and the table of them
 * that the build generates. */
#include "store.h"

static struct db *db;

static const struct migration plan[] = {
    {1, "0001_first", "create table a (x integer); insert into a values (1);"},
    {2, "0002_second", "create table b (y text default 'it''s; $1?'); -- the end"},
    {3, "0003_third", "alter table a add column z bigint; update a set z = 5;"},
};

static int64_t count_tables(const char *name) {
    char sql[256];
    snprintf(sql, sizeof sql, store_server[0]
             ? "select count(*) from information_schema.tables where table_schema = 'public' and "
               "table_name like '%s'"
             : "select count(*) from sqlite_master where name like '%s'", name);
    return store_ask(db, sql);
}

static int set_up(void **state) {
    (void)state;
    store_make_folder();
    db = store_open("store.db");
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    db_close(db);
    store_remove_folder();
    return 0;
}

static void migrations_apply_once(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    int applied = -1;
    assert_int_equal(db_migrated(db, plan, 3, &error), ERROR_INVALID);
    assert_non_null(strstr(error.text, "run koppel migrate"));
    assert_int_equal(db_migrate(db, plan, 2, NULL, &applied), 0);
    assert_int_equal(applied, 2);
    assert_int_equal(db_migrate(db, plan, 3, NULL, &applied), 0);
    assert_int_equal(applied, 1);
    assert_int_equal(db_migrate(db, plan, 3, NULL, &applied), 0);
    assert_int_equal(applied, 0);
    assert_int_equal(db_migrated(db, plan, 3, NULL), 0);
    assert_int_equal(store_ask(db, "select z from a"), 5);
    assert_int_equal(store_ask(db, "select count(*) from schema_migration where length(sha256) = "
                                   "64 and applied_us > 1700000000000000"), 3);
}

static void changed_records_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *change, *part;
        int count;
    } cases[] = {
        {"update schema_migration set sha256 = 'x' where number = 2", "0002_second was changed", 3},
        {"update schema_migration set name = '0002_other' where number = 2", "was changed", 3},
        {"delete from schema_migration where number = 2", "migration 2 is missing", 3},
        {"insert into schema_migration values (9, '0009_new', 'x', 0)", "newer program", 3},
        {"select 1", "newer program", 2},
        {"delete from schema_migration where number = 3", "run koppel migrate", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char name[32];
        struct error error = {.code = ERROR_NONE};
        int applied = -1;
        snprintf(name, sizeof name, "store%zu.db", i);
        struct db *own = store_open(name);
        assert_int_equal(db_migrate(own, plan, 3, NULL, &applied), 0);
        store_script(own, cases[i].change);
        assert_int_equal(db_migrated(own, plan, cases[i].count, &error), ERROR_INVALID);
        assert_non_null(strstr(error.text, cases[i].part));
        if (i < 5) {
            applied = -1;
            assert_int_equal(db_migrate(own, plan, cases[i].count, NULL, &applied), ERROR_INVALID);
            assert_int_equal(applied, -1);
        }
        db_close(own);
    }
}

static void a_failed_migration_leaves_nothing(void **state) {
    (void)state;
    static const struct migration broken[] = {
        {1, "0001_first", "create table a (x integer);"},
        {2, "0002_broken", "create table b (y integer); insert into nowhere values (1);"},
    };
    struct error error = {.code = ERROR_NONE};
    int applied = -1;
    assert_int_equal(db_migrate(db, broken, 2, &error, &applied), ERROR_INTERNAL);
    assert_non_null(strstr(error.text, "0002_broken failed"));
    assert_int_equal(count_tables("a"), 1);
    assert_int_equal(count_tables("b"), 0);
    assert_int_equal(store_ask(db, "select count(*) from schema_migration"), 1);
}

static void a_wrong_list_is_refused(void **state) {
    (void)state;
    static const struct migration gap[] = {{1, "0001_a", "select 1"}, {3, "0003_b", "select 1"}};
    int applied = -1;
    assert_int_equal(db_migrate(db, gap, 2, NULL, &applied), ERROR_INTERNAL);
    assert_int_equal(count_tables("%"), 0);
}

static void the_generated_list_applies(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    int applied = -1;
    if (db_migrate(db, migrations, migration_count, &error, &applied))
        fail_msg("%s", error.text);
    assert_int_equal(applied, migration_count);
    assert_int_equal(db_migrated(db, migrations, migration_count, NULL), 0);
}

/* What was kept by idempotency key outlives the table's change; requests are counted anew. */
static void kept_answers_outlive_an_upgrade(void **state) {
    (void)state;
    enum { BEFORE_DRAFTS = 4 };
    struct error error = {.code = ERROR_NONE};
    int applied = -1;
    assert_int_equal(db_migrate(db, migrations, BEFORE_DRAFTS, NULL, &applied), 0);
    store_script(db, "insert into partner (id, kind, name, country, status, created_us)"
                     " values ('ptr_a', 'office', 'A', 'NL', 'active', 1)");
    store_script(db, "insert into api_key (id, partner_id, kind, mode, prefix, hash,"
                     " rate_limit_per_minute, created_us)"
                     " values ('key_a', 'ptr_a', 'secret', 'live', 'sk_live_abcd', 'h', 600, 1)");
    store_script(db, "insert into rate_lease (key_id, window_us, leased) values ('key_a', 1, 2)");
    store_script(db, "insert into idempotency (partner_id, test, operation, idempotency_key,"
                     " digest, status, answer, expires_us)"
                     " values ('ptr_a', 0, 'RequestQuote', 'k', 'd', 201, '{}', 77)");
    store_script(db, "insert into audit_log (id, at_us, partner_id, key_id, test, operation,"
                     " outcome, request_id)"
                     " values ('aud_a', 5, 'ptr_a', 'key_a', 0, 'RequestQuote', 'done', 'req_a')");
    if (db_migrate(db, migrations, migration_count, &error, &applied))
        fail_msg("%s", error.text);
    assert_int_equal(applied, migration_count - BEFORE_DRAFTS);
    assert_int_equal(store_ask(db, "select expires_us from idempotency where partner_id = 'ptr_a'"
                                   " and idempotency_key = 'k' and answer = '{}'"), 77);
    assert_int_equal(store_ask(db, "select at_us from audit_log where key_id = 'key_a'"
                                   " and organisation_key_id is null"), 5);
    assert_int_equal(store_ask(db, "select count(*) from rate_lease"), 0);
    assert_int_equal(count_tables("idempotency_before"), 0);
}

/* The generator keeps every byte and refuses gaps and odd names. */
static int generate(const char *folder) {
    char command[1024];
    snprintf(command, sizeof command, "sh server/db/migrations-list '%s' > '%s.c' 2> '%s.err'",
             folder, folder, folder);
    return system(command);
}

static void write_file(const char *folder, const char *name, const char *text) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void the_generator_quotes_and_refuses(void **state) {
    (void)state;
    char folder[STORE_PATH_MAX], command[2048], line[256] = "";
    snprintf(folder, sizeof folder, "%s/plan", store_folder);
    snprintf(command, sizeof command, "mkdir '%s'", folder);
    assert_int_equal(system(command), 0);
    write_file(folder, "0001_odd.sql", "select '\\\\n \"x\" ?\?/ %s $1 \\';\n\n\t-- caf\xc3\xa9");
    assert_int_equal(generate(folder), 0);
    write_file(store_folder, "main.c", "#include <stdio.h>\n#include \"db/db.h\"\nint main(void) {"
               "fputs(migrations[0].sql, stdout); return migration_count != 1; }\n");
    snprintf(command, sizeof command,
             "cc -std=c17 -Wall -Werror -Iserver -o '%s/main' '%s/main.c' '%s.c' && "
             "'%s/main' > '%s/out' && echo >> '%s/0001_odd.sql' && "
             "cmp '%s/out' '%s/0001_odd.sql'", store_folder, store_folder, folder, store_folder,
             store_folder, folder, store_folder, folder);
    assert_int_equal(system(command), 0);
    write_file(folder, "0003_gap.sql", "select 1;");
    assert_int_not_equal(generate(folder), 0);
    snprintf(command, sizeof command, "%s.err", folder);
    FILE *file = fopen(command, "r");
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    assert_non_null(strstr(line, "number 0002 should come here"));
}

#define with_store(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_store(migrations_apply_once),
        with_store(changed_records_are_refused),
        with_store(a_failed_migration_leaves_nothing),
        with_store(a_wrong_list_is_refused),
        with_store(the_generated_list_applies),
        with_store(kept_answers_outlive_an_upgrade),
    };
    const struct CMUnitTest of_files[] = {
        with_store(the_generator_quotes_and_refuses),
    };
    return store_run_on_both(tests) + cmocka_run_group_tests(of_files, NULL, NULL);
}
