/* Changes of policies and renewals, as rows, and the terms of a policy by date, which are made of
 * them. A change is made on the last terms that a policy has; it can be confirmed as long as these
 * are its last. Whether a step may be taken is asked of domain/transaction.h before. Functions that
 * write are for bodies of db_write. */
#ifndef KOPPEL_DOMAIN_POLICY_CHANGE_H
#define KOPPEL_DOMAIN_POLICY_CHANGE_H

#include "base/encryption.h"
#include "domain/quoting.h"
#include "domain/transaction_store.h"

enum {
    CHANGES_OPEN_MAX = 16,   /* of one policy at a time */
    POLICY_TERMS_MAX = 500,  /* of one policy; changes are refused from */
    POLICY_TERMS_CHANGED_MAX = 400, /* so many on: the rest is for renewals */
    CHANGES_EXPIRE_MAX = 200 /* that expire in one transaction */
};

/* Texts are in the scratch they were read to, or borrowed; those that are not there are NULL. */
struct policy_change {
    const char *id, *policy_id, *partner_id, *product;
    bool renewal, test;
    enum transaction_state state;
    int64_t revision;
    int base_term, term_number; /* the latter 0: it gave no terms */
    const char *due_date, *effective_date, *valid_until;
    int64_t known_at_us, created_us, changed_us;
    const char *version_id, *outcome; /* NULL: not rated */
    const char *product_hash;
    int product_version;
    const char *result; /* NULL: not rated; and in lists */
    const char *changed; /* names, as a JSON list */
    const char *sealed, *sealed_key_id; /* its place (base/encryption.h) is the id; not in lists */
    const char *term;
    int instalments; /* a year */
    bool has_premium; /* else these are 0: */
    int64_t instalment_cents, total_cents, commission_cents, difference_cents, settlement_cents;
    int64_t old_total_cents;
    const char *policy_number;
};

/* The state of a row of that kind by its name; TRANSACTION_STATES: none. */
enum transaction_state policy_change_state(bool renewal, const char *text);

/* ---- reading ---- `ret_…->id` is NULL when there is none in scope. ERROR_TOO_LARGE when scratch
 * is used up. */
/* `policy_id` NULL: of whatever policy. */
int policy_change_read(struct db_tx *tx, const char *policy_id, const char *id, bool test,
                       struct scratch *scratch, struct error *error,
                       struct policy_change *ret_change);
/* The newest first, below the cursor, at most `limit`; the others may be NULL. */
struct policy_change_filter {
    bool test;
    const char *below, *policy_id, *kind, *state;
    int limit;
};
int policy_change_list(struct db_tx *tx, const struct policy_change_filter *filter,
                       struct scratch *scratch, struct error *error,
                       struct policy_change *ret_changes, int *ret_count);
/* How many changes of a policy wait to be confirmed or decided on. */
int policy_changes_open(struct db_tx *tx, const char *policy_id, struct error *error,
                        int *ret_count);
/* The renewal that is under way for the policy's next period, or none. */
int policy_renewal_read(struct db_tx *tx, const struct policy *policy, struct scratch *scratch,
                        struct error *error, struct policy_change *ret_renewal);

/* ---- terms ---- */
/* All terms of a policy, in order of number and of date. */
int policy_terms_read(struct db_tx *tx, const struct policy *policy, struct scratch *scratch,
                      struct error *error, struct policy_terms ret_terms[POLICY_TERMS_MAX],
                      int *ret_count);
/* What one of them was rated with and gave, where the policy was read by policy_read. */
struct policy_terms_detail {
    struct policy_terms terms;    /* number 0: there is none with this number */
    const char *result;           /* as a quote keeps it; NULL: renewed without a new premium */
    struct quote_answers answers; /* as the quote kept them; `plain` NULL: they are not its own */
    const char *sealed;           /* then: encrypted, in the place of terms.change_id */
};
int policy_terms_detail_read(struct db_tx *tx, const struct policy *policy, int number,
                             struct scratch *scratch, struct error *error,
                             struct policy_terms_detail *ret_detail);
/* The answers as a context in scratch, as JSON has them. */
int policy_terms_answers(struct encryption *encryption, const struct policy_terms_detail *detail,
                         struct scratch *scratch, struct error *error, struct value *ret_answers);
/* The instalments with the terms by date; `ret_later` has room for POLICY_TERMS_MAX. ERROR_INTERNAL
 * when a date cannot be read. */
int policy_instalments(const struct policy *policy, const struct policy_terms *terms, int count,
                       struct instalments_later *ret_later, struct error *error,
                       struct instalments *ret_instalments);

/* ---- making one ---- */
/* Fills in what follows from a rating: `change` has its id, its policy and its dates already. Its
 * outcome is as rated, its state is the caller's. What is sealed and the result lie in the buffers,
 * which the change borrows. ERROR_INVALID: the product has the policy's payment term no more. */
struct policy_change_rating {
    const struct quoting *quoting;
    const struct instalments *instalments;
    const struct value *old_answers; /* of the terms that it is made on */
    struct value_date until, today;  /* where the contract period ends */
    struct encryption *encryption;
    struct scratch *scratch;
};
int policy_change_fill(const struct policy_change_rating *rating, struct error *error,
                       struct policy_change *change, struct buffer *sealed, struct buffer *result);

/* ---- writing ---- ERROR_CONFLICT: another was first. */
/* `by` NULL: the system. */
int policy_change_insert(struct db_tx *tx, const struct policy_change *change,
                         const struct transaction_by *by, int64_t at_us, struct error *error);
/* One step of a change or renewal, as it was read, that leaves the policy as it is. */
int policy_change_take(struct db_tx *tx, const struct policy_change *change,
                       enum transaction_step step, enum transaction_state to,
                       const struct transaction_by *by, int64_t at_us, struct error *error);
/* A change that gives the policy its next terms, if it is still active and has the terms that the
 * change was made on. `renewal_on` is when its renewal is looked at next. Others are overtaken. */
int policy_change_apply(struct db_tx *tx, const struct policy_change *change,
                        enum transaction_step step, enum transaction_state to,
                        const char *renewal_on, const struct transaction_by *by,
                        struct error *error);

/* Ends changes whose last day was before `today`, and those in review since before `before_us`; at
 * most CHANGES_EXPIRE_MAX. */
int policy_changes_expire(struct db *db, const char *today, int64_t before_us, int64_t now_us,
                          struct error *error, int *ret_expired);

/* ---- renewals ---- */
/* Renewals that are to be looked at on a day, at most `limit` ids of policies. */
int policy_renewals_due(struct db_tx *tx, const char *today, int limit, struct error *error,
                        char (*ret_ids)[ID_MAX], bool *ret_tests, int *ret_count);
/* Puts off looking at a policy's renewal; NULL: for ever. */
int policy_renewal_plan(struct db_tx *tx, const struct policy *policy, const char *renewal_on,
                        struct error *error);
/* Announces a renewal: its row, and that it was prepared. */
int policy_renewal_prepare(struct db_tx *tx, const struct policy *policy,
                           const struct policy_change *renewal, int64_t at_us,
                           struct error *error);
/* The policy enters its next period. `renewal` (NULL: none was announced) takes effect and gives it
 * its terms if it has a premium; one that nobody decided on expires; a stopped one stays so. */
struct policy_period {
    const char *due_date, *renewal_on; /* the next ones */
    const char *reason;                /* why it goes on as it is, as code; NULL: it does not */
};
int policy_renew(struct db_tx *tx, const struct policy *policy,
                 const struct policy_change *renewal, const struct policy_period *period,
                 int64_t at_us, struct error *error);

/* Encrypts again, as application_reseal does. */
int policy_change_reseal(struct db *db, struct encryption *encryption, int limit,
                         struct error *error, char after[ID_MAX], int *ret_count);

#endif
