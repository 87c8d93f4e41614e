/* From a rating to the row of a change or a renewal: what differs, what it costs, what is
 * sealed. */
#include <string.h>

#include "domain/answers.h"
#include "domain/calendar_day.h"
#include "domain/policy_change.h"
#include "domain/receipt.h"
#include "message/json.h"
#include "message/record.h"

static int no_memory(const struct buffer *buffer, struct error *error) {
    return error_set(error, buffer_failure(buffer), "a change of a policy is too large to be kept");
}

static bool is_same(const struct value *a, const struct value *b, struct buffer *first,
                    struct buffer *second) {
    if (!a || !b) return !a && !b;
    buffer_clear(first);
    buffer_clear(second);
    json_write(a, 0, first);
    json_write(b, 0, second);
    return first->length == second->length &&
           (first->length == 0 || memcmp(first->data, second->data, first->length) == 0);
}

/* Names of answers that differ, that came and that went, as a JSON list in scratch. */
static int changed_make(const struct value *old, const struct value *now,
                        struct scratch *scratch, struct error *error, const char **ret_changed) {
    struct buffer first, second, text;
    bool any = false;
    buffer_init(&first, ANSWERS_JSON_MAX_BYTES);
    buffer_init(&second, ANSWERS_JSON_MAX_BYTES);
    buffer_init(&text, ANSWERS_JSON_MAX_BYTES);
    buffer_char(&text, '[');
    for (int side = 0; side < 2; side++) {
        const struct value *of = side ? old : now, *other = side ? now : old;
        for (uint32_t i = 0; i < of->length; i++) {
            const struct value_entry *entry = &of->entries[i];
            const struct value *match = value_entry_find(other, entry->name, entry->name_length);
            if (side ? match != NULL : is_same(&entry->value, match, &first, &second)) continue;
            if (any) buffer_char(&text, ',');
            json_write_text(entry->name, entry->name_length, &text);
            any = true;
        }
    }
    buffer_char(&text, ']');
    struct buffer *failed = first.failed ? &first : second.failed ? &second : &text;
    int status = failed->failed ? no_memory(failed, error) : 0;
    char *copy = status ? NULL : scratch_take(scratch, text.length + 1);
    if (!status && !copy)
        status = error_set(error, ERROR_TOO_LARGE, "a change needs more scratch memory");
    if (copy) {
        memcpy(copy, text.data, text.length);
        copy[text.length] = '\0';
        *ret_changed = copy;
    }
    buffer_done(&first);
    buffer_done(&second);
    buffer_done(&text);
    return status;
}

/* Seals the answers, as a quote keeps them, and tells which differ. */
static int answers_fill(const struct policy_change_rating *rating, struct error *error,
                        struct policy_change *change, struct buffer *sealed) {
    const struct quoting *quoting = rating->quoting;
    struct json_fault fault;
    struct value kept;
    struct buffer text;
    char *key_id = scratch_take(rating->scratch, ENCRYPTION_KEY_ID_MAX);
    if (!key_id) return error_set(error, ERROR_TOO_LARGE, "a change needs more scratch memory");
    buffer_init(&text, ANSWERS_JSON_MAX_BYTES);
    answers_write(quoting->version, &quoting->answers, &text);
    int status = text.failed ? no_memory(&text, error)
                             : encryption_seal(rating->encryption, change->id, text.data,
                                               text.length, error, sealed);
    if (!status) {
        status = json_read(text.data, text.length, NULL, rating->scratch, &fault, &kept);
        if (status) error_set(error, status, "a change needs more scratch memory");
    }
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    if (!status)
        status = changed_make(rating->old_answers, &kept, rating->scratch, error,
                              &change->changed);
    if (status) return status;
    (void)encryption_key_of(sealed->data, key_id);
    change->sealed = sealed->data;
    change->sealed_key_id = key_id;
    return 0;
}

/* The policy's own payment term under the new version: another number of instalments would be
 * another agreement. */
static const struct statement_term *term_find(const struct quote_result *result,
                                              const struct policy_change *change) {
    for (int i = 0; i < result->term_count; i++)
        if (strcmp(result->terms[i].term->code, change->term) == 0 &&
            result->terms[i].term->instalments == change->instalments)
            return &result->terms[i];
    return NULL;
}

static int premium_fill(const struct policy_change_rating *rating, struct error *error,
                        struct policy_change *change) {
    const struct quote_result *result = rating->quoting->result;
    change->has_premium = result->has_premium;
    if (!result->has_premium) return 0;
    const struct statement_term *term = term_find(result, change);
    if (!term)
        return error_set(error, ERROR_INVALID, "the product is not paid by %.60s any more",
                         change->term);
    change->instalment_cents = term->instalment_cents;
    change->total_cents = result->total_cents;
    change->commission_cents = result->commission_cents;
    return instalments_difference(rating->instalments, &rating->quoting->effective_date,
                                  &rating->until, &rating->today, change->instalment_cents, error,
                                  &change->difference_cents, &change->settlement_cents);
}

int policy_change_fill(const struct policy_change_rating *rating, struct error *error,
                       struct policy_change *change, struct buffer *sealed,
                       struct buffer *result) {
    const struct quoting *quoting = rating->quoting;
    change->version_id = quoting->version->id;
    change->product_version = quoting->version->number;
    change->product_hash = quoting->version->hash;
    change->known_at_us = quoting->known_at_us;
    change->outcome = outcome_text(quoting->result->outcome);
    int status = premium_fill(rating, error, change);
    if (!status) status = answers_fill(rating, error, change, sealed);
    if (status) return status;
    receipt_write(quoting, result);
    if (result->failed) return no_memory(result, error);
    change->result = result->data;
    return 0;
}
