/* An installation in a temporary folder, for targets that run the real operations: a partner with a
 * secret and a publishable key without rate limit, and a small product published. Everything a
 * caller may send goes through the real access check. */
#ifndef KOPPEL_TEST_FUZZ_STORE_H
#define KOPPEL_TEST_FUZZ_STORE_H

#include <string.h>
#include <unistd.h>

#include "auth/keys.h"
#include "base/clock.h"
#include "base/config.h"
#include "base/log.h"
#include "domain/agreement.h"
#include "domain/catalogue_store.h"
#include "domain/partner.h"
#include "domain/product_folder.h"
#include "domain/service.h"
#include "fuzz.h"
#include "operation/operation.h"

#define STORE_PRODUCT "tests/unit/server/domain/products/pet"
static const char store_origin[] = "https://partner.example";

static struct {
    struct config config;
    struct service *service;
    struct dispatcher *dispatcher;
    char secret[KEY_TEXT_MAX], publishable[KEY_TEXT_MAX];
} store;

static inline int store_partner(struct db_tx *tx, void *context, struct error *error) {
    const char *id = context;
    char agreement_id[ID_MAX];
    struct partner partner = {.kind = "office", .name = "Testkantoor"};
    struct agreement agreement = {.partner_id = id, .from_date = "2020-01-01"};
    id_make("agr", agreement_id);
    int status = partner_create(tx, id, &partner, 1, error);
    return status ? status : agreement_create(tx, agreement_id, &agreement, 1, error);
}

static inline void store_keys(const char *partner_id) {
    const char *const origins[] = {store_origin};
    struct key_options options = {.partner_id = partner_id, .secret = true};
    struct error error = {0};
    char id[ID_MAX];
    FUZZ_CHECK(!keys_create(store.service->keys, &options, &error, id, store.secret), "%s",
               error.text);
    options.secret = false;
    options.origins = origins;
    options.origin_count = 1;
    FUZZ_CHECK(!keys_create(store.service->keys, &options, &error, id, store.publishable), "%s",
               error.text);
}

static inline void store_publish(struct db *db) {
    struct product_folder folder = {0};
    struct product_version version;
    struct error error = {0};
    FUZZ_CHECK(!product_folder_read(STORE_PRODUCT, &error, &folder), "%s", error.text);
    struct publication publication = {.files = &folder.files, .product = "pet", .interface = 2,
                                      .effective_from = "2026-01-01", .known_from_us = 1};
    FUZZ_CHECK(!catalogue_publish_known(db, &publication, &error, &version), "%s", error.text);
    product_folder_done(&folder);
}

static inline void store_remove(void) {
    static const char *const ends[] = {"", "-wal", "-shm"};
    dispatcher_free(store.dispatcher);
    service_free(store.service);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        char path[CONFIG_VALUE_MAX + 8];
        snprintf(path, sizeof path, "%s%s", store.config.database, ends[i]);
        unlink(path);
    }
    rmdir(store.config.folder);
}

/* Once per process; gone at its end, unless that is sudden: so FUZZ_STORE can name the folder for
 * it, which its caller removes. */
static inline void store_make(void) {
    struct error error = {0};
    struct db *db = NULL;
    char partner_id[ID_MAX];
    int applied = 0;
    struct db_options options = {.url = store.config.database, .create = true};
    const char *given = getenv("FUZZ_STORE"), *place = given ? given : "/tmp";
    snprintf(store.config.folder, CONFIG_VALUE_MAX, "%.100s/koppel-fuzz-XX" "XX" "XX", place);
    FUZZ_CHECK(mkdtemp(store.config.folder), "no temporary folder");
    snprintf(store.config.database, CONFIG_VALUE_MAX, "%.200s/store.db", store.config.folder);
    snprintf(store.config.public_url, CONFIG_VALUE_MAX, "https://koppel.example");
    memset(store.config.key_pepper, 'a', 64);
    log_set_level(LOG_ERROR);
    id_make("ptr", partner_id);
    FUZZ_CHECK(!db_open(&options, &error, &db) &&
                   !db_migrate(db, migrations, migration_count, &error, &applied) &&
                   !db_write(db, &db_scope_all, store_partner, partner_id, &error),
               "%s", error.text);
    store_publish(db);
    db_close(db);
    FUZZ_CHECK(!service_new(&store.config, &error, &store.service) &&
                   !dispatcher_new(store.service->db, store.service->keys, store.service, &error,
                                   &store.dispatcher),
               "%s", error.text);
    store_keys(partner_id);
    atexit(store_remove);
}

#endif
