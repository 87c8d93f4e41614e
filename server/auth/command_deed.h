/* What an operator changes by command about who may call and how that is proved: each deed leaves a
 * row in the audit log, in its own transaction, with the operating system's name of who ran it.
 * What callers do is recorded by the dispatcher (operation/audit.c); products keep events of their
 * own (domain/draft.h). */
#ifndef KOPPEL_AUTH_COMMAND_DEED_H
#define KOPPEL_AUTH_COMMAND_DEED_H

#include "base/id.h"
#include "db/db.h"

enum { OPERATOR_MAX = 64 };

struct command_deed {
    const char *name;       /* "RevokeKey": as operations are named */
    const char *subject_id; /* to what: a key's id, a certificate's, a partner's; NULL: none */
};

/* In a body. The row is of the partner that the subject is or belongs to, if any. */
int command_deed_record(struct db_tx *tx, const struct command_deed *deed, const char *operator,
                        struct error *error);
/* In a transaction of its own, for what is changed outside the store. */
int command_deed_tell(struct db *db, const struct command_deed *deed, const char *operator,
                      struct error *error);

#endif
