/* Made with OpenSSL's X.509 functions. */
#include "cli/certificate.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "base/file.h"

enum { NAMES_MAX = 400, SERIAL_BYTES = 16, SECONDS_PER_DAY = 86400, RSA_BITS = 2048 };

/* What a certificate is for. */
struct purpose {
    const char *name; /* whom it names */
    bool serves; /* a server's, by the names of its host */
    long days;
};

static bool extension_add(X509 *certificate, X509V3_CTX *context, int nid, const char *value) {
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
    if (!extension) return false;
    bool added = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return added;
}

static bool is_address(const char *host) {
    unsigned char bytes[16];
    return inet_pton(AF_INET, host, bytes) == 1 || inet_pton(AF_INET6, host, bytes) == 1;
}

/* Only plain names and addresses go into the list: a comma would begin another entry. */
static bool is_plain(const char *host) {
    size_t length = strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789.-:");
    return length && length < 254 && !host[length];
}

static bool extensions_add(X509 *certificate, const struct purpose *purpose, const char *host) {
    char names[NAMES_MAX];
    X509V3_CTX context;
    bool more = host && is_plain(host) && strcmp(host, "localhost") != 0;
    snprintf(names, sizeof names, "DNS:localhost,IP:127.0.0.1,IP:::1%s%s",
             !more ? "" : is_address(host) ? ",IP:" : ",DNS:", more ? host : "");
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    return extension_add(certificate, &context, NID_basic_constraints, "critical,CA:FALSE") &&
           extension_add(certificate, &context, NID_key_usage, "critical,digitalSignature") &&
           extension_add(certificate, &context, NID_subject_key_identifier, "hash") &&
           (!purpose->serves ||
            (extension_add(certificate, &context, NID_ext_key_usage, "serverAuth") &&
             extension_add(certificate, &context, NID_subject_alt_name, names)));
}

static bool serial_set(X509 *certificate) {
    unsigned char bytes[SERIAL_BYTES];
    if (RAND_bytes(bytes, sizeof bytes) != 1) return false;
    bytes[0] &= 0x7f; /* positive */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return set;
}

static X509 *certificate_build(EVP_PKEY *key, const struct purpose *purpose, const char *host) {
    X509 *certificate = X509_new();
    if (!certificate) return NULL;
    X509_NAME *name = X509_get_subject_name(certificate);
    bool built =
        X509_set_version(certificate, X509_VERSION_3) == 1 && serial_set(certificate) &&
        X509_gmtime_adj(X509_getm_notBefore(certificate), -SECONDS_PER_DAY) &&
        X509_gmtime_adj(X509_getm_notAfter(certificate),
                        purpose->days * SECONDS_PER_DAY - SECONDS_PER_DAY) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   (const unsigned char *)purpose->name, -1, -1, 0) == 1 &&
        X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
        extensions_add(certificate, purpose, host) && X509_sign(certificate, key, EVP_sha256()) > 0;
    if (built) return certificate;
    X509_free(certificate);
    return NULL;
}

static int pem_write(BIO *pem, const char *path, unsigned mode, struct error *error) {
    char *text = NULL;
    long length = BIO_get_mem_data(pem, &text);
    if (length <= 0) return error_set(error, ERROR_INTERNAL, "OpenSSL made no text for %s", path);
    return file_write(path, text, (size_t)length, mode, error);
}

/* Takes over the key. */
static int pair_make(EVP_PKEY *key, const struct purpose *purpose, const char *host,
                     const char *certificate_path, const char *key_path, struct error *error) {
    X509 *certificate = key ? certificate_build(key, purpose, host) : NULL;
    BIO *certificate_pem = BIO_new(BIO_s_mem()), *key_pem = BIO_new(BIO_s_secmem());
    int status;
    if (!certificate || !certificate_pem || !key_pem ||
        PEM_write_bio_X509(certificate_pem, certificate) != 1 ||
        PEM_write_bio_PKCS8PrivateKey(key_pem, key, NULL, NULL, 0, NULL, NULL) != 1)
        status = error_set(error, ERROR_INTERNAL, "OpenSSL could not make a certificate");
    else {
        status = pem_write(key_pem, key_path, 0600, error);
        if (!status) status = pem_write(certificate_pem, certificate_path, 0644, error);
    }
    BIO_free(certificate_pem);
    BIO_free(key_pem);
    X509_free(certificate);
    EVP_PKEY_free(key);
    return status;
}

int certificate_make(const char *host, const char *certificate_path, const char *key_path,
                     struct error *error) {
    static const struct purpose purpose = {"localhost", true, CERTIFICATE_DAYS};
    return pair_make(EVP_EC_gen("P-256"), &purpose, host, certificate_path, key_path, error);
}

int certificate_make_signing(const char *certificate_path, const char *key_path,
                             struct error *error) {
    static const struct purpose purpose = {"Koppel message signing", false,
                                           CERTIFICATE_SIGNING_DAYS};
    return pair_make(EVP_RSA_gen(RSA_BITS), &purpose, NULL, certificate_path, key_path, error);
}
