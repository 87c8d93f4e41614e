/* The versions of the API: their order, and dates that stores and callers bring. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message/api_version.h"

static void test_dates(void **state) {
    (void)state;
    assert_in_range(api_version_count, 1, API_VERSIONS_MAX);
    for (int at = 0; at < api_version_count; at++) {
        int version = -1;
        assert_int_equal(strlen(api_version_date(at)), API_VERSION_MAX - 1);
        assert_true(at == 0 || strcmp(api_version_date(at - 1), api_version_date(at)) < 0);
        assert_true(api_version_read(api_version_date(at), &version));
        assert_int_equal(version, at);
        assert_int_equal(api_version_stored(api_version_date(at)), at);
    }
}

static void test_unknown(void **state) {
    (void)state;
    int version = 77;
    static const char *const wrong[] = {"", "2026-11-22", "2026-11-25", "2026-11-2", "2026-11-233",
                                        "9999-12-31", " 2026-11-23", "latest", "2026\xC3"};
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++)
        assert_false(api_version_read(wrong[at], &version));
    assert_int_equal(version, 77);
}

/* What another program wrote into the store. */
static void test_stored(void **state) {
    (void)state;
    assert_int_equal(api_version_stored("9999-12-31"), api_version_count - 1);
    assert_int_equal(api_version_stored("2000-01-01"), 0);
}

static void test_list(void **state) {
    (void)state;
    char list[API_VERSION_LIST_MAX];
    api_version_list(list);
    const char *newest = api_version_date(api_version_count - 1);
    assert_int_equal(strncmp(list, newest, strlen(newest)), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_stored),
        cmocka_unit_test(test_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
