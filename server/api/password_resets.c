/* A new password for whoever has forgotten the old one: an address by mail, and the second factor
 * all the same. Whether anybody has the address that was given is not told. */
#include <string.h>

#include "person_common.h"

static const struct field request_input[] = {
    {.name = "email", .type = FIELD_TEXT, .required = true, .length_minimum = 1,
     .length_maximum = MAIL_ADDRESS_MAX - 1, .label = {"e-mailadres", "email address"},
     .example = "\"a.voorbeeld@example.nl\""}};
static const struct field reset_input[] = {
    {.name = "token", .type = FIELD_TEXT, .required = true, .sensitive = true,
     .label = {"wat in de mail stond", "what the mail said"}},
    PERSON_FIELD_PASSWORD,
    PERSON_FIELD_TOTP,
    PERSON_FIELD_RECOVERY_CODE};

/* ---- asking --------------------------------------------------------------------------------- */
struct asking {
    const struct people *people;
    const char *email_key;
    struct throttle_key address, mail;
    struct user *user;
    int64_t now_us, address_s, mail_s;
    struct user_token token;
    struct mail_message message;
};

static int find_body(struct db_tx *tx, void *context, struct error *error) {
    struct asking *asking = context;
    return user_read_email(tx, asking->email_key, error, asking->user);
}

static bool gets_mail(const struct user *user) {
    return *user->id && user->status == USER_ACTIVE && !user->partner_ended;
}

static int ask_body(struct db_tx *tx, void *context, struct error *error) {
    struct asking *asking = context;
    int status = throttle_take(tx, &asking->address, asking->now_us, error, &asking->address_s);
    if (!status) status = throttle_take(tx, &asking->mail, asking->now_us, error, &asking->mail_s);
    if (status || asking->address_s || asking->mail_s || !gets_mail(asking->user)) return status;
    status = user_token_insert(tx, &asking->token, asking->user->id, error);
    return status ? status : mail_enqueue(tx, &asking->message, error);
}

/* The message is put together for nobody too, so that it takes as long. */
static int ask_write(struct call *call, struct asking *asking) {
    struct user *user = asking->user, nobody = {.email = "nobody@example.invalid"};
    char link[LINK_MAX];
    struct mail_text text;
    user_token_make(call->service->people, TOKEN_RESET, call->now_us, &asking->token);
    person_link(call, "reset", asking->token.token, link);
    mail_text_reset(*user->id ? user->language : call->language, user->name, link, RESET_MINUTES,
                    &text);
    const struct user *to = *user->id ? user : &nobody;
    int status = person_mail(call, to, "password_reset", &text, &asking->message);
    const struct caller before = call->caller;
    call->caller.scope = db_scope_all; /* nobody in particular asks; the row is whoever's */
    if (!status) status = call_write(call, *user->id ? user->id : NULL, ask_body, asking);
    call->caller.scope = before.scope;
    mail_message_done(&asking->message);
    mail_text_done(&text);
    explicit_bzero(link, sizeof link);
    return status;
}

static int request_reset(struct call *call) {
    const char *email = record_get_text(&call->input, "email", call->scratch);
    struct asking *asking = scratch_take(call->scratch, sizeof *asking);
    struct user *user = scratch_take(call->scratch, sizeof *user);
    char key[USER_EMAIL_MAX] = "";
    if (!email || !asking || !user) return person_no_scratch(call);
    *asking = (struct asking){.email_key = key, .user = user, .now_us = call->now_us};
    (void)user_email_key(email, key);
    throttle_key_make(call->service->people, THROTTLE_ADDRESS, "", person_address(call),
                      &asking->address);
    throttle_key_make(call->service->people, THROTTLE_MAIL, key, "", &asking->mail);
    int status = db_read(call->service->db, &db_scope_all, find_body, asking, &call->error);
    if (!status) status = ask_write(call, asking);
    int64_t wait_s = asking->address_s;
    explicit_bzero(asking, sizeof *asking);
    if (!status && wait_s) return person_refuse_attempts(call, wait_s);
    call->output = value_context(NULL, 0);
    return status;
}

/* ---- choosing ------------------------------------------------------------------------------- */
struct resetting {
    const char *token_hash;
    struct user *user;
    int64_t now_us;
    struct attempt attempt;
    struct factor_proof proof;
    char hash[PASSWORD_HASH_MAX];
    struct mail_message mail;
};

static int token_body(struct db_tx *tx, void *context, struct error *error) {
    struct resetting *resetting = context;
    return user_token_read(tx, TOKEN_RESET, resetting->token_hash, resetting->now_us, error,
                           resetting->user);
}

static int reset_body(struct db_tx *tx, void *context, struct error *error) {
    const struct resetting *resetting = context;
    const struct user *user = resetting->user;
    int status = user_token_take(tx, resetting->token_hash, error);
    if (!status && user->totp_on) status = factor_take(tx, user->id, &resetting->proof, error);
    if (!status)
        status = password_change(tx, user, resetting->hash, NULL, resetting->now_us, error);
    if (!status) status = mail_enqueue(tx, &resetting->mail, error);
    return status ? status : attempt_forgive(tx, &resetting->attempt, error);
}

static int refuse_token(struct call *call) {
    return call_refuse(call, 404, "not_found",
                       "Dit adres werkt niet (meer): vraag opnieuw om een nieuw wachtwoord.",
                       "This address does not work (any more): ask for a new password again.");
}

/* Nobody gets past the second factor by having read a mail. */
static int factor_ask(struct call *call, struct resetting *resetting) {
    struct people *people = call->service->people;
    const struct factor_given given = person_factor(call);
    enum factor_outcome outcome = FACTOR_RIGHT;
    bool blocked = false;
    int64_t wait_s = 0;
    char key[USER_EMAIL_MAX] = "";
    (void)user_email_key(resetting->user->email, key);
    attempt_make(people, key, person_address(call), &resetting->attempt);
    int status = attempt_begin(people, &resetting->attempt, call->now_us, &call->error, &blocked,
                               &wait_s);
    if (status) return status;
    if (wait_s) return person_refuse_attempts(call, wait_s);
    if (!resetting->user->totp_on) return 0;
    status = factor_check(people, resetting->user, &given, call->now_us, &call->error,
                          &resetting->proof, &outcome);
    if (status) return status;
    if (outcome == FACTOR_MISSING)
        return call_refuse(call, 401, "second_factor_required",
                           "Geef ook de code van uw authenticator-app, of een herstelcode.",
                           "Give the code of your authenticator app too, or a recovery code.");
    return outcome == FACTOR_WRONG || blocked ? person_refuse_login(call) : 0;
}

static int reset_write(struct call *call, struct resetting *resetting, const char *password) {
    struct user *user = resetting->user;
    struct mail_text text;
    int status = passwords_hash(people_passwords(call->service->people), password, &call->error,
                                resetting->hash);
    if (status) return status;
    mail_text_changed(user->language, user->name, "password", &text);
    status = person_mail(call, user, "password_changed", &text, &resetting->mail);
    const struct caller before = call->caller;
    call->caller.scope = db_scope_all;
    memcpy(call->caller.user_id, user->id, ID_MAX); /* for the audit log */
    memcpy(call->caller.partner_id, user->partner_id, ID_MAX);
    if (!status) status = call_write(call, user->id, reset_body, resetting);
    call->caller.scope = before.scope;
    sessions_forget(call->service->people);
    mail_message_done(&resetting->mail);
    mail_text_done(&text);
    if (status != ERROR_DENIED) return status;
    error_clear(&call->error);
    return person_refuse_login(call);
}

static int reset_password(struct call *call) {
    const char *token = record_get_text(&call->input, "token", call->scratch);
    const char *password = record_get_text(&call->input, "password", call->scratch);
    struct resetting *resetting = scratch_take(call->scratch, sizeof *resetting);
    struct user *user = scratch_take(call->scratch, sizeof *user);
    char hash[PEOPLE_MAC_MAX];
    if (!token || !password || !resetting || !user) return person_no_scratch(call);
    *resetting = (struct resetting){.token_hash = hash, .user = user, .now_us = call->now_us};
    if (!user_token_hash(call->service->people, TOKEN_RESET, token, hash))
        return refuse_token(call);
    int status = db_read(call->service->db, &db_scope_all, token_body, resetting, &call->error);
    if (status) return status;
    if (!gets_mail(user)) return refuse_token(call);
    person_check_password(call, password, user);
    if (call->faults.count) return ERROR_INVALID;
    status = factor_ask(call, resetting);
    if (!status) status = reset_write(call, resetting, password);
    explicit_bzero(resetting, sizeof *resetting);
    return status;
}

/* ---- the table ------------------------------------------------------------------------------ */
static const char *const request_refusals[] = {"too_many_attempts", "cross_site", NULL};
static const char *const reset_refusals[] = {"second_factor_required", "too_many_attempts",
                                             "cross_site", NULL};

static const struct operation operations[] = {
    {.name = "RequestPasswordReset", .method = "POST", .path = "/password-resets",
     .summary = {"Vraag om een nieuw wachtwoord te mogen kiezen", "Ask to choose a new password"},
     .callers = CALLER_NOBODY, .begins_session = true, .input = request_input, .input_count = 1,
     .status = 202, .audited = true, .refusals = request_refusals, .run = request_reset},
    {.name = "ResetPassword", .method = "POST", .path = "/password-resets/{token}",
     .summary = {"Kies een nieuw wachtwoord", "Choose a new password"}, .callers = CALLER_NOBODY,
     .begins_session = true, .input = reset_input,
     .input_count = sizeof reset_input / sizeof *reset_input, .status = 204, .audited = true,
     .refusals = reset_refusals, .run = reset_password}};

extern const struct operation_group api_password_resets;
const struct operation_group api_password_resets = {
    .name = "session", .operations = operations, .count = sizeof operations / sizeof *operations};
