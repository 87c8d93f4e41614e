/* Reads and writes the cookie of sessions. Its name begins with __Host-: a browser takes it from
 * this very host alone, over TLS, for all paths (RFC 6265bis, 4.1.3.2). */
#include "cookie.h"

#include <string.h>

#include "reply.h"

bool cookie_session(const struct head *head, char ret_token[SESSION_TOKEN_MAX]) {
    static const char name[] = COOKIE_NAME "=";
    const char *at = head_get(head, "cookie");
    int found = 0;
    for (; at && *at; at += strspn(at, "; ")) {
        size_t length = strcspn(at, ";");
        if (length > sizeof name - 1 && memcmp(at, name, sizeof name - 1) == 0) {
            const char *value = at + sizeof name - 1;
            size_t value_length = length - (sizeof name - 1);
            if (value_length != SESSION_TOKEN_LENGTH) return false;
            memcpy(ret_token, value, value_length);
            ret_token[value_length] = '\0';
            found++;
        }
        at += length;
    }
    return found == 1;
}

void cookie_set(struct exchange *exchange, const char *token) {
    reply_header(exchange, "Set-Cookie",
                 COOKIE_NAME "=%s; Path=/; Secure; HttpOnly; SameSite=Strict", token);
}

void cookie_clear(struct exchange *exchange) {
    reply_header_text(exchange, "Set-Cookie",
                      COOKIE_NAME "=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
}

enum request_site cookie_site(const struct head *head) {
    static const char scheme[] = "https://";
    const char *site = head_get(head, "sec-fetch-site");
    const char *origin = head_get(head, "origin"), *host = head_get(head, "host");
    if (site)
        return strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0 ? SITE_SAME
                                                                             : SITE_OTHER;
    if (!origin) return SITE_UNKNOWN;
    return host && strncmp(origin, scheme, sizeof scheme - 1) == 0 &&
                   strcmp(origin + sizeof scheme - 1, host) == 0
               ? SITE_SAME
               : SITE_OTHER;
}
