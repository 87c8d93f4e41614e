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

/* ---- options that a condition names -------------------------------------------------------- */

/* What the texts that follow in a condition are compared with. */
struct option_walk {
    struct product_reader *reader;
    const struct product_question *questions;
    int question_count, line;
    const char *place;
    const struct product_question *subject; /* a question with options, or NULL */
    bool compared;                          /* `subject` and a sign that compares were read */
    bool listed;                            /* and texts of a list are compared with it */
    const char *literal;                    /* a text that may yet be compared, or NULL */
    size_t literal_length;
};

static void option_check(struct option_walk *walk, const struct product_question *question,
                         const char *code, size_t length) {
    for (int i = 0; i < question->choice_count; i++)
        if (strlen(question->choices[i].code) == length &&
            memcmp(question->choices[i].code, code, length) == 0)
            return;
    product_fail(walk->reader, walk->line, walk->place,
                 "the condition names \"%.*s\", which is none of the options of %s",
                 (int)(length < 64 ? length : 64), code, question->name);
}

static void walk_reset(struct option_walk *walk) {
    walk->subject = NULL;
    walk->literal = NULL;
    walk->compared = walk->listed = false;
}

static void walk_literal(struct option_walk *walk, const char *text, size_t length) {
    bool plain = !memchr(text, '\\', length), listed = walk->listed;
    const struct product_question *subject = walk->compared ? walk->subject : NULL;
    if (subject && plain) option_check(walk, subject, text, length);
    if (subject && listed) return;
    walk_reset(walk);
    if (!subject && plain) {
        walk->literal = text;
        walk->literal_length = length;
    }
}

static void walk_word(struct option_walk *walk, const char *word, size_t length) {
    if (length == 2 && memcmp(word, "in", 2) == 0 && walk->subject) {
        walk->compared = walk->listed = true;
        return;
    }
    const struct product_question *question =
        product_question_find(walk->questions, walk->question_count, word, length);
    if (question && !question->choice_count) question = NULL;
    if (question && walk->literal && walk->compared)
        option_check(walk, question, walk->literal, walk->literal_length);
    walk_reset(walk);
    walk->subject = question;
}

/* Finds texts that are compared with a question (=, !=, in a list, a member of its choices) and are
 * none of its options: such a condition never comes true, or always. */
static void options_check(struct option_walk *walk, const char *text) {
    while (*text) {
        size_t length = 0;
        while (is_name_character(text[length]) || (text[length] >= 'A' && text[length] <= 'Z'))
            length++;
        if (length) {
            walk_word(walk, text, length);
        } else if (*text == '"') {
            const char *end = text + 1;
            while (*end && *end != '"') end += *end == '\\' && end[1] ? 2 : 1;
            walk_literal(walk, text + 1, (size_t)(end - text - 1));
            length = (size_t)(end - text) + (*end == '"');
        } else {
            length = 1;
            if (*text == '=' && (walk->subject || walk->literal)) walk->compared = true;
            else if (*text == ',' && walk->subject && walk->subject->type == QUESTION_CHOICES)
                walk->compared = true;
            else if (!strchr(" \t\r\n!", *text) && !(walk->listed && strchr("([,", *text)))
                walk_reset(walk);
        }
        text += length;
    }
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
    if (condition->code) {
        struct option_walk walk = {.reader = reader,
                                   .questions = questions,
                                   .question_count = question_count,
                                   .line = line,
                                   .place = place};
        if (reader->proving) options_check(&walk, text);
        return condition;
    }
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
    struct evaluation evaluation = {.scratch = scratch, .moment = moment, .element = -1,
                                    .steps_left = scratch->steps_max};
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
