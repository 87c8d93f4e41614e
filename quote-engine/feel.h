/* FEEL inside the engine: text -> tree of nodes -> code that runs. Not public.
 *
 * The DMN reader builds nodes for boxed expressions with the same constructors that the parser
 * uses, so scopes, closures and types work alike for both. Names are resolved when a tree is
 * compiled: a variable becomes (depth, slot) in a chain of frames, never a lookup by name.
 *
 * Files: feel_lex.c feel_parse*.c (text to nodes), feel_compile*.c (nodes to code), feel_check.c
 * (certain mistakes), feel_similar.c (slips in names), feel_run*.c (what code does), type.c,
 * builtin*.c (functions). */
#ifndef KOPPEL_FEEL_H
#define KOPPEL_FEEL_H

#include "arena.h" /* struct arena: compile-time memory that lives as long as the program */
#include "quote.h"

/* ---- types (type.c) ------------------------------------------------------------------------
 * What itemDefinitions and typeRefs say. TYPE_ANY accepts everything. */
enum type_kind {
    TYPE_ANY, TYPE_NULL, TYPE_BOOLEAN, TYPE_NUMBER, TYPE_TEXT, TYPE_DATE, TYPE_TIME,
    TYPE_DATE_TIME, TYPE_MONTHS, TYPE_DURATION, TYPE_RANGE, TYPE_LIST, TYPE_CONTEXT, TYPE_FUNCTION
};
struct code;
struct node;
struct type_component {
    const char *name;
    uint32_t name_length;
    const struct type *type;
};
struct type {
    enum type_kind kind;
    const char *name;                        /* as defined, or NULL */
    const struct type *item;                 /* TYPE_LIST, TYPE_RANGE: of its items; NULL: any */
    const struct type_component *components; /* TYPE_CONTEXT; TYPE_FUNCTION: its parameters */
    int component_count;
    const struct type *result;               /* TYPE_FUNCTION */
    const struct code *allowed; /* unary tests each value must satisfy, or NULL; `?` is slot 0 of a
                                   frame of its own */
    struct node *allowed_tests; /* what `allowed` was compiled from, or NULL */
    bool allowed_on_list; /* typeConstraint: `allowed` tests the whole list, not its items */
    const struct type *also; /* the type that this one narrows, if that has tests of its own: a
                                value must conform to it as well; or NULL */
};
const struct type *type_builtin(enum type_kind kind);
/* FEEL's own type names: "number", "years and months duration", "Any", …; NULL if none. */
const struct type *type_by_name(const char *name, size_t length);

/* ---- scopes --------------------------------------------------------------------------------
 * Names visible to an expression while it is compiled; each scope is one frame at run time.
 * `binding_count` grows as names are added. */
struct binding {
    const char *name;
    uint32_t name_length;
    const struct type *type;
};
struct scope {
    const struct scope *outer;
    const struct binding *bindings;
    int binding_count;
};

/* ---- nodes --------------------------------------------------------------------------------- */
enum node_kind {
    NODE_LITERAL,     /* value */
    NODE_NAME,        /* text: resolved through the scope, else a built-in function */
    NODE_INPUT,       /* `?` inside unary tests */
    NODE_NEGATE,      /* a */
    NODE_ADD, NODE_SUBTRACT, NODE_MULTIPLY, NODE_DIVIDE, NODE_POWER, /* a, b */
    NODE_EQUAL, NODE_UNEQUAL, NODE_LESS, NODE_LESS_EQUAL, NODE_GREATER, NODE_GREATER_EQUAL,
    NODE_AND, NODE_OR, /* a, b */
    NODE_BETWEEN,     /* items: value, low, high */
    NODE_IN,          /* a in b; b is NODE_TESTS or an expression */
    NODE_TESTS,       /* unary tests against `?`: items, any of them; see `negated` */
    NODE_RANGE,       /* a..b with bounds; a or b NULL where unbounded; (=a): only a */
    NODE_IF,          /* items: condition, then, else */
    NODE_FOR,         /* items: sources (NODE_LIST-like or NODE_ITERATE), last the result; names */
    NODE_ITERATE,     /* a..b of a `for`: whole numbers or dates, either way */
    NODE_SOME, NODE_EVERY, /* as NODE_FOR, last the condition */
    NODE_FILTER,      /* a[b]: b sees `item` and the item's entries */
    NODE_PATH,        /* a.text */
    NODE_INSTANCE_OF, /* a, type */
    NODE_LIST,        /* items */
    NODE_CONTEXT,     /* items with names; each sees those before it. A boxed context with a result
                         cell: `has_result`, the last item is the result */
    NODE_FUNCTION,    /* item_count names and types are the parameters (no items), a the body */
    NODE_CALL,        /* a is called with items; names non-NULL: named arguments */
    NODE_TABLE,       /* a decision table: table (dmn_table.h) */
    NODE_CONVERT,     /* a, converted to type as DMN 1.5, 10.3.2.9.4 says (else null) */
    NODE_NULL_ERROR   /* lenient mode: an expression that could not be compiled; text says why */
};

struct table;

struct node {
    enum node_kind kind;
    int line, column;          /* line in the file; column in that line of the text, from 1 */
    int height;                /* of the tree below, as far as the parser made it */
    const struct type *type;   /* declared or inferred; NULL or TYPE_ANY when unknown */
    struct node *a, *b;
    struct node **items;
    int item_count;
    const char **names;        /* with name_lengths: entries, parameters, iteration variables */
    uint32_t *name_lengths;
    const struct type **types; /* of parameters; entries NULL where undeclared */
    const char *text;          /* NODE_NAME, NODE_PATH, NODE_NULL_ERROR */
    uint32_t text_length;
    struct value value;        /* NODE_LITERAL */
    enum range_bound low_bound, high_bound; /* NODE_RANGE */
    bool negated;              /* NODE_TESTS: not(...) */
    bool has_result;           /* NODE_CONTEXT */
    struct table *table;       /* NODE_TABLE */
};

/* Every name in an expression is compared with all that are in sight: what a model may take of
 * that, a name that is not required here counting 1, others NAME_WEIGHT. */
enum { NAME_WEIGHT = 16 };
#define NAMES_COMPARED_MAX INT64_C(1600000000)

/* Everything a compilation shares; lives on the stack of program_compile. */
struct compiler {
    struct arena *arena;
    struct problems *problems;
    bool lenient;
    bool careful; /* of a product that must prove itself: what surely is a slip is refused where
                     others are warned */
    int64_t folded_steps; /* taken so far by computing constants; FOLD_STEPS_MAX of feel_code.h */
    int64_t names_compared; /* taken so far by looking up names; NAMES_COMPARED_MAX */
    const char *file;  /* for messages, of what is being compiled now */
    const char *place; /* "decision Base premium, row 3, column Age" */
    /* Resolves a type name of the model ("tApplicant", "import.tX") for `instance of` and
     * parameters; NULL when there is none. Set by the DMN reader. */
    const struct type *(*type_lookup)(void *context, const char *name, size_t length);
    /* What to do about a name that is not in sight, where the model knows better than that it
     * must be declared; NULL: it does not. */
    const char *(*name_advice)(void *context, const char *name, uint32_t length);
    void *type_context; /* of both */
};

/* Parses an expression. Multi-word names (DMN 1.5, 10.3.1.2) are recognised against `scope`, the
 * components of the types in it, the names in contexts parsed so far, and the built-ins. NULL
 * with a problem added when it is wrong; with leniency a NODE_NULL_ERROR and a warning instead.
 * `line` is where the text begins in its file. */
struct node *feel_parse(struct compiler *compiler, const struct scope *scope, const char *text,
                        size_t length, int line);
/* Parses unary tests (a cell of a table, allowed values): a NODE_TESTS, or NULL. "-" and an empty
 * text give a NODE_TESTS without items, which is always true. `input_type` may be NULL. */
struct node *feel_parse_tests(struct compiler *compiler, const struct scope *scope,
                              const struct type *input_type, const char *text, size_t length,
                              int line);
struct node *node_new(struct compiler *compiler, enum node_kind kind, int line);

/* Resolves names, infers types, folds constants, and makes code. `scope` is the frame chain that
 * the code will run in; the code's `type` is what its value is certain to be, if not null. NULL
 * with a problem added; with leniency the part that is wrong becomes null, with a warning. */
const struct code *feel_compile(struct compiler *compiler, const struct scope *scope,
                                struct node *node);

/* ---- running ------------------------------------------------------------------------------- */
/* A function value keeps the frame that it was made in: frames handed to code live as long as the
 * values that come out of it. */
struct frame {
    const struct frame *outer;
    struct value *slots;
};

struct evaluation { /* one evaluation in progress, on its caller's stack */
    struct scratch *scratch;
    const struct moment *moment;
    struct trace *trace;       /* or NULL */
    struct problems *problems; /* or NULL: where nulls come from */
    const struct program *program;
    int element;  /* being evaluated, for trace and problems */
    int depth;    /* calls in progress; EVALUATION_DEPTH_MAX */
    int64_t steps_left; /* from scratch->steps_max down to 0; below: it was stopped for that */
    bool too_deep;      /* it was stopped for its depth */
    int status;   /* QUOTE_OK, or why everything stops: code returns at once when set */
};
enum { EVALUATION_DEPTH_MAX = 512 };

/* Every code node begins with its run function, chosen when compiled for the types at hand. */
struct code {
    void (*run)(const struct code *code, struct evaluation *evaluation, const struct frame *frame,
                struct value *ret_value);
    const struct type *type;
    int height; /* of the tree below: how deep running it goes */
};
static inline void code_run(const struct code *code, struct evaluation *evaluation,
                            const struct frame *frame, struct value *ret_value) {
    code->run(code, evaluation, frame, ret_value);
}
/* The value when the code is a constant, else NULL. */
const struct value *code_constant(const struct code *code);
/* Runs unary tests with `input` as `?`: true, false, or (neither) false. */
bool tests_match(const struct code *tests, struct evaluation *evaluation,
                 const struct frame *frame, const struct value *input);

/* Says why a result is null, in evaluation->problems when there is such, and sets null. */
void value_fail(struct evaluation *evaluation, struct value *ret_value, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Takes off so many steps at once; false, with evaluation->status set, when fewer are left. */
bool evaluation_steps(struct evaluation *evaluation, uint64_t steps);
/* value_compare, with long texts counted as steps. */
bool evaluation_compare(struct evaluation *evaluation, const struct value *a,
                        const struct value *b, int *ret_order);
/* Takes scratch memory; NULL, with evaluation->status set, when it is used up. */
void *evaluation_take(struct evaluation *evaluation, size_t size);

/* ---- functions ----------------------------------------------------------------------------- */
enum { FUNCTION_PARAMETERS_MAX = 32 };

/* A built-in: a row of a static table in builtin_*.c. `run` checks its arguments itself, their
 * number included, and converts what FEEL converts: a list of one item to its item, an item to a
 * list of itself (DMN 1.5, 10.3.2.9.4). Callers hand over the arguments as they are, in the order
 * of `parameters`, null for one left out between others. */
struct builtin {
    const char *name;                /* "string length" */
    const char *parameters[8];       /* names for named calls, in order */
    int minimum, maximum;            /* how many arguments; maximum -1: any number */
    void (*run)(struct evaluation *evaluation, const struct value *arguments, int count,
                struct value *ret_value);
    enum type_kind result;           /* TYPE_ANY when it depends */
    bool counts_only;                /* it looks at no item: as fast for long lists as for short */
};
/* By name; several rows of one name are overloads with other parameter names. NULL if none.
 * `index` 0 gives the first. */
const struct builtin *builtin_find(const char *name, size_t length, int index);
/* Names of built-ins that hold a blank, for the lexer: NULL ends. */
const char *const *builtin_multiword_names(void);

/* A function value. */
struct value_function {
    const struct builtin *builtin; /* or NULL */
    int parameter_count;
    const char *const *parameter_names;
    const uint32_t *parameter_name_lengths;
    const struct type *const *parameter_types; /* entries NULL: any */
    const struct code *body;                   /* runs in a frame of its parameters */
    const struct frame *frame;                 /* the frame it closes over, in scratch memory */
    /* Decision services and other callables that the DMN side makes. */
    void (*run)(const struct value_function *function, struct evaluation *evaluation,
                const struct value *arguments, struct value *ret_value);
    const void *context;
    const struct type *result; /* or NULL */
};
/* Calls a function value with positional arguments, converting them to its parameters' types. */
void function_call(const struct value *function, struct evaluation *evaluation,
                   const struct value *arguments, int count, struct value *ret_value);

/* ---- types at run time --------------------------------------------------------------------- */
/* Does the value conform to the type (DMN 1.5, 10.3.2.9.4), `allowed` included? */
bool type_accepts(const struct type *type, struct evaluation *evaluation,
                  const struct value *value);
/* The value converted to the type: itself, a singleton list from or to its item, a date to a
 * date-time at midnight UTC; null (with a problem) where it does not conform. */
void type_convert(const struct type *type, struct evaluation *evaluation,
                  const struct value *value, struct value *ret_value);
/* `value instance of type`. */
bool type_instance(const struct type *type, struct evaluation *evaluation,
                   const struct value *value);

#endif
