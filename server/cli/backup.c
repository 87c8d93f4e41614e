/* koppel backup: copies the store into one file, while it serves. The configuration and its pepper
 * are not in it: without koppel.conf a restored store knows no key. */
#include <stdio.h>

#include "cli/installation.h"

static int run(int argc, char **argv) {
    const char *folder = NULL;
    struct option_operands operands;
    int status;
    if (command_folder("backup", "backup --data DIR FILE", 1, argc, argv, &operands, &folder,
                       &status))
        return status;
    struct installation installation = {0};
    struct error error = {0};
    status = installation_open(folder, &error, &installation);
    if (!status) status = db_backup(installation.db, operands.items[0], &error);
    installation_close(&installation);
    if (status) return command_fail("backup", &error);
    printf("The store is copied to %s. Keep koppel.conf with it: keys are hashed under its "
           "key_pepper.\n",
           operands.items[0]);
    return EXIT_DONE;
}

extern const struct command command_backup;
const struct command command_backup = {
    .name = "backup", .summary = "copy the store into a file while it serves", .run = run};
