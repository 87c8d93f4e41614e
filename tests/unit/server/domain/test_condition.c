/* Which conditions are said in JSON Schema, and how. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/product_describe.h"
#include "message/json.h"

static const struct product_question questions[] = {
    {.name = "cover", .type = QUESTION_CHOICE, .required = true},
    {.name = "fuel", .type = QUESTION_CHOICE, .required = true},
    {.name = "leased", .type = QUESTION_BOOLEAN, .required = true},
    {.name = "alarm", .type = QUESTION_CHOICE},
    {.name = "extra", .type = QUESTION_CHOICE, .required = true, .shown_when = "leased = true"},
    {.name = "value", .type = QUESTION_MONEY, .required = true}};
static const struct product_info info = {.questions = questions, .question_count = 6};

static bool whole; /* of the last condition that was described */

static bool describe(const char *condition, size_t size, struct buffer *text) {
    static char memory[16384];
    struct scratch scratch;
    struct value schema;
    scratch_init(&scratch, memory, size < sizeof memory ? size : sizeof memory);
    buffer_clear(text);
    if (!condition_describe(&info, condition, &scratch, &whole, &schema)) return false;
    json_write(&schema, 0, text);
    return true;
}

static void test_simple_conditions(void **state) {
    (void)state;
    static const struct {
        const char *condition, *schema;
    } cases[] = {
        {"cover = \"full\"",
         "{\"properties\":{\"cover\":{\"const\":\"full\"}},\"required\":[\"cover\"]}"},
        {" cover!=\"full\" ",
         "{\"properties\":{\"cover\":{\"not\":{\"const\":\"full\"}}},\"required\":[\"cover\"]}"},
        {"leased = true",
         "{\"properties\":{\"leased\":{\"const\":true}},\"required\":[\"leased\"]}"},
        {"fuel in (\"lpg\", \"cng\") and leased = false",
         "{\"properties\":{\"fuel\":{\"enum\":[\"lpg\",\"cng\"]},\"leased\":{\"const\":false}},"
         "\"required\":[\"fuel\",\"leased\"]}"},
        {"fuel in [\"lpg\"]",
         "{\"properties\":{\"fuel\":{\"enum\":[\"lpg\"]}},\"required\":[\"fuel\"]}"}};
    struct buffer text;
    buffer_init(&text, 4096);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_true(describe(cases[i].condition, 16384, &text));
        assert_string_equal(text.data, cases[i].schema);
        assert_true(whole);
        /* Too little memory is a no, never half a schema. */
        for (size_t size = 16; size < 600; size += 16) describe(cases[i].condition, size, &text);
    }
    buffer_done(&text);
}

/* Of terms joined by "and", those that cannot be said are left out: without the others the question
 * is not shown, whatever they are. */
static void test_partly(void **state) {
    (void)state;
    static const char *const conditions[] = {
        "cover != \"liability\" and value > 50000", "value >= 5 and cover != \"liability\"",
        "value > 5 and cover != \"liability\" and fuel.length = \"x\"",
        "cover != \"liability\" and cover != \"none\""};
    static const char schema[] =
        "{\"properties\":{\"cover\":{\"not\":{\"const\":\"liability\"}}},\"required\":[\"cover\"]}";
    struct buffer text;
    buffer_init(&text, 4096);
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        whole = true;
        if (!describe(conditions[i], 16384, &text)) fail_msg("%s", conditions[i]);
        assert_string_equal(text.data, schema);
        assert_false(whole);
    }
    buffer_done(&text);
}

static void test_others_are_left_alone(void **state) {
    (void)state;
    static const char *const others[] = {
        "", "cover", "cover =", "cover = full", "cover = \"full", "cover = \"fu\\\"ll\"",
        "cover = \"a\" or fuel = \"b\"", "cover = \"a\" and", "and cover = \"a\"",
        "not(cover = \"a\")", "value > 5", "value = 5", "leased", "leased = \"true\"",
        "leased = truely", "covers = \"a\"", "cov = \"a\"", "fuel in ()", "fuel in (\"a\"",
        "fuel in \"a\"", "fuel in (\"a\"]", "fuel in (\"a\",)", "alarm = \"a\"", "extra = \"a\"",
        "cover = \"a\" \"b\"", "cover in (true)",
        "\"full\" = cover", "cover = \"a\" and value > 5 or leased = true",
        "value > 5 or leased = true and cover = \"a\"",
        "value between 1 and 5 and cover = \"a\"", "value in [1..5] and cover = \"a\"",
        "cover = \"a\" and not(value > 5)", "if leased then true else cover = \"a\"",
        "cover = \"a\" = leased and fuel = \"b\""};
    struct buffer text;
    buffer_init(&text, 4096);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (describe(others[i], 16384, &text)) fail_msg("%s: %s", others[i], text.data);
    buffer_done(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_simple_conditions),
                                       cmocka_unit_test(test_partly),
                                       cmocka_unit_test(test_others_are_left_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
