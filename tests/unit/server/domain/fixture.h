/* A store with a partner, an agreement and the small product, and the service over it: for tests of
 * the domain and of the resources. Include it once, behind cmocka. */
#ifndef KOPPEL_TEST_FIXTURE_H
#define KOPPEL_TEST_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/encryption.h"
#include "domain/calendar_day.h"
#include "domain/catalogue_store.h"
#include "domain/agreement.h"
#include "domain/partner.h"
#include "domain/product_folder.h"
#include "domain/service.h"
#include "tests/unit/scratch_store.h"

#define FIXTURE_PRODUCTS "tests/unit/server/domain/products/"
static const char fixture_chain[] = "ptr_00000000000000000000000004";
static const char fixture_partner[] = "ptr_00000000000000000000000008";
static const char fixture_rival[] = "ptr_0000000000000000000000000c";
static const char fixture_ended[] = "ptr_0000000000000000000000000g";

struct fixture {
    struct config config;
    struct service *service;
    char version_id[ID_MAX];
};

static inline int fixture_partners(struct db_tx *tx, void *context, struct error *error) {
    const char *const ids[] = {fixture_chain, fixture_partner, fixture_rival, fixture_ended};
    (void)context;
    int status = 0;
    for (int i = 0; !status && i < 4; i++) {
        struct partner partner = {.kind = i ? "office" : "chain",
                                  .parent_id = i == 1 ? fixture_chain : NULL,
                                  .name = "Testkantoor"};
        struct agreement agreement = {.partner_id = ids[i],
                                      .product = i == 3 ? NULL : "pet",
                                      .from_date = "2020-01-01",
                                      .to_date = i == 3 ? "2020-12-31" : NULL};
        char id[ID_MAX];
        id_make("agr", id);
        status = partner_create(tx, ids[i], &partner, 1, error);
        if (!status && i) status = agreement_create(tx, id, &agreement, 1, error);
    }
    return status;
}

static inline void fixture_publish(struct db *db, const char *path, const char *from,
                                   int64_t known_from_us, char ret_id[ID_MAX]) {
    struct error error = {0};
    struct product_folder folder = {0};
    struct product_version version;
    if (product_folder_read(path, &error, &folder)) fail_msg("%s", error.text);
    struct publication publication = {.files = &folder.files,
                                      .product = "pet",
                                      .interface = 2,
                                      .effective_from = from,
                                      .known_from_us = known_from_us};
    if (catalogue_publish_known(db, &publication, &error, &version)) fail_msg("%s", error.text);
    if (ret_id) memcpy(ret_id, version.id, ID_MAX);
    product_folder_done(&folder);
}

static inline int fixture_set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof *fixture);
    struct error error = {0};
    struct db *db;
    int applied;
    assert_non_null(fixture);
    product_prepare();
    snprintf(fixture->config.folder, CONFIG_VALUE_MAX, "/tmp/koppel-unit-XX" "XX" "XX");
    assert_non_null(mkdtemp(fixture->config.folder));
    scratch_store_url(fixture->config.folder, fixture->config.database, CONFIG_VALUE_MAX);
    snprintf(fixture->config.public_url, CONFIG_VALUE_MAX, "https://koppel.example");
    memset(fixture->config.key_pepper, 'a', 64);
    char key_id[ENCRYPTION_KEY_ID_MAX];
    snprintf(fixture->config.encryption_keys, CONFIG_VALUE_MAX, "%.900s/encryption_keys",
             fixture->config.folder);
    assert_int_equal(encryption_rotate(fixture->config.encryption_keys, &error, key_id), 0);
    struct db_options options = {.url = fixture->config.database, .create = true};
    assert_int_equal(db_open(&options, &error, &db), 0);
    assert_int_equal(db_migrate(db, migrations, migration_count, &error, &applied), 0);
    assert_int_equal(db_write(db, &db_scope_all, fixture_partners, NULL, &error), 0);
    fixture_publish(db, FIXTURE_PRODUCTS "pet", "2026-01-01", 1, fixture->version_id);
    db_close(db);
    if (service_new(&fixture->config, &error, &fixture->service)) fail_msg("%s", error.text);
    *state = fixture;
    return 0;
}

static inline int fixture_tear_down(void **state) {
    struct fixture *fixture = *state;
    service_free(fixture->service);
    unlink(fixture->config.encryption_keys);
    scratch_store_remove(fixture->config.folder, fixture->config.database);
    free(fixture);
    return 0;
}

#endif
