/* A message as it goes over the wire (RFC 5322, MIME): plain text and HTML as alternatives,
 * attachments beside them, in seven-bit lines of at most 76 characters. */
#ifndef KOPPEL_JOBS_MAIL_COMPOSE_H
#define KOPPEL_JOBS_MAIL_COMPOSE_H

#include "base/buffer.h"
#include "domain/mail.h"
#include "quote-engine/value.h"

enum { MAIL_WIRE_MAX_BYTES = 12 * 1024 * 1024, MAIL_COMPOSE_SCRATCH_BYTES = 4 * 1024 * 1024 };

/* Appends it to `wire`; `from` is an address, `host` what Message-IDs end in. ret_to gets whom it
 * goes to. ERROR_INTERNAL: what was kept is no message. */
int mail_compose(const struct mail_due *due, const char *from, const char *host, int64_t now_us,
                 struct scratch *scratch, struct error *error, struct buffer *wire,
                 char ret_to[MAIL_ADDRESS_MAX]);

#endif
