/* A client says who it is by Basic, in the body, or by its certificate, in one of these ways; the
 * operation RequestToken does the rest. Whatever is wrong is told as RFC 6749 (5.2) has it, with a
 * status that says more than 400 where HTTP has one. */
#include "oauth.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "auth/basic.h"
#include "base/log.h"
#include "body.h"
#include "json_entrance.h"
#include "message/json.h"
#include "message/record.h"
#include "metrics.h"
#include "problem.h"
#include "query.h"
#include "reply.h"

enum { URL_MAX = 1024 + 64 }; /* a value of the configuration, and a path */

/* ---- errors --------------------------------------------------------------------------------- */

/* The codes that clients know; others are this service's own, which they may pass on. */
static const char *error_code(const struct refusal *refusal) {
    switch (refusal->status) {
    case 401: return "invalid_client";
    case 403: return "unauthorized_client";
    case 429: return "too_many_requests";
    case 500: return "server_error";
    case 503: return "temporarily_unavailable";
    default: break;
    }
    static const char *const own[] = {"invalid_scope", "unsupported_grant_type"};
    for (size_t at = 0; at < sizeof own / sizeof *own; at++)
        if (strcmp(refusal->code, own[at]) == 0) return own[at];
    return "invalid_request";
}

static int error_status(int status) {
    return status == 403 || status == 415 || status == 417 || status == 422 ? 400 : status;
}

/* A description holds printable ASCII without quotes and backslashes. */
static void write_description(const char *detail, struct buffer *text) {
    buffer_text(text, ",\"error_description\":\"");
    for (; *detail; detail++) {
        unsigned char byte = (unsigned char)*detail;
        if ((byte & 0xC0) == 0x80) continue;
        bool plain = byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\';
        buffer_char(text, plain ? (char)byte : byte < 0x80 ? '\'' : '?');
    }
    buffer_text(text, "\"}");
}

static void refuse(struct exchange *exchange, const struct refusal *refusal,
                   const struct field_faults *faults) {
    struct buffer *text = &exchange->space->answer_text;
    const char *detail = faults && faults->count > 0 ? faults->items[0].message : refusal->detail;
    int status = error_status(refusal->status);
    buffer_clear(text);
    buffer_format(text, "{\"error\":\"%s\"", error_code(refusal));
    write_description(detail, text);
    if (status == 401) reply_header_text(exchange, "WWW-Authenticate", "Basic realm=\"koppel\"");
    if (refusal->retry_after_s > 0)
        reply_header(exchange, "Retry-After", "%d", refusal->retry_after_s);
    reply_header_text(exchange, "Pragma", "no-cache");
    reply_language(exchange, exchange->language);
    reply_send(exchange, status, "application/json", text->failed ? "{}" : text->data,
               text->failed ? 2 : text->length);
}

/* ---- the request ---------------------------------------------------------------------------- */

struct client {
    const char *id, *secret; /* NULL: not given */
};

/* An empty parameter is one that is left out. */
static const char *parameter(const struct value_entry *entries, int count, const char *name) {
    for (int at = 0; at < count; at++) {
        const struct value_entry *entry = &entries[at];
        if (entry->name_length != strlen(name) ||
            memcmp(entry->name, name, entry->name_length) != 0)
            continue;
        return entry->value.length ? entry->value.text : NULL;
    }
    return NULL;
}

/* Copies the values with a NUL behind each; false when one holds a NUL, or scratch is used up. */
static bool end_values(struct value_entry *entries, int count, struct scratch *scratch) {
    for (int at = 0; at < count; at++) {
        size_t length = entries[at].value.length;
        char *text = scratch_take(scratch, length + 1);
        if (!text || memchr(entries[at].value.text, '\0', length)) return false;
        memcpy(text, entries[at].value.text, length);
        text[length] = '\0';
        entries[at].value = value_text(text, length);
    }
    return true;
}

static bool say(struct exchange *exchange, int status, const char *nl, const char *en) {
    problem_say(exchange, status, "invalid_request", nl, en);
    return false;
}

static bool read_form(struct exchange *exchange,
                      struct value_entry ret_entries[QUERY_PARAMETERS_MAX], int *ret_count) {
    const struct buffer *body = &exchange->space->body;
    struct query_fault fault;
    if (exchange->head->query)
        return say(exchange, 400,
                   "Zet alles in de inhoud, en niets in het adres: dat komt in logboeken terecht.",
                   "Put everything into the body, and nothing into the address: that ends up in "
                   "logs.");
    if (!body_read(exchange, "application/x-www-form-urlencoded", OAUTH_BODY_MAX_BYTES))
        return false;
    bool whole = body->length > 0 && !memchr(body->data, '\0', body->length);
    bool read =
        whole && query_read(body->data, &exchange->scratch, &fault, ret_entries, ret_count);
    if (read && end_values(ret_entries, *ret_count, &exchange->scratch)) return true;
    if (whole && !read && *fault.pointer)
        return say(exchange, 400, "Een parameter staat er meer dan eens: geef elke eenmaal.",
                   "A parameter stands there more than once: give each once.");
    return say(exchange, 400,
               "De inhoud moet parameters bevatten, in UTF-8 en gecodeerd als een formulier.",
               "The body must hold parameters, in UTF-8 and encoded as a form.");
}

/* Decodes in place, as a form's value: RFC 6749 (2.3.1) has both parts of Basic so. */
static bool form_decode(char *text, struct scratch *scratch) {
    size_t length = strlen(text), decoded = 0;
    char *copy = scratch_take(scratch, length + 1);
    if (!copy) return false;
    memcpy(copy, text, length + 1);
    if (!head_percent_decode(copy, length, true, text, &decoded)) return false;
    text[decoded] = '\0';
    return strlen(text) == decoded;
}

static bool refuse_client(struct exchange *exchange) {
    return say(exchange, 401,
               "Zeg wie u bent: met Basic, client_id en client_secret, of een clientcertificaat.",
               "Say who you are: by Basic, client_id and client_secret, or a client certificate.");
}

static bool read_basic(struct exchange *exchange, const char *authorization,
                       struct client *ret_client) {
    char *user, *password;
    if (strncasecmp(authorization, "basic ", 6) != 0 ||
        !basic_read(authorization + 6 + strspn(authorization + 6, " "), &exchange->scratch, &user,
                    &password) ||
        !form_decode(user, &exchange->scratch) || !form_decode(password, &exchange->scratch))
        return refuse_client(exchange);
    *ret_client = (struct client){user, password};
    return true;
}

static bool read_client(struct exchange *exchange, const struct value_entry *entries, int count,
                        struct client *ret_client) {
    const char *authorization = head_get(exchange->head, "authorization");
    struct client named = {parameter(entries, count, "client_id"),
                           parameter(entries, count, "client_secret")};
    *ret_client = named;
    if (authorization && !read_basic(exchange, authorization, ret_client)) return false;
    if (authorization && (named.secret || (named.id && strcmp(named.id, ret_client->id) != 0)))
        return say(exchange, 400, "Zeg op een manier wie u bent: met Basic of in de inhoud.",
                   "Say in one way who you are: by Basic or in the body.");
    if (!ret_client->secret && !exchange_certificate(exchange)) return refuse_client(exchange);
    return true;
}

static struct value make_input(struct exchange *exchange, const struct value_entry *entries,
                               int count, const struct client *client) {
    struct record record;
    record_init(&record, &exchange->scratch);
    const struct client *who = client;
    const char *grant = parameter(entries, count, "grant_type");
    const char *scope = parameter(entries, count, "scope");
    if (grant) record_set_text(&record, "grant_type", grant);
    if (who->id && *who->id) record_set_text(&record, "client_id", who->id);
    if (scope) record_set_text(&record, "scope", scope);
    return record_value(&record);
}

static void send_token(struct exchange *exchange, const struct operation *operation,
                       const struct answer *answer) {
    struct buffer *text = &exchange->space->answer_text;
    buffer_clear(text);
    field_encode_json(operation->output, operation->output_count, &answer->output, text);
    if (text->failed) {
        body_refuse_busy(exchange);
        return;
    }
    reply_header_text(exchange, "Pragma", "no-cache");
    reply_send(exchange, 200, "application/json", text->data, text->length);
}

/* The dispatcher speaks of how keys come with calls, which is not how they come here. */
static void refuse_wrong_client(struct exchange *exchange) {
    say(exchange, 401,
        "De sleutel in client_secret of het clientcertificaat is onbekend, verlopen of "
        "ingetrokken, of ze zijn niet van hetzelfde kantoor.",
        "The key in client_secret or the client certificate is unknown, expired or revoked, or "
        "they are not of the same firm.");
}

static void dispatch_client(struct exchange *exchange, const struct operation *operation,
                            const struct client *client, struct value input) {
    struct answer *answer = &exchange->space->answer;
    struct request request = {.operation = operation,
                              .entrance = ENTRANCE_JSON,
                              .credential = client->secret,
                              .credential_length = client->secret ? strlen(client->secret) : 0,
                              .key_only = true,
                              .certificate = exchange_certificate(exchange),
                              .request_id = exchange->request_id,
                              .language = exchange->language,
                              .input = input,
                              .scratch = &exchange->scratch};
    dispatch(exchange->edge->dispatcher, &request, answer);
    memcpy(exchange->partner_id, answer->partner_id, sizeof exchange->partner_id);
    memcpy(exchange->key_id, answer->key_id, sizeof exchange->key_id);
    if (answer->error.code != ERROR_NONE)
        log_event(LOG_ERROR, "request_failed", "request_id", exchange->request_id, "operation",
                  operation->name, "error", answer->error.text, NULL);
    json_entrance_rate(exchange, &answer->rate);
    if (answer->refusal.status == 401 && strcmp(answer->refusal.code, "unauthorized") == 0)
        refuse_wrong_client(exchange);
    else if (answer->refusal.status)
        refuse(exchange, &answer->refusal, answer->faults.count > 0 ? &answer->faults : NULL);
    else send_token(exchange, operation, answer);
}

void oauth_token(struct exchange *exchange) {
    const struct operation *operation = operation_find_named("RequestToken");
    struct value_entry entries[QUERY_PARAMETERS_MAX];
    struct client client;
    int count = 0;
    exchange->route = metrics_route_of(operation);
    exchange->refuse = refuse;
    reply_header_text(exchange, "Vary", "Accept-Language");
    if (strcmp(exchange->head->method, "POST") != 0) {
        reply_header_text(exchange, "Allow", "POST");
        say(exchange, 405, "Een token wordt met POST aangevraagd.",
            "A token is requested by POST.");
    } else if (read_form(exchange, entries, &count) &&
               read_client(exchange, entries, count, &client)) {
        dispatch_client(exchange, operation, &client,
                        make_input(exchange, entries, count, &client));
    }
}

/* ---- the description ------------------------------------------------------------------------ */

static void write_member(struct buffer *text, const char *name, const char *url,
                         const char *path) {
    char whole[URL_MAX];
    int length = snprintf(whole, sizeof whole, "%s%s", url, path);
    buffer_format(text, "\"%s\":", name);
    json_write_text(whole, (size_t)length < sizeof whole ? (size_t)length : 0, text);
}

void oauth_metadata(struct exchange *exchange) {
    const struct edge *edge = exchange->edge;
    struct buffer *text = &exchange->space->answer_text;
    bool certificates = edge->asks_certificates;
    exchange->route = ROUTE_OAUTH;
    buffer_clear(text);
    buffer_char(text, '{');
    write_member(text, "issuer", edge->public_url, "");
    buffer_char(text, ',');
    write_member(text, "token_endpoint", edge->public_url, OAUTH_TOKEN_PATH);
    buffer_format(text, ",\"grant_types_supported\":[\"client_credentials\"],"
                        "\"response_types_supported\":[],"
                        "\"token_endpoint_auth_methods_supported\":[\"client_secret_basic\","
                        "\"client_secret_post\"%s],"
                        "\"tls_client_certificate_bound_access_tokens\":%s,"
                        "\"ui_locales_supported\":[\"nl\",\"en\"],",
                  certificates ? ",\"self_signed_tls_client_auth\"" : "",
                  certificates ? "true" : "false");
    write_member(text, "service_documentation", edge->public_url, "/api/v1/openapi.json");
    if (certificates && strcmp(edge->certificate_url, edge->public_url) != 0) {
        buffer_text(text, ",\"mtls_endpoint_aliases\":{");
        write_member(text, "token_endpoint", edge->certificate_url, OAUTH_TOKEN_PATH);
        buffer_char(text, '}');
    }
    buffer_char(text, '}');
    if (text->failed) {
        body_refuse_busy(exchange);
        return;
    }
    exchange->cache_control = "no-cache";
    reply_send(exchange, 200, "application/json", text->data, text->length);
}
