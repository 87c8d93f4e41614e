/* Many SOAP clients can send a user name and a password and nothing else. */
#include "credential.h"

#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

enum { BASIC_MAX_BYTES = 1024 };

static const char *read_basic(const char *encoded, struct scratch *scratch, size_t *ret_length) {
    size_t length = strlen(encoded), padding = 0;
    if (length == 0 || length > BASIC_MAX_BYTES || length % 4 != 0) return "";
    while (padding < 2 && encoded[length - 1 - padding] == '=') padding++;
    char *text = scratch_take(scratch, length / 4 * 3 + 1);
    if (!text) return "";
    int decoded = EVP_DecodeBlock((unsigned char *)text, (const unsigned char *)encoded,
                                  (int)length);
    if (decoded < 0) return "";
    size_t size = (size_t)decoded - padding;
    text[size] = '\0';
    char *colon = memchr(text, ':', size);
    if (!colon) return "";
    *colon = '\0';
    const char *key = colon[1] ? colon + 1 : text;
    *ret_length = strlen(key);
    return key;
}

const char *credential_read(const char *authorization, struct scratch *scratch,
                            size_t *ret_length) {
    *ret_length = 0;
    if (!authorization) return NULL;
    size_t scheme = strcspn(authorization, " ");
    const char *rest = authorization + scheme;
    rest += strspn(rest, " ");
    if (scheme == 5 && strncasecmp(authorization, "basic", 5) == 0)
        return read_basic(rest, scratch, ret_length);
    if (scheme != 6 || strncasecmp(authorization, "bearer", 6) != 0) return "";
    *ret_length = strlen(rest);
    return rest;
}
