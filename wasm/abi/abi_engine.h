#ifndef OSSICLE_WASM_ABI_ABI_ENGINE_H_
#define OSSICLE_WASM_ABI_ABI_ENGINE_H_

#include "ossicle/engine.h"

struct osl_engine {
  ossicle::Engine engine;
};

#endif  // OSSICLE_WASM_ABI_ABI_ENGINE_H_
