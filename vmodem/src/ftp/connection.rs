//! The control connection's beginning and its end: asked for, refused, or lost.

use std::time::Duration;

use super::client::{ABANDONED_LIMIT, Client, QUIT_LIMIT, Step};
use super::job::{ClientEvent, Login};
use crate::network::{NetRequest, Role};

impl Client {
    pub(super) fn open(&mut self, now: Duration, login: Login) {
        let id = self.next_id();
        self.control = Some(id);
        self.ascii = None;
        self.quit_next = false;
        self.replies.clear();
        self.control_out.clear();
        self.requests.push_back(NetRequest::Connect {
            id,
            role: Role::Control,
            host: login.host.clone(),
            port: login.port,
            source_port: login.source_control_port,
            tls: login.tls && self.tls_mode.is_implicit(login.port),
        });
        self.login = login;
        self.wait(now, Step::Connecting);
    }

    pub(super) fn quit(&mut self, now: Duration) {
        match self.step {
            Step::Closed => self.events.push_back(ClientEvent::Done(true)),
            Step::Idle => {
                self.send(b"QUIT");
                self.step = Step::Quitting;
                self.deadline = Some(now + QUIT_LIMIT);
            }
            _ => {
                // The reply still owed comes first; the time for all of it is the same.
                self.abandon_transfer(now);
                self.events
                    .retain(|event| !matches!(event, ClientEvent::Done(_)));
                if self.step == Step::Idle {
                    return self.quit(now);
                }
                self.quit_next = true;
                let limit = match self.step {
                    Step::Abandoned => ABANDONED_LIMIT,
                    _ => QUIT_LIMIT,
                };
                self.deadline = Some(now + limit);
            }
        }
    }

    pub(super) fn quitted(&mut self) {
        self.close_data();
        self.close_control();
        self.events.push_back(ClientEvent::Done(true));
    }

    /// Drops every connection; what was asked for has failed.
    pub(crate) fn lost(&mut self) {
        let busy = !matches!(self.step, Step::Idle | Step::Closed);
        self.close_data();
        self.close_control();
        if busy {
            self.events.push_back(ClientEvent::Done(false));
        }
        self.events.push_back(ClientEvent::Lost);
    }

    pub(super) fn close_control(&mut self) {
        if let Some(id) = self.control.take() {
            self.requests.push_back(NetRequest::Close { id });
        }
        self.control_out.clear();
        self.login = Login::default();
        self.step = Step::Closed;
        self.deadline = None;
        self.quit_next = false;
    }

    pub(super) fn close_data(&mut self) {
        if let Some(id) = self.data.take().and_then(|data| data.id) {
            self.requests.push_back(NetRequest::Close { id });
        }
        self.data_out.clear();
    }
}
