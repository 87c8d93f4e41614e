/* Refusals as application/problem+json (RFC 9457): type, title, status, detail, instance, code,
 * request_id, and errors with a pointer to each wrong field. */
#ifndef KOPPEL_HTTP_PROBLEM_H
#define KOPPEL_HTTP_PROBLEM_H

#include "exchange.h"

/* `detail` in the caller's language; `faults` may be NULL. */
void problem_send(struct exchange *exchange, int status, const char *code, const char *detail,
                  const struct field_faults *faults);
/* With the detail in both languages. */
void problem_say(struct exchange *exchange, int status, const char *code, const char *nl,
                 const char *en);
/* One wrong field. */
void problem_point(struct exchange *exchange, int status, const char *code, const char *pointer,
                   const char *nl, const char *en);

#endif
