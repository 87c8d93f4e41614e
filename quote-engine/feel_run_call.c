/* Calls: built-ins, functions made by a model, and functions as values. A call whose argument does
 * not conform to its parameter's type gives null (DMN 1.5, 10.3.2.9.4). */
#include "feel_code.h"

#include <string.h>

/* ---- function values ------------------------------------------------------------------------- */

static bool call_enter(struct evaluation *evaluation, int cost) {
    if (!evaluation_step(evaluation)) return false;
    if (evaluation->depth > EVALUATION_DEPTH_MAX - cost) {
        evaluation->too_deep = true;
        evaluation->status = QUOTE_TOO_LARGE;
        return false;
    }
    evaluation->depth += cost;
    return true;
}

/* The arguments converted, in a frame of their own: a function made inside may keep it. */
static struct frame *arguments_convert(const struct value_function *function,
                                       struct evaluation *evaluation,
                                       const struct value *arguments) {
    size_t count = (size_t)function->parameter_count;
    struct frame *own = evaluation_take(evaluation, sizeof *own + count * sizeof *own->slots);
    if (!own) return NULL;
    own->outer = function->frame;
    own->slots = (struct value *)(own + 1);
    for (size_t i = 0; i < count; i++) {
        own->slots[i] = arguments[i];
        const struct type *type = function->parameter_types ? function->parameter_types[i] : NULL;
        if (!type || type->kind == TYPE_ANY) continue;
        type_convert(type, evaluation, &arguments[i], &own->slots[i]);
        if (own->slots[i].kind == VALUE_NULL && arguments[i].kind != VALUE_NULL) return NULL;
    }
    return own;
}

/* A built-in walks over what it is handed: large lists and texts count as steps, but for what only
 * asks how many there are. */
static bool arguments_weigh(const struct builtin *builtin, struct evaluation *evaluation,
                            const struct value *arguments, int count) {
    enum { ITEMS_PER_STEP = 8, BYTES_PER_STEP = 64 };
    uint64_t steps = 0;
    for (int i = 0; i < count; i++) {
        const struct value *argument = &arguments[i];
        if (argument->kind == VALUE_TEXT) steps += argument->length / BYTES_PER_STEP;
        else if (argument->kind == VALUE_LIST || argument->kind == VALUE_CONTEXT)
            steps += argument->length / ITEMS_PER_STEP;
    }
    return !steps || builtin->counts_only || evaluation_steps(evaluation, steps);
}

static void call_builtin(const struct builtin *builtin, struct evaluation *evaluation,
                         const struct value *arguments, int count, struct value *ret_value) {
    if (!arguments_weigh(builtin, evaluation, arguments, count))
        *ret_value = value_null();
    else if (count < builtin->minimum || (builtin->maximum >= 0 && count > builtin->maximum))
        value_fail(evaluation, ret_value, "the function '%s' cannot be called with %d arguments",
                   builtin->name, count);
    else
        builtin->run(evaluation, arguments, count, ret_value);
}

void function_call(const struct value *function, struct evaluation *evaluation,
                   const struct value *arguments, int count, struct value *ret_value) {
    if (function->kind != VALUE_FUNCTION) {
        value_fail(evaluation, ret_value, "%s cannot be called: it is no function",
                   value_kind_name(function));
        return;
    }
    const struct value_function *called = function->function;
    int cost = 1 + (called->body ? called->body->height / DEPTH_PER_HEIGHT : 0);
    struct value result = value_null();
    if (!call_enter(evaluation, cost)) {
        *ret_value = result;
        return;
    }
    if (called->builtin) {
        call_builtin(called->builtin, evaluation, arguments, count, &result);
    } else if (count != called->parameter_count) {
        value_fail(evaluation, &result, "this function has %d parameters, but is called with %d",
                   called->parameter_count, count);
    } else {
        struct frame *own = arguments_convert(called, evaluation, arguments);
        if (own && called->run) called->run(called, evaluation, own->slots, &result);
        else if (own && called->body) code_run(called->body, evaluation, own, &result);
        if (called->result && result.kind != VALUE_NULL)
            type_convert(called->result, evaluation, &result, &result);
    }
    evaluation->depth -= cost;
    *ret_value = result;
}

/* ---- calls in expressions -------------------------------------------------------------------- */

/* Where a named argument belongs: -1 when there is no such parameter. */
static int parameter_index(const struct value_function *function, const char *name,
                           uint32_t length) {
    if (function->builtin) {
        for (int i = 0; i < 8 && function->builtin->parameters[i]; i++)
            if (strlen(function->builtin->parameters[i]) == length &&
                !memcmp(function->builtin->parameters[i], name, length))
                return i;
        return -1;
    }
    for (int i = 0; i < function->parameter_count; i++)
        if (function->parameter_name_lengths[i] == length &&
            !memcmp(function->parameter_names[i], name, length))
            return i;
    return -1;
}

/* Puts named arguments in the order of the parameters; what is not given is null. */
static int arguments_order(const struct code_items *call, const struct value_function *function,
                           struct evaluation *evaluation, const struct value *given,
                           struct value *ret_ordered) {
    struct value ignored;
    int count = function->builtin ? 0 : function->parameter_count;
    for (int i = 0; i < FUNCTION_PARAMETERS_MAX; i++) ret_ordered[i] = value_null();
    for (int i = 0; i < call->count; i++) {
        int index = parameter_index(function, call->names[i], call->name_lengths[i]);
        if (index < 0 || index >= FUNCTION_PARAMETERS_MAX) {
            value_fail(evaluation, &ignored, "this function has no parameter '%.*s'",
                       (int)(call->name_lengths[i] > 80 ? 80 : call->name_lengths[i]),
                       call->names[i]);
            return -1;
        }
        ret_ordered[index] = given[i];
        if (index >= count) count = index + 1;
    }
    return count;
}

static struct value *arguments_run(const struct code_items *call, struct evaluation *evaluation,
                                   const struct frame *frame, struct value *inline_room) {
    struct value *arguments = inline_room, room;
    if (call->count > ARGUMENTS_INLINE)
        arguments = evaluation_take(evaluation, (size_t)call->count * sizeof *arguments);
    for (int i = 0; arguments && i < call->count; i++) {
        arguments[i] = *operand_value(&call->items[i], evaluation, frame, &room);
        if (evaluation->status) return NULL;
    }
    return arguments;
}

void run_builtin(RUN_ARGUMENTS) {
    const struct code_items *call = (const struct code_items *)code;
    struct value inline_room[ARGUMENTS_INLINE];
    struct value *arguments = arguments_run(call, evaluation, frame, inline_room);
    if (!arguments || !arguments_weigh(call->builtin, evaluation, arguments, call->count))
        *ret_value = value_null();
    else call->builtin->run(evaluation, arguments, call->count, ret_value);
}

static void call_named(const struct code_items *call, struct evaluation *evaluation,
                       const struct value *called, const struct value *given,
                       struct value *ret_value) {
    struct value ordered[FUNCTION_PARAMETERS_MAX];
    int count = arguments_order(call, called->function, evaluation, given, ordered);
    if (count < 0) *ret_value = value_null();
    else function_call(called, evaluation, ordered, count, ret_value);
}

void run_call(RUN_ARGUMENTS) {
    const struct code_items *call = (const struct code_items *)code;
    struct value inline_room[ARGUMENTS_INLINE], called, room;
    called = *operand_value(&call->called, evaluation, frame, &room);
    if (called.kind != VALUE_FUNCTION && call->otherwise) called = *call->otherwise;
    struct value *arguments = arguments_run(call, evaluation, frame, inline_room);
    if (!arguments) *ret_value = value_null();
    else if (call->names && called.kind == VALUE_FUNCTION)
        call_named(call, evaluation, &called, arguments, ret_value);
    else function_call(&called, evaluation, arguments, call->count, ret_value);
}

void run_function_make(RUN_ARGUMENTS) {
    const struct code_function *made = (const struct code_function *)code;
    struct value_function *function = evaluation_take(evaluation, sizeof *function);
    *ret_value = value_null();
    if (!function) return;
    *function = made->function;
    function->frame = frame;
    *ret_value = (struct value){.kind = VALUE_FUNCTION, .function = function};
}
