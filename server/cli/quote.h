/* Parts of `koppel quote`: one file and one line in quote.c's table each. */
#ifndef KOPPEL_CLI_QUOTE_H
#define KOPPEL_CLI_QUOTE_H

/* As struct command's run: argv[0] is the part's name; returns an exit status. */
int quote_batch(int argc, char **argv);
int quote_replay(int argc, char **argv);

#endif
