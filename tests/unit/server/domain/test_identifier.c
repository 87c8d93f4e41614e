/* Identifiers as people write them: what is taken, what it becomes, and what is said of the
 * rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/identifier.h"

static const struct {
    enum identifier kind;
    const char *text, *kept;
} sound[] = {
    {IDENTIFIER_TRADE_REGISTER, "01234567", "01234567"},
    {IDENTIFIER_TRADE_REGISTER, " 01 23.45-67 ", "01234567"},
    {IDENTIFIER_BRANCH, "000012345678", "000012345678"},
    {IDENTIFIER_RSIN, "123456782", "123456782"},
    {IDENTIFIER_RSIN, "1234.56.782", "123456782"},
    {IDENTIFIER_LICENCE, "12019504", "12019504"},
    {IDENTIFIER_VAT, "NL123456782B01", "NL123456782B01"},
    {IDENTIFIER_VAT, "nl 1234.56.782.b90", "NL123456782B90"},
    {IDENTIFIER_VAT, "NL100000055B13", "NL100000055B13"}, /* a sole trader's */
    {IDENTIFIER_IBAN, "nl91 abna 0417 1643 00", "NL91ABNA0417164300"},
    {IDENTIFIER_IBAN, "BE68 5390 0754 7034", "BE68539007547034"},
    {IDENTIFIER_POSTCODE, "1234ab", "1234 AB"},
    {IDENTIFIER_POSTCODE, "9999 XK", "9999 XK"},
    {IDENTIFIER_POSTCODE, "1000 AS", "1000 AS"},
    {IDENTIFIER_LICENCE_PLATE, "AB1234", "AB-12-34"},
    {IDENTIFIER_LICENCE_PLATE, "1234ab", "12-34-AB"},
    {IDENTIFIER_LICENCE_PLATE, "12-ab-34", "12-AB-34"},
    {IDENTIFIER_LICENCE_PLATE, "AB12CD", "AB-12-CD"},
    {IDENTIFIER_LICENCE_PLATE, "ABCD12", "AB-CD-12"},
    {IDENTIFIER_LICENCE_PLATE, "12ABCD", "12-AB-CD"},
    {IDENTIFIER_LICENCE_PLATE, "12ABC3", "12-ABC-3"},
    {IDENTIFIER_LICENCE_PLATE, "1ABC23", "1-ABC-23"},
    {IDENTIFIER_LICENCE_PLATE, "AB123C", "AB-123-C"},
    {IDENTIFIER_LICENCE_PLATE, "A123BC", "A-123-BC"},
    {IDENTIFIER_LICENCE_PLATE, "ABC12D", "ABC-12-D"},
    {IDENTIFIER_LICENCE_PLATE, "A12BCD", "A-12-BCD"},
    {IDENTIFIER_LICENCE_PLATE, "1AB234", "1-AB-234"},
    {IDENTIFIER_LICENCE_PLATE, "123AB4", "123-AB-4"},
    {IDENTIFIER_TELEPHONE, "030 123 45 67", "+31301234567"},
    {IDENTIFIER_TELEPHONE, "06-12345678", "+31612345678"},
    {IDENTIFIER_TELEPHONE, "+31 (0)30 1234567", "+31301234567"},
    {IDENTIFIER_TELEPHONE, "0031 30 1234567", "+31301234567"},
    {IDENTIFIER_TELEPHONE, "(030) 123.45.67", "+31301234567"},
    {IDENTIFIER_TELEPHONE, "0800-1234", "+318001234"},
    {IDENTIFIER_TELEPHONE, "0900 1234567", "+319001234567"},
    {IDENTIFIER_TELEPHONE, "+32 2 555 12 34", "+3225551234"}};

static const struct {
    enum identifier kind;
    const char *text;
    enum identifier_fault fault;
} wrong[] = {
    {IDENTIFIER_TRADE_REGISTER, "", IDENTIFIER_LENGTH},
    {IDENTIFIER_TRADE_REGISTER, "1234567", IDENTIFIER_LENGTH},
    {IDENTIFIER_TRADE_REGISTER, "123456789", IDENTIFIER_LENGTH},
    {IDENTIFIER_TRADE_REGISTER, "1234567A", IDENTIFIER_CHARACTERS},
    {IDENTIFIER_TRADE_REGISTER, "12345678;", IDENTIFIER_CHARACTERS},
    {IDENTIFIER_TRADE_REGISTER, "00000000", IDENTIFIER_UNUSED},
    {IDENTIFIER_BRANCH, "12345678", IDENTIFIER_LENGTH},
    {IDENTIFIER_RSIN, "123456789", IDENTIFIER_CHECK},
    {IDENTIFIER_RSIN, "123465782", IDENTIFIER_CHECK},
    {IDENTIFIER_RSIN, "12345678", IDENTIFIER_LENGTH},
    {IDENTIFIER_LICENCE, "1201950", IDENTIFIER_LENGTH},
    {IDENTIFIER_VAT, "NL123456789B01", IDENTIFIER_CHECK},
    {IDENTIFIER_VAT, "NL123456782B00", IDENTIFIER_UNUSED},
    {IDENTIFIER_VAT, "NL123456782A01", IDENTIFIER_FORM},
    {IDENTIFIER_VAT, "DE123456782B01", IDENTIFIER_COUNTRY},
    {IDENTIFIER_VAT, "123456782B01", IDENTIFIER_LENGTH},
    {IDENTIFIER_IBAN, "NL91ABNA0417164301", IDENTIFIER_CHECK},
    {IDENTIFIER_IBAN, "NL91ABNA041716430", IDENTIFIER_LENGTH},
    {IDENTIFIER_IBAN, "XX91ABNA0417164300", IDENTIFIER_COUNTRY},
    {IDENTIFIER_IBAN, "0417164300", IDENTIFIER_FORM},
    {IDENTIFIER_POSTCODE, "0234 AB", IDENTIFIER_UNUSED},
    {IDENTIFIER_POSTCODE, "1234 SS", IDENTIFIER_UNUSED},
    {IDENTIFIER_POSTCODE, "1234 SA", IDENTIFIER_UNUSED},
    {IDENTIFIER_POSTCODE, "1234 A", IDENTIFIER_LENGTH},
    {IDENTIFIER_POSTCODE, "AB 1234", IDENTIFIER_FORM},
    {IDENTIFIER_POSTCODE, "1234 Å", IDENTIFIER_CHARACTERS},
    {IDENTIFIER_LICENCE_PLATE, "ABCDEF", IDENTIFIER_FORM},
    {IDENTIFIER_LICENCE_PLATE, "123456", IDENTIFIER_FORM},
    {IDENTIFIER_LICENCE_PLATE, "AB-12-3", IDENTIFIER_LENGTH},
    {IDENTIFIER_TELEPHONE, "030 123 45 6", IDENTIFIER_LENGTH},
    {IDENTIFIER_TELEPHONE, "030 123 45 678", IDENTIFIER_LENGTH},
    {IDENTIFIER_TELEPHONE, "", IDENTIFIER_LENGTH},
    {IDENTIFIER_TELEPHONE, "1234567", IDENTIFIER_FORM},
    {IDENTIFIER_TELEPHONE, "030 bel mij", IDENTIFIER_CHARACTERS},
    {IDENTIFIER_TELEPHONE, "+0301234567", IDENTIFIER_COUNTRY},
    {IDENTIFIER_TELEPHONE, "+1234567890123456", IDENTIFIER_LENGTH},
    {IDENTIFIER_TELEPHONE, "0000000000000000000000000000000000000000000000", IDENTIFIER_LENGTH}};

static void test_sound(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
        char text[IDENTIFIER_MAX] = "untouched";
        enum identifier_fault fault =
            identifier_read(sound[i].kind, sound[i].text, strlen(sound[i].text), text);
        if (fault) fail_msg("%s: %s", sound[i].text, identifier_fault_code(fault));
        assert_string_equal(text, sound[i].kept);
    }
}

static void test_wrong(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char text[IDENTIFIER_MAX] = "untouched";
        enum identifier_fault fault =
            identifier_read(wrong[i].kind, wrong[i].text, strlen(wrong[i].text), text);
        if (fault != wrong[i].fault)
            fail_msg("%s: %s", wrong[i].text, identifier_fault_code(fault));
        assert_string_equal(text, "untouched");
    }
}

/* What is kept is taken again as it is. */
static void test_stays(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) {
        char text[IDENTIFIER_MAX];
        assert_int_equal(
            identifier_read(sound[i].kind, sound[i].kept, strlen(sound[i].kept), text), 0);
        assert_string_equal(text, sound[i].kept);
    }
}

/* Every refusal says what is wrong and shows one that is right, which is taken. */
static void test_messages(void **state) {
    (void)state;
    for (int kind = 0; kind < IDENTIFIERS; kind++)
        for (int fault = IDENTIFIER_CHARACTERS; fault <= IDENTIFIER_CHECK; fault++)
            for (int language = 0; language < LANGUAGE_COUNT; language++) {
                char message[IDENTIFIER_MESSAGE_MAX], text[IDENTIFIER_MAX];
                identifier_say(kind, fault, language, message);
                const char *example =
                    strstr(message, language == LANGUAGE_EN ? ", such as " : ", bijvoorbeeld ");
                assert_non_null(example);
                example += strlen(language == LANGUAGE_EN ? ", such as " : ", bijvoorbeeld ");
                size_t length = strlen(example);
                assert_int_equal(example[length - 1], '.');
                assert_int_equal(identifier_read(kind, example, length - 1, text), 0);
                assert_true(strlen(identifier_fault_code(fault)) > 0);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound), cmocka_unit_test(test_wrong), cmocka_unit_test(test_stays),
        cmocka_unit_test(test_messages)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
