/* Memory that runs out amid the operations on drafts: each step is done once or not at all, and
 * says so. What proves a draft (CreateDraft, ActivateDraft, GetDraft of an open one) runs libxml2's
 * schemas, which do not survive an exhausted heap and are not begun without room: those are tried
 * with a heap that is exhausted from the first allocation on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "domain/draft.h"
#include "message/json.h"
#include "message/record.h"
#include "operation/operation.h"
#include "tests/unit/scarce.h"
#include "tests/unit/server/domain/fixture.h"

enum { ALLOCATIONS_MAX = 100000, INPUT_MAX = 64 * 1024 };

static struct fixture *fixture;
static struct dispatcher *dispatcher;
static char memory[OPERATION_SCRATCH_BYTES];
static struct scratch scratch;
static struct answer answer;
static char anna[KEY_TEXT_MAX], bas[KEY_TEXT_MAX];
static struct product_folder pet;

static int set_up(void **state) {
    struct error error = {0};
    char id[ID_MAX];
    fixture_set_up(state);
    fixture = *state;
    log_set_level(LOG_ERROR + 1);
    struct service *service = fixture->service;
    const struct key_options options = {.organisation_name = "Test"};
    assert_int_equal(keys_create(service->keys, &options, &error, id, anna), 0);
    assert_int_equal(keys_create(service->keys, &options, &error, id, bas), 0);
    assert_int_equal(product_folder_read(FIXTURE_PRODUCTS "pet", &error, &pet), 0);
    return dispatcher_new(service->db, service->keys, service, &error, &dispatcher);
}

static int tear_down(void **state) {
    product_folder_done(&pet);
    dispatcher_free(dispatcher);
    return fixture_tear_down(state);
}

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
static int call(const char *name, const char *key, const char *idempotency_key,
                const char *input, long nth, bool lasting) {
    struct json_fault fault;
    struct request request = {.operation = operation_named(name),
                              .credential = key,
                              .credential_length = strlen(key),
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

/* ---- drafts --------------------------------------------------------------------------------- */
/* The files of the pet product and one of its own, as CreateDraft takes them. */
static void files_write(const char *note, char ret_input[INPUT_MAX]) {
    struct buffer text;
    buffer_init(&text, INPUT_MAX - 1);
    buffer_format(&text, "{\"files\":[{\"name\":\"notes.md\",\"text\":\"%s\"}", note);
    for (int i = 0; i < pet.files.count; i++) {
        buffer_format(&text, ",{\"name\":\"%s\",\"text\":", pet.files.items[i].name);
        json_write_text(pet.files.items[i].text, pet.files.items[i].length, &text);
        buffer_char(&text, '}');
    }
    buffer_text(&text, "]}");
    assert_false(text.failed);
    memcpy(ret_input, text.data, text.length + 1);
    buffer_done(&text);
}

static void draft_new(char ret_input[INPUT_MAX], char ret_id[ID_MAX]) {
    static int made;
    static char files[INPUT_MAX];
    char note[32];
    snprintf(note, sizeof note, "draft %d", made++);
    files_write(note, files);
    if (call("CreateDraft", anna, NULL, files, 0, false) != 201)
        fail_msg("%s %s", answer.refusal.code, answer.error.text);
    const struct value *id = record_get(&answer.output, "id");
    snprintf(ret_id, ID_MAX, "%.*s", (int)id->length, id->text);
    snprintf(ret_input, INPUT_MAX, "{\"id\":\"%s\"}", ret_id);
}

static long events_of(const char *input) {
    assert_int_equal(call("GetDraft", anna, NULL, input, 0, false), 200);
    return (long)record_get(&answer.output, "events")->length;
}

/* ---- steps ---------------------------------------------------------------------------------- */
/* A step that was refused for want of memory is taken by asking again with its key, once. */
static bool step_scarce(const char *name, long nth, bool lasting) {
    static char input[INPUT_MAX];
    char id[ID_MAX], key[ID_MAX + 8];
    draft_new(input, id);
    snprintf(key, sizeof key, "step-%s", id);
    int status = call(name, bas, key, input, nth, lasting);
    bool fired = atomic_load(&scarce.fired);
    if (status != 200 && status != 503)
        fail_msg("%s: allocation %ld: %d %s %s", name, nth, status, answer.refusal.code,
                 answer.error.text);
    status = call(name, bas, key, input, 0, false);
    if (status != 200)
        fail_msg("%s: after allocation %ld: %d %s", name, nth, status, answer.refusal.code);
    assert_int_equal(events_of(input), 2);
    return fired;
}

/* A draft that does not fit into a call's memory is not told to be missing. */
static void test_little_scratch(void **state) {
    (void)state;
    static char input[INPUT_MAX];
    char id[ID_MAX];
    int status = 0;
    draft_new(input, id);
    for (room = 1024; status != 200; room += room < 128 * 1024 ? 16 : 8192) {
        status = call("WithdrawDraft", bas, NULL, input, 0, false);
        if (status != 200 && strcmp(answer.refusal.code, "too_large") != 0 &&
            strcmp(answer.refusal.code, "unavailable") != 0)
            fail_msg("%zu: %s", room, answer.refusal.code);
    }
    room = sizeof memory;
    assert_int_equal(events_of(input), 2);
}

static void test_steps(void **state) {
    (void)state;
    static const char *const steps[] = {"ApproveDraft", "WithdrawDraft"};
    for (int i = 0; i < 4; i++) {
        long nth = 1;
        while (step_scarce(steps[i / 2], nth, i % 2)) assert_true(++nth < ALLOCATIONS_MAX);
        print_message("# %s: %ld allocations\n", steps[i / 2], nth - 1);
    }
}

static void test_reading(void **state) {
    (void)state;
    static char input[INPUT_MAX];
    char id[ID_MAX];
    draft_new(input, id);
    assert_int_equal(call("WithdrawDraft", anna, NULL, input, 0, false), 200);
    char file[ID_MAX + 64];
    snprintf(file, sizeof file, "{\"id\":\"%s\",\"name\":\"product.xml\"}", id);
    const struct {
        const char *name, *input;
    } reads[] = {{"ListDrafts", "{}"}, {"GetDraft", input}, {"GetDraftFile", file}};
    for (int i = 0; i < 6; i++) {
        const char *name = reads[i / 2].name;
        long nth = 0;
        do {
            int status = call(name, anna, NULL, reads[i / 2].input, ++nth, i % 2);
            if (status != 200 && status != 503)
                fail_msg("%s: allocation %ld: %d %s", name, nth, status, answer.error.text);
            assert_true(nth < ALLOCATIONS_MAX);
        } while (atomic_load(&scarce.fired));
    }
}

static void test_proving_without_memory(void **state) {
    (void)state;
    static char input[INPUT_MAX], files[INPUT_MAX];
    char id[ID_MAX];
    draft_new(input, id);
    files_write("none", files);
    assert_int_equal(call("GetDraft", anna, NULL, input, 1, true), 503);
    assert_int_equal(call("CreateDraft", anna, NULL, files, 1, true), 503);
    assert_int_equal(call("ApproveDraft", bas, NULL, input, 0, false), 200);
    assert_int_equal(call("ActivateDraft", bas, NULL, input, 1, true), 503);
    assert_int_equal(events_of(input), 2);
    assert_int_equal(call("CreateDraft", anna, NULL, files, 0, false), 201);
    if (call("ActivateDraft", bas, NULL, input, 0, false) != 200)
        fail_msg("%s %s", answer.refusal.code, answer.error.text);
    assert_int_equal(events_of(input), 3);
}

int main(void) {
    if (scarce_skipped()) return 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_little_scratch),
                                       cmocka_unit_test(test_steps),
                                       cmocka_unit_test(test_reading),
                                       cmocka_unit_test(test_proving_without_memory)};
    return cmocka_run_group_tests_name("server/api scarce memory of drafts", tests, set_up,
                                       tear_down);
}
