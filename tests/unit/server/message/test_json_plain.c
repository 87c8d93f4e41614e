/* The quick way through JSON against the thorough one: what it reads must be what that one reads,
 * and it must never read what that one refuses. An escape in a list around a text makes the
 * thorough way read it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "message/json_plain.h"

enum { TEXT_MAX = 4096, ROUNDS = 40000 };

static char memory[2 * 1024 * 1024];

/* Reads "[text,"A"]" thoroughly; true with the text's value as JSON when it is accepted. */
static bool read_thoroughly(const char *text, size_t length, struct buffer *ret_json) {
    static char around[TEXT_MAX + 16];
    const struct json_limits limits = {.scalar_root = true, .depth = JSON_DEPTH_MAX + 1,
                                       .values = JSON_VALUES_MAX + 2};
    struct scratch scratch;
    struct json_fault fault;
    struct value value;
    static const char end[] = ",\"\\u0041\"]";
    around[0] = '[';
    memcpy(around + 1, text, length);
    memcpy(around + 1 + length, end, sizeof end - 1);
    scratch_init(&scratch, memory, sizeof memory);
    if (json_read(around, length + sizeof end, &limits, &scratch, &fault, &value) != 0)
        return false;
    if (value.kind != VALUE_LIST || value.length != 2) return false;
    json_write(&value.items[0], 0, ret_json);
    return true;
}

/* True when the quick way read it. */
static bool agree(const char *text, size_t length) {
    struct scratch scratch;
    struct value value;
    struct buffer quick, thorough;
    buffer_init(&quick, 1 << 20);
    buffer_init(&thorough, 1 << 20);
    scratch_init(&scratch, memory, sizeof memory);
    char *before = scratch.at;
    bool read = json_plain_read(text, length, JSON_DEPTH_MAX, JSON_VALUES_MAX, &scratch, &value);
    if (read) json_write(&value, 0, &quick);
    else assert_ptr_equal(scratch.at, before);
    if (read && !read_thoroughly(text, length, &thorough))
        fail_msg("only the quick way reads %.*s", (int)length, text);
    if (read) assert_string_equal(quick.data, thorough.data);
    buffer_done(&quick);
    buffer_done(&thorough);
    return read;
}

static const char *const plain_texts[] = {
    "{}", "[]", " [ ] ", "{ }", "0", "-0.5e1", "true", "null", "\"\"", "\"caf\xc3\xa9\"",
    "{\"product\":\"auto\",\"answers\":{\"weight\":1225,\"value\":\"28500.00\",\"list\":"
    "[1,2.50,{\"a\":null}],\"other\":false},\r\n\t\"reference\":\"a b\"}",
    "[[[[1]]],{\"a\":{\"b\":{\"c\":[]}}}]",
    "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20]"};

static const char *const others[] = {
    "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{\"a\":1,\"a\":2}", "01", "1.", ".5", "+1",
    "1e", "tru", "truex", "\"", "\"\\n\"", "\"\t\"", "\"\xff\"", "\"\xed\xa0\x80\"", "1 2", "{}x",
    "{1:2}", "nul", "[1", "\xef\xbb\xbf{}", "12345678901234567890123456789012345", "-", "'a'",
    "[\"a\" \"b\"]", "\"\xc3\"", "{\"a\"}", "]", "NaN", "1e99999"};

static void test_reads_what_is_plain(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof plain_texts / sizeof *plain_texts; i++)
        if (!agree(plain_texts[i], strlen(plain_texts[i])))
            fail_msg("not read: %s", plain_texts[i]);
}

static void test_gives_up_on_all_else(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (agree(others[i], strlen(others[i]))) fail_msg("read: %s", others[i]);
    assert_false(agree("1\0", 2));
}

static void test_limits(void **state) {
    (void)state;
    static char deep[2 * (JSON_DEPTH_MAX + 1)];
    struct scratch scratch;
    struct value value;
    memset(deep, '[', JSON_DEPTH_MAX + 1);
    memset(deep + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    assert_false(agree(deep, sizeof deep));
    assert_true(agree(deep + 1, sizeof deep - 2));
    scratch_init(&scratch, memory, sizeof memory);
    assert_false(json_plain_read("[1,2]", 5, 9, 2, &scratch, &value));
    assert_true(json_plain_read("[1,2]", 5, 9, 3, &scratch, &value));
    /* Without room it gives up, and leaves what there is to the thorough way. */
    for (size_t room = 0; room < 600; room++) {
        scratch_init(&scratch, memory, room);
        if (json_plain_read("{\"a\":[1,2]}", 11, 9, 9, &scratch, &value)) return;
        assert_ptr_equal(scratch.at, memory);
    }
    fail_msg("600 bytes should be enough");
}

static void test_damaged_texts(void **state) {
    (void)state;
    static const char bytes[] = "{}[]\",:0123456789.eE+-tfn \\\n\xc3\xa9";
    uint32_t random = 1;
    for (int round = 0; round < ROUNDS; round++) {
        char text[TEXT_MAX];
        const char *base = plain_texts[round % (int)(sizeof plain_texts / sizeof *plain_texts)];
        size_t length = strlen(base);
        memcpy(text, base, length);
        for (int change = 0; change < 1 + round % 3; change++) {
            random = random * 1664525u + 1013904223u;
            text[random / 65536 % length] = bytes[random / 16 % (sizeof bytes - 1)];
        }
        agree(text, length);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_what_is_plain), cmocka_unit_test(test_gives_up_on_all_else),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_damaged_texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
