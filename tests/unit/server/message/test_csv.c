/* CSV as spreadsheets write it, read and written: separators, quotes, marks, formulas, damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "message/csv.h"

/* The records as "line:cell/cell|", then the error's text, if any. */
static void assert_records(const char *text, size_t length, const char *expected) {
    char found[2000] = "";
    struct error error = {0};
    struct csv_reader *reader = NULL;
    const struct csv_record *record;
    size_t at = 0;
    char *copy = malloc(length ? length : 1);
    int status;
    memcpy(copy, text, length);
    assert_int_equal(csv_reader_new(copy, length, &error, &reader), 0);
    while ((status = csv_next(reader, &error, &record)) > 0) {
        at += (size_t)snprintf(found + at, sizeof found - at, "%lld:", (long long)record->line);
        for (int i = 0; i < record->count; i++) {
            assert_int_equal(strlen(record->cells[i].text), record->cells[i].length);
            at += (size_t)snprintf(found + at, sizeof found - at, "%s%s", i ? "/" : "",
                                   record->cells[i].text);
        }
        at += (size_t)snprintf(found + at, sizeof found - at, "|");
    }
    if (status < 0) snprintf(found + at, sizeof found - at, "%s", error.text);
    assert_string_equal(found, expected);
    csv_reader_free(reader);
    free(copy);
}

#define RECORDS(text, expected) assert_records(text, sizeof(text) - 1, expected)

static void test_forms(void **state) {
    (void)state;
    RECORDS("", "");
    RECORDS("a", "1:a|");
    RECORDS("a,b\n1,2\n", "1:a/b|2:1/2|");
    RECORDS("a;b\r\n1,5;2\r\n", "1:a/b|2:1,5/2|");
    RECORDS("a\tb\n1\t\n", "1:a/b|2:1/|");
    RECORDS("\xEF\xBB\xBF" "a;b\n1;2", "1:a/b|2:1/2|");
    RECORDS("sep=;\r\na,x;b\r\n1;2", "2:a,x/b|3:1/2|");
    RECORDS("\"a;b\",c\n1,2", "1:a;b/c|2:1/2|");
    RECORDS("a,b\n\"x,\"\"y\"\"\r\nz\",\"\"\n3,4", "1:a/b|2:x,\"y\"\r\nz/|4:3/4|");
    RECORDS("a,b\n\n,\n , \n1,2\n\n", "1:a/b|4: / |5:1/2|");
    RECORDS("a,b\n1\n1,2,3", "1:a/b|2:1|3:1/2/3|");
    RECORDS("a,b\n'=x,'-5", "1:a/b|2:=x/'-5|");
    RECORDS("a,b\n''=x,'''x", "1:a/b|2:'=x/'''x|");
    RECORDS("\r\n\na;b\n1,5;2\n", "3:a/b|4:1,5/2|");
    RECORDS("sep=,\na;b,c\n", "2:a;b/c|");
    RECORDS("a,b\n\xC3\xA9,x\ry", "1:a/b|2:\xC3\xA9/x\ry|");
}

static void test_damage(void **state) {
    (void)state;
    RECORDS("a,b\n1,\"x\n2,3\n",
            "1:a/b|line 2: a quote (\") opens here and is never closed: close it");
    RECORDS("a\n\"x\"y", "1:a|line 2: a cell goes on behind its closing quote: double the quotes "
                         "within a cell");
    RECORDS("a\nx\"y\"", "1:a|line 2: a quote (\") stands within a cell: put the whole cell in "
                         "quotes and double those within");
    RECORDS("a\n\xE9t\xE9", "1:a|line 2: this is not UTF-8: save the sheet as \"CSV UTF-8\"");
    RECORDS("sep=\0\na\0b", "line 1: this is not UTF-8: save the sheet as \"CSV UTF-8\"");
    RECORDS("a\nx\0y", "1:a|line 2: this is not UTF-8: save the sheet as \"CSV UTF-8\"");
    char *large = malloc(CSV_RECORD_MAX_BYTES + 10);
    memset(large, 'x', CSV_RECORD_MAX_BYTES + 10);
    assert_records(large, CSV_RECORD_MAX_BYTES - 1 + 2,
                   "line 1: this row has more than 262144 bytes: is a quote (\") not closed?");
    memset(large, ',', CSV_COLUMNS_MAX);
    assert_records(large, CSV_COLUMNS_MAX, "line 1: more than 1024 columns");
    free(large);
}

static void test_reader_tells(void **state) {
    (void)state;
    struct error error = {0};
    struct csv_reader *reader = NULL;
    assert_int_equal(csv_reader_new("\xEF\xBB\xBF" "a;b,c;d", 10, &error, &reader), 0);
    assert_int_equal(csv_separator(reader), ';');
    assert_true(csv_has_mark(reader));
    csv_reader_free(reader);
    assert_int_equal(csv_reader_new("a", 1, &error, &reader), 0);
    assert_int_equal(csv_separator(reader), ',');
    assert_false(csv_has_mark(reader));
    csv_reader_free(reader);
}

static void assert_cell(const char *text, char separator, const char *expected) {
    struct buffer buffer;
    struct error error = {0};
    struct csv_reader *reader = NULL;
    const struct csv_record *record;
    buffer_init(&buffer, 1000);
    csv_write_cell(text, strlen(text), separator, true, &buffer);
    assert_string_equal(buffer.data ? buffer.data : "", expected);
    /* What was written reads back as it was. */
    csv_write_cell("end", 3, separator, false, &buffer);
    csv_write_cell("end", 3, separator, false, &buffer);
    csv_write_end(&buffer);
    assert_int_equal(csv_reader_new(buffer.data, buffer.length, &error, &reader), 0);
    assert_int_equal(csv_next(reader, &error, &record), 1);
    assert_int_equal(record->count, 3);
    assert_string_equal(record->cells[0].text, text);
    csv_reader_free(reader);
    buffer_done(&buffer);
}

static void test_writing(void **state) {
    (void)state;
    assert_cell("", ';', "");
    assert_cell("plain", ';', "plain");
    assert_cell("a;b", ';', "\"a;b\"");
    assert_cell("a;b", ',', "a;b");
    assert_cell("a \"b\"", ',', "\"a \"\"b\"\"\"");
    assert_cell("two\r\nlines", ',', "\"two\r\nlines\"");
    assert_cell("'=1+1", ',', "''=1+1");
    assert_cell("''@x", ',', "'''@x");
    assert_cell("'5", ',', "'5");
    assert_cell(" blank", ',', "\" blank\"");
    assert_cell("=1+1", ',', "'=1+1");
    assert_cell("@x;y", ';', "\"'@x;y\"");
    assert_cell("+31 6", ',', "'+31 6");
    assert_cell("-5", ',', "-5");
    assert_cell("-1.234,50", ';', "-1.234,50");
    assert_cell("-2+3", ',', "'-2+3");
    assert_cell("-", ',', "'-");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms), cmocka_unit_test(test_damage),
                                       cmocka_unit_test(test_reader_tells),
                                       cmocka_unit_test(test_writing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
