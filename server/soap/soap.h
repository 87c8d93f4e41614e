/* The SOAP entrance: /soap/v1/quote for every product, with answers by name, and beside it
 * /soap/v1/quote/{product}, whose questions are typed elements. What can be called is the table of
 * operations; SOAP adds nothing to it. */
#ifndef KOPPEL_SOAP_SOAP_H
#define KOPPEL_SOAP_SOAP_H

#include "operation/entrance.h"

enum {
    SOAP_BODY_MAX_BYTES = 512 * 1024, /* after unpacking; the edge's own cap may be lower */
    SOAP_ADDRESS_MAX = 1200,
    SOAP_NAMESPACE_MAX = 128
};

#define SOAP_PREFIX "/soap/v1/"
#define SOAP_NAMESPACE_GENERIC "urn:koppel:quote:v1"

/* Handed to the edge by who starts it. */
extern const struct entrance soap_entrance;

#endif
