/* program_compile: from sources to a program. Elements are compiled in the order of their
 * requirements, each seeing the names that it requires and no others. All elements share one frame
 * of globals at run time; an element's slot is its index. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dmn.h"
#include "dmn_table.h"

/* ---- names that an element sees ------------------------------------------------------------- */

/* How a model calls an element: an imported one has the import's name before it. */
static const char *name_seen(struct dmn *dmn, int model, int element) {
    const struct dmn_element *detail = &dmn->program->details[element];
    if (detail->model == model) return detail->name;
    const struct dmn_model *importing = &dmn->models[model];
    for (int i = 0; i < importing->import_count; i++) {
        const struct dmn_import *import = &importing->imports[i];
        if (import->model != detail->model || !*import->name) continue;
        size_t size = strlen(import->name) + strlen(detail->name) + 2;
        char *name = dmn_take(dmn, size, 1);
        if (!name) return detail->name;
        snprintf(name, size, "%s.%s", import->name, detail->name);
        return name;
    }
    return detail->name;
}

static void name_show(struct dmn *dmn, int model, int element) {
    struct binding *binding = &dmn->globals[element];
    binding->name = name_seen(dmn, model, element);
    binding->name_length = (uint32_t)strlen(binding->name);
    binding->type = dmn->program->details[element].known;
}

static void names_show(struct dmn *dmn, int element, bool show) {
    const struct element *public = &dmn->program->elements[element];
    int model = dmn->program->details[element].model;
    for (int i = 0; i < public->require_count; i++) {
        if (show) name_show(dmn, model, public->requires[i]);
        else dmn->globals[public->requires[i]] = (struct binding){.name = ""};
    }
    if (public->kind != ELEMENT_KNOWLEDGE) return;
    if (show) name_show(dmn, model, element); /* it may call itself */
    else dmn->globals[element] = (struct binding){.name = ""};
}

/* For a name that the model has, but that the element under compilation does not require. */
static const char *name_advice(void *context, const char *name, uint32_t length) {
    const struct dmn *dmn = context;
    const struct program *program = dmn->program;
    for (int i = 0; i < program->element_count; i++) {
        const struct dmn_element *other = &program->details[i];
        enum element_kind kind = program->elements[i].kind;
        if (other->model != dmn->model || strlen(other->name) != length ||
            memcmp(other->name, name, length) != 0)
            continue;
        return kind == ELEMENT_INPUT || kind == ELEMENT_DECISION
                   ? "the model has it, but this does not require it: add an informationRequirement"
                   : "the model has it, but this does not require it: add a knowledgeRequirement";
    }
    return NULL;
}

/* ---- tables, for explanations --------------------------------------------------------------- */

static bool table_describe(struct dmn *dmn, const struct table *table,
                           struct element_table *ret_table) {
    struct element_table_column *inputs =
        dmn_take(dmn, (size_t)table->input_count, sizeof *inputs);
    struct element_table_column *outputs =
        dmn_take(dmn, (size_t)table->output_count, sizeof *outputs);
    if (!inputs || !outputs) return false;
    for (int i = 0; i < table->input_count; i++)
        inputs[i] = (struct element_table_column){.text = table->inputs[i].text,
                                                  .label = table->inputs[i].label};
    for (int i = 0; i < table->output_count; i++)
        outputs[i] = (struct element_table_column){.text = table->outputs[i].name,
                                                   .label = table->outputs[i].label};
    *ret_table = (struct element_table){.hit_policy = table->policy_name,
                                        .inputs = inputs,
                                        .outputs = outputs,
                                        .input_count = table->input_count,
                                        .output_count = table->output_count,
                                        .row_count = table->row_count};
    return true;
}

static void tables_keep(struct dmn *dmn, int element) {
    struct element *public = &dmn->program->elements[element];
    struct dmn_element *detail = &dmn->program->details[element];
    size_t count = (size_t)dmn->table_count;
    struct element_table *described = dmn_take(dmn, count, sizeof *described);
    detail->tables = dmn_take(dmn, count, sizeof *detail->tables);
    if (!described || !detail->tables) return;
    for (int i = 0; i < dmn->table_count; i++) {
        detail->tables[i] = dmn->tables[i];
        detail->tables[i]->dmn = NULL;
        if (!table_describe(dmn, dmn->tables[i], &described[i])) return;
    }
    public->tables = described;
    public->table_count = dmn->table_count;
}

/* ---- elements ------------------------------------------------------------------------------- */

static void decision_compile(struct dmn *dmn, int element) {
    struct dmn_element *detail = &dmn->program->details[element];
    const struct xml_element *logic = boxed_find(detail->xml);
    if (!logic) {
        if (dmn->compiler.careful)
            dmn_fail(dmn, detail->xml->line,
                     "it has no logic, so that its value is null: give it a table or a formula");
        else if (!dmn->compiler.lenient)
            dmn_warn(dmn, detail->xml->line, "it has no logic: its value is null");
        return;
    }
    struct node *node = boxed_read(dmn, &dmn->scope, logic);
    if (!node) return;
    detail->code = boxed_compile(dmn, &dmn->scope, node);
    if (detail->code && !detail->type) detail->known = detail->code->type;
}

static void knowledge_compile(struct dmn *dmn, int element) {
    struct dmn_element *detail = &dmn->program->details[element];
    const struct xml_element *logic = xml_child(detail->xml, "encapsulatedLogic");
    if (!logic) {
        if (!dmn->compiler.lenient)
            dmn_warn(dmn, detail->xml->line, "it has no logic: its value is null");
        return;
    }
    struct node *node = boxed_function(dmn, &dmn->scope, logic);
    if (!node) return;
    bool function = detail->type && detail->type->kind == TYPE_FUNCTION;
    const struct type *result = function ? detail->type->result : detail->type;
    if (result && node->kind == NODE_FUNCTION) {
        struct node *body = node_new(&dmn->compiler, NODE_CONVERT, node->line);
        if (!body) return;
        body->a = node->a;
        body->type = result;
        node->a = body;
    }
    detail->code = boxed_compile(dmn, &dmn->scope, node);
    detail->known = detail->code ? detail->code->type : NULL;
    detail->type = NULL;
}

static void element_compile(struct dmn *dmn, int element) {
    struct element *public = &dmn->program->elements[element];
    struct dmn_element *detail = &dmn->program->details[element];
    dmn->element = element;
    dmn->model = detail->model;
    dmn->table_count = 0;
    dmn->compiler.file = dmn->models[detail->model].file;
    dmn_place(dmn, "%s %s",
              public->kind == ELEMENT_INPUT       ? "input"
              : public->kind == ELEMENT_DECISION  ? "decision"
              : public->kind == ELEMENT_KNOWLEDGE ? "knowledge model"
                                                  : "decision service",
              public->name);
    detail->type = dmn_type(dmn, public->type, detail->xml->line);
    detail->known = public->kind == ELEMENT_INPUT || public->kind == ELEMENT_DECISION
                        ? detail->type
                        : NULL;
    names_show(dmn, element, true);
    if (public->kind == ELEMENT_DECISION) decision_compile(dmn, element);
    if (public->kind == ELEMENT_KNOWLEDGE) knowledge_compile(dmn, element);
    names_show(dmn, element, false);
    tables_keep(dmn, element);
}

static void service_compile(struct dmn *dmn, int element) {
    dmn->compiler.file = dmn->models[dmn->program->details[element].model].file;
    dmn_place(dmn, "decision service %s", dmn->program->elements[element].name);
    dmn_read_service(dmn, element);
}

static int name_compare(const void *a, const void *b) {
    const struct dmn_element *first = *(const struct dmn_element *const *)a;
    const struct dmn_element *second = *(const struct dmn_element *const *)b;
    if (first->model != second->model) return first->model - second->model;
    return strcmp(first->name, second->name);
}

/* Two elements of one name could not be told apart in expressions. */
static void names_check(struct dmn *dmn) {
    struct program *program = dmn->program;
    size_t count = (size_t)program->element_count;
    const struct dmn_element **sorted = arena_take_array(dmn->texts, count, sizeof *sorted);
    if (!sorted) {
        dmn->failed = true;
        dmn->status = QUOTE_NO_MEMORY;
        return;
    }
    for (size_t i = 0; i < count; i++) sorted[i] = &program->details[i];
    if (count) qsort(sorted, count, sizeof(const struct dmn_element *), name_compare);
    for (size_t i = 1; i < count; i++) {
        if (name_compare(&sorted[i - 1], &sorted[i]) != 0) continue;
        dmn->compiler.file = dmn->models[sorted[i]->model].file;
        dmn_place(dmn, "%s %s", sorted[i]->xml->name, sorted[i]->name);
        dmn_refuse(dmn, sorted[i]->xml->line, "this name stands on line %d as well: rename one",
                   sorted[i - 1]->xml->line);
    }
}

void dmn_compile_elements(struct dmn *dmn) {
    struct program *program = dmn->program;
    size_t count = (size_t)program->element_count;
    dmn->compiler.name_advice = name_advice;
    names_check(dmn);
    dmn->globals = arena_take_array(dmn->texts, count + 1, sizeof *dmn->globals);
    if (!dmn->globals) {
        dmn->failed = true;
        dmn->status = QUOTE_NO_MEMORY;
        return;
    }
    for (size_t i = 0; i < count; i++) dmn->globals[i].name = "";
    dmn->scope =
        (struct scope){.bindings = dmn->globals, .binding_count = program->element_count};
    /* All that is wrong is said at once, as far as memory goes: a tariff has many cells. */
    for (int i = 0; i < program->element_count && dmn->status != QUOTE_NO_MEMORY; i++)
        element_compile(dmn, program->order[i]);
    /* A service stands before what it runs, whose types it needs to know. */
    for (int i = 0; i < program->element_count && dmn->status != QUOTE_NO_MEMORY; i++)
        if (program->elements[i].kind == ELEMENT_SERVICE) service_compile(dmn, i);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void program_fill(struct dmn *dmn, const struct source *model, const struct source *imports,
                         size_t import_count) {
    dmn_read(dmn, model, imports, import_count);
    if (!dmn->failed) dmn_index_ids(dmn);
    if (!dmn->failed) dmn_read_types(dmn);
    if (!dmn->failed) dmn_order(dmn);
    if (!dmn->failed) dmn_compile_elements(dmn);
    for (int i = 0; i < dmn->program->element_count; i++) {
        struct dmn_element *detail = &dmn->program->details[i];
        if (detail->xml) detail->line = detail->xml->line;
        detail->xml = NULL;
    }
}

int dmn_program_compile(const struct source *model, const struct source *imports,
                        size_t import_count, bool lenient, enum dmn_purpose purpose,
                        struct problems *problems, struct program **ret_program) {
    struct program *program = calloc(1, sizeof *program);
    struct dmn *dmn = calloc(1, sizeof *dmn);
    struct arena texts;
    if (!program || !dmn) {
        free(program);
        free(dmn);
        return QUOTE_NO_MEMORY;
    }
    arena_init(&program->arena, ARENA_LIMIT_BYTES);
    arena_init(&texts, ARENA_LIMIT_BYTES);
    dmn->program = program;
    dmn->texts = &texts;
    dmn->purpose = purpose;
    dmn->compiler = (struct compiler){
        .arena = &program->arena, .problems = problems, .lenient = lenient,
        .careful = purpose == DMN_PROOF, .place = dmn->place};
    int errors = problems->errors;
    program_fill(dmn, model, imports, import_count);
    int status = dmn->status;
    if (status == QUOTE_OK && dmn->failed) status = QUOTE_INVALID;
    /* Whatever else is said of a model that did not fit in memory need not be so. */
    if (program->arena.starved || texts.starved) status = QUOTE_NO_MEMORY;
    if (status == QUOTE_NO_MEMORY)
        problems_add(problems, false, model->name, 0, 0, "",
                     "the model needs more memory than there is");
    else if (status != QUOTE_OK && problems->errors == errors)
        problems_add(problems, false, model->name, 0, 0, "",
                     "the model cannot be used, for what the warnings say");
    arena_done(&texts);
    free(dmn);
    if (status != QUOTE_OK) {
        program_free(program);
        return status;
    }
    *ret_program = program;
    return QUOTE_OK;
}

int program_compile(const struct source *model, const struct source *imports, size_t import_count,
                    bool lenient, struct problems *problems, struct program **ret_program) {
    return dmn_program_compile(model, imports, import_count, lenient, DMN_ALONE, problems,
                               ret_program);
}

void program_free(struct program *program) {
    if (!program) return;
    arena_done(&program->arena);
    free(program);
}
