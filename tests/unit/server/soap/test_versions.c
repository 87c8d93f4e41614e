/* A namespace is a promise: what steps change for dated versions of the JSON API would change for
 * the SOAP services as well, which do not go through them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message/api_version.h"
#include "soap/contract.h"

static void test_steps_are_of_no_service(void **state) {
    (void)state;
    const struct operation *operation;
    struct contract contract;
    contract_init(&contract, "https://koppel.example", "", 0);
    for (int version = 0; version < api_version_count; version++) {
        for (int at = 0; at < api_versions[version].step_count; at++) {
            const char *name = api_versions[version].steps[at].operation;
            assert_non_null(operation_find_named(name));
            assert_false(contract_find(&contract, name, strlen(name), &operation));
        }
    }
    assert_true(contract_find(&contract, "GetQuote", strlen("GetQuote"), &operation));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_steps_are_of_no_service)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
