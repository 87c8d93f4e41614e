/* Reads certificates with OpenSSL and keeps the registered ones. Chains, purposes and names are not
 * judged: a partner hands over the very certificate, and that one alone is meant. */
#include "auth/certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "auth/keys_inside.h"
#include "base/clock.h"
#include "message/api_version.h"

enum { DER_MAX_BYTES = 16 * 1024, SHA1_BYTES = 20, PREFIX_LENGTH = 12 };

/* ---- reading -------------------------------------------------------------------------------- */

static bool holds(const char *bytes, size_t length, const char *text) {
    return memmem(bytes, length, text, strlen(text)) != NULL;
}

static X509 *parse(const char *bytes, size_t length) {
    X509 *parsed = NULL;
    if (holds(bytes, length, "-----BEGIN ")) {
        BIO *source = BIO_new_mem_buf(bytes, (int)length);
        if (source) parsed = PEM_read_bio_X509(source, NULL, NULL, NULL);
        BIO_free(source);
    } else {
        const unsigned char *at = (const unsigned char *)bytes;
        parsed = d2i_X509(NULL, &at, (long)length);
        if (parsed && at != (const unsigned char *)bytes + length) {
            X509_free(parsed);
            parsed = NULL;
        }
    }
    ERR_clear_error();
    return parsed;
}

static int check_key(X509 *parsed, struct error *error) {
    EVP_PKEY *key = X509_get0_pubkey(parsed);
    int kind = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
    int bits = key ? EVP_PKEY_get_bits(key) : 0;
    bool good = kind == EVP_PKEY_ED25519 ||
                (kind == EVP_PKEY_EC && bits >= CERTIFICATE_CURVE_BITS_MIN) ||
                (kind == EVP_PKEY_RSA && bits >= CERTIFICATE_RSA_BITS_MIN &&
                 bits <= CERTIFICATE_RSA_BITS_MAX);
    ERR_clear_error();
    if (good) return 0;
    return error_set(error, ERROR_INVALID,
                     "the certificate's key must be RSA of %d to %d bits, elliptic of %d bits or "
                     "more, or Ed25519: have another made",
                     CERTIFICATE_RSA_BITS_MIN, CERTIFICATE_RSA_BITS_MAX,
                     CERTIFICATE_CURVE_BITS_MIN);
}

static bool read_name(const X509_NAME *name, char ret_text[CERTIFICATE_TEXT_MAX]) {
    const unsigned long form = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    char *text = NULL;
    BIO *sink = BIO_new(BIO_s_mem());
    long length = -1;
    if (sink && X509_NAME_print_ex(sink, name, 0, form) >= 0)
        length = BIO_get_mem_data(sink, &text);
    bool fits = length >= 0 && length < CERTIFICATE_TEXT_MAX && !memchr(text, '\0', (size_t)length);
    if (fits) {
        memcpy(ret_text, text, (size_t)length);
        ret_text[length] = '\0';
    }
    BIO_free(sink);
    return fits;
}

static bool read_serial(X509 *parsed, char ret_text[CERTIFICATE_SERIAL_MAX]) {
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(parsed), NULL);
    char *text = number ? BN_bn2dec(number) : NULL;
    bool fits = text && strlen(text) < CERTIFICATE_SERIAL_MAX;
    if (fits) memcpy(ret_text, text, strlen(text) + 1);
    OPENSSL_free(text);
    BN_free(number);
    return fits;
}

static bool read_instant(const ASN1_TIME *time, int64_t *ret_instant_us) {
    struct tm parts;
    if (ASN1_TIME_to_tm(time, &parts) != 1) return false;
    int64_t days = clock_days(parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
    int64_t seconds = days * 86400 + parts.tm_hour * 3600 + parts.tm_min * 60 + parts.tm_sec;
    *ret_instant_us = seconds * 1000000;
    return true;
}

static bool read_digests(X509 *parsed, struct certificate *certificate) {
    unsigned char sha256[SHA256_BYTES], sha1[SHA1_BYTES];
    unsigned length;
    if (X509_digest(parsed, EVP_sha256(), sha256, &length) != 1 ||
        X509_digest(parsed, EVP_sha1(), sha1, &length) != 1)
        return false;
    hash_hex(sha256, sizeof sha256, certificate->fingerprint);
    hash_hex(sha1, sizeof sha1, certificate->thumbprint);
    const ASN1_OCTET_STRING *key_identifier = X509_get0_subject_key_id(parsed);
    size_t bytes = key_identifier ? (size_t)ASN1_STRING_length(key_identifier) : 0;
    if (bytes && 2 * bytes < CERTIFICATE_KEY_IDENTIFIER_MAX)
        hash_hex(ASN1_STRING_get0_data(key_identifier), bytes, certificate->key_identifier);
    return true;
}

static bool read_whole(X509 *parsed, struct certificate *certificate) {
    unsigned char *der = NULL;
    int length = i2d_X509(parsed, &der);
    if (length > 0 && length <= DER_MAX_BYTES)
        certificate->base64 = malloc(((size_t)length + 2) / 3 * 4 + 1);
    if (certificate->base64) EVP_EncodeBlock((unsigned char *)certificate->base64, der, length);
    OPENSSL_free(der);
    return certificate->base64 != NULL;
}

int certificate_read(const char *bytes, size_t length, struct error *error,
                     struct certificate *ret_certificate) {
    struct certificate certificate = {.base64 = NULL};
    if (length > CERTIFICATE_FILE_MAX_BYTES)
        return error_set(error, ERROR_INVALID, "a certificate's file has at most %d bytes",
                         CERTIFICATE_FILE_MAX_BYTES);
    if (holds(bytes, length, "PRIVATE KEY-----"))
        return error_set(error, ERROR_INVALID,
                         "the file holds a private key, which stays with the partner: give the "
                         "certificate alone");
    X509 *parsed = parse(bytes, length);
    if (!parsed)
        return error_set(error, ERROR_INVALID,
                         "the file is no certificate: give one in PEM or DER form");
    int status = check_key(parsed, error);
    if (!status && !(read_name(X509_get_issuer_name(parsed), certificate.issuer) &&
                     read_name(X509_get_subject_name(parsed), certificate.subject) &&
                     read_serial(parsed, certificate.serial) &&
                     read_instant(X509_get0_notBefore(parsed), &certificate.begins_us) &&
                     read_instant(X509_get0_notAfter(parsed), &certificate.expires_us) &&
                     read_digests(parsed, &certificate) && read_whole(parsed, &certificate)))
        status = error_set(error, ERROR_INVALID,
                           "the certificate has names, a number or dates that are too long or not "
                           "in form, or more than %d bytes: have another made", DER_MAX_BYTES);
    X509_free(parsed);
    ERR_clear_error();
    if (!status) *ret_certificate = certificate;
    else certificate_done(&certificate);
    return status;
}

void certificate_done(struct certificate *certificate) {
    free(certificate->base64);
    certificate->base64 = NULL;
}

/* ---- registering ---------------------------------------------------------------------------- */

struct registration {
    const struct certificate *certificate;
    const struct certificate_options *options;
    char id[ID_MAX], key_id[ID_MAX];
    int64_t now_us;
};

/* Its row among the keys. A certificate that is registered has one, whatever became of it. */
static int add_key(struct db_tx *tx, const struct registration *registration,
                   struct error *error) {
    const struct certificate *certificate = registration->certificate;
    const struct certificate_options *options = registration->options;
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "insert into api_key (id, partner_id, kind, mode, prefix, hash,"
                        " rate_limit_per_minute, expires_us, created_us, api_version)"
                        " values ($1, $2, 'secret', $3, $4, $5, $6, $7, $8, $9)"
                        " on conflict (hash) do nothing",
                        db_text(registration->key_id), db_text(options->partner_id),
                        db_text(options->test ? "test" : "live"),
                        db_text_length(certificate->fingerprint, PREFIX_LENGTH),
                        db_text(certificate->fingerprint),
                        db_integer(options->rate_limit_per_minute),
                        db_integer(certificate->expires_us), db_integer(registration->now_us),
                        db_text(api_version_date(api_version_count - 1)));
    if (status || changed) return status;
    return error_set(error, ERROR_CONFLICT,
                     "this certificate is registered already: `koppel certificate list` shows it. "
                     "One that was revoked stays so: have another made");
}

static int add_body(struct db_tx *tx, void *context, struct error *error) {
    const struct registration *registration = context;
    const struct certificate *certificate = registration->certificate;
    const struct certificate_options *options = registration->options;
    int status = keys_partner_exists(tx, options->partner_id, error);
    if (!status) status = add_key(tx, registration, error);
    if (status) return status;
    return db_run(tx, error, NULL,
                  "insert into partner_certificate (id, partner_id, mode, name, fingerprint,"
                  " thumbprint, key_identifier, issuer, serial, subject, certificate,"
                  " rate_limit_per_minute, begins_us, expires_us, created_us, key_id)"
                  " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
                  " $16)",
                  db_text(registration->id), db_text(options->partner_id),
                  db_text(options->test ? "test" : "live"), db_text(options->name),
                  db_text(certificate->fingerprint), db_text(certificate->thumbprint),
                  db_text(*certificate->key_identifier ? certificate->key_identifier : NULL),
                  db_text(certificate->issuer), db_text(certificate->serial),
                  db_text(certificate->subject), db_text(certificate->base64),
                  db_integer(options->rate_limit_per_minute), db_integer(certificate->begins_us),
                  db_integer(certificate->expires_us), db_integer(registration->now_us),
                  db_text(registration->key_id));
}

int certificate_add(struct keys *keys, const struct certificate *certificate,
                    const struct certificate_options *options, struct error *error,
                    char ret_id[ID_MAX]) {
    struct registration registration = {
        .certificate = certificate, .options = options, .now_us = clock_now_us()};
    int status = keys_name_check("a certificate", options->name, error);
    if (status) return status;
    if (certificate->expires_us <= registration.now_us)
        return error_set(error, ERROR_INVALID,
                         "the certificate is expired: have another made");
    id_make(CERTIFICATE_ID_PREFIX, registration.id);
    id_make("key", registration.key_id);
    const struct command_deed deed = {.name = "AddCertificate", .subject_id = registration.id};
    status = keys_change(keys, &deed, add_body, &registration, error);
    if (!status) memcpy(ret_id, registration.id, ID_MAX);
    return status;
}

struct revocation {
    const char *id;
    int64_t now_us;
};

static int revoke_body(struct db_tx *tx, void *context, struct error *error) {
    const struct revocation *revocation = context;
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update partner_certificate as c set revoked_us = coalesce(c.revoked_us,"
                        " $1) where c.id = $2 and $scope(c)",
                        db_integer(revocation->now_us), db_text(revocation->id));
    if (!status && changed)
        return db_run(tx, error, NULL,
                      "update api_key as k set revoked_us = coalesce(k.revoked_us, $1)"
                      " where k.id = (select c.key_id from partner_certificate c"
                      " where c.id = $2 and $scope(c)) and $scope(k)",
                      db_integer(revocation->now_us), db_text(revocation->id));
    if (status) return status;
    return error_set(error, ERROR_NOT_FOUND,
                     "there is no certificate '%.60s': `koppel certificate list` shows the ids",
                     revocation->id);
}

int certificate_revoke(struct keys *keys, const char *id, struct error *error) {
    struct revocation revocation = {.id = id, .now_us = clock_now_us()};
    const struct command_deed deed = {.name = "RevokeCertificate", .subject_id = id};
    return keys_change(keys, &deed, revoke_body, &revocation, error);
}
