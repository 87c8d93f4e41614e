/* Errors: set once where they are found, passed up unchanged, logged once at the edge.
 *
 * A function that can fail takes a struct error last but for its outputs and returns 0 or one of
 * the negative codes below. error_set keeps the first error: a higher layer never overwrites what
 * a lower one said. */
#ifndef KOPPEL_BASE_ERROR_H
#define KOPPEL_BASE_ERROR_H

enum error_code {
    ERROR_NONE = 0,
    ERROR_INVALID = -1,   /* the input or the use is wrong */
    ERROR_NOT_FOUND = -2,
    ERROR_CONFLICT = -3,  /* unique key, concurrent change */
    ERROR_BUSY = -4,      /* try again later: lock, pool, or queue is full */
    ERROR_FULL = -5,      /* no space, read-only, or quota: nothing was written */
    ERROR_IO = -6,        /* input or output failed: whether it was written is unknown */
    ERROR_NO_MEMORY = -7,
    ERROR_TOO_LARGE = -8, /* a named limit was reached */
    ERROR_DENIED = -9,
    ERROR_INTERNAL = -10  /* a bug or a broken installation */
};

enum { ERROR_TEXT_MAX = 512 };

struct error {
    enum error_code code;
    char text[ERROR_TEXT_MAX]; /* one line for the operator, saying what to do */
};

/* Keeps the first error; returns the code that stands. `error` may be NULL. */
int error_set(struct error *error, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void error_clear(struct error *error);

#endif
