/* One pass from text to values, for text without anything unusual in it. It refuses nothing by
 * itself: it only gives up, and words for what is wrong are left to json.c. Texts are not copied
 * one by one: they point into one copy of the whole. */
#include "json_plain.h"

#include <string.h>

#include "base/utf8.h"
#include "json_scan.h"

enum { PLAIN_KEYS_MAX = 64, PLAIN_ITEMS_MAX = 4096, CAPACITY_FIRST = 8 };

struct plain {
    const char *at, *end;
    struct scratch *scratch;
    int depth_left, values_left;
};

static bool read_value(struct plain *plain, struct value *ret_value);

static char skip_blanks(struct plain *plain) {
    while (plain->at < plain->end && (*plain->at == ' ' || *plain->at == '\n' ||
                                      *plain->at == '\t' || *plain->at == '\r'))
        plain->at++;
    return plain->at < plain->end ? *plain->at : '\0';
}

/* Behind the opening quote; without escapes. */
static bool read_text(struct plain *plain, const char **ret_text, uint32_t *ret_length) {
    const char *at = plain->at;
    while (at < plain->end && !json_escaped[(unsigned char)*at]) at++;
    if (at == plain->end || *at != '"') return false;
    *ret_text = plain->at;
    *ret_length = (uint32_t)(at - plain->at);
    plain->at = at + 1;
    return true;
}

static bool read_number(struct plain *plain, struct value *ret_value) {
    size_t left = (size_t)(plain->end - plain->at);
    size_t length = json_scan_number(plain->at, left, 0);
    struct decimal number;
    if (length > JSON_NUMBER_LENGTH_MAX || !json_scan_is_number(plain->at, length) ||
        !decimal_parse_exact(plain->at, length, &number))
        return false;
    plain->at += length;
    *ret_value = value_number(number);
    return true;
}

static bool read_word(struct plain *plain, const char *word, struct value value,
                      struct value *ret_value) {
    size_t length = strlen(word);
    if ((size_t)(plain->end - plain->at) < length || memcmp(plain->at, word, length) != 0)
        return false;
    plain->at += length;
    *ret_value = value;
    return true;
}

/* Room for one more; the array is taken anew at twice its size when it is full. */
static void *grow(struct plain *plain, void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity) return items;
    size_t larger = *capacity ? *capacity * 2 : CAPACITY_FIRST;
    void *grown = scratch_take(plain->scratch, larger * size);
    if (!grown) return NULL;
    if (count > 0) memcpy(grown, items, count * size);
    *capacity = larger;
    return grown;
}

static bool read_list(struct plain *plain, struct value *ret_value) {
    struct value *items = NULL;
    size_t count = 0, capacity = 0;
    if (skip_blanks(plain) == ']') {
        plain->at++;
        *ret_value = value_list(NULL, 0);
        return true;
    }
    for (;;) {
        items = grow(plain, items, count, &capacity, sizeof *items);
        if (!items || count == PLAIN_ITEMS_MAX || !read_value(plain, &items[count++])) return false;
        char mark = skip_blanks(plain);
        if (mark != ',' && mark != ']') return false;
        plain->at++;
        if (mark == ',') continue;
        *ret_value = value_list(items, count);
        return true;
    }
}

static bool read_key(struct plain *plain, const struct value_entry *entries, size_t count,
                     struct value_entry *ret_entry) {
    if (skip_blanks(plain) != '"') return false;
    plain->at++;
    if (!read_text(plain, &ret_entry->name, &ret_entry->name_length)) return false;
    for (size_t i = 0; i < count; i++)
        if (entries[i].name_length == ret_entry->name_length &&
            !memcmp(entries[i].name, ret_entry->name, ret_entry->name_length))
            return false;
    if (skip_blanks(plain) != ':') return false;
    plain->at++;
    return true;
}

static bool read_object(struct plain *plain, struct value *ret_value) {
    struct value_entry *entries = NULL;
    size_t count = 0, capacity = 0;
    if (skip_blanks(plain) == '}') {
        plain->at++;
        *ret_value = value_context(NULL, 0);
        return true;
    }
    for (;;) {
        entries = grow(plain, entries, count, &capacity, sizeof *entries);
        if (!entries || count == PLAIN_KEYS_MAX ||
            !read_key(plain, entries, count, &entries[count]) ||
            !read_value(plain, &entries[count].value))
            return false;
        count++;
        char mark = skip_blanks(plain);
        if (mark != ',' && mark != '}') return false;
        plain->at++;
        if (mark == ',') continue;
        *ret_value = value_context(entries, count);
        return true;
    }
}

static bool read_value(struct plain *plain, struct value *ret_value) {
    bool good;
    if (--plain->values_left < 0) return false;
    char first = skip_blanks(plain);
    switch (first) {
    case '{':
    case '[':
        if (--plain->depth_left < 0) return false;
        plain->at++;
        good = first == '{' ? read_object(plain, ret_value) : read_list(plain, ret_value);
        plain->depth_left++;
        return good;
    case '"': {
        struct value text = value_text("", 0);
        plain->at++;
        good = read_text(plain, &text.text, &text.length);
        if (good) *ret_value = text;
        return good;
    }
    case 't': return read_word(plain, "true", value_boolean(true), ret_value);
    case 'f': return read_word(plain, "false", value_boolean(false), ret_value);
    case 'n': return read_word(plain, "null", value_null(), ret_value);
    default: return read_number(plain, ret_value);
    }
}

bool json_plain_read(const char *text, size_t length, int depth_max, int values_max,
                     struct scratch *scratch, struct value *ret_value) {
    struct scratch before = *scratch;
    bool fit = length > 0 && length < UINT32_MAX && utf8_valid(text, length);
    char *copy = fit ? scratch_take(scratch, length) : NULL;
    if (!copy) return false;
    memcpy(copy, text, length);
    struct plain plain = {
        .at = copy, .end = copy + length, .scratch = scratch, .values_left = values_max,
        .depth_left = depth_max < JSON_DEPTH_CEILING ? depth_max : JSON_DEPTH_CEILING};
    struct value value;
    if (read_value(&plain, &value) && skip_blanks(&plain) == '\0' && plain.at == plain.end) {
        *ret_value = value;
        return true;
    }
    *scratch = before;
    return false;
}
