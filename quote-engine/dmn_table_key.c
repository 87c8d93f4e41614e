/* Constant tests as intervals of keys. A key is a whole number: values in order have keys in
 * order, and for every test of the column all values of one key answer alike. So the index and
 * the checks for overlaps and gaps compare whole numbers only, whatever the column holds. */
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "dmn.h"
#include "dmn_table.h"

enum { KEY_SCALE_MAX = 12, NULL_SCRATCH_BYTES = 4096 };
#define KEY_POINT_LIMIT ((int64_t)1 << 60) /* scaled points lie within +-this */

/* ---- constants out of nodes ----------------------------------------------------------------- */

/* The value of a node that is a literal, or a call that the compiler can fold (date("…")). */
static bool node_constant(struct compiler *compiler, const struct scope *scope, struct node *node,
                          struct value *ret_value) {
    if (node->kind == NODE_LITERAL) {
        *ret_value = node->value;
        return true;
    }
    if (node->kind == NODE_NEGATE && node->a->kind == NODE_LITERAL &&
        node->a->value.kind == VALUE_NUMBER) {
        *ret_value = value_number(decimal_negate(node->a->value.number));
        return true;
    }
    if (node->kind != NODE_CALL || node->names || !node->a || node->a->kind != NODE_NAME)
        return false;
    for (int i = 0; i < node->item_count; i++)
        if (node->items[i]->kind != NODE_LITERAL) return false;
    const struct code *code = feel_compile(compiler, scope, node);
    const struct value *value = code ? code_constant(code) : NULL;
    if (value) *ret_value = *value;
    return value != NULL;
}

static bool is_point(const struct value *value) {
    return value->kind == VALUE_NUMBER || value->kind == VALUE_TEXT || value->kind == VALUE_DATE ||
           value->kind == VALUE_BOOLEAN || value->kind == VALUE_TIME ||
           value->kind == VALUE_DATE_TIME || value->kind == VALUE_MONTHS ||
           value->kind == VALUE_DURATION;
}

static bool range_atom(struct compiler *compiler, const struct scope *scope, struct node *node,
                       struct table_atom *atom) {
    bool low = node->low_bound == RANGE_OPEN || node->low_bound == RANGE_CLOSED;
    bool high = node->high_bound == RANGE_OPEN || node->high_bound == RANGE_CLOSED;
    if ((!low && node->low_bound != RANGE_UNBOUNDED) ||
        (!high && node->high_bound != RANGE_UNBOUNDED) || (!low && !high))
        return false;
    if (low && (!node->a || !node_constant(compiler, scope, node->a, &atom->low) ||
                !is_point(&atom->low)))
        return false;
    if (high && (!node->b || !node_constant(compiler, scope, node->b, &atom->high) ||
                 !is_point(&atom->high)))
        return false;
    if (low && high && atom->low.kind != atom->high.kind) return false;
    atom->low_bound = low ? node->low_bound : RANGE_UNBOUNDED;
    atom->high_bound = high ? node->high_bound : RANGE_UNBOUNDED;
    return true;
}

static bool comparison_atom(struct compiler *compiler, const struct scope *scope,
                            struct node *node, struct table_atom *atom) {
    struct value value;
    if (!node->a || node->a->kind != NODE_INPUT || !node->b ||
        !node_constant(compiler, scope, node->b, &value) || !is_point(&value))
        return false;
    bool below = node->kind == NODE_LESS || node->kind == NODE_LESS_EQUAL;
    bool closed = node->kind == NODE_LESS_EQUAL || node->kind == NODE_GREATER_EQUAL;
    enum range_bound bound = closed ? RANGE_CLOSED : RANGE_OPEN;
    *atom = (struct table_atom){.low_bound = below ? RANGE_UNBOUNDED : bound,
                                .high_bound = below ? bound : RANGE_UNBOUNDED,
                                .low = value,
                                .high = value};
    return true;
}

/* One test as an atom. `ret_count` stays 0 for the constant null, which no point stands for. */
static bool node_atom(struct compiler *compiler, const struct scope *scope, struct node *node,
                      struct table_atom *atom, int *ret_count) {
    struct value value;
    *ret_count = 1;
    switch (node->kind) {
    case NODE_RANGE:
        return range_atom(compiler, scope, node, atom);
    case NODE_LESS:
    case NODE_LESS_EQUAL:
    case NODE_GREATER:
    case NODE_GREATER_EQUAL:
        return comparison_atom(compiler, scope, node, atom);
    case NODE_EQUAL:
        if (!node->a || node->a->kind != NODE_INPUT || !node->b) return false;
        node = node->b;
        break;
    default:
        break;
    }
    if (!node_constant(compiler, scope, node, &value)) return false;
    *ret_count = value.kind != VALUE_NULL;
    *atom = (struct table_atom){
        .low_bound = RANGE_CLOSED, .high_bound = RANGE_CLOSED, .low = value, .high = value};
    return value.kind == VALUE_NULL || is_point(&value);
}

/* Whether null passes is asked of the test itself, so that the index cannot differ from it. */
static bool test_matches(const struct table_test *test, const struct value *value) {
    _Alignas(16) char memory[NULL_SCRATCH_BYTES];
    struct scratch scratch;
    struct moment moment = {0};
    scratch_init(&scratch, memory, sizeof memory);
    struct evaluation evaluation = {.scratch = &scratch, .moment = &moment,
                                    .steps_left = scratch.steps_max};
    struct frame none = {0};
    return tests_match(test->code, &evaluation, &none, value);
}

bool table_read_atoms(struct compiler *compiler, const struct scope *scope,
                      struct table_test *test) {
    struct node *tests = test->node;
    if (tests->kind != NODE_TESTS) return true;
    test->atoms = arena_take_array(compiler->arena, (size_t)tests->item_count, sizeof *test->atoms);
    if (!test->atoms) return false;
    for (int i = 0; i < tests->item_count; i++) {
        int count;
        if (!node_atom(compiler, scope, tests->items[i], &test->atoms[test->atom_count], &count))
            return true;
        test->atom_count += count;
    }
    struct value null = value_null();
    test->constant = true;
    test->matches_null = test->any || test_matches(test, &null);
    return true;
}

/* ---- points --------------------------------------------------------------------------------- */

static int point_compare(const void *a, const void *b) {
    const struct value *first = a, *second = b;
    if (first->kind == VALUE_TEXT) {
        uint32_t shorter = first->length < second->length ? first->length : second->length;
        int order = memcmp(first->text, second->text, shorter);
        return order ? order : (first->length > second->length) - (first->length < second->length);
    }
    if (first->kind == VALUE_NUMBER) return decimal_compare(first->number, second->number);
    struct moment moment = {0};
    int order = 0;
    return value_compare(first, second, &moment, &order) ? order : 0;
}

static uint32_t text_hash(const char *text, uint32_t length) {
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash ^ hash >> 15;
}

static bool hash_build(struct table *table, struct table_input *input) {
    uint32_t size = 4;
    while (size < (uint32_t)input->point_count * 2) size *= 2;
    input->hash_slots = dmn_take(table->dmn, size, sizeof *input->hash_slots);
    if (!input->hash_slots) return false;
    input->hash_mask = size - 1;
    for (int i = 0; i < input->point_count; i++) {
        uint32_t slot = text_hash(input->points[i].text, input->points[i].length);
        while (input->hash_slots[slot &= input->hash_mask]) slot++;
        input->hash_slots[slot] = (uint32_t)i + 1;
    }
    return true;
}

/* The rank of an equal point, or, with *ret_equal false, the number of points below. */
static int point_rank(const struct table_input *input, const struct value *value,
                      bool *ret_equal) {
    int low = 0, high = input->point_count;
    *ret_equal = false;
    while (low < high) {
        int middle = low + (high - low) / 2;
        int order = point_compare(&input->points[middle], value);
        if (order == 0) {
            *ret_equal = true;
            return middle;
        }
        if (order < 0) low = middle + 1;
        else high = middle;
    }
    return low;
}

static int64_t rank_key(const struct table_input *input, const struct value *value) {
    bool equal;
    int rank = point_rank(input, value, &equal);
    return equal ? 2 * (int64_t)rank + 2 : 2 * (int64_t)rank + 1;
}

static int64_t text_key(const struct table_input *input, const struct value *value) {
    uint32_t slot = text_hash(value->text, value->length);
    for (; input->hash_slots[slot &= input->hash_mask]; slot++) {
        uint32_t rank = input->hash_slots[slot] - 1;
        const struct value *point = &input->points[rank];
        if (point->length == value->length &&
            memcmp(point->text, value->text, value->length) == 0)
            return 2 * (int64_t)rank + 2;
    }
    return input->ordered ? rank_key(input, value) : 1;
}

static int64_t number_key(const struct table_input *input, struct decimal number) {
    int64_t scaled;
    if (decimal_to_scaled(number, input->scale, &scaled)) {
        if (scaled > KEY_POINT_LIMIT) return 2 * KEY_POINT_LIMIT + 1;
        if (scaled < -KEY_POINT_LIMIT) return -2 * KEY_POINT_LIMIT - 1;
        return 2 * scaled;
    }
    struct decimal floored;
    if (decimal_round(number, input->scale, DECIMAL_FLOOR, &floored) &&
        decimal_to_scaled(floored, input->scale, &scaled) && scaled < KEY_POINT_LIMIT &&
        scaled >= -KEY_POINT_LIMIT)
        return 2 * scaled + 1;
    return decimal_sign(number) < 0 ? -2 * KEY_POINT_LIMIT - 1 : 2 * KEY_POINT_LIMIT + 1;
}

bool table_key(const struct table_input *input, const struct value *value, int64_t *ret_key) {
    if (value->kind != input->kind) {
        if (value->kind != VALUE_NULL) return false;
        *ret_key = KEY_NULL;
        return true;
    }
    switch (input->keying) {
    case KEY_NUMBER:
        *ret_key = number_key(input, value->number);
        break;
    case KEY_DATE:
        *ret_key = 2 * calendar_days(value->date);
        break;
    case KEY_BOOLEAN:
        *ret_key = value->boolean ? 4 : 2;
        break;
    case KEY_TEXT:
        *ret_key = text_key(input, value);
        break;
    default:
        *ret_key = rank_key(input, value);
    }
    return true;
}

/* ---- intervals ------------------------------------------------------------------------------ */

static int interval_compare(const void *a, const void *b) {
    int64_t first = ((const struct table_interval *)a)->low;
    int64_t second = ((const struct table_interval *)b)->low;
    return (first > second) - (first < second);
}

/* Ascending, and joined where they touch. */
static int intervals_join(struct table_interval *intervals, int count) {
    if (count) qsort(intervals, (size_t)count, sizeof *intervals, interval_compare);
    int kept = 0;
    for (int i = 0; i < count; i++) {
        struct table_interval *last = kept ? &intervals[kept - 1] : NULL;
        if (last && (last->high == KEY_HIGHEST || intervals[i].low <= last->high + 1)) {
            if (intervals[i].high > last->high) last->high = intervals[i].high;
        } else {
            intervals[kept++] = intervals[i];
        }
    }
    return kept;
}

/* The keys from KEY_LOWEST on that are in none of the intervals; room for one more is there. */
static int intervals_negate(struct table_interval *intervals, int count) {
    int64_t next = KEY_LOWEST;
    bool open = true;
    int kept = 0;
    for (int i = 0; i < count; i++) {
        struct table_interval taken = intervals[i];
        if (taken.low > next)
            intervals[kept++] = (struct table_interval){.low = next, .high = taken.low - 1};
        open = taken.high != KEY_HIGHEST;
        if (open) next = taken.high + 1;
    }
    if (open) intervals[kept++] = (struct table_interval){.low = next, .high = KEY_HIGHEST};
    return kept;
}

static bool atom_interval(const struct table_input *input, const struct table_atom *atom,
                          struct table_interval *ret_interval) {
    int64_t step = input->keying == KEY_DATE ? 2 : 1; /* between two days there is nothing */
    int64_t low = KEY_LOWEST, high = KEY_HIGHEST;
    if (atom->low_bound != RANGE_UNBOUNDED) {
        table_key(input, &atom->low, &low);
        if (atom->low_bound == RANGE_OPEN) low += step;
    }
    if (atom->high_bound != RANGE_UNBOUNDED) {
        table_key(input, &atom->high, &high);
        if (atom->high_bound == RANGE_OPEN) high -= step;
    }
    *ret_interval = (struct table_interval){.low = low, .high = high};
    return low <= high;
}

static bool test_intervals(struct table *table, const struct table_input *input,
                           struct table_test *test) {
    test->indexed = test->constant;
    int room = test->atom_count + 3, count = 0; /* + null, both booleans */
    test->intervals = dmn_take(table->dmn, (size_t)room, sizeof *test->intervals);
    if (!test->intervals) return false;
    if (test->any || !test->constant) {
        test->intervals[count++] = (struct table_interval){.low = KEY_NULL, .high = KEY_HIGHEST};
    } else if (input->keying == KEY_BOOLEAN) {
        for (int truth = 0; truth < 2; truth++) {
            struct value value = value_boolean(truth);
            if (test_matches(test, &value))
                test->intervals[count++] =
                    (struct table_interval){.low = 2 + 2 * truth, .high = 2 + 2 * truth};
        }
    } else {
        for (int i = 0; i < test->atom_count; i++)
            count += atom_interval(input, &test->atoms[i], &test->intervals[count]);
        count = intervals_join(test->intervals, count);
        if (test->node->negated) count = intervals_negate(test->intervals, count);
    }
    if (test->matches_null && !test->any && test->constant)
        test->intervals[count++] = (struct table_interval){.low = KEY_NULL, .high = KEY_NULL};
    test->interval_count = intervals_join(test->intervals, count);
    return true;
}

/* ---- columns -------------------------------------------------------------------------------- */

/* Gathers the column's points; false in *ret_same when they are of several kinds or none. */
static bool points_gather(struct table *table, struct table_input *input, bool *ret_same) {
    size_t count = 0;
    for (int i = 0; i < input->test_count; i++)
        if (input->tests[i].constant) count += 2 * (size_t)input->tests[i].atom_count;
    struct value *points = dmn_take(table->dmn, count, sizeof *points);
    if (!points) return false;
    int at = 0;
    *ret_same = count > 0;
    for (int i = 0; i < input->test_count; i++) {
        const struct table_test *test = &input->tests[i];
        for (int j = 0; j < test->atom_count && test->constant; j++) {
            const struct table_atom *atom = &test->atoms[j];
            if (atom->low_bound != RANGE_UNBOUNDED) points[at++] = atom->low;
            if (atom->high_bound != RANGE_UNBOUNDED) points[at++] = atom->high;
            input->ordered |= atom->low_bound != RANGE_CLOSED ||
                              atom->high_bound != RANGE_CLOSED ||
                              point_compare(&atom->low, &atom->high) != 0;
            *ret_same &= points[at - 1].kind == points[0].kind;
        }
    }
    if (!*ret_same) return true;
    qsort(points, (size_t)at, sizeof *points, point_compare);
    int kept = 0;
    for (int i = 0; i < at; i++)
        if (!kept || point_compare(&points[kept - 1], &points[i]) != 0) points[kept++] = points[i];
    input->points = points;
    input->point_count = kept;
    input->kind = points[0].kind;
    return true;
}

static bool scale_find(struct table_input *input) {
    for (int scale = 0; scale <= KEY_SCALE_MAX; scale++) {
        bool fits = true;
        for (int i = 0; i < input->point_count && fits; i++) {
            int64_t scaled;
            fits = decimal_to_scaled(input->points[i].number, scale, &scaled) &&
                   scaled < KEY_POINT_LIMIT && scaled > -KEY_POINT_LIMIT;
        }
        if (!fits) continue;
        input->scale = scale;
        return true;
    }
    return false;
}

static bool column_key(struct table *table, struct table_input *input) {
    bool same;
    if (!points_gather(table, input, &same)) return false;
    if (!same) return true;
    switch (input->kind) {
    case VALUE_NUMBER:
        input->keying = scale_find(input) ? KEY_NUMBER : KEY_RANKED;
        break;
    case VALUE_TEXT:
        input->keying = KEY_TEXT;
        if (!hash_build(table, input)) return false;
        break;
    case VALUE_DATE:
        input->keying = KEY_DATE;
        break;
    case VALUE_BOOLEAN:
        input->keying = KEY_BOOLEAN;
        break;
    case VALUE_MONTHS:
    case VALUE_DURATION:
        input->keying = KEY_RANKED;
        break;
    default: /* times have an order only with their zones, which are known when evaluating */
        return true;
    }
    for (int i = 0; i < input->test_count; i++)
        if (!test_intervals(table, input, &input->tests[i])) return false;
    return true;
}

bool table_key_columns(struct table *table) {
    for (int i = 0; i < table->input_count; i++)
        if (!column_key(table, &table->inputs[i])) return false;
    return true;
}
