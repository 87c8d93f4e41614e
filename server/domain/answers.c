/* Checks answers in two passes. The first takes each by itself, by descriptors. Only when all of
 * them are sound do conditions make sense: the second pass asks of each conditional question
 * whether it is shown, refuses answers to those that are not, and misses those that are. */
#include "domain/answers.h"

#include <stdio.h>
#include <string.h>

static bool applies(const struct answers_check *check, const struct product_question *question,
                    const struct value *answers) {
    if (!question->shown_when) return true;
    /* What the evaluation takes from scratch is not needed behind it. */
    char *at = check->scratch->at;
    bool shown = product_question_shown(check->version->product, question, answers,
                                        check->effective_date, check->moment, check->scratch);
    check->scratch->at = at;
    return shown;
}

static void add_not_applicable(const struct answers_check *check, const char *pointer,
                               const struct product_question *question) {
    char place[FIELD_POINTER_MAX];
    snprintf(place, sizeof place, "%.180s/%s", pointer, question->name);
    field_fault_add(check->faults, place, "not_applicable",
                    check->language == LANGUAGE_EN
                        ? "\"%.120s\" does not apply to the other answers: leave it out."
                        : "\"%.120s\" past niet bij de andere antwoorden: laat dit weg.",
                    text_in(&question->label, check->language));
}

/* Says that an answer is missing in the words of all other checks. */
static void add_required(const struct answers_check *check, const char *pointer,
                         const struct field *field) {
    struct field required = *field;
    struct value none = value_context(NULL, 0), unused;
    required.required = true;
    field_check_record(&(struct field_check){.language = check->language,
                                             .lexical = check->lexical,
                                             .pointer = pointer,
                                             .scratch = check->scratch,
                                             .faults = check->faults},
                       &required, 1, &none, &unused);
}

static void check_repeats(const struct answers_check *check, const char *pointer,
                          const struct product_question *question, const struct value *codes) {
    for (uint32_t i = 1; i < codes->length; i++) {
        for (uint32_t j = 0; j < i; j++) {
            const struct value *a = &codes->items[i], *b = &codes->items[j];
            if (a->length != b->length || memcmp(a->text, b->text, a->length) != 0) continue;
            char place[FIELD_POINTER_MAX];
            snprintf(place, sizeof place, "%.170s/%s/%u", pointer, question->name, (unsigned)i);
            field_fault_add(check->faults, place, "repeated",
                            check->language == LANGUAGE_EN
                                ? "\"%.*s\" was chosen already: give each choice once."
                                : "\"%.*s\" is al gekozen: geef elke keuze één keer.",
                            (int)(a->length < 80 ? a->length : 80), a->text);
            return; /* one fault suffices, and bounds the work */
        }
    }
}

static void check_shown(const struct answers_check *check, const char *pointer,
                        const struct product_question *questions, const struct field *fields,
                        int count, const struct value *answers) {
    for (int i = 0; i < count; i++) {
        const struct product_question *question = &questions[i];
        const struct value *given =
            value_entry_find(answers, question->name, strlen(question->name));
        bool shown = applies(check, question, answers);
        if (given && !shown) add_not_applicable(check, pointer, question);
        if (!given && shown && question->required && question->shown_when)
            add_required(check, pointer, &fields[i]);
        if (!given || !shown) continue;
        if (question->type == QUESTION_CHOICES) check_repeats(check, pointer, question, given);
        if (question->type != QUESTION_RECORDS) continue;
        for (uint32_t item = 0; item < given->length; item++) {
            char place[FIELD_POINTER_MAX];
            snprintf(place, sizeof place, "%.170s/%s/%u", pointer, question->name, (unsigned)item);
            check_shown(check, place, question->questions, fields[i].fields->fields,
                        question->question_count, &given->items[item]);
        }
    }
}

/* 1.50 and 1.5 are one answer: they must not differ in any tariff, nor in a quote's bytes. The
 * values lie in scratch, made by field_check_record, so that they may be written. */
static void make_canonical(struct value *value) {
    if (value->kind == VALUE_NUMBER) value->number = decimal_canonical(value->number);
    if (value->kind == VALUE_LIST)
        for (uint32_t i = 0; i < value->length; i++)
            make_canonical((struct value *)&value->items[i]);
    if (value->kind == VALUE_CONTEXT)
        for (uint32_t i = 0; i < value->length; i++)
            make_canonical((struct value *)&value->entries[i].value);
}

bool answers_check(const struct answers_check *check, struct value *ret_answers) {
    const struct product_info *info = product_info(check->version->product);
    const struct field *fields =
        question_fields_on(&check->version->fields, check->effective_date, check->scratch);
    if (!fields) return false;
    struct field record = {.name = "answers",
                           .type = FIELD_RECORD,
                           .label = {"antwoorden", "answers"},
                           .fields = fields,
                           .field_count = info->question_count};
    struct field_check first = {.language = check->language,
                                .lexical = check->lexical,
                                .pointer = "/answers",
                                .scratch = check->scratch,
                                .faults = check->faults};
    struct value answers;
    if (!field_check_value(&first, &record, check->answers, &answers)) return false;
    int before = check->faults->count;
    check_shown(check, "/answers", info->questions, fields, info->question_count, &answers);
    if (check->faults->count > before || check->faults->more) return false;
    make_canonical(&answers);
    *ret_answers = answers;
    return true;
}

void answers_write(const struct product_version *version, const struct value *answers,
                   struct buffer *buffer) {
    field_encode_json(version->fields.fields, version->fields.count, answers, buffer);
}
