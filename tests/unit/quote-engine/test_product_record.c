/* Records as the tariff sees them: a null for what was not answered, and nothing else changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "quote-engine/product_inside.h"

enum { SCRATCH_BYTES = 4096 };

static const struct product_question asked[] = {
    {.name = "relation", .type = QUESTION_TEXT},
    {.name = "age", .type = QUESTION_INTEGER},
    {.name = "lives_at", .type = QUESTION_TEXT, .required = false}};
static const struct product_question people = {
    .name = "people", .type = QUESTION_RECORDS, .questions = asked, .question_count = 3};

static struct value_entry entry(const char *name, struct value value) {
    return (struct value_entry){
        .name = name, .name_length = (uint32_t)strlen(name), .value = value};
}

static const struct value *of(const struct value *record, const char *name) {
    return value_entry_find(record, name, strlen(name));
}

static void what_is_missing_becomes_null(void **state) {
    char memory[SCRATCH_BYTES];
    struct scratch scratch;
    const struct value_entry whole[] = {entry("relation", value_text("child", 5)),
                                        entry("age", value_int64(9)),
                                        entry("lives_at", value_text("home", 4))};
    const struct value_entry part[] = {entry("age", value_int64(40))};
    const struct value items[] = {value_context(whole, 3), value_context(part, 1),
                                  value_context(NULL, 0)};
    struct value list = value_list(items, 3);
    (void)state;
    scratch_init(&scratch, memory, sizeof memory);
    assert_true(product_records_complete(&people, &scratch, &list));
    assert_int_equal(list.length, 3);
    assert_ptr_equal(list.items[0].entries, whole);
    for (int i = 1; i < 3; i++) {
        assert_int_equal(list.items[i].length, 3);
        assert_int_equal(of(&list.items[i], "relation")->kind, VALUE_NULL);
        assert_int_equal(of(&list.items[i], "lives_at")->kind, VALUE_NULL);
    }
    assert_int_equal(of(&list.items[1], "age")->kind, VALUE_NUMBER);
    assert_int_equal(of(&list.items[2], "age")->kind, VALUE_NULL);
    assert_int_equal(items[1].length, 1); /* the caller's own stay as they are */
}

static void complete_lists_and_other_answers_are_left_alone(void **state) {
    char memory[SCRATCH_BYTES];
    struct scratch scratch;
    const struct value_entry whole[] = {entry("relation", value_null()),
                                        entry("age", value_null()),
                                        entry("lives_at", value_null())};
    const struct value items[] = {value_context(whole, 3)};
    const struct value codes[] = {value_text("ski", 3)};
    const struct product_question choices = {.name = "choices", .type = QUESTION_CHOICES};
    struct value list = value_list(items, 1), empty = value_list(NULL, 0), null = value_null();
    struct value other = value_list(codes, 1), odd = value_list(codes, 1);
    (void)state;
    scratch_init(&scratch, memory, sizeof memory);
    assert_true(product_records_complete(&people, &scratch, &list));
    assert_ptr_equal(list.items, items);
    assert_true(product_records_complete(&people, &scratch, &empty));
    assert_int_equal(empty.length, 0);
    assert_true(product_records_complete(&people, &scratch, &null));
    assert_int_equal(null.kind, VALUE_NULL);
    assert_true(product_records_complete(&choices, &scratch, &other));
    assert_ptr_equal(other.items, codes);
    assert_true(product_records_complete(&people, &scratch, &odd));
    assert_ptr_equal(odd.items, codes);
    assert_ptr_equal(scratch.at, scratch.start);
}

static void used_up_scratch_is_told(void **state) {
    char memory[SCRATCH_BYTES];
    const struct value items[] = {value_context(NULL, 0), value_context(NULL, 0)};
    (void)state;
    for (size_t size = 0; size <= sizeof memory; size += 16) {
        struct scratch scratch;
        struct value list = value_list(items, 2);
        scratch_init(&scratch, memory, size);
        bool done = product_records_complete(&people, &scratch, &list);
        if (done) {
            assert_int_equal(list.items[1].length, 3);
            return;
        }
        assert_ptr_equal(list.items, items);
    }
    fail();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_missing_becomes_null),
        cmocka_unit_test(complete_lists_and_other_answers_are_left_alone),
        cmocka_unit_test(used_up_scratch_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
