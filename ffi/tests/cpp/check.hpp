// Tests and checks of the C++ programs. A check that fails says where and what, and ends the program with status 1.
#ifndef CHECK_HPP
#define CHECK_HPP

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

struct TestCase {
    const char *name;
    void (*run)();
};

inline std::vector<TestCase> &test_cases() {
    static std::vector<TestCase> cases;
    return cases;
}

struct TestRegistration {
    TestRegistration(const char *name, void (*run)()) { test_cases().push_back({name, run}); }
};

// A test of its own name.
#define TEST(name)                                                                                                     \
    static void test_##name();                                                                                         \
    static const TestRegistration registration_##name(#name, test_##name);                                            \
    static void test_##name()

[[noreturn]] inline void check_failed(const char *file, int line, const std::string &what) {
    std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
    std::exit(1);
}

// The condition holds.
#define CHECK(...)                                                                                                     \
    do {                                                                                                               \
        if (!(__VA_ARGS__)) {                                                                                          \
            check_failed(__FILE__, __LINE__, #__VA_ARGS__);                                                            \
        }                                                                                                              \
    } while (false)

// The error code is none.
#define CHECK_NONE(error)                                                                                              \
    do {                                                                                                               \
        if (error) {                                                                                                   \
            check_failed(__FILE__, __LINE__, (error).message() + ": " + nlftp::last_error().sentence);                 \
        }                                                                                                              \
    } while (false)

// The error code is this one.
#define CHECK_ERROR(expected, error)                                                                                   \
    do {                                                                                                               \
        if ((error) != (expected)) {                                                                                   \
            check_failed(__FILE__, __LINE__, "not " #expected ": " + (error).message());                               \
        }                                                                                                              \
    } while (false)

// The statement throws this, which is then there as `caught` in the block that follows.
#define CHECK_THROWS(type, ...)                                                                                        \
    for (const type caught : check_throws<type>([&] { __VA_ARGS__; }, __FILE__, __LINE__, #__VA_ARGS__))

#if defined(__cpp_exceptions)
template <class Type, class Body>
std::vector<Type> check_throws(Body &&body, const char *file, int line, const char *what) {
    try {
        body();
    } catch (const Type &caught) {
        return {caught};
    }
    check_failed(file, line, std::string("does not throw: ") + what);
}
#endif

// Runs the tests whose names are given, or all.
inline int run_tests(int argc, char **argv) {
    int count = 0;
    for (const TestCase &test : test_cases()) {
        bool wanted = argc < 2;
        for (int index = 1; index < argc; ++index) {
            wanted = wanted || std::strcmp(argv[index], test.name) == 0;
        }
        if (wanted) {
            std::fprintf(stderr, "test %s\n", test.name);
            test.run();
            ++count;
        }
    }
    std::printf("%d tests\n", count);
    return count > 0 ? 0 : 1;
}

#endif
