/* What the other parts of this folder need of the store of keys. Not used outside this folder. */
#ifndef KOPPEL_AUTH_KEYS_INSIDE_H
#define KOPPEL_AUTH_KEYS_INSIDE_H

#include "auth/command_deed.h"
#include "auth/keys.h"

/* The caller for a key's or a certificate's digest, as keys_caller finds it. */
int keys_find(struct keys *keys, const uint8_t digest[SHA256_BYTES], const char *origin,
              struct error *error, struct caller *ret_caller);
/* ERROR_DENIED, in the words that are the same for whatever is wrong. */
int keys_denied(struct error *error);

/* HMAC-SHA256 under a key for access tokens alone, made from the installation's pepper: the same on
 * all nodes. */
void keys_token_mac(const struct keys *keys, const void *bytes, size_t length,
                    uint8_t ret_mac[SHA256_BYTES]);

/* A write that changes what callers may: holds here once it returns 0. The deed is recorded with it
 * when an operator does it. */
int keys_change(struct keys *keys, const struct command_deed *deed, db_body body, void *context,
                struct error *error);
/* Is it 1 to KEY_NAME_MAX characters of UTF-8 without control characters? ERROR_INVALID says that
 * `what`, such as "a certificate", needs such a name. */
int keys_name_check(const char *what, const char *name, struct error *error);
/* Is it a version of the API? ERROR_INVALID lists those that are. */
int keys_version_check(const char *version, struct error *error);
/* In a body. ERROR_NOT_FOUND says where partners are listed. */
int keys_partner_exists(struct db_tx *tx, const char *partner_id, struct error *error);

#endif
