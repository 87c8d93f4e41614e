/* Explanations as data: a context in scratch made from trace and result, with the sentences of
 * explain_words.c beside every step. Each decision stands once, in the order in which it was
 * computed; what it needs stands before it. */
#include "explain.h"

#include <string.h>

/* ---- decisions ----------------------------------------------------------------------------- */

/* The value that an element had: an answer, the effective date, or a decision's result. */
static bool element_value(const struct explaining *explaining, int index,
                          struct value *ret_value) {
    const struct element *element = program_element(explaining->product->program, index);
    const struct quote_result *result = explaining->result;
    if (element->kind == ELEMENT_INPUT) {
        const struct value *answer =
            value_entry_find(&result->answers, element->name, strlen(element->name));
        *ret_value = answer ? *answer : value_null();
        if (strcmp(element->name, PRODUCT_EFFECTIVE_DATE) == 0)
            *ret_value = value_date(result->effective_date.year, result->effective_date.month,
                                    result->effective_date.day);
        return true;
    }
    for (size_t at = 0; at < explaining->trace->count; at++) {
        const struct trace_event *event = &explaining->trace->events[at];
        if (event->kind != TRACE_DECISION_END || event->element != index) continue;
        *ret_value = event->value;
        return true;
    }
    return false;
}

static bool requires_value(const struct explaining *explaining, const struct element *element,
                           struct value *ret_value) {
    struct value *items = explain_values(explaining, (size_t)element->require_count);
    size_t count = 0;
    if (!items) return false;
    for (int i = 0; i < element->require_count; i++) {
        const struct element *other =
            program_element(explaining->product->program, element->requires[i]);
        struct building building = {0};
        struct value value;
        if (other->kind != ELEMENT_INPUT && other->kind != ELEMENT_DECISION) continue;
        if ((other->kind == ELEMENT_INPUT && explain_sensitive(explaining, other->name)) ||
            !element_value(explaining, element->requires[i], &value))
            continue;
        building_put_text(&building, "name", other->name);
        building_put(&building, "value", value);
        if (!building_done(explaining, &building, &items[count++])) return false;
    }
    *ret_value = value_list(items, count);
    return true;
}

static bool decision_value(const struct explaining *explaining, int index, size_t first,
                           size_t end, struct value *ret_value) {
    const struct element *element = program_element(explaining->product->program, index);
    struct building building = {0};
    struct words words = {.length = 0};
    struct value requires, tables, value = explaining->trace->events[end].value;
    if (!requires_value(explaining, element, &requires) ||
        !explain_tables(explaining, first, end, &tables))
        return false;
    words_add_decision(&words, explaining, element, &value, &requires, &tables);
    building_put_text(&building, "name", element->name);
    const char *label = explain_name(explaining, element->name);
    if (!label) label = explain_own_text(explaining, element->label);
    building_put_text(&building, "label", label ? label : element->name);
    building_put_text(&building, "description", explain_description(explaining, element));
    if (!building_put_words(&building, explaining, &words)) return false;
    building_put_text(&building, "formula", element->text);
    building_put(&building, "requires", requires);
    building_put(&building, "tables", tables);
    building_put(&building, "value", value);
    return building_done(explaining, &building, ret_value);
}

/* Where the computation that ends at `end` began. */
static size_t decision_start(const struct trace *trace, size_t end) {
    int depth = 0;
    for (size_t at = end; at-- > 0;) {
        if (trace->events[at].element != trace->events[end].element) continue;
        if (trace->events[at].kind == TRACE_DECISION_END) depth++;
        if (trace->events[at].kind == TRACE_DECISION_START && depth-- == 0) return at;
    }
    return end;
}

/* A decision that acceptance and premium both need was computed twice, alike. */
static bool is_repeated(const struct trace *trace, size_t end) {
    for (size_t at = 0; at < end; at++)
        if (trace->events[at].kind == TRACE_DECISION_END &&
            trace->events[at].element == trace->events[end].element)
            return true;
    return false;
}

static bool decisions_value(const struct explaining *explaining, struct value *ret_value) {
    const struct trace *trace = explaining->trace;
    const struct program *program = explaining->product->program;
    size_t count = 0, limit = (size_t)program_element_count(program);
    struct value *items = explain_values(explaining, limit);
    if (!items) return false;
    for (size_t at = 0; at < trace->count && count < limit; at++) {
        const struct trace_event *event = &trace->events[at];
        if (event->kind != TRACE_DECISION_END ||
            program_element(program, event->element)->kind != ELEMENT_DECISION ||
            is_repeated(trace, at))
            continue;
        if (!decision_value(explaining, event->element, decision_start(trace, at), at,
                            &items[count++]))
            return false;
    }
    *ret_value = value_list(items, count);
    return true;
}

/* Knowledge models that formulas name: their own formulas. */
static bool knowledge_value(const struct explaining *explaining, struct value *ret_value) {
    const struct program *program = explaining->product->program;
    int limit = program_element_count(program);
    struct value *items = explain_values(explaining, (size_t)limit);
    size_t count = 0;
    if (!items) return false;
    for (int i = 0; i < limit; i++) {
        const struct element *element = program_element(program, i);
        struct building building = {0};
        if (element->kind != ELEMENT_KNOWLEDGE) continue;
        building_put_text(&building, "name", element->name);
        building_put_text(&building, "label", explain_name(explaining, element->name));
        building_put_text(&building, "description", explain_description(explaining, element));
        struct words words = {.length = 0};
        words_add_knowledge(&words, explaining, element);
        if (!building_put_words(&building, explaining, &words)) return false;
        building_put_text(&building, "formula", element->text);
        if (!building_done(explaining, &building, &items[count++])) return false;
    }
    *ret_value = value_list(items, count);
    return true;
}

/* ---- statement ----------------------------------------------------------------------------- */

static const char *const step_names[] = {
    [STEP_COVER_NET] = "cover_net", [STEP_ADJUSTMENT] = "adjustment", [STEP_ROUND] = "round",
    [STEP_RESIDUE] = "residue",     [STEP_TAX] = "tax",               [STEP_TERM] = "term"};

/* `rate` is a percentage; what is an amount in itself stands under `amount`. */
static bool put_rate(struct building *building, const struct explaining *explaining,
                     const struct statement_step *step) {
    const struct statement_rules *rules = &explaining->product->rules;
    if (step->kind == STEP_COVER_NET || step->kind == STEP_ROUND) return true;
    bool percent = step->kind != STEP_RESIDUE;
    if (step->kind == STEP_ADJUSTMENT)
        for (int i = 0; i < rules->adjustment_count; i++)
            if (strcmp(rules->adjustments[i].code, step->code) == 0)
                percent = rules->adjustments[i].percent;
    if (!percent) return building_put_amount(building, explaining, "amount", step->rate);
    building_put(building, "rate", value_number(step->rate));
    return true;
}

static bool step_value(const struct explaining *explaining, const struct statement_step *step,
                       struct value *ret_value) {
    struct building building = {0};
    struct words words = {.length = 0};
    words_add_step(&words, explaining, step);
    building_put_text(&building, "kind", step_names[step->kind]);
    building_put_text(&building, "code", step->code);
    if (step->cover) building_put_text(&building, "cover", step->cover);
    if (!building_put_words(&building, explaining, &words)) return false;
    if (step->kind != STEP_COVER_NET &&
        !building_put_amount(&building, explaining, "before", step->before))
        return false;
    if (!put_rate(&building, explaining, step) ||
        !building_put_amount(&building, explaining, "after", step->after))
        return false;
    return building_done(explaining, &building, ret_value);
}

/* A line without a step behind it: how is rounded, and what all makes together. */
static bool line_value(const struct explaining *explaining, const char *kind,
                       const struct words *words, struct value *ret_value) {
    struct building building = {0};
    building_put_text(&building, "kind", kind);
    return building_put_words(&building, explaining, words) &&
           building_done(explaining, &building, ret_value);
}

static bool statement_value(const struct explaining *explaining, struct value *ret_value) {
    const struct quote_result *result = explaining->result;
    struct value *items = explain_values(explaining, (size_t)result->step_count + 2);
    struct words rounding = {.length = 0}, total = {.length = 0};
    size_t count = 0;
    bool summed = false;
    if (!items) return false;
    if (!result->has_premium) {
        *ret_value = value_list(items, 0);
        return true;
    }
    words_add_rounding(&rounding, explaining);
    words_add_total(&total, explaining);
    if (!line_value(explaining, "rounding", &rounding, &items[count++])) return false;
    for (int i = 0; i < result->step_count; i++) {
        if (result->steps[i].kind == STEP_TERM && !summed) {
            summed = true;
            if (!line_value(explaining, "total", &total, &items[count++])) return false;
        }
        if (!step_value(explaining, &result->steps[i], &items[count++])) return false;
    }
    *ret_value = value_list(items, count);
    return true;
}

int product_explain(const struct product *product, const struct trace *trace,
                    const struct quote_result *result, enum language language,
                    struct scratch *scratch, struct value *ret_explanation) {
    struct explaining explaining = {.product = product,
                                    .trace = trace,
                                    .result = result,
                                    .language = language,
                                    .scratch = scratch,
                                    .misses = trace->cells_left != 0};
    struct building building = {0};
    struct value decisions, knowledge, statement, reasons, explanation;
    if (!decisions_value(&explaining, &decisions) || !knowledge_value(&explaining, &knowledge) ||
        !statement_value(&explaining, &statement) || !explain_reasons(&explaining, &reasons))
        return QUOTE_TOO_LARGE;
    building_put(&building, "complete", value_boolean(!trace->overflowed));
    building_put(&building, "reasons", reasons);
    building_put(&building, "decisions", decisions);
    building_put(&building, "knowledge", knowledge);
    building_put(&building, "statement", statement);
    if (!building_done(&explaining, &building, &explanation)) return QUOTE_TOO_LARGE;
    *ret_explanation = explanation;
    return QUOTE_OK;
}
