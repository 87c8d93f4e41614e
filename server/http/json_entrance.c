/* From HTTP to an operation and back. What a request may do is the dispatcher's to say; what stands
 * here is how JSON over HTTP carries it: status, problem answers, rate and replay headers, tags,
 * links. */
#include "json_entrance.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/hash.h"
#include "base/clock.h"
#include "base/log.h"
#include "cookie.h"
#include "cors.h"
#include "json_input.h"
#include "json_items.h"
#include "message/json.h"
#include "message/record.h"
#include "metrics.h"
#include "problem.h"
#include "reply.h"

enum { BUSY_RETRY_SECONDS = 1, TAG_MAX = SHA256_HEX_MAX, MICROSECONDS = 1000000 };

/* The key of "Authorization: Bearer KEY". Another scheme, or no key, counts as a wrong key. */
static const char *read_credential(const struct exchange *exchange, size_t *ret_length) {
    const char *header = head_get(exchange->head, "authorization");
    *ret_length = 0;
    if (!header) return NULL;
    if (strncasecmp(header, "bearer ", 7) != 0) return "";
    header += 7 + strspn(header + 7, " ");
    *ret_length = strlen(header);
    return header;
}

/* Characters of an identifier, so that it can stand in a header line. */
static bool plain_text(const struct value *value) {
    if (!value || value->kind != VALUE_TEXT || value->length == 0 || value->length > 512)
        return false;
    for (uint32_t i = 0; i < value->length; i++) {
        char character = value->text[i];
        bool letter = (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
        if (!letter && !(character >= '0' && character <= '9') && !strchr("_-.~", character))
            return false;
        if (!character) return false;
    }
    return true;
}

void json_entrance_rate(struct exchange *exchange, const struct rate_state *rate) {
    if (rate->limit <= 0) return;
    reply_header(exchange, "RateLimit-Policy", "\"default\";q=%lld;w=%lld", (long long)rate->limit,
                 (long long)rate->window_s);
    reply_header(exchange, "RateLimit", "\"default\";r=%lld;t=%lld", (long long)rate->remaining,
                 (long long)rate->reset_s);
}

void json_entrance_retirement(struct exchange *exchange, const struct operation *operation,
                              const struct retirement *retirement) {
    if (retirement->deprecated_us)
        reply_header(exchange, "Deprecation", "@%lld",
                     (long long)(retirement->deprecated_us / MICROSECONDS));
    if (retirement->sunset_us)
        reply_header_instant(exchange, "Sunset", retirement->sunset_us / MICROSECONDS);
    if (operation && (operation->deprecated_on || operation->sunset_on))
        reply_header(exchange, "Link",
                     "</api/v1/changes>; rel=\"deprecation\"; type=\"application/json\"");
}

void json_entrance_head(struct exchange *exchange, const struct operation *operation,
                        const struct answer *answer) {
    json_entrance_rate(exchange, &answer->rate);
    if (answer->version)
        reply_header_text(exchange, "Koppel-Version", answer->version);
    json_entrance_retirement(exchange, operation, &answer->retirement);
}

/* Where the new thing can be read, when there is an address for that. */
static void add_location(struct exchange *exchange, const struct operation *operation,
                         const struct value *output) {
    const struct value *id =
        output->kind == VALUE_CONTEXT ? value_entry_find(output, "id", 2) : NULL;
    const struct operation *reading = NULL;
    struct value fields;
    char allowed[64], path[1024];
    if (!plain_text(id) || strchr(operation->path, '{')) return;
    snprintf(path, sizeof path, "%s/%.*s", operation->path, (int)id->length, id->text);
    if (operation_find("GET", path, &exchange->scratch, allowed, &fields, &reading) == 0)
        reply_header(exchange, "Location", "/api/v1%s", path);
}

/* The next page: the same address with another cursor. */
static void add_next(struct exchange *exchange, const struct value *output) {
    const struct value *next =
        output->kind == VALUE_CONTEXT ? value_entry_find(output, "next", 4) : NULL;
    if (!plain_text(next)) return;
    char query[2048];
    size_t length = 0;
    const char *at = exchange->head->query ? exchange->head->query : "";
    while (*at) {
        size_t part = strcspn(at, "&");
        if (part > 0 && strncmp(at, "cursor=", 7) != 0) {
            if (length + part + 1 >= sizeof query) return;
            memcpy(query + length, at, part);
            length += part;
            query[length++] = '&';
        }
        at += part;
        if (*at == '&') at++;
    }
    reply_header(exchange, "Link", "<%s?%.*scursor=%.*s>; rel=\"next\"", exchange->head->path,
                 (int)length, query, (int)next->length, next->text);
}

static void send_refusal(struct exchange *exchange, const struct operation *operation,
                         const struct answer *answer) {
    const struct refusal *refusal = &answer->refusal;
    bool wrong_fields = answer->faults.count > 0;
    int status = refusal->status ? refusal->status : wrong_fields ? 422 : answer->status;
    size_t credential_length;
    const char *credential = read_credential(exchange, &credential_length);
    cors_refusal(exchange, operation, status, credential, credential_length);
    if (status == 401)
        reply_header_text(exchange, "WWW-Authenticate",
                          head_get(exchange->head, "authorization")
                              ? "Bearer realm=\"koppel\", error=\"invalid_token\""
                              : "Bearer realm=\"koppel\"");
    int retry_s = refusal->retry_after_s;
    if (retry_s == 0 && status == 503) retry_s = BUSY_RETRY_SECONDS;
    if (retry_s > 0) reply_header(exchange, "Retry-After", "%d", retry_s);
    const struct field_faults *faults = wrong_fields ? &answer->faults : NULL;
    exchange->reason = refusal->reason;
    if (refusal->status && *refusal->code)
        problem_send(exchange, status, refusal->code, refusal->detail, faults);
    else if (wrong_fields)
        problem_send(exchange, status, "invalid_fields",
                     exchange->language == LANGUAGE_EN ? "Correct what stands under errors."
                                                       : "Verbeter wat onder errors staat.",
                     faults);
    else
        problem_say(exchange, status >= 400 ? status : 500, "internal",
                    "Er ging iets mis aan onze kant. Meld het verzoeknummer als het zo blijft.",
                    "Something went wrong on our side. Report the request id if it stays so.");
}

/* The texts of one revision differ by language, and some by day. */
static void revision_tag(const struct exchange *exchange, const struct operation *operation,
                         const struct value *output, char ret_tag[TAG_MAX]) {
    char today[CLOCK_DATE_MAX] = "";
    if (operation->dated) clock_amsterdam_date_text(clock_now_us(), today);
    snprintf(ret_tag, TAG_MAX, OPERATION_TAG "%lld-%s%s%s",
             (long long)record_get_integer(output, "revision", 0),
             exchange->language == LANGUAGE_EN ? "en" : "nl", *today ? "-" : "", today);
}

static void file_write(struct exchange *exchange, const struct value *output,
                       struct buffer *text) {
    const struct value *name = record_get(output, "file_name");
    const struct value *content = record_get(output, "content");
    if (plain_text(name))
        reply_header(exchange, "Content-Disposition", "attachment; filename=\"%.*s\"",
                     (int)name->length, name->text);
    if (content) buffer_append(text, content->text, content->length);
}

static void send_output(struct exchange *exchange, const struct operation *operation,
                        const struct answer *answer) {
    struct buffer *text = &exchange->space->answer_text;
    const char *type = operation->media_type ? operation->media_type : "application/json";
    if (answer->replayed) reply_header(exchange, "Idempotent-Replayed", "true");
    if (answer->status == 201 || answer->status == 202)
        add_location(exchange, operation, &answer->output);
    if (answer->status == 204) {
        reply_send(exchange, 204, NULL, NULL, 0);
        return;
    }
    buffer_clear(text);
    if (operation->output_file)
        file_write(exchange, &answer->output, text);
    else if (operation->output_text)
        buffer_append(text, answer->output.text, answer->output.length);
    else if (operation->output_open)
        json_write(&answer->output, 0, text);
    else
        field_encode_json(answer->output_fields, answer->output_count, &answer->output, text);
    if (text->starved) {
        problem_say(exchange, 503, "unavailable", "Dit lukt nu even niet. Probeer het opnieuw.",
                    "This is not possible right now. Try again.");
        return;
    }
    if (text->failed) {
        log_event(LOG_ERROR, "answer_too_large", "request_id", exchange->request_id, "operation",
                  operation->name, NULL);
        problem_say(exchange, 500, "internal",
                    "Het antwoord is te groot: vraag om minder tegelijk.",
                    "The answer is too large: ask for less at a time.");
        return;
    }
    reply_language(exchange, exchange->language);
    if (!strcmp(operation->method, "GET") && answer->status == 200) {
        char tag[TAG_MAX];
        if (operation->revised) {
            revision_tag(exchange, operation, &answer->output, tag);
        } else {
            hash_sha256_hex(text->data, text->length, tag);
            tag[32] = '\0';
        }
        add_next(exchange, &answer->output);
        reply_send_tagged(exchange, tag, type, text->data, text->length);
        return;
    }
    if (operation->revised) {
        char tag[TAG_MAX];
        revision_tag(exchange, operation, &answer->output, tag);
        reply_header(exchange, "ETag", "\"%s\"", tag);
    }
    reply_send(exchange, answer->status, type, text->data, text->length);
}

static void send_answer(struct exchange *exchange, const struct operation *operation,
                        const struct answer *answer) {
    if (answer->error.code != ERROR_NONE)
        log_event(answer->refusal.status && answer->refusal.status < 500 ? LOG_WARNING : LOG_ERROR,
                  "request_failed", "request_id", exchange->request_id, "operation",
                  operation->name, "error", answer->error.text, NULL);
    json_entrance_head(exchange, operation, answer);
    bool refused = answer->refusal.status || answer->faults.count > 0 || answer->status >= 400;
    if (refused) send_refusal(exchange, operation, answer);
    else send_output(exchange, operation, answer);
}

/* Finds the operation; no such path or method is answered here. */
static const struct operation *find(struct exchange *exchange, const char *path,
                                    struct value *ret_fields) {
    const struct operation *operation = NULL;
    char allowed[64] = "";
    const char *method = exchange->head->method;
    const char *sought = !strcmp(method, "HEAD") ? "GET" : method;
    int result = operation_find(sought, path, &exchange->scratch, allowed, ret_fields, &operation);
    if (result == 0) return operation;
    if (result == ERROR_NOT_FOUND) {
        problem_say(exchange, 404, "not_found",
                    "Dit adres bestaat niet: zie /api/v1/openapi.json voor de adressen.",
                    "This address does not exist: see /api/v1/openapi.json for the addresses.");
    } else if (result == ERROR_INVALID && !strcmp(method, "OPTIONS")) {
        exchange->route = ROUTE_PREFLIGHT;
        cors_preflight(exchange, path, allowed);
    } else if (result == ERROR_INVALID) {
        reply_header(exchange, "Allow", "%s%s, OPTIONS", allowed,
                     strstr(allowed, "GET") ? ", HEAD" : "");
        problem_say(exchange, 405, "method_not_allowed",
                    "Deze methode kan hier niet: gebruik een van de methoden in de Allow-header.",
                    "This method cannot be used here: use one of those in the Allow header.");
    } else {
        problem_say(exchange, 400, "bad_target",
                    "Het adres is niet goed gevormd: gebruik UTF-8, met %XX voor bijzondere "
                    "tekens.",
                    "The address is not well-formed: use UTF-8, with %XX for special characters.");
    }
    return NULL;
}

struct input_source { /* what read_input is handed */
    struct exchange *exchange;
    const struct operation *operation;
    const struct value *path_fields;
    struct json_items *items; /* NULL: one input */
};

static bool read_input(void *context, struct value *ret_input, bool *ret_lexical) {
    const struct input_source *source = context;
    if (source->items) return json_items_read(source->items);
    return json_input(source->exchange, source->operation, source->path_fields, ret_input,
                      ret_lexical);
}

/* A token in an address is in logs and histories: it is refused, so that nobody comes to rely on
 * it (RFC 9700, 4.3.2). */
static bool token_in_address(struct exchange *exchange) {
    static const char name[] = "access_token";
    for (const char *at = exchange->head->query; at && *at; at += *at == '&') {
        size_t length = strcspn(at, "&");
        if (strcspn(at, "=&") == sizeof name - 1 && memcmp(at, name, sizeof name - 1) == 0) {
            problem_say(exchange, 400, "token_in_address",
                        "Een token hoort niet in het adres, want dat komt in logboeken terecht: "
                        "stuur het mee als Authorization: Bearer, en gebruik dit token niet meer.",
                        "A token does not belong in the address, which ends up in logs: send it "
                        "along as Authorization: Bearer, and use this token no more.");
            return true;
        }
        at += length;
    }
    return false;
}

void json_entrance(struct exchange *exchange, const char *path) {
    struct value path_fields = value_context(NULL, 0);
    const struct operation *operation = find(exchange, path, &path_fields);
    if (!operation) return;
    exchange->route = metrics_route_of(operation);
    if (token_in_address(exchange)) return;
    size_t credential_length = 0;
    const char *credential = read_credential(exchange, &credential_length);
    reply_header_text(exchange, "Vary", "Accept-Language, Origin, Koppel-Version");
    cors_answer(exchange, credential, credential_length);
    struct answer *answer = &exchange->space->answer;
    struct json_items *items = NULL;
    if (operation->each) {
        items = scratch_take(&exchange->scratch, sizeof *items); /* the first thing in it: fits */
        json_items_init(items, exchange, operation, answer);
    }
    struct input_source source = {exchange, operation, &path_fields, items};
    char session[SESSION_TOKEN_MAX];
    bool has_session = cookie_session(exchange->head, session);
    struct request request = {.operation = operation,
                              .entrance = ENTRANCE_JSON,
                              .credential = credential,
                              .credential_length = credential_length,
                              .session = has_session ? session : NULL,
                              .site = cookie_site(exchange->head),
                              .agent = head_get(exchange->head, "user-agent"),
                              .certificate = exchange_certificate(exchange),
                              .address = exchange->gate->peer,
                              .origin = head_get(exchange->head, "origin"),
                              .idempotency_key = head_get(exchange->head, "idempotency-key"),
                              .if_match = head_get(exchange->head, "if-match"),
                              .version = head_get(exchange->head, "koppel-version"),
                              .request_id = exchange->request_id,
                              .language = exchange->language,
                              .input = path_fields,
                              .read_input = read_input,
                              .input_context = &source,
                              .items = items ? &items->items : NULL,
                              .scratch = &exchange->scratch};
    dispatch(exchange->edge->dispatcher, &request, answer);
    memcpy(exchange->partner_id, answer->partner_id, sizeof exchange->partner_id);
    memcpy(exchange->key_id, answer->key_id, sizeof exchange->key_id);
    memcpy(exchange->user_id, answer->user_id, sizeof exchange->user_id);
    if (*answer->session_token) cookie_set(exchange, answer->session_token);
    else if (answer->session_ended) cookie_clear(exchange);
    explicit_bzero(answer->session_token, sizeof answer->session_token);
    explicit_bzero(session, sizeof session);
    if (items && !answer->answered && answer->status == operation->status) json_items_end(items);
    else if (!answer->answered) send_answer(exchange, operation, answer);
}
