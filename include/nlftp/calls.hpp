// How each verb calls the C library; a blocking call and a started one differ only in who waits.
// Nothing here is for users. Part of <nlftp.hpp>: include that one.
#ifndef NLFTP_HPP_CALLS
#define NLFTP_HPP_CALLS

#include "handle.hpp"

#include <cstdint>
#include <system_error>
#include <utility>

NLFTP_HPP_BEGIN

namespace detail {

/// The functions for Operation::begin: the operation's callbacks, the modem, NUL-terminated texts, the operation.
namespace calls {

inline nlftp_status open(Running &, nlftp_modem *modem, nlftp_op **op) {
    return nlftp_modem_open(modem, op);
}
inline nlftp_status close(Running &, nlftp_modem *modem, nlftp_op **op) {
    return nlftp_modem_close(modem, op);
}
inline nlftp_status command(Running &, nlftp_modem *modem, const Text &line, nlftp_op **op) {
    return nlftp_modem_command(modem, line.c_str(), nullptr, op);
}
inline nlftp_status attach(Running &, nlftp_modem *modem, const Text &apn, nlftp_op **op) {
    return nlftp_modem_attach(modem, apn.c_str(), nullptr, op);
}
inline nlftp_status attach_with_login(Running &, nlftp_modem *modem, const Text &apn, const Text &user,
                                      const Text &password, nlftp_op **op) {
    return nlftp_modem_attach_with_login(modem, apn.c_str(), user.c_str(), password.c_str(), nullptr, op);
}
inline nlftp_status detach(Running &, nlftp_modem *modem, nlftp_op **op) {
    return nlftp_modem_detach(modem, op);
}
inline nlftp_status info(Running &, nlftp_modem *modem, nlftp_op **op) {
    return nlftp_modem_info(modem, nullptr, op);
}

inline nlftp_status ftp_close(Running &, nlftp_modem *modem, nlftp_op **op) {
    return nlftp_ftp_close(modem, op);
}
inline nlftp_status is_connected(Running &, nlftp_modem *modem, nlftp_op **op) {
    return nlftp_ftp_is_connected(modem, nullptr, op);
}
inline nlftp_status cwd(Running &, nlftp_modem *modem, const Text &directory, nlftp_op **op) {
    return nlftp_ftp_cwd(modem, directory.c_str(), op);
}
inline nlftp_status cdup(Running &, nlftp_modem *modem, nlftp_op **op) {
    return nlftp_ftp_cdup(modem, op);
}
inline nlftp_status pwd(Running &, nlftp_modem *modem, nlftp_op **op) {
    return nlftp_ftp_pwd(modem, nullptr, op);
}
inline nlftp_status mkd(Running &, nlftp_modem *modem, const Text &directory, nlftp_op **op) {
    return nlftp_ftp_mkd(modem, directory.c_str(), op);
}
inline nlftp_status rmd(Running &, nlftp_modem *modem, const Text &directory, nlftp_op **op) {
    return nlftp_ftp_rmd(modem, directory.c_str(), op);
}
inline nlftp_status delete_file(Running &, nlftp_modem *modem, const Text &name, nlftp_op **op) {
    return nlftp_ftp_delete_file(modem, name.c_str(), op);
}
inline nlftp_status rename(Running &, nlftp_modem *modem, const Text &from, const Text &to, nlftp_op **op) {
    return nlftp_ftp_rename(modem, from.c_str(), to.c_str(), op);
}
inline nlftp_status list(Running &, nlftp_modem *modem, const Text &path, nlftp_op **op) {
    return nlftp_ftp_list(modem, path.optional(), nullptr, op);
}
inline nlftp_status stat(Running &, nlftp_modem *modem, const Text &path, nlftp_op **op) {
    return nlftp_ftp_stat(modem, path.optional(), nullptr, op);
}
inline nlftp_status syst(Running &, nlftp_modem *modem, nlftp_op **op) {
    return nlftp_ftp_syst(modem, nullptr, op);
}
inline nlftp_status noop(Running &, nlftp_modem *modem, nlftp_op **op) {
    return nlftp_ftp_noop(modem, op);
}

} // namespace calls

using NativeOptions = Owned<nlftp_transfer_options, nlftp_transfer_options_free>;

/// Puts a source or sink of a transfer into its operation and starts it. An argument that this header refuses sets
/// the error and leaves `op` null.
class TransferCall {
public:
    /// Looks at a stream here, before any lock is held, as a stream is the user's code.
    TransferCall(Source &source, const TransferOptions &options, std::error_code &error)
        : upload_(true), source_(std::move(source.end_)), path_(source_.path.native(), error), options_(options),
          error_(error) {
        if (source_.kind == EndKind::stream) {
            source_ = source_end(*source_.stream);
        }
    }
    TransferCall(Sink &sink, const TransferOptions &options, std::error_code &error)
        : upload_(false), sink_(std::move(sink.end_)), path_(sink_.path.native(), error), options_(options),
          error_(error) {}

    nlftp_status operator()(Running &running, nlftp_modem *modem, const Text &name, nlftp_op **op) {
        running.source = std::move(source_);
        running.sink = std::move(sink_);
        running.progress = options_.progress();
        const NativeOptions options(options_.make_native(Running::on_progress, &running, error_));
        if (error_) {
            return NLFTP_OK;
        }
        return upload_ ? put(running, modem, name.c_str(), options.get(), op)
                       : get(running, modem, name.c_str(), options.get(), op);
    }

private:
    nlftp_status put(Running &running, nlftp_modem *modem, const char *name, const nlftp_put_options *options,
                     nlftp_op **op) {
        const SourceEnd &end = running.source;
        switch (end.kind) {
        case EndKind::file: return nlftp_ftp_put_file(modem, path_.c_str(), name, options, op);
        case EndKind::descriptor: return nlftp_ftp_put_fd(modem, end.descriptor, name, options, op);
        case EndKind::memory: return nlftp_ftp_put_memory(modem, end.data, end.size, name, options, op);
        default: break;
        }
        const std::int64_t size = end.total ? static_cast<std::int64_t>(*end.total) : -1;
        const nlftp_seek_callback seek = end.seek ? Running::on_seek : nullptr;
        return nlftp_ftp_put(modem, Running::on_read, seek, &running, size, name, options, op);
    }

    nlftp_status get(Running &running, nlftp_modem *modem, const char *name, const nlftp_get_options *options,
                     nlftp_op **op) {
        const SinkEnd &end = running.sink;
        switch (end.kind) {
        case EndKind::file: return nlftp_ftp_get_file(modem, name, path_.c_str(), options, op);
        case EndKind::descriptor: return nlftp_ftp_get_fd(modem, name, end.descriptor, options, op);
        case EndKind::memory: return nlftp_ftp_get_memory(modem, name, end.data, end.size, nullptr, options, op);
        default: return nlftp_ftp_get(modem, name, Running::on_write, &running, options, op);
        }
    }

    bool upload_;
    SourceEnd source_{EndKind::callbacks};
    SinkEnd sink_{EndKind::callbacks};
    Text path_;
    const TransferOptions &options_;
    std::error_code &error_;
};

} // namespace detail

NLFTP_HPP_END

#endif
