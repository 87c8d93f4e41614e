/* Logos: what is taken, what is refused before anything decodes it, and what is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zlib.h>

#include "print/logo.h"

enum { PNG_MAX = 2 * LOGO_BYTES_MAX };

static struct error error;

static void put_32(unsigned char *at, uint32_t number) {
    at[0] = (unsigned char)(number >> 24);
    at[1] = (unsigned char)(number >> 16);
    at[2] = (unsigned char)(number >> 8);
    at[3] = (unsigned char)number;
}

static void chunk_add(struct buffer *png, const char *name, const void *data, size_t length) {
    unsigned char *chunk = malloc(length + 12);
    assert_non_null(chunk);
    put_32(chunk, (uint32_t)length);
    memcpy(chunk + 4, name, 4);
    if (length) memcpy(chunk + 8, data, length);
    put_32(chunk + 8 + length, (uint32_t)crc32(0, chunk + 4, (uInt)length + 4));
    buffer_append(png, chunk, length + 12);
    free(chunk);
}

static void head_add(struct buffer *png, uint32_t width, uint32_t height, int depth, int kind) {
    unsigned char header[13] = {0};
    put_32(header, width);
    put_32(header + 4, height);
    header[8] = (unsigned char)depth;
    header[9] = (unsigned char)kind;
    buffer_init(png, PNG_MAX);
    buffer_append(png, "\x89PNG\r\n\x1a\n", 8);
    chunk_add(png, "IHDR", header, sizeof header);
}

/* The rows of a grey picture, packed. */
static void rows_add(struct buffer *png, uint32_t width, uint32_t height) {
    uLongf size = compressBound((width + 1) * height);
    unsigned char *rows = calloc(width + 1, height), *packed = malloc(size);
    assert_true(rows && packed);
    assert_int_equal(compress(packed, &size, rows, (width + 1) * height), Z_OK);
    chunk_add(png, "IDAT", packed, size);
    free(rows);
    free(packed);
}

static void grey_make(struct buffer *png, uint32_t width, uint32_t height) {
    head_add(png, width, height, 8, 0);
    rows_add(png, width, height);
    chunk_add(png, "IEND", NULL, 0);
}

static enum logo_fault fault_of(struct buffer *png) {
    struct buffer kept;
    enum logo_fault fault = LOGO_SOUND;
    buffer_init(&kept, LOGO_KEPT_BYTES_MAX);
    int status = logo_make(png->data, png->length, &error, &fault, &kept);
    assert_int_equal(status, fault ? ERROR_INVALID : 0);
    buffer_done(&kept);
    buffer_done(png);
    return fault;
}

static void width_height(const struct buffer *png, uint32_t *ret_width, uint32_t *ret_height) {
    const unsigned char *at = (const unsigned char *)png->data + 16;
    *ret_width = (uint32_t)at[2] << 8 | at[3];
    *ret_height = (uint32_t)at[6] << 8 | at[7];
}

static void kept_at_the_size_of_printing(void **state) {
    (void)state;
    static const struct {
        uint32_t width, height, kept_width, kept_height;
    } cases[] = {{10, 5, 10, 5},       {720, 240, 720, 240}, {1440, 240, 720, 120},
                 {500, 2000, 60, 240}, {2000, 1, 720, 1},    {1, 1, 1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer png, kept;
        enum logo_fault fault = LOGO_SOUND;
        uint32_t width, height;
        grey_make(&png, cases[i].width, cases[i].height);
        buffer_init(&kept, LOGO_KEPT_BYTES_MAX);
        assert_int_equal(logo_make(png.data, png.length, &error, &fault, &kept), 0);
        width_height(&kept, &width, &height);
        assert_int_equal(width, cases[i].kept_width);
        assert_int_equal(height, cases[i].kept_height);
        buffer_done(&png);
        buffer_done(&kept);
    }
}

static void too_many_pixels(void **state) {
    (void)state;
    struct buffer png;
    head_add(&png, LOGO_SIDE_MAX_PIXELS + 1, 1, 8, 0);
    assert_int_equal(fault_of(&png), LOGO_TOO_MANY_PIXELS);
    head_add(&png, 2000, 1001, 8, 0);
    assert_int_equal(fault_of(&png), LOGO_TOO_MANY_PIXELS);
    head_add(&png, 0xffffffff, 0xffffffff, 8, 0);
    assert_int_equal(fault_of(&png), LOGO_TOO_MANY_PIXELS);
}

static void heads_that_cannot_be(void **state) {
    (void)state;
    static const int wrong[][2] = {{3, 0}, {16, 3}, {4, 2}, {8, 1},
                                   {8, 5}, {8, 7},  {0, 0}, {32, 6}};
    struct buffer png;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        head_add(&png, 4, 4, wrong[i][0], wrong[i][1]);
        assert_int_equal(fault_of(&png), LOGO_DAMAGED);
    }
    head_add(&png, 0, 4, 8, 0);
    assert_int_equal(fault_of(&png), LOGO_DAMAGED);
}

static void other_formats(void **state) {
    (void)state;
    static const char *const texts[] = {"", "GIF89a", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
                                        "\xff\xd8\xff\xe0", "\x89PNG\r\n\x1a"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct buffer png;
        buffer_init(&png, PNG_MAX);
        buffer_text(&png, texts[i]);
        assert_int_equal(fault_of(&png), LOGO_NOT_PNG);
    }
}

static void cut_anywhere(void **state) {
    (void)state;
    struct buffer whole, kept;
    grey_make(&whole, 30, 20);
    for (size_t length = 8; length < whole.length; length++) {
        enum logo_fault fault = LOGO_SOUND;
        buffer_init(&kept, LOGO_KEPT_BYTES_MAX);
        assert_int_equal(logo_make(whole.data, length, &error, &fault, &kept), ERROR_INVALID);
        assert_int_equal(fault, LOGO_DAMAGED);
        buffer_done(&kept);
    }
    buffer_done(&whole);
}

static void changed_anywhere(void **state) {
    (void)state;
    struct buffer whole, kept;
    grey_make(&whole, 30, 20);
    for (size_t at = 8; at < whole.length; at++) {
        enum logo_fault fault = LOGO_SOUND;
        buffer_init(&kept, LOGO_KEPT_BYTES_MAX);
        whole.data[at] ^= 0x55;
        assert_int_equal(logo_make(whole.data, whole.length, &error, &fault, &kept),
                         ERROR_INVALID);
        assert_true(fault != LOGO_SOUND);
        whole.data[at] ^= 0x55;
        buffer_done(&kept);
    }
    buffer_done(&whole);
}

static void what_stands_behind(void **state) {
    (void)state;
    struct buffer png;
    grey_make(&png, 4, 4);
    buffer_text(&png, "<script>");
    assert_int_equal(fault_of(&png), LOGO_DAMAGED);
    grey_make(&png, 4, 4);
    while (png.length <= LOGO_BYTES_MAX) buffer_text(&png, "0123456789abcdef0123456789abcdef");
    assert_int_equal(fault_of(&png), LOGO_TOO_LARGE);
}

/* A text of megabytes packed into a few bytes stays packed, and is not kept. */
static void companions_are_passed_over(void **state) {
    (void)state;
    struct buffer png, kept;
    enum logo_fault fault = LOGO_SOUND;
    head_add(&png, 4, 4, 8, 0);
    chunk_add(&png, "zTXt", "Comment\0\0not packed at all", 26);
    chunk_add(&png, "iCCP", "profile\0\0neither", 16);
    rows_add(&png, 4, 4);
    chunk_add(&png, "tEXt", "Author\0somebody", 15);
    chunk_add(&png, "IEND", NULL, 0);
    buffer_init(&kept, LOGO_KEPT_BYTES_MAX);
    assert_int_equal(logo_make(png.data, png.length, &error, &fault, &kept), 0);
    assert_null(memmem(kept.data, kept.length, "somebody", 8));
    buffer_done(&png);
    buffer_done(&kept);
}

static void moving_and_unknown(void **state) {
    (void)state;
    struct buffer png;
    head_add(&png, 4, 4, 8, 0);
    chunk_add(&png, "acTL", "\0\0\0\2\0\0\0\0", 8);
    assert_int_equal(fault_of(&png), LOGO_ANIMATED);
    head_add(&png, 4, 4, 8, 0);
    chunk_add(&png, "ABCD", NULL, 0);
    assert_int_equal(fault_of(&png), LOGO_DAMAGED);
    head_add(&png, 4, 4, 8, 3);
    rows_add(&png, 4, 4);
    chunk_add(&png, "IEND", NULL, 0);
    assert_int_equal(fault_of(&png), LOGO_DAMAGED); /* no palette */
    head_add(&png, 4, 4, 8, 0);
    for (int i = 0; i < LOGO_CHUNKS_MAX; i++) chunk_add(&png, "tEXt", NULL, 0);
    assert_int_equal(fault_of(&png), LOGO_DAMAGED);
}

static void drawn_is_sound(void **state) {
    (void)state;
    struct buffer png;
    buffer_init(&png, LOGO_KEPT_BYTES_MAX);
    assert_int_equal(logo_draw(0x123456, 0xabcdef, &error, &png), 0);
    assert_int_equal(fault_of(&png), LOGO_SOUND);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(kept_at_the_size_of_printing),
                                       cmocka_unit_test(too_many_pixels),
                                       cmocka_unit_test(heads_that_cannot_be),
                                       cmocka_unit_test(other_formats),
                                       cmocka_unit_test(cut_anywhere),
                                       cmocka_unit_test(changed_anywhere),
                                       cmocka_unit_test(what_stands_behind),
                                       cmocka_unit_test(companions_are_passed_over),
                                       cmocka_unit_test(moving_and_unknown),
                                       cmocka_unit_test(drawn_is_sound)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
