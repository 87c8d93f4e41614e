/* What FEEL builds and takes apart: lists, contexts, ranges, entries and properties. */
#include "calendar.h"
#include "feel_code.h"

#include <string.h>

void run_list(RUN_ARGUMENTS) {
    const struct code_items *list = (const struct code_items *)code;
    struct value *items = evaluation_take(evaluation, (size_t)list->count * sizeof *items);
    *ret_value = value_null();
    if (!items) return;
    for (int i = 0; i < list->count; i++) {
        operand_put(&list->items[i], evaluation, frame, &items[i]);
        if (evaluation->status) return;
    }
    *ret_value = value_list(items, (size_t)list->count);
}

/* The slots and the frame lie in scratch memory: a function among the entries may outlive this. */
void run_context(RUN_ARGUMENTS) {
    const struct code_items *context = (const struct code_items *)code;
    size_t count = (size_t)context->count;
    struct frame *own = evaluation_take(evaluation, sizeof *own + count * sizeof *own->slots);
    *ret_value = value_null();
    if (!own) return;
    own->outer = frame;
    own->slots = (struct value *)(own + 1);
    for (size_t i = 0; i < count; i++) {
        operand_put(&context->items[i], evaluation, own, &own->slots[i]);
        if (evaluation->status) return;
    }
    if (context->has_result) {
        if (count) *ret_value = own->slots[count - 1];
        return;
    }
    struct value_entry *entries = evaluation_take(evaluation, count * sizeof *entries);
    if (!entries) return;
    for (size_t i = 0; i < count; i++)
        entries[i] = (struct value_entry){context->names[i], context->name_lengths[i],
                                          own->slots[i]};
    *ret_value = value_context(entries, count);
}

static bool can_bound(const struct value *value) {
    return value->kind == VALUE_NULL || (value->kind >= VALUE_NUMBER && value->kind < VALUE_RANGE);
}

void run_range(RUN_ARGUMENTS) {
    const struct code_range *ends = (const struct code_range *)code;
    bool single = ends->low_bound == RANGE_EQUAL || ends->low_bound == RANGE_UNEQUAL;
    struct value low, high, room;
    low = *operand_value(&ends->low, evaluation, frame, &room);
    high = *operand_value(&ends->high, evaluation, frame, &room);
    if (!single && (!can_bound(&low) || !can_bound(&high) ||
                    (low.kind != high.kind && low.kind != VALUE_NULL && high.kind != VALUE_NULL))) {
        value_fail(evaluation, ret_value, "a range cannot run from %s to %s",
                   value_kind_name(&low), value_kind_name(&high));
        return;
    }
    struct value_range *range = evaluation_take(evaluation, sizeof *range);
    *ret_value = value_null();
    if (!range) return;
    range->low_bound = ends->low_bound;
    range->high_bound = ends->high_bound;
    range->low = low;
    range->high = high;
    ret_value->kind = VALUE_RANGE;
    ret_value->range = range;
}

/* ---- properties ------------------------------------------------------------------------------ */

enum property property_find(const char *name, size_t length) {
    static const char *const names[] = {
        [PROPERTY_YEAR] = "year", [PROPERTY_MONTH] = "month", [PROPERTY_DAY] = "day",
        [PROPERTY_WEEKDAY] = "weekday", [PROPERTY_HOUR] = "hour", [PROPERTY_MINUTE] = "minute",
        [PROPERTY_SECOND] = "second", [PROPERTY_OFFSET] = "time offset",
        [PROPERTY_TIMEZONE] = "timezone", [PROPERTY_YEARS] = "years",
        [PROPERTY_MONTHS] = "months", [PROPERTY_DAYS] = "days", [PROPERTY_HOURS] = "hours",
        [PROPERTY_MINUTES] = "minutes", [PROPERTY_SECONDS] = "seconds",
        [PROPERTY_START] = "start", [PROPERTY_END] = "end",
        [PROPERTY_START_INCLUDED] = "start included", [PROPERTY_END_INCLUDED] = "end included"};
    for (int i = PROPERTY_NONE + 1; i < PROPERTY_COUNT; i++)
        if (strlen(names[i]) == length && !memcmp(names[i], name, length)) return (enum property)i;
    return PROPERTY_NONE;
}

static bool date_property(struct value_date date, int property, struct value *ret_value) {
    switch (property) {
    case PROPERTY_YEAR: *ret_value = value_int64(date.year); return true;
    case PROPERTY_MONTH: *ret_value = value_int64(date.month); return true;
    case PROPERTY_DAY: *ret_value = value_int64(date.day); return true;
    case PROPERTY_WEEKDAY: { /* Monday is 1; 1970-01-01 was a Thursday */
        int64_t day = (calendar_days(date) + 3) % 7;
        *ret_value = value_int64(day < 0 ? day + 8 : day + 1);
        return true;
    }
    default: return false;
    }
}

/* Whole seconds and a fraction, as one number. */
static struct value second_value(int64_t seconds, int64_t nanosecond) {
    struct decimal number = decimal_from_scaled(seconds * NANOSECONDS_PER_SECOND + nanosecond, 9);
    return value_number(decimal_canonical(number));
}

static bool offset_property(const struct value_time *time, const struct value_date *date,
                            const struct moment *moment, struct value *ret_value) {
    int32_t seconds = time->zone.offset_seconds;
    if (time->zone.kind == ZONE_NONE) return false;
    if (time->zone.kind == ZONE_NAMED &&
        (!date ||
         !calendar_offset(&time->zone, date, time->nanosecond_of_day, moment, &seconds)))
        return false;
    *ret_value = (struct value){.kind = VALUE_DURATION, .duration = {seconds, 0}};
    return true;
}

static bool time_property(const struct value_time *time, const struct value_date *date,
                          int property, const struct moment *moment, struct value *ret_value) {
    int64_t seconds = time->nanosecond_of_day / NANOSECONDS_PER_SECOND;
    switch (property) {
    case PROPERTY_HOUR: *ret_value = value_int64(seconds / 3600); return true;
    case PROPERTY_MINUTE: *ret_value = value_int64(seconds / 60 % 60); return true;
    case PROPERTY_SECOND:
        *ret_value =
            second_value(seconds % 60, time->nanosecond_of_day % NANOSECONDS_PER_SECOND);
        return true;
    case PROPERTY_OFFSET: return offset_property(time, date, moment, ret_value);
    case PROPERTY_TIMEZONE:
        if (time->zone.kind != ZONE_NAMED) return false;
        *ret_value = value_text(time->zone.name, time->zone.name_length);
        return true;
    default: return false;
    }
}

static bool duration_property(struct value_duration duration, int property,
                              struct value *ret_value) {
    int64_t seconds = duration.seconds, nanosecond = duration.nanosecond;
    if (seconds < 0 && nanosecond > 0) { /* all parts carry the sign */
        seconds++;
        nanosecond -= NANOSECONDS_PER_SECOND;
    }
    switch (property) {
    case PROPERTY_DAYS: *ret_value = value_int64(seconds / SECONDS_PER_DAY); return true;
    case PROPERTY_HOURS: *ret_value = value_int64(seconds % SECONDS_PER_DAY / 3600); return true;
    case PROPERTY_MINUTES: *ret_value = value_int64(seconds % 3600 / 60); return true;
    case PROPERTY_SECONDS: *ret_value = second_value(seconds % 60, nanosecond); return true;
    default: return false;
    }
}

static bool range_property(const struct value_range *range, int property,
                           struct value *ret_value) {
    bool equal = range->low_bound == RANGE_EQUAL;
    switch (property) {
    case PROPERTY_START: *ret_value = range->low; return true;
    case PROPERTY_END: *ret_value = range->high; return true;
    case PROPERTY_START_INCLUDED:
        *ret_value = value_boolean(equal || range->low_bound == RANGE_CLOSED);
        return true;
    case PROPERTY_END_INCLUDED:
        *ret_value = value_boolean(equal || range->high_bound == RANGE_CLOSED);
        return true;
    default: return false;
    }
}

/* False where there is no such property; its value may be null as well. */
static bool value_property(const struct value *value, int property, const struct moment *moment,
                           struct value *ret_value) {
    switch (value->kind) {
    case VALUE_DATE: return date_property(value->date, property, ret_value);
    case VALUE_TIME: return time_property(value->time, NULL, property, moment, ret_value);
    case VALUE_DATE_TIME:
        return date_property(value->date_time->date, property, ret_value) ||
               time_property(&value->date_time->time, &value->date_time->date, property, moment,
                             ret_value);
    case VALUE_MONTHS:
        if (property == PROPERTY_YEARS) *ret_value = value_int64(value->months / 12);
        else if (property == PROPERTY_MONTHS) *ret_value = value_int64(value->months % 12);
        else return false;
        return true;
    case VALUE_DURATION: return duration_property(value->duration, property, ret_value);
    case VALUE_RANGE: return range_property(value->range, property, ret_value);
    default: return false;
    }
}

/* ---- paths ----------------------------------------------------------------------------------- */

static const struct value *entry_find(const struct value *context, const struct code_path *path) {
    if (path->hint < context->length) {
        const struct value_entry *entry = &context->entries[path->hint];
        if (entry->name_length == path->name_length &&
            (entry->name == path->name || !memcmp(entry->name, path->name, path->name_length)))
            return &entry->value;
    }
    return value_entry_find(context, path->name, path->name_length);
}

/* Looking through a large context counts as steps. */
static bool entries_weigh(struct evaluation *evaluation, const struct value *context) {
    enum { ENTRIES_PER_STEP = 32 };
    return context->length < ENTRIES_PER_STEP ||
           evaluation_steps(evaluation, context->length / ENTRIES_PER_STEP);
}

static void path_missing(const struct code_path *path, struct evaluation *evaluation,
                         const struct value *value, struct value *ret_value) {
    value_fail(evaluation, ret_value, "%s has no entry or property '%.*s'",
               value_kind_name(value),
               (int)(path->name_length > 80 ? 80 : path->name_length), path->name);
}

/* The entry of one value that is no list. */
static void path_one(const struct code_path *path, struct evaluation *evaluation,
                     const struct value *value, struct value *ret_value) {
    if (value->kind == VALUE_CONTEXT) {
        *ret_value = value_null();
        if (!entries_weigh(evaluation, value)) return;
        const struct value *entry = entry_find(value, path);
        if (entry) *ret_value = *entry;
        else path_missing(path, evaluation, value, ret_value);
        return;
    }
    struct value result;
    if (path->property && value_property(value, path->property, evaluation->moment, &result))
        *ret_value = result;
    else if (value->kind == VALUE_NULL) *ret_value = value_null();
    else path_missing(path, evaluation, value, ret_value);
}

void run_path(RUN_ARGUMENTS) {
    const struct code_path *path = (const struct code_path *)code;
    struct value room;
    const struct value *value = operand_value(&path->a, evaluation, frame, &room);
    if (value->kind != VALUE_LIST) {
        struct value one = *value;
        path_one(path, evaluation, &one, ret_value);
        return;
    }
    uint32_t count = value->length;
    const struct value *from = value->items;
    struct value *items = evaluation_take(evaluation, (size_t)count * sizeof *items);
    *ret_value = value_null();
    if (!items) return;
    for (uint32_t i = 0; i < count; i++) {
        if (!evaluation_step(evaluation)) return;
        path_one(path, evaluation, &from[i], &items[i]);
    }
    *ret_value = value_list(items, count);
}

/* A name inside a filter: the innermost item that has such an entry, else what is outside. */
void run_item_name(RUN_ARGUMENTS) {
    const struct code_item_name *name = (const struct code_item_name *)code;
    for (int i = 0; i < name->count; i++) {
        const struct value *item = frame_slot(frame, name->depths[i], 0);
        if (item->kind == VALUE_CONTEXT && !entries_weigh(evaluation, item)) {
            *ret_value = value_null();
            return;
        }
        const struct value *entry =
            item->kind == VALUE_CONTEXT ? value_entry_find(item, name->name, name->name_length)
                                        : NULL;
        if (entry) {
            *ret_value = *entry;
            return;
        }
    }
    struct value room;
    if (name->has_outside)
        *ret_value = *operand_value(&name->outside, evaluation, frame, &room);
    else
        value_fail(evaluation, ret_value, "no item has an entry '%.*s'",
                   (int)(name->name_length > 80 ? 80 : name->name_length), name->name);
}
