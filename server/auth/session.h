/* Sessions: somebody's being logged in on one device. The cookie's value is 256 random bits, kept
 * as keyed hash. A session ends when it was not used for a while, after a whole day's work, by
 * logging out, and with all others when its user is disabled or chooses another password. That
 * holds at once on the node that did it and within a second on others, as does a changed role or
 * scope: what is remembered of a session is used no longer. */
#ifndef KOPPEL_AUTH_SESSION_H
#define KOPPEL_AUTH_SESSION_H

#include "auth/people.h"
#include "auth/user.h"

enum {
    SESSION_TOKEN_LENGTH = 43, /* characters of [0-9A-Za-z]: 256 bits */
    SESSION_TOKEN_MAX = SESSION_TOKEN_LENGTH + 1,
    SESSION_ADDRESS_MAX = 64,
    SESSION_AGENT_MAX = 256,
    SESSION_CACHE_AGE_MS = 850,
    SESSION_REFRESH_MS = 400,
    SESSION_TOUCH_S = 60,  /* use is kept to this exactly */
    SESSIONS_PER_USER_MAX = 50, /* beyond it the oldest end */
    SESSIONS_EXPIRE_MAX = 1000,
    USER_RATE_PER_MINUTE = 1200 /* requests of one user */
};

struct session {
    char id[ID_MAX], user_id[ID_MAX];
    char token[SESSION_TOKEN_MAX], hash[PEOPLE_MAC_MAX]; /* when it was just made */
    bool setup; /* may set up a second factor, and nothing else */
    int64_t epoch, created_us, used_us, expires_us;
    char address[SESSION_ADDRESS_MAX], agent[SESSION_AGENT_MAX];
};

/* Makes one with a new id and token; nothing is kept yet. Address and agent are cut to what
 * fits. */
void session_make(const struct people *people, const struct user *user, bool setup,
                  const char *address, const char *agent, int64_t now_us,
                  struct session *ret_session);
/* Keeps it, in a body. ERROR_DENIED: its user was disabled, or chose another password, since it was
 * made. */
int session_insert(struct db_tx *tx, const struct session *session, struct error *error);

/* Who a cookie's value stands for: CALLER_USER with role and scope as they are now. ERROR_DENIED,
 * all alike: there is no such session, or it has ended. Use is kept in the background. */
int session_caller(struct people *people, const char *token, struct error *error,
                   struct caller *ret_caller);

/* In a body. Sessions of the user, newest first; `ret_sessions` has room for
 * SESSIONS_PER_USER_MAX. Those that have run out are left out. */
int session_list(struct db_tx *tx, const struct people *people, const char *user_id,
                 int64_t now_us, struct error *error, struct session *ret_sessions,
                 int *ret_count);
/* In a body. `id` NULL: all but `except_id` (may be NULL). ret_ended may be NULL. */
int session_end(struct db_tx *tx, const char *user_id, const char *id, const char *except_id,
                struct error *error, int64_t *ret_ended);
/* After a write that ended sessions or changed what somebody may: this node forgets what it
 * remembers. */
void sessions_forget(struct people *people);

/* Removes those that have run out, and tokens with them. */
int sessions_expire(struct db *db, int64_t now_us, struct error *error, int64_t *ret_removed);

#endif
