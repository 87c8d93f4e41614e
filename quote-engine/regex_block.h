/* Unicode's blocks, for the patterns of regular expressions. Not public. */
#ifndef KOPPEL_REGEX_BLOCK_H
#define KOPPEL_REGEX_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The code points of a block, both ends included, by its name as in `\p{IsGreekExtended}`, without
 * the Is. False when there is no such block. */
bool regex_block_find(const char *name, size_t length, uint32_t *ret_first, uint32_t *ret_last);

#endif
