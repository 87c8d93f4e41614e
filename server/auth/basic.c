/* Decodes with OpenSSL; a NUL in it is not in form, since it would cut a text short. */
#include "auth/basic.h"

#include <openssl/evp.h>
#include <string.h>

bool basic_read(const char *encoded, struct scratch *scratch, char **ret_user,
                char **ret_password) {
    size_t length = strlen(encoded), padding = 0;
    if (length == 0 || length > BASIC_MAX_BYTES || length % 4 != 0) return false;
    while (padding < 2 && encoded[length - 1 - padding] == '=') padding++;
    char *text = scratch_take(scratch, length / 4 * 3 + 1);
    if (!text) return false;
    int decoded = EVP_DecodeBlock((unsigned char *)text, (const unsigned char *)encoded,
                                  (int)length);
    if (decoded < 0) return false;
    size_t size = (size_t)decoded - padding;
    text[size] = '\0';
    char *colon = strchr(text, ':');
    if (!colon || strlen(text) != size) return false;
    *colon = '\0';
    *ret_user = text;
    *ret_password = colon + 1;
    return true;
}
