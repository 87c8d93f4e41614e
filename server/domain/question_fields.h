/* A product's questions as field descriptors: made once per version, beside its program. */
#ifndef KOPPEL_DOMAIN_QUESTION_FIELDS_H
#define KOPPEL_DOMAIN_QUESTION_FIELDS_H

#include "message/field.h"
#include "quote-engine/quote.h"

/* One descriptor per question, in their order, and those of records below them. Required are the
 * questions that are always shown. Names, texts and bounds belong to the product, which must live
 * as long. */
struct question_fields {
    const struct field *fields;
    int count;
    bool relative; /* some date's bound is a distance from the effective date */
    void *memory;
};

/* Of what a quote asks. False: no memory. */
bool question_fields_make(const struct product_info *info, struct question_fields *ret_fields);
/* Of what acceptance asks beside it: none when its quotes cannot be accepted. */
bool question_fields_make_acceptance(const struct product_info *info,
                                     struct question_fields *ret_fields);
void question_fields_done(struct question_fields *fields);

/* Is a bound of a date, as products write it, a distance from the effective date? NULL is none. */
bool question_bound_relative(const char *bound);
/* The descriptors with relative bounds turned into dates, or left out when there is no date (NULL)
 * to count from; as they are when there are none. NULL: scratch is used up. */
const struct field *question_fields_on(const struct question_fields *fields,
                                       const struct value_date *effective_date,
                                       struct scratch *scratch);

#endif
