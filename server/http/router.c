/* Fixed addresses first, then /api/v1, then documents, then files of the program. A refusal of the
 * gate comes before all: a request that was not understood has no address. */
#include "router.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "assets.h"
#include "base/log.h"
#include "body.h"
#include "description.h"
#include "domain/document.h"
#include "domain/service.h"
#include "documents.h"
#include "json_entrance.h"
#include "message/api_version.h"
#include "message_entrance.h"
#include "metrics.h"
#include "oauth.h"
#include "problem.h"
#include "query.h"
#include "reply.h"

static const char api_prefix[] = "/api/v1";

/* GET and HEAD only; others are answered here. */
static bool is_reading(struct exchange *exchange) {
    const char *method = exchange->head->method;
    if (!strcmp(method, "GET") || !strcmp(method, "HEAD")) return body_absent(exchange);
    reply_header(exchange, "Allow", "GET, HEAD, OPTIONS");
    if (!strcmp(method, "OPTIONS")) {
        if (body_absent(exchange)) reply_send(exchange, 204, NULL, NULL, 0);
        return false;
    }
    problem_say(exchange, 405, "method_not_allowed", "Hier kan alleen gelezen worden: gebruik GET.",
                "This can only be read: use GET.");
    return false;
}

static void say_status(struct exchange *exchange, const char *status) {
    struct buffer *text = &exchange->space->answer_text;
    buffer_clear(text);
    buffer_format(text, "{\"status\":\"%s\"}", status);
    reply_send(exchange, 200, "application/json", text->data, text->length);
}

static void answer_health(struct exchange *exchange) {
    exchange->route = ROUTE_HEALTH;
    if (is_reading(exchange)) say_status(exchange, "ok");
}

static void answer_ready(struct exchange *exchange) {
    struct error error = {0};
    exchange->route = ROUTE_READY;
    if (!is_reading(exchange)) return;
    if (atomic_load(&exchange->edge->stopping)) {
        problem_say(exchange, 503, "stopping", "De dienst stopt.", "The service is stopping.");
    } else if (db_ready(exchange->edge->service->db, &error) != 0) {
        log_event(LOG_ERROR, "not_ready", "error", error.text, NULL);
        problem_say(exchange, 503, "not_ready", "De opslag is nu niet bereikbaar of vol.",
                    "The store cannot be reached now, or is full.");
    } else {
        say_status(exchange, "ready");
    }
}

/* What an address asks for, ?version=2026-11-23, is before what the header does: it can be handed
 * on, and given to generators of clients. False: there is none such, and that was answered. */
static bool read_version(struct exchange *exchange, int *ret_version) {
    struct value_entry parameters[QUERY_PARAMETERS_MAX];
    struct query_fault fault;
    int count = 0;
    const char *asked = head_get(exchange->head, "koppel-version");
    char date[API_VERSION_MAX], list[API_VERSION_LIST_MAX];
    if (!query_read(exchange->head->query, &exchange->scratch, &fault, parameters, &count)) {
        problem_say(exchange, 400, fault.code, fault.nl, fault.en);
        return false;
    }
    const struct value all = value_context(parameters, (size_t)count);
    const struct value *value = value_entry_find(&all, "version", 7);
    if (value) {
        bool fits = value->length < sizeof date;
        snprintf(date, sizeof date, "%.*s", fits ? (int)value->length : 0, value->text);
        asked = date;
    }
    *ret_version = api_version_count - 1;
    if (!asked || api_version_read(asked, ret_version)) return true;
    api_version_list(list);
    char nl[200 + sizeof list], en[200 + sizeof list];
    snprintf(nl, sizeof nl, "Deze versie van de API bestaat niet: neem een van %s.", list);
    snprintf(en, sizeof en, "There is no such version of the API: take one of %s.", list);
    problem_say(exchange, 400, "unknown_version", nl, en);
    return false;
}

static void answer_openapi(struct exchange *exchange) {
    struct edge *edge = exchange->edge;
    int version;
    exchange->route = ROUTE_OPENAPI;
    if (!is_reading(exchange) || !read_version(exchange, &version)) return;
    const struct description *description = description_hold(
        edge->descriptions, edge->service, edge->public_url, version, exchange->language);
    if (!description) {
        problem_say(exchange, 503, "busy",
                    "De dienst heeft het nu te druk. Probeer het zo opnieuw.",
                    "The service is too busy now. Try again shortly.");
        return;
    }
    exchange->cache_control = "no-cache";
    reply_header(exchange, "Vary", "Accept-Language, Koppel-Version");
    reply_header_text(exchange, "Koppel-Version", api_version_date(version));
    reply_language(exchange, exchange->language);
    reply_send_tagged(exchange, description->tag, "application/json", description->text,
                      description->length);
    description_release(edge->descriptions, description);
}

static void answer_document(struct exchange *exchange, const char *path) {
    exchange->route = ROUTE_DOCUMENT;
    if (is_reading(exchange)) document_answer(exchange, path);
}

/* A file of the program; or the shell, which draws its pages itself. */
static void send_asset(struct exchange *exchange, int status, const struct asset *asset,
                       bool shell) {
    /* Pages go as they are: what is compressed beside a secret can give it away (BREACH). */
    enum encoding encoding = asset->immutable
                                 ? encoding_choose(head_get(exchange->head, "accept-encoding"))
                                 : ENCODING_PLAIN;
    const struct asset_form *form = &asset->forms[encoding];
    exchange->page = true;
    reply_header_text(exchange, "Vary",
                      asset->language < 0 ? "Accept-Encoding" : "Accept-Encoding, Accept-Language");
    if (asset->language >= 0) reply_language(exchange, (enum language)asset->language);
    if (encoding_name(encoding))
        reply_header_text(exchange, "Content-Encoding", encoding_name(encoding));
    if (shell) {
        /* What is drawn in it is behind a login: no copy of it stays, nor in the way back. */
        reply_send(exchange, status, asset->media_type, form->bytes, form->length);
        return;
    }
    exchange->cache_control = asset->immutable ? "public, max-age=31536000, immutable" : "no-cache";
    reply_send_tagged(exchange, form->tag, asset->media_type, form->bytes, form->length);
}

static bool answer_asset(struct exchange *exchange) {
    const char *path = exchange->head->path;
    const struct asset *file = asset_find(path, exchange->language);
    const struct asset *shell = file ? NULL : asset_find_shell(path, exchange->language);
    if (!file && !shell) return false;
    exchange->route = ROUTE_ASSET;
    if (is_reading(exchange)) send_asset(exchange, 200, file ? file : shell, shell != NULL);
    return true;
}

/* A browser that came to a wrong address gets the shell, which says so with a way on. */
static void answer_unknown(struct exchange *exchange) {
    const char *accept = head_get(exchange->head, "accept");
    if (strcmp(exchange->head->method, "GET") != 0 || !accept || !strstr(accept, "text/html"))
        problem_say(exchange, 404, "not_found", "Dit adres bestaat niet: begin bij /.",
                    "This address does not exist: begin at /.");
    else if (body_absent(exchange))
        send_asset(exchange, 404, asset_find_shell("/", exchange->language), true);
}

static bool expectation_is_fine(struct exchange *exchange) {
    const char *expect = head_get(exchange->head, "expect");
    if (!expect || !strcasecmp(expect, "100-continue")) return true;
    problem_say(exchange, 417, "expectation",
                "Stuur als Expect alleen 100-continue, of laat die header weg.",
                "Send only 100-continue as Expect, or leave that header out.");
    return false;
}

void route(struct exchange *exchange) {
    const struct head_fault *fault = &exchange->gate->fault;
    const char *path = exchange->head->path;
    size_t prefix = sizeof api_prefix - 1;
    if (fault->status) {
        problem_say(exchange, fault->status, fault->code, fault->nl, fault->en);
    } else if (message_entrance_takes(exchange)) {
        if (expectation_is_fine(exchange)) message_entrance(exchange);
    } else if (!expectation_is_fine(exchange)) {
        return;
    } else if (!strcmp(path, "*")) {
        is_reading(exchange);
    } else if (!strcmp(path, "/healthz")) {
        answer_health(exchange);
    } else if (!strcmp(path, "/readyz")) {
        answer_ready(exchange);
    } else if (!strcmp(path, OAUTH_TOKEN_PATH)) {
        oauth_token(exchange);
    } else if (!strcmp(path, OAUTH_METADATA_PATH)) {
        if (is_reading(exchange)) oauth_metadata(exchange);
    } else if (!strcmp(path, "/api/v1/openapi.json")) {
        answer_openapi(exchange);
    } else if (!strncmp(path, api_prefix, prefix) && path[prefix] == '/') {
        json_entrance(exchange, path + prefix);
    } else if (!strncmp(path, DOCUMENT_PATH, sizeof DOCUMENT_PATH - 1)) {
        answer_document(exchange, path + sizeof DOCUMENT_PATH - 1);
    } else if (!answer_asset(exchange)) {
        answer_unknown(exchange);
    }
}
