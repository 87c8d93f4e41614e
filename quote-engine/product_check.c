/* Does product.xml fit its model? Decisions and inputs that one of them lacks, inputs of another
 * type than their questions, outcomes and reasons that nobody knows. Then makes the plans. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dmn.h"
#include "dmn_table.h"
#include "product_inside.h"

/* ---- inputs -------------------------------------------------------------------------------- */

/* The type that the model must give the input: as FEEL names it; NULL where any will do. */
static const char *question_type_name(const struct product_question *question) {
    switch (question->type) {
    case QUESTION_TEXT:
    case QUESTION_CHOICE: return "string";
    case QUESTION_INTEGER:
    case QUESTION_DECIMAL:
    case QUESTION_MONEY: return "number";
    case QUESTION_DATE: return "date";
    case QUESTION_BOOLEAN: return "boolean";
    case QUESTION_CHOICES:
    case QUESTION_RECORDS: break;
    }
    return NULL;
}

static bool is_plain_type(const char *type) {
    static const char *const plain[] = {"string", "number", "date", "boolean", "time",
                                        "dateTime", "date and time"};
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(plain[i], type) == 0) return true;
    return false;
}

/* What the model declares of records must be asked for each. */
static void records_check(struct product_reader *reader, const struct product_question *question,
                          const struct type *type, const char *place) {
    if (type && type->kind == TYPE_LIST) type = type->item;
    for (int i = 0; type && type->kind == TYPE_CONTEXT && i < type->component_count; i++) {
        const struct type_component *component = &type->components[i];
        if (product_question_find(question->questions, question->question_count, component->name,
                                  component->name_length))
            continue;
        product_fail(reader, reader->product->question_lines[question -
                                                             reader->product->info.questions],
                     place, "the model's type %.80s has %.80s, which the question does not ask of "
                     "each: give both the same names", type->name ? type->name : "",
                     component->name);
    }
}

static void input_check(struct product_reader *reader, int element) {
    struct product *product = reader->product;
    const struct element *input = program_element(product->program, element);
    char place[PROBLEM_PLACE_MAX];
    snprintf(place, sizeof place, "input %.120s", input->name);
    const struct product_question *question = product_question_find(
        product->info.questions, product->info.question_count, input->name, strlen(input->name));
    bool is_date = strcmp(input->name, PRODUCT_EFFECTIVE_DATE) == 0;
    if (!question && !is_date) {
        product_fail(reader, product->model_line, place,
                     "the model asks for it, but there is no question of that name");
        return;
    }
    const char *wanted = is_date ? "date" : question_type_name(question);
    if (wanted && input->type && is_plain_type(input->type) && strcmp(input->type, wanted) != 0)
        product_fail(reader,
                     is_date ? product->model_line
                             : product->question_lines[question - product->info.questions],
                     place, "the model says its type is %s, but the question gives a %s",
                     input->type, wanted);
    if (reader->proving && question && question->type == QUESTION_RECORDS)
        records_check(reader, question, product->program->details[element].type, place);
    if (product->input_count == PLAN_INPUTS_MAX) {
        product_fail(reader, product->model_line, place, "the model has over %d inputs",
                     PLAN_INPUTS_MAX);
        return;
    }
    product->inputs[product->input_count++] = input->name;
}

static void inputs_check(struct product_reader *reader) {
    const struct program *program = reader->product->program;
    for (int i = 0; i < program_element_count(program); i++)
        if (program_element(program, i)->kind == ELEMENT_INPUT)
            input_check(reader, i);
}

static bool has_column(const struct element_table *table, const char *name) {
    for (int i = 0; i < table->output_count; i++)
        if (strcmp(table->outputs[i].text, name) == 0) return true;
    for (int i = 0; i < table->input_count; i++)
        if (strcmp(table->inputs[i].text, name) == 0) return true;
    return false;
}

/* "Decision.column": a column of one of the tables of a decision or knowledge model. */
static bool is_column(const struct program *program, const char *of) {
    const char *dot = strrchr(of, '.');
    for (int i = 0; dot && i < program_element_count(program); i++) {
        const struct element *element = program_element(program, i);
        if (element->kind == ELEMENT_INPUT || strlen(element->name) != (size_t)(dot - of) ||
            memcmp(element->name, of, (size_t)(dot - of)) != 0)
            continue;
        for (int table = 0; table < element->table_count; table++)
            if (has_column(&element->tables[table], dot + 1)) return true;
    }
    return false;
}

static void names_check(struct product_reader *reader) {
    const struct product *product = reader->product;
    for (int i = 0; i < product->name_count; i++) {
        const struct product_name *name = &product->names[i];
        char place[PROBLEM_PLACE_MAX];
        snprintf(place, sizeof place, "name of %.120s", name->of);
        if (program_find(product->program, ELEMENT_DECISION, name->of) < 0 &&
            program_find(product->program, ELEMENT_INPUT, name->of) < 0 &&
            program_find(product->program, ELEMENT_KNOWLEDGE, name->of) < 0 &&
            !is_column(product->program, name->of))
            product_fail(reader, name->line, place,
                         "the model has no such input or decision, knowledge model or "
                         "DECISION.COLUMN");
        for (int j = 0; j < i; j++)
            if (strcmp(product->names[j].of, name->of) == 0)
                product_fail(reader, name->line, place, "it stands in line %d too",
                             product->names[j].line);
    }
}

static bool is_rule(const struct program *program, const char *id) {
    for (int i = 0; i < program_element_count(program); i++) {
        const struct element *element = program_element(program, i);
        for (int table = 0; table < element->table_count; table++)
            for (int row = 0; row < element->tables[table].row_count; row++) {
                const char *rule = program_rule_id(program, i, table, row);
                if (rule && strcmp(rule, id) == 0) return true;
            }
    }
    return false;
}

static void explains_check(struct product_reader *reader) {
    const struct product *product = reader->product;
    for (int i = 0; i < product->explain_count; i++) {
        const struct product_name *explain = &product->explains[i];
        char place[PROBLEM_PLACE_MAX];
        snprintf(place, sizeof place, "explain of %.120s", explain->of);
        if (program_find(product->program, ELEMENT_DECISION, explain->of) < 0 &&
            program_find(product->program, ELEMENT_KNOWLEDGE, explain->of) < 0 &&
            !is_rule(product->program, explain->of))
            product_fail(reader, explain->line, place,
                         "the model has no such decision or knowledge model, nor a rule of that "
                         "id");
        for (int j = 0; j < i; j++)
            if (strcmp(product->explains[j].of, explain->of) == 0)
                product_fail(reader, explain->line, place, "it stands in line %d too",
                             product->explains[j].line);
    }
}

int product_row_line(const struct product *product, int element, int table, int row) {
    const struct table *rows = product->program->details[element].tables[table];
    return row < rows->row_count ? rows->row_lines[row] : 0;
}

bool product_table_decides(const struct product *product, int element, int table) {
    const struct table *rows = product->program->details[element].tables[table];
    return rows->policy <= HIT_FIRST && !rows->has_fallback;
}

/* ---- acceptance ---------------------------------------------------------------------------- */

/* The text of a cell that is one string literal without escapes. */
static bool cell_literal(const char *cell, const char **ret_text, size_t *ret_length) {
    size_t length = strlen(cell);
    if (length < 2 || cell[0] != '"' || cell[length - 1] != '"' ||
        memchr(cell + 1, '"', length - 2) || memchr(cell + 1, '\\', length - 2))
        return false;
    *ret_text = cell + 1;
    *ret_length = length - 2;
    return true;
}

static bool is_reason(const struct product *product, const char *code, size_t length) {
    for (int i = 0; i < product->reason_count; i++)
        if (strlen(product->reasons[i].code) == length &&
            memcmp(product->reasons[i].code, code, length) == 0)
            return true;
    return false;
}

static bool is_outcome(const char *text, size_t length) {
    return (length == 7 && memcmp(text, "offered", 7) == 0) ||
           (length == 8 &&
            (memcmp(text, "referred", 8) == 0 || memcmp(text, "declined", 8) == 0));
}

static void acceptance_cell_check(struct product_reader *reader, int element, int table, int row,
                                  int output) {
    const struct product *product = reader->product;
    const struct element *about = program_element(product->program, element);
    const char *column = about->tables[table].outputs[output].text;
    const char *cell = program_cell(product->program, element, table, row,
                                    about->tables[table].input_count + output);
    const char *text;
    size_t length;
    char place[PROBLEM_PLACE_MAX];
    if (!column || !cell || !cell_literal(cell, &text, &length)) return;
    snprintf(place, sizeof place, "decision %.100s, row %d, column %.40s", about->name, row + 1,
             column);
    const char *fault = NULL;
    if (strcmp(column, "code") == 0 && length && !is_reason(product, text, length))
        fault = "is no reason of the acceptance: add its text to product.xml";
    if (strcmp(column, "outcome") == 0 && !is_outcome(text, length))
        fault = "is no outcome: use offered, referred or declined";
    if (!fault) return;
    problems_add(reader->problems, false, product->models[0],
                 product_row_line(product, element, table, row), 0, place, "%.*s %s",
                 (int)(length < 64 ? length : 64), text, fault);
    reader->status = QUOTE_INVALID;
}

static void acceptance_tables_check(struct product_reader *reader, int element) {
    const struct element *about = program_element(reader->product->program, element);
    for (int table = 0; table < about->table_count; table++)
        for (int row = 0; row < about->tables[table].row_count; row++)
            for (int output = 0; output < about->tables[table].output_count; output++)
                acceptance_cell_check(reader, element, table, row, output);
}

/* ---- decisions and plans ------------------------------------------------------------------- */

static int decision_find(struct product_reader *reader, const char *name, int line,
                         const char *kind, const char *code) {
    int index = program_find(reader->product->program, ELEMENT_DECISION, name);
    if (index >= 0) return index;
    char place[PROBLEM_PLACE_MAX];
    snprintf(place, sizeof place, "%s%s%.80s", kind, *code ? " " : "", code);
    product_fail(reader, line, place, "the model %s has no decision %.100s",
                 reader->product->models[0], name);
    return -1;
}

/* The covers that an adjustment names, as bits. */
static void adjustment_covers(struct product_reader *reader, int index,
                              struct statement_adjustment_rule *rule) {
    const struct product *product = reader->product;
    const struct product_adjustment *adjustment = &product->adjustments[index];
    if (!adjustment->covers) return;
    rule->covers = 0;
    for (const char *at = adjustment->covers; *at;) {
        size_t length = strcspn(at, " ");
        int found = -1;
        for (int i = 0; i < product->info.cover_count; i++)
            if (strlen(product->info.covers[i].code) == length &&
                memcmp(product->info.covers[i].code, at, length) == 0)
                found = i;
        if (found >= 0) {
            rule->covers |= UINT64_C(1) << found;
        } else {
            char place[PROBLEM_PLACE_MAX];
            snprintf(place, sizeof place, "adjustment %s", rule->code);
            product_fail(reader, adjustment->line, place, "there is no cover %.*s", (int)length,
                         at);
        }
        at += length + (at[length] == ' ');
    }
}

static void residue_check(struct product_reader *reader) {
    struct product *product = reader->product;
    if (!product->residue_code) return;
    for (int i = 0; i < product->info.cover_count; i++)
        if (strcmp(product->info.covers[i].code, product->residue_code) == 0)
            product->rules.residue_cover = i;
    if (product->rules.residue_cover < 0)
        product_fail(reader, product->rounding_line, "rounding", "there is no cover %s",
                     product->residue_code);
}

static void conditions_compile(struct product_reader *reader) {
    struct product *product = reader->product;
    for (int i = 0; i < product->info.cover_count; i++) {
        struct product_cover_rule *rule = &product->cover_rules[i];
        char place[PROBLEM_PLACE_MAX];
        snprintf(place, sizeof place, "cover %s", product->info.covers[i].code);
        rule->taken_when = product_condition_compile(reader, product->info.questions,
                                                     product->info.question_count,
                                                     rule->taken_when_text, rule->line, place);
    }
}

static int decision_add(struct product *product, int decisions[], int decision) {
    for (int i = 0; i < product->premium_decision_count; i++)
        if (decisions[i] == decision) return i;
    decisions[product->premium_decision_count] = decision;
    return product->premium_decision_count++;
}

_Static_assert(PRODUCT_COVERS_MAX + PRODUCT_ADJUSTMENTS_MAX <= PLAN_DECISIONS_MAX,
               "one plan gives a product's whole premium");

static void plans_make(struct product_reader *reader) {
    struct product *product = reader->product;
    int decisions[PLAN_DECISIONS_MAX];
    int acceptance = decision_find(reader, product->acceptance_name, product->acceptance_line,
                                   "acceptance", "");
    for (int i = 0; i < product->info.cover_count; i++) {
        struct product_cover_rule *rule = &product->cover_rules[i];
        int decision = decision_find(reader, rule->decision_name, rule->line, "cover",
                                     product->info.covers[i].code);
        if (decision >= 0) rule->decision = decision_add(product, decisions, decision);
    }
    for (int i = 0; i < product->rules.adjustment_count; i++) {
        struct product_adjustment *adjustment = &product->adjustments[i];
        int decision = decision_find(reader, adjustment->decision_name, adjustment->line,
                                     "adjustment", product->rules.adjustments[i].code);
        if (decision >= 0) adjustment->decision = decision_add(product, decisions, decision);
    }
    if (acceptance >= 0) {
        const struct element *element = program_element(product->program, acceptance);
        acceptance_tables_check(reader, acceptance);
        for (int i = 0; i < element->require_count; i++)
            acceptance_tables_check(reader, element->requires[i]);
    }
    if (reader->status != QUOTE_OK) return;
    reader->status = plan_make(product->program, &acceptance, 1, product->inputs,
                               product->input_count, reader->problems, &product->acceptance);
    if (reader->status == QUOTE_OK)
        reader->status =
            plan_make(product->program, decisions, product->premium_decision_count,
                      product->inputs, product->input_count, reader->problems, &product->premium);
}

void product_check(struct product_reader *reader) {
    struct product *product = reader->product;
    struct statement_adjustment_rule *rules =
        product_take(reader, (size_t)product->rules.adjustment_count, sizeof *rules);
    if (!rules) return;
    for (int i = 0; i < product->rules.adjustment_count; i++) {
        rules[i] = product->rules.adjustments[i];
        adjustment_covers(reader, i, &rules[i]);
    }
    product->rules.adjustments = rules;
    residue_check(reader);
    conditions_compile(reader);
    inputs_check(reader);
    names_check(reader);
    explains_check(reader);
    product_check_choices(reader);
    plans_make(reader);
}
