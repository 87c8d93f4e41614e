/* Product folders: what is read and refused, that the hash tells any difference, and that the
 * product in the program proves itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "domain/product_folder.h"

#define AUTO "quote-engine/products/auto"
#define BASE "tests/unit/quote-engine/products/base"

static char folder_path[64];

static int folder_make(void **state) {
    (void)state;
    snprintf(folder_path, sizeof folder_path, "/tmp/product_folder_XXXXXX");
    return mkdtemp(folder_path) ? 0 : -1;
}

static void file_put(const char *name, const char *text) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder_path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void file_drop(const char *name) {
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder_path, name);
    assert_int_equal(unlink(path), 0);
}

static int folder_remove(void **state) {
    (void)state;
    file_drop("product.xml");
    file_drop("cases.xml");
    return rmdir(folder_path);
}

static void hash_of(const char *path, char ret_hash[SHA256_HEX_MAX]) {
    struct error error = {0};
    struct product_folder folder;
    assert_int_equal(product_folder_read(path, &error, &folder), 0);
    memcpy(ret_hash, folder.files.hash, SHA256_HEX_MAX);
    product_folder_done(&folder);
}

static void test_reads_in_order(void **state) {
    (void)state;
    struct error error = {0};
    struct product_folder folder;
    assert_int_equal(product_folder_read(AUTO, &error, &folder), 0);
    static const char *const names[] = {
        "cases.xml", "documents/information_document.en.md",
        "documents/information_document.nl.md", "documents/terms_and_conditions.en.md",
        "documents/terms_and_conditions.nl.md", "product.xml", "tariff.dmn"};
    assert_int_equal(folder.files.count, 7);
    for (int i = 0; i < 7; i++) assert_string_equal(folder.files.items[i].name, names[i]);
    assert_int_equal(strlen(folder.files.hash), 64);
    product_folder_done(&folder);
    product_folder_done(&folder);
}

static void test_hash_tells_folders_apart(void **state) {
    (void)state;
    char first[SHA256_HEX_MAX], second[SHA256_HEX_MAX];
    file_put("product.xml", "ab");
    file_put("cases.xml", "c");
    hash_of(folder_path, first);
    hash_of(folder_path, second);
    assert_string_equal(first, second);
    file_put("product.xml", "a"); /* a byte moved from one file to the other */
    file_put("cases.xml", "cb");
    hash_of(folder_path, second);
    assert_string_not_equal(first, second);
}

static void refused(const char *path, enum error_code code, const char *part) {
    struct error error = {0};
    struct product_folder folder;
    memset(&folder, 0x11, sizeof folder);
    assert_int_equal(product_folder_read(path, &error, &folder), code);
    if (!strstr(error.text, part)) print_message("%s\n", error.text);
    assert_non_null(strstr(error.text, part));
    assert_int_equal(*(unsigned char *)&folder, 0x11);
}

static void test_refuses_what_does_not_belong(void **state) {
    (void)state;
    char name[32];
    file_put("product.xml", "a");
    file_put("cases.xml", "b");
    file_put("rates.xlsx", "c");
    refused(folder_path, ERROR_INVALID, "rates.xlsx");
    file_drop("rates.xlsx");
    file_put("a b.xml", "c");
    refused(folder_path, ERROR_INVALID, "a b.xml");
    file_drop("a b.xml");
    char documents[96];
    snprintf(documents, sizeof documents, "%s/documents", folder_path);
    file_put("documents", "c");
    refused(folder_path, ERROR_NOT_FOUND, "documents");
    file_drop("documents");
    assert_int_equal(mkdir(documents, 0700), 0);
    file_put("documents/terms.pdf", "c");
    refused(folder_path, ERROR_INVALID, "CODE.nl.md");
    file_drop("documents/terms.pdf");
    file_put("documents/tariff.dmn", "c");
    refused(folder_path, ERROR_INVALID, "tariff.dmn");
    file_drop("documents/tariff.dmn");
    file_put("documents/documents", "c"); /* no folder in the folder either */
    refused(folder_path, ERROR_INVALID, "documents");
    file_drop("documents/documents");
    assert_int_equal(rmdir(documents), 0);
    for (int i = 0; i < PRODUCT_FOLDER_FILES_MAX; i++) {
        snprintf(name, sizeof name, "n%d.txt", i);
        file_put(name, "");
    }
    refused(folder_path, ERROR_TOO_LARGE, "more than 80 files");
    for (int i = 0; i < PRODUCT_FOLDER_FILES_MAX; i++) {
        snprintf(name, sizeof name, "n%d.txt", i);
        file_drop(name);
    }
    file_drop("cases.xml");
    refused(folder_path, ERROR_INVALID, "has no cases.xml");
    file_put("cases.xml", "b");
    refused("/nowhere/at/all", ERROR_NOT_FOUND, "/nowhere/at/all");
}

static void test_embedded_equals_the_folder(void **state) {
    (void)state;
    struct error error = {0};
    struct product_files files;
    char hash[SHA256_HEX_MAX];
    hash_of(AUTO, hash);
    assert_int_equal(product_folder_embedded("auto", &error, &files), 0);
    assert_string_equal(files.hash, hash);
    assert_int_equal(product_folder_embedded("boat", &error, &files), ERROR_NOT_FOUND);
    error_clear(&error);
    assert_int_equal(product_folder_embedded("", &error, &files), ERROR_NOT_FOUND);
}

static void test_proves(void **state) {
    (void)state;
    struct error error = {0};
    struct product_folder folder;
    struct product_proof proof;
    struct problems *problems = calloc(1, sizeof *problems);
    assert_int_equal(product_folder_read(BASE, &error, &folder), 0);
    assert_int_equal(product_files_prove(&folder.files, clock_now_us(), problems, &error, &proof),
                     0);
    assert_int_equal(proof.passed, 3);
    assert_int_equal(proof.failed, 0);
    product_free(proof.product);
    for (int i = 0; i < folder.files.count; i++)
        if (strcmp(folder.files.items[i].name, "tariff.dmn") == 0)
            folder.files.items[i].name = "other.dmn";
    assert_int_equal(product_files_prove(&folder.files, clock_now_us(), problems, &error, &proof),
                     ERROR_INVALID);
    assert_null(proof.product);
    assert_true(problems->errors > 0);
    product_folder_done(&folder);
    free(problems);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_in_order),
        cmocka_unit_test_setup_teardown(test_hash_tells_folders_apart, folder_make, folder_remove),
        cmocka_unit_test_setup_teardown(test_refuses_what_does_not_belong, folder_make,
                                        folder_remove),
        cmocka_unit_test(test_embedded_equals_the_folder),
        cmocka_unit_test(test_proves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
