/* Pages of a list: the fields that ask for one and lead to the next, and the check of the cursor,
 * which is the id behind which the page begins. */
#ifndef KOPPEL_OPERATION_PAGE_H
#define KOPPEL_OPERATION_PAGE_H

#include "operation/operation.h"

/* Of the input; a list gives no more than a hundred at a time, and 25 where nothing is asked. */
enum { PAGE_LIMIT_DEFAULT = 25, PAGE_LIMIT_MAX = 100 };
#define PAGE_FIELD_LIMIT                                                                          \
    {.name = "limit", .type = FIELD_INTEGER, .minimum = "1", .maximum = "100",                    \
     .label = {"aantal per bladzijde", "items a page"}, .help = {"Anders 25.", "Else 25."}}
#define PAGE_FIELD_CURSOR                                                                         \
    {.name = "cursor", .type = FIELD_TEXT, .length_maximum = ID_MAX,                              \
     .label = {"vervolg", "cursor"},                                                              \
     .help = {"`next` van de vorige bladzijde.", "`next` of the page before."}}
/* Of the output, behind `items`. */
#define PAGE_FIELD_NEXT                                                                           \
    {.name = "next", .type = FIELD_TEXT, .required = true, .nullable = true,                      \
     .label = {"vervolg", "cursor of the next page"},                                             \
     .help = {"Null op de laatste bladzijde.", "Null on the last page."}}

/* The cursor that was given, in scratch; NULL: the first page. ERROR_INVALID, with a fault, when it
 * is no id of that prefix; ERROR_TOO_LARGE when scratch is used up. */
int page_cursor(struct call *call, const char *prefix, const char **ret_cursor);

#endif
