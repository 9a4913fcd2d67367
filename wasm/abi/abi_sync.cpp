// Checking a snapshot.

#include <utility>

#include "abi.h"
#include "abi_engine.h"
#include "ossicle/sync.h"

using ossicle::abi::fail;
using ossicle::abi::finish;
using ossicle::abi::missing_argument;

extern "C" {

osl_code osl_snapshot_check(const osl_engine* engine, osl_reader* next, osl_error* error) {
  if (engine == nullptr || next == nullptr) return missing_argument(error);
  const auto read = std::move(next->reader).finish();
  if (!read) return fail(read.error(), error);
  return finish(ossicle::check_snapshot(engine->engine.catalogue(), read.value().view, {}), error);
}

}  // extern "C"
