/* Copies of columns; see copying.h. */
#include "domain/copying.h"

#include <string.h>

const char *copying_text(struct copying *copying, int column) {
    size_t length = 0;
    const char *text = db_column_text(copying->rows, column, &length);
    char *copied = text ? scratch_take(copying->scratch, length + 1) : NULL;
    if (text && copied) memcpy(copied, text, length + 1);
    copying->failed |= text && !copied;
    return copied;
}
