/* FEEL text: parsed, compiled and run as an expression, strictly and leniently, and as unary tests.
 * What compiles strictly has the same value leniently; a number's text is that number again. */
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "fuzz.h"
#include "quote-engine/feel.h"

enum {
    SCRATCH_BYTES = 2 * 1024 * 1024,
    COMPILE_BYTES = 32 * 1024 * 1024,
    INPUT_MAX = 4096,
    STEPS = 200 * 1000, /* enough for any loop that a fuzzer can mean */
    SLOTS = 5
};

static char memories[3][SCRATCH_BYTES];
static struct problems problems;

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    return 0;
}

static struct moment moment_of_test(void) {
    return (struct moment){
        .now = {{2026, 2, 28}, {INT64_C(86399) * 1000000000, {ZONE_OFFSET, 3600, 0, NULL}}},
        .zone_offset = clock_zone_offset};
}

enum how { STRICT, LENIENT, TESTS };

struct outcome {
    bool compiled;
    int status;
    struct value value;
};

static const struct code *compile(struct compiler *compiler, const struct scope *scope,
                                  const char *text, size_t length, enum how how) {
    struct node *node =
        how == TESTS ? feel_parse_tests(compiler, scope, type_builtin(TYPE_NUMBER), text, length, 1)
                     : feel_parse(compiler, scope, text, length, 1);
    return node ? feel_compile(compiler, scope, node) : NULL;
}

static struct outcome run(struct arena *arena, const char *text, size_t length, enum how how) {
    static const struct type *number, *words;
    number = type_builtin(TYPE_NUMBER), words = type_builtin(TYPE_TEXT);
    const struct binding bindings[SLOTS] = {
        {"?", 1, number}, {"Age", 3, number}, {"Full Name", 9, words},
        {"Items", 5, NULL}, {"Person", 6, NULL}};
    const struct scope scope = {NULL, bindings, SLOTS};
    static struct value items[4], slots[SLOTS]; /* what comes out may point to what went in */
    static struct value_entry entries[2];
    const struct value filled[SLOTS] = {value_int64(5), value_int64(35), value_text("Jo Bos", 6),
                                 value_list(items, 4), value_context(entries, 2)};
    items[0] = value_int64(1), items[1] = value_int64(2), items[2] = value_null();
    items[3] = value_text("a\xc3\xa9", 3);
    entries[0] = (struct value_entry){"first name", 10, value_text("Jo", 2)};
    entries[1] = (struct value_entry){"born", 4, value_date(2000, 2, 29)};
    memcpy(slots, filled, sizeof slots);
    const struct frame frame = {NULL, slots};
    struct compiler compiler = {.arena = arena, .problems = &problems, .lenient = how == LENIENT,
                                .file = "fuzz", .place = "input"};
    struct outcome outcome = {.value = value_null()};
    memset(&problems, 0, sizeof problems);
    const struct code *code = compile(&compiler, &scope, text, length, how);
    if (!code) {
        FUZZ_CHECK(problems.errors > 0, "refused without a problem");
        return outcome;
    }
    outcome.compiled = true;
    static struct moment moment;
    static struct scratch scratches[3];
    moment = moment_of_test();
    scratch_init(&scratches[how], memories[how], SCRATCH_BYTES);
    struct evaluation evaluation = {.scratch = &scratches[how], .moment = &moment,
                                    .problems = &problems,
                                    .steps_left = STEPS};
    if (how == TESTS) {
        outcome.value = value_boolean(tests_match(code, &evaluation, &frame, &slots[0]));
    } else {
        code_run(code, &evaluation, &frame, &outcome.value);
    }
    outcome.status = evaluation.status;
    return outcome;
}

/* As text, in scratch; "" when there is no room. */
static struct value text_of(const struct value *value, enum how how) {
    struct scratch scratch;
    struct value text = value_text("", 0);
    /* Half of what the value left over may be in use: take a block of its own. */
    static char rooms[3][SCRATCH_BYTES];
    scratch_init(&scratch, rooms[how], SCRATCH_BYTES);
    if (!value_to_text(value, &scratch, &text)) return value_text("", 0);
    return text;
}

static void check_number(const struct value *value, struct arena *arena) {
    struct value text = text_of(value, STRICT);
    struct compiler compiler = {.arena = arena, .problems = &problems, .file = "fuzz",
                                .place = "number"};
    struct scratch scratch;
    static char room[4096];
    struct value again = value_null();
    struct moment moment = moment_of_test();
    const struct frame frame = {NULL, NULL};
    scratch_init(&scratch, room, sizeof room);
    struct evaluation evaluation = {.scratch = &scratch, .moment = &moment};
    const struct code *code = compile(&compiler, NULL, text.text, text.length, STRICT);
    FUZZ_CHECK(code, "the text of a number does not compile: %.*s", (int)text.length, text.text);
    code_run(code, &evaluation, &frame, &again);
    FUZZ_CHECK(value_equal(value, &again, &moment) == 1, "another number comes back: %.*s",
               (int)text.length, text.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    if (length > INPUT_MAX) return 0;
    const char *text = (const char *)bytes;
    struct arena arenas[3];
    for (int i = 0; i < 3; i++) arena_init(&arenas[i], COMPILE_BYTES);
    struct outcome strict = run(&arenas[STRICT], text, length, STRICT);
    struct outcome lenient = run(&arenas[LENIENT], text, length, LENIENT);
    (void)run(&arenas[TESTS], text, length, TESTS);
    bool finished = strict.compiled && strict.status == QUOTE_OK;
    if (finished && lenient.compiled && lenient.status == QUOTE_OK) {
        struct value texts[2] = {text_of(&strict.value, STRICT), text_of(&lenient.value, LENIENT)};
        FUZZ_CHECK(texts[0].length == texts[1].length &&
                       memcmp(texts[0].text, texts[1].text, texts[0].length) == 0,
                   "strictly %.*s, leniently %.*s", (int)texts[0].length, texts[0].text,
                   (int)texts[1].length, texts[1].text);
    }
    if (finished && strict.value.kind == VALUE_NUMBER) check_number(&strict.value, &arenas[STRICT]);
    for (int i = 0; i < 3; i++) arena_done(&arenas[i]);
    return 0;
}
