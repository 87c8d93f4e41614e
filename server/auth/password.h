/* Passwords: which are taken, how they are kept, and how one is checked. Kept as argon2id (RFC
 * 9106, libsodium) with the parameters in the text, so that they can be raised: a password that
 * was kept under others is kept anew when its owner logs in.
 *
 * Hashing costs memory and time on purpose: so many are made at once and no more, others wait a
 * while. */
#ifndef KOPPEL_AUTH_PASSWORD_H
#define KOPPEL_AUTH_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum {
    PASSWORD_CHARACTERS_MIN = 12,  /* OWASP ASVS 5.0, 6.2.1 and the note on level 2 */
    PASSWORD_CHARACTERS_MAX = 256, /* 64 and more must be allowed (6.2.9) */
    PASSWORD_HASH_MAX = 128,       /* as text, NUL-terminated */
    PASSWORD_MEMORY_BYTES = 32 * 1024 * 1024,
    PASSWORD_PASSES = 3,
    PASSWORDS_AT_ONCE = 4,
    PASSWORDS_WAITING_MAX = 256,
    PASSWORD_WAIT_MS = 8000 /* for a turn; then ERROR_BUSY */
};

/* ---- which are taken ---- */
enum password_fault {
    PASSWORD_SOUND,
    PASSWORD_TOO_SHORT,
    PASSWORD_TOO_LONG,
    PASSWORD_COMMON /* made of what everybody thinks of first */
};
/* Any characters of UTF-8 are allowed, and taken as they are. `own` are texts that its owner is
 * known by, such as name and address: a password that is made of those is common too. */
enum password_fault password_check(const char *password, const char *const *own, int own_count);
/* Is it made of nothing but common words, the owner's own, years, digits, runs on the keyboard and
 * repeats? Letters that digits and signs stand for ("p@ssw0rd") are read as letters. */
bool password_is_common(const char *password, const char *const *own, int own_count);
/* How many common words there are: from them, alone and in pairs, with digits and signs, all that
 * is refused is made. */
int password_word_count(void);
const char *password_word(int index);

/* ---- how they are kept ---- */
struct passwords; /* takes turns; shared by all threads */
struct password_cost {
    uint64_t passes;
    size_t memory_bytes;
};
extern const struct password_cost password_cost_default;
int passwords_new(const struct password_cost *cost, int at_once, struct error *error,
                  struct passwords **ret_passwords);
void passwords_free(struct passwords *passwords);
/* ERROR_BUSY: too many want a turn. ERROR_NO_MEMORY. */
int passwords_hash(struct passwords *passwords, const char *password, struct error *error,
                   char ret_hash[PASSWORD_HASH_MAX]);
/* Is it the password? With `hash` NULL it is none, after as much time. `ret_again` (may be NULL):
 * it is right, and was kept under other parameters than these. Failures as above. */
int passwords_verify(struct passwords *passwords, const char *hash, const char *password,
                     struct error *error, bool *ret_right, bool *ret_again);

#endif
