/* Tariffs before they are published. A draft holds a product's files; they never change, so that
 * what was approved is what goes live: a correction is another draft. Its states are draft,
 * approved and active, or withdrawn before that; each step is on record with who and when. An
 * active draft is a version (domain/catalogue.h), made in the same transaction.
 *
 * Approval is a second person's: whoever drafted may not approve. Only the operator's command line
 * may override that, and then says why.
 *
 * A draft may be unfinished in every way but one: its product.xml says which product it is of. That
 * it proves itself is told of a draft and asked of one that is activated.
 *
 * Functions with a struct db_tx are part of their caller's transaction, which may run more than
 * once. Live and test drafts (made with a test key) do not meet; a test draft never becomes a
 * version. */
#ifndef KOPPEL_DOMAIN_DRAFT_H
#define KOPPEL_DOMAIN_DRAFT_H

#include "domain/catalogue_store.h"
#include "domain/product_folder.h"

enum {
    DRAFT_BY_MAX = 120,           /* bytes of who, with its NUL */
    DRAFT_NAME_CHARACTERS_MAX = 60,
    DRAFT_NOTE_CHARACTERS_MAX = 500,
    DRAFT_NOTE_MAX = 4 * DRAFT_NOTE_CHARACTERS_MAX + 1, /* bytes, with its NUL */
    DRAFT_EVENTS_MAX = 4,         /* drafted, approved, activated or withdrawn: never more */
    DRAFT_LIST_MAX = 100,         /* of one page */
    DRAFT_HASH_PREFIX_MIN = 12    /* hexadecimal digits that may stand for a whole hash */
};

enum draft_state { DRAFT_OPEN, DRAFT_APPROVED, DRAFT_ACTIVE, DRAFT_WITHDRAWN };
/* "draft", "approved", "active", "withdrawn": as the store and callers have it. */
const char *draft_state_text(enum draft_state state);
/* What is none of them counts as withdrawn. */
enum draft_state draft_state_read(const char *text);

struct draft {
    char id[ID_MAX];
    bool test;
    char product[PRODUCT_CODE_MAX];
    int interface;
    char hash[SHA256_HEX_MAX];
    char effective_from[CLOCK_DATE_MAX]; /* "": the day of its activation */
    enum draft_state state;
    char drafted_by[DRAFT_BY_MAX];
    char version_id[ID_MAX]; /* "" unless active */
    int version_number;      /* 0 unless active */
    int64_t created_us;
};

struct draft_event {
    char event[16]; /* "drafted", "approved", "activated", "withdrawn" */
    bool override;  /* approved without a second person */
    char by[DRAFT_BY_MAX];
    char note[DRAFT_NOTE_MAX]; /* "": none */
    int64_t at_us;
};
struct draft_events {
    struct draft_event items[DRAFT_EVENTS_MAX];
    int count;
};

/* ---- who ---- */
/* "operator:anna" from a kind and a name. ERROR_INVALID: a name has 1 to DRAFT_NAME_CHARACTERS_MAX
 * characters and no control characters; blanks around it are left out. */
int draft_by_make(const char *kind, const char *name, struct error *error,
                  char ret_by[DRAFT_BY_MAX]);

struct draft_deed { /* a step, as it is put on record */
    const char *by;
    const char *note; /* NULL: none; at most DRAFT_NOTE_CHARACTERS_MAX characters are sound */
    int64_t now_us;
};
/* ERROR_INVALID when the note is too long or no text. NULL is fine. */
int draft_note_check(const char *note, struct error *error);

/* ---- making one ---- */
/* Fills a draft from its files: product and interface from product.xml, a fresh id, the state.
 * ERROR_INVALID, with the problems, when product.xml does not say, or a date is none. */
struct draft_request {
    const struct product_files *files; /* hashed */
    const char *effective_from;        /* NULL: the day of its activation */
    const char *by;
    int64_t now_us;
    bool test;
};
int draft_make(const struct draft_request *request, struct problems *problems,
               struct error *error, struct draft *ret_draft);
/* Keeps it. ERROR_CONFLICT when the same files for the same date are open or approved already. */
int draft_insert(struct db_tx *tx, const struct draft *draft, const struct product_files *files,
                 const char *note, struct error *error);

/* ---- its steps ---- */
/* ERROR_NOT_FOUND: there is none such; ERROR_CONFLICT: it is not in a state for this step;
 * ERROR_DENIED: the approval needs a second person. `ret_draft` is the draft as it was found, set
 * also when the step is refused for its state or person. */
int draft_approve(struct db_tx *tx, const char *id, bool test, bool override,
                  const struct draft_deed *deed, struct error *error, struct draft *ret_draft);
int draft_withdraw(struct db_tx *tx, const char *id, bool test, const struct draft_deed *deed,
                   struct error *error, struct draft *ret_draft);

/* ---- reading ---- */
/* ERROR_NOT_FOUND when there is none such. */
int draft_read(struct db_tx *tx, const char *id, bool test, struct error *error,
               struct draft *ret_draft);
int draft_events_read(struct db_tx *tx, const char *id, struct error *error,
                      struct draft_events *ret_events);
/* Give them back by version_files_done. */
int draft_files_read(struct db *db, const char *id, struct error *error,
                     struct version_files *ret_files);

struct draft_query {
    const char *product; /* NULL: all */
    const char *state;   /* NULL: all */
    const char *before;  /* an id: only older ones; NULL: from the newest on */
    bool test;
    int limit; /* at most DRAFT_LIST_MAX */
};
/* The newest first. */
int draft_list_read(struct db_tx *tx, const struct draft_query *query, struct error *error,
                    struct draft *ret_drafts, int *ret_count);

#endif
