/* FEEL's limits: texts and evaluations made to exhaust a stack, memory or time end with a status
 * or a message, never otherwise. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quote-engine/feel.h"

enum { TEXT_BYTES = 2 * 1024 * 1024, SCRATCH_BYTES = 4 * 1024 * 1024 };

struct fixture {
    char *text;
    struct arena arena;
    struct problems problems;
    struct scratch scratch;
    char *memory;
};

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->text = malloc(TEXT_BYTES);
    fixture->memory = malloc(SCRATCH_BYTES);
    arena_init(&fixture->arena, ARENA_LIMIT_BYTES);
    scratch_init(&fixture->scratch, fixture->memory, SCRATCH_BYTES);
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    arena_done(&fixture->arena);
    free(fixture->text);
    free(fixture->memory);
    free(fixture);
    return 0;
}

static const struct code *compile(struct fixture *fixture, const char *text) {
    fixture->problems = (struct problems){0};
    struct compiler compiler = {.arena = &fixture->arena, .problems = &fixture->problems,
                                .file = "limits", .place = "test"};
    struct node *node = feel_parse(&compiler, NULL, text, strlen(text), 1);
    return node ? feel_compile(&compiler, NULL, node) : NULL;
}

/* start, then `part` count times, then `middle`, then `end` count times. */
static const char *repeat(struct fixture *fixture, const char *part, int count, const char *middle,
                          const char *end) {
    size_t part_length = strlen(part), end_length = strlen(end), at = 0;
    assert_true((part_length + end_length) * (size_t)count + strlen(middle) < TEXT_BYTES);
    for (int i = 0; i < count; i++, at += part_length)
        memcpy(fixture->text + at, part, part_length);
    memcpy(fixture->text + at, middle, strlen(middle));
    at += strlen(middle);
    for (int i = 0; i < count; i++, at += end_length)
        memcpy(fixture->text + at, end, end_length);
    fixture->text[at] = '\0';
    return fixture->text;
}

static void refused(struct fixture *fixture, const char *part, const char *middle,
                    const char *end, const char *message) {
    assert_null(compile(fixture, repeat(fixture, part, 50000, middle, end)));
    assert_int_equal(fixture->problems.errors, 1);
    if (!strstr(fixture->problems.items[0].text, message))
        fail_msg("%s: %s", part, fixture->problems.items[0].text);
}

static void test_nesting_is_limited(void **state) {
    refused(*state, "(", "1", ")", "nested too deeply");
    refused(*state, "[", "1", "]", "nested too deeply");
    refused(*state, "{a:", "1", "}", "nested too deeply");
    refused(*state, "-", "x", "", "nested too deeply");
    refused(*state, "not(", "true", ")", "nested too deeply");
    refused(*state, "if true then ", "1", " else 2", "nested too deeply");
    refused(*state, "for i in ", "[1]", " return i", "nested too deeply");
    refused(*state, "function(a) ", "a", "", "nested too deeply");
    refused(*state, "1 in (", "1", ")", "nested too deeply");
    refused(*state, "1 in [", "1", "]", "nested too deeply");
    refused(*state, "[1][", "1", "]", "nested too deeply");
    refused(*state, "(< ", "1", ")", "nested too deeply");
    refused(*state, "]", "1..2", "]", "nested too deeply");
}

static void test_length_is_limited(void **state) {
    refused(*state, "1 + ", "1", "", "too long");
    refused(*state, "1 ** ", "1", "", "too long");
    refused(*state, "true and ", "true", "", "too long");
    refused(*state, "", "null", ".a", "too long");
    refused(*state, "", "null", "(1)", "too long");
    refused(*state, "", "1", " = 1", "too long");
    refused(*state, "", "1", " in 1", "too long");
}

static void test_type_nesting_is_limited(void **state) {
    struct fixture *fixture = *state;
    const char *types = repeat(fixture, "list<", 50000, "number", ">");
    char *text = malloc(TEXT_BYTES);
    snprintf(text, TEXT_BYTES, "1 instance of %s", types);
    assert_null(compile(fixture, text));
    assert_non_null(strstr(fixture->problems.items[0].text, "nested too deeply"));
    free(text);
}

static void test_long_lists_are_fine(void **state) {
    struct fixture *fixture = *state;
    const char *items = repeat(fixture, "1,", 90000, "1", "");
    char *text = malloc(TEXT_BYTES);
    snprintf(text, TEXT_BYTES, "[%s]", items);
    const struct code *code = compile(fixture, text);
    free(text);
    assert_non_null(code);
    assert_int_equal(code_constant(code)->length, 90001);
}

static void test_a_text_is_limited(void **state) {
    struct fixture *fixture = *state;
    assert_null(compile(fixture, repeat(fixture, " ", 1024 * 1024, "1", "")));
    assert_non_null(strstr(fixture->problems.items[0].text, "too long"));
}

static int run(struct fixture *fixture, const char *text) {
    const struct code *code = compile(fixture, text);
    assert_non_null(code);
    struct evaluation evaluation = {.steps_left = EVALUATION_STEPS_DEFAULT,
                                    .scratch = &fixture->scratch};
    struct frame frame = {NULL, NULL};
    struct value value;
    code_run(code, &evaluation, &frame, &value);
    fixture->scratch.at = fixture->scratch.start;
    return evaluation.status;
}

static void test_evaluation_is_limited(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(run(fixture, "{f: function(s) s(s), r: f(f)}.r"), QUOTE_TOO_LARGE);
    assert_int_equal(run(fixture, "{f: function(s, n) if n = 0 then 0 else 1 + s(s, n - 1), "
                                  "r: f(f, 400)}.r"), QUOTE_OK);
    assert_int_equal(run(fixture, "{f: function(s, n) if n = 0 then 0 else 1 + s(s, n - 1), "
                                  "r: f(f, 600)}.r"), QUOTE_TOO_LARGE);
    assert_int_equal(run(fixture, "for i in 1..1000000000000 return i"), QUOTE_TOO_LARGE);
    assert_int_equal(run(fixture, "some i in 1..1000000, j in 1..1000000 satisfies i = 0"),
                     QUOTE_TOO_LARGE);
    assert_int_equal(run(fixture, "for i in 1..100000 return [i, i, i]"), QUOTE_TOO_LARGE);
    assert_int_equal(run(fixture, "for i in 1..1000 return i"), QUOTE_OK);
}

/* A body as high as may be, called as deep as may be: what one costs is counted in the other. */
static void test_high_bodies_count_as_deep(void **state) {
    struct fixture *fixture = *state;
    const char *chain = repeat(fixture, "1 + ", 900, "s(s)", "");
    char *text = malloc(TEXT_BYTES);
    snprintf(text, TEXT_BYTES, "{f: function(s) %s, r: f(f)}.r", chain);
    assert_int_equal(run(fixture, text), QUOTE_TOO_LARGE);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nesting_is_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(test_length_is_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(test_type_nesting_is_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(test_long_lists_are_fine, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_text_is_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(test_evaluation_is_limited, setup, teardown),
        cmocka_unit_test_setup_teardown(test_high_bodies_count_as_deep, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
