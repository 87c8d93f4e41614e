/* The strict reading of request heads: what is accepted says the right thing, what is doubtful is
 * refused; scanning gives the same verdict however the bytes are cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/head.h"

/* Scans and parses as the gate does, in pieces of `step` bytes. The status of the fault, or 0. */
static int read_head(const char *bytes, size_t length, size_t step, struct head *ret_head,
                     char *memory) {
    struct head_fault fault = {0};
    size_t scanned = 0, head_length = 0, have = 0;
    int found = 0;
    while (found == 0 && have < length) {
        have = have + step < length ? have + step : length;
        found = head_scan(bytes, have, &scanned, &head_length, &fault);
    }
    if (found < 0) return fault.status;
    if (found == 0) return -1;
    memcpy(memory, bytes, head_length);
    return head_parse(memory, head_length, ret_head, &fault) ? 0 : fault.status;
}

static int status_of(const char *text) {
    static char memory[HEAD_BYTES_MAX];
    struct head head;
    int whole = read_head(text, strlen(text), strlen(text), &head, memory);
    int bitwise = read_head(text, strlen(text), 1, &head, memory);
    assert_int_equal(whole, bitwise);
    return whole;
}

static void test_reads_a_whole_head(void **state) {
    (void)state;
    static char memory[HEAD_BYTES_MAX];
    struct head head;
    const char *text = "POST /a%20b?c=d&e HTTP/1.1\r\nHost: x:1\r\nX-Y:\t z \t\r\n"
                       "content-LENGTH: 0012\r\n\r\nrest";
    assert_int_equal(read_head(text, strlen(text), 7, &head, memory), 0);
    assert_string_equal(head.method, "POST");
    assert_string_equal(head.path, "/a%20b");
    assert_string_equal(head.query, "c=d&e");
    assert_string_equal(head.host, "x:1");
    assert_string_equal(head_get(&head, "x-y"), "z");
    assert_null(head_get(&head, "x-z"));
    assert_int_equal(head.content_length, 12);
    assert_true(head.keep_alive);
    assert_false(head.chunked);
    assert_int_equal(head.header_count, 3);
}

static void test_targets(void **state) {
    (void)state;
    static char memory[HEAD_BYTES_MAX];
    static const struct {
        const char *target, *path, *query;
    } cases[] = {{"/", "/", NULL},
                 {"/?", "/", ""},
                 {"/a?b?c", "/a", "b?c"},
                 {"http://x/a?b", "/a", "b"},
                 {"HTTPS://x?b", "/", "b"},
                 {"https://x", "/", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        struct head head;
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: X\r\n\r\n", cases[i].target);
        assert_int_equal(read_head(text, strlen(text), 3, &head, memory), 0);
        assert_string_equal(head.path, cases[i].path);
        if (cases[i].query) assert_string_equal(head.query, cases[i].query);
        else assert_null(head.query);
    }
    static const char *const bad[] = {"a", "*", "//x%", "http://", "http:///a", "http://y/",
                                      "ftp://x/", "/\x7f", "/a%00", "/a%0g", "/\"", "/a#b",
                                      "x:443", "http://u@x/"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[200];
        snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", bad[i]);
        assert_int_equal(status_of(text), 400);
    }
}

static void test_connection(void **state) {
    (void)state;
    static char memory[HEAD_BYTES_MAX];
    static const struct {
        const char *version, *header;
        bool keep_alive;
    } cases[] = {{"1.1", "", true},
                 {"1.1", "Connection: close\r\n", false},
                 {"1.1", "Connection: TE, Close\r\n", false},
                 {"1.1", "Connection: closed\r\n", true},
                 {"1.1", "Connection: keep-alive\r\nConnection: close\r\n", false},
                 {"1.0", "", false},
                 {"1.0", "Connection: Keep-Alive\r\n", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        struct head head;
        snprintf(text, sizeof text, "GET / HTTP/%s\r\nHost: x\r\n%s\r\n", cases[i].version,
                 cases[i].header);
        assert_int_equal(read_head(text, strlen(text), 100, &head, memory), 0);
        assert_int_equal(head.keep_alive, cases[i].keep_alive);
    }
}

static void test_limits(void **state) {
    (void)state;
    char *text = malloc(2 * HEAD_BYTES_MAX);
    assert_non_null(text);
    size_t length = 0;
    length += (size_t)snprintf(text, 100, "GET / HTTP/1.1\r\nHost: x\r\nA: ");
    memset(text + length, 'a', HEAD_BYTES_MAX - 4 - length);
    memcpy(text + HEAD_BYTES_MAX - 4, "\r\n\r\n", 5);
    assert_int_equal(status_of(text), 0);
    memcpy(text + HEAD_BYTES_MAX - 4, "a\r\n\r\n", 6);
    assert_int_equal(status_of(text), 431);
    free(text);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: "
                               "999999999999999999\r\n\r\n"),
                     0);
    assert_int_equal(status_of("GET / HTTP/1.1\r\nHost: x\r\nContent-Length: "
                               "1000000000000000000\r\n\r\n"),
                     400);
}

static void test_scan_refuses_early(void **state) {
    (void)state;
    static const char *const bad[] = {"\n", "GET / HTTP/1.1\n", "GET\rx", "G\x01", "GET \x7f"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct head_fault fault = {0};
        size_t scanned = 0, length = 0;
        assert_int_equal(head_scan(bad[i], strlen(bad[i]), &scanned, &length, &fault), -1);
        assert_int_equal(fault.status, 400);
    }
    struct head_fault fault = {0};
    size_t scanned = 0, length = 0;
    assert_int_equal(head_scan("a\0b", 3, &scanned, &length, &fault), -1);
    assert_int_equal(head_skip("\r\nGET", 5), 2);
    assert_int_equal(head_skip("\r", 1), 0);
    assert_int_equal(head_skip("GET", 3), 0);
}

/* Any bytes whatever: a verdict, and never a read outside. */
static void test_noise(void **state) {
    (void)state;
    static const char alphabet[] = "GET /?%0a:\r\n\r\nHost: HTTP/1.1 \t,chunked#\x80\x01";
    uint32_t seed = 12345;
    char *memory = malloc(HEAD_BYTES_MAX);
    assert_non_null(memory);
    for (int round = 0; round < 20000; round++) {
        size_t length = (size_t)(round % 120) + 1;
        char *text = malloc(length);
        assert_non_null(text);
        for (size_t i = 0; i < length; i++) {
            seed = seed * 1664525u + 1013904223u;
            text[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
        }
        struct head head, again;
        int whole = read_head(text, length, length, &head, memory);
        assert_int_equal(whole, read_head(text, length, 1, &again, memory));
        free(text);
    }
    free(memory);
}

static void test_percent(void **state) {
    (void)state;
    char text[16];
    size_t length = 0;
    assert_true(head_percent_decode("a%2Fb+c", 7, false, text, &length));
    assert_memory_equal(text, "a/b+c", 5);
    assert_true(head_percent_decode("a+b", 3, true, text, &length));
    assert_memory_equal(text, "a b", 3);
    assert_int_equal(length, 3);
    assert_false(head_percent_decode("%00", 3, false, text, &length));
    assert_false(head_percent_decode("%4", 2, false, text, &length));
    assert_false(head_percent_decode("%", 1, false, text, &length));
    assert_false(head_percent_decode("%g1", 3, false, text, &length));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_a_whole_head), cmocka_unit_test(test_targets),
        cmocka_unit_test(test_connection),         cmocka_unit_test(test_limits),
        cmocka_unit_test(test_scan_refuses_early), cmocka_unit_test(test_noise),
        cmocka_unit_test(test_percent)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
