/* What `koppel quote document` and `koppel policy document` share. */
#ifndef KOPPEL_CLI_DOCUMENT_H
#define KOPPEL_CLI_DOCUMENT_H

struct document_command {
    const char *name;      /* "quote document" */
    const char *operation; /* which prints it */
    unsigned caller;       /* enum caller_kind that may ask it */
};

/* Writes the document of `ID` to `FILE`; returns an exit status. */
int document_run(const struct document_command *command, int argc, char **argv);

#endif
