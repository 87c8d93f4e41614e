/* What the lexer and the parts of the parser share. Only feel_lex.c and feel_parse*.c use this.
 *
 * FEEL's names may hold blanks and operators ("Years of Service", "a+b"), so a token can be told
 * only by someone who knows which names are visible: the parser reads one token ahead and no
 * more, and declares each local name before it asks for the token behind it. */
#ifndef KOPPEL_FEEL_PARSE_H
#define KOPPEL_FEEL_PARSE_H

#include "feel.h"

enum {
    FEEL_TEXT_MAX_BYTES = 1024 * 1024, /* one expression */
    FEEL_NAME_MAX_BYTES = 512,
    FEEL_LOCALS_MAX = 256,     /* names visible inside one expression, beside its scope's */
    FEEL_KEYS_MAX = 128,       /* keys of contexts that are remembered for paths */
    FEEL_ITEMS_MAX = 100000,   /* of one list */
    FEEL_ENTRIES_MAX = 10000,  /* of one context */
    FEEL_ARGUMENTS_MAX = 256,
    FEEL_HEIGHT_MAX = 1000,    /* of a tree */
    FEEL_REASON_MAX = 300
};

enum token_kind {
    TOKEN_END, TOKEN_NUMBER, TOKEN_TEXT, TOKEN_AT, TOKEN_NAME, TOKEN_INPUT,
    TOKEN_LEFT_PAREN, TOKEN_RIGHT_PAREN, TOKEN_LEFT_BRACKET, TOKEN_RIGHT_BRACKET,
    TOKEN_LEFT_BRACE, TOKEN_RIGHT_BRACE, TOKEN_COMMA, TOKEN_COLON, TOKEN_DOT, TOKEN_DOTS,
    TOKEN_PLUS, TOKEN_MINUS, TOKEN_TIMES, TOKEN_DIVIDE, TOKEN_POWER,
    TOKEN_EQUAL, TOKEN_UNEQUAL, TOKEN_LESS, TOKEN_LESS_EQUAL, TOKEN_GREATER, TOKEN_GREATER_EQUAL,
    TOKEN_ARROW,
    TOKEN_IF, TOKEN_THEN, TOKEN_ELSE, TOKEN_FOR, TOKEN_RETURN, TOKEN_SOME, TOKEN_EVERY,
    TOKEN_SATISFIES, TOKEN_IN, TOKEN_BETWEEN, TOKEN_AND, TOKEN_OR, TOKEN_INSTANCE, TOKEN_FUNCTION,
    TOKEN_TRUE, TOKEN_FALSE, TOKEN_NULL
};

struct token {
    enum token_kind kind;
    size_t start, end;      /* in the text */
    const char *text;       /* TOKEN_NAME: as declared; TOKEN_TEXT, TOKEN_AT: unescaped */
    uint32_t text_length;
    const struct type *type; /* TOKEN_NAME: of the variable, or NULL */
};

struct local {
    const char *name;
    uint32_t name_length;
    const struct type *type;
};

struct parser {
    struct compiler *compiler;
    const struct scope *scope;
    const struct type *input_type; /* of `?`, or NULL */
    const char *text;
    size_t length;
    int line; /* in the file, where the text begins */
    struct token token;
    struct local locals[FEEL_LOCALS_MAX];
    int local_count;
    struct local keys[FEEL_KEYS_MAX];
    int key_count;
    int depth;
    bool failed;
    size_t failed_at;
    char reason[FEEL_REASON_MAX];
    size_t place_at; /* the last place that was turned into line and column */
    int place_line, place_column;
};

/* ---- feel_lex.c ---------------------------------------------------------------------------- */
/* Reads the token behind the present one. */
void lex_advance(struct parser *parser);
/* Reads the first token from `at` on: also to go back. */
void lex_start(struct parser *parser, size_t at);
/* Reads the name of an entry from behind the present token (a dot), which may be one of `type`'s
 * components, and then advances. */
bool lex_property(struct parser *parser, const struct type *type, struct token *ret_name);
/* Reads a name up to one of the characters in `stops`, or the keyword `in` if `stop_at_in`: for
 * keys, parameters, iteration variables. Starts at the present token's first character and leaves
 * the parser at what stopped it. */
bool lex_declared_name(struct parser *parser, const char *stops, bool stop_at_in,
                       const char **ret_name, uint32_t *ret_length);
/* Is the present token the beginning of `name :`, as in a named argument? */
bool lex_is_named(const struct parser *parser);
/* The end of the name that begins at `at`, if `name` stands there; else 0. */
size_t lex_match(const struct parser *parser, size_t at, const char *name, size_t name_length);
/* The position behind blanks and comments. */
size_t lex_skip(const struct parser *parser, size_t at);
/* The end of the word (letters, digits, underscores) at `at`; `at` itself when there is none. */
size_t lex_word(const struct parser *parser, size_t at);
/* Line in the file and column, from 1, of a place in the text. */
void lex_place(struct parser *parser, size_t at, int *ret_line, int *ret_column);

/* ---- feel_parse.c -------------------------------------------------------------------------- */
/* Keeps the first reason why the text is wrong; returns NULL for the caller to return. */
struct node *parse_fail(struct parser *parser, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
struct node *parse_node(struct parser *parser, enum node_kind kind, size_t at);
struct node *parse_expression(struct parser *parser);
/* One operand: literals, names, brackets, and what is applied to them. `range_end`: a `[` may
 * close a range instead of opening a filter. */
struct node *parse_operand(struct parser *parser, bool range_end);
struct node *parse_arithmetic(struct parser *parser, bool range_end);
bool parse_expect(struct parser *parser, enum token_kind kind, const char *what);
const struct type *parse_list_of(struct parser *parser, const struct type *item);
/* Adds a child; false when there are too many or memory ends. `name` may be NULL. */
bool parse_add(struct parser *parser, struct node *node, struct node *child, const char *name,
               uint32_t name_length);
/* Sets the height from the children's; NULL when the tree is too high. */
struct node *parse_done(struct parser *parser, struct node *node);
bool parse_declare(struct parser *parser, const char *name, uint32_t name_length,
                   const struct type *type);
bool parse_enter(struct parser *parser);
bool parse_begin(struct parser *parser, struct compiler *compiler, const struct scope *scope,
                 const char *text, size_t length, int line);
/* Is the text used up? */
bool parse_end(struct parser *parser);
/* Reports why the text was refused; with leniency the NODE_NULL_ERROR that stands for it. */
struct node *parse_refuse(struct parser *parser);

/* ---- feel_parse_primary.c ------------------------------------------------------------------ */
struct node *parse_primary(struct parser *parser);
const struct type *parse_item_type(const struct node *node);

/* ---- feel_parse_block.c: if, for, some, every, function, contexts ------------------------- */
struct node *parse_if(struct parser *parser);
struct node *parse_loop(struct parser *parser, enum node_kind kind);
struct node *parse_function(struct parser *parser);
struct node *parse_context(struct parser *parser);

/* ---- feel_parse_type.c --------------------------------------------------------------------- */
const struct type *parse_type(struct parser *parser);

/* ---- feel_parse_tests.c -------------------------------------------------------------------- */
/* What follows `in`: a NODE_TESTS. */
struct node *parse_in_tests(struct parser *parser);
/* The range behind `(`, `[` or `]` whose bound was consumed and whose low end is `low`. */
struct node *parse_range(struct parser *parser, struct node *low, enum range_bound low_bound,
                         size_t at);
/* `(< 5)` and the like, behind the bracket. */
struct node *parse_unary_range(struct parser *parser, size_t at);
bool parse_is_comparison(enum token_kind kind, enum node_kind *ret_kind);

#endif
