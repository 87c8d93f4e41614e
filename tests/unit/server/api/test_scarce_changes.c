/* Memory that runs out amid changes of policies and renewals: each step is done once or not at
 * all, and says so; a renewal is prepared and takes effect once; changes that nobody confirmed
 * expire. */
#include "tests/unit/server/api/transaction_calls.h"

#include "domain/policy_change.h"
#include "domain/renewal.h"

static const int64_t day_us = INT64_C(86400000000);

struct change {
    char policy_id[ID_MAX], id[ID_MAX];
};

static void policy_make(char ret_id[ID_MAX]) {
    char id[ID_MAX];
    application_make(QUOTE("barks"), id, ret_id);
}

static void request_input(const char *policy_id, const char *answers,
                          char ret_input[INPUT_MAX]) {
    snprintf(ret_input, INPUT_MAX, "{\"id\":\"%s\",\"answers\":%s}", policy_id, answers);
}

static void change_make(const char *answers, struct change *ret_change) {
    char input[INPUT_MAX];
    policy_make(ret_change->policy_id);
    request_input(ret_change->policy_id, answers, input);
    call("RequestChange", false, NULL, input, 0, false);
    expect_status("RequestChange", 201, 0);
    text_take("id", ID_MAX, ret_change->id);
}

#define DEARER "{\"value\":\"900.00\"}"
#define REFERRED "{\"habits\":[\"bites\"]}"

static void make_offered(struct change *ret_change) {
    change_make(DEARER, ret_change);
}

/* What the partner would tell of the commission. */
static void commission_take(const struct change *change, char ret_text[32]) {
    char input[INPUT_MAX];
    struct buffer text;
    snprintf(input, sizeof input, "{\"id\":\"%s\",\"change\":\"%s\"}", change->policy_id,
             change->id);
    call("GetChange", false, NULL, input, 0, false);
    expect_status("GetChange", 200, 0);
    buffer_init(&text, 32);
    json_write(record_get(&answer.output, "commission"), 0, &text);
    snprintf(ret_text, 32, "%s", text.data);
    buffer_done(&text);
}

static void make_in_review(struct change *ret_change) {
    char input[INPUT_MAX], told[32];
    change_make(REFERRED, ret_change);
    commission_take(ret_change, told);
    snprintf(input, sizeof input,
             "{\"id\":\"%s\",\"change\":\"%s\",\"agreed\":true,\"commission\":\"%s\"}",
             ret_change->policy_id, ret_change->id, told);
    call("ConfirmChange", false, NULL, input, 0, false);
    expect_status("ConfirmChange", 200, 0);
}

/* Refused for want of memory, it is done by asking again with its key, once. */
static void test_requesting(void **state) {
    (void)state;
    char policy_id[ID_MAX];
    bool fired = true;
    for (long nth = 1; fired; nth++) {
        char key[32], input[INPUT_MAX], id[ID_MAX], again[ID_MAX];
        policy_make(policy_id);
        request_input(policy_id, DEARER, input);
        snprintf(key, sizeof key, "request-%ld", nth);
        int status = call("RequestChange", false, key, input, nth, nth % 2);
        fired = atomic_load(&scarce.fired);
        if (status != 503) expect_status("RequestChange", 201, nth);
        call("RequestChange", false, key, input, 0, false);
        expect_status("RequestChange", 201, nth);
        text_take("id", sizeof id, id);
        call("RequestChange", false, key, input, 0, false);
        text_take("id", sizeof again, again);
        assert_string_equal(id, again);
        assert_true(nth < ALLOCATIONS_MAX);
    }
}

static void step_scarce(const char *name, bool organisation, const char *more,
                        void (*make)(struct change *ret_change), const char *field) {
    static int times;
    bool fired = true;
    times++;
    for (long nth = 1; fired; nth++) {
        char key[64], input[INPUT_MAX];
        struct change change;
        make(&change);
        snprintf(key, sizeof key, "%s-%d-%ld", name, times, nth);
        snprintf(input, sizeof input, "{\"id\":\"%s\",\"%s\":\"%s\"%s}", change.policy_id, field,
                 change.id, more);
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

#define DECISION(word) ",\"decision\":\"" word "\",\"reason\":\"other\",\"note\":\"n\""

static void test_steps(void **state) {
    (void)state;
    char more[96], told[32];
    struct change change;
    make_offered(&change);
    commission_take(&change, told);
    snprintf(more, sizeof more, ",\"agreed\":true,\"commission\":\"%s\"", told);
    step_scarce("ConfirmChange", false, more, make_offered, "change");
    step_scarce("WithdrawChange", false, "", make_offered, "change");
    step_scarce("DecideChange", true, DECISION("approve"), make_in_review, "change");
    step_scarce("DecideChange", true, DECISION("reject"), make_in_review, "change");
}

/* ---- renewals -------------------------------------------------------------------------------- */
static char look_memory[OPERATION_SCRATCH_BYTES];

static int look(const char *policy_id, int64_t ahead_days, long nth, bool lasting,
                enum renewal_done *ret_done) {
    struct scratch own;
    struct error cause = {0};
    scratch_init(&own, look_memory, sizeof look_memory);
    *ret_done = RENEWAL_NOTHING;
    if (nth) scarce_begin(nth, lasting);
    int status = renewal_look(fixture->service, policy_id, false,
                              clock_now_us() + ahead_days * day_us, &own, &cause, ret_done);
    scarce_end();
    /* PostgreSQL's client may lose its connection for want of memory, amid a commit too. */
    if (status && cause.code != ERROR_NO_MEMORY && cause.code != ERROR_BUSY &&
        cause.code != ERROR_IO)
        fail_msg("after allocation %ld: %d %s", nth, cause.code, cause.text);
    return status;
}

static int64_t number_of(const char *name, const char *policy_id, const char *field) {
    char input[INPUT_MAX];
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", policy_id);
    call(name, true, NULL, input, 0, false);
    expect_status(name, 200, 0);
    const struct value *value = record_get(&answer.output, field);
    if (value->kind == VALUE_LIST) return value->length;
    return record_get_integer(&answer.output, field, -1);
}

static void test_renewing(void **state) {
    (void)state;
    bool fired = true;
    for (long nth = 1; fired; nth++) {
        char policy_id[ID_MAX];
        enum renewal_done done;
        policy_make(policy_id);
        assert_int_equal(look(policy_id, 300, 0, false, &done), 0);
        assert_int_equal(done, RENEWAL_NOTHING);
        look(policy_id, 340, nth, nth % 2, &done);
        fired = atomic_load(&scarce.fired);
        assert_int_equal(look(policy_id, 340, 0, false, &done), 0);
        assert_int_equal(look(policy_id, 341, 0, false, &done), 0);
        assert_int_equal(done, RENEWAL_NOTHING);
        assert_int_equal(number_of("ListPolicyRenewals", policy_id, "items"), 1);
        look(policy_id, 366, nth, nth % 2, &done);
        fired |= atomic_load(&scarce.fired);
        assert_int_equal(look(policy_id, 366, 0, false, &done), 0);
        assert_int_equal(look(policy_id, 366, 0, false, &done), 0);
        assert_int_equal(done, RENEWAL_NOTHING);
        assert_int_equal(number_of("GetPolicy", policy_id, "terms"), 2);
        /* Its issue, that it was prepared, and that it was renewed. */
        assert_int_equal(number_of("GetPolicy", policy_id, "revision"), 3);
        assert_true(nth < ALLOCATIONS_MAX);
    }
}

static void make_renewal(struct change *ret_change) {
    enum renewal_done done;
    char input[INPUT_MAX];
    policy_make(ret_change->policy_id);
    assert_int_equal(look(ret_change->policy_id, 340, 0, false, &done), 0);
    assert_int_equal(done, RENEWAL_PREPARED);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", ret_change->policy_id);
    call("GetPolicy", false, NULL, input, 0, false);
    text_take("renewal_id", ID_MAX, ret_change->id);
}

/* A renewal is in review when its product is not in force any more: here, by hand. */
static int review_body(struct db_tx *tx, void *context, struct error *cause) {
    return db_run(tx, cause, NULL,
                  "update policy_change set status = 'in_review' where id = $1",
                  db_text(context));
}

static void make_renewal_in_review(struct change *ret_change) {
    make_renewal(ret_change);
    assert_int_equal(db_write(fixture->service->db, &db_scope_all, review_body, ret_change->id,
                              &error),
                     0);
}

static void test_renewal_steps(void **state) {
    (void)state;
    step_scarce("StopRenewal", true,
                ",\"policy\":\"end\",\"reason\":\"other\",\"note\":\"n\"", make_renewal,
                "renewal");
    step_scarce("DecideRenewal", true, DECISION("approve"), make_renewal_in_review, "renewal");
    step_scarce("DecideRenewal", true, DECISION("reject"), make_renewal_in_review, "renewal");
}

/* ---- reading, expiry ------------------------------------------------------------------------- */
static void test_reading(void **state) {
    (void)state;
    struct change change, renewal;
    char input[INPUT_MAX];
    make_offered(&change);
    make_renewal(&renewal);
    snprintf(input, sizeof input, "{\"id\":\"%s\",\"change\":\"%s\"}", change.policy_id,
             change.id);
    read_scarce("GetChange", input);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", change.policy_id);
    read_scarce("ListPolicyChanges", input);
    assert_int_equal(record_get(&answer.output, "items")->length, 1);
    read_scarce("ListChanges", "{\"limit\":3}");
    snprintf(input, sizeof input, "{\"id\":\"%s\",\"number\":1}", change.policy_id);
    read_scarce("GetPolicyTerms", input);
    snprintf(input, sizeof input, "{\"id\":\"%s\",\"renewal\":\"%s\"}", renewal.policy_id,
             renewal.id);
    read_scarce("GetRenewal", input);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", renewal.policy_id);
    read_scarce("ListPolicyRenewals", input);
    read_scarce("ListRenewals", "{\"limit\":3}");
}

static void expect_change(const struct change *change, const char *wanted) {
    char input[INPUT_MAX], status[32];
    snprintf(input, sizeof input, "{\"id\":\"%s\",\"change\":\"%s\"}", change->policy_id,
             change->id);
    call("GetChange", false, NULL, input, 0, false);
    text_take("status", sizeof status, status);
    assert_string_equal(status, wanted);
}

/* What waits for its holder ends after its last day; what waits for an underwriter has longer. */
static void test_expiry(void **state) {
    (void)state;
    struct change offered, waiting;
    struct db *db = fixture->service->db;
    int64_t now_us = clock_now_us();
    int expired = -1;
    do /* what other tests left */
        assert_int_equal(policy_changes_expire(db, "2999-01-01", now_us + day_us, now_us, &error,
                                               &expired),
                         0);
    while (expired);
    make_offered(&offered);
    make_in_review(&waiting);
    now_us = clock_now_us();
    assert_int_equal(policy_changes_expire(db, "2020-01-01", 1, now_us, &error, &expired), 0);
    assert_int_equal(expired, 0);
    assert_int_equal(policy_changes_expire(db, "2999-01-01", 1, now_us, &error, &expired), 0);
    assert_true(expired >= 1);
    expect_change(&offered, "expired");
    expect_change(&waiting, "in_review");
    assert_int_equal(policy_changes_expire(db, "2999-01-01", now_us + day_us, now_us, &error,
                                           &expired),
                     0);
    expect_change(&waiting, "expired");
    assert_int_equal(policy_changes_expire(db, "2999-01-01", now_us + day_us, now_us, &error,
                                           &expired),
                     0);
    assert_int_equal(expired, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading),       cmocka_unit_test(test_requesting),
        cmocka_unit_test(test_steps),         cmocka_unit_test(test_renewing),
        cmocka_unit_test(test_renewal_steps), cmocka_unit_test(test_expiry)};
    return cmocka_run_group_tests_name("server/api scarce memory of changes", tests, set_up,
                                       tear_down);
}
