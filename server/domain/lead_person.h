/* Who a lead is of: what is sealed in its row, and by which indexes the same person is found
 * again. */
#ifndef KOPPEL_DOMAIN_LEAD_PERSON_H
#define KOPPEL_DOMAIN_LEAD_PERSON_H

#include "base/encryption.h"
#include "quote-engine/value.h"

enum { LEAD_TELEPHONE_MAX = 32, LEAD_SEALED_MAX_BYTES = 96 * 1024 };

/* The blind index of an e-mail address, in whatever letters it is written: the same kind as that of
 * applications, so that both are found by it. */
void lead_email_index(const struct encryption *encryption, const char *email,
                      char ret_index[SHA256_HEX_MAX]);
/* Of a telephone number, however it is written: "06 12345678", "+31 6-12345678" and "0031612345678"
 * are one; what does not begin with a country is Dutch. False: it has no digits. */
bool lead_telephone_index(const struct encryption *encryption, const char *telephone,
                          char ret_index[SHA256_HEX_MAX]);

/* Seals what is known of a person (a context), at the place of the lead's id. */
int lead_person_seal(struct encryption *encryption, const char *id, const struct value *person,
                     struct error *error, struct buffer *buffer);
/* And back, in scratch. An erased one, sealed as "", is an empty context. */
int lead_person_unseal(struct encryption *encryption, const char *id, const char *sealed,
                       struct scratch *scratch, struct error *error, struct value *ret_person);

#endif
