/* Leads in a store, with a clock of the test's own: offered by rule, declined and lapsed to the
 * next, back with the organisation when nobody is left; two that do a round at a time. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/lead_round.h"
#include "domain/webhook.h"
#include "domain/working_hours.h"
#include "tests/unit/server/domain/fixture.h"

enum { SCRATCH_BYTES = 1024 * 1024 };

static struct service *service;
static struct db *db;
static char memory[SCRATCH_BYTES];
static struct scratch scratch;

static int64_t at(const char *text) {
    int64_t instant_us = 0;
    assert_true(clock_read_instant(text, strlen(text), &instant_us));
    return instant_us;
}

/* ---- helpers -------------------------------------------------------------------------------- */
static int insert_body(struct db_tx *tx, void *context, struct error *error) {
    const struct lead *lead = context;
    struct lead_by by = {.actor = LEAD_BY_ORGANISATION, .at_us = lead->created_us};
    return lead_insert(tx, lead, &by, error);
}

static void lead_make(const char *product, int64_t now_us, char ret_id[ID_MAX]) {
    struct error error = {0};
    id_make("led", ret_id);
    struct lead lead = {.id = ret_id,
                        .kind = "person",
                        .state = LEAD_NEW,
                        .product = product,
                        .language = "nl",
                        .source = "organisation",
                        .sealed = "e1.x.y",
                        .sealed_key_id = "x",
                        .email_index = "mail",
                        .postcode_area = 3511,
                        .due_us = now_us,
                        .created_us = now_us};
    if (db_write(db, &db_scope_all, insert_body, &lead, &error)) fail_msg("%s", error.text);
}

struct reading {
    const char *id;
    struct lead lead;
    struct lead_event events[LEAD_EVENTS_MAX];
    struct lead_offer offers[LEAD_OFFERS_MAX];
    int event_count, offer_count;
};
static struct reading reading;

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct reading *into = context;
    scratch_init(&scratch, memory, sizeof memory);
    int status = lead_read(tx, into->id, false, &scratch, error, &into->lead);
    if (!status)
        status = lead_events_read(tx, into->id, &scratch, error, into->events, &into->event_count);
    if (!status)
        status = lead_offers_read(tx, into->id, &scratch, error, into->offers, &into->offer_count);
    return status;
}

static const struct lead *lead_see(const char *id) {
    struct error error = {0};
    reading.id = id;
    if (db_read(db, &db_scope_all, read_body, &reading, &error)) fail_msg("%s", error.text);
    assert_non_null(reading.lead.id);
    return &reading.lead;
}

static struct lead_round round_at(int64_t now_us, uint64_t seed) {
    struct error error = {0};
    struct lead_round done = {0};
    if (lead_round_do(service, now_us, seed, &error, &done)) fail_msg("%s", error.text);
    return done;
}

struct declining {
    struct lead lead;
    int64_t now_us;
};

static int decline_body(struct db_tx *tx, void *context, struct error *error) {
    const struct declining *declining = context;
    struct lead_by by = {
        .actor = LEAD_BY_PARTNER, .at_us = declining->now_us, .reason = "no_capacity"};
    struct lead after = declining->lead;
    lead_settle(&after, LEAD_DECLINED, declining->now_us);
    after.due_us = declining->now_us;
    int status = lead_take(tx, &declining->lead, &after, LEAD_DECLINE, &by, error);
    return status ? status
                  : lead_offer_close(tx, &declining->lead, LEAD_OFFER_DECLINED, 0, &by, error);
}

static int set_up(void **state) {
    fixture_set_up(state);
    service = ((struct fixture *)*state)->service;
    db = service->db;
    return 0;
}

/* ---- tests ---------------------------------------------------------------------------------- */
static void test_offered_lapsed_pooled(void **state) {
    (void)state;
    int64_t friday = at("2026-11-27T16:00:00+01:00");
    char id[ID_MAX], first[ID_MAX];
    lead_make("pet", friday, id);
    struct lead_round done = round_at(friday - 1, 1);
    assert_int_equal(done.due, 0);
    done = round_at(friday, 1);
    assert_int_equal(done.offered, 1);
    const struct lead *lead = lead_see(id);
    assert_int_equal(lead->state, LEAD_OFFERED);
    assert_true(lead->offer_until_us == at("2026-11-30T16:00:00+01:00"));
    assert_true(!strcmp(lead->partner_id, fixture_partner) ||
                !strcmp(lead->partner_id, fixture_rival));
    snprintf(first, sizeof first, "%s", lead->partner_id);
    /* Over the weekend nothing lapses; a round that is done again changes nothing. */
    assert_int_equal(round_at(at("2026-11-30T15:59:59+01:00"), 2).due, 0);
    done = round_at(at("2026-11-30T16:00:00+01:00"), 3);
    assert_int_equal(done.lapsed, 1);
    assert_int_equal(done.offered, 1);
    lead = lead_see(id);
    assert_int_equal(lead->state, LEAD_OFFERED);
    assert_string_not_equal(lead->partner_id, first);
    assert_true(lead->offer_until_us == at("2026-12-01T16:00:00+01:00"));
    done = round_at(at("2026-12-02T09:00:00+01:00"), 4);
    assert_int_equal(done.lapsed, 1);
    assert_int_equal(done.pooled, 1);
    lead = lead_see(id);
    assert_int_equal(lead->state, LEAD_EXPIRED);
    assert_null(lead->partner_id);
    struct lead_reason reason;
    assert_true(lead_reason_read(lead->assignment, strlen(lead->assignment), &reason));
    assert_int_equal(reason.siftings[reason.sifting_count - 1].kind, LEAD_RULE_PRODUCT);
    assert_int_equal(reason.considered, 3);
    assert_int_equal(round_at(at("2027-01-04T09:00:00+01:00"), 5).due, 0);
    static const char *const steps[] = {"create", "offer", "lapse", "offer", "lapse", "pool"};
    assert_int_equal(reading.event_count, 6);
    for (int i = 0; i < 6; i++) {
        assert_string_equal(reading.events[i].step, steps[i]);
        assert_int_equal(reading.events[i].revision, i + 1);
    }
    assert_int_equal(reading.offer_count, 2);
    assert_string_equal(reading.offers[0].outcome, "lapsed");
    assert_true(reading.offers[0].answer_us == 8 * WORKING_HOUR_US);
    assert_true(reading.offers[1].answer_us == 9 * WORKING_HOUR_US);
}

static void test_declined(void **state) {
    (void)state;
    int64_t monday = at("2026-11-23T10:00:00+01:00");
    char id[ID_MAX], first[ID_MAX];
    struct error error = {0};
    lead_make("pet", monday, id);
    round_at(monday, 7);
    struct declining declining = {.lead = *lead_see(id), .now_us = monday + WORKING_HOUR_US};
    snprintf(first, sizeof first, "%s", declining.lead.partner_id);
    assert_int_equal(db_write(db, &db_scope_all, decline_body, &declining, &error), 0);
    /* Declined as it was read by a second at the same time: the second is told. */
    assert_int_equal(db_write(db, &db_scope_all, decline_body, &declining, &error),
                     ERROR_CONFLICT);
    const struct lead *lead = lead_see(id);
    assert_int_equal(lead->state, LEAD_DECLINED);
    assert_null(lead->partner_id);
    assert_int_equal(round_at(monday + WORKING_HOUR_US, 8).offered, 1);
    lead = lead_see(id);
    assert_string_not_equal(lead->partner_id, first);
    assert_int_equal(reading.offers[0].contacted, 0);
    assert_string_equal(reading.offers[0].reason, "no_capacity");
    assert_true(reading.offers[0].answer_us == WORKING_HOUR_US);
}

/* Nobody sells it: the organisation keeps it at once. */
static void test_nobody(void **state) {
    (void)state;
    int64_t monday = at("2026-11-23T10:00:00+01:00");
    char id[ID_MAX];
    lead_make("spacecraft", monday, id);
    struct lead_round done = round_at(monday, 1);
    assert_int_equal(done.pooled, 1);
    assert_int_equal(lead_see(id)->state, LEAD_NEW);
    assert_int_equal(lead_see(id)->due_us, 0);
}

/* The load of a market counts what it divides itself. */
static void test_load(void **state) {
    (void)state;
    int64_t monday = at("2026-11-23T10:00:00+01:00");
    char id[ID_MAX];
    for (int i = 0; i < 60; i++) lead_make("pet", monday, id);
    struct lead_round done = round_at(monday, 99);
    assert_int_equal(done.due, 60);
    assert_int_equal(done.offered, 50);
    assert_int_equal(done.pooled, 10);
}

/* ---- what is known of offices --------------------------------------------------------------- */
static int sql_body(struct db_tx *tx, void *context, struct error *error) {
    const char *sql = context;
    return db_run_values(tx, sql, NULL, 0, error, NULL);
}

static void put(const char *sql) {
    struct error error = {0};
    if (db_write(db, &db_scope_all, sql_body, (void *)sql, &error)) fail_msg("%s", error.text);
}

/* Of so many leads, how many does the rival get, rather than the partner? */
static int rivals_of(int leads) {
    static int64_t now_us;
    int rivals = 0;
    if (!now_us) now_us = at("2026-11-23T10:00:00+01:00");
    for (int i = 0; i < leads; i++) {
        char id[ID_MAX];
        now_us += 1000000;
        lead_make("pet", now_us, id);
        assert_int_equal(round_at(now_us, (uint64_t)i).offered, 1);
        rivals += strcmp(lead_see(id)->partner_id, fixture_rival) == 0;
    }
    return rivals;
}

#define TERRITORY(id, from, to)                                                                   \
    "insert into partner_territory (partner_id, from_postcode, to_postcode) values ('" id "', "   \
    from ", " to ")"
#define PARTNER "ptr_00000000000000000000000008"
#define RIVAL "ptr_0000000000000000000000000c"

/* The lead is of 3511, and of somebody who wants Dutch. */
static void test_offices_known(void **state) {
    (void)state;
    int rivals = rivals_of(12);
    assert_true(rivals > 0 && rivals < 12);
    put(TERRITORY(PARTNER, "1000", "1099"));
    assert_int_equal(rivals_of(3), 3); /* works everywhere */
    put(TERRITORY(PARTNER, "3511", "3511"));
    assert_int_equal(rivals_of(3), 0);
    put(TERRITORY(RIVAL, "3500", "3599"));
    rivals = rivals_of(12);
    assert_true(rivals > 0 && rivals < 12);
    put("update partner set stage = 'dormant' where id = '" RIVAL "'");
    assert_int_equal(rivals_of(3), 0);
    put("update partner set stage = 'ramp_up', grade = 'a' where id = '" RIVAL "'");
    put("insert into lead_rules (revision, offer_hours, changed_by, created_us)"
        " values (1, 4, 'test', 1)");
    static const char *const rules[] = {"'active', 1, null, null", "'declined', 1, null, null",
                                        "'product', 1, null, null",
                                        "'certified', 0, null, null",
                                        "'grade', 1, null, '1,0,0,0,0'"};
    for (int i = 0; i < 5; i++) {
        char sql[256];
        snprintf(sql, sizeof sql,
                 "insert into lead_rule (revision, position, rule, required, value, weights)"
                 " values (1, %d, %s)", i, rules[i]);
        put(sql);
    }
    assert_int_equal(rivals_of(3), 3);
    assert_true(reading.lead.offer_until_us - reading.lead.offered_us == 4 * WORKING_HOUR_US);
    /* Somebody certified at the partner, who is of no grade: preferred before the draw, and then
     * without weight. */
    put("insert into partner_person (id, partner_id, name, role, revision, created_us, changed_us)"
        " values ('ppn_1', '" PARTNER "', 'A', 'adviser', 1, 1, 1)");
    put("insert into partner_diploma (id, partner_id, person_id, kind, from_date, to_date,"
        " created_us) values ('dip_1', '" PARTNER "', 'ppn_1', 'basic', '2020-01-01', null, 1)");
    put("update partner set grade = 'a' where id = '" PARTNER "'");
    assert_int_equal(rivals_of(3), 0);
    put("update partner_diploma set to_date = '2026-01-01'");
    rivals = rivals_of(12);
    assert_true(rivals > 0 && rivals < 12);
}

struct racer {
    int64_t now_us;
    struct lead_round done;
    struct error error;
    int status;
};

static void *race(void *context) {
    struct racer *racer = context;
    racer->status = lead_round_do(service, racer->now_us, 5, &racer->error, &racer->done);
    return NULL;
}

/* Two programs without a lease between them: each lead is offered once. */
static void test_two_at_a_time(void **state) {
    (void)state;
    int64_t monday = at("2026-11-23T10:00:00+01:00");
    char ids[20][ID_MAX];
    for (int i = 0; i < 20; i++) lead_make("pet", monday, ids[i]);
    for (int again = 0; again < 5; again++) {
        enum { RACERS = 4 };
        struct racer racers[RACERS];
        pthread_t threads[RACERS];
        int offered = 0;
        for (int i = 0; i < RACERS; i++) {
            racers[i] = (struct racer){.now_us = monday + again};
            assert_int_equal(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
        }
        for (int i = 0; i < RACERS; i++) {
            pthread_join(threads[i], NULL);
            if (racers[i].status) fail_msg("%s", racers[i].error.text);
            offered += racers[i].done.offered;
        }
        assert_int_equal(offered, again ? 0 : 20);
    }
    for (int i = 0; i < 20; i++) {
        assert_int_equal(lead_see(ids[i])->state, LEAD_OFFERED);
        assert_int_equal(reading.offer_count, 1);
        assert_int_equal(reading.event_count, 2);
    }
}

/* ---- lists ---------------------------------------------------------------------------------- */
struct listing {
    struct lead_filter filter;
    struct lead leads[10];
    int count;
    int64_t all;
};

static int list_body(struct db_tx *tx, void *context, struct error *error) {
    struct listing *listing = context;
    scratch_init(&scratch, memory, sizeof memory);
    int status = lead_list(tx, &listing->filter, &scratch, error, listing->leads,
                           &listing->count);
    return status ? status : lead_count(tx, &listing->filter, error, &listing->all);
}

static struct listing list(const struct db_scope *scope, struct lead_filter filter) {
    struct listing listing = {.filter = filter};
    struct error error = {0};
    listing.filter.limit = 10;
    if (db_read(db, scope, list_body, &listing, &error)) fail_msg("%s", error.text);
    return listing;
}

static void test_lists(void **state) {
    (void)state;
    int64_t monday = at("2026-11-23T10:00:00+01:00");
    char pet[ID_MAX], car[ID_MAX];
    lead_make("pet", monday, pet);
    lead_make("car", monday + 1, car);
    round_at(monday + 2, 1);
    const struct db_scope office = {DB_SCOPE_OWN, .partner_id = lead_see(pet)->partner_id};
    char partner_id[ID_MAX];
    snprintf(partner_id, sizeof partner_id, "%s", office.partner_id);
    const struct db_scope own = {DB_SCOPE_OWN, .partner_id = partner_id};
    const struct {
        struct lead_filter filter;
        int all, own;
    } cases[] = {{{0}, 2, 1},
                 {{.state = "offered"}, 1, 1},
                 {{.state = "new"}, 1, 0},
                 {{.product = "car"}, 1, 0},
                 {{.source = "organisation"}, 2, 1},
                 {{.source = "widget"}, 0, 0},
                 {{.partner_id = partner_id}, 1, 1},
                 {{.partner_id = "ptr_x"}, 0, 0},
                 {{.pool = true}, 1, 0},
                 {{.open = true}, 2, 1},
                 {{.unassigned = true}, 2, 1},
                 {{.email_index = "mail"}, 2, 1},
                 {{.telephone_index = "mail"}, 0, 0},
                 {{.user_id = "usr_x"}, 0, 0},
                 {{.sort = LEAD_SORT_OLDEST}, 2, 1},
                 {{.sort = LEAD_SORT_NEXT}, 0, 0},
                 {{.test = true}, 0, 0},
                 {{.due_by = "2030-01-01"}, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(list(&db_scope_all, cases[i].filter).count, cases[i].all);
        assert_int_equal(list(&own, cases[i].filter).count, cases[i].own);
        assert_int_equal(list(&db_scope_none, cases[i].filter).count, 0);
        if (cases[i].filter.sort != LEAD_SORT_NEXT)
            assert_int_equal(list(&own, cases[i].filter).all, cases[i].own);
    }
    assert_string_equal(list(&db_scope_all, (struct lead_filter){0}).leads[0].id, car);
    assert_string_equal(
        list(&db_scope_all, (struct lead_filter){.sort = LEAD_SORT_OLDEST}).leads[0].id, pet);
    assert_int_equal(list(&db_scope_all, (struct lead_filter){.after_id = car}).count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_offered_lapsed_pooled, set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_declined, set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_nobody, set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_load, set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_offices_known, set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_two_at_a_time, set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_lists, set_up, fixture_tear_down)};
    return cmocka_run_group_tests_name("server/domain lead rounds", tests, NULL, NULL);
}
