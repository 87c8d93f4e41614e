/* Tables over questions with choices: a cell that names an option which the question does not have
 * can never match, and an option that no cell names is not thought of. Both are mistakes of typing
 * or of an option added on one side only. */
#include <stdio.h>
#include <string.h>

#include "product_inside.h"

struct column { /* an input column over a question */
    int element, table, input;
    const struct product_question *question;
};

static int option_find(const struct product_question *question, const char *code, size_t length) {
    for (int i = 0; i < question->choice_count; i++)
        if (strlen(question->choices[i].code) == length &&
            memcmp(question->choices[i].code, code, length) == 0)
            return i;
    return -1;
}

static void option_fail(struct product_reader *reader, const struct column *column, int row,
                        const char *code, size_t length) {
    char place[PROBLEM_PLACE_MAX];
    snprintf(place, sizeof place, "decision %.90s, row %d, column %.60s",
             program_element(reader->product->program, column->element)->name, row + 1,
             column->question->name);
    problems_add(reader->problems, false, reader->product->models[0],
                 product_row_line(reader->product, column->element, column->table, row), 0, place,
                 "\"%.*s\" is none of the question's options: this row can never apply",
                 (int)(length < 64 ? length : 64), code);
    if (reader->status == QUOTE_OK) reader->status = QUOTE_INVALID;
}

/* Marks the options that a cell names. False when it holds anything but texts, so that it may match
 * others. Texts with escapes are left to the tariff's own cases. */
static bool cell_mark(struct product_reader *reader, const struct column *column, int row,
                      const char *cell, bool named[]) {
    bool only_texts = *cell != 0;
    for (const char *at = cell; *at;) {
        if (*at != '"') {
            if (!strchr(" ,\t\r\n", *at)) only_texts = false;
            at++;
            continue;
        }
        size_t length = strcspn(at + 1, "\"\\");
        if (at[1 + length] != '"') return false;
        int option = option_find(column->question, at + 1, length);
        if (option < 0) option_fail(reader, column, row, at + 1, length);
        else named[option] = true;
        at += length + 2;
    }
    return only_texts;
}

static void column_check(struct product_reader *reader, const struct column *column) {
    const struct program *program = reader->product->program;
    const struct element *element = program_element(program, column->element);
    bool named[PRODUCT_CHOICES_MAX] = {false}, only_texts = true;
    for (int row = 0; row < element->tables[column->table].row_count; row++) {
        const char *cell =
            program_cell(program, column->element, column->table, row, column->input);
        if (!cell || !cell_mark(reader, column, row, cell, named)) only_texts = false;
    }
    /* Of a table that must have a row for everything the proof says more. */
    if (reader->proving && product_table_decides(reader->product, column->element, column->table))
        return;
    for (int i = 0; only_texts && i < column->question->choice_count; i++) {
        char place[PROBLEM_PLACE_MAX];
        if (named[i]) continue;
        snprintf(place, sizeof place, "decision %.90s, column %.60s", element->name,
                 column->question->name);
        problems_add(reader->problems, true, reader->product->models[0],
                     product_row_line(reader->product, column->element, column->table, 0), 0, place,
                     "no row names the option %.64s", column->question->choices[i].code);
    }
}

void product_check_choices(struct product_reader *reader) {
    const struct product *product = reader->product;
    for (int e = 0; e < program_element_count(product->program); e++) {
        const struct element *element = program_element(product->program, e);
        for (int t = 0; t < element->table_count; t++) {
            for (int i = 0; i < element->tables[t].input_count; i++) {
                const char *text = element->tables[t].inputs[i].text;
                const struct product_question *question =
                    text ? product_question_find(product->info.questions,
                                                 product->info.question_count, text, strlen(text))
                         : NULL;
                struct column column = {
                    .element = e, .table = t, .input = i, .question = question};
                if (question && question->type == QUESTION_CHOICE) column_check(reader, &column);
            }
        }
    }
}
