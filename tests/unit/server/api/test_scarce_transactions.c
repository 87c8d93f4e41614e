/* Memory that runs out amid the way from quote to policy: each step is done once or not at all, and
 * says so; and applications that nobody decided on expire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "domain/transaction_store.h"
#include "message/json.h"
#include "message/record.h"
#include "operation/operation.h"
#include "tests/unit/scarce.h"
#include "tests/unit/server/domain/fixture.h"

enum { ALLOCATIONS_MAX = 100000, INPUT_MAX = 2048 };

#define QUOTE(habit)                                                                              \
    "{\"product\":\"pet\",\"answers\":{\"kind\":\"dog\",\"born_on\":\"2022-03-04\","              \
    "\"value\":\"750.00\",\"trained\":true,\"habits\":[\"" habit "\"]}}"
#define TERMS                                                                                     \
    "\"applicant\":{\"kind\":\"person\",\"initials\":\"A\",\"last_name\":\"Voorbeeld\","          \
    "\"birth_date\":\"1980-05-17\",\"email\":\"A@example.nl\",\"street\":\"Straat\","             \
    "\"house_number\":\"1\",\"postcode\":\"3511 AB\",\"city\":\"Utrecht\",\"country\":\"NL\"},"   \
    "\"iban\":\"NL91ABNA0417164300\",\"account_holder\":\"A\",\"term\":\"monthly\","              \
    "\"answers\":{\"chip\":\"12345\"},\"consent\":{\"version\":\"1\",\"given\":true},"            \
    "\"documents_shown\":[\"terms\"],\"commission\":\"%s\""

static struct fixture *fixture;
static struct dispatcher *dispatcher;
static char memory[OPERATION_SCRATCH_BYTES];
static struct scratch scratch;
static struct answer answer;
static struct error error;
static char partner_key[KEY_TEXT_MAX], organisation_key[KEY_TEXT_MAX], commission[32];

static const struct operation *operation_named(const char *name) {
    const struct operation *operation = operation_find_named(name);
    if (!operation) fail_msg("no operation %s", name);
    return operation;
}

static size_t room = sizeof memory; /* scratch for a call, beyond its input */

/* Calls with the nth allocation failing (0: none). */
static int call(const char *name, bool organisation, const char *idempotency_key,
                const char *input, long nth, bool lasting) {
    struct json_fault fault;
    const char *key = organisation ? organisation_key : partner_key;
    struct request request = {.operation = operation_named(name),
                              .credential = key,
                              .credential_length = strlen(key),
                              .idempotency_key = idempotency_key,
                              .if_match = "*",
                              .request_id = "req",
                              .language = LANGUAGE_EN,
                              .scratch = &scratch};
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(json_read(input, strlen(input), NULL, &scratch, &fault, &request.input), 0);
    if (room < (size_t)(scratch.end - scratch.at)) scratch.end = scratch.at + room;
    if (nth) scarce_begin(nth, lasting);
    dispatch(dispatcher, &request, &answer);
    scarce_end();
    return answer.status;
}

static void text_take(const char *name, size_t size, char *ret_text) {
    const struct value *text = record_get(&answer.output, name);
    assert_non_null(text);
    assert_int_equal(text->kind, VALUE_TEXT);
    snprintf(ret_text, size, "%.*s", (int)text->length, text->text);
}

static void expect_status(const char *name, int wanted, long nth) {
    if (answer.status != wanted)
        fail_msg("%s: after allocation %ld: %d %s %s", name, nth, answer.status,
                 answer.refusal.code, answer.error.text);
}

static void quote_make(const char *quote, char ret_input[INPUT_MAX]) {
    char id[ID_MAX];
    call("RequestQuote", false, NULL, quote, 0, false);
    expect_status("RequestQuote", 201, 0);
    text_take("id", sizeof id, id);
    snprintf(ret_input, INPUT_MAX, "{\"id\":\"%s\"," TERMS "}", id, commission);
}

/* An application of a quote; with the ids of both it and its policy as inputs. */
static void application_make(const char *quote, char ret_id[ID_MAX], char ret_policy_id[ID_MAX]) {
    char input[INPUT_MAX];
    quote_make(quote, input);
    call("AcceptQuote", false, NULL, input, 0, false);
    expect_status("AcceptQuote", 201, 0);
    text_take("id", ID_MAX, ret_id);
    if (ret_policy_id) text_take("policy_id", ID_MAX, ret_policy_id);
}

static int set_up(void **state) {
    char id[ID_MAX], input[64];
    const struct key_options partner = {.partner_id = fixture_partner, .secret = true};
    const struct key_options organisation = {.organisation_name = "Test"};
    struct buffer amount;
    fixture_set_up(state);
    fixture = *state;
    log_set_level(LOG_ERROR + 1);
    struct service *service = fixture->service;
    assert_int_equal(keys_create(service->keys, &partner, &error, id, partner_key), 0);
    assert_int_equal(keys_create(service->keys, &organisation, &error, id, organisation_key), 0);
    assert_int_equal(dispatcher_new(service->db, service->keys, service, &error, &dispatcher), 0);
    call("RequestQuote", false, NULL, QUOTE("barks"), 0, false);
    expect_status("RequestQuote", 201, 0);
    text_take("id", sizeof id, id);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", id);
    call("GetAcceptance", false, NULL, input, 0, false);
    expect_status("GetAcceptance", 200, 0);
    buffer_init(&amount, sizeof commission);
    json_write(record_get(&answer.output, "commission"), 0, &amount);
    snprintf(commission, sizeof commission, "%s", amount.data);
    buffer_done(&amount);
    return 0;
}

static int tear_down(void **state) {
    dispatcher_free(dispatcher);
    return fixture_tear_down(state);
}

static void read_scarce(const char *name, const char *input) {
    for (int lasting = 0; lasting < 2; lasting++) {
        long nth = 0;
        do {
            int status = call(name, false, NULL, input, ++nth, lasting);
            if (status != 200 && status != 503) expect_status(name, 200, nth);
            assert_true(nth < ALLOCATIONS_MAX);
        } while (atomic_load(&scarce.fired));
        call(name, false, NULL, input, 0, false);
        expect_status(name, 200, 0);
    }
}

static void test_reading(void **state) {
    (void)state;
    char id[ID_MAX], policy_id[ID_MAX], input[INPUT_MAX], quote_id[ID_MAX];
    application_make(QUOTE("barks"), id, policy_id);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", id);
    read_scarce("GetApplication", input);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", policy_id);
    read_scarce("GetPolicy", input);
    read_scarce("ListApplications", "{\"limit\":3}");
    read_scarce("ListPolicies", "{\"limit\":3}");
    read_scarce("FindApplications", "{\"iban\":\"NL91ABNA0417164300\",\"email\":\"a@EXAMPLE.nl\"}");
    assert_true(record_get(&answer.output, "items")->length > 0);
    call("RequestQuote", false, NULL, QUOTE("barks"), 0, false);
    text_take("id", sizeof quote_id, quote_id);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", quote_id);
    read_scarce("GetAcceptance", input);
}

/* With any less scratch than it takes, a call is refused for that alone. */
static void call_in_little(const char *name, bool organisation, const char *key,
                           const char *input, int wanted) {
    int status = 0;
    for (room = 1024; status != wanted; room += room < 128 * 1024 ? 16 : 1040) {
        status = call(name, organisation, key, input, 0, false);
        if (status != wanted && strcmp(answer.refusal.code, "too_large") != 0 &&
            strcmp(answer.refusal.code, "unavailable") != 0)
            fail_msg("%s, %zu: %d %s %s %s", name, room, status, answer.refusal.code,
                     answer.faults.count ? answer.faults.items[0].pointer : "", answer.error.text);
        assert_true(room < sizeof memory);
    }
    room = sizeof memory;
}

static void test_little_scratch(void **state) {
    (void)state;
    static const char find[] = "{\"iban\":\"NL91ABNA0417164300\",\"email\":\"a@b.nl\"}";
    char id[ID_MAX], policy_id[ID_MAX], input[INPUT_MAX], long_key[IDEMPOTENCY_KEY_MAX + 1];
    memset(long_key, 'k', IDEMPOTENCY_KEY_MAX);
    long_key[IDEMPOTENCY_KEY_MAX] = '\0';
    quote_make(QUOTE("barks"), input);
    *strchr(input, ',') = '}';
    *(strchr(input, '}') + 1) = '\0';
    call_in_little("GetAcceptance", false, NULL, input, 200);
    quote_make(QUOTE("barks"), input);
    call_in_little("AcceptQuote", false, "little", input, 201);
    text_take("id", ID_MAX, id);
    text_take("policy_id", ID_MAX, policy_id);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", id);
    call_in_little("GetApplication", false, NULL, input, 200);
    call_in_little("FindApplications", false, NULL, find, 200);
    assert_int_equal(record_get(&answer.output, "items")->length, 0);
    call_in_little("ListPolicies", false, NULL, "{\"product\":\"boat\"}", 200);
    assert_int_equal(record_get(&answer.output, "items")->length, 0);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", policy_id);
    call_in_little("GetPolicy", false, NULL, input, 200);
    snprintf(input, sizeof input, "{\"id\":\"%s\",\"reason\":\"risk_gone\",\"note\":\"x\"}",
             policy_id);
    call_in_little("CancelPolicy", false, long_key, input, 200);
}

/* One that was refused for want of memory is made by asking again with its key, once. */
static void test_accepting(void **state) {
    (void)state;
    for (int lasting = 0; lasting < 2; lasting++) {
        bool fired = true;
        for (long nth = 1; fired; nth++) {
            char key[32], input[INPUT_MAX], id[ID_MAX], again[ID_MAX];
            snprintf(key, sizeof key, "accept-%d-%ld", lasting, nth);
            quote_make(QUOTE("barks"), input);
            int status = call("AcceptQuote", false, key, input, nth, lasting);
            fired = atomic_load(&scarce.fired);
            if (status != 503) expect_status("AcceptQuote", 201, nth);
            call("AcceptQuote", false, key, input, 0, false);
            expect_status("AcceptQuote", 201, nth);
            text_take("id", sizeof id, id);
            call("AcceptQuote", false, key, input, 0, false);
            text_take("id", sizeof again, again);
            assert_string_equal(id, again);
            call("AcceptQuote", false, NULL, input, 0, false);
            expect_status("AcceptQuote", 409, nth);
            assert_string_equal(answer.refusal.code, "already_accepted");
            assert_true(nth < ALLOCATIONS_MAX);
        }
    }
}

/* A step with its key, on what `make` makes: done once, whatever failed. */
static void step_scarce(const char *name, bool organisation, const char *more,
                        void (*make)(char ret_id[ID_MAX])) {
    bool fired = true;
    for (long nth = 1; fired; nth++) {
        char key[64], id[ID_MAX], input[INPUT_MAX];
        make(id);
        snprintf(key, sizeof key, "%s-%ld", name, nth);
        snprintf(input, sizeof input, "{\"id\":\"%s\"%s}", id, more);
        int status = call(name, organisation, key, input, nth, nth % 2);
        fired = atomic_load(&scarce.fired);
        if (status != 503) expect_status(name, 200, nth);
        call(name, organisation, key, input, 0, false);
        expect_status(name, 200, nth);
        call(name, organisation, NULL, input, 0, false);
        expect_status(name, 409, nth);
        assert_string_equal(answer.refusal.code, "wrong_state");
        assert_true(nth < ALLOCATIONS_MAX);
    }
}

static void make_waiting(char ret_id[ID_MAX]) {
    application_make(QUOTE("bites"), ret_id, NULL);
}

static void make_approved(char ret_id[ID_MAX]) {
    char input[INPUT_MAX];
    make_waiting(ret_id);
    snprintf(input, sizeof input,
             "{\"id\":\"%s\",\"decision\":\"approve\",\"reason\":\"other\",\"note\":\"n\"}",
             ret_id);
    call("DecideApplication", true, NULL, input, 0, false);
    expect_status("DecideApplication", 200, 0);
}

static void make_policy(char ret_id[ID_MAX]) {
    char id[ID_MAX];
    application_make(QUOTE("barks"), id, ret_id);
}

static void test_steps(void **state) {
    (void)state;
    step_scarce("WithdrawApplication", false, "", make_waiting);
    step_scarce("DecideApplication", true,
                ",\"decision\":\"reject\",\"reason\":\"other\",\"note\":\"n\"", make_waiting);
    step_scarce("IssuePolicy", true, "", make_approved);
    step_scarce("WithdrawPolicy", false, "", make_policy);
    step_scarce("CancelPolicy", false, ",\"reason\":\"policyholder\"", make_policy);
}

/* Only what waits, and only what waited too long, expires; once. */
static void test_expiry(void **state) {
    (void)state;
    char waiting[ID_MAX], policy[ID_MAX], input[INPUT_MAX], status[32];
    int64_t now_us = clock_now_us();
    int expired = -1;
    make_waiting(waiting);
    application_make(QUOTE("barks"), policy, NULL);
    assert_int_equal(application_expire(fixture->service->db, 1, now_us, &error, &expired), 0);
    assert_int_equal(expired, 0);
    int64_t later_us = clock_now_us() + 1;
    assert_int_equal(application_expire(fixture->service->db, later_us, later_us, &error, &expired),
                     0);
    assert_true(expired >= 1);
    assert_int_equal(application_expire(fixture->service->db, later_us, later_us, &error, &expired),
                     0);
    assert_int_equal(expired, 0);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", waiting);
    call("GetApplication", true, NULL, input, 0, false);
    text_take("status", sizeof status, status);
    assert_string_equal(status, "expired");
    call("WithdrawApplication", true, NULL, input, 0, false);
    assert_string_equal(answer.refusal.code, "wrong_state");
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", policy);
    call("GetApplication", true, NULL, input, 0, false);
    text_take("status", sizeof status, status);
    assert_string_equal(status, "issued");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_little_scratch), cmocka_unit_test(test_reading),
        cmocka_unit_test(test_accepting), cmocka_unit_test(test_steps),
        cmocka_unit_test(test_expiry)};
    return cmocka_run_group_tests_name("server/api scarce memory of transactions", tests, set_up,
                                       tear_down);
}
