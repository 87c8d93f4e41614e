/* Runs a decision table: inputs, the rows that match, and what the hit policy makes of them. */
#include <string.h>

#include "dmn.h"
#include "dmn_table.h"

/* The search for matching rows of one evaluation. */
struct search {
    const struct table *table;
    struct evaluation *evaluation;
    const struct frame *frame;
    const struct value *inputs;
    const int64_t *keys;  /* NULL: the index cannot be used for these inputs */
    const uint32_t *rows; /* candidates; NULL: all rows */
    uint32_t count, at;
    bool sure;        /* every candidate matches */
    uint64_t decided; /* columns that the way down the tree has decided, for indexed tests */
};

static bool row_matches(const struct search *search, uint32_t row) {
    const struct table *table = search->table;
    for (int i = 0; i < table->input_count; i++) {
        const struct table_input *input = &table->inputs[i];
        const struct table_test *test = &input->tests[input->row_tests[row]];
        if (test->any) continue;
        if (search->keys && test->indexed) {
            if (i < TABLE_INDEXED_MAX && search->decided >> i & 1) continue;
            if (!table_test_has(test, search->keys[i])) return false;
        } else if (!tests_match(test->code, search->evaluation, search->frame,
                                &search->inputs[i])) {
            return false;
        }
    }
    return true;
}

/* The next matching row, or -1 when there is none or the evaluation has stopped. */
static int search_next(struct search *search) {
    while (search->at < search->count) {
        uint32_t row = search->rows ? search->rows[search->at] : search->at;
        search->at++;
        if (search->sure) return (int)row;
        if (!evaluation_steps(search->evaluation, 1)) return -1;
        if (row_matches(search, row))
            return search->evaluation->status == QUOTE_OK ? (int)row : -1;
    }
    return -1;
}

/* The child whose keys hold `key`. */
static const struct table_tree *tree_child(const struct table_tree *tree, int64_t key) {
    uint32_t low = 0, count = tree->count;
    while (count > 1) { /* the lowest upper that is not below the key */
        uint32_t half = count / 2;
        low += half * (uint32_t)(tree->uppers[low + half - 1] < key); /* no branch to guess */
        count -= half;
    }
    return tree->children[low];
}

static void search_begin(struct search *search) {
    const struct table *table = search->table;
    search->count = (uint32_t)table->row_count;
    if (!search->keys) return;
    const struct table_tree *tree = table->tree;
    while (tree->column >= 0) {
        search->decided |= (uint64_t)1 << tree->column;
        tree = tree_child(tree, search->keys[tree->column]);
    }
    search->sure = tree->sure;
    search->rows = tree->rows;
    search->count = tree->count;
}

/* ---- inputs --------------------------------------------------------------------------------- */

static void trace_add(struct evaluation *evaluation, const struct trace_event *event) {
    struct trace *trace = evaluation->trace;
    if (trace->count < trace->capacity) trace->events[trace->count++] = *event;
    else trace->overflowed = true;
}

/* Computes the inputs. False when one is not among the column's values, or everything stops. */
static bool inputs_run(const struct table *table, struct evaluation *evaluation,
                       const struct frame *frame, struct value *inputs, bool *ret_keyed,
                       int64_t *keys) {
    enum { BYTES_PER_STEP = 64 }; /* a text is hashed to find its rows */
    bool keyed = table->tree != NULL;
    for (int i = 0; i < table->input_count; i++) {
        const struct table_input *input = &table->inputs[i];
        code_run(input->code, evaluation, frame, &inputs[i]);
        dmn_convert(input->type, evaluation, &inputs[i]);
        if (evaluation->status != QUOTE_OK ||
            (inputs[i].kind == VALUE_TEXT &&
             !evaluation_steps(evaluation, inputs[i].length / BYTES_PER_STEP)))
            return false;
        if (evaluation->trace)
            trace_add(evaluation, &(struct trace_event){.kind = TRACE_INPUT,
                                                        .element = table->element,
                                                        .table = table->index,
                                                        .column = i,
                                                        .value = inputs[i]});
        if (input->allowed && !tests_match(input->allowed, evaluation, frame, &inputs[i])) {
            struct value none;
            value_fail(evaluation, &none, "input %s is none of the column's values", input->text);
            return false;
        }
        if (keyed && input->keying != KEY_NONE) keyed = table_key(input, &inputs[i], &keys[i]);
    }
    *ret_keyed = keyed;
    return true;
}

/* ---- outputs -------------------------------------------------------------------------------- */

static void cell_run(const struct table_cell *cell, const struct type *type,
                     struct evaluation *evaluation, const struct frame *frame,
                     struct value *ret_value) {
    if (!cell->code) {
        *ret_value = cell->value;
        return;
    }
    code_run(cell->code, evaluation, frame, ret_value);
    dmn_convert(type, evaluation, ret_value);
}

static void output_run(const struct table_output *output, int row, struct evaluation *evaluation,
                       const struct frame *frame, struct value *ret_value) {
    cell_run(&output->cells[output->row_cells[row]], output->type, evaluation, frame, ret_value);
}

/* The row's output: a value, or a context of several. */
static void row_run(const struct table *table, int row, struct evaluation *evaluation,
                    const struct frame *frame, struct value *ret_value) {
    if (evaluation->trace)
        trace_add(evaluation, &(struct trace_event){.kind = TRACE_ROW,
                                                    .element = table->element,
                                                    .table = table->index,
                                                    .row = row});
    if (table->output_count == 1) {
        output_run(&table->outputs[0], row, evaluation, frame, ret_value);
        return;
    }
    *ret_value = value_null();
    struct value_entry *entries =
        evaluation_take(evaluation, (size_t)table->output_count * sizeof *entries);
    if (!entries) return;
    for (int i = 0; i < table->output_count; i++) {
        entries[i].name = table->outputs[i].name;
        entries[i].name_length = table->outputs[i].name_length;
        output_run(&table->outputs[i], row, evaluation, frame, &entries[i].value);
    }
    *ret_value = value_context(entries, (size_t)table->output_count);
}

/* No row matched: the default outputs, or null. */
static void fallback_run(const struct table *table, struct evaluation *evaluation,
                         const struct frame *frame, struct value *ret_value) {
    *ret_value = value_null();
    if (!table->has_fallback) return;
    if (table->output_count == 1) {
        const struct table_output *output = &table->outputs[0];
        cell_run(output->fallback, output->type, evaluation, frame, ret_value);
        return;
    }
    struct value_entry *entries =
        evaluation_take(evaluation, (size_t)table->output_count * sizeof *entries);
    if (!entries) return;
    for (int i = 0; i < table->output_count; i++) {
        const struct table_output *output = &table->outputs[i];
        entries[i].name = output->name;
        entries[i].name_length = output->name_length;
        entries[i].value = value_null();
        if (output->fallback)
            cell_run(output->fallback, output->type, evaluation, frame, &entries[i].value);
    }
    *ret_value = value_context(entries, (size_t)table->output_count);
}

/* ---- hit policies --------------------------------------------------------------------------- */

static void unique_run(struct search *search, int first, struct value *ret_value) {
    const struct table *table = search->table;
    int second = table->apart && search->keys ? -1 : search_next(search);
    if (second >= 0)
        value_fail(search->evaluation, ret_value,
                   "rows %d and %d of a UNIQUE table both match", first + 1, second + 1);
    else
        row_run(table, first, search->evaluation, search->frame, ret_value);
}

static void any_run(struct search *search, int first, struct value *ret_value) {
    struct evaluation *evaluation = search->evaluation;
    row_run(search->table, first, evaluation, search->frame, ret_value);
    for (int row; (row = search_next(search)) >= 0;) {
        struct value other;
        row_run(search->table, row, evaluation, search->frame, &other);
        bool both_null = other.kind == VALUE_NULL && ret_value->kind == VALUE_NULL;
        if (!both_null && value_equal(ret_value, &other, evaluation->moment) != 1) {
            value_fail(evaluation, ret_value,
                       "rows %d and %d of an ANY table match with different outputs", first + 1,
                       row + 1);
            return;
        }
    }
}

/* How important an output is: the place of its value among the output values. */
static int output_rank(const struct search *search, const struct table_output *output,
                       const struct value *value) {
    for (int i = 0; i < output->value_count; i++)
        if (tests_match(output->values[i], search->evaluation, search->frame, value)) return i;
    return output->value_count;
}

/* Is row `a` more important than row `b`? Outputs count from left to right. */
static bool row_before(const struct search *search, int a, int b) {
    const struct table *table = search->table;
    for (int i = 0; i < table->output_count; i++) {
        const struct table_output *output = &table->outputs[i];
        if (output->row_cells[a] == output->row_cells[b] || !output->value_count) continue;
        struct value value_a, value_b;
        output_run(output, a, search->evaluation, search->frame, &value_a);
        output_run(output, b, search->evaluation, search->frame, &value_b);
        int rank_a = output_rank(search, output, &value_a);
        int rank_b = output_rank(search, output, &value_b);
        if (rank_a != rank_b) return rank_a < rank_b;
    }
    return false;
}

static void priority_run(struct search *search, int first, struct value *ret_value) {
    for (int row; (row = search_next(search)) >= 0;)
        if (row_before(search, row, first)) first = row;
    row_run(search->table, first, search->evaluation, search->frame, ret_value);
}

/* All matching rows in scratch memory. The list may need room for every candidate. */
static int *rows_collect(struct search *search, int first, int *ret_count) {
    size_t room = search->count - search->at + 1;
    int *rows = evaluation_take(search->evaluation, room * sizeof *rows);
    int count = 0;
    if (!rows) return NULL;
    rows[count++] = first;
    for (int row; (row = search_next(search)) >= 0;) rows[count++] = row;
    *ret_count = count;
    return rows;
}

/* A stable insertion sort: matches are few, and equal ranks keep the rows' order. */
static void rows_sort(const struct search *search, int *rows, int count) {
    for (int i = 1; i < count; i++) {
        int row = rows[i], at = i;
        for (; at > 0 && row_before(search, row, rows[at - 1]); at--) rows[at] = rows[at - 1];
        rows[at] = row;
        if (search->evaluation->status != QUOTE_OK) return;
        if (!evaluation_steps(search->evaluation, (uint64_t)i)) return;
    }
}

static void aggregate(const struct search *search, const struct value *items, int count,
                      struct value *ret_value) {
    enum hit_policy policy = search->table->policy;
    struct value result = items[0];
    bool fine = policy != HIT_SUM || result.kind == VALUE_NUMBER;
    for (int i = 1; i < count && fine; i++) {
        int order = 0;
        if (policy == HIT_SUM) {
            fine = items[i].kind == VALUE_NUMBER &&
                   decimal_add(result.number, items[i].number, &result.number);
        } else {
            fine = evaluation_compare(search->evaluation, &items[i], &result, &order);
            if (policy == HIT_MIN ? order < 0 : order > 0) result = items[i];
        }
    }
    if (fine) *ret_value = result;
    else
        value_fail(search->evaluation, ret_value, "the outputs of a %s table cannot be combined",
                   search->table->policy_name);
}

static void several_run(struct search *search, int first, struct value *ret_value) {
    struct evaluation *evaluation = search->evaluation;
    const struct table *table = search->table;
    int count = 0;
    *ret_value = value_null();
    int *rows = rows_collect(search, first, &count);
    if (!rows) return;
    if (table->policy == HIT_OUTPUT_ORDER) rows_sort(search, rows, count);
    struct value *items = evaluation_take(evaluation, (size_t)count * sizeof *items);
    if (!items) return;
    for (int i = 0; i < count; i++)
        row_run(table, rows[i], evaluation, search->frame, &items[i]);
    if (evaluation->status != QUOTE_OK) return;
    if (table->policy == HIT_COUNT) *ret_value = value_int64(count);
    else if (table->policy >= HIT_SUM) aggregate(search, items, count, ret_value);
    else *ret_value = value_list(items, (size_t)count);
}

static void policy_run(struct search *search, struct value *ret_value) {
    int first = search_next(search);
    if (first < 0) {
        fallback_run(search->table, search->evaluation, search->frame, ret_value);
        if (search->table->policy == HIT_COUNT && !search->table->has_fallback)
            *ret_value = value_int64(0);
        return;
    }
    switch (search->table->policy) {
    case HIT_FIRST:
        row_run(search->table, first, search->evaluation, search->frame, ret_value);
        break;
    case HIT_UNIQUE:
        unique_run(search, first, ret_value);
        break;
    case HIT_ANY:
        any_run(search, first, ret_value);
        break;
    case HIT_PRIORITY:
        priority_run(search, first, ret_value);
        break;
    default:
        several_run(search, first, ret_value);
    }
}

void table_run(const struct table *table, struct evaluation *evaluation, const struct frame *frame,
               struct value *ret_value) {
    size_t count = (size_t)table->input_count;
    struct value *inputs = evaluation_take(evaluation, count * (sizeof *inputs + sizeof(int64_t)));
    *ret_value = value_null();
    if (!inputs) return;
    int64_t *keys = (int64_t *)(void *)(inputs + count);
    size_t traced = evaluation->trace ? evaluation->trace->count : 0;
    bool keyed;
    if (!inputs_run(table, evaluation, frame, inputs, &keyed, keys)) return;
    struct search search = {.table = table,
                            .evaluation = evaluation,
                            .frame = frame,
                            .inputs = inputs,
                            .keys = keyed ? keys : NULL};
    search_begin(&search);
    policy_run(&search, ret_value);
    if (evaluation->trace && evaluation->trace->cells_left > 0)
        table_trace_misses(table, evaluation, frame, inputs, search.keys, traced);
}
