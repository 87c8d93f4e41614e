/* An operation that changed in two versions, one after the other, as callers of each of the three
 * see it: its input, output, faults and description, alone and of many. The table of versions is
 * this test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "message/api_version.h"
#include "message/json.h"
#include "operation/operation.h"

/* ---- versions: names changed in 2002; a number became a list in 2003 ------------------------- */
static const struct field lid_fields[] = {{.name = "colour", .type = FIELD_TEXT, .required = true}};
static const struct field part_fields[] = {{.name = "number", .type = FIELD_INTEGER,
                                            .required = true}};
static const struct field part = {.name = "part", .type = FIELD_RECORD, .fields = part_fields,
                                  .field_count = 1};
static const struct field weight = {.name = "weight", .type = FIELD_INTEGER, .maximum = "50"};
#define BOX                                                                                       \
    {.name = "label", .type = FIELD_TEXT, .required = true},                                      \
    {.name = "cover", .type = FIELD_RECORD, .fields = lid_fields, .field_count = 1},              \
    {.name = "parts", .type = FIELD_LIST, .fields = &part, .field_count = 1}
static const struct field box_fields[] = {
    BOX, {.name = "weights", .type = FIELD_LIST, .required = true, .length_minimum = 1,
          .fields = &weight, .field_count = 1}};
static const struct field box_fields_2002[] = {
    BOX, {.name = "mass", .type = FIELD_INTEGER, .required = true}};

static bool replace(struct value *box, const char *from, const char *to, bool wrap,
                    struct scratch *scratch) {
    struct value_entry *entries = scratch_take(scratch, (box->length + 1) * sizeof *entries);
    struct value *item = scratch_take(scratch, sizeof *item);
    if (!entries || !item) return false;
    for (uint32_t at = 0; at < box->length; at++) {
        entries[at] = box->entries[at];
        if (entries[at].name_length != strlen(from) ||
            memcmp(entries[at].name, from, strlen(from)) != 0)
            continue;
        *item = entries[at].value;
        bool unwrap = !wrap && item->kind == VALUE_LIST && item->length > 0;
        entries[at] = record_entry(to, wrap ? value_list(item, 1)
                                            : unwrap ? item->items[0] : value_null());
    }
    box->entries = entries;
    return true;
}

static bool mass_up(struct value *box, struct scratch *scratch) {
    return replace(box, "mass", "weights", true, scratch);
}

static bool mass_down(struct value *box, struct scratch *scratch) {
    return replace(box, "weights", "mass", false, scratch);
}

static void mass_point(char pointer[FIELD_POINTER_MAX]) {
    if (strncmp(pointer, "/weights", 8) == 0) snprintf(pointer, FIELD_POINTER_MAX, "/mass");
}

static const struct api_rename names[] = {
    {"", "lid", "cover"}, {"cover", "color", "colour"}, {"parts", "no", "number"}};
static const struct api_step steps_2002[] = {
    {.operation = "PackBox", .input = {.renames = names, .rename_count = 3},
     .output = {.renames = names, .rename_count = 3}}};
static const struct api_step steps_2003[] = {
    {.operation = "PackBox",
     .input = {.reshape = mass_up, .point = mass_point, .fields = box_fields_2002,
               .field_count = 4},
     .output = {.reshape = mass_down, .fields = box_fields_2002, .field_count = 4}}};
const struct api_version api_versions[] = {
    {.date = "2001-01-01"},
    {.date = "2002-01-01", .steps = steps_2002, .step_count = 1},
    {.date = "2003-01-01", .steps = steps_2003, .step_count = 1}};
const int api_version_count = 3;

/* ---- a table of operations ------------------------------------------------------------------ */
static int packed;

static void check_box(struct call *call) {
    if (record_text_is(&call->input, "label", "dull"))
        field_fault_add(&call->faults, "/cover/colour", "dull", "Take another colour.");
}

static int pack_box(struct call *call) {
    if (record_text_is(&call->input, "label", "faulty")) {
        field_fault_add(&call->faults, "/parts/10/number", "gone", "x");
        field_fault_add(&call->faults, "/weights/0", "heavy", "x");
        field_fault_add(&call->faults, "/label", "label", "x");
        return ERROR_INVALID;
    }
    packed++;
    call->output = call->input;
    return 0;
}

static const struct operation operations[] = {
    {.name = "PackBox", .method = "POST", .path = "/boxes", .status = 201,
     .summary = {"Pakt in", "Packs"}, .callers = CALLER_NOBODY, .input = box_fields,
     .input_count = 4, .output = box_fields, .output_count = 4, .check = check_box,
     .run = pack_box},
    {.name = "PackBoxes", .method = "POST", .path = "/boxes/batch", .status = 200,
     .summary = {"Pakt in", "Packs"}, .callers = CALLER_NOBODY, .each = "PackBox",
     .each_name = "box"},
    {.name = "PackSame", .method = "POST", .path = "/same", .status = 201,
     .summary = {"Pakt in", "Packs"}, .callers = CALLER_NOBODY, .input = box_fields,
     .input_count = 4, .output = box_fields, .output_count = 4, .run = pack_box}};
static const struct operation_group boxes = {"boxes", operations, 3};
const struct operation_group *const operation_groups[] = {&boxes, NULL};
const int operation_group_count = 1;

/* ---- asking --------------------------------------------------------------------------------- */
static struct dispatcher *dispatcher;
static char memory[OPERATION_SCRATCH_BYTES];
static struct answer answer;
static char said[4000]; /* an output, or faults as "code pointer; " */

static int set_up(void **state) {
    (void)state;
    struct error error = {0};
    return dispatcher_new(NULL, NULL, NULL, &error, &dispatcher);
}

static int tear_down(void **state) {
    (void)state;
    dispatcher_free(dispatcher);
    return 0;
}

static void say(const struct value *output, const struct field *fields, int count,
                const struct field_faults *faults) {
    struct buffer text;
    buffer_init(&text, sizeof said - 1);
    if (output) field_encode_json(fields, count, output, &text);
    for (int at = 0; !output && at < faults->count; at++)
        buffer_format(&text, "%s %s; ", faults->items[at].code, faults->items[at].pointer);
    size_t length = strlen(said);
    snprintf(said + length, sizeof said - length, "%s", text.data ? text.data : "");
    buffer_done(&text);
}

static const struct request *request_of(const char *operation, const char *version,
                                        enum entrance_kind entrance, const char *json,
                                        struct scratch *scratch) {
    static struct request request;
    struct json_fault fault;
    request = (struct request){.operation = operation_find_named(operation), .version = version,
                               .entrance = entrance, .language = LANGUAGE_EN,
                               .scratch = scratch};
    assert_int_equal(json_read(json, strlen(json), NULL, scratch, &fault, &request.input), 0);
    return &request;
}

static int ask_as(enum entrance_kind entrance, const char *operation, const char *version,
                  const char *json) {
    struct scratch scratch;
    scratch_init(&scratch, memory, sizeof memory);
    dispatch(dispatcher, request_of(operation, version, entrance, json, &scratch), &answer);
    said[0] = '\0';
    say(answer.status < 400 ? &answer.output : NULL, answer.output_fields, answer.output_count,
        &answer.faults);
    return answer.status;
}

static int ask(const char *version, const char *json) {
    return ask_as(ENTRANCE_JSON, "PackBox", version, json);
}

#define OLD                                                                                       \
    "{\"label\":\"a\",\"lid\":{\"color\":\"red\"},\"parts\":[{\"no\":1},{\"no\":2}],\"mass\":7}"
#define MIDDLE                                                                                    \
    "{\"label\":\"a\",\"cover\":{\"colour\":\"red\"},\"parts\":[{\"number\":1},{\"number\":2}],"  \
    "\"mass\":7}"
#define NEWEST                                                                                    \
    "{\"label\":\"a\",\"cover\":{\"colour\":\"red\"},\"parts\":[{\"number\":1},{\"number\":2}],"  \
    "\"weights\":[7]}"
static const char *const dates[] = {"2001-01-01", "2002-01-01", "2003-01-01"};
static const char *const forms[] = {OLD, MIDDLE, NEWEST};

/* ---- tests ---------------------------------------------------------------------------------- */
static void test_forms(void **state) {
    (void)state;
    for (int at = 0; at < 3; at++) {
        assert_int_equal(ask(dates[at], forms[at]), 201);
        assert_string_equal(said, forms[at]);
        assert_string_equal(answer.version, dates[at]);
        int before = packed;
        for (int other = 0; other < 3; other++) {
            if (other != at) assert_int_equal(ask(dates[at], forms[other]), 422);
        }
        assert_int_equal(packed, before);
        /* What did not change is the same in all; other entrances have no versions. */
        assert_int_equal(ask_as(ENTRANCE_JSON, "PackSame", dates[at], NEWEST), 201);
        assert_string_equal(said, NEWEST);
        assert_int_equal(ask_as(ENTRANCE_SOAP, "PackBox", dates[at], NEWEST), 201);
        assert_string_equal(said, NEWEST);
    }
    assert_int_equal(ask(NULL, NEWEST), 201);
    assert_int_equal(ask("2001-01-02", OLD), 400);
}

static void test_faults(void **state) {
    (void)state;
    static const struct {
        int version;
        const char *json, *said;
    } cases[] = {
        {0, "{\"label\":\"faulty\",\"mass\":1}", "gone /parts/10/no; heavy /mass; label /label; "},
        {1, "{\"label\":\"faulty\",\"mass\":1}",
         "gone /parts/10/number; heavy /mass; label /label; "},
        {2, "{\"label\":\"faulty\",\"weights\":[1]}",
         "gone /parts/10/number; heavy /weights/0; label /label; "},
        /* What the older fields find wrong is told once, in their names, with the check's own. */
        {0, "{\"label\":\"dull\",\"lid\":{}}",
         "required /lid/color; required /mass; dull /lid/color; "},
        {0, "{\"label\":\"dull\",\"cover\":1,\"mass\":\"x\"}",
         "wrong_type /mass; unknown /cover; dull /lid/color; "},
        {0, "{\"label\":5,\"parts\":[{\"no\":1},{\"number\":2}],\"mass\":1}",
         "wrong_type /label; required /parts/1/no; unknown /parts/1/number; "},
        /* And what only the newest does not take. */
        {0, "{\"label\":\"a\",\"mass\":51}", "too_large /mass; "},
        {1, "{\"label\":\"a\",\"mass\":51}", "too_large /mass; "},
        {2, "{\"label\":\"a\",\"weights\":[51]}", "too_large /weights/0; "}};
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        assert_int_equal(ask(dates[cases[at].version], cases[at].json), 422);
        assert_string_equal(said, cases[at].said);
    }
}

/* Wherever memory ends the answer is whole, or a refusal. */
static void test_scarce(void **state) {
    (void)state;
    bool done = false;
    for (size_t size = sizeof(struct call) + 600; !done && size < sizeof memory; size += 16) {
        struct scratch scratch;
        scratch_init(&scratch, memory, size);
        dispatch(dispatcher, request_of("PackBox", dates[0], ENTRANCE_JSON, OLD, &scratch),
                 &answer);
        done = answer.status == 201;
        if (!done) assert_true(answer.status == 503 || answer.status == 422);
    }
    assert_true(done);
}

static const char *const items[] = {OLD, "{\"label\":\"faulty\",\"mass\":1}",
                                    "{\"label\":\"b\",\"weights\":[1]}"};
static int item_next;

static int next_item(void *context, struct scratch *scratch, struct item *ret_item) {
    struct json_fault fault;
    static struct field_faults faults;
    (void)context;
    if (item_next == 4) return 0;
    const char *text = item_next < 3 ? items[item_next] : NULL;
    item_next++;
    if (text) {
        assert_int_equal(json_read(text, strlen(text), NULL, scratch, &fault, &ret_item->value),
                         0);
        return 1;
    }
    field_faults_clear(&faults);
    field_fault_add(&faults, "/cover", "duplicate_key", "x"); /* as the caller wrote it */
    ret_item->refusal = (struct refusal){.status = 400, .code = "duplicate_key"};
    ret_item->faults = &faults;
    return 1;
}

static void take_answer(void *context, const struct item_answer *told) {
    (void)context;
    say(told->output, told->output_fields, told->output_count, told->faults);
}

static bool flush(void *context) {
    (void)context;
    return true;
}

static void test_many(void **state) {
    (void)state;
    struct scratch scratch;
    struct items many = {.count = 4, .next = next_item, .answer = take_answer, .flush = flush};
    scratch_init(&scratch, memory, sizeof memory);
    struct request request = *request_of("PackBoxes", dates[0], ENTRANCE_JSON, "{}", &scratch);
    request.items = &many;
    said[0] = '\0';
    item_next = 0;
    dispatch(dispatcher, &request, &answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(said, OLD "gone /parts/10/no; heavy /mass; label /label; "
                                  "required /mass; unknown /weights; duplicate_key /cover; ");
}

static void test_description(void **state) {
    (void)state;
    static const char *const own[] = {"\"lid\"", "\"mass\"", "\"weights\""};
    static const bool there[3][3] = {{true, true, true}, {false, true, true},
                                     {false, false, true}};
    for (int version = 0; version < 3; version++) {
        struct buffer text;
        buffer_init(&text, OPENAPI_MAX_BYTES);
        openapi_write("https://koppel.example", LANGUAGE_EN, version, NULL, 0, &text);
        assert_false(text.failed);
        /* The operation that did not change has its weights in all. */
        for (int at = 0; at < 3; at++)
            assert_int_equal(memmem(text.data, text.length, own[at], strlen(own[at])) != NULL,
                             there[version][at]);
        assert_non_null(memmem(text.data, text.length, dates[version], 10));
        buffer_done(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),       cmocka_unit_test(test_faults),
        cmocka_unit_test(test_scarce),      cmocka_unit_test(test_many),
        cmocka_unit_test(test_description),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
