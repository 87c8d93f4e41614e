/* koppel signing-key: the key with which answers to signed SOAP messages are signed. */
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "cli/certificate.h"
#include "cli/installation.h"

static const char usage[] = "signing-key renew --data DIR";

static int renew(const char *folder) {
    struct installation installation = {0};
    struct error error = {0};
    const struct command_deed deed = {.name = "RenewSigningKey"};
    char operator[OPERATOR_MAX];
    int status = installation_open(folder, &error, &installation);
    const struct config *config = &installation.config;
    command_operator(operator);
    if (!status && (!*config->signing_certificate || !*config->signing_private_key))
        status = error_set(&error, ERROR_INVALID,
                           "koppel.conf names no signing_certificate and signing_private_key: take "
                           "away those empty lines");
    if (!status)
        status = certificate_make_signing(config->signing_certificate, config->signing_private_key,
                                          &error);
    if (!status) status = command_deed_tell(installation.db, &deed, operator, &error);
    installation_close(&installation);
    if (status) return command_fail("signing-key", &error);
    printf("%s is new, as is its key.\n", config->signing_certificate);
    printf("Give both to every node, the certificate to partners who verify answers, and then\n"
           "have koppel serve read them: restart it, or send it SIGHUP.\n");
    return EXIT_DONE;
}

static int run(int argc, char **argv) {
    const char *folder = NULL;
    struct option_operands operands;
    struct error error = {0};
    int status;
    if (command_folder("signing-key", usage, 1, argc, argv, &operands, &folder, &status))
        return status;
    if (strcmp(operands.items[0], "renew") == 0) return renew(folder);
    error_set(&error, ERROR_INVALID, "'%.40s' is unknown: use renew", operands.items[0]);
    return command_misused("signing-key", &error);
}

extern const struct command command_signing_key;
const struct command command_signing_key = {
    .name = "signing-key",
    .summary = "change the key that SOAP answers are signed with",
    .run = run};
