/* How far somebody reaches, as it is granted: by role, at one firm otherwise, or narrower for one
 * person. What a statement then sees is the wall's own business (db/db.h). Pure. */
#ifndef KOPPEL_AUTH_SCOPE_H
#define KOPPEL_AUTH_SCOPE_H

#include "auth/role.h"

enum scope { /* from narrow to wide */
    SCOPE_NONE,
    SCOPE_PERSON,   /* what is one's own */
    SCOPE_OFFICE,   /* one's office */
    SCOPE_CHILDREN, /* and the offices below it */
    SCOPE_CHAIN,    /* the whole chain that the office belongs to */
    SCOPE_ALL       /* every partner: the organisation */
};

/* As rows and answers name it: "children"; "none", "all". */
const char *scope_text(enum scope scope);
/* What can be granted at a partner's: person to chain. SCOPE_NONE: no such name, or NULL. */
enum scope scope_read(const char *text);
/* Of a role where nothing else was said. ROLE_NONE reaches nothing. */
enum scope scope_default(enum role role);
/* Of somebody: the role's (`of_firm` where the firm has its own, else SCOPE_NONE), or their own
 * where that is narrower. On the organisation's side it is all, whatever was said. */
enum scope scope_of(enum role role, enum scope of_firm, enum scope of_user);

#endif
