"""The interface of ftplib on a modem: nlftp.FTP and nlftp.FTP_TLS."""

from ._ftplib_client import FTP
from ._ftplib_tls import FTP_TLS

__all__ = ["FTP", "FTP_TLS"]
