/* Markdown of a product's document as HTML that is safe in any page: no HTML of its own, links only
 * to what browsers may follow. */
#ifndef KOPPEL_HTTP_DOCUMENT_HTML_H
#define KOPPEL_HTTP_DOCUMENT_HTML_H

#include "base/buffer.h"

enum {
    DOCUMENT_SECTIONS_MAX = 200, /* in the table of contents; further ones are not in it */
    DOCUMENT_HTML_MAX_BYTES = 1024 * 1024 /* of Markdown */
};

/* Appends the text as HTML to `body`, its headings of level 2 with ids, and an item with a link
 * for each of these to `contents`. Returns how many; -1 when there is no memory, or too much
 * text. */
int document_html(const char *markdown, size_t length, struct buffer *contents,
                  struct buffer *body);
/* Appends text with the characters escaped that mean something in HTML, attributes included. */
void html_text(struct buffer *buffer, const char *text);

#endif
