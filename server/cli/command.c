/* How commands tell what went wrong: one line on standard error. */
#include "cli/command.h"

#include <stdio.h>

#include "base/error.h"

int command_fail(const char *name, const struct error *error) {
    fprintf(stderr, "koppel %s: %s\n", name, error->text[0] ? error->text : "failed");
    return EXIT_FAILED;
}

int command_misused(const char *name, const struct error *error) {
    fprintf(stderr, "koppel %s: %s (see koppel %s --help)\n", name, error->text, name);
    return EXIT_USAGE;
}
