/* Decodes, scales and draws logos by Cairo, after logo_check.c has had its say. */
#include "logo.h"

#include <string.h>

#include "picture.h"

struct source {
    const unsigned char *at, *end;
};

static cairo_status_t source_read(void *closure, unsigned char *ret_bytes, unsigned length) {
    struct source *source = closure;
    if ((size_t)(source->end - source->at) < length) return CAIRO_STATUS_READ_ERROR;
    memcpy(ret_bytes, source->at, length);
    source->at += length;
    return CAIRO_STATUS_SUCCESS;
}

cairo_surface_t *picture_read(const void *png, size_t length) {
    struct source source = {png, (const unsigned char *)png + length};
    return cairo_image_surface_create_from_png_stream(source_read, &source);
}

cairo_status_t picture_write(void *closure, const unsigned char *bytes, unsigned length) {
    struct buffer *buffer = closure;
    buffer_append(buffer, bytes, length);
    return buffer->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static int png_write(cairo_surface_t *surface, struct error *error, struct buffer *ret_png) {
    cairo_status_t status = cairo_surface_write_to_png_stream(surface, picture_write, ret_png);
    if (status == CAIRO_STATUS_SUCCESS) return 0;
    return error_set(error, ERROR_NO_MEMORY, "a logo cannot be kept: %s",
                     cairo_status_to_string(status));
}

static int scaled_write(cairo_surface_t *picture, struct error *error, struct buffer *ret_png) {
    int width = cairo_image_surface_get_width(picture);
    int height = cairo_image_surface_get_height(picture);
    double by = 1;
    if (width > LOGO_WIDTH_PIXELS) by = (double)LOGO_WIDTH_PIXELS / width;
    if (height * by > LOGO_HEIGHT_PIXELS) by = (double)LOGO_HEIGHT_PIXELS / height;
    if (by >= 1) return png_write(picture, error, ret_png);
    int to_width = (int)(width * by + 0.5), to_height = (int)(height * by + 0.5);
    if (to_width < 1) to_width = 1;
    if (to_height < 1) to_height = 1;
    cairo_surface_t *scaled =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, to_width, to_height);
    cairo_t *cairo = cairo_create(scaled);
    cairo_scale(cairo, (double)to_width / width, (double)to_height / height);
    cairo_set_source_surface(cairo, picture, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_BEST);
    cairo_paint(cairo);
    cairo_destroy(cairo);
    int status = png_write(scaled, error, ret_png);
    cairo_surface_destroy(scaled);
    return status;
}

int logo_make(const void *bytes, size_t length, struct error *error, enum logo_fault *ret_fault,
              struct buffer *ret_png) {
    struct buffer clean;
    buffer_init(&clean, LOGO_BYTES_MAX);
    enum logo_fault fault = logo_check(bytes, length, &clean);
    int status = 0;
    if (!fault && clean.failed)
        status = error_set(error, buffer_failure(&clean), "no memory for a logo");
    if (!fault && !status) {
        cairo_surface_t *picture = picture_read(clean.data, clean.length);
        cairo_status_t told = cairo_surface_status(picture);
        if (told == CAIRO_STATUS_NO_MEMORY)
            status = error_set(error, ERROR_NO_MEMORY, "no memory for a logo");
        else if (told != CAIRO_STATUS_SUCCESS)
            fault = LOGO_DAMAGED;
        else
            status = scaled_write(picture, error, ret_png);
        cairo_surface_destroy(picture);
    }
    buffer_done(&clean);
    if (!fault) return status;
    *ret_fault = fault;
    return ERROR_INVALID;
}

static void colour_use(cairo_t *cairo, uint32_t colour) {
    cairo_set_source_rgb(cairo, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
                         (colour & 0xff) / 255.0);
}

int logo_draw(uint32_t colour, uint32_t accent, struct error *error, struct buffer *ret_png) {
    enum { SIDE = 160 };
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, SIDE, SIDE);
    cairo_t *cairo = cairo_create(surface);
    colour_use(cairo, colour);
    cairo_arc(cairo, 58, 80, 46, 0.9, 5.383);
    cairo_set_line_width(cairo, 22);
    cairo_stroke(cairo);
    colour_use(cairo, accent);
    cairo_arc(cairo, 102, 80, 46, 4.0, 8.525);
    cairo_stroke(cairo);
    cairo_destroy(cairo);
    int status = png_write(surface, error, ret_png);
    cairo_surface_destroy(surface);
    return status;
}
