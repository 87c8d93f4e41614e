/* Amounts, numbers, dates and colours as documents show them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "print/colour.h"
#include "print/words.h"

static void amounts(void **state) {
    (void)state;
    static const struct {
        int64_t cents;
        const char *currency, *nl, *en;
    } cases[] = {{0, "EUR", "€\u00a00,00", "€0.00"},
                 {5, "EUR", "€\u00a00,05", "€0.05"},
                 {-1205, "EUR", "€\u00a0-12,05", "-€12.05"},
                 {123456, "EUR", "€\u00a01.234,56", "€1,234.56"},
                 {100000000, "EUR", "€\u00a01.000.000,00", "€1,000,000.00"},
                 {99999, "USD", "USD\u00a0999,99", "USD\u00a0999.99"},
                 {INT64_MIN, "EUR", "€\u00a0-92.233.720.368.547.758,08",
                  "-€92,233,720,368,547,758.08"}};
    char words[WORDS_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        words_amount(cases[i].cents, cases[i].currency, LANGUAGE_NL, words);
        assert_string_equal(words, cases[i].nl);
        words_amount(cases[i].cents, cases[i].currency, LANGUAGE_EN, words);
        assert_string_equal(words, cases[i].en);
    }
}

static void numbers(void **state) {
    (void)state;
    static const struct {
        const char *digits, *nl;
    } cases[] = {{"0", "0"},         {"999", "999"},       {"1000", "1.000"},
                 {"-1225.50", "-1.225,50"}, {"12.", "12."},  {".5", ".5"},
                 {"1e9", "1e9"},     {"", ""},             {"-", "-"},
                 {"123456789012345678901234567890123456.7",
                  "123456789012345678901234567890123456.7"}};
    char words[WORDS_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        words_number(cases[i].digits, strlen(cases[i].digits), LANGUAGE_NL, words);
        assert_string_equal(words, cases[i].nl);
    }
    words_number("1234567.5", 9, LANGUAGE_EN, words);
    assert_string_equal(words, "1,234,567.5");
}

static void dates(void **state) {
    (void)state;
    char words[WORDS_MAX], longer[200];
    words_date("2026-11-03", LANGUAGE_NL, words);
    assert_string_equal(words, "3\u00a0november\u00a02026");
    words_date("2026-11-03", LANGUAGE_EN, words);
    assert_string_equal(words, "3\u00a0November\u00a02026");
    words_date("2026-13-03", LANGUAGE_NL, words);
    assert_string_equal(words, "2026-13-03");
    /* Cut where no character is. */
    memset(longer, 'a', sizeof longer);
    memcpy(longer + 62, "\xc3\xa9", 2);
    longer[199] = '\0';
    words_date(longer, LANGUAGE_NL, words);
    assert_int_equal(strlen(words), 62);
}

static void colours(void **state) {
    (void)state;
    uint32_t colour = 7;
    char text[COLOUR_TEXT_MAX];
    assert_true(colour_read("#1A5fb4", 7, &colour));
    assert_int_equal(colour, 0x1a5fb4);
    assert_false(colour_read("#1A5fb", 6, &colour));
    assert_false(colour_read("1A5fb40", 7, &colour));
    assert_false(colour_read("#1A5fbg", 7, &colour));
    colour_write(0xff, text);
    assert_string_equal(text, "#0000ff");
    assert_true(colour_contrast(0xffffff) > 0.999 && colour_contrast(0xffffff) < 1.001);
    assert_true(colour_contrast(0) > 20.99 && colour_contrast(0) < 21.01);
    assert_true(colour_contrast(0x767676) >= 4.5 && colour_contrast(0x777777) < 4.5);
}

static void darker_until_legible(void **state) {
    (void)state;
    assert_int_equal(colour_darken(0x1a5fb4, 4.5), 0x1a5fb4);
    for (uint32_t colour = 0; colour < 0x1000000; colour += 0x10f3d) {
        uint32_t darker = colour_darken(colour, 4.5);
        assert_true(colour_contrast(darker) >= 4.5);
        assert_true((darker & 0xff) <= (colour & 0xff));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(amounts), cmocka_unit_test(numbers),
                                       cmocka_unit_test(dates), cmocka_unit_test(colours),
                                       cmocka_unit_test(darker_until_legible)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
