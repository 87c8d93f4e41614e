/* `koppel quote replay`: computes a kept quote again, or all of them, and tells what differs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hash.h"
#include "cli/installation.h"
#include "cli/progress.h"
#include "cli/quote.h"
#include "domain/calendar_day.h"
#include "domain/replay_book.h"

static const char usage[] =
    "quote replay ID --data DIR\n"
    "       koppel quote replay --all --data DIR [--product NAME] [--partner ID] [--since DATE]\n"
    "\n"
    "Computes a quote again under the version of its product, with its answers, dates and moment,\n"
    "and compares the result with what was kept, byte for byte. Exit status 1 when any differs";

struct arguments {
    const char *data, *product, *partner, *since;
    int64_t threads;
    bool all, test;
};

/* ---- one ------------------------------------------------------------------------------------ */
static void one_tell(const struct book_row *row, const struct replay *replay) {
    char known_at[CLOCK_INSTANT_MAX], digest[SHA256_HEX_MAX];
    clock_write_instant(row->known_at_us, known_at);
    printf("%s: %s version %d, cover from %s, known at %s\n", row->id, row->product,
           row->product_version, row->effective_date, known_at);
    if (replay->outcome == REPLAY_EQUAL) {
        hash_sha256_hex(row->result, row->result_length, digest);
        printf("equal: %s, %zu bytes, SHA-256 %s\n", row->status, row->result_length, digest);
        return;
    }
    if (replay->outcome == REPLAY_FAILED) {
        printf("cannot be computed again: %s\n", replay->failure.text);
        return;
    }
    printf("different:\n");
    for (int i = 0; i < replay->difference_count; i++) {
        const struct replay_difference *told = &replay->differences[i];
        printf("  %s: kept %s, computed %s\n", told->place, *told->kept ? told->kept : "(none)",
               *told->computed ? told->computed : "(none)");
    }
    if (replay->more) printf("  and more\n");
}

static int one_replay(struct service *service, const char *id, struct error *error) {
    struct replay *replay = calloc(1, sizeof *replay);
    char *memory = malloc(2 * (size_t)BOOK_SCRATCH_BYTES);
    struct scratch scratch;
    struct replayer replayer;
    struct book_row row;
    const struct replay_wish wish = {.id = id, .any_mode = true};
    int status = EXIT_FAILED;
    if (!replay || !memory) error_set(error, ERROR_NO_MEMORY, "no memory to replay a quote");
    else {
        scratch_init(&scratch, memory, 2 * (size_t)BOOK_SCRATCH_BYTES);
        replayer_init(&replayer, service->catalogue, service->encryption);
        if (!replay_read(service->db, &db_scope_all, &wish, &scratch, error, &row)) {
            replayer_run(&replayer, &row, &scratch, replay);
            one_tell(&row, replay);
            status = replay->outcome == REPLAY_EQUAL ? EXIT_DONE : EXIT_FAILED;
        }
        replayer_done(&replayer);
    }
    free(memory);
    free(replay);
    return status;
}

/* ---- all ------------------------------------------------------------------------------------ */
static int report_tell(const struct replay_report *report, const struct book_progress *progress,
                       double seconds) {
    int64_t found = report->different + report->failed;
    for (int i = 0; i < report->finding_count; i++)
        printf("%s: %s: %s\n", report->findings[i].id,
               report->findings[i].failed ? "cannot be computed again" : "different",
               report->findings[i].text);
    if (found > report->finding_count)
        printf("and %lld more\n", (long long)(found - report->finding_count));
    printf("%s%lld quotes computed again in %.1f s: %lld equal, %lld different, %lld failed\n",
           progress->stopped ? "stopped: " : "",
           (long long)(report->equal + found), seconds, (long long)report->equal,
           (long long)report->different, (long long)report->failed);
    return found || progress->stopped ? EXIT_FAILED : EXIT_DONE;
}

static int all_replay(struct service *service, const struct arguments *arguments, int64_t since_us,
                      struct error *error) {
    struct progress progress;
    struct replay_report report;
    struct book_progress walked;
    struct book_walk walk = {.db = service->db,
                             .scope = db_scope_all,
                             .filter = {.product = arguments->product,
                                        .partner_id = arguments->partner,
                                        .since_us = since_us,
                                        .mode = arguments->test ? BOOK_LIVE_AND_TEST : BOOK_LIVE},
                             .worker_count = (int)arguments->threads,
                             .tell = progress_tell,
                             .tell_context = &progress};
    if (book_filter_check(service->db, &walk.filter, error)) return EXIT_FAILED;
    progress_start(&progress);
    int status = replay_book(service, &walk, error, &report, &walked);
    double seconds = progress_end(&progress);
    int result = status ? EXIT_FAILED : report_tell(&report, &walked, seconds);
    free(report.findings);
    return result;
}

/* ---- the command ---------------------------------------------------------------------------- */
static int arguments_check(const struct arguments *arguments, const char *id,
                           struct error *error, int64_t *ret_since_us) {
    struct value_date since;
    *ret_since_us = 0;
    if (arguments->all == (id != NULL))
        return error_set(error, ERROR_INVALID, "name one quote, or say --all");
    if (id && (arguments->product || arguments->partner || arguments->since || arguments->test))
        return error_set(error, ERROR_INVALID,
                         "--product, --partner, --since and --test belong to --all");
    if (!arguments->since) return 0;
    if (!day_read(arguments->since, &since))
        return error_set(error, ERROR_INVALID, "'%.40s' is no date: write it as 2026-12-31",
                         arguments->since);
    *ret_since_us = clock_amsterdam_midnight_us(since.year, since.month, since.day);
    return 0;
}

static int replay_run(const struct arguments *arguments, const char *id, int64_t since_us) {
    struct error error = {0};
    struct config config;
    struct service *service = NULL;
    int result = EXIT_FAILED;
    if (!config_read(arguments->data, &error, &config) && !service_new(&config, &error, &service))
        result = arguments->all ? all_replay(service, arguments, since_us, &error)
                                : one_replay(service, id, &error);
    service_free(service);
    explicit_bzero(config.key_pepper, sizeof config.key_pepper);
    return error.code ? command_fail("quote replay", &error) : result;
}

int quote_replay(int argc, char **argv) {
    struct arguments arguments = {0};
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation", .ret_value = &arguments.data},
        {.name = "all", .kind = OPTION_FLAG, .help = "every quote of the book",
         .ret_value = &arguments.all},
        {.name = "product", .kind = OPTION_TEXT, .argument = "NAME",
         .help = "--all: only of this product", .ret_value = &arguments.product},
        {.name = "partner", .kind = OPTION_TEXT, .argument = "ID",
         .help = "--all: only of this partner", .ret_value = &arguments.partner},
        {.name = "since", .kind = OPTION_TEXT, .argument = "DATE",
         .help = "--all: only those made on this day or later, as 2026-12-31",
         .ret_value = &arguments.since},
        {.name = "test", .kind = OPTION_FLAG,
         .help = "--all: also those made with test keys", .ret_value = &arguments.test},
        {.name = "threads", .kind = OPTION_INTEGER, .argument = "N", .default_text = "0",
         .minimum = 0, .maximum = BOOK_WORKERS_MAX, .help = "--all: threads; 0: one per core",
         .ret_value = &arguments.threads}};
    const int count = sizeof options / sizeof *options;
    struct option_operands operands = {.count = 0};
    struct error error = {0};
    int64_t since_us;
    bool help = false;
    if (options_read(options, count, argc, argv, &error, &operands, &help))
        return command_misused("quote replay", &error);
    if (help) {
        printf("Usage: koppel %s.\n\n", usage);
        options_help(options, count);
        return EXIT_DONE;
    }
    const char *id = operands.count ? operands.items[0] : NULL;
    if (operands.count > 1) error_set(&error, ERROR_INVALID, "name one quote");
    if (error.code || arguments_check(&arguments, id, &error, &since_us))
        return command_misused("quote replay", &error);
    return replay_run(&arguments, id, since_us);
}
