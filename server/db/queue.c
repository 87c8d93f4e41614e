/* Writes that wait for a group. Callers sleep on a futex: a semaphore for each would cost a call of
 * the system for each, and a condition would send all of them through one lock again. */
#include "db/queue.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "db/db.h"

_Static_assert(DB_WRITE_QUEUE_MAX / DB_QUEUE_GROUP_MIN < DB_QUEUE_ROUNDS / 2,
               "no two rounds under way may share a word");

void db_queue_init(struct db_queue *queue, int group_max) {
    *queue = (struct db_queue){.group_max = group_max, .round = DB_QUEUE_ROUNDS};
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->arrived, NULL);
}

void db_queue_done(struct db_queue *queue) {
    pthread_cond_destroy(&queue->arrived);
    pthread_mutex_destroy(&queue->lock);
}

static void wait_for_end(struct db_queue *queue, uint32_t round) {
    _Atomic uint32_t *word = &queue->ended[round % DB_QUEUE_ROUNDS];
    for (;;) {
        uint32_t ended = atomic_load_explicit(word, memory_order_acquire);
        if ((int32_t)(ended - round) >= 0)
            return;
        /* Returns at once when the word has changed meanwhile. */
        syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, ended, NULL, NULL, 0);
    }
}

int db_queue_run(struct db_queue *queue, struct db_task *task, struct error *error) {
    pthread_mutex_lock(&queue->lock);
    bool full = queue->waiting >= DB_WRITE_QUEUE_MAX;
    uint32_t round = queue->round + (uint32_t)(queue->waiting / queue->group_max);
    if (!full) {
        task->next = NULL;
        task->round = round;
        if (queue->first)
            queue->last->next = task;
        else
            queue->first = task;
        queue->last = task;
        queue->waiting++;
        pthread_cond_signal(&queue->arrived);
    }
    pthread_mutex_unlock(&queue->lock);
    if (full)
        return error_set(error, ERROR_BUSY, "%d writes wait already: try again",
                         DB_WRITE_QUEUE_MAX);
    wait_for_end(queue, round);
    return 0;
}

bool db_queue_take(struct db_queue *queue, struct db_task **ret_group) {
    pthread_mutex_lock(&queue->lock);
    while (!queue->first && !queue->closing)
        pthread_cond_wait(&queue->arrived, &queue->lock);
    struct db_task *group = queue->first, *last = group;
    for (int count = 1; last; count++, last = last->next) {
        queue->waiting--;
        if (count < queue->group_max && last->next)
            continue;
        queue->first = last->next;
        last->next = NULL;
        queue->round++;
        *ret_group = group;
        break;
    }
    pthread_mutex_unlock(&queue->lock);
    return group != NULL;
}

void db_queue_end(struct db_queue *queue, uint32_t round) {
    _Atomic uint32_t *word = &queue->ended[round % DB_QUEUE_ROUNDS];
    atomic_store_explicit(word, round, memory_order_release);
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

void db_queue_close(struct db_queue *queue) {
    pthread_mutex_lock(&queue->lock);
    queue->closing = true;
    pthread_cond_broadcast(&queue->arrived);
    pthread_mutex_unlock(&queue->lock);
}
