//! The result codes of the manual's section 2, with the texts that `AT+CMEE=2` shows, as printed there: odd
//! spellings and blanks at the end included.

/// Section 2.1, `+CME ERROR`.
const CME: &[(u16, &str)] = &[
    (0, "phone failure"),
    (1, "no connection to phone"),
    (2, "phone-adaptor link reserved"),
    (3, "operation not allowed"),
    (4, "operation not supported"),
    (5, "PH-SIM PIN required"),
    (6, "PH-FSIM PIN required"),
    (7, "PH-FSIM PUK required"),
    (10, "SIM not inserted"),
    (11, "SIM PIN required"),
    (12, "SIM PUK required"),
    (13, "SIM failure"),
    (14, "SIM busy"),
    (15, "SIM wrong"),
    (16, "incorrect password"),
    (17, "SIM PIN2 required"),
    (18, "SIM PUK2 required"),
    (19, "incorrect PUK1"),
    (20, "memory full"),
    (21, "invalid index"),
    (22, "not found"),
    (23, "memory failure"),
    (24, "text string too long"),
    (25, "invalid characters in text string"),
    (26, "dial string too long"),
    (27, "invalid characters in dial string"),
    (30, "no network service"),
    (31, "network timeout"),
    (32, "network not allowed - emergency calls only"),
    (40, "network personalisation PIN required"),
    (41, "network personalisation PUK required"),
    (42, "network subset personalisation PIN required"),
    (43, "network subset personalisation PUK required"),
    (44, "service provider personalisation PIN required"),
    (45, "service provider personalisation PUK required"),
    (46, "corporate personalisation PIN required"),
    (47, "corporate personalisation PUK required"),
    (48, "hidden key required"),
    (49, "EAP method not supported"),
    (50, "Incorrect parameters"),
    (100, "unknown"),
    (103, "Illegal MS"),
    (106, "Illegal ME"),
    (107, "GPRS services not allowed"),
    (111, "PLMN not allowed"),
    (112, "location area not allowed"),
    (113, "roaming not allowed in this location area"),
    (114, "GPRS services not allowed in this PLMN"),
    (116, "MSC temporarily not reachable"),
    (117, "Network failure"),
    (132, "Service not supported"),
    (133, "Service not subscribed"),
    (134, "service option temporarily out of order"),
    (135, "NS-api already used"),
    (148, "Unspecified GPRS error"),
    (149, "PDP authentication error"),
    (150, "invalid mobile class"),
    (244, "Attach failure"),
    (257, "Invalid error mapping"),
    (258, "APN not listed in APN Control List (ACL)"),
    (701, "incorrect security code"),
    (702, "max attempts reached"),
    (1001, "Unassigned (unallocated) number"),
    (1003, "No route to destination"),
    (1006, "Channel unacceptable"),
    (1008, "Operator determined barring"),
    (1016, "Normal call clearing"),
    (1017, "User busy"),
    (1018, "No user responding"),
    (1019, "User alerting, no answer"),
    (1021, "Call rejected"),
    (1022, "Number changed"),
    (1026, "Non selected user clearing"),
    (1027, "Destination out of order"),
    (1028, "Invalid number format (incomplete number)"),
    (1029, "Facility rejected"),
    (1030, "Response to STATUS ENQUIRY"),
    (1031, "Normal, unspecified"),
    (1034, "No circuit/channel available"),
    (1038, "Network out of order"),
    (1041, "Temporary failure"),
    (1042, "Switching equipment congestion"),
    (1043, "Access information discarded"),
    (1044, "requested circuit/channel not available"),
    (1047, "Resources unavailable, unspecified"),
    (1049, "Quality of service unavailable"),
    (1050, "Requested facility not subscribed"),
    (1055, "Incoming calls barred within the CUG"),
    (1057, "Bearer capability not authorized"),
    (1058, "Bearer capability not presently available"),
    (1063, "Service or option not available, unspecified"),
    (1065, "Bearer service not implemented"),
    (1068, "ACM equal to or greater than ACMmax"),
    (1069, "Requested facility not implemented"),
    (1070, "Only restr. digital information bearer capability"),
    (1079, "Service or option not implemented, unspecified"),
    (1081, "Invalid transaction identifier value"),
    (1087, "User not member of CUG"),
    (1088, "Incompatible destination"),
    (1091, "Invalid transit network selection"),
    (1095, "Semantically incorrect message"),
    (1096, "Invalid mandatory information"),
    (1097, "Message type non-existent or not implemented"),
    (1098, "Message type not compatible with protocol state"),
    (1099, "Information element non-existent or not implemented"),
    (1100, "Conditional IE error"),
    (1101, "Message not compatible with protocol state"),
    (1102, "Recovery on timer expiry"),
    (1111, "Protocol error, unspecified"),
    (1127, "Interworking, unspecified"),
    (1279, "Number not allowed"),
    (1283, "CCBS possible"),
];

/// Section 2.2, `+CMS ERROR`.
const CMS: &[(u16, &str)] = &[
    (1, "Unassigned (unallocated) number"),
    (8, "Operator determined barring"),
    (10, "Call barred"),
    (17, "Network failure"),
    (21, "Short message transfer rejected"),
    (22, "Memory capacity exceeded"),
    (27, "Destination out of service"),
    (28, "Unidentified subscriber"),
    (29, "Facility rejected"),
    (30, "Unknown Subscriber"),
    (38, "Network out of order"),
    (41, "Temporary failure"),
    (42, "Congestion"),
    (47, "Resources unavailable, unspecified"),
    (50, "Requested facility not subscribed"),
    (69, "Requested facility not implemented"),
    (81, "Invalid short message reference value"),
    (95, "Invalid message, unspecified"),
    (96, "Invalid mandatory information"),
    (97, "Message type non-existent or not implemented"),
    (
        98,
        "Message not compatible with short message protocol state",
    ),
    (99, "Information element non-existent or not implemented"),
    (111, "Protocol error, unspecified"),
    (127, "Interworking unspecified"),
    (128, "Telematic interworking not supported"),
    (129, "Short message type 0 not supported"),
    (130, "Cannot replace short message"),
    (143, "Unspecified TP-PID error"),
    (144, "Data coding scheme (alphabet) not supported"),
    (145, "Message class not supported"),
    (159, "Unspecified TP-DCS error"),
    (160, "Command cannot be actioned"),
    (161, "Command unsupported"),
    (175, "Unspecified TP-Command error"),
    (176, "TPDU not supported"),
    (192, "SC busy"),
    (193, "No SC subscription"),
    (194, "SC system failure"),
    (195, "Invalid SME address"),
    (196, "Destination SME barred"),
    (197, "SM Rejected-Duplicate SM"),
    (198, "TP-VPF not supported"),
    (199, "TP-VP not supported"),
    (208, "SIM SMS storage full"),
    (209, "No SMS storage capability in SIM"),
    (210, "Error in MS"),
    (211, "Memory Capacity Exceeded"),
    (212, "SIM Application Toolkit Busy"),
    (213, "SIM data download error"),
    (224, "TP_FCS_APPL_ERR_START"),
    (254, "TP_FCS_APPL_ERR_STOP"),
    (255, "TP_FCS_UNSPECIFIED"),
    (300, "ME failure"),
    (301, "SMS service of ME reserved"),
    (302, "operation not allowed"),
    (303, "operation not supported"),
    (304, "Invalid PDU mode param"),
    (305, "invalid text mode parameter"),
    (310, "SIM not inserted"),
    (311, "SIM PIN required"),
    (312, "PH-SIM PIN necessary"),
    (313, "SIM failure"),
    (314, "SIM busy"),
    (315, "SIM wrong"),
    (317, "SIM PIN2 required"),
    (318, "SIM PUK2 required"),
    (319, "incorrect PUK1"),
    (320, "memory failure"),
    (321, "invalid memory index"),
    (322, "memory full"),
    (330, "SMSC address unknown"),
    (331, "no network service"),
    (332, "network timeout"),
    (340, "no +CNMA acknowledgement expected"),
    (512, "MN_SMS_RP_ACK"),
    (513, "MN_SMS_TIMER_EXPIRED"),
    (514, "MN_SMS_FORW_AVAIL_FAILED"),
    (515, "MN_SMS_FORW_AVAIL_ABORTED"),
    (516, "MS invalid TP-Message-Type-Indicator"),
    (517, "MS no TP-Status-Report in Phase 1"),
    (518, "MS no TP-Reject-Duplicate in Phase 1"),
    (519, "MS no TP-Reply-Path in Phase 1"),
    (520, "MS no TP-User-Data-Header in Phase 1"),
    (521, "MS missing TP-Validity-Period"),
    (522, "MS invalid TP-Service-Centre-Time-Stamp"),
    (523, "MS missing TP-Destination-Address"),
    (524, "MS invalid TP-Destination-Address"),
    (525, "MS missing Service-Centre-Address"),
    (526, "MS invalid Service-Centre-Address"),
    (527, "MS invalid alphabet"),
    (528, "MS invalid TP-User-Data-Length"),
    (529, "MS missing TP-User-Data"),
    (530, "MS TP-User-Data too long"),
    (531, "MS no Command-Request in Phase 1"),
    (532, "MS Cmd-Req invalid TP-Destination-Address"),
    (533, "MS Cmd-Req invalid TP-User-Data-Length"),
    (534, "MS Cmd-Req invalid TP-User-Data"),
    (535, "MS Cmd-Req invalid TP-Command-Type"),
    (536, "MN MNR creation failed"),
    (537, "MS CMM creation failed"),
    (538, "MS network connection lost"),
    (539, "MS pending MO SM transfer"),
    (540, "RP-Error OK"),
    (541, "RP-Error OK no icon display"),
    (542, "SMS-PP Unspecified"),
    (543, "SMS rejected By SMS CONTROL"),
];

/// Section 2.3, `+CME ERROR` too: no number of it is one of section 2.1.
const TCP_IP: &[(u16, &str)] = &[
    (2000, "TCPIP Param wrong "),
    (2001, "TCPIP not supported in ppp mode"),
    (2002, "TCPIP dns convert to ip fail"),
    (2003, "TCPIP socket number limited"),
    (2004, "TCPIP invalid operation"),
    (2005, "TCPIP protol error"),
    (2006, "TCPIP send data too long"),
    (2007, "TCPIP send data memory failed"),
    (2008, "TCPIP service not in correct state "),
    (2009, "TCPIP pdp not defined "),
    (2010, "TCPIP new socket failed"),
    (2011, "TCPIP socket bind fail"),
    (2012, "TCPIP socket connect fail"),
    (2013, "TCPIP socket send fail "),
    (2014, "TCPIP socket close fail"),
    (2015, "TCPIP get socket receive buffer failed"),
    (2016, "TCPIP receive data failed"),
    (2017, "TCPIP socket used"),
    (2018, "TCPIP get send buffer size failed"),
    (2019, "TCPIP socket send data failed"),
    (2020, "TCPIP socket send data size limited"),
    (2021, "TCPIP socket set listening mode failed"),
    (2022, "TCPIP socket listen fail"),
    (2023, "TCPIP socket error"),
    (2024, "TCPIP socket not opened "),
    (2025, "TCPIP tcp stack confige failed"),
    (2026, "TCPIP socket no data to send "),
    (2027, "TCPIP socket send invalid data state"),
    (2028, "TCPIP socket close client"),
    (2029, "TCPIP ping error "),
    (2030, "TCPIP ppp not connected "),
    (2031, "TCPIP mipcall not active"),
    (2032, "TCPIP etcpip not active"),
    (2033, "TCPIP not def4 "),
];

/// The text of a code that follows `+CME ERROR`, if the manual has it.
pub(crate) fn cme_text(code: u16) -> Option<&'static str> {
    find(CME, code).or_else(|| find(TCP_IP, code))
}

/// The text of a code that follows `+CMS ERROR`, if the manual has it.
pub(crate) fn cms_text(code: u16) -> Option<&'static str> {
    find(CMS, code)
}

fn find(table: &[(u16, &'static str)], code: u16) -> Option<&'static str> {
    let place = table.binary_search_by_key(&code, |(code, _)| *code).ok()?;
    Some(table[place].1)
}

/// What a firmware that reports by `+CMS ERROR` says in place of a code of section 2.1: the codes 300 and up of
/// section 2.2 repeat those that concern equipment and SIM; 300 stands for all that have no match.
pub(crate) fn cms_of(cme: u16) -> u16 {
    match cme {
        3 => 302,
        4 => 303,
        5 => 312,
        10 => 310,
        11 => 311,
        13..=15 => cme + 300,
        17..=19 => cme + 300,
        20 => 322,
        21 => 321,
        23 => 320,
        30 => 331,
        31 => 332,
        50 => 305,
        _ => 300,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_whole_and_in_order() {
        for (table, size, first, last) in [
            (CME, 112, 0, 1283),
            (CMS, 106, 1, 543),
            (TCP_IP, 34, 2000, 2033),
        ] {
            assert_eq!(table.len(), size);
            assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0));
            assert_eq!((table[0].0, table[size - 1].0), (first, last));
        }
    }

    #[test]
    fn each_family_has_its_own_texts() {
        assert_eq!(cme_text(10), Some("SIM not inserted"));
        assert_eq!(cms_text(10), Some("Call barred"));
        assert_eq!(cme_text(149), Some("PDP authentication error"));
        assert_eq!(cme_text(2031), Some("TCPIP mipcall not active"));
        assert_eq!(cme_text(2000), Some("TCPIP Param wrong "));
        assert_eq!(cms_text(2031), None);
        assert_eq!((cme_text(8), cme_text(65535)), (None, None));
    }

    #[test]
    fn codes_with_a_match_in_the_other_family_mean_the_same_there() {
        for cme in [3, 4, 10, 11, 13, 14, 15, 17, 18, 19, 20, 23, 30, 31] {
            assert_eq!(cms_text(cms_of(cme)), cme_text(cme), "{cme}");
        }
        for code in 0..=2033 {
            assert!(cms_text(cms_of(code)).is_some(), "{code}");
        }
    }
}
