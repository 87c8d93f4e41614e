/* A decisionTable element to a struct table: columns, rules, and one parsed cell for each
 * distinct text of a column. Cells become code in dmn_table_compile.c. */
#include <stdlib.h>
#include <string.h>

#include "dmn.h"
#include "dmn_table.h"

/* Finds equal texts of one column while its rows are read. */
struct distinct {
    uint32_t *slots; /* cell + 1; 0: free */
    size_t slot_count;
};

static size_t text_hash(const char *text, uint32_t length) {
    uint64_t hash = 1469598103934665603u;
    for (uint32_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 1099511628211u;
    return (size_t)(hash ^ hash >> 31);
}

static bool read_policy(const char *name, const char *aggregation, enum hit_policy *ret_policy,
                        const char **ret_name) {
    static const struct {
        const char *name, *aggregation, *said;
        enum hit_policy policy;
    } policies[] = {{"UNIQUE", NULL, "UNIQUE", HIT_UNIQUE},
                    {"ANY", NULL, "ANY", HIT_ANY},
                    {"PRIORITY", NULL, "PRIORITY", HIT_PRIORITY},
                    {"FIRST", NULL, "FIRST", HIT_FIRST},
                    {"RULE ORDER", NULL, "RULE ORDER", HIT_RULE_ORDER},
                    {"OUTPUT ORDER", NULL, "OUTPUT ORDER", HIT_OUTPUT_ORDER},
                    {"COLLECT", NULL, "COLLECT", HIT_COLLECT},
                    {"COLLECT", "SUM", "COLLECT SUM", HIT_SUM},
                    {"COLLECT", "COUNT", "COLLECT COUNT", HIT_COUNT},
                    {"COLLECT", "MIN", "COLLECT MIN", HIT_MIN},
                    {"COLLECT", "MAX", "COLLECT MAX", HIT_MAX}};
    bool collect = strcmp(name, "COLLECT") == 0;
    if (!collect || !aggregation || !*aggregation) aggregation = NULL;
    for (size_t i = 0; i < sizeof policies / sizeof *policies; i++) {
        if (strcmp(name, policies[i].name) != 0) continue;
        const char *wanted = policies[i].aggregation;
        if (wanted ? !aggregation || strcmp(wanted, aggregation) != 0 : aggregation != NULL)
            continue;
        *ret_policy = policies[i].policy;
        *ret_name = policies[i].said;
        return true;
    }
    return false;
}

static struct node *tests_read(struct dmn *dmn, const struct scope *scope, const struct type *type,
                               const char *text, uint32_t length, int line) {
    struct node *node = feel_parse_tests(&dmn->compiler, scope, type, text, length, line);
    return node ? node : boxed_null_tests(dmn, line, "the tests could not be read");
}

static const char *text_copy(struct dmn *dmn, const struct xml_element *text) {
    return text ? dmn_copy(dmn, text->text) : "";
}

static bool input_read(struct dmn *dmn, const struct scope *scope, const struct xml_element *xml,
                       struct table_input *input) {
    const struct xml_element *expression = xml_child(xml, "inputExpression");
    const struct xml_element *text = expression ? xml_child(expression, "text") : NULL;
    const struct xml_element *values = xml_child(xml, "inputValues");
    const char *label = xml_attribute(xml, "label");
    input->label = label && *label ? dmn_copy(dmn, label) : NULL;
    input->text = text_copy(dmn, text);
    if (!text || !text->text_length) {
        dmn_refuse(dmn, xml->line, "an input column has no expression");
        input->node = boxed_null(dmn, xml->line, "an input column has no expression");
        return input->node != NULL;
    }
    size_t place = dmn_place_add(dmn, ", input %s", input->label ? input->label : input->text);
    input->type = dmn_type(dmn, xml_attribute(expression, "typeRef"), expression->line);
    input->node = boxed_text(dmn, scope, text->text, text->text_length, text->line);
    const struct xml_element *allowed = values ? xml_child(values, "text") : NULL;
    if (input->node && allowed && allowed->text_length)
        input->allowed_node = tests_read(dmn, scope, input->type, text_copy(dmn, allowed),
                                         allowed->text_length, allowed->line);
    dmn_place_cut(dmn, place);
    return input->node && !dmn->failed;
}

static bool output_read(struct dmn *dmn, const struct scope *scope, const struct xml_element *xml,
                        struct table_output *output) {
    const struct xml_element *values = xml_child(xml, "outputValues");
    const struct xml_element *fallback = xml_child(xml, "defaultOutputEntry");
    const char *name = xml_attribute(xml, "name"), *label = xml_attribute(xml, "label");
    output->name = dmn_copy(dmn, name ? name : "");
    output->label = label && *label ? dmn_copy(dmn, label) : NULL;
    if (!output->name) return false;
    output->name_length = (uint32_t)strlen(output->name);
    size_t place = dmn_place_add(dmn, ", output %s", output->name);
    output->type = dmn_type(dmn, xml_attribute(xml, "typeRef"), xml->line);
    const struct xml_element *text = values ? xml_child(values, "text") : NULL;
    if (text && text->text_length)
        output->values_node = tests_read(dmn, scope, output->type, text_copy(dmn, text),
                                         text->text_length, text->line);
    text = fallback ? xml_child(fallback, "text") : NULL;
    if (text && text->text_length) {
        output->fallback = dmn_take(dmn, 1, sizeof *output->fallback);
        if (!output->fallback) return false;
        output->fallback->text = text_copy(dmn, text);
        output->fallback->length = text->text_length;
        output->fallback->line = text->line;
        output->fallback->node =
            boxed_text(dmn, scope, text->text, text->text_length, text->line);
    }
    dmn_place_cut(dmn, place);
    return !dmn->failed;
}

/* ---- rules ---------------------------------------------------------------------------------- */

/* One entry of a rule; a missing <text> is an empty one. */
static const struct xml_element *entry_text(const struct xml_element *entry) {
    static const struct xml_element empty = {.name = "text", .text = ""};
    const struct xml_element *text = entry ? xml_child(entry, "text") : NULL;
    return text ? text : &empty;
}

/* The cell with that text, or the number of cells when it is new. */
static int distinct_find(struct distinct *distinct, const char *text, uint32_t length,
                         const void *cells, size_t cell_size, int count) {
    size_t slot = text_hash(text, length) % distinct->slot_count;
    for (; distinct->slots[slot]; slot = (slot + 1) % distinct->slot_count) {
        /* A test and an output cell both begin with their text and its length. */
        const struct table_test *cell =
            (const void *)((const char *)cells + (distinct->slots[slot] - 1) * cell_size);
        if (cell->length == length && memcmp(cell->text, text, length) == 0)
            return (int)distinct->slots[slot] - 1;
    }
    distinct->slots[slot] = (uint32_t)count + 1;
    return count;
}

_Static_assert(offsetof(struct table_test, text) == offsetof(struct table_cell, text) &&
                   offsetof(struct table_test, length) == offsetof(struct table_cell, length),
               "distinct_find reads both alike");

/* Room for one more cell: doubles, by copying to new memory of the program. */
static void *cells_grow(struct dmn *dmn, void *cells, int count, size_t size) {
    if (count && (count < 8 || (count & (count - 1)))) return cells;
    int capacity = count ? count * 2 : 8;
    void *grown = dmn_take(dmn, (size_t)capacity, size);
    if (grown && count) memcpy(grown, cells, (size_t)count * size);
    return grown;
}

static const char *column_name(const struct table_input *input) {
    return input->label ? input->label : input->text;
}

static bool test_add(struct dmn *dmn, const struct scope *scope, struct table_input *input,
                     struct distinct *distinct, const struct xml_element *text, int row) {
    int at = distinct_find(distinct, text->text, text->text_length, input->tests,
                           sizeof *input->tests, input->test_count);
    input->row_tests[row] = (uint32_t)at;
    if (at < input->test_count) return true;
    input->tests = cells_grow(dmn, input->tests, at, sizeof *input->tests);
    if (!input->tests) return false;
    struct table_test *test = &input->tests[input->test_count];
    *test = (struct table_test){.text = dmn_copy(dmn, text->text),
                                .length = text->text_length,
                                .line = text->line,
                                .row = row};
    if (!test->text) return false;
    input->test_count++;
    size_t place = dmn_place_add(dmn, ", row %d, column %s", row + 1, column_name(input));
    const struct type *type = input->type ? input->type : boxed_type(dmn, input->node);
    test->node = tests_read(dmn, scope, type, test->text, test->length, test->line);
    dmn_place_cut(dmn, place);
    return test->node != NULL;
}

static bool cell_add(struct dmn *dmn, const struct scope *scope, struct table_output *output,
                     struct distinct *distinct, const struct xml_element *text, int row) {
    int at = distinct_find(distinct, text->text, text->text_length, output->cells,
                           sizeof *output->cells, output->cell_count);
    output->row_cells[row] = (uint32_t)at;
    if (at < output->cell_count) return true;
    output->cells = cells_grow(dmn, output->cells, at, sizeof *output->cells);
    if (!output->cells) return false;
    struct table_cell *cell = &output->cells[output->cell_count];
    *cell = (struct table_cell){.text = dmn_copy(dmn, text->text),
                                .length = text->text_length,
                                .line = text->line,
                                .row = row};
    if (!cell->text) return false;
    output->cell_count++;
    size_t blanks = strspn(cell->text, " \t\r\n");
    if (!cell->text[blanks] || (cell->text[blanks] == '-' && !cell->text[blanks + 1])) {
        cell->node = node_new(&dmn->compiler, NODE_LITERAL, text->line); /* says nothing: null */
        return cell->node != NULL;
    }
    size_t place = dmn_place_add(dmn, ", row %d, output %s", row + 1, output->name);
    cell->node = boxed_text(dmn, scope, cell->text, cell->length, cell->line);
    dmn_place_cut(dmn, place);
    return cell->node != NULL;
}

/* The annotations of a rule in one text; NULL when it has none. */
static const char *note_read(struct dmn *dmn, const struct xml_element *rule) {
    size_t size = 0;
    for (const struct xml_element *x = xml_child(rule, "annotationEntry"); x; x = xml_next(x))
        size += entry_text(x)->text_length + 2;
    const struct xml_element *description = xml_child(rule, "description");
    if (!size) return description && description->text_length ? dmn_copy(dmn, description->text)
                                                              : NULL;
    char *note = dmn_take(dmn, size, 1);
    size_t length = 0;
    for (const struct xml_element *x = xml_child(rule, "annotationEntry"); note && x;
         x = xml_next(x)) {
        const struct xml_element *text = entry_text(x);
        if (!text->text_length) continue;
        if (length) memcpy(note + length, "; ", 2), length += 2;
        memcpy(note + length, text->text, text->text_length);
        length += text->text_length;
    }
    return length ? note : NULL;
}

/* Lenient mode lets entries be left out: they are empty. */
static bool rule_count_fits(struct dmn *dmn, const struct table *table,
                            const struct xml_element *rule, int row) {
    int inputs = xml_count(rule, "inputEntry"), outputs = xml_count(rule, "outputEntry");
    if (inputs == table->input_count && outputs == table->output_count) return true;
    if (dmn->compiler.lenient && inputs <= table->input_count && outputs <= table->output_count)
        return true;
    dmn_fail(dmn, rule->line,
             "row %d has %d inputs and %d outputs, where the table has %d and %d: give it a cell "
             "for each column", row + 1, inputs, outputs, table->input_count, table->output_count);
    return false;
}

static bool rule_read(struct dmn *dmn, const struct scope *scope, struct table *table,
                      struct distinct *distinct, const struct xml_element *rule, int row) {
    if (!rule_count_fits(dmn, table, rule, row)) return false;
    const char *id = xml_attribute(rule, "id");
    table->row_lines[row] = rule->line;
    if (id && *id) table->row_ids[row] = dmn_copy(dmn, id);
    table->row_notes[row] = note_read(dmn, rule);
    const struct xml_element *entry = xml_child(rule, "inputEntry");
    for (int i = 0; i < table->input_count; i++, entry = entry ? xml_next(entry) : NULL)
        if (!test_add(dmn, scope, &table->inputs[i], &distinct[i], entry_text(entry), row))
            return false;
    entry = xml_child(rule, "outputEntry");
    for (int i = 0; i < table->output_count; i++, entry = entry ? xml_next(entry) : NULL)
        if (!cell_add(dmn, scope, &table->outputs[i], &distinct[table->input_count + i],
                      entry_text(entry), row))
            return false;
    return true;
}

static bool rules_read(struct dmn *dmn, const struct scope *scope, struct table *table,
                       const struct xml_element *xml) {
    size_t rows = (size_t)table->row_count;
    int columns = table->input_count + table->output_count, row = 0;
    table->row_lines = dmn_take(dmn, rows, sizeof *table->row_lines);
    table->row_ids = dmn_take(dmn, rows, sizeof *table->row_ids);
    table->row_notes = dmn_take(dmn, rows, sizeof *table->row_notes);
    for (int i = 0; i < table->input_count; i++)
        table->inputs[i].row_tests = dmn_take(dmn, rows, sizeof(uint32_t));
    for (int i = 0; i < table->output_count; i++)
        table->outputs[i].row_cells = dmn_take(dmn, rows, sizeof(uint32_t));
    struct distinct distinct[TABLE_INPUTS_MAX + TABLE_OUTPUTS_MAX] = {0};
    bool fine = !dmn->failed;
    for (int i = 0; i < columns && fine; i++) {
        distinct[i].slot_count = rows * 2 + 1;
        distinct[i].slots = calloc(distinct[i].slot_count, sizeof *distinct[i].slots);
        fine = distinct[i].slots != NULL;
    }
    if (!fine) dmn->failed = true, dmn->status = QUOTE_NO_MEMORY;
    for (const struct xml_element *x = xml_child(xml, "rule"); x && fine; x = xml_next(x))
        fine = rule_read(dmn, scope, table, distinct, x, row++);
    for (int i = 0; i < columns; i++) free(distinct[i].slots);
    return fine && !dmn->failed;
}

/* ---- the table ------------------------------------------------------------------------------ */

static bool columns_read(struct dmn *dmn, const struct scope *scope, struct table *table,
                         const struct xml_element *xml) {
    int at = 0;
    for (const struct xml_element *x = xml_child(xml, "input"); x; x = xml_next(x))
        if (!input_read(dmn, scope, x, &table->inputs[at++])) return false;
    at = 0;
    for (const struct xml_element *x = xml_child(xml, "output"); x; x = xml_next(x)) {
        struct table_output *output = &table->outputs[at++];
        if (!output_read(dmn, scope, x, output)) return false;
        table->has_fallback |= output->fallback != NULL;
        if (table->output_count > 1 && !*output->name)
            dmn_refuse(dmn, x->line, "an output of several has no name");
    }
    return !dmn->failed;
}

static bool table_size_fits(struct dmn *dmn, const struct table *table) {
    if (table->input_count > TABLE_INPUTS_MAX || table->output_count > TABLE_OUTPUTS_MAX ||
        table->row_count > TABLE_ROWS_MAX) {
        dmn_fail(dmn, table->line, "a table can have at most %d inputs, %d outputs and %d rows",
                 TABLE_INPUTS_MAX, TABLE_OUTPUTS_MAX, TABLE_ROWS_MAX);
        return false;
    }
    if (!table->output_count) {
        dmn_refuse(dmn, table->line, "the table has no output");
        return false;
    }
    if (dmn->table_count == DMN_TABLES_MAX) {
        dmn_fail(dmn, table->line, "an element can have at most %d tables", DMN_TABLES_MAX);
        return false;
    }
    return true;
}

/* What the table gives, when its outputs say it. */
static const struct type *result_type(struct dmn *dmn, const struct table *table) {
    if (table->policy >= HIT_SUM) return type_builtin(TYPE_NUMBER);
    const struct type *item = table->outputs[0].type;
    if (table->output_count > 1) {
        struct type *row = dmn_take(dmn, 1, sizeof *row);
        struct type_component *components =
            dmn_take(dmn, (size_t)table->output_count, sizeof *components);
        if (!row || !components) return NULL;
        for (int i = 0; i < table->output_count; i++) {
            const struct table_output *output = &table->outputs[i];
            components[i] = (struct type_component){
                .name = output->name,
                .name_length = output->name_length,
                .type = output->type ? output->type : type_builtin(TYPE_ANY)};
        }
        *row = (struct type){.kind = TYPE_CONTEXT,
                             .components = components,
                             .component_count = table->output_count};
        item = row;
    }
    bool several = table->policy == HIT_RULE_ORDER || table->policy == HIT_OUTPUT_ORDER ||
                   table->policy == HIT_COLLECT;
    if (!several || !item) return several ? NULL : item;
    struct type *list = dmn_take(dmn, 1, sizeof *list);
    if (list) *list = (struct type){.kind = TYPE_LIST, .item = item};
    return list;
}

struct node *table_read(struct dmn *dmn, const struct scope *scope,
                        const struct xml_element *xml) {
    struct table *table = dmn_take(dmn, 1, sizeof *table);
    struct node *node = node_new(&dmn->compiler, NODE_TABLE, xml->line);
    if (!table || !node) return NULL;
    const char *policy = xml_attribute(xml, "hitPolicy");
    const char *aggregation = xml_attribute(xml, "aggregation");
    table->line = xml->line;
    table->dmn = dmn;
    table->input_count = xml_count(xml, "input");
    table->output_count = xml_count(xml, "output");
    table->row_count = xml_count(xml, "rule");
    if (!read_policy(policy && *policy ? policy : "UNIQUE", aggregation, &table->policy,
                     &table->policy_name)) {
        dmn_refuse(dmn, xml->line, "unknown hit policy %s%s%s: use UNIQUE, ANY, PRIORITY, FIRST, "
                   "RULE ORDER, OUTPUT ORDER, or COLLECT with SUM, COUNT, MIN or MAX",
                   policy ? policy : "UNIQUE", aggregation ? " " : "",
                   aggregation ? aggregation : "");
        return boxed_null(dmn, xml->line, "unknown hit policy");
    }
    if (!table_size_fits(dmn, table)) return boxed_null(dmn, xml->line, "a table without output");
    table->inputs = dmn_take(dmn, (size_t)table->input_count, sizeof *table->inputs);
    table->outputs = dmn_take(dmn, (size_t)table->output_count, sizeof *table->outputs);
    if (!table->inputs || !table->outputs || !columns_read(dmn, scope, table, xml) ||
        !rules_read(dmn, scope, table, xml)) {
        dmn->failed = true;
        return NULL;
    }
    table->element = dmn->element;
    table->index = dmn->table_count;
    dmn->tables[dmn->table_count++] = table;
    node->table = table;
    node->type = result_type(dmn, table);
    return node;
}
