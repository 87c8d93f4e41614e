/* What a partner may sell is remembered for a moment, and forgotten when told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/sell_gate.h"
#include "fixture.h"

static char reason[SELL_REASON_MAX];

static const char *ask(struct fixture *fixture, const char *partner_id, const char *product,
                       const char *date) {
    struct db_scope scope = {.kind = DB_SCOPE_OWN, .partner_id = partner_id};
    struct error error = {0};
    struct service *service = fixture->service;
    assert_int_equal(sell_gate_ask(service->sell_gate, service->db, &scope, partner_id, product,
                                   date, &error, reason), 0);
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
    assert_int_equal(sell_gate_ask(fixture->service->sell_gate, fixture->service->db,
                                   &db_scope_none, fixture_partner, "pet", "2026-11-23", &error,
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_answers_are_kept_apart, fixture_set_up,
                                        fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_another_scope_is_not_answered_from_memory,
                                        fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_a_change_holds_when_told_or_soon, fixture_set_up,
                                        fixture_tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
