/* Webhooks: partners' endpoints, and messages that tell them of events. A message is added in the
 * transaction of its cause, for each endpoint that asked for it, and none where nobody did. Sending
 * is the job's (jobs/webhook_job.h): at least once, with an id that stays, again after a failure by
 * the schedule below, over restarts. By the Standard Webhooks convention.
 *
 * Functions with a db_tx are for bodies of db_read and db_write. */
#ifndef KOPPEL_DOMAIN_WEBHOOK_H
#define KOPPEL_DOMAIN_WEBHOOK_H

#include "base/encryption.h"
#include "base/id.h"
#include "db/db.h"
#include "domain/lead.h"
#include "domain/transaction.h"
#include "domain/webhook_address.h"
#include "domain/webhook_signature.h"
#include "message/field.h"

enum {
    WEBHOOK_ENDPOINTS_MAX = 10,      /* of a partner, in test and in live mode each */
    WEBHOOK_DESCRIPTION_MAX = 200,   /* characters */
    WEBHOOK_EVENTS_BYTES_MAX = 2048, /* the names of those that were asked for */
    WEBHOOK_SEALED_MAX = 512,        /* the secrets, encrypted */
    WEBHOOK_TYPE_MAX = 40,
    WEBHOOK_BODY_MAX_BYTES = 64 * 1024,
    WEBHOOK_OVERLAP_HOURS = 24, /* for which the secret before signs as well after a rotation */
    WEBHOOK_KEEP_DAYS = 30,     /* messages and their tries; then they are removed */
    WEBHOOK_ANSWER_KEPT_MAX_BYTES = 1024, /* of a receiver's answer, in the log of a try */
    WEBHOOK_TESTS_WAITING_MAX = 5,        /* test messages of an endpoint that are not sent yet */
    WEBHOOK_EXPIRE_MAX = 500 /* messages in one transaction of housekeeping */
};

/* ---- events ---- */
/* What partners can ask to be told of, with its description. The last ones are of webhooks
 * themselves. */
enum { WEBHOOK_TYPES = 37 };
extern const struct field_choice webhook_types[WEBHOOK_TYPES];
#define WEBHOOK_TYPE_TEST "webhook.test"
#define WEBHOOK_TYPE_FAILING "webhook.failing"
#define WEBHOOK_TYPE_DISABLED "webhook.disabled"
#define WEBHOOK_TYPE_ACCEPTED "quote.accepted"

/* The event that a step makes of an application ("app_…"), a policy ("pol_…"), a change ("chg_…")
 * or a renewal ("rnw_…"), which is in `to` then ("in_review"); NULL: none. What a change or renewal
 * does to its policy is an event of that. */
const char *webhook_type_of(const char *subject_id, enum transaction_step step, const char *to);

/* Tells of a step that was just added to what is there: a message for each enabled endpoint of the
 * partner that asked for it, of the same mode. Asks nothing of the store, so that it is written
 * with what is added beside it. */
int webhook_event_insert(struct db_tx *tx, const char *subject_id, const char *partner_id,
                         int64_t revision, enum transaction_step step, const char *to,
                         int64_t at_us, struct error *error);
/* The same of steps that are taken together, in one statement, of subjects that may be added with
 * them. An acceptance is two events, of the quote and of the application: at most
 * WEBHOOK_TOGETHER_MAX in all. */
enum { WEBHOOK_TOGETHER_MAX = 4 };
struct webhook_event {
    const char *subject_id;
    int64_t revision;
    enum transaction_step step;
    const char *to_state;
};
int webhook_events_insert(struct db_tx *tx, const struct webhook_event *events, int count,
                          const char *partner_id, bool test, int64_t at_us, struct error *error);

/* The event that a step makes of a lead; NULL: none. */
const char *webhook_lead_type_of(enum lead_step step);
/* The same of a step of a lead, for the office that it is with or was taken from. */
int webhook_lead_insert(struct db_tx *tx, const char *lead_id, const char *partner_id, bool test,
                        int64_t revision, enum lead_step step, int64_t at_us,
                        struct error *error);

/* ---- endpoints ---- */
enum webhook_disabled { WEBHOOK_ENABLED, WEBHOOK_ASKED, WEBHOOK_GONE, WEBHOOK_FAILING };
/* "asked": by the partner; "gone": the receiver answered 410; "failing": for too long. NULL for
 * WEBHOOK_ENABLED. */
const char *webhook_disabled_text(enum webhook_disabled disabled);

struct webhook {
    char id[ID_MAX], partner_id[ID_MAX];
    char url[WEBHOOK_URL_MAX + 1];
    char description[4 * WEBHOOK_DESCRIPTION_MAX + 1]; /* "": none */
    char events[WEBHOOK_EVENTS_BYTES_MAX]; /* "*", or names with a comma before and behind each */
    char sealed[WEBHOOK_SEALED_MAX];       /* at the place of its id */
    enum webhook_disabled disabled;
    bool test;
    int warnings;
    int64_t disabled_us, failing_since_us, warned_us, overlap_until_us; /* 0: not */
    int64_t revision, created_us, changed_us;
};

/* ERROR_TOO_LARGE: the partner has WEBHOOK_ENDPOINTS_MAX already. */
int webhook_insert(struct db_tx *tx, const struct webhook *webhook, struct error *error);
/* ERROR_NOT_FOUND when there is none in scope. */
int webhook_read(struct db_tx *tx, const char *id, bool test, struct error *error,
                 struct webhook *ret_webhook);
/* All of that mode in scope, in order of making, above the cursor, at most `limit`. */
int webhook_list(struct db_tx *tx, bool test, const char *above, int limit, struct error *error,
                 struct webhook *ret_webhooks, int *ret_count);
/* Keeps what people may change of the endpoint as it was read: `webhook->revision` is the one that
 * follows. What waited for a disabled one goes on when it is enabled. ERROR_CONFLICT: another was
 * first. */
int webhook_update(struct db_tx *tx, const struct webhook *webhook, struct error *error);
/* Is not there any more from then on. What waited is not sent. */
int webhook_delete(struct db_tx *tx, const struct webhook *webhook, int64_t now_us,
                   struct error *error);

/* Encrypts again under the newest key what older ones encrypted: as application_reseal. */
int webhook_reseal(struct db *db, struct encryption *encryption, struct error *error,
                   int *ret_count);

/* ---- messages ---- */
enum webhook_state {
    WEBHOOK_PENDING,   /* is sent, now or again later */
    WEBHOOK_HELD,      /* its endpoint is disabled: goes on when that is enabled */
    WEBHOOK_DELIVERED,
    WEBHOOK_FAILED,    /* given up; can be sent anew */
    WEBHOOK_STATES
};
const char *webhook_state_text(enum webhook_state state);

struct webhook_message {
    char endpoint_id[ID_MAX], id[ID_MAX], partner_id[ID_MAX];
    char type[WEBHOOK_TYPE_MAX], subject_id[ID_MAX];
    bool test;
    enum webhook_state state;
    int64_t subject_revision, happened_us, next_us, fence;
    int tries, round;
};

struct webhook_try {
    char message_id[ID_MAX];
    int number;
    int64_t at_us, duration_ms;
    char outcome[24];
    int http_status; /* 0: no answer */
    char answer[WEBHOOK_ANSWER_KEPT_MAX_BYTES + 1];
};

/* For one endpoint: of webhook.test, or of what befell another one ("webhook.failing"). */
int webhook_test_insert(struct db_tx *tx, const struct webhook *webhook, const char *message_id,
                        int64_t now_us, struct error *error);
/* To the partner's other endpoints of the mode that asked for that type. */
int webhook_notice_insert(struct db_tx *tx, const struct webhook *about, const char *type,
                          int64_t now_us, struct error *error);
/* ERROR_NOT_FOUND. */
int webhook_message_read(struct db_tx *tx, const char *endpoint_id, const char *id,
                         struct error *error, struct webhook_message *ret_message);
/* Sends one anew, at once, whatever became of it: the schedule begins again. One that is on its way
 * arrives twice then. */
int webhook_message_resend(struct db_tx *tx, const char *endpoint_id, const char *id,
                           int64_t now_us, struct error *error);
/* The newest first, below the cursor (NULL: from the newest), at most `limit`. */
int webhook_message_list(struct db_tx *tx, const char *endpoint_id, const char *below,
                         const char *state, int limit, struct error *error,
                         struct webhook_message *ret_messages, int *ret_count);
/* The last `limit` tries of a message, in order. */
int webhook_try_list(struct db_tx *tx, const char *endpoint_id, const char *message_id, int limit,
                     struct error *error, struct webhook_try *ret_tries, int *ret_count);

/* ---- the schedule ---- */
enum {
    WEBHOOK_TRIES_MAX = 10,       /* the first at once, the others after longer and longer waits */
    WEBHOOK_JITTER_PERCENT = 10,  /* at most so much longer, so that not all come at once */
    WEBHOOK_ASKED_WAIT_HOURS_MAX = 24, /* a receiver that asks for more is tried again by then */
    WEBHOOK_WARNINGS = 2,
    WEBHOOK_FAILING_DAYS_MAX = 5, /* an endpoint that fails for so long is disabled */
    WEBHOOK_WARNED_DAYS_MIN = 1   /* and for so long after the last warning */
};
/* The wait before the try that follows so many: `random` spreads it. -1: it is given up. */
int64_t webhook_wait_ms(int tries_made, uint32_t random);
/* The same where the receiver asked for so long a wait (Retry-After; 0: it did not): what it asks
 * beyond the schedule it gets, within WEBHOOK_ASKED_WAIT_HOURS_MAX; the tries stay as many. */
int64_t webhook_wait_asked_ms(int tries_made, int64_t asked_ms, uint32_t random);
/* Which warning is due when an endpoint fails for so long: 0 none, 1 after a day, 2 after three. */
int webhook_warning_due(int64_t failing_us);

/* Removes messages older than WEBHOOK_KEEP_DAYS with their tries, at most WEBHOOK_EXPIRE_MAX, and
 * deleted endpoints that have none any more. */
int webhook_messages_expire(struct db *db, int64_t now_us, struct error *error,
                            int64_t *ret_removed);

#endif
