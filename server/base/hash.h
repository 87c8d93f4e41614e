/* Digests and their text forms (OpenSSL). */
#ifndef KOPPEL_BASE_HASH_H
#define KOPPEL_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SHA256_BYTES = 32, SHA256_HEX_MAX = 65 };

void hash_sha256(const void *bytes, size_t length, uint8_t ret_digest[SHA256_BYTES]);
void hash_hmac_sha256(const void *key, size_t key_length, const void *bytes, size_t length,
                      uint8_t ret_digest[SHA256_BYTES]);
/* The same with a key that is used often: its part of the work is done once. The key is as secret
 * in this form. */
struct hash_hmac_key {
    uint32_t inner[SHA256_BYTES / 4], outer[SHA256_BYTES / 4];
};
void hash_hmac_key_init(struct hash_hmac_key *hmac_key, const void *key, size_t key_length);
void hash_hmac_sha256_with(const struct hash_hmac_key *hmac_key, const void *bytes, size_t length,
                           uint8_t ret_digest[SHA256_BYTES]);
/* Lower-case hexadecimal, NUL-terminated: 2 * length + 1 bytes at ret_text. */
void hash_hex(const void *bytes, size_t length, char *ret_text);
/* sha256 in hexadecimal in one go. */
void hash_sha256_hex(const void *bytes, size_t length, char ret_text[SHA256_HEX_MAX]);
/* Compares in constant time. */
bool hash_equal(const void *a, const void *b, size_t length);

#endif
