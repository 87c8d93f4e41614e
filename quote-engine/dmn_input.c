/* Inputs that come as JSON: texts that stand for dates, times and durations become such where the
 * declared type says so. */
#include <string.h>

#include "calendar.h"
#include "dmn.h"

enum { INPUT_DEPTH_MAX = 64, TEMPORAL_TEXT_MAX = 128 };

struct reading {
    const struct moment *moment;
    struct scratch *scratch;
    int status;
};

static void *reading_take(struct reading *reading, size_t count, size_t size) {
    void *memory = scratch_take(reading->scratch, count * size);
    if (!memory) reading->status = QUOTE_TOO_LARGE;
    return memory;
}

static bool is_temporal(const struct type *type) {
    return type->kind == TYPE_DATE || type->kind == TYPE_TIME || type->kind == TYPE_DATE_TIME ||
           type->kind == TYPE_MONTHS || type->kind == TYPE_DURATION;
}

static const struct type *component_type(const struct type *type, const struct value_entry *entry) {
    for (int i = 0; i < type->component_count; i++)
        if (type->components[i].name_length == entry->name_length &&
            memcmp(type->components[i].name, entry->name, entry->name_length) == 0)
            return type->components[i].type;
    return NULL;
}

static struct value input_read(struct reading *reading, const struct type *type,
                               const struct value *value, int depth) {
    struct value result = *value;
    if (!type || depth > INPUT_DEPTH_MAX || reading->status != QUOTE_OK) return result;
    if (is_temporal(type) && value->kind == VALUE_TEXT && value->length <= TEMPORAL_TEXT_MAX) {
        struct value temporal;
        if (calendar_read_any(value->text, value->length, reading->moment, reading->scratch,
                              &temporal))
            result = temporal;
    } else if (type->kind == TYPE_LIST && value->kind != VALUE_LIST) {
        return input_read(reading, type->item, value, depth + 1);
    } else if (type->kind == TYPE_LIST) {
        struct value *items = reading_take(reading, value->length, sizeof *items);
        if (!items) return result;
        for (uint32_t i = 0; i < value->length; i++)
            items[i] = input_read(reading, type->item, &value->items[i], depth + 1);
        result = value_list(items, value->length);
    } else if (type->kind == TYPE_CONTEXT && value->kind == VALUE_CONTEXT) {
        struct value_entry *entries = reading_take(reading, value->length, sizeof *entries);
        if (!entries) return result;
        for (uint32_t i = 0; i < value->length; i++) {
            entries[i] = value->entries[i];
            entries[i].value = input_read(reading, component_type(type, &entries[i]),
                                          &value->entries[i].value, depth + 1);
        }
        result = value_context(entries, value->length);
    }
    return result;
}

int program_input(const struct program *program, int element, const struct value *value,
                  const struct moment *moment, struct scratch *scratch, struct value *ret_value) {
    if (element < 0 || element >= program->element_count) return QUOTE_NOT_FOUND;
    struct reading reading = {.moment = moment, .scratch = scratch};
    struct value result = input_read(&reading, program->details[element].type, value, 0);
    if (reading.status == QUOTE_OK) *ret_value = result;
    return reading.status;
}
