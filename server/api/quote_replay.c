/* A quote computed again: under its version, with its answers, dates and moment, and whether that
 * gives the same bytes as were kept. Where not, what differs is told side by side. */
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "domain/replay.h"
#include "domain/service.h"
#include "operation/operation.h"

static const struct field replay_input[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true,
     .label = {"id van de offerte", "id of the quote"}}};

static const struct field difference_fields[] = {
    {.name = "place", .type = FIELD_TEXT, .required = true,
     .label = {"plaats in de uitkomst", "place in the result"},
     .help = {"Wat met row. begint, staat naast de uitkomst.",
              "What begins with row. stands beside the result."},
     .example = "\"premium.covers.liability.net\""},
    {.name = "kept", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"zoals bewaard", "as kept"}, .example = "\"512.40\""},
    {.name = "computed", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"zoals nu berekend", "as computed now"}, .example = "\"512.41\""}};
static const struct field difference_item[] = {
    {.name = "difference", .type = FIELD_RECORD, .required = true, .fields = difference_fields,
     .field_count = 3, .schema = "ReplayDifference"}};

static const struct field replay_output[] = {
    {.name = "quote", .type = FIELD_TEXT, .required = true, .label = {"offerte", "quote"}},
    {.name = "equal", .type = FIELD_BOOLEAN, .required = true,
     .label = {"dezelfde uitkomst, byte voor byte", "the same result, byte for byte"}},
    {.name = "product", .type = FIELD_TEXT, .required = true, .label = {"product", "product"}},
    {.name = "product_version", .type = FIELD_INTEGER, .required = true,
     .label = {"versie van het product", "version of the product"}},
    {.name = "product_hash", .type = FIELD_TEXT, .required = true,
     .label = {"SHA-256 van die versie", "SHA-256 of that version"}},
    {.name = "effective_date", .type = FIELD_DATE, .required = true,
     .label = {"ingangsdatum", "effective date"}},
    {.name = "known_at", .type = FIELD_DATE_TIME, .required = true,
     .label = {"moment van berekenen", "moment of rating"}},
    {.name = "result_hash", .type = FIELD_TEXT, .required = true,
     .label = {"SHA-256 van de bewaarde uitkomst", "SHA-256 of the kept result"}},
    {.name = "notice", .type = FIELD_TEXT, .length_maximum = 1000,
     .label = {"waarom dit niet lukt", "why this is not possible"},
     .help = {"Alleen als de offerte niet opnieuw berekend kan worden.",
              "Only when the quote cannot be computed again."}},
    {.name = "differences", .type = FIELD_LIST, .required = true,
     .label = {"wat verschilt", "what differs"}, .fields = difference_item, .field_count = 1},
    {.name = "more", .type = FIELD_BOOLEAN, .required = true,
     .label = {"is er nog meer dat verschilt?", "does more differ than is told?"}}};

/* A receipt that no longer comes out the same is a fault of the program or the store: the reader is
 * told, and so is the operator. */
static void log_outcome(const struct call *call, const struct book_row *row,
                        const struct replay *replay) {
    if (replay->outcome == REPLAY_EQUAL) return;
    bool failed = replay->outcome == REPLAY_FAILED;
    log_event(LOG_ERROR, failed ? "quote_not_replayed" : "quote_not_reproduced", "quote",
              row->id, "version_id", row->version_id, "request_id", call->request_id, "place",
              failed ? "" : replay->differences[0].place, "error",
              failed ? replay->failure.text : "", NULL);
}

static int render(struct call *call, const struct book_row *row, const struct replay *replay) {
    struct record output;
    struct list differences;
    char digest[SHA256_HEX_MAX];
    record_init(&output, call->scratch);
    list_init(&differences, call->scratch);
    for (int i = 0; i < replay->difference_count; i++) {
        const struct replay_difference *told = &replay->differences[i];
        struct record difference;
        record_init(&difference, call->scratch);
        record_set_text(&difference, "place", told->place);
        record_copy_given(&difference, "kept", told->kept);
        record_copy_given(&difference, "computed", told->computed);
        differences.failed |= difference.failed;
        list_add(&differences, record_value(&difference));
    }
    hash_sha256_hex(row->result, row->result_length, digest);
    record_set_text(&output, "quote", row->id);
    record_set_boolean(&output, "equal", replay->outcome == REPLAY_EQUAL);
    record_set_text(&output, "product", row->product);
    record_set_integer(&output, "product_version", row->product_version);
    record_set_text(&output, "product_hash", row->product_hash);
    record_set_text(&output, "effective_date", row->effective_date);
    record_set_instant(&output, "known_at", row->known_at_us);
    record_copy_text(&output, "result_hash", digest, strlen(digest));
    if (replay->outcome == REPLAY_FAILED)
        record_set_text(&output, "notice",
                        call->language == LANGUAGE_EN
                            ? "This quote cannot be computed again: report it with the request_id."
                            : "Deze offerte kan niet opnieuw berekend worden: meld het met het "
                              "request_id.");
    record_set(&output, "differences", list_value(&differences));
    record_set_boolean(&output, "more", replay->more);
    if (output.failed || differences.failed)
        return error_set(&call->error, ERROR_TOO_LARGE, "a replay needs more scratch memory");
    call->output = record_value(&output);
    return 0;
}

static int replay_quote(struct call *call) {
    const struct value *id = record_get(&call->input, "id");
    struct replay *replay = scratch_take(call->scratch, sizeof *replay);
    struct replayer replayer;
    struct book_row row;
    if (!id || !id_valid("qte", id->text, id->length)) return call_not_found(call);
    const struct replay_wish wish = {.id = record_get_text(&call->input, "id", call->scratch),
                                     .test = call->caller.test};
    if (!replay || !wish.id)
        return error_set(&call->error, ERROR_TOO_LARGE, "a replay needs more scratch memory");
    int status = replay_read(call->service->db, &call->caller.scope, &wish, call->scratch,
                             &call->error, &row);
    if (status == ERROR_NOT_FOUND) {
        error_clear(&call->error);
        return call_not_found(call);
    }
    if (status) return status;
    call->scratch->steps_max = call->service->rating_steps;
    replayer_init(&replayer, call->service->catalogue, call->service->encryption);
    replayer_run(&replayer, &row, call->scratch, replay);
    replayer_done(&replayer);
    enum error_code failure = replay->failure.code;
    if (failure && failure != ERROR_INTERNAL && failure != ERROR_INVALID &&
        failure != ERROR_NOT_FOUND)
        return error_set(&call->error, failure, "%s", replay->failure.text);
    log_outcome(call, &row, replay);
    return render(call, &row, replay);
}

static const struct operation operations[] = {
    {.name = "ReplayQuote",
     .method = "GET",
     .path = "/quotes/{id}/replay",
     .summary = {"Bereken een offerte opnieuw en vergelijk",
                 "Compute a quote again and compare"},
     .callers = CALLER_SECRET_KEY | CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ALL,
     .input = replay_input,
     .input_count = sizeof replay_input / sizeof *replay_input,
     .output = replay_output,
     .output_count = sizeof replay_output / sizeof *replay_output,
     .status = 200,
     .rate = RATE_READ,
     .run = replay_quote}};

extern const struct operation_group api_quote_replay;
const struct operation_group api_quote_replay = {.name = "quote_replay",
                                                 .operations = operations,
                                                 .count = sizeof operations / sizeof *operations};
