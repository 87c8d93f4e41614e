/* Calls and functions: which built-in is meant and in what order its arguments stand is settled
 * here; rounding to a constant scale and `not` become operations of their own. */
#include "feel_code.h"

#include <string.h>

/* ---- built-ins ------------------------------------------------------------------------------- */

static int parameter_find(const struct builtin *builtin, const char *name, uint32_t length) {
    for (int i = 0; i < 8 && builtin->parameters[i]; i++)
        if (strlen(builtin->parameters[i]) == length &&
            !memcmp(builtin->parameters[i], name, length))
            return i;
    return -1;
}

static bool takes(const struct builtin *builtin, int count) {
    return count >= builtin->minimum && (builtin->maximum < 0 || count <= builtin->maximum);
}

/* Do the named arguments fit this row? Their places through ret_places, all of them in count. */
static bool named_fit(const struct builtin *builtin, const struct node *node,
                      int ret_places[FUNCTION_PARAMETERS_MAX], int *ret_count) {
    unsigned given = 0;
    int count = 0;
    if (node->item_count > 8) return false;
    for (int i = 0; i < node->item_count; i++) {
        int place = parameter_find(builtin, node->names[i], node->name_lengths[i]);
        if (place < 0 || given & 1u << place) return false;
        given |= 1u << place;
        ret_places[i] = place;
        if (place >= count) count = place + 1;
    }
    for (int i = 0; i < builtin->minimum; i++)
        if (!(given & 1u << i)) return false;
    *ret_count = count;
    return true;
}

/* Do the named arguments fit this row as they stand? */
static bool named_in_order(const struct builtin *builtin, const struct node *node) {
    int places[FUNCTION_PARAMETERS_MAX], count;
    if (!named_fit(builtin, node, places, &count)) return false;
    for (int i = 0; i < node->item_count; i++)
        if (places[i] != i) return false;
    return true;
}

static const struct code *builtin_refuse(struct compiler *compiler, const struct node *node,
                                         const struct builtin *builtin) {
    if (node->names && node->item_count) {
        for (int i = 0; i < node->item_count; i++) {
            bool known = false;
            const struct builtin *row = builtin;
            for (int j = 0; row; row = builtin_find(builtin->name, strlen(builtin->name), ++j))
                known |= parameter_find(row, node->names[i], node->name_lengths[i]) >= 0;
            if (!known)
                return compile_fail(compiler, node, "the function '%s' has no parameter '%.*s'",
                                    builtin->name, (int)node->name_lengths[i], node->names[i]);
        }
        return compile_fail(compiler, node, "the function '%s' has no form with these parameters",
                            builtin->name);
    }
    return compile_fail(compiler, node, "the function '%s' cannot be called with %d argument%s",
                        builtin->name, node->item_count, node->item_count == 1 ? "" : "s");
}

static bool rounding_find(const char *name, enum decimal_rounding *ret_rounding) {
    static const struct {
        const char *name;
        enum decimal_rounding rounding;
    } functions[] = {{"decimal", DECIMAL_HALF_EVEN},       {"floor", DECIMAL_FLOOR},
                     {"ceiling", DECIMAL_CEILING},         {"round up", DECIMAL_UP},
                     {"round down", DECIMAL_DOWN},         {"round half up", DECIMAL_HALF_UP},
                     {"round half down", DECIMAL_HALF_DOWN}};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (!strcmp(functions[i].name, name)) {
            *ret_rounding = functions[i].rounding;
            return true;
        }
    return false;
}

/* A rounding to a scale that is known: NULL when this call is none. */
static const struct code *compile_round(struct compiler *compiler, const struct builtin *builtin,
                                        const struct operand *arguments, int count) {
    enum decimal_rounding rounding;
    int64_t digits = 0;
    struct value scale = value_null();
    if (!rounding_find(builtin->name, &rounding) || count < 1 || count > 2) return NULL;
    if (count == 2) {
        scale = arguments[1].constant;
        if (!operand_is_constant(&arguments[1]) || scale.kind != VALUE_NUMBER ||
            !decimal_to_int64(scale.number, &digits) || digits < DECIMAL_SCALE_MIN ||
            digits > DECIMAL_SCALE_MAX)
            return NULL;
    }
    struct code_round *code =
        compile_take(compiler, sizeof *code, run_round, type_builtin(TYPE_NUMBER));
    if (!code) return NULL;
    code->a = arguments[0];
    code->builtin = builtin;
    code->scale = scale;
    code->digits = (int)digits;
    code->rounding = rounding;
    compile_raise(&code->code, &code->a);
    return compile_fold(compiler, &code->code, operand_is_constant(&code->a));
}

static const struct code *compile_not(struct compiler *compiler, const struct operand *argument) {
    struct code_unary *code =
        compile_take(compiler, sizeof *code, run_not, type_builtin(TYPE_BOOLEAN));
    if (!code) return NULL;
    code->a = *argument;
    compile_raise(&code->code, argument);
    return compile_fold(compiler, &code->code, operand_is_constant(argument));
}

/* The arguments in the built-in's order; what is not given in between is null. */
static struct operand *builtin_arguments(struct compiler *compiler, const struct scope *scope,
                                         const struct node *node, const int *places, int count) {
    struct operand *arguments =
        arena_take_array(compiler->arena, (size_t)count + 1, sizeof *arguments);
    struct value null = value_null();
    if (!arguments) return NULL;
    for (int i = 0; i < node->item_count; i++) {
        struct operand *argument = &arguments[places ? places[i] : i];
        if (!compile_operand(compiler, scope, node->items[i], argument)) return NULL;
    }
    for (int i = 0; i < count; i++)
        if (!arguments[i].code) {
            const struct code *code = compile_constant(compiler, &null, NULL);
            if (!code) return NULL;
            operand_set(&arguments[i], code);
        }
    return arguments;
}

static bool depends_on_moment(const struct builtin *builtin) {
    return !strcmp(builtin->name, "now") || !strcmp(builtin->name, "today");
}

static const struct code *compile_builtin(struct compiler *compiler, const struct scope *scope,
                                          const struct node *node, const struct builtin *first) {
    int places[FUNCTION_PARAMETERS_MAX], count = node->item_count;
    bool named = node->names && node->item_count;
    const struct builtin *builtin = first;
    size_t length = strlen(first->name);
    for (int i = 0; builtin; builtin = builtin_find(first->name, length, ++i))
        if (named ? named_in_order(builtin, node) : takes(builtin, count)) break;
    /* before(point, range) and before(range, point) differ by the order of their names alone:
     * only where no form has that of the call may another order be meant. */
    if (named) {
        if (!builtin) builtin = first;
        for (int i = 0; builtin && !named_fit(builtin, node, places, &count);)
            builtin = builtin_find(first->name, length, ++i);
    }
    if (!builtin) return builtin_refuse(compiler, node, first);
    struct operand *arguments =
        builtin_arguments(compiler, scope, node, named ? places : NULL, count);
    if (!arguments) return NULL;
    if (!strcmp(builtin->name, "not") && count == 1) return compile_not(compiler, &arguments[0]);
    const struct code *round = compile_round(compiler, builtin, arguments, count);
    if (round) return round;
    struct code_items *code =
        compile_take(compiler, sizeof *code, run_builtin, type_builtin(builtin->result));
    if (!code) return NULL;
    code->count = count;
    code->items = arguments;
    code->builtin = builtin;
    bool constant = !depends_on_moment(builtin);
    for (int i = 0; i < count; i++) {
        compile_raise(&code->code, &arguments[i]);
        constant = constant && operand_is_constant(&arguments[i]);
    }
    return compile_fold(compiler, &code->code, constant);
}

/* ---- other calls ----------------------------------------------------------------------------- */

static const struct code *compile_call_of(struct compiler *compiler, const struct scope *scope,
                                          const struct node *node, const struct code *called,
                                          const struct value *otherwise) {
    const struct type *type = called->type;
    bool named = node->names && node->item_count;
    if (type_kind_of(type) == TYPE_FUNCTION && type->components && !named &&
        type->component_count != node->item_count)
        return compile_fail(compiler, node, "this function has %d parameter%s, but is called with "
                                            "%d argument%s",
                            type->component_count, type->component_count == 1 ? "" : "s",
                            node->item_count, node->item_count == 1 ? "" : "s");
    if (named && node->item_count > FUNCTION_PARAMETERS_MAX)
        return compile_fail(compiler, node, "a function has at most %d parameters",
                            FUNCTION_PARAMETERS_MAX);
    const struct type *result = type_kind_of(type) == TYPE_FUNCTION ? type->result : NULL;
    struct code_items *code = compile_take(compiler, sizeof *code, run_call, result);
    struct operand *items =
        arena_take_array(compiler->arena, (size_t)node->item_count + 1, sizeof *items);
    if (!code || !items) return NULL;
    code->count = node->item_count;
    code->items = items;
    code->names = named ? node->names : NULL;
    code->name_lengths = node->name_lengths;
    code->otherwise = otherwise;
    operand_set(&code->called, called);
    compile_raise(&code->code, &code->called);
    for (int i = 0; i < node->item_count; i++) {
        if (!compile_operand(compiler, scope, node->items[i], &items[i])) return NULL;
        compile_raise(&code->code, &items[i]);
    }
    return &code->code;
}

static bool can_be_function(const struct type *type) {
    enum type_kind kind = type_kind_of(type);
    return kind == TYPE_FUNCTION || kind == TYPE_ANY || kind == TYPE_NULL;
}

const struct code *compile_call(struct compiler *compiler, const struct scope *scope,
                                const struct node *node) {
    const struct node *name = node->a;
    if (name->kind != NODE_NAME) {
        const struct code *called = compile_node(compiler, scope, name);
        if (!called) return NULL;
        if (!can_be_function(called->type))
            return compile_fail(compiler, node, "a %s cannot be called: it is no function",
                                type_builtin(called->type->kind)->name);
        return compile_call_of(compiler, scope, node, called, NULL);
    }
    const struct builtin *builtin = builtin_find(name->text, name->text_length, 0);
    const struct code *called = compile_find_name(compiler, scope, name);
    bool is_builtin = called && called->run == run_constant;
    if (builtin && (!called || is_builtin || !can_be_function(called->type)))
        return compile_builtin(compiler, scope, node, builtin);
    int length = (int)(name->text_length > 120 ? 120 : name->text_length);
    if (!called)
        return compile_unknown(compiler, scope, name, "function",
                               "check its spelling, or require a knowledge model of that name");
    if (!can_be_function(called->type))
        return compile_fail(compiler, name, "'%.*s' is a %s and cannot be called", length,
                            name->text, type_builtin(called->type->kind)->name);
    /* A variable such as `date` does not hide the function of that name, unless it is one. */
    const struct value *otherwise = NULL;
    if (builtin && type_kind_of(called->type) != TYPE_FUNCTION) {
        const struct code *value = compile_builtin_value(compiler, name);
        if (!value) return NULL;
        otherwise = code_constant(value);
    }
    return compile_call_of(compiler, scope, node, called, otherwise);
}

/* ---- function definitions -------------------------------------------------------------------- */

static const struct type *function_type(struct compiler *compiler, const struct node *node,
                                        const struct type *result) {
    struct type *type = arena_take(compiler->arena, sizeof *type);
    struct type_component *components =
        arena_take_array(compiler->arena, (size_t)node->item_count + 1, sizeof *components);
    if (!type || !components) return NULL;
    for (int i = 0; i < node->item_count; i++)
        components[i] = (struct type_component){node->names[i], node->name_lengths[i],
                                                node->types ? node->types[i] : NULL};
    type->kind = TYPE_FUNCTION;
    type->components = components;
    type->component_count = node->item_count;
    type->result = result;
    return type;
}

const struct code *compile_function(struct compiler *compiler, const struct scope *scope,
                                    const struct node *node) {
    struct binding bindings[FUNCTION_PARAMETERS_MAX];
    int count = node->item_count;
    if (count > FUNCTION_PARAMETERS_MAX)
        return compile_fail(compiler, node, "a function has at most %d parameters",
                            FUNCTION_PARAMETERS_MAX);
    for (int i = 0; i < count; i++)
        bindings[i] = (struct binding){node->names[i], node->name_lengths[i],
                                       node->types ? node->types[i] : NULL};
    struct scope own = {.outer = scope, .bindings = bindings, .binding_count = count};
    const struct code *body = compile_node(compiler, &own, node->a);
    if (!body) return NULL;
    const struct type *type = function_type(compiler, node, body->type);
    struct code_function *code = compile_take(compiler, sizeof *code, run_function_make, type);
    if (!code || !type) return NULL;
    code->function = (struct value_function){
        .parameter_count = count, .parameter_names = node->names,
        .parameter_name_lengths = node->name_lengths, .parameter_types = node->types,
        .body = body};
    return &code->code;
}
