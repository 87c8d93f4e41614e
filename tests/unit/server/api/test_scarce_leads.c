/* Memory that runs out while leads are brought in, worked on and read: each step is taken once or
 * not at all, and says so. */
#include "domain/lead_round.h"
#include "domain/person_data.h"
#include "tests/unit/server/api/transaction_calls.h"

#define CONTACT                                                                                   \
    "\"contact\":{\"name\":\"A\",\"email\":\"a@example.nl\",\"telephone\":\"06 12345678\","       \
    "\"postcode\":\"3511 AB\"},\"product\":\"pet\""

static void lead_make(bool organisation, const char *more, char ret_id[ID_MAX]) {
    char input[INPUT_MAX];
    snprintf(input, sizeof input, "{" CONTACT "%s}", more);
    call("CreateLead", organisation, NULL, input, 0, false);
    expect_status("CreateLead", 201, 0);
    text_take("id", ID_MAX, ret_id);
}

/* What was refused for want of memory is done by asking again, once. */
static void test_coming_in(void **state) {
    (void)state;
    bool fired = true;
    for (long nth = 1; fired; nth++) {
        char key[32], id[ID_MAX], again[ID_MAX];
        static const char input[] =
            "{" CONTACT ",\"message\":\"m\",\"answers\":{\"a\":1},\"next_on\":\"2030-01-01\","
            "\"consent\":{\"text\":\"ja\",\"version\":\"1\"}}";
        snprintf(key, sizeof key, "lead-%ld", nth);
        int status = call("CreateLead", false, key, input, nth, nth % 2);
        fired = atomic_load(&scarce.fired);
        if (status != 503) expect_status("CreateLead", 201, nth);
        call("CreateLead", false, key, input, 0, false);
        expect_status("CreateLead", 201, nth);
        text_take("id", ID_MAX, id);
        call("CreateLead", false, key, input, 0, false);
        text_take("id", ID_MAX, again);
        assert_string_equal(id, again);
        assert_true(nth < ALLOCATIONS_MAX);
    }
    call("CountLeads", false, NULL, "{}", 0, false);
    expect_status("CountLeads", 200, 0);
}

/* One that an office has before it. */
static void offered_make(char ret_id[ID_MAX]) {
    char input[INPUT_MAX];
    lead_make(true, ",\"assign\":false", ret_id);
    snprintf(input, sizeof input, "{\"id\":\"%s\",\"to\":\"office\",\"partner_id\":\"%s\"}",
             ret_id, fixture_partner);
    call("AssignLead", true, NULL, input, 0, false);
    expect_status("AssignLead", 200, 0);
}

static void pooled_make(char ret_id[ID_MAX]) {
    lead_make(true, ",\"assign\":false", ret_id);
}

static void own_make(char ret_id[ID_MAX]) {
    lead_make(false, "", ret_id);
}

static void lost_make(char ret_id[ID_MAX]) {
    char input[INPUT_MAX];
    own_make(ret_id);
    snprintf(input, sizeof input, "{\"id\":\"%s\",\"reason\":\"price\"}", ret_id);
    call("LoseLead", false, NULL, input, 0, false);
    expect_status("LoseLead", 200, 0);
}

static char other_id[ID_MAX]; /* into which leads are merged */

static const struct {
    const char *name, *more; /* "%s" becomes other_id */
    bool organisation;
    void (*make)(char ret_id[ID_MAX]);
} steps[] = {{"AcceptLead", "", false, offered_make},
             {"DeclineLead", ",\"reason\":\"other\",\"contacted\":false", false, offered_make},
             {"AssignLead",
              ",\"to\":\"office\",\"partner_id\":\"ptr_0000000000000000000000000c\"", true,
              pooled_make},
             {"AssignLead", ",\"to\":\"rules\"", true, offered_make},
             {"ContactLead", ",\"channel\":\"email\",\"reached\":true,\"note\":\"n\"", false,
              own_make},
             {"ChangeLead", "," CONTACT ",\"next_step\":\"s\"", false, own_make},
             {"WinLead", "", false, own_make},
             {"LoseLead", ",\"reason\":\"price\"", false, own_make},
             {"ReopenLead", "", false, lost_make},
             {"MergeLead", ",\"into\":\"%s\"", false, own_make}};

static void step_scarce(size_t at, bool lasting) {
    bool fired = true;
    for (long nth = 1; fired; nth++) {
        char id[ID_MAX], input[INPUT_MAX], more[INPUT_MAX / 2];
        const char *percent = strstr(steps[at].more, "%s");
        steps[at].make(id);
        snprintf(more, sizeof more, "%.*s%s%s",
                 (int)(percent ? percent - steps[at].more : (long)strlen(steps[at].more)),
                 steps[at].more, percent ? other_id : "", percent ? percent + 2 : "");
        snprintf(input, sizeof input, "{\"id\":\"%s\"%s}", id, more);
        int status = call(steps[at].name, steps[at].organisation, NULL, input, nth, lasting);
        fired = atomic_load(&scarce.fired);
        assert_true(nth < ALLOCATIONS_MAX);
        if (status == 200) continue;
        expect_status(steps[at].name, 503, nth);
        /* A commit whose outcome was not heard may have been one: then there is no going on. */
        status = call(steps[at].name, steps[at].organisation, NULL, input, 0, false);
        if (status != 409 && status != 404) expect_status(steps[at].name, 200, nth);
    }
}

static void test_steps(void **state) {
    (void)state;
    own_make(other_id);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        step_scarce(i, false);
        step_scarce(i, true);
    }
}

static void test_reading(void **state) {
    (void)state;
    char id[ID_MAX], input[INPUT_MAX];
    own_make(id);
    snprintf(input, sizeof input, "{\"id\":\"%s\"}", id);
    read_scarce("GetLead", input);
    read_scarce("ListLeadEvents", input);
    read_scarce("ListLeads", "{\"limit\":2,\"sort\":\"next\"}");
    read_scarce("CountLeads", "{\"status\":\"accepted\"}");
    read_scarce("FindLeads", "{\"limit\":2,\"email\":\"A@example.nl\"}");
}

static void own_scarce(const char *name, const char *input) {
    for (int lasting = 0; lasting < 2; lasting++) {
        bool fired = true;
        for (long nth = 1; fired; nth++) {
            int status = call(name, true, NULL, input, nth, lasting);
            fired = atomic_load(&scarce.fired);
            if (status != 200) expect_status(name, 503, nth);
            assert_true(nth < ALLOCATIONS_MAX);
        }
        call(name, true, NULL, input, 0, false);
        expect_status(name, 200, 0);
    }
}

static void test_rules_and_many(void **state) {
    (void)state;
    char id[ID_MAX], input[INPUT_MAX];
    pooled_make(id);
    snprintf(input, sizeof input, "{\"step\":\"plan\",\"ids\":[\"%s\"],\"next_step\":\"s\"}", id);
    own_scarce("ChangeLeads", input);
    own_scarce("GetLeadRules", "{}");
    own_scarce("PutLeadRules",
               "{\"offer_hours\":8,\"rules\":[{\"rule\":\"active\",\"required\":true},"
               "{\"rule\":\"declined\",\"required\":true},"
               "{\"rule\":\"product\",\"required\":true},{\"rule\":\"grade\","
               "\"required\":false,\"weights\":[1,1,1,1,1]}]}");
}

struct forgetting {
    struct person_indexes indexes;
    struct person_erased erased;
};

static int forget_body(struct db_tx *tx, void *context, struct error *failure) {
    struct forgetting *forgetting = context;
    const struct lead_by by = {.actor = LEAD_BY_ORGANISATION, .at_us = clock_now_us()};
    return person_erase(tx, &forgetting->indexes, &by, failure, &forgetting->erased);
}

/* A person is told whole or not at all, and forgotten likewise. */
static void test_person(void **state) {
    (void)state;
    const struct person_key key = {.email = "someone@example.nl"};
    static const char input[] =
        "{\"contact\":{\"name\":\"A\",\"email\":\"someone@example.nl\"}}";
    struct service *service = fixture->service;
    char whole[4096] = "";
    bool fired = true;
    call("CreateLead", false, NULL, input, 0, false);
    expect_status("CreateLead", 201, 0);
    for (long nth = 0; fired; nth++) {
        struct error own = {0};
        struct buffer buffer;
        buffer_init(&buffer, PERSON_JSON_MAX_BYTES);
        if (nth) scarce_begin(nth, nth % 2);
        int status = person_export(service, &key, &own, &buffer);
        fired = nth ? scarce_end() : true;
        if (status && !fired) fail_msg("%s", own.text);
        if (!nth) snprintf(whole, sizeof whole, "%s", buffer.data);
        if (!status) assert_string_equal(buffer.data, whole);
        buffer_done(&buffer);
    }
    fired = true;
    for (long nth = 1; fired; nth++) {
        struct error own = {0};
        struct forgetting forgetting = {.erased = {0, 0}};
        assert_int_equal(person_indexes_of(service->encryption, &key, &own, &forgetting.indexes),
                         0);
        scarce_begin(nth, nth % 2);
        int status = db_write(service->db, &db_scope_all, forget_body, &forgetting, &own);
        fired = scarce_end();
        if (status && !fired) fail_msg("%s", own.text);
        if (status) continue; /* whom it is of stays, for the next */
        call("CreateLead", false, NULL, input, 0, false);
        expect_status("CreateLead", 201, nth);
    }
}

/* A round for which there is no memory leaves everything to the next. */
static void test_rounds(void **state) {
    (void)state;
    bool fired = true;
    for (long nth = 1; fired; nth++) {
        char id[ID_MAX];
        struct error own = {0};
        struct lead_round done = {0};
        lead_make(true, "", id);
        int64_t now_us = clock_now_us();
        scarce_begin(nth, nth % 2);
        int status = lead_round_do(fixture->service, now_us, 1, &own, &done);
        fired = scarce_end();
        if (status && !fired) fail_msg("%s", own.text);
        error_clear(&own);
        int rounds = 0;
        do
            if (lead_round_do(fixture->service, now_us, 1, &own, &done)) fail_msg("%s", own.text);
        while (done.due && ++rounds < 100);
        assert_int_equal(done.due, 0);
    }
}

int main(void) {
    if (scarce_skipped()) return 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_coming_in), cmocka_unit_test(test_steps),
        cmocka_unit_test(test_reading), cmocka_unit_test(test_rules_and_many),
        cmocka_unit_test(test_person),
        cmocka_unit_test(test_rounds)};
    return cmocka_run_group_tests_name("server/api scarce memory, leads", tests, set_up,
                                       tear_down);
}
