/* Which rows of a table did not match, and which columns kept them from it; and which matched but
 * were not used. Looked for only when a trace asks, after the table has run, so that a rating
 * without an explanation pays nothing for it.
 *
 * The rows nearest to matching come first: those that fail on the fewest columns, then those whose
 * bounds lie closest to the values, each measured against the width of its column's constants. */
#include <string.h>

#include "dmn.h"
#include "dmn_table.h"

enum {
    DISTANCE_FULL = 1000 * 1000, /* of a column: the whole width of its constants, and more */
    LOOKING_STEPS_MAX = 1000 * 1000 /* of evaluation, at one use of one table */
};

struct miss {
    int row, failed;
    int64_t distance;
};

struct looking { /* at the rows of one use of one table */
    const struct table *table;
    struct evaluation *evaluation;
    const struct frame *frame;
    const struct value *inputs;
    const int64_t *keys;
    struct trace *trace;
    struct miss nearest[TRACE_MISSES_MAX];
    int count;
    int unused[TRACE_MISSES_MAX];
    int unused_count;
    int64_t widths[TABLE_INPUTS_MAX]; /* of keys; 0: not known yet, -1: they have no distance */
};

static bool by_key(const struct looking *looking, int column, const struct table_test *test) {
    return looking->keys && test->indexed &&
           looking->table->inputs[column].keying != KEY_NONE;
}

/* Does the cell hold? What its test takes from scratch, and what it warns of, is dropped. */
static bool cell_holds(const struct looking *looking, int row, int column) {
    const struct table_input *input = &looking->table->inputs[column];
    const struct table_test *test = &input->tests[input->row_tests[row]];
    if (test->any) return true;
    if (by_key(looking, column, test)) return table_test_has(test, looking->keys[column]);
    struct evaluation *evaluation = looking->evaluation;
    char *at = evaluation->scratch->at;
    bool holds = tests_match(test->code, evaluation, looking->frame, &looking->inputs[column]);
    evaluation->scratch->at = at;
    return holds;
}

/* How far the column's constants lie apart, as keys. */
static int64_t column_width(struct looking *looking, int column) {
    const struct table_input *input = &looking->table->inputs[column];
    int64_t *width = &looking->widths[column], low, high;
    if (*width) return *width;
    *width = -1;
    if (input->keying == KEY_TEXT || input->keying == KEY_BOOLEAN || input->point_count < 2 ||
        !table_key(input, &input->points[0], &low) ||
        !table_key(input, &input->points[input->point_count - 1], &high) || high <= low)
        return *width;
    return *width = high - low;
}

/* From the value to the nearest value that passes, 0..DISTANCE_FULL. */
static int64_t cell_distance(struct looking *looking, int row, int column) {
    const struct table_input *input = &looking->table->inputs[column];
    const struct table_test *test = &input->tests[input->row_tests[row]];
    if (!by_key(looking, column, test) || looking->keys[column] == KEY_NULL) return DISTANCE_FULL;
    int64_t key = looking->keys[column], width = column_width(looking, column);
    int64_t nearest = width;
    for (int i = 0; i < test->interval_count && width > 0; i++) {
        const struct table_interval *interval = &test->intervals[i];
        if (interval->low == KEY_NULL && interval->high == KEY_NULL) continue;
        int64_t bound = key < interval->low ? interval->low : interval->high;
        uint64_t apart = bound > key ? (uint64_t)bound - (uint64_t)key
                                     : (uint64_t)key - (uint64_t)bound;
        if (apart < (uint64_t)nearest) nearest = (int64_t)apart;
    }
    if (nearest >= width) return DISTANCE_FULL;
    while (nearest > INT64_MAX / DISTANCE_FULL) nearest /= 2, width /= 2;
    return nearest * DISTANCE_FULL / width;
}

static bool is_used(const struct looking *looking, size_t first, size_t end, int row) {
    for (size_t at = first; at < end; at++) {
        const struct trace_event *event = &looking->trace->events[at];
        if (event->kind == TRACE_ROW && event->element == looking->table->element &&
            event->table == looking->table->index && event->row == row)
            return true;
    }
    return false;
}

/* Keeps the nearest rows in order; equally near ones in the order of the table. */
static void miss_keep(struct looking *looking, const struct miss *miss) {
    int at = looking->count;
    while (at > 0 && (looking->nearest[at - 1].failed > miss->failed ||
                      (looking->nearest[at - 1].failed == miss->failed &&
                       looking->nearest[at - 1].distance > miss->distance)))
        at--;
    if (at == TRACE_MISSES_MAX) return;
    if (looking->count < TRACE_MISSES_MAX) looking->count++;
    memmove(&looking->nearest[at + 1], &looking->nearest[at],
            (size_t)(looking->count - 1 - at) * sizeof *miss);
    looking->nearest[at] = *miss;
}

static void row_look(struct looking *looking, int row, size_t first, size_t end) {
    const struct table *table = looking->table;
    struct miss miss = {.row = row};
    bool full = looking->count == TRACE_MISSES_MAX;
    for (int i = 0; i < table->input_count; i++) {
        if (cell_holds(looking, row, i)) continue;
        miss.failed++;
        miss.distance += cell_distance(looking, row, i);
        if (full && miss.failed > looking->nearest[TRACE_MISSES_MAX - 1].failed) return;
    }
    if (miss.failed) miss_keep(looking, &miss);
    else if (looking->unused_count < TRACE_MISSES_MAX && !is_used(looking, first, end, row))
        looking->unused[looking->unused_count++] = row;
}

static void event_add(struct looking *looking, enum trace_kind kind, int row, int column) {
    struct trace *trace = looking->trace;
    if (trace->count == trace->capacity) {
        trace->overflowed = true;
        return;
    }
    trace->events[trace->count++] = (struct trace_event){.kind = kind,
                                                         .element = looking->table->element,
                                                         .table = looking->table->index,
                                                         .row = row,
                                                         .column = column};
}

static void events_add(struct looking *looking) {
    for (int i = 0; i < looking->unused_count; i++)
        event_add(looking, TRACE_UNUSED, looking->unused[i], 0);
    for (int i = 0; i < looking->count; i++)
        for (int column = 0; column < looking->table->input_count; column++)
            if (!cell_holds(looking, looking->nearest[i].row, column))
                event_add(looking, TRACE_MISS, looking->nearest[i].row, column);
}

void table_trace_misses(const struct table *table, struct evaluation *evaluation,
                        const struct frame *frame, const struct value *inputs,
                        const int64_t *keys, size_t first) {
    struct looking looking = {.table = table,
                              .evaluation = evaluation,
                              .frame = frame,
                              .inputs = inputs,
                              .keys = keys,
                              .trace = evaluation->trace};
    struct problems *problems = evaluation->problems;
    size_t end = looking.trace->count;
    int64_t steps_left = evaluation->steps_left;
    int before = evaluation->status;
    if (before != QUOTE_OK) return;
    if (steps_left > LOOKING_STEPS_MAX) evaluation->steps_left = LOOKING_STEPS_MAX;
    evaluation->trace = NULL; /* what a cell's test does is no step of the explanation */
    evaluation->problems = NULL;
    for (int row = 0; row < table->row_count && evaluation->status == QUOTE_OK; row++) {
        looking.trace->cells_left -= table->input_count;
        if (looking.trace->cells_left <= 0) {
            looking.trace->cells_left = -1; /* asked for, and used up */
            break;
        }
        row_look(&looking, row, first, end);
    }
    if (evaluation->status == QUOTE_OK) events_add(&looking);
    if (evaluation->status != QUOTE_OK) looking.trace->overflowed = true;
    evaluation->status = before;
    evaluation->too_deep = false;
    evaluation->steps_left = steps_left; /* what is looked up costs the rating nothing */
    evaluation->problems = problems;
    evaluation->trace = looking.trace;
}
