/* Working hours: holidays by the calendar's known years, deadlines over nights, weekends, holidays
 * and the days on which clocks change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "domain/working_hours.h"

static int64_t at(const char *text) {
    int64_t instant_us = 0;
    if (!clock_read_instant(text, strlen(text), &instant_us)) fail_msg("no instant: %s", text);
    return instant_us;
}

static struct value_date day(const char *text) {
    struct value_date date = {0};
    if (!day_read(text, &date)) fail_msg("no date: %s", text);
    return date;
}

/* Easter Sundays as almanacs have them, the earliest and latest possible ones among them. */
static void test_easter(void **state) {
    (void)state;
    static const char *const sundays[] = {
        "1598-03-22", "1818-03-22", "1886-04-25", "1943-04-25", "1954-04-18", "1961-04-02",
        "1981-04-19", "2000-04-23", "2008-03-23", "2011-04-24", "2014-04-20", "2019-04-21",
        "2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01",
        "2030-04-21", "2038-04-25", "2049-04-18", "2076-04-19", "2285-03-22"};
    for (size_t i = 0; i < sizeof sundays / sizeof *sundays; i++) {
        struct value_date sunday = day(sundays[i]);
        struct value_date easter = working_hours_easter(sunday.year);
        char text[CLOCK_DATE_MAX];
        day_write(&easter, text);
        assert_string_equal(text, sundays[i]);
    }
    for (int year = 1583; year < 3000; year++) {
        struct value_date easter = working_hours_easter(year);
        int64_t number = clock_days(year, easter.month, easter.day);
        assert_int_equal((number + 3) % 7 + (number < -3 ? 7 : 0), 6);
        assert_true(number >= clock_days(year, 3, 22) && number <= clock_days(year, 4, 25));
    }
}

static void test_holidays(void **state) {
    (void)state;
    static const struct {
        const char *date, *name; /* NULL: none */
    } cases[] = {{"2026-01-01", "New Year's Day"}, {"2026-04-03", "Good Friday"},
                 {"2026-04-04", NULL},             {"2026-04-05", "Easter Sunday"},
                 {"2026-04-06", "Easter Monday"},  {"2026-04-07", NULL},
                 {"2026-04-27", "King's Day"},     {"2026-04-26", NULL},
                 {"2025-04-26", "King's Day"},     {"2025-04-27", NULL},
                 {"2014-04-26", "King's Day"},     {"2014-04-27", NULL},
                 {"2013-04-30", "King's Day"},     {"2013-04-27", NULL},
                 {"2006-04-29", "King's Day"},     {"2006-04-30", NULL},
                 {"2026-05-05", "Liberation Day"}, {"2026-05-14", "Ascension Day"},
                 {"2026-05-25", "Whit Monday"},    {"2026-12-24", NULL},
                 {"2026-12-25", "Christmas Day"},  {"2026-12-26", "Boxing Day"},
                 {"2026-12-31", NULL},             {"2026-11-23", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct value_date date = day(cases[i].date);
        const struct text *name = working_hours_holiday(&date);
        if (!cases[i].name) assert_null(name);
        else assert_string_equal(name ? name->en : cases[i].date, cases[i].name);
    }
    struct value_date monday = day("2026-11-23"), sunday = day("2026-11-22");
    struct value_date whit_monday = day("2026-05-25");
    assert_true(working_hours_day(&monday));
    assert_false(working_hours_day(&sunday));
    assert_false(working_hours_day(&whit_monday));
}

static void test_deadlines(void **state) {
    (void)state;
    static const struct {
        const char *from;
        int hours;
        const char *deadline;
    } cases[] = {
        /* A Monday in winter: nine o'clock is eight in UTC. */
        {"2026-11-23T09:00:00+01:00", 8, "2026-11-23T17:00:00+01:00"},
        {"2026-11-23T10:30:00+01:00", 4, "2026-11-23T14:30:00+01:00"},
        {"2026-11-23T10:30:00+01:00", 8, "2026-11-24T10:30:00+01:00"},
        {"2026-11-23T03:00:00+01:00", 1, "2026-11-23T10:00:00+01:00"},
        {"2026-11-23T17:00:00+01:00", 1, "2026-11-24T10:00:00+01:00"},
        {"2026-11-23T23:59:59+01:00", 1, "2026-11-24T10:00:00+01:00"},
        {"2026-11-23T16:59:59+01:00", 1, "2026-11-24T09:59:59+01:00"},
        {"2026-11-23T22:10:00+01:00", 0, "2026-11-23T22:10:00+01:00"},
        {"2026-11-23T22:10:00+01:00", -5, "2026-11-23T22:10:00+01:00"},
        /* Friday afternoon, Saturday, Sunday. */
        {"2026-11-27T16:00:00+01:00", 2, "2026-11-30T10:00:00+01:00"},
        {"2026-11-28T12:00:00+01:00", 1, "2026-11-30T10:00:00+01:00"},
        {"2026-11-29T12:00:00+01:00", 8, "2026-11-30T17:00:00+01:00"},
        /* Easter: from Thursday to Tuesday, in summer time. */
        {"2026-04-02T15:00:00+02:00", 4, "2026-04-07T11:00:00+02:00"},
        /* Christmas on Friday and Saturday; New Year's Day is a Friday. */
        {"2026-12-24T16:00:00+01:00", 2, "2026-12-28T10:00:00+01:00"},
        {"2026-12-31T16:30:00+01:00", 1, "2027-01-04T09:30:00+01:00"},
        /* King's Day and Liberation Day within nine days. */
        {"2026-04-24T16:00:00+02:00", 9, "2026-04-28T17:00:00+02:00"},
        {"2026-05-04T16:00:00+02:00", 2, "2026-05-06T10:00:00+02:00"},
        /* The clocks change on Sundays: what is promised is the time on the clock. */
        {"2026-03-27T16:00:00+01:00", 2, "2026-03-30T10:00:00+02:00"},
        {"2026-10-23T16:00:00+02:00", 2, "2026-10-26T10:00:00+01:00"},
        {"2026-03-29T01:59:59+01:00", 1, "2026-03-30T10:00:00+02:00"},
        /* Ten working days over Ascension Day and Whit Monday. */
        {"2026-05-13T09:00:00+02:00", 80, "2026-05-28T17:00:00+02:00"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char got[CLOCK_INSTANT_MAX], expected[CLOCK_INSTANT_MAX];
        clock_write_instant(working_hours_deadline(at(cases[i].from), cases[i].hours), got);
        clock_write_instant(at(cases[i].deadline), expected);
        if (strcmp(got, expected) != 0)
            fail_msg("%s + %d: %s, not %s", cases[i].from, cases[i].hours, got, expected);
    }
    assert_true(working_hours_deadline(0, INT32_MAX) ==
                working_hours_deadline(0, WORKING_HOURS_MAX));
}

static void test_between(void **state) {
    (void)state;
    static const struct {
        const char *from, *until;
        int64_t minutes;
    } cases[] = {{"2026-11-23T09:00:00+01:00", "2026-11-23T17:00:00+01:00", 480},
                 {"2026-11-23T00:00:00+01:00", "2026-11-24T00:00:00+01:00", 480},
                 {"2026-11-23T10:00:00+01:00", "2026-11-23T10:01:00+01:00", 1},
                 {"2026-11-23T18:00:00+01:00", "2026-11-24T08:00:00+01:00", 0},
                 {"2026-11-27T16:00:00+01:00", "2026-11-30T10:00:00+01:00", 120},
                 {"2026-11-28T10:00:00+01:00", "2026-11-28T16:00:00+01:00", 0},
                 {"2026-03-27T16:00:00+01:00", "2026-03-30T10:00:00+02:00", 120},
                 {"2026-12-24T16:00:00+01:00", "2026-12-28T10:00:00+01:00", 120},
                 {"2026-11-23T10:00:00+01:00", "2026-11-23T10:00:00+01:00", 0},
                 {"2026-11-24T10:00:00+01:00", "2026-11-23T10:00:00+01:00", 0},
                 {"2026-11-23T08:00:00+01:00", "2026-11-23T08:30:00+01:00", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(working_hours_between(at(cases[i].from), at(cases[i].until)),
                         cases[i].minutes * 60000000);
    assert_true(working_hours_between(0, INT64_MAX / 2) > 0);
}

/* A deadline lies exactly as many working hours ahead as it promises, whenever it is set. */
static void test_agreement(void **state) {
    (void)state;
    int64_t from_us = at("2026-01-01T00:00:00Z");
    for (int i = 0; i < 3000; i++) {
        int hours = i % 40 + 1;
        int64_t deadline_us = working_hours_deadline(from_us, hours);
        assert_true(deadline_us > from_us);
        assert_true(working_hours_between(from_us, deadline_us) == hours * WORKING_HOUR_US);
        assert_true(working_hours_between(from_us, deadline_us - 1) ==
                    hours * WORKING_HOUR_US - 1);
        from_us += INT64_C(10007000000);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_easter), cmocka_unit_test(test_holidays),
        cmocka_unit_test(test_deadlines), cmocka_unit_test(test_between),
        cmocka_unit_test(test_agreement)};
    return cmocka_run_group_tests_name("server/domain working hours", tests, NULL, NULL);
}
