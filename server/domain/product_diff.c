/* Compares what product.xml says, and the files; the models are product_diff_tables.c's. */
#include "domain/product_diff.h"

#include <stdio.h>
#include <string.h>

#include "domain/product_diff_inside.h"

/* ---- lines ---------------------------------------------------------------------------------- */
static void begin(struct difference *difference) {
    if (!difference->said) buffer_format(difference->buffer, "%s\n", difference->section);
    difference->said = true;
}

void difference_line(struct difference *difference, char mark, const char *name) {
    begin(difference);
    buffer_format(difference->buffer, "    %c %s\n", mark, name);
}

void difference_text(struct difference *difference, const char *name, const char *what,
                     const char *before, const char *now) {
    if (!before || !now ? before == now : strcmp(before, now) == 0) return;
    begin(difference);
    buffer_format(difference->buffer, "    ~ %s: %s was %.*s and is %.*s\n", name, what,
                  PRODUCT_DIFF_CELL_MAX, before ? before : "none", PRODUCT_DIFF_CELL_MAX,
                  now ? now : "none");
}

void difference_number(struct difference *difference, const char *name, const char *what,
                       int before, int now) {
    char a[16], b[16];
    snprintf(a, sizeof a, "%d", before);
    snprintf(b, sizeof b, "%d", now);
    difference_text(difference, name, what, a, b);
}

static void difference_decimal(struct difference *difference, const char *name, const char *what,
                               struct decimal before, struct decimal now) {
    char a[DECIMAL_TEXT_MAX], b[DECIMAL_TEXT_MAX];
    if (decimal_compare(before, now) == 0) return;
    decimal_format(before, false, a);
    decimal_format(now, false, b);
    difference_text(difference, name, what, a, b);
}

static void difference_texts(struct difference *difference, const char *name, const char *what,
                             const struct text *before, const struct text *now) {
    char of[PRODUCT_CODE_MAX + 16];
    snprintf(of, sizeof of, "%s in Dutch", what);
    difference_text(difference, name, of, before->nl, now->nl);
    snprintf(of, sizeof of, "%s in English", what);
    difference_text(difference, name, of, before->en, now->en);
}

/* ---- questions ------------------------------------------------------------------------------ */
static const struct product_question *question_find(const struct product_question *questions,
                                                    int count, const char *name) {
    for (int i = 0; i < count; i++)
        if (strcmp(questions[i].name, name) == 0) return &questions[i];
    return NULL;
}

static bool choice_known(const struct product_question *question, const char *code) {
    for (int i = 0; i < question->choice_count; i++)
        if (strcmp(question->choices[i].code, code) == 0) return true;
    return false;
}

static void choices_diff(struct difference *difference, const char *name,
                         const struct product_question *older,
                         const struct product_question *newer) {
    char line[3 * PRODUCT_CODE_MAX];
    for (int i = 0; i < older->choice_count; i++) {
        if (choice_known(newer, older->choices[i].code)) continue;
        snprintf(line, sizeof line, "%s: choice %s", name, older->choices[i].code);
        difference_line(difference, '-', line);
    }
    for (int i = 0; i < newer->choice_count; i++) {
        if (choice_known(older, newer->choices[i].code)) continue;
        snprintf(line, sizeof line, "%s: choice %s", name, newer->choices[i].code);
        difference_line(difference, '+', line);
    }
}

static const char *type_text(enum question_type type) {
    static const char *const texts[] = {"text", "integer", "decimal", "money",  "date",
                                        "boolean", "choice", "choices", "records"};
    return texts[type];
}

static void question_diff(struct difference *difference, const char *name,
                          const struct product_question *older,
                          const struct product_question *newer) {
    difference_text(difference, name, "type", type_text(older->type), type_text(newer->type));
    difference_text(difference, name, "required", older->required ? "yes" : "no",
                    newer->required ? "yes" : "no");
    difference_text(difference, name, "minimum", older->minimum, newer->minimum);
    difference_text(difference, name, "maximum", older->maximum, newer->maximum);
    difference_number(difference, name, "least length", older->length_minimum,
                      newer->length_minimum);
    difference_number(difference, name, "greatest length", older->length_maximum,
                      newer->length_maximum);
    difference_number(difference, name, "decimals", older->fraction_digits,
                      newer->fraction_digits);
    difference_text(difference, name, "pattern", older->pattern, newer->pattern);
    difference_text(difference, name, "shown when", older->shown_when, newer->shown_when);
    difference_texts(difference, name, "label", &older->label, &newer->label);
    choices_diff(difference, name, older, newer);
}

/* `within` is "" or the name of the question whose records these belong to. Records hold no
 * records. */
static void questions_diff(struct difference *difference, const char *within,
                           const struct product_question *older, int older_count,
                           const struct product_question *newer, int newer_count) {
    char name[2 * PRODUCT_CODE_MAX];
    for (int i = 0; i < older_count; i++) {
        snprintf(name, sizeof name, "%s%s%s", within, *within ? "." : "", older[i].name);
        if (!question_find(newer, newer_count, older[i].name))
            difference_line(difference, '-', name);
    }
    for (int i = 0; i < newer_count; i++) {
        const struct product_question *before = question_find(older, older_count, newer[i].name);
        snprintf(name, sizeof name, "%s%s%s", within, *within ? "." : "", newer[i].name);
        if (!before) {
            difference_line(difference, '+', name);
            continue;
        }
        question_diff(difference, name, before, &newer[i]);
        if (!*within)
            questions_diff(difference, newer[i].name, before->questions, before->question_count,
                           newer[i].questions, newer[i].question_count);
    }
}

/* ---- covers and terms ----------------------------------------------------------------------- */
static void covers_diff(struct difference *difference, const struct product_info *older,
                        const struct product_info *newer) {
    for (int i = 0; i < older->cover_count; i++) {
        const struct product_cover *before = &older->covers[i], *now = NULL;
        for (int j = 0; j < newer->cover_count && !now; j++)
            if (strcmp(newer->covers[j].code, before->code) == 0) now = &newer->covers[j];
        if (!now) {
            difference_line(difference, '-', before->code);
            continue;
        }
        difference_texts(difference, before->code, "label", &before->label, &now->label);
        difference_decimal(difference, before->code, "commission", before->commission_percent,
                           now->commission_percent);
    }
    for (int i = 0; i < newer->cover_count; i++) {
        bool known = false;
        for (int j = 0; j < older->cover_count && !known; j++)
            known = strcmp(older->covers[j].code, newer->covers[i].code) == 0;
        if (!known) difference_line(difference, '+', newer->covers[i].code);
    }
}

static void terms_diff(struct difference *difference, const struct product_info *older,
                       const struct product_info *newer) {
    for (int i = 0; i < older->term_count; i++) {
        const struct product_term *before = &older->terms[i], *now = NULL;
        for (int j = 0; j < newer->term_count && !now; j++)
            if (strcmp(newer->terms[j].code, before->code) == 0) now = &newer->terms[j];
        if (!now) {
            difference_line(difference, '-', before->code);
            continue;
        }
        difference_number(difference, before->code, "instalments", before->instalments,
                          now->instalments);
        difference_decimal(difference, before->code, "surcharge", before->surcharge_percent,
                           now->surcharge_percent);
    }
    for (int i = 0; i < newer->term_count; i++) {
        bool known = false;
        for (int j = 0; j < older->term_count && !known; j++)
            known = strcmp(older->terms[j].code, newer->terms[i].code) == 0;
        if (!known) difference_line(difference, '+', newer->terms[i].code);
    }
}

/* ---- files ---------------------------------------------------------------------------------- */
static const struct source *file_find(const struct product_edition *edition, const char *name) {
    for (int i = 0; i < edition->file_count; i++)
        if (strcmp(edition->files[i].name, name) == 0) return &edition->files[i];
    return NULL;
}

static void files_diff(struct difference *difference, const struct product_edition *older,
                       const struct product_edition *newer) {
    for (int i = 0; i < older->file_count; i++)
        if (!file_find(newer, older->files[i].name))
            difference_line(difference, '-', older->files[i].name);
    for (int i = 0; i < newer->file_count; i++) {
        const struct source *now = &newer->files[i], *before = file_find(older, now->name);
        if (!before) {
            difference_line(difference, '+', now->name);
        } else if (before->length != now->length ||
                   memcmp(before->text, now->text, now->length) != 0) {
            char bytes[2][32];
            snprintf(bytes[0], sizeof bytes[0], "%zu bytes", before->length);
            snprintf(bytes[1], sizeof bytes[1], "%zu%s", now->length,
                     now->length == before->length ? ", other ones" : "");
            difference_text(difference, now->name, "it", bytes[0], bytes[1]);
        }
    }
}

void product_diff_write(const struct product_edition *older, const struct product_edition *newer,
                        struct buffer *buffer) {
    const struct product_info *before = product_info(older->product);
    const struct product_info *now = product_info(newer->product);
    struct difference difference = {.buffer = buffer};
    difference_section(&difference, "product");
    difference_text(&difference, "name", "it", before->name, now->name);
    difference_number(&difference, "interface", "it", before->interface, now->interface);
    difference_texts(&difference, "title", "it", &before->title, &now->title);
    difference_text(&difference, "currency", "it", before->currency, now->currency);
    difference_number(&difference, "days that a quote is valid", "it", before->valid_days,
                      now->valid_days);
    difference_number(&difference, "days ahead that cover may start", "it",
                      before->effective_days_ahead, now->effective_days_ahead);
    difference_section(&difference, "questions");
    questions_diff(&difference, "", before->questions, before->question_count, now->questions,
                   now->question_count);
    difference_section(&difference, "covers");
    covers_diff(&difference, before, now);
    difference_section(&difference, "terms");
    terms_diff(&difference, before, now);
    program_diff(&difference, product_program(older->product), product_program(newer->product));
    difference_section(&difference, "files");
    files_diff(&difference, older, newer);
}
