/* The code that FEEL compiles to: what feel_compile*.c builds and feel_run*.c runs.
 *
 * A tree of structs that each begin with a struct code. Children that are variables or constants
 * are not run but read in place (struct operand), so that `age > 18` costs one call. */
#ifndef KOPPEL_FEEL_CODE_H
#define KOPPEL_FEEL_CODE_H

#include "feel.h"

#define RUN_ARGUMENTS                                                                             \
    const struct code *code, struct evaluation *evaluation, const struct frame *frame,            \
        struct value *ret_value
typedef void (*run_function)(RUN_ARGUMENTS);

enum {
    FILTERS_MAX = 8,       /* filters inside each other that a name may belong to */
    ARGUMENTS_INLINE = 8,  /* arguments kept on the stack; more go to scratch memory */
    DEPTH_PER_HEIGHT = 16, /* levels of code that count as one call in progress */
    FOLD_STEPS_EACH = 10 * 1000,      /* for computing one constant; beyond, it is left to be run */
    FOLD_STEPS_MAX = 50 * 1000 * 1000 /* for all constants of a model */
};

/* ---- operands -------------------------------------------------------------------------------- */
enum operand_kind { OPERAND_CODE, OPERAND_SLOT, OPERAND_CONSTANT };
struct operand {
    enum operand_kind kind;
    int depth, slot; /* OPERAND_SLOT */
    const struct code *code;
    struct value constant;
};

static inline const struct value *frame_slot(const struct frame *frame, int depth, int slot) {
    for (; depth > 0; depth--) frame = frame->outer;
    return &frame->slots[slot];
}

/* The operand's value, in place where it has one, else in `room`. */
static inline const struct value *operand_value(const struct operand *operand,
                                                struct evaluation *evaluation,
                                                const struct frame *frame, struct value *room) {
    if (operand->kind == OPERAND_SLOT) return frame_slot(frame, operand->depth, operand->slot);
    if (operand->kind == OPERAND_CONSTANT) return &operand->constant;
    code_run(operand->code, evaluation, frame, room);
    return room;
}

/* The operand's value into `ret_value`, computed there where it is computed: no copy of what was
 * only just written, for which the processor would have to wait. */
static inline void operand_put(const struct operand *operand, struct evaluation *evaluation,
                               const struct frame *frame, struct value *ret_value) {
    if (operand->kind == OPERAND_CODE) code_run(operand->code, evaluation, frame, ret_value);
    else *ret_value = *operand_value(operand, evaluation, frame, ret_value);
}

/* ---- kinds of code --------------------------------------------------------------------------- */
struct code_constant {
    struct code code;
    struct value value;
    const char *reason; /* of a null that stands for an error; else NULL */
};
struct code_slot {
    struct code code;
    int depth, slot;
};
struct code_unary {
    struct code code;
    struct operand a;
};
struct code_binary {
    struct code code;
    struct operand a, b;
};
struct code_ternary { /* if, between */
    struct code code;
    struct operand items[3];
};
struct code_round { /* a rounding built-in with a constant scale */
    struct code code;
    struct operand a;
    const struct builtin *builtin; /* what is run when a is no number */
    struct value scale;
    int digits;
    enum decimal_rounding rounding;
};
struct test {
    struct operand operand;
    bool is_condition; /* it speaks of `?`, and is true or not; else `?` is looked for in it */
};
struct code_tests {
    struct code code;
    bool negated;
    int count;
    const struct test *tests;
};
struct code_in {
    struct code code;
    struct operand a;
    const struct code_tests *tests;
};
struct code_items { /* lists, contexts, calls */
    struct code code;
    int count;
    const struct operand *items;
    const char *const *names;
    const uint32_t *name_lengths;
    bool has_result;
    struct operand called;         /* of a call */
    const struct builtin *builtin; /* of a call that needs no looking up */
    const struct value *otherwise; /* called when `called` is no function; or NULL */
};
struct code_range {
    struct code code;
    enum range_bound low_bound, high_bound;
    struct operand low, high;
};
struct code_source { /* of a loop */
    struct operand a, b;
    bool is_counted; /* a..b */
};
struct code_loop {
    struct code code;
    enum node_kind kind;
    int source_count;
    const struct code_source *sources;
    const struct code *result;
    bool makes_functions; /* so that each turn needs a frame of its own */
};
struct code_filter {
    struct code code;
    struct operand a;
    const struct code *filter;
    bool is_index; /* the filter is a number or null */
};
struct code_path {
    struct code code;
    struct operand a;
    const char *name;
    uint32_t name_length;
    uint32_t hint;     /* where the entry probably stands */
    int property;      /* of a temporal value or range: enum property; or PROPERTY_NONE */
};
struct code_item_name { /* a name inside a filter: an entry of the item, or what is outside */
    struct code code;
    const char *name;
    uint32_t name_length;
    int count;
    int depths[FILTERS_MAX]; /* frames of the filters, innermost first */

    struct operand outside;
    bool has_outside;
};
struct code_typed { /* instance of, conversion */
    struct code code;
    struct operand a;
    const struct type *type;
};
struct code_function {
    struct code code;
    struct value_function function; /* without its frame */
};

enum property {
    PROPERTY_NONE, PROPERTY_YEAR, PROPERTY_MONTH, PROPERTY_DAY, PROPERTY_WEEKDAY, PROPERTY_HOUR,
    PROPERTY_MINUTE, PROPERTY_SECOND, PROPERTY_OFFSET, PROPERTY_TIMEZONE, PROPERTY_YEARS,
    PROPERTY_MONTHS, PROPERTY_DAYS, PROPERTY_HOURS, PROPERTY_MINUTES, PROPERTY_SECONDS,
    PROPERTY_START, PROPERTY_END, PROPERTY_START_INCLUDED, PROPERTY_END_INCLUDED, PROPERTY_COUNT
};

/* ---- feel_run*.c ----------------------------------------------------------------------------- */
void run_constant(RUN_ARGUMENTS);
void run_null_error(RUN_ARGUMENTS);
void run_zoned(RUN_ARGUMENTS); /* a constant whose zone must be known */
void run_slot(RUN_ARGUMENTS);

run_function run_arithmetic(enum node_kind kind); /* +, -, *, /, **: a code_binary */
void run_negate(RUN_ARGUMENTS);
void run_round(RUN_ARGUMENTS);

run_function run_comparison(enum node_kind kind); /* =, !=, <, <=, >, >= */
void run_and(RUN_ARGUMENTS);
void run_or(RUN_ARGUMENTS);
void run_not(RUN_ARGUMENTS);
void run_between(RUN_ARGUMENTS);
void run_if(RUN_ARGUMENTS);
void run_in(RUN_ARGUMENTS);
void run_tests(RUN_ARGUMENTS); /* with `?` in the frame around */

void run_list(RUN_ARGUMENTS);
void run_context(RUN_ARGUMENTS);
void run_range(RUN_ARGUMENTS);
void run_path(RUN_ARGUMENTS);
void run_item_name(RUN_ARGUMENTS);
void run_for(RUN_ARGUMENTS);
void run_quantified(RUN_ARGUMENTS);
void run_filter(RUN_ARGUMENTS);
enum property property_find(const char *name, size_t length);

void run_call(RUN_ARGUMENTS);
void run_builtin(RUN_ARGUMENTS);
void run_function_make(RUN_ARGUMENTS);
void run_instance(RUN_ARGUMENTS);
void run_convert(RUN_ARGUMENTS);

/* One turn or call more; false, with the status set, when there were too many. */
bool evaluation_step(struct evaluation *evaluation);
/* 1 true, 0 false, -1 null or no boolean. */
static inline int truth(const struct value *value) {
    return value->kind == VALUE_BOOLEAN ? value->boolean : -1;
}
static inline void set_truth(struct value *ret_value, int truth) {
    *ret_value = truth < 0 ? value_null() : value_boolean(truth != 0);
}
const char *value_kind_name(const struct value *value); /* "a number", for messages */

/* ---- feel_compile*.c ------------------------------------------------------------------------- */
extern const char compile_item_name[]; /* "item": by its address a filter's scope is known */

/* Compiles a child; NULL when it failed. */
const struct code *compile_node(struct compiler *compiler, const struct scope *scope,
                                const struct node *node);
bool compile_operand(struct compiler *compiler, const struct scope *scope,
                     const struct node *node, struct operand *ret_operand);
void operand_set(struct operand *operand, const struct code *code);
/* Memory for code, its run function and type set; NULL when there is none (which feel_compile
 * reports, as for all memory that is missing here). */
void *compile_take(struct compiler *compiler, size_t size, run_function run,
                   const struct type *type);
/* Reports; the code of a null with leniency, else NULL. */
const struct code *compile_fail(struct compiler *compiler, const struct node *node,
                                const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Raises the height to one above the operand's. */
void compile_raise(struct code *code, const struct operand *operand);
/* feel_compile_constant.c */
const struct code *compile_constant(struct compiler *compiler, const struct value *value,
                                    const struct type *type);
/* The code itself, or, if all that it works on is constant, the value that it always gives. */
const struct code *compile_fold(struct compiler *compiler, struct code *code, bool is_constant);
/* A deep copy that lives as long as the program; false when it cannot be one. */
bool compile_keep(struct compiler *compiler, const struct value *value, struct value *ret_value);
bool operand_is_constant(const struct operand *operand);
/* The type of a constant. */
const struct type *compile_type_of(const struct value *value);
bool name_equal(const char *a, uint32_t a_length, const char *b, uint32_t b_length);
const struct type *type_list_of(struct compiler *compiler, const struct type *item);
/* The type of what may be either; ANY when they differ. */
const struct type *type_join(const struct type *a, const struct type *b);
enum type_kind type_kind_of(const struct type *type); /* TYPE_ANY for NULL */

/* feel_compile_name.c: a variable, an item's entry, or a built-in as a value; NULL, unreported,
 * when there is none. */
const struct code *compile_find_name(struct compiler *compiler, const struct scope *scope,
                                     const struct node *node);
const struct code *compile_name(struct compiler *compiler, const struct scope *scope,
                                const struct node *node);
const struct code *compile_path_of(struct compiler *compiler, const struct code *of,
                                   const char *name, uint32_t name_length);
const struct code *compile_builtin_value(struct compiler *compiler, const struct node *node);
/* feel_compile_call.c */
const struct code *compile_call(struct compiler *compiler, const struct scope *scope,
                                const struct node *node);
const struct code *compile_function(struct compiler *compiler, const struct scope *scope,
                                    const struct node *node);
/* feel_compile_block.c */
const struct code *compile_loop(struct compiler *compiler, const struct scope *scope,
                                const struct node *node);
const struct code *compile_filter(struct compiler *compiler, const struct scope *scope,
                                  const struct node *node);
const struct code *compile_context(struct compiler *compiler, const struct scope *scope,
                                   const struct node *node);
const struct code *compile_list(struct compiler *compiler, const struct scope *scope,
                                const struct node *node);
const struct code *compile_range(struct compiler *compiler, const struct scope *scope,
                                 const struct node *node);
/* feel_compile_tests.c */
const struct code *compile_tests(struct compiler *compiler, const struct scope *scope,
                                 const struct node *node, const struct type *input_type);
const struct code *compile_in(struct compiler *compiler, const struct scope *scope,
                              const struct node *node);
/* feel_check.c: is this operation certain to give null? Reports, unless lenient; the type of the
 * result through ret_type. */
bool check_arithmetic(struct compiler *compiler, const struct node *node, const struct type *a,
                      const struct type *b, const struct type **ret_type);
/* Warns of an entry that the declared type of a context does not have. The context may hold more
 * than its type says, so only a product that must prove itself is refused: false. */
bool check_component(struct compiler *compiler, const struct node *node, const struct type *type);
bool check_comparison(struct compiler *compiler, const struct node *node, const struct type *a,
                      const struct type *b);
/* False, in a product that must prove itself, where `and` or `or` joins what is no condition. */
bool check_logic(struct compiler *compiler, const struct node *node, const struct type *a,
                 const struct type *b);
/* Warns, unless lenient, of a value in a cell that `?` can never be equal to; a product that must
 * prove itself is refused for it: false. */
bool check_test(struct compiler *compiler, const struct node *node, const struct type *input,
                const struct type *value);
/* feel_similar.c: reports an unknown name (`what`: "name", "function") with the visible name that
 * it resembles, else with `advice`. */
const struct code *compile_unknown(struct compiler *compiler, const struct scope *scope,
                                   const struct node *node, const char *what, const char *advice);

#endif
