/* `koppel dmn`: DMN models by hand. eval prints a decision's value, tck runs the DMN suite's cases,
 * bench times a decision. */
#include "cli/dmn.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/command.h"

static const char usage[] =
    "usage: koppel dmn eval MODEL.dmn --decision NAME [--input FILE.json] [--trace]\n"
    "       koppel dmn tck DIR [--list]\n"
    "       koppel dmn bench MODEL.dmn --decision NAME --inputs FILE.json [--expected FILE.json]\n"
    "                        [--seconds S] [--trace]\n"
    "       each with [--steps N] [--memory MIB]: what one evaluation may use at most\n"
    "\n"
    "eval prints a decision's value as JSON. tck runs all cases of the DMN suite found under DIR.\n"
    "bench times a decision and prints one line of JSON. koppel dmn PART --help says more.\n";

static int dmn_command(int argc, char **argv) {
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } parts[] = {{"eval", dmn_eval}, {"tck", dmn_tck}, {"bench", dmn_bench}};
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    for (size_t i = 0; argc > 1 && i < sizeof parts / sizeof *parts; i++)
        if (strcmp(argv[1], parts[i].name) == 0) return parts[i].run(argc - 1, argv + 1);
    struct error error = {0};
    if (argc > 1)
        error_set(&error, ERROR_INVALID, "there is no part %.60s: use eval, tck or bench",
                  argv[1]);
    else
        error_set(&error, ERROR_INVALID, "say which part: eval, tck or bench");
    return command_misused("dmn", &error);
}

const struct command command_dmn = {
    .name = "dmn",
    .summary = "evaluate, test and time DMN models",
    .run = dmn_command,
};
