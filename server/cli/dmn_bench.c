/* `koppel dmn bench`: how fast one thread evaluates a decision, from values to values. Inputs are
 * converted beforehand. Evaluations are timed in batches, since a clock costs as much as a small
 * table; a percentile is that of the batches' means. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/option.h"
#include "cli/command.h"
#include "cli/dmn.h"
#include "domain/calendar_day.h"

enum {
    BATCH = 32,
    SAMPLES_MAX = 2 * 1000 * 1000,
    TRACE_EVENTS_MAX = 20000,
    SECONDS_MAX = 3600
};

struct bench {
    const char *model, *decision, *inputs_path, *expected_path;
    int64_t seconds;
    bool tracing;
    struct program *program;
    struct plan *plan;
    struct moment moment;
    void *inputs_memory, *expected_memory, *typed_memory;
    struct dmn_limits limits;
    struct value inputs, expected;
    struct value *rows; /* input_count values for each evaluation */
    size_t row_count;
    int input_count;
    struct trace trace;
    int64_t *samples; /* nanoseconds of a batch */
    size_t sample_count;
    long mismatches;
    double evaluations_per_second;
    int64_t load_ns; /* reading and compiling the model */
};

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- inputs --------------------------------------------------------------------------------- */

static int row_fill(struct bench *bench, const char *const *names, const struct value *inputs,
                    struct value *row, struct scratch *scratch, struct error *error) {
    struct value typed;
    int status = dmn_inputs(bench->program, inputs, &bench->moment, scratch, error, &typed);
    for (int i = 0; i < bench->input_count && !status; i++) {
        const struct value *found = value_entry_find(&typed, names[i], strlen(names[i]));
        row[i] = found ? *found : value_null();
    }
    return status;
}

static int rows_make(struct bench *bench, struct error *error) {
    const char *names[PLAN_INPUTS_MAX];
    int element, status = dmn_find(bench->program, bench->decision, error, &element);
    for (int i = 0; i < program_element_count(bench->program) && !status; i++)
        if (program_element(bench->program, i)->kind == ELEMENT_INPUT) {
            if (bench->input_count == PLAN_INPUTS_MAX)
                return error_set(error, ERROR_TOO_LARGE, "the model has too many inputs");
            names[bench->input_count++] = program_element(bench->program, i)->qualified_name;
        }
    if (!status)
        status = dmn_status_error(plan_make(bench->program, &element, 1, names,
                                            bench->input_count, &(struct problems){0},
                                            &bench->plan),
                                  error);
    if (!status && (bench->inputs.kind != VALUE_LIST || !bench->inputs.length))
        status = error_set(error, ERROR_INVALID, "the inputs must be a JSON list of objects");
    if (status) return status;
    bench->row_count = bench->inputs.length;
    size_t width = (size_t)bench->input_count, places = 0;
    for (size_t i = 0; i < bench->row_count; i++)
        places += bench->inputs.items[i].kind == VALUE_CONTEXT ? bench->inputs.items[i].length : 0;
    size_t size = places * (sizeof(struct value_entry) + 256) + bench->row_count * 64 + 4096;
    bench->rows = calloc(bench->row_count * (width + 1), sizeof *bench->rows);
    bench->typed_memory = malloc(size);
    if (!bench->rows || !bench->typed_memory)
        return error_set(error, ERROR_NO_MEMORY, "out of memory");
    struct scratch scratch;
    scratch_init(&scratch, bench->typed_memory, size);
    for (size_t i = 0; i < bench->row_count && !status; i++)
        status = row_fill(bench, names, &bench->inputs.items[i], bench->rows + i * width, &scratch,
                          error);
    return status;
}

/* ---- expected ------------------------------------------------------------------------------- */

static bool number_of(const struct value *value, struct decimal *ret_number) {
    if (value->kind == VALUE_NUMBER) *ret_number = value->number;
    return value->kind == VALUE_NUMBER ||
           (value->kind == VALUE_TEXT && decimal_parse(value->text, value->length, ret_number));
}

/* Numbers may stand as texts; names that are not expected are let pass. */
static bool is_as_expected(const struct bench *bench, const struct value *expected,
                           const struct value *actual) {
    struct decimal wanted;
    if (actual->kind == VALUE_NUMBER)
        return number_of(expected, &wanted) && decimal_equal(wanted, actual->number);
    if (expected->kind == VALUE_CONTEXT && actual->kind == VALUE_CONTEXT) {
        for (uint32_t i = 0; i < expected->length; i++) {
            const struct value_entry *entry = &expected->entries[i];
            const struct value *other = value_entry_find(actual, entry->name, entry->name_length);
            if (!other || !is_as_expected(bench, &entry->value, other)) return false;
        }
        return true;
    }
    if (expected->kind == VALUE_LIST && actual->kind == VALUE_LIST) {
        if (expected->length != actual->length) return false;
        for (uint32_t i = 0; i < expected->length; i++)
            if (!is_as_expected(bench, &expected->items[i], &actual->items[i])) return false;
        return true;
    }
    if (expected->kind == VALUE_NULL || actual->kind == VALUE_NULL)
        return expected->kind == actual->kind;
    if (expected->kind == VALUE_TEXT && actual->kind != VALUE_TEXT) {
        char memory[512];
        struct scratch scratch;
        struct value text;
        scratch_init(&scratch, memory, sizeof memory);
        return value_to_text(actual, &scratch, &text) && text.length == expected->length &&
               memcmp(text.text, expected->text, text.length) == 0;
    }
    return value_equal(expected, actual, &bench->moment) == 1;
}

static int row_run(struct bench *bench, size_t row, struct value *ret_value) {
    struct scratch scratch;
    dmn_limits_scratch(&bench->limits, &scratch);
    bench->trace.count = 0;
    return plan_evaluate(bench->plan, bench->rows + row * (size_t)bench->input_count,
                         &bench->moment, &scratch, bench->tracing ? &bench->trace : NULL, NULL,
                         ret_value);
}

static int results_compare(struct bench *bench, struct error *error) {
    bool comparing = bench->expected_path != NULL;
    if (comparing && (bench->expected.kind != VALUE_LIST ||
                      bench->expected.length != bench->row_count))
        return error_set(error, ERROR_INVALID,
                         "the expected values must be a JSON list as long as the inputs");
    for (size_t i = 0; i < bench->row_count; i++) {
        struct value value;
        int status = dmn_status_error(row_run(bench, i, &value), error);
        if (status) return status;
        if (comparing && !is_as_expected(bench, &bench->expected.items[i], &value))
            bench->mismatches++;
    }
    return 0;
}

/* ---- timing --------------------------------------------------------------------------------- */

static void batches_run(struct bench *bench) {
    int64_t began = now_ns(), until = began + bench->seconds * 1000000000, before = began;
    size_t row = 0;
    int64_t evaluations = 0;
    while (before < until) {
        struct value value;
        for (int i = 0; i < BATCH; i++) {
            row_run(bench, row, &value);
            if (++row == bench->row_count) row = 0;
        }
        int64_t after = now_ns();
        evaluations += BATCH;
        if (bench->sample_count < SAMPLES_MAX)
            bench->samples[bench->sample_count++] = after - before;
        else
            bench->samples[(size_t)(evaluations / BATCH) % SAMPLES_MAX] = after - before;
        before = after;
    }
    bench->evaluations_per_second = (double)evaluations * 1e9 / (double)(before - began);
}

static int sample_compare(const void *a, const void *b) {
    int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
    return (first > second) - (first < second);
}

static void report(struct bench *bench) {
    qsort(bench->samples, bench->sample_count, sizeof *bench->samples, sample_compare);
    double middle = (double)bench->samples[bench->sample_count / 2] / BATCH;
    double high = (double)bench->samples[bench->sample_count * 99 / 100] / BATCH;
    printf("{\"evaluations_per_second\":%.0f,\"nanoseconds_p50\":%.1f,\"nanoseconds_p99\":%.1f,"
           "\"mismatches\":%ld,\"load_milliseconds\":%.1f,\"program_bytes\":%zu}\n",
           bench->evaluations_per_second, middle, high, bench->mismatches,
           (double)bench->load_ns / 1e6, program_memory(bench->program));
}

static int bench_run(struct bench *bench) {
    struct error error = {0};
    moment_at(clock_now_us(), &bench->moment);
    bench->samples = calloc(SAMPLES_MAX, sizeof *bench->samples);
    bench->trace.events = calloc(TRACE_EVENTS_MAX, sizeof *bench->trace.events);
    bench->trace.capacity = TRACE_EVENTS_MAX;
    int64_t began = now_ns();
    int status = bench->samples && bench->trace.events
                     ? dmn_program_read(bench->model, false, &error, &bench->program)
                     : error_set(&error, ERROR_NO_MEMORY, "out of memory");
    bench->load_ns = now_ns() - began;
    if (!status) status = dmn_limits_take(&bench->limits, &error);
    if (!status)
        status = dmn_json_read(bench->inputs_path, &error, &bench->inputs, &bench->inputs_memory);
    if (!status && bench->expected_path)
        status = dmn_json_read(bench->expected_path, &error, &bench->expected,
                               &bench->expected_memory);
    if (!status) status = rows_make(bench, &error);
    if (!status) status = results_compare(bench, &error);
    if (!status) {
        batches_run(bench);
        report(bench);
    }
    plan_free(bench->plan);
    program_free(bench->program);
    void *memory[] = {bench->rows,    bench->typed_memory,  bench->inputs_memory,
                      bench->samples, bench->expected_memory,
                      bench->limits.memory, bench->trace.events};
    for (size_t i = 0; i < sizeof memory / sizeof *memory; i++) free(memory[i]);
    if (status) return command_fail("dmn bench", &error);
    return bench->mismatches ? EXIT_FAILED : EXIT_DONE;
}

int dmn_bench(int argc, char **argv) {
    struct bench bench = {0};
    bool help = false;
    const struct option options[] = {
        {.name = "decision", .kind = OPTION_TEXT, .argument = "NAME", .required = true,
         .help = "the decision, by name or id", .ret_value = &bench.decision},
        {.name = "inputs", .kind = OPTION_TEXT, .argument = "FILE", .required = true,
         .help = "a JSON list of objects with the inputs by name",
         .ret_value = &bench.inputs_path},
        {.name = "expected", .kind = OPTION_TEXT, .argument = "FILE",
         .help = "a JSON list of the values expected; numbers may stand as strings",
         .ret_value = &bench.expected_path},
        {.name = "seconds", .kind = OPTION_INTEGER, .argument = "S", .default_text = "3",
         .minimum = 1, .maximum = SECONDS_MAX, .help = "how long to measure",
         .ret_value = &bench.seconds},
        {.name = "trace", .kind = OPTION_FLAG, .help = "measure with the trace on",
         .ret_value = &bench.tracing},
        DMN_LIMIT_OPTIONS(bench.limits)};
    int count = (int)(sizeof options / sizeof *options);
    struct error error = {0};
    struct option_operands operands = {0};
    int status = options_read(options, count, argc, argv, &error, &operands, &help);
    if (help) {
        puts("usage: koppel dmn bench MODEL.dmn --decision NAME --inputs FILE.json\n"
             "                        [--expected FILE.json] [--seconds S] [--trace]\n"
             "                        [--steps N] [--memory MIB]\n\n"
             "Times a decision in one thread, inputs converted beforehand; one line of JSON.\n");
        options_help(options, count);
        return EXIT_DONE;
    }
    if (!status && operands.count != 1)
        status = error_set(&error, ERROR_INVALID, "give one model, a .dmn file");
    if (status) return command_misused("dmn", &error);
    bench.model = operands.items[0];
    return bench_run(&bench);
}
