/* Lists of records as the tariff sees them. A caller leaves out what a record was not asked or did
 * not answer; the tariff gets a null in its place, as it does for questions outside records, so
 * that every record has the entries that the model's type for it declares. */
#include <string.h>

#include "product_inside.h"

static bool is_complete(const struct product_question *question, const struct value *record) {
    if (record->kind != VALUE_CONTEXT) return true;
    for (int i = 0; i < question->question_count; i++) {
        const char *name = question->questions[i].name;
        if (!value_entry_find(record, name, strlen(name))) return false;
    }
    return true;
}

/* In the order of the questions. Answers were checked: a record holds no other entries. */
static bool record_complete(const struct product_question *question, const struct value *record,
                            struct scratch *scratch, struct value *ret_record) {
    size_t count = (size_t)question->question_count;
    struct value_entry *entries = scratch_take(scratch, count * sizeof *entries);
    if (!entries) return false;
    for (size_t i = 0; i < count; i++) {
        const char *name = question->questions[i].name;
        size_t length = strlen(name);
        const struct value *answer = value_entry_find(record, name, length);
        entries[i] = (struct value_entry){.name = name,
                                          .name_length = (uint32_t)length,
                                          .value = answer ? *answer : value_null()};
    }
    *ret_record = value_context(entries, count);
    return true;
}

bool product_records_complete(const struct product_question *question, struct scratch *scratch,
                              struct value *records) {
    uint32_t at = 0;
    if (question->type != QUESTION_RECORDS || records->kind != VALUE_LIST) return true;
    while (at < records->length && is_complete(question, &records->items[at])) at++;
    if (at == records->length) return true;
    struct value *items = scratch_take(scratch, records->length * sizeof *items);
    if (!items) return false;
    for (uint32_t i = 0; i < records->length; i++) {
        items[i] = records->items[i];
        if (!is_complete(question, &items[i]) &&
            !record_complete(question, &records->items[i], scratch, &items[i]))
            return false;
    }
    *records = value_list(items, records->length);
    return true;
}
