/* Products: the base product and the ones that ship prove themselves, folders with a mistake are
 * refused with the place and text that their expected.txt names, and ratings, conditions and
 * explanations say what they must.
 *
 * A folder below products/ holds what differs from products/base. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quote-engine/product_inside.h"

#define PRODUCTS "tests/unit/quote-engine/products/"
enum { SCRATCH_BYTES = 8 * 1024 * 1024, TEXT_MAX = 4 * 1024 * 1024, TRACE_MAX = 4096 };

static char scratch_memory[SCRATCH_BYTES];
static struct trace_event events[TRACE_MAX];

static const struct moment moment = {
    .now = {.date = {.year = 2026, .month = 11, .day = 23},
            .time = {.nanosecond_of_day = 0, .zone = {.kind = ZONE_OFFSET}}}};

static char *file_text(const char *folder, const char *name) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    if (!file) return NULL;
    char *text = malloc(TEXT_MAX);
    assert_non_null(text);
    text[fread(text, 1, TEXT_MAX - 1, file)] = 0;
    fclose(file);
    return text;
}

struct loaded { /* a folder's files, compiled */
    char *texts[4];
    struct source product, model, cases, schema;
    struct problems problems;
    struct product *compiled;
    int status;
};

static struct source loaded_file(struct loaded *loaded, int at, const char *folder,
                                 const char *name) {
    loaded->texts[at] = file_text(folder, name);
    if (!loaded->texts[at]) loaded->texts[at] = file_text(PRODUCTS "base", name);
    assert_non_null(loaded->texts[at]);
    return (struct source){
        .name = name, .text = loaded->texts[at], .length = strlen(loaded->texts[at])};
}

static struct loaded *load(const char *folder) {
    struct loaded *loaded = calloc(1, sizeof *loaded);
    assert_non_null(loaded);
    loaded->product = loaded_file(loaded, 0, folder, "product.xml");
    loaded->model = loaded_file(loaded, 1, folder, "tariff.dmn");
    loaded->cases = loaded_file(loaded, 2, folder, "cases.xml");
    loaded->schema = loaded_file(loaded, 3, "schema", "product.xsd");
    struct product_sources sources = {.product = &loaded->product,
                                      .models = &loaded->model,
                                      .model_count = 1,
                                      .schema = &loaded->schema};
    loaded->status = product_compile(&sources, &loaded->problems, &loaded->compiled);
    assert_true((loaded->status == QUOTE_OK) == (loaded->compiled != NULL));
    return loaded;
}

static void unload(struct loaded *loaded) {
    product_free(loaded->compiled);
    for (int i = 0; i < 4; i++) free(loaded->texts[i]);
    free(loaded);
}

static void problem_text(const struct problem *problem, char *ret_text, size_t size) {
    snprintf(ret_text, size, "%s:%d: %s: %s%s", problem->file, problem->line, problem->place,
             problem->warning ? "warning: " : "", problem->text);
}

static void problems_print(const struct problems *problems) {
    char text[1024];
    for (int i = 0; i < problems->count; i++) {
        problem_text(&problems->items[i], text, sizeof text);
        print_message("  %s\n", text);
    }
}

static void proves(const char *folder, int cases) {
    struct loaded *loaded = load(folder);
    struct scratch scratch;
    int passed = 0, failed = 0;
    scratch_init(&scratch, scratch_memory, sizeof scratch_memory);
    if (loaded->status == QUOTE_OK)
        loaded->status = product_prove(loaded->compiled, &loaded->cases, &moment, &scratch,
                                       &loaded->problems, &passed, &failed);
    if (loaded->status != QUOTE_OK) problems_print(&loaded->problems);
    assert_int_equal(loaded->status, QUOTE_OK);
    assert_int_equal(loaded->problems.errors, 0);
    assert_int_equal(passed, cases);
    assert_int_equal(failed, 0);
    unload(loaded);
}

static void test_base_proves(void **state) {
    (void)state;
    proves(PRODUCTS "base", 3);
}

static void test_auto_proves(void **state) {
    (void)state;
    proves("quote-engine/products/auto", 36);
}

/* ---- folders with a mistake ---------------------------------------------------------------- */

static bool problems_have(const struct problems *problems, const char *wanted) {
    char text[1024];
    for (int i = 0; i < problems->count; i++) {
        problem_text(&problems->items[i], text, sizeof text);
        if (strstr(text, wanted)) return true;
    }
    return false;
}

static int refused_as_expected(const char *folder) {
    struct loaded *loaded = load(folder);
    struct scratch scratch;
    int passed, failed, missing = 0;
    char *expected = file_text(folder, "expected.txt"), *rest = expected, *line;
    assert_non_null(expected);
    scratch_init(&scratch, scratch_memory, sizeof scratch_memory);
    if (loaded->status == QUOTE_OK)
        loaded->status = product_prove(loaded->compiled, &loaded->cases, &moment, &scratch,
                                       &loaded->problems, &passed, &failed);
    if (loaded->status == QUOTE_OK) {
        print_message("%s was not refused\n", folder);
        missing++;
    }
    while ((line = strsep(&rest, "\n"))) {
        if (!*line || problems_have(&loaded->problems, line)) continue;
        print_message("%s: no problem says \"%s\", but:\n", folder, line);
        problems_print(&loaded->problems);
        missing++;
    }
    free(expected);
    unload(loaded);
    return missing;
}

static void test_mistakes_are_refused(void **state) {
    (void)state;
    DIR *directory = opendir(PRODUCTS);
    const struct dirent *entry;
    int folders = 0, missing = 0;
    assert_non_null(directory);
    while ((entry = readdir(directory))) {
        char folder[512];
        if (strncmp(entry->d_name, "bad-", 4) != 0) continue;
        snprintf(folder, sizeof folder, PRODUCTS "%s", entry->d_name);
        folders++;
        missing += refused_as_expected(folder);
    }
    closedir(directory);
    assert_true(folders >= 20);
    assert_int_equal(missing, 0);
}

/* Every beginning of a product is refused, never a crash. */
static void test_truncated_products(void **state) {
    (void)state;
    struct loaded *loaded = load(PRODUCTS "base");
    struct problems *problems = calloc(1, sizeof *problems);
    for (size_t length = 0; length < loaded->product.length - 12; length += 97) {
        char *text = malloc(length + 1);
        memcpy(text, loaded->product.text, length);
        struct source cut = {.name = "product.xml", .text = text, .length = length};
        struct product_sources sources = {.product = &cut,
                                          .models = &loaded->model,
                                          .model_count = 1,
                                          .schema = &loaded->schema};
        struct product *product = NULL;
        memset(problems, 0, sizeof *problems);
        assert_int_not_equal(product_compile(&sources, problems, &product), QUOTE_OK);
        assert_true(problems->errors > 0);
        assert_null(product);
        free(text);
    }
    free(problems);
    unload(loaded);
}

/* ---- ratings ------------------------------------------------------------------------------- */

static const struct value_date december = {.year = 2026, .month = 12, .day = 1};

static int rate(struct loaded *loaded, const struct value *answers, struct scratch *scratch,
                struct trace *trace, struct quote_result *ret_result) {
    return product_rate(loaded->compiled, answers, &december, &moment, scratch, trace,
                        &loaded->problems, ret_result);
}

static void test_result_of_the_example(void **state) {
    (void)state;
    struct loaded *loaded = load(PRODUCTS "base");
    struct scratch scratch;
    struct trace trace = {.events = events, .capacity = TRACE_MAX};
    struct quote_result result;
    scratch_init(&scratch, scratch_memory, sizeof scratch_memory);
    assert_int_equal(loaded->status, QUOTE_OK);
    const struct product_info *info = product_info(loaded->compiled);
    assert_string_equal(info->name, "travel");
    assert_int_equal(info->interface, 2);
    assert_int_equal(info->valid_days, 14);
    assert_int_equal(rate(loaded, &info->examples[0], &scratch, &trace, &result), QUOTE_OK);
    assert_int_equal(result.outcome, OUTCOME_OFFERED);
    assert_true(result.has_premium);
    assert_int_equal(result.total_cents, 4530);
    assert_true(statement_sums(&result));
    assert_int_equal(result.reason_count, 1);
    assert_string_equal(result.reasons[0].code, "note");
    assert_true(result.step_count > 0);
    int64_t total_cents = result.total_cents;
    assert_int_equal(rate(loaded, &info->examples[0], &scratch, NULL, &result), QUOTE_OK);
    assert_int_equal(result.total_cents, total_cents);
    assert_int_equal(result.step_count, 0);
    assert_string_equal(text_in(&info->questions[0].choices[1].label, LANGUAGE_EN), "World");
    unload(loaded);
}

/* However little scratch there is: an error, and the result as it was. */
static void test_little_scratch(void **state) {
    (void)state;
    struct loaded *loaded = load(PRODUCTS "base");
    const struct product_info *info = product_info(loaded->compiled);
    struct quote_result result, before;
    bool done = false;
    memset(&before, 0x3c, sizeof before);
    for (size_t size = 0; size < 64 * 1024 && !done; size += 16) {
        struct scratch scratch;
        struct trace trace = {.events = events, .capacity = TRACE_MAX};
        scratch_init(&scratch, scratch_memory, size);
        result = before;
        int status = rate(loaded, &info->examples[0], &scratch, &trace, &result);
        done = status == QUOTE_OK;
        if (done) continue;
        assert_int_equal(status, QUOTE_TOO_LARGE);
        assert_memory_equal(&result, &before, sizeof before);
    }
    assert_true(done);
    unload(loaded);
}

static void test_shown_when(void **state) {
    (void)state;
    struct loaded *loaded = load(PRODUCTS "base");
    const struct product_info *info = product_info(loaded->compiled);
    struct scratch scratch;
    scratch_init(&scratch, scratch_memory, sizeof scratch_memory);
    const struct product_question *value = product_question_find(
        info->questions, info->question_count, "luggage_value", strlen("luggage_value"));
    const struct product_question *weight = product_question_find(
        info->questions, info->question_count, "weight", strlen("weight"));
    struct value_entry entries[] = {
        {.name = "luggage", .name_length = 7, .value = value_boolean(true)},
        {.name = "luggage_value", .name_length = 13, .value = value_int64(1000)}};
    struct value answers = value_context(entries, 2);
    assert_true(product_question_shown(loaded->compiled, value, &answers, &december, &moment,
                                       &scratch));
    assert_false(product_question_shown(loaded->compiled, weight, &answers, &december, &moment,
                                        &scratch));
    entries[1].value = value_int64(1001);
    assert_true(product_question_shown(loaded->compiled, weight, &answers, &december, &moment,
                                       &scratch));
    answers = value_context(entries, 0);
    assert_false(product_question_shown(loaded->compiled, value, &answers, &december, &moment,
                                        &scratch));
    assert_true(product_question_shown(loaded->compiled, &info->questions[0], &answers, &december,
                                       &moment, &scratch));
    unload(loaded);
}

/* ---- editions ------------------------------------------------------------------------------ */

/* The base with `old` replaced, against the base itself. */
static int compared(const char *old, const char *new, const char *expected) {
    struct loaded *loaded = load(PRODUCTS "base");
    char *at = strstr(loaded->product.text, old), *text = malloc(TEXT_MAX);
    assert_non_null(at);
    int length = snprintf(text, TEXT_MAX, "%.*s%s%s", (int)(at - loaded->product.text),
                          loaded->product.text, new, at + strlen(old));
    struct source changed = {.name = "product.xml", .text = text, .length = (size_t)length};
    struct product_sources sources = {.product = &changed,
                                      .models = &loaded->model,
                                      .model_count = 1,
                                      .schema = &loaded->schema};
    struct product *newer = NULL;
    assert_int_equal(product_compile(&sources, &loaded->problems, &newer), QUOTE_OK);
    int status = product_compare(loaded->compiled, newer, &loaded->problems);
    if (expected && !problems_have(&loaded->problems, expected)) {
        problems_print(&loaded->problems);
        fail_msg("no problem says %s", expected);
    }
    product_free(newer);
    free(text);
    unload(loaded);
    return status;
}

static void test_editions(void **state) {
    (void)state;
    assert_int_equal(compared("maximum=\"365\"", "maximum=\"180\"",
                              "question days: warning: its maximum was 365 and is 180"), QUOTE_OK);
    assert_int_equal(compared("length_maximum=\"9\"", "length_maximum=\"8\"",
                              "question travellers: warning: its length_maximum was 9 and is 8"),
                     QUOTE_OK);
    assert_int_equal(compared("pattern=\"[A-Z]{2}", "pattern=\"[A-Z]{3}",
                              "question code: warning: its pattern was [A-Z]{2}[0-9]{2} and is"),
                     QUOTE_OK);
    assert_int_equal(compared("shown_when=\"luggage = true\"", "shown_when=\" luggage  = true\"",
                              NULL), QUOTE_OK);
    assert_int_equal(compared("shown_when=\"luggage = true\"", "shown_when=\"luggage != false\"",
                              "question luggage_value: its condition shown_when has changed"),
                     QUOTE_INVALID);
    assert_int_equal(compared("shown_when=\"luggage = true\" ", "",
                              "question luggage_value: its condition shown_when has changed"),
                     QUOTE_INVALID);
    assert_int_equal(compared("</questions>\n  <covers>",
                              "<boolean name=\"pets\" required=\"false\"><label>"
                              "<nl>Dieren</nl><en>Pets</en></label></boolean></questions>\n"
                              "  <covers>", NULL), QUOTE_OK);
    assert_int_equal(compared("</questions>\n  <covers>",
                              "<boolean name=\"pets\"><label><nl>Dieren</nl><en>Pets</en>"
                              "</label></boolean></questions>\n  <covers>",
                              "question pets: it is new and required"), QUOTE_INVALID);
    assert_int_equal(compared("interface=\"2\"", "interface=\"1\"",
                              "its interface is 1, but that of the version in force is 2"),
                     QUOTE_INVALID);
    assert_int_equal(compared("name=\"code\" required=\"false\"", "name=\"code\"",
                              "question code: it was optional and is required"), QUOTE_INVALID);
    assert_int_equal(compared("<option code=\"dive\"", "<option code=\"sail\"",
                              "has the option dive, which is gone"), QUOTE_INVALID);
    assert_int_equal(compared("name=\"weight\" required=\"false\" fraction_digits=\"1\"",
                              "name=\"weight\" required=\"false\"", NULL), QUOTE_OK);
    assert_int_equal(compared("interface=\"2\"", "interface=\"3\"", NULL), QUOTE_OK);
}

/* ---- explanations -------------------------------------------------------------------------- */

static const struct value *entry(const struct value *context, const char *name) {
    const struct value *value = value_entry_find(context, name, strlen(name));
    if (!value) print_message("no %s\n", name);
    assert_non_null(value);
    return value;
}

static bool texts_have(const struct value *list, const char *wanted) {
    for (uint32_t i = 0; i < list->length; i++) {
        const struct value *text = entry(&list->items[i], "text");
        if (text->length == strlen(wanted) && memcmp(text->text, wanted, text->length) == 0)
            return true;
    }
    for (uint32_t i = 0; i < list->length; i++) {
        const struct value *text = entry(&list->items[i], "text");
        print_message("  %.*s\n", (int)text->length, text->text);
    }
    print_message("lacks: %s\n", wanted);
    return false;
}

static struct value explain(struct loaded *loaded, enum language language,
                            struct scratch *scratch) {
    struct trace trace = {.events = events, .capacity = TRACE_MAX};
    struct quote_result result;
    struct value explanation = value_null();
    scratch_init(scratch, scratch_memory, sizeof scratch_memory);
    assert_int_equal(rate(loaded, &product_info(loaded->compiled)->examples[0], scratch, &trace,
                          &result), QUOTE_OK);
    assert_int_equal(product_explain(loaded->compiled, &trace, &result, language, scratch,
                                     &explanation), QUOTE_OK);
    return explanation;
}

static void test_explanation_in_words(void **state) {
    (void)state;
    static const char *const dutch[] = {
        "Medische kosten: de nettopremie per jaar volgens het tarief is € 24,44.",
        "Groepskorting: van € 2,50 gaat € 1,30616956689 af van Medische kosten.",
        "Actiekorting: 10% van € 14,203073880884 is € 1,420307388088 korting op Bagage.",
        "Bagage: € 12,782766492796 is afgerond op € 12,78.",
        "De nettopremies zijn samen € 42,163583043311, afgerond € 42,16.",
        "Medische kosten is vrij van belasting.",
        "Bijzondere activiteiten: belast is 35% van de nettopremie, dat is € 2,1875; 21% belasting "
        "over € 2,1875 is afgerond € 0,46.",
        "De nettopremie is € 42,16 en de belasting € 3,14; samen betaalt u € 45,30 per jaar.",
        "Ineens: € 45,30 in één keer.",
        "Per maand: € 45,30 met 2,5% toeslag, gedeeld door 12, is afgerond € 3,87 per keer; in een "
        "jaar is dat € 46,44."};
    static const char *const english[] = {
        "Group discount: of €2.50, €1.30616956689 is taken off Medical costs.",
        "Luggage: 21% tax on €12.78 is, rounded, €2.68.",
        "Monthly: €45.30 with a surcharge of 2.5%, divided by 12, is, rounded, €3.87 each time; in "
        "a year that is €46.44."};
    struct loaded *loaded = load(PRODUCTS "base");
    struct scratch scratch;
    struct value explanation = explain(loaded, LANGUAGE_NL, &scratch);
    for (size_t i = 0; i < sizeof dutch / sizeof *dutch; i++)
        assert_true(texts_have(entry(&explanation, "statement"), dutch[i]));
    assert_true(texts_have(entry(&explanation, "decisions"),
                           "Dagtarief (Day rate): gebied is “Europa” en Month is 12; deze rij van "
                           "de tabel geldt: 2 (voor gebied: “Europa”; Month: 12). De uitkomst is "
                           "1,222."));
    explanation = explain(loaded, LANGUAGE_EN, &scratch);
    for (size_t i = 0; i < sizeof english / sizeof *english; i++)
        assert_true(texts_have(entry(&explanation, "statement"), english[i]));
    unload(loaded);
}

/* Is there a step of that kind with that amount, written as a text? */
static bool step_has(const struct value *statement, const char *kind, const char *name,
                     const char *amount) {
    for (uint32_t i = 0; i < statement->length; i++) {
        const struct value *step = &statement->items[i], *of = entry(step, "kind");
        const struct value *given = value_entry_find(step, name, strlen(name));
        if (of->length != strlen(kind) || memcmp(of->text, kind, of->length) != 0 || !given)
            continue;
        if (given->kind == VALUE_TEXT && given->length == strlen(amount) &&
            memcmp(given->text, amount, given->length) == 0)
            return true;
    }
    return false;
}

/* The model's own words stand only in an explanation in its language; the product's, in both. */
static void test_explanation_in_one_language(void **state) {
    (void)state;
    struct loaded *loaded = load(PRODUCTS "own-words");
    struct scratch scratch;
    struct value explanation = explain(loaded, LANGUAGE_NL, &scratch), text;
    assert_true(value_to_text(&explanation, &scratch, &text));
    assert_null(memmem(text.text, text.length, "English words", 13));
    assert_true(texts_have(entry(&explanation, "decisions"),
                           "Acceptance: days is 10 en gebied is “Europa”; deze rij van de tabel "
                           "geldt: 3. De uitkomst is (uitkomst: aangeboden; reden: Neem uw "
                           "polis mee.)."));
    explanation = explain(loaded, LANGUAGE_EN, &scratch);
    assert_true(value_to_text(&explanation, &scratch, &text));
    assert_non_null(memmem(text.text, text.length, "English words", 13));
    unload(loaded);
}

static void test_explanation_as_data(void **state) {
    (void)state;
    struct loaded *loaded = load(PRODUCTS "base");
    struct scratch scratch;
    struct value explanation = explain(loaded, LANGUAGE_NL, &scratch);
    assert_true(entry(&explanation, "complete")->boolean);
    const struct value *decisions = entry(&explanation, "decisions"), *rate_decision = NULL;
    assert_int_equal(decisions->length, 7); /* each once */
    for (uint32_t i = 0; i < decisions->length; i++)
        if (strncmp(entry(&decisions->items[i], "name")->text, "Day rate", 8) == 0)
            rate_decision = &decisions->items[i];
    assert_non_null(rate_decision);
    const struct value *tables = entry(rate_decision, "tables");
    assert_int_equal(tables->length, 1);
    assert_int_equal(entry(&tables->items[0], "inputs")->length, 2);
    const struct value *rows = entry(&tables->items[0], "rows");
    assert_int_equal(rows->length, 1);
    const struct value *rule = entry(&rows->items[0], "rule_id");
    assert_memory_equal(rule->text, "rate_2", 6);
    const struct value *cells = entry(&rows->items[0], "cells");
    assert_int_equal(cells->length, 2);
    assert_memory_equal(cells->items[1].text, "12", 2);
    const struct value *statement = entry(&explanation, "statement");
    assert_true(step_has(statement, "adjustment", "before", "14.203073880884"));
    assert_true(step_has(statement, "adjustment", "amount", "-2.50"));
    assert_true(step_has(statement, "cover_net", "after", "24.44"));
    assert_true(step_has(statement, "round", "after", "12.78"));
    assert_true(step_has(statement, "term", "before", "45.30"));
    unload(loaded);
}

/* However little scratch or room for the trace there is: an error, or an explanation that says
 * that it is not complete. */
static void test_explanation_in_little_room(void **state) {
    (void)state;
    struct loaded *loaded = load(PRODUCTS "base");
    const struct value *answers = &product_info(loaded->compiled)->examples[0];
    int refused = 0, complete = 0;
    for (size_t room = 0; room < 120; room++) {
        struct scratch scratch;
        struct trace trace = {.events = events, .capacity = room};
        struct quote_result result;
        struct value explanation;
        scratch_init(&scratch, scratch_memory, sizeof scratch_memory);
        assert_int_equal(rate(loaded, answers, &scratch, &trace, &result), QUOTE_OK);
        assert_int_equal(result.total_cents, 4530);
        if (room % 2) scratch.end = scratch.at + room * 64;
        int status = product_explain(loaded->compiled, &trace, &result, LANGUAGE_NL, &scratch,
                                     &explanation);
        if (status != QUOTE_OK) {
            assert_int_equal(status, QUOTE_TOO_LARGE);
            refused++;
            continue;
        }
        assert_int_equal(entry(&explanation, "complete")->boolean, !trace.overflowed);
        complete += !trace.overflowed;
    }
    assert_true(refused > 0);
    assert_true(complete > 0);
    unload(loaded);
}

/* What a person must not read elsewhere stays out: here the travellers, who have a name. */
static void test_explanation_keeps_secrets(void **state) {
    (void)state;
    struct loaded *loaded = load(PRODUCTS "base");
    struct scratch scratch;
    struct value explanation = explain(loaded, LANGUAGE_EN, &scratch), text;
    assert_true(value_to_text(&explanation, &scratch, &text));
    assert_non_null(memmem(text.text, text.length, "Medical premium", 15));
    assert_null(memmem(text.text, text.length, "Anna", 4));
    unload(loaded);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base_proves),
        cmocka_unit_test(test_auto_proves),
        cmocka_unit_test(test_mistakes_are_refused),
        cmocka_unit_test(test_truncated_products),
        cmocka_unit_test(test_result_of_the_example),
        cmocka_unit_test(test_little_scratch),
        cmocka_unit_test(test_shown_when),
        cmocka_unit_test(test_editions),
        cmocka_unit_test(test_explanation_in_words),
        cmocka_unit_test(test_explanation_as_data),
        cmocka_unit_test(test_explanation_in_one_language),
        cmocka_unit_test(test_explanation_in_little_room),
        cmocka_unit_test(test_explanation_keeps_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
