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

#endif
