/* Housekeeping removes what is past its time, and only that, on a store that is in use. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <time.h>

#include "base/clock.h"
#include "jobs/housekeeping.h"
#include "operation/operation.h"
#include "tests/unit/server/domain/fixture.h"

enum { EXPIRED = IDEMPOTENCY_EXPIRE_MAX + 7, CURRENT = 3, NONCES = 1, WAIT_MAX_MS = 10000 };

static int insert_rows(struct db_tx *tx, void *context, struct error *error) {
    int64_t now_us = clock_now_us(), hour_us = INT64_C(3600000000);
    int rc = 0;
    (void)context;
    for (int i = 0; rc == 0 && i < EXPIRED + CURRENT; i++) {
        char key[24];
        snprintf(key, sizeof key, "k-%d", i);
        rc = db_run(tx, error, NULL,
                    "insert into idempotency (partner_id, test, operation, user_id,"
                    " idempotency_key, digest, status, answer, expires_us)"
                    " values ($1, 0, 'RequestQuote', '', $2, '', 201, '{}', $3)",
                    db_text(fixture_partner), db_text(key),
                    db_integer(i < EXPIRED ? now_us - 1 - i : now_us + hour_us));
    }
    if (rc == 0)
        rc = db_run(tx, error, NULL,
                    "insert into message_nonce (digest, expires_us) values ('old', $1)",
                    db_integer(now_us - 1));
    return rc;
}

static int count_rows(struct db_tx *tx, void *context, struct error *error) {
    struct db_rows *rows = NULL;
    int rc = db_query(tx, error, &rows, "select (select count(*) from idempotency)"
                      " + (select count(*) from message_nonce)");
    if (rc == 0 && db_next(rows, error) == 1) *(int64_t *)context = db_column_integer(rows, 0);
    db_rows_close(rows);
    return rc;
}

static int64_t rows_left(struct db *db) {
    struct error error = {0};
    int64_t left = -1;
    assert_int_equal(db_read(db, &db_scope_all, count_rows, &left, &error), 0);
    return left;
}

/* Waits until so many are left; answers how many there were at the end of waiting. */
static int64_t rows_awaited(struct db *db, int64_t wanted) {
    const struct timespec pause = {.tv_nsec = 20 * 1000000};
    int64_t left = rows_left(db);
    for (int waited_ms = 0; left != wanted && waited_ms < WAIT_MAX_MS; waited_ms += 20) {
        nanosleep(&pause, NULL);
        left = rows_left(db);
    }
    return left;
}

static void test_removes(void **state) {
    struct fixture *fixture = *state;
    struct db *db = fixture->service->db;
    struct error error = {0};
    struct housekeeping *housekeeping = NULL;
    assert_int_equal(db_write(db, &db_scope_all, insert_rows, NULL, &error), 0);
    assert_int_equal(rows_left(db), EXPIRED + CURRENT + NONCES);
    /* The first round comes at once, and takes more than one batch. */
    assert_int_equal(
        housekeeping_start(fixture->service, HOUSEKEEPING_INTERVAL_MS, &error, &housekeeping), 0);
    assert_int_equal(rows_awaited(db, CURRENT), CURRENT);
    housekeeping_stop(housekeeping); /* does not wait for the interval */
    assert_int_equal(rows_left(db), CURRENT);
}

static int age_rows(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    return db_run(tx, error, NULL, "update idempotency set expires_us = $1",
                  db_integer(clock_now_us()));
}

static void test_comes_again(void **state) {
    struct fixture *fixture = *state;
    struct db *db = fixture->service->db;
    struct error error = {0};
    struct housekeeping *housekeeping = NULL;
    assert_int_equal(housekeeping_start(fixture->service, 30, &error, &housekeeping), 0);
    assert_int_equal(rows_awaited(db, CURRENT), CURRENT);
    assert_int_equal(db_write(db, &db_scope_all, age_rows, NULL, &error), 0);
    assert_int_equal(rows_awaited(db, 0), 0);
    housekeeping_stop(housekeeping);
    housekeeping_stop(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_removes),
                                       cmocka_unit_test(test_comes_again)};
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
