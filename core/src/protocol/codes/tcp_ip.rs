//! Errors of the embedded TCP/IP stack (manual 2.3): our words, then those that the firmware prints.

use super::codes;

codes! { TcpIp,
    2000 WRONG_PARAMETER "wrong TCP/IP parameter", "TCPIP Param wrong";
    2001 NOT_SUPPORTED_IN_PPP_MODE "not supported in PPP mode", "TCPIP not supported in ppp mode";
    2002 HOST_NAME_NOT_RESOLVED "the host name could not be resolved", "TCPIP dns convert to ip fail";
    2003 NO_SOCKET_FREE "no socket is free", "TCPIP socket number limited";
    2004 INVALID_OPERATION "invalid TCP/IP operation", "TCPIP invalid operation";
    2005 PROTOCOL_ERROR "TCP/IP protocol error", "TCPIP protol error";
    2006 TOO_MUCH_DATA "too much data to send at once", "TCPIP send data too long";
    2007 NO_MEMORY_FOR_DATA "no memory for data to send", "TCPIP send data memory failed";
    2008 WRONG_SERVICE_STATE "TCP/IP service in the wrong state", "TCPIP service not in correct state";
    2009 PDP_CONTEXT_NOT_DEFINED "the PDP context is not defined", "TCPIP pdp not defined";
    2010 SOCKET_NOT_MADE "no new socket could be made", "TCPIP new socket failed";
    2011 SOCKET_NOT_BOUND "the socket could not be bound", "TCPIP socket bind fail";
    2012 SOCKET_NOT_CONNECTED "the socket could not connect", "TCPIP socket connect fail";
    2013 SOCKET_SEND_FAILED "the socket could not send", "TCPIP socket send fail";
    2014 SOCKET_CLOSE_FAILED "the socket could not be closed", "TCPIP socket close fail";
    2015 NO_RECEIVE_BUFFER "no receive buffer for the socket", "TCPIP get socket receive buffer failed";
    2016 RECEIVE_FAILED "data could not be received", "TCPIP receive data failed";
    2017 SOCKET_IN_USE "the socket is in use", "TCPIP socket used";
    2018 SEND_BUFFER_SIZE_UNKNOWN "the size of the send buffer is unknown", "TCPIP get send buffer size failed";
    2019 SEND_FAILED "the data could not be sent", "TCPIP socket send data failed";
    2020 SEND_SIZE_LIMITED "the size of the data to send is limited", "TCPIP socket send data size limited";
    2021 LISTENING_MODE_NOT_SET "the listening mode could not be set", "TCPIP socket set listening mode failed";
    2022 LISTEN_FAILED "the socket could not listen", "TCPIP socket listen fail";
    2023 SOCKET_ERROR "socket error", "TCPIP socket error";
    2024 SOCKET_NOT_OPEN "the socket is not open", "TCPIP socket not opened";
    2025 STACK_NOT_CONFIGURED "the TCP stack could not be configured", "TCPIP tcp stack confige failed";
    2026 NO_DATA_TO_SEND "the socket has no data to send", "TCPIP socket no data to send";
    2027 WRONG_STATE_TO_SEND "the socket is in the wrong state to send", "TCPIP socket send invalid data state";
    2028 SOCKET_CLOSED_BY_PEER "the peer closed the socket", "TCPIP socket close client";
    2029 PING_ERROR "ping error", "TCPIP ping error";
    2030 PPP_NOT_CONNECTED "PPP is not connected", "TCPIP ppp not connected";
    2031 PDP_CONTEXT_NOT_ACTIVE "the PDP context is not active (AT+MIPCALL)", "TCPIP mipcall not active";
    2032 STACK_NOT_ACTIVE "the embedded TCP/IP stack is not active", "TCPIP etcpip not active";
    2033 NOT_DEFINED "not defined by the vendor", "TCPIP not def4";
}
