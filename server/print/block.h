/* Inside print: what a document holds, between who tells it and who lays it out. */
#ifndef KOPPEL_PRINT_BLOCK_H
#define KOPPEL_PRINT_BLOCK_H

#include "print.h"

enum block_kind {
    BLOCK_TITLE,
    BLOCK_HEADING,
    BLOCK_PARAGRAPH,
    BLOCK_SMALL,
    BLOCK_NOTICE,
    BLOCK_ITEM,
    BLOCK_FACT,
    BLOCK_ROW
};

struct print_block {
    struct print_block *next;
    enum block_kind kind;
    int level;                          /* of a heading */
    int table;                          /* of a row: which; others 0 */
    enum print_row row;                 /* of a row: which kind */
    const struct print_column *columns; /* of a row */
    int cell_count;
    const char *cells[PRINT_COLUMNS_MAX];
    const char *address; /* of an item, or NULL */
};

#endif
