/* The change log of the API as data: what was added, changed, deprecated and removed, and when. It
 * is one file, schema/changes.json, that the build puts into the program; its entries name
 * operations and fields of the one table, which a test holds them to. */
#include <string.h>

#include "domain/calendar_day.h"
#include "domain/embedded.h"
#include "message/api_version.h"
#include "message/json.h"
#include "message/record.h"
#include "operation/operation.h"

enum { LOG_VALUES_MAX = 20000 }; /* about a thousand entries */

static const struct field_choice kinds[] = {{"added", {"toegevoegd", "added"}},
                                            {"changed", {"gewijzigd", "changed"}},
                                            {"deprecated", {"verouderd", "deprecated"}},
                                            {"removed", {"verwijderd", "removed"}}};
static const struct field list_input[] = {
    {.name = "since", .type = FIELD_DATE, .label = {"vanaf", "since"},
     .help = {"Alleen wat er vanaf deze dag veranderde.", "Only what changed from this day on."}}};
static const struct field name_item[] = {
    {.name = "field", .type = FIELD_TEXT, .example = "\"answer.premium.total\""}};
static const struct field change_fields[] = {
    {.name = "date", .type = FIELD_DATE, .required = true, .label = {"dag", "day"}},
    {.name = "kind", .type = FIELD_CHOICE, .required = true, .label = {"soort", "kind"},
     .choices = kinds, .choice_count = sizeof kinds / sizeof *kinds},
    {.name = "operation", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"operatie", "operation"},
     .help = {"Haar operationId; null als het over de API als geheel gaat.",
              "Its operationId; null when this is about the API as a whole."}},
    {.name = "fields", .type = FIELD_LIST, .required = true, .fields = name_item, .field_count = 1,
     .label = {"velden", "fields"},
     .help = {"Met request. of answer. ervoor; leeg als het over de operatie als geheel gaat.",
              "With request. or answer. before them; empty when this is about the operation as a "
              "whole."}},
    {.name = "version", .type = FIELD_DATE, .required = true, .nullable = true,
     .label = {"versie", "version"},
     .help = {"De versie van de API waarin dit zo is (Koppel-Version); null als het er in elke is.",
              "The version of the API in which this is so (Koppel-Version); null when it is in "
              "every one."}},
    {.name = "text", .type = FIELD_TEXT, .required = true, .length_maximum = 2000,
     .label = {"uitleg", "explanation"}}};
static const struct field change_item[] = {
    {.name = "change", .type = FIELD_RECORD, .required = true, .fields = change_fields,
     .field_count = sizeof change_fields / sizeof *change_fields, .schema = "ApiChange"}};
static const struct field version_item[] = {
    {.name = "version", .type = FIELD_DATE, .example = "\"2026-11-23\""}};
static const struct field list_output[] = {
    {.name = "versions", .type = FIELD_LIST, .required = true, .fields = version_item,
     .field_count = 1,
     .label = {"versies van de API, de nieuwste eerst", "versions of the API, the newest first"}},
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = change_item,
     .field_count = 1, .label = {"wijzigingen, de nieuwste eerst", "changes, the newest first"}},
    {.name = "next", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"vervolg", "cursor of the next page"},
     .help = {"Altijd null: de lijst is volledig.", "Always null: the list is complete."}}};

static const struct json_limits log_limits = {.values = LOG_VALUES_MAX, .scalar_root = true};

static struct value entry_or(const struct value *entry, const char *name, struct value otherwise) {
    const struct value *value = record_get(entry, name);
    return value ? *value : otherwise;
}

static struct value change_of(struct call *call, const struct value *entry, bool *failed) {
    struct record change;
    record_init(&change, call->scratch);
    record_set(&change, "date", entry_or(entry, "date", value_null()));
    record_set(&change, "kind", entry_or(entry, "kind", value_null()));
    record_set(&change, "operation", entry_or(entry, "operation", value_null()));
    record_set(&change, "fields", entry_or(entry, "fields", value_list(NULL, 0)));
    record_set(&change, "version", entry_or(entry, "version", value_null()));
    record_set(&change, "text",
               entry_or(entry, call->language == LANGUAGE_EN ? "en" : "nl", value_null()));
    *failed |= change.failed;
    return record_value(&change);
}

/* Dates are written alike, so that their texts are in order too. */
static bool is_before(const struct value *entry, const char *date) {
    const struct value *day = record_get(entry, "date");
    return day && day->kind == VALUE_TEXT && day->length == strlen(date) &&
           memcmp(day->text, date, day->length) < 0;
}

static struct value versions_of(struct call *call, bool *failed) {
    struct list versions;
    list_init(&versions, call->scratch);
    for (int at = api_version_count - 1; at >= 0; at--) {
        const char *date = api_version_date(at);
        list_add(&versions, value_text(date, strlen(date)));
    }
    *failed |= versions.failed;
    return list_value(&versions);
}

static int list_changes(struct call *call) {
    const struct source *file = embedded_changes();
    const struct value *since = record_get(&call->input, "since");
    char first[CLOCK_DATE_MAX] = "";
    struct json_fault fault;
    struct value log;
    struct record output;
    struct list items;
    bool failed = false;
    int status = json_read(file->text, file->length, &log_limits, call->scratch, &fault, &log);
    if (status == ERROR_INVALID)
        return error_set(&call->error, ERROR_INTERNAL, "changes.json: %s", fault.en);
    if (status) return error_set(&call->error, status, "no memory for the change log");
    if (since) day_write(&since->date, first);
    list_init(&items, call->scratch);
    for (uint32_t at = log.length; at-- > 0;)
        if (!is_before(&log.items[at], first))
            list_add(&items, change_of(call, &log.items[at], &failed));
    record_init(&output, call->scratch);
    record_set(&output, "versions", versions_of(call, &failed));
    record_set(&output, "items", list_value(&items));
    record_set_text(&output, "next", NULL);
    if (failed || items.failed || output.failed)
        return error_set(&call->error, ERROR_TOO_LARGE, "the list needs more scratch memory");
    call->output = record_value(&output);
    return 0;
}

static const struct operation operations[] = {
    {.name = "ListApiChanges",
     .method = "GET",
     .path = "/changes",
     .summary = {"Toon de wijzigingen van de API", "List the changes of the API"},
     .callers = CALLER_NOBODY,
     .input = list_input,
     .input_count = sizeof list_input / sizeof *list_input,
     .output = list_output,
     .output_count = sizeof list_output / sizeof *list_output,
     .status = 200,
     .rate = RATE_READ,
     .run = list_changes}};

extern const struct operation_group api_change_log;
const struct operation_group api_change_log = {.name = "change_log",
                                               .operations = operations,
                                               .count = sizeof operations / sizeof *operations};
