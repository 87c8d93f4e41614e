/* Renders block by block with cmark, so that headings can be given their ids, and lists of signs
 * their style: a list whose items begin with a tick, a cross or an exclamation mark, as information
 * documents have them, has these for bullets.
 *
 * cmark ends the program when it gets no memory. So it gets a block that was taken before and in
 * which texts fit, and an exhausted heap is an answer like any other. */
#include "document_html.h"

#include <cmark.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    RENDER_OPTIONS = CMARK_OPT_SAFE | CMARK_OPT_VALIDATE_UTF8,
    BLOCK_BYTES_PER_BYTE = 512, /* of text */
    BLOCK_FIRST_BYTES = 256 * 1024,
    BLOCK_ALIGNMENT = 16
};

/* ---- cmark's memory -------------------------------------------------------------------------- */
/* cmark hands its allocator no context; a thread renders one text at a time. */
static _Thread_local struct {
    char *begin, *at, *end;
} block;

/* Before each piece stands its size. The block is zero, and nothing in it is used twice. Only a
 * text that is made for it needs more than the block; that comes from the heap. */
static void *block_take(size_t count, size_t size) {
    if (size && count > SIZE_MAX / 2 / size) abort(); /* no text is so large */
    size_t wanted = count * size;
    size_t whole = (wanted + 2 * BLOCK_ALIGNMENT - 1) / BLOCK_ALIGNMENT * BLOCK_ALIGNMENT;
    char *piece;
    if (whole <= (size_t)(block.end - block.at)) {
        piece = block.at;
        block.at += whole;
    } else {
        piece = calloc(1, whole);
        if (!piece) abort(); /* as cmark's own allocator does */
    }
    memcpy(piece, &wanted, sizeof wanted);
    return piece + BLOCK_ALIGNMENT;
}

static void block_give(void *piece) {
    uintptr_t address = (uintptr_t)piece;
    if (piece && (address < (uintptr_t)block.begin || address >= (uintptr_t)block.end))
        free((char *)piece - BLOCK_ALIGNMENT);
}

static void *block_grow(void *piece, size_t size) {
    size_t before = 0;
    if (piece) memcpy(&before, (char *)piece - BLOCK_ALIGNMENT, sizeof before);
    if (piece && size <= before) return piece;
    char *grown = block_take(1, size);
    if (before) memcpy(grown, piece, before);
    block_give(piece);
    return grown;
}

static cmark_mem block_memory = {block_take, block_grow, block_give};

static cmark_node *markdown_parse(const char *markdown, size_t length) {
    cmark_parser *parser = cmark_parser_new_with_mem(RENDER_OPTIONS, &block_memory);
    cmark_parser_feed(parser, markdown, length);
    cmark_node *root = cmark_parser_finish(parser);
    cmark_parser_free(parser);
    return root;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

void html_text(struct buffer *buffer, const char *text) {
    for (; *text; text++) {
        switch (*text) {
        case '&': buffer_text(buffer, "&amp;"); break;
        case '<': buffer_text(buffer, "&lt;"); break;
        case '>': buffer_text(buffer, "&gt;"); break;
        case '"': buffer_text(buffer, "&quot;"); break;
        case '\'': buffer_text(buffer, "&#39;"); break;
        default: buffer_char(buffer, *text);
        }
    }
}

/* The words of a node, without emphasis and links. */
static void words_append(cmark_node *node, struct buffer *buffer) {
    cmark_iter *walk = cmark_iter_new(node);
    for (cmark_event_type event; (event = cmark_iter_next(walk)) != CMARK_EVENT_DONE;) {
        cmark_node *part = cmark_iter_get_node(walk);
        cmark_node_type type = cmark_node_get_type(part);
        if (event != CMARK_EVENT_ENTER) continue;
        if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
            html_text(buffer, cmark_node_get_literal(part));
        else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
            buffer_char(buffer, ' ');
    }
    cmark_iter_free(walk);
}

/* The sign that an item of a list begins with, or NULL; `ret_text` is the node that holds it. */
static const char *item_sign(cmark_node *item, cmark_node **ret_text) {
    static const char *const signs[] = {"✔", "✘", "!"};
    cmark_node *paragraph = cmark_node_first_child(item);
    cmark_node *text = paragraph ? cmark_node_first_child(paragraph) : NULL;
    if (!text || cmark_node_get_type(text) != CMARK_NODE_TEXT) return NULL;
    const char *literal = cmark_node_get_literal(text);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        size_t length = strlen(signs[i]);
        *ret_text = text;
        if (strncmp(literal, signs[i], length) == 0 && literal[length] == ' ') return signs[i];
    }
    return NULL;
}

static bool is_list_of_signs(cmark_node *list) {
    cmark_node *text;
    if (cmark_node_get_type(list) != CMARK_NODE_LIST) return false;
    for (cmark_node *item = cmark_node_first_child(list); item; item = cmark_node_next(item))
        if (!item_sign(item, &text)) return false;
    return true;
}

/* Takes each sign, and the blank behind it, out of its text and into an element of its own. */
static void signs_mark(cmark_node *list) {
    for (cmark_node *item = cmark_node_first_child(list); item; item = cmark_node_next(item)) {
        cmark_node *text = NULL;
        const char *sign = item_sign(item, &text);
        cmark_node *mark = cmark_node_new_with_mem(CMARK_NODE_CUSTOM_INLINE, &block_memory);
        cmark_node *inside = cmark_node_new_with_mem(CMARK_NODE_TEXT, &block_memory);
        cmark_node_set_literal(inside, sign);
        cmark_node_set_on_enter(mark, "<span class=\"sign\">");
        cmark_node_set_on_exit(mark, " </span>");
        cmark_node_append_child(mark, inside);
        cmark_node_insert_before(text, mark);
        cmark_node_set_literal(text, cmark_node_get_literal(text) + strlen(sign) + 1);
    }
}

static void node_append(cmark_node *node, int *sections, struct buffer *contents,
                        struct buffer *body) {
    static const char heading[] = "<h2>", list[] = "<ul>";
    bool signs = is_list_of_signs(node);
    if (signs) signs_mark(node);
    char *html = cmark_render_html(node, RENDER_OPTIONS);
    const char *rest = html;
    if (strncmp(html, heading, sizeof heading - 1) == 0 && *sections < DOCUMENT_SECTIONS_MAX) {
        int section = ++*sections;
        rest += sizeof heading - 1;
        buffer_format(body, "<h2 id=\"s%d\">", section);
        buffer_format(contents, "<li><a href=\"#s%d\">", section);
        words_append(node, contents);
        buffer_text(contents, "</a></li>\n");
    } else if (signs && strncmp(html, list, sizeof list - 1) == 0) {
        rest += sizeof list - 1;
        buffer_text(body, "<ul class=\"signs\">");
    }
    buffer_text(body, rest);
    block_give(html);
}

int document_html(const char *markdown, size_t length, struct buffer *contents,
                  struct buffer *body) {
    int sections = 0;
    if (length > DOCUMENT_HTML_MAX_BYTES) return -1;
    size_t size = BLOCK_FIRST_BYTES + length * BLOCK_BYTES_PER_BYTE;
    char *memory = calloc(1, size);
    if (!memory) return -1;
    block.begin = block.at = memory;
    block.end = memory + size;
    cmark_node *root = markdown_parse(markdown, length);
    for (cmark_node *node = cmark_node_first_child(root); node; node = cmark_node_next(node))
        node_append(node, &sections, contents, body);
    cmark_node_free(root);
    block.begin = block.at = block.end = NULL;
    free(memory);
    return !contents->failed && !body->failed ? sections : -1;
}
