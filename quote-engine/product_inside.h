/* What the product_*.c files share. Not public.
 *
 * Files, in the order in which a product passes through them: product_schema.c (product.xml against
 * its schema), product_read.c, product_question.c and product_sell.c (its elements to structs),
 * product_answer.c (answers: reading and checking them), product_condition.c (FEEL conditions),
 * product_check*.c (does it fit its model?), proof*.c (is it whole and sound?), product.c (compile,
 * free), product_rate.c, product_cases.c, explain*.c, and what_if*.c. */
#ifndef KOPPEL_PRODUCT_INSIDE_H
#define KOPPEL_PRODUCT_INSIDE_H

#include "arena.h"
#include "quote.h"
#include "statement.h"
#include "xml.h"

enum {
    PRODUCT_MEMORY_BYTES = 64 * 1024 * 1024,
    PRODUCT_RECORD_QUESTIONS_MAX = 50,
    PRODUCT_RECORDS_MAX = 1000, /* items of a list of records */
    PRODUCT_MODELS_MAX = 1 + DMN_IMPORTS_MAX,
    PRODUCT_REASON_TEXTS_MAX = 500,
    CONDITION_NAMES_MAX = 64
};

/* The input that every tariff can use beside the answers. */
#define PRODUCT_EFFECTIVE_DATE "effective_date"

/* A FEEL condition over answers. */
struct product_condition {
    const char *text;
    const struct code *code;
    int name_count; /* slots of its frame: the names that it uses */
    const char *names[CONDITION_NAMES_MAX];
};

struct product_reason {
    const char *code;
    struct text text;
    int line;
};

struct product_name { /* a text about a part of the model, for explanations */
    const char *of;
    struct text text;
    int line;
};

struct product_adjustment {
    struct text label;
    const char *decision_name, *covers; /* `covers` as written, or NULL: all */
    int decision; /* place among the premium plan's decisions */
    int line;
};

struct product_cover_rule { /* beside each product_cover */
    const char *decision_name;
    int decision; /* place among the premium plan's decisions */
    const struct product_condition *taken_when;
    const char *taken_when_text;
    int line;
};

struct proof_declared;

struct product {
    struct arena arena; /* all below lives here, and the XML tree with its texts */
    const char *file;   /* for messages: "product.xml" */
    struct product_info info;
    struct program *program;
    const char *models[PRODUCT_MODELS_MAX]; /* file names; the first holds the decisions */
    int model_count, model_line;
    struct product_cover_rule *cover_rules;
    struct product_adjustment *adjustments;
    struct product_reason *reasons; /* sorted as written */
    int reason_count;
    struct product_name *names, *explains; /* `explains`: what elements and rows are for */
    int name_count, explain_count;
    const char *model_language; /* of the model's own labels and notes: "nl", "en"; NULL: unsaid */
    const char *acceptance_name;
    int acceptance_line;
    const char *residue_code; /* or NULL */
    struct proof_declared *declared; /* for its proof (proof.h); NULL: nothing, or not proving */
    int rounding_line;
    int *question_lines, *example_lines;
    struct statement_rules rules;
    /* The plans: acceptance first, then what the premium needs. Inputs of both: */
    struct plan *acceptance, *premium;
    const char *inputs[PLAN_INPUTS_MAX];
    int input_count;
    int premium_decision_count;
};

/* Everything product_compile works with. */
struct product_reader {
    struct product *product;
    struct problems *problems;
    int status; /* the first failure */
    bool proving; /* false: it was published, so what was found sound then stays usable */
};
/* Adds an error of product.xml; `place` may be "". */
void product_fail(struct product_reader *reader, int line, const char *place, const char *format,
                  ...) __attribute__((format(printf, 4, 5)));
/* Product memory; NULL, with the status set, when there is none. */
void *product_take(struct product_reader *reader, size_t count, size_t size);

/* Validates against the schema; every violation becomes a problem. */
void product_validate(struct product_reader *reader, const struct source *source,
                      const struct source *schema);
/* Fills the product from its root element, which the schema accepted. */
void product_read(struct product_reader *reader, const struct xml_element *root);
/* What a partner must have to sell it, from <sell> (NULL: nothing is said), once covers are read:
 * they may pay no commission where the law forbids it. */
void product_sell_read(struct product_reader *reader, const struct xml_element *sell);
/* The text with runs of white space made one blank and none at its ends. */
const char *product_words(struct product_reader *reader, const char *text);
/* nl and en inside `parent`, which may be NULL; a problem when one of them is missing. */
struct text product_text(struct product_reader *reader, const struct xml_element *parent);
const char *product_attribute(const struct xml_element *element, const char *name,
                              const char *otherwise);
/* The questions inside `parent`; also in `ret_lines` (NULL for those of a record). */
const struct product_question *product_questions_read(struct product_reader *reader,
                                                      const struct xml_element *parent,
                                                      int *ret_count, int **ret_lines);
const struct product_question *product_question_find(const struct product_question *questions,
                                                     int count, const char *name, size_t length);
/* Puts a null into each of `records`, the answer to `question`, for whatever its record questions
 * were not answered; copies into scratch only where one is missing. Any other question's answer is
 * left alone. False: scratch is used up. */
bool product_records_complete(const struct product_question *question, struct scratch *scratch,
                              struct value *records);

/* Compiles a condition that sees `questions` and the effective date. NULL, with a problem. */
const struct product_condition *product_condition_compile(
    struct product_reader *reader, const struct product_question *questions, int question_count,
    const char *text, int line, const char *place);
/* True only when it gives true. QUOTE_OK, or why it could not be run. */
int product_condition_holds(const struct product_condition *condition,
                            const struct value *answers, const struct value_date *effective_date,
                            const struct moment *moment, struct scratch *scratch,
                            bool *ret_holds);

/* Reads the examples' answers into values. */
void product_examples_read(struct product_reader *reader, const struct xml_element *examples);
/* Checks answers against the questions as of a date: missing, unknown, out of range, not asked.
 * Adds a problem for each at `line` of `file` and `place`; returns how many. */
int product_answers_check(const struct product *product, const struct value *answers,
                          const struct value_date *effective_date, const struct moment *moment,
                          struct scratch *scratch, struct problems *problems, const char *file,
                          int line, const char *place);
/* The date that a question's bound means: "2026-01-31", or "-P18Y" from the effective date. A day
 * that the month does not have becomes its last. */
bool product_bound_date(const char *bound, const struct value_date *effective_date,
                        struct value_date *ret_date);
/* Can the pattern of a text question be compiled? Else why not; `ret_starved`: memory ran out. */
bool product_pattern_valid(const char *pattern, char *ret_why, size_t why_size,
                           bool *ret_starved);

/* Codes and names used twice, decisions and inputs that the model does not have, reasons without a
 * text. Makes the plans. */
void product_check(struct product_reader *reader);
/* Where a row of a table stands in its file; 0 when that is not known. */
int product_row_line(const struct product *product, int element, int table, int row);
/* Is it one row of the table that decides, and does the table say nothing for when none matches? */
bool product_table_decides(const struct product *product, int element, int table);
/* Options that tables name and questions do not have, or the reverse. */
void product_check_choices(struct product_reader *reader);

#endif
