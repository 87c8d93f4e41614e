/* What a test tells a shim while the program runs: a file of numbers that both have in memory. The
 * test names it in KOPPEL_FAULT_CONTROL and writes its numbers as little-endian 64-bit integers;
 * what they mean is each shim's own. Without the file every number is 0 and a shim does nothing. */
#ifndef KOPPEL_TESTS_FAULTS_CONTROL_H
#define KOPPEL_TESTS_FAULTS_CONTROL_H

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CONTROL_NUMBERS = 16 };

static _Atomic int64_t control_none[CONTROL_NUMBERS];
static _Atomic int64_t *control = control_none;

/* Call it from a shim's constructor. */
static inline void control_open(void) {
    const char *path = getenv("KOPPEL_FAULT_CONTROL");
    int descriptor = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (descriptor < 0) return;
    void *numbers = mmap(NULL, sizeof control_none, PROT_READ | PROT_WRITE, MAP_SHARED,
                         descriptor, 0);
    close(descriptor);
    if (numbers != MAP_FAILED) control = numbers;
}

/* Counts a number down to 0; true for the one that brings it there. */
static inline bool control_count_down(int number) {
    int64_t left = atomic_load(&control[number]);
    while (left > 0)
        if (atomic_compare_exchange_weak(&control[number], &left, left - 1)) return left == 1;
    return false;
}

/* Is the descriptor a file below the folder named in KOPPEL_FAULT_FOLDER? */
static inline bool control_below_folder(int descriptor) {
    char link[64], path[4096];
    const char *folder = getenv("KOPPEL_FAULT_FOLDER");
    if (!folder) return false;
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return false;
    path[length] = '\0';
    size_t prefix = strlen(folder);
    return strncmp(path, folder, prefix) == 0 && (path[prefix] == '/' || path[prefix] == '\0');
}

#endif
