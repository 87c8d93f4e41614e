/* A kept quote computed again: under its version, with its answers, dates and moment, compared with
 * what was kept byte for byte. What differs is told by its place in the result: amounts, rows,
 * reasons. */
#ifndef KOPPEL_DOMAIN_REPLAY_H
#define KOPPEL_DOMAIN_REPLAY_H

#include "base/buffer.h"
#include "domain/book.h"
#include "domain/quoting.h"
#include "domain/version_hold.h"

enum {
    REPLAY_DIFFERENCES_MAX = 40, /* told of one quote */
    REPLAY_PLACE_MAX = 120,
    REPLAY_TEXT_MAX = 160
};

enum replay_outcome {
    REPLAY_EQUAL,
    REPLAY_DIFFERENT,
    REPLAY_FAILED /* it cannot be computed: `failure` says why */
};

/* Amounts are written in the currency ("1781.60"); "" where that side has none. */
struct replay_difference {
    char place[REPLAY_PLACE_MAX]; /* "premium.covers.liability.net", "rows", "valid_until" */
    char kept[REPLAY_TEXT_MAX], computed[REPLAY_TEXT_MAX];
};

struct replay {
    enum replay_outcome outcome;
    struct error failure;
    struct replay_difference differences[REPLAY_DIFFERENCES_MAX];
    int difference_count;
    bool more;              /* there are more differences than these */
    struct quoting quoting; /* as computed again, in scratch; not when it failed */
};

/* What one thread replays with. */
struct replayer {
    struct version_hold versions;
    struct encryption *encryption; /* of sensitive answers; NULL: there are no keys */
    struct buffer result;
};
void replayer_init(struct replayer *replayer, struct catalogue *catalogue,
                   struct encryption *encryption);
void replayer_done(struct replayer *replayer);
/* Replays a row that was read with its results. Texts of `ret_replay->quoting` live as long as the
 * replayer, the scratch and the row. */
void replayer_run(struct replayer *replayer, const struct book_row *row, struct scratch *scratch,
                  struct replay *ret_replay);

/* Reads one quote of the caller's reach as a row with results, its texts in scratch.
 * ERROR_NOT_FOUND when there is none such; test and live quotes do not meet. */
struct replay_wish {
    const char *id;
    bool any_mode; /* test and live quotes alike */
    bool test;
};
int replay_read(struct db *db, const struct db_scope *scope, const struct replay_wish *wish,
                struct scratch *scratch, struct error *error, struct book_row *ret_row);

#endif
