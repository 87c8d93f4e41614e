/* Memory that runs out while people log in and are looked after: each operation is called again
 * and again, the first time with its first allocation failing, then its second, until it comes
 * through. It succeeds or says that it is not possible now; it never says that what is right is
 * wrong. Before each call everything is as it was. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "auth/login.h"
#include "base/log.h"
#include "message/json.h"
#include "message/record.h"
#include "operation/operation.h"
#include "tests/unit/scarce.h"
#include "tests/unit/server/domain/fixture.h"

enum { ALLOCATIONS_MAX = 100000, INPUT_MAX = 512, STEP = 3 };

static const char admin_id[] = "usr_00000000000000000000000004";
static const char guest_id[] = "usr_00000000000000000000000008";
static const char session_id[] = "ses_00000000000000000000000004";
static const char other_id[] = "ses_00000000000000000000000008";
static const char password[] = "vier losse gewone woorden";

static struct fixture *fixture;
static struct people *people;
static struct dispatcher *dispatcher;
static char memory[OPERATION_SCRATCH_BYTES];
static struct scratch scratch;
static struct answer answer;
static uint8_t secret[TOTP_SECRET_BYTES];
static char password_hash[PASSWORD_HASH_MAX], sealed[USER_SEALED_MAX];
static struct user_token invitation, reset;
static struct recovery_codes codes;

/* %T a code of the authenticator, %I and %R what was sent by mail, %C a recovery code. */
static const struct example {
    const char *operation, *input;
    int status;
    bool stranger;
} examples[] = {
    {"CreateSession", "{\"email\":\"a@x.example\",\"password\":\"vier losse gewone woorden\","
                      "\"totp\":\"%T\"}", 201, true},
    {"CreateSession", "{\"email\":\"a@x.example\",\"password\":\"vier losse gewone woorden\","
                      "\"recovery_code\":\"%C\"}", 201, true},
    {"GetSession", "{}", 200, false},
    {"EndSession", "{}", 204, false},
    {"ListSessions", "{}", 200, false},
    {"EndOtherSessions", "{}", 200, false},
    {"EndOneSession", "{\"id\":\"ses_00000000000000000000000008\"}", 204, false},
    {"ChangePassword", "{\"current_password\":\"vier losse gewone woorden\","
                       "\"password\":\"vijf andere losse woorden\"}", 204, false},
    {"UpdateOwnUser", "{\"name\":\"Nieuw\",\"preferences\":{\"a\":[1,2]}}", 200, false},
    {"OfferSecondFactor", "{}", 200, false},
    {"ConfirmSecondFactor", "{\"totp\":\"%T\"}", 200, false},
    {"RenewRecoveryCodes", "{}", 200, false},
    {"RequestPasswordReset", "{\"email\":\"a@x.example\"}", 202, true},
    {"ResetPassword", "{\"token\":\"%R\",\"password\":\"vijf andere losse woorden\","
                      "\"totp\":\"%T\"}", 204, true},
    {"GetInvitation", "{\"token\":\"%I\"}", 200, true},
    {"AcceptInvitation", "{\"token\":\"%I\",\"password\":\"vijf andere losse woorden\"}", 201,
     true},
    {"ListUsers", "{\"name\":\"g\"}", 200, false},
    {"GetUser", "{\"id\":\"usr_00000000000000000000000008\"}", 200, false},
    {"CreateUser", "{\"name\":\"Derde\",\"email\":\"c@x.example\",\"role\":\"analyst\"}", 201,
     false},
    {"UpdateUser", "{\"id\":\"usr_00000000000000000000000008\",\"name\":\"Anders\"}", 200, false},
    {"InviteUser", "{\"id\":\"usr_00000000000000000000000008\"}", 200, false},
    {"DisableUser", "{\"id\":\"usr_00000000000000000000000008\"}", 200, false},
    {"EnableUser", "{\"id\":\"usr_00000000000000000000000008\"}", 200, false},
    {"ListRoleScopes", "{\"partner\":\"ptr_00000000000000000000000008\"}", 200, false},
    {"PutRoleScope", "{\"role\":\"adviser\",\"partner\":\"ptr_00000000000000000000000008\","
                     "\"scope\":\"person\"}", 200, false},
    {"ResetSecondFactor", "{\"id\":\"usr_00000000000000000000000008\"}", 204, false}};

/* ---- everything as it was -------------------------------------------------------------------- */
static int user_set(struct db_tx *tx, const char *id, const char *email, const char *status,
                    bool begun, struct error *error) {
    return db_run(tx, error, NULL,
                  "insert into app_user (id, role, name, email, email_key, language, preferences,"
                  " status, password_hash, totp_sealed, totp_sealed_key_id, totp_next_sealed,"
                  " totp_on, totp_step, epoch, revision, created_us, changed_us)"
                  " values ($1, 'administrator', 'Gast', $2, $2, 'nl', '{}', $3, $4, $5, 'k', $5,"
                  " $6, -1, 0, 1, 1, 1)",
                  db_text(id), db_text(email), db_text(status),
                  db_text(begun ? password_hash : NULL), db_text(begun ? sealed : NULL),
                  db_integer(begun));
}

static int session_set(struct db_tx *tx, const char *id, struct error *error) {
    return db_run(tx, error, NULL,
                  "insert into user_session (id, user_id, hash, setup, epoch, created_us, used_us,"
                  " expires_us, address, agent) values ($1, $2, $1, 0, 0, $3, $3, $4, '', '')",
                  db_text(id), db_text(admin_id), db_integer(clock_now_us()),
                  db_integer(clock_now_us() + INT64_C(3600000000)));
}

static int state_body(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    int status = db_run(tx, error, NULL, "delete from user_session");
    if (!status) status = db_run(tx, error, NULL, "delete from user_token");
    if (!status) status = db_run(tx, error, NULL, "delete from recovery_code");
    if (!status) status = db_run(tx, error, NULL, "delete from mail_message");
    if (!status) status = db_run(tx, error, NULL, "delete from login_throttle");
    if (!status) status = db_run(tx, error, NULL, "delete from audit_log");
    if (!status) status = db_run(tx, error, NULL, "delete from app_user");
    if (!status) status = user_set(tx, admin_id, "a@x.example", "active", true, error);
    if (!status) status = user_set(tx, guest_id, "g@x.example", "invited", false, error);
    if (!status) status = session_set(tx, session_id, error);
    if (!status) status = session_set(tx, other_id, error);
    if (!status) status = user_token_insert(tx, &invitation, guest_id, error);
    if (!status) status = user_token_insert(tx, &reset, admin_id, error);
    return status ? status : recovery_codes_replace(tx, admin_id, &codes, 1, error);
}

static void state_set(void) {
    struct error error = {0};
    if (db_write(fixture->service->db, &db_scope_all, state_body, NULL, &error))
        fail_msg("%s", error.text);
    sessions_forget(people);
}

/* ---- calling --------------------------------------------------------------------------------- */
static void input_write(const char *pattern, char ret_input[INPUT_MAX]) {
    char code[9];
    size_t length = 0;
    totp_code(secret, sizeof secret, totp_step_at(clock_now_us()), TOTP_DIGITS, code);
    for (; *pattern; pattern++) {
        const char *put = pattern[0] != '%'   ? NULL
                          : pattern[1] == 'T' ? code
                          : pattern[1] == 'I' ? invitation.token
                          : pattern[1] == 'R' ? reset.token
                                              : codes.texts[0];
        length += (size_t)snprintf(ret_input + length, INPUT_MAX - length, "%.*s", put ? 99 : 1,
                                   put ? put : pattern);
        pattern += put != NULL;
    }
}

static int call(const struct example *example, long nth, bool lasting) {
    struct json_fault fault;
    char input[INPUT_MAX];
    struct caller admin = {.kind = CALLER_USER, .role = ROLE_ADMINISTRATOR, .reach = SCOPE_ALL,
                           .scope = db_scope_all, .proved_us = clock_now_us()};
    memcpy(admin.user_id, admin_id, sizeof admin_id);
    memcpy(admin.session_id, session_id, sizeof session_id);
    struct request request = {.operation = operation_find_named(example->operation),
                              .caller = example->stranger ? NULL : &admin,
                              .if_match = "*",
                              .address = "192.0.2.7",
                              .request_id = "req",
                              .language = LANGUAGE_EN,
                              .scratch = &scratch};
    input_write(example->input, input);
    scratch_init(&scratch, memory, sizeof memory);
    assert_non_null(request.operation);
    assert_int_equal(json_read(input, strlen(input), NULL, &scratch, &fault, &request.input), 0);
    if (nth) scarce_begin(nth, lasting);
    dispatch(dispatcher, &request, &answer);
    scarce_end();
    return answer.status;
}

static void call_scarcely(const struct example *example, bool lasting) {
    bool fired = true;
    for (long nth = 1; fired; nth += nth < 40 ? 1 : scarce_step(STEP)) {
        state_set();
        int status = call(example, nth, lasting);
        fired = atomic_load(&scarce.fired);
        if (status != example->status && status != 503)
            fail_msg("%s, allocation %ld: %d %s %s", example->operation, nth, status,
                     answer.refusal.code, answer.error.text);
        /* Whoever got a session has it. */
        assert_true(status != 503 || !*answer.session_token);
        assert_true(nth < ALLOCATIONS_MAX);
    }
    state_set();
    assert_int_equal(call(example, 0, false), example->status);
}

static void test_all(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        state_set();
        if (call(&examples[i], 0, false) != examples[i].status)
            fail_msg("%s: %d %s %s", examples[i].operation, answer.status, answer.refusal.code,
                     answer.error.text);
        call_scarcely(&examples[i], false);
        call_scarcely(&examples[i], true);
    }
}

static int set_up(void **state) {
    struct error error = {0};
    struct people_options options = people_options_default;
    options.cost = (struct password_cost){1, 8192};
    fixture_set_up(state);
    log_set_level(LOG_ERROR + 1);
    fixture = *state;
    struct service *service = fixture->service;
    people_free(service->people);
    assert_int_equal(people_new(service->db, service->keys, service->encryption, &options, &error,
                                &people), 0);
    service->people = people;
    assert_int_equal(dispatcher_new(service->db, service->keys, service, &error, &dispatcher), 0);
    dispatcher_set_people(dispatcher, people);
    assert_int_equal(passwords_hash(people_passwords(people), password, &error, password_hash),
                     0);
    totp_secret_make(secret);
    assert_int_equal(factor_seal(people, admin_id, secret, &error, sealed), 0);
    user_token_make(people, TOKEN_INVITATION, clock_now_us(), &invitation);
    user_token_make(people, TOKEN_RESET, clock_now_us(), &reset);
    recovery_codes_make(people, admin_id, &codes);
    return 0;
}

static int tear_down(void **state) {
    dispatcher_free(dispatcher);
    return fixture_tear_down(state);
}

int main(void) {
    if (scarce_skipped()) return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_all, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
