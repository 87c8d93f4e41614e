/* What a partner may sell is remembered for a moment, and forgotten when told. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/catalogue.h"
#include "domain/sell_gate.h"
#include "fixture.h"

static char reason[SELL_REASON_MAX];

static const char *ask(struct fixture *fixture, const char *partner_id, const char *product,
                       const char *date) {
    struct db_scope scope = {.kind = DB_SCOPE_OWN, .partner_id = partner_id};
    struct error error = {0};
    struct service *service = fixture->service;
    const struct selling selling = {.partner_id = partner_id, .product = product, .date = date};
    assert_int_equal(sell_gate_ask(service->sell_gate, &scope, &selling, &error, reason), 0);
    return reason;
}

static int end_agreements(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    return db_run(tx, error, NULL, "update agreement as a set to_date = '2026-01-31'"
                                   " where a.product = 'pet' and $scope(a)");
}

static int renew_agreements(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    return db_run(tx, error, NULL, "update agreement as a set to_date = null"
                                   " where a.product = 'pet' and $scope(a)");
}

static void test_answers_are_kept_apart(void **state) {
    struct fixture *fixture = *state;
    for (int again = 0; again < 2; again++) {
        assert_string_equal(ask(fixture, fixture_partner, "pet", "2026-11-23"), "");
        assert_string_equal(ask(fixture, fixture_partner, "car", "2026-11-23"), "no_agreement");
        assert_string_equal(ask(fixture, fixture_partner, "pet", "2019-11-23"),
                            "agreement_not_started");
        assert_string_equal(ask(fixture, fixture_ended, "pet", "2026-11-23"), "agreement_ended");
    }
}

static void test_another_scope_is_not_answered_from_memory(void **state) {
    struct fixture *fixture = *state;
    struct error error = {0};
    assert_string_equal(ask(fixture, fixture_partner, "pet", "2026-11-23"), "");
    const struct selling selling = {
        .partner_id = fixture_partner, .product = "pet", .date = "2026-11-23"};
    assert_int_equal(sell_gate_ask(fixture->service->sell_gate, &db_scope_none, &selling, &error,
                                   reason), 0);
    assert_string_equal(reason, "no_agreement");
}

static void test_a_change_holds_when_told_or_soon(void **state) {
    struct fixture *fixture = *state;
    struct error error = {0};
    assert_string_equal(ask(fixture, fixture_partner, "pet", "2026-11-23"), "");
    assert_int_equal(db_write(fixture->service->db, &db_scope_all, end_agreements, NULL, &error),
                     0);
    sell_gate_clear(fixture->service->sell_gate);
    assert_string_equal(ask(fixture, fixture_partner, "pet", "2026-11-23"), "agreement_ended");
    assert_int_equal(db_write(fixture->service->db, &db_scope_all, renew_agreements, NULL, &error),
                     0);
    usleep((SELL_GATE_AGE_MS + 50) * 1000);
    assert_string_equal(ask(fixture, fixture_partner, "pet", "2026-11-23"), "");
}

struct hold {
    struct db *db;
    pthread_barrier_t held;
    atomic_bool let_go;
};

static int hold_body(struct db_tx *tx, void *context, struct error *error) {
    struct hold *hold = context;
    (void)tx;
    (void)error;
    pthread_barrier_wait(&hold->held);
    while (!atomic_load(&hold->let_go)) usleep(1000);
    return 0;
}

static void *hold_reader(void *context) {
    struct hold *hold = context;
    db_read(hold->db, &db_scope_all, hold_body, hold, NULL);
    return NULL;
}

/* The store's only reader is taken, so that whoever reads waits: nobody does who asks for what is
 * known, of the gate or of the catalogue. */
static void test_nobody_waits_for_a_refresh(void **state) {
    struct fixture *fixture = *state;
    struct db_options options = {.url = fixture->config.database, .reader_count = 1};
    struct service service = *fixture->service;
    struct fixture narrow = {.service = &service};
    struct hold hold = {.let_go = false};
    struct error error = {0};
    const struct product_version *version = NULL;
    pthread_t thread;
    int64_t longest_ms = 0;
    assert_int_equal(db_open(&options, &error, &hold.db), 0);
    assert_int_equal(catalogue_new(hold.db, &error, &service.catalogue), 0);
    service.sell_gate = sell_gate_new(hold.db);
    assert_non_null(service.sell_gate);
    assert_string_equal(ask(&narrow, fixture_partner, "pet", "2026-11-23"), "");
    int64_t known_ms = clock_monotonic_ms();
    pthread_barrier_init(&hold.held, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, hold_reader, &hold), 0);
    pthread_barrier_wait(&hold.held);
    while (clock_monotonic_ms() - known_ms < CATALOGUE_AGE_MS - 150) {
        int64_t asked_ms = clock_monotonic_ms();
        assert_string_equal(ask(&narrow, fixture_partner, "pet", "2026-11-23"), "");
        assert_int_equal(catalogue_find(service.catalogue, "pet", "2026-11-23", clock_now_us(),
                                        &error, &version), 0);
        catalogue_release(service.catalogue, version);
        int64_t took_ms = clock_monotonic_ms() - asked_ms;
        if (took_ms > longest_ms) longest_ms = took_ms;
        usleep(1000);
    }
    assert_in_range(longest_ms, 0, 100);
    atomic_store(&hold.let_go, true);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&hold.held);
    sell_gate_free(service.sell_gate);
    catalogue_free(service.catalogue);
    db_close(hold.db);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_answers_are_kept_apart, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_another_scope_is_not_answered_from_memory,
                                        fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_nobody_waits_for_a_refresh, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_a_change_holds_when_told_or_soon, fixture_set_up,
                                        fixture_tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
