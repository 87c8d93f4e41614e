/* The table of roles. */
#include "auth/role.h"

#include <string.h>

static const struct {
    enum role role;
    const char *text;
    struct text label;
} roles[ROLE_COUNT] = {
    {ROLE_PARTNER_ADMINISTRATOR, "administrator", {"beheerder", "administrator"}},
    {ROLE_PARTNER_ADVISER, "adviser", {"adviseur", "adviser"}},
    {ROLE_PARTNER_ASSISTANT, "assistant", {"medewerker binnendienst", "assistant"}},
    {ROLE_ADMINISTRATOR, "administrator", {"beheerder", "administrator"}},
    {ROLE_ACCOUNT_MANAGER, "account_manager", {"accountmanager", "account manager"}},
    {ROLE_PRODUCT_MANAGER, "product_manager", {"productmanager", "product manager"}},
    {ROLE_MARKETER, "marketer", {"marketeer", "marketer"}},
    {ROLE_UNDERWRITER, "underwriter", {"acceptant", "underwriter"}},
    {ROLE_ANALYST, "analyst", {"analist", "analyst"}}};

static const struct text no_label = {"", ""};

enum role role_at(int index) {
    return roles[index].role;
}

const char *role_text(enum role role) {
    for (int i = 0; i < ROLE_COUNT; i++)
        if (roles[i].role == role) return roles[i].text;
    return "";
}

const struct text *role_label(enum role role) {
    for (int i = 0; i < ROLE_COUNT; i++)
        if (roles[i].role == role) return &roles[i].label;
    return &no_label;
}

enum role role_read(const char *text, bool organisation) {
    for (int i = 0; text && i < ROLE_COUNT; i++)
        if (role_of_organisation(roles[i].role) == organisation &&
            strcmp(roles[i].text, text) == 0)
            return roles[i].role;
    return ROLE_NONE;
}

bool role_of_organisation(enum role role) {
    return ((unsigned)role & ROLES_ORGANISATION_ALL) != 0;
}
