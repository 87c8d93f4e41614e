/* POST carries a message, GET reads the description. From the moment that a request is known to be
 * for the entrance, whatever is wrong with it is told as a message too: its clients read nothing
 * else. */
#include "message_entrance.h"

#include <stdio.h>
#include <string.h>

#include "body.h"
#include "json_entrance.h"
#include "metrics.h"
#include "problem.h"
#include "reply.h"

static struct message message_of(struct exchange *exchange) {
    const struct head *head = exchange->head;
    struct buffer *text = &exchange->space->answer_text;
    buffer_clear(text);
    return (struct message){.dispatcher = exchange->edge->dispatcher,
                            .service = exchange->edge->service,
                            .public_url = exchange_public_url(exchange),
                            .path = head->path,
                            .query = head->query,
                            .content_type = head_get(head, "content-type"),
                            .action = head_get(head, "soapaction"),
                            .authorization = head_get(head, "authorization"),
                            .origin = head_get(head, "origin"),
                            .idempotency_key = head_get(head, "idempotency-key"),
                            .if_match = head_get(head, "if-match"),
                            .certificate = exchange_certificate(exchange),
                            .address = exchange->gate->peer,
                            .request_id = exchange->request_id,
                            .language = exchange->language,
                            .body = exchange->space->body.data,
                            .body_length = exchange->space->body.length,
                            .scratch = &exchange->scratch,
                            .answer = &exchange->space->answer,
                            .text = text};
}

static void send_reply(struct exchange *exchange, const struct message_reply *reply) {
    const struct buffer *text = &exchange->space->answer_text;
    if (reply->retry_after_s > 0)
        reply_header(exchange, "Retry-After", "%d", reply->retry_after_s);
    json_entrance_retirement(exchange, reply->operation, &reply->retirement);
    reply_language(exchange, exchange->language);
    reply_send(exchange, reply->status, reply->content_type, text->failed ? "" : text->data,
               text->failed ? 0 : text->length);
}

static void refuse(struct exchange *exchange, const struct refusal *refusal,
                   const struct field_faults *faults) {
    struct message_reply reply;
    struct message message = message_of(exchange);
    exchange->edge->entrance->refuse(&message, refusal, faults, &reply);
    send_reply(exchange, &reply);
}

bool message_entrance_takes(struct exchange *exchange) {
    const struct entrance *entrance = exchange->edge->entrance;
    const struct head *head = exchange->head;
    if (!entrance || strncmp(head->path, entrance->prefix, strlen(entrance->prefix)) != 0)
        return false;
    exchange->route = ROUTE_SOAP;
    if (!strcmp(head->method, "POST")) exchange->refuse = refuse;
    return true;
}

static void describe(struct exchange *exchange) {
    struct message_reply reply;
    if (!body_absent(exchange)) return;
    struct message message = message_of(exchange);
    reply_header(exchange, "Vary", "Accept-Language");
    if (!exchange->edge->entrance->describe(&message, &reply)) {
        problem_say(exchange, 404, "not_found",
                    "Hier is geen beschrijving: zet ?wsdl achter /soap/v1/quote, of achter het "
                    "adres van een product.",
                    "There is no description here: put ?wsdl behind /soap/v1/quote, or behind the "
                    "address of a product.");
    } else if (message.text->failed) {
        body_refuse_busy(exchange);
    } else {
        exchange->cache_control = "no-cache";
        send_reply(exchange, &reply);
    }
}

static void answer(struct exchange *exchange) {
    const struct entrance *entrance = exchange->edge->entrance;
    struct answer *answer = &exchange->space->answer;
    struct message_reply reply;
    int64_t limit = entrance->body_max_bytes;
    if (limit > exchange->edge->body_max_bytes) limit = exchange->edge->body_max_bytes;
    if (!body_read(exchange, NULL, limit)) return;
    struct message message = message_of(exchange);
    answer->partner_id[0] = answer->key_id[0] = '\0';
    answer->rate = (struct rate_state){0};
    answer->replayed = false;
    answer->retirement = (struct retirement){0};
    entrance->answer(&message, &reply);
    memcpy(exchange->partner_id, answer->partner_id, sizeof exchange->partner_id);
    memcpy(exchange->key_id, answer->key_id, sizeof exchange->key_id);
    if (reply.operation) exchange->route = metrics_route_of(reply.operation);
    json_entrance_rate(exchange, &answer->rate);
    retirement_join(&reply.retirement, &answer->retirement);
    if (answer->replayed) reply_header(exchange, "Idempotent-Replayed", "true");
    send_reply(exchange, &reply);
}

void message_entrance(struct exchange *exchange) {
    const char *method = exchange->head->method;
    if (exchange->refuse) {
        answer(exchange);
    } else if (!strcmp(method, "GET") || !strcmp(method, "HEAD")) {
        describe(exchange);
    } else {
        reply_header(exchange, "Allow", "GET, HEAD, POST");
        problem_say(exchange, 405, "method_not_allowed",
                    "Stuur een bericht met POST, of lees de beschrijving met GET en ?wsdl.",
                    "Send a message with POST, or read the description with GET and ?wsdl.");
    }
}
