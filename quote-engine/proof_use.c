/* What a product asks, declares or computes and nothing uses, and cases whose own lines do not add
 * up. All but the last are warnings: such a product computes what it says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "proof.h"

/* ---- elements that a quote needs ------------------------------------------------------------ */

static bool element_need(const struct program *program, const char *name, uint8_t *needed) {
    int decision = name ? program_find(program, ELEMENT_DECISION, name) : -1;
    if (decision < 0) return false;
    needed[decision] = 1;
    for (int i = 0; i < program->element_count; i++)
        if (dmn_needs(&program->details[decision], i)) needed[i] = 1;
    return true;
}

/* Marks all elements that acceptance and premium rest on. False when one of them is not there. */
static bool elements_need(const struct product *product, uint8_t *needed) {
    bool all = element_need(product->program, product->acceptance_name, needed);
    for (int i = 0; i < product->info.cover_count; i++)
        all &= element_need(product->program, product->cover_rules[i].decision_name, needed);
    for (int i = 0; i < product->rules.adjustment_count; i++)
        all &= element_need(product->program, product->adjustments[i].decision_name, needed);
    return all;
}

/* ---- words in texts ------------------------------------------------------------------------- */

static bool is_word_character(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '_';
}

static bool text_has_word(const char *text, size_t size, const char *word) {
    size_t length = strlen(word);
    const char *end = text + size;
    for (const char *at = text; (at = memmem(at, (size_t)(end - at), word, length)); at++)
        if ((at == text || !is_word_character(at[-1])) &&
            (at + length == end || !is_word_character(at[length])))
            return true;
    return false;
}

/* Does a literal of that text stand in a model? Its quotes may be written as XML has them. */
static bool models_have_literal(const struct product_sources *sources, const char *text) {
    for (size_t i = 0; i < sources->model_count; i++) {
        const struct source *model = &sources->models[i];
        const char *end = model->text + model->length;
        size_t length = strlen(text);
        for (const char *at = model->text; (at = memmem(at, (size_t)(end - at), text, length));
             at++) {
            bool before = (at > model->text && at[-1] == '"') ||
                          (at - model->text >= 6 && memcmp(at - 6, "&quot;", 6) == 0);
            bool behind = (at + length < end && at[length] == '"') ||
                          ((size_t)(end - at) >= length + 6 &&
                           memcmp(at + length, "&quot;", 6) == 0);
            if (before && behind) return true;
        }
    }
    return false;
}

/* ---- questions, inputs, reasons ------------------------------------------------------------- */

static void warn(struct product_reader *reader, const char *file, int line, const char *place,
                 const char *text) {
    problems_add(reader->problems, true, file, line, 0, place, "%s", text);
}

static bool conditions_use(const struct product *product, const char *name) {
    const struct product_info *info = &product->info;
    for (int i = 0; i < info->question_count; i++) {
        const char *condition = info->questions[i].shown_when;
        if (condition && text_has_word(condition, strlen(condition), name)) return true;
    }
    for (int i = 0; i < info->cover_count; i++) {
        const char *condition = product->cover_rules[i].taken_when_text;
        if (condition && text_has_word(condition, strlen(condition), name)) return true;
    }
    return false;
}

static bool input_needed(const struct product *product, const char *name, const uint8_t *needed) {
    int input = program_find(product->program, ELEMENT_INPUT, name);
    return input >= 0 && needed[input];
}

static bool models_use(const struct product_sources *sources, const char *name) {
    for (size_t i = 0; i < sources->model_count; i++)
        if (text_has_word(sources->models[i].text, sources->models[i].length, name)) return true;
    return false;
}

/* The questions of a record: the model has them as parts of the list. */
static void record_use(struct product_reader *reader, const struct product_sources *sources,
                       const struct product_question *records, int line) {
    for (int i = 0; i < records->question_count; i++) {
        const struct product_question *question = &records->questions[i];
        bool shown = false;
        char place[PROBLEM_PLACE_MAX];
        for (int j = 0; j < records->question_count && !shown; j++) {
            const char *condition = records->questions[j].shown_when;
            shown = condition && text_has_word(condition, strlen(condition), question->name);
        }
        if (shown || question->afd || question->sensitive || models_use(sources, question->name))
            continue;
        snprintf(place, sizeof place, "question %.80s of %.80s", question->name, records->name);
        warn(reader, reader->product->file, line, place,
             "no decision and no condition uses it: remove it, or give its AFD name if it is asked "
             "for the policy alone");
    }
}

static void questions_use(struct product_reader *reader, const struct product_sources *sources,
                          const uint8_t *needed) {
    const struct product *product = reader->product;
    for (int i = 0; i < product->info.question_count; i++) {
        const struct product_question *question = &product->info.questions[i];
        int line = product->question_lines[i];
        char place[PROBLEM_PLACE_MAX];
        if (question->type == QUESTION_RECORDS) record_use(reader, sources, question, line);
        if (input_needed(product, question->name, needed) || question->afd ||
            conditions_use(product, question->name))
            continue;
        snprintf(place, sizeof place, "question %.80s", question->name);
        warn(reader, product->file, line, place,
             "no decision and no condition uses it: remove it, or give its AFD name if it is asked "
             "for the policy alone");
    }
}

static void inputs_use(struct product_reader *reader, const uint8_t *needed) {
    const struct program *program = reader->product->program;
    for (int i = 0; i < program->element_count; i++) {
        bool required = needed[i];
        char place[PROBLEM_PLACE_MAX];
        if (program->elements[i].kind != ELEMENT_INPUT) continue;
        for (int j = 0; j < program->element_count && !required; j++)
            for (int k = 0; k < program->elements[j].require_count && !required; k++)
                required = program->elements[j].requires[k] == i;
        if (required) continue;
        snprintf(place, sizeof place, "input %.120s", program->elements[i].name);
        warn(reader, proof_file(reader->product, i), program->details[i].line, place,
             "no decision requires it: remove it from the model, or draw its requirement");
    }
}

static void reasons_use(struct product_reader *reader, const struct product_sources *sources) {
    const struct product *product = reader->product;
    for (int i = 0; i < product->reason_count; i++) {
        char place[PROBLEM_PLACE_MAX];
        if (models_have_literal(sources, product->reasons[i].code)) continue;
        snprintf(place, sizeof place, "reason %.80s", product->reasons[i].code);
        warn(reader, product->file, product->reasons[i].line, place,
             "no row and no expression gives it: remove it, or give it in the acceptance decision");
    }
}

static bool never_true(const struct product_condition *condition) {
    const struct value *value = condition ? code_constant(condition->code) : NULL;
    return value && !(value->kind == VALUE_BOOLEAN && value->boolean);
}

/* Conditions that are false, or null, whatever the answers are. */
static void conditions_check(struct product_reader *reader) {
    const struct product *product = reader->product;
    char place[PROBLEM_PLACE_MAX];
    for (int i = 0; i < product->info.question_count; i++) {
        if (!never_true(product->info.questions[i].condition)) continue;
        snprintf(place, sizeof place, "question %.80s", product->info.questions[i].name);
        warn(reader, product->file, product->question_lines[i], place,
             "its shown_when never comes true, so it is never asked: mend it, or remove it");
    }
    for (int i = 0; i < product->info.cover_count; i++) {
        if (!never_true(product->cover_rules[i].taken_when)) continue;
        snprintf(place, sizeof place, "cover %.80s", product->info.covers[i].code);
        warn(reader, product->file, product->cover_rules[i].line, place,
             "its taken_when never comes true, so it is never taken: mend it, or remove the cover");
    }
}

/* Explanations name what the model computes: in a product that names it in both languages, what
 * was forgotten stands in the model's language for all. */
static void names_use(struct product_reader *reader, const uint8_t *needed) {
    const struct product *product = reader->product;
    if (!product->name_count || !product->model_language) return;
    for (int e = 0; e < product->program->element_count; e++) {
        const struct element *element = &product->program->elements[e];
        bool named = element->kind != ELEMENT_DECISION || !needed[e];
        char place[PROBLEM_PLACE_MAX];
        for (int i = 0; i < product->name_count && !named; i++)
            named = strcmp(product->names[i].of, element->name) == 0;
        if (named) continue;
        snprintf(place, sizeof place, "decision %.120s", element->name);
        warn(reader, proof_file(product, e), product->program->details[e].line, place,
             "it has no name in product.xml, so explanations call it by the model's in every "
             "language: add a name in Dutch and English");
    }
}

void proof_use(struct proof *proof, const struct product_sources *sources) {
    const struct product *product = proof->product;
    uint8_t *needed = calloc((size_t)product->program->element_count + 1, 1);
    if (!needed) {
        proof->starved = true;
        return;
    }
    /* Where a decision is missing, what it would use is not known. */
    if (elements_need(product, needed)) questions_use(proof->reader, sources, needed);
    inputs_use(proof->reader, needed);
    conditions_check(proof->reader);
    names_use(proof->reader, needed);
    reasons_use(proof->reader, sources);
    free(needed);
}

/* ---- decisions that neither a quote nor a case needs ---------------------------------------- */

static void decisions_use(const struct product *product, const struct cases *cases,
                          struct problems *problems) {
    const struct program *program = product->program;
    uint8_t *needed = calloc((size_t)program->element_count + 1, 1);
    if (!needed) return; /* a warning less */
    elements_need(product, needed);
    for (int i = 0; i < cases->count; i++)
        for (int j = 0; j < cases->items[i].result_count; j++)
            element_need(program, cases->items[i].results[j].name, needed);
    for (int i = 0; i < program->element_count; i++) {
        char place[PROBLEM_PLACE_MAX];
        const struct element *element = &program->elements[i];
        if (needed[i] || element->kind == ELEMENT_INPUT || element->kind == ELEMENT_SERVICE)
            continue;
        bool decision = element->kind == ELEMENT_DECISION;
        snprintf(place, sizeof place, "%s %.120s",
                 decision ? "decision" : "businessKnowledgeModel", element->name);
        problems_add(problems, true, proof_file(product, i), program->details[i].line, 0, place,
                     "no cover, adjustment or acceptance needs it, and no case checks it: remove "
                     "it, or draw the requirement that is missing");
    }
    free(needed);
}

/* ---- cases that contradict themselves ------------------------------------------------------- */

static const struct cases_result *result_find(const struct cases_case *item, const char *name) {
    for (int i = 0; i < item->result_count; i++)
        if (strcmp(item->results[i].name, name) == 0) return &item->results[i];
    return NULL;
}

/* What the case expects of one line of a cover: 0 where it expects that it is not taken. */
static bool cover_amount(const struct cases_case *item, const char *code, const char *part,
                         struct decimal *ret_amount) {
    char name[PRODUCT_CODE_MAX + 64];
    snprintf(name, sizeof name, "premium.covers.%.64s", code);
    const struct cases_result *cover = result_find(item, name);
    *ret_amount = decimal_from_int64(0);
    if (cover && cover->expected.kind == VALUE_NULL) return true;
    snprintf(name, sizeof name, "premium.covers.%.64s.%s", code, part);
    const struct cases_result *line = result_find(item, name);
    if (!line || line->expected.kind != VALUE_NUMBER) return false;
    *ret_amount = line->expected.number;
    return true;
}

static void covers_sum(const struct product *product, const struct cases_case *item,
                       const char *part, const char *file, struct problems *problems) {
    char name[64], place[PROBLEM_PLACE_MAX], said[PROOF_VALUE_MAX], summed[PROOF_VALUE_MAX];
    struct decimal sum = decimal_from_int64(0), amount;
    snprintf(name, sizeof name, "premium.%s", part);
    const struct cases_result *total = result_find(item, name);
    if (!total || total->expected.kind != VALUE_NUMBER) return;
    for (int i = 0; i < product->info.cover_count; i++)
        if (!cover_amount(item, product->info.covers[i].code, part, &amount) ||
            !decimal_add(sum, amount, &sum))
            return;
    if (decimal_equal(sum, total->expected.number)) return;
    struct value value = value_number(sum);
    proof_say_value(&value, summed);
    proof_say_value(&total->expected, said);
    snprintf(place, sizeof place, "case %.40s", item->id);
    problems_add(problems, false, file, total->line, 0, place,
                 "%s is %s, but the covers that the case expects come to %s: mend the case", name,
                 said, summed);
}

static void tax_sum(const struct cases_case *item, const char *of, const char *file,
                    struct problems *problems) {
    static const char *const parts[] = {"net", "tax", "total"};
    const struct cases_result *lines[3];
    struct decimal sum;
    char place[PROBLEM_PLACE_MAX], summed[PROOF_VALUE_MAX], said[PROOF_VALUE_MAX];
    for (int i = 0; i < 3; i++) {
        char name[PRODUCT_CODE_MAX + 64];
        snprintf(name, sizeof name, "%.100s.%s", of, parts[i]);
        lines[i] = result_find(item, name);
        if (!lines[i] || lines[i]->expected.kind != VALUE_NUMBER) return;
    }
    if (!decimal_add(lines[0]->expected.number, lines[1]->expected.number, &sum) ||
        decimal_equal(sum, lines[2]->expected.number))
        return;
    struct value value = value_number(sum);
    proof_say_value(&value, summed);
    proof_say_value(&lines[2]->expected, said);
    snprintf(place, sizeof place, "case %.40s", item->id);
    problems_add(problems, false, file, lines[2]->line, 0, place,
                 "%.100s.total is %s, but the net and tax that the case expects come to %s: mend "
                 "the case", of, said, summed);
}

void proof_cases(const struct product *product, const struct cases *cases, const char *file,
                 struct problems *problems) {
    for (int i = 0; i < cases->count; i++) {
        const struct cases_case *item = &cases->items[i];
        covers_sum(product, item, "net", file, problems);
        covers_sum(product, item, "tax", file, problems);
        covers_sum(product, item, "total", file, problems);
        tax_sum(item, "premium", file, problems);
        for (int j = 0; j < product->info.cover_count; j++) {
            char of[PRODUCT_CODE_MAX + 32];
            snprintf(of, sizeof of, "premium.covers.%.64s", product->info.covers[j].code);
            tax_sum(item, of, file, problems);
        }
    }
    decisions_use(product, cases, problems);
}
