/* Cross-origin calls from browsers: only with publishable keys, only from listed origins. */
#ifndef KOPPEL_HTTP_CORS_H
#define KOPPEL_HTTP_CORS_H

#include "exchange.h"

/* Answers OPTIONS on an address of the API. `allowed` are its methods ("GET, POST"); `path` lies
 * below /api/v1. */
void cors_preflight(struct exchange *exchange, const char *path, const char *allowed);

/* Adds the headers that let the page read the answer, when the caller is a publishable key with
 * this origin listed. */
void cors_answer(struct exchange *exchange, const char *credential, size_t credential_length);

/* Adds them to a 401 or 403 of an operation that publishable keys may call, for the origin that it
 * came from: what is wrong with a website's key or origin is said to the website, and nothing else.
 * Refusals tell no more than that, browsers add no credentials of their own, and a call with a
 * secret key, a token or a certificate is never opened. A page of an origin that no key lists gets
 * no further than its preflight. */
void cors_refusal(struct exchange *exchange, const struct operation *operation, int status,
                  const char *credential, size_t credential_length);

#endif
