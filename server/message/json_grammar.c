/* Walks JSON text from its start to the first thing that does not belong, and says what stands
 * there, what should, and what to do. It makes no values and has no say in what is accepted: it is
 * asked only when the parser has refused. */
#include "json_grammar.h"

#include <stdio.h>
#include <string.h>

#include "json_scan.h"

enum expected {
    EXPECT_ROOT,
    EXPECT_MEMBER_VALUE, /* behind a colon */
    EXPECT_FIRST_ITEM,   /* or ] */
    EXPECT_NEXT_ITEM,    /* behind a comma */
    EXPECT_FIRST_KEY,    /* or } */
    EXPECT_NEXT_KEY,     /* behind a comma */
    EXPECT_COLON,
    EXPECT_COMMA, /* or what closes */
    EXPECT_END
};

enum { WORD_SHOWN_MAX = 40 };

struct level {
    char close;
    size_t opened; /* where */
};

struct walk {
    const char *text;
    size_t length, at;
    enum expected expected;
    int depth;
    struct level levels[JSON_DEPTH_CEILING];
    struct json_fault *fault;
};

/* What stands at `at` does not belong: a step that finds so ends in this, with true. */
static bool say(struct walk *walk, const char *nl, const char *en) {
    struct json_fault *fault = walk->fault;
    *fault = (struct json_fault){.code = "malformed"};
    json_scan_place(walk->text, walk->at, &fault->line, &fault->column);
    (void)snprintf(fault->nl, sizeof fault->nl, "%s", nl);
    (void)snprintf(fault->en, sizeof fault->en, "%s", en);
    return true;
}

static char here(const struct walk *walk) {
    return walk->at < walk->length ? walk->text[walk->at] : '\0';
}

static bool is_letter(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z');
}

/* ---- texts --------------------------------------------------------------------------------- */

/* The four hexadecimal digits behind \u at `at`, or -1. */
static int escape_read(const struct walk *walk, size_t at) {
    int code = 0;
    if (at + 6 > walk->length || walk->text[at] != '\\' || walk->text[at + 1] != 'u') return -1;
    for (size_t i = at + 2; i < at + 6; i++) {
        static const char digits[] = "0123456789abcdef";
        char character = walk->text[i];
        if (character >= 'A' && character <= 'F') character = (char)(character - 'A' + 'a');
        const char *digit = character ? strchr(digits, character) : NULL;
        if (!digit) return -1;
        code = code * 16 + (int)(digit - digits);
    }
    return code;
}

static bool step_unicode(struct walk *walk) {
    int code = escape_read(walk, walk->at);
    if (code < 0)
        return say(walk, "achter \\u horen vier hexadecimale cijfers, zoals \\u00e9.",
                   "four hexadecimal digits belong behind \\u, such as \\u00e9.");
    if (code == 0) {
        say(walk, "een tekst mag het teken U+0000 niet bevatten: laat het weg.",
            "a text may not hold the character U+0000: leave it out.");
        (void)snprintf(walk->fault->code, sizeof walk->fault->code, "nul_character");
        return true;
    }
    int second = escape_read(walk, walk->at + 6);
    bool pair = code >= 0xD800 && code < 0xDC00 && second >= 0xDC00 && second < 0xE000;
    if (code >= 0xD800 && code < 0xE000 && !pair) {
        say(walk, "dit \\u-teken is maar de helft van een teken: schrijf beide helften, of het "
                  "teken zelf.",
            "this \\u escape is only half of a character: write both halves, or the character "
            "itself.");
        (void)snprintf(walk->fault->code, sizeof walk->fault->code, "lone_surrogate");
        return true;
    }
    walk->at += pair ? 12 : 6;
    return false;
}

static bool step_escape(struct walk *walk) {
    char next = walk->at + 1 < walk->length ? walk->text[walk->at + 1] : '\0';
    if (next == 'u') return step_unicode(walk);
    if (!next || !strchr("\"\\/bfnrt", next))
        return say(walk, "achter een \\ hoort hier \", \\, /, b, f, n, r, t of u: schrijf "
                         "\\\\ voor een \\ in de tekst zelf.",
                   "behind a \\ belongs \", \\, /, b, f, n, r, t or u: write \\\\ for a \\ in the "
                   "text itself.");
    walk->at += 2;
    return false;
}

static bool say_control(struct walk *walk) {
    unsigned code = (unsigned char)here(walk);
    if (code == '\n' || code == '\r')
        return say(walk, "de regel eindigt midden in een tekst: sluit die af met een "
                         "aanhalingsteken (\"), of schrijf \\n voor een nieuwe regel.",
                   "the line ends amid a text: close it with a quotation mark (\"), or write \\n "
                   "for a new line.");
    (void)json_fault_set(walk->fault, walk->text, walk->at, "malformed",
                         "een besturingsteken kan niet zo in een tekst staan: laat het weg, of "
                         "schrijf \\u%04x.",
                         "a control character cannot stand in a text as it is: leave it out, or "
                         "write \\u%04x.", code);
    return true;
}

/* From the opening quote to behind the closing one. */
static bool step_text(struct walk *walk) {
    size_t start = walk->at++;
    while (walk->at < walk->length) {
        char character = here(walk);
        if (character == '"') {
            walk->at++;
            return false;
        }
        if ((unsigned char)character < 0x20) return say_control(walk);
        if (character != '\\') walk->at++;
        else if (step_escape(walk)) return true;
    }
    walk->at = start;
    return say(walk, "de tekst die hier begint is niet afgesloten: zet er een aanhalingsteken (\") "
                     "achter, en maak de JSON daarna af.",
               "the text that begins here is not closed: put a quotation mark (\") behind it, and "
               "then complete the JSON.");
}

/* ---- what does not belong ------------------------------------------------------------------- */

/* What is written in other notations, and not in this one. */
static bool say_foreign(struct walk *walk) {
    char character = here(walk);
    if (character == '\'')
        return say(walk, "enkele aanhalingstekens kent JSON niet: gebruik dubbele "
                         "aanhalingstekens (\").",
                   "JSON has no single quotation marks: use double quotation marks (\").");
    if (character == '/' || character == '#')
        return say(walk, "JSON kent geen commentaar: haal het weg.",
                   "JSON has no comments: take it out.");
    return false;
}

static bool say_word(struct walk *walk) {
    static const struct {
        const char *word, *meant;
    } constants[] = {{"True", "true"}, {"TRUE", "true"}, {"False", "false"}, {"FALSE", "false"},
                     {"None", "null"}, {"NULL", "null"}, {"Null", "null"}, {"nil", "null"},
                     {"undefined", "null"}};
    const char *word = walk->text + walk->at;
    size_t length = 0;
    while (walk->at + length < walk->length && is_letter(word[length])) length++;
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        const char *known = constants[i].word;
        if (strlen(known) != length || strncmp(known, word, length) != 0) continue;
        (void)json_fault_set(walk->fault, walk->text, walk->at, "malformed",
                             "\"%s\" kent JSON niet: schrijf %s.", "JSON has no \"%s\": write %s.",
                             known, constants[i].meant);
        return true;
    }
    if ((length == 3 && !strncmp(word, "NaN", 3)) ||
        (length == 8 && !strncmp(word, "Infinity", 8)))
        return say(walk, "dit is geen getal in JSON: geef een getal, of laat het veld weg.",
                   "this is no number in JSON: give a number, or leave the field out.");
    (void)json_fault_set(walk->fault, walk->text, walk->at, "malformed",
                         "\"%.*s\" is geen waarde in JSON: zet een tekst tussen dubbele "
                         "aanhalingstekens (\").",
                         "\"%.*s\" is no value in JSON: put a text between double quotation "
                         "marks (\").",
                         (int)(length < WORD_SHOWN_MAX ? length : WORD_SHOWN_MAX), word);
    return true;
}

static bool say_no_value(struct walk *walk) {
    char character = here(walk);
    if (say_foreign(walk)) return true;
    if (is_letter(character)) return say_word(walk);
    if (walk->expected == EXPECT_NEXT_ITEM && (character == ']' || character == '}'))
        return say(walk, "achter de laatste waarde hoort geen komma: haal die komma weg.",
                   "no comma belongs behind the last value: take that comma out.");
    if (character == ',' || character == ']' || character == '}')
        return say(walk, "hier ontbreekt een waarde: vul die in, of haal weg wat ervoor staat.",
                   "a value is missing here: fill it in, or take out what stands before it.");
    if (character == '+' || character == '.')
        return say(walk, "een getal begint met een cijfer of een minteken, zoals 0.5 of -12.",
                   "a number begins with a digit or a minus sign, such as 0.5 or -12.");
    return say(walk, "hier hoort een waarde: een tekst tussen dubbele aanhalingstekens (\"), een "
                     "getal, true, false, null, een lijst [ ] of een object { }.",
               "a value belongs here: a text between double quotation marks (\"), a number, true, "
               "false, null, a list [ ] or an object { }.");
}

static bool say_no_key(struct walk *walk) {
    char character = here(walk);
    if (say_foreign(walk)) return true;
    if (character == '}')
        return say(walk, "achter het laatste veld hoort geen komma: haal die komma weg.",
                   "no comma belongs behind the last field: take that comma out.");
    if (character == ',')
        return say(walk, "hier staat een komma te veel: haal die weg.",
                   "there is a comma too many here: take it out.");
    return say(walk, "hier hoort de naam van een veld, tussen dubbele aanhalingstekens (\").",
               "the name of a field belongs here, between double quotation marks (\").");
}

static bool say_no_comma(struct walk *walk) {
    const struct level *level = &walk->levels[walk->depth - 1];
    char character = here(walk);
    if (say_foreign(walk)) return true;
    if (character == ']' || character == '}') {
        int line, column;
        json_scan_place(walk->text, level->opened, &line, &column);
        (void)json_fault_set(walk->fault, walk->text, walk->at, "malformed",
                             "wat op regel %d, teken %d met %c begint, eindigt met %c: schrijf "
                             "hier %c.",
                             "what begins at line %d, column %d with %c ends with %c: write %c "
                             "here.",
                             line, column, walk->text[level->opened], level->close, level->close);
        return true;
    }
    if (character == '"' || character == '{' || character == '[' || character == '-' ||
        (character >= '0' && character <= '9') || is_letter(character))
        return say(walk, "hier ontbreekt een komma: zet die tussen wat ervoor en wat erna staat.",
                   "a comma is missing here: put it between what stands before and behind.");
    (void)json_fault_set(walk->fault, walk->text, walk->at, "malformed",
                         "hier hoort een komma te staan, of %c.", "a comma belongs here, or %c.",
                         level->close);
    return true;
}

static bool say_end(struct walk *walk) {
    if (walk->depth == 0)
        return say(walk, "er staat niets: stuur een JSON-object.",
                   "there is nothing: send a JSON object.");
    const struct level *level = &walk->levels[walk->depth - 1];
    int line, column;
    json_scan_place(walk->text, level->opened, &line, &column);
    (void)json_fault_set(walk->fault, walk->text, walk->at, "malformed",
                         "de JSON houdt hier op, maar wat op regel %d, teken %d met %c begint is "
                         "niet af: maak het af en sluit het met %c.",
                         "the JSON stops here, but what begins at line %d, column %d with %c is "
                         "not complete: complete it and close it with %c.",
                         line, column, walk->text[level->opened], level->close);
    return true;
}

/* ---- steps ---------------------------------------------------------------------------------- */

static void behind_value(struct walk *walk) {
    walk->expected = walk->depth > 0 ? EXPECT_COMMA : EXPECT_END;
}

static void open_level(struct walk *walk, bool list) {
    walk->levels[walk->depth++] =
        (struct level){.close = list ? ']' : '}', .opened = walk->at++};
    walk->expected = list ? EXPECT_FIRST_ITEM : EXPECT_FIRST_KEY;
}

static void close_level(struct walk *walk) {
    walk->depth--;
    walk->at++;
    behind_value(walk);
}

static bool step_value(struct walk *walk) {
    static const char *const words[] = {"true", "false", "null"};
    char character = here(walk);
    if (character == ']' && walk->expected == EXPECT_FIRST_ITEM) {
        close_level(walk);
        return false;
    }
    if (character == '{' || character == '[') {
        if (walk->depth == JSON_DEPTH_CEILING) return say_no_value(walk);
        open_level(walk, character == '[');
        return false;
    }
    if (character == '"') {
        behind_value(walk);
        return step_text(walk);
    }
    if (character == '-' || (character >= '0' && character <= '9')) {
        walk->at += json_scan_number(walk->text, walk->length, walk->at);
        behind_value(walk);
        return false;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (walk->length - walk->at < length ||
            strncmp(walk->text + walk->at, words[i], length) != 0)
            continue;
        if (walk->at + length < walk->length && is_letter(walk->text[walk->at + length])) break;
        walk->at += length;
        behind_value(walk);
        return false;
    }
    return say_no_value(walk);
}

static bool step_key(struct walk *walk) {
    if (here(walk) == '}' && walk->expected == EXPECT_FIRST_KEY) {
        close_level(walk);
        return false;
    }
    if (here(walk) != '"') return say_no_key(walk);
    walk->expected = EXPECT_COLON;
    return step_text(walk);
}

static bool step_comma(struct walk *walk) {
    const struct level *level = &walk->levels[walk->depth - 1];
    if (here(walk) == level->close) {
        close_level(walk);
        return false;
    }
    if (here(walk) != ',') return say_no_comma(walk);
    walk->expected = level->close == ']' ? EXPECT_NEXT_ITEM : EXPECT_NEXT_KEY;
    walk->at++;
    return false;
}

static bool step_colon(struct walk *walk) {
    if (here(walk) != ':')
        return say_foreign(walk) ||
               say(walk, "achter de naam van een veld hoort een dubbele punt (:).",
                   "a colon (:) belongs behind the name of a field.");
    walk->expected = EXPECT_MEMBER_VALUE;
    walk->at++;
    return false;
}

static bool step(struct walk *walk) {
    switch (walk->expected) {
    case EXPECT_ROOT:
    case EXPECT_MEMBER_VALUE:
    case EXPECT_FIRST_ITEM:
    case EXPECT_NEXT_ITEM: return step_value(walk);
    case EXPECT_FIRST_KEY:
    case EXPECT_NEXT_KEY: return step_key(walk);
    case EXPECT_COLON: return step_colon(walk);
    case EXPECT_COMMA: return step_comma(walk);
    case EXPECT_END: break;
    }
    return say_foreign(walk) ||
           say(walk, "hier staat nog iets achter het einde van de JSON: stuur één waarde en niets "
                     "erachter.",
               "something follows behind the end of the JSON: send one value and nothing behind "
               "it.");
}

bool json_grammar_explain(const char *text, size_t length, struct json_fault *ret_fault) {
    struct walk walk = {.text = text, .length = length, .fault = ret_fault};
    for (;;) {
        while (walk.at < length && strchr(" \t\r\n", text[walk.at]) && text[walk.at]) walk.at++;
        if (walk.at == length) return walk.expected != EXPECT_END && say_end(&walk);
        if (step(&walk)) return true;
    }
}
