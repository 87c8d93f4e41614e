/* Explanations: what the explain*.c files share. Not public.
 *
 * explain.c makes the structure from trace and result; explain_decision.c the sentences of
 * decisions, explain_words.c those of the statement, and words for single values. */
#ifndef KOPPEL_EXPLAIN_H
#define KOPPEL_EXPLAIN_H

#include "product_inside.h"

enum {
    EXPLAIN_WORDS_MAX_BYTES = 2000, /* of one sentence; longer ones end in an ellipsis */
    EXPLAIN_VALUE_MAX_BYTES = 240   /* of one value in a sentence */
};

struct explaining {
    const struct product *product;
    const struct trace *trace;
    const struct quote_result *result;
    enum language language;
    struct scratch *scratch;
};

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
/* The same for an output of a decision's table. */
const char *explain_output_name(const struct explaining *explaining, const char *decision,
                                const char *output, size_t length);
/* A text of the model itself, which may be NULL: NULL when it is known to be in the other
 * language. */
const char *explain_own_text(const struct explaining *explaining, const char *text);

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
