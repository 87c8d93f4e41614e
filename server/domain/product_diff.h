/* What differs between two editions of a product, in lines for people: questions, covers, terms,
 * formulas, the rows of decision tables, and files. */
#ifndef KOPPEL_DOMAIN_PRODUCT_DIFF_H
#define KOPPEL_DOMAIN_PRODUCT_DIFF_H

#include "base/buffer.h"
#include "domain/catalogue.h"

enum {
    PRODUCT_DIFF_ROWS_MAX = 20, /* said of one table; the rest is counted */
    PRODUCT_DIFF_CELL_MAX = 60, /* bytes of a cell or a formula that are said */
    PRODUCT_DIFF_MAX_BYTES = 8 * 1024 * 1024
};

struct product_edition { /* one of the two */
    const struct product *product;
    const struct source *files;
    int file_count;
};

/* Appends the differences from older to newer, "+" for what came, "-" for what went, "~" for what
 * changed; nothing when there are none. Rows are the same row when their conditions are. The buffer
 * is failed when memory or its limit does not suffice. */
void product_diff_write(const struct product_edition *older, const struct product_edition *newer,
                        struct buffer *buffer);

#endif
