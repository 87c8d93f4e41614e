/* User names with passwords and digests: what is taken, that a nonce is taken once by all nodes,
 * what is left of nonces, and that secrets are readable only in their places. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "auth/key_secret.h"
#include "auth/username.h"
#include "tests/unit/scratch_store.h"

#define SECOND_US INT64_C(1000000)
static const char pepper[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
static const char partner[] = "ptr_06fdv0a7q6wzt4x2m8n5k9y3hr";
static const char created[] = "2026-11-23T12:00:00Z";
static const int64_t now_us = 1795435200 * SECOND_US; /* of `created` */

static char folder[64], url[160], key_file[160];
static struct db *db;
static struct encryption *encryption;
static struct keys *keys[2]; /* of two nodes */
static struct usernames *nodes[2];
static char user[ID_MAX], password[KEY_TEXT_MAX], plain_user[ID_MAX], plain[KEY_TEXT_MAX];

static int partner_body(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    return db_run(tx, error, NULL,
                  "insert into partner (id, kind, name, country, status, created_us)"
                  " values ($1, 'office', 'Testkantoor', 'NL', 'active', 1)",
                  db_text(partner));
}

static void make(struct encryption *kept_under, char id[ID_MAX], char key[KEY_TEXT_MAX]) {
    struct error error = {0};
    const struct key_options options = {.partner_id = partner, .secret = true,
                                        .kept_under = kept_under};
    if (keys_create(keys[0], &options, &error, id, key) != 0) fail_msg("%s", error.text);
}

static int set_up(void **state) {
    struct error error = {0};
    int applied;
    char key_id[ENCRYPTION_KEY_ID_MAX];
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/koppel-names-XX" "XX" "XX");
    assert_non_null(mkdtemp(folder));
    snprintf(key_file, sizeof key_file, "%s/keys", folder);
    scratch_store_url(folder, url, sizeof url);
    assert_int_equal(db_open(&(struct db_options){.url = url, .create = true}, &error, &db), 0);
    assert_int_equal(db_migrate(db, migrations, migration_count, &error, &applied), 0);
    assert_int_equal(db_write(db, &db_scope_all, partner_body, NULL, &error), 0);
    assert_int_equal(encryption_rotate(key_file, &error, key_id), 0);
    assert_int_equal(encryption_open(key_file, &error, &encryption), 0);
    for (int at = 0; at < 2; at++) {
        assert_int_equal(keys_new(db, pepper, &error, &keys[at]), 0);
        assert_int_equal(usernames_new(db, keys[at], encryption, &error, &nodes[at]), 0);
    }
    make(encryption, user, password);
    make(NULL, plain_user, plain);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    for (int at = 0; at < 2; at++) {
        usernames_free(nodes[at]);
        keys_free(keys[at]);
    }
    encryption_free(encryption);
    db_close(db);
    unlink(key_file);
    scratch_store_remove(folder, url);
    return 0;
}

static struct username_digest digest_of(const char *name, const char *secret, const char *nonce) {
    struct username_digest told = {.user = name, .nonce = nonce, .nonce_length = strlen(nonce),
                                   .created = created, .created_us = now_us};
    char text[512];
    unsigned length = 0;
    snprintf(text, sizeof text, "%s%s%s", nonce, created, secret);
    assert_int_equal(EVP_Digest(text, strlen(text), told.digest, &length, EVP_sha1(), NULL), 1);
    return told;
}

static int check(int node, const struct username_digest *told, int64_t at_us) {
    struct error error = {0};
    struct caller caller;
    int status = usernames_digest(nodes[node], told, at_us, &error, &caller);
    if (status) return status;
    assert_string_equal(caller.key_id, user);
    assert_string_equal(caller.partner_id, partner);
    assert_ptr_equal(caller.scope.partner_id, caller.partner_id);
    assert_int_equal(caller.proved, PROOF_KEY | PROOF_USERNAME);
    return 0;
}

static void test_password(void **state) {
    struct error error = {0};
    struct caller caller;
    (void)state;
    assert_int_equal(usernames_password(nodes[0], user, password, &error, &caller), 0);
    assert_int_equal(caller.proved, PROOF_KEY | PROOF_USERNAME);
    assert_ptr_equal(caller.scope.partner_id, caller.partner_id);
    assert_int_equal(usernames_password(nodes[0], plain_user, plain, &error, &caller), 0);
    static const char *const wrong[][2] = {{plain_user, password}, {user, plain}, {user, ""},
                                           {"", password}, {"key_", "sk_live_"}};
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++)
        assert_int_equal(usernames_password(nodes[0], wrong[at][0], wrong[at][1], &error, &caller),
                         ERROR_DENIED);
}

static void test_nonce_is_taken_once(void **state) {
    (void)state;
    struct username_digest told = digest_of(user, password, "once");
    assert_int_equal(check(0, &told, now_us), 0);
    assert_int_equal(check(0, &told, now_us), ERROR_DENIED);
    assert_int_equal(check(1, &told, now_us), ERROR_DENIED);
}

static void test_wrong_digests(void **state) {
    (void)state;
    struct username_digest unkept = digest_of(plain_user, plain, "a");
    struct username_digest unknown = digest_of("key_00000000000000000000000000", password, "a");
    struct username_digest wrong = digest_of(user, plain, "a");
    assert_int_equal(check(0, &unkept, now_us), ERROR_DENIED);
    assert_int_equal(check(0, &unknown, now_us), ERROR_DENIED);
    assert_int_equal(check(0, &wrong, now_us), ERROR_DENIED);
    struct username_digest right = digest_of(user, password, "a");
    right.nonce_length = 2;
    right.nonce = "aa";
    assert_int_equal(check(0, &right, now_us), ERROR_DENIED);
    right = digest_of(user, password, "a"); /* what was refused took no nonce */
    assert_int_equal(check(0, &right, now_us), 0);
}

static void test_window(void **state) {
    (void)state;
    const int64_t age_us = USERNAME_AGE_MAX_S * SECOND_US;
    const int64_t ahead_us = USERNAME_AHEAD_MAX_S * SECOND_US;
    struct username_digest told = digest_of(user, password, "w1");
    assert_int_equal(check(0, &told, now_us + age_us + 1), ERROR_DENIED);
    assert_int_equal(check(0, &told, now_us - ahead_us - 1), ERROR_DENIED);
    assert_int_equal(check(0, &told, now_us + age_us), 0);
    told = digest_of(user, password, "w2");
    assert_int_equal(check(0, &told, now_us - ahead_us), 0);
}

static int fill_body(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    return db_run(tx, error, NULL,
                  "insert into message_nonce (digest, expires_us)"
                  " with recursive n (i) as (select 1 union all select n.i + 1 from n"
                  " where n.i < $1) select 'full-' || n.i, 1 from n",
                  db_integer(USERNAME_NONCES_MAX));
}

static int empty_body(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    return db_run(tx, error, NULL, "delete from message_nonce where digest like 'full-%'");
}

/* How many are kept is bounded over all nodes: another node's are counted too. */
static void test_bound(void **state) {
    struct error error = {0};
    struct usernames *late = NULL;
    struct caller caller;
    (void)state;
    assert_int_equal(db_write(db, &db_scope_all, fill_body, NULL, &error), 0);
    assert_int_equal(usernames_new(db, keys[0], encryption, &error, &late), 0);
    for (int at = 0; at < 3; at++) {
        struct username_digest told = digest_of(user, password, "full");
        assert_int_equal(usernames_digest(late, &told, now_us, &error, &caller), ERROR_BUSY);
    }
    /* Nodes that asked before it was full take no more than what they were told was left. */
    int status = 0, taken = 0;
    while (!status && taken <= USERNAME_NONCES_BLOCK_MAX) {
        char nonce[32];
        snprintf(nonce, sizeof nonce, "block %d", taken);
        struct username_digest told = digest_of(user, password, nonce);
        status = check(1, &told, now_us);
        if (!status) taken++;
    }
    assert_int_equal(status, ERROR_BUSY);
    assert_true(taken < USERNAME_NONCES_BLOCK_MAX);
    assert_int_equal(db_write(db, &db_scope_all, empty_body, NULL, &error), 0);
    struct username_digest told = digest_of(user, password, "room again");
    usleep((USERNAME_NONCES_FULL_MS + 50) * 1000);
    assert_int_equal(usernames_digest(late, &told, now_us, &error, &caller), 0);
    usernames_free(late);
}

static void test_expiry(void **state) {
    struct error error = {0};
    int64_t removed = 0;
    const int64_t kept_us = (USERNAME_AGE_MAX_S + USERNAME_AHEAD_MAX_S) * SECOND_US;
    (void)state;
    struct username_digest told = digest_of(user, password, "e");
    assert_int_equal(check(0, &told, now_us), 0);
    /* A row outlives the time in which its moment is taken. */
    assert_int_equal(usernames_expire(db, now_us + kept_us, &error, &removed), 0);
    assert_int_equal(removed, 0);
    assert_int_equal(usernames_expire(db, now_us + 2 * kept_us, &error, &removed), 0);
    assert_true(removed >= 1);
    assert_int_equal(usernames_expire(db, now_us + 2 * kept_us, &error, &removed), 0);
    assert_int_equal(removed, 0);
    assert_int_equal(check(0, &told, now_us), 0);
}

static void test_reseal(void **state) {
    struct error error = {0};
    char key_id[ENCRYPTION_KEY_ID_MAX], sealed_with[ENCRYPTION_KEY_ID_MAX], after[ID_MAX] = "";
    int count = 0, all = 0;
    struct buffer sealed;
    (void)state;
    assert_int_equal(encryption_rotate(key_file, &error, key_id), 0);
    struct encryption *fresh = NULL;
    assert_int_equal(encryption_open(key_file, &error, &fresh), 0);
    do {
        assert_int_equal(key_secret_reseal(db, fresh, &error, after, &count), 0);
        all += count;
    } while (count);
    assert_int_equal(all, 1);
    buffer_init(&sealed, KEY_SECRET_SEALED_MAX_BYTES);
    assert_int_equal(key_secret_read(db, user, &error, &sealed), 0);
    assert_true(encryption_key_of(sealed.data, sealed_with));
    assert_string_equal(sealed_with, key_id);
    assert_null(strstr(sealed.data, password));
    buffer_done(&sealed);
    encryption_free(fresh);
    struct username_digest told = digest_of(user, password, "r"); /* a node with the older keys */
    assert_int_equal(check(1, &told, now_us), 0);
}

static void test_without_encryption(void **state) {
    struct error error = {0};
    struct usernames *usernames = NULL;
    struct caller caller;
    (void)state;
    assert_int_equal(usernames_new(db, keys[0], NULL, &error, &usernames), 0);
    struct username_digest told = digest_of(user, password, "n");
    assert_int_equal(usernames_digest(usernames, &told, now_us, &error, &caller), ERROR_DENIED);
    assert_int_equal(usernames_password(usernames, user, password, &error, &caller), 0);
    usernames_free(usernames);
}

static void test_revoked(void **state) {
    struct error error = {0};
    struct username_digest told = digest_of(user, password, "v");
    (void)state;
    assert_int_equal(keys_revoke(keys[0], user, &error), 0);
    assert_int_equal(check(0, &told, now_us), ERROR_DENIED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_password),       cmocka_unit_test(test_nonce_is_taken_once),
        cmocka_unit_test(test_wrong_digests),  cmocka_unit_test(test_window),
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_expiry),         cmocka_unit_test(test_reseal),
        cmocka_unit_test(test_without_encryption), cmocka_unit_test(test_revoked)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
