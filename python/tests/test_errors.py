"""The exceptions: the same kinds as in every language, from the driver's one table."""

from __future__ import annotations

import errno
import pickle

import nlftp
from nlftp import _errors, _nlftp


def test_every_kind_has_its_class() -> None:
    assert {one.kind: one.exit_status for one in _errors.CLASSES.values()} == dict(_nlftp.kinds())
    for one in _errors.CLASSES.values():
        assert issubclass(one, nlftp.Error)
        assert getattr(nlftp, one.__name__) is one
        assert one.__doc__


def test_an_error_has_its_details() -> None:
    error = _errors.make("refused", "no", 550, "+FTPCWD: 0", 7, "a part", None)
    assert isinstance(error, nlftp.Refused)
    assert (error.code, error.text, error.transferred) == (550, "+FTPCWD: 0", 7)
    assert error.left_behind == "a part"
    assert str(error) == "no"
    local = _errors.make("local_file", "cannot read x", None, None, None, None, errno.EIO)
    assert type(local) is nlftp.LocalFileError
    assert local.errno == errno.EIO
    assert str(local) == "cannot read x"


def test_a_local_files_error_is_the_systems_too() -> None:
    builtin = {
        errno.ENOENT: FileNotFoundError,
        errno.EACCES: PermissionError,
        errno.EPERM: PermissionError,
        errno.EISDIR: IsADirectoryError,
    }
    for number, kind in builtin.items():
        error = _errors.make("local_file", "cannot read x", None, None, 5, None, number)
        assert isinstance(error, kind)
        assert isinstance(error, nlftp.LocalFileError)
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.errno) == (type(error), "cannot read x", number)
        assert again.transferred == 5


def test_errors_can_be_handed_to_other_processes() -> None:
    error = _errors.make("transfer", "half", None, None, 5, "a part", None)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is nlftp.TransferError
    assert (str(again), again.transferred, again.left_behind) == ("half", 5, "a part")
