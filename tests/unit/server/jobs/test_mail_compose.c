/* Messages as they go over the wire: headers of any text, lines that no server breaks, bodies that
 * read back as they were. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base64.h"
#include "jobs/mail_compose.h"

static char memory[MAIL_COMPOSE_SCRATCH_BYTES];

static struct buffer compose(const char *json, struct mail_due *due) {
    struct scratch scratch;
    struct buffer wire;
    struct error error = {0};
    char to[MAIL_ADDRESS_MAX];
    due->json = (char *)json;
    memcpy(due->id, "mai_00000000000000000000000004", 31);
    scratch_init(&scratch, memory, sizeof memory);
    buffer_init(&wire, MAIL_WIRE_MAX_BYTES);
    int status = mail_compose(due, "koppel@x.example", "x.example", INT64_C(1795474800000000),
                              &scratch, &error, &wire, to);
    if (status) fail_msg("%s", error.text);
    assert_string_equal(to, "a@b.example");
    for (const char *at = wire.data; *at;) { /* lines end as they must, and are short */
        size_t length = strcspn(at, "\r\n");
        assert_true(length <= 200);
        for (size_t i = 0; i < length; i++) assert_true((unsigned char)at[i] < 0x80);
        at += length;
        assert_memory_equal(at, "\r\n", 2);
        at += 2;
        assert_false(at[0] == '.' && at[1] == '\r');
    }
    return wire;
}

static void undo_quoted(const char *text, char *ret_text) {
    while (*text) {
        if (strncmp(text, "=\r\n", 3) == 0) {
            text += 3;
        } else if (*text == '=') {
            char hex[3] = {text[1], text[2], '\0'};
            *ret_text++ = (char)strtol(hex, NULL, 16);
            text += 3;
        } else if (*text == '\r') {
            text++;
        } else {
            *ret_text++ = *text++;
        }
    }
    *ret_text = '\0';
}

static void a_plain_message_is_plain(void **state) {
    (void)state;
    struct mail_due due = {0};
    struct buffer wire = compose("{\"to\":\"a@b.example\",\"subject\":\"Hello\",\"text\":"
                                 "\"One.\\nTwo\",\"language\":\"en\",\"reply_to\":\"c@d.example\"}",
                                 &due);
    assert_string_equal(wire.data,
                        "Date: Mon, 23 Nov 2026 23:00:00 +0000\r\n"
                        "From: Koppel <koppel@x.example>\r\nTo: <a@b.example>\r\n"
                        "Reply-To: <c@d.example>\r\nSubject: Hello\r\n"
                        "Message-ID: <mai_00000000000000000000000004@x.example>\r\n"
                        "MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"
                        "Content-Language: en\r\nContent-Type: text/plain; charset=utf-8\r\n"
                        "Content-Transfer-Encoding: quoted-printable\r\n\r\nOne.\r\nTwo\r\n");
    buffer_done(&wire);
}

/* No text of others ends a header, a line or the message, whatever it holds. */
static void any_text_stays_where_it_is(void **state) {
    (void)state;
    struct mail_due due = {0};
    struct buffer wire = compose(
        "{\"to\":\"a@b.example\",\"to_name\":\"\\\"Eve\\\" <x@y>\\r\\nBcc: evil@x\",\"subject\":"
        "\"Één lange regel die niet in één woord past, met \u20ac en \u65c5 tot het eind toe\","
        "\"reply_to\":\"c@d\\r\\nBcc: e@f\","
        "\"text\":\".\\n..\\n=20 \\n\\u20ac\\ttab \\nFrom x\"}",
        &due);
    assert_null(strstr(wire.data, "\r\nBcc:"));
    assert_null(strstr(wire.data, "Reply-To:"));
    char *body = strstr(wire.data, "\r\n\r\n") + 4, *undone = malloc(strlen(body) + 1);
    assert_non_null(undone);
    undo_quoted(body, undone);
    assert_string_equal(undone, ".\n..\n=20 \n\xe2\x82\xac\ttab \nFrom x\n");
    free(undone);
    buffer_done(&wire);
}

static void attachments_come_along(void **state) {
    (void)state;
    char bytes[5000], *encoded;
    struct buffer expected;
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)(i * 7);
    struct mail_due due = {.attachment_count = 1,
                           .attachments = {{.name = (char *)"of\"fer\r\n.pdf",
                                            .media_type = (char *)"application/pdf",
                                            .bytes = bytes, .length = sizeof bytes}}};
    struct buffer wire = compose("{\"to\":\"a@b.example\",\"subject\":\"S\",\"text\":\"T\","
                                 "\"html\":\"<p>T</p>\"}", &due);
    assert_non_null(strstr(wire.data, "filename=\"of_fer__.pdf\""));
    assert_non_null(strstr(wire.data, "multipart/mixed"));
    assert_non_null(strstr(wire.data, "multipart/alternative"));
    assert_non_null(strstr(wire.data, "<p>T</p>"));
    buffer_init(&expected, 20000);
    base64_write(bytes, sizeof bytes, &expected);
    char *at = strstr(wire.data, "base64\r\n");
    encoded = strstr(at, "\r\n\r\n") + 4;
    for (const char *each = expected.data; *each; each++) {
        encoded += strspn(encoded, "\r\n");
        assert_int_equal(*encoded++, *each);
    }
    buffer_done(&expected);
    buffer_done(&wire);
}

static void what_is_no_message_is_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"", "{}", "[]", "{\"to\":\"a@b\"}",
                                        "{\"to\":\"a@b\",\"text\":\"x\"}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct mail_due due = {.json = (char *)wrong[i]};
        struct scratch scratch;
        struct buffer wire;
        char to[MAIL_ADDRESS_MAX];
        scratch_init(&scratch, memory, sizeof memory);
        buffer_init(&wire, MAIL_WIRE_MAX_BYTES);
        assert_int_equal(mail_compose(&due, "a@b", "c", 0, &scratch, NULL, &wire, to),
                         ERROR_INTERNAL);
        buffer_done(&wire);
    }
}

static void tries_come_further_apart(void **state) {
    (void)state;
    int64_t all_us = 0, before_us = 0;
    for (int64_t tries = 1; tries < MAIL_TRIES_MAX; tries++) {
        assert_true(mail_retry_us(tries) >= before_us);
        before_us = mail_retry_us(tries);
        all_us += before_us;
    }
    assert_int_equal(mail_retry_us(1), INT64_C(60000000));
    assert_true(all_us > INT64_C(24) * 3600 * 1000000 && all_us < INT64_C(72) * 3600 * 1000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_message_is_plain),
        cmocka_unit_test(any_text_stays_where_it_is),
        cmocka_unit_test(attachments_come_along),
        cmocka_unit_test(what_is_no_message_is_refused),
        cmocka_unit_test(tries_come_further_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
