/* Path, query and body as the one context that an operation takes. */
#ifndef KOPPEL_HTTP_JSON_INPUT_H
#define KOPPEL_HTTP_JSON_INPUT_H

#include "exchange.h"

/* What is malformed is answered here: then false. ret_lexical as struct request says. */
bool json_input(struct exchange *exchange, const struct operation *operation,
                const struct value *path_fields, struct value *ret_input, bool *ret_lexical);

#endif
