/* Built-in functions on numbers (DMN 1.5, table 77). Rounding takes its scale as a number whose
 * fraction is dropped, within DECIMAL_SCALE_MIN and DECIMAL_SCALE_MAX. */
#include "builtin.h"

#include "calendar.h"

static void give(struct evaluation *evaluation, const char *name, bool done, struct decimal number,
                 struct value *ret_value) {
    if (done)
        *ret_value = value_number(number);
    else
        value_fail(evaluation, ret_value, "%s: the result is not a number within range", name);
}

static void round_to(struct evaluation *evaluation, const char *name,
                     enum decimal_rounding rounding, const char *kinds,
                     const struct value *arguments, int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    struct decimal number;
    if (!builtin_check(evaluation, name, kinds, arguments, count, checked, ret_value))
        return;
    int64_t scale = count > 1 ? builtin_whole(checked[1].number) : 0;
    if (scale < DECIMAL_SCALE_MIN || scale > DECIMAL_SCALE_MAX) {
        value_fail(evaluation, ret_value, "%s: the scale must lie between %d and %d", name,
                   DECIMAL_SCALE_MIN, DECIMAL_SCALE_MAX);
        return;
    }
    bool done = decimal_round(checked[0].number, (int)scale, rounding, &number);
    give(evaluation, name, done, number, ret_value);
}

#define ROUNDING(function, name, rounding, kinds)                                                 \
    static void function(struct evaluation *evaluation, const struct value *arguments, int count, \
                         struct value *ret_value) {                                               \
        round_to(evaluation, name, rounding, kinds, arguments, count, ret_value);                 \
    }
ROUNDING(run_decimal, "decimal", DECIMAL_HALF_EVEN, "nn")
ROUNDING(run_floor, "floor", DECIMAL_FLOOR, "n|n")
ROUNDING(run_ceiling, "ceiling", DECIMAL_CEILING, "n|n")
ROUNDING(run_round_up, "round up", DECIMAL_UP, "nn")
ROUNDING(run_round_down, "round down", DECIMAL_DOWN, "nn")
ROUNDING(run_round_half_up, "round half up", DECIMAL_HALF_UP, "nn")
ROUNDING(run_round_half_down, "round half down", DECIMAL_HALF_DOWN, "nn")

static void run_abs(struct evaluation *evaluation, const struct value *arguments, int count,
                    struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    if (!builtin_check(evaluation, "abs", "a", arguments, count, checked, ret_value))
        return;
    struct value value = checked[0], minus_one = value_int64(-1);
    if (value.kind == VALUE_LIST && value.length == 1)
        value = value.items[0];
    bool negative = (value.kind == VALUE_MONTHS && value.months < 0) ||
                    (value.kind == VALUE_DURATION && value.duration.seconds < 0);
    if (value.kind == VALUE_NUMBER)
        *ret_value = value_number(decimal_absolute(value.number));
    else if (value.kind != VALUE_MONTHS && value.kind != VALUE_DURATION)
        value_fail(evaluation, ret_value, "abs: give a number or a duration, not %s",
                   builtin_kind_name(value.kind));
    else if (!negative)
        *ret_value = value;
    else if (!calendar_operate('*', &value, &minus_one, evaluation->moment, evaluation->scratch,
                               ret_value))
        value_fail(evaluation, ret_value, "abs: the duration is too long");
}

static void run_modulo(struct evaluation *evaluation, const struct value *arguments, int count,
                       struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    struct decimal number;
    if (!builtin_check(evaluation, "modulo", "nn", arguments, count, checked, ret_value))
        return;
    if (decimal_sign(checked[1].number) == 0) {
        value_fail(evaluation, ret_value, "modulo: the divisor must not be zero");
        return;
    }
    bool done = decimal_modulo(checked[0].number, checked[1].number, &number);
    give(evaluation, "modulo", done, number, ret_value);
}

static void with_one(struct evaluation *evaluation, const char *name,
                     bool (*operation)(struct decimal number, struct decimal *ret_number),
                     const struct value *arguments, int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    struct decimal number = decimal_from_int64(0);
    if (!builtin_check(evaluation, name, "n", arguments, count, checked, ret_value))
        return;
    enum { STEPS = 64 }; /* a root or logarithm takes as long as so many simple operations */
    bool done = evaluation_steps(evaluation, STEPS) && operation(checked[0].number, &number);
    give(evaluation, name, done, number, ret_value);
}

static void run_sqrt(struct evaluation *evaluation, const struct value *arguments, int count,
                     struct value *ret_value) {
    with_one(evaluation, "sqrt", decimal_square_root, arguments, count, ret_value);
}

static void run_log(struct evaluation *evaluation, const struct value *arguments, int count,
                    struct value *ret_value) {
    with_one(evaluation, "log", decimal_logarithm, arguments, count, ret_value);
}

static void run_exp(struct evaluation *evaluation, const struct value *arguments, int count,
                    struct value *ret_value) {
    with_one(evaluation, "exp", decimal_exponential, arguments, count, ret_value);
}

/* Odd and even ask about whole numbers: 2.5 is neither. */
static void parity(struct evaluation *evaluation, const char *name, int64_t rest,
                   const struct value *arguments, int count, struct value *ret_value) {
    struct value checked[BUILTIN_ARGUMENTS_MAX];
    struct decimal remainder;
    int64_t whole;
    if (!builtin_check(evaluation, name, "n", arguments, count, checked, ret_value))
        return;
    if (decimal_modulo(checked[0].number, decimal_from_int64(2), &remainder))
        *ret_value = value_boolean(decimal_to_int64(remainder, &whole) && whole == rest);
    else
        value_fail(evaluation, ret_value, "%s: the number is out of range", name);
}

static void run_odd(struct evaluation *evaluation, const struct value *arguments, int count,
                    struct value *ret_value) {
    parity(evaluation, "odd", 1, arguments, count, ret_value);
}

static void run_even(struct evaluation *evaluation, const struct value *arguments, int count,
                     struct value *ret_value) {
    parity(evaluation, "even", 0, arguments, count, ret_value);
}

const struct builtin builtin_number_rows[] = {
    {"decimal", {"n", "scale"}, 2, 2, run_decimal, TYPE_NUMBER, false},
    {"floor", {"n", "scale"}, 1, 2, run_floor, TYPE_NUMBER, false},
    {"ceiling", {"n", "scale"}, 1, 2, run_ceiling, TYPE_NUMBER, false},
    {"round up", {"n", "scale"}, 2, 2, run_round_up, TYPE_NUMBER, false},
    {"round down", {"n", "scale"}, 2, 2, run_round_down, TYPE_NUMBER, false},
    {"round half up", {"n", "scale"}, 2, 2, run_round_half_up, TYPE_NUMBER, false},
    {"round half down", {"n", "scale"}, 2, 2, run_round_half_down, TYPE_NUMBER, false},
    {"abs", {"n"}, 1, 1, run_abs, TYPE_ANY, false},
    {"modulo", {"dividend", "divisor"}, 2, 2, run_modulo, TYPE_NUMBER, false},
    {"sqrt", {"number"}, 1, 1, run_sqrt, TYPE_NUMBER, false},
    {"log", {"number"}, 1, 1, run_log, TYPE_NUMBER, false},
    {"exp", {"number"}, 1, 1, run_exp, TYPE_NUMBER, false},
    {"odd", {"number"}, 1, 1, run_odd, TYPE_BOOLEAN, false},
    {"even", {"number"}, 1, 1, run_even, TYPE_BOOLEAN, false},
    {NULL, {NULL}, 0, 0, NULL, TYPE_ANY, false}};
