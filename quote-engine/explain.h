/* Explanations: what the explain*.c files share. Not public.
 *
 * explain.c makes the structure from trace and result, explain_table.c that of tables,
 * explain_reason.c tells what led to the outcome, explain_what_if.c what would change it;
 * explain_decision.c has the sentences of decisions, explain_test.c those of cells,
 * explain_words.c those of the statement and words for single values; explain_build.c what data
 * is made of. */
#ifndef KOPPEL_EXPLAIN_H
#define KOPPEL_EXPLAIN_H

#include "product_inside.h"

struct table_input;
struct table_test;

enum {
    EXPLAIN_ENTRIES_MAX = 20,       /* in one context made here */
    EXPLAIN_WORDS_MAX_BYTES = 2000, /* of one sentence; longer ones end in an ellipsis */
    EXPLAIN_VALUE_MAX_BYTES = 240   /* of one value in a sentence */
};

struct explaining {
    const struct product *product;
    const struct trace *trace;
    const struct quote_result *result;
    enum language language;
    struct scratch *scratch;
    bool misses; /* the trace tells which rows did not match */
};

/* ---- data (explain_build.c) ---------------------------------------------------------------- */
struct words;

struct building { /* a context being built; start from all zeros */
    struct value_entry entries[EXPLAIN_ENTRIES_MAX];
    uint32_t count;
};
void building_put(struct building *building, const char *name, struct value value);
void building_put_text(struct building *building, const char *name, const char *text); /* or NULL */
/* The sentence, as `text`. Here and below false means: scratch is used up. */
bool building_put_words(struct building *building, const struct explaining *explaining,
                        const struct words *words);
/* An amount as a text, as money is everywhere: at least two digits behind the point, and all that
 * it has. */
bool building_put_amount(struct building *building, const struct explaining *explaining,
                         const char *name, struct decimal amount);
bool building_done(const struct explaining *explaining, const struct building *building,
                   struct value *ret_value);
/* Room for `count` values; NULL: none. */
struct value *explain_values(const struct explaining *explaining, size_t count);

/* Sensitive answers, and records that hold one, stay out of what is shown and kept. */
bool explain_sensitive(const struct explaining *explaining, const char *name);
/* The label of the option that a choice's code means; NULL where the value is none. */
const char *explain_option(const struct explaining *explaining,
                           const struct product_question *question, const struct value *code);
const char *explain_option_of(const struct explaining *explaining, const char *question_name,
                              const struct value *code);
/* The question of that name, else the one of that name in a record; NULL. */
const struct product_question *explain_question(const struct explaining *explaining,
                                                const char *name);

/* The uses of tables among the trace's events [first, end), as a list. */
bool explain_tables(const struct explaining *explaining, size_t first, size_t end,
                    struct value *ret_value);
/* Why the outcome is what it is: for each reason the rows, decisions and answers that gave it. */
bool explain_reasons(const struct explaining *explaining, struct value *ret_value);

/* ---- words --------------------------------------------------------------------------------- */
/* One language or the other. */
const char *explain_in(const struct explaining *explaining, const char *nl, const char *en);

/* A sentence being written; cut at a whole character when it is full. */
struct words {
    char text[EXPLAIN_WORDS_MAX_BYTES];
    size_t length;
    bool full;
};

void words_add(struct words *words, const char *text);
void words_add_part(struct words *words, const char *text, size_t length);
/* The text on one line: runs of white space become one blank. */
void words_add_line(struct words *words, const char *text);
/* A number with the language's decimal mark, all its digits. */
void words_add_number(struct words *words, enum language language, struct decimal number);
/* An amount in the product's currency with at least two digits behind the mark: "€ 1.234,56". */
void words_add_money(struct words *words, const struct explaining *explaining,
                     struct decimal amount);
/* A value as a reader of that language expects it. */
void words_add_value(struct words *words, const struct explaining *explaining,
                     const struct value *value);
/* The sentence as a text in scratch; false when that is used up. */
bool words_done(const struct words *words, struct scratch *scratch, struct value *ret_text);

/* What an input, decision or knowledge model is called; NULL: nothing but its name in the model. */
const char *explain_name(const struct explaining *explaining, const char *of);
/* The same for a column of an element's table. */
const char *explain_column_name(const struct explaining *explaining, const char *element,
                                const char *column, size_t length);
/* A text of the model itself, which may be NULL: NULL when it is known to be in the other
 * language. */
const char *explain_own_text(const struct explaining *explaining, const char *text);

/* What an input column of the element's tables is called; its expression when it has no name. */
const char *explain_column(const struct explaining *explaining, const char *element,
                           const struct element_table_column *column);
/* What an element of the model, or a row, is for, in the language; NULL: nothing is said. */
const char *explain_description(const struct explaining *explaining,
                                const struct element *element);
const char *explain_note(const struct explaining *explaining, int element, int table, int row);

/* Does the text of an expression use the name, as a whole word? */
bool explain_text_names(const char *text, const char *name);
/* An answer: the options that codes mean, in quotation marks, an amount of money, records with
 * their questions (which hold no records themselves), else the value. */
void words_add_answer(struct words *words, const struct explaining *explaining,
                      const struct product_question *question, const struct value *answer);
/* A value of an input column: an answer where the column is a question. */
void words_add_input(struct words *words, const struct explaining *explaining,
                     const char *expression, const struct value *value);
/* The text in quotation marks. */
void words_add_quoted(struct words *words, const char *text);
/* What a cell asks: "18 of meer en minder dan 24". */
void words_add_test(struct words *words, const struct explaining *explaining,
                    const struct table_input *input, const struct table_test *test);
/* A decision's sentence, from the parts of its explanation. */
void words_add_decision(struct words *words, const struct explaining *explaining,
                        const struct element *element, const struct value *value,
                        const struct value *requires, const struct value *tables);
/* A knowledge model's formula and what it is for. */
void words_add_knowledge(struct words *words, const struct explaining *explaining,
                         const struct element *element);
/* The sentence of a step of the statement. */
void words_add_step(struct words *words, const struct explaining *explaining,
                    const struct statement_step *step);
/* "net … and tax … make … for a year." */
void words_add_total(struct words *words, const struct explaining *explaining);
/* How a statement's amounts are rounded, in words: for the head of the statement. */
void words_add_rounding(struct words *words, const struct explaining *explaining);

#endif
