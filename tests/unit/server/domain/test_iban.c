/* IBANs of the register's own examples, and what people make of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/iban.h"

static enum iban_fault fault_of(const char *text) {
    char iban[IBAN_MAX] = "untouched";
    enum iban_fault fault = iban_read(text, strlen(text), iban);
    if (fault != IBAN_SOUND) assert_string_equal(iban, "untouched");
    return fault;
}

static void test_sound(void **state) {
    (void)state;
    static const char *const sound[] = {
        "NL91ABNA0417164300",          "BE68539007547034",
        "DE89370400440532013000",      "FR1420041010050500013M02606",
        "GB29NWBK60161331926819",      "NO9386011117947",
        "MT84MALT011000012345MTLCAST001S", "SE4550000000058398257466",
        "CH9300762011623852957",       "LU280019400644750000"};
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++)
        assert_int_equal(fault_of(sound[i]), IBAN_SOUND);
}

static void test_written_by_people(void **state) {
    (void)state;
    char iban[IBAN_MAX];
    const char *text = " nl91 abna 0417 1643 00 ";
    assert_int_equal(iban_read(text, strlen(text), iban), IBAN_SOUND);
    assert_string_equal(iban, "NL91ABNA0417164300");
}

static void test_form(void **state) {
    (void)state;
    static const char *const wrong[] = {"", "NL", "NL91", "1234567890", "NL9XABNA0417164300",
                                        "NL91-ABNA-0417-1643-00", "NL91ABNA04171643\xC3\xA9",
                                        "NL91ABNA041716430000000000000000000000000000"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(fault_of(wrong[i]), IBAN_FORM);
    char iban[IBAN_MAX];
    assert_int_equal(iban_read("NL91\0BNA0417164300", 18, iban), IBAN_FORM);
}

static void test_country_and_length(void **state) {
    (void)state;
    assert_int_equal(fault_of("US91ABNA0417164300"), IBAN_COUNTRY);
    assert_int_equal(fault_of("ZZ91ABNA0417164300"), IBAN_COUNTRY);
    assert_int_equal(fault_of("NL91ABNA041716430"), IBAN_LENGTH);
    assert_int_equal(fault_of("NL91ABNA04171643000"), IBAN_LENGTH);
    assert_int_equal(iban_length("NL"), 18);
    assert_int_equal(iban_length("NO"), 15);
    assert_int_equal(iban_length("L9"), 0);
}

/* Every digit changed to every other, and every two neighbours changed places. */
static void test_checksum(void **state) {
    (void)state;
    const char sound[] = "NL91ABNA0417164300";
    char text[sizeof sound];
    for (size_t i = 2; i < sizeof sound - 1; i++) {
        if (sound[i] < '0' || sound[i] > '9') continue;
        for (char digit = '0'; digit <= '9'; digit++) {
            memcpy(text, sound, sizeof sound);
            text[i] = digit;
            assert_int_equal(fault_of(text), digit == sound[i] ? IBAN_SOUND : IBAN_CHECKSUM);
        }
    }
    for (size_t i = 4; i + 2 < sizeof sound; i++) {
        memcpy(text, sound, sizeof sound);
        text[i] = sound[i + 1];
        text[i + 1] = sound[i];
        assert_int_equal(fault_of(text), sound[i] == sound[i + 1] ? IBAN_SOUND : IBAN_CHECKSUM);
    }
    /* 97 more or less leaves the same rest, but such check digits are never given out. */
    assert_int_equal(fault_of("NL00ABNA0417164300"), IBAN_CHECKSUM);
}

static void test_mask(void **state) {
    (void)state;
    char masked[IBAN_MASKED_MAX];
    iban_mask("NL91ABNA0417164300", masked);
    assert_string_equal(masked, "NL91 •••• 4300");
    iban_mask("NL9", masked);
    assert_string_equal(masked, "••••");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),   cmocka_unit_test(test_written_by_people),
        cmocka_unit_test(test_form),    cmocka_unit_test(test_country_and_length),
        cmocka_unit_test(test_checksum), cmocka_unit_test(test_mask)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
