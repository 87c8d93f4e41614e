/* Memory for compiling: grows from the heap, is given back all at once, and lives as long as the
 * program that was compiled into it. Not public. */
#ifndef KOPPEL_ARENA_H
#define KOPPEL_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena_block;
struct arena {
    struct arena_block *blocks;
    size_t used, total; /* bytes handed out; bytes held */
    size_t limit;       /* most bytes it may hold */
    bool starved;       /* something was refused */
};

enum { ARENA_LIMIT_BYTES = 1024 * 1024 * 1024 };

void arena_init(struct arena *arena, size_t limit);
void arena_done(struct arena *arena);
/* 16-byte aligned and cleared; NULL when the heap or the limit is exhausted. */
void *arena_take(struct arena *arena, size_t size);
void *arena_take_array(struct arena *arena, size_t count, size_t size);
/* A NUL-terminated copy. */
char *arena_copy(struct arena *arena, const char *text, size_t length);

#endif
