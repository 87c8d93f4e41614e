/* The second factor: checked, used up, set up and taken away. */
#include <stdio.h>
#include <string.h>

#include "auth/login.h"
#include "auth/people_inside.h"
#include "base/clock.h"

enum { CODE_SECRET_MAX = TOTP_SECRET_TEXT_MAX + 8, RESEAL_MAX = 100 };

static int no_keys(struct error *error) {
    return error_set(error, ERROR_INVALID,
                     "koppel.conf names no encryption_keys: run koppel encryption-key rotate");
}

int factor_seal(struct people *people, const char *user_id, const uint8_t secret[TOTP_SECRET_BYTES],
                struct error *error, char ret_sealed[USER_SEALED_MAX]) {
    char text[TOTP_SECRET_TEXT_MAX];
    struct buffer sealed;
    if (!people->encryption) return no_keys(error);
    totp_secret_write(secret, text);
    buffer_init(&sealed, USER_SEALED_MAX - 1);
    int status = encryption_seal(people->encryption, user_id, text, strlen(text), error, &sealed);
    if (!status) memcpy(ret_sealed, sealed.data, sealed.length + 1);
    buffer_done(&sealed);
    explicit_bzero(text, sizeof text);
    return status;
}

int factor_unseal(struct people *people, const char *user_id, const char *sealed,
                  struct error *error, uint8_t ret_secret[TOTP_SECRET_BYTES]) {
    struct buffer text;
    if (!people->encryption) return no_keys(error);
    buffer_init(&text, CODE_SECRET_MAX);
    int status = encryption_unseal(people->encryption, user_id, sealed, error, &text);
    if (!status && (!text.data || !totp_secret_read(text.data, ret_secret)))
        status = error_set(error, ERROR_INTERNAL, "%s has a secret that is none", user_id);
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return status;
}

int factor_check(struct people *people, const struct user *user, const struct factor_given *given,
                 int64_t now_us, struct error *error, struct factor_proof *ret_proof,
                 enum factor_outcome *ret_outcome) {
    uint8_t secret[TOTP_SECRET_BYTES];
    struct factor_proof proof = {.by_code = !given->totp};
    if (!given->totp && !given->recovery_code) {
        *ret_outcome = FACTOR_MISSING;
        return 0;
    }
    bool right = true;
    if (given->totp) {
        int status = factor_unseal(people, user->id, user->totp_sealed, error, secret);
        if (status) return status;
        status = totp_match(secret, given->totp, now_us, user->totp_step, error, &right,
                            &proof.step);
        explicit_bzero(secret, sizeof secret);
        if (status) return status;
    } else {
        recovery_code_hash(people, user->id, given->recovery_code, proof.hash);
    }
    *ret_proof = proof;
    *ret_outcome = right ? FACTOR_RIGHT : FACTOR_WRONG;
    return 0;
}

int factor_take(struct db_tx *tx, const char *user_id, const struct factor_proof *proof,
                struct error *error) {
    int64_t changed = 0;
    if (proof->by_code) return recovery_code_take(tx, user_id, proof->hash, error);
    int status = db_run(tx, error, &changed,
                        "update app_user as u set totp_step = $2 where u.id = $1"
                        " and u.totp_on = 1 and u.totp_step < $2 and $scope(u/id)",
                        db_text(user_id), db_integer(proof->step));
    if (status || changed) return status;
    return error_set(error, ERROR_DENIED, "the code was used before");
}

int factor_offer(struct db_tx *tx, const char *user_id, const char *sealed, struct error *error) {
    return db_run(tx, error, NULL,
                  "update app_user as u set totp_next_sealed = $2 where u.id = $1"
                  " and $scope(u/id)",
                  db_text(user_id), db_text(sealed));
}

int factor_confirm(struct db_tx *tx, const char *user_id, const char *sealed, int64_t step,
                   struct error *error) {
    int64_t changed = 0;
    char key_id[ENCRYPTION_KEY_ID_MAX] = "";
    (void)encryption_key_of(sealed, key_id);
    int status = db_run(tx, error, &changed,
                        "update app_user as u set totp_sealed = totp_next_sealed,"
                        " totp_sealed_key_id = $3, totp_next_sealed = null, totp_on = 1,"
                        " totp_step = $4, epoch = epoch + 1 where u.id = $1"
                        " and u.totp_next_sealed = $2 and $scope(u/id)",
                        db_text(user_id), db_text(sealed), db_text(key_id), db_integer(step));
    if (status || changed) return status;
    return error_set(error, ERROR_DENIED, "another secret was offered meanwhile");
}

int factor_reset(struct db_tx *tx, const char *user_id, int64_t now_us, struct error *error) {
    int status = db_run(tx, error, NULL,
                        "update app_user as u set totp_sealed = null, totp_sealed_key_id = null,"
                        " totp_next_sealed = null, totp_on = 0, epoch = epoch + 1,"
                        " revision = revision + 1, changed_us = $2"
                        " where u.id = $1 and $scope(u/id)",
                        db_text(user_id), db_integer(now_us));
    if (!status) status = recovery_codes_replace(tx, user_id, NULL, now_us, error);
    return status ? status : session_end(tx, user_id, NULL, NULL, error, NULL);
}

/* ---- under a newer key ---------------------------------------------------------------------- */
struct resealing {
    const char *after;
    char newest[ENCRYPTION_KEY_ID_MAX];
    int count;
    struct {
        char id[ID_MAX], old[USER_SEALED_MAX], sealed[USER_SEALED_MAX];
    } items[RESEAL_MAX];
};

static int old_body(struct db_tx *tx, void *context, struct error *error) {
    struct resealing *resealing = context;
    struct db_rows *rows = NULL;
    resealing->count = 0;
    int status = db_query(tx, error, &rows,
                          "select u.id, u.totp_sealed from app_user u where u.id > $1"
                          " and u.totp_sealed_key_id <> $2 and $scope(u) order by u.id limit $3",
                          db_text(resealing->after), db_text(resealing->newest),
                          db_integer(RESEAL_MAX));
    while (!status && resealing->count < RESEAL_MAX && (status = db_next(rows, error)) > 0) {
        int at = resealing->count++;
        db_column_copy(rows, 0, resealing->items[at].id, ID_MAX);
        db_column_copy(rows, 1, resealing->items[at].old, USER_SEALED_MAX);
        status = 0;
    }
    db_rows_close(rows);
    return status;
}

static int new_body(struct db_tx *tx, void *context, struct error *error) {
    const struct resealing *resealing = context;
    int status = 0;
    for (int i = 0; i < resealing->count && !status; i++) {
        char key_id[ENCRYPTION_KEY_ID_MAX] = "";
        (void)encryption_key_of(resealing->items[i].sealed, key_id);
        status = db_run(tx, error, NULL,
                        "update app_user as u set totp_sealed = $1, totp_sealed_key_id = $2"
                        " where u.id = $3 and u.totp_sealed = $4 and $scope(u)",
                        db_text(resealing->items[i].sealed), db_text(key_id),
                        db_text(resealing->items[i].id), db_text(resealing->items[i].old));
    }
    return status;
}

int factor_reseal(struct db *db, struct encryption *encryption, struct error *error,
                  char after[ID_MAX], int *ret_count) {
    struct people people = {.encryption = encryption};
    struct resealing resealing = {.after = after};
    encryption_newest(encryption, resealing.newest);
    int status = db_read(db, &db_scope_all, old_body, &resealing, error);
    for (int i = 0; i < resealing.count && !status; i++) {
        uint8_t secret[TOTP_SECRET_BYTES];
        const char *id = resealing.items[i].id;
        status = factor_unseal(&people, id, resealing.items[i].old, error, secret);
        if (!status)
            status = factor_seal(&people, id, secret, error, resealing.items[i].sealed);
        explicit_bzero(secret, sizeof secret);
    }
    if (!status && resealing.count)
        status = db_write(db, &db_scope_all, new_body, &resealing, error);
    if (status) return status;
    if (resealing.count) memcpy(after, resealing.items[resealing.count - 1].id, ID_MAX);
    *ret_count = resealing.count;
    return 0;
}
