/* Opens the font files. Between them they have the letters of every European script: Latin with all
 * diacritics, Greek, Cyrillic, Armenian, Georgian. */
#include "fonts.h"

#include <stddef.h>

#define FOLDER "/usr/share/fonts/truetype/noto/"

static const char *const files[] = {FOLDER "NotoSans-Regular.ttf",
                                    FOLDER "NotoSans-Bold.ttf",
                                    FOLDER "NotoSansArmenian-Regular.ttf",
                                    FOLDER "NotoSansArmenian-Bold.ttf",
                                    FOLDER "NotoSansGeorgian-Regular.ttf",
                                    FOLDER "NotoSansGeorgian-Bold.ttf"};

static bool coverage_read(struct fonts *fonts) {
    FcFontSet *set = FcConfigGetFonts(fonts->config, FcSetApplication);
    fonts->regular = FcCharSetCreate();
    fonts->bold = FcCharSetCreate();
    if (!set || !fonts->regular || !fonts->bold) return false;
    for (int i = 0; i < set->nfont; i++) {
        FcCharSet *characters;
        int weight;
        if (FcPatternGetCharSet(set->fonts[i], FC_CHARSET, 0, &characters) != FcResultMatch ||
            FcPatternGetInteger(set->fonts[i], FC_WEIGHT, 0, &weight) != FcResultMatch)
            return false;
        FcCharSet *to = weight >= FC_WEIGHT_BOLD ? fonts->bold : fonts->regular;
        if (!FcCharSetMerge(to, characters, NULL)) return false;
    }
    return true;
}

int fonts_open(struct error *error, struct fonts *ret_fonts) {
    struct fonts fonts = {.config = FcConfigCreate()};
    if (!fonts.config) return error_set(error, ERROR_NO_MEMORY, "no memory for fonts");
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        if (FcConfigAppFontAddFile(fonts.config, (const FcChar8 *)files[i])) continue;
        fonts_close(&fonts);
        return error_set(error, ERROR_INTERNAL,
                         "%s cannot be read: install the package fonts-noto-core, in which "
                         "documents are printed",
                         files[i]);
    }
    if (!coverage_read(&fonts)) {
        fonts_close(&fonts);
        return error_set(error, ERROR_NO_MEMORY, "no memory for fonts");
    }
    *ret_fonts = fonts;
    return 0;
}

void fonts_close(struct fonts *fonts) {
    if (fonts->regular) FcCharSetDestroy(fonts->regular);
    if (fonts->bold) FcCharSetDestroy(fonts->bold);
    if (fonts->config) FcConfigDestroy(fonts->config);
    *fonts = (struct fonts){.config = NULL};
}

bool fonts_have(const struct fonts *fonts, uint32_t code_point) {
    return FcCharSetHasChar(fonts->regular, code_point) &&
           FcCharSetHasChar(fonts->bold, code_point);
}
