/* What the system can do: a table of operations, and the dispatcher that enforces each row before
 * its handler runs. Routes, SOAP operations, OpenAPI, WSDL, access, limits, idempotency, rate and
 * audit all come from a row. A handler sees checked input and a caller, and never learns which
 * entrance was used. */
#ifndef KOPPEL_OPERATION_OPERATION_H
#define KOPPEL_OPERATION_OPERATION_H

#include "auth/caller.h"
#include "auth/keys.h"
#include "auth/session.h"
#include "base/hash.h"
#include "message/field.h"
#include "message/record.h"

struct service; /* what handlers work with: defined by domain/service.h */
struct call;

enum {
    OPERATION_BODY_MAX_BYTES = 256 * 1024, /* where a row names none */
    OPERATION_SCRATCH_BYTES = 4 * 1024 * 1024,
    IDEMPOTENCY_KEY_MAX = 255,
    IDEMPOTENCY_KEEP_HOURS = 24,
    IDEMPOTENCY_IN_FLIGHT_MAX = 4096,
    IDEMPOTENCY_EXPIRE_MAX = 1000,
    RATE_WINDOW_S = 60,
    AUDIT_REFUSALS_PER_SECOND_MAX = 20, /* rows; the rest is only in the log */
    OPENAPI_MAX_BYTES = 8 * 1024 * 1024,
    ITEMS_MAX = 10000,       /* of a call of many */
    ITEMS_BLOCK_MAX = 128,   /* whose deeds share one transaction */
    ITEMS_INPUT_BYTES = 12 * 1024 * 1024, /* scratch for the inputs of a block */
    ITEMS_WORK_BYTES = 36 * 1024 * 1024,  /* and for doing them */
    ITEMS_PER_REQUEST = 20,  /* count as one request of the key's rate */
    ITEMS_TIME_MAX_S = 300,  /* for all items of a call */
    ITEMS_CALLS_MAX = 8,     /* calls of many at a time on a node */
    ITEMS_CALLS_PER_PARTNER_MAX = 2
};

#define OPERATION_TAG "r"

/* The output of an operation with `output_file`: its name (letters, digits, "-", "_" and "."), and
 * its bytes. */
#define OUTPUT_FILE_FIELDS                                                                        \
    {.name = "file_name", .type = FIELD_TEXT, .required = true,                                   \
     .label = {"naam van het bestand", "name of the file"}},                                      \
    {.name = "media_type", .type = FIELD_TEXT, .required = true,                                  \
     .label = {"soort", "media type"}},                                                           \
    {.name = "content", .type = FIELD_BINARY, .required = true,                                   \
     .length_maximum = OUTPUT_FILE_MAX_BYTES, .label = {"inhoud", "content"}}
enum { OUTPUT_FILE_FIELD_COUNT = 3, OUTPUT_FILE_MAX_BYTES = 3 * 1024 * 1024 };

enum operation_rate { RATE_NONE, RATE_READ, RATE_QUOTE };

/* That something goes: since when callers are told, and from when it may be gone. */
struct retirement {
    int64_t deprecated_us, sunset_us; /* instants; 0: not told */
};

struct operation {
    const char *name;   /* PascalCase: "RequestQuote"; the SOAP name and OpenAPI operationId */
    const char *method; /* "GET", "POST", … */
    const char *path;   /* under /api/v1: "/quotes/{id}"; braces name input fields. NULL, of a
                           hidden one: only an entrance that knows its name reaches it */
    struct text summary;
    unsigned callers;   /* enum caller_kind bits; 0 denies everybody */
    unsigned roles;     /* enum role bits: with CALLER_USER among the callers, which users; 0 denies
                           every user */
    const struct field *input; /* path fields, then query (GET, DELETE) or body fields */
    int input_count;
    const struct field *output;
    int output_count;
    bool output_open;   /* the output is written as it is: `output` only documents it */
    bool output_text;   /* the output is one text, sent as it is: `output` only documents it */
    bool output_file;   /* the output is a file, `output` is OUTPUT_FILE_FIELDS: sent as it is over
                           HTTP, under its name */
    const char *media_type; /* of a good answer; NULL: application/json */
    int status;         /* of a good answer: 200, 201 */
    size_t body_max_bytes; /* 0: OPERATION_BODY_MAX_BYTES */
    bool large_body; /* body_max_bytes holds beyond an entrance's general cap, a few at a time: for
                        callers who are trusted with it */
    bool idempotent_key; /* makes something: takes Idempotency-Key */
    bool audited;        /* leaves a line in the audit log, in the deed's own transaction */
    bool setup;          /* also for whoever has still to set up a second factor */
    bool begins_session; /* open to nobody in particular, who may be somebody when it is done */
    bool hidden;         /* not in OpenAPI and WSDL */
    bool generic;        /* over SOAP in the generic service alone: it is about no one product */
    /* NULL, or the dates ("2027-06-01") that answers carry in the headers Deprecation (RFC 9745)
     * and Sunset (RFC 8594): callers are to move, and from the second day on it may be gone. The
     * change log says what takes its place. */
    const char *deprecated_on, *sunset_on;
    bool any_proof;      /* what partners require beyond one proof is not asked of its callers */
    bool revised;  /* its output has a whole number `revision`, which rises with each change: over
                      HTTP the entity tag is made of it */
    bool dated;    /* its output follows the day as well: the entity tag carries that */
    bool if_match; /* changes what has a revision, and takes the one that it was seen at (If-Match):
                      `run` asks call_check_revision */
    bool acceptance; /* its open `answers` are to what the product asks on acceptance */
    bool changing;   /* its open `answers` are those of a product's questions that change */
    enum operation_rate rate;
    const char *const *refusals; /* codes it may answer beyond the common ones, NULL-ended: docs */
    /* 0: call->output is filled. Negative: call_refuse was called, or call->error is set (an
     * ERROR_BUSY or ERROR_FULL becomes 503, ERROR_NOT_FOUND 404, others 500 with no details). */
    int (*run)(struct call *call);
    /* NULL, or: called when fields are wrong, with the sound ones in call->input (a required one
     * may be missing). Adds to call->faults what `run` would find wrong with those, so that a
     * caller is told of everything at once. It refuses nothing and keeps nothing. */
    void (*check)(struct call *call);
    /* NULL, or: adds to call->output what must not be kept with an idempotency key, such as a
     * secret. Called for every good answer, also for one that was kept. Fails as `run` does. */
    int (*finish)(struct call *call);
    /* NULL, or the name of another operation: this one does that for every item that comes, and
     * answers each by itself, in order (struct items). It has no input, output, run and finish of
     * its own: an item is the other's input, checked, done and answered as a call of its own.
     * The other must write by call_write_held. */
    const char *each;
    const char *each_name; /* what an item's good answer is: "quote" */
};

struct operation_group { /* a resource: each file of server/api defines one */
    const char *name;
    const struct operation *operations;
    int count;
};
/* Generated from the files of server/api: `const struct operation_group api_NAME` in NAME.c. */
extern const struct operation_group *const operation_groups[];
extern const int operation_group_count;

/* ---- a call ---- */
struct refusal {
    int status;        /* HTTP status; SOAP makes it a fault */
    char code[64];     /* "product_not_allowed" */
    char reason[64];   /* which of the code's reasons, for programs: "agreement_ended"; or "" */
    char detail[400];  /* in the caller's language: what to do */
    int retry_after_s; /* 0: none */
};

struct call {
    const struct operation *operation;
    struct service *service;
    struct caller caller;
    enum language language;
    const char *request_id;
    const char *entrance; /* by which way it came: "json", "soap", "page", "command" */
    const char *address;  /* that the connection comes from; "": none */
    const char *idempotency_key; /* unquoted, or NULL */
    const char *if_match; /* as received, or NULL */
    bool lexical; /* open values (FIELD_OPEN) still hold texts: hand it on to field_check */
    struct scratch *scratch;     /* memory that goes with the request */
    struct value input;          /* checked */
    struct value output;         /* set by the handler: complete before call_write */
    const struct field *output_fields; /* by which it is written: the row's, or in the end those */
    int output_count;                  /* of the caller's version */
    struct field_faults faults;  /* status 422 when there are any */
    struct refusal refusal;
    struct error error;
    struct dispatcher *dispatcher;
    int version;      /* of the API, that the caller speaks: for version.c */
    bool older;       /* the operation is another in it than in the newest */
    int older_faults; /* the first of the faults, whose pointers are of that version already */
    struct item_call *item; /* NULL, or: it is one of a call of many (items.c) */
    const char *agent; /* what the program that calls says it is; "": nothing */
    char session_token[SESSION_TOKEN_MAX]; /* set by a handler: the caller has this session now */
    bool session_ended;  /* set by a handler: the caller has none any more */
    bool audit_refusal;  /* set by a handler: this refusal belongs in the audit log */
    int64_t now_us; /* the moment of the call: everything in it uses this one */
    struct retirement retirement; /* of the operation; a handler adds that of its answer */
    char input_digest[SHA256_HEX_MAX]; /* with an idempotency key: what it stands for */
    bool replayed; /* output is the stored answer of an earlier call with the same key */
};

/* Fills call->refusal in the caller's language; returns ERROR_DENIED: `return call_refuse(…);` */
int call_refuse(struct call *call, int status, const char *code, const char *nl, const char *en);
/* 404 with code "not_found": the same bytes for what is another's and what does not exist. */
int call_not_found(struct call *call);
/* Was it seen as it is now? Refuses with 428 when the caller does not say what was seen, with 412
 * when that was an earlier revision. */
int call_check_revision(struct call *call, int64_t revision);
/* The same refusal, for whom the write finds that another was first. */
int call_refuse_revision(struct call *call);
/* Writes in one transaction: the body's deed, the idempotency row with the finished answer, and
 * the audit line (`subject_id` is what was done to). Sets call->error on failure. Call it once and
 * last: 0 may also mean that another node was first with the same idempotency key, and then
 * nothing was done and call->output is its answer. */
int call_write(struct call *call, const char *subject_id, db_body body, void *context);
/* The same, with a context that outlives the return: `release` (may be NULL) gets it back once,
 * whatever the outcome, when nobody needs it any more. In a call of many the write waits for the
 * others of its block, so that they share one transaction, and 0 says only that it will be done. */
int call_write_held(struct call *call, const char *subject_id, db_body body, void *context,
                    void (*release)(void *context));
/* Reads within the caller's scope. */
int call_read(struct call *call, db_body body, void *context);
/* By db_read_once. */
int call_read_once(struct call *call, db_body body, void *context);

/* ---- the dispatcher ---- */
struct dispatcher;
int dispatcher_new(struct db *db, struct keys *keys, struct service *service, struct error *error,
                   struct dispatcher **ret_dispatcher);
void dispatcher_free(struct dispatcher *dispatcher);
/* From then on people can call it too, by their sessions. */
void dispatcher_set_people(struct dispatcher *dispatcher, struct people *people);

/* ---- many at once ----
 * How an entrance brings the items of an operation that has `each`, and takes their answers. */
struct item { /* as it came */
    struct value value;     /* decoded, unchecked */
    struct refusal refusal; /* status 0: it could be decoded */
    struct field_faults *faults; /* of the refusal; NULL: none */
};

struct item_answer {
    int64_t index; /* from 0, in the order in which they came */
    int status;    /* as a call of its own would be answered */
    const struct operation *each;
    const struct value *output;         /* of a good answer; else NULL, and the refusal below */
    const struct field *output_fields;
    int output_count;
    const struct refusal *refusal;
    const struct field_faults *faults;
    bool replayed;
};

struct items {
    void *context;
    int64_t count; /* how many come: known once the input was read */
    bool lexical;  /* see field.h */
    /* 1: `ret_item` is the next one, its value in scratch; 0: there are no more. */
    int (*next)(void *context, struct scratch *scratch, struct item *ret_item);
    /* Takes an answer, in order. What it says is durable. It keeps nothing of it. */
    void (*answer)(void *context, const struct item_answer *answer);
    /* Passes on what it has taken. False: nobody is there any more; then no more is done. */
    bool (*flush)(void *context);
};

/* Where a request of a browser was made from, as the browser says: SITE_UNKNOWN when it says
 * nothing. */
enum request_site { SITE_UNKNOWN, SITE_SAME, SITE_OTHER };

/* What an entrance hands in. Texts are borrowed for the call. */
struct request {
    const struct operation *operation;
    enum entrance_kind entrance; /* what a partner requires depends on it */
    const char *credential;      /* an API key or an access token, or NULL */
    size_t credential_length;
    bool key_only;               /* a key, and no token */
    const char *session;         /* a session's token, or NULL; counts where no other proof came */
    enum request_site site;      /* writes by session must come from the same site */
    const char *agent;           /* what the program that calls says it is, or NULL */
    const uint8_t *certificate;  /* SHA-256 of the connection's client certificate, or NULL */
    const struct caller *proven; /* who the message itself proves to come from, or NULL: must be of
                                    the same partner as the two before */
    const struct caller *caller; /* or the caller, known already: the operator acts for them */
    const char *origin;          /* or NULL */
    const char *address;         /* that the connection comes from; NULL: there is none */
    const char *idempotency_key; /* as received, or NULL */
    const char *if_match;        /* entity tags as HTTP lists them, each of which begins with
                                    OPERATION_TAG and the revision: "r3-nl"; or NULL */
    const char *version;         /* of the API, as asked for; NULL: the key's own */
    const char *request_id;
    enum language language;
    bool lexical;                /* see field.h */
    struct value input;          /* decoded, unchecked: path, query and body in one context */
    /* Or reads it once the caller is known and within its rate, setting both: whoever may not
     * call has no body read. False: it could not be decoded, and the entrance has answered. */
    bool (*read_input)(void *context, struct value *ret_input, bool *ret_lexical);
    void *input_context;
    struct items *items; /* with an operation that has `each` */
    struct scratch *scratch;
};

struct rate_state { /* for the headers; limit 0: without limit */
    int64_t limit, remaining, reset_s, window_s;
};

struct answer {
    int status; /* of the operation, or of the refusal */
    bool answered; /* by the entrance itself: read_input was false */
    bool replayed;
    struct value output;
    const struct field *output_fields; /* of it in the version that was spoken: a good answer is */
    int output_count;                  /* written by these; in the request's scratch */
    struct refusal refusal;      /* status 0: none */
    struct field_faults faults;
    struct rate_state rate;
    const char *version;         /* of the API, that was spoken; NULL: none yet */
    struct retirement retirement;
    char partner_id[ID_MAX];     /* for the log */
    char key_id[ID_MAX];
    char user_id[ID_MAX];
    char session_token[SESSION_TOKEN_MAX]; /* not "": the caller has this session from now on */
    bool session_ended;          /* the caller's session, if there was one, is no more */
    struct error error;          /* for the log, never for the caller */
};

/* Access, version, rate, input, fields, idempotency, handler, in this order. Never fails: a failure
 * is an answer. `ret_answer` is large: keep it off small stacks. */
void dispatch(struct dispatcher *dispatcher, const struct request *request,
              struct answer *ret_answer);

/* Of a row: each of its dates begins at midnight in Europe/Amsterdam. */
struct retirement operation_retirement(const struct operation *operation);
/* The earlier of each. */
void retirement_join(struct retirement *retirement, const struct retirement *other);

/* May a user with that role call it? Of what is open to everybody: yes. */
bool operation_open_to_role(const struct operation *operation, enum role role);

/* The row with that name; NULL: none. */
const struct operation *operation_find_named(const char *name);

/* Finds the row for a method and a path below /api/v1. ERROR_NOT_FOUND: no such path;
 * ERROR_INVALID: the path exists, `ret_allowed` lists its methods ("GET, POST"). Path fields come
 * decoded from percent form into `ret_fields` (a context in scratch). */
int operation_find(const char *method, const char *path, struct scratch *scratch,
                   char ret_allowed[64], struct value *ret_fields,
                   const struct operation **ret_operation);

/* Removes answers whose key is free again, at most IDEMPOTENCY_EXPIRE_MAX at a time, oldest first.
 * Their keys are free without it: this gives back room. */
int idempotency_expire(struct db *db, int64_t now_us, struct error *error, int64_t *ret_removed);

/* Does the row take a product and the answers to its questions? Their type depends on it. */
bool operation_takes_answers(const struct operation *operation);

/* ---- openapi.json ---- */
enum { OPENAPI_INTERFACES_MAX = 100 };

/* An interface of a product that can be quoted: its schemas stand among the components, and
 * requests are typed by them. */
struct openapi_interface {
    const char *product;
    int number;
    struct value answers;    /* JSON Schema of what a quote asks: a context */
    struct value acceptance; /* and of what acceptance asks; null: it cannot be accepted */
    bool deprecated;         /* there is a higher one */
};
/* The document (3.1) of all operations that are not hidden, as they are in a version of the API
 * (message/api_version.h), with the products of an installation:
 * those of one product come one after the other. Without any, answers are open. The buffer is
 * failed when memory or its limit (OPENAPI_MAX_BYTES is enough without products) does not
 * suffice. */
void openapi_write(const char *public_url, enum language language, int version,
                   const struct openapi_interface *interfaces, int interface_count,
                   struct buffer *buffer);

#endif
