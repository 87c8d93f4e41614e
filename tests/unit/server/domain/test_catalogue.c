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
    int64_t start_us = now();
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

static void test_same_files_and_date_are_refused(void **state) {
    struct fixture *fixture = *state;
    struct error error = {0};
    struct product_folder folder = {0};
    struct product_version version;
    assert_int_equal(product_folder_read(FIXTURE_PRODUCTS "pet", &error, &folder), 0);
    assert_int_equal(catalogue_publish(fixture->service->db, &folder.files, "pet", 2, "2026-07-01",
                                       &error, &version),
                     ERROR_CONFLICT);
    assert_non_null(strstr(error.text, "already, as version"));
    error = (struct error){0};
    assert_int_equal(catalogue_publish(fixture->service->db, &folder.files, "pet", 2, "2026-05-01",
                                       &error, &version),
                     ERROR_CONFLICT);
    assert_non_null(strstr(error.text, "would never be"));
    error = (struct error){0};
    assert_int_equal(catalogue_publish(fixture->service->db, &folder.files, "pet", 2, "2026-02-30",
                                       &error, &version),
                     ERROR_INVALID);
    product_folder_done(&folder);
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
        cmocka_unit_test(test_broken_version_leaves_the_one_before_in_force),
        cmocka_unit_test(test_threads_share_versions)};
    return cmocka_run_group_tests(tests, fixture_set_up, fixture_tear_down);
}
