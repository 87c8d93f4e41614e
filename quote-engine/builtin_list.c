/* Built-in functions on lists (DMN 1.5, table 75) that give lists or look into them. Positions
 * count from 1, or from the end with -1; their fraction is dropped. */
#include "builtin.h"

#include <string.h>

/* ---- helpers ------------------------------------------------------------------------------- */

static void copy_items(struct value *to, const struct value *from, size_t count) {
    if (count > 0)
        memcpy(to, from, count * sizeof *to);
}

/* The index from 0 of a position in `count` items; false, with null and its reason, beyond them */
static bool place_of(struct evaluation *evaluation, const char *name, const struct value *position,
                     uint32_t count, uint32_t *ret_index, struct value *ret_value) {
    int64_t place = builtin_whole(position->number);
    if (place == 0 || place > (int64_t)count || place < -(int64_t)count) {
        value_fail(evaluation, ret_value, "%s: there is no position %lld in a list of %u items",
                   name, (long long)place, count);
        return false;
    }
    *ret_index = (uint32_t)(place > 0 ? place - 1 : (int64_t)count + place);
    return true;
}

static bool same(struct evaluation *evaluation, const struct value *a, const struct value *b) {
    return value_equal_counted(a, b, evaluation->moment, &evaluation->steps_left) == 1;
}

/* ---- looking ------------------------------------------------------------------------------- */

static void run_list_contains(struct evaluation *evaluation, const struct value *arguments,
                              int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "list contains", "la", arguments, count, checked, ret_value))
        return;
    bool found = false;
    for (uint32_t index = 0; index < checked[0].length && !found; index++)
        found = same(evaluation, &checked[0].items[index], &checked[1]);
    *ret_value = value_boolean(found);
}

static void run_index_of(struct evaluation *evaluation, const struct value *arguments, int count,
                         struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "index of", "la", arguments, count, checked, ret_value))
        return;
    *ret_value = value_null();
    struct value *places = builtin_take_items(evaluation, checked[0].length);
    uint32_t found = 0;
    if (!places)
        return;
    for (uint32_t index = 0; index < checked[0].length; index++)
        if (same(evaluation, &checked[0].items[index], &checked[1]))
            places[found++] = value_int64((int64_t)index + 1);
    *ret_value = value_list(places, found);
}

/* ---- cutting and changing ------------------------------------------------------------------ */

static void run_sublist(struct evaluation *evaluation, const struct value *arguments, int count,
                        struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    uint32_t start;
    if (!builtin_check(evaluation, "sublist", "ln|n", arguments, count, checked, ret_value) ||
        !place_of(evaluation, "sublist", &checked[1], checked[0].length, &start, ret_value))
        return;
    int64_t rest = (int64_t)checked[0].length - start;
    int64_t length = count > 2 ? builtin_whole(checked[2].number) : rest;
    if (length < 1 || length > rest)
        value_fail(evaluation, ret_value, "sublist: the length must be 1 to %lld from there",
                   (long long)rest);
    else
        *ret_value = value_list(checked[0].items + start, (size_t)length);
}

static void run_append(struct evaluation *evaluation, const struct value *arguments, int count,
                       struct value *ret_value) {
    struct value list[BUILTIN_ARGUMENTS_MAX];
    /* The first argument is checked, the others may be anything. */
    if (!builtin_check(evaluation, "append", "l", arguments, count < 1 ? count : 1, list,
                       ret_value))
        return;
    *ret_value = value_null();
    size_t added = (size_t)count - 1;
    struct value *items = builtin_take_items(evaluation, list[0].length + added);
    if (!items)
        return;
    copy_items(items, list[0].items, list[0].length);
    copy_items(items + list[0].length, arguments + 1, added);
    *ret_value = value_list(items, list[0].length + added);
}

/* All lists of the arguments behind each other; NULL with the reason in `ret_value`. */
static struct value *join_lists(struct evaluation *evaluation, const char *name,
                                const struct value *arguments, int count, size_t *ret_total,
                                struct value *ret_value) {
    size_t total = 0, at = 0;
    for (int index = 0; index < count; index++) {
        if (arguments[index].kind == VALUE_NULL) {
            value_fail(evaluation, ret_value, "%s: argument %d must be a list, not null", name,
                       index + 1);
            return NULL;
        }
        total += arguments[index].kind == VALUE_LIST ? arguments[index].length : 1;
    }
    *ret_value = value_null();
    struct value *items = builtin_take_items(evaluation, total);
    if (!items)
        return NULL;
    for (int index = 0; index < count; index++) {
        if (arguments[index].kind == VALUE_LIST) {
            copy_items(items + at, arguments[index].items, arguments[index].length);
            at += arguments[index].length;
        } else {
            items[at++] = arguments[index];
        }
    }
    *ret_total = total;
    return items;
}

static void run_concatenate(struct evaluation *evaluation, const struct value *arguments, int count,
                            struct value *ret_value) {
    size_t total;
    struct value *items =
        join_lists(evaluation, "concatenate", arguments, count, &total, ret_value);
    if (items)
        *ret_value = value_list(items, total);
}

static void run_insert_before(struct evaluation *evaluation, const struct value *arguments,
                              int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    uint32_t place;
    if (!builtin_check(evaluation, "insert before", "lna", arguments, count, checked, ret_value) ||
        !place_of(evaluation, "insert before", &checked[1], checked[0].length, &place, ret_value))
        return;
    *ret_value = value_null();
    struct value *items = builtin_take_items(evaluation, (size_t)checked[0].length + 1);
    if (!items)
        return;
    copy_items(items, checked[0].items, place);
    items[place] = checked[2];
    copy_items(items + place + 1, checked[0].items + place, checked[0].length - place);
    *ret_value = value_list(items, (size_t)checked[0].length + 1);
}

static void run_remove(struct evaluation *evaluation, const struct value *arguments, int count,
                       struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    uint32_t place;
    if (!builtin_check(evaluation, "remove", "ln", arguments, count, checked, ret_value) ||
        !place_of(evaluation, "remove", &checked[1], checked[0].length, &place, ret_value))
        return;
    *ret_value = value_null();
    struct value *items = builtin_take_items(evaluation, checked[0].length - 1u);
    if (!items)
        return;
    copy_items(items, checked[0].items, place);
    copy_items(items + place, checked[0].items + place + 1, checked[0].length - place - 1u);
    *ret_value = value_list(items, checked[0].length - 1u);
}

static void run_reverse(struct evaluation *evaluation, const struct value *arguments, int count,
                        struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "reverse", "l", arguments, count, checked, ret_value))
        return;
    *ret_value = value_null();
    struct value *items = builtin_take_items(evaluation, checked[0].length);
    if (!items)
        return;
    for (uint32_t index = 0; index < checked[0].length; index++)
        items[index] = checked[0].items[checked[0].length - 1 - index];
    *ret_value = value_list(items, checked[0].length);
}

/* Replaces what a function(item, newItem) says true to. */
static void replace_matching(struct evaluation *evaluation, const struct value *list,
                             const struct value *match, const struct value *new_item,
                             struct value *items, struct value *ret_value) {
    struct value pair[2], answer;
    for (uint32_t index = 0; index < list->length; index++) {
        pair[0] = list->items[index];
        pair[1] = *new_item;
        function_call(match, evaluation, pair, 2, &answer);
        if (evaluation->status != QUOTE_OK)
            return;
        if (answer.kind != VALUE_BOOLEAN) {
            value_fail(evaluation, ret_value,
                       "list replace: the function must give true or false, not %s",
                       builtin_kind_name(answer.kind));
            return;
        }
        items[index] = answer.boolean ? *new_item : list->items[index];
    }
    *ret_value = value_list(items, list->length);
}

/* Does the function take two arguments? */
static bool takes_two(const struct value *function) {
    const struct builtin *builtin = function->function->builtin;
    if (builtin)
        return builtin->minimum <= 2 && (builtin->maximum < 0 || builtin->maximum >= 2);
    return function->function->parameter_count == 2;
}

static void run_list_replace(struct evaluation *evaluation, const struct value *arguments,
                             int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    uint32_t place;
    bool matching = count > 1 && arguments[1].kind == VALUE_FUNCTION;
    if (!builtin_check(evaluation, "list replace", matching ? "lfa" : "lna", arguments, count,
                       checked, ret_value))
        return;
    if (matching && !takes_two(&checked[1])) {
        value_fail(evaluation, ret_value, "list replace: the function must take (item, newItem)");
        return;
    }
    if (!matching &&
        !place_of(evaluation, "list replace", &checked[1], checked[0].length, &place, ret_value))
        return;
    *ret_value = value_null();
    struct value *items = builtin_take_items(evaluation, checked[0].length);
    if (!items)
        return;
    if (matching) {
        replace_matching(evaluation, &checked[0], &checked[1], &checked[2], items, ret_value);
        return;
    }
    copy_items(items, checked[0].items, checked[0].length);
    items[place] = checked[2];
    *ret_value = value_list(items, checked[0].length);
}

/* ---- flattening ---------------------------------------------------------------------------- */

enum { FLATTEN_DEPTH_MAX = 256 };

/* Counts the items at the bottom, or writes them to `items` when that is not NULL. */
static bool flatten(struct evaluation *evaluation, const struct value *list, int depth,
                    struct value *items, size_t *at) {
    if (depth > FLATTEN_DEPTH_MAX || !evaluation_steps(evaluation, list->length + 1ull)) {
        evaluation->status = QUOTE_TOO_LARGE;
        return false;
    }
    for (uint32_t index = 0; index < list->length; index++) {
        const struct value *item = &list->items[index];
        if (item->kind == VALUE_LIST) {
            if (!flatten(evaluation, item, depth + 1, items, at))
                return false;
            continue;
        }
        if (items)
            items[*at] = *item;
        (*at)++;
    }
    return true;
}

static void run_flatten(struct evaluation *evaluation, const struct value *arguments, int count,
                        struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    size_t total = 0, at = 0;
    if (!builtin_check(evaluation, "flatten", "l", arguments, count, checked, ret_value))
        return;
    *ret_value = value_null();
    if (!flatten(evaluation, &checked[0], 0, NULL, &total))
        return;
    struct value *items = builtin_take_items(evaluation, total);
    if (items && flatten(evaluation, &checked[0], 0, items, &at))
        *ret_value = value_list(items, total);
}

/* ---- duplicates ---------------------------------------------------------------------------- */

static uint64_t hash_text(const char *text, size_t length) {
    uint64_t hash = 0xCBF29CE484222325ull;
    for (size_t index = 0; index < length; index++)
        hash = (hash ^ (unsigned char)text[index]) * 0x100000001B3ull;
    return hash ^ hash >> 29;
}

/* Equal values hash alike. Kinds whose equality is more than bytes hash by kind alone. */
static uint64_t hash_value(const struct value *value) {
    switch ((enum value_kind)value->kind) {
    case VALUE_NUMBER: return decimal_hash(value->number);
    case VALUE_TEXT: return hash_text(value->text, value->length);
    case VALUE_DATE:
        return ((uint64_t)(uint32_t)value->date.year << 16 | (uint64_t)value->date.month << 8 |
                value->date.day) *
               0x9E3779B97F4A7C15ull;
    default: return value->kind;
    }
}

/* A table of the items seen so far: slots hold an item's index + 1, 0 when free. */
struct seen {
    uint32_t *slots;
    size_t mask;
    const struct value *items;
};

static bool seen_init(struct seen *seen, struct evaluation *evaluation, const struct value *items,
                      size_t count) {
    size_t size = 16;
    while (size < count * 2)
        size *= 2;
    seen->slots = evaluation_take(evaluation, size * sizeof *seen->slots);
    if (!seen->slots)
        return false;
    memset(seen->slots, 0, size * sizeof *seen->slots);
    seen->mask = size - 1;
    seen->items = items;
    return true;
}

/* The index of an equal item seen before, or `index` itself, which is then remembered. UINT32_MAX
 * when the limit of steps was reached. */
static uint32_t seen_add(struct seen *seen, struct evaluation *evaluation, uint32_t index) {
    size_t slot = hash_value(&seen->items[index]) & seen->mask;
    uint64_t steps = 1;
    for (; seen->slots[slot] != 0; slot = (slot + 1) & seen->mask, steps++)
        if (same(evaluation, &seen->items[seen->slots[slot] - 1], &seen->items[index]))
            break;
    if (!evaluation_steps(evaluation, steps))
        return UINT32_MAX;
    if (seen->slots[slot] == 0)
        seen->slots[slot] = index + 1;
    return seen->slots[slot] - 1;
}

/* Keeps the first of equal items, in place of the rest. */
static void distinct(struct evaluation *evaluation, const struct value *items, size_t count,
                     struct value *ret_value) {
    struct seen seen;
    *ret_value = value_null();
    struct value *kept = builtin_take_items(evaluation, count);
    uint32_t kept_count = 0;
    if (!kept || !seen_init(&seen, evaluation, items, count))
        return;
    for (uint32_t index = 0; index < count; index++) {
        uint32_t first = seen_add(&seen, evaluation, index);
        if (first == UINT32_MAX)
            return;
        if (first == index)
            kept[kept_count++] = items[index];
    }
    *ret_value = value_list(kept, kept_count);
}

static void run_distinct_values(struct evaluation *evaluation, const struct value *arguments,
                                int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (builtin_check(evaluation, "distinct values", "l", arguments, count, checked, ret_value))
        distinct(evaluation, checked[0].items, checked[0].length, ret_value);
}

static void run_union(struct evaluation *evaluation, const struct value *arguments, int count,
                      struct value *ret_value) {
    size_t total;
    struct value *items = join_lists(evaluation, "union", arguments, count, &total, ret_value);
    if (items)
        distinct(evaluation, items, total, ret_value);
}

/* Each value that stands in the list more than once, once, in the order of its first. */
static void run_duplicate_values(struct evaluation *evaluation, const struct value *arguments,
                                 int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    struct seen seen;
    if (!builtin_check(evaluation, "duplicate values", "l", arguments, count, checked, ret_value))
        return;
    *ret_value = value_null();
    uint32_t item_count = checked[0].length, kept_count = 0;
    struct value *kept = builtin_take_items(evaluation, item_count);
    bool *repeated = kept ? evaluation_take(evaluation, item_count * sizeof *repeated) : NULL;
    if (!repeated || !seen_init(&seen, evaluation, checked[0].items, item_count))
        return;
    if (item_count > 0)
        memset(repeated, 0, item_count * sizeof *repeated);
    for (uint32_t index = 0; index < item_count; index++) {
        uint32_t first = seen_add(&seen, evaluation, index);
        if (first == UINT32_MAX)
            return;
        repeated[first] |= first != index;
    }
    for (uint32_t index = 0; index < item_count; index++)
        if (repeated[index])
            kept[kept_count++] = checked[0].items[index];
    *ret_value = value_list(kept, kept_count);
}

/* ---- sorting ------------------------------------------------------------------------------- */

struct ordering {
    struct evaluation *evaluation;
    const struct value *function;
    int stranger; /* a kind the function gave that is no boolean, or -1 */
};

static bool function_precedes(void *context, const struct value *b, const struct value *a) {
    struct ordering *ordering = context;
    struct value pair[2] = {*b, *a}, answer = value_null();
    if (ordering->evaluation->status != QUOTE_OK || ordering->stranger >= 0)
        return false;
    function_call(ordering->function, ordering->evaluation, pair, 2, &answer);
    if (answer.kind != VALUE_BOOLEAN) {
        ordering->stranger = answer.kind;
        return false;
    }
    return answer.boolean;
}

static void run_sort(struct evaluation *evaluation, const struct value *arguments, int count,
                     struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "sort", "lf", arguments, count, checked, ret_value))
        return;
    if (!takes_two(&checked[1])) {
        value_fail(evaluation, ret_value, "sort: the function must take two items");
        return;
    }
    *ret_value = value_null();
    struct value *items = builtin_take_items(evaluation, checked[0].length);
    struct value *spare = items ? builtin_take_items(evaluation, checked[0].length) : NULL;
    struct ordering ordering = {evaluation, &checked[1], -1};
    if (!spare)
        return;
    copy_items(items, checked[0].items, checked[0].length);
    builtin_sort(items, spare, checked[0].length, function_precedes, &ordering);
    if (ordering.stranger >= 0)
        value_fail(evaluation, ret_value, "sort: the function must give true or false, not %s",
                   builtin_kind_name(ordering.stranger));
    else if (evaluation->status == QUOTE_OK)
        *ret_value = value_list(items, checked[0].length);
}

const struct builtin builtin_list_rows[] = {
    {"list contains", {"list", "element"}, 2, 2, run_list_contains, TYPE_BOOLEAN, false},
    {"index of", {"list", "match"}, 2, 2, run_index_of, TYPE_LIST, false},
    {"sublist", {"list", "start position", "length"}, 2, 3, run_sublist, TYPE_LIST, false},
    {"append", {"list", "item"}, 2, -1, run_append, TYPE_LIST, false},
    {"concatenate", {"list"}, 1, -1, run_concatenate, TYPE_LIST, false},
    {"insert before", {"list", "position", "newItem"}, 3, 3, run_insert_before, TYPE_LIST, false},
    {"remove", {"list", "position"}, 2, 2, run_remove, TYPE_LIST, false},
    {"reverse", {"list"}, 1, 1, run_reverse, TYPE_LIST, false},
    {"list replace", {"list", "position", "newItem"}, 3, 3, run_list_replace, TYPE_LIST, false},
    {"list replace", {"list", "match", "newItem"}, 3, 3, run_list_replace, TYPE_LIST, false},
    {"flatten", {"list"}, 1, 1, run_flatten, TYPE_LIST, false},
    {"distinct values", {"list"}, 1, 1, run_distinct_values, TYPE_LIST, false},
    {"duplicate values", {"list"}, 1, 1, run_duplicate_values, TYPE_LIST, false},
    {"union", {"list"}, 1, -1, run_union, TYPE_LIST, false},
    {"sort", {"list", "precedes"}, 2, 2, run_sort, TYPE_LIST, false},
    {NULL, {NULL}, 0, 0, NULL, TYPE_ANY, false}};
