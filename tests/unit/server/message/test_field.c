/* Input against descriptors: each type, each refusal with its code, pointer and words, in the two
 * ways in which texts come (JSON with kinds, XML by the field's type). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "message/field.h"
#include "message/json.h"

static char memory[4 * 1024 * 1024];
static struct field_faults faults;

static const struct field_choice fuels[] = {
    {"petrol", {"benzine", "petrol"}},
    {"diesel", {"diesel", "diesel"}},
};
static const struct field driver_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .required = true, .label = {"Naam", "Name"}},
    {.name = "born", .type = FIELD_DATE, .minimum = "1900-01-01", .maximum = "2008-12-31"},
};
static const struct field driver = {.name = "driver", .type = FIELD_RECORD,
                                    .fields = driver_fields, .field_count = 2};
static const struct field fields[] = {
    {.name = "claim_free_years", .type = FIELD_INTEGER, .required = true, .minimum = "0",
     .maximum = "40", .label = {"Schadevrije jaren", "Claim-free years"}},
    {.name = "postcode", .type = FIELD_TEXT, .length_minimum = 6, .length_maximum = 7,
     .pattern = "[1-9][0-9]{3} ?[A-Z]{2}", .example = "\"1234 AB\"",
     .label = {"Postcode", "Postcode"}},
    {.name = "value", .type = FIELD_MONEY, .minimum = "0", .maximum = "200000"},
    {.name = "weight", .type = FIELD_DECIMAL, .fraction_digits = 1, .minimum = "-2.5"},
    {.name = "fuel", .type = FIELD_CHOICE, .choices = fuels, .choice_count = 2},
    {.name = "start", .type = FIELD_DATE},
    {.name = "moment", .type = FIELD_DATE_TIME, .minimum = "2020-01-01T00:00:00Z"},
    {.name = "alarm", .type = FIELD_BOOLEAN},
    {.name = "drivers", .type = FIELD_LIST, .fields = &driver, .length_maximum = 3},
    {.name = "remark", .type = FIELD_TEXT, .length_maximum = 1000},
    {.name = "email", .type = FIELD_TEXT, .format = "email"},
    {.name = "number", .type = FIELD_INTEGER},
    {.name = "answers", .type = FIELD_OPEN},
    {.name = "picture", .type = FIELD_BINARY, .length_minimum = 1, .length_maximum = 4},
};
enum { FIELD_COUNT = sizeof fields / sizeof *fields };

static bool check_text(const char *json, bool lexical, enum language language,
                       struct value *ret_value) {
    static struct scratch scratch;
    struct json_fault fault;
    struct value value;
    scratch_init(&scratch, memory, sizeof memory);
    faults = (struct field_faults){0};
    if (json_read(json, strlen(json), NULL, &scratch, &fault, &value) != 0) {
        fail_msg("%s: %s", json, fault.en);
    }
    struct field_check check = {.language = language, .lexical = lexical, .scratch = &scratch,
                                .pointer = "", .faults = &faults};
    return field_check_record(&check, fields, FIELD_COUNT, &value, ret_value);
}

static void accepted(const char *json, bool lexical, const char *expected) {
    struct value value;
    if (!check_text(json, lexical, LANGUAGE_EN, &value)) {
        fail_msg("%s: %s %s", json, faults.items[0].pointer, faults.items[0].message);
    }
    struct buffer buffer;
    buffer_init(&buffer, 100000);
    field_encode_json(fields, FIELD_COUNT, &value, &buffer);
    assert_string_equal(buffer.data, expected);
    buffer_done(&buffer);
}

static void test_accepted(void **state) {
    (void)state;
    accepted("{\"claim_free_years\": 5}", false, "{\"claim_free_years\":5}");
    accepted("{\"alarm\":null,\"value\":\"24995.5\",\"claim_free_years\":4.0e1,\"weight\":-2.5,"
             "\"fuel\":\"diesel\",\"start\":\"2024-02-29\",\"postcode\":\"1234 AB\"}",
             false,
             "{\"claim_free_years\":40,\"postcode\":\"1234 AB\",\"value\":\"24995.50\","
             "\"weight\":-2.5,\"fuel\":\"diesel\",\"start\":\"2024-02-29\"}");
    accepted("{\"claim_free_years\":0,\"drivers\":[{\"name\":\"Zoë\",\"born\":\"1990-01-01\"},"
             "{\"name\":\"B\"}],\"remark\":\"a\\nb\",\"answers\":{\"b\":1,\"a\":[{\"d\":1,"
             "\"c\":null}]}}", false,
             "{\"claim_free_years\":0,\"drivers\":[{\"name\":\"Zoë\",\"born\":\"1990-01-01\"},"
             "{\"name\":\"B\"}],\"remark\":\"a\\nb\",\"answers\":{\"a\":[{\"c\":null,"
             "\"d\":1}],\"b\":1}}");
    accepted("{\"claim_free_years\":0,\"moment\":\"2026-11-23T09:30:00.25+01:00\","
             "\"email\":\"a@b.nl\"}", false,
             "{\"claim_free_years\":0,\"moment\":\"2026-11-23T09:30:00.25+01:00\","
             "\"email\":\"a@b.nl\"}");
}

static void test_lexical(void **state) {
    (void)state;
    accepted("{\"claim_free_years\":\" +007 \",\"value\":\" 24995.5\\n\",\"weight\":\"3.\","
             "\"alarm\":\"1\",\"start\":\"2026-02-01Z\",\"drivers\":{\"name\":\"A\"}}", true,
             "{\"claim_free_years\":7,\"value\":\"24995.50\",\"weight\":3,"
             "\"start\":\"2026-02-01\",\"alarm\":true,\"drivers\":[{\"name\":\"A\"}]}");
    accepted("{\"claim_free_years\":\"1\",\"drivers\":\"\"}", true,
             "{\"claim_free_years\":1,\"drivers\":[]}");
    accepted("{\"claim_free_years\":\"1\",\"drivers\":\"\\n  \"}", true,
             "{\"claim_free_years\":1,\"drivers\":[]}");
    accepted("{\"claim_free_years\":\"1\",\"alarm\":\"false\",\"start\":\"2026-02-01+05:00\"}",
             true, "{\"claim_free_years\":1,\"start\":\"2026-02-01\",\"alarm\":false}");
}

static void refused(const char *json, bool lexical, const char *pointer, const char *code) {
    struct value value = value_boolean(true);
    if (check_text(json, lexical, LANGUAGE_EN, &value)) fail_msg("%s: accepted", json);
    if (faults.count != 1) fail_msg("%s: %d faults", json, faults.count);
    assert_string_equal(faults.items[0].pointer, pointer);
    if (strcmp(faults.items[0].code, code) != 0) {
        fail_msg("%s: %s, not %s", json, faults.items[0].code, code);
    }
    assert_true(strlen(faults.items[0].message) > 10);
    assert_int_equal(value.kind, VALUE_BOOLEAN);
}

/* The object with claim_free_years and one more field. */
static void wrong(const char *field, const char *pointer, const char *code) {
    char json[600];
    (void)snprintf(json, sizeof json, "{\"claim_free_years\":1,%s}", field);
    refused(json, false, pointer, code);
}

static void test_refused(void **state) {
    (void)state;
    refused("{}", false, "/claim_free_years", "required");
    refused("{\"claim_free_years\":null}", false, "/claim_free_years", "required");
    refused("{\"claim_free_years\":\"5\"}", false, "/claim_free_years", "wrong_type");
    refused("{\"claim_free_years\":4.5}", false, "/claim_free_years", "wrong_type");
    refused("{\"claim_free_years\":-1}", false, "/claim_free_years", "too_small");
    refused("{\"claim_free_years\":1e400}", false, "/claim_free_years", "too_large");
    wrong("\"postcode\":\"12\"", "/postcode", "too_short");
    wrong("\"postcode\":\"12345678\"", "/postcode", "too_long");
    wrong("\"postcode\":\"0234AB\"", "/postcode", "pattern");
    wrong("\"postcode\":\"1234AB\\n\"", "/postcode", "control_character");
    wrong("\"postcode\":1234", "/postcode", "wrong_type");
    wrong("\"value\":24995.5", "/value", "wrong_type");
    wrong("\"value\":\"24995.555\"", "/value", "too_many_digits");
    wrong("\"value\":\"\"", "/value", "wrong_format");
    wrong("\"value\":\"1e3\"", "/value", "wrong_format");
    wrong("\"value\":\"+1\"", "/value", "wrong_format");
    wrong("\"value\":\"1.\"", "/value", "wrong_format");
    wrong("\"value\":\"-0.01\"", "/value", "too_small");
    wrong("\"value\":\"9999999999999999999999999999999999\"", "/value", "too_large");
    wrong("\"value\":\"1234567890123456789012345678901234567\"", "/value", "too_many_digits");
    wrong("\"weight\":1.25", "/weight", "too_many_digits");
    wrong("\"weight\":-2.6", "/weight", "too_small");
    wrong("\"fuel\":\"Diesel\"", "/fuel", "not_a_choice");
    wrong("\"fuel\":[\"diesel\"]", "/fuel", "wrong_type");
    wrong("\"start\":\"2026-02-29\"", "/start", "no_such_date");
    wrong("\"start\":\"2026-13-01\"", "/start", "no_such_date");
    wrong("\"start\":\"0000-01-01\"", "/start", "no_such_date");
    wrong("\"start\":\"17-05-1980\"", "/start", "wrong_format");
    wrong("\"start\":\"2026-02-01Z\"", "/start", "wrong_format");
    wrong("\"start\":\"2026-02-01 \"", "/start", "wrong_format");
    wrong("\"start\":20260201", "/start", "wrong_type");
    wrong("\"moment\":\"2026-02-01T24:00:00Z\"", "/moment", "no_such_date");
    wrong("\"moment\":\"2026-02-01T10:00:00\"", "/moment", "wrong_format");
    wrong("\"moment\":\"2019-12-31T23:59:59Z\"", "/moment", "too_small");
    wrong("\"alarm\":\"true\"", "/alarm", "wrong_type");
    wrong("\"alarm\":1", "/alarm", "wrong_type");
    wrong("\"drivers\":{\"name\":\"A\"}", "/drivers", "wrong_type");
    wrong("\"drivers\":[{\"name\":\"A\"},{}]", "/drivers/1/name", "required");
    wrong("\"drivers\":[{\"name\":\"\"}]", "/drivers/0/name", "required");
    wrong("\"drivers\":[null]", "/drivers/0", "required");
    wrong("\"drivers\":[{\"name\":\"A\",\"born\":\"2009-01-01\"}]", "/drivers/0/born",
          "too_large");
    wrong("\"drivers\":[{\"name\":\"A\",\"born\":\"1899-12-31\"}]", "/drivers/0/born",
          "too_small");
    wrong("\"drivers\":[{\"name\":\"A\",\"nane\":1}]", "/drivers/0/nane", "unknown");
    wrong("\"drivers\":[{\"name\":\"A\"},{\"name\":\"A\"},{\"name\":\"A\"},{\"name\":\"A\"}]",
          "/drivers", "too_long");
    wrong("\"remark\":\"a\\u0007\"", "/remark", "control_character");
    wrong("\"remark\":\"a\\uffff\"", "/remark", "control_character");
    wrong("\"email\":\"a@b\"", "/email", "wrong_format");
    wrong("\"number\":1000000000000000", "/number", "too_large");
    wrong("\"a/b\":1", "/a~1b", "unknown");
    wrong("\"answers\":[[[[[[[[[[[[[1]]]]]]]]]]]]]", "/answers", "too_deep");
    refused("{\"claim_free_years\":\"\"}", true, "/claim_free_years", "wrong_format");
    refused("{\"claim_free_years\":\"1e1\"}", true, "/claim_free_years", "wrong_format");
    refused("{\"claim_free_years\":\"1\",\"start\":\"\"}", true, "/start", "wrong_format");
    refused("{\"claim_free_years\":\"1\",\"alarm\":\"ja\"}", true, "/alarm", "wrong_format");
}

static void says(const char *json, enum language language, const char *message) {
    struct value value;
    assert_false(check_text(json, false, language, &value));
    assert_string_equal(faults.items[0].message, message);
}

static void test_messages(void **state) {
    (void)state;
    says("{\"claim_free_years\":41}", LANGUAGE_NL,
         "Schadevrije jaren: dit is te hoog; vul in: een geheel getal van 0 tot en met 40.");
    says("{\"claim_free_years\":41}", LANGUAGE_EN,
         "Claim-free years: this is too large; give a whole number from 0 to 40.");
    says("{\"claim_free_years\":\"x\"}", LANGUAGE_NL,
         "Schadevrije jaren: u gaf een tekst; vul in: een geheel getal van 0 tot en met 40.");
    says("{\"claim_free_years\":1,\"fuel\":\"x\"}", LANGUAGE_NL,
         "fuel: dit is geen keuze; vul in: een van: petrol, diesel.");
    says("{\"claim_free_years\":1,\"strat\":\"x\"}", LANGUAGE_NL,
         "Het veld \"strat\" is onbekend: bedoelde u \"start\"?");
    says("{\"claim_free_years\":1,\"postcode\":\"0234AB\"}", LANGUAGE_EN,
         "Postcode: this does not have the right form; an example is \"1234 AB\".");
}

static void test_many_faults(void **state) {
    (void)state;
    char json[4096];
    size_t length = 0;
    length += (size_t)snprintf(json, sizeof json, "{");
    for (int at = 0; at < 80; at++) {
        length += (size_t)snprintf(json + length, sizeof json - length, "\"zz%d\":1,", at);
    }
    (void)snprintf(json + length, sizeof json - length, "\"claim_free_years\":1}");
    struct value value;
    assert_false(check_text(json, false, LANGUAGE_NL, &value));
    assert_int_equal(faults.count, FIELD_FAULTS_MAX);
    assert_true(faults.more);
}

static void test_not_an_object(void **state) {
    (void)state;
    struct value text = value_text("x", 1), value;
    struct scratch scratch;
    scratch_init(&scratch, memory, sizeof memory);
    faults = (struct field_faults){0};
    struct field_check check = {.scratch = &scratch, .pointer = "/answers", .faults = &faults};
    assert_false(field_check_record(&check, fields, FIELD_COUNT, &text, &value));
    assert_string_equal(faults.items[0].pointer, "/answers");
    assert_string_equal(faults.items[0].code, "wrong_type");
    /* Scratch memory that is used up is no fault of the input. */
    struct value empty = {.kind = VALUE_CONTEXT};
    scratch_init(&scratch, memory, 16);
    faults = (struct field_faults){0};
    assert_false(field_check_record(&check, fields, FIELD_COUNT, &empty, &value));
    assert_int_equal(faults.count, 0);
}

static void test_patterns(void **state) {
    (void)state;
    struct scratch scratch;
    struct value value;
    scratch_init(&scratch, memory, sizeof memory);
    faults = (struct field_faults){0};
    struct field_check check = {.scratch = &scratch, .pointer = "", .faults = &faults};
    /* A text that would take exponential time is refused within the bound. */
    struct field slow = {.name = "x", .type = FIELD_TEXT, .pattern = "(a+)+b"};
    struct value text = value_text("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 44);
    assert_false(field_check_value(&check, &slow, &text, &value));
    struct field broken = {.name = "x", .type = FIELD_TEXT, .pattern = "(a"};
    assert_false(field_check_value(&check, &broken, &text, &value));
    /* More patterns than the table keeps still match, and a changed text at one address counts. */
    char pattern[32];
    struct field changing = {.name = "x", .type = FIELD_TEXT, .pattern = pattern};
    for (int at = 0; at < FIELD_PATTERNS_MAX + 50; at++) {
        (void)snprintf(pattern, sizeof pattern, "n%d", at);
        struct value good = value_text(pattern, strlen(pattern));
        assert_true(field_check_value(&check, &changing, &good, &value));
        assert_false(field_check_value(&check, &changing, &text, &value));
    }
}

/* Bytes are bytes to a handler, whatever they are; only outside are they base64. */
static void test_bytes(void **state) {
    (void)state;
    struct value value;
    accepted("{\"claim_free_years\":1,\"picture\":\"AAEC/w==\"}", false,
             "{\"claim_free_years\":1,\"picture\":\"AAEC/w==\"}");
    assert_true(check_text("{\"claim_free_years\":1,\"picture\":\"AAEC/w==\"}", false,
                           LANGUAGE_EN, &value));
    const struct value *picture = value_entry_find(&value, "picture", 7);
    assert_non_null(picture);
    assert_int_equal(picture->length, 4);
    assert_memory_equal(picture->text, "\0\1\2\xff", 4);
    static const char *const wrong[][2] = {{"AAEC/w=", "wrong_format"},
                                           {"", "too_short"},
                                           {"AAECAwQ=", "too_long"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char json[80];
        snprintf(json, sizeof json, "{\"claim_free_years\":1,\"picture\":\"%s\"}", wrong[i][0]);
        assert_false(check_text(json, false, LANGUAGE_NL, &value));
        assert_string_equal(faults.items[0].pointer, "/picture");
        assert_string_equal(faults.items[0].code, wrong[i][1]);
    }
}

static void test_utf8(void **state) {
    (void)state;
    assert_true(utf8_valid("aé€😀", 10));
    assert_int_equal(utf8_count("aé€😀", 10), 4);
    assert_int_equal(utf8_fit("aé€😀", 10, 5), 3);
    assert_false(utf8_valid("\xC1\xBF", 2));
    assert_false(utf8_valid("\xE0\x9F\xBF", 3));
    assert_false(utf8_valid("\xF0\x8F\xBF\xBF", 4));
    assert_false(utf8_valid("\xF5\x80\x80\x80", 4));
    assert_false(utf8_valid("\xED\xBF\xBF", 3));
    assert_false(utf8_valid("\xE2\x82", 2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),      cmocka_unit_test(test_lexical),
        cmocka_unit_test(test_refused),       cmocka_unit_test(test_messages),
        cmocka_unit_test(test_many_faults),   cmocka_unit_test(test_not_an_object),
        cmocka_unit_test(test_patterns),      cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
