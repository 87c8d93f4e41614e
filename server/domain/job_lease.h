/* Jobs that one node does at a time. A lease saves others the work; that nothing is done twice is
 * up to what the job writes. */
#ifndef KOPPEL_DOMAIN_JOB_LEASE_H
#define KOPPEL_DOMAIN_JOB_LEASE_H

#include "db/db.h"

struct job_lease {
    const char *name;
    int64_t attempt; /* 0: not taken; only who has the last one may extend it */
};

/* Takes the lease, or another `lease_ms` of it. `ret_taken` false: it is another's. */
int job_lease_take(struct db *db, struct job_lease *lease, int64_t now_us, int lease_ms,
                   struct error *error, bool *ret_taken);
/* Gives it back, so that another need not wait for its end. */
int job_lease_return(struct db *db, struct job_lease *lease, struct error *error);

#endif
