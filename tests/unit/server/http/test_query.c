/* Query strings, languages, encodings, and pages by address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/assets.h"
#include "http/encoding.h"
#include "http/language.h"
#include "http/query.h"

static char memory[64 * 1024];

static int read_query(const char *query, struct value_entry *entries, struct query_fault *fault) {
    struct scratch scratch;
    int count = 0;
    scratch_init(&scratch, memory, sizeof memory);
    return query_read(query, &scratch, fault, entries, &count) ? count : -1;
}

static void test_parameters(void **state) {
    (void)state;
    struct value_entry entries[QUERY_PARAMETERS_MAX];
    struct query_fault fault;
    assert_int_equal(read_query(NULL, entries, &fault), 0);
    assert_int_equal(read_query("", entries, &fault), 0);
    assert_int_equal(read_query("&&", entries, &fault), 0);
    assert_int_equal(read_query("a=1&b=%C3%A9+x&c&d==", entries, &fault), 4);
    assert_memory_equal(entries[1].value.text, "\xc3\xa9 x", 4);
    assert_int_equal(entries[1].value.length, 4);
    assert_int_equal(entries[2].value.length, 0);
    assert_memory_equal(entries[3].value.text, "=", 1);
    static const char *const bad[] = {"=1", "a=%", "a=%0", "a=%00", "a=%ff", "%ff=1", "a=1&a=2",
                                      "a=1&%61=2"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(read_query(bad[i], entries, &fault), -1);
    assert_string_equal(fault.pointer, "/a");
    assert_string_equal(fault.code, "duplicate_parameter");
}

static void test_no_room(void **state) {
    (void)state;
    struct value_entry entries[QUERY_PARAMETERS_MAX];
    struct query_fault fault;
    struct scratch scratch;
    char small[16];
    int count = 0;
    scratch_init(&scratch, small, sizeof small);
    assert_false(query_read("aaaaaaaaaaaaaaaaaaaaaaaa=1", &scratch, &fault, entries, &count));
    char many[1024];
    size_t length = 0;
    for (int i = 0; i < QUERY_PARAMETERS_MAX + 1; i++)
        length += (size_t)snprintf(many + length, sizeof many - length, "a%d=1&", i);
    assert_int_equal(read_query(many, entries, &fault), -1);
    assert_string_equal(fault.code, "too_many_parameters");
}

static void test_pointers(void **state) {
    (void)state;
    char pointer[FIELD_POINTER_MAX], name[FIELD_POINTER_MAX * 2];
    query_pointer("a~b/c", 5, pointer);
    assert_string_equal(pointer, "/a~0b~1c");
    memset(name, '~', sizeof name);
    query_pointer(name, sizeof name, pointer);
    assert_true(strlen(pointer) < FIELD_POINTER_MAX);
}

static void test_languages(void **state) {
    (void)state;
    static const struct {
        const char *asked;
        enum language wanted;
    } cases[] = {{NULL, LANGUAGE_NL},          {"", LANGUAGE_NL},
                 {"en", LANGUAGE_EN},          {"en-US,en;q=0.9,nl;q=0.8", LANGUAGE_EN},
                 {"de,fr", LANGUAGE_NL},       {"de, en;q=0.001", LANGUAGE_EN},
                 {"en;q=0", LANGUAGE_NL},      {"en;q=0.5,nl;q=0.5", LANGUAGE_EN},
                 {"english", LANGUAGE_NL},     {"en;q=1.001", LANGUAGE_NL},
                 {"en;q=", LANGUAGE_NL},       {"en;q=0.5x,nl;q=0.1", LANGUAGE_NL},
                 {";;;q=,en", LANGUAGE_EN},    {"en;q=0.1234, nl;q=0.1", LANGUAGE_NL},
                 {"nl;q=0.5,*;q=0.9", LANGUAGE_NL}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(language_choose(cases[i].asked), cases[i].wanted);
}

static void test_assets(void **state) {
    (void)state;
    const struct asset *dutch = asset_find("/developers", LANGUAGE_NL);
    const struct asset *english = asset_find("/developers", LANGUAGE_EN);
    assert_non_null(dutch);
    assert_non_null(english);
    assert_ptr_not_equal(dutch, english);
    const struct asset_form *plain = &dutch->forms[ENCODING_PLAIN];
    assert_true(plain->length > 100);
    assert_memory_equal(plain->bytes, "<!doctype", 9);
    assert_int_equal(plain->bytes[plain->length - 1], '\n');
    /* A page has no compressed form that could be sent by mistake. */
    assert_null(dutch->forms[ENCODING_GZIP].bytes);
    assert_null(dutch->forms[ENCODING_BROTLI].bytes);
    assert_false(dutch->immutable);
    assert_null(asset_find("/../etc/passwd", LANGUAGE_NL));
    assert_null(asset_find("", LANGUAGE_NL));
}

/* The script that the shell loads: its name carries a digest, so it is read from the shell. */
static void test_compressed_assets(void **state) {
    (void)state;
    const struct asset_form *shell = &asset_find_shell("/", LANGUAGE_NL)->forms[ENCODING_PLAIN];
    const char *name = memmem(shell->bytes, shell->length, "/assets/main-", 13);
    assert_non_null(name);
    char address[64] = "";
    size_t length = strcspn(name, "\"");
    assert_in_range(length, 1, sizeof address - 1);
    memcpy(address, name, length);
    const struct asset *script = asset_find(address, LANGUAGE_NL);
    assert_non_null(script);
    assert_true(script->immutable);
    const struct asset_form *plain = &script->forms[ENCODING_PLAIN];
    const struct asset_form *gzip = &script->forms[ENCODING_GZIP];
    const struct asset_form *brotli = &script->forms[ENCODING_BROTLI];
    assert_memory_equal(gzip->bytes, "\x1f\x8b", 2);
    assert_true(gzip->length < plain->length);
    assert_true(brotli->length < gzip->length);
    assert_string_not_equal(gzip->tag, plain->tag);
    assert_string_not_equal(gzip->tag, brotli->tag);
}

static void test_shell(void **state) {
    (void)state;
    const struct asset *shell = asset_find_shell("/", LANGUAGE_EN);
    assert_non_null(shell);
    assert_int_equal(shell->language, LANGUAGE_EN);
    static const char *const paths[] = {"/quotes", "/quotes/", "/quotes/qte_1/accept", "/login"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_ptr_equal(asset_find_shell(paths[i], LANGUAGE_EN), shell);
    static const char *const others[] = {"", "//", "//quotes", "/quote", "/quotess", "/api/v1/x",
                                         "/shell.en.html", "/Quotes"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_null(asset_find_shell(others[i], LANGUAGE_EN));
}

static void test_encodings(void **state) {
    (void)state;
    static const struct {
        const char *asked;
        enum encoding wanted;
    } cases[] = {{NULL, ENCODING_PLAIN},
                 {"", ENCODING_PLAIN},
                 {"gzip", ENCODING_GZIP},
                 {"GZip, deflate", ENCODING_GZIP},
                 {"x-gzip", ENCODING_GZIP},
                 {"gzip, deflate, br, zstd", ENCODING_BROTLI},
                 {"br;q=0.5, gzip", ENCODING_GZIP},
                 {"br;q=0, gzip;q=0", ENCODING_PLAIN},
                 {"*", ENCODING_BROTLI},
                 {"br;q=0, *", ENCODING_GZIP},
                 {"*;q=0", ENCODING_PLAIN},
                 {"identity, gzip;q=0.5", ENCODING_PLAIN},
                 {"identity;q=0, br;q=0, gzip;q=0", ENCODING_PLAIN},
                 {"gzip;q=2", ENCODING_PLAIN},
                 {"brotli", ENCODING_PLAIN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(encoding_choose(cases[i].asked), cases[i].wanted);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters), cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_pointers), cmocka_unit_test(test_languages),
        cmocka_unit_test(test_assets), cmocka_unit_test(test_compressed_assets),
        cmocka_unit_test(test_shell),
        cmocka_unit_test(test_encodings)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
