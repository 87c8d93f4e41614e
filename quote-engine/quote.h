/* The quote engine: DMN models and products in, compiled programs out; values in, values out.
 *
 * Pure: no files, sockets, SQL, clock or globals. A compiled program or product is immutable and
 * shared by any number of threads; an evaluation takes memory only from the scratch block that it
 * is handed. Functions return QUOTE_OK or a negative code of enum quote_status; what went wrong
 * stands in the struct problems that was handed in. Outputs are untouched on failure.
 *
 * To use it, in this order (tests/unit/quote-engine/test_example.c does so in forty lines):
 *   1. program_compile makes a program of a DMN model's text, or says in `problems` what is wrong
 *      and where. Keep it as long as it is used; program_free.
 *   2. program_find gives the index of a decision by its name, plan_make a plan: which decisions
 *      are wanted, and in what order the inputs will come. One plan serves any number of threads.
 *   3. Per evaluation: values as inputs (value.h: value_int64, value_text, value_date, …; null is
 *      what is not known), a struct scratch over a block of memory (scratch_init), a struct moment
 *      with the time that it is, and plan_evaluate. 64 KiB are plenty for most tariffs.
 *   4. Read the results before the scratch block is used again: they may point into it.
 * program_evaluate does 2 to 4 at once with inputs by name, for what is asked once. Whoever sells
 * a product rather than evaluates a model begins with product_compile and product_rate
 * (product.h). */
#ifndef KOPPEL_QUOTE_H
#define KOPPEL_QUOTE_H

#include "value.h"

enum quote_status {
    QUOTE_OK = 0,
    QUOTE_INVALID = -1,   /* the model, product or input is wrong: see the problems */
    QUOTE_NOT_FOUND = -2, /* no such decision, service or question */
    QUOTE_TOO_LARGE = -3, /* a limit was reached: scratch memory, depth, steps */
    QUOTE_NO_MEMORY = -4  /* the heap is exhausted (compiling only) */
};

/* ---- problems ------------------------------------------------------------------------------ */
enum { PROBLEMS_MAX = 64, PROBLEM_TEXT_MAX = 400, PROBLEM_PLACE_MAX = 200 };

struct problem {
    bool warning;   /* said, but does not refuse (a gap between bands, say) */
    char file[64];  /* "tariff.dmn", as the source named itself */
    int line;       /* in the file, from 1; 0: unknown */
    int column;     /* of the expression's text, from 1; 0: unknown */
    char place[PROBLEM_PLACE_MAX]; /* "decision Base premium, row 3, column Age" */
    char text[PROBLEM_TEXT_MAX];   /* what is wrong and what to do, one sentence */
};

/* Collects up to PROBLEMS_MAX problems, then only counts; what repeats is kept and counted once.
 * Start from all zeros, one for each thread. Functions need one unless they say that it may be
 * NULL. It is large (some 45 KiB): rather static or on the heap than on a small stack. */
struct problems {
    int count;  /* kept in `items` */
    int errors; /* all that were not warnings, kept or not */
    struct problem items[PROBLEMS_MAX];
};

void problems_add(struct problems *problems, bool warning, const char *file, int line, int column,
                  const char *place, const char *format, ...)
    __attribute__((format(printf, 7, 8)));

/* ---- trace ---------------------------------------------------------------------------------
 * What an evaluation did, in order; recorded when the caller hands in room for it. Values and
 * names point into the program and the evaluation's scratch memory: read them before either goes.
 * When the room is used up the rest is dropped and `overflowed` is set. Events are added to those
 * that are there: set `count` to 0 where an evaluation is to stand alone. */
enum trace_kind {
    TRACE_DECISION_START, /* element */
    TRACE_INPUT,          /* a table's input column was computed: column, value */
    TRACE_ROW,            /* a table's row matched and was used: row */
    TRACE_DECISION_END,   /* element, value */
    /* Only where asked for, behind the rows of a use of a table: */
    TRACE_UNUSED, /* a row matched, but its table's hit policy takes another: row */
    TRACE_MISS    /* a row did not match because of this column: row, column. Nearest rows first,
                     TRACE_MISSES_MAX at most; the columns of a row follow each other. */
};
enum { TRACE_MISSES_MAX = 20 };

struct trace_event {
    enum trace_kind kind;
    int element; /* index of the decision or knowledge model that this belongs to */
    int table;   /* which table of that element, from 0 */
    int column;  /* TRACE_INPUT and TRACE_MISS, from 0 */
    int row;     /* TRACE_ROW, TRACE_UNUSED and TRACE_MISS, from 0 */
    struct value value; /* TRACE_INPUT and TRACE_DECISION_END */
};

struct trace {
    struct trace_event *events;
    size_t capacity, count;
    bool overflowed;
    /* So many cells may be tested to tell which rows did not match, and why; 0: that is not asked.
     * Where it does not suffice it becomes negative, and other rows are left out. */
    int64_t cells_left;
};

/* ---- DMN programs -------------------------------------------------------------------------- */
struct program;

enum { DMN_TEXT_MAX_BYTES = 32 * 1024 * 1024, DMN_DEPTH_MAX = 256, DMN_IMPORTS_MAX = 16 };

struct source {
    const char *name; /* for messages: "tariff.dmn" */
    const char *text; /* XML, UTF-8 */
    size_t length;
};

/* Compiles a model and the models it imports (by namespace; may be none); the texts may go when it
 * returns. QUOTE_INVALID, QUOTE_TOO_LARGE or QUOTE_NO_MEMORY, each with a problem. Refuses DTDs,
 * unknown functions and names, circular requirements, missing decisions, overlapping rows of a
 * UNIQUE table that can be seen to overlap. With `lenient`, expressions that cannot be compiled
 * become null at evaluation instead, as the DMN suite expects. Free with program_free. */
int program_compile(const struct source *model, const struct source *imports, size_t import_count,
                    bool lenient, struct problems *problems, struct program **ret_program);
void program_free(struct program *program); /* NULL is fine */
size_t program_memory(const struct program *program); /* bytes held */
const char *program_name(const struct program *program);

enum element_kind { ELEMENT_INPUT, ELEMENT_DECISION, ELEMENT_KNOWLEDGE, ELEMENT_SERVICE };

/* Elements of the requirements graph, 0 <= index < count; the importing model's come first. */
struct element_table_column {
    const char *text;  /* the input expression, or the output's name */
    const char *label; /* its label, or NULL */
};
struct element_table { /* a decision table as written, for explanations */
    const char *hit_policy; /* "UNIQUE", "COLLECT SUM", … */
    const struct element_table_column *inputs, *outputs;
    int input_count, output_count, row_count;
};
struct element {
    enum element_kind kind;
    const char *name, *id, *label, *question, *description; /* NULL where the model says none */
    const char *qualified_name; /* as inputs name it: an imported one as "import.name" */
    const char *type;   /* the variable's typeRef, or NULL */
    const char *text;   /* the FEEL text of a literal expression, or NULL */
    const struct element_table *tables; /* in order of appearance */
    int table_count;
    const int *requires; /* indexes of the elements it needs directly */
    int require_count;
};
int program_element_count(const struct program *program);
const struct element *program_element(const struct program *program, int index);
/* The index by name (or id), or QUOTE_NOT_FOUND. */
int program_find(const struct program *program, enum element_kind kind, const char *name);
/* The text of a cell as the model has it; "-" or "" where it is empty. `column` counts the inputs
 * and then the outputs. The rule's id or NULL; its annotation or NULL. */
const char *program_cell(const struct program *program, int element, int table, int row,
                         int column);
const char *program_rule_id(const struct program *program, int element, int table, int row);
const char *program_rule_note(const struct program *program, int element, int table, int row);

/* An input as JSON has it: where the element's declared type asks for a date, time, date-time or
 * duration and the value has its text ("2026-01-31", "P1Y"), that text becomes the value; in lists
 * and contexts alike. All else stays as it is. Parts that change are made in scratch memory;
 * QUOTE_TOO_LARGE when that is used up. For knowledge models and services name the element of the
 * parameter. */
int program_input(const struct program *program, int element, const struct value *value,
                  const struct moment *moment, struct scratch *scratch, struct value *ret_value);

/* Evaluates a decision, or invokes a decision service or knowledge model, by index. `inputs` is a
 * context by name: what is missing is null, what is of the wrong type is null with a problem. A
 * decision without logic, taken by people, can be given among them.
 * For services and knowledge models `inputs` carries the arguments by parameter name. `trace` may
 * be NULL; `problems` (may be NULL) gets a warning for each null that an error made. */
int program_evaluate(const struct program *program, int element, const struct value *inputs,
                     const struct moment *moment, struct scratch *scratch, struct trace *trace,
                     struct problems *problems, struct value *ret_value);

/* The fast form: inputs bound to slots once. A plan fixes the decisions wanted (up to
 * PLAN_DECISIONS_MAX) and the order of the inputs; evaluating takes them as an array. Inputs that
 * are not named are null; a name that the decisions do not need is passed over, also one that the
 * program does not have. QUOTE_TOO_LARGE beyond the limits, QUOTE_NOT_FOUND for an index that is
 * none. Free plans before their program. */
enum { PLAN_DECISIONS_MAX = 64, PLAN_INPUTS_MAX = 256 };
struct plan;
int plan_make(const struct program *program, const int decisions[], int decision_count,
              const char *const input_names[], int input_count, struct problems *problems,
              struct plan **ret_plan);
void plan_free(struct plan *plan);
/* Inputs as program_evaluate's: a date is a VALUE_DATE and not its text, for which there is
 * program_input. `ret_values` has decision_count places. QUOTE_TOO_LARGE when scratch memory or its
 * steps are used up. `trace` and `problems` may be NULL. */
int plan_evaluate(const struct plan *plan, const struct value inputs[], const struct moment *moment,
                  struct scratch *scratch, struct trace *trace, struct problems *problems,
                  struct value ret_values[]);

#include "product.h"

#endif
