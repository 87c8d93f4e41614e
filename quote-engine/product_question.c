/* The questions of product.xml: what each asks, allows and depends on. Checking answers against
 * them is product_answer.c's. */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "product_inside.h"

static bool question_type(const char *element, enum question_type *ret_type) {
    static const struct {
        const char *element;
        enum question_type type;
    } types[] = {
        {"text", QUESTION_TEXT},       {"integer", QUESTION_INTEGER},
        {"decimal", QUESTION_DECIMAL}, {"money", QUESTION_MONEY},
        {"date", QUESTION_DATE},       {"boolean", QUESTION_BOOLEAN},
        {"choice", QUESTION_CHOICE},   {"choices", QUESTION_CHOICES},
        {"records", QUESTION_RECORDS},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].element, element) != 0) continue;
        *ret_type = types[i].type;
        return true;
    }
    return false;
}

static bool boolean_attribute(struct product_reader *reader, const struct xml_element *xml,
                              const char *name, const char *otherwise) {
    const char *text = product_words(reader, product_attribute(xml, name, otherwise));
    return strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
}

static void choices_read(struct product_reader *reader, const struct xml_element *xml,
                         struct product_question *question, const char *place) {
    size_t count = (size_t)xml_count(xml, "option");
    struct product_choice *choices = product_take(reader, count, sizeof *choices);
    if (!choices) return;
    int at = 0;
    for (const struct xml_element *option = xml_child(xml, "option"); option;
         option = xml_next(option), at++) {
        choices[at].code = xml_attribute(option, "code");
        choices[at].label = product_text(reader, xml_child(option, "label"));
        for (int i = 0; i < at; i++)
            if (strcmp(choices[i].code, choices[at].code) == 0)
                product_fail(reader, option->line, place,
                             "option %s stands here twice: give each its own code",
                             choices[at].code);
    }
    question->choices = choices;
    question->choice_count = at;
}

/* Lengths are bounded so that they fit what reads them. */
static int length_attribute(struct product_reader *reader, const struct xml_element *xml,
                            const char *name, const char *place) {
    enum { LENGTH_MAX = 100000 };
    const char *text = xml_attribute(xml, name);
    if (!text) return 0;
    long length = strtol(text, NULL, 10);
    if (length >= 0 && length <= LENGTH_MAX) return (int)length;
    product_fail(reader, xml->line, place, "%s is over %d", name, LENGTH_MAX);
    return 0;
}

static void bounds_check(struct product_reader *reader, const struct product_question *question,
                         int line, const char *place) {
    struct decimal low, high;
    if (question->length_maximum && question->length_minimum > question->length_maximum)
        product_fail(reader, line, place, "length_minimum is over length_maximum");
    if (!question->minimum || !question->maximum || question->type == QUESTION_DATE) return;
    if (decimal_parse(question->minimum, strlen(question->minimum), &low) &&
        decimal_parse(question->maximum, strlen(question->maximum), &high) &&
        decimal_compare(low, high) > 0)
        product_fail(reader, line, place, "minimum is over maximum");
}

static void question_read(struct product_reader *reader, const struct xml_element *xml,
                          struct product_question *question) {
    char place[PROBLEM_PLACE_MAX], why[PROBLEM_TEXT_MAX];
    question_type(xml->name, &question->type);
    question->name = xml_attribute(xml, "name");
    snprintf(place, sizeof place, "question %s", question->name);
    question->required = boolean_attribute(reader, xml, "required", "true");
    question->sensitive = boolean_attribute(reader, xml, "sensitive", "false");
    question->changeable = boolean_attribute(reader, xml, "changeable", "true");
    question->afd = xml_attribute(xml, "afd");
    question->label = product_text(reader, xml_child(xml, "label"));
    question->help = product_text(reader, xml_child(xml, "help"));
    question->minimum = xml_attribute(xml, "minimum");
    question->maximum = xml_attribute(xml, "maximum");
    question->length_minimum = length_attribute(reader, xml, "length_minimum", place);
    question->length_maximum = length_attribute(reader, xml, "length_maximum", place);
    question->fraction_digits =
        (int)strtol(product_attribute(xml, "fraction_digits", "2"), NULL, 10);
    question->pattern = xml_attribute(xml, "pattern");
    question->shown_when = xml_attribute(xml, "shown_when");
    bool starved = false;
    if (question->pattern &&
        !product_pattern_valid(question->pattern, why, sizeof why, &starved))
        product_fail(reader, xml->line, place, "its pattern is no regular expression: %s", why);
    if (starved) reader->product->arena.starved = true;
    choices_read(reader, xml, question, place);
    bounds_check(reader, question, xml->line, place);
    if (question->type == QUESTION_RECORDS) {
        question->questions = product_questions_read(reader, xml_child(xml, "questions"),
                                                     &question->question_count, NULL);
        if (question->length_maximum > PRODUCT_RECORDS_MAX)
            product_fail(reader, xml->line, place, "length_maximum is over %d",
                         PRODUCT_RECORDS_MAX);
    }
}

const struct product_question *product_questions_read(struct product_reader *reader,
                                                      const struct xml_element *parent,
                                                      int *ret_count, int **ret_lines) {
    enum question_type type;
    size_t count = 0;
    int at = 0;
    for (const struct xml_element *xml = parent->first; xml; xml = xml->next) count++;
    struct product_question *questions = product_take(reader, count, sizeof *questions);
    int *lines = product_take(reader, count, sizeof *lines);
    if (!questions || !lines) return NULL;
    for (const struct xml_element *xml = parent->first; xml; xml = xml->next) {
        if (!question_type(xml->name, &type)) continue;
        question_read(reader, xml, &questions[at]);
        lines[at] = xml->line;
        char place[PROBLEM_PLACE_MAX];
        snprintf(place, sizeof place, "question %s", questions[at].name);
        if (product_question_find(questions, at, questions[at].name, strlen(questions[at].name)))
            product_fail(reader, xml->line, place,
                         "two questions have this name: give each its own");
        if (strcmp(questions[at].name, PRODUCT_EFFECTIVE_DATE) == 0)
            product_fail(reader, xml->line, place,
                         "this name is kept for the day that cover starts, which every quote has: "
                         "choose another");
        if (questions[at].shown_when)
            questions[at].condition = product_condition_compile(
                reader, questions, at, questions[at].shown_when, xml->line, place);
        at++;
    }
    *ret_count = at;
    if (ret_lines) *ret_lines = lines;
    return questions;
}

bool product_question_sensitive(const struct product_question *question) {
    for (int i = 0; i < question->question_count; i++)
        if (question->questions[i].sensitive) return true;
    return question->sensitive;
}

const struct product_question *product_question_find(const struct product_question *questions,
                                                     int count, const char *name, size_t length) {
    for (int i = 0; i < count; i++)
        if (strlen(questions[i].name) == length && memcmp(questions[i].name, name, length) == 0)
            return &questions[i];
    return NULL;
}
