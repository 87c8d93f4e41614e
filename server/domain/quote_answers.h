/* The answers of a quote as its row keeps them: those to questions that a product marks sensitive
 * lie apart, encrypted, beside the others, which are JSON in the order of the questions. This is
 * the one place where they are parted and where they are put together again. A product without
 * such questions has all of its answers in the JSON, and nothing beside it; so has a row that was
 * made before its sensitive answers were sealed, until quote_seal_rows comes by. */
#ifndef KOPPEL_DOMAIN_QUOTE_ANSWERS_H
#define KOPPEL_DOMAIN_QUOTE_ANSWERS_H

#include "base/encryption.h"
#include "domain/answers.h"
#include "domain/catalogue.h"

enum {
    QUOTE_SEALED_MAX_BYTES = 2 * ANSWERS_JSON_MAX_BYTES, /* encrypted, in base 64 */
    QUOTE_SEAL_ROWS_MAX = 1000 /* rows of before that are looked at in one transaction */
};

/* As a row has them. Texts are borrowed. */
struct quote_answers {
    const char *quote_id; /* the place of what is sealed (base/encryption.h) */
    const char *plain;    /* JSON */
    size_t plain_length;
    const char *sealed;   /* NULL: nothing lies apart */
};

/* Does a quote of the product ask anything sensitive? */
bool quote_answers_any_sensitive(const struct product_info *info);

/* Appends checked answers, parted; `sensitive` is empty, and stays so when there is nothing to
 * encrypt. Else its caller overwrites it with zeros before it is given back. Errors of memory and
 * of size (ERROR_TOO_LARGE). */
int quote_answers_write(const struct product_version *version, const struct value *answers,
                        struct error *error, struct buffer *plain, struct buffer *sensitive);
/* Appends what quote_answers_write gave as `sensitive`, encrypted; nothing, of nothing.
 * ERROR_INTERNAL when there are no keys (`encryption` NULL). */
int quote_answers_seal(struct encryption *encryption, const char *quote_id,
                       const struct buffer *sensitive, struct error *error,
                       struct buffer *sealed);
/* All answers, as JSON gives them, in scratch and in their order. ERROR_INTERNAL when they are
 * damaged, or their key is not at hand; ERROR_TOO_LARGE, ERROR_NO_MEMORY. */
int quote_answers_read(struct encryption *encryption, const struct quote_answers *kept,
                       struct scratch *scratch, struct error *error, struct value *ret_answers);

/* Seals what lies plain in rows that were made before, of the next QUOTE_SEAL_ROWS_MAX at most, in
 * a transaction of its own. How far this is stands in the store: several may do it, and none does
 * it twice. `ret_rows`: how many it went by; 0: all are done. Without keys it does nothing. */
int quote_seal_rows(struct db *db, struct catalogue *catalogue, struct encryption *encryption,
                    struct error *error, int64_t *ret_rows);
/* Encrypts again, under the newest key, what older ones encrypted: as application_reseal. */
int quote_reseal(struct db *db, struct encryption *encryption, int limit, struct error *error,
                 char after[ID_MAX], int *ret_count);

#endif
