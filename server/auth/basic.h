/* The Basic scheme of HTTP (RFC 7617). */
#ifndef KOPPEL_AUTH_BASIC_H
#define KOPPEL_AUTH_BASIC_H

#include "quote-engine/value.h"

enum { BASIC_MAX_BYTES = 1024 }; /* of base64 */

/* Reads what stands behind "Basic ": user and password, both NUL-terminated, in scratch. False when
 * it is not in form, too long, or there is no room. */
bool basic_read(const char *encoded, struct scratch *scratch, char **ret_user,
                char **ret_password);

#endif
