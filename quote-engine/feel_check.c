/* What is certain about operations before they run: the type of their result, and the mistake of
 * operands that can only give null. Reported where a model is written with care (not lenient);
 * whatever may be right is let through, null included. */
#include "feel_code.h"

static bool is_known(enum type_kind kind) {
    return kind != TYPE_ANY && kind != TYPE_NULL;
}

static bool is_temporal(enum type_kind kind) {
    return kind >= TYPE_DATE && kind <= TYPE_DURATION;
}

/* Dates, times, and durations among themselves: which pairs there are is the calendar's to know. */
static enum type_kind temporal_result(enum node_kind operation, enum type_kind a,
                                      enum type_kind b) {
    bool a_duration = a == TYPE_MONTHS || a == TYPE_DURATION;
    bool b_duration = b == TYPE_MONTHS || b == TYPE_DURATION;
    if (a_duration && b == TYPE_NUMBER && operation != NODE_ADD && operation != NODE_SUBTRACT)
        return a;
    if (b_duration && a == TYPE_NUMBER && operation == NODE_MULTIPLY) return b;
    if (a_duration && a == b) return operation == NODE_DIVIDE ? TYPE_NUMBER : a;
    if (is_temporal(a) && !a_duration && b_duration) return a;
    if (a_duration && is_temporal(b) && !b_duration) return b;
    if (is_temporal(a) && is_temporal(b) && operation == NODE_SUBTRACT) return TYPE_DURATION;
    return TYPE_ANY;
}

static const char *operation_name(enum node_kind kind) {
    switch (kind) {
    case NODE_ADD: return "plus";
    case NODE_SUBTRACT: return "minus";
    case NODE_MULTIPLY: return "times";
    case NODE_DIVIDE: return "divided by";
    case NODE_POWER: return "to the power of";
    default: return "compared with";
    }
}

static bool refuse(struct compiler *compiler, const struct node *node, enum type_kind a,
                   enum type_kind b) {
    if (compiler->lenient) return true;
    compile_fail(compiler, node, "%s %s %s has no result: make both sides fit",
                 type_builtin(a)->name, operation_name(node->kind), type_builtin(b)->name);
    return false;
}

bool check_arithmetic(struct compiler *compiler, const struct node *node, const struct type *a,
                      const struct type *b, const struct type **ret_type) {
    enum type_kind left = type_kind_of(a), right = type_kind_of(b);
    *ret_type = type_builtin(TYPE_ANY);
    if (left == TYPE_NUMBER && right == TYPE_NUMBER) {
        *ret_type = type_builtin(TYPE_NUMBER);
        return true;
    }
    if (node->kind == NODE_ADD && left == TYPE_TEXT && right == TYPE_TEXT) {
        *ret_type = type_builtin(TYPE_TEXT);
        return true;
    }
    if (is_temporal(left) || is_temporal(right)) {
        bool other_fits = (is_temporal(left) || left == TYPE_NUMBER || !is_known(left)) &&
                          (is_temporal(right) || right == TYPE_NUMBER || !is_known(right));
        if (node->kind != NODE_POWER && other_fits) {
            *ret_type = type_builtin(temporal_result(node->kind, left, right));
            return true;
        }
        return refuse(compiler, node, left, right);
    }
    bool left_fits = !is_known(left) || left == TYPE_NUMBER ||
                     (left == TYPE_TEXT && node->kind == NODE_ADD);
    bool right_fits = !is_known(right) || right == TYPE_NUMBER ||
                      (right == TYPE_TEXT && node->kind == NODE_ADD);
    if (left_fits && right_fits && (left == right || !is_known(left) || !is_known(right)))
        return true;
    return refuse(compiler, node, left, right);
}

static void warn(struct compiler *compiler, const struct node *node, const char *what,
                 enum type_kind a, enum type_kind b) {
    if (compiler->lenient) return;
    problems_add(compiler->problems, true, compiler->file, node->line, node->column,
                 compiler->place, "a %s is never equal to a %s: %s", type_builtin(b)->name,
                 type_builtin(a)->name, what);
}

/* Two kinds that are known, single values, and never equal. */
static bool never_equal(enum type_kind a, enum type_kind b) {
    return is_known(a) && is_known(b) && a != b && a < TYPE_RANGE && b < TYPE_RANGE;
}

bool check_logic(struct compiler *compiler, const struct node *node, const struct type *a,
                 const struct type *b) {
    enum type_kind left = type_kind_of(a), right = type_kind_of(b);
    enum type_kind wrong = is_known(left) && left != TYPE_BOOLEAN ? left : right;
    if (!compiler->careful || !is_known(wrong) || wrong == TYPE_BOOLEAN) return true;
    compile_fail(compiler, node,
                 "a %s is neither true nor false: join conditions with '%s', and list the values "
                 "of a cell with commas", type_builtin(wrong)->name,
                 node->kind == NODE_AND ? "and" : "or");
    return false;
}

bool check_test(struct compiler *compiler, const struct node *node, const struct type *input,
                const struct type *value) {
    enum type_kind left = type_kind_of(input), right = type_kind_of(value);
    if (left != TYPE_BOOLEAN && right == TYPE_BOOLEAN) return true;
    if (!never_equal(left, right)) return true;
    if (compiler->careful)
        compile_fail(compiler, node,
                     "a %s is never equal to a %s: this test never holds, so write a value of the "
                     "column's type", type_builtin(right)->name, type_builtin(left)->name);
    else
        warn(compiler, node, "this test never holds", left, right);
    return !compiler->careful;
}

/* Equality of different kinds is null as well, but a model may ask for it to see whether a value
 * is of some kind: a warning does. Order between them has no use. */
bool check_comparison(struct compiler *compiler, const struct node *node, const struct type *a,
                      const struct type *b) {
    enum type_kind left = type_kind_of(a), right = type_kind_of(b);
    if (node->kind == NODE_EQUAL || node->kind == NODE_UNEQUAL) {
        if (never_equal(left, right)) warn(compiler, node, "the result is null", left, right);
        return true;
    }
    if (!is_known(left) || !is_known(right)) return true;
    if (left == TYPE_RANGE || right == TYPE_RANGE) return true;
    if (left == right && left != TYPE_BOOLEAN && left < TYPE_RANGE) return true;
    if (is_temporal(left) && is_temporal(right)) return true;
    return refuse(compiler, node, left, right);
}
