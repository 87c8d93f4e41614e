/* Decision tables against a plain reading of the same rules: random tables of ranges, comparisons,
 * lists, negations, texts, dates and booleans, asked at and between all their bounds. The index,
 * the hit policies and the check for overlaps must each agree with trying every row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quote-engine/quote.h"

enum {
    COLUMNS = 4,
    ROWS_MAX = 40,
    ATOMS_MAX = 3,
    TABLES = 400,
    PROBES = 60,
    TEXT_MAX = 256 * 1024,
    SCRATCH_BYTES = 256 * 1024,
    POINTS = 12, /* bounds are 0..11; probes lie on halves between, too */
    NULL_PROBE = -99
};

/* Everything is counted in halves: value 7 is 3.5. Texts and dates know only whole values. */
struct atom {
    int low, high; /* in halves; -1000 and 1000: none */
    bool low_open, high_open;
};
struct cell {
    bool any, negated;
    struct atom atoms[ATOMS_MAX];
    int count;
};
enum kind { NUMBERS, TEXTS, DATES, BOOLEANS };
static const enum kind kinds[COLUMNS] = {NUMBERS, TEXTS, DATES, BOOLEANS};

static uint64_t seed = 88172645463325252u;

static int draw(int below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int)(seed % (uint64_t)below);
}

static bool cell_has(const struct cell *cell, int value) {
    if (cell->any) return true;
    bool found = false;
    if (value == NULL_PROBE && cell->negated) { /* null equals no point; no range can tell */
        for (int i = 0; i < cell->count; i++)
            found |= cell->atoms[i].low != cell->atoms[i].high || cell->atoms[i].low_open ||
                     cell->atoms[i].high_open;
        return !found;
    }
    for (int i = 0; i < cell->count; i++) {
        const struct atom *atom = &cell->atoms[i];
        bool above = atom->low_open ? value > atom->low : value >= atom->low;
        bool below = atom->high_open ? value < atom->high : value <= atom->high;
        found |= value != NULL_PROBE && above && below;
    }
    return found != cell->negated;
}

static void value_write(enum kind kind, int half, char *text, size_t size) {
    switch (kind) {
    case NUMBERS:
        snprintf(text, size, "%d%s", half / 2, half % 2 ? ".5" : "");
        break;
    case TEXTS:
        snprintf(text, size, "\"%c\"", 'a' + half / 2);
        break;
    case DATES:
        snprintf(text, size, "date(\"2026-01-%02d\")", half / 2 + 1);
        break;
    case BOOLEANS:
        snprintf(text, size, "%s", half ? "true" : "false");
        break;
    }
}

static struct atom atom_draw(enum kind kind) {
    int low = 2 * draw(POINTS), high = low + 2 * draw(POINTS - low / 2);
    if (kind == BOOLEANS) return (struct atom){.low = low % 4 ? 2 : 0, .high = low % 4 ? 2 : 0};
    switch (draw(6)) {
    case 0:
        return (struct atom){.low = low, .high = low};
    case 1:
        return (struct atom){.low = -1000, .high = high, .high_open = draw(2)};
    case 2:
        return (struct atom){.low = low, .high = 1000, .low_open = draw(2)};
    default:
        return (struct atom){
            .low = low, .high = high, .low_open = draw(4) == 0, .high_open = draw(4) == 0};
    }
}

static void cell_draw(enum kind kind, struct cell *cell) {
    *cell = (struct cell){.any = draw(3) == 0, .negated = draw(8) == 0};
    cell->count = kind == BOOLEANS ? 1 : 1 + (draw(3) == 0) + (draw(6) == 0);
    for (int i = 0; i < cell->count; i++) cell->atoms[i] = atom_draw(kind);
}

static size_t add(char *text, size_t length, const char *more) {
    size_t size = strlen(more);
    assert_true(length + size < TEXT_MAX);
    memcpy(text + length, more, size + 1);
    return length + size;
}

static size_t atom_write(char *text, size_t length, enum kind kind, const struct atom *atom) {
    char low[40], high[40], all[120];
    value_write(kind, atom->low == -1000 ? 0 : atom->low, low, sizeof low);
    value_write(kind, atom->high == 1000 ? 0 : atom->high, high, sizeof high);
    if (atom->low == atom->high && !atom->low_open && !atom->high_open)
        snprintf(all, sizeof all, "%s", low);
    else if (atom->low == -1000)
        snprintf(all, sizeof all, "&lt;%s %s", atom->high_open ? "" : "=", high);
    else if (atom->high == 1000)
        snprintf(all, sizeof all, "&gt;%s %s", atom->low_open ? "" : "=", low);
    else
        snprintf(all, sizeof all, "%c%s..%s%c", atom->low_open ? '(' : '[', low, high,
                 atom->high_open ? ')' : ']');
    return add(text, length, all);
}

static size_t table_write(char *text, size_t length, const char *name, const char *policy,
                          struct cell rows[][COLUMNS], int row_count) {
    char line[400];
    snprintf(line, sizeof line,
             "<decision name='%s' id='d_%s'><variable name='%s'/>"
             "<informationRequirement><requiredInput href='#i0'/></informationRequirement>"
             "<informationRequirement><requiredInput href='#i1'/></informationRequirement>"
             "<informationRequirement><requiredInput href='#i2'/></informationRequirement>"
             "<informationRequirement><requiredInput href='#i3'/></informationRequirement>",
             name, name, name);
    length = add(text, length, line);
    snprintf(line, sizeof line, "<decisionTable hitPolicy='%s'>", policy);
    length = add(text, length, line);
    for (int c = 0; c < COLUMNS; c++) {
        snprintf(line, sizeof line, "<input><inputExpression><text>c%d</text></inputExpression>"
                                    "</input>", c);
        length = add(text, length, line);
    }
    length = add(text, length, "<output name='o'/>");
    for (int r = 0; r < row_count; r++) {
        length = add(text, length, "<rule>");
        for (int c = 0; c < COLUMNS; c++) {
            const struct cell *cell = &rows[r][c];
            length = add(text, length, "<inputEntry><text>");
            if (cell->any) length = add(text, length, "-");
            if (cell->negated && !cell->any) length = add(text, length, "not(");
            for (int i = 0; i < cell->count && !cell->any; i++) {
                if (i) length = add(text, length, ", ");
                length = atom_write(text, length, kinds[c], &cell->atoms[i]);
            }
            if (cell->negated && !cell->any) length = add(text, length, ")");
            length = add(text, length, "</text></inputEntry>");
        }
        snprintf(line, sizeof line, "<outputEntry><text>%d</text></outputEntry></rule>", r);
        length = add(text, length, line);
    }
    return add(text, length, "</decisionTable></decision>");
}

static size_t model_begin(char *text) {
    static const char *const types[COLUMNS] = {"number", "string", "date", "boolean"};
    size_t length = add(text, 0, "<definitions xmlns='https://www.omg.org/spec/DMN/20191111/MODEL/'"
                                 " name='m' namespace='n'>");
    for (int c = 0; c < COLUMNS; c++) {
        char line[200];
        snprintf(line, sizeof line,
                 "<inputData id='i%d' name='c%d'><variable name='c%d' typeRef='%s'/></inputData>",
                 c, c, c, types[c]);
        length = add(text, length, line);
    }
    return length;
}

static struct value probe_value(enum kind kind, int half, const char *letters) {
    if (half == NULL_PROBE) return value_null();
    switch (kind) {
    case NUMBERS:
        return value_number(decimal_from_scaled(half * 5, 1));
    case TEXTS:
        return value_text(letters + half / 2, 1);
    case DATES:
        return value_date(2026, 1, half / 2 + 1);
    default:
        return value_boolean(half != 0);
    }
}

static int probe_draw(enum kind kind) {
    if (draw(12) == 0) return NULL_PROBE;
    if (kind == BOOLEANS) return 2 * draw(2);
    int half = draw(2 * POINTS + 2);
    return kind == NUMBERS ? half : half & ~1;
}

static int rows_matching(struct cell rows[][COLUMNS], int row_count, const int *probe,
                         int *ret_rows) {
    int count = 0;
    for (int r = 0; r < row_count; r++) {
        bool all = true;
        for (int c = 0; c < COLUMNS; c++) all &= cell_has(&rows[r][c], probe[c]);
        if (all) ret_rows[count++] = r;
    }
    return count;
}

static bool is_row(const struct value *value, int row) {
    return value->kind == VALUE_NUMBER && decimal_equal(value->number, decimal_from_int64(row));
}

static void probe_check(const struct plan *plan, struct cell rows[][COLUMNS], int row_count,
                        char *memory) {
    int probe[COLUMNS], matching[ROWS_MAX];
    struct value inputs[COLUMNS], values[3];
    struct moment moment = {0};
    struct scratch scratch;
    for (int c = 0; c < COLUMNS; c++) {
        probe[c] = probe_draw(kinds[c]);
        inputs[c] = probe_value(kinds[c], probe[c], "abcdefghijklmnop");
    }
    int count = rows_matching(rows, row_count, probe, matching);
    scratch_init(&scratch, memory, SCRATCH_BYTES);
    assert_int_equal(plan_evaluate(plan, inputs, &moment, &scratch, NULL, NULL, values), QUOTE_OK);
    if (!count) {
        assert_int_equal(values[0].kind, VALUE_NULL);
        assert_int_equal(values[1].kind, VALUE_NULL);
        assert_int_equal(values[2].kind, VALUE_NULL);
        return;
    }
    assert_true(is_row(&values[0], matching[0]));
    assert_int_equal(values[1].kind, VALUE_LIST);
    assert_int_equal(values[1].length, count);
    for (int i = 0; i < count; i++) assert_true(is_row(&values[1].items[i], matching[i]));
    if (count == 1) assert_true(is_row(&values[2], matching[0]));
    else assert_int_equal(values[2].kind, VALUE_NULL);
}

static void rows_draw(struct cell rows[][COLUMNS], int row_count) {
    for (int r = 0; r < row_count; r++)
        for (int c = 0; c < COLUMNS; c++) cell_draw(kinds[c], &rows[r][c]);
}

static int compile(const char *text, size_t length, bool lenient, struct program **ret_program) {
    struct source source = {.name = "m.dmn", .text = text, .length = length};
    struct problems *problems = calloc(1, sizeof *problems);
    int status = program_compile(&source, NULL, 0, lenient, problems, ret_program);
    free(problems);
    return status;
}

static void random_tables_answer_as_their_rows(void **state) {
    (void)state;
    static struct cell rows[ROWS_MAX][COLUMNS];
    char *text = malloc(TEXT_MAX), *memory = malloc(SCRATCH_BYTES);
    const char *names[COLUMNS] = {"c0", "c1", "c2", "c3"};
    for (int t = 0; t < TABLES; t++) {
        int row_count = 1 + draw(ROWS_MAX);
        struct program *program = NULL;
        struct plan *plan = NULL;
        rows_draw(rows, row_count);
        size_t length = model_begin(text);
        length = table_write(text, length, "first", "FIRST", rows, row_count);
        length = table_write(text, length, "all", "RULE ORDER", rows, row_count);
        length = table_write(text, length, "one", "UNIQUE", rows, row_count);
        length = add(text, length, "</definitions>");
        assert_int_equal(compile(text, length, true, &program), QUOTE_OK);
        int wanted[3] = {program_find(program, ELEMENT_DECISION, "first"),
                         program_find(program, ELEMENT_DECISION, "all"),
                         program_find(program, ELEMENT_DECISION, "one")};
        assert_int_equal(plan_make(program, wanted, 3, names, COLUMNS, &(struct problems){0},
                                   &plan), QUOTE_OK);
        for (int p = 0; p < PROBES; p++) probe_check(plan, rows, row_count, memory);
        plan_free(plan);
        program_free(program);
    }
    free(text);
    free(memory);
}

/* Does some input match two rows? Every combination of bounds and halves is tried. */
static bool rows_overlap(struct cell rows[][COLUMNS], int row_count) {
    int matching[ROWS_MAX], probe[COLUMNS];
    for (probe[0] = -1; probe[0] < 2 * POINTS + 2; probe[0]++)
        for (probe[1] = -1; probe[1] < 2 * POINTS + 2; probe[1]++)
            for (probe[2] = 0; probe[2] < 2 * POINTS + 2; probe[2] += 2)
                for (probe[3] = 0; probe[3] < 4; probe[3] += 2)
                    if (rows_matching(rows, row_count, probe, matching) > 1) return true;
    return false;
}

static void overlaps_are_refused_exactly(void **state) {
    (void)state;
    static struct cell rows[ROWS_MAX][COLUMNS];
    char *text = malloc(TEXT_MAX);
    int refused = 0, accepted = 0;
    for (int t = 0; t < 150; t++) {
        int row_count = 2 + draw(3);
        struct program *program = NULL;
        rows_draw(rows, row_count);
        size_t length = model_begin(text);
        length = table_write(text, length, "one", "UNIQUE", rows, row_count);
        length = add(text, length, "</definitions>");
        bool overlap = rows_overlap(rows, row_count);
        int status = compile(text, length, false, &program);
        if (overlap != (status == QUOTE_INVALID)) print_error("%s\n", text);
        assert_int_equal(status, overlap ? QUOTE_INVALID : QUOTE_OK);
        refused += overlap;
        accepted += !overlap;
        program_free(program);
    }
    assert_true(refused > 20 && accepted > 20);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_tables_answer_as_their_rows),
        cmocka_unit_test(overlaps_are_refused_exactly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
