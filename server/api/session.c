/* Logging in and out, and what somebody changes of themselves. The second factor is in
 * second_factor.c. */
#include <string.h>

#include "base/buffer.h"
#include "message/json.h"
#include "person_common.h"

/* ---- fields --------------------------------------------------------------------------------- */
static const struct field login_input[] = {
    {.name = "email", .type = FIELD_TEXT, .required = true, .length_minimum = 1,
     .length_maximum = MAIL_ADDRESS_MAX - 1, .label = {"e-mailadres", "email address"},
     .example = "\"a.voorbeeld@example.nl\""},
    PERSON_FIELD_PASSWORD,
    PERSON_FIELD_TOTP,
    PERSON_FIELD_RECOVERY_CODE};
static const struct field password_input[] = {
    {.name = "current_password", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .length_minimum = 1, .length_maximum = PASSWORD_TEXT_MAX,
     .label = {"huidig wachtwoord", "current password"}},
    PERSON_FIELD_PASSWORD};
static const struct field own_input[] = {
    PERSON_FIELD_NAME,
    PERSON_FIELD_LANGUAGE,
    {.name = "preferences", .type = FIELD_OPEN,
     .label = {"voorkeuren van de schermen", "preferences of the pages"},
     .help = {"Een JSON-object van hoogstens 16 kB; wat er was, wordt vervangen.",
              "A JSON object of at most 16 kB; what was there is replaced."}}};
static const struct field id_input[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .length_maximum = ID_MAX,
     .label = {"de sessie", "the session"}}};
static const struct field session_fields[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .label = {"id", "id"}},
    {.name = "current", .type = FIELD_BOOLEAN, .required = true,
     .label = {"deze sessie", "this session"}},
    {.name = "begun_at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"ingelogd op", "logged in at"}},
    {.name = "used_at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"laatst gebruikt op", "last used at"}},
    {.name = "expires_at", .type = FIELD_TEXT, .required = true, .format = "date-time",
     .label = {"eindigt uiterlijk op", "ends at the latest at"}},
    {.name = "address", .type = FIELD_TEXT, .required = true, .label = {"adres", "address"}},
    {.name = "agent", .type = FIELD_TEXT, .required = true, .length_maximum = SESSION_AGENT_MAX,
     .label = {"browser", "browser"}}};
static const struct field session_item[] = {
    {.name = "session", .type = FIELD_RECORD, .fields = session_fields,
     .field_count = sizeof session_fields / sizeof *session_fields, .schema = "SessionOfUser"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = session_item,
     .field_count = 1, .label = {"sessies", "sessions"}},
    {.name = "next", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"vervolg", "cursor of the next page"},
     .help = {"Altijd null: de lijst is volledig.", "Always null: the list is complete."}}};
static const struct field ended_output[] = {
    {.name = "ended", .type = FIELD_INTEGER, .required = true,
     .label = {"sessies die zijn beëindigd", "sessions that were ended"}}};

/* ---- in ------------------------------------------------------------------------------------- */
struct logging_in {
    const struct login *login;
    const char *ended_session; /* of the same browser, from before; NULL: none */
    const char *ended_user;
    int64_t now_us;
};

static int login_body(struct db_tx *tx, void *context, struct error *error) {
    const struct logging_in *logging_in = context;
    int status = login_keep(tx, logging_in->login, logging_in->now_us, error);
    if (status || !logging_in->ended_session) return status;
    return session_end(tx, logging_in->ended_user, logging_in->ended_session, NULL, error, NULL);
}

static int login_write(struct call *call, const struct login *login) {
    const struct caller before = call->caller;
    struct logging_in logging_in = {.login = login, .now_us = call->now_us};
    if (before.kind == CALLER_USER) {
        logging_in.ended_session = before.session_id;
        logging_in.ended_user = before.user_id;
    }
    /* Whom the audit log names; reaches over their own row, wherever that is. */
    call->caller = (struct caller){.kind = CALLER_USER, .role = login->user.role,
                                   .scope = db_scope_all};
    memcpy(call->caller.partner_id, login->user.partner_id, ID_MAX);
    memcpy(call->caller.user_id, login->user.id, ID_MAX);
    int status = call_write(call, login->user.id, login_body, &logging_in);
    if (before.kind == CALLER_USER) sessions_forget(call->service->people);
    if (status != ERROR_DENIED) return status;
    error_clear(&call->error);
    return person_refuse_login(call);
}

static int log_in(struct call *call, struct login *login) {
    const struct login_given given = {
        .email = record_get_text(&call->input, "email", call->scratch),
        .password = record_get_text(&call->input, "password", call->scratch),
        .factor = person_factor(call),
        .address = person_address(call),
        .agent = call->agent,
        .now_us = call->now_us};
    if (!given.email || !given.password) return person_no_scratch(call);
    int status = login_check(call->service->people, &given, &call->error, login);
    if (status) return status;
    if (*login->user.id && login->outcome != LOGIN_TOO_MANY) {
        memcpy(call->caller.user_id, login->user.id, ID_MAX); /* for the audit log */
        memcpy(call->caller.partner_id, login->user.partner_id, ID_MAX);
    }
    switch (login->outcome) {
    case LOGIN_TOO_MANY: return person_refuse_attempts(call, login->wait_s);
    case LOGIN_WRONG: return person_refuse_login(call);
    case LOGIN_FACTOR_REQUIRED:
        return call_refuse(call, 401, "second_factor_required",
                           "Geef ook de code van uw authenticator-app, of een herstelcode.",
                           "Give the code of your authenticator app too, or a recovery code.");
    case LOGIN_RIGHT:
    default: break;
    }
    status = login_write(call, login);
    if (status) return status;
    status = person_session_tell(call, &login->user, &login->session);
    if (!status) person_give_session(call, &login->session);
    return status;
}

static int create_session(struct call *call) {
    struct login *login = scratch_take(call->scratch, sizeof *login);
    if (!login) return person_no_scratch(call);
    int status = log_in(call, login);
    explicit_bzero(login, sizeof *login);
    return status;
}

static int get_session(struct call *call) {
    struct user *user = scratch_take(call->scratch, sizeof *user);
    struct session session = {.setup = call->caller.setup};
    if (!user) return person_no_scratch(call);
    int status = person_self(call, user);
    if (status) return status;
    memcpy(session.id, call->caller.session_id, ID_MAX);
    return person_session_tell(call, user, &session);
}

/* ---- out ------------------------------------------------------------------------------------ */
struct ending {
    const char *user_id, *id, *except_id;
    int64_t ended;
};

static int end_body(struct db_tx *tx, void *context, struct error *error) {
    struct ending *ending = context;
    return session_end(tx, ending->user_id, ending->id, ending->except_id, error, &ending->ended);
}

static int end_write(struct call *call, struct ending *ending, const char *subject) {
    ending->user_id = call->caller.user_id;
    int status = call_write(call, subject, end_body, ending);
    sessions_forget(call->service->people);
    return status;
}

static int end_session(struct call *call) {
    struct ending ending = {.id = call->caller.session_id};
    int status = end_write(call, &ending, ending.id);
    if (!status) call->session_ended = true;
    return status;
}

static int end_one_session(struct call *call) {
    struct ending ending = {.id = record_get_text(&call->input, "id", call->scratch)};
    if (!ending.id) return person_no_scratch(call);
    int status = end_write(call, &ending, ending.id);
    if (status) return status;
    if (!ending.ended) return call_not_found(call);
    call->session_ended = strcmp(ending.id, call->caller.session_id) == 0;
    return 0;
}

static int end_other_sessions(struct call *call) {
    struct ending ending = {.except_id = call->caller.session_id};
    struct record record;
    int status = end_write(call, &ending, call->caller.user_id);
    if (status) return status;
    record_init(&record, call->scratch);
    record_set_integer(&record, "ended", ending.ended);
    call->output = record_value(&record);
    return record.failed ? person_no_scratch(call) : 0;
}

struct listing {
    struct call *call;
    struct session *sessions;
    int count;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    struct call *call = listing->call;
    return session_list(tx, call->service->people, call->caller.user_id, call->now_us, error,
                        listing->sessions, &listing->count);
}

static int list_sessions(struct call *call) {
    struct listing listing = {
        .call = call,
        .sessions = scratch_take(call->scratch, SESSIONS_PER_USER_MAX * sizeof(struct session))};
    struct list items;
    struct record output;
    if (!listing.sessions) return person_no_scratch(call);
    int status = call_read(call, list_body, &listing);
    if (status) return status;
    list_init(&items, call->scratch);
    bool failed = false;
    for (int i = 0; i < listing.count; i++) {
        const struct session *session = &listing.sessions[i];
        struct record record;
        record_init(&record, call->scratch);
        record_set_text(&record, "id", session->id);
        record_set_boolean(&record, "current",
                           strcmp(session->id, call->caller.session_id) == 0);
        record_set_instant(&record, "begun_at", session->created_us);
        record_set_instant(&record, "used_at", session->used_us);
        record_set_instant(&record, "expires_at", session->expires_us);
        record_set_text(&record, "address", session->address);
        record_set_text(&record, "agent", session->agent);
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

/* ---- another password ----------------------------------------------------------------------- */
struct changing {
    const struct user *user;
    const char *hash;
    const struct attempt *attempt;
    struct session session;
    struct mail_message mail;
    int64_t now_us;
};

static int change_body(struct db_tx *tx, void *context, struct error *error) {
    const struct changing *changing = context;
    int status = password_change(tx, changing->user, changing->hash, NULL, changing->now_us,
                                 error);
    if (!status) status = session_insert(tx, &changing->session, error);
    if (!status) status = mail_enqueue(tx, &changing->mail, error);
    return status ? status : attempt_forgive(tx, changing->attempt, error);
}

static int change_write(struct call *call, const struct user *user, const char *password,
                        const struct attempt *attempt) {
    struct people *people = call->service->people;
    struct user later = *user; /* as it will be */
    char hash[PASSWORD_HASH_MAX];
    struct mail_text text;
    int status = passwords_hash(people_passwords(people), password, &call->error, hash);
    if (status) return status;
    struct changing changing = {.user = user, .hash = hash, .attempt = attempt,
                                .now_us = call->now_us};
    later.epoch++;
    session_make(people, &later, call->caller.setup, person_address(call), call->agent,
                 call->now_us, &changing.session);
    mail_text_changed(user->language, user->name, "password", &text);
    status = person_mail(call, user, "password_changed", &text, &changing.mail);
    if (!status) status = call_write(call, user->id, change_body, &changing);
    sessions_forget(people);
    if (!status) person_give_session(call, &changing.session);
    mail_message_done(&changing.mail);
    mail_text_done(&text);
    explicit_bzero(&changing.session, sizeof changing.session);
    if (status != ERROR_DENIED) return status;
    error_clear(&call->error);
    return error_set(&call->error, ERROR_CONFLICT, "the user was changed meanwhile");
}

static int change_password(struct call *call) {
    const char *current = record_get_text(&call->input, "current_password", call->scratch);
    const char *password = record_get_text(&call->input, "password", call->scratch);
    struct user *user = scratch_take(call->scratch, sizeof *user);
    struct attempt attempt;
    bool blocked = false, right = false;
    int64_t wait_s = 0;
    if (!current || !password || !user) return person_no_scratch(call);
    int status = person_self(call, user);
    if (status) return status;
    person_check_password(call, password, user);
    if (call->faults.count) return ERROR_INVALID;
    char key[USER_EMAIL_MAX] = "";
    (void)user_email_key(user->email, key);
    struct people *people = call->service->people;
    attempt_make(people, key, person_address(call), &attempt);
    status = attempt_begin(people, &attempt, call->now_us, &call->error, &blocked, &wait_s);
    if (status) return status;
    if (wait_s) return person_refuse_attempts(call, wait_s);
    status = passwords_verify(people_passwords(people), blocked ? NULL : user->password_hash,
                              current, &call->error, &right, NULL);
    if (status) return status;
    if (!right) {
        call->audit_refusal = true;
        field_fault_add(&call->faults, "/current_password", "wrong_password", "%s",
                        call->language == LANGUAGE_EN
                            ? "This is not your present password. After many attempts it takes a "
                              "while before the next one counts."
                            : "Dit is niet uw huidige wachtwoord. Na veel pogingen duurt het even "
                              "voor een volgende kans geeft.");
        return ERROR_INVALID;
    }
    return change_write(call, user, password, &attempt);
}

/* ---- what one changes of oneself ------------------------------------------------------------ */
struct own_change {
    const char *id, *name;
    enum language language;
    const char *preferences;
    int64_t now_us;
};

static int own_body(struct db_tx *tx, void *context, struct error *error) {
    const struct own_change *change = context;
    return user_update_own(tx, change->id, change->name, change->language, change->preferences,
                           change->now_us, error);
}

static int preferences_take(struct call *call, struct buffer *json, const char **ret_text) {
    const struct value *given = record_get(&call->input, "preferences");
    *ret_text = NULL;
    if (!given) return 0;
    bool english = call->language == LANGUAGE_EN;
    if (given->kind == VALUE_CONTEXT) json_write(given, 0, json);
    if (given->kind != VALUE_CONTEXT)
        field_fault_add(&call->faults, "/preferences", "wrong_type", "%s",
                        english ? "Preferences are a JSON object."
                                : "Voorkeuren zijn een JSON-object.");
    else if (json->starved)
        return error_set(&call->error, ERROR_NO_MEMORY, "no memory for preferences");
    else if (json->failed)
        field_fault_add(&call->faults, "/preferences", "too_long", "%s",
                        english ? "Preferences take at most 16 kB: keep less."
                                : "Voorkeuren zijn hoogstens 16 kB: bewaar minder.");
    else *ret_text = json->data;
    return call->faults.count ? ERROR_INVALID : 0;
}

static int update_own(struct call *call) {
    struct user *user = scratch_take(call->scratch, sizeof *user);
    struct session session = {.setup = call->caller.setup};
    struct buffer json;
    if (!user) return person_no_scratch(call);
    int status = person_self(call, user);
    if (status) return status;
    struct own_change change = {.id = user->id,
                                .name = record_get_text(&call->input, "name", call->scratch),
                                .language = user->language,
                                .now_us = call->now_us};
    if (record_get(&call->input, "language"))
        change.language =
            record_text_is(&call->input, "language", "en") ? LANGUAGE_EN : LANGUAGE_NL;
    buffer_init(&json, USER_PREFERENCES_MAX_BYTES);
    status = preferences_take(call, &json, &change.preferences);
    if (!status) status = call_write(call, user->id, own_body, &change);
    buffer_done(&json);
    if (!status) status = person_self(call, user);
    memcpy(session.id, call->caller.session_id, ID_MAX);
    return status ? status : person_session_tell(call, user, &session);
}

/* ---- the table ------------------------------------------------------------------------------ */
static const char *const login_refusals[] = {"second_factor_required", "too_many_attempts",
                                             "cross_site", NULL};
static const char *const password_refusals[] = {"too_many_attempts", NULL};

static const struct operation operations[] = {
    {.name = "CreateSession", .method = "POST", .path = "/session",
     .summary = {"Log in", "Log in"}, .callers = CALLER_NOBODY, .input = login_input,
     .input_count = sizeof login_input / sizeof *login_input, .output = person_session_fields,
     .output_count = PERSON_SESSION_FIELDS, .status = 201, .begins_session = true,
     .audited = true, .refusals = login_refusals, .run = create_session},
    {.name = "GetSession", .method = "GET", .path = "/session",
     .summary = {"Wie is er ingelogd", "Who is logged in"}, .callers = CALLER_USER,
     .roles = ROLES_ALL, .setup = true, .output = person_session_fields,
     .output_count = PERSON_SESSION_FIELDS, .status = 200, .rate = RATE_READ,
     .run = get_session},
    {.name = "EndSession", .method = "DELETE", .path = "/session",
     .summary = {"Log uit", "Log out"}, .callers = CALLER_USER, .roles = ROLES_ALL, .setup = true,
     .status = 204, .audited = true, .run = end_session},
    {.name = "ListSessions", .method = "GET", .path = "/sessions",
     .summary = {"Waar u bent ingelogd", "Where you are logged in"}, .callers = CALLER_USER,
     .roles = ROLES_ALL, .output = list_output, .output_count = 2, .status = 200,
     .rate = RATE_READ, .run = list_sessions},
    {.name = "EndOtherSessions", .method = "DELETE", .path = "/sessions",
     .summary = {"Log overal elders uit", "Log out everywhere else"}, .callers = CALLER_USER,
     .roles = ROLES_ALL, .output = ended_output, .output_count = 1, .status = 200,
     .audited = true, .rate = RATE_READ, .run = end_other_sessions},
    {.name = "EndOneSession", .method = "DELETE", .path = "/sessions/{id}",
     .summary = {"Beëindig een van uw sessies", "End one of your sessions"},
     .callers = CALLER_USER, .roles = ROLES_ALL, .input = id_input, .input_count = 1,
     .status = 204, .audited = true, .rate = RATE_READ, .run = end_one_session},
    {.name = "ChangePassword", .method = "POST", .path = "/session/password",
     .summary = {"Kies een ander wachtwoord", "Choose another password"}, .callers = CALLER_USER,
     .roles = ROLES_ALL, .input = password_input, .input_count = 2, .status = 204,
     .audited = true, .rate = RATE_READ, .refusals = password_refusals, .run = change_password},
    {.name = "UpdateOwnUser", .method = "PATCH", .path = "/session/user",
     .summary = {"Wijzig uw naam, taal of voorkeuren", "Change your name, language or "
                                                       "preferences"},
     .callers = CALLER_USER, .roles = ROLES_ALL, .input = own_input,
     .input_count = sizeof own_input / sizeof *own_input, .output = person_session_fields,
     .output_count = PERSON_SESSION_FIELDS, .status = 200, .rate = RATE_READ,
     .run = update_own}};

extern const struct operation_group api_session;
const struct operation_group api_session = {.name = "session",
                                            .operations = operations,
                                            .count = sizeof operations / sizeof *operations};
