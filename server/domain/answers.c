/* Checks answers in two passes. The first takes each by itself, by descriptors. The second asks of
 * each conditional question whether it is shown, refuses answers to those that are not, and misses
 * those that are. A condition makes sense only on sound answers: those that name a question whose
 * answer is wrong or missing are left until that is mended, the others are told at once. */
#include "domain/answers.h"

#include <stdio.h>
#include <string.h>

#include "domain/calendar_day.h"

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

/* ---- conditions ----------------------------------------------------------------------------- */
/* Does the condition name it? A name within a text counts too: then one fault is told later. */
static bool names(const char *condition, const char *name) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t length = strlen(name);
    for (const char *at = condition; *at;) {
        size_t word = strspn(at, letters);
        if (word == length && strncmp(at, name, length) == 0) return true;
        at += word ? word : 1;
    }
    return false;
}

/* May the condition's outcome still change? A condition names only questions before its own. */
static bool is_unsure(const struct answers_check *check, const char *condition,
                      const struct product_question *questions, const bool *unsure, int count) {
    if (check->effective_date_unsure && names(condition, "effective_date")) return true;
    for (int i = 0; i < count; i++)
        if (unsure[i] && names(condition, questions[i].name)) return true;
    return false;
}

static bool is_given(const struct value *given, const char *name) {
    const struct value *value = value_entry_find(given, name, strlen(name));
    return value && value->kind != VALUE_NULL;
}

/* `given` is what came in, `answers` what is sound of it. False: scratch is used up. */
static bool check_shown(const struct answers_check *check, const char *pointer,
                        const struct product_question *questions, const struct field *fields,
                        int count, const struct value *given, const struct value *answers) {
    char *before = check->scratch->at;
    bool *unsure = scratch_take(check->scratch, (size_t)count * sizeof *unsure);
    uint32_t next = 0;
    bool done = unsure != NULL;
    for (int i = 0; done && i < count; i++) {
        const struct product_question *question = &questions[i];
        const struct value *answer =
            value_entry_next(answers, question->name, strlen(question->name), &next);
        unsure[i] = !answer && (fields[i].required || is_given(given, question->name));
        if (question->shown_when && is_unsure(check, question->shown_when, questions, unsure, i)) {
            unsure[i] |= !answer;
            continue;
        }
        bool shown = applies(check, question, answers);
        if (answer && !shown) add_not_applicable(check, pointer, question);
        if (!answer && !unsure[i] && shown && question->required && question->shown_when) {
            add_required(check, pointer, &fields[i]);
            unsure[i] = true;
        }
        if (!answer || !shown) continue;
        if (question->type == QUESTION_CHOICES) check_repeats(check, pointer, question, answer);
        if (question->type != QUESTION_RECORDS) continue;
        for (uint32_t item = 0; done && item < answer->length; item++) {
            const struct value *record = &answer->items[item];
            char place[FIELD_POINTER_MAX];
            snprintf(place, sizeof place, "%.170s/%s/%u", pointer, question->name, (unsigned)item);
            done = check_shown(check, place, question->questions, fields[i].fields->fields,
                               question->question_count, record, record);
        }
    }
    check->scratch->at = before;
    return done;
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
    int before = check->faults->count;
    bool sound = field_check_partly(&first, &record, check->answers, &answers);
    const struct value *given =
        check->answers->kind == VALUE_CONTEXT ? check->answers : &answers;
    if (check->faults->starved || (!sound && given == &answers) ||
        !check_shown(check, "/answers", info->questions, fields, info->question_count, given,
                     &answers))
        return false;
    if (!sound || check->faults->count > before || check->faults->more) return false;
    make_canonical(&answers);
    *ret_answers = answers;
    return true;
}

/* ---- answers that were kept ------------------------------------------------------------------ */
static bool read_record(const struct product_question *questions, int count,
                        const struct value *kept, struct scratch *scratch,
                        struct value *ret_answers);

static bool read_date(const struct value *text, struct value *ret_date) {
    char copied[CLOCK_DATE_MAX];
    struct value_date date;
    if (text->kind != VALUE_TEXT || text->length >= sizeof copied) return false;
    memcpy(copied, text->text, text->length);
    copied[text->length] = '\0';
    if (!day_read(copied, &date)) return false;
    *ret_date = value_date(date.year, date.month, date.day);
    return true;
}

static bool read_list(const struct product_question *question, const struct value *kept,
                      struct scratch *scratch, struct value *ret_list) {
    if (kept->kind != VALUE_LIST) return false;
    struct value *items = scratch_take(scratch, (kept->length ? kept->length : 1) * sizeof *items);
    if (!items) return false;
    for (uint32_t i = 0; i < kept->length; i++) {
        items[i] = kept->items[i];
        bool sound = question->type == QUESTION_CHOICES
                         ? items[i].kind == VALUE_TEXT
                         : read_record(question->questions, question->question_count,
                                       &kept->items[i], scratch, &items[i]);
        if (!sound) return false;
    }
    *ret_list = value_list(items, kept->length);
    return true;
}

static bool read_answer(const struct product_question *question, const struct value *kept,
                        struct scratch *scratch, struct value *ret_answer) {
    struct decimal number;
    *ret_answer = *kept;
    switch (question->type) {
    case QUESTION_TEXT:
    case QUESTION_CHOICE: return kept->kind == VALUE_TEXT;
    case QUESTION_BOOLEAN: return kept->kind == VALUE_BOOLEAN;
    case QUESTION_INTEGER:
    case QUESTION_DECIMAL:
        if (kept->kind != VALUE_NUMBER) return false;
        *ret_answer = value_number(decimal_canonical(kept->number));
        return true;
    case QUESTION_MONEY:
        if (kept->kind != VALUE_TEXT || !decimal_parse_exact(kept->text, kept->length, &number))
            return false;
        *ret_answer = value_number(decimal_canonical(number));
        return true;
    case QUESTION_DATE: return read_date(kept, ret_answer);
    case QUESTION_CHOICES:
    case QUESTION_RECORDS: return read_list(question, kept, scratch, ret_answer);
    }
    return false;
}

static bool read_record(const struct product_question *questions, int count,
                        const struct value *kept, struct scratch *scratch,
                        struct value *ret_answers) {
    if (kept->kind != VALUE_CONTEXT) return false;
    size_t room = kept->length ? kept->length : 1;
    struct value_entry *entries = scratch_take(scratch, room * sizeof *entries);
    uint32_t taken = 0;
    if (!entries) return false;
    for (int i = 0; i < count && taken < kept->length; i++) {
        const char *name = questions[i].name;
        size_t length = strlen(name);
        const struct value_entry *next = &kept->entries[taken]; /* they are in this order */
        if (next->name_length != length || memcmp(next->name, name, length) != 0) continue;
        entries[taken] = (struct value_entry){.name = name, .name_length = (uint32_t)length};
        if (!read_answer(&questions[i], &next->value, scratch, &entries[taken].value))
            return false;
        taken++;
    }
    if (taken < kept->length) return false;
    *ret_answers = value_context(entries, taken);
    return true;
}

bool answers_read_kept(const struct product_info *info, const struct value *kept,
                       struct scratch *scratch, struct value *ret_answers) {
    return read_record(info->questions, info->question_count, kept, scratch, ret_answers);
}

void answers_write(const struct product_version *version, const struct value *answers,
                   struct buffer *buffer) {
    field_encode_json(version->fields.fields, version->fields.count, answers, buffer);
}
