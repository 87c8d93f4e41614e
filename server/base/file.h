/* Whole files, read and written safely. */
#ifndef KOPPEL_BASE_FILE_H
#define KOPPEL_BASE_FILE_H

#include <stddef.h>

#include "base/error.h"

/* Reads a regular file of at most limit_bytes; NUL-terminated; free() it. */
int file_read(const char *path, size_t limit_bytes, struct error *error, char **ret_text,
              size_t *ret_length);
/* Writes to a new file beside `path`, flushes it and renames it over `path`; mode as 0600. */
int file_write(const char *path, const void *bytes, size_t length, unsigned mode,
               struct error *error);
/* Joins with "/"; ERROR_TOO_LARGE when it does not fit. */
int file_path(const char *folder, const char *name, size_t size, struct error *error,
              char *ret_path);
/* Makes a folder (mode 0700) and its parents; they outlive a power cut. */
int file_make_folder(const char *path, struct error *error);
/* Flushes the folder that holds `path`, so that a new name outlives a power cut. */
int file_sync_folder(const char *path, struct error *error);
/* Sets the error that an errno stands for: "cannot <deed> <path>: <why>". A full or read-only disk
 * is ERROR_FULL, a missing file ERROR_NOT_FOUND, no permission ERROR_DENIED, an existing one
 * ERROR_CONFLICT, anything else ERROR_IO. */
int file_error(struct error *error, int number, const char *deed, const char *path);

#endif
