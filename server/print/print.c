/* Takes a document down, block by block, in scratch. */
#include "print.h"

#include <string.h>

#include "block.h"

static const char *copy(struct print *print, const char *text) {
    size_t length = strlen(text);
    char *copied = NULL;
    if (length <= PRINT_TEXT_MAX_BYTES - print->text_bytes)
        copied = scratch_take(print->scratch, length + 1);
    if (!copied) {
        print->failed = true;
        return "";
    }
    memcpy(copied, text, length + 1);
    print->text_bytes += length;
    return copied;
}

static struct print_block *add(struct print *print, enum block_kind kind, const char *const *cells,
                               int count) {
    struct print_block *block =
        print->block_count < PRINT_BLOCKS_MAX ? scratch_take(print->scratch, sizeof *block) : NULL;
    if (!block) {
        print->failed = true;
        return NULL;
    }
    *block = (struct print_block){.kind = kind, .cell_count = count};
    for (int i = 0; i < count; i++) block->cells[i] = copy(print, cells[i]);
    if (print->last) print->last->next = block;
    else print->first = block;
    print->last = block;
    print->block_count++;
    return block;
}

void print_init(struct print *print, const struct print_head *head, struct scratch *scratch) {
    *print = (struct print){.scratch = scratch, .head = *head};
    (void)add(print, BLOCK_TITLE, &head->title, 1);
}

void print_heading(struct print *print, int level, const char *text) {
    struct print_block *block = add(print, BLOCK_HEADING, &text, 1);
    if (block) block->level = level;
}

void print_paragraph(struct print *print, const char *text) {
    (void)add(print, BLOCK_PARAGRAPH, &text, 1);
}

void print_small(struct print *print, const char *text) {
    (void)add(print, BLOCK_SMALL, &text, 1);
}

void print_notice(struct print *print, const char *text) {
    (void)add(print, BLOCK_NOTICE, &text, 1);
}

void print_item(struct print *print, const char *text, const char *address) {
    struct print_block *block = add(print, BLOCK_ITEM, &text, 1);
    if (block && address) block->address = copy(print, address);
}

void print_fact(struct print *print, const char *name, const char *text) {
    static const struct print_column columns[] = {{.share = 4}, {.share = 5}};
    const char *const cells[] = {name, text};
    struct print_block *block = add(print, BLOCK_FACT, cells, 2);
    if (block) block->columns = columns;
}

void print_table(struct print *print, const struct print_column *columns, int count) {
    if (count > PRINT_COLUMNS_MAX) print->failed = true;
    print->columns = columns;
    print->column_count = count > PRINT_COLUMNS_MAX ? PRINT_COLUMNS_MAX : count;
    print->table++;
}

void print_table_row(struct print *print, enum print_row kind, const char *const *cells) {
    struct print_block *block = add(print, BLOCK_ROW, cells, print->column_count);
    if (!block) return;
    block->row = kind;
    block->columns = print->columns;
    block->table = print->table;
}
