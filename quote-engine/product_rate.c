/* Rates answers: acceptance first, then (unless it declines) the covers' premiums and adjustments
 * through one plan, and the statement from them. Anything that the tariff leaves unsaid makes the
 * whole rating invalid. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "product_inside.h"

struct rating { /* one rating in progress */
    const struct product *product;
    const struct moment *moment;
    struct scratch *scratch;
    struct trace *trace;
    struct problems *problems;
    struct value *inputs;
    struct quote_result *result;
};

static int fail(struct rating *rating, int line, const char *kind, const char *code,
                const char *format, ...) __attribute__((format(printf, 5, 6)));
static int fail(struct rating *rating, int line, const char *kind, const char *code,
                const char *format, ...) {
    char text[PROBLEM_TEXT_MAX], place[PROBLEM_PLACE_MAX];
    if (!rating->problems) return QUOTE_INVALID;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(place, sizeof place, "%s%s%s", kind, *code ? " " : "", code);
    problems_add(rating->problems, false, rating->product->file, line, 0, place, "%s", text);
    return QUOTE_INVALID;
}

/* A null that could not be computed makes nulls of all that use it: of each place only the first
 * warning is kept, so that they do not crowd out what is wrong. The file is the model's. */
static void warnings_settle(struct problems *problems, int before, const char *file) {
    int kept = before;
    for (int i = before; i < problems->count; i++) {
        bool repeated = false;
        snprintf(problems->items[i].file, sizeof problems->items[i].file, "%.63s", file);
        for (int j = 0; j < kept && !repeated; j++)
            repeated = problems->items[j].warning &&
                       strcmp(problems->items[j].place, problems->items[i].place) == 0;
        if (repeated) continue;
        if (kept != i) problems->items[kept] = problems->items[i];
        kept++;
    }
    problems->count = kept;
}

static int evaluate(struct rating *rating, const struct plan *plan, struct value values[]) {
    int before = rating->problems ? rating->problems->count : 0;
    int status = plan_evaluate(plan, rating->inputs, rating->moment, rating->scratch,
                               rating->trace, rating->problems, values);
    if (rating->problems)
        warnings_settle(rating->problems, before, rating->product->models[0]);
    return status;
}

/* ---- acceptance ---------------------------------------------------------------------------- */

static bool text_is(const struct value *value, const char *text) {
    return value->kind == VALUE_TEXT && value->length == strlen(text) &&
           memcmp(value->text, text, value->length) == 0;
}

static int outcome_read(struct rating *rating, const struct value *outcome,
                        enum quote_outcome *ret_outcome) {
    if (text_is(outcome, "offered")) {
        *ret_outcome = OUTCOME_OFFERED;
    } else if (text_is(outcome, "referred")) {
        *ret_outcome = OUTCOME_REFERRED;
    } else if (text_is(outcome, "declined")) {
        *ret_outcome = OUTCOME_DECLINED;
    } else {
        return fail(rating, rating->product->acceptance_line, "acceptance", "",
                    "decision %.80s gives no outcome: it must be offered, referred or declined",
                    rating->product->acceptance_name);
    }
    return QUOTE_OK;
}

static int reason_add(struct rating *rating, const struct value *code,
                      enum quote_outcome outcome) {
    const struct product *product = rating->product;
    struct quote_result *result = rating->result;
    const struct product_reason *reason = NULL;
    for (int i = 0; i < product->reason_count && !reason; i++)
        if (text_is(code, product->reasons[i].code)) reason = &product->reasons[i];
    if (!reason)
        return fail(rating, product->acceptance_line, "acceptance", "",
                    "decision %.80s gives the reason %.*s, which has no text",
                    product->acceptance_name,
                    code->kind == VALUE_TEXT ? (int)(code->length < 64 ? code->length : 64) : 12,
                    code->kind == VALUE_TEXT ? code->text : "(not a text)");
    for (int i = 0; i < result->reason_count; i++)
        if (result->reasons[i].code == reason->code && result->reasons[i].outcome == outcome)
            return QUOTE_OK;
    if (result->reason_count == PRODUCT_REASONS_MAX)
        return fail(rating, product->acceptance_line, "acceptance", "",
                    "decision %.80s gives more than %d reasons", product->acceptance_name,
                    PRODUCT_REASONS_MAX);
    result->reasons[result->reason_count++] =
        (struct quote_reason){.code = reason->code, .text = reason->text, .outcome = outcome};
    return QUOTE_OK;
}

/* One context {outcome, code}, or an outcome alone. */
static int acceptance_item_read(struct rating *rating, const struct value *item) {
    enum quote_outcome outcome;
    const struct value nothing = value_null();
    const struct value *said = item, *code = NULL;
    if (item->kind == VALUE_CONTEXT) {
        said = value_entry_find(item, "outcome", strlen("outcome"));
        code = value_entry_find(item, "code", strlen("code"));
    }
    int status = outcome_read(rating, said ? said : &nothing, &outcome);
    if (status != QUOTE_OK) return status;
    if (outcome > rating->result->outcome) rating->result->outcome = outcome;
    if (!code || code->kind == VALUE_NULL || (code->kind == VALUE_TEXT && code->length == 0))
        return QUOTE_OK;
    return reason_add(rating, code, outcome);
}

/* A referral's text promises a look that a decline takes back: only what declines is said then. */
static void reasons_settle(struct quote_result *result) {
    if (result->outcome != OUTCOME_DECLINED) return;
    int kept = 0;
    for (int i = 0; i < result->reason_count; i++)
        if (result->reasons[i].outcome == OUTCOME_DECLINED)
            result->reasons[kept++] = result->reasons[i];
    result->reason_count = kept;
}

static int accept(struct rating *rating) {
    struct value acceptance;
    int status = evaluate(rating, rating->product->acceptance, &acceptance);
    if (status != QUOTE_OK) return status;
    rating->result->outcome = OUTCOME_OFFERED;
    if (acceptance.kind != VALUE_LIST) {
        status = acceptance_item_read(rating, &acceptance);
    } else {
        for (uint32_t i = 0; i < acceptance.length && status == QUOTE_OK; i++)
            status = acceptance_item_read(rating, &acceptance.items[i]);
    }
    reasons_settle(rating->result);
    return status;
}

/* ---- premium ------------------------------------------------------------------------------- */

static int cover_take(struct rating *rating, int cover, const struct value *premium,
                      struct statement_lines *lines) {
    const struct product *product = rating->product;
    const struct product_cover_rule *rule = &product->cover_rules[cover];
    const char *code = product->info.covers[cover].code;
    if (premium->kind != VALUE_NULL && premium->kind != VALUE_NUMBER)
        return fail(rating, rule->line, "cover", code,
                    "decision %.80s gives no number for its premium", rule->decision_name);
    lines->taken[cover] = premium->kind == VALUE_NUMBER;
    if (lines->taken[cover]) lines->net[cover] = premium->number;
    bool taken;
    int status = product_condition_holds(rule->taken_when, &rating->result->answers,
                                         &rating->result->effective_date, rating->moment,
                                         rating->scratch, &taken);
    if (status != QUOTE_OK) return status;
    if (taken && !lines->taken[cover])
        return fail(rating, rule->line, "cover", code,
                    "the cover is taken, but decision %.80s gives null: no row or formula has a "
                    "premium for these answers", rule->decision_name);
    if (!taken && lines->taken[cover])
        return fail(rating, rule->line, "cover", code,
                    "the cover is not taken, but decision %.80s gives a premium",
                    rule->decision_name);
    return QUOTE_OK;
}

static int lines_take(struct rating *rating, const struct value *values,
                      struct statement_lines *lines) {
    const struct product *product = rating->product;
    for (int i = 0; i < product->info.cover_count; i++) {
        int status = cover_take(rating, i, &values[product->cover_rules[i].decision], lines);
        if (status != QUOTE_OK) return status;
    }
    for (int i = 0; i < product->rules.adjustment_count; i++) {
        const struct product_adjustment *adjustment = &product->adjustments[i];
        const struct value *value = &values[adjustment->decision];
        if (value->kind != VALUE_NUMBER)
            return fail(rating, adjustment->line, "adjustment", product->rules.adjustments[i].code,
                        "decision %.80s gives no number: it must be 0 where there is nothing to "
                        "adjust", adjustment->decision_name);
        lines->adjustment[i] = value->number;
    }
    return QUOTE_OK;
}

static int premium(struct rating *rating) {
    struct value values[PLAN_DECISIONS_MAX];
    struct statement_lines lines;
    char error[STATEMENT_ERROR_MAX];
    int status = evaluate(rating, rating->product->premium, values);
    if (status == QUOTE_OK) status = lines_take(rating, values, &lines);
    if (status != QUOTE_OK) return status;
    status = statement_make(&rating->product->rules, &lines, rating->trace != NULL,
                            rating->scratch, error, rating->result);
    if (status == QUOTE_INVALID) return fail(rating, 0, "premium", "", "%s", error);
    rating->result->has_premium = status == QUOTE_OK;
    return status;
}

/* ---- rating -------------------------------------------------------------------------------- */

static bool inputs_take(struct rating *rating) {
    const struct product *product = rating->product;
    struct value date = value_date(rating->result->effective_date.year,
                                   rating->result->effective_date.month,
                                   rating->result->effective_date.day);
    rating->inputs =
        scratch_take(rating->scratch, (size_t)product->input_count * sizeof *rating->inputs);
    if (!rating->inputs) return false;
    for (int i = 0; i < product->input_count; i++) {
        const char *name = product->inputs[i];
        const struct value *answer =
            value_entry_find(&rating->result->answers, name, strlen(name));
        rating->inputs[i] = answer ? *answer : value_null();
        if (strcmp(name, PRODUCT_EFFECTIVE_DATE) == 0) rating->inputs[i] = date;
        if (!answer || answer->kind != VALUE_LIST) continue;
        const struct product_question *question = product_question_find(
            product->info.questions, product->info.question_count, name, strlen(name));
        if (question && !product_records_complete(question, rating->scratch, &rating->inputs[i]))
            return false;
    }
    return true;
}

int product_rate(const struct product *product, const struct value *answers,
                 const struct value_date *effective_date, const struct moment *moment,
                 struct scratch *scratch, struct trace *trace, struct problems *problems,
                 struct quote_result *ret_result) {
    struct quote_result result = {.answers = *answers, .effective_date = *effective_date};
    struct rating rating = {.product = product,
                            .moment = moment,
                            .scratch = scratch,
                            .trace = trace,
                            .problems = problems,
                            .result = &result};
    if (!inputs_take(&rating)) return QUOTE_TOO_LARGE;
    int status = accept(&rating);
    if (status == QUOTE_OK && result.outcome != OUTCOME_DECLINED) status = premium(&rating);
    if (status != QUOTE_OK) return status;
    *ret_result = result;
    return QUOTE_OK;
}
