/* Rows of webhook_endpoint: making, reading, changing, and their secrets under a newer key. */
#include <stdlib.h>
#include <string.h>

#include "domain/webhook.h"

static const char *const reasons[] = {[WEBHOOK_ENABLED] = NULL,
                                      [WEBHOOK_ASKED] = "asked",
                                      [WEBHOOK_GONE] = "gone",
                                      [WEBHOOK_FAILING] = "failing"};

const char *webhook_disabled_text(enum webhook_disabled disabled) {
    return reasons[disabled];
}

static enum webhook_disabled disabled_read(const char *text) {
    for (int i = WEBHOOK_ASKED; text && i <= WEBHOOK_FAILING; i++)
        if (strcmp(text, reasons[i]) == 0) return (enum webhook_disabled)i;
    return text ? WEBHOOK_ASKED : WEBHOOK_ENABLED;
}

/* ---- reading -------------------------------------------------------------------------------- */
#define COLUMNS                                                                                   \
    "select w.id, w.partner_id, w.url, w.description, w.events, w.sealed, w.disabled_reason,"     \
    " w.test, w.warnings, w.disabled_us, w.failing_since_us, w.overlap_until_us, w.revision,"     \
    " w.created_us, w.changed_us, w.warned_us from webhook_endpoint w"                            \
    " where w.deleted_us is null and $scope(w)"

static void webhook_take(struct db_rows *rows, struct webhook *webhook) {
    *webhook = (struct webhook){.disabled = disabled_read(db_column_text(rows, 6, NULL)),
                                .test = db_column_integer(rows, 7) != 0,
                                .warnings = (int)db_column_integer(rows, 8),
                                .disabled_us = db_column_integer(rows, 9),
                                .failing_since_us = db_column_integer(rows, 10),
                                .overlap_until_us = db_column_integer(rows, 11),
                                .revision = db_column_integer(rows, 12),
                                .created_us = db_column_integer(rows, 13),
                                .changed_us = db_column_integer(rows, 14),
                                .warned_us = db_column_integer(rows, 15)};
    db_column_copy(rows, 0, webhook->id, sizeof webhook->id);
    db_column_copy(rows, 1, webhook->partner_id, sizeof webhook->partner_id);
    db_column_copy(rows, 2, webhook->url, sizeof webhook->url);
    db_column_copy(rows, 3, webhook->description, sizeof webhook->description);
    db_column_copy(rows, 4, webhook->events, sizeof webhook->events);
    db_column_copy(rows, 5, webhook->sealed, sizeof webhook->sealed);
}

int webhook_read(struct db_tx *tx, const char *id, bool test, struct error *error,
                 struct webhook *ret_webhook) {
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows, COLUMNS " and w.id = $1 and w.test = $2", db_text(id),
                          db_integer(test));
    if (status) return status;
    status = db_next(rows, error);
    if (status > 0) webhook_take(rows, ret_webhook);
    db_rows_close(rows);
    if (status == 0) return error_set(error, ERROR_NOT_FOUND, "there is no webhook %.60s", id);
    return status < 0 ? status : 0;
}

int webhook_list(struct db_tx *tx, bool test, const char *above, int limit, struct error *error,
                 struct webhook *ret_webhooks, int *ret_count) {
    struct db_rows *rows = NULL;
    int count = 0;
    int status = db_query(tx, error, &rows,
                          COLUMNS " and w.test = $1 and w.id > $2 order by w.id limit $3",
                          db_integer(test), db_text(above ? above : ""), db_integer(limit));
    if (status) return status;
    while (count < limit && (status = db_next(rows, error)) > 0)
        webhook_take(rows, &ret_webhooks[count++]);
    db_rows_close(rows);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}

/* ---- writing -------------------------------------------------------------------------------- */
static struct db_value instant_or_null(int64_t instant_us) {
    return instant_us ? db_integer(instant_us) : db_null();
}

static struct db_value text_or_null(const char *text) {
    return db_text(*text ? text : NULL);
}

/* Of those who take the same slot at once, the store lets one. */
static int slot_find(struct db_tx *tx, const struct webhook *webhook, struct error *error,
                     int64_t *ret_slot) {
    struct db_rows *rows = NULL;
    bool taken[WEBHOOK_ENDPOINTS_MAX] = {false};
    int status = db_query(tx, error, &rows,
                          "select w.slot from webhook_endpoint w where w.partner_id = $1"
                          " and w.test = $2 and w.slot is not null and $scope(w)",
                          db_text(webhook->partner_id), db_integer(webhook->test));
    if (status) return status;
    while ((status = db_next(rows, error)) > 0) {
        int64_t slot = db_column_integer(rows, 0);
        if (slot >= 0 && slot < WEBHOOK_ENDPOINTS_MAX) taken[slot] = true;
    }
    db_rows_close(rows);
    if (status < 0) return status;
    for (int slot = 0; slot < WEBHOOK_ENDPOINTS_MAX; slot++) {
        if (taken[slot]) continue;
        *ret_slot = slot;
        return 0;
    }
    return error_set(error, ERROR_TOO_LARGE, "a partner has at most %d webhooks",
                     WEBHOOK_ENDPOINTS_MAX);
}

int webhook_insert(struct db_tx *tx, const struct webhook *webhook, struct error *error) {
    char key_id[ENCRYPTION_KEY_ID_MAX] = "";
    int64_t slot = 0, changed = 0;
    int status = slot_find(tx, webhook, error, &slot);
    if (status) return status;
    (void)encryption_key_of(webhook->sealed, key_id);
    return db_run(tx, error, &changed,
                  "insert into webhook_endpoint (id, partner_id, test, slot, url, description,"
                  " events, enabled, sealed, sealed_key_id, warnings, revision, created_us,"
                  " changed_us) values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, 0, $10, $11, $11)",
                  db_text(webhook->id), db_text(webhook->partner_id), db_integer(webhook->test),
                  db_integer(slot), db_text(webhook->url), text_or_null(webhook->description),
                  db_text(webhook->events), db_text(webhook->sealed), db_text(key_id),
                  db_integer(webhook->revision), db_integer(webhook->created_us));
}

/* What is being sent stays so: its sender finds out by the row's state. */
static int messages_hold(struct db_tx *tx, const struct webhook *webhook, struct error *error) {
    int64_t changed = 0;
    if (webhook->disabled)
        return db_run(tx, error, &changed,
                      "update webhook_message as m set state = 'held'"
                      " where m.endpoint_id = $1 and m.state = 'pending' and $scope(m)",
                      db_text(webhook->id));
    return db_run(tx, error, &changed,
                  "update webhook_message as m set state = 'pending', next_us = $2, round = 0"
                  " where m.endpoint_id = $1 and m.state = 'held' and $scope(m)",
                  db_text(webhook->id), db_integer(webhook->changed_us));
}

int webhook_update(struct db_tx *tx, const struct webhook *webhook, struct error *error) {
    char key_id[ENCRYPTION_KEY_ID_MAX] = "";
    int64_t changed = 0;
    (void)encryption_key_of(webhook->sealed, key_id);
    int status =
        db_run(tx, error, &changed,
               "update webhook_endpoint as w set url = $3, description = $4, events = $5,"
               " enabled = $6, disabled_reason = $7, disabled_us = $8, sealed = $9,"
               " sealed_key_id = $10, overlap_until_us = $11, failing_since_us = $12,"
               " warnings = $13, warned_us = $15, revision = $2, changed_us = $14"
               " where w.id = $1 and w.revision = $2 - 1 and w.deleted_us is null and $scope(w)",
               db_text(webhook->id), db_integer(webhook->revision), db_text(webhook->url),
               text_or_null(webhook->description), db_text(webhook->events),
               db_integer(!webhook->disabled), db_text(reasons[webhook->disabled]),
               instant_or_null(webhook->disabled_us), db_text(webhook->sealed), db_text(key_id),
               instant_or_null(webhook->overlap_until_us),
               instant_or_null(webhook->failing_since_us), db_integer(webhook->warnings),
               db_integer(webhook->changed_us), instant_or_null(webhook->warned_us));
    if (!status && !changed)
        status = error_set(error, ERROR_CONFLICT, "%s was changed just now", webhook->id);
    return status ? status : messages_hold(tx, webhook, error);
}

int webhook_delete(struct db_tx *tx, const struct webhook *webhook, int64_t now_us,
                   struct error *error) {
    int64_t changed = 0;
    int status = db_run(tx, error, &changed,
                        "update webhook_endpoint as w set deleted_us = $2, slot = null,"
                        " enabled = 0, disabled_reason = 'asked', disabled_us = $2, sealed = ''"
                        " where w.id = $1 and w.deleted_us is null and $scope(w)",
                        db_text(webhook->id), db_integer(now_us));
    if (!status && !changed)
        return error_set(error, ERROR_NOT_FOUND, "there is no webhook %.60s", webhook->id);
    if (status) return status;
    return db_run(tx, error, &changed,
                  "update webhook_message as m set state = 'failed'"
                  " where m.endpoint_id = $1 and m.state in ('pending', 'held') and $scope(m)",
                  db_text(webhook->id));
}

/* ---- another key ---------------------------------------------------------------------------- */
enum { RESEAL_MAX = 100 };
struct resealing {
    char newest[ENCRYPTION_KEY_ID_MAX];
    int count;
    struct {
        char id[ID_MAX], old[WEBHOOK_SEALED_MAX];
        struct buffer sealed;
    } items[RESEAL_MAX];
};

static int old_body(struct db_tx *tx, void *context, struct error *error) {
    struct resealing *resealing = context;
    struct db_rows *rows = NULL;
    resealing->count = 0;
    int status = db_query(tx, error, &rows,
                          "select w.id, w.sealed from webhook_endpoint w where w.sealed_key_id <>"
                          " $1 and w.deleted_us is null and $scope(w) order by w.id limit $2",
                          db_text(resealing->newest), db_integer(RESEAL_MAX));
    while (!status && resealing->count < RESEAL_MAX && (status = db_next(rows, error)) > 0) {
        int at = resealing->count++;
        db_column_copy(rows, 0, resealing->items[at].id, ID_MAX);
        db_column_copy(rows, 1, resealing->items[at].old, WEBHOOK_SEALED_MAX);
        status = 0;
    }
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

static int new_body(struct db_tx *tx, void *context, struct error *error) {
    const struct resealing *resealing = context;
    int status = 0;
    for (int i = 0; !status && i < resealing->count; i++)
        status = db_run(tx, error, NULL,
                        "update webhook_endpoint as w set sealed = $1, sealed_key_id = $2"
                        " where w.id = $3 and w.sealed = $4 and $scope(w)",
                        db_text(resealing->items[i].sealed.data), db_text(resealing->newest),
                        db_text(resealing->items[i].id), db_text(resealing->items[i].old));
    return status;
}

static int seal_again(struct encryption *encryption, struct resealing *resealing,
                      struct error *error) {
    struct buffer text;
    int status = 0;
    buffer_init(&text, WEBHOOK_SEALED_MAX);
    for (int i = 0; !status && i < resealing->count; i++) {
        buffer_clear(&text);
        status = encryption_unseal(encryption, resealing->items[i].id, resealing->items[i].old,
                                   error, &text);
        if (!status)
            status = encryption_seal(encryption, resealing->items[i].id, text.data, text.length,
                                     error, &resealing->items[i].sealed);
        if (!status)
            (void)encryption_key_of(resealing->items[i].sealed.data, resealing->newest);
    }
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return status;
}

int webhook_reseal(struct db *db, struct encryption *encryption, struct error *error,
                   int *ret_count) {
    struct resealing *resealing = calloc(1, sizeof *resealing);
    if (!resealing) return error_set(error, ERROR_NO_MEMORY, "no memory to encrypt again");
    encryption_newest(encryption, resealing->newest);
    for (int i = 0; i < RESEAL_MAX; i++)
        buffer_init(&resealing->items[i].sealed, WEBHOOK_SEALED_MAX);
    int status = db_read(db, &db_scope_all, old_body, resealing, error);
    if (!status) status = seal_again(encryption, resealing, error);
    if (!status && resealing->count)
        status = db_write(db, &db_scope_all, new_body, resealing, error);
    if (!status) *ret_count = resealing->count;
    for (int i = 0; i < RESEAL_MAX; i++) buffer_done(&resealing->items[i].sealed);
    free(resealing);
    return status;
}
