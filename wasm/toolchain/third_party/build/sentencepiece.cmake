# sentencepiece 0.1.97 with its bundled protobuf-lite, absl and darts. Upstream's CMakeLists builds tools,
# shared libraries and an install we have no use for, and one archive for using and training together.
set(SP ${SRC}/sentencepiece)
set(SP_SRCS
  src/bpe_model.cc src/char_model.cc src/error.cc src/filesystem.cc src/model_factory.cc src/model_interface.cc
  src/normalizer.cc src/sentencepiece_processor.cc src/unigram_model.cc src/util.cc src/word_model.cc
  src/builtin_pb/sentencepiece.pb.cc src/builtin_pb/sentencepiece_model.pb.cc
  third_party/absl/strings/string_view.cc third_party/absl/flags/flag.cc)
foreach(_f arena arenastring bytestream coded_stream common extension_set generated_enum_util
    generated_message_table_driven_lite generated_message_util implicit_weak_message int128 message_lite
    parse_context repeated_field status statusor stringpiece stringprintf structurally_valid strutil time
    wire_format_lite zero_copy_stream zero_copy_stream_impl zero_copy_stream_impl_lite)
  list(APPEND SP_SRCS third_party/protobuf-lite/${_f}.cc)
endforeach()
set(SP_TRAIN_SRCS
  src/builder.cc src/unicode_script.cc src/trainer_factory.cc src/trainer_interface.cc
  src/unigram_model_trainer.cc src/word_model_trainer.cc src/char_model_trainer.cc src/bpe_model_trainer.cc
  src/sentencepiece_trainer.cc src/pretokenizer_for_training.cc)
list(TRANSFORM SP_SRCS PREPEND ${SP}/)
list(TRANSFORM SP_TRAIN_SRCS PREPEND ${SP}/)

file(STRINGS ${SP}/VERSION.txt SP_VERSION LIMIT_COUNT 1)
file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/sp/config.h
  "#pragma once\n#define VERSION \"${SP_VERSION}\"\n#define PACKAGE \"sentencepiece\"\n#define PACKAGE_STRING \"sentencepiece\"\n")

add_library(sp_flags INTERFACE)
if(NOT OSSICLE_VARIANT STREQUAL "native")
  # The engine has no exceptions, and one `throw` left in the module makes it import __cxa_throw from
  # JavaScript. Only darts.h has any: at build time it is rewritten to stop instead. Where that could
  # happen (out of memory, a model with impossible pieces) a trap ends the worker, which is the rule.
  file(READ ${SP}/third_party/darts_clone/darts.h _darts)
  string(REGEX REPLACE "throw Darts::Details::Exception\\(" "::ossicle_darts_stop(" _darts "${_darts}")
  string(REGEX REPLACE "try {" "{" _darts "${_darts}")
  string(REGEX REPLACE "} catch \\(const std::bad_alloc &\\) {" "} if (false) {" _darts "${_darts}")
  string(PREPEND _darts "#pragma once\n[[noreturn]] inline void ossicle_darts_stop(const char*) { __builtin_trap(); }\n")
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/sp/third_party/darts_clone/darts.h "${_darts}")
  target_compile_options(sp_flags INTERFACE -fno-exceptions -fno-rtti)
endif()
# The generated folder first: it shadows darts.h.
target_include_directories(sp_flags INTERFACE ${CMAKE_CURRENT_BINARY_DIR}/sp ${SP} ${SP}/src ${SP}/src/builtin_pb
  ${SP}/third_party ${SP}/third_party/protobuf-lite)
target_compile_definitions(sp_flags INTERFACE _USE_INTERNAL_STRING_VIEW HAVE_PTHREAD=1 SPM_NO_THREADLOCAL=1
  GOOGLE_PROTOBUF_NO_THREADLOCAL=1)
target_compile_options(sp_flags INTERFACE ${COLD})

add_library(sentencepiece STATIC ${SP_SRCS})
target_link_libraries(sentencepiece PRIVATE sp_flags)
if(OSSICLE_VARIANT STREQUAL "native")
  add_library(sentencepiece_train STATIC ${SP_TRAIN_SRCS})
  target_link_libraries(sentencepiece_train PRIVATE sp_flags)
endif()
