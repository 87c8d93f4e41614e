/* Parts answers, and puts them together. What is sealed is an object of two: the sensitive answers,
 * and at which places they stand among all, so that the whole has its order back. */
#include "domain/quote_answers.h"

#include <stdlib.h>
#include <string.h>

#include "message/json.h"
#include "message/record.h"

bool quote_answers_any_sensitive(const struct product_info *info) {
    for (int i = 0; i < info->question_count; i++)
        if (product_question_sensitive(&info->questions[i])) return true;
    return false;
}

/* ---- apart ---------------------------------------------------------------------------------- */
static int write_failed(const struct buffer *plain, const struct buffer *sensitive,
                        struct error *error) {
    const struct buffer *failed = plain->failed ? plain : sensitive;
    if (!failed->failed) return 0;
    return error_set(error, buffer_failure(failed), "a quote is too large to be kept");
}

/* Appends the places as a list of numbers, and sorts the answers into two. */
static void part(const struct product_info *info, const struct value *answers,
                 struct value_entry *shown, uint32_t *ret_shown, struct value_entry *hidden,
                 uint32_t *ret_hidden, struct buffer *places) {
    uint32_t next = 0, shown_count = 0, hidden_count = 0;
    for (int i = 0; i < info->question_count; i++) {
        const char *name = info->questions[i].name;
        size_t length = strlen(name);
        const struct value *given = value_entry_next(answers, name, length, &next);
        if (!given || given->kind == VALUE_NULL) continue; /* as they are written */
        const struct value_entry entry = {
            .name = name, .name_length = (uint32_t)length, .value = *given};
        if (product_question_sensitive(&info->questions[i])) {
            buffer_format(places, "%s%u", hidden_count ? "," : "",
                          (unsigned)(shown_count + hidden_count));
            hidden[hidden_count++] = entry;
        } else {
            shown[shown_count++] = entry;
        }
    }
    *ret_shown = shown_count;
    *ret_hidden = hidden_count;
}

int quote_answers_write(const struct product_version *version, const struct value *answers,
                        struct error *error, struct buffer *plain, struct buffer *sensitive) {
    const struct product_info *info = product_info(version->product);
    if (answers->kind != VALUE_CONTEXT || !quote_answers_any_sensitive(info)) {
        answers_write(version, answers, plain);
        return write_failed(plain, sensitive, error);
    }
    size_t room = (size_t)info->question_count, bytes = 2 * room * sizeof(struct value_entry);
    struct value_entry *entries = malloc(bytes);
    uint32_t shown_count, hidden_count;
    if (!entries) return error_set(error, ERROR_NO_MEMORY, "no memory to keep a quote");
    buffer_text(sensitive, "{\"places\":[");
    part(info, answers, entries, &shown_count, entries + room, &hidden_count, sensitive);
    buffer_text(sensitive, "],\"answers\":");
    const struct value shown = value_context(entries, shown_count),
                       hidden = value_context(entries + room, hidden_count);
    answers_write(version, &hidden, sensitive);
    buffer_char(sensitive, '}');
    answers_write(version, &shown, plain);
    if (!hidden_count && !sensitive->failed) buffer_clear(sensitive);
    explicit_bzero(entries, bytes);
    free(entries);
    return write_failed(plain, sensitive, error);
}

int quote_answers_seal(struct encryption *encryption, const char *quote_id,
                       const struct buffer *sensitive, struct error *error,
                       struct buffer *sealed) {
    if (!sensitive->length) return 0;
    if (!encryption)
        return error_set(error, ERROR_INTERNAL,
                         "koppel.conf names no encryption_keys: sensitive answers of quotes "
                         "cannot be kept");
    return encryption_seal(encryption, quote_id, sensitive->data, sensitive->length, error,
                           sealed);
}

/* ---- together ------------------------------------------------------------------------------- */
static int damaged(const char *quote_id, struct error *error) {
    return error_set(error, ERROR_INTERNAL, "the answers of %.60s cannot be read", quote_id);
}

static int text_read(const char *quote_id, const char *text, size_t length,
                     struct scratch *scratch, struct error *error, struct value *ret_value) {
    struct json_fault fault;
    struct value value;
    int status = json_read(text, length, NULL, scratch, &fault, &value);
    if (status == ERROR_INVALID || (!status && value.kind != VALUE_CONTEXT))
        return damaged(quote_id, error);
    if (status)
        return error_set(error, status,
                         status == ERROR_NO_MEMORY ? "no memory for the answers of a quote"
                                                   : "the answers of a quote need more memory "
                                                     "than a call has");
    *ret_value = value;
    return 0;
}

static int merge(const char *quote_id, const struct value *shown, const struct value *parted,
                 struct scratch *scratch, struct error *error, struct value *ret_answers) {
    const struct value *places = record_get(parted, "places");
    const struct value *hidden = record_get(parted, "answers");
    if (!places || places->kind != VALUE_LIST || !hidden || hidden->kind != VALUE_CONTEXT ||
        places->length != hidden->length)
        return damaged(quote_id, error);
    uint32_t count = shown->length + hidden->length, taken = 0;
    struct value_entry *entries = scratch_take(scratch, (count + 1) * sizeof *entries);
    if (!entries)
        return error_set(error, ERROR_TOO_LARGE,
                         "the answers of a quote need more memory than a call has");
    for (uint32_t at = 0; at < count; at++) {
        const struct value *place = taken < hidden->length ? &places->items[taken] : NULL;
        int64_t wanted = -1;
        bool whole = !place || (place->kind == VALUE_NUMBER &&
                                decimal_to_int64(place->number, &wanted) && wanted >= at);
        if (!whole || (wanted != at && at - taken >= shown->length))
            return damaged(quote_id, error);
        if (wanted == at) entries[at] = hidden->entries[taken++];
        else entries[at] = shown->entries[at - taken];
    }
    *ret_answers = value_context(entries, count);
    return 0;
}

int quote_answers_read(struct encryption *encryption, const struct quote_answers *kept,
                       struct scratch *scratch, struct error *error, struct value *ret_answers) {
    struct value shown, hidden;
    struct buffer text;
    int status = text_read(kept->quote_id, kept->plain, kept->plain_length, scratch, error, &shown);
    if (status || !kept->sealed) {
        if (!status) *ret_answers = shown;
        return status;
    }
    if (!encryption)
        return error_set(error, ERROR_INTERNAL,
                         "koppel.conf names no encryption_keys: sensitive answers of %.60s cannot "
                         "be read",
                         kept->quote_id);
    buffer_init(&text, ENCRYPTION_TEXT_MAX_BYTES + 1);
    status = encryption_unseal(encryption, kept->quote_id, kept->sealed, error, &text);
    if (!status)
        status = text_read(kept->quote_id, text.data, text.length, scratch, error, &hidden);
    if (text.data) explicit_bzero(text.data, text.length);
    buffer_done(&text);
    return status ? status
                  : merge(kept->quote_id, &shown, &hidden, scratch, error, ret_answers);
}
