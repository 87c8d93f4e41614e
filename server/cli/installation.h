/* An installation as commands open it: DIR/koppel.conf and the store that it names. */
#ifndef KOPPEL_CLI_INSTALLATION_H
#define KOPPEL_CLI_INSTALLATION_H

#include "auth/keys.h"
#include "base/config.h"
#include "base/option.h"
#include "cli/command.h"
#include "db/db.h"

struct installation {
    struct config config;
    struct db *db;
};

/* Reads the configuration and opens the store, which must be at the last migration. */
int installation_open(const char *folder, struct error *error,
                      struct installation *ret_installation);
void installation_close(struct installation *installation);
/* The same with the store of keys: keys_free it before closing. On failure both are closed. */
int installation_open_keys(const char *folder, struct error *error,
                           struct installation *ret_installation, struct keys **ret_keys);

/* Reads a command's options. 0: go on. Else, with `ret_status`, the command is done: help was
 * printed, or it was used wrongly (too many operands included). */
int command_options(const char *name, const char *usage, const struct option *options,
                    int option_count, int operand_count, int argc, char **argv,
                    struct option_operands *ret_operands, int *ret_status);

/* The same for a command whose only option is --data DIR. */
int command_folder(const char *name, const char *usage, int operand_count, int argc, char **argv,
                   struct option_operands *ret_operands, const char **ret_folder,
                   int *ret_status);

#endif
