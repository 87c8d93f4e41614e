/* FEEL's lexer: one token at a time, names by what is visible.
 *
 * A name with blanks or operators in it is recognised only when it is visible; the longest one
 * wins (DMN 1.5, 10.3.1.2). Whatever is not visible is a single word, except that words in a row,
 * which no grammar rule allows, are joined so that the message can speak of "foo bar". Blanks are
 * Unicode's; a run of them equals one blank. Comments count as blanks. */
#include "feel_parse.h"

#include <string.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Bytes of the blank at `at`: 0 when there is none. */
static size_t blank_at(const char *text, size_t length, size_t at) {
    if (at >= length) return 0;
    const unsigned char *p = (const unsigned char *)text + at;
    size_t rest = length - at;
    if (p[0] == ' ' || (p[0] >= '\t' && p[0] <= '\r')) return 1;
    if (rest >= 2 && p[0] == 0xC2 && (p[1] == 0xA0 || p[1] == 0x85)) return 2;
    if (rest < 3) return 0;
    if (p[0] == 0xE1 && p[1] == 0x9A) return p[2] == 0x80 ? 3 : 0;
    if (p[0] == 0xE1 && p[1] == 0xA0) return p[2] == 0x8E ? 3 : 0;
    if (p[0] == 0xE2 && p[1] == 0x80)
        return p[2] <= 0x8B || p[2] == 0xA8 || p[2] == 0xA9 || p[2] == 0xAF ? 3 : 0;
    if (p[0] == 0xE2 && p[1] == 0x81) return p[2] == 0x9F ? 3 : 0;
    if (p[0] == 0xE3) return p[1] == 0x80 && p[2] == 0x80 ? 3 : 0;
    return p[0] == 0xEF && p[1] == 0xBB && p[2] == 0xBF ? 3 : 0;
}

static size_t blank_size(const struct parser *parser, size_t at) {
    return blank_at(parser->text, parser->length, at);
}

/* Letters, digits, underscores; all that is not ASCII and no blank counts as a letter. */
static bool is_word_at(const char *text, size_t length, size_t at) {
    if (at >= length) return false;
    unsigned char c = (unsigned char)text[at];
    if (c >= 0x80) return blank_at(text, length, at) == 0;
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || is_digit((char)c);
}

static bool is_word(const struct parser *parser, size_t at) {
    return is_word_at(parser->text, parser->length, at);
}

static bool is_word_start(const struct parser *parser, size_t at) {
    return is_word(parser, at) && !is_digit(parser->text[at]);
}

static size_t comment_end(const struct parser *parser, size_t at) {
    if (at + 1 >= parser->length || parser->text[at] != '/') return at;
    size_t i = at + 2;
    if (parser->text[at + 1] == '/') {
        while (i < parser->length && parser->text[i] != '\n') i++;
        return i;
    }
    if (parser->text[at + 1] != '*') return at;
    while (i + 1 < parser->length && !(parser->text[i] == '*' && parser->text[i + 1] == '/')) i++;
    return i + 1 < parser->length ? i + 2 : parser->length;
}

size_t lex_skip(const struct parser *parser, size_t at) {
    for (;;) {
        size_t before = at;
        at += blank_size(parser, at);
        at = comment_end(parser, at);
        if (at == before) return at;
    }
}

size_t lex_word(const struct parser *parser, size_t at) {
    while (is_word(parser, at)) at++;
    return at;
}

static size_t skip_blanks(const struct parser *parser, size_t at) {
    for (size_t size; (size = blank_size(parser, at)) > 0;) at += size;
    return at;
}

size_t lex_match(const struct parser *parser, size_t at, const char *name, size_t name_length) {
    if (!name_length || at >= parser->length || parser->text[at] != name[0]) return 0;
    size_t i = 0;
    while (i < name_length) {
        size_t blank = blank_at(name, name_length, i);
        if (blank) {
            size_t after = skip_blanks(parser, at);
            if (after == at) return 0;
            at = after;
            for (; blank; blank = blank_at(name, name_length, i)) i += blank;
        } else {
            if (at >= parser->length || parser->text[at] != name[i]) return 0;
            at++;
            i++;
        }
    }
    /* "foo" does not stand in "foobar". */
    if (is_word_at(name, name_length, name_length - 1) && is_word(parser, at)) return 0;
    return at;
}

struct match {
    size_t end;
    const char *name;
    uint32_t length;
    const struct type *type;
};

static void match_try(const struct parser *parser, size_t at, const char *name, uint32_t length,
                      const struct type *type, struct match *match) {
    size_t end = lex_match(parser, at, name, length);
    if (end > match->end) *match = (struct match){end, name, length, type};
}

/* Variables: the innermost of equally long names wins. */
static void match_variables(const struct parser *parser, size_t at, struct match *match) {
    for (int i = parser->local_count - 1; i >= 0; i--) {
        const struct local *local = &parser->locals[i];
        match_try(parser, at, local->name, local->name_length, local->type, match);
    }
    int64_t compared = 0;
    for (const struct scope *scope = parser->scope; scope; scope = scope->outer)
        for (int i = scope->binding_count - 1; i >= 0; i--) {
            const struct binding *binding = &scope->bindings[i];
            match_try(parser, at, binding->name, binding->name_length, binding->type, match);
            compared += binding->name_length ? NAME_WEIGHT : 1;
        }
    parser->compiler->names_compared += compared;
}

/* A built-in's name holds over a shorter variable's only where it is called: with the variables
 * `date` and `time` in sight, `date and time` is a conjunction. */
static void match_builtins(const struct parser *parser, size_t at, struct match *match) {
    struct match best = {0};
    for (const char *const *name = builtin_multiword_names(); *name; name++)
        match_try(parser, at, *name, (uint32_t)strlen(*name), NULL, &best);
    if (best.end <= match->end) return;
    size_t next = lex_skip(parser, best.end);
    bool called = next < parser->length && parser->text[next] == '(';
    if (called || !match->end) *match = best;
}

static void match_components(const struct parser *parser, size_t at, const struct type *type,
                             struct match *match) {
    while (type && type->kind == TYPE_LIST) type = type->item;
    if (!type || type->kind != TYPE_CONTEXT) return;
    for (int i = 0; i < type->component_count; i++) {
        const struct type_component *component = &type->components[i];
        match_try(parser, at, component->name, component->name_length, component->type, match);
    }
}

static const struct {
    const char *word;
    enum token_kind kind;
} keywords[] = {
    {"if", TOKEN_IF}, {"then", TOKEN_THEN}, {"else", TOKEN_ELSE}, {"for", TOKEN_FOR},
    {"return", TOKEN_RETURN}, {"some", TOKEN_SOME}, {"every", TOKEN_EVERY},
    {"satisfies", TOKEN_SATISFIES}, {"in", TOKEN_IN}, {"between", TOKEN_BETWEEN},
    {"and", TOKEN_AND}, {"or", TOKEN_OR}, {"instance", TOKEN_INSTANCE},
    {"function", TOKEN_FUNCTION}, {"true", TOKEN_TRUE}, {"false", TOKEN_FALSE},
    {"null", TOKEN_NULL},
};

static enum token_kind word_kind(const char *word, size_t length) {
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
        if (strlen(keywords[i].word) == length && !memcmp(keywords[i].word, word, length))
            return keywords[i].kind;
    return TOKEN_NAME;
}

/* Joins words in a row that no rule of the grammar could keep apart. */
static size_t join_words(const struct parser *parser, size_t end) {
    for (;;) {
        size_t next = skip_blanks(parser, end);
        size_t after = lex_word(parser, next);
        if (next == end || after == next) return end;
        if (word_kind(parser->text + next, after - next) != TOKEN_NAME) return end;
        end = after;
    }
}

static bool is_known_word(const char *word, size_t length) {
    return builtin_find(word, length, 0) != NULL;
}

static void set_name(struct parser *parser, struct token *token, size_t end, struct match *match) {
    token->kind = TOKEN_NAME;
    token->end = end;
    if (match && match->end) {
        token->text = match->name;
        token->text_length = match->length;
        token->type = match->type;
        return;
    }
    token->text = parser->text + token->start;
    token->text_length = (uint32_t)(end - token->start);
    if (token->text_length > FEEL_NAME_MAX_BYTES)
        parse_fail(parser, token->start, "this name is too long: use at most %d characters",
                   FEEL_NAME_MAX_BYTES);
}

static void lex_name(struct parser *parser, struct token *token) {
    size_t at = token->start;
    size_t end = lex_word(parser, at);
    struct match match = {0};
    if (parser->compiler->names_compared > NAMES_COMPARED_MAX) {
        parse_fail(parser, at, "the model has too many names in sight of its long expressions: "
                               "require less, or split the model");
        return;
    }
    match_variables(parser, at, &match);
    match_builtins(parser, at, &match);
    enum token_kind kind = word_kind(parser->text + at, end - at);
    if (kind != TOKEN_NAME && match.end <= end) {
        token->kind = kind;
        token->end = end;
        return;
    }
    if (match.end < end) match = (struct match){0};
    if (!match.end) {
        for (int i = 0; i < parser->key_count; i++)
            match_try(parser, at, parser->keys[i].name, parser->keys[i].name_length, NULL, &match);
        if (match.end < end) match = (struct match){0};
    }
    if (!match.end && !is_known_word(parser->text + at, end - at))
        end = join_words(parser, end);
    set_name(parser, token, match.end ? match.end : end, &match);
}

static void lex_number(struct parser *parser, struct token *token) {
    size_t at = token->start;
    const char *text = parser->text;
    while (at < parser->length && is_digit(text[at])) at++;
    if (at + 1 < parser->length && text[at] == '.' && is_digit(text[at + 1])) {
        at++;
        while (at < parser->length && is_digit(text[at])) at++;
    }
    if (at < parser->length && (text[at] == 'e' || text[at] == 'E')) {
        size_t exponent = at + 1;
        if (exponent < parser->length && (text[exponent] == '+' || text[exponent] == '-'))
            exponent++;
        if (exponent < parser->length && is_digit(text[exponent])) {
            at = exponent;
            while (at < parser->length && is_digit(text[at])) at++;
        }
    }
    token->kind = TOKEN_NUMBER;
    token->end = at;
}

static int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The number of `count` hexadecimal digits at `at`, or -1. */
static int32_t hex_number(const struct parser *parser, size_t at, int count) {
    int32_t number = 0;
    for (int i = 0; i < count; i++) {
        int digit = at + (size_t)i < parser->length ? hex_digit(parser->text[at + (size_t)i]) : -1;
        if (digit < 0) return -1;
        number = number * 16 + digit;
    }
    return number;
}

static size_t put_code_point(int32_t point, char *to) {
    if (point < 0x80) {
        to[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        to[0] = (char)(0xC0 | point >> 6);
        to[1] = (char)(0x80 | (point & 0x3F));
        return 2;
    }
    if (point < 0x10000) {
        to[0] = (char)(0xE0 | point >> 12);
        to[1] = (char)(0x80 | (point >> 6 & 0x3F));
        to[2] = (char)(0x80 | (point & 0x3F));
        return 3;
    }
    to[0] = (char)(0xF0 | point >> 18);
    to[1] = (char)(0x80 | (point >> 12 & 0x3F));
    to[2] = (char)(0x80 | (point >> 6 & 0x3F));
    to[3] = (char)(0x80 | (point & 0x3F));
    return 4;
}

/* Behind a backslash at `at`: writes what the escape stands for and returns the position behind
 * it. An escape that FEEL does not know stays as it is, so that regular expressions read well. */
static size_t unescape(struct parser *parser, size_t at, char *to, size_t *ret_size) {
    static const char letters[] = "nrt\"'\\", meanings[] = "\n\r\t\"'\\";
    char c = at < parser->length ? parser->text[at] : '\0';
    const char *found = c ? strchr(letters, c) : NULL;
    if (found) {
        to[0] = meanings[found - letters];
        *ret_size = 1;
        return at + 1;
    }
    int digits = c == 'u' ? 4 : c == 'U' ? 6 : 0;
    int32_t point = digits ? hex_number(parser, at + 1, digits) : -1;
    if (point < 0) {
        to[0] = '\\';
        *ret_size = 1;
        return at;
    }
    size_t end = at + 1 + (size_t)digits;
    if (point >= 0xD800 && point < 0xDC00 && end + 1 < parser->length &&
        parser->text[end] == '\\' && parser->text[end + 1] == 'u') {
        int32_t low = hex_number(parser, end + 2, 4);
        if (low >= 0xDC00 && low < 0xE000) {
            point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
            end += 6;
        }
    }
    if ((point >= 0xD800 && point < 0xE000) || point > 0x10FFFF) {
        parse_fail(parser, at - 1, "this escape names no character: \\u takes four hexadecimal "
                                   "digits, \\U six");
        point = '?';
    }
    *ret_size = put_code_point(point, to);
    return end;
}

/* From the opening quote at `at` on. */
static void lex_text(struct parser *parser, struct token *token, size_t at) {
    size_t end = at + 1;
    while (end < parser->length && parser->text[end] != '"')
        end += parser->text[end] == '\\' && end + 1 < parser->length ? 2 : 1;
    token->end = end < parser->length ? end + 1 : parser->length;
    if (end >= parser->length) {
        parse_fail(parser, at, "this text has no closing quote: add a \"");
        return;
    }
    char *text = arena_take(parser->compiler->arena, end - at + 4);
    if (!text) {
        parse_fail(parser, at, "there is no memory left for this model");
        return;
    }
    size_t length = 0;
    for (size_t i = at + 1; i < end;) {
        if (parser->text[i] == '\\') {
            size_t size = 0;
            i = unescape(parser, i + 1, text + length, &size);
            length += size;
        } else {
            text[length++] = parser->text[i++];
        }
    }
    token->text = text;
    token->text_length = (uint32_t)length;
}

static const struct {
    const char *text;
    enum token_kind kind;
} operators[] = { /* longer ones first */
    {"..", TOKEN_DOTS}, {"**", TOKEN_POWER}, {"!=", TOKEN_UNEQUAL}, {"<=", TOKEN_LESS_EQUAL},
    {">=", TOKEN_GREATER_EQUAL}, {"->", TOKEN_ARROW}, {"(", TOKEN_LEFT_PAREN},
    {")", TOKEN_RIGHT_PAREN}, {"[", TOKEN_LEFT_BRACKET}, {"]", TOKEN_RIGHT_BRACKET},
    {"{", TOKEN_LEFT_BRACE}, {"}", TOKEN_RIGHT_BRACE}, {",", TOKEN_COMMA}, {":", TOKEN_COLON},
    {".", TOKEN_DOT}, {"+", TOKEN_PLUS}, {"-", TOKEN_MINUS}, {"*", TOKEN_TIMES},
    {"/", TOKEN_DIVIDE}, {"=", TOKEN_EQUAL}, {"<", TOKEN_LESS}, {">", TOKEN_GREATER},
    {"?", TOKEN_INPUT}, {"\xE2\x88\x92", TOKEN_MINUS},
};

static void lex_operator(struct parser *parser, struct token *token) {
    size_t rest = parser->length - token->start;
    const char *text = parser->text + token->start;
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t size = strlen(operators[i].text);
        if (size <= rest && !memcmp(text, operators[i].text, size)) {
            token->kind = operators[i].kind;
            token->end = token->start + size;
            return;
        }
    }
    if (*text == '\'')
        parse_fail(parser, token->start,
                   "' has no meaning here: texts stand between double quotation marks (\")");
    else if (*text > ' ' && *text < 0x7F)
        parse_fail(parser, token->start, "'%c' has no meaning here: remove it", *text);
    else
        parse_fail(parser, token->start, "this character has no meaning here: remove it");
}

void lex_start(struct parser *parser, size_t at) {
    struct token *token = &parser->token;
    *token = (struct token){.kind = TOKEN_END, .start = parser->length, .end = parser->length};
    if (parser->failed) return;
    at = lex_skip(parser, at);
    if (at >= parser->length) return;
    token->start = token->end = at;
    const char *text = parser->text + at;
    bool point = at + 1 < parser->length && text[0] == '.' && is_digit(text[1]);
    if (is_digit(text[0]) || point) lex_number(parser, token);
    else if (text[0] == '"') {
        token->kind = TOKEN_TEXT;
        lex_text(parser, token, at);
    } else if (text[0] == '@') {
        size_t quote = lex_skip(parser, at + 1);
        token->kind = TOKEN_AT;
        if (quote < parser->length && parser->text[quote] == '"') lex_text(parser, token, quote);
        else parse_fail(parser, at, "behind @ a text is expected, as in @\"2020-01-31\"");
    } else if (parser->length - at >= 3 && !memcmp(text, "\xE2\x88\x92", 3)) {
        lex_operator(parser, token);
    } else if (is_word_start(parser, at)) {
        lex_name(parser, token);
    } else {
        lex_operator(parser, token);
    }
    if (parser->failed) token->kind = TOKEN_END;
}

void lex_advance(struct parser *parser) {
    lex_start(parser, parser->token.end);
}

bool lex_property(struct parser *parser, const struct type *type, struct token *ret_name) {
    static const char *const properties[] = {"time offset", "start included", "end included"};
    size_t at = lex_skip(parser, parser->token.end);
    struct token token = {.kind = TOKEN_NAME, .start = at, .end = at};
    struct match match = {0};
    match_components(parser, at, type, &match);
    if (!match.end) {
        for (size_t i = 0; i < sizeof properties / sizeof *properties; i++)
            match_try(parser, at, properties[i], (uint32_t)strlen(properties[i]), NULL, &match);
        for (int i = 0; i < parser->key_count; i++)
            match_try(parser, at, parser->keys[i].name, parser->keys[i].name_length, NULL, &match);
    }
    size_t end = lex_word(parser, at);
    if (match.end < end) match = (struct match){0};
    if (!match.end && !is_word_start(parser, at)) {
        parse_fail(parser, at, "behind the point the name of an entry is expected");
        return false;
    }
    set_name(parser, &token, match.end ? match.end : join_words(parser, end), &match);
    lex_start(parser, token.end);
    *ret_name = token;
    return !parser->failed;
}

/* Characters besides blanks that a declared name may hold. */
static bool is_name_symbol(char c) {
    return c && strchr("./-'+*?", c) != NULL;
}

bool lex_declared_name(struct parser *parser, const char *stops, bool stop_at_in,
                       const char **ret_name, uint32_t *ret_length) {
    size_t start = parser->token.start, at = start, end = start;
    char name[FEEL_NAME_MAX_BYTES];
    size_t length = 0;
    while (at < parser->length && !strchr(stops, parser->text[at])) {
        size_t word = lex_word(parser, at);
        if (stop_at_in && word - at == 2 && !memcmp(parser->text + at, "in", 2) && at > start)
            break;
        if (word == at && !is_name_symbol(parser->text[at])) {
            size_t after = skip_blanks(parser, at);
            if (after == at) break;
            at = after;
            continue;
        }
        if (word == at) word++;
        bool blank = length && end < at;
        if (length + blank + (word - at) > sizeof name) {
            parse_fail(parser, start, "this name is too long: use at most %d characters",
                       FEEL_NAME_MAX_BYTES);
            return false;
        }
        if (blank) name[length++] = ' ';
        memcpy(name + length, parser->text + at, word - at);
        length += word - at;
        at = end = word;
    }
    if (!length || !is_word_start(parser, start)) {
        parse_fail(parser, start, "a name is expected here, beginning with a letter");
        return false;
    }
    char *copy = arena_copy(parser->compiler->arena, name, length);
    if (!copy) {
        parse_fail(parser, start, "there is no memory left for this model");
        return false;
    }
    lex_start(parser, end);
    *ret_name = copy;
    *ret_length = (uint32_t)length;
    return !parser->failed;
}

bool lex_is_named(const struct parser *parser) {
    size_t at = parser->token.start;
    if (!is_word_start(parser, at)) return false;
    for (;;) {
        size_t next = lex_word(parser, skip_blanks(parser, at));
        if (next == at) {
            if (next >= parser->length) return false;
            if (parser->text[next] == ':') return true;
            if (!is_name_symbol(parser->text[next])) return false;
            next++;
        }
        at = next;
    }
}

void lex_place(struct parser *parser, size_t at, int *ret_line, int *ret_column) {
    if (at < parser->place_at) {
        parser->place_at = 0;
        parser->place_line = parser->place_column = 0;
    }
    for (size_t i = parser->place_at; i < at && i < parser->length; i++)
        if (parser->text[i] == '\n') {
            parser->place_line++;
            parser->place_column = 0;
        } else if (((unsigned char)parser->text[i] & 0xC0) != 0x80) {
            parser->place_column++;
        }
    parser->place_at = at;
    *ret_line = parser->line + parser->place_line;
    *ret_column = parser->place_column + 1;
}
