/* What the files of partner_file.h share. Not used outside them. */
#ifndef KOPPEL_DOMAIN_PARTNER_FILE_INSIDE_H
#define KOPPEL_DOMAIN_PARTNER_FILE_INSIDE_H

#include "domain/copying.h"
#include "domain/partner_file.h"

int partner_file_starved(struct error *error);
/* ERROR_NOT_FOUND for a change that found no row. */
int partner_file_missing(const char *id, struct error *error);
/* Reads the one number of a result; ERROR_TOO_LARGE when it is `maximum` or more. Closes it. */
int partner_file_room(struct db_rows *rows, int64_t maximum, const char *what,
                      struct error *error);

#endif
