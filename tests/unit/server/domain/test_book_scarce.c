/* Memory that runs out at every place there is, while the book is rated under a draft and while it
 * is computed again: it ends with an error or with the right result, and leaves nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/log.h"
#include "domain/impact.h"
#include "domain/quote_store.h"
#include "domain/replay_book.h"
#include "fixture.h"
#include "message/json.h"
#include "tests/unit/scarce.h"

enum { QUOTES = 30, ALLOCATIONS_MAX = 100000, STEP = 7 };

static struct error error;

static int key_body(struct db_tx *tx, void *context, struct error *error_) {
    (void)context;
    return db_run(tx, error_, NULL,
                  "insert into api_key (id, partner_id, kind, mode, prefix, hash,"
                  " rate_limit_per_minute, created_us) values ($1, $2, 'secret', 'live', 'p', 'h',"
                  " 0, 1)",
                  db_text("key_00000000000000000000000000"), db_text(fixture_partner));
}

struct inserting {
    struct quote_draft draft;
    struct encryption *encryption;
};

static int insert_body(struct db_tx *tx, void *context, struct error *error_) {
    struct inserting *inserting = context;
    struct quote_draft *draft = &inserting->draft;
    int status = 0;
    for (int i = 0; !status && i < QUOTES; i++) {
        id_make("qte", draft->id);
        buffer_clear(&draft->sealed);
        status = quote_draft_seal(draft, "aa", inserting->encryption, error_);
        if (!status) status = quote_insert(tx, draft, error_);
    }
    return status;
}

static int set_up(void **state) {
    static char memory[4 * 1024 * 1024];
    static const char dog[] = "{\"kind\":\"dog\",\"born_on\":\"2022-03-04\",\"value\":\"250.00\","
                              "\"trained\":true,\"school\":\"Best\"}";
    static struct field_faults faults;
    struct scratch scratch;
    struct json_fault fault;
    struct value answers;
    struct quoting quoting;
    struct inserting inserting;
    struct caller caller = {.kind = CALLER_SECRET_KEY, .key_id = "key_00000000000000000000000000"};
    if (fixture_set_up(state)) return -1;
    struct fixture *fixture = *state;
    scratch_init(&scratch, memory, sizeof memory);
    memcpy(caller.partner_id, fixture_partner, sizeof fixture_partner);
    caller.scope = (struct db_scope){.kind = DB_SCOPE_OWN, .partner_id = caller.partner_id};
    assert_int_equal(json_read(dog, strlen(dog), NULL, &scratch, &fault, &answers), 0);
    const struct quoting_request request = {.product = "pet",
                                            .answers = &answers,
                                            .caller = &caller,
                                            .now_us = clock_amsterdam_midnight_us(2026, 11, 23),
                                            .scratch = &scratch,
                                            .faults = &faults};
    assert_int_equal(quoting_make(fixture->service, &request, &error, &quoting), QUOTING_RATED);
    assert_int_equal(quote_draft_make(&quoting, &caller, &error, &inserting.draft), 0);
    inserting.encryption = fixture->service->encryption;
    struct db *db = fixture->service->db;
    assert_int_equal(db_write(db, &db_scope_all, key_body, NULL, &error), 0);
    assert_int_equal(db_write(db, &db_scope_all, insert_body, &inserting, &error), 0);
    quote_draft_done(&inserting.draft);
    quoting_done(fixture->service, &quoting);
    log_set_level(LOG_ERROR + 1);
    return 0;
}

/* Is the error one that a shortage explains? */
static void assert_short(int status) {
    if (status != ERROR_NO_MEMORY && status != ERROR_BUSY && status != ERROR_IO &&
        status != ERROR_TOO_LARGE)
        fail_msg("%d: %s", status, error.text);
}

static int impact_once(struct fixture *fixture, const struct impact_draft *draft,
                       struct buffer *report) {
    struct impact *impact = NULL;
    const struct impact_sums *sums;
    struct book_progress progress;
    const struct impact_options options = {.service = fixture->service,
                                           .drafts = draft,
                                           .draft_count = 1,
                                           .now_us = clock_amsterdam_midnight_us(2026, 11, 23)};
    const struct impact_walk walk = {.worker_count = 2};
    error_clear(&error);
    buffer_clear(report);
    int status = impact_new(&options, &error, &impact);
    if (!status) status = impact_walk_book(impact, &walk, &error, &progress);
    if (!status) status = impact_finish(impact, &error, &sums);
    if (!status) impact_write_json(impact, report);
    if (!status && report->failed) status = ERROR_NO_MEMORY;
    impact_free(impact);
    return status;
}

static void test_impact(void **state) {
    struct fixture *fixture = *state;
    struct product_folder folder;
    struct impact_draft draft;
    struct buffer whole, scarce_one;
    struct problems *problems = calloc(1, sizeof *problems);
    assert_int_equal(product_folder_read(FIXTURE_PRODUCTS "pet", &error, &folder), 0);
    assert_int_equal(impact_draft_make(&folder.files, problems, &error, &draft), 0);
    free(problems);
    buffer_init(&whole, IMPACT_REPORT_MAX_BYTES);
    buffer_init(&scarce_one, IMPACT_REPORT_MAX_BYTES);
    assert_int_equal(impact_once(fixture, &draft, &whole), 0);
    for (int lasting = 0; lasting < 2; lasting++) {
        long nth = 1, failed = 0;
        bool fired = true;
        for (; fired && nth < ALLOCATIONS_MAX; nth += scarce_step(STEP)) {
            scarce_begin(nth, lasting);
            int status = impact_once(fixture, &draft, &scarce_one);
            fired = scarce_end();
            failed += status != 0;
            if (status) assert_short(status);
            else assert_string_equal(scarce_one.data, whole.data);
        }
        assert_true(failed > 0);
        assert_true(nth < ALLOCATIONS_MAX);
        assert_int_equal(impact_once(fixture, &draft, &scarce_one), 0);
        assert_string_equal(scarce_one.data, whole.data);
    }
    buffer_done(&whole);
    buffer_done(&scarce_one);
    impact_draft_done(&draft);
    product_folder_done(&folder);
}

static void test_replay(void **state) {
    struct fixture *fixture = *state;
    for (int lasting = 0; lasting < 2; lasting++) {
        long nth = 1;
        bool fired = true;
        for (; fired && nth < ALLOCATIONS_MAX; nth += scarce_step(STEP)) {
            struct replay_report report;
            struct book_progress progress;
            struct book_walk book = {.db = fixture->service->db, .scope = db_scope_all,
                                     .worker_count = 2};
            error_clear(&error);
            scarce_begin(nth, lasting);
            int status = replay_book(fixture->service, &book, &error, &report, &progress);
            fired = scarce_end();
            if (status) assert_short(status);
            else assert_int_equal(report.equal, QUOTES);
            assert_int_equal(report.different, 0);
            free(report.findings);
        }
        assert_true(nth < ALLOCATIONS_MAX);
    }
}

int main(void) {
    if (scarce_skipped()) return 0;
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_impact),
                                       cmocka_unit_test(test_replay)};
    return cmocka_run_group_tests(tests, set_up, fixture_tear_down);
}
