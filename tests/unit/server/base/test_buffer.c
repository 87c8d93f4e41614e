/* The growing buffer at its edges: a text that just fits, one that just does not, and what stays
 * of a buffer that failed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"

static void test_formats_of_every_length(void **state) {
    (void)state;
    static char wanted[1200];
    for (int length = 0; length < 600; length++) {
        struct buffer buffer;
        buffer_init(&buffer, 1100);
        memset(wanted, ' ', sizeof wanted);
        if (length > 0) wanted[length - 1] = '7';
        if (length > 0) wanted[2 * length - 1] = '8';
        wanted[2 * length] = '\0';
        if (length > 0) buffer_format(&buffer, "%*d", length, 7);
        if (length > 0) buffer_format(&buffer, "%*d", length, 8);
        assert_int_equal(buffer.failed, 2 * length > 1100);
        if (!buffer.failed && length > 0) assert_string_equal(buffer.data, wanted);
        buffer_done(&buffer);
    }
}

static void test_what_does_not_fit_leaves_no_trace(void **state) {
    (void)state;
    for (int limit = 1; limit < 20; limit++) {
        struct buffer buffer;
        buffer_init(&buffer, (size_t)limit);
        for (int i = 0; i < limit; i++) buffer_char(&buffer, 'a');
        assert_false(buffer.failed);
        buffer_format(&buffer, "%d", 12345);
        assert_true(buffer.failed);
        assert_int_equal(buffer_failure(&buffer), ERROR_TOO_LARGE);
        assert_int_equal(buffer.length, limit);
        assert_int_equal(strlen(buffer.data), limit);
        buffer_text(&buffer, "");
        buffer_char(&buffer, 'b');
        assert_int_equal(strlen(buffer.data), limit);
        buffer_clear(&buffer);
        buffer_append(&buffer, "x", 1);
        assert_string_equal(buffer.data, "x");
        buffer_done(&buffer);
    }
}

static void test_integers(void **state) {
    (void)state;
    static const struct {
        int64_t integer;
        const char *text;
    } cases[] = {{0, "0"}, {7, "7"}, {-1, "-1"}, {1000, "1000"},
                 {INT64_MAX, "9223372036854775807"}, {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer buffer;
        buffer_init(&buffer, strlen(cases[i].text) + 1);
        buffer_integer(&buffer, cases[i].integer);
        buffer_char(&buffer, ';');
        assert_false(buffer.failed);
        assert_memory_equal(buffer.data, cases[i].text, buffer.length - 1);
        assert_int_equal(buffer.length, strlen(cases[i].text) + 1);
        buffer_done(&buffer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_formats_of_every_length),
                                       cmocka_unit_test(test_integers),
                                       cmocka_unit_test(test_what_does_not_fit_leaves_no_trace)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
