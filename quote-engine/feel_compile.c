/* Nodes to code: the part for every kind of node that needs no file of its own.
 *
 * Each node is compiled after its children, whose types then are known: certain mistakes are
 * reported (feel_check.c), constants are computed (feel_compile_constant.c), and the run function
 * is chosen. With leniency a part that cannot be compiled becomes a null that knows why. */
#include "dmn_table.h"
#include "feel_code.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void *compile_take(struct compiler *compiler, size_t size, run_function run,
                   const struct type *type) {
    struct code *code = arena_take(compiler->arena, size);
    if (!code) return NULL;
    code->run = run;
    code->type = type;
    code->height = 1;
    return code;
}

static const struct code *null_error(struct compiler *compiler, const char *reason,
                                     size_t length) {
    struct code_constant *code =
        compile_take(compiler, sizeof *code, run_null_error, type_builtin(TYPE_NULL));
    if (!code) return NULL;
    code->value = value_null();
    code->reason = arena_copy(compiler->arena, reason, length);
    return code->reason ? &code->code : NULL;
}

const struct code *compile_fail(struct compiler *compiler, const struct node *node,
                                const char *format, ...) {
    char reason[PROBLEM_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    problems_add(compiler->problems, compiler->lenient, compiler->file, node->line, node->column,
                 compiler->place, "%s", reason);
    return compiler->lenient ? null_error(compiler, reason, strlen(reason)) : NULL;
}

void operand_set(struct operand *operand, const struct code *code) {
    operand->code = code;
    operand->kind = OPERAND_CODE;
    if (code->run == run_slot) {
        const struct code_slot *slot = (const struct code_slot *)code;
        operand->kind = OPERAND_SLOT;
        operand->depth = slot->depth;
        operand->slot = slot->slot;
    } else if (code->run == run_constant) {
        operand->kind = OPERAND_CONSTANT;
        operand->constant = ((const struct code_constant *)code)->value;
    }
}

void compile_raise(struct code *code, const struct operand *operand) {
    if (operand->code && operand->code->height >= code->height)
        code->height = operand->code->height + 1;
}

bool compile_operand(struct compiler *compiler, const struct scope *scope,
                     const struct node *node, struct operand *ret_operand) {
    const struct code *code = compile_node(compiler, scope, node);
    if (!code) return false;
    operand_set(ret_operand, code);
    return true;
}

enum type_kind type_kind_of(const struct type *type) {
    return type ? type->kind : TYPE_ANY;
}

/* ---- operators ------------------------------------------------------------------------------- */

static const struct code *compile_negate(struct compiler *compiler, const struct scope *scope,
                                         const struct node *node) {
    struct operand a;
    if (!compile_operand(compiler, scope, node->a, &a)) return NULL;
    struct code_unary *code = compile_take(compiler, sizeof *code, run_negate, a.code->type);
    if (!code) return NULL;
    enum type_kind kind = type_kind_of(a.code->type);
    if (kind != TYPE_ANY && kind != TYPE_NULL && kind != TYPE_NUMBER && kind != TYPE_MONTHS &&
        kind != TYPE_DURATION) {
        if (!compiler->lenient)
            return compile_fail(compiler, node, "a %s has no negative: only numbers and durations "
                                                "have", type_builtin(kind)->name);
        code->code.type = type_builtin(TYPE_NULL);
    }
    code->a = a;
    compile_raise(&code->code, &a);
    return compile_fold(compiler, &code->code, operand_is_constant(&a));
}

static const struct code *compile_binary(struct compiler *compiler, const struct scope *scope,
                                         const struct node *node) {
    struct operand a, b;
    if (!compile_operand(compiler, scope, node->a, &a) ||
        !compile_operand(compiler, scope, node->b, &b))
        return NULL;
    const struct type *type = type_builtin(TYPE_BOOLEAN);
    run_function run;
    if ((node->kind == NODE_AND || node->kind == NODE_OR) &&
        !check_logic(compiler, node, a.code->type, b.code->type))
        return NULL;
    if (node->kind == NODE_AND) run = run_and;
    else if (node->kind == NODE_OR) run = run_or;
    else if (node->kind >= NODE_EQUAL) {
        run = run_comparison(node->kind);
        if (!check_comparison(compiler, node, a.code->type, b.code->type)) return NULL;
    } else {
        run = run_arithmetic(node->kind);
        if (!check_arithmetic(compiler, node, a.code->type, b.code->type, &type)) return NULL;
    }
    struct code_binary *code = compile_take(compiler, sizeof *code, run, type);
    if (!code) return NULL;
    code->a = a;
    code->b = b;
    compile_raise(&code->code, &a);
    compile_raise(&code->code, &b);
    return compile_fold(compiler, &code->code, operand_is_constant(&a) && operand_is_constant(&b));
}

static const struct code *compile_ternary(struct compiler *compiler, const struct scope *scope,
                                          const struct node *node) {
    bool is_if = node->kind == NODE_IF;
    struct code_ternary *code = compile_take(compiler, sizeof *code, is_if ? run_if : run_between,
                                             type_builtin(TYPE_BOOLEAN));
    if (!code) return NULL;
    for (int i = 0; i < 3; i++) {
        if (!compile_operand(compiler, scope, node->items[i], &code->items[i])) return NULL;
        compile_raise(&code->code, &code->items[i]);
    }
    const struct type *types[3];
    for (int i = 0; i < 3; i++) types[i] = code->items[i].code->type;
    if (!is_if) {
        struct node part = *node;
        part.kind = NODE_GREATER_EQUAL;
        if (!check_comparison(compiler, &part, types[0], types[1]) ||
            !check_comparison(compiler, &part, types[0], types[2]))
            return NULL;
        return &code->code;
    }
    code->code.type = type_join(types[1], types[2]);
    if (operand_is_constant(&code->items[0])) {
        const struct operand *chosen = &code->items[truth(&code->items[0].constant) == 1 ? 1 : 2];
        return chosen->code;
    }
    return &code->code;
}

/* ---- types ----------------------------------------------------------------------------------- */

/* Is it known that converting changes nothing? */
static bool is_converted(const struct type *wanted, const struct type *given) {
    enum type_kind kind = type_kind_of(wanted);
    if (wanted && (wanted->allowed || wanted->also)) return false;
    return kind == TYPE_ANY ||
           (kind >= TYPE_BOOLEAN && kind <= TYPE_DURATION && type_kind_of(given) == kind);
}

static const struct code *compile_typed(struct compiler *compiler, const struct scope *scope,
                                        const struct node *node) {
    bool is_test = node->kind == NODE_INSTANCE_OF;
    struct operand a;
    if (!compile_operand(compiler, scope, node->a, &a)) return NULL;
    if (!is_test && is_converted(node->type, a.code->type)) return a.code;
    struct code_typed *code =
        compile_take(compiler, sizeof *code, is_test ? run_instance : run_convert,
                     is_test ? type_builtin(TYPE_BOOLEAN) : node->type);
    if (!code) return NULL;
    code->a = a;
    code->type = node->type;
    compile_raise(&code->code, &a);
    return &code->code;
}

/* ---- constants, paths ------------------------------------------------------------------------ */

static const struct code *compile_literal(struct compiler *compiler, const struct node *node) {
    const struct value *value = &node->value;
    const struct type *type = node->type ? node->type : compile_type_of(value);
    const struct zone *zone = value->kind == VALUE_TIME        ? &value->time->zone
                              : value->kind == VALUE_DATE_TIME ? &value->date_time->time.zone
                                                               : NULL;
    struct code_constant *code = compile_take(
        compiler, sizeof *code, zone && zone->kind == ZONE_NAMED ? run_zoned : run_constant, type);
    if (!code) return NULL;
    code->value = *value;
    return &code->code;
}

static const struct code *compile_null_error(struct compiler *compiler, const struct node *node) {
    return null_error(compiler, node->text ? node->text : "this could not be compiled",
                      node->text ? node->text_length : 26);
}

static const struct code *compile_path(struct compiler *compiler, const struct scope *scope,
                                       const struct node *node) {
    const struct code *of = compile_node(compiler, scope, node->a);
    if (!of) return NULL;
    const struct code *code = compile_path_of(compiler, of, node->text, node->text_length);
    if (!code) return NULL;
    const struct type *type = of->type;
    if (type_kind_of(type) == TYPE_LIST) type = type->item;
    enum type_kind kind = type_kind_of(type);
    bool simple = kind == TYPE_NUMBER || kind == TYPE_TEXT || kind == TYPE_BOOLEAN ||
                  kind == TYPE_FUNCTION;
    if (simple && !compiler->lenient)
        return compile_fail(compiler, node, "a %s has no entry '%.*s'", type_builtin(kind)->name,
                            (int)node->text_length, node->text);
    if (kind == TYPE_CONTEXT && type->component_count && !compiler->lenient &&
        !check_component(compiler, node, type))
        return NULL;
    return code;
}

/* ---- all ------------------------------------------------------------------------------------- */

const struct code *compile_node(struct compiler *compiler, const struct scope *scope,
                                const struct node *node) {
    switch (node->kind) {
    case NODE_LITERAL: return compile_literal(compiler, node);
    case NODE_NAME: return compile_name(compiler, scope, node);
    case NODE_INPUT: return compile_name(compiler, scope, node);
    case NODE_NEGATE: return compile_negate(compiler, scope, node);
    case NODE_ADD: case NODE_SUBTRACT: case NODE_MULTIPLY: case NODE_DIVIDE: case NODE_POWER:
    case NODE_EQUAL: case NODE_UNEQUAL: case NODE_LESS: case NODE_LESS_EQUAL: case NODE_GREATER:
    case NODE_GREATER_EQUAL: case NODE_AND: case NODE_OR:
        return compile_binary(compiler, scope, node);
    case NODE_BETWEEN: case NODE_IF: return compile_ternary(compiler, scope, node);
    case NODE_IN: return compile_in(compiler, scope, node);
    case NODE_TESTS: return compile_tests(compiler, scope, node, node->type);
    case NODE_RANGE: return compile_range(compiler, scope, node);
    case NODE_FOR: case NODE_SOME: case NODE_EVERY: return compile_loop(compiler, scope, node);
    case NODE_FILTER: return compile_filter(compiler, scope, node);
    case NODE_PATH: return compile_path(compiler, scope, node);
    case NODE_INSTANCE_OF: case NODE_CONVERT: return compile_typed(compiler, scope, node);
    case NODE_LIST: return compile_list(compiler, scope, node);
    case NODE_CONTEXT: return compile_context(compiler, scope, node);
    case NODE_FUNCTION: return compile_function(compiler, scope, node);
    case NODE_CALL: return compile_call(compiler, scope, node);
    case NODE_TABLE: return table_compile(compiler, scope, (struct node *)(uintptr_t)node);
    case NODE_NULL_ERROR: return compile_null_error(compiler, node);
    case NODE_ITERATE:
        return compile_fail(compiler, node, "a..b without brackets stands only behind the 'in' of "
                                            "a for: write [a..b]");
    }
    return NULL;
}

const struct code *feel_compile(struct compiler *compiler, const struct scope *scope,
                                struct node *node) {
    int errors = compiler->problems->errors;
    const struct code *code = compile_node(compiler, scope, node);
    /* Whatever is wrong was reported where it was found, except that memory ended. */
    if (!code && compiler->problems->errors == errors)
        problems_add(compiler->problems, false, compiler->file, node->line, node->column,
                     compiler->place, "there is no memory left for this model: make it smaller");
    return code;
}
