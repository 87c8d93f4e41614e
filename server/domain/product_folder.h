/* Product folders: the files of one product, from a folder or from inside the program, and their
 * proof. A folder holds product.xml, the DMN models that it names, cases.xml, texts, and the folder
 * documents with what customers read; whatever else lies there is refused, so that what was checked
 * is what is published. */
#ifndef KOPPEL_DOMAIN_PRODUCT_FOLDER_H
#define KOPPEL_DOMAIN_PRODUCT_FOLDER_H

#include "base/error.h"
#include "domain/catalogue.h"

enum {
    PRODUCT_FOLDER_FILES_MAX = CATALOGUE_FILES_MAX,
    PRODUCT_FOLDER_NAME_MAX = 60, /* characters of a file's name */
    PRODUCT_FOLDER_BYTES_MAX = 64 * 1024 * 1024
};

/* The files in canonical order (by name) with their hash; the memory is the folder's own. */
struct product_folder {
    struct product_files files;
    char *names[PRODUCT_FOLDER_FILES_MAX], *texts[PRODUCT_FOLDER_FILES_MAX];
};

/* Reads .xml, .dmn, .md and .txt files, and .md files in documents ("documents/terms.nl.md"); names
 * beginning with a dot are passed over. ERROR_INVALID names a file that does not belong there, and
 * a folder without product.xml or cases.xml. */
int product_folder_read(const char *path, struct error *error, struct product_folder *ret_folder);
void product_folder_done(struct product_folder *folder);
/* The files of a product that the program carries; ERROR_NOT_FOUND when there is none such. The
 * texts are the program's. */
int product_folder_embedded(const char *name, struct error *error, struct product_files *ret_files);

/* Are the names those of a product's files, none twice, product.xml and cases.xml among them, none
 * too large? ERROR_INVALID says what is not, with the file in `ret_at`; -1: one that is missing. */
int product_files_check(const struct product_files *files, struct error *error, int *ret_at);

/* Sorts the files by name and sets their hash: SHA-256 over, for each file, "NAME LENGTH\n" and its
 * bytes. */
int product_files_hash(struct product_files *files, struct error *error);

/* What a proof found. `product` is compiled, free it with product_free; NULL when it did not
 * compile. */
struct product_proof {
    struct product *product;
    int passed, failed; /* cases */
};
/* Compiles the files, checks their documents, and runs their cases and examples as of an instant.
 * 0 when everything holds; ERROR_INVALID when not: the problems say where. The proof is set either
 * way. */
int product_files_prove(const struct product_files *files, int64_t now_us,
                        struct problems *problems, struct error *error,
                        struct product_proof *ret_proof);

/* May the product take the place of the version in force on the date (NULL: today)? 0, also when
 * there is none; ERROR_INVALID when its questions changed under the same interface number: the
 * problems say which. */
int product_succeeds(struct catalogue *catalogue, const struct product *product,
                     const char *effective_from, struct problems *problems,
                     struct error *error);

#endif
