/* Codes of authenticator apps: the vectors of RFC 6238 (appendix B, SHA-1), the window, and that no
 * code is taken twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/totp.h"

static const char rfc_secret[] = "12345678901234567890";

static bool match(const uint8_t *secret, const char *code, int64_t now_us, int64_t last,
                  int64_t *ret_step) {
    bool right = false;
    assert_int_equal(totp_match(secret, code, now_us, last, NULL, &right, ret_step), 0);
    return right;
}

static void the_vectors_of_the_rfc_hold(void **state) {
    (void)state;
    static const struct {
        int64_t time_s;
        const char *code;
    } vectors[] = {{59, "94287082"},          {1111111109, "07081804"}, {1111111111, "14050471"},
                   {1234567890, "89005924"},  {2000000000, "69279037"},
                   {INT64_C(20000000000), "65353130"}};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        char code[9];
        totp_code(rfc_secret, 20, totp_step_at(vectors[i].time_s * 1000000), 8, code);
        assert_string_equal(code, vectors[i].code);
        /* Six digits are the last six. */
        totp_code(rfc_secret, 20, totp_step_at(vectors[i].time_s * 1000000), 6, code);
        assert_string_equal(code, vectors[i].code + 2);
    }
}

static void secrets_read_back(void **state) {
    (void)state;
    uint8_t secret[TOTP_SECRET_BYTES], read[TOTP_SECRET_BYTES];
    char text[TOTP_SECRET_TEXT_MAX];
    totp_secret_write((const uint8_t *)rfc_secret, text);
    assert_string_equal(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    for (int i = 0; i < 200; i++) {
        totp_secret_make(secret);
        totp_secret_write(secret, text);
        assert_true(totp_secret_read(text, read));
        assert_memory_equal(secret, read, sizeof secret);
    }
    assert_true(totp_secret_read("gezd gnbv gy3t qojq gezd gnbv gy3t qojq", read));
    assert_memory_equal(read, rfc_secret, sizeof read);
    assert_false(totp_secret_read("", read));
    assert_false(totp_secret_read("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ", read));
    assert_false(totp_secret_read("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQA", read));
    assert_false(totp_secret_read("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", read));
}

/* Security point 4: one step before and after, and each code once. */
static void a_code_is_taken_once_within_its_window(void **state) {
    (void)state;
    const uint8_t *secret = (const uint8_t *)rfc_secret;
    const int64_t now_us = INT64_C(1234567890000000), step = 1234567890 / 30;
    int64_t last = -1;
    char code[9], wrong[16];
    for (int64_t away = -3; away <= 3; away++) {
        totp_code(secret, 20, (uint64_t)(step + away), 6, code);
        bool within = away >= -1 && away <= 1;
        assert_int_equal(match(secret, code, now_us, -1, &last), within);
        if (within) assert_int_equal(last, step + away);
    }
    totp_code(secret, 20, (uint64_t)step, 6, code);
    assert_true(match(secret, code, now_us, step - 1, &last));
    assert_false(match(secret, code, now_us, step, &last));
    assert_false(match(secret, code, now_us, step + 1, &last));
    snprintf(wrong, sizeof wrong, "%.3s %.3s", code, code + 3);
    assert_true(match(secret, wrong, now_us, -1, &last));
    static const char *const none[] = {"", "1", "00000", "0000000", "abcdef", "      "};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(match(secret, none[i], now_us, -1, &last));
    snprintf(wrong, sizeof wrong, "%s0", code);
    assert_false(match(secret, wrong, now_us, -1, &last));
}

static void the_address_says_it_all(void **state) {
    (void)state;
    char uri[TOTP_URI_MAX];
    totp_uri((const uint8_t *)rfc_secret, "Koppel & Zn", "a+b@c.example", uri);
    assert_string_equal(uri, "otpauth://totp/Koppel%20%26%20Zn:a%2Bb%40c.example?secret="
                             "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Koppel%20%26%20Zn"
                             "&algorithm=SHA1&digits=6&period=30");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vectors_of_the_rfc_hold),
        cmocka_unit_test(secrets_read_back),
        cmocka_unit_test(a_code_is_taken_once_within_its_window),
        cmocka_unit_test(the_address_says_it_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
