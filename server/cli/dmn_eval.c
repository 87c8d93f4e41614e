/* `koppel dmn eval`: one decision, one input, its value as JSON on standard output; with --trace
 * what the evaluation did, in words on standard error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/option.h"
#include "cli/command.h"
#include "cli/dmn.h"
#include "domain/calendar_day.h"
#include "message/json.h"

enum { TRACE_EVENTS_MAX = 100 * 1000, OUTPUT_MAX_BYTES = 256 * 1024 * 1024, NAME_MAX_BYTES = 512 };

static void value_print(const char *before, const struct value *value) {
    struct buffer buffer;
    buffer_init(&buffer, OUTPUT_MAX_BYTES);
    json_write(value, 0, &buffer);
    fprintf(stderr, "%s%s\n", before, buffer.data ? buffer.data : "");
    buffer_done(&buffer);
}

static void row_print(const struct program *program, const struct trace_event *event) {
    const struct element *element = program_element(program, event->element);
    const struct element_table *table = &element->tables[event->table];
    const char *note =
        program_rule_note(program, event->element, event->table, event->row);
    fprintf(stderr, "    row %d:", event->row + 1);
    for (int i = 0; i < table->input_count + table->output_count; i++)
        fprintf(stderr, "%s %s", i == table->input_count ? " =>" : i ? "," : "",
                program_cell(program, event->element, event->table, event->row, i));
    fprintf(stderr, "%s%s\n", note ? "  # " : "", note ? note : "");
}

static void trace_print(const struct program *program, const struct trace *trace) {
    for (size_t i = 0; i < trace->count; i++) {
        const struct trace_event *event = &trace->events[i];
        const struct element *element = program_element(program, event->element);
        switch (event->kind) {
        case TRACE_DECISION_START:
            fprintf(stderr, "decision %s\n", element->name);
            if (element->text) fprintf(stderr, "    formula: %s\n", element->text);
            break;
        case TRACE_INPUT:
            fprintf(stderr, "    %s", element->tables[event->table].inputs[event->column].text);
            value_print(" = ", &event->value);
            break;
        case TRACE_ROW:
            row_print(program, event);
            break;
        case TRACE_UNUSED: /* not asked for */
        case TRACE_MISS:
            break;
        case TRACE_DECISION_END:
            fprintf(stderr, "  %s", element->name);
            value_print(" = ", &event->value);
            break;
        }
    }
    if (trace->overflowed) fprintf(stderr, "the trace stops here: there was more\n");
}

static int value_out(const struct value *value, struct error *error) {
    struct buffer buffer;
    buffer_init(&buffer, OUTPUT_MAX_BYTES);
    json_write(value, 2, &buffer);
    int status = buffer.failed ? error_set(error, ERROR_TOO_LARGE, "the value is too large") : 0;
    if (!status && (puts(buffer.data) < 0 || fflush(stdout)))
        status = error_set(error, ERROR_IO, "standard output cannot be written");
    buffer_done(&buffer);
    return status;
}

/* Is it the name of an import, whose inputs stand inside? */
static bool is_import(const struct program *program, const char *name, size_t length) {
    for (int i = 0; i < program_element_count(program); i++) {
        const char *known = program_element(program, i)->qualified_name;
        if (strncmp(known, name, length) == 0 && known[length] == '.') return true;
    }
    return false;
}

/* A misspelt input would be a null that nobody sees. */
static void unknown_inputs_print(const struct program *program, int element,
                                 const struct value *inputs) {
    if (program_element(program, element)->kind != ELEMENT_DECISION ||
        inputs->kind != VALUE_CONTEXT)
        return;
    for (uint32_t i = 0; i < inputs->length; i++) {
        const struct value_entry *entry = &inputs->entries[i];
        char name[NAME_MAX_BYTES];
        snprintf(name, sizeof name, "%.*s",
                 entry->name_length < NAME_MAX_BYTES ? (int)entry->name_length : NAME_MAX_BYTES,
                 entry->name);
        if (program_find(program, ELEMENT_INPUT, name) < 0 &&
            program_find(program, ELEMENT_DECISION, name) < 0 &&
            !is_import(program, entry->name, entry->name_length))
            fprintf(stderr, "warning: the model has no input \"%s\"\n", name);
    }
}

static int evaluate(const struct program *program, const char *decision,
                    const struct value *inputs, struct scratch *scratch, struct trace *trace,
                    struct error *error) {
    struct problems *problems = calloc(1, sizeof *problems);
    struct moment moment;
    struct value typed, value;
    int element, status = problems ? 0 : error_set(error, ERROR_NO_MEMORY, "out of memory");
    moment_at(clock_now_us(), &moment);
    if (!status) status = dmn_find(program, decision, error, &element);
    if (!status) unknown_inputs_print(program, element, inputs);
    if (!status) status = dmn_inputs(program, inputs, &moment, scratch, error, &typed);
    if (!status)
        status = dmn_status_error(program_evaluate(program, element, &typed, &moment, scratch,
                                                   trace, problems, &value),
                                  error);
    if (problems) dmn_problems_print(problems);
    if (!status && trace) trace_print(program, trace);
    if (!status) status = value_out(&value, error);
    free(problems);
    return status;
}

static int eval_run(const char *model, const char *decision, const char *input, bool tracing,
                    struct dmn_limits *limits) {
    struct error error = {0};
    struct program *program = NULL;
    struct value inputs = value_context(NULL, 0);
    struct trace trace = {.capacity = TRACE_EVENTS_MAX};
    struct scratch scratch;
    void *input_memory = NULL;
    trace.events = calloc(tracing ? TRACE_EVENTS_MAX : 1, sizeof *trace.events);
    int status = trace.events ? 0 : error_set(&error, ERROR_NO_MEMORY, "out of memory");
    if (!status) status = dmn_limits_take(limits, &error);
    if (!status) status = dmn_program_read(model, false, &error, &program);
    if (!status && input) status = dmn_json_read(input, &error, &inputs, &input_memory);
    if (!status) {
        dmn_limits_scratch(limits, &scratch);
        status = evaluate(program, decision, &inputs, &scratch, tracing ? &trace : NULL, &error);
    }
    program_free(program);
    free(trace.events);
    free(input_memory);
    free(limits->memory);
    return status ? command_fail("dmn eval", &error) : EXIT_DONE;
}

int dmn_eval(int argc, char **argv) {
    const char *decision = NULL, *input = NULL;
    bool trace = false, help = false;
    struct dmn_limits limits = {0};
    const struct option options[] = {
        {.name = "decision", .kind = OPTION_TEXT, .argument = "NAME", .required = true,
         .help = "the decision, decision service or knowledge model, by name or id",
         .ret_value = &decision},
        {.name = "input", .kind = OPTION_TEXT, .argument = "FILE",
         .help = "a JSON object with the inputs by name; dates and durations as texts",
         .ret_value = &input},
        {.name = "trace", .kind = OPTION_FLAG,
         .help = "tell on standard error what was computed", .ret_value = &trace},
        DMN_LIMIT_OPTIONS(limits)};
    int count = (int)(sizeof options / sizeof *options);
    struct error error = {0};
    struct option_operands operands = {0};
    int status = options_read(options, count, argc, argv, &error, &operands, &help);
    if (help) {
        puts("usage: koppel dmn eval MODEL.dmn --decision NAME [--input FILE.json] [--trace]\n"
             "                       [--steps N] [--memory MIB]\n\n"
             "Prints the decision's value as JSON; numbers keep all their digits.\n");
        options_help(options, count);
        return EXIT_DONE;
    }
    if (!status && operands.count != 1)
        status = error_set(&error, ERROR_INVALID, "give one model, a .dmn file");
    if (status) return command_misused("dmn", &error);
    return eval_run(operands.items[0], decision, input, trace, &limits);
}
