/* Who calls, and how that was proved: found once per request from what the entrance was given. */
#ifndef KOPPEL_AUTH_CALLER_H
#define KOPPEL_AUTH_CALLER_H

#include <stdbool.h>
#include <stdint.h>

#include "auth/role.h"
#include "auth/scope.h"
#include "base/hash.h"
#include "base/id.h"
#include "db/db.h"

enum caller_kind {
    CALLER_NOBODY = 1 << 0,
    CALLER_SECRET_KEY = 1 << 1, /* a partner's system: by key, certificate, or both */
    CALLER_PUBLISHABLE_KEY = 1 << 2,
    CALLER_USER = 1 << 3, /* somebody who has logged in, on either side: `role` */
    CALLER_ORGANISATION = 1 << 4 /* a system of the organisation itself: over all partners */
};

/* What a caller gave to prove who it is, and what its partner requires. */
enum proof {
    PROOF_KEY = 1 << 0,         /* a key, or an access token that was got with one */
    PROOF_TOKEN = 1 << 1,       /* an access token in place of what it was got with */
    PROOF_CERTIFICATE = 1 << 2, /* a client certificate, by the connection's handshake */
    PROOF_USERNAME = 1 << 3,    /* a user name in a message (WS-Security UsernameToken) */
    PROOF_SIGNATURE = 1 << 4    /* a signature over the message (WS-Security X.509) */
};
enum { PROOF_COUNT = 5, PROOF_NAMES_MAX = 64 };

/* Ways in, as far as requirements tell them apart. */
enum entrance_kind { ENTRANCE_JSON, ENTRANCE_SOAP, ENTRANCE_COUNT };

struct caller {
    enum caller_kind kind;
    bool test; /* test-mode key: what it makes is marked and never counted */
    char partner_id[ID_MAX]; /* "" for nobody and for the organisation */
    char user_id[ID_MAX]; /* CALLER_USER: who; else "" */
    enum role role;       /* CALLER_USER; else ROLE_NONE */
    /* CALLER_USER: by which session, when that one began by logging in, whether it may do nothing
     * but set up a second factor, how far its user reaches, and below which partner. */
    char session_id[ID_MAX], scope_root[ID_MAX];
    int64_t proved_us;
    bool setup;
    enum scope reach;
    char key_id[ID_MAX]; /* whose requests are counted; a certificate has one too; "" for users */
    char certificate_id[ID_MAX]; /* that was proved; "": none */
    bool origin_listed; /* CALLER_PUBLISHABLE_KEY: the request's Origin is one of its own */
    int64_t rate_limit_per_minute; /* 0: without limit */
    int version; /* of the API, that its key is pinned to: message/api_version.h */
    struct db_scope scope; /* points to texts of this struct, where it is of one partner */
    unsigned proved;                   /* enum proof bits */
    unsigned required[ENTRANCE_COUNT]; /* those that its partner asks for, by entrance */
    /* For access tokens: of the credential that key_id names, and of the connection's certificate
     * where PROOF_CERTIFICATE is proved. */
    uint8_t digest[SHA256_BYTES], certificate[SHA256_BYTES];
};

/* Is it the organisation itself: one of its systems, or a user on its side? */
static inline bool caller_is_organisation(const struct caller *caller) {
    return caller->kind == CALLER_ORGANISATION ||
           (caller->kind == CALLER_USER && role_of_organisation(caller->role));
}
/* Is it of a partner's firm: one of its systems, or a user there? Its websites are not: they act
 * for their visitors. */
static inline bool caller_is_partner(const struct caller *caller) {
    return caller->kind == CALLER_SECRET_KEY ||
           (caller->kind == CALLER_USER && (caller->role & ROLES_PARTNER_ALL) != 0);
}
/* The kind of system that a caller counts as where only the side matters: a user as a system of the
 * same side, CALLER_NOBODY for one who has no role. */
static inline enum caller_kind caller_side(const struct caller *caller) {
    return caller_is_organisation(caller) ? CALLER_ORGANISATION
           : caller_is_partner(caller)    ? CALLER_SECRET_KEY
           : caller->kind == CALLER_USER  ? CALLER_NOBODY
                                          : caller->kind;
}
/* Whose requests are counted: a key's id or a user's. */
static inline const char *caller_counted_id(const struct caller *caller) {
    return caller->kind == CALLER_USER ? caller->user_id : caller->key_id;
}

/* Copies, with the scope on the copy's own texts. */
void caller_copy(const struct caller *caller, struct caller *ret_caller);

/* Makes one caller of two proofs that came together. They must be of one partner and one kind, and
 * of one mode, but that a live certificate also goes with a test key. False: they are not, and
 * `caller` is as it was. A caller that is nobody becomes `other`. */
bool caller_join(struct caller *caller, const struct caller *other);

/* Names of proofs, as requirements and refusals use them: "key,certificate"; "" for none. */
void proof_names(unsigned proofs, char ret_names[PROOF_NAMES_MAX]);
/* Reads such a list; "none" or "" is none. False: a name is unknown. */
bool proof_read_names(const char *names, unsigned *ret_proofs);
/* Those that can be given at an entrance. */
unsigned proof_possible(enum entrance_kind entrance);
const char *entrance_name(enum entrance_kind entrance); /* "json", "soap" */

#endif
