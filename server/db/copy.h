/* Files that copies of a store are written to: made under another name, given their own when they
 * are whole and on the disk. For the drivers. */
#ifndef KOPPEL_DB_COPY_H
#define KOPPEL_DB_COPY_H

#include <limits.h>

#include "base/error.h"

/* Makes a new, empty file that only its owner may read, beside `path`. */
int copy_make_beside(const char *path, struct error *error, char ret_path[PATH_MAX]);
int copy_flush(const char *path, struct error *error);
/* ERROR_CONFLICT when a file, or anything else, has the name of the backup already. */
int copy_vacant(const char *path, struct error *error);
/* Gives the copy its name for good unless a file has it already; removes the copy when it fails. */
int copy_name(const char *beside, const char *path, struct error *error);

/* Ends a copy with its length, which tells one that was cut off: the tool that reads it may not.
 * What stands behind the copy's own end does not disturb that tool. */
int copy_seal(const char *path, struct error *error);
/* ERROR_INVALID when the file does not end as copy_seal ends it. */
int copy_check_seal(const char *path, struct error *error);

#endif
