/* The dated versions of the JSON API. A key is pinned to the version that was the newest when it
 * was made, so that a change that breaks callers breaks none that does not ask for it; a request
 * may name another in its Koppel-Version header. What only adds (operations, fields of answers,
 * choices, optional fields of requests) is in every version at once, and only in the change log.
 *
 * A version is made by a change that breaks: its date is added at the end of the list, and
 * operations go on in the newest form alone. What the older form of a request or an answer was is
 * told in one table of steps, {version, operation, request up, answer down}, of functions from
 * value to value: the JSON entrance takes a request up through the steps after the caller's
 * version, in order, before the dispatcher checks it, and its answer down through the same in
 * reverse before it is written. No handler learns of versions. A SOAP service speaks what its
 * namespace says instead (soap/contract.h). */
#ifndef KOPPEL_MESSAGE_API_VERSION_H
#define KOPPEL_MESSAGE_API_VERSION_H

#include <stdbool.h>
#include <stddef.h>

enum { API_VERSION_MAX = 11, API_VERSION_LIST_MAX = 200 };

extern const int api_version_count; /* the last is the newest */
const char *api_version_date(int version); /* "2026-11-23" */

/* Is it one of the versions, as written? */
bool api_version_read(const char *date, int *ret_version);
/* What a store says: also a date that a newer program wrote, which stands for the newest version of
 * this one that is not after it. */
int api_version_stored(const char *date);
/* The dates of the last versions, as many as fit, the newest first: "2027-03-01, 2026-11-23". */
void api_version_list(char ret_list[API_VERSION_LIST_MAX]);

#endif
