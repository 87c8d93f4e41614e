/* FEEL's string(): values written as the literals that would make them. Numbers are plain digits
 * without trailing zeros; texts and what looks like one are quoted only inside something else. */
#include "value.h"

#include <string.h>

#include "calendar.h"

enum { TEXT_DEPTH_MAX = 512 }; /* of lists in lists */

/* Writes into what is left of the scratch memory, and takes it only when all is written. */
struct writing {
    char *at, *end;
    int depth;
};

static bool write_bytes(struct writing *writing, const char *bytes, size_t length) {
    if ((size_t)(writing->end - writing->at) < length)
        return false;
    if (length > 0)
        memcpy(writing->at, bytes, length);
    writing->at += length;
    return true;
}

static bool write_literal(struct writing *writing, const char *literal) {
    return write_bytes(writing, literal, strlen(literal));
}

static bool write_quoted(struct writing *writing, const char *text, size_t length) {
    if (!write_literal(writing, "\""))
        return false;
    for (size_t index = 0; index < length; index++) {
        const char *escaped = NULL;
        switch (text[index]) {
        case '"': escaped = "\\\""; break;
        case '\\': escaped = "\\\\"; break;
        case '\n': escaped = "\\n"; break;
        case '\r': escaped = "\\r"; break;
        case '\t': escaped = "\\t"; break;
        default: break;
        }
        if (escaped ? !write_literal(writing, escaped) : !write_bytes(writing, &text[index], 1))
            return false;
    }
    return write_literal(writing, "\"");
}

static bool write_value(struct writing *writing, const struct value *value, bool inside);

static bool write_list(struct writing *writing, const struct value *list) {
    if (!write_literal(writing, "["))
        return false;
    for (uint32_t index = 0; index < list->length; index++)
        if ((index > 0 && !write_literal(writing, ", ")) ||
            !write_value(writing, &list->items[index], true))
            return false;
    return write_literal(writing, "]");
}

/* A key that is a plain name stands as it is. */
static bool plain_name(const char *name, size_t length) {
    if (length == 0 || (name[0] >= '0' && name[0] <= '9') || name[0] == ' ' ||
        name[length - 1] == ' ')
        return false;
    for (size_t index = 0; index < length; index++) {
        unsigned char byte = (unsigned char)name[index];
        if (!((byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
              (byte >= '0' && byte <= '9') || byte == '_' || byte == ' ' || byte >= 0x80))
            return false;
    }
    return true;
}

static bool write_context(struct writing *writing, const struct value *context) {
    if (!write_literal(writing, "{"))
        return false;
    for (uint32_t index = 0; index < context->length; index++) {
        const struct value_entry *entry = &context->entries[index];
        if (index > 0 && !write_literal(writing, ", "))
            return false;
        if (plain_name(entry->name, entry->name_length)
                ? !write_bytes(writing, entry->name, entry->name_length)
                : !write_quoted(writing, entry->name, entry->name_length))
            return false;
        if (!write_literal(writing, ": ") || !write_value(writing, &entry->value, true))
            return false;
    }
    return write_literal(writing, "}");
}

static bool write_range(struct writing *writing, const struct value_range *range) {
    if (range->low_bound == RANGE_UNBOUNDED)
        return write_literal(writing, range->high_bound == RANGE_CLOSED ? "(<= " : "(< ") &&
               write_value(writing, &range->high, true) && write_literal(writing, ")");
    if (range->high_bound == RANGE_UNBOUNDED)
        return write_literal(writing, range->low_bound == RANGE_CLOSED ? "(>= " : "(> ") &&
               write_value(writing, &range->low, true) && write_literal(writing, ")");
    return write_literal(writing, range->low_bound == RANGE_CLOSED ? "[" : "(") &&
           write_value(writing, &range->low, true) && write_literal(writing, "..") &&
           write_value(writing, &range->high, true) &&
           write_literal(writing, range->high_bound == RANGE_CLOSED ? "]" : ")");
}

static bool write_number(struct writing *writing, struct decimal number) {
    char text[DECIMAL_TEXT_MAX];
    return write_bytes(writing, text, decimal_format(number, false, text));
}

static bool write_temporal(struct writing *writing, const struct value *value, bool inside) {
    char text[CALENDAR_TEXT_MAX + CALENDAR_ZONE_NAME_MAX];
    size_t length = calendar_write(value, text);
    if (!inside)
        return write_bytes(writing, text, length);
    return write_literal(writing, "@\"") && write_bytes(writing, text, length) &&
           write_literal(writing, "\"");
}

static bool write_compound(struct writing *writing, const struct value *value) {
    bool written;
    if (writing->depth >= TEXT_DEPTH_MAX)
        return false;
    writing->depth++;
    if (value->kind == VALUE_LIST)
        written = write_list(writing, value);
    else if (value->kind == VALUE_CONTEXT)
        written = write_context(writing, value);
    else
        written = write_range(writing, value->range);
    writing->depth--;
    return written;
}

static bool write_value(struct writing *writing, const struct value *value, bool inside) {
    switch ((enum value_kind)value->kind) {
    case VALUE_NULL: return write_literal(writing, "null");
    case VALUE_BOOLEAN: return write_literal(writing, value->boolean ? "true" : "false");
    case VALUE_NUMBER: return write_number(writing, value->number);
    case VALUE_TEXT:
        return inside ? write_quoted(writing, value->text, value->length)
                      : write_bytes(writing, value->text, value->length);
    case VALUE_DATE:
    case VALUE_TIME:
    case VALUE_DATE_TIME:
    case VALUE_MONTHS:
    case VALUE_DURATION: return write_temporal(writing, value, inside);
    case VALUE_LIST:
    case VALUE_CONTEXT:
    case VALUE_RANGE: return write_compound(writing, value);
    case VALUE_FUNCTION: return write_literal(writing, "function");
    }
    return false;
}

bool value_to_text(const struct value *value, struct scratch *scratch, struct value *ret_text) {
    if (value->kind == VALUE_TEXT) {
        *ret_text = *value;
        return true;
    }
    char *start = scratch_take(scratch, 0);
    if (!start)
        return false;
    struct writing writing = {start, scratch->end, 0};
    if (!write_value(&writing, value, false) || writing.at - start > UINT32_MAX)
        return false;
    scratch->at = writing.at;
    *ret_text = value_text(start, (size_t)(writing.at - start));
    return true;
}
