/* Rows of tokens and recovery codes. */
#include "auth/token.h"

#include <stdio.h>
#include <string.h>

#include "base/random.h"

enum { CODE_LETTERS = 24, CODE_GROUP = 6, WHAT_MAX = ID_MAX + 64 };

static const char *const purposes[] = {[TOKEN_INVITATION] = "invitation", [TOKEN_RESET] = "reset"};

/* ---- what is sent by mail ------------------------------------------------------------------- */
void user_token_make(const struct people *people, enum token_purpose purpose, int64_t now_us,
                     struct user_token *ret_token) {
    const int64_t minute_us = INT64_C(60000000);
    int64_t minutes = purpose == TOKEN_INVITATION ? INVITATION_DAYS * 24 * 60 : RESET_MINUTES;
    *ret_token = (struct user_token){.purpose = purpose,
                                     .created_us = now_us,
                                     .expires_us = now_us + minutes * minute_us};
    random_text(USER_TOKEN_LENGTH, ret_token->token);
    people_mac(people, purposes[purpose], ret_token->token, ret_token->hash);
}

bool user_token_hash(const struct people *people, enum token_purpose purpose, const char *token,
                     char ret_hash[PEOPLE_MAC_MAX]) {
    if (strlen(token) != USER_TOKEN_LENGTH) return false;
    people_mac(people, purposes[purpose], token, ret_hash);
    return true;
}

int user_token_insert(struct db_tx *tx, const struct user_token *token, const char *user_id,
                      struct error *error) {
    int status = db_run(tx, error, NULL,
                        "delete from user_token where user_id = $1 and purpose = $2",
                        db_text(user_id), db_text(purposes[token->purpose]));
    if (status) return status;
    return db_run(tx, error, NULL,
                  "insert into user_token (hash, user_id, purpose, created_us, expires_us)"
                  " select $1, u.id, $2, $3, $4 from app_user u where u.id = $5 and $scope(u/id)",
                  db_text(token->hash), db_text(purposes[token->purpose]),
                  db_integer(token->created_us), db_integer(token->expires_us),
                  db_text(user_id));
}

int user_token_read(struct db_tx *tx, enum token_purpose purpose, const char *hash,
                    int64_t now_us, struct error *error, struct user *ret_user) {
    struct db_rows *rows = NULL;
    char user_id[ID_MAX] = "";
    int status = db_query(tx, error, &rows,
                          "select user_id from user_token where hash = $1 and purpose = $2"
                          " and expires_us > $3",
                          db_text(hash), db_text(purposes[purpose]), db_integer(now_us));
    if (!status && (status = db_next(rows, error)) > 0)
        db_column_copy(rows, 0, user_id, sizeof user_id);
    db_rows_close(rows);
    return status < 0 ? status : user_read(tx, user_id, error, ret_user);
}

int user_token_take(struct db_tx *tx, const char *hash, struct error *error) {
    int64_t taken = 0;
    int status = db_run(tx, error, &taken, "delete from user_token where hash = $1",
                        db_text(hash));
    if (status || taken) return status;
    return error_set(error, ERROR_DENIED, "the token was used just now");
}

int user_tokens_end(struct db_tx *tx, const char *user_id, struct error *error) {
    return db_run(tx, error, NULL, "delete from user_token where user_id = $1", db_text(user_id));
}

/* ---- recovery codes ------------------------------------------------------------------------- */
void recovery_codes_make(const struct people *people, const char *user_id,
                         struct recovery_codes *ret_codes) {
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    for (int i = 0; i < RECOVERY_CODES; i++) {
        uint8_t random[CODE_LETTERS];
        char *text = ret_codes->texts[i];
        size_t length = 0;
        random_bytes(random, sizeof random);
        for (int at = 0; at < CODE_LETTERS; at++) {
            if (at && at % CODE_GROUP == 0) text[length++] = '-';
            text[length++] = letters[random[at] % 32];
        }
        text[length] = '\0';
        recovery_code_hash(people, user_id, text, ret_codes->hashes[i]);
        explicit_bzero(random, sizeof random);
    }
}

void recovery_code_hash(const struct people *people, const char *user_id, const char *code,
                        char ret_hash[PEOPLE_MAC_MAX]) {
    char text[WHAT_MAX];
    size_t length = (size_t)snprintf(text, sizeof text, "%.*s ", ID_MAX, user_id);
    for (; *code && length < sizeof text - 1; code++) {
        char c = *code >= 'A' && *code <= 'Z' ? (char)(*code + 32) : *code;
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) text[length++] = c;
    }
    text[length] = '\0';
    people_mac(people, "recovery code", text, ret_hash);
    explicit_bzero(text, sizeof text);
}

int recovery_codes_replace(struct db_tx *tx, const char *user_id,
                           const struct recovery_codes *codes, int64_t now_us,
                           struct error *error) {
    int status = db_run(tx, error, NULL, "delete from recovery_code where user_id = $1",
                        db_text(user_id));
    for (int i = 0; codes && i < RECOVERY_CODES && !status; i++)
        status = db_run(tx, error, NULL,
                        "insert into recovery_code (user_id, hash, created_us)"
                        " values ($1, $2, $3)",
                        db_text(user_id), db_text(codes->hashes[i]), db_integer(now_us));
    return status;
}

int recovery_codes_count(struct db_tx *tx, const char *user_id, struct error *error,
                         int64_t *ret_count) {
    struct db_rows *rows = NULL;
    int64_t count = 0;
    int status = db_query(tx, error, &rows,
                          "select count(*) from recovery_code where user_id = $1",
                          db_text(user_id));
    if (!status && (status = db_next(rows, error)) > 0) count = db_column_integer(rows, 0);
    db_rows_close(rows);
    if (status < 0) return status;
    *ret_count = count;
    return 0;
}

int recovery_code_take(struct db_tx *tx, const char *user_id, const char *hash,
                       struct error *error) {
    int64_t taken = 0;
    int status = db_run(tx, error, &taken,
                        "delete from recovery_code where user_id = $1 and hash = $2",
                        db_text(user_id), db_text(hash));
    if (status || taken) return status;
    return error_set(error, ERROR_DENIED, "the recovery code is wrong or was used");
}
