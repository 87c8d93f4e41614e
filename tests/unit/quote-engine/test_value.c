/* Values: equality and order as FEEL has them, texts of values, scratch memory, and the limits
 * that keep small values with a huge unfolding from holding up a comparison. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quote-engine/quote.h"

static struct value text(const char *bytes) {
    return value_text(bytes, strlen(bytes));
}

static void takes_scratch(void **state) {
    static char memory[100];
    struct scratch scratch;
    (void)state;
    scratch_init(&scratch, memory + 1, 98);
    char *first = scratch_take(&scratch, 5), *second = scratch_take(&scratch, 16);
    assert_int_equal((uintptr_t)first % 16, 0);
    assert_int_equal((uintptr_t)second % 16, 0);
    assert_true(second >= first + 5);
    assert_null(scratch_take(&scratch, 90));
    assert_null(scratch_take(&scratch, SIZE_MAX));
    assert_non_null(scratch_take(&scratch, 0));
    scratch.at = scratch.start;
    assert_ptr_equal(scratch_take(&scratch, 5), first);
}

static void equals_by_kind(void **state) {
    struct value one = value_int64(1), other = value_number(decimal_from_scaled(100, 2));
    struct value null = value_null(), yes = value_boolean(true), a = text("a"), b = text("b");
    (void)state;
    assert_int_equal(value_equal(&one, &other, NULL), 1);
    assert_int_equal(value_equal(&one, &a, NULL), -1);
    assert_int_equal(value_equal(&one, &null, NULL), 0);
    assert_int_equal(value_equal(&null, &null, NULL), 1);
    assert_int_equal(value_equal(&yes, &yes, NULL), 1);
    assert_int_equal(value_equal(&a, &b, NULL), 0);
    struct value items_1[] = {one, a}, items_2[] = {other, a}, items_3[] = {other, b};
    struct value list_1 = value_list(items_1, 2), list_2 = value_list(items_2, 2);
    struct value list_3 = value_list(items_3, 2), list_4 = value_list(items_1, 1);
    assert_int_equal(value_equal(&list_1, &list_2, NULL), 1);
    assert_int_equal(value_equal(&list_1, &list_3, NULL), 0);
    assert_int_equal(value_equal(&list_1, &list_4, NULL), 0);
    struct value mixed_items[] = {a, one};
    struct value mixed = value_list(mixed_items, 2);
    assert_int_equal(value_equal(&list_1, &mixed, NULL), 0);
    struct value_entry ab[] = {{"a", 1, one}, {"b", 1, list_1}}, ba[] = {{"b", 1, list_2},
                                                                         {"a", 1, other}};
    struct value context_1 = value_context(ab, 2), context_2 = value_context(ba, 2);
    assert_int_equal(value_equal(&context_1, &context_2, NULL), 1);
    assert_int_equal(value_equal(&context_1, &list_1, NULL), -1);
    struct value_range closed = {RANGE_CLOSED, RANGE_CLOSED, one, other};
    struct value_range open = {RANGE_CLOSED, RANGE_OPEN, one, other}, same = closed;
    struct value range_1 = {.kind = VALUE_RANGE, .range = &closed};
    struct value range_2 = {.kind = VALUE_RANGE, .range = &open};
    struct value range_3 = {.kind = VALUE_RANGE, .range = &same};
    assert_int_equal(value_equal(&range_1, &range_2, NULL), 0);
    assert_int_equal(value_equal(&range_1, &range_3, NULL), 1);
}

static void orders_by_kind(void **state) {
    struct value a = text("a"), ab = text("ab"), e = text("\u00e9"), emoji = text("\U0001F40E");
    struct value one = value_int64(1), two = value_int64(2), yes = value_boolean(true);
    int order = 42;
    (void)state;
    assert_true(value_compare(&a, &ab, NULL, &order) && order == -1);
    assert_true(value_compare(&emoji, &e, NULL, &order) && order == 1);
    assert_true(value_compare(&two, &one, NULL, &order) && order == 1);
    order = 42;
    assert_false(value_compare(&one, &a, NULL, &order));
    assert_false(value_compare(&yes, &yes, NULL, &order));
    assert_int_equal(order, 42);
}

enum { DEEP = 60, VERY_DEEP = 5000 };

/* Lists of lists that share their parts: 2^DEEP items when unfolded. */
static void ends_on_huge_unfoldings(void **state) {
    static struct value left[DEEP + 1][2], right[DEEP + 1][2];
    static struct value nested[VERY_DEEP + 1], twin[VERY_DEEP + 1];
    static char memory[1 << 16];
    struct scratch scratch;
    struct value written;
    (void)state;
    left[0][0] = left[0][1] = right[0][0] = right[0][1] = value_int64(1);
    for (int i = 1; i <= DEEP; i++) {
        left[i][0] = left[i][1] = value_list(left[i - 1], 2);
        right[i][0] = right[i][1] = value_list(right[i - 1], 2);
    }
    struct value a = value_list(left[DEEP], 2), b = value_list(right[DEEP], 2);
    assert_int_equal(value_equal(&a, &b, NULL), -1);
    assert_int_equal(value_equal(&a, &a, NULL), 1);
    scratch_init(&scratch, memory, sizeof memory);
    assert_false(value_to_text(&a, &scratch, &written));
    nested[0] = twin[0] = value_int64(1);
    for (int i = 1; i <= VERY_DEEP; i++) {
        nested[i] = value_list(&nested[i - 1], 1);
        twin[i] = value_list(&twin[i - 1], 1);
    }
    assert_int_not_equal(value_equal(&nested[VERY_DEEP], &twin[VERY_DEEP], NULL), 1);
    assert_false(value_to_text(&nested[VERY_DEEP], &scratch, &written));
    assert_ptr_equal(scratch.at, scratch.start);
}

static void writes_texts(void **state) {
    struct value items[] = {value_null(), text("say \"hi\"\n"), value_date(2026, 1, 2),
                            value_number(decimal_from_scaled(-1250, 3))};
    struct value_entry entries[] = {{"plain name", 10, value_boolean(false)},
                                    {"odd-name", 8, value_list(items, 4)},
                                    {"", 0, value_list(NULL, 0)}};
    struct value_range range = {RANGE_OPEN, RANGE_CLOSED, value_int64(1), value_int64(2)};
    struct value_range below = {RANGE_UNBOUNDED, RANGE_OPEN, value_null(), value_int64(2)};
    struct value values[] = {value_context(entries, 3), {.kind = VALUE_RANGE, .range = &range},
                             {.kind = VALUE_RANGE, .range = &below}};
    static const char *const expected =
        "[{plain name: false, \"odd-name\": [null, \"say \\\"hi\\\"\\n\", @\"2026-01-02\", -1.25], "
        "\"\": []}, (1..2], (< 2)]";
    static char memory[1024];
    struct scratch scratch;
    struct value list = value_list(values, 3), written = value_int64(42);
    (void)state;
    scratch_init(&scratch, memory, sizeof memory);
    assert_true(value_to_text(&list, &scratch, &written));
    assert_int_equal(written.length, strlen(expected));
    assert_memory_equal(written.text, expected, written.length);
    /* Too little room: nothing is taken, nothing given. */
    for (size_t size = 0; size < written.length; size++) {
        struct value none = value_int64(42);
        scratch_init(&scratch, memory, size);
        assert_false(value_to_text(&list, &scratch, &none));
        assert_int_equal(none.kind, VALUE_NUMBER);
    }
}

static void finds_entries(void **state) {
    struct value_entry entries[] = {{"a", 1, value_int64(1)}, {"ab", 2, value_int64(2)}};
    struct value context = value_context(entries, 2), empty = value_context(NULL, 0);
    (void)state;
    assert_ptr_equal(value_entry_find(&context, "ab", 2), &entries[1].value);
    assert_null(value_entry_find(&context, "abc", 3));
    assert_null(value_entry_find(&context, "", 0));
    assert_null(value_entry_find(&empty, "a", 1));
}

static void collects_problems(void **state) {
    static struct problems problems;
    static char longest[PROBLEM_TEXT_MAX * 4];
    (void)state;
    /* A character of two bytes may not be cut in two. */
    for (size_t i = 0; i + 2 < sizeof longest; i += 2)
        memcpy(longest + i, "\xC3\xA9", 2);
    problems_add(&problems, true, "tariff.dmn", 3, 4, "decision X", "%s", longest + 1);
    problems_add(&problems, false, NULL, 0, 0, NULL, "x%s", longest);
    assert_int_equal(problems.count, 2);
    assert_int_equal(problems.errors, 1);
    assert_string_equal(problems.items[0].place, "decision X");
    assert_string_equal(problems.items[1].file, "");
    for (int i = 0; i < 2; i++) {
        size_t length = strlen(problems.items[i].text);
        assert_true(length < PROBLEM_TEXT_MAX);
        assert_int_equal((unsigned char)problems.items[i].text[length - 1], 0xA9);
    }
    for (int i = 0; i < PROBLEMS_MAX * 2; i++)
        problems_add(&problems, false, "f", 1, 1, "p", "again");
    assert_int_equal(problems.count, 3); /* what repeats is one problem */
    assert_int_equal(problems.errors, 2);
    for (int i = 1; i < PROBLEMS_MAX * 2; i++)
        problems_add(&problems, false, "f", i + 1, 1, "p", "elsewhere");
    assert_int_equal(problems.count, PROBLEMS_MAX);
    assert_int_equal(problems.errors, PROBLEMS_MAX * 2 + 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_scratch),   cmocka_unit_test(equals_by_kind),
        cmocka_unit_test(orders_by_kind),  cmocka_unit_test(ends_on_huge_unfoldings),
        cmocka_unit_test(writes_texts),    cmocka_unit_test(finds_entries),
        cmocka_unit_test(collects_problems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
