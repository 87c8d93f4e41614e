/* Shared by the resources about partners. */
#include "partner_common.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "domain/iban.h"
#include "domain/identifier.h"
#include "domain/sell_gate.h"
#include "message/json.h"

const struct field partner_removed_fields[PARTNER_REMOVED_FIELDS] = {PARTNER_REMOVED_ROWS};

#define MAYBE_CHOICE(name_, choices_, count_, nl_, en_)                                           \
    {.name = name_, .type = FIELD_CHOICE, .required = true, .nullable = true,                     \
     .choices = choices_, .choice_count = count_, .label = {nl_, en_}}
const struct field partner_fields[PARTNER_FIELDS] = {
    PARTNER_SAID("id", "id van de partner", "id of the partner"),
    PARTNER_REVISION_FIELD,
    {.name = "kind", .type = FIELD_CHOICE, .required = true, .choices = partner_kinds,
     .choice_count = PARTNER_KINDS, .label = {"soort", "kind"}},
    PARTNER_MAYBE("parent_id", "hoort bij", "belongs to"),
    PARTNER_SAID("name", "naam", "name"),
    PARTNER_MAYBE("legal_name", "statutaire naam", "legal name"),
    MAYBE_CHOICE("legal_form", partner_legal_forms, PARTNER_LEGAL_FORMS, "rechtsvorm",
                 "legal form"),
    PARTNER_MAYBE("trade_register_number", "KvK-nummer", "trade register number"),
    PARTNER_MAYBE("trade_register_branch", "vestigingsnummer", "branch number"),
    PARTNER_MAYBE("rsin", "RSIN", "RSIN"),
    PARTNER_MAYBE("vat_number", "btw-nummer", "VAT number"),
    PARTNER_MAYBE("iban", "rekeningnummer", "account number"),
    PARTNER_MAYBE("licence_number", "vergunningnummer van de AFM", "licence number of the AFM"),
    {.name = "employees", .type = FIELD_INTEGER, .required = true, .nullable = true,
     .label = {"aantal medewerkers", "employees"}},
    PARTNER_MAYBE("street", "straat en huisnummer", "street and number"),
    PARTNER_MAYBE("postcode", "postcode", "postcode"),
    PARTNER_MAYBE("city", "plaats", "city"),
    PARTNER_SAID("country", "land", "country"),
    PARTNER_MAYBE("website", "website", "website"),
    PARTNER_MAYBE("email", "e-mailadres", "email address"),
    PARTNER_MAYBE("telephone", "telefoonnummer", "telephone number"),
    MAYBE_CHOICE("grade", partner_grades, PARTNER_GRADES, "waardering", "grade"),
    {.name = "stage", .type = FIELD_CHOICE, .required = true, .choices = partner_stages,
     .choice_count = PARTNER_STAGES, .label = {"fase", "stage"}},
    {.name = "suspended", .type = FIELD_BOOLEAN, .required = true,
     .label = {"mag tijdelijk niet verkopen", "may not sell for now"}},
    {.name = "no_advertising", .type = FIELD_BOOLEAN, .required = true,
     .label = {"wil geen reclame", "wants no advertising"}},
    PARTNER_MAYBE("account_manager_id", "accountmanager", "account manager"),
    PARTNER_MAYBE("account_manager", "naam van de accountmanager", "account manager's name"),
    PARTNER_MAYBE("parent_name", "naam van waar het bij hoort", "name of what it belongs to"),
    PARTNER_MAYBE_DATE("last_review_date", "laatste beoordeling", "last review"),
    PARTNER_MAYBE_DATE("next_review_date", "volgende beoordeling", "next review"),
    PARTNER_SAID_INSTANT("created_at", "vastgelegd op", "recorded at"),
    PARTNER_SAID_INSTANT("changed_at", "laatst gewijzigd op", "last changed at")};

/* ---- answers --------------------------------------------------------------------------------- */
static void iban_set(const struct call *call, struct record *record, const char *iban) {
    char masked[IBAN_MASKED_MAX];
    bool whole = caller_is_organisation(&call->caller) ||
                 call->caller.role == ROLE_PARTNER_ADMINISTRATOR;
    if (iban && !whole) iban_mask(iban, masked);
    record_copy_given(record, "iban", iban && !whole ? masked : iban);
}

void partner_set(const struct call *call, struct record *record, const struct partner *partner) {
    const struct {
        const char *name, *text;
    } texts[] = {{"id", partner->id},
                 {"kind", partner->kind},
                 {"parent_id", partner->parent_id},
                 {"name", partner->name},
                 {"legal_name", partner->legal_name},
                 {"legal_form", partner->legal_form},
                 {"trade_register_number", partner->trade_register_number},
                 {"trade_register_branch", partner->trade_register_branch},
                 {"rsin", partner->rsin},
                 {"vat_number", partner->vat_number},
                 {"licence_number", partner->licence_number},
                 {"street", partner->street},
                 {"postcode", partner->postcode},
                 {"city", partner->city},
                 {"country", partner->country},
                 {"website", partner->website},
                 {"email", partner->email},
                 {"telephone", partner->telephone},
                 {"grade", partner->grade},
                 {"stage", partner->stage},
                 {"account_manager_id", partner->account_manager_id},
                 {"account_manager", partner->account_manager},
                 {"parent_name", partner->parent_name},
                 {"last_review_date", partner->last_review_date},
                 {"next_review_date", partner->next_review_date}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        record_copy_given(record, texts[i].name, texts[i].text);
    iban_set(call, record, partner->iban);
    record_set_integer(record, "revision", partner->revision);
    if (partner->employees) record_set_integer(record, "employees", partner->employees);
    else record_set(record, "employees", value_null());
    record_set_boolean(record, "suspended", partner->suspended);
    record_set_boolean(record, "no_advertising", partner->no_advertising);
    record_set_instant(record, "created_at", partner->created_us);
    record_set_instant(record, "changed_at",
                       partner->changed_us ? partner->changed_us : partner->created_us);
}

int partner_list_answer(struct call *call, const struct list *items, const char *next) {
    struct record output;
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(items));
    record_set_text(&output, "next", next);
    if (items->failed || output.failed) return partner_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

int partner_removed_answer(struct call *call, const char *id) {
    struct record record;
    record_init(&record, call->scratch);
    record_set_text(&record, "id", id);
    record_set_boolean(&record, "deleted", true);
    if (record.failed) return partner_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

/* ---- reading --------------------------------------------------------------------------------- */
int partner_no_scratch(struct call *call) {
    return error_set(&call->error, ERROR_TOO_LARGE, "partners need more scratch memory");
}

bool partner_text(struct call *call, const char *name, const char **ret_text) {
    const char *text = record_get_text(&call->input, name, call->scratch);
    if (!text && record_get(&call->input, name)) {
        (void)partner_no_scratch(call);
        return false;
    }
    if (text) *ret_text = text;
    return true;
}

bool partner_date(struct call *call, const char *name, const char **ret_date) {
    const struct value *date = record_get(&call->input, name);
    char *text = date ? scratch_take(call->scratch, CLOCK_DATE_MAX) : NULL;
    if (date && !text) {
        (void)partner_no_scratch(call);
        return false;
    }
    if (!text) return true;
    clock_write_date(date->date.year, date->date.month, date->date.day, text);
    *ret_date = text;
    return true;
}

int partner_id_of(struct call *call, const char *name, const char *prefix, const char **ret_id) {
    const struct value *id = record_get(&call->input, name);
    if (!id || !id_valid(prefix, id->text, id->length)) return call_not_found(call);
    return partner_text(call, name, ret_id) ? 0 : call->error.code;
}

struct reading {
    const char *id;
    struct scratch *scratch;
    struct partner *partner;
    db_body body;
    void *context;
};

static int not_found(struct call *call, int status) {
    if (status != ERROR_NOT_FOUND) return status;
    error_clear(&call->error);
    return call_not_found(call);
}

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *reading = context;
    return partner_read(tx, reading->id, reading->scratch, error, reading->partner);
}

int partner_of_input(struct call *call, struct partner *ret_partner) {
    struct reading reading = {.scratch = call->scratch, .partner = ret_partner};
    int status = partner_id_of(call, "id", "ptr", &reading.id);
    if (!status) status = call_read(call, read_body, &reading);
    return not_found(call, status);
}

static int read_of_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *reading = context;
    int status = partner_present(tx, reading->id, error);
    return status ? status : reading->body(tx, reading->context, error);
}

int partner_read_of(struct call *call, const char *partner_id, db_body body, void *context) {
    struct reading reading = {.id = partner_id, .body = body, .context = context};
    return not_found(call, call_read(call, read_of_body, &reading));
}

int partner_page_begin(struct call *call, const char *prefix, size_t row_size,
                       struct partner_page *ret_page) {
    struct partner_page page = {
        .limit = (int)record_get_integer(&call->input, "limit", PAGE_LIMIT_DEFAULT),
        .internal = caller_is_organisation(&call->caller),
        .scratch = call->scratch,
        .row_size = row_size};
    int status = partner_id_of(call, "id", "ptr", &page.partner_id);
    if (!status) status = page_cursor(call, prefix, &page.cursor);
    if (status) return status;
    page.rows = scratch_take(call->scratch, ((size_t)page.limit + 1) * row_size);
    if (!page.rows) return partner_no_scratch(call);
    *ret_page = page;
    return 0;
}

int partner_page_answer(struct call *call, struct partner_page *page, db_body body,
                        struct value (*tell)(struct call *call, const void *row, bool *failed)) {
    struct list items;
    const char *last = NULL;
    int status = partner_read_of(call, page->partner_id, body, page);
    if (status) return status;
    int shown = page->count < page->limit ? page->count : page->limit;
    list_init(&items, call->scratch);
    for (int i = 0; i < shown; i++) {
        const char *row = (const char *)page->rows + (size_t)i * page->row_size;
        last = *(const char *const *)(const void *)row;
        list_add(&items, tell(call, row, &items.failed));
    }
    return partner_list_answer(call, &items, shown < page->count ? last : NULL);
}

/* ---- doing ----------------------------------------------------------------------------------- */
struct partner_by partner_by_of(const struct call *call) {
    const struct caller *caller = &call->caller;
    return (struct partner_by){.actor = caller_is_organisation(caller) ? "organisation"
                                        : caller_is_partner(caller)    ? "partner"
                                                                       : "public",
                               .user_id = *caller->user_id ? caller->user_id : NULL,
                               .key_id = *caller->key_id ? caller->key_id : NULL,
                               .request_id = call->request_id,
                               .at_us = call->now_us};
}

static int deed_body(struct db_tx *tx, void *context, struct error *error) {
    const struct partner_deed *deed = context;
    int status = deed->body(tx, deed->context, error);
    return status ? status : partner_event_insert(tx, &deed->event, error);
}

int partner_do_raw(struct call *call, const char *subject_id, struct partner_deed *deed) {
    deed->event.by = partner_by_of(call);
    int status = call_write(call, subject_id, deed_body, deed);
    if (!status) sell_gate_clear(call->service->sell_gate);
    return status;
}

int partner_do(struct call *call, const char *subject_id, struct partner_deed *deed) {
    int status = partner_do_raw(call, subject_id, deed);
    if (status == ERROR_CONFLICT) {
        error_clear(&call->error);
        return call_refuse_revision(call);
    }
    if (status == ERROR_TOO_LARGE) {
        error_clear(&call->error);
        return call_refuse(call, 409, "too_many",
                           "Hiervan zijn er al zoveel als er mogen zijn: verwijder er eerst een.",
                           "There are as many of these as may be: remove one first.");
    }
    return not_found(call, status);
}

enum { DETAIL_MAX_BYTES = 16 * 1024 };

const char *partner_detail(struct call *call, const struct value_entry *entries, size_t count) {
    struct buffer json;
    bool failed = false;
    struct value detail = record_of(call->scratch, entries, count, &failed);
    if (failed) return NULL;
    buffer_init(&json, DETAIL_MAX_BYTES);
    json_write(&detail, 0, &json);
    if (json.starved) error_set(&call->error, ERROR_NO_MEMORY, "no memory for an event");
    char *text = json.failed ? NULL : scratch_take(call->scratch, json.length + 1);
    if (text) {
        memcpy(text, json.data, json.length);
        text[json.length] = '\0';
    }
    buffer_done(&json);
    return text;
}

/* ---- what is wrong --------------------------------------------------------------------------- */
void partner_fault(struct call *call, const char *pointer, const char *code, const char *nl,
                   const char *en) {
    field_fault_add(&call->faults, pointer, code, "%s",
                    call->language == LANGUAGE_EN ? en : nl);
}

void partner_dates_check(struct call *call, const char *pointer, const char *from,
                         const char *to) {
    if (!from || !to || strcmp(to, from) >= 0) return;
    partner_fault(call, pointer, "too_small", "De laatste dag ligt voor de eerste.",
                  "The last day lies before the first.");
}

bool partner_identifier(struct call *call, const char *name, int identifier,
                        const char **ret_text) {
    const struct value *given = record_get(&call->input, name);
    char pointer[FIELD_POINTER_MAX], message[IDENTIFIER_MESSAGE_MAX];
    char *text = given ? scratch_take(call->scratch, IDENTIFIER_MAX) : NULL;
    *ret_text = NULL;
    if (!given) return true;
    if (!text) {
        (void)partner_no_scratch(call);
        return false;
    }
    enum identifier_fault fault =
        identifier_read((enum identifier)identifier, given->text, given->length, text);
    if (!fault) {
        *ret_text = text;
        return true;
    }
    snprintf(pointer, sizeof pointer, "/%s", name);
    identifier_say((enum identifier)identifier, fault, call->language, message);
    field_fault_add(&call->faults, pointer, identifier_fault_code(fault), "%s", message);
    return true;
}
