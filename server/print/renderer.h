/* Inside print: prints one document after the other, on one thread. */
#ifndef KOPPEL_PRINT_RENDERER_H
#define KOPPEL_PRINT_RENDERER_H

#include "fonts.h"
#include "print.h"

struct renderer;

/* The fonts are shared; all else is the renderer's own. NULL: no memory. */
struct renderer *renderer_new(const struct fonts *fonts);
void renderer_free(struct renderer *renderer);
int renderer_print(struct renderer *renderer, const struct print *print, struct error *error,
                   struct buffer *ret_pdf);

#endif
