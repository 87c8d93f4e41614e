/* A DMN model as text: compiled strictly and leniently; then every element is walked, evaluated
 * with no input and with a few, with its trace, and all decisions through a plan. */
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "fuzz.h"
#include "quote-engine/quote.h"

enum { SCRATCH_BYTES = 1024 * 1024, INPUT_MAX = 64 * 1024, EVENTS = 200, ELEMENTS_RUN_MAX = 40 };

static char memory[SCRATCH_BYTES];
static struct trace_event events[EVENTS];
static struct problems problems;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    return 0;
}

static const struct moment moment = {
    .now = {{2026, 2, 28}, {INT64_C(86399) * 1000000000, {ZONE_OFFSET, 3600, 0, NULL}}},
    .zone_offset = clock_zone_offset};

static void walk(const struct program *program, int index) {
    const struct element *element = program_element(program, index);
    FUZZ_CHECK(element && element->name, "an element without a name");
    for (int i = 0; i < element->require_count; i++)
        FUZZ_CHECK(element->requires[i] >= 0 &&
                       element->requires[i] < program_element_count(program),
                   "an element that needs what is not there");
    for (int t = 0; t < element->table_count; t++) {
        const struct element_table *table = &element->tables[t];
        int columns = table->input_count + table->output_count;
        for (int row = 0; row < table->row_count; row++) {
            for (int column = 0; column < columns; column++)
                FUZZ_CHECK(program_cell(program, index, t, row, column), "a cell without text");
            (void)program_rule_id(program, index, t, row);
            (void)program_rule_note(program, index, t, row);
        }
    }
}

static void evaluate(const struct program *program, int index, const struct value *inputs) {
    struct scratch scratch;
    struct value value = value_null(), text;
    struct trace trace = {.events = events, .capacity = EVENTS};
    scratch_init(&scratch, memory, sizeof memory);
    memset(&problems, 0, sizeof problems);
    int status = program_evaluate(program, index, inputs, &moment, &scratch, &trace, &problems,
                                  &value);
    FUZZ_CHECK(status <= 0 && trace.count <= EVENTS, "status %d", status);
    if (status == QUOTE_OK) (void)value_to_text(&value, &scratch, &text);
}

/* A value for each input by its name: a number, a text, a date in turn. */
static struct value inputs_of(const struct program *program, struct value_entry *entries) {
    int count = 0;
    for (int i = 0; i < program_element_count(program) && count < ELEMENTS_RUN_MAX; i++) {
        const struct element *element = program_element(program, i);
        bool twice = false;
        for (int k = 0; k < count; k++)
            twice = twice || (entries[k].name_length == strlen(element->name) &&
                              !memcmp(entries[k].name, element->name, entries[k].name_length));
        if (element->kind != ELEMENT_INPUT || twice) continue;
        struct value value = i % 3 == 0   ? value_int64(i)
                             : i % 3 == 1 ? value_text("2026-01-31", 10)
                                          : value_date(2026, 1, 31);
        entries[count++] = (struct value_entry){element->name, (uint32_t)strlen(element->name),
                                                value};
    }
    return value_context(entries, (size_t)count);
}

static void try_plan(const struct program *program) {
    int decisions[PLAN_DECISIONS_MAX], count = 0;
    struct value values[PLAN_DECISIONS_MAX];
    struct plan *plan = NULL;
    struct scratch scratch;
    for (int i = 0; i < program_element_count(program) && count < PLAN_DECISIONS_MAX; i++)
        if (program_element(program, i)->kind == ELEMENT_DECISION) decisions[count++] = i;
    memset(&problems, 0, sizeof problems);
    if (count == 0 || plan_make(program, decisions, count, NULL, 0, &problems, &plan) != QUOTE_OK)
        return;
    scratch_init(&scratch, memory, sizeof memory);
    (void)plan_evaluate(plan, NULL, &moment, &scratch, NULL, &problems, values);
    plan_free(plan);
}

static void try_model(const struct source *model, bool lenient) {
    struct program *program = NULL;
    memset(&problems, 0, sizeof problems);
    int status = program_compile(model, NULL, 0, lenient, &problems, &program);
    if (status != QUOTE_OK) {
        FUZZ_CHECK(problems.errors > 0, "refused without a problem");
        FUZZ_CHECK(!program, "an output that was touched");
        return;
    }
    struct value_entry entries[ELEMENTS_RUN_MAX];
    struct value nothing = value_context(NULL, 0), inputs = inputs_of(program, entries);
    FUZZ_CHECK(program_memory(program) > 0, "a program without memory");
    for (int i = 0; i < program_element_count(program) && i < ELEMENTS_RUN_MAX; i++) {
        walk(program, i);
        if (program_element(program, i)->kind == ELEMENT_INPUT) continue;
        evaluate(program, i, &nothing);
        evaluate(program, i, &inputs);
    }
    try_plan(program);
    program_free(program);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    if (length > INPUT_MAX) return 0;
    const struct source model = {"fuzz.dmn", (const char *)bytes, length};
    try_model(&model, false);
    try_model(&model, true);
    return 0;
}
