/* An impact over a spreadsheet of answers instead of the book: a row is a case, rated under the
 * active version and under the draft. Columns as koppel quote batch takes them
 * (domain/answer_columns.h); what that command wrote behind them is passed over. */
#ifndef KOPPEL_DOMAIN_IMPACT_SHEET_H
#define KOPPEL_DOMAIN_IMPACT_SHEET_H

#include "domain/impact.h"

/* `product`: of rows that name none; NULL: that of the only draft, or else each must. A file that
 * is no sound CSV, and a column that is no question of `product`, is ERROR_INVALID at its line,
 * with nothing added up. A row is told by its reference, else as "line 12". `tell` as in
 * impact_walk; the progress counts rows. */
int impact_walk_sheet(struct impact *impact, const char *path, const char *product,
                      bool (*tell)(void *context, const struct book_progress *progress),
                      void *tell_context, struct error *error, struct book_progress *ret_progress);

#endif
