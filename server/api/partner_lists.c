/* Lists of partners within the caller's scope: filtered, sorted, searched and counted. */
#include "base/clock.h"
#include "partner_common.h"
#include "quote-engine/quote.h"

static const struct field_choice sorts[] = {
    [PARTNER_BY_NAME] = {"name", {"op naam", "by name"}},
    [PARTNER_BY_NAME_DOWN] = {"-name", {"op naam, van Z naar A", "by name, from Z to A"}},
    [PARTNER_NEWEST] = {"-created_at", {"de nieuwste eerst", "the newest first"}},
    [PARTNER_BY_REVIEW] = {"next_review_date", {"op volgende beoordeling", "by next review"}}};

#define FILTER(name_, maximum_, nl_, en_)                                                         \
    {.name = name_, .type = FIELD_TEXT, .length_minimum = 1, .length_maximum = maximum_,          \
     .label = {nl_, en_}}
#define FILTER_CHOICE(name_, choices_, count_, nl_, en_)                                          \
    {.name = name_, .type = FIELD_CHOICE, .choices = choices_, .choice_count = count_,            \
     .label = {nl_, en_}}
#define FILTER_FIELDS                                                                             \
    FILTER_CHOICE("kind", partner_kinds, PARTNER_KINDS, "alleen deze soort", "only this kind"),   \
    FILTER_CHOICE("stage", partner_stages, PARTNER_STAGES, "alleen deze fase",                    \
                  "only this stage"),                                                             \
    FILTER_CHOICE("grade", partner_grades, PARTNER_GRADES, "alleen deze waardering",              \
                  "only this grade"),                                                             \
    FILTER("account_manager_id", ID_MAX, "van deze accountmanager", "of this account manager"),   \
    FILTER("chain_id", ID_MAX, "in deze keten", "in this chain"),                                 \
    FILTER("product", PRODUCT_CODE_MAX, "verkoopt dit product", "sells this product"),            \
    {.name = "review_until", .type = FIELD_DATE,                                                  \
     .label = {"te beoordelen tot en met", "due for review until"}},                              \
    {.name = "search", .type = FIELD_TEXT, .length_minimum = 1, .length_maximum = 100,            \
     .label = {"zoek", "search"},                                                                 \
     .help = {"Beginletters van woorden in naam, plaats, nummers en adressen.",                   \
              "Beginnings of words in name, city, numbers and addresses."}}

static const struct field list_input[] = {
    PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR, FILTER_FIELDS,
    FILTER_CHOICE("sort", sorts, sizeof sorts / sizeof *sorts, "volgorde", "order")};
static const struct field count_input[] = {FILTER_FIELDS};
static const struct field list_item[] = {{.name = "partner", .type = FIELD_RECORD,
                                          .required = true, .fields = partner_fields,
                                          .field_count = PARTNER_FIELDS, .schema = "Partner"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"partners", "partners"}},
    PAGE_FIELD_NEXT};
static const struct field count_output[] = {
    {.name = "count", .type = FIELD_INTEGER, .required = true, .label = {"aantal", "count"},
     .help = {"Geteld wordt tot tienduizend.", "Counted up to ten thousand."}},
    {.name = "more", .type = FIELD_BOOLEAN, .required = true,
     .label = {"er kunnen er meer zijn", "there may be more"}}};
_Static_assert(PARTNER_COUNT_MAX == 10000, "the help says so");

struct listing {
    struct partner_filter filter;
    struct scratch *scratch;
    struct partner *partners;
    int count;
    int64_t total;
};

static bool filter_take(struct call *call, struct partner_filter *filter) {
    char *today = scratch_take(call->scratch, CLOCK_DATE_MAX);
    if (!today) {
        (void)partner_no_scratch(call);
        return false;
    }
    clock_amsterdam_date_text(call->now_us, today);
    filter->today = today;
    return partner_text(call, "kind", &filter->kind) &&
           partner_text(call, "stage", &filter->stage) &&
           partner_text(call, "grade", &filter->grade) &&
           partner_text(call, "account_manager_id", &filter->account_manager_id) &&
           partner_text(call, "chain_id", &filter->chain_id) &&
           partner_text(call, "product", &filter->product) &&
           partner_date(call, "review_until", &filter->review_until) &&
           partner_text(call, "search", &filter->search);
}

static enum partner_sort sort_of(const struct value *input) {
    int found = PARTNER_BY_NAME;
    for (int i = 0; i < (int)(sizeof sorts / sizeof *sorts); i++)
        if (record_text_is(input, "sort", sorts[i].code)) found = i;
    return (enum partner_sort)found;
}

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return partner_list(tx, &listing->filter, listing->scratch, error, listing->partners,
                        &listing->count);
}

static int list_partners(struct call *call) {
    struct listing listing = {.scratch = call->scratch};
    int limit = (int)record_get_integer(&call->input, "limit", PAGE_LIMIT_DEFAULT);
    int status = page_cursor(call, "ptr", &listing.filter.cursor);
    if (status) return status;
    if (!filter_take(call, &listing.filter)) return call->error.code;
    listing.filter.sort = sort_of(&call->input);
    listing.filter.limit = limit + 1;
    listing.partners =
        scratch_take(call->scratch, (size_t)(limit + 1) * sizeof *listing.partners);
    status = listing.partners ? call_read(call, list_body, &listing) : partner_no_scratch(call);
    if (status) return status;
    int shown = listing.count < limit ? listing.count : limit;
    struct list items;
    list_init(&items, call->scratch);
    for (int i = 0; i < shown; i++) {
        struct record record;
        record_init(&record, call->scratch);
        partner_set(call, &record, &listing.partners[i]);
        items.failed |= record.failed;
        list_add(&items, record_value(&record));
    }
    return partner_list_answer(call, &items,
                               shown < listing.count ? listing.partners[shown - 1].id : NULL);
}

static int count_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return partner_count(tx, &listing->filter, error, &listing->total);
}

static int count_partners(struct call *call) {
    struct listing listing = {.total = 0};
    struct record record;
    if (!filter_take(call, &listing.filter)) return call->error.code;
    int status = call_read(call, count_body, &listing);
    if (status) return status;
    record_init(&record, call->scratch);
    record_set_integer(&record, "count", listing.total);
    record_set_boolean(&record, "more", listing.total >= PARTNER_COUNT_MAX);
    if (record.failed) return partner_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

static const struct operation operations[] = {
    {.name = "ListPartners", .method = "GET", .path = "/partners",
     .summary = {"Lijst van partners", "List of partners"},
     .callers = CALLER_ORGANISATION | CALLER_USER, .roles = ROLES_ALL, .input = list_input,
     .input_count = sizeof list_input / sizeof *list_input, .output = list_output,
     .output_count = 2, .status = 200, .rate = RATE_READ, .run = list_partners},
    {.name = "CountPartners", .method = "GET", .path = "/partners/count",
     .summary = {"Aantal partners", "Number of partners"},
     .callers = CALLER_ORGANISATION | CALLER_USER, .roles = ROLES_ALL, .input = count_input,
     .input_count = sizeof count_input / sizeof *count_input, .output = count_output,
     .output_count = 2, .status = 200, .rate = RATE_READ, .run = count_partners}};

extern const struct operation_group api_partner_lists;
const struct operation_group api_partner_lists = {
    .name = "partners", .operations = operations, .count = sizeof operations / sizeof *operations};
