/* A deep copy in place: the value's pointers are replaced by pointers to copies. */
#include "domain/value_keep.h"

#include <string.h>

static const char *keep_text(struct scratch *scratch, const char *text, size_t length) {
    char *copied = scratch_take(scratch, length + 1);
    if (!copied) return NULL;
    if (length) memcpy(copied, text, length);
    copied[length] = '\0';
    return copied;
}

static bool keep(struct scratch *scratch, struct value *value, int depth) {
    if (depth > VALUE_KEEP_DEPTH_MAX) return false;
    if (value->kind == VALUE_TEXT) {
        value->text = keep_text(scratch, value->text, value->length);
        return value->text;
    }
    if (value->kind == VALUE_LIST) {
        struct value *items = scratch_take(scratch, value->length * sizeof *items);
        if (!items) return false;
        for (uint32_t i = 0; i < value->length; i++) {
            items[i] = value->items[i];
            if (!keep(scratch, &items[i], depth + 1)) return false;
        }
        value->items = items;
    }
    if (value->kind == VALUE_CONTEXT) {
        struct value_entry *entries = scratch_take(scratch, value->length * sizeof *entries);
        if (!entries) return false;
        for (uint32_t i = 0; i < value->length; i++) {
            entries[i] = value->entries[i];
            entries[i].name = keep_text(scratch, entries[i].name, entries[i].name_length);
            if (!entries[i].name || !keep(scratch, &entries[i].value, depth + 1)) return false;
        }
        value->entries = entries;
    }
    return true;
}

bool value_keep(struct scratch *scratch, struct value *value) {
    return keep(scratch, value, 0);
}
