/* Kept answers read back without a check are, to the kind of every value, what a check makes of
 * them: for the examples of the products that ship. What is of another form is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "domain/answers.h"
#include "domain/calendar_day.h"
#include "domain/impact.h"
#include "message/json.h"

static char memory[4 * 1024 * 1024];
static struct scratch scratch;
static struct field_faults faults;
static const struct value_date date = {.year = 2026, .month = 11, .day = 23};

static void assert_same(const struct value *a, const struct value *b) {
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->kind == VALUE_LIST || a->kind == VALUE_CONTEXT ? a->length : 0,
                     b->kind == VALUE_LIST || b->kind == VALUE_CONTEXT ? b->length : 0);
    for (uint32_t i = 0; a->kind == VALUE_LIST && i < a->length; i++)
        assert_same(&a->items[i], &b->items[i]);
    for (uint32_t i = 0; a->kind == VALUE_CONTEXT && i < a->length; i++) {
        assert_string_equal(a->entries[i].name, b->entries[i].name);
        assert_same(&a->entries[i].value, &b->entries[i].value);
    }
    if (a->kind == VALUE_NUMBER) assert_memory_equal(&a->number, &b->number, sizeof a->number);
    if (a->kind == VALUE_BOOLEAN) assert_int_equal(a->boolean, b->boolean);
    if (a->kind == VALUE_DATE) assert_memory_equal(&a->date, &b->date, sizeof a->date);
    if (a->kind == VALUE_TEXT) {
        assert_int_equal(a->length, b->length);
        assert_memory_equal(a->text, b->text, a->length);
    }
}

static bool check(const struct product_version *version, const struct value *answers,
                  struct value *ret_answers) {
    struct moment moment;
    moment_at(clock_amsterdam_midnight_us(2026, 11, 23), &moment);
    faults.count = 0;
    faults.more = faults.starved = false;
    const struct answers_check checked = {.version = version,
                                          .answers = answers,
                                          .effective_date = &date,
                                          .moment = &moment,
                                          .scratch = &scratch,
                                          .faults = &faults};
    return answers_check(&checked, ret_answers);
}

static void assert_kept_alike(const struct product_version *version, const struct value *given) {
    struct json_fault fault;
    struct value checked, kept, again, read;
    struct buffer text;
    if (!check(version, given, &checked)) fail_msg("%s", faults.items[0].message);
    buffer_init(&text, ANSWERS_JSON_MAX_BYTES);
    answers_write(version, &checked, &text);
    assert_int_equal(json_read(text.data, text.length, NULL, &scratch, &fault, &kept), 0);
    assert_true(check(version, &kept, &again));
    assert_true(answers_read_kept(product_info(version->product), &kept, &scratch, &read));
    assert_same(&read, &again);
    assert_same(&read, &checked);
    buffer_done(&text);
}

static void draft_make(const struct product_files *files, struct impact_draft *draft) {
    struct error error = {0};
    struct problems *problems = calloc(1, sizeof *problems);
    assert_int_equal(impact_draft_make(files, problems, &error, draft), 0);
    free(problems);
}

static void test_products_that_ship(void **state) {
    static const char *const names[] = {"auto", "reis"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct product_files files;
        struct impact_draft draft;
        struct error error = {0};
        assert_int_equal(product_folder_embedded(names[i], &error, &files), 0);
        draft_make(&files, &draft);
        const struct product_info *info = product_info(draft.version.product);
        assert_true(info->example_count > 0);
        for (int example = 0; example < info->example_count; example++) {
            struct buffer text;
            struct json_fault fault;
            struct value given;
            scratch_init(&scratch, memory, sizeof memory);
            buffer_init(&text, ANSWERS_JSON_MAX_BYTES);
            answers_write(&draft.version, &info->examples[example], &text);
            assert_int_equal(json_read(text.data, text.length, NULL, &scratch, &fault, &given), 0);
            assert_kept_alike(&draft.version, &given);
            buffer_done(&text);
        }
        impact_draft_done(&draft);
    }
}

static bool reads(const struct product_version *version, const char *json) {
    struct json_fault fault;
    struct value kept, read;
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(json_read(json, strlen(json), NULL, &scratch, &fault, &kept), 0);
    return answers_read_kept(product_info(version->product), &kept, &scratch, &read);
}

static void test_other_forms(void **state) {
    (void)state;
    struct product_folder folder;
    struct impact_draft draft;
    struct error error = {0};
    assert_int_equal(product_folder_read("tests/unit/server/domain/products/pet", &error, &folder),
                     0);
    draft_make(&folder.files, &draft);
    const struct product_version *pet = &draft.version;
    assert_true(reads(pet, "{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"250.00\"}"));
    assert_true(reads(pet, "{}"));
    static const char *const others[] = {
        "{\"kind\":1,\"born_on\":\"2022-03-04\"}",      /* of another kind */
        "{\"kind\":\"cat\",\"born_on\":\"2022-02-30\"}", /* no date */
        "{\"kind\":\"cat\",\"born_on\":null}",
        "{\"kind\":\"cat\",\"value\":\"much\"}",
        "{\"kind\":\"cat\",\"value\":250}",
        "{\"kind\":\"cat\",\"colour\":\"red\"}",         /* no question */
        "{\"value\":\"250.00\",\"kind\":\"cat\"}"};      /* in another order */
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (reads(pet, others[i])) fail_msg("%s", others[i]);
    impact_draft_done(&draft);
    product_folder_done(&folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_products_that_ship),
                                       cmocka_unit_test(test_other_forms)};
    product_prepare();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
