/* Clients write the action in every way: in a header or as a parameter, with quotes or without,
 * empty, as the WSDL gives it, or as the bare name. */
#include "action.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Copies what stands between quotes, or all of it. */
static void unquote(const char *text, size_t length, char *ret_value, size_t size) {
    while (length > 0 && strchr(" \t", *text)) text++, length--;
    while (length > 0 && strchr(" \t", text[length - 1])) length--;
    if (length >= 2 && (*text == '"' || *text == '\'') && text[length - 1] == *text) {
        text++;
        length -= 2;
    }
    if (length >= size) length = 0;
    memcpy(ret_value, text, length);
    ret_value[length] = '\0';
}

/* The end of a parameter: a semicolon within quotes is part of it. */
static const char *parameter_end(const char *at) {
    bool quoted = false;
    for (; *at && (quoted || *at != ';'); at++) quoted ^= *at == '"';
    return at;
}

void action_parameter(const char *content_type, const char *name, char *ret_value, size_t size) {
    size_t length = strlen(name);
    *ret_value = '\0';
    if (!content_type) return;
    for (const char *at = strchr(content_type, ';'); at && *at;) {
        at += 1 + strspn(at + 1, " \t");
        const char *end = parameter_end(at);
        if (strncasecmp(at, name, length) == 0 && at[length] == '=') {
            unquote(at + length + 1, (size_t)(end - at) - length - 1, ret_value, size);
            return;
        }
        at = end;
    }
}

bool action_type_fits(const char *content_type) {
    static const char *const types[] = {"text/xml", "application/soap+xml", "application/xml"};
    if (!content_type) return true;
    size_t length = strcspn(content_type, "; \t");
    for (size_t at = 0; at < sizeof types / sizeof *types; at++)
        if (strlen(types[at]) == length && strncasecmp(types[at], content_type, length) == 0)
            return true;
    return false;
}

bool action_agrees(const char *header, const char *content_type, const char *called) {
    char action[ACTION_MAX];
    if (header) unquote(header, strlen(header), action, sizeof action);
    else action_parameter(content_type, "action", action, sizeof action);
    const char *name = action;
    for (const char *at = action; *at; at++)
        if (strchr("#/:", *at)) name = at + 1;
    return strcmp(name, called) == 0 || !operation_find_named(name);
}
