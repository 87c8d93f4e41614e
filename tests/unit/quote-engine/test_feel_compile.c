/* What compiling FEEL says besides code: places of mistakes, warnings, types; and the functions of
 * feel.h that are called from C: types, function values, constants. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quote-engine/feel.h"

enum { SCRATCH_BYTES = 64 * 1024 };

struct fixture {
    struct arena arena;
    struct problems problems;
    struct scratch scratch;
    _Alignas(16) char memory[SCRATCH_BYTES];
    struct compiler compiler;
    struct evaluation evaluation;
};

static int setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    arena_init(&fixture->arena, ARENA_LIMIT_BYTES);
    scratch_init(&fixture->scratch, fixture->memory, SCRATCH_BYTES);
    fixture->compiler = (struct compiler){.arena = &fixture->arena,
                                          .problems = &fixture->problems,
                                          .file = "model.dmn",
                                          .place = "decision Premium"};
    fixture->evaluation =
        (struct evaluation){.scratch = &fixture->scratch, .problems = &fixture->problems,
                            .steps_left = EVALUATION_STEPS_DEFAULT};
    *state = fixture;
    return 0;
}

static int teardown(void **state) {
    struct fixture *fixture = *state;
    arena_done(&fixture->arena);
    free(fixture);
    return 0;
}

static const struct code *compile(struct fixture *fixture, const struct scope *scope,
                                  const char *text, int line) {
    struct node *node = feel_parse(&fixture->compiler, scope, text, strlen(text), line);
    return node ? feel_compile(&fixture->compiler, scope, node) : NULL;
}

static struct value run(struct fixture *fixture, const char *text) {
    const struct code *code = compile(fixture, NULL, text, 1);
    struct frame frame = {NULL, NULL};
    struct value value;
    assert_non_null(code);
    code_run(code, &fixture->evaluation, &frame, &value);
    return value;
}

static void check_place(struct fixture *fixture, const char *text, int line, int column) {
    fixture->problems = (struct problems){0};
    assert_null(compile(fixture, NULL, text, 10));
    const struct problem *problem = &fixture->problems.items[0];
    assert_int_equal(fixture->problems.errors, 1);
    assert_string_equal(problem->file, "model.dmn");
    assert_string_equal(problem->place, "decision Premium");
    assert_int_equal(problem->line, line);
    assert_int_equal(problem->column, column);
}

static void test_mistakes_have_a_place(void **state) {
    check_place(*state, "1 + x", 10, 5);
    check_place(*state, "1 +\n  2 *\n  y", 12, 3);
    check_place(*state, "1 + \"a\nb\" * 2 +", 11, 9);
    check_place(*state, "\"\xC3\xA9\xC3\xA9\" + é", 10, 8);
    check_place(*state, "[1,\n2", 11, 2);
}

static void check_warning(struct fixture *fixture, const struct scope *scope, const char *text,
                          int count) {
    fixture->problems = (struct problems){0};
    assert_non_null(compile(fixture, scope, text, 1));
    assert_int_equal(fixture->problems.errors, 0);
    assert_int_equal(fixture->problems.count, count);
}

static void test_what_is_never_equal_warns(void **state) {
    struct binding bindings[] = {{"n", 1, type_builtin(TYPE_NUMBER)}, {"x", 1, NULL}};
    struct scope scope = {.bindings = bindings, .binding_count = 2};
    check_warning(*state, &scope, "n = \"1\"", 1);
    check_warning(*state, &scope, "n in (1, \"2\")", 1);
    check_warning(*state, &scope, "n = null", 0);
    check_warning(*state, &scope, "x = \"1\"", 0);
    check_warning(*state, &scope, "x in (1, \"2\")", 0);
    check_warning(*state, &scope, "n in [1, 2]", 0);
}

static void test_types_are_inferred(void **state) {
    struct fixture *fixture = *state;
    struct binding bindings[] = {{"n", 1, type_builtin(TYPE_NUMBER)},
                                 {"d", 1, type_builtin(TYPE_DATE)}};
    struct scope scope = {.bindings = bindings, .binding_count = 2};
    static const struct {
        const char *text;
        enum type_kind kind;
    } cases[] = {{"n + 1", TYPE_NUMBER},          {"n > 1", TYPE_BOOLEAN},
                 {"\"a\" + \"b\"", TYPE_TEXT},    {"d + @\"P1D\"", TYPE_DATE},
                 {"d - d", TYPE_DURATION},        {"d.year", TYPE_NUMBER},
                 {"[n]", TYPE_LIST},              {"[n][1]", TYPE_NUMBER},
                 {"{a: n}.a", TYPE_NUMBER},       {"if n > 1 then n else null", TYPE_NUMBER},
                 {"(function(x) n)(1)", TYPE_NUMBER},
                 {"round half up(n, 2)", TYPE_NUMBER}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct code *code = compile(fixture, &scope, cases[i].text, 1);
        assert_non_null(code);
        if (!code->type || code->type->kind != cases[i].kind) fail_msg("%s", cases[i].text);
    }
}

static const struct type *look_up(void *context, const char *name, size_t length) {
    static const char wanted[] = "t Applicant's.kind";
    return length == strlen(wanted) && !memcmp(name, wanted, length) ? context : NULL;
}

static void test_types_of_the_model_are_found(void **state) {
    struct fixture *fixture = *state;
    static const struct type_component components[] = {{"a", 1, NULL}};
    struct type type = {.kind = TYPE_CONTEXT, .components = components, .component_count = 1};
    fixture->compiler.type_lookup = look_up;
    fixture->compiler.type_context = &type;
    struct value yes = run(fixture, "{a: 1} instance of t  Applicant's.kind and true");
    struct value no = run(fixture, "{b: 1} instance of t Applicant's.kind");
    assert_true(yes.kind == VALUE_BOOLEAN && yes.boolean);
    assert_true(no.kind == VALUE_BOOLEAN && !no.boolean);
}

static void test_constants_are_known(void **state) {
    struct fixture *fixture = *state;
    assert_non_null(code_constant(compile(fixture, NULL, "1 + 2 * 3", 1)));
    assert_non_null(code_constant(compile(fixture, NULL, "[1, {a: \"x\"}, [1..2]]", 1)));
    assert_non_null(code_constant(compile(fixture, NULL, "date(\"2020-01-31\")", 1)));
    assert_null(code_constant(compile(fixture, NULL, "today()", 1)));
    assert_null(code_constant(compile(fixture, NULL, "time(\"10:00:00@Europe/Paris\")", 1)));
    assert_null(code_constant(compile(fixture, NULL, "1 / 0", 1)));
}

static void check_convert(struct fixture *fixture, const struct type *type, const char *text,
                          const char *expected) {
    struct value value = run(fixture, text), wanted = run(fixture, expected), converted;
    type_convert(type, &fixture->evaluation, &value, &converted);
    assert_int_equal(converted.kind, wanted.kind);
    if (wanted.kind != VALUE_NULL) assert_int_equal(value_equal(&converted, &wanted, NULL), 1);
}

static void test_values_are_converted(void **state) {
    struct fixture *fixture = *state;
    const struct type *number = type_builtin(TYPE_NUMBER);
    struct type numbers = {.kind = TYPE_LIST, .item = number};
    struct type_component components[] = {{"a", 1, number}};
    struct type context = {.kind = TYPE_CONTEXT, .components = components, .component_count = 1};
    check_convert(fixture, number, "1", "1");
    check_convert(fixture, number, "\"1\"", "null");
    check_convert(fixture, number, "[1]", "1");
    check_convert(fixture, number, "[1, 2]", "null");
    check_convert(fixture, number, "null", "null");
    check_convert(fixture, &numbers, "1", "[1]");
    check_convert(fixture, &numbers, "[1, 2]", "[1, 2]");
    check_convert(fixture, &numbers, "[1, \"a\"]", "null");
    check_convert(fixture, &context, "{a: 1, b: 2}", "{a: 1, b: 2}");
    check_convert(fixture, &context, "{b: 2}", "null");
    check_convert(fixture, &context, "{a: \"x\"}", "null");
    check_convert(fixture, type_builtin(TYPE_DATE_TIME), "@\"2020-01-31\"",
                  "@\"2020-01-31T00:00:00Z\"");
    check_convert(fixture, type_builtin(TYPE_DATE), "@\"2020-01-31T00:00:00Z\"", "null");
}

static void test_allowed_values_are_asked(void **state) {
    struct fixture *fixture = *state;
    const char *text = "[0..150]";
    struct node *node =
        feel_parse_tests(&fixture->compiler, NULL, NULL, text, strlen(text), 1);
    struct type age = {.kind = TYPE_NUMBER, .name = "tAge",
                       .allowed = feel_compile(&fixture->compiler, NULL, node)};
    struct type ages = {.kind = TYPE_LIST, .item = &age};
    check_convert(fixture, &age, "18", "18");
    check_convert(fixture, &age, "151", "null");
    check_convert(fixture, &ages, "[18, 19]", "[18, 19]");
    check_convert(fixture, &ages, "[18, 151]", "null");
    assert_non_null(strstr(fixture->problems.items[0].text, "tAge"));
}

static void test_functions_are_called_from_c(void **state) {
    struct fixture *fixture = *state;
    struct value function = run(fixture, "function(a: number, b) a * 2 + b");
    struct value arguments[2] = {value_int64(20), value_int64(2)}, result;
    function_call(&function, &fixture->evaluation, arguments, 2, &result);
    assert_int_equal(result.kind, VALUE_NUMBER);
    assert_true(decimal_equal(result.number, decimal_from_int64(42)));
    function_call(&function, &fixture->evaluation, arguments, 1, &result);
    assert_int_equal(result.kind, VALUE_NULL);
    function_call(&arguments[0], &fixture->evaluation, arguments, 2, &result);
    assert_int_equal(result.kind, VALUE_NULL);
    assert_int_equal(fixture->evaluation.depth, 0);
}

static void test_a_used_up_scratch_is_said(void **state) {
    struct fixture *fixture = *state;
    fixture->scratch.end = fixture->scratch.start + 64;
    struct value value;
    const struct code *code = compile(fixture, NULL, "for i in 1..100 return i", 1);
    code_run(code, &fixture->evaluation, NULL, &value);
    assert_int_equal(fixture->evaluation.status, QUOTE_TOO_LARGE);
}

static void test_a_full_arena_is_said(void **state) {
    struct fixture *fixture = *state;
    const char *text = "{a: [1, 2, 3], b: for i in a return function(x) x + i}";
    for (size_t limit = 16384; limit < 20000; limit += 8) {
        struct arena small;
        arena_init(&small, limit);
        char *filled = arena_take(&small, 16384 - (limit - 16384));
        fixture->compiler.arena = &small;
        fixture->problems = (struct problems){0};
        if (filled && !compile(fixture, NULL, text, 1))
            assert_true(fixture->problems.errors > 0);
        arena_done(&small);
    }
}

#define TEST(NAME) cmocka_unit_test_setup_teardown(NAME, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(test_mistakes_have_a_place),       TEST(test_what_is_never_equal_warns),
        TEST(test_types_are_inferred),          TEST(test_types_of_the_model_are_found),
        TEST(test_constants_are_known),         TEST(test_values_are_converted),
        TEST(test_allowed_values_are_asked),    TEST(test_functions_are_called_from_c),
        TEST(test_a_used_up_scratch_is_said),   TEST(test_a_full_arena_is_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
