/* Proves a product: its worked cases give what they say, exactly, and its examples are offered a
 * premium. Lines of a quote are looked up by name in the quote written as a value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "proof.h"

enum {
    VALUE_SHOWN_MAX = 120,
    QUOTE_LINE_ENTRIES_MAX = 8,
    CASE_SAID_MAX = 4 /* results of one case that are told: one slip shifts many amounts */
};

struct proving {
    const struct product *product;
    const struct moment *moment;
    struct scratch *scratch;
    struct problems *problems;
    const char *file;
    int said; /* results of the case at hand that came out otherwise */
};

/* ---- a quote as a value -------------------------------------------------------------------- */

static struct value amount(int64_t cents) {
    return value_number(decimal_from_scaled(cents, STATEMENT_DIGITS_BEHIND_POINT));
}

static void entry_add(struct value_entry *entries, uint32_t *count, const char *name,
                      struct value value) {
    entries[(*count)++] = (struct value_entry){
        .name = name, .name_length = (uint32_t)strlen(name), .value = value};
}

static const char *const outcome_names[] = {
    [OUTCOME_OFFERED] = "offered",
    [OUTCOME_REFERRED] = "referred",
    [OUTCOME_DECLINED] = "declined"};

/* Every cover of the product: null where it is not taken. */
static bool covers_value(const struct proving *proof, const struct quote_result *result,
                         struct value *ret_value) {
    const struct product_info *info = &proof->product->info;
    struct value_entry *covers =
        scratch_take(proof->scratch, (size_t)info->cover_count * sizeof *covers);
    if (!covers) return false;
    uint32_t count = 0;
    for (int i = 0; i < info->cover_count; i++) {
        const struct statement_cover *cover = NULL;
        for (int j = 0; j < result->cover_count; j++)
            if (result->covers[j].cover == &info->covers[i]) cover = &result->covers[j];
        if (!cover) {
            entry_add(covers, &count, info->covers[i].code, value_null());
            continue;
        }
        uint32_t lines = 0;
        struct value_entry *entries =
            scratch_take(proof->scratch, QUOTE_LINE_ENTRIES_MAX * sizeof *entries);
        if (!entries) return false;
        entry_add(entries, &lines, "net", amount(cover->net_cents));
        entry_add(entries, &lines, "tax", amount(cover->tax_cents));
        entry_add(entries, &lines, "total", amount(cover->total_cents));
        entry_add(entries, &lines, "commission", amount(cover->commission_cents));
        entry_add(covers, &count, info->covers[i].code, value_context(entries, lines));
    }
    *ret_value = value_context(covers, count);
    return true;
}

static bool terms_value(const struct proving *proof, const struct quote_result *result,
                        struct value *ret_value) {
    struct value_entry *terms =
        scratch_take(proof->scratch, (size_t)(result->term_count + 1) * sizeof *terms);
    if (!terms) return false;
    uint32_t count = 0;
    for (int i = 0; i < result->term_count; i++) {
        const struct statement_term *term = &result->terms[i];
        uint32_t lines = 0;
        struct value_entry *entries =
            scratch_take(proof->scratch, QUOTE_LINE_ENTRIES_MAX * sizeof *entries);
        if (!entries) return false;
        entry_add(entries, &lines, "instalments", value_int64(term->term->instalments));
        entry_add(entries, &lines, "instalment", amount(term->instalment_cents));
        entry_add(entries, &lines, "total", amount(term->total_cents));
        entry_add(terms, &count, term->term->code, value_context(entries, lines));
    }
    *ret_value = value_context(terms, count);
    return true;
}

static bool premium_value(const struct proving *proof, const struct quote_result *result,
                          struct value *ret_value) {
    struct value covers, terms;
    uint32_t count = 0;
    if (!result->has_premium) {
        *ret_value = value_null();
        return true;
    }
    struct value_entry *entries =
        scratch_take(proof->scratch, QUOTE_LINE_ENTRIES_MAX * sizeof *entries);
    if (!entries || !covers_value(proof, result, &covers) || !terms_value(proof, result, &terms))
        return false;
    entry_add(entries, &count, "net", amount(result->net_cents));
    entry_add(entries, &count, "tax", amount(result->tax_cents));
    entry_add(entries, &count, "total", amount(result->total_cents));
    entry_add(entries, &count, "commission", amount(result->commission_cents));
    entry_add(entries, &count, "covers", covers);
    entry_add(entries, &count, "terms", terms);
    *ret_value = value_context(entries, count);
    return true;
}

static bool quote_value(const struct proving *proof, const struct quote_result *result,
                        struct value *ret_value) {
    struct value premium;
    uint32_t count = 0;
    const char *outcome = outcome_names[result->outcome];
    struct value_entry *entries =
        scratch_take(proof->scratch, QUOTE_LINE_ENTRIES_MAX * sizeof *entries);
    struct value *reasons =
        scratch_take(proof->scratch, (size_t)(result->reason_count + 1) * sizeof *reasons);
    if (!entries || !reasons || !premium_value(proof, result, &premium)) return false;
    for (int i = 0; i < result->reason_count; i++)
        reasons[i] = value_text(result->reasons[i].code, strlen(result->reasons[i].code));
    entry_add(entries, &count, "status", value_text(outcome, strlen(outcome)));
    entry_add(entries, &count, "reasons", value_list(reasons, (size_t)result->reason_count));
    entry_add(entries, &count, "premium", premium);
    *ret_value = value_context(entries, count);
    return true;
}

/* Follows "premium.covers.liability.net"; NULL when the quote has no such line. */
static const struct value *line_find(const struct value *quote, const char *name) {
    const struct value *value = quote;
    while (value && *name) {
        size_t length = strcspn(name, ".");
        value = value->kind == VALUE_CONTEXT ? value_entry_find(value, name, length) : NULL;
        name += length + (name[length] == '.');
    }
    return value;
}

static bool is_line_name(const char *name) {
    return strcmp(name, "status") == 0 || strcmp(name, "reasons") == 0 ||
           strcmp(name, "premium") == 0 || strncmp(name, "premium.", strlen("premium.")) == 0;
}

/* ---- cases --------------------------------------------------------------------------------- */

/* The value for a message: its beginning when it is long. */
static void value_show(const struct proving *proof, const struct value *value,
                       char ret_text[VALUE_SHOWN_MAX]) {
    struct value text;
    struct scratch scratch = *proof->scratch;
    if (value->kind == VALUE_NULL) {
        snprintf(ret_text, VALUE_SHOWN_MAX, "null");
    } else if (value_to_text(value, &scratch, &text) && text.kind == VALUE_TEXT) {
        snprintf(ret_text, VALUE_SHOWN_MAX, "%.*s",
                 (int)(text.length < VALUE_SHOWN_MAX ? text.length : VALUE_SHOWN_MAX), text.text);
    } else {
        snprintf(ret_text, VALUE_SHOWN_MAX, "a value too long to show");
    }
}

static void result_fault(struct proving *proof, const struct cases_result *result,
                         const char *place, const char *text) {
    if (proof->said++ < CASE_SAID_MAX)
        problems_add(proof->problems, false, proof->file, result->line, 0, place, "%.100s: %s",
                     result->name, text);
}

static bool result_check(struct proving *proof, const struct cases_result *expected,
                         const struct value *inputs, const struct value *quote,
                         const char *place) {
    struct value value;
    const struct value *actual = NULL;
    if (is_line_name(expected->name)) {
        if (!quote) return false; /* said once, for the case */
        actual = line_find(quote, expected->name);
        if (!actual) {
            result_fault(proof, expected, place, "the quote has no such line");
            return false;
        }
    } else {
        int decision = program_find(proof->product->program, ELEMENT_DECISION, expected->name);
        if (decision < 0) {
            result_fault(proof, expected, place, "there is no such decision");
            return false;
        }
        if (program_evaluate(proof->product->program, decision, inputs, proof->moment,
                             proof->scratch, NULL, NULL, &value) == QUOTE_OK)
            actual = &value;
    }
    if (!actual) {
        result_fault(proof, expected, place, "it could not be computed");
        return false;
    }
    if (cases_equal(&expected->expected, actual, proof->moment)) return true;
    char wanted[VALUE_SHOWN_MAX], got[VALUE_SHOWN_MAX], text[PROBLEM_TEXT_MAX];
    value_show(proof, &expected->expected, wanted);
    value_show(proof, actual, got);
    snprintf(text, sizeof text, "the case expects %s, the tariff gives %s", wanted, got);
    result_fault(proof, expected, place, text);
    return false;
}

/* The case's inputs without the effective date, which is no answer. False: it is no date. */
static bool answers_take(const struct proving *proof, const struct value *inputs,
                         struct value *ret_answers, struct value_date *ret_date) {
    struct value_entry *entries =
        scratch_take(proof->scratch, (size_t)(inputs->length + 1) * sizeof *entries);
    uint32_t count = 0;
    if (!entries) return false;
    *ret_date = proof->moment->now.date;
    for (uint32_t i = 0; i < inputs->length; i++) {
        const struct value_entry *entry = &inputs->entries[i];
        if (entry->name_length != strlen(PRODUCT_EFFECTIVE_DATE) ||
            memcmp(entry->name, PRODUCT_EFFECTIVE_DATE, entry->name_length) != 0) {
            entries[count++] = *entry;
            continue;
        }
        if (entry->value.kind != VALUE_DATE) return false;
        *ret_date = entry->value.date;
    }
    *ret_answers = value_context(entries, count);
    return true;
}

/* Inputs of decisions: the answers as a rating hands them to the tariff, the effective date. */
static bool inputs_take(const struct proving *proof, const struct value *answers,
                        const struct value_date *date, struct value *ret_inputs) {
    const struct product_info *info = &proof->product->info;
    uint32_t count = answers->length;
    struct value_entry *entries =
        scratch_take(proof->scratch, (size_t)(count + 1) * sizeof *entries);
    if (!entries) return false;
    for (uint32_t i = 0; i < count; i++) {
        const struct product_question *question =
            product_question_find(info->questions, info->question_count,
                                  answers->entries[i].name, answers->entries[i].name_length);
        entries[i] = answers->entries[i];
        if (question && !product_records_complete(question, proof->scratch, &entries[i].value))
            return false;
    }
    entry_add(entries, &count, PRODUCT_EFFECTIVE_DATE,
              value_date(date->year, date->month, date->day));
    *ret_inputs = value_context(entries, count);
    return true;
}

static bool results_check(struct proving *proof, const struct cases_case *item,
                          const struct value *inputs, const struct value *quote,
                          const char *place) {
    bool passed = true;
    proof->said = 0;
    for (int i = 0; i < item->result_count; i++) {
        char *mark = proof->scratch->at;
        if (!result_check(proof, &item->results[i], inputs, quote, place)) passed = false;
        proof->scratch->at = mark;
    }
    if (proof->said > CASE_SAID_MAX)
        problems_add(proof->problems, false, proof->file, item->line, 0, place,
                     "and %d more of its results come out otherwise", proof->said - CASE_SAID_MAX);
    return passed;
}

static bool case_run(struct proving *proof, const struct cases_case *item) {
    char place[PROBLEM_PLACE_MAX];
    struct value answers, inputs, quote;
    struct value_date date;
    struct quote_result result;
    snprintf(place, sizeof place, "case %.40s%s%.100s", item->id, *item->description ? ": " : "",
             item->description);
    if (!answers_take(proof, &item->inputs, &answers, &date) ||
        !inputs_take(proof, &answers, &date, &inputs)) {
        problems_add(proof->problems, false, proof->file, item->line, 0, place,
                     "its effective_date must be an xsd:date");
        return false;
    }
    bool passed = item->result_count > 0;
    if (!passed)
        problems_add(proof->problems, false, proof->file, item->line, 0, place,
                     "it expects nothing: give it at least one resultNode");
    /* What answers that the product refuses come to is no matter. */
    if (product_answers_check(proof->product, &answers, &date, proof->moment, proof->scratch,
                              proof->problems, proof->file, item->line, place))
        return false;
    int status = product_rate(proof->product, &answers, &date, proof->moment, proof->scratch, NULL,
                              proof->problems, &result);
    bool rated = status == QUOTE_OK && quote_value(proof, &result, &quote);
    if (!rated) {
        problems_add(proof->problems, false, proof->file, item->line, 0, place,
                     status == QUOTE_INVALID ? "its answers cannot be rated"
                                             : "rating its answers takes too much memory");
        passed = false;
    }
    return results_check(proof, item, &inputs, rated ? &quote : NULL, place) && passed;
}

static int id_compare(const void *a, const void *b) {
    const struct cases_case *first = *(const struct cases_case *const *)a;
    const struct cases_case *second = *(const struct cases_case *const *)b;
    int order = strcmp(first->id, second->id);
    return order ? order : (first->line > second->line) - (first->line < second->line);
}

/* Cases are told apart by their ids. */
static int ids_check(const struct proving *proof, const struct cases *cases) {
    char place[PROBLEM_PLACE_MAX];
    const struct cases_case **sorted = calloc((size_t)cases->count + 1, sizeof *sorted);
    if (!sorted) return QUOTE_NO_MEMORY;
    for (int i = 0; i < cases->count; i++) sorted[i] = &cases->items[i];
    qsort(sorted, (size_t)cases->count, sizeof *sorted, id_compare);
    for (int i = 1; i < cases->count; i++) {
        if (!*sorted[i]->id || strcmp(sorted[i - 1]->id, sorted[i]->id) != 0) continue;
        snprintf(place, sizeof place, "case %.40s", sorted[i]->id);
        problems_add(proof->problems, false, proof->file, sorted[i]->line, 0, place,
                     "the case on line %d has this id as well: give each its own",
                     sorted[i - 1]->line);
    }
    free(sorted);
    return QUOTE_OK;
}

static int cases_run(struct proving *proof, const struct source *source, int *ret_passed,
                     int *ret_failed) {
    struct cases *cases;
    int status = cases_read(source, proof->moment, proof->problems, &cases);
    if (status != QUOTE_OK) return status;
    int passed = 0;
    for (int i = 0; i < cases->count; i++) {
        char *mark = proof->scratch->at;
        passed += case_run(proof, &cases->items[i]);
        proof->scratch->at = mark;
    }
    status = ids_check(proof, cases);
    *ret_passed = passed;
    *ret_failed = cases->count - passed;
    proof_cases(proof->product, cases, proof->file, proof->problems);
    if (!cases->count) {
        problems_add(proof->problems, false, proof->file, 0, 0, "",
                     "there is no testCase: a product shows what it computes by examples");
        status = QUOTE_INVALID;
    }
    cases_free(cases);
    return status;
}

/* ---- examples ------------------------------------------------------------------------------ */

static void example_run(const struct proving *proof, int index) {
    const struct product *product = proof->product;
    const struct value *answers = &product->info.examples[index];
    const struct value_date *date = &proof->moment->now.date;
    char place[PROBLEM_PLACE_MAX];
    struct quote_result result;
    snprintf(place, sizeof place, "example %d", index + 1);
    if (product_answers_check(product, answers, date, proof->moment, proof->scratch,
                              proof->problems, product->file, product->example_lines[index], place))
        return;
    int status = product_rate(product, answers, date, proof->moment, proof->scratch, NULL,
                              proof->problems, &result);
    if (status != QUOTE_OK)
        problems_add(proof->problems, false, product->file, product->example_lines[index], 0, place,
                     "its answers cannot be rated");
    else if (result.outcome != OUTCOME_OFFERED)
        problems_add(proof->problems, false, product->file, product->example_lines[index], 0, place,
                     "it must be offered a premium, but it is %s", outcome_names[result.outcome]);
}

int product_prove(const struct product *product, const struct source *cases,
                  const struct moment *moment, struct scratch *scratch, struct problems *problems,
                  int *ret_passed, int *ret_failed) {
    struct proving proof = {.product = product,
                          .moment = moment,
                          .scratch = scratch,
                          .problems = problems,
                          .file = cases ? cases->name : ""};
    int before = problems->errors, passed = 0, failed = 0, status = QUOTE_OK;
    if (cases) status = cases_run(&proof, cases, &passed, &failed);
    if (status != QUOTE_OK) return status;
    for (int i = 0; i < product->info.example_count; i++) {
        char *mark = scratch->at;
        example_run(&proof, i);
        scratch->at = mark;
    }
    *ret_passed = passed;
    *ret_failed = failed;
    return problems->errors == before ? QUOTE_OK : QUOTE_INVALID;
}
