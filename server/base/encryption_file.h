/* The key file: read, and written with a key more. Only for encryption.c. */
#ifndef KOPPEL_BASE_ENCRYPTION_FILE_H
#define KOPPEL_BASE_ENCRYPTION_FILE_H

#include <stdint.h>

#include "base/encryption.h"

enum { ENCRYPTION_KEY_BYTES = 32 };

struct encryption_key {
    char id[ENCRYPTION_KEY_ID_MAX];
    uint8_t key[ENCRYPTION_KEY_BYTES];
};

struct encryption_keys {
    struct encryption_key items[ENCRYPTION_KEYS_MAX]; /* the newest last */
    int count;
    uint8_t index_key[ENCRYPTION_KEY_BYTES];
};

/* Errors as encryption_open has them. The caller clears the keys when done with them. */
int encryption_file_read(const char *path, struct error *error,
                         struct encryption_keys *ret_keys);
/* Replaces the file. */
int encryption_file_write(const char *path, const struct encryption_keys *keys,
                          struct error *error);

#endif
