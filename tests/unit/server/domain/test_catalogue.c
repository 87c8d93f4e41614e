/* The catalogue: which version holds, seen at once here and within a second elsewhere, and what
 * happens to versions that do not compile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "fixture.h"

static int64_t now(void) {
    return clock_now_us();
}

/* The number of the version for a date as known at an instant; 0: none. */
static int found(struct catalogue *catalogue, const char *date, int64_t known_at_us) {
    const struct product_version *version = NULL;
    struct error error = {0};
    int status = catalogue_find(catalogue, "pet", date, known_at_us, &error, &version);
    if (status) {
        assert_int_equal(status, ERROR_NOT_FOUND);
        return 0;
    }
    int number = version->number;
    assert_non_null(version->product);
    assert_int_equal(version->interface, 2);
    catalogue_release(catalogue, version);
    return number;
}

static void wait_for_refresh(void) {
    usleep((CATALOGUE_AGE_MS + 20) * 1000);
}

static void test_latest_effective_then_latest_published(void **state) {
    struct fixture *fixture = *state;
    struct catalogue *catalogue = fixture->service->catalogue;
    struct db *db = fixture->service->db;
    int64_t start_us = now() - 10 * 1000000;
    assert_int_equal(found(catalogue, "2025-12-31", start_us), 0);
    assert_int_equal(found(catalogue, "2026-01-01", start_us), 1);
    assert_int_equal(found(catalogue, "2026-01-01", 0), 0); /* not known yet */
    fixture_publish(db, FIXTURE_PRODUCTS "pet", "2026-06-01", start_us + 1000000, NULL);
    fixture_publish(db, FIXTURE_PRODUCTS "pet", "2026-03-01", start_us + 2000000, NULL);
    wait_for_refresh();
    int64_t later_us = start_us + 3000000;
    assert_int_equal(found(catalogue, "2026-05-31", later_us), 3);
    assert_int_equal(found(catalogue, "2026-06-01", later_us), 2);
    assert_int_equal(found(catalogue, "2026-02-28", later_us), 1);
    /* As known before each was published. */
    assert_int_equal(found(catalogue, "2026-05-31", start_us + 1500000), 1);
    assert_int_equal(found(catalogue, "2026-06-01", start_us + 500000), 1);
    char names[4][PRODUCT_CODE_MAX];
    assert_int_equal(catalogue_names(catalogue, now(), names, 4), 1);
    assert_string_equal(names[0], "pet");
    assert_int_equal(catalogue_names(catalogue, 0, names, 4), 0);
}

static void test_published_elsewhere_within_a_second(void **state) {
    struct fixture *fixture = *state;
    struct db *other;
    struct error error = {0};
    char id[ID_MAX];
    assert_int_equal(db_open(&(struct db_options){.url = fixture->config.database}, &error, &other),
                     0);
    int before = found(fixture->service->catalogue, "2026-08-01", now());
    fixture_publish(other, FIXTURE_PRODUCTS "pet", "2026-07-01", now(), id);
    db_close(other);
    usleep(1000 * 1000);
    int after = found(fixture->service->catalogue, "2026-08-01", now());
    assert_true(after > before);
    const struct product_version *version = NULL;
    assert_int_equal(catalogue_version(fixture->service->catalogue, id, &error, &version), 0);
    assert_int_equal(version->number, after);
    catalogue_release(fixture->service->catalogue, version);
    assert_int_equal(catalogue_version(fixture->service->catalogue, "pvr_x", &error, &version),
                     ERROR_NOT_FOUND);
}

static int insert_body(struct db_tx *tx, void *context, struct error *error) {
    struct product_version *version = context;
    struct product_files files = {0};
    return version_insert(tx, &files, version, error);
}

static void test_same_files_and_date_are_refused(void **state) {
    struct fixture *fixture = *state;
    struct db *db = fixture->service->db;
    struct error error = {0};
    struct product_folder folder = {0};
    struct product_version version;
    int number = 0;
    assert_int_equal(product_folder_read(FIXTURE_PRODUCTS "pet", &error, &folder), 0);
    struct publication publication = {.files = &folder.files, .product = "pet", .interface = 2,
                                      .effective_from = "2026-07-01", .known_from_us = now()};
    assert_int_equal(catalogue_publish_known(db, &publication, &error, &version), ERROR_CONFLICT);
    assert_non_null(strstr(error.text, "already, as version"));
    error = (struct error){0};
    publication.effective_from = "2026-02-30";
    assert_int_equal(version_make(&publication, &error, &version), ERROR_INVALID);
    /* One that would stand behind another from its first day on. */
    error = (struct error){0};
    publication.effective_from = "2026-05-01";
    assert_int_equal(version_make(&publication, &error, &version), 0);
    assert_int_equal(version_place_check(db, &version, "2026-07-01", &error, &number),
                     ERROR_CONFLICT);
    assert_non_null(strstr(error.text, "would never be"));
    error = (struct error){0};
    assert_int_equal(version_place_check(db, &version, "2026-05-31", &error, &number), 0);
    /* Another was published between the check and the writing. */
    fixture_publish(db, FIXTURE_PRODUCTS "pet", "2026-07-02", now(), NULL);
    version.number = number;
    assert_int_equal(db_write(db, &db_scope_all, insert_body, &version, &error), ERROR_CONFLICT);
    assert_non_null(strstr(error.text, "just now"));
    product_folder_done(&folder);
}

/* A clock that was set back stands before the moments of what is published: that is known all the
 * same, to whoever asks now. */
static void test_clock_set_back(void **state) {
    struct fixture *fixture = *state;
    struct catalogue *catalogue = fixture->service->catalogue;
    int before = found(catalogue, "2026-08-01", now());
    fixture_publish(fixture->service->db, FIXTURE_PRODUCTS "pet", "2026-07-03",
                    now() + (int64_t)3600 * 1000000, NULL);
    wait_for_refresh();
    assert_true(found(catalogue, "2026-08-01", now()) > before);
}

/* The day of a quote without a date is Amsterdam's, also on the days that have 23 or 25 hours; the
 * version changes with it. */
static void test_days_begin_at_midnight_in_amsterdam(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        const char *instant, *date;
    } cases[] = {{"2025-03-29T22:59:59.999999Z", "2025-03-29"},
                 {"2025-03-29T23:00:00Z", "2025-03-30"},
                 {"2025-03-30T00:59:59Z", "2025-03-30"},
                 {"2025-03-30T01:00:00Z", "2025-03-30"},
                 {"2025-03-30T21:59:59.999999Z", "2025-03-30"},
                 {"2025-03-30T22:00:00Z", "2025-03-31"},
                 {"2025-10-25T21:59:59.999999Z", "2025-10-25"},
                 {"2025-10-25T22:00:00Z", "2025-10-26"},
                 {"2025-10-26T01:00:00Z", "2025-10-26"},
                 {"2025-10-26T22:59:59.999999Z", "2025-10-26"},
                 {"2025-10-26T23:00:00Z", "2025-10-27"}};
    const char *const starts[] = {"2025-03-30", "2025-03-31", "2025-10-26", "2025-10-27"};
    int64_t known_us;
    assert_true(clock_read_instant("2025-01-01T00:00:00Z", 20, &known_us));
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        fixture_publish(fixture->service->db, FIXTURE_PRODUCTS "pet", starts[i], known_us, NULL);
    wait_for_refresh();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct product_version *version = NULL;
        struct error error = {0};
        char today[CLOCK_DATE_MAX], expected[CLOCK_DATE_MAX] = "";
        int64_t instant_us;
        assert_true(clock_read_instant(cases[i].instant, strlen(cases[i].instant), &instant_us));
        clock_amsterdam_date_text(instant_us, today);
        assert_string_equal(today, cases[i].date);
        for (size_t j = 0; j < sizeof starts / sizeof *starts; j++)
            if (strcmp(starts[j], today) <= 0) snprintf(expected, sizeof expected, "%s", starts[j]);
        int status = catalogue_find(fixture->service->catalogue, "pet", today, instant_us, &error,
                                    &version);
        assert_int_equal(status, *expected ? 0 : ERROR_NOT_FOUND);
        if (status) continue;
        assert_string_equal(version->effective_from, expected);
        catalogue_release(fixture->service->catalogue, version);
    }
}

static void publish_text(struct db *db, const char *text, const char *from) {
    struct error error = {0};
    struct product_version version;
    struct product_files files = {
        .count = 1, .items = {{.name = "product.xml", .text = text, .length = strlen(text)}}};
    assert_int_equal(product_files_hash(&files, &error), 0);
    struct publication publication = {.files = &files, .product = "pet", .interface = 2,
                                      .effective_from = from, .known_from_us = now()};
    assert_int_equal(catalogue_publish_known(db, &publication, &error, &version), 0);
}

static void test_broken_version_leaves_the_one_before_in_force(void **state) {
    struct fixture *fixture = *state;
    struct catalogue *catalogue = fixture->service->catalogue;
    int before = found(catalogue, "2026-11-01", now());
    assert_true(before > 0);
    publish_text(fixture->service->db, "<product", "2026-10-01");
    publish_text(fixture->service->db, "", "2026-10-02");
    publish_text(fixture->service->db,
                 "<!DOCTYPE product [<!ENTITY a 'b'>]><product>&a;</product>", "2026-10-03");
    wait_for_refresh();
    assert_int_equal(found(catalogue, "2026-11-01", now()), before);
    char names[4][PRODUCT_CODE_MAX];
    assert_int_equal(catalogue_names(catalogue, now(), names, 4), 1);
}

static void *find_often(void *context) {
    struct fixture *fixture = context;
    for (int i = 0; i < 3000; i++) {
        const struct product_version *version = NULL;
        struct error error = {0};
        if (catalogue_find(fixture->service->catalogue, "pet", "2026-09-01", now(), &error,
                           &version))
            return "not found";
        if (!product_info(version->product) || strcmp(version->name, "pet") != 0) return "wrong";
        catalogue_release(fixture->service->catalogue, version);
    }
    return NULL;
}

static void test_threads_share_versions(void **state) {
    struct fixture *fixture = *state;
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, find_often, fixture), 0);
    for (int i = 0; i < 10; i++) {
        char from[CLOCK_DATE_MAX];
        snprintf(from, sizeof from, "2026-08-%02d", 10 + i);
        fixture_publish(fixture->service->db, FIXTURE_PRODUCTS "pet", from, now(), NULL);
        usleep(20000);
    }
    for (int i = 0; i < 8; i++) {
        void *wrong = NULL;
        pthread_join(threads[i], &wrong);
        if (wrong) fail_msg("%s", (char *)wrong);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_latest_effective_then_latest_published),
        cmocka_unit_test(test_published_elsewhere_within_a_second),
        cmocka_unit_test(test_same_files_and_date_are_refused),
        cmocka_unit_test(test_clock_set_back),
        cmocka_unit_test(test_days_begin_at_midnight_in_amsterdam),
        cmocka_unit_test(test_broken_version_leaves_the_one_before_in_force),
        cmocka_unit_test(test_threads_share_versions)};
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
