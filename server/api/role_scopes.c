/* How far a role reaches at an office, where that is not what it reaches anywhere. */
#include <string.h>

#include "person_common.h"

static const struct field_choice partner_roles[] = {
    {"administrator", {"beheerder", "administrator"}},
    {"adviser", {"adviseur", "adviser"}},
    {"assistant", {"medewerker binnendienst", "assistant"}}};

#define ROLE_FIELD                                                                                \
    {.name = "role", .type = FIELD_CHOICE, .required = true, .choices = partner_roles,            \
     .choice_count = 3, .label = {"rol", "role"}}
#define PARTNER_FIELD                                                                             \
    {.name = "partner", .type = FIELD_TEXT, .length_maximum = ID_MAX,                             \
     .label = {"kantoor", "office"},                                                              \
     .help = {"Het id; anders uw eigen kantoor.", "The id; else your own office."}}

static const struct field list_input[] = {PARTNER_FIELD};
static const struct field put_input[] = {
    ROLE_FIELD,
    PARTNER_FIELD,
    {.name = "scope", .type = FIELD_TEXT, .required = true,
     .pattern = "person|office|children|chain|role", .label = {"bereik", "scope"},
     .help = {"person, office, children of chain; role: zoals overal.",
              "person, office, children or chain; role: as everywhere."}}};
static const struct field scope_fields[] = {
    ROLE_FIELD,
    {.name = "scope", .type = FIELD_CHOICE, .required = true, .choices = person_scopes,
     .choice_count = 4, .label = {"bereik", "scope"}},
    {.name = "standard", .type = FIELD_BOOLEAN, .required = true,
     .label = {"zoals overal", "as everywhere"}}};
static const struct field scope_item[] = {
    {.name = "role_scope", .type = FIELD_RECORD, .fields = scope_fields,
     .field_count = sizeof scope_fields / sizeof *scope_fields, .schema = "RoleScope"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = scope_item,
     .field_count = 1, .label = {"rollen", "roles"}},
    {.name = "next", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"vervolg", "cursor of the next page"},
     .help = {"Altijd null: de lijst is volledig.", "Always null: the list is complete."}}};

struct scopes {
    const char *partner_id;
    bool found;
    enum scope of[3]; /* in the order of partner_roles */
    enum role role;   /* to be set */
    enum scope scope;
    int64_t now_us;
};

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct scopes *scopes = context;
    struct db_rows *rows = NULL;
    int status = db_query(tx, error, &rows,
                          "select 1 from partner p where p.id = $1 and $scope(p.id)",
                          db_text(scopes->partner_id));
    if (!status) status = db_next(rows, error);
    db_rows_close(rows);
    scopes->found = status > 0;
    for (int i = 0; i < 3 && status >= 0 && scopes->found; i++)
        status = role_scope_get(tx, scopes->partner_id, role_read(partner_roles[i].code, false),
                                error, &scopes->of[i]);
    return status < 0 ? status : 0;
}

/* Of the input's office, else the caller's own; what is out of scope is not found. */
static int scopes_of_input(struct call *call, struct scopes *scopes) {
    const char *given = record_get_text(&call->input, "partner", call->scratch);
    *scopes = (struct scopes){.partner_id = given ? given : call->caller.partner_id,
                              .now_us = call->now_us};
    int status = call_read(call, read_body, scopes);
    return status || scopes->found ? status : call_not_found(call);
}

static int list_tell(struct call *call, const struct scopes *scopes) {
    struct list items;
    struct record output;
    bool failed = false;
    list_init(&items, call->scratch);
    for (int i = 0; i < 3; i++) {
        struct record record;
        enum role role = role_read(partner_roles[i].code, false);
        record_init(&record, call->scratch);
        record_set_text(&record, "role", partner_roles[i].code);
        record_set_text(&record, "scope",
                        scope_text(scope_of(role, scopes->of[i], SCOPE_NONE)));
        record_set_boolean(&record, "standard", scopes->of[i] == SCOPE_NONE);
        failed |= record.failed;
        list_add(&items, record_value(&record));
    }
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    record_set_text(&output, "next", NULL);
    if (failed || items.failed || output.failed) return person_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

static int list_role_scopes(struct call *call) {
    struct scopes scopes;
    int status = scopes_of_input(call, &scopes);
    return status ? status : list_tell(call, &scopes);
}

static int put_body(struct db_tx *tx, void *context, struct error *error) {
    const struct scopes *scopes = context;
    return role_scope_set(tx, scopes->partner_id, scopes->role, scopes->scope, scopes->now_us,
                          error);
}

static int put_role_scope(struct call *call) {
    struct scopes scopes;
    const char *role = record_get_text(&call->input, "role", call->scratch);
    const char *scope = record_get_text(&call->input, "scope", call->scratch);
    if (!role || !scope) return person_no_scratch(call);
    int status = scopes_of_input(call, &scopes);
    if (status) return status;
    scopes.role = role_read(role, false);
    scopes.scope = scope_read(scope);
    for (int i = 0; i < 3; i++)
        if (strcmp(partner_roles[i].code, role) == 0) scopes.of[i] = scopes.scope;
    if (scope_of(scopes.role, scopes.scope, SCOPE_NONE) > call->caller.reach) {
        field_fault_add(&call->faults, "/scope", "wider_than_yours", "%s",
                        call->language == LANGUAGE_EN
                            ? "This scope is wider than yours: take a narrower one."
                            : "Dit bereik is ruimer dan het uwe: neem een nauwer.");
        return ERROR_INVALID;
    }
    status = list_tell(call, &scopes);
    if (!status) status = call_write(call, scopes.partner_id, put_body, &scopes);
    sessions_forget(call->service->people);
    return status;
}

static const struct operation operations[] = {
    {.name = "ListRoleScopes", .method = "GET", .path = "/role-scopes",
     .summary = {"Hoe ver rollen bij een kantoor reiken", "How far roles reach at an office"},
     .callers = CALLER_USER, .roles = ROLE_PARTNER_ADMINISTRATOR | ROLE_ADMINISTRATOR,
     .input = list_input, .input_count = 1, .output = list_output, .output_count = 2,
     .status = 200, .rate = RATE_READ, .run = list_role_scopes},
    {.name = "PutRoleScope", .method = "PUT", .path = "/role-scopes/{role}",
     .summary = {"Zeg hoe ver een rol bij een kantoor reikt", "Say how far a role reaches at an "
                                                              "office"},
     .callers = CALLER_USER, .roles = ROLE_PARTNER_ADMINISTRATOR | ROLE_ADMINISTRATOR,
     .input = put_input, .input_count = sizeof put_input / sizeof *put_input,
     .output = list_output, .output_count = 2, .status = 200, .audited = true,
     .rate = RATE_READ, .run = put_role_scope}};

extern const struct operation_group api_role_scopes;
const struct operation_group api_role_scopes = {
    .name = "users", .operations = operations, .count = sizeof operations / sizeof *operations};
