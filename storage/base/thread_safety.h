// Annotations of clang's thread-safety analysis (-Wthread-safety); nothing for other compilers. They say which mutex
// guards a member and which functions need it, and clang reports an access without it. For Mutex and MutexLock of
// mutex.h: the standard library's mutex has no annotations.
#pragma once

#if defined(__clang__)
#define JF_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define JF_THREAD_SAFETY(attribute)
#endif

// A member: read and written only while the mutex is held.
#define JF_GUARDED_BY(mutex) JF_THREAD_SAFETY(guarded_by(mutex))
// A function or lambda: the caller holds the mutex.
#define JF_REQUIRES(...) JF_THREAD_SAFETY(requires_capability(__VA_ARGS__))
// A function: the caller does not hold the mutex, because the function takes it.
#define JF_EXCLUDES(...) JF_THREAD_SAFETY(locks_excluded(__VA_ARGS__))

// For mutex types and their locks.
#define JF_CAPABILITY(name) JF_THREAD_SAFETY(capability(name))
#define JF_SCOPED_CAPABILITY JF_THREAD_SAFETY(scoped_lockable)
#define JF_ACQUIRE(...) JF_THREAD_SAFETY(acquire_capability(__VA_ARGS__))
#define JF_RELEASE(...) JF_THREAD_SAFETY(release_capability(__VA_ARGS__))
