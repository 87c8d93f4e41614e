/* Memory that runs out amid the operations on impacts: each is done once or not at all, and says
 * so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "domain/impact_run.h"
#include "message/json.h"
#include "message/record.h"
#include "operation/operation.h"
#include "tests/unit/scarce.h"
#include "tests/unit/server/domain/fixture.h"

enum { ALLOCATIONS_MAX = 100000, INPUT_MAX = 256 };

#define DRAFT "pdr_00000000000000000000000004"
#define DRAFTED "{\"draft_id\":\"" DRAFT "\"}"

static struct fixture *fixture;
static struct dispatcher *dispatcher;
static char memory[OPERATION_SCRATCH_BYTES];
static struct scratch scratch;
static struct answer answer;
static struct error error;
static char key_text[KEY_TEXT_MAX], done_id[ID_MAX];

static const struct operation *operation_named(const char *name) {
    for (int i = 0; i < operation_group_count; i++)
        for (int j = 0; j < operation_groups[i]->count; j++)
            if (strcmp(operation_groups[i]->operations[j].name, name) == 0)
                return &operation_groups[i]->operations[j];
    fail_msg("no operation %s", name);
    return NULL;
}

static size_t room = sizeof memory; /* scratch for a call, beyond its input */

/* Calls with the nth allocation failing (0: none). */
static int call(const char *name, const char *idempotency_key, const char *input, long nth,
                bool lasting) {
    struct json_fault fault;
    struct request request = {.operation = operation_named(name),
                              .credential = key_text,
                              .credential_length = strlen(key_text),
                              .idempotency_key = idempotency_key,
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

static int sql_body(struct db_tx *tx, void *context, struct error *error_) {
    return db_run_values(tx, context, NULL, 0, error_, NULL);
}
static void sql(const char *text) {
    if (db_write(fixture->service->db, &db_scope_all, sql_body, (void *)text, &error))
        fail_msg("%s", error.text);
}

static void id_take(char ret_id[ID_MAX]) {
    const struct value *id = record_get(&answer.output, "id");
    assert_non_null(id);
    snprintf(ret_id, ID_MAX, "%.*s", (int)id->length, id->text);
}

static int set_up(void **state) {
    char id[ID_MAX];
    const struct key_options options = {.organisation_name = "Test"};
    const struct impact_ending ending = {"{\"quotes\":1}", "section\r\n", 12, 9};
    struct impact_run run;
    fixture_set_up(state);
    fixture = *state;
    log_set_level(LOG_ERROR + 1);
    struct service *service = fixture->service;
    assert_int_equal(keys_create(service->keys, &options, &error, id, key_text), 0);
    assert_int_equal(dispatcher_new(service->db, service->keys, service, &error, &dispatcher), 0);
    sql("insert into product_draft (id, test, product, interface, hash, state, drafted_by,"
        " created_us) values ('" DRAFT "', 0, 'pet', 1, 'h', 'draft', 'operator:anna', 1)");
    assert_int_equal(call("StartImpact", NULL, DRAFTED, 0, false), 202);
    id_take(done_id);
    assert_int_equal(impact_run_claim(service->db, clock_now_us(), &error, &run), 0);
    run.state = IMPACT_DONE;
    assert_int_equal(impact_run_finish(service->db, &run, &ending, clock_now_us(), &error), 0);
    return 0;
}

static int tear_down(void **state) {
    dispatcher_free(dispatcher);
    return fixture_tear_down(state);
}

static long listed(void) {
    assert_int_equal(call("ListImpacts", NULL, "{\"limit\":100}", 0, false), 200);
    return (long)record_get(&answer.output, "items")->length;
}

static void test_reading(void **state) {
    (void)state;
    static const char *const names[] = {"GetImpact", "GetImpactCsv", "ListImpacts"};
    char input[INPUT_MAX];
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", done_id);
    for (int i = 0; i < 6; i++) {
        const char *name = names[i / 2], *sent = i / 2 == 2 ? "{}" : input;
        long nth = 0;
        do {
            int status = call(name, NULL, sent, ++nth, i % 2);
            if (status != 200 && status != 503)
                fail_msg("%s: allocation %ld: %d %s", name, nth, status, answer.error.text);
            assert_true(nth < ALLOCATIONS_MAX);
        } while (atomic_load(&scarce.fired));
        assert_int_equal(call(name, NULL, sent, 0, false), 200);
    }
}

/* A report that does not fit into a call's memory is no failure of ours. */
static void test_little_scratch(void **state) {
    (void)state;
    static const char *const names[] = {"GetImpact", "GetImpactCsv", "ListImpacts"};
    char input[INPUT_MAX];
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", done_id);
    for (int i = 0; i < 3; i++) {
        int status = 0;
        for (room = 1024; status != 200; room += room < 128 * 1024 ? 16 : 1040) {
            status = call(names[i], NULL, i == 2 ? "{}" : input, 0, false);
            if (status != 200 && strcmp(answer.refusal.code, "too_large") != 0 &&
                strcmp(answer.refusal.code, "unavailable") != 0)
                fail_msg("%s, %zu: %s", names[i], room, answer.refusal.code);
        }
        room = sizeof memory;
    }
}

/* One that was refused for want of memory is made by asking again with its key, once. */
static void test_starting(void **state) {
    (void)state;
    for (int lasting = 0; lasting < 2; lasting++) {
        bool fired = true;
        for (long nth = 1; fired; nth++) {
            char key[32];
            snprintf(key, sizeof key, "start-%d-%ld", lasting, nth);
            sql("update impact_run set state = 'cancelled' where state = 'queued'");
            long before = listed();
            int status = call("StartImpact", key, DRAFTED, nth, lasting);
            fired = atomic_load(&scarce.fired);
            if (status != 202 && status != 503)
                fail_msg("allocation %ld: %d %s", nth, status, answer.error.text);
            assert_int_equal(call("StartImpact", key, DRAFTED, 0, false), 202);
            if (before < 100) assert_int_equal(listed(), before + 1);
            assert_true(nth < ALLOCATIONS_MAX);
        }
    }
}

static void test_cancelling(void **state) {
    (void)state;
    for (int lasting = 0; lasting < 2; lasting++) {
        bool fired = true;
        for (long nth = 1; fired; nth++) {
            char id[ID_MAX], input[INPUT_MAX];
            assert_int_equal(call("StartImpact", NULL, DRAFTED, 0, false), 202);
            id_take(id);
            snprintf(input, sizeof input, "{\"id\":\"%s\"}", id);
            int status = call("CancelImpact", NULL, input, nth, lasting);
            fired = atomic_load(&scarce.fired);
            if (status != 200 && status != 503)
                fail_msg("allocation %ld: %d %s", nth, status, answer.error.text);
            int again = call("CancelImpact", NULL, input, 0, false);
            assert_true(again == 200 || again == 409);
            assert_int_equal(call("GetImpact", NULL, input, 0, false), 200);
            const struct value *now = record_get(&answer.output, "state");
            assert_memory_equal(now->text, "cancelled", now->length);
        }
    }
}

int main(void) {
    if (scarce_skipped()) return 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_little_scratch),
                                       cmocka_unit_test(test_reading),
                                       cmocka_unit_test(test_starting),
                                       cmocka_unit_test(test_cancelling)};
    return cmocka_run_group_tests_name("server/api scarce memory of impacts", tests, set_up,
                                       tear_down);
}
