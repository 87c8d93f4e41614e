/* What is suspicious about a table, found when it is compiled: rows of a UNIQUE table that can
 * match at once, rows that repeat others, bands that do not meet. That no two rows can match at
 * once also makes the table faster. Of a product's tables proof.h tells all this and more.
 *
 * Works on keys, so it speaks only of constant tests; of others nothing is said. Rows that overlap
 * stand together in a leaf of the index, so only rows of one leaf are compared. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dmn.h"
#include "dmn_table.h"

enum {
    SAID_MAX = 10,                      /* problems of one sort for one table */
    SORTED_CELLS_MAX = 50 * 1000 * 1000,
    COMPARISONS_MAX = 20 * 1000 * 1000, /* of two rows; beyond it nothing is proved */
};

struct check {
    struct table *table;
    int64_t comparisons;
    int said;
    int pairs[SAID_MAX][2];
    bool complete; /* every pair that might overlap was compared */
};

/* ---- overlaps ------------------------------------------------------------------------------- */

enum meeting { MEET_NEVER, MEET_PERHAPS, MEET_SURELY };

/* Two rows that share nothing but null, through a not(…), are let pass: their author thought of
 * values. Yet it cannot be said that they never meet. */
static enum meeting tests_meet(const struct table_test *a, const struct table_test *b) {
    enum meeting meeting = MEET_NEVER;
    bool negated = a->node->negated || b->node->negated;
    for (int i = 0, j = 0; i < a->interval_count && j < b->interval_count;) {
        const struct table_interval *first = &a->intervals[i], *second = &b->intervals[j];
        if (first->low <= second->high && second->low <= first->high) {
            bool null_only = first->high == KEY_NULL || second->high == KEY_NULL;
            if (!null_only || !negated) return MEET_SURELY;
            meeting = MEET_PERHAPS;
        }
        if (first->high < second->high) i++;
        else j++;
    }
    return meeting;
}

static enum meeting rows_meet(const struct table *table, uint32_t a, uint32_t b) {
    enum meeting meeting = MEET_SURELY;
    for (int i = 0; i < table->input_count; i++) {
        const struct table_input *input = &table->inputs[i];
        const struct table_test *first = &input->tests[input->row_tests[a]];
        const struct table_test *second = &input->tests[input->row_tests[b]];
        if ((first->indexed && !first->interval_count) ||
            (second->indexed && !second->interval_count))
            return MEET_NEVER;
        if (first->any || second->any || first == second) continue;
        bool known = first->indexed && second->indexed;
        enum meeting here = known ? tests_meet(first, second) : MEET_PERHAPS;
        if (here < meeting) meeting = here;
        if (meeting == MEET_NEVER) return MEET_NEVER;
    }
    return meeting;
}

static void overlap_say(struct check *check, uint32_t a, uint32_t b) {
    struct dmn *dmn = check->table->dmn;
    if (dmn->purpose != DMN_ALONE) return;
    for (int i = 0; i < check->said; i++)
        if (check->pairs[i][0] == (int)a && check->pairs[i][1] == (int)b) return;
    if (check->said == SAID_MAX) return;
    check->pairs[check->said][0] = (int)a;
    check->pairs[check->said++][1] = (int)b;
    size_t place = dmn_place_add(dmn, ", row %u", b + 1);
    dmn_refuse(dmn, check->table->row_lines[b],
               "it overlaps row %u (line %d): the table is UNIQUE, so no input may match both",
               a + 1, check->table->row_lines[a]);
    dmn_place_cut(dmn, place);
}

static void leaf_check(struct check *check, const uint32_t *rows, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t j = i + 1; j < count; j++) {
            if (check->said == SAID_MAX || ++check->comparisons > COMPARISONS_MAX) {
                check->complete = false;
                return;
            }
            enum meeting meeting = rows_meet(check->table, rows[i], rows[j]);
            if (meeting != MEET_NEVER) check->complete = false;
            if (meeting == MEET_SURELY) overlap_say(check, rows[i], rows[j]);
        }
    }
}

static void tree_check(struct check *check, const struct table_tree *tree) {
    if (tree->column < 0) {
        leaf_check(check, tree->rows, tree->count);
        return;
    }
    for (uint32_t i = 0; i < tree->count; i++) tree_check(check, tree->children[i]);
}

static void overlaps_check(struct table *table) {
    struct check check = {.table = table, .complete = true};
    if (table->policy != HIT_UNIQUE) return;
    if (table->tree) {
        tree_check(&check, table->tree);
    } else {
        uint32_t rows[64], count = table->row_count < 64 ? (uint32_t)table->row_count : 64;
        for (uint32_t i = 0; i < count; i++) rows[i] = i;
        leaf_check(&check, rows, count);
        check.complete = false;
    }
    table->apart = check.complete;
}

/* ---- rows that repeat others ---------------------------------------------------------------- */


/* Sorts rows by the cells of all columns but `left_out`, so that equal ones stand together: one
 * stable pass of counting per column. `from` and `to` take turns; returns the one in use. */
static uint32_t *rows_sort(const struct table *table, int left_out, uint32_t *from, uint32_t *to,
                           uint32_t *counts) {
    size_t rows = (size_t)table->row_count;
    for (size_t i = 0; i < rows; i++) from[i] = (uint32_t)i;
    for (int c = 0; c < table->input_count; c++) {
        const struct table_input *input = &table->inputs[c];
        if (c == left_out) continue;
        memset(counts, 0, ((size_t)input->test_count + 1) * sizeof *counts);
        for (size_t i = 0; i < rows; i++) counts[input->row_tests[i] + 1]++;
        for (int i = 0; i < input->test_count; i++) counts[i + 1] += counts[i];
        for (size_t i = 0; i < rows; i++) to[counts[input->row_tests[from[i]]]++] = from[i];
        uint32_t *other = from;
        from = to;
        to = other;
    }
    return from;
}

static bool rows_alike(const struct table *table, int left_out, uint32_t a, uint32_t b) {
    for (int i = 0; i < table->input_count; i++)
        if (i != left_out && table->inputs[i].row_tests[a] != table->inputs[i].row_tests[b])
            return false;
    return true;
}

static bool outputs_alike(const struct table *table, uint32_t a, uint32_t b) {
    for (int i = 0; i < table->output_count; i++)
        if (table->outputs[i].row_cells[a] != table->outputs[i].row_cells[b]) return false;
    return true;
}

static void repeats_check(struct table *table, const uint32_t *sorted) {
    struct dmn *dmn = table->dmn;
    int said = 0;
    if (table->policy == HIT_UNIQUE) return; /* an overlap, which is said already */
    for (int i = 1; i < table->row_count && said < SAID_MAX; i++) {
        uint32_t row = sorted[i - 1], again = sorted[i];
        bool first = table->policy == HIT_FIRST;
        if (!rows_alike(table, -1, row, again) || (!first && !outputs_alike(table, row, again)))
            continue;
        size_t place = dmn_place_add(dmn, ", row %u", again + 1);
        dmn_warn(dmn, table->row_lines[again], "it repeats row %u (line %d)%s: remove one of them",
                 row + 1, table->row_lines[row], first ? " and so is never used" : "");
        dmn_place_cut(dmn, place);
        said++;
    }
}

/* ---- bands that do not meet ----------------------------------------------------------------- */

struct band {
    struct table_interval interval;
    uint32_t row;
};

struct gaps { /* of one table, while they are looked for */
    struct table *table;
    struct band *bands; /* room for all rows */
    int said;
    int64_t budget; /* rows and branches that may still be looked at */
};

static int band_compare(const void *a, const void *b) {
    const struct band *first = a, *second = b;
    return (first->interval.low > second->interval.low) -
           (first->interval.low < second->interval.low);
}

/* A key that the row's test in that column accepts. */
static int64_t key_inside(const struct table_test *test) {
    if (!test->interval_count) return 0;
    const struct table_interval *last = &test->intervals[test->interval_count - 1];
    if (last->low > KEY_LOWEST) return last->low;
    return last->high < KEY_HIGHEST ? last->high : 0;
}

/* Could some row match when `column` has that key and the others are as in `row`? Once the
 * budget is used up it says yes: of what was not looked at nothing is said. */
static bool key_covered(const struct table *table, int column, int64_t key, uint32_t row,
                        int64_t *budget) {
    int64_t keys[TABLE_INPUTS_MAX];
    for (int i = 0; i < table->input_count; i++)
        keys[i] = key_inside(&table->inputs[i].tests[table->inputs[i].row_tests[row]]);
    keys[column] = key;
    const struct table_tree *tree = table->tree;
    while (tree->column >= 0) {
        uint32_t child = 0;
        while (tree->uppers[child] < keys[tree->column]) child++;
        *budget -= child;
        tree = tree->children[child];
    }
    *budget -= tree->count;
    for (uint32_t r = 0; r < tree->count && *budget > 0; r++) {
        bool matches = true;
        for (int i = 0; i < table->input_count && matches; i++) {
            const struct table_input *input = &table->inputs[i];
            const struct table_test *test = &input->tests[input->row_tests[tree->rows[r]]];
            matches = test->any || !test->indexed || table_test_has(test, keys[i]);
        }
        if (matches) return true;
    }
    return *budget <= 0;
}

/* The first key from `key` on of values with as many digits as the table writes: even ones. */
static int64_t key_written(int64_t key) { return key % 2 ? key + 1 : key; }

static void __attribute__((format(printf, 4, 5)))
gap_say(struct gaps *gaps, int column, uint32_t row, const char *format, ...) {
    char text[PROBLEM_TEXT_MAX];
    struct table *table = gaps->table;
    struct dmn *dmn = table->dmn;
    const struct table_input *input = &table->inputs[column];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t place = dmn_place_add(dmn, ", row %u, column %s", row + 1,
                                 input->label ? input->label : input->text);
    dmn_warn(dmn, table->row_lines[row], "%s", text);
    dmn_place_cut(dmn, place);
    gaps->said++;
}

static const char *band_text(const struct gaps *gaps, int column, const struct band *band) {
    const struct table_input *input = &gaps->table->inputs[column];
    return input->tests[input->row_tests[band->row]].text;
}

/* The bands of rows that differ in one column only. Between two there is a gap where a value that
 * the column can have falls through. */
static void bands_check(struct gaps *gaps, int column, int count) {
    struct table *table = gaps->table;
    struct band *bands = gaps->bands;
    int last = 0;
    qsort(bands, (size_t)count, sizeof *bands, band_compare);
    for (int i = 1; i < count && gaps->said < SAID_MAX && gaps->budget > 0; i++) {
        const struct table_interval before = bands[last].interval, after = bands[i].interval;
        bool wide = before.low != before.high || after.low != after.high;
        int64_t gap = key_written(before.high == KEY_HIGHEST ? after.low : before.high + 1);
        if (before.high < after.low && gap < after.low && wide &&
            !key_covered(table, column, gap, bands[last].row, &gaps->budget))
            gap_say(gaps, column, bands[i].row,
                    "no row matches between %s (row %u) and %s: close the gap, or give the table "
                    "a default output",
                    band_text(gaps, column, &bands[last]), bands[last].row + 1,
                    band_text(gaps, column, &bands[i]));
        if (after.high > bands[last].interval.high) last = i;
    }
}

static void gaps_check(struct gaps *gaps, int column, const uint32_t *sorted) {
    const struct table *table = gaps->table;
    const struct table_input *input = &table->inputs[column];
    int count = 0;
    for (int i = 0; i <= table->row_count; i++) {
        bool ends = i == table->row_count ||
                    (i && !rows_alike(table, column, sorted[i - 1], sorted[i]));
        if (ends) {
            if (count > 1) bands_check(gaps, column, count);
            count = 0;
        }
        if (i == table->row_count || gaps->said == SAID_MAX) continue;
        const struct table_test *test = &input->tests[input->row_tests[sorted[i]]];
        if (test->indexed && test->interval_count == 1 && test->intervals[0].low != KEY_NULL)
            gaps->bands[count++] = (struct band){.interval = test->intervals[0], .row = sorted[i]};
    }
}

static bool gaps_matter(const struct table *table) {
    return !table->has_fallback && table->tree && table->policy <= HIT_FIRST;
}

void table_check(struct table *table) {
    size_t rows = (size_t)table->row_count, columns = (size_t)table->input_count;
    overlaps_check(table);
    if (table->dmn->purpose != DMN_ALONE || !columns || !rows || rows * columns > SORTED_CELLS_MAX)
        return;
    uint32_t *memory = calloc(3 * rows + 2, sizeof *memory);
    struct band *bands = calloc(rows, sizeof *bands);
    if (memory && bands) {
        uint32_t *from = memory, *to = memory + rows, *counts = memory + 2 * rows;
        repeats_check(table, rows_sort(table, -1, from, to, counts));
        struct gaps gaps = {.table = table, .bands = bands, .budget = COMPARISONS_MAX};
        for (int i = 0; i < table->input_count && gaps_matter(table); i++) {
            enum table_keying keying = table->inputs[i].keying;
            if ((keying != KEY_NUMBER && keying != KEY_DATE) ||
                rows * columns * columns > SORTED_CELLS_MAX)
                continue;
            gaps_check(&gaps, i, rows_sort(table, i, from, to, counts));
        }
    }
    free(memory);
    free(bands);
}
