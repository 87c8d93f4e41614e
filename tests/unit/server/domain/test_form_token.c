/* Tokens of public forms: good for a while, not at once, and for no other form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "domain/form_token.h"
#include "tests/unit/server/domain/fixture.h"

static const int64_t second = 1000000, made_us = INT64_C(1790000000000000);

static void test_moments(void **state) {
    const struct fixture *fixture = *state;
    const struct people *people = fixture->service->people;
    char token[FORM_TOKEN_MAX];
    form_token_make(people, "test", made_us, token);
    assert_int_equal(form_token_read(people, "test", token, made_us), FORM_TOKEN_SOON);
    assert_int_equal(form_token_read(people, "test", token, made_us + 3 * second - 1),
                     FORM_TOKEN_SOON);
    assert_int_equal(form_token_read(people, "test", token, made_us + 3 * second),
                     FORM_TOKEN_GOOD);
    assert_int_equal(form_token_read(people, "test", token, made_us + 12 * 3600 * second),
                     FORM_TOKEN_GOOD);
    assert_int_equal(form_token_read(people, "test", token, made_us + 12 * 3600 * second + 1),
                     FORM_TOKEN_LATE);
    assert_int_equal(form_token_read(people, "other", token, made_us + 10 * second),
                     FORM_TOKEN_WRONG);
}

static void test_any_change_is_seen(void **state) {
    const struct fixture *fixture = *state;
    const struct people *people = fixture->service->people;
    char token[FORM_TOKEN_MAX + 1];
    form_token_make(people, "test", made_us, token);
    size_t length = strlen(token);
    for (size_t i = 0; i < length; i++) {
        char was = token[i];
        token[i] = was == '1' ? '2' : '1';
        assert_int_equal(form_token_read(people, "test", token, made_us + 10 * second),
                         FORM_TOKEN_WRONG);
        token[i] = '\0';
        assert_int_equal(form_token_read(people, "test", token, made_us + 10 * second),
                         FORM_TOKEN_WRONG);
        token[i] = was;
    }
    memcpy(token + length, "0", 2);
    assert_int_equal(form_token_read(people, "test", token, made_us + 10 * second),
                     FORM_TOKEN_WRONG);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_moments),
                                       cmocka_unit_test(test_any_change_is_seen)};
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
