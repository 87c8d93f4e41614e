/* The reader of worked examples: what it reads, what it refuses with its line, and what it holds
 * to be equal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "quote-engine/cases.h"

#define HEAD                                                                                      \
    "<testCases xmlns='http://www.omg.org/spec/DMN/20160719/testcase' "                           \
    "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "                                      \
    "xmlns:xsd='http://www.w3.org/2001/XMLSchema'>\n<modelName> m.dmn </modelName>\n"
#define TAIL "</testCases>"

static const struct moment moment;

static int read_text(const char *text, struct problems *problems, struct cases **ret_cases) {
    struct source source = {.name = "c.xml", .text = text, .length = strlen(text)};
    *problems = (struct problems){0};
    return cases_read(&source, &moment, problems, ret_cases);
}

static void values_of_every_kind(void **state) {
    (void)state;
    struct problems problems;
    struct cases *cases = NULL;
    int status = read_text(
        HEAD "<testCase id='1' type='decisionService' invocableName='s'>"
             "<inputNode name='n'><value xsi:type='xsd:decimal'> 12.50 </value></inputNode>"
             "<inputNode name='t'><value xsi:type='xsd:string'> a &amp; b</value></inputNode>"
             "<inputNode name='b'><value xsi:type='xsd:boolean'>true</value></inputNode>"
             "<inputNode name='d'><value xsi:type='xsd:date'>2026-02-28</value></inputNode>"
             "<inputNode name='p'><value xsi:type='xsd:duration'>P1Y2M</value></inputNode>"
             "<inputNode name='z'><value xsi:nil='true'/></inputNode>"
             "<inputNode name='l'><list><item><value xsi:type='xsd:decimal'>1</value></item>"
             "<item><component name='x'><value xsi:type='xsd:decimal'>2</value></component></item>"
             "</list></inputNode>"
             "<resultNode name='r' errorResult='true'><expected><value xsi:nil='true'/>"
             "</expected></resultNode></testCase>" TAIL,
        &problems, &cases);
    assert_int_equal(status, QUOTE_OK);
    assert_string_equal(cases->model, "m.dmn");
    assert_int_equal(cases->count, 1);
    const struct cases_case *item = &cases->items[0];
    assert_string_equal(item->invocable, "s");
    assert_int_equal(item->kind, ELEMENT_SERVICE);
    assert_int_equal(item->inputs.length, 7);
    const struct value_entry *entries = item->inputs.entries;
    assert_true(decimal_equal(entries[0].value.number, decimal_from_scaled(125, 1)));
    assert_int_equal(entries[1].value.length, 6);
    assert_memory_equal(entries[1].value.text, " a & b", 6);
    assert_true(entries[2].value.boolean);
    assert_int_equal(entries[3].value.kind, VALUE_DATE);
    assert_int_equal(entries[3].value.date.day, 28);
    assert_int_equal(entries[4].value.kind, VALUE_MONTHS);
    assert_int_equal(entries[4].value.months, 14);
    assert_int_equal(entries[5].value.kind, VALUE_NULL);
    assert_int_equal(entries[6].value.kind, VALUE_LIST);
    assert_int_equal(entries[6].value.items[1].kind, VALUE_CONTEXT);
    assert_true(item->results[0].error);
    cases_free(cases);
}

static void wrong_documents_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text, *wanted;
        int line;
    } wrong[] = {
        {"", "the document is empty", 0},
        {"<other/>", "not testCases", 1},
        {"<!DOCTYPE x [<!ENTITY a 'b'>]><testCases/>", "DOCTYPE", 1},
        {HEAD "<testCase><inputNode name='n'>\n<value xsi:type='xsd:decimal'>1,5</value>"
              "</inputNode></testCase>" TAIL, "not a number", 4},
        {HEAD "<testCase><inputNode name='n'><value xsi:type='xsd:date'>2026-02-30</value>"
              "</inputNode></testCase>" TAIL, "not a date", 3},
        {HEAD "<testCase><inputNode name='n'><value xsi:type='xsd:date'>10:00:00</value>"
              "</inputNode></testCase>" TAIL, "not a date", 3},
        {HEAD "<testCase><inputNode name='n'><value xsi:type='xsd:boolean'>yes</value>"
              "</inputNode></testCase>" TAIL, "not a boolean", 3},
        {HEAD "<testCase><inputNode name='n'><value xsi:type='xsd:hexBinary'>00</value>"
              "</inputNode></testCase>" TAIL, "unknown xsi:type", 3},
        {HEAD "<testCase><inputNode name='n'/><inputNode name='n'/></testCase>" TAIL,
         "given twice", 3},
        {HEAD "<testCase><inputNode/></testCase>" TAIL, "no name", 3},
        {HEAD "<testCase><resultNode/></testCase>" TAIL, "no name", 3},
        {HEAD "<testCase>", "not well-formed", 3}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct problems problems;
        struct cases *cases = NULL;
        assert_int_equal(read_text(wrong[i].text, &problems, &cases), QUOTE_INVALID);
        assert_null(cases);
        assert_int_equal(problems.errors, 1);
        if (!strstr(problems.items[0].text, wrong[i].wanted))
            print_error("%s\n", problems.items[0].text);
        assert_non_null(strstr(problems.items[0].text, wrong[i].wanted));
        assert_int_equal(problems.items[0].line, wrong[i].line);
    }
}

static void equal_is_exact_and_near_is_not(void **state) {
    (void)state;
    struct value one = value_number(decimal_from_scaled(100, 2)), same = value_int64(1);
    struct value close = value_number(decimal_from_scaled(1000000009, 9));
    struct value far = value_number(decimal_from_scaled(100000002, 8));
    struct value null = value_null(), text = value_text("1", 1);
    assert_true(cases_equal(&one, &same, &moment));
    assert_false(cases_equal(&one, &close, &moment));
    assert_true(cases_near(&one, &close, &moment));
    assert_false(cases_near(&one, &far, &moment));
    assert_false(cases_equal(&null, &one, &moment));
    assert_true(cases_equal(&null, &null, &moment));
    assert_false(cases_near(&text, &one, &moment));
    struct value_entry ab[] = {{"a", 1, one}, {"b", 1, text}};
    struct value_entry ba[] = {{"b", 1, text}, {"a", 1, same}};
    struct value first = value_context(ab, 2), second = value_context(ba, 2);
    struct value shorter = value_context(ab, 1);
    assert_true(cases_equal(&first, &second, &moment));
    assert_false(cases_equal(&first, &shorter, &moment));
    assert_false(cases_equal(&shorter, &first, &moment));
    struct value items[] = {one, text}, turned[] = {text, one};
    struct value list = value_list(items, 2), other = value_list(turned, 2);
    assert_true(cases_equal(&list, &list, &moment));
    assert_false(cases_equal(&list, &other, &moment));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_every_kind),
        cmocka_unit_test(wrong_documents_are_refused),
        cmocka_unit_test(equal_is_exact_and_near_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
