/* Puts together what handlers work with, and takes it apart in the reverse order. */
#include "domain/service.h"

#include <stdlib.h>

#include "base/encryption.h"
#include "domain/catalogue.h"
#include "domain/sell_gate.h"
#include "quote-engine/quote.h"

int service_new(const struct config *config, struct error *error, struct service **ret_service) {
    struct service *service = calloc(1, sizeof *service);
    if (!service) return error_set(error, ERROR_NO_MEMORY, "no memory for the service");
    service->config = config;
    service->rating_steps = EVALUATION_STEPS_DEFAULT;
    struct db_options options = {.url = config->database};
    int status = db_open(&options, error, &service->db);
    if (!status) status = db_migrated(service->db, migrations, migration_count, error);
    if (!status) status = keys_new(service->db, config->key_pepper, error, &service->keys);
    if (!status) status = catalogue_new(service->db, error, &service->catalogue);
    if (!status && *config->encryption_keys)
        status = encryption_open(config->encryption_keys, error, &service->encryption);
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
    encryption_free(service->encryption);
    catalogue_free(service->catalogue);
    keys_free(service->keys);
    if (service->db) db_close(service->db);
    free(service);
}
