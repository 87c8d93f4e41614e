/* Cuts the columns of a table into segments: the constants of all its tests, of its domain and of
 * the gaps declared for it are points; a segment is a point or what lies between two. Only segments
 * in which a value can occur are kept, so that [0..17] and [18..25] leave nothing between them when
 * the question asks for whole numbers.
 *
 * A test becomes spans of segments. From here on, everything compares whole numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "proof.h"

enum { SCALE_MAX = 12 };

/* ---- tests to atoms ------------------------------------------------------------------------- */

static bool kind_ordered(uint8_t kind) {
    return kind == VALUE_NUMBER || kind == VALUE_TEXT || kind == VALUE_DATE ||
           kind == VALUE_BOOLEAN || kind == VALUE_MONTHS || kind == VALUE_DURATION;
}

static uint8_t atom_kind(const struct table_atom *atom) {
    return atom->low_bound != RANGE_UNBOUNDED    ? atom->low.kind
           : atom->high_bound != RANGE_UNBOUNDED ? atom->high.kind
                                                 : VALUE_NULL;
}

/* Can the test be told from its atoms, all of the column's kind? */
static bool test_plain(const struct table_test *test, uint8_t kind) {
    if (test->any) return true;
    if (!test->constant || (test->atom_count && !kind_ordered(kind))) return false;
    for (int i = 0; i < test->atom_count; i++)
        if (atom_kind(&test->atoms[i]) != kind) return false;
    return true;
}

/* The next input of the column, -1 behind the last. */
static int input_next(const struct proof_space *space, int input) { return space->twins[input]; }

/* What the column's values are: as the domain knows, else as its first constant is. */
static uint8_t column_kind(const struct proof_space *space, const struct proof_column *column) {
    if (column->domain.kind != VALUE_NULL) return column->domain.kind;
    for (int at = column->first; at >= 0; at = input_next(space, at)) {
        const struct table_input *input = &space->table->inputs[at];
        for (int i = 0; i < input->test_count; i++)
            if (input->tests[i].constant && input->tests[i].atom_count)
                return atom_kind(&input->tests[i].atoms[0]);
    }
    return VALUE_NULL;
}

/* ---- points --------------------------------------------------------------------------------- */

static int point_order(const void *a, const void *b) { return proof_compare(a, b); }

struct points { /* being gathered */
    struct value *items;
    int count;
    uint8_t kind;
    bool ranged;
};

static void points_add(struct points *points, const struct table_atom *atoms, int count) {
    for (int i = 0; i < count; i++) {
        points->ranged |= atoms[i].low_bound != RANGE_CLOSED ||
                          atoms[i].high_bound != RANGE_CLOSED ||
                          proof_compare(&atoms[i].low, &atoms[i].high) != 0;
        if (atoms[i].low_bound != RANGE_UNBOUNDED && atoms[i].low.kind == points->kind)
            points->items[points->count++] = atoms[i].low;
        if (atoms[i].high_bound != RANGE_UNBOUNDED && atoms[i].high.kind == points->kind)
            points->items[points->count++] = atoms[i].high;
    }
}

/* Most points that a column can have. */
static size_t points_room(const struct proof_space *space, const struct proof_column *column,
                          const struct table_test *gaps, const struct proof_domain *cut) {
    size_t room = 2 + 2 * (size_t)column->domain.atom_count;
    if (cut) room += 2 * (size_t)cut->atom_count;
    for (int at = column->first; at >= 0; at = input_next(space, at))
        for (int i = 0; i < space->table->inputs[at].test_count; i++)
            room += 2 * (size_t)space->table->inputs[at].tests[i].atom_count;
    for (int i = 0; i < space->gap_count; i++) room += 2 * (size_t)gaps[i].atom_count;
    return room;
}

static bool points_make(const struct proof_space *space, struct proof_column *column,
                        const struct table_test *gaps, const struct proof_domain *cut) {
    size_t room = points_room(space, column, gaps, cut);
    struct points points = {.items = proof_take(space->proof, room, sizeof *points.items),
                            .kind = column->domain.kind};
    if (!points.items) return false;
    if (points.kind == VALUE_BOOLEAN) {
        points.items[points.count++] = value_boolean(false);
        points.items[points.count++] = value_boolean(true);
    } else if (kind_ordered(points.kind)) {
        points_add(&points, column->domain.atoms, column->domain.atom_count);
        if (cut) points_add(&points, cut->atoms, cut->atom_count);
        for (int at = column->first; at >= 0; at = input_next(space, at)) {
            const struct table_input *input = &space->table->inputs[at];
            for (int i = 0; i < input->test_count; i++)
                points_add(&points, input->tests[i].atoms, input->tests[i].atom_count);
        }
        for (int i = 0; i < space->gap_count; i++)
            points_add(&points, gaps[i].atoms, gaps[i].atom_count);
        qsort(points.items, (size_t)points.count, sizeof *points.items, point_order);
    }
    int kept = 0;
    for (int i = 0; i < points.count; i++)
        if (!kept || proof_compare(&points.items[kept - 1], &points.items[i]) != 0)
            points.items[kept++] = points.items[i];
    column->points = points.items;
    column->point_count = kept;
    column->ranged = points.ranged;
    return true;
}

/* The place of a value that is one of the points. */
static int32_t place_of(const struct proof_column *column, const struct value *value) {
    int low = 0, high = column->point_count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (proof_compare(&column->points[middle], value) < 0) low = middle + 1;
        else high = middle;
    }
    return 2 * low + 1;
}

/* ---- segments ------------------------------------------------------------------------------- */

/* The lowest number above `from` with so many digits behind the point. */
static bool number_after(struct decimal from, int digits, struct decimal *ret_number) {
    struct decimal floored;
    return decimal_round(from, digits, DECIMAL_FLOOR, &floored) &&
           decimal_add(floored, decimal_from_scaled(1, digits), ret_number);
}

/* A value between points i-1 and i (either may be missing), with so many digits at most. */
static bool value_between(const struct proof_column *column, int i, int digits,
                          struct value *ret_value) {
    const struct value *low = i > 0 ? &column->points[i - 1] : NULL;
    const struct value *high = i < column->point_count ? &column->points[i] : NULL;
    struct decimal number;
    struct value_date date;
    if (column->domain.kind == VALUE_DATE) {
        int64_t days = low    ? calendar_days(low->date) + 1
                       : high ? calendar_days(high->date) - 1
                              : 0;
        if ((low && high && days >= calendar_days(high->date)) ||
            !calendar_date_from_days(days, &date))
            return false;
        *ret_value = value_date(date.year, date.month, date.day);
        return true;
    }
    if (column->domain.kind != VALUE_NUMBER) return false;
    if (!low && high) {
        if (!decimal_round(high->number, digits, DECIMAL_CEILING, &number) ||
            !decimal_subtract(number, decimal_from_int64(1), &number))
            return false;
    } else if (!number_after(low ? low->number : decimal_from_int64(0), digits, &number) ||
               (high && decimal_compare(number, high->number) >= 0)) {
        return false;
    }
    *ret_value = value_number(number);
    return true;
}

bool proof_segment_value(const struct proof_column *column, int32_t segment,
                         struct value *ret_value) {
    int32_t place = column->segments[segment].place;
    if (place < 0) {
        *ret_value = value_null();
        return true;
    }
    if (place & 1) {
        *ret_value = column->points[place / 2];
        return true;
    }
    int most = column->domain.digits >= 0 ? column->domain.digits : SCALE_MAX;
    for (int digits = 0; digits <= most; digits++)
        if (value_between(column, place / 2, digits, ret_value)) return true;
    return false;
}

static bool place_possible(const struct proof_column *column, int32_t place) {
    const struct proof_domain *domain = &column->domain;
    int i = place / 2;
    if (place & 1) {
        const struct value *point = &column->points[i];
        struct decimal rounded;
        if (domain->known && !proof_domain_has(domain, point)) return false;
        return domain->kind != VALUE_NUMBER || domain->digits < 0 ||
               (decimal_round(point->number, domain->digits, DECIMAL_FLOOR, &rounded) &&
                decimal_equal(rounded, point->number));
    }
    if (domain->kind == VALUE_BOOLEAN) return false;
    /* All texts but those that are named are one, unless their order counts. */
    if (domain->kind == VALUE_TEXT && !column->ranged && i < column->point_count) return false;
    struct value value;
    if ((domain->kind == VALUE_DATE ||
         (domain->kind == VALUE_NUMBER && domain->digits >= 0)) &&
        !value_between(column, i, domain->kind == VALUE_DATE ? 0 : domain->digits, &value))
        return false;
    if (!domain->known) return true;
    /* The ends of all atoms are points, so one holds all that lies between two or nothing. */
    for (int a = 0; a < domain->atom_count; a++) {
        const struct table_atom *atom = &domain->atoms[a];
        bool low = atom->low_bound == RANGE_UNBOUNDED ||
                   (i > 0 && proof_compare(&atom->low, &column->points[i - 1]) <= 0);
        bool high = atom->high_bound == RANGE_UNBOUNDED ||
                    (i < column->point_count &&
                     proof_compare(&atom->high, &column->points[i]) >= 0);
        if (low && high) return true;
    }
    return false;
}

/* Of inputs that are not exactly known it is taken for certain that they take the values which the
 * table names, and those inside the bands that it draws, of as many digits as it writes. */
struct sureness {
    int32_t low, high; /* places */
    int digits;
    uint8_t *named; /* per point: a test is for it alone */
};

static void test_sure(const struct proof_column *column, const struct table_test *test,
                      struct sureness *sure) {
    for (int i = 0; test->constant && i < test->atom_count; i++) {
        const struct table_atom *atom = &test->atoms[i];
        int32_t low = 0, high = 2 * column->point_count;
        if (atom_kind(atom) != column->domain.kind) continue;
        if (atom->low_bound != RANGE_UNBOUNDED) low = place_of(column, &atom->low);
        if (atom->high_bound != RANGE_UNBOUNDED) high = place_of(column, &atom->high);
        if (low == high) {
            sure->named[low / 2] = 1;
            continue;
        }
        low += atom->low_bound == RANGE_OPEN;
        high -= atom->high_bound == RANGE_OPEN;
        if (low < sure->low) sure->low = low;
        if (high > sure->high) sure->high = high;
    }
}

static struct sureness sureness_of(const struct proof_space *space,
                                   const struct proof_column *column, uint8_t *named) {
    struct sureness sure = {.low = INT32_MAX, .high = -1, .named = named};
    for (int at = column->first; at >= 0; at = input_next(space, at))
        for (int i = 0; i < space->table->inputs[at].test_count; i++)
            test_sure(column, &space->table->inputs[at].tests[i], &sure);
    for (int i = 0; i < column->point_count && column->domain.kind == VALUE_NUMBER; i++) {
        struct decimal rounded;
        while (sure.digits < SCALE_MAX &&
               (!decimal_round(column->points[i].number, sure.digits, DECIMAL_FLOOR, &rounded) ||
                !decimal_equal(rounded, column->points[i].number)))
            sure.digits++;
    }
    return sure;
}

static bool place_sure(const struct proof_column *column, const struct sureness *sure,
                       int32_t place) {
    struct value value;
    const struct proof_domain *domain = &column->domain;
    if (domain->known && domain->exact) return true;
    if (place & 1 && sure->named[place / 2]) return true;
    if (domain->kind == VALUE_TEXT || place < sure->low || place > sure->high) return false;
    if (place & 1) return true;
    int digits = domain->digits >= 0 && domain->digits < sure->digits ? domain->digits
                                                                      : sure->digits;
    return (domain->kind == VALUE_NUMBER || domain->kind == VALUE_DATE) &&
           value_between(column, place / 2, digits, &value);
}

/* `ret_at` holds for each place how many segments lie below it. */
static bool segments_make(const struct proof_space *space, struct proof_column *column,
                          int32_t **ret_at) {
    struct proof *proof = space->proof;
    size_t places = 2 * (size_t)column->point_count + 1;
    column->segments = proof_take(proof, places + 1, sizeof *column->segments);
    int32_t *at = proof_take(proof, places + 1, sizeof *at);
    uint8_t *named = proof_take(proof, places, 1);
    if (!column->segments || !at || !named) return false;
    struct sureness sure = sureness_of(space, column, named);
    for (int32_t place = 0; place < (int32_t)places; place++) {
        at[place] = column->segment_count;
        if (!place_possible(column, place)) continue;
        column->segments[column->segment_count++] = (struct proof_segment){
            .place = place, .sure = place_sure(column, &sure, place)};
    }
    at[places] = column->value_count = column->segment_count;
    if (!column->domain.never_null)
        column->segments[column->segment_count++] = (struct proof_segment){.place = -1};
    *ret_at = at;
    return true;
}

/* ---- spans ---------------------------------------------------------------------------------- */

static int span_order(const void *a, const void *b) {
    return ((const struct proof_span *)a)->first - ((const struct proof_span *)b)->first;
}

static int spans_join(struct proof_span *spans, int count) {
    int kept = 0;
    if (count) qsort(spans, (size_t)count, sizeof *spans, span_order);
    for (int i = 0; i < count; i++) {
        if (kept && spans[i].first <= spans[kept - 1].last + 1) {
            if (spans[i].last > spans[kept - 1].last) spans[kept - 1].last = spans[i].last;
        } else {
            spans[kept++] = spans[i];
        }
    }
    return kept;
}

/* Those of the first `values` segments that are in none of the spans; one more has room. */
static int spans_negate(struct proof_span *spans, int count, int32_t values) {
    int32_t next = 0;
    int kept = 0;
    for (int i = 0; i < count; i++) {
        struct proof_span taken = spans[i];
        if (taken.first > next)
            spans[kept++] = (struct proof_span){.first = next, .last = taken.first - 1};
        next = taken.last + 1;
    }
    if (next < values) spans[kept++] = (struct proof_span){.first = next, .last = values - 1};
    return kept;
}

static int atoms_spans(const struct proof_column *column, const int32_t *at,
                       const struct table_atom *atoms, int count, struct proof_span *spans,
                       bool *ret_never) {
    int kept = 0;
    *ret_never = true;
    for (int i = 0; i < count; i++) {
        int32_t low = 0, high = 2 * column->point_count;
        if (atoms[i].low_bound != RANGE_UNBOUNDED)
            low = place_of(column, &atoms[i].low) + (atoms[i].low_bound == RANGE_OPEN);
        if (atoms[i].high_bound != RANGE_UNBOUNDED)
            high = place_of(column, &atoms[i].high) - (atoms[i].high_bound == RANGE_OPEN);
        if (low <= high) *ret_never = false;
        if (low <= high && at[low] < at[high + 1])
            spans[kept++] = (struct proof_span){.first = at[low], .last = at[high + 1] - 1};
    }
    return spans_join(spans, kept);
}

/* Which segments lie in `cut`, the values that the column declares; others have no row. */
static int spans_cut(struct proof_span *spans, int count, const struct proof_span *cut,
                     int cut_count, struct proof_span *room) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < cut_count; j++) {
            int32_t first = spans[i].first > cut[j].first ? spans[i].first : cut[j].first;
            int32_t last = spans[i].last < cut[j].last ? spans[i].last : cut[j].last;
            if (first <= last) room[kept++] = (struct proof_span){.first = first, .last = last};
        }
    }
    memcpy(spans, room, (size_t)kept * sizeof *spans);
    return kept;
}

struct cutter { /* of one column */
    struct proof *proof;
    struct proof_column *column;
    const int32_t *at;
    struct proof_span *cut; /* NULL: nothing is cut off */
    int cut_count;
    bool boolean; /* the table has keyed the column so */
};

static bool test_spans(struct cutter *cutter, const struct table_test *from,
                       struct proof_test *test) {
    struct proof_column *column = cutter->column;
    size_t room = (size_t)from->atom_count + 4 + (size_t)cutter->cut_count;
    if (cutter->cut) room = room * (size_t)(cutter->cut_count + 1);
    bool never = false;
    test->spans = proof_take(cutter->proof, room, sizeof *test->spans);
    if (!test->spans) return false;
    test->fuzzy = !test_plain(from, column->domain.kind);
    int count = 0;
    bool all = from->any || test->fuzzy;
    if (all) {
        if (column->value_count)
            test->spans[count++] = (struct proof_span){.first = 0, .last = column->value_count - 1};
    } else if (cutter->boolean && from->indexed) {
        for (int32_t i = 0; i < column->value_count; i++)
            if (table_test_has(from, column->points[column->segments[i].place / 2].boolean ? 4 : 2))
                test->spans[count++] = (struct proof_span){.first = i, .last = i};
        count = spans_join(test->spans, count);
    } else {
        count = atoms_spans(column, cutter->at, from->atoms, from->atom_count, test->spans,
                            &never);
        if (from->node->negated) count = spans_negate(test->spans, count, column->value_count);
    }
    if (cutter->cut) {
        struct proof_span *copy = proof_take(cutter->proof, room, sizeof *copy);
        if (!copy) return false;
        count = spans_cut(test->spans, count, cutter->cut, cutter->cut_count, copy);
    }
    /* A row with not(…) thinks of values: what it says to null is not held against it. */
    bool null = all || (from->matches_null && !from->node->negated);
    if (null && column->segment_count > column->value_count)
        test->spans[count++] = (struct proof_span){.first = column->value_count,
                                                   .last = column->value_count};
    test->span_count = count = spans_join(test->spans, count);
    test->never = never && !from->node->negated && !null;
    test->full = count == 1 && test->spans[0].first == 0 &&
                 test->spans[0].last == column->segment_count - 1;
    return true;
}

bool proof_test_has(const struct proof_test *test, int32_t segment) {
    int low = 0, high = test->span_count;
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (test->spans[middle].last < segment) low = middle + 1;
        else high = middle;
    }
    return low < test->span_count && test->spans[low].first <= segment;
}

/* ---- columns -------------------------------------------------------------------------------- */

static void column_name(struct proof_column *column) {
    const char *text = column->input->text;
    if (strlen(text) >= sizeof column->name / 2 && column->input->label)
        text = column->input->label;
    snprintf(column->name, sizeof column->name, "%.*s", PROOF_NAME_MAX - 1, text);
    for (char *at = column->name; *at; at++)
        if (strchr("\t\r\n", *at)) *at = ' ';
}

/* Both spans at once. */
static int spans_meet(const struct proof_test *a, const struct proof_test *b,
                      struct proof_span *room) {
    int count = 0;
    for (int i = 0, j = 0; i < a->span_count && j < b->span_count;) {
        int32_t first = a->spans[i].first > b->spans[j].first ? a->spans[i].first
                                                              : b->spans[j].first;
        int32_t last = a->spans[i].last < b->spans[j].last ? a->spans[i].last : b->spans[j].last;
        if (first <= last) room[count++] = (struct proof_span){.first = first, .last = last};
        if (a->spans[i].last < b->spans[j].last) i++;
        else j++;
    }
    return count;
}

/* Makes each row's test all of what its columns of the same input say. */
static bool tests_merge(const struct proof_space *space, struct proof_column *column,
                        const struct proof_test *more, const uint32_t *more_rows) {
    size_t rows = (size_t)space->row_count + (size_t)space->gap_count;
    struct proof_test *merged = proof_take(space->proof, rows, sizeof *merged);
    uint32_t *row_tests = proof_take(space->proof, rows, sizeof *row_tests);
    if (!merged || !row_tests) return false;
    for (size_t r = 0; r < rows; r++) {
        const struct proof_test *a = &column->tests[column->row_tests[r]];
        const struct proof_test *b = r < (size_t)space->row_count ? &more[more_rows[r]] : a;
        struct proof_test *test = &merged[r];
        row_tests[r] = (uint32_t)r;
        test->spans = proof_take(space->proof, (size_t)(a->span_count + b->span_count) + 1,
                                 sizeof *test->spans);
        if (!test->spans) return false;
        test->span_count = spans_meet(a, b, test->spans);
        test->fuzzy = a->fuzzy || b->fuzzy;
        test->full = a->full && b->full;
        test->never = a->never || b->never;
    }
    column->tests = merged;
    column->row_tests = row_tests;
    return true;
}

/* The spans of all tests of one input, and of the declared gaps behind them if `gaps`. */
static bool tests_make(const struct proof_space *space, struct cutter *cutter,
                       const struct table_input *input, const struct table_test *gaps,
                       struct proof_test **ret_tests) {
    size_t count = (size_t)input->test_count + (size_t)space->gap_count;
    struct proof_test *tests = proof_take(space->proof, count, sizeof *tests);
    if (!tests) return false;
    cutter->boolean = input->keying == KEY_BOOLEAN;
    for (int i = 0; i < input->test_count; i++)
        if (!test_spans(cutter, &input->tests[i], &tests[i])) return false;
    struct cutter whole = *cutter;
    whole.cut = NULL;
    whole.cut_count = 0;
    whole.boolean = false;
    for (int i = 0; gaps && i < space->gap_count; i++)
        if (!test_spans(&whole, &gaps[i], &tests[input->test_count + i])) return false;
    *ret_tests = tests;
    return true;
}

static bool column_tests(const struct proof_space *space, struct cutter *cutter,
                         const struct table_test *gaps) {
    struct proof_column *column = cutter->column;
    size_t rows = (size_t)space->row_count;
    uint32_t *row_tests = proof_take(space->proof, rows + (size_t)space->gap_count,
                                     sizeof *row_tests);
    if (!row_tests || !tests_make(space, cutter, column->input, gaps, &column->tests))
        return false;
    if (rows) memcpy(row_tests, column->input->row_tests, rows * sizeof *row_tests);
    for (int i = 0; i < space->gap_count; i++)
        row_tests[rows + (size_t)i] = (uint32_t)(column->input->test_count + i);
    column->row_tests = row_tests;
    for (int at = input_next(space, column->first); at >= 0; at = input_next(space, at)) {
        const struct table_input *input = &space->table->inputs[at];
        struct proof_test *more;
        if (!tests_make(space, cutter, input, NULL, &more) ||
            !tests_merge(space, column, more, input->row_tests))
            return false;
    }
    return true;
}

static bool column_make(struct proof_space *space, struct proof_column *column) {
    struct proof *proof = space->proof;
    const struct table_input *input = column->input;
    struct table_test *gaps = proof_take(proof, (size_t)space->gap_count + 1, sizeof *gaps);
    if (!gaps || !proof_gap_tests(space, input, gaps)) return false;
    struct proof_domain declared;
    column_name(column);
    proof_domain(proof, space->element, input, &column->domain);
    column->domain.kind = column_kind(space, column);
    if (!kind_ordered(column->domain.kind)) /* times, lists: their tests are not understood */
        column->domain.known = column->domain.exact = false;
    bool exact = column->domain.known && column->domain.exact;
    bool cuts = exact && input->allowed &&
                proof_domain_tests(proof, input->allowed_node, input->allowed, &declared) &&
                declared.kind == column->domain.kind;
    int32_t *at;
    if (!points_make(space, column, gaps, cuts ? &declared : NULL) ||
        !segments_make(space, column, &at))
        return false;
    struct cutter cutter = {.proof = proof, .column = column, .at = at};
    bool never;
    if (cuts) {
        struct proof_span *cut = proof_take(proof, (size_t)declared.atom_count, sizeof *cut);
        if (!cut) return false;
        cutter.cut_count =
            atoms_spans(column, at, declared.atoms, declared.atom_count, cut, &never);
        cutter.cut = cut;
    }
    return column_tests(space, &cutter, gaps);
}

/* One column per input expression. */
static bool columns_find(struct proof_space *space) {
    const struct table *table = space->table;
    space->columns = proof_take(space->proof, (size_t)table->input_count, sizeof *space->columns);
    space->twins = proof_take(space->proof, (size_t)table->input_count, sizeof *space->twins);
    if (!space->columns || !space->twins) return false;
    for (int i = 0; i < table->input_count; i++) {
        int last = -1;
        for (int j = 0; j < i; j++)
            if (strcmp(table->inputs[j].text, table->inputs[i].text) == 0) last = j;
        space->twins[i] = -1;
        if (last >= 0) space->twins[last] = i;
        else
            space->columns[space->column_count++] =
                (struct proof_column){.input = &table->inputs[i], .first = i};
    }
    return true;
}

bool proof_space_make(struct proof *proof, int element, const struct table *table,
                      struct proof_space *ret_space) {
    struct proof_space space = {
        .proof = proof, .table = table, .element = element, .row_count = table->row_count};
    if (!columns_find(&space) || !proof_gaps_find(&space)) return false;
    for (int i = 0; i < space.column_count; i++)
        if (!column_make(&space, &space.columns[i])) return false;
    space.fuzzy_rows = proof_take(proof, (size_t)table->row_count, 1);
    if (!space.fuzzy_rows) return false;
    for (int c = 0; c < space.column_count; c++)
        for (int r = 0; r < table->row_count; r++)
            if (proof_test_of(&space, (uint32_t)r, c)->fuzzy) space.fuzzy_rows[r] = 1;
    *ret_space = space;
    return true;
}
