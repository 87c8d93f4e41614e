/* The same text as a document of libxml2, for what works on those: signatures. It goes through the
 * same limits as xml_tree_read, and is parsed in the same way, so that both see the same elements
 * in the same places. */
#ifndef KOPPEL_MESSAGE_XML_DOCUMENT_H
#define KOPPEL_MESSAGE_XML_DOCUMENT_H

#include <libxml/tree.h>

#include "xml_tree.h"

/* As xml_tree_read; the caller frees the document. */
int xml_document_read(const char *text, size_t length, const char *charset,
                      struct scratch *scratch, struct xml_fault *ret_fault,
                      xmlDocPtr *ret_document);

#endif
