/* Names: which frame and slot a variable is, entries of a filter's items, built-ins as values, and
 * the entries that paths lead to. */
#include "feel_code.h"

#include <string.h>

const char compile_item_name[] = "item";

bool name_equal(const char *a, uint32_t a_length, const char *b, uint32_t b_length) {
    return a_length == b_length && (a == b || !memcmp(a, b, a_length));
}

/* ---- types of entries ------------------------------------------------------------------------ */

const struct type *type_list_of(struct compiler *compiler, const struct type *item) {
    if (type_kind_of(item) == TYPE_ANY || item->kind == TYPE_NULL) return type_builtin(TYPE_LIST);
    struct type *type = arena_take(compiler->arena, sizeof *type);
    if (!type) return type_builtin(TYPE_LIST);
    type->kind = TYPE_LIST;
    type->item = item;
    return type;
}

const struct type *type_join(const struct type *a, const struct type *b) {
    enum type_kind left = type_kind_of(a), right = type_kind_of(b);
    if (left == TYPE_NULL) return b;
    if (right == TYPE_NULL || a == b) return a;
    if (left == right && left >= TYPE_BOOLEAN && left <= TYPE_DURATION) return type_builtin(left);
    if (left == right && left == TYPE_LIST) return type_builtin(TYPE_LIST);
    return type_builtin(TYPE_ANY);
}

static const struct type *property_type(int property) {
    switch (property) {
    case PROPERTY_NONE: case PROPERTY_START: case PROPERTY_END: return type_builtin(TYPE_ANY);
    case PROPERTY_OFFSET: return type_builtin(TYPE_DURATION);
    case PROPERTY_TIMEZONE: return type_builtin(TYPE_TEXT);
    case PROPERTY_START_INCLUDED: case PROPERTY_END_INCLUDED: return type_builtin(TYPE_BOOLEAN);
    default: return type_builtin(TYPE_NUMBER);
    }
}

static int component_index(const struct type *type, const char *name, uint32_t length) {
    if (type_kind_of(type) != TYPE_CONTEXT) return -1;
    for (int i = 0; i < type->component_count; i++)
        if (name_equal(type->components[i].name, type->components[i].name_length, name, length))
            return i;
    return -1;
}

static const struct type *entry_type(const struct type *type, int component, int property) {
    enum type_kind kind = type_kind_of(type);
    if (component >= 0) return type->components[component].type;
    bool temporal = (kind >= TYPE_DATE && kind <= TYPE_DURATION) || kind == TYPE_RANGE;
    return temporal ? property_type(property) : NULL;
}

const struct code *compile_path_of(struct compiler *compiler, const struct code *of,
                                   const char *name, uint32_t name_length) {
    struct code_path *code = compile_take(compiler, sizeof *code, run_path, NULL);
    if (!code) return NULL;
    const struct type *type = of->type;
    bool many = type_kind_of(type) == TYPE_LIST;
    if (many) type = type->item;
    int component = component_index(type, name, name_length);
    code->name = name;
    code->name_length = name_length;
    code->hint = component < 0 ? 0 : (uint32_t)component;
    code->property = property_find(name, name_length);
    operand_set(&code->a, of);
    const struct type *found = entry_type(type, component, code->property);
    code->code.type = many ? type_list_of(compiler, found) : found;
    compile_raise(&code->code, &code->a);
    return compile_fold(compiler, &code->code, operand_is_constant(&code->a));
}

/* ---- variables ------------------------------------------------------------------------------- */

static const struct code *slot_code(struct compiler *compiler, int depth, int slot,
                                    const struct type *type) {
    struct code_slot *code = compile_take(compiler, sizeof *code, run_slot, type);
    if (!code) return NULL;
    code->depth = depth;
    code->slot = slot;
    return &code->code;
}

struct search {
    const char *name;
    uint32_t length;
    int filters[FILTERS_MAX]; /* depths of the filters whose item may have such an entry */
    int filter_count;
};

static bool is_filter(const struct scope *scope) {
    return scope->binding_count == 1 && scope->bindings[0].name == compile_item_name;
}

/* A filter's scope: the item's entries come before everything around. NULL: look further. */
static const struct code *search_filter(struct compiler *compiler, const struct scope *scope,
                                        int depth, struct search *search) {
    const struct type *type = scope->bindings[0].type;
    enum type_kind kind = type_kind_of(type);
    bool is_item = name_equal(search->name, search->length, compile_item_name, 4);
    int component = component_index(type, search->name, search->length);
    if (component >= 0) {
        const struct code *slot = slot_code(compiler, depth, 0, type);
        return slot ? compile_path_of(compiler, slot, search->name, search->length) : NULL;
    }
    if (compiler->careful && kind == TYPE_CONTEXT && type->component_count && !is_item)
        return NULL; /* of a product's items all entries are known */
    bool may_be_context = kind == TYPE_ANY || kind == TYPE_NULL || kind == TYPE_CONTEXT;
    if (may_be_context && !(is_item && kind == TYPE_CONTEXT) &&
        search->filter_count < FILTERS_MAX)
        search->filters[search->filter_count++] = depth;
    if (!is_item) return NULL;
    return slot_code(compiler, depth, 0, type);
}

static const struct code *search_scopes(struct compiler *compiler, const struct scope *scope,
                                        struct search *search) {
    for (int depth = 0; scope; scope = scope->outer, depth++) {
        if (is_filter(scope)) {
            const struct code *found = search_filter(compiler, scope, depth, search);
            if (found) return found;
            continue;
        }
        for (int i = scope->binding_count - 1; i >= 0; i--) {
            const struct binding *binding = &scope->bindings[i];
            if (name_equal(binding->name, binding->name_length, search->name, search->length))
                return slot_code(compiler, depth, i, binding->type);
        }
    }
    return NULL;
}

const struct code *compile_builtin_value(struct compiler *compiler, const struct node *node) {
    if (node->kind != NODE_NAME) return NULL;
    const struct builtin *builtin = builtin_find(node->text, node->text_length, 0);
    if (!builtin) return NULL;
    struct value_function *function = arena_take(compiler->arena, sizeof *function);
    if (!function) return NULL;
    function->builtin = builtin;
    struct value value = {.kind = VALUE_FUNCTION, .function = function};
    return compile_constant(compiler, &value, NULL);
}

const struct code *compile_find_name(struct compiler *compiler, const struct scope *scope,
                                     const struct node *node) {
    struct search search = {.name = node->text, .length = node->text_length};
    if (node->kind == NODE_INPUT) {
        search.name = "?";
        search.length = 1;
    }
    const struct code *outside = search_scopes(compiler, scope, &search);
    if (!outside) outside = compile_builtin_value(compiler, node);
    if (!search.filter_count || node->kind == NODE_INPUT) return outside;
    struct code_item_name *code = compile_take(compiler, sizeof *code, run_item_name, NULL);
    if (!code) return NULL;
    code->name = search.name;
    code->name_length = search.length;
    code->count = search.filter_count;
    memcpy(code->depths, search.filters, sizeof code->depths);
    code->has_outside = outside != NULL;
    if (outside) {
        operand_set(&code->outside, outside);
        compile_raise(&code->code, &code->outside);
    }
    return &code->code;
}

const struct code *compile_name(struct compiler *compiler, const struct scope *scope,
                                const struct node *node) {
    const struct code *code = compile_find_name(compiler, scope, node);
    if (code) return code;
    if (node->kind == NODE_INPUT)
        return compile_fail(compiler, node, "'?' stands for the input of a test and has no meaning "
                                            "outside of one");
    return compile_unknown(compiler, scope, node, "name",
                           "declare it as an input or a required decision; a text stands "
                           "between quotation marks");
}
