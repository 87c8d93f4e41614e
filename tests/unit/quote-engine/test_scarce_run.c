/* Memory that runs out while a model is compiled, a product proved and a plan made, at every
 * allocation there is: it comes out as it should, or there was no memory, and nothing is left
 * behind. In steps where there are many; SCARCE_STEP=1 tries every allocation. What evaluates needs
 * no allocation at all, and does not notice. (Products being compiled: test_scarce.c.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <libxml/xmlerror.h>

#include "quote-engine/quote.h"
#include "tests/unit/scarce.h"

enum { ALLOCATIONS_MAX = 1000000, FILE_MAX = 1 << 20, STEP = 97 };

#define PRODUCT "quote-engine/products/auto/"

static char document[FILE_MAX], model[FILE_MAX], cases_text[FILE_MAX];
static struct source cases = {.name = "cases.xml", .text = cases_text};
static struct source sources[] = {{.name = "product.xml", .text = document},
                                  {.name = "tariff.dmn", .text = model}};
static struct problems problems;

static size_t file_load(const char *path, char *ret_text) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(ret_text, 1, FILE_MAX - 1, file);
    fclose(file);
    ret_text[length] = '\0';
    return length;
}

/* What libxml2 would print of its own accord. */
static void __attribute__((format(printf, 2, 3))) keep_quiet(void *context, const char *text, ...) {
    (void)context, (void)text;
}

static int set_up(void **state) {
    (void)state;
    xmlSetGenericErrorFunc(NULL, keep_quiet);
    sources[0].length = file_load(PRODUCT "product.xml", document);
    sources[1].length = file_load(PRODUCT "tariff.dmn", model);
    cases.length = file_load(PRODUCT "cases.xml", cases_text);
    product_prepare();
    return 0;
}

/* Blocks in use, but for libxml2's words on its last error, which it keeps. */
static long live_now(void) {
    xmlResetLastError();
    return scarce_live();
}

/* libxml2 2.9 loses an input buffer, two blocks, where the one allocation fails that fills it: once
 * for each document that is read. Whatever else is left behind is ours. */
static int buffers_lost;

/* The sanitizer would tell of that loss: here it is counted instead, as all that is left behind. */
extern void __lsan_disable(void) __attribute__((weak));
extern void __lsan_enable(void) __attribute__((weak));

static void trial_begin(long nth, bool lasting) {
    if (__lsan_disable) __lsan_disable();
    scarce_begin(nth, lasting);
}

static void trial_end(void) {
    scarce_end();
    if (__lsan_enable) __lsan_enable();
}

static void nothing_is_left(long live) {
    enum { BUFFER_BLOCKS = 2 };
    long left = live_now() - live;
    if (left == 0) return;
    assert_int_equal(left, BUFFER_BLOCKS);
    buffers_lost++;
}

static char memory[FILE_MAX * 4];

static void try_program(long nth, bool lasting) {
    struct program *program = NULL;
    memset(&problems, 0, sizeof problems);
    long live = live_now();
    trial_begin(nth, lasting);
    int status = program_compile(&sources[1], NULL, 0, false, &problems, &program);
    trial_end();
    if (status == QUOTE_OK) program_free(program);
    else if (status != QUOTE_NO_MEMORY)
        fail_msg("allocation %ld fails: status %d, %s", nth, status, problems.items[0].text);
    nothing_is_left(live);
}

static struct product *product_ready; /* for what works with one that is compiled */

static const struct moment today = {.now.date = {.year = 2026, .month = 11, .day = 23}};

static void try_prove(long nth, bool lasting) {
    struct scratch scratch;
    int passed = -1, failed = -1;
    scratch_init(&scratch, memory, sizeof memory);
    memset(&problems, 0, sizeof problems);
    long live = live_now();
    trial_begin(nth, lasting);
    int status = product_prove(product_ready, &cases, &today, &scratch, &problems, &passed,
                               &failed);
    trial_end();
    nothing_is_left(live);
    if (status == QUOTE_OK) {
        assert_true(passed > 0);
        assert_int_equal(failed, 0);
        assert_int_equal(problems.errors, 0);
    } else if (status != QUOTE_NO_MEMORY) {
        fail_msg("allocation %ld fails: status %d, %s", nth, status, problems.items[0].text);
    }
}

static void try_plan(long nth, bool lasting) {
    const struct program *program = product_program(product_ready);
    struct plan *plan = NULL;
    int decision = 0;
    while (program_element(program, decision)->kind != ELEMENT_DECISION) decision++;
    memset(&problems, 0, sizeof problems);
    long live = live_now();
    trial_begin(nth, lasting);
    int status = plan_make(program, &decision, 1, NULL, 0, &problems, &plan);
    trial_end();
    if (status == QUOTE_OK) plan_free(plan);
    else assert_int_equal(status, QUOTE_NO_MEMORY);
    nothing_is_left(live);
}

static void try_all(void (*try)(long, bool), const char *name, long step, int documents) {
    for (int lasting = 0; lasting < 2; lasting++) {
        long nth = 1;
        buffers_lost = 0;
        for (try(nth, lasting); atomic_load(&scarce.fired) && nth < ALLOCATIONS_MAX;) {
            nth += step;
            try(nth, lasting);
        }
        assert_true(nth < ALLOCATIONS_MAX);
        assert_in_range(buffers_lost, 0, documents);
        print_message("# %s%s: %ld allocations\n", name, lasting ? ", lasting" : "", nth - 1);
    }
}

static void test_program(void **state) {
    (void)state;
    try_all(try_program, "a model", scarce_step(STEP), 1);
}

static int product_open(void **state) {
    (void)state;
    struct product_sources given = {
        .product = &sources[0], .models = &sources[1], .model_count = 1};
    memset(&problems, 0, sizeof problems);
    return product_compile(&given, &problems, &product_ready);
}

static int product_close(void **state) {
    (void)state;
    product_free(product_ready);
    return 0;
}

static void test_prove(void **state) {
    (void)state;
    try_all(try_prove, "a proof", 1, 1);
    try_all(try_plan, "a plan", 1, 0);
}

/* Every decision by name and all of them by plan, a rating and its explanation, while no allocation
 * succeeds: none is asked for. */
static void test_evaluating_allocates_nothing(void **state) {
    (void)state;
    static struct trace_event events[1000];
    static struct quote_result result;
    const struct program *program = product_program(product_ready);
    const struct value *answers = &product_info(product_ready)->examples[0];
    int decisions[PLAN_DECISIONS_MAX], count = 0;
    struct value value, values[PLAN_DECISIONS_MAX];
    struct plan *plan;
    struct scratch scratch;
    for (int i = 0; i < program_element_count(program) && count < PLAN_DECISIONS_MAX; i++)
        if (program_element(program, i)->kind == ELEMENT_DECISION) decisions[count++] = i;
    assert_int_equal(plan_make(program, decisions, count, NULL, 0, &problems, &plan), QUOTE_OK);
    scarce_begin(1, true);
    for (int i = 0; i < count; i++) {
        scratch_init(&scratch, memory, sizeof memory);
        assert_int_equal(program_evaluate(program, decisions[i], answers, &today, &scratch, NULL,
                                          &problems, &value), QUOTE_OK);
    }
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(plan_evaluate(plan, NULL, &today, &scratch, NULL, &problems, values),
                     QUOTE_OK);
    for (int language = 0; language < 2; language++) {
        struct trace trace = {.events = events, .capacity = 1000};
        scratch_init(&scratch, memory, sizeof memory);
        assert_int_equal(product_rate(product_ready, answers, &today.now.date, &today, &scratch,
                                      &trace, &problems, &result), QUOTE_OK);
        assert_int_equal(product_explain(product_ready, &trace, &result, (enum language)language,
                                         &scratch, &value), QUOTE_OK);
    }
    scarce_end();
    assert_int_equal(scarce_calls(), 0);
    plan_free(plan);
}

int main(void) {
    if (scarce_skipped()) return 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_program),
                                       cmocka_unit_test_setup_teardown(test_prove, product_open,
                                                                       product_close),
                                       cmocka_unit_test_setup_teardown(
                                           test_evaluating_allocates_nothing, product_open,
                                           product_close)};
    return cmocka_run_group_tests_name("quote-engine scarce memory while running", tests, set_up,
                                       NULL);
}
