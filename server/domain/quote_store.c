/* Rows of quotes. Reading them back is the resources' own. */
#include "domain/quote_store.h"

#include <stdio.h>
#include <string.h>

#include "domain/calendar_day.h"
#include "domain/receipt.h"

enum { TOKEN_WORDS = SHA256_BYTES / 4 };

/* Divides the number by 62^5, the highest power that fits a word, and returns the rest. */
static uint32_t take_five_digits(uint32_t words[TOKEN_WORDS]) {
    enum { FIVE_DIGITS = 62 * 62 * 62 * 62 * 62 };
    uint64_t rest = 0;
    for (int word = 0; word < TOKEN_WORDS; word++) {
        uint64_t part = rest << 32 | words[word];
        words[word] = (uint32_t)(part / FIVE_DIGITS);
        rest = part % FIVE_DIGITS;
    }
    return (uint32_t)rest;
}

/* The digest as a number of 256 bits, written to base 62: its first 32 digits from below hold 190
 * bits, all but evenly spread. */
void quote_token_make(const char *key_pepper, const char *id,
                      char ret_token[QUOTE_TOKEN_LENGTH + 1]) {
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    char text[ID_MAX + 16];
    uint8_t digest[SHA256_BYTES];
    uint32_t words[TOKEN_WORDS]; /* the highest first */
    int length = snprintf(text, sizeof text, "quote token|%s", id);
    hash_hmac_sha256(key_pepper, strlen(key_pepper), text, (size_t)length, digest);
    for (int word = 0; word < TOKEN_WORDS; word++)
        words[word] = (uint32_t)digest[4 * word] << 24 | (uint32_t)digest[4 * word + 1] << 16 |
                      (uint32_t)digest[4 * word + 2] << 8 | digest[4 * word + 3];
    for (int at = 0; at < QUOTE_TOKEN_LENGTH;) {
        uint32_t five = take_five_digits(words);
        for (int i = 0; i < 5 && at < QUOTE_TOKEN_LENGTH; i++, five /= 62)
            ret_token[at++] = digits[five % 62];
    }
    ret_token[QUOTE_TOKEN_LENGTH] = '\0';
}

int quote_draft_seal(struct quote_draft *draft, const char *key_pepper,
                     struct encryption *encryption, struct error *error) {
    char token[QUOTE_TOKEN_LENGTH + 1];
    quote_token_make(key_pepper, draft->id, token);
    hash_sha256_hex(token, QUOTE_TOKEN_LENGTH, draft->token_hash);
    return quote_answers_seal(encryption, draft->id, &draft->sensitive, error, &draft->sealed);
}

int quote_draft_make(const struct quoting *quoting, const struct caller *caller,
                     struct error *error, struct quote_draft *ret_draft) {
    struct quote_draft *draft = ret_draft;
    *draft = (struct quote_draft){.caller = caller,
                                  .version = quoting->version,
                                  .known_at_us = quoting->known_at_us,
                                  .created_us = quoting->known_at_us,
                                  .status = outcome_text(quoting->result->outcome),
                                  .has_premium = quoting->result->has_premium,
                                  .total_cents = quoting->result->total_cents};
    day_write(&quoting->effective_date, draft->effective_date);
    memcpy(draft->valid_until, quoting->valid_until, sizeof draft->valid_until);
    buffer_init(&draft->answers, ANSWERS_JSON_MAX_BYTES);
    buffer_init(&draft->sensitive, ANSWERS_JSON_MAX_BYTES);
    buffer_init(&draft->sealed, QUOTE_SEALED_MAX_BYTES);
    buffer_init(&draft->result, RECEIPT_MAX_BYTES);
    int status = quote_answers_write(quoting->version, &quoting->answers, error, &draft->answers,
                                     &draft->sensitive);
    if (status) return status;
    receipt_write(quoting, &draft->result);
    if (!draft->result.failed) return 0;
    return error_set(error, buffer_failure(&draft->result), "a quote is too large to be kept");
}

void quote_draft_done(struct quote_draft *draft) {
    if (draft->sensitive.data) explicit_bzero(draft->sensitive.data, draft->sensitive.length);
    buffer_done(&draft->answers);
    buffer_done(&draft->sensitive);
    buffer_done(&draft->sealed);
    buffer_done(&draft->result);
}

int quote_insert(struct db_tx *tx, const struct quote_draft *draft, struct error *error) {
    const struct product_version *version = draft->version;
    return db_run(tx, error, NULL,
                  "insert into quote (id, partner_id, key_id, user_id, test, product, version_id,"
                  " product_version, product_hash, effective_date, known_at_us, valid_until,"
                  " answers, result, status, total_cents, reference, token_hash, created_us,"
                  " sealed)"
                  " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"
                  " $17, $18, $19, $20)",
                  db_text(draft->id), db_text(draft->caller->partner_id),
                  db_text(*draft->caller->key_id ? draft->caller->key_id : NULL),
                  db_text(*draft->caller->user_id ? draft->caller->user_id : NULL),
                  db_integer(draft->caller->test),
                  db_text(version->name), db_text(version->id), db_integer(version->number),
                  db_text(version->hash), db_text(draft->effective_date),
                  db_integer(draft->known_at_us), db_text(draft->valid_until),
                  db_text_length(draft->answers.data, draft->answers.length),
                  db_text_length(draft->result.data, draft->result.length),
                  db_text(draft->status),
                  draft->has_premium ? db_integer(draft->total_cents) : db_null(),
                  db_text(draft->reference), db_text(draft->token_hash),
                  db_integer(draft->created_us),
                  db_text(draft->sealed.length ? draft->sealed.data : NULL));
}
