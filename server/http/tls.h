/* The TLS context of the server: versions 1.2 and 1.3, forward-secret ciphers, and a certificate
 * that can be replaced while it serves. */
#ifndef KOPPEL_HTTP_TLS_H
#define KOPPEL_HTTP_TLS_H

#include <openssl/ssl.h>

#include "base/error.h"

struct tls;

/* Paths of PEM files: the certificate with its chain, and its private key without a passphrase. */
int tls_new(const char *certificate, const char *private_key, struct error *error,
            struct tls **ret_tls);
void tls_free(struct tls *tls);
/* Reads both files again. On failure the certificate in use stays. */
int tls_reload(struct tls *tls, struct error *error);
SSL_CTX *tls_context(struct tls *tls); /* stays the tls's */

#endif
