/* Turns questions into descriptors. A list (several choices, or records) takes one descriptor more
 * for its items. Conditions cannot be said in a descriptor: answers.c sees to them. */
#include "domain/question_fields.h"

#include <stdlib.h>
#include <string.h>

#include "domain/calendar_day.h"

_Static_assert(sizeof(struct field_choice) == sizeof(struct product_choice), "the same layout");

static const enum field_type types[] = {
    [QUESTION_TEXT] = FIELD_TEXT,       [QUESTION_INTEGER] = FIELD_INTEGER,
    [QUESTION_DECIMAL] = FIELD_DECIMAL, [QUESTION_MONEY] = FIELD_MONEY,
    [QUESTION_DATE] = FIELD_DATE,       [QUESTION_BOOLEAN] = FIELD_BOOLEAN,
    [QUESTION_CHOICE] = FIELD_CHOICE,   [QUESTION_CHOICES] = FIELD_LIST,
    [QUESTION_RECORDS] = FIELD_LIST};

/* ---- memory: counted first, then taken from one block ---------------------------------------- */
enum { ALIGNMENT = 16 };

static size_t size_of(const struct product_question *questions, int count) {
    size_t size = (size_t)count * sizeof(struct field) + ALIGNMENT;
    for (int i = 0; i < count; i++) {
        const struct product_question *question = &questions[i];
        size += (size_t)question->choice_count * sizeof(struct field_choice) + ALIGNMENT;
        if (question->type == QUESTION_CHOICES || question->type == QUESTION_RECORDS)
            size += sizeof(struct field) + ALIGNMENT;
        if (question->type == QUESTION_RECORDS)
            size += size_of(question->questions, question->question_count);
    }
    return size;
}

bool question_bound_relative(const char *bound) {
    return bound && (*bound == 'P' || (*bound == '-' && bound[1] == 'P'));
}

static struct field *fields_build(const struct product_question *questions, int count,
                                  struct scratch *scratch, bool *relative);

static const struct field_choice *choices_build(const struct product_question *question,
                                                struct scratch *scratch) {
    struct field_choice *choices =
        scratch_take(scratch, (size_t)question->choice_count * sizeof *choices);
    for (int i = 0; choices && i < question->choice_count; i++)
        choices[i] = (struct field_choice){.code = question->choices[i].code,
                                           .label = question->choices[i].label};
    return choices;
}

/* The descriptor of a list's items. */
static const struct field *item_build(const struct product_question *question,
                                      const struct field_choice *choices, struct scratch *scratch,
                                      bool *relative) {
    struct field *item = scratch_take(scratch, sizeof *item);
    if (!item) return NULL;
    *item = (struct field){.name = "item", .required = true, .label = question->label};
    if (question->type == QUESTION_CHOICES) {
        item->type = FIELD_CHOICE;
        item->choices = choices;
        item->choice_count = question->choice_count;
        return item;
    }
    item->type = FIELD_RECORD;
    item->fields = fields_build(question->questions, question->question_count, scratch, relative);
    item->field_count = question->question_count;
    return item->fields ? item : NULL;
}

static struct field *fields_build(const struct product_question *questions, int count,
                                  struct scratch *scratch, bool *relative) {
    struct field *fields = scratch_take(scratch, (size_t)count * sizeof *fields);
    for (int i = 0; fields && i < count; i++) {
        const struct product_question *question = &questions[i];
        bool list = types[question->type] == FIELD_LIST;
        const struct field_choice *choices = choices_build(question, scratch);
        if (!choices) return NULL;
        fields[i] = (struct field){.name = question->name,
                                   .type = types[question->type],
                                   .required = question->required && !question->shown_when,
                                   .sensitive = question->sensitive,
                                   .label = question->label,
                                   .help = question->help,
                                   .length_minimum = question->length_minimum,
                                   .length_maximum = question->length_maximum,
                                   .minimum = question->minimum,
                                   .maximum = question->maximum,
                                   .fraction_digits = question->fraction_digits,
                                   .pattern = question->pattern};
        if (question->type == QUESTION_CHOICE) {
            fields[i].choices = choices;
            fields[i].choice_count = question->choice_count;
        }
        if (list) {
            fields[i].fields = item_build(question, choices, scratch, relative);
            fields[i].field_count = 1;
            if (!fields[i].fields) return NULL;
        }
        *relative |= question_bound_relative(question->minimum) ||
                     question_bound_relative(question->maximum);
    }
    return fields;
}

static bool make(const struct product_question *questions, int count,
                 struct question_fields *ret_fields) {
    size_t size = size_of(questions, count) + ALIGNMENT;
    struct question_fields made = {.count = count, .memory = malloc(size)};
    if (!made.memory) return false;
    struct scratch scratch;
    scratch_init(&scratch, made.memory, size);
    made.fields = fields_build(questions, count, &scratch, &made.relative);
    if (!made.fields) {
        free(made.memory);
        return false;
    }
    *ret_fields = made;
    return true;
}

bool question_fields_make(const struct product_info *info, struct question_fields *ret_fields) {
    return make(info->questions, info->question_count, ret_fields);
}

bool question_fields_make_acceptance(const struct product_info *info,
                                     struct question_fields *ret_fields) {
    const struct product_policy *policy = info->policy;
    return make(policy ? policy->questions : NULL, policy ? policy->question_count : 0,
                ret_fields);
}

void question_fields_done(struct question_fields *fields) {
    free(fields->memory);
    *fields = (struct question_fields){0};
}

/* ---- bounds on a date ------------------------------------------------------------------------ */
static const char *bound_on(const char *bound, const struct value_date *effective_date,
                            struct scratch *scratch, bool *failed) {
    struct value_date date;
    if (!question_bound_relative(bound)) return bound;
    if (!effective_date) return NULL;
    if (!day_bound(bound, effective_date, &date)) return bound;
    char *text = scratch_take(scratch, CLOCK_DATE_MAX);
    if (text) day_write(&date, text);
    else *failed = true;
    return text;
}

static const struct field *fields_on(const struct field *fields, int count,
                                     const struct value_date *effective_date,
                                     struct scratch *scratch, bool *failed) {
    struct field *copied = scratch_take(scratch, (size_t)count * sizeof *copied);
    if (!copied) {
        *failed = true;
        return NULL;
    }
    memcpy(copied, fields, (size_t)count * sizeof *copied);
    for (int i = 0; i < count && !*failed; i++) {
        if (copied[i].type == FIELD_DATE) {
            copied[i].minimum = bound_on(copied[i].minimum, effective_date, scratch, failed);
            copied[i].maximum = bound_on(copied[i].maximum, effective_date, scratch, failed);
        }
        /* Two levels at most: a product's records hold no records. */
        if (copied[i].type == FIELD_LIST || copied[i].type == FIELD_RECORD)
            copied[i].fields = fields_on(copied[i].fields, copied[i].field_count, effective_date,
                                         scratch, failed);
    }
    return copied;
}

const struct field *question_fields_on(const struct question_fields *fields,
                                       const struct value_date *effective_date,
                                       struct scratch *scratch) {
    bool failed = false;
    if (!fields->relative) return fields->fields;
    const struct field *copied =
        fields_on(fields->fields, fields->count, effective_date, scratch, &failed);
    return failed ? NULL : copied;
}
