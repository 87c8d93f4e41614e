/* Findings of the search as sentences: an example point for each, and where it lies between two
 * bands, those bands. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "calendar.h"
#include "proof.h"

/* Tests looked at to find the bands around a gap; in larger tables the point alone is said. */
enum { BANDS_TESTS_MAX = 50 * 1000 * 1000 };

/* ---- values and points ---------------------------------------------------------------------- */

void proof_say_value(const struct value *value, char ret_text[PROOF_VALUE_MAX]) {
    char text[DECIMAL_TEXT_MAX];
    size_t length;
    switch (value->kind) {
    case VALUE_NULL:
        snprintf(ret_text, PROOF_VALUE_MAX, "null");
        break;
    case VALUE_BOOLEAN:
        snprintf(ret_text, PROOF_VALUE_MAX, "%s", value->boolean ? "true" : "false");
        break;
    case VALUE_NUMBER:
        decimal_format(value->number, false, text);
        snprintf(ret_text, PROOF_VALUE_MAX, "%.*s", PROOF_VALUE_MAX - 1, text);
        break;
    case VALUE_TEXT:
        snprintf(ret_text, PROOF_VALUE_MAX, "\"%.*s\"",
                 (int)(value->length < PROOF_VALUE_MAX - 4 ? value->length : PROOF_VALUE_MAX - 4),
                 value->text);
        break;
    default:
        length = calendar_write(value, text);
        snprintf(ret_text, PROOF_VALUE_MAX, "%.*s", (int)length, text);
    }
}

void proof_say_segment(const struct proof_column *column, int32_t segment,
                       char ret_text[PROOF_VALUE_MAX]) {
    struct value value;
    if (proof_segment_value(column, segment, &value)) {
        proof_say_value(&value, ret_text);
        return;
    }
    int i = column->segments[segment].place / 2;
    char low[PROOF_VALUE_MAX], high[PROOF_VALUE_MAX];
    if (i > 0) proof_say_value(&column->points[i - 1], low);
    if (i < column->point_count) proof_say_value(&column->points[i], high);
    if (i > 0 && i < column->point_count && column->domain.kind != VALUE_TEXT)
        snprintf(ret_text, PROOF_VALUE_MAX, "between %.22s and %.22s", low, high);
    else if (i > 0 && column->domain.kind != VALUE_TEXT)
        snprintf(ret_text, PROOF_VALUE_MAX, "above %.40s", low);
    else if (i < column->point_count && column->domain.kind != VALUE_TEXT)
        snprintf(ret_text, PROOF_VALUE_MAX, "below %.40s", high);
    else
        snprintf(ret_text, PROOF_VALUE_MAX, "any other text");
}

void proof_say_cell(const struct proof_space *space, int column, uint32_t row,
                    char ret_text[PROOF_VALUE_MAX]) {
    size_t length = 0;
    for (int at = space->columns[column].first; at >= 0; at = space->twins[at]) {
        const struct table_input *input = &space->table->inputs[at];
        const struct table_test *test = &input->tests[input->row_tests[row]];
        int room = (int)(PROOF_VALUE_MAX - length);
        int written = snprintf(ret_text + length, (size_t)room, "%s%.40s", length ? " and " : "",
                               test->any ? "-" : test->text);
        if (written < 0 || written >= room) return;
        length += (size_t)written;
    }
}

/* "region = "europe", age = 17", of the columns that any row tests; `but` (or -1) is left out.
 * False when nothing is left to say. */
static bool point_say(const struct proof_space *space, const int32_t *segments, int but,
                      char *ret_text, size_t size) {
    size_t length = 0;
    *ret_text = 0;
    for (int c = 0; c < space->column_count; c++) {
        const struct proof_column *column = &space->columns[c];
        bool tested = false;
        char value[PROOF_VALUE_MAX];
        for (int r = 0; r < space->row_count && !tested; r++)
            tested = !proof_test_of(space, (uint32_t)r, c)->full;
        if (c == but || !tested || segments[c] < 0) continue;
        proof_say_segment(column, segments[c], value);
        int written = snprintf(ret_text + length, size - length, "%s%s = %s", length ? ", " : "",
                               column->name, value);
        if (written < 0 || (size_t)written >= size - length) {
            if (size > 4) memcpy(ret_text + size - 4, "...", 4);
            return true;
        }
        length += (size_t)written;
    }
    return length > 0;
}

static const char *column_label(const struct proof_column *column) {
    return column->input->label ? column->input->label : column->input->text;
}

/* ---- gaps ----------------------------------------------------------------------------------- */

/* Does the row match the point but for that column? */
static bool row_beside(const struct proof_space *space, uint32_t row, const int32_t *segments,
                       int column) {
    for (int c = 0; c < space->column_count; c++) {
        const struct proof_test *test = proof_test_of(space, row, c);
        bool passes = !test->fuzzy && (segments[c] < 0 || proof_test_has(test, segments[c]));
        if (c != column && !passes) return false;
    }
    return !proof_test_of(space, row, column)->fuzzy;
}

struct bands { /* around a gap: rows, -1 where there is none */
    int column;
    int64_t below, above;
};

/* The nearest rows below and above the point in a column of numbers or dates. */
static struct bands bands_find(const struct proof_space *space, const int32_t *segments,
                               int column) {
    struct bands bands = {.column = column, .below = -1, .above = -1};
    int32_t below_last = -1, above_first = INT32_MAX, values = space->columns[column].value_count;
    uint8_t kind = space->columns[column].domain.kind;
    if (kind == VALUE_TEXT || kind == VALUE_BOOLEAN || kind == VALUE_NULL || segments[column] < 0)
        return bands;
    for (uint32_t row = 0; row < (uint32_t)space->row_count; row++) {
        if (!row_beside(space, row, segments, column)) continue;
        const struct proof_test *test = proof_test_of(space, row, column);
        for (int i = 0; i < test->span_count; i++) {
            int32_t first = test->spans[i].first, last = test->spans[i].last;
            if (last < segments[column] && last > below_last) {
                below_last = last;
                bands.below = row;
            }
            if (first > segments[column] && first < values && first < above_first) {
                above_first = first;
                bands.above = row;
            }
        }
    }
    return bands;
}

static struct bands bands_best(const struct proof_space *space, const int32_t *segments) {
    struct bands best = {.column = -1, .below = -1, .above = -1};
    int64_t columns = space->column_count;
    bool few = columns * columns * space->row_count <= BANDS_TESTS_MAX;
    for (int c = 0; c < space->column_count && few; c++) {
        struct bands bands = bands_find(space, segments, c);
        int ends = (bands.below >= 0) + (bands.above >= 0);
        if (ends > (best.below >= 0) + (best.above >= 0)) best = bands;
    }
    return best;
}

#define GAP_ADVICE "give the table a default output, or declare the gap in product.xml"

static void __attribute__((format(printf, 4, 5)))
gap_add(struct proof_space *space, bool warning, const struct bands *bands, const char *format,
        ...) {
    char text[PROBLEM_TEXT_MAX], place[PROBLEM_PLACE_MAX];
    const struct table *table = space->table;
    int64_t row = bands->above >= 0 ? bands->above : bands->below;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    *place = 0;
    if (bands->column >= 0)
        snprintf(place, sizeof place, ", row %d, column %.80s", (int)row + 1,
                 column_label(&space->columns[bands->column]));
    proof_add(space->proof, warning, space->element,
              bands->column >= 0 ? table->row_lines[row] : table->line, place, "%s", text);
}

static void gap_say(struct proof_space *space, const struct proof_point *gap) {
    char point[200], value[PROOF_VALUE_MAX] = "", below[PROOF_VALUE_MAX], above[PROOF_VALUE_MAX];
    struct bands bands = bands_best(space, gap->segments);
    const char *name = bands.column >= 0 ? space->columns[bands.column].name : "";
    bool more = point_say(space, gap->segments, bands.column, point, sizeof point);
    if (bands.column >= 0)
        proof_say_segment(&space->columns[bands.column], gap->segments[bands.column], value);
    if (bands.below >= 0) proof_say_cell(space, bands.column, (uint32_t)bands.below, below);
    if (bands.above >= 0) proof_say_cell(space, bands.column, (uint32_t)bands.above, above);
    if (!gap->sure) {
        bands.column = -1;
        point_say(space, gap->segments, -1, point, sizeof point);
        gap_add(space, true, &bands,
                "undecided: no row covers %s, and it is not known whether that occurs: give the "
                "column its input values in the model, or " GAP_ADVICE,
                point);
    } else if (bands.below >= 0 && bands.above >= 0) {
        gap_add(space, false, &bands,
                "%s = %s lies in no band between row %d (%s) and row %d (%s)%s%s: let the bands "
                "meet, " GAP_ADVICE,
                name, value, (int)bands.below + 1, below, (int)bands.above + 1, above,
                more ? ", where " : "", point);
    } else if (bands.column >= 0) {
        gap_add(space, false, &bands,
                "%s = %s is covered by no row, the %s band being %s%s%s: let the bands reach what "
                "the input can be, " GAP_ADVICE,
                name, value, bands.below >= 0 ? "last" : "first",
                bands.below >= 0 ? below : above, more ? ", where " : "", point);
    } else {
        gap_add(space, false, &bands, "%s is covered by no row: add a row for it, " GAP_ADVICE,
                more ? point : "any input");
    }
}

void proof_say_gaps(struct proof_space *space, const struct proof_findings *findings) {
    int64_t count = findings->gap_count + findings->unsure_count;
    bool any_sure = findings->gap_count > 0;
    int said = 0;
    for (int i = 0; i < PROOF_SAID_MAX && i < count; i++) {
        if (findings->gaps[i].sure != any_sure) continue; /* first what is certain */
        gap_say(space, &findings->gaps[i]);
        said++;
    }
    int64_t left = (any_sure ? findings->gap_count : findings->unsure_count) - said;
    if (left > 0)
        proof_add(space->proof, true, space->element, space->table->line, "",
                  "and there are more such gaps in this table: mend these first");
}

/* ---- rows that match at once ---------------------------------------------------------------- */

/* The column in which the bands of both rows share just one point; -1 when there is none. */
static int column_touching(const struct proof_space *space, const struct proof_pair *pair) {
    for (int c = 0; c < space->column_count; c++) {
        const struct proof_test *a = proof_test_of(space, pair->a, c);
        const struct proof_test *b = proof_test_of(space, pair->b, c);
        uint8_t kind = space->columns[c].domain.kind;
        int32_t at = pair->segments[c];
        if (a->span_count != 1 || b->span_count != 1 || at < 0 ||
            at >= space->columns[c].value_count || (kind != VALUE_NUMBER && kind != VALUE_DATE))
            continue;
        bool after = a->spans[0].last == at && b->spans[0].first == at &&
                     a->spans[0].first < at && b->spans[0].last > at;
        bool before = b->spans[0].last == at && a->spans[0].first == at &&
                      b->spans[0].first < at && a->spans[0].last > at;
        if ((after || before) && space->columns[c].segments[at].place & 1) return c;
    }
    return -1;
}

static void pair_say(struct proof_space *space, const struct proof_pair *pair) {
    char point[200], place[PROBLEM_PLACE_MAX], first[PROOF_VALUE_MAX], second[PROOF_VALUE_MAX];
    const struct table *table = space->table;
    int line = table->row_lines[pair->b], column = column_touching(space, pair);
    bool more = point_say(space, pair->segments, -1, point, sizeof point);
    snprintf(place, sizeof place, ", row %u", pair->b + 1);
    if (column >= 0) {
        proof_say_cell(space, column, pair->a, first);
        proof_say_cell(space, column, pair->b, second);
        snprintf(place, sizeof place, ", row %u, column %.80s", pair->b + 1,
                 column_label(&space->columns[column]));
        proof_add(space->proof, !pair->sure, space->element, line, place,
                  "%srows %u and %u both match %s: the bands %s and %s share that point, so leave "
                  "it out of one of them",
                  pair->sure ? "" : "undecided: ", pair->a + 1, pair->b + 1, point, first, second);
    } else if (!pair->sure) {
        proof_add(space->proof, true, space->element, line, place,
                  "undecided: rows %u and %u both match %s, and their outputs are computed: "
                  "whether they are the same is not known; part the rows, or write the values",
                  pair->a + 1, pair->b + 1, more ? point : "any input");
    } else {
        proof_add(space->proof, false, space->element, line, place,
                  "rows %u (line %d) and %u both match %s: the table is %s, so %s", pair->a + 1,
                  table->row_lines[pair->a], pair->b + 1, more ? point : "any input",
                  table->policy_name,
                  table->policy == HIT_ANY ? "give both the same outputs, or part them"
                                           : "part them");
    }
}

void proof_say_pairs(struct proof_space *space, const struct proof_findings *findings,
                     const uint8_t *dead) {
    for (int i = 0; i < PROOF_SAID_MAX && i < findings->pair_count; i++)
        if (!dead[findings->pairs[i].b]) pair_say(space, &findings->pairs[i]);
    if (findings->pair_count > PROOF_SAID_MAX)
        proof_add(space->proof, true, space->element, space->table->line, "",
                  "and there are more rows of this table that match at once: mend these first");
}

void proof_say_undecided(struct proof_space *space, const struct proof_findings *findings) {
    const struct table *table = space->table;
    char place[PROBLEM_PLACE_MAX], cell[PROOF_VALUE_MAX];
    if (findings->out_of_steps)
        proof_add(space->proof, true, space->element, table->line, "",
                  "undecided: the rows of this table meet in too many places to look at each for "
                  "gaps and overlaps: part it into tables of fewer columns, or list values in "
                  "place of wide ranges");
    if (findings->fuzzy_row < 0) return;
    uint32_t row = (uint32_t)findings->fuzzy_row;
    for (int c = 0; c < space->column_count; c++) {
        if (!proof_test_of(space, row, c)->fuzzy) continue;
        proof_say_cell(space, c, row, cell);
        snprintf(place, sizeof place, ", row %u, column %.80s", row + 1,
                 column_label(&space->columns[c]));
        proof_add(space->proof, true, space->element, table->row_lines[row], place,
                  "undecided: %s is no list or range of constants, so gaps and overlaps with this "
                  "row are not known: compute it in the column's input and test that for values",
                  cell);
        return;
    }
}
