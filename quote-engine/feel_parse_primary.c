/* FEEL's operands: literals, names, brackets of every kind, and what is applied to an operand
 * from behind (paths, filters, calls). Types are noted as far as they help to recognise names with
 * blanks behind a point; feel_compile.c infers them in earnest. */
#include "calendar.h"
#include "feel_parse.h"

#include <string.h>

const struct type *parse_item_type(const struct node *node) {
    const struct type *type = node->type;
    if (type && type->kind == TYPE_LIST) return type->item;
    return type;
}

const struct type *parse_list_of(struct parser *parser, const struct type *item) {
    struct type *type = item ? arena_take(parser->compiler->arena, sizeof *type) : NULL;
    if (!type) return type_builtin(TYPE_LIST);
    type->kind = TYPE_LIST;
    type->item = item;
    return type;
}

/* ---- literals -------------------------------------------------------------------------------- */

static struct node *parse_number(struct parser *parser) {
    struct token token = parser->token;
    struct decimal number;
    if (!decimal_parse(parser->text + token.start, token.end - token.start, &number))
        return parse_fail(parser, token.start, "this number is out of range: numbers have 34 "
                                               "digits and exponents up to 6144");
    struct node *node = parse_node(parser, NODE_LITERAL, token.start);
    if (!node) return NULL;
    node->value = value_number(number);
    node->type = type_builtin(TYPE_NUMBER);
    lex_advance(parser);
    return node;
}

static struct node *parse_text(struct parser *parser) {
    struct node *node = parse_node(parser, NODE_LITERAL, parser->token.start);
    if (!node) return NULL;
    node->value = value_text(parser->token.text, parser->token.text_length);
    node->type = type_builtin(TYPE_TEXT);
    lex_advance(parser);
    return node;
}

static struct node *parse_constant(struct parser *parser, struct value value,
                                   enum type_kind kind) {
    struct node *node = parse_node(parser, NODE_LITERAL, parser->token.start);
    if (!node) return NULL;
    node->value = value;
    node->type = type_builtin(kind);
    lex_advance(parser);
    return node;
}

/* While compiling every zone is taken to exist; whether it does is seen when it runs. */
static bool any_zone(void *context, const char *name, size_t name_length, int64_t local_seconds,
                     int32_t *ret_offset_seconds) {
    (void)context, (void)name, (void)name_length, (void)local_seconds;
    *ret_offset_seconds = 0;
    return true;
}

static struct node *parse_at(struct parser *parser) {
    enum { ROOM_BYTES = 256 };
    static const struct moment moment = {.zone_offset = any_zone};
    struct token token = parser->token;
    struct node *node = parse_node(parser, NODE_LITERAL, token.start);
    char *room = arena_take(parser->compiler->arena, ROOM_BYTES);
    if (!node || !room) return parse_fail(parser, token.start, "there is no memory left");
    struct scratch scratch;
    scratch_init(&scratch, room, ROOM_BYTES);
    if (!calendar_read_any(token.text, token.text_length, &moment, &scratch, &node->value))
        return parse_fail(parser, token.start, "this is no date, time, date and time or duration: "
                                               "write @\"2020-01-31\", @\"12:00:00\" or @\"P1D\"");
    static const enum type_kind kinds[] = {
        [VALUE_DATE] = TYPE_DATE, [VALUE_TIME] = TYPE_TIME, [VALUE_DATE_TIME] = TYPE_DATE_TIME,
        [VALUE_MONTHS] = TYPE_MONTHS, [VALUE_DURATION] = TYPE_DURATION};
    node->type = type_builtin(kinds[node->value.kind]);
    lex_advance(parser);
    return node;
}

/* ---- brackets -------------------------------------------------------------------------------- */

static struct node *parse_list(struct parser *parser) {
    size_t at = parser->token.start;
    lex_advance(parser);
    struct node *node = parse_node(parser, NODE_LIST, at);
    if (!node) return NULL;
    bool more = parser->token.kind != TOKEN_RIGHT_BRACKET;
    while (more) { /* behind a comma `]` begins an open range */
        struct node *item = parse_expression(parser);
        if (!item) return NULL;
        if (parser->token.kind == TOKEN_DOTS && !node->item_count)
            return parse_range(parser, item, RANGE_CLOSED, at);
        if (!parse_add(parser, node, item, NULL, 0)) return NULL;
        if (node->item_count == 1) node->type = parse_list_of(parser, item->type);
        more = parser->token.kind == TOKEN_COMMA;
        if (more) lex_advance(parser);
    }
    if (!parse_expect(parser, TOKEN_RIGHT_BRACKET, "']' or a comma")) return NULL;
    return parse_done(parser, node);
}

static struct node *parse_parenthesis(struct parser *parser) {
    size_t at = parser->token.start;
    enum node_kind comparison;
    lex_advance(parser);
    if (parse_is_comparison(parser->token.kind, &comparison)) return parse_unary_range(parser, at);
    struct node *inner = parse_expression(parser);
    if (!inner) return NULL;
    if (parser->token.kind == TOKEN_DOTS) return parse_range(parser, inner, RANGE_OPEN, at);
    return parse_expect(parser, TOKEN_RIGHT_PAREN, "')'") ? inner : NULL;
}

static struct node *parse_open_range(struct parser *parser) {
    size_t at = parser->token.start;
    lex_advance(parser);
    struct node *low = parse_expression(parser);
    if (!low) return NULL;
    if (parser->token.kind != TOKEN_DOTS)
        return parse_fail(parser, at, "']' begins a range such as ]1..5]: '..' is missing");
    return parse_range(parser, low, RANGE_OPEN, at);
}

static struct node *parse_name(struct parser *parser) {
    struct token token = parser->token;
    struct node *node = parse_node(parser, NODE_NAME, token.start);
    if (!node) return NULL;
    node->text = arena_copy(parser->compiler->arena, token.text, token.text_length);
    if (!node->text) return parse_fail(parser, token.start, "there is no memory left");
    node->text_length = token.text_length;
    node->type = token.type;
    lex_advance(parser);
    return node;
}

static struct node *parse_input(struct parser *parser) {
    struct node *node = parse_node(parser, NODE_INPUT, parser->token.start);
    if (!node) return NULL;
    node->type = parser->input_type;
    lex_advance(parser);
    return node;
}

static struct node *parse_misplaced(struct parser *parser) {
    struct token token = parser->token;
    if (token.kind == TOKEN_END)
        return parse_fail(parser, token.start, "a value is expected, but the text ends here");
    size_t size = token.end - token.start;
    return parse_fail(parser, token.start, "a value is expected, but here stands '%.*s'",
                      (int)(size > 40 ? 40 : size), parser->text + token.start);
}

struct node *parse_primary(struct parser *parser) {
    switch (parser->token.kind) {
    case TOKEN_NUMBER: return parse_number(parser);
    case TOKEN_TEXT: return parse_text(parser);
    case TOKEN_AT: return parse_at(parser);
    case TOKEN_TRUE: return parse_constant(parser, value_boolean(true), TYPE_BOOLEAN);
    case TOKEN_FALSE: return parse_constant(parser, value_boolean(false), TYPE_BOOLEAN);
    case TOKEN_NULL: return parse_constant(parser, value_null(), TYPE_NULL);
    case TOKEN_NAME: return parse_name(parser);
    case TOKEN_INPUT: return parse_input(parser);
    case TOKEN_LEFT_PAREN: return parse_parenthesis(parser);
    case TOKEN_LEFT_BRACKET: return parse_list(parser);
    case TOKEN_RIGHT_BRACKET: return parse_open_range(parser);
    case TOKEN_LEFT_BRACE: return parse_context(parser);
    case TOKEN_IF: return parse_if(parser);
    case TOKEN_FOR: return parse_loop(parser, NODE_FOR);
    case TOKEN_SOME: return parse_loop(parser, NODE_SOME);
    case TOKEN_EVERY: return parse_loop(parser, NODE_EVERY);
    case TOKEN_FUNCTION: return parse_function(parser);
    default: return parse_misplaced(parser);
    }
}

/* ---- behind an operand ----------------------------------------------------------------------- */

static const struct type *component_type(const struct type *type, const struct token *name) {
    if (!type || type->kind != TYPE_CONTEXT) return NULL;
    for (int i = 0; i < type->component_count; i++) {
        const struct type_component *component = &type->components[i];
        if (component->name_length == name->text_length &&
            !memcmp(component->name, name->text, name->text_length))
            return component->type;
    }
    return NULL;
}

static struct node *parse_path(struct parser *parser, struct node *of) {
    size_t at = parser->token.start;
    struct token name;
    if (!lex_property(parser, of->type, &name)) return NULL;
    struct node *node = parse_node(parser, NODE_PATH, at);
    if (!node) return NULL;
    node->a = of;
    node->text = arena_copy(parser->compiler->arena, name.text, name.text_length);
    if (!node->text) return parse_fail(parser, at, "there is no memory left");
    node->text_length = name.text_length;
    const struct type *found = component_type(parse_item_type(of), &name);
    bool many = of->type && of->type->kind == TYPE_LIST;
    node->type = found && many ? parse_list_of(parser, found) : found;
    return parse_done(parser, node);
}

static struct node *parse_filter(struct parser *parser, struct node *of) {
    size_t at = parser->token.start;
    int locals = parser->local_count;
    const struct type *item = parse_item_type(of);
    for (int i = 0; item && item->kind == TYPE_CONTEXT && i < item->component_count; i++) {
        const struct type_component *component = &item->components[i];
        if (parser->local_count < FEEL_LOCALS_MAX)
            parse_declare(parser, component->name, component->name_length, component->type);
    }
    if (!parse_declare(parser, "item", 4, item)) return NULL;
    lex_advance(parser);
    struct node *filter = parse_expression(parser);
    parser->local_count = locals;
    if (!filter || !parse_expect(parser, TOKEN_RIGHT_BRACKET, "']'")) return NULL;
    struct node *node = parse_node(parser, NODE_FILTER, at);
    if (!node) return NULL;
    node->a = of;
    node->b = filter;
    node->type = of->type && of->type->kind == TYPE_LIST ? of->type : parse_list_of(parser, item);
    return parse_done(parser, node);
}

static bool parse_argument(struct parser *parser, struct node *call, bool named) {
    const char *name = NULL;
    uint32_t name_length = 0;
    if (named) {
        if (!lex_is_named(parser)) {
            parse_fail(parser, parser->token.start,
                       "a call names all of its arguments or none: write 'name: value'");
            return false;
        }
        if (!lex_declared_name(parser, ":", false, &name, &name_length)) return false;
        if (!parse_expect(parser, TOKEN_COLON, "':'")) return false;
    }
    if (call->item_count >= FEEL_ARGUMENTS_MAX) {
        parse_fail(parser, parser->token.start, "a call has at most %d arguments: use a list",
                   FEEL_ARGUMENTS_MAX);
        return false;
    }
    struct node *argument = parse_expression(parser);
    return argument && parse_add(parser, call, argument, name, name_length);
}

static struct node *parse_call(struct parser *parser, struct node *called) {
    struct node *node = parse_node(parser, NODE_CALL, parser->token.start);
    if (!node) return NULL;
    node->a = called;
    if (called->type && called->type->kind == TYPE_FUNCTION) node->type = called->type->result;
    lex_advance(parser);
    bool named = lex_is_named(parser);
    while (parser->token.kind != TOKEN_RIGHT_PAREN) {
        if (!parse_argument(parser, node, named)) return NULL;
        if (parser->token.kind != TOKEN_COMMA) break;
        lex_advance(parser);
        if (parser->token.kind == TOKEN_RIGHT_PAREN)
            return parse_fail(parser, parser->token.start, "behind the comma an argument is "
                                                           "missing");
    }
    if (!parse_expect(parser, TOKEN_RIGHT_PAREN, "')' or a comma")) return NULL;
    return parse_done(parser, node);
}

/* Does a `[` that may close a range open a filter? It does when a value can begin behind it. */
static bool opens_filter(const struct parser *parser) {
    static const char *const operators[] = {"and", "or", "in", "between", "then", "else",
                                            "return", "satisfies", "instance"};
    size_t at = lex_skip(parser, parser->token.end);
    if (at >= parser->length) return false;
    size_t word = lex_word(parser, at);
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (word - at == strlen(operators[i]) &&
            !memcmp(parser->text + at, operators[i], word - at))
            return false;
    return word > at || strchr("\"@([{-?", parser->text[at]) != NULL;
}

struct node *parse_operand(struct parser *parser, bool range_end) {
    if (!parse_enter(parser)) return NULL;
    struct node *node = parse_primary(parser);
    while (node && !parser->failed) {
        if (parser->token.kind == TOKEN_DOT) node = parse_path(parser, node);
        else if (parser->token.kind == TOKEN_LEFT_PAREN) node = parse_call(parser, node);
        else if (parser->token.kind == TOKEN_LEFT_BRACKET && (!range_end || opens_filter(parser)))
            node = parse_filter(parser, node);
        else break;
    }
    parser->depth--;
    return parser->failed ? NULL : node;
}
