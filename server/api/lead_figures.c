/* Figures of leads over a period: how fast offices answer and how many leads are won, by office,
 * product or source. An office sees those of its own reach. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "domain/calendar_day.h"
#include "domain/lead_figures.h"
#include "lead_common.h"

/* ---- fields --------------------------------------------------------------------------------- */
static const struct field_choice groupings[] = {
    {"partner", {"per kantoor", "by office"}},
    {"product", {"per product", "by product"}},
    {"source", {"per herkomst", "by source"}}};
static const struct field figures_input[] = {
    {.name = "by", .type = FIELD_CHOICE, .choices = groupings, .choice_count = 3,
     .label = {"indeling", "grouping"}, .help = {"Anders partner.", "Else partner."}},
    {.name = "from", .type = FIELD_DATE, .label = {"eerste dag", "first day"},
     .help = {"Anders dertig dagen voor de laatste.", "Else thirty days before the last."}},
    {.name = "until", .type = FIELD_DATE, .label = {"laatste dag", "last day"},
     .help = {"Anders vandaag.", "Else today."}}};
#define NUMBER(name_, nl_, en_)                                                                   \
    {.name = name_, .type = FIELD_INTEGER, .required = true, .label = {nl_, en_}}
#define MINUTES(name_, nl_, en_)                                                                  \
    {.name = name_, .type = FIELD_INTEGER, .required = true, .nullable = true,                    \
     .label = {nl_, en_}}
#define FIGURE_FIELDS                                                                             \
    NUMBER("received", "binnengekomen", "came in"), NUMBER("won", "gewonnen", "won"),             \
    NUMBER("lost", "verloren", "lost"), NUMBER("spam", "ongewenst", "spam"),                      \
    NUMBER("open", "nog te doen", "still open"),                                                  \
    NUMBER("conversion_percent", "gewonnen, in procent", "won, in percent"),                      \
    NUMBER("offered", "aanbiedingen", "offers"), NUMBER("accepted", "aangenomen", "accepted"),    \
    NUMBER("declined", "afgewezen", "declined"),                                                  \
    NUMBER("lapsed", "niet op tijd beantwoord", "not answered in time"),                          \
    MINUTES("answer_median_minutes", "middelste antwoordtijd in werkminuten",                     \
            "median answer time in working minutes"),                                             \
    MINUTES("answer_p90_minutes", "antwoordtijd van negen op de tien",                            \
            "answer time of nine in ten")
static const struct field total_fields[] = {FIGURE_FIELDS};
static const struct field figure_fields[] = {
    TEXT_NULLABLE("key", "groep", "group"), TEXT_NULLABLE("name", "naam", "name"),
    FIGURE_FIELDS};
static const struct field figure_item[] = {
    {.name = "figure", .type = FIELD_RECORD, .required = true, .fields = figure_fields,
     .field_count = sizeof figure_fields / sizeof *figure_fields, .schema = "LeadFigure"}};
static const struct field figures_output[] = {
    {.name = "from", .type = FIELD_DATE, .required = true, .label = {"eerste dag", "first day"}},
    {.name = "until", .type = FIELD_DATE, .required = true, .label = {"laatste dag", "last day"}},
    {.name = "total", .type = FIELD_RECORD, .required = true, .fields = total_fields,
     .field_count = sizeof total_fields / sizeof *total_fields, .schema = "LeadFigureTotal",
     .label = {"alles samen", "all together"}},
    {.name = "items", .type = FIELD_LIST, .required = true, .length_maximum = LEAD_FIGURES_MAX,
     .fields = figure_item, .field_count = 1, .label = {"groepen", "groups"}},
    {.name = "more", .type = FIELD_BOOLEAN, .required = true,
     .label = {"er zijn meer groepen", "there are more groups"}}};

/* ---- the call ------------------------------------------------------------------------------- */
struct asking {
    enum lead_grouping grouping;
    struct value_date from, until;
    struct lead_figures *figures;
};

static int64_t midnight(const struct value_date *date) {
    return clock_amsterdam_midnight_us(date->year, date->month, date->day);
}

static int figures_body(struct db_tx *tx, void *context, struct error *error) {
    struct asking *asking = context;
    struct value_date behind = day_add(&asking->until, 1);
    return lead_figures_read(tx, asking->grouping, midnight(&asking->from), midnight(&behind),
                             error, asking->figures);
}

static int period_take(struct call *call, struct asking *asking) {
    const struct value *from = record_get(&call->input, "from");
    const struct value *until = record_get(&call->input, "until");
    asking->until = until ? until->date : day_at(call->now_us);
    asking->from = from ? from->date : day_add(&asking->until, -30);
    struct value_date latest = day_add(&asking->from, LEAD_FIGURES_DAYS_MAX);
    if (day_compare(&asking->from, &asking->until) <= 0 &&
        day_compare(&asking->until, &latest) < 0)
        return 0;
    field_fault_add(&call->faults, "/until", "too_large", "%s",
                    call->language == LANGUAGE_EN
                        ? "Give a last day on or after the first, within a year of it."
                        : "Geef een laatste dag op of na de eerste, binnen een jaar daarvan.");
    return ERROR_INVALID;
}

static void minutes_set(struct record *record, const char *name, int64_t minutes) {
    if (minutes < 0) record_set(record, name, value_null());
    else record_set_integer(record, name, minutes);
}

/* Of what has ended or is open: what was spam was no lead. */
static int64_t conversion(const struct lead_figure *figure) {
    int64_t leads = figure->received - figure->spam;
    return leads ? (100 * figure->won + leads / 2) / leads : 0;
}

static void figure_set(struct record *record, const struct lead_figure *figure) {
    record_set_integer(record, "received", figure->received);
    record_set_integer(record, "won", figure->won);
    record_set_integer(record, "lost", figure->lost);
    record_set_integer(record, "spam", figure->spam);
    record_set_integer(record, "open", figure->open);
    record_set_integer(record, "conversion_percent", conversion(figure));
    record_set_integer(record, "offered", figure->offered);
    record_set_integer(record, "accepted", figure->accepted);
    record_set_integer(record, "declined", figure->declined);
    record_set_integer(record, "lapsed", figure->lapsed);
    minutes_set(record, "answer_median_minutes", figure->median_minutes);
    minutes_set(record, "answer_p90_minutes", figure->p90_minutes);
}

static int figures_tell(struct call *call, const struct asking *asking) {
    const struct lead_figures *figures = asking->figures;
    struct record output, total;
    struct list items;
    char *from = scratch_take(call->scratch, CLOCK_DATE_MAX);
    char *until = scratch_take(call->scratch, CLOCK_DATE_MAX);
    if (!from || !until) return lead_no_scratch(call);
    day_write(&asking->from, from);
    day_write(&asking->until, until);
    list_init(&items, call->scratch);
    for (int i = 0; i < figures->count; i++) {
        struct record item;
        record_init(&item, call->scratch);
        record_copy_given(&item, "key", figures->items[i].key);
        record_copy_given(&item, "name", figures->items[i].name);
        figure_set(&item, &figures->items[i]);
        items.failed |= item.failed;
        list_add(&items, record_value(&item));
    }
    record_init(&total, call->scratch);
    figure_set(&total, &figures->total);
    record_init(&output, call->scratch);
    record_set_text(&output, "from", from);
    record_set_text(&output, "until", until);
    record_set(&output, "total", record_value(&total));
    record_set(&output, "items", list_value(&items));
    record_set_boolean(&output, "more", figures->more);
    if (items.failed || total.failed || output.failed) return lead_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

static int get_figures(struct call *call) {
    struct asking asking = {.grouping = LEAD_BY_OFFICE,
                            .figures = scratch_take(call->scratch, sizeof *asking.figures)};
    if (!asking.figures) return lead_no_scratch(call);
    for (int i = 0; i < 3; i++)
        if (record_text_is(&call->input, "by", groupings[i].code))
            asking.grouping = (enum lead_grouping)i;
    int status = period_take(call, &asking);
    if (!status) status = call_read(call, figures_body, &asking);
    return status ? status : figures_tell(call, &asking);
}

static const struct operation operations[] = {
    {.name = "GetLeadFigures",
     .method = "GET",
     .path = "/lead-figures",
     .summary = {"Antwoordtijden en uitkomsten van leads over een periode",
                 "Answer times and outcomes of leads over a period"},
     .callers = CALLER_ORGANISATION | CALLER_USER,
     .roles = LEAD_ROLES_READING,
     .input = figures_input,
     .input_count = sizeof figures_input / sizeof *figures_input,
     .output = figures_output,
     .output_count = sizeof figures_output / sizeof *figures_output,
     .status = 200,
     .rate = RATE_READ,
     .run = get_figures}};

extern const struct operation_group api_lead_figures;
const struct operation_group api_lead_figures = {.name = "leads",
                                                 .operations = operations,
                                                 .count = sizeof operations / sizeof *operations};
