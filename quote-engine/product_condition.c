/* FEEL conditions over answers: when a question is shown, when a cover is taken. A condition's
 * frame holds only the names that it uses, so that running one costs little however many questions
 * there are. */
#include <stdio.h>
#include <string.h>

#include "feel.h"
#include "product_inside.h"

static bool is_name_character(char character) {
    return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') ||
           character == '_';
}

/* Does `name` stand in the text as a word? In a string it may too: then it is bound for nothing. */
static bool text_has_word(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *at = strstr(text, name); at; at = strstr(at + 1, name))
        if ((at == text || !is_name_character(at[-1])) && !is_name_character(at[length]))
            return true;
    return false;
}

static const struct type *question_value_type(enum question_type type) {
    switch (type) {
    case QUESTION_TEXT:
    case QUESTION_CHOICE: return type_builtin(TYPE_TEXT);
    case QUESTION_INTEGER:
    case QUESTION_DECIMAL:
    case QUESTION_MONEY: return type_builtin(TYPE_NUMBER);
    case QUESTION_DATE: return type_builtin(TYPE_DATE);
    case QUESTION_BOOLEAN: return type_builtin(TYPE_BOOLEAN);
    case QUESTION_CHOICES:
    case QUESTION_RECORDS: break;
    }
    return type_builtin(TYPE_ANY);
}

static bool name_bind(struct product_condition *condition, struct binding *bindings,
                      const char *name, const struct type *type) {
    if (condition->name_count == CONDITION_NAMES_MAX) return false;
    bindings[condition->name_count] =
        (struct binding){.name = name, .name_length = (uint32_t)strlen(name), .type = type};
    condition->names[condition->name_count++] = name;
    return true;
}

const struct product_condition *product_condition_compile(
    struct product_reader *reader, const struct product_question *questions, int question_count,
    const char *text, int line, const char *place) {
    struct product_condition *condition = product_take(reader, 1, sizeof *condition);
    struct binding *bindings = product_take(reader, CONDITION_NAMES_MAX, sizeof *bindings);
    if (!condition || !bindings) return NULL;
    condition->text = text;
    if (text_has_word(text, PRODUCT_EFFECTIVE_DATE))
        name_bind(condition, bindings, PRODUCT_EFFECTIVE_DATE, type_builtin(TYPE_DATE));
    for (int i = 0; i < question_count; i++) {
        if (!text_has_word(text, questions[i].name)) continue;
        if (!name_bind(condition, bindings, questions[i].name,
                       question_value_type(questions[i].type))) {
            product_fail(reader, line, place, "this condition names more than %d questions",
                         CONDITION_NAMES_MAX);
            return NULL;
        }
    }
    struct scope scope = {.bindings = bindings, .binding_count = condition->name_count};
    struct compiler compiler = {.arena = &reader->product->arena,
                                .problems = reader->problems,
                                .file = reader->product->file,
                                .place = place};
    struct node *node = feel_parse(&compiler, &scope, text, strlen(text), line);
    condition->code = node ? feel_compile(&compiler, &scope, node) : NULL;
    if (condition->code) return condition;
    product_fail(reader, line, place,
                 "the condition %.100s is refused: it can use " PRODUCT_EFFECTIVE_DATE
                 " and %s",
                 text, question_count ? "the questions before it" : "no question, being the first");
    return NULL;
}

int product_condition_holds(const struct product_condition *condition,
                            const struct value *answers, const struct value_date *effective_date,
                            const struct moment *moment, struct scratch *scratch,
                            bool *ret_holds) {
    struct value slots[CONDITION_NAMES_MAX], result = value_null();
    for (int i = 0; i < condition->name_count; i++) {
        const char *name = condition->names[i];
        const struct value *answer = value_entry_find(answers, name, strlen(name));
        slots[i] = answer ? *answer : value_null();
        if (strcmp(name, PRODUCT_EFFECTIVE_DATE) == 0)
            slots[i] = value_date(effective_date->year, effective_date->month,
                                  effective_date->day);
    }
    struct frame frame = {.slots = slots};
    struct evaluation evaluation = {.scratch = scratch, .moment = moment, .element = -1};
    code_run(condition->code, &evaluation, &frame, &result);
    if (evaluation.status != QUOTE_OK) return evaluation.status;
    *ret_holds = result.kind == VALUE_BOOLEAN && result.boolean;
    return QUOTE_OK;
}

bool product_question_shown(const struct product *product, const struct product_question *question,
                            const struct value *answers, const struct value_date *effective_date,
                            const struct moment *moment, struct scratch *scratch) {
    (void)product;
    bool shown = false;
    if (!question->condition) return true;
    return product_condition_holds(question->condition, answers, effective_date, moment, scratch,
                                   &shown) == QUOTE_OK && shown;
}
