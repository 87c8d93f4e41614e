/* What mail of the service itself says, in both languages: polite, short, and with the address that
 * it leads to. */
#ifndef KOPPEL_DOMAIN_MAIL_TEXT_H
#define KOPPEL_DOMAIN_MAIL_TEXT_H

#include "base/buffer.h"
#include "quote-engine/text.h"

enum { MAIL_TEXT_LINE_MAX = 400 };

struct mail_text { /* mail_text_done it */
    char subject[200];
    struct buffer text, html;
};
void mail_text_done(struct mail_text *text);

/* Lines of a message; a button stands for the address, which the plain text writes out. Texts of
 * others (names) may hold anything. */
struct mail_text_parts {
    enum language language;
    const char *subject;
    const char *name;             /* whom it greets, or NULL */
    const char *paragraphs[6];    /* NULL-ended; the button stands behind the first */
    const char *button, *address; /* or NULL both */
};
/* The buffers are failed when memory does not suffice. */
void mail_text_make(const struct mail_text_parts *parts, struct mail_text *ret_text);

void mail_text_invitation(enum language language, const char *name, const char *firm,
                          const char *address, int days, struct mail_text *ret_text);
void mail_text_reset(enum language language, const char *name, const char *address, int minutes,
                     struct mail_text *ret_text);
/* That something of how they log in has changed: "password", "second_factor". */
void mail_text_changed(enum language language, const char *name, const char *what,
                       struct mail_text *ret_text);

#endif
