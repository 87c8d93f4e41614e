/* The program: finds the command by its name and runs it. */
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "quote-engine/quote.h"

static void help(FILE *out) {
    fputs("Usage: koppel COMMAND [options]\n\nCommands:\n", out);
    for (int i = 0; i < command_count; i++)
        fprintf(out, "  %-14s  %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nkoppel COMMAND --help tells more. Exit status: 0 done, 1 failed, 2 used wrongly.\n",
          out);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        help(stderr);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        help(stdout);
        return EXIT_DONE;
    }
    for (int i = 0; i < command_count; i++) {
        if (strcmp(commands[i]->name, name) != 0) continue;
        product_prepare();
        int status = commands[i]->run(argc - 1, argv + 1);
        /* What was printed must have arrived: a full disk behind a pipe is a failure. */
        if (fflush(stdout) == 0 && !ferror(stdout)) return status;
        fprintf(stderr, "koppel %s: the output could not be written\n", name);
        return EXIT_FAILED;
    }
    fprintf(stderr, "koppel: there is no command '%.60s': koppel --help lists them\n", name);
    return EXIT_USAGE;
}
