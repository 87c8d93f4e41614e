/* Secrets that are good once: what was sent by mail, to begin with (an invitation) or to begin anew
 * (a reset), and recovery codes for whoever has lost the authenticator. Kept as keyed hashes. */
#ifndef KOPPEL_AUTH_TOKEN_H
#define KOPPEL_AUTH_TOKEN_H

#include "auth/people.h"
#include "auth/user.h"

enum {
    USER_TOKEN_LENGTH = 43, /* characters of [0-9A-Za-z]: 256 bits */
    USER_TOKEN_MAX = USER_TOKEN_LENGTH + 1,
    INVITATION_DAYS = 7,
    RESET_MINUTES = 60,
    RECOVERY_CODES = 10,
    RECOVERY_CODE_MAX = 28 /* "abcdef-…": 24 letters and digits, 120 bits, NUL-terminated */
};

enum token_purpose { TOKEN_INVITATION, TOKEN_RESET };

struct user_token {
    enum token_purpose purpose;
    char token[USER_TOKEN_MAX], hash[PEOPLE_MAC_MAX];
    int64_t created_us, expires_us;
};
void user_token_make(const struct people *people, enum token_purpose purpose, int64_t now_us,
                     struct user_token *ret_token);
/* The hash of a token that came back; false: it has not the form of one. */
bool user_token_hash(const struct people *people, enum token_purpose purpose, const char *token,
                     char ret_hash[PEOPLE_MAC_MAX]);

/* All below in a body. The user's others of that purpose are good no more. Keeps nothing when there
 * is no such user. */
int user_token_insert(struct db_tx *tx, const struct user_token *token, const char *user_id,
                      struct error *error);
/* Whose it is; `ret_user->id` is "" when it is not good (any more). */
int user_token_read(struct db_tx *tx, enum token_purpose purpose, const char *hash,
                    int64_t now_us, struct error *error, struct user *ret_user);
/* Uses it up. ERROR_DENIED: another was first. */
int user_token_take(struct db_tx *tx, const char *hash, struct error *error);
/* Those of a user that were not used are good no more. */
int user_tokens_end(struct db_tx *tx, const char *user_id, struct error *error);

struct recovery_codes {
    char texts[RECOVERY_CODES][RECOVERY_CODE_MAX];
    char hashes[RECOVERY_CODES][PEOPLE_MAC_MAX];
};
void recovery_codes_make(const struct people *people, const char *user_id,
                         struct recovery_codes *ret_codes);
/* Of one that came back, whatever signs and blanks are between its letters. */
void recovery_code_hash(const struct people *people, const char *user_id, const char *code,
                        char ret_hash[PEOPLE_MAC_MAX]);
/* In place of those there were; `codes` NULL: there are none any more. */
int recovery_codes_replace(struct db_tx *tx, const char *user_id,
                           const struct recovery_codes *codes, int64_t now_us,
                           struct error *error);
int recovery_codes_count(struct db_tx *tx, const char *user_id, struct error *error,
                         int64_t *ret_count);
/* Uses one up. ERROR_DENIED: it is none, or was used. */
int recovery_code_take(struct db_tx *tx, const char *user_id, const char *hash,
                       struct error *error);

#endif
