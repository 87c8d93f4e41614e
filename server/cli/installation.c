/* What most commands begin with. */
#include "cli/installation.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int installation_open(const char *folder, struct error *error,
                      struct installation *ret_installation) {
    struct installation installation = {0};
    int status = config_read(folder, error, &installation.config);
    if (status) return status;
    struct db_options options = {.url = installation.config.database};
    status = db_open(&options, error, &installation.db);
    if (status) return status;
    status = db_migrated(installation.db, migrations, migration_count, error);
    if (status) {
        installation_close(&installation);
        return status;
    }
    *ret_installation = installation;
    return 0;
}

void installation_close(struct installation *installation) {
    if (installation->db) db_close(installation->db);
    explicit_bzero(installation->config.key_pepper, sizeof installation->config.key_pepper);
    installation->db = NULL;
}

int installation_open_keys(const char *folder, struct error *error,
                           struct installation *ret_installation, struct keys **ret_keys) {
    int status = installation_open(folder, error, ret_installation);
    if (status) return status;
    char operator[OPERATOR_MAX];
    status = keys_new(ret_installation->db, ret_installation->config.key_pepper, error, ret_keys);
    if (status) {
        installation_close(ret_installation);
        return status;
    }
    command_operator(operator);
    keys_set_operator(*ret_keys, operator);
    return 0;
}

void command_operator(char ret_name[OPERATOR_MAX]) {
    const struct passwd *user = getpwuid(getuid());
    if (user && *user->pw_name) snprintf(ret_name, OPERATOR_MAX, "%s", user->pw_name);
    else snprintf(ret_name, OPERATOR_MAX, "uid-%lld", (long long)getuid());
}

int command_verb_options(const char *name, const char *usage, const struct option *options,
                         int option_count, int argc, char **argv,
                         struct option_operands *ret_operands, int *ret_status) {
    struct error error = {0};
    bool wants_help = false;
    if (options_read(options, option_count, argc, argv, &error, ret_operands, &wants_help)) {
        *ret_status = command_misused(name, &error);
        return 1;
    }
    if (!wants_help) return 0;
    printf("%s\n", usage);
    options_help(options, option_count);
    *ret_status = EXIT_DONE;
    return 1;
}

int command_list(const char *name, const char *folder, db_body body, void *context,
                 struct buffer *text) {
    struct installation installation = {0};
    struct error error = {0};
    buffer_init(text, COMMAND_LIST_MAX_BYTES);
    int status = installation_open(folder, &error, &installation);
    if (!status) status = db_read(installation.db, &db_scope_all, body, context, &error);
    if (!status && text->failed)
        status = error_set(&error, buffer_failure(text), "the list is too long to be shown");
    if (!status && text->length) fputs(text->data, stdout);
    buffer_done(text);
    installation_close(&installation);
    return status ? command_fail(name, &error) : EXIT_DONE;
}

int command_revoke(const char *name, const char *folder, const char *id,
                   int (*revoke)(struct keys *keys, const char *id, struct error *error)) {
    struct installation installation = {0};
    struct error error = {0};
    struct keys *keys = NULL;
    int status = installation_open_keys(folder, &error, &installation, &keys);
    if (!status) status = revoke(keys, id, &error);
    keys_free(keys);
    installation_close(&installation);
    if (status) return command_fail(name, &error);
    printf("%s is revoked\n", id);
    return EXIT_DONE;
}

int command_options(const char *name, const char *usage, const struct option *options,
                    int option_count, int operand_count, int argc, char **argv,
                    struct option_operands *ret_operands, int *ret_status) {
    struct error error = {0};
    struct option_operands operands = {0};
    bool wants_help = false;
    int status = options_read(options, option_count, argc, argv, &error, &operands, &wants_help);
    if (wants_help) {
        printf("Usage: koppel %s\n\n", usage);
        options_help(options, option_count);
        *ret_status = EXIT_DONE;
        return 1;
    }
    if (!status && operands.count != operand_count)
        status = error_set(&error, ERROR_INVALID, "write it as: koppel %s", usage);
    if (status) {
        *ret_status = command_misused(name, &error);
        return 1;
    }
    *ret_operands = operands;
    return 0;
}

int command_folder(const char *name, const char *usage, int operand_count, int argc, char **argv,
                   struct option_operands *ret_operands, const char **ret_folder,
                   int *ret_status) {
    const struct option options[] = {{.name = "data",
                                      .kind = OPTION_TEXT,
                                      .argument = "DIR",
                                      .required = true,
                                      .help = "the folder of the installation",
                                      .ret_value = ret_folder}};
    return command_options(name, usage, options, 1, operand_count, argc, argv, ret_operands,
                           ret_status);
}
