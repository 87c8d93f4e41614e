/* Registered certificates by the names that messages use for them in place of bringing them. A name
 * proves nothing: who is meant has still to show that it has the private key. */
#ifndef KOPPEL_AUTH_CERTIFICATE_FIND_H
#define KOPPEL_AUTH_CERTIFICATE_FIND_H

#include "base/buffer.h"
#include "db/db.h"

struct certificate_name { /* one of the first two, or the last two; the others NULL */
    const char *thumbprint;     /* SHA-1, in lower-case hex */
    const char *key_identifier; /* likewise */
    const char *issuer, *serial; /* a distinguished name in any usual form; decimal */
};

/* Appends the whole certificate, DER in base64. ERROR_NOT_FOUND: none that holds now (neither
 * revoked nor expired, nor still to begin) has that name. */
int certificate_find(struct db *db, const struct certificate_name *name, struct error *error,
                     struct buffer *certificate);

#endif
