/* Built-in functions that relate points and ranges (DMN 1.5, table 78): before, meets, overlaps,
 * includes and the others, and range(), which reads one. A point is any value that has an order.
 * All relations come down to comparing ends, where an end that a range does not have lies beyond
 * every point. */
#include "builtin.h"

#include "calendar.h"

#include <string.h>

/* A point, or one end of a range. */
struct limit {
    const struct value *value;
    int infinite;  /* -1: below every point, 1: above, 0: at the value */
    bool included; /* does the range hold its end? */
};

/* Both arguments of a relation; a point has its low and high at the same place. */
struct span {
    struct limit low, high;
    bool point;
};

struct relation {
    struct span a, b;
    const struct moment *moment;
    bool incomparable; /* set when two ends had no order */
};

static struct span span_of(const struct value *value) {
    struct span span;
    if (value->kind != VALUE_RANGE) {
        span.low = (struct limit){value, 0, true};
        span.high = span.low;
        span.point = true;
        return span;
    }
    const struct value_range *range = value->range;
    bool low = range->low_bound != RANGE_UNBOUNDED && range->low.kind != VALUE_NULL;
    bool high = range->high_bound != RANGE_UNBOUNDED && range->high.kind != VALUE_NULL;
    span.low = (struct limit){&range->low, low ? 0 : -1, low && range->low_bound == RANGE_CLOSED};
    span.high =
        (struct limit){&range->high, high ? 0 : 1, high && range->high_bound == RANGE_CLOSED};
    span.point = false;
    return span;
}

/* -1, 0 or 1; 0 where there is no order, which is remembered. */
static int order(struct relation *relation, const struct limit *a, const struct limit *b) {
    int result;
    if (a->infinite != 0 || b->infinite != 0)
        return a->infinite < b->infinite ? -1 : a->infinite > b->infinite;
    if (value_compare(a->value, b->value, relation->moment, &result))
        return result;
    relation->incomparable = true;
    return 0;
}

/* ---- the relations ------------------------------------------------------------------------- */

static bool before(struct relation *relation, const struct span *a, const struct span *b) {
    int gap = order(relation, &a->high, &b->low);
    return gap < 0 || (gap == 0 && !(a->high.included && b->low.included));
}

static bool meets(struct relation *relation, const struct span *a, const struct span *b) {
    return order(relation, &a->high, &b->low) == 0 && a->high.included && b->low.included;
}

/* Does a reach at least to where b begins? */
static bool reaches(struct relation *relation, const struct span *a, const struct span *b) {
    int gap = order(relation, &a->high, &b->low);
    return gap > 0 || (gap == 0 && a->high.included && b->low.included);
}

static bool overlaps(struct relation *relation, const struct span *a, const struct span *b) {
    return reaches(relation, a, b) && reaches(relation, b, a);
}

/* Does b end where a ends or further? */
static bool ends_within(struct relation *relation, const struct span *a, const struct span *b) {
    int gap = order(relation, &a->high, &b->high);
    return gap < 0 || (gap == 0 && (!a->high.included || b->high.included));
}

/* Does b begin where a begins or earlier? */
static bool begins_within(struct relation *relation, const struct span *a, const struct span *b) {
    int gap = order(relation, &a->low, &b->low);
    return gap > 0 || (gap == 0 && (!a->low.included || b->low.included));
}

static bool overlaps_before(struct relation *relation, const struct span *a,
                            const struct span *b) {
    int gap = order(relation, &a->low, &b->low);
    bool earlier = gap < 0 || (gap == 0 && a->low.included && !b->low.included);
    return earlier && reaches(relation, a, b) && ends_within(relation, a, b);
}

static bool finishes(struct relation *relation, const struct span *a, const struct span *b) {
    return order(relation, &a->high, &b->high) == 0 && a->high.included == b->high.included &&
           (a->point || begins_within(relation, a, b));
}

static bool starts(struct relation *relation, const struct span *a, const struct span *b) {
    return order(relation, &a->low, &b->low) == 0 && a->low.included == b->low.included &&
           (a->point || ends_within(relation, a, b));
}

static bool during(struct relation *relation, const struct span *a, const struct span *b) {
    return begins_within(relation, a, b) && ends_within(relation, a, b);
}

static bool coincides(struct relation *relation, const struct span *a, const struct span *b) {
    return order(relation, &a->low, &b->low) == 0 && order(relation, &a->high, &b->high) == 0 &&
           a->low.included == b->low.included && a->high.included == b->high.included;
}

/* ---- calling ------------------------------------------------------------------------------- */

/* Which of point and range may stand first and second. */
enum { POINT_POINT = 1, POINT_RANGE = 2, RANGE_POINT = 4, RANGE_RANGE = 8, ANY_PAIR = 15 };

static void relate(struct evaluation *evaluation, const char *name, int pairs, bool swapped,
                   bool (*holds)(struct relation *relation, const struct span *a,
                                 const struct span *b),
                   const struct value *arguments, int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, name, "aa", arguments, count, checked, ret_value))
        return;
    for (int index = 0; index < 2; index++)
        if (checked[index].kind == VALUE_LIST && checked[index].length == 1)
            checked[index] = checked[index].items[0];
    struct relation relation = {.a = span_of(&checked[0]),
                                .b = span_of(&checked[1]),
                                .moment = evaluation->moment};
    int pair = relation.a.point ? (relation.b.point ? POINT_POINT : POINT_RANGE)
                                : (relation.b.point ? RANGE_POINT : RANGE_RANGE);
    if ((pairs & pair) == 0) {
        value_fail(evaluation, ret_value, "%s: does not relate %s and %s", name,
                   builtin_kind_name(checked[0].kind), builtin_kind_name(checked[1].kind));
        return;
    }
    bool result = swapped ? holds(&relation, &relation.b, &relation.a)
                          : holds(&relation, &relation.a, &relation.b);
    /* A point with an end to infinity compares without a look at the point's kind. */
    if (checked[0].kind == VALUE_NULL || checked[1].kind == VALUE_NULL || relation.incomparable)
        value_fail(evaluation, ret_value, "%s: the arguments cannot be compared", name);
    else
        *ret_value = value_boolean(result);
}

#define RELATION(function, name, pairs, swapped, holds)                                           \
    static void function(struct evaluation *evaluation, const struct value *arguments, int count, \
                         struct value *ret_value) {                                               \
        relate(evaluation, name, pairs, swapped, holds, arguments, count, ret_value);             \
    }
RELATION(run_before, "before", ANY_PAIR, false, before)
RELATION(run_after, "after", ANY_PAIR, true, before)
RELATION(run_meets, "meets", RANGE_RANGE, false, meets)
RELATION(run_met_by, "met by", RANGE_RANGE, true, meets)
RELATION(run_overlaps, "overlaps", RANGE_RANGE, false, overlaps)
RELATION(run_overlaps_before, "overlaps before", RANGE_RANGE, false, overlaps_before)
RELATION(run_overlaps_after, "overlaps after", RANGE_RANGE, true, overlaps_before)
RELATION(run_finishes, "finishes", POINT_RANGE | RANGE_RANGE, false, finishes)
RELATION(run_finished_by, "finished by", RANGE_POINT | RANGE_RANGE, true, finishes)
RELATION(run_includes, "includes", RANGE_POINT | RANGE_RANGE, true, during)
RELATION(run_during, "during", POINT_RANGE | RANGE_RANGE, false, during)
RELATION(run_starts, "starts", POINT_RANGE | RANGE_RANGE, false, starts)
RELATION(run_started_by, "started by", RANGE_POINT | RANGE_RANGE, true, starts)
RELATION(run_coincides, "coincides", POINT_POINT | RANGE_RANGE, false, coincides)

/* ---- reading a range ----------------------------------------------------------------------- */

static void trim(const char **text, size_t *length) {
    while (*length > 0 && **text == ' ') {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && (*text)[*length - 1] == ' ')
        (*length)--;
}

/* Takes `prefix"` and the `suffix` behind the closing quote off; false when they do not stand. */
static bool unwrap(const char **text, size_t *length, const char *prefix, const char *suffix) {
    size_t before_length = strlen(prefix), after_length = strlen(suffix);
    if (*length < before_length + after_length || memcmp(*text, prefix, before_length) != 0 ||
        memcmp(*text + *length - after_length, suffix, after_length) != 0)
        return false;
    *text += before_length;
    *length -= before_length + after_length;
    return true;
}

/* An end as a literal: a number, a text in quotes, or a date, time or duration by `@` or by its
 * function. Nothing at all is null. */
static bool read_end(struct evaluation *evaluation, const char *text, size_t length,
                     struct value *ret_end) {
    static const char *const functions[] = {"date(\"", "time(\"", "date and time(\"",
                                            "duration(\""};
    struct value end = {.kind = VALUE_NUMBER};
    trim(&text, &length);
    if (length == 0 || (length == 4 && memcmp(text, "null", 4) == 0)) {
        *ret_end = value_null();
        return true;
    }
    if (decimal_parse(text, length, &end.number)) {
        *ret_end = end;
        return true;
    }
    bool temporal = unwrap(&text, &length, "@\"", "\"");
    for (size_t index = 0; index < sizeof functions / sizeof functions[0] && !temporal; index++)
        temporal = unwrap(&text, &length, functions[index], "\")");
    if (temporal)
        return calendar_read_any(text, length, evaluation->moment, evaluation->scratch, ret_end);
    if (!unwrap(&text, &length, "\"", "\"") || memchr(text, '"', length) ||
        memchr(text, '\\', length))
        return false;
    *ret_end = value_text(text, length);
    return true;
}

/* The two dots, outside of quotes; NULL when there are none. */
static const char *find_dots(const char *text, size_t length) {
    bool quoted = false;
    for (size_t index = 0; index + 1 < length; index++) {
        quoted ^= text[index] == '"';
        if (!quoted && text[index] == '.' && text[index + 1] == '.')
            return text + index;
    }
    return NULL;
}

/* False when the text is no range: brackets, two ends of one kind in order, at least one. */
static bool read_range(struct evaluation *evaluation, const char *text, size_t length,
                       struct value_range *ret_range) {
    struct value_range range;
    int order_of_ends;
    trim(&text, &length);
    if (length < 4 || !memchr("[(]", text[0], 3) ||
        !memchr("])[", text[length - 1], 3))
        return false;
    const char *dots = find_dots(text + 1, length - 2), *close = text + length - 1;
    if (!dots || !read_end(evaluation, text + 1, (size_t)(dots - text - 1), &range.low) ||
        !read_end(evaluation, dots + 2, (size_t)(close - dots - 2), &range.high))
        return false;
    range.low_bound = text[0] == '[' ? RANGE_CLOSED : RANGE_OPEN;
    range.high_bound = *close == ']' ? RANGE_CLOSED : RANGE_OPEN;
    bool low = range.low.kind != VALUE_NULL, high = range.high.kind != VALUE_NULL;
    if ((!low && !high) || (!low && range.low_bound == RANGE_CLOSED) ||
        (!high && range.high_bound == RANGE_CLOSED))
        return false;
    if (low && high &&
        (!value_compare(&range.low, &range.high, evaluation->moment, &order_of_ends) ||
         order_of_ends > 0))
        return false;
    *ret_range = range;
    return true;
}

static void run_range(struct evaluation *evaluation, const struct value *arguments, int count,
                      struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    struct value_range range;
    if (!builtin_check(evaluation, "range", "t", arguments, count, checked, ret_value))
        return;
    if (!read_range(evaluation, checked[0].text, checked[0].length, &range)) {
        value_fail(evaluation, ret_value, "range: \"%.*s\" is not a range such as [1..10)",
                   (int)(checked[0].length < 60 ? checked[0].length : 60), checked[0].text);
        return;
    }
    *ret_value = value_null();
    struct value_range *kept = evaluation_take(evaluation, sizeof *kept);
    if (!kept)
        return;
    *kept = range;
    *ret_value = (struct value){.kind = VALUE_RANGE, .range = kept};
}

const struct builtin builtin_range_rows[] = {
    {"range", {"from"}, 1, 1, run_range, TYPE_RANGE, false},
    {"before", {"point1", "point2"}, 2, 2, run_before, TYPE_BOOLEAN, false},
    {"before", {"point", "range"}, 2, 2, run_before, TYPE_BOOLEAN, false},
    {"before", {"range", "point"}, 2, 2, run_before, TYPE_BOOLEAN, false},
    {"before", {"range1", "range2"}, 2, 2, run_before, TYPE_BOOLEAN, false},
    {"after", {"point1", "point2"}, 2, 2, run_after, TYPE_BOOLEAN, false},
    {"after", {"point", "range"}, 2, 2, run_after, TYPE_BOOLEAN, false},
    {"after", {"range", "point"}, 2, 2, run_after, TYPE_BOOLEAN, false},
    {"after", {"range1", "range2"}, 2, 2, run_after, TYPE_BOOLEAN, false},
    {"meets", {"range1", "range2"}, 2, 2, run_meets, TYPE_BOOLEAN, false},
    {"met by", {"range1", "range2"}, 2, 2, run_met_by, TYPE_BOOLEAN, false},
    {"overlaps", {"range1", "range2"}, 2, 2, run_overlaps, TYPE_BOOLEAN, false},
    {"overlaps before", {"range1", "range2"}, 2, 2, run_overlaps_before, TYPE_BOOLEAN, false},
    {"overlaps after", {"range1", "range2"}, 2, 2, run_overlaps_after, TYPE_BOOLEAN, false},
    {"finishes", {"point", "range"}, 2, 2, run_finishes, TYPE_BOOLEAN, false},
    {"finishes", {"range1", "range2"}, 2, 2, run_finishes, TYPE_BOOLEAN, false},
    {"finished by", {"range", "point"}, 2, 2, run_finished_by, TYPE_BOOLEAN, false},
    {"finished by", {"range1", "range2"}, 2, 2, run_finished_by, TYPE_BOOLEAN, false},
    {"includes", {"range", "point"}, 2, 2, run_includes, TYPE_BOOLEAN, false},
    {"includes", {"range1", "range2"}, 2, 2, run_includes, TYPE_BOOLEAN, false},
    {"during", {"point", "range"}, 2, 2, run_during, TYPE_BOOLEAN, false},
    {"during", {"range1", "range2"}, 2, 2, run_during, TYPE_BOOLEAN, false},
    {"starts", {"point", "range"}, 2, 2, run_starts, TYPE_BOOLEAN, false},
    {"starts", {"range1", "range2"}, 2, 2, run_starts, TYPE_BOOLEAN, false},
    {"started by", {"range", "point"}, 2, 2, run_started_by, TYPE_BOOLEAN, false},
    {"started by", {"range1", "range2"}, 2, 2, run_started_by, TYPE_BOOLEAN, false},
    {"coincides", {"point1", "point2"}, 2, 2, run_coincides, TYPE_BOOLEAN, false},
    {"coincides", {"range1", "range2"}, 2, 2, run_coincides, TYPE_BOOLEAN, false},
    {NULL, {NULL}, 0, 0, NULL, TYPE_ANY, false}};
