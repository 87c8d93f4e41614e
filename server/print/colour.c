/* Reads colours and computes their contrast with white, by the formula of relative luminance in
 * WCAG 2 (https://www.w3.org/TR/WCAG21/#dfn-relative-luminance). */
#include "colour.h"

#include <math.h>
#include <stdio.h>

static int hexadecimal(char character) {
    if (character >= '0' && character <= '9') return character - '0';
    char small = (char)(character | 0x20);
    return small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

bool colour_read(const char *text, size_t length, uint32_t *ret_colour) {
    uint32_t colour = 0;
    if (length != 7 || text[0] != '#') return false;
    for (size_t i = 1; i < length; i++) {
        int digit = hexadecimal(text[i]);
        if (digit < 0) return false;
        colour = colour << 4 | (uint32_t)digit;
    }
    *ret_colour = colour;
    return true;
}

void colour_write(uint32_t colour, char ret_text[COLOUR_TEXT_MAX]) {
    snprintf(ret_text, COLOUR_TEXT_MAX, "#%06x", (unsigned)(colour & 0xffffff));
}

static double linear(uint32_t colour, int shift) {
    double part = (double)(colour >> shift & 0xff) / 255.0;
    return part <= 0.03928 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

double colour_contrast(uint32_t colour) {
    double luminance = 0.2126 * linear(colour, 16) + 0.7152 * linear(colour, 8) +
                       0.0722 * linear(colour, 0);
    return 1.05 / (luminance + 0.05);
}

uint32_t colour_darken(uint32_t colour, double contrast) {
    enum { STEPS = 256 };
    for (uint32_t step = STEPS; step > 0; step--) {
        uint32_t red = (colour >> 16 & 0xff) * step / STEPS;
        uint32_t green = (colour >> 8 & 0xff) * step / STEPS;
        uint32_t blue = (colour & 0xff) * step / STEPS;
        uint32_t darker = red << 16 | green << 8 | blue;
        if (colour_contrast(darker) >= contrast) return darker;
    }
    return 0;
}
