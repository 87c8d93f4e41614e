/* Access tokens (OAuth 2, RFC 6750): short-lived stand-ins for a key or a certificate, so that the
 * long-lived secret travels seldom. A token names its credential by digest, says until when it
 * holds and with which certificate, and is authentic by an HMAC of the installation: it is kept
 * nowhere, works on every node, and ends with its credential, which is looked up for each use. */
#ifndef KOPPEL_AUTH_ACCESS_TOKEN_H
#define KOPPEL_AUTH_ACCESS_TOKEN_H

#include "auth/keys.h"

#define ACCESS_TOKEN_PREFIX "at_"
enum {
    ACCESS_TOKEN_LENGTH = 3 + 140, /* characters of [A-Za-z0-9_-] */
    ACCESS_TOKEN_LIFETIME_DEFAULT_S = 900,
    ACCESS_TOKEN_LIFETIME_MIN_S = 1,
    ACCESS_TOKEN_LIFETIME_MAX_S = 86400
};

/* A token for a caller that was authenticated. With a certificate of its connection among what it
 * proved, the token holds only together with that (RFC 8705). */
void access_token_issue(const struct keys *keys, const struct caller *caller, int64_t expires_us,
                        char ret_token[ACCESS_TOKEN_LENGTH + 1]);

/* Has the text a token's form? Then it is no key's. */
bool access_token_in_form(const char *text, size_t length);
/* The caller that a token in form stands for. `certificate` is the SHA-256 of that of its
 * connection, or NULL. ERROR_DENIED when it is forged, expired, bound to another certificate, or
 * its credential no longer holds: all alike. */
int access_token_caller(struct keys *keys, const char *token, const uint8_t *certificate,
                        struct error *error, struct caller *ret_caller);

#endif
