/* What people tell of themselves is stored encrypted: AES-256-GCM under keys that stand in a file
 * outside the store, which all nodes of an installation share. Every value names the key that it
 * was encrypted with, so that keys can be changed while values of older ones stay readable. What
 * must be found again has a keyed index beside it, under a key that stays.
 *
 * The file (mode 0600) has lines `index HEX` (once) and `key ID HEX`, the newest last; `#` begins a
 * comment. Keys are 64 hexadecimal digits. Keys are added, never taken away. */
#ifndef KOPPEL_BASE_ENCRYPTION_H
#define KOPPEL_BASE_ENCRYPTION_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/hash.h"

enum {
    ENCRYPTION_KEYS_MAX = 64,
    ENCRYPTION_KEY_ID_MAX = 17, /* 16 hexadecimal digits, NUL-terminated */
    ENCRYPTION_TEXT_MAX_BYTES = 1024 * 1024,
    ENCRYPTION_REREAD_MS = 1000 /* for new keys the file is looked at again so often; at once, when
                                   a value names one that is not known */
};

struct encryption;

/* Reads the key file. A file that others may read is refused; a missing one is ERROR_NOT_FOUND with
 * what to do. */
int encryption_open(const char *path, struct error *error, struct encryption **ret_encryption);
void encryption_free(struct encryption *encryption); /* NULL is fine */

/* Adds a key, under which values are encrypted from then on; makes the file when there is none. Of
 * several that do so at once each adds its own, on one machine. */
int encryption_rotate(const char *path, struct error *error,
                      char ret_key_id[ENCRYPTION_KEY_ID_MAX]);

/* Appends the text, encrypted: "e1.KEY_ID.BASE64". `place` says where it belongs, such as its row's
 * id: it can be read only there. ERROR_TOO_LARGE past ENCRYPTION_TEXT_MAX_BYTES. */
int encryption_seal(struct encryption *encryption, const char *place, const char *text,
                    size_t length, struct error *error, struct buffer *buffer);
/* Appends what was encrypted. ERROR_INTERNAL when the value was changed, belongs elsewhere, or its
 * key is not in the file. */
int encryption_unseal(struct encryption *encryption, const char *place, const char *sealed,
                      struct error *error, struct buffer *buffer);

/* Which key new values get. */
void encryption_newest(struct encryption *encryption, char ret_key_id[ENCRYPTION_KEY_ID_MAX]);
/* Which key a value was encrypted with; false: it is no such value. */
bool encryption_key_of(const char *sealed, char ret_key_id[ENCRYPTION_KEY_ID_MAX]);

/* The blind index of a text: equal texts of one kind ("iban") give equal ones, and without the key
 * nothing follows from it. */
void encryption_index(const struct encryption *encryption, const char *kind, const char *text,
                      char ret_index[SHA256_HEX_MAX]);

#endif
