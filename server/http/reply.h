/* Writes an answer with the headers that every answer carries. */
#ifndef KOPPEL_HTTP_REPLY_H
#define KOPPEL_HTTP_REPLY_H

#include "exchange.h"

/* Adds a header line to the answer to come. Values come from our own text or from headers whose
 * characters were checked. */
void reply_header(struct exchange *exchange, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same with a value as it is, of any length. */
void reply_header_text(struct exchange *exchange, const char *name, const char *value);
/* An instant, in seconds since 1970, as HTTP writes dates. */
void reply_header_instant(struct exchange *exchange, const char *name, int64_t instant_s);
/* Says the language of the answer. */
void reply_language(struct exchange *exchange, enum language language);

/* Sends status, headers and body, once per exchange. HEAD gets no body; 204 and 304 have none.
 * `content_type` NULL: none. */
void reply_send(struct exchange *exchange, int status, const char *content_type, const void *body,
                size_t length);

/* An answer whose length is not known beforehand: its head, pieces, its end. False: the peer is
 * gone or too slow; then the connection ends without the mark that closes a whole answer. */
bool reply_begin(struct exchange *exchange, int status, const char *content_type);
bool reply_piece(struct exchange *exchange, const void *bytes, size_t length);
void reply_end(struct exchange *exchange);

/* Does the request's If-None-Match name this tag (without quotes)? */
bool reply_not_modified(const struct exchange *exchange, const char *tag);
/* Sends with an ETag: 304 when the caller has it already. */
void reply_send_tagged(struct exchange *exchange, const char *tag, const char *content_type,
                       const void *body, size_t length);

const char *reply_reason(int status);

#endif
