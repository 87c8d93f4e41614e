/* Descriptors as JSON Schema for input and for answers, and answers written by them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message/field.h"
#include "message/json.h"
#include "message/record.h"

static char memory[1024 * 1024];

static void schema_is(const struct field *field, enum language language, const char *prefix,
                      const char *expected) {
    struct scratch scratch;
    struct value schema;
    struct buffer buffer;
    scratch_init(&scratch, memory, sizeof memory);
    assert_true(field_schema(field, language, prefix, &scratch, &schema));
    buffer_init(&buffer, 100000);
    json_write(&schema, 0, &buffer);
    assert_string_equal(buffer.data, expected);
    buffer_done(&buffer);
}

static void test_types(void **state) {
    (void)state;
    static const struct field text = {.name = "postcode", .type = FIELD_TEXT, .required = true,
                                      .pattern = "[0-9]{4}", .length_maximum = 7,
                                      .example = "\"1234\"",
                                      .label = {"Postcode", "Postal code"},
                                      .help = {"Vier cijfers.", "Four digits."}};
    schema_is(&text, LANGUAGE_EN, NULL,
              "{\"title\":\"Postal code\",\"description\":\"Four digits.\",\"type\":\"string\","
              "\"minLength\":1,\"maxLength\":7,\"pattern\":\"^(?:[0-9]{4})$\","
              "\"examples\":[\"1234\"]}");
    static const struct field integer = {.name = "years", .type = FIELD_INTEGER, .minimum = "0",
                                         .maximum = "40"};
    schema_is(&integer, LANGUAGE_NL, NULL,
              "{\"type\":\"integer\",\"minimum\":0,\"maximum\":40}");
    static const struct field decimal = {.name = "x", .type = FIELD_DECIMAL, .minimum = "-0.5"};
    schema_is(&decimal, LANGUAGE_NL, NULL, "{\"type\":\"number\",\"minimum\":-0.5}");
    static const struct field money = {.name = "value", .type = FIELD_MONEY, .minimum = "0",
                                       .maximum = "200000"};
    schema_is(&money, LANGUAGE_EN, NULL,
              "{\"description\":\"Allowed: an amount from 0 to 200000, as a text with at most two "
              "decimals such as \\\"1234.50\\\".\",\"type\":\"string\","
              "\"pattern\":\"^[0-9]{1,15}(?:\\\\.[0-9]{1,2})?$\",\"x-minimum\":\"0\","
              "\"x-maximum\":\"200000\"}");
    static const struct field date = {.name = "born", .type = FIELD_DATE,
                                      .maximum = "2008-11-23", .help = {"Van de houder.", NULL}};
    schema_is(&date, LANGUAGE_NL, NULL,
              "{\"description\":\"Van de houder. Toegestaan: een datum tot en met 2008-11-23, "
              "geschreven als JJJJ-MM-DD.\",\"type\":\"string\",\"format\":\"date\","
              "\"formatMaximum\":\"2008-11-23\",\"x-maximum\":\"2008-11-23\"}");
    static const struct field_choice choices[] = {{"petrol", {"benzine", "petrol"}},
                                                  {"lpg", {NULL, NULL}}};
    static const struct field choice = {.name = "fuel", .type = FIELD_CHOICE, .choices = choices,
                                        .choice_count = 2};
    schema_is(&choice, LANGUAGE_NL, NULL,
              "{\"type\":\"string\",\"enum\":[\"petrol\",\"lpg\"],\"oneOf\":[{\"const\":"
              "\"petrol\",\"title\":\"benzine\"},{\"const\":\"lpg\",\"title\":\"lpg\"}]}");
    static const struct field open = {.name = "answers", .type = FIELD_OPEN};
    schema_is(&open, LANGUAGE_NL, NULL, "{}");
}

static const struct field driver_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .required = true},
    {.name = "premium", .type = FIELD_MONEY, .nullable = true},
};
static const struct field driver = {.name = "driver", .type = FIELD_RECORD, .schema = "Driver",
                                    .fields = driver_fields, .field_count = 2,
                                    .nullable = true};
static const struct field drivers = {.name = "drivers", .type = FIELD_LIST, .fields = &driver,
                                     .length_minimum = 1, .length_maximum = 4};

static void test_records(void **state) {
    (void)state;
    schema_is(&drivers, LANGUAGE_NL, NULL,
              "{\"type\":\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"name\":"
              "{\"type\":\"string\",\"minLength\":1,\"maxLength\":200},\"premium\":{\"type\":"
              "\"string\",\"pattern\":\"^-?[0-9]{1,15}(?:\\\\.[0-9]{1,2})?$\"}},\"required\":"
              "[\"name\"],\"additionalProperties\":false},\"minItems\":1,\"maxItems\":4}");
    schema_is(&drivers, LANGUAGE_NL, "#/components/schemas/",
              "{\"type\":\"array\",\"items\":{\"$ref\":\"#/components/schemas/Driver\"},"
              "\"minItems\":1,\"maxItems\":4}");
}

static void test_answers(void **state) {
    (void)state;
    struct scratch scratch;
    struct value schema;
    struct buffer buffer;
    static const struct field fields[] = {
        {.name = "driver", .type = FIELD_RECORD, .schema = "Driver", .fields = driver_fields,
         .field_count = 2, .nullable = true},
        {.name = "premium", .type = FIELD_MONEY, .nullable = true},
        {.name = "rate", .type = FIELD_DECIMAL, .required = true},
        {.name = "left_out", .type = FIELD_TEXT},
        {.name = "count", .type = FIELD_INTEGER},
        {.name = "drivers", .type = FIELD_LIST, .fields = &driver},
        {.name = "day", .type = FIELD_DATE},
    };
    scratch_init(&scratch, memory, sizeof memory);
    assert_true(field_schema_answer(fields, 3, LANGUAGE_NL, "#/s/", &scratch, &schema));
    buffer_init(&buffer, 100000);
    json_write(&schema, 0, &buffer);
    assert_string_equal(buffer.data,
                        "{\"type\":\"object\",\"properties\":{\"driver\":{\"anyOf\":[{\"$ref\":"
                        "\"#/s/Driver\"},{\"type\":\"null\"}]},\"premium\":{\"anyOf\":[{\"type\":"
                        "\"string\",\"pattern\":\"^-?[0-9]+\\\\.[0-9]{2}$\"},{\"type\":\"null\"}]"
                        "},\"rate\":{\"type\":\"number\"}},\"required\":[\"driver\",\"premium\","
                        "\"rate\"]}");
    struct record record, one;
    struct list list;
    struct decimal rate;
    record_init(&one, &scratch);
    record_set_text(&one, "name", "A \"b\"");
    record_set_cents(&one, "premium", 5);
    record_set_text(&one, "secret", "not in the descriptor");
    list_init(&list, &scratch);
    list_add(&list, record_value(&one));
    assert_true(decimal_parse("1.230", 5, &rate));
    record_init(&record, &scratch);
    record_set(&record, "drivers", list_value(&list));
    record_set_text(&record, "premium", "1234.5");
    record_set(&record, "rate", value_number(rate));
    record_set_text(&record, "count", "12");
    record_set(&record, "day", value_date(2026, 11, 23));
    struct value value = record_value(&record);
    buffer_clear(&buffer);
    field_encode_json(fields, sizeof fields / sizeof *fields, &value, &buffer);
    assert_string_equal(buffer.data,
                        "{\"driver\":null,\"premium\":\"1234.50\",\"rate\":1.23,\"count\":12,"
                        "\"drivers\":[{\"name\":\"A \\\"b\\\"\",\"premium\":\"0.05\"}],"
                        "\"day\":\"2026-11-23\"}");
    buffer_done(&buffer);
    /* Scratch memory of any size either holds the whole schema or fails. */
    bool made = false;
    for (size_t size = 0; size < 20000 && !made; size += 16) {
        scratch_init(&scratch, memory, size);
        made = field_schema_answer(fields, 7, LANGUAGE_NL, "#/s/", &scratch, &schema);
    }
    assert_true(made);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_records),
        cmocka_unit_test(test_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
