/* `koppel quote batch`: quotes for every row of a spreadsheet, without a server between. What a
 * sheet looks like is quote_sheet.c's; this file reads options, finds the partner, and shows how
 * far it is. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/installation.h"
#include "cli/quote.h"
#include "cli/quote_sheet.h"
#include "domain/calendar_day.h"

enum { TELL_INTERVAL_MS = 100, BAR_WIDTH = 30 };

static const char usage[] =
    "usage: koppel quote batch IN.csv OUT.csv --data DIR --partner ID [--mode test|live]\n"
    "                          [--product NAME] [--date DATE] [--estimate] [--again]\n"
    "                          [--language nl|en]\n"
    "\n"
    "Makes a quote of every row of IN.csv and writes the rows to OUT.csv, each with status, id,\n"
    "total, net, tax, reasons and problem behind it. Rows without a cell are left out.\n"
    "\n"
    "IN.csv is UTF-8, separated by commas, semicolons or tabs. Its first line names the columns:\n"
    "  birth_date              a question of the product, by its name\n"
    "  family.1.birth_date     a question of the first record of a list\n"
    "  covers or covers.1 …    choices, in one cell as \"a;b\" or in a column each\n"
    "  product                 where --product does not say it for all\n"
    "  effective_date          the first day of cover; else --date, else today\n"
    "  reference               your own, given back with the quote\n"
    "  #anything               for people: given back, and not looked at\n"
    "Any other column is refused before the first quote is made. Beside what the service takes,\n"
    "dates may stand as 31-12-2026, yes and no as ja and nee, and, where semicolons separate,\n"
    "amounts with a decimal comma: 1.234,50 or 1.234; then amounts in OUT.csv have one too.\n"
    "A cell that could run as a formula is given back with an apostrophe before it.\n"
    "\n"
    "OUT.csv appears when it is complete. When a run breaks off, run it again: within a day the\n"
    "same row at the same place is the same quote, not another (--again makes new ones).\n";

struct arguments {
    const char *data, *partner, *mode, *language;
    struct quote_sheet_options sheet;
};

/* ---- who ------------------------------------------------------------------------------------ */

/* Quotes are made under a key, as all are: one that the partner has. */
struct key_search {
    const char *partner, *mode;
    int64_t now_us;
    bool partner_found, key_found;
    char key_id[ID_MAX];
};

static int find_key(struct db_tx *tx, void *context, struct error *error) {
    struct key_search *search = context;
    struct db_rows *rows = NULL;
    search->partner_found = search->key_found = false;
    int status = db_query(tx, error, &rows,
                          "select k.id from partner p left join api_key k on k.partner_id = p.id"
                          " and k.kind = 'secret' and k.mode = $2 and k.revoked_us is null"
                          " and (k.expires_us is null or k.expires_us > $3) and $scope(k)"
                          " where p.id = $1 order by k.id limit 1",
                          db_text(search->partner), db_text(search->mode),
                          db_integer(search->now_us));
    if (!status) status = db_next(rows, error);
    if (status > 0) {
        const char *id = db_column_text(rows, 0, NULL);
        search->partner_found = true;
        search->key_found = id && strlen(id) < sizeof search->key_id;
        if (search->key_found) memcpy(search->key_id, id, strlen(id) + 1);
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int find_caller(struct service *service, const struct arguments *arguments,
                       struct error *error, struct caller *ret_caller) {
    struct key_search search = {.partner = arguments->partner, .mode = arguments->mode,
                                .now_us = clock_now_us()};
    int status = db_read(service->db, &db_scope_all, find_key, &search, error);
    if (status) return status;
    if (!search.partner_found)
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no partner %.60s: koppel key list shows them", search.partner);
    if (!search.key_found)
        return error_set(error, ERROR_NOT_FOUND,
                         "partner %.60s has no secret key in mode %s: koppel key create makes one",
                         search.partner, search.mode);
    *ret_caller = (struct caller){.kind = CALLER_SECRET_KEY,
                                  .test = strcmp(search.mode, "test") == 0};
    snprintf(ret_caller->partner_id, sizeof ret_caller->partner_id, "%s", search.partner);
    memcpy(ret_caller->key_id, search.key_id, sizeof ret_caller->key_id);
    ret_caller->scope =
        (struct db_scope){.kind = DB_SCOPE_OWN, .partner_id = ret_caller->partner_id};
    return 0;
}

/* ---- how far -------------------------------------------------------------------------------- */

struct progress_line {
    bool shown; /* on a terminal */
    int64_t began_ms, told_ms;
};

static void tell(void *context, const struct quote_sheet_counts *counts) {
    struct progress_line *line = context;
    int64_t now_ms = clock_monotonic_ms(), spent_ms = now_ms - line->began_ms;
    if (!line->shown || (now_ms - line->told_ms < TELL_INTERVAL_MS && counts->done < counts->rows))
        return;
    line->told_ms = now_ms;
    int64_t rate = spent_ms > 0 ? counts->done * 1000 / spent_ms : 0;
    int64_t left_s = rate > 0 ? (counts->rows - counts->done + rate - 1) / rate : 0;
    int full = counts->rows ? (int)(counts->done * BAR_WIDTH / counts->rows) : 0;
    char bar[BAR_WIDTH + 1];
    memset(bar, '.', BAR_WIDTH);
    memset(bar, '#', (size_t)full);
    bar[BAR_WIDTH] = '\0';
    fprintf(stderr,
            "\r[%s] %" PRId64 " of %" PRId64 ", %" PRId64 "/s, %" PRId64 ":%02" PRId64
            " left\033[K",
            bar, counts->done, counts->rows, rate, left_s / 60, left_s % 60);
}

/* ---- the command ---------------------------------------------------------------------------- */

static int run_sheet(struct service *service, const struct arguments *arguments,
                     struct error *error) {
    struct dispatcher *dispatcher = NULL;
    struct quote_sheet *sheet = NULL;
    struct caller caller;
    struct progress_line line = {.shown = isatty(STDERR_FILENO), .began_ms = clock_monotonic_ms()};
    int status = find_caller(service, arguments, error, &caller);
    if (!status)
        status = dispatcher_new(service->db, service->keys, service, error, &dispatcher);
    if (!status) status = quote_sheet_open(service, &arguments->sheet, error, &sheet);
    if (!status) status = quote_sheet_run(sheet, dispatcher, &caller, tell, &line, error);
    if (line.shown && line.told_ms) fputs("\r\033[K", stderr);
    if (!status) {
        const struct quote_sheet_counts *counts = quote_sheet_counts(sheet);
        printf("%s: %" PRId64 " rows: %" PRId64 " offered, %" PRId64 " referred, %" PRId64
               " declined, %" PRId64 " with a problem\n",
               arguments->sheet.out_path, counts->rows, counts->offered, counts->referred,
               counts->declined, counts->problems);
    }
    quote_sheet_close(sheet);
    dispatcher_free(dispatcher);
    return status;
}

static int check_arguments(struct arguments *arguments, struct error *error) {
    struct value_date date;
    const char *mode = arguments->mode, *language = arguments->language;
    if (strcmp(mode, "test") != 0 && strcmp(mode, "live") != 0)
        return error_set(error, ERROR_INVALID, "--mode takes test or live");
    if (strcmp(language, "nl") != 0 && strcmp(language, "en") != 0)
        return error_set(error, ERROR_INVALID, "--language takes nl or en");
    if (arguments->sheet.date && !day_read(arguments->sheet.date, &date))
        return error_set(error, ERROR_INVALID, "--date takes a date such as 2026-12-31");
    if (strlen(arguments->partner) >= ID_MAX)
        return error_set(error, ERROR_INVALID, "--partner takes an id as koppel key list shows");
    arguments->sheet.language = strcmp(language, "en") == 0 ? LANGUAGE_EN : LANGUAGE_NL;
    return 0;
}

int quote_batch(int argc, char **argv) {
    struct arguments arguments = {.mode = NULL};
    struct quote_sheet_options *sheet = &arguments.sheet;
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation", .ret_value = &arguments.data},
        {.name = "partner", .kind = OPTION_TEXT, .argument = "ID", .required = true,
         .help = "whose quotes they are", .ret_value = &arguments.partner},
        {.name = "mode", .kind = OPTION_TEXT, .argument = "test|live", .default_text = "live",
         .help = "test marks the quotes as such", .ret_value = &arguments.mode},
        {.name = "product", .kind = OPTION_TEXT, .argument = "NAME",
         .help = "of rows that name none", .ret_value = &sheet->product},
        {.name = "date", .kind = OPTION_TEXT, .argument = "DATE",
         .help = "the first day of cover of rows that name none (default: today)",
         .ret_value = &sheet->date},
        {.name = "estimate", .kind = OPTION_FLAG, .help = "compute only: keep no quotes",
         .ret_value = &sheet->estimate},
        {.name = "again", .kind = OPTION_FLAG,
         .help = "make new quotes of rows that were done before", .ret_value = &sheet->again},
        {.name = "language", .kind = OPTION_TEXT, .argument = "nl|en", .default_text = "nl",
         .help = "of reasons and problems", .ret_value = &arguments.language}};
    const int count = sizeof options / sizeof *options;
    struct option_operands operands = {0};
    struct error error = {0};
    struct config config;
    struct service *service = NULL;
    bool help = false;
    int status = options_read(options, count, argc, argv, &error, &operands, &help);
    if (help) {
        printf("%s\n", usage);
        options_help(options, count);
        return EXIT_DONE;
    }
    if (!status && operands.count != 2)
        status = error_set(&error, ERROR_INVALID, "give two files: IN.csv and OUT.csv");
    if (!status) status = check_arguments(&arguments, &error);
    if (status) return command_misused("quote", &error);
    sheet->in_path = operands.items[0];
    sheet->out_path = operands.items[1];
    status = config_read(arguments.data, &error, &config);
    if (!status) status = service_new(&config, &error, &service);
    if (!status) status = run_sheet(service, &arguments, &error);
    service_free(service);
    return status ? command_fail("quote batch", &error) : EXIT_DONE;
}
