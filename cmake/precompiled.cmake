# Most of a source's compile time went into the headers of gRPC, Protocol Buffers and GoogleTest. They are compiled once:
# for what ships, and once more for the tests, which are built without optimisation.
# Sources include what they use all the same; -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON compiles them without it.
set(standard_headers
    <algorithm> <array> <atomic> <charconv> <chrono> <condition_variable> <cstdint> <expected> <filesystem> <fstream>
    <functional> <future> <iostream> <map> <memory> <mutex> <optional> <random> <set> <span> <sstream> <stop_token>
    <string> <string_view> <thread> <unordered_map> <utility> <variant> <vector>)
set(library_headers
    <grpcpp/grpcpp.h> <google/protobuf/descriptor.h> <google/protobuf/field_mask.pb.h> <google/protobuf/message.h>
    <google/protobuf/timestamp.pb.h> <google/protobuf/util/message_differencer.h> <google/protobuf/wrappers.pb.h>)

function(journeyfeed_precompiled name)
  cmake_parse_arguments(ARG "" "" "HEADERS;OPTIONS;LINK" ${ARGN})
  add_library(${name} STATIC ${PROJECT_SOURCE_DIR}/cmake/precompiled/precompiled.cc)
  target_compile_options(${name} PRIVATE ${journeyfeed_warnings} ${ARG_OPTIONS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  target_precompile_headers(${name} PRIVATE ${ARG_HEADERS})
endfunction()

journeyfeed_precompiled(journeyfeed_precompiled HEADERS ${standard_headers} ${library_headers} LINK gRPC::grpc++ protobuf::libprotobuf journeyfeed_threads)
