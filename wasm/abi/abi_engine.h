#ifndef OSSICLE_WASM_ABI_ABI_ENGINE_H_
#define OSSICLE_WASM_ABI_ABI_ENGINE_H_

// The engine's handle, which other parts ask for its catalogue and its listener.

#include "ossicle.h"
#include "ossicle/engine.h"

struct osl_engine {
  ossicle::Engine engine;
};

#endif  // OSSICLE_WASM_ABI_ABI_ENGINE_H_
