/* Printed documents: equal bytes for equal input, tags, pages that break where they should, names
 * of forty languages, what no font has, what is too long, and many who print at once. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "print/finish.h"
#include "print/flow.h"
#include "print/print.h"

enum { MEMORY_BYTES = 8 * 1024 * 1024 };

static struct printer *printer;
static char memory[MEMORY_BYTES];
static struct scratch scratch;

static const struct print_head head = {
    .title = "Offerte autoverzekering",
    .footer = "Offerte qte_1",
    .language = LANGUAGE_NL,
    .made_us = 1795000000123456,
    .sender = {.name = "Kantoor Noordzee", .lines = {"Kade 1"}, .line_count = 1,
               .colour = 0x1f4e79, .accent = 0x1f4e79}};
static const struct print_column columns[] = {{.share = 1}, {.amounts = true}};

static void begin(struct print *print) {
    scratch_init(&scratch, memory, sizeof memory);
    print_init(print, &head, &scratch);
}

static void rows_add(struct print *print, int count) {
    print_table(print, columns, 2);
    print_table_row(print, PRINT_ROW_HEAD, (const char *const[]){"Dekking", "Totaal"});
    for (int i = 0; i < count; i++)
        print_table_row(print, PRINT_ROW, (const char *const[]){"WA", "\u20ac\u00a01.234,56"});
    print_table_row(print, PRINT_ROW_TOTAL, (const char *const[]){"Totaal", "\u20ac\u00a09,99"});
}

static int count_of(const struct buffer *pdf, const char *text) {
    int count = 0;
    const char *at = pdf->data, *end = pdf->data + pdf->length;
    while ((at = memmem(at, (size_t)(end - at), text, strlen(text)))) {
        count++;
        at += strlen(text);
    }
    return count;
}

static void print_to(const struct print *print, struct buffer *ret_pdf) {
    struct error error = {0};
    buffer_init(ret_pdf, PRINT_PDF_MAX_BYTES);
    int status = printer_print(printer, print, &error, ret_pdf);
    if (status) fail_msg("%d %s", status, error.text);
}

static int pages_of(const struct print *print) {
    struct buffer pdf;
    print_to(print, &pdf);
    int pages = count_of(&pdf, "/Type /Page %") + count_of(&pdf, "/Type /Page\n");
    buffer_done(&pdf);
    return pages;
}

static void equal_bytes(void **state) {
    (void)state;
    struct buffer first, second;
    struct print print;
    begin(&print);
    rows_add(&print, 60);
    print_to(&print, &first);
    begin(&print);
    rows_add(&print, 60);
    print_to(&print, &second);
    assert_int_equal(first.length, second.length);
    assert_memory_equal(first.data, second.data, first.length);
    buffer_done(&first);
    buffer_done(&second);
}

static void tags(void **state) {
    (void)state;
    struct buffer pdf;
    struct print print;
    begin(&print);
    print_heading(&print, 2, "Premie");
    rows_add(&print, 2);
    print_fact(&print, "Naam", "A");
    print_fact(&print, "Plaats", "B");
    print_item(&print, "Voorwaarden", "https://x.example/a(b)'c\\d");
    print_to(&print, &pdf);
    static const struct {
        const char *text;
        int count;
    } wanted[] = {{"/Lang (nl-NL)", 1},         {"/DisplayDocTitle true", 1},
                  {"/MarkInfo", 1},             {"/S /H1\n", 1},
                  {"/S /H2\n", 1},              {"/S /Table\n", 2},
                  {"/S /TR\n", 6},              {"/S /TH\n", 4},
                  {"/Scope /Column", 2},        {"/Scope /Row", 2},
                  {"/S /LBody\n", 1},           {"/S /Link\n", 1},
                  {"/URI (https://x.example/a%28b%29%27c%5Cd)", 1},
                  {"/Contents (https://x.example/a%28b%29%27c%5Cd)", 1},
                  {"/CreationDate (20261118", 1}, {"/Tabs /S", 1}, {"%PDF-1.7", 1}};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (count_of(&pdf, wanted[i].text) != wanted[i].count)
            fail_msg("%s: %d", wanted[i].text, count_of(&pdf, wanted[i].text));
    buffer_done(&pdf);
}

static void pages(void **state) {
    (void)state;
    struct print print;
    begin(&print);
    rows_add(&print, 5);
    assert_int_equal(pages_of(&print), 1);
    begin(&print);
    rows_add(&print, 100);
    assert_int_equal(pages_of(&print), 3);
}

/* One page for each heading that would else stand alone at the foot of one. */
static void heading_stays_with_what_it_heads(void **state) {
    (void)state;
    for (int rows = 20; rows < 45; rows++) {
        struct print print;
        struct buffer pdf;
        begin(&print);
        rows_add(&print, rows);
        print_heading(&print, 2, "Kop");
        print_paragraph(&print, "Tekst.");
        print_to(&print, &pdf);
        /* The tag of the heading and that of its paragraph name the same page. */
        const char *kop = memmem(pdf.data, pdf.length, "/S /H2\n", 7);
        const char *page = kop ? strstr(kop, "/Pg ") : NULL;
        assert_non_null(page);
        long of_heading = strtol(page + 4, NULL, 10);
        const char *text = strstr(page, "/S /P\n");
        assert_non_null(text);
        page = strstr(text, "/Pg ");
        assert_non_null(page);
        assert_int_equal(strtol(page + 4, NULL, 10), of_heading);
        buffer_done(&pdf);
    }
}

static char *long_text(const char *word, size_t count) {
    size_t length = strlen(word);
    char *text = malloc(length * count + 1);
    assert_non_null(text);
    for (size_t i = 0; i < count; i++) memcpy(text + i * length, word, length);
    text[length * count] = '\0';
    return text;
}

/* What does not fit on a page goes on, word or no word, to its last line. */
static void long_answers(void **state) {
    (void)state;
    char *words = long_text("woord ", 2000), *line = long_text("x", 10000);
    char *lines = long_text("regel\n", 300);
    const char *const texts[] = {words, line, lines};
    static const int wanted[] = {4, 4, 6};
    for (int i = 0; i < 3; i++) {
        struct print print;
        begin(&print);
        print_fact(&print, "Vraag", texts[i]);
        int count = pages_of(&print);
        if (count < wanted[i] - 1 || count > wanted[i] + 1) fail_msg("%d: %d pages", i, count);
    }
    free(words);
    free(line);
    free(lines);
}

static void too_long(void **state) {
    (void)state;
    struct error error = {0};
    struct buffer pdf;
    struct print print;
    begin(&print);
    for (int i = 0; i < PRINT_PAGES_MAX * 60; i++) print_paragraph(&print, "Regel");
    buffer_init(&pdf, PRINT_PDF_MAX_BYTES);
    assert_int_equal(printer_print(printer, &print, &error, &pdf), ERROR_TOO_LARGE);
    buffer_done(&pdf);
    char *text = long_text("x", PRINT_TEXT_MAX_BYTES);
    begin(&print);
    print_paragraph(&print, text);
    assert_true(print.failed);
    error_clear(&error);
    buffer_init(&pdf, PRINT_PDF_MAX_BYTES);
    assert_int_equal(printer_print(printer, &print, &error, &pdf), ERROR_TOO_LARGE);
    buffer_done(&pdf);
    free(text);
}

/* ---- names ----------------------------------------------------------------------------------- */
static const char *const names[] = {
    "Żółćiński Gęślą Jaźń",      /* Polish */
    "Příliš Žluťoučký Kůň",      /* Czech */
    "Ľúbezný Ďateľ Ŕíša",        /* Slovak */
    "Őrült Műűvész Ágnes",       /* Hungarian */
    "Șerban Țăran Înălțime",     /* Romanian */
    "Ğülşah Çağıl İnönü Işık",   /* Turkish */
    "Šarūnas Ąžuolėlis Įvykis",  /* Lithuanian */
    "Ķēniņš Ģirts Ļaviņš",       /* Latvian */
    "Õunapuu Šõber Žürii",       /* Estonian */
    "Ääkkönen Åström",           /* Finnish */
    "Þórður Æðey Ýmir",          /* Icelandic */
    "Óðinsdóttir Høgni",         /* Faroese */
    "Ægir Øster Ångström",       /* Danish */
    "Bjørg Håkonsen",            /* Norwegian */
    "Örjan Sjöström",            /* Swedish */
    "Šáŋŋá Čáppa Ŧ Đ",           /* Northern Sami */
    "Grüße Weiß Jäger",          /* German */
    "Lætitia Œuvrard Noël Ÿ",    /* French */
    "Núñez Peña Güell",          /* Spanish */
    "Conceição Simões Ávila",    /* Portuguese */
    "Montserrat Col·lell Àngels", /* Catalan */
    "Perlasca Niccolò È",        /* Italian */
    "Ħal Ġużè Ċetta Żahra",      /* Maltese */
    "Čubrilović Đurđa Žiža",     /* Croatian */
    "Črtomir Šuštaršič",         /* Slovenian */
    "Ëngjëll Çelë",              /* Albanian */
    "Ŵyn Ŷnys Tŷ Gŵyr",          /* Welsh */
    "Ó Súilleabháin Ḃ Ċ Ḋ",      /* Irish */
    "IJsbrand Ĳ Coëlho van 't Élan", /* Dutch */
    "Ĉiuĵaŭde Ĝoja Ŝi Ŭ",        /* Esperanto */
    "Αλέξανδρος Ψύλλος Ϊόνιος",  /* Greek */
    "ᾨδή Ἀθηνᾶ ᾗ",               /* Greek with all its accents */
    "Щербаков Ёлкин Объездчик",  /* Russian */
    "Їжакевич Ґалаґан Єва",      /* Ukrainian */
    "Ўладзімір Іўе",             /* Belarusian */
    "Ъгълов Щерьо Юля",          /* Bulgarian */
    "Ђорђевић Љиљана Његош Џон", /* Serbian */
    "Ѓорѓи Ќосе Ѕвезда",         /* Macedonian */
    "Әбділ Ғалым Қыз Ңұр Өмір Үй Һ", /* Kazakh */
    "Վարդան Հայկունի Եւա",       /* Armenian */
    "გიორგი ჩხეიძე",             /* Georgian */
    "Nguyễn Thị Ửng Đặng Ốc",    /* Vietnamese */
    "Z\u030ci\u0301z\u030cka"    /* letters and accents apart */
};

static void names_of_forty_languages(void **state) {
    (void)state;
    struct fonts fonts;
    struct typesetter typesetter;
    struct error error = {0};
    assert_true(sizeof names / sizeof *names >= 40);
    assert_int_equal(fonts_open(&error, &fonts), 0);
    assert_true(typesetter_init(&typesetter, &fonts));
    typesetter_begin(&typesetter, LANGUAGE_NL);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (int style = 0; style < STYLE_COUNT; style++) {
            PangoLayout *layout =
                typeset_text(&typesetter, (enum style)style, names[i], 0);
            assert_non_null(layout);
            if (typesetter.replaced || pango_layout_get_unknown_glyphs_count(layout))
                fail_msg("%s cannot be printed", names[i]);
            g_object_unref(layout);
        }
    typesetter_done(&typesetter);
    fonts_close(&fonts);
}

static const char *cleaned(struct typesetter *typesetter, const char *text) {
    PangoLayout *layout = typeset_text(typesetter, STYLE_TEXT, text, 0);
    static char copied[256];
    assert_non_null(layout);
    snprintf(copied, sizeof copied, "%s", pango_layout_get_text(layout));
    g_object_unref(layout);
    return copied;
}

/* Nothing is dropped or boxed in silence, and nothing turns the order of reading. */
static void characters_without_a_sign(void **state) {
    (void)state;
    struct fonts fonts;
    struct typesetter typesetter;
    struct error error = {0};
    assert_int_equal(fonts_open(&error, &fonts), 0);
    assert_true(typesetter_init(&typesetter, &fonts));
    typesetter_begin(&typesetter, LANGUAGE_NL);
    assert_string_equal(cleaned(&typesetter, "a\r\nb\tc\u202edc\u200b."), "a\nb cdc.");
    assert_false(typesetter.replaced);
    assert_string_equal(cleaned(&typesetter, "\u4e2d\U0001f600\x01"), "[U+4E2D][U+1F600][U+0001]");
    assert_true(typesetter.replaced);
    typesetter_done(&typesetter);
    fonts_close(&fonts);
}

/* ---- many at once ---------------------------------------------------------------------------- */
enum { ASKERS = 24, EACH = 4 };

struct asker {
    pthread_t thread;
    char memory[256 * 1024];
    struct buffer pdf;
    int status;
};

static void *asker_run(void *context) {
    struct asker *asker = context;
    for (int i = 0; i < EACH && !asker->status; i++) {
        struct error error = {0};
        struct scratch own;
        struct print print;
        scratch_init(&own, asker->memory, sizeof asker->memory);
        print_init(&print, &head, &own);
        rows_add(&print, 60);
        buffer_clear(&asker->pdf);
        asker->status = printer_print(printer, &print, &error, &asker->pdf);
    }
    return NULL;
}

static void many_at_once(void **state) {
    (void)state;
    struct asker *askers = calloc(ASKERS, sizeof *askers);
    assert_non_null(askers);
    for (int i = 0; i < ASKERS; i++) {
        buffer_init(&askers[i].pdf, PRINT_PDF_MAX_BYTES);
        assert_int_equal(pthread_create(&askers[i].thread, NULL, asker_run, &askers[i]), 0);
    }
    for (int i = 0; i < ASKERS; i++) pthread_join(askers[i].thread, NULL);
    for (int i = 0; i < ASKERS; i++) {
        assert_int_equal(askers[i].status, 0);
        assert_int_equal(askers[i].pdf.length, askers[0].pdf.length);
        assert_memory_equal(askers[i].pdf.data, askers[0].pdf.data, askers[0].pdf.length);
    }
    for (int i = 0; i < ASKERS; i++) buffer_done(&askers[i].pdf);
    free(askers);
}

static void finish_of_what_is_no_pdf(void **state) {
    (void)state;
    static const char *const texts[] = {
        "", "%PDF-1.4\n", "%PDF-1.4\nstartxref\n0\n%%EOF\n",
        "%PDF-1.4\nxref\n0 9\n0000000000 65535 f \ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n",
        "%PDF-1.4\nstartxref\n99999999999\n%%EOF\n"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct error error = {0};
        struct buffer pdf;
        struct finish finish = {.pdf = texts[i], .length = strlen(texts[i]), .picture = ""};
        buffer_init(&pdf, PRINT_PDF_MAX_BYTES);
        assert_int_equal(finish_write(&finish, &error, &pdf), ERROR_INTERNAL);
        buffer_done(&pdf);
    }
}

static int printer_begin(void **state) {
    (void)state;
    struct error error = {0};
    return printer_new(&error, &printer);
}

static int printer_end(void **state) {
    (void)state;
    printer_free(printer);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(equal_bytes),
                                       cmocka_unit_test(tags),
                                       cmocka_unit_test(pages),
                                       cmocka_unit_test(heading_stays_with_what_it_heads),
                                       cmocka_unit_test(long_answers),
                                       cmocka_unit_test(too_long),
                                       cmocka_unit_test(names_of_forty_languages),
                                       cmocka_unit_test(characters_without_a_sign),
                                       cmocka_unit_test(many_at_once),
                                       cmocka_unit_test(finish_of_what_is_no_pdf)};
    return cmocka_run_group_tests(tests, printer_begin, printer_end);
}
