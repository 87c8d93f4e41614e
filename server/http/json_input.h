/* Path, query and body as the one context that an operation takes. */
#ifndef KOPPEL_HTTP_JSON_INPUT_H
#define KOPPEL_HTTP_JSON_INPUT_H

#include "exchange.h"
#include "message/json.h"

/* What is malformed is answered here: then false. ret_lexical as struct request says. */
bool json_input(struct exchange *exchange, const struct operation *operation,
                const struct value *path_fields, struct value *ret_input, bool *ret_lexical);

/* Puts into words what is wrong with JSON at a line and column: a refusal, and a fault when it is
 * about one field. */
void json_input_tell(const struct json_fault *fault, int line, int column, enum language language,
                     struct refusal *ret_refusal, struct field_faults *faults);

#endif
