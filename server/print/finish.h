/* Inside print: what Cairo leaves out of a tagged PDF. */
#ifndef KOPPEL_PRINT_FINISH_H
#define KOPPEL_PRINT_FINISH_H

#include "base/buffer.h"
#include "base/error.h"
#include "quote-engine/text.h"

enum { FINISH_OBJECTS_MAX = 200 * 1000 };

struct finish {
    const char *pdf; /* as Cairo wrote it, of version 1.4: its table of places is plain */
    size_t length;
    enum language language;
    const char *scopes; /* of each table head, in order: 'C' of a column, 'R' of a row */
    size_t scope_count;
    const char *picture; /* what the picture shows, in words */
};

/* Appends the document, to an empty buffer, with its language, the wish that its title be shown, an
 * identity that follows from its bytes, the reach of table heads, words for the picture, and marks
 * on what readers pass over. ERROR_INTERNAL when it is not of the form that is expected. */
int finish_write(const struct finish *finish, struct error *error, struct buffer *ret_pdf);

#endif
