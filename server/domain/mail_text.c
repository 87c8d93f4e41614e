/* The texts, and the frame around them. */
#include "domain/mail_text.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_MAX_BYTES = 64 * 1024 };

void mail_text_done(struct mail_text *text) {
    if (text->text.data) explicit_bzero(text->text.data, text->text.length);
    if (text->html.data) explicit_bzero(text->html.data, text->html.length);
    buffer_done(&text->text);
    buffer_done(&text->html);
}

static void escaped(struct buffer *html, const char *text) {
    for (; *text; text++) {
        switch (*text) {
        case '&': buffer_text(html, "&amp;"); break;
        case '<': buffer_text(html, "&lt;"); break;
        case '>': buffer_text(html, "&gt;"); break;
        case '"': buffer_text(html, "&quot;"); break;
        default: buffer_char(html, *text); break;
        }
    }
}

static void paragraph(struct mail_text *text, const char *line) {
    buffer_format(&text->text, "%s\n\n", line);
    buffer_text(&text->html, "<p>");
    escaped(&text->html, line);
    buffer_text(&text->html, "</p>\n");
}

static void button(struct mail_text *text, const struct mail_text_parts *parts) {
    buffer_format(&text->text, "%s:\n%s\n\n", parts->button, parts->address);
    buffer_text(&text->html, "<p><a href=\"");
    escaped(&text->html, parts->address);
    buffer_text(&text->html, "\" style=\"display:inline-block;padding:12px 20px;"
                             "background:#1f4e79;color:#ffffff;text-decoration:none;"
                             "border-radius:4px\">");
    escaped(&text->html, parts->button);
    buffer_text(&text->html, "</a></p>\n");
}

void mail_text_make(const struct mail_text_parts *parts, struct mail_text *ret_text) {
    bool english = parts->language == LANGUAGE_EN;
    char line[MAIL_TEXT_LINE_MAX];
    buffer_init(&ret_text->text, TEXT_MAX_BYTES);
    buffer_init(&ret_text->html, TEXT_MAX_BYTES);
    snprintf(ret_text->subject, sizeof ret_text->subject, "%s", parts->subject);
    buffer_format(&ret_text->html, "<!doctype html>\n<html lang=\"%s\"><head><meta charset="
                                   "\"utf-8\"><title>", english ? "en" : "nl");
    escaped(&ret_text->html, parts->subject);
    buffer_text(&ret_text->html, "</title></head>\n<body style=\"font-family:Arial,sans-serif;"
                                 "font-size:16px;line-height:1.5;color:#1a1a1a\">\n");
    if (parts->name) snprintf(line, sizeof line, "%s %.300s,", english ? "Dear" : "Beste",
                              parts->name);
    else snprintf(line, sizeof line, "%s,", english ? "Dear reader" : "Beste lezer");
    paragraph(ret_text, line);
    for (int i = 0; parts->paragraphs[i]; i++) {
        paragraph(ret_text, parts->paragraphs[i]);
        if (i == 0 && parts->button) button(ret_text, parts);
    }
    buffer_text(&ret_text->html, "</body></html>\n");
}

void mail_text_invitation(enum language language, const char *name, const char *firm,
                          const char *address, int days, struct mail_text *ret_text) {
    bool english = language == LANGUAGE_EN;
    char first[MAIL_TEXT_LINE_MAX], second[MAIL_TEXT_LINE_MAX];
    if (english) {
        snprintf(first, sizeof first, "You have been invited to work in the extranet%s%.250s. "
                 "Choose a password there and set up an authenticator app.",
                 *firm ? " for " : "", firm);
        snprintf(second, sizeof second, "The invitation holds for %d days. After that, ask for a "
                 "new one.", days);
    } else {
        snprintf(first, sizeof first, "U bent uitgenodigd om in het extranet te werken%s%.250s. "
                 "Kies daar een wachtwoord en stel een authenticator-app in.",
                 *firm ? " voor " : "", firm);
        snprintf(second, sizeof second, "De uitnodiging is %d dagen geldig. Vraag daarna om een "
                 "nieuwe.", days);
    }
    const struct mail_text_parts parts = {
        .language = language,
        .subject = english ? "Your invitation to the extranet"
                           : "Uw uitnodiging voor het extranet",
        .name = name,
        .paragraphs = {first, second,
                       english ? "Did you not expect this? Then do nothing: without you nothing "
                                 "happens."
                               : "Verwachtte u dit niet? Dan hoeft u niets te doen: zonder u "
                                 "gebeurt er niets."},
        .button = english ? "Accept the invitation" : "Uitnodiging aannemen",
        .address = address};
    mail_text_make(&parts, ret_text);
}

void mail_text_reset(enum language language, const char *name, const char *address, int minutes,
                     struct mail_text *ret_text) {
    bool english = language == LANGUAGE_EN;
    char second[MAIL_TEXT_LINE_MAX];
    snprintf(second, sizeof second,
             english ? "This address works once, for %d minutes. You will also need your "
                       "authenticator app or a recovery code."
                     : "Dit adres werkt één keer, %d minuten lang. U heeft ook uw "
                       "authenticator-app of een herstelcode nodig.",
             minutes);
    const struct mail_text_parts parts = {
        .language = language,
        .subject = english ? "Choose a new password" : "Kies een nieuw wachtwoord",
        .name = name,
        .paragraphs = {english ? "You asked to choose a new password."
                               : "U vroeg om een nieuw wachtwoord te kiezen.",
                       second,
                       english ? "Was it not you? Then do nothing: your password stays as it is."
                               : "Was u dit niet? Dan hoeft u niets te doen: uw wachtwoord blijft "
                                 "zoals het is."},
        .button = english ? "Choose a new password" : "Nieuw wachtwoord kiezen",
        .address = address};
    mail_text_make(&parts, ret_text);
}

void mail_text_changed(enum language language, const char *name, const char *what,
                       struct mail_text *ret_text) {
    bool english = language == LANGUAGE_EN, password = strcmp(what, "password") == 0;
    const struct mail_text_parts parts = {
        .language = language,
        .subject = password ? (english ? "Your password was changed"
                                       : "Uw wachtwoord is gewijzigd")
                   : english ? "Your second factor was changed"
                             : "Uw tweede stap is gewijzigd",
        .name = name,
        .paragraphs = {password ? (english ? "The password of your account was just changed. You "
                                             "were logged out everywhere else."
                                           : "Het wachtwoord van uw account is zojuist "
                                             "gewijzigd. U bent op alle andere apparaten "
                                             "uitgelogd.")
                       : english ? "The second factor of your account was just changed. You were "
                                   "logged out everywhere else."
                                 : "De tweede stap van uw account is zojuist gewijzigd. U bent op "
                                   "alle andere apparaten uitgelogd.",
                       english ? "Was it not you? Then tell your administrator at once."
                               : "Was u dit niet? Waarschuw dan meteen uw beheerder."}};
    mail_text_make(&parts, ret_text);
}
