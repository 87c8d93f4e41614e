/* Writes and renders receipts. The form is for programs of all years to come: names may be added,
 * never changed. */
#include "domain/receipt.h"

#include <stdio.h>
#include <string.h>

#include "domain/document.h"
#include "message/json.h"

enum { ROW_PLACE_MAX = 48 };
#define COUNT(entries) (sizeof(entries) / sizeof *(entries))

const char *outcome_text(enum quote_outcome outcome) {
    static const char *const texts[] = {
        [OUTCOME_OFFERED] = "offered", [OUTCOME_REFERRED] = "referred",
        [OUTCOME_DECLINED] = "declined"};
    return texts[outcome];
}

/* ---- keeping -------------------------------------------------------------------------------- */
static struct value text_of(const char *text) { return value_text(text, strlen(text)); }

static struct value covers_keep(const struct quote_result *result, struct scratch *scratch,
                                bool *failed) {
    struct list covers;
    list_init(&covers, scratch);
    for (int i = 0; i < result->cover_count; i++) {
        const struct statement_cover *cover = &result->covers[i];
        const struct value_entry entries[] = {
            record_entry("code", text_of(cover->cover->code)),
            record_entry("net", value_int64(cover->net_cents)),
            record_entry("tax", value_int64(cover->tax_cents)),
            record_entry("total", value_int64(cover->total_cents)),
            record_entry("commission", value_int64(cover->commission_cents))};
        list_add(&covers, record_of(scratch, entries, COUNT(entries), failed));
    }
    *failed |= covers.failed;
    return list_value(&covers);
}

static struct value terms_keep(const struct quote_result *result, struct scratch *scratch,
                               bool *failed) {
    struct list terms;
    list_init(&terms, scratch);
    for (int i = 0; i < result->term_count; i++) {
        const struct statement_term *term = &result->terms[i];
        const struct value_entry entries[] = {
            record_entry("code", text_of(term->term->code)),
            record_entry("instalments", value_int64(term->term->instalments)),
            record_entry("instalment", value_int64(term->instalment_cents)),
            record_entry("total", value_int64(term->total_cents))};
        list_add(&terms, record_of(scratch, entries, COUNT(entries), failed));
    }
    *failed |= terms.failed;
    return list_value(&terms);
}

static struct value premium_keep(const struct quote_result *result, const char *currency,
                                 struct scratch *scratch, bool *failed) {
    if (!result->has_premium) return value_null();
    const struct value_entry entries[] = {
        record_entry("currency", text_of(currency)),
        record_entry("net", value_int64(result->net_cents)),
        record_entry("tax", value_int64(result->tax_cents)),
        record_entry("total", value_int64(result->total_cents)),
        record_entry("commission", value_int64(result->commission_cents)),
        record_entry("covers", covers_keep(result, scratch, failed)),
        record_entry("terms", terms_keep(result, scratch, failed))};
    return record_of(scratch, entries, COUNT(entries), failed);
}

/* The rows that matched, in order: by the rule's own id, which is unique in its model; where the
 * model gives none, "element/table/row" by their places in the program, each from 0. */
static struct value rows_keep(const struct quoting *quoting, struct scratch *scratch,
                              bool *failed) {
    const struct program *program = product_program(quoting->version->product);
    struct list rows;
    list_init(&rows, scratch);
    for (size_t i = 0; i < quoting->trace.count; i++) {
        const struct trace_event *event = &quoting->trace.events[i];
        if (event->kind != TRACE_ROW) continue;
        const char *row = program_rule_id(program, event->element, event->table, event->row);
        if (!row) {
            char *place = scratch_take(scratch, ROW_PLACE_MAX);
            *failed |= !place;
            if (!place) break;
            snprintf(place, ROW_PLACE_MAX, "%d/%d/%d", event->element, event->table, event->row);
            row = place;
        }
        list_add(&rows, value_text(row, strlen(row)));
    }
    *failed |= rows.failed;
    return list_value(&rows);
}

static struct value reasons_keep(const struct quote_result *result, struct scratch *scratch,
                                 bool *failed) {
    struct list reasons;
    list_init(&reasons, scratch);
    for (int i = 0; i < result->reason_count; i++) {
        const char *code = result->reasons[i].code;
        list_add(&reasons, value_text(code, strlen(code)));
    }
    *failed |= reasons.failed;
    return list_value(&reasons);
}

bool receipt_make(const struct quoting *quoting, struct scratch *scratch,
                  struct value *ret_kept) {
    const struct quote_result *result = quoting->result;
    const char *currency = product_info(quoting->version->product)->currency;
    bool failed = false;
    const struct value_entry entries[] = {
        record_entry("status", text_of(outcome_text(result->outcome))),
        record_entry("premium", premium_keep(result, currency, scratch, &failed)),
        record_entry("reasons", reasons_keep(result, scratch, &failed)),
        record_entry("rows", rows_keep(quoting, scratch, &failed))};
    struct value kept = record_of(scratch, entries, COUNT(entries), &failed);
    if (!failed) *ret_kept = kept;
    return !failed;
}

void receipt_write(const struct quoting *quoting, struct buffer *buffer) {
    json_write(&quoting->kept, 0, buffer);
}

/* ---- rendering ------------------------------------------------------------------------------ */
/* A record that was kept, of which most is read in its order. */
struct kept_record {
    const struct value *record;
    uint32_t next;
};

static const struct value *kept_get(struct kept_record *from, const char *name) {
    if (from->record->kind != VALUE_CONTEXT) return NULL;
    return value_entry_next(from->record, name, strlen(name), &from->next);
}

static int64_t kept_integer(struct kept_record *from, const char *name, int64_t otherwise) {
    const struct value *value = kept_get(from, name);
    int64_t integer;
    bool whole = value && value->kind == VALUE_NUMBER && decimal_to_int64(value->number, &integer);
    return whole ? integer : otherwise;
}

static struct value kept_cents(struct kept_record *from, const char *name) {
    return value_number(decimal_from_scaled(kept_integer(from, name, 0), 2));
}

/* Texts are copied, since the answer outlives the hold on the version. */
static struct value text_copy(const char *text, size_t length, struct scratch *scratch,
                              bool *failed) {
    char *copy = scratch_take(scratch, length);
    if (!copy) {
        *failed = true;
        return value_null();
    }
    memcpy(copy, text, length);
    return value_text(copy, length);
}

static struct value text_copy_in(const struct text *text, enum language language,
                                 struct scratch *scratch, bool *failed) {
    const char *chosen = text_in(text, language);
    return text_copy(chosen, strlen(chosen), scratch, failed);
}

static struct value kept_text(struct kept_record *from, const char *name, struct scratch *scratch,
                              bool *failed) {
    const struct value *value = kept_get(from, name);
    if (!value || value->kind != VALUE_TEXT) return value_null();
    return text_copy(value->text, value->length, scratch, failed);
}

static const struct value *kept_items(struct kept_record *from, const char *name) {
    static const struct value none = {.kind = VALUE_LIST};
    const struct value *list = kept_get(from, name);
    return list && list->kind == VALUE_LIST ? list : &none;
}

static struct value covers_render(const struct value *kept, struct scratch *scratch,
                                  bool *failed) {
    struct list covers;
    list_init(&covers, scratch);
    for (uint32_t i = 0; i < kept->length; i++) {
        struct kept_record from = {&kept->items[i], 0};
        const struct value_entry entries[] = {
            record_entry("code", kept_text(&from, "code", scratch, failed)),
            record_entry("net", kept_cents(&from, "net")),
            record_entry("tax", kept_cents(&from, "tax")),
            record_entry("total", kept_cents(&from, "total"))};
        list_add(&covers, record_of(scratch, entries, COUNT(entries), failed));
    }
    *failed |= covers.failed;
    return list_value(&covers);
}

static struct value terms_render(const struct value *kept, struct scratch *scratch, bool *failed) {
    struct list terms;
    list_init(&terms, scratch);
    for (uint32_t i = 0; i < kept->length; i++) {
        struct kept_record from = {&kept->items[i], 0};
        const struct value_entry entries[] = {
            record_entry("code", kept_text(&from, "code", scratch, failed)),
            record_entry("instalments", value_int64(kept_integer(&from, "instalments", 1))),
            record_entry("instalment", kept_cents(&from, "instalment")),
            record_entry("total", kept_cents(&from, "total"))};
        list_add(&terms, record_of(scratch, entries, COUNT(entries), failed));
    }
    *failed |= terms.failed;
    return list_value(&terms);
}

static struct value premium_render(const struct value *kept, struct scratch *scratch,
                                   bool *failed) {
    struct kept_record from = {kept, 0};
    if (!kept || kept->kind != VALUE_CONTEXT) return value_null();
    const struct value_entry entries[] = {
        record_entry("currency", kept_text(&from, "currency", scratch, failed)),
        record_entry("net", kept_cents(&from, "net")),
        record_entry("tax", kept_cents(&from, "tax")),
        record_entry("total", kept_cents(&from, "total")),
        record_entry("covers", covers_render(kept_items(&from, "covers"), scratch, failed)),
        record_entry("terms", terms_render(kept_items(&from, "terms"), scratch, failed))};
    return record_of(scratch, entries, COUNT(entries), failed);
}

static struct value reasons_render(const struct value *codes, const struct product_version *version,
                                   enum language language, struct scratch *scratch,
                                   bool *failed) {
    struct list reasons;
    list_init(&reasons, scratch);
    for (uint32_t i = 0; i < codes->length; i++) {
        const struct value *code = &codes->items[i];
        char name[PRODUCT_CODE_MAX];
        if (code->kind != VALUE_TEXT || code->length >= sizeof name) continue;
        memcpy(name, code->text, code->length);
        name[code->length] = '\0';
        const struct text *text = version ? product_reason_text(version->product, name) : NULL;
        struct value said = text_copy(name, code->length, scratch, failed);
        const struct value_entry entries[] = {
            record_entry("code", said),
            record_entry("text", text ? text_copy_in(text, language, scratch, failed) : said)};
        list_add(&reasons, record_of(scratch, entries, COUNT(entries), failed));
    }
    *failed |= reasons.failed;
    return list_value(&reasons);
}

static struct value documents_render(const char *public_url,
                                     const struct product_version *version,
                                     enum language language, struct scratch *scratch,
                                     bool *failed) {
    char address[DOCUMENT_ADDRESS_MAX];
    struct list documents;
    list_init(&documents, scratch);
    const struct product_info *info = version ? product_info(version->product) : NULL;
    for (int i = 0; info && i < info->document_count; i++) {
        const struct product_document *item = &info->documents[i];
        document_address(public_url, version, item, language, address, sizeof address);
        const struct value_entry entries[] = {
            record_entry("code", text_copy(item->code, strlen(item->code), scratch, failed)),
            record_entry("title", text_copy_in(&item->title, language, scratch, failed)),
            record_entry("url", text_copy(address, strlen(address), scratch, failed))};
        list_add(&documents, record_of(scratch, entries, COUNT(entries), failed));
    }
    *failed |= documents.failed;
    return list_value(&documents);
}

static int receipt_read(const struct receipt *receipt, struct scratch *scratch,
                        struct error *error, struct value *ret_kept) {
    struct json_fault fault;
    if (receipt->kept) {
        *ret_kept = *receipt->kept;
        return 0;
    }
    int status =
        json_read(receipt->result, strlen(receipt->result), NULL, scratch, &fault, ret_kept);
    if (!status) return 0;
    if (status == ERROR_INVALID)
        return error_set(error, ERROR_INTERNAL, "the result of a kept quote cannot be read");
    return error_set(error, status, "a quote needs more memory than a call has");
}

int receipt_render(const struct receipt *receipt, const struct product_version *version,
                   enum language language, struct error *error, struct record *record) {
    struct scratch *scratch = record->scratch;
    struct value kept;
    bool failed = false;
    int status = receipt_read(receipt, scratch, error, &kept);
    if (status) return status;
    struct kept_record from = {&kept, 0};
    record_set(record, "status", kept_text(&from, "status", scratch, &failed));
    record_set_boolean(record, "test", receipt->test);
    record_copy_text(record, "product", receipt->product, strlen(receipt->product));
    record_set_integer(record, "product_version", receipt->product_version);
    record_copy_text(record, "product_hash", receipt->product_hash, strlen(receipt->product_hash));
    record_copy_text(record, "effective_date", receipt->effective_date,
                     strlen(receipt->effective_date));
    record_set_instant(record, "known_at", receipt->known_at_us);
    record_copy_text(record, "valid_until", receipt->valid_until, strlen(receipt->valid_until));
    const struct value *premium = kept_get(&from, "premium");
    record_set(record, "premium", premium_render(premium, scratch, &failed));
    const struct value *reasons = kept_items(&from, "reasons");
    record_set(record, "reasons", reasons_render(reasons, version, language, scratch, &failed));
    record_set(record, "documents",
               documents_render(receipt->public_url, version, language, scratch, &failed));
    if (failed || record->failed)
        return error_set(error, ERROR_TOO_LARGE, "a quote needs more memory than a call has");
    return 0;
}
