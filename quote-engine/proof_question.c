/* Which values a question lets through, as the domain of an input. */
#include <string.h>

#include "calendar.h"
#include "proof.h"

/* They stand for themselves in a regular expression. */
#define PLAIN_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_ -"

static bool bound_read(const struct product_question *question, const char *text,
                       struct value *ret_value) {
    struct decimal number;
    struct value_date date;
    if (!text) return false;
    if (question->type == QUESTION_DATE) {
        if (!calendar_read_date(text, strlen(text), &date)) return false; /* relative: it moves */
        *ret_value = value_date(date.year, date.month, date.day);
        return true;
    }
    if (!decimal_parse(text, strlen(text), &number)) return false;
    *ret_value = value_number(number);
    return true;
}

static struct proof_domain question_range(struct proof *proof,
                                          const struct product_question *question) {
    struct proof_domain none = {0};
    struct table_atom *atom = proof_take(proof, 1, sizeof *atom);
    if (!atom) return none;
    bool low = bound_read(question, question->minimum, &atom->low);
    bool high = bound_read(question, question->maximum, &atom->high);
    if (low && high && question->type != QUESTION_DATE &&
        decimal_compare(atom->low.number, atom->high.number) > 0) {
        struct value higher = atom->low; /* said of the question, and surely meant this way */
        atom->low = atom->high;
        atom->high = higher;
    }
    atom->low_bound = low ? RANGE_CLOSED : RANGE_UNBOUNDED;
    atom->high_bound = high ? RANGE_CLOSED : RANGE_UNBOUNDED;
    struct proof_domain domain = proof_domain_of(VALUE_NUMBER, atom, 1);
    domain.digits = question->type == QUESTION_INTEGER ? 0
                    : question->type == QUESTION_MONEY ? 2
                                                       : question->fraction_digits;
    if (question->type == QUESTION_DATE) {
        domain.kind = VALUE_DATE;
        domain.exact = (low || !question->minimum) && (high || !question->maximum);
    }
    return domain;
}

/* A pattern that lists texts, as in "AA|AB|B", asks for one of them. */
static struct proof_domain question_texts(struct proof *proof,
                                          const struct product_question *question) {
    struct proof_domain any = {.kind = VALUE_TEXT};
    const char *at = question->pattern;
    int count = 1, kept = 0;
    if (!at || at[strspn(at, PLAIN_CHARACTERS "|")]) return any;
    for (const char *bar = at; (bar = strchr(bar, '|')); bar++) count++;
    if (count > PROOF_DOMAIN_VALUES_MAX) return any;
    struct table_atom *atoms = proof_take(proof, (size_t)count, sizeof *atoms);
    if (!atoms) return any;
    for (;; at++) {
        int length = (int)strcspn(at, "|");
        if (length >= question->length_minimum &&
            (!question->length_maximum || length <= question->length_maximum))
            atoms[kept++] = proof_point(value_text(at, (size_t)length));
        at += length;
        if (!*at) break;
    }
    return kept ? proof_domain_of(VALUE_TEXT, atoms, kept) : any;
}

struct proof_domain proof_question_domain(struct proof *proof,
                                          const struct product_question *question) {
    struct proof_domain domain = {0};
    struct table_atom *atoms;
    switch (question->type) {
    case QUESTION_INTEGER:
    case QUESTION_DECIMAL:
    case QUESTION_MONEY:
    case QUESTION_DATE:
        domain = question_range(proof, question);
        break;
    case QUESTION_BOOLEAN:
        domain = proof_booleans(proof);
        break;
    case QUESTION_CHOICE:
        if (!(atoms = proof_take(proof, (size_t)question->choice_count, sizeof *atoms))) break;
        for (int i = 0; i < question->choice_count; i++)
            atoms[i] = proof_point(value_text(question->choices[i].code,
                                           strlen(question->choices[i].code)));
        domain = proof_domain_of(VALUE_TEXT, atoms, question->choice_count);
        break;
    case QUESTION_TEXT:
        domain = question_texts(proof, question);
        break;
    case QUESTION_CHOICES:
    case QUESTION_RECORDS:
        break;
    }
    domain.never_null = question->required && !question->shown_when;
    return domain;
}
