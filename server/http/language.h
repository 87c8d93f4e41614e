/* The language of an answer, from Accept-Language (RFC 9110, 12.5.4). */
#ifndef KOPPEL_HTTP_LANGUAGE_H
#define KOPPEL_HTTP_LANGUAGE_H

#include "quote-engine/text.h"

/* The one of ours with the highest weight, the first of equals; Dutch when none is asked for. NULL
 * is fine. */
enum language language_choose(const char *accept_language);

#endif
