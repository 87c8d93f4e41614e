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
    {POLICY_ACTIVE, TRANSACTION_CANCEL, "PO", POLICY_CANCELLED},
    {POLICY_ACTIVE, TRANSACTION_CHANGE, "PO", POLICY_ACTIVE},
    {POLICY_ACTIVE, TRANSACTION_PREPARE, "S", POLICY_ACTIVE},
    {POLICY_ACTIVE, TRANSACTION_RENEW, "S", POLICY_ACTIVE},
    {CHANGE_OFFERED, TRANSACTION_CONFIRM, "PO", CHANGE_CONFIRMED},
    {CHANGE_OFFERED, TRANSACTION_WITHDRAW, "PO", CHANGE_WITHDRAWN},
    {CHANGE_OFFERED, TRANSACTION_EXPIRE, "S", CHANGE_EXPIRED},
    {CHANGE_OFFERED, TRANSACTION_OVERTAKE, "S", CHANGE_OVERTAKEN},
    {CHANGE_REFERRED, TRANSACTION_CONFIRM, "PO", CHANGE_IN_REVIEW},
    {CHANGE_REFERRED, TRANSACTION_WITHDRAW, "PO", CHANGE_WITHDRAWN},
    {CHANGE_REFERRED, TRANSACTION_EXPIRE, "S", CHANGE_EXPIRED},
    {CHANGE_REFERRED, TRANSACTION_OVERTAKE, "S", CHANGE_OVERTAKEN},
    {CHANGE_IN_REVIEW, TRANSACTION_APPROVE, "O", CHANGE_CONFIRMED},
    {CHANGE_IN_REVIEW, TRANSACTION_REJECT, "O", CHANGE_REJECTED},
    {CHANGE_IN_REVIEW, TRANSACTION_WITHDRAW, "PO", CHANGE_WITHDRAWN},
    {CHANGE_IN_REVIEW, TRANSACTION_EXPIRE, "S", CHANGE_EXPIRED},
    {CHANGE_IN_REVIEW, TRANSACTION_OVERTAKE, "S", CHANGE_OVERTAKEN},
    {RENEWAL_OFFERED, TRANSACTION_RENEW, "S", RENEWAL_IN_EFFECT},
    {RENEWAL_OFFERED, TRANSACTION_STOP, "O", RENEWAL_STOPPED},
    {RENEWAL_OFFERED, TRANSACTION_OVERTAKE, "S", RENEWAL_OVERTAKEN},
    {RENEWAL_IN_REVIEW, TRANSACTION_APPROVE, "O", RENEWAL_APPROVED},
    {RENEWAL_IN_REVIEW, TRANSACTION_REJECT, "O", RENEWAL_REJECTED},
    {RENEWAL_IN_REVIEW, TRANSACTION_STOP, "O", RENEWAL_STOPPED},
    {RENEWAL_IN_REVIEW, TRANSACTION_EXPIRE, "S", RENEWAL_EXPIRED},
    {RENEWAL_IN_REVIEW, TRANSACTION_OVERTAKE, "S", RENEWAL_OVERTAKEN},
    {RENEWAL_APPROVED, TRANSACTION_RENEW, "S", RENEWAL_IN_EFFECT},
    {RENEWAL_APPROVED, TRANSACTION_STOP, "O", RENEWAL_STOPPED},
    {RENEWAL_APPROVED, TRANSACTION_OVERTAKE, "S", RENEWAL_OVERTAKEN}};

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
    for (int at = CHANGE_OFFERED; at <= CHANGE_OVERTAKEN; at++)
        assert_int_equal(change_state_read(transaction_state_text((enum transaction_state)at)), at);
    for (int at = RENEWAL_OFFERED; at <= RENEWAL_OVERTAKEN; at++)
        assert_int_equal(renewal_state_read(transaction_state_text((enum transaction_state)at)),
                         at);
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

/* Terms that begin later: each day is paid back at what it cost. */
static void test_refund_by_date(void **state) {
    (void)state;
    const struct instalments_later later[] = {{day("2026-03-11"), 6200}, {day("2026-05-01"), 310}};
    struct instalments instalments = {.first_day = day("2026-03-01"),
                                      .a_year = 12,
                                      .instalment_cents = 3100,
                                      .later = later,
                                      .later_count = 2};
    static const struct {
        const char *end, *today;
        int64_t refund_cents;
    } cases[] = {{"2026-03-01", "2026-03-05", 10 * 100 + 21 * 200},
                 {"2026-03-06", "2026-03-05", 5 * 100 + 21 * 200},
                 {"2026-03-22", "2026-03-05", 10 * 200},
                 {"2026-03-22", "2026-05-05", 10 * 200 + 6200 + 310},
                 {"2026-05-31", "2026-05-05", 10}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value_date end = day(cases[i].end), today = day(cases[i].today);
        int64_t refund_cents = -1;
        assert_int_equal(instalments_refund(&instalments, &end, &today, NULL, &refund_cents), 0);
        assert_int_equal(refund_cents, cases[i].refund_cents);
    }
}

static void expect_difference(const char *from, const char *until, const char *today,
                              int64_t instalment_cents, int64_t difference_cents,
                              int64_t settlement_cents) {
    struct instalments instalments = {
        .first_day = day("2026-03-01"), .a_year = 12, .instalment_cents = 3100};
    struct value_date from_day = day(from), until_day = day(until), today_day = day(today);
    int64_t difference = INT64_MAX, settlement = INT64_MAX;
    assert_int_equal(instalments_difference(&instalments, &from_day, &until_day, &today_day,
                                            instalment_cents, NULL, &difference, &settlement),
                     0);
    assert_int_equal(difference, difference_cents);
    assert_int_equal(settlement, settlement_cents);
}

static void test_difference(void **state) {
    (void)state;
    /* Ten of March's 31 days, and eleven months; the first instalment was asked before. */
    expect_difference("2026-03-22", "2027-03-01", "2026-03-05", 6200, 1000 + 11 * 3100, 1000);
    expect_difference("2026-03-22", "2027-03-01", "2026-03-05", 0, -1000 - 11 * 3100, -1000);
    /* From a day on which an instalment begins, and is not due yet: nothing is settled. */
    expect_difference("2026-04-01", "2026-06-01", "2026-03-05", 6200, 2 * 3100, 0);
    /* Due already, since it lies back. */
    expect_difference("2026-03-01", "2026-05-01", "2026-04-10", 6200, 2 * 3100, 2 * 3100);
    expect_difference("2026-03-01", "2026-03-01", "2026-03-01", 6200, 0, 0);
    /* Half a cent goes away from zero, on both sides. */
    expect_difference("2026-04-16", "2026-05-01", "2026-04-16", 3101, 1, 1);
    expect_difference("2026-04-16", "2026-05-01", "2026-04-16", 3099, -1, -1);
}

static void test_due_date(void **state) {
    (void)state;
    static const struct {
        const char *first, *day, *due;
        int months;
    } cases[] = {{"2026-03-01", "2026-03-01", "2027-03-01", 12},
                 {"2026-03-01", "2027-02-28", "2027-03-01", 12},
                 {"2026-03-01", "2027-03-01", "2028-03-01", 12},
                 {"2024-02-29", "2025-02-28", "2026-02-28", 12},
                 {"2024-02-29", "2027-12-01", "2028-02-29", 12},
                 {"2026-01-31", "2026-02-28", "2026-03-31", 1},
                 {"2026-01-31", "2026-01-31", "2026-02-28", 1},
                 {"2026-12-01", "2026-06-10", "2027-12-01", 12}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value_date first = day(cases[i].first), at = day(cases[i].day);
        struct value_date wanted = day(cases[i].due);
        struct value_date due = policy_due_date(&first, cases[i].months, &at);
        assert_int_equal(day_compare(&due, &wanted), 0);
    }
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
        cmocka_unit_test(test_refund_is_bounded), cmocka_unit_test(test_refund_by_date),
        cmocka_unit_test(test_difference),        cmocka_unit_test(test_due_date),
        cmocka_unit_test(test_notice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
