/* Decimals: results known by hand for every operation, the edges of the format, and identities
 * that must hold whatever the numbers are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quote-engine/decimal.h"

enum { RANDOM_ROUNDS = 20000 };

static struct decimal number(const char *text) {
    struct decimal value;
    if (!decimal_parse(text, strlen(text), &value))
        fail_msg("not read as a number: %s", text);
    return value;
}

static const char *format(struct decimal value, bool keep_scale) {
    static char text[DECIMAL_TEXT_MAX];
    size_t length = decimal_format(value, keep_scale, text);
    assert_int_equal(length, strlen(text));
    return text;
}

/* ---- text ---------------------------------------------------------------------------------- */

static void reads_and_writes(void **state) {
    static const struct {
        const char *text, *kept, *plain;
    } cases[] = {
        {"0", "0", "0"},
        {"-0", "0", "0"},
        {"-0.00", "0.00", "0"},
        {"1.50", "1.50", "1.5"},
        {"+7", "7", "7"},
        {".5", "0.5", "0.5"},
        {"-.5", "-0.5", "-0.5"},
        {"007", "7", "7"},
        {"100", "100", "100"},
        {"1e2", "100", "100"},
        {"1.5E+3", "1500", "1500"},
        {"12345e-7", "0.0012345", "0.0012345"},
        {"0.0010", "0.0010", "0.001"},
        {"1234567890123456789012345678901234", "1234567890123456789012345678901234",
         "1234567890123456789012345678901234"},
        /* 35 digits: half even */
        {"12345678901234567890123456789012345", "12345678901234567890123456789012340",
         "12345678901234567890123456789012340"},
        {"12345678901234567890123456789012355", "12345678901234567890123456789012360",
         "12345678901234567890123456789012360"},
        {"12345678901234567890123456789012345.0001", "12345678901234567890123456789012350",
         "12345678901234567890123456789012350"},
        {"9.9999999999999999999999999999999999", "10.00000000000000000000000000000000", "10"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(format(number(cases[i].text), true), cases[i].kept);
        assert_string_equal(format(number(cases[i].text), false), cases[i].plain);
    }
}

static void refuses_what_is_no_number(void **state) {
    static const char *const texts[] = {
        "",      " ",     "-",    "+",    ".",      "1.",    "1.e2",    "e5",  "1e",   "1e+",
        "1 ",    " 1",    "--1",  "1,5",  "0x10",   "NaN",   "Infinity", "1.2.3", "1e2.5",
        "1e400000000000000000000", "1e6145", "-1e7000", "1e-6177", "12e-6177", "\xd9\xa1"};
    struct decimal value = decimal_from_int64(42);
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (decimal_parse(texts[i], strlen(texts[i]), &value))
            fail_msg("read as a number: %s", texts[i]);
        assert_true(decimal_equal(value, decimal_from_int64(42)));
    }
    assert_false(decimal_parse("1\0", 2, &value));
}

static void holds_the_whole_range(void **state) {
    struct decimal largest = number("9999999999999999999999999999999999e6111");
    struct decimal smallest = number("1e-6176"), value;
    static char text[DECIMAL_TEXT_MAX];
    (void)state;
    assert_int_equal(decimal_format(largest, true, text), 34 + 6111);
    assert_int_equal(decimal_format(decimal_negate(smallest), true, text), 3 + 6176);
    assert_false(decimal_add(largest, largest, &value));
    assert_false(decimal_multiply(largest, number("10"), &value));
    assert_false(decimal_divide(smallest, number("10"), &value));
    assert_false(decimal_multiply(smallest, smallest, &value));
    assert_true(decimal_equal(number("1e6144"), number("1000e6141")));
    assert_true(decimal_equal(number("0e999999"), number("0e-999999")));
    assert_true(decimal_equal(number("10e-6177"), smallest));
    assert_int_equal(decimal_compare(smallest, largest), -1);
}

static void parses_exactly_or_not_at_all(void **state) {
    struct decimal value;
    (void)state;
    assert_true(decimal_parse_exact("1234567890123456789012345678901234", 34, &value));
    assert_true(decimal_parse_exact("12345678901234567890123456789012340", 35, &value));
    assert_true(decimal_parse_exact("1.00000000000000000000000000000000000000", 40, &value));
    assert_false(decimal_parse_exact("12345678901234567890123456789012345", 35, &value));
}

static void writes_a_fixed_scale(void **state) {
    static const struct {
        const char *text;
        int scale;
        const char *written;
    } cases[] = {{"1", 2, "1.00"},        {"1.005", 2, "1.01"},  {"-1.005", 2, "-1.01"},
                 {"1.004", 2, "1.00"},    {"0", 2, "0.00"},      {"-0.001", 2, "0.00"},
                 {"1e3", 2, "1000.00"},   {"0.5", 0, "1"},       {"12.3", 0, "12"},
                 {"1.5", 4, "1.5000"},    {"999.995", 2, "1000.00"}};
    static char text[DECIMAL_TEXT_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        decimal_format_scale(number(cases[i].text), cases[i].scale, text);
        assert_string_equal(text, cases[i].written);
    }
}

/* ---- arithmetic ---------------------------------------------------------------------------- */

struct operation {
    char sign;
    const char *a, *b, *result; /* NULL: none; compared digit by digit, scale included */
};

static const struct operation operations[] = {
    {'+', "1", "2", "3"},
    {'+', "0.10", "0.20", "0.30"},
    {'+', "1e33", "1", "1000000000000000000000000000000001"},
    {'+', "1e34", "5", "10000000000000000000000000000000000"},
    {'+', "1e34", "6", "10000000000000000000000000000000010"},
    {'+', "18446744073709551615", "1", "18446744073709551616"},
    {'+', "9999999999999999999999999999999999", "1", "10000000000000000000000000000000000"},
    {'+', "-5", "5.00", "0.00"},
    {'-', "0.3", "0.1", "0.2"},
    {'-', "1", "1e-40", "1.000000000000000000000000000000000"},
    {'-', "5", "7.5", "-2.5"},
    {'*', "1.1", "1.1", "1.21"},
    {'*', "-3", "0", "0"},
    {'*', "18446744073709551616", "3", "55340232221128654848"},
    {'*', "99999999999999999", "99999999999999999", "9999999999999999800000000000000001"},
    {'*', "1234567890123456789.5", "9876543210987654321.5",
     "12193263113702179527930193561668190000"},
    {'/', "10", "4", "2.5"},
    {'/', "6", "3", "2"},
    {'/', "1", "3", "0.3333333333333333333333333333333333"},
    {'/', "2", "3", "0.6666666666666666666666666666666667"},
    {'/', "100", "8", "12.5"},
    {'/', "1", "0.01", "100"},
    {'/', "1.00", "0.5", "2.0"},
    {'/', "0", "7", "0"},
    {'/', "7", "0", NULL},
    {'/', "0", "0", NULL},
    {'/', "1", "12345678901234567890123",
     "0.00000000000000000000008100000072900000663390305736125450"},
    {'/', "9999999999999999999999999999999999", "3", "3333333333333333333333333333333333"},
    {'/', "-1", "8", "-0.125"},
    {'%', "12", "5", "2"},
    {'%', "-12", "5", "3"},
    {'%', "12", "-5", "-3"},
    {'%', "-12", "-5", "-2"},
    {'%', "10.1", "4.5", "1.1"},
    {'%', "-10.1", "4.5", "3.4"},
    {'%', "1e40", "7", "4"},
    {'%', "5", "0", NULL},
    {'^', "2", "10", "1024"},
    {'^', "2", "-3", "0.125"},
    {'^', "1.1", "2", "1.21"},
    {'^', "7", "0", "1"},
    {'^', "0", "0", "1"},
    {'^', "0", "-1", NULL},
    {'^', "0", "5", "0"},
    {'^', "-2", "3", "-8"},
    {'^', "-2", "0.5", NULL},
    {'^', "10", "6144", ""},
    {'^', "10", "6145", NULL},
    {'^', "4", "0.5", "2"},
    {'^', "3", "70", "2503155504993241601315571986085849"},
};

static bool operate(const struct operation *operation, struct decimal *ret_number) {
    struct decimal a = number(operation->a), b = number(operation->b);
    switch (operation->sign) {
    case '+': return decimal_add(a, b, ret_number);
    case '-': return decimal_subtract(a, b, ret_number);
    case '*': return decimal_multiply(a, b, ret_number);
    case '/': return decimal_divide(a, b, ret_number);
    case '%': return decimal_modulo(a, b, ret_number);
    default: return decimal_power(a, b, ret_number);
    }
}

static void computes_known_results(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        const struct operation *operation = &operations[i];
        struct decimal result = decimal_from_int64(42);
        bool done = operate(operation, &result);
        if (!operation->result) {
            if (done || !decimal_equal(result, decimal_from_int64(42)))
                fail_msg("%s %c %s has a result", operation->a, operation->sign, operation->b);
        } else if (!done) {
            fail_msg("%s %c %s has no result", operation->a, operation->sign, operation->b);
        } else if (operation->sign == '^' && *operation->result != '\0') {
            if (!decimal_equal(result, number(operation->result)))
                fail_msg("%s ^ %s is %s", operation->a, operation->b, format(result, true));
        } else if (*operation->result != '\0' &&
                   strcmp(format(result, true), operation->result) != 0) {
            fail_msg("%s %c %s is %s", operation->a, operation->sign, operation->b,
                     format(result, true));
        }
    }
}

static void computes_roots_and_logarithms(void **state) {
    struct decimal result;
    (void)state;
    assert_true(decimal_square_root(number("16"), &result));
    assert_string_equal(format(result, true), "4");
    assert_true(decimal_square_root(number("2"), &result));
    assert_string_equal(format(result, true), "1.414213562373095048801688724209698");
    assert_false(decimal_square_root(number("-1"), &result));
    assert_true(decimal_exponential(number("0"), &result));
    assert_true(decimal_equal(result, number("1")));
    assert_true(decimal_exponential(number("1"), &result));
    assert_int_equal(strncmp(format(result, true), "2.71828182845904523536028747135266", 34), 0);
    assert_false(decimal_exponential(number("1e9"), &result));
    assert_true(decimal_logarithm(number("10"), &result));
    assert_int_equal(strncmp(format(result, true), "2.30258509299404568401799145468436", 34), 0);
    assert_false(decimal_logarithm(number("0"), &result));
    assert_false(decimal_logarithm(number("-1"), &result));
}

/* ---- rounding ------------------------------------------------------------------------------ */

static void rounds_in_every_direction(void **state) {
    static const struct {
        const char *text;
        int scale;
        const char *results[7]; /* in the order of enum decimal_rounding */
    } cases[] = {
        {"2.5", 0, {"2", "3", "2", "3", "2", "3", "2"}},
        {"-2.5", 0, {"-2", "-3", "-2", "-3", "-2", "-2", "-3"}},
        {"3.5", 0, {"4", "4", "3", "4", "3", "4", "3"}},
        {"1.126", 2, {"1.13", "1.13", "1.13", "1.13", "1.12", "1.13", "1.12"}},
        {"-1.121", 2, {"-1.12", "-1.12", "-1.12", "-1.13", "-1.12", "-1.12", "-1.13"}},
        {"0.001", 2, {"0.00", "0.00", "0.00", "0.01", "0.00", "0.01", "0.00"}},
        {"1250", -2, {"1200", "1300", "1200", "1300", "1200", "1300", "1200"}},
        {"49", -2, {"0", "0", "0", "100", "0", "100", "0"}},
        {"123456789012345678901234.5", 0,
         {"123456789012345678901234", "123456789012345678901235", "123456789012345678901234",
          "123456789012345678901235", "123456789012345678901234", "123456789012345678901235",
          "123456789012345678901234"}},
        {"1e-100", 2, {"0.00", "0.00", "0.00", "0.01", "0.00", "0.01", "0.00"}},
        {"5.5", 10, {"5.5", "5.5", "5.5", "5.5", "5.5", "5.5", "5.5"}},
    };
    struct decimal result;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        for (int rounding = 0; rounding < 7; rounding++) {
            assert_true(decimal_round(number(cases[i].text), cases[i].scale,
                                      (enum decimal_rounding)rounding, &result));
            assert_string_equal(format(result, true), cases[i].results[rounding]);
        }
    assert_false(decimal_round(number("1"), DECIMAL_SCALE_MAX + 1, DECIMAL_UP, &result));
    assert_false(decimal_round(number("1"), DECIMAL_SCALE_MIN - 1, DECIMAL_UP, &result));
    assert_true(decimal_round(number("1"), DECIMAL_SCALE_MIN, DECIMAL_UP, &result));
    assert_true(decimal_equal(result, number("1e6111")));
}

/* ---- order and whole numbers --------------------------------------------------------------- */

static void orders_numbers(void **state) {
    static const char *const ascending[] = {
        "-9e6144", "-1e20", "-12.5", "-12.4", "-1e-6176", "0",    "1e-6176", "0.999",
        "1",       "1.001", "9.99",  "10",    "18446744073709551616", "1e33", "1.1e34", "9e6144"};
    const int count = sizeof ascending / sizeof ascending[0];
    (void)state;
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            assert_int_equal(decimal_compare(number(ascending[i]), number(ascending[j])),
                             i < j ? -1 : i > j);
    assert_true(decimal_equal(number("1.0"), number("1.000")));
    assert_true(decimal_equal(number("100"), number("1e2")));
    assert_true(decimal_equal(number("0"), number("0.00")));
    assert_int_equal(decimal_hash(number("1.50")), decimal_hash(number("1.5")));
    assert_int_equal(decimal_hash(number("0.00")), decimal_hash(number("0e7")));
    struct decimal a = decimal_canonical(number("12000")), b = decimal_canonical(number("1.2e4"));
    assert_memory_equal(&a, &b, sizeof a);
}

static void converts_to_integers(void **state) {
    int64_t value = 42;
    (void)state;
    assert_true(decimal_to_int64(number("-9223372036854775808"), &value));
    assert_true(value == INT64_MIN);
    assert_true(decimal_to_int64(number("9223372036854775807.00"), &value));
    assert_true(value == INT64_MAX);
    value = 42;
    assert_false(decimal_to_int64(number("9223372036854775808"), &value));
    assert_false(decimal_to_int64(number("0.5"), &value));
    assert_false(decimal_to_int64(number("1e30"), &value));
    assert_false(decimal_to_int64(number("1e-30"), &value));
    assert_int_equal(value, 42);
    assert_true(decimal_to_int64(number("0e30"), &value));
    assert_int_equal(value, 0);
    assert_true(decimal_to_scaled(number("123.45"), 2, &value));
    assert_int_equal(value, 12345);
    assert_true(decimal_to_scaled(number("1200"), -2, &value));
    assert_int_equal(value, 12);
    assert_false(decimal_to_scaled(number("123.456"), 2, &value));
    assert_true(decimal_equal(decimal_from_scaled(12345, 2), number("123.45")));
    assert_true(decimal_equal(decimal_from_int64(INT64_MIN), number("-9223372036854775808")));
    assert_true(decimal_is_whole(number("5.00")));
    assert_true(decimal_is_whole(number("1e50")));
    assert_false(decimal_is_whole(number("5.01")));
    assert_false(decimal_is_whole(number("1e-50")));
}

/* ---- whatever the numbers are -------------------------------------------------------------- */

static uint64_t random_next(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Up to `digits` digits, with up to as many behind the point. */
static struct decimal random_number(uint64_t *seed, int digits) {
    char text[64];
    int length = 0, count = 1 + (int)(random_next(seed) % (unsigned)digits);
    int point = (int)(random_next(seed) % (unsigned)(count + 1));
    if (random_next(seed) & 1)
        text[length++] = '-';
    text[length++] = '0';
    for (int i = 0; i < count; i++) {
        if (i == point)
            text[length++] = '.';
        text[length++] = (char)('0' + random_next(seed) % 10);
    }
    text[length] = '\0';
    return number(text);
}

static void holds_identities(void **state) {
    uint64_t seed = 20261123;
    (void)state;
    for (int i = 0; i < RANDOM_ROUNDS; i++) {
        struct decimal a = random_number(&seed, 16), b = random_number(&seed, 16);
        struct decimal sum, product, back, again;
        assert_true(decimal_add(a, b, &sum) && decimal_subtract(sum, b, &back));
        assert_true(decimal_equal(a, back));
        assert_true(decimal_multiply(a, b, &product));
        if (decimal_sign(b) != 0) {
            assert_true(decimal_divide(product, b, &back));
            assert_true(decimal_equal(a, back));
            /* a = b * floor(a / b) + a mod b */
            assert_true(decimal_modulo(a, b, &back) && decimal_subtract(a, back, &again));
            assert_true(decimal_sign(back) == 0 || decimal_sign(back) == decimal_sign(b));
            assert_int_equal(decimal_compare(decimal_absolute(back), decimal_absolute(b)), -1);
            assert_true(decimal_divide(again, b, &again) && decimal_is_whole(again));
        }
        assert_int_equal(decimal_compare(a, b), -decimal_compare(b, a));
        assert_true(decimal_subtract(a, b, &back));
        assert_int_equal(decimal_sign(back), decimal_compare(a, b));
        again = number(format(product, true));
        assert_memory_equal(&again, &product, sizeof again);
        assert_int_equal(decimal_hash(decimal_canonical(a)), decimal_hash(a));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(refuses_what_is_no_number),
        cmocka_unit_test(holds_the_whole_range),
        cmocka_unit_test(parses_exactly_or_not_at_all),
        cmocka_unit_test(writes_a_fixed_scale),
        cmocka_unit_test(computes_known_results),
        cmocka_unit_test(computes_roots_and_logarithms),
        cmocka_unit_test(rounds_in_every_direction),
        cmocka_unit_test(orders_numbers),
        cmocka_unit_test(converts_to_integers),
        cmocka_unit_test(holds_identities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
