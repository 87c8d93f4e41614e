/* FEEL's comparisons, three-valued logic, if, and unary tests. What is no boolean counts as null
 * (DMN 1.5, tables 48 to 50). */
#include "feel_code.h"

/* ---- comparisons ----------------------------------------------------------------------------- */

/* 1, 0 or -1 for null. */
static int equality(struct evaluation *evaluation, const struct value *a, const struct value *b) {
    if (a->kind == VALUE_NUMBER && b->kind == VALUE_NUMBER)
        return decimal_equal(a->number, b->number);
    if (a->kind < VALUE_TEXT) return value_equal(a, b, evaluation->moment);
    return value_equal_counted(a, b, evaluation->moment, &evaluation->steps_left);
}

static void refuse(struct evaluation *evaluation, struct value *ret_value, const struct value *a,
                   const struct value *b) {
    value_fail(evaluation, ret_value, "cannot compare %s with %s", value_kind_name(a),
               value_kind_name(b));
}

#define EQUALITY(NAME, RESULT)                                                                    \
    static void NAME(RUN_ARGUMENTS) {                                                             \
        const struct code_binary *binary = (const struct code_binary *)code;                      \
        struct value room_a, room_b;                                                              \
        const struct value *a = operand_value(&binary->a, evaluation, frame, &room_a);            \
        const struct value *b = operand_value(&binary->b, evaluation, frame, &room_b);            \
        int equal = equality(evaluation, a, b);                                                   \
        if (equal < 0) refuse(evaluation, ret_value, a, b);                                       \
        else *ret_value = value_boolean(RESULT);                                                  \
    }

EQUALITY(run_equal, equal != 0)
EQUALITY(run_unequal, equal == 0)

#define ORDER(NAME, RESULT)                                                                       \
    static void NAME(RUN_ARGUMENTS) {                                                             \
        const struct code_binary *binary = (const struct code_binary *)code;                      \
        struct value room_a, room_b;                                                              \
        const struct value *a = operand_value(&binary->a, evaluation, frame, &room_a);            \
        const struct value *b = operand_value(&binary->b, evaluation, frame, &room_b);            \
        int order;                                                                                \
        if (a->kind == VALUE_NUMBER && b->kind == VALUE_NUMBER)                                   \
            order = decimal_compare(a->number, b->number);                                        \
        else if (!evaluation_compare(evaluation, a, b, &order)) {                                 \
            refuse(evaluation, ret_value, a, b);                                                  \
            return;                                                                               \
        }                                                                                         \
        *ret_value = value_boolean(RESULT);                                                       \
    }

ORDER(run_less, order < 0)
ORDER(run_less_equal, order <= 0)
ORDER(run_greater, order > 0)
ORDER(run_greater_equal, order >= 0)

run_function run_comparison(enum node_kind kind) {
    switch (kind) {
    case NODE_EQUAL: return run_equal;
    case NODE_UNEQUAL: return run_unequal;
    case NODE_LESS: return run_less;
    case NODE_LESS_EQUAL: return run_less_equal;
    case NODE_GREATER: return run_greater;
    default: return run_greater_equal;
    }
}

/* ---- logic ----------------------------------------------------------------------------------- */

/* Both sides are looked at only as far as the first does not decide. */
void run_and(RUN_ARGUMENTS) {
    const struct code_binary *binary = (const struct code_binary *)code;
    struct value room;
    int a = truth(operand_value(&binary->a, evaluation, frame, &room));
    if (a == 0) {
        *ret_value = value_boolean(false);
        return;
    }
    int b = truth(operand_value(&binary->b, evaluation, frame, &room));
    set_truth(ret_value, b == 0 ? 0 : a < 0 || b < 0 ? -1 : 1);
}

void run_or(RUN_ARGUMENTS) {
    const struct code_binary *binary = (const struct code_binary *)code;
    struct value room;
    int a = truth(operand_value(&binary->a, evaluation, frame, &room));
    if (a == 1) {
        *ret_value = value_boolean(true);
        return;
    }
    int b = truth(operand_value(&binary->b, evaluation, frame, &room));
    set_truth(ret_value, b == 1 ? 1 : a < 0 || b < 0 ? -1 : 0);
}

void run_not(RUN_ARGUMENTS) {
    const struct code_unary *unary = (const struct code_unary *)code;
    struct value room;
    int a = truth(operand_value(&unary->a, evaluation, frame, &room));
    set_truth(ret_value, a < 0 ? -1 : !a);
}

void run_if(RUN_ARGUMENTS) {
    const struct code_ternary *ternary = (const struct code_ternary *)code;
    struct value room;
    int condition = truth(operand_value(&ternary->items[0], evaluation, frame, &room));
    const struct operand *chosen = &ternary->items[condition == 1 ? 1 : 2];
    const struct value *value = operand_value(chosen, evaluation, frame, &room);
    *ret_value = *value;
}

/* ---- ranges and tests ------------------------------------------------------------------------ */

/* Is the value on the right side of one end? `direction` 1: the low end. */
static int end_holds(enum range_bound bound, const struct value *end, const struct value *value,
                     int direction, struct evaluation *evaluation) {
    int order;
    if (bound == RANGE_UNBOUNDED) return value->kind == VALUE_NULL ? -1 : 1;
    if (!evaluation_compare(evaluation, value, end, &order)) return -1;
    return order * direction > 0 || (order == 0 && bound == RANGE_CLOSED);
}

/* Is the value in the range? 1, 0, -1. */
static int range_holds(const struct value_range *range, const struct value *value,
                       struct evaluation *evaluation) {
    if (range->low_bound == RANGE_EQUAL || range->low_bound == RANGE_UNEQUAL) {
        int equal = equality(evaluation, value, &range->low);
        return equal < 0 ? -1 : equal == (range->low_bound == RANGE_EQUAL);
    }
    int low = end_holds(range->low_bound, &range->low, value, 1, evaluation);
    int high = end_holds(range->high_bound, &range->high, value, -1, evaluation);
    if (low == 0 || high == 0) return low < 0 || high < 0 ? -1 : 0;
    return low < 0 || high < 0 ? -1 : 1;
}

/* Is the value one of the list, or in one of its ranges? */
static int list_holds(struct evaluation *evaluation, const struct value *list,
                      const struct value *value) {
    int found = 0;
    for (uint32_t i = 0; i < list->length && found != 1; i++) {
        const struct value *item = &list->items[i];
        if (item->kind == VALUE_RANGE && value->kind != VALUE_RANGE)
            found = range_holds(item->range, value, evaluation) == 1;
        else
            found = equality(evaluation, value, item) == 1;
    }
    return found;
}

static int value_in(struct evaluation *evaluation, const struct value *value,
                    const struct value *in) {
    if (in->kind == VALUE_RANGE && value->kind != VALUE_RANGE)
        return range_holds(in->range, value, evaluation);
    if (in->kind == VALUE_LIST) {
        int whole = value->kind == VALUE_LIST ? equality(evaluation, value, in) : 0;
        return whole == 1 ? 1 : list_holds(evaluation, in, value);
    }
    return equality(evaluation, value, in);
}

/* One test of `?`, which is the frame's only slot. */
static int test_holds(const struct test *test, struct evaluation *evaluation,
                      const struct frame *frame) {
    struct value room;
    const struct value *input = &frame->slots[0];
    const struct value *value = operand_value(&test->operand, evaluation, frame, &room);
    if (test->is_condition && value->kind == VALUE_BOOLEAN) return value->boolean;
    if (test->is_condition && value->kind == VALUE_NULL) return -1;
    /* A condition on something else than `?`, in a column whose input is no boolean. */
    if (value->kind == VALUE_BOOLEAN && value->boolean && input->kind != VALUE_BOOLEAN &&
        test->operand.kind != OPERAND_CONSTANT)
        return 1;
    return value_in(evaluation, input, value);
}

static int tests_hold(const struct code_tests *tests, struct evaluation *evaluation,
                      const struct frame *frame) {
    if (!tests->count) return 1;
    int any = 0;
    for (int i = 0; i < tests->count && any != 1; i++) {
        int holds = test_holds(&tests->tests[i], evaluation, frame);
        if (holds != 0) any = holds;
    }
    return tests->negated && any >= 0 ? !any : any;
}

bool tests_match(const struct code *tests, struct evaluation *evaluation,
                 const struct frame *frame, const struct value *input) {
    struct value slot = *input;
    struct frame own = {.outer = frame, .slots = &slot};
    return tests_hold((const struct code_tests *)tests, evaluation, &own) == 1;
}

void run_tests(RUN_ARGUMENTS) {
    set_truth(ret_value, tests_hold((const struct code_tests *)code, evaluation, frame));
}

void run_in(RUN_ARGUMENTS) {
    const struct code_in *in = (const struct code_in *)code;
    struct value slot, room;
    slot = *operand_value(&in->a, evaluation, frame, &room);
    struct frame own = {.outer = frame, .slots = &slot};
    int holds = tests_hold(in->tests, evaluation, &own);
    if (holds < 0)
        value_fail(evaluation, ret_value, "whether this is in the range or list cannot be told: "
                                          "%s cannot be compared with it", value_kind_name(&slot));
    else
        *ret_value = value_boolean(holds != 0);
}

void run_between(RUN_ARGUMENTS) {
    const struct code_ternary *ternary = (const struct code_ternary *)code;
    struct value rooms[3];
    const struct value *value = operand_value(&ternary->items[0], evaluation, frame, &rooms[0]);
    const struct value *low = operand_value(&ternary->items[1], evaluation, frame, &rooms[1]);
    const struct value *high = operand_value(&ternary->items[2], evaluation, frame, &rooms[2]);
    int order, above = -1, below = -1;
    if (evaluation_compare(evaluation, value, low, &order)) above = order >= 0;
    if (evaluation_compare(evaluation, value, high, &order)) below = order <= 0;
    if (above == 0 || below == 0) *ret_value = value_boolean(false);
    else if (above == 1 && below == 1) *ret_value = value_boolean(true);
    else refuse(evaluation, ret_value, value, above < 0 ? low : high);
}
