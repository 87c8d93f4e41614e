/* Walking the book: every quote once whatever the number of threads, filters, stopping, errors,
 * rows that are too large; replaying it; and runs of impacts with their leases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>

#include "db/db_private.h"
#include "domain/impact_run.h"
#include "domain/quote_store.h"
#include "domain/replay_book.h"
#include "fixture.h"
#include "message/json.h"

enum { QUOTES = 2500, TESTS = 100 };

static struct error error;

/* ---- a book --------------------------------------------------------------------------------- */
struct making {
    struct quote_draft draft;
    int count;
    bool test;
};

static int key_body(struct db_tx *tx, void *context, struct error *error_) {
    (void)context;
    return db_run(tx, error_, NULL,
                  "insert into api_key (id, partner_id, kind, mode, prefix, hash,"
                  " rate_limit_per_minute, created_us) values ($1, $2, 'secret', 'live', 'p', 'h',"
                  " 0, 1)",
                  db_text("key_00000000000000000000000000"), db_text(fixture_partner));
}

static int insert_body(struct db_tx *tx, void *context, struct error *error_) {
    struct making *making = context;
    int status = 0;
    for (int i = 0; !status && i < making->count; i++) {
        id_make("qte", making->draft.id);
        making->draft.known_at_us += 1000;
        status = quote_insert(tx, &making->draft, error_);
    }
    return status;
}

/* Quotes alike, a millisecond apart. */
static int set_up(void **state) {
    static char memory[4 * 1024 * 1024];
    static const char cat[] = "{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"250.00\"}";
    struct scratch scratch;
    struct json_fault fault;
    struct value answers;
    struct quoting quoting;
    static struct field_faults faults;
    struct caller caller = {.kind = CALLER_SECRET_KEY, .key_id = "key_00000000000000000000000000"};
    struct making making = {.count = QUOTES};
    if (fixture_set_up(state)) return -1;
    struct fixture *fixture = *state;
    scratch_init(&scratch, memory, sizeof memory);
    memcpy(caller.partner_id, fixture_partner, sizeof fixture_partner);
    caller.scope = (struct db_scope){.kind = DB_SCOPE_OWN, .partner_id = caller.partner_id};
    assert_int_equal(json_read(cat, strlen(cat), NULL, &scratch, &fault, &answers), 0);
    const struct quoting_request request = {.product = "pet",
                                            .answers = &answers,
                                            .caller = &caller,
                                            .now_us = clock_amsterdam_midnight_us(2026, 11, 23),
                                            .scratch = &scratch,
                                            .faults = &faults};
    assert_int_equal(quoting_make(fixture->service, &request, &error, &quoting), QUOTING_RATED);
    assert_int_equal(quote_draft_make(&quoting, &caller, &error, &making.draft), 0);
    memset(making.draft.token_hash, 'a', 64);
    struct db *db = fixture->service->db;
    assert_int_equal(db_write(db, &db_scope_all, key_body, NULL, &error), 0);
    assert_int_equal(db_write(db, &db_scope_all, insert_body, &making, &error), 0);
    caller.test = true;
    making.count = TESTS;
    making.draft.known_at_us = quoting.known_at_us;
    assert_int_equal(db_write(db, &db_scope_all, insert_body, &making, &error), 0);
    quote_draft_done(&making.draft);
    quoting_done(fixture->service, &quoting);
    return 0;
}

static int meddle_body(struct db_tx *tx, void *context, struct error *error_) {
    return db_run_values(tx, context, NULL, 0, error_, NULL);
}
static void meddle(struct fixture *fixture, const char *sql) {
    error_clear(&error);
    if (db_write(fixture->service->db, &db_scope_all, meddle_body, (void *)sql, &error))
        fail_msg("%s", error.text);
}

/* ---- walking -------------------------------------------------------------------------------- */
struct seen {
    atomic_int rows, tests, large;
    atomic_int fail_at; /* 0: never */
    bool patient;       /* the first rows of all wait for a word of progress */
    int stop_after_tells;
    atomic_int tells;
};

static int visit(void *context, const struct book_row *row, struct scratch *scratch,
                 struct error *error_) {
    struct seen *seen = context;
    assert_ptr_equal(scratch->at, scratch->start);
    assert_non_null(scratch_take(scratch, 1000));
    while (seen->patient && !atomic_load(&seen->tells)) usleep(1000);
    int count = atomic_fetch_add(&seen->rows, 1) + 1;
    atomic_fetch_add(&seen->tests, row->test);
    atomic_fetch_add(&seen->large, !row->answers);
    if (atomic_load(&seen->fail_at) == count) return error_set(error_, ERROR_INTERNAL, "enough");
    return 0;
}

static bool tell(void *context, const struct book_progress *progress) {
    struct seen *seen = context;
    assert_true(progress->walked <= progress->total);
    return atomic_fetch_add(&seen->tells, 1) + 1 != seen->stop_after_tells;
}

static int walk(struct fixture *fixture, struct book_filter filter, int workers, bool results,
                struct seen *seen, struct book_progress *ret_progress) {
    void *contexts[BOOK_WORKERS_MAX];
    for (int i = 0; i < BOOK_WORKERS_MAX; i++) contexts[i] = seen;
    const struct book_walk book = {.db = fixture->service->db,
                                   .scope = db_scope_all,
                                   .filter = filter,
                                   .results = results,
                                   .worker_count = workers,
                                   .visit = visit,
                                   .contexts = contexts,
                                   .tell = tell,
                                   .tell_context = seen};
    error_clear(&error);
    return book_walk(&book, &error, ret_progress);
}

static void test_every_quote_once(void **state) {
    static const int workers[] = {1, 2, 3, 8, 0};
    for (size_t i = 0; i < 5; i++) {
        struct seen seen = {.stop_after_tells = 0};
        struct book_progress progress;
        const struct book_filter all = {.mode = BOOK_LIVE_AND_TEST};
        assert_int_equal(walk(*state, all, workers[i], i % 2, &seen, &progress), 0);
        assert_int_equal(seen.rows, QUOTES + TESTS);
        assert_int_equal(seen.tests, TESTS);
        assert_int_equal(progress.total, QUOTES + TESTS);
        assert_int_equal(progress.walked, progress.total);
        assert_int_equal(progress.visited, progress.total);
        assert_false(progress.stopped);
        assert_true(seen.tells >= 1);
    }
}

static void test_filters(void **state) {
    int64_t begun_us = clock_amsterdam_midnight_us(2026, 11, 23);
    const struct {
        struct book_filter filter;
        int expected;
    } cases[] = {{{.mode = BOOK_LIVE}, QUOTES},
                 {{.mode = BOOK_TEST}, TESTS},
                 {{.product = "pet"}, QUOTES},
                 {{.product = "house"}, 0},
                 {{.partner_id = fixture_partner}, QUOTES},
                 {{.partner_id = fixture_rival}, 0},
                 {{.since_us = begun_us + 1000 * (QUOTES - 9)}, 10},
                 {{.until_us = begun_us + 1000 * 11}, 10}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct seen seen = {.stop_after_tells = 0};
        struct book_progress progress;
        assert_int_equal(walk(*state, cases[i].filter, 2, false, &seen, &progress), 0);
        assert_int_equal(seen.rows, cases[i].expected);
        assert_int_equal(progress.visited, cases[i].expected);
        assert_int_equal(progress.walked, QUOTES + TESTS);
    }
}

static void test_errors_end_it(void **state) {
    struct seen seen = {.fail_at = 700};
    struct book_progress progress;
    assert_int_equal(walk(*state, (struct book_filter){.mode = BOOK_LIVE}, 2, false, &seen,
                          &progress), ERROR_INTERNAL);
    assert_string_equal(error.text, "enough");
    assert_true(progress.walked < progress.total || seen.rows < QUOTES);
    /* The store's errors as well, wherever they come. */
    struct db *db = ((struct fixture *)*state)->service->db;
    for (int nth = 1; nth <= 4; nth++) {
        const struct db_fault fault = {.point = DB_FAULT_STATEMENT, .nth = nth, .code = ERROR_IO};
        struct seen none = {.fail_at = 0};
        db_fault_set(db, &fault);
        assert_int_equal(walk(*state, (struct book_filter){.mode = BOOK_LIVE}, 2, true, &none,
                              &progress), ERROR_IO);
        db_fault_set(db, NULL);
    }
}

#define TEN(text) text text text text text text text text text text

static void test_a_row_too_large(void **state) {
    struct fixture *fixture = *state;
    struct seen seen = {.fail_at = 0};
    struct book_progress progress;
    struct replay_report report;
    struct book_walk book = {.db = fixture->service->db, .scope = db_scope_all};
    /* Six million letters, as both stores can make them. */
    meddle(fixture, "update quote set reference = result, result ="
                    " replace(replace(replace('" TEN("a") TEN("a") "', 'a', '" TEN(TEN("b")) "'),"
                    " 'b', '" TEN(TEN("c")) "'), 'c', '" TEN("d") TEN("d") TEN("d") "')"
                    " where id = (select max(id) from quote where test = 0)");
    assert_int_equal(walk(fixture, (struct book_filter){.mode = BOOK_LIVE}, 2, true, &seen,
                          &progress), 0);
    assert_int_equal(seen.rows, QUOTES);
    assert_int_equal(seen.large, 1);
    assert_int_equal(replay_book(fixture->service, &book, &error, &report, &progress), 0);
    assert_int_equal(report.equal, QUOTES - 1);
    assert_int_equal(report.failed, 1);
    assert_int_equal(report.finding_count, 1);
    free(report.findings);
    meddle(fixture, "update quote set result = reference, reference = null"
                    " where reference is not null");
}

static void test_replaying_all(void **state) {
    struct fixture *fixture = *state;
    struct replay_report report;
    struct book_progress progress;
    struct book_walk book = {.db = fixture->service->db, .scope = db_scope_all};
    assert_int_equal(replay_book(fixture->service, &book, &error, &report, &progress), 0);
    assert_int_equal(report.equal, QUOTES);
    assert_null(report.findings);
    /* More that differ than are told one by one. */
    meddle(fixture, "update quote set total_cents = total_cents + 1 where test = 0");
    assert_int_equal(replay_book(fixture->service, &book, &error, &report, &progress), 0);
    assert_int_equal(report.different, QUOTES);
    assert_int_equal(report.finding_count, REPLAY_FINDINGS_MAX);
    for (int i = 1; i < report.finding_count; i++)
        assert_true(strcmp(report.findings[i - 1].id, report.findings[i].id) < 0);
    assert_non_null(strstr(report.findings[0].text, "row.total: "));
    free(report.findings);
    meddle(fixture, "update quote set total_cents = total_cents - 1 where test = 0");
}

static void test_stopping(void **state) {
    struct seen seen = {.stop_after_tells = 1, .patient = true};
    struct book_progress progress;
    const struct book_filter all = {.mode = BOOK_LIVE_AND_TEST};
    assert_int_equal(walk(*state, all, 2, false, &seen, &progress), 0);
    assert_true(progress.stopped);
    assert_true(progress.walked < progress.total);
    assert_true(seen.rows < QUOTES + TESTS);
}

/* ---- runs of impacts ------------------------------------------------------------------------ */
static int draft_body(struct db_tx *tx, void *context, struct error *error_) {
    (void)context;
    return db_run(tx, error_, NULL,
                  "insert into product_draft (id, test, product, interface, hash, state,"
                  " drafted_by, created_us) values ('pdr_00000000000000000000000004', 0, 'pet', 1,"
                  " 'h', 'draft', 'operator:anna', 1)");
}

static int run_body(struct db_tx *tx, void *context, struct error *error_) {
    return impact_run_insert(tx, context, error_);
}

struct cancelling {
    const char *id;
    struct impact_run run;
};
static int cancel_body(struct db_tx *tx, void *context, struct error *error_) {
    struct cancelling *cancelling = context;
    return impact_run_cancel(tx, cancelling->id, false, 7, error_, &cancelling->run);
}

static struct impact_run run_make(struct db *db) {
    struct impact_run run = {.draft_id = "pdr_00000000000000000000000004", .product = "pet",
                             .started_by = "operator:anna", .created_us = 5};
    id_make("imp", run.id);
    error_clear(&error);
    if (db_write(db, &db_scope_none, run_body, &run, &error)) fail_msg("%s", error.text);
    return run;
}

static int read_body(struct db_tx *tx, void *context, struct error *error_) {
    struct cancelling *reading = context;
    return impact_run_read(tx, reading->id, false, error_, &reading->run);
}
static struct impact_run run_read(struct db *db, const char *id) {
    struct cancelling reading = {.id = id};
    assert_int_equal(db_read(db, &db_scope_none, read_body, &reading, &error), 0);
    return reading.run;
}

static void test_leases(void **state) {
    struct db *db = ((struct fixture *)*state)->service->db;
    const struct impact_ending none = {.report = NULL}, report = {"{}", "a", 2, 1};
    const int64_t lease_us = IMPACT_LEASE_MS * INT64_C(1000), now_us = 1000000;
    struct impact_run first, second;
    bool go_on = false;
    assert_int_equal(db_write(db, &db_scope_none, draft_body, NULL, &error), 0);
    assert_int_equal(impact_run_claim(db, now_us, &error, &first), ERROR_NOT_FOUND);
    struct impact_run made = run_make(db);
    assert_int_equal(impact_run_claim(db, now_us, &error, &first), 0);
    assert_string_equal(first.id, made.id);
    assert_int_equal(first.attempt, 1);
    /* It is nobody else's while the lease holds, and progress renews it. */
    assert_int_equal(impact_run_claim(db, now_us + lease_us, &error, &second), ERROR_NOT_FOUND);
    first.walked = 10;
    first.total = 20;
    assert_int_equal(impact_run_progress(db, &first, now_us + lease_us, &error, &go_on), 0);
    assert_true(go_on);
    assert_int_equal(run_read(db, made.id).walked, 10);
    assert_int_equal(impact_run_claim(db, now_us + 2 * lease_us, &error, &second),
                     ERROR_NOT_FOUND);
    /* When it has ended another takes it up, and who had it writes nothing any more. */
    assert_int_equal(impact_run_claim(db, now_us + 2 * lease_us + 1, &error, &second), 0);
    assert_int_equal(second.attempt, 2);
    assert_int_equal(impact_run_progress(db, &first, now_us, &error, &go_on), 0);
    assert_false(go_on);
    first.state = IMPACT_DONE;
    assert_int_equal(impact_run_finish(db, &first, &report, 9, &error), 0);
    assert_int_equal(run_read(db, made.id).state, IMPACT_RUNNING);
    /* Given back, it waits again; asked to stop, its holder hears so. */
    assert_int_equal(impact_run_return(db, &second, &error), 0);
    assert_int_equal(run_read(db, made.id).state, IMPACT_QUEUED);
    assert_int_equal(impact_run_claim(db, now_us, &error, &second), 0);
    struct cancelling cancelling = {.id = made.id};
    assert_int_equal(db_write(db, &db_scope_none, cancel_body, &cancelling, &error), 0);
    assert_int_equal(cancelling.run.state, IMPACT_RUNNING);
    assert_true(cancelling.run.cancel_asked);
    assert_int_equal(impact_run_progress(db, &second, now_us, &error, &go_on), 0);
    assert_false(go_on);
    second.state = IMPACT_CANCELLED;
    assert_int_equal(impact_run_finish(db, &second, &none, 9, &error), 0);
    assert_int_equal(run_read(db, made.id).state, IMPACT_CANCELLED);
    error_clear(&error);
    assert_int_equal(db_write(db, &db_scope_none, cancel_body, &cancelling, &error),
                     ERROR_CONFLICT);
}

static void test_a_run_that_takes_nodes_down(void **state) {
    struct db *db = ((struct fixture *)*state)->service->db;
    const int64_t lease_us = IMPACT_LEASE_MS * INT64_C(1000) + 1;
    struct impact_run made = run_make(db), claimed;
    int64_t now_us = 1000000;
    for (int i = 0; i < IMPACT_ATTEMPTS_MAX; i++, now_us += lease_us)
        assert_int_equal(impact_run_claim(db, now_us, &error, &claimed), 0);
    assert_int_equal(impact_run_claim(db, now_us, &error, &claimed), ERROR_NOT_FOUND);
    struct impact_run given_up = run_read(db, made.id);
    assert_int_equal(given_up.state, IMPACT_FAILED);
    assert_true(given_up.problem[0]);
}

static void test_runs_are_bounded(void **state) {
    struct db *db = ((struct fixture *)*state)->service->db;
    struct impact_run run = {.draft_id = "pdr_00000000000000000000000004", .product = "pet"};
    struct cancelling cancelling;
    char first[ID_MAX];
    for (int i = 0; i < IMPACT_RUNS_OPEN_MAX; i++) run_make(db);
    id_make("imp", run.id);
    error_clear(&error);
    assert_int_equal(db_write(db, &db_scope_none, run_body, &run, &error), ERROR_TOO_LARGE);
    meddle(*state, "update impact_run set state = 'cancelled'");
    memcpy(first, run_make(db).id, ID_MAX);
    for (int i = 0; i < IMPACT_RUNS_KEPT_MAX + 5; i++) {
        meddle(*state, "update impact_run set state = 'done' where state = 'queued'");
        run = run_make(db);
    }
    cancelling.id = first;
    error_clear(&error);
    assert_int_equal(db_read(db, &db_scope_none, read_body, &cancelling, &error),
                     ERROR_NOT_FOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_quote_once),
                                       cmocka_unit_test(test_filters),
                                       cmocka_unit_test(test_errors_end_it),
                                       cmocka_unit_test(test_a_row_too_large),
                                       cmocka_unit_test(test_replaying_all),
                                       cmocka_unit_test(test_stopping),
                                       cmocka_unit_test(test_leases),
                                       cmocka_unit_test(test_a_run_that_takes_nodes_down),
                                       cmocka_unit_test(test_runs_are_bounded)};
    return cmocka_run_group_tests(tests, set_up, fixture_tear_down);
}
