/* A preflight carries no key, so it asks whether any publishable key lists the origin; the answer
 * to the call itself is opened only to the origins of its own key. */
#include "cors.h"

#include <stdio.h>
#include <string.h>

#include "auth/origin.h"
#include "domain/service.h"
#include "reply.h"

enum { PREFLIGHT_SECONDS = 600 };

static bool may_ask(struct exchange *exchange, const char *path, const char *origin,
                    const char *method) {
    const struct operation *operation = NULL;
    struct value fields;
    char allowed[64];
    bool known = false;
    if (operation_find(method, path, &exchange->scratch, allowed, &fields, &operation) != 0 ||
        !(operation->callers & CALLER_PUBLISHABLE_KEY))
        return false;
    struct error error = {0};
    return keys_origin_known(exchange->edge->service->keys, origin, &error, &known) == 0 && known;
}

void cors_preflight(struct exchange *exchange, const char *path, const char *allowed) {
    const char *origin = head_get(exchange->head, "origin");
    const char *method = head_get(exchange->head, "access-control-request-method");
    reply_header(exchange, "Allow", "%s, OPTIONS", allowed);
    reply_header(exchange, "Vary", "Origin, Access-Control-Request-Method");
    if (origin && method && may_ask(exchange, path, origin, method)) {
        reply_header(exchange, "Access-Control-Allow-Origin", "%s", origin);
        reply_header(exchange, "Access-Control-Allow-Methods", "%s", allowed);
        reply_header(exchange, "Access-Control-Allow-Headers",
                     "Authorization, Content-Type, Idempotency-Key, If-Match, Accept-Language, "
                     "Koppel-Version");
        reply_header(exchange, "Access-Control-Max-Age", "%d", PREFLIGHT_SECONDS);
    }
    reply_send(exchange, 204, NULL, NULL, 0);
}

static void open_to(struct exchange *exchange, const char *origin) {
    exchange->opened = true;
    reply_header(exchange, "Access-Control-Allow-Origin", "%s", origin);
    reply_header(exchange, "Access-Control-Expose-Headers",
                 "Request-Id, RateLimit, RateLimit-Policy, Retry-After, Idempotent-Replayed, "
                 "Location, ETag, Link, Content-Disposition, Koppel-Version, Deprecation, Sunset");
}

static bool publishable(const char *credential, size_t length) {
    return length >= 3 && memcmp(credential, "pk_", 3) == 0;
}

void cors_answer(struct exchange *exchange, const char *credential, size_t credential_length) {
    const char *origin = head_get(exchange->head, "origin");
    struct caller caller;
    struct error error = {0};
    if (!origin || !publishable(credential, credential_length)) return;
    if (keys_caller(exchange->edge->service->keys, credential, credential_length, origin, &error,
                    &caller) != 0 ||
        caller.kind != CALLER_PUBLISHABLE_KEY || !caller.origin_listed)
        return;
    open_to(exchange, origin);
}

void cors_refusal(struct exchange *exchange, const struct operation *operation, int status,
                  const char *credential, size_t credential_length) {
    const char *origin = head_get(exchange->head, "origin");
    char normal[KEY_ORIGIN_MAX];
    struct error error = {0};
    if (exchange->opened || !origin || (status != 401 && status != 403) ||
        !(operation->callers & CALLER_PUBLISHABLE_KEY) || exchange_certificate(exchange) ||
        (credential && !publishable(credential, credential_length)))
        return;
    /* Only what a browser writes as an origin is written back. */
    if (origin_normalise(origin, &error, normal) != 0 || strcmp(normal, origin) != 0) return;
    open_to(exchange, origin);
}
