/* A self-signed certificate for installations that have none yet. */
#ifndef KOPPEL_CLI_CERTIFICATE_H
#define KOPPEL_CLI_CERTIFICATE_H

#include "base/error.h"

enum { CERTIFICATE_DAYS = 397 }; /* browsers take at most 398, and clocks differ */

/* Makes a P-256 key and a certificate for localhost, 127.0.0.1, ::1 and `host` (a name or address;
 * NULL: none), and writes them as PEM, the key with mode 0600. */
int certificate_make(const char *host, const char *certificate_path, const char *key_path,
                     struct error *error);

#endif
