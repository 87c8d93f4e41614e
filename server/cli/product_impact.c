/* `koppel product impact`: what drafts of products would have done to the book, as a table for
 * people, and as JSON and CSV for programs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/utf8.h"
#include "cli/installation.h"
#include "cli/product.h"
#include "cli/progress.h"
#include "domain/calendar_day.h"
#include "domain/edition.h"
#include "domain/impact_sheet.h"

enum { GROUPS_SHOWN = 15, NAME_WIDTH = 34, REPORT_MODE = 0600 };

static const char usage[] =
    "product impact DIR|ID|HASH|NAME@NUMBER … --data DIR [--against NAME@NUMBER] [--since DATE]\n"
    "       [--answers FILE.csv] [--json FILE] [--csv FILE]\n"
    "\n"
    "Rates every quote of the book under a draft (a folder, or one of the store), with its own\n"
    "dates, and compares with the version in force today, or the one that --against names";

struct arguments {
    const char *data, *answers, *since, *until, *partner, *region, *json, *csv;
    struct option_list against;
    int64_t threads, since_us, until_us;
    bool test;
};

/* ---- the table ------------------------------------------------------------------------------ */
static void amounts_tell(const char *name, const struct impact_amounts *amounts) {
    char before[MONEY_TEXT_MAX], after[MONEY_TEXT_MAX], change[MONEY_TEXT_MAX],
        percent[MONEY_TEXT_MAX];
    money_text(amounts->before_cents, before);
    money_text(amounts->after_cents, after);
    money_text((__int128)amounts->after_cents - amounts->before_cents, change);
    impact_percent(amounts->before_cents, amounts->after_cents, percent);
    size_t shown = utf8_fit(name, strlen(name), NAME_WIDTH);
    int padding = NAME_WIDTH - (int)utf8_count(name, shown);
    printf("  %.*s%*s %9lld %9lld %9lld %15s %15s %14s %8s\n", (int)shown, name, padding,
           "", (long long)amounts->quotes, (long long)amounts->winners,
           (long long)amounts->losers, before, after, change, *percent ? percent : "-");
}

static void heading_tell(const char *name) {
    printf("\n  %-34s %9s %9s %9s %15s %15s %14s %8s\n", name, "quotes", "winners", "losers",
           "before", "after", "change", "%");
}

static void groups_tell(const char *name, const struct impact_groups *groups) {
    if (!groups->count) return;
    heading_tell(name);
    for (int i = 0; i < groups->count && i < GROUPS_SHOWN; i++) {
        const struct impact_group *group = &groups->items[i];
        amounts_tell(group->label[0] ? group->label : *group->key ? group->key : "(none)",
                     &group->amounts);
    }
    if (groups->count > GROUPS_SHOWN)
        printf("  and %d more: --csv FILE has them all\n", groups->count - GROUPS_SHOWN);
}

static void acceptance_tell(const struct impact_sums *sums) {
    static const char *const names[IMPACT_OUTCOMES] = {"offered", "referred", "declined"};
    printf("\n  acceptance before, and after    %12s %12s %12s\n", names[0], names[1], names[2]);
    for (int i = 0; i < IMPACT_OUTCOMES; i++)
        printf("  %-31s %12lld %12lld %12lld\n", names[i], (long long)sums->acceptance[i][0],
               (long long)sums->acceptance[i][1], (long long)sums->acceptance[i][2]);
}

static void moves_tell(const char *name, const struct impact_moves *moves) {
    if (!moves->count) return;
    printf("\n  %-34s %15s %15s %14s %8s\n", name, "before", "after", "change", "%");
    for (int i = 0; i < moves->count; i++) {
        const struct impact_move *move = &moves->items[i];
        char before[MONEY_TEXT_MAX], after[MONEY_TEXT_MAX], change[MONEY_TEXT_MAX],
            percent[MONEY_TEXT_MAX];
        money_text(move->before_cents, before);
        money_text(move->after_cents, after);
        money_text((__int128)move->after_cents - move->before_cents, change);
        impact_percent(move->before_cents, move->after_cents, percent);
        printf("  %-34s %15s %15s %14s %8s\n", move->id, before, after, change, percent);
    }
}

static void refusals_tell(const struct impact_sums *sums) {
    if (sums->refusal_count)
        printf("\n  answers that the draft's questions refuse\n");
    for (int i = 0; i < sums->refusal_count; i++)
        printf("  %9lld  %s.%s: %s, as in %s\n", (long long)sums->refusals[i].quotes,
               sums->refusals[i].product, sums->refusals[i].question, sums->refusals[i].code,
               sums->refusals[i].example_id);
    if (sums->failure_count) printf("\n  ratings that fail\n");
    for (int i = 0; i < sums->failure_count; i++)
        printf("  %9lld  %s, as in %s\n", (long long)sums->failures[i].quotes,
               sums->failures[i].text, sums->failures[i].example_id);
}

static void sums_tell(const struct impact *impact, const struct impact_sums *sums) {
    struct impact_side sides[IMPACT_DRAFTS_MAX];
    int count = impact_sides(impact, sides);
    for (int i = 0; i < count; i++)
        printf("%s: draft %.12s against version %d (%.12s)\n", sides[i].product, sides[i].hash,
               sides[i].against_number, sides[i].against_hash);
    printf("%lld quotes: %lld rated, %lld refused by the draft's questions, %lld failed, "
           "%lld unreadable\n", (long long)sums->quotes, (long long)sums->rated,
           (long long)sums->refused, (long long)sums->failed, (long long)sums->unreadable);
    heading_tell("premium");
    amounts_tell("all", &sums->amounts);
    for (int i = 0; i < IMPACT_BANDS; i++) amounts_tell(impact_band_text(i), &sums->bands[i]);
    groups_tell("partner", &sums->partners);
    groups_tell("region", &sums->regions);
    groups_tell("product", &sums->products);
    acceptance_tell(sums);
    moves_tell("largest rises", &sums->rises);
    moves_tell("largest falls", &sums->falls);
    refusals_tell(sums);
}

/* ---- files ---------------------------------------------------------------------------------- */
static int report_write(const struct impact *impact, const char *path,
                        void (*write)(const struct impact *, struct buffer *),
                        struct error *error) {
    struct buffer buffer;
    int status = 0;
    if (!path) return 0;
    buffer_init(&buffer, IMPACT_REPORT_MAX_BYTES);
    write(impact, &buffer);
    if (buffer.failed)
        status = error_set(error, buffer_failure(&buffer), "the report does not fit %d bytes",
                           IMPACT_REPORT_MAX_BYTES);
    if (!status) status = file_write(path, buffer.data, buffer.length, REPORT_MODE, error);
    buffer_done(&buffer);
    return status;
}

/* ---- drafts --------------------------------------------------------------------------------- */
struct drafts {
    struct impact_draft items[IMPACT_DRAFTS_MAX];
    int against[IMPACT_DRAFTS_MAX];
    int count;
};

static void problems_tell(const struct problems *problems) {
    for (int i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        if (problem->warning) continue;
        fprintf(stderr, "%s:%d: %s%s%s\n", problem->file, problem->line, problem->place,
                *problem->place ? ": " : "", problem->text);
    }
}

static int files_take(struct drafts *drafts, const struct product_files *files,
                      struct error *error) {
    struct problems *problems = calloc(1, sizeof *problems);
    if (!problems) return error_set(error, ERROR_NO_MEMORY, "no memory to compile a draft");
    int status = impact_draft_make(files, problems, error, &drafts->items[drafts->count]);
    if (!status) drafts->count++;
    else problems_tell(problems);
    free(problems);
    return status;
}

/* A draft of the store, or a version: what was may be tried again. */
static int edition_take(struct drafts *drafts, struct db *db, const char *name,
                        struct error *error) {
    struct edition edition;
    struct version_files stored = {0};
    struct product_files files = {.count = 0};
    struct error cause = {0};
    int status = edition_find(db, name, &cause, &edition);
    if (status == ERROR_INVALID || status == ERROR_NOT_FOUND)
        return error_set(error, status,
                         "%.200s is no folder, and no draft or version by that name: see koppel "
                         "product list", name);
    if (status) return error_set(error, status, "%s", cause.text);
    status = edition_files_read(db, &edition, error, &stored);
    if (!status) {
        memcpy(files.items, stored.items, sizeof files.items);
        files.count = stored.count;
        status = product_files_hash(&files, error);
    }
    if (!status) status = files_take(drafts, &files, error);
    version_files_done(&stored);
    return status;
}

static int draft_take(struct drafts *drafts, struct db *db, const char *name,
                      struct error *error) {
    struct product_folder folder;
    struct stat kind;
    if (drafts->count == IMPACT_DRAFTS_MAX)
        return error_set(error, ERROR_INVALID, "name at most %d drafts", IMPACT_DRAFTS_MAX);
    if (stat(name, &kind) != 0 || !S_ISDIR(kind.st_mode))
        return edition_take(drafts, db, name, error);
    int status = product_folder_read(name, error, &folder);
    if (status) return status;
    status = files_take(drafts, &folder.files, error);
    product_folder_done(&folder);
    return status;
}

/* "auto@3" belongs to the draft of auto. */
static int against_take(struct drafts *drafts, const char *text, struct error *error) {
    const char *at = strrchr(text, '@');
    char *end = NULL;
    long number = at ? strtol(at + 1, &end, 10) : 0;
    if (!at || at[1] < '1' || at[1] > '9' || *end || number > 1000000)
        return error_set(error, ERROR_INVALID, "'%.80s' is no version: write it as auto@3", text);
    for (int i = 0; i < drafts->count; i++) {
        const char *name = drafts->items[i].version.name;
        if (strlen(name) != (size_t)(at - text) || strncmp(name, text, strlen(name)) != 0) continue;
        drafts->against[i] = (int)number;
        return 0;
    }
    return error_set(error, ERROR_INVALID, "--against %.80s: there is no draft of that product",
                     text);
}

/* ---- the command ---------------------------------------------------------------------------- */
static int impact_tell(struct impact *impact, const struct arguments *arguments,
                       const struct book_progress *walked, double seconds, struct error *error) {
    const struct impact_sums *sums;
    int status = impact_finish(impact, error, &sums);
    if (status) return status;
    sums_tell(impact, sums);
    if (walked->stopped)
        return error_set(error, ERROR_BUSY,
                         "stopped after %lld of %lld quotes: no report was written",
                         (long long)walked->walked, (long long)walked->total);
    printf("\n%lld quotes of %lld in %.1f s\n", (long long)walked->visited,
           (long long)walked->total, seconds);
    status = report_write(impact, arguments->json, impact_write_json, error);
    if (!status) status = report_write(impact, arguments->csv, impact_write_csv, error);
    return status;
}

static int impact_run(struct service *service, const struct drafts *drafts,
                      const struct arguments *arguments, struct error *error) {
    struct impact *impact = NULL;
    struct progress progress;
    struct book_progress walked;
    const struct impact_options options = {.service = service,
                                           .drafts = drafts->items,
                                           .draft_count = drafts->count,
                                           .against = drafts->against,
                                           .region = arguments->region,
                                           .now_us = clock_now_us()};
    const struct impact_walk walk = {
        .filter = {.partner_id = arguments->partner,
                   .since_us = arguments->since_us,
                   .until_us = arguments->until_us,
                   .mode = arguments->test ? BOOK_LIVE_AND_TEST : BOOK_LIVE},
        .worker_count = (int)arguments->threads,
        .tell = progress_tell,
        .tell_context = &progress};
    int status = book_filter_check(service->db, &walk.filter, error);
    if (!status) status = impact_new(&options, error, &impact);
    if (status) return status;
    progress_start(&progress);
    status = arguments->answers ? impact_walk_sheet(impact, arguments->answers, NULL,
                                                    progress_tell, &progress, error, &walked)
                                : impact_walk_book(impact, &walk, error, &walked);
    double seconds = progress_end(&progress);
    if (!status) status = impact_tell(impact, arguments, &walked, seconds, error);
    impact_free(impact);
    return status;
}

static int date_take(const char *text, struct error *error, int64_t *ret_us) {
    struct value_date date;
    if (!text) return 0;
    if (!day_read(text, &date))
        return error_set(error, ERROR_INVALID, "'%.40s' is no date: write it as 2026-12-31", text);
    *ret_us = clock_amsterdam_midnight_us(date.year, date.month, date.day);
    return 0;
}

static int command_run(const struct option_operands *operands, const struct arguments *arguments,
                       struct drafts *drafts, struct error *error) {
    struct config config;
    struct service *service = NULL;
    int status = config_read(arguments->data, error, &config);
    if (status) return status;
    status = service_new(&config, error, &service);
    for (int i = 0; !status && i < operands->count; i++)
        status = draft_take(drafts, service->db, operands->items[i], error);
    for (int i = 0; !status && i < arguments->against.count; i++)
        status = against_take(drafts, arguments->against.items[i], error);
    if (!status) status = impact_run(service, drafts, arguments, error);
    service_free(service);
    explicit_bzero(config.key_pepper, sizeof config.key_pepper);
    return status;
}

int product_part_impact(int argc, char **argv) {
    struct arguments arguments = {0};
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation", .ret_value = &arguments.data},
        {.name = "against", .kind = OPTION_LIST, .argument = "NAME@NUMBER",
         .help = "compare with this version; without it the one in force today",
         .ret_value = &arguments.against},
        {.name = "answers", .kind = OPTION_TEXT, .argument = "FILE.csv",
         .help = "rate these answers, as koppel quote batch takes them, instead of the quotes",
         .ret_value = &arguments.answers},
        {.name = "since", .kind = OPTION_TEXT, .argument = "DATE",
         .help = "only quotes made on this day or later", .ret_value = &arguments.since},
        {.name = "until", .kind = OPTION_TEXT, .argument = "DATE",
         .help = "only quotes made before this day", .ret_value = &arguments.until},
        {.name = "partner", .kind = OPTION_TEXT, .argument = "ID",
         .help = "only quotes of this partner", .ret_value = &arguments.partner},
        {.name = "test", .kind = OPTION_FLAG, .help = "also quotes made with test keys",
         .ret_value = &arguments.test},
        {.name = "region", .kind = OPTION_TEXT, .argument = "NAME",
         .help = "the decision or question that tells the region; without it Region or postcode",
         .ret_value = &arguments.region},
        {.name = "json", .kind = OPTION_TEXT, .argument = "FILE",
         .help = "write the report there as JSON", .ret_value = &arguments.json},
        {.name = "csv", .kind = OPTION_TEXT, .argument = "FILE",
         .help = "write the report there as CSV", .ret_value = &arguments.csv},
        {.name = "threads", .kind = OPTION_INTEGER, .argument = "N", .default_text = "0",
         .minimum = 0, .maximum = BOOK_WORKERS_MAX, .help = "threads; 0: one per core",
         .ret_value = &arguments.threads}};
    const int count = sizeof options / sizeof *options;
    struct option_operands operands = {.count = 0};
    struct error error = {0};
    bool help = false;
    if (options_read(options, count, argc, argv, &error, &operands, &help))
        return command_misused("product impact", &error);
    if (help) {
        printf("Usage: koppel %s.\n\n", usage);
        options_help(options, count);
        return EXIT_DONE;
    }
    if (!operands.count) error_set(&error, ERROR_INVALID, "name a draft: its folder, id or hash");
    if (arguments.answers && (arguments.since || arguments.until || arguments.partner ||
                              arguments.test || arguments.threads))
        error_set(&error, ERROR_INVALID, "--since, --until, --partner, --test and --threads are "
                  "of quotes: leave them out beside --answers");
    if (!error.code) date_take(arguments.since, &error, &arguments.since_us);
    if (!error.code) date_take(arguments.until, &error, &arguments.until_us);
    if (!error.code && arguments.until && arguments.since_us >= arguments.until_us)
        error_set(&error, ERROR_INVALID, "--until is not after --since: name a later day");
    if (error.code) return command_misused("product impact", &error);
    struct drafts *drafts = calloc(1, sizeof *drafts);
    if (!drafts) error_set(&error, ERROR_NO_MEMORY, "no memory for the drafts");
    int status = drafts ? command_run(&operands, &arguments, drafts, &error) : error.code;
    for (int i = 0; drafts && i < drafts->count; i++) impact_draft_done(&drafts->items[i]);
    free(drafts);
    return status ? command_fail("product impact", &error) : EXIT_DONE;
}
