/* Reads the address, has the domain find the text, and puts it into a page. A version's documents
 * are as unchanging as the version: whoever has one need not ask again. */
#include "documents.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "base/log.h"
#include "document_html.h"
#include "domain/calendar_day.h"
#include "domain/document.h"
#include "problem.h"
#include "reply.h"

enum { CONTENTS_SECTIONS_MIN = 5, PAGE_PART_MAX_BYTES = 8 * 1024 * 1024, NUMBER_DIGITS_MAX = 9 };

/* ---- the address ---------------------------------------------------------------------------- */
struct address {
    char product[PRODUCT_CODE_MAX], code[PRODUCT_CODE_MAX];
    struct document_request request;
};

/* Copies the part before a separator, or all when it is 0; NULL when it is empty, too long, or of
 * characters that no code has. */
static const char *part_read(const char *at, char separator, char ret_part[PRODUCT_CODE_MAX]) {
    size_t length = strspn(at, "abcdefghijklmnopqrstuvwxyz0123456789_-");
    if (!length || length >= PRODUCT_CODE_MAX || at[length] != separator) return NULL;
    memcpy(ret_part, at, length);
    ret_part[length] = '\0';
    return at + length + (separator != '\0');
}

/* A number as it is written: without sign and leading zero, so that each page has one address. */
static const char *number_read(const char *at, int *ret_number) {
    size_t length = strspn(at, "0123456789");
    int number = 0;
    if (!length || length > NUMBER_DIGITS_MAX || *at == '0' || at[length] != '/') return NULL;
    for (size_t i = 0; i < length; i++) number = number * 10 + (at[i] - '0');
    *ret_number = number;
    return at + length + 1;
}

static bool address_read(const char *path, enum language language, struct address *address) {
    const char *at = part_read(path, '/', address->product);
    at = at ? number_read(at, &address->request.number) : NULL;
    if (!at) return false;
    address->request.product = address->product;
    address->request.code = address->code;
    address->request.language = language;
    if (part_read(at, '\0', address->code)) return true;
    at = part_read(at, '.', address->code);
    if (!at || (strcmp(at, "nl") != 0 && strcmp(at, "en") != 0)) return false;
    address->request.language = *at == 'n' ? LANGUAGE_NL : LANGUAGE_EN;
    address->request.exactly = true;
    return true;
}

/* ---- the page ------------------------------------------------------------------------------- */
static const char *const codes[LANGUAGE_COUNT] = {"nl", "en"};
static const char *const names[LANGUAGE_COUNT] = {"Nederlands", "English"};

static void date_write(struct buffer *page, const char *date, enum language language) {
    static const char *const months[LANGUAGE_COUNT][12] = {
        {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september",
         "oktober", "november", "december"},
        {"January", "February", "March", "April", "May", "June", "July", "August", "September",
         "October", "November", "December"}};
    struct value_date day;
    buffer_format(page, "<time datetime=\"%s\">", date);
    if (day_read(date, &day))
        buffer_format(page, "%d %s %d", (int)day.day, months[language][day.month - 1],
                      (int)day.year);
    else
        buffer_text(page, date);
    buffer_text(page, "</time>");
}

static void languages_write(struct buffer *page, const struct document *document) {
    if (!document_has(document->about, LANGUAGE_EN)) return;
    buffer_format(page, "<nav class=\"languages\" aria-label=\"%s\">\n",
                  document->language == LANGUAGE_EN ? "Language" : "Taal");
    for (int language = 0; language < LANGUAGE_COUNT; language++)
        if (language == (int)document->language)
            buffer_format(page, "<span aria-current=\"page\">%s</span>\n", names[language]);
        else
            buffer_format(page, "<a href=\"%s.%s\" lang=\"%s\" hreflang=\"%s\">%s</a>\n",
                          document->about->code, codes[language], codes[language],
                          codes[language], names[language]);
    buffer_text(page, "</nav>\n");
}

static void head_write(struct buffer *page, const char *public_url,
                       const struct document *document) {
    enum language language = document->language;
    const char *title = text_in(&document->about->title, language);
    const struct product_info *info = product_info(document->version->product);
    char address[DOCUMENT_ADDRESS_MAX];
    document_address(public_url, document->version, document->about, language, address,
                     sizeof address);
    buffer_format(page, "<!doctype html>\n<html lang=\"%s\">\n<head>\n", codes[language]);
    buffer_text(page,
                "<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    html_text(page, title);
    buffer_text(page, "</title>\n<link rel=\"canonical\" href=\"");
    html_text(page, address);
    buffer_text(page, "\">\n<link rel=\"stylesheet\" href=\"/document.css\">\n"
                      "<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\n"
                      "</head>\n<body>\n<header>\n");
    languages_write(page, document);
    buffer_text(page, "<p class=\"product\">");
    html_text(page, text_in(&info->title, language));
    buffer_text(page, "</p>\n<h1>");
    html_text(page, title);
    buffer_format(page, "</h1>\n<p class=\"version\">%s %d, %s ",
                  language == LANGUAGE_EN ? "Version" : "Versie", document->version->number,
                  language == LANGUAGE_EN ? "for cover that starts on or after"
                                          : "voor verzekeringen die ingaan vanaf");
    date_write(page, document->version->effective_from, language);
    buffer_text(page, "</p>\n</header>\n");
}

static void foot_write(struct buffer *page, const struct document *document) {
    bool english = document->language == LANGUAGE_EN;
    buffer_text(page, english ? "<footer>\n<p>This text belongs to version "
                              : "<footer>\n<p>Deze tekst hoort bij versie ");
    buffer_format(page, "%d ", document->version->number);
    buffer_text(page, english ? "of the product and does not change. Your quote names the same "
                                "version and the same mark:"
                              : "van het product en verandert niet. Op uw offerte staan dezelfde "
                                "versie en hetzelfde kenmerk:");
    buffer_format(page, "</p>\n<p><code>%s</code></p>\n</footer>\n</body>\n</html>\n",
                  document->version->hash);
}

/* False when it is too large or there is no memory. */
static bool page_write(struct buffer *page, const char *public_url,
                       const struct document *document) {
    bool english = document->language == LANGUAGE_EN;
    struct buffer contents, body;
    buffer_init(&contents, PAGE_PART_MAX_BYTES);
    buffer_init(&body, PAGE_PART_MAX_BYTES);
    int sections = document_html(document->text, document->length, &contents, &body);
    buffer_clear(page);
    head_write(page, public_url, document);
    if (sections >= CONTENTS_SECTIONS_MIN) {
        buffer_format(page, "<nav class=\"contents\" aria-labelledby=\"contents\">\n"
                            "<h2 id=\"contents\">%s</h2>\n<ul>\n",
                      english ? "Contents" : "Inhoud");
        buffer_append(page, contents.data, contents.length);
        buffer_text(page, "</ul>\n</nav>\n");
    }
    buffer_text(page, "<main>\n");
    if (body.length) buffer_append(page, body.data, body.length);
    buffer_text(page, "</main>\n");
    foot_write(page, document);
    buffer_done(&contents);
    buffer_done(&body);
    return sections >= 0 && !page->failed;
}

/* ---- the answer ----------------------------------------------------------------------------- */
static void page_send(struct exchange *exchange, const struct document *document, bool exactly) {
    struct buffer *page = &exchange->space->answer_text;
    char tag[SHA256_HEX_MAX];
    if (!page_write(page, exchange->edge->public_url, document)) {
        problem_say(exchange, 503, "busy",
                    "De dienst heeft het nu te druk. Probeer het zo opnieuw.",
                    "The service is too busy now. Try again shortly.");
        return;
    }
    hash_sha256_hex(page->data, page->length, tag);
    tag[32] = '\0';
    exchange->page = true;
    exchange->cache_control =
        exactly ? "public, max-age=31536000, immutable" : "public, max-age=3600";
    if (!exactly) reply_header(exchange, "Vary", "Accept-Language");
    reply_language(exchange, document->language);
    reply_send_tagged(exchange, tag, "text/html; charset=utf-8", page->data, page->length);
}

void document_answer(struct exchange *exchange, const char *path) {
    struct address address = {0};
    struct document document;
    struct error error = {0};
    int status = ERROR_NOT_FOUND;
    if (address_read(path, exchange->language, &address))
        status = document_open(exchange->edge->service, &address.request, &error, &document);
    if (!status) {
        page_send(exchange, &document, address.request.exactly);
        document_close(exchange->edge->service, &document);
    } else if (status == ERROR_NOT_FOUND) {
        problem_say(exchange, 404, "not_found",
                    "Dit document bestaat niet: neem het adres zoals het in de offerte staat.",
                    "There is no such document: use the address as it stands in the quote.");
    } else {
        if (status != ERROR_INVALID) /* the catalogue has logged a version that does not compile */
            log_event(LOG_ERROR, "document_unreadable", "path", path, "error", error.text, NULL);
        problem_say(exchange, status == ERROR_INVALID ? 500 : 503, "document_unreadable",
                    "Dit document kan nu niet gelezen worden. Probeer het later nog eens.",
                    "This document cannot be read now. Try again later.");
    }
}
