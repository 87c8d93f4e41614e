/* What the WSDL says of operations and services that go, by a table of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "soap/wsdl.h"
#include "tests/unit/server/operation/table.h"

enum { TEXT_MAX = 1024 * 1024, US_PER_S = 1000000 };

static char memory[1024 * 1024];
static const struct retirement retirement = {
    .deprecated_us = 1795388400LL * US_PER_S, /* 2026-11-23 in Amsterdam */
    .sunset_us = 1813356000LL * US_PER_S};    /* 2027-06-19 */

static void write(const struct retirement *of_service, enum language language,
                  struct buffer *text) {
    struct scratch scratch;
    struct contract contract;
    scratch_init(&scratch, memory, sizeof memory);
    contract_init(&contract, "https://koppel.example", "", 0);
    if (of_service) contract.retirement = *of_service;
    buffer_init(text, TEXT_MAX);
    assert_true(wsdl_write(&contract, SOAP_1_1, language, &scratch, text));
    assert_false(text->failed);
}

static int count_of(const char *text, const char *part) {
    int count = 0;
    while ((text = strstr(text, part))) {
        count++;
        text++;
    }
    return count;
}

static void test_operation(void **state) {
    (void)state;
    struct buffer text;
    write(NULL, LANGUAGE_EN, &text);
    assert_non_null(strstr(text.data, "<wsdl:operation name=\"RemoveNote\"><wsdl:documentation>"
                                      "Removes a note. Deprecated since 2026-07-01. Ends on "
                                      "2027-01-01</wsdl:documentation>"));
    assert_int_equal(count_of(text.data, "Deprecated since"), 1);
    assert_null(strstr(text.data, "newer edition"));
    buffer_done(&text);
    write(NULL, LANGUAGE_NL, &text);
    assert_non_null(strstr(text.data, "Wist een notitie. Verouderd sinds 2026-07-01. Eindigt op "
                                      "2027-01-01</wsdl:documentation>"));
    buffer_done(&text);
}

static void test_service(void **state) {
    (void)state;
    struct buffer text;
    write(&retirement, LANGUAGE_EN, &text);
    assert_non_null(strstr(text.data, "<wsdl:portType name=\"QuotePort\">\n<wsdl:documentation>"
                                      "There is a newer edition of the questions. Deprecated since "
                                      "2026-11-23. Ends on 2027-06-19</wsdl:documentation>"));
    buffer_done(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operation),
        cmocka_unit_test(test_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
