/* Refusals as application/problem+json (RFC 9457): type, title, status, detail, instance, code,
 * request_id, and errors with a pointer to each wrong field. */
#ifndef KOPPEL_HTTP_PROBLEM_H
#define KOPPEL_HTTP_PROBLEM_H

#include "exchange.h"

struct problem_parts {
    int status;
    const char *code, *detail; /* detail in the caller's language */
    const char *reason, *path, *request_id; /* NULL: left out */
    const struct field_faults *faults;      /* NULL: none */
    bool both_languages; /* the title too */
};
/* Appends it as a JSON object. */
void problem_write(const struct problem_parts *problem, enum language language,
                   struct buffer *text);

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
