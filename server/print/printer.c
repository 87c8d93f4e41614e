/* A few threads of their own print what others ask for and wait for: so the memory that fonts take
 * is that of a few, however many ask, and the stack of who asks may be small. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "print.h"
#include "renderer.h"

enum job_state { JOB_WAITS, JOB_PRINTS, JOB_DONE };

struct job { /* on the stack of who asks */
    struct job *next;
    const struct print *print;
    struct buffer *pdf;
    struct error *error;
    int status;
    enum job_state state;
    pthread_cond_t done;
};

struct printer {
    pthread_mutex_t lock;
    pthread_cond_t wanted;
    struct job *first, *last;
    int waiting, idle, thread_count;
    bool stopping, fonts_open;
    struct fonts fonts;
    pthread_t threads[PRINT_THREADS_MAX];
};

int printer_new(struct error *error, struct printer **ret_printer) {
    struct printer *printer = calloc(1, sizeof *printer);
    if (!printer) return error_set(error, ERROR_NO_MEMORY, "no memory for the printer");
    (void)pthread_mutex_init(&printer->lock, NULL);
    (void)pthread_cond_init(&printer->wanted, NULL);
    *ret_printer = printer;
    return 0;
}

void printer_free(struct printer *printer) {
    if (!printer) return;
    pthread_mutex_lock(&printer->lock);
    printer->stopping = true;
    pthread_cond_broadcast(&printer->wanted);
    pthread_mutex_unlock(&printer->lock);
    for (int i = 0; i < printer->thread_count; i++) pthread_join(printer->threads[i], NULL);
    if (printer->fonts_open) fonts_close(&printer->fonts);
    (void)pthread_cond_destroy(&printer->wanted);
    (void)pthread_mutex_destroy(&printer->lock);
    free(printer);
}

/* ---- the threads ----------------------------------------------------------------------------- */

static struct job *job_take(struct printer *printer) {
    while (!printer->first && !printer->stopping) {
        printer->idle++;
        pthread_cond_wait(&printer->wanted, &printer->lock);
        printer->idle--;
    }
    struct job *job = printer->first;
    if (!job) return NULL;
    printer->first = job->next;
    if (!printer->first) printer->last = NULL;
    printer->waiting--;
    job->state = JOB_PRINTS;
    return job;
}

static int job_do(struct renderer *renderer, struct job *job) {
    if (!renderer) return error_set(job->error, ERROR_NO_MEMORY, "no memory to print");
    return renderer_print(renderer, job->print, job->error, job->pdf);
}

static void *thread_run(void *context) {
    struct printer *printer = context;
    struct renderer *renderer = renderer_new(&printer->fonts);
    struct job *job;
    pthread_mutex_lock(&printer->lock);
    while ((job = job_take(printer))) {
        pthread_mutex_unlock(&printer->lock);
        int status = job_do(renderer, job);
        pthread_mutex_lock(&printer->lock);
        job->status = status;
        job->state = JOB_DONE;
        pthread_cond_signal(&job->done);
    }
    pthread_mutex_unlock(&printer->lock);
    renderer_free(renderer);
    return NULL;
}

/* One more thread, when all are at work. Signals are for the threads that wait for them. */
static int thread_add(struct printer *printer, struct error *error) {
    sigset_t all, before;
    if (printer->idle > printer->waiting || printer->thread_count == PRINT_THREADS_MAX) return 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t *thread = &printer->threads[printer->thread_count];
    int failed = pthread_create(thread, NULL, thread_run, printer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!failed) printer->thread_count++;
    if (printer->thread_count) return 0;
    return error_set(error, ERROR_BUSY, "no thread to print on: %s", strerror(failed));
}

/* ---- who asks -------------------------------------------------------------------------------- */

static int fonts_once(struct printer *printer, struct error *error) {
    if (printer->fonts_open) return 0;
    int status = fonts_open(error, &printer->fonts);
    printer->fonts_open = !status;
    return status;
}

int printer_ready(struct printer *printer, struct error *error) {
    pthread_mutex_lock(&printer->lock);
    int status = fonts_once(printer, error);
    pthread_mutex_unlock(&printer->lock);
    return status;
}

static int job_add(struct printer *printer, struct job *job) {
    int status = fonts_once(printer, job->error);
    if (!status && printer->waiting >= PRINT_QUEUE_MAX)
        status = error_set(job->error, ERROR_BUSY, "%d documents wait to be printed",
                           PRINT_QUEUE_MAX);
    if (!status) status = thread_add(printer, job->error);
    if (status) return status;
    if (printer->last) printer->last->next = job;
    else printer->first = job;
    printer->last = job;
    printer->waiting++;
    pthread_cond_signal(&printer->wanted);
    return 0;
}

static void job_remove(struct printer *printer, const struct job *job) {
    struct job *previous = NULL, *at = printer->first;
    for (; at && at != job; at = at->next) previous = at;
    if (!at) return;
    if (previous) previous->next = job->next;
    else printer->first = job->next;
    if (printer->last == job) printer->last = previous;
    printer->waiting--;
}

/* Waits until it is done, or has waited too long; what is being printed is waited for. */
static int job_wait(struct printer *printer, struct job *job) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PRINT_WAIT_MAX_MS / 1000;
    int late = 0;
    while (job->state == JOB_WAITS && !late)
        late = pthread_cond_timedwait(&job->done, &printer->lock, &until);
    if (job->state == JOB_WAITS) {
        job_remove(printer, job);
        return error_set(job->error, ERROR_BUSY, "a document waited %d ms to be printed",
                         PRINT_WAIT_MAX_MS);
    }
    while (job->state != JOB_DONE) pthread_cond_wait(&job->done, &printer->lock);
    return job->status;
}

int printer_print(struct printer *printer, const struct print *print, struct error *error,
                  struct buffer *ret_pdf) {
    struct job job = {.print = print, .pdf = ret_pdf, .error = error};
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&job.done, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    pthread_mutex_lock(&printer->lock);
    int status = job_add(printer, &job);
    if (!status) status = job_wait(printer, &job);
    pthread_mutex_unlock(&printer->lock);
    (void)pthread_cond_destroy(&job.done);
    return status;
}
