/* Values to JSON text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"

enum { WRITE_DEPTH_MAX = 512, LITERAL_MAX_BYTES = 16 * 1024 * 1024 };

/* Do these eight characters all stand for themselves? A byte of `hit` has its highest bit set where
 * a character may need an escape. */
static bool word_is_plain(const char *text) {
    const uint64_t ones = UINT64_MAX / 255, high = ones << 7;
    uint64_t word;
    memcpy(&word, text, sizeof word);
    uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\';
    uint64_t hit = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
                   ((word - ones * ' ') & ~word);
    return !(hit & high);
}

/* How many characters a text begins with that stand for themselves; eight are looked at at once,
 * the last eight again with some before them. */
static size_t plain_length(const char *text, size_t length) {
    size_t at = 0;
    while (at + sizeof(uint64_t) <= length && word_is_plain(text + at)) at += sizeof(uint64_t);
    bool last = at > 0 && length - at < sizeof(uint64_t);
    if (last && word_is_plain(text + length - sizeof(uint64_t))) return length;
    while (at < length && !json_escaped[(unsigned char)text[at]]) at++;
    return at;
}

static void write_escaped(const char *text, size_t length, struct buffer *buffer) {
    size_t plain = 0; /* where what is not yet written begins */
    for (size_t at = 0; at < length; at++) {
        unsigned char character = (unsigned char)text[at];
        if (!json_escaped[character]) continue;
        buffer_append(buffer, text + plain, at - plain);
        plain = at + 1;
        switch (character) {
        case '"': buffer_append(buffer, "\\\"", 2); break;
        case '\\': buffer_append(buffer, "\\\\", 2); break;
        case '\n': buffer_append(buffer, "\\n", 2); break;
        case '\r': buffer_append(buffer, "\\r", 2); break;
        case '\t': buffer_append(buffer, "\\t", 2); break;
        default: buffer_format(buffer, "\\u%04x", character); break;
        }
    }
    if (length > plain) buffer_append(buffer, text + plain, length - plain);
}

void json_write_text(const char *text, size_t length, struct buffer *buffer) {
    char *room = buffer_room(buffer, length + 2);
    if (!room) return;
    size_t plain = plain_length(text, length);
    *room = '"';
    if (plain) memcpy(room + 1, text, plain);
    if (plain == length) {
        room[length + 1] = '"';
        buffer_wrote(buffer, length + 2);
        return;
    }
    buffer_wrote(buffer, plain + 1);
    write_escaped(text + plain, length - plain, buffer);
    buffer_char(buffer, '"');
}

static void new_line(int indent, int depth, struct buffer *buffer) {
    if (indent == 0) return;
    buffer_char(buffer, '\n');
    for (int at = 0; at < indent * depth; at++) buffer_char(buffer, ' ');
}

/* Everything without a form of its own in JSON is a string of its FEEL text. */
static void write_literal(const struct value *value, struct buffer *buffer) {
    char small[1024];
    struct scratch scratch;
    struct value text;
    scratch_init(&scratch, small, sizeof small);
    if (value_to_text(value, &scratch, &text)) {
        json_write_text(text.text, text.length, buffer);
        return;
    }
    for (size_t size = 64 * 1024; size <= LITERAL_MAX_BYTES; size *= 16) {
        char *memory = malloc(size);
        if (!memory) {
            buffer->starved = true;
            break;
        }
        scratch_init(&scratch, memory, size);
        bool done = value_to_text(value, &scratch, &text);
        if (done) json_write_text(text.text, text.length, buffer);
        free(memory);
        if (done) return;
    }
    buffer->failed = true;
}

static void write_value(const struct value *value, int indent, int depth, struct buffer *buffer);

static void write_list(const struct value *value, int indent, int depth, struct buffer *buffer) {
    buffer_char(buffer, '[');
    for (uint32_t at = 0; at < value->length; at++) {
        if (at > 0) buffer_char(buffer, ',');
        new_line(indent, depth + 1, buffer);
        write_value(&value->items[at], indent, depth + 1, buffer);
    }
    if (value->length > 0) new_line(indent, depth, buffer);
    buffer_char(buffer, ']');
}

static void write_context(const struct value *value, int indent, int depth,
                          struct buffer *buffer) {
    buffer_char(buffer, '{');
    for (uint32_t at = 0; at < value->length; at++) {
        const struct value_entry *entry = &value->entries[at];
        if (at > 0) buffer_char(buffer, ',');
        new_line(indent, depth + 1, buffer);
        json_write_text(entry->name, entry->name_length, buffer);
        buffer_char(buffer, ':');
        if (indent > 0) buffer_char(buffer, ' ');
        write_value(&entry->value, indent, depth + 1, buffer);
    }
    if (value->length > 0) new_line(indent, depth, buffer);
    buffer_char(buffer, '}');
}

static void write_value(const struct value *value, int indent, int depth, struct buffer *buffer) {
    if (buffer->failed) return;
    if (depth > WRITE_DEPTH_MAX) {
        buffer->failed = true;
        return;
    }
    switch ((enum value_kind)value->kind) {
    case VALUE_NULL:
        buffer_append(buffer, "null", 4);
        break;
    case VALUE_BOOLEAN:
        buffer_text(buffer, value->boolean ? "true" : "false");
        break;
    case VALUE_NUMBER: {
        char digits[DECIMAL_TEXT_MAX];
        buffer_append(buffer, digits, decimal_format(value->number, false, digits));
        break;
    }
    case VALUE_TEXT:
        json_write_text(value->text, value->length, buffer);
        break;
    case VALUE_LIST:
        write_list(value, indent, depth, buffer);
        break;
    case VALUE_CONTEXT:
        write_context(value, indent, depth, buffer);
        break;
    default:
        write_literal(value, buffer);
        break;
    }
}

void json_write(const struct value *value, int indent, struct buffer *buffer) {
    write_value(value, indent, 0, buffer);
}
