/* JSON text to values. What is plainly right is read by json_plain.c; all else goes the thorough
 * way: the pass of json_scan.c, then jansson for the grammar, then a copy into scratch memory.
 * What jansson refuses is explained by json_grammar.c: its own words are few, and English.
 * Numbers come from the original text, in the order in which they stand there; jansson keeps the
 * order of keys and refuses duplicates, so the orders agree. */
#include "json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "json_grammar.h"
#include "json_plain.h"
#include "json_scan.h"

struct reader {
    const char *text;
    size_t length;
    const struct json_scan *scan;
    size_t number; /* the next one of scan->numbers */
    bool keep_unfit;
    struct scratch *scratch;
    struct json_fault *fault;
};

static int read_value(struct reader *reader, const json_t *json, struct value *ret_value);

static const char *copy_text(struct reader *reader, const char *text, size_t length) {
    char *copy = scratch_take(reader->scratch, length ? length : 1);
    if (copy && length > 0) memcpy(copy, text, length);
    return copy;
}

static int read_number(struct reader *reader, struct value *ret_value) {
    size_t at = reader->scan->numbers[reader->number++];
    size_t length = json_scan_number(reader->text, reader->length, at);
    struct decimal number;
    bool too_long = length > JSON_NUMBER_LENGTH_MAX;
    if (!too_long && decimal_parse_exact(reader->text + at, length, &number)) {
        *ret_value = value_number(number);
        return 0;
    }
    bool digits = too_long || decimal_parse(reader->text + at, length, &number);
    if (reader->keep_unfit) {
        *ret_value = (struct value){.kind = VALUE_FUNCTION,
                                    .length = digits ? JSON_UNFIT_DIGITS : JSON_UNFIT_SIZE,
                                    .function = NULL};
        return 0;
    }
    (void)json_fault_set(reader->fault, reader->text, at,
                         digits ? "too_many_digits" : "number_out_of_range",
                         digits ? "dit getal heeft te veel cijfers: geef er ten hoogste %d."
                                : "dit getal is te groot of te klein: geef er een dat in %d "
                                  "cijfers past.",
                         digits ? "this number has too many digits: give at most %d."
                                : "this number is too large or too small: give one that fits %d "
                                  "digits.",
                         DECIMAL_DIGITS_MAX);
    reader->fault->number = true;
    json_scan_pointer(reader->text, at, reader->fault->pointer);
    return ERROR_INVALID;
}

enum json_unfit json_number_unfit(const struct value *value) {
    if (value->kind != VALUE_FUNCTION || value->function) return JSON_FITS;
    return (enum json_unfit)value->length;
}

static int read_list(struct reader *reader, const json_t *json, struct value *ret_value) {
    size_t count = json_array_size(json);
    struct value *items = scratch_take(reader->scratch, (count ? count : 1) * sizeof *items);
    if (!items) return ERROR_TOO_LARGE;
    for (size_t at = 0; at < count; at++) {
        int rc = read_value(reader, json_array_get(json, at), &items[at]);
        if (rc != 0) return rc;
    }
    *ret_value = value_list(items, count);
    return 0;
}

static int read_object(struct reader *reader, json_t *json, struct value *ret_value) {
    size_t count = json_object_size(json);
    struct value_entry *entries =
        scratch_take(reader->scratch, (count ? count : 1) * sizeof *entries);
    if (!entries) return ERROR_TOO_LARGE;
    size_t at = 0;
    for (void *item = json_object_iter(json); item; item = json_object_iter_next(json, item)) {
        const char *name = json_object_iter_key(item);
        size_t length = strlen(name);
        entries[at].name = copy_text(reader, name, length);
        entries[at].name_length = (uint32_t)length;
        if (!entries[at].name) return ERROR_TOO_LARGE;
        int rc = read_value(reader, json_object_iter_value(item), &entries[at].value);
        if (rc != 0) return rc;
        at++;
    }
    *ret_value = value_context(entries, count);
    return 0;
}

static int read_value(struct reader *reader, const json_t *json, struct value *ret_value) {
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return read_object(reader, (json_t *)json, ret_value);
    case JSON_ARRAY:
        return read_list(reader, json, ret_value);
    case JSON_STRING: {
        size_t length = json_string_length(json);
        const char *text = copy_text(reader, json_string_value(json), length);
        if (!text) return ERROR_TOO_LARGE;
        *ret_value = value_text(text, length);
        return 0;
    }
    case JSON_INTEGER:
    case JSON_REAL:
        return read_number(reader, ret_value);
    case JSON_TRUE:
    case JSON_FALSE:
        *ret_value = value_boolean(json_is_true(json));
        return 0;
    default:
        *ret_value = value_null();
        return 0;
    }
}

/* ---- what jansson refuses ----------------------------------------------------------------- */

static int fault_duplicate(const char *text, size_t position, struct json_fault *ret_fault) {
    /* jansson stops just behind the second key's closing quote. A quote inside a key stands behind
     * an odd number of backslashes. */
    size_t end = position > 0 ? position - 1 : 0;
    size_t start = end;
    while (start > 0) {
        start--;
        if (text[start] != '"') continue;
        size_t backslashes = 0;
        while (backslashes < start && text[start - 1 - backslashes] == '\\') backslashes++;
        if (backslashes % 2 == 0) break;
    }
    const char *name = text + start + 1;
    size_t length = end > start ? end - start - 1 : 0;
    (void)json_fault_set(ret_fault, text, start, "duplicate_key",
                         "het veld \"%.*s\" staat twee keer in één object: geef het één keer.",
                         "the field \"%.*s\" stands twice in one object: give it once.",
                         (int)utf8_fit(name, length, 80), name);
    json_scan_pointer(text, start, ret_fault->pointer);
    return ERROR_INVALID;
}

static int fault_refused(const char *text, size_t length, const json_error_t *error,
                         struct json_fault *ret_fault) {
    size_t position = error->position > 0 ? (size_t)error->position : 0;
    if (position > length) position = length;
    if (json_error_code(error) == json_error_duplicate_key)
        return fault_duplicate(text, position, ret_fault);
    if (json_error_code(error) == json_error_out_of_memory) return ERROR_NO_MEMORY;
    if (json_grammar_explain(text, length, ret_fault)) return ERROR_INVALID;
    return json_fault_set(ret_fault, text, position, "malformed",
                          "hier staat iets dat er niet hoort. Laat een programma de JSON maken.",
                          "something stands here that does not belong. Have a program write the "
                          "JSON.");
}

static int read_thoroughly(const char *text, size_t length, const struct json_limits *limits,
                           struct scratch *scratch, struct json_fault *ret_fault,
                           struct value *ret_value) {
    int depth_max = limits && limits->depth > 0 ? limits->depth : JSON_DEPTH_MAX;
    int values_max = limits && limits->values > 0 ? limits->values : JSON_VALUES_MAX;
    struct json_scan scan;
    int rc = json_scan(text, length, depth_max, values_max, &scan, ret_fault);
    if (rc != 0) {
        json_scan_done(&scan);
        return rc;
    }
    json_error_t error = {0};
    json_t *json = json_loadb(scan.text, length, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!json) {
        rc = fault_refused(text, length, &error, ret_fault);
    } else if (!json_is_object(json) && !(limits && limits->scalar_root)) {
        rc = json_fault_set(ret_fault, text, 0, "not_an_object",
                            "er moet een object staan: begin met { en eindig met }.",
                            "an object must stand here: begin with { and end with }.");
    } else {
        struct reader reader = {.text = text, .length = length, .scan = &scan,
                                .scratch = scratch, .fault = ret_fault,
                                .keep_unfit = limits && limits->keep_unfit};
        rc = read_value(&reader, json, ret_value);
    }
    json_decref(json);
    json_scan_done(&scan);
    return rc;
}

int json_read(const char *text, size_t length, const struct json_limits *limits,
              struct scratch *scratch, struct json_fault *ret_fault, struct value *ret_value) {
    *ret_fault = (struct json_fault){0};
    int depth_max = limits && limits->depth > 0 ? limits->depth : JSON_DEPTH_MAX;
    int values_max = limits && limits->values > 0 ? limits->values : JSON_VALUES_MAX;
    struct value value;
    bool scalar_root = limits && limits->scalar_root;
    if (json_plain_read(text, length, depth_max, values_max, scratch, &value) &&
        (scalar_root || value.kind == VALUE_CONTEXT)) {
        *ret_value = value;
        return 0;
    }
    return read_thoroughly(text, length, limits, scratch, ret_fault, ret_value);
}
