# Target: journeyfeed::journeyfeed_client.
include(CMakeFindDependencyMacro)
find_dependency(Threads)
find_dependency(gRPC CONFIG)
include(${CMAKE_CURRENT_LIST_DIR}/journeyfeed_client-targets.cmake)
