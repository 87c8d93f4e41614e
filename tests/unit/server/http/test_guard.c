/* The doors: counts per address, and closing them without losing who is already in the queue. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "http/guard.h"

static int listener;
static struct sockaddr_in here;

static int open_doors(void **state, int per_address_max) {
    (void)state;
    struct error error = {0};
    socklen_t length = sizeof here;
    assert_int_equal(guard_open(per_address_max, &error), 0);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    here = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    assert_int_equal(bind(listener, (struct sockaddr *)&here, sizeof here), 0);
    assert_int_equal(guard_listen(listener, 16), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&here, &length), 0);
    return 0;
}
static int open_capped(void **state) { return open_doors(state, 2); }
static int open_uncapped(void **state) { return open_doors(state, 0); }

static int close_doors(void **state) {
    (void)state;
    close(listener);
    guard_close();
    return 0;
}

static int call_from(uint32_t last_byte) {
    struct sockaddr_in from = {.sin_family = AF_INET,
                               .sin_addr = {htonl(INADDR_LOOPBACK - 1 + last_byte)}};
    int caller = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(caller, (struct sockaddr *)&from, sizeof from), 0);
    if (connect(caller, (struct sockaddr *)&here, sizeof here) == 0) return caller;
    close(caller);
    return -1;
}

static int take(void) {
    struct sockaddr_storage from;
    socklen_t length = sizeof from;
    struct pollfd one = {.fd = listener, .events = POLLIN};
    poll(&one, 1, 1000);
    return guard_accept(listener, (struct sockaddr *)&from, &length);
}

static void test_cap(void **state) {
    (void)state;
    int callers[4] = {call_from(1), call_from(1), call_from(1), call_from(2)};
    int first = take(), second = take();
    assert_true(first >= 0 && second >= 0);
    assert_int_equal(take(), -1);
    int other = take();
    assert_true(other >= 0);
    assert_int_equal(guard_connections(), 3);
    assert_int_equal(guard_refused(), 1);
    guard_release(first);
    close(first);
    assert_int_equal(guard_connections(), 2);
    int again = call_from(1), taken = take();
    assert_true(taken >= 0);
    int rest[] = {second, other, taken};
    for (int i = 0; i < 3; i++) {
        guard_release(rest[i]);
        guard_release(rest[i]); /* counted once */
        close(rest[i]);
    }
    assert_int_equal(guard_connections(), 0);
    for (int i = 0; i < 4; i++) close(callers[i]);
    close(again);
}

static void test_address(void **state) {
    (void)state;
    char text[GUARD_ADDRESS_TEXT_MAX];
    assert_true(guard_address(0, text));
    assert_memory_equal(text, "127.0.0.1:", 10);
    assert_true(strlen(text) > 10);
}

static void test_peer(void **state) {
    (void)state;
    char text[GUARD_PEER_TEXT_MAX] = "before";
    int caller = call_from(7), taken = take();
    guard_peer(taken, text);
    assert_string_equal(text, "127.0.0.7");
    guard_release(taken);
    close(taken);
    close(caller);
    guard_peer(-1, text);
    assert_string_equal(text, "");
    guard_peer(listener, text);
    assert_string_equal(text, "");
}

/* A listener for both families, where the machine has the second. */
static void test_peer_of_six(void **state) {
    (void)state;
    struct sockaddr_in6 both = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof both;
    int no = 0, door = socket(AF_INET6, SOCK_STREAM, 0);
    if (door < 0 || setsockopt(door, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no) != 0 ||
        bind(door, (struct sockaddr *)&both, sizeof both) != 0)
        skip();
    assert_int_equal(listen(door, 4), 0);
    assert_int_equal(getsockname(door, (struct sockaddr *)&both, &length), 0);
    four.sin_port = both.sin6_port;
    both.sin6_addr = in6addr_loopback;
    char text[GUARD_PEER_TEXT_MAX];
    int mapped = socket(AF_INET, SOCK_STREAM, 0), six = socket(AF_INET6, SOCK_STREAM, 0);
    assert_int_equal(connect(mapped, (struct sockaddr *)&four, sizeof four), 0);
    int first = accept(door, NULL, NULL);
    guard_peer(first, text);
    assert_string_equal(text, "127.0.0.1");
    if (connect(six, (struct sockaddr *)&both, sizeof both) == 0) {
        int second = accept(door, NULL, NULL);
        guard_peer(second, text);
        assert_string_equal(text, "::1");
        close(second);
    }
    const int opened[] = {door, mapped, six, first};
    for (size_t i = 0; i < sizeof opened / sizeof *opened; i++) close(opened[i]);
}

static void *take_two_late(void *context) {
    int *taken = context;
    usleep(50 * 1000);
    taken[0] = take();
    taken[1] = take();
    return NULL;
}

static void test_closing(void **state) {
    (void)state;
    int callers[2] = {call_from(1), call_from(1)}, taken[2] = {-1, -1};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, take_two_late, taken), 0);
    guard_stop_listening(2000);
    pthread_join(thread, NULL);
    assert_true(taken[0] >= 0 && taken[1] >= 0);
    assert_int_equal(send(callers[0], "x", 1, 0), 1);
    char byte = 0;
    assert_int_equal(recv(taken[0], &byte, 1, 0), 1);
    assert_int_equal(call_from(1), -1);
    for (int i = 0; i < 2; i++) {
        guard_release(taken[i]);
        close(taken[i]);
        close(callers[i]);
    }
    assert_int_equal(guard_connections(), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cap, open_capped, close_doors),
        cmocka_unit_test_setup_teardown(test_address, open_uncapped, close_doors),
        cmocka_unit_test_setup_teardown(test_peer, open_uncapped, close_doors),
        cmocka_unit_test(test_peer_of_six),
        cmocka_unit_test_setup_teardown(test_closing, open_uncapped, close_doors)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
