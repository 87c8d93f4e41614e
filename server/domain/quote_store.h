/* Keeping a quote: its row, made from a rated result. */
#ifndef KOPPEL_DOMAIN_QUOTE_STORE_H
#define KOPPEL_DOMAIN_QUOTE_STORE_H

#include "base/buffer.h"
#include "base/hash.h"
#include "domain/quote_answers.h"
#include "domain/quoting.h"

enum { QUOTE_TOKEN_LENGTH = 32 };

/* Everything of a row, worked out before the write: bodies of db_write compute nothing. */
struct quote_draft {
    char id[ID_MAX];
    const struct caller *caller;
    const struct product_version *version;
    char effective_date[CLOCK_DATE_MAX], valid_until[CLOCK_DATE_MAX];
    int64_t known_at_us, created_us;
    const char *status, *reference; /* reference: borrowed, or NULL */
    bool has_premium;
    int64_t total_cents;
    char token_hash[SHA256_HEX_MAX];
    struct buffer answers, sensitive, sealed, result; /* the first three: quote_answers.h */
};

/* The token that opens a quote to a website: [0-9A-Za-z], NUL-terminated. It follows from the id
 * under the installation's key_pepper (as koppel.conf has it), so that it is kept nowhere. */
void quote_token_make(const char *key_pepper, const char *id,
                      char ret_token[QUOTE_TOKEN_LENGTH + 1]);

/* Fills the draft from a rated quote, but for its id and what follows from that.
 * ERROR_TOO_LARGE when it does not fit its limits. The draft needs quote_draft_done either way,
 * and the quoting to stay held until it is inserted. */
int quote_draft_make(const struct quoting *quoting, const struct caller *caller,
                     struct error *error, struct quote_draft *ret_draft);
/* Once the caller has set draft->id: the hash of the token, and the sensitive answers encrypted.
 * Errors as quote_answers_seal has them. */
int quote_draft_seal(struct quote_draft *draft, const char *key_pepper,
                     struct encryption *encryption, struct error *error);
void quote_draft_done(struct quote_draft *draft);

/* For a body of db_write. */
int quote_insert(struct db_tx *tx, const struct quote_draft *draft, struct error *error);

#endif
