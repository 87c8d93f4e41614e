/* What the store holds of a person, by e-mail address or telephone number: told to them (GDPR,
 * article 15), and erased (article 17) as far as nothing obliges to keep it. Leads hold it until
 * then or until their days are over; applications and policies are kept, since the law asks the
 * administration of an undertaking to be kept for seven years (Algemene wet inzake
 * rijksbelastingen, article 52). */
#ifndef KOPPEL_DOMAIN_PERSON_DATA_H
#define KOPPEL_DOMAIN_PERSON_DATA_H

#include "base/buffer.h"
#include "domain/lead_store.h"
#include "domain/service.h"

enum {
    PERSON_ROWS_MAX = 500, /* of each kind */
    PERSON_JSON_MAX_BYTES = 16 * 1024 * 1024,
    LEAD_RETENTION_MAX = 100 /* leads that are erased for their age in one transaction */
};

struct person_key {
    const char *email, *telephone; /* one of them, or both; NULL: not by this */
};

/* Appends a JSON object: `leads` and `applications`, each with what is known. ERROR_TOO_LARGE:
 * there is more than fits. */
int person_export(struct service *service, const struct person_key *key, struct error *error,
                  struct buffer *buffer);

struct person_erased {
    int leads;             /* whose person was erased now */
    int applications_kept; /* that the law asks to keep */
};
/* For a body of db_write: the person's leads become nobody's, and end where they are open. The
 * indexes are those of the key. */
struct person_indexes {
    char email[SHA256_HEX_MAX], telephone[SHA256_HEX_MAX]; /* "": not by this */
};
/* ERROR_INVALID: neither an address nor a number. */
int person_indexes_of(const struct encryption *encryption, const struct person_key *key,
                      struct error *error, struct person_indexes *ret_indexes);
int person_erase(struct db_tx *tx, const struct person_indexes *indexes, const struct lead_by *by,
                 struct error *error, struct person_erased *ret_erased);

/* Erases the persons of closed leads whose days are over, at most LEAD_RETENTION_MAX: those that
 * were won, lost or spam, closed before these moments (0: never). */
struct lead_retention {
    int64_t won_before_us, lost_before_us, spam_before_us;
};
int leads_erase_old(struct db *db, const struct lead_retention *retention, int64_t now_us,
                    struct error *error, int *ret_erased);

#endif
