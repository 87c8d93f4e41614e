/* Breaks rows into pages. A row stays whole where it can; a heading stays with what it heads, a
 * table's total with the row above it; a table that goes on repeats its head. What is longer than
 * half a page is broken between lines. */
#include "flow.h"

#include <stdio.h>
#include <string.h>

#include "page.h"

#define KEEP_WHOLE ((PAGE_BOTTOM - PAGE_TOP) / 2) /* what is higher may be broken */
#define KEEP_LINES 26.0                           /* of what follows a heading: two lines */

enum inside { INSIDE_NOTHING, INSIDE_TABLE, INSIDE_LIST };

struct flowing {
    struct pages pages;
    const struct set *set;
    enum inside inside;
    enum block_kind kind; /* of the rows of that table or list */
    int table;
    const struct set_row *head; /* of the table, or NULL */
    struct buffer *scopes;
};

static bool is_tabular(const struct print_block *block) {
    return block->kind == BLOCK_FACT || block->kind == BLOCK_ROW;
}

static double padding_of(const struct print_block *block) {
    return is_tabular(block) ? CELL_PADDING : block->kind == BLOCK_NOTICE ? NOTICE_PADDING : 0;
}

static double height_of(const struct set_row *row) {
    return row->height + 2 * padding_of(row->block);
}

/* ---- structure ------------------------------------------------------------------------------- */

static void leave(struct flowing *flowing) {
    if (flowing->inside == INSIDE_TABLE) pages_untag(&flowing->pages, "Table");
    if (flowing->inside == INSIDE_LIST) pages_untag(&flowing->pages, "L");
    flowing->inside = INSIDE_NOTHING;
    flowing->head = NULL;
}

static void enter(struct flowing *flowing, const struct set_row *row) {
    const struct print_block *block = row->block;
    enum inside wanted = is_tabular(block)          ? INSIDE_TABLE
                         : block->kind == BLOCK_ITEM ? INSIDE_LIST
                                                     : INSIDE_NOTHING;
    if (wanted == flowing->inside &&
        (wanted == INSIDE_NOTHING ||
         (flowing->kind == block->kind && flowing->table == block->table)))
        return;
    leave(flowing);
    flowing->inside = wanted;
    flowing->kind = block->kind;
    flowing->table = block->table;
    if (wanted == INSIDE_TABLE) pages_tag(&flowing->pages, "Table", NULL);
    if (wanted == INSIDE_LIST) pages_tag(&flowing->pages, "L", NULL);
}

static const char *tag_of(const struct print_block *block, int cell) {
    switch (block->kind) {
    case BLOCK_TITLE: return "H1";
    case BLOCK_HEADING: return block->level == 2 ? "H2" : "H3";
    case BLOCK_ITEM: return "LBody";
    case BLOCK_FACT: return cell == 0 ? "TH" : "TD";
    case BLOCK_ROW: return block->row == PRINT_ROW_HEAD ? "TH" : "TD";
    case BLOCK_PARAGRAPH:
    case BLOCK_SMALL:
    case BLOCK_NOTICE: break;
    }
    return "P";
}

/* An address as an attribute and within a PDF: of characters that mean nothing in either. */
static void link_write(const char *address, struct buffer *attribute) {
    buffer_text(attribute, "uri='");
    for (const unsigned char *at = (const unsigned char *)address; *at; at++) {
        if (*at <= ' ' || *at >= 0x7f || strchr("()'\\<>\"", *at))
            buffer_format(attribute, "%%%02X", *at);
        else buffer_char(attribute, (char)*at);
    }
    buffer_char(attribute, '\'');
}

static void cell_tag(struct flowing *flowing, const struct print_block *block, int cell) {
    const char *tag = tag_of(block, cell);
    if (!flowing->pages.cairo) return;
    pages_tag(&flowing->pages, tag, NULL);
    if (strcmp(tag, "TH") == 0)
        buffer_char(flowing->scopes, block->kind == BLOCK_FACT ? 'R' : 'C');
    if (!block->address) return;
    struct buffer attribute;
    buffer_init(&attribute, PRINT_TEXT_MAX_BYTES * 3 + 16);
    link_write(block->address, &attribute);
    pages_tag(&flowing->pages, "Link", attribute.failed ? NULL : attribute.data);
    buffer_done(&attribute);
}

static void cell_untag(struct flowing *flowing, const struct print_block *block, int cell) {
    if (block->address) pages_untag(&flowing->pages, "Link");
    pages_untag(&flowing->pages, tag_of(block, cell));
}

static uint32_t ink_of(const struct flowing *flowing, const struct print_block *block, int cell) {
    uint32_t brand = flowing->pages.print->head.sender.colour;
    switch (block->kind) {
    case BLOCK_TITLE:
    case BLOCK_HEADING: return brand;
    case BLOCK_ROW: return block->row == PRINT_ROW_HEAD ? brand : INK;
    case BLOCK_FACT: return cell == 0 ? INK_GREY : INK;
    case BLOCK_SMALL: return INK_GREY;
    case BLOCK_ITEM: return block->address ? brand : INK;
    case BLOCK_PARAGRAPH:
    case BLOCK_NOTICE: break;
    }
    return INK;
}

/* ---- drawing a row, or a part of one --------------------------------------------------------- */

/* What lies under the text. */
static void ground_draw(struct flowing *flowing, const struct print_block *block, double height) {
    struct pages *pages = &flowing->pages;
    cairo_t *cairo = pages->cairo;
    if (!cairo) return;
    if (block->kind == BLOCK_NOTICE) {
        pages_colour(pages, 0xf3f3f3);
        cairo_rectangle(cairo, PAGE_LEFT, pages->y, PAGE_RIGHT - PAGE_LEFT, height);
        cairo_fill(cairo);
        pages_colour(pages, pages->print->head.sender.accent);
        cairo_rectangle(cairo, PAGE_LEFT, pages->y, 3, height);
        cairo_fill(cairo);
    }
    if (block->kind == BLOCK_ITEM) {
        pages_colour(pages, INK_GREY);
        cairo_new_path(cairo); /* text leaves a point from which the arc would begin */
        cairo_arc(cairo, PAGE_LEFT + 3, pages->y + 6.6, 1.4, 0, 6.2832);
        cairo_fill(cairo);
    }
}

/* The rule below a row of a table; above a total. */
static void rules_draw(struct flowing *flowing, const struct print_block *block, double top) {
    struct pages *pages = &flowing->pages;
    if (!is_tabular(block)) return;
    if (block->kind == BLOCK_ROW && block->row == PRINT_ROW_HEAD)
        pages_rule(pages, pages->y, 1, pages->print->head.sender.colour);
    else pages_rule(pages, pages->y, 0.5, INK_RULE);
    if (block->kind == BLOCK_ROW && block->row == PRINT_ROW_TOTAL)
        pages_rule(pages, top, 1, pages->print->head.sender.colour);
}

struct part { /* of a row: from which line of each cell */
    int lines[PRINT_COLUMNS_MAX];
    bool more, continued;
};

/* Draws what fits of the row from `part` on, and moves `part` and y behind it. */
static void part_draw(struct flowing *flowing, const struct set_row *row, bool tagged, bool force,
                      struct part *part) {
    struct pages *pages = &flowing->pages;
    const struct print_block *block = row->block;
    double padding = padding_of(block), top = pages->y, y = top + padding, low = y;
    double bottom = PAGE_BOTTOM - padding;
    const char *around = is_tabular(block) ? "TR" : block->kind == BLOCK_ITEM ? "LI" : NULL;
    if (!part->continued) ground_draw(flowing, block, height_of(row));
    if (tagged && around) pages_tag(pages, around, NULL);
    part->more = false;
    for (int i = 0; i < block->cell_count; i++) {
        PangoLayout *layout = row->cells[i].layout;
        double reached = y;
        if (tagged) cell_tag(flowing, block, i);
        pages_colour(pages, ink_of(flowing, block, i));
        if (part->lines[i] < pango_layout_get_line_count(layout))
            part->lines[i] = pages_lines(pages, layout, row->cells[i].x, y, bottom,
                                         part->lines[i], force, &reached);
        if (tagged) cell_untag(flowing, block, i);
        if (reached > low) low = reached;
        part->more |= part->lines[i] < pango_layout_get_line_count(layout);
    }
    if (tagged && around) pages_untag(pages, around);
    pages->y = low + padding;
    rules_draw(flowing, block, top);
    part->continued = true;
}

static void turn(struct flowing *flowing) {
    pages_turn(&flowing->pages);
    if (!flowing->head) return;
    struct part part = {.more = false};
    part_draw(flowing, flowing->head, false, true, &part);
}

static bool is_head(const struct print_block *block) {
    return block->kind == BLOCK_TITLE || block->kind == BLOCK_HEADING ||
           (block->kind == BLOCK_ROW && block->row == PRINT_ROW_HEAD);
}

/* How much room there must be for a row and what must not be parted from it. */
static double needed(const struct flowing *flowing, int at) {
    const struct set *set = flowing->set;
    double height = height_of(&set->rows[at]);
    for (; at + 1 < set->count; at++) {
        const struct set_row *next = &set->rows[at + 1];
        bool total = next->block->kind == BLOCK_ROW && next->block->row == PRINT_ROW_TOTAL;
        double beside = height_of(next);
        if (!is_head(set->rows[at].block) && !total) break;
        height += next->before + (is_head(next->block) || total || beside < KEEP_LINES
                                      ? beside
                                      : KEEP_LINES);
    }
    return height;
}

static void row_flow(struct flowing *flowing, int at) {
    const struct set_row *row = &flowing->set->rows[at];
    struct pages *pages = &flowing->pages;
    struct part part = {.more = true};
    bool at_top = pages->y <= PAGE_TOP;
    if (!at_top) pages->y += row->before;
    double need = needed(flowing, at), room = PAGE_BOTTOM - pages->y;
    bool whole = need <= KEEP_WHOLE || room < KEEP_LINES;
    if (!at_top && need > room && whole) turn(flowing);
    while (part.more) {
        double before = pages->y;
        part_draw(flowing, row, true, before <= PAGE_TOP, &part);
        if (part.more && pages->page <= PRINT_PAGES_MAX) turn(flowing);
        else if (part.more) return;
    }
    if (row->block->kind == BLOCK_ROW && row->block->row == PRINT_ROW_HEAD) flowing->head = row;
}

/* The headings of a long document, for viewers to list beside it. */
static void outline_add(struct flowing *flowing, const struct set_row *row, double y) {
    enum { LONG_PAGES = 3 };
    struct pages *pages = &flowing->pages;
    char place[64];
    if (!pages->cairo || pages->page_count < LONG_PAGES || row->block->kind != BLOCK_HEADING ||
        row->block->level != 2)
        return;
    snprintf(place, sizeof place, "page=%d pos=[0 %d]", pages->page, (int)y);
    cairo_pdf_surface_add_outline(cairo_get_target(pages->cairo), CAIRO_PDF_OUTLINE_ROOT,
                                  row->block->cells[0], place, (cairo_pdf_outline_flags_t)0);
}

void flow(struct typesetter *typesetter, const struct print *print, const struct set *set,
          cairo_t *cairo, int page_count, struct buffer *scopes, int *ret_pages) {
    struct flowing flowing = {.pages = {.typesetter = typesetter,
                                        .print = print,
                                        .cairo = cairo,
                                        .page_count = page_count},
                              .set = set,
                              .scopes = scopes};
    pages_tag(&flowing.pages, "Document", NULL);
    pages_begin(&flowing.pages);
    pages_letterhead(&flowing.pages);
    for (int i = 0; i < set->count && flowing.pages.page <= PRINT_PAGES_MAX; i++) {
        enter(&flowing, &set->rows[i]);
        row_flow(&flowing, i);
        outline_add(&flowing, &set->rows[i], flowing.pages.y - height_of(&set->rows[i]));
    }
    leave(&flowing);
    pages_untag(&flowing.pages, "Document");
    if (cairo) cairo_show_page(cairo);
    *ret_pages = flowing.pages.page;
}
