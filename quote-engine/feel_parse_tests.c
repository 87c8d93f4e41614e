/* Unary tests (cells of tables, allowed values, what stands behind `in`) and ranges. */
#include "feel_parse.h"

#include <string.h>

/* ---- ranges ---------------------------------------------------------------------------------- */

struct node *parse_range(struct parser *parser, struct node *low, enum range_bound low_bound,
                         size_t at) {
    struct node *node = parse_node(parser, NODE_RANGE, at);
    if (!node) return NULL;
    lex_advance(parser);
    node->a = low;
    node->low_bound = low_bound;
    node->b = parse_arithmetic(parser, true);
    if (!node->b) return NULL;
    if (parser->token.kind == TOKEN_RIGHT_BRACKET) node->high_bound = RANGE_CLOSED;
    else if (parser->token.kind == TOKEN_RIGHT_PAREN || parser->token.kind == TOKEN_LEFT_BRACKET)
        node->high_bound = RANGE_OPEN;
    else return parse_fail(parser, parser->token.start, "a range ends with ']', ')' or '['");
    lex_advance(parser);
    return parse_done(parser, node);
}

struct node *parse_unary_range(struct parser *parser, size_t at) {
    struct node *node = parse_node(parser, NODE_RANGE, at);
    enum token_kind comparison = parser->token.kind;
    lex_advance(parser);
    struct node *end = parse_arithmetic(parser, false);
    if (!node || !end || !parse_expect(parser, TOKEN_RIGHT_PAREN, "')'")) return NULL;
    node->low_bound = node->high_bound = RANGE_UNBOUNDED;
    switch (comparison) {
    case TOKEN_LESS: node->high_bound = RANGE_OPEN; break;
    case TOKEN_LESS_EQUAL: node->high_bound = RANGE_CLOSED; break;
    case TOKEN_GREATER: node->low_bound = RANGE_OPEN; break;
    case TOKEN_GREATER_EQUAL: node->low_bound = RANGE_CLOSED; break;
    case TOKEN_EQUAL: node->low_bound = node->high_bound = RANGE_EQUAL; break;
    default: node->low_bound = node->high_bound = RANGE_UNEQUAL; break;
    }
    if (node->low_bound != RANGE_UNBOUNDED) node->a = end;
    else node->b = end;
    return parse_done(parser, node);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static struct node *parse_test(struct parser *parser) {
    enum node_kind kind;
    size_t at = parser->token.start;
    if (!parse_is_comparison(parser->token.kind, &kind)) return parse_expression(parser);
    struct node *node = parse_node(parser, kind, at);
    if (!node) return NULL;
    node->a = parse_node(parser, NODE_INPUT, at);
    if (!node->a) return NULL;
    node->a->type = parser->input_type;
    lex_advance(parser);
    node->b = parse_arithmetic(parser, false);
    return node->b ? parse_done(parser, node) : NULL;
}

static bool parse_more_tests(struct parser *parser, struct node *tests) {
    for (;;) {
        struct node *test = parse_test(parser);
        if (!test || !parse_add(parser, tests, test, NULL, 0)) return false;
        if (parser->token.kind != TOKEN_COMMA) return true;
        lex_advance(parser);
    }
}

/* Behind `in (`: an open range, or tests. */
static struct node *parse_in_parenthesis(struct parser *parser, struct node *tests) {
    size_t at = parser->token.start;
    lex_advance(parser);
    struct node *test = parse_test(parser);
    if (!test) return NULL;
    if (parser->token.kind == TOKEN_DOTS) {
        test = parse_range(parser, test, RANGE_OPEN, at);
        if (!test || !parse_add(parser, tests, test, NULL, 0)) return NULL;
        return parse_done(parser, tests);
    }
    if (!parse_add(parser, tests, test, NULL, 0)) return NULL;
    if (parser->token.kind == TOKEN_COMMA) {
        lex_advance(parser);
        if (!parse_more_tests(parser, tests)) return NULL;
    }
    if (!parse_expect(parser, TOKEN_RIGHT_PAREN, "')' or a comma")) return NULL;
    return parse_done(parser, tests);
}

struct node *parse_in_tests(struct parser *parser) {
    enum node_kind comparison;
    struct node *tests = parse_node(parser, NODE_TESTS, parser->token.start);
    if (!tests || !parse_enter(parser)) return NULL;
    if (parser->token.kind == TOKEN_LEFT_PAREN) {
        tests = parse_in_parenthesis(parser, tests);
        parser->depth--;
        return tests;
    }
    struct node *test = parse_is_comparison(parser->token.kind, &comparison) ? parse_test(parser)
                                                                : parse_arithmetic(parser, false);
    parser->depth--;
    if (!test || !parse_add(parser, tests, test, NULL, 0)) return NULL;
    return parse_done(parser, tests);
}

/* `not( tests )` and nothing behind it: reads it, or goes back to the beginning. */
static bool parse_negated(struct parser *parser, struct node *tests) {
    if (parser->token.kind != TOKEN_NAME || parser->token.text_length != 3 ||
        memcmp(parser->token.text, "not", 3) != 0)
        return false;
    size_t start = parser->token.start;
    struct node *inner = parse_node(parser, NODE_TESTS, start);
    lex_advance(parser);
    if (inner && parser->token.kind == TOKEN_LEFT_PAREN) {
        lex_advance(parser);
        if (parse_more_tests(parser, inner) && parser->token.kind == TOKEN_RIGHT_PAREN) {
            lex_advance(parser);
            if (parser->token.kind == TOKEN_END && !parser->failed) {
                tests->items = inner->items;
                tests->item_count = inner->item_count;
                tests->negated = true;
                return true;
            }
        }
    }
    /* The text may still be an expression such as `not(a) and b`, or wrong in a clearer way. */
    parser->failed = false;
    parser->depth = parser->local_count = 0;
    lex_start(parser, start);
    return false;
}

static bool is_dash(const struct parser *parser) {
    static const char *const dashes[] = {"-", "\xE2\x80\x93", "\xE2\x80\x94"};
    size_t at = lex_skip(parser, 0);
    for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++) {
        size_t size = strlen(dashes[i]);
        if (parser->length - at >= size && !memcmp(parser->text + at, dashes[i], size) &&
            lex_skip(parser, at + size) == parser->length)
            return true;
    }
    return false;
}

struct node *feel_parse_tests(struct compiler *compiler, const struct scope *scope,
                              const struct type *input_type, const char *text, size_t length,
                              int line) {
    struct parser parser;
    bool begun = parse_begin(&parser, compiler, scope, text, length, line);
    parser.input_type = input_type;
    struct node *node = node_new(compiler, NODE_TESTS, line);
    if (!node) return NULL;
    node->type = input_type;
    if (!parser.failed && (lex_skip(&parser, 0) == length || is_dash(&parser))) return node;
    if (begun && (parse_negated(&parser, node) || parse_more_tests(&parser, node)) &&
        parse_end(&parser))
        return parse_done(&parser, node);
    struct node *refused = parse_refuse(&parser);
    if (!refused) return NULL;
    *node = (struct node){.kind = NODE_TESTS, .line = line, .type = input_type};
    return parse_add(&parser, node, refused, NULL, 0) ? node : NULL;
}
