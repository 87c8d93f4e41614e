/* The body is taken in whole before the first item is done: a caller that sends all of it before it
 * reads any answer, as most do, would else wait for us while we wait for it. What is held of a body
 * has a limit, and so has the number of such calls at a time. Answers go out block by block, in
 * chunks; a caller that goes away ends the work.
 *
 * What an item's answer says is in items.c; here it becomes JSON:
 * {"index": 0, "status": 201, "quote": {…}} or {"index": 1, "status": 422, "problem": {…}}. */
#include "json_items.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "body.h"
#include "json_entrance.h"
#include "json_input.h"
#include "message/json.h"
#include "problem.h"
#include "reply.h"

enum { PIECE_BYTES = 256 * 1024 };

static const char lines_type[] = "application/x-ndjson";
static const char array_type[] = "application/json";

/* ---- reading -------------------------------------------------------------------------------- */

static void refuse(struct item *item, int status, const char *code, const char *detail) {
    item->refusal = (struct refusal){.status = status};
    snprintf(item->refusal.code, sizeof item->refusal.code, "%s", code);
    snprintf(item->refusal.detail, sizeof item->refusal.detail, "%s", detail);
}

static void refuse_part(struct json_items *json, const struct json_part *part, int result,
                        const struct json_fault *fault, struct item *item) {
    bool english = json->exchange->language == LANGUAGE_EN;
    char detail[sizeof item->refusal.detail];
    if (result == ERROR_NO_MEMORY) {
        refuse(item, 503, "unavailable",
               english ? "This is not possible right now. Try again in a few seconds."
                       : "Dit lukt nu even niet. Probeer het over enkele seconden opnieuw.");
        return;
    }
    if (result == ERROR_TOO_LARGE) {
        snprintf(detail, sizeof detail,
                 english ? "This request is too large: %d bytes at most."
                         : "Deze aanvraag is te groot: hoogstens %d bytes.",
                 OPERATION_BODY_MAX_BYTES);
        refuse(item, 413, "item_too_large", detail);
        return;
    }
    /* The fault counts from the start of the item. */
    int line = part->line + fault->line - 1;
    int column = fault->line == 1 ? part->column + fault->column - 1 : fault->column;
    json_input_tell(fault, line, column, json->exchange->language, &item->refusal,
                    &json->faults);
    if (json->faults.count > 0) item->faults = &json->faults;
}

static void refuse_rest(struct json_items *json, const struct json_part *part,
                        struct item *item) {
    char detail[sizeof item->refusal.detail];
    snprintf(detail, sizeof detail,
             json->exchange->language == LANGUAGE_EN
                 ? "The array cannot be read from line %d, column %d on: it is not closed, or "
                   "something follows behind it. What was answered before this holds; nothing from "
                   "here on was done."
                 : "De array is vanaf regel %d, teken %d niet te lezen: hij is niet afgesloten, of "
                   "er volgt nog iets. Wat hiervoor is beantwoord, geldt; vanaf hier is niets "
                   "gedaan.",
             part->line, part->column);
    refuse(item, 400, "malformed", detail);
}

static int next(void *context, struct scratch *scratch, struct item *ret_item) {
    struct json_items *json = context;
    struct json_part part;
    struct json_fault fault;
    const struct json_limits limits = {.keep_unfit = true};
    if (json_sequence_next(&json->sequence, &part) == 0) return 0;
    field_faults_clear(&json->faults);
    if (part.broken) {
        refuse_rest(json, &part, ret_item);
        return 1;
    }
    int result = part.length > OPERATION_BODY_MAX_BYTES
                     ? ERROR_TOO_LARGE
                     : json_read(part.text, part.length, &limits, scratch, &fault,
                                 &ret_item->value);
    if (result != 0) refuse_part(json, &part, result, &fault, ret_item);
    return 1;
}

bool json_items_read(struct json_items *json) {
    struct exchange *exchange = json->exchange;
    const struct buffer *body = &exchange->space->body;
    char types[80];
    snprintf(types, sizeof types, "%s, %s", array_type, lines_type);
    if (exchange->head->query) {
        problem_say(exchange, 422, "unknown", "Dit adres neemt geen velden achter een vraagteken.",
                    "This address takes no fields behind a question mark.");
        return false;
    }
    if (!body_read(exchange, types, exchange->edge->items_max_bytes)) return false;
    bool lines = body_is(exchange, lines_type);
    const char *accept = head_get(exchange->head, "accept");
    json->answer_lines = lines;
    if (accept && strcasestr(accept, lines_type)) json->answer_lines = true;
    else if (accept && strcasestr(accept, array_type)) json->answer_lines = false;
    if (!json_sequence_init(&json->sequence, body->length ? body->data : "", body->length,
                            lines)) {
        problem_say(exchange, 400, body->length ? "not_an_array" : "empty_body",
                    "Stuur een JSON-array met aanvragen, of een aanvraag per regel als "
                    "application/x-ndjson.",
                    "Send a JSON array of requests, or a request per line as "
                    "application/x-ndjson.");
        return false;
    }
    json->items.count = json_sequence_count(&json->sequence, ITEMS_MAX);
    return true;
}

/* ---- answering ------------------------------------------------------------------------------ */

static void begin(struct json_items *json) {
    struct exchange *exchange = json->exchange;
    json->begun = true;
    json_entrance_head(exchange, json->operation, json->head);
    if (json->first_replayed) reply_header(exchange, "Idempotent-Replayed", "true");
    reply_header(exchange, "Vary", "Accept");
    reply_language(exchange, exchange->language);
    json->gone = !reply_begin(exchange, json->operation->status,
                              json->answer_lines ? lines_type : array_type);
}

static bool flush(void *context) {
    struct json_items *json = context;
    struct buffer *text = &json->exchange->space->answer_text;
    if (!json->begun) begin(json);
    if (text->failed) {
        log_event(LOG_ERROR, "answer_too_large", "request_id", json->exchange->request_id,
                  "operation", json->operation->name, NULL);
        gate_close_after(json->exchange->gate);
        json->gone = true;
    }
    if (!json->gone && !reply_piece(json->exchange, text->data, text->length)) json->gone = true;
    buffer_clear(text);
    return !json->gone;
}

static void answer(void *context, const struct item_answer *answer) {
    struct json_items *json = context;
    struct buffer *text = &json->exchange->space->answer_text;
    const char *name = json->operation->each_name;
    if (!json->any) json->first_replayed = answer->replayed;
    if (!json->answer_lines) buffer_text(text, json->any ? ",\n" : "[\n");
    json->any = true;
    buffer_format(text, "{\"index\":%lld,\"status\":%d,", (long long)answer->index,
                  answer->status);
    if (answer->output) {
        buffer_format(text, "\"%s\":", name);
        field_encode_json(answer->output_fields, answer->output_count, answer->output, text);
    } else {
        const struct problem_parts problem = {.status = answer->status,
                                        .code = answer->refusal->code,
                                        .detail = answer->refusal->detail,
                                        .reason = answer->refusal->reason,
                                        .faults = answer->faults};
        buffer_text(text, "\"problem\":");
        problem_write(&problem, json->exchange->language, text);
    }
    buffer_text(text, json->answer_lines ? "}\n" : "}");
    /* What stands here is durable: it may go before the block is complete. */
    if (text->length > PIECE_BYTES && !json->gone) (void)flush(json);
}

void json_items_init(struct json_items *json, struct exchange *exchange,
                     const struct operation *operation, const struct answer *head) {
    json->exchange = exchange;
    json->operation = operation;
    json->head = head;
    json->items = (struct items){.context = json, .next = next, .answer = answer, .flush = flush};
    json->begun = json->gone = json->any = json->first_replayed = json->answer_lines = false;
    buffer_clear(&exchange->space->answer_text);
}

void json_items_end(struct json_items *json) {
    struct buffer *text = &json->exchange->space->answer_text;
    if (!json->answer_lines) buffer_text(text, json->any ? "\n]\n" : "[]\n");
    if (flush(json)) reply_end(json->exchange);
}
