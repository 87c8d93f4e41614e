/* Keys: making, finding, revoking, expiry, origins, and that nothing of a key is kept. */
#include <setjmp.h>
#include <stdatomic.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <pthread.h>

#include "auth/key_cache.h"
#include "auth/keys.h"
#include "auth/origin.h"
#include "base/clock.h"
#include "tests/unit/scratch_store.h"

static const char pepper[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
static const char partner[] = "ptr_06fdv0a7q6wzt4x2m8n5k9y3hr";

struct store {
    char folder[64], url[160];
    struct db *db;
    struct keys *keys;
};

static int partner_body(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    return db_run(tx, error, NULL,
                  "insert into partner (id, kind, name, country, status, created_us)"
                  " values ($1, 'office', 'Testkantoor', 'NL', 'active', 1)",
                  db_text(partner));
}

static int set_up(void **state) {
    struct store *store = calloc(1, sizeof *store);
    struct error error = {0};
    int applied;
    snprintf(store->folder, sizeof store->folder, "/tmp/koppel-keys-XX" "XX" "XX");
    assert_non_null(mkdtemp(store->folder));
    scratch_store_url(store->folder, store->url, sizeof store->url);
    assert_int_equal(
        db_open(&(struct db_options){.url = store->url, .create = true}, &error, &store->db), 0);
    assert_int_equal(db_migrate(store->db, migrations, migration_count, &error, &applied), 0);
    assert_int_equal(db_write(store->db, &db_scope_all, partner_body, NULL, &error), 0);
    assert_int_equal(keys_new(store->db, pepper, &error, &store->keys), 0);
    *state = store;
    return 0;
}

static int tear_down(void **state) {
    struct store *store = *state;
    keys_free(store->keys);
    db_close(store->db);
    scratch_store_remove(store->folder, store->url);
    free(store);
    return 0;
}

static void make(struct store *store, const struct key_options *options, char id[ID_MAX],
                 char key[KEY_TEXT_MAX]) {
    struct error error = {0};
    assert_int_equal(keys_create(store->keys, options, &error, id, key), 0);
}

static int find(struct keys *keys, const char *key, const char *origin, struct caller *caller) {
    struct error error = {0};
    return keys_caller(keys, key, strlen(key), origin, &error, caller);
}

static void test_secret_key_is_found(void **state) {
    struct store *store = *state;
    struct caller caller;
    char id[ID_MAX], key[KEY_TEXT_MAX];
    make(store, &(struct key_options){.partner_id = partner, .secret = true,
                                      .rate_limit_per_minute = -1}, id, key);
    assert_memory_equal(key, "sk_live_", 8);
    assert_int_equal(strlen(key), 40);
    for (int i = 0; i < 2; i++) { /* from the store, then from the cache */
        assert_int_equal(find(store->keys, key, NULL, &caller), 0);
        assert_int_equal(caller.kind, CALLER_SECRET_KEY);
        assert_false(caller.test);
        assert_false(caller.origin_listed);
        assert_string_equal(caller.partner_id, partner);
        assert_string_equal(caller.key_id, id);
        assert_int_equal(caller.rate_limit_per_minute, KEY_RATE_LIMIT_DEFAULT);
        assert_int_equal(caller.scope.kind, DB_SCOPE_OWN);
        assert_ptr_equal(caller.scope.partner_id, caller.partner_id);
    }
}

static void test_publishable_key_knows_its_origins(void **state) {
    struct store *store = *state;
    struct caller caller;
    struct error error = {0};
    char id[ID_MAX], key[KEY_TEXT_MAX];
    bool known;
    const char *const origins[] = {"HTTPS://WWW.Kantoor.example:443/", "http://localhost:8080",
                                   "https://www.kantoor.example"};
    make(store, &(struct key_options){.partner_id = partner, .test = true, .origins = origins,
                                      .origin_count = 3}, id, key);
    assert_memory_equal(key, "pk_test_", 8);
    assert_int_equal(find(store->keys, key, "https://www.kantoor.example", &caller), 0);
    assert_int_equal(caller.kind, CALLER_PUBLISHABLE_KEY);
    assert_true(caller.test);
    assert_true(caller.origin_listed);
    assert_int_equal(caller.rate_limit_per_minute, 0);
    static const char *const others[] = {
        "https://www.kantoor.example.evil.example", "https://kantoor.example", "null", "",
        "http://www.kantoor.example", "https://www.kantoor.example:8443", "localhost:8080"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(find(store->keys, key, others[i], &caller), 0);
        assert_false(caller.origin_listed);
    }
    assert_int_equal(find(store->keys, key, NULL, &caller), 0);
    assert_false(caller.origin_listed);

    assert_int_equal(keys_origin_known(store->keys, "http://localhost:8080", &error, &known), 0);
    assert_true(known);
    assert_int_equal(keys_origin_known(store->keys, "http://localhost:8081", &error, &known), 0);
    assert_false(known);
    assert_int_equal(keys_revoke(store->keys, id, &error), 0);
    assert_int_equal(keys_origin_known(store->keys, "http://localhost:8080", &error, &known), 0);
    assert_false(known);
}

static void test_wrong_keys_are_alike(void **state) {
    struct store *store = *state;
    struct caller caller, before;
    char id[ID_MAX], key[KEY_TEXT_MAX], expired[KEY_TEXT_MAX], other[KEY_TEXT_MAX];
    struct error first = {0};
    make(store, &(struct key_options){.partner_id = partner, .secret = true}, id, key);
    make(store, &(struct key_options){.partner_id = partner, .secret = true,
                                      .expires_us = clock_now_us() - 1}, id, expired);
    memcpy(other, key, sizeof other);
    other[39] = other[39] == 'x' ? 'y' : 'x';
    memset(&caller, 0x5a, sizeof caller);
    before = caller;
    assert_int_equal(keys_caller(store->keys, expired, 40, NULL, &first, &caller), ERROR_DENIED);
    const char *const wrong[] = {other, "", "sk_live_", "sk_live_short", "xx_live_aaaaaaaa",
                                 "sk_live_0123456789abcdef0123456789abcdef0"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error error = {0};
        assert_int_equal(keys_caller(store->keys, wrong[i], strlen(wrong[i]), NULL, &error,
                                     &caller), ERROR_DENIED);
        assert_string_equal(error.text, first.text);
    }
    assert_memory_equal(&caller, &before, sizeof caller);
    /* One character more or less of a right key. */
    assert_int_equal(keys_caller(store->keys, key, 39, NULL, NULL, &caller), ERROR_DENIED);
}

static void test_revoked_key_is_refused_at_once(void **state) {
    struct store *store = *state;
    struct caller caller;
    struct error error = {0};
    char id[ID_MAX], key[KEY_TEXT_MAX];
    make(store, &(struct key_options){.partner_id = partner, .secret = true}, id, key);
    assert_int_equal(find(store->keys, key, NULL, &caller), 0);
    assert_int_equal(keys_revoke(store->keys, id, &error), 0);
    assert_int_equal(find(store->keys, key, NULL, &caller), ERROR_DENIED);
    assert_int_equal(keys_revoke(store->keys, id, &error), 0); /* again: nothing happens */
    assert_int_equal(keys_revoke(store->keys, "key_00000000000000000000000000", &error),
                     ERROR_NOT_FOUND);
}

static void test_revocation_elsewhere_holds_within_a_second(void **state) {
    struct store *store = *state;
    struct keys *other;
    struct caller caller;
    struct error error = {0};
    char id[ID_MAX], key[KEY_TEXT_MAX];
    make(store, &(struct key_options){.partner_id = partner, .secret = true}, id, key);
    assert_int_equal(keys_new(store->db, pepper, &error, &other), 0);
    assert_int_equal(find(other, key, NULL, &caller), 0);
    assert_int_equal(keys_revoke(store->keys, id, &error), 0);
    usleep((KEY_CACHE_AGE_MS + 50) * 1000);
    assert_int_equal(find(other, key, NULL, &caller), ERROR_DENIED);
    keys_free(other);
}

/* ---- a store that is slow to answer ---- */

struct hold {
    struct db *db;
    pthread_barrier_t held;
    atomic_bool let_go;
};

static int hold_body(struct db_tx *tx, void *context, struct error *error) {
    struct hold *hold = context;
    (void)tx;
    (void)error;
    pthread_barrier_wait(&hold->held);
    while (!atomic_load(&hold->let_go)) usleep(1000);
    return 0;
}

static void *hold_reader(void *context) {
    struct hold *hold = context;
    db_read(hold->db, &db_scope_all, hold_body, hold, NULL);
    return NULL;
}

/* Its only reader is taken, so that a lookup waits: who asks for a known key does not. */
static void test_nobody_waits_for_a_refresh(void **state) {
    struct store *store = *state;
    struct db_options options = {.url = store->url, .reader_count = 1};
    struct hold hold = {.let_go = false};
    struct keys *other = NULL;
    struct caller caller;
    struct error error = {0};
    pthread_t thread;
    char id[ID_MAX], key[KEY_TEXT_MAX];
    make(store, &(struct key_options){.partner_id = partner, .secret = true}, id, key);
    assert_int_equal(db_open(&options, &error, &hold.db), 0);
    assert_int_equal(keys_new(hold.db, pepper, &error, &other), 0);
    assert_int_equal(find(other, key, NULL, &caller), 0);
    int64_t known_ms = clock_monotonic_ms(), longest_ms = 0;
    pthread_barrier_init(&hold.held, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, hold_reader, &hold), 0);
    pthread_barrier_wait(&hold.held);
    assert_int_equal(keys_revoke(store->keys, id, &error), 0);
    while (clock_monotonic_ms() - known_ms < KEY_CACHE_AGE_MS - 150) {
        int64_t asked_ms = clock_monotonic_ms();
        assert_int_equal(find(other, key, NULL, &caller), 0);
        int64_t took_ms = clock_monotonic_ms() - asked_ms;
        if (took_ms > longest_ms) longest_ms = took_ms;
        usleep(1000);
    }
    assert_in_range(longest_ms, 0, 100);
    /* The refresh that was under way brings the revocation before the answer is too old. */
    atomic_store(&hold.let_go, true);
    pthread_join(thread, NULL);
    while (find(other, key, NULL, &caller) == 0) usleep(1000);
    assert_in_range(clock_monotonic_ms() - known_ms, 0, KEY_CACHE_AGE_MS);
    assert_int_equal(find(other, key, NULL, &caller), ERROR_DENIED);
    pthread_barrier_destroy(&hold.held);
    keys_free(other);
    db_close(hold.db);
}

/* However often it is asked for, and so refreshed in between. */
static void test_revoked_elsewhere_stops_within_a_second(void **state) {
    struct store *store = *state;
    struct keys *other = NULL;
    struct caller caller;
    struct error error = {0};
    char id[ID_MAX], key[KEY_TEXT_MAX];
    assert_int_equal(keys_new(store->db, pepper, &error, &other), 0);
    for (int round = 0; round < 3; round++) {
        make(store, &(struct key_options){.partner_id = partner, .secret = true}, id, key);
        int64_t began_ms = clock_monotonic_ms();
        while (clock_monotonic_ms() - began_ms < 100 + round * 350) {
            assert_int_equal(find(other, key, NULL, &caller), 0);
            usleep(2000);
        }
        assert_int_equal(keys_revoke(store->keys, id, &error), 0);
        int64_t revoked_ms = clock_monotonic_ms();
        while (find(other, key, NULL, &caller) == 0) usleep(2000);
        assert_in_range(clock_monotonic_ms() - revoked_ms, 0, 1000);
        assert_int_equal(find(other, key, NULL, &caller), ERROR_DENIED);
    }
    keys_free(other);
}

struct asking {
    struct keys *keys;
    const char *key;
    atomic_bool stop;
};

static void *ask_often(void *context) {
    struct asking *asking = context;
    struct caller caller;
    while (!asking->stop) find(asking->keys, asking->key, NULL, &caller);
    return NULL;
}

/* A lookup that began before the revocation must not put the key back behind it. */
static void test_revocation_wins_over_lookups_in_progress(void **state) {
    struct store *store = *state;
    struct error error = {0};
    for (int round = 0; round < 10; round++) {
        struct caller caller;
        char id[ID_MAX], key[KEY_TEXT_MAX];
        pthread_t threads[4];
        make(store, &(struct key_options){.partner_id = partner, .secret = true}, id, key);
        struct asking asking = {.keys = store->keys, .key = key};
        for (int i = 0; i < 4; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &asking), 0);
        usleep(2000);
        assert_int_equal(keys_revoke(store->keys, id, &error), 0);
        for (int i = 0; i < 50; i++)
            assert_int_equal(find(store->keys, key, NULL, &caller), ERROR_DENIED);
        asking.stop = true;
        for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    }
}

static void test_expiry_holds_in_the_cache(void **state) {
    struct store *store = *state;
    struct caller caller;
    char id[ID_MAX], key[KEY_TEXT_MAX];
    make(store, &(struct key_options){.partner_id = partner, .secret = true,
                                      .expires_us = clock_now_us() + 150000}, id, key);
    assert_int_equal(find(store->keys, key, NULL, &caller), 0);
    usleep(200000);
    assert_int_equal(find(store->keys, key, NULL, &caller), ERROR_DENIED);
}

static void test_another_pepper_knows_no_key(void **state) {
    struct store *store = *state;
    struct keys *other;
    struct caller caller;
    struct error error = {0};
    char id[ID_MAX], key[KEY_TEXT_MAX], wrong[sizeof pepper];
    make(store, &(struct key_options){.partner_id = partner, .secret = true}, id, key);
    memcpy(wrong, pepper, sizeof wrong);
    wrong[0] = 'f';
    assert_int_equal(keys_new(store->db, wrong, &error, &other), 0);
    assert_int_equal(find(other, key, NULL, &caller), ERROR_DENIED);
    keys_free(other);
    assert_int_equal(keys_new(store->db, "abc", &error, &other), ERROR_INVALID);
}

static void test_organisation_key_is_found(void **state) {
    struct store *store = *state;
    struct caller caller;
    struct error error = {0};
    char id[ID_MAX], key[KEY_TEXT_MAX], other[KEY_TEXT_MAX];
    make(store, &(struct key_options){.organisation_name = "Productbeheer", .test = true,
                                      .rate_limit_per_minute = 30}, id, key);
    assert_memory_equal(key, "ok_test_", 8);
    assert_memory_equal(id, "oky_", 4);
    for (int i = 0; i < 2; i++) { /* from the store, then from the cache */
        assert_int_equal(find(store->keys, key, "https://www.kantoor.example", &caller), 0);
        assert_int_equal(caller.kind, CALLER_ORGANISATION);
        assert_true(caller.test);
        assert_false(caller.origin_listed);
        assert_string_equal(caller.partner_id, "");
        assert_string_equal(caller.key_id, id);
        assert_int_equal(caller.rate_limit_per_minute, 30);
        assert_int_equal(caller.scope.kind, DB_SCOPE_ALL);
    }
    /* The mark is part of the key: it opens no other table. */
    memcpy(other, key, sizeof other);
    memcpy(other, "sk_", 3);
    assert_int_equal(find(store->keys, other, NULL, &caller), ERROR_DENIED);
    make(store, &(struct key_options){.partner_id = partner, .secret = true}, id, other);
    memcpy(other, "ok_", 3);
    assert_int_equal(find(store->keys, other, NULL, &caller), ERROR_DENIED);

    char revoked_id[ID_MAX], revoked[KEY_TEXT_MAX];
    make(store, &(struct key_options){.organisation_name = "Boekhouding"}, revoked_id, revoked);
    assert_int_equal(find(store->keys, revoked, NULL, &caller), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(keys_revoke(store->keys, revoked_id, &error), 0);
    assert_int_equal(find(store->keys, revoked, NULL, &caller), ERROR_DENIED);
    assert_int_equal(find(store->keys, key, NULL, &caller), 0);
    assert_int_equal(keys_revoke(store->keys, "oky_00000000000000000000000000", &error),
                     ERROR_NOT_FOUND);
    make(store, &(struct key_options){.organisation_name = "Kort", .expires_us =
                                      clock_now_us() - 1}, id, key);
    assert_int_equal(find(store->keys, key, NULL, &caller), ERROR_DENIED);
}

static void test_nothing_of_a_key_is_kept(void **state) {
    struct store *store = *state;
    char id[ID_MAX], key[KEY_TEXT_MAX], command[256];
    make(store, &(struct key_options){.partner_id = partner, .secret = true}, id, key);
    /* All that is kept: the files of the one store, what the other gives out. */
    if (scratch_store_server())
        snprintf(command, sizeof command, "pg_dump '%s'", store->url);
    else
        snprintf(command, sizeof command, "cat %s/store.db*", store->folder);
    static char text[8 << 20];
    FILE *kept = popen(command, "r");
    assert_non_null(kept);
    size_t length = fread(text, 1, sizeof text, kept);
    assert_int_equal(pclose(kept), 0);
    assert_null(memmem(text, length, key + 12, 28));
    assert_non_null(memmem(text, length, key, 12)); /* by which people tell keys apart */
}

static void test_wrong_options(void **state) {
    struct store *store = *state;
    const char *const origin = "https://www.kantoor.example";
    const char *const no_origin = "www.kantoor.example";
    const struct {
        struct key_options options;
        int status;
    } cases[] = {
        {{.partner_id = "ptr_00000000000000000000000000", .secret = true}, ERROR_NOT_FOUND},
        {{.partner_id = "kantoor", .secret = true}, ERROR_INVALID},
        {{.partner_id = NULL, .secret = true}, ERROR_INVALID},
        {{.partner_id = partner}, ERROR_INVALID},
        {{.partner_id = partner, .origins = &no_origin, .origin_count = 1}, ERROR_INVALID},
        {{.partner_id = partner, .secret = true, .origins = &origin, .origin_count = 1},
         ERROR_INVALID},
        {{.partner_id = partner, .origins = &origin, .origin_count = KEY_ORIGINS_MAX + 1},
         ERROR_INVALID},
        {{.organisation_name = "Systeem", .partner_id = partner}, ERROR_INVALID},
        {{.organisation_name = "Systeem", .origins = &origin, .origin_count = 1}, ERROR_INVALID},
        {{.organisation_name = ""}, ERROR_INVALID},
        {{.organisation_name = "a\nb"}, ERROR_INVALID},
        {{.organisation_name = "\xff"}, ERROR_INVALID},
        {{.organisation_name = "12345678901234567890123456789012345678901234567890"
                               "1234567890123456789012345678901"}, ERROR_INVALID}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error error = {0};
        char id[ID_MAX] = "untouched", key[KEY_TEXT_MAX] = "untouched";
        assert_int_equal(keys_create(store->keys, &cases[i].options, &error, id, key),
                         cases[i].status);
        assert_string_equal(key, "untouched");
        assert_true(error.text[0]);
    }
}

static void test_origins(void **state) {
    (void)state;
    static const struct {
        const char *text, *normal; /* NULL: none */
    } cases[] = {{"https://www.example.nl", "https://www.example.nl"},
                 {"HTTPS://WWW.Example.NL/", "https://www.example.nl"},
                 {"https://www.example.nl:443", "https://www.example.nl"},
                 {"https://www.example.nl:8443", "https://www.example.nl:8443"},
                 {"http://localhost:80", "http://localhost"},
                 {"http://127.0.0.1:3000", "http://127.0.0.1:3000"},
                 {"http://[::1]:3000", "http://[::1]:3000"},
                 {"https://www.example.nl/path", NULL},
                 {"https://www.example.nl?x", NULL},
                 {"https://user@example.nl", NULL},
                 {"https://*.example.nl", NULL},
                 {"https://", NULL},
                 {"https://.nl", NULL},
                 {"https://a..nl", NULL},
                 {"https://-a.nl", NULL},
                 {"https://a-.nl", NULL},
                 {"https://example.nl:0", NULL},
                 {"https://example.nl:65536", NULL},
                 {"https://example.nl:99999999999999999999", NULL},
                 {"https://[::1", NULL},
                 {"https://example.nl\n", NULL},
                 {"ftp://example.nl", NULL},
                 {"example.nl", NULL},
                 {"null", NULL},
                 {"", NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char origin[KEY_ORIGIN_MAX] = "untouched";
        struct error error = {0};
        int status = origin_normalise(cases[i].text, &error, origin);
        assert_int_equal(status, cases[i].normal ? 0 : ERROR_INVALID);
        assert_string_equal(origin, cases[i].normal ? cases[i].normal : "untouched");
    }
}

static void test_cache_stays_within_its_bounds(void **state) {
    (void)state;
    struct key_cache *cache = key_cache_new();
    struct key_record record = {.id = "key_x"};
    uint8_t digest[SHA256_BYTES];
    assert_non_null(cache);
    for (int i = 0; i < 3 * KEY_CACHE_MAX; i++) {
        hash_sha256(&i, sizeof i, digest);
        record.rate_limit_per_minute = i;
        record.origins = strdup("https://a.example\n");
        key_cache_put(cache, digest, &record, i);
        assert_int_equal(key_cache_find(cache, digest, i, NULL)->rate_limit_per_minute, i);
        assert_null(key_cache_find(cache, digest, i + KEY_CACHE_AGE_MS, NULL));
    }
    int found = 0;
    for (int i = 0; i < 3 * KEY_CACHE_MAX; i++) {
        hash_sha256(&i, sizeof i, digest);
        found += key_cache_find(cache, digest, 0, NULL) != NULL;
    }
    assert_in_range(found, KEY_CACHE_MAX / 2, KEY_CACHE_MAX);
    key_cache_clear(cache);
    assert_null(key_cache_find(cache, digest, 0, NULL));
    key_cache_free(cache);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_secret_key_is_found),
        cmocka_unit_test(test_publishable_key_knows_its_origins),
        cmocka_unit_test(test_wrong_keys_are_alike),
        cmocka_unit_test(test_revoked_key_is_refused_at_once),
        cmocka_unit_test(test_revocation_elsewhere_holds_within_a_second),
        cmocka_unit_test(test_revocation_wins_over_lookups_in_progress),
        cmocka_unit_test(test_expiry_holds_in_the_cache),
        cmocka_unit_test(test_nobody_waits_for_a_refresh),
        cmocka_unit_test(test_revoked_elsewhere_stops_within_a_second),
        cmocka_unit_test(test_another_pepper_knows_no_key),
        cmocka_unit_test(test_organisation_key_is_found),
        cmocka_unit_test(test_nothing_of_a_key_is_kept),
        cmocka_unit_test(test_wrong_options),
        cmocka_unit_test(test_origins),
        cmocka_unit_test(test_cache_stays_within_its_bounds)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
