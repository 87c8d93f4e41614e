/* Arithmetic with dates, against the calendar's known corners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/calendar_day.h"

static struct value_date day(const char *text) {
    struct value_date date = {0};
    assert_true(day_read(text, &date));
    return date;
}

static void expect(const struct value_date *date, const char *text) {
    char written[CLOCK_DATE_MAX];
    day_write(date, written);
    assert_string_equal(written, text);
}

static void test_reading(void **state) {
    (void)state;
    static const char *const wrong[] = {"2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00",
                                        "2026-1-01",  "0000-01-01", "2026-01-011", "",
                                        "2026/01/01", "-026-01-01", "2026-04-31"};
    struct value_date date = {.year = 7};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(day_read(wrong[i], &date));
    assert_int_equal(date.year, 7);
    date = day("2024-02-29");
    expect(&date, "2024-02-29");
}

static void test_adding_days(void **state) {
    (void)state;
    static const struct {
        const char *from;
        int64_t days;
        const char *to;
    } cases[] = {{"2026-02-28", 1, "2026-03-01"},  {"2024-02-28", 1, "2024-02-29"},
                 {"2000-02-28", 2, "2000-03-01"},  {"1900-02-28", 1, "1900-03-01"},
                 {"2026-12-31", 1, "2027-01-01"},  {"2026-01-01", -1, "2025-12-31"},
                 {"2026-11-23", 30, "2026-12-23"}, {"1970-01-01", 20000, "2024-10-04"},
                 {"9999-12-31", 1, "9999-12-31"},  {"0001-01-01", -1, "0001-01-01"},
                 {"2026-01-01", INT64_MAX, "9999-12-31"},
                 {"2026-01-01", INT64_MIN, "0001-01-01"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value_date from = day(cases[i].from), to = day_add(&from, cases[i].days);
        expect(&to, cases[i].to);
    }
    struct value_date date = day("0001-01-01");
    int days = 0;
    for (; date.year < 2401; days++) {
        struct value_date next = day_add(&date, 1);
        assert_int_equal(day_compare(&date, &next), -1);
        assert_true(next.day == date.day + 1 || next.day == 1);
        date = next;
    }
    assert_int_equal(days, 6 * 146097);
}

static void test_bounds(void **state) {
    (void)state;
    static const struct {
        const char *bound, *from, *to;
    } cases[] = {{"2020-05-17", "2026-11-23", "2020-05-17"}, {"P0D", "2026-11-23", "2026-11-23"},
                 {"-P18Y", "2026-11-23", "2008-11-23"},      {"-P18Y", "2024-02-29", "2006-02-28"},
                 {"P3M", "2026-11-30", "2027-02-28"},        {"-P1M", "2026-03-31", "2026-02-28"},
                 {"P10D", "2026-12-25", "2027-01-04"},
                 {"-P99999Y", "2026-01-01", "0001-01-01"},
                 {"P99999M", "2026-01-15", "9999-12-15"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value_date from = day(cases[i].from), to;
        assert_true(day_bound(cases[i].bound, &from, &to));
        expect(&to, cases[i].to);
    }
    static const char *const wrong[] = {"",   "P",    "-P",       "P1",  "P1W",
                                        "1D", "P1D2", "P123456D", "P-1D"};
    struct value_date from = day("2026-01-01"), to;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(day_bound(wrong[i], &from, &to));
}

static void test_moment_is_on_amsterdams_clock(void **state) {
    (void)state;
    struct moment moment;
    int64_t instant_us;
    /* In summer two hours ahead: just past midnight of the next day. */
    assert_true(clock_read_instant("2026-07-01T22:30:00.5Z", 22, &instant_us));
    moment_at(instant_us, &moment);
    expect(&moment.now.date, "2026-07-02");
    assert_int_equal(moment.now.time.nanosecond_of_day, 1800500000000);
    assert_int_equal(moment.now.time.zone.kind, ZONE_NAMED);
    struct value_date date = day_at(instant_us);
    expect(&date, "2026-07-02");
    assert_true(clock_read_instant("2026-12-01T22:30:00Z", 20, &instant_us));
    moment_at(instant_us, &moment);
    expect(&moment.now.date, "2026-12-01");
    assert_int_equal(moment.now.time.nanosecond_of_day, (23 * 3600 + 1800) * 1000000000LL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_reading),
                                       cmocka_unit_test(test_adding_days),
                                       cmocka_unit_test(test_bounds),
                                       cmocka_unit_test(test_moment_is_on_amsterdams_clock)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
