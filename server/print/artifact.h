/* Inside print: marks on what readers pass over. */
#ifndef KOPPEL_PRINT_ARTIFACT_H
#define KOPPEL_PRINT_ARTIFACT_H

#include "base/buffer.h"

enum { ARTIFACT_CONTENT_MAX_BYTES = 16 * 1024 * 1024 };

/* Unpacks the content of a page, puts marks around all that no tag is around, and appends it,
 * packed. False: it is not packed as Cairo does, or there is no memory. */
bool artifact_mark(const void *packed, size_t length, struct buffer *ret_packed);

#endif
