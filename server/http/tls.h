/* The TLS context of the server: versions 1.2 and 1.3, forward-secret ciphers, and a certificate
 * that can be replaced while it serves. */
#ifndef KOPPEL_HTTP_TLS_H
#define KOPPEL_HTTP_TLS_H

#include <openssl/ssl.h>

#include <stdbool.h>

#include "base/error.h"
#include "base/hash.h"

enum {
    TLS_CLIENT_CHAIN_MAX_BYTES = 32 * 1024,
    TLS_CLIENT_KEY_BITS_MAX = 8192 /* the handshake verifies with the client's key */
};

struct tls;

/* Paths of PEM files: the certificate with its chain, and its private key without a passphrase. */
int tls_new(const char *certificate, const char *private_key, struct error *error,
            struct tls **ret_tls);
void tls_free(struct tls *tls);
/* Reads both files again. On failure the certificate in use stays. */
int tls_reload(struct tls *tls, struct error *error);
SSL_CTX *tls_context(struct tls *tls); /* stays the tls's */

/* Before the handshake: asks the client for a certificate. Any is taken, whoever issued it, and
 * none as well: what a certificate is worth is for who knows its SHA-256 to say. The handshake
 * proves that the client has its private key. */
bool tls_ask_certificate(SSL *ssl);
/* After it: the SHA-256 of the client's certificate; false when it gave none. A session resumed has
 * the certificate that it was made with. */
bool tls_client_certificate(const SSL *ssl, uint8_t ret_digest[SHA256_BYTES]);

#endif
