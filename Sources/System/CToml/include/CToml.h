// A TOML document as a tree that C, and so Swift, can walk. Positions count from 1.
#pragma once
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ctoml_document ctoml_document;
typedef struct ctoml_node ctoml_node;

typedef enum {
  CTOML_TABLE, CTOML_ARRAY, CTOML_TEXT, CTOML_INTEGER, CTOML_NUMBER, CTOML_BOOLEAN, CTOML_DATE
} ctoml_kind;

typedef struct { int line, column; } ctoml_place;

// Parses a text. On failure returns NULL and gives the place and a description, which the caller frees.
ctoml_document *ctoml_parse(const char *text, size_t length, ctoml_place *place, char **description);
void ctoml_free(ctoml_document *document);

const ctoml_node *ctoml_root(const ctoml_document *document);
ctoml_kind ctoml_kind_of(const ctoml_node *node);
ctoml_place ctoml_place_of(const ctoml_node *node);
// Members of a table or elements of an array. A table's members come in the order of their keys.
size_t ctoml_count(const ctoml_node *node);
const ctoml_node *ctoml_element(const ctoml_node *array, size_t index);
const ctoml_node *ctoml_member(
    const ctoml_node *table, size_t index, const char **key, size_t *length, ctoml_place *place);
const char *ctoml_text(const ctoml_node *node, size_t *length);
long long ctoml_integer(const ctoml_node *node);
double ctoml_number(const ctoml_node *node);
int ctoml_boolean(const ctoml_node *node);

#ifdef __cplusplus
}
#endif
