/* What kind of refusal a status is, in words. */
#ifndef KOPPEL_OPERATION_PROBLEM_TITLE_H
#define KOPPEL_OPERATION_PROBLEM_TITLE_H

#include "message/field.h"

/* A constant text; NULL for a status that has none. */
const char *problem_title(int status, enum language language);

#endif
