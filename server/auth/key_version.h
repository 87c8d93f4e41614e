/* The version of the API that a key is pinned to. */
#ifndef KOPPEL_AUTH_KEY_VERSION_H
#define KOPPEL_AUTH_KEY_VERSION_H

#include "auth/keys.h"

/* Moves a key's pin: of a partner (key_…) or of the organisation (oky_…). Holds at once here, on
 * other nodes within a second. ERROR_INVALID: there is no such version, and the text lists them;
 * ERROR_NOT_FOUND: there is no such key. */
int keys_pin(struct keys *keys, const char *key_id, const char *version, struct error *error);

#endif
