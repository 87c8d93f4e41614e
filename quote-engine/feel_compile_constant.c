/* Constants: computing what can be known when a model is compiled, and keeping values as long as
 * the program lives. What depends on the moment (today, zones) stays to be run; so does what gives
 * null, for then the reason is told where it happens. */
#include "feel_code.h"

#include <string.h>

bool operand_is_constant(const struct operand *operand) {
    return operand->kind == OPERAND_CONSTANT;
}

const struct value *code_constant(const struct code *code) {
    return code->run == run_constant ? &((const struct code_constant *)code)->value : NULL;
}

const struct type *compile_type_of(const struct value *value) {
    static const enum type_kind kinds[] = {
        [VALUE_NULL] = TYPE_NULL, [VALUE_BOOLEAN] = TYPE_BOOLEAN, [VALUE_NUMBER] = TYPE_NUMBER,
        [VALUE_TEXT] = TYPE_TEXT, [VALUE_DATE] = TYPE_DATE, [VALUE_TIME] = TYPE_TIME,
        [VALUE_DATE_TIME] = TYPE_DATE_TIME, [VALUE_MONTHS] = TYPE_MONTHS,
        [VALUE_DURATION] = TYPE_DURATION, [VALUE_RANGE] = TYPE_RANGE, [VALUE_LIST] = TYPE_LIST,
        [VALUE_CONTEXT] = TYPE_CONTEXT, [VALUE_FUNCTION] = TYPE_FUNCTION};
    return type_builtin(kinds[value->kind]);
}

const struct code *compile_constant(struct compiler *compiler, const struct value *value,
                                    const struct type *type) {
    struct code_constant *code = compile_take(compiler, sizeof *code, run_constant,
                                              type ? type : compile_type_of(value));
    if (!code) return NULL;
    code->value = *value;
    return &code->code;
}

/* ---- keeping --------------------------------------------------------------------------------- */

static const void *keep_bytes(struct compiler *compiler, const void *bytes, size_t size) {
    void *copy = arena_take(compiler->arena, size ? size : 1);
    if (copy && size) memcpy(copy, bytes, size);
    return copy;
}

static bool keep_list(struct compiler *compiler, const struct value *value,
                      struct value *ret_value) {
    struct value *items = arena_take_array(compiler->arena, value->length + 1u, sizeof *items);
    if (!items) return false;
    for (uint32_t i = 0; i < value->length; i++)
        if (!compile_keep(compiler, &value->items[i], &items[i])) return false;
    *ret_value = value_list(items, value->length);
    return true;
}

static bool keep_context(struct compiler *compiler, const struct value *value,
                         struct value *ret_value) {
    struct value_entry *entries =
        arena_take_array(compiler->arena, value->length + 1u, sizeof *entries);
    if (!entries) return false;
    for (uint32_t i = 0; i < value->length; i++) {
        const struct value_entry *from = &value->entries[i];
        entries[i].name = arena_copy(compiler->arena, from->name, from->name_length);
        entries[i].name_length = from->name_length;
        if (!entries[i].name || !compile_keep(compiler, &from->value, &entries[i].value))
            return false;
    }
    *ret_value = value_context(entries, value->length);
    return true;
}

static bool keep_range(struct compiler *compiler, const struct value *value,
                       struct value *ret_value) {
    struct value_range *range = arena_take(compiler->arena, sizeof *range);
    if (!range) return false;
    *range = *value->range;
    if (!compile_keep(compiler, &value->range->low, &range->low) ||
        !compile_keep(compiler, &value->range->high, &range->high))
        return false;
    *ret_value = (struct value){.kind = VALUE_RANGE, .range = range};
    return true;
}

bool compile_keep(struct compiler *compiler, const struct value *value, struct value *ret_value) {
    struct value kept = *value;
    switch (value->kind) {
    case VALUE_TEXT:
        kept.text = arena_copy(compiler->arena, value->text, value->length);
        if (!kept.text) return false;
        break;
    case VALUE_TIME:
        if (value->time->zone.kind == ZONE_NAMED) return false;
        kept.time = keep_bytes(compiler, value->time, sizeof *value->time);
        if (!kept.time) return false;
        break;
    case VALUE_DATE_TIME:
        if (value->date_time->time.zone.kind == ZONE_NAMED) return false;
        kept.date_time = keep_bytes(compiler, value->date_time, sizeof *value->date_time);
        if (!kept.date_time) return false;
        break;
    case VALUE_LIST: return keep_list(compiler, value, ret_value);
    case VALUE_CONTEXT: return keep_context(compiler, value, ret_value);
    case VALUE_RANGE: return keep_range(compiler, value, ret_value);
    case VALUE_FUNCTION: return false;
    default: break;
    }
    *ret_value = kept;
    return true;
}

/* ---- folding --------------------------------------------------------------------------------- */

const struct code *compile_fold(struct compiler *compiler, struct code *code, bool is_constant) {
    enum { ROOM_BYTES = 8192 };
    static const struct moment nowhen;
    if (!is_constant || compiler->folded_steps > FOLD_STEPS_MAX) return code;
    _Alignas(16) char room[ROOM_BYTES];
    struct scratch scratch;
    scratch_init(&scratch, room, sizeof room);
    struct evaluation evaluation = {
        .scratch = &scratch, .moment = &nowhen, .steps_left = FOLD_STEPS_EACH};
    struct value value, kept;
    code_run(code, &evaluation, NULL, &value);
    compiler->folded_steps += 1 + FOLD_STEPS_EACH - evaluation.steps_left;
    if (evaluation.status || value.kind == VALUE_NULL || !compile_keep(compiler, &value, &kept))
        return code;
    enum type_kind kind = type_kind_of(code->type);
    bool detailed = kind == TYPE_LIST || kind == TYPE_CONTEXT || kind == TYPE_RANGE;
    return compile_constant(compiler, &kept, detailed ? code->type : NULL);
}
