/* `koppel product check DIR` proves a product folder; `koppel product publish DIR --data DIR` proves
 * it and makes it a version. Publishing writes to the store alone: a running server sees it within
 * a second. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/option.h"
#include "cli/command.h"
#include "db/db.h"
#include "domain/calendar_day.h"
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
    if (problem->column) printf(":%d", problem->column);
    printf(": ");
    if (problem->warning) printf("warning: ");
    if (*problem->place) printf("%s: ", problem->place);
    printf("%s\n", problem->text);
}

static int folder_prove(const char *path, const struct product_folder *folder,
                        struct product_proof *ret_proof) {
    struct error error = {0};
    struct problems *problems = calloc(1, sizeof *problems);
    if (!problems) {
        error_set(&error, ERROR_NO_MEMORY, "no memory to check %.300s", path);
        return command_fail("product", &error);
    }
    int status = product_files_prove(&folder->files, clock_now_us(), problems, &error, ret_proof);
    int warnings = 0;
    for (int i = 0; i < problems->count; i++) {
        problem_print(&problems->items[i]);
        warnings += problems->items[i].warning;
    }
    if (problems->errors > problems->count - warnings)
        printf("… and %d more\n", problems->errors - (problems->count - warnings));
    int errors = problems->errors;
    free(problems);
    if (!status) {
        const struct product_info *info = product_info(ret_proof->product);
        printf("%s: product %s (interface %d) is sound: %d cases passed, %d examples offered\n",
               path, info->name, info->interface, ret_proof->passed, info->example_count);
        return EXIT_DONE;
    }
    if (status != ERROR_INVALID) return command_fail("product", &error);
    if (ret_proof->product)
        printf("%s: %d problems; %d cases passed, %d failed\n", path, errors, ret_proof->passed,
               ret_proof->failed);
    else
        printf("%s: %d problems\n", path, errors);
    return EXIT_FAILED;
}

static int folder_publish(const struct product_folder *folder, const struct product_info *info,
                          const char *data, const char *from) {
    struct error error = {0};
    struct config config;
    struct db *db = NULL;
    struct product_version version = {0};
    int status = config_read(data, &error, &config);
    if (!status) {
        struct db_options options = {.url = config.database};
        status = db_open(&options, &error, &db);
    }
    if (!status) status = db_migrated(db, migrations, migration_count, &error);
    if (!status)
        status = catalogue_publish(db, &folder->files, info->name, info->interface, from, &error,
                                   &version);
    if (db) db_close(db);
    if (status) return command_fail("product", &error);
    printf("published %s version %d (%s), in force from %s\n", version.name, version.number,
           version.id, version.effective_from);
    return EXIT_DONE;
}

static int folder_run(const char *path, bool publish, const char *data, const char *from) {
    struct error error = {0};
    struct product_folder folder;
    struct product_proof proof = {0};
    if (product_folder_read(path, &error, &folder)) return command_fail("product", &error);
    int status = folder_prove(path, &folder, &proof);
    if (status == EXIT_DONE && publish)
        status = folder_publish(&folder, product_info(proof.product), data, from);
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
