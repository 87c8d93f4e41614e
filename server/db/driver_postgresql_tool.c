/* The database's own tools: starting one, and hearing how it ended. What it is for is the copies'
 * business. */
#include "db/driver_postgresql_tool.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ENVIRONMENT_MAX = 4096, COMPLAINT_MAX_BYTES = 300 };

struct environment {
    char *own[POSTGRESQL_TOOL_OPTIONS_MAX]; /* made here */
    int own_count;
    char *all[ENVIRONMENT_MAX];
};

static bool is_variable(const char *entry, const char *name) {
    size_t length = strlen(name);
    return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

/* A variable of the connection, as NAME=value. */
static bool add_own(struct environment *environment, const char *name, const char *value) {
    size_t size = strlen(name) + strlen(value) + 2;
    char *entry = environment->own_count < POSTGRESQL_TOOL_OPTIONS_MAX ? malloc(size) : NULL;
    if (!entry)
        return false;
    snprintf(entry, size, "%s=%s", name, value);
    environment->own[environment->own_count++] = entry;
    return true;
}

static void environment_done(struct environment *environment) {
    for (int i = 0; i < environment->own_count; i++) {
        explicit_bzero(environment->own[i], strlen(environment->own[i]));
        free(environment->own[i]);
    }
}

static bool environment_fill(struct environment *environment, PGconn *handle) {
    PQconninfoOption *options = PQconninfo(handle);
    bool good = options != NULL;
    for (PQconninfoOption *option = options; good && option->keyword; option++)
        if (option->envvar && option->val && *option->val)
            good = add_own(environment, option->envvar, option->val);
    PQconninfoFree(options);
    int count = 0;
    for (; good && count < environment->own_count; count++)
        environment->all[count] = environment->own[count];
    for (char **entry = environ; good && *entry && count < ENVIRONMENT_MAX - 1; entry++) {
        bool replaced = false;
        for (int i = 0; i < environment->own_count && !replaced; i++) {
            size_t name = strcspn(environment->own[i], "=");
            replaced = strncmp(*entry, environment->own[i], name + 1) == 0;
        }
        /* Messages are told on as they are: in one language. */
        if (!replaced && !is_variable(*entry, "LC_MESSAGES") && !is_variable(*entry, "LC_ALL"))
            environment->all[count++] = *entry;
    }
    return good;
}

static int spawn(const char *const *argv, int output, int complaints, char *const *environment,
                 pid_t *ret_process) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", 0, 0);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, complaints, STDERR_FILENO);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int number = posix_spawnp(ret_process, argv[0], &actions, &attributes,
                              (char *const *)(uintptr_t)argv, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return number;
}

int postgresql_tool_start(PGconn *handle, const char *const *argv, int output,
                          struct error *error, struct postgresql_tool *ret_tool) {
    struct environment *environment = calloc(1, sizeof *environment);
    struct postgresql_tool tool = {.name = argv[0], .complaints = -1};
    int number = ENOMEM;
    if (environment && environment_fill(environment, handle)) {
        tool.complaints = memfd_create("complaints", MFD_CLOEXEC);
        number = tool.complaints < 0 ? errno
                                     : spawn(argv, output, tool.complaints, environment->all,
                                             &tool.process);
    }
    if (environment)
        environment_done(environment);
    free(environment);
    if (number == 0) {
        *ret_tool = tool;
        return 0;
    }
    if (tool.complaints >= 0)
        close(tool.complaints);
    if (number == ENOENT)
        return error_set(error, ERROR_NOT_FOUND, "%s is missing: install the PostgreSQL client "
                         "(on Debian: postgresql-client)", argv[0]);
    return error_set(error, ERROR_NO_MEMORY, "cannot start %s: %s", argv[0], strerror(number));
}

int postgresql_tool_end(struct postgresql_tool *tool, enum error_code code, struct error *error) {
    char said[COMPLAINT_MAX_BYTES + 1];
    int ended = 0;
    while (waitpid(tool->process, &ended, 0) < 0 && errno == EINTR)
        continue;
    ssize_t length = pread(tool->complaints, said, COMPLAINT_MAX_BYTES, 0);
    close(tool->complaints);
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0)
        return 0;
    said[length > 0 ? length : 0] = '\0';
    for (char *at = said; *at; at++)
        if (*at == '\n' || *at == '\r')
            *at = ' ';
    return error_set(error, code, "%s failed: %s", tool->name, *said ? said : "it was stopped");
}
