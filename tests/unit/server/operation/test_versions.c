/* Which version of the API a call speaks, and what it tells of an operation that goes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dispatched.h"
#include "message/api_version.h"

static const char *version_of(struct asked asked) {
    static struct answer answer;
    ask(asked, &answer, NULL);
    return answer.version;
}

/* The key's own, unless another is asked for; none when it is not known who asks. */
static void test_version(void **state) {
    (void)state;
    const char *newest = api_version_date(api_version_count - 1), *oldest = api_version_date(0);
    struct asked asked = {"ListNotes", secret, NULL, NULL, "{}"};
    assert_string_equal(version_of(asked), newest);
    asked_version = oldest;
    assert_string_equal(version_of(asked), oldest);
    asked_version = NULL;
    assert_string_equal(
        version_of((struct asked){"GetNote", NULL, NULL, NULL, "{\"id\":\"a\"}"}), newest);
    assert_string_equal(version_of((struct asked){"ImportNote", secret, NULL, NULL, "{}"}), newest);
    assert_null(version_of((struct asked){"ListNotes", wrong_key, NULL, NULL, "{}"}));
    static const char *const unknown[] = {"", "latest", "2026-11-22", "9999-01-01", "2026-11-23 "};
    for (size_t at = 0; at < sizeof unknown / sizeof *unknown; at++) {
        asked_version = unknown[at];
        expect(asked, 400, "unknown_version");
        assert_null(version_of(asked));
    }
    /* Nothing is done, and the same key then does it. */
    asked = (struct asked){"MakeNote", secret, NULL, "of-a-version", "{\"id\":\"a\"}"};
    asked_version = "1999";
    int before = deeds;
    expect(asked, 400, "unknown_version");
    assert_int_equal(deeds, before);
    asked_version = newest;
    expect(asked, 201, "");
    assert_int_equal(deeds, before + 1);
    asked_version = NULL;
}

/* What goes says so, also when it is refused. */
static void test_retirement(void **state) {
    (void)state;
    static struct answer answer;
    static const int64_t summer_us = 1782856800000000, winter_us = 1798758000000000;
    const char *const keys_tried[] = {secret, wrong_key};
    for (int at = 0; at < 2; at++) {
        ask((struct asked){"RemoveNote", keys_tried[at], NULL, NULL, "{\"id\":\"a\"}"},
            &answer, NULL);
        assert_int_equal(answer.status, at == 0 ? 204 : 401);
        assert_int_equal(answer.retirement.deprecated_us, summer_us); /* 22:00 UTC */
        assert_int_equal(answer.retirement.sunset_us, winter_us);     /* 23:00 UTC */
    }
    ask((struct asked){"ListNotes", secret, NULL, NULL, "{}"}, &answer, NULL);
    assert_int_equal(answer.retirement.deprecated_us, 0);
    assert_int_equal(answer.retirement.sunset_us, 0);
    struct retirement joined = {.deprecated_us = 5};
    retirement_join(&joined, &(struct retirement){.deprecated_us = 7, .sunset_us = 9});
    assert_int_equal(joined.deprecated_us, 5);
    assert_int_equal(joined.sunset_us, 9);
    retirement_join(&joined, &(struct retirement){.sunset_us = 8});
    assert_int_equal(joined.sunset_us, 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_version),
        cmocka_unit_test(test_retirement),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
