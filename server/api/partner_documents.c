/* Documents of a partner: PDFs, pictures and plain texts, told by their content. They are handed
 * out as attachments without a type that a browser would show, under names that are made here. */
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "partner_common.h"

/* ---- fields ---------------------------------------------------------------------------------- */
enum { TITLE_MAX_LENGTH = 120, BODY_MAX_BYTES = 1536 * 1024 };
#define DOCUMENT_ID_FIELD PARTNER_SUB_FIELD("document", "id van het document", "id of the document")
static const struct field list_input[] = {PARTNER_ID_FIELD, PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR};
static const struct field add_input[] = {
    PARTNER_ID_FIELD,
    {.name = "title", .type = FIELD_TEXT, .required = true, .length_minimum = 1,
     .length_maximum = TITLE_MAX_LENGTH, .label = {"titel", "title"}},
    {.name = "content", .type = FIELD_BINARY, .required = true, .length_minimum = 1,
     .length_maximum = PARTNER_DOCUMENT_BYTES_MAX, .sensitive = true,
     .label = {"het document", "the document"},
     .help = {"PDF, PNG, JPEG of platte tekst, ten hoogste 1 MB.",
              "PDF, PNG, JPEG or plain text, at most 1 MB."}},
    {.name = "shared", .type = FIELD_BOOLEAN,
     .label = {"de partner leest mee", "the partner reads it too"},
     .help = {"Anders alleen voor de organisatie; van een partner is het altijd voor beide.",
              "Else for the organisation alone; a partner's own is always for both."}}};
_Static_assert(PARTNER_DOCUMENT_BYTES_MAX == 1024 * 1024, "the help says so");
static const struct field one_input[] = {PARTNER_ID_FIELD, DOCUMENT_ID_FIELD};

static const struct field output[] = {
    PARTNER_SAID("id", "id van het document", "id of the document"),
    PARTNER_SAID("title", "titel", "title"),
    PARTNER_SAID("media_type", "soort", "media type"),
    {.name = "size_bytes", .type = FIELD_INTEGER, .required = true,
     .label = {"grootte in bytes", "size in bytes"}},
    PARTNER_SAID("sha256", "SHA-256", "SHA-256"),
    {.name = "shared", .type = FIELD_BOOLEAN, .required = true,
     .label = {"de partner leest mee", "the partner reads it too"}},
    PARTNER_MAYBE("user_id", "gebruiker", "user"),
    PARTNER_SAID_INSTANT("created_at", "toegevoegd op", "added at")};
enum { OUTPUT_FIELDS = sizeof output / sizeof *output };
static const struct field list_item[] = {
    {.name = "document", .type = FIELD_RECORD, .required = true, .fields = output,
     .field_count = OUTPUT_FIELDS, .schema = "PartnerDocument"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"documenten", "documents"}, .help = {"De nieuwste eerst.", "The newest first."}},
    PAGE_FIELD_NEXT};
static const struct field file_output[] = {OUTPUT_FILE_FIELDS};

/* ---- reading --------------------------------------------------------------------------------- */
static struct value document_value(struct call *call, const void *row, bool *failed) {
    const struct partner_document *document = row;
    struct record record;
    record_init(&record, call->scratch);
    record_set_text(&record, "id", document->id);
    record_set_text(&record, "title", document->title);
    record_set_text(&record, "media_type", document->media_type);
    record_set_integer(&record, "size_bytes", (int64_t)document->size_bytes);
    record_set_text(&record, "sha256", document->sha256);
    record_set_boolean(&record, "shared", document->shared);
    record_set_text(&record, "user_id", document->user_id);
    record_set_instant(&record, "created_at", document->created_us);
    *failed |= record.failed;
    return record_value(&record);
}

struct reading {
    const char *partner_id, *id;
    struct scratch *scratch;
    struct partner_document *document;
    bool internal;
};

static int reading_begin(struct call *call, struct reading *reading) {
    *reading = (struct reading){.scratch = call->scratch,
                                .internal = caller_is_organisation(&call->caller)};
    return partner_id_of(call, "id", "ptr", &reading->partner_id);
}

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct partner_page *page = context;
    return partner_document_list(tx, page->partner_id, page->internal, page->cursor,
                                 page->limit + 1, page->scratch, error, page->rows, &page->count);
}

static int list_documents(struct call *call) {
    struct partner_page page;
    int status = partner_page_begin(call, "pdo", sizeof(struct partner_document), &page);
    return status ? status : partner_page_answer(call, &page, list_body, document_value);
}

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *reading = context;
    return partner_document_read(tx, reading->partner_id, reading->id, reading->internal,
                                 reading->scratch, error, reading->document);
}

static int document_of_input(struct call *call, struct partner_document *ret_document) {
    struct reading reading;
    int status = reading_begin(call, &reading);
    reading.document = ret_document;
    if (!status) status = partner_id_of(call, "document", "pdo", &reading.id);
    return status ? status : partner_read_of(call, reading.partner_id, read_body, &reading);
}

static int get_document(struct call *call) {
    struct partner_document document;
    struct record record;
    char name[ID_MAX + 8];
    int status = document_of_input(call, &document);
    if (status) return status;
    int length = snprintf(name, sizeof name, "%s.%s", document.id,
                          partner_document_extension(document.media_type));
    record_init(&record, call->scratch);
    record_copy_text(&record, "file_name", name, (size_t)length);
    record_set_text(&record, "media_type", document.media_type);
    record_set(&record, "content", value_text(document.content, document.size_bytes));
    if (record.failed) return partner_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

/* ---- deeds ----------------------------------------------------------------------------------- */
static int add_body(struct db_tx *tx, void *context, struct error *error) {
    return partner_document_add(tx, context, error);
}

static int document_do(struct call *call, struct partner_document *document, const char *kind,
                       db_body body) {
    const struct value_entry entry =
        record_entry("title", value_text(document->title, strlen(document->title)));
    struct partner_deed deed = {.body = body,
                                .context = document,
                                .event = {.partner_id = document->partner_id,
                                          .kind = kind,
                                          .subject_id = document->id,
                                          .detail = partner_detail(call, &entry, 1),
                                          .internal = !document->shared}};
    if (!deed.event.detail) return partner_no_scratch(call);
    return partner_do(call, document->id, &deed);
}

static int add_document(struct call *call) {
    const struct value *content = record_get(&call->input, "content");
    char *id = scratch_take(call->scratch, ID_MAX);
    char *hash = scratch_take(call->scratch, SHA256_HEX_MAX);
    bool failed = false;
    if (!id || !hash) return partner_no_scratch(call);
    id_make("pdo", id);
    hash_sha256_hex(content->text, content->length, hash);
    struct partner_document document = {
        .id = id,
        .shared = !caller_is_organisation(&call->caller) ||
                  record_get_boolean(&call->input, "shared", false),
        .media_type = partner_document_type(content->text, content->length),
        .sha256 = hash,
        .user_id = partner_by_of(call).user_id,
        .content = content->text,
        .size_bytes = content->length,
        .created_us = call->now_us};
    int status = partner_id_of(call, "id", "ptr", &document.partner_id);
    if (status) return status;
    if (!partner_text(call, "title", &document.title)) return call->error.code;
    if (!document.media_type) {
        partner_fault(call, "/content", "wrong_content",
                      "Dit is geen PDF, PNG, JPEG of platte tekst: sla het als een daarvan op.",
                      "This is no PDF, PNG, JPEG or plain text: save it as one of these.");
        return ERROR_INVALID;
    }
    call->output = document_value(call, &document, &failed);
    if (failed) return partner_no_scratch(call);
    return document_do(call, &document, "document_added", add_body);
}

static int remove_body(struct db_tx *tx, void *context, struct error *error) {
    const struct partner_document *document = context;
    return partner_document_remove(tx, document->partner_id, document->id, true, error);
}

static int remove_document(struct call *call) {
    struct partner_document document;
    int status = document_of_input(call, &document);
    if (!status) status = partner_removed_answer(call, document.id);
    return status ? status : document_do(call, &document, "document_removed", remove_body);
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const refusals[] = {"too_many", NULL};
static const struct operation operations[] = {
    {PARTNER_READING("ListPartnerDocuments", "/partners/{id}/documents",
                     "Documenten van een partner", "Documents of a partner", list_input,
                     list_output, 2, list_documents)},
    {PARTNER_READING("GetPartnerDocument", "/partners/{id}/documents/{document}",
                     "Een document zelf, als bijlage", "A document itself, as an attachment",
                     one_input, file_output, OUTPUT_FILE_FIELD_COUNT, get_document),
     .output_file = true, .media_type = "application/octet-stream"},
    {PARTNER_DOING("AddPartnerDocument", "POST", "/partners/{id}/documents",
                   "Voeg een document toe", "Add a document", add_input, output, OUTPUT_FIELDS,
                   201, add_document),
     .roles = ROLES_PARTNERS_WRITING | ROLE_PARTNER_ADMINISTRATOR,
     .body_max_bytes = BODY_MAX_BYTES, .large_body = true, .refusals = refusals},
    {PARTNER_DOING("RemovePartnerDocument", "DELETE", "/partners/{id}/documents/{document}",
                   "Verwijder een document", "Remove a document", one_input,
                   partner_removed_fields, PARTNER_REMOVED_FIELDS, 200, remove_document),
     .roles = ROLES_PARTNERS_WRITING}};

extern const struct operation_group api_partner_documents;
const struct operation_group api_partner_documents = {
    .name = "partners", .operations = operations, .count = sizeof operations / sizeof *operations};
