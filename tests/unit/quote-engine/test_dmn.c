/* DMN models in data folders: dmn/good must compile and pass its cases exactly, dmn/bad must be
 * refused with the lines in `expected` found among its problems, dmn/warned must compile with just
 * those warnings (none when `expected` is empty). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quote-engine/cases.h"
#include "quote-engine/quote.h"

#define FOLDER "tests/unit/quote-engine/dmn"
enum { SOURCES_MAX = 8, SCRATCH_BYTES = 4 * 1024 * 1024, TEXT_MAX = 64 * 1024 };

static char *text_read(const char *path, size_t *ret_length) {
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    char *text = calloc(1, TEXT_MAX);
    assert_non_null(text);
    *ret_length = fread(text, 1, TEXT_MAX - 1, file);
    fclose(file);
    return text;
}

/* model.dmn first, then the others as imports. */
static int sources_read(const char *folder, struct source *sources) {
    int count = 1;
    char path[600];
    DIR *entries = opendir(folder);
    assert_non_null(entries);
    snprintf(path, sizeof path, "%s/model.dmn", folder);
    sources[0].name = "model.dmn";
    sources[0].text = text_read(path, &sources[0].length);
    assert_non_null(sources[0].text);
    for (struct dirent *entry; (entry = readdir(entries));) {
        const char *end = strrchr(entry->d_name, '.');
        if (!end || strcmp(end, ".dmn") != 0 || strcmp(entry->d_name, "model.dmn") == 0) continue;
        assert_true(count < SOURCES_MAX);
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        sources[count].name = "import.dmn";
        sources[count].text = text_read(path, &sources[count].length);
        count++;
    }
    closedir(entries);
    return count;
}

static int compile(const char *folder, struct problems *problems, struct program **ret_program) {
    struct source sources[SOURCES_MAX] = {0};
    int count = sources_read(folder, sources);
    int status = program_compile(sources, sources + 1, (size_t)count - 1, false, problems,
                                 ret_program);
    for (int i = 0; i < count; i++) free((void *)(uintptr_t)sources[i].text);
    return status;
}

static void problem_write(const struct problem *problem, char *text, size_t size) {
    char line[32] = "";
    if (problem->line) snprintf(line, sizeof line, ":%d", problem->line);
    snprintf(text, size, "%s%s: %s%s%s%s", problem->file, line, problem->place,
             *problem->place ? ": " : "", problem->warning ? "warning: " : "", problem->text);
}

static bool problems_have(const struct problems *problems, const char *wanted) {
    char text[1000];
    for (int i = 0; i < problems->count; i++) {
        problem_write(&problems->items[i], text, sizeof text);
        if (strstr(text, wanted)) return true;
    }
    return false;
}

static void problems_print(const struct problems *problems) {
    char text[1000];
    for (int i = 0; i < problems->count; i++) {
        problem_write(&problems->items[i], text, sizeof text);
        print_error("    %s\n", text);
    }
}

/* The number of lines in the file `expected` that are not found. */
static int expected_missing(const char *folder, const struct problems *problems,
                            int *ret_wanted) {
    char path[600];
    size_t length;
    int missing = 0;
    snprintf(path, sizeof path, "%s/expected", folder);
    char *text = text_read(path, &length);
    assert_non_null(text);
    *ret_wanted = 0;
    for (char *line = text; *line;) {
        char *end = line + strcspn(line, "\n");
        bool last = !*end;
        *end = 0;
        if (*line) {
            (*ret_wanted)++;
            if (!problems_have(problems, line)) {
                print_error("%s: no problem says \"%s\"\n", folder, line);
                missing++;
            }
        }
        line = last ? end : end + 1;
    }
    free(text);
    return missing;
}

static void each_folder(const char *kind, int (*run)(const char *folder)) {
    char path[512];
    int failed = 0, count = 0;
    snprintf(path, sizeof path, FOLDER "/%s", kind);
    DIR *entries = opendir(path);
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries));) {
        char folder[800];
        if (entry->d_name[0] == '.') continue;
        snprintf(folder, sizeof folder, "%s/%s", path, entry->d_name);
        failed += run(folder);
        count++;
    }
    closedir(entries);
    assert_int_equal(failed, 0);
    assert_true(count > 0);
}

static int result_run(const char *folder, const struct program *program,
                      const struct cases_case *item, const struct cases_result *result,
                      const struct moment *moment, void *memory) {
    struct scratch scratch;
    struct value value;
    scratch_init(&scratch, memory, SCRATCH_BYTES);
    int element = program_find(program, item->invocable ? item->kind : ELEMENT_DECISION,
                               item->invocable ? item->invocable : result->name);
    assert_true(element >= 0);
    int status = program_evaluate(program, element, &item->inputs, moment, &scratch, NULL, NULL,
                                  &value);
    if (status == QUOTE_OK && cases_equal(&result->expected, &value, moment)) return 0;
    struct value text = value_null();
    value_to_text(&value, &scratch, &text);
    print_error("%s: case %s, %s: status %d, got %.*s\n", folder, item->id, result->name, status,
                (int)text.length, text.kind == VALUE_TEXT ? text.text : "");
    return 1;
}

static int good_run(const char *folder) {
    struct problems problems = {0};
    struct program *program = NULL;
    struct moment moment = {0};
    struct cases *cases = NULL;
    char path[900];
    int failed = 0;
    if (compile(folder, &problems, &program) != QUOTE_OK || problems.errors) {
        print_error("%s: refused\n", folder);
        problems_print(&problems);
        return 1;
    }
    snprintf(path, sizeof path, "%s/cases.xml", folder);
    struct source source = {.name = "cases.xml"};
    source.text = text_read(path, &source.length);
    assert_non_null(source.text);
    assert_int_equal(cases_read(&source, &moment, &problems, &cases), QUOTE_OK);
    void *memory = malloc(SCRATCH_BYTES);
    for (int i = 0; i < cases->count; i++)
        for (int r = 0; r < cases->items[i].result_count; r++)
            failed += result_run(folder, program, &cases->items[i], &cases->items[i].results[r],
                                 &moment, memory);
    free(memory);
    free((void *)(uintptr_t)source.text);
    cases_free(cases);
    program_free(program);
    return failed;
}

static int bad_run(const char *folder) {
    struct problems problems = {0};
    struct program *program = NULL;
    int wanted;
    if (compile(folder, &problems, &program) == QUOTE_OK) {
        print_error("%s: was accepted\n", folder);
        program_free(program);
        return 1;
    }
    assert_null(program);
    assert_true(problems.errors > 0);
    int missing = expected_missing(folder, &problems, &wanted);
    if (missing) problems_print(&problems);
    return missing;
}

static int warned_run(const char *folder) {
    struct problems problems = {0};
    struct program *program = NULL;
    int wanted;
    int failed = compile(folder, &problems, &program) != QUOTE_OK;
    failed += expected_missing(folder, &problems, &wanted);
    failed += problems.count != wanted;
    if (failed) {
        print_error("%s: %d problems, %d expected\n", folder, problems.count, wanted);
        problems_print(&problems);
    }
    program_free(program);
    return failed;
}

static void good_models_pass_their_cases(void **state) {
    (void)state;
    each_folder("good", good_run);
}

static void bad_models_are_refused_with_their_place(void **state) {
    (void)state;
    each_folder("bad", bad_run);
}

static void suspicious_models_are_warned_about(void **state) {
    (void)state;
    each_folder("warned", warned_run);
}

/* Lenient: one wrong decision is null, the others stand. */
static void lenient_lets_the_rest_be(void **state) {
    (void)state;
    static const char model[] =
        "<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/' name='m' "
        "namespace='n'><decision name='a' id='a'><variable name='a'/><literalExpression>"
        "<text>foo(</text></literalExpression></decision><decision name='b' id='b'>"
        "<variable name='b'/><literalExpression><text>1 + 1</text></literalExpression>"
        "</decision></definitions>";
    struct source source = {.name = "m.dmn", .text = model, .length = sizeof model - 1};
    struct problems problems = {0};
    struct program *program = NULL;
    struct moment moment = {0};
    char memory[4096];
    struct scratch scratch;
    struct value value, none = value_context(NULL, 0);
    assert_int_equal(program_compile(&source, NULL, 0, true, &problems, &program), QUOTE_OK);
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(program_evaluate(program, program_find(program, ELEMENT_DECISION, "a"), &none,
                                      &moment, &scratch, NULL, NULL, &value), QUOTE_OK);
    assert_int_equal(value.kind, VALUE_NULL);
    assert_int_equal(program_evaluate(program, program_find(program, ELEMENT_DECISION, "b"), &none,
                                      &moment, &scratch, NULL, NULL, &value), QUOTE_OK);
    assert_int_equal(value.kind, VALUE_NUMBER);
    assert_int_equal(program_find(program, ELEMENT_DECISION, "c"), QUOTE_NOT_FOUND);
    program_free(program);
}

/* A knowledge model that calls itself for ever, and too little memory, are an answer. */
static void limits_end_an_evaluation(void **state) {
    (void)state;
    struct problems problems = {0};
    struct program *program = NULL;
    struct moment moment = {0};
    struct scratch scratch;
    struct value value = value_int64(7), none = value_context(NULL, 0);
    char *memory = malloc(SCRATCH_BYTES);
    assert_int_equal(compile(FOLDER "/good/functions", &problems, &program), QUOTE_OK);
    int endless = program_find(program, ELEMENT_KNOWLEDGE, "never ends");
    assert_true(endless >= 0);
    scratch_init(&scratch, memory, SCRATCH_BYTES);
    assert_int_equal(program_evaluate(program, endless, &none, &moment, &scratch, NULL, NULL,
                                      &value), QUOTE_TOO_LARGE);
    int recursive = program_find(program, ELEMENT_DECISION, "recursive");
    for (size_t size = 0; size < 16 * 1024; size += 16) {
        scratch_init(&scratch, memory, size);
        int status = program_evaluate(program, recursive, &none, &moment, &scratch, NULL, NULL,
                                      &value);
        assert_true(status == QUOTE_OK || status == QUOTE_TOO_LARGE);
    }
    assert_int_equal(value.kind, VALUE_NUMBER);
    free(memory);
    program_free(program);
}

/* The plan gives what program_evaluate gives, and the trace says how. */
static void plan_and_trace_tell_the_rows(void **state) {
    (void)state;
    struct problems problems = {0};
    struct program *program = NULL;
    struct plan *plan = NULL;
    struct moment moment = {0};
    struct scratch scratch;
    struct trace_event events[16];
    struct trace trace = {.events = events, .capacity = 16};
    char memory[8192];
    assert_int_equal(compile(FOLDER "/good/policies", &problems, &program), QUOTE_OK);
    int wanted[2] = {program_find(program, ELEMENT_DECISION, "unique"),
                     program_find(program, ELEMENT_DECISION, "sum")};
    const char *names[2] = {"unknown to the model", "n"};
    assert_int_equal(plan_make(program, wanted, 2, names, 2, &problems, &plan), QUOTE_OK);
    struct value inputs[2] = {value_null(), value_int64(16)}, values[2];
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(plan_evaluate(plan, inputs, &moment, &scratch, &trace, &problems, values),
                     QUOTE_OK);
    assert_int_equal(values[0].kind, VALUE_CONTEXT);
    assert_true(decimal_equal(values[1].number, decimal_from_int64(6)));
    int rows[3], row_count = 0;
    for (size_t i = 0; i < trace.count; i++)
        if (events[i].kind == TRACE_ROW && events[i].element == wanted[1])
            rows[row_count++] = events[i].row;
    assert_int_equal(row_count, 2);
    assert_int_equal(rows[0], 1);
    assert_int_equal(rows[1], 2);
    assert_string_equal(program_cell(program, wanted[1], 0, 2, 0), "> 15");
    assert_string_equal(program_cell(program, wanted[1], 0, 2, 1), "4");
    assert_string_equal(program_cell(program, wanted[1], 0, 3, 0), "");
    trace = (struct trace){.events = events, .capacity = 2};
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(plan_evaluate(plan, inputs, &moment, &scratch, &trace, NULL, values),
                     QUOTE_OK);
    assert_true(trace.overflowed);
    plan_free(plan);
    program_free(program);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_models_pass_their_cases),
        cmocka_unit_test(bad_models_are_refused_with_their_place),
        cmocka_unit_test(suspicious_models_are_warned_about),
        cmocka_unit_test(lenient_lets_the_rest_be),
        cmocka_unit_test(limits_end_an_evaluation),
        cmocka_unit_test(plan_and_trace_tell_the_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
