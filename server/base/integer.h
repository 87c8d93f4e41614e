/* Whole numbers to decimal digits, without the machinery of formats. */
#ifndef KOPPEL_BASE_INTEGER_H
#define KOPPEL_BASE_INTEGER_H

#include <stddef.h>
#include <stdint.h>

enum { INTEGER_TEXT_MAX = 21 }; /* of -2^63, with its NUL */

/* Returns the length. */
size_t integer_write(int64_t integer, char ret_text[INTEGER_TEXT_MAX]);

#endif
