/* Product versions in the store: for catalogue.c, and for those who publish. */
#ifndef KOPPEL_DOMAIN_CATALOGUE_STORE_H
#define KOPPEL_DOMAIN_CATALOGUE_STORE_H

#include "base/clock.h"
#include "domain/catalogue.h"

enum { PRODUCT_FILE_MAX_BYTES = 32 * 1024 * 1024 };

/* What a version is, without its files. `product` of the versions is NULL. */
struct version_list {
    struct product_version *items; /* free() it */
    int count;
    int64_t stored; /* how many there are in the store: more than the newest
                       CATALOGUE_VERSIONS_MAX are left out */
};
/* All of them, in the order of their making; none when the store still holds `known` ones. */
int version_list_read(struct db *db, int64_t known, struct error *error,
                      struct version_list *ret_list);

/* Which version of a product holds for covers from a date, and which is the next to take over.
 * Numbers are 0 and dates "" where there is none. */
struct version_place {
    int holder, next;
    char holder_from[CLOCK_DATE_MAX], next_from[CLOCK_DATE_MAX];
};
int version_place_read(struct db *db, const char *product, const char *date, struct error *error,
                       struct version_place *ret_place);

/* The files of a version: texts on the heap, given back by version_files_done. */
struct version_files {
    struct source items[CATALOGUE_FILES_MAX];
    int count;
    bool published; /* what their schema had to say was said then */
};
int version_files_read(struct db *db, const char *version_id, struct error *error,
                       struct version_files *ret_files);
/* Copies rows of name and content into `files`, which its caller gives back also on failure. */
int version_files_take(struct db_rows *rows, struct error *error, struct version_files *files);
void version_files_done(struct version_files *files);

/* One file of a version; free() its text. ERROR_NOT_FOUND when it has none of that name. */
int version_file_read(struct db *db, const char *version_id, const char *name,
                      struct error *error, char **ret_text, size_t *ret_length);

/* Compiles a version from its files; those that were not published yet, against the program's
 * schema of products. */
int version_compile(const struct version_files *files, struct problems *problems,
                    struct product **ret_product);

/* What is to be a version of its product. Whether its files prove themselves, and may take the
 * place of the version before, is the caller's to know. */
struct publication {
    const struct product_files *files;
    const char *product;
    int interface;
    const char *effective_from; /* a date that exists */
    int64_t known_from_us;
};
/* Fills the version but for its number, which is 0. ERROR_INVALID says what is wrong with it. */
int version_make(const struct publication *publication, struct error *error,
                 struct product_version *ret_version);
/* The number that the product's next version will have, and whether one from this date on would
 * ever be used: ERROR_CONFLICT when a version from a later date, not after today, holds. */
int version_place_check(struct db *db, const struct product_version *version, const char *today,
                        struct error *error, int *ret_number);
/* Adds the version in its caller's transaction. Its number must be the next one, or 0, which
 * becomes the next one. ERROR_CONFLICT when it is not, or when the same files are what holds from
 * that date already. */
int version_insert(struct db_tx *tx, const struct product_files *files,
                   struct product_version *version, struct error *error);
/* Both in a transaction of their own. */
int catalogue_publish_known(struct db *db, const struct publication *publication,
                            struct error *error, struct product_version *ret_version);

#endif
