/* Answers to JSON by their descriptors. Handlers hand over what the store gave them: a date or an
 * amount may be a text already, and is written the same either way. */
#include <string.h>

#include "base/base64.h"
#include "field.h"
#include "json.h"

static void encode_value(const struct field *field, const struct value *value, int depth,
                         struct buffer *buffer);

/* `,"name":` — a name of ours needs no escapes. */
static void write_name(const char *name, size_t length, bool first, struct buffer *buffer) {
    char *at = buffer_room(buffer, length + 4);
    if (!at) return;
    if (!first) *at++ = ',';
    *at++ = '"';
    memcpy(at, name, length);
    memcpy(at + length, "\":", 2);
    buffer_wrote(buffer, length + 4 - first);
}

static void encode_record(const struct field *fields, int field_count, const struct value *value,
                          int depth, struct buffer *buffer) {
    bool first = true;
    uint32_t next = 0;
    buffer_char(buffer, '{');
    for (int at = 0; at < field_count; at++) {
        const struct field *field = &fields[at];
        size_t length = strlen(field->name);
        const struct value *given = NULL;
        if (value->kind == VALUE_CONTEXT)
            given = value_entry_next(value, field->name, length, &next);
        bool none = !given || given->kind == VALUE_NULL;
        if (none && !field->nullable) continue;
        write_name(field->name, length, first, buffer);
        first = false;
        if (none) buffer_text(buffer, "null");
        else encode_value(field, given, depth + 1, buffer);
    }
    buffer_char(buffer, '}');
}

static void encode_number(const struct field *field, struct decimal number,
                          struct buffer *buffer) {
    char text[DECIMAL_TEXT_MAX + 2];
    if (field->type == FIELD_MONEY) {
        size_t length = decimal_format_scale(number, 2, text + 1);
        text[0] = text[length + 1] = '"';
        buffer_append(buffer, text, length + 2);
    } else {
        buffer_append(buffer, text, decimal_format(number, false, text));
    }
}

static void encode_value(const struct field *field, const struct value *value, int depth,
                         struct buffer *buffer) {
    if (depth > FIELD_DEPTH_MAX) {
        buffer->failed = true;
        return;
    }
    if (field->type == FIELD_RECORD && value->kind == VALUE_CONTEXT) {
        encode_record(field->fields, field->field_count, value, depth, buffer);
        return;
    }
    if (field->type == FIELD_LIST && value->kind == VALUE_LIST) {
        buffer_char(buffer, '[');
        for (uint32_t at = 0; at < value->length; at++) {
            if (at > 0) buffer_char(buffer, ',');
            encode_value(field->fields, &value->items[at], depth + 1, buffer);
        }
        buffer_char(buffer, ']');
        return;
    }
    bool numeric = field->type == FIELD_INTEGER || field->type == FIELD_DECIMAL ||
                   field->type == FIELD_MONEY;
    struct decimal number;
    if (value->kind == VALUE_TEXT && field->type == FIELD_BINARY) {
        buffer_char(buffer, '"');
        base64_write(value->text, value->length, buffer);
        buffer_char(buffer, '"');
    } else if (value->kind == VALUE_TEXT && !numeric) {
        json_write_text(value->text, value->length, buffer);
    } else if (numeric && value->kind == VALUE_NUMBER) {
        encode_number(field, value->number, buffer);
    } else if (numeric && value->kind == VALUE_TEXT &&
               decimal_parse(value->text, value->length, &number)) {
        encode_number(field, number, buffer);
    } else {
        json_write(value, 0, buffer);
    }
}

void field_encode_json(const struct field *fields, int field_count, const struct value *value,
                       struct buffer *buffer) {
    encode_record(fields, field_count, value, 0, buffer);
}
