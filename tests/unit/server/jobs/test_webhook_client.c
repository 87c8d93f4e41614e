/* The client of webhooks against a receiver in this process: an address that was public when it was
 * registered and is not when it is connected to, what is sent, and how answers end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "jobs/webhook_client.h"

enum { REQUEST_MAX = 8192, WAIT_MAX_MS = 20000 };

/* A receiver that takes one connection after another, and answers each with the same bytes. */
struct receiver {
    int socket, port;
    pthread_t thread;
    atomic_int connections;
    const char *answer;
    size_t endless; /* repeats the answer's last so many bytes until nobody listens */
    char request[REQUEST_MAX];
};

static void answer_send(struct receiver *receiver, int connection) {
    size_t length = strlen(receiver->answer);
    ssize_t sent = send(connection, receiver->answer, length, MSG_NOSIGNAL);
    while (receiver->endless && sent > 0)
        sent = send(connection, receiver->answer + length - receiver->endless, receiver->endless,
                    MSG_NOSIGNAL);
}

static void *receive(void *context) {
    struct receiver *receiver = context;
    for (;;) {
        int connection = accept(receiver->socket, NULL, NULL);
        if (connection < 0) return NULL;
        atomic_fetch_add(&receiver->connections, 1);
        ssize_t length = 0, got = 1;
        memset(receiver->request, 0, sizeof receiver->request);
        while (got > 0 && !strstr(receiver->request, "\r\n\r\n{}")) {
            got = recv(connection, receiver->request + length,
                       sizeof receiver->request - 1 - (size_t)length, 0);
            if (got > 0) length += got;
        }
        if (receiver->answer) answer_send(receiver, connection);
        close(connection);
    }
}

static void receiver_start(struct receiver *receiver, const char *answer, size_t endless) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    memset(receiver, 0, sizeof *receiver);
    receiver->answer = answer;
    receiver->endless = endless;
    receiver->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(receiver->socket >= 0);
    assert_int_equal(bind(receiver->socket, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(receiver->socket, 8), 0);
    assert_int_equal(getsockname(receiver->socket, (struct sockaddr *)&address, &size), 0);
    receiver->port = ntohs(address.sin_port);
    assert_int_equal(pthread_create(&receiver->thread, NULL, receive, receiver), 0);
}

static void receiver_stop(struct receiver *receiver) {
    shutdown(receiver->socket, SHUT_RDWR);
    pthread_join(receiver->thread, NULL);
    close(receiver->socket);
}

static struct webhook_answer post(const struct webhook_rules *rules, const char *host, int port) {
    struct webhook_client *client = NULL;
    struct webhook_answer answer = {.tag = NULL};
    struct error error = {0};
    char url[128];
    int tag = 0;
    snprintf(url, sizeof url, "http://%s:%d/hook", host, port);
    const struct webhook_post message = {
        .url = url, .id = "msg_1", .signature = "v1,AAAA", .body = "{}", .timestamp_s = 1614265330};
    if (webhook_client_new(rules, &error, &client)) fail_msg("%s", error.text);
    assert_int_equal(webhook_client_post(client, &message, &tag, &error), 0);
    int64_t until_ms = clock_monotonic_ms() + WAIT_MAX_MS;
    while (!webhook_client_take(client, &answer) && clock_monotonic_ms() < until_ms)
        webhook_client_run(client, 50);
    assert_ptr_equal(answer.tag, &tag);
    webhook_client_free(client);
    return answer;
}

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi"

/* When it was registered the name stood for a public address; by the time of sending it stands for
 * this machine. Nothing connects. */
static int was_public(void *context, const char *host,
                      struct sockaddr_storage ret_addresses[WEBHOOK_ADDRESSES_MAX],
                      int *ret_count) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    (void)context;
    assert_string_equal(host, "localhost");
    assert_int_equal(inet_pton(AF_INET, "8.8.8.8", &address.sin_addr), 1);
    memcpy(&ret_addresses[0], &address, sizeof address);
    *ret_count = 1;
    return 1;
}

static void test_rebinding(void **state) {
    (void)state;
    const struct webhook_rules strict = {.plain_http = true};
    const struct webhook_rules open = {.plain_http = true, .private_addresses = true};
    struct receiver receiver;
    char url[128];
    receiver_start(&receiver, OK, 0);
    snprintf(url, sizeof url, "http://localhost:%d/hook", receiver.port);
    assert_int_equal(webhook_url_check(&strict, url, was_public, NULL), WEBHOOK_URL_FINE);
    static const char *const hosts[] = {"localhost", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]",
                                        "0.0.0.0", "2130706433"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        struct webhook_answer answer = post(&strict, hosts[i], receiver.port);
        assert_int_equal(answer.end, WEBHOOK_END_FAILED);
        assert_string_equal(answer.try.outcome, "address_refused");
        assert_int_equal(answer.try.http_status, 0);
    }
    assert_int_equal(atomic_load(&receiver.connections), 0);
    struct webhook_answer answer = post(&open, "localhost", receiver.port);
    assert_string_equal(answer.try.outcome, "delivered");
    assert_int_equal(atomic_load(&receiver.connections), 1);
    receiver_stop(&receiver);
}

static void test_request(void **state) {
    (void)state;
    const struct webhook_rules open = {.plain_http = true, .private_addresses = true};
    struct receiver receiver;
    setenv("http_proxy", "http://127.0.0.1:9/", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:9/", 1);
    receiver_start(&receiver, OK, 0);
    struct webhook_answer answer = post(&open, "127.0.0.1", receiver.port);
    assert_int_equal(answer.end, WEBHOOK_END_DELIVERED);
    assert_int_equal(answer.try.http_status, 200);
    assert_string_equal(answer.try.answer, "hi");
    receiver_stop(&receiver);
    static const char *const lines[] = {"POST /hook HTTP/1.1\r\n", "\r\nwebhook-id: msg_1\r\n",
                                        "\r\nwebhook-timestamp: 1614265330\r\n",
                                        "\r\nwebhook-signature: v1,AAAA\r\n",
                                        "\r\nContent-Type: application/json\r\n",
                                        "\r\nContent-Length: 2\r\n", "\r\n\r\n{}"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (!strstr(receiver.request, lines[i])) fail_msg("missing: %s", lines[i]);
    assert_null(strstr(receiver.request, "Expect"));
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
}

/* What receivers answer, and what becomes of it. */
static void test_answers(void **state) {
    (void)state;
    static const struct {
        const char *answer, *outcome, *kept;
        size_t endless;
        enum webhook_end end;
        int status;
    } answers[] = {
        {"HTTP/1.1 204 No Content\r\n\r\n", "delivered", "", 0, WEBHOOK_END_DELIVERED, 204},
        {"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
         "redirect", "", 0, WEBHOOK_END_FAILED, 301},
        {"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n", "gone", "", 0, WEBHOOK_END_GONE, 410},
        {"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\na\x01\xff" "b", "status", "a??b", 0,
         WEBHOOK_END_FAILED, 500},
        {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "dropped", "half", 0,
         WEBHOOK_END_FAILED, 200},
        {"", "dropped", "", 0, WEBHOOK_END_FAILED, 0},
        {"SSH-2.0-Server\r\n", "dropped", "", 0, WEBHOOK_END_FAILED, 0},
        {"HTTP/1.1 200 OK\r\n\r\n0123456789", "delivered", NULL, 10, WEBHOOK_END_DELIVERED, 200},
        {"HTTP/1.1 500 Oops\r\n\r\n0123456789", "status", NULL, 10, WEBHOOK_END_FAILED, 500},
        {"HTTP/1.1 200 OK\r\nX: 0123456789\r\n", "answer_too_large", "", 15, WEBHOOK_END_FAILED,
         200},
        {"HTTP/1.1 100 Continue\r\n\r\n", "answer_too_large", "", 25, WEBHOOK_END_FAILED, 0}};
    const struct webhook_rules open = {.plain_http = true, .private_addresses = true};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct receiver receiver;
        receiver_start(&receiver, answers[i].answer, answers[i].endless);
        struct webhook_answer answer = post(&open, "127.0.0.1", receiver.port);
        receiver_stop(&receiver);
        if (strcmp(answer.try.outcome, answers[i].outcome) != 0 ||
            answer.end != answers[i].end ||
            (answers[i].status && answer.try.http_status != answers[i].status))
            fail_msg("%s: %s %d", answers[i].answer, answer.try.outcome, answer.try.http_status);
        if (answers[i].kept) assert_string_equal(answer.try.answer, answers[i].kept);
        else assert_int_equal(strlen(answer.try.answer), WEBHOOK_ANSWER_KEPT_MAX_BYTES);
        assert_true(answer.try.duration_ms < WEBHOOK_TOTAL_TIMEOUT_MS);
    }
}

/* How long a receiver asks to be left alone, with which statuses, in both forms. */
static void test_asked_wait(void **state) {
    (void)state;
    static const struct {
        const char *answer;
        int64_t least_ms, most_ms;
    } answers[] = {
        {"HTTP/1.1 429 Too Many\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n", 120000, 120000},
        {"HTTP/1.1 503 Busy\r\nretry-after:\t7 \r\nContent-Length: 0\r\n\r\n", 7000, 7000},
        {"HTTP/1.1 500 Broken\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n", 0, 0},
        {"HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n", 0, 0},
        {"HTTP/1.1 429 Too Many\r\nRetry-After: -5\r\nContent-Length: 0\r\n\r\n", 0, 0},
        {"HTTP/1.1 429 Too Many\r\nRetry-After:\r\nContent-Length: 0\r\n\r\n", 0, 0},
        {"HTTP/1.1 429 Too Many\r\nRetry-After: soon\r\nContent-Length: 0\r\n\r\n", 0, 0},
        {"HTTP/1.1 503 Busy\r\nRetry-After: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
         "Content-Length: 0\r\n\r\n", 0, 0},
        {"HTTP/1.1 503 Busy\r\nRetry-After: Fri, 01 Jan 2100 00:00:00 GMT\r\n"
         "Content-Length: 0\r\n\r\n", INT64_C(31536000000), INT64_C(31536000000)},
        {"HTTP/1.1 503 Busy\r\nRetry-After: 99999999999999999999999999\r\n"
         "Content-Length: 0\r\n\r\n", INT64_C(31536000000), INT64_C(31536000000)},
        {"HTTP/1.1 100 Continue\r\nRetry-After: 9\r\n\r\n"
         "HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n", 0, 0}};
    const struct webhook_rules open = {.plain_http = true, .private_addresses = true};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct receiver receiver;
        receiver_start(&receiver, answers[i].answer, 0);
        struct webhook_answer answer = post(&open, "127.0.0.1", receiver.port);
        receiver_stop(&receiver);
        if (answer.asked_wait_ms < answers[i].least_ms || answer.asked_wait_ms > answers[i].most_ms)
            fail_msg("%s: %lld ms", answers[i].answer, (long long)answer.asked_wait_ms);
        assert_int_equal(answer.end, WEBHOOK_END_FAILED);
    }
}

static void test_rules(void **state) {
    (void)state;
    const struct webhook_rules https = {.private_addresses = true};
    const struct webhook_rules unreadable = {.authorities = "/nowhere/authorities.pem"};
    struct webhook_client *client = NULL;
    struct error error = {0};
    struct receiver receiver;
    receiver_start(&receiver, OK, 0);
    struct webhook_answer answer = post(&https, "127.0.0.1", receiver.port);
    assert_int_equal(answer.end, WEBHOOK_END_FAILED);
    assert_int_equal(atomic_load(&receiver.connections), 0);
    receiver_stop(&receiver);
    assert_int_equal(webhook_client_new(&unreadable, &error, &client), ERROR_INVALID);
    assert_non_null(strstr(error.text, "--webhook-authorities"));
    /* What is under way when the client goes, goes with it. */
    assert_int_equal(webhook_client_new(&https, &(struct error){0}, &client), 0);
    const struct webhook_post message = {
        .url = "https://127.0.0.1:9/", .id = "m", .signature = "v1,", .body = "{}"};
    assert_int_equal(webhook_client_post(client, &message, NULL, &error), 0);
    webhook_client_free(client);
    webhook_client_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rebinding),
                                       cmocka_unit_test(test_request),
                                       cmocka_unit_test(test_answers),
                                       cmocka_unit_test(test_asked_wait),
                                       cmocka_unit_test(test_rules)};
    return cmocka_run_group_tests_name("server/jobs client of webhooks", tests, NULL, NULL);
}
