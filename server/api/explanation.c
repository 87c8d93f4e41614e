/* The explanation of a quote: it is computed again from what was kept, and told step by step, so
 * that a reader can follow it by hand. It must come out the same to the byte; where it does not,
 * the explanation says so, with the kept premium and the one that is computed now side by side. */
#include <string.h>

#include "base/log.h"
#include "domain/value_keep.h"
#include "message/json.h"
#include "quote_common.h"

static const struct field explanation_input[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true,
     .label = {"id van de offerte", "id of the quote"}}};

static const struct field explanation_output[] = {
    {.name = "quote", .type = FIELD_TEXT, .required = true, .label = {"offerte", "quote"}},
    {.name = "status", .type = FIELD_TEXT, .required = true, .label = {"uitkomst", "outcome"}},
    {.name = "product", .type = FIELD_TEXT, .required = true, .label = {"product", "product"}},
    {.name = "product_version", .type = FIELD_INTEGER, .required = true,
     .label = {"versie van het product", "version of the product"}},
    {.name = "product_hash", .type = FIELD_TEXT, .required = true,
     .label = {"SHA-256 van die versie", "SHA-256 of that version"}},
    {.name = "effective_date", .type = FIELD_DATE, .required = true,
     .label = {"ingangsdatum", "effective date"}},
    {.name = "known_at", .type = FIELD_DATE_TIME, .required = true,
     .label = {"moment van berekenen", "moment of rating"}},
    {.name = "reproduced", .type = FIELD_BOOLEAN, .required = true,
     .label = {"opnieuw berekend met dezelfde uitkomst", "computed again with the same result"}},
    {.name = "notice", .type = FIELD_TEXT,
     .label = {"wat er niet klopt", "what is not right"},
     .help = {"Alleen als de uitkomst niet dezelfde is.", "Only when the result is not the same."}},
    {.name = "recomputed_premium", .type = FIELD_OPEN, .nullable = true,
     .label = {"de premie zoals nu opnieuw berekend", "the premium as computed again now"},
     .help = {"Alleen als de uitkomst niet dezelfde is.", "Only when the result is not the same."}},
    {.name = "premium", .type = FIELD_OPEN, .required = true, .nullable = true,
     .label = {"de premie die wordt uitgelegd", "the premium that is explained"}},
    {.name = "reasons", .type = FIELD_OPEN, .required = true,
     .label = {"redenen van de uitkomst", "reasons for the outcome"}},
    {.name = "answers", .type = FIELD_OPEN, .required = true, .sensitive = true,
     .label = {"antwoorden", "answers"}},
    {.name = "complete", .type = FIELD_BOOLEAN, .required = true,
     .label = {"zijn alle stappen vermeld?", "are all steps told?"}},
    {.name = "decisions", .type = FIELD_LIST, .required = true,
     .label = {"beslissingen van het tarief", "decisions of the tariff"},
     .help = {"Met per tabel de invoer, de regel die gold en wat die gaf.",
              "With, per table, its inputs, the row that matched and what it gave."},
     .fields = &(const struct field){.name = "decision", .type = FIELD_OPEN, .required = true},
     .field_count = 1},
    {.name = "statement", .type = FIELD_LIST, .required = true,
     .label = {"van beslissingen naar premie", "from decisions to premium"},
     .help = {"Toeslagen, kortingen, afrondingen, belasting en termijnen.",
              "Surcharges, discounts, roundings, tax and terms."},
     .fields = &(const struct field){.name = "step", .type = FIELD_OPEN, .required = true},
     .field_count = 1}};

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

/* Who and what comes first, then how. */
static void head_set(struct record *record, const struct quote_row *row,
                     const struct value *quote, struct value answers) {
    static const char *const taken[] = {"status",         "product",        "product_version",
                                        "product_hash",   "effective_date", "known_at",
                                        "premium",        "reasons"};
    record_set_text(record, "quote", row->id);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        const struct value *value = record_get(quote, taken[i]);
        record_set(record, taken[i], value ? *value : value_null());
    }
    record_set(record, "answers", answers);
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

static int render(struct call *call, const struct quoting *quoting, const struct quote_row *row,
                  bool same) {
    struct value explanation, answers, quote;
    struct json_fault fault;
    struct record record;
    if (json_read(row->answers, strlen(row->answers), NULL, call->scratch, &fault, &answers))
        return too_large(call);
    if (quote_read_back(call, quoting, row, NULL, &quote)) return call->error.code;
    record_init(&record, call->scratch);
    head_set(&record, row, &quote, answers);
    record_set_boolean(&record, "reproduced", same);
    if (!same && notice_set(call, quoting, row, &record)) return call->error.code;
    int status = product_explain(quoting->version->product, &quoting->trace, quoting->result,
                                 call->language, call->scratch, &explanation);
    for (uint32_t i = 0; !status && i < explanation.length; i++) {
        const struct value_entry *entry = &explanation.entries[i];
        char *name = scratch_take(call->scratch, entry->name_length + 1u);
        if (!name) status = QUOTE_TOO_LARGE;
        if (status) break;
        memcpy(name, entry->name, entry->name_length);
        name[entry->name_length] = '\0';
        record_set(&record, name, entry->value);
    }
    if (status == QUOTE_TOO_LARGE || record.failed) return too_large(call);
    if (status)
        return error_set(&call->error, ERROR_INTERNAL, "quote %s cannot be explained", row->id);
    call->output = record_value(&record);
    return 0;
}

static int get_explanation(struct call *call) {
    struct quote_row row;
    struct quoting quoting;
    int status = quote_read(call, &row);
    if (status) return status;
    struct quoting_kept kept = {.version_id = row.version_id,
                                .answers_json = row.answers,
                                .effective_date = row.effective_date,
                                .known_at_us = row.known_at_us};
    if (quoting_repeat(call->service, &kept, call->scratch, &call->error, &quoting) ==
        QUOTING_RATED) {
        bool same = false;
        status = compare(call, &quoting, &row, &same);
        if (!status) status = render(call, &quoting, &row, same);
        /* It points into the version's program and texts, which may go once they are let go of. */
        if (!status && !value_keep(call->scratch, &call->output))
            status = too_large(call);
    } else status = call->error.code;
    quoting_done(call->service, &quoting);
    return status;
}

static const struct operation operations[] = {
    {.name = "GetQuoteExplanation",
     .method = "GET",
     .path = "/quotes/{id}/explanation",
     .summary = {"Lees hoe de premie van een offerte tot stand kwam",
                 "Read how a quote's premium came about"},
     .callers = CALLER_SECRET_KEY,
     .input = explanation_input,
     .input_count = sizeof explanation_input / sizeof *explanation_input,
     .output = explanation_output,
     .output_count = sizeof explanation_output / sizeof *explanation_output,
     .output_open = true,
     .status = 200,
     .rate = RATE_READ,
     .run = get_explanation}};

extern const struct operation_group api_explanation;
const struct operation_group api_explanation = {.name = "explanation",
                                                .operations = operations,
                                                .count = sizeof operations / sizeof *operations};
