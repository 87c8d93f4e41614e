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
    {.name = "value", .type = QUESTION_MONEY, .required = true},
    {.name = "born", .type = QUESTION_DATE, .required = true},
    {.name = "weight", .type = QUESTION_INTEGER, .required = true},
    {.name = "doors", .type = QUESTION_INTEGER},
    {.name = "area", .type = QUESTION_DECIMAL, .required = true, .fraction_digits = 2,
     .minimum = "0", .maximum = "9999999999999"},
    {.name = "exact", .type = QUESTION_DECIMAL, .required = true, .fraction_digits = 2,
     .minimum = "0", .maximum = "10000000000000"},
    {.name = "open", .type = QUESTION_DECIMAL, .required = true, .fraction_digits = 2},
    {.name = "town", .type = QUESTION_TEXT, .required = true},
    {.name = "date", .type = QUESTION_BOOLEAN, .required = true}};
enum { QUESTIONS = sizeof questions / sizeof *questions };

static bool whole; /* of the last condition that was described */

static bool describe(const char *condition, size_t size, struct buffer *text) {
    static char memory[65536];
    struct scratch scratch;
    struct value schema;
    scratch_init(&scratch, memory, size < sizeof memory ? size : sizeof memory);
    buffer_clear(text);
    if (!condition_describe(questions, QUESTIONS, condition, &scratch, &whole, &schema))
        return false;
    json_write(&schema, 0, text);
    return true;
}

struct described {
    const char *condition, *schema;
};

/* The schemas are written with ' for ". */
static void expect(const struct described *cases, size_t count, bool expected_whole) {
    struct buffer text;
    buffer_init(&text, 4096);
    for (size_t i = 0; i < count; i++) {
        whole = !expected_whole;
        if (!describe(cases[i].condition, 65536, &text)) fail_msg("%s", cases[i].condition);
        for (char *at = text.data; *at; at++)
            if (*at == '"') *at = '\'';
        assert_string_equal(text.data, cases[i].schema);
        if (whole != expected_whole) fail_msg("%s: whole", cases[i].condition);
        /* Too little memory is a no, never half a schema. */
        for (size_t size = 16; size < 1000; size += 16) describe(cases[i].condition, size, &text);
    }
    buffer_done(&text);
}

#define IS(name, schema) "{'properties':{'" name "':" schema "},'required':['" name "']}"
#define MAY_BE(name, schema) "{'properties':{'" name "':" schema "}}"

static void test_comparisons(void **state) {
    (void)state;
    static const struct described cases[] = {
        {"cover = \"full\"", IS("cover", "{'const':'full'}")},
        {" cover!=\"full\" ", IS("cover", "{'not':{'const':'full'}}")},
        {"leased = true", IS("leased", "{'const':true}")},
        {"leased != true", IS("leased", "{'not':{'const':true}}")},
        {"leased", IS("leased", "{'const':true}")},
        {"not(leased)", IS("leased", "{'const':false}")},
        {"town = \"Gouda\"", IS("town", "{'const':'Gouda'}")},
        {"fuel in (\"lpg\", \"cng\")", IS("fuel", "{'enum':['lpg','cng']}")},
        {"fuel in [\"lpg\"]", IS("fuel", "{'enum':['lpg']}")},
        {"not(fuel in (\"lpg\"))", IS("fuel", "{'not':{'enum':['lpg']}}")},
        {"weight > 1800", IS("weight", "{'exclusiveMinimum':1800}")},
        {"weight >= 1800", IS("weight", "{'minimum':1800}")},
        {"weight < -5", IS("weight", "{'exclusiveMaximum':-5}")},
        {"not(weight < 5)", IS("weight", "{'minimum':5}")},
        {"not(weight >= 5)", IS("weight", "{'exclusiveMaximum':5}")},
        {"1800 < weight", IS("weight", "{'exclusiveMinimum':1800}")},
        {"1800 = weight", IS("weight", "{'const':1800}")},
        {"weight != 5", IS("weight", "{'not':{'const':5}}")},
        {"weight in (1, 2)", IS("weight", "{'enum':[1,2]}")},
        {"weight in [1..5]", IS("weight", "{'minimum':1,'maximum':5}")},
        {"weight between 1 and 5", IS("weight", "{'minimum':1,'maximum':5}")},
        {"not(weight between 1 and 5)", IS("weight", "{'not':{'minimum':1,'maximum':5}}")},
        {"area <= 99.5", IS("area", "{'maximum':99.5}")}};
    expect(cases, sizeof cases / sizeof *cases, true);
}

/* No answer is null: it equals nothing, which is false, and compares to nothing, which is null. */
static void test_absent(void **state) {
    (void)state;
    static const struct described cases[] = {
        {"alarm = \"a\"", IS("alarm", "{'const':'a'}")},
        {"alarm != \"a\"", MAY_BE("alarm", "{'not':{'const':'a'}}")},
        {"not(alarm = \"a\")", MAY_BE("alarm", "{'not':{'const':'a'}}")},
        {"not(alarm in (\"a\"))", MAY_BE("alarm", "{'not':{'enum':['a']}}")},
        {"extra != \"a\"", MAY_BE("extra", "{'not':{'const':'a'}}")},
        {"doors > 3", IS("doors", "{'exclusiveMinimum':3}")},
        {"not(doors > 3)", IS("doors", "{'maximum':3}")}};
    expect(cases, sizeof cases / sizeof *cases, true);
}

static void test_joined(void **state) {
    (void)state;
    static const struct described cases[] = {
        {"cover = \"a\" and leased = false",
         "{'allOf':[" IS("cover", "{'const':'a'}") "," IS("leased", "{'const':false}") "]}"},
        {"cover = \"a\" or weight > 5",
         "{'anyOf':[" IS("cover", "{'const':'a'}") "," IS("weight", "{'exclusiveMinimum':5}") "]}"},
        {"not(cover = \"a\" or weight > 5)",
         "{'allOf':[" IS("cover", "{'not':{'const':'a'}}") "," IS("weight", "{'maximum':5}") "]}"},
        {"not(cover = \"a\" and not(leased))",
         "{'anyOf':[" IS("cover", "{'not':{'const':'a'}}") "," IS("leased", "{'const':true}") "]}"},
        {"leased and (fuel = \"a\" or fuel = \"b\")",
         "{'allOf':[" IS("leased", "{'const':true}") ",{'anyOf':[" IS("fuel", "{'const':'a'}") ","
         IS("fuel", "{'const':'b'}") "]}]}"},
        {"leased and weight > 5 or fuel = \"b\"",
         "{'anyOf':[{'allOf':[" IS("leased", "{'const':true}") ","
         IS("weight", "{'exclusiveMinimum':5}") "]}," IS("fuel", "{'const':'b'}") "]}"},
        {"((leased))", IS("leased", "{'const':true}")},
        {"cover != \"a\" and cover != \"b\"",
         "{'allOf':[" IS("cover", "{'not':{'const':'a'}}") ","
         IS("cover", "{'not':{'const':'b'}}") "]}"}};
    expect(cases, sizeof cases / sizeof *cases, true);
}

/* What cannot be said widens the schema: of "and" it is left out, an "or" with it says nothing. */
static void test_partly(void **state) {
    (void)state;
    static const char a[] = IS("cover", "{'const':'a'}");
    static const struct described cases[] = {
        {"cover = \"a\" and value > 50000", a},
        {"value >= 5 and cover = \"a\"", a},
        {"cover = \"a\" and fuel.length = \"x\"", a},
        {"cover = \"a\" and not(value > 5)", a},
        {"cover = \"a\" and value in [1..5]", a},
        {"cover = \"a\" and weight > 5 + 1", a},
        {"cover = \"a\" and weight > doors", a},
        {"cover = \"a\" and open > 5", a},
        {"cover = \"a\" and exact > 5", a},
        {"cover = \"a\" and weight > 1234567890123456", a},
        {"cover = \"a\" and born < date(\"2000-01-01\")", a},
        {"cover = \"a\" and born < @\"2000-01-01\"", a},
        {"cover = \"a\" and string length(town) > 3", a},
        {"cover = \"a\" and count([1, 2, \")\"]) > 1", a},
        {"cover = \"a\" and (value > 5 or leased)", a},
        {"cover = \"a\" and not(value > 5 and leased)", a},
        {"not(cover != \"a\" or value > 5)", a},
        {"leased = date and cover = \"a\"", a},
        {"cover in \"a\" and cover = \"a\"", a}};
    expect(cases, sizeof cases / sizeof *cases, false);
}

static void test_others_are_left_alone(void **state) {
    (void)state;
    static const char *const others[] = {
        "", "cover", "cover =", "cover = full", "cover = \"full", "cover = \"fu\\\"ll\"",
        "cover = \"a\" and", "and cover = \"a\"", "cover = \"a\" or", "cover = \"a\" and or leased",
        "value > 5", "value = 5", "leased = \"true\"", "leased = truely", "covers = \"a\"",
        "cov = \"a\"", "fuel in ()", "fuel in (\"a\"", "fuel in \"a\"", "fuel in (\"a\"]",
        "fuel in (\"a\",)", "cover = \"a\" \"b\"", "cover in (true)", "\"full\" = cover",
        "cover > \"a\"", "weight > 5e3", "weight = \"5\"", "weight > 1.", "weight in (1..5]",
        "cover = \"a\" and value > 5 or leased = true or value > 7",
        "value > 5 or leased = true and cover = \"a\"", "not(value > 5 and cover = \"a\")",
        "value between 1 and 5 and cover = \"a\"", "(cover = \"a\"", "cover = \"a\")",
        "not(cover = \"a\"", "if leased then true else cover = \"a\"",
        "for x in [1] return leased and cover = \"a\"", "cover = \"a\" and /* ( */ leased /* ) */",
        "date and time(\"2000-01-01T00:00:00\") > born", "date and  time(born) > born",
        "leased and [1, \"]\""};
    struct buffer text;
    buffer_init(&text, 4096);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (describe(others[i], 65536, &text)) fail_msg("%s: %s", others[i], text.data);
    /* However deep or long: it is left alone, without much work. */
    static char deep[4000];
    memset(deep, '(', sizeof deep - 1);
    assert_false(describe(deep, 65536, &text));
    for (size_t at = 0; at + 11 < sizeof deep; at += 11) memcpy(deep + at, "leased and ", 11);
    memcpy(deep + 3900, "leased", 7);
    assert_false(describe(deep, 65536, &text));
    buffer_done(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comparisons), cmocka_unit_test(test_absent),
        cmocka_unit_test(test_joined),      cmocka_unit_test(test_partly),
        cmocka_unit_test(test_others_are_left_alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
