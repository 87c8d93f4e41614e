/* Request bodies: read within limits, unpacked when they are gzip. */
#ifndef KOPPEL_HTTP_BODY_H
#define KOPPEL_HTTP_BODY_H

#include "exchange.h"

/* Reads the whole body into the workspace, at most limit_bytes after unpacking. A body of the wrong
 * type, coding or size, or one that does not arrive, is answered here: then false. `media_types` is
 * what Content-Type must say: one, or "this, that"; NULL leaves it to the caller. A request without
 * a body needs none. */
bool body_read(struct exchange *exchange, const char *media_types, int64_t limit_bytes);
/* Does Content-Type say this? */
bool body_is(const struct exchange *exchange, const char *media_type);

/* As far as the head says: also when it does not tell the length, or the body is packed. */
bool body_may_exceed(const struct exchange *exchange, int64_t limit_bytes);

/* 503: there is no room for a body now. Always false. */
bool body_refuse_busy(struct exchange *exchange);

/* For requests that take no body: refuses one and says so. */
bool body_absent(struct exchange *exchange);

#endif
