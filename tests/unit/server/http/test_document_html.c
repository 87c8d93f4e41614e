/* Markdown of documents as HTML: nothing of it can become HTML of its own or a script. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/document_html.h"

static struct buffer contents, body;

static int make(const char *markdown) {
    buffer_done(&contents);
    buffer_done(&body);
    buffer_init(&contents, 1 << 20);
    buffer_init(&body, 1 << 20);
    return document_html(markdown, strlen(markdown), &contents, &body);
}

static void test_headings(void **state) {
    (void)state;
    assert_int_equal(make("Vooraf.\n\n## Een & *twee* `<3>`\n\n### Klein\n\n## Drie\n"), 2);
    assert_string_equal(body.data, "<p>Vooraf.</p>\n"
                                   "<h2 id=\"s1\">Een &amp; <em>twee</em> "
                                   "<code>&lt;3&gt;</code></h2>\n"
                                   "<h3>Klein</h3>\n<h2 id=\"s2\">Drie</h2>\n");
    assert_string_equal(contents.data, "<li><a href=\"#s1\">Een &amp; twee &lt;3&gt;</a></li>\n"
                                       "<li><a href=\"#s2\">Drie</a></li>\n");
}

static void test_signs(void **state) {
    (void)state;
    assert_int_equal(make("- ✔ **Wel** dit\n- ✘ Niet dat\n- ! Let op\n"), 0);
    assert_string_equal(body.data,
                        "<ul class=\"signs\">\n"
                        "<li><span class=\"sign\">✔ </span><strong>Wel</strong> dit</li>\n"
                        "<li><span class=\"sign\">✘ </span>Niet dat</li>\n"
                        "<li><span class=\"sign\">! </span>Let op</li>\n</ul>\n");
    make("- ✔ Wel\n- gewoon\n");
    assert_string_equal(body.data, "<ul>\n<li>✔ Wel</li>\n<li>gewoon</li>\n</ul>\n");
    make("1. ✔ Een\n2. ✔ Twee\n");
    assert_non_null(strstr(body.data, "<ol>"));
    make("- ✔\n- \n");
    assert_non_null(strstr(body.data, "<ul>"));
}

static void test_nothing_of_its_own(void **state) {
    (void)state;
    static const char *const texts[] = {
        "<script>alert(1)</script>", "a <img src=x onerror=alert(1)> b",
        "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,<script>)",
        "[x](vbscript:a)", "<javascript:alert(1)>", "## <script>alert(1)</script>",
        "- ✔ <script>x</script>\n", "&lt;script&gt;", "`<script>`"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_true(make(texts[i]) >= 0);
        assert_null(strstr(body.data, "<script"));
        assert_null(strstr(body.data, "onerror"));
        assert_null(strcasestr(body.data, "href=\"javascript"));
        assert_null(strstr(body.data, "href=\"data"));
        assert_null(strstr(body.data, "href=\"vbscript"));
        if (contents.data) assert_null(strstr(contents.data, "<script"));
    }
}

static void test_escapes(void **state) {
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    html_text(&buffer, "<a href=\"x\" title='y'> & é");
    assert_string_equal(buffer.data, "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt; &amp; é");
    buffer_done(&buffer);
}

static void test_limits(void **state) {
    (void)state;
    char *many = calloc(1, (DOCUMENT_SECTIONS_MAX + 5) * 6 + 1);
    assert_non_null(many);
    for (int i = 0; i < DOCUMENT_SECTIONS_MAX + 5; i++) memcpy(many + i * 6, "## a\n\n", 6);
    assert_int_equal(make(many), DOCUMENT_SECTIONS_MAX);
    free(many);
    enum { DEEP = 100 * 1000 };
    struct buffer small, list, large;
    char *deep = malloc(DEEP);
    assert_non_null(deep);
    memset(deep, '>', DEEP - 1);
    deep[DEEP - 1] = 'a';
    buffer_init(&large, 16 << 20);
    buffer_init(&list, 10);
    assert_int_equal(document_html(deep, DEEP, &list, &large), 0);
    buffer_done(&large);
    free(deep);
    buffer_init(&small, 10);
    assert_int_equal(document_html("Langer dan tien", 15, &list, &small), -1);
    buffer_done(&small);
    buffer_done(&list);
    assert_int_equal(make(""), 0);
}

/* Texts made to need much: they get an answer, and give everything back. */
static void test_nasty(void **state) {
    (void)state;
    static const char *const parts[] = {"[a", "[", "*a_", "![", "<a", "`a``", "- ", "a\n\n", "&#9;",
                                        "[a]: /b\n", "\\", "1. a\n", "a <b\n", "- ✔ a\n", "## a\n"};
    enum { LENGTH = 64 * 1024 };
    char *text = calloc(1, LENGTH + 1);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        size_t length = strlen(parts[i]);
        for (size_t at = 0; at < LENGTH; at++) text[at] = parts[i][at % length];
        buffer_done(&contents);
        buffer_done(&body);
        buffer_init(&contents, 8 << 20);
        buffer_init(&body, 8 << 20);
        assert_true(document_html(text, LENGTH, &contents, &body) >= 0);
    }
    assert_int_equal(document_html(text, DOCUMENT_HTML_MAX_BYTES + 1, &contents, &body), -1);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_headings),
                                       cmocka_unit_test(test_signs),
                                       cmocka_unit_test(test_nothing_of_its_own),
                                       cmocka_unit_test(test_escapes),
                                       cmocka_unit_test(test_limits),
                                       cmocka_unit_test(test_nasty)};
    int result = cmocka_run_group_tests(tests, NULL, NULL);
    buffer_done(&contents);
    buffer_done(&body);
    return result;
}
