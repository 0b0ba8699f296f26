set(journeyfeed_warnings -Wall -Wextra -Wpedantic)
# GCC 12 takes `"text" + string` for an overflow when it inlines it (its bug 105651). What comes out of a precompiled header
# does not count as a system header, where it would say nothing.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND journeyfeed_warnings -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
endif()
# Accesses without the mutex that storage/base/thread_safety.h says they need; GCC has no such analysis.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  list(APPEND journeyfeed_warnings -Werror=thread-safety)
endif()
if(JOURNEYFEED_WERROR)
  list(APPEND journeyfeed_warnings -Werror)
endif()

# Some libraries bring -pthread, others do not, and a precompiled header serves only sources with the same flags.
add_library(journeyfeed_threads INTERFACE)
target_compile_options(journeyfeed_threads INTERFACE -pthread)
target_link_libraries(journeyfeed_threads INTERFACE Threads::Threads)

# journeyfeed_library(NAME source... [PUBLIC dep...] [PRIVATE dep...])
# One target per folder. Includes are written from the top of the repository. The compiler would let a folder include any
# other; deploy/lint/layers.txt says which it may.
# Several sources are compiled as one: most of the time goes into templates that they share. So two sources of a folder
# cannot use one name for different things. Six at a time: more would make the build after a change of one source slow.
function(journeyfeed_library name)
  cmake_parse_arguments(ARG "" "" "PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_compile_options(${name} PRIVATE ${journeyfeed_warnings})
  target_link_libraries(${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} journeyfeed_threads)
  target_precompile_headers(${name} REUSE_FROM journeyfeed_precompiled)
  set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 6)
endfunction()

# journeyfeed_binary(NAME source... [LINK dep...] [PRECOMPILED target])
function(journeyfeed_binary name)
  cmake_parse_arguments(ARG "" "PRECOMPILED" "LINK" ${ARGN})
  if(NOT ARG_PRECOMPILED)
    set(ARG_PRECOMPILED journeyfeed_precompiled)
  endif()
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${journeyfeed_warnings})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} journeyfeed_threads)
  target_precompile_headers(${name} REUSE_FROM ${ARG_PRECOMPILED})
endfunction()
