/* Reads the sheet twice: first for what is wrong with it and how many rows it has, then row by
 * row. */
#include "domain/impact_sheet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "domain/answer_columns.h"
#include "domain/calendar_day.h"
#include "domain/impact_inside.h"

enum { TELL_ROWS = 4096 };

static const char *const result_names[] = {"status",  "id",      "total",   "net", "tax",
                                           "reasons", "problem", NULL};

struct sheet {
    struct impact *impact;
    const struct product_info *info; /* of rows that name no product; NULL: each must */
    struct csv_reader *reader;
    struct answer_columns columns;
    struct scratch scratch;
    struct book_progress progress;
};

static const struct product_info *info_of(const struct impact *impact, const char *product) {
    for (int i = 0; i < impact->match_count; i++)
        if (strcmp(impact->matches[i].base->name, product) == 0)
            return product_info(impact->matches[i].draft->version.product);
    return NULL;
}

static int info_find(struct sheet *sheet, const char *product, struct error *error) {
    const struct impact *impact = sheet->impact;
    if (!product && impact->match_count == 1) product = impact->matches[0].base->name;
    if (!product) return 0;
    sheet->info = info_of(impact, product);
    if (sheet->info) return 0;
    return error_set(error, ERROR_INVALID, "there is no draft of the product %.60s", product);
}

/* A product that asks no more what a column answers is what an impact is to tell: so a question of
 * either side is known. */
static int columns_check(struct sheet *sheet, struct error *error) {
    const struct impact *impact = sheet->impact;
    struct error own = {0};
    if (!sheet->info) return 0;
    int status = answer_columns_known(&sheet->columns, sheet->info, &own);
    for (int i = 0; status == ERROR_INVALID && i < impact->match_count; i++) {
        const struct product_version *base = impact->matches[i].base;
        if (strcmp(base->name, sheet->info->name) == 0 &&
            !answer_columns_known(&sheet->columns, product_info(base->product), NULL))
            return 0;
    }
    return status ? error_set(error, own.code, "%s", own.text) : 0;
}

static int sheet_check(struct sheet *sheet, const char *text, size_t length,
                       struct error *error) {
    struct csv_reader *reader = NULL;
    const struct csv_record *row;
    int status = csv_reader_new(text, length, error, &reader);
    if (!status) status = csv_next(reader, error, &row);
    if (status > 0)
        status = answer_columns_read(row, csv_separator(reader), result_names, sheet->info, error,
                                     &sheet->columns);
    else if (!status) status = error_set(error, ERROR_INVALID, "it is empty: begin with a header");
    if (!status) status = columns_check(sheet, error);
    while (!status && (status = csv_next(reader, error, &row)) > 0) {
        sheet->progress.total++;
        status = 0;
    }
    csv_reader_free(reader);
    return status;
}

static int row_add(struct sheet *sheet, const struct csv_record *row, struct error *error) {
    const struct answer_columns *columns = &sheet->columns;
    struct scratch *scratch = &sheet->scratch;
    char id[ID_MAX], day[CLOCK_DATE_MAX];
    struct value answers;
    struct value_date date;
    scratch->at = scratch->start;
    const struct csv_cell *product = answer_columns_cell(columns, row, COLUMN_PRODUCT);
    const struct csv_cell *starts = answer_columns_cell(columns, row, COLUMN_EFFECTIVE_DATE);
    const struct csv_cell *reference = answer_columns_cell(columns, row, COLUMN_REFERENCE);
    const struct product_info *info =
        product ? info_of(sheet->impact, product->text) : sheet->info;
    if (reference) snprintf(id, sizeof id, "%.30s", reference->text);
    else snprintf(id, sizeof id, "line %lld", (long long)row->line);
    bool sound = info && row->count <= columns->count &&
                 answer_columns_answers(columns, row, info, scratch, &answers);
    if (sound && starts) {
        struct value text = answer_columns_date(starts, scratch);
        snprintf(day, sizeof day, "%.*s", (int)text.length, text.text);
        sound = text.length == 10 && day_read(day, &date);
    }
    if (!sound) {
        impact_add_unreadable(sheet->impact);
        return 0;
    }
    const struct impact_case one = {.id = id,
                                    .product = info->name,
                                    .answers = &answers,
                                    .lexical = true,
                                    .effective_date = starts ? &date : NULL};
    return impact_add_case(sheet->impact, &one, scratch, error);
}

static int rows_add(struct sheet *sheet, bool (*tell)(void *, const struct book_progress *),
                    void *tell_context, struct error *error) {
    struct book_progress *progress = &sheet->progress;
    const struct csv_record *row;
    int status = csv_next(sheet->reader, error, &row); /* the header */
    while (status > 0 && (status = csv_next(sheet->reader, error, &row)) > 0) {
        int added = row_add(sheet, row, error);
        if (added) return added;
        progress->walked = ++progress->visited;
        if (!tell || progress->walked % TELL_ROWS != 0) continue;
        progress->stopped = !tell(tell_context, progress);
        if (progress->stopped) return 0;
    }
    return status < 0 ? status : 0;
}

int impact_walk_sheet(struct impact *impact, const char *path, const char *product,
                      bool (*tell)(void *context, const struct book_progress *progress),
                      void *tell_context, struct error *error,
                      struct book_progress *ret_progress) {
    struct sheet *sheet = calloc(1, sizeof *sheet);
    char *text = NULL, *memory = malloc(BOOK_SCRATCH_BYTES);
    struct error own = {0};
    size_t length = 0;
    *ret_progress = (struct book_progress){.total = 0};
    if (!sheet || !memory) {
        free(sheet);
        free(memory);
        return error_set(error, ERROR_NO_MEMORY, "no memory for a spreadsheet");
    }
    scratch_init(&sheet->scratch, memory, BOOK_SCRATCH_BYTES);
    sheet->impact = impact;
    int status = info_find(sheet, product, error);
    if (!status) status = file_read(path, CSV_BYTES_MAX, error, &text, &length);
    if (!status) {
        status = sheet_check(sheet, text, length, &own);
        if (!status) status = csv_reader_new(text, length, &own, &sheet->reader);
        if (!status) status = rows_add(sheet, tell, tell_context, &own);
        if (status) error_set(error, own.code, "%.200s: %s", path, own.text);
    }
    *ret_progress = sheet->progress;
    csv_reader_free(sheet->reader);
    free(text);
    free(memory);
    free(sheet);
    return status;
}
