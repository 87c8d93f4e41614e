/* XML to values and back by descriptors, and what is refused before and by the parser. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "message/json.h"
#include "message/record.h"
#include "message/xml_field.h"

static char memory[4 * 1024 * 1024];
static struct scratch scratch;
static struct field_faults faults;

static const struct field_choice fuels[] = {{"petrol", {"benzine", "petrol"}},
                                            {"diesel", {"diesel", "diesel"}}};
static const struct field driver_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .required = true},
    {.name = "born", .type = FIELD_DATE}};
static const struct field driver = {.name = "driver", .type = FIELD_RECORD,
                                    .fields = driver_fields, .field_count = 2,
                                    .schema = "Driver"};
static const struct field habit = {.name = "habit", .type = FIELD_CHOICE, .choices = fuels,
                                   .choice_count = 2};
static const struct field fields[] = {
    {.name = "years", .type = FIELD_INTEGER, .minimum = "0", .maximum = "40"},
    {.name = "value", .type = FIELD_MONEY, .label = {"Waarde < 5", "Value < 5"}},
    {.name = "fuel", .type = FIELD_CHOICE, .choices = fuels, .choice_count = 2, .required = true},
    {.name = "alarm", .type = FIELD_BOOLEAN, .nullable = true},
    {.name = "drivers", .type = FIELD_LIST, .fields = &driver, .field_count = 1},
    {.name = "habits", .type = FIELD_LIST, .fields = &habit, .field_count = 1},
    {.name = "remark", .type = FIELD_TEXT, .length_maximum = 1000},
    {.name = "answers", .type = FIELD_OPEN}};
enum { FIELD_COUNT = sizeof fields / sizeof *fields };

static const struct xml_node *read_tree(const char *text) {
    struct xml_fault fault;
    const struct xml_node *root = NULL;
    scratch_init(&scratch, memory, sizeof memory);
    if (xml_tree_read(text, strlen(text), NULL, &scratch, &fault, &root) != 0)
        fail_msg("%s: %s", text, fault.en);
    return root;
}

static struct value decode(const char *text) {
    struct value value = value_null();
    const struct xml_node *root = read_tree(text);
    const struct xml_decoding decoding = {.namespace = "urn:t", .language = LANGUAGE_EN,
                                          .scratch = &scratch, .faults = &faults};
    field_faults_clear(&faults);
    assert_true(field_decode_xml(&decoding, fields, FIELD_COUNT, root, &value));
    return value;
}

static void decodes(const char *text, const char *expected) {
    struct buffer buffer;
    struct value value = decode(text);
    if (faults.count > 0) fail_msg("%s: %s", text, faults.items[0].message);
    buffer_init(&buffer, 1 << 20);
    json_write(&value, 0, &buffer);
    assert_string_equal(buffer.data, expected);
    buffer_done(&buffer);
}

static void faulty(const char *text, const char *pointer, const char *code) {
    (void)decode(text);
    if (faults.count != 1) fail_msg("%s: %d faults", text, faults.count);
    assert_string_equal(faults.items[0].pointer, pointer);
    assert_string_equal(faults.items[0].code, code);
    assert_true(strlen(faults.items[0].message) > 10);
}

#define T(content) "<t xmlns='urn:t' xmlns:i='" XML_INSTANCE "'>" content "</t>"

static void test_decode(void **state) {
    (void)state;
    decodes("<t xmlns='urn:t'/>", "{}");
    decodes(T("<years> 5 </years>\n<fuel>petrol</fuel>"),
            "{\"years\":\" 5 \",\"fuel\":\"petrol\"}");
    decodes(T("<x:years xmlns:x='urn:t'>5</x:years>"
              "<remark xmlns=''>a&amp;<![CDATA[<b>]]></remark>"),
            "{\"years\":\"5\",\"remark\":\"a&<b>\"}");
    decodes(T("<alarm i:nil='true'/><remark i:nil='0'/>"), "{\"alarm\":null,\"remark\":\"\"}");
    decodes(T("<drivers><driver><name>A</name></driver><driver/></drivers>"),
            "{\"drivers\":[{\"name\":\"A\"},{}]}");
    decodes(T("<drivers>\n<driver>\n </driver>\n</drivers>"), "{\"drivers\":[{}]}");
    decodes(T("<drivers/>"), "{\"drivers\":[]}");
    decodes(T("<habits><habit>petrol</habit></habits>"), "{\"habits\":[\"petrol\"]}");
    decodes(T("<habits>petrol</habits>"), "{\"habits\":\"petrol\"}");
    decodes(T("<unknown>1</unknown><years><a/></years>"), "{\"unknown\":\"1\",\"years\":{}}");
    decodes(T("<answers><answer name='a'>1</answer><answer name='b'>2</answer>"
              "<answer name='a'>3</answer><record name='r'><answer name='x'>4</answer></record>"
              "<answer name='n' i:nil='1'/></answers>"),
            "{\"answers\":{\"a\":[\"1\",\"3\"],\"b\":\"2\",\"r\":[{\"x\":\"4\"}],\"n\":null}}");
    decodes(T("<answers/>"), "{\"answers\":{}}");
}

static void test_faults(void **state) {
    (void)state;
    faulty(T("<years>1</years><years>2</years>"), "/years", "repeated");
    faulty(T("<years xmlns='urn:o'>1</years>"), "/years", "wrong_namespace");
    faulty(T("<years>1</years>text"), "", "unexpected_text");
    faulty(T("<drivers><chauffeur/></drivers>"), "/drivers/chauffeur", "unknown");
    faulty(T("<drivers><driver>x<name>A</name></driver></drivers>"), "/drivers/0",
           "unexpected_text");
    faulty(T("<answers><years>5</years></answers>"), "/answers", "unknown");
    faulty(T("<answers><answer>5</answer></answers>"), "/answers", "unknown");
    faulty(T("<answers><answer name='a'><b/></answer></answers>"), "/answers", "unknown");
    faulty(T("<answers>text</answers>"), "/answers", "unknown");
    faulty(T("<answers><record name='r'><record name='s'/></record></answers>"), "/answers/r/0",
           "unknown");
}

static void refused(const char *text, size_t length, const char *charset, const char *code) {
    struct xml_fault fault = {.code = ""};
    const struct xml_node *root = NULL;
    scratch_init(&scratch, memory, sizeof memory);
    int status = xml_tree_read(text, length, charset, &scratch, &fault, &root);
    if (status != ERROR_INVALID) fail_msg("%s: %d", text, status);
    assert_string_equal(fault.code, code);
    assert_true(strlen(fault.nl) > 10 && strlen(fault.en) > 10);
    assert_null(root);
}
#define REFUSED(text, charset, code) refused(text, sizeof(text) - 1, charset, code)

static void test_refused(void **state) {
    (void)state;
    REFUSED("", NULL, "malformed");
    REFUSED("<a", NULL, "malformed");
    REFUSED("<a>", NULL, "malformed");
    REFUSED("<a></b>", NULL, "malformed");
    REFUSED("<a b='1' b='2'/>", NULL, "malformed");
    REFUSED("<p:a/>", NULL, "malformed");
    REFUSED("<a>&b;</a>", NULL, "malformed");
    REFUSED("<!DOCTYPE a><a/>", NULL, "document_type");
    REFUSED("<a><?b c?></a>", NULL, "processing_instruction");
    REFUSED("<a>\0</a>", NULL, "control_character");
    REFUSED("<a>\xFF</a>", NULL, "not_utf8");
    REFUSED("<a/>", "utf-16", "encoding");
    REFUSED("<a/>", "koi8-r", "encoding");
    REFUSED("<?xml version='1.0' encoding='utf-16'?><a/>", NULL, "encoding");
    REFUSED("\xFF\xFE<\0a\0/\0>", "utf-16", "encoding");
    REFUSED("\xFF\xFE\x00\xD8<\0a\0/\0>\0", NULL, "not_utf8");
}

static void test_encodings(void **state) {
    (void)state;
    static const char *const good[] = {"<a>\xC3\xA9</a>", "\xEF\xBB\xBF<a>\xC3\xA9</a>",
                                       "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE9</a>"};
    for (size_t at = 0; at < sizeof good / sizeof *good; at++) {
        const struct xml_node *root = read_tree(good[at]);
        assert_string_equal(root->text, "\xC3\xA9");
    }
    static const char wide[] = "\xFE\xFF\0<\0a\0>\x01\x53\xD8\x3D\xDE\x00\0<\0/\0a\0>";
    struct xml_fault fault;
    const struct xml_node *root = NULL;
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(xml_tree_read(wide, sizeof wide - 1, "UTF-16", &scratch, &fault, &root), 0);
    assert_string_equal(root->text, "\xC5\x93\xF0\x9F\x98\x80");
}

/* Every amount of memory but the last is too little, and leaves nothing behind. */
static void test_little_scratch(void **state) {
    (void)state;
    static const char text[] = "<a b='c' xmlns='urn:x'><d>e</d><f/></a>";
    struct xml_fault fault;
    const struct xml_node *root = NULL;
    for (size_t size = 16; !root; size += 16) {
        scratch_init(&scratch, memory, size);
        int status = xml_tree_read(text, sizeof text - 1, NULL, &scratch, &fault, &root);
        assert_true(status == 0 || status == ERROR_TOO_LARGE);
        assert_true(size < 4096);
    }
}

static void test_encode(void **state) {
    (void)state;
    struct record record, one;
    struct list drivers;
    struct buffer buffer;
    scratch_init(&scratch, memory, sizeof memory);
    record_init(&record, &scratch);
    record_init(&one, &scratch);
    list_init(&drivers, &scratch);
    record_set_text(&one, "name", "A & \"B\" <c>\r\x01\xFF");
    list_add(&drivers, record_value(&one));
    record_set_cents(&record, "value", 512345);
    record_set_integer(&record, "years", 7);
    record_set_text(&record, "alarm", NULL);
    record_set(&record, "drivers", list_value(&drivers));
    record_set(&record, "answers", list_value(&drivers));
    struct value value = record_value(&record);
    buffer_init(&buffer, 1 << 20);
    field_encode_xml(fields, FIELD_COUNT, &value, &buffer);
    assert_false(buffer.failed);
    assert_non_null(strstr(buffer.data, "<years>7</years><value>5123.45</value>"));
    assert_non_null(strstr(buffer.data, "<alarm xsi:nil=\"true\"/>"));
    assert_non_null(strstr(buffer.data, "<drivers><driver><name>A &amp; &quot;B&quot; &lt;c&gt;"
                                        "&#13;\xEF\xBF\xBD\xEF\xBF\xBD</name></driver></drivers>"));
    assert_non_null(strstr(buffer.data, "<answers>[{&quot;name&quot;:"));
    assert_null(strstr(buffer.data, "<fuel>"));
    buffer_done(&buffer);
}

static void test_bytes(void **state) {
    (void)state;
    static const struct field picture[] = {
        {.name = "picture", .type = FIELD_BINARY, .required = true, .length_maximum = 9}};
    struct value_entry entry = {
        .name = "picture", .name_length = 7, .value = value_text("\0<&\xff", 4)};
    struct value record = value_context(&entry, 1);
    struct buffer buffer;
    struct xml_schema schema = {.buffer = &buffer, .language = LANGUAGE_EN};
    buffer_init(&buffer, 1 << 16);
    field_encode_xml(picture, 1, &record, &buffer);
    assert_string_equal(buffer.data, "<picture>ADwm/w==</picture>");
    buffer_clear(&buffer);
    field_schema_xml(&schema, picture, 1);
    assert_non_null(strstr(buffer.data, "type=\"xs:base64Binary\""));
    buffer_done(&buffer);
}

static void test_schema(void **state) {
    (void)state;
    struct buffer buffer;
    struct xml_schema schema = {.buffer = &buffer, .language = LANGUAGE_EN};
    buffer_init(&buffer, 1 << 20);
    field_schema_xml(&schema, fields, FIELD_COUNT);
    field_schema_xml_types(&schema);
    assert_false(buffer.failed);
    const char *const wanted[] = {
        "<xs:element name=\"fuel\"><xs:simpleType><xs:restriction base=\"xs:string\">"
        "<xs:enumeration value=\"petrol\"/>",
        "<xs:documentation xml:lang=\"en\">Value &lt; 5</xs:documentation>",
        "<xs:fractionDigits value=\"2\"/>",
        "<xs:minInclusive value=\"0\"/><xs:maxInclusive value=\"40\"/>",
        "<xs:element name=\"driver\" minOccurs=\"0\" maxOccurs=\"unbounded\" type=\"tns:Driver\">",
        "<xs:complexType name=\"Driver\"><xs:sequence><xs:element name=\"name\"",
        "type=\"tns:Answers\""};
    for (size_t at = 0; at < sizeof wanted / sizeof *wanted; at++)
        if (!strstr(buffer.data, wanted[at])) fail_msg("no %s in %s", wanted[at], buffer.data);
    buffer_done(&buffer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode),    cmocka_unit_test(test_faults),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_little_scratch), cmocka_unit_test(test_encode),
        cmocka_unit_test(test_schema), cmocka_unit_test(test_bytes)};
    return cmocka_run_group_tests_name("message_xml", tests, NULL, NULL);
}
