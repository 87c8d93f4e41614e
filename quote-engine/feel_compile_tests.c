/* Unary tests: each is either a condition on `?` or something to look for `?` in. */
#include "feel_code.h"

/* Does the expression speak of the `?` around it (not of that of tests inside)? */
static bool speaks_of_input(const struct node *node) {
    if (!node || node->kind == NODE_TESTS) return false;
    if (node->kind == NODE_INPUT) return true;
    if (speaks_of_input(node->a) || speaks_of_input(node->b)) return true;
    for (int i = 0; node->items && i < node->item_count; i++)
        if (speaks_of_input(node->items[i])) return true;
    return false;
}

const struct code *compile_tests(struct compiler *compiler, const struct scope *scope,
                                 const struct node *node, const struct type *input_type) {
    struct code_tests *code =
        compile_take(compiler, sizeof *code, run_tests, type_builtin(TYPE_BOOLEAN));
    struct test *tests =
        arena_take_array(compiler->arena, (size_t)node->item_count + 1, sizeof *tests);
    if (!code || !tests) return NULL;
    struct binding binding = {"?", 1, input_type};
    struct scope own = {.outer = scope, .bindings = &binding, .binding_count = 1};
    for (int i = 0; i < node->item_count; i++) {
        if (!compile_operand(compiler, &own, node->items[i], &tests[i].operand)) return NULL;
        tests[i].is_condition = speaks_of_input(node->items[i]);
        compile_raise(&code->code, &tests[i].operand);
        if (!tests[i].is_condition && operand_is_constant(&tests[i].operand) &&
            !check_test(compiler, node->items[i], input_type, tests[i].operand.code->type))
            return NULL;
    }
    code->tests = tests;
    code->count = node->item_count;
    code->negated = node->negated;
    return &code->code;
}

const struct code *compile_in(struct compiler *compiler, const struct scope *scope,
                              const struct node *node) {
    struct code_in *code =
        compile_take(compiler, sizeof *code, run_in, type_builtin(TYPE_BOOLEAN));
    if (!code || !compile_operand(compiler, scope, node->a, &code->a)) return NULL;
    struct node tests = {.kind = NODE_TESTS, .line = node->line, .column = node->column,
                         .items = (struct node **)&node->b, .item_count = 1};
    const struct node *b = node->b->kind == NODE_TESTS ? node->b : &tests;
    const struct code *compiled = compile_tests(compiler, scope, b, code->a.code->type);
    if (!compiled) return NULL;
    code->tests = (const struct code_tests *)compiled;
    struct operand operand = {.code = compiled};
    compile_raise(&code->code, &code->a);
    compile_raise(&code->code, &operand);
    return &code->code;
}
