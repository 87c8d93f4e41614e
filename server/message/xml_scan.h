/* The pass over XML text that goes before the parser: encoding, and limits that keep the parser's
 * time in proportion. Not used outside this folder. */
#ifndef KOPPEL_MESSAGE_XML_SCAN_H
#define KOPPEL_MESSAGE_XML_SCAN_H

#include "xml_tree.h"

struct xml_scan {
    const char *text; /* UTF-8, from behind the XML declaration; in scratch when it was converted */
    size_t length;
};

/* As xml_tree_read. */
int xml_scan(const char *text, size_t length, const char *charset, struct scratch *scratch,
             struct xml_fault *ret_fault, struct xml_scan *ret_scan);

/* Sets code and both texts; returns ERROR_INVALID. */
int xml_fault_set(struct xml_fault *fault, const char *code, const char *nl, const char *en);

#endif
