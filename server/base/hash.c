/* Digests by OpenSSL, by those of its functions that take no memory: a digest never fails, also
 * when memory has run out. OpenSSL marks them as deprecated in favour of functions that do; HMAC
 * (RFC 2104) is put together from them here. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <string.h>

enum { HMAC_BLOCK_BYTES = SHA256_CBLOCK };
_Static_assert(sizeof((SHA256_CTX *)NULL)->h == SHA256_BYTES, "the state is eight words");

void hash_sha256(const void *bytes, size_t length, uint8_t ret_digest[SHA256_BYTES]) {
    SHA256_CTX context;
    SHA256_Init(&context);
    if (length) SHA256_Update(&context, bytes, length);
    SHA256_Final(ret_digest, &context);
    OPENSSL_cleanse(&context, sizeof context);
}

/* What SHA-256 knows after the first block, which is the key and a pad. */
static void hmac_begin(const uint8_t block[HMAC_BLOCK_BYTES], uint8_t pad,
                       uint32_t ret_state[SHA256_BYTES / 4]) {
    uint8_t padded[HMAC_BLOCK_BYTES];
    SHA256_CTX context;
    for (size_t i = 0; i < sizeof padded; i++)
        padded[i] = block[i] ^ pad;
    SHA256_Init(&context);
    SHA256_Update(&context, padded, sizeof padded);
    memcpy(ret_state, context.h, SHA256_BYTES);
    OPENSSL_cleanse(padded, sizeof padded);
    OPENSSL_cleanse(&context, sizeof context);
}

/* Goes on behind that first block. */
static void hmac_round(const uint32_t state[SHA256_BYTES / 4], const void *bytes, size_t length,
                       uint8_t ret_digest[SHA256_BYTES]) {
    SHA256_CTX context;
    SHA256_Init(&context);
    memcpy(context.h, state, SHA256_BYTES);
    context.Nl = HMAC_BLOCK_BYTES * 8;
    if (length) SHA256_Update(&context, bytes, length);
    SHA256_Final(ret_digest, &context);
    OPENSSL_cleanse(&context, sizeof context);
}

void hash_hmac_key_init(struct hash_hmac_key *hmac_key, const void *key, size_t key_length) {
    enum { INNER = 0x36, OUTER = 0x5c };
    uint8_t block[HMAC_BLOCK_BYTES] = {0};
    if (key_length > sizeof block)
        hash_sha256(key, key_length, block);
    else if (key_length)
        memcpy(block, key, key_length);
    hmac_begin(block, INNER, hmac_key->inner);
    hmac_begin(block, OUTER, hmac_key->outer);
    OPENSSL_cleanse(block, sizeof block);
}

void hash_hmac_sha256_with(const struct hash_hmac_key *hmac_key, const void *bytes, size_t length,
                           uint8_t ret_digest[SHA256_BYTES]) {
    uint8_t inner[SHA256_BYTES];
    hmac_round(hmac_key->inner, bytes, length, inner);
    hmac_round(hmac_key->outer, inner, sizeof inner, ret_digest);
    OPENSSL_cleanse(inner, sizeof inner);
}

void hash_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                      uint8_t ret_digest[SHA256_BYTES]) {
    struct hash_hmac_key hmac_key;
    hash_hmac_key_init(&hmac_key, key, key_length);
    hash_hmac_sha256_with(&hmac_key, bytes, length, ret_digest);
    OPENSSL_cleanse(&hmac_key, sizeof hmac_key);
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
