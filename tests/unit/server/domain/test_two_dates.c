/* The two dates of a quote: it takes the version in force on the date that cover starts, as known
 * at the moment of asking. Versions for a later date, versions that are known later, back-dated
 * ones, and days that begin and end where the clock changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/quoting.h"
#include "fixture.h"
#include "message/json.h"

static char memory[4 * 1024 * 1024];

static int64_t instant(const char *text) {
    int64_t instant_us;
    assert_true(clock_read_instant(text, strlen(text), &instant_us));
    return instant_us;
}

static void ask(struct fixture *fixture, const char *now, const char *from, int number,
                const char *date) {
    static const char answers_json[] =
        "{\"kind\":\"cat\",\"born_on\":\"2022-03-04\",\"value\":\"250.00\"}";
    struct caller caller = {.kind = CALLER_SECRET_KEY};
    struct field_faults *faults = calloc(1, sizeof *faults);
    struct scratch scratch;
    struct json_fault fault;
    struct error error = {0};
    struct value answers;
    struct value_date given;
    struct quoting quoting;
    assert_non_null(faults);
    snprintf(caller.partner_id, ID_MAX, "%s", fixture_partner);
    caller.scope = (struct db_scope){.kind = DB_SCOPE_OWN, .partner_id = caller.partner_id};
    scratch_init(&scratch, memory, sizeof memory);
    assert_int_equal(json_read(answers_json, strlen(answers_json), NULL, &scratch, &fault,
                               &answers), 0);
    if (from) assert_true(day_read(from, &given));
    struct quoting_request request = {.product = "pet",
                                      .answers = &answers,
                                      .effective_date = from ? &given : NULL,
                                      .caller = &caller,
                                      .now_us = instant(now),
                                      .scratch = &scratch,
                                      .faults = faults};
    if (quoting_make(fixture->service, &request, &error, &quoting) != QUOTING_RATED)
        fail_msg("%s, %s: %s %s", now, from ? from : "today", error.text,
                 faults->items[0].message);
    char kept[CLOCK_DATE_MAX];
    day_write(&quoting.effective_date, kept);
    if (quoting.version->number != number || strcmp(kept, date) != 0)
        fail_msg("%s, %s: version %d from %s", now, from ? from : "today",
                 quoting.version->number, kept);
    assert_true(quoting.known_at_us == instant(now));
    quoting_done(fixture->service, &quoting);
    free(faults);
}

static void test_two_dates(void **state) {
    struct fixture *fixture = *state; /* version 1 holds from 2026-01-01 and was always known */
    static const struct {
        const char *from, *known;
    } versions[] = {{"2026-03-29", "2026-03-01T00:00:00Z"},  /* 2: for a later date */
                    {"2026-03-15", "2026-03-20T12:00:00Z"},  /* 3: back-dated, known later */
                    {"2026-03-30", "2026-03-29T21:00:00Z"},  /* 4: an hour before its day */
                    {"2025-10-26", "2025-10-01T00:00:00Z"}}; /* 5: an autumn before the first */
    static const struct {
        const char *now, *from; /* of cover; NULL: today */
        int number;
        const char *date;
    } cases[] = {
        {"2026-02-28T23:59:59.999999Z", "2026-04-01", 1, "2026-04-01"},
        {"2026-03-01T00:00:00Z", "2026-04-01", 2, "2026-04-01"},
        {"2026-03-01T00:00:00Z", "2026-03-28", 1, "2026-03-28"},
        {"2026-03-20T11:59:59.999999Z", NULL, 1, "2026-03-20"},
        {"2026-03-20T12:00:00Z", NULL, 3, "2026-03-20"},
        {"2026-03-20T12:00:00Z", "2026-03-28", 3, "2026-03-28"},
        /* The later date stands before the later publication. */
        {"2026-03-20T12:00:00Z", "2026-03-29", 2, "2026-03-29"},
        /* The day of 23 hours: it begins at 23:00 UTC and ends at 22:00. */
        {"2026-03-28T22:59:59.999999Z", NULL, 3, "2026-03-28"},
        {"2026-03-28T23:00:00Z", NULL, 2, "2026-03-29"},
        {"2026-03-29T00:59:59Z", NULL, 2, "2026-03-29"},
        {"2026-03-29T01:00:00Z", NULL, 2, "2026-03-29"},
        {"2026-03-29T20:59:59Z", "2026-03-30", 2, "2026-03-30"}, /* 4 is not known yet */
        {"2026-03-29T21:00:00Z", "2026-03-30", 4, "2026-03-30"},
        {"2026-03-29T21:59:59.999999Z", NULL, 2, "2026-03-29"},
        {"2026-03-29T22:00:00Z", NULL, 4, "2026-03-30"},
        /* The day of 25 hours: from 22:00 UTC to 23:00, with 02:30 twice. */
        {"2025-10-25T22:00:00Z", NULL, 5, "2025-10-26"},
        {"2025-10-26T00:30:00Z", NULL, 5, "2025-10-26"},
        {"2025-10-26T01:30:00Z", NULL, 5, "2025-10-26"},
        {"2025-10-26T22:59:59.999999Z", NULL, 5, "2025-10-26"},
        {"2025-12-31T22:59:59.999999Z", NULL, 5, "2025-12-31"},
        {"2025-12-31T23:00:00Z", NULL, 1, "2026-01-01"}};
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        fixture_publish(fixture->service->db, FIXTURE_PRODUCTS "pet", versions[i].from,
                        instant(versions[i].known), NULL);
    catalogue_refresh(fixture->service->catalogue);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ask(fixture, cases[i].now, cases[i].from, cases[i].number, cases[i].date);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_two_dates)};
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
