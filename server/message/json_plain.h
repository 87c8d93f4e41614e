/* The quick way through JSON text that is plainly right, as nearly all of it is. Not used outside
 * this folder. */
#ifndef KOPPEL_MESSAGE_JSON_PLAIN_H
#define KOPPEL_MESSAGE_JSON_PLAIN_H

#include "json.h"

/* Reads what json_read reads, to the same values. False for everything else, and for what takes
 * more than a look: escapes, large objects, no room in scratch. Then nothing is taken from scratch,
 * and the thorough way has the say. The limits are plain numbers here: see struct json_limits. */
bool json_plain_read(const char *text, size_t length, int depth_max, int values_max,
                     struct scratch *scratch, struct value *ret_value);

#endif
