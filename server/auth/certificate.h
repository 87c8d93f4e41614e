/* Certificates of partners' systems: read from a file, registered, revoked. Registered ones are
 * known by their SHA-256; who issued them does not matter. authenticate.h finds the caller. */
#ifndef KOPPEL_AUTH_CERTIFICATE_H
#define KOPPEL_AUTH_CERTIFICATE_H

#include "auth/keys.h"

enum {
    CERTIFICATE_FILE_MAX_BYTES = 64 * 1024,
    CERTIFICATE_TEXT_MAX = 1024, /* issuer, subject: bytes with NUL */
    CERTIFICATE_SERIAL_MAX = 128,
    CERTIFICATE_KEY_IDENTIFIER_MAX = 129,
    CERTIFICATE_THUMBPRINT_MAX = 41,
    CERTIFICATE_RSA_BITS_MIN = 2048,
    CERTIFICATE_RSA_BITS_MAX = 8192, /* each handshake verifies with it */
    CERTIFICATE_CURVE_BITS_MIN = 256
};
#define CERTIFICATE_ID_PREFIX "crt"

struct certificate {
    char fingerprint[SHA256_HEX_MAX];
    char thumbprint[CERTIFICATE_THUMBPRINT_MAX]; /* SHA-1 in hex */
    char key_identifier[CERTIFICATE_KEY_IDENTIFIER_MAX]; /* hex; "": none */
    char issuer[CERTIFICATE_TEXT_MAX], subject[CERTIFICATE_TEXT_MAX]; /* RFC 4514, UTF-8 */
    char serial[CERTIFICATE_SERIAL_MAX]; /* decimal */
    int64_t begins_us, expires_us;
    char *base64; /* the whole of it, DER; heap */
};

/* Reads the one certificate of a PEM or DER file's content. ERROR_INVALID says what to give when it
 * is none, holds a private key, or has a key too weak or of a kind that handshakes do not use. */
int certificate_read(const char *bytes, size_t length, struct error *error,
                     struct certificate *ret_certificate);
void certificate_done(struct certificate *certificate);

struct certificate_options {
    const char *partner_id;
    const char *name; /* which system holds it: 1 to KEY_NAME_MAX characters */
    bool test;
    int64_t rate_limit_per_minute; /* of requests without a key; 0: none */
};
/* Registers it. ERROR_INVALID: it is expired, or an option is wrong; ERROR_CONFLICT: it is
 * registered already, whether revoked or not. */
int certificate_add(struct keys *keys, const struct certificate *certificate,
                    const struct certificate_options *options, struct error *error,
                    char ret_id[ID_MAX]);
/* Once more changes nothing; ERROR_NOT_FOUND. As fast as keys_revoke. */
int certificate_revoke(struct keys *keys, const char *id, struct error *error);

#endif
