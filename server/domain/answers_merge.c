/* The answers of terms that run with other answers put over them: what a change of a policy, or its
 * renewal, is rated with. What the policy answered before is not its holder's fault now: what does
 * not apply any more goes by itself. Judging what the caller gives is answers_check's. */
#include <stdio.h>
#include <string.h>

#include "domain/answers.h"

enum { ROUNDS_MAX = 16 }; /* of answers that others hide, in turn */

struct merging {
    const struct answers_check *check;
    const struct value *given, *dropped;
    struct value_entry *entries;
    uint32_t count, kept_count; /* the first ones are of the terms before */
};

static bool is_named(const struct value_entry *entry, const char *name, size_t length) {
    return entry->name_length == length && memcmp(entry->name, name, length) == 0;
}

static bool is_dropped(const struct merging *merging, const struct value_entry *entry) {
    for (uint32_t i = 0; merging->dropped && i < merging->dropped->length; i++) {
        const struct value *name = &merging->dropped->items[i];
        if (name->kind == VALUE_TEXT && is_named(entry, name->text, name->length)) return true;
    }
    return false;
}

static bool is_asked(const struct product_info *info, const struct value_entry *entry) {
    for (int i = 0; i < info->question_count; i++)
        if (is_named(entry, info->questions[i].name, strlen(info->questions[i].name)))
            return true;
    return false;
}

/* What was kept has JSON's kinds; an entrance without them brings texts alone, and the check that
 * follows reads all alike. False: scratch is used up. */
static bool make_lexical(struct value *value, struct scratch *scratch) {
    if (value->kind == VALUE_NUMBER) {
        char text[DECIMAL_TEXT_MAX];
        size_t length = decimal_format(value->number, true, text);
        char *copy = scratch_take(scratch, length + 1);
        if (!copy) return false;
        memcpy(copy, text, length + 1);
        *value = value_text(copy, length);
    } else if (value->kind == VALUE_BOOLEAN) {
        *value = value->boolean ? value_text("true", 4) : value_text("false", 5);
    }
    if (value->kind == VALUE_LIST) {
        struct value *items = scratch_take(scratch, (value->length + 1) * sizeof *items);
        if (!items) return false;
        for (uint32_t i = 0; i < value->length; i++) {
            items[i] = value->items[i];
            if (!make_lexical(&items[i], scratch)) return false;
        }
        *value = value_list(items, value->length);
    } else if (value->kind == VALUE_CONTEXT) {
        struct value_entry *entries =
            scratch_take(scratch, (value->length + 1) * sizeof *entries);
        if (!entries) return false;
        for (uint32_t i = 0; i < value->length; i++) {
            entries[i] = value->entries[i];
            if (!make_lexical(&entries[i].value, scratch)) return false;
        }
        *value = value_context(entries, value->length);
    }
    return true;
}

/* The answers of before that are still asked and not given anew, and behind them the given ones. */
static bool put_together(struct merging *merging, const struct value *kept) {
    const struct product_info *info = product_info(merging->check->version->product);
    for (uint32_t i = 0; i < kept->length; i++) {
        const struct value_entry *entry = &kept->entries[i];
        if (is_dropped(merging, entry) || !is_asked(info, entry) ||
            value_entry_find(merging->given, entry->name, entry->name_length))
            continue;
        merging->entries[merging->count] = *entry;
        if (merging->check->lexical &&
            !make_lexical(&merging->entries[merging->count].value, merging->check->scratch))
            return false;
        merging->count++;
    }
    merging->kept_count = merging->count;
    for (uint32_t i = 0; i < merging->given->length; i++)
        if (!is_dropped(merging, &merging->given->entries[i]))
            merging->entries[merging->count++] = merging->given->entries[i];
    return true;
}

/* Takes out kept answers that a check finds not to apply. */
static bool take_out(struct merging *merging, const struct field_faults *faults) {
    bool any = false;
    for (int f = 0; f < faults->count; f++) {
        const struct field_fault *fault = &faults->items[f];
        static const char place[] = "/answers/";
        const char *name = fault->pointer + sizeof place - 1;
        if (strcmp(fault->code, "not_applicable") != 0 ||
            strncmp(fault->pointer, place, sizeof place - 1) != 0)
            continue;
        for (uint32_t i = 0; i < merging->kept_count; i++) {
            if (!is_named(&merging->entries[i], name, strlen(name))) continue;
            memmove(&merging->entries[i], &merging->entries[i + 1],
                    (merging->count - i - 1) * sizeof *merging->entries);
            merging->kept_count--;
            merging->count--;
            any = true;
            break;
        }
    }
    return any;
}

bool answers_merge(const struct answers_check *check, const struct value *kept,
                   const struct value *dropped, struct value *ret_merged) {
    static const struct value none = {.kind = VALUE_CONTEXT};
    struct merging merging = {.check = check,
                              .given = check->answers ? check->answers : &none,
                              .dropped = dropped};
    struct field_faults *faults = scratch_take(check->scratch, sizeof *faults);
    if (merging.given->kind != VALUE_CONTEXT) { /* a fault that the check tells */
        *ret_merged = *merging.given;
        return true;
    }
    if (kept->kind != VALUE_CONTEXT) kept = &none;
    size_t room = (size_t)kept->length + merging.given->length + 1;
    merging.entries = scratch_take(check->scratch, room * sizeof *merging.entries);
    if (!faults || !merging.entries || !put_together(&merging, kept)) return false;
    for (int round = 0; round < ROUNDS_MAX; round++) {
        struct value answers = value_context(merging.entries, merging.count), unused;
        struct answers_check trial = *check;
        char *before = check->scratch->at;
        field_faults_clear(faults);
        trial.answers = &answers;
        trial.faults = faults;
        bool sound = answers_check(&trial, &unused);
        check->scratch->at = before;
        check->faults->starved |= faults->starved;
        if (faults->starved || (!sound && !faults->count)) return false;
        if (sound || !take_out(&merging, faults)) break;
    }
    *ret_merged = value_context(merging.entries, merging.count);
    return true;
}
