/* Cells, inputs and outputs of a table to code; constant output cells to values of their type.
 * Hit policies are run in dmn_table_run.c, the index is built in dmn_table_index.c. */
#include <stdlib.h>
#include <string.h>

#include "dmn.h"
#include "dmn_table.h"
#include "feel_code.h"

enum { CONSTANT_SCRATCH_BYTES = 64 * 1024, VALUES_SCRATCH_BYTES = 4 * 1024 };

struct table_code {
    struct code code;
    const struct table *table;
};

static void table_code_run(const struct code *code, struct evaluation *evaluation,
                           const struct frame *frame, struct value *ret_value) {
    table_run(((const struct table_code *)code)->table, evaluation, frame, ret_value);
}

/* 850-1000 is a number in FEEL, and in spreadsheets a range. */
static bool test_check(struct dmn *dmn, const struct table_test *test) {
    for (int i = 0; dmn->compiler.careful && i < test->node->item_count; i++) {
        const struct node *item = test->node->items[i];
        if (item->kind != NODE_SUBTRACT || item->a->kind != NODE_LITERAL ||
            item->b->kind != NODE_LITERAL)
            continue;
        dmn_fail(dmn, item->line, "%.60s is a subtraction: write a range as [from..to], or as "
                 "[from..to) without its end", test->text);
        return false;
    }
    return true;
}

static bool input_compile(struct dmn *dmn, const struct scope *scope, struct table_input *input) {
    const char *name = input->label ? input->label : input->text;
    size_t place = dmn_place_add(dmn, ", input %s", name);
    input->code = boxed_compile(dmn, scope, input->node);
    if (input->allowed_node) input->allowed = boxed_compile(dmn, scope, input->allowed_node);
    dmn_place_cut(dmn, place);
    for (int i = 0; i < input->test_count && !dmn->failed; i++) {
        struct table_test *test = &input->tests[i];
        place = dmn_place_add(dmn, ", row %d, column %s", test->row + 1, name);
        test->any = test->node->kind == NODE_TESTS && !test->node->item_count &&
                    !test->node->negated;
        test->code = test_check(dmn, test) ? boxed_compile(dmn, scope, test->node) : NULL;
        if (test->code && !table_read_atoms(&dmn->compiler, scope, test)) dmn->failed = true;
        dmn_place_cut(dmn, place);
    }
    return !dmn->failed;
}

/* A constant, converted to the output's type while compiling. Its parts lie in program memory. */
static bool constant_keep(struct dmn *dmn, const struct type *type, const struct value *constant,
                          int line, struct value *ret_value) {
    if (!type) {
        *ret_value = *constant;
        return true;
    }
    struct scratch scratch;
    void *memory = NULL;
    if (type->kind == TYPE_LIST || type->kind == TYPE_CONTEXT || constant->kind == VALUE_LIST ||
        constant->kind == VALUE_CONTEXT || type->allowed || type->kind == TYPE_DATE_TIME) {
        memory = dmn_take(dmn, 1, CONSTANT_SCRATCH_BYTES);
        if (!memory) return false;
    }
    scratch_init(&scratch, memory, memory ? CONSTANT_SCRATCH_BYTES : 0);
    struct moment moment = {0};
    struct evaluation evaluation = {.scratch = &scratch, .moment = &moment,
                                    .steps_left = scratch.steps_max};
    struct value value = *constant;
    dmn_convert(type, &evaluation, &value);
    if (evaluation.status != QUOTE_OK) return false;
    if (value.kind == VALUE_NULL && constant->kind != VALUE_NULL)
        dmn_refuse(dmn, line, "%s does not fit the output's type %s%s", value_kind_name(constant),
                   type->name ? type->name : "",
                   type->kind == TYPE_NUMBER && constant->kind == VALUE_TEXT
                       ? ": write it without quotation marks" : "");
    *ret_value = value;
    return true;
}

static bool cell_compile(struct dmn *dmn, const struct scope *scope, const struct type *type,
                         struct table_cell *cell) {
    cell->code = boxed_compile(dmn, scope, cell->node);
    const struct value *constant = cell->code ? code_constant(cell->code) : NULL;
    if (constant && constant->kind != VALUE_FUNCTION &&
        constant_keep(dmn, type, constant, cell->line, &cell->value))
        cell->code = NULL;
    return !dmn->failed;
}

/* The output values, most important first, each as unary tests of its own. */
static bool values_compile(struct dmn *dmn, const struct scope *scope,
                           struct table_output *output) {
    struct node *all = output->values_node;
    if (!all || all->kind != NODE_TESTS) return true;
    output->values = dmn_take(dmn, (size_t)all->item_count, sizeof *output->values);
    if (!output->values) return false;
    for (int i = 0; i < all->item_count; i++) {
        struct node *one = node_new(&dmn->compiler, NODE_TESTS, all->line);
        if (!one) return false;
        one->items = &all->items[i];
        one->item_count = 1;
        const struct code *code = boxed_compile(dmn, scope, one);
        if (!code) return false;
        output->values[output->value_count++] = code;
    }
    return true;
}

/* A constant that is none of the output values that its table declares is a slip of either. */
static bool values_check(struct dmn *dmn, const struct table_output *output) {
    const struct frame none = {0};
    struct scratch scratch;
    void *memory = output->value_count ? arena_take(dmn->texts, VALUES_SCRATCH_BYTES) : NULL;
    for (int i = 0; memory && i < output->cell_count; i++) {
        const struct table_cell *cell = &output->cells[i];
        struct moment moment = {0};
        bool found = cell->code || cell->value.kind == VALUE_NULL || cell->value.kind == VALUE_LIST;
        scratch_init(&scratch, memory, VALUES_SCRATCH_BYTES);
        struct evaluation evaluation = {.scratch = &scratch, .moment = &moment,
                                        .steps_left = scratch.steps_max};
        for (int j = 0; j < output->value_count && !found; j++)
            found = tests_match(output->values[j], &evaluation, &none, &cell->value) ||
                    evaluation.status != QUOTE_OK;
        if (found) continue;
        size_t place = dmn_place_add(dmn, ", row %d, output %s", cell->row + 1, output->name);
        (dmn->compiler.careful ? dmn_fail : dmn_warn)(
            dmn, cell->line, "%.60s is none of the output values of its column: mend the cell, or "
            "add it to them", cell->text);
        dmn_place_cut(dmn, place);
    }
    return memory || !output->value_count;
}

/* In a product, a row that decides a number says which. */
static void cell_check(struct dmn *dmn, const struct table *table,
                       const struct table_output *output, const struct table_cell *cell) {
    if (dmn->purpose == DMN_PROOF && table->policy <= HIT_FIRST && output->type &&
        output->type->kind == TYPE_NUMBER && cell->text[strspn(cell->text, " \t\r\n")] == 0)
        dmn_fail(dmn, cell->line ? cell->line : table->row_lines[cell->row],
                 "the cell is empty: give a number, or null where there is to be none");
}

static bool output_compile(struct dmn *dmn, const struct scope *scope, const struct table *table,
                           struct table_output *output) {
    for (int i = 0; i < output->cell_count; i++) {
        struct table_cell *cell = &output->cells[i];
        size_t place = dmn_place_add(dmn, ", row %d, output %s", cell->row + 1, output->name);
        cell_check(dmn, table, output, cell);
        bool fine = cell_compile(dmn, scope, output->type, cell);
        dmn_place_cut(dmn, place);
        if (!fine) return false;
    }
    size_t place = dmn_place_add(dmn, ", output %s", output->name);
    bool fine = (!output->fallback || cell_compile(dmn, scope, output->type, output->fallback)) &&
                values_compile(dmn, scope, output);
    dmn_place_cut(dmn, place);
    return fine && (dmn->compiler.lenient || values_check(dmn, output));
}

/* The engine can only rank by output values; without them the policy means nothing. */
static void priority_check(struct dmn *dmn, const struct table *table) {
    if (table->policy != HIT_PRIORITY && table->policy != HIT_OUTPUT_ORDER) return;
    for (int i = 0; i < table->output_count; i++)
        if (table->outputs[i].value_count) return;
    dmn_refuse(dmn, table->line, "hit policy %s needs output values, most important first",
               table->policy_name);
}

static void height_raise(const struct code *code, int *height) {
    if (code && code->height >= *height) *height = code->height + 1;
}

static int table_height(const struct table *table) {
    int height = 1;
    for (int i = 0; i < table->input_count; i++) {
        const struct table_input *input = &table->inputs[i];
        height_raise(input->code, &height);
        height_raise(input->allowed, &height);
        for (int j = 0; j < input->test_count; j++) height_raise(input->tests[j].code, &height);
    }
    for (int i = 0; i < table->output_count; i++) {
        const struct table_output *output = &table->outputs[i];
        for (int j = 0; j < output->cell_count; j++) height_raise(output->cells[j].code, &height);
        if (output->fallback) height_raise(output->fallback->code, &height);
    }
    return height;
}

const struct code *table_compile(struct compiler *compiler, const struct scope *scope,
                                 struct node *node) {
    struct table *table = node->table;
    struct dmn *dmn = table->dmn;
    bool fine = true;
    for (int i = 0; i < table->input_count && fine; i++)
        fine = input_compile(dmn, scope, &table->inputs[i]);
    for (int i = 0; i < table->output_count && fine; i++)
        fine = output_compile(dmn, scope, table, &table->outputs[i]);
    if (!fine) {
        dmn->failed = true;
        return NULL;
    }
    priority_check(dmn, table);
    struct table_code *code = arena_take(compiler->arena, sizeof *code);
    if (!code || !table_key_columns(table) || !table_index(table)) {
        dmn->failed = true;
        dmn->status = QUOTE_NO_MEMORY;
        return NULL;
    }
    table_check(table);
    code->code.height = table_height(table);
    code->code.run = table_code_run;
    code->code.type = node->type;
    code->table = table;
    return dmn->failed ? NULL : &code->code;
}
