/* Tiers: rows of bands with a base and a rate, of which each must begin where the one below ends:
 * base + (input - from) / per * rate gives the same on both sides of the boundary. Computed in
 * decimals, exactly but for the rounding that the tiers declare. And sums: columns of results that
 * add up in every row. Columns named base and rate are looked at undeclared too, with a warning. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proof.h"

struct tier { /* a row of numbers */
    uint32_t row;
    uint64_t group; /* alike in the other inputs */
    const struct table_atom *band;
    struct decimal base, rate, from;
    bool from_given;
};

struct tiers { /* of one table */
    struct proof *proof;
    const struct proof_tiers *declared;
    const struct table *table;
    int element, input, base, rate, from; /* columns; from -1: the band's beginning */
    bool sure; /* declared: else it only looks so */
    struct tier *rows;
    int count;
};

static int output_find(const struct table *table, const char *name) {
    for (int i = 0; i < table->output_count; i++)
        if (table->outputs[i].name && strcmp(table->outputs[i].name, name) == 0) return i;
    return -1;
}

static int output_like(const struct table *table, const char *const *names) {
    for (int i = 0; i < table->output_count; i++)
        for (int j = 0; names[j]; j++)
            if (table->outputs[i].name && strcasecmp(table->outputs[i].name, names[j]) == 0)
                return i;
    return -1;
}

/* The input of that expression or label; without a name the only one with bands of numbers. */
static int input_find(const struct table *table, const char *name) {
    int found = -1;
    for (int i = 0; i < table->input_count; i++) {
        const struct table_input *input = &table->inputs[i];
        if (name && (strcmp(input->text, name) == 0 ||
                     (input->label && strcmp(input->label, name) == 0)))
            return i;
        if (name || (input->keying != KEY_NUMBER && input->keying != KEY_RANKED) ||
            input->kind != VALUE_NUMBER)
            continue;
        if (found >= 0) return -1;
        found = i;
    }
    return found;
}

static void tiers_fault(struct tiers *tiers, uint32_t row, const char *column, const char *text) {
    char place[PROBLEM_PLACE_MAX];
    snprintf(place, sizeof place, ", row %u, column %.80s", row + 1, column);
    proof_add(tiers->proof, !tiers->sure, tiers->element, tiers->table->row_lines[row], place,
              "%s%s", text,
              tiers->sure ? "" : "; if they are tiers, mend it and declare <tiers> in product.xml");
}

/* A number of the row. False where the cell holds none: null, or something computed. */
static bool cell_number(struct tiers *tiers, uint32_t row, int column, struct decimal *ret_number) {
    const struct table_output *output = &tiers->table->outputs[column];
    const struct table_cell *cell = &output->cells[output->row_cells[row]];
    if (!cell->code && cell->value.kind == VALUE_NUMBER) {
        *ret_number = cell->value.number;
        return true;
    }
    if (tiers->sure && (cell->code || cell->value.kind != VALUE_NULL))
        tiers_fault(tiers, row, output->name,
                    "a tier's base, rate and beginning are numbers: write one here, or null in a "
                    "row that is no tier");
    return false;
}

/* ---- rows ----------------------------------------------------------------------------------- */

static uint64_t group_of(const struct tiers *tiers, uint32_t row) {
    uint64_t hash = 14695981039346656037u;
    for (int i = 0; i < tiers->table->input_count; i++)
        if (i != tiers->input)
            hash = (hash ^ tiers->table->inputs[i].row_tests[row]) * 1099511628211u;
    return hash;
}

static bool group_same(const struct tiers *tiers, uint32_t a, uint32_t b) {
    for (int i = 0; i < tiers->table->input_count; i++)
        if (i != tiers->input && tiers->table->inputs[i].row_tests[a] !=
                                     tiers->table->inputs[i].row_tests[b])
            return false;
    return true;
}

static bool tier_read(struct tiers *tiers, uint32_t row, struct tier *tier) {
    const struct table_input *input = &tiers->table->inputs[tiers->input];
    const struct table_test *test = &input->tests[input->row_tests[row]];
    if (!test->constant || test->node->negated || test->atom_count != 1) return false;
    *tier = (struct tier){.row = row, .band = &test->atoms[0], .group = group_of(tiers, row)};
    if (!cell_number(tiers, row, tiers->base, &tier->base) ||
        !cell_number(tiers, row, tiers->rate, &tier->rate))
        return false;
    tier->from_given = tiers->from >= 0;
    if (tier->from_given) return cell_number(tiers, row, tiers->from, &tier->from);
    bool begins = tier->band->low_bound != RANGE_UNBOUNDED && tier->band->low.kind == VALUE_NUMBER;
    tier->from = begins ? tier->band->low.number : decimal_from_int64(0);
    return true;
}

static int tier_order(const void *a, const void *b) {
    const struct tier *first = a, *second = b;
    if (first->group != second->group) return first->group < second->group ? -1 : 1;
    bool low_first = first->band->low_bound != RANGE_UNBOUNDED;
    bool low_second = second->band->low_bound != RANGE_UNBOUNDED;
    if (low_first != low_second) return low_first ? 1 : -1;
    int order = low_first ? proof_compare(&first->band->low, &second->band->low) : 0;
    return order ? order : (first->row > second->row) - (first->row < second->row);
}

/* ---- boundaries ----------------------------------------------------------------------------- */

/* (at - from) / per * rate */
static bool tier_part(const struct tiers *tiers, const struct tier *tier, struct decimal at,
                      struct decimal *ret_part) {
    struct decimal part;
    if (!decimal_subtract(at, tier->from, &part) || !decimal_multiply(part, tier->rate, &part) ||
        !decimal_divide(part, tiers->declared->per, &part))
        return false;
    *ret_part = part;
    return true;
}

static bool unit_round(struct decimal unit, struct decimal *number) {
    struct decimal count;
    if (decimal_sign(unit) == 0) return true;
    return decimal_divide(*number, unit, &count) &&
           decimal_round(count, 0, DECIMAL_HALF_UP, &count) &&
           decimal_multiply(count, unit, number);
}

/* Undeclared bases are taken to be rounded to the digits that they are written with. */
static struct decimal unit_of(const struct tiers *tiers, const struct tier *a,
                              const struct tier *b) {
    int digits = 0;
    struct decimal rounded;
    if (tiers->sure) return tiers->declared->unit;
    while (digits < 6 && (!decimal_round(a->base, digits, DECIMAL_FLOOR, &rounded) ||
                          !decimal_equal(rounded, a->base) ||
                          !decimal_round(b->base, digits, DECIMAL_FLOOR, &rounded) ||
                          !decimal_equal(rounded, b->base)))
        digits++;
    return decimal_from_scaled(1, digits);
}

static void number_say(struct decimal number, char ret_text[PROOF_VALUE_MAX]) {
    struct value value = value_number(number);
    proof_say_value(&value, ret_text);
}

static void boundary_check(struct tiers *tiers, const struct tier *below,
                           const struct tier *above) {
    struct decimal at = above->band->low.number, ends, begins, expected;
    char where[PROOF_VALUE_MAX], base[PROOF_VALUE_MAX], wanted[PROOF_VALUE_MAX],
        from[PROOF_VALUE_MAX], text[PROBLEM_TEXT_MAX];
    if (!tier_part(tiers, below, at, &ends) || !tier_part(tiers, above, at, &begins) ||
        !decimal_add(below->base, ends, &expected) ||
        !decimal_subtract(expected, begins, &expected) ||
        !unit_round(unit_of(tiers, below, above), &expected) ||
        decimal_equal(expected, above->base))
        return;
    number_say(at, where);
    number_say(above->base, base);
    number_say(expected, wanted);
    number_say(above->from, from);
    if (above->from_given && !decimal_equal(above->from, at)) {
        snprintf(text, sizeof text,
                 "row %u begins at %s, but its tier counts from %s: make them one, with base %s",
                 above->row + 1, where, from, wanted);
        tiers_fault(tiers, above->row, tiers->table->outputs[tiers->from].name, text);
        return;
    }
    snprintf(text, sizeof text, "base %s does not continue row %u, which comes to %s at %s: make "
             "the base %s, or mend row %u",
             base, below->row + 1, wanted, where, wanted, below->row + 1);
    tiers_fault(tiers, above->row, tiers->table->outputs[tiers->base].name, text);
}

static void boundaries_check(struct tiers *tiers) {
    int said = tiers->proof->reader->problems->count;
    qsort(tiers->rows, (size_t)tiers->count, sizeof *tiers->rows, tier_order);
    for (int i = 1; i < tiers->count; i++) {
        const struct tier *below = &tiers->rows[i - 1], *above = &tiers->rows[i];
        if (below->group != above->group || !group_same(tiers, below->row, above->row) ||
            below->band->high_bound == RANGE_UNBOUNDED ||
            above->band->low_bound == RANGE_UNBOUNDED ||
            below->band->high.kind != VALUE_NUMBER ||
            proof_compare(&below->band->high, &above->band->low) != 0)
            continue;
        if (tiers->proof->reader->problems->count - said < PROOF_SAID_MAX)
            boundary_check(tiers, below, above);
    }
}

static void table_tiers(struct tiers *tiers) {
    size_t rows = (size_t)tiers->table->row_count;
    tiers->rows = malloc((rows + 1) * sizeof *tiers->rows);
    tiers->count = 0;
    if (!tiers->rows) {
        tiers->proof->starved = true;
        return;
    }
    for (size_t i = 0; i < rows; i++)
        if (tier_read(tiers, (uint32_t)i, &tiers->rows[tiers->count])) tiers->count++;
    boundaries_check(tiers);
    free(tiers->rows);
}

/* ---- declared, and not ---------------------------------------------------------------------- */

static void __attribute__((format(printf, 4, 5)))
declared_fail(struct proof *proof, int line, const char *kind, const char *format, ...) {
    char text[PROBLEM_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    product_fail(proof->reader, line, kind, "%s", text);
}

static bool declared_tiers(struct proof *proof, const struct proof_tiers *declared, int element,
                           const struct table *table) {
    struct tiers tiers = {.proof = proof, .declared = declared, .table = table, .sure = true,
                          .element = element, .from = -1};
    const char *missing = NULL;
    tiers.input = input_find(table, declared->input);
    tiers.base = output_find(table, declared->base);
    tiers.rate = output_find(table, declared->rate);
    if (declared->from) tiers.from = output_find(table, declared->from);
    if (tiers.base < 0) missing = declared->base;
    else if (tiers.rate < 0) missing = declared->rate;
    else if (declared->from && tiers.from < 0) missing = declared->from;
    if (missing)
        declared_fail(proof, declared->line, "tiers",
                      "the table %.80s has no column of results %.80s", declared->table, missing);
    else if (tiers.input < 0)
        declared_fail(proof, declared->line, "tiers",
                      "the table %.80s has no single input of bands of numbers%s%.80s: name it "
                      "with input=\"…\", by its expression or label",
                      declared->table, declared->input ? " " : "",
                      declared->input ? declared->input : "");
    else
        table_tiers(&tiers);
    return !missing && tiers.input >= 0;
}

static bool is_declared(const struct proof *proof, int element) {
    const struct proof_declared *declared = proof->product->declared;
    for (int i = 0; declared && i < declared->tiers_count; i++)
        if (proof_element(proof->product->program, declared->tiers[i].table) == element)
            return true;
    return false;
}

static void likely_tiers(struct proof *proof, int element, const struct table *table) {
    static const char *const bases[] = {"base", NULL}, *const rates[] = {"rate", NULL},
                             *const froms[] = {"from", "floor", "threshold", NULL};
    struct proof_tiers plain = {.per = decimal_from_int64(1)};
    struct tiers tiers = {.proof = proof, .declared = &plain, .table = table, .element = element};
    tiers.input = input_find(table, NULL);
    tiers.base = output_like(table, bases);
    tiers.rate = output_like(table, rates);
    tiers.from = output_like(table, froms);
    if (tiers.input >= 0 && tiers.base >= 0 && tiers.rate >= 0) table_tiers(&tiers);
}

void proof_tiers(struct proof *proof) {
    const struct proof_declared *declared = proof->product->declared;
    const struct program *program = proof->product->program;
    for (int i = 0; declared && i < declared->tiers_count && !proof->starved; i++) {
        const struct proof_tiers *tiers = &declared->tiers[i];
        int element = proof_element(program, tiers->table);
        if (element < 0 || !program->elements[element].table_count) {
            declared_fail(proof, tiers->line, "tiers",
                          "no decision or knowledge model named %.80s has a table", tiers->table);
            continue;
        }
        for (int t = 0; t < program->elements[element].table_count && !proof->starved; t++)
            if (!declared_tiers(proof, tiers, element, program->details[element].tables[t])) break;
    }
    for (int e = 0; e < program->element_count && !proof->starved; e++)
        for (int t = 0; t < program->elements[e].table_count && !is_declared(proof, e); t++)
            likely_tiers(proof, e, program->details[e].tables[t]);
}

/* ---- sums ----------------------------------------------------------------------------------- */

struct sum { /* of one row */
    struct decimal total, wanted;
    int numbers, nulls;
    bool computed;
};

static void sum_add(const struct table *table, int column, uint32_t row, struct sum *sum) {
    const struct table_output *output = &table->outputs[column];
    const struct table_cell *cell = &output->cells[output->row_cells[row]];
    if (!cell->code && cell->value.kind == VALUE_NUMBER &&
        decimal_add(sum->total, cell->value.number, &sum->total))
        sum->numbers++;
    else if (!cell->code && cell->value.kind == VALUE_NULL)
        sum->nulls++;
    else
        sum->computed = true;
}

/* The columns that are added; -1 when one is missing, with a problem. */
static int sum_columns(struct proof *proof, const struct proof_sum *declared,
                       const struct table *table, int columns[TABLE_OUTPUTS_MAX]) {
    int count = 0;
    for (const char *at = declared->columns; *at;) {
        char name[PROOF_NAME_MAX];
        size_t length = strcspn(at, " ");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        int column = output_find(table, name);
        if (column < 0 || count == TABLE_OUTPUTS_MAX) {
            declared_fail(proof, declared->line, "sum",
                          "the table %.80s has no column of results %.80s", declared->table, name);
            return -1;
        }
        columns[count++] = column;
        at += length + (at[length] == ' ');
    }
    return count;
}

static void sum_rows(struct proof *proof, const struct proof_sum *declared, int element,
                     const struct table *table) {
    int columns[TABLE_OUTPUTS_MAX], said = 0, of = output_find(table, declared->of);
    int count = sum_columns(proof, declared, table, columns);
    struct decimal number = decimal_from_int64(0);
    if (count < 0) return;
    if (of < 0 && !decimal_parse(declared->of, strlen(declared->of), &number)) {
        declared_fail(proof, declared->line, "sum",
                      "of=\"%.80s\" is no column of results of %.80s, and no number", declared->of,
                      declared->table);
        return;
    }
    for (uint32_t row = 0; row < (uint32_t)table->row_count && said < PROOF_SAID_MAX; row++) {
        struct sum parts = {.total = decimal_from_int64(0)}, whole = parts;
        char total[PROOF_VALUE_MAX], wanted[PROOF_VALUE_MAX], place[PROBLEM_PLACE_MAX];
        for (int i = 0; i < count; i++) sum_add(table, columns[i], row, &parts);
        if (of >= 0) sum_add(table, of, row, &whole);
        else whole.total = number;
        bool nothing = !parts.numbers && !parts.computed && (of < 0 || whole.nulls);
        if (nothing || (!parts.computed && !whole.computed && !whole.nulls &&
                        decimal_equal(parts.total, whole.total)))
            continue;
        said++;
        snprintf(place, sizeof place, ", row %u", row + 1);
        number_say(parts.total, total);
        number_say(whole.total, wanted);
        if (parts.computed || whole.computed)
            proof_add(proof, true, element, table->row_lines[row], place,
                      "undecided: whether %.80s add up is not known, for they are computed: write "
                      "the numbers", declared->columns);
        else
            proof_add(proof, false, element, table->row_lines[row], place,
                      "%.80s come to %s, and not to %s%s%.40s: mend the parts or the sum",
                      declared->columns, total, whole.nulls ? "null" : wanted,
                      of >= 0 ? " as in " : "", of >= 0 ? declared->of : "");
    }
}

void proof_sums(struct proof *proof) {
    const struct proof_declared *declared = proof->product->declared;
    const struct program *program = proof->product->program;
    for (int i = 0; declared && i < declared->sum_count; i++) {
        int element = proof_element(program, declared->sums[i].table);
        if (element < 0 || !program->elements[element].table_count)
            declared_fail(proof, declared->sums[i].line, "sum",
                          "no decision or knowledge model named %.80s has a table",
                          declared->sums[i].table);
        else
            sum_rows(proof, &declared->sums[i], element, program->details[element].tables[0]);
    }
}
