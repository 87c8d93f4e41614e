/* The pass over JSON text before jansson sees it. jansson keeps numbers as doubles and 64-bit
 * integers, so each number is blanked to "0" here and read again from the original by its position.
 * Grammar is left to jansson; what is counted here need only be right for texts that it accepts. */
#include "json_scan.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

struct scanner {
    const char *text;
    size_t length, at;
    int depth, depth_max;
    int64_t values, values_max;
    size_t number_capacity;
    struct json_scan *scan;
    struct json_fault *fault;
};

void json_scan_place(const char *text, size_t position, int *ret_line, int *ret_column) {
    int line = 1;
    size_t start = 0;
    for (size_t at = 0; at < position; at++) {
        if (text[at] == '\n') {
            line++;
            start = at + 1;
        }
    }
    *ret_line = line;
    *ret_column = (int)utf8_count(text + start, position - start) + 1;
}

static void reason_write(char ret_reason[JSON_REASON_MAX], const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));
static void reason_write(char ret_reason[JSON_REASON_MAX], const char *format, va_list arguments) {
    int wanted = vsnprintf(ret_reason, JSON_REASON_MAX, format, arguments);
    if (wanted < JSON_REASON_MAX) return;
    /* The text was cut at its last byte: leave out a character that was cut in two. */
    size_t length = strlen(ret_reason);
    size_t whole = 0;
    uint32_t code_point;
    for (size_t size = 1; size != 0; whole += size) {
        size = utf8_read(ret_reason + whole, length - whole, &code_point);
    }
    ret_reason[whole] = '\0';
}

int json_fault_set(struct json_fault *fault, const char *text, size_t position, const char *code,
                   const char *nl, const char *en, ...) {
    *fault = (struct json_fault){0};
    json_scan_place(text, position, &fault->line, &fault->column);
    (void)snprintf(fault->code, sizeof fault->code, "%s", code);
    va_list arguments;
    va_start(arguments, en);
    reason_write(fault->nl, nl, arguments);
    va_end(arguments);
    va_start(arguments, en);
    reason_write(fault->en, en, arguments);
    va_end(arguments);
    return ERROR_INVALID;
}

const bool json_escaped[256] = {
    true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true,
    true, true, true, true, true, true, true, true, true, true, true, true, true, true, true, true,
    ['"'] = true, ['\\'] = true};

static bool is_digit(char character) {
    return character >= '0' && character <= '9';
}

static bool is_number_part(char character) {
    return is_digit(character) || character == '-' || character == '+' || character == '.' ||
           character == 'e' || character == 'E';
}

size_t json_scan_number(const char *text, size_t length, size_t at) {
    size_t end = at;
    while (end < length && is_number_part(text[end])) end++;
    return end - at;
}

static size_t skip_digits(const char *text, size_t length, size_t at) {
    while (at < length && is_digit(text[at])) at++;
    return at;
}

/* -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)? */
bool json_scan_is_number(const char *text, size_t length) {
    size_t at = length > 0 && text[0] == '-' ? 1 : 0;
    size_t whole = at;
    at = skip_digits(text, length, at);
    if (at == whole || (text[whole] == '0' && at - whole > 1)) return false;
    if (at < length && text[at] == '.') {
        size_t fraction = at + 1;
        at = skip_digits(text, length, fraction);
        if (at == fraction) return false;
    }
    if (at < length && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < length && (text[at] == '+' || text[at] == '-')) at++;
        size_t exponent = at;
        at = skip_digits(text, length, exponent);
        if (at == exponent) return false;
    }
    return at == length;
}

static int count_value(struct scanner *scanner) {
    if (++scanner->values <= scanner->values_max) return 0;
    return json_fault_set(scanner->fault, scanner->text, scanner->at, "too_many_values",
                          "er staan meer dan %lld waarden in: stuur er minder in één keer.",
                          "there are more than %lld values: send fewer at a time.",
                          (long long)scanner->values_max);
}

static int keep_number(struct scanner *scanner) {
    struct json_scan *scan = scanner->scan;
    if (scan->number_count == scanner->number_capacity) {
        size_t capacity = scanner->number_capacity ? scanner->number_capacity * 2 : 64;
        size_t *numbers = realloc(scan->numbers, capacity * sizeof *numbers);
        if (!numbers) return ERROR_NO_MEMORY;
        scan->numbers = numbers;
        scanner->number_capacity = capacity;
    }
    scan->numbers[scan->number_count++] = scanner->at;
    return 0;
}

static int scan_number(struct scanner *scanner) {
    const char *number = scanner->text + scanner->at;
    size_t length = json_scan_number(scanner->text, scanner->length, scanner->at);
    if (!json_scan_is_number(number, length)) {
        return json_fault_set(scanner->fault, scanner->text, scanner->at, "malformed",
                              "\"%.*s\" is geen getal in JSON: schrijf bijvoorbeeld 12, -0.5 of "
                              "1.5e3.",
                              "\"%.*s\" is not a number in JSON: write for example 12, -0.5 or "
                              "1.5e3.", (int)(length < 40 ? length : 40), number);
    }
    int rc = count_value(scanner);
    if (rc == 0) rc = keep_number(scanner);
    if (rc != 0) return rc;
    scanner->scan->text[scanner->at] = '0';
    memset(scanner->scan->text + scanner->at + 1, ' ', length - 1);
    scanner->at += length;
    return 0;
}

/* Checks the bytes of one character; anything but UTF-8 is refused wherever it stands. */
static int scan_character(struct scanner *scanner) {
    uint32_t code_point;
    size_t size = utf8_read(scanner->text + scanner->at, scanner->length - scanner->at,
                            &code_point);
    if (size == 0) {
        return json_fault_set(scanner->fault, scanner->text, scanner->at, "not_utf8",
                              "deze bytes zijn geen UTF-8: verstuur de tekst als UTF-8.",
                              "these bytes are not UTF-8: send the text encoded as UTF-8.");
    }
    if (code_point == 0) {
        return json_fault_set(scanner->fault, scanner->text, scanner->at, "nul_character",
                              "hier staat een NUL-teken: laat het weg.",
                              "a NUL byte stands here: leave it out.");
    }
    scanner->at += size;
    return 0;
}

static int scan_string(struct scanner *scanner) {
    int rc = count_value(scanner);
    if (rc != 0) return rc;
    scanner->at++;
    while (scanner->at < scanner->length) {
        char character = scanner->text[scanner->at];
        if (character == '"') {
            scanner->at++;
            return 0;
        }
        if (character == '\\' && scanner->at + 1 < scanner->length) scanner->at++;
        rc = scan_character(scanner);
        if (rc != 0) return rc;
    }
    return 0; /* the parser says that it ends too early */
}

static int scan_token(struct scanner *scanner) {
    char character = scanner->text[scanner->at];
    switch (character) {
    case '"':
        return scan_string(scanner);
    case '{':
    case '[':
        if (++scanner->depth > scanner->depth_max) {
            return json_fault_set(scanner->fault, scanner->text, scanner->at, "too_deep",
                                  "objecten en lijsten zijn hier dieper genest dan %d niveaus: "
                                  "laat weg wat te diep ligt.",
                                  "objects and lists are nested deeper than %d levels here: leave "
                                  "out what lies too deep.",
                                  scanner->depth_max);
        }
        scanner->at++;
        return count_value(scanner);
    case '}':
    case ']':
        scanner->depth--;
        scanner->at++;
        return 0;
    case ':':
        scanner->values--; /* what stood before it was a key */
        scanner->at++;
        return 0;
    default:
        break;
    }
    if (is_digit(character) || character == '-') return scan_number(scanner);
    if (character >= 'a' && character <= 'z') {
        int rc = count_value(scanner);
        while (rc == 0 && scanner->at < scanner->length && scanner->text[scanner->at] >= 'a' &&
               scanner->text[scanner->at] <= 'z') {
            scanner->at++;
        }
        return rc;
    }
    return scan_character(scanner);
}

int json_scan(const char *text, size_t length, int depth_max, int values_max,
              struct json_scan *ret_scan, struct json_fault *ret_fault) {
    *ret_scan = (struct json_scan){0};
    if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
        return json_fault_set(ret_fault, text, 0, "byte_order_mark",
                              "de tekst begint met een byte order mark: laat die weg.",
                              "the text begins with a byte order mark: leave it out.");
    }
    ret_scan->text = malloc(length + 1);
    if (!ret_scan->text) return ERROR_NO_MEMORY;
    if (length > 0) memcpy(ret_scan->text, text, length);
    ret_scan->text[length] = '\0';
    struct scanner scanner = {
        .text = text, .length = length, .scan = ret_scan, .fault = ret_fault,
        .depth_max = depth_max < JSON_DEPTH_CEILING ? depth_max : JSON_DEPTH_CEILING,
        .values_max = values_max,
    };
    while (scanner.at < length) {
        int rc = scan_token(&scanner);
        if (rc != 0) return rc;
    }
    return 0;
}

void json_scan_done(struct json_scan *scan) {
    free(scan->text);
    free(scan->numbers);
    *scan = (struct json_scan){0};
}

/* ---- pointers ----------------------------------------------------------------------------- */

struct level {
    bool list;
    int64_t index;
    size_t key, key_length; /* as written, between its quotes */
};

static size_t string_end(const char *text, size_t at) {
    for (at++; text[at] != '"'; at++) {
        if (text[at] == '\\') at++;
    }
    return at + 1;
}

static void pointer_add(char pointer[JSON_POINTER_MAX], size_t *length, const char *part,
                        size_t part_length) {
    size_t room = JSON_POINTER_MAX - 1 - *length;
    size_t fit = utf8_fit(part, part_length, room);
    memcpy(pointer + *length, part, fit);
    *length += fit;
}

/* A key with "~" and "/" escaped as RFC 6901 has it. JSON's own escapes stay as they are written:
 * no field's name has any. */
static void pointer_add_key(char pointer[JSON_POINTER_MAX], size_t *length, const char *key,
                            size_t key_length) {
    for (size_t at = 0; at < key_length;) {
        uint32_t code_point;
        size_t size = utf8_read(key + at, key_length - at, &code_point);
        if (size == 0) break;
        if (key[at] == '~') pointer_add(pointer, length, "~0", 2);
        else if (key[at] == '/') pointer_add(pointer, length, "~1", 2);
        else pointer_add(pointer, length, key + at, size);
        at += size;
    }
}

static void pointer_write(const char *text, const struct level *levels, int depth,
                          char ret_pointer[JSON_POINTER_MAX]) {
    size_t length = 0;
    for (int at = 0; at < depth; at++) {
        pointer_add(ret_pointer, &length, "/", 1);
        if (levels[at].list) {
            char index[24];
            int written = snprintf(index, sizeof index, "%lld", (long long)levels[at].index);
            pointer_add(ret_pointer, &length, index, (size_t)written);
        } else {
            pointer_add_key(ret_pointer, &length, text + levels[at].key, levels[at].key_length);
        }
    }
    ret_pointer[length] = '\0';
}

void json_scan_pointer(const char *text, size_t position, char ret_pointer[JSON_POINTER_MAX]) {
    struct level levels[JSON_DEPTH_CEILING];
    int depth = 0;
    bool key_next = false;
    for (size_t at = 0; at <= position;) {
        char character = text[at];
        if (character == '"') {
            size_t end = string_end(text, at);
            if (key_next && depth > 0) {
                levels[depth - 1].key = at + 1;
                levels[depth - 1].key_length = end - at - 2;
                key_next = false;
            }
            at = end;
            continue;
        }
        if (at == position) break;
        if ((character == '{' || character == '[') && depth < JSON_DEPTH_CEILING) {
            levels[depth++] = (struct level){.list = character == '['};
            key_next = character == '{';
        } else if ((character == '}' || character == ']') && depth > 0) {
            depth--;
            key_next = false;
        } else if (character == ',' && depth > 0) {
            levels[depth - 1].index++;
            key_next = !levels[depth - 1].list;
        }
        at++;
    }
    pointer_write(text, levels, depth, ret_pointer);
}
