/* A product's questions as JSON Schema 2020-12, for programs that ask them: forms, widgets, and
 * callers that check before they send. */
#ifndef KOPPEL_DOMAIN_PRODUCT_DESCRIBE_H
#define KOPPEL_DOMAIN_PRODUCT_DESCRIBE_H

#include "domain/catalogue.h"
#include "message/record.h"

/* The schema as a context in scratch; it borrows from the version (value_keep). Beside the standard
 * words it has, per question, `x-shown-when` (the condition as written), `x-sensitive` and `x-afd`,
 * and for the product `x-product`. Conditions that compare with constants stand as if/then/else
 * too. Relative bounds of dates are turned into dates by `effective_date`. `id` becomes $id.
 * ERROR_TOO_LARGE: scratch is used up; ERROR_NO_MEMORY: the heap is. */
int product_describe(const struct product_version *version, const char *id,
                     const struct value_date *effective_date, enum language language,
                     struct scratch *scratch, struct value *ret_schema);

/* A simple condition: comparisons of questions that all must answer with constants, joined by
 * `and`. Writes the schema that holds when the condition does. Other comparisons among them, such
 * as those of amounts, are left out: then `ret_whole` is false, and the schema only says without
 * what the condition cannot hold. False when it is not that simple (the condition then only stands
 * as x-shown-when), or scratch is used up. */
bool condition_describe(const struct product_info *info, const char *condition,
                        struct scratch *scratch, bool *ret_whole, struct value *ret_schema);

#endif
