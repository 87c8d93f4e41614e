/* The headers of what goes: Deprecation (RFC 9745), Sunset (RFC 8594), the link to the log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/json_entrance.h"

enum { HEADERS_MAX = 4096 };

static const struct operation going = {.deprecated_on = "2026-07-01", .sunset_on = "2027-01-01"};
static const struct operation staying = {.name = "GetNote"};

static void expect(const struct operation *operation, struct retirement retirement,
                   const char *expected) {
    static struct workspace space;
    struct exchange exchange = {.space = &space};
    buffer_init(&space.headers, HEADERS_MAX);
    json_entrance_retirement(&exchange, operation, &retirement);
    assert_string_equal(space.headers.data ? space.headers.data : "", expected);
    buffer_done(&space.headers);
}

static void test_headers(void **state) {
    (void)state;
    expect(&going, operation_retirement(&going),
           "Deprecation: @1782856800\r\n"
           "Sunset: Thu, 31 Dec 2026 23:00:00 GMT\r\n"
           "Link: </api/v1/changes>; rel=\"deprecation\"; type=\"application/json\"\r\n");
    /* Of a product's interface, which the log does not tell of; and with no end yet. */
    expect(&staying, (struct retirement){.deprecated_us = 1795388400999999},
           "Deprecation: @1795388400\r\n");
    expect(NULL, (struct retirement){.sunset_us = 1798758000000000},
           "Sunset: Thu, 31 Dec 2026 23:00:00 GMT\r\n");
    expect(&staying, operation_retirement(&staying), "");
    expect(NULL, (struct retirement){0}, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_headers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
