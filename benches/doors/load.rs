//! The load: keep-alive HTTP/1.1 on raw sockets from one thread, so that it costs little and always the same.
//!
//! Closed, each of some connections asks again as soon as it is answered; open, requests leave at a fixed rate whatever
//! the answers do, and a late answer holds none of them back. Deliberately not here: anything but loopback.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::product::Product;

/// The most requests of one round, however short they are.
const CALLS_MAX: usize = 500_000;

/// The most requests under way in an open round.
const UNDER_WAY_MAX: usize = 1_024;

/// How long a round may go on after its time is over.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Copy)]
pub enum Load {
    Closed { connections: usize, time: Duration },
    Open { rate: u32, time: Duration },
}

impl Load {
    /// The same load for long enough to warm up.
    pub fn shortened(self) -> Load {
        match self {
            Load::Closed { connections, time } => Load::Closed { connections, time: time / 3 },
            Load::Open { rate, time } => Load::Open { rate, time: time / 6 },
        }
    }
}

/// A request, ready to be sent, and where to.
pub struct Target {
    pub name: &'static str,
    process: u32,
    address: SocketAddr,
    request: Vec<u8>,
}

impl Target {
    pub fn new(name: &'static str, product: &Product, path: &str, body: &str) -> Target {
        let address = product.address;
        assert!(address.ip().is_loopback(), "the load stays on this machine");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        Target { name, process: product.process(), address, request: (head + body).into_bytes() }
    }
}

/// What one round came to.
pub struct Round {
    /// Good answers a second.
    pub rate: f64,
    /// Until the first bytes of an answer were there.
    pub first_us: f64,
    /// The longest that any answer paused between two pieces.
    pub pause_us: f64,
    pub p50_us: f64,
    pub p99_us: f64,
    /// The processor's time for one answer, the system's share included; it wavers less than the rate where other
    /// programs are busy. Not a number where the system does not tell.
    pub cpu_us: f64,
    /// Answers that were not good, and those that did not come.
    pub failed: usize,
}

#[derive(Default)]
struct Seen {
    latencies: RefCell<Vec<Duration>>,
    firsts: RefCell<Vec<Duration>>,
    pause: Cell<Duration>,
    failed: Cell<usize>,
    asked: Cell<usize>,
}

impl Seen {
    fn note(&self, since: Instant, answer: &io::Result<Answer>) {
        match answer {
            Ok(Answer { status: 200..=299, first, pause }) => {
                self.latencies.borrow_mut().push(since.elapsed());
                self.firsts.borrow_mut().push(*first - since);
                self.pause.set(self.pause.get().max(*pause));
            }
            _ => self.failed.set(self.failed.get() + 1),
        }
    }
}

/// Runs one round.
pub fn run(target: &Target, load: Load) -> Round {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seen = Rc::new(Seen::default());
    let tasks = LocalSet::new();
    let cpu_before = cpu_us(target.process);
    let started = Instant::now();
    runtime.block_on(tasks.run_until(async {
        let (Load::Closed { time, .. } | Load::Open { time, .. }) = load;
        let round = async {
            match load {
                Load::Closed { connections, time } => closed(target, connections, started + time, &seen).await,
                Load::Open { rate, time } => open(target, rate, time, &seen).await,
            }
        };
        if tokio::time::timeout(time + PATIENCE, round).await.is_err() {
            println!("a round against {} did not end in time", target.name);
        }
    }));
    let elapsed = started.elapsed();
    let cpu = cpu_us(target.process) - cpu_before;
    let (mut latencies, mut firsts) = (seen.latencies.take(), seen.firsts.take());
    latencies.sort_unstable();
    firsts.sort_unstable();
    let us = |time: Duration| time.as_secs_f64() * 1e6;
    let percentile = |of: &[Duration], p: usize| of.get(of.len() * p / 100).map_or(f64::NAN, |time| us(*time));
    Round {
        rate: latencies.len() as f64 / elapsed.as_secs_f64(),
        first_us: percentile(&firsts, 50),
        pause_us: us(seen.pause.get()),
        p50_us: percentile(&latencies, 50),
        p99_us: percentile(&latencies, 99),
        cpu_us: cpu / latencies.len() as f64,
        failed: seen.failed.get(),
    }
}

/// What the threads of a process have used of the processors so far.
fn cpu_us(process: u32) -> f64 {
    let Ok(threads) = std::fs::read_dir(format!("/proc/{process}/task")) else { return f64::NAN };
    let of_thread = |thread: std::fs::DirEntry| -> Option<f64> {
        std::fs::read_to_string(thread.path().join("schedstat")).ok()?.split(' ').next()?.parse().ok()
    };
    threads.flatten().filter_map(of_thread).sum::<f64>() / 1e3
}

async fn closed(target: &Target, connections: usize, until: Instant, seen: &Rc<Seen>) {
    let request: Rc<[u8]> = target.request.as_slice().into();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let mut connection = Connection::open(target.address).await.unwrap();
        let (request, seen) = (Rc::clone(&request), Rc::clone(seen));
        tasks.push(tokio::task::spawn_local(async move {
            while Instant::now() < until && seen.asked.get() < CALLS_MAX {
                seen.asked.set(seen.asked.get() + 1);
                let since = Instant::now();
                let answer = connection.ask(&request).await;
                seen.note(since, &answer);
                if answer.is_err() {
                    return;
                }
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
}

async fn open(target: &Target, rate: u32, time: Duration, seen: &Rc<Seen>) {
    let (leave, mut leaving) = tokio::sync::mpsc::unbounded_channel();
    // The runtime's timer has steps of a millisecond, too coarse for this.
    let pace = std::thread::spawn(move || {
        let (started, step) = (Instant::now(), Duration::from_secs(1) / rate);
        let mut due = started;
        while due < started + time {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            if leave.send(Instant::now()).is_err() {
                return;
            }
            due += step;
        }
    });
    let request: Rc<[u8]> = target.request.as_slice().into();
    let idle: Rc<RefCell<Vec<Connection>>> = Rc::default();
    let mut tasks = tokio::task::JoinSet::new();
    while let Some(since) = leaving.recv().await {
        while tasks.try_join_next().is_some() {}
        if tasks.len() >= UNDER_WAY_MAX {
            seen.failed.set(seen.failed.get() + 1);
            continue;
        }
        let (request, idle, seen, address) = (Rc::clone(&request), Rc::clone(&idle), Rc::clone(seen), target.address);
        tasks.spawn_local(async move {
            let known = idle.borrow_mut().pop();
            let connection = match known {
                Some(connection) => Ok(connection),
                None => Connection::open(address).await,
            };
            let answer = match connection {
                Ok(mut connection) => {
                    let answer = connection.ask(&request).await;
                    if answer.is_ok() {
                        idle.borrow_mut().push(connection);
                    }
                    answer
                }
                Err(e) => Err(e),
            };
            seen.note(since, &answer);
        });
    }
    while tasks.join_next().await.is_some() {}
    pace.join().unwrap();
}

/// One keep-alive connection.
struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> io::Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, answer: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a request, and reads its whole answer.
    async fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        let (mut known, mut read) = (None, 0);
        let (mut first, mut last, mut pause) = (None, Instant::now(), Duration::ZERO);
        loop {
            let got = self.stream.read_buf(&mut self.answer).await?;
            if got == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            read += got;
            let now = Instant::now();
            match first {
                None => first = Some(now),
                Some(_) => pause = pause.max(now - last),
            }
            last = now;
            if known.is_none() {
                known = head(&self.answer);
            }
            let Some((status, length)) = known else { continue };
            let over = length.map_or_else(|| self.answer.ends_with(b"\r\n0\r\n\r\n"), |length| read >= length);
            if over {
                return Ok(Answer { status, first: first.unwrap_or(now), pause });
            }
            // Of a long body only the end is looked at again.
            if self.answer.len() > LOOKED_AT {
                self.answer.drain(..self.answer.len() - 16);
            }
        }
    }
}

/// How much of an answer is kept at once.
const LOOKED_AT: usize = 64 * 1024;

struct Answer {
    status: u16,
    /// When its first bytes came.
    first: Instant,
    /// The longest time between two pieces.
    pause: Duration,
}

/// The status, and how long head and body are together where the head tells, once it is whole.
fn head(answer: &[u8]) -> Option<(u16, Option<usize>)> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&answer[..end]).ok()?;
    let status = text.split(' ').nth(1)?.parse().ok()?;
    let length = text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    Some((status, length.map(|length| end + length)))
}
