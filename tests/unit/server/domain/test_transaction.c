/* The table of steps, walked whole; what is paid back, against sums done by hand and against the
 * rule that nothing is lost; and when a policy may end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/calendar_day.h"
#include "domain/transaction.h"

static struct value_date day(const char *text) {
    struct value_date date = {0};
    assert_true(day_read(text, &date));
    return date;
}

/* ---- steps ---------------------------------------------------------------------------------- */
/* P partner, W website, O organisation, S system; what is not here is refused. */
static const struct {
    enum transaction_state from;
    enum transaction_step step;
    const char *actors;
    enum transaction_state to;
} allowed[] = {
    {QUOTE_OFFERED, TRANSACTION_ACCEPT, "PW", APPLICATION_RECEIVED},
    {QUOTE_REFERRED, TRANSACTION_ACCEPT, "PW", APPLICATION_RECEIVED},
    {APPLICATION_RECEIVED, TRANSACTION_REVIEW, "S", APPLICATION_IN_REVIEW},
    {APPLICATION_RECEIVED, TRANSACTION_ISSUE, "OS", APPLICATION_ISSUED},
    {APPLICATION_RECEIVED, TRANSACTION_REJECT, "O", APPLICATION_REJECTED},
    {APPLICATION_RECEIVED, TRANSACTION_WITHDRAW, "PO", APPLICATION_WITHDRAWN},
    {APPLICATION_RECEIVED, TRANSACTION_EXPIRE, "S", APPLICATION_EXPIRED},
    {APPLICATION_IN_REVIEW, TRANSACTION_APPROVE, "O", APPLICATION_APPROVED},
    {APPLICATION_IN_REVIEW, TRANSACTION_REJECT, "O", APPLICATION_REJECTED},
    {APPLICATION_IN_REVIEW, TRANSACTION_WITHDRAW, "PO", APPLICATION_WITHDRAWN},
    {APPLICATION_IN_REVIEW, TRANSACTION_EXPIRE, "S", APPLICATION_EXPIRED},
    {APPLICATION_APPROVED, TRANSACTION_ISSUE, "O", APPLICATION_ISSUED},
    {APPLICATION_APPROVED, TRANSACTION_WITHDRAW, "PO", APPLICATION_WITHDRAWN},
    {APPLICATION_APPROVED, TRANSACTION_EXPIRE, "S", APPLICATION_EXPIRED},
    {POLICY_ACTIVE, TRANSACTION_WITHDRAW, "PO", POLICY_WITHDRAWN},
    {POLICY_ACTIVE, TRANSACTION_CANCEL, "PO", POLICY_CANCELLED}};

static const struct {
    char letter;
    unsigned actor;
} actors[] = {{'P', CALLER_SECRET_KEY},    {'W', CALLER_PUBLISHABLE_KEY},
              {'O', CALLER_ORGANISATION},  {'S', ACTOR_SYSTEM},
              {'U', CALLER_USER},          {'N', CALLER_NOBODY}};

static void test_every_step(void **state) {
    (void)state;
    for (int from = 0; from < TRANSACTION_STATES; from++)
        for (int step = 0; step < TRANSACTION_STEPS; step++) {
            size_t row = 0, rows = sizeof allowed / sizeof *allowed;
            while (row < rows &&
                   ((int)allowed[row].from != from || (int)allowed[row].step != step))
                row++;
            for (size_t i = 0; i < sizeof actors / sizeof *actors; i++) {
                enum transaction_state to = TRANSACTION_STATES;
                enum transaction_answer answer =
                    transaction_ask((enum transaction_step)step, (enum transaction_state)from,
                                    actors[i].actor, &to);
                if (row == rows) {
                    assert_int_equal(answer, TRANSACTION_WRONG_STATE);
                } else if (strchr(allowed[row].actors, actors[i].letter)) {
                    assert_int_equal(answer, TRANSACTION_ALLOWED);
                    assert_int_equal(to, allowed[row].to);
                } else {
                    assert_int_equal(answer, TRANSACTION_WRONG_ACTOR);
                    assert_int_equal(to, TRANSACTION_STATES);
                }
            }
        }
}

static void test_names(void **state) {
    (void)state;
    for (int at = APPLICATION_RECEIVED; at <= APPLICATION_EXPIRED; at++)
        assert_int_equal(
            application_state_read(transaction_state_text((enum transaction_state)at)), at);
    for (int at = POLICY_ACTIVE; at <= POLICY_CANCELLED; at++)
        assert_int_equal(policy_state_read(transaction_state_text((enum transaction_state)at)), at);
    assert_int_equal(application_state_read("cancelled"), TRANSACTION_STATES);
    assert_int_equal(policy_state_read(NULL), TRANSACTION_STATES);
}

/* ---- what is paid back ---------------------------------------------------------------------- */
static int64_t refund(const char *first_day, int a_year, int64_t instalment_cents,
                      const char *end, const char *today) {
    struct instalments instalments = {
        .first_day = day(first_day), .a_year = a_year, .instalment_cents = instalment_cents};
    struct value_date end_day = day(end), today_day = day(today);
    int64_t refund_cents = -1;
    assert_int_equal(
        instalments_refund(&instalments, &end_day, &today_day, NULL, &refund_cents), 0);
    return refund_cents;
}

static void test_refund(void **state) {
    (void)state;
    /* A year of 365 days paid at once: 100 days are left. */
    assert_int_equal(refund("2026-01-01", 1, 36500, "2026-09-23", "2026-09-01"), 10000);
    /* Half a cent is rounded up: 1 cent over 2 of 4 weeks. */
    assert_int_equal(refund("2026-01-01", 13, 1, "2026-01-15", "2026-01-01"), 1);
    assert_int_equal(refund("2026-01-01", 13, 1, "2026-01-16", "2026-01-01"), 0);
    /* A month: 31 days, of which 10 are left; later months are not due. */
    assert_int_equal(refund("2026-03-01", 12, 3100, "2026-03-22", "2026-03-05"), 1000);
    /* Whole months leave nothing. */
    assert_int_equal(refund("2026-03-01", 12, 3100, "2026-06-01", "2026-03-05"), 0);
    /* The end lies back: the months since then were due as well. */
    assert_int_equal(refund("2026-01-01", 12, 3100, "2026-02-15", "2026-04-10"),
                     1550 + 3100 + 3100);
    /* As if it had never been: all that is due. Before the first day nothing is. */
    assert_int_equal(refund("2026-01-01", 12, 7778, "2026-01-01", "2026-01-14"), 7778);
    assert_int_equal(refund("2026-01-01", 52, 500, "2026-01-01", "2026-01-14"), 1000);
    assert_int_equal(refund("2026-02-01", 12, 7778, "2026-02-01", "2026-01-14"), 0);
    /* The 31st becomes a month's last day, and comes back. */
    assert_int_equal(refund("2024-01-31", 12, 2900, "2024-02-29", "2024-01-31"), 0);
    assert_int_equal(refund("2024-01-31", 12, 3100, "2024-03-01", "2024-01-31"), 3000);
}

/* What is kept and what is paid back are the whole of what was due, for every day of a year. */
static void test_refund_is_whole(void **state) {
    (void)state;
    static const int a_years[] = {1, 2, 3, 4, 6, 12, 13, 26, 52};
    for (size_t i = 0; i < sizeof a_years / sizeof *a_years; i++) {
        struct instalments instalments = {
            .first_day = day("2023-08-31"), .a_year = a_years[i], .instalment_cents = 90185};
        struct value_date first = instalments.first_day, last = day_add(&first, 364);
        int64_t before_cents = INT64_MAX;
        for (int d = 0; d < 366; d++) {
            struct value_date end = day_add(&first, d);
            int64_t refund_cents = -1;
            assert_int_equal(instalments_refund(&instalments, &end, &last, NULL, &refund_cents),
                             0);
            assert_true(refund_cents >= 0 && refund_cents <= before_cents);
            before_cents = refund_cents;
        }
    }
}

static void test_refund_is_bounded(void **state) {
    (void)state;
    struct instalments instalments = {
        .first_day = day("1900-01-01"), .a_year = 52, .instalment_cents = 1};
    struct value_date end = day("2026-01-01"), today = day("2026-01-01");
    struct error error = {0};
    int64_t refund_cents = 7;
    assert_int_equal(instalments_refund(&instalments, &end, &today, &error, &refund_cents),
                     ERROR_TOO_LARGE);
    assert_int_equal(refund_cents, 7);
}

static void expect_end(const char *first_day, const char *today, int first_term_months,
                       int notice_months, const char *expected) {
    struct value_date first = day(first_day), now = day(today), wanted = day(expected);
    struct value_date end = policy_earliest_end(&first, &now, first_term_months, notice_months);
    assert_int_equal(day_compare(&end, &wanted), 0);
}

static void test_notice(void **state) {
    (void)state;
    expect_end("2026-03-01", "2026-06-10", 12, 1, "2027-03-01");
    expect_end("2026-03-01", "2027-02-10", 12, 1, "2027-03-10");
    expect_end("2026-03-01", "2028-05-31", 12, 1, "2028-06-30");
    expect_end("2026-03-01", "2026-06-10", 0, 0, "2026-06-10");
    expect_end("2026-12-01", "2026-06-10", 0, 1, "2026-12-01");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_step),        cmocka_unit_test(test_names),
        cmocka_unit_test(test_refund),            cmocka_unit_test(test_refund_is_whole),
        cmocka_unit_test(test_refund_is_bounded), cmocka_unit_test(test_notice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
