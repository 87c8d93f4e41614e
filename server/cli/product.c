/* `koppel product check DIR` proves a product folder; `koppel product publish DIR --data DIR`
 * proves it and makes it a version. Publishing writes to the store alone: a running server sees
 * it within a second. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/option.h"
#include "cli/command.h"
#include "db/db.h"
#include "domain/calendar_day.h"
#include "domain/catalogue_store.h"
#include "domain/product_folder.h"

static const char usage[] =
    "usage: koppel product check DIR\n"
    "       koppel product publish DIR --data DIR [--from DATE]\n"
    "\n"
    "check proves a product folder (product.xml, its DMN models, cases.xml) and prints what is\n"
    "wrong, by file and line. publish proves it too, and makes it a version of its product.\n";

/* "tariff.dmn:12: decision Base premium, row 3: text" */
static void problem_print(const struct problem *problem) {
    printf("%s", problem->file);
    if (problem->line) printf(":%d", problem->line);
    printf(": ");
    if (problem->warning) printf("warning: ");
    if (*problem->place) printf("%s: ", problem->place);
    printf("%s", problem->text);
    if (problem->column) printf(" (column %d of the expression)", problem->column);
    printf("\n");
}

/* Prints them all; returns how many of them are errors. */
static int problems_print(const struct problems *problems) {
    int warnings = 0;
    for (int i = 0; i < problems->count; i++) {
        problem_print(&problems->items[i]);
        warnings += problems->items[i].warning;
    }
    if (problems->errors > problems->count - warnings)
        printf("and %d more\n", problems->errors - (problems->count - warnings));
    return problems->errors;
}

static int folder_prove(const char *path, const struct product_folder *folder,
                        struct problems *problems, struct product_proof *ret_proof) {
    struct error error = {0};
    int status = product_files_prove(&folder->files, clock_now_us(), problems, &error, ret_proof);
    int errors = problems_print(problems);
    if (!status) {
        const struct product_info *info = product_info(ret_proof->product);
        printf("%s: product %s (interface %d) is sound: %d cases passed, examples offered: %d\n",
               path, info->name, info->interface, ret_proof->passed, info->example_count);
        return EXIT_DONE;
    }
    if (status != ERROR_INVALID) return command_fail("product", &error);
    if (ret_proof->product)
        printf("%s: problems: %d; %d cases passed, %d failed\n", path, errors, ret_proof->passed,
               ret_proof->failed);
    else
        printf("%s: problems: %d\n", path, errors);
    return EXIT_FAILED;
}

struct publishing {
    const struct product_folder *folder;
    const struct product *product;
    const char *from; /* NULL: today */
    struct problems *problems;
};

/* What of the version is in force when: others may stand before it and behind it. */
static int version_tell(struct db *db, const struct product_version *version,
                        struct error *error) {
    char today[CLOCK_DATE_MAX];
    struct version_place now, then;
    clock_amsterdam_date_text(clock_now_us(), today);
    int status = version_place_read(db, version->name, today, error, &now);
    if (!status)
        status = version_place_read(db, version->name, version->effective_from, error, &then);
    if (status) return status;
    printf("published %s version %d (%s), in force from %s", version->name, version->number,
           version->id, version->effective_from);
    if (then.next) printf(" until version %d takes over on %s", then.next, then.next_from);
    if (now.holder && now.holder != version->number) printf("; today version %d is", now.holder);
    printf("\n");
    return 0;
}

static int version_make(struct db *db, const struct publishing *publishing, struct error *error) {
    const struct product_info *info = product_info(publishing->product);
    struct product_version version = {0};
    memset(publishing->problems, 0, sizeof *publishing->problems);
    int status = product_succeeds(db, publishing->product, publishing->from, publishing->problems,
                                  error);
    problems_print(publishing->problems);
    if (!status)
        status = catalogue_publish(db, &publishing->folder->files, info->name, info->interface,
                                   publishing->from, error, &version);
    if (!status) status = version_tell(db, &version, error);
    return status;
}

static int folder_publish(const struct publishing *publishing, const char *data) {
    struct error error = {0};
    struct config config;
    struct db *db = NULL;
    int status = config_read(data, &error, &config);
    if (!status) {
        struct db_options options = {.url = config.database};
        status = db_open(&options, &error, &db);
    }
    if (!status) status = db_migrated(db, migrations, migration_count, &error);
    if (!status) status = version_make(db, publishing, &error);
    if (db) db_close(db);
    return status ? command_fail("product", &error) : EXIT_DONE;
}

static int folder_run(const char *path, bool publish, const char *data, const char *from) {
    struct error error = {0};
    struct product_folder folder;
    struct product_proof proof = {0};
    if (product_folder_read(path, &error, &folder)) return command_fail("product", &error);
    struct problems *problems = calloc(1, sizeof *problems);
    int status;
    if (problems) {
        status = folder_prove(path, &folder, problems, &proof);
    } else {
        error_set(&error, ERROR_NO_MEMORY, "no memory to check %.300s", path);
        status = command_fail("product", &error);
    }
    if (status == EXIT_DONE && publish) {
        struct publishing publishing = {
            .folder = &folder, .product = proof.product, .from = from, .problems = problems};
        status = folder_publish(&publishing, data);
    }
    free(problems);
    product_free(proof.product);
    product_folder_done(&folder);
    return status;
}

static int misused(const char *what, const char *advice) {
    struct error error = {0};
    error_set(&error, ERROR_INVALID, "%.60s %s", what, advice);
    return command_misused("product", &error);
}

static int product_run(int argc, char **argv) {
    const char *data = NULL, *from = NULL;
    const struct option options[] = {
        {.name = "data",
         .kind = OPTION_TEXT,
         .argument = "DIR",
         .help = "publish: the folder of the installation, made by koppel init",
         .ret_value = &data},
        {.name = "from",
         .kind = OPTION_TEXT,
         .argument = "DATE",
         .help = "publish: in force from this date on, as 2026-12-31; without it today",
         .ret_value = &from},
    };
    const int option_count = sizeof options / sizeof *options;
    struct option_operands operands = {0};
    struct error error = {0};
    struct value_date date;
    bool help = false;
    if (options_read(options, option_count, argc, argv, &error, &operands, &help))
        return command_misused("product", &error);
    if (help) {
        printf("%s\n", usage);
        options_help(options, option_count);
        return EXIT_DONE;
    }
    const char *verb = operands.count ? operands.items[0] : "";
    bool publish = strcmp(verb, "publish") == 0;
    if (!publish && strcmp(verb, "check") != 0)
        return misused("what to do?", "Say check DIR, or publish DIR --data DIR");
    if (operands.count != 2) return misused(verb, "takes one folder: name it");
    if (publish && !data) return misused(verb, "needs --data DIR");
    if (!publish && (data || from)) return misused(verb, "takes no --data and no --from");
    if (from && !day_read(from, &date))
        return misused(from, "is no date: write it as 2026-12-31");
    return folder_run(operands.items[1], publish, data, from);
}

const struct command command_product = {
    .name = "product",
    .summary = "check a product folder, publish it",
    .run = product_run,
};
