/* Values: finding and comparing. Their texts are in value_text.c; what is particular to dates
 * and durations is in calendar.c. Scratch memory lies here as well. */
#include "value.h"

#include <string.h>

#include "calendar.h"

/* ---- scratch memory ------------------------------------------------------------------------ */

enum { SCRATCH_ALIGNMENT = 16 };

void scratch_init(struct scratch *scratch, void *memory, size_t size) {
    scratch->start = memory;
    scratch->at = memory;
    scratch->steps_max = EVALUATION_STEPS_DEFAULT;
    scratch->end = size ? scratch->start + size : scratch->start; /* memory may be NULL then */
}

void *scratch_take(struct scratch *scratch, size_t size) {
    size_t room = (size_t)(scratch->end - scratch->at);
    size_t pad = (0 - (uintptr_t)scratch->at) & (SCRATCH_ALIGNMENT - 1);
    if (room < pad || room - pad < size)
        return NULL;
    char *memory = scratch->at + pad;
    scratch->at = memory + size;
    return memory;
}

/* ---- finding ------------------------------------------------------------------------------- */

const struct value *value_entry_find(const struct value *context, const char *name,
                                     size_t name_length) {
    for (uint32_t index = 0; index < context->length; index++) {
        const struct value_entry *entry = &context->entries[index];
        if (entry->name_length == name_length &&
            (name_length == 0 || (entry->name[0] == name[0] &&
                                  memcmp(entry->name, name, name_length) == 0)))
            return &entry->value;
    }
    return NULL;
}

/* ---- comparing ----------------------------------------------------------------------------- */

/* Lists may share their parts, so that a small one can be a huge tree: both its depth and the
 * steps of one comparison have an end, beyond which values are taken as not comparable. */
enum { EQUAL_DEPTH_MAX = 512, EQUAL_STEPS_MAX = 10 * 1000 * 1000 };

struct equality {
    const struct moment *moment;
    int depth;
    int steps;
};

static int equal(struct equality *equality, const struct value *a, const struct value *b);

/* Inside lists and contexts, what cannot be compared is not equal. */
static int items_equal(struct equality *equality, const struct value *a, const struct value *b) {
    if (a->length != b->length)
        return 0;
    if (a->items == b->items)
        return 1;
    for (uint32_t index = 0; index < a->length; index++) {
        int same = equal(equality, &a->items[index], &b->items[index]);
        if (same != 1)
            return equality->steps > EQUAL_STEPS_MAX ? -1 : 0;
    }
    return 1;
}

static int entries_equal(struct equality *equality, const struct value *a, const struct value *b) {
    if (a->length != b->length)
        return 0;
    if (a->entries == b->entries)
        return 1;
    for (uint32_t index = 0; index < a->length; index++) {
        const struct value_entry *entry = &a->entries[index];
        const struct value *other = value_entry_find(b, entry->name, entry->name_length);
        equality->steps += (int)(b->length / 16);
        if (!other || equal(equality, &entry->value, other) != 1)
            return equality->steps > EQUAL_STEPS_MAX ? -1 : 0;
    }
    return 1;
}

static int ranges_equal(struct equality *equality, const struct value_range *a,
                        const struct value_range *b) {
    if (a->low_bound != b->low_bound || a->high_bound != b->high_bound)
        return 0;
    int low = a->low_bound == RANGE_UNBOUNDED ? 1 : equal(equality, &a->low, &b->low);
    int high = a->high_bound == RANGE_UNBOUNDED ? 1 : equal(equality, &a->high, &b->high);
    return low == 1 && high == 1;
}

static int equal_compound(struct equality *equality, const struct value *a,
                          const struct value *b) {
    int same;
    if (equality->depth >= EQUAL_DEPTH_MAX)
        return -1;
    equality->depth++;
    if (a->kind == VALUE_LIST)
        same = items_equal(equality, a, b);
    else if (a->kind == VALUE_CONTEXT)
        same = entries_equal(equality, a, b);
    else
        same = ranges_equal(equality, a->range, b->range);
    equality->depth--;
    return same;
}

static int equal(struct equality *equality, const struct value *a, const struct value *b) {
    int order;
    if (++equality->steps > EQUAL_STEPS_MAX)
        return -1;
    if (a->kind != b->kind)
        return a->kind == VALUE_NULL || b->kind == VALUE_NULL ? 0 : -1;
    switch ((enum value_kind)a->kind) {
    case VALUE_NULL: return 1;
    case VALUE_BOOLEAN: return a->boolean == b->boolean;
    case VALUE_NUMBER: return decimal_equal(a->number, b->number);
    case VALUE_TEXT:
        return a->length == b->length &&
               (a->length == 0 || memcmp(a->text, b->text, a->length) == 0);
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATE_TIME:
    case VALUE_MONTHS:
    case VALUE_DURATION:
        return calendar_compare(a, b, equality->moment, &order) ? order == 0 : -1;
    case VALUE_RANGE:
    case VALUE_LIST:
    case VALUE_CONTEXT: return equal_compound(equality, a, b);
    case VALUE_FUNCTION: return a->function == b->function;
    }
    return -1;
}

int value_equal(const struct value *a, const struct value *b, const struct moment *moment) {
    struct equality equality = {.moment = moment};
    return equal(&equality, a, b);
}

int value_equal_counted(const struct value *a, const struct value *b, const struct moment *moment,
                        int64_t *steps_left) {
    enum { BYTES_PER_STEP = 256 };
    struct equality equality = {.moment = moment};
    int same = equal(&equality, a, b);
    if (a->kind == VALUE_TEXT) equality.steps += (int)(a->length / BYTES_PER_STEP);
    *steps_left -= equality.steps - 1;
    return same;
}

bool value_compare(const struct value *a, const struct value *b, const struct moment *moment,
                   int *ret_order) {
    if (a->kind != b->kind)
        return false;
    switch ((enum value_kind)a->kind) {
    case VALUE_NUMBER: *ret_order = decimal_compare(a->number, b->number); return true;
    case VALUE_TEXT: {
        /* The order of UTF-8's bytes is the order of the code points. */
        uint32_t shorter = a->length < b->length ? a->length : b->length;
        int order = shorter > 0 ? memcmp(a->text, b->text, shorter) : 0;
        if (order == 0)
            order = a->length < b->length ? -1 : a->length > b->length;
        *ret_order = order < 0 ? -1 : order > 0;
        return true;
    }
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATE_TIME:
    case VALUE_MONTHS:
    case VALUE_DURATION: return calendar_compare(a, b, moment, ret_order);
    case VALUE_NULL:
    case VALUE_BOOLEAN:
    case VALUE_RANGE:
    case VALUE_LIST:
    case VALUE_CONTEXT:
    case VALUE_FUNCTION: return false;
    }
    return false;
}
