/* Base64: the examples of RFC 4648, and texts that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"

static const struct {
    const char *bytes, *text;
} pairs[] = {{"", ""},         {"f", "Zg=="},         {"fo", "Zm8="},       {"foo", "Zm9v"},
             {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};

static void both_ways(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct buffer buffer;
        char bytes[32];
        size_t length = 99;
        buffer_init(&buffer, 64);
        base64_write(pairs[i].bytes, strlen(pairs[i].bytes), &buffer);
        assert_string_equal(buffer.data ? buffer.data : "", pairs[i].text);
        assert_true(base64_read(pairs[i].text, strlen(pairs[i].text), bytes, &length));
        assert_int_equal(length, strlen(pairs[i].bytes));
        assert_memory_equal(bytes, pairs[i].bytes, length);
        buffer_done(&buffer);
    }
}

static void every_byte(void **state) {
    (void)state;
    uint8_t bytes[256], back[300];
    struct buffer buffer;
    size_t length = 0;
    for (int i = 0; i < 256; i++) bytes[i] = (uint8_t)i;
    buffer_init(&buffer, 1024);
    base64_write(bytes, sizeof bytes, &buffer);
    assert_true(base64_bytes(buffer.length) <= sizeof back);
    assert_true(base64_read(buffer.data, buffer.length, back, &length));
    assert_int_equal(length, sizeof bytes);
    assert_memory_equal(back, bytes, sizeof bytes);
    buffer_done(&buffer);
}

static void broken_lines(void **state) {
    (void)state;
    char bytes[16];
    size_t length = 0;
    assert_true(base64_read(" Zm9v\r\n YmE= \t", 14, bytes, &length));
    assert_int_equal(length, 5);
    assert_memory_equal(bytes, "fooba", 5);
}

static void no_base64(void **state) {
    (void)state;
    static const char *const texts[] = {"Z",     "Zg",    "Zg=",   "Zg===", "Z===",     "====",
                                        "Zh==",  "Zm9=",  "Zm=v",  "Zg==Zg==", "Zm9v!", "Zm9-",
                                        "Zm9v=", "\xc3\xa9"};
    char bytes[32];
    size_t length = 77;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (base64_read(texts[i], strlen(texts[i]), bytes, &length)) fail_msg("%s", texts[i]);
        assert_int_equal(length, 77);
    }
    assert_false(base64_read("Zm9v\0", 5, bytes, &length));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_ways), cmocka_unit_test(every_byte),
                                       cmocka_unit_test(broken_lines),
                                       cmocka_unit_test(no_base64)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
