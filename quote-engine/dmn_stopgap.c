/* Compiles elements and runs programs: stands in until dmn_compile.c, dmn_evaluate.c,
 * dmn_service.c, dmn_table_index.c and dmn_table_check.c are there. */
#include <stdlib.h>
#include <string.h>

#include "dmn.h"
#include "dmn_table.h"

bool table_index(struct table *table) { (void)table; return true; }
void table_check(struct table *table) { (void)table; }

void dmn_convert(const struct type *type, struct evaluation *evaluation,
                 const struct value *value, struct value *ret_value) {
    if (!type || type->kind == TYPE_ANY) { *ret_value = *value; return; }
    type_convert(type, evaluation, value, ret_value);
}

static void bind_needs(struct dmn *dmn, int index) {
    struct program *program = dmn->program;
    memset(dmn->globals, 0, (size_t)program->element_count * sizeof *dmn->globals);
    for (int i = 0; i < program->element_count; i++) {
        bool direct = i == index && program->elements[i].kind == ELEMENT_KNOWLEDGE;
        for (int r = 0; r < program->elements[index].require_count; r++)
            direct |= program->elements[index].requires[r] == i;
        if (!direct) continue;
        dmn->globals[i] = (struct binding){program->details[i].name,
                                           (uint32_t)strlen(program->details[i].name),
                                           program->details[i].known};
    }
}

void dmn_compile_elements(struct dmn *dmn) {
    struct program *program = dmn->program;
    dmn->globals = calloc((size_t)program->element_count + 1, sizeof *dmn->globals);
    dmn->scope = (struct scope){NULL, dmn->globals, program->element_count};
    for (int i = 0; i < program->element_count; i++) {
        int index = program->order[i];
        struct dmn_element *detail = &program->details[index];
        struct element *element = &program->elements[index];
        dmn->compiler.file = dmn->models[detail->model].file;
        dmn->model = detail->model;
        dmn->element = index;
        dmn->table_count = 0;
        dmn_place(dmn, "%s %s", detail->xml->name, element->name);
        detail->type = dmn_type(dmn, element->type, detail->xml->line);
        detail->known = detail->type;
        if (element->kind == ELEMENT_INPUT || element->kind == ELEMENT_SERVICE) continue;
        bind_needs(dmn, index);
        struct node *node = NULL;
        if (element->kind == ELEMENT_DECISION) {
            const struct xml_element *xml = boxed_find(detail->xml);
            if (xml) node = boxed_read(dmn, &dmn->scope, xml);
        } else {
            const struct xml_element *xml = xml_child(detail->xml, "encapsulatedLogic");
            if (xml) node = boxed_function(dmn, &dmn->scope, xml);
        }
        if (!node) continue;
        detail->code = feel_compile(&dmn->compiler, &dmn->scope, node);
        if (!detail->code) { dmn->failed = true; if (!dmn->status) dmn->status = QUOTE_INVALID; continue; }
        if (!detail->known) detail->known = detail->code->type;
        detail->tables = dmn_take(dmn, (size_t)dmn->table_count + 1, sizeof *detail->tables);
        struct element_table *tables = dmn_take(dmn, (size_t)dmn->table_count + 1, sizeof *tables);
        if (!detail->tables || !tables) return;
        for (int t = 0; t < dmn->table_count; t++) {
            struct table *table = detail->tables[t] = dmn->tables[t];
            struct element_table_column *in = dmn_take(dmn, (size_t)table->input_count + 1, sizeof *in);
            struct element_table_column *out = dmn_take(dmn, (size_t)table->output_count + 1, sizeof *out);
            if (!in || !out) return;
            for (int c = 0; c < table->input_count; c++) in[c] = (struct element_table_column){table->inputs[c].text, table->inputs[c].label};
            for (int c = 0; c < table->output_count; c++) out[c] = (struct element_table_column){table->outputs[c].name, table->outputs[c].label};
            tables[t] = (struct element_table){table->policy_name, in, out, table->input_count, table->output_count, table->row_count};
        }
        element->tables = tables;
        element->table_count = dmn->table_count;
    }
    free(dmn->globals);
}

int program_compile(const struct source *model, const struct source *imports, size_t import_count,
                    bool lenient, struct problems *problems, struct program **ret_program) {
    struct arena texts, own;
    arena_init(&texts, ARENA_LIMIT_BYTES);
    arena_init(&own, ARENA_LIMIT_BYTES);
    struct program *program = arena_take(&own, sizeof *program);
    struct dmn *dmn = calloc(1, sizeof *dmn);
    if (!program || !dmn) abort();
    program->arena = own;
    dmn->program = program;
    dmn->texts = &texts;
    dmn->compiler = (struct compiler){.arena = &program->arena, .problems = problems, .lenient = lenient};
    dmn_read(dmn, model, imports, import_count);
    if (!dmn->failed) dmn_index_ids(dmn);
    if (!dmn->failed) dmn_read_types(dmn);
    if (!dmn->failed) dmn_order(dmn);
    if (!dmn->failed) dmn_compile_elements(dmn);
    int status = dmn->failed && !lenient ? dmn->status : QUOTE_OK;
    if (dmn->failed && !program->order) status = dmn->status ? dmn->status : QUOTE_INVALID;
    arena_done(&texts);
    free(dmn);
    if (status != QUOTE_OK) program_free(program);
    else *ret_program = program;
    return status;
}

void program_free(struct program *program) {
    if (!program) return;
    struct arena arena = program->arena;
    arena_done(&arena);
}
size_t program_memory(const struct program *program) { return program->arena.total; }
const char *program_name(const struct program *program) { return program->name; }
int program_element_count(const struct program *program) { return program->element_count; }
const struct element *program_element(const struct program *program, int index) { return &program->elements[index]; }
int program_find(const struct program *program, enum element_kind kind, const char *name) {
    for (int i = 0; i < program->element_count; i++)
        if (program->elements[i].kind == kind &&
            (strcmp(program->elements[i].name, name) == 0 || (program->elements[i].id && strcmp(program->elements[i].id, name) == 0)))
            return i;
    return QUOTE_NOT_FOUND;
}
const char *program_cell(const struct program *program, int element, int table, int row, int column) {
    const struct table *t = program->details[element].tables[table];
    if (column < t->input_count) return t->inputs[column].tests[t->inputs[column].row_tests[row]].text;
    const struct table_output *out = &t->outputs[column - t->input_count];
    return out->cells[out->row_cells[row]].text;
}
const char *program_rule_id(const struct program *program, int element, int table, int row) {
    const struct table *t = program->details[element].tables[table];
    return t->row_ids ? t->row_ids[row] : NULL;
}
const char *program_rule_note(const struct program *program, int element, int table, int row) {
    const struct table *t = program->details[element].tables[table];
    return t->row_notes ? t->row_notes[row] : NULL;
}

static void trace_add(struct evaluation *evaluation, enum trace_kind kind, int element, const struct value *value) {
    struct trace *trace = evaluation->trace;
    if (!trace) return;
    if (trace->count == trace->capacity) { trace->overflowed = true; return; }
    trace->events[trace->count++] = (struct trace_event){.kind = kind, .element = element, .value = value ? *value : value_null()};
}

void dmn_run(const struct program *program, int element, struct evaluation *evaluation, const struct frame *globals) {
    const struct dmn_element *detail = &program->details[element];
    if (!detail->code) return;
    int before = evaluation->element;
    evaluation->element = element;
    struct value value;
    if (program->elements[element].kind == ELEMENT_DECISION) trace_add(evaluation, TRACE_DECISION_START, element, NULL);
    code_run(detail->code, evaluation, globals, &value);
    dmn_convert(program->elements[element].kind == ELEMENT_DECISION ? detail->type : NULL, evaluation, &value, &globals->slots[element]);
    if (program->elements[element].kind == ELEMENT_DECISION) trace_add(evaluation, TRACE_DECISION_END, element, &globals->slots[element]);
    evaluation->element = before;
}

struct plan {
    const struct program *program;
    int decision_count, input_count, step_count;
    int decisions[PLAN_DECISIONS_MAX], inputs[PLAN_INPUTS_MAX];
    int *steps;
};
int plan_make(const struct program *program, const int decisions[], int decision_count,
              const char *const input_names[], int input_count, struct problems *problems, struct plan **ret_plan) {
    (void)problems;
    struct plan *plan = calloc(1, sizeof *plan);
    plan->steps = calloc((size_t)program->element_count + 1, sizeof *plan->steps);
    plan->program = program;
    plan->decision_count = decision_count;
    plan->input_count = input_count;
    for (int i = 0; i < decision_count; i++) plan->decisions[i] = decisions[i];
    for (int i = 0; i < input_count; i++) plan->inputs[i] = program_find(program, ELEMENT_INPUT, input_names[i]);
    for (int o = 0; o < program->element_count; o++) {
        int index = program->order[o];
        bool wanted = false;
        for (int i = 0; i < decision_count; i++)
            wanted |= decisions[i] == index || dmn_needs(&program->details[decisions[i]], index);
        if (wanted && program->elements[index].kind != ELEMENT_INPUT) plan->steps[plan->step_count++] = index;
    }
    *ret_plan = plan;
    return QUOTE_OK;
}
void plan_free(struct plan *plan) {
    if (plan) free(plan->steps);
    free(plan);
}
int plan_evaluate(const struct plan *plan, const struct value inputs[], const struct moment *moment,
                  struct scratch *scratch, struct trace *trace, struct problems *problems, struct value ret_values[]) {
    const struct program *program = plan->program;
    struct evaluation evaluation = {.scratch = scratch, .moment = moment, .trace = trace, .problems = problems, .program = program};
    struct frame globals = {NULL, scratch_take(scratch, ((size_t)program->element_count + 1) * sizeof(struct value))};
    if (!globals.slots) return QUOTE_TOO_LARGE;
    memset(globals.slots, 0, ((size_t)program->element_count + 1) * sizeof(struct value));
    for (int i = 0; i < plan->input_count; i++)
        if (plan->inputs[i] >= 0)
            dmn_convert(program->details[plan->inputs[i]].type, &evaluation, &inputs[i], &globals.slots[plan->inputs[i]]);
    for (int i = 0; i < plan->step_count && !evaluation.status; i++)
        dmn_run(program, plan->steps[i], &evaluation, &globals);
    for (int i = 0; i < plan->decision_count; i++) ret_values[i] = globals.slots[plan->decisions[i]];
    return evaluation.status;
}
int program_evaluate(const struct program *program, int element, const struct value *inputs,
                     const struct moment *moment, struct scratch *scratch, struct trace *trace,
                     struct problems *problems, struct value *ret_value) {
    const char *names[PLAN_INPUTS_MAX];
    struct value values[PLAN_INPUTS_MAX];
    int count = 0;
    for (int i = 0; i < program->element_count && count < PLAN_INPUTS_MAX; i++) {
        if (program->elements[i].kind != ELEMENT_INPUT) continue;
        const struct value *found = value_entry_find(inputs, program->elements[i].name, strlen(program->elements[i].name));
        names[count] = program->elements[i].name;
        values[count++] = found ? *found : value_null();
    }
    struct plan *plan;
    int status = plan_make(program, &element, 1, names, count, problems, &plan);
    if (status) return status;
    status = plan_evaluate(plan, values, moment, scratch, trace, problems, ret_value);
    plan_free(plan);
    return status;
}
