/* Running FEEL: limits, reasons for null, constants, variables, types. */
#include "calendar.h"
#include "feel_code.h"

#include <stdarg.h>
#include <stdio.h>

void *evaluation_take(struct evaluation *evaluation, size_t size) {
    void *memory = scratch_take(evaluation->scratch, size);
    if (!memory) evaluation->status = QUOTE_TOO_LARGE;
    return memory;
}

bool evaluation_step(struct evaluation *evaluation) {
    if (evaluation->status) return false;
    if (--evaluation->steps_left >= 0) return true;
    evaluation->status = QUOTE_TOO_LARGE;
    return false;
}

bool evaluation_steps(struct evaluation *evaluation, uint64_t steps) {
    if (evaluation->status) return false;
    bool fits = evaluation->steps_left >= 0 && steps <= (uint64_t)evaluation->steps_left;
    if (fits) evaluation->steps_left -= (int64_t)steps;
    else {
        evaluation->steps_left = -1;
        evaluation->status = QUOTE_TOO_LARGE;
    }
    return fits;
}

bool evaluation_compare(struct evaluation *evaluation, const struct value *a,
                        const struct value *b, int *ret_order) {
    enum { BYTES_PER_STEP = 256 };
    if (a->kind == VALUE_TEXT && b->kind == VALUE_TEXT) {
        uint32_t shorter = a->length < b->length ? a->length : b->length;
        if (shorter >= BYTES_PER_STEP && !evaluation_steps(evaluation, shorter / BYTES_PER_STEP))
            return false;
    }
    return value_compare(a, b, evaluation->moment, ret_order);
}

void value_fail(struct evaluation *evaluation, struct value *ret_value, const char *format, ...) {
    *ret_value = value_null();
    if (!evaluation->problems) return;
    char reason[PROBLEM_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    const char *file = "", *place = "";
    if (evaluation->program) {
        const struct element *element = program_element(evaluation->program, evaluation->element);
        file = program_name(evaluation->program);
        if (element && element->name) place = element->name;
    }
    problems_add(evaluation->problems, true, file, 0, 0, place, "%s", reason);
}

const char *value_kind_name(const struct value *value) {
    static const char *const names[] = {
        [VALUE_NULL] = "null", [VALUE_BOOLEAN] = "a boolean", [VALUE_NUMBER] = "a number",
        [VALUE_TEXT] = "a text", [VALUE_DATE] = "a date", [VALUE_TIME] = "a time",
        [VALUE_DATE_TIME] = "a date and time", [VALUE_MONTHS] = "a years and months duration",
        [VALUE_DURATION] = "a days and time duration", [VALUE_RANGE] = "a range",
        [VALUE_LIST] = "a list", [VALUE_CONTEXT] = "a context", [VALUE_FUNCTION] = "a function"};
    return names[value->kind];
}

void run_constant(RUN_ARGUMENTS) {
    (void)evaluation, (void)frame;
    *ret_value = ((const struct code_constant *)code)->value;
}

void run_null_error(RUN_ARGUMENTS) {
    (void)frame;
    value_fail(evaluation, ret_value, "%s", ((const struct code_constant *)code)->reason);
}

void run_zoned(RUN_ARGUMENTS) {
    (void)frame;
    const struct value *value = &((const struct code_constant *)code)->value;
    const struct zone *zone =
        value->kind == VALUE_TIME ? &value->time->zone : &value->date_time->time.zone;
    const struct moment *moment = evaluation->moment;
    int32_t offset;
    if (moment && moment->zone_offset &&
        moment->zone_offset(moment->zone_context, zone->name, zone->name_length, 0, &offset))
        *ret_value = *value;
    else
        value_fail(evaluation, ret_value, "unknown time zone '%.*s'",
                   (int)(zone->name_length > 80 ? 80 : zone->name_length), zone->name);
}

void run_slot(RUN_ARGUMENTS) {
    (void)evaluation;
    const struct code_slot *slot = (const struct code_slot *)code;
    *ret_value = *frame_slot(frame, slot->depth, slot->slot);
}

void run_instance(RUN_ARGUMENTS) {
    const struct code_typed *typed = (const struct code_typed *)code;
    struct value room;
    const struct value *value = operand_value(&typed->a, evaluation, frame, &room);
    *ret_value = value_boolean(type_instance(typed->type, evaluation, value));
}

void run_convert(RUN_ARGUMENTS) {
    const struct code_typed *typed = (const struct code_typed *)code;
    struct value room;
    const struct value *value = operand_value(&typed->a, evaluation, frame, &room);
    type_convert(typed->type, evaluation, value, ret_value);
}
