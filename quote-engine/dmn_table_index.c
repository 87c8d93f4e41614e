/* The index of a table: a tree that asks one column after the other. Each branch cuts the keys of
 * its column where tests begin and end, so that all keys between two cuts have the same rows.
 *
 * A column is chosen by how few rows it leaves per child. A row with a wide range stands in many
 * children; a budget keeps the tree in proportion to the table, and what it does not cover stays
 * a leaf whose rows are tried by their keys. */
#include <stdlib.h>
#include <string.h>

#include "dmn.h"
#include "dmn_table.h"

enum {
    LEAF_ROWS = 1,          /* a leaf of so few needs no other branch */
    BUDGET_PER_ROW = 24,    /* rows in all branches and leaves, per row of the table */
    BUDGET_EXTRA = 20000,
    WIDEN_MAX = 4,          /* a branch may hold this many times the rows that came to it … */
    WIDEN_EXTRA = 256       /* … and a few more */
};

struct builder {
    struct table *table;
    struct arena *arena;
    int64_t budget; /* row places that may still be used */
    uint32_t *stamps[TABLE_INDEXED_MAX]; /* per column and test: rows of the branch at hand */
    uint32_t *present; /* tests that those rows have */
    bool failed;
};

/* How a column would cut a set of rows. */
struct cut {
    int column;
    int64_t *starts; /* lowest key of each segment, ascending; the first is KEY_NULL */
    uint32_t count;
    uint64_t placed; /* rows over all segments */
};

static int key_compare(const void *a, const void *b) {
    int64_t first = *(const int64_t *)a, second = *(const int64_t *)b;
    return (first > second) - (first < second);
}

/* The segment that holds the key. */
static uint32_t segment_of(const struct cut *cut, int64_t key) {
    uint32_t low = 0, high = cut->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (cut->starts[middle] <= key) low = middle;
        else high = middle;
    }
    return low;
}

/* Counts the rows of each test and lists the tests that occur: never more than there are rows. */
static uint32_t stamps_count(struct builder *builder, int column, const uint32_t *rows,
                             uint32_t count) {
    const struct table_input *input = &builder->table->inputs[column];
    uint32_t *stamps = builder->stamps[column], present = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t test = input->row_tests[rows[i]];
        if (!stamps[test]++) builder->present[present++] = test;
    }
    return present;
}

/* Where the column's tests among these rows begin and end. False when memory ends. */
static bool cut_make(struct builder *builder, int column, const uint32_t *rows, uint32_t count,
                     struct cut *ret_cut) {
    const struct table_test *tests = builder->table->inputs[column].tests;
    uint32_t *stamps = builder->stamps[column];
    uint32_t present = stamps_count(builder, column, rows, count);
    size_t room = 1, at = 0;
    for (uint32_t i = 0; i < present; i++)
        room += 2 * (size_t)tests[builder->present[i]].interval_count;
    struct cut cut = {.column = column, .starts = malloc(room * sizeof *cut.starts)};
    if (cut.starts) cut.starts[at++] = KEY_NULL;
    for (uint32_t i = 0; i < present && cut.starts; i++) {
        const struct table_test *test = &tests[builder->present[i]];
        for (int j = 0; j < test->interval_count; j++) {
            cut.starts[at++] = test->intervals[j].low;
            if (test->intervals[j].high != KEY_HIGHEST)
                cut.starts[at++] = test->intervals[j].high + 1;
        }
    }
    if (cut.starts) qsort(cut.starts, at, sizeof *cut.starts, key_compare);
    for (size_t i = 0; i < at; i++)
        if (!cut.count || cut.starts[cut.count - 1] != cut.starts[i])
            cut.starts[cut.count++] = cut.starts[i];
    for (uint32_t i = 0; i < present; i++) {
        const struct table_test *test = &tests[builder->present[i]];
        for (int j = 0; j < test->interval_count && cut.starts; j++)
            cut.placed += (uint64_t)stamps[builder->present[i]] *
                          (segment_of(&cut, test->intervals[j].high) -
                           segment_of(&cut, test->intervals[j].low) + 1);
        stamps[builder->present[i]] = 0;
    }
    *ret_cut = cut;
    return cut.starts != NULL;
}

/* Does the first cut leave fewer rows per child? */
static bool cut_better(const struct cut *a, const struct cut *b) {
    return a->placed * b->count < b->placed * a->count;
}

/* The best column that is not yet on the way; count 0 when none is worth it. */
static bool cut_choose(struct builder *builder, const uint32_t *rows, uint32_t count,
                       uint64_t used, struct cut *ret_cut) {
    struct table *table = builder->table;
    struct cut best = {0};
    for (int i = 0; i < table->input_count && i < TABLE_INDEXED_MAX; i++) {
        if (used >> i & 1 || table->inputs[i].keying == KEY_NONE) continue;
        struct cut cut;
        if (!cut_make(builder, i, rows, count, &cut)) {
            free(best.starts);
            return false;
        }
        bool useful = cut.count > 1 && cut.placed < (uint64_t)count * cut.count &&
                      cut.placed <= (uint64_t)count * WIDEN_MAX + WIDEN_EXTRA &&
                      (int64_t)cut.placed <= builder->budget;
        if (useful && (!best.count || cut_better(&cut, &best))) {
            free(best.starts);
            best = cut;
        } else {
            free(cut.starts);
        }
    }
    *ret_cut = best;
    return true;
}

/* Has the way to a leaf, through the columns in `used`, decided all tests of this row? */
static bool row_decided(const struct table *table, uint32_t row, uint64_t used) {
    for (int i = 0; i < table->input_count; i++) {
        const struct table_test *test = &table->inputs[i].tests[table->inputs[i].row_tests[row]];
        bool asked = i < TABLE_INDEXED_MAX && used >> i & 1;
        if (!test->any && !(asked && test->indexed)) return false;
    }
    return true;
}

static struct table_tree *leaf_make(struct builder *builder, const uint32_t *rows, uint32_t count,
                                    uint64_t used) {
    struct table_tree *leaf = arena_take(builder->arena, sizeof *leaf);
    uint32_t *copy = arena_take_array(builder->arena, count, sizeof *copy);
    if (!leaf || !copy) {
        builder->failed = true;
        return NULL;
    }
    if (count) memcpy(copy, rows, count * sizeof *copy);
    leaf->column = -1;
    leaf->sure = true;
    for (uint32_t i = 0; i < count && leaf->sure; i++)
        leaf->sure = row_decided(builder->table, rows[i], used);
    leaf->count = count;
    leaf->rows = copy;
    return leaf;
}

/* The rows of each segment, one after the other; offsets has count + 1 places. */
struct spread {
    uint32_t *rows;
    size_t *offsets;
};

static bool spread_make(const struct builder *builder, const struct cut *cut,
                        const uint32_t *rows, uint32_t count, struct spread *ret_spread) {
    const struct table_input *input = &builder->table->inputs[cut->column];
    struct spread spread = {.rows = malloc(cut->placed * sizeof *spread.rows + 1),
                            .offsets = calloc((size_t)cut->count + 2, sizeof *spread.offsets)};
    if (!spread.rows || !spread.offsets) {
        free(spread.rows);
        free(spread.offsets);
        return false;
    }
    /* First how many rows each segment has (two places on), then where each begins, then the
     * rows: each pass advances the places, which so end up where the segments begin. */
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < count; i++) {
            const struct table_test *test = &input->tests[input->row_tests[rows[i]]];
            for (int j = 0; j < test->interval_count; j++) {
                uint32_t last = segment_of(cut, test->intervals[j].high);
                for (uint32_t s = segment_of(cut, test->intervals[j].low); s <= last; s++) {
                    if (pass == 0) spread.offsets[s + 2]++;
                    else spread.rows[spread.offsets[s + 1]++] = rows[i];
                }
            }
        }
        if (pass == 0)
            for (uint32_t s = 2; s < cut->count + 2; s++)
                spread.offsets[s] += spread.offsets[s - 1];
    }
    *ret_spread = spread;
    return true;
}

static bool segments_same(const struct spread *spread, uint32_t a, uint32_t b) {
    size_t size_a = spread->offsets[a + 1] - spread->offsets[a];
    size_t size_b = spread->offsets[b + 1] - spread->offsets[b];
    return size_a == size_b && memcmp(spread->rows + spread->offsets[a],
                                      spread->rows + spread->offsets[b],
                                      size_a * sizeof *spread->rows) == 0;
}

static const struct table_tree *tree_make(struct builder *builder, const uint32_t *rows,
                                          uint32_t count, uint64_t used);

/* A branch with one child for each run of segments that have the same rows. */
static const struct table_tree *branch_make(struct builder *builder, const struct cut *cut,
                                            const struct spread *spread, uint64_t used) {
    struct table_tree *branch = arena_take(builder->arena, sizeof *branch);
    int64_t *uppers = arena_take_array(builder->arena, cut->count, sizeof *uppers);
    const struct table_tree **children =
        arena_take_array(builder->arena, cut->count, sizeof *children);
    if (!branch || !uppers || !children) {
        builder->failed = true;
        return NULL;
    }
    uint32_t kept = 0;
    for (uint32_t s = 0; s < cut->count && !builder->failed; s++) {
        int64_t upper = s + 1 < cut->count ? cut->starts[s + 1] - 1 : KEY_HIGHEST;
        if (s && segments_same(spread, s - 1, s)) {
            uppers[kept - 1] = upper;
            continue;
        }
        uppers[kept] = upper;
        children[kept++] =
            tree_make(builder, spread->rows + spread->offsets[s],
                      (uint32_t)(spread->offsets[s + 1] - spread->offsets[s]), used);
    }
    branch->column = cut->column;
    branch->count = kept;
    branch->uppers = uppers;
    branch->children = children;
    return branch;
}

/* No deeper than there are columns. */
static const struct table_tree *tree_make(struct builder *builder, const uint32_t *rows,
                                          uint32_t count, uint64_t used) {
    struct cut cut = {0};
    if (count > LEAF_ROWS && !cut_choose(builder, rows, count, used, &cut)) {
        builder->failed = true;
        return NULL;
    }
    if (!cut.count) return leaf_make(builder, rows, count, used);
    builder->budget -= (int64_t)cut.placed;
    struct spread spread;
    const struct table_tree *tree = NULL;
    if (spread_make(builder, &cut, rows, count, &spread)) {
        tree = branch_make(builder, &cut, &spread, used | (uint64_t)1 << cut.column);
        free(spread.rows);
        free(spread.offsets);
    } else {
        builder->failed = true;
    }
    free(cut.starts);
    return tree;
}

bool table_index(struct table *table) {
    int keyed = 0;
    struct builder builder = {.table = table,
                              .arena = &table->dmn->program->arena,
                              .budget = (int64_t)table->row_count * BUDGET_PER_ROW + BUDGET_EXTRA};
    for (int i = 0; i < table->input_count && i < TABLE_INDEXED_MAX; i++) {
        if (table->inputs[i].keying == KEY_NONE) continue;
        keyed++;
        builder.stamps[i] =
            arena_take_array(table->dmn->texts, (size_t)table->inputs[i].test_count,
                             sizeof *builder.stamps[i]);
        if (!builder.stamps[i]) return false;
    }
    if (!keyed || !table->row_count) return true;
    uint32_t *rows = malloc((size_t)table->row_count * sizeof *rows);
    builder.present =
        arena_take_array(table->dmn->texts, (size_t)table->row_count, sizeof *builder.present);
    if (!rows || !builder.present) {
        free(rows);
        return false;
    }
    for (int i = 0; i < table->row_count; i++) rows[i] = (uint32_t)i;
    table->tree = tree_make(&builder, rows, (uint32_t)table->row_count, 0);
    free(rows);
    return !builder.failed;
}
