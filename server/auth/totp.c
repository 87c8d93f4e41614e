/* Codes, and the secret's text form. */
#include "auth/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/random.h"

enum { SHA1_BYTES = 20, CODE_TEXT_MAX = 32 };

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void totp_secret_make(uint8_t ret_secret[TOTP_SECRET_BYTES]) {
    random_bytes(ret_secret, TOTP_SECRET_BYTES);
}

void totp_secret_write(const uint8_t secret[TOTP_SECRET_BYTES],
                       char ret_text[TOTP_SECRET_TEXT_MAX]) {
    for (int i = 0; i < TOTP_SECRET_TEXT_MAX - 1; i++) {
        int bit = i * 5, byte = bit / 8;
        unsigned two = (unsigned)secret[byte] << 8;
        if (byte + 1 < TOTP_SECRET_BYTES) two |= secret[byte + 1];
        ret_text[i] = letters[two >> (11 - bit % 8) & 31];
    }
    ret_text[TOTP_SECRET_TEXT_MAX - 1] = '\0';
}

bool totp_secret_read(const char *text, uint8_t ret_secret[TOTP_SECRET_BYTES]) {
    uint8_t secret[TOTP_SECRET_BYTES] = {0};
    int count = 0;
    for (; *text; text++) {
        char letter = *text >= 'a' && *text <= 'z' ? (char)(*text - 32) : *text;
        const char *found = strchr(letters, letter);
        if (letter == ' ') continue;
        if (!found || count == TOTP_SECRET_TEXT_MAX - 1) return false;
        unsigned value = (unsigned)(found - letters) << 11 >> count * 5 % 8;
        int byte = count * 5 / 8;
        secret[byte] |= (uint8_t)(value >> 8);
        if (byte + 1 < TOTP_SECRET_BYTES) secret[byte + 1] |= (uint8_t)value;
        count++;
    }
    if (count != TOTP_SECRET_TEXT_MAX - 1) return false;
    memcpy(ret_secret, secret, sizeof secret);
    return true;
}

/* RFC 4226, 5.3: the last four bits say where the number stands. */
bool totp_code(const void *secret, size_t length, uint64_t step, int digits, char ret_code[9]) {
    uint8_t counter[8], mac[SHA1_BYTES];
    unsigned mac_length = sizeof mac;
    for (int i = 7; i >= 0; i--, step >>= 8) counter[i] = (uint8_t)step;
    if (!HMAC(EVP_sha1(), secret, (int)length, counter, sizeof counter, mac, &mac_length))
        return false;
    const uint8_t *at = mac + (mac[SHA1_BYTES - 1] & 15);
    uint32_t number = (uint32_t)(at[0] & 127) << 24 | (uint32_t)at[1] << 16 |
                      (uint32_t)at[2] << 8 | at[3];
    uint32_t bound = digits == 8 ? 100000000 : digits == 7 ? 10000000 : 1000000;
    snprintf(ret_code, 9, "%0*u", digits, number % bound);
    return true;
}

uint64_t totp_step_at(int64_t now_us) {
    return (uint64_t)(now_us / 1000000 / TOTP_STEP_S);
}

int totp_match(const uint8_t secret[TOTP_SECRET_BYTES], const char *code, int64_t now_us,
               int64_t last_step, struct error *error, bool *ret_right, int64_t *ret_step) {
    char given[CODE_TEXT_MAX] = "";
    size_t length = 0;
    int64_t now = (int64_t)totp_step_at(now_us), found = -1;
    for (; *code && length < sizeof given - 1; code++)
        if (*code != ' ') given[length++] = *code;
    for (int64_t step = now - TOTP_WINDOW_STEPS; step <= now + TOTP_WINDOW_STEPS; step++) {
        char right[9];
        if (!totp_code(secret, TOTP_SECRET_BYTES, (uint64_t)step, TOTP_DIGITS, right))
            return error_set(error, ERROR_NO_MEMORY, "no memory to check a code");
        bool equal = hash_equal(right, given, TOTP_DIGITS);
        if (equal && length == TOTP_DIGITS && step > last_step && found < 0) found = step;
    }
    *ret_right = found >= 0;
    if (found >= 0) *ret_step = found;
    return 0;
}

/* All but letters, digits and "-._~" as %XX. */
static size_t escape(const char *text, char *ret_text, size_t size) {
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    size_t length = 0;
    for (; *text && length + 4 < size; text++) {
        if (strchr(plain, *text)) ret_text[length++] = *text;
        else length += (size_t)snprintf(ret_text + length, size - length, "%%%02X",
                                        (unsigned)(unsigned char)*text);
    }
    ret_text[length] = '\0';
    return length;
}

void totp_uri(const uint8_t secret[TOTP_SECRET_BYTES], const char *issuer, const char *account,
              char ret_uri[TOTP_URI_MAX]) {
    char text[TOTP_SECRET_TEXT_MAX], issuer_text[160], account_text[300];
    totp_secret_write(secret, text);
    escape(issuer, issuer_text, sizeof issuer_text);
    escape(account, account_text, sizeof account_text);
    snprintf(ret_uri, TOTP_URI_MAX,
             "otpauth://totp/%s:%s?secret=%s&issuer=%s&algorithm=SHA1&digits=6&period=30",
             issuer_text, account_text, text, issuer_text);
    explicit_bzero(text, sizeof text);
}
