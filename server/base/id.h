/* Ids: a prefix, "_", and a time-ordered UUIDv7 (RFC 9562) in 26 base-32 characters of Crockford's
 * alphabet in lower case: "qte_06cz…". They sort by time of making, also within a millisecond in
 * one process, and are the cursor of lists. Unguessable is not a permission. */
#ifndef KOPPEL_BASE_ID_H
#define KOPPEL_BASE_ID_H

#include <stdbool.h>
#include <stddef.h>

enum { ID_MAX = 40, ID_BODY_LENGTH = 26 };

/* `prefix` of at most 8 lower-case letters. */
void id_make(const char *prefix, char ret_id[ID_MAX]);
/* Is it an id with that prefix, in form? */
bool id_valid(const char *prefix, const char *id, size_t length);
/* Its body for a UUID that is given: for tests and import. */
void id_from_uuid(const char *prefix, const unsigned char uuid[16], char ret_id[ID_MAX]);

#endif
