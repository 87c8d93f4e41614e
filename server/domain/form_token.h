/* Public forms: a token that a page gets with its form and sends back with it, so that what comes
 * sooner than a person can write, or long after, is not taken, and nothing that never asked for a
 * form. It keeps nothing, and stops nobody who waits: it goes beside a throttle. */
#ifndef KOPPEL_DOMAIN_FORM_TOKEN_H
#define KOPPEL_DOMAIN_FORM_TOKEN_H

#include "auth/people.h"

enum {
    FORM_TOKEN_MAX = 20 + 1 + PEOPLE_MAC_MAX, /* with the NUL */
    FORM_SECONDS_MIN = 3,
    FORM_HOURS_MAX = 12
};

enum form_token_answer {
    FORM_TOKEN_GOOD,
    FORM_TOKEN_WRONG, /* none of ours, or for another form */
    FORM_TOKEN_SOON,  /* nobody writes that fast */
    FORM_TOKEN_LATE
};

/* `form` is what it is for: "partner application". */
void form_token_make(const struct people *people, const char *form, int64_t now_us,
                     char ret_token[FORM_TOKEN_MAX]);
enum form_token_answer form_token_read(const struct people *people, const char *form,
                                       const char *token, int64_t now_us);

#endif
