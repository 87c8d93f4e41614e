/* The chunked coding: every way of cutting the input and the room for output gives the same bytes
 * and the same verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/chunk.h"

/* Decodes in pieces; the rest that was not consumed is counted in ret_rest. */
static enum chunk_status decode(const char *input, size_t step, size_t room, char *ret_text,
                                size_t *ret_length, size_t *ret_rest) {
    struct chunk_decoder decoder;
    size_t length = strlen(input), at = 0, written_total = 0;
    enum chunk_status status = CHUNK_MORE;
    chunk_init(&decoder);
    while (status == CHUNK_MORE && at < length) {
        size_t piece = length - at < step ? length - at : step, consumed = 0, written = 0;
        char output[64];
        status = chunk_decode(&decoder, input + at, piece, &consumed, output, room, &written);
        assert_true(consumed > 0 || written > 0 || status != CHUNK_MORE);
        memcpy(ret_text + written_total, output, written);
        written_total += written;
        at += consumed;
    }
    *ret_length = written_total;
    *ret_rest = length - at;
    return status;
}

static void expect(const char *input, enum chunk_status wanted, const char *text, size_t rest) {
    for (size_t step = 1; step < 12; step++) {
        for (size_t room = 1; room < 8; room++) {
            char out[256];
            size_t length = 0, left = 0;
            assert_int_equal(decode(input, step, room, out, &length, &left), wanted);
            if (wanted == CHUNK_BAD) continue;
            assert_int_equal(length, strlen(text));
            assert_memory_equal(out, text, length);
            assert_int_equal(left, rest);
        }
    }
}

static void test_good(void **state) {
    (void)state;
    expect("0\r\n\r\n", CHUNK_END, "", 0);
    expect("5\r\nhello\r\n0\r\n\r\n", CHUNK_END, "hello", 0);
    expect("5\r\nhello\r\n00000001\r\n!\r\n0000\r\n\r\nGET /", CHUNK_END, "hello!", 5);
    expect("A\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n", CHUNK_END, "01234567890123456789", 0);
    expect("2\r\n\r\n\r\n0\r\n\r\n", CHUNK_END, "\r\n", 0);
}

static void test_incomplete(void **state) {
    (void)state;
    expect("5\r\nhel", CHUNK_MORE, "hel", 0);
    expect("5\r\nhello\r\n0\r\n\r", CHUNK_MORE, "hello", 0);
    expect("f", CHUNK_MORE, "", 0);
}

static void test_bad(void **state) {
    (void)state;
    static const char *const bad[] = {
        "\r\n",         " 5\r\nhello\r\n0\r\n\r\n", "5 \r\nhello\r\n0\r\n\r\n", "0x5\r\nhello\r\n",
        "+5\r\nhello",  "-5\r\nhello",              "5;a=b\r\nhello",           "5\nhello",
        "5\rxhello",    "5\r\nhello!",              "5\r\nhello\n",             "5\r\nhello\r!",
        "000000005\r\n", "fffffffff\r\n",           "0\r\nA: b\r\n\r\n",        "0\r\n\n",
        "g\r\n",        "5\r\nhello\r\n\r\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) expect(bad[i], CHUNK_BAD, "", 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_good),
                                       cmocka_unit_test(test_incomplete),
                                       cmocka_unit_test(test_bad)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
