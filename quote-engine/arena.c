/* Bump allocation in blocks that double in size. A large request gets a block of its own. */
#include "arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_FIRST_BLOCK_BYTES = 16 * 1024, ARENA_LARGEST_BLOCK_BYTES = 4 * 1024 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    _Alignas(16) char memory[];
};

void arena_init(struct arena *arena, size_t limit) {
    *arena = (struct arena){.limit = limit};
}

void arena_done(struct arena *arena) {
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        free(arena->blocks);
        arena->blocks = next;
    }
    *arena = (struct arena){0};
}

static size_t block_size(const struct arena *arena, size_t wanted) {
    size_t size = arena->blocks ? arena->blocks->size * 2 : ARENA_FIRST_BLOCK_BYTES;
    if (size > ARENA_LARGEST_BLOCK_BYTES) size = ARENA_LARGEST_BLOCK_BYTES;
    return size < wanted ? wanted : size;
}

static struct arena_block *block_add(struct arena *arena, size_t wanted) {
    size_t size = block_size(arena, wanted);
    if (size > arena->limit || arena->total > arena->limit - size) return NULL;
    struct arena_block *block = calloc(1, sizeof *block + size);
    if (!block) return NULL;
    block->size = size;
    block->next = arena->blocks;
    arena->blocks = block;
    arena->total += size;
    return block;
}

void *arena_take(struct arena *arena, size_t size) {
    if (size > SIZE_MAX - 15) return NULL;
    size = (size + 15) & ~(size_t)15;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < size) block = block_add(arena, size);
    if (!block) {
        arena->starved = true;
        return NULL;
    }
    void *memory = block->memory + block->used;
    block->used += size;
    arena->used += size;
    return memory;
}

void *arena_take_array(struct arena *arena, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size) return NULL;
    return arena_take(arena, count * size);
}

char *arena_copy(struct arena *arena, const char *text, size_t length) {
    if (length == SIZE_MAX) return NULL;
    char *copy = arena_take(arena, length + 1);
    if (copy && length) memcpy(copy, text, length);
    return copy;
}
