/* The installation's own key and certificate for signing answers, beside those of TLS: partners
 * keep the certificate for longer than TLS certificates last. Shared by all nodes. */
#ifndef KOPPEL_AUTH_SIGNING_H
#define KOPPEL_AUTH_SIGNING_H

#include <openssl/types.h>

#include "base/buffer.h"

enum { SIGNING_CERTIFICATE_MAX_BYTES = 16 * 1024 };

struct signing; /* shared by all threads; its files may be read again while it is used */

/* Reads both PEM files, the key without a passphrase. ERROR_NOT_FOUND when they are not there. */
int signing_open(const char *certificate, const char *private_key, struct error *error,
                 struct signing **ret_signing);
void signing_free(struct signing *signing); /* NULL is fine */
/* Reads the files again. On failure the key in use stays. */
int signing_reload(struct signing *signing, struct error *error);

/* The key, for the caller to EVP_PKEY_free, with its certificate's DER in base 64 appended. */
EVP_PKEY *signing_hold(struct signing *signing, struct buffer *certificate);

#endif
