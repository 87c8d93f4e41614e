/* Single rows of a table: tests that nothing passes, rows that repeat others, and rows that can
 * never decide because those before them (or those of higher priority) cover them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proof.h"

enum { COVERING_SAID_MAX = 5, RANK_SCRATCH_BYTES = 16 * 1024 };

/* ---- tests that nothing passes -------------------------------------------------------------- */

/* The question with options behind a column: product_check_choices.c speaks of those. */
static bool is_choice(const struct proof_space *space, int column) {
    const struct product_info *info = &space->proof->product->info;
    const char *text = space->columns[column].input->text;
    const struct product_question *question =
        product_question_find(info->questions, info->question_count, text, strlen(text));
    return question && question->type == QUESTION_CHOICE;
}

static void dead_say(struct proof_space *space, int column, uint32_t row) {
    const struct proof_column *at = &space->columns[column];
    const struct proof_test *test = proof_test_of(space, row, column);
    char place[PROBLEM_PLACE_MAX], cell[PROOF_VALUE_MAX];
    bool twins = space->twins[at->first] >= 0;
    proof_say_cell(space, column, row, cell);
    snprintf(place, sizeof place, ", row %u, column %.80s", row + 1,
             at->input->label ? at->input->label : at->input->text);
    int line = space->table->row_lines[row];
    if (test->never || twins)
        proof_add(space->proof, false, space->element, line, place,
                  "no value passes %s, so this row can never match: mend the test, or remove the "
                  "row",
                  cell);
    else
        proof_add(space->proof, true, space->element, line, place,
                  "%s never takes a value that passes %s, so this row never matches: mend the "
                  "test, or remove the row",
                  at->name, cell);
}

static void dead_find(struct proof_space *space, uint8_t *dead) {
    int said = 0;
    for (uint32_t row = 0; row < (uint32_t)space->row_count; row++) {
        for (int c = 0; c < space->column_count; c++) {
            const struct proof_test *test = proof_test_of(space, row, c);
            if (test->span_count || test->fuzzy || !space->columns[c].segment_count) continue;
            dead[row] = 1;
            if (!is_choice(space, c) && said++ < PROOF_SAID_MAX) dead_say(space, c, row);
            break;
        }
    }
}

/* Values that a test names beside others, and that the input never takes. */
static void names_check(struct proof_space *space, int column) {
    const struct proof_column *at = &space->columns[column];
    int said = 0;
    if (!at->domain.known || is_choice(space, column) || space->twins[at->first] >= 0) return;
    for (int t = 0; t < at->input->test_count; t++) {
        const struct table_test *test = &at->input->tests[t];
        if (!at->tests[t].span_count || at->tests[t].fuzzy || test->node->negated) continue;
        for (int i = 0; i < test->atom_count && said < PROOF_SAID_MAX; i++) {
            const struct table_atom *atom = &test->atoms[i];
            if (atom->low_bound != RANGE_CLOSED || atom->high_bound != RANGE_CLOSED ||
                proof_compare(&atom->low, &atom->high) != 0 ||
                proof_domain_has(&at->domain, &atom->low))
                continue;
            char place[PROBLEM_PLACE_MAX], text[PROOF_VALUE_MAX];
            snprintf(place, sizeof place, ", row %d, column %.80s", test->row + 1,
                     at->input->label ? at->input->label : at->input->text);
            proof_say_value(&atom->low, text);
            proof_add(space->proof, true, space->element, space->table->row_lines[test->row], place,
                      "%s is never %s: take it out of the test, or mend it", at->name, text);
            said++;
        }
    }
}

/* ---- rows that repeat others ---------------------------------------------------------------- */

struct hashed {
    uint64_t hash;
    uint32_t row;
};

static int hashed_order(const void *a, const void *b) {
    const struct hashed *first = a, *second = b;
    if (first->hash != second->hash) return first->hash < second->hash ? -1 : 1;
    return (first->row > second->row) - (first->row < second->row);
}

static bool rows_same(const struct table *table, uint32_t a, uint32_t b) {
    for (int i = 0; i < table->input_count; i++)
        if (table->inputs[i].row_tests[a] != table->inputs[i].row_tests[b]) return false;
    for (int i = 0; i < table->output_count; i++)
        if (table->outputs[i].row_cells[a] != table->outputs[i].row_cells[b]) return false;
    return true;
}

static uint64_t row_hash(const struct table *table, int row) {
    uint64_t hash = 14695981039346656037u;
    for (int i = 0; i < table->input_count; i++)
        hash = (hash ^ table->inputs[i].row_tests[row]) * 1099511628211u;
    for (int i = 0; i < table->output_count; i++)
        hash = (hash ^ table->outputs[i].row_cells[row]) * 1099511628211u;
    return hash ^ hash >> 29;
}

static void repeats_find(struct proof_space *space, uint8_t *dead) {
    const struct table *table = space->table;
    int said = 0;
    struct hashed *rows = proof_take(space->proof, (size_t)table->row_count, sizeof *rows);
    if (!rows) return;
    for (int i = 0; i < table->row_count; i++)
        rows[i] = (struct hashed){.hash = row_hash(table, i), .row = (uint32_t)i};
    qsort(rows, (size_t)table->row_count, sizeof *rows, hashed_order);
    for (int i = 1, first = 0; i < table->row_count; i++) {
        if (rows[i].hash != rows[first].hash || !rows_same(table, rows[first].row, rows[i].row)) {
            first = i;
            continue;
        }
        char place[PROBLEM_PLACE_MAX];
        dead[rows[i].row] = 1;
        if (said++ >= PROOF_SAID_MAX) continue;
        snprintf(place, sizeof place, ", row %u", rows[i].row + 1);
        proof_add(space->proof, table->policy > HIT_FIRST, space->element,
                  table->row_lines[rows[i].row], place,
                  "it repeats row %u (line %d): remove one of them", rows[first].row + 1,
                  table->row_lines[rows[first].row]);
    }
}

void proof_rows_check(struct proof_space *space, uint8_t *ret_dead) {
    dead_find(space, ret_dead);
    for (int c = 0; c < space->column_count; c++) names_check(space, c);
    repeats_find(space, ret_dead);
}

/* ---- precedence ----------------------------------------------------------------------------- */

/* The place of each distinct cell's value among the output values, most important first. */
static bool cells_rank(struct proof_space *space, const struct table_output *output,
                       int32_t **ret_ranks) {
    int32_t *ranks = proof_take(space->proof, (size_t)output->cell_count, sizeof *ranks);
    char *memory = proof_take(space->proof, RANK_SCRATCH_BYTES, 1);
    struct moment moment = {0};
    struct frame none = {0};
    if (!ranks || !memory) return false;
    for (int i = 0; i < output->cell_count; i++) {
        if (output->cells[i].code) return false;
        int rank = 0;
        for (; rank < output->value_count; rank++) {
            struct scratch scratch;
            scratch_init(&scratch, memory, RANK_SCRATCH_BYTES);
            struct evaluation evaluation = {
                .scratch = &scratch, .moment = &moment, .steps_left = scratch.steps_max};
            if (tests_match(output->values[rank], &evaluation, &none, &output->cells[i].value))
                break;
        }
        ranks[i] = rank;
    }
    *ret_ranks = ranks;
    return true;
}

/* Makes the ranks of all outputs, from left to right, one number per row; then sorts by it. */
bool proof_rows_order(struct proof_space *space, const uint32_t **ret_order) {
    const struct table *table = space->table;
    size_t rows = (size_t)table->row_count;
    uint32_t *order = proof_take(space->proof, rows, sizeof *order);
    struct hashed *keys = proof_take(space->proof, rows, sizeof *keys);
    if (!order || !keys) return false;
    for (size_t i = 0; i < rows; i++) keys[i].row = (uint32_t)i;
    for (int o = 0; table->policy == HIT_PRIORITY && o < table->output_count; o++) {
        const struct table_output *output = &table->outputs[o];
        int32_t *ranks;
        uint64_t values = (uint64_t)output->value_count + 1;
        if (!output->value_count) continue;
        if (!cells_rank(space, output, &ranks)) return false;
        for (size_t i = 0; i < rows; i++) {
            if (keys[i].hash > UINT64_MAX / values - 1) return false;
            keys[i].hash = keys[i].hash * values + (uint64_t)ranks[output->row_cells[i]];
        }
    }
    qsort(keys, rows, sizeof *keys, hashed_order);
    for (size_t i = 0; i < rows; i++) order[i] = keys[i].row;
    *ret_order = order;
    return true;
}

/* ---- rows that can never decide ------------------------------------------------------------- */

/* "rows 2 and 5": of those that decide wherever the row matches. */
static void covering_say(const uint8_t *reached, int count, char *ret_text, size_t size) {
    int total = 0, said = 0;
    size_t length = 0;
    for (int i = 0; i < count; i++) total += reached[i];
    for (int i = 0; i < count && said < COVERING_SAID_MAX; i++) {
        if (!reached[i]) continue;
        const char *join = said == 0 ? "" : said + 1 == total ? " and " : ", ";
        int written = snprintf(ret_text + length, size - length, "%s%d", join, i + 1);
        if (written < 0 || (size_t)written >= size - length) return;
        length += (size_t)written;
        said++;
    }
    if (total > said && length < size)
        snprintf(ret_text + length, size - length, " and %d more", total - said);
}

static bool unreached_say(struct proof_space *space, const uint32_t *order, uint32_t row) {
    const struct table *table = space->table;
    struct proof_findings findings = {.fuzzy_row = -1};
    struct proof_wanted wanted = {.reach = true, .order = order, .within = row};
    char place[PROBLEM_PLACE_MAX], rows[120] = "";
    findings.reached = proof_take(space->proof, (size_t)table->row_count, 1);
    if (!findings.reached || !proof_walk(space, &wanted, &findings)) return false;
    int total = 0;
    for (int i = 0; i < table->row_count; i++) total += findings.reached[i];
    covering_say(findings.reached, table->row_count, rows, sizeof rows);
    snprintf(place, sizeof place, ", row %u", row + 1);
    proof_add(space->proof, false, space->element, table->row_lines[row], place,
              "row %u can never match: %s %s %s it%s; remove it, or put it before them", row + 1,
              total == 1 ? "row" : "rows", total ? rows : "before it",
              total == 1 ? "covers" : "cover",
              table->policy == HIT_PRIORITY ? " with higher priority" : "");
    return true;
}

void proof_rows_unreached(struct proof_space *space, const uint32_t *order,
                          const struct proof_findings *findings, const uint8_t *dead) {
    int said = 0;
    if (findings->out_of_steps) return;
    for (uint32_t row = 0; row < (uint32_t)space->row_count; row++) {
        if (findings->reached[row] || dead[row] || space->fuzzy_rows[row]) continue;
        if (said++ == PROOF_SAID_MAX || !unreached_say(space, order, row)) return;
    }
}
