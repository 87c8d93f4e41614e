/* Texts of rows that outlive the reading of them: copied to scratch memory, one failure for all. */
#ifndef KOPPEL_DOMAIN_COPYING_H
#define KOPPEL_DOMAIN_COPYING_H

#include "db/db.h"
#include "quote-engine/value.h"

struct copying {
    struct db_rows *rows;
    struct scratch *scratch;
    bool failed; /* scratch is used up */
};
/* A copy of the column's text; NULL stays NULL. */
const char *copying_text(struct copying *copying, int column);

#endif
