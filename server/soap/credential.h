/* The key of a call, from HTTP's Authorization header. */
#ifndef KOPPEL_SOAP_CREDENTIAL_H
#define KOPPEL_SOAP_CREDENTIAL_H

#include <stddef.h>

#include "quote-engine/value.h"

/* Bearer KEY, or Basic with the key as password, or as user name without one. NULL: there is no
 * header; "" when it holds no key that can be read. The key is NUL-terminated. */
const char *credential_read(const char *authorization, struct scratch *scratch,
                            size_t *ret_length);

#endif
