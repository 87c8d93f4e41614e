/* What the parts of the dispatcher share. Not used outside this folder. */
#ifndef KOPPEL_OPERATION_DISPATCHER_H
#define KOPPEL_OPERATION_DISPATCHER_H

#include <pthread.h>

#include "operation.h"

struct in_flight; /* idempotency.c */
struct rates;     /* rate.c */
struct item_slots; /* items.c */

struct dispatcher {
    struct db *db;
    struct keys *keys;
    struct people *people; /* NULL: nobody has sessions */
    struct service *service;
    struct in_flight *in_flight;
    struct rates *rates;
    struct item_slots *item_slots;
    pthread_mutex_t audit_lock;
    int64_t audit_second; /* of the refusals counted below */
    int audit_refusals;
};

/* ---- idempotency.c ---- */
int in_flight_new(struct error *error, struct in_flight **ret_in_flight);
void in_flight_free(struct in_flight *in_flight);
/* Which key is in flight: by caller (a partner's systems are one, each user is one), mode,
 * operation and key. */
struct in_flight_name {
    uint8_t digest[SHA256_BYTES];
};
struct in_flight_name in_flight_name(const struct call *call);
/* 0, ERROR_CONFLICT when it is there already, ERROR_BUSY when there are too many. */
int in_flight_enter(struct in_flight *in_flight, const struct in_flight_name *name);
void in_flight_leave(struct in_flight *in_flight, const struct in_flight_name *name);

/* Copies the key without its quotes into scratch. ERROR_INVALID: it is none; ERROR_TOO_LARGE:
 * scratch is used up. */
int idempotency_read_key(const char *text, struct scratch *scratch, const char **ret_key);
/* Sets call->input_digest from the checked input: it says nothing to who has not the key. */
int idempotency_digest(struct call *call);
/* A stored answer, in the scratch of its call. */
struct stored_answer {
    bool found, same_input;
    char *text;
    size_t length;
};
/* Looks for those of several calls of one caller, operation and moment at once; calls that are NULL
 * are passed over. One that does not fit into scratch is ERROR_TOO_LARGE. */
int idempotency_look(struct call *const *calls, int count, struct error *error,
                     struct stored_answer *ret_stored);
/* Makes it the call's: 1, or negative with a refusal or call->error. */
int idempotency_take(struct call *call, const struct stored_answer *stored);
/* Looks for the stored answer: 1 and call->output (replayed), 0 when there is none; negative with
 * a refusal when the key stands for another input, or with call->error. */
int idempotency_replay(struct call *call);
/* In the deed's transaction. ERROR_CONFLICT: another was first. */
int idempotency_store(struct db_tx *tx, const struct call *call, const struct buffer *answer,
                      struct error *error);

/* ---- rate.c ---- */
int rates_new(struct error *error, struct rates **ret_rates);
void rates_free(struct rates *rates);
/* Counts requests of the key: all of them, or none and false, when there are too many in this
 * window. */
bool rates_take(struct rates *rates, struct db *db, const struct caller *caller, int64_t now_us,
                int64_t count, struct rate_state *ret_state);

/* ---- audit.c ---- */
int audit_done(struct db_tx *tx, const struct call *call, const char *subject_id,
               struct error *error);
/* A refusal of a caller who is known; in a transaction of its own. */
void audit_refused(struct dispatcher *dispatcher, const struct call *call);

/* ---- dispatch.c ---- */
/* A call of an operation as it begins: nothing but what the other arguments say. NULL: scratch is
 * used up. */
struct call *call_new(struct dispatcher *dispatcher, const struct operation *operation,
                      const struct request *request, struct scratch *scratch);
/* Sets call->input, or faults or the error. */
int call_check_input(struct call *call, const struct value *input);
/* The same of an input in the newest form, without what the row's own check adds. */
int call_check_fields(struct call *call, const struct value *input);
/* Counts requests of the key: all, or none and refuses. */
int call_check_rate(struct call *call, int64_t count, struct rate_state *ret_rate);
/* Puts the call's key in flight, or refuses: it is in progress. in_flight_leave it. */
int call_enter_key(struct call *call, struct in_flight_name *ret_name);

/* ---- version.c ---- */
/* Sets the version that is asked for, or else the caller's own, and the answer's; the answer has
 * none when there is none such. */
void call_choose_version(struct call *call, const struct request *request,
                         struct answer *ret_answer);
void call_set_version(struct call *call, int version);
int call_refuse_version(struct call *call);
/* What call_check_fields does, of an input of an older version. */
int call_check_older(struct call *call, const struct value *input);
/* The last of a call before it is answered: its output or its faults in the caller's version. Takes
 * what became of the call, and returns that, or the error that this ended in. */
int call_speak_version(struct call *call, int rc);

/* ---- items.c ---- */
int item_slots_new(struct error *error, struct item_slots **ret_slots);
void item_slots_free(struct item_slots *slots);
/* Before the input of many is read: a place among those at a time, or refuses. */
int items_enter(struct call *call, int *ret_slot);
void items_leave(struct call *call, int slot);
/* Refuses too many items; counts them as requests of the key. */
int items_admit(struct call *call, const struct items *items, struct rate_state *rate);
/* Does them all. Negative: none was answered. */
int items_run(struct call *call, const struct request *request);
/* Holds a deed of an item until its block is written. */
int item_hold(struct call *call, const char *subject_id, db_body body, void *context,
              void (*release)(void *context));

/* ---- call.c ---- */
/* What a deed writes beside itself: its idempotency row with the answer, its line in the audit log.
 * ERROR_CONFLICT with `*ret_was_first` false: the key is taken, and nothing was done. */
int call_write_in(struct db_tx *tx, const struct call *call, const char *subject_id,
                  const struct buffer *answer, db_body body, void *context, struct error *error,
                  bool *ret_was_first);
/* The answer to be kept with the idempotency key; nothing when there is none. */
int call_encode_kept(struct call *call, struct buffer *ret_answer);
/* Fills the refusal that belongs to a handler's failure. */
void call_conclude_failure(struct call *call);
/* Tells the log of a failure that callers hear no details of. */
void call_log_failure(const struct call *call);
/* The answer as JSON, as every entrance that speaks JSON writes it. */
void call_encode(const struct call *call, struct buffer *buffer);

#endif
