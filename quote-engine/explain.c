/* Explanations as data: a context in scratch made from trace and result, with the sentences of
 * explain_words.c beside every step. Each decision stands once, in the order in which it was
 * computed; what it needs stands before it. */
#include "explain.h"

#include <string.h>

enum { EXPLAIN_ENTRIES_MAX = 12 /* in one context made here */ };

struct building { /* a context being built */
    struct value_entry entries[EXPLAIN_ENTRIES_MAX];
    uint32_t count;
};

static void put(struct building *building, const char *name, struct value value) {
    if (building->count < EXPLAIN_ENTRIES_MAX)
        building->entries[building->count++] = (struct value_entry){
            .name = name, .name_length = (uint32_t)strlen(name), .value = value};
}

static void put_text(struct building *building, const char *name, const char *text) {
    put(building, name, text ? value_text(text, strlen(text)) : value_null());
}

static bool built(const struct explaining *explaining, const struct building *building,
                  struct value *ret_value) {
    size_t size = building->count * sizeof *building->entries;
    struct value_entry *entries = scratch_take(explaining->scratch, size ? size : 1);
    if (!entries) return false;
    memcpy(entries, building->entries, size);
    *ret_value = value_context(entries, building->count);
    return true;
}

static bool put_words(struct building *building, const struct explaining *explaining,
                      const struct words *words) {
    struct value text;
    if (!words_done(words, explaining->scratch, &text)) return false;
    put(building, "text", text);
    return true;
}

static struct value *values_take(const struct explaining *explaining, size_t count) {
    return scratch_take(explaining->scratch, (count ? count : 1) * sizeof(struct value));
}

/* Sensitive answers, and records that hold one, stay out of what is shown and kept. */
static bool is_sensitive(const struct explaining *explaining, const char *name) {
    const struct product_info *info = &explaining->product->info;
    const struct product_question *question = product_question_find(
        info->questions, info->question_count, name, strlen(name));
    if (!question) return false;
    for (int i = 0; i < question->question_count; i++)
        if (question->questions[i].sensitive) return true;
    return question->sensitive;
}

/* The label of the option that a choice's code means; NULL where the value is none. */
static const char *option_label(const struct explaining *explaining, const char *question_name,
                                const struct value *code) {
    const struct product_info *info = &explaining->product->info;
    const struct product_question *question = product_question_find(
        info->questions, info->question_count, question_name, strlen(question_name));
    if (!question || code->kind != VALUE_TEXT) return NULL;
    for (int i = 0; i < question->choice_count; i++)
        if (strlen(question->choices[i].code) == code->length &&
            memcmp(question->choices[i].code, code->text, code->length) == 0)
            return text_in(&question->choices[i].label, explaining->language);
    return NULL;
}

/* ---- tables -------------------------------------------------------------------------------- */

/* Events of one use of one table: [first, end). */
struct use {
    int element, table;
    size_t first, end;
};

static const struct element_table *use_table(const struct explaining *explaining,
                                             const struct use *use) {
    const struct element *element =
        program_element(explaining->product->program, use->element);
    return use->table >= 0 && use->table < element->table_count ? &element->tables[use->table]
                                                                 : NULL;
}

/* Finds the next use of a table from `at` on, inside [at, end). A table is used anew when its
 * columns begin anew. False when there is none. */
static bool use_next(const struct trace *trace, size_t at, size_t end, struct use *ret_use) {
    while (at < end && trace->events[at].kind != TRACE_INPUT && trace->events[at].kind != TRACE_ROW)
        at++;
    if (at == end) return false;
    struct use use = {.element = trace->events[at].element,
                      .table = trace->events[at].table,
                      .first = at};
    int column = -1;
    for (; at < end; at++) {
        const struct trace_event *event = &trace->events[at];
        if (event->kind != TRACE_INPUT && event->kind != TRACE_ROW) break;
        if (event->element != use.element || event->table != use.table) break;
        if (event->kind == TRACE_INPUT && event->column <= column) break;
        if (event->kind == TRACE_INPUT) column = event->column;
    }
    use.end = at;
    *ret_use = use;
    return true;
}

static bool use_inputs(const struct explaining *explaining, const struct use *use,
                       const struct element_table *table, struct value *ret_value) {
    struct value *items = values_take(explaining, use->end - use->first);
    size_t count = 0;
    if (!items) return false;
    for (size_t at = use->first; at < use->end; at++) {
        const struct trace_event *event = &explaining->trace->events[at];
        struct building input = {0};
        if (event->kind != TRACE_INPUT || event->column >= table->input_count) continue;
        const struct element_table_column *column = &table->inputs[event->column];
        const char *label = explain_name(explaining, column->text);
        if (!label) label = explain_own_text(explaining, column->label);
        put_text(&input, "label", label ? label : column->text);
        put_text(&input, "expression", column->text);
        put(&input, "value",
            is_sensitive(explaining, column->text) ? value_null() : event->value);
        put_text(&input, "value_label", option_label(explaining, column->text, &event->value));
        if (!built(explaining, &input, &items[count++])) return false;
    }
    *ret_value = value_list(items, count);
    return true;
}

static bool row_cells(const struct explaining *explaining, const struct use *use,
                      const struct element_table *table, int row, struct value *ret_value) {
    struct value *cells = values_take(explaining, (size_t)table->input_count);
    if (!cells) return false;
    for (int i = 0; i < table->input_count; i++) {
        const char *cell =
            program_cell(explaining->product->program, use->element, use->table, row, i);
        if (!cell || !*cell) cell = "-";
        cells[i] = value_text(cell, strlen(cell));
    }
    *ret_value = value_list(cells, (size_t)table->input_count);
    return true;
}

static bool row_outputs(const struct explaining *explaining, const struct use *use,
                        const struct element_table *table, int row, struct value *ret_value) {
    struct value *outputs = values_take(explaining, (size_t)table->output_count);
    if (!outputs) return false;
    for (int i = 0; i < table->output_count; i++) {
        struct building output = {0};
        const struct element_table_column *column = &table->outputs[i];
        const char *decision = program_element(explaining->product->program, use->element)->name;
        const char *label =
            explain_output_name(explaining, decision, column->text, strlen(column->text));
        if (!label) label = explain_own_text(explaining, column->label);
        put_text(&output, "name", column->text);
        put_text(&output, "label", label ? label : column->text);
        put_text(&output, "cell",
                 program_cell(explaining->product->program, use->element, use->table, row,
                              table->input_count + i));
        if (!built(explaining, &output, &outputs[i])) return false;
    }
    *ret_value = value_list(outputs, (size_t)table->output_count);
    return true;
}

static bool use_rows(const struct explaining *explaining, const struct use *use,
                     const struct element_table *table, struct value *ret_value) {
    const struct program *program = explaining->product->program;
    struct value *rows = values_take(explaining, use->end - use->first);
    size_t count = 0;
    if (!rows) return false;
    for (size_t at = use->first; at < use->end; at++) {
        const struct trace_event *event = &explaining->trace->events[at];
        struct building row = {0};
        struct value cells, outputs;
        if (event->kind != TRACE_ROW || event->row >= table->row_count) continue;
        if (!row_cells(explaining, use, table, event->row, &cells) ||
            !row_outputs(explaining, use, table, event->row, &outputs))
            return false;
        const char *note = program_rule_note(program, use->element, use->table, event->row);
        put(&row, "row", value_int64(event->row + 1));
        put_text(&row, "rule", program_rule_id(program, use->element, use->table, event->row));
        put_text(&row, "note", note && *note ? explain_own_text(explaining, note) : NULL);
        put(&row, "cells", cells);
        put(&row, "outputs", outputs);
        if (!built(explaining, &row, &rows[count++])) return false;
    }
    *ret_value = value_list(rows, count);
    return true;
}

static bool uses_value(const struct explaining *explaining, size_t first, size_t end,
                       struct value *ret_value) {
    struct use use;
    size_t count = 0, at = 0;
    for (size_t from = first; use_next(explaining->trace, from, end, &use); from = use.end)
        count++;
    struct value *tables = values_take(explaining, count);
    if (!tables) return false;
    for (size_t from = first; use_next(explaining->trace, from, end, &use); from = use.end) {
        const struct element_table *table = use_table(explaining, &use);
        struct building building = {0};
        struct value inputs, rows;
        if (!table) continue;
        if (!use_inputs(explaining, &use, table, &inputs) ||
            !use_rows(explaining, &use, table, &rows))
            return false;
        put_text(&building, "decision",
                 program_element(explaining->product->program, use.element)->name);
        put_text(&building, "hit_policy", table->hit_policy);
        put(&building, "inputs", inputs);
        put(&building, "rows", rows);
        if (!built(explaining, &building, &tables[at++])) return false;
    }
    *ret_value = value_list(tables, at);
    return true;
}

/* ---- decisions ----------------------------------------------------------------------------- */

/* The value that an element had: an answer, the effective date, or a decision's result. */
static bool element_value(const struct explaining *explaining, int index,
                          struct value *ret_value) {
    const struct element *element = program_element(explaining->product->program, index);
    const struct quote_result *result = explaining->result;
    if (element->kind == ELEMENT_INPUT) {
        const struct value *answer =
            value_entry_find(&result->answers, element->name, strlen(element->name));
        *ret_value = answer ? *answer : value_null();
        if (strcmp(element->name, PRODUCT_EFFECTIVE_DATE) == 0)
            *ret_value = value_date(result->effective_date.year, result->effective_date.month,
                                    result->effective_date.day);
        return true;
    }
    for (size_t at = 0; at < explaining->trace->count; at++) {
        const struct trace_event *event = &explaining->trace->events[at];
        if (event->kind != TRACE_DECISION_END || event->element != index) continue;
        *ret_value = event->value;
        return true;
    }
    return false;
}

static bool requires_value(const struct explaining *explaining, const struct element *element,
                           struct value *ret_value) {
    struct value *items = values_take(explaining, (size_t)element->require_count);
    size_t count = 0;
    if (!items) return false;
    for (int i = 0; i < element->require_count; i++) {
        const struct element *other =
            program_element(explaining->product->program, element->requires[i]);
        struct building building = {0};
        struct value value;
        if (other->kind != ELEMENT_INPUT && other->kind != ELEMENT_DECISION) continue;
        if ((other->kind == ELEMENT_INPUT && is_sensitive(explaining, other->name)) ||
            !element_value(explaining, element->requires[i], &value))
            continue;
        put_text(&building, "name", other->name);
        put(&building, "value", value);
        if (!built(explaining, &building, &items[count++])) return false;
    }
    *ret_value = value_list(items, count);
    return true;
}

static bool decision_value(const struct explaining *explaining, int index, size_t first,
                           size_t end, struct value *ret_value) {
    const struct element *element = program_element(explaining->product->program, index);
    struct building building = {0};
    struct words words = {.length = 0};
    struct value requires, tables, value = explaining->trace->events[end].value;
    if (!requires_value(explaining, element, &requires) ||
        !uses_value(explaining, first, end, &tables))
        return false;
    words_add_decision(&words, explaining, element, &value, &requires, &tables);
    put_text(&building, "name", element->name);
    const char *label = explain_name(explaining, element->name);
    if (!label) label = explain_own_text(explaining, element->label);
    put_text(&building, "label", label ? label : element->name);
    put_text(&building, "description", explain_own_text(explaining, element->description));
    if (!put_words(&building, explaining, &words)) return false;
    put_text(&building, "formula", element->text);
    put(&building, "requires", requires);
    put(&building, "tables", tables);
    put(&building, "value", value);
    return built(explaining, &building, ret_value);
}

/* Where the computation that ends at `end` began. */
static size_t decision_start(const struct trace *trace, size_t end) {
    int depth = 0;
    for (size_t at = end; at-- > 0;) {
        if (trace->events[at].element != trace->events[end].element) continue;
        if (trace->events[at].kind == TRACE_DECISION_END) depth++;
        if (trace->events[at].kind == TRACE_DECISION_START && depth-- == 0) return at;
    }
    return end;
}

/* A decision that acceptance and premium both need was computed twice, alike. */
static bool is_repeated(const struct trace *trace, size_t end) {
    for (size_t at = 0; at < end; at++)
        if (trace->events[at].kind == TRACE_DECISION_END &&
            trace->events[at].element == trace->events[end].element)
            return true;
    return false;
}

static bool decisions_value(const struct explaining *explaining, struct value *ret_value) {
    const struct trace *trace = explaining->trace;
    const struct program *program = explaining->product->program;
    size_t count = 0, limit = (size_t)program_element_count(program);
    struct value *items = values_take(explaining, limit);
    if (!items) return false;
    for (size_t at = 0; at < trace->count && count < limit; at++) {
        const struct trace_event *event = &trace->events[at];
        if (event->kind != TRACE_DECISION_END ||
            program_element(program, event->element)->kind != ELEMENT_DECISION ||
            is_repeated(trace, at))
            continue;
        if (!decision_value(explaining, event->element, decision_start(trace, at), at,
                            &items[count++]))
            return false;
    }
    *ret_value = value_list(items, count);
    return true;
}

/* Knowledge models that formulas name: their own formulas. */
static bool knowledge_value(const struct explaining *explaining, struct value *ret_value) {
    const struct program *program = explaining->product->program;
    int limit = program_element_count(program);
    struct value *items = values_take(explaining, (size_t)limit);
    size_t count = 0;
    if (!items) return false;
    for (int i = 0; i < limit; i++) {
        const struct element *element = program_element(program, i);
        struct building building = {0};
        if (element->kind != ELEMENT_KNOWLEDGE) continue;
        put_text(&building, "name", element->name);
        put_text(&building, "label", explain_name(explaining, element->name));
        put_text(&building, "description", explain_own_text(explaining, element->description));
        struct words words = {.length = 0};
        words_add_knowledge(&words, explaining, element);
        if (!put_words(&building, explaining, &words)) return false;
        put_text(&building, "formula", element->text);
        if (!built(explaining, &building, &items[count++])) return false;
    }
    *ret_value = value_list(items, count);
    return true;
}

/* ---- statement ----------------------------------------------------------------------------- */

static const char *const step_names[] = {
    [STEP_COVER_NET] = "cover_net", [STEP_ADJUSTMENT] = "adjustment", [STEP_ROUND] = "round",
    [STEP_RESIDUE] = "residue",     [STEP_TAX] = "tax",               [STEP_TERM] = "term"};

/* An amount as a text, as money is everywhere: at least two digits behind the point, and all that
 * it has. */
static bool put_amount(struct building *building, const struct explaining *explaining,
                       const char *name, struct decimal amount) {
    enum { DIGITS = STATEMENT_DIGITS_BEHIND_POINT };
    char plain[DECIMAL_TEXT_MAX];
    size_t length = decimal_format(amount, false, plain);
    const char *point = memchr(plain, '.', length);
    size_t digits = point ? length - (size_t)(point - plain) - 1 : 0;
    size_t missing = digits < DIGITS ? DIGITS - digits + !point : 0;
    char *text = scratch_take(explaining->scratch, length + missing + 1);
    if (!text) return false;
    memcpy(text, plain, length);
    memcpy(text + length, point ? "00" : ".00", missing);
    text[length + missing] = 0;
    put(building, name, value_text(text, length + missing));
    return true;
}

/* `rate` is a percentage; what is an amount in itself stands under `amount`. */
static bool put_rate(struct building *building, const struct explaining *explaining,
                     const struct statement_step *step) {
    const struct statement_rules *rules = &explaining->product->rules;
    if (step->kind == STEP_COVER_NET || step->kind == STEP_ROUND) return true;
    bool percent = step->kind != STEP_RESIDUE;
    if (step->kind == STEP_ADJUSTMENT)
        for (int i = 0; i < rules->adjustment_count; i++)
            if (strcmp(rules->adjustments[i].code, step->code) == 0)
                percent = rules->adjustments[i].percent;
    if (!percent) return put_amount(building, explaining, "amount", step->rate);
    put(building, "rate", value_number(step->rate));
    return true;
}

static bool step_value(const struct explaining *explaining, const struct statement_step *step,
                       struct value *ret_value) {
    struct building building = {0};
    struct words words = {.length = 0};
    words_add_step(&words, explaining, step);
    put_text(&building, "kind", step_names[step->kind]);
    put_text(&building, "code", step->code);
    if (step->cover) put_text(&building, "cover", step->cover);
    if (!put_words(&building, explaining, &words)) return false;
    if (step->kind != STEP_COVER_NET &&
        !put_amount(&building, explaining, "before", step->before))
        return false;
    if (!put_rate(&building, explaining, step) ||
        !put_amount(&building, explaining, "after", step->after))
        return false;
    return built(explaining, &building, ret_value);
}

/* A line without a step behind it: how is rounded, and what all makes together. */
static bool line_value(const struct explaining *explaining, const char *kind,
                       const struct words *words, struct value *ret_value) {
    struct building building = {0};
    put_text(&building, "kind", kind);
    return put_words(&building, explaining, words) && built(explaining, &building, ret_value);
}

static bool statement_value(const struct explaining *explaining, struct value *ret_value) {
    const struct quote_result *result = explaining->result;
    struct value *items = values_take(explaining, (size_t)result->step_count + 2);
    struct words rounding = {.length = 0}, total = {.length = 0};
    size_t count = 0;
    bool summed = false;
    if (!items) return false;
    if (!result->has_premium) {
        *ret_value = value_list(items, 0);
        return true;
    }
    words_add_rounding(&rounding, explaining);
    words_add_total(&total, explaining);
    if (!line_value(explaining, "rounding", &rounding, &items[count++])) return false;
    for (int i = 0; i < result->step_count; i++) {
        if (result->steps[i].kind == STEP_TERM && !summed) {
            summed = true;
            if (!line_value(explaining, "total", &total, &items[count++])) return false;
        }
        if (!step_value(explaining, &result->steps[i], &items[count++])) return false;
    }
    *ret_value = value_list(items, count);
    return true;
}

int product_explain(const struct product *product, const struct trace *trace,
                    const struct quote_result *result, enum language language,
                    struct scratch *scratch, struct value *ret_explanation) {
    struct explaining explaining = {.product = product,
                                    .trace = trace,
                                    .result = result,
                                    .language = language,
                                    .scratch = scratch};
    struct building building = {0};
    struct value decisions, knowledge, statement, explanation;
    if (!decisions_value(&explaining, &decisions) || !knowledge_value(&explaining, &knowledge) ||
        !statement_value(&explaining, &statement))
        return QUOTE_TOO_LARGE;
    put(&building, "complete", value_boolean(!trace->overflowed));
    put(&building, "decisions", decisions);
    put(&building, "knowledge", knowledge);
    put(&building, "statement", statement);
    if (!built(&explaining, &building, &explanation)) return QUOTE_TOO_LARGE;
    *ret_explanation = explanation;
    return QUOTE_OK;
}
