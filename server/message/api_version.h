/* The dated versions of the JSON API. A key is pinned to the version that was the newest when it
 * was made, so that a change that breaks callers breaks none that does not ask for it; a request
 * may name another in its Koppel-Version header. What only adds (operations, fields of answers,
 * choices, optional fields of requests) is in every version at once, and only in the change log.
 *
 * A change that breaks is an entry more at the end of the table in api_versions.c: the date, and
 * for each operation that changed a step, which says what its input and its output were before.
 * Operations go on in the newest form alone. For a caller of an older version the dispatcher takes
 * the input up through the steps after that version, in order, and the output and the pointers of
 * faults down through the same in reverse; openapi.json of that version is made of the same steps.
 * No handler learns of versions. A SOAP service speaks what its namespace says instead
 * (soap/contract.h), so that a step may only name an operation that no SOAP service has.
 *
 * A step leaves alone what stands in the path of an address, and in an output the `id`, `next` and
 * `revision` at its top, which are headers as well. */
#ifndef KOPPEL_MESSAGE_API_VERSION_H
#define KOPPEL_MESSAGE_API_VERSION_H

#include <stdbool.h>
#include <stddef.h>

#include "field.h"

/* As many as openapi.json is kept of: a test holds the table to it. */
enum { API_VERSION_MAX = 11, API_VERSION_LIST_MAX = 200, API_VERSIONS_MAX = 24 };

/* ---- the table ------------------------------------------------------------------------------ */
/* A field that had another name. */
struct api_rename {
    const char *within; /* the records it stands in: "" the whole, "items.cover"; of a list each */
    const char *older, *newer;
};

/* How an input or output was before a version: first its names, and where those do not tell it all
 * the functions and the fields below. */
struct api_form {
    const struct api_rename *renames; /* `within` has the names that those before it made newer */
    int rename_count;
    /* NULL, or what more differs; names of entries do not end in a NUL. Of an input from older to
     * newer, after renames: it need not be right, even by the older fields. Of an output from newer
     * to older, before renames. False: scratch is used up. */
    bool (*reshape)(struct value *value, struct scratch *scratch);
    /* Of an input, with `reshape`: where a fault of the newer form lies in the older one. */
    void (*point)(char pointer[FIELD_POINTER_MAX]);
    const struct field *fields; /* NULL, or the older ones, where names alone do not make them */
    int field_count;
};

struct api_step {
    const char *operation; /* of one that has `each`, the name of what it does each time */
    struct api_form input, output;
};

struct api_version {
    const char *date; /* "2026-11-23" */
    const struct api_step *steps; /* from the version before it to this one */
    int step_count;
};

extern const struct api_version api_versions[]; /* the oldest first */
extern const int api_version_count;             /* the last is the newest */

/* ---- dates ---------------------------------------------------------------------------------- */
const char *api_version_date(int version); /* "2026-11-23" */

/* Is it one of the versions, as written? */
bool api_version_read(const char *date, int *ret_version);
/* What a store says: also a date that a newer program wrote, which stands for the newest version of
 * this one that is not after it. */
int api_version_stored(const char *date);
/* The dates of the last versions, as many as fit, the newest first: "2027-03-01, 2026-11-23". */
void api_version_list(char ret_list[API_VERSION_LIST_MAX]);

/* ---- between a version and the newest ------------------------------------------------------- */
enum api_side { API_INPUT, API_OUTPUT };

/* Is the operation another in that version than in the newest? */
bool api_version_differs(int version, const char *operation);
/* The fields in that version, in scratch, of those in the newest, which are handed in. False:
 * scratch is used up. */
bool api_version_fields(int version, const char *operation, enum api_side side,
                        struct scratch *scratch, const struct field **fields, int *field_count);
/* An input of that version becomes one of the newest: a context that need not be right. False:
 * scratch is used up. */
bool api_version_up(int version, const char *operation, struct scratch *scratch,
                    struct value *input);
/* An output of the newest becomes one of that version. False: scratch is used up. */
bool api_version_down(int version, const char *operation, struct scratch *scratch,
                      struct value *output);
/* A pointer into an input likewise: what it points to stands there in that version. */
void api_version_point(int version, const char *operation, char pointer[FIELD_POINTER_MAX]);

#endif
