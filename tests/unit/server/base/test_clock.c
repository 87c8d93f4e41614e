/* The calendar, instants as text, and the rules of time zones: listed changes, the closing rule,
 * gaps and overlaps, years far away, and names that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/zone.h"

static int64_t seconds_of(int64_t year, int month, int day, int hour, int minute, int second) {
    return clock_days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
}

static int32_t offset_of(const char *zone, int64_t local) {
    int32_t offset = -1;
    assert_true(clock_zone_offset(NULL, zone, strlen(zone), local, &offset));
    return offset;
}

static int32_t offset_utc(const char *zone, int64_t utc) {
    int32_t offset = -1;
    assert_true(clock_zone_offset_utc(zone, strlen(zone), utc, &offset));
    return offset;
}

static void calendar_goes_round(void **state) {
    (void)state;
    assert_int_equal(clock_days(1970, 1, 1), 0);
    assert_int_equal(clock_days(2000, 3, 1), 11017);
    assert_int_equal(clock_days(1600, 2, 29), -135081);
    assert_int_equal(clock_days(2026, 2, 30), clock_days(2026, 3, 2));
    int64_t expected_year = -801;
    int expected_month = 1, expected_day = 1;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int64_t days = clock_days(-801, 1, 1); days < clock_days(2801, 1, 1); days++) {
        int64_t year;
        int month, day;
        clock_date(days, &year, &month, &day);
        assert_int_equal(year, expected_year);
        assert_int_equal(month, expected_month);
        assert_int_equal(day, expected_day);
        assert_int_equal(clock_days(year, month, day), days);
        bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        if (++expected_day > lengths[month - 1] + (month == 2 && leap)) {
            expected_day = 1;
            if (++expected_month > 12) {
                expected_month = 1;
                expected_year++;
            }
        }
    }
}

static void instants_are_written(void **state) {
    (void)state;
    char text[CLOCK_INSTANT_MAX];
    clock_write_instant(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    clock_write_instant(INT64_C(1795435176123456), text);
    assert_string_equal(text, "2026-11-23T11:59:36.123456Z");
    clock_write_instant(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
    clock_write_instant(INT64_MAX, text);
    clock_write_instant(INT64_MIN, text);
    assert_true(strlen(text) < CLOCK_INSTANT_MAX);
}

static void instants_are_read(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t instant_us;
    } good[] = {
        {"2026-11-23T11:59:36.123456Z", INT64_C(1795435176123456)},
        {"2026-11-23T12:59:36.1234569+01:00", INT64_C(1795435176123456)},
        {"2026-11-23t06:29:36.5-05:30", INT64_C(1795435176500000)},
        {"1969-12-31T23:59:59.999999Z", -1},
        {"2024-02-29T00:00:00z", INT64_C(1709164800000000)},
    };
    static const char *const bad[] = {
        "", "2026-11-23", "2026-11-23T11:59:36", "2026-11-23T11:59:36.Z", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00Zx",
        "26-01-01T00:00:00Z", "2026-1-01T00:00:00Z", "2026-01-01T00:00:00+0100",
        "2026-01-01T00:00:00.123456789012345678901234567890123456789012345678901234567890Z",
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t instant = 0;
        assert_true(clock_read_instant(good[i].text, strlen(good[i].text), &instant));
        assert_int_equal(instant, good[i].instant_us);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t instant = 42;
        assert_false(clock_read_instant(bad[i], strlen(bad[i]), &instant));
        assert_int_equal(instant, 42);
    }
    int64_t instant = 42;
    assert_false(clock_read_instant("2026-01-01T00:00:00Z", 19, &instant));
    assert_false(clock_read_instant("2026-01-01T00:00:00\0", 20, &instant));
}

static void clock_never_goes_back(void **state) {
    (void)state;
    int64_t last = clock_now_us();
    assert_true(last > INT64_C(1700000000000000));
    for (int i = 0; i < 100000; i++) {
        int64_t now = clock_now_us();
        assert_true(now >= last);
        last = now;
    }
}

/* 29 March 2026 01:00 UTC: 02:00 to 03:00 does not exist. 25 October 01:00 UTC: 02:00 to 03:00
 * comes twice. The same for 2050, from the closing rule: 27 March and 30 October. */
static void amsterdam_changes(void **state) {
    (void)state;
    static const struct {
        int year, spring_day, autumn_day;
    } years[] = {{2026, 29, 25}, {2050, 27, 30}, {2426, 29, 25}, {9999, 28, 31}};
    const char *zone = "Europe/Amsterdam";
    for (size_t i = 0; i < sizeof years / sizeof years[0]; i++) {
        int64_t year = years[i].year;
        int spring = years[i].spring_day, autumn = years[i].autumn_day;
        assert_int_equal(offset_of(zone, seconds_of(year, 3, spring, 1, 59, 59)), 3600);
        assert_int_equal(offset_of(zone, seconds_of(year, 3, spring, 2, 0, 0)), 3600);
        assert_int_equal(offset_of(zone, seconds_of(year, 3, spring, 2, 59, 59)), 3600);
        assert_int_equal(offset_of(zone, seconds_of(year, 3, spring, 3, 0, 0)), 7200);
        assert_int_equal(offset_of(zone, seconds_of(year, 10, autumn, 1, 59, 59)), 7200);
        assert_int_equal(offset_of(zone, seconds_of(year, 10, autumn, 2, 0, 0)), 7200);
        assert_int_equal(offset_of(zone, seconds_of(year, 10, autumn, 2, 59, 59)), 7200);
        assert_int_equal(offset_of(zone, seconds_of(year, 10, autumn, 3, 0, 0)), 3600);
        assert_int_equal(offset_utc(zone, seconds_of(year, 3, spring, 0, 59, 59)), 3600);
        assert_int_equal(offset_utc(zone, seconds_of(year, 3, spring, 1, 0, 0)), 7200);
        assert_int_equal(offset_utc(zone, seconds_of(year, 10, autumn, 0, 59, 59)), 7200);
        assert_int_equal(offset_utc(zone, seconds_of(year, 10, autumn, 1, 0, 0)), 3600);
    }
}

static void other_zones(void **state) {
    (void)state;
    assert_int_equal(offset_of("UTC", 0), 0);
    assert_int_equal(offset_of("Etc/GMT+5", 0), -5 * 3600);
    assert_int_equal(offset_of("Asia/Kolkata", seconds_of(2026, 1, 1, 0, 0, 0)), 19800);
    /* Summer at the turn of the year; and a change of half an hour. */
    assert_int_equal(offset_of("Australia/Sydney", seconds_of(2060, 1, 1, 0, 0, 0)), 39600);
    assert_int_equal(offset_of("Australia/Sydney", seconds_of(2060, 7, 1, 0, 0, 0)), 36000);
    assert_int_equal(offset_of("Australia/Lord_Howe", seconds_of(2060, 1, 1, 0, 0, 0)), 39600);
    assert_int_equal(offset_of("Australia/Lord_Howe", seconds_of(2060, 7, 1, 0, 0, 0)), 37800);
    assert_int_equal(offset_of("America/New_York", seconds_of(2045, 7, 4, 12, 0, 0)), -14400);
    /* Before the first change stands local mean time. */
    assert_int_equal(offset_of("America/New_York", seconds_of(1800, 1, 1, 0, 0, 0)), -17762);
}

static void unknown_zones(void **state) {
    (void)state;
    static const char *const names[] = {
        "", "Europe/Atlantis", "../../etc/passwd", "/etc/passwd", "Europe", "zone.tab",
        "Europe/Amsterdam ", "Europe/", "a/very/long/name/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "aaaaaaaaaaaaaaaaaaaaa",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int32_t offset = 42;
        assert_false(clock_zone_offset(NULL, names[i], strlen(names[i]), 0, &offset));
        assert_false(clock_zone_offset_utc(names[i], strlen(names[i]), 0, &offset));
        assert_int_equal(offset, 42);
    }
    int32_t offset;
    assert_false(clock_zone_offset(NULL, "Europe\0Amsterdam", 16, 0, &offset));
}

static void extreme_instants(void **state) {
    (void)state;
    static const int64_t extremes[] = {INT64_MIN, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1,
                                       INT64_C(31556889864403199), INT64_C(-31557014167219200)};
    for (size_t i = 0; i < sizeof extremes / sizeof extremes[0]; i++) {
        offset_of("Europe/Amsterdam", extremes[i]);
        offset_utc("Europe/Amsterdam", extremes[i]);
        offset_of("Etc/UTC", extremes[i]);
    }
}

static void rules_are_read(void **state) {
    (void)state;
    static const char *const bad[] = {
        "", "CE", "CET", "CET-", "CET-1CEST", "CET-1CEST,", "CET-1CEST,M3.5.0", "CET-25",
        "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0",
        "CET-1CEST,J0,J1", "CET-1CEST,366,1", "CET-1CEST,M3.5.0/168,M10.5.0", "<CET-1",
        "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-99999999999999999999", "CET-1:60",
    };
    struct zone_rule rule;
    struct zone_change changes[2];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(zone_rule_read(bad[i], strlen(bad[i]), &rule));
    /* Greenland: changes the evening before, written with a negative hour. */
    const char *nuuk = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0";
    assert_true(zone_rule_read(nuuk, strlen(nuuk), &rule));
    assert_int_equal(zone_rule_changes(&rule, 2026, changes), 2);
    assert_int_equal(changes[0].at_seconds, seconds_of(2026, 3, 29, 1, 0, 0));
    assert_int_equal(changes[1].at_seconds, seconds_of(2026, 10, 25, 1, 0, 0));
    /* Days without and with the leap day. */
    assert_true(zone_rule_read("AAA0BBB,J60/0,300/0", 19, &rule));
    zone_rule_changes(&rule, 2024, changes);
    assert_int_equal(changes[0].at_seconds, seconds_of(2024, 3, 1, 0, 0, 0));
    assert_int_equal(changes[1].at_seconds, seconds_of(2024, 10, 27, 0, 0, 0) - 3600);
    zone_rule_changes(&rule, 2026, changes);
    assert_int_equal(changes[0].at_seconds, seconds_of(2026, 3, 1, 0, 0, 0));
}

static void amsterdam_dates(void **state) {
    (void)state;
    char text[CLOCK_DATE_MAX];
    int year, month, day;
    int64_t new_year = clock_amsterdam_midnight_us(2027, 1, 1);
    assert_int_equal(new_year, (seconds_of(2026, 12, 31, 23, 0, 0)) * 1000000);
    clock_amsterdam_date(new_year - 1, &year, &month, &day);
    assert_int_equal(year * 10000 + month * 100 + day, 20261231);
    clock_amsterdam_date_text(new_year, text);
    assert_string_equal(text, "2027-01-01");
    assert_int_equal(clock_amsterdam_midnight_us(2026, 7, 1),
                     seconds_of(2026, 6, 30, 22, 0, 0) * 1000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendar_goes_round), cmocka_unit_test(instants_are_written),
        cmocka_unit_test(instants_are_read),   cmocka_unit_test(clock_never_goes_back),
        cmocka_unit_test(amsterdam_changes),   cmocka_unit_test(other_zones),
        cmocka_unit_test(unknown_zones),       cmocka_unit_test(extreme_instants),
        cmocka_unit_test(rules_are_read),      cmocka_unit_test(amsterdam_dates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
