/* What the resources about a partner's people and their diplomas share. */
#ifndef KOPPEL_API_PARTNER_PERSON_COMMON_H
#define KOPPEL_API_PARTNER_PERSON_COMMON_H

#include "partner_common.h"

#define PARTNER_PERSON_ID_FIELD                                                                   \
    PARTNER_SUB_FIELD("person", "id van de medewerker", "id of the person")
enum { PARTNER_PERSON_FIELDS = 12 };
extern const struct field partner_person_fields[PARTNER_PERSON_FIELDS];

/* As an answer: PARTNER_PERSON_FIELDS; texts of the person lie in scratch. */
struct value partner_person_value(struct call *call, const struct partner_person *person,
                                  bool *failed);
/* The one that the input's `id` and `person` name, within scope; else 404. */
int partner_person_of_input(struct call *call, struct partner_person *ret_person);

#endif
