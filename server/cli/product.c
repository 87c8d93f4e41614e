/* `koppel product`: tariffs from a folder to a version that is in force. Every part is in a file of
 * its own; this one chooses, and says what several of them say. What they write goes to the store
 * alone: a running server sees it within a second. */
#include "cli/product.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"

static const struct {
    const char *name, *summary;
    int (*run)(int argc, char **argv);
} parts[] = {
    {"check", "DIR: prove a product folder and say what is wrong with it", product_part_check},
    {"explain", "DIR: what answers lead to, and why, before anything is published",
     product_part_explain},
    {"draft", "DIR: hand in a product folder as a draft", product_part_draft},
    {"approve", "ID|HASH: approve a draft that someone else made", product_part_approve},
    {"activate", "ID|HASH: make an approved draft a version", product_part_activate},
    {"withdraw", "ID: take a draft back", product_part_withdraw},
    {"publish", "DIR: draft, approve and activate at once, on record", product_part_publish},
    {"list", "drafts and versions, with who and when", product_part_list},
    {"show", "ID|HASH|NAME@NUMBER: one of them, with its files", product_part_show},
    {"diff", "OLD NEW: what differs between two of them", product_part_diff},
    {"impact", "DRAFT …: what drafts would have done to all quotes", product_part_impact},
};

static void help(void) {
    puts("usage: koppel product PART …\n");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        printf("  %-8s  %s\n", parts[i].name, parts[i].summary);
    puts("\nA draft becomes a version when a second person has approved it and it proves itself.\n"
         "koppel product PART --help tells more.");
}

static int run(int argc, char **argv) {
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0) {
        help();
        return EXIT_DONE;
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strcmp(name, parts[i].name) == 0) return parts[i].run(argc - 1, argv + 1);
    struct error error = {0};
    if (*name)
        error_set(&error, ERROR_INVALID, "there is no part %.60s: see koppel product --help", name);
    else
        error_set(&error, ERROR_INVALID, "what to do? See koppel product --help");
    return command_misused("product", &error);
}

extern const struct command command_product;
const struct command command_product = {
    .name = "product",
    .summary = "check, draft, approve and publish products",
    .run = run,
};
