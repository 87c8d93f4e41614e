/* An edition of a product: a version, or a draft. Found by what people call it, for commands and
 * comparisons. */
#ifndef KOPPEL_DOMAIN_EDITION_H
#define KOPPEL_DOMAIN_EDITION_H

#include "domain/draft.h"

struct edition {
    char id[ID_MAX];       /* pvr_… or pdr_… */
    char draft_id[ID_MAX]; /* its draft: itself, or what a version was made of; "": none */
    char product[PRODUCT_CODE_MAX];
    int number; /* of the version; 0: a draft */
    int interface;
    char hash[SHA256_HEX_MAX];
    char effective_from[CLOCK_DATE_MAX]; /* "": the day of its activation */
    int64_t known_from_us;               /* of a version */
    enum draft_state state;              /* of a version DRAFT_ACTIVE */
};

/* Finds "pdr_…", "pvr_…", "auto@3", or a hash by its first DRAFT_HASH_PREFIX_MIN digits or more. Of
 * several with one hash it is the newest version, or else the newest draft. Test drafts are not
 * found. ERROR_INVALID: it is none of these; ERROR_NOT_FOUND; ERROR_CONFLICT: the digits begin the
 * hashes of different files. */
int edition_find(struct db *db, const char *text, struct error *error,
                 struct edition *ret_edition);
/* Its files: version_files_done. */
int edition_files_read(struct db *db, const struct edition *edition, struct error *error,
                       struct version_files *ret_files);
/* All of a product (NULL: of all products), by name, versions first, the newest first; at most
 * `capacity` of them. */
int edition_list_read(struct db_tx *tx, const char *product, int capacity, struct error *error,
                      struct edition *ret_editions, int *ret_count);

#endif
