/* Parts of `koppel product`: one file and one line in product.c's table each, and what they share.
 */
#ifndef KOPPEL_CLI_PRODUCT_H
#define KOPPEL_CLI_PRODUCT_H

#include "base/error.h"
#include "domain/draft.h"

/* As struct command's run: argv[0] is the part's name; each returns an exit status. */
int product_part_check(int argc, char **argv);
int product_part_explain(int argc, char **argv);
int product_part_draft(int argc, char **argv);
int product_part_approve(int argc, char **argv);
int product_part_activate(int argc, char **argv);
int product_part_withdraw(int argc, char **argv);
int product_part_publish(int argc, char **argv);
int product_part_list(int argc, char **argv);
int product_part_show(int argc, char **argv);
int product_part_diff(int argc, char **argv);
int product_part_impact(int argc, char **argv);

/* Prints them all, one a line, on standard output; returns how many of them are errors. */
int product_problems_print(const struct problems *problems);
/* The same, and closes with what the proof found: "PATH: product NAME … is sound" or how many
 * problems there are. */
void product_proof_print(const char *path, const struct product_proof *proof,
                         const struct problems *problems);

/* Who does it: --by, or the operating system's name of the user, as "operator:NAME". */
int product_operator(const char *by, struct error *error, char ret_by[DRAFT_BY_MAX]);
/* The live draft of that id, or the one in that state whose hash begins so (DRAFT_HASH_PREFIX_MIN
 * digits or more). ERROR_NOT_FOUND: none; ERROR_CONFLICT: several. */
int product_draft_find(struct db *db, const char *text, enum draft_state state,
                       struct error *error, struct draft *ret_draft);
/* "published auto version 3 (pvr_…), in force from …": and what holds before and behind it. */
int product_version_tell(struct db *db, const char *deed, const struct product_version *version,
                         struct error *error);

#endif
