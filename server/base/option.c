/* Command lines from a table: reading, ranges, defaults, and the help. What the options mean is
 * left to the commands. */
#include "base/option.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 64 };

static int read_integer(const struct option *option, const char *text, struct error *error) {
    char *end = NULL;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool digits = *text != ' ' && end != text && *end == '\0';
    if (!digits || errno == ERANGE || number < option->minimum || number > option->maximum)
        return error_set(error, ERROR_INVALID,
                         "--%s takes a whole number from %" PRId64 " to %" PRId64 ", not '%s'",
                         option->name, option->minimum, option->maximum, text);
    *(int64_t *)option->ret_value = number;
    return 0;
}

static int take(const struct option *option, const char *value, struct error *error) {
    struct option_list *list;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)option->ret_value = true;
        return 0;
    case OPTION_TEXT:
        *(const char **)option->ret_value = value;
        return 0;
    case OPTION_INTEGER:
        return read_integer(option, value, error);
    case OPTION_LIST:
        list = option->ret_value;
        if (list->count == OPTION_LIST_MAX)
            return error_set(error, ERROR_INVALID, "--%s may be given at most %d times",
                             option->name, OPTION_LIST_MAX);
        list->items[list->count++] = value;
        return 0;
    }
    return error_set(error, ERROR_INTERNAL, "option --%s has no kind", option->name);
}

static int set_default(const struct option *option, struct error *error) {
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)option->ret_value = false;
        return 0;
    case OPTION_TEXT:
        *(const char **)option->ret_value = option->default_text;
        return 0;
    case OPTION_INTEGER:
        if (option->default_text)
            return read_integer(option, option->default_text, error);
        *(int64_t *)option->ret_value = 0;
        return 0;
    case OPTION_LIST:
        ((struct option_list *)option->ret_value)->count = 0;
        return 0;
    }
    return error_set(error, ERROR_INTERNAL, "option --%s has no kind", option->name);
}

static int find(const struct option *options, int option_count, const char *name, size_t length) {
    for (int i = 0; i < option_count; i++)
        if (strlen(options[i].name) == length && memcmp(options[i].name, name, length) == 0)
            return i;
    return -1;
}

/* Reads the option at argv[*at] and leaves *at on the last word that it used. */
static int read_option(const struct option *options, int option_count, int argc, char **argv,
                       struct error *error, int *at, uint64_t *ret_seen) {
    const char *word = argv[*at] + 2;
    const char *equals = strchr(word, '=');
    size_t length = equals ? (size_t)(equals - word) : strlen(word);
    int index = strncmp(argv[*at], "--", 2) == 0 ? find(options, option_count, word, length) : -1;
    if (index < 0)
        return error_set(error, ERROR_INVALID, "there is no option '%s' here", argv[*at]);
    const struct option *option = &options[index];
    const char *value = equals ? equals + 1 : NULL;
    if (option->kind == OPTION_FLAG) {
        if (value)
            return error_set(error, ERROR_INVALID, "--%s takes no value", option->name);
    } else if (!value) {
        if (*at + 1 >= argc)
            return error_set(error, ERROR_INVALID, "--%s needs a value: --%s %s", option->name,
                             option->name, option->argument ? option->argument : "VALUE");
        value = argv[++*at];
    }
    *ret_seen |= UINT64_C(1) << index;
    return take(option, value, error);
}

int options_read(const struct option *options, int option_count, int argc, char **argv,
                 struct error *error, struct option_operands *ret_operands, bool *ret_help) {
    struct option_operands operands = {.count = 0};
    uint64_t seen = 0;
    bool only_operands = false;
    *ret_help = false;
    if (option_count > OPTIONS_MAX)
        return error_set(error, ERROR_INTERNAL, "more than %d options", OPTIONS_MAX);
    for (int i = 0; i < option_count; i++) {
        int status = set_default(&options[i], error);
        if (status)
            return status;
    }
    for (int at = 1; at < argc; at++) {
        if (only_operands || argv[at][0] != '-' || argv[at][1] == '\0') {
            if (operands.count == OPTION_OPERANDS_MAX)
                return error_set(error, ERROR_INVALID, "more than %d operands",
                                 OPTION_OPERANDS_MAX);
            operands.items[operands.count++] = argv[at];
        } else if (strcmp(argv[at], "--") == 0) {
            only_operands = true;
        } else if (strcmp(argv[at], "--help") == 0 || strcmp(argv[at], "-h") == 0) {
            *ret_help = true;
            return 0;
        } else {
            int status = read_option(options, option_count, argc, argv, error, &at, &seen);
            if (status)
                return status;
        }
    }
    for (int i = 0; i < option_count; i++)
        if (options[i].required && !(seen >> i & 1))
            return error_set(error, ERROR_INVALID, "--%s is required: --%s %s", options[i].name,
                             options[i].name, options[i].argument ? options[i].argument : "");
    *ret_operands = operands;
    return 0;
}

void options_help(const struct option *options, int option_count) {
    for (int i = 0; i < option_count; i++) {
        const struct option *option = &options[i];
        char left[80];
        snprintf(left, sizeof left, "--%s%s%s", option->name, option->argument ? " " : "",
                 option->argument ? option->argument : "");
        printf("  %-28s %s", left, option->help);
        if (option->kind == OPTION_INTEGER)
            printf(" (%" PRId64 " to %" PRId64 ")", option->minimum, option->maximum);
        if (option->default_text)
            printf(" [default: %s]", option->default_text);
        if (option->kind == OPTION_LIST)
            printf(" [may be repeated]");
        if (option->required)
            printf(" [required]");
        printf("\n");
    }
    printf("  %-28s %s\n", "--help", "prints this");
}
