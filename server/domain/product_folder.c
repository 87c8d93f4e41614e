/* Reads product folders into memory and proves what they hold. Publishing is catalogue.h's. */
#include "domain/product_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "domain/calendar_day.h"
#include "domain/catalogue_store.h"
#include "domain/document.h"
#include "domain/embedded.h"

_Static_assert(sizeof(((struct product_files *)0)->items) / sizeof(struct source) ==
                   PRODUCT_FOLDER_FILES_MAX,
               "a folder's files fit a version's");

_Static_assert(DOCUMENT_NAME_MAX > PRODUCT_FOLDER_NAME_MAX + sizeof DOCUMENT_FOLDER,
               "every file's name fits, with its folder's");

enum { PROOF_SCRATCH_BYTES = 32 * 1024 * 1024, PATH_BYTES_MAX = 4096 };

/* ---- reading ------------------------------------------------------------------------------- */

static bool name_allowed(const char *name, bool of_document) {
    static const char *const endings[] = {".md", ".xml", ".dmn", ".txt"};
    size_t length = strlen(name);
    if (length > PRODUCT_FOLDER_NAME_MAX ||
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") != length)
        return false;
    for (size_t i = 0; i < (of_document ? 1 : sizeof endings / sizeof *endings); i++) {
        size_t ending = strlen(endings[i]);
        if (length > ending && strcmp(name + length - ending, endings[i]) == 0) return true;
    }
    return false;
}

/* `within` is "" or the name of the folder of documents, with its slash. */
static int file_take(struct product_folder *folder, const char *path, const char *within,
                     const char *name, struct error *error) {
    char file[PATH_BYTES_MAX], whole[DOCUMENT_NAME_MAX];
    int at = folder->files.count;
    if (!name_allowed(name, *within))
        return error_set(error, ERROR_INVALID,
                         "%.60s in %.300s is no file of a product: keep %s there, and nothing else",
                         name, path,
                         *within ? "CODE.nl.md and CODE.en.md" : ".xml, .dmn, .md and .txt");
    if (at == PRODUCT_FOLDER_FILES_MAX)
        return error_set(error, ERROR_TOO_LARGE, "%.300s holds more than %d files", path,
                         PRODUCT_FOLDER_FILES_MAX);
    int status = file_path(path, name, sizeof file, error, file);
    size_t length = 0;
    if (!status)
        status = file_read(file, PRODUCT_FILE_MAX_BYTES, error, &folder->texts[at], &length);
    if (status) return status;
    snprintf(whole, sizeof whole, "%s%s", within, name);
    folder->names[at] = strdup(whole);
    folder->files.items[at] = (struct source){
        .name = folder->names[at], .text = folder->texts[at], .length = length};
    folder->files.count++;
    return folder->names[at] ? 0 : error_set(error, ERROR_NO_MEMORY, "no memory for %s", file);
}

static bool files_have(const struct product_files *files, const char *name) {
    for (int i = 0; i < files->count; i++)
        if (strcmp(files->items[i].name, name) == 0) return true;
    return false;
}

/* "product.xml", "documents/terms.nl.md" */
static bool whole_name_allowed(const char *name) {
    size_t folder = strlen(DOCUMENT_FOLDER "/");
    bool of_document = strncmp(name, DOCUMENT_FOLDER "/", folder) == 0;
    return *name != '.' && name_allowed(of_document ? name + folder : name, of_document);
}

static int missing_check(const struct product_files *files, struct error *error) {
    static const char *const needed[] = {"product.xml", "cases.xml"};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!files_have(files, needed[i]))
            return error_set(error, ERROR_INVALID,
                             "there is no %s: a product is product.xml, its model and cases.xml",
                             needed[i]);
    return 0;
}

int product_files_check(const struct product_files *files, struct error *error, int *ret_at) {
    for (int i = 0; i < files->count; i++) {
        const struct source *file = &files->items[i];
        *ret_at = i;
        if (!whole_name_allowed(file->name))
            return error_set(error, ERROR_INVALID,
                             "%.60s is no file of a product: send .xml, .dmn, .md and .txt, and "
                             "%s/CODE.nl.md and CODE.en.md",
                             file->name, DOCUMENT_FOLDER);
        for (int j = 0; j < i; j++)
            if (strcmp(files->items[j].name, file->name) == 0)
                return error_set(error, ERROR_INVALID, "%.60s is there twice", file->name);
        if (file->length > PRODUCT_FILE_MAX_BYTES || memchr(file->text, 0, file->length))
            return error_set(error, ERROR_INVALID, "%.60s is no text of at most %d MiB",
                             file->name, PRODUCT_FILE_MAX_BYTES / 1024 / 1024);
    }
    *ret_at = -1;
    return missing_check(files, error);
}

static int files_read(struct product_folder *folder, const char *path, const char *within,
                      bool *ret_documents, struct error *error) {
    DIR *directory = opendir(path);
    if (!directory) return file_error(error, errno, "read", path);
    int status = 0;
    const struct dirent *entry;
    while (!status && (entry = readdir(directory))) {
        if (entry->d_name[0] == '.') continue;
        if (ret_documents && strcmp(entry->d_name, DOCUMENT_FOLDER) == 0)
            *ret_documents = true;
        else
            status = file_take(folder, path, within, entry->d_name, error);
    }
    closedir(directory);
    return status;
}

static int folder_read(struct product_folder *folder, const char *path, struct error *error) {
    bool documents = false;
    char within[PATH_BYTES_MAX];
    int status = files_read(folder, path, "", &documents, error);
    if (status || !documents) return status;
    status = file_path(path, DOCUMENT_FOLDER, sizeof within, error, within);
    return status ? status : files_read(folder, within, DOCUMENT_FOLDER "/", NULL, error);
}

int product_folder_read(const char *path, struct error *error, struct product_folder *ret_folder) {
    struct product_folder folder = {0};
    int status = folder_read(&folder, path, error);
    static const char *const needed[] = {"product.xml", "cases.xml"};
    for (size_t i = 0; i < 2 && !status; i++)
        if (!files_have(&folder.files, needed[i]))
            status = error_set(error, ERROR_INVALID,
                               "%.300s has no %s: a product is a folder with product.xml, its "
                               "model and cases.xml",
                               path, needed[i]);
    if (!status) status = product_files_hash(&folder.files, error);
    if (status) {
        product_folder_done(&folder);
        return status;
    }
    *ret_folder = folder;
    return 0;
}

void product_folder_done(struct product_folder *folder) {
    for (int i = 0; i < PRODUCT_FOLDER_FILES_MAX; i++) {
        free(folder->names[i]);
        free(folder->texts[i]);
    }
    *folder = (struct product_folder){0};
}

int product_folder_embedded(const char *name, struct error *error,
                            struct product_files *ret_files) {
    struct product_files files = {0};
    for (int i = 0; i < embedded_file_count; i++)
        if (strcmp(embedded_files[i].folder, name) == 0 && files.count < PRODUCT_FOLDER_FILES_MAX)
            files.items[files.count++] = embedded_files[i].source;
    if (!*name || !files.count)
        return error_set(error, ERROR_NOT_FOUND, "the program carries no product %.60s", name);
    int status = product_files_hash(&files, error);
    if (!status) *ret_files = files;
    return status;
}

/* ---- the hash ------------------------------------------------------------------------------ */

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct source *)a)->name, ((const struct source *)b)->name);
}

int product_files_hash(struct product_files *files, struct error *error) {
    struct buffer buffer;
    qsort(files->items, (size_t)files->count, sizeof *files->items, by_name);
    buffer_init(&buffer, PRODUCT_FOLDER_BYTES_MAX);
    for (int i = 0; i < files->count; i++) {
        buffer_format(&buffer, "%s %zu\n", files->items[i].name, files->items[i].length);
        buffer_append(&buffer, files->items[i].text, files->items[i].length);
    }
    int status = 0;
    if (buffer.failed && buffer_failure(&buffer) == ERROR_NO_MEMORY)
        status = error_set(error, ERROR_NO_MEMORY, "no memory for a product's files");
    else if (buffer.failed)
        status = error_set(error, ERROR_TOO_LARGE, "a product's files are over %d MiB together",
                           PRODUCT_FOLDER_BYTES_MAX / 1024 / 1024);
    else
        hash_sha256_hex(buffer.data, buffer.length, files->hash);
    buffer_done(&buffer);
    return status;
}

/* ---- proof --------------------------------------------------------------------------------- */

static int files_compile(const struct product_files *files, struct problems *problems,
                         struct product **ret_product) {
    struct version_files version = {.count = files->count};
    memcpy(version.items, files->items, sizeof version.items);
    return version_compile(&version, problems, ret_product);
}

static int prove(const struct product_files *files, int64_t now_us, struct problems *problems,
                 void *memory, struct product_proof *proof) {
    struct scratch scratch;
    struct moment moment;
    const struct source *cases = NULL;
    for (int i = 0; i < files->count; i++)
        if (strcmp(files->items[i].name, "cases.xml") == 0) cases = &files->items[i];
    scratch_init(&scratch, memory, PROOF_SCRATCH_BYTES);
    moment_at(now_us, &moment);
    if (!cases) {
        problems_add(problems, false, "cases.xml", 0, 0, "",
                     "there is no such file: a product shows what it computes by examples");
        return QUOTE_INVALID;
    }
    return product_prove(proof->product, cases, &moment, &scratch, problems, &proof->passed,
                         &proof->failed);
}

int product_files_prove(const struct product_files *files, int64_t now_us,
                        struct problems *problems, struct error *error,
                        struct product_proof *ret_proof) {
    struct product_proof proof = {0};
    void *memory = malloc(PROOF_SCRATCH_BYTES);
    if (!memory) return error_set(error, ERROR_NO_MEMORY, "no memory to prove a product in");
    int status = files_compile(files, problems, &proof.product);
    if (status == QUOTE_OK) documents_check(proof.product, files, problems);
    if (status == QUOTE_OK) status = prove(files, now_us, problems, memory, &proof);
    free(memory);
    *ret_proof = proof;
    if (status == QUOTE_NO_MEMORY)
        return error_set(error, ERROR_NO_MEMORY, "no memory to prove a product in");
    if (status != QUOTE_OK || problems->errors)
        return error_set(error, ERROR_INVALID, "the product does not prove itself");
    return 0;
}

int product_succeeds(struct catalogue *catalogue, const struct product *product,
                     const char *effective_from, struct problems *problems,
                     struct error *error) {
    const struct product_version *version = NULL;
    struct error missing = {0};
    char today[CLOCK_DATE_MAX];
    int64_t now_us = clock_now_us();
    clock_amsterdam_date_text(now_us, today);
    int status = catalogue_find(catalogue, product_info(product)->name,
                            effective_from ? effective_from : today, now_us, &missing, &version);
    if (status == ERROR_NOT_FOUND) {
        status = 0;
    } else if (status) {
        status = error_set(error, missing.code, "%s", missing.text);
    } else {
        if (product_compare(version->product, product, problems) != QUOTE_OK)
            status = error_set(error, ERROR_INVALID,
                               "the product cannot take the place of version %d under the same "
                               "interface",
                               version->number);
        catalogue_release(catalogue, version);
    }
    return status;
}
