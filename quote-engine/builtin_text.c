/* Built-in functions on texts that need no regular expressions (DMN 1.5, table 74). Positions and
 * lengths count Unicode code points. Bytes that are not UTF-8 count as one code point each, so
 * that nothing here reads beyond a text. */
#include "builtin.h"

#include <string.h>
#include <utf8proc.h>

/* ---- code points --------------------------------------------------------------------------- */

/* How many bytes the code point at `at` has; 1 for a byte that begins none. */
static size_t point_length(const char *at, const char *end) {
    utf8proc_int32_t point;
    utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)at, end - at, &point);
    return length > 0 ? (size_t)length : 1;
}

static int64_t count_points(const char *text, size_t length) {
    int64_t count = 0;
    for (const char *at = text, *end = text + length; at < end; count++)
        at += (unsigned char)*at < 0x80 ? 1 : point_length(at, end);
    return count;
}

/* The place `count` code points further, or `end`. */
static const char *skip_points(const char *at, const char *end, int64_t count) {
    for (; count > 0 && at < end; count--)
        at += (unsigned char)*at < 0x80 ? 1 : point_length(at, end);
    return at;
}

/* Where `match` first stands in `text`, or NULL. An empty match stands at the beginning. */
static const char *find(const struct value *text, const struct value *match) {
    if (match->length == 0)
        return text->text;
    return text->length == 0 ? NULL
                             : memmem(text->text, text->length, match->text, match->length);
}

/* ---- functions ----------------------------------------------------------------------------- */

static void run_string_length(struct evaluation *evaluation, const struct value *arguments,
                              int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (builtin_check(evaluation, "string length", "t", arguments, count, checked, ret_value))
        *ret_value = value_int64(count_points(checked[0].text, checked[0].length));
}

static void run_substring(struct evaluation *evaluation, const struct value *arguments, int count,
                          struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "substring", "tn|n", arguments, count, checked, ret_value))
        return;
    const char *text = checked[0].text, *end = text + checked[0].length;
    int64_t points = count_points(text, checked[0].length);
    int64_t start = builtin_whole(checked[1].number);
    int64_t length = count > 2 ? builtin_whole(checked[2].number) : points;
    if (start == 0 || start > points || start < -points) {
        value_fail(evaluation, ret_value,
                   "substring: the start position must be 1 to %lld, or -1 to -%lld from the end",
                   (long long)points, (long long)points);
        return;
    }
    if (length < 1 && count > 2) {
        value_fail(evaluation, ret_value, "substring: the length must be at least 1");
        return;
    }
    const char *from = skip_points(text, end, start > 0 ? start - 1 : points + start);
    const char *to = skip_points(from, end, length);
    *ret_value = value_text(from, (size_t)(to - from));
}

static void run_substring_before(struct evaluation *evaluation, const struct value *arguments,
                                 int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "substring before", "tt", arguments, count, checked, ret_value))
        return;
    const char *place = find(&checked[0], &checked[1]);
    *ret_value = value_text(checked[0].text, place ? (size_t)(place - checked[0].text) : 0);
}

static void run_substring_after(struct evaluation *evaluation, const struct value *arguments,
                                int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "substring after", "tt", arguments, count, checked, ret_value))
        return;
    const char *place = find(&checked[0], &checked[1]);
    if (!place) {
        *ret_value = value_text(checked[0].text, 0);
        return;
    }
    place += checked[1].length;
    *ret_value = value_text(place, checked[0].length - (size_t)(place - checked[0].text));
}

static void run_contains(struct evaluation *evaluation, const struct value *arguments, int count,
                         struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (builtin_check(evaluation, "contains", "tt", arguments, count, checked, ret_value))
        *ret_value = value_boolean(checked[1].length == 0 || find(&checked[0], &checked[1]));
}

static void run_starts_with(struct evaluation *evaluation, const struct value *arguments, int count,
                            struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "starts with", "tt", arguments, count, checked, ret_value))
        return;
    size_t length = checked[1].length;
    *ret_value = value_boolean(
        length <= checked[0].length &&
        (length == 0 || memcmp(checked[0].text, checked[1].text, length) == 0));
}

static void run_ends_with(struct evaluation *evaluation, const struct value *arguments, int count,
                          struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "ends with", "tt", arguments, count, checked, ret_value))
        return;
    size_t length = checked[1].length;
    *ret_value = value_boolean(
        length <= checked[0].length &&
        (length == 0 || memcmp(checked[0].text + checked[0].length - length, checked[1].text,
                               length) == 0));
}

/* ---- letter case --------------------------------------------------------------------------- */

enum { CASE_BYTES_MAX = 4 }; /* most bytes that one code point becomes */

/* Code points whose capitals are several letters: Unicode's unconditional special casings in the
 * languages of Europe. NULL for all else. */
static const char *special_upper(utf8proc_int32_t point) {
    switch (point) {
    case 0x00DF: return "SS";
    case 0xFB00: return "FF";
    case 0xFB01: return "FI";
    case 0xFB02: return "FL";
    case 0xFB03: return "FFI";
    case 0xFB04: return "FFL";
    case 0xFB05:
    case 0xFB06: return "ST";
    default: return NULL;
    }
}

/* Writes one code point in the other case; returns how many bytes, at most CASE_BYTES_MAX. */
static size_t write_cased(utf8proc_int32_t point, bool upper, char *ret_text) {
    const char *special = upper ? special_upper(point) : NULL;
    if (special) {
        size_t length = strlen(special);
        memcpy(ret_text, special, length);
        return length;
    }
    point = upper ? utf8proc_toupper(point) : utf8proc_tolower(point);
    return (size_t)utf8proc_encode_char(point, (utf8proc_uint8_t *)ret_text);
}

static void change_case(struct evaluation *evaluation, const char *name, bool upper,
                        const struct value *arguments, int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, name, "t", arguments, count, checked, ret_value))
        return;
    *ret_value = value_null();
    const char *at = checked[0].text, *end = at + checked[0].length;
    /* Every byte becomes at most four. */
    char *text = evaluation_take(evaluation, (size_t)checked[0].length * CASE_BYTES_MAX);
    if (!text)
        return;
    char *to = text;
    while (at < end) {
        utf8proc_int32_t point;
        utf8proc_ssize_t length = utf8proc_iterate((const utf8proc_uint8_t *)at, end - at, &point);
        if (length <= 0) {
            *to++ = *at++;
            continue;
        }
        to += write_cased(point, upper, to);
        at += length;
    }
    evaluation->scratch->at = to; /* gives the unused room back */
    *ret_value = value_text(text, (size_t)(to - text));
}

static void run_upper_case(struct evaluation *evaluation, const struct value *arguments, int count,
                           struct value *ret_value) {
    change_case(evaluation, "upper case", true, arguments, count, ret_value);
}

static void run_lower_case(struct evaluation *evaluation, const struct value *arguments, int count,
                           struct value *ret_value) {
    change_case(evaluation, "lower case", false, arguments, count, ret_value);
}

/* ---- joining ------------------------------------------------------------------------------- */

static void run_string_join(struct evaluation *evaluation, const struct value *arguments, int count,
                            struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "string join", "l|T", arguments, count, checked, ret_value))
        return;
    const struct value *list = &checked[0], *delimiter = &checked[1];
    size_t delimiter_length = delimiter->kind == VALUE_TEXT ? delimiter->length : 0, total = 0;
    for (uint32_t index = 0; index < list->length; index++) {
        const struct value *item = &list->items[index];
        if (item->kind != VALUE_TEXT && item->kind != VALUE_NULL) {
            value_fail(evaluation, ret_value, "string join: item %u must be a text, not %s",
                       index + 1, builtin_kind_name(item->kind));
            return;
        }
        total += delimiter_length + (item->kind == VALUE_TEXT ? item->length : 0);
    }
    *ret_value = value_null();
    if (total > UINT32_MAX) {
        evaluation->status = QUOTE_TOO_LARGE;
        return;
    }
    char *text = evaluation_take(evaluation, total), *to = text;
    if (!text)
        return;
    bool first = true;
    for (uint32_t index = 0; index < list->length; index++) {
        const struct value *item = &list->items[index];
        if (item->kind == VALUE_NULL)
            continue;
        if (!first && delimiter_length > 0) {
            memcpy(to, delimiter->text, delimiter_length);
            to += delimiter_length;
        }
        first = false;
        if (item->length > 0)
            memcpy(to, item->text, item->length);
        to += item->length;
    }
    *ret_value = value_text(text, (size_t)(to - text));
}

const struct builtin builtin_text_rows[] = {
    {"string length", {"string"}, 1, 1, run_string_length, TYPE_NUMBER, false},
    {"substring", {"string", "start position", "length"}, 2, 3, run_substring, TYPE_TEXT, false},
    {"substring before", {"string", "match"}, 2, 2, run_substring_before, TYPE_TEXT, false},
    {"substring after", {"string", "match"}, 2, 2, run_substring_after, TYPE_TEXT, false},
    {"contains", {"string", "match"}, 2, 2, run_contains, TYPE_BOOLEAN, false},
    {"starts with", {"string", "match"}, 2, 2, run_starts_with, TYPE_BOOLEAN, false},
    {"ends with", {"string", "match"}, 2, 2, run_ends_with, TYPE_BOOLEAN, false},
    {"upper case", {"string"}, 1, 1, run_upper_case, TYPE_TEXT, false},
    {"lower case", {"string"}, 1, 1, run_lower_case, TYPE_TEXT, false},
    {"string join", {"list", "delimiter"}, 1, 2, run_string_join, TYPE_TEXT, false},
    {NULL, {NULL}, 0, 0, NULL, TYPE_ANY, false}};
