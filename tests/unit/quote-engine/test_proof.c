/* The proof of tables against trying every value: random tables over small questions must be said
 * to have a gap, rows that match at once, or rows that never decide exactly when they have, and
 * each example that is given must be one. Then tables that are too much to look at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quote-engine/quote.h"

enum {
    COLUMNS = 6, ROWS_MAX = 7, TEXT_MAX = 4 * 1024 * 1024, ROUNDS = 1500, ATOMS = 2,
    POINTS_MAX = 6 * 21 * 3 * 2 * 4, QUESTIONS = 5
};

/* A value is a whole number in each column; it is written as the column has it. */
struct atom {
    int low, high; /* NO_END where there is none */
    bool low_open, high_open;
};
#define NO_END 1000
struct cell {
    bool any, negated;
    int count;
    struct atom atoms[ATOMS];
};
struct row {
    struct cell cells[COLUMNS];
    int output;
};
/* The last column asks the first question again, as tables with "from" and "to" do. */
static const char *const names[COLUMNS] = {"n", "d", "c", "b", "t", "n"};
static const int sizes[COLUMNS] = {6, 21, 3, 2, 4, 6}; /* values 0 … size - 1 */
static const int questions[COLUMNS] = {0, 1, 2, 3, 4, 0};

static uint64_t state;
static int draw(int below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int)((state >> 33) % (uint64_t)below);
}

static void value_write(int column, int value, char *text, size_t size) {
    switch (questions[column]) {
    case 0: snprintf(text, size, "%d", value); break;
    case 1: snprintf(text, size, "%s%d.%d", value < 0 ? "-" : "", abs(value) / 10, abs(value) % 10);
        break;
    case 2: snprintf(text, size, "\"%c\"", 'a' + value); break;
    case 3: snprintf(text, size, "%s", value ? "true" : "false"); break;
    default: snprintf(text, size, "date(\"2026-01-%02d\")", value + 5);
    }
}

static struct atom atom_draw(int column) {
    int size = sizes[column], low = draw(size + 2) - 1, high = low + draw(size / 2 + 2);
    struct atom atom = {.low = low, .high = high, .low_open = draw(2), .high_open = draw(2)};
    if (column == 2 || column == 3) low = draw(size);
    if (column == 2 || column == 3 || draw(4) == 0)
        return (struct atom){.low = low, .high = low};
    if (draw(4) == 0) atom.low = NO_END;
    else if (draw(4) == 0) atom.high = NO_END;
    return atom;
}

static void cell_draw(int column, struct cell *cell) {
    *cell = (struct cell){.any = draw(3) == 0, .negated = column != 3 && draw(8) == 0};
    cell->count = column == 3 ? 1 : 1 + (draw(3) == 0);
    for (int i = 0; i < cell->count; i++) cell->atoms[i] = atom_draw(column);
}

static bool cell_has(const struct cell *cell, int value) {
    bool has = false;
    for (int i = 0; i < cell->count; i++) {
        const struct atom *atom = &cell->atoms[i];
        bool low = atom->low == NO_END || value > atom->low ||
                   (value == atom->low && !atom->low_open);
        bool high = atom->high == NO_END || value < atom->high ||
                    (value == atom->high && !atom->high_open);
        has |= low && high;
    }
    return cell->any || has != cell->negated;
}

static void cell_write(int column, const struct cell *cell, char *text, size_t size) {
    const char *begin = cell->any ? "-" : cell->negated ? "not(" : "";
    size_t length = (size_t)snprintf(text, size, "%s", begin);
    for (int i = 0; i < cell->count && !cell->any; i++) {
        char low[40] = "", high[40] = "";
        const struct atom *atom = &cell->atoms[i];
        if (atom->low != NO_END) value_write(column, atom->low, low, sizeof low);
        if (atom->high != NO_END) value_write(column, atom->high, high, sizeof high);
        if (i) length += (size_t)snprintf(text + length, size - length, ", ");
        if (atom->low == atom->high && !atom->low_open && !atom->high_open)
            length += (size_t)snprintf(text + length, size - length, "%s", low);
        else if (atom->low == NO_END)
            length += (size_t)snprintf(text + length, size - length, "&lt;%s %s",
                                       atom->high_open ? "" : "=", high);
        else if (atom->high == NO_END)
            length += (size_t)snprintf(text + length, size - length, "&gt;%s %s",
                                       atom->low_open ? "" : "=", low);
        else
            length += (size_t)snprintf(text + length, size - length, "%c%s..%s%c",
                                       atom->low_open ? '(' : '[', low, high,
                                       atom->high_open ? ')' : ']');
    }
    if (cell->negated && !cell->any) snprintf(text + length, size - length, ")");
}

/* ---- products ------------------------------------------------------------------------------- */

#define LABEL "<label><nl>a</nl><en>a</en></label>"
static const char product_head[] =
    "<product xmlns='urn:koppel:product:v1' name='p' interface='1'>"
    "<title><nl>a</nl><en>a</en></title><validity days='3' effective_days_ahead='9'/>"
    "<model file='tariff.dmn'/><questions>"
    "<integer name='n' minimum='0' maximum='5'>" LABEL "</integer>"
    "<decimal name='d' minimum='0' maximum='2' fraction_digits='1'>" LABEL "</decimal>"
    "<choice name='c'>" LABEL "<option code='a'>" LABEL "</option><option code='b'>" LABEL
    "</option><option code='c'>" LABEL "</option></choice>"
    "<boolean name='b'>" LABEL "</boolean>"
    "<date name='t' minimum='2026-01-05' maximum='2026-01-08'>" LABEL "</date></questions>"
    "<covers><cover code='c' decision='P' taken_when='true'>" LABEL "<exempt/></cover></covers>"
    "<terms><term code='y' instalments='1'>" LABEL "</term></terms><acceptance decision='A'/>"
    "<examples><example/></examples></product>";

static const char definitions[] =
    "<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/' name='m' namespace='n'>";
static char *model, *schema;
static struct problems problems;

static size_t model_begin(const char *policy, bool ranked) {
    static const char *const types[QUESTIONS] = {"number", "number", "string", "boolean", "date"};
    size_t length = (size_t)snprintf(
        model, TEXT_MAX,
        "%s", definitions);
    for (int c = 0; c < QUESTIONS; c++)
        length += (size_t)snprintf(model + length, TEXT_MAX - length,
                                   "<inputData id='%s' name='%s'><variable name='%s' typeRef='%s'/>"
                                   "</inputData>", names[c], names[c], names[c], types[c]);
    length += (size_t)snprintf(model + length, TEXT_MAX - length,
                               "<decision id='P' name='P'><variable name='P' typeRef='number'/>");
    for (int c = 0; c < QUESTIONS; c++)
        length += (size_t)snprintf(model + length, TEXT_MAX - length,
                                   "<informationRequirement><requiredInput href='#%s'/>"
                                   "</informationRequirement>", names[c]);
    length += (size_t)snprintf(model + length, TEXT_MAX - length, "<decisionTable hitPolicy='%s'>",
                               policy);
    for (int c = 0; c < COLUMNS; c++)
        length += (size_t)snprintf(model + length, TEXT_MAX - length,
                                   "<input><inputExpression><text>%s</text></inputExpression>"
                                   "</input>", names[c]);
    return length + (size_t)snprintf(model + length, TEXT_MAX - length,
                                     "<output name='o' typeRef='number'>%s</output>",
                                     ranked ? "<outputValues><text>2, 3, 1</text></outputValues>"
                                            : "");
}

static size_t row_write(size_t length, const struct row *row) {
    length += (size_t)snprintf(model + length, TEXT_MAX - length, "<rule>");
    for (int c = 0; c < COLUMNS; c++) {
        char text[400];
        cell_write(c, &row->cells[c], text, sizeof text);
        length += (size_t)snprintf(model + length, TEXT_MAX - length,
                                   "<inputEntry><text>%s</text></inputEntry>", text);
    }
    return length + (size_t)snprintf(model + length, TEXT_MAX - length,
                                     "<outputEntry><text>%d</text></outputEntry></rule>",
                                     row->output);
}

static int prove(size_t length) {
    snprintf(model + length, TEXT_MAX - length,
             "</decisionTable></decision><decision id='A' name='A'><variable name='A'/>"
             "<literalExpression><text>\"offered\"</text></literalExpression></decision>"
             "</definitions>");
    struct source product = {
        .name = "product.xml", .text = product_head, .length = strlen(product_head)};
    struct source tariff = {.name = "tariff.dmn", .text = model, .length = strlen(model)};
    struct source xsd = {.name = "product.xsd", .text = schema, .length = strlen(schema)};
    struct product_sources sources = {
        .product = &product, .models = &tariff, .model_count = 1, .schema = &xsd};
    struct product *compiled = NULL;
    memset(&problems, 0, sizeof problems);
    int status = product_compile(&sources, &problems, &compiled);
    product_free(compiled);
    if (status != QUOTE_OK) return status;
    struct problems *none = calloc(1, sizeof *none);
    assert_non_null(none);
    sources.schema = NULL; /* as what was published loads: it must */
    assert_int_equal(product_compile(&sources, none, &compiled), QUOTE_OK);
    product_free(compiled);
    free(none);
    return status;
}

static bool said(const char *text) {
    for (int i = 0; i < problems.count; i++)
        if (strstr(problems.items[i].text, text)) return true;
    return false;
}

static bool said_of(int row, const char *text) {
    char place[40];
    snprintf(place, sizeof place, "decision P, row %d", row + 1);
    for (int i = 0; i < problems.count; i++) {
        const char *at = problems.items[i].place;
        size_t length = strlen(place);
        if (strncmp(at, place, length) == 0 && (!at[length] || at[length] == ',') &&
            strstr(problems.items[i].text, text))
            return true;
    }
    return false;
}

/* ---- every value ---------------------------------------------------------------------------- */

static bool row_has(const struct row *row, const int *point) {
    for (int c = 0; c < COLUMNS; c++)
        if (!cell_has(&row->cells[c], point[questions[c]])) return false;
    return true;
}

static void point_make(int index, int *ret_point) {
    for (int c = 0; c < QUESTIONS; c++) {
        ret_point[c] = index % sizes[c];
        index /= sizes[c];
    }
}

struct truth {
    bool gap, pair, differing;
    bool decides[ROWS_MAX];
};

static int rank(int output) { return output == 2 ? 0 : output == 3 ? 1 : 2; }

static void truth_find(const struct row *rows, int count, bool ranked, struct truth *truth) {
    memset(truth, 0, sizeof *truth);
    for (int index = 0; index < POINTS_MAX; index++) {
        int point[QUESTIONS], winner = -1;
        point_make(index, point);
        for (int r = 0; r < count; r++) {
            if (!row_has(&rows[r], point)) continue;
            if (winner >= 0) {
                truth->pair = true;
                truth->differing |= rows[r].output != rows[winner].output;
            }
            if (winner < 0 || (ranked && rank(rows[r].output) < rank(rows[winner].output)))
                winner = r;
        }
        if (winner < 0) truth->gap = true;
        else truth->decides[winner] = true;
    }
}

/* The value of a column in a sentence that says "n = 3, d = 0.5"; false where it is not named. */
static bool value_read(const char *text, int column, int *ret_value) {
    char wanted[8];
    snprintf(wanted, sizeof wanted, "%s = ", names[column]);
    const char *at = strstr(text, wanted);
    while (at && at > text && at[-1] != ' ') at = strstr(at + 1, wanted);
    if (!at) return false;
    at += strlen(wanted);
    switch (questions[column]) {
    case 0: *ret_value = (int)strtol(at, NULL, 10); break;
    case 1: *ret_value = (int)(strtod(at, NULL) * 10 + 0.5); break;
    case 2: *ret_value = at[1] - 'a'; break;
    case 3: *ret_value = *at == 't'; break;
    default: *ret_value = (int)strtol(at + 8, NULL, 10) - 5;
    }
    return true;
}

/* How many rows match the example? A column that it does not name has no say in it. */
static int example_rows(const struct row *rows, int count, const char *text) {
    int matching = 0;
    for (int r = 0; r < count; r++) {
        bool all = true;
        for (int c = 0; c < COLUMNS; c++) {
            int value = 0;
            if (value_read(text, c, &value)) {
                assert_in_range(value, 0, sizes[c] - 1);
                all &= cell_has(&rows[r].cells[c], value);
            }
        }
        matching += all;
    }
    return matching;
}

static void examples_check(const struct row *rows, int count) {
    for (int i = 0; i < problems.count; i++) {
        const char *text = problems.items[i].text;
        if (strstr(text, "covered by no row") || strstr(text, "lies in no band"))
            assert_int_equal(example_rows(rows, count, text), 0);
        if (strstr(text, "both match")) assert_true(example_rows(rows, count, text) >= 2);
    }
}

static void never_decides_check(const struct truth *truth, int count) {
    for (int r = 0; r < count; r++) {
        bool told = said_of(r, "can never match") || said_of(r, "it repeats") ||
                    said_of(r, "never matches") || said_of(r, "no value passes");
        if (told == truth->decides[r]) print_error("row %d\n%s\n", r + 1, model);
        assert_int_equal(told, !truth->decides[r]);
    }
}

static void round_run(int round, int *ret_counts) {
    static const char *const policies[] = {"UNIQUE", "FIRST", "ANY", "PRIORITY"};
    int policy = round % 4, count = 1 + draw(ROWS_MAX), columns = 1 + draw(COLUMNS);
    struct row rows[ROWS_MAX];
    struct truth truth;
    size_t length = model_begin(policies[policy], policy == 3);
    for (int r = 0; r < count; r++) {
        for (int c = 0; c < COLUMNS; c++) {
            cell_draw(c, &rows[r].cells[c]);
            if (c >= columns) rows[r].cells[c].any = true;
        }
        rows[r].output = 1 + draw(3);
        length = row_write(length, &rows[r]);
    }
    truth_find(rows, count, policy == 3, &truth);
    int status = prove(length);
    assert_true(status == QUOTE_OK || status == QUOTE_INVALID);
    assert_false(said("undecided"));
    bool gap = said("covered by no row") || said("lies in no band");
    if (gap != truth.gap) print_error("gap %d\n%s\n", truth.gap, model);
    assert_int_equal(gap, truth.gap);
    bool meet = said("both match") || said("it repeats");
    if (policy == 0 && meet != truth.pair) print_error("pair %d\n%s\n", truth.pair, model);
    if (policy == 0) assert_int_equal(meet, truth.pair);
    if (policy == 2) assert_int_equal(said("both match"), truth.differing);
    if (policy == 1 || policy == 3) never_decides_check(&truth, count);
    examples_check(rows, count);
    ret_counts[0] += truth.gap;
    ret_counts[1] += policy == 0 && truth.pair;
    ret_counts[2] += !truth.gap;
    ret_counts[3] += policy == 0 && !truth.pair;
}

static void test_random_tables(void **unused) {
    (void)unused;
    int counts[4] = {0};
    state = 20261123;
    for (int round = 0; round < ROUNDS; round++) round_run(round, counts);
    for (int i = 0; i < 4; i++) assert_true(counts[i] >= 40);
}

/* ---- too much to look at -------------------------------------------------------------------- */

static size_t wide_rows(size_t length, int count) {
    state = 7;
    for (int r = 0; r < count; r++) {
        length += (size_t)snprintf(model + length, TEXT_MAX - length, "<rule>");
        for (int c = 0; c < COLUMNS; c++) {
            int low = draw(1000000);
            length += (size_t)snprintf(model + length, TEXT_MAX - length,
                                       "<inputEntry><text>[%d..%d]</text></inputEntry>", low,
                                       low + draw(2000000));
        }
        length += (size_t)snprintf(model + length, TEXT_MAX - length,
                                   "<outputEntry><text>1</text></outputEntry></rule>");
    }
    return length;
}

/* Numbers of which nothing is known, in wide ranges: undecided, not fine; and what plainly meets is
 * still refused. */
static void test_too_much(void **unused) {
    (void)unused;
    size_t length = (size_t)snprintf(
        model, TEXT_MAX,
        "%s<inputData id='n' name='n'><variable name='n' typeRef='number'/></inputData>"
        "<decision id='P' name='P'><variable name='P' typeRef='number'/>"
        "<informationRequirement><requiredInput href='#n'/></informationRequirement>"
        "<decisionTable hitPolicy='UNIQUE'>", definitions);
    for (int c = 0; c < COLUMNS; c++)
        length += (size_t)snprintf(model + length, TEXT_MAX - length,
                                   "<input><inputExpression><text>modulo(n, %d)</text>"
                                   "</inputExpression></input>", c + 2);
    length += (size_t)snprintf(model + length, TEXT_MAX - length,
                               "<output name='o' typeRef='number'/>");
    assert_int_equal(prove(wide_rows(length, 9000)), QUOTE_INVALID);
    assert_true(said("undecided: the rows of this table meet in too many places"));
    assert_true(said("both match"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_random_tables),
                                       cmocka_unit_test(test_too_much)};
    FILE *file = fopen("schema/product.xsd", "rb");
    model = malloc(TEXT_MAX);
    schema = calloc(TEXT_MAX, 1);
    if (!file || !model || !schema || !fread(schema, 1, TEXT_MAX - 1, file)) return 1;
    fclose(file);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    free(model);
    free(schema);
    return failed;
}
