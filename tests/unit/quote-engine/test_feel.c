/* FEEL by example: every line of tests/unit/quote-engine/feel/<name>.txt is
 *
 *     expression => expected
 *
 * where `expected` is FEEL as well, and is computed and compared. Further forms:
 *
 *     expression =!> part of a message      it is refused, and the message says so
 *     expression =?> part of a message      it is null, and the reason says so
 *     ! lenient | ! strict                  how the lines behind are compiled (strict at first)
 *     ! input name : type = expression      a variable that the lines behind see
 *     ! test expression                     `=>` behind reads unary tests of this input
 *     ! test                                and again expressions
 *     # …                                   a comment
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quote-engine/feel.h"

enum { VARIABLES_MAX = 32, SCRATCH_BYTES = 8 * 1024 * 1024, LINE_BYTES_MAX = 64 * 1024 };

/* Amsterdam and Paris in winter, Melbourne likewise, and UTC: enough to see zones at work. */
static bool zone_offset(void *context, const char *name, size_t name_length, int64_t local_seconds,
                        int32_t *ret_offset_seconds) {
    static const struct {
        const char *name;
        int32_t hours;
    } zones[] = {{"Etc/UTC", 0}, {"Europe/Paris", 1}, {"Europe/Amsterdam", 1},
                 {"Australia/Melbourne", 11}, {"Asia/Dhaka", 6}};
    (void)context, (void)local_seconds;
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++)
        if (strlen(zones[i].name) == name_length && !memcmp(zones[i].name, name, name_length)) {
            *ret_offset_seconds = zones[i].hours * 3600;
            return true;
        }
    return false;
}

static const struct moment moment = {
    .now = {.date = {2026, 11, 23}, .time = {.nanosecond_of_day = 43200000000000}},
    .zone_offset = zone_offset};

struct fixture {
    const char *file;
    int line, failures, count;
    bool lenient;
    struct arena arena;
    struct scratch scratch;
    char *memory;
    struct binding bindings[VARIABLES_MAX];
    struct value slots[VARIABLES_MAX];
    struct scope scope;
    struct frame frame;
    const char *input; /* of unary tests, or NULL */
    struct problems compile_problems, run_problems;
};

static struct compiler compiler_of(struct fixture *fixture) {
    fixture->compile_problems = (struct problems){0};
    return (struct compiler){.arena = &fixture->arena, .problems = &fixture->compile_problems,
                             .lenient = fixture->lenient, .file = fixture->file, .place = "test"};
}

/* Compiles and runs; false when it is refused. */
static bool evaluate(struct fixture *fixture, const char *text, struct value *ret_value) {
    struct compiler compiler = compiler_of(fixture);
    struct node *node = feel_parse(&compiler, &fixture->scope, text, strlen(text), 1);
    const struct code *code = node ? feel_compile(&compiler, &fixture->scope, node) : NULL;
    if (!code) {
        assert_true(fixture->compile_problems.errors > 0);
        return false;
    }
    fixture->run_problems = (struct problems){0};
    struct evaluation evaluation = {.steps_left = EVALUATION_STEPS_DEFAULT,
                                    .scratch = &fixture->scratch, .moment = &moment,
                                    .problems = &fixture->run_problems};
    code_run(code, &evaluation, &fixture->frame, ret_value);
    assert_int_equal(evaluation.status, QUOTE_OK);
    assert_int_equal(evaluation.depth, 0);
    return true;
}

static bool evaluate_tests(struct fixture *fixture, const char *text, struct value *ret_value) {
    struct value input;
    if (!evaluate(fixture, fixture->input, &input)) return false;
    struct compiler compiler = compiler_of(fixture);
    struct node *node =
        feel_parse_tests(&compiler, &fixture->scope, NULL, text, strlen(text), 1);
    const struct code *code = node ? feel_compile(&compiler, &fixture->scope, node) : NULL;
    if (!code) return false;
    struct evaluation evaluation = {.steps_left = EVALUATION_STEPS_DEFAULT,
                                    .scratch = &fixture->scratch, .moment = &moment};
    *ret_value = value_boolean(tests_match(code, &evaluation, &fixture->frame, &input));
    return true;
}

static void fail_line(struct fixture *fixture, const char *text, const char *why) {
    fixture->failures++;
    print_error("%s:%d: %s: %s\n", fixture->file, fixture->line, text, why);
}

static const char *last_message(const struct problems *problems) {
    return problems->count ? problems->items[problems->count - 1].text : "(no message)";
}

static void show(struct fixture *fixture, const struct value *value, char *to, size_t size) {
    struct value text = value_text("?", 1);
    value_to_text(value, &fixture->scratch, &text);
    snprintf(to, size, "%.*s", (int)text.length, text.kind == VALUE_TEXT ? text.text : "null");
}

static void check_value(struct fixture *fixture, const char *text, const char *expected) {
    struct value value, wanted;
    char why[600], is[256], should[256];
    bool done = fixture->input ? evaluate_tests(fixture, text, &value)
                               : evaluate(fixture, text, &value);
    if (!done) {
        fail_line(fixture, text, last_message(&fixture->compile_problems));
        return;
    }
    bool lenient = fixture->lenient;
    assert_true(evaluate(fixture, expected, &wanted));
    fixture->lenient = lenient;
    bool same = value.kind == wanted.kind &&
                (value.kind == VALUE_NULL || value_equal(&value, &wanted, &moment) == 1);
    if (same) return;
    show(fixture, &value, is, sizeof is);
    show(fixture, &wanted, should, sizeof should);
    snprintf(why, sizeof why, "is %s, should be %s", is, should);
    fail_line(fixture, text, why);
}

static void check_message(struct fixture *fixture, const char *text, const char *part,
                          bool refused) {
    struct value value;
    bool done = evaluate(fixture, text, &value);
    if (refused == done) {
        fail_line(fixture, text, refused ? "should be refused" : "should be compiled");
        return;
    }
    if (done && value.kind != VALUE_NULL) fail_line(fixture, text, "should be null");
    const char *message =
        last_message(refused ? &fixture->compile_problems : &fixture->run_problems);
    if (!strstr(message, part)) fail_line(fixture, text, message);
}

static char *trim(char *text) {
    while (*text == ' ') text++;
    size_t length = strlen(text);
    while (length && (text[length - 1] == ' ' || text[length - 1] == '\n')) text[--length] = '\0';
    return text;
}

/* input name : type = expression */
static void declare(struct fixture *fixture, char *text) {
    char *type = strstr(text, " : "), *value = strstr(text, " = ");
    assert_non_null(type);
    assert_non_null(value);
    *type = *value = '\0';
    char *name = trim(text);
    type = trim(type + 3);
    int count = fixture->scope.binding_count;
    assert_true(count < VARIABLES_MAX);
    fixture->bindings[count].name = arena_copy(&fixture->arena, name, strlen(name));
    fixture->bindings[count].name_length = (uint32_t)strlen(name);
    fixture->bindings[count].type = type_by_name(type, strlen(type));
    assert_true(evaluate(fixture, trim(value + 3), &fixture->slots[count]));
    fixture->scope.binding_count++;
}

static void check_line(struct fixture *fixture, char *line) {
    char *text = trim(line), *at;
    if (!*text || *text == '#') return;
    if (!strncmp(text, "! lenient", 9)) fixture->lenient = true;
    else if (!strncmp(text, "! strict", 8)) fixture->lenient = false;
    else if (!strncmp(text, "! input ", 8)) declare(fixture, text + 8);
    else if (!strncmp(text, "! test", 6)) {
        char *input = trim(text + 6);
        fixture->input = *input ? arena_copy(&fixture->arena, input, strlen(input)) : NULL;
    } else {
        fixture->count++;
        if ((at = strstr(text, " =!> "))) {
            *at = '\0';
            check_message(fixture, text, trim(at + 5), true);
        } else if ((at = strstr(text, " =?> "))) {
            *at = '\0';
            check_message(fixture, text, trim(at + 5), false);
        } else {
            for (at = strstr(text, " => "); at && strstr(at + 4, " => ");)
                at = strstr(at + 4, " => ");
            assert_non_null(at);
            *at = '\0';
            check_value(fixture, trim(text), trim(at + 4));
        }
    }
}

static void check_file(const char *name) {
    static struct fixture fixture;
    static char line[LINE_BYTES_MAX];
    char path[256];
    snprintf(path, sizeof path, "tests/unit/quote-engine/feel/%s.txt", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    fixture = (struct fixture){.file = path};
    fixture.memory = malloc(SCRATCH_BYTES);
    assert_non_null(fixture.memory);
    arena_init(&fixture.arena, ARENA_LIMIT_BYTES);
    scratch_init(&fixture.scratch, fixture.memory, SCRATCH_BYTES);
    fixture.scope = (struct scope){.bindings = fixture.bindings};
    fixture.frame = (struct frame){.slots = fixture.slots};
    while (fgets(line, sizeof line, file)) {
        fixture.line++;
        check_line(&fixture, line);
    }
    fclose(file);
    arena_done(&fixture.arena);
    free(fixture.memory);
    assert_true(fixture.count > 0);
    if (fixture.failures) fail_msg("%d of %d lines of %s", fixture.failures, fixture.count, path);
}

#define FILE_TEST(NAME)                                                                           \
    static void test_##NAME(void **state) {                                                       \
        (void)state;                                                                              \
        check_file(#NAME);                                                                        \
    }

FILE_TEST(arithmetic)
FILE_TEST(comparison)
FILE_TEST(logic)
FILE_TEST(names)
FILE_TEST(literals)
FILE_TEST(lists)
FILE_TEST(loops)
FILE_TEST(contexts)
FILE_TEST(functions)
FILE_TEST(ranges)
FILE_TEST(tests)
FILE_TEST(types)
FILE_TEST(properties)
FILE_TEST(refused)
FILE_TEST(lenient)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arithmetic), cmocka_unit_test(test_comparison),
        cmocka_unit_test(test_logic),      cmocka_unit_test(test_names),
        cmocka_unit_test(test_literals),   cmocka_unit_test(test_lists),
        cmocka_unit_test(test_loops),      cmocka_unit_test(test_contexts),
        cmocka_unit_test(test_functions),  cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_tests),      cmocka_unit_test(test_types),
        cmocka_unit_test(test_properties), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_lenient)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
