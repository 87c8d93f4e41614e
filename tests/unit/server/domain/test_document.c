/* Documents of products: what a folder's check refuses, which text a reader gets, and that a
 * version stays usable when the program's schema of products changes, but not when its files do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/document.h"
#include "fixture.h"

/* ---- the check ------------------------------------------------------------------------------ */
static struct product_folder pet;
static struct problems problems;

/* The pet's folder with the text of one file in place of another, or without it (text NULL). */
static void check(const char *name, const char *text, size_t length) {
    struct product_files files = {0};
    struct product_proof proof;
    struct error error = {0};
    bool found = false;
    for (int i = 0; i < pet.files.count; i++) {
        struct source file = pet.files.items[i];
        bool same = strcmp(file.name, name) == 0;
        found |= same;
        if (same && !text) continue;
        if (same) file = (struct source){.name = file.name, .text = text, .length = length};
        files.items[files.count++] = file;
    }
    if (!found)
        files.items[files.count++] =
            (struct source){.name = name, .text = text, .length = length};
    memset(&problems, 0, sizeof problems);
    product_files_prove(&files, 1780000000000000, &problems, &error, &proof);
    product_free(proof.product);
}

static void refused(const char *name, const char *text, int line, const char *part) {
    check(name, text, text ? strlen(text) : 0);
    assert_true(problems.errors > 0);
    const struct problem *problem = &problems.items[0];
    if (!strstr(problem->text, part) || problem->line != line)
        print_message("%s:%d: %s\n", problem->file, problem->line, problem->text);
    assert_non_null(strstr(problem->text, part));
    assert_int_equal(problem->line, line);
}

#define NL "documents/terms.nl.md"
#define EN "documents/terms.en.md"

static void test_sound(void **state) {
    (void)state;
    static const char *const texts[] = {
        "Eén alinea.", "\xEF\xBB\xBFMet een teken vooraan.",
        "## Een\r\n\r\n### Twee\r\n\r\n## Drie",
        "[Elders](https://example.org/a?b=c) of [bel](tel:+31301234567).",
        "<https://example.org> en <wij@example.org>", "Kleiner: a &lt; b, en 1 < 2."};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        check(NL, texts[i], strlen(texts[i]));
        if (problems.errors) print_message("%s: %s\n", texts[i], problems.items[0].text);
        assert_int_equal(problems.errors, 0);
    }
}

static void test_missing_and_unused(void **state) {
    (void)state;
    refused(NL, NULL, 68, "there is no file documents/terms.nl.md");
    assert_string_equal(problems.items[0].file, "product.xml");
    assert_string_equal(problems.items[0].place, "document terms");
    refused(EN, NULL, 68, "title in English");
    refused("documents/other.nl.md", "Tekst", 1, "no document of product.xml has this text");
    refused("documents/terms.md", "Tekst", 1, "no document of product.xml");
    refused("documents/terms.de.md", "Text", 1, "no document of product.xml");
}

static void test_texts_that_no_page_can_show(void **state) {
    (void)state;
    refused(NL, "", 1, "empty");
    refused(NL, " \n\n\t\n", 1, "empty");
    refused(NL, "Een\nt\xE9l\n", 2, "UTF-8");
    refused(NL, "Een\n\ntwee\xF0\x9F", 3, "UTF-8");
    refused(NL, "Een\x07", 1, "control character (7)");
    check(NL, "a\nb\0c", 5);
    assert_non_null(strstr(problems.items[0].text, "control character (0)"));
    assert_int_equal(problems.items[0].line, 2);
    refused(NL, "# Titel\n", 1, "begin the headings with ##");
    refused(NL, "Tekst\n\nTitel\n=====\n", 3, "begin the headings with ##");
    refused(NL, "## Een\n\n#### Vier\n", 3, "level 4");
    refused(NL, "### Drie\n", 1, "level 3");
    refused(NL, "Een\n\n<script>alert(1)</script>\n", 3, "HTML");
    refused(NL, "Een\n\nTwee <b>vet</b>\n", 3, "HTML");
    refused(NL, "Een\n\n<!-- later -->\n", 3, "HTML");
    refused(NL, "![Foto](https://example.org/a.png)\n", 1, "no pictures");
    refused(NL, "[Hier](javascript:alert(1))\n", 1, "javascript:alert(1) leads nowhere");
    refused(NL, "[Hier](conditions.pdf)\n", 1, "leads nowhere");
    char *large = calloc(1, DOCUMENT_TEXT_MAX_BYTES + 2);
    assert_non_null(large);
    memset(large, 'a', DOCUMENT_TEXT_MAX_BYTES);
    check(NL, large, DOCUMENT_TEXT_MAX_BYTES);
    assert_int_equal(problems.errors, 0);
    large[DOCUMENT_TEXT_MAX_BYTES] = 'a';
    refused(NL, large, 0, "over 256 KiB");
    memset(large, '>', DOCUMENT_TEXT_MAX_BYTES); /* deep, and not too large */
    large[DOCUMENT_TEXT_MAX_BYTES - 1] = 'a';
    large[DOCUMENT_TEXT_MAX_BYTES] = '\0';
    check(NL, large, DOCUMENT_TEXT_MAX_BYTES);
    free(large);
}

static void test_addresses_elsewhere(void **state) {
    (void)state;
    const struct source *product = NULL;
    static const char title[] = "<title><nl>Voorwaarden</nl><en>Terms</en></title>";
    for (int i = 0; i < pet.files.count; i++)
        if (strcmp(pet.files.items[i].name, "product.xml") == 0) product = &pet.files.items[i];
    assert_non_null(product);
    const char *at = strstr(product->text, title) + sizeof title - 1;
    char *changed = calloc(1, product->length + 200);
    assert_non_null(changed);
    static const struct {
        const char *url, *part;
        int line;
    } cases[] = {
        {"<url><nl>/documents/pet/nl.pdf</nl></url>", "no whole address", 68},
        {"<url><nl>http://example.org/a</nl></url>", "no whole address", 68},
        {"<url><nl>https://example.org/a</nl><en>x</en></url>", "x is no whole address", 68},
        {"<url><nl>https://example.org/a</nl></url>", "has this text", 1}}; /* files unused */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(changed, product->length + 200, "%.*s%s%s", (int)(at - product->text),
                 product->text, cases[i].url, at);
        refused("product.xml", changed, cases[i].line, cases[i].part);
    }
    free(changed);
}

/* ---- reading -------------------------------------------------------------------------------- */
static int open_one(struct fixture *fixture, const char *code, int number, enum language language,
                    bool exactly, struct document *ret_document) {
    struct error error = {0};
    struct document_request request = {.product = "pet", .number = number, .code = code,
                                       .language = language, .exactly = exactly};
    return document_open(fixture->service, &request, &error, ret_document);
}

static void test_opens(void **state) {
    struct fixture *fixture = *state;
    struct document document = {0};
    char address[DOCUMENT_ADDRESS_MAX];
    assert_int_equal(open_one(fixture, "terms", 1, LANGUAGE_EN, true, &document), 0);
    assert_non_null(strstr(document.text, "How we insure"));
    assert_int_equal(document.length, strlen(document.text));
    assert_string_equal(document.version->id, fixture->version_id);
    document_address("https://a.example", document.version, document.about, LANGUAGE_NL, address,
                     sizeof address);
    assert_string_equal(address, "https://a.example/documents/pet/1/terms.nl");
    document_address("https://a.example", document.version, document.about, LANGUAGE_NL, address,
                     sizeof "https://a.example/documents/p");
    assert_string_equal(address, "https://a.example/documents/p");
    document_close(fixture->service, &document);
    assert_int_equal(open_one(fixture, "terms", 1, LANGUAGE_NL, false, &document), 0);
    assert_non_null(strstr(document.text, "Zo verzekeren wij"));
    document_close(fixture->service, &document);
    assert_int_equal(open_one(fixture, "conditions", 1, LANGUAGE_NL, false, &document),
                     ERROR_NOT_FOUND);
    assert_int_equal(open_one(fixture, "terms", 2, LANGUAGE_NL, false, &document),
                     ERROR_NOT_FOUND);
}

/* ---- versions and the schema ---------------------------------------------------------------- */
static int number_in_force(struct fixture *fixture, const char *date) {
    const struct product_version *version = NULL;
    struct error error = {0};
    assert_int_equal(catalogue_find(fixture->service->catalogue, "pet", date, clock_now_us(),
                                    &error, &version), 0);
    int number = version->number;
    catalogue_release(fixture->service->catalogue, version);
    return number;
}

/* The pet's product.xml with an attribute that the program's schema does not know (any more);
 * free() it. */
static char *unknown_attribute(void) {
    const char *whole = NULL, *at;
    char *text = NULL;
    for (int i = 0; i < pet.files.count; i++)
        if (strcmp(pet.files.items[i].name, "product.xml") == 0) whole = pet.files.items[i].text;
    assert_non_null(whole);
    at = strstr(whole, " interface=\"2\"");
    assert_non_null(at);
    assert_true(asprintf(&text, "%.*s colour=\"red\"%s", (int)(at - whole), whole, at) > 0);
    return text;
}

static void publish_unknown(struct fixture *fixture, const char *from, char ret_id[ID_MAX]) {
    struct error error = {0};
    struct product_files files = pet.files;
    struct product_version version;
    char *changed = unknown_attribute();
    for (int i = 0; i < files.count; i++)
        if (strcmp(files.items[i].name, "product.xml") == 0)
            files.items[i] = (struct source){
                .name = "product.xml", .text = changed, .length = strlen(changed)};
    assert_int_equal(product_files_hash(&files, &error), 0);
    struct publication publication = {.files = &files,
                                      .product = "pet",
                                      .interface = 2,
                                      .effective_from = from,
                                      .known_from_us = clock_now_us()};
    assert_int_equal(catalogue_publish_known(fixture->service->db, &publication, &error, &version),
                     0);
    memcpy(ret_id, version.id, ID_MAX);
    free(changed);
}

static int tamper_body(struct db_tx *tx, void *context, struct error *error) {
    return db_run(tx, error, NULL,
                  "update product_file set content = $2"
                  " where version_id = $1 and name = 'product.xml'",
                  db_text(context), db_text("<product xmlns='urn:koppel:product:v1'/>"));
}

static void test_versions_outlive_the_schema(void **state) {
    struct fixture *fixture = *state;
    struct document document;
    struct error error = {0};
    char id[ID_MAX];
    int before = number_in_force(fixture, "2027-01-01");
    char *text = unknown_attribute();
    refused("product.xml", text, 3, "'colour' is not allowed"); /* not to be published now */
    free(text);
    publish_unknown(fixture, "2026-12-01", id); /* but it was once */
    usleep((CATALOGUE_AGE_MS + 20) * 1000);
    assert_int_equal(number_in_force(fixture, "2027-01-01"), before + 1);
    assert_int_equal(open_one(fixture, "terms", before + 1, LANGUAGE_NL, true, &document), 0);
    document_close(fixture->service, &document);
    /* Files that are not those that were published are not used at all. */
    publish_unknown(fixture, "2026-12-02", id);
    assert_int_equal(db_write(fixture->service->db, &db_scope_all, tamper_body, id, &error), 0);
    usleep((CATALOGUE_AGE_MS + 20) * 1000);
    assert_int_equal(number_in_force(fixture, "2027-01-01"), before + 1);
    assert_int_equal(open_one(fixture, "terms", before + 2, LANGUAGE_NL, true, &document),
                     ERROR_INVALID);
}

static int set_up(void **state) {
    struct error error = {0};
    if (product_folder_read(FIXTURE_PRODUCTS "pet", &error, &pet)) fail_msg("%s", error.text);
    return fixture_set_up(state);
}

static int tear_down(void **state) {
    product_folder_done(&pet);
    return fixture_tear_down(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_missing_and_unused),
        cmocka_unit_test(test_texts_that_no_page_can_show),
        cmocka_unit_test(test_addresses_elsewhere),
        cmocka_unit_test(test_opens),
        cmocka_unit_test(test_versions_outlive_the_schema)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
