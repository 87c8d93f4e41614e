/* Accepting an invitation: a password is chosen, and a session begins that can do nothing but set
 * up the second factor. */
#include <string.h>

#include "person_common.h"

static const struct field token_input[] = {
    {.name = "token", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .label = {"wat in de uitnodiging stond", "what the invitation said"}}};
static const struct field accept_input[] = {
    {.name = "token", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .label = {"wat in de uitnodiging stond", "what the invitation said"}},
    PERSON_FIELD_PASSWORD,
    PERSON_FIELD_NAME};
static const struct field invitation_output[] = {
    {.name = "email", .type = FIELD_TEXT, .required = true,
     .label = {"e-mailadres", "email address"}},
    {.name = "name", .type = FIELD_TEXT, .required = true, .label = {"naam", "name"}},
    {.name = "partner_name", .type = FIELD_TEXT, .required = true, .nullable = true,
     .label = {"kantoor", "office"}},
    {.name = "role", .type = FIELD_CHOICE, .required = true, .choices = person_roles,
     .choice_count = ROLE_COUNT - 1, .label = {"rol", "role"}},
    {.name = "role_label", .type = FIELD_TEXT, .required = true,
     .label = {"rol in woorden", "role in words"}},
    {.name = "language", .type = FIELD_CHOICE, .required = true, .choices = person_languages,
     .choice_count = 2, .label = {"taal", "language"}}};

struct accepting {
    const char *token_hash, *name;
    struct user *user;
    int64_t now_us;
    char hash[PASSWORD_HASH_MAX];
    struct session session;
};

static int refuse_token(struct call *call) {
    return call_refuse(call, 404, "not_found",
                       "Deze uitnodiging werkt niet (meer): vraag om een nieuwe.",
                       "This invitation does not work (any more): ask for a new one.");
}

static int token_body(struct db_tx *tx, void *context, struct error *error) {
    struct accepting *accepting = context;
    return user_token_read(tx, TOKEN_INVITATION, accepting->token_hash, accepting->now_us, error,
                           accepting->user);
}

/* Whom the token of the input invites. */
static int invited_find(struct call *call, char hash[PEOPLE_MAC_MAX],
                        struct accepting *accepting) {
    const char *token = record_get_text(&call->input, "token", call->scratch);
    struct user *user = scratch_take(call->scratch, sizeof *user);
    if (!token || !user) return person_no_scratch(call);
    *accepting = (struct accepting){.token_hash = hash, .user = user, .now_us = call->now_us};
    if (!user_token_hash(call->service->people, TOKEN_INVITATION, token, hash))
        return refuse_token(call);
    int status = db_read(call->service->db, &db_scope_all, token_body, accepting, &call->error);
    if (status) return status;
    bool invited = *user->id && user->status == USER_INVITED && !user->partner_ended;
    return invited ? 0 : refuse_token(call);
}

static int get_invitation(struct call *call) {
    struct accepting *accepting = scratch_take(call->scratch, sizeof *accepting);
    char hash[PEOPLE_MAC_MAX];
    struct record record;
    if (!accepting) return person_no_scratch(call);
    int status = invited_find(call, hash, accepting);
    if (status) return status;
    const struct user *user = accepting->user;
    record_init(&record, call->scratch);
    record_set_text(&record, "email", user->email);
    record_set_text(&record, "name", user->name);
    record_set_text(&record, "partner_name", *user->partner_name ? user->partner_name : NULL);
    record_set_text(&record, "role", role_text(user->role));
    record_set_text(&record, "role_label", text_in(role_label(user->role), call->language));
    record_set_text(&record, "language", user->language == LANGUAGE_EN ? "en" : "nl");
    if (record.failed) return person_no_scratch(call);
    call->output = record_value(&record);
    return 0;
}

static int accept_body(struct db_tx *tx, void *context, struct error *error) {
    const struct accepting *accepting = context;
    int status = user_token_take(tx, accepting->token_hash, error);
    if (!status)
        status = password_change(tx, accepting->user, accepting->hash, accepting->name,
                                 accepting->now_us, error);
    return status ? status : session_insert(tx, &accepting->session, error);
}

static int accept_write(struct call *call, struct accepting *accepting) {
    struct people *people = call->service->people;
    struct user *user = accepting->user;
    struct user later = *user; /* as it will be */
    later.epoch++;
    session_make(people, &later, true, person_address(call), call->agent, call->now_us,
                 &accepting->session);
    call->caller = (struct caller){.kind = CALLER_USER, .role = user->role,
                                   .scope = db_scope_all};
    memcpy(call->caller.partner_id, user->partner_id, ID_MAX);
    memcpy(call->caller.user_id, user->id, ID_MAX);
    int status = call_write(call, user->id, accept_body, accepting);
    if (!status) status = person_session_tell(call, user, &accepting->session);
    if (!status) person_give_session(call, &accepting->session);
    if (status != ERROR_DENIED) return status;
    error_clear(&call->error);
    return refuse_token(call);
}

static int accept_invitation(struct call *call) {
    const char *password = record_get_text(&call->input, "password", call->scratch);
    const char *name = record_get_text(&call->input, "name", call->scratch);
    struct accepting *accepting = scratch_take(call->scratch, sizeof *accepting);
    char hash[PEOPLE_MAC_MAX];
    if (!password || !accepting) return person_no_scratch(call);
    int status = invited_find(call, hash, accepting);
    if (status) return status;
    accepting->name = name;
    if (name) {
        size_t length = strlen(name) < USER_NAME_MAX ? strlen(name) : USER_NAME_MAX - 1;
        memcpy(accepting->user->name, name, length);
        accepting->user->name[length] = '\0';
    }
    person_check_password(call, password, accepting->user);
    if (call->faults.count) return ERROR_INVALID;
    status = passwords_hash(people_passwords(call->service->people), password, &call->error,
                            accepting->hash);
    if (!status) status = accept_write(call, accepting);
    explicit_bzero(accepting, sizeof *accepting);
    return status;
}

static const char *const accept_refusals[] = {"cross_site", NULL};

static const struct operation operations[] = {
    {.name = "GetInvitation", .method = "GET", .path = "/invitations/{token}",
     .summary = {"Wie er is uitgenodigd", "Who is invited"}, .callers = CALLER_NOBODY,
     .input = token_input, .input_count = 1, .output = invitation_output,
     .output_count = sizeof invitation_output / sizeof *invitation_output, .status = 200,
     .run = get_invitation},
    {.name = "AcceptInvitation", .method = "POST", .path = "/invitations/{token}",
     .summary = {"Neem een uitnodiging aan", "Accept an invitation"}, .callers = CALLER_NOBODY,
     .begins_session = true, .input = accept_input,
     .input_count = sizeof accept_input / sizeof *accept_input, .output = person_session_fields,
     .output_count = PERSON_SESSION_FIELDS, .status = 201, .audited = true,
     .refusals = accept_refusals, .run = accept_invitation}};

extern const struct operation_group api_invitations;
const struct operation_group api_invitations = {
    .name = "session", .operations = operations, .count = sizeof operations / sizeof *operations};
