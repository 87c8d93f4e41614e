/* Waiting is on the monotonic clock: a clock that is set does not hold up a job. */
#include "jobs/ticker.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct ticker {
    void (*round)(struct ticker *ticker, void *context);
    void *context;
    int interval_ms;
    pthread_t thread;
    pthread_mutex_t lock; /* guards `stopping` */
    pthread_cond_t stop;
    bool stopping;
};

bool ticker_is_stopping(struct ticker *ticker) {
    pthread_mutex_lock(&ticker->lock);
    bool stopping = ticker->stopping;
    pthread_mutex_unlock(&ticker->lock);
    return stopping;
}

/* False when it is time to stop. */
static bool wait_for_next(struct ticker *ticker) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ticker->interval_ms / 1000;
    until.tv_nsec += ticker->interval_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    pthread_mutex_lock(&ticker->lock);
    int result = 0;
    while (!ticker->stopping && result == 0)
        result = pthread_cond_timedwait(&ticker->stop, &ticker->lock, &until);
    bool stopping = ticker->stopping;
    pthread_mutex_unlock(&ticker->lock);
    return !stopping;
}

static void *run(void *context) {
    struct ticker *ticker = context;
    do ticker->round(ticker, ticker->context);
    while (wait_for_next(ticker));
    return NULL;
}

static void discard(struct ticker *ticker) {
    pthread_cond_destroy(&ticker->stop);
    pthread_mutex_destroy(&ticker->lock);
    free(ticker);
}

int ticker_start(const char *what, void (*round)(struct ticker *ticker, void *context),
                 void *context, int interval_ms, struct error *error, struct ticker **ret_ticker) {
    struct ticker *ticker = calloc(1, sizeof *ticker);
    if (!ticker) return error_set(error, ERROR_NO_MEMORY, "no memory for %s", what);
    ticker->round = round;
    ticker->context = context;
    ticker->interval_ms = interval_ms;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&ticker->lock, NULL);
    pthread_cond_init(&ticker->stop, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&ticker->thread, NULL, run, ticker) != 0) {
        discard(ticker);
        return error_set(error, ERROR_NO_MEMORY,
                         "the thread of %s cannot be started: allow more threads", what);
    }
    *ret_ticker = ticker;
    return 0;
}

void ticker_stop(struct ticker *ticker) {
    if (!ticker) return;
    pthread_mutex_lock(&ticker->lock);
    ticker->stopping = true;
    pthread_cond_signal(&ticker->stop);
    pthread_mutex_unlock(&ticker->lock);
    pthread_join(ticker->thread, NULL);
    discard(ticker);
}
