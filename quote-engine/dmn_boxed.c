/* Boxed expressions to nodes (DMN 1.5, 10.2): literal expression, context, list, relation,
 * invocation, function definition, conditional, filter, for, some and every. Decision tables are
 * read in dmn_table_read.c. While a text is parsed, its scope holds the names that stand before
 * it; slots are given out only when the tree is compiled. */
#include <stdlib.h>
#include <string.h>

#include "dmn.h"

typedef struct node *(*boxed_reader)(struct dmn *dmn, const struct scope *scope,
                                     const struct xml_element *xml);

static void *node_take(struct dmn *dmn, int count, size_t size) {
    return dmn_take(dmn, (size_t)count, size);
}

static struct node *node_make(struct dmn *dmn, enum node_kind kind, int line) {
    struct node *node = node_new(&dmn->compiler, kind, line);
    if (!node) {
        dmn->failed = true;
        dmn->status = QUOTE_NO_MEMORY;
    }
    return node;
}

struct node *boxed_null(struct dmn *dmn, int line, const char *why) {
    if (!dmn->compiler.lenient || dmn->status == QUOTE_NO_MEMORY) {
        dmn->failed = true;
        return NULL;
    }
    struct node *node = node_make(dmn, NODE_NULL_ERROR, line);
    if (!node) return NULL;
    node->text = why;
    node->text_length = (uint32_t)strlen(why);
    return node;
}

struct node *boxed_null_tests(struct dmn *dmn, int line, const char *why) {
    struct node *null = boxed_null(dmn, line, why);
    struct node *tests = null ? node_make(dmn, NODE_TESTS, line) : NULL;
    if (!tests) return NULL;
    tests->items = node_take(dmn, 1, sizeof *tests->items);
    if (!tests->items) return NULL;
    tests->items[tests->item_count++] = null;
    return tests;
}

const struct code *boxed_compile(struct dmn *dmn, const struct scope *scope, struct node *node) {
    static const char why[] = "the expression could not be compiled";
    const struct code *code = feel_compile(&dmn->compiler, scope, node);
    if (code) return code;
    struct node *null = node->kind == NODE_TESTS ? boxed_null_tests(dmn, node->line, why)
                                                 : boxed_null(dmn, node->line, why);
    code = null ? feel_compile(&dmn->compiler, scope, null) : NULL;
    if (!code) dmn->failed = true;
    return code;
}

struct node *boxed_text(struct dmn *dmn, const struct scope *scope, const char *text,
                        size_t length, int line) {
    char *copy = dmn_take(dmn, length + 1, 1); /* names and literals point into it */
    if (!copy) return NULL;
    memcpy(copy, text, length);
    struct node *node = feel_parse(&dmn->compiler, scope, copy, length, line);
    return node ? node : boxed_null(dmn, line, "the expression could not be read");
}

static struct node *literal_null(struct dmn *dmn, int line) {
    return node_make(dmn, NODE_LITERAL, line); /* cleared: null */
}

static bool is_feel(const char *language) {
    return !language || !*language || strstr(language, "FEEL") || strstr(language, "feel");
}

static bool is_blank(const char *text) {
    return text[strspn(text, " \t\r\n")] == 0;
}

static struct node *literal_read(struct dmn *dmn, const struct scope *scope,
                                 const struct xml_element *xml) {
    const struct xml_element *text = xml_child(xml, "text");
    const char *language = xml_attribute(xml, "expressionLanguage");
    if (!is_feel(language) || xml_child(xml, "importedValues")) {
        dmn_refuse(dmn, xml->line, "only FEEL expressions are supported, not %s",
                   is_feel(language) ? "imported values" : language);
        return boxed_null(dmn, xml->line, "not a FEEL expression");
    }
    if (!text || is_blank(text->text)) return literal_null(dmn, xml->line);
    return boxed_text(dmn, scope, text->text, text->text_length, text->line);
}

/* ---- scopes while reading ------------------------------------------------------------------- */

struct names { /* a frame that is being filled */
    struct binding *bindings;
    struct scope scope;
};

static bool names_open(struct dmn *dmn, struct names *names, const struct scope *outer,
                       int capacity) {
    names->bindings = node_take(dmn, capacity, sizeof *names->bindings);
    names->scope = (struct scope){.outer = outer, .bindings = names->bindings};
    return names->bindings != NULL;
}

static void names_add(struct names *names, const char *name, const struct type *type) {
    struct binding *binding = &names->bindings[names->scope.binding_count++];
    *binding =
        (struct binding){.name = name, .name_length = (uint32_t)strlen(name), .type = type};
}

const struct type *boxed_type(struct dmn *dmn, const struct node *node) {
    if (node->type) return node->type;
    if (node->kind == NODE_LIST && node->item_count) {
        struct type *list = dmn_take(dmn, 1, sizeof *list);
        if (!list) return NULL;
        *list = (struct type){.kind = TYPE_LIST, .item = boxed_type(dmn, node->items[0])};
        return list;
    }
    if (node->kind != NODE_CONTEXT) return NULL;
    if (node->has_result) return boxed_type(dmn, node->items[node->item_count - 1]);
    struct type *type = dmn_take(dmn, 1, sizeof *type);
    struct type_component *components =
        node_take(dmn, node->item_count, sizeof *components);
    if (!type || !components) return NULL;
    for (int i = 0; i < node->item_count; i++) {
        const struct type *known = boxed_type(dmn, node->items[i]);
        components[i] = (struct type_component){.name = node->names[i],
                                                .name_length = node->name_lengths[i],
                                                .type = known ? known : type_builtin(TYPE_ANY)};
    }
    *type = (struct type){
        .kind = TYPE_CONTEXT, .components = components, .component_count = node->item_count};
    return type;
}

static const struct type *item_type(const struct type *list) {
    return list && list->kind == TYPE_LIST ? list->item : NULL;
}

/* ---- wrappers ------------------------------------------------------------------------------- */

static struct node *convert(struct dmn *dmn, struct node *node, const char *type_ref, int line) {
    const struct type *type = node ? dmn_type(dmn, type_ref, line) : NULL;
    if (!type) return node;
    struct node *wrapped = node_make(dmn, NODE_CONVERT, line);
    if (!wrapped) return NULL;
    wrapped->a = node;
    wrapped->type = type;
    return wrapped;
}

static bool items_open(struct dmn *dmn, struct node *node, int count, bool named) {
    if (!node) return false;
    node->items = node_take(dmn, count, sizeof *node->items);
    if (named) {
        node->names = node_take(dmn, count, sizeof *node->names);
        node->name_lengths = node_take(dmn, count, sizeof *node->name_lengths);
        if (!node->names || !node->name_lengths) return false;
    }
    return node->items != NULL;
}

static bool item_name(struct dmn *dmn, struct node *node, int at, const char *name) {
    char *copy = dmn_copy(dmn, name ? name : "");
    if (!copy) return false;
    node->names[at] = copy;
    node->name_lengths[at] = (uint32_t)strlen(copy);
    return true;
}

/* The boxed expression inside `parent`, which must have one: "the part's name" for the message. */
static struct node *inner_read(struct dmn *dmn, const struct scope *scope,
                               const struct xml_element *parent, const char *part) {
    const struct xml_element *xml = parent ? boxed_find(parent) : NULL;
    if (xml) return boxed_read(dmn, scope, xml);
    dmn_refuse(dmn, parent ? parent->line : 0, "the %s has no expression", part);
    return boxed_null(dmn, parent ? parent->line : 0, "an expression is missing");
}

/* ---- context, list, relation ---------------------------------------------------------------- */

static struct node *context_read(struct dmn *dmn, const struct scope *scope,
                                 const struct xml_element *xml) {
    int count = xml_count(xml, "contextEntry");
    struct node *node = node_make(dmn, NODE_CONTEXT, xml->line);
    struct names names;
    if (!items_open(dmn, node, count, true) || !names_open(dmn, &names, scope, count)) return NULL;
    for (const struct xml_element *entry = xml_child(xml, "contextEntry"); entry;
         entry = xml_next(entry)) {
        const struct xml_element *variable = xml_child(entry, "variable");
        const char *name = variable ? xml_attribute(variable, "name") : NULL;
        bool result = !name && !xml_next(entry);
        if (!name && !result) {
            dmn_refuse(dmn, entry->line, "only the last entry of a context can lack a name");
            return boxed_null(dmn, entry->line, "a context entry has no name");
        }
        size_t place = dmn_place_add(dmn, ", %s%s", result ? "result" : "entry ",
                                     result ? "" : name);
        struct node *value = inner_read(dmn, &names.scope, entry, "context entry");
        if (variable)
            value = convert(dmn, value, xml_attribute(variable, "typeRef"), variable->line);
        dmn_place_cut(dmn, place);
        if (!value || !item_name(dmn, node, node->item_count, name)) return NULL;
        node->has_result = result;
        node->items[node->item_count++] = value;
        if (!result)
            names_add(&names, node->names[node->item_count - 1], boxed_type(dmn, value));
    }
    return node;
}

static struct node *list_read(struct dmn *dmn, const struct scope *scope,
                              const struct xml_element *xml) {
    int count = 0;
    for (const struct xml_element *x = boxed_find(xml); x; x = x->next) count++;
    struct node *node = node_make(dmn, NODE_LIST, xml->line);
    if (!items_open(dmn, node, count, false)) return NULL;
    for (const struct xml_element *x = boxed_find(xml); x; x = x->next) {
        struct node *item = boxed_read(dmn, scope, x);
        if (!item) return NULL;
        node->items[node->item_count++] = item;
    }
    return node;
}

static struct node *row_read(struct dmn *dmn, const struct scope *scope,
                             const struct xml_element *relation, const struct xml_element *row) {
    struct node *node = node_make(dmn, NODE_CONTEXT, row->line);
    if (!items_open(dmn, node, xml_count(relation, "column"), true)) return NULL;
    const struct xml_element *cell = boxed_find(row);
    for (const struct xml_element *column = xml_child(relation, "column"); column;
         column = xml_next(column)) {
        const char *name = xml_attribute(column, "name");
        struct node *value = cell ? boxed_read(dmn, scope, cell) : literal_null(dmn, row->line);
        value = convert(dmn, value, xml_attribute(column, "typeRef"), column->line);
        if (!value || !item_name(dmn, node, node->item_count, name)) return NULL;
        node->items[node->item_count++] = value;
        if (cell) cell = cell->next;
    }
    return node;
}

static struct node *relation_read(struct dmn *dmn, const struct scope *scope,
                                  const struct xml_element *xml) {
    struct node *node = node_make(dmn, NODE_LIST, xml->line);
    if (!items_open(dmn, node, xml_count(xml, "row"), false)) return NULL;
    for (const struct xml_element *row = xml_child(xml, "row"); row; row = xml_next(row)) {
        size_t place = dmn_place_add(dmn, ", row %d", node->item_count + 1);
        struct node *item = row_read(dmn, scope, xml, row);
        dmn_place_cut(dmn, place);
        if (!item) return NULL;
        node->items[node->item_count++] = item;
    }
    return node;
}

/* ---- invocation, function ------------------------------------------------------------------- */

static struct node *invocation_read(struct dmn *dmn, const struct scope *scope,
                                    const struct xml_element *xml) {
    struct node *node = node_make(dmn, NODE_CALL, xml->line);
    if (!items_open(dmn, node, xml_count(xml, "binding"), true)) return NULL;
    node->a = inner_read(dmn, scope, xml, "invocation");
    if (!node->a) return NULL;
    for (const struct xml_element *binding = xml_child(xml, "binding"); binding;
         binding = xml_next(binding)) {
        const struct xml_element *parameter = xml_child(binding, "parameter");
        const char *name = parameter ? xml_attribute(parameter, "name") : NULL;
        size_t place = dmn_place_add(dmn, ", parameter %s", name ? name : "without a name");
        const struct xml_element *inner = boxed_find(binding);
        struct node *value = inner ? boxed_read(dmn, scope, inner)
                                   : literal_null(dmn, binding->line);
        dmn_place_cut(dmn, place);
        if (!value || !item_name(dmn, node, node->item_count, name)) return NULL;
        node->items[node->item_count++] = value;
    }
    if (!node->item_count) node->names = NULL; /* a call without arguments */
    return node;
}

struct node *boxed_function(struct dmn *dmn, const struct scope *scope,
                            const struct xml_element *xml) {
    int count = xml_count(xml, "formalParameter");
    const char *kind = xml_attribute(xml, "kind");
    struct node *node = node_make(dmn, NODE_FUNCTION, xml->line);
    struct names names;
    if (count > FUNCTION_PARAMETERS_MAX) {
        dmn_refuse(dmn, xml->line, "a function can have at most %d parameters",
                   FUNCTION_PARAMETERS_MAX);
        return boxed_null(dmn, xml->line, "too many parameters");
    }
    if (!items_open(dmn, node, count, true) || !names_open(dmn, &names, scope, count)) return NULL;
    node->types = node_take(dmn, count, sizeof *node->types);
    if (!node->types) return NULL;
    for (const struct xml_element *x = xml_child(xml, "formalParameter"); x; x = xml_next(x)) {
        if (!item_name(dmn, node, node->item_count, xml_attribute(x, "name"))) return NULL;
        const struct type *type = dmn_type(dmn, xml_attribute(x, "typeRef"), x->line);
        node->types[node->item_count] = type;
        names_add(&names, node->names[node->item_count++], type);
    }
    if (kind && strcmp(kind, "FEEL") != 0) {
        dmn_refuse(dmn, xml->line, "functions of kind %s are not supported: only FEEL", kind);
        node->a = boxed_null(dmn, xml->line, "an external function");
    } else {
        const struct xml_element *body = boxed_find(xml);
        node->a = body ? boxed_read(dmn, &names.scope, body) : literal_null(dmn, xml->line);
    }
    return node->a ? node : NULL;
}

/* ---- conditional, filter, iterators --------------------------------------------------------- */

static struct node *conditional_read(struct dmn *dmn, const struct scope *scope,
                                     const struct xml_element *xml) {
    static const char *const parts[] = {"if", "then", "else"};
    struct node *node = node_make(dmn, NODE_IF, xml->line);
    if (!items_open(dmn, node, 3, false)) return NULL;
    for (int i = 0; i < 3; i++) {
        const struct xml_element *part = xml_child(xml, parts[i]);
        struct node *value = inner_read(dmn, scope, part ? part : xml, parts[i]);
        if (!value) return NULL;
        node->items[node->item_count++] = value;
    }
    return node;
}

static struct node *filter_read(struct dmn *dmn, const struct scope *scope,
                                const struct xml_element *xml) {
    struct node *node = node_make(dmn, NODE_FILTER, xml->line);
    struct names item, entries;
    const struct xml_element *in = xml_child(xml, "in"), *match = xml_child(xml, "match");
    if (!node || !in || !match) {
        dmn_refuse(dmn, xml->line, "a boxed filter needs an in and a match");
        return boxed_null(dmn, xml->line, "an incomplete filter");
    }
    node->a = inner_read(dmn, scope, in, "in");
    if (!node->a || !names_open(dmn, &item, scope, 1)) return NULL;
    const struct type *type = item_type(boxed_type(dmn, node->a));
    int count = type && type->kind == TYPE_CONTEXT ? type->component_count : 0;
    names_add(&item, "item", type);
    if (!names_open(dmn, &entries, &item.scope, count)) return NULL;
    for (int i = 0; i < count; i++)
        names_add(&entries, type->components[i].name, type->components[i].type);
    node->b = inner_read(dmn, &entries.scope, match, "match");
    return node->b ? node : NULL;
}

static struct node *iterator_read(struct dmn *dmn, const struct scope *scope,
                                  const struct xml_element *xml) {
    enum node_kind kind = strcmp(xml->name, "for") == 0    ? NODE_FOR
                          : strcmp(xml->name, "some") == 0 ? NODE_SOME
                                                           : NODE_EVERY;
    const char *part = kind == NODE_FOR ? "return" : "satisfies";
    const struct xml_element *in = xml_child(xml, "in"), *result = xml_child(xml, part);
    const char *name = xml_attribute(xml, "iteratorVariable");
    struct node *node = node_make(dmn, kind, xml->line);
    struct names names;
    if (!node || !in || !result || !name) {
        dmn_refuse(dmn, xml->line, "this %s needs an iteratorVariable, an in and a %s", xml->name,
                   part);
        return boxed_null(dmn, xml->line, "an incomplete iterator");
    }
    if (!items_open(dmn, node, 2, true) || !names_open(dmn, &names, scope, 2) ||
        !item_name(dmn, node, 0, name))
        return NULL;
    node->items[0] = inner_read(dmn, scope, in, "in");
    if (!node->items[0]) return NULL;
    names_add(&names, node->names[0], item_type(boxed_type(dmn, node->items[0])));
    if (kind == NODE_FOR) names_add(&names, "partial", NULL);
    node->items[1] = inner_read(dmn, &names.scope, result, part);
    node->item_count = 2;
    return node->items[1] ? node : NULL;
}

/* ---- which is which ------------------------------------------------------------------------- */

static boxed_reader reader_of(const char *name) {
    static const struct {
        const char *name;
        boxed_reader read;
    } readers[] = {{"literalExpression", literal_read}, {"decisionTable", table_read},
                   {"context", context_read},           {"invocation", invocation_read},
                   {"list", list_read},                 {"relation", relation_read},
                   {"functionDefinition", boxed_function}, {"conditional", conditional_read},
                   {"filter", filter_read},             {"for", iterator_read},
                   {"some", iterator_read},             {"every", iterator_read}};
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (strcmp(name, readers[i].name) == 0) return readers[i].read;
    return NULL;
}

const struct xml_element *boxed_find(const struct xml_element *parent) {
    for (const struct xml_element *x = parent->first; x; x = x->next)
        if (reader_of(x->name)) return x;
    return NULL;
}

struct node *boxed_read(struct dmn *dmn, const struct scope *scope,
                        const struct xml_element *xml) {
    boxed_reader read = reader_of(xml->name);
    if (!read) {
        dmn_refuse(dmn, xml->line, "%s is not an expression", xml->name);
        return boxed_null(dmn, xml->line, "not an expression");
    }
    struct node *node = read(dmn, scope, xml);
    return convert(dmn, node, xml_attribute(xml, "typeRef"), xml->line);
}
