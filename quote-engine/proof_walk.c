/* The search through all columns of a table together, for gaps, rows that match at once, and the
 * rows that decide somewhere. Exact, or it says that it ran out of steps.
 *
 * A node of the search is a set of rows and the columns that are already fixed. It takes the column
 * in which the rows are the most selective, cuts it where their tests begin and end, and goes into
 * each part with the rows that match there; parts with the same rows are one. It stops where no row
 * is left (a gap), where nothing more can be learnt, or where no row restricts a further column.
 * Memory and steps are counted; the depth is at most the number of columns. */
#include <stdlib.h>
#include <string.h>

#include "proof.h"

enum {
    PARTS_REMEMBERED_MAX = 16,
    PAIRS_LOOKED_MAX = 4000, /* in one place */
    NEIGHBOURS_MAX = 32,
    COMPARISONS_MAX = 20 * 1000 * 1000 /* of neighbours' tests */
};

struct walk {
    struct proof_space *space;
    const struct proof_wanted *wanted;
    struct proof_findings *findings;
    int32_t segments[TABLE_INPUTS_MAX]; /* of the fixed columns; -1: not fixed */
    bool unsure[TABLE_INPUTS_MAX];      /* it may not occur */
    int64_t steps, places; /* left */
    bool stop, starved;
};

static bool is_row(const struct walk *walk, uint32_t row) {
    return row < (uint32_t)walk->space->row_count;
}

static bool walk_spend(struct walk *walk, int64_t steps) {
    walk->steps -= steps;
    if (walk->steps > 0) return true;
    walk->findings->out_of_steps = walk->stop = true;
    return false;
}

/* ---- what was found ------------------------------------------------------------------------- */

/* The place at hand; columns that are not fixed get a value that rows `a` and `b` (if any) let
 * pass, preferably one that surely occurs. */
static int32_t *point_copy(struct walk *walk, const uint32_t *rows, int row_count) {
    struct proof_space *space = walk->space;
    int32_t *copy = proof_take(space->proof, (size_t)space->column_count, sizeof *copy);
    if (!copy) {
        walk->starved = walk->stop = true;
        return NULL;
    }
    for (int c = 0; c < space->column_count; c++) {
        const struct proof_column *column = &space->columns[c];
        copy[c] = walk->segments[c];
        for (int32_t s = 0; copy[c] < 0 && s < column->segment_count; s++) {
            bool passes = true;
            for (int i = 0; i < row_count; i++)
                passes &= proof_test_has(proof_test_of(space, rows[i], c), s);
            if (passes) copy[c] = s;
        }
    }
    return copy;
}

static void gap_add(struct walk *walk) {
    struct proof_findings *findings = walk->findings;
    bool sure = true;
    for (int c = 0; c < walk->space->column_count; c++)
        if (walk->segments[c] >= 0 && walk->unsure[c]) sure = false;
    int kept = findings->gap_count + findings->unsure_count < PROOF_SAID_MAX
                   ? (int)(findings->gap_count + findings->unsure_count)
                   : PROOF_SAID_MAX;
    int at = kept;
    if (kept == PROOF_SAID_MAX) { /* one that is certain takes the place of one that is not */
        for (at = 0; at < kept && findings->gaps[at].sure; at++) {}
        if (!sure) at = kept;
    }
    if (sure) findings->gap_count++;
    else findings->unsure_count++;
    if (at == PROOF_SAID_MAX) return;
    int32_t *segments = point_copy(walk, NULL, 0);
    if (segments) findings->gaps[at] = (struct proof_point){.segments = segments, .sure = sure};
}

/* May two rows of the table match at once? UNIQUE: never. ANY: with the same outputs. */
static bool rows_may_meet(const struct table *table, uint32_t a, uint32_t b, bool *ret_sure) {
    *ret_sure = true;
    if (table->policy != HIT_ANY) return false;
    for (int i = 0; i < table->output_count; i++) {
        const struct table_output *output = &table->outputs[i];
        const struct table_cell *first = &output->cells[output->row_cells[a]];
        const struct table_cell *second = &output->cells[output->row_cells[b]];
        struct moment moment = {0};
        if (first == second) continue;
        if (first->code || second->code) *ret_sure = false;
        else if (!(first->value.kind == VALUE_NULL && second->value.kind == VALUE_NULL) &&
                 value_equal(&first->value, &second->value, &moment) != 1)
            return false;
    }
    return *ret_sure;
}

static void pair_add(struct walk *walk, uint32_t a, uint32_t b) {
    struct proof_findings *findings = walk->findings;
    bool sure;
    if (rows_may_meet(walk->space->table, a, b, &sure)) return;
    int kept = findings->pair_count < PROOF_SAID_MAX ? (int)findings->pair_count : PROOF_SAID_MAX;
    for (int i = 0; i < kept; i++)
        if (findings->pairs[i].a == a && findings->pairs[i].b == b) return;
    findings->pair_count++;
    if (kept == PROOF_SAID_MAX) return;
    int32_t *segments = point_copy(walk, (uint32_t[]){a, b}, 2);
    if (segments)
        findings->pairs[kept] =
            (struct proof_pair){.a = a, .b = b, .sure = sure, .segments = segments};
}

/* All rows of the set match here, whatever the columns that are not fixed hold. */
static void leaf_look(struct walk *walk, const uint32_t *rows, uint32_t count) {
    struct proof_space *space = walk->space;
    struct proof_findings *findings = walk->findings;
    uint32_t real = 0, certain = 0;
    bool null = false;
    for (int c = 0; c < space->column_count; c++)
        null |= walk->segments[c] >= space->columns[c].value_count;
    for (uint32_t i = 0; i < count; i++) {
        if (!is_row(walk, rows[i])) {
            if (!real && !null && walk->wanted->gaps)
                space->gaps[rows[i] - (uint32_t)space->row_count]->used = true;
            certain++;
            continue;
        }
        real++;
        if (!space->fuzzy_rows[rows[i]]) certain++;
        else if (findings->fuzzy_row < 0) findings->fuzzy_row = rows[i];
        if (findings->reached && (walk->wanted->within < 0 || rows[i] != walk->wanted->within))
            findings->reached[rows[i]] = 1;
        if (walk->wanted->reach && !space->fuzzy_rows[rows[i]]) return;
    }
    if (!walk->wanted->pairs || real < 2 || !walk_spend(walk, real)) return;
    int looked = 0;
    for (uint32_t i = 0; i < count && looked < PAIRS_LOOKED_MAX; i++) {
        if (!is_row(walk, rows[i]) || space->fuzzy_rows[rows[i]]) continue;
        for (uint32_t j = i + 1; j < count && looked < PAIRS_LOOKED_MAX; j++) {
            if (!is_row(walk, rows[j]) || space->fuzzy_rows[rows[j]]) continue;
            looked++;
            pair_add(walk, rows[i], rows[j]);
        }
    }
}

/* ---- choosing a column ---------------------------------------------------------------------- */

static int64_t test_width(const struct proof_test *test) {
    int64_t width = 0;
    for (int i = 0; i < test->span_count; i++)
        width += test->spans[i].last - test->spans[i].first + 1;
    return width;
}

/* The column that leaves the fewest rows on average; -1 when no row restricts any. */
static int column_choose(struct walk *walk, const uint32_t *rows, uint32_t count) {
    const struct proof_space *space = walk->space;
    double best = 2;
    int chosen = -1;
    for (int c = 0; c < space->column_count; c++) {
        const struct proof_column *column = &space->columns[c];
        double sum = 0;
        bool restricts = false;
        if (walk->segments[c] >= 0 || !column->segment_count) continue;
        if (!walk_spend(walk, count)) return -1;
        for (uint32_t i = 0; i < count; i++) {
            const struct proof_test *test = proof_test_of(space, rows[i], c);
            restricts |= !test->full;
            sum += test->full ? 1 : (double)test_width(test) / column->segment_count;
        }
        sum /= count;
        if (restricts && sum < best) {
            best = sum;
            chosen = c;
        }
    }
    return chosen;
}

static bool row_full(const struct walk *walk, uint32_t row) {
    const struct proof_space *space = walk->space;
    for (int c = 0; c < space->column_count; c++)
        if (walk->segments[c] < 0 && !proof_test_of(space, row, c)->full) return false;
    return true;
}

static bool row_fuzzy(const struct walk *walk, uint32_t row) {
    return is_row(walk, row) && walk->space->fuzzy_rows[row];
}

/* Is nothing to be learnt from here on? Where rows take precedence, those behind one that always
 * matches are left out first: *count falls. The row that the search is within stays. */
static bool nothing_more(struct walk *walk, uint32_t *rows, uint32_t *count) {
    const struct proof_findings *findings = walk->findings;
    bool covered = false, new = false;
    uint32_t real = 0;
    if (!walk_spend(walk, (int64_t)*count)) return true;
    uint32_t kept = *count;
    for (uint32_t i = 0; i < *count; i++) {
        real += is_row(walk, rows[i]);
        if (walk->wanted->reach && is_row(walk, rows[i])) new |= !findings->reached[rows[i]];
        if (covered || row_fuzzy(walk, rows[i]) || !row_full(walk, rows[i])) continue;
        if (!is_row(walk, rows[i]) && walk->wanted->gaps &&
            !walk->space->gaps[rows[i] - (uint32_t)walk->space->row_count]->used)
            continue;
        covered = true;
        if (walk->wanted->reach) kept = i + 1;
    }
    if (kept < *count && walk->wanted->within >= 0) rows[kept++] = (uint32_t)walk->wanted->within;
    *count = kept;
    if (walk->wanted->gaps && !covered) return false;
    if (walk->wanted->reach) return !new;
    return real < 2 || !walk->wanted->pairs || findings->pair_count > PROOF_SAID_MAX;
}

/* ---- parts of a column ---------------------------------------------------------------------- */

struct parts {
    int32_t *starts; /* first segment of each, ascending; `starts[count]` ends the last */
    uint32_t count;
    uint32_t *rows;  /* of all parts, one after the other */
    size_t *offsets; /* where each begins; the last: the end */
    int64_t places;
};

static void parts_done(struct walk *walk, struct parts *parts) {
    walk->places += parts->places;
    free(parts->starts);
    free(parts->rows);
    free(parts->offsets);
}

static int start_order(const void *a, const void *b) {
    int32_t first = *(const int32_t *)a, second = *(const int32_t *)b;
    return (first > second) - (first < second);
}

static uint32_t part_of(const struct parts *parts, int32_t segment) {
    uint32_t low = 0, high = parts->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (parts->starts[middle] <= segment) low = middle;
        else high = middle;
    }
    return low;
}

/* Where tests begin and end; null and each end of the values are cuts too. */
static bool parts_cut(struct walk *walk, int c, const uint32_t *rows, uint32_t count,
                      struct parts *parts) {
    const struct proof_space *space = walk->space;
    const struct proof_column *column = &space->columns[c];
    size_t room = 4, at = 0;
    for (uint32_t i = 0; i < count; i++)
        room += 2 * (size_t)proof_test_of(space, rows[i], c)->span_count;
    if (!walk_spend(walk, (int64_t)room)) return false;
    parts->starts = malloc(room * sizeof *parts->starts);
    if (!parts->starts) return false;
    parts->starts[at++] = 0;
    if (column->value_count < column->segment_count) parts->starts[at++] = column->value_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct proof_test *test = proof_test_of(space, rows[i], c);
        for (int j = 0; j < test->span_count; j++) {
            parts->starts[at++] = test->spans[j].first;
            if (test->spans[j].last + 1 < column->segment_count)
                parts->starts[at++] = test->spans[j].last + 1;
        }
    }
    qsort(parts->starts, at, sizeof *parts->starts, start_order);
    for (size_t i = 0; i < at; i++)
        if (!parts->count || parts->starts[parts->count - 1] != parts->starts[i])
            parts->starts[parts->count++] = parts->starts[i];
    parts->starts[parts->count] = column->segment_count;
    return true;
}

static bool parts_fill(struct walk *walk, int c, const uint32_t *rows, uint32_t count,
                       struct parts *parts) {
    const struct proof_space *space = walk->space;
    parts->offsets = calloc((size_t)parts->count + 2, sizeof *parts->offsets);
    if (!parts->offsets) return false;
    /* First how many rows each part has (two places on), then where each begins, then the rows. */
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < count; i++) {
            const struct proof_test *test = proof_test_of(space, rows[i], c);
            for (int j = 0; j < test->span_count; j++) {
                uint32_t last = part_of(parts, test->spans[j].last);
                uint32_t first = part_of(parts, test->spans[j].first);
                if (pass == 0) {
                    parts->places += last - first + 1;
                    if (parts->places > walk->places || !walk_spend(walk, last - first + 1))
                        return false;
                }
                for (uint32_t p = first; p <= last; p++) {
                    if (pass == 0) parts->offsets[p + 2]++;
                    else parts->rows[parts->offsets[p + 1]++] = rows[i];
                }
            }
        }
        if (pass == 1) break;
        for (uint32_t p = 2; p < parts->count + 2; p++) parts->offsets[p] += parts->offsets[p - 1];
        parts->rows = malloc(((size_t)parts->places + 1) * sizeof *parts->rows);
        if (!parts->rows) return false;
    }
    return true;
}

/* Sets the column to a value of the part, one that surely occurs if there is such. */
static void part_enter(struct walk *walk, int c, const struct parts *parts, uint32_t part) {
    const struct proof_column *column = &walk->space->columns[c];
    walk->segments[c] = parts->starts[part];
    walk->unsure[c] = true;
    for (int32_t s = parts->starts[part]; s < parts->starts[part + 1]; s++) {
        if (!column->segments[s].sure) continue;
        walk->segments[c] = s;
        walk->unsure[c] = false;
        return;
    }
}

struct part_rows { /* of parts that were gone into */
    const uint32_t *rows;
    size_t count;
    bool sure;
};

/* Were these rows gone into already, under this node? */
static bool part_known(struct part_rows *known, int *known_count, const struct part_rows *part) {
    for (int i = 0; i < *known_count; i++)
        if (known[i].count == part->count && known[i].sure >= part->sure &&
            memcmp(known[i].rows, part->rows, part->count * sizeof *part->rows) == 0)
            return true;
    if (*known_count < PARTS_REMEMBERED_MAX) known[(*known_count)++] = *part;
    return false;
}

static bool part_within(const struct walk *walk, const uint32_t *rows, size_t count) {
    if (walk->wanted->within < 0) return true;
    for (size_t i = 0; i < count; i++)
        if (rows[i] == walk->wanted->within) return true;
    return false;
}

/* ---- nodes ---------------------------------------------------------------------------------- */

static void node_walk(struct walk *walk, uint32_t *rows, uint32_t count);

static void parts_walk(struct walk *walk, int c, const struct parts *parts) {
    struct part_rows known[PARTS_REMEMBERED_MAX];
    int known_count = 0;
    const struct proof_column *column = &walk->space->columns[c];
    for (uint32_t p = 0; p < parts->count && !walk->stop; p++) {
        bool null = parts->starts[p] >= column->value_count;
        struct part_rows part = {.rows = parts->rows + parts->offsets[p],
                                 .count = parts->offsets[p + 1] - parts->offsets[p]};
        if (null && !part.count) continue;
        part_enter(walk, c, parts, p);
        part.sure = !walk->unsure[c];
        if (part.count && !null && part_known(known, &known_count, &part)) continue;
        if (part_within(walk, part.rows, part.count))
            node_walk(walk, parts->rows + parts->offsets[p], (uint32_t)part.count);
    }
    walk->segments[c] = -1;
}

static bool null_fixed(const struct walk *walk) {
    for (int c = 0; c < walk->space->column_count; c++)
        if (walk->segments[c] >= walk->space->columns[c].value_count) return true;
    return false;
}

/* No deeper than there are columns: each level fixes one. */
static void node_walk(struct walk *walk, uint32_t *rows, uint32_t count) {
    if (!count) {
        if (walk->wanted->gaps && !null_fixed(walk)) gap_add(walk);
        return;
    }
    if (nothing_more(walk, rows, &count)) return;
    int column = column_choose(walk, rows, count);
    if (walk->stop) return;
    if (column < 0) {
        leaf_look(walk, rows, count);
        return;
    }
    struct parts parts = {0};
    bool made = parts_cut(walk, column, rows, count, &parts) &&
                parts_fill(walk, column, rows, count, &parts);
    if (made) {
        walk->places -= parts.places;
        parts_walk(walk, column, &parts);
    } else if (walk->steps > 0 && parts.places <= walk->places) {
        walk->starved = walk->stop = true;
        parts.places = 0;
    } else {
        walk->findings->out_of_steps = walk->stop = true;
        parts.places = 0;
    }
    parts_done(walk, &parts);
}

/* ---- when there are too many places --------------------------------------------------------- */

struct begun { /* a row by where it begins in one column */
    int32_t first;
    uint32_t row;
};

static int begun_order(const void *a, const void *b) {
    const struct begun *first = a, *second = b;
    if (first->first != second->first) return first->first < second->first ? -1 : 1;
    return (first->row > second->row) - (first->row < second->row);
}

/* The first segment that passes both; -1 when none does. */
static int32_t tests_meet(const struct proof_test *a, const struct proof_test *b) {
    for (int i = 0, j = 0; i < a->span_count && j < b->span_count;) {
        int32_t first = a->spans[i].first > b->spans[j].first ? a->spans[i].first
                                                              : b->spans[j].first;
        if (first <= a->spans[i].last && first <= b->spans[j].last) return first;
        if (a->spans[i].last < b->spans[j].last) i++;
        else j++;
    }
    return -1;
}

static void rows_compare(struct walk *walk, uint32_t a, uint32_t b) {
    const struct proof_space *space = walk->space;
    bool meet = !space->fuzzy_rows[a] && !space->fuzzy_rows[b];
    for (int c = 0; c < space->column_count && meet; c++) {
        walk->segments[c] = tests_meet(proof_test_of(space, a, c), proof_test_of(space, b, c));
        meet = walk->segments[c] >= 0;
    }
    if (meet) pair_add(walk, a < b ? a : b, a < b ? b : a);
    for (int c = 0; c < space->column_count; c++) walk->segments[c] = -1;
}

/* Rows that match at once are still looked for among those that begin near each other, so that
 * what is plainly wrong is not merely undecided. */
static void neighbours_compare(struct walk *walk) {
    const struct proof_space *space = walk->space;
    size_t count = (size_t)space->row_count;
    struct begun *rows = malloc((count + 1) * sizeof *rows);
    for (int c = 0; c < space->column_count; c++) walk->segments[c] = -1;
    int64_t left = COMPARISONS_MAX / (space->column_count + 1);
    for (int c = 0; c < space->column_count && rows && left > 0; c++) {
        for (uint32_t r = 0; r < count; r++) {
            const struct proof_test *test = proof_test_of(space, r, c);
            rows[r] = (struct begun){.first = test->span_count ? test->spans[0].first : -1,
                                     .row = r};
        }
        qsort(rows, count, sizeof *rows, begun_order);
        for (size_t i = 0; i < count; i++)
            for (size_t j = i + 1; j < count && j <= i + NEIGHBOURS_MAX; j++)
                if (walk->findings->pair_count <= PROOF_SAID_MAX && left-- > 0)
                    rows_compare(walk, rows[i].row, rows[j].row);
    }
    free(rows);
}

/* The rows to begin with, in their order, declared gaps last. */
static uint32_t *rows_first(const struct walk *walk, uint32_t *ret_count) {
    const struct proof_space *space = walk->space;
    const struct proof_wanted *wanted = walk->wanted;
    uint32_t *rows = malloc(((size_t)space->row_count + (size_t)space->gap_count + 1) *
                            sizeof *rows);
    uint32_t count = 0;
    for (int i = 0; rows && i < space->row_count; i++) {
        uint32_t row = wanted->order ? wanted->order[i] : (uint32_t)i;
        rows[count++] = row;
        if ((int64_t)row == wanted->within) break; /* those behind it cannot cover it */
    }
    for (int i = 0; rows && wanted->within < 0 && i < space->gap_count; i++)
        rows[count++] = (uint32_t)(space->row_count + i);
    *ret_count = count;
    return rows;
}

bool proof_walk(struct proof_space *space, const struct proof_wanted *wanted,
                struct proof_findings *findings) {
    struct proof *proof = space->proof;
    int64_t given = proof->steps < PROOF_STEPS_TABLE_MAX ? proof->steps : PROOF_STEPS_TABLE_MAX;
    struct walk walk = {.space = space,
                        .wanted = wanted,
                        .findings = findings,
                        .steps = given,
                        .places = PROOF_PLACES_MAX};
    for (int c = 0; c < space->column_count; c++) walk.segments[c] = -1;
    findings->fuzzy_row = -1;
    uint32_t count;
    uint32_t *rows = rows_first(&walk, &count);
    if (!rows) return false;
    node_walk(&walk, rows, count);
    free(rows);
    if (findings->out_of_steps && wanted->pairs && !walk.starved) neighbours_compare(&walk);
    proof->steps -= given - (walk.steps > 0 ? walk.steps : 0);
    return !walk.starved;
}
