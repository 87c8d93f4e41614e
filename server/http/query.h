/* Query strings to values: texts by name, in the order in which they stand. */
#ifndef KOPPEL_HTTP_QUERY_H
#define KOPPEL_HTTP_QUERY_H

#include <stdbool.h>

#include "message/field.h"

enum { QUERY_PARAMETERS_MAX = 64 };

/* Why a query is refused. */
struct query_fault {
    const char *code, *nl, *en;
    char pointer[FIELD_POINTER_MAX]; /* "/limit" for the parameter "limit"; "" for all of it */
};

/* Reads `query` (NULL: none) into entries in scratch; at least room for ret_entries of
 * QUERY_PARAMETERS_MAX. False with the fault: a bad escape, no UTF-8, the same name twice, or too
 * many. */
bool query_read(const char *query, struct scratch *scratch, struct query_fault *ret_fault,
                struct value_entry ret_entries[QUERY_PARAMETERS_MAX], int *ret_count);

/* Writes "/name" with the escapes of RFC 6901. */
void query_pointer(const char *name, size_t length, char ret_pointer[FIELD_POINTER_MAX]);

#endif
