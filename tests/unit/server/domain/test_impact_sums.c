/* Adding up an impact: bands at their edges, sums of parts, the order of moves, what is left out
 * when there is too much, and that it does not matter which thread added what. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "domain/impact.h"

static void test_bands(void **state) {
    (void)state;
    static const struct {
        int64_t before, after;
        const char *code;
    } cases[] = {
        {10000, 10000, "unchanged"},        {10000, 10001, "up_to_5"},
        {10000, 10499, "up_to_5"},          {10000, 10500, "up_5_to_10"},
        {10000, 10999, "up_5_to_10"},       {10000, 11000, "up_10_to_20"},
        {10000, 11999, "up_10_to_20"},      {10000, 12000, "up_20_or_more"},
        {10000, 9999, "down_to_5"},         {10000, 9501, "down_to_5"},
        {10000, 9500, "down_5_to_10"},      {10000, 9000, "down_10_to_20"},
        {10000, 8001, "down_10_to_20"},     {10000, 8000, "down_20_or_more"},
        {10000, 0, "down_20_or_more"},      {0, 1, "up_20_or_more"},
        {0, 0, "unchanged"},                {INT64_MAX, INT64_MIN, "down_20_or_more"},
        {INT64_MIN, INT64_MAX, "up_20_or_more"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(impact_band_code(impact_band_of(cases[i].before, cases[i].after)),
                            cases[i].code);
}

static void test_texts(void **state) {
    (void)state;
    char text[MONEY_TEXT_MAX];
    static const struct {
        int64_t before, after;
        const char *percent;
    } cases[] = {{10000, 10342, "3.42"}, {10000, 9658, "-3.42"}, {30000, 30001, "0.00"},
                 {30000, 30002, "0.01"}, {20000, 19999, "-0.01"}, {0, 100, ""},
                 {10000, 10000, "0.00"}, {1, 1000001, "100000000.00"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        impact_percent(cases[i].before, cases[i].after, text);
        assert_string_equal(text, cases[i].percent);
    }
    money_text(-5, text);
    assert_string_equal(text, "-0.05");
    money_text(0, text);
    assert_string_equal(text, "0.00");
    money_text((__int128)INT64_MAX - INT64_MIN, text);
    assert_string_equal(text, "184467440737095516.15");
}

/* The i-th of a made-up book. */
static void add(struct impact_sums *sums, int i) {
    char id[ID_MAX], partner[ID_MAX];
    snprintf(id, sizeof id, "qte_%06d", i);
    snprintf(partner, sizeof partner, "ptr_%d", i % 7);
    const struct impact_pair pair = {.id = id,
                                     .partner_id = partner,
                                     .product = i % 3 ? "pet" : "house",
                                     .region = i % 5 ? "north" : NULL,
                                     .before = OUTCOME_OFFERED,
                                     .after = i % 11 ? OUTCOME_OFFERED : OUTCOME_REFERRED,
                                     .has_before = true,
                                     .has_after = i % 13 != 0,
                                     .before_cents = 10000 + i,
                                     .after_cents = 10000 + i + (i % 401) - 200};
    impact_sums_add(sums, &pair);
    if (i % 17 == 0) impact_sums_refuse(sums, id, "pet", i % 2 ? "kind" : "age", "too_small");
    if (i % 19 == 0) impact_sums_fail(sums, id, i % 2 ? "no row" : "no number");
}

static void groups_equal(const struct impact_groups *a, const struct impact_groups *b) {
    assert_int_equal(a->count, b->count);
    assert_memory_equal(a->items, b->items, (size_t)a->count * sizeof *a->items);
}

static void test_threads_do_not_matter(void **state) {
    (void)state;
    enum { BOOK = 5000, THREADS = 3 };
    struct impact_sums *alone = impact_sums_new(), *merged = impact_sums_new();
    struct impact_sums *parts[THREADS];
    for (int i = 0; i < THREADS; i++) parts[i] = impact_sums_new();
    for (int i = 0; i < BOOK; i++) add(alone, i);
    for (int i = BOOK - 1; i >= 0; i--) add(parts[i * 7 % THREADS], i);
    for (int i = 0; i < THREADS; i++) impact_sums_merge(merged, parts[i]);
    impact_sums_sort(alone);
    impact_sums_sort(merged);
    assert_memory_equal(&alone->amounts, &merged->amounts, sizeof alone->amounts);
    assert_memory_equal(alone->bands, merged->bands, sizeof alone->bands);
    assert_memory_equal(alone->acceptance, merged->acceptance, sizeof alone->acceptance);
    groups_equal(&alone->partners, &merged->partners);
    groups_equal(&alone->regions, &merged->regions);
    groups_equal(&alone->products, &merged->products);
    assert_memory_equal(&alone->rises, &merged->rises, sizeof alone->rises);
    assert_memory_equal(&alone->falls, &merged->falls, sizeof alone->falls);
    assert_int_equal(merged->refusal_count, 2);
    assert_memory_equal(alone->refusals, merged->refusals, 2 * sizeof *alone->refusals);
    assert_memory_equal(alone->failures, merged->failures, 2 * sizeof *alone->failures);
    assert_int_equal(merged->rises.count, IMPACT_MOVES_MAX);
    assert_int_equal(merged->rises.items[0].after_cents - merged->rises.items[0].before_cents, 200);
    assert_string_equal(merged->rises.items[0].id, "qte_000400");
    assert_int_equal(merged->partners.count, 7);
    assert_int_equal(merged->regions.count, 1);
    for (int i = 0; i < THREADS; i++) impact_sums_free(parts[i]);
    impact_sums_free(alone);
    impact_sums_free(merged);
}

static void test_too_much(void **state) {
    (void)state;
    struct impact_sums *sums = impact_sums_new(), *twice = impact_sums_new();
    char text[IMPACT_TEXT_MAX], long_key[3 * IMPACT_KEY_MAX];
    enum { BEYOND = 25 };
    for (int i = 0; i < IMPACT_GROUPS_MAX + BEYOND; i++) {
        snprintf(text, sizeof text, "ptr_%d", i);
        const struct impact_pair pair = {.id = "qte_1", .partner_id = text, .product = "pet",
                                         .has_before = true, .has_after = true,
                                         .before_cents = 100, .after_cents = 90};
        impact_sums_add(sums, &pair);
    }
    assert_int_equal(sums->partners.count, IMPACT_GROUPS_MAX);
    assert_int_equal(sums->partners.other.quotes, BEYOND);
    for (int i = 0; i < IMPACT_REFUSALS_MAX + BEYOND; i++) {
        snprintf(text, sizeof text, "question_%d", i);
        impact_sums_refuse(sums, "qte_1", "pet", text, "unknown");
        impact_sums_fail(sums, "qte_1", text);
    }
    assert_int_equal(sums->refusal_count, IMPACT_REFUSALS_MAX);
    assert_int_equal(sums->refusals_left_out, BEYOND);
    assert_int_equal(sums->failure_count, IMPACT_FAILURES_MAX);
    assert_int_equal(sums->failures_left_out, IMPACT_REFUSALS_MAX + BEYOND - IMPACT_FAILURES_MAX);
    /* Cut before a character of two bytes, not amid it. */
    memset(long_key, 'x', sizeof long_key);
    memcpy(long_key + IMPACT_KEY_MAX - 2, "\xc3\xab", 3);
    const struct impact_pair pair = {.id = "qte_2", .partner_id = "ptr_1", .product = "pet",
                                     .region = long_key, .has_before = true, .has_after = true,
                                     .before_cents = INT64_MAX, .after_cents = INT64_MIN};
    impact_sums_add(sums, &pair);
    impact_sums_add(sums, &pair);
    assert_int_equal(strlen(sums->regions.items[0].key), IMPACT_KEY_MAX - 2);
    assert_int_equal(sums->amounts.before_cents, INT64_MAX);
    impact_sums_merge(twice, sums);
    impact_sums_merge(twice, sums);
    assert_int_equal(twice->partners.count, IMPACT_GROUPS_MAX);
    assert_int_equal(twice->partners.other.quotes, 2 * BEYOND);
    assert_int_equal(twice->failures[0].quotes, 2);
    impact_sums_free(sums);
    impact_sums_free(twice);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_bands), cmocka_unit_test(test_texts),
                                       cmocka_unit_test(test_threads_do_not_matter),
                                       cmocka_unit_test(test_too_much)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
