/* Columns of a spreadsheet as answers: which names are known, how cells are read, and how faults
 * find their column back. The questions are this file's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "domain/answer_columns.h"
#include "message/json.h"

static const struct product_question child_questions[] = {
    {.name = "born_on", .type = QUESTION_DATE}, {.name = "sports", .type = QUESTION_BOOLEAN}};
static const struct product_question questions[] = {
    {.name = "value", .type = QUESTION_MONEY},
    {.name = "weight", .type = QUESTION_DECIMAL},
    {.name = "years", .type = QUESTION_INTEGER},
    {.name = "from", .type = QUESTION_DATE},
    {.name = "alone", .type = QUESTION_BOOLEAN},
    {.name = "name", .type = QUESTION_TEXT},
    {.name = "covers", .type = QUESTION_CHOICES},
    {.name = "family", .type = QUESTION_RECORDS, .questions = child_questions,
     .question_count = 2}};
static const struct product_info info = {.name = "pet", .questions = questions,
                                         .question_count = 8};
static const char *const ignored[] = {"status", "name", NULL};

static struct answer_columns columns;
static struct csv_reader *reader;
static struct error error;

/* Reads a header and stands before its rows. */
static int open_sheet(const char *text) {
    const struct csv_record *header;
    error_clear(&error);
    csv_reader_free(reader);
    reader = NULL;
    assert_int_equal(csv_reader_new(text, strlen(text), &error, &reader), 0);
    assert_int_equal(csv_next(reader, &error, &header), 1);
    int status = answer_columns_read(header, csv_separator(reader), ignored, &info, &error,
                                     &columns);
    return status ? status : answer_columns_known(&columns, &info, &error);
}

static void assert_refused(const char *header, const char *text) {
    assert_int_equal(open_sheet(header), ERROR_INVALID);
    if (!strstr(error.text, text)) fail_msg("%s: %s", header, error.text);
}

static void assert_answers(const char *sheet, const struct product_info *of,
                           const char *expected) {
    static char memory[1 << 16];
    struct scratch scratch;
    struct buffer json;
    struct value answers;
    const struct csv_record *row;
    if (open_sheet(sheet) != 0) fail_msg("%s", error.text);
    assert_int_equal(csv_next(reader, &error, &row), 1);
    scratch_init(&scratch, memory, sizeof memory);
    assert_true(answer_columns_answers(&columns, row, of, &scratch, &answers));
    buffer_init(&json, sizeof memory);
    json_write(&answers, 0, &json);
    assert_string_equal(json.data, expected);
    buffer_done(&json);
}

static void test_headers(void **state) {
    (void)state;
    assert_int_equal(
        open_sheet("value,covers.2,covers,family.10.born_on,#mine,#mine,status,product"), 0);
    assert_int_equal(columns.items[4].kind, COLUMN_IGNORED);
    assert_int_equal(columns.items[6].kind, COLUMN_IGNORED);
    assert_int_equal(columns.items[7].kind, COLUMN_PRODUCT);
    assert_int_equal(open_sheet("name,value"), 0);
    assert_int_equal(columns.items[0].kind, COLUMN_ANSWER); /* a question goes before */
    assert_refused("value,colour,family.1.age", "colour, family.1.age");
    assert_refused("value,value", "two columns value");
    assert_refused("value,,from", "column 2 has no name");
    assert_refused("family.0.born_on", "name.1");
    assert_refused("family.x", "name.1");
    assert_refused("family.1.", "name.1");
    assert_refused("family.1.born_on.2", "name.1");
    assert_refused("family.101.born_on", "to 100");
    assert_refused("family.99999999999999999999.born_on", "to 100");
    assert_refused(".1", "name.1");
    assert_refused("family", "family");
    assert_refused("value.1", "value.1");
}

static void test_numbers(void **state) {
    (void)state;
    assert_answers("value;weight;years\n1.234.567,50;0,5;12", &info,
                   "{\"value\":\"1234567.50\",\"weight\":\"0.5\",\"years\":\"12\"}");
    assert_answers("value;weight;years\n1234.50;1,2,3;1.23,4", &info,
                   "{\"value\":\"1234.50\",\"weight\":\"1,2,3\",\"years\":\"1.23,4\"}");
    /* Points alone divide thousands where no decimals can stand behind them. */
    assert_answers("value;weight;years\n28.500;1.225;-1.234.567", &info,
                   "{\"value\":\"28500\",\"weight\":\"1.225\",\"years\":\"-1234567\"}");
    assert_answers("value;years\n0.500;1.2345", &info,
                   "{\"value\":\"0.500\",\"years\":\"1.2345\"}");
    assert_answers("value;years\n1234.500;.500", &info,
                   "{\"value\":\"1234.500\",\"years\":\".500\"}");
    assert_answers("value;years\n1.234.5;1..234", &info,
                   "{\"value\":\"1.234.5\",\"years\":\"1..234\"}");
    assert_answers("value,years\n28.500,1.225", &info,
                   "{\"value\":\"28.500\",\"years\":\"1.225\"}");
    /* With commas between columns a comma in a number is not ours to guess about. */
    assert_answers("value,weight\n\"1,5\",2.5", &info, "{\"value\":\"1,5\",\"weight\":\"2.5\"}");
    assert_answers("name;value\n1,5;1", &info, "{\"name\":\"1,5\",\"value\":\"1\"}");
}

static void test_dates_and_words(void **state) {
    (void)state;
    assert_answers("from;alone\n31-12-2026;Ja", &info,
                   "{\"from\":\"2026-12-31\",\"alone\":\"true\"}");
    assert_answers("from;alone\n1-2-2026;ONWAAR", &info,
                   "{\"from\":\"2026-02-01\",\"alone\":\"false\"}");
    assert_answers("from;alone\n2026-12-31;1", &info, "{\"from\":\"2026-12-31\",\"alone\":\"1\"}");
    assert_answers("from;alone\n1/2/2026;misschien", &info,
                   "{\"from\":\"1/2/2026\",\"alone\":\"misschien\"}");
    assert_answers("from;name\n1-2-26;31-12-2026", &info,
                   "{\"from\":\"1-2-26\",\"name\":\"31-12-2026\"}");
}

static void test_lists(void **state) {
    (void)state;
    assert_answers("covers,name\na; b |c,x", &info,
                   "{\"covers\":[\"a\",\"b\",\"c\"],\"name\":\"x\"}");
    assert_answers("covers.1,covers.2,covers.3,name\na,,c,x", &info,
                   "{\"covers\":[\"a\",\"c\"],\"name\":\"x\"}");
    assert_answers("family.1.born_on,family.1.sports,name,family.2.born_on,family.3.sports\n"
                   "1-2-2000,nee,x,2001-01-01,", &info,
                   "{\"family\":[{\"born_on\":\"2000-02-01\",\"sports\":\"false\"},"
                   "{\"born_on\":\"2001-01-01\"}],\"name\":\"x\"}");
    assert_answers("family.1.born_on,family.2.born_on\n,2001-01-01", &info,
                   "{\"family\":[{},{\"born_on\":\"2001-01-01\"}]}");
    assert_answers("name,covers,value\n,,5\n", &info, "{\"value\":\"5\"}");
    assert_answers("value;from\n1,5;31-12-2026", NULL,
                   "{\"value\":\"1,5\",\"from\":\"31-12-2026\"}");
}

static void assert_place(const char *pointer, const char *expected) {
    char name[40];
    answer_columns_place(pointer, sizeof name, name);
    assert_string_equal(name, expected);
}

static void test_places(void **state) {
    (void)state;
    assert_place("/answers/postcode", "postcode");
    assert_place("/answers/family/0/born_on", "family.1.born_on");
    assert_place("/effective_date", "effective_date");
    assert_place("", "");
    assert_place("/answers/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                 "aaaaaaaaaaaaaaaaaaaaaaaa");
}

static int done(void **state) {
    (void)state;
    csv_reader_free(reader);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers), cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_dates_and_words), cmocka_unit_test(test_lists),
        cmocka_unit_test(test_places)};
    return cmocka_run_group_tests(tests, NULL, done);
}
