/* The moment at which the form was given, and a keyed hash of it. */
#include "domain/form_token.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PURPOSE_MAX = 80, INSTANT_DIGITS_MAX = 18 };
static const int64_t microseconds = 1000000;

static void token_write(const struct people *people, const char *form, int64_t at_us,
                        char ret_token[FORM_TOKEN_MAX]) {
    char purpose[PURPOSE_MAX], instant[24], mac[PEOPLE_MAC_MAX];
    snprintf(purpose, sizeof purpose, "form %.60s", form);
    snprintf(instant, sizeof instant, "%" PRId64, at_us);
    people_mac(people, purpose, instant, mac);
    snprintf(ret_token, FORM_TOKEN_MAX, "%.20s.%.64s", instant, mac);
}

void form_token_make(const struct people *people, const char *form, int64_t now_us,
                     char ret_token[FORM_TOKEN_MAX]) {
    token_write(people, form, now_us, ret_token);
}

enum form_token_answer form_token_read(const struct people *people, const char *form,
                                       const char *token, int64_t now_us) {
    char expected[FORM_TOKEN_MAX];
    size_t digits = strspn(token, "0123456789");
    if (!digits || digits > INSTANT_DIGITS_MAX || token[digits] != '.') return FORM_TOKEN_WRONG;
    int64_t at_us = strtoll(token, NULL, 10);
    token_write(people, form, at_us, expected);
    if (strlen(token) != strlen(expected) || !hash_equal(token, expected, strlen(expected)))
        return FORM_TOKEN_WRONG;
    if (now_us - at_us < FORM_SECONDS_MIN * microseconds) return FORM_TOKEN_SOON;
    return now_us - at_us > FORM_HOURS_MAX * 3600 * microseconds ? FORM_TOKEN_LATE
                                                                 : FORM_TOKEN_GOOD;
}
