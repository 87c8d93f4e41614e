/* Lists with weights, as Accept-Language and Accept-Encoding are: "en;q=0.8, nl". Pure. */
#ifndef KOPPEL_HTTP_WEIGHTED_H
#define KOPPEL_HTTP_WEIGHTED_H

#include <stdbool.h>
#include <stddef.h>

struct weighted {
    const char *name; /* not NUL-terminated */
    size_t length;
    int weight; /* in thousandths; -1: what stands there is no weight */
};

/* Reads the next of the list at *at and moves on; false at its end. */
bool weighted_next(const char **at, struct weighted *ret_item);

#endif
