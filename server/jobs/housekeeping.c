/* Removes answers whose idempotency key is free again, nonces that nobody could use any more, old
 * messages of webhooks and the addresses in old events, ends applications and changes that nobody
 * decided on in time, and encrypts sensitive answers of quotes from before they were, in small
 * batches, so that no writer waits long. Every node does it: batches are their own transactions
 * and may meet. */
#include "jobs/housekeeping.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "auth/session.h"
#include "auth/throttle.h"
#include "auth/username.h"
#include "base/clock.h"
#include "base/log.h"
#include "domain/mail.h"
#include "domain/policy_change.h"
#include "domain/policy_number.h"
#include "domain/quote_answers.h"
#include "domain/webhook.h"
#include "operation/operation.h"

struct housekeeping {
    struct service *service;
    struct db *db; /* the service's */
    int interval_ms;
    pthread_t thread;
    pthread_mutex_t lock; /* guards `stopping` */
    pthread_cond_t stop;
    bool stopping;
};

static bool is_stopping(struct housekeeping *housekeeping) {
    pthread_mutex_lock(&housekeeping->lock);
    bool stopping = housekeeping->stopping;
    pthread_mutex_unlock(&housekeeping->lock);
    return stopping;
}

static void applications_expire(struct housekeeping *housekeeping) {
    const int64_t day_us = INT64_C(86400000000);
    int expired = TRANSACTION_EXPIRE_MAX;
    for (int batch = 0; batch < HOUSEKEEPING_BATCHES_MAX && expired >= TRANSACTION_EXPIRE_MAX &&
                        !is_stopping(housekeeping);
         batch++) {
        struct error error = {0};
        int64_t now_us = clock_now_us();
        if (application_expire(housekeeping->db, now_us - APPLICATION_EXPIRY_DAYS * day_us, now_us,
                               &error, &expired) != 0) {
            log_event(LOG_WARNING, "housekeeping_failed", "error", error.text, NULL);
            return;
        }
    }
}

static void changes_expire(struct housekeeping *housekeeping) {
    const int64_t day_us = INT64_C(86400000000);
    int expired = CHANGES_EXPIRE_MAX;
    for (int batch = 0; batch < HOUSEKEEPING_BATCHES_MAX && expired >= CHANGES_EXPIRE_MAX &&
                        !is_stopping(housekeeping);
         batch++) {
        struct error error = {0};
        int64_t now_us = clock_now_us();
        char today[CLOCK_DATE_MAX];
        clock_amsterdam_date_text(now_us, today);
        if (policy_changes_expire(housekeeping->db, today,
                                  now_us - APPLICATION_EXPIRY_DAYS * day_us, now_us, &error,
                                  &expired) != 0) {
            log_event(LOG_WARNING, "housekeeping_failed", "error", error.text, NULL);
            return;
        }
    }
}

static void numbers_complete(struct housekeeping *housekeeping) {
    struct error error = {0};
    if (policy_numbers_complete(housekeeping->db, &error) != 0)
        log_event(LOG_WARNING, "housekeeping_failed", "error", error.text, NULL);
}

/* Answers of before they were encrypted. The rest waits for the next round, as the book may be
 * large. */
static void quotes_seal(struct housekeeping *housekeeping) {
    const struct service *service = housekeeping->service;
    int64_t rows = 1;
    for (int batch = 0; batch < HOUSEKEEPING_SEAL_BATCHES_MAX && rows && !is_stopping(housekeeping);
         batch++) {
        struct error error = {0};
        if (quote_seal_rows(housekeeping->db, service->catalogue, service->encryption, &error,
                            &rows) != 0) {
            log_event(LOG_WARNING, "housekeeping_failed", "error", error.text, NULL);
            return;
        }
    }
}

/* Removes what is past, in batches of `most`. */
static void remove_past(struct housekeeping *housekeeping,
                        int (*expire)(struct db *, int64_t, struct error *, int64_t *),
                        int64_t most) {
    int64_t removed = most;
    for (int batch = 0; batch < HOUSEKEEPING_BATCHES_MAX && removed >= most &&
                        !is_stopping(housekeeping);
         batch++) {
        struct error error = {0};
        if (expire(housekeeping->db, clock_now_us(), &error, &removed) != 0) {
            log_event(LOG_WARNING, "housekeeping_failed", "error", error.text, NULL);
            return;
        }
    }
}

static void run_round(struct housekeeping *housekeeping) {
    remove_past(housekeeping, idempotency_expire, IDEMPOTENCY_EXPIRE_MAX);
    remove_past(housekeeping, sessions_expire, SESSIONS_EXPIRE_MAX);
    remove_past(housekeeping, throttle_expire, THROTTLE_EXPIRE_MAX);
    remove_past(housekeeping, mail_expire, MAIL_EXPIRE_MAX);
    remove_past(housekeeping, usernames_expire, USERNAME_NONCES_EXPIRE_MAX);
    remove_past(housekeeping, webhook_messages_expire, WEBHOOK_EXPIRE_MAX);
    remove_past(housekeeping, transaction_addresses_clear, EVENT_ADDRESSES_CLEAR_MAX);
    applications_expire(housekeeping);
    changes_expire(housekeeping);
    numbers_complete(housekeeping);
    quotes_seal(housekeeping);
}

/* False when it is time to stop. */
static bool wait_for_next(struct housekeeping *housekeeping) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += housekeeping->interval_ms / 1000;
    until.tv_nsec += housekeeping->interval_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&housekeeping->lock);
    int result = 0;
    while (!housekeeping->stopping && result == 0)
        result = pthread_cond_timedwait(&housekeeping->stop, &housekeeping->lock, &until);
    bool stopping = housekeeping->stopping;
    pthread_mutex_unlock(&housekeeping->lock);
    return !stopping;
}

static void *run(void *context) {
    struct housekeeping *housekeeping = context;
    do run_round(housekeeping);
    while (wait_for_next(housekeeping));
    return NULL;
}

static void discard(struct housekeeping *housekeeping) {
    pthread_cond_destroy(&housekeeping->stop);
    pthread_mutex_destroy(&housekeeping->lock);
    free(housekeeping);
}

int housekeeping_start(struct service *service, int interval_ms, struct error *error,
                       struct housekeeping **ret_housekeeping) {
    struct housekeeping *housekeeping = calloc(1, sizeof *housekeeping);
    if (!housekeeping) return error_set(error, ERROR_NO_MEMORY, "no memory for housekeeping");
    housekeeping->service = service;
    housekeeping->db = service->db;
    housekeeping->interval_ms = interval_ms;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&housekeeping->lock, NULL);
    pthread_cond_init(&housekeeping->stop, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&housekeeping->thread, NULL, run, housekeeping) != 0) {
        discard(housekeeping);
        return error_set(error, ERROR_NO_MEMORY,
                         "the housekeeping thread cannot be started: allow more threads");
    }
    *ret_housekeeping = housekeeping;
    return 0;
}

void housekeeping_stop(struct housekeeping *housekeeping) {
    if (!housekeeping) return;
    pthread_mutex_lock(&housekeeping->lock);
    housekeeping->stopping = true;
    pthread_cond_signal(&housekeeping->stop);
    pthread_mutex_unlock(&housekeeping->lock);
    pthread_join(housekeeping->thread, NULL);
    discard(housekeeping);
}
