/* Rows of applications, policies and their events. Whether a step may be taken is asked of
 * domain/transaction.h before; here each change is made only to the revision and state that were
 * seen, whoever else came meanwhile. Functions that write are for bodies of db_write. */
#ifndef KOPPEL_DOMAIN_TRANSACTION_STORE_H
#define KOPPEL_DOMAIN_TRANSACTION_STORE_H

#include "base/clock.h"
#include "base/encryption.h"
#include "base/id.h"
#include "db/db.h"
#include "domain/quote_answers.h"
#include "domain/transaction.h"

enum {
    POLICY_NUMBER_MAX = 32,
    TRANSACTION_EVENTS_MAX = 64, /* told of one application or policy, the last ones */
    TRANSACTION_EXPIRE_MAX = 200, /* applications that expire in one transaction */
    EVENT_ADDRESS_DAYS = 365, /* for which the address that a step came from is kept */
    EVENT_ADDRESSES_CLEAR_MAX = 500 /* that are removed in one transaction */
};

/* Who takes a step, when, from where, and why. */
struct transaction_by {
    const char *actor;               /* "partner", "website", "organisation" */
    const char *key_id, *user_id;    /* NULL: it was not by one */
    const char *request_id;
    const char *entrance;            /* "json", "soap", "page", "command", "system" */
    const char *address;             /* that the connection comes from, or NULL */
    const char *reason, *note;       /* or NULL */
    int64_t at_us;
};

/* Texts are in the scratch they were read to, or borrowed; those that are not there are NULL. */
struct application {
    const char *id, *partner_id, *quote_id, *product, *version_id, *effective_date, *term;
    const char *consent_version, *reference, *sealed, *iban_index, *email_index;
    const char *user_id; /* who has it in hand; NULL: nobody */
    enum transaction_state state;
    int64_t revision, instalment_cents, total_cents, commission_cents, created_us, changed_us;
    int instalments; /* a year */
    bool test, consumer;
    const char *policy_id, *policy_number;                       /* once issued */
    /* As the quote has them: */
    const char *quote_token_hash, *quote_answers, *quote_sealed, *quote_result;
};

/* What holds from a day on; from the next terms' first day it does not any more. */
struct policy_terms {
    int number;              /* from 1 */
    const char *from_date;
    const char *change_id;   /* of the change or renewal that gave it; NULL: the application did */
    const char *version_id;
    int64_t instalment_cents, total_cents, commission_cents;
};

struct policy {
    const char *id, *number, *withdraw_until, *end_date;
    enum transaction_state state;
    int64_t revision, refund_cents, issued_us, changed_us;
    bool has_refund;
    int term_number;                    /* of the last terms agreed */
    const char *due_date, *renewal_on;  /* see schema/0014; NULL: it has no periods */
    struct policy_terms terms;          /* on the day of reading; the first, before its cover */
    struct application application;     /* what it came of */
};

/* The answers of its quote, for domain/quote_answers.h. */
struct quote_answers application_quote_answers(const struct application *application);

/* The place of an application's sealed value (base/encryption.h) is its id. */

/* ---- reading ---- `ret_…->id` is NULL when there is none in scope. ERROR_TOO_LARGE when scratch
 * is used up. */
int application_read(struct db_tx *tx, const char *id, bool test, struct scratch *scratch,
                     struct error *error, struct application *ret_application);
/* The id of an application's policy; "": it has none. */
int application_policy_id(struct db_tx *tx, const char *id, struct error *error,
                          char ret_policy_id[ID_MAX]);
int policy_read(struct db_tx *tx, const char *id, bool test, const char *today,
                struct scratch *scratch, struct error *error, struct policy *ret_policy);

/* The newest first, below the cursor, at most `limit`, without what is encrypted and what the quote
 * has; the others may be NULL. */
struct transaction_filter {
    bool test;
    const char *today; /* of policies: whose terms are told */
    const char *below, *product, *state, *iban_index, *email_index;
    int limit;
};
int application_list(struct db_tx *tx, const struct transaction_filter *filter,
                     struct scratch *scratch, struct error *error,
                     struct application *ret_applications, int *ret_count);
int policy_list(struct db_tx *tx, const struct transaction_filter *filter,
                struct scratch *scratch, struct error *error, struct policy *ret_policies,
                int *ret_count);

struct transaction_event {
    const char *step, *from_state, *to_state, *actor, *key_id, *request_id, *reason, *note;
    const char *entrance, *address; /* NULL: not kept, or not any more */
    int64_t revision, at_us;
};
/* The last TRANSACTION_EVENTS_MAX, in order of time. */
int transaction_events_read(struct db_tx *tx, const char *subject_id, struct scratch *scratch,
                            struct error *error,
                            struct transaction_event ret_events[TRANSACTION_EVENTS_MAX],
                            int *ret_count);

/* ---- writing ---- ERROR_CONFLICT: another was first. */
/* How the policy of an application is to be. */
struct policy_issue {
    char id[ID_MAX];
    char number_prefix[8];
    char withdraw_until[CLOCK_DATE_MAX]; /* "": it may not be withdrawn */
    char due_date[CLOCK_DATE_MAX], renewal_on[CLOCK_DATE_MAX]; /* "": it has no periods */
    char number[POLICY_NUMBER_MAX]; /* that it got; there once db_write has returned 0 */
};
/* Keeps an acceptance: the application with its state and revision (one for its receipt, one more
 * for a review or an issue that follows at once), its events, and with `issue` the policy. */
int application_accept(struct db_tx *tx, const struct application *application,
                       const char *quote_state, const char *sealed_key_id,
                       struct policy_issue *issue, const struct transaction_by *by,
                       struct error *error);
/* One step of an application, as it was read; `issue` goes with TRANSACTION_ISSUE. */
int application_take(struct db_tx *tx, const struct application *application,
                     enum transaction_step step, enum transaction_state to,
                     struct policy_issue *issue, const struct transaction_by *by,
                     struct error *error);
/* One step of a policy, as it was read, that ends it; what was open of changes is overtaken. */
int policy_end(struct db_tx *tx, const struct policy *policy, enum transaction_step step,
               enum transaction_state to, const char *end_date, int64_t refund_cents,
               const struct transaction_by *by, struct error *error);

/* Ends applications that wait since before `before_us`, at most TRANSACTION_EXPIRE_MAX. */
int application_expire(struct db *db, int64_t before_us, int64_t now_us, struct error *error,
                       int *ret_expired);

/* Takes the addresses from events that are older than EVENT_ADDRESS_DAYS, the oldest first, at most
 * EVENT_ADDRESSES_CLEAR_MAX. */
int transaction_addresses_clear(struct db *db, int64_t now_us, struct error *error,
                                int64_t *ret_cleared);

/* Encrypts again, under the newest key, what older ones encrypted: at most `limit` values of those
 * whose id is above `after`, an empty text at first, which is set to the last. 0 values: done. */
int application_reseal(struct db *db, struct encryption *encryption, int limit,
                       struct error *error, char after[ID_MAX], int *ret_count);

#endif
