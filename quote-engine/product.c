/* Compiles a product: schema, product.xml, its models, and whether they fit. */
#include <stdlib.h>
#include <string.h>

#include "dmn.h"
#include "proof.h"

enum { PRODUCT_TEXT_MAX_BYTES = 4 * 1024 * 1024 };

static void document_read(struct product_reader *reader, const struct product_sources *sources) {
    const struct xml_element *root;
    const char *namespace;
    if (sources->product->length > PRODUCT_TEXT_MAX_BYTES) {
        product_fail(reader, 0, "", "the file is larger than %d MiB",
                     PRODUCT_TEXT_MAX_BYTES / 1024 / 1024);
        reader->status = QUOTE_TOO_LARGE;
        return;
    }
    /* First the bounded reader: what it refuses, the validator never sees. */
    reader->status = xml_read(sources->product, &reader->product->arena, reader->problems, &root,
                              &namespace);
    if (reader->status != QUOTE_OK) return;
    if (sources->schema) product_validate(reader, sources->product, sources->schema);
    if (reader->status == QUOTE_OK) product_read(reader, root);
}

static const struct source *model_find(const struct product_sources *sources, const char *name) {
    for (size_t i = 0; i < sources->model_count; i++)
        if (strcmp(sources->models[i].name, name) == 0) return &sources->models[i];
    return NULL;
}

static void models_compile(struct product_reader *reader, const struct product_sources *sources) {
    struct product *product = reader->product;
    struct source models[PRODUCT_MODELS_MAX];
    for (int i = 0; i < product->model_count; i++) {
        const struct source *model = model_find(sources, product->models[i]);
        if (model) {
            models[i] = *model;
        } else {
            product_fail(reader, product->model_line, "model",
                         "there is no file %s: put it beside product.xml", product->models[i]);
        }
    }
    if (reader->status != QUOTE_OK) return;
    reader->status = dmn_program_compile(&models[0], models + 1, (size_t)product->model_count - 1,
                                         false, reader->proving ? DMN_PROOF : DMN_PRODUCT,
                                         reader->problems, &product->program);
}

int product_compile(const struct product_sources *sources, struct problems *problems,
                    struct product **ret_product) {
    struct product *product = calloc(1, sizeof *product);
    if (!product) return QUOTE_NO_MEMORY;
    arena_init(&product->arena, PRODUCT_MEMORY_BYTES);
    struct product_reader reader = {
        .product = product, .problems = problems, .proving = sources->schema != NULL};
    product->file = arena_copy(&product->arena, sources->product->name,
                               strlen(sources->product->name));
    if (!product->file) reader.status = QUOTE_NO_MEMORY;
    if (reader.status == QUOTE_OK) document_read(&reader, sources);
    /* A wrong question does not keep the model from being read: all problems in one go. */
    if (product->model_count && reader.status != QUOTE_NO_MEMORY) {
        int before = reader.status;
        reader.status = QUOTE_OK;
        models_compile(&reader, sources);
        if (reader.status == QUOTE_OK) reader.status = before;
    }
    if (reader.status == QUOTE_OK) product_check(&reader);
    /* What does not fit its model is still worth a look, so that all is said in one go. */
    if (reader.proving && product->program && reader.status != QUOTE_NO_MEMORY)
        proof_run(&reader, sources);
    if (product->arena.starved) reader.status = QUOTE_NO_MEMORY;
    if (reader.status != QUOTE_OK) {
        product_free(product);
        return reader.status;
    }
    *ret_product = product;
    return QUOTE_OK;
}

void product_free(struct product *product) {
    if (!product) return;
    plan_free(product->acceptance);
    plan_free(product->premium);
    program_free(product->program);
    arena_done(&product->arena);
    free(product);
}

const struct product_info *product_info(const struct product *product) { return &product->info; }

const struct program *product_program(const struct product *product) { return product->program; }
