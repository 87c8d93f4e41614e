/* Compares the models of two editions: formulas by their text, tables row by row. A row is the same
 * row when its conditions are written the same; rows are sorted by them, so that a table of 100,000
 * is compared in a moment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/product_diff_inside.h"

enum { ROW_TEXT_MAX_BYTES = 256 * 1024 };

struct row {
    char *conditions, *results; /* its cells; one block on the heap, which `conditions` begins */
    int number;                 /* from 1 */
};

struct rows {
    struct row *items;
    int count;
};

static void rows_done(struct rows *rows) {
    for (int i = 0; i < rows->count; i++) free(rows->items[i].conditions);
    free(rows->items);
    *rows = (struct rows){0};
}

static int by_conditions(const void *a, const void *b) {
    const struct row *one = a, *other = b;
    int order = strcmp(one->conditions, other->conditions);
    return order ? order : one->number - other->number;
}

/* Cells from `from` to `to`, with ", " between them. */
static void cells_write(const struct program *program, int element, int table, int row, int from,
                        int to, struct buffer *text) {
    for (int column = from; column < to; column++) {
        const char *cell = program_cell(program, element, table, row, column);
        if (column > from) buffer_text(text, ", ");
        buffer_text(text, cell && *cell ? cell : "-");
    }
    buffer_char(text, '\0');
}

/* False: no memory. */
static bool rows_read(const struct program *program, int element, int table, struct rows *rows) {
    const struct element_table *of = &program_element(program, element)->tables[table];
    int columns = of->input_count + of->output_count;
    rows->items = calloc((size_t)of->row_count + 1, sizeof *rows->items);
    if (!rows->items) return false;
    for (int row = 0; row < of->row_count; row++) {
        struct buffer text;
        buffer_init(&text, ROW_TEXT_MAX_BYTES);
        cells_write(program, element, table, row, 0, of->input_count, &text);
        size_t results = text.length;
        cells_write(program, element, table, row, of->input_count, columns, &text);
        if (text.failed) {
            buffer_done(&text);
            return false;
        }
        rows->items[rows->count++] = (struct row){
            .conditions = text.data, .results = text.data + results, .number = row + 1};
    }
    qsort(rows->items, (size_t)rows->count, sizeof *rows->items, by_conditions);
    return true;
}

struct counting {
    struct buffer lines;
    int added, removed, changed;
};

static void row_say(struct counting *counting, char mark, const struct row *row,
                    const char *before) {
    if (counting->added + counting->removed + counting->changed > PRODUCT_DIFF_ROWS_MAX) return;
    buffer_format(&counting->lines, "        %c row %d (%.*s): ", mark, row->number,
                  PRODUCT_DIFF_CELL_MAX, row->conditions);
    if (before)
        buffer_format(&counting->lines, "was %.*s and is ", PRODUCT_DIFF_CELL_MAX, before);
    buffer_format(&counting->lines, "%.*s\n", PRODUCT_DIFF_CELL_MAX, row->results);
}

/* Both are sorted: what stands in one alone was added or removed. */
static void rows_compare(const struct rows *older, const struct rows *newer,
                         struct counting *counting) {
    int i = 0, j = 0;
    while (i < older->count || j < newer->count) {
        const struct row *before = i < older->count ? &older->items[i] : NULL;
        const struct row *now = j < newer->count ? &newer->items[j] : NULL;
        int order = !before ? 1 : !now ? -1 : strcmp(before->conditions, now->conditions);
        if (order < 0) {
            counting->removed++;
            row_say(counting, '-', before, NULL);
        } else if (order > 0) {
            counting->added++;
            row_say(counting, '+', now, NULL);
        } else if (strcmp(before->results, now->results) != 0) {
            counting->changed++;
            row_say(counting, '~', now, before->results);
        }
        i += order <= 0;
        j += order >= 0;
    }
}

static void table_diff(struct difference *difference, const char *name,
                       const struct program *older, int older_element,
                       const struct program *newer, int newer_element, int table) {
    struct rows before = {0}, now = {0};
    struct counting counting = {.added = 0};
    char line[PROBLEM_PLACE_MAX + 100];
    buffer_init(&counting.lines, PRODUCT_DIFF_MAX_BYTES);
    if (rows_read(older, older_element, table, &before) &&
        rows_read(newer, newer_element, table, &now)) {
        rows_compare(&before, &now, &counting);
        int said = counting.added + counting.removed + counting.changed;
        if (said) {
            snprintf(line, sizeof line, "%.*s: rows changed: %d, added: %d, removed: %d",
                     PROBLEM_PLACE_MAX, name, counting.changed, counting.added, counting.removed);
            difference_line(difference, '~', line);
            buffer_text(difference->buffer, counting.lines.data);
        }
        if (said > PRODUCT_DIFF_ROWS_MAX)
            buffer_format(difference->buffer, "        and %d more\n",
                          said - PRODUCT_DIFF_ROWS_MAX);
    } else {
        difference->buffer->failed = difference->buffer->starved = true;
    }
    rows_done(&before);
    rows_done(&now);
    buffer_done(&counting.lines);
}

/* The conditions and results that its columns stand for. */
static bool columns_same(const struct element_table_column *a, int a_count,
                         const struct element_table_column *b, int b_count) {
    if (a_count != b_count) return false;
    for (int i = 0; i < a_count; i++) {
        const char *one = a[i].text ? a[i].text : "", *other = b[i].text ? b[i].text : "";
        if (strcmp(one, other) != 0) return false;
    }
    return true;
}

static void tables_diff(struct difference *difference, const struct program *older,
                        int older_element, const struct program *newer, int newer_element) {
    const struct element *before = program_element(older, older_element);
    const struct element *now = program_element(newer, newer_element);
    difference_number(difference, now->name, "number of tables", before->table_count,
                      now->table_count);
    for (int i = 0; i < before->table_count && i < now->table_count; i++) {
        const struct element_table *a = &before->tables[i], *b = &now->tables[i];
        difference_text(difference, now->name, "hit policy", a->hit_policy, b->hit_policy);
        if (!columns_same(a->inputs, a->input_count, b->inputs, b->input_count) ||
            !columns_same(a->outputs, a->output_count, b->outputs, b->output_count)) {
            char line[PROBLEM_PLACE_MAX + 40];
            snprintf(line, sizeof line, "%.*s: its columns are others", PROBLEM_PLACE_MAX,
                     now->name);
            difference_line(difference, '~', line);
        } else {
            table_diff(difference, now->name, older, older_element, newer, newer_element, i);
        }
    }
}

void program_diff(struct difference *difference, const struct program *older,
                  const struct program *newer) {
    difference_section(difference, "tariff");
    for (int i = 0; i < program_element_count(older); i++) {
        const struct element *before = program_element(older, i);
        if (program_find(newer, before->kind, before->name) < 0)
            difference_line(difference, '-', before->name);
    }
    for (int i = 0; i < program_element_count(newer); i++) {
        const struct element *now = program_element(newer, i);
        int at = program_find(older, now->kind, now->name);
        if (at < 0) {
            difference_line(difference, '+', now->name);
            continue;
        }
        const struct element *before = program_element(older, at);
        difference_text(difference, now->name, "type", before->type, now->type);
        difference_text(difference, now->name, "formula", before->text, now->text);
        tables_diff(difference, older, at, newer, i);
    }
}
