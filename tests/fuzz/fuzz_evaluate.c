/* Evaluation: the bytes choose an expression of all that FEEL has, a table, and values for the
 * inputs. What is checked, beside that nothing breaks:
 *   - the same expression gives the same with its inputs handed in, whose types nobody knows, and
 *     written in as literals, whose types and values are known when it is compiled;
 *   - and so it does as a knowledge model's body, and inside boxed contexts and conditionals;
 *   - a plan gives what an evaluation by name gives, and once more the same;
 *   - what compiles strictly gives what it gives leniently;
 *   - a table found by its index gives what the same table gives row by row. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "fuzz.h"
#include "quote-engine/quote.h"

enum {
    SCRATCH_BYTES = 1024 * 1024,
    STEPS = 100 * 1000,
    TEXT_MAX = 6000, /* of one expression */
    MODEL_MAX = 64 * 1024,
    DEPTH_MAX = 4,
    INPUTS = 5,
    ROWS_MAX = 12
};

static char memories[3][SCRATCH_BYTES];
static struct problems problems;

static const struct moment moment = {
    .now = {{2026, 2, 28}, {INT64_C(86399) * 1000000000, {ZONE_OFFSET, 3600, 0, NULL}}},
    .zone_offset = clock_zone_offset};

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    return 0;
}

/* ---- the bytes ------------------------------------------------------------------------------ */

static const uint8_t *bytes_at, *bytes_end;

/* A number below `count`; 0 when the bytes are used up, which ends all that recurs. */
static unsigned pick(unsigned count) {
    return bytes_at < bytes_end ? *bytes_at++ % count : 0;
}

/* An expression as text, escaped for XML: [0] with names of inputs, [1] with their values. */
struct writing {
    char text[2][TEXT_MAX];
    size_t length[2];
    bool full;
};

static struct writing writing;

static void put_to(int which, const char *text) {
    for (; *text; text++) {
        char one[2] = {*text, 0};
        const char *part = *text == '<' ? "&lt;" : *text == '&' ? "&amp;" : one;
        size_t length = strlen(part);
        if (writing.length[which] + length >= TEXT_MAX) {
            writing.full = true;
            return;
        }
        memcpy(writing.text[which] + writing.length[which], part, length + 1);
        writing.length[which] += length;
    }
}

static void put(const char *text) {
    put_to(0, text);
    put_to(1, text);
}

/* ---- values --------------------------------------------------------------------------------- */

static const char *const literals[] = {
    "null", "0", "1", "-1", "2", "3", "10", "0.5", "-2.5", "1000000", "1e20", "0.00000001",
    "9999999999999999999999999999999999", "true", "false", "\"\"", "\"a\"", "\"abc\"", "\"é😀\"",
    "\"2020-02-29\"", "\"P1D\"", "\"(\"", "\"[a-c]+\"", "@\"2020-02-29\"", "@\"2019-12-31\"",
    "@\"10:30:00\"", "@\"23:59:59+01:00\"", "@\"2020-02-29T10:30:00\"", "@\"2020-02-29T00:00:00Z\"",
    "@\"P1D\"", "@\"-PT36H\"", "@\"PT0.5S\"", "@\"P1Y2M\"", "@\"-P3M\"", "[]", "[1, 2, 3]",
    "[3, 1, 2]", "[\"b\", \"a\"]", "[1, null, \"a\"]", "[[1, 2], [3]]", "{}", "{a: 1, b: \"x\"}",
    "[{a: 1}, {a: 2, b: 3}]", "[1..3]", "(0..10)", "[@\"2020-01-01\"..@\"2020-12-31\"]",
    "[\"a\"..\"f\"]", "(> 5)", "(<= 2)", "(function(x) x)", "(function(x, y) x < y)"};
enum {
    LITERALS = sizeof literals / sizeof *literals,
    INPUT_LITERALS = LITERALS - 2 /* each function written is one of its own, and no other */
};

static unsigned input_literals[INPUTS]; /* which literal each input has */

/* ---- expressions ---------------------------------------------------------------------------- */

static void expression(int depth);

static const struct {
    const char *name;
    int least, most;
} functions[] = {
    {"date", 1, 3}, {"time", 1, 4}, {"date and time", 1, 2}, {"duration", 1, 1},
    {"years and months duration", 2, 2}, {"number", 1, 3}, {"string", 1, 1}, {"not", 1, 1},
    {"string length", 1, 1}, {"substring", 2, 3}, {"substring before", 2, 2},
    {"substring after", 2, 2}, {"contains", 2, 2}, {"starts with", 2, 2}, {"ends with", 2, 2},
    {"upper case", 1, 1}, {"lower case", 1, 1}, {"string join", 1, 2}, {"matches", 2, 3},
    {"replace", 3, 4}, {"split", 2, 2}, {"list contains", 2, 2}, {"count", 1, 1}, {"min", 1, 3},
    {"max", 1, 3}, {"sum", 1, 3}, {"mean", 1, 3}, {"all", 1, 3}, {"any", 1, 3}, {"sublist", 2, 3},
    {"append", 2, 3}, {"concatenate", 1, 3}, {"insert before", 3, 3}, {"remove", 2, 2},
    {"reverse", 1, 1}, {"index of", 2, 2}, {"union", 1, 3}, {"distinct values", 1, 1},
    {"duplicate values", 1, 1}, {"flatten", 1, 1}, {"product", 1, 3}, {"median", 1, 3},
    {"stddev", 1, 3}, {"mode", 1, 3}, {"list replace", 3, 3}, {"sort", 2, 2}, {"decimal", 2, 2},
    {"floor", 1, 2}, {"ceiling", 1, 2}, {"round up", 2, 2}, {"round down", 2, 2},
    {"round half up", 2, 2}, {"round half down", 2, 2}, {"abs", 1, 1}, {"modulo", 2, 2},
    {"sqrt", 1, 1}, {"log", 1, 1}, {"exp", 1, 1}, {"odd", 1, 1}, {"even", 1, 1}, {"is", 2, 2},
    {"before", 2, 2}, {"after", 2, 2}, {"meets", 2, 2}, {"met by", 2, 2}, {"overlaps", 2, 2},
    {"overlaps before", 2, 2}, {"overlaps after", 2, 2}, {"finishes", 2, 2}, {"finished by", 2, 2},
    {"includes", 2, 2}, {"during", 2, 2}, {"starts", 2, 2}, {"started by", 2, 2},
    {"coincides", 2, 2}, {"range", 1, 1}, {"day of year", 1, 1}, {"day of week", 1, 1},
    {"month of year", 1, 1}, {"week of year", 1, 1}, {"get value", 2, 2}, {"get entries", 1, 1},
    {"context", 1, 1}, {"context put", 3, 3}, {"context merge", 1, 1}};
enum { FUNCTIONS = sizeof functions / sizeof *functions };

static void call(int depth) {
    unsigned which = pick(FUNCTIONS);
    int most = functions[which].most, least = functions[which].least;
    int count = least + (int)pick((unsigned)(most - least + 1));
    put(functions[which].name);
    put("(");
    for (int i = 0; i < count; i++) {
        if (i) put(", ");
        expression(depth + 1);
    }
    put(")");
}

/* `parts` with expressions between them. */
static void between(int depth, const char *const *parts, int count) {
    for (int i = 0; i < count; i++) {
        put(parts[i]);
        if (i + 1 < count) expression(depth + 1);
    }
}
#define BETWEEN(...)                                                                              \
    between(depth, (const char *const[]){__VA_ARGS__},                                            \
            (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)))

static void operation(int depth) {
    static const char *const signs[] = {" + ", " - ", " * ", " / ", " ** ", " = ", " != ",
                                        " < ", " <= ", " > ", " >= ", " and ", " or "};
    put("(");
    expression(depth + 1);
    put(signs[pick(sizeof signs / sizeof *signs)]);
    expression(depth + 1);
    put(")");
}

static void leaf(void) {
    unsigned which = pick(INPUTS * 4 + 8);
    if (which < INPUTS * 4) {
        char name[2] = {(char)('p' + which % INPUTS), 0};
        put_to(0, name);
        put_to(1, literals[input_literals[which % INPUTS]]);
    } else if (which < INPUTS * 4 + 4) { /* a variable around, or a name that nobody knows */
        put(which % 2 ? "x" : "item");
    } else {
        put(literals[pick(LITERALS)]);
    }
}

static void path(int depth) {
    static const char *const names[] = {
        ".a", ".b", ".year", ".month", ".day", ".weekday", ".hour", ".minute", ".second",
        ".time offset", ".timezone", ".years", ".months", ".days", ".hours", ".start", ".end",
        ".start included", ".end included"};
    put("(");
    expression(depth + 1);
    put(")");
    put(names[pick(sizeof names / sizeof *names)]);
}

static void instance(int depth) {
    static const char *const types[] = {
        "number", "string", "boolean", "date", "time", "date and time", "Any", "Null",
        "days and time duration", "years and months duration", "list<number>", "list<Any>",
        "context<a: number>", "range<number>", "function<Any> -> Any"};
    put("(");
    expression(depth + 1);
    put(" instance of ");
    put(types[pick(sizeof types / sizeof *types)]);
    put(")");
}

static void expression(int depth) {
    if (depth >= DEPTH_MAX || writing.full) {
        leaf();
        return;
    }
    switch (pick(24)) {
    case 1: case 2: case 3: operation(depth); break;
    case 4: case 5: case 6: case 7: case 8: call(depth); break;
    case 9: BETWEEN("(if ", " then ", " else ", ")"); break;
    case 10: BETWEEN("(for x in ", " return ", ")"); break;
    case 11: BETWEEN("(for x in ", ", y in ", " return x + y)"); break;
    case 12: BETWEEN("(some x in ", " satisfies ", ")"); break;
    case 13: BETWEEN("(every x in ", " satisfies ", ")"); break;
    case 14: BETWEEN("(", ")[", "]"); break;
    case 15: BETWEEN("(", ")[item > ", "]"); break;
    case 16: path(depth); break;
    case 17: BETWEEN("{a: ", ", b: ", "}"); break;
    case 18: BETWEEN("[", ", ", "]"); break;
    case 19: BETWEEN("(", " between ", " and ", ")"); break;
    case 20: BETWEEN("(", " in ([", "..", "], > ", "))"); break;
    case 21: BETWEEN("[", "..", "]"); break;
    case 22: BETWEEN("(function(x) ", ")(", ")"); break;
    case 23: instance(depth); break;
    default: leaf();
    }
}

/* ---- models --------------------------------------------------------------------------------- */

static char model_text[MODEL_MAX];
static size_t model_length;

static void model_add(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void model_add(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int written = vsnprintf(model_text + model_length, MODEL_MAX - model_length, format, arguments);
    va_end(arguments);
    FUZZ_CHECK(written >= 0 && (size_t)written < MODEL_MAX - model_length, "a model too long");
    model_length += (size_t)written;
}

static void model_begin(void) {
    model_length = 0;
    model_add("<definitions xmlns='https://www.omg.org/spec/DMN/20230324/MODEL/' "
              "namespace='urn:fuzz' name='fuzz'>");
    for (char name = 'p'; name < 'p' + INPUTS; name++)
        model_add("<inputData name='%c' id='i%c'><variable name='%c'/></inputData>", name, name,
                  name);
}

static void decision_begin(const char *name) {
    model_add("<decision name='%s' id='d%s'><variable name='%s'/>", name, name, name);
    for (char input = 'p'; input < 'p' + INPUTS; input++)
        model_add("<informationRequirement><requiredInput href='#i%c'/></informationRequirement>",
                  input);
}

static void decision_literal(const char *name, const char *text) {
    decision_begin(name);
    model_add("<literalExpression><text>%s</text></literalExpression></decision>", text);
}

static void model_end(void) {
    model_add("</definitions>");
}

/* The same expression in other clothes: behind a knowledge model of the inputs, and boxed. */
static void decision_dressed(const char *text) {
    model_add("<businessKnowledgeModel name='k' id='k'><variable name='k'/><encapsulatedLogic>");
    for (char input = 'p'; input < 'p' + INPUTS; input++)
        model_add("<formalParameter name='%c'/>", input);
    model_add("<literalExpression><text>%s</text></literalExpression></encapsulatedLogic>"
              "</businessKnowledgeModel>", text);
    decision_begin("called");
    model_add("<knowledgeRequirement><requiredKnowledge href='#k'/></knowledgeRequirement>"
              "<literalExpression><text>k(p, q, r, s, t)</text></literalExpression></decision>");
    decision_begin("boxed");
    model_add("<context><contextEntry><variable name='z'/><conditional><if><literalExpression>"
              "<text>true</text></literalExpression></if><then><literalExpression><text>%s</text>"
              "</literalExpression></then><else><literalExpression><text>1</text>"
              "</literalExpression></else></conditional></contextEntry><contextEntry>"
              "<literalExpression><text>z</text></literalExpression></contextEntry></context>"
              "</decision>", text);
}

static struct program *compile(bool lenient) {
    struct program *program = NULL;
    const struct source source = {"fuzz.dmn", model_text, model_length};
    memset(&problems, 0, sizeof problems);
    int status = program_compile(&source, NULL, 0, lenient, &problems, &program);
    FUZZ_CHECK((status == QUOTE_OK) == (program != NULL), "status %d", status);
    FUZZ_CHECK(program || problems.errors > 0, "refused without a problem");
    return program;
}

struct outcome {
    int status;
    struct value value;
};

static struct outcome run(const struct program *program, const char *decision,
                          const struct value *inputs, int memory) {
    struct outcome outcome = {.value = value_null()};
    struct scratch scratch;
    int element = program_find(program, ELEMENT_DECISION, decision);
    scratch_init(&scratch, memories[memory], SCRATCH_BYTES);
    scratch.steps_max = STEPS;
    outcome.status = program_evaluate(program, element, inputs, &moment, &scratch, NULL,
                                      &problems, &outcome.value);
    FUZZ_CHECK(outcome.status == QUOTE_OK || outcome.status == QUOTE_TOO_LARGE, "status %d",
               outcome.status);
    return outcome;
}

/* The same value, as far as it can be written: functions are not told apart. */
static bool same(const struct outcome *a, const struct outcome *b) {
    static char rooms[2][SCRATCH_BYTES];
    struct value texts[2];
    if (a->status != QUOTE_OK || b->status != QUOTE_OK) return true; /* limits may differ */
    for (int i = 0; i < 2; i++) {
        struct scratch scratch;
        scratch_init(&scratch, rooms[i], SCRATCH_BYTES);
        if (!value_to_text(i ? &b->value : &a->value, &scratch, &texts[i])) return true;
    }
    bool alike = a->value.kind == b->value.kind && texts[0].length == texts[1].length &&
                 (texts[0].length == 0 ||
                  memcmp(texts[0].text, texts[1].text, texts[0].length) == 0);
    if (!alike)
        fprintf(stderr, "%d: %.*s\n%d: %.*s\n", a->value.kind, (int)texts[0].length,
                texts[0].text, b->value.kind, (int)texts[1].length, texts[1].text);
    return alike;
}

/* The inputs' values: each computed from its literal. */
static struct value inputs_make(struct value_entry *entries) {
    static struct program *programs[LITERALS]; /* kept: values point into them */
    static char rooms[INPUTS][4096];
    static const char *const names[] = {"p", "q", "r", "s", "t"};
    for (int i = 0; i < INPUTS; i++) {
        unsigned which = input_literals[i];
        if (!programs[which]) {
            model_begin();
            memset(&writing, 0, sizeof writing);
            put(literals[which]);
            decision_literal("v", writing.text[0]);
            model_end();
            programs[which] = compile(false);
        }
        FUZZ_CHECK(programs[which], "%s: %s", literals[which], problems.items[0].text);
        struct scratch scratch;
        struct value value;
        scratch_init(&scratch, rooms[i], sizeof rooms[i]);
        int status = program_evaluate(programs[which],
                                      program_find(programs[which], ELEMENT_DECISION, "v"), NULL,
                                      &moment, &scratch, NULL, &problems, &value);
        FUZZ_CHECK(status == QUOTE_OK, "%s", literals[which]);
        entries[i] = (struct value_entry){names[i], 1, value};
    }
    return value_context(entries, INPUTS);
}

/* ---- a run ---------------------------------------------------------------------------------- */

static void try_plan(const struct program *program, const char *decision,
                     const struct value *inputs, const struct outcome *expected) {
    static const char *const names[] = {"p", "q", "r", "s", "t"};
    struct value given[INPUTS], value;
    struct plan *plan;
    struct scratch scratch;
    int element = program_find(program, ELEMENT_DECISION, decision);
    for (int i = 0; i < INPUTS; i++) given[i] = inputs->entries[i].value;
    int status = plan_make(program, &element, 1, names, INPUTS, &problems, &plan);
    FUZZ_CHECK(status == QUOTE_OK, "no plan");
    for (int again = 0; again < 2; again++) {
        scratch_init(&scratch, memories[2], SCRATCH_BYTES);
        scratch.steps_max = STEPS;
        struct outcome outcome = {.value = value_null()};
        outcome.status = plan_evaluate(plan, given, &moment, &scratch, NULL, &problems, &value);
        if (outcome.status == QUOTE_OK) outcome.value = value;
        FUZZ_CHECK(same(expected, &outcome), "a plan differs: %s", writing.text[0]);
    }
    plan_free(plan);
}

static void try_expression(const struct value *inputs) {
    memset(&writing, 0, sizeof writing);
    expression(0);
    if (writing.full) return;
    model_begin();
    decision_literal("handed", writing.text[0]);
    decision_literal("written", writing.text[1]);
    decision_dressed(writing.text[0]);
    model_end();
    struct program *program = compile(true);
    if (!program) return;
    struct outcome handed = run(program, "handed", inputs, 0);
    struct outcome written = run(program, "written", inputs, 1);
    FUZZ_CHECK(same(&handed, &written), "differs from its literals: %s", writing.text[1]);
    struct outcome called = run(program, "called", inputs, 1);
    FUZZ_CHECK(same(&handed, &called), "differs when called: %s", writing.text[0]);
    struct outcome boxed = run(program, "boxed", inputs, 1);
    FUZZ_CHECK(same(&handed, &boxed), "differs when boxed: %s", writing.text[0]);
    try_plan(program, "handed", inputs, &handed);
    struct program *strict = compile(false);
    if (strict) {
        struct outcome strictly = run(strict, "handed", inputs, 1);
        FUZZ_CHECK(same(&handed, &strictly), "differs strictly: %s", writing.text[0]);
    }
    program_free(strict);
    program_free(program);
}

/* ---- tables --------------------------------------------------------------------------------- */

static const char *cell(char *room, size_t size) {
    static const char *const fixed[] = {"-", "1", "5", "\"a\"", "\"b\"", "true", "null", "&lt; 5",
                                        "&gt;= 5", "(1..5]", "1, 2, 7", "not(5)", "\"a\", \"b\"",
                                        "@\"2020-02-29\"", "[@\"2020-01-01\"..@\"2020-12-31\"]"};
    enum { FIXED = sizeof fixed / sizeof *fixed };
    unsigned which = pick(FIXED + 4);
    if (which < FIXED) return fixed[which];
    int low = (int)pick(12) - 2;
    snprintf(room, size, "[%d..%d]", low, low + (int)pick(6));
    return room;
}

/* The same rows twice: as tests that an index may take, and behind a condition, which none does. */
static void table_add(const char *name, const char *policy, const char rows[ROWS_MAX][2][64],
                      int count, bool scanned) {
    decision_begin(name);
    model_add("<decisionTable hitPolicy='%s'><input><inputExpression><text>p</text>"
              "</inputExpression></input><input><inputExpression><text>q</text></inputExpression>"
              "</input><output/>", policy);
    for (int i = 0; i < count; i++) {
        model_add("<rule>");
        for (int c = 0; c < 2; c++) {
            const char *text = rows[i][c];
            bool whole = !scanned || strcmp(text, "-") == 0 || strncmp(text, "not", 3) == 0;
            model_add(whole ? "<inputEntry><text>%s</text></inputEntry>"
                            : "<inputEntry><text>? in (%s)</text></inputEntry>", text);
        }
        model_add("<outputEntry><text>%d</text></outputEntry></rule>", i);
    }
    model_add("</decisionTable></decision>");
}

static void try_table(const struct value *inputs) {
    static const char *const policies[] = {"FIRST", "COLLECT", "UNIQUE", "ANY", "RULE ORDER"};
    static char rows[ROWS_MAX][2][64];
    const char *policy = policies[pick(5)];
    int count = 1 + (int)pick(ROWS_MAX);
    for (int i = 0; i < count; i++)
        for (int c = 0; c < 2; c++) {
            char room[64];
            snprintf(rows[i][c], sizeof rows[i][c], "%s", cell(room, sizeof room));
        }
    model_begin();
    table_add("indexed", policy, (const char (*)[2][64])rows, count, false);
    table_add("scanned", policy, (const char (*)[2][64])rows, count, true);
    model_end();
    struct program *program = compile(true);
    if (!program) return;
    struct outcome indexed = run(program, "indexed", inputs, 0);
    struct outcome scanned = run(program, "scanned", inputs, 1);
    FUZZ_CHECK(same(&indexed, &scanned), "an index differs from its rows: %s", model_text);
    try_plan(program, "indexed", inputs, &indexed);
    program_free(program);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    enum { BYTES_MAX = 1024 };
    if (length > BYTES_MAX) return 0;
    bytes_at = bytes;
    bytes_end = bytes + length;
    unsigned kind = pick(4);
    for (int i = 0; i < INPUTS; i++) input_literals[i] = pick(INPUT_LITERALS);
    struct value_entry entries[INPUTS];
    struct value inputs = inputs_make(entries);
    if (kind == 0) try_table(&inputs);
    else try_expression(&inputs);
    return 0;
}
