/* Shared by quotes.c, estimates.c and explanation.c. */
#include "quote_common.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/id.h"

/* ---- computing ------------------------------------------------------------------------------ */
static int refuse_product(struct call *call) {
    return call_refuse(call, 404, "unknown_product", quoting_no_product.nl,
                       quoting_no_product.en);
}

int quote_refuse_sale(struct call *call, const char *reason) {
    static const struct {
        const char *reason;
        struct text text;
    } texts[] = {
        {"partner_not_active",
         {"Uw kantoor is niet actief: neem contact op met uw accountmanager.",
          "Your office is not active: contact your account manager."}},
        {"no_agreement",
         {"Uw kantoor heeft voor dit product geen overeenkomst: vraag die aan bij uw "
          "accountmanager.",
          "Your office has no agreement for this product: ask your account manager for one."}},
        {"agreement_not_started",
         {"De overeenkomst van uw kantoor voor dit product is nog niet ingegaan: wacht tot die "
          "ingaat, of vraag uw accountmanager ernaar.",
          "Your office's agreement for this product has not started yet: wait until it does, or "
          "ask your account manager."}},
        {"agreement_ended",
         {"De overeenkomst van uw kantoor voor dit product is beëindigd: vraag uw "
          "accountmanager om een nieuwe.",
          "Your office's agreement for this product has ended: ask your account manager for a "
          "new one."}},
        {"licence_missing",
         {"Uw kantoor heeft de vergunning niet die dit product vraagt: vraag die aan bij de "
          "toezichthouder, en meld haar aan uw accountmanager.",
          "Your office does not have the licence that this product asks for: apply for it with the "
          "supervisor, and tell your account manager."}},
        {"licence_expired",
         {"De vergunning die dit product vraagt is verlopen: meld de nieuwe aan uw "
          "accountmanager.",
          "The licence that this product asks for has expired: tell your account manager of the "
          "new one."}},
        {"diploma_missing",
         {"Niemand op uw kantoor heeft het diploma dat dit product vraagt: leg vast wie het "
          "heeft.",
          "Nobody at your office has the diploma that this product asks for: record who has it."}},
        {"diploma_expired",
         {"Het diploma dat dit product vraagt is op uw kantoor verlopen: leg het nieuwe vast.",
          "The diploma that this product asks for has expired at your office: record the new "
          "one."}}};
    size_t at = 0;
    while (at + 1 < sizeof texts / sizeof *texts && strcmp(texts[at].reason, reason) != 0) at++;
    int status = call_refuse(call, 403, "product_not_allowed", texts[at].text.nl,
                             texts[at].text.en);
    snprintf(call->refusal.reason, sizeof call->refusal.reason, "%s", reason);
    return status;
}

static struct quoting_request request_of(struct call *call) {
    const struct value *date = record_get(&call->input, "effective_date");
    return (struct quoting_request){
        .product = record_get_text(&call->input, "product", call->scratch),
        .answers = record_get(&call->input, "answers"),
        .effective_date = date ? &date->date : NULL,
        .caller = &call->caller,
        .language = call->language,
        .lexical = call->lexical,
        .now_us = call->now_us,
        .scratch = call->scratch,
        .faults = &call->faults};
}

void quote_check(struct call *call) {
    struct quoting_request request = request_of(call);
    quoting_check(call->service, &request);
}

int quote_compute(struct call *call, struct quoting *ret_quoting) {
    struct quoting_request request = request_of(call);
    if (!request.product)
        return error_set(&call->error, ERROR_TOO_LARGE, "a quote needs more scratch memory");
    struct quoting quoting;
    int status = 0;
    switch (quoting_make(call->service, &request, &call->error, &quoting)) {
    case QUOTING_RATED: *ret_quoting = quoting; return 0;
    case QUOTING_NO_PRODUCT: status = refuse_product(call); break;
    case QUOTING_NOT_ALLOWED: status = quote_refuse_sale(call, quoting.reason); break;
    case QUOTING_FAULTY: status = ERROR_INVALID; break;
    case QUOTING_FAILED: status = call->error.code; break;
    }
    quoting_done(call->service, &quoting);
    return status;
}

/* ---- reading -------------------------------------------------------------------------------- */
struct quote_reading {
    const char *id;
    bool test, found, failed;
    struct scratch *scratch;
    struct quote_row row;
};

static const char *copy(struct quote_reading *reading, struct db_rows *rows, int column) {
    size_t length = 0;
    const char *text = db_column_text(rows, column, &length);
    char *copied = text ? scratch_take(reading->scratch, length + 1) : NULL;
    if (!text) return NULL;
    if (!copied) {
        reading->failed = true;
        return "";
    }
    memcpy(copied, text, length + 1);
    return copied;
}

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct quote_reading *reading = context;
    struct db_rows *rows = NULL;
    reading->found = false;
    int status = db_query(tx, error, &rows,
                          "select q.version_id, q.product, q.product_hash, q.effective_date,"
                          " q.valid_until, q.answers, q.result, q.reference, q.token_hash,"
                          " q.product_version, q.known_at_us, q.partner_id, q.sealed, q.user_id"
                          " from quote q"
                          " where q.id = $1 and q.test = $2 and $scope(q/user_id)",
                          db_text(reading->id), db_integer(reading->test));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) {
        reading->found = true;
        reading->row = (struct quote_row){.id = reading->id,
                                          .version_id = copy(reading, rows, 0),
                                          .product = copy(reading, rows, 1),
                                          .product_hash = copy(reading, rows, 2),
                                          .effective_date = copy(reading, rows, 3),
                                          .valid_until = copy(reading, rows, 4),
                                          .answers = copy(reading, rows, 5),
                                          .result = copy(reading, rows, 6),
                                          .reference = copy(reading, rows, 7),
                                          .token_hash = copy(reading, rows, 8),
                                          .product_version = (int)db_column_integer(rows, 9),
                                          .known_at_us = db_column_integer(rows, 10),
                                          .partner_id = copy(reading, rows, 11),
                                          .sealed = copy(reading, rows, 12),
                                          .user_id = copy(reading, rows, 13),
                                          .test = reading->test};
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

struct quote_answers quote_row_answers(const struct quote_row *row) {
    return (struct quote_answers){.quote_id = row->id ? row->id : "an estimate",
                                  .plain = row->answers,
                                  .plain_length = strlen(row->answers),
                                  .sealed = row->sealed};
}

/* A token that is given must be the quote's; a website must give it. */
static bool token_opens(const struct call *call, const struct quote_row *row) {
    const struct value *token = record_get(&call->input, "token");
    if (!token) return call->caller.kind != CALLER_PUBLISHABLE_KEY;
    char hash[SHA256_HEX_MAX];
    hash_sha256_hex(token->text, token->length, hash);
    return strlen(row->token_hash) == sizeof hash - 1 &&
           hash_equal(hash, row->token_hash, sizeof hash - 1);
}

int quote_read(struct call *call, struct quote_row *ret_row) {
    const struct value *id = record_get(&call->input, "id");
    if (!id || !id_valid("qte", id->text, id->length)) return call_not_found(call);
    struct quote_reading reading = {.id = record_get_text(&call->input, "id", call->scratch),
                                    .test = call->caller.test,
                                    .scratch = call->scratch};
    int status = reading.id ? call_read_once(call, read_body, &reading) : 0;
    if (status) return status;
    if (!reading.id || reading.failed)
        return error_set(&call->error, ERROR_TOO_LARGE, "a quote needs more scratch memory");
    if (!reading.found || !token_opens(call, &reading.row)) return call_not_found(call);
    *ret_row = reading.row;
    return 0;
}
