// nlftp in C++17 and later: files over FTP through a Fibocom NL668 or NL661 module. Header-only, over the C API.
//
//     #include <nlftp.hpp>
//
//     nlftp::Modem modem{nlftp::Config{"/dev/ttyUSB2"}};
//     modem.open();
//     nlftp::Ftp ftp = modem.ftp(nlftp::Login("ftp.example.com", "user", "secret"));
//     nlftp::Transfer sent = ftp.put_file("report.csv", "report.csv");
//
// Build: c++ -std=c++17 program.cpp $(pkg-config --cflags --libs nlftp), or find_package(nlftp) with CMake.
//
// Errors. Every function that can fail is there twice: one throws nlftp::Error (a std::system_error with the sentence,
// the modem's words and code, bytes transferred, what was left behind), the other is noexcept and ends in a
// std::error_code &, which it clears first. With -fno-exceptions only the latter are there; -fno-rtti is fine.
//
// Calls. Every verb is there as a call that blocks, `ftp.put(...)`, and as one that is started, `ftp.start_put(...)`,
// which returns an Operation at once. Operations are waited for, or an event loop watches Modem::fd() and calls
// Modem::dispatch(), which says what has ended or calls what was given to Operation::then.
//
// Callbacks. Any callable; it lives as long as it may be called. Callbacks run in the call that waits or dispatches, on
// its thread. What one throws does not pass through the C library: it is caught, kept, and rethrown to the caller of
// that call (an operation's own callbacks: by its wait() and results). For the noexcept overloads it is the error
// Status::callback_failed, and nlftp::callback_exception() has it. A callback of the log may not throw: it is dropped.
//
// Texts are octets with a length; a NUL in one is Status::invalid_argument, before anything is sent. Strings that hold
// a password are wiped. An object that was moved from can be assigned to or destroyed; a call on it is an error.
#ifndef NLFTP_HPP
#define NLFTP_HPP

#if __cplusplus < 201703L
#error "nlftp.hpp needs C++17; nlftp.h is for older C++"
#endif

#include "nlftp/callback.hpp"
#include "nlftp/entries.hpp"
#include "nlftp/error.hpp"
#include "nlftp/ftp.hpp"
#include "nlftp/library.hpp"
#include "nlftp/modem.hpp"
#include "nlftp/operation.hpp"
#include "nlftp/options.hpp"
#include "nlftp/results.hpp"
#include "nlftp/source.hpp"

#endif
