/* A token's bytes: what it says, and an HMAC over that; written in base64 for URLs. Its length is
 * fixed and divides by three, so that there is one text for each. */
#include "auth/access_token.h"

#include <string.h>

#include <openssl/evp.h>

#include "auth/keys_inside.h"
#include "base/clock.h"

enum {
    FORM = 1, /* the first byte: which layout this is; the certificate's flag is added */
    BOUND = 0x80,
    EXPIRES_AT = 1,
    DIGEST_AT = EXPIRES_AT + 8,
    CERTIFICATE_AT = DIGEST_AT + SHA256_BYTES,
    MAC_AT = CERTIFICATE_AT + SHA256_BYTES,
    TOKEN_BYTES = MAC_AT + SHA256_BYTES,
    PREFIX_LENGTH = 3,
    TEXT_LENGTH = ACCESS_TOKEN_LENGTH - PREFIX_LENGTH
};
_Static_assert(TOKEN_BYTES % 3 == 0 && TOKEN_BYTES / 3 * 4 == TEXT_LENGTH, "no padding");

static void swap(char *text, char from, char to) {
    for (int at = 0; at < TEXT_LENGTH; at++)
        if (text[at] == from) text[at] = to;
}

void access_token_issue(const struct keys *keys, const struct caller *caller, int64_t expires_us,
                        char ret_token[ACCESS_TOKEN_LENGTH + 1]) {
    uint8_t bytes[TOKEN_BYTES] = {FORM};
    for (int at = 0; at < 8; at++)
        bytes[EXPIRES_AT + at] = (uint8_t)((uint64_t)expires_us >> (56 - 8 * at));
    memcpy(bytes + DIGEST_AT, caller->digest, SHA256_BYTES);
    if (caller->proved & PROOF_CERTIFICATE) {
        bytes[0] |= BOUND;
        memcpy(bytes + CERTIFICATE_AT, caller->certificate, SHA256_BYTES);
    }
    keys_token_mac(keys, bytes, MAC_AT, bytes + MAC_AT);
    memcpy(ret_token, ACCESS_TOKEN_PREFIX, PREFIX_LENGTH);
    EVP_EncodeBlock((unsigned char *)ret_token + PREFIX_LENGTH, bytes, TOKEN_BYTES);
    swap(ret_token + PREFIX_LENGTH, '+', '-');
    swap(ret_token + PREFIX_LENGTH, '/', '_');
}

bool access_token_in_form(const char *text, size_t length) {
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (length != ACCESS_TOKEN_LENGTH || memcmp(text, ACCESS_TOKEN_PREFIX, PREFIX_LENGTH) != 0)
        return false;
    for (size_t at = PREFIX_LENGTH; at < length; at++) /* it need not end with a NUL */
        if (!memchr(letters, text[at], sizeof letters - 1)) return false;
    return true;
}

/* What a token in form says, when it is one of ours. */
static bool read_token(const struct keys *keys, const char *token,
                       uint8_t ret_bytes[TOKEN_BYTES]) {
    char text[TEXT_LENGTH];
    uint8_t mac[SHA256_BYTES];
    memcpy(text, token + PREFIX_LENGTH, TEXT_LENGTH);
    swap(text, '-', '+');
    swap(text, '_', '/');
    if (EVP_DecodeBlock(ret_bytes, (const unsigned char *)text, TEXT_LENGTH) != TOKEN_BYTES)
        return false;
    keys_token_mac(keys, ret_bytes, MAC_AT, mac);
    return hash_equal(mac, ret_bytes + MAC_AT, SHA256_BYTES) &&
           (ret_bytes[0] & ~BOUND) == FORM;
}

int access_token_caller(struct keys *keys, const char *token, const uint8_t *certificate,
                        struct error *error, struct caller *ret_caller) {
    uint8_t bytes[TOKEN_BYTES];
    struct caller caller;
    uint64_t expires_us = 0;
    if (!read_token(keys, token, bytes)) return keys_denied(error);
    for (int at = 0; at < 8; at++) expires_us = expires_us << 8 | bytes[EXPIRES_AT + at];
    bool bound = bytes[0] & BOUND;
    if ((int64_t)expires_us <= clock_now_us() ||
        (bound && (!certificate ||
                   !hash_equal(certificate, bytes + CERTIFICATE_AT, SHA256_BYTES))))
        return keys_denied(error);
    int status = keys_find(keys, bytes + DIGEST_AT, NULL, error, &caller);
    if (status) return status;
    caller_copy(&caller, ret_caller);
    ret_caller->proved = (caller.proved & PROOF_KEY) | PROOF_TOKEN;
    return 0;
}
