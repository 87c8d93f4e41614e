/* From a document to its PDF: set, counted, drawn, finished. */
#include "renderer.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "finish.h"
#include "flow.h"
#include "picture.h"

struct renderer {
    struct typesetter typesetter;
    struct buffer drawn, scopes;
};

struct renderer *renderer_new(const struct fonts *fonts) {
    struct renderer *renderer = calloc(1, sizeof *renderer);
    if (!renderer) return NULL;
    buffer_init(&renderer->drawn, PRINT_PDF_MAX_BYTES);
    buffer_init(&renderer->scopes, FLOW_SCOPES_MAX);
    if (typesetter_init(&renderer->typesetter, fonts)) return renderer;
    renderer_free(renderer);
    return NULL;
}

void renderer_free(struct renderer *renderer) {
    if (!renderer) return;
    typesetter_done(&renderer->typesetter);
    buffer_done(&renderer->drawn);
    buffer_done(&renderer->scopes);
    free(renderer);
}

static void about_set(cairo_surface_t *surface, const struct print_head *head) {
    char made[CLOCK_INSTANT_MAX];
    int64_t second_us = 1000000;
    clock_write_instant(head->made_us - head->made_us % second_us, made);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, head->title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, head->sender.name);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, made);
}

static int draw(struct renderer *renderer, const struct print *print, const struct set *set,
                int page_count, struct error *error) {
    int pages;
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(
        picture_write, &renderer->drawn, PAGE_WIDTH, PAGE_HEIGHT);
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_4);
    about_set(surface, &print->head);
    cairo_t *cairo = cairo_create(surface);
    flow(&renderer->typesetter, print, set, cairo, page_count, &renderer->scopes, &pages);
    cairo_status_t status = cairo_status(cairo);
    cairo_destroy(cairo);
    cairo_surface_finish(surface);
    if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface);
    cairo_surface_destroy(surface);
    if (renderer->drawn.failed)
        return error_set(error, buffer_failure(&renderer->drawn),
                         "a document is too large to be printed");
    if (status == CAIRO_STATUS_SUCCESS) return 0;
    return error_set(error,
                     status == CAIRO_STATUS_NO_MEMORY ? ERROR_NO_MEMORY : ERROR_INTERNAL,
                     "a document cannot be printed: %s", cairo_status_to_string(status));
}

static int set_print(struct renderer *renderer, const struct print *print, const struct set *set,
                     struct error *error, struct buffer *ret_pdf) {
    int pages = 0;
    flow(&renderer->typesetter, print, set, NULL, 0, &renderer->scopes, &pages);
    if (pages > PRINT_PAGES_MAX)
        return error_set(error, ERROR_TOO_LARGE, "a document of more than %d pages",
                         PRINT_PAGES_MAX);
    int status = draw(renderer, print, set, pages, error);
    if (status) return status;
    struct finish finish = {.pdf = renderer->drawn.data,
                            .length = renderer->drawn.length,
                            .language = print->head.language,
                            .scopes = renderer->scopes.data,
                            .scope_count = renderer->scopes.length,
                            .picture = print->head.sender.name};
    return finish_write(&finish, error, ret_pdf);
}

int renderer_print(struct renderer *renderer, const struct print *print, struct error *error,
                   struct buffer *ret_pdf) {
    struct set set;
    if (print->failed) return error_set(error, ERROR_TOO_LARGE, "a document of too many words");
    buffer_clear(&renderer->drawn);
    buffer_clear(&renderer->scopes);
    typesetter_begin(&renderer->typesetter, print->head.language);
    int status = typeset(&renderer->typesetter, print, error, &set);
    if (!status) status = set_print(renderer, print, &set, error, ret_pdf);
    set_done(&set);
    return status;
}
