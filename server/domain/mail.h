/* Mail that goes out: written as a row in the transaction of its cause, and delivered by a job
 * (jobs/mail_job.h), by SMTP or into a folder. What a message says is sealed as soon as it is made,
 * and is forgotten when it is delivered. It is sent again until its outcome is known, always under
 * the same Message-ID, so that a mailbox shows it once. */
#ifndef KOPPEL_DOMAIN_MAIL_H
#define KOPPEL_DOMAIN_MAIL_H

#include "base/encryption.h"
#include "base/id.h"
#include "db/db.h"
#include "quote-engine/text.h"

enum {
    MAIL_ADDRESS_MAX = 255, /* RFC 5321, 4.5.3.1.3 */
    MAIL_SUBJECT_MAX = 200,
    MAIL_TEXT_MAX_BYTES = 256 * 1024, /* text and HTML each */
    MAIL_ATTACHMENTS_MAX = 5,
    MAIL_ATTACHMENT_MAX_BYTES = 720 * 1024, /* sealed it is a third more */
    MAIL_LEASE_S = 300,
    MAIL_TRIES_MAX = 12, /* over some two days: mail_retry_us */
    MAIL_DUE_MAX = 20,
    MAIL_EXPIRE_MAX = 1000,
    MAIL_KEEP_DAYS = 30 /* rows of messages that have ended, without what they said */
};

struct mail_attachment {
    const char *name, *media_type; /* "offerte.pdf", "application/pdf" */
    const void *bytes;
    size_t length;
};

struct mail { /* texts borrowed; NULL where there is none */
    const char *kind;       /* "invitation": what it is about */
    const char *subject_id; /* an id, or NULL */
    enum language language;
    const char *to, *to_name;       /* a sound address; a name, or NULL */
    const char *reply_to;           /* or NULL */
    const char *subject;            /* one line */
    const char *text;               /* plain, lines of any length, \n between them */
    const char *html;               /* a whole document, or NULL */
    const struct mail_attachment *attachments;
    int attachment_count;
};

struct mail_message { /* made, not kept yet */
    char id[ID_MAX];
    const char *kind, *subject_id; /* borrowed from the mail */
    struct buffer sealed;
    char sealed_key_id[ENCRYPTION_KEY_ID_MAX];
    int64_t created_us;
    int attachment_count;
    struct {
        const char *name, *media_type; /* borrowed */
        struct buffer sealed;
    } attachments[MAIL_ATTACHMENTS_MAX];
};
/* Before a write: puts it together and seals it. ERROR_INVALID: it has no address, a subject of
 * several lines, or no keys to seal it with. mail_message_done it, whatever is returned. */
int mail_make(struct encryption *encryption, const struct mail *mail, int64_t now_us,
              struct error *error, struct mail_message *ret_message);
void mail_message_done(struct mail_message *message);
/* In the body of its cause. */
int mail_enqueue(struct db_tx *tx, const struct mail_message *message, struct error *error);

/* ---- for the job ---- */
struct mail_due { /* one that was claimed; mail_due_done it */
    char id[ID_MAX];
    int64_t fence, tries, created_us;
    char *json; /* {to, to_name, reply_to, subject, text, html, language}: heap */
    int attachment_count;
    struct {
        char *name, *media_type, *bytes; /* heap */
        size_t length;
    } attachments[MAIL_ATTACHMENTS_MAX];
};
void mail_due_done(struct mail_due *due);
/* Claims those that are due, at most MAIL_DUE_MAX, each for MAIL_LEASE_S. One that cannot be opened
 * is left for later. */
int mail_due_claim(struct db *db, struct encryption *encryption, int64_t now_us,
                   struct error *error, struct mail_due ret_due[MAIL_DUE_MAX], int *ret_count);
/* Is there any? Cheap: a read. */
int mail_due_any(struct db *db, int64_t now_us, struct error *error, bool *ret_any);
enum mail_outcome {
    MAIL_SENT,
    MAIL_LATER,    /* not now: it is tried again */
    MAIL_REFUSED,  /* never: the other side has said so */
    MAIL_RETURNED  /* was not tried: due again at once */
};
/* Keeps what became of one; ret_ended: it is over, delivered or given up. Changes nothing when
 * another has it by now. */
int mail_result_keep(struct db *db, const struct mail_due *due, enum mail_outcome outcome,
                     const char *text, int64_t now_us, struct error *error, bool *ret_given_up);
/* How long after the nth try (from 1) the next is due. */
int64_t mail_retry_us(int64_t tries);
/* Removes rows that have ended long ago. */
int mail_expire(struct db *db, int64_t now_us, struct error *error, int64_t *ret_removed);

#endif
