/* Random bytes from the system; the process ends when there are none (nothing safe is left). */
#ifndef KOPPEL_BASE_RANDOM_H
#define KOPPEL_BASE_RANDOM_H

#include <stddef.h>

void random_bytes(void *ret_bytes, size_t length);
/* `length` characters of [0-9A-Za-z] (5.95 bits each), NUL-terminated: length + 1 bytes. */
void random_text(size_t length, char *ret_text);

#endif
