/* The secrets of those keys that may prove themselves by a digest (`koppel key create --kind
 * soap`): kept encrypted, each readable only in the place of its own key. Whether a key holds is
 * not said here: see keys.h. */
#ifndef KOPPEL_AUTH_KEY_SECRET_H
#define KOPPEL_AUTH_KEY_SECRET_H

#include "base/encryption.h"
#include "base/id.h"
#include "db/db.h"

/* Longest encrypted form of a key's text. */
enum { KEY_SECRET_SEALED_MAX_BYTES = 512 };

/* Part of the transaction that makes the key. */
int key_secret_insert(struct db_tx *tx, const char *key_id, const char *sealed,
                      struct error *error);
/* Appends the encrypted secret of a key; nothing when none is kept. */
int key_secret_read(struct db *db, const char *key_id, struct error *error,
                    struct buffer *sealed);
/* Encrypts under the newest key one secret that an older one encrypted: the first whose key's id is
 * above `after`, an empty text at first, which is set to it. 0 in ret_count: done. */
int key_secret_reseal(struct db *db, struct encryption *encryption, struct error *error,
                      char after[ID_MAX], int *ret_count);

#endif
