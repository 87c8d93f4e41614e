/* What session.c, second_factor.c, password_resets.c, invitations.c and users.c share: how people
 * are told of, and what each must have shown. */
#ifndef KOPPEL_API_PERSON_COMMON_H
#define KOPPEL_API_PERSON_COMMON_H

#include "auth/login.h"
#include "domain/mail.h"
#include "domain/mail_text.h"
#include "domain/service.h"
#include "message/record.h"
#include "operation/operation.h"

enum { PASSWORD_TEXT_MAX = 1024, FACTOR_TEXT_MAX = 64, LINK_MAX = CONFIG_VALUE_MAX + 100 };

extern const struct field_choice person_roles[ROLE_COUNT - 1];
extern const struct field_choice person_scopes[4];
extern const struct field_choice person_languages[2];
extern const struct field_choice person_statuses[USER_STATUSES];

#define PERSON_FIELD_PASSWORD                                                                     \
    {.name = "password", .type = FIELD_TEXT, .required = true, .sensitive = true,                 \
     .length_minimum = 1, .length_maximum = PASSWORD_TEXT_MAX,                                    \
     .label = {"wachtwoord", "password"}, .example = "\"vier losse gewone woorden\""}
#define PERSON_FIELD_TOTP                                                                         \
    {.name = "totp", .type = FIELD_TEXT, .sensitive = true, .length_maximum = FACTOR_TEXT_MAX,    \
     .label = {"code van de authenticator-app", "code of the authenticator app"},                 \
     .example = "\"123456\""}
#define PERSON_FIELD_RECOVERY_CODE                                                                \
    {.name = "recovery_code", .type = FIELD_TEXT, .sensitive = true,                              \
     .length_maximum = FACTOR_TEXT_MAX, .label = {"herstelcode", "recovery code"}}
#define PERSON_FIELD_NAME                                                                         \
    {.name = "name", .type = FIELD_TEXT, .length_minimum = 1,                                     \
     .length_maximum = USER_NAME_CHARACTERS_MAX, .label = {"naam", "name"},                       \
     .example = "\"A. Voorbeeld\""}
#define PERSON_FIELD_LANGUAGE                                                                     \
    {.name = "language", .type = FIELD_CHOICE, .choices = person_languages, .choice_count = 2,    \
     .label = {"taal", "language"}}

/* Of one user, as lists and answers tell of them. */
enum { PERSON_FIELDS = 15 };
extern const struct field person_fields[PERSON_FIELDS];
void person_set(struct record *record, const struct user *user, enum language language);

int person_no_scratch(struct call *call);
/* Where the caller calls from; "": not known. */
const char *person_address(const struct call *call);
/* The user who calls, as the row is now. */
int person_self(struct call *call, struct user *ret_user);
/* Did the caller log in lately? Else refuses: what proves who one is changes only after that. */
int person_check_proved(struct call *call);
/* Adds a fault at /password when it is none that can be chosen by this user. */
void person_check_password(struct call *call, const char *password, const struct user *user);
/* Text fields of the input, in scratch; NULL: not given. */
struct factor_given person_factor(struct call *call);
/* Refuses what has been tried too often from there. */
int person_refuse_attempts(struct call *call, int64_t wait_s);
/* The same words for whatever was wrong, and a line in the audit log. */
int person_refuse_login(struct call *call);
/* A session for the answer: the caller has it from now on. */
void person_give_session(struct call *call, const struct session *session);
/* GET /session's answer for a user with that session, as it is once the answer has come. */
int person_session_tell(struct call *call, const struct user *user, const struct session *session);
/* The fields of that answer. */
enum { PERSON_SESSION_FIELDS = 11 };
extern const struct field person_session_fields[PERSON_SESSION_FIELDS];

/* A message made and sealed for a user; mail_message_done it. */
int person_mail(struct call *call, const struct user *user, const char *kind,
                const struct mail_text *text, struct mail_message *ret_message);
/* An address of the extranet with a secret as its last part. */
void person_link(const struct call *call, const char *page, const char *secret,
                 char ret_link[LINK_MAX]);

#endif
