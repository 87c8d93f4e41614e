/* Built-in functions on contexts (DMN 1.5, table 79), and `is`. */
#include "builtin.h"

#include <string.h>

enum { CONTEXT_PATH_MAX = 64 }; /* keys in one path of context put and get value */

static bool same_name(const struct value_entry *entry, const struct value *key) {
    return entry->name_length == key->length &&
           (key->length == 0 || memcmp(entry->name, key->text, key->length) == 0);
}

static struct value_entry entry_of(const struct value *key, const struct value *value) {
    return (struct value_entry){key->text, key->length, *value};
}

/* A copy of a context with room for one entry more; NULL when scratch memory is used up. */
static struct value_entry *copy_entries(struct evaluation *evaluation,
                                        const struct value *context) {
    struct value_entry *entries =
        evaluation_take(evaluation, ((size_t)context->length + 1) * sizeof *entries);
    if (entries && context->length > 0)
        memcpy(entries, context->entries, context->length * sizeof *entries);
    return entries;
}

/* ---- reading ------------------------------------------------------------------------------- */

static void run_get_value(struct evaluation *evaluation, const struct value *arguments, int count,
                          struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    bool path = count > 1 && arguments[1].kind == VALUE_LIST;
    if (!builtin_check(evaluation, "get value", path ? "cl" : "ct", arguments, count, checked,
                       ret_value))
        return;
    const struct value *keys = path ? checked[1].items : &checked[1];
    uint32_t key_count = path ? checked[1].length : 1;
    const struct value *at = &checked[0];
    for (uint32_t index = 0; index < key_count && at; index++) {
        if (keys[index].kind != VALUE_TEXT) {
            value_fail(evaluation, ret_value, "get value: keys must be texts, not %s",
                       builtin_kind_name(keys[index].kind));
            return;
        }
        at = at->kind == VALUE_CONTEXT
                 ? value_entry_find(at, keys[index].text, keys[index].length)
                 : NULL;
    }
    *ret_value = at && key_count > 0 ? *at : value_null();
}

static void run_get_entries(struct evaluation *evaluation, const struct value *arguments, int count,
                            struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "get entries", "c", arguments, count, checked, ret_value))
        return;
    *ret_value = value_null();
    uint32_t length = checked[0].length;
    struct value *items = builtin_take_items(evaluation, length);
    struct value_entry *pairs =
        items ? evaluation_take(evaluation, (size_t)length * 2 * sizeof *pairs) : NULL;
    if (!pairs)
        return;
    for (uint32_t index = 0; index < length; index++) {
        const struct value_entry *entry = &checked[0].entries[index];
        struct value_entry *pair = &pairs[(size_t)index * 2];
        pair[0] = (struct value_entry){"key", 3, value_text(entry->name, entry->name_length)};
        pair[1] = (struct value_entry){"value", 5, entry->value};
        items[index] = value_context(pair, 2);
    }
    *ret_value = value_list(items, length);
}

/* ---- making -------------------------------------------------------------------------------- */

static bool holds_key(const struct value_entry *entries, uint32_t count, const struct value *key) {
    for (uint32_t index = 0; index < count; index++)
        if (same_name(&entries[index], key))
            return true;
    return false;
}

static void run_context(struct evaluation *evaluation, const struct value *arguments, int count,
                        struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "context", "l", arguments, count, checked, ret_value))
        return;
    *ret_value = value_null();
    uint32_t length = checked[0].length;
    struct value_entry *entries = evaluation_take(evaluation, length * sizeof *entries);
    if (!entries)
        return;
    for (uint32_t index = 0; index < length; index++) {
        const struct value *item = &checked[0].items[index];
        const struct value *key = NULL, *value = NULL;
        if (item->kind == VALUE_CONTEXT) {
            key = value_entry_find(item, "key", 3);
            value = value_entry_find(item, "value", 5);
        }
        if (!key || key->kind != VALUE_TEXT || !value) {
            value_fail(evaluation, ret_value, "context: item %u must be {key: text, value: …}",
                       index + 1);
            return;
        }
        if (!evaluation_steps(evaluation, index))
            return;
        if (holds_key(entries, index, key)) {
            value_fail(evaluation, ret_value, "context: the key \"%.*s\" stands there twice",
                       (int)(key->length < 60 ? key->length : 60), key->text);
            return;
        }
        entries[index] = entry_of(key, value);
    }
    *ret_value = value_context(entries, length);
}

/* Puts `value` at the end of the path of keys, copying the contexts on the way. */
static bool put(struct evaluation *evaluation, const struct value *context,
                const struct value *keys, uint32_t key_count, const struct value *value,
                struct value *ret_context) {
    struct value inner = *value;
    uint32_t at = 0;
    struct value_entry *entries = copy_entries(evaluation, context);
    if (!entries)
        return false;
    while (at < context->length && !same_name(&entries[at], &keys[0]))
        at++;
    if (key_count > 1) {
        if (at == context->length || entries[at].value.kind != VALUE_CONTEXT ||
            !put(evaluation, &entries[at].value, keys + 1, key_count - 1, value, &inner))
            return false;
    }
    entries[at] = entry_of(&keys[0], &inner);
    *ret_context = value_context(entries, context->length + (at == context->length));
    return true;
}

static void run_context_put(struct evaluation *evaluation, const struct value *arguments, int count,
                            struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX], result;
    bool path = count > 1 && arguments[1].kind == VALUE_LIST;
    if (!builtin_check(evaluation, "context put", path ? "cla" : "cta", arguments, count, checked,
                       ret_value))
        return;
    const struct value *keys = path ? checked[1].items : &checked[1];
    uint32_t key_count = path ? checked[1].length : 1;
    bool valid = key_count > 0 && key_count <= CONTEXT_PATH_MAX;
    for (uint32_t index = 0; valid && index < key_count; index++)
        valid = keys[index].kind == VALUE_TEXT;
    if (!valid) {
        value_fail(evaluation, ret_value, "context put: give 1 to %d keys, each a text",
                   CONTEXT_PATH_MAX);
        return;
    }
    *ret_value = value_null();
    if (put(evaluation, &checked[0], keys, key_count, &checked[2], &result))
        *ret_value = result;
    else if (evaluation->status == QUOTE_OK)
        value_fail(evaluation, ret_value, "context put: the keys must lead through contexts");
}

/* Called with the parameter named `key`, which is one text. */
static void run_context_put_key(struct evaluation *evaluation, const struct value *arguments,
                                int count, struct value *ret_value) {
    if (count > 1 && arguments[1].kind == VALUE_LIST)
        value_fail(evaluation, ret_value, "context put: key must be a text; give a list as keys");
    else
        run_context_put(evaluation, arguments, count, ret_value);
}

static void run_context_merge(struct evaluation *evaluation, const struct value *arguments,
                              int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    size_t room = 0;
    if (!builtin_check(evaluation, "context merge", "l", arguments, count, checked, ret_value))
        return;
    for (uint32_t index = 0; index < checked[0].length; index++) {
        if (checked[0].items[index].kind != VALUE_CONTEXT) {
            value_fail(evaluation, ret_value, "context merge: item %u must be a context, not %s",
                       index + 1, builtin_kind_name(checked[0].items[index].kind));
            return;
        }
        room += checked[0].items[index].length;
    }
    *ret_value = value_null();
    struct value_entry *entries = evaluation_take(evaluation, room * sizeof *entries);
    uint32_t length = 0;
    if (!entries)
        return;
    for (uint32_t index = 0; index < checked[0].length; index++) {
        const struct value *context = &checked[0].items[index];
        for (uint32_t each = 0; each < context->length; each++) {
            const struct value_entry *entry = &context->entries[each];
            struct value key = value_text(entry->name, entry->name_length);
            uint32_t at = 0;
            while (at < length && !same_name(&entries[at], &key))
                at++;
            if (!evaluation_steps(evaluation, at))
                return;
            entries[at] = *entry;
            length += at == length;
        }
    }
    *ret_value = value_context(entries, length);
}

/* ---- is ------------------------------------------------------------------------------------ */

static bool same_zone(const struct zone *a, const struct zone *b) {
    if (a->kind != b->kind)
        return false;
    if (a->kind == ZONE_NAMED)
        return a->name_length == b->name_length && memcmp(a->name, b->name, a->name_length) == 0;
    return a->kind == ZONE_NONE || a->offset_seconds == b->offset_seconds;
}

static bool same_time(const struct value_time *a, const struct value_time *b) {
    return a->nanosecond_of_day == b->nanosecond_of_day && same_zone(&a->zone, &b->zone);
}

/* The same element: times and date-times must agree on clock and zone, not only on the moment. */
static void run_is(struct evaluation *evaluation, const struct value *arguments, int count,
                   struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "is", "aa", arguments, count, checked, ret_value))
        return;
    const struct value *a = &checked[0], *b = &checked[1];
    bool same = a->kind == b->kind;
    if (same && a->kind == VALUE_TIME)
        same = same_time(a->time, b->time);
    else if (same && a->kind == VALUE_DATE_TIME)
        same = a->date_time->date.year == b->date_time->date.year &&
               a->date_time->date.month == b->date_time->date.month &&
               a->date_time->date.day == b->date_time->date.day &&
               same_time(&a->date_time->time, &b->date_time->time);
    else if (same)
        same = value_equal(a, b, evaluation->moment) == 1;
    *ret_value = value_boolean(same);
}

const struct builtin builtin_context_rows[] = {
    {"get value", {"m", "key"}, 2, 2, run_get_value, TYPE_ANY, false},
    {"get value", {"context", "keys"}, 2, 2, run_get_value, TYPE_ANY, false},
    {"get entries", {"m"}, 1, 1, run_get_entries, TYPE_LIST, false},
    {"context", {"entries"}, 1, 1, run_context, TYPE_CONTEXT, false},
    {"context put", {"context", "keys", "value"}, 3, 3, run_context_put, TYPE_CONTEXT, false},
    {"context put", {"context", "key", "value"}, 3, 3, run_context_put_key, TYPE_CONTEXT, false},
    {"context merge", {"contexts"}, 1, 1, run_context_merge, TYPE_CONTEXT, false},
    {"is", {"value1", "value2"}, 2, 2, run_is, TYPE_BOOLEAN, false},
    {NULL, {NULL}, 0, 0, NULL, TYPE_ANY, false}};
