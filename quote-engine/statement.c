/* Computes the premium statement. Amounts are exact decimals until they are rounded, and whole
 * cents from then on. */
#include "statement.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct making { /* one statement being made */
    const struct statement_rules *rules;
    struct decimal exact[PRODUCT_COVERS_MAX]; /* net, as adjusted so far */
    const bool *taken;
    int64_t net_cents[PRODUCT_COVERS_MAX];
    struct statement_step *steps; /* NULL: none are kept */
    int step_count, step_limit;
    char *error;
};

static int fail(struct making *making, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static int fail(struct making *making, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(making->error, STATEMENT_ERROR_MAX, format, arguments);
    va_end(arguments);
    return QUOTE_INVALID;
}

static void step_add(struct making *making, struct statement_step step) {
    if (making->steps && making->step_count < making->step_limit)
        making->steps[making->step_count++] = step;
}

static struct decimal from_cents(int64_t cents) {
    return decimal_from_scaled(cents, STATEMENT_DIGITS_BEHIND_POINT);
}

/* To multiples of `unit_cents`. */
static bool round_cents(struct decimal amount, int unit_cents, enum decimal_rounding rounding,
                        int64_t *ret_cents) {
    struct decimal units;
    int64_t whole;
    if (!decimal_multiply(amount, decimal_from_int64(100 / unit_cents), &units) ||
        !decimal_round(units, 0, rounding, &units) || !decimal_to_int64(units, &whole) ||
        whole > STATEMENT_AMOUNT_MAX_CENTS / unit_cents ||
        whole < -STATEMENT_AMOUNT_MAX_CENTS / unit_cents)
        return false;
    *ret_cents = whole * unit_cents;
    return true;
}

/* amount * percent / 100; the division by 100 is exact in decimals. */
static bool percent_of(struct decimal amount, struct decimal percent, struct decimal *ret_part) {
    struct decimal product;
    return decimal_multiply(amount, percent, &product) &&
           decimal_multiply(product, decimal_from_scaled(1, 2), ret_part);
}

static int adjust_cover(struct making *making, const struct statement_adjustment_rule *rule,
                        int cover, struct decimal rate, struct decimal part) {
    struct decimal before = making->exact[cover];
    if (!decimal_add(before, part, &making->exact[cover]))
        return fail(making, "adjustment %s gives an amount that is too large", rule->code);
    if (decimal_sign(part) != 0)
        step_add(making, (struct statement_step){.kind = STEP_ADJUSTMENT,
                                                 .code = rule->code,
                                                 .cover = making->rules->covers[cover].code,
                                                 .before = before,
                                                 .rate = rate,
                                                 .after = part});
    return QUOTE_OK;
}

/* Spreads an amount over covers in proportion to their premiums; the last one takes what is left,
 * so that the parts are the amount exactly. */
static int adjust_amount(struct making *making, const struct statement_adjustment_rule *rule,
                         uint64_t covers, struct decimal amount) {
    struct decimal base = decimal_from_int64(0), rest = amount;
    int last = -1;
    for (int i = 0; i < making->rules->cover_count; i++) {
        if (!(covers >> i & 1)) continue;
        last = i;
        if (!decimal_add(base, making->exact[i], &base))
            return fail(making, "adjustment %s: the premiums are too large", rule->code);
    }
    if (last < 0)
        return fail(making, "adjustment %s gives an amount, but none of its covers is taken: give "
                            "0 then", rule->code);
    bool single = covers == UINT64_C(1) << last;
    if (!single && decimal_sign(base) == 0)
        return fail(making, "adjustment %s cannot be divided: its covers' premiums are zero",
                    rule->code);
    for (int i = 0; i <= last; i++) {
        if (!(covers >> i & 1)) continue;
        struct decimal part = rest;
        if (i < last && (!decimal_multiply(amount, making->exact[i], &part) ||
                         !decimal_divide(part, base, &part) ||
                         !decimal_round(part, 12, DECIMAL_HALF_EVEN, &part)))
            return fail(making, "adjustment %s gives an amount that is too large", rule->code);
        if (!decimal_subtract(rest, part, &rest))
            return fail(making, "adjustment %s gives an amount that is too large", rule->code);
        int status = adjust_cover(making, rule, i, amount, part);
        if (status != QUOTE_OK) return status;
    }
    return QUOTE_OK;
}

static int adjust(struct making *making, const struct statement_adjustment_rule *rule,
                  struct decimal rate) {
    uint64_t covers = 0;
    for (int i = 0; i < making->rules->cover_count; i++)
        if (making->taken[i] && rule->covers >> i & 1) covers |= UINT64_C(1) << i;
    if (decimal_sign(rate) == 0) return QUOTE_OK;
    if (!rule->percent) return adjust_amount(making, rule, covers, rate);
    for (int i = 0; i < making->rules->cover_count; i++) {
        struct decimal part;
        if (!(covers >> i & 1)) continue;
        if (!percent_of(making->exact[i], rate, &part))
            return fail(making, "adjustment %s gives an amount that is too large", rule->code);
        int status = adjust_cover(making, rule, i, rate, part);
        if (status != QUOTE_OK) return status;
    }
    return QUOTE_OK;
}

/* The cover that takes what rounding leaves over: the one the product names, when it is taken,
 * else the largest, of equals the first. */
static int residue_cover(const struct making *making) {
    int named = making->rules->residue_cover, largest = -1;
    if (named >= 0 && making->taken[named]) return named;
    for (int i = 0; i < making->rules->cover_count; i++)
        if (making->taken[i] &&
            (largest < 0 || making->net_cents[i] > making->net_cents[largest]))
            largest = i;
    return largest;
}

static int round_covers(struct making *making, int64_t *ret_net_cents) {
    const struct statement_rules *rules = making->rules;
    struct decimal sum = decimal_from_int64(0);
    int64_t net_cents = 0, rounded_cents = 0;
    for (int i = 0; i < rules->cover_count; i++) {
        if (!making->taken[i]) continue;
        if (!decimal_add(sum, making->exact[i], &sum) ||
            !round_cents(making->exact[i], rules->unit_cents, rules->cover_rules[i].rounding,
                         &making->net_cents[i]))
            return fail(making, "the premium of cover %s is too large", rules->covers[i].code);
        rounded_cents += making->net_cents[i];
        struct decimal after = from_cents(making->net_cents[i]);
        /* Also where nothing is rounded off: so that every cover's net stands in the steps. */
        step_add(making, (struct statement_step){.kind = STEP_ROUND,
                                                 .code = rules->covers[i].code,
                                                 .before = making->exact[i],
                                                 .after = after});
    }
    if (!round_cents(sum, rules->unit_cents, rules->total_rounding, &net_cents))
        return fail(making, "the premium is too large");
    if (decimal_compare(sum, from_cents(net_cents)) != 0)
        step_add(making, (struct statement_step){
                             .kind = STEP_ROUND, .before = sum, .after = from_cents(net_cents)});
    int64_t residue_cents = net_cents - rounded_cents;
    if (residue_cents != 0) {
        int cover = residue_cover(making);
        int64_t before_cents = making->net_cents[cover];
        making->net_cents[cover] += residue_cents;
        step_add(making, (struct statement_step){.kind = STEP_RESIDUE,
                                                 .code = rules->covers[cover].code,
                                                 .before = from_cents(before_cents),
                                                 .rate = from_cents(residue_cents),
                                                 .after = from_cents(making->net_cents[cover])});
    }
    *ret_net_cents = net_cents;
    return QUOTE_OK;
}

static int make_cover(struct making *making, int cover, struct statement_cover *ret_cover) {
    const struct statement_cover_rule *rule = &making->rules->cover_rules[cover];
    const struct product_cover *about = &making->rules->covers[cover];
    struct decimal net = from_cents(making->net_cents[cover]), taxed, tax, commission;
    int64_t tax_cents, commission_cents;
    if (!percent_of(net, rule->taxed_share_percent, &taxed) ||
        !percent_of(taxed, rule->tax_percent, &tax) ||
        !round_cents(tax, 1, making->rules->tax_rounding, &tax_cents) ||
        !percent_of(net, about->commission_percent, &commission) ||
        !round_cents(commission, 1, DECIMAL_HALF_UP, &commission_cents))
        return fail(making, "the tax of cover %s is too large", about->code);
    step_add(making, (struct statement_step){.kind = STEP_TAX,
                                             .code = about->code,
                                             .before = taxed,
                                             .rate = rule->tax_percent,
                                             .after = from_cents(tax_cents)});
    ret_cover->cover = about;
    ret_cover->net_cents = making->net_cents[cover];
    ret_cover->tax_cents = tax_cents;
    ret_cover->total_cents = making->net_cents[cover] + tax_cents;
    ret_cover->commission_cents = commission_cents;
    return QUOTE_OK;
}

static int make_term(struct making *making, const struct product_term *term, int64_t total_cents,
                     struct statement_term *ret_term) {
    struct decimal surcharged, factor, instalment;
    int64_t instalment_cents;
    if (!decimal_add(decimal_from_int64(100), term->surcharge_percent, &factor) ||
        !percent_of(from_cents(total_cents), factor, &surcharged) ||
        !decimal_divide(surcharged, decimal_from_int64(term->instalments), &instalment) ||
        !round_cents(instalment, 1, making->rules->term_rounding, &instalment_cents))
        return fail(making, "the instalment of term %s is too large", term->code);
    step_add(making, (struct statement_step){.kind = STEP_TERM,
                                             .code = term->code,
                                             .before = from_cents(total_cents),
                                             .rate = term->surcharge_percent,
                                             .after = from_cents(instalment_cents)});
    ret_term->term = term;
    ret_term->instalment_cents = instalment_cents;
    ret_term->total_cents = instalment_cents * term->instalments;
    return QUOTE_OK;
}

static int take_lines(struct making *making, const struct statement_lines *lines) {
    const struct statement_rules *rules = making->rules;
    bool any = false;
    for (int i = 0; i < rules->cover_count; i++) {
        if (!lines->taken[i]) continue;
        any = true;
        making->exact[i] = lines->net[i];
        step_add(making, (struct statement_step){.kind = STEP_COVER_NET,
                                                 .code = rules->covers[i].code,
                                                 .after = lines->net[i]});
    }
    if (!any) return fail(making, "no cover has a premium: at least one decision must give one");
    for (int i = 0; i < rules->adjustment_count; i++) {
        int status = adjust(making, &rules->adjustments[i], lines->adjustment[i]);
        if (status != QUOTE_OK) return status;
    }
    return QUOTE_OK;
}

static int make_all(struct making *making, struct quote_result *result) {
    const struct statement_rules *rules = making->rules;
    int64_t net_cents = 0;
    int status = round_covers(making, &net_cents);
    if (status != QUOTE_OK) return status;
    result->net_cents = net_cents;
    for (int i = 0; i < rules->cover_count; i++) {
        if (!making->taken[i]) continue;
        struct statement_cover *cover = &result->covers[result->cover_count++];
        status = make_cover(making, i, cover);
        if (status != QUOTE_OK) return status;
        result->tax_cents += cover->tax_cents;
        result->commission_cents += cover->commission_cents;
    }
    result->total_cents = result->net_cents + result->tax_cents;
    if (result->net_cents < 0 || result->total_cents < 0)
        return fail(making, "the premium is below zero: its discounts are larger than its covers");
    for (int i = 0; i < rules->term_count; i++) {
        status = make_term(making, &rules->terms[i], result->total_cents,
                           &result->terms[result->term_count++]);
        if (status != QUOTE_OK) return status;
    }
    if (!statement_sums(result)) return fail(making, "the statement does not sum");
    return QUOTE_OK;
}

int statement_make(const struct statement_rules *rules, const struct statement_lines *lines,
                   bool keep_steps, struct scratch *scratch,
                   char ret_error[STATEMENT_ERROR_MAX], struct quote_result *ret_result) {
    struct making making = {.rules = rules, .taken = lines->taken, .error = ret_error};
    if (keep_steps) {
        /* Per cover: its net, each adjustment, rounding, tax; and the total and the residue. */
        making.step_limit = rules->cover_count * (3 + rules->adjustment_count) + 2 +
                            rules->term_count;
        making.steps = scratch_take(scratch, (size_t)making.step_limit * sizeof *making.steps);
        if (!making.steps) {
            fail(&making, "the scratch memory is used up");
            return QUOTE_TOO_LARGE;
        }
    }
    struct quote_result made = *ret_result;
    made.net_cents = made.tax_cents = made.total_cents = made.commission_cents = 0;
    made.cover_count = made.term_count = 0;
    int status = take_lines(&making, lines);
    if (status == QUOTE_OK) status = make_all(&making, &made);
    if (status != QUOTE_OK) return status;
    made.steps = making.steps;
    made.step_count = making.step_count;
    *ret_result = made;
    return QUOTE_OK;
}

bool statement_sums(const struct quote_result *result) {
    int64_t net_cents = 0, tax_cents = 0, total_cents = 0, commission_cents = 0;
    for (int i = 0; i < result->cover_count; i++) {
        const struct statement_cover *cover = &result->covers[i];
        if (cover->total_cents != cover->net_cents + cover->tax_cents) return false;
        net_cents += cover->net_cents;
        tax_cents += cover->tax_cents;
        total_cents += cover->total_cents;
        commission_cents += cover->commission_cents;
    }
    for (int i = 0; i < result->term_count; i++) {
        const struct statement_term *term = &result->terms[i];
        if (term->total_cents != term->instalment_cents * term->term->instalments) return false;
    }
    return result->cover_count > 0 && net_cents == result->net_cents &&
           tax_cents == result->tax_cents && total_cents == result->total_cents &&
           commission_cents == result->commission_cents &&
           result->total_cents == result->net_cents + result->tax_cents;
}
