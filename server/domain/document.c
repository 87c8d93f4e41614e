/* Finds a document's text among a version's files, and says where it is read. What a text must be
 * like is document_check.c's. */
#include "domain/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/integer.h"
#include "domain/catalogue_store.h"

static const char *const language_codes[LANGUAGE_COUNT] = {"nl", "en"};

void document_file_name(const char *code, enum language language,
                        char ret_name[DOCUMENT_NAME_MAX]) {
    snprintf(ret_name, DOCUMENT_NAME_MAX, DOCUMENT_FOLDER "/%.*s.%s.md", PRODUCT_CODE_MAX, code,
             language_codes[language]);
}

bool document_is_own(const struct product_document *document) {
    return !document->url.nl && !document->url.en;
}

bool document_has(const struct product_document *document, enum language language) {
    return language == LANGUAGE_NL || document->title.en;
}

/* An address that is put together, cut where it does not fit. Every answer with a premium has some:
 * a format would cost as much as the rest of such an answer. */
struct address {
    char *at, *end;
};

static void address_add(struct address *address, const char *text) {
    size_t length = strnlen(text, (size_t)(address->end - address->at));
    memcpy(address->at, text, length);
    address->at += length;
}

void document_address(const char *public_url, const struct product_version *version,
                      const struct product_document *document, enum language language,
                      char *ret_address, size_t size) {
    struct address address = {ret_address, ret_address + size - 1};
    char number[INTEGER_TEXT_MAX];
    if (document_is_own(document)) {
        integer_write(version->number, number);
        address_add(&address, public_url);
        address_add(&address, DOCUMENT_PATH);
        address_add(&address, version->name);
        address_add(&address, "/");
        address_add(&address, number);
        address_add(&address, "/");
        address_add(&address, document->code);
        address_add(&address, ".");
        address_add(&address,
                    language_codes[document_has(document, language) ? language : LANGUAGE_NL]);
    } else {
        address_add(&address, text_in(&document->url, language));
    }
    *address.at = '\0';
}

static const struct product_document *document_find(const struct product *product,
                                                    const struct document_request *request) {
    const struct product_info *info = product_info(product);
    for (int i = 0; i < info->document_count; i++) {
        const struct product_document *document = &info->documents[i];
        if (strcmp(document->code, request->code) != 0 || !document_is_own(document)) continue;
        return request->exactly && !document_has(document, request->language) ? NULL : document;
    }
    return NULL;
}

int document_open(struct service *service, const struct document_request *request,
                  struct error *error, struct document *ret_document) {
    struct document document = {.language = request->language};
    char name[DOCUMENT_NAME_MAX];
    int status = catalogue_numbered(service->catalogue, request->product, request->number, error,
                                    &document.version);
    if (status) return status;
    document.about = document_find(document.version->product, request);
    if (document.about) {
        if (!document_has(document.about, document.language)) document.language = LANGUAGE_NL;
        document_file_name(document.about->code, document.language, name);
        status = version_file_read(service->db, document.version->id, name, error, &document.text,
                                   &document.length);
    } else {
        status = error_set(error, ERROR_NOT_FOUND, "version %d of %.60s has no document %.60s",
                           request->number, request->product, request->code);
    }
    if (status) {
        document_close(service, &document);
        return status;
    }
    *ret_document = document;
    return 0;
}

void document_close(struct service *service, struct document *document) {
    catalogue_release(service->catalogue, document->version);
    free(document->text);
    *document = (struct document){0};
}
