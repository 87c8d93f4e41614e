/* Types: FEEL's own, whether a value conforms to one, and the conversions that DMN allows where a
 * value meets a declared type (DMN 1.5, 10.3.2.9). Null conforms to every type. A function
 * conforms by the number of its parameters and by what is declared of them. */
#include "feel.h"

#include <string.h>

static const struct type builtin_types[] = {
    [TYPE_ANY] = {.kind = TYPE_ANY, .name = "Any"},
    [TYPE_NULL] = {.kind = TYPE_NULL, .name = "Null"},
    [TYPE_BOOLEAN] = {.kind = TYPE_BOOLEAN, .name = "boolean"},
    [TYPE_NUMBER] = {.kind = TYPE_NUMBER, .name = "number"},
    [TYPE_TEXT] = {.kind = TYPE_TEXT, .name = "string"},
    [TYPE_DATE] = {.kind = TYPE_DATE, .name = "date"},
    [TYPE_TIME] = {.kind = TYPE_TIME, .name = "time"},
    [TYPE_DATE_TIME] = {.kind = TYPE_DATE_TIME, .name = "date and time"},
    [TYPE_MONTHS] = {.kind = TYPE_MONTHS, .name = "years and months duration"},
    [TYPE_DURATION] = {.kind = TYPE_DURATION, .name = "days and time duration"},
    [TYPE_RANGE] = {.kind = TYPE_RANGE, .name = "range"},
    [TYPE_LIST] = {.kind = TYPE_LIST, .name = "list"},
    [TYPE_CONTEXT] = {.kind = TYPE_CONTEXT, .name = "context"},
    [TYPE_FUNCTION] = {.kind = TYPE_FUNCTION, .name = "function"},
};
enum { BUILTIN_TYPE_COUNT = sizeof builtin_types / sizeof *builtin_types };

const struct type *type_builtin(enum type_kind kind) {
    return &builtin_types[kind];
}

const struct type *type_by_name(const char *name, size_t length) {
    static const struct {
        const char *name;
        enum type_kind kind;
    } others[] = {{"any", TYPE_ANY}, {"null", TYPE_NULL}, {"dateTime", TYPE_DATE_TIME},
                  {"dayTimeDuration", TYPE_DURATION}, {"days and time duration", TYPE_DURATION},
                  {"yearMonthDuration", TYPE_MONTHS}};
    for (size_t i = 0; i < BUILTIN_TYPE_COUNT; i++)
        if (strlen(builtin_types[i].name) == length && !memcmp(builtin_types[i].name, name, length))
            return &builtin_types[i];
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strlen(others[i].name) == length && !memcmp(others[i].name, name, length))
            return type_builtin(others[i].kind);
    return NULL;
}

static const enum type_kind kind_of_value[] = {
    [VALUE_NULL] = TYPE_NULL, [VALUE_BOOLEAN] = TYPE_BOOLEAN, [VALUE_NUMBER] = TYPE_NUMBER,
    [VALUE_TEXT] = TYPE_TEXT, [VALUE_DATE] = TYPE_DATE, [VALUE_TIME] = TYPE_TIME,
    [VALUE_DATE_TIME] = TYPE_DATE_TIME, [VALUE_MONTHS] = TYPE_MONTHS,
    [VALUE_DURATION] = TYPE_DURATION, [VALUE_RANGE] = TYPE_RANGE, [VALUE_LIST] = TYPE_LIST,
    [VALUE_CONTEXT] = TYPE_CONTEXT, [VALUE_FUNCTION] = TYPE_FUNCTION};

/* ---- conformance ----------------------------------------------------------------------------- */

static bool conforms(const struct type *type, struct evaluation *evaluation,
                     const struct value *value, int depth);

static bool list_conforms(const struct type *type, struct evaluation *evaluation,
                          const struct value *value, int depth) {
    for (uint32_t i = 0; i < value->length; i++) {
        const struct value *item = &value->items[i];
        if (!conforms(type->item, evaluation, item, depth)) return false;
        if (type->allowed && !type->allowed_on_list && item->kind != VALUE_NULL &&
            !tests_match(type->allowed, evaluation, NULL, item))
            return false;
    }
    return true;
}

static bool context_conforms(const struct type *type, struct evaluation *evaluation,
                             const struct value *value, int depth) {
    for (int i = 0; i < type->component_count; i++) {
        const struct type_component *component = &type->components[i];
        const struct value *entry =
            value_entry_find(value, component->name, component->name_length);
        if (!entry || !conforms(component->type, evaluation, entry, depth)) return false;
    }
    return true;
}

/* Does what conforms to `a` conform to `b`? Where a type is unknown the answer is yes. */
static bool type_conforms(const struct type *a, const struct type *b, int depth) {
    if (!a || !b || a == b || a->kind == TYPE_ANY || b->kind == TYPE_ANY || depth <= 0)
        return true;
    if (a->kind != b->kind) return false;
    if (a->kind == TYPE_LIST || a->kind == TYPE_RANGE)
        return type_conforms(a->item, b->item, depth - 1);
    if (a->kind != TYPE_CONTEXT) return true;
    for (int i = 0; i < b->component_count; i++) {
        const struct type_component *wanted = &b->components[i];
        int j = 0;
        while (j < a->component_count &&
               (a->components[j].name_length != wanted->name_length ||
                memcmp(a->components[j].name, wanted->name, wanted->name_length) != 0))
            j++;
        if (j == a->component_count ||
            !type_conforms(a->components[j].type, wanted->type, depth - 1))
            return false;
    }
    return true;
}

static bool function_conforms(const struct type *type, const struct value *value) {
    enum { TYPE_DEPTH = 8 };
    const struct value_function *function = value->function;
    if (!type->components && !type->result) return true;
    if (function->builtin)
        return type->component_count >= function->builtin->minimum &&
               (function->builtin->maximum < 0 ||
                type->component_count <= function->builtin->maximum);
    if (type->component_count != function->parameter_count) return false;
    for (int i = 0; i < type->component_count; i++)
        if (function->parameter_types &&
            !type_conforms(type->components[i].type, function->parameter_types[i], TYPE_DEPTH))
            return false;
    const struct type *result = function->result;
    if (!result && function->body) result = function->body->type;
    return type_conforms(result, type->result, TYPE_DEPTH);
}

static bool shape_conforms(const struct type *type, struct evaluation *evaluation,
                           const struct value *value, int depth) {
    if (kind_of_value[value->kind] != type->kind) return false;
    switch (type->kind) {
    case TYPE_LIST: return list_conforms(type, evaluation, value, depth);
    case TYPE_CONTEXT: return context_conforms(type, evaluation, value, depth);
    case TYPE_FUNCTION: return function_conforms(type, value);
    case TYPE_RANGE:
        return conforms(type->item, evaluation, &value->range->low, depth) &&
               conforms(type->item, evaluation, &value->range->high, depth);
    default: return true;
    }
}

static bool conforms(const struct type *type, struct evaluation *evaluation,
                     const struct value *value, int depth) {
    if (!type || value->kind == VALUE_NULL) return true;
    if (depth > DMN_DEPTH_MAX) return false;
    if (type->kind != TYPE_ANY && !shape_conforms(type, evaluation, value, depth + 1))
        return false;
    if (type->also && !conforms(type->also, evaluation, value, depth + 1)) return false;
    if (!type->allowed) return true;
    if (type->kind == TYPE_LIST && !type->allowed_on_list) return true; /* seen to with its items */
    return tests_match(type->allowed, evaluation, NULL, value);
}

bool type_accepts(const struct type *type, struct evaluation *evaluation,
                  const struct value *value) {
    return conforms(type, evaluation, value, 0);
}

/* ---- conversion ------------------------------------------------------------------------------ */

static bool date_to_date_time(struct evaluation *evaluation, const struct value *value,
                              struct value *ret_value) {
    struct value_date_time *date_time = evaluation_take(evaluation, sizeof *date_time);
    if (!date_time) return false;
    *date_time = (struct value_date_time){
        .date = value->date, .time = {.zone = {.kind = ZONE_OFFSET, .offset_seconds = 0}}};
    *ret_value = (struct value){.kind = VALUE_DATE_TIME, .date_time = date_time};
    return true;
}

static bool to_singleton(const struct type *type, struct evaluation *evaluation,
                         const struct value *value, struct value *ret_value) {
    struct value *item = evaluation_take(evaluation, sizeof *item);
    if (!item) return false;
    *item = *value;
    struct value list = value_list(item, 1);
    if (!conforms(type, evaluation, &list, 0)) return false;
    *ret_value = list;
    return true;
}

void type_convert(const struct type *type, struct evaluation *evaluation,
                  const struct value *value, struct value *ret_value) {
    if (conforms(type, evaluation, value, 0)) {
        *ret_value = *value;
        return;
    }
    if (type->kind != TYPE_LIST && value->kind == VALUE_LIST && value->length == 1 &&
        conforms(type, evaluation, &value->items[0], 0)) {
        *ret_value = value->items[0];
        return;
    }
    if (type->kind == TYPE_LIST && value->kind != VALUE_LIST &&
        to_singleton(type, evaluation, value, ret_value))
        return;
    if (type->kind == TYPE_DATE_TIME && value->kind == VALUE_DATE) {
        struct value converted;
        if (date_to_date_time(evaluation, value, &converted) &&
            conforms(type, evaluation, &converted, 0)) {
            *ret_value = converted;
            return;
        }
    }
    const char *name = type->name ? type->name : type_builtin(type->kind)->name;
    if (kind_of_value[value->kind] == type->kind)
        value_fail(evaluation, ret_value, "this %s is not one that the type %s allows",
                   type_builtin(kind_of_value[value->kind])->name, name);
    else
        value_fail(evaluation, ret_value, "a value of type %s is wanted, but this is a %s", name,
                   type_builtin(kind_of_value[value->kind])->name);
}

bool type_instance(const struct type *type, struct evaluation *evaluation,
                   const struct value *value) {
    if (value->kind == VALUE_NULL) return type && type->kind == TYPE_NULL;
    return conforms(type, evaluation, value, 0);
}
