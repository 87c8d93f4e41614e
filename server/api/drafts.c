/* Drafts of tariffs, for the organisation's own systems: handing one in, and seeing what its proof
 * says of it. The steps after that are in draft_steps.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domain/calendar_day.h"
#include "draft_common.h"
#include "operation/page.h"

enum {
    DRAFT_BODY_MAX_BYTES = 64 * 1024 * 1024,
    NAME_CHARACTERS_MAX = PRODUCT_FOLDER_NAME_MAX + 10 /* "documents/" */
};

/* ---- fields --------------------------------------------------------------------------------- */
static const struct field event_fields[] = {
    {.name = "event", .type = FIELD_TEXT, .required = true, .label = {"stap", "step"}},
    {.name = "by", .type = FIELD_TEXT, .required = true, .label = {"door", "by"}},
    {.name = "at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"op", "at"}},
    {.name = "override", .type = FIELD_BOOLEAN, .required = true,
     .label = {"zonder tweede persoon", "without a second person"}},
    {.name = "note", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"toelichting", "note"}}};
static const struct field file_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .required = true, .label = {"naam", "name"}},
    {.name = "bytes", .type = FIELD_INTEGER, .required = true, .label = {"bytes", "bytes"}}};
static const struct field problem_fields[] = {
    {.name = "severity", .type = FIELD_TEXT, .required = true,
     .label = {"error of warning", "error or warning"},
     .help = {"Met een error wordt het concept niet actief.",
              "With an error the draft does not become active."}},
    {.name = "file", .type = FIELD_TEXT, .required = true, .label = {"bestand", "file"}},
    {.name = "line", .type = FIELD_INTEGER, .required = true, .nullable = true,
     .label = {"regel", "line"}},
    {.name = "column", .type = FIELD_INTEGER, .required = true, .nullable = true,
     .label = {"teken in de formule", "column of the expression"}},
    {.name = "place", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"plaats", "place"}},
    {.name = "text", .type = FIELD_TEXT, .required = true, .label = {"wat er is", "what it is"}}};

#define ITEM(item, list)                                                                          \
    static const struct field item = {.name = #item, .type = FIELD_RECORD, .required = true,      \
                                      .fields = list, .field_count = sizeof list / sizeof *list}
ITEM(event_item, event_fields);
ITEM(file_item, file_fields);
ITEM(problem_item, problem_fields);

static const struct field proof_fields[] = {
    {.name = "sound", .type = FIELD_BOOLEAN, .required = true,
     .label = {"bewijst zichzelf", "proves itself"}},
    {.name = "errors", .type = FIELD_INTEGER, .required = true,
     .label = {"aantal fouten", "number of errors"}},
    {.name = "cases_passed", .type = FIELD_INTEGER, .required = true,
     .label = {"geslaagde voorbeelden", "cases passed"}},
    {.name = "cases_failed", .type = FIELD_INTEGER, .required = true,
     .label = {"mislukte voorbeelden", "cases failed"}},
    {.name = "problems", .type = FIELD_LIST, .required = true, .fields = &problem_item,
     .field_count = 1, .label = {"wat er is", "what there is"},
     .help = {"Hoogstens 64.", "At most 64."}}};
static const struct field whole_fields[] = {
    DRAFT_FIELDS,
    {.name = "events", .type = FIELD_LIST, .required = true, .fields = &event_item,
     .field_count = 1, .label = {"wie wat wanneer deed", "who did what and when"}},
    {.name = "files", .type = FIELD_LIST, .required = true, .fields = &file_item, .field_count = 1,
     .label = {"bestanden", "files"}},
    {.name = "proof", .type = FIELD_RECORD, .required = true, .nullable = true,
     .fields = proof_fields, .field_count = sizeof proof_fields / sizeof *proof_fields,
     .schema = "DraftProof", .label = {"proef", "proof"},
     .help = {"Null als het concept actief of ingetrokken is.",
              "Null when the draft is active or withdrawn."}}};
enum { WHOLE_FIELD_COUNT = sizeof whole_fields / sizeof *whole_fields };

static const struct field input_file_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .required = true,
     .length_maximum = NAME_CHARACTERS_MAX, .label = {"naam", "name"},
     .help = {"product.xml, een model.dmn, cases.xml of documents/CODE.nl.md.",
              "product.xml, a model.dmn, cases.xml or documents/CODE.nl.md."},
     .example = "\"product.xml\""},
    {.name = "text", .type = FIELD_TEXT, .required = true,
     .length_maximum = PRODUCT_FILE_MAX_BYTES, .label = {"inhoud", "content"},
     .example = "\"<product …\""}};
ITEM(input_file, input_file_fields);

static const struct field create_input[] = {
    {.name = "files", .type = FIELD_LIST, .required = true, .fields = &input_file,
     .field_count = 1, .length_minimum = 1, .length_maximum = PRODUCT_FOLDER_FILES_MAX,
     .label = {"bestanden", "files"}},
    {.name = "effective_from", .type = FIELD_DATE, .label = {"geldt vanaf", "in force from"},
     .help = {"Zonder deze datum vanaf de dag van activering.",
              "Without this date from the day of its activation."}},
    DRAFT_NOTE_FIELD};
static const struct field id_input[] = {DRAFT_ID_FIELD};
static const struct field file_input[] = {
    DRAFT_ID_FIELD,
    {.name = "name", .type = FIELD_TEXT, .required = true, .label = {"naam", "name"},
     .help = {"Zoals het concept hem noemt; een / erin als %2F.",
              "As the draft names it; a / in it as %2F."}}};
static const struct field file_output[] = {
    {.name = "name", .type = FIELD_TEXT, .required = true, .label = {"naam", "name"}},
    {.name = "text", .type = FIELD_TEXT, .required = true,
     .length_maximum = PRODUCT_FILE_MAX_BYTES, .label = {"inhoud", "content"}}};

static const struct field list_input[] = {
    {.name = "product", .type = FIELD_TEXT, .length_maximum = PRODUCT_CODE_MAX - 1,
     .label = {"alleen dit product", "only this product"}},
    {.name = "state", .type = FIELD_CHOICE, .choices = draft_states, .choice_count = DRAFT_STATES,
     .label = {"alleen deze stand", "only this state"}},
    PAGE_FIELD_LIMIT,
    PAGE_FIELD_CURSOR};
static const struct field list_item = {.name = "draft", .type = FIELD_RECORD, .required = true,
                                       .fields = draft_fields, .field_count = DRAFT_FIELD_COUNT,
                                       .schema = "Draft"};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = &list_item,
     .field_count = 1, .label = {"concepten", "drafts"},
     .help = {"De nieuwste eerst.", "The newest first."}},
    PAGE_FIELD_NEXT};

/* ---- rendering ------------------------------------------------------------------------------ */
static void count_set(struct record *record, const char *name, int number) {
    if (number) record_set_integer(record, name, number);
    else record_set(record, name, value_null());
}

static struct value events_value(struct scratch *scratch, const struct draft_events *events,
                                 bool *failed) {
    struct list list;
    list_init(&list, scratch);
    for (int i = 0; i < events->count; i++) {
        const struct draft_event *of = &events->items[i];
        struct record record;
        record_init(&record, scratch);
        record_copy_given(&record, "event", of->event);
        record_copy_given(&record, "by", of->by);
        record_set_instant(&record, "at", of->at_us);
        record_set_boolean(&record, "override", of->override);
        record_copy_given(&record, "note", of->note);
        list_add(&list, record_value(&record));
        *failed |= record.failed;
    }
    *failed |= list.failed;
    return list_value(&list);
}

static struct value files_value(struct scratch *scratch, const struct source *files, int count,
                                bool *failed) {
    struct list list;
    list_init(&list, scratch);
    for (int i = 0; i < count; i++) {
        struct record record;
        record_init(&record, scratch);
        record_copy_given(&record, "name", files[i].name);
        record_set_integer(&record, "bytes", (int64_t)files[i].length);
        list_add(&list, record_value(&record));
        *failed |= record.failed;
    }
    *failed |= list.failed;
    return list_value(&list);
}

static struct value problems_value(struct scratch *scratch, const struct problems *problems,
                                   bool *failed) {
    struct list list;
    list_init(&list, scratch);
    for (int i = 0; i < problems->count; i++) {
        const struct problem *of = &problems->items[i];
        struct record record;
        record_init(&record, scratch);
        record_set_text(&record, "severity", of->warning ? "warning" : "error");
        record_copy_text(&record, "file", of->file, strlen(of->file));
        count_set(&record, "line", of->line);
        count_set(&record, "column", of->column);
        record_copy_given(&record, "place", of->place);
        record_copy_text(&record, "text", of->text, strlen(of->text));
        list_add(&list, record_value(&record));
        *failed |= record.failed;
    }
    *failed |= list.failed;
    return list_value(&list);
}

/* What is known of a draft; `files` are borrowed. */
struct whole {
    struct draft draft;
    struct draft_events events;
    const struct source *files;
    int file_count;
    bool proved;
    struct product_proof proof; /* its product is not kept */
    struct problems problems;
};

static int whole_render(struct call *call, const struct whole *whole) {
    struct scratch *scratch = call->scratch;
    struct record record, proof;
    bool failed = false;
    record_init(&record, scratch);
    record_init(&proof, scratch);
    draft_set(&record, &whole->draft);
    record_set(&record, "events", events_value(scratch, &whole->events, &failed));
    record_set(&record, "files",
               files_value(scratch, whole->files, whole->file_count, &failed));
    if (whole->proved) {
        record_set_boolean(&proof, "sound", whole->problems.errors == 0);
        record_set_integer(&proof, "errors", whole->problems.errors);
        record_set_integer(&proof, "cases_passed", whole->proof.passed);
        record_set_integer(&proof, "cases_failed", whole->proof.failed);
        record_set(&proof, "problems", problems_value(scratch, &whole->problems, &failed));
    }
    record_set(&record, "proof", whole->proved ? record_value(&proof) : value_null());
    if (failed || record.failed || proof.failed) return draft_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

static int whole_prove(struct call *call, const struct product_files *files,
                       struct whole *whole) {
    struct error unsound = {0};
    int status = draft_prove(call->service->catalogue, files, whole->draft.effective_from,
                             call->now_us, &whole->problems, &unsound, &whole->proof);
    if (status && status != ERROR_INVALID)
        return error_set(&call->error, status, "%s", unsound.text);
    product_free(whole->proof.product);
    whole->proof.product = NULL;
    whole->proved = true;
    return 0;
}

/* ---- handing one in ------------------------------------------------------------------------- */
static int file_fault(struct call *call, int at, const char *part, const char *text) {
    char pointer[FIELD_POINTER_MAX] = "/files";
    if (at >= 0) snprintf(pointer, sizeof pointer, "/files/%d%s", at, part);
    field_fault_add(&call->faults, pointer, "pattern", "%s", text);
    return ERROR_INVALID;
}

static int files_read(struct call *call, struct product_files *files) {
    const struct value *given = record_get(&call->input, "files");
    struct error error = {0};
    int at = -1;
    for (uint32_t i = 0; i < given->length; i++) {
        struct source *file = &files->items[files->count++];
        *file = (struct source){
            .name = record_get_text(&given->items[i], "name", call->scratch),
            .text = record_get_text(&given->items[i], "text", call->scratch)};
        if (!file->name || !file->text) return draft_no_scratch(call);
        file->length = record_get(&given->items[i], "text")->length;
    }
    if (product_files_check(files, &error, &at)) return file_fault(call, at, "/name", error.text);
    int status = product_files_hash(files, &error);
    if (status == ERROR_TOO_LARGE) return file_fault(call, -1, "", error.text);
    return status ? error_set(&call->error, status, "%s", error.text) : 0;
}

struct handing_in {
    const struct draft *draft;
    const struct product_files *files;
    const char *note;
    bool twin;
};

static int hand_in_body(struct db_tx *tx, void *context, struct error *error) {
    struct handing_in *handing_in = context;
    int status = draft_insert(tx, handing_in->draft, handing_in->files, handing_in->note, error);
    handing_in->twin = status == ERROR_CONFLICT;
    return status;
}

static int hand_in(struct call *call, const struct product_files *files, struct whole *whole) {
    struct handing_in handing_in = {
        .draft = &whole->draft,
        .files = files,
        .note = record_get_text(&call->input, "note", call->scratch)};
    struct draft_event *event = &whole->events.items[whole->events.count++];
    snprintf(event->event, sizeof event->event, "drafted");
    snprintf(event->by, sizeof event->by, "%s", whole->draft.drafted_by);
    if (handing_in.note) snprintf(event->note, sizeof event->note, "%s", handing_in.note);
    event->at_us = call->now_us;
    int status = whole_render(call, whole);
    if (!status) status = call_write(call, whole->draft.id, hand_in_body, &handing_in);
    if (status != ERROR_CONFLICT || !handing_in.twin) return status;
    error_clear(&call->error);
    return call_refuse(call, 409, "draft_exists",
                       "Dezelfde bestanden zijn voor deze datum al een concept: ga daarmee "
                       "verder, of trek dat eerst in.",
                       "The same files are a draft for this date already: go on with that one, "
                       "or withdraw it first.");
}

static int create_draft(struct call *call) {
    struct product_files *files = scratch_take(call->scratch, sizeof *files);
    struct whole *whole = scratch_take(call->scratch, sizeof *whole);
    const struct value *date = record_get(&call->input, "effective_from");
    char by[DRAFT_BY_MAX], from[CLOCK_DATE_MAX];
    struct error error = {0};
    if (!files || !whole) return draft_no_scratch(call);
    memset(files, 0, sizeof *files);
    memset(whole, 0, sizeof *whole);
    if (date) day_write(&date->date, from);
    int status = files_read(call, files);
    if (!status) status = draft_caller(call, by);
    if (status) return status;
    struct draft_request request = {.files = files,
                                    .effective_from = date ? from : NULL,
                                    .by = by,
                                    .now_us = call->now_us,
                                    .test = call->caller.test};
    status = draft_make(&request, &whole->problems, &error, &whole->draft);
    if (status == ERROR_INVALID)
        return file_fault(call, -1, "",
                          whole->problems.count ? whole->problems.items[0].text : error.text);
    if (status) return error_set(&call->error, status, "%s", error.text);
    memset(&whole->problems, 0, sizeof whole->problems);
    whole->files = files->items;
    whole->file_count = files->count;
    status = whole_prove(call, files, whole);
    return status ? status : hand_in(call, files, whole);
}

/* ---- reading -------------------------------------------------------------------------------- */
static int get_draft(struct call *call) {
    struct draft_reading *reading = NULL;
    struct version_files kept = {0};
    struct product_files *files = scratch_take(call->scratch, sizeof *files);
    struct whole *whole = scratch_take(call->scratch, sizeof *whole);
    if (!files || !whole) return draft_no_scratch(call);
    int status = draft_of_input(call, &reading);
    if (!status)
        status = draft_files_read(call->service->db, reading->id, &call->error, &kept);
    if (status) return status;
    memset(whole, 0, sizeof *whole);
    whole->draft = reading->draft;
    whole->events = reading->events;
    whole->files = kept.items;
    whole->file_count = kept.count;
    bool open = whole->draft.state == DRAFT_OPEN || whole->draft.state == DRAFT_APPROVED;
    *files = (struct product_files){.count = kept.count};
    memcpy(files->items, kept.items, sizeof files->items);
    if (open) status = whole_prove(call, files, whole);
    if (!status) status = whole_render(call, whole);
    version_files_done(&kept);
    return status;
}

/* Who approves wants to see what. A file that a call's memory does not hold is read by command. */
static int file_render(struct call *call, const struct version_files *kept, const char *name) {
    struct record record;
    const struct source *found = NULL;
    for (int i = 0; i < kept->count && !found; i++)
        if (strcmp(kept->items[i].name, name) == 0) found = &kept->items[i];
    if (!found) return call_not_found(call);
    record_init(&record, call->scratch);
    record_copy_text(&record, "name", found->name, strlen(found->name));
    record_copy_text(&record, "text", found->text, found->length);
    if (record.failed)
        return call_refuse(call, 422, "file_too_large",
                           "Dit bestand is te groot om zo te lezen: gebruik koppel product show "
                           "met --files.",
                           "This file is too large to be read like this: use koppel product show "
                           "with --files.");
    call->output = record_value(&record);
    return 0;
}

static int get_draft_file(struct call *call) {
    struct draft_reading *reading = NULL;
    struct version_files kept = {0};
    const char *name = record_get_text(&call->input, "name", call->scratch);
    if (!name) return draft_no_scratch(call);
    int status = draft_of_input(call, &reading);
    if (!status)
        status = draft_files_read(call->service->db, reading->id, &call->error, &kept);
    if (status) return status;
    status = file_render(call, &kept, name);
    version_files_done(&kept);
    return status;
}

struct listing {
    struct draft_query query;
    struct draft *drafts; /* one more than asked for tells that there is a next page */
    int count;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return draft_list_read(tx, &listing->query, error, listing->drafts, &listing->count);
}

static int list_render(struct call *call, const struct listing *listing, int limit) {
    struct record output;
    struct list items;
    int shown = listing->count < limit ? listing->count : limit;
    bool failed = false;
    list_init(&items, call->scratch);
    record_init(&output, call->scratch);
    for (int i = 0; i < shown; i++) {
        struct record record;
        record_init(&record, call->scratch);
        draft_set(&record, &listing->drafts[i]);
        list_add(&items, record_value(&record));
        failed |= record.failed;
    }
    record_set(&output, "items", list_value(&items));
    record_copy_given(&output, "next",
                      listing->count > limit ? listing->drafts[shown - 1].id : NULL);
    if (failed || items.failed || output.failed) return draft_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

static int list_drafts(struct call *call) {
    const struct value *input = &call->input;
    int limit = (int)record_get_integer(input, "limit", PAGE_LIMIT_DEFAULT);
    const char *cursor;
    int status = page_cursor(call, "pdr", &cursor);
    if (status) return status;
    struct listing listing = {
        .query = {.product = record_get_text(input, "product", call->scratch),
                  .state = record_get_text(input, "state", call->scratch),
                  .before = cursor,
                  .test = call->caller.test,
                  .limit = limit + 1},
        .drafts = scratch_take(call->scratch, (DRAFT_LIST_MAX + 1) * sizeof(struct draft))};
    if (!listing.drafts) return draft_no_scratch(call);
    status = call_read(call, list_body, &listing);
    return status ? status : list_render(call, &listing, limit);
}

/* ---- the table ------------------------------------------------------------------------------ */
static const char *const create_refusals[] = {"draft_exists", NULL};
static const char *const file_refusals[] = {"file_too_large", NULL};

static const struct operation operations[] = {
    {.name = "ListDrafts",
     .method = "GET",
     .path = "/drafts",
     .summary = {"Toon de concepten van tarieven", "List the drafts of tariffs"},
     .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ORGANISATION_ALL,
     .input = list_input,
     .input_count = sizeof list_input / sizeof *list_input,
     .output = list_output,
     .output_count = sizeof list_output / sizeof *list_output,
     .status = 200,
     .rate = RATE_READ,
     .run = list_drafts},
    {.name = "GetDraft",
     .method = "GET",
     .path = "/drafts/{id}",
     .summary = {"Lees een concept, met wat de proef ervan zegt",
                 "Read a draft, with what its proof says"},
     .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ORGANISATION_ALL,
     .input = id_input,
     .input_count = sizeof id_input / sizeof *id_input,
     .output = whole_fields,
     .output_count = WHOLE_FIELD_COUNT,
     .status = 200,
     .rate = RATE_READ,
     .run = get_draft},
    {.name = "GetDraftFile",
     .method = "GET",
     .path = "/drafts/{id}/files/{name}",
     .summary = {"Lees een bestand van een concept", "Read a file of a draft"},
     .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLES_ORGANISATION_ALL,
     .input = file_input,
     .input_count = sizeof file_input / sizeof *file_input,
     .output = file_output,
     .output_count = sizeof file_output / sizeof *file_output,
     .status = 200,
     .rate = RATE_READ,
     .refusals = file_refusals,
     .run = get_draft_file},
    {.name = "CreateDraft",
     .method = "POST",
     .path = "/drafts",
     .summary = {"Dien de bestanden van een product in als concept",
                 "Hand in the files of a product as a draft"},
     .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = ROLE_PRODUCT_MANAGER,
     .input = create_input,
     .input_count = sizeof create_input / sizeof *create_input,
     .output = whole_fields,
     .output_count = WHOLE_FIELD_COUNT,
     .status = 201,
     .body_max_bytes = DRAFT_BODY_MAX_BYTES,
     .large_body = true,
     .idempotent_key = true,
     .audited = true,
     .rate = RATE_QUOTE,
     .refusals = create_refusals,
     .run = create_draft}};

extern const struct operation_group api_drafts;
const struct operation_group api_drafts = {.name = "drafts",
                                           .operations = operations,
                                           .count = sizeof operations / sizeof *operations};
