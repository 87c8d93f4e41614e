/* Memory that runs out while a partner sets how customers see it: what was acknowledged is kept,
 * and what is read is as before or as it was set, never a mixture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "message/json.h"
#include "message/record.h"
#include "operation/operation.h"
#include "tests/unit/scarce.h"
#include "tests/unit/server/domain/fixture.h"

enum { ALLOCATIONS_MAX = 100000, INPUT_MAX = 512 };

static struct dispatcher *dispatcher;
static char memory[OPERATION_SCRATCH_BYTES];
static struct scratch scratch;
static struct answer answer;
static char key_text[KEY_TEXT_MAX];

/* Calls with the nth allocation failing (0: none). */
static int call(const char *name, const char *input, long nth, bool lasting) {
    struct json_fault fault;
    struct request request = {.operation = operation_find_named(name),
                              .credential = key_text,
                              .credential_length = strlen(key_text),
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

static int set_up(void **state) {
    char id[ID_MAX];
    struct error error = {0};
    const struct key_options partner = {.partner_id = fixture_partner, .secret = true};
    fixture_set_up(state);
    log_set_level(LOG_ERROR + 1);
    struct service *service = ((struct fixture *)*state)->service;
    assert_int_equal(keys_create(service->keys, &partner, &error, id, key_text), 0);
    assert_int_equal(dispatcher_new(service->db, service->keys, service, &error, &dispatcher), 0);
    return 0;
}

static int tear_down(void **state) {
    dispatcher_free(dispatcher);
    return fixture_tear_down(state);
}

/* The number in the name that is kept; 0: none was set yet. */
static long kept_number(void) {
    char text[64];
    assert_int_equal(call("GetBrand", "{}", 0, false), 200);
    const struct value *name = record_get(&answer.output, "display_name");
    snprintf(text, sizeof text, "%.*s", (int)name->length, name->text);
    return strncmp(text, "Bos ", 4) == 0 ? strtol(text + 4, NULL, 10) : 0;
}

static void set_scarcely(bool lasting) {
    bool fired = true;
    for (long nth = 1; fired; nth++) {
        char input[INPUT_MAX];
        long before = kept_number();
        snprintf(input, sizeof input,
                 "{\"display_name\":\"Bos %ld\",\"colour\":\"#1f4e79\",\"address_lines\":"
                 "[\"Oudegracht 902\",\"3511 ZX  Utrecht\"],\"telephone\":\"+31 30 1234567\"}",
                 before + 1);
        int status = call("PutBrand", input, nth, lasting);
        fired = atomic_load(&scarce.fired);
        if (status != 200 && status != 503)
            fail_msg("allocation %ld: %d %s %s", nth, status, answer.refusal.code,
                     answer.error.text);
        /* A commit whose outcome was not heard may have kept it. */
        long after = kept_number();
        if (status != 503 || after != before) assert_int_equal(after, before + 1);
        assert_true(nth < ALLOCATIONS_MAX);
    }
}

static void test_setting(void **state) {
    (void)state;
    set_scarcely(false);
    set_scarcely(true);
}

int main(void) {
    if (scarce_skipped()) return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_setting, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
