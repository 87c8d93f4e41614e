/* Contexts and lists built in scratch memory, and read back. */
#include "record.h"

#include "base/clock.h"

enum { CAPACITY_FIRST = 8, LIST_ITEMS_MAX = 1000000 };

/* ---- records ------------------------------------------------------------------------------ */

void record_init(struct record *record, struct scratch *scratch) {
    *record = (struct record){.scratch = scratch};
}

static bool record_grow(struct record *record) {
    int capacity = record->capacity ? record->capacity * 2 : CAPACITY_FIRST;
    if (capacity > RECORD_FIELDS_MAX) return false;
    struct value_entry *entries =
        scratch_take(record->scratch, (size_t)capacity * sizeof *entries);
    if (!entries) return false;
    if (record->count > 0) {
        memcpy(entries, record->entries, (size_t)record->count * sizeof *entries);
    }
    record->entries = entries;
    record->capacity = capacity;
    return true;
}

void record_set(struct record *record, const char *name, struct value value) {
    if (record->failed) return;
    size_t length = strlen(name);
    for (int at = 0; at < record->count; at++) {
        struct value_entry *entry = &record->entries[at];
        if (entry->name_length == length && entry->name[0] == name[0] &&
            memcmp(entry->name, name, length) == 0) {
            entry->value = value;
            return;
        }
    }
    if (record->count == record->capacity && !record_grow(record)) {
        record->failed = true;
        return;
    }
    record->entries[record->count++] =
        (struct value_entry){.name = name, .name_length = (uint32_t)length, .value = value};
}

void record_set_text(struct record *record, const char *name, const char *text) {
    record_set(record, name, text ? value_text(text, strlen(text)) : value_null());
}

void record_copy_text(struct record *record, const char *name, const char *text, size_t length) {
    if (!text) {
        record_set(record, name, value_null());
        return;
    }
    char *copy = scratch_take(record->scratch, length + 1);
    if (!copy) {
        record->failed = true;
        return;
    }
    memcpy(copy, text, length);
    copy[length] = '\0';
    record_set(record, name, value_text(copy, length));
}

void record_copy_given(struct record *record, const char *name, const char *text) {
    bool given = text && *text;
    record_copy_text(record, name, given ? text : NULL, given ? strlen(text) : 0);
}

void record_set_integer(struct record *record, const char *name, int64_t integer) {
    record_set(record, name, value_int64(integer));
}

void record_set_boolean(struct record *record, const char *name, bool boolean) {
    record_set(record, name, value_boolean(boolean));
}

void record_set_cents(struct record *record, const char *name, int64_t cents) {
    record_set(record, name, value_number(decimal_from_scaled(cents, 2)));
}

void record_set_instant(struct record *record, const char *name, int64_t instant_us) {
    char text[CLOCK_INSTANT_MAX];
    clock_write_instant(instant_us, text);
    record_copy_text(record, name, text, strlen(text));
}

struct value record_value(const struct record *record) {
    return value_context(record->entries, (size_t)record->count);
}

struct value record_of(struct scratch *scratch, const struct value_entry *entries, size_t count,
                       bool *failed) {
    struct value_entry *copy = scratch_take(scratch, count * sizeof *copy);
    if (!copy) {
        *failed = true;
        return value_null();
    }
    memcpy(copy, entries, count * sizeof *copy);
    return value_context(copy, count);
}

/* ---- lists -------------------------------------------------------------------------------- */

void list_init(struct list *list, struct scratch *scratch) {
    *list = (struct list){.scratch = scratch};
}

void list_add(struct list *list, struct value value) {
    if (list->failed) return;
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : CAPACITY_FIRST;
        struct value *items = capacity <= LIST_ITEMS_MAX
                                  ? scratch_take(list->scratch, capacity * sizeof *items)
                                  : NULL;
        if (!items) {
            list->failed = true;
            return;
        }
        if (list->count > 0) memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = value;
}

struct value list_value(const struct list *list) {
    return value_list(list->items, list->count);
}

/* ---- reading ------------------------------------------------------------------------------ */

const struct value *record_get(const struct value *record, const char *name) {
    if (record->kind != VALUE_CONTEXT) return NULL;
    const struct value *value = value_entry_find(record, name, strlen(name));
    return value && value->kind != VALUE_NULL ? value : NULL;
}

const char *record_get_text(const struct value *record, const char *name,
                            struct scratch *scratch) {
    const struct value *value = record_get(record, name);
    struct value text;
    if (!value) return NULL;
    char *copy = value_to_text(value, scratch, &text)
                     ? scratch_take(scratch, (size_t)text.length + 1)
                     : NULL;
    if (!copy) {
        scratch->at = scratch->end;
        return NULL;
    }
    if (text.length > 0) memcpy(copy, text.text, text.length);
    copy[text.length] = '\0';
    return copy;
}

bool record_text_is(const struct value *record, const char *name, const char *text) {
    const struct value *value = record_get(record, name);
    return value && value->kind == VALUE_TEXT && value->length == strlen(text) &&
           memcmp(value->text, text, value->length) == 0;
}

int64_t record_get_integer(const struct value *record, const char *name, int64_t otherwise) {
    const struct value *value = record_get(record, name);
    int64_t integer;
    if (!value || value->kind != VALUE_NUMBER || !decimal_to_int64(value->number, &integer)) {
        return otherwise;
    }
    return integer;
}

bool record_get_boolean(const struct value *record, const char *name, bool otherwise) {
    const struct value *value = record_get(record, name);
    return value && value->kind == VALUE_BOOLEAN ? value->boolean : otherwise;
}
