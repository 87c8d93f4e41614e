/* What became of leads in a period: how fast offices answer, and how many are won. */
#ifndef KOPPEL_DOMAIN_LEAD_FIGURES_H
#define KOPPEL_DOMAIN_LEAD_FIGURES_H

#include "db/db.h"

enum {
    LEAD_FIGURES_MAX = 500,          /* groups told, those with the most leads and offers */
    LEAD_FIGURES_ANSWERS_MAX = 2000000,
    LEAD_FIGURES_DAYS_MAX = 366      /* of a period */
};

enum lead_grouping { LEAD_BY_OFFICE, LEAD_BY_PRODUCT, LEAD_BY_SOURCE };

struct lead_figure {
    char key[64], name[201]; /* the group; name only of offices; "" key: none */
    /* Of leads that came in: those with the group now, and what became of them. */
    int64_t received, won, lost, spam, open;
    /* Of offers that were made, and working minutes until an answer (accepted or declined). Of
     * LEAD_BY_SOURCE there are none. */
    int64_t offered, accepted, declined, lapsed;
    int64_t median_minutes, p90_minutes; /* -1: nobody answered */
};

struct lead_figures {
    struct lead_figure total;
    int count;
    bool more; /* than LEAD_FIGURES_MAX groups: the others are in the total alone */
    struct lead_figure items[LEAD_FIGURES_MAX];
};

/* Of what came in or was offered from one moment until another, in scope. Leads of test keys do not
 * count. ERROR_TOO_LARGE past LEAD_FIGURES_ANSWERS_MAX answers. */
int lead_figures_read(struct db_tx *tx, enum lead_grouping grouping, int64_t from_us,
                      int64_t until_us, struct error *error, struct lead_figures *ret_figures);

#endif
