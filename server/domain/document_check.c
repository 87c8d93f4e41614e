/* Are a product's documents there, and fit to be shown? Text is checked byte by byte first, since
 * a parser of Markdown accepts anything; then by what it parsed. */
#include <cmark.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "domain/document.h"

enum { DOCUMENT_HEADING_FIRST = 2, DOCUMENT_LINK_SHOWN_MAX = 80 };

static const struct source *file_find(const struct product_files *files, const char *name) {
    for (int i = 0; i < files->count; i++)
        if (strcmp(files->items[i].name, name) == 0) return &files->items[i];
    return NULL;
}

/* ---- the text ------------------------------------------------------------------------------- */
static bool text_is_plain(const struct source *file, struct problems *problems) {
    int line = 1;
    bool blank = true;
    if (file->length > DOCUMENT_TEXT_MAX_BYTES) {
        problems_add(problems, false, file->name, 0, 0, "",
                     "the text is over %d KiB: shorten it, or make two documents of it",
                     DOCUMENT_TEXT_MAX_BYTES / 1024);
        return false;
    }
    for (size_t at = 0, step; at < file->length; at += step) {
        uint32_t character = 0;
        step = utf8_read(file->text + at, file->length - at, &character);
        if (!step) {
            problems_add(problems, false, file->name, line, 0, "",
                         "this is no UTF-8: save the file in that encoding");
            return false;
        }
        if (character == '\n') line++;
        if ((character < ' ' && !strchr("\t\n\r", (int)character)) || !character ||
            character == 0x7F) {
            problems_add(problems, false, file->name, line, 0, "",
                         "a control character (%d) stands here: remove it", (int)character);
            return false;
        }
        if (character > ' ' && character != 0xFEFF) blank = false;
    }
    if (blank) problems_add(problems, false, file->name, 1, 0, "", "the document is empty");
    return !blank;
}

/* ---- what it says --------------------------------------------------------------------------- */
static bool link_leads_somewhere(const char *address) {
    static const char *const beginnings[] = {"https://", "mailto:", "tel:"};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (strncmp(address, beginnings[i], strlen(beginnings[i])) == 0) return true;
    return false;
}

static void heading_check(const struct source *file, int line, int level, int *above,
                          struct problems *problems) {
    if (level < DOCUMENT_HEADING_FIRST)
        problems_add(problems, false, file->name, line, 0, "",
                     "the title stands in product.xml: begin the headings with ##");
    else if (level > *above + 1)
        problems_add(problems, false, file->name, line, 0, "",
                     "a heading of level %d stands below one of level %d: skip none", level,
                     *above);
    *above = level;
}

static void node_check(const struct source *file, cmark_node *node, int line, int *above,
                       struct problems *problems) {
    const char *fault = NULL;
    switch (cmark_node_get_type(node)) {
    case CMARK_NODE_HEADING:
        heading_check(file, line, cmark_node_get_heading_level(node), above, problems);
        break;
    case CMARK_NODE_HTML_BLOCK:
    case CMARK_NODE_HTML_INLINE:
        fault = "HTML is not shown in a document: write it in Markdown";
        break;
    case CMARK_NODE_IMAGE: fault = "a document has no pictures: say it in words"; break;
    case CMARK_NODE_LINK:
        if (!link_leads_somewhere(cmark_node_get_url(node)))
            problems_add(problems, false, file->name, line, 0, "",
                         "the link %.*s leads nowhere: begin it with https://, mailto: or tel:",
                         DOCUMENT_LINK_SHOWN_MAX, cmark_node_get_url(node));
        break;
    default: break;
    }
    if (fault) problems_add(problems, false, file->name, line, 0, "", "%s", fault);
}

static void text_check(const struct source *file, struct problems *problems) {
    if (!text_is_plain(file, problems)) return;
    cmark_node *root = cmark_parse_document(file->text, file->length, CMARK_OPT_DEFAULT);
    cmark_iter *walk = root ? cmark_iter_new(root) : NULL;
    int above = DOCUMENT_HEADING_FIRST - 1, line = 1;
    for (cmark_event_type event; walk && (event = cmark_iter_next(walk)) != CMARK_EVENT_DONE;) {
        cmark_node *node = cmark_iter_get_node(walk);
        if (event != CMARK_EVENT_ENTER) continue;
        if (cmark_node_get_start_line(node) > 0) line = cmark_node_get_start_line(node);
        node_check(file, node, line, &above, problems);
    }
    if (walk) cmark_iter_free(walk);
    cmark_node_free(root);
}

/* ---- files and documents -------------------------------------------------------------------- */
static void document_check(const char *file, const struct product_document *document,
                           const struct product_files *files, struct problems *problems) {
    char place[PROBLEM_PLACE_MAX], name[DOCUMENT_NAME_MAX];
    snprintf(place, sizeof place, "document %s", document->code);
    if (!document_is_own(document)) {
        const char *const addresses[] = {document->url.nl, document->url.en};
        for (size_t i = 0; i < 2; i++)
            if (addresses[i] && strncmp(addresses[i], "https://", 8) != 0)
                problems_add(problems, false, file, document->line, 0, place,
                             "%.100s is no whole address: begin it with https://, or leave url out "
                             "and put the text in " DOCUMENT_FOLDER "/",
                             addresses[i]);
        return;
    }
    for (int language = 0; language < LANGUAGE_COUNT; language++) {
        document_file_name(document->code, (enum language)language, name);
        if (document_has(document, (enum language)language) && !file_find(files, name))
            problems_add(problems, false, file, document->line, 0, place,
                         "there is no file %s: put the text there, in Markdown%s", name,
                         language == LANGUAGE_NL ? "" : ", since it has a title in English");
    }
}

static bool is_used(const struct product_info *info, const char *name) {
    char wanted[DOCUMENT_NAME_MAX];
    for (int i = 0; i < info->document_count; i++)
        for (int language = 0; language < LANGUAGE_COUNT; language++) {
            if (!document_is_own(&info->documents[i]) ||
                !document_has(&info->documents[i], (enum language)language))
                continue;
            document_file_name(info->documents[i].code, (enum language)language, wanted);
            if (strcmp(wanted, name) == 0) return true;
        }
    return false;
}

void documents_check(const struct product *product, const struct product_files *files,
                     struct problems *problems) {
    const struct product_info *info = product_info(product);
    for (int i = 0; i < info->document_count; i++)
        document_check("product.xml", &info->documents[i], files, problems);
    for (int i = 0; i < files->count; i++) {
        const struct source *file = &files->items[i];
        if (strncmp(file->name, DOCUMENT_FOLDER "/", sizeof DOCUMENT_FOLDER) != 0) continue;
        if (is_used(info, file->name))
            text_check(file, problems);
        else
            problems_add(problems, false, file->name, 1, 0, "",
                         "no document of product.xml has this text: name the file CODE.nl.md, or "
                         "CODE.en.md when its title is in English too, or remove it");
    }
}
