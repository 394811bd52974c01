// The FTP connection of a modem: its verbs, and files up and down. Part of <nlftp.hpp>: include that one.
#ifndef NLFTP_HPP_FTP
#define NLFTP_HPP_FTP

#include "calls.hpp"
#include "entries.hpp"
#include "operation.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

NLFTP_HPP_BEGIN

/// The one FTP connection of a Modem, from Modem::ftp or Modem::connection. Moved, not copied, and light. Its
/// destructor leaves the connection open: close() closes it, and so does the end of the Modem. Once the Modem is gone,
/// every call says Status::closed.
///
/// The verbs carry the names of RFC 959. Each one is there four times: `cwd(name)` blocks and throws,
/// `cwd(name, error)` blocks and sets the error code, `start_cwd(name)` and `start_cwd(name, error)` start it and
/// return at once. Names are octets, at most 255, passed on as they are; they need not end in NUL.
///
/// A blocking call takes as long as the server lets it: at most the Config's outcome_timeout for a verb, and its
/// stall_timeout without a byte for a transfer; its deadline bounds all. Callbacks run inside of it. If a callback of
/// the modem (URC, FTPINFO, state) throws, the call is carried out all the same, and then the exception is what the
/// caller gets. For any thread; calls of several threads queue. In a callback only the start_ forms work.
///
/// Any error can come from any verb. The usual ones: refused, the server said no; not_connected, which the next call
/// mends by opening the connection anew with all that it had; timeout; port; cancelled.
class Ftp {
public:
    Ftp(Ftp &&other) noexcept = default;
    Ftp &operator=(Ftp &&other) noexcept = default;

    /// Changes the working directory (CWD).
    void cwd(std::string_view directory, std::error_code &error) noexcept {
        Operation::finish(begin(false, error, detail::calls::cwd, directory), error);
    }
    Operation start_cwd(std::string_view directory, std::error_code &error) noexcept {
        return begin(true, error, detail::calls::cwd, directory);
    }
    /// Changes to the parent directory (CDUP).
    void cdup(std::error_code &error) noexcept { Operation::finish(begin(false, error, detail::calls::cdup), error); }
    Operation start_cdup(std::error_code &error) noexcept { return begin(true, error, detail::calls::cdup); }
    /// The working directory (PWD).
    std::string pwd(std::error_code &error) noexcept {
        return Operation::finish(begin(false, error, detail::calls::pwd), error, &Operation::text);
    }
    Operation start_pwd(std::error_code &error) noexcept { return begin(true, error, detail::calls::pwd); }
    /// Makes a directory (MKD).
    void mkd(std::string_view directory, std::error_code &error) noexcept {
        Operation::finish(begin(false, error, detail::calls::mkd, directory), error);
    }
    Operation start_mkd(std::string_view directory, std::error_code &error) noexcept {
        return begin(true, error, detail::calls::mkd, directory);
    }
    /// Removes an empty directory (RMD).
    void rmd(std::string_view directory, std::error_code &error) noexcept {
        Operation::finish(begin(false, error, detail::calls::rmd, directory), error);
    }
    Operation start_rmd(std::string_view directory, std::error_code &error) noexcept {
        return begin(true, error, detail::calls::rmd, directory);
    }
    /// Deletes a file (DELE).
    void delete_file(std::string_view name, std::error_code &error) noexcept {
        Operation::finish(begin(false, error, detail::calls::delete_file, name), error);
    }
    Operation start_delete_file(std::string_view name, std::error_code &error) noexcept {
        return begin(true, error, detail::calls::delete_file, name);
    }
    /// Renames a file or directory (RNFR, RNTO).
    void rename(std::string_view from, std::string_view to, std::error_code &error) noexcept {
        Operation::finish(begin(false, error, detail::calls::rename, from, to), error);
    }
    Operation start_rename(std::string_view from, std::string_view to, std::error_code &error) noexcept {
        return begin(true, error, detail::calls::rename, from, to);
    }
    /// Lists a directory (LIST) all at once, without a path (`{}`) the working one; see entries() for large ones.
    Listing list(std::string_view path, std::error_code &error) noexcept {
        return Operation::finish(begin(false, error, detail::calls::list, path), error, &Operation::listing);
    }
    Operation start_list(std::string_view path, std::error_code &error) noexcept {
        return begin(true, error, detail::calls::list, path);
    }
    /// The server's own words about a file, a directory, or without a path (`{}`) itself (STAT), line by line.
    std::vector<std::string> stat(std::string_view path, std::error_code &error) noexcept {
        return Operation::finish(begin(false, error, detail::calls::stat, path), error, &Operation::lines);
    }
    Operation start_stat(std::string_view path, std::error_code &error) noexcept {
        return begin(true, error, detail::calls::stat, path);
    }
    /// What system the server is (SYST).
    std::string syst(std::error_code &error) noexcept {
        return Operation::finish(begin(false, error, detail::calls::syst), error, &Operation::text);
    }
    Operation start_syst(std::error_code &error) noexcept { return begin(true, error, detail::calls::syst); }
    /// Nothing but a sign of life (NOOP).
    void noop(std::error_code &error) noexcept { Operation::finish(begin(false, error, detail::calls::noop), error); }
    Operation start_noop(std::error_code &error) noexcept { return begin(true, error, detail::calls::noop); }
    /// Whether the module says that the connection is open.
    bool is_connected(std::error_code &error) noexcept {
        return Operation::finish(begin(false, error, detail::calls::is_connected), error, &Operation::connected);
    }
    Operation start_is_connected(std::error_code &error) noexcept {
        return begin(true, error, detail::calls::is_connected);
    }
    /// Closes the connection. Modem::ftp opens it again.
    void close(std::error_code &error) noexcept {
        Operation::finish(begin(false, error, detail::calls::ftp_close), error);
    }
    Operation start_close(std::error_code &error) noexcept { return begin(true, error, detail::calls::ftp_close); }

    /// Has the module tell what it says to the server and what it hears (FTPINFO): `callback(std::string_view line)`,
    /// passwords masked. It replaces the former one at once; nullptr switches FTPINFO off. It runs inside calls that
    /// wait, and inside Modem::dispatch.
    void on_info(Callback<void(std::string_view)> callback, std::error_code &error) noexcept {
        info(false, std::move(callback), error);
    }
    Operation start_on_info(Callback<void(std::string_view)> callback, std::error_code &error) noexcept {
        return info(true, std::move(callback), error);
    }

    /// Uploads a source as `name`. Success means that every check agrees that was asked for and is possible;
    /// Transfer::verified says which. Source says what must stay until the end.
    Transfer put(Source source, std::string_view name, const PutOptions &options, std::error_code &error) noexcept {
        return Operation::finish(transfer(false, std::move(source), name, options, error), error, &Operation::transfer);
    }
    Operation start_put(Source source, std::string_view name, const PutOptions &options,
                        std::error_code &error) noexcept {
        return transfer(true, std::move(source), name, options, error);
    }
    /// Uploads a local file: put of Source::file.
    Transfer put_file(const std::filesystem::path &local, std::string_view name, const PutOptions &options,
                      std::error_code &error) noexcept {
        return detail::guarded(error, [&] { return put(Source::file(local), name, options, error); });
    }
    Operation start_put_file(const std::filesystem::path &local, std::string_view name, const PutOptions &options,
                             std::error_code &error) noexcept {
        return detail::guarded(error, [&] { return start_put(Source::file(local), name, options, error); });
    }
    /// Downloads `name` into a sink. Sink says what must stay until the end.
    Transfer get(std::string_view name, Sink sink, const GetOptions &options, std::error_code &error) noexcept {
        return Operation::finish(transfer(false, std::move(sink), name, options, error), error, &Operation::transfer);
    }
    Operation start_get(std::string_view name, Sink sink, const GetOptions &options,
                        std::error_code &error) noexcept {
        return transfer(true, std::move(sink), name, options, error);
    }
    /// Downloads to a local file: get into Sink::file.
    Transfer get_file(std::string_view name, const std::filesystem::path &local, const GetOptions &options,
                      std::error_code &error) noexcept {
        return detail::guarded(error, [&] { return get(name, Sink::file(local), options, error); });
    }
    Operation start_get_file(std::string_view name, const std::filesystem::path &local, const GetOptions &options,
                             std::error_code &error) noexcept {
        return detail::guarded(error, [&] { return start_get(name, Sink::file(local), options, error); });
    }

    /// Lists a directory of any size, entry by entry, in constant memory. Without a path (`{}`) the working one. Never
    /// blocks: Entries::next does, and tells what is wrong with the directory.
    Entries entries(std::string_view path, std::error_code &error) noexcept {
        return detail::guarded(error, [&] {
            Entries entries;
            const detail::Text text(path, error);
            nlftp_modem *const modem = detail::open_modem(core_, error);
            nlftp_entries *handle = nullptr;
            detail::check(error, [&] { return nlftp_ftp_entries(modem, text.optional(), &handle); });
            detail::Owned<nlftp_entries, nlftp_entries_free> owner(handle);
            if (!error) {
                entries.reading_ = std::make_shared<detail::Reading>(handle);
                owner.release();
            }
            return entries;
        });
    }

#if NLFTP_HPP_EXCEPTIONS
    // The same, throwing Error, or what a callback threw.
    void cwd(std::string_view directory) {
        detail::or_throw([&](auto &error) { cwd(directory, error); });
    }
    Operation start_cwd(std::string_view directory) {
        return detail::or_throw([&](auto &error) { return start_cwd(directory, error); });
    }
    void cdup() {
        detail::or_throw([&](auto &error) { cdup(error); });
    }
    Operation start_cdup() {
        return detail::or_throw([&](auto &error) { return start_cdup(error); });
    }
    std::string pwd() {
        return detail::or_throw([&](auto &error) { return pwd(error); });
    }
    Operation start_pwd() {
        return detail::or_throw([&](auto &error) { return start_pwd(error); });
    }
    void mkd(std::string_view directory) {
        detail::or_throw([&](auto &error) { mkd(directory, error); });
    }
    Operation start_mkd(std::string_view directory) {
        return detail::or_throw([&](auto &error) { return start_mkd(directory, error); });
    }
    void rmd(std::string_view directory) {
        detail::or_throw([&](auto &error) { rmd(directory, error); });
    }
    Operation start_rmd(std::string_view directory) {
        return detail::or_throw([&](auto &error) { return start_rmd(directory, error); });
    }
    void delete_file(std::string_view name) {
        detail::or_throw([&](auto &error) { delete_file(name, error); });
    }
    Operation start_delete_file(std::string_view name) {
        return detail::or_throw([&](auto &error) { return start_delete_file(name, error); });
    }
    void rename(std::string_view from, std::string_view to) {
        detail::or_throw([&](auto &error) { rename(from, to, error); });
    }
    Operation start_rename(std::string_view from, std::string_view to) {
        return detail::or_throw([&](auto &error) { return start_rename(from, to, error); });
    }
    Listing list(std::string_view path = {}) {
        return detail::or_throw([&](auto &error) { return list(path, error); });
    }
    Operation start_list(std::string_view path = {}) {
        return detail::or_throw([&](auto &error) { return start_list(path, error); });
    }
    std::vector<std::string> stat(std::string_view path = {}) {
        return detail::or_throw([&](auto &error) { return stat(path, error); });
    }
    Operation start_stat(std::string_view path = {}) {
        return detail::or_throw([&](auto &error) { return start_stat(path, error); });
    }
    std::string syst() {
        return detail::or_throw([&](auto &error) { return syst(error); });
    }
    Operation start_syst() {
        return detail::or_throw([&](auto &error) { return start_syst(error); });
    }
    void noop() {
        detail::or_throw([&](auto &error) { noop(error); });
    }
    Operation start_noop() {
        return detail::or_throw([&](auto &error) { return start_noop(error); });
    }
    bool is_connected() {
        return detail::or_throw([&](auto &error) { return is_connected(error); });
    }
    Operation start_is_connected() {
        return detail::or_throw([&](auto &error) { return start_is_connected(error); });
    }
    void close() {
        detail::or_throw([&](auto &error) { close(error); });
    }
    Operation start_close() {
        return detail::or_throw([&](auto &error) { return start_close(error); });
    }
    void on_info(Callback<void(std::string_view)> callback) {
        detail::or_throw([&](auto &error) { on_info(std::move(callback), error); });
    }
    Operation start_on_info(Callback<void(std::string_view)> callback) {
        return detail::or_throw([&](auto &error) { return start_on_info(std::move(callback), error); });
    }
    Transfer put(Source source, std::string_view name, const PutOptions &options = {}) {
        return detail::or_throw([&](auto &error) { return put(std::move(source), name, options, error); });
    }
    Operation start_put(Source source, std::string_view name, const PutOptions &options = {}) {
        return detail::or_throw([&](auto &error) { return start_put(std::move(source), name, options, error); });
    }
    Transfer put_file(const std::filesystem::path &local, std::string_view name, const PutOptions &options = {}) {
        return detail::or_throw([&](auto &error) { return put_file(local, name, options, error); });
    }
    Operation start_put_file(const std::filesystem::path &local, std::string_view name,
                             const PutOptions &options = {}) {
        return detail::or_throw([&](auto &error) { return start_put_file(local, name, options, error); });
    }
    Transfer get(std::string_view name, Sink sink, const GetOptions &options = {}) {
        return detail::or_throw([&](auto &error) { return get(name, std::move(sink), options, error); });
    }
    Operation start_get(std::string_view name, Sink sink, const GetOptions &options = {}) {
        return detail::or_throw([&](auto &error) { return start_get(name, std::move(sink), options, error); });
    }
    Transfer get_file(std::string_view name, const std::filesystem::path &local, const GetOptions &options = {}) {
        return detail::or_throw([&](auto &error) { return get_file(name, local, options, error); });
    }
    Operation start_get_file(std::string_view name, const std::filesystem::path &local,
                             const GetOptions &options = {}) {
        return detail::or_throw([&](auto &error) { return start_get_file(name, local, options, error); });
    }
    Entries entries(std::string_view path = {}) {
        return detail::or_throw([&](auto &error) { return entries(path, error); });
    }
#endif

private:
    friend class Modem;

    explicit Ftp(std::shared_ptr<detail::Core> core) noexcept : core_(std::move(core)) {}

    template <class Call, class... Views>
    Operation begin(bool listed, std::error_code &error, Call &&call, Views... texts) noexcept {
        return Operation::begin(core_, listed, error, call, texts...);
    }

    // What transfers have in common.
    template <class End>
    Operation transfer(bool listed, End end, std::string_view name, const TransferOptions &options,
                       std::error_code &error) noexcept {
        return detail::guarded(error, [&] {
            detail::TransferCall call(end, options, error);
            return error ? Operation() : begin(listed, error, call, name);
        });
    }

    // The former callback comes back if the new one could not be brought into use.
    Operation info(bool listed, Callback<void(std::string_view)> callback, std::error_code &error) noexcept {
        const nlftp_urc_callback native = callback ? detail::Core::on_info : nullptr;
        const std::shared_ptr<detail::Core> core = core_;
        Callback<void(std::string_view)> former;
        if (core != nullptr) {
            former = core->replace(&detail::Core::info, std::move(callback));
        }
        Operation operation = begin(listed, error, [&](auto &, nlftp_modem *modem, nlftp_op **op) {
            return nlftp_ftp_on_info(modem, native, core.get(), op);
        });
        if (!listed && !error) {
            operation.wait(error);
        }
        if (error && error != Status::callback_failed && core != nullptr) {
            core->replace(&detail::Core::info, std::move(former));
        }
        return operation;
    }

    std::shared_ptr<detail::Core> core_;
};

NLFTP_HPP_END

#endif
