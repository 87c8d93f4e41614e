/* Reads and writes CSV. The reader takes cells as they stand: what they mean is the caller's to
 * say. */
#include "csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

static const char mark[] = "\xEF\xBB\xBF";

struct csv_reader {
    const char *text;
    size_t length, at;
    int64_t line; /* of `at` */
    char separator;
    bool has_mark;
    struct csv_record record;
    size_t used; /* of cell_text */
    char cell_text[CSV_RECORD_MAX_BYTES];
};

/* ---- the first line ------------------------------------------------------------------------- */

static const char separators[] = ",;\t";
enum { SEPARATORS = sizeof separators - 1 };

/* Of the first line that holds anything: those before it are passed over as all empty lines are. */
static char find_separator(const char *text, size_t length) {
    size_t counts[SEPARATORS] = {0};
    size_t at = 0;
    bool quoted = false;
    while (at < length && (text[at] == '\r' || text[at] == '\n')) at++;
    for (; at < length && (quoted || text[at] != '\n'); at++) {
        if (text[at] == '"') quoted = !quoted;
        const char *found = quoted ? NULL : memchr(separators, text[at], SEPARATORS);
        if (found) counts[found - separators]++;
    }
    size_t best = 0;
    for (size_t i = 1; i < SEPARATORS; i++) {
        if (counts[i] > counts[best]) best = i;
    }
    return separators[best];
}

/* "sep=;" on a line of its own, as a spreadsheet may write before all else. */
static bool take_separator_line(struct csv_reader *reader) {
    static const char said[] = "sep=";
    const char *text = reader->text + reader->at;
    size_t left = reader->length - reader->at, start = sizeof said - 1;
    if (left <= start || memcmp(text, said, start) != 0 ||
        !memchr(separators, text[start], SEPARATORS))
        return false;
    size_t end = start + 1;
    if (end < left && text[end] == '\r') end++;
    if (end < left && text[end] != '\n') return false;
    reader->separator = text[start];
    reader->at += end < left ? end + 1 : end;
    reader->line++;
    return true;
}

int csv_reader_new(const char *text, size_t length, struct error *error,
                   struct csv_reader **ret_reader) {
    struct csv_reader *reader = malloc(sizeof *reader);
    if (!reader) return error_set(error, ERROR_NO_MEMORY, "no memory to read a spreadsheet");
    reader->text = text;
    reader->length = length;
    reader->line = 1;
    reader->has_mark = length >= sizeof mark - 1 && memcmp(text, mark, sizeof mark - 1) == 0;
    reader->at = reader->has_mark ? sizeof mark - 1 : 0;
    if (!take_separator_line(reader)) {
        reader->separator = find_separator(text + reader->at, length - reader->at);
    }
    *ret_reader = reader;
    return 0;
}

void csv_reader_free(struct csv_reader *reader) { free(reader); }

char csv_separator(const struct csv_reader *reader) { return reader->separator; }

bool csv_has_mark(const struct csv_reader *reader) { return reader->has_mark; }

/* ---- cells ---------------------------------------------------------------------------------- */

static int refuse(const struct csv_reader *reader, struct error *error, const char *what) {
    return error_set(error, ERROR_INVALID, "line %lld: %s", (long long)reader->line, what);
}

static bool put(struct csv_reader *reader, char character) {
    if (reader->used >= sizeof reader->cell_text) return false;
    reader->cell_text[reader->used++] = character;
    return true;
}

static bool ends_cell(const struct csv_reader *reader) {
    if (reader->at == reader->length) return true;
    char character = reader->text[reader->at];
    if (character == '\r') {
        return reader->at + 1 == reader->length || reader->text[reader->at + 1] == '\n';
    }
    return character == reader->separator || character == '\n';
}

static int read_quoted(struct csv_reader *reader, struct error *error) {
    int64_t began = reader->line;
    reader->at++;
    for (;; reader->at++) {
        if (reader->at == reader->length) {
            return error_set(error, ERROR_INVALID,
                             "line %lld: a quote (\") opens here and is never closed: close it",
                             (long long)began);
        }
        char character = reader->text[reader->at];
        if (character == '"') {
            bool doubled =
                reader->at + 1 < reader->length && reader->text[reader->at + 1] == '"';
            if (!doubled) break;
            reader->at++;
        }
        if (character == '\n') reader->line++;
        if (!put(reader, character)) return ERROR_TOO_LARGE;
    }
    reader->at++;
    if (ends_cell(reader)) return 0;
    return refuse(reader, error,
                  "a cell goes on behind its closing quote: double the quotes within a cell");
}

static int read_plain(struct csv_reader *reader, struct error *error) {
    for (; !ends_cell(reader); reader->at++) {
        if (reader->text[reader->at] == '"') {
            return refuse(reader, error, "a quote (\") stands within a cell: put the whole cell in "
                                         "quotes and double those within");
        }
        if (!put(reader, reader->text[reader->at])) return ERROR_TOO_LARGE;
    }
    return 0;
}

/* A number, in either notation: no spreadsheet runs it as a formula. */
static bool is_number(const char *text, size_t length) {
    size_t digits = 0, at = length > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    for (; at < length; at++) {
        if (text[at] >= '0' && text[at] <= '9') digits++;
        else if (text[at] != '.' && text[at] != ',') return false;
    }
    return digits > 0;
}

/* A formula, also one that has apostrophes before it already: what is written with one more is
 * what is read with one less, and so comes back as it was. */
static bool is_guarded(const char *text, size_t length) {
    static const char begins[] = "=+-@\t\r";
    while (length > 0 && *text == '\'') text++, length--;
    return length > 0 && memchr(begins, text[0], sizeof begins - 1) && !is_number(text, length);
}

static int read_cell(struct csv_reader *reader, struct error *error) {
    struct csv_record *record = &reader->record;
    size_t start = reader->used;
    bool quoted = reader->at < reader->length && reader->text[reader->at] == '"';
    int status = quoted ? read_quoted(reader, error) : read_plain(reader, error);
    size_t length = reader->used - start;
    if (!status && !put(reader, '\0')) status = ERROR_TOO_LARGE;
    if (!status && record->count == CSV_COLUMNS_MAX) {
        return error_set(error, ERROR_TOO_LARGE, "line %lld: more than %d columns",
                         (long long)record->line, CSV_COLUMNS_MAX);
    }
    if (status == ERROR_TOO_LARGE) {
        return error_set(error, ERROR_TOO_LARGE,
                         "line %lld: this row has more than %d bytes: is a quote (\") not closed?",
                         (long long)record->line, CSV_RECORD_MAX_BYTES);
    }
    if (status) return status;
    const char *text = reader->cell_text + start;
    if (!utf8_valid(text, length) || memchr(text, '\0', length)) {
        return refuse(reader, error, "this is not UTF-8: save the sheet as \"CSV UTF-8\"");
    }
    if (length > 1 && text[0] == '\'' && is_guarded(text + 1, length - 1)) {
        text++;
        length--;
    }
    record->cells[record->count++] = (struct csv_cell){text, length};
    return 0;
}

/* ---- records -------------------------------------------------------------------------------- */

static int read_record(struct csv_reader *reader, struct error *error) {
    reader->used = 0;
    reader->record.count = 0;
    reader->record.line = reader->line;
    for (;;) {
        int status = read_cell(reader, error);
        if (status) return status;
        if (reader->at == reader->length || reader->text[reader->at] != reader->separator) break;
        reader->at++;
    }
    if (reader->at < reader->length && reader->text[reader->at] == '\r') reader->at++;
    if (reader->at < reader->length) reader->at++; /* the line feed */
    reader->line++;
    return 0;
}

static bool is_empty(const struct csv_record *record) {
    for (int i = 0; i < record->count; i++) {
        if (record->cells[i].length > 0) return false;
    }
    return true;
}

int csv_next(struct csv_reader *reader, struct error *error, const struct csv_record **ret_record) {
    while (reader->at < reader->length) {
        int status = read_record(reader, error);
        if (status) return status;
        if (is_empty(&reader->record)) continue;
        *ret_record = &reader->record;
        return 1;
    }
    return 0;
}

/* ---- writing -------------------------------------------------------------------------------- */

void csv_write_cell(const char *text, size_t length, char separator, bool first,
                    struct buffer *buffer) {
    bool guarded = is_guarded(text, length), quoted = false;
    for (size_t at = 0; at < length && !quoted; at++) {
        quoted = text[at] == separator || text[at] == '"' || text[at] == '\n' || text[at] == '\r';
    }
    quoted = quoted || (length > 0 && (text[0] == ' ' || text[length - 1] == ' '));
    if (!first) buffer_char(buffer, separator);
    if (quoted) buffer_char(buffer, '"');
    if (guarded) buffer_char(buffer, '\'');
    for (size_t at = 0; at < length; at++) {
        if (text[at] == '"') buffer_char(buffer, '"');
        buffer_char(buffer, text[at]);
    }
    if (quoted) buffer_char(buffer, '"');
}

void csv_write_end(struct buffer *buffer) { buffer_text(buffer, "\r\n"); }
