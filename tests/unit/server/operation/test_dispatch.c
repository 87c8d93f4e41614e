/* The dispatcher on a store of its own: who gets in, what is checked, that a key does a deed once,
 * how often a key may call, and what the audit log keeps. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "dispatched.h"

static void test_access(void **state) {
    (void)state;
    const char *note = "{\"id\":\"a\"}";
    expect((struct asked){"MakeNote", NULL, NULL, NULL, note}, 401, "unauthorized");
    expect((struct asked){"MakeNote", wrong_key, NULL, NULL, note}, 401, "unauthorized");
    expect((struct asked){"MakeNote", "x", NULL, NULL, note}, 401, "unauthorized");
    expect((struct asked){"MakeNote", "", NULL, NULL, note}, 401, "unauthorized");
    expect((struct asked){"GetNote", wrong_key, NULL, NULL, note}, 401, "unauthorized");
    expect((struct asked){"GetNote", NULL, NULL, NULL, note}, 200, "");
    expect((struct asked){"GetNote", secret, NULL, NULL, note}, 200, "");
    expect((struct asked){"MakeNote", publishable, origin, NULL, note}, 403,
           "wrong_kind_of_key");
    expect((struct asked){"ListNotes", publishable, origin, NULL, "{}"}, 200, "");
    expect((struct asked){"ListNotes", publishable, NULL, NULL, "{}"}, 403, "origin_not_allowed");
    expect((struct asked){"ListNotes", publishable, "https://evil.example", NULL, "{}"}, 403,
           "origin_not_allowed");
    /* A row that names no caller denies everybody. */
    expect((struct asked){"GetNewest", NULL, NULL, NULL, "{}"}, 401, "unauthorized");
    expect((struct asked){"GetNewest", secret, NULL, NULL, "{}"}, 403, "wrong_kind_of_key");
}

static void test_revoked(void **state) {
    (void)state;
    char key[KEY_TEXT_MAX];
    struct error error = {0};
    make_key(partners[0], true, false, 0, key);
    expect((struct asked){"ListNotes", key, NULL, NULL, "{}"}, 200, "");
    assert_int_equal(keys_revoke(keys, key_id, &error), 0);
    expect((struct asked){"ListNotes", key, NULL, NULL, "{}"}, 401, "unauthorized");
}

static void test_input(void **state) {
    (void)state;
    expect((struct asked){"MakeNote", secret, NULL, NULL, "{}"}, 422, "invalid_fields");
    expect((struct asked){"MakeNote", secret, NULL, NULL, "{\"id\":\"a\",\"x\":1}"}, 422,
           "invalid_fields");
    expect((struct asked){"MakeNote", secret, NULL, NULL, "{\"id\":\"faulty\"}"}, 422,
           "invalid_fields");
    expect((struct asked){"GetNote", NULL, NULL, NULL, "{\"id\":\"missing\"}"}, 404, "not_found");
    expect((struct asked){"MakeNote", secret, NULL, NULL, "{\"id\":\"forbidden\"}"}, 403,
           "product_not_allowed");
    /* Access goes before input. */
    expect((struct asked){"MakeNote", NULL, NULL, NULL, "{}"}, 401, "unauthorized");
}

static void faults_of(const char *json, const char *const *pointers, int count) {
    struct answer *answer = malloc(sizeof *answer);
    assert_non_null(answer);
    ask((struct asked){"MakeNote", secret, NULL, NULL, json}, answer, NULL);
    assert_int_equal(answer->status, 422);
    assert_string_equal(answer->refusal.code, "invalid_fields");
    assert_int_equal(answer->faults.count, count);
    for (int i = 0; i < count; i++)
        assert_string_equal(answer->faults.items[i].pointer, pointers[i]);
    free(answer);
}

/* An operation's own check sees the sound fields when others are wrong, and only then. */
static void test_check(void **state) {
    (void)state;
    static const char *const three[] = {"/id", "/x", "/amount"};
    int before = deeds;
    faults_of("{\"id\":5,\"amount\":\"200\",\"x\":1}", three, 3);
    faults_of("{\"id\":5,\"amount\":\"20\",\"x\":1}", three, 2);
    faults_of("{\"x\":5,\"amount\":\"-1\"}", (const char *const[]){"/id", "/amount", "/x"}, 3);
    expect((struct asked){"MakeNote", secret, NULL, NULL, "{\"id\":\"a\",\"amount\":\"200\"}"},
           201, "");
    assert_int_equal(deeds, before + 1);
}

static void test_failures(void **state) {
    (void)state;
    static const struct {
        enum error_code code;
        int status;
        const char *name;
    } cases[] = {
        {ERROR_BUSY, 503, "unavailable"}, {ERROR_FULL, 503, "unavailable"},
        {ERROR_IO, 503, "unavailable"},   {ERROR_NOT_FOUND, 404, "not_found"},
        {ERROR_CONFLICT, 409, "conflict"}, {ERROR_INTERNAL, 500, "internal"},
    };
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        failure = cases[at].code;
        expect((struct asked){"MakeNote", secret, NULL, "\"fails\"", "{\"id\":\"a\"}"},
               cases[at].status, cases[at].name);
    }
    failure = 0;
    /* Nothing was kept under the key. */
    int before = deeds;
    expect((struct asked){"MakeNote", secret, NULL, "\"fails\"", "{\"id\":\"a\"}"}, 201, "");
    assert_int_equal(deeds, before + 1);
}

/* ---- idempotency ------------------------------------------------------------------------- */

/* Kept answers that hold what only `finish` adds. */
static int count_secrets(struct db_tx *tx, void *context, struct error *error) {
    struct db_rows *rows = NULL;
    int rc = db_query(tx, error, &rows,
                      "select count(*) from idempotency where answer like '%secret%'");
    if (rc == 0 && db_next(rows, error) == 1) *(int64_t *)context = db_column_integer(rows, 0);
    db_rows_close(rows);
    return rc;
}

static void test_replay(void **state) {
    (void)state;
    struct answer *answer = malloc(sizeof *answer);
    char first[1000], again[1000];
    int before = deeds;
    const char *note = "{\"id\":\"a\",\"amount\":\"7.50\",\"answers\":{\"x\":1,\"y\":2.0}}";
    const char *same = "{\"answers\":{\"y\":2,\"x\":1},\"amount\":\"7.5\",\"id\":\"a\"}";
    assert_non_null(answer);
    ask((struct asked){"MakeNote", secret, NULL, "k-1", note}, answer, first);
    assert_int_equal(answer->status, 201);
    assert_false(answer->replayed);
    assert_non_null(strstr(first, "\"amount\":\"7.50\""));
    assert_non_null(strstr(first, "\"secret\":\"of a\""));
    int64_t kept_secrets = -1;
    struct error error = {0};
    assert_int_equal(db_read(db, &db_scope_all, count_secrets, &kept_secrets, &error), 0);
    assert_int_equal(kept_secrets, 0);
    ask((struct asked){"MakeNote", secret, NULL, "\"k-1\"", same}, answer, again);
    assert_int_equal(answer->status, 201);
    assert_true(answer->replayed);
    assert_string_equal(first, again);
    assert_int_equal(deeds, before + 1);
    expect((struct asked){"MakeNote", secret, NULL, "k-1", "{\"id\":\"b\"}"}, 422,
           "idempotency_key_reused");
    /* Another partner's and a test key's keys are their own. */
    ask((struct asked){"MakeNote", other_secret, NULL, "k-1", note}, answer, again);
    assert_false(answer->replayed);
    ask((struct asked){"MakeNote", test_secret, NULL, "k-1", note}, answer, again);
    assert_false(answer->replayed);
    assert_int_equal(deeds, before + 3);
    free(answer);
}

static void test_key_syntax(void **state) {
    (void)state;
    char key[400];
    const char *note = "{\"id\":\"a\"}";
    static const char *const bad[] = {"", "\"\"", "a b", "\"a", "\"", "\"a\"b\"", "\"a\\x\"",
                                      "é", "a\tb", "\"a\\\""};
    for (size_t at = 0; at < sizeof bad / sizeof *bad; at++) {
        expect((struct asked){"MakeNote", secret, NULL, bad[at], note}, 400,
               "idempotency_key_invalid");
    }
    memset(key, 'k', sizeof key);
    key[255] = '\0';
    expect((struct asked){"MakeNote", secret, NULL, key, note}, 201, "");
    key[255] = 'k';
    key[256] = '\0';
    expect((struct asked){"MakeNote", secret, NULL, key, note}, 400, "idempotency_key_invalid");
    expect((struct asked){"MakeNote", secret, NULL, "\"q\\\"\\\\\"", note}, 201, "");
}

static int count_rows(struct db_tx *tx, void *context, struct error *error) {
    struct db_rows *rows = NULL;
    int rc = db_query(tx, error, &rows, "select count(*) from idempotency");
    if (rc == 0 && db_next(rows, error) == 1) *(int64_t *)context = db_column_integer(rows, 0);
    db_rows_close(rows);
    return rc;
}

static int age_rows(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    return db_run(tx, error, NULL, "update idempotency set expires_us = $1",
                  db_integer(clock_now_us()));
}

static void test_expiry(void **state) {
    (void)state;
    struct error error = {0};
    int64_t removed = 0, left = -1;
    int before = deeds;
    struct asked asked = {"MakeNote", secret, NULL, "old", "{\"id\":\"a\"}"};
    expect(asked, 201, "");
    expect(asked, 201, "");
    assert_int_equal(deeds, before + 1);
    assert_int_equal(db_write(db, &db_scope_all, age_rows, NULL, &error), 0);
    /* The key is free again, also for another input, before the row is cleaned up. */
    asked.json = "{\"id\":\"b\"}";
    expect(asked, 201, "");
    assert_int_equal(deeds, before + 2);
    assert_int_equal(idempotency_expire(db, clock_now_us(), &error, &removed), 0);
    assert_true(removed > 0);
    assert_int_equal(db_read(db, &db_scope_all, count_rows, &left, &error), 0);
    assert_int_equal(left, 1);
}

struct slow {
    struct dispatcher *node;
    struct answer answer;
};

static void *ask_slowly(void *context) {
    struct slow *slow = context;
    char *memory = malloc(OPERATION_SCRATCH_BYTES);
    struct scratch scratch;
    if (!memory) return NULL;
    scratch_init(&scratch, memory, OPERATION_SCRATCH_BYTES);
    struct value_entry id = {"id", 2, value_text("a", 1)};
    struct request request = {.operation = named("MakeNote"), .credential = secret,
                              .credential_length = strlen(secret), .idempotency_key = "at-once",
                              .request_id = "req_2", .scratch = &scratch,
                              .input = value_context(&id, 1)};
    dispatch(slow->node, &request, &slow->answer);
    free(memory);
    return NULL;
}

static void test_in_progress(void **state) {
    (void)state;
    enum { THREADS = 8 };
    struct slow *asked_slowly = calloc(THREADS, sizeof *asked_slowly);
    pthread_t threads[THREADS];
    int before = deeds, made = 0, refused = 0;
    assert_non_null(asked_slowly);
    slow_ms = 100;
    for (int at = 0; at < THREADS; at++) {
        asked_slowly[at].node = dispatcher;
        assert_int_equal(pthread_create(&threads[at], NULL, ask_slowly, &asked_slowly[at]), 0);
    }
    for (int at = 0; at < THREADS; at++) (void)pthread_join(threads[at], NULL);
    slow_ms = 0;
    for (int at = 0; at < THREADS; at++) {
        if (asked_slowly[at].answer.status == 201) made++;
        if (strcmp(asked_slowly[at].answer.refusal.code, "idempotency_in_progress") == 0) {
            assert_int_equal(asked_slowly[at].answer.refusal.retry_after_s, 1);
            refused++;
        }
    }
    assert_int_equal(deeds, before + 1);
    assert_int_equal(made + refused, THREADS);
    assert_true(refused > 0);
    free(asked_slowly);
}

/* A second dispatcher on the same store is another node: its memory knows nothing of the first. */
static void test_two_nodes(void **state) {
    (void)state;
    struct error error = {0};
    struct dispatcher *first = dispatcher, *second;
    enum { THREADS = 6 };
    struct slow *asked_slowly = calloc(THREADS, sizeof *asked_slowly);
    pthread_t threads[THREADS];
    int before = deeds, made = 0;
    assert_non_null(asked_slowly);
    assert_int_equal(dispatcher_new(db, keys, NULL, &error, &second), 0);
    struct asked asked = {"MakeNote", secret, NULL, "node", "{\"id\":\"a\"}"};
    expect(asked, 201, "");
    dispatcher = second;
    expect(asked, 201, "");
    assert_int_equal(deeds, before + 1);
    /* At once: each thread is its own node. */
    slow_ms = 50;
    assert_int_equal(db_write(db, &db_scope_all, age_rows, NULL, &error), 0);
    for (int at = 0; at < THREADS; at++) {
        struct slow *node = &asked_slowly[at];
        assert_int_equal(dispatcher_new(db, keys, NULL, &error, &node->node), 0);
        assert_int_equal(pthread_create(&threads[at], NULL, ask_slowly, node), 0);
    }
    for (int at = 0; at < THREADS; at++) (void)pthread_join(threads[at], NULL);
    slow_ms = 0;
    for (int at = 0; at < THREADS; at++) {
        const struct answer *answer = &asked_slowly[at].answer;
        if (answer->status != 201) {
            fail_msg("%d %s %s", answer->status, answer->refusal.code, answer->error.text);
        }
        if (!answer->replayed) made++;
        dispatcher_free(asked_slowly[at].node);
    }
    assert_int_equal(made, 1);
    assert_int_equal(deeds, before + 2);
    dispatcher = first;
    dispatcher_free(second);
    free(asked_slowly);
}

/* ---- rate and audit ------------------------------------------------------------------------ */

static void test_rate(void **state) {
    (void)state;
    struct error error = {0};
    struct answer *answer = malloc(sizeof *answer);
    struct dispatcher *first = dispatcher, *second;
    int allowed = 0;
    assert_non_null(answer);
    assert_int_equal(dispatcher_new(db, keys, NULL, &error, &second), 0);
    int64_t to_next_s = RATE_WINDOW_S - clock_now_us() / 1000000 % RATE_WINDOW_S;
    if (to_next_s < 3) sleep((unsigned)to_next_s);
    for (int at = 0; at < 60; at++) {
        dispatcher = at % 2 ? second : first;
        ask((struct asked){"ListNotes", slow_key, NULL, NULL, "{}"}, answer, NULL);
        assert_int_equal(answer->rate.limit, 45);
        assert_int_equal(answer->rate.window_s, RATE_WINDOW_S);
        assert_true(answer->rate.reset_s >= 1 && answer->rate.reset_s <= RATE_WINDOW_S);
        if (answer->status == 200) allowed++;
        if (answer->status == 200 && at == 0) assert_int_equal(answer->rate.remaining, 44);
        if (answer->status != 200) {
            assert_string_equal(answer->refusal.code, "too_many_requests");
            assert_int_equal(answer->refusal.retry_after_s, answer->rate.reset_s);
        }
    }
    assert_int_equal(allowed, 45);
    /* What has no rate is not counted, and a key without limit says so. */
    expect((struct asked){"GetNote", slow_key, NULL, NULL, "{\"id\":\"a\"}"}, 200, "");
    ask((struct asked){"ListNotes", secret, NULL, NULL, "{}"}, answer, NULL);
    assert_int_equal(answer->rate.limit, 0);
    dispatcher = first;
    dispatcher_free(second);
    free(answer);
}

struct audit_count {
    int64_t done, refused;
};

static int count_audit(struct db_tx *tx, void *context, struct error *error) {
    struct audit_count *count = context;
    struct db_rows *rows = NULL;
    int rc = db_query(tx, error, &rows,
                      "select coalesce(sum(case when outcome = 'done' and subject_id = 'audited'"
                      " and code is null then 1 else 0 end), 0), coalesce(sum(case when outcome ="
                      " 'refused' and code = 'product_not_allowed' and request_id = 'req_1' then 1"
                      " else 0 end), 0) from audit_log a where $scope(a)");
    if (rc == 0 && db_next(rows, error) == 1) {
        count->done = db_column_integer(rows, 0);
        count->refused = db_column_integer(rows, 1);
    }
    db_rows_close(rows);
    return rc;
}

static void test_audit(void **state) {
    (void)state;
    struct error error = {0};
    struct audit_count before = {0}, after = {0};
    struct db_scope own = {.kind = DB_SCOPE_OWN, .partner_id = partners[0]};
    assert_int_equal(db_read(db, &own, count_audit, &before, &error), 0);
    expect((struct asked){"MakeNote", secret, NULL, NULL, "{\"id\":\"audited\"}"}, 201, "");
    expect((struct asked){"MakeNote", secret, NULL, NULL, "{\"id\":\"forbidden\"}"}, 403,
           "product_not_allowed");
    expect((struct asked){"MakeNote", other_secret, NULL, NULL, "{\"id\":\"audited\"}"}, 201, "");
    assert_int_equal(db_read(db, &own, count_audit, &after, &error), 0);
    assert_int_equal(after.done, before.done + 1);
    assert_int_equal(after.refused, before.refused + 1);
    /* Refusals beyond the bound are refused all the same. */
    for (int at = 0; at < 3 * AUDIT_REFUSALS_PER_SECOND_MAX; at++) {
        expect((struct asked){"MakeNote", secret, NULL, NULL, "{\"id\":\"forbidden\"}"}, 403,
               "product_not_allowed");
    }
}

static int count_organisation_audit(struct db_tx *tx, void *context, struct error *error) {
    int64_t *count = context;
    struct db_rows *rows = NULL;
    int rc = db_query(tx, error, &rows,
                      "select count(*) from audit_log a join organisation_key k"
                      " on k.id = a.organisation_key_id where a.partner_id is null"
                      " and a.key_id is null and a.subject_id = 'imported' and $scope(a)");
    if (rc == 0 && db_next(rows, error) == 1) *count = db_column_integer(rows, 0);
    db_rows_close(rows);
    return rc;
}

/* The organisation's own keys: their own operations, idempotency, rate and audit. */
static void test_organisation(void **state) {
    (void)state;
    struct error error = {0};
    struct answer *answer = malloc(sizeof *answer);
    char key[KEY_TEXT_MAX], id[ID_MAX];
    const struct key_options options = {.organisation_name = "Test",
                                        .rate_limit_per_minute = 100000};
    const char *note = "{\"id\":\"imported\"}";
    int64_t audited = -1;
    assert_non_null(answer);
    assert_int_equal(keys_create(keys, &options, &error, id, key), 0);
    expect((struct asked){"ImportNote", NULL, NULL, NULL, note}, 401, "unauthorized");
    expect((struct asked){"ImportNote", secret, NULL, NULL, note}, 403, "wrong_kind_of_key");
    expect((struct asked){"ImportNote", publishable, origin, NULL, note}, 403,
           "wrong_kind_of_key");
    expect((struct asked){"MakeNote", key, NULL, NULL, note}, 403, "wrong_kind_of_key");
    expect((struct asked){"GetNote", key, NULL, NULL, note}, 200, "");
    int before = deeds;
    ask((struct asked){"ImportNote", key, NULL, "import", note}, answer, NULL);
    assert_int_equal(answer->status, 201);
    assert_string_equal(answer->key_id, id);
    assert_string_equal(answer->partner_id, "");
    assert_int_equal(answer->rate.limit, 100000);
    assert_true(answer->rate.remaining < 100000);
    ask((struct asked){"ImportNote", key, NULL, "import", note}, answer, NULL);
    assert_int_equal(answer->status, 201);
    assert_true(answer->replayed);
    assert_int_equal(deeds, before + 1);
    assert_int_equal(db_read(db, &db_scope_all, count_organisation_audit, &audited, &error), 0);
    assert_int_equal(audited, 1);
    assert_int_equal(keys_revoke(keys, id, &error), 0);
    expect((struct asked){"ImportNote", key, NULL, NULL, note}, 401, "unauthorized");
    free(answer);
}

/* ---- users ------------------------------------------------------------------------------- */

static struct caller user_of(enum role role, const char *partner_id, const char *user_id) {
    struct caller caller = {.kind = CALLER_USER, .role = role, .rate_limit_per_minute = 100000,
                            .scope = {.kind = *partner_id ? DB_SCOPE_OWN : DB_SCOPE_ALL,
                                      .partner_id = partner_id}};
    snprintf(caller.partner_id, sizeof caller.partner_id, "%s", partner_id);
    snprintf(caller.user_id, sizeof caller.user_id, "%s", user_id);
    return caller;
}

static void expect_as(const struct caller *caller, const char *operation, int status,
                      const char *code) {
    asked_caller = caller;
    expect((struct asked){operation, NULL, NULL, NULL, "{\"id\":\"a\"}"}, status, code);
    asked_caller = NULL;
}

static int add_users(struct db_tx *tx, void *context, struct error *error) {
    (void)context;
    static const char *const ids[] = {"usr_1", "usr_2", "usr_3"};
    int rc = 0;
    for (int at = 0; at < 3 && rc == 0; at++)
        rc = db_run(tx, error, NULL,
                    "insert into app_user (id, partner_id, role, name, email, email_key, language,"
                    " preferences, status, totp_on, totp_step, epoch, revision, created_us,"
                    " changed_us) values ($1, $2, $3, 'A', $1, $1, 'nl', '{}', 'active', 0, 0, 0,"
                    " 1, 0, 0)",
                    db_text(ids[at]), at < 2 ? db_text(partners[0]) : db_null(),
                    db_text(at < 2 ? "adviser" : "administrator"));
    return rc;
}

static int count_user_audit(struct db_tx *tx, void *context, struct error *error) {
    int64_t *count = context;
    struct db_rows *rows = NULL;
    int rc = db_query(tx, error, &rows,
                      "select count(*) from audit_log a where a.user_id = 'usr_1'"
                      " and a.key_id is null and a.organisation_key_id is null and $scope(a)");
    if (rc == 0 && db_next(rows, error) == 1) *count = db_column_integer(rows, 0);
    db_rows_close(rows);
    return rc;
}

/* A row says which users: by role, on their side. One that names no role denies them all. */
static void test_roles(void **state) {
    (void)state;
    static const struct {
        enum role role;
        const char *operation;
        int status;
        const char *code;
    } cases[] = {{ROLE_PARTNER_ADMINISTRATOR, "MakeNote", 201, ""},
                 {ROLE_PARTNER_ADVISER, "MakeNote", 201, ""},
                 {ROLE_PARTNER_ASSISTANT, "MakeNote", 403, "role_not_allowed"},
                 {ROLE_ADMINISTRATOR, "MakeNote", 403, "role_not_allowed"},
                 {ROLE_NONE, "MakeNote", 403, "role_not_allowed"},
                 {ROLE_ADMINISTRATOR, "ImportNote", 201, ""},
                 {ROLE_UNDERWRITER, "ImportNote", 403, "role_not_allowed"},
                 {ROLE_PARTNER_ADMINISTRATOR, "ImportNote", 403, "role_not_allowed"},
                 {ROLE_ADMINISTRATOR, "ListNotes", 403, "role_not_allowed"},
                 {ROLE_NONE, "GetNote", 200, ""},
                 {ROLE_ANALYST, "PinNote", 200, ""},
                 {ROLE_PARTNER_ASSISTANT, "PinNote", 200, ""},
                 {ROLE_NONE, "PinNote", 403, "role_not_allowed"},
                 {ROLE_ADMINISTRATOR, "UnpinNote", 403, "role_not_allowed"},
                 {ROLE_PARTNER_ADMINISTRATOR, "UnpinNote", 403, "role_not_allowed"},
                 {ROLE_ADMINISTRATOR, "GetNewest", 403, "role_not_allowed"}};
    struct error error = {0};
    int64_t audited = 0;
    if (db_write(db, &db_scope_all, add_users, NULL, &error) != 0) fail_msg("%s", error.text);
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        bool organisation = role_of_organisation(cases[at].role);
        struct caller caller = user_of(cases[at].role, organisation ? "" : partners[0],
                                       organisation ? "usr_3" : "usr_1");
        expect_as(&caller, cases[at].operation, cases[at].status, cases[at].code);
    }
    assert_int_equal(db_read(db, &db_scope_all, count_user_audit, &audited, &error), 0);
    assert_int_equal(audited, 5); /* two deeds, and three refusals by rows that are audited */
    /* A key is no user, whatever it may do otherwise. */
    expect((struct asked){"PinNote", secret, NULL, NULL, "{}"}, 403, "wrong_kind_of_key");
    expect((struct asked){"PinNote", NULL, NULL, NULL, "{}"}, 401, "unauthorized");
}

/* An answer that was kept is of who asked: a colleague's key of the same text is another's. */
static void test_users_apart(void **state) {
    (void)state;
    struct answer *answer = malloc(sizeof *answer);
    const struct caller first = user_of(ROLE_PARTNER_ADVISER, partners[0], "usr_1");
    const struct caller second = user_of(ROLE_PARTNER_ADVISER, partners[0], "usr_2");
    const struct asked asked = {"MakeNote", NULL, NULL, "mine", "{\"id\":\"a\"}"};
    assert_non_null(answer);
    for (int at = 0; at < 4; at++) {
        asked_caller = at % 2 ? &second : &first;
        ask(asked, answer, NULL);
        assert_int_equal(answer->status, 201);
        assert_int_equal(answer->replayed, at >= 2);
        assert_string_equal(answer->user_id, asked_caller->user_id);
        assert_string_equal(answer->key_id, "");
        assert_int_equal(answer->rate.limit, 100000);
    }
    asked_caller = NULL;
    ask((struct asked){"MakeNote", secret, NULL, "mine", "{\"id\":\"a\"}"}, answer, NULL);
    assert_int_equal(answer->status, 201);
    assert_false(answer->replayed);
    free(answer);
}

/* By which way a call came and from where, as what is kept of it says. */
static void test_origin(void **state) {
    (void)state;
    const char *note = "{\"id\":\"from\"}";
    const struct caller known = {.kind = CALLER_SECRET_KEY, .scope = db_scope_all};
    asked_address = "192.0.2.7";
    expect((struct asked){"MakeNote", secret, NULL, NULL, note}, 201, "");
    assert_string_equal(noted_entrance, "json");
    assert_string_equal(noted_address, "192.0.2.7");
    asked_entrance = ENTRANCE_SOAP;
    expect((struct asked){"MakeNote", secret, NULL, NULL, note}, 201, "");
    assert_string_equal(noted_entrance, "soap");
    asked_entrance = ENTRANCE_JSON;
    asked_address = NULL;
    asked_caller = &known;
    expect((struct asked){"MakeNote", NULL, NULL, NULL, note}, 201, "");
    assert_string_equal(noted_entrance, "command");
    assert_null(noted_address);
    asked_caller = NULL;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_access),      cmocka_unit_test(test_revoked),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_input),       cmocka_unit_test(test_failures),
        cmocka_unit_test(test_replay),      cmocka_unit_test(test_key_syntax),
        cmocka_unit_test(test_expiry),      cmocka_unit_test(test_in_progress),
        cmocka_unit_test(test_two_nodes),   cmocka_unit_test(test_rate),
        cmocka_unit_test(test_roles),       cmocka_unit_test(test_users_apart),
        cmocka_unit_test(test_audit),       cmocka_unit_test(test_organisation),
        cmocka_unit_test(test_origin),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
