/* JSON in and out: what is kept digit by digit, and what is refused with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "message/json.h"
#include "message/record.h"

static char memory[4 * 1024 * 1024];

static int read_text(const char *text, size_t length, const struct json_limits *limits,
                     struct json_fault *ret_fault, struct value *ret_value) {
    static struct scratch scratch;
    scratch_init(&scratch, memory, sizeof memory);
    return json_read(text, length, limits, &scratch, ret_fault, ret_value);
}

static void same_again(const char *text, const char *expected) {
    struct json_limits limits = {.scalar_root = true};
    struct json_fault fault;
    struct value value;
    int rc = read_text(text, strlen(text), &limits, &fault, &value);
    if (rc != 0) fail_msg("%s: %s", text, fault.en);
    struct buffer buffer;
    buffer_init(&buffer, 1 << 20);
    json_write(&value, 0, &buffer);
    assert_false(buffer.failed);
    assert_string_equal(buffer.data, expected);
    buffer_done(&buffer);
}

static void test_round_trip(void **state) {
    (void)state;
    same_again("{}", "{}");
    same_again(" { \"b\" : [ 1 , true , null, false, [] ] , \"a\" : \"x\" } ",
               "{\"b\":[1,true,null,false,[]],\"a\":\"x\"}");
    same_again("0.1", "0.1");
    same_again("-0.5e1", "-5");
    same_again("1234567890123456789012345678901234", "1234567890123456789012345678901234");
    same_again("0.1234567890123456789012345678901234", "0.1234567890123456789012345678901234");
    same_again("[9007199254740993, 18446744073709551617]",
               "[9007199254740993,18446744073709551617]");
    same_again("{\"n\":1e3,\"m\":[2,{\"k\":3}],\"o\":4}",
               "{\"n\":1000,\"m\":[2,{\"k\":3}],\"o\":4}");
    same_again("\"\\u00e9\\ud83d\\ude00\\n\\u0001\\\"\\\\\"", "\"é😀\\n\\u0001\\\"\\\\\"");
    same_again("{\"-1\":\"2\",\"3\":4}", "{\"-1\":\"2\",\"3\":4}");
}

static void refused(const char *text, size_t length, const char *code, int line, int column) {
    struct json_fault fault;
    struct value value = value_boolean(true);
    int rc = read_text(text, length, NULL, &fault, &value);
    if (rc != ERROR_INVALID) fail_msg("%s: accepted", text);
    assert_string_equal(fault.code, code);
    if (fault.line != line || fault.column != column) {
        fail_msg("%s: at %d:%d, not %d:%d", text, fault.line, fault.column, line, column);
    }
    const char *const reasons[] = {fault.nl, fault.en};
    for (int i = 0; i < 2; i++) {
        size_t written = strlen(reasons[i]);
        assert_true(written > 10 && reasons[i][written - 1] == '.');
        assert_true(utf8_valid(reasons[i], written));
    }
    assert_int_equal(value.kind, VALUE_BOOLEAN);
}

#define REFUSED(text, code, line, column) refused(text, sizeof(text) - 1, code, line, column)

static void test_malformed(void **state) {
    (void)state;
    REFUSED("", "malformed", 1, 1);
    REFUSED("{", "malformed", 1, 2);
    REFUSED("{\"a\": 1", "malformed", 1, 8);
    REFUSED("{\"a\": 1}\n x", "malformed", 2, 2);
    REFUSED("{\"a\": 1,\n\"é\" 2}", "malformed", 2, 5);
    REFUSED("{\"a\": 01}", "malformed", 1, 7);
    REFUSED("{\"a\": 1.}", "malformed", 1, 7);
    REFUSED("{\"a\": -}", "malformed", 1, 7);
    REFUSED("{'a': 1}", "malformed", 1, 2);
    REFUSED("{\"a\": NaN}", "malformed", 1, 7);
    REFUSED("\xEF\xBB\xBF{}", "byte_order_mark", 1, 1);
    REFUSED("{\"a\": \"\xC0\x80\"}", "not_utf8", 1, 8);
    REFUSED("{\"a\": \"\xED\xA0\x80\"}", "not_utf8", 1, 8);
    REFUSED("{\"a\": \"\xF4\x90\x80\x80\"}", "not_utf8", 1, 8);
    REFUSED("{\"a\": \"caf\xE9\"}", "not_utf8", 1, 11);
    REFUSED("{\"a\": \"\xE2\x82", "not_utf8", 1, 8);
    REFUSED("{\"a\": \"x\0y\"}", "nul_character", 1, 9);
    REFUSED("{}\0", "nul_character", 1, 3);
    REFUSED("[1]", "not_an_object", 1, 1);
    REFUSED("5", "not_an_object", 1, 1);
}

/* Whatever is done to one byte of a text: what is then refused is explained, in words of ours. */
static void test_each_fault_is_explained(void **state) {
    (void)state;
    static const char good[] = "{\"a\": [1, -2.5e3, {\"b\": \"x\\n\\u00e9\\ud83d\\ude00\"}, [],"
                               " {}], \"c\": true, \"d\": null}";
    static const char others[] = "\"\\/{}[],:'#+.0aAe \n\t\001u=-";
    char text[sizeof good];
    int refusals = 0;
    for (size_t at = 0; at + 1 < sizeof good; at++) {
        for (size_t i = 0; i < sizeof others; i++) {
            size_t length = others[i] ? sizeof good - 1 : at; /* or is cut short */
            struct json_fault fault;
            struct value value;
            memcpy(text, good, sizeof good);
            text[at] = others[i];
            text[length] = '\0';
            if (read_text(text, length, NULL, &fault, &value) == 0) continue;
            refusals++;
            bool explained = strstr(fault.nl, "Laat een programma") == NULL;
            if (!explained || strlen(fault.nl) < 20 || strlen(fault.en) < 20 || fault.line < 1)
                fail_msg("%s: %s %s", text, fault.nl, fault.en);
            if ((size_t)fault.column > length + 1) fail_msg("%s: column %d", text, fault.column);
        }
    }
    assert_true(refusals > 1000);
}

/* A number that does not fit is a fault, or a mark for whoever checks the values. */
static void test_unfit_numbers(void **state) {
    (void)state;
    const struct json_limits limits = {.keep_unfit = true};
    static const char text[] = "{\"many\": 1234567890123456789012345678901234567890, \"fits\": 1,"
                               " \"large\": 1e99999999, \"none\": null}";
    struct json_fault fault;
    struct value value;
    assert_int_equal(read_text(text, strlen(text), &limits, &fault, &value), 0);
    assert_int_equal(value.length, 4);
    assert_int_equal(json_number_unfit(&value.entries[0].value), JSON_UNFIT_DIGITS);
    assert_int_equal(json_number_unfit(&value.entries[1].value), JSON_FITS);
    assert_int_equal(json_number_unfit(&value.entries[2].value), JSON_UNFIT_SIZE);
    assert_int_equal(json_number_unfit(&value.entries[3].value), JSON_FITS);
    assert_int_equal(read_text(text, strlen(text), NULL, &fault, &value), ERROR_INVALID);
    assert_string_equal(fault.pointer, "/many");
}

static void test_escapes(void **state) {
    (void)state;
    struct json_fault fault;
    struct value value;
    const char *nul = "{\"a\": \"\\u0000\"}", *lone = "{\"a\": \"\\ud800\"}",
               *low = "{\"a\": \"\\udc00x\"}", *key = "{\"\\u0000\": 1}";
    assert_int_equal(read_text(nul, strlen(nul), NULL, &fault, &value), ERROR_INVALID);
    assert_string_equal(fault.code, "nul_character");
    assert_int_equal(read_text(key, strlen(key), NULL, &fault, &value), ERROR_INVALID);
    assert_string_equal(fault.code, "nul_character");
    assert_int_equal(read_text(lone, strlen(lone), NULL, &fault, &value), ERROR_INVALID);
    assert_string_equal(fault.code, "lone_surrogate");
    assert_int_equal(read_text(low, strlen(low), NULL, &fault, &value), ERROR_INVALID);
    assert_string_equal(fault.code, "lone_surrogate");
}

static void test_duplicates(void **state) {
    (void)state;
    struct json_fault fault;
    struct value value;
    const char *text = "{\"x\": [{}, {\"k\\\"q\": 1, \"b\": 2, \"k\\\"q\": 3}]}";
    assert_int_equal(read_text(text, strlen(text), NULL, &fault, &value), ERROR_INVALID);
    assert_string_equal(fault.code, "duplicate_key");
    assert_string_equal(fault.pointer, "/x/1/k\\\"q");
    assert_non_null(strstr(fault.en, "k\\\"q"));
    assert_false(fault.number);
    text = "{\"answers\": {\"a/b~\": 1, \"a/b~\": 1}}";
    assert_int_equal(read_text(text, strlen(text), NULL, &fault, &value), ERROR_INVALID);
    assert_string_equal(fault.pointer, "/answers/a~1b~0");
    assert_int_equal(fault.column, 25);
}

static void test_numbers(void **state) {
    (void)state;
    struct json_fault fault;
    struct value value;
    const char *cases[][3] = {
        {"{\"a\": {\"b\": [1, 1e400000]}}", "/a/b/1", "number_out_of_range"},
        {"{\"a\": 1, \"b\": 1234567890123456789012345678901234567890}", "/b",
         "too_many_digits"},
    };
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        const char *text = cases[at][0];
        assert_int_equal(read_text(text, strlen(text), NULL, &fault, &value), ERROR_INVALID);
        assert_true(fault.number);
        assert_string_equal(fault.pointer, cases[at][1]);
        assert_string_equal(fault.code, cases[at][2]);
    }
    /* 1e400 fits the exponent of a decimal128, and fails later against a field's range. */
    const char *text = "{\"a\": 1e400}";
    assert_int_equal(read_text(text, strlen(text), NULL, &fault, &value), 0);
    char long_number[600];
    memset(long_number, '0', sizeof long_number);
    memcpy(long_number, "{\"a\":0.", 7);
    memcpy(long_number + 590, "1}", 3);
    assert_int_equal(read_text(long_number, 592, NULL, &fault, &value), ERROR_INVALID);
    assert_true(fault.number);
    assert_string_equal(fault.pointer, "/a");
}

static void test_limits(void **state) {
    (void)state;
    struct json_fault fault;
    struct value value;
    char deep[200];
    int length = snprintf(deep, sizeof deep, "{\"a\":");
    for (int at = 0; at < 31; at++) deep[length++] = '[';
    for (int at = 0; at < 31; at++) deep[length++] = ']';
    deep[length++] = '}';
    assert_int_equal(read_text(deep, (size_t)length, NULL, &fault, &value), 0);
    struct json_limits limits = {.depth = 31};
    assert_int_equal(read_text(deep, (size_t)length, &limits, &fault, &value), ERROR_INVALID);
    assert_string_equal(fault.code, "too_deep");
    limits = (struct json_limits){.values = 4};
    const char *few = "{\"a\": 1, \"b\": [2]}", *many = "{\"a\": 1, \"b\": [2, 3]}";
    assert_int_equal(read_text(few, strlen(few), &limits, &fault, &value), 0);
    assert_int_equal(read_text(many, strlen(many), &limits, &fault, &value), ERROR_INVALID);
    assert_string_equal(fault.code, "too_many_values");
    struct scratch small;
    scratch_init(&small, memory, 64);
    assert_int_equal(json_read(many, strlen(many), NULL, &small, &fault, &value),
                     ERROR_TOO_LARGE);
}

/* Every prefix and every changed byte of a text is refused or read, and never crashes. */
static void test_damage(void **state) {
    (void)state;
    static const char text[] =
        "{\"a\": [1, -2.5e3, \"x\\u00e9\\n\", {\"b\": null, \"c\": {\"d\": true}}], \"é\": \"\"}";
    struct json_fault fault;
    struct value value;
    for (size_t length = 0; length < sizeof text - 1; length++) {
        char *copy = malloc(length ? length : 1);
        assert_non_null(copy);
        memcpy(copy, text, length);
        assert_int_equal(read_text(copy, length, NULL, &fault, &value), ERROR_INVALID);
        free(copy);
    }
    static const char bytes[] = "\"\\{}[],:0-+eE.\x80\xFF\0 tn";
    char changed[sizeof text];
    for (size_t at = 0; at < sizeof text - 1; at++) {
        for (size_t byte = 0; byte < sizeof bytes - 1; byte++) {
            memcpy(changed, text, sizeof text);
            changed[at] = bytes[byte];
            int rc = read_text(changed, sizeof text - 1, NULL, &fault, &value);
            assert_true(rc == 0 || rc == ERROR_INVALID);
        }
    }
}

static void test_write(void **state) {
    (void)state;
    struct scratch scratch;
    struct record record;
    struct list list;
    scratch_init(&scratch, memory, sizeof memory);
    record_init(&record, &scratch);
    list_init(&list, &scratch);
    list_add(&list, value_int64(1));
    list_add(&list, value_date(1980, 5, 17));
    record_set(&record, "list", list_value(&list));
    record_set_text(&record, "none", NULL);
    record_set_cents(&record, "premium", -1250);
    record_set_instant(&record, "at", 0);
    record_set_integer(&record, "premium", 7);
    struct value value = record_value(&record);
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    json_write(&value, 2, &buffer);
    assert_string_equal(buffer.data, "{\n  \"list\": [\n    1,\n    \"1980-05-17\"\n  ],\n"
                                     "  \"none\": null,\n  \"premium\": 7,\n"
                                     "  \"at\": \"1970-01-01T00:00:00Z\"\n}");
    buffer_done(&buffer);
    buffer_init(&buffer, 10);
    json_write(&value, 0, &buffer);
    assert_true(buffer.failed);
    buffer_done(&buffer);
    assert_null(record_get(&value, "none"));
    assert_int_equal(record_get_integer(&value, "premium", 0), 7);
    assert_string_equal(record_get_text(&value, "at", &scratch), "1970-01-01T00:00:00Z");
}

static void test_record_limit(void **state) {
    (void)state;
    static char names[RECORD_FIELDS_MAX + 1][16];
    struct scratch scratch;
    struct record record;
    scratch_init(&scratch, memory, sizeof memory);
    record_init(&record, &scratch);
    for (int at = 0; at <= RECORD_FIELDS_MAX; at++) {
        assert_false(record.failed);
        (void)snprintf(names[at], sizeof names[at], "f%d", at);
        record_set_integer(&record, names[at], at);
    }
    assert_true(record.failed);
}

/* A text that does not fit is not passed over: nothing is put beside it any more. */
static void test_text_that_does_not_fit(void **state) {
    (void)state;
    struct scratch scratch;
    struct record record;
    const struct value_entry entry = {.name = "a", .name_length = 1, .value = value_text("abc", 3)};
    const struct value given = value_context(&entry, 1);
    scratch_init(&scratch, memory, 3);
    assert_null(record_get_text(&given, "b", &scratch));
    assert_non_null(scratch_take(&scratch, 1));
    assert_null(record_get_text(&given, "a", &scratch));
    assert_null(scratch_take(&scratch, 1));
    scratch_init(&scratch, memory, sizeof memory);
    assert_string_equal(record_get_text(&given, "a", &scratch), "abc");
    scratch.end = scratch.at + 2 * 16; /* for no record, and not for the text */
    scratch.at += 30;
    assert_null(record_get_text(&given, "a", &scratch));
    record_init(&record, &scratch);
    record_set_boolean(&record, "x", true);
    assert_true(record.failed);
}

/* Every character at every place of texts of any length about a word: read back it is the same. */
static void test_written_texts(void **state) {
    (void)state;
    struct json_limits limits = {.scalar_root = true};
    struct buffer buffer;
    buffer_init(&buffer, 1024);
    for (size_t length = 1; length <= 18; length++) {
        for (size_t at = 0; at < length; at++) {
            for (int character = 1; character < 128; character++) {
                char text[18];
                struct json_fault fault;
                struct value value;
                memset(text, 'a', sizeof text);
                text[at] = (char)character;
                buffer_clear(&buffer);
                json_write_text(text, length, &buffer);
                assert_false(buffer.failed);
                assert_int_equal(strlen(buffer.data), buffer.length);
                assert_int_equal(read_text(buffer.data, buffer.length, &limits, &fault, &value), 0);
                assert_int_equal(value.length, length);
                assert_memory_equal(value.text, text, length);
            }
        }
    }
    buffer_done(&buffer);
    buffer_init(&buffer, 6);
    json_write_text("abcde", 5, &buffer);
    assert_true(buffer.failed);
    buffer_clear(&buffer);
    json_write_text("abcd", 4, &buffer);
    assert_string_equal(buffer.data, "\"abcd\"");
    buffer_done(&buffer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_each_fault_is_explained),
        cmocka_unit_test(test_unfit_numbers),
        cmocka_unit_test(test_escapes),        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_limits),
        cmocka_unit_test(test_damage),     cmocka_unit_test(test_write),
        cmocka_unit_test(test_record_limit),
        cmocka_unit_test(test_text_that_does_not_fit), cmocka_unit_test(test_written_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
