/* Secrets and signatures of webhooks, by the Standard Webhooks convention: a secret is "whsec_" and
 * base64 of random bytes, a signature "v1," and base64 of HMAC-SHA256 under those bytes over
 * "ID.TIMESTAMP.BODY". While one secret makes way for another both sign, with a blank between. */
#ifndef KOPPEL_DOMAIN_WEBHOOK_SIGNATURE_H
#define KOPPEL_DOMAIN_WEBHOOK_SIGNATURE_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

enum {
    WEBHOOK_SECRET_BYTES = 32,     /* the convention asks for 24 to 64 */
    WEBHOOK_SECRET_BYTES_MAX = 64,
    WEBHOOK_SECRET_MAX = 6 + 88 + 1, /* as text, NUL-terminated */
    WEBHOOK_SECRETS_MAX = 2          /* that sign at a time */
};

/* A new secret. */
void webhook_secret_make(char ret_secret[WEBHOOK_SECRET_MAX]);

/* Appends a signature for each of the secrets, which stand one after the other with a blank
 * between: at most WEBHOOK_SECRETS_MAX of them, and no more than `limit`. `timestamp_s` is in
 * seconds since 1970. ERROR_INVALID: a secret is none. */
int webhook_sign(const char *secrets, int limit, const char *id, int64_t timestamp_s,
                 const char *body, size_t length, struct error *error, struct buffer *buffer);

#endif
