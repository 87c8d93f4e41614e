/* From an approved draft to a version: the files prove themselves once more, and the version and
 * the draft's last step are written in one transaction. */
#ifndef KOPPEL_DOMAIN_DRAFT_ACTIVATE_H
#define KOPPEL_DOMAIN_DRAFT_ACTIVATE_H

#include "domain/draft.h"

/* What its proof says of a draft's files, and whether they may take the place of the version in
 * force when they would. 0: sound; ERROR_INVALID: the problems say what is wrong. `ret_proof` is
 * set in both cases: free its product. */
int draft_prove(struct catalogue *catalogue, const struct product_files *files,
                const char *effective_from, int64_t now_us, struct problems *problems,
                struct error *error, struct product_proof *ret_proof);

/* What is about to be a version. */
struct activation {
    struct product_files files; /* texts are borrowed from `kept`, or from who handed them in */
    struct version_files kept;
    struct product_version version; /* with the number that it will have; 0: the next */
};
/* Where versions come into force. */
struct activation_place {
    struct db *db;
    bool encrypts; /* there are keys to encrypt sensitive answers with; without these a product that
                      asks for any is ERROR_INTERNAL */
};
/* Of files that prove themselves: which version they will be. `effective_from` "" or NULL: today.
 * ERROR_CONFLICT when it would never be used. */
int activation_of_files(const struct activation_place *place, const struct product_files *files,
                        const struct product_info *info, const char *effective_from,
                        struct error *error, struct activation *ret_activation);
/* Of a draft: its files are read from the store and proved again. ERROR_CONFLICT: it is not
 * approved; ERROR_INVALID: it does not prove itself, the problems say why. */
int activation_of_draft(const struct activation_place *place, struct catalogue *catalogue,
                        const struct draft *draft, struct problems *problems,
                        struct error *error, struct activation *ret_activation);
void activation_done(struct activation *activation);

/* Makes the version of an approved draft. */
int draft_activate(struct db_tx *tx, const char *id, const struct activation *activation,
                   const struct draft_deed *deed, struct error *error);
/* The operator's own way: drafted, approved without a second person, for the reason that the deed
 * notes, and active, all at once. The same files may stand as another draft meanwhile. */
int draft_publish(struct db_tx *tx, const struct draft *draft,
                  const struct activation *activation, const struct draft_deed *deed,
                  struct error *error);

#endif
