/* Do the answers that other programs send still fit a newer edition of a product? Ranges, lengths
 * and patterns are left out: what is accepted may become stricter under one interface, what is
 * asked may not. */
#include <stdio.h>
#include <string.h>

#include "product_inside.h"

struct comparing {
    const struct product *newer;
    struct problems *problems;
    int found;
};

static void say(struct comparing *comparing, int line, const char *question, const char *text) {
    char place[PROBLEM_PLACE_MAX];
    snprintf(place, sizeof place, "question %s", question);
    problems_add(comparing->problems, false, comparing->newer->file, line, 0, place,
                 "%s: raise the product's interface from %d, or leave it as it was", text,
                 comparing->newer->info.interface);
    comparing->found++;
}

static const char *const type_names[] = {
    [QUESTION_TEXT] = "text",       [QUESTION_INTEGER] = "integer", [QUESTION_DECIMAL] = "decimal",
    [QUESTION_MONEY] = "money",     [QUESTION_DATE] = "date",       [QUESTION_BOOLEAN] = "boolean",
    [QUESTION_CHOICE] = "choice",   [QUESTION_CHOICES] = "choices",
    [QUESTION_RECORDS] = "records",
};

static void choices_compare(struct comparing *comparing, const struct product_question *older,
                            const struct product_question *newer, int line) {
    for (int i = 0; i < older->choice_count; i++) {
        bool kept = false;
        for (int j = 0; j < newer->choice_count; j++)
            if (strcmp(older->choices[i].code, newer->choices[j].code) == 0) kept = true;
        if (kept) continue;
        char text[PROBLEM_TEXT_MAX];
        snprintf(text, sizeof text, "the version in force has the option %.64s, which is gone",
                 older->choices[i].code);
        say(comparing, line, newer->name, text);
    }
}

static void questions_compare(struct comparing *comparing, const struct product_question *older,
                              int older_count, const struct product_question *newer,
                              int newer_count, const int *lines);

static void question_compare(struct comparing *comparing, const struct product_question *older,
                             const struct product_question *newer, int line) {
    char text[PROBLEM_TEXT_MAX];
    if (older->type != newer->type) {
        snprintf(text, sizeof text, "its type was %s and is %s", type_names[older->type],
                 type_names[newer->type]);
        say(comparing, line, newer->name, text);
        return;
    }
    if (newer->required && !older->required)
        say(comparing, line, newer->name, "it was optional and is required");
    choices_compare(comparing, older, newer, line);
    questions_compare(comparing, older->questions, older->question_count, newer->questions,
                      newer->question_count, NULL);
}

static void questions_compare(struct comparing *comparing, const struct product_question *older,
                              int older_count, const struct product_question *newer,
                              int newer_count, const int *lines) {
    for (int i = 0; i < older_count; i++)
        if (!product_question_find(newer, newer_count, older[i].name, strlen(older[i].name)))
            say(comparing, 0, older[i].name, "the version in force asks it, and it is gone");
    for (int i = 0; i < newer_count; i++) {
        int line = lines ? lines[i] : 0;
        const struct product_question *before =
            product_question_find(older, older_count, newer[i].name, strlen(newer[i].name));
        if (before)
            question_compare(comparing, before, &newer[i], line);
        else if (newer[i].required)
            say(comparing, line, newer[i].name, "it is new and required");
    }
}

int product_compare(const struct product *older, const struct product *newer,
                    struct problems *problems) {
    struct comparing comparing = {.newer = newer, .problems = problems};
    if (newer->info.interface > older->info.interface) return QUOTE_OK;
    if (newer->info.interface < older->info.interface) {
        problems_add(problems, false, newer->file, 0, 0, "product",
                     "its interface is %d, but that of the version in force is %d already",
                     newer->info.interface, older->info.interface);
        return QUOTE_INVALID;
    }
    questions_compare(&comparing, older->info.questions, older->info.question_count,
                      newer->info.questions, newer->info.question_count, newer->question_lines);
    return comparing.found ? QUOTE_INVALID : QUOTE_OK;
}
