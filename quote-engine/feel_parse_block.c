/* FEEL's constructs with names of their own: if, for, some, every, functions and contexts. */
#include "feel_parse.h"

#include <string.h>

struct node *parse_if(struct parser *parser) {
    struct node *node = parse_node(parser, NODE_IF, parser->token.start);
    if (!node) return NULL;
    lex_advance(parser);
    struct node *condition = parse_expression(parser);
    if (!condition || !parse_expect(parser, TOKEN_THEN, "'then'")) return NULL;
    struct node *then = parse_expression(parser);
    if (!then || !parse_expect(parser, TOKEN_ELSE, "'else'")) return NULL;
    struct node *otherwise = parse_expression(parser);
    if (!otherwise || !parse_add(parser, node, condition, NULL, 0) ||
        !parse_add(parser, node, then, NULL, 0) || !parse_add(parser, node, otherwise, NULL, 0))
        return NULL;
    node->type = then->type == otherwise->type ? then->type : NULL;
    return parse_done(parser, node);
}

/* ---- for, some, every ------------------------------------------------------------------------ */

static struct node *parse_source(struct parser *parser) {
    struct node *source = parse_expression(parser);
    if (!source || parser->token.kind != TOKEN_DOTS) return source;
    struct node *node = parse_node(parser, NODE_ITERATE, parser->token.start);
    if (!node) return NULL;
    lex_advance(parser);
    node->a = source;
    node->b = parse_expression(parser);
    if (!node->b) return NULL;
    node->type = parse_list_of(parser, source->type);
    return parse_done(parser, node);
}

static bool parse_iterator(struct parser *parser, struct node *loop) {
    const char *name;
    uint32_t length;
    if (loop->item_count >= FUNCTION_PARAMETERS_MAX) {
        parse_fail(parser, parser->token.start, "a loop has at most %d variables",
                   FUNCTION_PARAMETERS_MAX);
        return false;
    }
    if (!lex_declared_name(parser, ",", true, &name, &length)) return false;
    if (!parse_expect(parser, TOKEN_IN, "'in' behind the variable")) return false;
    struct node *source = parse_source(parser);
    if (!source || !parse_add(parser, loop, source, name, length)) return false;
    return parse_declare(parser, name, length, parse_item_type(source));
}

struct node *parse_loop(struct parser *parser, enum node_kind kind) {
    struct node *node = parse_node(parser, kind, parser->token.start);
    int locals = parser->local_count;
    if (!node) return NULL;
    do {
        /* The name begins behind the keyword or comma, and is not yet one that is known. */
        parser->token.start = lex_skip(parser, parser->token.end);
        if (!parse_iterator(parser, node)) return NULL;
    } while (parser->token.kind == TOKEN_COMMA);
    if (kind == NODE_FOR) {
        if (!parse_declare(parser, "partial", 7, NULL)) return NULL;
        if (!parse_expect(parser, TOKEN_RETURN, "'return'")) return NULL;
    } else if (!parse_expect(parser, TOKEN_SATISFIES, "'satisfies'")) {
        return NULL;
    }
    struct node *result = parse_expression(parser);
    parser->local_count = locals;
    if (!result || !parse_add(parser, node, result, NULL, 0)) return NULL;
    node->type = kind == NODE_FOR ? parse_list_of(parser, result->type)
                                  : type_builtin(TYPE_BOOLEAN);
    return parse_done(parser, node);
}

/* ---- functions ------------------------------------------------------------------------------- */

static bool parse_parameter(struct parser *parser, struct node *node, int *count) {
    const char *name;
    uint32_t length;
    if (*count >= FUNCTION_PARAMETERS_MAX) {
        parse_fail(parser, parser->token.start, "a function has at most %d parameters",
                   FUNCTION_PARAMETERS_MAX);
        return false;
    }
    if (!lex_declared_name(parser, ",:)", false, &name, &length)) return false;
    for (int i = 0; i < *count; i++)
        if (node->name_lengths[i] == length && !memcmp(node->names[i], name, length)) {
            parse_fail(parser, parser->token.start, "the parameter '%.*s' stands twice: rename one",
                       (int)length, name);
            return false;
        }
    const struct type *type = NULL;
    if (parser->token.kind == TOKEN_COLON) {
        type = parse_type(parser);
        if (!type) return false;
    }
    node->names[*count] = name;
    node->name_lengths[*count] = length;
    node->types[*count] = type;
    (*count)++;
    return parse_declare(parser, name, length, type);
}

/* `external {…}` names code in other languages, which a pure engine does not run. */
static struct node *parse_external(struct parser *parser) {
    static const char reason[] = "external functions (Java, PMML) are not supported";
    struct node *node = parse_node(parser, NODE_NULL_ERROR, parser->token.start);
    if (!node) return NULL;
    lex_advance(parser);
    if (!parse_context(parser)) return NULL;
    node->text = reason;
    node->text_length = sizeof reason - 1;
    return node;
}

static struct node *parse_body(struct parser *parser) {
    if (parser->token.kind == TOKEN_NAME && parser->token.text_length == 8 &&
        !memcmp(parser->token.text, "external", 8)) {
        size_t next = lex_skip(parser, parser->token.end);
        if (next < parser->length && parser->text[next] == '{') return parse_external(parser);
    }
    return parse_expression(parser);
}

struct node *parse_function(struct parser *parser) {
    struct node *node = parse_node(parser, NODE_FUNCTION, parser->token.start);
    int locals = parser->local_count, count = 0;
    lex_advance(parser);
    if (!node || parser->failed) return NULL;
    if (parser->token.kind != TOKEN_LEFT_PAREN)
        return parse_fail(parser, parser->token.start, "'(' is expected behind 'function'");
    struct arena *arena = parser->compiler->arena;
    node->names = arena_take_array(arena, FUNCTION_PARAMETERS_MAX, sizeof *node->names);
    node->name_lengths = arena_take_array(arena, FUNCTION_PARAMETERS_MAX, sizeof(uint32_t));
    node->types = arena_take_array(arena, FUNCTION_PARAMETERS_MAX, sizeof *node->types);
    if (!node->names || !node->name_lengths || !node->types)
        return parse_fail(parser, parser->token.start, "there is no memory left for this model");
    parser->token.start = lex_skip(parser, parser->token.end);
    if (parser->token.start < parser->length && parser->text[parser->token.start] == ')') {
        lex_start(parser, parser->token.start);
    } else {
        while (parse_parameter(parser, node, &count) && parser->token.kind == TOKEN_COMMA)
            parser->token.start = lex_skip(parser, parser->token.end);
    }
    if (!parse_expect(parser, TOKEN_RIGHT_PAREN, "')' behind the parameters")) return NULL;
    node->item_count = count;
    node->a = parse_body(parser);
    parser->local_count = locals;
    if (!node->a) return NULL;
    return parse_done(parser, node);
}

/* ---- contexts -------------------------------------------------------------------------------- */

static bool parse_key(struct parser *parser, const char **ret_name, uint32_t *ret_length) {
    /* The key begins behind the brace or comma, whatever names are visible. */
    size_t at = lex_skip(parser, parser->token.end);
    if (at < parser->length && parser->text[at] == '"') {
        lex_start(parser, at);
        *ret_name = parser->token.text;
        *ret_length = parser->token.text_length;
        lex_advance(parser);
        return !parser->failed;
    }
    parser->token.start = at;
    return lex_declared_name(parser, ":", false, ret_name, ret_length);
}

static bool parse_entry(struct parser *parser, struct node *node) {
    const char *name;
    uint32_t length;
    size_t at = lex_skip(parser, parser->token.end);
    if (node->item_count >= FEEL_ENTRIES_MAX) {
        parse_fail(parser, at, "a context has at most %d entries", FEEL_ENTRIES_MAX);
        return false;
    }
    if (!parse_key(parser, &name, &length)) return false;
    for (int i = 0; i < node->item_count; i++)
        if (node->name_lengths[i] == length && !memcmp(node->names[i], name, length)) {
            parse_fail(parser, at, "the entry '%.*s' stands twice: rename one", (int)length, name);
            return false;
        }
    if (!parse_expect(parser, TOKEN_COLON, "':' behind the entry's name")) return false;
    struct node *value = parse_expression(parser);
    if (!value || !parse_add(parser, node, value, name, length)) return false;
    if (parser->key_count < FEEL_KEYS_MAX)
        parser->keys[parser->key_count++] = (struct local){name, length, value->type};
    return parse_declare(parser, name, length, value->type);
}

static const struct type *context_type(struct parser *parser, const struct node *node) {
    struct arena *arena = parser->compiler->arena;
    struct type *type = arena_take(arena, sizeof *type);
    struct type_component *components =
        arena_take_array(arena, (size_t)node->item_count + 1, sizeof *components);
    if (!type || !components) return NULL;
    for (int i = 0; i < node->item_count; i++)
        components[i] = (struct type_component){node->names[i], node->name_lengths[i],
                                                node->items[i]->type};
    type->kind = TYPE_CONTEXT;
    type->components = components;
    type->component_count = node->item_count;
    return type;
}

struct node *parse_context(struct parser *parser) {
    struct node *node = parse_node(parser, NODE_CONTEXT, parser->token.start);
    int locals = parser->local_count;
    if (!node) return NULL;
    if (parser->token.kind != TOKEN_LEFT_BRACE)
        return parse_fail(parser, parser->token.start, "'{' is expected here");
    size_t first = lex_skip(parser, parser->token.end);
    if (first < parser->length && parser->text[first] == '}') {
        lex_start(parser, first);
    } else {
        while (parse_entry(parser, node) && parser->token.kind == TOKEN_COMMA) continue;
    }
    parser->local_count = locals;
    if (!parse_expect(parser, TOKEN_RIGHT_BRACE, "'}' or a comma")) return NULL;
    node->type = context_type(parser, node);
    return parse_done(parser, node);
}
