// Errors of nlftp in C++: std::error_code, an exception with the details, and what a lambda threw.
// Part of <nlftp.hpp>: include that one.
#ifndef NLFTP_HPP_ERROR
#define NLFTP_HPP_ERROR

#include <nlftp.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

// With -fno-exceptions the functions that throw are left out; their noexcept overloads stay. What such a program
// compiles has names of its own, so that it may be linked with parts that were compiled with exceptions.
#if defined(__cpp_exceptions) || defined(__EXCEPTIONS)
#define NLFTP_HPP_EXCEPTIONS 1
#define NLFTP_HPP_BEGIN namespace nlftp {
#define NLFTP_HPP_END }
#else
#define NLFTP_HPP_EXCEPTIONS 0
#define NLFTP_HPP_BEGIN namespace nlftp { inline namespace without_exceptions {
#define NLFTP_HPP_END } }
#endif

NLFTP_HPP_BEGIN

/// What became of a call: the kinds of error. The numbers are those of the C API and of the command line's exit.
/// Comparable with std::error_code: `if (error == nlftp::Status::refused)`.
enum class Status : int {
    ok = NLFTP_OK,                             ///< success
    invalid_argument = NLFTP_INVALID_ARGUMENT, ///< refused before a byte was sent; also a moved-from object
    port = NLFTP_PORT,                         ///< the serial port cannot be opened, is taken, or was lost
    timeout = NLFTP_TIMEOUT,                   ///< no answer in time, or the call's deadline passed
    command = NLFTP_COMMAND,                   ///< the modem answered ERROR, +CME ERROR or +CMS ERROR
    refused = NLFTP_REFUSED,                   ///< the FTP server refused: outcome 0
    not_connected = NLFTP_NOT_CONNECTED,       ///< no FTP connection
    busy = NLFTP_BUSY,                         ///< another operation held the modem until this one's deadline
    transfer = NLFTP_TRANSFER,                 ///< a transfer began and did not end whole
    local_file = NLFTP_LOCAL_FILE,             ///< a local file, stream, source or sink failed
    closed = NLFTP_CLOSED,                     ///< the modem was closed, or belongs to the forked process's parent
    would_deadlock = NLFTP_WOULD_DEADLOCK,     ///< waiting inside a callback
    panic = NLFTP_PANIC,                       ///< a bug of the library; the modem's handle is of no more use
    pending = NLFTP_PENDING,                   ///< no failure: the operation still runs
    again = NLFTP_AGAIN,                       ///< no failure: nothing to give, or no room, right now
    no_value = NLFTP_NO_VALUE,                 ///< no failure: there is no such value
    cancelled = NLFTP_CANCELLED,               ///< the caller cancelled the operation
    callback_failed = 1000                     ///< C++ only: a callback threw; see callback_exception()
};

/// Which table of result codes a modem's number belongs to.
enum class CodeFamily : int {
    cme = NLFTP_CODE_CME,      ///< +CME ERROR, 3GPP TS 27.007
    cms = NLFTP_CODE_CMS,      ///< +CMS ERROR, 3GPP TS 27.005
    tcp_ip = NLFTP_CODE_TCP_IP ///< ERROR: n, of the TCP/IP and FTP commands
};

/// The category of this library's error codes, "nlftp". Its values are those of Status.
inline const std::error_category &error_category() noexcept;

/// An error code of this library's category.
inline std::error_code make_error_code(Status status) noexcept {
    return {static_cast<int>(status), error_category()};
}

NLFTP_HPP_END

template <>
struct std::is_error_code_enum<nlftp::Status> : std::true_type {};

NLFTP_HPP_BEGIN

/// All that the library knows about a failure.
struct ErrorDetails {
    Status status = Status::ok;                ///< its kind
    std::string sentence;                      ///< the cause and what to do, in one sentence
    std::optional<std::uint32_t> modem_code;   ///< the modem's number, such as 2031 of `+CME ERROR: 2031`
    std::optional<CodeFamily> code_family;     ///< the table that the number belongs to
    std::optional<std::string> text;           ///< the modem's own words, such as `+FTPCWD: 0`
    std::optional<std::uint64_t> transferred;  ///< bytes of the file that had been moved when a transfer failed
    std::optional<std::string> left_behind;    ///< what a failed transfer may have left, here or on the server
    std::optional<int> os_error;               ///< errno, where the operating system gave the cause
};

namespace detail {

class Category final : public std::error_category {
public:
    const char *name() const noexcept override { return "nlftp"; }

    std::string message(int value) const override {
        if (value == static_cast<int>(Status::callback_failed)) {
            return "a callback threw an exception";
        }
        return nlftp_status_text(static_cast<nlftp_status>(value));
    }

    // Kinds that the standard has a word for compare equal to it: `error == std::errc::timed_out`.
    std::error_condition default_error_condition(int value) const noexcept override {
        switch (static_cast<Status>(value)) {
        case Status::invalid_argument: return std::errc::invalid_argument;
        case Status::timeout: return std::errc::timed_out;
        case Status::not_connected: return std::errc::not_connected;
        case Status::busy: return std::errc::device_or_resource_busy;
        case Status::closed: return std::errc::bad_file_descriptor;
        case Status::would_deadlock: return std::errc::resource_deadlock_would_occur;
        case Status::pending: return std::errc::operation_in_progress;
        case Status::again: return std::errc::resource_unavailable_try_again;
        case Status::cancelled: return std::errc::operation_canceled;
        default: return {value, *this};
        }
    }
};

/// What is freed once the callback that runs on this thread has returned.
class Deferred {
public:
    virtual ~Deferred() = default;
    virtual void settle() noexcept = 0;
    std::shared_ptr<Deferred> self; // keeps it while it is in a list
    Deferred *next = nullptr;
};

/// A callback that runs on this thread now, and the one that it runs inside of.
struct RunningCallback {
    const void *of;
    const RunningCallback *outer;
};

/// Without a destructor, so that objects that live longer than the thread's own variables can still use it.
struct ThreadState {
    /// A failure that this header found: its sentence. Null: the last failure was the C library's.
    const char *sentence = nullptr;
    Status status = Status::ok;
    /// Whether a callback of a modem threw what was not yet reported to a caller: ThreadExceptions::thrown.
    bool threw = false;
    const RunningCallback *running = nullptr;
    /// How many calls that settle `deferred` this thread is in.
    int calls = 0;
    Deferred *deferred = nullptr;
};

struct ThreadExceptions {
    std::exception_ptr thrown;
    /// What the last Status::callback_failed stands for.
    std::exception_ptr reported;
};

inline ThreadState &thread_state() noexcept {
    static thread_local ThreadState state;
    return state;
}

inline ThreadExceptions &thread_exceptions() noexcept {
    static thread_local ThreadExceptions exceptions;
    return exceptions;
}

/// A failure that this header found itself; `sentence` is a literal.
inline void fail(std::error_code &error, Status status, const char *sentence) noexcept {
    ThreadState &state = thread_state();
    state.status = status;
    state.sentence = sentence;
    error = make_error_code(status);
}

/// A status of the C library that is not OK.
inline void fail(std::error_code &error, nlftp_status status) noexcept {
    if (status == NLFTP_PENDING || status == NLFTP_AGAIN || status == NLFTP_NO_VALUE) {
        // No failures to the C library, which therefore keeps no sentence for them.
        fail(error, static_cast<Status>(status), nlftp_status_text(status));
        return;
    }
    thread_state().sentence = nullptr;
    error = make_error_code(static_cast<Status>(status));
}

inline void fail(std::error_code &error, std::exception_ptr thrown) noexcept {
    thread_exceptions().reported = std::move(thrown);
    fail(error, Status::callback_failed, "a callback threw an exception");
}

/// Calls the C library, unless an argument was refused before.
template <class Call>
void check(std::error_code &error, Call &&call) noexcept {
    if (!error) {
        const nlftp_status status = call();
        if (status != NLFTP_OK) {
            fail(error, status);
        }
    }
}

/// Runs `body`, which sets `error` itself. Memory that cannot be had becomes an error code, too.
template <class Body>
auto guarded(std::error_code &error, Body &&body) noexcept -> decltype(body()) {
    error.clear();
#if NLFTP_HPP_EXCEPTIONS
    using Result = decltype(body());
    try {
        return body();
    } catch (const std::bad_alloc &) {
        error = std::make_error_code(std::errc::not_enough_memory);
    } catch (...) {
        // From code of the user's: a stream, or the copy of a lambda.
        fail(error, std::current_exception());
    }
    if constexpr (!std::is_void_v<Result>) {
        return Result{};
    }
#else
    return body();
#endif
}

} // namespace detail

inline const std::error_category &error_category() noexcept {
    static const detail::Category category;
    return category;
}

/// The details of this thread's last failure of an nlftp call, for callers of the noexcept overloads. Valid until the
/// next call that fails on this thread. Never blocks.
inline ErrorDetails last_error() {
    const detail::ThreadState &state = detail::thread_state();
    ErrorDetails details;
    if (state.sentence != nullptr) {
        details.status = state.status;
        details.sentence = state.sentence;
        return details;
    }
    details.status = static_cast<Status>(nlftp_last_error_status());
    details.sentence = nlftp_last_error();
    std::uint32_t code = 0;
    if (nlftp_last_error_code(&code) == NLFTP_OK) {
        details.modem_code = code;
    }
    nlftp_code_family family = NLFTP_CODE_CME;
    if (nlftp_last_error_code_family(&family) == NLFTP_OK) {
        details.code_family = static_cast<CodeFamily>(family);
    }
    const char *text = nullptr;
    if (nlftp_last_error_text(&text) == NLFTP_OK) {
        details.text = text;
    }
    std::uint64_t bytes = 0;
    if (nlftp_last_error_transferred(&bytes) == NLFTP_OK) {
        details.transferred = bytes;
    }
    if (nlftp_last_error_left_behind(&text) == NLFTP_OK) {
        details.left_behind = text;
    }
    int number = 0;
    if (nlftp_last_error_errno(&number) == NLFTP_OK) {
        details.os_error = number;
    }
    return details;
}

/// What the callback threw that this thread's last Status::callback_failed stands for; null before the first. The
/// overloads that throw rethrow it themselves: this is for callers of the noexcept ones.
inline std::exception_ptr callback_exception() noexcept {
    return detail::thread_exceptions().reported;
}

#if NLFTP_HPP_EXCEPTIONS

/// What the throwing overloads throw. what() is the sentence; code() compares with Status and std::errc.
/// Two other things can be thrown: std::bad_alloc, and whatever a callback of yours threw.
class Error : public std::system_error {
public:
    /// An error with these details.
    explicit Error(ErrorDetails details)
        : std::system_error(make_error_code(details.status)),
          details_(std::make_shared<const ErrorDetails>(std::move(details))) {}

    /// The sentence: the cause and what to do.
    const char *what() const noexcept override { return details_->sentence.c_str(); }
    /// The kind.
    Status kind() const noexcept { return details_->status; }
    /// The modem's number, such as 2031 of `+CME ERROR: 2031`.
    std::optional<std::uint32_t> modem_code() const noexcept { return details_->modem_code; }
    /// The table that modem_code() belongs to; code_meaning() tells what it means.
    std::optional<CodeFamily> code_family() const noexcept { return details_->code_family; }
    /// The modem's own words, such as `+FTPCWD: 0`.
    const std::optional<std::string> &text() const noexcept { return details_->text; }
    /// Bytes of the file that had been moved when a transfer failed.
    std::optional<std::uint64_t> transferred() const noexcept { return details_->transferred; }
    /// What a failed transfer may have left, here or on the server.
    const std::optional<std::string> &left_behind() const noexcept { return details_->left_behind; }
    /// errno, where the operating system gave the cause.
    std::optional<int> os_error() const noexcept { return details_->os_error; }
    /// All of these.
    const ErrorDetails &details() const noexcept { return *details_; }

private:
    std::shared_ptr<const ErrorDetails> details_; // shared: copying an exception must not throw
};

namespace detail {

[[noreturn]] inline void raise(const std::error_code &error) {
    if (error == std::errc::not_enough_memory) {
        throw std::bad_alloc();
    }
    if (error == Status::callback_failed) {
        std::rethrow_exception(callback_exception());
    }
    throw Error(last_error());
}

/// Makes a function that throws of the noexcept one that `body` calls.
template <class Body>
auto or_throw(Body &&body) {
    std::error_code error;
    if constexpr (std::is_void_v<decltype(body(error))>) {
        body(error);
        if (error) {
            raise(error);
        }
    } else {
        auto result = body(error);
        if (error) {
            raise(error);
        }
        return result;
    }
}

} // namespace detail

#endif

NLFTP_HPP_END

#endif
