/* Many SOAP clients can send a user name and a password and nothing else. */
#include "credential.h"

#include <string.h>
#include <strings.h>

#include "auth/basic.h"

static const char *read_basic(const char *encoded, struct scratch *scratch, size_t *ret_length) {
    char *user, *password;
    if (!basic_read(encoded, scratch, &user, &password)) return "";
    const char *key = *password ? password : user;
    *ret_length = strlen(key);
    return key;
}

const char *credential_read(const char *authorization, struct scratch *scratch,
                            size_t *ret_length) {
    *ret_length = 0;
    if (!authorization) return NULL;
    size_t scheme = strcspn(authorization, " ");
    const char *rest = authorization + scheme;
    rest += strspn(rest, " ");
    if (scheme == 5 && strncasecmp(authorization, "basic", 5) == 0)
        return read_basic(rest, scratch, ret_length);
    if (scheme != 6 || strncasecmp(authorization, "bearer", 6) != 0) return "";
    *ret_length = strlen(rest);
    return rest;
}
