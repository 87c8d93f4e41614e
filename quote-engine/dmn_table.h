/* Decision tables (DMN 1.5, chapter 8) and their indexes. Not public.
 *
 * Files: dmn_table_read.c (XML to struct table), dmn_table_compile.c (cells to code),
 * dmn_table_key.c (constant tests as intervals of keys), dmn_table_index.c (the tree of rows),
 * dmn_table_check.c (overlaps, gaps, repeated rows), dmn_table_run.c (hit policies),
 * dmn_table_miss.c (which rows did not match).
 *
 * Equal texts in one column are one cell: a table of 100,000 rows has few distinct ones. */
#ifndef KOPPEL_DMN_TABLE_H
#define KOPPEL_DMN_TABLE_H

#include "feel.h"

enum {
    TABLE_INPUTS_MAX = 128,
    TABLE_OUTPUTS_MAX = 64,
    TABLE_ROWS_MAX = 1000 * 1000,
    TABLE_INDEXED_MAX = 64 /* columns that the index can use: a bit mask */
};

enum hit_policy {
    HIT_UNIQUE, HIT_ANY, HIT_PRIORITY, HIT_FIRST, HIT_RULE_ORDER, HIT_OUTPUT_ORDER, HIT_COLLECT,
    HIT_SUM, HIT_COUNT, HIT_MIN, HIT_MAX
};

/* How an input's value becomes a key, a whole number that the index is ordered by. Points are the
 * constants in the column's tests; what lies between two points gets a key between theirs. */
enum table_keying {
    KEY_NONE,    /* the column's tests are no constants of one kind */
    KEY_NUMBER,  /* 2 * floor(value * 10^scale), + 1 when that is not exact */
    KEY_DATE,    /* 2 * day number */
    KEY_BOOLEAN, /* 2 or 4 */
    KEY_TEXT,    /* 2 * rank among the points + 2, or an odd number between */
    KEY_RANKED   /* alike, for durations, and numbers that no scale makes whole */
};
#define KEY_NULL INT64_MIN          /* the key of null */
#define KEY_LOWEST (INT64_MIN + 1)  /* below every value's key */
#define KEY_HIGHEST INT64_MAX

struct table_interval { /* of keys, both ends included */
    int64_t low, high;
};

struct table_atom { /* one constant of a cell, as a range */
    enum range_bound low_bound, high_bound;
    struct value low, high;
};

struct table_test { /* a distinct input cell of a column */
    const char *text;
    uint32_t length;
    int line, row; /* where it stands first */
    struct node *node;
    const struct code *code;
    bool any;     /* "-": always true */
    bool constant; /* `atoms` say all about it */
    bool matches_null;
    struct table_atom *atoms;
    int atom_count;
    bool indexed; /* `intervals` say for every key whether it is true */
    int interval_count;
    struct table_interval *intervals; /* ascending, apart */
};

struct table_input {
    const char *text, *label;
    struct node *node;
    const struct code *code;
    const struct type *type; /* of the input expression, or NULL */
    struct node *allowed_node;
    const struct code *allowed; /* inputValues, or NULL */
    struct table_test *tests;
    int test_count;
    uint32_t *row_tests;
    enum table_keying keying;
    uint8_t kind; /* of values: enum value_kind */
    int scale;    /* KEY_NUMBER */
    bool ordered; /* KEY_TEXT: some test is a range, so values between points need their rank */
    struct value *points; /* ascending */
    int point_count;
    uint32_t *hash_slots; /* KEY_TEXT: rank + 1 by hash, 0 for none; a power of two */
    uint32_t hash_mask;
};

struct table_cell { /* a distinct output cell of a column */
    const char *text;
    uint32_t length;
    int line, row;
    struct node *node;
    const struct code *code; /* NULL: constant */
    struct value value;      /* when constant, converted to the output's type */
};

struct table_output {
    const char *name, *label;
    uint32_t name_length;
    const struct type *type;
    struct node *values_node; /* outputValues: a NODE_TESTS, or NULL */
    const struct code **values; /* one per output value, most important first; each unary tests */
    int value_count;
    struct table_cell *cells;
    int cell_count;
    uint32_t *row_cells;
    struct table_cell *fallback; /* defaultOutputEntry, or NULL */
};

struct table_tree { /* a branch by one column's key, or a leaf with rows */
    int column;     /* -1: a leaf */
    bool sure;      /* a leaf: the way to it has decided all tests of its rows */
    uint32_t count; /* children, or rows */
    union {
        struct {
            const int64_t *uppers; /* highest key of each child; the last is KEY_HIGHEST */
            const struct table_tree *const *children;
        };
        const uint32_t *rows; /* ascending */
    };
};

struct table {
    enum hit_policy policy;
    const char *policy_name;
    int element, index; /* which table of which element: for the trace */
    int line;
    int input_count, output_count, row_count;
    struct table_input *inputs;
    struct table_output *outputs;
    const char **row_ids, **row_notes; /* NULL, or one per row (NULL where there is none) */
    int *row_lines;
    const struct table_tree *tree; /* NULL: rows are tried one by one */
    bool apart; /* no two rows can match at once: proved when compiled */
    bool has_fallback;
    struct dmn *dmn; /* while compiling only */
};

/* What feel_compile calls for a NODE_TABLE: compiles inputs, cells and outputs in `scope` and
 * builds the index. NULL with a problem added. */
const struct code *table_compile(struct compiler *compiler, const struct scope *scope,
                                 struct node *node);
void table_run(const struct table *table, struct evaluation *evaluation, const struct frame *frame,
               struct value *ret_value);
/* Adds to the trace which rows matched but were not used, and which did not match: for a use whose
 * events in the trace begin at `first`. `keys` is NULL where the index could not be used. Takes no
 * scratch memory and never fails the evaluation. */
void table_trace_misses(const struct table *table, struct evaluation *evaluation,
                        const struct frame *frame, const struct value *inputs,
                        const int64_t *keys, size_t first);

/* Reads the constants out of a test that was compiled in `scope`. False when memory ends. */
bool table_read_atoms(struct compiler *compiler, const struct scope *scope,
                      struct table_test *test);
/* Decides how each column is keyed and turns its constant tests into intervals. False when memory
 * ends. */
bool table_key_columns(struct table *table);
/* The key of an input's value; false when it is neither null nor of the column's kind: then only
 * trying the rows' tests gives the right answer. */
bool table_key(const struct table_input *input, const struct value *value, int64_t *ret_key);
static inline bool table_test_has(const struct table_test *test, int64_t key) {
    for (int i = 0; i < test->interval_count; i++)
        if (key >= test->intervals[i].low && key <= test->intervals[i].high) return true;
    return false;
}
/* Builds the tree; leaves it NULL when no column can be keyed. False when memory ends. */
bool table_index(struct table *table);
/* Looks for rows that overlap (UNIQUE), repeat others, and bands that do not meet. */
void table_check(struct table *table);

#endif
