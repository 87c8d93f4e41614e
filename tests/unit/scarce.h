/* Memory that runs out. A program that includes this header, once, has an allocator whose nth call
 * from a chosen moment fails: that call alone, or it and all after it. Every library and thread of
 * the program is hit alike; under a sanitizer only the thread that chose. */
#ifndef KOPPEL_TESTS_UNIT_SCARCE_H
#define KOPPEL_TESTS_UNIT_SCARCE_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* A sanitizer asks for memory before it is ready to watch anybody. */
#define SCARCE_UNWATCHED __attribute__((no_sanitize("address", "undefined", "thread")))

/* The allocator below: a sanitizer's when one is linked, else the C library's. */
extern void *__interceptor_malloc(size_t size) __attribute__((weak));
extern void *__interceptor_calloc(size_t count, size_t size) __attribute__((weak));
extern void *__interceptor_realloc(void *memory, size_t size) __attribute__((weak));
extern void __interceptor_free(void *memory) __attribute__((weak));
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);

static struct {
    atomic_bool armed, lasting;
    atomic_long fails_at, calls;
    atomic_bool fired;
} scarce;
static _Thread_local bool scarce_here; /* on the thread that called scarce_begin */

/* From here on the nth allocation fails (1 is the next), with `lasting` all after it too. */
static inline void scarce_begin(long nth, bool lasting) {
    scarce_here = true;
    atomic_store(&scarce.calls, 0);
    atomic_store(&scarce.fired, false);
    atomic_store(&scarce.fails_at, nth);
    atomic_store(&scarce.lasting, lasting);
    atomic_store(&scarce.armed, true);
}

/* Back to plenty. Did an allocation fail? */
static inline bool scarce_end(void) {
    atomic_store(&scarce.armed, false);
    return atomic_load(&scarce.fired);
}

/* How many allocations a test goes on at a time: 1, all of them, when SCARCE_STEP says so. */
static inline long scarce_step(long standard) {
    const char *text = getenv("SCARCE_STEP");
    long step = text ? strtol(text, NULL, 10) : standard;
    return step > 0 ? step : standard;
}

SCARCE_UNWATCHED static inline bool scarce_refuses(void) {
    if (!atomic_load_explicit(&scarce.armed, memory_order_relaxed)) return false;
    /* A sanitizer's own allocations on threads that begin must not fail. */
    if (__interceptor_malloc && !scarce_here) return false;
    long call = atomic_fetch_add(&scarce.calls, 1) + 1, fails_at = atomic_load(&scarce.fails_at);
    if (call != fails_at && !(atomic_load(&scarce.lasting) && call > fails_at)) return false;
    atomic_store(&scarce.fired, true);
    errno = ENOMEM;
    return true;
}

SCARCE_UNWATCHED void *malloc(size_t size) {
    if (scarce_refuses()) return NULL;
    return __interceptor_malloc ? __interceptor_malloc(size) : __libc_malloc(size);
}

SCARCE_UNWATCHED void *calloc(size_t count, size_t size) {
    if (scarce_refuses()) return NULL;
    return __interceptor_calloc ? __interceptor_calloc(count, size) : __libc_calloc(count, size);
}

SCARCE_UNWATCHED void *realloc(void *memory, size_t size) {
    if (scarce_refuses()) return NULL;
    return __interceptor_realloc ? __interceptor_realloc(memory, size)
                                 : __libc_realloc(memory, size);
}

SCARCE_UNWATCHED void free(void *memory) {
    if (__interceptor_free) __interceptor_free(memory);
    else __libc_free(memory);
}

#endif
