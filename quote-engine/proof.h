/* Proof before publication: what can be known to be wrong with a product's tables, texts and parts
 * without rating anybody. Not public. product_compile calls it when it proves, product_prove for
 * what needs the cases; neither `koppel dmn` nor loading a published version does.
 *
 * Files: proof.c (goes over the tables), proof_domain.c and proof_question.c (which values an
 * input can take), proof_space.c (columns cut into segments), proof_gap.c (gaps that are
 * declared), proof_walk.c (the search through all columns together), proof_say.c (findings as
 * sentences), proof_rows.c (rows that repeat, contradict themselves or are covered by others),
 * proof_read.c (what product.xml declares), proof_tiers.c (tiers and sums), proof_use.c (questions,
 * reasons and decisions that nobody uses; cases that do not add up).
 *
 * Errors refuse publication: an input of which it is certain that it can occur gets no result or
 * two, or a row that its author wrote has no effect. Warnings do not: what cannot be decided
 * ("undecided: …"), what is harmless today (a row beyond what the question allows, a question or
 * reason that nothing uses).
 *
 * | finding | error | warning |
 * | --- | --- | --- |
 * | gap in UNIQUE, ANY, FIRST, PRIORITY without default output | it can occur | it may not occur |
 * | two rows match: UNIQUE; ANY with other outputs | always | |
 * | row that others cover: FIRST, PRIORITY | always | |
 * | row that repeats another | one row decides | all that match count |
 * | row whose test nothing passes | always | what passes it lies outside the input's values |
 * | declared tiers that jump, sums that do not add up | always | |
 * | columns that look like tiers, undeclared, and jump | | always |
 * | declared gap where there is none | | always |
 *
 * Null is no value of a gap: whether an unanswered question needs a row, `taken_when` decides. */
#ifndef KOPPEL_PROOF_H
#define KOPPEL_PROOF_H

#include "dmn.h"
#include "dmn_table.h"
#include "product_inside.h"

enum {
    PROOF_SAID_MAX = 8,           /* findings of one sort in one table */
    PROOF_DOMAIN_VALUES_MAX = 512, /* values of an input that are told one by one */
    PROOF_GAP_INPUTS_MAX = 32,     /* of one declared gap */
    PROOF_NAME_MAX = 80,           /* bytes of a column's name in a sentence */
    PROOF_VALUE_MAX = 60           /* bytes of a value in a sentence */
};
#define PROOF_STEPS_TABLE_MAX (INT64_C(80) * 1000 * 1000)  /* tests looked at for one table */
#define PROOF_STEPS_MAX (INT64_C(400) * 1000 * 1000)       /* and for all tables together */
#define PROOF_PLACES_MAX (INT64_C(8) * 1000 * 1000)        /* rows held at one time, 4 bytes each */
#define PROOF_MEMORY_BYTES ((size_t)512 * 1024 * 1024)     /* for one table's columns */

/* ---- what product.xml declares -------------------------------------------------------------- */
struct proof_gap_input {
    const char *name, *tests; /* an input's expression or label; unary tests as in a cell */
    int line;
};
struct proof_gap { /* a gap that is meant: a row of the table, but for its outputs */
    const char *table; /* of a decision or knowledge model, by name */
    struct proof_gap_input *inputs; /* the others take any value */
    int input_count, line;
    bool found, used; /* set by the proof */
};
struct proof_tiers { /* result = base + (input - from) / per * rate */
    const char *table, *base, *rate; /* columns of results */
    const char *from;                /* a column, or NULL: where the row's band begins */
    const char *input;               /* its expression or label; NULL: the only one of numbers */
    struct decimal per, unit;        /* unit: what printed bases are rounded to, half up; 0: not */
    int line;
};
struct proof_sum { /* columns that add up in each row */
    const char *table, *columns; /* names of columns, apart by blanks */
    const char *of;              /* a column, or a number */
    int line;
};
struct proof_declared {
    struct proof_gap *gaps;
    struct proof_tiers *tiers;
    struct proof_sum *sums;
    int gap_count, tiers_count, sum_count;
};

/* ---- which values an input can take --------------------------------------------------------- */
struct proof_domain {
    bool known;      /* `atoms` hold every value that can occur, but for null */
    bool exact;      /* and each of them can occur, whatever the other inputs are */
    bool never_null;
    uint8_t kind;    /* of values: enum value_kind; VALUE_NULL: unknown */
    int digits;      /* of numbers: at most so many behind the point; -1: any number of them */
    const struct table_atom *atoms;
    int atom_count;
};

/* ---- columns cut into segments -------------------------------------------------------------- */
/* A column's points are all constants in its tests, its domain and its declared gaps. Its segments
 * are the points and what lies between them, as far as a value can lie there; null comes last,
 * where it can occur. For each test all values of one segment answer alike. */
struct proof_segment {
    int32_t place; /* 2i: between points i-1 and i; 2i+1: point i; -1: null */
    bool sure;     /* it is certain that such a value can occur */
};
struct proof_span { /* of segments, both ends included */
    int32_t first, last;
};
struct proof_test {
    struct proof_span *spans; /* ascending, apart */
    int span_count;
    bool fuzzy; /* not known what passes it: taken for full, and then nothing is certain */
    bool full;  /* every segment passes */
    bool never; /* nothing passes it, whatever the input's values are */
};
/* Columns of one input expression are one column here, of which a row's test is all of theirs: so
 * `>= 18` beside `< 25` is a band. */
struct proof_column {
    const struct table_input *input; /* the first of them */
    int first; /* its place in the table; the next one is in the space's `twins` */
    struct proof_domain domain;
    char name[PROOF_NAME_MAX];
    struct value *points; /* ascending */
    int point_count;
    bool ranged; /* some test is of a range: where a value lies between points matters */
    struct proof_segment *segments;
    int segment_count, value_count; /* value_count: without null */
    struct proof_test *tests;
    const uint32_t *row_tests; /* per row of the table and then per declared gap */
};
struct proof_space {
    struct proof *proof;
    const struct table *table;
    int element;
    struct proof_column *columns;
    int *twins; /* per input of the table: the next of the same expression, or -1 */
    int column_count, row_count;
    struct proof_gap **gaps; /* that are declared for this table: rows after the table's own */
    int gap_count;
    uint8_t *fuzzy_rows;
};

struct proof { /* of one product */
    struct product_reader *reader;
    const struct product *product;
    struct compiler compiler; /* for texts that are read anew: decisions, declared gaps */
    struct scope scope;       /* the model's elements */
    struct problems *silent;  /* what their parsing says is known already */
    struct arena memory;      /* of the table at hand */
    int64_t steps;            /* that are left for the product */
    int derivations;          /* so far */
    bool starved;
};

/* ---- findings of the walk ------------------------------------------------------------------- */
struct proof_point { /* a segment of each column */
    int32_t *segments;
    bool sure;
};
struct proof_pair {
    uint32_t a, b;
    bool sure; /* their outputs are known to differ (ANY) */
    int32_t *segments;
};
struct proof_findings {
    struct proof_point gaps[PROOF_SAID_MAX];
    struct proof_pair pairs[PROOF_SAID_MAX];
    int64_t gap_count, pair_count; /* found: of these so many are kept as there is room */
    int64_t unsure_count;          /* of gaps that may not occur; kept only before others */
    int64_t fuzzy_row;             /* a row whose tests leave something undecided; -1: none */
    bool out_of_steps;
    uint8_t *reached; /* per row of the table: it is the one that decides somewhere */
};

/* What is looked for. */
struct proof_wanted {
    bool gaps, pairs, reach;
    const uint32_t *order; /* rows as they take precedence (reach) */
    int64_t within;        /* only where this row matches; -1: everywhere */
};

/* ---- proof.c -------------------------------------------------------------------------------- */
/* Everything that the files alone show. Adds problems; sets the reader's status. `sources` are the
 * models' texts. */
void proof_run(struct product_reader *reader, const struct product_sources *sources);
/* A problem of the model that holds the element. `place` follows "decision NAME", from ", " on.
 * `proof->reader->status` becomes QUOTE_INVALID for an error. */
void proof_add(struct proof *proof, bool warning, int element, int line, const char *place,
               const char *format, ...) __attribute__((format(printf, 6, 7)));
/* The name of the file that holds the element. */
const char *proof_file(const struct product *product, int element);
void *proof_take(struct proof *proof, size_t count, size_t size);

/* ---- proof_domain.c ------------------------------------------------------------------------- */
/* The values that the input of a table of `element` can take, from the question behind it, the
 * declared values of its type and column, the results of the decision that it names, or the
 * arithmetic that it does. Not known: the domain says so. */
void proof_domain(struct proof *proof, int element, const struct table_input *input,
                  struct proof_domain *ret_domain);
/* The constants in unary tests as a domain; false when there is anything else in them. */
bool proof_domain_tests(struct proof *proof, struct node *tests, const struct code *code,
                        struct proof_domain *ret_domain);
bool proof_domain_has(const struct proof_domain *domain, const struct value *value);
/* Its parts: one value; a domain, taken for exact, of so many atoms; both truths. */
struct table_atom proof_point(struct value value);
struct proof_domain proof_domain_of(uint8_t kind, const struct table_atom *atoms, int count);
struct proof_domain proof_booleans(struct proof *proof);
/* proof_question.c. */
struct proof_domain proof_question_domain(struct proof *proof,
                                          const struct product_question *question);
/* Order of two values of one kind. */
int proof_compare(const struct value *a, const struct value *b);

/* ---- proof_space.c -------------------------------------------------------------------------- */
/* Cuts the table's columns. False when memory ends: proof->starved is set. */
bool proof_space_make(struct proof *proof, int element, const struct table *table,
                      struct proof_space *ret_space);
static inline const struct proof_test *proof_test_of(const struct proof_space *space, uint32_t row,
                                                     int column) {
    return &space->columns[column].tests[space->columns[column].row_tests[row]];
}
bool proof_test_has(const struct proof_test *test, int32_t segment);
/* A value of the segment; false where only words can say it (other texts, durations between). */
bool proof_segment_value(const struct proof_column *column, int32_t segment,
                         struct value *ret_value);

/* ---- proof_gap.c ---------------------------------------------------------------------------- */
/* Sets the space's gaps: those declared for its table. False when memory ends. */
bool proof_gaps_find(struct proof_space *space);
/* The test of each for an input. False, with a problem, when one is no test of constants. */
bool proof_gap_tests(struct proof_space *space, const struct table_input *input,
                     struct table_test *ret_tests);

/* ---- proof_walk.c --------------------------------------------------------------------------- */
/* Looks through all columns together. `findings` comes zeroed, with room in `reached` if reach is
 * wanted. False when memory ends. */
bool proof_walk(struct proof_space *space, const struct proof_wanted *wanted,
                struct proof_findings *findings);

/* ---- proof_say.c ---------------------------------------------------------------------------- */
void proof_say_gaps(struct proof_space *space, const struct proof_findings *findings);
/* Without those of rows that `dead` (which repeat others) holds. */
void proof_say_pairs(struct proof_space *space, const struct proof_findings *findings,
                     const uint8_t *dead);
void proof_say_undecided(struct proof_space *space, const struct proof_findings *findings);
/* "5", "\"a\"", "any other text": a value, a segment of the column. */
void proof_say_value(const struct value *value, char ret_text[PROOF_VALUE_MAX]);
void proof_say_segment(const struct proof_column *column, int32_t segment,
                       char ret_text[PROOF_VALUE_MAX]);
/* The row's cell of a column as its author wrote it; of several columns, all of them. */
void proof_say_cell(const struct proof_space *space, int column, uint32_t row,
                    char ret_text[PROOF_VALUE_MAX]);

/* ---- proof_rows.c --------------------------------------------------------------------------- */
/* Rows with a test that nothing passes, and rows that repeat others: marks both in `ret_dead`. */
void proof_rows_check(struct proof_space *space, uint8_t *ret_dead);
/* The order in which rows take precedence; false when it is not known (PRIORITY with results that
 * are computed), or memory ends. */
bool proof_rows_order(struct proof_space *space, const uint32_t **ret_order);
/* Says which rows can never match, of those that were not reached. */
void proof_rows_unreached(struct proof_space *space, const uint32_t *order,
                          const struct proof_findings *findings, const uint8_t *dead);

/* ---- proof_read.c, proof_tiers.c, proof_use.c ---------------------------------------------- */
/* Reads <proof> of product.xml; NULL: there is none. */
void proof_read(struct product_reader *reader, const struct xml_element *xml);
void proof_tiers(struct proof *proof);
void proof_sums(struct proof *proof);
void proof_use(struct proof *proof, const struct product_sources *sources);
/* Decisions that neither a quote nor a case (by name, in `results`) needs; cases whose own lines
 * do not add up. For product_prove. */
struct cases;
void proof_cases(const struct product *product, const struct cases *cases, const char *file,
                 struct problems *problems);

/* The table's element by name, or -1. */
static inline int proof_element(const struct program *program, const char *name) {
    int element = program_find(program, ELEMENT_DECISION, name);
    return element >= 0 ? element : program_find(program, ELEMENT_KNOWLEDGE, name);
}

#endif
