/* The rules of what was granted. */
#include "auth/scope.h"

#include <string.h>

static const char *const texts[] = {"none", "person", "office", "children", "chain", "all"};

const char *scope_text(enum scope scope) {
    return texts[scope];
}

enum scope scope_read(const char *text) {
    for (int scope = SCOPE_PERSON; text && scope <= SCOPE_CHAIN; scope++)
        if (strcmp(text, texts[scope]) == 0) return (enum scope)scope;
    return SCOPE_NONE;
}

enum scope scope_default(enum role role) {
    if (role_of_organisation(role)) return SCOPE_ALL;
    if (role == ROLE_PARTNER_ADMINISTRATOR) return SCOPE_CHILDREN;
    return role == ROLE_NONE ? SCOPE_NONE : SCOPE_OFFICE;
}

enum scope scope_of(enum role role, enum scope of_firm, enum scope of_user) {
    enum scope scope = scope_default(role);
    if (scope == SCOPE_ALL || scope == SCOPE_NONE) return scope;
    if (of_firm != SCOPE_NONE) scope = of_firm;
    return of_user != SCOPE_NONE && of_user < scope ? of_user : scope;
}
