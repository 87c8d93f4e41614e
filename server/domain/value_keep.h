/* Values that outlive what they were made from. */
#ifndef KOPPEL_DOMAIN_VALUE_KEEP_H
#define KOPPEL_DOMAIN_VALUE_KEEP_H

#include "quote-engine/value.h"

enum { VALUE_KEEP_DEPTH_MAX = 64 };

/* Copies the texts, lists and contexts of a value to scratch, so that a product version that they
 * point into can be let go of. False: scratch is used up, or the value is nested deeper than
 * VALUE_KEEP_DEPTH_MAX. */
bool value_keep(struct scratch *scratch, struct value *value);

#endif
