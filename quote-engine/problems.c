/* Collecting what is wrong: a list with a fixed room, in which everything is counted but only the
 * first PROBLEMS_MAX are kept. */
#include "quote.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Copies as much as fits, and never half a character of UTF-8. */
static void copy_bounded(char *target, size_t size, const char *source) {
    size_t length = source ? strlen(source) : 0;
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)source[length] & 0xC0) == 0x80)
            length--;
    }
    if (length > 0)
        memcpy(target, source, length);
    target[length] = '\0';
}

static bool same(const struct problem *a, const struct problem *b) {
    return a->warning == b->warning && a->line == b->line && a->column == b->column &&
           strcmp(a->file, b->file) == 0 && strcmp(a->place, b->place) == 0 &&
           strcmp(a->text, b->text) == 0;
}

void problems_add(struct problems *problems, bool warning, const char *file, int line, int column,
                  const char *place, const char *format, ...) {
    char text[PROBLEM_TEXT_MAX * 2];
    va_list arguments;
    if (!warning)
        problems->errors++;
    if (problems->count >= PROBLEMS_MAX)
        return;
    struct problem *problem = &problems->items[problems->count++];
    problem->warning = warning;
    problem->line = line;
    problem->column = column;
    copy_bounded(problem->file, sizeof problem->file, file);
    copy_bounded(problem->place, sizeof problem->place, place);
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    copy_bounded(problem->text, sizeof problem->text, text);
    /* What a loop, a recursion or every case runs into is said once. */
    for (int i = 0; i < problems->count - 1; i++) {
        if (!same(&problems->items[i], problem)) continue;
        problems->count--;
        if (!warning) problems->errors--;
        break;
    }
}
