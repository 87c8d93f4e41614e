/* FEEL's arithmetic: numbers first, since that is what it nearly always is; then texts and what
 * the calendar knows. */
#include "calendar.h"
#include "feel_code.h"

#include <string.h>

static void join_texts(struct evaluation *evaluation, const struct value *a,
                       const struct value *b, struct value *ret_value) {
    size_t length = (size_t)a->length + b->length;
    if (length > UINT32_MAX) {
        evaluation->status = QUOTE_TOO_LARGE;
        *ret_value = value_null();
        return;
    }
    char *text = evaluation_take(evaluation, length + 1);
    if (!text) {
        *ret_value = value_null();
        return;
    }
    if (a->length) memcpy(text, a->text, a->length);
    if (b->length) memcpy(text + a->length, b->text, b->length);
    *ret_value = value_text(text, length);
}

/* What the operands are when they are not two numbers. */
static void operate(struct evaluation *evaluation, char operation, const struct value *a,
                    const struct value *b, struct value *ret_value) {
    if (operation == '+' && a->kind == VALUE_TEXT && b->kind == VALUE_TEXT) {
        join_texts(evaluation, a, b, ret_value);
        return;
    }
    struct value result;
    bool temporal = (a->kind >= VALUE_DATE && a->kind <= VALUE_DURATION) ||
                    (b->kind >= VALUE_DATE && b->kind <= VALUE_DURATION);
    if (temporal && operation != '^' &&
        calendar_operate(operation, a, b, evaluation->moment, evaluation->scratch, &result)) {
        *ret_value = result;
        return;
    }
    value_fail(evaluation, ret_value, "cannot compute %s %s %s", value_kind_name(a),
               operation == '+'   ? "plus"
               : operation == '-' ? "minus"
               : operation == '*' ? "times"
               : operation == '/' ? "divided by"
                                  : "to the power of",
               value_kind_name(b));
}

static void out_of_range(struct evaluation *evaluation, struct value *ret_value) {
    value_fail(evaluation, ret_value, "the result of this calculation is out of range");
}

/* A number that was computed into ret_value->number. It is not copied: reading back in one piece
 * what was just written in two takes the processor longer than to multiply. */
static inline void number_done(struct value *ret_value) {
    ret_value->kind = VALUE_NUMBER;
    ret_value->length = 0;
}

#define ARITHMETIC(NAME, SIGN, COMPUTE)                                                           \
    static void NAME(RUN_ARGUMENTS) {                                                             \
        const struct code_binary *binary = (const struct code_binary *)code;                      \
        struct value room_a, room_b;                                                              \
        const struct value *a = operand_value(&binary->a, evaluation, frame, &room_a);            \
        const struct value *b = operand_value(&binary->b, evaluation, frame, &room_b);            \
        if (a->kind == VALUE_NUMBER && b->kind == VALUE_NUMBER) {                                 \
            if (COMPUTE(a->number, b->number, &ret_value->number)) number_done(ret_value);        \
            else out_of_range(evaluation, ret_value);                                             \
        } else {                                                                                  \
            operate(evaluation, SIGN, a, b, ret_value);                                           \
        }                                                                                         \
    }

ARITHMETIC(run_add, '+', decimal_add)
ARITHMETIC(run_subtract, '-', decimal_subtract)
ARITHMETIC(run_multiply, '*', decimal_multiply)

/* Powers, as roots and logarithms, take as long as some hundred other operations. */
static bool power(struct evaluation *evaluation, struct decimal a, struct decimal b,
                  struct decimal *ret_number) {
    enum { STEPS = 64 };
    int64_t whole;
    bool quick = decimal_to_int64(b, &whole) && whole >= -64 && whole <= 64;
    return (quick || evaluation_steps(evaluation, STEPS)) && decimal_power(a, b, ret_number);
}

static void run_power(RUN_ARGUMENTS) {
    const struct code_binary *binary = (const struct code_binary *)code;
    struct value room_a, room_b;
    const struct value *a = operand_value(&binary->a, evaluation, frame, &room_a);
    const struct value *b = operand_value(&binary->b, evaluation, frame, &room_b);
    struct decimal number;
    if (a->kind != VALUE_NUMBER || b->kind != VALUE_NUMBER)
        operate(evaluation, '^', a, b, ret_value);
    else if (power(evaluation, a->number, b->number, &number))
        *ret_value = value_number(number);
    else
        out_of_range(evaluation, ret_value);
}

static void run_divide(RUN_ARGUMENTS) {
    const struct code_binary *binary = (const struct code_binary *)code;
    struct value room_a, room_b;
    const struct value *a = operand_value(&binary->a, evaluation, frame, &room_a);
    const struct value *b = operand_value(&binary->b, evaluation, frame, &room_b);
    if (a->kind != VALUE_NUMBER || b->kind != VALUE_NUMBER)
        operate(evaluation, '/', a, b, ret_value);
    else if (decimal_divide(a->number, b->number, &ret_value->number))
        number_done(ret_value);
    else if (decimal_sign(b->number) == 0)
        value_fail(evaluation, ret_value, "cannot divide by zero");
    else
        out_of_range(evaluation, ret_value);
}

run_function run_arithmetic(enum node_kind kind) {
    switch (kind) {
    case NODE_ADD: return run_add;
    case NODE_SUBTRACT: return run_subtract;
    case NODE_MULTIPLY: return run_multiply;
    case NODE_DIVIDE: return run_divide;
    default: return run_power;
    }
}

void run_negate(RUN_ARGUMENTS) {
    const struct code_unary *unary = (const struct code_unary *)code;
    struct value room, zero, result;
    const struct value *a = operand_value(&unary->a, evaluation, frame, &room);
    switch (a->kind) {
    case VALUE_NUMBER:
        *ret_value = value_number(decimal_negate(a->number));
        return;
    case VALUE_MONTHS:
    case VALUE_DURATION:
        zero = *a;
        if (a->kind == VALUE_MONTHS) zero.months = 0;
        else zero.duration = (struct value_duration){0, 0};
        if (calendar_operate('-', &zero, a, evaluation->moment, evaluation->scratch, &result)) {
            *ret_value = result;
            return;
        }
        out_of_range(evaluation, ret_value);
        return;
    default:
        value_fail(evaluation, ret_value, "cannot negate %s", value_kind_name(a));
    }
}

void run_round(RUN_ARGUMENTS) {
    const struct code_round *round = (const struct code_round *)code;
    struct value room;
    const struct value *a = operand_value(&round->a, evaluation, frame, &room);
    if (a->kind == VALUE_NUMBER &&
        decimal_round(a->number, round->digits, round->rounding, &ret_value->number)) {
        number_done(ret_value);
        return;
    }
    struct value arguments[2] = {*a, round->scale};
    round->builtin->run(evaluation, arguments, round->scale.kind == VALUE_NULL ? 1 : 2, ret_value);
}
