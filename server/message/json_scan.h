/* The pass over JSON text that goes before the parser: encoding, nesting, number of values, and
 * the numbers, which the parser would keep only as doubles. Not used outside this folder. */
#ifndef KOPPEL_MESSAGE_JSON_SCAN_H
#define KOPPEL_MESSAGE_JSON_SCAN_H

#include "json.h"

/* The characters that a JSON string cannot hold as they are. */
extern const bool json_escaped[256];

enum { JSON_DEPTH_CEILING = 200 }; /* no caller's own limit goes beyond it */

struct json_scan {
    char *text;      /* the same text, every number written as 0 and blanks: same positions */
    size_t *numbers; /* where the numbers begin, in order */
    size_t number_count;
};

/* ERROR_INVALID with the fault, or ERROR_NO_MEMORY; json_scan_done in every case. */
int json_scan(const char *text, size_t length, int depth_max, int values_max,
              struct json_scan *ret_scan, struct json_fault *ret_fault);
void json_scan_done(struct json_scan *scan);
/* Characters of the number that begins at `at`. */
size_t json_scan_number(const char *text, size_t length, size_t at);
/* Are they a number as JSON writes one? */
bool json_scan_is_number(const char *text, size_t length);

/* The JSON Pointer of the value or key at a position of a text that was scanned. */
void json_scan_pointer(const char *text, size_t position, char ret_pointer[JSON_POINTER_MAX]);

/* Line and column (in characters, from 1) of a position. */
void json_scan_place(const char *text, size_t position, int *ret_line, int *ret_column);
/* Sets place, code and both texts; the formats take the same arguments. Returns ERROR_INVALID. */
int json_fault_set(struct json_fault *fault, const char *text, size_t position, const char *code,
                   const char *nl, const char *en, ...)
    __attribute__((format(printf, 5, 7), format(printf, 6, 7)));

#endif
