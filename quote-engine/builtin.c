/* The built-in functions as a whole: finding them by name, and what they do alike with their
 * arguments. The functions lie in the builtin_*.c files, each with a table of its rows. */
#include "builtin.h"

#include <string.h>

static const struct builtin *const tables[] = {
    builtin_aggregate_rows, builtin_calendar_rows, builtin_context_rows,
    builtin_convert_rows,   builtin_list_rows,     builtin_number_rows,
    builtin_range_rows,     builtin_regex_rows,    builtin_text_rows};
enum { TABLE_COUNT = sizeof tables / sizeof tables[0] };

const struct builtin *builtin_find(const char *name, size_t length, int index) {
    for (int table = 0; table < TABLE_COUNT; table++)
        for (const struct builtin *row = tables[table]; row->name; row++)
            if (strncmp(row->name, name, length) == 0 && row->name[length] == '\0' &&
                index-- == 0)
                return row;
    return NULL;
}

const char *const *builtin_multiword_names(void) {
    static const char *const names[] = {
        "context merge", "context put", "date and time", "day of week", "day of year",
        "distinct values", "duplicate values", "ends with", "finished by", "get entries",
        "get value", "index of", "insert before", "list contains", "list replace", "lower case",
        "met by", "month of year", "overlaps after", "overlaps before", "round down",
        "round half down", "round half up", "round up", "started by", "starts with",
        "string join", "string length", "substring after", "substring before", "upper case",
        "week of year", "years and months duration", NULL};
    return names;
}

const char *builtin_kind_name(int kind) {
    static const char *const names[] = {
        "null", "a boolean", "a number", "a text", "a date", "a time", "a date and time",
        "a years and months duration", "a days and time duration", "a range", "a list",
        "a context", "a function"};
    return kind >= VALUE_NULL && kind <= VALUE_FUNCTION ? names[kind] : "unknown";
}

/* ---- arguments ----------------------------------------------------------------------------- */

static bool fits(char letter, int kind) {
    switch (letter) {
    case 'n': return kind == VALUE_NUMBER;
    case 'b': return kind == VALUE_BOOLEAN;
    case 't': return kind == VALUE_TEXT;
    case 'l': return kind == VALUE_LIST;
    case 'c': return kind == VALUE_CONTEXT;
    case 'f': return kind == VALUE_FUNCTION;
    case 'r': return kind == VALUE_RANGE;
    case 'd': return kind == VALUE_DATE || kind == VALUE_DATE_TIME;
    case 'p': return kind == VALUE_DATE || kind == VALUE_DATE_TIME || kind == VALUE_TIME;
    case 'u': return kind == VALUE_DURATION;
    default: return letter == 'a';
    }
}

static const char *wanted(char letter) {
    switch (letter) {
    case 'n': return "a number";
    case 'b': return "a boolean";
    case 't': return "a text";
    case 'l': return "a list";
    case 'c': return "a context";
    case 'f': return "a function";
    case 'r': return "a range";
    case 'd': return "a date or a date and time";
    case 'p': return "a date, a time or a date and time";
    default: return "a days and time duration";
    }
}

/* One argument; false when it does not fit its parameter. */
static bool check_one(struct evaluation *evaluation, char letter, bool nullable,
                      const struct value *argument, struct value *ret_checked) {
    if (fits(letter, argument->kind) || (nullable && argument->kind == VALUE_NULL)) {
        *ret_checked = *argument;
        if (argument->kind == VALUE_TEXT && argument->length == 0)
            ret_checked->text = ""; /* never NULL, so that functions may count from it */
        return true;
    }
    if (letter == 'l' && argument->kind != VALUE_NULL) {
        struct value *item = builtin_take_items(evaluation, 1);
        if (!item)
            return false;
        *item = *argument;
        *ret_checked = value_list(item, 1);
        return true;
    }
    if (argument->kind == VALUE_LIST && argument->length == 1 &&
        fits(letter, argument->items[0].kind))
        return check_one(evaluation, letter, false, &argument->items[0], ret_checked);
    return false;
}

bool builtin_check(struct evaluation *evaluation, const char *name, const char *kinds,
                   const struct value *arguments, int count, struct value *ret_checked,
                   struct value *ret_value) {
    bool optional = false;
    int at = 0;
    for (const char *kind = kinds; *kind != '\0'; kind++) {
        if (*kind == '|') {
            optional = true;
            continue;
        }
        if (at >= count && optional) {
            ret_checked[at++] = value_null();
            continue;
        }
        bool nullable = *kind >= 'A' && *kind <= 'Z';
        char letter = nullable ? (char)(*kind - 'A' + 'a') : *kind;
        if (at >= count) {
            value_fail(evaluation, ret_value, "%s: give argument %d, %s", name, at + 1,
                       wanted(letter));
            return false;
        }
        if (!check_one(evaluation, letter, nullable, &arguments[at], &ret_checked[at])) {
            value_fail(evaluation, ret_value, "%s: argument %d must be %s, not %s", name, at + 1,
                       wanted(letter), builtin_kind_name(arguments[at].kind));
            return false;
        }
        at++;
    }
    if (count > at) {
        value_fail(evaluation, ret_value, "%s: give at most %d arguments, not %d", name, at, count);
        return false;
    }
    return true;
}

bool builtin_items(struct evaluation *evaluation, const char *name, const struct value *arguments,
                   int count, const struct value **ret_items, uint32_t *ret_count,
                   struct value *ret_value) {
    if (count == 1 && arguments[0].kind == VALUE_LIST) {
        *ret_items = arguments[0].items;
        *ret_count = arguments[0].length;
        return true;
    }
    if (count == 0 || (count == 1 && arguments[0].kind == VALUE_NULL)) {
        value_fail(evaluation, ret_value, "%s: give a list or values, not %s", name,
                   count == 0 ? "nothing" : "null");
        return false;
    }
    *ret_items = arguments;
    *ret_count = (uint32_t)count;
    return true;
}

struct value *builtin_take_items(struct evaluation *evaluation, size_t count) {
    if (count > UINT32_MAX) {
        evaluation->status = QUOTE_TOO_LARGE;
        return NULL;
    }
    return evaluation_take(evaluation, count * sizeof(struct value));
}

int64_t builtin_whole(struct decimal number) {
    int64_t whole;
    if (decimal_to_int64(number, &whole))
        return whole;
    if (decimal_round(number, 0, DECIMAL_DOWN, &number) && decimal_to_int64(number, &whole))
        return whole;
    return decimal_sign(number) < 0 ? INT64_MIN : INT64_MAX;
}

/* ---- sorting ------------------------------------------------------------------------------- */

/* Merges items[0..middle) and items[middle..count), both sorted, by way of `spare`. */
static void merge(struct value *items, struct value *spare, size_t middle, size_t count,
                  builtin_precedes precedes, void *context) {
    size_t left = 0, right = middle, at = 0;
    while (left < middle && right < count) {
        if (precedes(context, &items[right], &items[left]))
            spare[at++] = items[right++];
        else
            spare[at++] = items[left++];
    }
    while (left < middle)
        spare[at++] = items[left++];
    if (at > 0)
        memcpy(items, spare, at * sizeof *items);
}

void builtin_sort(struct value *items, struct value *spare, size_t count,
                  builtin_precedes precedes, void *context) {
    for (size_t width = 1; width < count; width *= 2)
        for (size_t start = 0; start + width < count; start += 2 * width) {
            size_t end = start + 2 * width < count ? start + 2 * width : count;
            merge(items + start, spare, width, end - start, precedes, context);
        }
}
