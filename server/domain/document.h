/* A product's documents: what a customer gets to read, such as the information document and the
 * policy conditions. A document is an address elsewhere, or a text of the product's own: Markdown
 * in documents/CODE.nl.md and, when its title is in English too, documents/CODE.en.md. Such a text
 * is part of the version and its hash, and is read at an address of its own that never changes.
 * How a page looks is left to http/. */
#ifndef KOPPEL_DOMAIN_DOCUMENT_H
#define KOPPEL_DOMAIN_DOCUMENT_H

#include "base/config.h"
#include "domain/catalogue.h"
#include "domain/service.h"

#define DOCUMENT_FOLDER "documents" /* within a product's folder */
#define DOCUMENT_PATH "/documents/" /* of the addresses */

enum {
    DOCUMENT_TEXT_MAX_BYTES = 256 * 1024,
    DOCUMENT_NAME_MAX = PRODUCT_CODE_MAX + 24,
    DOCUMENT_ADDRESS_MAX = CONFIG_VALUE_MAX + 2 * PRODUCT_CODE_MAX + 40
};

/* "documents/CODE.nl.md" */
void document_file_name(const char *code, enum language language,
                        char ret_name[DOCUMENT_NAME_MAX]);
/* Is it a text of the product's own? */
bool document_is_own(const struct product_document *document);
/* Has it a text in that language? It has one in Dutch. Only of a product's own. */
bool document_has(const struct product_document *document, enum language language);
/* Where it can be read in the language, or else in Dutch:
 * PUBLIC_URL/documents/PRODUCT/NUMBER/CODE.en, or the address that product.xml gives. */
void document_address(const char *public_url, const struct product_version *version,
                      const struct product_document *document, enum language language,
                      char *ret_address, size_t size);

/* Does every document have its texts, and every text its document? Are they Markdown that a page
 * can show: UTF-8, not too large, headings from ## on and none skipped, no HTML, no pictures, links
 * that lead somewhere? Adds a problem with file and line for each fault. */
void documents_check(const struct product *product, const struct product_files *files,
                     struct problems *problems);

struct document_request {
    const char *product;
    int number; /* of the version */
    const char *code;
    enum language language;
    bool exactly; /* in that language or not at all; else Dutch when there is no English */
};
struct document {
    const struct product_version *version; /* held */
    const struct product_document *about;
    enum language language; /* of the text */
    char *text;             /* Markdown */
    size_t length;
};
/* Reads a text of a published version. ERROR_NOT_FOUND when there is none such. */
int document_open(struct service *service, const struct document_request *request,
                  struct error *error, struct document *ret_document);
void document_close(struct service *service, struct document *document);

#endif
