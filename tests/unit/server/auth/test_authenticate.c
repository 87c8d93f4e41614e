/* Several proofs of one caller: which go together, certificates as they are registered, found and
 * revoked, and what partners require. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "auth/access_token.h"
#include "auth/authenticate.h"
#include "auth/certificate.h"
#include "auth/certificate_find.h"
#include "auth/requirement.h"
#include "base/clock.h"
#include "tests/unit/scratch_store.h"

enum { PEM_MAX_BYTES = 16 * 1024 };

static const char pepper[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
static char folder[64], url[160], partners[2][ID_MAX];
static struct db *db;
static struct keys *keys;
static char live_key[KEY_TEXT_MAX], test_key[KEY_TEXT_MAX], other_key[KEY_TEXT_MAX];
static char publishable_key[KEY_TEXT_MAX], organisation_key[KEY_TEXT_MAX];

static int partners_body(struct db_tx *tx, void *context, struct error *error) {
    int status = 0;
    (void)context;
    for (int at = 0; at < 2 && !status; at++)
        status = db_run(tx, error, NULL,
                        "insert into partner (id, kind, name, country, status, created_us)"
                        " values ($1, 'office', 'Testkantoor', 'NL', 'active', 1)",
                        db_text(partners[at]));
    return status;
}

static void make(const char *partner, const char *name, bool secret, bool test,
                 char key[KEY_TEXT_MAX]) {
    static const char *const origins[] = {"https://www.kantoor.example"};
    struct error error = {0};
    char id[ID_MAX];
    const struct key_options options = {.partner_id = partner, .organisation_name = name,
                                        .secret = secret, .test = test, .origins = origins,
                                        .origin_count = !secret && !name};
    if (keys_create(keys, &options, &error, id, key) != 0) fail_msg("%s", error.text);
}

static int set_up(void **state) {
    struct error error = {0};
    int applied;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/koppel-proofs-XX" "XX" "XX");
    assert_non_null(mkdtemp(folder));
    scratch_store_url(folder, url, sizeof url);
    for (int at = 0; at < 2; at++) id_make("ptr", partners[at]);
    const struct db_options options = {.url = url, .create = true};
    if (db_open(&options, &error, &db) != 0 ||
        db_migrate(db, migrations, migration_count, &error, &applied) != 0 ||
        db_write(db, &db_scope_all, partners_body, NULL, &error) != 0 ||
        keys_new(db, pepper, &error, &keys) != 0)
        fail_msg("%s", error.text);
    make(partners[0], NULL, true, false, live_key);
    make(partners[0], NULL, true, true, test_key);
    make(partners[1], NULL, true, false, other_key);
    make(partners[0], NULL, false, false, publishable_key);
    make(NULL, "Beheer", false, false, organisation_key);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    keys_free(keys);
    db_close(db);
    scratch_store_remove(folder, url);
    return 0;
}

/* ---- certificates --------------------------------------------------------------------------- */

static EVP_PKEY *elliptic(const char *curve) { return EVP_EC_gen(curve); }

/* A self-signed certificate as PEM, valid from and until so many seconds from now. */
static void pem_of(EVP_PKEY *key, const char *name, long from_s, long until_s,
                   char ret_pem[PEM_MAX_BYTES]) {
    X509 *certificate = X509_new();
    X509_NAME *subject = X509_get_subject_name(certificate);
    BIO *sink = BIO_new(BIO_s_mem());
    char *text;
    assert_non_null(key);
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 4711);
    X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate), until_s);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
                               0);
    X509_set_issuer_name(certificate, subject);
    X509_set_pubkey(certificate, key);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    assert_int_equal(PEM_write_bio_X509(sink, certificate), 1);
    long length = BIO_get_mem_data(sink, &text);
    assert_true(length > 0 && length < PEM_MAX_BYTES);
    memcpy(ret_pem, text, (size_t)length);
    ret_pem[length] = '\0';
    BIO_free(sink);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

static int read_pem(const char *pem, struct certificate *certificate) {
    struct error error = {0};
    return certificate_read(pem, strlen(pem), &error, certificate);
}

static void digest_of(const struct certificate *certificate, uint8_t ret_digest[SHA256_BYTES]) {
    uint8_t der[PEM_MAX_BYTES];
    int length = EVP_DecodeBlock(der, (const unsigned char *)certificate->base64,
                                 (int)strlen(certificate->base64));
    size_t text = strlen(certificate->base64);
    while (text > 0 && certificate->base64[text - 1] == '=') text--, length--;
    hash_sha256(der, (size_t)length, ret_digest);
}

static void add(const char *partner, bool test, long from_s, char ret_id[ID_MAX],
                uint8_t ret_digest[SHA256_BYTES]) {
    char pem[PEM_MAX_BYTES];
    struct certificate certificate;
    struct error error = {0};
    const struct certificate_options options = {
        .partner_id = partner, .name = "Kantoorserver", .test = test, .rate_limit_per_minute = 30};
    pem_of(elliptic("P-256"), "kantoor", from_s, 86400, pem);
    assert_int_equal(read_pem(pem, &certificate), 0);
    if (certificate_add(keys, &certificate, &options, &error, ret_id) != 0)
        fail_msg("%s", error.text);
    digest_of(&certificate, ret_digest);
    certificate_done(&certificate);
}

static void test_certificate_is_read(void **state) {
    char pem[PEM_MAX_BYTES], with_key[PEM_MAX_BYTES];
    struct certificate certificate;
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX_MAX];
    (void)state;
    pem_of(elliptic("P-256"), "Assurantiën Ærø, Ltd", -10, 86400, pem);
    assert_int_equal(read_pem(pem, &certificate), 0);
    assert_string_equal(certificate.serial, "4711");
    assert_string_equal(certificate.subject, "CN=Assurantiën Ærø\\, Ltd");
    assert_string_equal(certificate.issuer, certificate.subject);
    assert_int_equal(certificate.expires_us - certificate.begins_us, INT64_C(86410) * 1000000);
    assert_string_equal(certificate.key_identifier, "");
    assert_int_equal(strlen(certificate.thumbprint), 40);
    digest_of(&certificate, digest);
    hash_hex(digest, sizeof digest, hex);
    assert_string_equal(certificate.fingerprint, hex);

    /* The same from DER, but not with anything behind it. */
    uint8_t der[PEM_MAX_BYTES];
    size_t text = strlen(certificate.base64);
    int length = EVP_DecodeBlock(der, (const unsigned char *)certificate.base64, (int)text);
    while (certificate.base64[text - 1] == '=') text--, length--;
    struct certificate same;
    assert_int_equal(certificate_read((char *)der, (size_t)length, NULL, &same), 0);
    assert_string_equal(same.fingerprint, certificate.fingerprint);
    certificate_done(&same);
    assert_int_equal(certificate_read((char *)der, (size_t)length + 1, NULL, &same), ERROR_INVALID);
    for (int cut = 0; cut < length; cut++)
        assert_int_equal(certificate_read((char *)der, (size_t)cut, NULL, &same), ERROR_INVALID);
    certificate_done(&certificate);

    snprintf(with_key, sizeof with_key, "%s-----BEGIN PRIVATE KEY-----\n", pem);
    assert_int_equal(read_pem(with_key, &certificate), ERROR_INVALID);
    assert_int_equal(read_pem("", &certificate), ERROR_INVALID);
    assert_int_equal(read_pem("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                              &certificate), ERROR_INVALID);
}

static void test_weak_keys_are_refused(void **state) {
    char pem[PEM_MAX_BYTES];
    struct certificate certificate;
    (void)state;
    pem_of(EVP_RSA_gen(1024), "zwak", -10, 86400, pem);
    assert_int_equal(read_pem(pem, &certificate), ERROR_INVALID);
    pem_of(elliptic("P-224"), "zwak", -10, 86400, pem);
    assert_int_equal(read_pem(pem, &certificate), ERROR_INVALID);
    pem_of(EVP_RSA_gen(2048), "goed", -10, 86400, pem);
    assert_int_equal(read_pem(pem, &certificate), 0);
    certificate_done(&certificate);
}

static int by_certificate(const uint8_t digest[SHA256_BYTES], struct caller *caller) {
    struct error error = {0};
    return authenticate_certificate(keys, digest, PROOF_SIGNATURE, &error, caller);
}

static void test_certificate_is_a_caller_until_revoked(void **state) {
    char id[ID_MAX], later_id[ID_MAX];
    uint8_t digest[SHA256_BYTES], later[SHA256_BYTES], other[SHA256_BYTES] = {1};
    struct caller caller;
    struct error error = {0};
    (void)state;
    add(partners[0], false, -10, id, digest);
    for (int i = 0; i < 2; i++) { /* from the store, then from the cache */
        assert_int_equal(by_certificate(digest, &caller), 0);
        assert_int_equal(caller.kind, CALLER_SECRET_KEY);
        assert_int_equal(caller.proved, PROOF_SIGNATURE);
        assert_string_equal(caller.partner_id, partners[0]);
        assert_memory_equal(caller.key_id, "key_", 4);
        assert_string_equal(caller.certificate_id, id);
        assert_int_equal(caller.rate_limit_per_minute, 30);
        assert_ptr_equal(caller.scope.partner_id, caller.partner_id);
    }
    assert_int_equal(by_certificate(other, &caller), ERROR_DENIED);
    add(partners[0], false, 3600, later_id, later);
    assert_int_equal(by_certificate(later, &caller), ERROR_DENIED);
    /* What a key is kept as is not a certificate's. */
    assert_int_equal(keys_caller(keys, live_key, strlen(live_key), NULL, &error, &caller), 0);
    memcpy(other, caller.digest, sizeof other);
    assert_int_equal(by_certificate(other, &caller), ERROR_DENIED);

    assert_int_equal(certificate_revoke(keys, id, &error), 0);
    assert_int_equal(by_certificate(digest, &caller), ERROR_DENIED);
    assert_int_equal(certificate_revoke(keys, id, &error), 0);
    assert_int_equal(certificate_revoke(keys, "crt_none", &error), ERROR_NOT_FOUND);
}

static void test_certificate_is_registered_once(void **state) {
    char pem[PEM_MAX_BYTES], id[ID_MAX];
    struct certificate certificate;
    struct error error = {0};
    struct certificate_options options = {.partner_id = partners[0], .name = "Kantoorserver"};
    (void)state;
    pem_of(elliptic("P-384"), "twee keer", -10, 86400, pem);
    assert_int_equal(read_pem(pem, &certificate), 0);
    assert_int_equal(certificate_add(keys, &certificate, &options, &error, id), 0);
    options.partner_id = partners[1];
    assert_int_equal(certificate_add(keys, &certificate, &options, &error, id), ERROR_CONFLICT);
    certificate_done(&certificate);
    pem_of(elliptic("P-256"), "verlopen", -20, -10, pem);
    assert_int_equal(read_pem(pem, &certificate), 0);
    error_clear(&error);
    assert_int_equal(certificate_add(keys, &certificate, &options, &error, id), ERROR_INVALID);
    error_clear(&error);
    options.name = "";
    assert_int_equal(certificate_add(keys, &certificate, &options, &error, id), ERROR_INVALID);
    certificate_done(&certificate);
}

/* Of certificates that share a name, as one renewed with the same key does, that one is meant which
 * holds now. */
static int date_body(struct db_tx *tx, void *context, struct error *error) {
    const char *const *ids = context;
    int status = db_run(tx, error, NULL,
                        "update partner_certificate as c set key_identifier = 'abcd',"
                        " expires_us = case when c.id = $1 then 1 else expires_us end,"
                        " begins_us = case when c.id = $2 then expires_us else begins_us end"
                        " where c.id in ($1, $2, $3, $4) and $scope(c)",
                        db_text(ids[0]), db_text(ids[1]), db_text(ids[2]), db_text(ids[3]));
    if (status) return status;
    return db_run(tx, error, NULL,
                  "update api_key as k set revoked_us = 1 where k.id = (select c.key_id"
                  " from partner_certificate c where c.id = $1 and $scope(c)) and $scope(k)",
                  db_text(ids[2]));
}

static void test_name_is_of_a_certificate_in_force(void **state) {
    char expired[ID_MAX], ahead[ID_MAX], keyless[ID_MAX], held[ID_MAX];
    const char *const ids[] = {expired, ahead, keyless, held};
    uint8_t digests[4][SHA256_BYTES], der[PEM_MAX_BYTES], found[SHA256_BYTES];
    struct certificate_name name = {.key_identifier = "abcd"};
    struct error error = {0};
    struct buffer coded;
    (void)state;
    add(partners[0], false, -10, expired, digests[0]);
    add(partners[0], false, -10, ahead, digests[1]);
    add(partners[0], false, -10, keyless, digests[2]);
    add(partners[0], false, -10, held, digests[3]);
    if (db_write(db, &db_scope_all, date_body, (void *)ids, &error) != 0)
        fail_msg("%s", error.text);
    buffer_init(&coded, PEM_MAX_BYTES);
    assert_int_equal(certificate_find(db, &name, &error, &coded), 0);
    int length = EVP_DecodeBlock(der, (const unsigned char *)coded.data, (int)coded.length);
    for (size_t at = coded.length; coded.data[at - 1] == '='; at--) length--;
    hash_sha256(der, (size_t)length, found);
    assert_memory_equal(found, digests[3], SHA256_BYTES);
    assert_int_equal(certificate_revoke(keys, held, &error), 0);
    assert_int_equal(certificate_find(db, &name, &error, &coded), ERROR_NOT_FOUND);
    buffer_done(&coded);
}

/* ---- several proofs ------------------------------------------------------------------------- */

static int ask(const char *key, const uint8_t *certificate, const struct caller *message,
               struct caller *caller) {
    struct error error = {0};
    const struct credentials credentials = {.key = key, .key_length = key ? strlen(key) : 0,
                                            .certificate = certificate, .message = message};
    return authenticate(keys, &credentials, &error, caller);
}

static void test_proofs_come_together(void **state) {
    char id[ID_MAX], test_id[ID_MAX];
    uint8_t live[SHA256_BYTES], test[SHA256_BYTES], unknown[SHA256_BYTES] = {9};
    struct caller caller, signer;
    (void)state;
    add(partners[0], false, -10, id, live);
    add(partners[0], true, -10, test_id, test);
    assert_int_equal(ask(NULL, NULL, NULL, &caller), 0);
    assert_int_equal(caller.kind, CALLER_NOBODY);
    assert_int_equal(ask(live_key, live, NULL, &caller), 0);
    assert_int_equal(caller.proved, PROOF_KEY | PROOF_CERTIFICATE);
    assert_string_equal(caller.certificate_id, id);
    assert_memory_equal(caller.key_id, "key_", 4);
    assert_int_equal(caller.rate_limit_per_minute, 0);
    assert_ptr_equal(caller.scope.partner_id, caller.partner_id);
    assert_int_equal(ask(NULL, test, NULL, &caller), 0);
    assert_true(caller.test);

    /* Modes: a live certificate goes with a test key, and nothing else across modes. */
    assert_int_equal(ask(test_key, live, NULL, &caller), 0);
    assert_true(caller.test);
    assert_int_equal(ask(test_key, test, NULL, &caller), 0);
    assert_int_equal(ask(live_key, test, NULL, &caller), ERROR_DENIED);

    assert_int_equal(ask(other_key, live, NULL, &caller), ERROR_DENIED);
    assert_int_equal(ask(publishable_key, live, NULL, &caller), ERROR_DENIED);
    assert_int_equal(ask(organisation_key, live, NULL, &caller), ERROR_DENIED);
    assert_int_equal(ask(live_key, unknown, NULL, &caller), ERROR_DENIED);
    assert_int_equal(ask("sk_live_wrong", live, NULL, &caller), ERROR_DENIED);

    assert_int_equal(by_certificate(live, &signer), 0);
    assert_int_equal(ask(live_key, live, &signer, &caller), 0);
    assert_int_equal(caller.proved, PROOF_KEY | PROOF_CERTIFICATE | PROOF_SIGNATURE);
    assert_int_equal(ask(NULL, NULL, &signer, &caller), 0);
    assert_int_equal(caller.proved, PROOF_SIGNATURE);
    assert_ptr_equal(caller.scope.partner_id, caller.partner_id);
    assert_int_equal(ask(NULL, test, &signer, &caller), ERROR_DENIED);
    assert_int_equal(ask(other_key, NULL, &signer, &caller), ERROR_DENIED);
}

static void test_token_is_what_was_issued(void **state) {
    char token[ACCESS_TOKEN_LENGTH + 1], id[ID_MAX];
    uint8_t certificate[SHA256_BYTES], other[SHA256_BYTES] = {3};
    struct caller caller, found;
    (void)state;
    assert_int_equal(ask(live_key, NULL, NULL, &caller), 0);
    access_token_issue(keys, &caller, clock_now_us() + 60000000, token);
    assert_int_equal(strlen(token), ACCESS_TOKEN_LENGTH);
    assert_int_equal(ask(token, NULL, NULL, &found), 0);
    assert_int_equal(found.proved, PROOF_KEY | PROOF_TOKEN);
    assert_string_equal(found.key_id, caller.key_id);
    assert_ptr_equal(found.scope.partner_id, found.partner_id);
    for (int at = 0; at < ACCESS_TOKEN_LENGTH; at++) { /* another letter anywhere is no token */
        char was = token[at];
        token[at] = was == 'Q' ? 'x' : 'Q';
        assert_int_equal(ask(token, NULL, NULL, &found), ERROR_DENIED);
        token[at] = was;
    }
    char longer[ACCESS_TOKEN_LENGTH + 2]; /* a token within a longer text, by its length */
    snprintf(longer, sizeof longer, "%sA", token);
    const struct credentials within = {.key = longer, .key_length = ACCESS_TOKEN_LENGTH};
    assert_int_equal(authenticate(keys, &within, NULL, &found), 0);
    assert_int_equal(ask(longer, NULL, NULL, &found), ERROR_DENIED);
    const struct credentials as_secret = {.key = token, .key_length = strlen(token),
                                          .key_only = true};
    assert_int_equal(authenticate(keys, &as_secret, NULL, &found), ERROR_DENIED);
    access_token_issue(keys, &caller, clock_now_us() - 1, token);
    assert_int_equal(ask(token, NULL, NULL, &found), ERROR_DENIED);

    add(partners[0], false, -10, id, certificate);
    assert_int_equal(ask(NULL, certificate, NULL, &caller), 0);
    access_token_issue(keys, &caller, clock_now_us() + 60000000, token);
    assert_int_equal(ask(token, certificate, NULL, &found), 0);
    assert_int_equal(found.proved, PROOF_TOKEN | PROOF_CERTIFICATE);
    assert_int_equal(ask(token, NULL, NULL, &found), ERROR_DENIED);
    assert_int_equal(ask(token, other, NULL, &found), ERROR_DENIED);
    assert_int_equal(ask(live_key, certificate, NULL, &caller), 0);
    access_token_issue(keys, &caller, clock_now_us() + 60000000, token);
    assert_int_equal(ask(token, NULL, NULL, &found), ERROR_DENIED);
    assert_int_equal(ask(token, certificate, NULL, &found), 0);
    assert_int_equal(found.proved, PROOF_KEY | PROOF_TOKEN | PROOF_CERTIFICATE);
}

static int require(unsigned json, unsigned soap) {
    struct error error = {0};
    const unsigned *const proofs[ENTRANCE_COUNT] = {&json, &soap};
    return requirement_set(keys, partners[0], proofs, &error);
}

static void test_requirements_are_known_at_once(void **state) {
    struct caller caller;
    struct error error = {0};
    const unsigned none = 0, *const nothing[ENTRANCE_COUNT] = {&none, NULL};
    (void)state;
    assert_int_equal(ask(live_key, NULL, NULL, &caller), 0);
    assert_int_equal(caller.required[ENTRANCE_JSON], 0);
    assert_int_equal(require(PROOF_TOKEN | PROOF_CERTIFICATE, PROOF_SIGNATURE), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(ask(live_key, NULL, NULL, &caller), 0);
        assert_int_equal(caller.required[ENTRANCE_JSON], PROOF_TOKEN | PROOF_CERTIFICATE);
        assert_int_equal(caller.required[ENTRANCE_SOAP], PROOF_SIGNATURE);
    }
    assert_int_equal(ask(other_key, NULL, NULL, &caller), 0);
    assert_int_equal(caller.required[ENTRANCE_SOAP], 0);
    assert_int_equal(require(PROOF_USERNAME, PROOF_USERNAME), ERROR_INVALID);
    assert_int_equal(requirement_set(keys, "ptr_none", nothing, &error), ERROR_NOT_FOUND);
    assert_int_equal(requirement_set(keys, partners[0], nothing, NULL), 0);
    assert_int_equal(ask(live_key, NULL, NULL, &caller), 0);
    assert_int_equal(caller.required[ENTRANCE_JSON], 0);
    assert_int_equal(caller.required[ENTRANCE_SOAP], PROOF_SIGNATURE);
    assert_int_equal(require(0, 0), 0);
}

static void test_names_of_proofs(void **state) {
    char names[PROOF_NAMES_MAX];
    unsigned proofs = 77;
    static const char *const wrong[] = {"keys", "key,", ",key", "key,,token", "key token", "KEY"};
    (void)state;
    assert_true(proof_read_names("token,certificate", &proofs));
    assert_int_equal(proofs, PROOF_TOKEN | PROOF_CERTIFICATE);
    proof_names((1u << PROOF_COUNT) - 1, names);
    assert_string_equal(names, "key,token,certificate,username,signature");
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++)
        assert_false(proof_read_names(wrong[at], &proofs));
    assert_int_equal(proofs, PROOF_TOKEN | PROOF_CERTIFICATE);
    assert_true(proof_read_names("none", &proofs));
    assert_int_equal(proofs, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificate_is_read),
        cmocka_unit_test(test_weak_keys_are_refused),
        cmocka_unit_test(test_certificate_is_a_caller_until_revoked),
        cmocka_unit_test(test_certificate_is_registered_once),
        cmocka_unit_test(test_name_is_of_a_certificate_in_force),
        cmocka_unit_test(test_proofs_come_together),
        cmocka_unit_test(test_token_is_what_was_issued),
        cmocka_unit_test(test_requirements_are_known_at_once),
        cmocka_unit_test(test_names_of_proofs)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
