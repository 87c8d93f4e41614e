/* Roles of people: what somebody who has logged in is to the installation. A role belongs to one
 * side: that of a partner's firm, or that of the organisation. Both have an administrator, so that
 * a name tells a role only together with its side. Pure. */
#ifndef KOPPEL_AUTH_ROLE_H
#define KOPPEL_AUTH_ROLE_H

#include <stdbool.h>

#include "quote-engine/text.h"

enum role {
    ROLE_NONE = 0, /* a system, a website, or nobody */
    ROLE_PARTNER_ADMINISTRATOR = 1 << 0,
    ROLE_PARTNER_ADVISER = 1 << 1,
    ROLE_PARTNER_ASSISTANT = 1 << 2, /* reads and prepares; what binds is not theirs to do */
    ROLE_ADMINISTRATOR = 1 << 3,
    ROLE_ACCOUNT_MANAGER = 1 << 4,
    ROLE_PRODUCT_MANAGER = 1 << 5,
    ROLE_MARKETER = 1 << 6,
    ROLE_UNDERWRITER = 1 << 7, /* decides on what was referred */
    ROLE_ANALYST = 1 << 8      /* reads */
};
enum { ROLE_COUNT = 9 };

/* Groups, for the rows of operations. */
#define ROLES_PARTNER_WRITING ((unsigned)(ROLE_PARTNER_ADMINISTRATOR | ROLE_PARTNER_ADVISER))
#define ROLES_PARTNER_ALL (ROLES_PARTNER_WRITING | (unsigned)ROLE_PARTNER_ASSISTANT)
#define ROLES_ORGANISATION_ALL                                                                    \
    ((unsigned)(ROLE_ADMINISTRATOR | ROLE_ACCOUNT_MANAGER | ROLE_PRODUCT_MANAGER |                \
                ROLE_MARKETER | ROLE_UNDERWRITER | ROLE_ANALYST))
#define ROLES_ALL (ROLES_PARTNER_ALL | ROLES_ORGANISATION_ALL)

/* The roles in the order in which people see them; `index` below ROLE_COUNT. */
enum role role_at(int index);
/* As rows and answers name it: "account_manager"; "" for ROLE_NONE. */
const char *role_text(enum role role);
const struct text *role_label(enum role role);
/* The role of that name on one side; ROLE_NONE: there is none. */
enum role role_read(const char *text, bool organisation);
/* Is it one of the organisation's? */
bool role_of_organisation(enum role role);

#endif
