/* Memory that is refused now and then. Preloaded; a test says through control.h how often. Which
 * request it is follows from a fixed start, so that two runs with the same load are alike. */
#include <errno.h>

#include "tests/faults/control.h"

enum {
    ONE_IN, /* one request of so many is refused; 0: none */
    FIRED   /* how many were */
};

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

static _Atomic uint64_t drawn = 88172645463325252u;

__attribute__((constructor)) static void set_up(void) { control_open(); }

static bool refuses(void) {
    int64_t one_in = atomic_load_explicit(&control[ONE_IN], memory_order_relaxed);
    if (one_in <= 0) return false;
    uint64_t before = atomic_load(&drawn), after;
    do {
        after = before;
        after ^= after << 13;
        after ^= after >> 7;
        after ^= after << 17;
    } while (!atomic_compare_exchange_weak(&drawn, &before, after));
    if (after % (uint64_t)one_in != 0) return false;
    atomic_fetch_add(&control[FIRED], 1);
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size) { return refuses() ? NULL : __libc_malloc(size); }

void *calloc(size_t count, size_t size) { return refuses() ? NULL : __libc_calloc(count, size); }

void *realloc(void *memory, size_t size) {
    return refuses() ? NULL : __libc_realloc(memory, size);
}
