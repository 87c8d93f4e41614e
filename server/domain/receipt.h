/* The receipt: what a quote keeps of its result, as canonical JSON of codes, cents and the rows of
 * the tariff that matched; and the answer that callers see, rendered from it in their language. */
#ifndef KOPPEL_DOMAIN_RECEIPT_H
#define KOPPEL_DOMAIN_RECEIPT_H

#include "base/buffer.h"
#include "domain/quoting.h"
#include "message/record.h"

enum { RECEIPT_MAX_BYTES = 512 * 1024 };

/* The result of a rating as it is kept, in scratch; its texts are the version's. False when scratch
 * is used up. */
bool receipt_make(const struct quoting *quoting, struct scratch *scratch, struct value *ret_kept);
/* Appends the result as JSON. Equal results give equal bytes. */
void receipt_write(const struct quoting *quoting, struct buffer *buffer);

/* What is beside the result. Texts are borrowed as long as the record lives. */
struct receipt {
    const char *product;
    int product_version;
    const char *product_hash;
    const char *effective_date, *valid_until;
    int64_t known_at_us;
    bool test;
    const char *public_url; /* of this service: documents are read there */
    const struct value *kept; /* as receipt_make made it; NULL: it is read from `result` */
    const char *result;       /* as receipt_write wrote it; not used beside `kept` */
};
/* Fills in the fields of a quote but for id, token and reference. `version` gives the sentences;
 * NULL (it cannot be had): codes stand for them. ERROR_INTERNAL when `result` is damaged,
 * ERROR_TOO_LARGE when scratch is used up. */
int receipt_render(const struct receipt *receipt, const struct product_version *version,
                   enum language language, struct error *error, struct record *record);

/* The status of a result: "offered", "referred", "declined". */
const char *outcome_text(enum quote_outcome outcome);

/* The fields of a quote as it is answered, for the tables of operations. An estimate has all but
 * id, token and reference. */
enum { ESTIMATE_FIELDS = 11, QUOTE_FIELDS = ESTIMATE_FIELDS + 3 };
enum { RECEIPT_PREMIUM_FIELDS = 6 };
extern const struct field receipt_premium_fields[RECEIPT_PREMIUM_FIELDS];
extern const struct field receipt_reason_item[1], receipt_document_item[1]; /* of their lists */
extern const struct field quote_fields[QUOTE_FIELDS];
extern const struct field quote_made_fields[QUOTE_FIELDS]; /* of one just made: with its token */
extern const struct field estimate_fields[ESTIMATE_FIELDS];

#endif
