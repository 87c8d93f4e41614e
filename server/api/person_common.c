/* How people are told of, and the answer that tells a browser who is logged in. */
#include "person_common.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message/json.h"

enum { OPERATIONS_TOLD_MAX = 1000, MICROSECONDS = 1000000 };

const struct field_choice person_roles[ROLE_COUNT - 1] = {
    {"administrator", {"beheerder", "administrator"}},
    {"adviser", {"adviseur", "adviser"}},
    {"assistant", {"medewerker binnendienst", "assistant"}},
    {"account_manager", {"accountmanager", "account manager"}},
    {"product_manager", {"productmanager", "product manager"}},
    {"marketer", {"marketeer", "marketer"}},
    {"underwriter", {"acceptant", "underwriter"}},
    {"analyst", {"analist", "analyst"}}};
const struct field_choice person_scopes[4] = {
    {"person", {"alleen het eigen werk", "own work only"}},
    {"office", {"het eigen kantoor", "own office"}},
    {"children", {"het kantoor en wat eronder valt", "the office and those below it"}},
    {"chain", {"de hele keten", "the whole chain"}}};
const struct field_choice person_languages[2] = {{"nl", {"Nederlands", "Dutch"}},
                                                 {"en", {"Engels", "English"}}};
const struct field_choice person_statuses[USER_STATUSES] = {
    {"invited", {"uitgenodigd", "invited"}},
    {"active", {"actief", "active"}},
    {"disabled", {"geblokkeerd", "disabled"}}};

const struct field person_fields[PERSON_FIELDS] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {"id", "id"}},
    {.name = "revision", .type = FIELD_INTEGER, .required = true,
     .label = {"volgnummer van de wijziging", "revision"}},
    {.name = "partner_id", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"kantoor", "office"},
     .help = {"Null voor wie bij de organisatie zelf werkt.",
              "Null for who works at the organisation itself."}},
    {.name = "partner_name", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"naam van het kantoor", "name of the office"}},
    {.name = "name", .type = FIELD_TEXT, .required = true, .label = {"naam", "name"}},
    {.name = "email", .type = FIELD_TEXT, .required = true,
     .label = {"e-mailadres", "email address"}},
    {.name = "role", .type = FIELD_CHOICE, .required = true, .choices = person_roles,
     .choice_count = ROLE_COUNT - 1, .label = {"rol", "role"}},
    {.name = "role_label", .type = FIELD_TEXT, .required = true,
     .label = {"rol in woorden", "role in words"}},
    {.name = "scope", .type = FIELD_TEXT, .required = true, .label = {"bereik", "scope"},
     .help = {"person, office, children, chain, of all bij de organisatie.",
              "person, office, children, chain, or all at the organisation."}},
    {.name = "own_scope", .type = FIELD_CHOICE, .required = true, .nullable = true,
     .choices = person_scopes, .choice_count = 4,
     .label = {"bereik dat voor deze persoon nauwer is gezet", "scope narrowed for this person"}},
    {.name = "language", .type = FIELD_CHOICE, .required = true, .choices = person_languages,
     .choice_count = 2, .label = {"taal", "language"}},
    {.name = "status", .type = FIELD_CHOICE, .required = true, .choices = person_statuses,
     .choice_count = USER_STATUSES, .label = {"status", "status"}},
    {.name = "second_factor", .type = FIELD_TEXT, .required = true,
     .label = {"tweede stap", "second factor"}, .help = {"on of missing.", "on or missing."}},
    {.name = "created_at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"gemaakt op", "made at"}},
    {.name = "logged_in_at", .type = FIELD_TEXT, .required = true, .nullable = true,
     .format = "date-time", .label = {"laatst ingelogd op", "last logged in at"}}};

/* Texts of the user are copied to scratch: lists go on to the next one. */
void person_set(struct record *record, const struct user *user, enum language language) {
    const char *label = text_in(role_label(user->role), language);
    enum scope scope = scope_of(user->role, user->firm_scope, user->scope);
    record_copy_text(record, "id", user->id, strlen(user->id));
    record_set_integer(record, "revision", user->revision);
    record_copy_given(record, "partner_id", user->partner_id);
    record_copy_given(record, "partner_name", user->partner_name);
    record_copy_text(record, "name", user->name, strlen(user->name));
    record_copy_text(record, "email", user->email, strlen(user->email));
    record_set_text(record, "role", role_text(user->role));
    record_set_text(record, "role_label", label);
    record_set_text(record, "scope", scope_text(scope));
    record_set_text(record, "own_scope",
                    user->scope == SCOPE_NONE ? NULL : scope_text(user->scope));
    record_set_text(record, "language", user->language == LANGUAGE_EN ? "en" : "nl");
    record_set_text(record, "status", user_status_text(user->status));
    record_set_text(record, "second_factor", user->totp_on ? "on" : "missing");
    record_set_instant(record, "created_at", user->created_us);
    if (user->logged_in_us) record_set_instant(record, "logged_in_at", user->logged_in_us);
    else record_set_text(record, "logged_in_at", NULL);
}

int person_no_scratch(struct call *call) {
    return error_set(&call->error, ERROR_TOO_LARGE, "people need more scratch memory");
}

const char *person_address(const struct call *call) {
    return call->address ? call->address : "";
}

/* ---- who calls ------------------------------------------------------------------------------ */
struct self_reading {
    const char *id;
    struct user *user;
};

static int self_body(struct db_tx *tx, void *context, struct error *error) {
    struct self_reading *reading = context;
    return user_read(tx, reading->id, error, reading->user);
}

int person_self(struct call *call, struct user *ret_user) {
    struct self_reading reading = {.id = call->caller.user_id, .user = ret_user};
    int status = call_read(call, self_body, &reading);
    if (!status && !*ret_user->id)
        status = error_set(&call->error, ERROR_INTERNAL, "%s cannot be read", reading.id);
    return status;
}

int person_check_proved(struct call *call) {
    if (call->now_us - call->caller.proved_us <= (int64_t)PEOPLE_PROVED_S * MICROSECONDS) return 0;
    return call_refuse(call, 403, "login_again",
                       "Log hiervoor opnieuw in: het is te lang geleden dat u dat deed.",
                       "Log in again for this: it is too long ago that you did.");
}

void person_check_password(struct call *call, const char *password, const struct user *user) {
    const char *own[] = {user->name, user->email, user->partner_name};
    bool english = call->language == LANGUAGE_EN;
    switch (password_check(password, own, 3)) {
    case PASSWORD_TOO_SHORT:
        field_fault_add(&call->faults, "/password", "too_short",
                        english ? "Take at least %d characters: a few unrelated words will do."
                                : "Neem minstens %d tekens: een paar losse woorden is genoeg.",
                        PASSWORD_CHARACTERS_MIN);
        break;
    case PASSWORD_TOO_LONG:
        field_fault_add(&call->faults, "/password", "too_long",
                        english ? "Take at most %d characters." : "Neem hoogstens %d tekens.",
                        PASSWORD_CHARACTERS_MAX);
        break;
    case PASSWORD_COMMON:
        field_fault_add(&call->faults, "/password", "too_common",
                        english ? "This is among the first that are guessed: take a few unrelated "
                                  "words, without your name or a year."
                                : "Dit wordt als eerste geraden: neem een paar losse woorden, "
                                  "zonder uw naam of een jaartal.");
        break;
    case PASSWORD_SOUND:
    default: break;
    }
}

struct factor_given person_factor(struct call *call) {
    struct factor_given given = {record_get_text(&call->input, "totp", call->scratch),
                                 record_get_text(&call->input, "recovery_code", call->scratch)};
    if (given.totp && !*given.totp) given.totp = NULL;
    if (given.recovery_code && !*given.recovery_code) given.recovery_code = NULL;
    return given;
}

int person_refuse_attempts(struct call *call, int64_t wait_s) {
    int status = call_refuse(call, 429, "too_many_attempts",
                             "Er is vanaf dit adres te vaak geprobeerd in te loggen: wacht even en "
                             "probeer het opnieuw.",
                             "There were too many attempts to log in from this address: wait a "
                             "while and try again.");
    call->refusal.retry_after_s = (int)wait_s;
    call->audit_refusal = true;
    return status;
}

int person_refuse_login(struct call *call) {
    call->audit_refusal = true;
    return call_refuse(call, 401, "unauthorized",
                       "Dit klopt niet: controleer e-mailadres, wachtwoord en code. Na veel "
                       "pogingen duurt het even voor een volgende kans geeft.",
                       "This is not right: check email address, password and code. After many "
                       "attempts it takes a while before the next one counts.");
}

void person_give_session(struct call *call, const struct session *session) {
    memcpy(call->session_token, session->token, sizeof call->session_token);
}

/* ---- who is logged in ----------------------------------------------------------------------- */
static const struct field own_fields[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {"id", "id"}},
    {.name = "name", .type = FIELD_TEXT, .required = true, .label = {"naam", "name"}},
    {.name = "email", .type = FIELD_TEXT, .required = true,
     .label = {"e-mailadres", "email address"}},
    {.name = "language", .type = FIELD_CHOICE, .required = true, .choices = person_languages,
     .choice_count = 2, .label = {"taal", "language"}},
    {.name = "preferences", .type = FIELD_OPEN, .required = true,
     .label = {"voorkeuren van de schermen", "preferences of the pages"}},
    {.name = "recovery_codes_left", .type = FIELD_INTEGER, .required = true,
     .label = {"herstelcodes over", "recovery codes left"}}};
static const struct field firm_fields[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {"id", "id"}},
    {.name = "name", .type = FIELD_TEXT, .required = true, .label = {"naam", "name"}}};
static const struct field name_item[] = {
    {.name = "operation", .type = FIELD_TEXT, .label = {"bewerking", "operation"}}};
const struct field person_session_fields[PERSON_SESSION_FIELDS] = {
    {.name = "user", .type = FIELD_RECORD, .required = true, .fields = own_fields,
     .field_count = sizeof own_fields / sizeof *own_fields, .schema = "SessionUser",
     .label = {"wie", "who"}},
    {.name = "partner", .type = FIELD_RECORD, .required = true, .nullable = true,
     .fields = firm_fields, .field_count = 2, .label = {"kantoor", "office"},
     .help = {"Null voor wie bij de organisatie zelf werkt.",
              "Null for who works at the organisation itself."}},
    {.name = "role", .type = FIELD_CHOICE, .required = true, .choices = person_roles,
     .choice_count = ROLE_COUNT - 1, .label = {"rol", "role"}},
    {.name = "role_label", .type = FIELD_TEXT, .required = true,
     .label = {"rol in woorden", "role in words"}},
    {.name = "scope", .type = FIELD_TEXT, .required = true, .label = {"bereik", "scope"}},
    {.name = "operations", .type = FIELD_LIST, .required = true, .fields = name_item,
     .length_maximum = OPERATIONS_TOLD_MAX,
     .label = {"wat deze gebruiker mag aanroepen", "what this user may call"}},
    {.name = "second_factor", .type = FIELD_TEXT, .required = true,
     .label = {"tweede stap", "second factor"},
     .help = {"on, of missing: dan kan er niets dan die instellen.",
              "on, or missing: then nothing can be done but to set it up."}},
    {.name = "expires_at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"eindigt uiterlijk op", "ends at the latest at"}},
    {.name = "idle_seconds", .type = FIELD_INTEGER, .required = true,
     .label = {"eindigt na zoveel seconden zonder gebruik", "ends after so many seconds unused"}},
    {.name = "demo", .type = FIELD_BOOLEAN, .required = true,
     .label = {"met verzonnen gegevens", "with invented data"}},
    {.name = "mail", .type = FIELD_TEXT, .required = true, .label = {"post gaat", "mail goes"},
     .help = {"smtp, of outbox: een map op de server.", "smtp, or outbox: a folder on the "
                                                        "server."}}};

struct own_reading {
    const char *id;
    struct scratch *scratch;
    char *preferences; /* heap */
    int64_t codes, expires_us;
    const char *session_id;
};

static int own_body(struct db_tx *tx, void *context, struct error *error) {
    struct own_reading *reading = context;
    struct db_rows *rows = NULL;
    free(reading->preferences);
    reading->preferences = NULL;
    int status = user_preferences(tx, reading->id, error, &reading->preferences);
    if (!status) status = recovery_codes_count(tx, reading->id, error, &reading->codes);
    if (!status)
        status = db_query(tx, error, &rows, "select expires_us from user_session where id = $1",
                          db_text(reading->session_id));
    if (!status && (status = db_next(rows, error)) > 0)
        reading->expires_us = db_column_integer(rows, 0);
    db_rows_close(rows);
    return status < 0 ? status : 0;
}

/* By name, in the order of the table; `setup`: what can be done before there is a second factor. */
static struct value operations_of(struct call *call, enum role role, bool setup, bool *failed) {
    struct list names;
    list_init(&names, call->scratch);
    for (int group = 0; group < operation_group_count; group++)
        for (int row = 0; row < operation_groups[group]->count; row++) {
            const struct operation *operation = &operation_groups[group]->operations[row];
            if (operation->hidden || (setup && !operation->setup) ||
                !(operation->callers & CALLER_USER) || !operation_open_to_role(operation, role))
                continue;
            list_add(&names, value_text(operation->name, strlen(operation->name)));
        }
    *failed |= names.failed;
    return list_value(&names);
}

static int own_set(struct call *call, struct record *record, const struct user *user,
                   const struct own_reading *reading) {
    struct record own, firm;
    struct json_fault fault;
    struct value preferences;
    size_t length = strlen(reading->preferences);
    char *text = scratch_take(call->scratch, length + 1);
    if (!text) return person_no_scratch(call);
    memcpy(text, reading->preferences, length + 1);
    if (json_read(text, length, NULL, call->scratch, &fault, &preferences))
        preferences = value_context(NULL, 0);
    record_init(&own, call->scratch);
    record_copy_text(&own, "id", user->id, strlen(user->id));
    record_copy_text(&own, "name", user->name, strlen(user->name));
    record_copy_text(&own, "email", user->email, strlen(user->email));
    record_set_text(&own, "language", user->language == LANGUAGE_EN ? "en" : "nl");
    record_set(&own, "preferences", preferences);
    record_set_integer(&own, "recovery_codes_left", reading->codes);
    record_set(record, "user", record_value(&own));
    record_init(&firm, call->scratch);
    record_copy_text(&firm, "id", user->partner_id, strlen(user->partner_id));
    record_copy_text(&firm, "name", user->partner_name, strlen(user->partner_name));
    record_set(record, "partner", *user->partner_id ? record_value(&firm) : value_null());
    return own.failed || firm.failed ? person_no_scratch(call) : 0;
}

int person_session_tell(struct call *call, const struct user *user,
                        const struct session *session) {
    struct own_reading reading = {.id = user->id, .session_id = session->id};
    struct record record;
    bool failed = false, setup = session->setup;
    int status = call_read(call, own_body, &reading);
    if (status) {
        free(reading.preferences);
        return status;
    }
    int64_t expires_us = session->expires_us ? session->expires_us : reading.expires_us;
    record_init(&record, call->scratch);
    status = own_set(call, &record, user, &reading);
    free(reading.preferences);
    if (status) return status;
    record_set_text(&record, "role", role_text(user->role));
    record_set_text(&record, "role_label", text_in(role_label(user->role), call->language));
    record_set_text(&record, "scope",
                    scope_text(scope_of(user->role, user->firm_scope, user->scope)));
    record_set(&record, "operations", operations_of(call, user->role, setup, &failed));
    record_set_text(&record, "second_factor", user->totp_on ? "on" : "missing");
    record_set_instant(&record, "expires_at", expires_us);
    record_set_integer(&record, "idle_seconds",
                       people_options_of(call->service->people)->idle_s);
    record_set_boolean(&record, "demo", call->service->demo);
    record_set_text(&record, "mail", call->service->mail_by_smtp ? "smtp" : "outbox");
    if (failed || record.failed) return person_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

/* ---- mail ----------------------------------------------------------------------------------- */
int person_mail(struct call *call, const struct user *user, const char *kind,
                const struct mail_text *text, struct mail_message *ret_message) {
    if (text->text.failed || text->html.failed) {
        *ret_message = (struct mail_message){.kind = kind};
        return error_set(&call->error, ERROR_NO_MEMORY, "no memory for mail");
    }
    const struct mail mail = {.kind = kind,
                              .subject_id = user->id,
                              .language = user->language,
                              .to = user->email,
                              .to_name = user->name,
                              .subject = text->subject,
                              .text = text->text.data,
                              .html = text->html.data};
    return mail_make(call->service->encryption, &mail, call->now_us, &call->error, ret_message);
}

void person_link(const struct call *call, const char *page, const char *secret,
                 char ret_link[LINK_MAX]) {
    snprintf(ret_link, LINK_MAX, "%s/%s/%s", call->service->config->public_url, page, secret);
}
