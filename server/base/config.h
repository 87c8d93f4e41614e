/* DIR/koppel.conf (mode 0600): lines of `name = value`, `#` begins a comment. It holds what every
 * command needs to find and use an installation; secrets stand here and not on command lines. */
#ifndef KOPPEL_BASE_CONFIG_H
#define KOPPEL_BASE_CONFIG_H

#include "base/error.h"

enum { CONFIG_VALUE_MAX = 1024, CONFIG_BYTES_MAX = 64 * 1024 };

struct config {
    char folder[CONFIG_VALUE_MAX];      /* the data folder itself, absolute */
    char database[CONFIG_VALUE_MAX];    /* path of the SQLite file or postgresql://… */
    char listen[CONFIG_VALUE_MAX];      /* "127.0.0.1:8443" */
    char public_url[CONFIG_VALUE_MAX];  /* "https://localhost:8443", no slash at the end */
    char certificate[CONFIG_VALUE_MAX]; /* PEM files */
    char private_key[CONFIG_VALUE_MAX];
    char signing_certificate[CONFIG_VALUE_MAX]; /* PEM files: with what answers are signed */
    char signing_private_key[CONFIG_VALUE_MAX];
    char encryption_keys[CONFIG_VALUE_MAX]; /* file of the keys of what is stored encrypted */
    char smtp_user[CONFIG_VALUE_MAX]; /* who sends mail, by the server that does; "": nobody asks */
    char smtp_password[CONFIG_VALUE_MAX];
    char key_pepper[CONFIG_VALUE_MAX];  /* hex: HMAC key under which API keys are hashed */
};

/* Reads DIR/koppel.conf. A missing file says `run koppel init --data DIR first`. Unknown names are
 * refused by line. A file that others may read is refused. */
int config_read(const char *folder, struct error *error, struct config *ret_config);
int config_write(const struct config *config, struct error *error);

#endif
