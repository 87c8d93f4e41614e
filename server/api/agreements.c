/* Agreements with partners: making, changing and ending them. A change ends the row on the day
 * before it holds and makes a new one, so that the old one stays readable. Commission that the
 * law forbids is refused where it is entered, with the rule. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "domain/agreement.h"
#include "domain/calendar_day.h"
#include "domain/catalogue.h"
#include "domain/commission.h"
#include "partner_common.h"

/* ---- fields ---------------------------------------------------------------------------------- */
#define AGREEMENT_ID_FIELD                                                                        \
    {.name = "id", .type = FIELD_TEXT, .required = true,                                          \
     .label = {"id van de overeenkomst", "id of the agreement"}}
#define PERCENT_FIELD(name_, nl_, en_)                                                            \
    {.name = name_, .type = FIELD_DECIMAL, .required = true, .minimum = "0", .maximum = "100",    \
     .fraction_digits = 4, .label = {nl_, en_}, .example = "12.5"}
static const struct field rate_fields[] = {
    {.name = "product", .type = FIELD_TEXT, .required = true, .length_minimum = 1,
     .length_maximum = PRODUCT_CODE_MAX - 1, .label = {"product", "product"}},
    PERCENT_FIELD("closing_percent", "afsluitprovisie in procenten",
                  "commission on closing, in per cent"),
    PERCENT_FIELD("renewal_percent", "doorlopende provisie in procenten",
                  "commission on renewal, in per cent"),
    {.name = "volume_dependent", .type = FIELD_BOOLEAN,
     .label = {"hangt af van volume of omzet", "depends on volume or turnover"},
     .help = {"Mag bij verzekeringen niet.", "Not allowed for insurance."}}};
static const struct field rate_item[] = {
    {.name = "rate", .type = FIELD_RECORD, .required = true, .fields = rate_fields,
     .field_count = 4, .schema = "CommissionRateInput"}};
#define TERMS_FIELDS(role_required)                                                               \
    {.name = "role", .type = FIELD_CHOICE, .choices = agreement_roles,                            \
     .choice_count = AGREEMENT_ROLES, .label = {"rol", "role"},                                   \
     .help = {"Anders bemiddelaar.", "Else intermediary."}},                                      \
    PARTNER_DATE_FIELD("from_date", true, "eerste dag", "first day"),                             \
    PARTNER_DATE_FIELD("to_date", false, "laatste dag", "last day"),                              \
    {.name = "conditions", .type = FIELD_TEXT, .length_minimum = 1,                               \
     .length_maximum = AGREEMENT_CONDITIONS_MAX, .label = {"voorwaarden", "conditions"}},         \
    {.name = "rates", .type = FIELD_LIST, .fields = rate_item, .field_count = 1,                  \
     .length_maximum = AGREEMENT_RATES_MAX, .label = {"provisie", "commission"}}

static const struct field create_input[] = {
    {.name = "partner_id", .type = FIELD_TEXT, .required = true, .label = {"partner", "partner"}},
    {.name = "product", .type = FIELD_TEXT, .length_minimum = 1,
     .length_maximum = PRODUCT_CODE_MAX - 1, .label = {"product", "product"},
     .help = {"Anders elk product.", "Else every product."}},
    TERMS_FIELDS(true)};
static const struct field change_input[] = {AGREEMENT_ID_FIELD, TERMS_FIELDS(true)};
static const struct field end_input[] = {
    AGREEMENT_ID_FIELD, PARTNER_DATE_FIELD("to_date", true, "laatste dag", "last day")};
static const struct field id_input[] = {AGREEMENT_ID_FIELD};
static const struct field list_input[] = {
    PAGE_FIELD_LIMIT, PAGE_FIELD_CURSOR,
    {.name = "partner", .type = FIELD_TEXT, .length_maximum = ID_MAX,
     .label = {"van deze partner", "of this partner"}},
    {.name = "product", .type = FIELD_TEXT, .length_maximum = PRODUCT_CODE_MAX,
     .label = {"voor dit product", "for this product"}},
    {.name = "role", .type = FIELD_CHOICE, .choices = agreement_roles,
     .choice_count = AGREEMENT_ROLES, .label = {"in deze rol", "in this role"}},
    {.name = "on", .type = FIELD_DATE, .label = {"die geldt op", "which holds on"}}};

static const struct field rate_output_fields[] = {
    PARTNER_SAID("product", "product", "product"),
    PERCENT_FIELD("closing_percent", "afsluitprovisie in procenten",
                  "commission on closing, in per cent"),
    PERCENT_FIELD("renewal_percent", "doorlopende provisie in procenten",
                  "commission on renewal, in per cent"),
    {.name = "volume_dependent", .type = FIELD_BOOLEAN, .required = true,
     .label = {"hangt af van volume of omzet", "depends on volume or turnover"}}};
static const struct field rate_output_item[] = {
    {.name = "rate", .type = FIELD_RECORD, .required = true, .fields = rate_output_fields,
     .field_count = 4, .schema = "CommissionRate"}};
static const struct field_choice states[] = {{"coming", {"gaat nog in", "yet to begin"}},
                                             {"current", {"geldt", "holds"}},
                                             {"past", {"voorbij", "over"}}};
static const struct field output[] = {
    PARTNER_SAID("id", "id van de overeenkomst", "id of the agreement"),
    PARTNER_REVISION_FIELD,
    PARTNER_SAID("partner_id", "partner", "partner"),
    PARTNER_MAYBE("product", "product", "product"),
    {.name = "role", .type = FIELD_CHOICE, .required = true, .choices = agreement_roles,
     .choice_count = AGREEMENT_ROLES, .label = {"rol", "role"}},
    PARTNER_SAID_DATE("from_date", "eerste dag", "first day"),
    PARTNER_MAYBE_DATE("to_date", "laatste dag", "last day"),
    {.name = "state", .type = FIELD_CHOICE, .required = true, .choices = states,
     .choice_count = 3, .label = {"vandaag", "today"}},
    PARTNER_MAYBE("conditions", "voorwaarden", "conditions"),
    {.name = "rates", .type = FIELD_LIST, .required = true, .fields = rate_output_item,
     .field_count = 1, .length_maximum = AGREEMENT_RATES_MAX,
     .label = {"provisie", "commission"}},
    PARTNER_MAYBE("replaces_id", "komt in de plaats van", "takes the place of"),
    PARTNER_SAID_INSTANT("created_at", "vastgelegd op", "recorded at")};
enum { OUTPUT_FIELDS = sizeof output / sizeof *output };
static const struct field list_item[] = {{.name = "agreement", .type = FIELD_RECORD,
                                          .required = true, .fields = output,
                                          .field_count = OUTPUT_FIELDS, .schema = "Agreement"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = list_item, .field_count = 1,
     .label = {"overeenkomsten", "agreements"},
     .help = {"De nieuwste eerst.", "The newest first."}},
    PAGE_FIELD_NEXT};

/* ---- answers --------------------------------------------------------------------------------- */
static const char *state_of(const struct agreement *agreement, const char *today) {
    if (strcmp(agreement->from_date, today) > 0) return "coming";
    return agreement->to_date && strcmp(agreement->to_date, today) < 0 ? "past" : "current";
}

/* As the store keeps it. */
static struct value percent_value(const char *text) {
    struct decimal number = decimal_from_int64(0);
    decimal_parse(text, strlen(text), &number);
    return value_number(number);
}

static struct value rates_value(struct call *call, const struct agreement *agreement,
                                bool *failed) {
    struct list list;
    list_init(&list, call->scratch);
    for (int i = 0; i < agreement->rate_count; i++) {
        const struct agreement_rate *rate = &agreement->rates[i];
        struct record record;
        record_init(&record, call->scratch);
        record_set_text(&record, "product", rate->product);
        record_set(&record, "closing_percent", percent_value(rate->closing_percent));
        record_set(&record, "renewal_percent", percent_value(rate->renewal_percent));
        record_set_boolean(&record, "volume_dependent", rate->volume_dependent);
        *failed |= record.failed;
        list_add(&list, record_value(&record));
    }
    *failed |= list.failed;
    return list_value(&list);
}

/* Texts of the agreement lie in scratch. */
static struct value agreement_value(struct call *call, const struct agreement *agreement,
                                    bool *failed) {
    struct record record;
    char today[CLOCK_DATE_MAX];
    clock_amsterdam_date_text(call->now_us, today);
    record_init(&record, call->scratch);
    record_set_text(&record, "id", agreement->id);
    record_set_integer(&record, "revision", agreement->revision);
    record_set_text(&record, "partner_id", agreement->partner_id);
    record_set_text(&record, "product", agreement->product);
    record_set_text(&record, "role", agreement->role);
    record_set_text(&record, "from_date", agreement->from_date);
    record_set_text(&record, "to_date", agreement->to_date);
    record_set_text(&record, "state", state_of(agreement, today));
    record_set_text(&record, "conditions", agreement->conditions);
    record_set(&record, "rates", rates_value(call, agreement, failed));
    record_set_text(&record, "replaces_id", agreement->replaces_id);
    record_set_instant(&record, "created_at", agreement->created_us);
    *failed |= record.failed;
    return record_value(&record);
}

static int agreement_answer(struct call *call, const struct agreement *agreement) {
    bool failed = false;
    call->output = agreement_value(call, agreement, &failed);
    return failed ? partner_no_scratch(call) : 0;
}

/* ---- reading --------------------------------------------------------------------------------- */
struct reading {
    const char *id;
    struct scratch *scratch;
    struct agreement agreement;
};

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *reading = context;
    return agreement_read(tx, reading->id, reading->scratch, error, &reading->agreement);
}

static int agreement_of_input(struct call *call, struct agreement *ret_agreement) {
    struct reading reading = {.scratch = call->scratch};
    int status = partner_id_of(call, "id", "agr", &reading.id);
    if (!status) status = call_read(call, read_body, &reading);
    if (status == ERROR_NOT_FOUND) {
        error_clear(&call->error);
        return call_not_found(call);
    }
    if (!status) *ret_agreement = reading.agreement;
    return status;
}

static int get_agreement(struct call *call) {
    struct agreement agreement;
    int status = agreement_of_input(call, &agreement);
    return status ? status : agreement_answer(call, &agreement);
}

struct listing {
    struct agreement_filter filter;
    struct scratch *scratch;
    struct agreement *agreements;
    int count;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return agreement_list(tx, &listing->filter, listing->scratch, error, listing->agreements,
                          &listing->count);
}

static int list_agreements(struct call *call) {
    struct listing listing = {.scratch = call->scratch};
    int limit = (int)record_get_integer(&call->input, "limit", PAGE_LIMIT_DEFAULT);
    int status = page_cursor(call, "agr", &listing.filter.below);
    if (status) return status;
    if (!partner_text(call, "partner", &listing.filter.partner_id) ||
        !partner_text(call, "product", &listing.filter.product) ||
        !partner_text(call, "role", &listing.filter.role) ||
        !partner_date(call, "on", &listing.filter.on_date))
        return call->error.code;
    listing.filter.limit = limit + 1;
    listing.agreements =
        scratch_take(call->scratch, (size_t)(limit + 1) * sizeof *listing.agreements);
    status = listing.agreements ? call_read(call, list_body, &listing) : partner_no_scratch(call);
    if (status) return status;
    int shown = listing.count < limit ? listing.count : limit;
    struct list items;
    list_init(&items, call->scratch);
    for (int i = 0; i < shown; i++)
        list_add(&items, agreement_value(call, &listing.agreements[i], &items.failed));
    return partner_list_answer(call, &items,
                               shown < listing.count ? listing.agreements[shown - 1].id : NULL);
}

/* ---- what is given --------------------------------------------------------------------------- */
/* The law that holds for a product, as of the day that the agreement begins, or today. A fault when
 * there is no such product. */
static int law_find(struct call *call, const char *product, const char *from_date,
                    const char *pointer, enum product_law *ret_law) {
    const struct product_version *version = NULL;
    struct error error = {0};
    char today[CLOCK_DATE_MAX];
    clock_amsterdam_date_text(call->now_us, today);
    const char *date = strcmp(from_date, today) > 0 ? from_date : today;
    int status = catalogue_find(call->service->catalogue, product, date, call->now_us, &error,
                                &version);
    if (status == ERROR_NOT_FOUND) {
        partner_fault(call, pointer, "unknown_product",
                      "Dit product bestaat niet (op die dag): kies er een uit de lijst.",
                      "There is no such product (on that day): choose one of the list.");
        return 0;
    }
    if (status) return error_set(&call->error, error.code, "%s", error.text);
    *ret_law = product_info(version->product)->sell.law;
    catalogue_release(call->service->catalogue, version);
    return 0;
}

static const char *percent_text(struct call *call, const struct value *number) {
    char text[DECIMAL_TEXT_MAX];
    size_t length = decimal_format(number->number, false, text);
    char *copied = scratch_take(call->scratch, length + 1);
    if (copied) memcpy(copied, text, length + 1);
    return copied;
}

static bool above_zero(const struct value *number) {
    return decimal_compare(number->number, decimal_from_int64(0)) > 0;
}

static int rate_take(struct call *call, const struct value *given, int at,
                     struct agreement *agreement, struct agreement_rate *rate) {
    const struct value *closing = record_get(given, "closing_percent");
    const struct value *renewal = record_get(given, "renewal_percent");
    char pointer[FIELD_POINTER_MAX], message[COMMISSION_MESSAGE_MAX];
    enum product_law law = PRODUCT_NON_LIFE;
    rate->product = record_get_text(given, "product", call->scratch);
    rate->closing_percent = percent_text(call, closing);
    rate->renewal_percent = percent_text(call, renewal);
    rate->volume_dependent = record_get_boolean(given, "volume_dependent", false);
    if (!rate->product || !rate->closing_percent || !rate->renewal_percent)
        return partner_no_scratch(call);
    snprintf(pointer, sizeof pointer, "/rates/%d/product", at);
    if (agreement->product && strcmp(agreement->product, rate->product) != 0)
        partner_fault(call, pointer, "other_product",
                      "Deze overeenkomst is voor een ander product: neem dat, of laat het product "
                      "van de overeenkomst weg.",
                      "This agreement is for another product: take that one, or leave the "
                      "agreement's product out.");
    for (int i = 0; i < at; i++)
        if (agreement->rates[i].product && strcmp(agreement->rates[i].product, rate->product) == 0)
            partner_fault(call, pointer, "twice", "Dit product staat er al: geef het één keer.",
                          "This product is there already: give it once.");
    int status = law_find(call, rate->product, agreement->from_date, pointer, &law);
    if (status) return status;
    enum commission_fault fault = commission_check(law, above_zero(closing) || above_zero(renewal),
                                                   rate->volume_dependent);
    if (!fault) return 0;
    snprintf(pointer, sizeof pointer, "/rates/%d%s", at,
             fault == COMMISSION_VOLUME ? "/volume_dependent" : "");
    commission_say(law, fault, call->language, message);
    field_fault_add(&call->faults, pointer, commission_fault_code(fault), "%s", message);
    return 0;
}

static int rates_take(struct call *call, struct agreement *agreement) {
    const struct value *given = record_get(&call->input, "rates");
    int count = given ? (int)given->length : 0;
    if (!given) return 0;
    struct agreement_rate *rates =
        scratch_take(call->scratch, (size_t)(count + 1) * sizeof *rates);
    if (!rates) return partner_no_scratch(call);
    agreement->rates = rates;
    for (int i = 0; i < count; i++) {
        int status = rate_take(call, &given->items[i], i, agreement, &rates[i]);
        if (status) return status;
    }
    agreement->rate_count = count;
    return 0;
}

/* Role, days, conditions and rates; what is not given stays as `agreement` has it. */
static int terms_take(struct call *call, struct agreement *agreement) {
    enum product_law unused;
    if (!partner_text(call, "role", &agreement->role) ||
        !partner_date(call, "from_date", &agreement->from_date) ||
        !partner_date(call, "to_date", &agreement->to_date) ||
        !partner_text(call, "conditions", &agreement->conditions))
        return call->error.code;
    if (!agreement->role) agreement->role = "intermediary";
    partner_dates_check(call, "/to_date", agreement->from_date, agreement->to_date);
    int status = 0;
    if (agreement->product)
        status = law_find(call, agreement->product, agreement->from_date, "/product", &unused);
    if (!status) status = rates_take(call, agreement);
    if (status) return status;
    return call->faults.count ? ERROR_INVALID : 0;
}

/* ---- deeds ----------------------------------------------------------------------------------- */
struct writing {
    struct agreement agreement; /* the new row */
    const char *ended_id;       /* the row that ends, or NULL */
    const char *ended_on;
    int64_t ended_revision, now_us;
};

static int write_body(struct db_tx *tx, void *context, struct error *error) {
    const struct writing *writing = context;
    int status = 0;
    if (writing->ended_id)
        status = agreement_end(tx, writing->ended_id, writing->ended_on, writing->ended_revision,
                               writing->now_us, error);
    if (status || !writing->agreement.id) return status;
    return agreement_create(tx, writing->agreement.id, &writing->agreement, writing->now_us,
                            error);
}

static struct value text_or_null(const char *text) {
    return text ? value_text(text, strlen(text)) : value_null();
}

static int agreement_do(struct call *call, struct writing *writing, const char *kind,
                        const struct agreement *told) {
    const struct value_entry entries[] = {
        record_entry("product", text_or_null(told->product)),
        record_entry("from_date", text_or_null(told->from_date)),
        record_entry("to_date", text_or_null(told->to_date))};
    struct partner_deed deed = {.body = write_body,
                                .context = writing,
                                .event = {.partner_id = told->partner_id,
                                          .kind = kind,
                                          .subject_id = told->id,
                                          .detail = partner_detail(call, entries, 3)}};
    if (!deed.event.detail) return partner_no_scratch(call);
    return partner_do_raw(call, told->id, &deed);
}

/* Another agreement for some of the days is told as a fault. */
static int overlap_refuse(struct call *call, int status) {
    if (status == ERROR_NOT_FOUND) {
        error_clear(&call->error);
        partner_fault(call, "/partner_id", "unknown_partner",
                      "Deze partner bestaat niet: kies er een uit de lijst.",
                      "There is no such partner: choose one of the list.");
        return ERROR_INVALID;
    }
    if (status == ERROR_CONFLICT) {
        error_clear(&call->error);
        return call_refuse_revision(call);
    }
    if (status != ERROR_INVALID || call->faults.count) return status;
    error_clear(&call->error);
    partner_fault(call, "/from_date", "overlap",
                  "Voor een deel van deze dagen is er al een overeenkomst voor dit product: wijzig "
                  "of beëindig die.",
                  "For some of these days there is an agreement for this product already: change "
                  "or end that one.");
    return ERROR_INVALID;
}

static int create_agreement(struct call *call) {
    char *id = scratch_take(call->scratch, ID_MAX);
    struct writing writing = {.now_us = call->now_us};
    struct agreement *agreement = &writing.agreement;
    *agreement = (struct agreement){.id = id, .revision = 1, .created_us = call->now_us};
    if (!id) return partner_no_scratch(call);
    id_make("agr", id);
    if (!partner_text(call, "partner_id", &agreement->partner_id) ||
        !partner_text(call, "product", &agreement->product))
        return call->error.code;
    int status = terms_take(call, agreement);
    if (!status) status = agreement_answer(call, agreement);
    if (!status) status = agreement_do(call, &writing, "agreement_made", agreement);
    return overlap_refuse(call, status);
}

/* The day before, in scratch. */
static const char *day_before(struct call *call, const char *date) {
    struct value_date day;
    char *text = scratch_take(call->scratch, CLOCK_DATE_MAX);
    if (!text || !day_read(date, &day)) return NULL;
    day = day_add(&day, -1);
    day_write(&day, text);
    return text;
}

static int seen_of_input(struct call *call, struct agreement *ret_agreement) {
    int status = agreement_of_input(call, ret_agreement);
    return status ? status : call_check_revision(call, ret_agreement->revision);
}

static int change_agreement(struct call *call) {
    struct agreement before;
    char today[CLOCK_DATE_MAX], *id = scratch_take(call->scratch, ID_MAX);
    struct writing writing = {.now_us = call->now_us};
    struct agreement *agreement = &writing.agreement;
    if (!id) return partner_no_scratch(call);
    int status = seen_of_input(call, &before);
    if (status) return status;
    id_make("agr", id);
    *agreement = (struct agreement){.id = id,
                                    .partner_id = before.partner_id,
                                    .product = before.product,
                                    .role = before.role,
                                    .to_date = before.to_date,
                                    .conditions = before.conditions,
                                    .rates = before.rates,
                                    .rate_count = before.rate_count,
                                    .replaces_id = before.id,
                                    .revision = 1,
                                    .created_us = call->now_us};
    status = terms_take(call, agreement);
    if (status && !call->faults.count) return status;
    clock_amsterdam_date_text(call->now_us, today);
    if (strcmp(agreement->from_date, before.from_date) < 0 ||
        strcmp(agreement->from_date, today) < 0 ||
        (before.to_date && strcmp(agreement->from_date, before.to_date) > 0))
        partner_fault(call, "/from_date", "out_of_range",
                      "Een wijziging gaat in op vandaag of later, terwijl de overeenkomst geldt.",
                      "A change begins today or later, while the agreement holds.");
    if (call->faults.count) return ERROR_INVALID;
    writing.ended_id = before.id;
    writing.ended_on = day_before(call, agreement->from_date);
    writing.ended_revision = before.revision + 1;
    if (!status && !writing.ended_on) status = partner_no_scratch(call);
    if (!status) status = agreement_answer(call, agreement);
    if (!status) status = agreement_do(call, &writing, "agreement_changed", agreement);
    return overlap_refuse(call, status);
}

static int end_agreement(struct call *call) {
    struct agreement agreement;
    struct writing writing = {.now_us = call->now_us};
    char today[CLOCK_DATE_MAX];
    int status = seen_of_input(call, &agreement);
    if (status) return status;
    if (!partner_date(call, "to_date", &agreement.to_date)) return call->error.code;
    clock_amsterdam_date_text(call->now_us, today);
    const char *first = day_before(call, today), *earliest = day_before(call, agreement.from_date);
    if (!first || !earliest) return partner_no_scratch(call);
    if (strcmp(agreement.to_date, first) < 0 || strcmp(agreement.to_date, earliest) < 0) {
        partner_fault(call, "/to_date", "out_of_range",
                      "De laatste dag is gisteren of later, en niet voor de overeenkomst begon.",
                      "The last day is yesterday or later, and not before the agreement began.");
        return ERROR_INVALID;
    }
    writing.ended_id = agreement.id;
    writing.ended_on = agreement.to_date;
    writing.ended_revision = ++agreement.revision;
    status = agreement_answer(call, &agreement);
    if (!status) status = agreement_do(call, &writing, "agreement_ended", &agreement);
    return overlap_refuse(call, status);
}

/* ---- the table ------------------------------------------------------------------------------- */
static const char *const refusals[] = {"precondition_required", "precondition_failed", NULL};
#define DEED(name_, path_, nl_, en_, input_, status_, run_)                                       \
    .name = name_, .method = "POST", .path = path_, .summary = {nl_, en_},                        \
    .callers = CALLER_ORGANISATION | CALLER_USER, .roles = ROLES_PARTNERS_WRITING,                \
    .input = input_, .input_count = sizeof input_ / sizeof *input_, .output = output,             \
    .output_count = OUTPUT_FIELDS, .status = status_, .idempotent_key = true, .audited = true,    \
    .revised = true, .rate = RATE_READ, .run = run_
#define READ(name_, path_, nl_, en_, input_, output_, count_, run_)                               \
    .name = name_, .method = "GET", .path = path_, .summary = {nl_, en_},                         \
    .callers = CALLER_ORGANISATION | CALLER_USER, .roles = ROLES_ALL, .input = input_,            \
    .input_count = sizeof input_ / sizeof *input_, .output = output_, .output_count = count_,     \
    .status = 200, .rate = RATE_READ, .run = run_

static const struct operation operations[] = {
    {READ("ListAgreements", "/agreements", "Lijst van overeenkomsten", "List of agreements",
          list_input, list_output, 2, list_agreements)},
    {READ("GetAgreement", "/agreements/{id}", "Eén overeenkomst", "One agreement", id_input,
          output, OUTPUT_FIELDS, get_agreement),
     .revised = true, .dated = true},
    {DEED("CreateAgreement", "/agreements", "Sluit een overeenkomst met een partner",
          "Make an agreement with a partner", create_input, 201, create_agreement)},
    {DEED("ChangeAgreement", "/agreements/{id}/change",
          "Wijzig een overeenkomst vanaf een dag; de oude blijft leesbaar",
          "Change an agreement from a day on; the old one stays readable", change_input, 201,
          change_agreement),
     .if_match = true, .refusals = refusals},
    {DEED("EndAgreement", "/agreements/{id}/ending", "Beëindig een overeenkomst",
          "End an agreement", end_input, 200, end_agreement),
     .if_match = true, .refusals = refusals}};

extern const struct operation_group api_agreements;
const struct operation_group api_agreements = {.name = "agreements",
                                               .operations = operations,
                                               .count = sizeof operations / sizeof *operations};
