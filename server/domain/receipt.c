/* Writes and renders receipts. The form is for programs of all years to come: names may be added,
 * never changed. */
#include "domain/receipt.h"

#include <stdio.h>
#include <string.h>

#include "domain/document.h"
#include "message/json.h"

enum { ROW_PLACE_MAX = 48 };

const char *outcome_text(enum quote_outcome outcome) {
    static const char *const texts[] = {
        [OUTCOME_OFFERED] = "offered", [OUTCOME_REFERRED] = "referred",
        [OUTCOME_DECLINED] = "declined"};
    return texts[outcome];
}

/* ---- keeping -------------------------------------------------------------------------------- */
static void amounts_keep(struct record *record, int64_t net_cents, int64_t tax_cents,
                         int64_t total_cents) {
    record_set_integer(record, "net", net_cents);
    record_set_integer(record, "tax", tax_cents);
    record_set_integer(record, "total", total_cents);
}

static struct value covers_keep(const struct quote_result *result, struct scratch *scratch,
                                bool *failed) {
    struct list covers;
    list_init(&covers, scratch);
    for (int i = 0; i < result->cover_count; i++) {
        const struct statement_cover *cover = &result->covers[i];
        struct record record;
        record_init(&record, scratch);
        record_set_text(&record, "code", cover->cover->code);
        amounts_keep(&record, cover->net_cents, cover->tax_cents, cover->total_cents);
        record_set_integer(&record, "commission", cover->commission_cents);
        *failed |= record.failed;
        list_add(&covers, record_value(&record));
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
        struct record record;
        record_init(&record, scratch);
        record_set_text(&record, "code", term->term->code);
        record_set_integer(&record, "instalments", term->term->instalments);
        record_set_integer(&record, "instalment", term->instalment_cents);
        record_set_integer(&record, "total", term->total_cents);
        *failed |= record.failed;
        list_add(&terms, record_value(&record));
    }
    *failed |= terms.failed;
    return list_value(&terms);
}

static struct value premium_keep(const struct quote_result *result, const char *currency,
                                 struct scratch *scratch, bool *failed) {
    struct record premium;
    if (!result->has_premium) return value_null();
    record_init(&premium, scratch);
    record_set_text(&premium, "currency", currency);
    amounts_keep(&premium, result->net_cents, result->tax_cents, result->total_cents);
    record_set_integer(&premium, "commission", result->commission_cents);
    record_set(&premium, "covers", covers_keep(result, scratch, failed));
    record_set(&premium, "terms", terms_keep(result, scratch, failed));
    *failed |= premium.failed;
    return record_value(&premium);
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
    struct record kept;
    bool failed = false;
    record_init(&kept, scratch);
    record_set_text(&kept, "status", outcome_text(result->outcome));
    record_set(&kept, "premium", premium_keep(result, currency, scratch, &failed));
    record_set(&kept, "reasons", reasons_keep(result, scratch, &failed));
    record_set(&kept, "rows", rows_keep(quoting, scratch, &failed));
    if (failed || kept.failed) return false;
    *ret_kept = record_value(&kept);
    return true;
}

void receipt_write(const struct quoting *quoting, struct buffer *buffer) {
    json_write(&quoting->kept, 0, buffer);
}

/* ---- rendering ------------------------------------------------------------------------------ */
static void cents_copy(struct record *to, const struct value *from, const char *name) {
    record_set_cents(to, name, record_get_integer(from, name, 0));
}

static void amounts_copy(struct record *to, const struct value *from) {
    cents_copy(to, from, "net");
    cents_copy(to, from, "tax");
    cents_copy(to, from, "total");
}

static const struct value *items_of(const struct value *value, const char *name) {
    static const struct value none = {.kind = VALUE_LIST};
    const struct value *list = record_get(value, name);
    return list && list->kind == VALUE_LIST ? list : &none;
}

static struct value premium_render(const struct value *kept, struct scratch *scratch,
                                   bool *failed) {
    struct record premium;
    struct list covers, terms;
    record_init(&premium, scratch);
    list_init(&covers, scratch);
    list_init(&terms, scratch);
    const struct value *items = items_of(kept, "covers");
    for (uint32_t i = 0; i < items->length; i++) {
        struct record cover;
        record_init(&cover, scratch);
        record_set_text(&cover, "code", record_get_text(&items->items[i], "code", scratch));
        amounts_copy(&cover, &items->items[i]);
        *failed |= cover.failed;
        list_add(&covers, record_value(&cover));
    }
    items = items_of(kept, "terms");
    for (uint32_t i = 0; i < items->length; i++) {
        struct record term;
        record_init(&term, scratch);
        record_set_text(&term, "code", record_get_text(&items->items[i], "code", scratch));
        record_set_integer(&term, "instalments",
                           record_get_integer(&items->items[i], "instalments", 1));
        cents_copy(&term, &items->items[i], "instalment");
        cents_copy(&term, &items->items[i], "total");
        *failed |= term.failed;
        list_add(&terms, record_value(&term));
    }
    record_set_text(&premium, "currency", record_get_text(kept, "currency", scratch));
    amounts_copy(&premium, kept);
    record_set(&premium, "covers", list_value(&covers));
    record_set(&premium, "terms", list_value(&terms));
    *failed |= premium.failed || covers.failed || terms.failed;
    return record_value(&premium);
}

static struct value reasons_render(const struct value *kept, const struct product_version *version,
                                   enum language language, struct scratch *scratch,
                                   bool *failed) {
    struct list reasons;
    list_init(&reasons, scratch);
    const struct value *codes = items_of(kept, "reasons");
    for (uint32_t i = 0; i < codes->length; i++) {
        const struct value *code = &codes->items[i];
        char name[PRODUCT_CODE_MAX];
        if (code->kind != VALUE_TEXT || code->length >= sizeof name) continue;
        memcpy(name, code->text, code->length);
        name[code->length] = '\0';
        const struct text *text = version ? product_reason_text(version->product, name) : NULL;
        struct record reason;
        record_init(&reason, scratch);
        const char *sentence = text ? text_in(text, language) : name;
        record_copy_text(&reason, "code", name, code->length);
        record_copy_text(&reason, "text", sentence, strlen(sentence));
        *failed |= reason.failed;
        list_add(&reasons, record_value(&reason));
    }
    *failed |= reasons.failed;
    return list_value(&reasons);
}

/* Copied, since the answer outlives the hold on the version. */
static void copy_in(struct record *record, const char *name, const struct text *text,
                    enum language language) {
    record_copy_text(record, name, text_in(text, language), strlen(text_in(text, language)));
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
        struct record document;
        record_init(&document, scratch);
        record_copy_text(&document, "code", item->code, strlen(item->code));
        copy_in(&document, "title", &item->title, language);
        document_address(public_url, version, item, language, address, sizeof address);
        record_copy_text(&document, "url", address, strlen(address));
        *failed |= document.failed;
        list_add(&documents, record_value(&document));
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
    record_set_text(record, "status", record_get_text(&kept, "status", scratch));
    record_set_boolean(record, "test", receipt->test);
    record_copy_text(record, "product", receipt->product, strlen(receipt->product));
    record_set_integer(record, "product_version", receipt->product_version);
    record_copy_text(record, "product_hash", receipt->product_hash, strlen(receipt->product_hash));
    record_copy_text(record, "effective_date", receipt->effective_date,
                     strlen(receipt->effective_date));
    record_set_instant(record, "known_at", receipt->known_at_us);
    record_copy_text(record, "valid_until", receipt->valid_until, strlen(receipt->valid_until));
    const struct value *premium = record_get(&kept, "premium");
    record_set(record, "premium",
               premium && premium->kind == VALUE_CONTEXT
                   ? premium_render(premium, scratch, &failed)
                   : value_null());
    record_set(record, "reasons", reasons_render(&kept, version, language, scratch, &failed));
    record_set(record, "documents",
               documents_render(receipt->public_url, version, language, scratch, &failed));
    if (failed || record->failed)
        return error_set(error, ERROR_TOO_LARGE, "a quote needs more memory than a call has");
    return 0;
}
