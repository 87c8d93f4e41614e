/* What is kept of a partner beside its own row: licences, territory, people with their diplomas,
 * notes and documents. What is dated is ended, and a change of it is a new row.
 *
 * Functions with a db_tx are for bodies of db_read and db_write. Ids are made by the caller,
 * since a body may run again. Where a row is added, ERROR_NOT_FOUND says that its partner (or
 * person) is not in scope, and ERROR_TOO_LARGE that there are as many as may be. Where one is
 * ended or removed, ERROR_NOT_FOUND says that it is not there. Texts that are read lie in
 * scratch; ERROR_TOO_LARGE when it is used up. */
#ifndef KOPPEL_DOMAIN_PARTNER_FILE_H
#define KOPPEL_DOMAIN_PARTNER_FILE_H

#include "base/id.h"
#include "db/db.h"
#include "message/field.h"
#include "quote-engine/value.h"

enum { /* of a partner; diplomas of a person */
    PARTNER_LICENCES_MAX = 100,
    PARTNER_TERRITORIES_MAX = 200,
    PARTNER_PEOPLE_MAX = 1000,
    PARTNER_DIPLOMAS_MAX = 50,
    PARTNER_NOTES_MAX = 5000,
    PARTNER_DOCUMENTS_MAX = 200,
    PARTNER_NOTE_LENGTH_MAX = 4000,             /* characters */
    PARTNER_DOCUMENT_BYTES_MAX = 1024 * 1024    /* of one document */
};
enum { PARTNER_PERSON_ROLES = 6 };
extern const struct field_choice partner_person_roles[PARTNER_PERSON_ROLES];

/* ERROR_NOT_FOUND when it is not in scope. Holds the partner's row until the end of a writing
 * transaction, so that those who add something to it come one after the other. */
int partner_hold(struct db_tx *tx, const char *id, struct error *error);

/* ---- licences ---- */
struct partner_licence {
    const char *id, *partner_id;
    const char *kind; /* of partner_competences, but "basic" */
    const char *number;
    const char *from_date, *to_date; /* to_date NULL: until further notice */
    bool collective; /* holds for all offices below as well */
    int64_t created_us;
};
int partner_licence_add(struct db_tx *tx, const struct partner_licence *licence, int64_t now_us,
                        struct error *error);
int partner_licence_end(struct db_tx *tx, const char *partner_id, const char *id,
                        const char *to_date, struct error *error);
int partner_licence_remove(struct db_tx *tx, const char *partner_id, const char *id,
                           struct error *error);
/* All of a partner, the newest first: room for PARTNER_LICENCES_MAX. */
int partner_licence_list(struct db_tx *tx, const char *partner_id, struct scratch *scratch,
                         struct error *error, struct partner_licence *ret_licences,
                         int *ret_count);

/* ---- territory ---- */
struct partner_territory {
    int from_postcode, to_postcode; /* 1000 to 9999 */
};
/* These in place of all before; they do not overlap. */
int partner_territory_write(struct db_tx *tx, const char *partner_id,
                            const struct partner_territory *territories, int count,
                            struct error *error);
/* In order: room for PARTNER_TERRITORIES_MAX. */
int partner_territory_list(struct db_tx *tx, const char *partner_id, struct error *error,
                           struct partner_territory *ret_territories, int *ret_count);

/* ---- people ---- */
struct partner_person {
    const char *id, *partner_id;
    const char *name, *role, *email, *telephone, *user_id, *from_date, *to_date;
    int64_t revision, created_us, changed_us;
};
int partner_person_add(struct db_tx *tx, const struct partner_person *person, int64_t now_us,
                       struct error *error);
/* `person->revision` is the one that follows. ERROR_CONFLICT: another was first. */
int partner_person_update(struct db_tx *tx, const struct partner_person *person, int64_t now_us,
                          struct error *error);
int partner_person_read(struct db_tx *tx, const char *partner_id, const char *id,
                        struct scratch *scratch, struct error *error,
                        struct partner_person *ret_person);
/* In order of adding, above the cursor (NULL: from the first), at most `limit`. */
int partner_person_list(struct db_tx *tx, const char *partner_id, const char *above, int limit,
                        struct scratch *scratch, struct error *error,
                        struct partner_person *ret_people, int *ret_count);

struct partner_diploma {
    const char *id, *partner_id, *person_id;
    const char *kind; /* of partner_competences */
    const char *number, *from_date, *to_date;
    int64_t created_us;
};
int partner_diploma_add(struct db_tx *tx, const struct partner_diploma *diploma, int64_t now_us,
                        struct error *error);
int partner_diploma_end(struct db_tx *tx, const char *person_id, const char *id,
                        const char *to_date, struct error *error);
int partner_diploma_remove(struct db_tx *tx, const char *person_id, const char *id,
                           struct error *error);
/* All of a person, the newest first: room for PARTNER_DIPLOMAS_MAX. */
int partner_diploma_list(struct db_tx *tx, const char *person_id, struct scratch *scratch,
                         struct error *error, struct partner_diploma *ret_diplomas,
                         int *ret_count);

/* ---- notes and documents ---- */
struct partner_note {
    const char *id, *partner_id, *text, *actor, *user_id;
    bool shared; /* the partner reads it too */
    int64_t created_us;
};
int partner_note_add(struct db_tx *tx, const struct partner_note *note, struct error *error);
/* `internal`: also one that is not shared. */
int partner_note_remove(struct db_tx *tx, const char *partner_id, const char *id, bool internal,
                        struct error *error);
/* The newest first, below the cursor, at most `limit`. */
int partner_note_list(struct db_tx *tx, const char *partner_id, bool internal, const char *below,
                      int limit, struct scratch *scratch, struct error *error,
                      struct partner_note *ret_notes, int *ret_count);

struct partner_document {
    const char *id, *partner_id, *title, *media_type, *sha256, *user_id;
    bool shared;
    const void *content; /* NULL in lists */
    size_t size_bytes;
    int64_t created_us;
};
int partner_document_add(struct db_tx *tx, const struct partner_document *document,
                         struct error *error);
int partner_document_read(struct db_tx *tx, const char *partner_id, const char *id, bool internal,
                          struct scratch *scratch, struct error *error,
                          struct partner_document *ret_document);
int partner_document_remove(struct db_tx *tx, const char *partner_id, const char *id,
                            bool internal, struct error *error);
/* The newest first, below the cursor, at most `limit`. */
int partner_document_list(struct db_tx *tx, const char *partner_id, bool internal,
                          const char *below, int limit, struct scratch *scratch,
                          struct error *error, struct partner_document *ret_documents,
                          int *ret_count);
/* What it is by its content: "application/pdf", "image/png", "image/jpeg", or "text/plain" for
 * UTF-8 without control characters; NULL: none of these. */
const char *partner_document_type(const void *content, size_t length);
const char *partner_document_extension(const char *media_type); /* "pdf" */

#endif
