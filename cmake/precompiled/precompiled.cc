// Compiled only to make the precompiled header that the other targets reuse, see cmake/precompiled.cmake.
