/* A quote as a PDF for the customer. What was declined is no quote to hand to anybody. */
#include <string.h>

#include "domain/quote_print.h"
#include "print_common.h"
#include "quote_common.h"

static const struct field input[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true,
     .label = {"id van de offerte", "id of the quote"}},
    {.name = "token", .type = FIELD_TEXT, .length_maximum = 64,
     .label = {"leescode", "token"},
     .help = {"De leescode van de offerte; verplicht met een publieke sleutel.",
              "The quote's token; required with a publishable key."}}};

static int print_quote(struct call *call, const struct quote_row *row, struct quote_print *quote) {
    struct print print;
    const char *status_text = record_get_text(&quote->sale.result, "status", call->scratch);
    if (!status_text || strcmp(status_text, "declined") == 0)
        return call_refuse(call, 409, "wrong_state",
                           "Voor deze aanvraag is er geen aanbod, en dus geen document: lees bij "
                           "de offerte onder reasons waarom.",
                           "There is no offer for this request, and so no document: read why "
                           "under the quote's reasons.");
    quote->referred = strcmp(status_text, "referred") == 0;
    int status = sale_read_parties(call, row->partner_id, &quote->sale);
    if (status) return status;
    if (!quote_print(quote, call->scratch, &print))
        return error_set(&call->error, ERROR_TOO_LARGE, "a document needs more scratch memory");
    return print_send(call, &print, call->language == LANGUAGE_EN ? "quote" : "offerte", row->id);
}

static int get_quote_document(struct call *call) {
    struct quote_row row;
    int status = quote_read(call, &row);
    if (status) return status;
    struct quote_print quote = {.id = row.id,
                                .effective_date = row.effective_date,
                                .valid_until = row.valid_until,
                                .reference = row.reference,
                                .known_at_us = row.known_at_us};
    const struct quote_answers answers = quote_row_answers(&row);
    status = sale_open(call, row.id, row.version_id, &answers, row.result, &quote.sale);
    if (status) return status;
    status = print_quote(call, &row, &quote);
    sale_close(call, &quote.sale);
    return status;
}

static const struct operation operations[] = {
    {.name = "GetQuoteDocument",
     .method = "GET",
     .path = "/quotes/{id}/document",
     .summary = {"De offerte als PDF voor de klant", "The quote as a PDF for the customer"},
     .callers = CALLER_SECRET_KEY | CALLER_PUBLISHABLE_KEY | CALLER_USER,
     .roles = ROLES_ALL,
     .input = input,
     .input_count = sizeof input / sizeof *input,
     .output = print_output,
     .output_count = OUTPUT_FILE_FIELD_COUNT,
     .output_file = true,
     .media_type = "application/pdf",
     .status = 200,
     .rate = RATE_READ,
     .refusals = print_refusals,
     .run = get_quote_document}};

extern const struct operation_group api_quote_document;
const struct operation_group api_quote_document = {
    .name = "quotes", .operations = operations, .count = sizeof operations / sizeof *operations};
