/* What unit tests of transactions share: calls with the nth allocation failing, and the way from a
 * quote to its policy. */
#ifndef KOPPEL_TESTS_TRANSACTION_CALLS_H
#define KOPPEL_TESTS_TRANSACTION_CALLS_H

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
    "\"value\":\"750.00\",\"trained\":true,\"school\":\"Best\",\"habits\":[\"" habit "\"]}}"
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
static inline void application_make(const char *quote, char ret_id[ID_MAX],
                                    char ret_policy_id[ID_MAX]) {
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

#endif
