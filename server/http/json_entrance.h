/* The JSON entrance: /api/v1. Decodes a request into an operation's input, dispatches it, encodes
 * its answer. */
#ifndef KOPPEL_HTTP_JSON_ENTRANCE_H
#define KOPPEL_HTTP_JSON_ENTRANCE_H

#include "exchange.h"

/* `path` lies below /api/v1 and begins with '/'. */
void json_entrance(struct exchange *exchange, const char *path);

/* The headers that tell how much of the key's rate is left. */
void json_entrance_rate(struct exchange *exchange, const struct rate_state *rate);
/* The headers Deprecation and Sunset; and the link to the change log, when it is the operation
 * itself that goes (NULL: none was found), for of products it does not tell. */
void json_entrance_retirement(struct exchange *exchange, const struct operation *operation,
                              const struct retirement *retirement);
/* All headers that come of what the dispatcher answered, before its output or refusal. */
void json_entrance_head(struct exchange *exchange, const struct operation *operation,
                        const struct answer *answer);

#endif
