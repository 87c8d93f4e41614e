/* Running programs: elements into the frame of globals, by name (program_evaluate) or by a plan
 * that fixed beforehand what is run and where inputs go. Also what a program tells about itself. */
#include <stdlib.h>
#include <string.h>

#include "dmn.h"
#include "dmn_table.h"

/* ---- one element ---------------------------------------------------------------------------- */

static void trace_element(struct evaluation *evaluation, enum trace_kind kind, int element,
                          const struct value *value) {
    struct trace *trace = evaluation->trace;
    if (!trace) return;
    if (trace->count == trace->capacity) {
        trace->overflowed = true;
        return;
    }
    trace->events[trace->count++] = (struct trace_event){
        .kind = kind, .element = element, .value = value ? *value : value_null()};
}

void dmn_run(const struct program *program, int index, struct evaluation *evaluation,
             const struct frame *globals) {
    const struct dmn_element *detail = &program->details[index];
    struct value *slot = &globals->slots[index];
    enum element_kind kind = program->elements[index].kind;
    if (kind == ELEMENT_INPUT) return;
    if (kind == ELEMENT_SERVICE) {
        *slot = value_null();
        slot->kind = VALUE_FUNCTION;
        slot->function = &detail->service->function;
        return;
    }
    evaluation->element = index;
    if (kind == ELEMENT_DECISION) trace_element(evaluation, TRACE_DECISION_START, index, NULL);
    *slot = value_null();
    if (detail->code) {
        code_run(detail->code, evaluation, globals, slot);
        dmn_convert(detail->type, evaluation, slot);
    } else if (kind == ELEMENT_DECISION) {
        value_fail(evaluation, slot, "the decision has no logic");
    }
    if (kind == ELEMENT_DECISION) trace_element(evaluation, TRACE_DECISION_END, index, slot);
}

/* Which limit stopped an evaluation, and where. */
static void limit_say(const struct evaluation *evaluation) {
    if (evaluation->status != QUOTE_TOO_LARGE || !evaluation->problems) return;
    const struct program *program = evaluation->program;
    const char *place = program->elements[evaluation->element].name;
    struct problems *problems = evaluation->problems;
    if (evaluation->steps_left < 0)
        problems_add(problems, false, program->name, 0, 0, place,
                     "this takes more than %lld steps: allow more, or make its loops and lists "
                     "shorter", (long long)evaluation->scratch->steps_max);
    else if (evaluation->too_deep)
        problems_add(problems, false, program->name, 0, 0, place,
                     "functions call each other more than %d levels deep: does the recursion end?",
                     EVALUATION_DEPTH_MAX);
    else
        problems_add(problems, false, program->name, 0, 0, place,
                     "this takes more than %zu bytes of memory: allow more, or make its lists and "
                     "texts shorter",
                     (size_t)(evaluation->scratch->end - evaluation->scratch->start));
}

/* ---- by name -------------------------------------------------------------------------------- */

static const struct value *input_find(const struct value *inputs, const char *name) {
    return inputs && inputs->kind == VALUE_CONTEXT ? value_entry_find(inputs, name, strlen(name))
                                                   : NULL;
}

/* An element's value among the inputs: by its qualified name, or inside a context named as the
 * import ("prefix": {"name": …}). */
static const struct value *element_input(const struct program *program, int element,
                                         const struct value *inputs) {
    const char *name = program->elements[element].qualified_name;
    const char *own_name = program->details[element].name;
    const struct value *found = input_find(inputs, name);
    size_t qualified = strlen(name), own = strlen(own_name);
    if (found || qualified == own) return found;
    if (!inputs || inputs->kind != VALUE_CONTEXT) return NULL;
    found = value_entry_find(inputs, name, qualified - own - 1);
    return found ? input_find(found, own_name) : NULL;
}

static void input_fill(const struct program *program, int element, const struct value *inputs,
                       struct evaluation *evaluation, struct value *slots) {
    const struct value *given = element_input(program, element, inputs);
    slots[element] = value_null();
    evaluation->element = element;
    if (!given) return;
    slots[element] = *given;
    dmn_convert(program->details[element].type, evaluation, &slots[element]);
}

/* Calls a service or knowledge model with arguments taken from `inputs` by parameter name. */
static void invoke(struct evaluation *evaluation, const struct value *function,
                   const struct value *inputs, struct value *ret_value) {
    struct value arguments[FUNCTION_PARAMETERS_MAX];
    if (function->kind != VALUE_FUNCTION) {
        *ret_value = value_null();
        return;
    }
    const struct value_function *called = function->function;
    int count = called->builtin ? 0 : called->parameter_count;
    for (int i = 0; i < count; i++) {
        const struct value *given =
            inputs && inputs->kind == VALUE_CONTEXT
                ? value_entry_find(inputs, called->parameter_names[i],
                                   called->parameter_name_lengths[i])
                : NULL;
        arguments[i] = given ? *given : value_null();
    }
    function_call(function, evaluation, arguments, count, ret_value);
}

int program_evaluate(const struct program *program, int element, const struct value *inputs,
                     const struct moment *moment, struct scratch *scratch, struct trace *trace,
                     struct problems *problems, struct value *ret_value) {
    if (element < 0 || element >= program->element_count) return QUOTE_NOT_FOUND;
    enum element_kind kind = program->elements[element].kind;
    struct evaluation evaluation = {.scratch = scratch,
                                    .moment = moment,
                                    .trace = trace,
                                    .problems = problems,
                                    .program = program,
                                    .steps_left = scratch->steps_max};
    size_t size = (size_t)program->element_count * sizeof(struct value);
    struct value *slots = evaluation_take(&evaluation, size);
    if (!slots) return QUOTE_TOO_LARGE;
    memset(slots, 0, size);
    struct frame globals = {.slots = slots};
    for (int i = 0; i < program->element_count && evaluation.status == QUOTE_OK; i++) {
        int step = program->order[i];
        if (step != element && !dmn_needs(&program->details[element], step)) continue;
        bool decided_outside = program->elements[step].kind == ELEMENT_DECISION &&
                               !program->details[step].code &&
                               element_input(program, step, inputs);
        if (program->elements[step].kind == ELEMENT_INPUT || decided_outside)
            input_fill(program, step, inputs, &evaluation, slots);
        else
            dmn_run(program, step, &evaluation, &globals);
    }
    struct value value = slots[element];
    if (evaluation.status == QUOTE_OK && (kind == ELEMENT_SERVICE || kind == ELEMENT_KNOWLEDGE))
        invoke(&evaluation, &slots[element], inputs, &value);
    if (evaluation.status == QUOTE_OK) *ret_value = value;
    else limit_say(&evaluation);
    return evaluation.status;
}

/* ---- plans ---------------------------------------------------------------------------------- */

struct plan {
    const struct program *program;
    int decisions[PLAN_DECISIONS_MAX];
    int decision_count;
    int input_slots[PLAN_INPUTS_MAX]; /* -1: the decisions do not need it */
    int input_count;
    int *absent; /* input data that no input gives */
    int absent_count;
    int *steps;
    int step_count;
};

/* Input data by name among what the plan needs; -1 when there is none. */
static int plan_slot(const struct program *program, const unsigned char *needed,
                     const char *name) {
    for (int i = 0; i < program->element_count; i++)
        if (needed[i] && program->elements[i].kind == ELEMENT_INPUT &&
            (strcmp(program->elements[i].qualified_name, name) == 0 ||
             strcmp(program->elements[i].name, name) == 0))
            return i;
    return -1;
}

static void plan_fill(struct plan *plan, unsigned char *needed,
                      const char *const input_names[]) {
    const struct program *program = plan->program;
    for (int i = 0; i < plan->decision_count; i++) {
        const struct dmn_element *detail = &program->details[plan->decisions[i]];
        needed[plan->decisions[i]] = 1;
        for (int e = 0; e < program->element_count; e++) needed[e] |= dmn_needs(detail, e);
    }
    for (int i = 0; i < plan->input_count; i++)
        plan->input_slots[i] = plan_slot(program, needed, input_names[i]);
    for (int i = 0; i < plan->input_count; i++)
        if (plan->input_slots[i] >= 0) needed[plan->input_slots[i]] = 0;
    for (int i = 0; i < program->element_count; i++) {
        int element = program->order[i];
        if (!needed[element]) continue;
        if (program->elements[element].kind == ELEMENT_INPUT)
            plan->absent[plan->absent_count++] = element;
        else
            plan->steps[plan->step_count++] = element;
    }
}

int plan_make(const struct program *program, const int decisions[], int decision_count,
              const char *const input_names[], int input_count, struct problems *problems,
              struct plan **ret_plan) {
    if (decision_count < 0 || decision_count > PLAN_DECISIONS_MAX || input_count < 0 ||
        input_count > PLAN_INPUTS_MAX) {
        problems_add(problems, false, program->name, 0, 0, "",
                     "a plan can have at most %d decisions and %d inputs", PLAN_DECISIONS_MAX,
                     PLAN_INPUTS_MAX);
        return QUOTE_TOO_LARGE;
    }
    for (int i = 0; i < decision_count; i++)
        if (decisions[i] < 0 || decisions[i] >= program->element_count) return QUOTE_NOT_FOUND;
    size_t count = (size_t)program->element_count + 1;
    struct plan *plan = calloc(1, sizeof *plan);
    unsigned char *needed = calloc(count, 1);
    if (plan) {
        plan->absent = calloc(count, sizeof *plan->absent);
        plan->steps = calloc(count, sizeof *plan->steps);
    }
    if (!plan || !needed || !plan->absent || !plan->steps) {
        free(needed);
        plan_free(plan);
        return QUOTE_NO_MEMORY;
    }
    plan->program = program;
    plan->decision_count = decision_count;
    plan->input_count = input_count;
    for (int i = 0; i < decision_count; i++) plan->decisions[i] = decisions[i];
    plan_fill(plan, needed, input_names);
    free(needed);
    *ret_plan = plan;
    return QUOTE_OK;
}

void plan_free(struct plan *plan) {
    if (!plan) return;
    free(plan->absent);
    free(plan->steps);
    free(plan);
}

int plan_evaluate(const struct plan *plan, const struct value inputs[],
                  const struct moment *moment, struct scratch *scratch, struct trace *trace,
                  struct problems *problems, struct value ret_values[]) {
    const struct program *program = plan->program;
    struct evaluation evaluation = {.scratch = scratch,
                                    .moment = moment,
                                    .trace = trace,
                                    .problems = problems,
                                    .program = program,
                                    .steps_left = scratch->steps_max};
    struct frame globals = {0};
    globals.slots =
        evaluation_take(&evaluation, (size_t)program->element_count * sizeof *globals.slots);
    if (!globals.slots) return QUOTE_TOO_LARGE;
    for (int i = 0; i < plan->input_count; i++) {
        int slot = plan->input_slots[i];
        if (slot < 0) continue;
        evaluation.element = slot;
        globals.slots[slot] = inputs[i];
        dmn_convert(program->details[slot].type, &evaluation, &globals.slots[slot]);
    }
    for (int i = 0; i < plan->absent_count; i++) globals.slots[plan->absent[i]] = value_null();
    for (int i = 0; i < plan->step_count && evaluation.status == QUOTE_OK; i++)
        dmn_run(program, plan->steps[i], &evaluation, &globals);
    if (evaluation.status != QUOTE_OK) {
        limit_say(&evaluation);
        return evaluation.status;
    }
    for (int i = 0; i < plan->decision_count; i++)
        ret_values[i] = globals.slots[plan->decisions[i]];
    return QUOTE_OK;
}

/* ---- what a program tells ------------------------------------------------------------------- */

size_t program_memory(const struct program *program) {
    return program->arena.total + sizeof *program;
}

const char *program_name(const struct program *program) {
    return program->name;
}

int program_element_count(const struct program *program) {
    return program->element_count;
}

const struct element *program_element(const struct program *program, int index) {
    return index >= 0 && index < program->element_count ? &program->elements[index] : NULL;
}

int program_find(const struct program *program, enum element_kind kind, const char *name) {
    for (int i = 0; i < program->element_count; i++)
        if (program->elements[i].kind == kind &&
            (strcmp(program->elements[i].qualified_name, name) == 0 ||
             strcmp(program->elements[i].name, name) == 0))
            return i;
    for (int i = 0; i < program->element_count; i++)
        if (program->elements[i].kind == kind && program->elements[i].id &&
            strcmp(program->elements[i].id, name) == 0)
            return i;
    return QUOTE_NOT_FOUND;
}

static const struct table *table_find(const struct program *program, int element, int table,
                                      int row) {
    if (element < 0 || element >= program->element_count || table < 0 ||
        table >= program->elements[element].table_count)
        return NULL;
    const struct table *found = program->details[element].tables[table];
    return row >= 0 && row < found->row_count ? found : NULL;
}

const char *program_cell(const struct program *program, int element, int table, int row,
                         int column) {
    const struct table *found = table_find(program, element, table, row);
    if (!found || column < 0 || column >= found->input_count + found->output_count) return "";
    if (column < found->input_count) {
        const struct table_input *input = &found->inputs[column];
        return input->tests[input->row_tests[row]].text;
    }
    const struct table_output *output = &found->outputs[column - found->input_count];
    return output->cells[output->row_cells[row]].text;
}

const char *program_rule_id(const struct program *program, int element, int table, int row) {
    const struct table *found = table_find(program, element, table, row);
    return found ? found->row_ids[row] : NULL;
}

const char *program_rule_note(const struct program *program, int element, int table, int row) {
    const struct table *found = table_find(program, element, table, row);
    return found ? found->row_notes[row] : NULL;
}
