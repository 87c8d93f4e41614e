/* The database's own tools (pg_dump, pg_restore), run as children of this program. */
#ifndef KOPPEL_DB_DRIVER_POSTGRESQL_TOOL_H
#define KOPPEL_DB_DRIVER_POSTGRESQL_TOOL_H

#include <libpq-fe.h>
#include <sys/types.h>

#include "base/error.h"

enum { POSTGRESQL_TOOL_OPTIONS_MAX = 256 };

struct postgresql_tool {
    const char *name;
    pid_t process;
    int complaints; /* a file without a name that takes the tool's standard error */
};

/* Starts argv[0] (found along PATH) with its output into a descriptor. How to connect, the password
 * included, stands in its environment, taken over from `handle`: never on its command line. */
int postgresql_tool_start(PGconn *handle, const char *const *argv, int output,
                          struct error *error, struct postgresql_tool *ret_tool);
/* Waits for its end; anything but success is `code` with what the tool said. */
int postgresql_tool_end(struct postgresql_tool *tool, enum error_code code, struct error *error);

#endif
