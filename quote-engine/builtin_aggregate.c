/* Built-in functions that make one value of many (DMN 1.5, table 75): each takes a list or its
 * items as arguments. */
#include "builtin.h"

#include <string.h>

#include "calendar.h"

/* The items, when all of them are numbers. */
static bool numbers(struct evaluation *evaluation, const char *name, const struct value *arguments,
                    int count, const struct value **ret_items, uint32_t *ret_count,
                    struct value *ret_value) {
    if (!builtin_items(evaluation, name, arguments, count, ret_items, ret_count, ret_value))
        return false;
    for (uint32_t index = 0; index < *ret_count; index++)
        if ((*ret_items)[index].kind != VALUE_NUMBER) {
            value_fail(evaluation, ret_value, "%s: item %u must be a number, not %s", name,
                       index + 1, builtin_kind_name((*ret_items)[index].kind));
            return false;
        }
    return true;
}

static void run_count(struct evaluation *evaluation, const struct value *arguments, int count,
                      struct value *ret_value) {
    const struct value *items;
    uint32_t item_count;
    if (builtin_items(evaluation, "count", arguments, count, &items, &item_count, ret_value))
        *ret_value = value_int64(item_count);
}

/* The smallest (direction -1) or largest (1) item. */
static void extreme(struct evaluation *evaluation, const char *name, int direction,
                    const struct value *arguments, int count, struct value *ret_value) {
    const struct value *items;
    uint32_t item_count;
    int order;
    if (!builtin_items(evaluation, name, arguments, count, &items, &item_count, ret_value))
        return;
    if (item_count == 0) {
        *ret_value = value_null();
        return;
    }
    const struct value *best = &items[0];
    /* The first is compared with itself, for a single item must be of a kind that has an order. */
    for (uint32_t index = 0; index < item_count; index++) {
        if (!evaluation_compare(evaluation, &items[index], best, &order)) {
            value_fail(evaluation, ret_value, "%s: item %u, %s, cannot be compared", name,
                       index + 1, builtin_kind_name(items[index].kind));
            return;
        }
        if (order * direction > 0)
            best = &items[index];
    }
    *ret_value = *best;
}

static void run_min(struct evaluation *evaluation, const struct value *arguments, int count,
                    struct value *ret_value) {
    extreme(evaluation, "min", -1, arguments, count, ret_value);
}

static void run_max(struct evaluation *evaluation, const struct value *arguments, int count,
                    struct value *ret_value) {
    extreme(evaluation, "max", 1, arguments, count, ret_value);
}

static void out_of_range(struct evaluation *evaluation, const char *name,
                         struct value *ret_value) {
    value_fail(evaluation, ret_value, "%s: the result is out of range", name);
}

/* Adds up numbers; false when it leaves the range. */
static bool add_up(const struct value *items, uint32_t count, struct decimal *ret_sum) {
    struct decimal sum = items[0].number;
    for (uint32_t index = 1; index < count; index++)
        if (!decimal_add(sum, items[index].number, &sum))
            return false;
    *ret_sum = sum;
    return true;
}

/* Durations can be added up as well. */
static void add_durations(struct evaluation *evaluation, const struct value *items, uint32_t count,
                          struct value *ret_value) {
    struct value sum = items[0];
    for (uint32_t index = 1; index < count; index++)
        if (!calendar_operate('+', &sum, &items[index], evaluation->moment, evaluation->scratch,
                              &sum)) {
            value_fail(evaluation, ret_value, "sum: item %u cannot be added", index + 1);
            return;
        }
    *ret_value = sum;
}

static void run_sum(struct evaluation *evaluation, const struct value *arguments, int count,
                    struct value *ret_value) {
    const struct value *items;
    uint32_t item_count;
    struct decimal sum;
    if (!builtin_items(evaluation, "sum", arguments, count, &items, &item_count, ret_value))
        return;
    if (item_count > 0 && (items[0].kind == VALUE_MONTHS || items[0].kind == VALUE_DURATION)) {
        add_durations(evaluation, items, item_count, ret_value);
        return;
    }
    if (!numbers(evaluation, "sum", arguments, count, &items, &item_count, ret_value))
        return;
    if (item_count == 0)
        *ret_value = value_null();
    else if (add_up(items, item_count, &sum))
        *ret_value = value_number(sum);
    else
        out_of_range(evaluation, "sum", ret_value);
}

static bool mean_of(const struct value *items, uint32_t count, struct decimal *ret_mean) {
    struct decimal sum;
    return add_up(items, count, &sum) && decimal_divide(sum, decimal_from_int64(count), ret_mean);
}

static void run_mean(struct evaluation *evaluation, const struct value *arguments, int count,
                     struct value *ret_value) {
    const struct value *items;
    uint32_t item_count;
    struct decimal mean;
    if (!numbers(evaluation, "mean", arguments, count, &items, &item_count, ret_value))
        return;
    if (item_count == 0)
        value_fail(evaluation, ret_value, "mean: the list is empty");
    else if (mean_of(items, item_count, &mean))
        *ret_value = value_number(mean);
    else
        out_of_range(evaluation, "mean", ret_value);
}

static void run_product(struct evaluation *evaluation, const struct value *arguments, int count,
                        struct value *ret_value) {
    const struct value *items;
    uint32_t item_count;
    if (!numbers(evaluation, "product", arguments, count, &items, &item_count, ret_value))
        return;
    if (item_count == 0) {
        value_fail(evaluation, ret_value, "product: the list is empty");
        return;
    }
    struct decimal product = items[0].number;
    for (uint32_t index = 1; index < item_count; index++)
        if (!decimal_multiply(product, items[index].number, &product)) {
            out_of_range(evaluation, "product", ret_value);
            return;
        }
    *ret_value = value_number(product);
}

static bool number_precedes(void *context, const struct value *b, const struct value *a) {
    (void)context;
    return decimal_compare(b->number, a->number) < 0;
}

/* A sorted copy; NULL when the scratch memory is used up. */
static struct value *sorted(struct evaluation *evaluation, const struct value *items,
                            uint32_t count) {
    struct value *copy = builtin_take_items(evaluation, count);
    struct value *spare = copy ? builtin_take_items(evaluation, count) : NULL;
    if (!spare)
        return NULL;
    if (count > 0)
        memcpy(copy, items, count * sizeof *copy);
    builtin_sort(copy, spare, count, number_precedes, NULL);
    return copy;
}

static void run_median(struct evaluation *evaluation, const struct value *arguments, int count,
                       struct value *ret_value) {
    const struct value *items;
    uint32_t item_count;
    struct decimal mean;
    *ret_value = value_null();
    if (!numbers(evaluation, "median", arguments, count, &items, &item_count, ret_value) ||
        item_count == 0)
        return;
    struct value *copy = sorted(evaluation, items, item_count);
    if (!copy)
        return;
    if (item_count % 2 == 1)
        *ret_value = copy[item_count / 2];
    else if (mean_of(&copy[item_count / 2 - 1], 2, &mean))
        *ret_value = value_number(mean);
    else
        out_of_range(evaluation, "median", ret_value);
}

/* Of a sample: the squares are divided by one less than there are items. */
static bool deviation(const struct value *items, uint32_t count, struct decimal *ret_deviation) {
    struct decimal mean, distance, squares = decimal_from_int64(0);
    if (!mean_of(items, count, &mean))
        return false;
    for (uint32_t index = 0; index < count; index++)
        if (!decimal_subtract(items[index].number, mean, &distance) ||
            !decimal_multiply(distance, distance, &distance) ||
            !decimal_add(squares, distance, &squares))
            return false;
    return decimal_divide(squares, decimal_from_int64((int64_t)count - 1), &squares) &&
           decimal_square_root(squares, ret_deviation);
}

static void run_stddev(struct evaluation *evaluation, const struct value *arguments, int count,
                       struct value *ret_value) {
    const struct value *items;
    uint32_t item_count;
    struct decimal result;
    if (!numbers(evaluation, "stddev", arguments, count, &items, &item_count, ret_value))
        return;
    if (item_count < 2)
        value_fail(evaluation, ret_value, "stddev: give at least two numbers");
    else if (deviation(items, item_count, &result))
        *ret_value = value_number(result);
    else
        out_of_range(evaluation, "stddev", ret_value);
}

/* The most frequent numbers, in ascending order. */
static void run_mode(struct evaluation *evaluation, const struct value *arguments, int count,
                     struct value *ret_value) {
    const struct value *items;
    uint32_t item_count, most = 0, kept = 0;
    *ret_value = value_null();
    if (!numbers(evaluation, "mode", arguments, count, &items, &item_count, ret_value))
        return;
    struct value *copy = sorted(evaluation, items, item_count);
    if (!copy)
        return;
    for (uint32_t start = 0, end; start < item_count; start = end) {
        for (end = start + 1; end < item_count &&
                              decimal_equal(copy[end].number, copy[start].number);)
            end++;
        if (end - start > most) {
            most = end - start;
            kept = 0;
        }
        if (end - start == most)
            copy[kept++] = copy[start];
    }
    *ret_value = value_list(copy, kept);
}

/* `decisive` settles it wherever it stands; else anything but booleans makes it null. */
static void settle(struct evaluation *evaluation, const char *name, bool decisive,
                   const struct value *arguments, int count, struct value *ret_value) {
    const struct value *items;
    uint32_t item_count;
    int stranger = VALUE_BOOLEAN;
    if (!builtin_items(evaluation, name, arguments, count, &items, &item_count, ret_value))
        return;
    for (uint32_t index = 0; index < item_count; index++) {
        if (items[index].kind == VALUE_BOOLEAN && items[index].boolean == decisive) {
            *ret_value = value_boolean(decisive);
            return;
        }
        if (items[index].kind != VALUE_BOOLEAN && stranger <= VALUE_BOOLEAN)
            stranger = items[index].kind;
    }
    if (stranger == VALUE_BOOLEAN)
        *ret_value = value_boolean(!decisive);
    else if (stranger == VALUE_NULL)
        *ret_value = value_null();
    else
        value_fail(evaluation, ret_value, "%s: items must be booleans, not %s", name,
                   builtin_kind_name(stranger));
}

static void run_all(struct evaluation *evaluation, const struct value *arguments, int count,
                    struct value *ret_value) {
    settle(evaluation, "all", false, arguments, count, ret_value);
}

static void run_any(struct evaluation *evaluation, const struct value *arguments, int count,
                    struct value *ret_value) {
    settle(evaluation, "any", true, arguments, count, ret_value);
}

const struct builtin builtin_aggregate_rows[] = {
    {"count", {"list"}, 1, 1, run_count, TYPE_NUMBER, true},
    {"min", {"list"}, 1, -1, run_min, TYPE_ANY, false},
    {"max", {"list"}, 1, -1, run_max, TYPE_ANY, false},
    {"sum", {"list"}, 1, -1, run_sum, TYPE_ANY, false},
    {"mean", {"list"}, 1, -1, run_mean, TYPE_NUMBER, false},
    {"product", {"list"}, 1, -1, run_product, TYPE_NUMBER, false},
    {"median", {"list"}, 1, -1, run_median, TYPE_NUMBER, false},
    {"stddev", {"list"}, 1, -1, run_stddev, TYPE_NUMBER, false},
    {"mode", {"list"}, 1, -1, run_mode, TYPE_LIST, false},
    {"all", {"list"}, 1, -1, run_all, TYPE_BOOLEAN, false},
    {"any", {"list"}, 1, -1, run_any, TYPE_BOOLEAN, false},
    {NULL, {NULL}, 0, 0, NULL, TYPE_ANY, false}};
