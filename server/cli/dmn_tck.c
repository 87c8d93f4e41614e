/* `koppel dmn tck`: runs the DMN suite's cases. A test file names a model beside it; each
 * resultNode is one result. Models are compiled leniently, as the suite expects: what is wrong in
 * one decision leaves the others be. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/option.h"
#include "cli/command.h"
#include "cli/dmn.h"
#include "domain/calendar_day.h"
#include "message/json.h"
#include "quote-engine/cases.h"

enum { FOLDER_DEPTH_MAX = 16, PATH_MAX_BYTES = 4096, VALUE_TEXT_MAX_BYTES = 1024 * 1024 };

struct run {
    bool list;
    long passed, failed;
    struct moment moment;
    struct dmn_limits limits;
};

static void fail_list(struct run *run, const char *file, const struct cases_case *item,
                      const char *result, const struct value *expected,
                      const struct value *actual) {
    if (!run->list) return;
    struct buffer texts[2];
    const struct value *values[2] = {expected, actual};
    for (int i = 0; i < 2; i++) {
        buffer_init(&texts[i], VALUE_TEXT_MAX_BYTES);
        if (values[i]) json_write(values[i], 0, &texts[i]);
        else buffer_text(&texts[i], "nothing");
    }
    printf("%s: case %s, %s: expected %.200s, got %.200s\n", file, item->id, result,
           texts[0].data ? texts[0].data : "", texts[1].data ? texts[1].data : "");
    for (int i = 0; i < 2; i++) buffer_done(&texts[i]);
}

/* What a result node is about: the whole value, or one output of a service with several. */
static const struct value *result_part(const struct program *program, int element,
                                       const struct cases_result *result,
                                       const struct value *value) {
    const struct element *invoked = program_element(program, element);
    if (invoked->kind != ELEMENT_SERVICE || invoked->require_count < 2 ||
        value->kind != VALUE_CONTEXT)
        return value;
    const struct value *part = value_entry_find(value, result->name, strlen(result->name));
    return part ? part : value;
}

static void result_run(struct run *run, const char *file, const struct program *program,
                       const struct cases_case *item, const struct cases_result *result) {
    struct scratch scratch;
    struct value value = value_null();
    dmn_limits_scratch(&run->limits, &scratch);
    int element = program_find(program, item->invocable ? item->kind : ELEMENT_DECISION,
                               item->invocable ? item->invocable : result->name);
    int status = element < 0 ? element
                             : program_evaluate(program, element, &item->inputs, &run->moment,
                                                &scratch, NULL, NULL, &value);
    if (status != QUOTE_OK) {
        run->failed++;
        fail_list(run, file, item, result->name, &result->expected, NULL);
        return;
    }
    const struct value *part = result_part(program, element, result, &value);
    if (cases_near(&result->expected, part, &run->moment)) {
        run->passed++;
    } else {
        run->failed++;
        fail_list(run, file, item, result->name, &result->expected, part);
    }
}

static void cases_run(struct run *run, const char *folder, const char *file,
                      const struct cases *cases) {
    char path[PATH_MAX_BYTES];
    struct error error = {0};
    struct program *program = NULL;
    int status = file_path(folder, cases->model, sizeof path, &error, path);
    if (!status) status = dmn_program_read(path, true, &error, &program);
    if (status) fprintf(stderr, "koppel dmn tck: %s\n", error.text);
    for (int i = 0; i < cases->count; i++)
        for (int r = 0; r < cases->items[i].result_count; r++) {
            if (status) run->failed++;
            else result_run(run, file, program, &cases->items[i], &cases->items[i].results[r]);
        }
    program_free(program);
}

static void file_run(struct run *run, const char *folder, const char *name) {
    char path[PATH_MAX_BYTES], *text = NULL;
    struct error error = {0};
    struct cases *cases = NULL;
    size_t length;
    int status = file_path(folder, name, sizeof path, &error, path);
    if (!status) status = file_read(path, DMN_TEXT_MAX_BYTES, &error, &text, &length);
    if (!status && !strstr(text, "testCases")) {
        free(text); /* some other XML file */
        return;
    }
    struct problems *problems = calloc(1, sizeof *problems);
    if (!status && problems) {
        struct source source = {.name = name, .text = text, .length = length};
        status = cases_read(&source, &run->moment, problems, &cases);
        dmn_problems_print(problems);
    }
    if (!status && cases) cases_run(run, folder, name, cases);
    else run->failed++;
    if (error.text[0]) fprintf(stderr, "koppel dmn tck: %s\n", error.text);
    cases_free(cases);
    free(problems);
    free(text);
}

static int is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), wanted = strlen(end);
    return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* Files in the order of their names, so that runs can be compared. */
static int folder_run(struct run *run, const char *folder, int depth, struct error *error) {
    struct dirent **entries;
    if (depth > FOLDER_DEPTH_MAX)
        return error_set(error, ERROR_TOO_LARGE, "folders are nested too deeply");
    int count = scandir(folder, &entries, is_visible, alphasort), status = 0;
    if (count < 0)
        return error_set(error, ERROR_NOT_FOUND, "the folder %.300s cannot be read", folder);
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX_BYTES];
        struct stat about;
        const char *name = entries[i]->d_name;
        if (!status) status = file_path(folder, name, sizeof path, error, path);
        if (!status && stat(path, &about) == 0) {
            if (S_ISDIR(about.st_mode)) status = folder_run(run, path, depth + 1, error);
            else if (ends_with(name, ".xml")) file_run(run, folder, name);
        }
        free(entries[i]);
    }
    free(entries);
    return status;
}

int dmn_tck(int argc, char **argv) {
    bool help = false;
    struct run run = {0};
    const struct option options[] = {{.name = "list", .kind = OPTION_FLAG,
                                      .help = "print a line for every failure",
                                      .ret_value = &run.list},
                                     DMN_LIMIT_OPTIONS(run.limits)};
    int count = (int)(sizeof options / sizeof *options);
    struct error error = {0};
    struct option_operands operands = {0};
    int status = options_read(options, count, argc, argv, &error, &operands, &help);
    if (help) {
        puts("usage: koppel dmn tck DIR [--list] [--steps N] [--memory MIB]\n\n"
             "Runs every case of the DMN suite under DIR and closes with N passed, N failed.\n");
        options_help(options, count);
        return EXIT_DONE;
    }
    if (!status && operands.count != 1)
        status = error_set(&error, ERROR_INVALID, "give one folder");
    if (status) return command_misused("dmn", &error);
    moment_at(clock_now_us(), &run.moment);
    status = dmn_limits_take(&run.limits, &error);
    if (!status) status = folder_run(&run, operands.items[0], 0, &error);
    free(run.limits.memory);
    if (status) return command_fail("dmn tck", &error);
    if (!run.passed && !run.failed) {
        error_set(&error, ERROR_NOT_FOUND,
                  "no cases found under %.300s: name a folder with the suite's test files",
                  operands.items[0]);
        return command_fail("dmn tck", &error);
    }
    printf("%ld passed, %ld failed\n", run.passed, run.failed);
    return run.failed ? EXIT_FAILED : EXIT_DONE;
}
