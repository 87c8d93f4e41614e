/* Do the answers that other programs send still fit a newer edition of a product? What is accepted
 * may become stricter under one interface, which is warned about (ranges, lengths, patterns); what
 * is asked, and when, may not. */
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

static void warn(struct comparing *comparing, int line, const char *question, const char *what,
                 const char *before, const char *now) {
    char place[PROBLEM_PLACE_MAX];
    snprintf(place, sizeof place, "question %s", question);
    problems_add(comparing->problems, true, comparing->newer->file, line, 0, place,
                 "its %s was %.80s and is %.80s: answers that were accepted may be refused now",
                 what, before ? before : "not limited", now);
}

/* Are the texts the same but for white space? */
static bool words_same(const char *a, const char *b) {
    static const char blanks[] = " \t\r\n";
    if (!a || !b) return a == b;
    for (;;) {
        a += strspn(a, blanks);
        b += strspn(b, blanks);
        size_t length = strcspn(a, blanks);
        if (length != strcspn(b, blanks) || memcmp(a, b, length) != 0) return false;
        if (!length) return true;
        a += length;
        b += length;
    }
}

/* Is `now` a limit that `before` was not, or one further in? `sign` is 1 for a minimum, -1 for a
 * maximum. Of dates, which may be relative, any other is said. */
static bool limit_stricter(const char *before, const char *now, int sign) {
    struct decimal old, fresh;
    if (!now) return false;
    if (!before) return true;
    if (!decimal_parse(before, strlen(before), &old) || !decimal_parse(now, strlen(now), &fresh))
        return strcmp(before, now) != 0;
    return decimal_compare(fresh, old) * sign > 0;
}

static void limits_compare(struct comparing *comparing, const struct product_question *older,
                           const struct product_question *newer, int line) {
    char before[16], now[16];
    if (limit_stricter(older->minimum, newer->minimum, 1))
        warn(comparing, line, newer->name, "minimum", older->minimum, newer->minimum);
    if (limit_stricter(older->maximum, newer->maximum, -1))
        warn(comparing, line, newer->name, "maximum", older->maximum, newer->maximum);
    if (newer->pattern && (!older->pattern || strcmp(older->pattern, newer->pattern) != 0))
        warn(comparing, line, newer->name, "pattern", older->pattern, newer->pattern);
    snprintf(before, sizeof before, "%d", older->length_minimum);
    snprintf(now, sizeof now, "%d", newer->length_minimum);
    if (newer->length_minimum > older->length_minimum)
        warn(comparing, line, newer->name, "length_minimum", before, now);
    snprintf(before, sizeof before, "%d", older->length_maximum);
    snprintf(now, sizeof now, "%d", newer->length_maximum);
    if (newer->length_maximum &&
        (!older->length_maximum || newer->length_maximum < older->length_maximum))
        warn(comparing, line, newer->name, "length_maximum",
             older->length_maximum ? before : NULL, now);
    snprintf(before, sizeof before, "%d", older->fraction_digits);
    snprintf(now, sizeof now, "%d", newer->fraction_digits);
    if (newer->type == QUESTION_DECIMAL && newer->fraction_digits < older->fraction_digits)
        warn(comparing, line, newer->name, "fraction_digits", before, now);
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
    if (!words_same(older->shown_when, newer->shown_when))
        say(comparing, line, newer->name, "its condition shown_when has changed");
    limits_compare(comparing, older, newer, line);
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
