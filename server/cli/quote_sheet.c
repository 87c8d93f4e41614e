/* Rows in, rows out. Two readers go over the same text: one is ahead and feeds the call, the other
 * follows with the answers and gives each row back beside its own. What a row's quote is and how it
 * is kept is the operation's; a row is done once (its idempotency key is made of its content and
 * place), so that a run that broke off can be run again. */
#include "cli/quote_sheet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "domain/calendar_day.h"

enum { OUTPUT_MAX_BYTES = 64 * 1024 * 1024, PLACE_MAX = 200, AMOUNT_MAX = 32 };

static const char *const result_names[] = {"status",  "id",      "total",   "net", "tax",
                                           "reasons", "problem", NULL};

struct quote_sheet {
    struct service *service;
    const struct quote_sheet_options *options;
    char *text;
    struct csv_reader *ahead, *behind;
    struct answer_columns columns;
    bool dropped[CSV_COLUMNS_MAX]; /* results of an earlier run */
    int64_t taken, limit; /* rows handed to the call at hand; at most */
    int64_t row;          /* of all, from 1 */
    struct buffer output;
    char part_path[PATH_MAX];
    int descriptor;
    struct error error; /* of writing */
    struct quote_sheet_counts counts;
    void (*tell)(void *context, const struct quote_sheet_counts *counts);
    void *tell_context;
};

/* ---- opening -------------------------------------------------------------------------------- */

/* Counts the rows, and finds what is wrong with the file before anything is done. */
static int count_rows(struct quote_sheet *sheet, struct csv_reader *reader, struct error *error) {
    const struct csv_record *row;
    int status;
    while ((status = csv_next(reader, error, &row)) > 0) sheet->counts.rows++;
    if (!status && !sheet->counts.rows)
        status = error_set(error, ERROR_INVALID, "there are no rows below the header");
    return status;
}

static int read_header(struct quote_sheet *sheet, struct csv_reader *reader,
                       const struct product_info *info, struct error *error) {
    const struct csv_record *header;
    int status = csv_next(reader, error, &header);
    if (status < 0) return status;
    if (status == 0) return error_set(error, ERROR_INVALID, "it is empty: begin it with a header");
    status = answer_columns_read(header, csv_separator(reader), result_names, info, error,
                                 &sheet->columns);
    if (!status && info) status = answer_columns_known(&sheet->columns, info, error);
    if (!status && !info && !answer_columns_have(&sheet->columns, COLUMN_PRODUCT))
        status = error_set(error, ERROR_INVALID, "no column says which product a row is for: add "
                           "a column product, or say it for all with --product NAME");
    for (int i = 0; !status && i < sheet->columns.count; i++) {
        const struct column *column = &sheet->columns.items[i];
        sheet->dropped[i] = column->kind == COLUMN_IGNORED && column->name[0] != '#';
    }
    return status;
}

static int read_sheet(struct quote_sheet *sheet, size_t length, const struct product_info *info,
                      struct error *error) {
    struct csv_reader *counting = NULL;
    int status = csv_reader_new(sheet->text, length, error, &counting);
    if (!status) status = csv_reader_new(sheet->text, length, error, &sheet->ahead);
    if (!status) status = csv_reader_new(sheet->text, length, error, &sheet->behind);
    if (!status) status = read_header(sheet, counting, info, error);
    if (!status) status = count_rows(sheet, counting, error);
    csv_reader_free(counting);
    return status;
}

/* The product in force that --product names; NULL when it names none. */
static int find_product(struct quote_sheet *sheet, struct error *error,
                        const struct product_version **ret_version) {
    const struct quote_sheet_options *options = sheet->options;
    char today[CLOCK_DATE_MAX];
    struct error own = {0};
    *ret_version = NULL;
    if (!options->product) return 0;
    int64_t now_us = clock_now_us();
    clock_amsterdam_date_text(now_us, today);
    int status = catalogue_find(sheet->service->catalogue, options->product,
                                options->date ? options->date : today, now_us, &own, ret_version);
    if (status == ERROR_NOT_FOUND)
        return error_set(error, status, "there is no product %.60s in force", options->product);
    return status ? error_set(error, own.code, "%s", own.text) : 0;
}

int quote_sheet_open(struct service *service, const struct quote_sheet_options *options,
                     struct error *error, struct quote_sheet **ret_sheet) {
    struct quote_sheet *sheet = calloc(1, sizeof *sheet);
    const struct product_version *version = NULL;
    struct error own = {0};
    size_t length = 0;
    if (!sheet) return error_set(error, ERROR_NO_MEMORY, "no memory for a spreadsheet");
    sheet->service = service;
    sheet->options = options;
    sheet->descriptor = -1;
    buffer_init(&sheet->output, OUTPUT_MAX_BYTES);
    int status = find_product(sheet, error, &version);
    if (!status)
        status = file_read(options->in_path, CSV_BYTES_MAX, error, &sheet->text, &length);
    if (!status) {
        status = read_sheet(sheet, length, version ? product_info(version->product) : NULL, &own);
        if (status) error_set(error, own.code, "%.200s: %s", options->in_path, own.text);
    }
    catalogue_release(service->catalogue, version);
    if (status) {
        quote_sheet_close(sheet);
        return status;
    }
    *ret_sheet = sheet;
    return 0;
}

void quote_sheet_close(struct quote_sheet *sheet) {
    if (!sheet) return;
    if (sheet->descriptor >= 0) {
        close(sheet->descriptor);
        unlink(sheet->part_path);
    }
    csv_reader_free(sheet->ahead);
    csv_reader_free(sheet->behind);
    buffer_done(&sheet->output);
    free(sheet->text);
    free(sheet);
}

const struct quote_sheet_counts *quote_sheet_counts(const struct quote_sheet *sheet) {
    return &sheet->counts;
}

/* ---- rows in -------------------------------------------------------------------------------- */

static bool set_text(struct record *record, const char *name, const char *text, size_t length) {
    record_copy_text(record, name, text, length);
    return !record->failed;
}

/* Equal rows at one place of a sheet mean the same deed. */
static void set_key(struct quote_sheet *sheet, const struct csv_record *row,
                    struct record *record) {
    struct buffer content;
    char hex[SHA256_HEX_MAX], key[SHA256_HEX_MAX + 8];
    const struct quote_sheet_options *options = sheet->options;
    buffer_init(&content, 4 * CSV_RECORD_MAX_BYTES);
    buffer_format(&content, "%lld", (long long)sheet->row);
    for (int i = 0; i < row->count; i++)
        if (i < sheet->columns.count && !sheet->dropped[i])
            csv_write_cell(row->cells[i].text, row->cells[i].length, ',', false, &content);
    buffer_format(&content, "\n%s\n%s", options->product ? options->product : "",
                  options->date ? options->date : "");
    if (content.failed) {
        record->failed = true;
    } else {
        hash_sha256_hex(content.data, content.length, hex);
        int length = snprintf(key, sizeof key, "sheet-%s", hex);
        set_text(record, "idempotency_key", key, (size_t)length);
    }
    buffer_done(&content);
}

/* The version whose questions say how the cells of a row are read. */
static const struct product_version *version_of(struct quote_sheet *sheet, const char *product,
                                                const struct value *date) {
    char day[CLOCK_DATE_MAX];
    struct value_date read;
    const struct product_version *version = NULL;
    int64_t now_us = clock_now_us();
    clock_amsterdam_date_text(now_us, day);
    if (date->kind == VALUE_TEXT && date->length == 10) {
        char text[CLOCK_DATE_MAX];
        memcpy(text, date->text, 10);
        text[10] = '\0';
        if (day_read(text, &read)) memcpy(day, text, 11);
    }
    struct error error = {0};
    if (!product || strlen(product) >= PRODUCT_CODE_MAX) return NULL;
    return catalogue_find(sheet->service->catalogue, product, day, now_us, &error, &version) == 0
               ? version
               : NULL;
}

static void refuse_item(struct quote_sheet *sheet, struct item *item, int status, const char *code,
                        const char *nl, const char *en) {
    const struct text detail = {nl, en};
    item->refusal = (struct refusal){.status = status};
    snprintf(item->refusal.code, sizeof item->refusal.code, "%s", code);
    snprintf(item->refusal.detail, sizeof item->refusal.detail, "%s",
             text_in(&detail, sheet->options->language));
}

static bool make_input(struct quote_sheet *sheet, const struct csv_record *row,
                       struct scratch *scratch, struct value *ret_input) {
    const struct quote_sheet_options *options = sheet->options;
    const struct answer_columns *columns = &sheet->columns;
    const struct csv_cell *cell = answer_columns_cell(columns, row, COLUMN_PRODUCT);
    const char *product = cell ? cell->text : options->product;
    struct value date = value_null(), answers;
    struct record input;
    record_init(&input, scratch);
    if (product) set_text(&input, "product", product, strlen(product));
    cell = answer_columns_cell(columns, row, COLUMN_EFFECTIVE_DATE);
    if (cell) date = answer_columns_date(cell, scratch);
    else if (options->date) date = value_text(options->date, strlen(options->date));
    if (date.kind == VALUE_TEXT) set_text(&input, "effective_date", date.text, date.length);
    cell = answer_columns_cell(columns, row, COLUMN_REFERENCE);
    if (cell) set_text(&input, "reference", cell->text, cell->length);
    if (!options->estimate && !options->again) set_key(sheet, row, &input);
    const struct product_version *version = version_of(sheet, product, &date);
    bool made = answer_columns_answers(columns, row,
                                       version ? product_info(version->product) : NULL, scratch,
                                       &answers);
    record_set(&input, "answers", answers);
    catalogue_release(sheet->service->catalogue, version);
    *ret_input = record_value(&input);
    return made && !input.failed;
}

/* The reader's cells live until its next row: the call keeps the item for longer. */
static bool keep_row(const struct csv_record *row, struct scratch *scratch,
                     struct csv_record **ret_row) {
    size_t size = offsetof(struct csv_record, cells) + (size_t)row->count * sizeof row->cells[0];
    struct csv_record *kept = scratch_take(scratch, size);
    if (!kept) return false;
    memcpy(kept, row, size);
    for (int i = 0; i < row->count; i++) {
        char *text = scratch_take(scratch, row->cells[i].length + 1);
        if (!text) return false;
        memcpy(text, row->cells[i].text, row->cells[i].length + 1);
        kept->cells[i].text = text;
    }
    *ret_row = kept;
    return true;
}

static int next(void *context, struct scratch *scratch, struct item *ret_item) {
    struct quote_sheet *sheet = context;
    const struct csv_record *row;
    struct csv_record *kept;
    struct error error = {0};
    if (sheet->taken == sheet->limit || csv_next(sheet->ahead, &error, &row) <= 0) return 0;
    sheet->taken++;
    sheet->row++;
    if (row->count > sheet->columns.count)
        refuse_item(sheet, ret_item, 422, "too_many_cells",
                    "Deze rij heeft meer cellen dan de kop: staat een tekst met het "
                    "scheidingsteken niet tussen aanhalingstekens?",
                    "This row has more cells than the header: is a text that holds the separator "
                    "not in quotes?");
    else if (!keep_row(row, scratch, &kept) ||
             !make_input(sheet, kept, scratch, &ret_item->value))
        refuse_item(sheet, ret_item, 413, "item_too_large", "Deze rij is te groot om te verwerken.",
                    "This row is too large to process.");
    return 1;
}

/* ---- rows out ------------------------------------------------------------------------------- */

static void put(struct quote_sheet *sheet, const char *text, size_t length) {
    csv_write_cell(text, length, csv_separator(sheet->behind), false, &sheet->output);
}

static void put_text(struct quote_sheet *sheet, const struct value *text) {
    bool there = text && text->kind == VALUE_TEXT;
    put(sheet, there ? text->text : "", there ? text->length : 0);
}

/* Amounts of an answer that was kept are texts. */
static bool read_cents(const struct value *amount, int64_t *ret_cents) {
    struct decimal number;
    if (!amount) return false;
    if (amount->kind == VALUE_NUMBER) number = amount->number;
    else if (amount->kind != VALUE_TEXT || !decimal_parse(amount->text, amount->length, &number))
        return false;
    return decimal_to_scaled(number, 2, ret_cents);
}

/* As the sheet writes its own. */
static void put_amount(struct quote_sheet *sheet, const struct value *amount) {
    char text[AMOUNT_MAX] = "";
    int64_t cents;
    if (read_cents(amount, &cents)) {
        long long whole = cents / 100, rest = cents % 100;
        snprintf(text, sizeof text, "%s%lld%c%02lld", cents < 0 ? "-" : "",
                 whole < 0 ? -whole : whole, sheet->columns.decimal_comma ? ',' : '.',
                 rest < 0 ? -rest : rest);
    }
    put(sheet, text, strlen(text));
}

static void put_reasons(struct quote_sheet *sheet, const struct value *reasons) {
    struct buffer text;
    buffer_init(&text, CSV_RECORD_MAX_BYTES);
    for (uint32_t i = 0; reasons && reasons->kind == VALUE_LIST && i < reasons->length; i++) {
        const struct value *sentence = record_get(&reasons->items[i], "text");
        if (text.length) buffer_text(&text, " | ");
        if (sentence) buffer_append(&text, sentence->text, sentence->length);
    }
    put(sheet, text.length ? text.data : "", text.length);
    buffer_done(&text);
}

static void put_problem(struct quote_sheet *sheet, const struct item_answer *answer) {
    struct buffer text;
    char place[PLACE_MAX];
    const struct field_faults *faults = answer->faults;
    buffer_init(&text, CSV_RECORD_MAX_BYTES);
    if (!faults || !faults->count) buffer_text(&text, answer->refusal->detail);
    for (int i = 0; faults && i < faults->count; i++) {
        answer_columns_place(faults->items[i].pointer, sizeof place, place);
        buffer_format(&text, "%s%s: %s", i ? " | " : "", place, faults->items[i].message);
    }
    put(sheet, text.length ? text.data : "", text.length);
    buffer_done(&text);
}

static void put_good(struct quote_sheet *sheet, const struct value *output) {
    static const char *const amounts[] = {"total", "net", "tax"};
    const struct value *status = record_get(output, "status");
    const struct value *premium = record_get(output, "premium");
    bool priced = premium && premium->kind == VALUE_CONTEXT;
    put_text(sheet, status);
    put_text(sheet, record_get(output, "id"));
    for (int i = 0; i < 3; i++) put_amount(sheet, priced ? record_get(premium, amounts[i]) : NULL);
    put_reasons(sheet, record_get(output, "reasons"));
    put(sheet, "", 0);
    sheet->counts.offered += status && status->length == 7;
    sheet->counts.referred += status && status->length == 8 && status->text[0] == 'r';
    sheet->counts.declined += status && status->length == 8 && status->text[0] == 'd';
}

/* The row as it came, but for what an earlier run had added. */
static void put_row(struct quote_sheet *sheet, const struct csv_record *row) {
    bool first = true;
    for (int i = 0; i < sheet->columns.count; i++) {
        const struct csv_cell none = {"", 0};
        const struct csv_cell *cell = i < row->count ? &row->cells[i] : &none;
        if (sheet->dropped[i]) continue;
        csv_write_cell(cell->text, cell->length, csv_separator(sheet->behind), first,
                       &sheet->output);
        first = false;
    }
}

static void answer(void *context, const struct item_answer *answer) {
    struct quote_sheet *sheet = context;
    const struct csv_record *row;
    struct error error = {0};
    if (csv_next(sheet->behind, &error, &row) <= 0) return; /* it was read before: cannot be */
    put_row(sheet, row);
    sheet->counts.done++;
    if (answer->output) {
        put_good(sheet, answer->output);
    } else {
        sheet->counts.problems++;
        put(sheet, "problem", 7);
        for (int i = 0; i < 5; i++) put(sheet, "", 0);
        put_problem(sheet, answer);
    }
    csv_write_end(&sheet->output);
}

static bool write_out(struct quote_sheet *sheet) {
    const char *at = sheet->output.data;
    size_t left = sheet->output.length;
    if (sheet->output.failed) {
        error_set(&sheet->error, buffer_failure(&sheet->output), "a block of rows is too large");
        return false;
    }
    while (left > 0) {
        ssize_t written = write(sheet->descriptor, at, left);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) {
            file_error(&sheet->error, errno, "write", sheet->part_path);
            return false;
        }
        at += written;
        left -= (size_t)written;
    }
    buffer_clear(&sheet->output);
    return true;
}

static bool flush(void *context) {
    struct quote_sheet *sheet = context;
    if (sheet->tell) sheet->tell(sheet->tell_context, &sheet->counts);
    return write_out(sheet);
}

/* ---- all of it ------------------------------------------------------------------------------ */

static int begin_output(struct quote_sheet *sheet, struct error *error) {
    const char *path = sheet->options->out_path;
    const struct csv_record *header;
    if (access(path, F_OK) == 0)
        return error_set(error, ERROR_CONFLICT,
                         "%.300s is there already: name another file, or remove it", path);
    int length = snprintf(sheet->part_path, sizeof sheet->part_path, "%s.part", path);
    if (length < 0 || (size_t)length >= sizeof sheet->part_path)
        return error_set(error, ERROR_TOO_LARGE, "the path %.100s… is too long", path);
    sheet->descriptor =
        open(sheet->part_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (sheet->descriptor < 0) return file_error(error, errno, "write", sheet->part_path);
    int status = csv_next(sheet->ahead, error, &header);
    if (status > 0) status = csv_next(sheet->behind, error, &header);
    if (status <= 0) return status;
    if (csv_has_mark(sheet->behind)) buffer_text(&sheet->output, "\xEF\xBB\xBF");
    put_row(sheet, header);
    for (int i = 0; result_names[i]; i++) put(sheet, result_names[i], strlen(result_names[i]));
    csv_write_end(&sheet->output);
    return 0;
}

/* Fails where another has taken the name meanwhile, on file systems that can tell. */
static int take_name(const char *from, const char *to) {
    int result = renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
    return result != 0 && (errno == EINVAL || errno == ENOSYS) ? rename(from, to) : result;
}

static int end_output(struct quote_sheet *sheet, struct error *error) {
    const char *path = sheet->options->out_path;
    int number = 0;
    if (!write_out(sheet)) return error_set(error, sheet->error.code, "%s", sheet->error.text);
    if (fsync(sheet->descriptor) != 0) number = errno;
    if (close(sheet->descriptor) != 0 && !number) number = errno;
    sheet->descriptor = -1;
    if (!number && take_name(sheet->part_path, path) != 0) number = errno;
    if (number) unlink(sheet->part_path);
    return number ? file_error(error, number, "write", path) : file_sync_folder(path, error);
}

static int run_call(struct quote_sheet *sheet, struct dispatcher *dispatcher,
                    const struct caller *caller, struct scratch *scratch, struct answer *ret_answer,
                    struct error *error) {
    const char *name = sheet->options->estimate ? "RequestEstimateBatch" : "RequestQuoteBatch";
    struct items items = {.context = sheet, .lexical = true, .next = next, .answer = answer,
                          .flush = flush};
    int64_t left = sheet->counts.rows - sheet->row;
    sheet->taken = 0;
    sheet->limit = items.count = left < ITEMS_MAX ? left : ITEMS_MAX;
    struct request request = {.operation = operation_find_named(name),
                              .caller = caller,
                              .request_id = "koppel quote batch",
                              .language = sheet->options->language,
                              .items = &items,
                              .scratch = scratch};
    int64_t before = sheet->counts.done;
    scratch->at = scratch->start;
    dispatch(dispatcher, &request, ret_answer);
    if (sheet->error.code) return error_set(error, sheet->error.code, "%s", sheet->error.text);
    if (ret_answer->refusal.status)
        return error_set(error, ERROR_BUSY, "%s", ret_answer->refusal.detail);
    if (sheet->counts.done - before == items.count) return 0;
    return error_set(error, ERROR_BUSY, "the store is too slow: run the same command again");
}

int quote_sheet_run(struct quote_sheet *sheet, struct dispatcher *dispatcher,
                    const struct caller *caller,
                    void (*tell)(void *context, const struct quote_sheet_counts *counts),
                    void *context, struct error *error) {
    void *memory = malloc(OPERATION_SCRATCH_BYTES);
    struct answer *told = malloc(sizeof *told);
    struct scratch scratch;
    sheet->tell = tell;
    sheet->tell_context = context;
    int status = memory && told ? begin_output(sheet, error)
                                : error_set(error, ERROR_NO_MEMORY, "no memory for quotes");
    scratch_init(&scratch, memory, memory ? OPERATION_SCRATCH_BYTES : 0);
    while (!status && sheet->counts.done < sheet->counts.rows)
        status = run_call(sheet, dispatcher, caller, &scratch, told, error);
    if (!status) status = end_output(sheet, error);
    free(memory);
    free(told);
    return status;
}
