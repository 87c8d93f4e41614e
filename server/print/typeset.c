/* Sets the text of each block by Pango and shares the width of the page among columns. */
#include "typeset.h"

#include <pango/pangofc-fontmap.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static const struct {
    double size;
    bool bold;
} styles[STYLE_COUNT] = {
    [STYLE_NAME] = {17, true},       [STYLE_TITLE] = {21, true},
    [STYLE_HEADING] = {13, true},    [STYLE_SUBHEADING] = {10, true},
    [STYLE_TEXT] = {9.5, false},     [STYLE_STRONG] = {9.5, true},
    [STYLE_TABLE_HEAD] = {8, true},  [STYLE_SMALL] = {8, false},
    [STYLE_SMALL_STRONG] = {8, true}};

/* ---- the typesetter -------------------------------------------------------------------------- */

static void context_make(struct typesetter *typesetter) {
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    typesetter->context = pango_font_map_create_context(typesetter->map);
    pango_cairo_context_set_font_options(typesetter->context, options);
    pango_context_set_round_glyph_positions(typesetter->context, FALSE);
    pango_context_set_base_dir(typesetter->context, PANGO_DIRECTION_LTR);
    cairo_font_options_destroy(options);
}

bool typesetter_init(struct typesetter *typesetter, const struct fonts *fonts) {
    *typesetter = (struct typesetter){.fonts = fonts};
    typesetter->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
    if (!typesetter->map) return false;
    pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(typesetter->map), fonts->config);
    pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(typesetter->map), 72);
    context_make(typesetter);
    for (int i = 0; i < STYLE_COUNT; i++) {
        typesetter->styles[i] = pango_font_description_from_string(FONTS_FAMILIES);
        pango_font_description_set_absolute_size(typesetter->styles[i],
                                                 styles[i].size * PANGO_SCALE);
        pango_font_description_set_weight(typesetter->styles[i], styles[i].bold
                                                                     ? PANGO_WEIGHT_BOLD
                                                                     : PANGO_WEIGHT_NORMAL);
    }
    /* A ligature is one sign where a reader's search looks for two, and a hyphen that nobody wrote
     * changes a number or an address. */
    typesetter->attributes = pango_attr_list_new();
    pango_attr_list_insert(typesetter->attributes,
                           pango_attr_font_features_new("liga=0, clig=0, dlig=0"));
    pango_attr_list_insert(typesetter->attributes, pango_attr_insert_hyphens_new(FALSE));
    buffer_init(&typesetter->text, 16 * PRINT_TEXT_MAX_BYTES);
    return true;
}

void typesetter_done(struct typesetter *typesetter) {
    if (typesetter->attributes) pango_attr_list_unref(typesetter->attributes);
    for (int i = 0; i < STYLE_COUNT; i++)
        if (typesetter->styles[i]) pango_font_description_free(typesetter->styles[i]);
    if (typesetter->context) g_object_unref(typesetter->context);
    if (typesetter->map) g_object_unref(typesetter->map);
    buffer_done(&typesetter->text);
}

void typesetter_begin(struct typesetter *typesetter, enum language language) {
    typesetter->replaced = false;
    pango_context_set_language(typesetter->context,
                               pango_language_from_string(language == LANGUAGE_EN ? "en-GB"
                                                                                  : "nl-NL"));
}

/* ---- a text ---------------------------------------------------------------------------------- */

/* Signs that show nothing, or that turn the order of what is read: they are left out. */
static bool is_silent(uint32_t code) {
    return code == '\r' || code == 0xad || (code >= 0x200b && code <= 0x200f) ||
           (code >= 0x202a && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) ||
           (code >= 0xfe00 && code <= 0xfe0f) || code == 0xfeff;
}

/* The text as it can be printed, into the typesetter's buffer. */
static void text_clean(struct typesetter *typesetter, const char *text) {
    struct buffer *to = &typesetter->text;
    size_t left = strlen(text), size;
    buffer_clear(to);
    for (; left; text += size, left -= size) {
        uint32_t code = 0xfffd;
        size = utf8_read(text, left, &code);
        if (!size) size = 1; /* cannot be: all texts were checked when they came in */
        if (code == '\n' || (code >= ' ' && code < 0x7f)) buffer_append(to, text, size);
        else if (code == '\t' || code == 0x2028 || code == 0x2029) buffer_char(to, ' ');
        else if (is_silent(code)) continue;
        else if (code != 0xfffd && fonts_have(typesetter->fonts, code))
            buffer_append(to, text, size);
        else {
            buffer_format(to, "[U+%04X]", (unsigned)code);
            typesetter->replaced = true;
        }
    }
}

PangoLayout *typeset_text(struct typesetter *typesetter, enum style style, const char *text,
                          double width) {
    text_clean(typesetter, text);
    if (typesetter->text.failed) return NULL;
    PangoLayout *layout = pango_layout_new(typesetter->context);
    const char *data = typesetter->text.data;
    pango_layout_set_font_description(layout, typesetter->styles[style]);
    pango_layout_set_attributes(layout, typesetter->attributes);
    pango_layout_set_auto_dir(layout, FALSE);
    pango_layout_set_text(layout, data ? data : "", (int)typesetter->text.length);
    if (width > 0) {
        pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
        pango_layout_set_width(layout, (int)(width * PANGO_SCALE));
    }
    return layout;
}

double layout_width(PangoLayout *layout) {
    int width, height;
    pango_layout_get_size(layout, &width, &height);
    return (double)width / PANGO_SCALE;
}

double layout_height(PangoLayout *layout) {
    int width, height;
    pango_layout_get_size(layout, &width, &height);
    return (double)height / PANGO_SCALE;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static enum style style_of(const struct print_block *block) {
    switch (block->kind) {
    case BLOCK_TITLE: return STYLE_TITLE;
    case BLOCK_HEADING: return block->level == 2 ? STYLE_HEADING : STYLE_SUBHEADING;
    case BLOCK_SMALL: return STYLE_SMALL;
    case BLOCK_ROW:
        return block->row == PRINT_ROW_HEAD    ? STYLE_TABLE_HEAD
               : block->row == PRINT_ROW_TOTAL ? STYLE_STRONG
                                               : STYLE_TEXT;
    case BLOCK_PARAGRAPH:
    case BLOCK_NOTICE:
    case BLOCK_ITEM:
    case BLOCK_FACT: break;
    }
    return STYLE_TEXT;
}

/* White above a block, which depends on what it comes behind. */
static double before_of(const struct print_block *block, const struct print_block *previous) {
    bool follows = previous && previous->kind == block->kind && previous->table == block->table;
    switch (block->kind) {
    case BLOCK_TITLE: return 0;
    case BLOCK_HEADING:
        return block->level > 2 ? 10 : previous && previous->kind == BLOCK_TITLE ? 10 : 20;
    case BLOCK_PARAGRAPH: return 6;
    case BLOCK_SMALL: return follows ? 3 : 16;
    case BLOCK_NOTICE: return 10;
    case BLOCK_ITEM: return follows ? 2 : 6;
    case BLOCK_FACT:
    case BLOCK_ROW: return follows ? 0 : 6;
    }
    return 0;
}

/* How the columns of the table that begins at a row share the page. */
struct widths {
    double x[PRINT_COLUMNS_MAX], width[PRINT_COLUMNS_MAX];
};

static bool same_table(const struct print_block *a, const struct print_block *b) {
    return a->kind == b->kind && a->table == b->table;
}

static void widths_share(const struct print_column *columns, int count, struct widths *widths) {
    double left = PAGE_RIGHT - PAGE_LEFT - PAGE_GAP * (count - 1), x = PAGE_LEFT;
    int shares = 0;
    for (int i = 0; i < count; i++) {
        if (columns[i].amounts) left -= widths->width[i];
        else shares += columns[i].share ? columns[i].share : 1;
    }
    for (int i = 0; i < count; i++) {
        if (!columns[i].amounts)
            widths->width[i] = left * (columns[i].share ? columns[i].share : 1) / shares;
        widths->x[i] = x;
        x += widths->width[i] + PAGE_GAP;
    }
}

/* A column of amounts is as wide as its widest, but all of them leave a third to the others. */
static void widths_make(const struct set *set, int from, int to, struct widths *ret_widths) {
    const struct print_block *block = set->rows[from].block;
    int count = block->cell_count, amounts = 0;
    struct widths widths = {.x = {0}};
    for (int i = 0; i < count; i++) amounts += block->columns[i].amounts;
    double most = amounts ? ((PAGE_RIGHT - PAGE_LEFT) * 2 / 3) / amounts - PAGE_GAP : 0;
    for (int i = 0; i < count; i++) {
        if (!block->columns[i].amounts) continue;
        for (int row = from; row < to; row++) {
            double width = layout_width(set->rows[row].cells[i].layout);
            if (width > widths.width[i]) widths.width[i] = width;
        }
        /* What is as wide as its column must not wrap for a rounding. */
        widths.width[i] = widths.width[i] > most ? most : widths.width[i] + 0.5;
    }
    widths_share(block->columns, count, &widths);
    *ret_widths = widths;
}

static void row_widths(struct set_row *row, const struct widths *widths) {
    for (int i = 0; i < row->block->cell_count; i++) {
        struct set_cell *cell = &row->cells[i];
        cell->x = widths->x[i];
        pango_layout_set_wrap(cell->layout, PANGO_WRAP_WORD_CHAR);
        pango_layout_set_width(cell->layout, (int)(widths->width[i] * PANGO_SCALE));
        if (row->block->columns[i].amounts)
            pango_layout_set_alignment(cell->layout, PANGO_ALIGN_RIGHT);
    }
}

static void row_place(struct set_row *row) {
    struct set_cell *cell = &row->cells[0];
    double indent = row->block->kind == BLOCK_NOTICE ? NOTICE_PADDING
                    : row->block->kind == BLOCK_ITEM ? ITEM_INDENT
                                                     : 0;
    double right = row->block->kind == BLOCK_NOTICE ? NOTICE_PADDING : 0;
    cell->x = PAGE_LEFT + indent;
    pango_layout_set_wrap(cell->layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_width(cell->layout,
                           (int)((PAGE_RIGHT - PAGE_LEFT - indent - right) * PANGO_SCALE));
}

static void row_measure(struct set_row *row) {
    for (int i = 0; i < row->block->cell_count; i++) {
        row->cells[i].height = layout_height(row->cells[i].layout);
        if (row->cells[i].height > row->height) row->height = row->cells[i].height;
    }
}

static bool row_set(struct typesetter *typesetter, const struct print_block *block,
                    struct set_row *row) {
    row->block = block;
    for (int i = 0; i < block->cell_count; i++) {
        row->cells[i].layout =
            typeset_text(typesetter, style_of(block), block->cells[i], 0);
        if (!row->cells[i].layout) return false;
    }
    return true;
}

static void set_measure(struct set *set) {
    for (int from = 0, to; from < set->count; from = to) {
        const struct print_block *block = set->rows[from].block;
        struct widths widths;
        to = from + 1;
        if (block->columns)
            while (to < set->count && same_table(block, set->rows[to].block)) to++;
        if (block->columns) widths_make(set, from, to, &widths);
        for (int row = from; row < to; row++) {
            if (block->columns) row_widths(&set->rows[row], &widths);
            else row_place(&set->rows[row]);
            row_measure(&set->rows[row]);
            set->rows[row].before =
                before_of(set->rows[row].block, row ? set->rows[row - 1].block : NULL);
        }
    }
}

static void note_make(enum language language, struct print_block *note) {
    *note = (struct print_block){
        .kind = BLOCK_SMALL,
        .cell_count = 1,
        .cells = {language == LANGUAGE_EN
                      ? "This document cannot print some of the characters: for these it shows "
                        "their Unicode number, such as [U+4E2D]."
                      : "Sommige tekens kan dit document niet afdrukken: daarvoor staat hun "
                        "Unicode-nummer, zoals [U+4E2D]."}};
}

int typeset(struct typesetter *typesetter, const struct print *print, struct error *error,
            struct set *ret_set) {
    struct set *set = ret_set;
    bool sound = true;
    *set = (struct set){.count = 0};
    set->rows = calloc((size_t)print->block_count + 1, sizeof *set->rows);
    if (!set->rows) return error_set(error, ERROR_NO_MEMORY, "no memory to print a document");
    for (const struct print_block *block = print->first; sound && block; block = block->next)
        sound = row_set(typesetter, block, &set->rows[set->count++]);
    if (sound && typesetter->replaced) {
        note_make(print->head.language, &set->note);
        sound = row_set(typesetter, &set->note, &set->rows[set->count++]);
    }
    if (!sound) return error_set(error, ERROR_NO_MEMORY, "no memory to print a document");
    set_measure(set);
    return 0;
}

void set_done(struct set *set) {
    for (int row = 0; row < set->count; row++)
        for (int i = 0; i < PRINT_COLUMNS_MAX; i++)
            if (set->rows[row].cells[i].layout) g_object_unref(set->rows[row].cells[i].layout);
    free(set->rows);
}
