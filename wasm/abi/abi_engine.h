#ifndef OSSICLE_WASM_ABI_ABI_ENGINE_H_
#define OSSICLE_WASM_ABI_ABI_ENGINE_H_

#include "ossicle/catalogue.h"
#include "ossicle/engine.h"

struct osl_reader {
  ossicle::CatalogueReader reader;
};

struct osl_engine {
  ossicle::Engine engine;
};

#endif  // OSSICLE_WASM_ABI_ABI_ENGINE_H_
