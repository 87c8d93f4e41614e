/* What the files of product_diff share. Not used outside product_diff*.c. */
#ifndef KOPPEL_DOMAIN_PRODUCT_DIFF_INSIDE_H
#define KOPPEL_DOMAIN_PRODUCT_DIFF_INSIDE_H

#include "domain/product_diff.h"

struct difference {
    struct buffer *buffer;
    const char *section; /* said above its first line */
    bool said;
};

static inline void difference_section(struct difference *difference, const char *section) {
    difference->section = section;
    difference->said = false;
}

/* "    + name" for '+' and '-'. */
void difference_line(struct difference *difference, char mark, const char *name);
/* "    ~ name: what was a and is b"; nothing when they are the same. NULL is said as none. */
void difference_text(struct difference *difference, const char *name, const char *what,
                     const char *before, const char *now);
void difference_number(struct difference *difference, const char *name, const char *what,
                       int before, int now);

/* Formulas and tables of the two programs. */
void program_diff(struct difference *difference, const struct program *older,
                  const struct program *newer);

#endif
