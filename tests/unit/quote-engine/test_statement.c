/* The premium statement: amounts by hand for each rule, and sums that hold whatever comes in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quote-engine/statement.h"

enum { COVERS = 4, RANDOM_ROUNDS = 20000, SCRATCH_BYTES = 256 * 1024 };

static struct decimal number(const char *text) {
    struct decimal value;
    assert_true(decimal_parse(text, strlen(text), &value));
    return value;
}

struct bench { /* rules to change, lines to fill, and what came out */
    struct product_cover covers[COVERS];
    struct statement_cover_rule cover_rules[COVERS];
    struct statement_adjustment_rule adjustments[3];
    struct product_term terms[2];
    struct statement_rules rules;
    struct statement_lines lines;
    struct quote_result result;
    char error[STATEMENT_ERROR_MAX];
    struct scratch scratch;
    char memory[SCRATCH_BYTES];
};

static void bench_init(struct bench *bench) {
    static const char *const codes[COVERS] = {"liability", "casco", "accident", "legal_aid"};
    memset(bench, 0, sizeof *bench);
    scratch_init(&bench->scratch, bench->memory, sizeof bench->memory);
    for (int i = 0; i < COVERS; i++) {
        bench->covers[i].code = codes[i];
        bench->covers[i].commission_percent = decimal_from_int64(0);
        bench->cover_rules[i].tax_percent = decimal_from_int64(i == 2 ? 0 : 21);
        bench->cover_rules[i].taxed_share_percent = decimal_from_int64(i == 2 ? 0 : 100);
        bench->cover_rules[i].rounding = DECIMAL_HALF_UP;
    }
    bench->terms[0] = (struct product_term){
        .code = "yearly", .instalments = 1, .surcharge_percent = decimal_from_int64(0)};
    bench->terms[1] = (struct product_term){
        .code = "monthly", .instalments = 12, .surcharge_percent = number("3.5")};
    bench->rules = (struct statement_rules){.covers = bench->covers,
                                            .cover_rules = bench->cover_rules,
                                            .cover_count = COVERS,
                                            .adjustments = bench->adjustments,
                                            .terms = bench->terms,
                                            .term_count = 2,
                                            .total_rounding = DECIMAL_HALF_UP,
                                            .tax_rounding = DECIMAL_HALF_UP,
                                            .term_rounding = DECIMAL_HALF_UP,
                                            .unit_cents = 1,
                                            .residue_cover = -1};
}

static void bench_cover(struct bench *bench, int cover, const char *net) {
    bench->lines.taken[cover] = true;
    bench->lines.net[cover] = number(net);
}

static void bench_adjust(struct bench *bench, const char *code, bool percent, uint64_t covers,
                         const char *rate) {
    int at = bench->rules.adjustment_count++;
    bench->adjustments[at] =
        (struct statement_adjustment_rule){.code = code, .percent = percent, .covers = covers};
    bench->lines.adjustment[at] = number(rate);
}

static int bench_make(struct bench *bench) {
    return statement_make(&bench->rules, &bench->lines, true, &bench->scratch, bench->error,
                          &bench->result);
}

static struct bench bench;

static void test_single_cover(void **state) {
    (void)state;
    bench_init(&bench);
    bench_cover(&bench, 0, "503.31");
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.net_cents, 50331);
    assert_int_equal(bench.result.tax_cents, 10570); /* 105.6951 */
    assert_int_equal(bench.result.total_cents, 60901);
    assert_int_equal(bench.result.cover_count, 1);
    assert_int_equal(bench.result.terms[0].instalment_cents, 60901);
    assert_int_equal(bench.result.terms[1].instalment_cents, 5253); /* 52.527… */
    assert_int_equal(bench.result.terms[1].total_cents, 63036);
    assert_true(statement_sums(&bench.result));
}

static void test_residue_goes_to_the_largest(void **state) {
    (void)state;
    bench_init(&bench);
    bench_cover(&bench, 0, "10.004");
    bench_cover(&bench, 1, "20.004");
    bench_cover(&bench, 3, "20.004");
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.net_cents, 5001); /* 50.012: one cent above the covers' sum */
    assert_int_equal(bench.result.covers[0].net_cents, 1000);
    assert_int_equal(bench.result.covers[1].net_cents, 2001); /* of equals the first */
    assert_int_equal(bench.result.covers[2].net_cents, 2000);
    bool seen = false;
    for (int i = 0; i < bench.result.step_count; i++) {
        const struct statement_step *step = &bench.result.steps[i];
        if (step->kind != STEP_RESIDUE) continue;
        seen = true;
        assert_string_equal(step->code, "casco");
        assert_int_equal(decimal_compare(step->rate, number("0.01")), 0);
    }
    assert_true(seen);
}

static void test_residue_goes_to_the_named_cover(void **state) {
    (void)state;
    bench_init(&bench);
    bench.rules.residue_cover = 0;
    bench_cover(&bench, 0, "10.004");
    bench_cover(&bench, 1, "20.004");
    bench_cover(&bench, 3, "20.004");
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.covers[0].net_cents, 1001);
    bench.lines.taken[0] = false; /* not taken: the largest */
    bench.lines.net[1] = number("20.006");
    bench.lines.net[3] = number("20.006");
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.net_cents, 4001);
    assert_int_equal(bench.result.covers[0].net_cents, 2000);
    assert_int_equal(bench.result.covers[1].net_cents, 2001);
}

static void test_exempt_and_partly_taxed(void **state) {
    (void)state;
    bench_init(&bench);
    bench.cover_rules[1].taxed_share_percent = number("35");
    bench_cover(&bench, 1, "100.10");
    bench_cover(&bench, 2, "24.50");
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.covers[0].tax_cents, 736); /* 35.035 * 21% = 7.35735 */
    assert_int_equal(bench.result.covers[1].tax_cents, 0);
    assert_int_equal(bench.result.total_cents, 12460 + 736);
}

static void test_tax_rounding(void **state) {
    (void)state;
    bench_init(&bench);
    bench.cover_rules[0].tax_percent = number("10");
    bench_cover(&bench, 0, "0.25"); /* 2.5 cents */
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.tax_cents, 3);
    bench.rules.tax_rounding = DECIMAL_HALF_EVEN;
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.tax_cents, 2);
    bench.rules.tax_rounding = DECIMAL_UP;
    bench.lines.net[0] = number("0.21");
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.tax_cents, 3);
}

static void test_unit_of_rounding(void **state) {
    (void)state;
    bench_init(&bench);
    bench.rules.unit_cents = 100;
    bench_cover(&bench, 0, "99.50");
    bench_cover(&bench, 1, "10.49");
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.net_cents, 11000); /* 109.99 */
    assert_int_equal(bench.result.covers[0].net_cents, 10000);
    bench.rules.unit_cents = 5;
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.net_cents, 11000);
    assert_int_equal(bench.result.covers[1].net_cents, 1050);
}

static void test_adjustments_in_order(void **state) {
    (void)state;
    bench_init(&bench);
    bench_cover(&bench, 0, "200");
    bench_cover(&bench, 1, "100");
    bench_adjust(&bench, "alarm", true, 1 << 1, "-5");         /* casco 95 */
    bench_adjust(&bench, "package", true, UINT64_MAX, "-10");  /* 180, 85.50 */
    bench_adjust(&bench, "fee", false, 1 << 0, "12.50");       /* 192.50 */
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.covers[0].net_cents, 19250);
    assert_int_equal(bench.result.covers[1].net_cents, 8550);
    assert_int_equal(bench.result.net_cents, 27800);
}

static void test_amount_in_proportion(void **state) {
    (void)state;
    bench_init(&bench);
    bench_cover(&bench, 0, "100");
    bench_cover(&bench, 1, "100");
    bench_cover(&bench, 3, "100");
    bench_adjust(&bench, "discount", false, UINT64_MAX, "-10"); /* a third each */
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.net_cents, 29000);
    assert_int_equal(bench.result.covers[0].net_cents, 9666); /* 96.67 less the residue */
    assert_int_equal(bench.result.covers[1].net_cents, 9667);
    assert_int_equal(bench.result.covers[2].net_cents, 9667);
}

static void test_zero_and_negative_covers(void **state) {
    (void)state;
    bench_init(&bench);
    bench_cover(&bench, 0, "0");
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.total_cents, 0);
    bench_cover(&bench, 1, "-10.005");
    bench_cover(&bench, 3, "30");
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_int_equal(bench.result.net_cents, 2000); /* 19.995, half up */
    assert_int_equal(bench.result.covers[1].net_cents, -1001);
    assert_int_equal(bench.result.covers[1].tax_cents, -210);
    assert_int_equal(bench.result.covers[2].net_cents, 3001);
}

static void refused(const char *part) {
    memset(&bench.result, 0x5a, sizeof bench.result);
    struct quote_result before = bench.result;
    assert_int_equal(bench_make(&bench), QUOTE_INVALID);
    assert_non_null(strstr(bench.error, part));
    assert_memory_equal(&before, &bench.result, sizeof before);
}

static void test_refusals(void **state) {
    (void)state;
    bench_init(&bench);
    refused("no cover has a premium");
    bench_cover(&bench, 0, "10");
    bench_adjust(&bench, "discount", false, UINT64_MAX, "-10.01");
    refused("below zero");
    bench_init(&bench);
    bench_cover(&bench, 0, "10");
    bench_adjust(&bench, "fee", false, 1 << 1, "1");
    refused("none of its covers is taken");
    bench_init(&bench);
    bench_cover(&bench, 0, "0");
    bench_cover(&bench, 1, "0");
    bench_adjust(&bench, "fee", false, UINT64_MAX, "1");
    refused("premiums are zero");
    bench_init(&bench);
    bench_cover(&bench, 0, "10000000000000.01");
    refused("too large");
    bench_init(&bench);
    bench_cover(&bench, 0, "1e6000");
    bench_adjust(&bench, "fee", true, UINT64_MAX, "1e200");
    refused("too large");
}

static void test_scratch_used_up(void **state) {
    (void)state;
    bench_init(&bench);
    bench_cover(&bench, 0, "10");
    bench.scratch.end = bench.scratch.start + 16;
    assert_int_equal(bench_make(&bench), QUOTE_TOO_LARGE);
    assert_int_equal(bench.result.cover_count, 0);
}

static void test_sums_are_checked(void **state) {
    (void)state;
    bench_init(&bench);
    bench_cover(&bench, 0, "10");
    assert_int_equal(bench_make(&bench), QUOTE_OK);
    assert_true(statement_sums(&bench.result));
    bench.result.tax_cents++;
    assert_false(statement_sums(&bench.result));
    bench.result.tax_cents--;
    bench.result.terms[1].total_cents++;
    assert_false(statement_sums(&bench.result));
    bench.result.terms[1].total_cents--;
    bench.result.covers[0].total_cents++;
    assert_false(statement_sums(&bench.result));
}

/* A small generator of our own: the same rounds on every machine. */
static uint32_t random_state = 20261123;
static uint32_t random_below(uint32_t limit) {
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % limit;
}

static void random_bench(void) {
    bench_init(&bench);
    for (int i = 0; i < COVERS; i++) {
        bench.lines.taken[i] = i == 0 || random_below(2);
        bench.lines.net[i] = decimal_from_scaled((int64_t)random_below(200000000), 5);
        bench.cover_rules[i].rounding = (enum decimal_rounding)random_below(7);
        bench.cover_rules[i].tax_percent = decimal_from_scaled(random_below(3000), 2);
        bench.cover_rules[i].taxed_share_percent = decimal_from_scaled(random_below(10001), 2);
        bench.covers[i].commission_percent = decimal_from_scaled(random_below(3000), 2);
    }
    static const int units[] = {1, 5, 10, 50, 100};
    bench.rules.unit_cents = units[random_below(5)];
    bench.rules.residue_cover = (int)random_below(COVERS + 1) - 1;
    bench.rules.total_rounding = (enum decimal_rounding)random_below(7);
    bench.rules.adjustment_count = (int)random_below(4);
    for (int i = 0; i < bench.rules.adjustment_count; i++) {
        bench.adjustments[i] = (struct statement_adjustment_rule){
            .code = "a", .percent = random_below(2), .covers = random_below(16) | 1};
        bench.lines.adjustment[i] = decimal_from_scaled((int64_t)random_below(4000) - 2000, 2);
        if (!random_below(4)) bench.lines.adjustment[i] = decimal_from_int64(0);
    }
}

static void test_random_statements_sum(void **state) {
    (void)state;
    int made = 0;
    for (int round = 0; round < RANDOM_ROUNDS; round++) {
        random_bench();
        int status = bench_make(&bench);
        if (status != QUOTE_OK) {
            assert_int_equal(status, QUOTE_INVALID);
            continue;
        }
        made++;
        assert_true(statement_sums(&bench.result));
        assert_int_equal(bench.result.net_cents % bench.rules.unit_cents, 0);
        for (int i = 0; i < bench.result.cover_count; i++)
            assert_int_equal(bench.result.covers[i].net_cents % bench.rules.unit_cents, 0);
    }
    assert_true(made > RANDOM_ROUNDS / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_cover),
        cmocka_unit_test(test_residue_goes_to_the_largest),
        cmocka_unit_test(test_residue_goes_to_the_named_cover),
        cmocka_unit_test(test_exempt_and_partly_taxed),
        cmocka_unit_test(test_tax_rounding),
        cmocka_unit_test(test_unit_of_rounding),
        cmocka_unit_test(test_adjustments_in_order),
        cmocka_unit_test(test_amount_in_proportion),
        cmocka_unit_test(test_zero_and_negative_covers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_scratch_used_up),
        cmocka_unit_test(test_sums_are_checked),
        cmocka_unit_test(test_random_statements_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
