/* DMN models inside the engine: what the dmn_*.c files share. Not public.
 *
 * Files, in the order in which a model passes through them: dmn_read.c (XML to elements and
 * imports), dmn_type.c (item definitions to types), dmn_graph.c (requirements, cycles, order),
 * dmn_boxed.c and dmn_table_read.c (boxed expressions to nodes), dmn_compile.c (elements to code),
 * dmn_service.c (decision services), dmn_evaluate.c (running). */
#ifndef KOPPEL_DMN_H
#define KOPPEL_DMN_H

#include "feel.h"
#include "xml.h"

enum {
    DMN_ELEMENTS_MAX = 20000,
    DMN_REQUIREMENTS_MAX = 200 * 1000,
    DMN_SERVICES_MAX = 500,
    DMN_TYPES_MAX = 20000, /* item definitions of one model */
    DMN_MODELS_MAX = DMN_IMPORTS_MAX + 1,
    DMN_TYPE_DEPTH_MAX = 100, /* definitions that rest on definitions */
    DMN_TABLES_MAX = 1000 /* in one element */
};

/* ---- while compiling ----------------------------------------------------------------------- */
struct dmn_import {
    const char *name; /* the prefix; may be "" */
    int model;
};

struct dmn_type_entry { /* an itemDefinition; filled on first use */
    const char *name;
    const struct xml_element *xml;
    struct type *type;
    enum { ENTRY_NEW, ENTRY_OPEN, ENTRY_DONE } state;
};

struct dmn_model {
    const char *name, *namespace, *file;
    const struct xml_element *root;
    struct dmn_import imports[DMN_IMPORTS_MAX];
    int import_count;
    struct dmn_type_entry *types; /* sorted by name */
    int type_count;
};

/* ---- lasting ------------------------------------------------------------------------------- */
struct dmn_service {
    const struct program *program;
    int element;
    int parameter_count;
    int parameters[FUNCTION_PARAMETERS_MAX]; /* elements: input data, then input decisions */
    const char *parameter_names[FUNCTION_PARAMETERS_MAX];
    uint32_t parameter_name_lengths[FUNCTION_PARAMETERS_MAX];
    const struct type *parameter_types[FUNCTION_PARAMETERS_MAX];
    int *outputs; /* decisions */
    int output_count;
    int *steps; /* elements to run, in order */
    int step_count;
    struct value_function function;
};

/* Beside each public struct element. Its slot in the frame of globals is its index. */
struct dmn_element {
    int model; /* index, while compiling */
    const struct xml_element *xml; /* while compiling only */
    int line;                      /* where it stands in its file */
    const char *name;              /* as other elements of its own model see it */
    const struct type *type;       /* declared, or NULL */
    const struct type *known;      /* declared, else inferred; NULL when unknown */
    const struct code *code;       /* of decisions and knowledge models; NULL: no logic */
    struct dmn_service *service;
    uint64_t *needs; /* bit set of the elements that must have run first, itself left out */
    struct table **tables;
};

struct program {
    struct arena arena;
    const char *name;
    struct element *elements;
    struct dmn_element *details;
    int element_count;
    int *order; /* all elements, each after what it needs */
    size_t need_words;
};

/* What a model is compiled for. In a product, tables are the proof's (proof.h): nothing is said of
 * them when they are compiled, so that what was proved with its questions in mind loads again. */
enum dmn_purpose {
    DMN_ALONE,
    DMN_PRODUCT, /* that was proved before */
    DMN_PROOF    /* a row of which one decides a number must also give one, or null */
};

/* Everything program_compile works with. */
struct dmn {
    struct program *program;
    enum dmn_purpose purpose;
    struct arena *texts; /* the XML trees: gone when compiled */
    struct compiler compiler;
    struct dmn_model models[DMN_MODELS_MAX];
    int model_count;
    int model; /* the one being compiled now: type names are looked up in it */
    struct binding *globals; /* one per element; those not required now have no name */
    struct scope scope;
    int type_depth;
    int element; /* being compiled now */
    struct table *tables[DMN_TABLES_MAX]; /* of that element, so far */
    int table_count;
    char place[PROBLEM_PLACE_MAX];
    int *id_slots; /* hash of (model, id) to element */
    size_t id_slot_count;
    bool failed; /* an error was added, or memory ran out */
    int status;
};

/* Adds an error at a place of the model being compiled; sets `failed`. */
void dmn_fail(struct dmn *dmn, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void dmn_warn(struct dmn *dmn, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* An error, or in lenient mode a warning: for what can be left null at evaluation. */
void dmn_refuse(struct dmn *dmn, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Program memory; NULL, with status and `failed` set, when there is none. */
void *dmn_take(struct dmn *dmn, size_t count, size_t size);
char *dmn_copy(struct dmn *dmn, const char *text);
/* Appends to the place (", entry Tax"); hand what it returns to dmn_place_cut afterwards. */
size_t dmn_place_add(struct dmn *dmn, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void dmn_place_cut(struct dmn *dmn, size_t length);
/* Sets the place that problems name from here on: "decision Base premium". */
void dmn_place(struct dmn *dmn, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* program_compile, for a purpose. */
int dmn_program_compile(const struct source *model, const struct source *imports,
                        size_t import_count, bool lenient, enum dmn_purpose purpose,
                        struct problems *problems, struct program **ret_program);

/* Reads all models, their imports and elements into `dmn`. */
void dmn_read(struct dmn *dmn, const struct source *model, const struct source *imports,
              size_t import_count);
/* The element that an href ("#id" or "namespace#id") of a model means; -1 when there is none. */
int dmn_find_href(const struct dmn *dmn, int model, const char *href);
/* Indexes the elements by id; refuses an id used twice. */
void dmn_index_ids(struct dmn *dmn);

/* Prepares the item definitions of all models and sets the compiler's type_lookup. */
void dmn_read_types(struct dmn *dmn);
/* The type that a typeRef of the current model means; NULL, with a problem, when there is none,
 * and NULL without one for Any, "" and NULL. */
const struct type *dmn_type(struct dmn *dmn, const char *type_ref, int line);

/* Resolves requirements, refuses cycles, fills `order` and every element's `needs`. */
void dmn_order(struct dmn *dmn);

/* The boxed expression among the children of `parent` (literalExpression, context, decisionTable
 * …), or NULL. */
const struct xml_element *boxed_find(const struct xml_element *parent);
/* Its node; NULL, with a problem, when it is wrong (in lenient mode a NODE_NULL_ERROR). */
struct node *boxed_read(struct dmn *dmn, const struct scope *scope, const struct xml_element *xml);
/* Formal parameters and body as a NODE_FUNCTION: of a functionDefinition or encapsulatedLogic. */
struct node *boxed_function(struct dmn *dmn, const struct scope *scope,
                            const struct xml_element *xml);
/* Parses a cell or expression; in lenient mode what is wrong becomes a NODE_NULL_ERROR. */
struct node *boxed_text(struct dmn *dmn, const struct scope *scope, const char *text,
                        size_t length, int line);
/* A node that gives null, for what lenient mode lets pass; NULL when not lenient. */
struct node *boxed_null(struct dmn *dmn, int line, const char *why);
/* The same as unary tests that never hold. */
struct node *boxed_null_tests(struct dmn *dmn, int line, const char *why);
/* What is known of a node's type before it is compiled: its own, or a context's names. */
const struct type *boxed_type(struct dmn *dmn, const struct node *node);
/* The decision table as a NODE_TABLE (dmn_table_read.c). */
struct node *table_read(struct dmn *dmn, const struct scope *scope, const struct xml_element *xml);

/* The code of a node; in lenient mode what cannot be compiled gives null. */
const struct code *boxed_compile(struct dmn *dmn, const struct scope *scope, struct node *node);
/* Makes the code of every element, in order (dmn_compile.c). */
void dmn_compile_elements(struct dmn *dmn);
/* Decision services: outputs, parameters, steps, and the function value (dmn_service.c). */
void dmn_read_service(struct dmn *dmn, int element);

static inline bool dmn_needs(const struct dmn_element *element, int other) {
    return element->needs[other >> 6] >> (other & 63) & 1;
}

/* Runs one element into its slot of the frame of globals, which holds what it needs. */
void dmn_run(const struct program *program, int element, struct evaluation *evaluation,
             const struct frame *globals);
/* Is the value of the declared type (NULL: any) as it stands? Sure only when true. */
static inline bool dmn_fits(const struct type *type, const struct value *value) {
    static const uint8_t kinds[TYPE_FUNCTION + 1] = {
        [TYPE_BOOLEAN] = VALUE_BOOLEAN, [TYPE_NUMBER] = VALUE_NUMBER, [TYPE_TEXT] = VALUE_TEXT,
        [TYPE_DATE] = VALUE_DATE,       [TYPE_TIME] = VALUE_TIME,
        [TYPE_DATE_TIME] = VALUE_DATE_TIME, [TYPE_MONTHS] = VALUE_MONTHS,
        [TYPE_DURATION] = VALUE_DURATION};
    return !type || value->kind == VALUE_NULL ||
           (!type->allowed && !type->also && kinds[type->kind] == value->kind);
}
/* Converts a value to a declared type in place; null, with a problem, where it does not fit. */
static inline void dmn_convert(const struct type *type, struct evaluation *evaluation,
                               struct value *value) {
    struct value given = *value;
    if (!dmn_fits(type, &given)) type_convert(type, evaluation, &given, value);
}

#endif
