//! The bare client with its port on a thread of its own, which is what a library needs: the limit for the driver.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};

use super::bare::Port;
use super::check;
use crate::sample::{self, Comparer};
use crate::work::{Cost, Meter, Way, commands};

const BUFFER: usize = 64 * 1024;
const BUFFERS: usize = 8;

type Event = Arc<std::os::fd::OwnedFd>;

enum Order {
    Command,
    Down(Way, u64),
    Up(Way, Arc<Vec<u8>>),
}

enum Told {
    Part(Vec<u8>),
    Done(io::Result<()>),
}

/// The thread's own side.
struct Side {
    port: Port,
    event: Event,
    orders: Receiver<Order>,
    told: Sender<Told>,
    spare: Receiver<Vec<u8>>,
}

impl Side {
    /// The next order; what the modem says meanwhile is read. `None` once nobody gives any more.
    fn next(&mut self) -> io::Result<Option<Order>> {
        loop {
            match self.orders.try_recv() {
                Ok(order) => return Ok(Some(order)),
                Err(error) if error.is_disconnected() => return Ok(None),
                Err(_) => {}
            }
            let mut fds = [
                PollFd::new(self.port.tty(), PollFlags::IN),
                PollFd::new(&*self.event, PollFlags::IN),
            ];
            poll(&mut fds, None)?;
            let (readable, woken) = (!fds[0].revents().is_empty(), !fds[1].revents().is_empty());
            if woken {
                rustix::io::read(&*self.event, &mut [0; 8])?;
            }
            if readable {
                self.port.fill()?;
            }
        }
    }

    fn serve(&mut self, order: Order) -> io::Result<()> {
        let (way, size) = match order {
            Order::Command => {
                self.port.send(b"AT\r")?;
                return self.port.expect("OK").map(|_| ());
            }
            Order::Up(Way::StreamUp, file) => return self.port.store(&file),
            Order::Up(_, file) => return self.port.put(&file),
            Order::Down(way, size) => (way, size),
        };
        let (told, spare) = (&self.told, &self.spare);
        let mut part = Vec::new();
        let mut sink = |bytes: &[u8]| {
            if part.capacity() == 0 {
                part = spare.recv().unwrap_or_default();
            }
            part.extend_from_slice(bytes);
            if part.len() + 8192 > BUFFER {
                let _ = told.send(Told::Part(std::mem::take(&mut part)));
            }
        };
        match way {
            Way::StreamDown => self.port.retrieve(&mut sink)?,
            _ => self.port.receive(size, &mut sink)?,
        }
        let _ = told.send(Told::Part(part));
        Ok(())
    }

    fn run(mut self) {
        while let Ok(Some(order)) = self.next() {
            let done = self.serve(order);
            if self.told.send(Told::Done(done)).is_err() {
                return;
            }
        }
    }
}

struct Client {
    event: Event,
    orders: Sender<Order>,
    told: Receiver<Told>,
    spare: Sender<Vec<u8>>,
}

impl Client {
    fn new(port: &Path) -> io::Result<Client> {
        let event = Arc::new(eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?);
        let (orders, taken) = unbounded();
        let (tell, told) = bounded(BUFFERS);
        let (spare, spares) = unbounded();
        for _ in 0..BUFFERS {
            let _ = spare.send(Vec::with_capacity(BUFFER));
        }
        let side = Side {
            port: Port::open(port)?,
            event: event.clone(),
            orders: taken,
            told: tell,
            spare: spares,
        };
        std::thread::spawn(move || side.run());
        Ok(Client {
            event,
            orders,
            told,
            spare,
        })
    }

    fn run(&self, order: Order, sink: &mut Comparer) -> io::Result<()> {
        self.orders.send(order).map_err(io::Error::other)?;
        rustix::io::write(&*self.event, &1u64.to_ne_bytes())?;
        loop {
            match self.told.recv().map_err(io::Error::other)? {
                Told::Part(mut part) => {
                    sink.take(&part);
                    part.clear();
                    let _ = self.spare.send(part);
                }
                Told::Done(done) => return done,
            }
        }
    }
}

pub(super) fn run(way: Way, port: &Path, size: u64) -> io::Result<Cost> {
    let client = Client::new(port)?;
    let mut sink = Comparer::default();
    match way {
        Way::Command => {
            let mut failed = None;
            let cost = commands(size, || {
                failed = client
                    .run(Order::Command, &mut sink)
                    .err()
                    .or(failed.take());
            });
            failed.map_or(Ok(cost), Err)
        }
        Way::StreamUp | Way::BlockUp => {
            let file = sample::file(usize::try_from(size).map_err(io::Error::other)?);
            let file = Arc::new(file);
            let meter = Meter::start();
            client.run(Order::Up(way, file), &mut sink)?;
            Ok(meter.transfer())
        }
        Way::StreamDown | Way::BlockDown => {
            let meter = Meter::start();
            client.run(Order::Down(way, size), &mut sink)?;
            let cost = meter.transfer();
            check(sink.is_whole(size))?;
            Ok(cost)
        }
    }
}
