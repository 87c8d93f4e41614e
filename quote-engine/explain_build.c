/* Contexts and lists in scratch: what explanations as data are made of. */
#include <string.h>

#include "explain.h"

void building_put(struct building *building, const char *name, struct value value) {
    if (building->count < EXPLAIN_ENTRIES_MAX)
        building->entries[building->count++] = (struct value_entry){
            .name = name, .name_length = (uint32_t)strlen(name), .value = value};
}

void building_put_text(struct building *building, const char *name, const char *text) {
    building_put(building, name, text ? value_text(text, strlen(text)) : value_null());
}

bool building_put_words(struct building *building, const struct explaining *explaining,
                        const struct words *words) {
    struct value text;
    if (!words_done(words, explaining->scratch, &text)) return false;
    building_put(building, "text", text);
    return true;
}

bool building_put_amount(struct building *building, const struct explaining *explaining,
                         const char *name, struct decimal amount) {
    enum { DIGITS = STATEMENT_DIGITS_BEHIND_POINT };
    char plain[DECIMAL_TEXT_MAX];
    size_t length = decimal_format(amount, false, plain);
    const char *point = memchr(plain, '.', length);
    size_t digits = point ? length - (size_t)(point - plain) - 1 : 0;
    size_t missing = digits < DIGITS ? DIGITS - digits + !point : 0;
    char *text = scratch_take(explaining->scratch, length + missing + 1);
    if (!text) return false;
    memcpy(text, plain, length);
    memcpy(text + length, point ? "00" : ".00", missing);
    text[length + missing] = 0;
    building_put(building, name, value_text(text, length + missing));
    return true;
}

bool building_done(const struct explaining *explaining, const struct building *building,
                   struct value *ret_value) {
    size_t size = building->count * sizeof *building->entries;
    struct value_entry *entries = scratch_take(explaining->scratch, size ? size : 1);
    if (!entries) return false;
    memcpy(entries, building->entries, size);
    *ret_value = value_context(entries, building->count);
    return true;
}

struct value *explain_values(const struct explaining *explaining, size_t count) {
    return scratch_take(explaining->scratch, (count ? count : 1) * sizeof(struct value));
}

/* ---- questions ----------------------------------------------------------------------------- */

const struct product_question *explain_question(const struct explaining *explaining,
                                                const char *name) {
    const struct product_info *info = &explaining->product->info;
    size_t length = strlen(name);
    const struct product_question *found =
        product_question_find(info->questions, info->question_count, name, length);
    for (int i = 0; i < info->question_count && !found; i++)
        found = product_question_find(info->questions[i].questions,
                                      info->questions[i].question_count, name, length);
    return found;
}

bool explain_sensitive(const struct explaining *explaining, const char *name) {
    const struct product_question *question = explain_question(explaining, name);
    return question && product_question_sensitive(question);
}

const char *explain_option(const struct explaining *explaining,
                           const struct product_question *question, const struct value *code) {
    if (!question || code->kind != VALUE_TEXT) return NULL;
    for (int i = 0; i < question->choice_count; i++)
        if (strlen(question->choices[i].code) == code->length &&
            memcmp(question->choices[i].code, code->text, code->length) == 0)
            return text_in(&question->choices[i].label, explaining->language);
    return NULL;
}

const char *explain_option_of(const struct explaining *explaining, const char *question_name,
                              const struct value *code) {
    return explain_option(explaining, explain_question(explaining, question_name), code);
}
