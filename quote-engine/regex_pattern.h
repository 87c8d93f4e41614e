/* Regular expressions of XPath 3.1, written as PCRE2 reads them. Not public. */
#ifndef KOPPEL_REGEX_PATTERN_H
#define KOPPEL_REGEX_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that a pattern of `length` bytes needs at most when it is written. */
#define REGEX_PATTERN_ROOM(length) ((size_t)(length) * 32 + 64)

/* Writes the pattern. With `spaced` (flag x) white space outside of classes is left out; with
 * `dot_all` (flag s) a point means line ends too, for which PCRE2 wants its own option besides.
 * False when it is no pattern of XPath's, as far as that is seen here, or the room is too small. */
bool regex_pattern_write(const char *pattern, size_t length, bool spaced, bool dot_all,
                         char *ret_text, size_t room, size_t *ret_length);

#endif
