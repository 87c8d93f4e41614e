/* Reads the conditions that products have (cover != "liability" and (fuel in ("lpg", "cng") or
 * weight > 1800)) and says them in JSON Schema. It translates FEEL, it does not evaluate it:
 * whatever it is not sure of it leaves alone, and the service checks all conditions itself anyway.
 *
 * A negation is carried inward to the comparisons, so that the schema is made of "and" and "or"
 * alone. Then a comparison that cannot be said may stand as "anything": the schema only becomes
 * wider by it, never narrower. FEEL's null is a third truth; a comparison says whether the question
 * must be answered for it to be true, and for it to be false.
 *
 * What stays unsaid: amounts and dates, which are texts in JSON, and no keyword orders texts;
 * numbers of more digits than validators, which compute in doubles, keep apart; functions,
 * arithmetic, and comparisons of one question with another. */
#include <string.h>

#include "domain/product_describe.h"

enum { TERMS_MAX = 64, CONSTANTS_MAX = 50, DEPTH_MAX = 8, DOUBLE_DIGITS = 15 };

static const char name_letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
static const char word_letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

struct reader {
    const struct product_question *questions;
    int question_count;
    const char *at;
    struct scratch *scratch;
    int terms, depth;
    bool whole; /* nothing was left unsaid so far */
    bool failed;
};

/* What a part of the condition came to. Not `said`: anything. */
struct part {
    bool said;
    struct value schema;
};

static struct part read_or(struct reader *reader, bool positive);

/* ---- tokens --------------------------------------------------------------------------------- */
static void skip_blanks(struct reader *reader) {
    reader->at += strspn(reader->at, " \t\r\n");
}

static bool take(struct reader *reader, const char *token) {
    size_t length = strlen(token);
    skip_blanks(reader);
    if (strncmp(reader->at, token, length) != 0) return false;
    reader->at += length;
    return true;
}

static bool is_word(const struct reader *reader, const char *word) {
    size_t length = strlen(word);
    return strspn(reader->at, word_letters) == length && strncmp(reader->at, word, length) == 0;
}

static bool take_word(struct reader *reader, const char *word) {
    skip_blanks(reader);
    if (!is_word(reader, word)) return false;
    reader->at += strlen(word);
    return true;
}

/* Where a comparison may end. */
static bool at_boundary(struct reader *reader) {
    skip_blanks(reader);
    return !*reader->at || *reader->at == ')' || is_word(reader, "and") || is_word(reader, "or");
}

/* Do all answers to a decimal question differ as doubles, and in the same order? */
static bool fits_double(const struct product_question *question) {
    int64_t limit = 1;
    struct decimal minimum, maximum;
    if (question->type != QUESTION_DECIMAL) return true;
    if (!question->minimum || !question->maximum || question->fraction_digits >= DOUBLE_DIGITS ||
        !decimal_parse(question->minimum, strlen(question->minimum), &minimum) ||
        !decimal_parse(question->maximum, strlen(question->maximum), &maximum))
        return false;
    for (int i = question->fraction_digits; i < DOUBLE_DIGITS; i++) limit *= 10;
    struct decimal bound = decimal_from_int64(limit);
    return decimal_compare(decimal_absolute(minimum), bound) < 0 &&
           decimal_compare(decimal_absolute(maximum), bound) < 0;
}

static bool is_number(const struct product_question *question) {
    return question->type == QUESTION_INTEGER || question->type == QUESTION_DECIMAL;
}

static const struct product_question *take_question(struct reader *reader) {
    skip_blanks(reader);
    size_t length = strspn(reader->at, name_letters);
    if (!length || strspn(reader->at, word_letters) != length) return NULL;
    for (int i = 0; i < reader->question_count; i++) {
        const struct product_question *question = &reader->questions[i];
        if (strlen(question->name) != length || strncmp(question->name, reader->at, length) != 0)
            continue;
        bool fits = question->type == QUESTION_CHOICE || question->type == QUESTION_BOOLEAN ||
                    question->type == QUESTION_TEXT || is_number(question);
        if (!fits || !fits_double(question)) return NULL;
        reader->at += length;
        return question;
    }
    return NULL;
}

/* -12.5, and of "1..5" the 1. */
static bool take_number(struct reader *reader, struct value *ret_value) {
    static const char digits[] = "0123456789";
    const char *start = reader->at;
    size_t length = *start == '-' ? 1 : 0;
    size_t whole = strspn(start + length, digits), fraction = 0;
    if (!whole) return false;
    length += whole;
    if (start[length] == '.') fraction = strspn(start + length + 1, digits);
    if (fraction) length += 1 + fraction;
    struct decimal number;
    if (whole + fraction > DOUBLE_DIGITS || strspn(start + length, word_letters) ||
        !decimal_parse(start, length, &number))
        return false;
    reader->at += length;
    *ret_value = value_number(number);
    return true;
}

static bool take_constant(struct reader *reader, const struct product_question *question,
                          struct value *ret_value) {
    skip_blanks(reader);
    if (question->type == QUESTION_BOOLEAN) {
        if (take_word(reader, "true")) *ret_value = value_boolean(true);
        else if (take_word(reader, "false")) *ret_value = value_boolean(false);
        else return false;
        return true;
    }
    if (is_number(question)) return take_number(reader, ret_value);
    if (*reader->at != '"') return false;
    size_t length = strcspn(reader->at + 1, "\"\\");
    if (reader->at[1 + length] != '"') return false;
    *ret_value = value_text(reader->at + 1, length);
    reader->at += length + 2;
    return true;
}

/* One of several constants: ("a", "b") or ["a", "b"]. */
static bool take_constants(struct reader *reader, const struct product_question *question,
                           struct list *list) {
    const char *close = take(reader, "(") ? ")" : take(reader, "[") ? "]" : NULL;
    if (!close) return false;
    do {
        struct value constant;
        if (list->count == CONSTANTS_MAX || !take_constant(reader, question, &constant))
            return false;
        list_add(list, constant);
    } while (take(reader, ","));
    return take(reader, close) && !list->failed;
}

/* ---- schemas -------------------------------------------------------------------------------- */
static struct value wrap(struct reader *reader, const char *name, struct value value) {
    struct record record;
    record_init(&record, reader->scratch);
    record_set(&record, name, value);
    reader->failed |= record.failed;
    return record_value(&record);
}

/* The answer to the question is as `schema` says. `absent`: or there is none; that is left out for
 * a question that everybody must answer, for without it nothing else can be told. */
static struct part answer_is(struct reader *reader, const struct product_question *question,
                             struct value schema, bool absent) {
    struct record record;
    struct list names;
    record_init(&record, reader->scratch);
    list_init(&names, reader->scratch);
    list_add(&names, value_text(question->name, strlen(question->name)));
    record_set(&record, "properties", wrap(reader, question->name, schema));
    if (!absent || (question->required && !question->shown_when))
        record_set(&record, "required", list_value(&names));
    reader->failed |= record.failed || names.failed;
    return (struct part){.said = true, .schema = record_value(&record)};
}

/* `word` is const or enum. FEEL: null equals no constant, and that is false, not null. */
static struct part equals(struct reader *reader, const struct product_question *question,
                          const char *word, struct value constants, bool positive) {
    struct value schema = wrap(reader, word, constants);
    if (!positive) schema = wrap(reader, "not", schema);
    return answer_is(reader, question, schema, !positive);
}

/* FEEL: what null is compared with by order is null, neither true nor false. */
static struct part ordered(struct reader *reader, const struct product_question *question,
                           char operator, bool inclusive, struct value constant) {
    const char *word = operator == '<' ? inclusive ? "maximum" : "exclusiveMaximum"
                                       : inclusive ? "minimum" : "exclusiveMinimum";
    return answer_is(reader, question, wrap(reader, word, constant), false);
}

/* From `low` to `high`; or outside of it. */
static struct part within(struct reader *reader, const struct product_question *question,
                          struct value low, struct value high, bool positive) {
    struct record range;
    record_init(&range, reader->scratch);
    record_set(&range, "minimum", low);
    record_set(&range, "maximum", high);
    reader->failed |= range.failed;
    struct value schema = record_value(&range);
    if (!positive) schema = wrap(reader, "not", schema);
    return answer_is(reader, question, schema, false);
}

/* ---- comparisons ---------------------------------------------------------------------------- */
enum { OPERATORS = 6 };

static const struct {
    const char *text;
    char operator; /* '=' '!' '<' '>' */
    bool inclusive;
} operators[OPERATORS] = {{"!=", '!', false}, {"<=", '<', true},  {">=", '>', true},
                          {"=", '=', false},  {"<", '<', false}, {">", '>', false}};

static int take_operator(struct reader *reader) {
    for (int i = 0; i < OPERATORS; i++)
        if (take(reader, operators[i].text)) return i;
    return -1;
}

/* `turned`: the constant stood before the operator. */
static struct part compare(struct reader *reader, const struct product_question *question,
                           int taken, struct value constant, bool turned, bool positive) {
    char operator = operators[taken].operator;
    bool inclusive = operators[taken].inclusive;
    if (operator == '=' || operator == '!')
        return equals(reader, question, "const", constant, (operator == '=') == positive);
    if (!is_number(question)) return (struct part){0};
    if (turned) operator = operator == '<' ? '>' : '<';
    if (!positive) {
        operator = operator == '<' ? '>' : '<';
        inclusive = !inclusive;
    }
    return ordered(reader, question, operator, inclusive, constant);
}

static struct part read_membership(struct reader *reader, const struct product_question *question,
                                   bool positive) {
    const char *start = reader->at;
    struct value low, high;
    if (is_number(question) && take(reader, "[") && take_constant(reader, question, &low) &&
        take(reader, "..") && take_constant(reader, question, &high) && take(reader, "]"))
        return within(reader, question, low, high, positive);
    reader->at = start;
    struct list constants;
    list_init(&constants, reader->scratch);
    if (!take_constants(reader, question, &constants)) return (struct part){0};
    return equals(reader, question, "enum", list_value(&constants), positive);
}

/* question = constant, constant < question, question in (constants), question between constant and
 * constant, or a question that is true by itself. */
static struct part read_comparison(struct reader *reader, bool positive) {
    const struct product_question *question = take_question(reader);
    struct value constant, high;
    if (!question) {
        const struct product_question any_number = {.type = QUESTION_INTEGER};
        skip_blanks(reader);
        if (!take_constant(reader, &any_number, &constant)) return (struct part){0};
        int turned = take_operator(reader);
        question = turned < 0 ? NULL : take_question(reader);
        if (!question || !is_number(question)) return (struct part){0};
        return compare(reader, question, turned, constant, true, positive);
    }
    if (question->type == QUESTION_BOOLEAN && at_boundary(reader))
        return equals(reader, question, "const", value_boolean(positive), true);
    int taken = take_operator(reader);
    if (taken >= 0) {
        if (!take_constant(reader, question, &constant)) return (struct part){0};
        return compare(reader, question, taken, constant, false, positive);
    }
    if (take_word(reader, "in")) return read_membership(reader, question, positive);
    if (is_number(question) && take_word(reader, "between") &&
        take_constant(reader, question, &constant) && take_word(reader, "and") &&
        take_constant(reader, question, &high))
        return within(reader, question, constant, high, positive);
    return (struct part){0};
}

/* ---- what is not understood ----------------------------------------------------------------- */
/* Behind a text, or NULL. */
static const char *text_end(const char *at) {
    for (at++; *at && *at != '"'; at++)
        if (*at == '\\' && at[1]) at++;
    return *at ? at + 1 : NULL;
}

/* Behind a bracket and all that it holds, or NULL. */
static const char *bracket_end(const char *at) {
    int depth = 0;
    while (*at) {
        if (*at == '"') {
            at = text_end(at);
            if (!at) return NULL;
            continue;
        }
        if (*at == '/' && (at[1] == '/' || at[1] == '*')) return NULL;
        depth += strchr("([{", *at) ? 1 : strchr(")]}", *at) ? -1 : 0;
        at++;
        if (depth == 0) return at;
    }
    return NULL;
}

/* Goes on behind a term, to the "and", "or" or bracket that ends it. Words that would bind what
 * stands beside the term make the whole condition too much. */
static bool skip_term(struct reader *reader) {
    static const char *const binding[] = {"if",   "then",  "else",    "for",    "some",
                                          "every", "between", "return", "satisfies", "function"};
    bool any = false;
    while (!at_boundary(reader)) {
        size_t length = strspn(reader->at, word_letters);
        for (size_t i = 0; i < sizeof binding / sizeof *binding; i++)
            if (is_word(reader, binding[i])) return false;
        if (!length && strchr("([{", *reader->at)) {
            const char *end = bracket_end(reader->at);
            length = end ? (size_t)(end - reader->at) : 0;
        } else if (*reader->at == '"') {
            const char *end = text_end(reader->at);
            length = end ? (size_t)(end - reader->at) : 0;
        } else if (!length) {
            length = strspn(reader->at, "<>=!.-+*@");
        }
        if (!length) return false;
        reader->at += length;
        any = true;
    }
    return any;
}

/* ---- terms ---------------------------------------------------------------------------------- */
/* (condition) or not(condition), behind its opening bracket. */
static bool read_nested(struct reader *reader, bool positive, struct part *ret_part) {
    if (reader->depth == DEPTH_MAX) return false;
    reader->depth++;
    *ret_part = read_or(reader, positive);
    reader->depth--;
    return !reader->failed && take(reader, ")") && at_boundary(reader);
}

static struct part read_term(struct reader *reader, bool positive) {
    struct part part = {0};
    if (++reader->terms > TERMS_MAX) reader->failed = true;
    if (reader->failed) return part;
    skip_blanks(reader);
    const char *start = reader->at;
    if (take(reader, "(")) {
        if (read_nested(reader, positive, &part)) return part;
    } else if (take_word(reader, "not") && take(reader, "(")) {
        if (read_nested(reader, !positive, &part)) return part;
    } else {
        reader->at = start;
        part = read_comparison(reader, positive);
        if (part.said && at_boundary(reader)) return part;
    }
    reader->at = start;
    reader->whole = false;
    if (!skip_term(reader)) reader->failed = true;
    return (struct part){0};
}

/* All of the parts, or any of them. What is unsaid widens "all" by leaving it out, and "any" to
 * everything. */
static struct part combine(struct reader *reader, const struct list *parts, bool all, int count) {
    reader->failed |= parts->failed;
    if (parts->count == 0 || (!all && (int)parts->count < count)) return (struct part){0};
    if (parts->count == 1) return (struct part){.said = true, .schema = parts->items[0]};
    return (struct part){.said = true,
                         .schema = wrap(reader, all ? "allOf" : "anyOf", list_value(parts))};
}

static struct part read_and(struct reader *reader, bool positive) {
    struct list parts;
    int count = 0;
    list_init(&parts, reader->scratch);
    do {
        struct part part = read_term(reader, positive);
        if (part.said) list_add(&parts, part.schema);
        count++;
        if (!take_word(reader, "and")) break;
        /* This "and" may be one of FEEL's names: date and time(…), years and months duration. */
        skip_blanks(reader);
        reader->failed |= is_word(reader, "time") || is_word(reader, "months");
    } while (!reader->failed);
    return combine(reader, &parts, positive, count);
}

static struct part read_or(struct reader *reader, bool positive) {
    struct list parts;
    int count = 0;
    list_init(&parts, reader->scratch);
    do {
        struct part part = read_and(reader, positive);
        if (part.said) list_add(&parts, part.schema);
        count++;
    } while (!reader->failed && take_word(reader, "or"));
    return combine(reader, &parts, !positive, count);
}

bool condition_describe(const struct product_question *questions, int question_count,
                        const char *condition, struct scratch *scratch, bool *ret_whole,
                        struct value *ret_schema) {
    struct reader reader = {.questions = questions, .question_count = question_count,
                            .at = condition, .scratch = scratch, .whole = true};
    struct part part = read_or(&reader, true);
    skip_blanks(&reader);
    if (reader.failed || *reader.at || !part.said) return false;
    *ret_whole = reader.whole;
    *ret_schema = part.schema;
    return true;
}
