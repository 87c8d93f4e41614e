/* The check of a list's cursor; the fields stand in page.h. */
#include "operation/page.h"

#include "base/id.h"

int page_cursor(struct call *call, const char *prefix, const char **ret_cursor) {
    const struct value *cursor = record_get(&call->input, "cursor");
    *ret_cursor = NULL;
    if (!cursor || cursor->kind == VALUE_NULL) return 0;
    if (!id_valid(prefix, cursor->text, cursor->length)) {
        field_fault_add(&call->faults, "/cursor", "pattern",
                        call->language == LANGUAGE_EN
                            ? "A cursor is the `next` of an earlier page: take it over unchanged."
                            : "Een vervolg is de `next` van een eerdere bladzijde: neem die "
                              "ongewijzigd over.");
        return ERROR_INVALID;
    }
    *ret_cursor = record_get_text(&call->input, "cursor", call->scratch);
    return *ret_cursor ? 0
                       : error_set(&call->error, ERROR_TOO_LARGE,
                                   "a page needs more scratch memory");
}
