/* koppel migrate: brings an installation's store to what this program knows. */
#include <stdio.h>
#include <unistd.h>

#include "base/encryption.h"
#include "cli/certificate.h"
#include "cli/installation.h"

/* An installation from before personal data was encrypted gets its keys with the migration that
 * brings the tables for it. Later nodes are given a copy: they must not make keys of their own. */
static int keys_make(const struct config *config, struct error *error) {
    char key_id[ENCRYPTION_KEY_ID_MAX];
    if (!*config->encryption_keys || access(config->encryption_keys, F_OK) == 0) return 0;
    int status = encryption_rotate(config->encryption_keys, error, key_id);
    if (!status)
        printf("%s is new: keep a copy of it, apart from copies of the store, and give it to every "
               "node.\n", config->encryption_keys);
    return status;
}

/* Likewise what answers are signed with. */
static int signing_make(const struct config *config, struct error *error) {
    if (access(config->signing_certificate, F_OK) == 0 ||
        access(config->signing_private_key, F_OK) == 0)
        return 0;
    int status = certificate_make_signing(config->signing_certificate,
                                          config->signing_private_key, error);
    if (!status)
        printf("%s and %s are new: give them to every node.\n", config->signing_certificate,
               config->signing_private_key);
    return status;
}

static int run(int argc, char **argv) {
    const char *folder = NULL;
    struct option_operands operands;
    int status;
    if (command_folder("migrate", "migrate --data DIR", 0, argc, argv, &operands, &folder, &status))
        return status;
    struct config config;
    struct error error = {0};
    struct db *db = NULL;
    int applied = 0;
    if (config_read(folder, &error, &config)) return command_fail("migrate", &error);
    status = db_open(&(struct db_options){.url = config.database}, &error, &db);
    if (!status) status = db_migrate(db, migrations, migration_count, &error, &applied);
    if (db) db_close(db);
    if (!status && applied) status = keys_make(&config, &error);
    if (!status && applied) status = signing_make(&config, &error);
    if (status) return command_fail("migrate", &error);
    if (applied) printf("%d of %d migrations applied.\n", applied, migration_count);
    else printf("All %d migrations were applied already.\n", migration_count);
    return EXIT_DONE;
}

extern const struct command command_migrate;
const struct command command_migrate = {
    .name = "migrate", .summary = "bring the store to this program's schema", .run = run};
