/* A bar, the rate, and the time that is left. */
#include "cli/progress.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

enum { BAR_WIDTH = 30 };

static volatile sig_atomic_t interrupted;

static void interrupt(int number) {
    (void)number;
    interrupted = 1;
}

void progress_start(struct progress *progress) {
    struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    *progress = (struct progress){.terminal = isatty(STDERR_FILENO) == 1,
                                  .started_ms = clock_monotonic_ms()};
}

bool progress_tell(void *context, const struct book_progress *told) {
    const struct progress *progress = context;
    if (progress->terminal) {
        char bar[BAR_WIDTH + 1];
        int64_t elapsed_ms = clock_monotonic_ms() - progress->started_ms;
        int64_t total = told->total ? told->total : 1;
        int filled = (int)(told->walked * BAR_WIDTH / total);
        double rate = elapsed_ms ? 1000.0 * (double)told->walked / (double)elapsed_ms : 0;
        for (int i = 0; i < BAR_WIDTH; i++) bar[i] = i < filled ? '#' : '.';
        bar[BAR_WIDTH] = '\0';
        fprintf(stderr, "\r[%s] %lld of %lld, %.0f/s, %.0f s left\033[K", bar,
                (long long)told->walked, (long long)told->total, rate,
                rate > 0 ? (double)(told->total - told->walked) / rate : 0);
        fflush(stderr);
    }
    return !interrupted;
}

double progress_end(struct progress *progress) {
    if (progress->terminal) fputs("\r\033[K", stderr);
    return (double)(clock_monotonic_ms() - progress->started_ms) / 1000;
}
