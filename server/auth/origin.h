/* Web origins as browsers send them: scheme://host[:port]. */
#ifndef KOPPEL_AUTH_ORIGIN_H
#define KOPPEL_AUTH_ORIGIN_H

#include "auth/keys.h"

/* Writes the origin in its one form: scheme and host in lower case, the scheme's own port and a
 * closing "/" left out. Takes http and https, names, IPv4 and [IPv6] addresses; ERROR_INVALID says
 * what an origin looks like for all else (a path, a user, a wildcard, "null"). */
int origin_normalise(const char *text, struct error *error, char ret_origin[KEY_ORIGIN_MAX]);

#endif
