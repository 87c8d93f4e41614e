/* What the transport says of a message: its kind, and the action that goes with it. */
#ifndef KOPPEL_SOAP_ACTION_H
#define KOPPEL_SOAP_ACTION_H

#include "contract.h"

enum { ACTION_MAX = 512, CHARSET_MAX = 64 };

/* The value of a parameter of Content-Type, unquoted; "" when it is not there or too long. */
void action_parameter(const char *content_type, const char *name, char *ret_value, size_t size);
/* Is the content a SOAP message by its type? No type at all is one too. */
bool action_type_fits(const char *content_type);

/* The action of a message, from the SOAPAction header or else from Content-Type; "" when it has
 * none. Only the envelope says what is called: the action may be left out, but may not name another
 * operation than `called`. */
bool action_agrees(const char *header, const char *content_type, const char *called);

#endif
