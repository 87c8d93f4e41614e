/* `koppel policy`: what the operator does with policies without a server between. */
#include <stdio.h>
#include <string.h>

#include "auth/caller.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/document.h"

static int policy_command(int argc, char **argv) {
    static const struct document_command document = {
        .name = "policy document", .operation = "GetPolicyDocument", .caller = CALLER_ORGANISATION};
    struct error error = {0};
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
        puts("usage: koppel policy document ID FILE --data DIR [--lang nl|en]\n\n"
             "koppel policy document --help tells more.");
        return EXIT_DONE;
    }
    if (argc > 1 && strcmp(argv[1], "document") == 0)
        return document_run(&document, argc - 1, argv + 1);
    if (argc > 1) error_set(&error, ERROR_INVALID, "there is no part %.60s", argv[1]);
    else error_set(&error, ERROR_INVALID, "say which part: document");
    return command_misused("policy", &error);
}

extern const struct command command_policy;
const struct command command_policy = {
    .name = "policy", .summary = "print a policy", .run = policy_command};
