/* Self-signed certificates for installations that have none yet: for TLS, and to sign answers. */
#ifndef KOPPEL_CLI_CERTIFICATE_H
#define KOPPEL_CLI_CERTIFICATE_H

#include "base/error.h"

enum {
    CERTIFICATE_DAYS = 397, /* browsers take at most 398, and clocks differ */
    CERTIFICATE_SIGNING_DAYS = 5 * 365 /* each partner has to be given the next one by hand */
};

/* Makes a P-256 key and a certificate for localhost, 127.0.0.1, ::1 and `host` (a name or address;
 * NULL: none), and writes them as PEM, the key with mode 0600. */
int certificate_make(const char *host, const char *certificate_path, const char *key_path,
                     struct error *error);

/* The same for signing messages: an RSA key of 2048 bits, which is what most SOAP clients can
 * verify with. */
int certificate_make_signing(const char *certificate_path, const char *key_path,
                             struct error *error);

#endif
