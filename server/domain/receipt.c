/* Writes and renders receipts. The form is for programs of all years to come: names may be added,
 * never changed. */
#include "domain/receipt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "message/json.h"

enum { ROW_PLACE_MAX = 48 };

const char *outcome_text(enum quote_outcome outcome) {
    static const char *const texts[] = {
        [OUTCOME_OFFERED] = "offered", [OUTCOME_REFERRED] = "referred",
        [OUTCOME_DECLINED] = "declined"};
    return texts[outcome];
}

/* ---- writing -------------------------------------------------------------------------------- */
static void text_member(struct buffer *buffer, const char *name, const char *text) {
    buffer_format(buffer, "\"%s\":", name);
    json_write_text(text, strlen(text), buffer);
}

static void amount_members(struct buffer *buffer, int64_t net_cents, int64_t tax_cents,
                           int64_t total_cents) {
    buffer_format(buffer, "\"net\":%" PRId64 ",\"tax\":%" PRId64 ",\"total\":%" PRId64, net_cents,
                  tax_cents, total_cents);
}

static void premium_write(const struct quote_result *result, const char *currency,
                          struct buffer *buffer) {
    buffer_char(buffer, '{');
    text_member(buffer, "currency", currency);
    buffer_char(buffer, ',');
    amount_members(buffer, result->net_cents, result->tax_cents, result->total_cents);
    buffer_format(buffer, ",\"commission\":%" PRId64 ",\"covers\":[", result->commission_cents);
    for (int i = 0; i < result->cover_count; i++) {
        const struct statement_cover *cover = &result->covers[i];
        buffer_text(buffer, i ? ",{" : "{");
        text_member(buffer, "code", cover->cover->code);
        buffer_char(buffer, ',');
        amount_members(buffer, cover->net_cents, cover->tax_cents, cover->total_cents);
        buffer_format(buffer, ",\"commission\":%" PRId64 "}", cover->commission_cents);
    }
    buffer_text(buffer, "],\"terms\":[");
    for (int i = 0; i < result->term_count; i++) {
        const struct statement_term *term = &result->terms[i];
        buffer_text(buffer, i ? ",{" : "{");
        text_member(buffer, "code", term->term->code);
        buffer_format(buffer,
                      ",\"instalments\":%d,\"instalment\":%" PRId64 ",\"total\":%" PRId64 "}",
                      term->term->instalments, term->instalment_cents, term->total_cents);
    }
    buffer_text(buffer, "]}");
}

/* The rows that matched, in order: by the rule's own id, which is unique in its model; where the
 * model gives none, "element/table/row" by their places in the program, each from 0. */
static void rows_write(const struct quoting *quoting, struct buffer *buffer) {
    const struct program *program = product_program(quoting->version->product);
    bool first = true;
    for (size_t i = 0; i < quoting->trace.count; i++) {
        const struct trace_event *event = &quoting->trace.events[i];
        char place[ROW_PLACE_MAX];
        if (event->kind != TRACE_ROW) continue;
        const char *row = program_rule_id(program, event->element, event->table, event->row);
        if (!row) {
            snprintf(place, sizeof place, "%d/%d/%d", event->element, event->table, event->row);
            row = place;
        }
        if (!first) buffer_char(buffer, ',');
        json_write_text(row, strlen(row), buffer);
        first = false;
    }
}

void receipt_write(const struct quoting *quoting, struct buffer *buffer) {
    const struct quote_result *result = quoting->result;
    buffer_char(buffer, '{');
    text_member(buffer, "status", outcome_text(result->outcome));
    buffer_text(buffer, ",\"premium\":");
    if (result->has_premium)
        premium_write(result, product_info(quoting->version->product)->currency, buffer);
    else buffer_text(buffer, "null");
    buffer_text(buffer, ",\"reasons\":[");
    for (int i = 0; i < result->reason_count; i++) {
        if (i) buffer_char(buffer, ',');
        json_write_text(result->reasons[i].code, strlen(result->reasons[i].code), buffer);
    }
    buffer_text(buffer, "],\"rows\":[");
    rows_write(quoting, buffer);
    buffer_text(buffer, "]}");
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
        record_set(&reason, "code", *code);
        if (text) record_copy_text(&reason, "text", text_in(text, language),
                                   strlen(text_in(text, language)));
        else record_set(&reason, "text", *code);
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

static struct value documents_render(const struct product_version *version,
                                     enum language language, struct scratch *scratch,
                                     bool *failed) {
    struct list documents;
    list_init(&documents, scratch);
    const struct product_info *info = version ? product_info(version->product) : NULL;
    for (int i = 0; info && i < info->document_count; i++) {
        const struct product_document *item = &info->documents[i];
        struct record document;
        record_init(&document, scratch);
        record_copy_text(&document, "code", item->code, strlen(item->code));
        copy_in(&document, "title", &item->title, language);
        copy_in(&document, "url", &item->url, language);
        *failed |= document.failed;
        list_add(&documents, record_value(&document));
    }
    *failed |= documents.failed;
    return list_value(&documents);
}

int receipt_render(const struct receipt *receipt, const struct product_version *version,
                   enum language language, struct error *error, struct record *record) {
    struct scratch *scratch = record->scratch;
    struct json_fault fault;
    struct value kept;
    bool failed = false;
    int status = json_read(receipt->result, strlen(receipt->result), NULL, scratch, &fault, &kept);
    if (status == ERROR_INVALID || (!status && kept.kind != VALUE_CONTEXT))
        return error_set(error, ERROR_INTERNAL, "the result of a kept quote cannot be read");
    if (status) return error_set(error, status, "a quote needs more memory than a call has");
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
    record_set(record, "documents", documents_render(version, language, scratch, &failed));
    if (failed || record->failed)
        return error_set(error, ERROR_TOO_LARGE, "a quote needs more memory than a call has");
    return 0;
}
