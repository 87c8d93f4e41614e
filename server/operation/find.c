/* From a method and a path to a row of the table. Paths are compared part by part; a part in braces
 * takes any text, and a path that says the part literally goes before one that does not. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "operation.h"

enum { PART_MAX_BYTES = 300, PARTS_MAX = 16 };

struct part {
    const char *text; /* decoded */
    size_t length;
};

static int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

/* Percent form to UTF-8; false when it is neither, holds NUL, or is empty or too long. */
static bool decode_part(const char *text, size_t length, struct scratch *scratch,
                        struct part *ret_part) {
    if (length == 0 || length > 3 * (size_t)PART_MAX_BYTES) return false;
    char *decoded = scratch_take(scratch, length + 1);
    size_t count = 0;
    if (!decoded) return false;
    for (size_t at = 0; at < length; at++) {
        char character = text[at];
        if (character == '%') {
            int high = at + 1 < length ? hex_value(text[at + 1]) : -1;
            int low = at + 2 < length ? hex_value(text[at + 2]) : -1;
            if (high < 0 || low < 0) return false;
            character = (char)(high << 4 | low);
            at += 2;
        }
        if (character == '\0') return false;
        decoded[count++] = character;
    }
    decoded[count] = '\0';
    if (count > PART_MAX_BYTES || !utf8_valid(decoded, count)) return false;
    *ret_part = (struct part){decoded, count};
    return true;
}

/* The number of parts, or -1. */
static int decode_path(const char *path, struct scratch *scratch, struct part parts[PARTS_MAX]) {
    int count = 0;
    if (*path != '/') return -1;
    while (*path == '/') {
        size_t length = strcspn(++path, "/");
        if (count == PARTS_MAX || !decode_part(path, length, scratch, &parts[count])) return -1;
        count++;
        path += length;
    }
    return *path == '\0' ? count : -1;
}

/* -1: another path. Else a mark that is higher the more is said literally, and sooner. */
static int match_path(const char *pattern, const struct part *parts, int count) {
    int mark = 0;
    if (!pattern) return -1;
    for (int at = 0; at < count; at++) {
        if (*pattern != '/') return -1;
        bool literal = *++pattern != '{';
        if (literal && *pattern != *parts[at].text) return -1; /* most rows, at no cost */
        size_t length = strcspn(pattern, "/");
        if (literal && (length != parts[at].length ||
                        memcmp(pattern, parts[at].text, length) != 0)) {
            return -1;
        }
        mark = mark * 2 + literal;
        pattern += length;
    }
    return *pattern == '\0' ? mark : -1;
}

static void add_method(const char *method, char allowed[64]) {
    size_t length = strlen(allowed);
    size_t wanted = strlen(method);
    for (const char *at = allowed; (at = strstr(at, method)) != NULL; at += wanted) {
        if (at[wanted] == '\0' || at[wanted] == ',') return;
    }
    (void)snprintf(allowed + length, 64 - length, "%s%s", length > 0 ? ", " : "", method);
}

/* The methods of the rows that say the path as literally as any does. */
static void list_methods(const struct part *parts, int count, int path_mark,
                         char ret_allowed[64]) {
    ret_allowed[0] = '\0';
    for (int group = 0; group < operation_group_count; group++) {
        for (int row = 0; row < operation_groups[group]->count; row++) {
            const struct operation *operation = &operation_groups[group]->operations[row];
            if (match_path(operation->path, parts, count) == path_mark)
                add_method(operation->method, ret_allowed);
        }
    }
}

static bool fill_fields(const char *pattern, const struct part *parts, struct scratch *scratch,
                        struct value *ret_fields) {
    struct record fields;
    record_init(&fields, scratch);
    for (int at = 0; *pattern == '/'; at++) {
        size_t length = strcspn(++pattern, "/");
        if (*pattern == '{' && length > 2) {
            char *name = scratch_take(scratch, length - 1);
            if (!name) return false;
            memcpy(name, pattern + 1, length - 2);
            name[length - 2] = '\0';
            record_set(&fields, name, value_text(parts[at].text, parts[at].length));
        }
        pattern += length;
    }
    *ret_fields = record_value(&fields);
    return !fields.failed;
}

int operation_find(const char *method, const char *path, struct scratch *scratch,
                   char ret_allowed[64], struct value *ret_fields,
                   const struct operation **ret_operation) {
    struct part parts[PARTS_MAX];
    int count = decode_path(path, scratch, parts);
    if (count < 0) return ERROR_NOT_FOUND;
    const struct operation *best = NULL;
    int best_mark = -1, path_mark = -1;
    for (int group = 0; group < operation_group_count; group++) {
        for (int row = 0; row < operation_groups[group]->count; row++) {
            const struct operation *operation = &operation_groups[group]->operations[row];
            int mark = match_path(operation->path, parts, count);
            if (mark > path_mark) path_mark = mark;
            if (mark > best_mark && strcmp(operation->method, method) == 0) {
                best_mark = mark;
                best = operation;
            }
        }
    }
    if (path_mark < 0) return ERROR_NOT_FOUND;
    if (!best || best_mark < path_mark) {
        list_methods(parts, count, path_mark, ret_allowed);
        return ERROR_INVALID;
    }
    struct value fields;
    if (!fill_fields(best->path, parts, scratch, &fields)) return ERROR_TOO_LARGE;
    *ret_fields = fields;
    *ret_operation = best;
    return 0;
}

bool operation_open_to_role(const struct operation *operation, enum role role) {
    if (operation->callers & CALLER_NOBODY) return true;
    return (operation->callers & CALLER_USER) && (operation->roles & (unsigned)role);
}

const struct operation *operation_find_named(const char *name) {
    for (int group = 0; group < operation_group_count; group++) {
        for (int row = 0; row < operation_groups[group]->count; row++) {
            const struct operation *operation = &operation_groups[group]->operations[row];
            if (strcmp(operation->name, name) == 0) return operation;
        }
    }
    return NULL;
}

bool operation_takes_answers(const struct operation *operation) {
    bool product = false, answers = false;
    for (int at = 0; at < operation->input_count; at++) {
        const struct field *field = &operation->input[at];
        product |= strcmp(field->name, "product") == 0;
        answers |= strcmp(field->name, "answers") == 0 && field->type == FIELD_OPEN;
    }
    return product && answers;
}
