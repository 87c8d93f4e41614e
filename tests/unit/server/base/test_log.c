/* The log, the growing buffer and errors: what an outsider sends cannot break a line. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/log.h"

static int kept_stderr, pipe_ends[2];
static char line[LOG_LINE_MAX * 2];

static void capture(void) {
    assert_int_equal(pipe2(pipe_ends, O_NONBLOCK), 0);
    kept_stderr = dup(STDERR_FILENO);
    dup2(pipe_ends[1], STDERR_FILENO);
}

/* What was logged after its time. */
static const char *captured(void) {
    ssize_t got = read(pipe_ends[0], line, sizeof line - 1);
    dup2(kept_stderr, STDERR_FILENO);
    close(kept_stderr);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    line[got > 0 ? got : 0] = '\0';
    if (got <= 0)
        return line;
    assert_memory_equal(line, "time=20", 7);
    return strchr(line, ' ') + 1;
}

static void lines_are_logfmt(void **state) {
    (void)state;
    capture();
    log_event(LOG_INFO, "started", "address", "127.0.0.1:8443", "text", "a b", "empty", "", NULL);
    assert_string_equal(captured(), "level=info event=started address=127.0.0.1:8443 "
                                    "text=\"a b\" empty=\"\"\n");
}

static void values_are_escaped(void **state) {
    (void)state;
    capture();
    log_event(LOG_ERROR, "odd", "value", "a\"b\\c\nd\x1b[31m\x7f", "more",
              "caf\xc3\xa9 \xff \xc2\x9b \xed\xa0\x80 \xe2\x82", "eq", "a=b", NULL);
    assert_string_equal(captured(), "level=error event=odd value=\"a\\\"b\\\\c\\nd\\x1b[31m\\x7f\" "
                                    "more=\"caf\xc3\xa9 \\xff \\xc2\\x9b \\xed\\xa0\\x80 "
                                    "\\xe2\\x82\" eq=\"a=b\"\n");
}

static void long_values_are_cut(void **state) {
    (void)state;
    static char value[10000];
    for (size_t length = LOG_LINE_MAX - 120; length < LOG_LINE_MAX + 40; length++) {
        memset(value, 'x', length);
        value[length] = '\0';
        value[length / 2] = length % 2 ? '\n' : 'y';
        capture();
        log_event(LOG_INFO, "long", "value", value, "after", "b c", NULL);
        const char *text = captured();
        size_t written = strlen(line);
        assert_true(written <= LOG_LINE_MAX);
        assert_int_equal(line[written - 1], '\n');
        assert_ptr_equal(strchr(text, '\n'), line + written - 1);
    }
}

static void levels_hold(void **state) {
    (void)state;
    capture();
    log_event(LOG_DEBUG, "quiet", NULL);
    assert_string_equal(captured(), "");
    log_set_level(LOG_DEBUG);
    capture();
    log_event(LOG_DEBUG, "loud", NULL);
    assert_string_equal(captured(), "level=debug event=loud\n");
    log_set_level(LOG_INFO);
}

static void buffers_grow_to_their_limit(void **state) {
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    assert_null(buffer.data);
    for (int i = 0; i < 100; i++)
        buffer_format(&buffer, "%09d\n", i);
    assert_false(buffer.failed);
    assert_int_equal(buffer.length, 1000);
    assert_int_equal(buffer.data[1000], '\0');
    assert_true(buffer.capacity <= 1001);
    buffer_char(&buffer, 'x');
    assert_true(buffer.failed);
    assert_int_equal(buffer.length, 1000);
    buffer_append(&buffer, "", 0);
    assert_int_equal(buffer.length, 1000);
    buffer_clear(&buffer);
    assert_false(buffer.failed);
    buffer_text(&buffer, "again");
    assert_string_equal(buffer.data, "again");
    buffer_append(&buffer, "huge", SIZE_MAX);
    assert_true(buffer.failed);
    buffer_done(&buffer);
    assert_null(buffer.data);
    buffer_init(&buffer, SIZE_MAX);
    buffer_text(&buffer, "");
    assert_string_equal(buffer.data, "");
    buffer_text(&buffer, "x");
    assert_string_equal(buffer.data, "x");
    buffer_done(&buffer);
    buffer_init(&buffer, 0);
    buffer_char(&buffer, 'x');
    assert_true(buffer.failed);
    buffer_done(&buffer);
}

static void first_error_stands(void **state) {
    (void)state;
    struct error error = {.code = ERROR_NONE};
    assert_int_equal(error_set(NULL, ERROR_BUSY, "no %s", "place"), ERROR_BUSY);
    assert_int_equal(error_set(&error, ERROR_FULL, "line\none %d", 1), ERROR_FULL);
    assert_int_equal(error_set(&error, ERROR_IO, "two"), ERROR_FULL);
    assert_string_equal(error.text, "line one 1");
    error_clear(&error);
    assert_int_equal(error_set(&error, ERROR_IO, "%01000d", 7), ERROR_IO);
    assert_int_equal(strlen(error.text), ERROR_TEXT_MAX - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_logfmt),    cmocka_unit_test(values_are_escaped),
        cmocka_unit_test(long_values_are_cut), cmocka_unit_test(levels_hold),
        cmocka_unit_test(buffers_grow_to_their_limit), cmocka_unit_test(first_error_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
