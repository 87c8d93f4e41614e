/* An installation as commands open it: DIR/koppel.conf and the store that it names. */
#ifndef KOPPEL_CLI_INSTALLATION_H
#define KOPPEL_CLI_INSTALLATION_H

#include "auth/command_deed.h"
#include "auth/keys.h"
#include "base/buffer.h"
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
/* The operating system's name of who runs this command, or "uid-1000" where it has none. */
void command_operator(char ret_name[OPERATOR_MAX]);
/* The same with the store of keys: keys_free it before closing. On failure both are closed. What is
 * changed by them is recorded as this operator's. */
int installation_open_keys(const char *folder, struct error *error,
                           struct installation *ret_installation, struct keys **ret_keys);

/* Reads the options of a command with several verbs. `usage` is all of the help's text but the
 * options. 0: go on; else, with `ret_status`, the command is done: help was printed, or it was used
 * wrongly. The operands, the verb first, are the caller's to judge. */
int command_verb_options(const char *name, const char *usage, const struct option *options,
                         int option_count, int argc, char **argv,
                         struct option_operands *ret_operands, int *ret_status);
/* Prints what `body` reads into `text`, over all partners; returns an exit status. The text is
 * made and freed here, cleared for each run of the body, of at most COMMAND_LIST_MAX_BYTES. */
enum { COMMAND_LIST_MAX_BYTES = 64 * 1024 * 1024 };
int command_list(const char *name, const char *folder, db_body body, void *context,
                 struct buffer *text);
/* Revokes one thing by its id; returns an exit status. */
int command_revoke(const char *name, const char *folder, const char *id,
                   int (*revoke)(struct keys *keys, const char *id, struct error *error));

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
