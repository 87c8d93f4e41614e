/* Errors as values. The first error stands; a text is always one line, so that it can be printed
 * or logged as it is. Saying it at the edge is left to others. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>

int error_set(struct error *error, enum error_code code, const char *format, ...) {
    if (!error)
        return code;
    if (error->code != ERROR_NONE)
        return error->code;
    error->code = code;
    va_list arguments;
    va_start(arguments, format);
    if (vsnprintf(error->text, sizeof error->text, format, arguments) < 0)
        error->text[0] = '\0';
    va_end(arguments);
    for (char *at = error->text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = ' ';
    return code;
}

void error_clear(struct error *error) {
    error->code = ERROR_NONE;
    error->text[0] = '\0';
}
