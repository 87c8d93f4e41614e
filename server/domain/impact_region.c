/* Regions: a decision of the tariff, evaluated by a plan of its own, or an answer. And whether two
 * products ask the same questions. */
#include <stdio.h>
#include <string.h>

#include "domain/impact_inside.h"
#include "message/record.h"

static const char effective_date_name[] = "effective_date";

/* ---- finding where it comes from ------------------------------------------------------------ */
static const struct product_question *question_find(const struct product_info *info,
                                                    const char *name) {
    for (int i = 0; i < info->question_count; i++) {
        const struct product_question *question = &info->questions[i];
        bool single = question->type == QUESTION_TEXT || question->type == QUESTION_CHOICE ||
                      question->type == QUESTION_INTEGER || question->type == QUESTION_BOOLEAN;
        if (single && !question->sensitive && strcmp(question->name, name) == 0) return question;
    }
    return NULL;
}

static int plan_of(const struct program *program, int decision, struct error *error,
                   struct impact_region *region) {
    for (int i = 0; i < program_element_count(program); i++) {
        const struct element *element = program_element(program, i);
        if (element->kind != ELEMENT_INPUT) continue;
        if (region->input_count == PLAN_INPUTS_MAX)
            return error_set(error, ERROR_TOO_LARGE, "the tariff has more than %d inputs",
                             PLAN_INPUTS_MAX);
        region->inputs[region->input_count++] = element->qualified_name;
    }
    const int decisions[] = {decision};
    if (plan_make(program, decisions, 1, region->inputs, region->input_count, NULL,
                  &region->plan))
        return error_set(error, ERROR_INVALID, "decision %s cannot serve as the region",
                         program_element(program, decision)->name);
    return 0;
}

static int decision_take(const struct product_version *base, const char *name,
                         struct error *error, struct impact_region *region) {
    const struct program *program = product_program(base->product);
    int decision = program_find(program, ELEMENT_DECISION, name);
    if (decision < 0) return ERROR_NOT_FOUND;
    snprintf(region->place, sizeof region->place, "decision %s", name);
    return plan_of(program, decision, error, region);
}

static int question_take(const struct product_version *base, const char *name,
                         struct impact_region *region) {
    region->question = question_find(product_info(base->product), name);
    if (!region->question) return ERROR_NOT_FOUND;
    snprintf(region->place, sizeof region->place, "question %s", name);
    return 0;
}

int impact_region_make(const struct product_version *base, const char *name, struct error *error,
                       struct impact_region *ret_region) {
    *ret_region = (struct impact_region){.input_count = 0};
    int status = decision_take(base, name ? name : "Region", error, ret_region);
    if (status == ERROR_NOT_FOUND)
        status = question_take(base, name ? name : "region", ret_region);
    if (status != ERROR_NOT_FOUND) return status;
    if (name)
        return error_set(error, ERROR_NOT_FOUND,
                         "%s, version %d, has no decision and no single question '%.60s': name "
                         "one as the region",
                         base->name, base->number, name);
    question_take(base, "postcode", ret_region);
    return 0;
}

void impact_region_done(struct impact_region *region) {
    plan_free(region->plan);
    region->plan = NULL;
}

/* ---- the region of answers ------------------------------------------------------------------ */
static const char *text_of(const struct value *value, int characters, struct scratch *scratch) {
    struct value text;
    if (value->kind == VALUE_NULL || !value_to_text(value, scratch, &text)) return NULL;
    size_t length = 0;
    while (length < text.length && characters) {
        length++;
        while (length < text.length && ((unsigned char)text.text[length] & 0xc0) == 0x80) length++;
        characters--;
    }
    char *copied = scratch_take(scratch, length + 1);
    if (!copied) return NULL;
    if (length) memcpy(copied, text.text, length);
    copied[length] = '\0';
    return length ? copied : NULL;
}

const char *impact_region_of(const struct impact_region *region, const struct value *answers,
                             const struct value_date *effective_date,
                             const struct moment *moment, struct scratch *scratch) {
    if (region->question) {
        const struct value *answer = record_get(answers, region->question->name);
        bool whole = region->question->type != QUESTION_TEXT;
        return answer ? text_of(answer, whole ? IMPACT_KEY_MAX : IMPACT_REGION_CHARACTERS, scratch)
                      : NULL;
    }
    if (!region->plan) return NULL;
    struct value result;
    size_t room = (size_t)(region->input_count ? region->input_count : 1);
    struct value *inputs = scratch_take(scratch, room * sizeof *inputs);
    if (!inputs) return NULL;
    for (int i = 0; i < region->input_count; i++) {
        const struct value *answer = record_get(answers, region->inputs[i]);
        inputs[i] = answer ? *answer : value_null();
        if (strcmp(region->inputs[i], effective_date_name) == 0)
            inputs[i] = value_date(effective_date->year, effective_date->month,
                                   effective_date->day);
    }
    if (plan_evaluate(region->plan, inputs, moment, scratch, NULL, NULL, &result)) return NULL;
    return text_of(&result, IMPACT_KEY_MAX, scratch);
}

/* ---- the same questions --------------------------------------------------------------------- */
static bool texts_same(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool choices_same(const struct product_question *a, const struct product_question *b) {
    if (a->choice_count != b->choice_count) return false;
    for (int i = 0; i < a->choice_count; i++)
        if (strcmp(a->choices[i].code, b->choices[i].code) != 0) return false;
    return true;
}

static bool question_same(const struct product_question *a, const struct product_question *b) {
    return strcmp(a->name, b->name) == 0 && a->type == b->type && a->required == b->required &&
           texts_same(a->minimum, b->minimum) && texts_same(a->maximum, b->maximum) &&
           a->length_minimum == b->length_minimum && a->length_maximum == b->length_maximum &&
           a->fraction_digits == b->fraction_digits && texts_same(a->pattern, b->pattern) &&
           texts_same(a->shown_when, b->shown_when) && choices_same(a, b) &&
           a->question_count == b->question_count;
}

bool impact_questions_same(const struct product_info *a, const struct product_info *b) {
    if (a->question_count != b->question_count) return false;
    for (int i = 0; i < a->question_count; i++) {
        const struct product_question *one = &a->questions[i], *other = &b->questions[i];
        if (!question_same(one, other)) return false;
        for (int j = 0; j < one->question_count; j++) /* of a record: they hold no records */
            if (!question_same(&one->questions[j], &other->questions[j])) return false;
    }
    return true;
}
