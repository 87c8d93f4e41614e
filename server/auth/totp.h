/* Codes of authenticator apps: TOTP by RFC 6238, with HMAC-SHA-1, steps of 30 seconds and six
 * digits, which is what every app can do. Pure but for randomness. */
#ifndef KOPPEL_AUTH_TOTP_H
#define KOPPEL_AUTH_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    TOTP_SECRET_BYTES = 20,  /* as long as the hash: RFC 4226, 4 */
    TOTP_SECRET_TEXT_MAX = 33, /* base 32 (RFC 4648) without filling, NUL-terminated */
    TOTP_DIGITS = 6,
    TOTP_STEP_S = 30,
    TOTP_WINDOW_STEPS = 1, /* before and after the present one, for clocks and slow hands */
    TOTP_URI_MAX = 800
};

void totp_secret_make(uint8_t ret_secret[TOTP_SECRET_BYTES]);
void totp_secret_write(const uint8_t secret[TOTP_SECRET_BYTES],
                       char ret_text[TOTP_SECRET_TEXT_MAX]);
/* Small letters and blanks are taken too. False: it is no secret of that length. */
bool totp_secret_read(const char *text, uint8_t ret_secret[TOTP_SECRET_BYTES]);

/* The code of a step, `digits` (6 to 8) long, NUL-terminated. False: no memory. */
bool totp_code(const void *secret, size_t length, uint64_t step, int digits, char ret_code[9]);
uint64_t totp_step_at(int64_t now_us);

/* Is it the code of a step within the window, that is later than `last_step`? Sets that step, which
 * must be kept as the last one, so that no code is taken twice. Blanks within are left out; takes
 * the same time whatever is wrong. ERROR_NO_MEMORY: nothing is known of it. */
int totp_match(const uint8_t secret[TOTP_SECRET_BYTES], const char *code, int64_t now_us,
               int64_t last_step, struct error *error, bool *ret_right, int64_t *ret_step);

/* What the QR code says: otpauth://totp/ISSUER:ACCOUNT?… */
void totp_uri(const uint8_t secret[TOTP_SECRET_BYTES], const char *issuer, const char *account,
              char ret_uri[TOTP_URI_MAX]);

#endif
