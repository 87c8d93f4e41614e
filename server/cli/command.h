/* A command of the program: one file each, `const struct command command_NAME` in NAME.c. The
 * table of commands is put together by the build from what lies in this folder. */
#ifndef KOPPEL_CLI_COMMAND_H
#define KOPPEL_CLI_COMMAND_H

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct command {
    const char *name;    /* "dmn" */
    const char *summary; /* one line for `koppel --help` */
    /* argv[0] is the command's name. Prints its own --help. Returns an exit status; errors go to
     * standard error in one line that says what to do (command_fail). */
    int (*run)(int argc, char **argv);
};

/* Generated from the files of this folder that define a command. */
extern const struct command *const commands[];
extern const int command_count;

struct error;
/* Prints "koppel NAME: text" to standard error and returns EXIT_FAILED, or EXIT_USAGE for
 * ERROR_INVALID that came from options. */
int command_fail(const char *name, const struct error *error);
int command_misused(const char *name, const struct error *error);

#endif
