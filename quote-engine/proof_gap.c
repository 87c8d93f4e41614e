/* Gaps that product.xml declares for a table: each is a row of it but for the results, and takes
 * part in the search as one. What is wrong with a declaration is said here; that one covers nothing
 * is proof.c's. */
#include <string.h>

#include "proof.h"

/* The tests of the declared gaps for this column; "-" where a gap names it not. */
bool proof_gap_tests(struct proof_space *space, const struct table_input *input,
                     struct table_test *ret_tests) {
    struct proof *proof = space->proof;
    for (int i = 0; i < space->gap_count; i++) {
        const char *text = "-";
        int line = 0;
        for (int j = 0; j < space->gaps[i]->input_count; j++) {
            const struct proof_gap_input *named = &space->gaps[i]->inputs[j];
            if (strcmp(named->name, input->text) != 0 &&
                (!input->label || strcmp(named->name, input->label) != 0))
                continue;
            text = named->tests;
            line = named->line;
        }
        struct table_test *test = &ret_tests[i];
        struct problems *problems = proof->compiler.problems;
        int before = proof->silent->errors;
        proof->compiler.problems = proof->silent;
        test->node = feel_parse_tests(&proof->compiler, &proof->scope, input->type, text,
                                      strlen(text), line);
        test->code = test->node ? feel_compile(&proof->compiler, &proof->scope, test->node) : NULL;
        proof->compiler.problems = problems;
        if (proof->memory.starved) return false;
        test->any = test->code && !test->node->item_count && !test->node->negated;
        if (test->code && !table_read_atoms(&proof->compiler, &proof->scope, test)) return false;
        if (test->code && test->constant && proof->silent->errors == before) continue;
        product_fail(proof->reader, line, "gap",
                     "%.80s is no list or range of constants, as a cell has: write what has no row",
                     text);
        space->gaps[i]->used = true; /* said: not also that it is unused */
        return false;
    }
    return true;
}

static bool gap_inputs_known(struct proof_space *space, const struct proof_gap *gap) {
    bool fine = true;
    for (int i = 0; i < gap->input_count; i++) {
        bool known = false;
        for (int c = 0; c < space->table->input_count && !known; c++) {
            const struct table_input *input = &space->table->inputs[c];
            known = strcmp(gap->inputs[i].name, input->text) == 0 ||
                    (input->label && strcmp(gap->inputs[i].name, input->label) == 0);
        }
        if (!known)
            product_fail(space->proof->reader, gap->inputs[i].line, "gap",
                         "the table %.80s has no input %.80s: name it by its expression or label",
                         gap->table, gap->inputs[i].name);
        fine &= known;
    }
    return fine;
}

/* The gaps that are declared for the element's tables. */
bool proof_gaps_find(struct proof_space *space) {
    struct proof_declared *declared = space->proof->product->declared;
    space->gap_count = 0;
    if (!declared) return true;
    space->gaps = proof_take(space->proof, (size_t)declared->gap_count, sizeof *space->gaps);
    if (!space->gaps) return false;
    for (int i = 0; i < declared->gap_count; i++) {
        struct proof_gap *gap = &declared->gaps[i];
        if (proof_element(space->proof->product->program, gap->table) != space->element) continue;
        gap->found = true;
        if (!gap_inputs_known(space, gap)) gap->used = true; /* said: not also that it is unused */
        else space->gaps[space->gap_count++] = gap;
    }
    return true;
}

