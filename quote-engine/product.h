/* Products: what is asked, what is covered, how premium and acceptance follow. A product is
 * compiled from product.xml and its DMN models, and rates answers into a statement that sums
 * exactly. Part of the public face of the engine: include quote.h. */
#ifndef KOPPEL_PRODUCT_H
#define KOPPEL_PRODUCT_H

#include "text.h"
#include "value.h"

struct problems;
struct source;
struct program;
struct trace;
struct product_condition; /* a compiled FEEL condition: the engine's own */

enum {
    PRODUCT_QUESTIONS_MAX = 200,
    PRODUCT_CHOICES_MAX = 500,
    PRODUCT_COVERS_MAX = 40,
    PRODUCT_TERMS_MAX = 8,
    PRODUCT_REASONS_MAX = 32,
    PRODUCT_ADJUSTMENTS_MAX = 16,
    PRODUCT_DOCUMENTS_MAX = 32,
    PRODUCT_EXAMPLES_MAX = 32,
    PRODUCT_CODE_MAX = 64
};

struct product;

enum question_type {
    QUESTION_TEXT,
    QUESTION_INTEGER,
    QUESTION_DECIMAL,
    QUESTION_MONEY, /* euros with two decimals */
    QUESTION_DATE,
    QUESTION_BOOLEAN,
    QUESTION_CHOICE,
    QUESTION_CHOICES, /* any number of the choices: a list of codes */
    QUESTION_RECORDS  /* a list of records, each answering `questions` */
};

struct product_choice {
    const char *code;
    struct text label;
};

struct product_question {
    const char *name; /* snake_case: the JSON key, the XML element, the DMN input */
    enum question_type type;
    bool required;  /* when it is shown */
    bool sensitive; /* never in logs, nor typed on a partner's page */
    bool changeable; /* false: a fact, such as a date of birth, that nobody can choose otherwise */
    const char *afd; /* its name in the Dutch AFD standard, or NULL */
    struct text label, help;
    const struct product_choice *choices; /* QUESTION_CHOICE and QUESTION_CHOICES */
    int choice_count;
    const char *minimum, *maximum; /* numbers and dates, inclusive, as written; or NULL. Dates may
                                      be relative to the effective date: "-P120Y", "P0D" */
    int length_minimum, length_maximum; /* characters of a text, items of a list; 0: no minimum */
    int fraction_digits;                /* QUESTION_DECIMAL: at most this many */
    const char *pattern;                /* QUESTION_TEXT: PCRE2, anchored at both ends; or NULL */
    const char *shown_when; /* a FEEL condition over effective_date and the questions before this
                               one (in a record: the record's own), as written; NULL: always */
    const struct product_condition *condition; /* shown_when, compiled */
    const struct product_question *questions; /* QUESTION_RECORDS */
    int question_count;
};

struct product_cover {
    const char *code;
    struct text label;
    struct decimal commission_percent; /* of the net premium; zero where none is said */
};

struct product_term {
    const char *code; /* "yearly", "half_yearly", "quarterly", "monthly" */
    int instalments;  /* per year */
    struct text label;
    struct decimal surcharge_percent; /* on the total for a year */
};

struct product_document { /* a text of the product's own, or one that lies elsewhere */
    const char *code;
    struct text title;
    struct text url; /* where it lies elsewhere; NULL: a text of the product's own, by its code */
    int line;        /* in product.xml */
};

/* How a quote becomes a policy, and how that ends. */
struct product_policy {
    const char *number_prefix; /* of policy numbers, in capitals: "AUT" */
    bool straight_through;     /* what was offered is issued at once; false: somebody issues it */
    int withdrawal_days;       /* a consumer may withdraw within these; 0: may not */
    int notice_months, first_term_months; /* for a policyholder who ends it */
    int contract_months; /* from one main due date to the next; 0: it has no periods */
    bool renewal_as_is;  /* goes on as it was on its due date; false: with a new premium, */
    int renewal_days;    /* which is computed and told so long before */
    const char *consent_version; /* which text was agreed to */
    struct text consent;
    const struct product_question *questions; /* asked on acceptance alone, of everybody; no records
                                                 and no conditions */
    int question_count;
};

/* What kind of product it is in the law's sense: which commission may be paid for it follows. The
 * kinds for which none may be are those of article 86c of the Dutch decree on the conduct of
 * financial firms (Besluit Gedragstoezicht financiële ondernemingen Wft), in force since 2013; for
 * other non-life insurance article 86d allows commission on closing and on renewal alone. */
enum product_law {
    PRODUCT_NON_LIFE,
    PRODUCT_PAYMENT_PROTECTION,
    PRODUCT_COMPLEX,
    PRODUCT_MORTGAGE,
    PRODUCT_DISABILITY, /* of an individual */
    PRODUCT_TERM_LIFE,
    PRODUCT_FUNERAL,
    PRODUCT_PENSION_CLAIM, /* premiepensioenvordering */
    PRODUCT_UNREGULATED,   /* no financial product: neither article is about it */
    PRODUCT_LAWS
};
const char *product_law_code(enum product_law law); /* "non_life" */
bool product_law_bans_commission(enum product_law law);

/* What a partner must have to sell it. */
struct product_sell {
    enum product_law law;
    const char *licence; /* code of the licence that the firm needs; NULL: none */
    const char *diploma; /* code of the diploma that one of its people needs; NULL: none */
};

struct product_info {
    const char *name; /* "auto" */
    int interface;    /* rises when the questions change incompatibly */
    struct text title, description;
    const char *currency; /* "EUR" */
    int valid_days;       /* a quote's last valid date is its known_at date + this */
    int effective_days_ahead; /* how far ahead cover may start */
    const struct product_question *questions;
    int question_count;
    const struct product_cover *covers;
    int cover_count;
    const struct product_term *terms;
    int term_count;
    const struct product_document *documents;
    int document_count;
    const struct product_policy *policy; /* NULL: its quotes cannot be accepted */
    struct product_sell sell;
    const struct value *examples; /* contexts: complete sets of answers, the first is offered */
    int example_count;
};

/* Fills libxml2's own tables, which it otherwise does on first use, unlocked. A program calls it
 * once before threads compile products. */
void product_prepare(void);

/* Compiles a product from its files: product.xml, the DMN models it names, and (optional) its
 * cases, which are not run here. Every problem found is added, with its file and line. */
struct product_sources {
    const struct source *product;
    const struct source *models; /* product.xml names them; found by source name */
    size_t model_count;
    const struct source *schema; /* product.xsd; NULL: it has accepted product.xml before */
};
int product_compile(const struct product_sources *sources, struct problems *problems,
                    struct product **ret_product);
/* Which product a product.xml is of, be the rest of it finished or not: QUOTE_INVALID, with a
 * problem, when it is no well-formed XML or its root does not say. */
struct product_head {
    char name[PRODUCT_CODE_MAX];
    int interface;
};
int product_head_read(const struct source *source, struct problems *problems,
                      struct product_head *ret_head);
void product_free(struct product *product);
const struct product_info *product_info(const struct product *product);
const struct program *product_program(const struct product *product);
/* The text of a reason of its acceptance, for quotes that kept the code; NULL: no such reason. */
const struct text *product_reason_text(const struct product *product, const char *code);

/* Is it sensitive, or is something that its records hold? Such records are hidden as a whole. */
bool product_question_sensitive(const struct product_question *question);

/* Is the question shown for these answers? `answers` is a context of checked values; for a question
 * of a record it is that record. A condition that gives no true, null included, hides. */
bool product_question_shown(const struct product *product, const struct product_question *question,
                            const struct value *answers, const struct value_date *effective_date,
                            const struct moment *moment, struct scratch *scratch);

enum quote_outcome { OUTCOME_OFFERED, OUTCOME_REFERRED, OUTCOME_DECLINED };

/* Amounts are in minor units (cents), per year. */
struct statement_cover {
    const struct product_cover *cover;
    int64_t net_cents, tax_cents, total_cents;
    int64_t commission_cents; /* of the net premium, rounded half up */
};

struct statement_term {
    const struct product_term *term;
    int64_t instalment_cents, total_cents; /* total = instalments * instalment, exactly */
};

/* One step of how amounts came about behind the tariff's own decisions: an adjustment allocated,
 * a rounding, the residue placed, tax computed, a term's surcharge. Amounts are in euros (or the
 * product's currency), exact. */
enum step_kind {
    STEP_COVER_NET,  /* `after` is what the cover's decision gave */
    STEP_ADJUSTMENT, /* of a cover's `before`: `rate` is the percentage or the amount for all
                        covers together, `after` what it adds (a discount is negative) */
    STEP_ROUND,      /* the cover's net from `before` to `after`; code NULL: of the total */
    STEP_RESIDUE,    /* `rate` is added to the cover's `before` so that the sum equals the rounded
                        total; `after` is its net */
    STEP_TAX,        /* `before` is the taxed amount, `rate` the percentage, `after` the tax */
    STEP_TERM        /* `before` the yearly total, `rate` the surcharge, `after` the instalment */
};
struct statement_step {
    enum step_kind kind;
    const char *code;  /* of the cover, adjustment or term */
    const char *cover; /* STEP_ADJUSTMENT: of the cover; else NULL */
    struct decimal before, rate, after;
};

struct quote_reason {
    const char *code; /* points into the program or the scratch memory; NUL-terminated */
    struct text text;
    enum quote_outcome outcome; /* what this reason leads to */
};

struct quote_result {
    enum quote_outcome outcome;
    bool has_premium; /* false when declined */
    int64_t net_cents, tax_cents, total_cents, commission_cents;
    struct statement_cover covers[PRODUCT_COVERS_MAX];
    int cover_count;
    struct statement_term terms[PRODUCT_TERMS_MAX];
    int term_count;
    struct quote_reason reasons[PRODUCT_REASONS_MAX];
    int reason_count;
    const struct statement_step *steps; /* in scratch; recorded only with a trace */
    int step_count;
    struct value answers;             /* as handed to product_rate, borrowed: for explanations */
    struct value_date effective_date;
};

/* Rates checked answers. Beside the answers the tariff sees `effective_date` (a date). Trace and
 * problems may be NULL. A tariff that gives no number for a premium, or no outcome, is
 * QUOTE_INVALID with its place: never a wrong premium. A declined result carries only the reasons
 * that decline; a referred one also those that merely inform. */
int product_rate(const struct product *product, const struct value *answers,
                 const struct value_date *effective_date, const struct moment *moment,
                 struct scratch *scratch, struct trace *trace, struct problems *problems,
                 struct quote_result *ret_result);

/* May `newer` take the place of `older` under one interface: does whoever answers the older
 * questions still answer all of the newer, and nothing else? Adds a problem for each question where
 * not (asked no more, newly required, under another condition, of another type, options gone), and
 * one when the interface number went down; a warning for each range, length or pattern that became
 * stricter. A higher number may ask anything. */
int product_compare(const struct product *older, const struct product *newer,
                    struct problems *problems);

/* How the result came about, as a context in scratch, ready for JSON: `decisions` (in order: name,
 * label, text, formula, value, requires, tables with their inputs, row and outputs), `statement`
 * (the steps behind them), each with a `text` in the language that a reader can recompute by hand,
 * and `reasons` (each with the row or decision and the answers that gave it). With the trace's
 * `cells_left` tables also tell `rows_not_matched` (nearest first, each with the columns that
 * failed) and `rows_not_used`. `trace` and `result` come from one call of product_rate with that
 * trace. QUOTE_TOO_LARGE when scratch is used up. */
int product_explain(const struct product *product, const struct trace *trace,
                    const struct quote_result *result, enum language language,
                    struct scratch *scratch, struct value *ret_explanation);

/* ---- what if -------------------------------------------------------------------------------
 * What another answer to a single question would lead to. Every change told was really rated.
 *
 * Tried are: every other option of a choice, yes for no, one option more or fewer of several, and
 * for whole numbers, amounts and dates the places where the tariff turns, just inside and just
 * outside: the bounds in its tables and the numbers in its formulas and conditions, and for what
 * is computed from the answer (an age from a birth date) the place that is found by halving. Texts
 * and sensitive answers are left alone, and so is a number that was not answered.
 *
 * Where another answer hides questions, their answers are dropped. Where it shows questions that
 * must be answered, these are completed with their first option or with no; where that cannot be,
 * the change is not tried.
 *
 * Nearness counts steps: options in their order for a choice, and for numbers and dates the turns
 * of the tariff between the answers, then how far apart they are. */
enum {
    WHAT_IF_RATINGS_MAX = 2000, /* a sensible limit for one asking */
    WHAT_IF_CHANGES_MAX = 10,   /* told of one kind: one for each question, the nearest */
    WHAT_IF_CHEAPER_MAX = 5
};

struct what_if_limits {
    int ratings;                    /* no more than this many */
    bool (*expired)(void *context); /* is the time used up? NULL: there is no end to it */
    void *context;
};

struct what_if_change {
    const struct product_question *question;
    const struct product_question *records; /* NULL, or it is asked of item `item` of these */
    int item;                               /* from 0 */
    struct value from, to; /* `from` is null where it was not answered */
    struct value answers;  /* all of them, as they were rated */
    enum quote_outcome outcome;
    bool has_premium;
    int64_t total_cents;
    int64_t change_cents; /* of the total; 0 where one of both has no premium */
    int64_t steps;
    uint64_t covers; /* bit i: the product's cover i is taken */
};

struct what_if {
    bool cut;    /* a limit was reached: there may be more */
    int ratings; /* done */
    enum quote_outcome outcome; /* as it is now */
    bool has_premium;
    int64_t total_cents;
    uint64_t covers;
    /* What would be offered, of what is not; changeable answers first, then the nearest first. */
    struct what_if_change offered[WHAT_IF_CHANGES_MAX];
    int offered_count;
    /* What would be referred, of what is declined; no fact that `offered` has. */
    struct what_if_change referred[WHAT_IF_CHANGES_MAX];
    int referred_count;
    /* Lower premiums with changeable answers and no worse outcome, largest saving first. */
    struct what_if_change cheaper[WHAT_IF_CHEAPER_MAX];
    int cheaper_count;
};

/* `result` is of product_rate. QUOTE_TOO_LARGE when scratch does not suffice for the search; it
 * holds what the changes point to. */
int product_what_if(const struct product *product, const struct quote_result *result,
                    const struct moment *moment, const struct what_if_limits *limits,
                    struct scratch *scratch, struct what_if *ret_what_if);

/* The same as a context in scratch, ready for JSON, each change with its sentence. */
int product_explain_what_if(const struct product *product, const struct quote_result *result,
                            const struct what_if *what_if, enum language language,
                            struct scratch *scratch, struct value *ret_explanation);

/* Proves a product: runs the cases of a cases.xml (the DMN suite's test format; NULL: none) and
 * rates its examples as of the moment's date. Adds a problem for each case that differs or holds
 * an answer that its questions refuse, and for each example without an offer.
 *
 * A case's inputs are answers by question name, and effective_date (else the moment's date). A
 * result is named as in a quote: "status", "reasons" (the codes, as a list), "premium" (null when
 * declined), "premium.net", "premium.tax", "premium.total", "premium.commission",
 * "premium.covers.CODE" (null when not taken), "premium.covers.CODE.net" (tax, total, commission),
 * "premium.terms.CODE.instalment" (instalments, total); any other name is a decision's. */
int product_prove(const struct product *product, const struct source *cases,
                  const struct moment *moment, struct scratch *scratch, struct problems *problems,
                  int *ret_passed, int *ret_failed);

#endif
