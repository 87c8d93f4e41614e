/* Writes a PDF anew, object by object, adding what readers for the blind ask for (ISO 14289-1) and
 * Cairo has no way to say. The objects keep their numbers; the table of their places is made
 * again. */
#include "finish.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "artifact.h"
#include "base/hash.h"
#include "base/utf8.h"

enum { PLACE_BYTES = 20, HEAD_BYTES = 9 };

struct object {
    size_t at, end; /* in what Cairo wrote; at 0: there is none of that number */
    size_t to;      /* in what is written */
    bool content;   /* of a page */
};

struct writing {
    const struct finish *finish;
    struct object *objects; /* by number */
    size_t count;
    size_t table;     /* where the table of places begins */
    size_t root, info;
    size_t scope; /* table heads so far */
    struct buffer *to;
};

/* ---- reading what Cairo wrote ---------------------------------------------------------------- */

static const char *find(const char *text, size_t length, const char *wanted) {
    return memmem(text, length, wanted, strlen(wanted));
}

/* The digits behind a word; false when it is not there. */
static bool number_behind(const char *text, size_t length, const char *word, size_t *ret_number) {
    const char *at = find(text, length, word), *end = text + length;
    size_t number = 0, digits = 0;
    if (!at) return false;
    for (at += strlen(word); at < end && (*at == ' ' || *at == '\n'); at++) continue;
    for (; at < end && *at >= '0' && *at <= '9' && digits < 12; at++, digits++)
        number = number * 10 + (size_t)(*at - '0');
    *ret_number = number;
    return digits > 0;
}

static int places_compare(const void *a, const void *b) {
    size_t left = *(const size_t *)a, right = *(const size_t *)b;
    return left < right ? -1 : left > right;
}

/* An object ends where the next one begins. */
static bool ends_find(struct writing *writing) {
    size_t *places = calloc(writing->count + 1, sizeof *places), found = 0;
    if (!places) return false;
    for (size_t i = 1; i < writing->count; i++)
        if (writing->objects[i].at) places[found++] = writing->objects[i].at;
    places[found++] = writing->table;
    qsort(places, found, sizeof *places, places_compare);
    for (size_t i = 1; i < writing->count; i++) {
        struct object *object = &writing->objects[i];
        if (!object->at) continue;
        const size_t *place =
            bsearch(&object->at, places, found, sizeof *places, places_compare);
        object->end = place + 1 < places + found ? place[1] : writing->table;
    }
    free(places);
    return true;
}

/* Cairo gives numbers to objects that it never writes (marks of what readers pass over), and says
 * that they stand where another one does. */
static bool heads(const struct writing *writing, size_t number, size_t place) {
    char head[32];
    int length = snprintf(head, sizeof head, "%zu 0 obj\n", number);
    return place + (size_t)length <= writing->finish->length &&
           memcmp(writing->finish->pdf + place, head, (size_t)length) == 0;
}

static bool places_read(struct writing *writing) {
    const char *pdf = writing->finish->pdf, *end = pdf + writing->finish->length;
    size_t tail = writing->finish->length < 64 ? 0 : writing->finish->length - 64, count = 0;
    if (!number_behind(pdf + tail, writing->finish->length - tail, "startxref",
                       &writing->table) ||
        writing->table >= writing->finish->length)
        return false;
    const char *table = pdf + writing->table;
    if (!number_behind(table, (size_t)(end - table), "xref\n0", &count) || !count ||
        count > FINISH_OBJECTS_MAX)
        return false;
    const char *at = find(table + 5, (size_t)(end - table) - 5, "\n");
    if (!at || (size_t)(end - at) < 1 + count * PLACE_BYTES) return false;
    const char *trailer = at + 1 + count * PLACE_BYTES;
    writing->count = count;
    writing->objects = calloc(count, sizeof *writing->objects);
    if (!writing->objects ||
        !number_behind(trailer, (size_t)(end - trailer), "/Root", &writing->root) ||
        !number_behind(trailer, (size_t)(end - trailer), "/Info", &writing->info))
        return false;
    for (size_t i = 1; i < count; i++) {
        const char *entry = at + 1 + i * PLACE_BYTES;
        size_t place = 0;
        if (entry[17] != 'n') continue;
        for (int digit = 0; digit < 10; digit++) place = place * 10 + (size_t)(entry[digit] - '0');
        if (place >= HEAD_BYTES && place < writing->table && heads(writing, i, place))
            writing->objects[i].at = place;
    }
    return ends_find(writing);
}

static const char *text_of(const struct writing *writing, const struct object *object,
                           size_t *ret_length) {
    *ret_length = object->end - object->at;
    return writing->finish->pdf + object->at;
}

/* The dictionary at the beginning of an object, without a stream behind it. */
static const char *dictionary_of(const struct writing *writing, const struct object *object,
                                 size_t *ret_length) {
    size_t length;
    const char *text = text_of(writing, object, &length);
    const char *stream = find(text, length, "\nstream");
    *ret_length = stream ? (size_t)(stream - text) : length;
    return text;
}

static bool is_type(const char *text, size_t length, const char *type) {
    const char *at = find(text, length < 64 ? length : 64, "/Type ");
    if (!at) return false;
    at += 6;
    size_t size = strlen(type);
    return (size_t)(text + length - at) > size && memcmp(at, type, size) == 0 &&
           (at[size] == ' ' || at[size] == '\n');
}

static void contents_find(struct writing *writing) {
    for (size_t i = 1; i < writing->count; i++) {
        size_t length, content;
        if (!writing->objects[i].at) continue;
        const char *text = dictionary_of(writing, &writing->objects[i], &length);
        if (is_type(text, length, "/Page") &&
            number_behind(text, length, "/Contents", &content) && content < writing->count)
            writing->objects[content].content = true;
    }
}

/* ---- writing --------------------------------------------------------------------------------- */

/* Text of a dictionary: UTF-16 in hexadecimal. */
static void string_write(struct buffer *to, const char *text) {
    size_t left = strlen(text), size;
    uint32_t code;
    buffer_text(to, "<FEFF");
    for (; left && (size = utf8_read(text, left, &code)) > 0; text += size, left -= size) {
        if (code < 0x10000) buffer_format(to, "%04X", (unsigned)code);
        else
            buffer_format(to, "%04X%04X", (unsigned)(0xd800 + ((code - 0x10000) >> 10)),
                          (unsigned)(0xdc00 + ((code - 0x10000) & 0x3ff)));
    }
    buffer_char(to, '>');
}

/* What is added to an object's dictionary, into `added`. */
static void added_find(struct writing *writing, size_t number, const char *text, size_t length,
                       struct buffer *added) {
    const char *uri = find(text, length, "/URI (");
    if (number == writing->root) {
        buffer_format(added,
                      "   /Lang (%s)\n   /ViewerPreferences << /DisplayDocTitle true >>\n",
                      writing->finish->language == LANGUAGE_EN ? "en-GB" : "nl-NL");
    } else if (is_type(text, length, "/Page")) {
        buffer_text(added, "   /Tabs /S\n");
    } else if (is_type(text, length, "/Annot") && uri) {
        const char *end = memchr(uri, ')', length - (size_t)(uri - text));
        if (end) buffer_format(added, "   /Contents %.*s)\n", (int)(end - uri - 5), uri + 5);
    } else if (is_type(text, length, "/StructElem") && find(text, length, "/S /TH\n")) {
        size_t at = writing->scope++;
        bool of_row = at < writing->finish->scope_count && writing->finish->scopes[at] == 'R';
        buffer_format(added, "   /A << /O /Table /Scope /%s >>\n", of_row ? "Row" : "Column");
    } else if (is_type(text, length, "/StructElem") && find(text, length, "/S /Figure\n")) {
        buffer_text(added, "   /Alt ");
        string_write(added, writing->finish->picture);
        buffer_char(added, '\n');
    }
}

static bool content_write(struct writing *writing, size_t number, const struct object *object) {
    size_t length, packed_length, length_object;
    const char *text = text_of(writing, object, &length);
    const char *stream = find(text, length, "stream\n");
    struct buffer packed;
    if (!stream || !number_behind(text, (size_t)(stream - text), "/Length", &length_object))
        return false;
    /* Its length stands in an object of its own, or right here. */
    packed_length = length_object;
    if (find(text, (size_t)(stream - text), " 0 R")) {
        if (length_object >= writing->count || !writing->objects[length_object].at) return false;
        size_t said;
        const char *number_text = text_of(writing, &writing->objects[length_object], &said);
        if (!number_behind(number_text, said, "obj\n", &packed_length)) return false;
    }
    if (packed_length > length - (size_t)(stream + 7 - text)) return false;
    buffer_init(&packed, ARTIFACT_CONTENT_MAX_BYTES);
    bool done = artifact_mark(stream + 7, packed_length, &packed);
    if (done) {
        buffer_format(writing->to, "%zu 0 obj\n<< /Length %zu\n   /Filter /FlateDecode\n>>\n"
                                   "stream\n",
                      number, packed.length);
        buffer_append(writing->to, packed.data, packed.length);
        buffer_text(writing->to, "\nendstream\nendobj\n");
    }
    buffer_done(&packed);
    return done;
}

static bool object_write(struct writing *writing, size_t number) {
    struct object *object = &writing->objects[number];
    size_t length, said;
    object->to = writing->to->length;
    if (object->content) return content_write(writing, number, object);
    const char *text = text_of(writing, object, &length);
    const char *dictionary = dictionary_of(writing, object, &said);
    struct buffer added;
    buffer_init(&added, 64 * 1024);
    added_find(writing, number, dictionary, said, &added);
    const char *close = added.length ? find(text, length, "\n>>") : NULL;
    /* Annotations close behind a dictionary within theirs. */
    if (added.length && !close) close = find(text, length, ">>>>\nendobj");
    bool sound = !added.failed && (!added.length || close);
    if (sound && added.length) {
        size_t before = (size_t)(close - text) + (*close == '>' ? 2 : 1);
        buffer_append(writing->to, text, before);
        if (*close == '>') buffer_char(writing->to, '\n');
        buffer_append(writing->to, added.data, added.length);
        buffer_append(writing->to, text + before, length - before);
    } else if (sound) {
        buffer_append(writing->to, text, length);
    }
    buffer_done(&added);
    return sound;
}

static void table_write(struct writing *writing) {
    struct buffer *to = writing->to;
    char identity[SHA256_HEX_MAX];
    size_t table = to->length;
    hash_sha256_hex(to->data, to->length, identity);
    buffer_format(to, "xref\n0 %zu\n0000000000 65535 f \n", writing->count);
    for (size_t i = 1; i < writing->count; i++)
        buffer_format(to, "%010zu %05d %c \n", writing->objects[i].to,
                      writing->objects[i].at ? 0 : 65535, writing->objects[i].at ? 'n' : 'f');
    buffer_format(to,
                  "trailer\n<< /Size %zu\n   /Root %zu 0 R\n   /Info %zu 0 R\n"
                  "   /ID [<%.32s><%.32s>]\n>>\nstartxref\n%zu\n%%%%EOF\n",
                  writing->count, writing->root, writing->info, identity, identity, table);
}

int finish_write(const struct finish *finish, struct error *error, struct buffer *ret_pdf) {
    struct writing writing = {.finish = finish, .to = ret_pdf};
    size_t before = ret_pdf->length;
    bool sound = finish->length > HEAD_BYTES && before == 0 && places_read(&writing);
    /* The version in which tags are as they are here; its second line keeps the file binary. */
    buffer_text(ret_pdf, "%PDF-1.7\n%\xb5\xed\xae\xfb\n");
    if (sound) contents_find(&writing);
    for (size_t i = 1; sound && i < writing.count; i++)
        if (writing.objects[i].at) sound = object_write(&writing, i);
    if (sound && !ret_pdf->failed) table_write(&writing);
    free(writing.objects);
    if (ret_pdf->failed)
        return error_set(error, buffer_failure(ret_pdf), "a document is too large to be printed");
    if (sound) return 0;
    return error_set(error, ERROR_INTERNAL, "a printed document is not of the form expected");
}
