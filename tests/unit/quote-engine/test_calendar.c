/* Dates, times and durations: texts there and back, arithmetic by hand, and every day of a span of
 * years counted one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feel_try.h"
#include "quote-engine/calendar.h"

static struct value read_any(const char *text, const struct moment *moment) {
    static char memory[1 << 20];
    static struct scratch scratch;
    struct value value = value_null();
    if (!scratch.start || scratch.end - scratch.at < CALENDAR_SCRATCH_BYTES)
        scratch_init(&scratch, memory, sizeof memory);
    if (!calendar_read_any(text, strlen(text), moment, &scratch, &value))
        return value_null();
    return value;
}

static const char *write(const struct value *value) {
    static char text[CALENDAR_TEXT_MAX + CALENDAR_ZONE_NAME_MAX + 1];
    text[calendar_write(value, text)] = '\0';
    return text;
}

static void reads_and_writes(void **state) {
    static const struct {
        const char *text;
        enum value_kind kind;
        const char *written;
    } cases[] = {
        {"2026-01-31", VALUE_DATE, "2026-01-31"},
        {"-0001-12-31", VALUE_DATE, "-0001-12-31"},
        {"0000-01-01", VALUE_DATE, "0000-01-01"},
        {"12026-01-31", VALUE_DATE, "12026-01-31"},
        {"999999999-12-31", VALUE_DATE, "999999999-12-31"},
        {"-999999999-01-01", VALUE_DATE, "-999999999-01-01"},
        {"2000-02-29", VALUE_DATE, "2000-02-29"},
        {"10:20:30", VALUE_TIME, "10:20:30"},
        {"24:00:00", VALUE_TIME, "00:00:00"},
        {"10:20:30.100", VALUE_TIME, "10:20:30.1"},
        {"10:20:30.123456789000", VALUE_TIME, "10:20:30.123456789"},
        {"10:20:30Z", VALUE_TIME, "10:20:30Z"},
        {"10:20:30-00:00", VALUE_TIME, "10:20:30Z"},
        {"10:20:30+02:45:55", VALUE_TIME, "10:20:30+02:45:55"},
        {"10:20:30-18:00", VALUE_TIME, "10:20:30-18:00"},
        {"10:20:30@Europe/Paris", VALUE_TIME, "10:20:30@Europe/Paris"},
        {"10:20:30@Etc/UTC", VALUE_TIME, "10:20:30@Etc/UTC"},
        {"2026-12-31T24:00:00Z", VALUE_DATE_TIME, "2027-01-01T00:00:00Z"},
        {"2026-12-31T10:20:30.5@Europe/Paris", VALUE_DATE_TIME,
         "2026-12-31T10:20:30.5@Europe/Paris"},
        {"P1Y14M", VALUE_MONTHS, "P2Y2M"},
        {"-P13M", VALUE_MONTHS, "-P1Y1M"},
        {"P0Y", VALUE_MONTHS, "P0M"},
        {"P24M", VALUE_MONTHS, "P2Y"},
        {"P1DT26H61M61S", VALUE_DURATION, "P2DT3H2M1S"},
        {"PT0.000000001S", VALUE_DURATION, "PT0.000000001S"},
        {"-PT0.25S", VALUE_DURATION, "-PT0.25S"},
        {"-P1DT0.5S", VALUE_DURATION, "-P1DT0.5S"},
        {"-P0D", VALUE_DURATION, "PT0S"},
        {"PT9223372036854775807S", VALUE_DURATION, "P106751991167300DT15H30M7S"},
    };
    struct moment moment = feel_try_moment();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value value = read_any(cases[i].text, &moment);
        if (value.kind != cases[i].kind || strcmp(write(&value), cases[i].written) != 0)
            fail_msg("%s is read as kind %d: %s", cases[i].text, value.kind, write(&value));
    }
}

static void refuses_what_is_none(void **state) {
    static const char *const texts[] = {
        "",           "2026",        "2026-1-01",     "2026-01-1",   "2026-13-01",
        "2026-00-10", "2026-01-32",  "2026-02-29",    "1900-02-29",  "2026-01-00",
        "998-12-31",  "01211-12-31", "+2026-01-01",   "-0000-01-01", "1000000000-01-01",
        "2026-01-01Z", "2026-01-01T", "2026-01-01T10", "2026-01-01 10:00:00",
        "10:20",      "1:20:30",     "10:2:30",       "10:20:3",     "25:00:00",
        "24:00:01",   "24:00:00.1",  "23:60:00",      "23:59:60",    "10:20:30.",
        "10:20:30.1234567891", "10:20:30+5", "10:20:30+05", "10:20:30+5:00", "10:20:30+18:01",
        "10:20:30+01:60", "10:20:30@", "10:20:30@Europe/Nowhere", "10:20:30+01:00@Europe/Paris",
        "10:20:30@../etc", "10:20:30zz",
        "P",          "PT",          "P1",            "1D",          "P1H",
        "P1S",        "P1DT",        "P1Y1D",         "PT1H1D",      "PT1M1H",
        "P-1D",       "P1.5D",       "PT1.5M",        "--P1D",       "P1D ",
        "P9223372036854775808M", "P99999999999999999999Y", "PT9223372036854775808S",
        "P106751991167301D", "9999999999-12-25"};
    struct moment moment = feel_try_moment();
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (read_any(texts[i], &moment).kind != VALUE_NULL)
            fail_msg("read: %s", texts[i]);
    /* Without rules of zones only UTC is known. */
    assert_int_equal(read_any("10:20:30@Europe/Paris", NULL).kind, VALUE_NULL);
    assert_int_equal(read_any("10:20:30@UTC", NULL).kind, VALUE_TIME);
}

static void counts_every_day(void **state) {
    struct value_date date = {-405, 1, 1}, back;
    int64_t days = calendar_days(date);
    int weekday = calendar_weekday(date), day_of_year = 1;
    (void)state;
    while (date.year < 2405) {
        assert_true(calendar_days(date) == days);
        assert_true(calendar_date_from_days(days, &back));
        assert_memory_equal(&back, &date, sizeof date);
        assert_int_equal(calendar_weekday(date), weekday);
        assert_int_equal(calendar_day_of_year(date), day_of_year);
        days++;
        weekday = weekday % 7 + 1;
        day_of_year++;
        if (++date.day > calendar_days_in_month(date.year, date.month)) {
            date.day = 1;
            if (++date.month > 12) {
                date.month = 1;
                date.year++;
                day_of_year = 1;
            }
        }
    }
    assert_int_equal(calendar_days((struct value_date){1970, 1, 1}), 0);
    assert_int_equal(calendar_weekday((struct value_date){2026, 11, 23}), 1);
    assert_false(calendar_date_from_days(INT64_MAX, &back));
    assert_false(calendar_date_from_days(INT64_MIN, &back));
    struct value_date last = {CALENDAR_YEAR_MAX, 12, 31};
    assert_true(calendar_date_from_days(calendar_days(last), &back));
    assert_memory_equal(&back, &last, sizeof last);
    assert_false(calendar_date_from_days(calendar_days(last) + 1, &back));
}

static void numbers_weeks(void **state) {
    static const struct {
        int year, month, day, week;
    } cases[] = {{2005, 1, 1, 53},  {2005, 1, 2, 53},  {2005, 12, 31, 52}, {2006, 1, 1, 52},
                 {2006, 1, 2, 1},   {2007, 12, 31, 1}, {2008, 12, 29, 1},  {2009, 12, 31, 53},
                 {2010, 1, 3, 53},  {2010, 1, 4, 1},   {2026, 11, 23, 48}, {2024, 12, 30, 1}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value_date date = {cases[i].year, (uint8_t)cases[i].month, (uint8_t)cases[i].day};
        assert_int_equal(calendar_week_of_year(date), cases[i].week);
    }
}

static void operates(void **state) {
    static const struct {
        const char *a;
        char operation;
        const char *b, *result; /* NULL: none */
    } cases[] = {
        {"2026-01-31", '+', "P1M", "2026-02-28"},
        {"2024-01-31", '+', "P1M", "2024-02-29"},
        {"2024-02-29", '+', "P1Y", "2025-02-28"},
        {"2024-02-29", '-', "P4Y", "2020-02-29"},
        {"2026-01-01", '-', "P1M", "2025-12-01"},
        {"0000-01-01", '-', "P1M", "-0001-12-01"},
        {"2026-01-01", '+', "PT36H", "2026-01-02"},
        {"2026-01-01", '-', "PT1S", "2025-12-31"},
        {"P1D", '+', "2026-12-31", "2027-01-01"},
        {"999999999-12-31", '+', "P1D", NULL},
        {"999999999-12-31", '+', "P1M", NULL},
        {"2026-01-01", '+', "PT9223372036854775807S", NULL},
        {"2026-01-01T23:59:59", '+', "PT1.5S", "2026-01-02T00:00:00.5"},
        {"2026-01-01T10:00:00+01:00", '+', "P1D", "2026-01-02T10:00:00+01:00"},
        /* the clock goes forward between */
        {"2026-03-30T12:00:00@Europe/Paris", '+', "P3D", "2026-04-02T13:00:00@Europe/Paris"},
        {"2026-01-31T10:00:00", '+', "P1M", "2026-02-28T10:00:00"},
        {"23:00:00", '+', "PT2H", "01:00:00"},
        {"01:00:00Z", '-', "P5DT2H", "23:00:00Z"},
        {"00:00:00", '-', "PT0.1S", "23:59:59.9"},
        {"10:00:00", '+', "P1M", NULL},
        {"10:00:00", '-', "09:30:00", "PT30M"},
        {"10:00:00+01:00", '-', "10:00:00Z", "-PT1H"},
        {"10:00:00", '-', "10:00:00Z", NULL},
        {"2026-01-02", '-', "2026-01-01", "P1D"},
        {"2026-01-02", '-', "2026-01-01T00:00:00Z", "P1D"},
        {"2026-01-02", '-', "2026-01-01T00:00:00", NULL},
        {"2026-01-02T00:00:00.25", '-', "2026-01-01T23:59:59.5", "PT0.75S"},
        {"2026-07-01T12:00:00@Europe/Paris", '-', "2026-07-01T12:00:00Z", "-PT2H"},
        {"2026-01-01", '+', "2026-01-01", NULL},
        {"P1D", '-', "2026-01-01", NULL},
        {"P1Y", '+', "P2M", "P1Y2M"},
        {"P1Y", '-', "P14M", "-P2M"},
        {"P1Y", '+', "P1D", NULL},
        {"P1D", '-', "PT0.5S", "PT23H59M59.5S"},
        {"PT9223372036854775807S", '+', "PT1S", NULL},
        {"-PT9223372036854775807S", '-', "PT2S", NULL},
        {"P1Y", '/', "P5M", "2.4"},
        {"P1D", '/', "PT5H", "4.8"},
        {"P1D", '/', "PT0S", NULL},
        {"P1D", '*', "P1D", NULL},
    };
    static char memory[4096];
    struct moment moment = feel_try_moment();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value a = read_any(cases[i].a, &moment), b = read_any(cases[i].b, &moment);
        struct value result = value_null(), text;
        struct scratch scratch;
        scratch_init(&scratch, memory, sizeof memory);
        bool done = calendar_operate(cases[i].operation, &a, &b, &moment, &scratch, &result);
        assert_int_equal(done, result.kind != VALUE_NULL);
        assert_true(value_to_text(&result, &scratch, &text));
        const char *expected = cases[i].result ? cases[i].result : "null";
        if (text.length != strlen(expected) || memcmp(text.text, expected, text.length) != 0)
            fail_msg("%s %c %s is %.*s", cases[i].a, cases[i].operation, cases[i].b,
                     (int)text.length, text.text);
    }
}

static void scales_durations(void **state) {
    static const struct {
        const char *duration;
        char operation;
        const char *factor, *result;
    } cases[] = {{"P1Y11M", '*', "-2.5", "-P4Y9M"}, {"P10Y11M", '/', "2.5", "P4Y4M"},
                 {"P4DT1H", '*', "1.5", "P6DT1H30M"}, {"PT1S", '/', "3", "PT0.333333333S"},
                 {"-PT1S", '/', "3", "-PT0.333333333S"}, {"P1D", '/', "0", NULL},
                 {"P1D", '*', "1e30", NULL},         {"P1M", '*', "1e30", NULL},
                 {"P1M", '*', "0.9", "P0M"}};
    static char memory[4096];
    struct moment moment = feel_try_moment();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value a = read_any(cases[i].duration, &moment), b = value_null(), result;
        struct scratch scratch;
        scratch_init(&scratch, memory, sizeof memory);
        b.kind = VALUE_NUMBER;
        assert_true(decimal_parse(cases[i].factor, strlen(cases[i].factor), &b.number));
        bool done = calendar_operate(cases[i].operation, &a, &b, &moment, &scratch, &result);
        assert_int_equal(done, cases[i].result != NULL);
        if (done)
            assert_string_equal(write(&result), cases[i].result);
        if (cases[i].operation == '*' && done) {
            assert_true(calendar_operate('*', &b, &a, &moment, &scratch, &result));
            assert_string_equal(write(&result), cases[i].result);
        }
    }
}

static void compares(void **state) {
    static const struct {
        const char *a, *b;
        int order; /* 2: cannot be compared */
    } cases[] = {{"2026-01-01", "2026-01-02", -1},
                 {"-0001-01-01", "0001-01-01", -1},
                 {"10:00:00", "10:00:00.5", 0}, /* whole seconds count */
                 {"10:00:00Z", "11:00:00+01:00", 0},
                 {"10:00:00", "10:00:00Z", 2},
                 {"10:00:00@Europe/Paris", "10:00:00+01:00", 0},
                 {"2026-07-01T12:00:00@Europe/Paris", "2026-07-01T12:00:00+02:00", 0},
                 {"2026-01-01T12:00:00@Europe/Paris", "2026-01-01T12:00:00+02:00", 1},
                 {"2026-01-01T12:00:00", "2026-01-01T12:00:00Z", 2},
                 {"2026-01-01", "2026-01-01T00:00:00Z", 2},
                 {"P1Y", "P13M", -1},
                 {"P1D", "PT24H", 0},
                 {"-PT0.1S", "PT0S", -1},
                 {"P1Y", "P365D", 2}};
    struct moment moment = feel_try_moment();
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct value a = read_any(cases[i].a, &moment), b = read_any(cases[i].b, &moment);
        int order = 2, mirrored = 2;
        bool done = calendar_compare(&a, &b, &moment, &order);
        assert_int_equal(done, calendar_compare(&b, &a, &moment, &mirrored));
        if (order != cases[i].order || (done && mirrored != -order))
            fail_msg("%s against %s gives %d", cases[i].a, cases[i].b, order);
        assert_int_equal(value_equal(&a, &b, &moment), done ? order == 0 : -1);
    }
}

/* What needs scratch memory fails without it, and touches nothing. */
static void needs_its_scratch(void **state) {
    static char memory[64];
    struct moment moment = feel_try_moment();
    struct value a = read_any("2026-01-01T12:00:00", &moment), b = read_any("P1D", &moment);
    struct value result = value_int64(42);
    struct scratch scratch;
    (void)state;
    scratch_init(&scratch, memory, 8);
    assert_false(calendar_operate('+', &a, &b, &moment, &scratch, &result));
    assert_int_equal(result.kind, VALUE_NUMBER);
    assert_false(calendar_read_any("10:00:00", 8, &moment, &scratch, &result));
    assert_int_equal(result.kind, VALUE_NUMBER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes), cmocka_unit_test(refuses_what_is_none),
        cmocka_unit_test(counts_every_day), cmocka_unit_test(numbers_weeks),
        cmocka_unit_test(operates),         cmocka_unit_test(scales_durations),
        cmocka_unit_test(compares),         cmocka_unit_test(needs_its_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
