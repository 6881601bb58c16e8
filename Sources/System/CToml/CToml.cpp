#include "CToml.h"

#include <cstring>
#include <iterator>
#include <toml++/toml.h>

struct ctoml_document {
  toml::table root;
};

namespace {
const toml::node *in(const ctoml_node *node) { return reinterpret_cast<const toml::node *>(node); }
const ctoml_node *out(const toml::node *node) { return reinterpret_cast<const ctoml_node *>(node); }
ctoml_place place_of(const toml::source_region &region) {
  return {static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}
}  // namespace

extern "C" {

ctoml_document *ctoml_parse(const char *text, size_t length, ctoml_place *place, char **description) {
  try {
    return new ctoml_document{toml::parse(std::string_view(text, length))};
  } catch (const toml::parse_error &error) {
    *place = place_of(error.source());
    const auto sentence = error.description();
    *description = strndup(sentence.data(), sentence.size());
  } catch (const std::exception &error) {
    *place = {1, 1};
    *description = strdup(error.what());
  }
  return nullptr;
}

void ctoml_free(ctoml_document *document) { delete document; }

const ctoml_node *ctoml_root(const ctoml_document *document) { return out(&document->root); }

ctoml_kind ctoml_kind_of(const ctoml_node *node) {
  switch (in(node)->type()) {
    case toml::node_type::table: return CTOML_TABLE;
    case toml::node_type::array: return CTOML_ARRAY;
    case toml::node_type::string: return CTOML_TEXT;
    case toml::node_type::integer: return CTOML_INTEGER;
    case toml::node_type::floating_point: return CTOML_NUMBER;
    case toml::node_type::boolean: return CTOML_BOOLEAN;
    default: return CTOML_DATE;
  }
}

ctoml_place ctoml_place_of(const ctoml_node *node) { return place_of(in(node)->source()); }

size_t ctoml_count(const ctoml_node *node) {
  if (const auto *table = in(node)->as_table()) return table->size();
  if (const auto *array = in(node)->as_array()) return array->size();
  return 0;
}

const ctoml_node *ctoml_element(const ctoml_node *array, size_t index) { return out(in(array)->as_array()->get(index)); }

const ctoml_node *ctoml_member(
    const ctoml_node *table, size_t index, const char **key, size_t *length, ctoml_place *place) {
  const auto member = std::next(in(table)->as_table()->begin(), static_cast<std::ptrdiff_t>(index));
  *key = member->first.data();
  *length = member->first.length();
  *place = place_of(member->first.source());
  return out(&member->second);
}

const char *ctoml_text(const ctoml_node *node, size_t *length) {
  const auto &text = in(node)->as_string()->get();
  *length = text.size();
  return text.data();
}

long long ctoml_integer(const ctoml_node *node) { return in(node)->as_integer()->get(); }
double ctoml_number(const ctoml_node *node) { return in(node)->as_floating_point()->get(); }
int ctoml_boolean(const ctoml_node *node) { return in(node)->as_boolean()->get(); }
}
