/* Memory that runs out while a product is compiled, at every allocation there is: the product comes
 * out as it should, or there was no memory. It is never found wrong for it, for a product that was
 * found wrong is not tried again. In steps; SCARCE_STEP=1 tries every allocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quote-engine/quote.h"
#include "tests/unit/scarce.h"

enum { ALLOCATIONS_MAX = 1000000, SEEDED_MAX = 40, FILE_MAX = 1 << 20, STEP = 97 };

#define PRODUCT "quote-engine/products/auto/"

static char document[FILE_MAX], model[FILE_MAX];
static struct source sources[] = {{.name = "product.xml", .text = document},
                                  {.name = "tariff.dmn", .text = model}};
static char proof_document[FILE_MAX], proof_model[FILE_MAX], proof_schema[FILE_MAX];
static struct source proof_sources[] = {{.name = "product.xml", .text = proof_document},
                                        {.name = "tariff.dmn", .text = proof_model},
                                        {.name = "product.xsd", .text = proof_schema}};
static struct problems problems;

static size_t file_load(const char *path, char *ret_text) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(ret_text, 1, FILE_MAX - 1, file);
    fclose(file);
    ret_text[length] = '\0';
    return length;
}

static int set_up(void **state) {
    (void)state;
    sources[0].length = file_load(PRODUCT "product.xml", document);
    sources[1].length = file_load(PRODUCT "tariff.dmn", model);
    proof_sources[0].length = file_load("tests/proof/base/product.xml", proof_document);
    proof_sources[1].length = file_load("tests/proof/base/tariff.dmn", proof_model);
    proof_sources[2].length = file_load("schema/product.xsd", proof_schema);
    product_prepare();
    return 0;
}

static char memory[FILE_MAX * 4];

/* What the product asks for its first example. An index that memory fell short for makes it slower,
 * and the same. */
static int64_t rate(const struct product *product) {
    struct scratch scratch;
    struct quote_result result;
    struct moment moment = {.now.date = {.year = 2026, .month = 11, .day = 23}};
    scratch_init(&scratch, memory, sizeof memory);
    const struct product_info *info = product_info(product);
    assert_int_equal(product_rate(product, &info->examples[0], &moment.now.date, &moment, &scratch,
                                  NULL, &problems, &result), QUOTE_OK);
    return result.total_cents;
}

static int64_t total_expected;

static void try_product(long nth, bool lasting) {
    struct product *product = NULL;
    struct product_sources given = {
        .product = &sources[0], .models = &sources[1], .model_count = 1};
    memset(&problems, 0, sizeof problems);
    scarce_begin(nth, lasting);
    int status = product_compile(&given, &problems, &product);
    scarce_end();
    if (status == QUOTE_OK) {
        assert_int_equal(problems.errors, 0);
        assert_int_equal(rate(product), total_expected);
        product_free(product);
    } else if (status != QUOTE_NO_MEMORY) {
        fail_msg("allocation %ld fails%s: status %d, %s: %s", nth, lasting ? " and all after" : "",
                 status, problems.items[0].place, problems.items[0].text);
    }
}

static void try_program(long nth, bool lasting) {
    struct program *program = NULL;
    memset(&problems, 0, sizeof problems);
    scarce_begin(nth, lasting);
    int status = program_compile(&sources[1], NULL, 0, false, &problems, &program);
    scarce_end();
    if (status == QUOTE_OK) program_free(program);
    else if (status != QUOTE_NO_MEMORY)
        fail_msg("allocation %ld fails: status %d, %s", nth, status, problems.items[0].text);
}

/* From the allocation behind `before` on. */
static void try_all(void (*try)(long, bool), long before, long standard, const char *name) {
    for (int lasting = 0; lasting < 2; lasting++) {
        long nth = before + 1, step = scarce_step(standard);
        for (try(nth, lasting); atomic_load(&scarce.fired) && nth < ALLOCATIONS_MAX;) {
            nth += step;
            try(nth, lasting);
        }
        assert_true(nth < ALLOCATIONS_MAX);
        print_message("# %s%s: %ld allocations\n", name, lasting ? ", lasting" : "", nth - 1);
    }
}

static void test_product(void **state) {
    (void)state;
    struct product *product = NULL;
    struct product_sources given = {
        .product = &sources[0], .models = &sources[1], .model_count = 1};
    if (product_compile(&given, &problems, &product)) fail_msg("%s", problems.items[0].text);
    total_expected = rate(product);
    assert_true(total_expected > 0);
    product_free(product);
    try_all(try_product, 0, STEP, "a product");
}

/* The proof of a product with every kind of table. */
static void try_proof(long nth, bool lasting) {
    struct product *product = NULL;
    struct product_sources given = {.product = &proof_sources[0],
                                    .models = &proof_sources[1],
                                    .model_count = 1,
                                    .schema = &proof_sources[2]};
    memset(&problems, 0, sizeof problems);
    scarce_begin(nth, lasting);
    int status = product_compile(&given, &problems, &product);
    scarce_end();
    product_free(product);
    if (status != QUOTE_OK && status != QUOTE_NO_MEMORY)
        fail_msg("allocation %ld fails%s: status %d, %s: %s", nth, lasting ? " and all after" : "",
                 status, problems.items[0].place, problems.items[0].text);
}

/* Without its model a product comes as far as its document: the allocations of libxml2, which takes
 * a document for wrong that it has no memory for, lie before. It seeds its tables by chance, so
 * that their number varies a little. */
static void test_proof(void **state) {
    (void)state;
    struct product *product = NULL;
    struct product_sources given = {.product = &proof_sources[0], .schema = &proof_sources[2]};
    scarce_begin(ALLOCATIONS_MAX, false);
    int status = product_compile(&given, &problems, &product);
    scarce_end();
    assert_int_equal(status, QUOTE_INVALID);
    long before = atomic_load(&scarce.calls);
    try_all(try_proof, before + SEEDED_MAX, 1, "a proof");
}

static void test_program(void **state) {
    (void)state;
    try_all(try_program, 0, STEP, "a model");
}

int main(void) {
    if (scarce_skipped()) return 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_product), cmocka_unit_test(test_proof),
                                       cmocka_unit_test(test_program)};
    return cmocka_run_group_tests_name("quote-engine scarce memory", tests, set_up, NULL);
}
