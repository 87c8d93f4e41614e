/* Puts together what handlers work with, and takes it apart in the reverse order. */
#include "domain/service.h"

#include <stdlib.h>
#include <unistd.h>

#include "auth/signing.h"
#include "auth/username.h"
#include "base/encryption.h"
#include "base/file.h"
#include "auth/access_token.h"
#include "domain/catalogue.h"
#include "domain/sell_gate.h"
#include "print/print.h"
#include "quote-engine/quote.h"

/* An installation may be without a signing key: then its answers are not signed. */
static int signing_maybe(const struct config *config, struct error *error,
                         struct signing **ret_signing) {
    struct error own = {0};
    if (!*config->signing_certificate || !*config->signing_private_key) return 0;
    int status = signing_open(config->signing_certificate, config->signing_private_key, &own,
                              ret_signing);
    return !status || status == ERROR_NOT_FOUND ? 0 : error_set(error, status, "%s", own.text);
}

/* What init --demo writes beside the store. */
static bool demo_here(const struct config *config) {
    char path[CONFIG_VALUE_MAX];
    return file_path(config->folder, "demo.json", sizeof path, NULL, path) == 0 &&
           access(path, F_OK) == 0;
}

int service_new(const struct config *config, struct error *error, struct service **ret_service) {
    struct service *service = calloc(1, sizeof *service);
    if (!service) return error_set(error, ERROR_NO_MEMORY, "no memory for the service");
    service->config = config;
    service->rating_steps = EVALUATION_STEPS_DEFAULT;
    service->token_lifetime_s = ACCESS_TOKEN_LIFETIME_DEFAULT_S;
    struct db_options options = {.url = config->database};
    int status = db_open(&options, error, &service->db);
    if (!status) status = db_migrated(service->db, migrations, migration_count, error);
    if (!status) status = keys_new(service->db, config->key_pepper, error, &service->keys);
    if (!status) status = catalogue_new(service->db, error, &service->catalogue);
    if (!status && *config->encryption_keys)
        status = encryption_open(config->encryption_keys, error, &service->encryption);
    if (!status)
        status = usernames_new(service->db, service->keys, service->encryption, error,
                               &service->usernames);
    if (!status)
        status = people_new(service->db, service->keys, service->encryption,
                            &people_options_default, error, &service->people);
    if (!status) service->demo = demo_here(config);
    if (!status) status = signing_maybe(config, error, &service->signing);
    if (!status) status = printer_new(error, &service->printer);
    if (!status) service->sell_gate = sell_gate_new(service->db);
    if (!status && !service->sell_gate)
        status = error_set(error, ERROR_NO_MEMORY, "no memory for the service");
    if (status) {
        service_free(service);
        return status;
    }
    *ret_service = service;
    return 0;
}

void service_free(struct service *service) {
    if (!service) return;
    sell_gate_free(service->sell_gate);
    signing_free(service->signing);
    people_free(service->people);
    usernames_free(service->usernames);
    printer_free(service->printer);
    encryption_free(service->encryption);
    catalogue_free(service->catalogue);
    keys_free(service->keys);
    if (service->db) db_close(service->db);
    free(service);
}
