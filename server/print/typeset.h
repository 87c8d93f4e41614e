/* Inside print: blocks become rows of set text, each cell with its width and height. Lengths are in
 * points, of which an inch has 72. */
#ifndef KOPPEL_PRINT_TYPESET_H
#define KOPPEL_PRINT_TYPESET_H

#include <pango/pangocairo.h>

#include "block.h"
#include "fonts.h"

/* One scale for all documents, and one grid: everything stands on these edges. */
#define PAGE_WIDTH 595.28 /* A4 */
#define PAGE_HEIGHT 841.89
#define PAGE_LEFT 60.0
#define PAGE_RIGHT (PAGE_WIDTH - 60.0)
#define PAGE_TOP 54.0
#define PAGE_BOTTOM (PAGE_HEIGHT - 76.0)
#define PAGE_FOOT (PAGE_HEIGHT - 54.0)
#define PAGE_GAP 14.0 /* between columns */
#define NOTICE_PADDING 9.0
#define ITEM_INDENT 12.0
#define CELL_PADDING 2.5 /* above and below, within a table */

enum style {
    STYLE_NAME, /* of the sender, where there is no logo */
    STYLE_TITLE,
    STYLE_HEADING,
    STYLE_SUBHEADING,
    STYLE_TEXT,
    STYLE_STRONG,
    STYLE_TABLE_HEAD,
    STYLE_SMALL,
    STYLE_SMALL_STRONG,
    STYLE_COUNT
};

/* What one thread prints with. */
struct typesetter {
    const struct fonts *fonts;
    PangoFontMap *map;
    PangoContext *context;
    PangoFontDescription *styles[STYLE_COUNT];
    PangoAttrList *attributes;
    struct buffer text; /* of the cell at hand */
    bool replaced;      /* a character that no font has: since typesetter_begin */
};

/* False: no memory. */
bool typesetter_init(struct typesetter *typesetter, const struct fonts *fonts);
void typesetter_done(struct typesetter *typesetter);
void typesetter_begin(struct typesetter *typesetter, enum language language);

/* A text in a style; `width` 0: on one line, as wide as it is. NULL: no memory; g_object_unref. */
PangoLayout *typeset_text(struct typesetter *typesetter, enum style style, const char *text,
                          double width);
double layout_width(PangoLayout *layout);
double layout_height(PangoLayout *layout);

struct set_cell {
    PangoLayout *layout;
    double x, height; /* x from the left edge of the page */
};

struct set_row {
    const struct print_block *block;
    struct set_cell cells[PRINT_COLUMNS_MAX];
    double before, height; /* `before`: white above it, but at the top of a page */
};

struct set {
    struct set_row *rows; /* one for each block */
    int count;
    struct print_block note; /* the last one, when characters were replaced */
};

/* 0, or ERROR_NO_MEMORY. `set_done` whatever the outcome. */
int typeset(struct typesetter *typesetter, const struct print *print, struct error *error,
            struct set *ret_set);
void set_done(struct set *set);

#endif
