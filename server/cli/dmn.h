/* What the parts of `koppel dmn` share. Only dmn*.c of this folder use it. */
#ifndef KOPPEL_CLI_DMN_H
#define KOPPEL_CLI_DMN_H

#include "base/error.h"
#include "quote-engine/quote.h"

enum {
    DMN_FILE_MAX_BYTES = 256 * 1024 * 1024, /* of inputs and expected values */
    DMN_MEMORY_DEFAULT_MIB = 64, /* for one evaluation */
    DMN_MEMORY_MAX_MIB = 16 * 1024
};
#define DMN_STEPS_MAX INT64_C(1000000000000)

/* What one evaluation may use, as options say it. */
struct dmn_limits {
    int64_t steps, memory_mib;
    void *memory; /* of that size, once dmn_limits_take has succeeded; free() it */
};
#define DMN_LIMIT_OPTIONS(limits)                                                                 \
    {.name = "steps", .kind = OPTION_INTEGER, .argument = "N", .default_text = "10000000",        \
     .minimum = 1, .maximum = DMN_STEPS_MAX,                                                      \
     .help = "most turns of loops, calls and rows scanned in one evaluation",                     \
     .ret_value = &(limits).steps},                                                               \
    {.name = "memory", .kind = OPTION_INTEGER, .argument = "MIB", .default_text = "64",           \
     .minimum = 1, .maximum = DMN_MEMORY_MAX_MIB,                                                 \
     .help = "most memory that one evaluation may take, in MiB", .ret_value = &(limits).memory_mib}
int dmn_limits_take(struct dmn_limits *limits, struct error *error);
/* All of it, empty, for the next evaluation. */
void dmn_limits_scratch(const struct dmn_limits *limits, struct scratch *ret_scratch);

/* The parts of the command; argv[0] is the part's name. Each returns an exit status. */
int dmn_eval(int argc, char **argv);
int dmn_tck(int argc, char **argv);
int dmn_bench(int argc, char **argv);

/* Reads and compiles a model and the models beside it that it imports. Prints what is wrong, and
 * warnings unless lenient, to standard error. Free with program_free. */
int dmn_program_read(const char *path, bool lenient, struct error *error,
                     struct program **ret_program);
/* "tariff.dmn:12: decision Base premium, row 3: text" on standard error. */
void dmn_problems_print(const struct problems *problems);
/* Reads a JSON file into memory that `ret_memory` must be freed for. Any value may be the root. */
int dmn_json_read(const char *path, struct error *error, struct value *ret_value,
                  void **ret_memory);
/* The decision, service or knowledge model of that name; ERROR_NOT_FOUND names those there are. */
int dmn_find(const struct program *program, const char *name, struct error *error,
             int *ret_element);
/* All inputs as their declared types want them: a new context in scratch memory. */
int dmn_inputs(const struct program *program, const struct value *inputs,
               const struct moment *moment, struct scratch *scratch, struct error *error,
               struct value *ret_inputs);
/* What a negative status of the engine means, as an error. */
int dmn_status_error(int status, struct error *error);

#endif
