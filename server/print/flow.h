/* Inside print: set rows become pages. */
#ifndef KOPPEL_PRINT_FLOW_H
#define KOPPEL_PRINT_FLOW_H

#include <cairo-pdf.h>

#include "typeset.h"

enum { FLOW_SCOPES_MAX = 4 * PRINT_BLOCKS_MAX };

/* Lays out the pages, and draws them. `cairo` NULL: only counts them. Appends to `scopes`, for each
 * table head in order, 'C' (of a column) or 'R' (of a row). Pages beyond PRINT_PAGES_MAX are not
 * drawn: look at the count. */
void flow(struct typesetter *typesetter, const struct print *print, const struct set *set,
          cairo_t *cairo, int page_count, struct buffer *scopes, int *ret_pages);

#endif
