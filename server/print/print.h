/* Documents for customers, as tagged PDF on A4. A document is told in order, block by block
 * (headings, paragraphs, tables, facts, lists), and then printed. How it looks, where pages end and
 * what is tagged is decided here, so that all documents look alike and each can be read aloud. Of
 * what a quote or a policy says nothing is known here.
 *
 * Equal documents give equal bytes: no clock and no chance goes in. */
#ifndef KOPPEL_PRINT_PRINT_H
#define KOPPEL_PRINT_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"
#include "quote-engine/text.h"
#include "quote-engine/value.h"

enum {
    PRINT_TEXT_MAX_BYTES = 1024 * 1024, /* of all blocks together */
    PRINT_BLOCKS_MAX = 16384,
    PRINT_COLUMNS_MAX = 6,
    PRINT_LINES_MAX = 8, /* of a letterhead */
    PRINT_PAGES_MAX = 250,
    PRINT_PDF_MAX_BYTES = 3 * 1024 * 1024,
    PRINT_THREADS_MAX = 4,  /* documents that are printed at a time */
    PRINT_QUEUE_MAX = 256,  /* that wait; more are ERROR_BUSY */
    PRINT_WAIT_MAX_MS = 10000 /* and for so long at most */
};

/* Whose letter it is. Texts and pictures are borrowed until it is printed. */
struct print_sender {
    const char *name;
    const char *lines[PRINT_LINES_MAX]; /* address, telephone, … */
    int line_count;
    uint32_t colour; /* 0xRRGGBB, legible on white: headings and table heads */
    uint32_t accent; /* rules */
    const void *logo; /* a PNG as logo_make gives it; NULL: none, the name stands large */
    size_t logo_length;
};

struct print_head {
    const char *title;  /* of the document: the first heading, and what viewers show */
    const char *footer; /* at the foot of each page, before its number */
    enum language language;
    int64_t made_us; /* when what it tells was made: the document's own date */
    struct print_sender sender;
};

enum print_row { PRINT_ROW, PRINT_ROW_HEAD, PRINT_ROW_TOTAL };
struct print_column {
    bool amounts; /* right-aligned, as wide as its widest; the others share what is left */
    int share;    /* of what is left; 0: 1 */
};

struct print_block;

struct print { /* in scratch, as are copies of all texts that it is told */
    struct scratch *scratch;
    struct print_head head;
    struct print_block *first, *last;
    const struct print_column *columns; /* of the table that rows go to */
    int column_count, table;            /* tables so far */
    size_t text_bytes;
    int block_count;
    bool failed; /* scratch or a limit does not suffice: ERROR_TOO_LARGE */
};

/* Begins a document with its letterhead and title. */
void print_init(struct print *print, const struct print_head *head, struct scratch *scratch);
/* `level` from 2: the title is 1. None may be skipped. */
void print_heading(struct print *print, int level, const char *text);
void print_paragraph(struct print *print, const char *text);
void print_small(struct print *print, const char *text);
/* A paragraph that must not be overlooked. */
void print_notice(struct print *print, const char *text);
/* Items that follow each other are a list. `address` (a URL) is what it links to; NULL: nothing. */
void print_item(struct print *print, const char *text, const char *address);
/* Facts that follow each other are a table of two columns, whose left one has the heads. */
void print_fact(struct print *print, const char *name, const char *text);
/* Begins a table; its rows follow. Columns are borrowed. */
void print_table(struct print *print, const struct print_column *columns, int count);
void print_table_row(struct print *print, enum print_row kind, const char *const *cells);

/* ---- the printer ---- */
struct printer;

/* Nothing is loaded before the first document. */
int printer_new(struct error *error, struct printer **ret_printer);
/* Waits for the document in progress. NULL is fine. */
void printer_free(struct printer *printer);
/* Are the fonts there? ERROR_INTERNAL says which package to install. */
int printer_ready(struct printer *printer, struct error *error);
/* Appends the PDF to the buffer, whose limit may be PRINT_PDF_MAX_BYTES. Any thread may ask;
 * PRINT_THREADS_MAX are printed at a time. ERROR_BUSY when too many wait; ERROR_TOO_LARGE when it
 * is too long; ERROR_NO_MEMORY; ERROR_INTERNAL without fonts. A character that no font has is
 * printed as its number, [U+4E2D], and the document says so at its end. */
int printer_print(struct printer *printer, const struct print *print, struct error *error,
                  struct buffer *ret_pdf);

#endif
