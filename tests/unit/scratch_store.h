/* Where a test's store lies: a file in its folder or, when KOPPEL_TEST_DATABASE is "postgresql", a
 * database of its own on the scratch server whose folder KOPPEL_TEST_SERVER names. */
#ifndef KOPPEL_TESTS_UNIT_SCRATCH_STORE_H
#define KOPPEL_TESTS_UNIT_SCRATCH_STORE_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline const char *scratch_store_server(void) {
    const char *database = getenv("KOPPEL_TEST_DATABASE");
    if (!database || strcmp(database, "postgresql") != 0) return NULL;
    return getenv("KOPPEL_TEST_SERVER");
}

/* The address of a store that does not exist yet. `folder` exists and is the test's own; both it
 * and the server's are short. */
static inline void scratch_store_url(const char *folder, char *ret_url, size_t capacity) {
    static int made;
    const char *server = scratch_store_server();
    if (server)
        snprintf(ret_url, capacity, "postgresql://koppel@/unit_%d_%d?host=%.80s", (int)getpid(),
                 ++made, server);
    else
        snprintf(ret_url, capacity, "%.80s/store.db", folder);
}

/* Removes the store, closed, and the folder with what is in it. */
static inline void scratch_store_remove(const char *folder, const char *url) {
    char command[256];
    const char *server = scratch_store_server();
    const char *name = strstr(url, "/unit_");
    int status = 0;
    if (server && name) {
        snprintf(command, sizeof command, "tests/postgresql drop %s %.*s", server,
                 (int)strcspn(name + 1, "?"), name + 1);
        status = system(command);
    }
    snprintf(command, sizeof command, "rm -rf '%.80s'", folder);
    if (system(command) || status) fprintf(stderr, "a store in %s was not removed\n", folder);
}

#endif
