/* A product's questions as JSON Schema 2020-12, for programs that ask them: forms, widgets, and
 * callers that check before they send. */
#ifndef KOPPEL_DOMAIN_PRODUCT_DESCRIBE_H
#define KOPPEL_DOMAIN_PRODUCT_DESCRIBE_H

#include "domain/catalogue.h"
#include "message/record.h"

/* The schema as a context in scratch; it borrows from the version (value_keep). Beside the standard
 * words it has, per question, `x-shown-when` (the condition as written), `x-sensitive`,
 * `x-changeable` (false for a fact) and `x-afd`, and for the product `x-product`. Conditions stand
 * as if/then/else too, as far as JSON Schema can say them; where it cannot, `$comment` tells so.
 * The schema refuses no answers that the service takes, written as it writes them: a null for "not
 * given" is to be left out. Relative bounds of dates are turned into dates by `effective_date`.
 * `id` becomes $id.
 * ERROR_TOO_LARGE: scratch is used up; ERROR_NO_MEMORY: the heap is. */
int product_describe(const struct product_version *version, const char *id,
                     const struct value_date *effective_date, enum language language,
                     struct scratch *scratch, struct value *ret_schema);

/* The schemas of an interface, whose questions the version has: of the answers of a quote, and of
 * what acceptance asks (null: its quotes cannot be accepted). They stand by themselves, as parts of
 * a greater document, and say nothing of the version beside its questions and examples. A bound on
 * a date that counts from the effective date stands as x-minimum or x-maximum alone, as a distance
 * ("-P18Y"). They borrow and fail as above. */
int product_describe_interface(const struct product_version *version, enum language language,
                               struct scratch *scratch, struct value *ret_answers,
                               struct value *ret_acceptance);

/* Writes the schema (2020-12) of the answers for which a condition on `questions`, those of its own
 * record, holds: choices, booleans and texts equal to constants or among them, numbers compared
 * with constants or within a range, joined by and, or and not. What cannot be said of it is left
 * out such that the schema is wider, and then `ret_whole` is false: without the schema the
 * condition cannot hold, with it it may. False when nothing can be said, or scratch is used up. */
bool condition_describe(const struct product_question *questions, int question_count,
                        const char *condition, struct scratch *scratch, bool *ret_whole,
                        struct value *ret_schema);

#endif
