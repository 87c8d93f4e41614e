/* Drafts: their states, the second person, what is drafted twice, activation, and finding one by
 * the beginning of a hash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "domain/draft_activate.h"
#include "domain/edition.h"
#include "fixture.h"

static struct product_folder pet;
static struct problems problems;

static int set_up(void **state) {
    struct error error = {0};
    if (product_folder_read(FIXTURE_PRODUCTS "pet", &error, &pet)) return -1;
    return fixture_set_up(state);
}

static int tear_down(void **state) {
    product_folder_done(&pet);
    return fixture_tear_down(state);
}

static struct db *db_of(void **state) {
    struct fixture *fixture = *state;
    return fixture->service->db;
}

/* The pet product with another file beside it, so that its hash is its own. */
static struct product_files edition_of(const char *text) {
    struct error error = {0};
    struct product_files files = pet.files;
    files.items[files.count++] =
        (struct source){.name = "notes.md", .text = text, .length = strlen(text)};
    assert_int_equal(product_files_hash(&files, &error), 0);
    return files;
}

struct doing {
    const struct product_files *files;
    const struct activation *activation;
    struct draft draft, before;
    const char *id;
    bool test, override;
    struct draft_deed deed;
    struct draft_events events;
};

static int insert_body(struct db_tx *tx, void *context, struct error *error) {
    struct doing *doing = context;
    return draft_insert(tx, &doing->draft, doing->files, "why", error);
}

static int approve_body(struct db_tx *tx, void *context, struct error *error) {
    struct doing *doing = context;
    return draft_approve(tx, doing->id, doing->test, doing->override, &doing->deed, error,
                         &doing->before);
}

static int withdraw_body(struct db_tx *tx, void *context, struct error *error) {
    struct doing *doing = context;
    return draft_withdraw(tx, doing->id, doing->test, &doing->deed, error, &doing->before);
}

static int activate_body(struct db_tx *tx, void *context, struct error *error) {
    struct doing *doing = context;
    return draft_activate(tx, doing->id, doing->activation, &doing->deed, error);
}

static int read_body(struct db_tx *tx, void *context, struct error *error) {
    struct doing *doing = context;
    int status = draft_read(tx, doing->id, doing->test, error, &doing->draft);
    return status ? status : draft_events_read(tx, doing->id, error, &doing->events);
}

static int draft_of(struct db *db, const struct product_files *files, const char *from, bool test,
                    struct draft *ret_draft) {
    struct error error = {0};
    struct doing doing = {.files = files};
    struct draft_request request = {.files = files, .effective_from = from, .by = "operator:anna",
                                    .now_us = clock_now_us(), .test = test};
    assert_int_equal(draft_make(&request, &problems, &error, &doing.draft), 0);
    assert_string_equal(doing.draft.product, "pet");
    assert_int_equal(doing.draft.interface, 2);
    int status = db_write(db, &db_scope_all, insert_body, &doing, &error);
    *ret_draft = doing.draft;
    return status;
}

static int step(struct db *db, db_body body, const char *id, const char *by, bool override) {
    struct error error = {0};
    struct doing doing = {.id = id, .override = override,
                          .deed = {.by = by, .note = "reason", .now_us = clock_now_us()}};
    return db_write(db, &db_scope_all, body, &doing, &error);
}

static struct doing state_of(struct db *db, const char *id) {
    struct error error = {0};
    struct doing doing = {.id = id};
    assert_int_equal(db_read(db, &db_scope_all, read_body, &doing, &error), 0);
    return doing;
}

static int activate(void **state, const char *id, struct error *error) {
    struct fixture *fixture = *state;
    struct doing doing = state_of(db_of(state), id);
    struct activation *activation = calloc(1, sizeof *activation);
    assert_non_null(activation);
    memset(&problems, 0, sizeof problems);
    doing.activation = activation;
    doing.deed = (struct draft_deed){.by = "operator:anna", .now_us = clock_now_us()};
    const struct activation_place place = {.db = db_of(state), .encrypts = true};
    int status = activation_of_draft(&place, fixture->service->catalogue, &doing.draft, &problems,
                                     error, activation);
    if (!status) {
        status = db_write(db_of(state), &db_scope_all, activate_body, &doing, error);
        /* Once more, by another who read the same: nothing happens twice. */
        struct error again = {0};
        if (!status)
            assert_int_equal(db_write(db_of(state), &db_scope_all, activate_body, &doing, &again),
                             ERROR_CONFLICT);
        activation_done(activation);
    }
    free(activation);
    return status;
}

static void test_from_draft_to_version(void **state) {
    struct db *db = db_of(state);
    struct product_files files = edition_of("one");
    struct draft draft, twin;
    struct error error = {0};
    struct edition edition;
    assert_int_equal(draft_of(db, &files, "2026-02-01", false, &draft), 0);
    assert_int_equal(draft_of(db, &files, "2026-02-01", false, &twin), ERROR_CONFLICT);
    assert_int_equal(activate(state, draft.id, &error), ERROR_CONFLICT);
    assert_non_null(strstr(error.text, "not approved"));
    error = (struct error){0};
    assert_int_equal(step(db, approve_body, draft.id, "operator:anna", false), ERROR_DENIED);
    assert_int_equal(step(db, approve_body, draft.id, "operator:Anna", false), ERROR_DENIED);
    assert_int_equal(step(db, approve_body, draft.id, "operator:bas", false), 0);
    assert_int_equal(step(db, approve_body, draft.id, "operator:carla", false), ERROR_CONFLICT);
    assert_int_equal(draft_of(db, &files, "2026-02-01", false, &twin), ERROR_CONFLICT);
    if (activate(state, draft.id, &error)) fail_msg("%s", error.text);
    assert_int_equal(step(db, withdraw_body, draft.id, "operator:bas", false), ERROR_CONFLICT);

    struct doing after = state_of(db, draft.id);
    assert_int_equal(after.draft.state, DRAFT_ACTIVE);
    assert_true(after.draft.version_number > 1);
    assert_int_equal(after.events.count, 3);
    static const char *const expected[] = {"drafted", "approved", "activated"};
    static const char *const by[] = {"operator:anna", "operator:bas", "operator:anna"};
    for (int i = 0; i < 3; i++) {
        assert_string_equal(after.events.items[i].event, expected[i]);
        assert_string_equal(after.events.items[i].by, by[i]);
        assert_false(after.events.items[i].override);
    }
    assert_string_equal(after.events.items[0].note, "why");
    assert_int_equal(edition_find(db, after.draft.version_id, &error, &edition), 0);
    assert_string_equal(edition.hash, draft.hash);
    assert_string_equal(edition.draft_id, draft.id);
    assert_string_equal(edition.effective_from, "2026-02-01");
    /* Of what is active the same may be drafted again. */
    assert_int_equal(draft_of(db, &files, "2026-02-01", false, &twin), 0);
    assert_int_equal(step(db, withdraw_body, twin.id, "operator:anna", false), 0);
    assert_int_equal(step(db, approve_body, twin.id, "operator:bas", false), ERROR_CONFLICT);
    assert_int_equal(state_of(db, twin.id).draft.state, DRAFT_WITHDRAWN);
}

static void test_override_is_on_record(void **state) {
    struct db *db = db_of(state);
    struct product_files files = edition_of("two");
    struct draft draft;
    assert_int_equal(draft_of(db, &files, NULL, false, &draft), 0);
    assert_int_equal(step(db, approve_body, draft.id, "operator:anna", true), 0);
    struct doing after = state_of(db, draft.id);
    assert_int_equal(after.draft.state, DRAFT_APPROVED);
    assert_true(after.events.items[1].override);
    assert_string_equal(after.events.items[1].note, "reason");
    assert_int_equal(step(db, withdraw_body, draft.id, "operator:carla", false), 0);
}

static void test_test_drafts_are_apart(void **state) {
    struct db *db = db_of(state);
    struct product_files files = edition_of("three");
    struct draft live, trial;
    struct error error = {0};
    struct edition edition;
    struct activation activation;
    assert_int_equal(draft_of(db, &files, NULL, true, &trial), 0);
    assert_int_equal(edition_find(db, trial.hash, &error, &edition), ERROR_NOT_FOUND);
    assert_int_equal(draft_of(db, &files, NULL, false, &live), 0);
    assert_int_equal(step(db, approve_body, trial.id, "operator:bas", false), ERROR_NOT_FOUND);
    trial.state = DRAFT_APPROVED;
    error = (struct error){0};
    const struct activation_place place = {.db = db, .encrypts = true};
    assert_int_equal(activation_of_draft(&place, NULL, &trial, &problems, &error, &activation),
                     ERROR_CONFLICT);
    error = (struct error){0};
    assert_int_equal(edition_find(db, live.hash, &error, &edition), 0);
    assert_string_equal(edition.id, live.id);
}

/* What does not prove itself is drafted and approved, and does not become active. */
static void test_unsound_is_refused_at_the_end(void **state) {
    struct db *db = db_of(state);
    struct product_files files = edition_of("four");
    struct draft draft;
    struct error error = {0};
    for (int i = 0; i < files.count; i++)
        if (strcmp(files.items[i].name, "tariff.dmn") == 0)
            files.items[i] = (struct source){.name = "tariff.dmn", .text = "<", .length = 1};
    assert_int_equal(product_files_hash(&files, &error), 0);
    assert_int_equal(draft_of(db, &files, NULL, false, &draft), 0);
    assert_int_equal(step(db, approve_body, draft.id, "operator:bas", false), 0);
    assert_int_equal(activate(state, draft.id, &error), ERROR_INVALID);
    assert_true(problems.errors > 0);
    assert_int_equal(state_of(db, draft.id).draft.state, DRAFT_APPROVED);
    /* Without its head nobody knows which product it is of. */
    static const char *const heads[] = {"<", "", "<product/>",
                                        "<produkt name='pet' interface='2'/>",
                                        "<product name='Pet' interface='2'/>",
                                        "<product name='pet' interface='0'/>",
                                        "<product name='pet' interface='2x'/>",
                                        "<product name='pet' interface='-2'/>",
                                        "<product name='pet' interface='10000'/>"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        struct draft_request request = {.files = &files, .by = "operator:anna"};
        files.count = 1;
        files.items[0] = (struct source){
            .name = "product.xml", .text = heads[i], .length = strlen(heads[i])};
        memset(&problems, 0, sizeof problems);
        error = (struct error){0};
        assert_int_equal(draft_make(&request, &problems, &error, &draft), ERROR_INVALID);
        assert_int_equal(problems.errors, 1);
    }
    /* As the schema reads them. */
    static const char *const good[] = {"<product name='pet' interface='\n +0002 '/>",
                                       "<product name='pet' interface='2'><a/></product>"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct draft_request request = {.files = &files, .by = "operator:anna"};
        files.items[0] = (struct source){
            .name = "product.xml", .text = good[i], .length = strlen(good[i])};
        error = (struct error){0};
        assert_int_equal(draft_make(&request, &problems, &error, &draft), 0);
        assert_int_equal(draft.interface, 2);
    }
}

/* What was approved is what goes live: bytes that changed in the store do not. */
static int tamper_body(struct db_tx *tx, void *context, struct error *error) {
    return db_run(tx, error, NULL,
                  "update product_draft_file set content = 'other'"
                  " where draft_id = $1 and name = 'notes.md'",
                  db_text(context));
}

static void test_changed_files_are_refused(void **state) {
    struct db *db = db_of(state);
    struct product_files files = edition_of("five");
    struct draft draft;
    struct error error = {0};
    assert_int_equal(draft_of(db, &files, NULL, false, &draft), 0);
    assert_int_equal(step(db, approve_body, draft.id, "operator:bas", false), 0);
    assert_int_equal(db_write(db, &db_scope_all, tamper_body, draft.id, &error), 0);
    assert_int_equal(activate(state, draft.id, &error), ERROR_INTERNAL);
    assert_non_null(strstr(error.text, "not those that were drafted"));
}

/* Sixteen hash digits that two editions share are made, not met. */
static int hash_body(struct db_tx *tx, void *context, struct error *error) {
    return db_run(tx, error, NULL, "update product_draft set hash = $2 where id = $1",
                  db_text(context),
                  db_text("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde0"));
}

static int other_hash_body(struct db_tx *tx, void *context, struct error *error) {
    return db_run(tx, error, NULL, "update product_draft set hash = $2 where id = $1",
                  db_text(context),
                  db_text("0123456789abcdeffedcba98765432100123456789abcdef0123456789abcde0"));
}

static void test_found_by_the_beginning_of_a_hash(void **state) {
    struct db *db = db_of(state);
    struct product_files one = edition_of("six"), other = edition_of("seven");
    struct draft first, second;
    struct edition edition;
    struct error error = {0};
    assert_int_equal(draft_of(db, &one, NULL, false, &first), 0);
    assert_int_equal(draft_of(db, &other, NULL, false, &second), 0);
    assert_int_equal(db_write(db, &db_scope_all, hash_body, first.id, &error), 0);
    assert_int_equal(db_write(db, &db_scope_all, other_hash_body, second.id, &error), 0);
    static const struct {
        const char *text;
        int status;
    } cases[] = {{"0123456789abcdef0", 0}, {"0123456789abcdef", ERROR_CONFLICT},
                 {"0123456789ab", ERROR_CONFLICT}, {"0123456789a", ERROR_INVALID},
                 {"0123456789abcdef1", ERROR_NOT_FOUND}, {"0123456789ABCDEF0", ERROR_INVALID},
                 {"pet@1", 0}, {"pet@99", ERROR_NOT_FOUND}, {"pet@", ERROR_INVALID},
                 {"@1", ERROR_INVALID}, {"pet@1x", ERROR_INVALID},
                 {"pet@99999999999", ERROR_INVALID},
                 {"", ERROR_INVALID}, {"%", ERROR_INVALID},
                 {"pdr_00000000000000000000000000", ERROR_NOT_FOUND},
                 {"pvr_00000000000000000000000000", ERROR_NOT_FOUND}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        error = (struct error){0};
        if (edition_find(db, cases[i].text, &error, &edition) != cases[i].status)
            fail_msg("%s: %s", cases[i].text, error.text);
    }
    error = (struct error){0};
    assert_int_equal(edition_find(db, "0123456789abcdeff", &error, &edition), 0);
    assert_string_equal(edition.id, second.id);
}

static void test_who(void **state) {
    (void)state;
    char by[DRAFT_BY_MAX] = "untouched";
    static const char *const wrong[] = {
        "", "   ", "a\nb", "a\x7f", "\xff", "a\xc2\x9b" "2J",
        "1234567890123456789012345678901234567890123456789012345678901"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error error = {0};
        assert_int_equal(draft_by_make("operator", wrong[i], &error, by), ERROR_INVALID);
        assert_string_equal(by, "untouched");
    }
    assert_int_equal(draft_by_make("operator", "  Zoë de Vries ", NULL, by), 0);
    assert_string_equal(by, "operator:Zoë de Vries");
    assert_int_equal(draft_note_check(NULL, NULL), 0);
    assert_int_equal(draft_note_check("a\nb", NULL), ERROR_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_draft_to_version),
        cmocka_unit_test(test_override_is_on_record),
        cmocka_unit_test(test_test_drafts_are_apart),
        cmocka_unit_test(test_unsound_is_refused_at_the_end),
        cmocka_unit_test(test_changed_files_are_refused),
        cmocka_unit_test(test_found_by_the_beginning_of_a_hash),
        cmocka_unit_test(test_who)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
