/* Complete answers of a change: what it hides is dropped, what it shows is completed where that can
 * be done without asking. */
#include <string.h>

#include "calendar.h"
#include "what_if.h"

int what_if_digits(const struct product_question *question) {
    return question->type == QUESTION_MONEY     ? STATEMENT_DIGITS_BEHIND_POINT
           : question->type == QUESTION_DECIMAL ? question->fraction_digits
                                                : 0;
}

static struct value option_value(const struct product_question *question, int64_t option) {
    const char *code = question->choices[option].code;
    return value_text(code, strlen(code));
}

/* The options chosen with one more or fewer, in their own order. */
static bool choices_value(const struct what_if_search *search, const struct what_if_spot *spot,
                          int64_t toggled, struct value *ret_value) {
    const struct product_question *question = spot->question;
    struct value *items =
        scratch_take(search->scratch, (size_t)question->choice_count * sizeof *items);
    size_t count = 0;
    if (!items) return false;
    for (int i = 0; i < question->choice_count; i++) {
        struct value option = option_value(question, i);
        bool chosen = false;
        for (uint32_t j = 0; spot->from.kind == VALUE_LIST && j < spot->from.length; j++)
            chosen |= spot->from.items[j].length == option.length &&
                      memcmp(spot->from.items[j].text, option.text, option.length) == 0;
        if (chosen != (i == toggled)) items[count++] = option;
    }
    *ret_value = value_list(items, count);
    return true;
}

bool what_if_value(const struct what_if_search *search, const struct what_if_spot *spot,
                   int64_t at, struct value *ret_value) {
    struct value_date date = {.year = 1, .month = 1, .day = 1};
    switch (spot->question->type) {
    case QUESTION_BOOLEAN: *ret_value = value_boolean(at != 0); return true;
    case QUESTION_CHOICE: *ret_value = option_value(spot->question, at); return true;
    case QUESTION_CHOICES: return choices_value(search, spot, at, ret_value);
    case QUESTION_DATE:
        calendar_date_from_days(at, &date);
        *ret_value = value_date(date.year, date.month, date.day);
        return true;
    default:
        *ret_value = value_number(
            decimal_canonical(decimal_from_scaled(at, what_if_digits(spot->question))));
        return true;
    }
}

/* What a question that must be answered now is completed with. */
static bool completion(const struct product_question *question, struct value *ret_value) {
    if (question->type == QUESTION_BOOLEAN) {
        *ret_value = value_boolean(false);
        return true;
    }
    if (question->type != QUESTION_CHOICE || !question->choice_count) return false;
    *ret_value = option_value(question, 0);
    return true;
}

/* The answers to `questions`, of which `changed` (or NULL) gets the value `to`. */
static int answers_make(const struct what_if_search *search,
                        const struct product_question *questions, int count,
                        const struct value *given, const struct product_question *changed,
                        const struct value *to, struct value *ret_answers) {
    struct value_entry *entries = scratch_take(search->scratch, (size_t)count * sizeof *entries);
    size_t kept = 0;
    if (!entries) return QUOTE_TOO_LARGE;
    for (int i = 0; i < count; i++) {
        const struct product_question *question = &questions[i];
        size_t length = strlen(question->name);
        const struct value *answer = value_entry_find(given, question->name, length);
        struct value so_far = value_context(entries, kept), completed;
        if (question == changed) answer = to->kind == VALUE_NULL ? NULL : to;
        if (question->condition &&
            !product_question_shown(search->product, question, &so_far,
                                    &search->result->effective_date, search->moment,
                                    search->scratch))
            continue;
        if (!answer && !question->required) continue;
        if (!answer && !completion(question, &completed)) return QUOTE_NOT_FOUND;
        entries[kept++] = (struct value_entry){.name = question->name,
                                               .name_length = (uint32_t)length,
                                               .value = answer ? *answer : completed};
    }
    *ret_answers = value_context(entries, kept);
    return QUOTE_OK;
}

/* The list of records with one answer of one of them changed. */
static int records_make(const struct what_if_search *search, const struct what_if_spot *spot,
                        const struct value *given, const struct value *to,
                        struct value *ret_records) {
    struct value *items = scratch_take(search->scratch, given->length * sizeof *items);
    if (!items) return QUOTE_TOO_LARGE;
    memcpy(items, given->items, given->length * sizeof *items);
    *ret_records = value_list(items, given->length);
    return answers_make(search, spot->records->questions, spot->records->question_count,
                        &given->items[spot->item], spot->question, to, &items[spot->item]);
}

int what_if_answers(const struct what_if_search *search, const struct what_if_spot *spot,
                    const struct value *to, struct value *ret_answers) {
    const struct product_info *info = &search->product->info;
    const struct value *given = &search->result->answers;
    struct value records;
    if (!spot->records)
        return answers_make(search, info->questions, info->question_count, given, spot->question,
                            to, ret_answers);
    const struct value *list =
        value_entry_find(given, spot->records->name, strlen(spot->records->name));
    int status = records_make(search, spot, list, to, &records);
    if (status != QUOTE_OK) return status;
    return answers_make(search, info->questions, info->question_count, given, spot->records,
                        &records, ret_answers);
}
