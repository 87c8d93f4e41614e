/* Answers against a product's questions: types and ranges, which questions apply, what is missing.
 * Used for quotes, for quotes computed again, and for a product's own examples. */
#ifndef KOPPEL_DOMAIN_ANSWERS_H
#define KOPPEL_DOMAIN_ANSWERS_H

#include "base/buffer.h"
#include "domain/catalogue.h"
#include "message/field.h"

struct answers_check {
    const struct product_version *version;
    const struct value *answers; /* as decoded */
    const struct value_date *effective_date;
    bool effective_date_unsure; /* it only stands in: conditions on it are left alone */
    const struct moment *moment;
    enum language language;
    bool lexical; /* see field.h */
    struct scratch *scratch;
    struct field_faults *faults; /* pointers begin with /answers */
};

enum { ANSWERS_JSON_MAX_BYTES = 512 * 1024 };

/* True, with the answers as the tariff takes them: in the order of the questions, numbers in one
 * form. False: there are faults, or (with none) scratch is used up. */
bool answers_check(const struct answers_check *check, struct value *ret_answers);

/* The answers of terms that were kept, with those of `check` put over them, as they are decoded;
 * `dropped` (NULL, or a list of texts) are left out. What was kept and does not apply any more, or
 * is not asked any more, is left out too; what the caller gives is left for answers_check to
 * judge. False: scratch is used up, or memory, as the faults of `check` say. */
bool answers_merge(const struct answers_check *check, const struct value *kept,
                   const struct value *dropped, struct value *ret_merged);

/* The same for answers that were kept, as they are read back, when these very questions took them
 * before: nothing is checked again, which takes a fraction of the time. False: they are not of the
 * form that answers_write gives (or scratch is used up); answers_check has the say. */
bool answers_read_kept(const struct product_info *info, const struct value *kept,
                       struct scratch *scratch, struct value *ret_answers);

/* Appends checked answers as JSON, the form in which a quote keeps them: equal answers give equal
 * bytes, and reading them back gives answers that rate alike. */
void answers_write(const struct product_version *version, const struct value *answers,
                   struct buffer *buffer);

#endif
