/* The contract as WSDL 1.1, with one port for the version of SOAP that is asked for. */
#ifndef KOPPEL_SOAP_WSDL_H
#define KOPPEL_SOAP_WSDL_H

#include "contract.h"
#include "envelope.h"

/* Appends the document, schema inline, documentation in the language. False: scratch is used up.
 * The buffer is failed when the text does not fit it. */
bool wsdl_write(const struct contract *contract, enum soap_version version, enum language language,
                struct scratch *scratch, struct buffer *text);

#endif
