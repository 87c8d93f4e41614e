/* Options stand in one table of name, kind, range, default and text, which reads the command line
 * and prints the help. `--name value`, `--name=value`; a flag takes no value; a list option may be
 * given several times. Everything else is an operand. */
#ifndef KOPPEL_BASE_OPTION_H
#define KOPPEL_BASE_OPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_INTEGER, OPTION_LIST };
enum { OPTION_LIST_MAX = 64, OPTION_OPERANDS_MAX = 16 };

struct option_list {
    const char *items[OPTION_LIST_MAX];
    int count;
};

struct option {
    const char *name;          /* "data", without dashes */
    enum option_kind kind;
    const char *argument;      /* "DIR", for the help; NULL for a flag */
    const char *default_text;  /* NULL: none. OPTION_INTEGER: in digits */
    int64_t minimum, maximum;  /* OPTION_INTEGER */
    bool required;
    const char *help;          /* one line; units named */
    void *ret_value;           /* bool*, const char**, int64_t*, struct option_list* by kind */
};

struct option_operands {
    const char *items[OPTION_OPERANDS_MAX];
    int count;
};

/* Reads argv[1..]; strings point into argv. `--help` sets ret_help and stops reading. An unknown
 * option, a missing or bad value or missing required option is ERROR_INVALID in one line. */
int options_read(const struct option *options, int option_count, int argc, char **argv,
                 struct error *error, struct option_operands *ret_operands, bool *ret_help);
/* Prints the table for --help to standard output. */
void options_help(const struct option *options, int option_count);

#endif
