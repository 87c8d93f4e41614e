/* Digests by OpenSSL. A failure there means a broken installation, and a wrong digest would be
 * stored or trusted: the process ends instead. */
#include "base/hash.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>

#include "base/log.h"

static void require(bool worked) {
    if (worked)
        return;
    log_event(LOG_ERROR, "hash_unavailable", "advice",
              "OpenSSL gives no SHA-256: check its installation and its configuration", NULL);
    abort();
}

void hash_sha256(const void *bytes, size_t length, uint8_t ret_digest[SHA256_BYTES]) {
    require(SHA256(length ? bytes : "", length, ret_digest) != NULL);
}

void hash_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                      uint8_t ret_digest[SHA256_BYTES]) {
    require(key_length <= INT_MAX);
    require(HMAC(EVP_sha256(), key_length ? key : "", (int)key_length, length ? bytes : "",
                 length, ret_digest, NULL) != NULL);
}

void hash_hex(const void *bytes, size_t length, char *ret_text) {
    static const char digits[] = "0123456789abcdef";
    const unsigned char *from = bytes;
    for (size_t i = 0; i < length; i++) {
        ret_text[2 * i] = digits[from[i] >> 4];
        ret_text[2 * i + 1] = digits[from[i] & 15];
    }
    ret_text[2 * length] = '\0';
}

void hash_sha256_hex(const void *bytes, size_t length, char ret_text[SHA256_HEX_MAX]) {
    uint8_t digest[SHA256_BYTES];
    hash_sha256(bytes, length, digest);
    hash_hex(digest, sizeof digest, ret_text);
}

bool hash_equal(const void *a, const void *b, size_t length) {
    return CRYPTO_memcmp(a, b, length) == 0;
}
