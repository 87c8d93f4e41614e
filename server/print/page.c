/* Draws what is on every page, and on the first: foot and letterhead. */
#include "page.h"

#include <stdio.h>

#include "picture.h"

#define LOGO_WIDTH 170.0 /* 60 mm */
#define LOGO_HEIGHT 56.0 /* 20 mm */
#define ADDRESS_WIDTH 190.0
#define FOOT_NUMBER_WIDTH 80.0
#define LETTERHEAD_BELOW 26.0

void pages_tag(struct pages *pages, const char *name, const char *attributes) {
    if (pages->cairo) cairo_tag_begin(pages->cairo, name, attributes);
}

void pages_untag(struct pages *pages, const char *name) {
    if (pages->cairo) cairo_tag_end(pages->cairo, name);
}

void pages_colour(struct pages *pages, uint32_t colour) {
    if (pages->cairo)
        cairo_set_source_rgb(pages->cairo, (colour >> 16 & 0xff) / 255.0,
                             (colour >> 8 & 0xff) / 255.0, (colour & 0xff) / 255.0);
}

void pages_rule(struct pages *pages, double y, double thick, uint32_t colour) {
    if (!pages->cairo) return;
    pages_colour(pages, colour);
    cairo_rectangle(pages->cairo, PAGE_LEFT, y - thick / 2, PAGE_RIGHT - PAGE_LEFT, thick);
    cairo_fill(pages->cairo);
}

int pages_lines(struct pages *pages, PangoLayout *layout, double x, double y, double bottom,
                int line, bool force, double *ret_y) {
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    double from = 0, reached = y;
    int index = 0;
    bool more = true;
    for (; more; more = pango_layout_iter_next_line(iter), index++) {
        int top, low;
        PangoRectangle place;
        if (index < line) continue;
        pango_layout_iter_get_line_yrange(iter, &top, &low);
        if (index == line) from = (double)top / PANGO_SCALE;
        double end = y + (double)low / PANGO_SCALE - from;
        /* A line that ends on the edge fits, whatever rounding makes of it. */
        if (end > bottom + 0.01 && !(force && index == line)) break;
        reached = end;
        if (!pages->cairo) continue;
        pango_layout_iter_get_line_extents(iter, NULL, &place);
        cairo_move_to(pages->cairo, x + (double)place.x / PANGO_SCALE,
                      y - from + (double)pango_layout_iter_get_baseline(iter) / PANGO_SCALE);
        pango_cairo_show_layout_line(pages->cairo, pango_layout_iter_get_line_readonly(iter));
    }
    pango_layout_iter_free(iter);
    *ret_y = reached;
    return index;
}

/* ---- what is on every page ------------------------------------------------------------------- */

static void text_at(struct pages *pages, PangoLayout *layout, double x, double y) {
    cairo_move_to(pages->cairo, x, y);
    pango_cairo_show_layout(pages->cairo, layout);
    g_object_unref(layout);
}

/* Readers pass the foot over, as they should: it stands outside of all tags, and artifact.h marks
 * it. Since 1.18 Cairo counts what is drawn there to the document, and has a mark of its own. */
static void foot_mark(struct pages *pages, bool begins) {
#if CAIRO_VERSION >= CAIRO_VERSION_ENCODE(1, 18, 0)
    if (begins) pages_tag(pages, "Artifact", NULL);
    else pages_untag(pages, "Artifact");
#else
    (void)pages, (void)begins;
#endif
}

static void foot_draw(struct pages *pages) {
    const struct print_head *head = &pages->print->head;
    double width = PAGE_RIGHT - PAGE_LEFT - FOOT_NUMBER_WIDTH;
    char number[48];
    if (!pages->cairo) return;
    snprintf(number, sizeof number, head->language == LANGUAGE_EN ? "%d of %d" : "%d van %d",
             pages->page, pages->page_count);
    foot_mark(pages, true);
    pages_rule(pages, PAGE_FOOT, 0.5, INK_RULE);
    pages_colour(pages, INK_GREY);
    PangoLayout *text = typeset_text(pages->typesetter, STYLE_SMALL, head->footer, width);
    if (text) {
        pango_layout_set_single_paragraph_mode(text, TRUE);
        pango_layout_set_height(text, -1);
        pango_layout_set_ellipsize(text, PANGO_ELLIPSIZE_END);
        text_at(pages, text, PAGE_LEFT, PAGE_FOOT + 7);
    }
    text = typeset_text(pages->typesetter, STYLE_SMALL, number, FOOT_NUMBER_WIDTH);
    if (text) {
        pango_layout_set_alignment(text, PANGO_ALIGN_RIGHT);
        text_at(pages, text, PAGE_RIGHT - FOOT_NUMBER_WIDTH, PAGE_FOOT + 7);
    }
    foot_mark(pages, false);
}

void pages_begin(struct pages *pages) {
    pages->page = 1;
    pages->y = PAGE_TOP;
    foot_draw(pages);
}

void pages_turn(struct pages *pages) {
    if (pages->cairo) cairo_show_page(pages->cairo);
    pages->page++;
    pages->y = PAGE_TOP;
    foot_draw(pages);
}

/* ---- the letterhead -------------------------------------------------------------------------- */

/* The height that it takes; 0: it cannot be shown. */
static double logo_draw_in(struct pages *pages, const struct print_sender *sender) {
    cairo_surface_t *picture = picture_read(sender->logo, sender->logo_length);
    double height = 0;
    if (cairo_surface_status(picture) == CAIRO_STATUS_SUCCESS) {
        double wide = cairo_image_surface_get_width(picture);
        double high = cairo_image_surface_get_height(picture);
        double by = LOGO_WIDTH / wide < LOGO_HEIGHT / high ? LOGO_WIDTH / wide : LOGO_HEIGHT / high;
        height = high * by;
        if (pages->cairo) {
            pages_tag(pages, "Figure", NULL);
            cairo_save(pages->cairo);
            cairo_translate(pages->cairo, PAGE_LEFT, pages->y);
            cairo_scale(pages->cairo, by, by);
            cairo_set_source_surface(pages->cairo, picture, 0, 0);
            cairo_paint(pages->cairo);
            cairo_restore(pages->cairo);
            pages_untag(pages, "Figure");
        }
    }
    cairo_surface_destroy(picture);
    return height;
}

static double line_draw(struct pages *pages, enum style style, const char *text, double x,
                        double y, double width) {
    PangoLayout *layout = typeset_text(pages->typesetter, style, text, width);
    double reached = y;
    if (!layout) return y;
    pages_tag(pages, "P", NULL);
    (void)pages_lines(pages, layout, x, y, PAGE_BOTTOM, 0, true, &reached);
    pages_untag(pages, "P");
    g_object_unref(layout);
    return reached;
}

void pages_letterhead(struct pages *pages) {
    const struct print_sender *sender = &pages->print->head.sender;
    double x = PAGE_RIGHT - ADDRESS_WIDTH, width = x - PAGE_LEFT - PAGE_GAP, left = pages->y;
    double right = pages->y, logo = sender->logo ? logo_draw_in(pages, sender) : 0;
    left += logo;
    if (!logo) {
        pages_colour(pages, sender->colour);
        left = line_draw(pages, STYLE_NAME, sender->name, PAGE_LEFT, pages->y, width);
    }
    pages_colour(pages, INK);
    if (logo) right = line_draw(pages, STYLE_SMALL_STRONG, sender->name, x, right, ADDRESS_WIDTH);
    pages_colour(pages, INK_GREY);
    for (int i = 0; i < sender->line_count; i++)
        right = line_draw(pages, STYLE_SMALL, sender->lines[i], x, right, ADDRESS_WIDTH);
    pages->y = (left > right ? left : right) + 14;
    pages_rule(pages, pages->y, 1.5, sender->accent);
    pages->y += LETTERHEAD_BELOW;
}
