/* The progress of a walk through the book, on one line of a terminal; nothing where standard
 * error is none. The first SIGINT or SIGTERM ends the walk in good order, the second as always. */
#ifndef KOPPEL_CLI_PROGRESS_H
#define KOPPEL_CLI_PROGRESS_H

#include "domain/book.h"

struct progress {
    bool terminal;
    int64_t started_ms;
};

void progress_start(struct progress *progress);
/* Fits book_walk's `tell`; the context is the progress. */
bool progress_tell(void *context, const struct book_progress *told);
/* Takes the line away again. Returns the seconds since the start. */
double progress_end(struct progress *progress);

#endif
