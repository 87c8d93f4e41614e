/* Memory that runs out amid the way from quote to policy: each step is done once or not at all, and
 * says so; and applications that nobody decided on expire. */
#include "tests/unit/server/api/transaction_calls.h"

static void test_reading(void **state) {
    (void)state;
    char id[ID_MAX], policy_id[ID_MAX], input[INPUT_MAX], quote_id[ID_MAX];
    application_make(QUOTE("barks"), id, policy_id);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", id);
    read_scarce("GetApplication", input);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", policy_id);
    read_scarce("GetPolicy", input);
    read_scarce("ListApplications", "{\"limit\":3}");
    read_scarce("ListPolicies", "{\"limit\":3}");
    read_scarce("FindApplications", "{\"iban\":\"NL91ABNA0417164300\",\"email\":\"a@EXAMPLE.nl\"}");
    assert_true(record_get(&answer.output, "items")->length > 0);
    call("RequestQuote", false, NULL, QUOTE("barks"), 0, false);
    text_take("id", sizeof quote_id, quote_id);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", quote_id);
    read_scarce("GetAcceptance", input);
}

/* With any less scratch than it takes, a call is refused for that alone. */
static void call_in_little(const char *name, bool organisation, const char *key,
                           const char *input, int wanted) {
    int status = 0;
    for (room = 1024; status != wanted; room += room < 128 * 1024 ? 16 : 1040) {
        status = call(name, organisation, key, input, 0, false);
        if (status != wanted && strcmp(answer.refusal.code, "too_large") != 0 &&
            strcmp(answer.refusal.code, "unavailable") != 0)
            fail_msg("%s, %zu: %d %s %s %s", name, room, status, answer.refusal.code,
                     answer.faults.count ? answer.faults.items[0].pointer : "", answer.error.text);
        assert_true(room < sizeof memory);
    }
    room = sizeof memory;
}

static void test_little_scratch(void **state) {
    (void)state;
    static const char find[] = "{\"iban\":\"NL91ABNA0417164300\",\"email\":\"a@b.nl\"}";
    char id[ID_MAX], policy_id[ID_MAX], input[INPUT_MAX], long_key[IDEMPOTENCY_KEY_MAX + 1];
    memset(long_key, 'k', IDEMPOTENCY_KEY_MAX);
    long_key[IDEMPOTENCY_KEY_MAX] = '\0';
    quote_make(QUOTE("barks"), input);
    *strchr(input, ',') = '}';
    *(strchr(input, '}') + 1) = '\0';
    call_in_little("GetAcceptance", false, NULL, input, 200);
    quote_make(QUOTE("barks"), input);
    call_in_little("AcceptQuote", false, "little", input, 201);
    text_take("id", ID_MAX, id);
    text_take("policy_id", ID_MAX, policy_id);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", id);
    call_in_little("GetApplication", false, NULL, input, 200);
    call_in_little("FindApplications", false, NULL, find, 200);
    assert_int_equal(record_get(&answer.output, "items")->length, 0);
    call_in_little("ListPolicies", false, NULL, "{\"product\":\"boat\"}", 200);
    assert_int_equal(record_get(&answer.output, "items")->length, 0);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", policy_id);
    call_in_little("GetPolicy", false, NULL, input, 200);
    snprintf(input, sizeof input, "{\"id\":\"%s\",\"reason\":\"risk_gone\",\"note\":\"x\"}",
             policy_id);
    call_in_little("CancelPolicy", false, long_key, input, 200);
}

/* One that was refused for want of memory is made by asking again with its key, once. */
static void test_accepting(void **state) {
    (void)state;
    for (int lasting = 0; lasting < 2; lasting++) {
        bool fired = true;
        for (long nth = 1; fired; nth++) {
            char key[32], input[INPUT_MAX], id[ID_MAX], again[ID_MAX];
            snprintf(key, sizeof key, "accept-%d-%ld", lasting, nth);
            quote_make(QUOTE("barks"), input);
            int status = call("AcceptQuote", false, key, input, nth, lasting);
            fired = atomic_load(&scarce.fired);
            if (status != 503) expect_status("AcceptQuote", 201, nth);
            call("AcceptQuote", false, key, input, 0, false);
            expect_status("AcceptQuote", 201, nth);
            text_take("id", sizeof id, id);
            call("AcceptQuote", false, key, input, 0, false);
            text_take("id", sizeof again, again);
            assert_string_equal(id, again);
            call("AcceptQuote", false, NULL, input, 0, false);
            expect_status("AcceptQuote", 409, nth);
            assert_string_equal(answer.refusal.code, "already_accepted");
            assert_true(nth < ALLOCATIONS_MAX);
        }
    }
}

/* A step with its key, on what `make` makes: done once, whatever failed. */
static void step_scarce(const char *name, bool organisation, const char *more,
                        void (*make)(char ret_id[ID_MAX])) {
    bool fired = true;
    for (long nth = 1; fired; nth++) {
        char key[64], id[ID_MAX], input[INPUT_MAX];
        make(id);
        snprintf(key, sizeof key, "%s-%ld", name, nth);
        snprintf(input, sizeof input, "{\"id\":\"%s\"%s}", id, more);
        int status = call(name, organisation, key, input, nth, nth % 2);
        fired = atomic_load(&scarce.fired);
        if (status != 503) expect_status(name, 200, nth);
        call(name, organisation, key, input, 0, false);
        expect_status(name, 200, nth);
        call(name, organisation, NULL, input, 0, false);
        expect_status(name, 409, nth);
        assert_string_equal(answer.refusal.code, "wrong_state");
        assert_true(nth < ALLOCATIONS_MAX);
    }
}

static void make_waiting(char ret_id[ID_MAX]) {
    application_make(QUOTE("bites"), ret_id, NULL);
}

static void make_approved(char ret_id[ID_MAX]) {
    char input[INPUT_MAX];
    make_waiting(ret_id);
    snprintf(input, sizeof input,
             "{\"id\":\"%s\",\"decision\":\"approve\",\"reason\":\"other\",\"note\":\"n\"}",
             ret_id);
    call("DecideApplication", true, NULL, input, 0, false);
    expect_status("DecideApplication", 200, 0);
}

static void make_policy(char ret_id[ID_MAX]) {
    char id[ID_MAX];
    application_make(QUOTE("barks"), id, ret_id);
}

static void test_steps(void **state) {
    (void)state;
    step_scarce("WithdrawApplication", false, "", make_waiting);
    step_scarce("DecideApplication", true,
                ",\"decision\":\"reject\",\"reason\":\"other\",\"note\":\"n\"", make_waiting);
    step_scarce("IssuePolicy", true, "", make_approved);
    step_scarce("WithdrawPolicy", false, "", make_policy);
    step_scarce("CancelPolicy", false, ",\"reason\":\"policyholder\"", make_policy);
}

/* Only what waits, and only what waited too long, expires; once. */
static void test_expiry(void **state) {
    (void)state;
    char waiting[ID_MAX], policy[ID_MAX], input[INPUT_MAX], status[32];
    int64_t now_us = clock_now_us();
    int expired = -1;
    make_waiting(waiting);
    application_make(QUOTE("barks"), policy, NULL);
    assert_int_equal(application_expire(fixture->service->db, 1, now_us, &error, &expired), 0);
    assert_int_equal(expired, 0);
    int64_t later_us = clock_now_us() + 1;
    assert_int_equal(application_expire(fixture->service->db, later_us, later_us, &error, &expired),
                     0);
    assert_true(expired >= 1);
    assert_int_equal(application_expire(fixture->service->db, later_us, later_us, &error, &expired),
                     0);
    assert_int_equal(expired, 0);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", waiting);
    call("GetApplication", true, NULL, input, 0, false);
    text_take("status", sizeof status, status);
    assert_string_equal(status, "expired");
    call("WithdrawApplication", true, NULL, input, 0, false);
    assert_string_equal(answer.refusal.code, "wrong_state");
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", policy);
    call("GetApplication", true, NULL, input, 0, false);
    text_take("status", sizeof status, status);
    assert_string_equal(status, "issued");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_little_scratch), cmocka_unit_test(test_reading),
        cmocka_unit_test(test_accepting), cmocka_unit_test(test_steps),
        cmocka_unit_test(test_expiry)};
    return cmocka_run_group_tests_name("server/api scarce memory of transactions", tests, set_up,
                                       tear_down);
}
