/* The whole book computed again: how many quotes come out the same, and which do not. */
#ifndef KOPPEL_DOMAIN_REPLAY_BOOK_H
#define KOPPEL_DOMAIN_REPLAY_BOOK_H

#include "domain/replay.h"
#include "domain/service.h"

enum {
    REPLAY_FINDINGS_MAX = 1000, /* told one by one; the rest is counted */
    REPLAY_FINDING_TEXT_MAX = 600
};

struct replay_finding {
    char id[ID_MAX];
    char text[REPLAY_FINDING_TEXT_MAX]; /* "premium.total: 1781.60 -> 1781.61; …" */
    bool failed; /* it cannot be computed */
};

struct replay_report {
    int64_t equal, different, failed;
    struct replay_finding *findings; /* by id; free() it */
    int finding_count;
};

/* Fills `walk->visit`, its contexts and `results` itself; everything else of it is the caller's.
 * The report is set either way. */
int replay_book(struct service *service, struct book_walk *walk, struct error *error,
                struct replay_report *ret_report, struct book_progress *ret_progress);

/* The differences of a replay in one line. */
void replay_line(const struct replay *replay, char ret_text[REPLAY_FINDING_TEXT_MAX]);

#endif
