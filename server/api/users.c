/* People, as those see them who look after them: inviting, changing, disabling. What somebody
 * changes of themselves is in session.c. */
#include <string.h>

#include "operation/page.h"
#include "person_common.h"

/* Who looks after people; which of them may be reached is the scope's to say. */
#define MANAGERS                                                                                  \
    ((unsigned)(ROLE_PARTNER_ADMINISTRATOR | ROLE_ADMINISTRATOR | ROLE_ACCOUNT_MANAGER))
#define ADMINISTRATORS ((unsigned)(ROLE_PARTNER_ADMINISTRATOR | ROLE_ADMINISTRATOR))

/* Which fields of a user each of them may write. */
static const struct {
    const char *field;
    unsigned roles;
} writable[] = {{"name", MANAGERS},        {"language", MANAGERS},
                {"email", ADMINISTRATORS}, {"role", ADMINISTRATORS},
                {"scope", ADMINISTRATORS}};

/* ---- fields --------------------------------------------------------------------------------- */
#define EMAIL_FIELD(required_)                                                                    \
    {.name = "email", .type = FIELD_TEXT, .required = required_, .format = "email",               \
     .length_maximum = MAIL_ADDRESS_MAX - 1, .label = {"e-mailadres", "email address"},           \
     .example = "\"a.voorbeeld@example.nl\""}
#define ROLE_FIELD(required_)                                                                     \
    {.name = "role", .type = FIELD_CHOICE, .required = required_, .choices = person_roles,        \
     .choice_count = ROLE_COUNT - 1, .label = {"rol", "role"},                                    \
     .help = {"Bij een kantoor administrator, adviser of assistant; de andere zijn van de "       \
              "organisatie.",                                                                     \
              "At an office administrator, adviser or assistant; the others are the "             \
              "organisation's."},                                                                 \
     .example = "\"adviser\""}
#define SCOPE_FIELD                                                                               \
    {.name = "scope", .type = FIELD_TEXT, .pattern = "person|office|children|chain|role",         \
     .label = {"bereik", "scope"},                                                                \
     .help = {"Nauwer dan de rol: person, office, children of chain; role: zoals de rol.",        \
              "Narrower than the role: person, office, children or chain; role: as the role."}}

static const struct field list_input[] = {
    PAGE_FIELD_LIMIT,
    PAGE_FIELD_CURSOR,
    {.name = "partner", .type = FIELD_TEXT, .length_maximum = ID_MAX,
     .label = {"alleen van dit kantoor", "only of this office"},
     .help = {"Het id; organisation: alleen van de organisatie zelf.",
              "The id; organisation: only of the organisation itself."}},
    {.name = "role", .type = FIELD_CHOICE, .choices = person_roles,
     .choice_count = ROLE_COUNT - 1, .label = {"alleen met deze rol", "only with this role"}},
    {.name = "status", .type = FIELD_CHOICE, .choices = person_statuses,
     .choice_count = USER_STATUSES, .label = {"alleen met deze status", "only with this status"}},
    {.name = "name", .type = FIELD_TEXT, .length_minimum = 1, .length_maximum = 100,
     .label = {"naam of e-mailadres begint met", "name or email address begins with"}}};
static const struct field user_item[] = {
    {.name = "user", .type = FIELD_RECORD, .required = true, .fields = person_fields,
     .field_count = PERSON_FIELDS, .schema = "User"}};
static const struct field list_output[] = {
    {.name = "items", .type = FIELD_LIST, .required = true, .fields = user_item,
     .field_count = 1, .label = {"gebruikers", "users"}},
    PAGE_FIELD_NEXT};
static const struct field id_input[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .length_maximum = ID_MAX,
     .label = {"de gebruiker", "the user"}}};
static const struct field create_input[] = {
    {.name = "name", .type = FIELD_TEXT, .required = true, .length_minimum = 1,
     .length_maximum = USER_NAME_CHARACTERS_MAX, .label = {"naam", "name"},
     .example = "\"A. Voorbeeld\""},
    EMAIL_FIELD(true),
    ROLE_FIELD(true),
    {.name = "partner_id", .type = FIELD_TEXT, .length_maximum = ID_MAX,
     .label = {"kantoor", "office"},
     .help = {"Anders uw eigen kantoor; bij de organisatie: de organisatie zelf.",
              "Else your own office; at the organisation: the organisation itself."}},
    SCOPE_FIELD,
    PERSON_FIELD_LANGUAGE};
static const struct field update_input[] = {
    {.name = "id", .type = FIELD_TEXT, .required = true, .length_maximum = ID_MAX,
     .label = {"de gebruiker", "the user"}},
    PERSON_FIELD_NAME,
    EMAIL_FIELD(false),
    ROLE_FIELD(false),
    SCOPE_FIELD,
    PERSON_FIELD_LANGUAGE};

/* ---- reading -------------------------------------------------------------------------------- */
struct reading {
    const char *id;
    struct user *user;
};

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *reading = context;
    return user_read(tx, reading->id, error, reading->user);
}

/* Of the input's id, within the caller's scope. */
static int user_of_input(struct call *call, struct user **ret_user) {
    const struct value *id = record_get(&call->input, "id");
    struct user *user = scratch_take(call->scratch, sizeof *user);
    if (!id || !id_valid("usr", id->text, id->length)) return call_not_found(call);
    struct reading reading = {.id = record_get_text(&call->input, "id", call->scratch),
                              .user = user};
    if (!reading.id || !user) return person_no_scratch(call);
    int status = call_read(call, read_body, &reading);
    if (status) return status;
    if (!*user->id) return call_not_found(call);
    *ret_user = user;
    return 0;
}

static int user_tell(struct call *call, const struct user *user) {
    struct record record;
    record_init(&record, call->scratch);
    person_set(&record, user, call->language);
    if (record.failed) return person_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

static int get_user(struct call *call) {
    struct user *user = NULL;
    int status = user_of_input(call, &user);
    return status ? status : user_tell(call, user);
}

struct listing {
    struct user_filter filter;
    struct user *users;
    int count;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    return user_list(tx, &listing->filter, error, listing->users, &listing->count);
}

static int list_tell(struct call *call, const struct listing *listing, int limit) {
    struct list items;
    struct record output;
    bool failed = false;
    list_init(&items, call->scratch);
    for (int i = 0; i < listing->count && i < limit; i++) {
        struct record record;
        record_init(&record, call->scratch);
        person_set(&record, &listing->users[i], call->language);
        failed |= record.failed;
        list_add(&items, record_value(&record));
    }
    record_init(&output, call->scratch);
    record_set(&output, "items", list_value(&items));
    if (listing->count > limit)
        record_copy_given(&output, "next", listing->users[limit - 1].id);
    else record_set_text(&output, "next", NULL);
    if (failed || items.failed || output.failed) return person_no_scratch(call);
    call->output = record_value(&output);
    return 0;
}

static int list_users(struct call *call) {
    int limit = (int)record_get_integer(&call->input, "limit", PAGE_LIMIT_DEFAULT);
    struct listing listing = {
        .filter = {.role = record_get_text(&call->input, "role", call->scratch),
                   .status = record_get_text(&call->input, "status", call->scratch),
                   .name = record_get_text(&call->input, "name", call->scratch),
                   .partner_id = record_get_text(&call->input, "partner", call->scratch),
                   .limit = limit + 1}};
    if (listing.filter.partner_id && strcmp(listing.filter.partner_id, "organisation") == 0) {
        listing.filter.partner_id = NULL;
        listing.filter.organisation = true;
    }
    int status = page_cursor(call, "usr", &listing.filter.above);
    if (status) return status;
    listing.users = scratch_take(call->scratch, (size_t)(limit + 1) * sizeof *listing.users);
    if (!listing.users) return person_no_scratch(call);
    status = call_read(call, list_body, &listing);
    return status ? status : list_tell(call, &listing, limit);
}

/* ---- who may -------------------------------------------------------------------------------- */
/* The organisation's own people are its administrators' to look after. */
static int check_manageable(struct call *call, const struct user *user) {
    if (*user->partner_id || call->caller.role == ROLE_ADMINISTRATOR) return 0;
    return call_refuse(call, 403, "user_not_yours",
                       "Gebruikers van de organisatie zelf beheert alleen een beheerder daarvan.",
                       "Users of the organisation itself are looked after by its "
                       "administrators.");
}

static int check_not_self(struct call *call, const struct user *user) {
    if (strcmp(user->id, call->caller.user_id) != 0) return 0;
    return call_refuse(call, 409, "own_account",
                       "Dit kunt u niet met uw eigen account doen: vraag een andere beheerder.",
                       "You cannot do this to your own account: ask another administrator.");
}

static void fault(struct call *call, const char *pointer, const char *code, const char *nl,
                  const char *en) {
    field_fault_add(&call->faults, pointer, code, "%s",
                    call->language == LANGUAGE_EN ? en : nl);
}

static void check_fields(struct call *call) {
    for (size_t i = 0; i < sizeof writable / sizeof *writable; i++) {
        char pointer[FIELD_POINTER_MAX] = "/";
        if (!record_get(&call->input, writable[i].field) ||
            (writable[i].roles & (unsigned)call->caller.role))
            continue;
        memcpy(pointer + 1, writable[i].field, strlen(writable[i].field) + 1);
        fault(call, pointer, "not_yours_to_write",
              "Dit mag u niet wijzigen: vraag een beheerder.",
              "You may not change this: ask an administrator.");
    }
}

/* Role and scope of the input, which must be of the user's side, and no wider than the caller's. */
static void grant_take(struct call *call, struct user *user) {
    const char *role = record_get_text(&call->input, "role", call->scratch);
    const char *scope = record_get_text(&call->input, "scope", call->scratch);
    if (role) {
        user->role = role_read(role, !*user->partner_id);
        if (user->role == ROLE_NONE)
            fault(call, "/role", "wrong_side",
                  *user->partner_id ? "Deze rol is er niet bij een kantoor."
                                    : "Deze rol is er niet bij de organisatie.",
                  *user->partner_id ? "There is no such role at an office."
                                    : "There is no such role at the organisation.");
    }
    if (scope) user->scope = scope_read(scope);
    if (user->scope != SCOPE_NONE && !*user->partner_id)
        fault(call, "/scope", "not_applicable", "Wie bij de organisatie werkt, ziet alles.",
              "Who works at the organisation sees everything.");
    if ((role || scope) && user->role != ROLE_NONE &&
        scope_of(user->role, user->firm_scope, user->scope) > call->caller.reach)
        fault(call, "/scope", "wider_than_yours",
              "Dit bereik is ruimer dan het uwe: neem een nauwer.",
              "This scope is wider than yours: take a narrower one.");
}

static void text_take(struct call *call, const char *name, char *ret_text, size_t size) {
    const char *text = record_get_text(&call->input, name, call->scratch);
    if (!text) return;
    size_t length = strlen(text) < size ? strlen(text) : size - 1;
    memcpy(ret_text, text, length);
    ret_text[length] = '\0';
}

static int refuse_email(struct call *call) {
    error_clear(&call->error);
    fault(call, "/email", "taken", "Dit e-mailadres is al van een gebruiker.",
          "This email address is a user's already.");
    return ERROR_INVALID;
}

/* ---- inviting ------------------------------------------------------------------------------- */
struct inviting {
    struct user *user;
    bool is_new;
    struct user_token token;
    struct mail_message mail;
};

static int invite_body(struct db_tx *tx, void *context, struct error *error) {
    const struct inviting *inviting = context;
    int status = inviting->is_new ? user_insert(tx, inviting->user, error) : 0;
    if (!status) status = user_token_insert(tx, &inviting->token, inviting->user->id, error);
    return status ? status : mail_enqueue(tx, &inviting->mail, error);
}

static int invite_write(struct call *call, struct user *user, bool is_new) {
    struct inviting inviting = {.user = user, .is_new = is_new};
    char link[LINK_MAX];
    struct mail_text text;
    user_token_make(call->service->people, TOKEN_INVITATION, call->now_us, &inviting.token);
    person_link(call, "invitation", inviting.token.token, link);
    mail_text_invitation(user->language, user->name, user->partner_name, link, INVITATION_DAYS,
                         &text);
    int status = person_mail(call, user, "invitation", &text, &inviting.mail);
    if (!status) status = user_tell(call, user);
    if (!status) status = call_write(call, user->id, invite_body, &inviting);
    mail_message_done(&inviting.mail);
    mail_text_done(&text);
    explicit_bzero(&inviting.token, sizeof inviting.token);
    explicit_bzero(link, sizeof link);
    return status == ERROR_CONFLICT && is_new ? refuse_email(call) : status;
}

struct firm_reading {
    struct user *user;
    bool found;
};

static int firm_body(struct db_tx *tx, void *context, struct error *error) {
    struct firm_reading *reading = context;
    struct user *user = reading->user;
    struct db_rows *rows = NULL;
    reading->found = false;
    int status = db_query(tx, error, &rows,
                          "select p.name from partner p where p.id = $1 and p.status <> 'ended'"
                          " and $scope(p.id)",
                          db_text(user->partner_id));
    if (!status && (status = db_next(rows, error)) > 0) {
        db_column_copy(rows, 0, user->partner_name, sizeof user->partner_name);
        reading->found = true;
    }
    db_rows_close(rows);
    if (status < 0 || !reading->found) return status < 0 ? status : 0;
    return role_scope_get(tx, user->partner_id, user->role, error, &user->firm_scope);
}

/* At which firm: the input's, else the caller's own. */
static int firm_take(struct call *call, struct user *user) {
    const char *role = record_get_text(&call->input, "role", call->scratch);
    memcpy(user->partner_id, call->caller.partner_id, ID_MAX);
    text_take(call, "partner_id", user->partner_id, ID_MAX);
    int status = check_manageable(call, user);
    if (status || !*user->partner_id) return status;
    user->role = role_read(role, false);
    struct firm_reading reading = {.user = user};
    status = call_read(call, firm_body, &reading);
    if (status || reading.found) return status;
    fault(call, "/partner_id", "unknown", "Dit kantoor bestaat niet, of valt buiten uw bereik.",
          "There is no such office, or it lies out of your scope.");
    return ERROR_INVALID;
}

static int create_user(struct call *call) {
    struct user *user = scratch_take(call->scratch, sizeof *user);
    if (!user) return person_no_scratch(call);
    memset(user, 0, sizeof *user);
    int status = firm_take(call, user);
    if (status) return status;
    id_make("usr", user->id);
    user->status = USER_INVITED;
    user->revision = 1;
    user->created_us = user->changed_us = call->now_us;
    user->language = record_text_is(&call->input, "language", "en") ? LANGUAGE_EN : LANGUAGE_NL;
    text_take(call, "name", user->name, sizeof user->name);
    text_take(call, "email", user->email, sizeof user->email);
    grant_take(call, user);
    if (call->faults.count) return ERROR_INVALID;
    return invite_write(call, user, true);
}

static int invite_user(struct call *call) {
    struct user *user = NULL;
    int status = user_of_input(call, &user);
    if (!status) status = check_manageable(call, user);
    if (status) return status;
    if (user->status != USER_INVITED)
        return call_refuse(call, 409, "wrong_state",
                           "Deze gebruiker is al begonnen: een uitnodiging is niet meer nodig.",
                           "This user has begun already: an invitation is not needed any more.");
    return invite_write(call, user, false);
}

/* ---- changing ------------------------------------------------------------------------------- */
struct updating {
    const struct user *user;
    bool ends_sessions;
    int64_t now_us, changed;
};

static int update_body(struct db_tx *tx, void *context, struct error *error) {
    struct updating *updating = context;
    int status = user_update(tx, updating->user, updating->ends_sessions, updating->now_us, error,
                             &updating->changed);
    if (!status && !updating->changed)
        return error_set(error, ERROR_DENIED, "the user was changed meanwhile");
    if (!status && updating->ends_sessions) {
        status = session_end(tx, updating->user->id, NULL, NULL, error, NULL);
        if (!status) status = user_tokens_end(tx, updating->user->id, error);
    }
    return status;
}

static int update_write(struct call *call, struct user *user, bool ends_sessions) {
    struct updating updating = {.user = user, .ends_sessions = ends_sessions,
                                .now_us = call->now_us};
    struct user later = *user; /* as the answer tells of it */
    later.revision++;
    int status = user_tell(call, &later);
    if (!status) status = call_write(call, user->id, update_body, &updating);
    sessions_forget(call->service->people);
    if (status == ERROR_CONFLICT) return refuse_email(call);
    if (status != ERROR_DENIED) return status;
    error_clear(&call->error);
    return call_refuse_revision(call);
}

static int update_user(struct call *call) {
    struct user *user = NULL;
    int status = user_of_input(call, &user);
    if (!status) status = check_manageable(call, user);
    if (!status) status = call_check_revision(call, user->revision);
    if (status) return status;
    check_fields(call);
    bool granted = record_get(&call->input, "role") || record_get(&call->input, "scope");
    if (record_get(&call->input, "email")) status = person_check_proved(call);
    if (!status && granted) status = check_not_self(call, user);
    if (status) return status;
    text_take(call, "name", user->name, sizeof user->name);
    text_take(call, "email", user->email, sizeof user->email);
    if (record_get(&call->input, "language"))
        user->language =
            record_text_is(&call->input, "language", "en") ? LANGUAGE_EN : LANGUAGE_NL;
    grant_take(call, user);
    if (call->faults.count) return ERROR_INVALID;
    return update_write(call, user, false);
}

static int set_status(struct call *call, enum user_status to) {
    struct user *user = NULL;
    int status = user_of_input(call, &user);
    if (!status) status = check_manageable(call, user);
    if (!status) status = check_not_self(call, user);
    if (status) return status;
    bool begun = *user->password_hash != '\0';
    user->status = to == USER_ACTIVE && !begun ? USER_INVITED : to;
    return update_write(call, user, true);
}

static int disable_user(struct call *call) {
    return set_status(call, USER_DISABLED);
}

static int enable_user(struct call *call) {
    return set_status(call, USER_ACTIVE);
}

struct factor_resetting {
    const struct user *user;
    int64_t now_us;
    struct mail_message mail;
};

static int factor_body(struct db_tx *tx, void *context, struct error *error) {
    const struct factor_resetting *resetting = context;
    int status = factor_reset(tx, resetting->user->id, resetting->now_us, error);
    return status ? status : mail_enqueue(tx, &resetting->mail, error);
}

static int reset_factor(struct call *call) {
    struct user *user = NULL;
    struct mail_text text;
    int status = user_of_input(call, &user);
    if (!status) status = check_manageable(call, user);
    if (!status) status = check_not_self(call, user);
    if (!status) status = person_check_proved(call);
    if (status) return status;
    struct factor_resetting resetting = {.user = user, .now_us = call->now_us};
    mail_text_changed(user->language, user->name, "second_factor", &text);
    status = person_mail(call, user, "second_factor_changed", &text, &resetting.mail);
    if (!status) status = call_write(call, user->id, factor_body, &resetting);
    sessions_forget(call->service->people);
    mail_message_done(&resetting.mail);
    mail_text_done(&text);
    return status;
}

/* ---- the table ------------------------------------------------------------------------------ */
static const char *const refusals[] = {"user_not_yours", "own_account", "wrong_state",
                                       "login_again", "precondition_required",
                                       "precondition_failed", NULL};

#define STEP(name_, path_, nl_, en_, roles_, run_)                                                \
    {.name = name_, .method = "POST", .path = path_, .summary = {nl_, en_},                       \
     .callers = CALLER_USER, .roles = roles_, .input = id_input, .input_count = 1,                \
     .output = person_fields, .output_count = PERSON_FIELDS, .status = 200,                       \
     .idempotent_key = true, .audited = true, .revised = true, .rate = RATE_READ,                 \
     .refusals = refusals, .run = run_}

static const struct operation operations[] = {
    {.name = "ListUsers", .method = "GET", .path = "/users",
     .summary = {"Geef de gebruikers", "List users"}, .callers = CALLER_USER, .roles = ROLES_ALL,
     .input = list_input, .input_count = sizeof list_input / sizeof *list_input,
     .output = list_output, .output_count = 2, .status = 200, .rate = RATE_READ,
     .run = list_users},
    {.name = "GetUser", .method = "GET", .path = "/users/{id}",
     .summary = {"Geef een gebruiker", "Get a user"}, .callers = CALLER_USER, .roles = ROLES_ALL,
     .input = id_input, .input_count = 1, .output = person_fields, .output_count = PERSON_FIELDS,
     .status = 200, .revised = true, .rate = RATE_READ, .run = get_user},
    {.name = "CreateUser", .method = "POST", .path = "/users",
     .summary = {"Nodig een gebruiker uit", "Invite a user"}, .callers = CALLER_USER,
     .roles = MANAGERS, .input = create_input,
     .input_count = sizeof create_input / sizeof *create_input, .output = person_fields,
     .output_count = PERSON_FIELDS, .status = 201, .idempotent_key = true, .audited = true,
     .revised = true, .rate = RATE_READ, .refusals = refusals, .run = create_user},
    {.name = "UpdateUser", .method = "PATCH", .path = "/users/{id}",
     .summary = {"Wijzig een gebruiker", "Change a user"}, .callers = CALLER_USER,
     .roles = MANAGERS, .input = update_input,
     .input_count = sizeof update_input / sizeof *update_input, .output = person_fields,
     .output_count = PERSON_FIELDS, .status = 200, .audited = true, .revised = true,
     .if_match = true, .rate = RATE_READ, .refusals = refusals, .run = update_user},
    STEP("InviteUser", "/users/{id}/invitation", "Stuur de uitnodiging opnieuw",
         "Send the invitation again", MANAGERS, invite_user),
    STEP("DisableUser", "/users/{id}/disabling", "Blokkeer een gebruiker", "Disable a user",
         ADMINISTRATORS, disable_user),
    STEP("EnableUser", "/users/{id}/enabling", "Laat een gebruiker weer toe", "Enable a user",
         ADMINISTRATORS, enable_user),
    {.name = "ResetSecondFactor", .method = "DELETE", .path = "/users/{id}/second-factor",
     .summary = {"Haal de tweede stap van een gebruiker weg",
                 "Take away a user's second factor"},
     .callers = CALLER_USER, .roles = ADMINISTRATORS, .input = id_input, .input_count = 1,
     .status = 204, .audited = true, .rate = RATE_READ, .refusals = refusals,
     .run = reset_factor}};

extern const struct operation_group api_users;
const struct operation_group api_users = {.name = "users",
                                          .operations = operations,
                                          .count = sizeof operations / sizeof *operations};
