/* What is wrong with the grammar of JSON text, in the reader's language. Not used outside this
 * folder. */
#ifndef KOPPEL_MESSAGE_JSON_GRAMMAR_H
#define KOPPEL_MESSAGE_JSON_GRAMMAR_H

#include "json.h"

/* Finds the first place where the text departs from JSON's grammar (RFC 8259), or where a \u escape
 * stands for no character that a text may hold. True, with the fault. False: there is none. The
 * text has passed json_scan: it is UTF-8, its numbers are numbers, and its nesting is limited. */
bool json_grammar_explain(const char *text, size_t length, struct json_fault *ret_fault);

#endif
