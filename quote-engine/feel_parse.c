/* FEEL's parser: operators and what they join. Operands begin in feel_parse_primary.c.
 *
 * Recursive descent with one token ahead. Nesting is limited to DMN_DEPTH_MAX, the height of a
 * tree to FEEL_HEIGHT_MAX, so that neither parsing, compiling nor running can exhaust a stack.
 * Operators of one rank join to the left, the power included; a sign binds closest of all, so that
 * -3 ** 2 is 9. The first reason found why a text is wrong is kept, and nothing is read behind. */
#include "feel_parse.h"

#include <stdarg.h>
#include <stdio.h>

struct node *parse_fail(struct parser *parser, size_t at, const char *format, ...) {
    if (parser->failed) return NULL;
    parser->failed = true;
    parser->failed_at = at;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(parser->reason, sizeof parser->reason, format, arguments);
    va_end(arguments);
    return NULL;
}

struct node *node_new(struct compiler *compiler, enum node_kind kind, int line) {
    struct node *node = arena_take(compiler->arena, sizeof *node);
    if (!node) {
        problems_add(compiler->problems, false, compiler->file, line, 0, compiler->place,
                     "there is no memory left for this model: make it smaller");
        return NULL;
    }
    node->kind = kind;
    node->line = line;
    return node;
}

struct node *parse_node(struct parser *parser, enum node_kind kind, size_t at) {
    struct node *node = arena_take(parser->compiler->arena, sizeof *node);
    if (!node) return parse_fail(parser, at, "there is no memory left for this model");
    node->kind = kind;
    node->height = 1;
    lex_place(parser, at, &node->line, &node->column);
    return node;
}

struct node *parse_done(struct parser *parser, struct node *node) {
    int height = 0;
    if (node->a && node->a->height > height) height = node->a->height;
    if (node->b && node->b->height > height) height = node->b->height;
    for (int i = 0; node->items && i < node->item_count; i++)
        if (node->items[i] && node->items[i]->height > height) height = node->items[i]->height;
    node->height = height + 1;
    if (node->height > FEEL_HEIGHT_MAX)
        return parse_fail(parser, parser->token.start,
                          "this expression is too long: more than %d operations build on each "
                          "other; split it into several decisions", FEEL_HEIGHT_MAX);
    return node;
}

static bool grow(struct parser *parser, void **array, int count, size_t size) {
    if (*array && (count & (count - 1))) return true; /* full only at powers of two */
    if (*array && count < 4) return true;
    size_t room = count < 4 ? 4 : (size_t)count * 2;
    char *larger = arena_take_array(parser->compiler->arena, room, size);
    if (!larger) {
        parse_fail(parser, parser->token.start, "there is no memory left for this model");
        return false;
    }
    for (size_t i = 0; *array && i < (size_t)count * size; i++) larger[i] = ((char *)*array)[i];
    *array = larger;
    return true;
}

bool parse_add(struct parser *parser, struct node *node, struct node *child, const char *name,
               uint32_t name_length) {
    int count = node->item_count;
    if (count >= FEEL_ITEMS_MAX) {
        parse_fail(parser, parser->token.start, "there are too many items here: at most %d",
                   FEEL_ITEMS_MAX);
        return false;
    }
    void *items = node->items, *names = node->names, *lengths = node->name_lengths;
    if (!grow(parser, &items, count, sizeof *node->items)) return false;
    node->items = items;
    node->items[count] = child;
    if (name || node->names) {
        if (!grow(parser, &names, count, sizeof *node->names)) return false;
        if (!grow(parser, &lengths, count, sizeof *node->name_lengths)) return false;
        node->names = names;
        node->name_lengths = lengths;
        node->names[count] = name;
        node->name_lengths[count] = name_length;
    }
    node->item_count++;
    return true;
}

bool parse_declare(struct parser *parser, const char *name, uint32_t name_length,
                   const struct type *type) {
    if (parser->local_count >= FEEL_LOCALS_MAX) {
        struct parser one = {.text = name, .length = name_length};
        if (lex_word(&one, 0) == name_length) return true; /* a word is recognised anyhow */
        parse_fail(parser, parser->token.start,
                   "too many names with blanks or operators: at most %d", FEEL_LOCALS_MAX);
        return false;
    }
    parser->locals[parser->local_count++] = (struct local){name, name_length, type};
    return true;
}

bool parse_enter(struct parser *parser) {
    if (parser->failed) return false;
    if (++parser->depth <= DMN_DEPTH_MAX) return true;
    parse_fail(parser, parser->token.start,
               "this expression is nested too deeply: at most %d levels", DMN_DEPTH_MAX);
    return false;
}

bool parse_expect(struct parser *parser, enum token_kind kind, const char *what) {
    if (parser->failed) return false;
    if (parser->token.kind == kind) {
        lex_advance(parser);
        return !parser->failed;
    }
    if (parser->token.kind == TOKEN_END) {
        parse_fail(parser, parser->token.start, "%s is expected, but the text ends here", what);
        return false;
    }
    size_t size = parser->token.end - parser->token.start;
    parse_fail(parser, parser->token.start, "%s is expected, but here stands '%.*s'", what,
               (int)(size > 40 ? 40 : size), parser->text + parser->token.start);
    return false;
}

/* ---- operators, from the closest on ---------------------------------------------------------- */

static struct node *join(struct parser *parser, enum node_kind kind, size_t at, struct node *a,
                         struct node *b) {
    if (!a || !b) return NULL;
    struct node *node = parse_node(parser, kind, at);
    if (!node) return NULL;
    node->a = a;
    node->b = b;
    return parse_done(parser, node);
}

static struct node *parse_signed(struct parser *parser, bool range_end) {
    if (parser->token.kind != TOKEN_MINUS) return parse_operand(parser, range_end);
    size_t at = parser->token.start;
    if (!parse_enter(parser)) return NULL;
    lex_advance(parser);
    struct node *operand = parse_signed(parser, range_end);
    parser->depth--;
    if (!operand) return NULL;
    if (operand->kind == NODE_LITERAL && operand->value.kind == VALUE_NUMBER) {
        operand->value.number = decimal_negate(operand->value.number);
        return operand;
    }
    struct node *node = parse_node(parser, NODE_NEGATE, at);
    if (!node) return NULL;
    node->a = operand;
    return parse_done(parser, node);
}

static struct node *parse_power(struct parser *parser, bool range_end) {
    struct node *left = parse_signed(parser, range_end);
    while (left && parser->token.kind == TOKEN_POWER) {
        size_t at = parser->token.start;
        lex_advance(parser);
        left = join(parser, NODE_POWER, at, left, parse_signed(parser, range_end));
    }
    return left;
}

static struct node *parse_product(struct parser *parser, bool range_end) {
    struct node *left = parse_power(parser, range_end);
    while (left && (parser->token.kind == TOKEN_TIMES || parser->token.kind == TOKEN_DIVIDE)) {
        enum node_kind kind = parser->token.kind == TOKEN_TIMES ? NODE_MULTIPLY : NODE_DIVIDE;
        size_t at = parser->token.start;
        lex_advance(parser);
        left = join(parser, kind, at, left, parse_power(parser, range_end));
    }
    return left;
}

struct node *parse_arithmetic(struct parser *parser, bool range_end) {
    struct node *left = parse_product(parser, range_end);
    while (left && (parser->token.kind == TOKEN_PLUS || parser->token.kind == TOKEN_MINUS)) {
        enum node_kind kind = parser->token.kind == TOKEN_PLUS ? NODE_ADD : NODE_SUBTRACT;
        size_t at = parser->token.start;
        lex_advance(parser);
        left = join(parser, kind, at, left, parse_product(parser, range_end));
    }
    return left;
}

bool parse_is_comparison(enum token_kind kind, enum node_kind *ret_kind) {
    switch (kind) {
    case TOKEN_EQUAL: *ret_kind = NODE_EQUAL; return true;
    case TOKEN_UNEQUAL: *ret_kind = NODE_UNEQUAL; return true;
    case TOKEN_LESS: *ret_kind = NODE_LESS; return true;
    case TOKEN_LESS_EQUAL: *ret_kind = NODE_LESS_EQUAL; return true;
    case TOKEN_GREATER: *ret_kind = NODE_GREATER; return true;
    case TOKEN_GREATER_EQUAL: *ret_kind = NODE_GREATER_EQUAL; return true;
    default: return false;
    }
}

static struct node *parse_between(struct parser *parser, struct node *value, size_t at) {
    struct node *node = parse_node(parser, NODE_BETWEEN, at);
    if (!node || !parse_add(parser, node, value, NULL, 0)) return NULL;
    struct node *low = parse_arithmetic(parser, false);
    if (!low || !parse_expect(parser, TOKEN_AND, "'and' between the two ends")) return NULL;
    struct node *high = parse_arithmetic(parser, false);
    if (!high || !parse_add(parser, node, low, NULL, 0)) return NULL;
    return parse_add(parser, node, high, NULL, 0) ? parse_done(parser, node) : NULL;
}

static struct node *parse_instance(struct parser *parser, struct node *value, size_t at) {
    size_t end = lex_match(parser, parser->token.start, "of", 2);
    if (!end) return parse_fail(parser, parser->token.start, "'of' is expected behind 'instance'");
    parser->token.end = end; /* the type's first character is what comes next */
    struct node *node = parse_node(parser, NODE_INSTANCE_OF, at);
    if (!node) return NULL;
    node->a = value;
    const struct type *type = parse_type(parser);
    if (!type) return NULL;
    node->type = type;
    return parse_done(parser, node);
}

static struct node *parse_comparison(struct parser *parser) {
    struct node *left = parse_arithmetic(parser, false);
    while (left) {
        enum node_kind kind;
        size_t at = parser->token.start;
        if (parse_is_comparison(parser->token.kind, &kind)) {
            lex_advance(parser);
            left = join(parser, kind, at, left, parse_arithmetic(parser, false));
        } else if (parser->token.kind == TOKEN_BETWEEN) {
            lex_advance(parser);
            left = parse_between(parser, left, at);
        } else if (parser->token.kind == TOKEN_IN) {
            lex_advance(parser);
            left = join(parser, NODE_IN, at, left, parse_in_tests(parser));
        } else if (parser->token.kind == TOKEN_INSTANCE) {
            lex_advance(parser);
            left = parse_instance(parser, left, at);
        } else {
            break;
        }
    }
    return left;
}

static struct node *parse_and(struct parser *parser) {
    struct node *left = parse_comparison(parser);
    while (left && parser->token.kind == TOKEN_AND) {
        size_t at = parser->token.start;
        lex_advance(parser);
        left = join(parser, NODE_AND, at, left, parse_comparison(parser));
    }
    return left;
}

struct node *parse_expression(struct parser *parser) {
    struct node *left = parse_and(parser);
    while (left && parser->token.kind == TOKEN_OR) {
        size_t at = parser->token.start;
        lex_advance(parser);
        left = join(parser, NODE_OR, at, left, parse_and(parser));
    }
    return parser->failed ? NULL : left;
}

/* ---- the whole text -------------------------------------------------------------------------- */

/* What a text that cannot be parsed becomes: a problem, or with leniency a null that knows why.
 * Only where memory ended there may be no reason yet. */
struct node *parse_refuse(struct parser *parser) {
    struct compiler *compiler = parser->compiler;
    int line, column;
    parse_fail(parser, 0, "there is no memory left for this model: make it smaller");
    lex_place(parser, parser->failed_at, &line, &column);
    problems_add(compiler->problems, compiler->lenient, compiler->file, line, column,
                 compiler->place, "%s", parser->reason);
    if (!compiler->lenient) return NULL;
    struct node *node = node_new(compiler, NODE_NULL_ERROR, line);
    if (!node) return NULL;
    size_t length = 0;
    while (parser->reason[length]) length++;
    node->column = column;
    node->text = arena_copy(compiler->arena, parser->reason, length);
    node->text_length = node->text ? (uint32_t)length : 0;
    return node;
}

bool parse_begin(struct parser *parser, struct compiler *compiler, const struct scope *scope,
                 const char *text, size_t length, int line) {
    *parser = (struct parser){
        .compiler = compiler, .scope = scope, .text = text, .length = length, .line = line};
    if (length > FEEL_TEXT_MAX_BYTES) {
        parse_fail(parser, 0, "this expression is too long: at most %d bytes",
                   FEEL_TEXT_MAX_BYTES);
        return false;
    }
    lex_start(parser, 0);
    return !parser->failed;
}

bool parse_end(struct parser *parser) {
    if (parser->failed) return false;
    if (parser->token.kind == TOKEN_END) return true;
    size_t size = parser->token.end - parser->token.start, at = parser->token.start;
    bool comma = parser->token.kind == TOKEN_COMMA && at > 0 && parser->text[at - 1] >= '0' &&
                 parser->text[at - 1] <= '9';
    parse_fail(parser, at, "the expression is complete before '%.*s': %s",
               (int)(size > 40 ? 40 : size), parser->text + at,
               comma ? "decimals stand behind a point and thousands have no sign, as in 1250.75"
                     : "an operator is missing, or this is too much");
    return false;
}

struct node *feel_parse(struct compiler *compiler, const struct scope *scope, const char *text,
                        size_t length, int line) {
    struct parser parser;
    struct node *node = NULL;
    if (parse_begin(&parser, compiler, scope, text, length, line)) {
        node = parse_expression(&parser);
        if (node && !parse_end(&parser)) node = NULL;
    }
    return node ? node : parse_refuse(&parser);
}
