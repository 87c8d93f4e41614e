/* Published product versions: immutable rows, compiled once, shared by all threads. A version takes
 * effect on a date (`effective_from`) and is known from an instant (`known_from`): a quote for a
 * date uses, of the versions known at its moment, the one with the latest effective_from not after
 * that date, and of these the last published. What is known from an instant that has not come is
 * from before the clock was set back, and is known to all who ask. Other processes' publications
 * are seen within a second. */
#ifndef KOPPEL_DOMAIN_CATALOGUE_H
#define KOPPEL_DOMAIN_CATALOGUE_H

#include "base/hash.h"
#include "base/id.h"
#include "db/db.h"
#include "domain/question_fields.h"
#include "quote-engine/quote.h"

enum {
    CATALOGUE_PRODUCTS_MAX = 500,
    CATALOGUE_VERSIONS_MAX = 2000,
    CATALOGUE_FILES_MAX = 16 + 2 * PRODUCT_DOCUMENTS_MAX, /* of a version */
    /* What is known is used no longer than the first, and asked for again, beside those who use it,
     * from the second. */
    CATALOGUE_AGE_MS = 750,
    CATALOGUE_REFRESH_MS = 250
};

struct catalogue;

struct product_version {
    char id[ID_MAX];
    char name[PRODUCT_CODE_MAX]; /* of the product */
    int number;                  /* from 1, per product */
    int interface;
    char hash[SHA256_HEX_MAX];
    char effective_from[16];     /* date */
    int64_t known_from_us;
    const struct product *product; /* compiled */
    struct question_fields fields; /* its questions as descriptors */
    struct question_fields acceptance; /* and those that acceptance asks */
};

int catalogue_new(struct db *db, struct error *error, struct catalogue **ret_catalogue);
void catalogue_free(struct catalogue *catalogue);

/* The version for a date as known at an instant; hold it for the call, then catalogue_release.
 * Compiled on first use when it is not in force. A version that does not compile is passed over.
 * ERROR_NOT_FOUND when there is none; else the store's error, when it could not be loaded. */
int catalogue_find(struct catalogue *catalogue, const char *product, const char *effective_date,
                   int64_t known_at_us, struct error *error,
                   const struct product_version **ret_version);
/* By id: for quotes made under an older version. */
int catalogue_version(struct catalogue *catalogue, const char *id, struct error *error,
                      const struct product_version **ret_version);
/* By its number: for addresses that people read. */
int catalogue_numbered(struct catalogue *catalogue, const char *product, int number,
                       struct error *error, const struct product_version **ret_version);
/* The newest by number of those with this interface: whose questions they were last.
 * ERROR_NOT_FOUND when there is none that can be used. */
int catalogue_interface(struct catalogue *catalogue, const char *product, int interface,
                        struct error *error, const struct product_version **ret_version);
/* An interface of a product that quotes can be made by: from today, or from a later day. */
struct product_interface {
    char product[PRODUCT_CODE_MAX];
    int number;
    int64_t replaced_us; /* when the first version of a higher one was published; 0: it is the
                            highest */
    int64_t ends_us;     /* midnight of the first date that a version of a higher one holds for */
};
/* Those in force, by product and then the highest first; at most `capacity` of them. */
int catalogue_interfaces(struct catalogue *catalogue, int64_t now_us,
                         struct product_interface *ret_interfaces, int capacity);
/* The same of one, in force or not; false when nothing is known of it. */
bool catalogue_interface_told(struct catalogue *catalogue, const char *product, int number,
                              struct product_interface *ret_interface);
/* Changes with every version that is added or found unusable: what was made of all versions holds
 * while this, and the date, are the same. */
int64_t catalogue_stamp(struct catalogue *catalogue);
/* Looks for new versions now: for who has just made one. */
void catalogue_refresh(struct catalogue *catalogue);
/* NULL is fine. */
void catalogue_release(struct catalogue *catalogue, const struct product_version *version);
/* Names of the products in force today, sorted. */
int catalogue_names(struct catalogue *catalogue, int64_t now_us,
                    char ret_names[][PRODUCT_CODE_MAX], int capacity);

struct product_files { /* of a product folder, in canonical order */
    struct source items[CATALOGUE_FILES_MAX];
    int count;
    char hash[SHA256_HEX_MAX];
};
#endif
