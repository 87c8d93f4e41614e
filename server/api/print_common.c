/* Shared by quote_document.c and policy_document.c. Printing is done outside of all reading, so
 * that it holds up nobody else. */
#include "print_common.h"

#include <stdio.h>
#include <string.h>

#include "transaction_common.h"

enum { FILE_NAME_MAX = 120 };

#define MEDIA_TYPE "application/pdf"

const struct field print_output[OUTPUT_FILE_FIELD_COUNT] = {OUTPUT_FILE_FIELDS};
const char *const print_refusals[] = {"wrong_state", "too_large", NULL};

int sale_open(struct call *call, const char *id, const char *version_id,
              const struct quote_answers *answers, const char *result,
              struct sale *ret_sale) {
    struct sale sale = {.public_url = call->service->config->public_url,
                        .language = call->language,
                        .test = call->caller.test};
    int status = answers ? quote_answers_read(call->service->encryption, answers, call->scratch,
                                              &call->error, &sale.answers)
                         : 0;
    if (!status) status = transaction_json_read(call, id, result, strlen(result), &sale.result);
    if (!status)
        status = catalogue_version(call->service->catalogue, version_id, &call->error,
                                   &sale.version);
    if (!status) *ret_sale = sale;
    return status;
}

void sale_close(struct call *call, struct sale *sale) {
    catalogue_release(call->service->catalogue, sale->version);
}

struct parties_reading {
    const char *partner_id;
    struct scratch *scratch;
    struct sale *sale;
};

static int parties_body(struct db_tx *tx, void *context, struct error *error) {
    struct parties_reading *reading = context;
    int status = brand_read(tx, reading->partner_id, reading->scratch, error,
                            &reading->sale->adviser);
    return status ? status
                  : brand_read(tx, NULL, reading->scratch, error, &reading->sale->insurer);
}

int sale_read_parties(struct call *call, const char *partner_id, struct sale *sale) {
    struct parties_reading reading = {
        .partner_id = partner_id, .scratch = call->scratch, .sale = sale};
    return call_read(call, parties_body, &reading);
}

/* Characters of a file's name on every system. */
static void name_write(const char *prefix, const char *number, char *name, size_t size) {
    snprintf(name, size, "%s-%s.pdf", prefix, number);
    for (char *at = name; *at; at++) {
        bool letter = (*at | 0x20) >= 'a' && (*at | 0x20) <= 'z';
        if (!letter && !(*at >= '0' && *at <= '9') && !strchr("-_.", *at)) *at = '_';
    }
}

static int output_set(struct call *call, const struct buffer *pdf, const char *name) {
    struct record record;
    char *content = scratch_take(call->scratch, pdf->length);
    if (!content) return transaction_no_scratch(call);
    memcpy(content, pdf->data, pdf->length);
    record_init(&record, call->scratch);
    record_copy_text(&record, "file_name", name, strlen(name));
    record_set_text(&record, "media_type", MEDIA_TYPE);
    record_set(&record, "content", value_text(content, pdf->length));
    if (record.failed) return transaction_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

int print_send(struct call *call, const struct print *print, const char *prefix,
               const char *number) {
    char name[FILE_NAME_MAX];
    struct buffer pdf;
    buffer_init(&pdf, PRINT_PDF_MAX_BYTES);
    name_write(prefix, number, name, sizeof name);
    int status = printer_print(call->service->printer, print, &call->error, &pdf);
    if (!status) status = output_set(call, &pdf, name);
    buffer_done(&pdf);
    return status;
}
