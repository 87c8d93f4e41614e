/* Secrets are made and put to use here; where they are kept is domain/webhook.h's. */
#include "domain/webhook_signature.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"

#define PREFIX "whsec_"
enum { PREFIX_LENGTH = sizeof PREFIX - 1, SIGNED_MAX_BYTES = 1024 * 1024 };

void webhook_secret_make(char ret_secret[WEBHOOK_SECRET_MAX]) {
    uint8_t bytes[WEBHOOK_SECRET_BYTES];
    random_bytes(bytes, sizeof bytes);
    memcpy(ret_secret, PREFIX, PREFIX_LENGTH);
    EVP_EncodeBlock((unsigned char *)ret_secret + PREFIX_LENGTH, bytes, sizeof bytes);
    explicit_bzero(bytes, sizeof bytes);
}

/* The bytes that a secret stands for; 0: it is none. OpenSSL counts the padding as bytes. */
static size_t secret_decode(const char *secret, size_t length,
                            uint8_t ret_bytes[WEBHOOK_SECRET_MAX]) {
    if (length <= PREFIX_LENGTH || length >= WEBHOOK_SECRET_MAX ||
        memcmp(secret, PREFIX, PREFIX_LENGTH) != 0)
        return 0;
    const char *coded = secret + PREFIX_LENGTH;
    size_t coded_length = length - PREFIX_LENGTH, padding = 0;
    int decoded = EVP_DecodeBlock(ret_bytes, (const unsigned char *)coded, (int)coded_length);
    while (padding < 2 && padding < coded_length && coded[coded_length - 1 - padding] == '=')
        padding++;
    return decoded > (int)padding ? (size_t)decoded - padding : 0;
}

static void signature_write(const uint8_t *secret, size_t secret_length,
                            const struct buffer *content, struct buffer *buffer) {
    uint8_t digest[SHA256_BYTES];
    char text[4 * ((SHA256_BYTES + 2) / 3) + 1];
    hash_hmac_sha256(secret, secret_length, content->data, content->length, digest);
    EVP_EncodeBlock((unsigned char *)text, digest, sizeof digest);
    if (buffer->length) buffer_char(buffer, ' ');
    buffer_text(buffer, "v1,");
    buffer_text(buffer, text);
}

int webhook_sign(const char *secrets, int limit, const char *id, int64_t timestamp_s,
                 const char *body, size_t length, struct error *error, struct buffer *buffer) {
    struct buffer content;
    uint8_t secret[WEBHOOK_SECRET_MAX];
    int status = 0, count = 0;
    buffer_init(&content, SIGNED_MAX_BYTES);
    buffer_format(&content, "%s.%" PRId64 ".", id, timestamp_s);
    buffer_append(&content, body, length);
    if (content.failed)
        status = error_set(error, buffer_failure(&content), "a message is too large to be signed");
    for (const char *at = secrets; !status && count < limit && count < WEBHOOK_SECRETS_MAX;) {
        size_t secret_length = strcspn(at, " ");
        size_t decoded = secret_decode(at, secret_length, secret);
        if (!decoded) status = error_set(error, ERROR_INVALID, "a secret of a webhook is broken");
        else signature_write(secret, decoded, &content, buffer);
        count++;
        at += secret_length;
        if (!*at) break;
        at++;
    }
    explicit_bzero(secret, sizeof secret);
    buffer_done(&content);
    if (!status && buffer->failed)
        status = error_set(error, buffer_failure(buffer), "no memory for a signature");
    return status;
}
