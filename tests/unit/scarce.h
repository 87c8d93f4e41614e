/* Memory that runs out. A program that includes this header, once, has an allocator whose nth call
 * from a chosen moment fails: that call alone, or it and all after it. Every library and thread of
 * the program is hit alike; under AddressSanitizer only the thread that chose. ThreadSanitizer asks
 * its own allocator for memory before anything here could have been set up: under it there is
 * nothing of this, and main says so with scarce_skipped. */
#ifndef KOPPEL_TESTS_UNIT_SCARCE_H
#define KOPPEL_TESTS_UNIT_SCARCE_H

#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#if defined(__SANITIZE_THREAD__)
#define SCARCE_OFF 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SCARCE_OFF 1
#endif
#endif
#ifndef SCARCE_OFF
#define SCARCE_OFF 0
#endif

/* The first line of main: `if (scarce_skipped()) return 0;`. */
static inline bool scarce_skipped(void) {
    if (SCARCE_OFF)
        puts("1..1\nok 1 - scarce memory # SKIP ThreadSanitizer keeps the allocator to itself");
    return SCARCE_OFF;
}

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
    atomic_long live; /* blocks taken and not given back, since the program began */
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

/* How many allocations there were since scarce_begin. */
static inline long scarce_calls(void) {
    return atomic_load(&scarce.calls);
}

/* Blocks of memory that are in use now. Whoever frees all that it took leaves it as it was. */
static inline long scarce_live(void) {
    return atomic_load(&scarce.live);
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

#if !SCARCE_OFF
SCARCE_UNWATCHED static inline void *scarce_count(void *memory) {
    if (memory) atomic_fetch_add_explicit(&scarce.live, 1, memory_order_relaxed);
    return memory;
}

SCARCE_UNWATCHED void *malloc(size_t size) {
    if (scarce_refuses()) return NULL;
    return scarce_count(__interceptor_malloc ? __interceptor_malloc(size) : __libc_malloc(size));
}

SCARCE_UNWATCHED void *calloc(size_t count, size_t size) {
    if (scarce_refuses()) return NULL;
    return scarce_count(__interceptor_calloc ? __interceptor_calloc(count, size)
                                             : __libc_calloc(count, size));
}

SCARCE_UNWATCHED void *realloc(void *memory, size_t size) {
    if (scarce_refuses()) return NULL;
    void *moved = __interceptor_realloc ? __interceptor_realloc(memory, size)
                                        : __libc_realloc(memory, size);
    return memory ? moved : scarce_count(moved);
}

SCARCE_UNWATCHED void free(void *memory) {
    if (memory) atomic_fetch_sub_explicit(&scarce.live, 1, memory_order_relaxed);
    if (__interceptor_free) __interceptor_free(memory);
    else __libc_free(memory);
}
#endif

#endif
