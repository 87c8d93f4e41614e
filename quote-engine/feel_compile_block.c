/* Lists, contexts, ranges, loops and filters. Each context, loop and filter is a frame of its own;
 * the scope here and the frame when it runs have the same slots in the same order. */
#include "feel_code.h"

/* ---- lists and ranges ------------------------------------------------------------------------ */

const struct code *compile_list(struct compiler *compiler, const struct scope *scope,
                                const struct node *node) {
    size_t count = (size_t)node->item_count;
    struct operand *items = arena_take_array(compiler->arena, count + 1, sizeof *items);
    struct code_items *code = compile_take(compiler, sizeof *code, run_list, NULL);
    if (!items || !code) return NULL;
    const struct type *type = type_builtin(TYPE_NULL);
    bool constant = true;
    for (size_t i = 0; i < count; i++) {
        if (!compile_operand(compiler, scope, node->items[i], &items[i])) return NULL;
        constant = constant && operand_is_constant(&items[i]);
        type = type_join(type, items[i].code->type);
        compile_raise(&code->code, &items[i]);
    }
    code->code.type = type_list_of(compiler, type);
    code->count = node->item_count;
    code->items = items;
    if (!constant) return &code->code;
    struct value *values = arena_take_array(compiler->arena, count + 1, sizeof *values);
    if (!values) return NULL;
    for (size_t i = 0; i < count; i++) values[i] = items[i].constant;
    struct value list = value_list(values, count);
    return compile_constant(compiler, &list, code->code.type);
}

const struct code *compile_range(struct compiler *compiler, const struct scope *scope,
                                 const struct node *node) {
    struct code_range *code = compile_take(compiler, sizeof *code, run_range, NULL);
    if (!code) return NULL;
    code->low_bound = node->low_bound;
    code->high_bound = node->high_bound;
    struct value null = value_null();
    const struct code *none = compile_constant(compiler, &null, NULL);
    if (!none) return NULL;
    operand_set(&code->low, none);
    operand_set(&code->high, none);
    if (node->a && !compile_operand(compiler, scope, node->a, &code->low)) return NULL;
    if (node->b && !compile_operand(compiler, scope, node->b, &code->high)) return NULL;
    if (node->low_bound == RANGE_EQUAL || node->low_bound == RANGE_UNEQUAL)
        code->high = code->low;
    struct type *type = arena_take(compiler->arena, sizeof *type);
    if (!type) return NULL;
    type->kind = TYPE_RANGE;
    type->item = type_join(code->low.code->type, code->high.code->type);
    code->code.type = type;
    compile_raise(&code->code, &code->low);
    compile_raise(&code->code, &code->high);
    return compile_fold(compiler, &code->code,
                        operand_is_constant(&code->low) && operand_is_constant(&code->high));
}

/* ---- contexts -------------------------------------------------------------------------------- */

static const struct type *context_type(struct compiler *compiler, const struct node *node,
                                       const struct operand *items) {
    struct type *type = arena_take(compiler->arena, sizeof *type);
    struct type_component *components =
        arena_take_array(compiler->arena, (size_t)node->item_count + 1, sizeof *components);
    if (!type || !components) return NULL;
    for (int i = 0; i < node->item_count; i++)
        components[i] = (struct type_component){node->names[i], node->name_lengths[i],
                                                items[i].code->type};
    type->kind = TYPE_CONTEXT;
    type->components = components;
    type->component_count = node->item_count;
    return type;
}

/* Does a function among the entries mean itself by its name? It does where nothing else in sight
 * has that name: `{fac: function(n) if n < 2 then 1 else n * fac(n - 1)}`. */
static bool may_call_itself(struct compiler *compiler, const struct scope *scope,
                            const struct node *node, size_t index) {
    const struct node *item = node->items[index];
    while (item->kind == NODE_CONVERT) item = item->a;
    if (item->kind != NODE_FUNCTION || !node->names[index]) return false;
    const struct node name = {.kind = NODE_NAME,
                              .text = node->names[index],
                              .text_length = node->name_lengths[index]};
    return !compile_find_name(compiler, scope, &name);
}

const struct code *compile_context(struct compiler *compiler, const struct scope *scope,
                                   const struct node *node) {
    size_t count = (size_t)node->item_count;
    struct operand *items = arena_take_array(compiler->arena, count + 1, sizeof *items);
    struct binding *bindings = arena_take_array(compiler->arena, count + 1, sizeof *bindings);
    struct code_items *code = compile_take(compiler, sizeof *code, run_context, NULL);
    if (!items || !bindings || !code) return NULL;
    struct scope own = {.outer = scope, .bindings = bindings};
    bool constant = !node->has_result;
    for (size_t i = 0; i < count; i++) {
        bool is_result = node->has_result && i + 1 == count;
        bindings[i] = (struct binding){node->names[i], node->name_lengths[i], NULL};
        bool own_name = !is_result && may_call_itself(compiler, &own, node, i);
        own.binding_count += own_name;
        if (!compile_operand(compiler, &own, node->items[i], &items[i])) return NULL;
        own.binding_count -= own_name;
        constant = constant && operand_is_constant(&items[i]);
        compile_raise(&code->code, &items[i]);
        if (is_result) break;
        bindings[i] =
            (struct binding){node->names[i], node->name_lengths[i], items[i].code->type};
        own.binding_count++;
    }
    code->code.type = node->has_result ? (count ? items[count - 1].code->type : NULL)
                                       : context_type(compiler, node, items);
    code->count = node->item_count;
    code->items = items;
    code->names = node->names;
    code->name_lengths = node->name_lengths;
    code->has_result = node->has_result;
    return compile_fold(compiler, &code->code, constant);
}

/* ---- loops ----------------------------------------------------------------------------------- */

/* Can running this make a function, which would keep the frame that it was made in? */
static bool makes_functions(const struct node *node) {
    if (!node) return false;
    if (node->kind == NODE_FUNCTION || node->kind == NODE_TABLE) return true;
    if (makes_functions(node->a) || makes_functions(node->b)) return true;
    for (int i = 0; node->items && i < node->item_count; i++)
        if (makes_functions(node->items[i])) return true;
    return false;
}

static bool compile_source(struct compiler *compiler, const struct scope *scope,
                           const struct node *node, struct code_source *ret_source,
                           const struct type **ret_item_type) {
    struct code_source source = {.is_counted = node->kind == NODE_ITERATE};
    const struct node *first = source.is_counted ? node->a : node;
    if (!compile_operand(compiler, scope, first, &source.a)) return false;
    if (source.is_counted && !compile_operand(compiler, scope, node->b, &source.b)) return false;
    const struct type *type = source.a.code->type;
    enum type_kind kind = type_kind_of(type);
    if (!source.is_counted && (kind == TYPE_LIST || kind == TYPE_RANGE)) type = type->item;
    *ret_item_type = type;
    *ret_source = source;
    return true;
}

const struct code *compile_loop(struct compiler *compiler, const struct scope *scope,
                                const struct node *node) {
    int count = node->item_count - 1;
    if (count < 1 || count > FUNCTION_PARAMETERS_MAX)
        return compile_fail(compiler, node, "a loop has 1 to %d variables",
                            FUNCTION_PARAMETERS_MAX);
    struct binding bindings[FUNCTION_PARAMETERS_MAX + 1];
    struct scope own = {.outer = scope, .bindings = bindings};
    bool is_for = node->kind == NODE_FOR;
    struct code_loop *code = compile_take(compiler, sizeof *code,
                                          is_for ? run_for : run_quantified,
                                          type_builtin(TYPE_BOOLEAN));
    struct code_source *sources =
        arena_take_array(compiler->arena, (size_t)count, sizeof *sources);
    if (!code || !sources) return NULL;
    for (int i = 0; i < count; i++) {
        const struct type *type;
        if (!compile_source(compiler, &own, node->items[i], &sources[i], &type)) return NULL;
        bindings[i] = (struct binding){node->names[i], node->name_lengths[i], type};
        own.binding_count++;
        compile_raise(&code->code, &sources[i].a);
        if (sources[i].is_counted) compile_raise(&code->code, &sources[i].b);
    }
    if (is_for)
        bindings[own.binding_count++] =
            (struct binding){"partial", 7, type_builtin(TYPE_LIST)};
    code->result = compile_node(compiler, &own, node->items[count]);
    if (!code->result) return NULL;
    struct operand result = {.code = code->result};
    compile_raise(&code->code, &result);
    code->kind = node->kind;
    code->source_count = count;
    code->sources = sources;
    code->makes_functions = is_for && makes_functions(node);
    if (is_for) code->code.type = type_list_of(compiler, code->result->type);
    return &code->code;
}

const struct code *compile_filter(struct compiler *compiler, const struct scope *scope,
                                  const struct node *node) {
    struct code_filter *code = compile_take(compiler, sizeof *code, run_filter, NULL);
    if (!code || !compile_operand(compiler, scope, node->a, &code->a)) return NULL;
    const struct type *list = code->a.code->type;
    const struct type *item = type_kind_of(list) == TYPE_LIST ? list->item : list;
    struct binding binding = {compile_item_name, 4, item};
    struct scope own = {.outer = scope, .bindings = &binding, .binding_count = 1};
    code->filter = compile_node(compiler, &own, node->b);
    if (!code->filter) return NULL;
    enum type_kind kind = type_kind_of(code->filter->type);
    code->is_index = kind == TYPE_NUMBER;
    if (kind == TYPE_NUMBER) code->code.type = item;
    else if (kind == TYPE_BOOLEAN)
        code->code.type =
            type_kind_of(list) == TYPE_LIST ? list : type_list_of(compiler, item);
    struct operand filter = {.code = code->filter};
    compile_raise(&code->code, &code->a);
    compile_raise(&code->code, &filter);
    return &code->code;
}
