/* Webhooks: signatures against the convention's own example, which addresses are public, which URLs
 * are taken, when a try follows another, and which events there are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "domain/webhook.h"

/* ---- signatures ----------------------------------------------------------------------------- */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define OTHER "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
static const char example_id[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
static const char example_body[] = "{\"test\": 2432232314}";
enum { EXAMPLE_TIMESTAMP_S = 1614265330 };
#define EXAMPLE_SIGNATURE "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

static int sign(const char *secrets, int limit, struct buffer *buffer) {
    struct error error = {0};
    buffer_init(buffer, 1024);
    return webhook_sign(secrets, limit, example_id, EXAMPLE_TIMESTAMP_S, example_body,
                        strlen(example_body), &error, buffer);
}

static void test_signature(void **state) {
    (void)state;
    struct buffer buffer;
    assert_int_equal(sign(SECRET, 1, &buffer), 0);
    assert_string_equal(buffer.data, EXAMPLE_SIGNATURE);
    buffer_done(&buffer);
    /* Two secrets: two signatures, of each its own, as many as are asked for. */
    assert_int_equal(sign(OTHER " " SECRET, 2, &buffer), 0);
    const char *second = strchr(buffer.data, ' ');
    assert_non_null(second);
    assert_string_equal(second + 1, EXAMPLE_SIGNATURE);
    assert_int_equal(strncmp(buffer.data, "v1,", 3), 0);
    buffer_done(&buffer);
    assert_int_equal(sign(SECRET " " OTHER, 1, &buffer), 0);
    assert_string_equal(buffer.data, EXAMPLE_SIGNATURE);
    buffer_done(&buffer);
    const char *const broken[] = {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!!",
                                  "whsec_AAA"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        assert_int_equal(sign(broken[i], 1, &buffer), ERROR_INVALID);
        buffer_done(&buffer);
    }
}

static void test_secret(void **state) {
    (void)state;
    char first[WEBHOOK_SECRET_MAX], second[WEBHOOK_SECRET_MAX];
    struct buffer buffer;
    webhook_secret_make(first);
    webhook_secret_make(second);
    assert_int_equal(strncmp(first, "whsec_", 6), 0);
    assert_int_equal(strlen(first), 6 + 44);
    assert_string_not_equal(first, second);
    assert_int_equal(sign(first, 1, &buffer), 0);
    buffer_done(&buffer);
}

/* ---- addresses ------------------------------------------------------------------------------ */
static void address_read(const char *text, struct sockaddr_storage *ret_address) {
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    memset(ret_address, 0, sizeof *ret_address);
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1) memcpy(ret_address, &four, sizeof four);
    else if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1) memcpy(ret_address, &six, sizeof six);
    else fail_msg("%s is no address", text);
}

enum class { PUBLIC, PRIVATE, NOBODY }; /* NOBODY: not even where private ones are allowed */

static void test_addresses(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum class class;
    } addresses[] = {
        {"8.8.8.8", PUBLIC},          {"1.1.1.1", PUBLIC},
        {"9.255.255.255", PUBLIC},    {"11.0.0.0", PUBLIC},
        {"100.63.255.255", PUBLIC},   {"100.128.0.0", PUBLIC},
        {"126.255.255.255", PUBLIC},  {"128.0.0.0", PUBLIC},
        {"169.253.255.255", PUBLIC},  {"169.255.0.0", PUBLIC},
        {"172.15.255.255", PUBLIC},   {"172.32.0.0", PUBLIC},
        {"192.167.255.255", PUBLIC},  {"192.169.0.0", PUBLIC},
        {"198.17.255.255", PUBLIC},   {"198.20.0.0", PUBLIC},
        {"223.255.255.255", PUBLIC},  {"0.0.0.0", NOBODY},
        {"0.1.2.3", NOBODY},          {"10.0.0.1", PRIVATE},
        {"10.255.255.255", PRIVATE},  {"100.64.0.0", PRIVATE},
        {"100.127.255.255", PRIVATE}, {"127.0.0.1", PRIVATE},
        {"127.255.255.254", PRIVATE}, {"169.254.169.254", PRIVATE},
        {"172.16.0.0", PRIVATE},      {"172.31.255.255", PRIVATE},
        {"192.0.0.8", PRIVATE},       {"192.0.2.1", PRIVATE},
        {"192.88.99.1", PRIVATE},     {"192.168.0.1", PRIVATE},
        {"192.168.255.255", PRIVATE}, {"198.18.0.0", PRIVATE},
        {"198.19.255.255", PRIVATE},  {"198.51.100.7", PRIVATE},
        {"203.0.113.9", PRIVATE},     {"224.0.0.1", NOBODY},
        {"239.255.255.255", NOBODY},  {"240.0.0.1", NOBODY},
        {"255.255.255.255", NOBODY},  {"2a00:1450:4001::1", PUBLIC},
        {"2606:4700::1111", PUBLIC},  {"2001:4860:4860::8888", PUBLIC},
        {"2001:200::1", PUBLIC},      {"3ffe::1", PUBLIC},
        {"::", NOBODY},               {"::1", PRIVATE},
        {"::ffff:8.8.8.8", PRIVATE},  {"::ffff:127.0.0.1", PRIVATE},
        {"::ffff:10.0.0.1", PRIVATE}, {"::ffff:0.0.0.0", NOBODY},
        {"::ffff:224.0.0.1", NOBODY}, {"::127.0.0.1", PRIVATE},
        {"64:ff9b::7f00:1", PRIVATE}, {"64:ff9b:1::1", PRIVATE},
        {"100::1", PRIVATE},          {"2001::1", PRIVATE},
        {"2001:0:7f00:1::", PRIVATE}, {"2001:1ff::1", PRIVATE},
        {"2001:db8::1", PRIVATE},     {"2002:7f00:1::", PRIVATE},
        {"2002:808:808::1", PRIVATE}, {"2620:4f:8000::1", PRIVATE},
        {"3fff:fff::1", PRIVATE},     {"4000::1", PRIVATE},
        {"5f00::1", PRIVATE},         {"fc00::1", PRIVATE},
        {"fd12:3456::1", PRIVATE},    {"fe80::1", PRIVATE},
        {"fec0::1", PRIVATE},         {"ff02::1", NOBODY},
        {"ff0e::1", NOBODY}};
    const struct webhook_rules strict = {.plain_http = true}, open = {.private_addresses = true};
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++) {
        struct sockaddr_storage address;
        address_read(addresses[i].text, &address);
        const struct sockaddr *one = (const struct sockaddr *)&address;
        if (webhook_address_public(one) != (addresses[i].class == PUBLIC) ||
            webhook_address_allowed(&strict, one) != (addresses[i].class == PUBLIC) ||
            webhook_address_allowed(&open, one) != (addresses[i].class != NOBODY))
            fail_msg("%s is taken for something else", addresses[i].text);
    }
    struct sockaddr_storage local = {.ss_family = AF_UNIX};
    assert_false(webhook_address_allowed(&open, (const struct sockaddr *)&local));
}

/* ---- URLs ----------------------------------------------------------------------------------- */
/* A name server of one's own: names and what they stand for, one after the other. */
struct names {
    const char *const *answers; /* addresses with blanks between; NULL ends them */
    char asked[256];
    int at;
};

static int look_up(void *context, const char *host,
                   struct sockaddr_storage ret_addresses[WEBHOOK_ADDRESSES_MAX], int *ret_count) {
    struct names *names = context;
    char text[64];
    int count = 0;
    snprintf(names->asked, sizeof names->asked, "%s", host);
    const char *at = names->answers[names->at++];
    if (!at) return -1;
    while (*at) {
        size_t length = strcspn(at, " ");
        snprintf(text, sizeof text, "%.*s", (int)length, at);
        if (count < WEBHOOK_ADDRESSES_MAX) address_read(text, &ret_addresses[count]);
        count++;
        at += length + (at[length] == ' ');
    }
    *ret_count = count;
    return count > 0;
}

static enum webhook_url_answer check(const char *url, const struct webhook_rules *rules,
                                     const char *addresses, char *ret_asked) {
    const char *const answers[] = {addresses, NULL};
    struct names names = {.answers = answers};
    enum webhook_url_answer answer = webhook_url_check(rules, url, look_up, &names);
    if (ret_asked) memcpy(ret_asked, names.asked, sizeof names.asked);
    return answer;
}

static void test_urls(void **state) {
    (void)state;
    static const struct webhook_rules strict;
    static const struct webhook_rules plain = {.plain_http = true};
    static const struct {
        const char *url, *addresses;
        enum webhook_url_answer answer;
    } urls[] = {
        {"https://example.nl/hook?a=b", "8.8.8.8", WEBHOOK_URL_FINE},
        {"https://example.nl", "8.8.8.8 2a00:1450::1", WEBHOOK_URL_FINE},
        {"https://example.nl:8443/", "8.8.8.8", WEBHOOK_URL_FINE},
        {"https://[2a00:1450::1]/", "2a00:1450::1", WEBHOOK_URL_FINE},
        {"HTTPS://EXAMPLE.NL/", "8.8.8.8", WEBHOOK_URL_FINE},
        {"http://example.nl/", "8.8.8.8", WEBHOOK_URL_NOT_HTTPS},
        {"ftp://example.nl/", "8.8.8.8", WEBHOOK_URL_NOT_HTTPS},
        {"file:///etc/passwd", "8.8.8.8", WEBHOOK_URL_MALFORMED},
        {"gopher://example.nl:1234/", "8.8.8.8", WEBHOOK_URL_NOT_HTTPS},
        {"example.nl/hook", "8.8.8.8", WEBHOOK_URL_MALFORMED},
        {"https://", "8.8.8.8", WEBHOOK_URL_MALFORMED},
        {"https:///pad", "8.8.8.8", WEBHOOK_URL_MALFORMED},
        {"", "8.8.8.8", WEBHOOK_URL_MALFORMED},
        {"https://exa mple.nl/", "8.8.8.8", WEBHOOK_URL_MALFORMED},
        {"https://example.nl\\@evil.example/", "8.8.8.8", WEBHOOK_URL_MALFORMED},
        {"https://\xc3\xa9.example/", "8.8.8.8", WEBHOOK_URL_MALFORMED},
        {"https://[fe80::1%25eth0]/", "fe80::1", WEBHOOK_URL_PRIVATE},
        {"https://user@example.nl/", "8.8.8.8", WEBHOOK_URL_CREDENTIALS},
        {"https://user:secret@example.nl/", "8.8.8.8", WEBHOOK_URL_CREDENTIALS},
        {"https://example.nl/#top", "8.8.8.8", WEBHOOK_URL_FRAGMENT},
        {"https://example.nl:22/", "8.8.8.8", WEBHOOK_URL_PORT},
        {"https://example.nl:80/", "8.8.8.8", WEBHOOK_URL_PORT},
        {"https://example.nl:1023/", "8.8.8.8", WEBHOOK_URL_PORT},
        {"https://example.nl:0/", "8.8.8.8", WEBHOOK_URL_PORT},
        {"https://example.nl:65536/", "8.8.8.8", WEBHOOK_URL_MALFORMED},
        {"https://nowhere.example/", "", WEBHOOK_URL_UNKNOWN_HOST},
        {"https://later.example/", NULL, WEBHOOK_URL_LOOKUP_FAILED},
        {"https://inside.example/", "10.1.2.3", WEBHOOK_URL_PRIVATE},
        {"https://half.example/", "8.8.8.8 127.0.0.1", WEBHOOK_URL_PRIVATE},
        {"https://half.example/", "8.8.8.8 ::1", WEBHOOK_URL_PRIVATE},
        {"https://many.example/",
         "8.8.8.8 8.8.8.8 8.8.8.8 8.8.8.8 8.8.8.8 8.8.8.8 8.8.8.8 8.8.8.8 8.8.8.8 8.8.8.8 8.8.8.8"
         " 8.8.8.8 8.8.8.8 8.8.8.8 8.8.8.8 8.8.8.8 127.0.0.1",
         WEBHOOK_URL_UNKNOWN_HOST}};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        enum webhook_url_answer answer = check(urls[i].url, &strict, urls[i].addresses, NULL);
        if (answer != urls[i].answer) fail_msg("%s: %d", urls[i].url, answer);
        if (answer) assert_non_null(webhook_url_text(answer)->en);
        if (answer) assert_non_null(webhook_url_code(answer));
    }
    assert_null(webhook_url_text(WEBHOOK_URL_FINE));
    assert_int_equal(check("http://example.nl/", &plain, "8.8.8.8", NULL), WEBHOOK_URL_FINE);
    assert_int_equal(check("http://example.nl:443/", &plain, "8.8.8.8", NULL), WEBHOOK_URL_PORT);
    char longest[WEBHOOK_URL_MAX + 2] = "https://example.nl/";
    memset(longest + strlen(longest), 'a', sizeof longest - strlen(longest) - 1);
    longest[WEBHOOK_URL_MAX] = '\0';
    assert_int_equal(check(longest, &strict, "8.8.8.8", NULL), WEBHOOK_URL_FINE);
    longest[WEBHOOK_URL_MAX] = 'a';
    assert_int_equal(check(longest, &strict, "8.8.8.8", NULL), WEBHOOK_URL_MALFORMED);
}

/* However an address is written, what is looked up is the address. */
static void test_hosts(void **state) {
    (void)state;
    static const struct webhook_rules strict;
    static const struct {
        const char *url, *asked;
    } hosts[] = {{"https://2130706433/", "127.0.0.1"},
                 {"https://0x7f.1/", "127.0.0.1"},
                 {"https://0177.0.0.1/", "127.0.0.1"},
                 {"https://127.1/", "127.0.0.1"},
                 {"https://[::1]/", "::1"},
                 {"https://[0:0:0:0:0:ffff:7f00:1]/", "::ffff:127.0.0.1"},
                 {"https://Example.NL./", "Example.NL."}};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        char asked[256];
        assert_int_equal(check(hosts[i].url, &strict, "127.0.0.1", asked), WEBHOOK_URL_PRIVATE);
        if (strcmp(asked, hosts[i].asked) != 0)
            fail_msg("%s: asked for %s", hosts[i].url, asked);
    }
    struct sockaddr_storage found[WEBHOOK_ADDRESSES_MAX];
    int count = 0;
    assert_int_equal(webhook_lookup_system(NULL, "127.0.0.1", found, &count), 1);
    assert_int_equal(count, 1);
    assert_false(webhook_address_public((const struct sockaddr *)&found[0]));
    assert_int_equal(webhook_lookup_system(NULL, "::1", found, &count), 1);
    assert_int_equal(found[0].ss_family, AF_INET6);
}

/* A name that stood for a public address, and stands for another one later, is looked at each
 * time. */
static void test_changing_name(void **state) {
    (void)state;
    static const struct webhook_rules strict;
    const char *const answers[] = {"8.8.8.8", "127.0.0.1", "8.8.4.4", NULL};
    struct names names = {.answers = answers};
    const char *url = "https://turns.example/";
    assert_int_equal(webhook_url_check(&strict, url, look_up, &names), WEBHOOK_URL_FINE);
    assert_int_equal(webhook_url_check(&strict, url, look_up, &names), WEBHOOK_URL_PRIVATE);
    assert_int_equal(webhook_url_check(&strict, url, look_up, &names), WEBHOOK_URL_FINE);
}

/* ---- the schedule and the events ------------------------------------------------------------ */
static void test_schedule(void **state) {
    (void)state;
    const int64_t second = 1000, minute = 60 * second, hour = 60 * minute;
    const int64_t waits[] = {0,        5 * second, 5 * minute, 30 * minute, 2 * hour,
                             5 * hour, 10 * hour,  14 * hour,  20 * hour,   24 * hour};
    assert_int_equal(sizeof waits / sizeof *waits, WEBHOOK_TRIES_MAX);
    for (int i = 0; i < WEBHOOK_TRIES_MAX; i++) {
        assert_int_equal(webhook_wait_ms(i, 0), waits[i]);
        assert_int_equal(webhook_wait_ms(i, 0xffff), waits[i] + waits[i] / 10);
        for (uint32_t random = 0; random < 100; random++) {
            int64_t wait = webhook_wait_ms(i, random * 2654435761U);
            assert_true(wait >= waits[i] && wait <= waits[i] + waits[i] / 10);
        }
    }
    assert_int_equal(webhook_wait_ms(WEBHOOK_TRIES_MAX, 0), -1);
    /* What a receiver asks for is given beyond the schedule, within its bound, and no try more. */
    const int64_t hour_ms = 3600000;
    assert_int_equal(webhook_wait_asked_ms(1, 0, 0), 5000);
    assert_int_equal(webhook_wait_asked_ms(1, 1000, 0), 5000);
    assert_int_equal(webhook_wait_asked_ms(1, hour_ms, 0), hour_ms);
    assert_int_equal(webhook_wait_asked_ms(1, hour_ms, 0xffff), hour_ms + hour_ms / 10);
    assert_int_equal(webhook_wait_asked_ms(5, hour_ms, 0), 5 * hour_ms);
    assert_int_equal(webhook_wait_asked_ms(1, 24 * hour_ms - 1, 0xffff), 24 * hour_ms);
    assert_int_equal(webhook_wait_asked_ms(1, INT64_MAX, 0xffff), 24 * hour_ms);
    assert_int_equal(webhook_wait_asked_ms(WEBHOOK_TRIES_MAX, hour_ms, 0), -1);
    const int64_t day_us = INT64_C(86400000000);
    assert_int_equal(webhook_warning_due(0), 0);
    assert_int_equal(webhook_warning_due(day_us - 1), 0);
    assert_int_equal(webhook_warning_due(day_us), 1);
    assert_int_equal(webhook_warning_due(3 * day_us), 2);
    assert_int_equal(webhook_warning_due(100 * day_us), WEBHOOK_WARNINGS);
}

static bool is_listed(const char *type) {
    for (int i = 0; i < WEBHOOK_TYPES; i++)
        if (strcmp(webhook_types[i].code, type) == 0) return true;
    return false;
}

/* What the event of another tells: a change's and a renewal's effect, of the policy. */
static bool told_elsewhere(const char *subject, enum transaction_step step,
                           enum transaction_state to) {
    if (strncmp(subject, "chg_", 4) == 0) return to == CHANGE_CONFIRMED;
    return strncmp(subject, "rnw_", 4) == 0 &&
           (step == TRANSACTION_RENEW || step == TRANSACTION_OVERTAKE);
}

/* No step that an application, a policy, a change or a renewal can take goes untold, and what is
 * told can be asked for. */
static void test_types(void **state) {
    (void)state;
    static const struct {
        const char *subject;
        enum transaction_state first, last;
    } ways[] = {{"app_1", APPLICATION_RECEIVED, APPLICATION_EXPIRED},
                {"pol_1", POLICY_ACTIVE, POLICY_CANCELLED},
                {"chg_1", CHANGE_OFFERED, CHANGE_OVERTAKEN},
                {"rnw_1", RENEWAL_OFFERED, RENEWAL_OVERTAKEN}};
    assert_string_equal(webhook_type_of("app_1", TRANSACTION_ACCEPT, "received"),
                        "application.received");
    assert_string_equal(webhook_type_of("pol_1", TRANSACTION_ISSUE, "active"), "policy.issued");
    assert_string_equal(webhook_type_of("chg_1", TRANSACTION_CONFIRM, "in_review"),
                        "policy.change_in_review");
    assert_null(webhook_type_of("chg_1", TRANSACTION_CONFIRM, "confirmed"));
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        for (int from = ways[i].first; from <= (int)ways[i].last; from++) {
            for (int at = 0; at < TRANSACTION_STEPS; at++) {
                enum transaction_step step = (enum transaction_step)at;
                enum transaction_state to = TRANSACTION_STATES;
                if (transaction_ask(step, (enum transaction_state)from, ~0U, &to) !=
                    TRANSACTION_ALLOWED)
                    continue;
                const char *type =
                    webhook_type_of(ways[i].subject, step, transaction_state_text(to));
                bool elsewhere = told_elsewhere(ways[i].subject, step, to);
                if (type) assert_true(is_listed(type));
                if (!type != elsewhere)
                    fail_msg("which event does the step '%s' make of %s? See webhook_event.c",
                             transaction_step_text(step), ways[i].subject);
            }
        }
    }
    assert_null(webhook_type_of("whk_1", TRANSACTION_ISSUE, "issued"));
    assert_null(webhook_type_of("app_1", TRANSACTION_CANCEL, "cancelled"));
    for (int i = 0; i < WEBHOOK_TYPES; i++)
        assert_true(strlen(webhook_types[i].code) < WEBHOOK_TYPE_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signature), cmocka_unit_test(test_secret),
        cmocka_unit_test(test_addresses), cmocka_unit_test(test_urls),
        cmocka_unit_test(test_hosts),     cmocka_unit_test(test_changing_name),
        cmocka_unit_test(test_schedule),  cmocka_unit_test(test_types)};
    return cmocka_run_group_tests_name("server/domain webhooks", tests, NULL, NULL);
}
