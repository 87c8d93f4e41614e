/* Migrations: numbered scripts, applied once each, in order, each in a transaction that records it
 * with the SHA-256 of its text. A store whose record differs from what this program knows is left
 * alone: a guess here would lose data. */
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "db/db_private.h"

static const char record_table[] = "schema_migration";

struct run {
    const struct migration *migrations;
    int count;
    int recorded; /* how many the store has */
    int next;     /* the number to apply */
};

/* Compares one recorded migration with the one that this program knows under its number. */
static int check_recorded(const struct run *run, struct db_rows *rows, struct error *error) {
    int64_t number = db_column_integer(rows, 0);
    const char *name = db_column_text(rows, 1, NULL), *sha256 = db_column_text(rows, 2, NULL);
    char expected[SHA256_HEX_MAX];
    if (!name || !sha256)
        return error_set(error, ERROR_INVALID, "the record of migrations is damaged: restore a "
                         "backup of the store");
    if (number > run->count)
        return error_set(error, ERROR_INVALID,
                         "the store is at migration %lld (%s) and this program knows %d: use the "
                         "newer program that made it", (long long)number, name, run->count);
    if (number != run->recorded + 1)
        return error_set(error, ERROR_INVALID,
                         "migration %d is missing from the store's record: restore a backup",
                         run->recorded + 1);
    const struct migration *known = &run->migrations[number - 1];
    hash_sha256_hex(known->sql, strlen(known->sql), expected);
    if (strcmp(known->name, name) != 0 || strcmp(expected, sha256) != 0)
        return error_set(error, ERROR_INVALID,
                         "migration %s was changed after the store applied it as %s: bring its "
                         "text back and put the change into a new migration", known->name, name);
    return 0;
}

static int read_record(struct db_tx *tx, void *context, struct error *error) {
    struct run *run = context;
    struct db_rows *rows;
    bool exists;
    run->recorded = 0;
    int status = tx->db->driver->table_exists(tx, record_table, error, &exists);
    if (status || !exists)
        return status;
    status = db_query(tx, error, &rows,
                      "select number, name, sha256 from schema_migration order by number");
    if (status)
        return status;
    while ((status = db_next(rows, error)) == 1) {
        status = check_recorded(run, rows, error);
        if (status)
            break;
        run->recorded++;
    }
    db_rows_close(rows);
    return status;
}

static int lock(struct db_tx *tx, struct error *error) {
    return tx->db->driver->migration_lock ? tx->db->driver->migration_lock(tx, error) : 0;
}

static int apply_next(struct db_tx *tx, void *context, struct error *error) {
    struct run *run = context;
    const struct migration *migration = &run->migrations[run->next - 1];
    char sha256[SHA256_HEX_MAX];
    int status = lock(tx, error);
    if (!status)
        status = read_record(tx, run, error);
    /* Another process may have been quicker. */
    if (status || run->recorded >= run->next)
        return status;
    struct error own = {.code = ERROR_NONE};
    status = tx->db->driver->script(tx, migration->sql, &own);
    if (status)
        return error_set(error, own.code, "migration %s failed: %.400s", migration->name,
                         own.text);
    hash_sha256_hex(migration->sql, strlen(migration->sql), sha256);
    return db_run(tx, error, NULL,
                  "insert into schema_migration (number, name, sha256, applied_us) "
                  "values ($1, $2, $3, $4)",
                  db_integer(migration->number), db_text(migration->name), db_text(sha256),
                  db_integer(clock_now_us()));
}

static int make_record(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    int status = lock(tx, error);
    if (status)
        return status;
    return db_run(tx, error, NULL,
                  "create table if not exists schema_migration ("
                  "number integer primary key, name text not null, sha256 text not null, "
                  "applied_us bigint not null)");
}

static int check_list(const struct migration *list, int count, struct error *error) {
    for (int i = 0; i < count; i++)
        if (list[i].number != i + 1)
            return error_set(error, ERROR_INTERNAL, "migration %s should have number %d",
                             list[i].name, i + 1);
    return 0;
}

int db_migrate(struct db *db, const struct migration *list, int count, struct error *error,
               int *ret_applied) {
    struct run run = {.migrations = list, .count = count};
    int applied = 0;
    int status = check_list(list, count, error);
    if (!status)
        status = db_read(db, &db_scope_none, read_record, &run, error);
    if (status)
        return status;
    if (run.recorded < count)
        status = db_write(db, &db_scope_none, make_record, NULL, error);
    for (int number = run.recorded + 1; number <= count && !status; number++) {
        run.next = number;
        status = db_write(db, &db_scope_none, apply_next, &run, error);
        applied += !status && run.recorded == number - 1;
    }
    if (!status)
        *ret_applied = applied;
    return status;
}

int db_migrated(struct db *db, const struct migration *list, int count, struct error *error) {
    struct run run = {.migrations = list, .count = count};
    int status = check_list(list, count, error);
    if (!status)
        status = db_read(db, &db_scope_none, read_record, &run, error);
    if (!status && run.recorded < count)
        status = error_set(error, ERROR_INVALID,
                           "the store is at migration %d and this program needs %d: run koppel "
                           "migrate", run.recorded, count);
    return status;
}

static int look_for_record(struct db_tx *tx, void *context, struct error *error) {
    bool exists;
    int status = tx->db->driver->table_exists(tx, record_table, error, &exists);
    if (!status)
        *(bool *)context = !exists;
    return status;
}

int db_vacant(struct db *db, struct error *error, bool *ret_vacant) {
    return db_read(db, &db_scope_none, look_for_record, ret_vacant, error);
}
