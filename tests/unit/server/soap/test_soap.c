/* The small parts of the SOAP entrance: paths and namespaces, actions, credentials, envelopes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "soap/action.h"
#include "soap/credential.h"
#include "soap/envelope.h"

static char memory[256 * 1024];
static struct scratch scratch;

static void test_paths(void **state) {
    (void)state;
    char product[PRODUCT_CODE_MAX] = "x";
    assert_true(contract_path("quote", product));
    assert_string_equal(product, "");
    assert_true(contract_path("quote/auto", product));
    assert_string_equal(product, "auto");
    static const char *const none[] = {"", "quot", "quotes", "quote/", "quote/a/b", "quote/a%2Fb",
                                       "quote/0123456789012345678901234567890123456789012345678901"
                                       "234567890123456789"};
    for (size_t at = 0; at < sizeof none / sizeof *none; at++)
        assert_false(contract_path(none[at], product));
    assert_string_equal(product, "auto");
}

static void test_namespaces(void **state) {
    (void)state;
    assert_int_equal(contract_interface_of("auto", "urn:koppel:quote:auto:i1"), 1);
    assert_int_equal(contract_interface_of("auto", "urn:koppel:quote:auto:i12"), 12);
    static const char *const none[] = {"", "urn:koppel:quote:v1", "urn:koppel:quote:auto:i",
                                       "urn:koppel:quote:auto:i0", "urn:koppel:quote:auto:i01",
                                       "urn:koppel:quote:auto:i-1", "urn:koppel:quote:auto:i1x",
                                       "urn:koppel:quote:auto:i99999999999999999999",
                                       "urn:koppel:quote:reis:i1"};
    for (size_t at = 0; at < sizeof none / sizeof *none; at++)
        assert_int_equal(contract_interface_of("auto", none[at]), 0);
}

static void test_parameters(void **state) {
    (void)state;
    char value[16];
    action_parameter("text/xml; charset=utf-8", "charset", value, sizeof value);
    assert_string_equal(value, "utf-8");
    action_parameter("a/b;action=\"x;charset=y\" ; Charset = 'z'", "charset", value, sizeof value);
    assert_string_equal(value, "");
    action_parameter("a/b;action=\"x;charset=y\";CHARSET=\"z\"", "charset", value, sizeof value);
    assert_string_equal(value, "z");
    action_parameter("a/b; charset=01234567890123456789", "charset", value, sizeof value);
    assert_string_equal(value, "");
    action_parameter(NULL, "charset", value, sizeof value);
    assert_string_equal(value, "");
    assert_true(action_type_fits(NULL));
    assert_true(action_type_fits("Text/XML;charset=utf-8"));
    assert_true(action_type_fits("application/soap+xml"));
    assert_false(action_type_fits("text/xmlx"));
    assert_false(action_type_fits("multipart/related; type=\"text/xml\""));
}

static void test_actions(void **state) {
    (void)state;
    static const char *const good[] = {"", "\"\"", "GetQuote", "\"urn:x#GetQuote\"",
                                       "urn:x/GetQuote",
                                       "'urn:GetQuote'", "https://elsewhere/"};
    for (size_t at = 0; at < sizeof good / sizeof *good; at++)
        assert_true(action_agrees(good[at], NULL, "GetQuote"));
    assert_true(action_agrees(NULL, "application/soap+xml; action=\"urn:x#GetQuote\"", "GetQuote"));
    assert_false(action_agrees(NULL, "application/soap+xml; action=\"x#GetProduct\"", "GetQuote"));
    assert_false(action_agrees("\"urn:x#GetProduct\"", NULL, "GetQuote"));
}

static void reads(const char *authorization, const char *expected) {
    size_t length = 99;
    scratch_init(&scratch, memory, sizeof memory);
    const char *key = credential_read(authorization, &scratch, &length);
    assert_string_equal(key, expected);
    assert_int_equal(length, strlen(expected));
}

static void test_credentials(void **state) {
    (void)state;
    size_t length = 99;
    assert_null(credential_read(NULL, &scratch, &length));
    reads("Bearer sk_1", "sk_1");
    reads("bearer  sk_1", "sk_1");
    reads("Basic azpza18x", "sk_1");     /* k:sk_1 */
    reads("basic c2tfMTo=", "sk_1");     /* sk_1: */
    reads("Basic c2tfMQ==", "");         /* sk_1, without a colon */
    reads("Basic", "");
    reads("Basic a", "");
    reads("Basic ====", "");
    reads("Digest x", "");
    reads("", "");
}

static void refused(const char *text, enum soap_fault_kind kind, enum soap_version version) {
    struct xml_fault bad;
    const struct xml_node *root = NULL;
    struct envelope envelope;
    struct envelope_fault fault;
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(xml_tree_read(text, strlen(text), NULL, &scratch, &bad, &root), 0);
    assert_false(envelope_read(root, &envelope, &fault));
    assert_int_equal(fault.kind, kind);
    assert_int_equal(envelope.version, version);
    assert_true(*fault.code && *fault.nl && *fault.en);
}

#define E11(content) "<e:Envelope xmlns:e='" SOAP_1_1_NAMESPACE "'>" content "</e:Envelope>"
#define E12(content) "<e:Envelope xmlns:e='" SOAP_1_2_NAMESPACE "'>" content "</e:Envelope>"

static void test_envelopes(void **state) {
    (void)state;
    static const char good[] = E12("<e:Header><a e:mustUnderstand='0'/><b e:mustUnderstand='1' "
                                   "e:role='urn:other'/></e:Header><e:Body><c/></e:Body>");
    struct xml_fault bad;
    const struct xml_node *root = NULL;
    struct envelope envelope;
    struct envelope_fault fault;
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(xml_tree_read(good, sizeof good - 1, NULL, &scratch, &bad, &root), 0);
    assert_true(envelope_read(root, &envelope, &fault));
    assert_int_equal(envelope.version, SOAP_1_2);
    assert_string_equal(envelope.call->name, "c");
    refused("<Envelope/>", FAULT_VERSION, SOAP_1_1);
    refused("<a/>", FAULT_SENDER, SOAP_1_1);
    refused(E12(""), FAULT_SENDER, SOAP_1_2);
    refused(E11("<e:Body/>"), FAULT_SENDER, SOAP_1_1);
    refused(E11("<e:Body><a/></e:Body><e:Body><a/></e:Body>"), FAULT_SENDER, SOAP_1_1);
    refused(E11("<e:Header><a e:mustUnderstand=' true '/></e:Header><e:Body><a/></e:Body>"),
            FAULT_MUST_UNDERSTAND, SOAP_1_1);
    refused(E11("<e:Header><a e:mustUnderstand='1' e:actor='http://schemas.xmlsoap.org/soap/actor/"
                "next'/></e:Header><e:Body><a/></e:Body>"), FAULT_MUST_UNDERSTAND, SOAP_1_1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_paths),   cmocka_unit_test(test_namespaces),
        cmocka_unit_test(test_parameters), cmocka_unit_test(test_actions),
        cmocka_unit_test(test_credentials), cmocka_unit_test(test_envelopes)};
    return cmocka_run_group_tests_name("soap", tests, NULL, NULL);
}
