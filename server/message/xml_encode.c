/* Values to elements. */
#include <string.h>

#include "base/base64.h"
#include "base/utf8.h"
#include "json.h"
#include "xml_field.h"

static const char *escape_of(uint32_t code_point) {
    switch (code_point) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\r': return "&#13;";
    case '\t':
    case '\n': return NULL;
    case 0xFFFE:
    case 0xFFFF: return "\xEF\xBF\xBD";
    default: return code_point < 0x20 ? "\xEF\xBF\xBD" : NULL;
    }
}

/* Most characters stand for themselves, as one byte. */
static bool is_plain(char character) {
    return character > '>' || (character >= ' ' && character < '<' && character != '&' &&
                               character != '"');
}

void xml_write_text(const char *text, size_t length, struct buffer *buffer) {
    size_t written = 0;
    for (size_t at = 0; at < length;) {
        if (is_plain(text[at])) {
            at++;
            continue;
        }
        uint32_t code_point = 0;
        size_t size = utf8_read(text + at, length - at, &code_point);
        const char *escape = size == 0 ? "\xEF\xBF\xBD" : escape_of(code_point);
        if (size == 0) size = 1;
        if (escape) {
            if (at > written) buffer_append(buffer, text + written, at - written);
            buffer_text(buffer, escape);
            written = at + size;
        }
        at += size;
    }
    if (length > written) buffer_append(buffer, text + written, length - written);
}

static void encode_value(const struct field *field, const struct value *value, int depth,
                         struct buffer *buffer);

/* An answer is mostly tags. */
static void write_tag(bool closing, const char *name, size_t length, struct buffer *buffer) {
    char *room = buffer_room(buffer, length + 3);
    if (!room) return;
    char *at = room;
    *at++ = '<';
    if (closing) *at++ = '/';
    memcpy(at, name, length);
    at[length] = '>';
    buffer_wrote(buffer, (size_t)(at - room) + length + 1);
}

static void encode_record(const struct field *fields, int field_count, const struct value *value,
                          int depth, struct buffer *buffer) {
    bool is_record = value->kind == VALUE_CONTEXT;
    uint32_t next = 0;
    for (int at = 0; at < field_count; at++) {
        const struct field *field = &fields[at];
        const struct value *given =
            is_record ? value_entry_next(value, field->name, strlen(field->name), &next) : NULL;
        if (given && given->kind != VALUE_NULL) {
            encode_value(field, given, depth + 1, buffer);
        } else if (field->nullable) {
            buffer_char(buffer, '<');
            buffer_text(buffer, field->name);
            buffer_text(buffer, " xsi:nil=\"true\"/>");
        }
    }
}

static void encode_open(const struct value *value, struct buffer *buffer) {
    struct buffer text;
    buffer_init(&text, buffer->limit);
    json_write(value, 0, &text);
    buffer->failed |= text.failed;
    buffer->starved |= text.starved;
    if (!text.failed) xml_write_text(text.data, text.length, buffer);
    buffer_done(&text);
}

static void encode_scalar(const struct field *field, const struct value *value,
                          struct buffer *buffer) {
    char digits[DECIMAL_TEXT_MAX];
    struct decimal number = {0};
    bool numeric = field->type == FIELD_INTEGER || field->type == FIELD_DECIMAL ||
                   field->type == FIELD_MONEY;
    bool is_number = value->kind == VALUE_NUMBER;
    if (is_number) number = value->number;
    else if (numeric && value->kind == VALUE_TEXT)
        is_number = decimal_parse(value->text, value->length, &number);
    if (is_number) {
        size_t length = field->type == FIELD_MONEY ? decimal_format_scale(number, 2, digits)
                                                   : decimal_format(number, false, digits);
        buffer_append(buffer, digits, length);
    } else if (field->type == FIELD_BINARY && value->kind == VALUE_TEXT) {
        base64_write(value->text, value->length, buffer);
    } else if (value->kind == VALUE_TEXT) {
        xml_write_text(value->text, value->length, buffer);
    } else if (value->kind == VALUE_BOOLEAN) {
        buffer_text(buffer, value->boolean ? "true" : "false");
    } else {
        char memory[256];
        struct scratch scratch;
        struct value text;
        scratch_init(&scratch, memory, sizeof memory);
        if (value_to_text(value, &scratch, &text)) xml_write_text(text.text, text.length, buffer);
        else buffer->failed = true;
    }
}

static void encode_value(const struct field *field, const struct value *value, int depth,
                         struct buffer *buffer) {
    if (depth > FIELD_DEPTH_MAX) {
        buffer->failed = true;
        return;
    }
    size_t length = strlen(field->name);
    write_tag(false, field->name, length, buffer);
    if (field->type == FIELD_OPEN)
        encode_open(value, buffer);
    else if (field->type == FIELD_RECORD)
        encode_record(field->fields, field->field_count, value, depth, buffer);
    else if (field->type == FIELD_LIST && value->kind == VALUE_LIST)
        for (uint32_t at = 0; at < value->length; at++)
            encode_value(field->fields, &value->items[at], depth + 1, buffer);
    else
        encode_scalar(field, value, buffer);
    write_tag(true, field->name, length, buffer);
}

void field_encode_xml(const struct field *fields, int field_count, const struct value *value,
                      struct buffer *buffer) {
    encode_record(fields, field_count, value, 0, buffer);
}
