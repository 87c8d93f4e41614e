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
void version_files_done(struct version_files *files);

/* One file of a version; free() its text. ERROR_NOT_FOUND when it has none of that name. */
int version_file_read(struct db *db, const char *version_id, const char *name,
                      struct error *error, char **ret_text, size_t *ret_length);

/* Compiles a version from its files; those that were not published yet, against the program's
 * schema of products. */
int version_compile(const struct version_files *files, struct problems *problems,
                    struct product **ret_product);

/* catalogue_publish with the moment from which the version is known: for histories that are made
 * up, as in demo data. */
struct publication {
    const struct product_files *files;
    const char *product;
    int interface;
    const char *effective_from; /* a date that exists */
    int64_t known_from_us;
};
int catalogue_publish_known(struct db *db, const struct publication *publication,
                            struct error *error, struct product_version *ret_version);

#endif
