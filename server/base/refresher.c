/* A ring of items and one thread that takes them in order. */
#include "base/refresher.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

struct refresher {
    size_t item_bytes;
    refresher_job job;
    void *context;
    pthread_t thread;
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t arrived;
    bool started, stopping;
    size_t first, count;
    char *items, *current; /* one piece of memory: the ring, and the item in work behind it */
};

struct refresher *refresher_new(size_t item_bytes, refresher_job job, void *context) {
    struct refresher *refresher = calloc(1, sizeof *refresher);
    char *items = calloc(REFRESHER_QUEUE_MAX + 1, item_bytes);
    if (!refresher || !items) {
        free(refresher);
        free(items);
        return NULL;
    }
    refresher->item_bytes = item_bytes;
    refresher->job = job;
    refresher->context = context;
    refresher->items = items;
    refresher->current = items + REFRESHER_QUEUE_MAX * item_bytes;
    pthread_mutex_init(&refresher->lock, NULL);
    pthread_cond_init(&refresher->arrived, NULL);
    return refresher;
}

/* False when it is time to stop. */
static bool take(struct refresher *refresher) {
    pthread_mutex_lock(&refresher->lock);
    while (refresher->count == 0 && !refresher->stopping)
        pthread_cond_wait(&refresher->arrived, &refresher->lock);
    bool going = !refresher->stopping;
    if (going) {
        memcpy(refresher->current, refresher->items + refresher->first * refresher->item_bytes,
               refresher->item_bytes);
        refresher->first = (refresher->first + 1) % REFRESHER_QUEUE_MAX;
        refresher->count--;
    }
    pthread_mutex_unlock(&refresher->lock);
    return going;
}

static void *run(void *context) {
    struct refresher *refresher = context;
    while (take(refresher)) refresher->job(refresher->context, refresher->current);
    return NULL;
}

/* Signals are for the threads that expect them. The lock is held. */
static bool start(struct refresher *refresher) {
    sigset_t all, before;
    if (refresher->started) return true;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    refresher->started = pthread_create(&refresher->thread, NULL, run, refresher) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return refresher->started;
}

bool refresher_ask(struct refresher *refresher, const void *item) {
    pthread_mutex_lock(&refresher->lock);
    bool taken = refresher->count < REFRESHER_QUEUE_MAX && start(refresher);
    if (taken) {
        size_t place = (refresher->first + refresher->count++) % REFRESHER_QUEUE_MAX;
        memcpy(refresher->items + place * refresher->item_bytes, item, refresher->item_bytes);
        pthread_cond_signal(&refresher->arrived);
    }
    pthread_mutex_unlock(&refresher->lock);
    return taken;
}

void refresher_free(struct refresher *refresher) {
    if (!refresher) return;
    pthread_mutex_lock(&refresher->lock);
    refresher->stopping = true;
    bool started = refresher->started;
    pthread_cond_signal(&refresher->arrived);
    pthread_mutex_unlock(&refresher->lock);
    if (started) pthread_join(refresher->thread, NULL);
    pthread_cond_destroy(&refresher->arrived);
    pthread_mutex_destroy(&refresher->lock);
    free(refresher->items);
    free(refresher);
}
