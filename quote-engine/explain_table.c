/* Tables in an explanation: what went in, which rows applied, which matched but were not used, and
 * which did not match and why. */
#include <string.h>

#include "dmn.h"
#include "dmn_table.h"
#include "explain.h"

/* Events of one use of one table: [first, end). */
struct use {
    int element, table;
    size_t first, end;
    const struct element_table *as_written; /* NULL: the trace names none that there is */
    const struct table *compiled;
};

static bool is_of_table(const struct trace_event *event) {
    return event->kind != TRACE_DECISION_START && event->kind != TRACE_DECISION_END;
}

/* Finds the next use of a table from `at` on, inside [at, end). A table is used anew when its
 * columns begin anew. False when there is none. */
static bool use_next(const struct explaining *explaining, size_t at, size_t end,
                     struct use *ret_use) {
    const struct trace *trace = explaining->trace;
    const struct program *program = explaining->product->program;
    while (at < end && !is_of_table(&trace->events[at])) at++;
    if (at == end) return false;
    struct use use = {.element = trace->events[at].element,
                      .table = trace->events[at].table,
                      .first = at};
    int column = -1;
    for (; at < end; at++) {
        const struct trace_event *event = &trace->events[at];
        if (!is_of_table(event)) break;
        if (event->element != use.element || event->table != use.table) break;
        if (event->kind == TRACE_INPUT && event->column <= column) break;
        if (event->kind == TRACE_INPUT) column = event->column;
    }
    use.end = at;
    const struct element *element = program_element(program, use.element);
    if (use.table >= 0 && use.table < element->table_count) {
        use.as_written = &element->tables[use.table];
        use.compiled = program->details[use.element].tables[use.table];
    }
    *ret_use = use;
    return true;
}

static const char *use_column(const struct explaining *explaining, const struct use *use,
                              int column) {
    return explain_column(explaining,
                          program_element(explaining->product->program, use->element)->name,
                          &use->as_written->inputs[column]);
}

static bool use_inputs(const struct explaining *explaining, const struct use *use,
                       struct value *ret_value) {
    struct value *items = explain_values(explaining, use->end - use->first);
    size_t count = 0;
    if (!items) return false;
    for (size_t at = use->first; at < use->end; at++) {
        const struct trace_event *event = &explaining->trace->events[at];
        struct building input = {0};
        if (event->kind != TRACE_INPUT || event->column >= use->as_written->input_count) continue;
        const struct element_table_column *column = &use->as_written->inputs[event->column];
        building_put_text(&input, "label", use_column(explaining, use, event->column));
        building_put_text(&input, "expression", column->text);
        building_put(&input, "value",
                     explain_sensitive(explaining, column->text) ? value_null() : event->value);
        building_put_text(&input, "value_label",
                          explain_option_of(explaining, column->text, &event->value));
        if (!building_done(explaining, &input, &items[count++])) return false;
    }
    *ret_value = value_list(items, count);
    return true;
}

/* ---- rows that applied --------------------------------------------------------------------- */

static const char *cell_text(const struct explaining *explaining, const struct use *use, int row,
                             int column) {
    const char *cell =
        program_cell(explaining->product->program, use->element, use->table, row, column);
    return cell && *cell ? cell : "-";
}

static bool row_cells(const struct explaining *explaining, const struct use *use, int row,
                      struct value *ret_value) {
    int count = use->as_written->input_count;
    struct value *cells = explain_values(explaining, (size_t)count);
    if (!cells) return false;
    for (int i = 0; i < count; i++) {
        const char *cell = cell_text(explaining, use, row, i);
        cells[i] = value_text(cell, strlen(cell));
    }
    *ret_value = value_list(cells, (size_t)count);
    return true;
}

static bool row_outputs(const struct explaining *explaining, const struct use *use, int row,
                        struct value *ret_value) {
    const struct element_table *table = use->as_written;
    struct value *outputs = explain_values(explaining, (size_t)table->output_count);
    const char *decision = program_element(explaining->product->program, use->element)->name;
    if (!outputs) return false;
    for (int i = 0; i < table->output_count; i++) {
        struct building output = {0};
        const struct element_table_column *column = &table->outputs[i];
        const char *label =
            explain_column_name(explaining, decision, column->text, strlen(column->text));
        if (!label) label = explain_own_text(explaining, column->label);
        building_put_text(&output, "name", column->text);
        building_put_text(&output, "label", label ? label : column->text);
        building_put_text(&output, "cell",
                          program_cell(explaining->product->program, use->element, use->table,
                                       row, table->input_count + i));
        if (!building_done(explaining, &output, &outputs[i])) return false;
    }
    *ret_value = value_list(outputs, (size_t)table->output_count);
    return true;
}

/* "leeftijd: 18 of meer en minder dan 24; gebruik: Taxi": the cells that ask something. */
static bool row_asks(const struct explaining *explaining, const struct use *use, int row,
                     struct value *ret_value) {
    struct words words = {.length = 0};
    int asking = 0;
    for (int i = 0; i < use->compiled->input_count; i++) {
        const struct table_input *input = &use->compiled->inputs[i];
        const struct table_test *test = &input->tests[input->row_tests[row]];
        if (test->any) continue;
        if (asking++) words_add(&words, "; ");
        if (use->compiled->input_count > 1) {
            words_add(&words, use_column(explaining, use, i));
            words_add(&words, ": ");
        }
        words_add_test(&words, explaining, input, test);
    }
    if (asking) return words_done(&words, explaining->scratch, ret_value);
    *ret_value = value_null();
    return true;
}

static bool row_head(const struct explaining *explaining, const struct use *use, int row,
                     struct building *building) {
    const struct program *program = explaining->product->program;
    const char *id = program_rule_id(program, use->element, use->table, row);
    struct value cells, asks;
    if (!row_cells(explaining, use, row, &cells) || !row_asks(explaining, use, row, &asks))
        return false;
    building_put(building, "row", value_int64(row + 1));
    building_put_text(building, "rule_id", id);
    building_put_text(building, "note", explain_note(explaining, use->element, use->table, row));
    building_put(building, "cells", cells);
    building_put(building, "asks", asks);
    return true;
}

static bool use_rows(const struct explaining *explaining, const struct use *use,
                     struct value *ret_value) {
    struct value *rows = explain_values(explaining, use->end - use->first);
    size_t count = 0;
    if (!rows) return false;
    for (size_t at = use->first; at < use->end; at++) {
        const struct trace_event *event = &explaining->trace->events[at];
        struct building row = {0};
        struct value outputs;
        if (event->kind != TRACE_ROW || event->row >= use->as_written->row_count) continue;
        if (!row_head(explaining, use, event->row, &row) ||
            !row_outputs(explaining, use, event->row, &outputs))
            return false;
        building_put(&row, "outputs", outputs);
        if (!building_done(explaining, &row, &rows[count++])) return false;
    }
    *ret_value = value_list(rows, count);
    return true;
}

/* ---- rows that matched but were not used ---------------------------------------------------- */

static bool unused_words(const struct explaining *explaining, const struct use *use, int row,
                         struct words *words) {
    bool first = use->compiled->policy == HIT_FIRST;
    int used = -1;
    for (size_t at = use->first; at < use->end && used < 0; at++)
        if (explaining->trace->events[at].kind == TRACE_ROW)
            used = explaining->trace->events[at].row;
    words_add(words, explain_in(explaining, "Rij ", "Row "));
    words_add_number(words, explaining->language, decimal_from_int64(row + 1));
    words_add(words, explain_in(explaining, " past ook, maar telt niet mee: ",
                                " matches too, but is not used: "));
    if (used < 0) {
        words_add(words, explain_in(explaining, "de tabel laat maar één passende rij toe.",
                                    "the table allows only one row to match."));
        return true;
    }
    if (first)
        words_add(words, explain_in(explaining, "de eerste rij die past geldt, en dat is rij ",
                                    "the first row that matches is taken, which is row "));
    else
        words_add(words, explain_in(explaining, "een belangrijkere uitkomst gaat voor, die van "
                                    "rij ",
                                    "a more important result comes first, that of row "));
    words_add_number(words, explaining->language, decimal_from_int64(used + 1));
    words_add(words, ".");
    return true;
}

static bool use_unused(const struct explaining *explaining, const struct use *use,
                       struct value *ret_value) {
    struct value *rows = explain_values(explaining, use->end - use->first);
    size_t count = 0;
    if (!rows) return false;
    for (size_t at = use->first; at < use->end; at++) {
        const struct trace_event *event = &explaining->trace->events[at];
        struct building row = {0};
        struct words words = {.length = 0};
        struct value outputs;
        if (event->kind != TRACE_UNUSED) continue;
        if (!row_head(explaining, use, event->row, &row) ||
            !row_outputs(explaining, use, event->row, &outputs) ||
            !unused_words(explaining, use, event->row, &words))
            return false;
        building_put(&row, "outputs", outputs);
        if (!building_put_words(&row, explaining, &words) ||
            !building_done(explaining, &row, &rows[count++]))
            return false;
    }
    *ret_value = value_list(rows, count);
    return true;
}

/* ---- rows that did not match ---------------------------------------------------------------- */

/* The value that a column had in this use. */
static struct value column_value(const struct explaining *explaining, const struct use *use,
                                 int column) {
    if (explain_sensitive(explaining, use->as_written->inputs[column].text)) return value_null();
    for (size_t at = use->first; at < use->end; at++) {
        const struct trace_event *event = &explaining->trace->events[at];
        if (event->kind == TRACE_INPUT && event->column == column) return event->value;
    }
    return value_null();
}

/* "leeftijd is 23, gevraagd is 25 of meer" */
static void failure_words(const struct explaining *explaining, const struct use *use, int row,
                          int column, const struct value *value, struct words *words) {
    const struct table_input *input = &use->compiled->inputs[column];
    const struct element_table_column *as_written = &use->as_written->inputs[column];
    words_add(words, use_column(explaining, use, column));
    if (explain_sensitive(explaining, as_written->text)) {
        words_add(words, explain_in(explaining, " past niet", " does not match"));
    } else {
        words_add(words, " is ");
        words_add_input(words, explaining, as_written->text, value);
    }
    words_add(words, explain_in(explaining, ", gevraagd is ", ", asked is "));
    words_add_test(words, explaining, input, &input->tests[input->row_tests[row]]);
}

static bool failure_value(const struct explaining *explaining, const struct use *use, int row,
                          int column, struct building *building) {
    const struct element_table_column *as_written = &use->as_written->inputs[column];
    const struct table_input *input = &use->compiled->inputs[column];
    struct words asked = {.length = 0};
    struct value value = column_value(explaining, use, column), asks;
    words_add_test(&asked, explaining, input, &input->tests[input->row_tests[row]]);
    if (!words_done(&asked, explaining->scratch, &asks)) return false;
    building_put_text(building, "column", as_written->text);
    building_put_text(building, "label", use_column(explaining, use, column));
    building_put_text(building, "test", cell_text(explaining, use, row, column));
    building_put(building, "asks", asks);
    building_put(building, "value", value);
    building_put_text(building, "value_label",
                      explain_option_of(explaining, as_written->text, &value));
    return true;
}

/* The events of one row begin at `first`; `ret_end` is behind them. */
static bool miss_value(const struct explaining *explaining, const struct use *use, size_t first,
                       size_t *ret_end, struct value *ret_value) {
    const struct trace_event *events = explaining->trace->events;
    const char *id = program_rule_id(explaining->product->program, use->element, use->table,
                                     events[first].row);
    int row = events[first].row;
    size_t end = first;
    while (end < use->end && events[end].kind == TRACE_MISS && events[end].row == row) end++;
    struct value *failures = explain_values(explaining, end - first);
    struct building building = {0};
    struct words words = {.length = 0};
    if (!failures) return false;
    words_add(&words, explain_in(explaining, "Rij ", "Row "));
    words_add_number(&words, explaining->language, decimal_from_int64(row + 1));
    words_add(&words, explain_in(explaining, " geldt niet: ", " does not apply: "));
    for (size_t at = first; at < end; at++) {
        struct building failure = {0};
        struct value value = column_value(explaining, use, events[at].column);
        if (at > first) words_add(&words, "; ");
        failure_words(explaining, use, row, events[at].column, &value, &words);
        if (!failure_value(explaining, use, row, events[at].column, &failure) ||
            !building_done(explaining, &failure, &failures[at - first]))
            return false;
    }
    words_add(&words, ".");
    building_put(&building, "row", value_int64(row + 1));
    building_put_text(&building, "rule_id", id);
    if (!failure_value(explaining, use, row, events[first].column, &building)) return false;
    building_put(&building, "failed", value_list(failures, end - first));
    *ret_end = end;
    return building_put_words(&building, explaining, &words) &&
           building_done(explaining, &building, ret_value);
}

static bool use_misses(const struct explaining *explaining, const struct use *use,
                       struct value *ret_value) {
    struct value *rows = explain_values(explaining, TRACE_MISSES_MAX);
    size_t count = 0, at = use->first;
    if (!rows) return false;
    while (at < use->end && count < TRACE_MISSES_MAX) {
        if (explaining->trace->events[at].kind != TRACE_MISS) at++;
        else if (!miss_value(explaining, use, at, &at, &rows[count++])) return false;
    }
    *ret_value = value_list(rows, count);
    return true;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static bool use_value(const struct explaining *explaining, const struct use *use,
                      struct value *ret_value) {
    struct building building = {0};
    struct value inputs, rows, unused, misses;
    if (!use_inputs(explaining, use, &inputs) || !use_rows(explaining, use, &rows)) return false;
    building_put_text(&building, "decision",
                      program_element(explaining->product->program, use->element)->name);
    building_put_text(&building, "hit_policy", use->as_written->hit_policy);
    building_put(&building, "inputs", inputs);
    building_put(&building, "rows", rows);
    if (explaining->misses) {
        if (!use_unused(explaining, use, &unused) || !use_misses(explaining, use, &misses))
            return false;
        int64_t told = (int64_t)rows.length + unused.length + misses.length;
        building_put(&building, "rows_not_used", unused);
        building_put(&building, "rows_not_matched", misses);
        building_put(&building, "rows_not_told", value_int64(use->as_written->row_count - told));
    }
    return building_done(explaining, &building, ret_value);
}

bool explain_tables(const struct explaining *explaining, size_t first, size_t end,
                    struct value *ret_value) {
    struct use use;
    size_t count = 0, at = 0;
    for (size_t from = first; use_next(explaining, from, end, &use); from = use.end) count++;
    struct value *tables = explain_values(explaining, count);
    if (!tables) return false;
    for (size_t from = first; use_next(explaining, from, end, &use); from = use.end)
        if (use.as_written && !use_value(explaining, &use, &tables[at++])) return false;
    *ret_value = value_list(tables, at);
    return true;
}
