/* Finds where values end: a line's end, or the comma or bracket that closes an array's item, which
 * is one outside texts and at the depth of the array. Depth is counted, never recursed into. */
#include "json_sequence.h"

#include <string.h>

static bool is_blank(char character) {
    return character == ' ' || character == '\t' || character == '\r' || character == '\n';
}

static void skip_blanks(struct json_sequence *sequence) {
    for (; sequence->at < sequence->length && is_blank(sequence->text[sequence->at]);
         sequence->at++) {
        if (sequence->text[sequence->at] != '\n') continue;
        sequence->line++;
        sequence->line_start = sequence->at + 1;
    }
}

bool json_sequence_init(struct json_sequence *sequence, const char *text, size_t length,
                        bool lines) {
    *sequence = (struct json_sequence){.text = text, .length = length, .lines = lines, .line = 1};
    skip_blanks(sequence);
    if (lines) return true;
    if (sequence->at == length || text[sequence->at] != '[') return false;
    sequence->at++;
    skip_blanks(sequence);
    if (sequence->at < length && text[sequence->at] == ']') {
        sequence->at++;
        sequence->ended = true;
    }
    return true;
}

static struct json_part part_at(const struct json_sequence *sequence) {
    return (struct json_part){.text = sequence->text + sequence->at,
                              .line = sequence->line,
                              .column = (int)(sequence->at - sequence->line_start) + 1};
}

static void close_part(const struct json_sequence *sequence, size_t end, struct json_part *part) {
    const char *last = sequence->text + end;
    while (last > part->text && is_blank(last[-1])) last--;
    part->length = (size_t)(last - part->text);
}

static int next_line(struct json_sequence *sequence, struct json_part *ret_part) {
    if (sequence->at == sequence->length) return 0;
    struct json_part part = part_at(sequence);
    const char *end = memchr(part.text, '\n', sequence->length - sequence->at);
    sequence->at = end ? (size_t)(end - sequence->text) : sequence->length;
    close_part(sequence, sequence->at, &part);
    skip_blanks(sequence);
    *ret_part = part;
    return 1;
}

/* Moves to the end of the item: its comma or bracket, or the end of the text. */
static void skip_item(struct json_sequence *sequence) {
    bool inside_text = false;
    int64_t depth = 0;
    for (; sequence->at < sequence->length; sequence->at++) {
        char character = sequence->text[sequence->at];
        if (character == '\n') {
            sequence->line++;
            sequence->line_start = sequence->at + 1;
        }
        if (inside_text) {
            if (character == '\\' && sequence->at + 1 < sequence->length) sequence->at++;
            else if (character == '"') inside_text = false;
            continue;
        }
        if (character == '"') inside_text = true;
        if (depth == 0 && (character == ',' || character == ']')) return;
        if (character == '{' || character == '[') depth++;
        if ((character == '}' || character == ']') && depth > 0) depth--;
    }
}

/* What stands behind the closing bracket does not belong there. */
static int after_array(struct json_sequence *sequence, struct json_part *ret_part) {
    skip_blanks(sequence);
    if (sequence->at == sequence->length) return 0;
    *ret_part = part_at(sequence);
    ret_part->broken = true;
    ret_part->length = sequence->length - sequence->at;
    sequence->at = sequence->length;
    return 1;
}

static int next_item(struct json_sequence *sequence, struct json_part *ret_part) {
    if (sequence->ended) return after_array(sequence, ret_part);
    skip_blanks(sequence);
    struct json_part part = part_at(sequence);
    skip_item(sequence);
    close_part(sequence, sequence->at, &part);
    part.broken = sequence->at == sequence->length;
    sequence->ended = part.broken || sequence->text[sequence->at] == ']';
    if (!part.broken) sequence->at++;
    *ret_part = part;
    return 1;
}

int json_sequence_next(struct json_sequence *sequence, struct json_part *ret_part) {
    return sequence->lines ? next_line(sequence, ret_part) : next_item(sequence, ret_part);
}

int64_t json_sequence_count(const struct json_sequence *sequence, int64_t most) {
    struct json_sequence copy = *sequence;
    struct json_part part;
    int64_t count = 0;
    while (count <= most && json_sequence_next(&copy, &part) > 0) count++;
    return count;
}
