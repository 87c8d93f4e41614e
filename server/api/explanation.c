/* The explanation of a quote: it is computed again from what was kept, and told step by step, so
 * that a reader can follow it by hand: what applied, what did not and why, and which other answer
 * would change the outcome. It must come out the same to the byte; where it does not, the
 * explanation says so, with the kept premium and the one that is computed now side by side.
 *
 * An estimate is explained alike, before there is a quote. Only partners' own systems may ask: what
 * a tariff turns on, and which answers make it accept, is not for every visitor of a website. */
#include <string.h>

#include "base/clock.h"

#include "base/log.h"
#include "domain/answers.h"
#include "domain/calendar_day.h"
#include "domain/value_keep.h"
#include "message/json.h"
#include "quote_common.h"
#include "transaction_common.h"

enum {
    EXPLANATION_EVENTS_MAX = 16384,          /* a trace that also has the rows that missed */
    EXPLANATION_CELLS_MAX = 2 * 1000 * 1000, /* tested to find those rows */
    WHAT_IF_TIME_MAX_MS = 500
};

#define WHAT_IF_FIELD                                                                             \
    {.name = "what_if", .type = FIELD_BOOLEAN,                                                    \
     .label = {"ook andere antwoorden proberen?", "try other answers too?"},                      \
     .help = {"Zonder dit veld gebeurt dat; met false niet, wat sneller is.",                     \
              "Done when this is left out; with false it is not, which is faster."}}

static const struct field explanation_input[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true,
     .label = {"id van de offerte", "id of the quote"}},
    WHAT_IF_FIELD};

static const struct field estimate_input[] = {QUOTE_INPUT_FIELDS, WHAT_IF_FIELD};

#define EXPLANATION_FIELDS                                                                        \
    {.name = "status", .type = FIELD_TEXT, .required = true, .label = {"uitkomst", "outcome"}},   \
    {.name = "product", .type = FIELD_TEXT, .required = true, .label = {"product", "product"}},   \
    {.name = "product_version", .type = FIELD_INTEGER, .required = true,                          \
     .label = {"versie van het product", "version of the product"}},                              \
    {.name = "product_hash", .type = FIELD_TEXT, .required = true,                                \
     .label = {"SHA-256 van die versie", "SHA-256 of that version"}},                             \
    {.name = "effective_date", .type = FIELD_DATE, .required = true,                              \
     .label = {"ingangsdatum", "effective date"}},                                                \
    {.name = "known_at", .type = FIELD_DATE_TIME, .required = true,                               \
     .label = {"moment van berekenen", "moment of rating"}},                                      \
    {.name = "premium", .type = FIELD_OPEN, .required = true, .nullable = true,                   \
     .label = {"de premie die wordt uitgelegd", "the premium that is explained"}},                \
    {.name = "reasons", .type = FIELD_OPEN, .required = true,                                     \
     .label = {"redenen van de uitkomst", "reasons for the outcome"},                             \
     .help = {"Met de rij of beslissing en de antwoorden waaruit de reden volgt.",                \
              "With the row or decision and the answers from which the reason follows."}},        \
    {.name = "answers", .type = FIELD_OPEN, .required = true, .sensitive = true,                  \
     .label = {"antwoorden", "answers"}},                                                         \
    TRANSACTION_WITHHELD_FIELD,                                                                   \
    {.name = "what_if", .type = FIELD_OPEN,                                                       \
     .label = {"wat een ander antwoord zou uitmaken", "what another answer would change"},        \
     .help = {"Per keer één ander antwoord: wat wel wordt aangeboden (`offered`), of beoordeeld " \
              "(`referred`), en wat goedkoper is (`cheaper`), steeds echt berekend.",             \
              "One other answer at a time: what would be offered (`offered`), or assessed "       \
              "(`referred`), and what is cheaper (`cheaper`), each really rated."}},              \
    {.name = "complete", .type = FIELD_BOOLEAN, .required = true,                                 \
     .label = {"zijn alle stappen vermeld?", "are all steps told?"}},                             \
    {.name = "decisions", .type = FIELD_LIST, .required = true,                                   \
     .label = {"beslissingen van het tarief", "decisions of the tariff"},                         \
     .help = {"Met per tabel de invoer, de rij die gold en wat die gaf, en welke rijen niet "     \
              "golden en waarom.",                                                                \
              "With, per table, its inputs, the row that matched and what it gave, and which rows "\
              "did not match and why."},                                                          \
     .fields = &(const struct field){.name = "decision", .type = FIELD_OPEN, .required = true},   \
     .field_count = 1},                                                                           \
    {.name = "knowledge", .type = FIELD_LIST, .required = true,                                   \
     .label = {"rekenregels die beslissingen delen", "rules of computing that decisions share"},  \
     .fields = &(const struct field){.name = "model", .type = FIELD_OPEN, .required = true},      \
     .field_count = 1},                                                                           \
    {.name = "statement", .type = FIELD_LIST, .required = true,                                   \
     .label = {"van beslissingen naar premie", "from decisions to premium"},                      \
     .help = {"Toeslagen, kortingen, afrondingen, belasting en termijnen.",                       \
              "Surcharges, discounts, roundings, tax and terms."},                                \
     .fields = &(const struct field){.name = "step", .type = FIELD_OPEN, .required = true},       \
     .field_count = 1}

static const struct field explanation_output[] = {
    {.name = "quote", .type = FIELD_TEXT, .required = true, .label = {"offerte", "quote"}},
    {.name = "reproduced", .type = FIELD_BOOLEAN, .required = true,
     .label = {"opnieuw berekend met dezelfde uitkomst", "computed again with the same result"}},
    {.name = "notice", .type = FIELD_TEXT,
     .label = {"wat er niet klopt", "what is not right"},
     .help = {"Alleen als de uitkomst niet dezelfde is.", "Only when the result is not the same."}},
    {.name = "recomputed_premium", .type = FIELD_OPEN,
     .label = {"de premie zoals nu opnieuw berekend", "the premium as computed again now"},
     .help = {"Alleen als de uitkomst niet dezelfde is; null als die nu een afwijzing is.",
              "Only when the result is not the same; null when that is to decline now."}},
    EXPLANATION_FIELDS};

static const struct field estimate_output[] = {EXPLANATION_FIELDS};

/* A receipt that no longer comes out the same is a fault of the program or the store: the reader
 * is told, and so is the operator. */
static int compare(struct call *call, const struct quoting *quoting, const struct quote_row *row,
                   bool *ret_same) {
    struct buffer result;
    buffer_init(&result, RECEIPT_MAX_BYTES);
    receipt_write(quoting, &result);
    enum error_code failure = result.failed ? buffer_failure(&result) : ERROR_NONE;
    bool same = !failure && strcmp(result.data, row->result) == 0;
    buffer_done(&result);
    if (failure) return error_set(&call->error, failure, "no memory to compute a quote again");
    if (!same)
        log_event(LOG_ERROR, "quote_not_reproduced", "quote", row->id, "version_id",
                  row->version_id, NULL);
    *ret_same = same;
    return 0;
}

static int too_large(struct call *call) {
    return error_set(&call->error, ERROR_TOO_LARGE,
                     "the explanation needs more memory than a call has");
}

/* The quote as callers see it, money as text: an open output is written as its values are. `kept`
 * stands for the row's result when it is not NULL. */
static int quote_read_back(struct call *call, const struct quoting *quoting,
                           const struct quote_row *row, const struct value *kept,
                           struct value *ret_quote) {
    struct receipt receipt = {.product = row->product,
                              .product_version = row->product_version,
                              .product_hash = row->product_hash,
                              .effective_date = row->effective_date,
                              .valid_until = row->valid_until,
                              .known_at_us = row->known_at_us,
                              .test = row->test,
                              .public_url = call->service->config->public_url,
                              .kept = kept,
                              .result = row->result};
    struct record record;
    struct buffer text;
    struct json_fault fault;
    record_init(&record, call->scratch);
    int status =
        receipt_render(&receipt, quoting->version, call->language, &call->error, &record);
    if (status) return status;
    struct value quote = record_value(&record);
    buffer_init(&text, RECEIPT_MAX_BYTES);
    field_encode_json(estimate_fields, ESTIMATE_FIELDS, &quote, &text);
    status = text.failed ? (int)buffer_failure(&text)
                         : json_read(text.data, text.length, NULL, call->scratch, &fault,
                                     ret_quote);
    if (status == ERROR_NO_MEMORY) error_set(&call->error, status, "no memory for an explanation");
    else if (status) status = too_large(call);
    buffer_done(&text);
    return status;
}

/* Who and what comes first, then how. An estimate has no id, and nothing to compare with. */
static void head_set(struct record *record, const struct quote_row *row,
                     const struct value *quote, struct value answers, struct value withheld) {
    static const char *const taken[] = {"status",         "product",        "product_version",
                                        "product_hash",   "effective_date", "known_at",
                                        "premium"};
    if (row->id) record_set_text(record, "quote", row->id);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        const struct value *value = record_get(quote, taken[i]);
        record_set(record, taken[i], value ? *value : value_null());
    }
    record_set(record, "answers", answers);
    record_set(record, "answers_withheld", withheld);
}

/* What was kept is what the partner was told; the steps below it are of what is computed now. */
static int notice_set(struct call *call, const struct quoting *quoting,
                      const struct quote_row *row, struct record *record) {
    static const struct text notice = {
        "Deze offerte komt bij narekenen anders uit dan zij is bewaard: de bewaarde gegevens zijn "
        "gewijzigd of beschadigd. `premium` is de bewaarde premie, `recomputed_premium` de premie "
        "die de bewaarde antwoorden nu geven; de stappen hieronder leggen die laatste uit. Meld "
        "het aan de beheerder.",
        "Computed again, this quote comes out otherwise than it was kept: the kept data have been "
        "changed or damaged. `premium` is the kept premium, `recomputed_premium` the one that the "
        "kept answers give now; the steps below explain the latter. Report this to the "
        "administrator."};
    struct value again;
    int status = quote_read_back(call, quoting, row, &quoting->kept, &again);
    if (status) return status;
    const struct value *premium = record_get(&again, "premium");
    record_set_text(record, "notice", text_in(&notice, call->language));
    record_set(record, "recomputed_premium", premium ? *premium : value_null());
    return 0;
}

/* ---- the steps ------------------------------------------------------------------------------ */
static bool is_expired(void *context) {
    const int64_t *deadline_ms = context;
    return clock_monotonic_ms() >= *deadline_ms;
}

/* The reasons as they were told, each with what explains it where the tariff still gives it. */
static bool reasons_merge(struct call *call, const struct value *told,
                          const struct value *explained, struct value *ret_reasons) {
    struct list merged;
    list_init(&merged, call->scratch);
    for (uint32_t i = 0; told && i < told->length; i++) {
        const struct value *code = record_get(&told->items[i], "code");
        const struct value *chosen = &told->items[i];
        for (uint32_t j = 0; code && j < explained->length; j++) {
            const struct value *other = record_get(&explained->items[j], "code");
            if (other && value_equal(code, other, NULL) == 1) chosen = &explained->items[j];
        }
        list_add(&merged, *chosen);
    }
    *ret_reasons = list_value(&merged);
    return !merged.failed;
}

/* The search needs much memory and leaves little: it works in the far half of what scratch is left,
 * which is free again behind it. */
static int what_if_set(struct call *call, const struct quoting *quoting, struct record *record) {
    const struct value *wanted = record_get(&call->input, "what_if");
    const struct product *product = quoting->version->product;
    struct scratch *scratch = call->scratch, aside;
    int64_t deadline_ms = clock_monotonic_ms() + WHAT_IF_TIME_MAX_MS;
    struct what_if_limits limits = {
        .ratings = WHAT_IF_RATINGS_MAX, .expired = is_expired, .context = &deadline_ms};
    struct what_if what_if;
    struct moment moment;
    struct value told;
    if (wanted && wanted->kind == VALUE_BOOLEAN && !wanted->boolean) return QUOTE_OK;
    size_t half = (size_t)(scratch->end - scratch->at) / 2;
    char *end = scratch->end;
    scratch_init(&aside, end - half, half);
    moment_at(quoting->known_at_us, &moment);
    int status =
        product_what_if(product, quoting->result, &moment, &limits, &aside, &what_if);
    if (status == QUOTE_TOO_LARGE) { /* nothing could be tried, which is what is told then */
        what_if = (struct what_if){.cut = true,
                                   .outcome = quoting->result->outcome,
                                   .has_premium = quoting->result->has_premium};
        aside.at = aside.start;
        status = QUOTE_OK;
    }
    if (status == QUOTE_OK)
        status = product_explain_what_if(product, quoting->result, &what_if, call->language,
                                         &aside, &told);
    scratch->end = end - half;
    if (status == QUOTE_OK && !value_keep(scratch, &told)) status = QUOTE_TOO_LARGE;
    scratch->end = end;
    if (status == QUOTE_OK) record_set(record, "what_if", told);
    return status;
}

/* Rates once more, with a trace that also tells which rows did not match: a rating that is to be
 * kept does not pay for that. */
static int rate_again(struct call *call, const struct quoting *quoting, struct trace *ret_trace,
                      const struct quote_result **ret_result) {
    struct quote_result *result = scratch_take(call->scratch, sizeof *result);
    struct trace trace = {
        .events = scratch_take(call->scratch, EXPLANATION_EVENTS_MAX * sizeof(struct trace_event)),
        .capacity = EXPLANATION_EVENTS_MAX,
        .cells_left = EXPLANATION_CELLS_MAX};
    struct moment moment;
    if (!result || !trace.events) return QUOTE_TOO_LARGE;
    moment_at(quoting->known_at_us, &moment);
    int status = product_rate(quoting->version->product, &quoting->answers,
                              &quoting->effective_date, &moment, call->scratch, &trace, NULL,
                              result);
    if (status != QUOTE_OK) return status;
    *ret_trace = trace;
    *ret_result = result;
    return QUOTE_OK;
}

static int steps_set(struct call *call, const struct quoting *quoting, const struct value *quote,
                     bool misses, struct record *record) {
    static const char *const taken[] = {"complete", "decisions", "knowledge", "statement"};
    const struct quote_result *result = quoting->result;
    struct trace trace = quoting->trace;
    struct value explanation, reasons;
    int status = misses ? rate_again(call, quoting, &trace, &result) : QUOTE_OK;
    if (status == QUOTE_OK)
        status = product_explain(quoting->version->product, &trace, result, call->language,
                                 call->scratch, &explanation);
    if (status != QUOTE_OK) return status;
    if (!reasons_merge(call, record_get(quote, "reasons"), record_get(&explanation, "reasons"),
                       &reasons))
        return QUOTE_TOO_LARGE;
    record_set(record, "reasons", reasons);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        record_set(record, taken[i], *record_get(&explanation, taken[i]));
    return QUOTE_OK;
}

/* The whole output. Where it does not fit with the rows that did not match, as for hundreds of
 * records, it is told without them. */
static int output_make(struct call *call, const struct quoting *quoting,
                       const struct quote_row *row, const struct value *quote,
                       struct record *head) {
    int status = what_if_set(call, quoting, head);
    char *before = call->scratch->at;
    for (int misses = 1; misses >= 0 && (status == QUOTE_OK || status == QUOTE_TOO_LARGE);
         misses--) {
        struct record record = *head;
        call->scratch->at = before;
        status = steps_set(call, quoting, quote, misses, &record);
        if (status != QUOTE_OK || record.failed) continue;
        call->output = record_value(&record);
        /* It points into the version's program and texts, which may go once they are let go of. */
        if (value_keep(call->scratch, &call->output)) return 0;
    }
    call->output = value_null();
    if (status == QUOTE_OK || status == QUOTE_TOO_LARGE) return too_large(call);
    return error_set(&call->error, ERROR_INTERNAL, "a quote of %s cannot be explained",
                     row->product);
}

/* A partner's system is not told what is sensitive, as with applications and policies. */
static int answers_part(struct call *call, const struct quoting *quoting,
                        const struct quote_row *row, struct value *ret_shown,
                        struct list *withheld) {
    const struct product_info *info = product_info(quoting->version->product);
    const struct quote_answers kept = quote_row_answers(row);
    struct value answers;
    int status = quote_answers_read(call->service->encryption, &kept, call->scratch, &call->error,
                                    &answers);
    return status ? status
                  : transaction_answers_part(call, info->questions, info->question_count,
                                             &answers, ret_shown, withheld);
}

static int render(struct call *call, const struct quoting *quoting, const struct quote_row *row,
                  bool same) {
    struct value answers, quote;
    struct record record;
    struct list withheld;
    list_init(&withheld, call->scratch);
    if (answers_part(call, quoting, row, &answers, &withheld)) return call->error.code;
    if (quote_read_back(call, quoting, row, row->kept, &quote)) return call->error.code;
    record_init(&record, call->scratch);
    head_set(&record, row, &quote, answers, list_value(&withheld));
    if (row->id) record_set_boolean(&record, "reproduced", same);
    if (!same && notice_set(call, quoting, row, &record)) return call->error.code;
    if (record.failed || withheld.failed) return too_large(call);
    return output_make(call, quoting, row, &quote, &record);
}

static int get_explanation(struct call *call) {
    struct quote_row row;
    struct quoting quoting;
    int status = quote_read(call, &row);
    if (status) return status;
    struct quoting_kept kept = {.version_id = row.version_id,
                                .answers = quote_row_answers(&row),
                                .encryption = call->service->encryption,
                                .effective_date = row.effective_date,
                                .known_at_us = row.known_at_us};
    if (quoting_repeat(call->service, &kept, call->scratch, &call->error, &quoting) ==
        QUOTING_RATED) {
        bool same = false;
        status = compare(call, &quoting, &row, &same);
        if (!status) status = render(call, &quoting, &row, same);
    } else status = call->error.code;
    quoting_done(call->service, &quoting);
    return status;
}

static int explain_estimate(struct call *call) {
    struct quoting quoting;
    struct buffer answers;
    char effective_date[CLOCK_DATE_MAX];
    int status = quote_compute(call, &quoting);
    if (status) return status;
    buffer_init(&answers, ANSWERS_JSON_MAX_BYTES);
    answers_write(quoting.version, &quoting.answers, &answers);
    day_write(&quoting.effective_date, effective_date);
    struct quote_row row = {.version_id = quoting.version->id,
                            .product = quoting.version->name,
                            .product_version = quoting.version->number,
                            .product_hash = quoting.version->hash,
                            .effective_date = effective_date,
                            .valid_until = quoting.valid_until,
                            .answers = answers.data,
                            .kept = &quoting.kept,
                            .known_at_us = quoting.known_at_us,
                            .test = call->caller.test};
    status = answers.failed ? error_set(&call->error, buffer_failure(&answers),
                                        "no memory for an explanation")
                            : render(call, &quoting, &row, true);
    buffer_done(&answers);
    quoting_done(call->service, &quoting);
    return status;
}

static const char *const estimate_refusals[] = {"product_not_allowed", "unknown_product", NULL};

static const struct operation operations[] = {
    {.name = "GetQuoteExplanation",
     .method = "GET",
     .path = "/quotes/{id}/explanation",
     .summary = {"Lees hoe de premie van een offerte tot stand kwam",
                 "Read how a quote's premium came about"},
     .callers = CALLER_SECRET_KEY | CALLER_USER,
     .roles = ROLES_ALL,
     .input = explanation_input,
     .input_count = sizeof explanation_input / sizeof *explanation_input,
     .output = explanation_output,
     .output_count = sizeof explanation_output / sizeof *explanation_output,
     .output_open = true,
     .status = 200,
     .rate = RATE_READ,
     .run = get_explanation},
    {.name = "ExplainEstimate",
     .method = "POST",
     .path = "/estimates/explanation",
     .summary = {"Leg uit hoe een premie tot stand zou komen, zonder iets te bewaren",
                 "Explain how a premium would come about, and keep nothing"},
     .callers = CALLER_SECRET_KEY | CALLER_USER,
     .roles = ROLES_PARTNER_ALL,
     .input = estimate_input,
     .input_count = sizeof estimate_input / sizeof *estimate_input,
     .output = estimate_output,
     .output_count = sizeof estimate_output / sizeof *estimate_output,
     .output_open = true,
     .status = 200,
     .rate = RATE_QUOTE,
     .refusals = estimate_refusals,
     .run = explain_estimate}};

extern const struct operation_group api_explanation;
const struct operation_group api_explanation = {.name = "explanation",
                                                .operations = operations,
                                                .count = sizeof operations / sizeof *operations};
