/* koppel restore: replaces the store of an installation that nobody serves by a backup. */
#include <stdio.h>

#include "cli/installation.h"

static int run(int argc, char **argv) {
    const char *folder = NULL;
    struct option_operands operands;
    int status;
    if (command_folder("restore", "restore --data DIR FILE", 1, argc, argv, &operands, &folder,
                       &status))
        return status;
    struct config config;
    struct error error = {0};
    status = config_read(folder, &error, &config);
    if (!status)
        status = db_restore(&(struct db_options){.url = config.database, .create = true},
                            operands.items[0], &error);
    if (status) return command_fail("restore", &error);
    printf("The store is restored from %s. If it is of an earlier program, run koppel migrate "
           "--data %s.\n",
           operands.items[0], folder);
    return EXIT_DONE;
}

extern const struct command command_restore;
const struct command command_restore = {
    .name = "restore", .summary = "replace the store by a backup", .run = run};
