/* Inside print: one page after the other: its foot, its tags, and how much room is left. With no
 * Cairo nothing is drawn, and all else is the same. */
#ifndef KOPPEL_PRINT_PAGE_H
#define KOPPEL_PRINT_PAGE_H

#include <cairo.h>

#include "typeset.h"

enum { INK = 0x1b1b1b, INK_GREY = 0x585858, INK_RULE = 0xd4d4d4 };

struct pages {
    struct typesetter *typesetter;
    const struct print *print;
    cairo_t *cairo; /* NULL: they are only counted */
    int page, page_count;
    double y;
};

void pages_begin(struct pages *pages);
/* Ends the page and begins the next. */
void pages_turn(struct pages *pages);
void pages_tag(struct pages *pages, const char *name, const char *attributes);
void pages_untag(struct pages *pages, const char *name);
void pages_colour(struct pages *pages, uint32_t colour);
void pages_rule(struct pages *pages, double y, double thick, uint32_t colour);
/* Draws lines of a layout from index `line` on, down from y, as far as `bottom`; returns the index
 * behind the last, and how far down they came. With `force` at least one. */
int pages_lines(struct pages *pages, PangoLayout *layout, double x, double y, double bottom,
                int line, bool force, double *ret_y);
/* The letterhead, down to where the document begins. */
void pages_letterhead(struct pages *pages);

#endif
