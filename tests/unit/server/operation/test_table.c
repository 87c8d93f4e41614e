/* Paths to rows of the table, and the document that describes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "message/api_version.h"
#include "message/json.h"
#include "table.h"

static char memory[32 * 1024 * 1024];

static void finds(const char *method, const char *path, const char *name, const char *id) {
    struct scratch scratch;
    char allowed[64];
    struct value fields;
    const struct operation *operation;
    scratch_init(&scratch, memory, sizeof memory);
    int rc = operation_find(method, path, &scratch, allowed, &fields, &operation);
    if (rc != 0) fail_msg("%s %s: %d", method, path, rc);
    assert_string_equal(operation->name, name);
    if (id) assert_string_equal(record_get_text(&fields, "id", &scratch), id);
    else assert_int_equal(fields.length, 0);
}

static void misses(const char *method, const char *path, int expected, const char *methods) {
    struct scratch scratch;
    char allowed[64] = "";
    struct value fields;
    const struct operation *operation;
    scratch_init(&scratch, memory, sizeof memory);
    int rc = operation_find(method, path, &scratch, allowed, &fields, &operation);
    if (rc != expected) fail_msg("%s %s: %d", method, path, rc);
    assert_string_equal(allowed, methods);
}

static void test_find(void **state) {
    (void)state;
    finds("GET", "/notes", "ListNotes", NULL);
    finds("POST", "/notes", "MakeNote", NULL);
    finds("GET", "/notes/a%2Fb%C3%A9", "GetNote", "a/bé");
    finds("GET", "/notes/a+b", "GetNote", "a+b");
    finds("GET", "/notes/newest", "GetNewest", NULL);
    finds("GET", "/n%6Ftes", "ListNotes", NULL);
    finds("GET", "/notes/x/text", "GetText", "x");
    finds("DELETE", "/notes/x", "RemoveNote", "x");
    misses("PUT", "/notes", ERROR_INVALID, "POST, GET");
    misses("POST", "/notes/x", ERROR_INVALID, "GET, DELETE");
    misses("get", "/notes", ERROR_INVALID, "POST, GET");
    misses("GET", "/", ERROR_NOT_FOUND, "");
    misses("GET", "", ERROR_NOT_FOUND, "");
    misses("GET", "notes", ERROR_NOT_FOUND, "");
    misses("GET", "/notes/", ERROR_NOT_FOUND, "");
    misses("GET", "//notes", ERROR_NOT_FOUND, "");
    misses("GET", "/notes/x/texts", ERROR_NOT_FOUND, "");
    misses("GET", "/notes/%00", ERROR_NOT_FOUND, "");
    misses("GET", "/notes/%C3", ERROR_NOT_FOUND, "");
    misses("GET", "/notes/%zz", ERROR_NOT_FOUND, "");
    misses("GET", "/notes/%4", ERROR_NOT_FOUND, "");
    misses("GET", "/notes/\xC0\x80", ERROR_NOT_FOUND, "");
    misses("GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r", ERROR_NOT_FOUND, "");
    char path[2000] = "/notes/";
    memset(path + 7, 'x', 1000);
    misses("GET", path, ERROR_NOT_FOUND, "");
}

static const struct value *at_path(const struct value *value, const char *const *names) {
    for (; *names; names++) {
        value = record_get(value, *names);
        if (!value) fail_msg("no %s", *names);
    }
    return value;
}
#define AT(value, ...) at_path(value, (const char *const[]){__VA_ARGS__, NULL})

static bool says(const struct value *text, const char *expected) {
    return text->kind == VALUE_TEXT && text->length == strlen(expected) &&
           memcmp(text->text, expected, text->length) == 0;
}

static bool text_in_list(const struct value *list, const char *text) {
    for (uint32_t at = 0; at < list->length; at++) {
        if (says(&list->items[at], text)) return true;
    }
    return false;
}

/* Every reference in the document leads somewhere. */
static void check_references(const struct value *root, const struct value *value) {
    if (value->kind == VALUE_LIST) {
        for (uint32_t at = 0; at < value->length; at++) check_references(root, &value->items[at]);
    }
    if (value->kind != VALUE_CONTEXT) return;
    const struct value *target = value_entry_find(value, "$ref", 4);
    if (target && target->kind == VALUE_TEXT) {
        char path[200];
        const struct value *at = root;
        (void)snprintf(path, sizeof path, "%.*s", (int)target->length, target->text);
        for (char *part = path + 2; part && at; ) {
            char *end = strchr(part, '/');
            if (end) *end = '\0';
            at = record_get(at, part);
            part = end ? end + 1 : NULL;
        }
        if (!at) fail_msg("leads nowhere: %.*s", (int)target->length, target->text);
    }
    for (uint32_t at = 0; at < value->length; at++) {
        check_references(root, &value->entries[at].value);
    }
}

static void test_openapi(void **state) {
    (void)state;
    struct buffer buffer;
    struct scratch scratch;
    struct json_fault fault;
    struct value root;
    struct json_limits limits = {.depth = 100, .values = 100000};
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        buffer_init(&buffer, OPENAPI_MAX_BYTES);
        openapi_write("https://koppel.example", (enum language)language, api_version_count - 1,
                      NULL, 0, &buffer);
        assert_false(buffer.failed);
        scratch_init(&scratch, memory, sizeof memory);
        if (json_read(buffer.data, buffer.length, &limits, &scratch, &fault, &root) != 0) {
            fail_msg("%s", fault.en);
        }
        const char *file = getenv("OPENAPI_FILE");
        FILE *out = file ? fopen(file, "w") : NULL;
        if (out) {
            (void)fwrite(buffer.data, 1, buffer.length, out);
            (void)fclose(out);
        }
        buffer_done(&buffer);
        check_references(&root, &root);
        assert_true(says(AT(&root, "openapi"), "3.1.0"));
        const struct value *make = AT(&root, "paths", "/notes", "post");
        assert_true(says(AT(make, "operationId"), "MakeNote"));
        assert_true(says(AT(make, "summary"),
                         language == LANGUAGE_EN ? "Makes a note" : "Maakt een notitie"));
        assert_true(text_in_list(AT(make, "x-problem-codes"), "product_not_allowed"));
        assert_non_null(AT(make, "responses", "201", "content", "application/json", "schema"));
        assert_non_null(AT(make, "responses", "429"));
        const struct value *schema = AT(&root, "components", "schemas", "MakeNoteRequest");
        assert_true(text_in_list(AT(schema, "required"), "id"));
        assert_false(record_get_boolean(schema, "additionalProperties", true));
        schema = AT(&root, "components", "schemas", "MakeNoteAnswer");
        assert_true(text_in_list(AT(schema, "required"), "amount"));
        assert_null(record_get(schema, "additionalProperties"));
        assert_non_null(AT(&root, "components", "schemas", "Part", "properties", "code"));
        const struct value *get = AT(&root, "paths", "/notes/{id}", "get");
        assert_true(says(AT(&AT(get, "parameters")->items[0], "in"), "path"));
        assert_true(says(AT(&AT(&root, "paths", "/notes", "get", "parameters")->items[0], "in"),
                         "query"));
        assert_null(record_get(AT(&root, "paths"), "/notes/{id}/text"));
        const struct value *remove = AT(&root, "paths", "/notes/{id}", "delete");
        assert_null(record_get(AT(remove, "responses", "204"), "content"));
        assert_true(record_get_boolean(remove, "deprecated", false));
        assert_true(says(AT(remove, "x-sunset"), "2027-01-01"));
        assert_non_null(AT(remove, "responses", "204", "headers", "Deprecation"));
        assert_non_null(AT(remove, "responses", "204", "headers", "Sunset"));
        assert_null(record_get(get, "deprecated"));
        assert_null(record_get(get, "x-sunset"));
        assert_null(record_get(AT(get, "responses", "200", "headers"), "Deprecation"));
    }
    /* A buffer that is too small fails as a whole. */
    buffer_init(&buffer, 1000);
    openapi_write("https://koppel.example", LANGUAGE_NL, api_version_count - 1, NULL, 0, &buffer);
    assert_true(buffer.failed);
    buffer_done(&buffer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_openapi),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
