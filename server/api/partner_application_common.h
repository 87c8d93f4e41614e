/* What the resources about applications to become a partner share. */
#ifndef KOPPEL_API_PARTNER_APPLICATION_COMMON_H
#define KOPPEL_API_PARTNER_APPLICATION_COMMON_H

#include "domain/partner_application.h"
#include "partner_common.h"

#define PARTNER_APPLICATION_ID_FIELD                                                              \
    {.name = "id", .type = FIELD_TEXT, .required = true,                                          \
     .label = {"id van de aanmelding", "id of the application"}}
enum { PARTNER_APPLICATION_FIELDS = 23 };
extern const struct field partner_application_fields[PARTNER_APPLICATION_FIELDS];

/* As an answer: PARTNER_APPLICATION_FIELDS; its texts lie in scratch. */
struct value partner_application_value(struct call *call,
                                       const struct partner_application *application,
                                       bool *failed);
int partner_application_answer(struct call *call, const struct partner_application *application);
/* The one that the input's `id` names; else 404. */
int partner_application_of_input(struct call *call, struct partner_application *ret_application);

#endif
