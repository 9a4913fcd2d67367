# Which module may use which: the dependency table of the architecture, as data. A module sees only the headers of what it USES
# (private include folders), so a wrong #include does not compile; a wrong USES stops the configuration here.
set(OSL_ALLOWED_base "")
set(OSL_ALLOWED_io base)
set(OSL_ALLOWED_kernels base)
set(OSL_ALLOWED_nn base io kernels ossicle::xnnpack)
# kernels: the products and the norm before and after the encoder's layers.
set(OSL_ALLOWED_text base io kernels nn ossicle::sentencepiece)
set(OSL_ALLOWED_catalogue base io)
# catalogue: which of its rows a credit (ossicle/credits.h) names; only a name has its parts, and names are read here.
set(OSL_ALLOWED_history base catalogue)
set(OSL_ALLOWED_profile base catalogue kernels ossicle::eigen)
set(OSL_ALLOWED_mf base catalogue kernels ossicle::eigen)
set(OSL_ALLOWED_candidates base catalogue kernels)
set(OSL_ALLOWED_rank base catalogue kernels)
set(OSL_ALLOWED_explain base catalogue kernels)
set(OSL_ALLOWED_feedback base catalogue kernels)
# history: names and credits of tracks.
set(OSL_ALLOWED_library base kernels catalogue history)
set(OSL_ALLOWED_eval base)
# io: style reads its own file.
set(OSL_ALLOWED_style base io kernels nn catalogue)
# base reads JSON for io and history; nothing else sees nlohmann/json.
list(APPEND OSL_ALLOWED_base ossicle::json)
# io: it reads and writes its own file, as style does.
set(OSL_ALLOWED_sequence base io kernels nn catalogue)
# It cannot even name a listen.
set(OSL_ALLOWED_privacy base)
# mf: new rows are solved in the eigenbasis of training, and rounded as it rounds them.
set(OSL_ALLOWED_sync base catalogue privacy mf)
# The engine meets every stage.
set(OSL_ALLOWED_engine base io kernels catalogue history profile candidates rank explain feedback)

# ossicle_module(<name> SOURCES ... USES ...): the static library ossicle_<name> from core/src/<name>, with headers included as
# "<name>/<file>.h".
function(ossicle_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  if(NOT DEFINED OSL_ALLOWED_${name})
    message(FATAL_ERROR "module '${name}' is not in the dependency table, core/modules.cmake")
  endif()
  set(headers ${CMAKE_BINARY_DIR}/module_include/${name})
  file(MAKE_DIRECTORY ${headers})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/src/${name} ${headers}/${name} SYMBOLIC)
  list(TRANSFORM ARG_SOURCES PREPEND src/${name}/)
  add_library(ossicle_${name} STATIC ${ARG_SOURCES})
  add_library(ossicle_${name}_headers INTERFACE)
  target_include_directories(ossicle_${name}_headers INTERFACE ${headers})
  target_include_directories(ossicle_${name} PUBLIC include PRIVATE ${headers})
  target_link_libraries(ossicle_${name} PRIVATE ossicle_product_flags)
  foreach(used ${ARG_USES})
    if(NOT used IN_LIST OSL_ALLOWED_${name})
      message(FATAL_ERROR "module '${name}' may not use '${used}': core/modules.cmake allows: ${OSL_ALLOWED_${name}}")
    endif()
    if(TARGET ossicle_${used})
      target_link_libraries(ossicle_${name} PRIVATE ossicle_${used} ossicle_${used}_headers)
    else()
      target_link_libraries(ossicle_${name} PRIVATE ${used})
    endif()
  endforeach()
endfunction()
