/* A clock that is set. Preloaded; a test moves the time of day through control.h. The monotonic
 * clock goes on undisturbed, as it does when an operator or a time server sets the other one. */
#include <dlfcn.h>
#include <sys/time.h>
#include <time.h>

#include "tests/faults/control.h"

enum { AHEAD_S }; /* seconds by which the time of day is ahead; negative: behind */

static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void set_up(void) {
    real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    control_open();
}

int clock_gettime(clockid_t clock, struct timespec *ret_now) {
    /* Libraries may ask before this one was set up. */
    if (!real_clock_gettime) set_up();
    int result = real_clock_gettime(clock, ret_now);
    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        ret_now->tv_sec += (time_t)atomic_load(&control[AHEAD_S]);
    return result;
}

int gettimeofday(struct timeval *restrict ret_now, void *restrict zone) {
    struct timespec now;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    if (result == 0) {
        ret_now->tv_sec = now.tv_sec;
        ret_now->tv_usec = now.tv_nsec / 1000;
    }
    return result;
}

time_t time(time_t *ret_now) {
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret_now) *ret_now = now.tv_sec;
    return now.tv_sec;
}
