/* Rows of leads, their events and offers. Whether a step may be taken is asked of domain/lead.h
 * before; here each change is made only to the revision and state that were seen, whoever else came
 * meanwhile. Functions that write are for bodies of db_write. */
#ifndef KOPPEL_DOMAIN_LEAD_STORE_H
#define KOPPEL_DOMAIN_LEAD_STORE_H

#include "base/encryption.h"
#include "base/id.h"
#include "db/db.h"
#include "domain/lead.h"
#include "quote-engine/value.h"

enum {
    LEAD_EVENTS_MAX = 200,    /* told of one lead and those merged into it, the last ones */
    LEAD_OFFERS_MAX = 100,    /* told of one lead, the last ones */
    LEAD_DUPLICATES_MAX = 20,
    LEAD_COUNT_MAX = 10000,   /* counting stops there */
    LEAD_NOTE_MAX = 2000,     /* characters */
    LEAD_MESSAGE_MAX = 4000,
    LEAD_STEP_MAX = 200       /* the next step, in words */
};

/* Who takes a step, when, from where, and why. Texts may be NULL. */
struct lead_by {
    enum lead_actor actor;
    const char *user_id, *key_id, *request_id;
    const char *reason, *note;
    const char *detail; /* JSON */
    int64_t at_us;
};

/* Texts are in the scratch they were read to, or borrowed; those that are not there are NULL, and
 * instants that are not there 0. */
struct lead {
    const char *id, *partner_id, *user_id, *kind, *product, *language, *source, *source_detail;
    const char *sealed, *sealed_key_id, *email_index, *telephone_index;
    const char *quote_id, *application_id;
    const char *consent_text, *consent_version, *consent_source;
    const char *next_step, *next_on, *reason, *assignment, *merged_into_id;
    const char *partner_name, *user_name; /* of whom the ids name; for reading */
    enum lead_state state;
    bool test;
    int postcode_area; /* 0: not known */
    int attempts;
    int64_t revision, consent_us, due_us, offered_us, offer_until_us, accepted_us, contacted_us;
    int64_t closed_us, erased_us, created_us, changed_us;
};

/* The place of a lead's sealed value (base/encryption.h) is its id. */

/* ---- reading ---- `ret_lead->id` is NULL when there is none in scope. ERROR_TOO_LARGE when
 * scratch is used up. */
int lead_read(struct db_tx *tx, const char *id, bool test, struct scratch *scratch,
              struct error *error, struct lead *ret_lead);

/* The same without what is sealed: its `sealed` is "". For steps that do not touch who it is. */
int lead_outline_read(struct db_tx *tx, const char *id, bool test, struct scratch *scratch,
                      struct error *error, struct lead *ret_lead);

enum lead_sort {
    LEAD_SORT_NEWEST, /* by id, the newest first */
    LEAD_SORT_OLDEST,
    LEAD_SORT_NEXT,   /* by the date of the next step, the earliest first; those that have one */
    LEAD_SORTS
};
extern const struct field_choice lead_sorts[LEAD_SORTS];

/* Those that are NULL or 0 do not restrict. */
struct lead_filter {
    bool test;
    enum lead_sort sort;
    const char *after_id;      /* behind this one */
    const char *after_on;      /* LEAD_SORT_NEXT: and its date */
    const char *state, *product, *source, *partner_id, *user_id;
    const char *due_by;        /* the next step is due by that date */
    const char *email_index, *telephone_index;
    bool open;                 /* only those that are to be worked on */
    bool unassigned;           /* only those of which nobody is in charge */
    bool pool;                 /* only those that are with the organisation */
    int limit;
};
int lead_list(struct db_tx *tx, const struct lead_filter *filter, struct scratch *scratch,
              struct error *error, struct lead *ret_leads, int *ret_count);
/* At most LEAD_COUNT_MAX; sort, cursor and limit do not matter. */
int lead_count(struct db_tx *tx, const struct lead_filter *filter, struct error *error,
               int64_t *ret_count);

struct lead_event {
    const char *lead_id, *partner_id, *step, *from_state, *to_state, *actor, *user_id, *key_id;
    const char *request_id, *reason, *note, *detail, *partner_name, *user_name;
    int64_t revision, at_us;
};
/* The last LEAD_EVENTS_MAX of the lead and of those merged into it, in order of time; those of the
 * time when it was with an office out of scope are left out. */
int lead_events_read(struct db_tx *tx, const char *lead_id, struct scratch *scratch,
                     struct error *error, struct lead_event *ret_events, int *ret_count);

struct lead_offer {
    const char *partner_id, *partner_name, *outcome, *reason, *assignment;
    int number, contacted; /* contacted: 1, 0, or -1 when it was not said */
    int64_t offered_us, until_us, answered_us, answer_us;
};
/* The last LEAD_OFFERS_MAX, in order; of offices in scope. */
int lead_offers_read(struct db_tx *tx, const char *lead_id, struct scratch *scratch,
                     struct error *error, struct lead_offer *ret_offers, int *ret_count);

/* Other leads in scope of the same e-mail address or telephone number, the newest first. */
int lead_duplicates_read(struct db_tx *tx, const struct lead *lead, struct scratch *scratch,
                         struct error *error, struct lead *ret_leads, int *ret_count);

/* Those that the job is to look at by now, longest due first, without what is sealed. */
int lead_due_list(struct db_tx *tx, int64_t now_us, int limit, struct scratch *scratch,
                  struct error *error, struct lead *ret_leads, int *ret_count);

/* ---- writing ---- */
/* A lead that comes in, of revision 1, with its event, in the state that `lead` names. */
int lead_insert(struct db_tx *tx, const struct lead *lead, const struct lead_by *by,
                struct error *error);
/* One step: what `after` has differently is kept; its revision and moment of change are set here.
 * Who it is (what is sealed, and the indexes) is written only when `sealed` is another text.
 * ERROR_CONFLICT: the lead is not as `before` any more; give up the transaction when `sealed`
 * changes, else it can go on. */
int lead_take(struct db_tx *tx, const struct lead *before, const struct lead *after,
              enum lead_step step, const struct lead_by *by, struct error *error);

/* The lead (as it was taken to LEAD_OFFERED) is before its office from then on. ERROR_CONFLICT: it
 * is before another. */
int lead_offer_insert(struct db_tx *tx, const struct lead *lead, struct error *error);
enum lead_outcome { LEAD_OFFER_ACCEPTED, LEAD_OFFER_DECLINED, LEAD_OFFER_LAPSED,
                    LEAD_OFFER_WITHDRAWN };
/* What came of an offer, as `lead` had it; of no open one, and of one that was accepted and is
 * declined after all, only that is kept. `contacted` as in struct lead_offer. */
int lead_offer_close(struct db_tx *tx, const struct lead *lead, enum lead_outcome outcome,
                     int contacted, const struct lead_by *by, struct error *error);

/* What a lead becomes when it is offered to an office for so many working hours. Texts are
 * borrowed. The revision stays. */
void lead_offer_prepare(struct lead *lead, const char *partner_id, const char *assignment,
                        int offer_hours, int64_t now_us);

/* A step with what goes with it: taking the lead from its office before it is offered to another,
 * the offer it opens or closes. `ret_lead` is the lead as it is then. As lead_take. */
struct lead_deed {
    struct lead before, after;
    enum lead_step step;
    struct lead_by by;
    bool takes_back;            /* LEAD_OFFER: from the office that it is with */
    bool closes;                /* the offer to that office: */
    enum lead_outcome outcome;
    int contacted;
};
int lead_deed_do(struct db_tx *tx, const struct lead_deed *deed, struct error *error);
/* The revision that it leads to. */
int64_t lead_deed_revision(const struct lead_deed *deed);

/* Sets what follows from a step's new state: that it is closed, or with nobody any more. */
void lead_settle(struct lead *lead, enum lead_state state, int64_t now_us);

/* Encrypts again, under the newest key, what older ones encrypted: as application_reseal. */
int lead_reseal(struct db *db, struct encryption *encryption, int limit, struct error *error,
                char after[ID_MAX], int *ret_count);

#endif
