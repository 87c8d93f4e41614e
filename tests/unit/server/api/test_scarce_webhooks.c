/* Memory that runs out while partners look after their webhooks: each change is made once or not at
 * all, and says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "domain/webhook.h"
#include "message/json.h"
#include "message/record.h"
#include "operation/operation.h"
#include "tests/unit/scarce.h"
#include "tests/unit/server/domain/fixture.h"

enum { ALLOCATIONS_MAX = 100000, INPUT_MAX = 512 };
/* A public address, which nobody looks up and nobody connects to here. */
#define URL "\"url\":\"https://[2a00:1450::1]:8443/koppel\""

static struct fixture *fixture;
static struct dispatcher *dispatcher;
static char memory[OPERATION_SCRATCH_BYTES];
static struct scratch scratch;
static struct answer answer;
static struct error error;
static char key_text[KEY_TEXT_MAX];

/* Calls with the nth allocation failing (0: none). */
static int call(const char *name, const char *idempotency_key, const char *input, long nth,
                bool lasting) {
    struct json_fault fault;
    struct request request = {.operation = operation_find_named(name),
                              .credential = key_text,
                              .credential_length = strlen(key_text),
                              .idempotency_key = idempotency_key,
                              .if_match = "*",
                              .request_id = "req",
                              .language = LANGUAGE_EN,
                              .scratch = &scratch};
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(json_read(input, strlen(input), NULL, &scratch, &fault, &request.input), 0);
    if (nth) scarce_begin(nth, lasting);
    dispatch(dispatcher, &request, &answer);
    scarce_end();
    return answer.status;
}

static void expect(const char *name, int wanted, long nth) {
    if (answer.status != wanted)
        fail_msg("%s: after allocation %ld: %d %s %s", name, nth, answer.status,
                 answer.refusal.code, answer.error.text);
}

static void text_take(const char *name, char *ret_text, size_t size) {
    const struct value *text = record_get(&answer.output, name);
    assert_non_null(text);
    snprintf(ret_text, size, "%.*s", (int)text->length, text->text);
}

static int set_up(void **state) {
    char id[ID_MAX];
    const struct key_options partner = {.partner_id = fixture_partner, .secret = true};
    fixture_set_up(state);
    fixture = *state;
    log_set_level(LOG_ERROR + 1);
    struct service *service = fixture->service;
    assert_int_equal(keys_create(service->keys, &partner, &error, id, key_text), 0);
    assert_int_equal(dispatcher_new(service->db, service->keys, service, &error, &dispatcher), 0);
    return 0;
}

static int tear_down(void **state) {
    dispatcher_free(dispatcher);
    return fixture_tear_down(state);
}

static void make(char ret_id[ID_MAX]) {
    call("CreateWebhook", NULL, "{" URL "}", 0, false);
    expect("CreateWebhook", 201, 0);
    text_take("id", ret_id, ID_MAX);
}

/* `perhaps`: a commit whose outcome was not heard may have removed it. */
static void remove_webhook(const char *id, bool perhaps) {
    char input[INPUT_MAX];
    snprintf(input, sizeof input, "{\"webhook\":\"%s\"}", id);
    int status = call("DeleteWebhook", NULL, input, 0, false);
    if (!perhaps || status != 404) expect("DeleteWebhook", 200, 0);
}

/* What was refused for want of memory is made by asking again, once: a key has one secret. */
static void test_making(void **state) {
    (void)state;
    bool fired = true;
    for (long nth = 1; fired; nth++) {
        char key[32], id[ID_MAX], again[ID_MAX], secret[WEBHOOK_SECRET_MAX];
        char same[WEBHOOK_SECRET_MAX];
        snprintf(key, sizeof key, "make-%ld", nth);
        int status = call("CreateWebhook", key, "{" URL "}", nth, nth % 2);
        fired = atomic_load(&scarce.fired);
        if (status != 503) expect("CreateWebhook", 201, nth);
        call("CreateWebhook", key, "{" URL "}", 0, false);
        expect("CreateWebhook", 201, nth);
        text_take("id", id, sizeof id);
        text_take("secret", secret, sizeof secret);
        call("CreateWebhook", key, "{" URL "}", 0, false);
        text_take("id", again, sizeof again);
        text_take("secret", same, sizeof same);
        assert_string_equal(id, again);
        assert_string_equal(secret, same);
        remove_webhook(id, false);
        assert_true(nth < ALLOCATIONS_MAX);
    }
}

/* Reads and changes that may be made again. */
static void again_scarce(const char *name, const char *input, int wanted) {
    for (int lasting = 0; lasting < 2; lasting++) {
        bool fired = true;
        for (long nth = 1; fired; nth++) {
            int status = call(name, NULL, input, nth, lasting);
            fired = atomic_load(&scarce.fired);
            if (status != 503) expect(name, wanted, nth);
            assert_true(nth < ALLOCATIONS_MAX);
        }
        call(name, NULL, input, 0, false);
        expect(name, wanted, 0);
    }
}

static void test_the_rest(void **state) {
    (void)state;
    char id[ID_MAX], message[ID_MAX], input[INPUT_MAX];
    make(id);
    snprintf(input, sizeof input, "{\"webhook\":\"%s\"}", id);
    call("SendTestWebhook", NULL, input, 0, false);
    expect("SendTestWebhook", 202, 0);
    text_take("id", message, sizeof message);
    again_scarce("GetWebhook", input, 200);
    again_scarce("ListWebhookDeliveries", input, 200);
    again_scarce("RotateWebhookSecret", input, 200);
    again_scarce("ListWebhooks", "{}", 200);
    again_scarce("ListWebhookEvents", "{}", 200);
    snprintf(input, sizeof input,
             "{\"webhook\":\"%s\"," URL ",\"events\":[\"policy.issued\"],\"description\":\"d\"}",
             id);
    again_scarce("ChangeWebhook", input, 200);
    snprintf(input, sizeof input, "{\"webhook\":\"%s\",\"delivery\":\"%s\"}", id, message);
    again_scarce("ResendWebhookDelivery", input, 202);
    remove_webhook(id, false);
}

/* Of these each is made but so often: what came through is counted. */
static void test_tests_and_deleting(void **state) {
    (void)state;
    bool fired = true;
    for (long nth = 1; fired; nth++) {
        char id[ID_MAX], input[INPUT_MAX];
        make(id);
        snprintf(input, sizeof input, "{\"webhook\":\"%s\"}", id);
        int status = call("SendTestWebhook", NULL, input, nth, nth % 2);
        fired = atomic_load(&scarce.fired);
        if (status != 503) expect("SendTestWebhook", 202, nth);
        status = call("DeleteWebhook", NULL, input, nth, nth % 2);
        fired |= atomic_load(&scarce.fired);
        if (status == 503) remove_webhook(id, true);
        else expect("DeleteWebhook", 200, nth);
        call("GetWebhook", NULL, input, 0, false);
        expect("GetWebhook", 404, nth);
    }
}

int main(void) {
    if (scarce_skipped()) return 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_making),
                                       cmocka_unit_test(test_the_rest),
                                       cmocka_unit_test(test_tests_and_deleting)};
    return cmocka_run_group_tests_name("server/api scarce memory of webhooks", tests, set_up,
                                       tear_down);
}
