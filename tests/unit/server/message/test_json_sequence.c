/* Cutting many JSON values apart: each part's text and place, and what a broken array does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "message/json_sequence.h"

/* The parts as "line:column text|"; a broken one ends in "!". "-": it begins as no array. */
static void assert_parts(const char *text, bool lines, const char *expected) {
    char found[1000] = "";
    struct json_sequence sequence;
    struct json_part part;
    /* Exactly as long as the text, so that a sanitizer sees a look behind its end. */
    size_t length = strlen(text), at = 0;
    char *copy = malloc(length ? length : 1);
    int64_t count = 0;
    memcpy(copy, text, length);
    if (!json_sequence_init(&sequence, copy, length, lines)) {
        assert_string_equal("-", expected);
        free(copy);
        return;
    }
    int64_t announced = json_sequence_count(&sequence, 1000);
    while (json_sequence_next(&sequence, &part) > 0) {
        at += (size_t)snprintf(found + at, sizeof found - at, "%d:%d %.*s%s|", part.line,
                               part.column, (int)part.length, part.text, part.broken ? "!" : "");
        count++;
    }
    assert_string_equal(found, expected);
    assert_int_equal(announced, count);
    free(copy);
}

static void test_array(void **state) {
    (void)state;
    assert_parts("[]", false, "");
    assert_parts(" [ ] ", false, "");
    assert_parts("[{\"a\":1},{\"b\":[2,3]}]", false, "1:2 {\"a\":1}|1:10 {\"b\":[2,3]}|");
    assert_parts("[\n  {\"a\": \"x,]\\\"\\\\\"},\n  7 ]\n", false,
                 "2:3 {\"a\": \"x,]\\\"\\\\\"}|3:3 7|");
    assert_parts("[1,,2,]", false, "1:2 1|1:4 |1:5 2|1:7 |");
    assert_parts("[{} {},1]", false, "1:2 {} {}|1:8 1|");
    assert_parts("[[[]],{}]", false, "1:2 [[]]|1:7 {}|");
}

static void test_broken_array(void **state) {
    (void)state;
    assert_parts("", false, "-");
    assert_parts("{}", false, "-");
    assert_parts("[", false, "1:2 !|");
    assert_parts("[1", false, "1:2 1!|");
    assert_parts("[1,", false, "1:2 1|1:4 !|");
    assert_parts("[1,\"x", false, "1:2 1|1:4 \"x!|");
    assert_parts("[1,\"x\\", false, "1:2 1|1:4 \"x\\!|");
    assert_parts("[1] x", false, "1:2 1|1:5 x!|");
    assert_parts("[] []", false, "1:4 []!|");
    assert_parts("[{\"a\":[1},2]", false, "1:2 {\"a\":[1},2]!|");
}

static void test_lines(void **state) {
    (void)state;
    assert_parts("", true, "");
    assert_parts("\n \r\n", true, "");
    assert_parts("{\"a\":1}\n{\"b\":2}\n", true, "1:1 {\"a\":1}|2:1 {\"b\":2}|");
    assert_parts("{}\r\n\r\n  {] \n7", true, "1:1 {}|3:3 {]|4:1 7|");
}

static void test_count_stops(void **state) {
    (void)state;
    struct json_sequence sequence;
    assert_true(json_sequence_init(&sequence, "[1,2,3,4]", 9, false));
    assert_int_equal(json_sequence_count(&sequence, 2), 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_array), cmocka_unit_test(test_broken_array),
        cmocka_unit_test(test_lines), cmocka_unit_test(test_count_stops)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
