/* Writes that wait for a group, for the drivers. Callers hand in tasks and wait; takers take what
 * waits, up to a group, and end it: all callers of a group are woken by one call of the system, and
 * nobody else is.
 *
 * Tasks are counted off in rounds as they arrive, a group each, so that a caller knows its round
 * and sleeps on that round's own word. */
#ifndef KOPPEL_DB_QUEUE_H
#define KOPPEL_DB_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/* Rounds that may be under way: of DB_WRITE_QUEUE_MAX tasks, and those that takers work on. */
enum { DB_QUEUE_ROUNDS = 512, DB_QUEUE_GROUP_MIN = 32 };

/* First member of a driver's task. It lies on the caller's stack while the caller waits. */
struct db_task {
    struct db_task *next; /* of its group, once it is taken */
    uint32_t round;
};

struct db_queue {
    pthread_mutex_t lock; /* guards all but `ended` */
    pthread_cond_t arrived;
    struct db_task *first, *last;
    int waiting, group_max;
    bool closing;
    uint32_t round;                            /* of the group that is taken next */
    _Atomic uint32_t ended[DB_QUEUE_ROUNDS]; /* the last round in this place that was ended */
};

/* Groups of at most `group_max` tasks, DB_QUEUE_GROUP_MIN or more. */
void db_queue_init(struct db_queue *queue, int group_max);
void db_queue_done(struct db_queue *queue);

/* Hands a task in and returns when its group was ended. ERROR_BUSY: DB_WRITE_QUEUE_MAX wait
 * already, and it was not taken in. */
int db_queue_run(struct db_queue *queue, struct db_task *task, struct error *error);

/* Waits for tasks and takes a group of them, in the order of their arrival. False when the queue is
 * closed and empty. */
bool db_queue_take(struct db_queue *queue, struct db_task **ret_group);
/* Wakes the group's callers. Then the tasks are gone: `round` is that of any of them. */
void db_queue_end(struct db_queue *queue, uint32_t round);
/* Takers end when nothing waits any more. */
void db_queue_close(struct db_queue *queue);

#endif
