// The library itself: version, log, meaning of result codes. Part of <nlftp.hpp>: include that one.
#ifndef NLFTP_HPP_LIBRARY
#define NLFTP_HPP_LIBRARY

#include "callback.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

NLFTP_HPP_BEGIN

/// How much is logged.
enum class LogLevel : int {
    off = NLFTP_LOG_OFF,
    error = NLFTP_LOG_ERROR,
    warn = NLFTP_LOG_WARN,
    info = NLFTP_LOG_INFO,
    debug = NLFTP_LOG_DEBUG,
    trace = NLFTP_LOG_TRACE
};

/// A callback for the log: `callback(nlftp::LogLevel level, std::string_view message)`.
using LogCallback = Callback<void(LogLevel, std::string_view)>;

/// The library's version, such as "0.1.0". Of the library that runs, which may be newer than this header.
inline std::string_view version() noexcept {
    return nlftp_version();
}

/// A status's name, such as "not_connected".
inline std::string_view status_name(Status status) noexcept {
    return status == Status::callback_failed ? "callback_failed"
                                             : nlftp_status_name(static_cast<nlftp_status>(status));
}

/// What a modem's result code means (manual section 2); std::nullopt for a number that is in no table.
inline std::optional<std::string_view> code_meaning(CodeFamily family, std::uint32_t code) noexcept {
    const char *meaning = nullptr;
    if (nlftp_code_meaning(static_cast<nlftp_code_family>(family), code, &meaning) != NLFTP_OK) {
        return std::nullopt;
    }
    return meaning;
}

namespace detail {

/// The process's one log callback. Shared by whoever calls it, so that it may be replaced at the same time.
struct Log {
    std::mutex mutex;
    LogCallback callback;

    // Never destroyed: threads may log while the process ends.
    static Log &instance() {
        static Log *const log = new Log;
        return *log;
    }

    static void write(nlftp_log_level level, const char *message, void *) noexcept {
        const CallbackScope scope(&instance());
        LogCallback callback;
        {
            Log &log = instance();
            const std::lock_guard<std::mutex> lock(log.mutex);
            callback = log.callback;
        }
        if (!callback) {
            return;
        }
#if NLFTP_HPP_EXCEPTIONS
        try {
            callback(static_cast<LogLevel>(level), message);
        } catch (...) { // there is nobody to tell
        }
#else
        callback(static_cast<LogLevel>(level), message);
#endif
    }
};

} // namespace detail

/// Has the library log up to this level; nullptr ends it. One for the process. The callback runs on any thread, the
/// library's own too, perhaps on several at once. What it throws is dropped. When this returns, the callback before
/// does not run any more; for that it waits, unless it is called in a callback itself. A Modem, Operation or Entries
/// destroyed in it on a thread of the library's is freed by the next call of any thread that starts or waits for an
/// operation, or dispatches.
inline void set_log(LogLevel max_level, LogCallback callback, std::error_code &error) noexcept {
    detail::guarded(error, [&] {
        const nlftp_log_callback native = callback ? detail::Log::write : nullptr;
        detail::Log &log = detail::Log::instance();
        {
            const std::lock_guard<std::mutex> lock(log.mutex);
            std::swap(log.callback, callback);
        }
        detail::check(error, [&] {
            return nlftp_set_log_callback(static_cast<nlftp_log_level>(max_level), native, nullptr);
        });
    });
}
#if NLFTP_HPP_EXCEPTIONS
/// The same, throwing Error.
inline void set_log(LogLevel max_level, LogCallback callback) {
    detail::or_throw([&](auto &error) { set_log(max_level, std::move(callback), error); });
}
#endif

NLFTP_HPP_END

#endif
