/* Goes over a product's tables and hands them to the proofs; see proof.h for what is an error and
 * what a warning. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proof.h"

void *proof_take(struct proof *proof, size_t count, size_t size) {
    void *memory = arena_take_array(&proof->memory, count ? count : 1, size);
    if (!memory) proof->starved = true;
    return memory;
}

const char *proof_file(const struct product *product, int element) {
    int model = product->program->details[element].model;
    return product->models[model >= 0 && model < product->model_count ? model : 0];
}

void proof_add(struct proof *proof, bool warning, int element, int line, const char *place,
               const char *format, ...) {
    char text[PROBLEM_TEXT_MAX], where[PROBLEM_PLACE_MAX];
    const struct element *about = program_element(proof->product->program, element);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(where, sizeof where, "%s %.80s%s",
             about->kind == ELEMENT_DECISION ? "decision" : "businessKnowledgeModel", about->name,
             place);
    problems_add(proof->reader->problems, warning, proof_file(proof->product, element), line, 0,
                 where, "%s", text);
    if (!warning && proof->reader->status == QUOTE_OK) proof->reader->status = QUOTE_INVALID;
}

/* ---- one table ------------------------------------------------------------------------------ */

static bool covers_matter(const struct table *table) {
    return table->policy <= HIT_FIRST && !table->has_fallback;
}

/* False when memory ends. */
static bool table_search(struct proof_space *space) {
    const struct table *table = space->table;
    struct proof_findings *findings = proof_take(space->proof, 1, sizeof *findings);
    uint8_t *dead = proof_take(space->proof, (size_t)table->row_count, 1);
    const uint32_t *order = NULL;
    struct proof_wanted wanted = {
        .gaps = covers_matter(table),
        .pairs = table->policy == HIT_UNIQUE || table->policy == HIT_ANY,
        .reach = table->policy == HIT_FIRST || table->policy == HIT_PRIORITY,
        .within = -1};
    if (!findings || !dead) return false;
    proof_rows_check(space, dead);
    if (!wanted.gaps && !wanted.pairs && !wanted.reach) return !space->proof->starved;
    if (wanted.reach && !proof_rows_order(space, &order)) {
        if (space->proof->starved) return false;
        wanted.reach = false;
        proof_add(space->proof, true, space->element, table->line, "",
                  "undecided: outputs of this table are computed, so it is not known which rows "
                  "take precedence: write their values, and compute behind the table");
    }
    wanted.order = order;
    findings->reached = wanted.reach ? proof_take(space->proof, (size_t)table->row_count, 1) : NULL;
    if (wanted.reach && !findings->reached) return false;
    if (!proof_walk(space, &wanted, findings)) return false;
    proof_say_pairs(space, findings, dead);
    if (wanted.reach) proof_rows_unreached(space, order, findings, dead);
    if (wanted.gaps) proof_say_gaps(space, findings);
    proof_say_undecided(space, findings);
    return !space->proof->starved;
}

static void table_prove(struct proof *proof, int element, const struct table *table) {
    struct proof_space space;
    arena_init(&proof->memory, PROOF_MEMORY_BYTES);
    if (proof_space_make(proof, element, table, &space)) {
        if (!table_search(&space)) proof->starved = true;
    } else if (proof->memory.starved) {
        proof->starved = true;
    }
    arena_done(&proof->memory);
}

static void tables_prove(struct proof *proof) {
    const struct program *program = proof->product->program;
    for (int e = 0; e < program->element_count && !proof->starved; e++)
        for (int t = 0; t < program->elements[e].table_count && !proof->starved; t++)
            table_prove(proof, e, program->details[e].tables[t]);
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void gaps_used_check(struct proof *proof) {
    const struct proof_declared *declared = proof->product->declared;
    for (int i = 0; declared && i < declared->gap_count; i++) {
        const struct proof_gap *gap = &declared->gaps[i];
        char place[PROBLEM_PLACE_MAX];
        snprintf(place, sizeof place, "gap of %.100s", gap->table);
        if (!gap->found)
            product_fail(proof->reader, gap->line, place,
                         "no decision or knowledge model of that name has a table: name one that "
                         "has, or remove the gap");
        else if (!gap->used)
            problems_add(proof->reader->problems, true, proof->product->file, gap->line, 0, place,
                         "the table has no gap there: remove what declares it");
    }
}

/* Texts that are read anew see every element by its name. */
static bool scope_make(struct proof *proof) {
    const struct program *program = proof->product->program;
    struct binding *bindings =
        product_take(proof->reader, (size_t)program->element_count, sizeof *bindings);
    if (!bindings) return false;
    for (int i = 0; i < program->element_count; i++) {
        const struct dmn_element *detail = &program->details[i];
        const char *name = detail->name ? detail->name : "";
        bindings[i] = (struct binding){
            .name = name, .name_length = (uint32_t)strlen(name), .type = detail->known};
    }
    proof->scope = (struct scope){.bindings = bindings, .binding_count = program->element_count};
    return true;
}

void proof_run(struct product_reader *reader, const struct product_sources *sources) {
    struct proof proof = {
        .reader = reader, .product = reader->product, .steps = PROOF_STEPS_MAX};
    proof.silent = calloc(1, sizeof *proof.silent);
    if (!proof.silent || !scope_make(&proof)) {
        free(proof.silent);
        reader->status = QUOTE_NO_MEMORY;
        return;
    }
    proof.compiler = (struct compiler){.arena = &proof.memory,
                                       .problems = proof.silent,
                                       .file = reader->product->file,
                                       .place = ""};
    tables_prove(&proof);
    if (!proof.starved) gaps_used_check(&proof);
    if (!proof.starved) proof_tiers(&proof);
    if (!proof.starved) proof_sums(&proof);
    if (!proof.starved) proof_use(&proof, sources);
    free(proof.silent);
    if (proof.starved) reader->status = QUOTE_NO_MEMORY;
}
