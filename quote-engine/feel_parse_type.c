/* FEEL's type names, behind `instance of` and behind a parameter's colon: those of FEEL, those of
 * the model, and list<…>, range<…>, context<…>, function<…>->…. */
#include "feel_parse.h"

#include <string.h>

enum { TYPE_WORDS_MAX = 16 };

static const struct type *type_at(struct parser *parser, size_t at, size_t *ret_end);

static const struct type *type_lookup(struct parser *parser, const char *name, size_t length) {
    struct compiler *compiler = parser->compiler;
    const struct type *type = NULL;
    if (compiler->type_lookup) type = compiler->type_lookup(compiler->type_context, name, length);
    return type ? type : type_by_name(name, length);
}

/* Where the words end that may belong to the name at `at`; returns how many there are. */
static int word_ends(const struct parser *parser, size_t at, size_t ends[TYPE_WORDS_MAX]) {
    int count = 0;
    while (count < TYPE_WORDS_MAX) {
        size_t next = lex_skip(parser, at);
        while (count && next < parser->length && strchr(".-+*/'", parser->text[next]) &&
               parser->text[next])
            next = lex_skip(parser, next + 1);
        size_t end = lex_word(parser, next);
        if (end == next) break;
        ends[count++] = at = end;
    }
    return count;
}

/* The longest name at `at` that is a type's: FEEL's names hold blanks. */
static const struct type *named_type(struct parser *parser, size_t at, size_t *ret_end) {
    size_t ends[TYPE_WORDS_MAX];
    char name[FEEL_NAME_MAX_BYTES];
    for (int i = word_ends(parser, at, ends) - 1; i >= 0; i--) {
        size_t length = 0;
        bool blank = false;
        if (ends[i] - at > sizeof name) continue;
        for (size_t from = at; from < ends[i];) {
            size_t after = lex_skip(parser, from);
            if (after > from) {
                blank = true;
                from = after;
                continue;
            }
            if (blank && length < sizeof name) name[length++] = ' ';
            blank = false;
            if (length < sizeof name) name[length++] = parser->text[from];
            from++;
        }
        const struct type *type = type_lookup(parser, name, length);
        if (!type) continue;
        *ret_end = ends[i];
        return type;
    }
    return NULL;
}

static bool expect_char(struct parser *parser, size_t *at, const char *text) {
    size_t length = strlen(text);
    *at = lex_skip(parser, *at);
    if (*at + length <= parser->length && !memcmp(parser->text + *at, text, length)) {
        *at += length;
        return true;
    }
    parse_fail(parser, *at, "'%s' is expected in this type", text);
    return false;
}

static bool next_is(const struct parser *parser, size_t at, char c) {
    at = lex_skip(parser, at);
    return at < parser->length && parser->text[at] == c;
}

static struct type *type_new(struct parser *parser, enum type_kind kind) {
    struct type *type = arena_take(parser->compiler->arena, sizeof *type);
    if (type) type->kind = kind;
    else parse_fail(parser, parser->token.start, "there is no memory left for this model");
    return type;
}

/* list<T> and range<T>, from behind the word on. */
static const struct type *item_type(struct parser *parser, enum type_kind kind, size_t at,
                                    size_t *ret_end) {
    struct type *type = type_new(parser, kind);
    if (!type || !expect_char(parser, &at, "<")) return NULL;
    type->item = type_at(parser, at, &at);
    if (!type->item || !expect_char(parser, &at, ">")) return NULL;
    *ret_end = at;
    return type;
}

/* One `name: T` of a context, or one `T` of a function. */
static bool component_at(struct parser *parser, bool named, size_t *at,
                         struct type_component *ret_component) {
    struct type_component component = {0};
    if (named) {
        parser->token.start = lex_skip(parser, *at);
        if (!lex_declared_name(parser, ":", false, &component.name, &component.name_length))
            return false;
        *at = parser->token.start;
        if (!expect_char(parser, at, ":")) return false;
    }
    component.type = type_at(parser, *at, at);
    if (!component.type) return false;
    *ret_component = component;
    return true;
}

static const struct type *components_type(struct parser *parser, enum type_kind kind, size_t at,
                                          size_t *ret_end) {
    struct type *type = type_new(parser, kind);
    struct type_component *components = arena_take_array(
        parser->compiler->arena, FUNCTION_PARAMETERS_MAX, sizeof *components);
    if (!type || !components || !expect_char(parser, &at, "<")) return NULL;
    type->components = components;
    while (!next_is(parser, at, '>')) {
        if (type->component_count >= FUNCTION_PARAMETERS_MAX)
            return parse_fail(parser, at, "a type written here has at most %d parts",
                              FUNCTION_PARAMETERS_MAX), NULL;
        if (!component_at(parser, kind == TYPE_CONTEXT, &at, &components[type->component_count]))
            return NULL;
        type->component_count++;
        if (!next_is(parser, at, ',')) break;
        if (!expect_char(parser, &at, ",")) return NULL;
    }
    if (!expect_char(parser, &at, ">")) return NULL;
    if (kind == TYPE_FUNCTION) {
        if (!expect_char(parser, &at, "->")) return NULL;
        type->result = type_at(parser, at, &at);
        if (!type->result) return NULL;
    }
    *ret_end = at;
    return type;
}

static const struct type *type_at(struct parser *parser, size_t at, size_t *ret_end) {
    static const struct {
        const char *word;
        enum type_kind kind;
    } generics[] = {{"list", TYPE_LIST}, {"range", TYPE_RANGE}, {"context", TYPE_CONTEXT},
                    {"function", TYPE_FUNCTION}};
    if (!parse_enter(parser)) return NULL;
    const struct type *type = NULL;
    at = lex_skip(parser, at);
    size_t end = lex_word(parser, at);
    for (size_t i = 0; i < 4 && !type && !parser->failed; i++)
        if (end - at == strlen(generics[i].word) &&
            !memcmp(parser->text + at, generics[i].word, end - at) && next_is(parser, end, '<'))
            type = i < 2 ? item_type(parser, generics[i].kind, end, ret_end)
                         : components_type(parser, generics[i].kind, end, ret_end);
    if (!type && !parser->failed) type = named_type(parser, at, ret_end);
    parser->depth--;
    if (!type)
        parse_fail(parser, at, "unknown type '%.*s': use number, string, boolean, date and the "
                               "like, or define it in the model",
                   (int)(end - at > 40 ? 40 : end - at), parser->text + at);
    return type;
}

const struct type *parse_type(struct parser *parser) {
    size_t end = parser->token.end;
    const struct type *type = type_at(parser, end, &end);
    if (!type) return NULL;
    lex_start(parser, end);
    return parser->failed ? NULL : type;
}
