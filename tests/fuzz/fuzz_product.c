/* A product.xml as text, beside a fixed small tariff, its cases and the real schema: compiled,
 * proved, and its examples rated and explained, with what other answers would change. The statement
 * of whatever is rated sums exactly. */
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "fuzz.h"
#include "quote-engine/quote.h"

#define FOLDER "tests/unit/server/domain/products/pet/"
enum {
    SCRATCH_BYTES = 4 * 1024 * 1024,
    INPUT_MAX = 64 * 1024,
    EVENTS = 500,
    CELLS = 300,
    RATINGS = 60
};

static char memory[SCRATCH_BYTES];
static struct trace_event events[EVENTS];
static struct problems problems;
static struct source tariff = {.name = "tariff.dmn"}, cases = {.name = "cases.xml"},
                     schema = {.name = "product.xsd"};

static void load(const char *path, struct source *ret_source) {
    struct error error = {0};
    char *text = NULL;
    FUZZ_CHECK(!file_read(path, 1024 * 1024, &error, &text, &ret_source->length), "%s",
               error.text);
    ret_source->text = text;
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    load(FOLDER "tariff.dmn", &tariff);
    load(FOLDER "cases.xml", &cases);
    load("schema/product.xsd", &schema);
    return 0;
}

static const struct moment moment = {
    .now = {{2026, 11, 23}, {INT64_C(36000) * 1000000000, {ZONE_OFFSET, 3600, 0, NULL}}},
    .zone_offset = clock_zone_offset};

static void check_sums(const struct quote_result *result) {
    int64_t net = 0, tax = 0, total = 0;
    if (!result->has_premium) return;
    for (int i = 0; i < result->cover_count; i++) {
        const struct statement_cover *cover = &result->covers[i];
        FUZZ_CHECK(cover->net_cents + cover->tax_cents == cover->total_cents, "a cover's total");
        net += cover->net_cents, tax += cover->tax_cents, total += cover->total_cents;
    }
    FUZZ_CHECK(net == result->net_cents && tax == result->tax_cents &&
                   total == result->total_cents,
               "sums over covers");
    for (int i = 0; i < result->term_count; i++)
        FUZZ_CHECK(result->terms[i].total_cents ==
                       result->terms[i].instalment_cents * result->terms[i].term->instalments,
                   "a term's total");
}

static void rate(const struct product *product, const struct value *answers) {
    static struct quote_result result;
    const struct value_date date = {2026, 11, 23};
    struct scratch scratch;
    struct trace trace = {.events = events, .capacity = EVENTS, .cells_left = CELLS};
    const struct what_if_limits limits = {.ratings = RATINGS};
    static struct what_if what_if;
    scratch_init(&scratch, memory, sizeof memory);
    memset(&problems, 0, sizeof problems);
    if (product_rate(product, answers, &date, &moment, &scratch, &trace, &problems, &result))
        return;
    check_sums(&result);
    bool tried = product_what_if(product, &result, &moment, &limits, &scratch, &what_if) == 0;
    FUZZ_CHECK(!tried || what_if.ratings <= RATINGS, "%d ratings", what_if.ratings);
    for (int language = 0; language < 2; language++) {
        struct value explanation;
        (void)product_explain(product, &trace, &result, (enum language)language, &scratch,
                              &explanation);
        if (tried)
            (void)product_explain_what_if(product, &result, &what_if, (enum language)language,
                                          &scratch, &explanation);
    }
}

/* What compiles says which product it is of; so may what does not. */
static bool head_read(const struct source *text, struct product_head *head) {
    memset(&problems, 0, sizeof problems);
    int status = product_head_read(text, &problems, head);
    FUZZ_CHECK(status == QUOTE_OK ? *head->name && head->interface > 0 : problems.errors > 0,
               "refused without a problem, or read without a name");
    return status == QUOTE_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length) {
    const struct source text = {"product.xml", (const char *)bytes, length};
    struct product_head head = {.interface = 0};
    const struct product_sources sources = {&text, &tariff, 1, &schema};
    struct product *product = NULL;
    struct scratch scratch;
    int passed = 0, failed = 0;
    if (length > INPUT_MAX) return 0;
    bool headed = head_read(&text, &head);
    memset(&problems, 0, sizeof problems);
    if (product_compile(&sources, &problems, &product) != QUOTE_OK) {
        FUZZ_CHECK(problems.errors > 0 && !product, "refused without a problem");
        return 0;
    }
    const struct product_info *info = product_info(product);
    FUZZ_CHECK(headed && strcmp(head.name, info->name) == 0 && head.interface == info->interface,
               "its head is another's");
    struct value nothing = value_context(NULL, 0);
    for (int i = 0; i < info->example_count; i++) rate(product, &info->examples[i]);
    rate(product, &nothing);
    scratch_init(&scratch, memory, sizeof memory);
    memset(&problems, 0, sizeof problems);
    (void)product_prove(product, &cases, &moment, &scratch, &problems, &passed, &failed);
    product_free(product);
    return 0;
}
