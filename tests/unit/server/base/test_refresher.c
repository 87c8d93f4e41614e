/* The refresher: items in order, a bounded queue, and an end that waits for the job in progress. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/refresher.h"

struct work {
    atomic_int done, last;
    atomic_bool held;
};

static void note(void *context, const void *item) {
    struct work *work = context;
    int number = *(const int *)item;
    while (atomic_load(&work->held)) usleep(1000);
    /* A number that comes before one that was noted already counts as none. */
    if (number > atomic_exchange(&work->last, number)) atomic_fetch_add(&work->done, 1);
}

static void test_items_are_taken_in_order(void **state) {
    (void)state;
    struct work work = {.held = false};
    struct refresher *refresher = refresher_new(sizeof(int), note, &work);
    assert_non_null(refresher);
    for (int number = 1; number <= 3 * REFRESHER_QUEUE_MAX; number++)
        while (!refresher_ask(refresher, &number)) usleep(1000);
    for (int wait = 0; wait < 5000 && atomic_load(&work.done) < 3 * REFRESHER_QUEUE_MAX; wait++)
        usleep(1000);
    assert_int_equal(atomic_load(&work.done), 3 * REFRESHER_QUEUE_MAX);
    refresher_free(refresher);
}

static void test_a_full_queue_takes_no_more(void **state) {
    (void)state;
    struct work work = {.held = true};
    struct refresher *refresher = refresher_new(sizeof(int), note, &work);
    int taken = 0;
    assert_non_null(refresher);
    for (int number = 1; number <= 2 * REFRESHER_QUEUE_MAX; number++)
        taken += refresher_ask(refresher, &number);
    /* One may be in work already. */
    assert_in_range(taken, REFRESHER_QUEUE_MAX, REFRESHER_QUEUE_MAX + 1);
    atomic_store(&work.held, false);
    refresher_free(refresher);
    int done = atomic_load(&work.done);
    usleep(20 * 1000);
    assert_int_equal(atomic_load(&work.done), done);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_items_are_taken_in_order),
                                       cmocka_unit_test(test_a_full_queue_takes_no_more)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
