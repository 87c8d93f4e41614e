/* What the files of drafts share. Not used outside draft*.c. */
#ifndef KOPPEL_DOMAIN_DRAFT_INSIDE_H
#define KOPPEL_DOMAIN_DRAFT_INSIDE_H

#include "domain/draft.h"

/* The draft's own row, its files, and that it was drafted. */
int draft_rows_insert(struct db_tx *tx, const struct draft *draft,
                      const struct product_files *files, const char *note, struct error *error);
int draft_event_insert(struct db_tx *tx, const char *id, const char *event, bool override,
                       const struct draft_deed *deed, struct error *error);
/* From approved to active. ERROR_CONFLICT when it is not approved, or a test draft. */
int draft_activated(struct db_tx *tx, const char *id, const struct draft_deed *deed,
                    const char *version_id, struct error *error);

#endif
