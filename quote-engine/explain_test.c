/* What a table's cell asks, in words: "18 of meer en minder dan 24", "Taxi of Zakelijk". A test
 * that is more than constants and ranges stands as the model has it. */
#include <string.h>

#include "dmn_table.h"
#include "explain.h"

/* "18 of meer", "voor 01-01-2020" */
static void low_add(struct words *words, const struct explaining *explaining,
                    const struct table_input *input, const struct table_atom *atom) {
    bool closed = atom->low_bound == RANGE_CLOSED;
    if (atom->low.kind == VALUE_DATE)
        words_add(words, closed ? explain_in(explaining, "op of na ", "on or after ")
                                : explain_in(explaining, "na ", "after "));
    else if (!closed) words_add(words, explain_in(explaining, "meer dan ", "more than "));
    words_add_input(words, explaining, input->text, &atom->low);
    if (closed && atom->low.kind != VALUE_DATE)
        words_add(words, explain_in(explaining, " of meer", " or more"));
}

static void high_add(struct words *words, const struct explaining *explaining,
                     const struct table_input *input, const struct table_atom *atom) {
    bool closed = atom->high_bound == RANGE_CLOSED;
    if (atom->high.kind == VALUE_DATE)
        words_add(words, closed ? explain_in(explaining, "op of voor ", "on or before ")
                                : explain_in(explaining, "voor ", "before "));
    else
        words_add(words, closed ? explain_in(explaining, "hoogstens ", "at most ")
                                : explain_in(explaining, "minder dan ", "less than "));
    words_add_input(words, explaining, input->text, &atom->high);
}

static bool is_point(const struct table_atom *atom) {
    return atom->low_bound == RANGE_CLOSED && atom->high_bound == RANGE_CLOSED &&
           value_equal(&atom->low, &atom->high, &(struct moment){0}) == 1;
}

static void atom_add(struct words *words, const struct explaining *explaining,
                     const struct table_input *input, const struct table_atom *atom) {
    if (is_point(atom)) {
        words_add_input(words, explaining, input->text, &atom->low);
    } else if (atom->low_bound == RANGE_CLOSED && atom->high_bound == RANGE_CLOSED) {
        words_add_input(words, explaining, input->text, &atom->low);
        words_add(words, explain_in(explaining, " tot en met ", " up to and including "));
        words_add_input(words, explaining, input->text, &atom->high);
    } else {
        bool low = atom->low_bound != RANGE_UNBOUNDED, high = atom->high_bound != RANGE_UNBOUNDED;
        if (low) low_add(words, explaining, input, atom);
        if (low && high) words_add(words, explain_in(explaining, " en ", " and "));
        if (high) high_add(words, explaining, input, atom);
    }
}

void words_add_test(struct words *words, const struct explaining *explaining,
                    const struct table_input *input, const struct table_test *test) {
    if (test->any) {
        words_add(words, explain_in(explaining, "om het even wat", "anything"));
        return;
    }
    bool null_told = test->constant && !test->node->negated && test->matches_null;
    int parts = test->atom_count + null_told;
    if (!test->constant || !parts) {
        words_add_line(words, test->text);
        return;
    }
    if (test->node->negated) words_add(words, explain_in(explaining, "niet ", "not "));
    for (int i = 0; i < parts && !words->full; i++) {
        if (i) words_add(words, i + 1 < parts ? ", " : explain_in(explaining, " of ", " or "));
        if (i < test->atom_count) atom_add(words, explaining, input, &test->atoms[i]);
        else words_add(words, explain_in(explaining, "niet ingevuld", "not filled in"));
    }
}
