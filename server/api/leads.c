/* Lists of leads, their counts, and finding them by who it is. */
#include <stdio.h>
#include <string.h>

#include "domain/calendar_day.h"
#include "domain/lead_person.h"
#include "domain/service.h"
#include "lead_common.h"

enum { CURSOR_MAX = ID_MAX + 16 };

/* ---- fields: lists -------------------------------------------------------------------------- */
#define FILTER_FIELDS                                                                             \
    {.name = "status", .type = FIELD_CHOICE, .choices = lead_states,                              \
     .choice_count = LEAD_STATES, .label = {"alleen deze status", "only this status"}},           \
    {.name = "product", .type = FIELD_TEXT, .length_maximum = PRODUCT_CODE_MAX - 1,               \
     .label = {"alleen dit product", "only this product"}},                                       \
    {.name = "source", .type = FIELD_CHOICE, .choices = lead_sources,                             \
     .choice_count = LEAD_SOURCES, .label = {"alleen van deze herkomst", "only of this source"}}, \
    {.name = "partner_id", .type = FIELD_TEXT, .length_maximum = ID_MAX,                          \
     .label = {"alleen bij dit kantoor", "only with this office"}},                               \
    {.name = "user_id", .type = FIELD_TEXT, .length_maximum = ID_MAX,                             \
     .label = {"alleen van deze behandelaar", "only of this person in charge"}},                  \
    {.name = "mine", .type = FIELD_BOOLEAN, .label = {"alleen de mijne", "only mine"}},           \
    {.name = "open", .type = FIELD_BOOLEAN,                                                       \
     .label = {"alleen wat nog te doen is", "only what is still to be worked on"}},               \
    {.name = "unassigned", .type = FIELD_BOOLEAN,                                                 \
     .label = {"alleen zonder behandelaar", "only without a person in charge"}},                  \
    {.name = "pool", .type = FIELD_BOOLEAN,                                                       \
     .label = {"alleen bij de organisatie", "only with the organisation"}},                       \
    {.name = "due_by", .type = FIELD_DATE,                                                        \
     .label = {"volgende stap uiterlijk op", "next step due by"}}
#define LIST_FIELDS                                                                               \
    PAGE_FIELD_LIMIT,                                                                             \
    {.name = "cursor", .type = FIELD_TEXT, .length_maximum = CURSOR_MAX - 1,                      \
     .label = {"vervolg", "cursor"},                                                              \
     .help = {"`next` van de vorige bladzijde.", "`next` of the page before."}},                  \
    {.name = "sort", .type = FIELD_CHOICE, .choices = lead_sorts, .choice_count = LEAD_SORTS,     \
     .label = {"volgorde", "order"}, .help = {"Anders newest.", "Else newest."}},                 \
    FILTER_FIELDS
static const struct field list_input[] = {LIST_FIELDS};
static const struct field count_input[] = {FILTER_FIELDS};
static const struct field find_input[] = {
    LIST_FIELDS,
    {.name = "email", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = 254, .label = {"met dit e-mailadres", "with this email address"}},
    {.name = "telephone", .type = FIELD_TEXT, .sensitive = true, .length_minimum = 1,
     .length_maximum = 30, .label = {"met dit telefoonnummer", "with this telephone number"}}};
static const struct field list_item[] = {{.name = "lead", .type = FIELD_RECORD, .required = true,
                                          .fields = lead_fields, .field_count = LEAD_FIELDS,
                                          .schema = "Lead"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"leads", "leads"}},
    PAGE_FIELD_NEXT};
static const struct field count_output[] = {
    {.name = "count", .type = FIELD_INTEGER, .required = true, .label = {"aantal", "count"}},
    {.name = "more", .type = FIELD_BOOLEAN, .required = true,
     .label = {"er zijn er meer: er is niet verder geteld", "there are more: counting stopped"}}};

/* ---- lists ---------------------------------------------------------------------------------- */
struct listing {
    struct lead_filter filter;
    struct scratch *scratch;
    struct lead *leads;
    int count;
    int64_t all;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return lead_list(tx, &listing->filter, listing->scratch, error, listing->leads,
                     &listing->count);
}

static int count_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return lead_count(tx, &listing->filter, error, &listing->all);
}

static int wrong_cursor(struct call *call) {
    field_fault_add(&call->faults, "/cursor", "pattern", "%s",
                    call->language == LANGUAGE_EN
                        ? "A cursor is the `next` of an earlier page: take it over unchanged."
                        : "Een vervolg is de `next` van een eerdere bladzijde: neem die "
                          "ongewijzigd over.");
    return ERROR_INVALID;
}

/* "led_…", or with LEAD_SORT_NEXT "2026-11-30.led_…". */
static int cursor_take(struct call *call, struct lead_filter *filter) {
    const struct value *given = record_get(&call->input, "cursor");
    char *cursor = (char *)record_get_text(&call->input, "cursor", call->scratch);
    struct value_date date;
    if (!given) return 0;
    if (!cursor) return lead_no_scratch(call);
    if (filter->sort == LEAD_SORT_NEXT) {
        char *point = strchr(cursor, '.');
        if (!point) return wrong_cursor(call);
        *point = '\0';
        if (!day_read(cursor, &date)) return wrong_cursor(call);
        filter->after_on = cursor;
        cursor = point + 1;
    }
    if (!id_valid("led", cursor, strlen(cursor))) return wrong_cursor(call);
    filter->after_id = cursor;
    return 0;
}

static enum lead_sort sort_of(const char *text) {
    int sort = 0;
    while (text && sort < LEAD_SORTS && strcmp(text, lead_sorts[sort].code) != 0) sort++;
    return sort < LEAD_SORTS ? (enum lead_sort)sort : LEAD_SORT_NEWEST;
}

static int filter_take(struct call *call, struct lead_filter *filter) {
    const struct value *input = &call->input;
    struct scratch *scratch = call->scratch;
    *filter = (struct lead_filter){
        .test = call->caller.test,
        .sort = sort_of(record_get_text(input, "sort", scratch)),
        .state = record_get_text(input, "status", scratch),
        .product = record_get_text(input, "product", scratch),
        .source = record_get_text(input, "source", scratch),
        .partner_id = record_get_text(input, "partner_id", scratch),
        .user_id = record_get_text(input, "user_id", scratch),
        .open = record_get_boolean(input, "open", false),
        .unassigned = record_get_boolean(input, "unassigned", false),
        .pool = record_get_boolean(input, "pool", false),
        .limit = (int)record_get_integer(input, "limit", PAGE_LIMIT_DEFAULT) + 1};
    if (record_get_boolean(input, "mine", false)) filter->user_id = call->caller.user_id;
    int status = lead_date_of(call, "due_by", &filter->due_by);
    return status ? status : cursor_take(call, filter);
}

/* What is sought by, as an index in scratch. */
static int find_take(struct call *call, struct lead_filter *filter) {
    const struct encryption *encryption = call->service->encryption;
    const char *email = record_get_text(&call->input, "email", call->scratch);
    const char *telephone = record_get_text(&call->input, "telephone", call->scratch);
    char *email_index = scratch_take(call->scratch, SHA256_HEX_MAX);
    char *telephone_index = scratch_take(call->scratch, SHA256_HEX_MAX);
    if (!email && !telephone) return 0;
    if (!email_index || !telephone_index) return lead_no_scratch(call);
    if (!encryption)
        return error_set(&call->error, ERROR_INTERNAL,
                         "koppel.conf names no encryption_keys: nobody can be found by them");
    if (email) {
        lead_email_index(encryption, email, email_index);
        filter->email_index = email_index;
    }
    if (telephone) {
        /* One without digits is nobody's. */
        bool digits = lead_telephone_index(encryption, telephone, telephone_index);
        filter->telephone_index = digits ? telephone_index : "";
    }
    return 0;
}

static const char *next_of(struct call *call, const struct lead_filter *filter,
                           const struct lead *last, bool *failed) {
    if (filter->sort != LEAD_SORT_NEXT) return last->id;
    char *cursor = scratch_take(call->scratch, CURSOR_MAX);
    if (cursor) snprintf(cursor, CURSOR_MAX, "%.10s.%s", last->next_on, last->id);
    *failed |= !cursor;
    return cursor;
}

static int list_tell(struct call *call, const struct listing *listing) {
    int shown = listing->count < listing->filter.limit ? listing->count : listing->count - 1;
    struct list items;
    struct record output;
    list_init(&items, call->scratch);
    for (int i = 0; i < shown; i++) {
        struct record record;
        record_init(&record, call->scratch);
        int status = lead_set(call, &record, &listing->leads[i], NULL);
        if (status) return status;
        items.failed |= record.failed;
        list_add(&items, record_value(&record));
    }
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    record_set_text(&output, "next",
                    shown < listing->count ? next_of(call, &listing->filter,
                                                     &listing->leads[shown - 1], &items.failed)
                                           : NULL);
    if (items.failed || output.failed) return lead_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

static int list_leads(struct call *call) {
    struct listing listing = {.scratch = call->scratch};
    int status = filter_take(call, &listing.filter);
    if (!status) status = find_take(call, &listing.filter);
    if (status) return status;
    listing.leads = scratch_take(call->scratch, (PAGE_LIMIT_MAX + 1) * sizeof *listing.leads);
    if (!listing.leads) return lead_no_scratch(call);
    status = call_read(call, list_body, &listing);
    return status ? status : list_tell(call, &listing);
}

static int count_leads(struct call *call) {
    struct listing listing = {.scratch = call->scratch};
    struct record record;
    int status = filter_take(call, &listing.filter);
    if (!status) status = call_read(call, count_body, &listing);
    if (status) return status;
    record_init(&record, call->scratch);
    record_set_integer(&record, "count", listing.all);
    record_set_boolean(&record, "more", listing.all >= LEAD_COUNT_MAX);
    if (record.failed) return lead_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

/* ---- the table ------------------------------------------------------------------------------ */
#define ROW(name_, method_, path_, nl_, en_, input_, output_, output_count_, run_)                \
    {.name = name_, .method = method_, .path = path_, .summary = {nl_, en_},                      \
     .callers = LEAD_CALLERS, .roles = LEAD_ROLES_READING, .input = input_,                       \
     .input_count = sizeof input_ / sizeof *input_, .output = output_,                            \
     .output_count = output_count_, .status = 200, .rate = RATE_READ, .run = run_}

static const struct operation operations[] = {
    ROW("ListLeads", "GET", "/leads", "Lijst van leads", "List of leads", list_input, list_output,
        2, list_leads),
    ROW("CountLeads", "GET", "/leads/count", "Hoeveel leads er zijn; telt tot 10.000",
        "How many leads there are; counts to 10,000", count_input, count_output, 2, count_leads),
    ROW("FindLeads", "POST", "/leads/search", "Zoek leads op e-mailadres of telefoonnummer",
        "Find leads by email address or telephone number", find_input, list_output, 2,
        list_leads)};
_Static_assert(LEAD_COUNT_MAX == 10000, "the summary says so");

extern const struct operation_group api_leads;
const struct operation_group api_leads = {.name = "leads",
                                          .operations = operations,
                                          .count = sizeof operations / sizeof *operations};
