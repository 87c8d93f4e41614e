/* Comma-separated values (RFC 4180), as spreadsheets write them: the separator is a comma, a
 * semicolon or a tab, whichever the first line that is not empty has most of (or says: "sep=;"); a
 * byte order mark is allowed; lines end in CR LF or LF; a cell in quotes may hold anything, quotes
 * doubled.
 *
 * A cell that a spreadsheet would take for a formula (it begins with = + - @ and is no number) is
 * written with an apostrophe before it, and read without; so is one that already has apostrophes
 * before such a formula, so that every cell is read as it was before it was written. */
#ifndef KOPPEL_MESSAGE_CSV_H
#define KOPPEL_MESSAGE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/error.h"

enum {
    CSV_BYTES_MAX = 512 * 1024 * 1024, /* of a file */
    CSV_COLUMNS_MAX = 1024,
    CSV_RECORD_MAX_BYTES = 256 * 1024
};

struct csv_cell {
    const char *text; /* UTF-8, NUL-terminated, holds no NUL */
    size_t length;
};

struct csv_record {
    int64_t line; /* where it begins, from 1 */
    int count;
    struct csv_cell cells[CSV_COLUMNS_MAX];
};

struct csv_reader; /* of a text in memory */

/* `text` is borrowed. ERROR_NO_MEMORY. */
int csv_reader_new(const char *text, size_t length, struct error *error,
                   struct csv_reader **ret_reader);
void csv_reader_free(struct csv_reader *reader);
/* 1 with the next record, which lives until the next call; 0 when there are no more. Lines of
 * empty cells alone are passed over. ERROR_INVALID or ERROR_TOO_LARGE says at which line and
 * what to do: not UTF-8, a quote that is not closed or stands within a cell, too large. */
int csv_next(struct csv_reader *reader, struct error *error, const struct csv_record **ret_record);
char csv_separator(const struct csv_reader *reader);
bool csv_has_mark(const struct csv_reader *reader); /* the byte order mark */

/* Appends a cell, guarded, and before it the separator unless it begins the line (`first`). */
void csv_write_cell(const char *text, size_t length, char separator, bool first,
                    struct buffer *buffer);
void csv_write_end(struct buffer *buffer); /* of a line */

#endif
