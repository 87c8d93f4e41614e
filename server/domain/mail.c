/* Rows of mail: made sealed, claimed by lease, and emptied when they have ended. */
#include "domain/mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "message/json.h"

enum {
    MICROSECONDS = 1000000,
    JSON_MAX_BYTES = 3 * MAIL_TEXT_MAX_BYTES,
    OUTCOME_MAX = 300,
    RETRY_FIRST_S = 60,
    RETRY_LAST_S = 6 * 3600
};

/* ---- making --------------------------------------------------------------------------------- */
static void member(struct buffer *json, const char *name, const char *text) {
    if (!text) return;
    buffer_format(json, "%s\"%s\":", json->length > 1 ? "," : "", name);
    json_write_text(text, strlen(text), json);
}

static int check(struct encryption *encryption, const struct mail *mail, struct error *error) {
    const char *at = mail->to ? strchr(mail->to, '@') : NULL;
    if (!encryption)
        return error_set(error, ERROR_INVALID,
                         "mail is kept encrypted, and koppel.conf names no encryption_keys");
    if (!at || at == mail->to || !at[1] || strlen(mail->to) >= MAIL_ADDRESS_MAX ||
        strpbrk(mail->to, " \r\n<>,;") || mail->attachment_count > MAIL_ATTACHMENTS_MAX)
        return error_set(error, ERROR_INVALID, "a message has no address that mail can go to");
    if (!mail->subject || strpbrk(mail->subject, "\r\n") || !mail->text)
        return error_set(error, ERROR_INVALID, "a message has no subject of one line, or no text");
    return 0;
}

static int attachment_make(struct encryption *encryption, const struct mail *mail, int index,
                           struct error *error, struct mail_message *message) {
    const struct mail_attachment *attachment = &mail->attachments[index];
    struct buffer text;
    if (attachment->length > MAIL_ATTACHMENT_MAX_BYTES)
        return error_set(error, ERROR_TOO_LARGE, "%s is larger than mail takes along",
                         attachment->name);
    message->attachments[index].name = attachment->name;
    message->attachments[index].media_type = attachment->media_type;
    buffer_init(&text, ENCRYPTION_TEXT_MAX_BYTES);
    base64_write(attachment->bytes, attachment->length, &text);
    int status = text.failed ? error_set(error, buffer_failure(&text), "no memory for mail")
                             : encryption_seal(encryption, message->id, text.data, text.length,
                                               error, &message->attachments[index].sealed);
    buffer_done(&text);
    return status;
}

int mail_make(struct encryption *encryption, const struct mail *mail, int64_t now_us,
              struct error *error, struct mail_message *ret_message) {
    struct mail_message *message = ret_message;
    struct buffer json;
    *message = (struct mail_message){.kind = mail->kind, .subject_id = mail->subject_id,
                                     .created_us = now_us};
    buffer_init(&message->sealed, 2 * JSON_MAX_BYTES);
    for (int i = 0; i < MAIL_ATTACHMENTS_MAX; i++)
        buffer_init(&message->attachments[i].sealed, 2 * ENCRYPTION_TEXT_MAX_BYTES);
    int status = check(encryption, mail, error);
    if (status) return status;
    id_make("mai", message->id);
    message->attachment_count = mail->attachment_count;
    buffer_init(&json, JSON_MAX_BYTES);
    buffer_char(&json, '{');
    member(&json, "to", mail->to);
    member(&json, "to_name", mail->to_name);
    member(&json, "reply_to", mail->reply_to);
    member(&json, "language", mail->language == LANGUAGE_EN ? "en" : "nl");
    member(&json, "subject", mail->subject);
    member(&json, "text", mail->text);
    member(&json, "html", mail->html);
    buffer_char(&json, '}');
    status = json.failed ? error_set(error, buffer_failure(&json), "no memory for mail")
                         : encryption_seal(encryption, message->id, json.data, json.length, error,
                                           &message->sealed);
    if (json.data) explicit_bzero(json.data, json.length);
    buffer_done(&json);
    for (int i = 0; i < mail->attachment_count && !status; i++)
        status = attachment_make(encryption, mail, i, error, message);
    if (!status) (void)encryption_key_of(message->sealed.data, message->sealed_key_id);
    return status;
}

void mail_message_done(struct mail_message *message) {
    buffer_done(&message->sealed);
    for (int i = 0; i < MAIL_ATTACHMENTS_MAX; i++) buffer_done(&message->attachments[i].sealed);
}

int mail_enqueue(struct db_tx *tx, const struct mail_message *message, struct error *error) {
    int status = db_run(tx, error, NULL,
                        "insert into mail_message (id, kind, subject_id, sealed, sealed_key_id,"
                        " state, next_us, fence, tries, created_us)"
                        " values ($1, $2, $3, $4, $5, 'pending', $6, 0, 0, $6)",
                        db_text(message->id), db_text(message->kind),
                        db_text(message->subject_id), db_text(message->sealed.data),
                        db_text(message->sealed_key_id), db_integer(message->created_us));
    for (int i = 0; i < message->attachment_count && !status; i++)
        status = db_run(tx, error, NULL,
                        "insert into mail_attachment (mail_id, position, name, media_type,"
                        " sealed) values ($1, $2, $3, $4, $5)",
                        db_text(message->id), db_integer(i),
                        db_text(message->attachments[i].name),
                        db_text(message->attachments[i].media_type),
                        db_text(message->attachments[i].sealed.data));
    return status;
}

/* ---- claiming ------------------------------------------------------------------------------- */
struct claiming {
    struct encryption *encryption;
    int64_t now_us;
    int count;
    struct mail_due *due;
    char *sealed[MAIL_DUE_MAX];
    char *attachments[MAIL_DUE_MAX][MAIL_ATTACHMENTS_MAX];
};

void mail_due_done(struct mail_due *due) {
    free(due->json);
    for (int i = 0; i < MAIL_ATTACHMENTS_MAX; i++) {
        free(due->attachments[i].name);
        free(due->attachments[i].media_type);
        free(due->attachments[i].bytes);
    }
    memset(due, 0, sizeof *due);
}

static void claiming_clear(struct claiming *claiming) {
    for (int i = 0; i < MAIL_DUE_MAX; i++) {
        free(claiming->sealed[i]);
        claiming->sealed[i] = NULL;
        mail_due_done(&claiming->due[i]);
        for (int j = 0; j < MAIL_ATTACHMENTS_MAX; j++) {
            free(claiming->attachments[i][j]);
            claiming->attachments[i][j] = NULL;
        }
    }
    claiming->count = 0;
}

static char *column_take(struct db_rows *rows, int column, bool *starved) {
    const char *text = db_column_text(rows, column, NULL);
    char *copy = strdup(text ? text : "");
    *starved |= !copy;
    return copy;
}

static int attachments_read(struct db_tx *tx, struct claiming *claiming, int index,
                            struct error *error) {
    struct mail_due *due = &claiming->due[index];
    struct db_rows *rows = NULL;
    bool starved = false;
    int status = db_query(tx, error, &rows,
                          "select name, media_type, sealed from mail_attachment"
                          " where mail_id = $1 order by position",
                          db_text(due->id));
    while (!status && due->attachment_count < MAIL_ATTACHMENTS_MAX &&
           (status = db_next(rows, error)) > 0) {
        int at = due->attachment_count++;
        due->attachments[at].name = column_take(rows, 0, &starved);
        due->attachments[at].media_type = column_take(rows, 1, &starved);
        claiming->attachments[index][at] = column_take(rows, 2, &starved);
        status = starved ? error_set(error, ERROR_NO_MEMORY, "no memory for mail") : 0;
    }
    db_rows_close(rows);
    return status;
}

static int claim_body(struct db_tx *tx, void *context, struct error *error) {
    struct claiming *claiming = context;
    struct db_rows *rows = NULL;
    bool starved = false;
    claiming_clear(claiming);
    int status = db_query(tx, error, &rows,
                          "select id, fence, tries, created_us, sealed from mail_message"
                          " where state = 'pending' and next_us <= $1 order by next_us limit $2"
                          " $skip_locked",
                          db_integer(claiming->now_us), db_integer(MAIL_DUE_MAX));
    while (!status && claiming->count < MAIL_DUE_MAX && (status = db_next(rows, error)) > 0) {
        struct mail_due *due = &claiming->due[claiming->count];
        db_column_copy(rows, 0, due->id, ID_MAX);
        due->fence = db_column_integer(rows, 1) + 1;
        due->tries = db_column_integer(rows, 2);
        due->created_us = db_column_integer(rows, 3);
        claiming->sealed[claiming->count++] = column_take(rows, 4, &starved);
        status = starved ? error_set(error, ERROR_NO_MEMORY, "no memory for mail") : 0;
    }
    db_rows_close(rows);
    for (int i = 0; i < claiming->count && !status; i++) {
        int64_t changed = 0;
        status = db_run(tx, error, &changed,
                        "update mail_message set fence = fence + 1, next_us = $3"
                        " where id = $1 and fence = $2 and state = 'pending'",
                        db_text(claiming->due[i].id), db_integer(claiming->due[i].fence - 1),
                        db_integer(claiming->now_us + (int64_t)MAIL_LEASE_S * MICROSECONDS));
        if (!changed) claiming->due[i].fence = 0; /* another's */
        if (!status && changed) status = attachments_read(tx, claiming, i, error);
    }
    return status;
}

static int unseal(struct encryption *encryption, const char *id, const char *sealed, bool base64,
                  struct error *error, char **ret_text, size_t *ret_length) {
    struct buffer text;
    buffer_init(&text, 2 * ENCRYPTION_TEXT_MAX_BYTES);
    int status = encryption_unseal(encryption, id, sealed, error, &text);
    size_t length = text.length;
    char *copy = status ? NULL : malloc(length + 4);
    if (!status && !copy) status = error_set(error, ERROR_NO_MEMORY, "no memory for mail");
    if (!status && base64 && !base64_read(text.data, text.length, copy, &length))
        status = error_set(error, ERROR_INTERNAL, "%s has an attachment that is none", id);
    if (!status && !base64) memcpy(copy, text.data, length);
    if (!status) {
        copy[length] = '\0';
        *ret_text = copy;
        *ret_length = length;
    } else {
        free(copy);
    }
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return status;
}

static int due_open(struct claiming *claiming, int index, struct error *error) {
    struct mail_due *due = &claiming->due[index];
    size_t unused;
    int status = unseal(claiming->encryption, due->id, claiming->sealed[index], false, error,
                        &due->json, &unused);
    for (int i = 0; i < due->attachment_count && !status; i++)
        status = unseal(claiming->encryption, due->id, claiming->attachments[index][i], true,
                        error, &due->attachments[i].bytes, &due->attachments[i].length);
    return status;
}

int mail_due_claim(struct db *db, struct encryption *encryption, int64_t now_us,
                   struct error *error, struct mail_due ret_due[MAIL_DUE_MAX], int *ret_count) {
    struct claiming claiming = {.encryption = encryption, .now_us = now_us, .due = ret_due};
    int count = 0;
    memset(ret_due, 0, MAIL_DUE_MAX * sizeof *ret_due);
    int status = db_write(db, &db_scope_none, claim_body, &claiming, error);
    for (int i = 0; i < claiming.count && !status; i++) {
        struct error own = {0};
        bool opened = ret_due[i].fence && due_open(&claiming, i, &own) == 0;
        if (!opened) {
            mail_due_done(&ret_due[i]);
        } else if (count++ != i) {
            ret_due[count - 1] = ret_due[i];
            memset(&ret_due[i], 0, sizeof ret_due[i]);
        }
    }
    for (int i = 0; i < MAIL_DUE_MAX; i++) {
        free(claiming.sealed[i]);
        for (int j = 0; j < MAIL_ATTACHMENTS_MAX; j++) free(claiming.attachments[i][j]);
        if (status) mail_due_done(&ret_due[i]);
    }
    if (!status) *ret_count = count;
    return status;
}

struct looking {
    int64_t now_us;
    bool any;
};

static int any_body(struct db_tx *tx, void *context, struct error *error) {
    struct looking *looking = context;
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select 1 from mail_message where state = 'pending' and next_us <= $1"
                          " limit 1",
                          db_integer(looking->now_us));
    if (!status) status = db_next(rows, error);
    looking->any = status > 0;
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

int mail_due_any(struct db *db, int64_t now_us, struct error *error, bool *ret_any) {
    struct looking looking = {.now_us = now_us};
    int status = db_read(db, &db_scope_none, any_body, &looking, error);
    if (!status) *ret_any = looking.any;
    return status;
}

/* ---- what became of them -------------------------------------------------------------------- */
int64_t mail_retry_us(int64_t tries) {
    int64_t wait_s = RETRY_FIRST_S;
    for (int64_t i = 1; i < tries && wait_s < RETRY_LAST_S; i++) wait_s *= 3;
    return (wait_s < RETRY_LAST_S ? wait_s : RETRY_LAST_S) * MICROSECONDS;
}

struct keeping {
    const struct mail_due *due;
    const char *state;
    char outcome[OUTCOME_MAX];
    int64_t now_us, next_us, tries;
    bool ends;
};

static int keep_body(struct db_tx *tx, void *context, struct error *error) {
    const struct keeping *keeping = context;
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update mail_message set state = $3, next_us = $4, tries = $5,"
                        " outcome = $6, ended_us = $7,"
                        " sealed = case when cast($7 as bigint) is null then sealed else '' end,"
                        " sealed_key_id = case when cast($7 as bigint) is null"
                        " then sealed_key_id else '' end"
                        " where id = $1 and fence = $2 and state = 'pending'",
                        db_text(keeping->due->id), db_integer(keeping->due->fence),
                        db_text(keeping->state), db_integer(keeping->next_us),
                        db_integer(keeping->tries),
                        db_text(*keeping->outcome ? keeping->outcome : NULL),
                        keeping->ends ? db_integer(keeping->now_us) : db_null());
    if (status || !changed || !keeping->ends) return status;
    return db_run(tx, error, NULL, "delete from mail_attachment where mail_id = $1",
                  db_text(keeping->due->id));
}

int mail_result_keep(struct db *db, const struct mail_due *due, enum mail_outcome outcome,
                     const char *text, int64_t now_us, struct error *error, bool *ret_given_up) {
    struct keeping keeping = {.due = due, .now_us = now_us, .next_us = now_us,
                              .tries = due->tries + (outcome != MAIL_RETURNED)};
    bool given_up = outcome == MAIL_REFUSED ||
                    (outcome == MAIL_LATER && keeping.tries >= MAIL_TRIES_MAX);
    keeping.ends = given_up || outcome == MAIL_SENT;
    keeping.state = given_up ? "failed" : outcome == MAIL_SENT ? "sent" : "pending";
    if (outcome == MAIL_LATER) keeping.next_us = now_us + mail_retry_us(keeping.tries);
    if (outcome != MAIL_SENT && text)
        snprintf(keeping.outcome, sizeof keeping.outcome, "%s", text);
    int status = db_write(db, &db_scope_none, keep_body, &keeping, error);
    if (!status) *ret_given_up = given_up;
    return status;
}

struct expiry {
    int64_t before_us, removed;
};

static int expire_body(struct db_tx *tx, void *context, struct error *error) {
    struct expiry *expiry = context;
    return db_run(tx, error, &expiry->removed,
                  "delete from mail_message where id in (select id from mail_message"
                  " where ended_us < $1 order by ended_us limit $2)",
                  db_integer(expiry->before_us), db_integer(MAIL_EXPIRE_MAX));
}

int mail_expire(struct db *db, int64_t now_us, struct error *error, int64_t *ret_removed) {
    const int64_t day_us = INT64_C(86400000000);
    struct expiry expiry = {.before_us = now_us - MAIL_KEEP_DAYS * day_us};
    int status = db_write(db, &db_scope_none, expire_body, &expiry, error);
    if (!status) *ret_removed = expiry.removed;
    return status;
}
