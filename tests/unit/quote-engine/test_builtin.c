/* The built-in functions, each by expressions and the values they must give; "null" rows are
 * errors that FEEL answers with null. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feel_try.h"

struct row {
    const char *expression, *result;
};

static void try_rows(const struct row *rows, size_t count) {
    char reason[PROBLEM_TEXT_MAX];
    int wrong = 0;
    for (size_t i = 0; i < count; i++) {
        const char *result = feel_try(rows[i].expression, reason);
        if (strcmp(result, rows[i].result) == 0)
            continue;
        print_error("%s\n  gives %s instead of %s (%s)\n", rows[i].expression, result,
                    rows[i].result, reason);
        wrong++;
    }
    assert_int_equal(wrong, 0);
}
#define TRY(rows) try_rows(rows, sizeof(rows) / sizeof(rows)[0])

static void conversions(void **state) {
    static const struct row rows[] = {
        {"date(\"2026-02-28\")", "@\"2026-02-28\""},
        {"date(\"2026-02-29\")", "null"},
        {"date(2024, 2, 29)", "@\"2024-02-29\""},
        {"date(2026, 2, 29)", "null"},
        {"date(2026.5, 2, 1)", "null"},
        {"date(1e30, 2, 1)", "null"},
        {"date(year: 2026, month: 1, day: 2)", "@\"2026-01-02\""},
        {"date([\"2026-02-28\"])", "@\"2026-02-28\""},
        {"date(date and time(\"2026-02-28T23:00:00-11:00\"))", "@\"2026-02-28\""},
        {"date(5)", "null"},
        {"time(\"24:00:00\")", "@\"00:00:00\""},
        {"time(10, 20, 30.25)", "@\"10:20:30.25\""},
        {"time(10, 20, 30, duration(\"-PT2H30M\"))", "@\"10:20:30-02:30\""},
        {"time(10, 20, 30, duration(\"PT18H1S\"))", "null"},
        {"time(10, 20, 60)", "null"},
        {"time(10, 20, -1)", "null"},
        {"time(date(\"2026-01-01\"))", "@\"00:00:00Z\""},
        {"date and time(\"2026-01-01T24:00:00\")", "@\"2026-01-02T00:00:00\""},
        {"date and time(date(\"2026-01-01\"), time(\"10:00:00@Europe/Paris\"))",
         "@\"2026-01-01T10:00:00@Europe/Paris\""},
        {"date and time(\"2026-01-01T10:00:00@Europe/Nowhere\")", "null"},
        {"date and time(date(\"2026-01-01\"), \"10:00:00\")", "null"},
        {"duration(\"P1Y14M\")", "@\"P2Y2M\""},
        {"duration(\"-PT90M\")", "@\"-PT1H30M\""},
        {"duration(\"P1YT1H\")", "null"},
        {"duration(\"P99999999999999999999D\")", "null"},
        {"years and months duration(@\"2024-02-29\", @\"2025-02-28\")", "@\"P11M\""},
        {"years and months duration(@\"2025-02-28\", @\"2024-02-29\")", "@\"-P11M\""},
        {"number(\"1 234,50\", \" \", \",\")", "1234.5"},
        {"number(\"1.234.567,5\", \".\", \",\")", "1234567.5"},
        {"number(\"1,234.5\", \",\", \".\")", "1234.5"},
        {"number(from: \"12.5\", grouping separator: null, decimal separator: \".\")", "12.5"},
        {"number(\"12.5\", \".\", \".\")", "null"},
        {"number(\"12.5\", null, \",\")", "null"},
        {"number(\"12.5\", \";\", \",\")", "null"},
        {"number(\"abc\", null, null)", "null"},
        {"number(\"1e400\", null, null)", "1" /* followed by 400 zeros; see below */},
        {"string(1.50)", "\"1.5\""},
        {"string(10 / 4)", "\"2.5\""},
        {"string(1e3)", "\"1000\""},
        {"string(true)", "\"true\""},
        {"string(null)", "null"},
        {"string(\"a\")", "\"a\""},
        {"string([1, \"a\\\"b\", null])", "\"[1, \\\"a\\\\\\\"b\\\", null]\""},
        {"string({a: 1, \"b-c\": [2]})", "\"{a: 1, \\\"b-c\\\": [2]}\""},
        {"string(@\"P1DT2H\")", "\"P1DT2H\""},
        {"not(true)", "false"},
        {"not(null)", "null"},
        {"not(1)", "null"},
    };
    struct row row;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        row = rows[i];
        if (strstr(row.expression, "1e400"))
            assert_int_equal(strlen(feel_try(row.expression, NULL)), 401);
        else
            try_rows(&row, 1);
    }
}

static void texts(void **state) {
    static const struct row rows[] = {
        {"string length(\"\")", "0"},
        {"string length(\"h\u00e9\U0001F40E!\")", "4"},
        {"string length(5)", "null"},
        {"substring(\"foobar\", 3)", "\"obar\""},
        {"substring(\"foobar\", 3, 3)", "\"oba\""},
        {"substring(\"foobar\", -2, 1)", "\"a\""},
        {"substring(\"\U0001F40Eab\", 1, 2)", "\"\U0001F40Ea\""},
        {"substring(\"\U0001F40Eab\", -3, 1)", "\"\U0001F40E\""},
        {"substring(\"foobar\", 0)", "null"},
        {"substring(\"foobar\", 7)", "null"},
        {"substring(\"foobar\", -7)", "null"},
        {"substring(\"foobar\", 1, 0)", "null"},
        {"substring(\"foobar\", 1e40)", "null"},
        {"substring(\"foobar\", 2, 1e40)", "\"oobar\""},
        {"substring(string: \"foobar\", start position: 5)", "\"ar\""},
        {"substring before(\"foobar\", \"bar\")", "\"foo\""},
        {"substring before(\"foobar\", \"xyz\")", "\"\""},
        {"substring after(\"foobar\", \"ob\")", "\"ar\""},
        {"substring after(\"foobar\", \"\")", "\"foobar\""},
        {"substring after(\"\", \"a\")", "\"\""},
        {"upper case(\"aBc4 stra\u00dfe \u00e9\")", "\"ABC4 STRASSE \u00c9\""},
        {"upper case(\"\ufb03\")", "\"FFI\""},
        {"lower case(\"\u00c9COLE\")", "\"\u00e9cole\""},
        {"contains(\"foobar\", \"of\")", "false"},
        {"contains(\"foobar\", \"\")", "true"},
        {"starts with(\"foobar\", \"fo\")", "true"},
        {"starts with(\"fo\", \"foobar\")", "false"},
        {"ends with(\"foobar\", \"bar\")", "true"},
        {"ends with(\"foobar\", null)", "null"},
        {"string join([\"a\", null, \"c\"], \"-\")", "\"a-c\""},
        {"string join([\"a\", \"b\"])", "\"ab\""},
        {"string join([\"a\", 1], \"-\")", "null"},
        {"string join([], \"-\")", "\"\""},
    };
    (void)state;
    TRY(rows);
}

static void expressions(void **state) {
    static const struct row rows[] = {
        {"matches(\"foobar\", \"^fo*b\")", "true"},
        {"matches(\"foobar\", \"^Fo*b\")", "false"},
        {"matches(\"foobar\", \"^Fo*b\", \"i\")", "true"},
        {"matches(\"a.b\", \"a.b\", \"q\")", "true"},
        {"matches(\"axb\", \"a.b\", \"q\")", "false"},
        {"matches(\"hello world\", \"hello\\\\ sworld\", \"x\")", "true"},
        {"matches(\"helloworld\", \"hello[ ]world\", \"x\")", "false"},
        {"matches(\"a#b\", \"a#b\", \"x\")", "true"},
        {"matches(\"a\\nb\", \"a.b\")", "false"},
        {"matches(\"a\\nb\", \"a.b\", \"s\")", "true"},
        {"matches(\"a\\nb\", \"^b$\")", "false"},
        {"matches(\"a\\nb\", \"^b$\", \"m\")", "true"},
        {"matches(\"a\\n\", \"a$\")", "false"},
        {"matches(\"foo\", \"o\", \"y\")", "null"},
        {"matches(\"foo\", \"(o\")", "null"},
        {"matches(\"foo\", \"[o\")", "null"},
        {"matches(\"foo\", \"o\\\\\")", "null"},
        {"matches(\"foo\", \"(*UCP)foo\")", "null"},
        {"matches(\"foo\", \"(?i)FOO\")", "null"},
        {"matches(\"foo\", \"(?:f)(?=oo)\")", "true"},
        {"matches(\"aab\", \"a++b\")", "null"},
        {"matches(\"aab\", \"a*?b\")", "true"},
        {"matches(\"aab\", \"^a{2}b$\")", "true"},
        {"matches(\"aab\", \"a{,2}b\")", "null"},
        {"matches(\"a}\", \"a}\")", "null"},
        {"matches(\"aa1\", \"^(a)\\11$\")", "true"},
        {"matches(\"aa\", \"(a)\\2\")", "null"},
        {"matches(\"aa\", \"(a)[\\1]\")", "null"},
        {"matches(\"a\\rb\", \"a.b\")", "false"},
        {"matches(\"a+\u00e9\", \"^\\w+$\")", "true"},
        {"matches(\"a-b\", \"^\\w\\W\\w$\")", "true"},
        {"matches(\"a b\", \"^\\S[\\s]\\S$\")", "true"},
        {"matches(\"x\", \"^[A-Z-[OI]]$\", \"i\")", "true"},
        {"matches(\"o\", \"^[A-Z-[OI]]$\", \"i\")", "false"},
        {"matches(\"b\", \"^[a-z-[aeiou]]$\")", "true"},
        {"matches(\"e\", \"^[a-z-[aeiou]]$\")", "false"},
        {"matches(\"e\", \"^[a-z-[aeiou-[e]]]$\")", "true"},
        {"matches(\"-\", \"^[a-]$\")", "true"},
        {"matches(\"_x-1\", \"^\\\\i\\\\c*$\")", "true"},
        {"matches(\"1x\", \"^\\\\i\\\\c*$\")", "false"},
        {"matches(\"\u00e9\", \"^\\\\p{Ll}$\")", "true"},
        {"matches(\"\u00e9\", \"^.$\")", "true"},
        {"matches(\"abab\", \"^(ab)\\\\1$\")", "true"},
        {"matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\", \"^(a+)+$\")", "null"},
        {"replace(\"abcd\", \"(ab)|(a)\", \"[1=$1][2=$2]\")", "\"[1=ab][2=]cd\""},
        {"replace(\"abracadabra\", \"a(.)\", \"a$1$1\")", "\"abbraccaddabbra\""},
        {"replace(\"facetiously\", \"[iouy]\", \"[$0]\")", "\"facet[i][o][u]sl[y]\""},
        {"replace(\"abc\", \"b\", \"$12\")", "\"a2c\""},
        {"replace(\"abc\", \"(b)\", \"$12\")", "\"ab2c\""},
        {"replace(\"abc\", \"b\", \"\\\\$\")", "\"a$c\""},
        {"replace(\"abc\", \"b\", \"$\")", "null"},
        {"replace(\"abc\", \"b\", \"\\\\n\")", "null"},
        {"replace(\"a.c\", \".\", \"$1\", \"q\")", "\"a$1c\""},
        {"replace(\"abc\", \"x*\", \"-\")", "null"},
        {"replace(\"h\u00e9h\u00e9\", \"\u00e9\", \"e\")", "\"hehe\""},
        {"replace(\"\", \"a\", \"b\")", "\"\""},
        {"split(\"John Doe\", \"\\\\s\")", "[\"John\", \"Doe\"]"},
        {"split(\"a;b;c;;\", \";\")", "[\"a\", \"b\", \"c\", \"\", \"\"]"},
        {"split(\"abc\", \";\")", "[\"abc\"]"},
        {"split(\"abc\", null)", "null"},
        {"split(\"abc\", \"\")", "null"},
    };
    (void)state;
    TRY(rows);
}

static void numbers(void **state) {
    static const struct row rows[] = {
        {"decimal(1/3, 2)", "0.33"},
        {"decimal(1.5, 0)", "2"},
        {"decimal(2.5, 0)", "2"},
        {"decimal(1, 6177)", "null"},
        {"decimal(1, 1e30)", "null"},
        {"decimal([2.55], 1)", "2.6"},
        {"floor(-1.5)", "-2"},
        {"floor(-1.56, 1)", "-1.6"},
        {"ceiling(1.5)", "2"},
        {"ceiling(-1.56, 1)", "-1.5"},
        {"round up(1.121, 2)", "1.13"},
        {"round up(-5.5, 0)", "-6"},
        {"round down(-1.126, 2)", "-1.12"},
        {"round half up(-5.5, 0)", "-6"},
        {"round half up(2.345, 2)", "2.35"},
        {"round half down(5.5, 0)", "5"},
        {"round half down(1.126, 2)", "1.13"},
        {"abs(-10)", "10"},
        {"abs(@\"-P1Y\")", "@\"P1Y\""},
        {"abs(@\"-PT0.5S\")", "@\"PT0.5S\""},
        {"abs(\"-1\")", "null"},
        {"modulo(-10, 4.5)", "3.5"},
        {"modulo(10, 0)", "null"},
        {"sqrt(16)", "4"},
        {"sqrt(-1)", "null"},
        {"log(1)", "0"},
        {"log(0)", "null"},
        {"decimal(exp(5), 10)", "148.4131591026"},
        {"exp(1e9)", "null"},
        {"odd(5)", "true"},
        {"odd(-5)", "true"},
        {"odd(2.5)", "false"},
        {"even(2.5)", "false"},
        {"even(0)", "true"},
        {"even(1e40)", "true"},
        {"even(null)", "null"},
    };
    (void)state;
    TRY(rows);
}

static void aggregates(void **state) {
    static const struct row rows[] = {
        {"count([1, null, [2, 3]])", "3"},
        {"count([])", "0"},
        {"count(1, 2)", "<wrong>"},
        {"count(null)", "null"},
        {"min([1, 2, 3])", "1"},
        {"min(3, 1, 2)", "1"},
        {"max(\"a\", \"c\", \"b\")", "\"c\""},
        {"max([@\"2026-01-01\", @\"2026-03-01\"])", "@\"2026-03-01\""},
        {"min([])", "null"},
        {"min(1, \"a\")", "null"},
        {"min([1, null])", "null"},
        {"max(true)", "null"},
        {"sum([0.1, 0.2, 0.3])", "0.6"},
        {"sum(1, 2)", "3"},
        {"sum([])", "null"},
        {"sum([1, null])", "null"},
        {"sum([@\"PT1H\", @\"PT30M\"])", "@\"PT1H30M\""},
        {"mean([1, 2, 4])", "2.333333333333333333333333333333333"},
        {"mean([])", "null"},
        {"product([2, 3, 4])", "24"},
        {"median([8, 2, 5, 3, 4])", "4"},
        {"median(6, 1, 2, 3)", "2.5"},
        {"median([])", "null"},
        {"decimal(stddev(2, 4, 7, 5), 6)", "2.081666"},
        {"stddev([47])", "null"},
        {"mode([6, 1, 9, 6, 1])", "[1, 6]"},
        {"mode([])", "[]"},
        {"all([true, false])", "false"},
        {"all([true, null])", "null"},
        {"all(false, null, 1)", "false"},
        {"all([])", "true"},
        {"any([false, true, null])", "true"},
        {"any([false, null])", "null"},
        {"any([])", "false"},
        {"any(1)", "null"},
    };
    (void)state;
    TRY(rows);
}

static void lists(void **state) {
    static const struct row rows[] = {
        {"list contains([1, 2, null], null)", "true"},
        {"list contains([1, 2], \"2\")", "false"},
        {"list contains(null, 1)", "null"},
        {"index of([1, 2, 3, 2], 2)", "[2, 4]"},
        {"index of([], 2)", "[]"},
        {"sublist([4, 5, 6], 1, 2)", "[4, 5]"},
        {"sublist([4, 5, 6], -2)", "[5, 6]"},
        {"sublist([4, 5, 6], 2, 3)", "null"},
        {"sublist([4, 5, 6], 0)", "null"},
        {"append([1], 2, null)", "[1, 2, null]"},
        {"append(1, 2)", "[1, 2]"},
        {"append(list: [1], item: 2)", "[1, 2]"},
        {"concatenate([1, 2], [3], 4)", "[1, 2, 3, 4]"},
        {"concatenate([1], null)", "null"},
        {"insert before([1, 3], 1, 2)", "[2, 1, 3]"},
        {"insert before([1, 3], -1, 2)", "[1, 2, 3]"},
        {"insert before([1, 3], 4, 2)", "null"},
        {"remove([1, 2, 3], 2)", "[1, 3]"},
        {"remove([1, 2, 3], -1)", "[1, 2]"},
        {"remove([1], 1)", "[]"},
        {"remove([], 1)", "null"},
        {"reverse([1, 2, 3])", "[3, 2, 1]"},
        {"list replace([2, 4, 7, 8], 3, 6)", "[2, 4, 6, 8]"},
        {"list replace([2, 4, 7, 8], function(item, newItem) item < newItem, 5)", "[5, 5, 7, 8]"},
        {"list replace([2, 4], function(item) true, 5)", "null"},
        {"union([1, 2], [2, 3], 3)", "[1, 2, 3]"},
        {"distinct values([1, 2.0, 3, 2, 1, \"1\", null, null])", "[1, 2, 3, \"1\", null]"},
        {"distinct values([[1], [1.0], {a: 1}, {a: 1}])", "[[1], {a: 1}]"},
        {"duplicate values([1, 2, 3, 2, 1, 1])", "[1, 2]"},
        {"flatten([[1, 2], [[3]], 4, []])", "[1, 2, 3, 4]"},
        {"sort([3, 1, 4, 5, 2], function(x, y) x < y)", "[1, 2, 3, 4, 5]"},
        {"sort(list: [\"b\", \"a\"], precedes: function(x, y) x < y)", "[\"a\", \"b\"]"},
        {"sort([{n: 2, a: 1}, {n: 1, a: 2}, {n: 2, a: 0}], function(x, y) x.n < y.n).a",
         "[2, 1, 0]"},
        {"sort([1, 2], function(x, y) x)", "null"},
        {"sort([1, 2], function(x) true)", "null"},
        {"sort([], function(x, y) x < y)", "[]"},
    };
    (void)state;
    TRY(rows);
}

static void contexts(void **state) {
    static const struct row rows[] = {
        {"get value({key1: \"value1\"}, \"key1\")", "\"value1\""},
        {"get value({key1: \"value1\"}, \"other\")", "null"},
        {"get value({a: {b: 3}}, [\"a\", \"b\"])", "3"},
        {"get value({a: 3}, [\"a\", \"b\"])", "null"},
        {"get value(1, \"b\")", "null"},
        {"get entries({a: 1, b: 2})", "[{key: \"a\", value: 1}, {key: \"b\", value: 2}]"},
        {"context([{key: \"a\", value: 1}, {key: \"b\", value: 2}])", "{a: 1, b: 2}"},
        {"context([{key: \"a\", value: 1}, {key: \"a\", value: 2}])", "null"},
        {"context put({x: 1}, \"y\", 2)", "{x: 1, y: 2}"},
        {"context put({x: 1, y: {a: 0}}, [\"y\", \"a\"], 2)", "{x: 1, y: {a: 2}}"},
        {"context put({x: 1}, [], 2)", "null"},
        {"context put({x: 1}, [\"x\", \"y\"], 2)", "null"},
        {"context put(context: {y: {a: 0}}, keys: [\"y\", \"a\"], value: 2)", "{y: {a: 2}}"},
        {"context put(context: {y: {a: 0}}, key: [\"y\", \"a\"], value: 2)", "null"},
        {"context merge([{x: 1, y: 0}, {y: 2}])", "{x: 1, y: 2}"},
        {"context merge([{x: 1}, 2])", "null"},
        {"is(@\"2026-01-01\", @\"2026-01-01T00:00:00\")", "false"},
        {"is(@\"10:00:00Z\", @\"10:00:00\")", "false"},
        {"is(@\"10:00:00Z\", @\"10:00:00+00:00\")", "true"},
        {"is(@\"10:00:00Z\", @\"11:00:00+01:00\")", "false"},
        {"is(1, 1.0)", "true"},
        {"is(null, null)", "true"},
    };
    (void)state;
    TRY(rows);
}

static void ranges(void **state) {
    static const struct row rows[] = {
        {"before(1, 10)", "true"},
        {"before(10, 1)", "false"},
        {"before(1, [1..10])", "false"},
        {"before(1, (1..10])", "true"},
        {"before([1..10], 10)", "false"},
        {"before([1..10), 10)", "true"},
        {"before([1..10), [10..20])", "true"},
        {"before([1..10], [10..20])", "false"},
        {"after([11..20], [1..11))", "true"},
        {"after(11, [1..11])", "false"},
        {"meets([1..5], [5..10])", "true"},
        {"meets([1..5), [5..10])", "false"},
        {"met by([5..10], [1..5])", "true"},
        {"overlaps([1..5], [3..8])", "true"},
        {"overlaps([1..5], (5..8])", "false"},
        {"overlaps before([1..5], [3..8])", "true"},
        {"overlaps before([3..8], [1..5])", "false"},
        {"overlaps before([1..5], [1..5))", "false"},
        {"overlaps after([3..8], [1..5])", "true"},
        {"finishes(10, [1..10])", "true"},
        {"finishes(10, [1..10))", "false"},
        {"finishes([5..10], [1..10])", "true"},
        {"finished by([1..10], 10)", "true"},
        {"includes([1..10], 1)", "true"},
        {"includes((1..10], 1)", "false"},
        {"includes([1..10], [4..10])", "true"},
        {"includes([1..10), [4..10])", "false"},
        {"during(5, [1..10])", "true"},
        {"during([4..11], [1..10])", "false"},
        {"starts(1, [1..10])", "true"},
        {"starts((1..5], (1..10])", "true"},
        {"starts([1..5], (1..10])", "false"},
        {"started by([1..10], [1..5])", "true"},
        {"coincides(5, 5)", "true"},
        {"coincides([1..5), [1..5])", "false"},
        {"coincides(5, [1..5])", "null"},
        {"before(1, \"a\")", "null"},
        {"before(1, null)", "null"},
        {"during(@\"2026-05-01\", [@\"2026-01-01\"..@\"2026-12-31\"])", "true"},
        {"before(point1: 1, point2: 2)", "true"},
        {"5 in range(\"[1..10)\")", "true"},
        {"10 in range(\"[1..10)\")", "false"},
        {"range(\"(1.5..)\")", "(1.5..null)"},
        {"range(\"]1..2[\")", "(1..2)"},
        {"range(\"[@\\\"2026-01-01\\\"..date(\\\"2026-02-01\\\")]\")",
         "[@\"2026-01-01\"..@\"2026-02-01\"]"},
        {"range(\"[\\\"a..b\\\"..\\\"c\\\"]\")", "[\"a..b\"..\"c\"]"},
        {"range(\"[2..1]\")", "null"},
        {"range(\"[1..]\")", "null"},
        {"range(\"(..)\")", "null"},
        {"range(\"[1..\\\"a\\\"]\")", "null"},
        {"range(\"1..2\")", "null"},
        {"range(\"[..\")", "null"},
        {"includes(range: [1..10], point: 5)", "true"},
    };
    (void)state;
    TRY(rows);
}

static void dates(void **state) {
    static const struct row rows[] = {
        {"now()", "@\"2026-02-03T10:00:00+01:00\""},
        {"today()", "@\"2026-02-03\""},
        {"day of year(@\"2024-12-31\")", "366"},
        {"day of week(@\"2019-09-17\")", "\"Tuesday\""},
        {"day of week(@\"2019-09-17T10:00:00\")", "\"Tuesday\""},
        {"month of year(@\"2019-09-17\")", "\"September\""},
        {"week of year(@\"2019-09-17\")", "38"},
        {"week of year(@\"2003-12-29\")", "1"},
        {"week of year(@\"2005-01-01\")", "53"},
        {"week of year(@\"2004-12-31\")", "53"},
        {"day of year(\"2019-09-17\")", "null"},
        {"day of year(@\"10:00:00\")", "null"},
    };
    (void)state;
    TRY(rows);
}

static void says_why(void **state) {
    char reason[PROBLEM_TEXT_MAX];
    (void)state;
    assert_string_equal(feel_try("substring(5, 1)", reason), "null");
    assert_string_equal(reason, "substring: argument 1 must be a text, not a number");
    assert_string_equal(feel_try("sum([1, \"a\"])", reason), "null");
    assert_string_equal(reason, "sum: item 2 must be a number, not a text");
    assert_string_equal(feel_try("date(\"31-12-2026\")", reason), "null");
    assert_string_equal(reason, "date: \"31-12-2026\" is not a date such as 2026-01-31");
}

/* Called as no compiled program would call them: no function may rely on its caller's checks. */
static void survives_any_arguments(void **state) {
    static char memory[FEEL_TRY_SCRATCH_BYTES];
    static const char *const names[] = {
        "date", "time", "date and time", "duration", "years and months duration", "number",
        "string", "not", "string length", "substring", "substring before", "substring after",
        "contains", "starts with", "ends with", "upper case", "lower case", "string join",
        "matches", "replace", "split", "decimal", "floor", "round up", "abs", "modulo", "sqrt",
        "odd", "count", "min", "max", "sum", "mean", "product", "median", "stddev", "mode", "all",
        "any", "list contains", "index of", "sublist", "append", "concatenate", "insert before",
        "remove", "reverse", "list replace", "flatten", "distinct values", "duplicate values",
        "union", "get value", "get entries", "context", "context put", "context merge", "is",
        "before", "meets", "includes", "coincides", "range", "now", "today", "day of year",
        "day of week"};
    struct value_time time = {0, {ZONE_NONE, 0, 0, NULL}};
    struct value_date_time date_time = {{2026, 1, 1}, time};
    struct value_range range = {RANGE_UNBOUNDED, RANGE_CLOSED, value_null(), value_int64(1)};
    struct value none = value_list(NULL, 0), small[2] = {value_int64(1), value_null()};
    struct value values[] = {
        value_null(), value_boolean(true), value_int64(-1), value_int64(INT64_MAX),
        value_text(NULL, 0), value_text("a\xff\xc3", 3), value_date(2026, 1, 1),
        {.kind = VALUE_TIME, .time = &time}, {.kind = VALUE_DATE_TIME, .date_time = &date_time},
        {.kind = VALUE_MONTHS, .months = INT64_MIN},
        {.kind = VALUE_DURATION, .duration = {INT64_MIN, 1}},
        {.kind = VALUE_RANGE, .range = &range}, none, value_list(small, 2), value_list(&none, 1),
        value_context(NULL, 0)};
    const int value_count = sizeof values / sizeof values[0];
    struct moment moment = feel_try_moment();
    struct scratch scratch;
    struct problems problems;
    uint64_t seed = 7;
    (void)state;
    for (size_t name = 0; name < sizeof names / sizeof names[0]; name++) {
        const struct builtin *row;
        for (int index = 0; (row = builtin_find(names[name], strlen(names[name]), index)); index++)
            for (int round = 0; round < 400; round++) {
                struct value arguments[4], result;
                int count = (int)(round % 5);
                for (int i = 0; i < 4; i++) {
                    seed = seed * 6364136223846793005ull + 1442695040888963407ull;
                    arguments[i] = values[(seed >> 33) % (unsigned)value_count];
                }
                memset(&problems, 0, sizeof problems);
                /* Now and then with hardly any memory. */
                scratch_init(&scratch, memory, round % 7 == 0 ? 40 : sizeof memory);
                struct evaluation evaluation = {.steps_left = EVALUATION_STEPS_DEFAULT,
                                    .scratch = &scratch, .moment = &moment,
                                                .problems = &problems};
                row->run(&evaluation, arguments, count, &result);
                assert_true(result.kind <= VALUE_FUNCTION);
                assert_true(scratch.at <= scratch.end);
            }
        assert_non_null(builtin_find(names[name], strlen(names[name]), 0));
    }
    assert_null(builtin_find("substring", 8, 0));
    assert_null(builtin_find("substring bef", 13, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversions), cmocka_unit_test(texts),
        cmocka_unit_test(expressions), cmocka_unit_test(numbers),
        cmocka_unit_test(aggregates),  cmocka_unit_test(lists),
        cmocka_unit_test(contexts),    cmocka_unit_test(ranges),
        cmocka_unit_test(dates),       cmocka_unit_test(says_why),
        cmocka_unit_test(survives_any_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
