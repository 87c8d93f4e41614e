/* `koppel quote`: what the operator does with quotes without a server between. Every part is in a
 * file of its own; this one only chooses. */
#include "cli/quote.h"

#include <stdio.h>
#include <string.h>

#include "auth/caller.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/document.h"

static int quote_document(int argc, char **argv) {
    static const struct document_command document = {
        .name = "quote document", .operation = "GetQuoteDocument", .caller = CALLER_SECRET_KEY};
    return document_run(&document, argc, argv);
}

static const struct {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} parts[] = {
    {"batch", "IN.csv OUT.csv: quotes for every row of a spreadsheet", quote_batch},
    {"document", "ID FILE: a quote as the PDF that the customer gets", quote_document},
    {"replay", "ID | --all: computes kept quotes again, and tells what differs", quote_replay},
};

static void help(void) {
    puts("usage: koppel quote PART …\n");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        printf("  %-8s %s\n", parts[i].name, parts[i].summary);
    puts("\nkoppel quote PART --help tells more.");
}

static int quote_command(int argc, char **argv) {
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
        help();
        return EXIT_DONE;
    }
    for (size_t i = 0; argc > 1 && i < sizeof parts / sizeof *parts; i++)
        if (strcmp(argv[1], parts[i].name) == 0) return parts[i].run(argc - 1, argv + 1);
    struct error error = {0};
    if (argc > 1)
        error_set(&error, ERROR_INVALID, "there is no part %.60s", argv[1]);
    else
        error_set(&error, ERROR_INVALID, "say which part");
    return command_misused("quote", &error);
}

const struct command command_quote = {
    .name = "quote",
    .summary = "quote a spreadsheet, print a quote, compute kept quotes again",
    .run = quote_command,
};
